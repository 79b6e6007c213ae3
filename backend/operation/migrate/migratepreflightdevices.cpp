// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QSet>
#include <QVersionNumber>

#include "backend/operation/migrate/migratepreflight_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Topic = Check::Topic;
using Severity = job::Finding::Severity;

struct PreflightdevicesText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepreflightdevices)
};

/** Whether a file of the VM is at the destination; nothing: not known. */
std::optional<bool> isThere(const Preflight &grid, const QString &path)
{
    const auto there = grid.facts.pair.files.constFind(path);
    if (there == grid.facts.pair.files.constEnd()) {
        return std::nullopt;
    }
    return there->exists || there->sharing == FileThere::Sharing::Same;
}

void checkKernel(Preflight &grid)
{
    for (const QString &name : {u"kernel"_s, u"initrd"_s, u"dtb"_s}) {
        const QString path = grid.domain.child(u"os"_s).child(name).text().trimmed();
        if (path.isEmpty() || isThere(grid, path) == true) {
            continue;
        }
        const bool isMissing = isThere(grid, path) == false;
        grid.add(Topic::Firmware, isMissing ? Severity::Warning : Severity::Note,
            isMissing ? PreflightdevicesText::tr("%1 has no file %2.").arg(grid.there(), path)
                      : PreflightdevicesText::tr("Whether %1 has %2 is not known.").arg(grid.there(), path),
            PreflightdevicesText::tr("The VM is booted from it; it is needed when it starts anew."),
            PreflightdevicesText::tr("Copy it there, or map its path."));
    }
}

void checkVariables(Preflight &grid, const QString &nvram)
{
    if (nvram.isEmpty()) {
        return;
    }
    if (!grid.isOffline()) {
        grid.ok(Topic::Firmware, PreflightdevicesText::tr("The firmware's variables travel with the guest."),
            PreflightdevicesText::tr("They are written to %1 there.").arg(grid.draft.map.paths.value(nvram, nvram)));
        return;
    }
    const auto there = grid.facts.pair.files.value(nvram);
    if (there.sharing == FileThere::Sharing::Same) {
        grid.ok(Topic::Firmware, PreflightdevicesText::tr("Both hosts see the file of the firmware's variables."));
        return;
    }
    if (movesCold(grid.draft)) {
        grid.ok(Topic::Firmware, PreflightdevicesText::tr("The firmware's variables are copied."),
            PreflightdevicesText::tr("They are in %1.").arg(nvram));
        return;
    }
    grid.block(Topic::Firmware, PreflightdevicesText::tr("The firmware's variables would stay behind."),
        PreflightdevicesText::tr("They are in %1, and libvirt copies no files of a VM that is off.").arg(nvram),
        PreflightdevicesText::tr("Start the VM and migrate it live."));
}

} // namespace

void checkFirmware(Preflight &grid)
{
    const xml::Element os = grid.domain.child(u"os"_s);
    const xml::Element loader = os.child(u"loader"_s);
    const xml::DomainCapabilities &there = grid.facts.pair.there;
    const QString path = grid.draft.map.paths.value(loader.text().trimmed(), loader.text().trimmed());
    checkKernel(grid);
    if (!path.isEmpty() && !there.loaderPaths.isEmpty() && !there.loaderPaths.contains(path)) {
        grid.block(Topic::Firmware,
            PreflightdevicesText::tr("%1 does not have the firmware %2.").arg(grid.there(), path),
            PreflightdevicesText::tr("It has: %1.").arg(there.loaderPaths.join(u", "_s)),
            PreflightdevicesText::tr("Install it there, or map its path to a file of the same firmware."));
    } else if (!path.isEmpty() && there.loaderPaths.isEmpty()) {
        grid.add(Topic::Firmware, Severity::Note,
            PreflightdevicesText::tr("Whether %1 has the firmware %2 is not known.").arg(grid.there(), path),
            PreflightdevicesText::tr("libvirt says so before anything moves."));
    } else if (os.attribute(u"firmware"_s) == "efi"_L1 && there.autoFirmware == xml::Support::Yes && !there.hasEfi()) {
        grid.block(Topic::Firmware, PreflightdevicesText::tr("%1 has no UEFI firmware.").arg(grid.there()),
            PreflightdevicesText::tr("The VM needs it."), PreflightdevicesText::tr("Install it there (OVMF, edk2)."));
    }
    const xml::Element nvram = os.child(u"nvram"_s);
    const QString source = nvram.child(u"source"_s).attribute(u"file"_s);
    checkVariables(grid, source.isEmpty() ? nvram.text().trimmed() : source);
    if (std::ranges::none_of(grid.checks, [](const Check &each) { return each.topic == Topic::Firmware; })) {
        grid.ok(Topic::Firmware,
            path.isEmpty() ? PreflightdevicesText::tr("The machine's own firmware is used.")
                           : PreflightdevicesText::tr("%1 has the firmware %2.").arg(grid.there(), path));
    }
}

