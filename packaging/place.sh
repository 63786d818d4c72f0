# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced, after say.sh: where Wireshark's plugin folders are, and putting plugins there, or removing them, all or none.
#
# The script that sources it has set `earlier_files` to the list of what earlier versions installed, and `errors` to a file
# that may be written, and has a function plugin_names, which prints the names of today's plugins.
#
#   choose_scope            sets `scope`, unless it is set: system for root, personal for everybody else
#   find_target             sets `series`, `folder` and `target`, where plugins go; stops where this cannot be done
#   check_other_folders     stops where Wireshark would find the plugins a second time
#   put_in_place FOLDER     those in FOLDER, and proves that Wireshark loads them; else all is as it was
#   say_installed           what is there now, and what is left of other series
#   uninstall               removes them, for each series
#   put_profile FOLDER      puts this profile where Wireshark offers it; files that the user has changed stay as they are
#   remove_profile NAME     removes it, but for files that the user has changed

supported_series="4.0 4.4 4.6"
series=
unset told_folders

choose_scope() {
	if [ -z "$scope" ]; then
		[ "$(id -u)" -eq 0 ] && scope=system || scope=personal
	fi
	[ "$scope" = system ] || [ "$(id -u)" -ne 0 ] || stop "Wireshark ignores root's personal plugins: use --system, or run this as yourself"
	own_plugin_dir=${WIRESHARK_PLUGIN_DIR-}
	unset WIRESHARK_PLUGIN_DIR
}

earlier_names() {
	local file rest
	while IFS=$'\t' read -r file rest; do
		case $file in *.so) echo "${file%.so}" ;; esac
	done <"$earlier_files"
}

# Those of today, and of earlier versions what has no successor.
known_names() {
	local today name
	today=$(plugin_names)
	echo "$today"
	while read -r name; do
		case $'\n'$today$'\n' in *$'\n'"$name"$'\n'*) ;; *) echo "$name" ;; esac
	done < <(earlier_names)
}

has() {
	command -v "$1" >/dev/null
}

# tshark tells most; Debian has packages of Wireshark without it.
series_of_wireshark() {
	local program=tshark
	has tshark || program=wireshark
	{ "$program" --version 2>/dev/null || true; } | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\)\..*/\1/p'
}

# What tshark says of its folders is asked once, as each start takes a third of a second; in a subshell, once there.
ask_for_folders() {
	[ -n "${told_folders+asked}" ] || ! has tshark || told_folders=$(tshark -G folders 2>/dev/null || true)
}

told_folder() {	# LABEL
	ask_for_folders
	sed -n "s/^$1:[[:space:]]*//p" <<<"$told_folders" | head -1
}

# An installer that builds may have set `builds_untested`: what the headers of other versions lack is found out then.
supported() {
	case " $supported_series " in
		*" $1 "*) ;;
		*) ! is_untested "$1" || return 0
			stop "Wireshark ${1:-of unknown version} is not supported: the plugins are for ${supported_series// /, }" ;;
	esac
}

is_untested() {	# SERIES
	[ -n "${builds_untested-}" ] && [[ " $supported_series " != *" $1 "* ]] && [[ $1 =~ ^(4\.[1-9][0-9]*|[5-9]\.[0-9]+)$ ]]
}

