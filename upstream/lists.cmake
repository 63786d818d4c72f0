# Prints the sources of one plugin, below plugins/, one a line: cmake -DPLUGIN=NAME -P lists.cmake
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugins' own CMakeLists.txt are read, with functions of the same names that build nothing.

cmake_minimum_required(VERSION 3.25)
set(plugins ${CMAKE_CURRENT_LIST_DIR}/../plugins)

function(gapfill_add_plugin name)
	if(NOT name STREQUAL PLUGIN)
		return()
	endif()
	cmake_parse_arguments(PLUGIN "" "" "COMMON;LIBRARIES" ${ARGN})
	list(TRANSFORM PLUGIN_UNPARSED_ARGUMENTS PREPEND ${name}/)
	list(TRANSFORM PLUGIN_COMMON PREPEND common/)
	foreach(file IN LISTS PLUGIN_UNPARSED_ARGUMENTS PLUGIN_COMMON)
		execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${file})
	endforeach()
endfunction()

macro(add_subdirectory folder)
	include(${plugins}/${folder}/CMakeLists.txt)
endmacro()

include(${plugins}/CMakeLists.txt)
