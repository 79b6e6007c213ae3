// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include <QList>
#include <QStringList>

#include "backend/os/os.h"

namespace vireo::os {

/** What was recognised on an installation medium or in an installation tree. */
struct Detected {
    QString osShortId; ///< for OsCatalog::find()
    QString variant;   ///< "Fedora Server"; may be empty
    QString arch;      ///< x86_64 …; empty: not said
    QString kernel;    ///< path on the medium or in the tree; may be empty
    QString initrd;
    QString volumeId; ///< of a medium
    bool live = false;
    bool installer = true;
    int installerReboots = 0; ///< how often the installer restarts the machine; 0: not said
    bool ejectAfterInstall = true;
    friend bool operator==(const Detected &, const Detected &) = default;
};

/**
 * The operating systems that libosinfo's database knows, and two entries of our own: "generic" and "generic-linux".
 * Immutable once loaded: any thread may read it. Detection blocks and belongs on a worker thread.
 */
class OsCatalog final
{
    Q_DISABLE_COPY_MOVE(OsCatalog)

public:
    /**
     * Reads the database: blocks up to a few seconds, on a worker thread. Never null: without a database it holds our
     * own entries alone, and problem() says so. `directory`: read this one instead of the installed ones (for tests).
     */
    static std::shared_ptr<const OsCatalog> load(const QString &directory = {});
    /** The installed database, read by whoever asks first and then kept for good: it never changes while we run.
     *  Blocks as load() does, also while another thread reads it. */
    static std::shared_ptr<const OsCatalog> shared();
    ~OsCatalog();

    QString problem() const; ///< why there are no entries; empty when all is well

    const QList<Os> &all() const; ///< by name, newest version first
    /** By short id or its aliases ("debian11", "debianbullseye") or URI; null: not known. Lives with the catalog. */
    const Os *find(const QString &id) const;
    const Os &generic() const;

    /**
     * What fits every word of `text`, best first: short id, beginning of the name, beginnings of words, anything; among
     * equals the newest version. An empty text gives all. `includeEol`: also those no longer supported.
     */
    QList<const Os *> search(const QString &text, bool includeEol = false) const;

    /** What a local ISO is. No value: a readable file that the database does not know. Errors: unreadable, cancelled.
     */
    Result<std::optional<Detected>> detectMedia(const QString &path, std::stop_token stop = {}) const;

    /** What the `.treeinfo` of a tree at `location` (a URL) describes; touches neither network nor disk. */
    std::optional<Detected> detectTreeInfo(const QByteArray &treeInfo, const QString &location) const;
    /** The tree of the database that is at this URL, or at the same place of a mirror. */
    std::optional<Detected> detectTreeUrl(const QString &location, const QString &arch) const;
    /** Which one of a distribution is called so: ("debian", "bullseye"). Null: none. */
    const Os *findCodename(const QString &distro, const QString &codename) const;

private:
    struct Private;
    explicit OsCatalog(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::os
