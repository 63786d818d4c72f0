# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced, after packages.sh: lets apt read another Debian suite without touching the system's own lists, cache or packages.
#
#   private_apt FOLDER TYPE SUITE     TYPE is deb or deb-src; sets APT_CONFIG and reads the suite's index;
#                                     fails with `trouble` set to one line
#
# The mirror is the one that this machine uses for Debian itself; only the suite's name is exchanged.

debian_mirror() {
	env -u APT_CONFIG apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(SITE)' "Created-By: $1" 2>/dev/null |
		awk -F '|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

private_apt() {
	local folder=$1 type=$2 suite=$3 site keyring
	trouble=
	site=$(debian_mirror Packages)
	if [ -z "$site" ]; then
		trouble="apt has no index of Debian's main archive: run apt-get update first"
		return 1
	fi
	for keyring in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -e "$keyring" ] && break
	done
	mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" "$folder/preferences.d" 2>/dev/null &&
		: > "$folder/state/status" && echo "$type [signed-by=$keyring] $site $suite main" > "$folder/sources.list" ||
		{ trouble=$(reason_to_write_not "$folder"); return 1; }
	# Without this error mode, an index that cannot be fetched is no error, and looks as if it were empty.
	cat > "$folder/apt.conf" <<-END
		Dir::State "$folder/state";
		Dir::State::status "$folder/state/status";
		Dir::Cache "$folder/cache";
		Dir::Etc::sourcelist "$folder/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferences "$folder/preferences";
		Dir::Etc::preferencesparts "$folder/preferences.d";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
		APT::Update::Error-Mode "any";
		Debug::NoLocking "true";
	END
	export APT_CONFIG=$folder/apt.conf LC_ALL=C
	apt-get update -q >"$folder/update.log" 2>&1 </dev/null || { trouble=$(trouble_of_apt "$folder/update.log"); return 1; }
}
