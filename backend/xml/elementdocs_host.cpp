// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <QCoreApplication>

#include "backend/xml/elementdocs_tables.h"

namespace vireo::xml::elementdocs {

namespace {

constexpr auto networksTable = std::to_array<Entry>({
    {"network", QT_TRANSLATE_NOOP("xml_ElementDocs", "A virtual network of the host.")},
    {"network@ipv6",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Whether guests may use IPv6 with each other when the network has no IPv6 address.")},
    {"network@trustGuestRxFilters",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the host follows filter changes made by guests.")},
    {"network/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name, unique on its host.")},
    {"network/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity of the network; made by libvirt when missing.")},
    {"network/bridge@name",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Bridge on the host; libvirt makes a name such as virbr0 when missing.")},
    {"network/bridge@zone", QT_TRANSLATE_NOOP("xml_ElementDocs", "Zone of firewalld that the bridge belongs to.")},
    {"network/bridge@stp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Spanning tree protocol, against loops.")},
    {"network/bridge@delay",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Seconds until a new port forwards. 0 lets guests start faster.")},
    {"network/bridge@macTableManager",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Who keeps the table of hardware addresses; \"libvirt\" avoids flooding.")},
    {"network/mtu@size", QT_TRANSLATE_NOOP("xml_ElementDocs", "Greatest packet in bytes.")},
    {"network/mac@address", QT_TRANSLATE_NOOP("xml_ElementDocs", "Hardware address of the bridge.")},
    {"network/domain@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "DNS domain of the guests.")},
    {"network/domain@localOnly",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether names of this domain are never asked for outside.")},
    {"network/forward",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "How guests reach the outside. Missing: they do not, the network is isolated.")},
    {"network/forward@mode",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "\"nat\" hides guests behind the host, \"route\" shows them, \"open\" adds no firewall rules, \"bridge\" "
            "uses an existing bridge.")},
    {"network/forward@dev", QT_TRANSLATE_NOOP("xml_ElementDocs", "The only host device that traffic leaves through.")},
    {"network/forward@managed",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether devices are taken from the host and given back.")},
    {"forward/interface@dev",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Host device of the pool that guests get theirs from.")},
    {"forward/pf@dev", QT_TRANSLATE_NOOP("xml_ElementDocs", "Physical device whose virtual functions are handed out.")},
    {"forward/nat/address@start",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "First address that guests appear with outside.")},
    {"forward/nat/address@end", QT_TRANSLATE_NOOP("xml_ElementDocs", "Last address that guests appear with outside.")},
    {"forward/nat/port@start", QT_TRANSLATE_NOOP("xml_ElementDocs", "First port that translation uses.")},
    {"forward/nat/port@end", QT_TRANSLATE_NOOP("xml_ElementDocs", "Last port that translation uses.")},
    {"forward/nat@ipv6", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether IPv6 is translated too.")},
    {"network/portgroup@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name by which network cards choose this group.")},
    {"network/portgroup@default",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether it holds for cards that name no group.")},
    {"network/dns@enable", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the network's own name server runs.")},
    {"network/dns@forwardPlainNames",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether names without a dot are asked for outside.")},
    {"dns/forwarder@addr", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name server that questions go to.")},
    {"dns/forwarder@domain", QT_TRANSLATE_NOOP("xml_ElementDocs", "Domain that this forwarder is for.")},
    {"dns/host@ip", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address that the host names stand for.")},
    {"dns/host/hostname", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name that is answered with the address.")},
    {"dns/txt@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of a text record.")},
    {"dns/srv@service", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of a service.")},
    {"dns/srv@priority", QT_TRANSLATE_NOOP("xml_ElementDocs", "Lower ones are asked first.")},
    {"network/ip",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Address of the host in the network. Guests use it as gateway and name server.")},
    {"network/ip@address",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Address of the host in the network. It must not overlap with others of the host.")},
    {"network/ip@netmask", QT_TRANSLATE_NOOP("xml_ElementDocs", "Network part of an IPv4 address.")},
    {"network/ip@prefix", QT_TRANSLATE_NOOP("xml_ElementDocs", "Length of the network part, in bits.")},
    {"network/ip@family", QT_TRANSLATE_NOOP("xml_ElementDocs", "\"ipv4\" or \"ipv6\". IPv4 when missing.")},
    {"network/ip@localPtr",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether reverse questions for this network stay inside.")},
    {"ip/dhcp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Gives addresses to guests.")},
    {"dhcp/range@start", QT_TRANSLATE_NOOP("xml_ElementDocs", "First address to give.")},
    {"dhcp/range@end", QT_TRANSLATE_NOOP("xml_ElementDocs", "Last address to give.")},
    {"dhcp/host@mac",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Hardware address of the guest that always gets this address.")},
    {"dhcp/host@id", QT_TRANSLATE_NOOP("xml_ElementDocs", "DHCPv6 identifier of the guest.")},
    {"dhcp/host@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the guest.")},
    {"dhcp/host@ip", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address that this guest gets.")},
    {"dhcp/bootp@file", QT_TRANSLATE_NOOP("xml_ElementDocs", "File that guests boot over the network.")},
    {"dhcp/bootp@server", QT_TRANSLATE_NOOP("xml_ElementDocs", "Server of that file; the host when missing.")},
    {"lease@expiry", QT_TRANSLATE_NOOP("xml_ElementDocs", "How long an address is given for; 0 for ever.")},
    {"ip/tftp@root",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Directory on the host whose files TFTP hands out to every guest.")},
    {"network/route@address", QT_TRANSLATE_NOOP("xml_ElementDocs", "Network that this route leads to.")},
    {"network/route@gateway", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address in this network that leads there.")},
    {"network/route@metric", QT_TRANSLATE_NOOP("xml_ElementDocs", "Lower ones are preferred.")},
    {"network/bandwidth",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Limits of the whole network, in kilobytes per second.")},
    {"inbound@average", QT_TRANSLATE_NOOP("xml_ElementDocs", "Average in kilobytes per second.")},
    {"outbound@average", QT_TRANSLATE_NOOP("xml_ElementDocs", "Average in kilobytes per second.")},
    {"vlan/tag@id", QT_TRANSLATE_NOOP("xml_ElementDocs", "VLAN number of the traffic.")},
});

constexpr auto filtersTable = std::to_array<Entry>({
    {"filter", QT_TRANSLATE_NOOP("xml_ElementDocs", "Rules for the packets of network cards.")},
    {"filter@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name by which network cards and other filters refer to it.")},
    {"filter@chain",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Chain that the rules are in; the beginning of the name tells the protocol.")},
    {"filter@priority", QT_TRANSLATE_NOOP("xml_ElementDocs", "Order of chains, -1000 to 1000; lower ones come first.")},
    {"filter/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity of the filter; made by libvirt when missing.")},
    {"filter/filterref@filter", QT_TRANSLATE_NOOP("xml_ElementDocs", "Other filter that is included here.")},
    {"filter/rule", QT_TRANSLATE_NOOP("xml_ElementDocs", "A rule: what happens with packets that match.")},
    {"rule@action",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "What happens: \"accept\", \"drop\" silently, \"reject\" with an answer, \"return\" to the outer chain or "
            "\"continue\".")},
    {"rule@direction",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Seen from the guest: \"in\" to it, \"out\" of it, or both.")},
    {"rule@priority",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Order in the chain, -1000 to 1000; lower ones come first.")},
    {"rule@statematch", QT_TRANSLATE_NOOP("xml_ElementDocs", "\"false\" turns connection tracking off for this rule.")},
    {"rule/mac", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches by hardware addresses.")},
    {"rule/arp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches ARP packets.")},
    {"rule/ip", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches IPv4 packets, without connection tracking.")},
    {"rule/ipv6", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches IPv6 packets, without connection tracking.")},
    {"rule/tcp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches TCP over IPv4, with connection tracking.")},
    {"rule/udp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches UDP over IPv4, with connection tracking.")},
    {"rule/icmp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches ICMP.")},
    {"rule/all", QT_TRANSLATE_NOOP("xml_ElementDocs", "Matches all IPv4 traffic.")},
    {"tcp@dstportstart", QT_TRANSLATE_NOOP("xml_ElementDocs", "First port of the receiver.")},
    {"tcp@dstportend", QT_TRANSLATE_NOOP("xml_ElementDocs", "Last port of the receiver.")},
    {"tcp@srcportstart", QT_TRANSLATE_NOOP("xml_ElementDocs", "First port of the sender.")},
    {"tcp@flags", QT_TRANSLATE_NOOP("xml_ElementDocs", "TCP flags: mask and those set, such as SYN/ALL.")},
    {"udp@dstportstart", QT_TRANSLATE_NOOP("xml_ElementDocs", "First port of the receiver.")},
    {"ip@srcipaddr", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address of the sender; $IP stands for the guest's own.")},
    {"ip@dstipaddr", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address of the receiver.")},
    {"mac@srcmacaddr",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Hardware address of the sender; $MAC stands for the guest's own.")},
});

constexpr auto nodeDevicesTable = std::to_array<Entry>({
    {"device", QT_TRANSLATE_NOOP("xml_ElementDocs", "A device of the host.")},
    {"device/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name that libvirt gives it.")},
    {"device/path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Path in the host's sysfs. Written by libvirt.")},
    {"device/parent", QT_TRANSLATE_NOOP("xml_ElementDocs", "Device that this one hangs on.")},
    {"device/driver/name",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Driver that the host uses for it; \"vfio-pci\" is ready to be passed on.")},
    {"device/capability@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "What kind of device it is.")},
    {"capability/iommuGroup",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Devices that can only be given to the same guest together.")},
    {"capability/iommuGroup@number", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the group.")},
    {"capability/type@id", QT_TRANSLATE_NOOP("xml_ElementDocs", "Type of mediated device.")},
    {"capability/vendor@id", QT_TRANSLATE_NOOP("xml_ElementDocs", "Vendor number.")},
    {"capability/product@id", QT_TRANSLATE_NOOP("xml_ElementDocs", "Product number.")},
    {"capability/availableInstances",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "How many more mediated devices of this type can be made.")},
    {"capability/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "UUID of the mediated device.")},
});

constexpr auto hostInterfacesTable = std::to_array<Entry>({
    {"interface", QT_TRANSLATE_NOOP("xml_ElementDocs", "A network device of the host.")},
    {"interface@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of device: Ethernet, bridge, bond or VLAN.")},
    {"interface@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the device on the host.")},
    {"interface/start@mode", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether it starts with the host.")},
    {"interface/mtu@size", QT_TRANSLATE_NOOP("xml_ElementDocs", "Greatest packet in bytes.")},
    {"interface/bridge@stp", QT_TRANSLATE_NOOP("xml_ElementDocs", "Spanning tree protocol, against loops.")},
    {"interface/bridge@delay", QT_TRANSLATE_NOOP("xml_ElementDocs", "Seconds until a new port forwards.")},
    {"interface/bond@mode",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "How devices work together: for failover or for speed.")},
    {"interface/vlan@tag", QT_TRANSLATE_NOOP("xml_ElementDocs", "VLAN number.")},
});

constexpr auto capabilitiesTable = std::to_array<Entry>({
    {"capabilities/host", QT_TRANSLATE_NOOP("xml_ElementDocs", "What the host is.")},
    {"capabilities/host/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity of the host.")},
    {"host/cpu", QT_TRANSLATE_NOOP("xml_ElementDocs", "The host's processor.")},
    {"host/cpu/model", QT_TRANSLATE_NOOP("xml_ElementDocs", "Nearest processor model that libvirt knows.")},
    {"host/secmodel", QT_TRANSLATE_NOOP("xml_ElementDocs", "Mechanism that confines domains.")},
    {"host/iommu@support", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether devices can be passed on.")},
    {"host/migration_features", QT_TRANSLATE_NOOP("xml_ElementDocs", "How domains can be moved away.")},
    {"host/topology", QT_TRANSLATE_NOOP("xml_ElementDocs", "NUMA nodes of the host.")},
    {"capabilities/guest", QT_TRANSLATE_NOOP("xml_ElementDocs", "A kind of guest that the host can run.")},
    {"guest/os_type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of guest.")},
    {"guest/arch@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Architecture of the guest.")},
    {"arch/machine@maxCpus", QT_TRANSLATE_NOOP("xml_ElementDocs", "Most processors that this machine can have.")},
    {"arch/machine@canonical", QT_TRANSLATE_NOOP("xml_ElementDocs", "Machine that this name stands for now.")},
    {"arch/machine@deprecated", QT_TRANSLATE_NOOP("xml_ElementDocs", "This machine will go away in a later QEMU.")},
    {"arch/domain@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Hypervisor that can run such a guest.")},
});

constexpr auto domainCapabilitiesTable = std::to_array<Entry>({
    {"domainCapabilities", QT_TRANSLATE_NOOP("xml_ElementDocs", "What domains of one kind can have on this host.")},
    {"domainCapabilities/path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Program that runs such domains.")},
    {"domainCapabilities/vcpu@max", QT_TRANSLATE_NOOP("xml_ElementDocs", "Most virtual processors.")},
    {"domainCapabilities/os", QT_TRANSLATE_NOOP("xml_ElementDocs", "Firmware that can be chosen.")},
    {"cpu/mode@supported", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether this way to choose a processor works here.")},
    {"mode/model@usable",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the host's processor has all features of this model.")},
    {"mode/model@deprecated", QT_TRANSLATE_NOOP("xml_ElementDocs", "This model will go away in a later QEMU.")},
    {"domainCapabilities/devices", QT_TRANSLATE_NOOP("xml_ElementDocs", "Which devices can be had, and their values.")},
    {"features/sev@supported", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether AMD's memory encryption can be used.")},
    {"features/backup@supported", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether incremental backup works.")},
});

} // namespace

std::span<const Entry> networks()
{
    return networksTable;
}

std::span<const Entry> filters()
{
    return filtersTable;
}

std::span<const Entry> nodeDevices()
{
    return nodeDevicesTable;
}

std::span<const Entry> hostInterfaces()
{
    return hostInterfacesTable;
}

std::span<const Entry> capabilities()
{
    return capabilitiesTable;
}

std::span<const Entry> domainCapabilities()
{
    return domainCapabilitiesTable;
}

} // namespace vireo::xml::elementdocs
