// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/importrisks.h"

#include <algorithm>

#include <QCoreApplication>
#include <QHash>
#include <QRegularExpression>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

struct RiskText {
    Q_DECLARE_TR_FUNCTIONS(xml_ImportRisks)
};

using Severity = ImportRisk::Severity;
using Kind = ImportRisk::Kind;

bool isLoopback(const QString &address)
{
    static const QRegularExpression loopback(u"^(|localhost|127(\\.\\d{1,3}){3}|(0*:)*:0*1|\\[::1\\])$"_s);
    return loopback.match(address.trimmed()).hasMatch();
}

/** Goes once through a document; one function for each part of it. */
class RiskReader final
{
    Q_DISABLE_COPY_MOVE(RiskReader)

public:
    explicit RiskReader(const ImportHost &host)
        : m_host(host)
    {}

    QList<ImportRisk> read(const Element &domain);

private:
    void add(Severity severity, Kind kind, const Element &element, const QString &path, const QString &text)
    {
        m_risks.append({severity, kind, path, element.line(), text});
    }

    void readTop(const Element &domain);
    void readOs(const Element &os);
    void readResources(const Element &domain);
    void readMetadata(const Element &metadata);
    void readDevices(const Element &devices);

    void disk(const Element &disk, const QString &path);
    void diskSource(const Element &source, const QString &path, bool readOnly);
    void interface(const Element &interface, const QString &path);
    void character(const Element &device, const QString &path);
    void characterSource(const Element &device, const Element &source, const QString &type, const QString &path);
    void graphics(const Element &graphics, const QString &path);
    void hostDevice(const Element &device, const QString &path);
    void otherDevice(const Element &device, const QString &path);

    QString poolOf(const QString &file) const;

    const ImportHost &m_host;
    QList<ImportRisk> m_risks;
};

QString RiskReader::poolOf(const QString &file) const
{
    // "/pool/../etc/shadow" is not in the pool.
    if (file.split(u'/').contains(".."_L1)) {
        return {};
    }
    for (const QString &pool : m_host.poolPaths) {
        if (!pool.isEmpty() && file.startsWith(pool.endsWith(u'/') ? pool : pool + u'/')) {
            return pool;
        }
    }
    return {};
}

void RiskReader::readTop(const Element &domain)
{
    const auto children = domain.children();
    for (const Element &child : children) {
        const QString name = child.name();
        const QString space = child.namespaceUri();
        if (space.contains("libvirt.org/schemas/domain/"_L1)) {
            const QString hypervisor = space.section(u'/', -2, -2);
            add(Severity::Danger, Kind::HypervisorArguments, child, name,
                RiskText::tr("It gives settings to the hypervisor (%1) directly, past all of libvirt's checks.")
                    .arg(hypervisor.isEmpty() ? space : hypervisor + u':' + name));
        } else if (!space.isEmpty()) {
            add(Severity::Note, Kind::Metadata, child, name,
                RiskText::tr("It holds an element of a kind that is not known: “%1”.").arg(space));
        } else if (name == "seclabel"_L1 && child.attribute(u"type"_s) == "none"_L1) {
            add(Severity::Danger, Kind::Isolation, child, u"seclabel"_s,
                RiskText::tr("It switches the confinement off that keeps the machine from the host's other files."));
        } else if (name == "seclabel"_L1 && child.attribute(u"type"_s) == "static"_L1) {
            add(Severity::Warning, Kind::Isolation, child, u"seclabel"_s,
                RiskText::tr("It runs under a security label of its own choice: %1.")
                    .arg(child.child(u"label"_s).text().trimmed()));
        } else if (name == "bootloader"_L1) {
            add(Severity::Danger, Kind::Script, child, u"bootloader"_s,
                RiskText::tr("It runs the program “%1” on the host before each start.").arg(child.text().trimmed()));
        }
    }
}

