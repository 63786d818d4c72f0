# An RPM for Fedora and the like, untested: `cpack --config build/release/CPackConfig.cmake`. Debian's packages are made by
# packaging/release.sh. Plugins fit the series that they were built for, which the package therefore wants.
install(DIRECTORY profile/Gapfill DESTINATION share/wireshark/profiles COMPONENT more EXCLUDE_FROM_ALL)
install(FILES docs/gapfill.7 DESTINATION share/man/man7 COMPONENT more EXCLUDE_FROM_ALL)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION share/doc/wireshark-gapfill COMPONENT more EXCLUDE_FROM_ALL)

math(EXPR next_minor "${Wireshark_MINOR_VERSION} + 1")
set(CPACK_GENERATOR RPM)
set(CPACK_PACKAGE_NAME wireshark-gapfill)
set(CPACK_PACKAGE_VENDOR "The Gapfill authors")
set(CPACK_PACKAGE_FILE_NAME "${CPACK_PACKAGE_NAME}-${PROJECT_VERSION}-wireshark-${WIRESHARK_SERIES}.${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_PACKAGING_INSTALL_PREFIX ${Wireshark_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Unspecified more)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_REQUIRES
	"wireshark-cli >= ${WIRESHARK_SERIES}.0, wireshark-cli < ${Wireshark_MAJOR_VERSION}.${next_minor}")
include(CPack)