namespace {

void checkTpmTravels(Preflight &grid)
{
    if (!movesCold(grid.draft)) {
        grid.ok(Topic::Tpm, PreflightdevicesText::tr("The TPM's state travels with the guest."));
        return;
    }
    // Before, libvirt deletes the state together with the definition.
    const QVersionNumber keepsState(8, 9);
    for (const auto &[info, which] : {std::pair{&grid.facts.source.host, PreflightdevicesText::tr("The source")},
             std::pair{&grid.facts.destination.host, grid.there()}}) {
        const auto version = QVersionNumber::fromString(info->libvirtVersion);
        if (!version.isNull() && version < keepsState) {
            grid.block(Topic::Tpm,
                PreflightdevicesText::tr("%1 can't keep the TPM's state while the VM moves.").arg(which),
                PreflightdevicesText::tr("Its libvirt is %1; 8.9 is needed.").arg(info->libvirtVersion),
                PreflightdevicesText::tr("Start the VM and migrate it live."));
            return;
        }
    }
    grid.ok(Topic::Tpm, PreflightdevicesText::tr("The TPM's state is carried there."),
        PreflightdevicesText::tr(
            "A machine with nothing but that TPM, which never runs, is saved and restored for it."));
}

} // namespace

void checkTpm(Preflight &grid)
{
    const xml::Element backend = grid.devices.find(u"tpm/backend"_s);
    const QString type = backend.attribute(u"type"_s);
    if (!backend) {
        grid.ok(Topic::Tpm, PreflightdevicesText::tr("The VM has no TPM."));
    } else if (type != "emulator"_L1) {
        grid.block(Topic::Tpm, PreflightdevicesText::tr("The VM has the TPM of this host."),
            PreflightdevicesText::tr("It is a chip, and can't travel."),
            PreflightdevicesText::tr("Give the VM an emulated TPM, or none."));
    } else if (grid.isOffline() && !movesCold(grid.draft)) {
        grid.block(Topic::Tpm, PreflightdevicesText::tr("The TPM's state would stay behind."),
            PreflightdevicesText::tr(
                "It is a directory of this host, and libvirt copies no files of a VM that is off."),
            PreflightdevicesText::tr("Start the VM and migrate it live."));
    } else if (!grid.facts.pair.there.tpmModels().isEmpty() && !grid.facts.pair.there.hasEmulatedTpm()) {
        grid.block(Topic::Tpm, PreflightdevicesText::tr("%1 can't emulate a TPM.").arg(grid.there()),
            PreflightdevicesText::tr("swtpm is missing there, or its libvirt is too old."),
            PreflightdevicesText::tr("Install swtpm there."));
    } else {
        checkTpmTravels(grid);
    }
    const QString secret = backend.find(u"encryption"_s).attribute(u"secret"_s);
    if (!secret.isEmpty() && !grid.facts.destination.secrets.contains(secret)) {
        grid.block(Topic::Tpm, PreflightdevicesText::tr("%1 lacks the secret of the TPM's state.").arg(grid.there()),
            PreflightdevicesText::tr("It is encrypted with the secret %1.").arg(secret),
            PreflightdevicesText::tr("Define that secret there, with its value."));
    }
}

