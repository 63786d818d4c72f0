# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced: the Debian packages that the scripts need; say.sh with it.
#
#   need_packages PURPOSE PACKAGE...   installs those that are missing, or stops
#   trouble_of_apt LOG...              prints why apt failed; its messages are those of the C locale

build_packages=(cmake ninja-build gcc libc6-dev python3 tshark wireshark-dev libwireshark-dev
	libbz2-dev libgcrypt20-dev libgnutls28-dev libnghttp2-dev zlib1g-dev)
test_packages=("${build_packages[@]}" binutils bubblewrap ccache util-linux python3-pytest python3-pytest-xdist python3-scapy
	python3-cryptography perl bzip2 xz-utils valgrind debian-archive-keyring openssl gnupg
	groff-base lintian git unifdef parallel jq sqlite3 rsync openssh-client clang libclang-rt-dev cppcheck)
# What another Wireshark series is unpacked from, to build and to test with.
root_packages=(tshark wireshark-dev libwireshark-dev libc6-dev libgcrypt20-dev libgnutls28-dev libnghttp2-dev libbz2-dev zlib1g-dev)

. "$(dirname "${BASH_SOURCE[0]}")/say.sh"

missing_packages() {
	local package
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' || echo "$package"
	done
}

unreachable='Could not resolve|Temporary failure resolving|Could not connect|Cannot initiate the connection|Unable to connect'
unreachable+='|Network is unreachable|No route to host|[Cc]onnection timed out|Connection refused|Connection failed'

trouble_of_apt() {
	local full missing away other
	full=$(grep -h -m1 -E "No space left on device|[Nn]ot enough free space|don't have enough free space" "$@" || true)
	missing=$(grep -h -E '^E: Failed to fetch .*  404 ' "$@" | sed -n '1s/^E: Failed to fetch \([^ ]*\) .*/\1/p' || true)
	away=$(grep -h -E "^[EW]: .*($unreachable)" "$@" | sed -n '1s/^[EW]: //p' || true)
	other=$(grep -h '^E: ' "$@" | sed -n '1s/^E: //p' || true)
	if [ -n "$full" ]; then
		echo "the disk is full: ${full#E: }"
	elif [ -n "$away" ] && ! grep -q -h -E '^(Get|Hit):' "$@"; then
		echo "no network: $away"
	elif [ -n "$missing" ]; then
		echo "the archive names $missing, and does not have it (404)"
	else
		echo "${other:-${away:-no reason given}}"
	fi
}

# Sets `sudo` to what apt-get has to be led by.
rights_to_install() {
	sudo=()
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || stop "run this as root first: apt-get install $*"
	sudo=(sudo)
	{ [ -t 0 ] && [ -t 1 ]; } || sudo+=(-n)
	"${sudo[@]}" true 2>/dev/null || stop "sudo is not allowed here; have root run: apt-get install $*"
}

apt_update() {	# LOG
	"${sudo[@]}" env LC_ALL=C apt-get update -q >"$1" 2>&1 </dev/null
}

# wireshark-common asks whether ordinary users may capture; the answer stays the one that is set.
apt_install() {	# LOG PACKAGE...
	local log=$1
	shift
	"${sudo[@]}" env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null
}

need_packages() {
	local purpose=$1 missing sudo logs trouble
	shift
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
		stop "this is not Debian: please install the packages of these names yourself: $*"
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "Installing $purpose: ${missing[*]}"
	rights_to_install "${missing[@]}"
	logs=$(mktemp -d 2>/dev/null) || stop "$(reason_to_write_not "${TMPDIR:-/tmp}")"
	# The index may be absent, or older than the archive. That apt cannot read one of its lists, perhaps a third party's,
	# matters only where a package cannot be had for it.
	if apt_install "$logs/install" "${missing[@]}" || { apt_update "$logs/update"; apt_install "$logs/install" "${missing[@]}"; }; then
		rm -rf "$logs"
		return 0
	fi
	trouble=$(trouble_of_installing "$logs")
	rm -rf "$logs"
	stop "apt-get could not install ${missing[*]}: $trouble"
}

# Where nothing of the index could be reached, that is the reason, whatever apt makes of it afterwards.
trouble_of_installing() {
	local update
	update=$(trouble_of_apt "$1/update")
	case $update in
		"no network"*|"the disk is full"*) echo "$update" ;;
		*) trouble_of_apt "$1/install" ;;
	esac
}
