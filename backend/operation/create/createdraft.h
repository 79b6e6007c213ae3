// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QJsonObject>

#include "backend/base/error.h"

namespace vireo::operation {

/**
 * What the New VM wizard asks for, as a document (operation "create"): saved as a template, copied out of the wizard,
 * run from the command line. An unknown key is an error with its JSON path, never ignored. Holds no plain password:
 * what the seed says of users is hashed while it is read.
 */
struct CreateDraft {
    enum class SourceKind {
        Image,  ///< a disk image: overlay on a base volume, or a full copy
        Iso,    ///< an installation medium and an empty disk
        Tree,   ///< a network installation tree (path: URL or local directory) and an empty disk
        Kernel, ///< direct kernel boot, for good
        Disk,   ///< an existing volume, used as it is
        Pxe,    ///< an empty disk, and the network first
        None,   ///< an empty disk
        Xml     ///< a domain XML from elsewhere (path)
    };
    struct Volume {
        QString pool;
        QString name;
        friend bool operator==(const Volume &, const Volume &) = default;
    };
    /** What the domain boots from without a boot loader: local files. */
    struct Kernel {
        QString kernel;
        QString initrd;
        QString cmdline; ///< also added to what a tree needs
        QString dtb;
        friend bool operator==(const Kernel &, const Kernel &) = default;
    };
    enum class DiskKind { Blank, Ephemeral, Swap, Volume };
    /** A further disk; the root disk follows from the source. */
    struct Disk {
        DiskKind kind = DiskKind::Blank;
        quint64 bytes = 0; ///< not for an existing volume
        QString fs;        ///< ephemeral: ext4, xfs or vfat
        QString label;     ///< ephemeral and swap; empty: ephemeral0, ephemeral1 … or none
        QString format;    ///< blank: qcow2 or raw; empty: qcow2
        Volume volume;     ///< existing
        QString bus;       ///< empty: as the root disk
        QString cache;     ///< none, writeback …; empty: the hypervisor's
        QString discard;   ///< unmap or ignore; empty: unmap
        QString serial;
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    enum class NicKind { Network, Bridge, Macvtap, User };
    struct Nic {
        NicKind kind = NicKind::Network;
        QString source; ///< network, bridge, or the host's device for macvtap
        QString model;  ///< empty: what suits the operating system
        QString mac;    ///< empty: libvirt makes one
        friend bool operator==(const Nic &, const Nic &) = default;
    };
    enum class Firmware { Auto, Bios, Efi, EfiSecure };
    enum class VirtType { Auto, Kvm, Qemu };
    /** Zero: not said. */
    struct Topology {
        int sockets = 0;
        int cores = 0;
        int threads = 0;
        bool isSet() const { return sockets > 0; }
        friend bool operator==(const Topology &, const Topology &) = default;
    };
    enum class Graphics { Auto, Vnc, Spice, None };

    QString host; ///< URI
    QString name; ///< with count above 1: "web" gives web-1, web-2 …, "web##" gives web01, web02 …
    int count = 1;

    SourceKind source = SourceKind::Image;
    QString path;                 ///< local file, tree, or
    std::optional<Volume> volume; ///< a volume on the host
    Kernel kernel;
    bool adoptChain = false; ///< the user takes the image's backing files as his own: they are merged into one image
    QString imageFormat;     ///< convert to: qcow2 or raw; empty: as the image is, where that can be used
    bool fullCopy = false;   ///< copy: "full" instead of "overlay"

    quint64 memoryMiB = 1024;
    quint64 maxMemoryMiB = 0; ///< 0: as memory
    int vcpus = 1;
    int maxVcpus = 0; ///< 0: as vcpus
    Topology topology;
    QString cpu; ///< empty: auto; else host-passthrough, host-model, maximum or a model's name

    std::optional<double> rootGiB; ///< none: the image's own size; 0: no root disk (kernel, pxe)
    QString rootBus;               ///< empty: what suits the operating system
    QString pool = QStringLiteral("default");
    QList<Disk> disks;
    QList<Nic> nics;

    VirtType virtType = VirtType::Auto;
    QString machine; ///< empty: q35 or virt, as the host and the operating system can
    Firmware firmware = Firmware::Auto;
    std::optional<bool> tpm; ///< none: as the operating system needs
    Graphics graphics = Graphics::Auto;
    QString listen; ///< empty: 127.0.0.1
    bool agent = true;
    bool rng = true;
    bool balloon = true;

    QString os;                       ///< libosinfo's short id; empty: detected, "generic": none
    std::optional<QJsonObject> seed;  ///< seed::SeedDraft::toJson(): checked, with hashes instead of passwords
    std::optional<QString> customXml; ///< the whole domain as the user edited it; replaces what would be made

    bool start = true;
    bool paused = false; ///< started, but with stopped CPUs
    bool autostart = false;
    QString title;
    QString description;
    QStringList tags;

    QJsonObject toJson() const;
    friend bool operator==(const CreateDraft &, const CreateDraft &) = default;
};

/** What is wrong with a draft document, each with its JSON path ("$.source.kind"). */
struct DraftError {
    QString path;
    QString message;
    friend bool operator==(const DraftError &, const DraftError &) = default;
};
/** Hashing a plain password of the seed takes some 100 ms: a worker thread when the document may hold one. */
std::expected<CreateDraft, QList<DraftError>> createDraftFromJson(const QJsonObject &json);

/** One draft per VM: itself, or `count` of them with numbered names. */
QList<CreateDraft> expandDraft(const CreateDraft &draft);

} // namespace vireo::operation