namespace {

void checkNetwork(Preflight &grid, const QString &name)
{
    const QString wanted = grid.draft.map.networks.value(name, name);
    const QList<virt::hostcalls::Network> &networks = grid.facts.destination.networks;
    const auto found = std::ranges::find(networks, wanted, &virt::hostcalls::Network::name);
    if (found == networks.end()) {
        QStringList names;
        std::ranges::transform(networks, std::back_inserter(names), &virt::hostcalls::Network::name);
        grid.block(Topic::Networks, PreflightdevicesText::tr("%1 has no network “%2”.").arg(grid.there(), wanted),
            names.isEmpty() ? PreflightdevicesText::tr("It has no virtual network at all.")
                            : PreflightdevicesText::tr("It has: %1.").arg(names.join(u", "_s)),
            PreflightdevicesText::tr("Choose one of its networks instead, or define that one there."));
    } else if (!found->active) {
        grid.block(Topic::Networks,
            PreflightdevicesText::tr("The network “%1” of %2 is not active.").arg(wanted, grid.there()),
            PreflightdevicesText::tr("The VM can't be plugged into it."), PreflightdevicesText::tr("Start it there."));
    } else if (found->forward == "nat"_L1 || found->forward.isEmpty()) {
        grid.add(Topic::Networks, Severity::Note,
            PreflightdevicesText::tr("The network “%1” is one of %2 alone.").arg(wanted, grid.there()),
            PreflightdevicesText::tr("Connections of the guest break, and it may get another address."));
    } else {
        grid.ok(Topic::Networks, PreflightdevicesText::tr("%1 has the network “%2”.").arg(grid.there(), wanted));
    }
}

void checkBridge(Preflight &grid, const QString &name)
{
    const QString wanted = grid.draft.map.networks.value(name, name);
    const QStringList &bridges = grid.facts.destination.bridges;
    if (bridges.isEmpty()) {
        grid.add(Topic::Networks, Severity::Warning,
            PreflightdevicesText::tr("Whether %1 has the network device “%2” is not known.").arg(grid.there(), wanted),
            PreflightdevicesText::tr("Its libvirt does not list network devices."),
            PreflightdevicesText::tr("Look there first; without it the migration fails before the guest is touched."));
    } else if (!bridges.contains(wanted)) {
        grid.block(Topic::Networks,
            PreflightdevicesText::tr("%1 has no network device “%2”.").arg(grid.there(), wanted),
            PreflightdevicesText::tr("It has: %1.").arg(bridges.join(u", "_s)),
            PreflightdevicesText::tr("Choose one of them instead, or make that one there."));
    } else {
        grid.ok(Topic::Networks, PreflightdevicesText::tr("%1 has the network device “%2”.").arg(grid.there(), wanted));
    }
}

} // namespace

void checkNetworks(Preflight &grid)
{
    QSet<QString> seen;
    const auto once = [&seen](const QString &name) {
        const bool isNew = !name.isEmpty() && !seen.contains(name);
        seen.insert(name);
        return isNew;
    };
    const QList<xml::Element> interfaces = grid.devices.children(u"interface"_s);
    for (const xml::Element &interface : interfaces) {
        const xml::Element source = interface.child(u"source"_s);
        const QString network = source.attribute(u"network"_s);
        const QString type = interface.attribute(u"type"_s);
        if (once(network)) {
            checkNetwork(grid, network);
        }
        for (const QString &device : {source.attribute(u"bridge"_s), source.attribute(u"dev"_s)}) {
            if (network.isEmpty() && (type == "bridge"_L1 || type == "direct"_L1) && once(device)) {
                checkBridge(grid, device);
            }
        }
        const QString filter = interface.child(u"filterref"_s).attribute(u"filter"_s);
        if (once(filter) && !grid.facts.destination.filters.contains(filter)) {
            grid.block(Topic::Networks,
                PreflightdevicesText::tr("%1 has no network filter “%2”.").arg(grid.there(), filter),
                PreflightdevicesText::tr("The VM's network card refers to it."),
                PreflightdevicesText::tr("Define the filter there."));
        }
        if (type == "vhostuser"_L1 && once(u"vhostuser"_s)) {
            grid.add(Topic::Networks, Severity::Warning,
                PreflightdevicesText::tr("A network card is served by a program of the host (vhost-user)."),
                PreflightdevicesText::tr("Whether one listens at the same path there is not known."),
                PreflightdevicesText::tr(
                    "Look there first; without it the migration fails before the guest is touched."));
        }
    }
    if (interfaces.isEmpty()) {
        grid.ok(Topic::Networks, PreflightdevicesText::tr("The VM has no network card."));
    } else if (std::ranges::none_of(grid.checks, [](const Check &each) { return each.topic == Topic::Networks; })) {
        grid.ok(Topic::Networks, PreflightdevicesText::tr("Its network cards need nothing of the host."));
    }
}

