// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QMap>

#include "backend/base/error.h"

namespace vireo::operation {

/** What is written differently at the destination. Plain data: a step carries it and rewrites the secure XML. */
struct MigrateRewrite {
    QMap<QString, QString> networks; ///< names of libvirt networks
    QMap<QString, QString> bridges;  ///< and other network devices of the host
    /** Files: disks, backing stores, media, NVRAM, kernel, initrd, emulator, memory of snapshots. A volume of a pool
     * that the XML names as such is "pool/volume" here. */
    QMap<QString, QString> paths;
    /** By target: file at the destination (a copied disk becomes type file there). Not within snapshots: what they name
     *  are layers, by `paths`. */
    QMap<QString, QString> disks;
    QStringList flattened; ///< targets whose backing stores are not named any more
    QStringList ejected;   ///< CD-ROMs and floppies that arrive empty
    QString listenAddress; ///< for what listens on an address of the source (isAddressOfHost()); empty: kept
    QString name;          ///< empty: the same
    QJsonObject toJson() const;
    static MigrateRewrite fromJson(const QJsonObject &json);
    friend bool operator==(const MigrateRewrite &, const MigrateRewrite &) = default;
};

/** Whether something that listens on it does so on one host only: no loopback address, and not "any". */
bool isAddressOfHost(const QString &address);

/** A domain's XML (live, stored, a snapshot's, with or without secrets) as the destination has to have it: graphics
 *  listen addresses (attribute and all <listen>), disks, networks, media. What it does not concern stays as it is.
 *  Pure; any thread. Errors: XmlText::parse's, or another document. */
Result<QString> rewriteForDestination(const QString &domainXml, const MigrateRewrite &rewrite);

/** What goes to libvirt: `secureXml` (of the source, with secrets) rewritten; or `edited`, a definition for the
 *  destination without secrets, with those of `secureXml`. Pure. */
Result<QString> destinationXml(const QString &secureXml, const MigrateRewrite &rewrite, const QString &edited);

/**
 * The head of a qcow2 file (its first `head.size()` bytes: 64 KiB are enough) with another backing file in its header.
 * Of the same length as before: what follows stays where it is. Errors: no qcow2 file, or one without a backing file;
 * no room for the path before the end of `head` or of the first cluster.
 */
Result<QByteArray> withBackingPath(const QByteArray &head, const QString &path);

} // namespace vireo::operation
