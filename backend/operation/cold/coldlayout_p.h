// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/operation/resize/resizecontent_p.h"

/** Which files of a VM that moves cold are made how. Private to backend/operation; pure. */
namespace vireo::operation {

/** A file that is made at the destination. */
struct ColdFile {
    FileMove move;
    bool isTop = false; ///< a disk's topmost: what the VM writes to
    enum class Way {
        Relay, ///< through this computer, byte for byte
        Send   ///< from host to host, what it says as a disk
    } way = Way::Relay;
    QString format;          ///< there
    snapshot::Chain chain;   ///< on the source, from it downwards, as recorded
    bool topOnly = false;    ///< what is beneath it goes on its own, or is there
    snapshot::Chain beneath; ///< there
    quint64 capacity = 0;    ///< bytes, as the guest sees them
    quint64 grown = 0;       ///< what it is grown to afterwards; 0: it stays
    ContentChange content;   ///< what lies on it; of swap nothing is copied
    /** What goes through this computer goes as it is: a disk that is to have another format, or one file instead of
     *  layers, is made there, of files that go again. */
    struct Passing {
        QString from;
        QString volume; ///< of `move.pool`
        snapshot::Layer there;
        quint64 bytes = 0;
    };
    QList<Passing> passing; ///< topmost first; empty: it goes as it is
};

/** A disk that both hosts see, of which nothing is copied: what the VM has been is kept beneath a new layer. */
struct ColdOverlay {
    QString target;
    snapshot::Layer before;  ///< on the source
    snapshot::Layer beneath; ///< the same file there
    snapshot::Chain chain;   ///< on the source, from `before` downwards
    QString path;            ///< of the layer, there
    quint64 capacity = 0;    ///< 0: that of what is beneath
    ContentChange content;
};

struct ColdLayout {
    MigrateLayout files;
    QList<ColdFile> made; ///< beneath others first
    QList<ColdOverlay> overlays;
    QList<job::Finding> findings;
    bool isReachable = false;         ///< from host to host
    virt::migration::Options options; ///< how, if so
    /** Of a disk there, topmost first; empty: it is none of a file of the host. */
    snapshot::Chain chainThere(const QString &target) const;
    QMap<QString, snapshot::Chain> chains; ///< the same by target
};

/** `facts`, of a VM that is off. `keeps`: so that it can be gone back to what it was. */
ColdLayout coldLayout(const ResizeFacts &resize, const MigrateFacts &facts, const ResizeDraft &draft,
    const MigrateDraft &way, bool keeps);

/** Whether QEMU of the source reaches the destination, as far as it was tried. */
bool reachesHost(const MigrateFacts &facts, const MigrateDraft &way);

} // namespace vireo::operation