plugin_folder() {	# system | personal
	local label=Global found
	[ "$1" = system ] || label=Personal
	if has tshark; then
		told_folder "$label Plugins"
	elif [ "$1" = personal ]; then
		echo "$HOME/.local/lib/wireshark/plugins/$series"
	else
		for found in /usr/lib/*/wireshark/plugins /usr/lib64/wireshark/plugins /usr/lib/wireshark/plugins; do
			[ ! -d "$found" ] || { echo "$found/$series"; break; }
		done
	fi
}

# Runs a command with the rights that the folders of the scope need.
with_rights() {
	if [ "$scope" = system ] && [ "$(id -u)" -ne 0 ]; then
		sudo "$@"
	else
		"$@"
	fi
}

check_rights() {
	if [ "$scope" = system ] && [ "$(id -u)" -ne 0 ]; then
		has sudo || stop "--system needs root: run it as root, or use --personal"
		if [ -t 0 ]; then sudo true; else sudo -n true 2>/dev/null; fi || stop "--system needs root, and sudo is not allowed here: use --personal"
	fi
	local folder=$1
	while [ ! -e "$folder" ]; do
		folder=$(dirname "$folder")
	done
	{ [ -d "$folder" ] && with_rights test -w "$folder"; } || stop "$1 cannot be written"
}

# The folder above those of the series.
folder_of_all_series() {
	local found
	if has tshark; then
		found=$(plugin_folder "$scope")
		[ -n "$found" ] || stop "tshark does not say where its plugins are"
		dirname "$found"
	elif [ "$scope" = system ]; then	# Wireshark itself may have been removed before
		for found in /usr/lib/*/wireshark/plugins /usr/lib64/wireshark/plugins /usr/lib/wireshark/plugins; do
			[ ! -d "$found" ] || echo "$found"
		done
	else
		echo "$HOME/.local/lib/wireshark/plugins"
	fi
}

# The Debian package that a file belongs to, if any: only dpkg may remove it.
package_of() {
	! has dpkg-query || { dpkg-query -S "$1" 2>/dev/null || true; } | sed -n '1s/:.*//p'
}

