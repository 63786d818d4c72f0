# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced: Debian packages that a script needs.
#
#   need_packages PURPOSE PACKAGE...     installs those that are missing, or stops with one clear line

stop() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

missing_packages() {
	local package
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' || echo "$package"
	done
}

need_packages() {
	local purpose=$1 missing sudo=() log
	shift
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
		stop "this is not Debian: please install the packages of these names yourself: $*"
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "Installing $purpose: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || stop "run this as root first: apt-get install ${missing[*]}"
		sudo=(sudo)
		{ [ -t 0 ] && [ -t 1 ]; } || sudo+=(-n)
		"${sudo[@]}" true 2>/dev/null || stop "sudo is not allowed here; have root run: apt-get install ${missing[*]}"
	fi
	log=$(mktemp)
	# wireshark-common asks whether ordinary users may capture; the answer stays the one that is set.
	if ! { "${sudo[@]}" apt-get update -q &&
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
			-o DPkg::Lock::Timeout=300 "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
		tail -5 "$log" >&2
		rm -f "$log"
		stop "apt-get could not install ${missing[*]}"
	fi
	rm -f "$log"
}