void RiskReader::readOs(const Element &os)
{
    const auto children = os.children();
    for (const Element &child : children) {
        const QString name = child.name();
        const QString path = u"os/"_s + name;
        QString file = child.text().trimmed();
        if (const QString inner = child.child(u"source"_s).attribute(u"file"_s); name == "nvram"_L1 && file.isEmpty()) {
            file = inner;
        }
        if (name == "init"_L1) {
            add(Severity::Warning, Kind::HostPath, child, path,
                RiskText::tr("A container: it starts “%1” with the host's own kernel.").arg(file));
        } else if (name == "acpi"_L1) {
            add(Severity::Warning, Kind::HostPath, child, path,
                RiskText::tr("It gives the guest a file of the host as an ACPI table: “%1”.")
                    .arg(child.child(u"table"_s).text().trimmed()));
        } else if (file.startsWith(u'/')
            && QStringList{u"kernel"_s, u"initrd"_s, u"dtb"_s, u"loader"_s, u"nvram"_s, u"shim"_s}.contains(name)) {
            const bool written = name == "nvram"_L1 || child.attribute(u"readonly"_s) == "no"_L1;
            add(Severity::Warning, Kind::HostPath, child, path,
                written ? RiskText::tr("It writes to a file of the host, as %1: “%2”.").arg(name, file)
                        : RiskText::tr("It reads a file of the host, as %1: “%2”.").arg(name, file));
        }
        if (const QString origin = child.attribute(u"template"_s); !origin.isEmpty()) {
            add(Severity::Warning, Kind::HostPath, child, path,
                RiskText::tr("It reads a file of the host, as template of its firmware settings: “%1”.").arg(origin));
        }
    }
}

void RiskReader::readResources(const Element &domain)
{
    const Element backing = domain.child(u"memoryBacking"_s);
    if (const Element locked = backing.child(u"locked"_s)) {
        add(Severity::Warning, Kind::Resources, locked, u"memoryBacking/locked"_s,
            RiskText::tr("Its memory is locked: the host can't take any of it back, however short it is."));
    }
    if (domain.find(u"cputune/vcpusched"_s) || domain.find(u"cputune/emulatorsched"_s)) {
        add(Severity::Warning, Kind::Resources, domain.child(u"cputune"_s), u"cputune"_s,
            RiskText::tr("It asks for a scheduling that can starve the host's other work."));
    }
    if (const Element inherit = domain.find(u"features/capabilities"_s)) {
        add(Severity::Danger, Kind::Isolation, inherit, u"features/capabilities"_s,
            RiskText::tr("A container that chooses which of the administrator's rights it keeps."));
    }
}

void RiskReader::readMetadata(const Element &metadata)
{
    const auto children = metadata.children();
    for (const Element &child : children) {
        const QString space = child.namespaceUri();
        if (space != QLatin1String(MetadataNamespace) && !space.startsWith("http://libosinfo.org/"_L1)) {
            add(Severity::Note, Kind::Metadata, child, u"metadata/"_s + child.name(),
                RiskText::tr("Notes of another program are kept as they are: “%1”.").arg(space));
        }
    }
}