namespace {

/** What can't leave the host, with the words for it; empty: it can. */
QString boundTo(const xml::Element &device)
{
    const QString name = device.name();
    const QString type = device.attribute(u"type"_s);
    if (name == "hostdev"_L1) {
        return PreflightdevicesText::tr("a %1 device of the host").arg(type.isEmpty() ? u"?"_s : type);
    }
    if (name == "interface"_L1 && type == "hostdev"_L1) {
        return PreflightdevicesText::tr("a network card of the host");
    }
    if (name == "interface"_L1 && type == "vdpa"_L1) {
        return PreflightdevicesText::tr("a vDPA device of the host");
    }
    if (name == "disk"_L1 && (type == "nvme"_L1 || type == "vhostvdpa"_L1)) {
        return PreflightdevicesText::tr("an NVMe or vDPA disk of the host");
    }
    if (name == "filesystem"_L1) {
        return PreflightdevicesText::tr("a directory of the host (%1)")
            .arg(device.child(u"driver"_s).attribute(u"type"_s) == "virtiofs"_L1 ? u"virtiofs"_s : u"9p"_s);
    }
    if (name == "smartcard"_L1 && device.attribute(u"mode"_s) == "host"_L1) {
        return PreflightdevicesText::tr("a smart card reader of the host");
    }
    if (name == "input"_L1 && (type == "passthrough"_L1 || type == "evdev"_L1)) {
        return PreflightdevicesText::tr("an input device of the host");
    }
    if ((name == "serial"_L1 || name == "parallel"_L1 || name == "console"_L1) && type == "dev"_L1) {
        return PreflightdevicesText::tr("a port of the host");
    }
    if (name == "redirdev"_L1 && type == "dev"_L1) {
        return PreflightdevicesText::tr("a USB device of the host");
    }
    if (name == "shmem"_L1 && device.attribute(u"role"_s) != "master"_L1) {
        return PreflightdevicesText::tr("memory that it shares with others on this host");
    }
    if (name == "memory"_L1 && device.find(u"source/path"_s)) {
        return PreflightdevicesText::tr("a file of the host as memory (%1)").arg(device.attribute(u"model"_s));
    }
    return {};
}

} // namespace

void checkHostDevices(Preflight &grid)
{
    const QList<xml::Element> all = grid.devices.children();
    QSet<QString> seen;
    for (const xml::Element &device : all) {
        const QString what = boundTo(device);
        if (what.isEmpty() || seen.contains(what)) {
            continue;
        }
        seen.insert(what);
        if (grid.isOffline()) {
            grid.add(Topic::HostDevices, Severity::Warning, PreflightdevicesText::tr("The VM uses %1.").arg(what),
                PreflightdevicesText::tr("It does not move; the VM may not start at the destination."),
                PreflightdevicesText::tr("Change the VM's definition there."));
        } else {
            grid.block(Topic::HostDevices, PreflightdevicesText::tr("The VM uses %1.").arg(what),
                PreflightdevicesText::tr("It can't be carried to another host while the guest runs."),
                PreflightdevicesText::tr("Detach it first, and attach one again at the destination."));
        }
    }
    if (seen.isEmpty()) {
        grid.ok(Topic::HostDevices, PreflightdevicesText::tr("The VM uses no devices of the host."));
    }
}

void checkGraphics(Preflight &grid)
{
    const QList<xml::Element> screens = grid.devices.children(u"graphics"_s);
    QStringList addresses;
    bool usesGl = grid.devices.find(u"video/model/acceleration"_s).attribute(u"accel3d"_s) == "yes"_L1;
    for (const xml::Element &graphics : screens) {
        usesGl = usesGl || graphics.child(u"gl"_s).attribute(u"enable"_s) == "yes"_L1;
        QStringList said{graphics.attribute(u"listen"_s)};
        const QList<xml::Element> listens = graphics.children(u"listen"_s);
        for (const xml::Element &listen : listens) {
            if (listen.attribute(u"type"_s) != "network"_L1) {
                said.append(listen.attribute(u"address"_s));
            }
        }
        for (const QString &address : std::as_const(said)) {
            if (isAddressOfHost(address) && !addresses.contains(address)) {
                addresses.append(address);
            }
        }
    }
    if (usesGl && !grid.isOffline()) {
        grid.block(Topic::Graphics, PreflightdevicesText::tr("The VM draws with the host's graphics card (OpenGL)."),
            PreflightdevicesText::tr("QEMU can't migrate what is in it."),
            PreflightdevicesText::tr("Switch 3D acceleration off while the VM is off."));
    }
    for (const QString &address : std::as_const(addresses)) {
        grid.add(Topic::Graphics, Severity::Warning,
            PreflightdevicesText::tr("The VM's screen listens on %1, an address of the source.").arg(address),
            PreflightdevicesText::tr("At the destination it listens on 127.0.0.1, which Vireo reaches all the same."),
            PreflightdevicesText::tr("Write another address into the XML for the destination."));
    }
    if (grid.isQuiet(Topic::Graphics)) {
        grid.ok(Topic::Graphics,
            screens.isEmpty() ? PreflightdevicesText::tr("The VM has no screen.")
                              : PreflightdevicesText::tr("The VM's screen needs no address of the source."));
    }
}

} // namespace vireo::operation
