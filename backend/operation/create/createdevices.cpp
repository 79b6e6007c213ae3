// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/createdevices.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

using xml::Element;

bool CreateChoices::efi() const
{
    if (m_draft.firmware == CreateDraft::Firmware::Auto) {
        return (isVirtBoard() && !isTestDriver()) || (m_facts.os && m_facts.os->needs.requiresEfi(m_facts.caps.arch));
    }
    return m_draft.firmware != CreateDraft::Firmware::Bios;
}

bool CreateChoices::secureBoot() const
{
    return m_draft.firmware == CreateDraft::Firmware::EfiSecure;
}

/** As virt-manager does: with UEFI, where the host can. */
bool CreateChoices::tpm() const
{
    const bool can = m_facts.caps.hasEmulatedTpm();
    return m_draft.tpm.value_or(can && (secureBoot() || (efi() && isX86()) || (m_facts.os && m_facts.os->needs.tpm)));
}

QString CreateChoices::diskBus() const
{
    if (!m_draft.rootBus.isEmpty()) {
        return m_draft.rootBus;
    }
    const QStringList offered = m_facts.caps.diskBuses();
    const bool virtio = supports(&os::Needs::virtioDisk) && (offered.isEmpty() || offered.contains(u"virtio"_s));
    return virtio ? u"virtio"_s : isX86() && !isQ35() ? u"ide"_s : u"sata"_s;
}

QString CreateChoices::cdromBus() const
{
    return isQ35() || isTestDriver() ? u"sata"_s : isX86() ? u"ide"_s : u"scsi"_s;
}

/** Cloud kernels know the bus of their root disk but often no AHCI: Debian's would not see a seed behind SATA. */
QString CreateChoices::seedBus() const
{
    const QString root = diskBus();
    return !isTestDriver() && (root == "virtio"_L1 || root == "scsi"_L1) ? u"scsi"_s : cdromBus();
}

QString CreateChoices::nicModel() const
{
    if (supports(&os::Needs::virtioNet)) {
        return u"virtio"_s;
    }
    return isQ35() && m_facts.os->needs.e1000e ? u"e1000e"_s : u"e1000"_s;
}

QString CreateChoices::graphics() const
{
    switch (m_draft.graphics) {
    case CreateDraft::Graphics::None:
        return {};
    case CreateDraft::Graphics::Vnc:
        return u"vnc"_s;
    case CreateDraft::Graphics::Spice:
        return u"spice"_s;
    case CreateDraft::Graphics::Auto:
        break;
    }
    // VNC first: every QEMU has it, and every viewer.
    const QStringList offered = m_facts.caps.graphics();
    return !offered.isEmpty() && !offered.contains(u"vnc"_s) && offered.contains(u"spice"_s) ? u"spice"_s : u"vnc"_s;
}

QString CreateChoices::videoModel() const
{
    const QStringList offered = m_facts.caps.videoModels();
    const auto offers = [&](const QString &model) {
        return offered.contains(model);
    };
    if (supports(&os::Needs::virtioGpu) && (offers(u"virtio"_s) || (!isX86() && offered.isEmpty()))) {
        return u"virtio"_s;
    }
    if (graphics() == "spice"_L1 && offers(u"qxl"_s)) {
        return u"qxl"_s;
    }
    return efi() && offers(u"bochs"_s) ? u"bochs"_s : u"vga"_s;
}

bool CreateChoices::usb3() const
{
    return supports(&os::Needs::usb3);
}

Element addElement(Element parent, const QString &name, std::initializer_list<std::pair<QString, QString>> attributes)
{
    Element element = parent.append(name);
    for (const auto &[key, value] : attributes) {
        element.setAttribute(key, value);
    }
    return element;
}

QStringList macsOf(const CreateDraft &draft, const CreateFacts &facts)
{
    QStringList macs;
    for (qsizetype i = 0; i < draft.nics.size(); ++i) {
        const QString &own = draft.nics.at(i).mac;
        macs << (own.isEmpty() && draft.seed ? facts.newMacs.value(i) : own);
    }
    return macs;
}