void RiskReader::diskSource(const Element &source, const QString &path, bool readOnly)
{
    for (const QString &name : {u"file"_s, u"dev"_s, u"dir"_s}) {
        const QString file = source.attribute(name);
        if (file.isEmpty()) {
            continue;
        }
        if (!poolOf(file).isEmpty()) {
            add(Severity::Note, Kind::HostPath, source, path,
                RiskText::tr("It uses “%1”, which lies in a storage pool.").arg(file));
        } else if (name == "dev"_L1) {
            add(Severity::Danger, Kind::HostDevice, source, path,
                RiskText::tr("It takes a drive of the host: “%1”.").arg(file));
        } else {
            add(Severity::Warning, Kind::HostPath, source, path,
                readOnly ? RiskText::tr("It reads “%1” on the host.").arg(file)
                         : RiskText::tr("It reads and writes “%1” on the host.").arg(file));
        }
    }
    if (const QString protocol = source.attribute(u"protocol"_s); !protocol.isEmpty()) {
        add(Severity::Warning, Kind::Network, source, path,
            RiskText::tr("The host connects to “%1” for it, by %2.")
                .arg(source.child(u"host"_s).attribute(u"name"_s), protocol));
    }
    if (source.child(u"reservations"_s)) {
        add(Severity::Danger, Kind::HostDevice, source, path + u"/reservations"_s,
            RiskText::tr("It may reserve a drive of the host for itself."));
    }
    const QString type = source.attribute(u"type"_s);
    if (type == "unix"_L1 || type == "vhostuser"_L1) {
        add(Severity::Warning, Kind::HostChannel, source, path,
            RiskText::tr("Its disk is served by a socket of the host: “%1”.").arg(source.attribute(u"path"_s)));
    }
    if (type == "pci"_L1) {
        add(Severity::Danger, Kind::HostDevice, source, path, RiskText::tr("It takes an NVMe drive of the host."));
    }
}

void RiskReader::disk(const Element &disk, const QString &path)
{
    const bool readOnly = disk.child(u"readonly"_s) || disk.attribute(u"device"_s) == "cdrom"_L1;
    diskSource(disk.child(u"source"_s), path + u"/source"_s, readOnly);
    if (disk.attribute(u"device"_s) == "lun"_L1) {
        add(Severity::Danger, Kind::HostDevice, disk, path,
            RiskText::tr("The guest sends SCSI commands of its own to a drive of the host."));
    }
    QString backingPath = path;
    for (Element backing = disk.child(u"backingStore"_s); backing; backing = backing.child(u"backingStore"_s)) {
        backingPath += u"/backingStore"_s;
        diskSource(backing.child(u"source"_s), backingPath + u"/source"_s, true);
    }
    if (const Element mirror = disk.child(u"mirror"_s)) {
        diskSource(mirror.child(u"source"_s), path + u"/mirror/source"_s, false);
    }
}

void RiskReader::interface(const Element &interface, const QString &path)
{
    const QString type = interface.attribute(u"type"_s);
    const Element source = interface.child(u"source"_s);
    if (const Element script = interface.child(u"script"_s)) {
        add(Severity::Danger, Kind::Script, script, path + u"/script"_s,
            RiskText::tr("It runs “%1” on the host, with the administrator's rights, when it starts.")
                .arg(script.attribute(u"path"_s)));
    }
    if (const Element script = interface.child(u"downscript"_s)) {
        add(Severity::Danger, Kind::Script, script, path + u"/downscript"_s,
            RiskText::tr("It runs “%1” on the host, with the administrator's rights, when it ends.")
                .arg(script.attribute(u"path"_s)));
    }
    if (type == "ethernet"_L1) {
        add(Severity::Warning, Kind::Network, interface, path,
            RiskText::tr("It makes a network device of its own on the host, outside of all virtual networks."));
    } else if (type == "direct"_L1) {
        add(Severity::Warning, Kind::Network, interface, path,
            RiskText::tr("It is on the network of the host's card “%1”, past the host's firewall.")
                .arg(source.attribute(u"dev"_s)));
    } else if (type == "bridge"_L1) {
        add(Severity::Note, Kind::Network, interface, path,
            RiskText::tr("It is on the network of the host's bridge “%1”.").arg(source.attribute(u"bridge"_s)));
    } else if (type == "hostdev"_L1 || type == "vdpa"_L1) {
        add(Severity::Danger, Kind::HostDevice, interface, path, RiskText::tr("It takes a network card of the host."));
    } else if (type == "vhostuser"_L1) {
        add(Severity::Warning, Kind::HostChannel, interface, path,
            RiskText::tr("Its network is served by a socket of the host, which sees its memory: “%1”.")
                .arg(source.attribute(u"path"_s)));
    } else if (type == "server"_L1 || type == "client"_L1 || type == "mcast"_L1 || type == "udp"_L1) {
        add(Severity::Warning, type == "client"_L1 ? Kind::Network : Kind::Listener, interface, path,
            RiskText::tr("Its network traffic goes unprotected to or from other computers (%1, “%2”).")
                .arg(type, source.attribute(u"address"_s)));
    }
    if (interface.attribute(u"trustGuestRxFilters"_s) == "yes"_L1) {
        add(Severity::Note, Kind::Network, interface, path,
            RiskText::tr("The guest may choose which network addresses it hears."));
    }
}

