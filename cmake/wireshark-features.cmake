# What the Wireshark at hand has of the newest API; compat.h stands in for the rest.
#
# SPDX-License-Identifier: GPL-2.0-or-later

include(CheckCSourceCompiles)

# gapfill_need(NAME CODE [TARGET]): WS_LACKS_NAME is defined for all plugins, or for TARGET alone, unless CODE compiles. Kept
# for this question and this Wireshark alone.
function(gapfill_need name code)
	set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
	set(CMAKE_REQUIRED_QUIET ON)
	set(CMAKE_REQUIRED_LIBRARIES epan)
	set(CMAKE_REQUIRED_INCLUDES ${PROJECT_SOURCE_DIR}/plugins/common)
	set(CMAKE_REQUIRED_DEFINITIONS -DHAVE_SSIZE_T -DVERSION="0")
	set(CMAKE_REQUIRED_FLAGS "-Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion -Werror=pointer-sign")
	string(SHA256 asked "${code} ${Wireshark_VERSION} ${Wireshark_INCLUDE_DIR}")
	string(SUBSTRING ${asked} 0 8 asked)
	set(has WS_HAS_${name}_${asked})
	check_c_source_compiles("#include \"config.h\"\n#include <epan/packet.h>\n${code}\n" ${has})
	if(NOT ${has} AND ARGC GREATER 2)
		target_compile_definitions(${ARGV2} PRIVATE WS_LACKS_${name})
	elseif(NOT ${has})
		target_compile_definitions(gapfill_options INTERFACE WS_LACKS_${name})
		set_property(GLOBAL APPEND PROPERTY GAPFILL_LACKS ${name})
	endif()
endfunction()

gapfill_need(HEADERS "int f(packet_info *pinfo) { return pinfo->num == 0; }")
get_property(lacks GLOBAL PROPERTY GAPFILL_LACKS)
if(lacks)
	message(FATAL_ERROR "The headers of Wireshark ${Wireshark_VERSION} cannot be compiled: see CMakeFiles/CMakeError.log or CMakeConfigureLog.yaml")
endif()

gapfill_need(VAL_TO_STR_POOL "const char *f(wmem_allocator_t *pool, const value_string *strings) { return val_to_str(pool, 1, strings, \"%u\"); }")
gapfill_need(PNTOHU "#include <wsutil/pint.h>
	unsigned f(const void *p) { return pntohu32(p) + pntohu16(p); }")
gapfill_need(CONVERSATION_STRAT_XTD "#include <epan/conversation.h>
	conversation_t *f(const packet_info *pinfo)
	{ return find_conversation_strat_xtd(pinfo, 1, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, 1, 2, 0); }")
gapfill_need(DEINTERLACING "#include <epan/prefs.h>
	int f(void) { return prefs.conversation_deinterlacing_key > 0; }")
get_property(lacks GLOBAL PROPERTY GAPFILL_LACKS)
if(CONVERSATION_STRAT_XTD IN_LIST lacks)	# what stands in for it
	gapfill_need(CONVERSATION_STRAT "#include <epan/conversation.h>
		conversation_t *f(packet_info *pinfo) { return find_conversation_strat(pinfo, CONVERSATION_TCP, 0); }")
endif()
gapfill_need(PLUGIN_DESCRIBE "#include <wsutil/plugins.h>
	unsigned f(void) { return WS_PLUGIN_DESC_DISSECTOR; }")
gapfill_need(TVB_GET_UINT8 "int f(tvbuff_t *tvb) { return tvb_get_uint8(tvb, 0); }")
gapfill_need(UNS "#include <epan/unit_strings.h>
	const void *f(void) { return UNS(&units_seconds); }")
gapfill_need(FORMAT_TEXT_CHAR "#include <wsutil/str_util.h>
	char *f(wmem_allocator_t *pool, const char *text) { return format_text(pool, text, 1); }")
gapfill_need(TRY_UINT_WITH_DATA "int f(dissector_table_t table, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
	{ return dissector_try_uint_with_data(table, 1, tvb, pinfo, tree, 1, 0); }")
gapfill_need(UNCOMPRESS_ZLIB "tvbuff_t *f(tvbuff_t *tvb) { return tvb_child_uncompress_zlib(tvb, tvb, 0, 1); }")
gapfill_need(DATA_SOURCE_BY_NAME "const void *f(const packet_info *pinfo) { return get_data_source_by_name(pinfo, \"a\"); }")
gapfill_need(FILTER_USER_DATA "#include <epan/conversation_filter.h>
	void f(void) { register_conversation_filter(\"a\", \"b\", 0, 0, 0); }")
gapfill_need(FOLLOW_COUNT "#include <epan/follow.h>
	uint32_t count(void);
	void f(tap_packet_cb follow) { register_follow_stream(0, \"a\", 0, 0, 0, 0, follow, count, 0); }")
gapfill_need(DEPENDENT_FRAMES_OF_FRAME "int f(packet_info *pinfo) { return pinfo->fd->dependent_frames != 0; }")
gapfill_need(DF_ERROR "#include <epan/dfilter/dfilter.h>
	int f(const char *text, dfilter_t **code, df_error_t **error) { return dfilter_compile(text, code, error); }")

# A library that a build may lack: HAVE_BZIP2 and, to link with, BZIP2_LIBRARY.
set(CMAKE_REQUIRED_QUIET ON)
unset(HAS_BZIP2 CACHE)		# it may have been installed since
set(CMAKE_REQUIRED_LIBRARIES bz2)
check_c_source_compiles("#include <bzlib.h>\nint main(void) { bz_stream s; return BZ2_bzDecompressInit(&s, 0, 0); }\n" HAS_BZIP2)
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_QUIET)
set(BZIP2_LIBRARY "")
if(HAS_BZIP2)
	set(BZIP2_LIBRARY bz2)
	target_compile_definitions(gapfill_options INTERFACE HAVE_BZIP2)
endif()