namespace {

/** Adds the devices in the order in which virt-manager and virsh users expect to read them. */
class DeviceWriter final
{
    Q_DISABLE_COPY_MOVE(DeviceWriter)

public:
    DeviceWriter(Element devices, const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
        : m_devices(devices)
        , m_draft(draft)
        , m_layout(layout)
        , m_choices(draft, facts)
        , m_macs(macsOf(draft, facts))
        , m_test(facts.isTestDriver())
    {}

    void write()
    {
        addDisks();
        addNics();
        if (!m_test) {
            Element usb = add(u"controller"_s, {{u"type"_s, u"usb"_s}});
            if (m_choices.usb3()) {
                usb.setAttribute(u"model"_s, u"qemu-xhci"_s);
            }
        }
        add(u"serial"_s, {{u"type"_s, u"pty"_s}});
        addElement(add(u"console"_s, {{u"type"_s, u"pty"_s}}), u"target"_s, {{u"type"_s, u"serial"_s}});
        if (m_draft.agent && !m_test) {
            addElement(add(u"channel"_s, {{u"type"_s, u"unix"_s}}), u"target"_s,
                {{u"type"_s, u"virtio"_s}, {u"name"_s, u"org.qemu.guest_agent.0"_s}});
        }
        addScreen();
        if (!m_test) {
            addRest();
        }
    }

private:
    Element add(const QString &name, std::initializer_list<std::pair<QString, QString>> attributes)
    {
        return addElement(m_devices, name, attributes);
    }

    /** vda, vdb …; sda and hda for the other buses, CD-ROMs among them. */
    QString nextTarget(const QString &bus)
    {
        const QString prefix = bus == "virtio"_L1 ? u"vd"_s
            : bus == "ide"_L1                     ? u"hd"_s
            : bus == "fdc"_L1                     ? u"fd"_s
            : bus == "xen"_L1                     ? u"xvd"_s
                                                  : u"sd"_s;
        int number = m_targets[prefix]++;
        QString letters;
        do {
            letters.prepend(QChar(u'a' + number % 26));
            number = number / 26 - 1;
        } while (number >= 0);
        return prefix + letters;
    }

    struct DiskOptions {
        QString path;
        QString format;
        QString bus;
        QString cache;
        QString discard;
        QString serial;
    };

    void addDisk(const DiskOptions &options)
    {
        Element disk = add(u"disk"_s, {{u"type"_s, u"file"_s}, {u"device"_s, u"disk"_s}});
        Element driver = addElement(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, options.format}});
        if (!options.cache.isEmpty()) {
            driver.setAttribute(u"cache"_s, options.cache);
        }
        driver.setAttribute(u"discard"_s, options.discard.isEmpty() ? u"unmap"_s : options.discard);
        addElement(disk, u"source"_s, {{u"file"_s, options.path}});
        addElement(disk, u"target"_s, {{u"dev"_s, nextTarget(options.bus)}, {u"bus"_s, options.bus}});
        if (!options.serial.isEmpty()) {
            disk.append(u"serial"_s, options.serial);
        }
        m_scsi = m_scsi || options.bus == "scsi"_L1;
    }