void RiskReader::characterSource(const Element &device, const Element &source, const QString &type, const QString &path)
{
    const QString file = source.attribute(u"path"_s);
    if (type == "file"_L1) {
        add(Severity::Warning, Kind::HostPath, source, path, RiskText::tr("It writes to “%1” on the host.").arg(file));
    } else if (type == "dev"_L1) {
        add(Severity::Danger, Kind::HostDevice, source, path,
            RiskText::tr("It takes a device of the host: “%1”.").arg(file));
    } else if (type == "pipe"_L1) {
        add(Severity::Warning, Kind::HostChannel, source, path,
            RiskText::tr("It talks through a pipe of the host: “%1”.").arg(file));
    } else if (type == "unix"_L1 && !file.isEmpty()) {
        // libvirt makes a private socket where no path is given, as guest agents want it.
        const bool listens = source.attribute(u"mode"_s) != "connect"_L1;
        add(listens ? Severity::Note : Severity::Warning, Kind::HostChannel, source, path,
            listens ? RiskText::tr("Programs of the host reach it by the socket “%1”.").arg(file)
                    : RiskText::tr("It connects to a socket of the host: “%1”.").arg(file));
    } else if (type == "tcp"_L1 || type == "udp"_L1) {
        const QString address = source.attribute(u"host"_s);
        const bool listens = source.attribute(u"mode"_s) == "bind"_L1;
        const QString where = address + u':' + source.attribute(u"service"_s);
        if (listens) {
            const bool local = !address.isEmpty() && isLoopback(address);
            add(local ? Severity::Note : Severity::Danger, Kind::Listener, source, path,
                RiskText::tr("Who connects to %1 is connected with the machine, without a password.").arg(where));
        } else {
            add(Severity::Warning, Kind::Network, source, path,
                RiskText::tr("It sends what the guest says to %1.").arg(where));
        }
    }
    if (const Element log = device.child(u"log"_s)) {
        add(Severity::Warning, Kind::HostPath, log, path.section(u'/', 0, 1) + u"/log"_s,
            RiskText::tr("It writes to “%1” on the host.").arg(log.attribute(u"file"_s)));
    }
}

void RiskReader::character(const Element &device, const QString &path)
{
    const QString type = device.attribute(u"type"_s);
    const auto sources = device.children(u"source"_s);
    for (const Element &source : sources) {
        characterSource(device, source, type, path + u"/source"_s);
    }
    if (sources.isEmpty()) {
        characterSource(device, Element(), type, path);
    }
}

