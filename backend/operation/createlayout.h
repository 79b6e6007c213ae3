// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create.h"

namespace vireo::operation {

/**
 * Which volumes a new domain gets: names, paths and sizes, worked out once from draft and facts, so that the XML and
 * the steps agree. Sizes in bytes. Pure value.
 */
struct CreateLayout {
    /** A volume that is filled from the draft's local file: the base of an overlay, a full copy, or an ISO. */
    struct Upload {
        QString name;
        QString format;        ///< as libvirt says it: raw, qcow2, iso
        bool shared = false;   ///< others may use it too: never written again, kept while anybody needs it
        bool complete = false; ///< the pool has it already
    };
    bool poolMissing = false;
    bool poolInactive = false;
    QString target; ///< the pool's directory
    std::optional<Upload> upload;
    QString backingPath; ///< of the root disk; empty: none
    QString backingFormat;
    QString rootName; ///< volume of the root disk; empty: it has none, or it is an existing one
    QString rootPath;
    QString rootFormat;
    quint64 rootCapacity = 0;
    bool rootIsUpload = false; ///< a full copy: the upload itself is the root disk
    QString mediumPath;        ///< the CD-ROM
    bool pretend = false;      ///< the demo driver has no place for data: volumes are made, nothing is uploaded
};

CreateLayout layoutOf(const CreateDraft &draft, const CreateFacts &facts);

/** The pool of the draft, if the host has it. */
const virt::storage::Pool *poolOf(const CreateDraft &draft, const CreateFacts &facts);

/** The source's virtual size in bytes; 0: there is none or it is unknown. */
quint64 sourceSize(const CreateFacts &facts);

/** XML of a volume to be made; empty backing path: none. `format` raw with capacity 0 makes an empty file to be filled.
 */
QString volumeXml(const QString &name, const QString &format, quint64 capacity, const QString &backingPath,
    const QString &backingFormat);
QString poolXml(const QString &name, const QString &target);

} // namespace vireo::operation
