# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The configuration files of a host. Nothing is taken from the machine's /etc/libvirt: its VMs, pools, secrets
# and hooks are none of ours.

# writeDaemonConfig FILE NAME LINE...: libvirtd.conf
writeDaemonConfig() {
  local file=$1 name=$2
  shift 2
  {
    echo 'listen_tls = 0'
    echo 'listen_tcp = 1'
    echo 'auth_tcp = "none"'
    # the state directory's mode 0700 keeps others out; polkit does not run here
    echo 'auth_unix_rw = "none"'
    echo 'auth_unix_ro = "none"'
    echo 'unix_sock_rw_perms = "0700"'
    echo "host_uuid = \"$(uuidOf "$DIR/$name")\""
    echo 'log_level = 3'
    printf '%s\n' "$@"
  } >"$file"
}

# writeQemuConfig FILE LINE...: qemu.conf; there is no virtlogd, hence stdio_handler
writeQemuConfig() {
  local file=$1
  shift
  {
    echo 'stdio_handler = "file"'
    echo 'max_core = 0'
    printf '%s\n' "$@"
  } >"$file"
}

# privilegedQemu NAME: the lines of qemu.conf for a host that has namespaces of its own. Several hosts share the
# kernel's cgroups, security labels and files, so libvirt must not manage them for a guest. Certificates for migrations
# are what a test puts into the host's /etc/libvirt/pki.
privilegedQemu() {
  printf '%s\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'dynamic_ownership = 0' \
    'remember_owner = 0' 'swtpm_user = "root"' 'swtpm_group = "root"' 'cgroup_controllers = [ ]' 'namespaces = [ ]' 'migration_address = "0.0.0.0"' \
    "migration_host = \"$(hostName "$1")\"" 'migrate_tls_x509_cert_dir = "/etc/libvirt/pki"' 'migrate_tls_x509_verify = 1'
}

# writeDefaultNetwork ETC DHCP: the NAT network that a fresh libvirt installation has, started with the daemon.
# Without DHCP (no dnsmasq, or it cannot change its user) guests need a fixed address.
writeDefaultNetwork() {
  local networks=$1/qemu/networks
  mkdir -p "$networks/autostart"
  {
    echo "<network><name>default</name><uuid>$(uuidOf "$1 default")</uuid>"
    echo "<forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/>"
    [ "$2" = yes ] || echo "<dns enable='no'/>"
    echo "<ip address='192.168.122.1' netmask='255.255.255.0'>"
    [ "$2" = yes ] && echo "<dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>"
    echo "</ip></network>"
  } >"$networks/default.xml"
  ln -sfn ../default.xml "$networks/autostart/default.xml"
}

# kvmHidden: whether hosts shall have no /dev/kvm. kvm_pvm is a KVM in software that boots no stock guest, so
# libvirt would choose it and every VM would hang in its firmware.
kvmHidden() {
  case ${VIREO_HOSTS_KVM:-auto} in
  on) return 1 ;;
  off) return 0 ;;
  *) [ -d /sys/module/kvm_pvm ] ;;
  esac
}

# What QEMU can do takes seconds to find out. libvirt keeps the answer and knows when it is stale; we hand it on.
capabilityCache() { if kvmHidden; then echo "$CACHE/capabilities-$MODE-tcg"; else echo "$CACHE/capabilities-$MODE"; fi; }

useCapabilities() { # TO: the host's cache directory
  [ -d "$(capabilityCache)" ] && mkdir -p "$1" && cp -a "$(capabilityCache)/." "$1/"
}

keepCapabilities() { # NAME FROM: probe everything once in host NAME, then keep it
  local kept
  kept=$(capabilityCache)
  [ -d "$kept" ] && return 0
  virshAt "$1" capabilities >/dev/null && virshAt "$1" domcapabilities >/dev/null || return 0
  mkdir -p "$CACHE" && cp -a "$2" "$kept.$$" && mv -T "$kept.$$" "$kept" 2>/dev/null || rm -rf "$kept.$$"
}