void RiskReader::graphics(const Element &graphics, const QString &path)
{
    const QString type = graphics.attribute(u"type"_s);
    QList<std::pair<Element, QString>> addresses = {{graphics, graphics.attribute(u"listen"_s)}};
    const auto listeners = graphics.children(u"listen"_s);
    for (const Element &listen : listeners) {
        addresses.append({listen, listen.attribute(u"address"_s)});
        if (listen.attribute(u"type"_s) == "network"_L1) {
            add(Severity::Warning, Kind::Listener, listen, path + u"/listen"_s,
                RiskText::tr("Its screen (%1) can be reached in the network “%2”.")
                    .arg(type, listen.attribute(u"network"_s)));
        }
    }
    QStringList seen;
    for (const auto &[element, address] : std::as_const(addresses)) {
        if (!isLoopback(address) && !seen.contains(address)) {
            seen << address;
            const bool open = graphics.attribute(u"passwd"_s).isEmpty();
            add(open ? Severity::Danger : Severity::Warning, Kind::Listener, element,
                element.name() == "listen"_L1 ? path + u"/listen"_s : path,
                open ? RiskText::tr("Its screen (%1) can be reached from other computers at %2, without a password.")
                           .arg(type, address)
                     : RiskText::tr("Its screen (%1) can be reached from other computers at %2.").arg(type, address));
        }
    }
    if (!graphics.attribute(u"passwd"_s).isEmpty()) {
        add(Severity::Note, Kind::Listener, graphics, path,
            RiskText::tr("The password of its screen (%1) stands in the file: whoever gave it to you knows it.")
                .arg(type));
    }
    if (type == "sdl"_L1 || type == "egl-headless"_L1 || graphics.find(u"gl"_s).attribute(u"enable"_s) == "yes"_L1) {
        add(Severity::Warning, Kind::HostDevice, graphics, path,
            RiskText::tr("The guest's drawing runs in the host's graphics driver (%1).").arg(type));
    }
}

void RiskReader::hostDevice(const Element &device, const QString &path)
{
    const QString type = device.attribute(u"type"_s);
    const QString mode = device.attribute(u"mode"_s);
    const Element source = device.child(u"source"_s);
    if (mode == "capabilities"_L1) {
        add(Severity::Danger, Kind::HostDevice, device, path,
            RiskText::tr("The container takes a device of the host (%1).").arg(type));
    } else if (type == "mdev"_L1) {
        add(Severity::Danger, Kind::HostDevice, device, path,
            RiskText::tr("It takes a mediated device of the host: %1.")
                .arg(source.child(u"address"_s).attribute(u"uuid"_s)));
    } else {
        add(Severity::Danger, Kind::HostDevice, device, path,
            RiskText::tr("It takes a device of the host (%1) for itself.").arg(type));
    }
}

void RiskReader::otherDevice(const Element &device, const QString &path)
{
    const QString name = device.name();
    const QString backend = device.child(u"backend"_s).attribute(u"type"_s);
    if (name == "emulator"_L1) {
        const QString program = device.text().trimmed();
        static const QStringList usual = {u"/usr/bin/"_s, u"/usr/libexec/"_s, u"/usr/lib/xen"_s, u"/usr/lib/libvirt/"_s,
            u"/run/libvirt/nix-emulators/"_s};
        const bool known = !program.contains("/../"_L1)
            && std::ranges::any_of(usual, [&program](const QString &prefix) { return program.startsWith(prefix); })
            && (program.contains("qemu"_L1) || program.contains("libvirt"_L1) || program.contains("xen"_L1));
        add(known ? Severity::Note : Severity::Danger, Kind::Script, device, path,
            known ? RiskText::tr("It names its emulator: “%1”.").arg(program)
                  : RiskText::tr("It runs “%1” as its emulator, a program of its own choice.").arg(program));
    } else if (name == "filesystem"_L1) {
        add(Severity::Danger, Kind::SharedFolder, device, path,
            RiskText::tr("The guest sees a folder of the host: “%1”.")
                .arg(device.child(u"source"_s).attribute(u"dir"_s)));
        if (const Element binary = device.child(u"binary"_s)) {
            add(Severity::Danger, Kind::Script, binary, path + u"/binary"_s,
                RiskText::tr("It runs “%1” on the host.").arg(binary.attribute(u"path"_s)));
        }
    } else if (name == "shmem"_L1) {
        add(Severity::Warning, Kind::HostChannel, device, path,
            RiskText::tr("It shares memory with other machines and programs: “%1”.").arg(device.attribute(u"name"_s)));
    } else if (name == "vsock"_L1) {
        add(Severity::Warning, Kind::HostChannel, device, path,
            RiskText::tr("The guest can talk with programs of the host that listen for it (vsock)."));
    } else if (name == "tpm"_L1 && (backend == "passthrough"_L1 || backend == "external"_L1)) {
        add(Severity::Danger, Kind::HostDevice, device, path, RiskText::tr("It takes the host's own TPM."));
    } else if (name == "crypto"_L1 || (name == "rng"_L1 && backend == "udp"_L1)) {
        add(Severity::Note, Kind::HostDevice, device, path,
            RiskText::tr("It uses a service of the host (%1).").arg(name));
    } else if (name == "input"_L1
        && (device.attribute(u"type"_s) == "passthrough"_L1 || device.attribute(u"type"_s) == "evdev"_L1)) {
        add(Severity::Danger, Kind::HostDevice, device, path,
            RiskText::tr("It takes an input device of the host, and sees what is typed on it."));
    } else if (name == "nvdimm"_L1 || name == "memory"_L1) {
        if (const Element source = device.find(u"source/path"_s)) {
            add(Severity::Warning, Kind::HostPath, source, path + u"/source"_s,
                RiskText::tr("It reads and writes “%1” on the host.").arg(source.text().trimmed()));
        }
    } else if (name == "audio"_L1 && device.attribute(u"type"_s) == "file"_L1) {
        add(Severity::Warning, Kind::HostPath, device, path,
            RiskText::tr("It writes to “%1” on the host.").arg(device.attribute(u"path"_s)));
    } else if (name == "lease"_L1) {
        add(Severity::Warning, Kind::HostPath, device, path,
            RiskText::tr("It uses a lock file of the host: “%1”.").arg(device.child(u"target"_s).attribute(u"path"_s)));
    }
}

