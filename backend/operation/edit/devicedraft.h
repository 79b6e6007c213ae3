// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QJsonObject>
#include <QStringList>

#include "backend/base/error.h"
#include "backend/operation/create/createdraft.h"

/** The drafts "attach" and "detach", and the small changes of "edit". Pure; any thread. */
namespace vireo::operation {

/** A disk to be attached, or one that is there. */
struct DiskDraft {
    enum class Source { None, File, Volume, Block, Network };
    Source source = Source::None;
    QString path;     ///< file, block device
    QString pool;     ///< of a volume
    QString volume;   ///< of a volume
    QString protocol; ///< of a network disk: nbd, rbd, iscsi …
    QString name;     ///< what the server calls it
    QString host;     ///< of the server; empty: what the protocol takes for granted
    int port = 0;     ///< 0: the protocol's own
    QString socket;   ///< a local socket in place of host and port
    QString target;   ///< vdb; empty: the next free one
    QString bus;      ///< empty: what the VM's other disks have
    QString format;   ///< raw, qcow2 …; empty: as the host says, else raw
    QString cache;    ///< empty: the hypervisor's default
    QString serial;
    bool cdrom = false;
    bool readOnly = false;
    bool shareable = false;
    friend bool operator==(const DiskDraft &, const DiskDraft &) = default;
};

/** A network card to be attached, or one that is there. */
struct NicDraft {
    QString network;
    QString bridge;
    bool user = false;
    QString model; ///< empty: what the VM's other cards have
    QString mac;   ///< empty: libvirt makes one up
    friend bool operator==(const NicDraft &, const NicDraft &) = default;
};

/** "attach" or "detach": one of the two. */
struct DeviceDraft {
    bool attach = true;
    std::optional<DiskDraft> disk;
    std::optional<NicDraft> nic;
    friend bool operator==(const DeviceDraft &, const DeviceDraft &) = default;
};

class DraftReader;
/** Reads the keys "disk" and "nic" strictly. */
DeviceDraft readDeviceDraft(DraftReader &reader, bool attach, QList<DraftError> &errors);

/** The definition with the device, and with a controller where its bus needs one. Error: no target is free, it is
 * taken. */
Result<QString> withDevice(const QString &definition, const DeviceDraft &draft);
/** The definition without the one device that the draft describes. Error: there is none, or several. */
Result<QString> withoutDevice(const QString &definition, const DeviceDraft &draft);

/** Texts of a domain; nothing stays as it is, and an empty text is removed. */
struct TextsDraft {
    std::optional<QString> title;
    std::optional<QString> description;
    std::optional<QStringList> tags; ///< in Vireo's metadata
    bool isEmpty() const { return !title && !description && !tags; }
    friend bool operator==(const TextsDraft &, const TextsDraft &) = default;
};
Result<QString> withTexts(const QString &definition, const TextsDraft &texts);

} // namespace vireo::operation