    void addMedium(const QString &path, const QString &bus)
    {
        Element disk = add(u"disk"_s, {{u"type"_s, u"file"_s}, {u"device"_s, u"cdrom"_s}});
        addElement(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, u"raw"_s}});
        addElement(disk, u"source"_s, {{u"file"_s, path}});
        addElement(disk, u"target"_s, {{u"dev"_s, nextTarget(bus)}, {u"bus"_s, bus}});
        disk.append(u"readonly"_s);
        m_scsi = m_scsi || bus == "scsi"_L1;
    }

    void addDisks()
    {
        const QString rootBus = m_choices.diskBus();
        if (!m_layout.rootPath.isEmpty()) {
            addDisk({m_layout.rootPath, m_layout.rootFormat, rootBus, {}, {}, {}});
        }
        for (const CreateLayout::Disk &disk : m_layout.disks) {
            const CreateDraft::Disk &wanted = disk.wanted;
            addDisk({disk.path, disk.format, wanted.bus.isEmpty() ? rootBus : wanted.bus, wanted.cache, wanted.discard,
                wanted.serial});
        }
        if (!m_layout.mediumPath.isEmpty()) {
            addMedium(m_layout.mediumPath, m_choices.cdromBus());
        }
        if (!m_layout.seedPath.isEmpty()) {
            addMedium(m_layout.seedPath, m_choices.seedBus());
        }
        if (m_scsi) {
            add(u"controller"_s, {{u"type"_s, u"scsi"_s}, {u"model"_s, u"virtio-scsi"_s}});
        }
    }

    void addNics()
    {
        using NicKind = CreateDraft::NicKind;
        for (qsizetype i = 0; i < m_draft.nics.size(); ++i) {
            const CreateDraft::Nic &nic = m_draft.nics.at(i);
            const QString mac = m_macs.value(i);
            const QString type = nic.kind == NicKind::Network ? u"network"_s
                : nic.kind == NicKind::Bridge                 ? u"bridge"_s
                : nic.kind == NicKind::Macvtap                ? u"direct"_s
                                                              : u"user"_s;
            Element interface = add(u"interface"_s, {{u"type"_s, type}});
            if (!mac.isEmpty()) {
                addElement(interface, u"mac"_s, {{u"address"_s, mac}});
            }
            if (nic.kind == NicKind::Macvtap) {
                addElement(interface, u"source"_s, {{u"dev"_s, nic.source}, {u"mode"_s, u"bridge"_s}});
            } else if (nic.kind != NicKind::User) {
                addElement(interface, u"source"_s, {{type, nic.source}});
            }
            addElement(interface, u"model"_s, {{u"type"_s, nic.model.isEmpty() ? m_choices.nicModel() : nic.model}});
        }
    }

    void addScreen()
    {
        const QString kind = m_choices.graphics();
        if (kind.isEmpty()) {
            return;
        }
        add(u"input"_s, {{u"type"_s, u"tablet"_s}, {u"bus"_s, u"usb"_s}});
        if (m_choices.isVirtBoard()) {
            add(u"input"_s, {{u"type"_s, u"keyboard"_s}, {u"bus"_s, u"usb"_s}});
        }
        // The address keeps the screen off the network.
        Element graphics = add(u"graphics"_s, {{u"type"_s, kind}, {u"port"_s, u"-1"_s}, {u"autoport"_s, u"yes"_s}});
        addElement(graphics, u"listen"_s,
            {{u"type"_s, u"address"_s}, {u"address"_s, m_draft.listen.isEmpty() ? u"127.0.0.1"_s : m_draft.listen}});
        if (kind == "spice"_L1) {
            addElement(add(u"channel"_s, {{u"type"_s, u"spicevmc"_s}}), u"target"_s,
                {{u"type"_s, u"virtio"_s}, {u"name"_s, u"com.redhat.spice.0"_s}});
        }
        addElement(m_devices.append(u"video"_s), u"model"_s, {{u"type"_s, m_choices.videoModel()}});
    }

    void addRest()
    {
        if (m_choices.tpm()) {
            addElement(add(u"tpm"_s, {{u"model"_s, u"tpm-crb"_s}}), u"backend"_s,
                {{u"type"_s, u"emulator"_s}, {u"version"_s, u"2.0"_s}});
        }
        add(u"memballoon"_s, {{u"model"_s, m_draft.balloon ? u"virtio"_s : u"none"_s}});
        if (m_draft.rng) {
            add(u"rng"_s, {{u"model"_s, u"virtio"_s}})
                .append(u"backend"_s, u"/dev/urandom"_s)
                .setAttribute(u"model"_s, u"random"_s);
        }
    }

    Element m_devices;
    const CreateDraft &m_draft;
    const CreateLayout &m_layout;
    const CreateChoices m_choices;
    const QStringList m_macs;
    const bool m_test;
    bool m_scsi = false;
    QHash<QString, int> m_targets;
};

} // namespace

void addDevices(Element devices, const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    DeviceWriter(devices, draft, facts, layout).write();
}

} // namespace vireo::operation
