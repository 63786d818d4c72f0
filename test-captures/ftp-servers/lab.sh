# The lab of record.sh: hosts in network namespaces and FTP servers in them. To be sourced, as root.
#
# SPDX-License-Identifier: GPL-2.0-or-later

LAB=${LAB:-$(mktemp -d)}
USER_NAME=gfalice
PASSWORD=example
RUN=timeout\ 20

fetch_servers() {
	# vsftpd, proftpd and pure-ftpd exclude each other as packages: two of them are only unpacked.
	apt-get install -qq -y --no-install-recommends proftpd-core proftpd-mod-crypto curl lftp tnftp openssl \
		nftables iproute2 ethtool wireshark-common openbsd-inetd >/dev/null
	service proftpd stop >/dev/null 2>&1
	mkdir -p "$LAB/packages"
	(cd "$LAB/packages" && apt-get download -qq vsftpd pure-ftpd pure-ftpd-common 2>/dev/null)
	for deb in "$LAB"/packages/*.deb; do dpkg -x "$deb" "$LAB/unpacked"; done
}

make_host() { # NAME
	ip netns add "$1"
	ip -n "$1" link set lo up
}

link_hosts() { # HOST-A INTERFACE-A HOST-B INTERFACE-B, then the addresses of A and B, IPv4 and IPv6
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	for end in "$1 $2 $5 $6" "$3 $4 $7 $8"; do
		set -- $end
		ip -n "$1" addr add "$3/24" dev "$2"
		ip -n "$1" addr add "$4/64" dev "$2" nodad
		ip netns exec "$1" ethtool -K "$2" tx off gso off tso off gro off >/dev/null 2>&1
		ip -n "$1" link set "$2" up
	done
}

make_files() {
	useradd -d "$LAB/home" -s /bin/sh $USER_NAME
	echo "$USER_NAME:$PASSWORD" | chpasswd
	mkdir -p "$LAB/home/pub/deep" "$LAB/empty" "$LAB/client"
	seq -f 'line %g of an example' 1 300 >"$LAB/home/lines.txt"
	seq -f 'record %g' 1 4000 >"$LAB/home/pub/records.txt"
	chown -R $USER_NAME: "$LAB/home"
	chmod 755 "$LAB"
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=ftp.example.org \
		-keyout "$LAB/key.pem" -out "$LAB/cert.pem" 2>/dev/null
	cat "$LAB/key.pem" "$LAB/cert.pem" >"$LAB/pure-ftpd.pem"
}

# vsftpd dies without a word on an option that it does not know.
vsftpd_config() { # FILE, then more options
	file=$1
	cat >"$file" <<-EOF
	listen=NO
	listen_ipv6=YES
	background=NO
	anonymous_enable=NO
	local_enable=YES
	write_enable=YES
	chroot_local_user=YES
	allow_writeable_chroot=YES
	pam_service_name=other
	seccomp_sandbox=NO
	isolate=NO
	isolate_network=NO
	pasv_min_port=40000
	pasv_max_port=40019
	connect_from_port_20=YES
	secure_chroot_dir=$LAB/empty
	ssl_enable=YES
	force_local_data_ssl=NO
	force_local_logins_ssl=NO
	rsa_cert_file=$LAB/cert.pem
	rsa_private_key_file=$LAB/key.pem
	require_ssl_reuse=NO
	ssl_ciphers=HIGH
	check_shell=NO
	EOF
	shift
	printf '%s\n' "$@" >>"$file"
}

start_vsftpd() { # HOST NAME OPTION...
	host=$1 name=$2
	shift 2
	vsftpd_config "$LAB/$name.conf" "$@"
	ip netns exec "$host" "$LAB/unpacked/usr/sbin/vsftpd" "$LAB/$name.conf" >"$LAB/$name.log" 2>&1 &
	SERVERS="$SERVERS $!"
}

start_proftpd() { # HOST NAME PORT OPTION...
	host=$1 name=$2 port=$3
	shift 3
	cat >"$LAB/$name.conf" <<-EOF
	ServerName example
	ServerType standalone
	DefaultServer on
	Port $port
	UseIPv6 on
	User nobody
	Group nogroup
	MaxInstances 20
	PidFile $LAB/$name.pid
	ScoreboardFile $LAB/$name.scoreboard
	DelayEngine off
	SystemLog $LAB/$name.log
	ModulePath ${PROFTPD_MODULES:-/usr/lib/proftpd}
	LoadModule mod_tls.c
	DefaultRoot ~
	AuthOrder mod_auth_unix.c
	RequireValidShell off
	UseFtpUsers off
	UseReverseDNS off
	AllowOverwrite on
	AllowRetrieveRestart on
	AllowStoreRestart on
	PassivePorts 41000 41019
	AllowForeignAddress on
	TLSEngine on
	TLSLog $LAB/$name-tls.log
	TLSProtocol TLSv1.2 TLSv1.3
	TLSRSACertificateFile $LAB/cert.pem
	TLSRSACertificateKeyFile $LAB/key.pem
	TLSVerifyClient off
	TLSRequired off
	EOF
	printf '%s\n' "$@" >>"$LAB/$name.conf"
	ip netns exec "$host" proftpd -n -q -c "$LAB/$name.conf" >"$LAB/$name.out" 2>&1 &
	SERVERS="$SERVERS $!"
}

start_pure_ftpd() { # HOST PORT OPTION...
	host=$1 port=$2
	shift 2
	ip netns exec "$host" "$LAB/unpacked/usr/sbin/pure-ftpd" -S "$port" -A -H -l unix -p 42000:42019 -Y 1 \
		-2 "$LAB/pure-ftpd.pem" "$@" >"$LAB/pure-ftpd.log" 2>&1 &
	SERVERS="$SERVERS $!"
}

start_capture() { # HOST INTERFACE FILE
	rm -f "$LAB/capture.pcap"
	ip netns exec "$1" dumpcap -q -P -i "$2" -f 'tcp or icmp or icmp6[icmp6type]<128' -w "$LAB/capture.pcap" \
		2>"$LAB/dumpcap.err" &
	CAPTURE=$!
	FILE=$3
	until [ -s "$LAB/capture.pcap" ]; do sleep 0.1; done
	sleep 0.3
}

stop_capture() {
	sleep 0.8
	kill -INT $CAPTURE
	wait $CAPTURE
	mv "$LAB/capture.pcap" "$HERE/$FILE"
	echo "$FILE: $(capinfos -Mrc "$HERE/$FILE" | tail -1 | cut -f2) packets"
}

clean_up() {
	kill $SERVERS 2>/dev/null
	pkill -f "$LAB/unpacked" 2>/dev/null
	pkill -F "$LAB/proftpd.pid" 2>/dev/null
	for host in gf-client gf-server gf-other gf-router gf-inside; do ip netns del $host 2>/dev/null; done
	userdel $USER_NAME 2>/dev/null
	rm -rf "$LAB"
}