uninstall() {
	local folders told removed=() name so package
	ask_for_folders
	told=$(folder_of_all_series) || exit 1
	mapfile -t folders <<<"$told"
	for name in $(known_names); do
		# The folders of other versions lie beside the one of this version.
		while read -r so; do
			package=$(package_of "$so")
			[ -z "$package" ] || stop "$so is the package $package's; first: $(root_needed)apt-get remove $package"
			with_rights rm -f "$so" 2>/dev/null || stop "$so cannot be removed"
			removed+=("$so")
		done < <(find "${folders[@]}" -maxdepth 3 -path "*/epan/$name.so" 2>/dev/null)
	done
	if [ ${#removed[@]} -eq 0 ]; then
		echo "Nothing to remove in ${folders[*]}."
	else
		echo "Removed:"
		printf '  %s\n' "${removed[@]}"
	fi
}

root_needed() {
	[ "$(id -u)" -eq 0 ] || echo "sudo "
}

find_target() {
	has tshark || has wireshark || stop "there is no Wireshark here: neither tshark nor wireshark is in PATH"
	series=${series:-$(series_of_wireshark)}
	supported "$series"
	ask_for_folders
	folder=$(plugin_folder "$scope")
	[ -n "$folder" ] || stop "tshark does not say where its plugins are"
	folder=$(with_series "$folder")
	target=$folder/epan
	check_rights "$target"
}

# Plugins that Wireshark finds elsewhere as well: it takes one copy, perhaps the older, and complains at every start.
folders_of() {	# system | personal: those that Wireshark reads
	if [ "$1" = system ]; then
		with_series "${own_plugin_dir:-$(plugin_folder system)}"
	elif [ "$scope" = personal ]; then
		with_series "$(plugin_folder personal)"
	else
		{ [ "$(id -u)" -eq 0 ] || echo "$HOME"; getent passwd | awk -F: '$3 != 0 { print $6 }'; } | sort -u |
			sed "s#/*\$#/.local/lib/wireshark/plugins/$series#"
	fi
}

with_series() {
	[ "$(basename "$1")" = "$series" ] && echo "$1" || echo "$1/$series"
}

names_in() {	# FOLDER: those of our plugins that are there
	local name
	for name in $(known_names); do
		! with_rights test -e "$1/$name.so" || echo "$name"
	done
}

files_in() {	# FOLDER NAME...: as one would type them in the shell
	local folder=$1
	shift
	[ $# -eq 1 ] && printf '%q/%s.so' "$folder" "$1" || printf '%q/{%s}.so' "$folder" "$(paste -sd , < <(printf '%s\n' "$@"))"
}

# What removes these plugins from the folder, as one would type it.
remedy_for() {	# FOLDER NAME...
	local package
	package=$(package_of "$1/$2.so")
	if [ -n "$package" ]; then
		echo "$(root_needed)apt-get remove $package"
	else
		echo "$([ -w "$1" ] || root_needed)rm $(files_in "$@")"
	fi
}

check_other_folders() {
	local folder kind names remedy='' where=''
	while read -r folder; do
		for kind in epan wiretap codecs; do
			[ "$folder/$kind" != "$target" ] && with_rights test -d "$folder/$kind" || continue
			mapfile -t names < <(names_in "$folder/$kind")
			[ ${#names[@]} -gt 0 ] || continue
			where+="${where:+ and }$folder/$kind"
			remedy+="${remedy:+ && }$(remedy_for "$folder/$kind" "${names[@]}")"
		done
	done < <({ folders_of system; folders_of personal; } | sort -u)
	[ -z "$where" ] || stop "the plugins are in $where already, and Wireshark would find them twice; first: $remedy"
	check_package
}

# Files of a package are not overwritten: dpkg would put its own back, and remove ours.
check_package() {
	local names package
	mapfile -t names < <(names_in "$target")
	[ ${#names[@]} -gt 0 ] || return 0
	package=$(package_of "$target/${names[0]}.so")
	[ -z "$package" ] || stop "the package $package has the plugins in $target; first: $(root_needed)apt-get remove $package"
}

# Another series of Wireshark, perhaps the one before an upgrade, has its own folder.
name_leftovers() {
	local other names
	for other in "$(dirname "$folder")"/*/; do
		other=${other%/}
		[ "$other" != "$folder" ] || continue
		mapfile -t names < <(names_in "$other/epan")
		[ ${#names[@]} -eq 0 ] || echo "Those in $other/epan are for Wireshark $(basename "$other") alone; if it is gone: rm $(files_in "$other/epan" "${names[@]}")"
	done
}

clean_up() {
	local name
	for name in $(known_names); do
		with_rights rm -f "$target/.$name.so.new" "$target/.$name.so.old"
	done
}

roll_back() {
	local status=$? name
	set +e
	trap '' INT TERM HUP
	for name in "${replaced[@]}"; do
		if [ -e "$target/.$name.so.old" ]; then
			[ "$target/.$name.so.old" -ef "$target/$name.so" ] || with_rights mv -f "$target/.$name.so.old" "$target/$name.so"
		else
			with_rights rm -f "$target/$name.so"
		fi
	done
	clean_up
	return "$status"
}

keep_old() {	# NAME
	[ ! -e "$target/$1.so" ] || with_rights ln "$target/$1.so" "$target/.$1.so.old" 2>/dev/null ||
		with_rights cp -p "$target/$1.so" "$target/.$1.so.old" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
}

# All at once or not at all: copied beside, then renamed; the old ones stay as .NAME.so.old meanwhile. Until all is proved,
# leaving the script in whatever way brings them back, which needs no room on the disk.
put_in_place() {	# FOLDER
	local name
	with_rights mkdir -p "$target" 2>/dev/null || stop "$(reason_to_write_not "$target")"
	replaced=()
	removed=
	trap roll_back EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	clean_up
	for name in $(plugin_names); do
		# Not in a subshell: a signal is for this script, whose traps bring the old ones back.
		with_rights install -m 644 "$1/$name.so" "$target/.$name.so.new" 2>"$errors" ||
			stop "$(reason_to_write_not "$target" "$(cat "$errors")"): nothing is changed"
		keep_old "$name"
	done
	for name in $(plugin_names); do
		replaced+=("$name")
		with_rights mv -f "$target/.$name.so.new" "$target/$name.so" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
	done
	remove_earlier
	prove_loaded
	trap - EXIT INT TERM HUP
	clean_up
}

remove_earlier() {
	local name
	for name in $(comm -13 <(plugin_names | sort) <(known_names | sort)); do	# there were such, and there are none today
		[ -e "$target/$name.so" ] || continue
		keep_old "$name"
		replaced+=("$name")
		with_rights rm -f "$target/$name.so" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
		removed+=" $name.so"
	done
}

prove_loaded() {
	local loaded said name complaint twice
	has tshark || return 0
	loaded=$(tshark -G plugins 2>"$errors" || true)
	said=$(cat "$errors")
	for name in $(plugin_names); do
		if ! grep -qF "$target/$name.so" <<<"$loaded"; then
			complaint=$(grep -i -m1 -e "$name" <<<"$said" || true)
			stop "Wireshark does not load $name.so${complaint:+: $complaint}"
		fi
	done
	twice=$(grep -m1 -F "found in multiple directories" <<<"$said" || true)
	[ -z "$twice" ] || stop "Wireshark finds plugins twice: ${twice#*: }"
}

say_installed() {
	if has tshark; then
		echo "Installed in $target, and loaded by Wireshark $series:"
	else
		echo "Installed in $target (there is no tshark to prove that Wireshark $series loads them):"
	fi
	printf '  %s\n' "$(plugin_names | paste -sd ' ')"
	[ -z "$removed" ] || echo "Removed, of an earlier version:$removed"
	name_leftovers
}

config_folder() {
	local label=Global
	[ "$scope" = system ] || label=Personal
	if has tshark; then
		told_folder "$label configuration"
	elif [ "$scope" = system ]; then
		echo /usr/share/wireshark
	else
		echo "${XDG_CONFIG_HOME:-$HOME/.config}/wireshark"
	fi
}

# What was installed is told from what the user has made of it by its checksum, which is kept beside it.
sums_name=.gapfill-sums

is_as_installed() {	# PROFILE FILE
	[ -e "$1/$sums_name" ] && grep -F "  $2" "$1/$sums_name" | (cd "$1" && sha256sum --status -c -) 2>/dev/null
}

put_profile() {	# FOLDER
	local profile=$1 there file kept='' sums=''
	there=$(config_folder)/profiles/$(basename "$1")
	[ -z "$(package_of "$there")" ] || return 0
	with_rights mkdir -p "$there" 2>/dev/null || { echo "The profile is not installed: $(reason_to_write_not "$there")"; return 0; }
	for file in $(cd "$profile" && ls); do
		if [ ! -e "$there/$file" ] || is_as_installed "$there" "$file" || cmp -s "$profile/$file" "$there/$file"; then
			with_rights install -m 644 "$profile/$file" "$there/$file" 2>/dev/null ||
				{ echo "The profile is not installed: $(reason_to_write_not "$there")"; return 0; }
			sums+=$(cd "$profile" && sha256sum "$file")$'\n'
		else
			kept+=" $file"
		fi
	done
	printf '%s' "$sums" | with_rights tee "$there/$sums_name" >/dev/null
	echo "The profile $(basename "$there") is in $there; choose it in Edit > Configuration Profiles."
	[ -z "$kept" ] || echo "Left in it as they are, since they were changed:$kept"
}

remove_profile() {	# NAME
	local there file kept='' sum
	there=$(config_folder)/profiles/$1
	[ -e "$there/$sums_name" ] || return 0
	while read -r sum file; do
		if is_as_installed "$there" "$file"; then
			with_rights rm -f "$there/$file"
		fi
	done <"$there/$sums_name"
	with_rights rm -f "$there/$sums_name"
	kept=$(find "$there" -mindepth 1 ! -name recent 2>/dev/null)
	if [ -n "$kept" ]; then
		echo "Kept, since it was changed: $there"
	else
		with_rights rm -f "$there/recent"	# Wireshark's memory of widths and the like
		with_rights rmdir "$there" && echo "Removed: $there"
	fi
}