void RiskReader::readDevices(const Element &devices)
{
    static const QStringList characters = {
        u"serial"_s, u"parallel"_s, u"console"_s, u"channel"_s, u"smartcard"_s, u"redirdev"_s};
    QHash<QString, int> count;
    const auto children = devices.children();
    for (const Element &device : children) {
        const QString name = device.name();
        const QString path = u"devices/%1[%2]"_s.arg(name).arg(++count[name]);
        if (name == "disk"_L1) {
            disk(device, path);
        } else if (name == "interface"_L1) {
            interface(device, path);
        } else if (name == "graphics"_L1) {
            graphics(device, path);
        } else if (name == "hostdev"_L1) {
            hostDevice(device, path);
        } else if (characters.contains(name)) {
            if (name == "smartcard"_L1 && device.attribute(u"mode"_s).startsWith("host"_L1)) {
                add(Severity::Danger, Kind::HostDevice, device, path,
                    RiskText::tr("It uses the smart cards or certificates of the host."));
            }
            if (name == "redirdev"_L1) {
                add(Severity::Note, Kind::HostDevice, device, path,
                    RiskText::tr("Who looks at its screen can hand it USB devices."));
            }
            character(device, path);
        } else if (name == "rng"_L1 && device.child(u"backend"_s).attribute(u"model"_s) == "egd"_L1) {
            const Element backend = device.child(u"backend"_s);
            characterSource(
                backend, backend.child(u"source"_s), backend.attribute(u"type"_s), path + u"/backend/source"_s);
        } else {
            otherDevice(device, path);
        }
    }
}

QList<ImportRisk> RiskReader::read(const Element &domain)
{
    readTop(domain);
    readOs(domain.child(u"os"_s));
    readResources(domain);
    readMetadata(domain.child(u"metadata"_s));
    readDevices(domain.child(u"devices"_s));
    std::ranges::stable_sort(m_risks, [](const ImportRisk &a, const ImportRisk &b) { return a.severity > b.severity; });
    return m_risks;
}

} // namespace

Result<QList<ImportRisk>> importRisks(const QString &domainXml, const ImportHost &host)
{
    const auto document = Document::parse(domainXml);
    if (!document) {
        return fail(document.error());
    }
    if (document->root().name() != "domain"_L1) {
        return fail(Error::invalid(
            RiskText::tr("This is no definition of a virtual machine but <%1>.").arg(document->root().name())));
    }
    return RiskReader(host).read(document->root());
}

} // namespace vireo::xml
