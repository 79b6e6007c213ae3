// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "backend/os/oscatalog.h"

namespace vireo::os {

/** An installation tree of the database. */
struct KnownTree {
    QString osShortId;
    QString variant;
    QString arch;
    QString url; ///< without the last slash
    QString kernel;
    QString initrd;
};

/**
 * libosinfo's database behind plain values, for OsCatalog alone: its objects stay in the source file. Any thread; one
 * call at a time goes into the library.
 */
class OsinfoDatabase final
{
    Q_DISABLE_COPY_MOVE(OsinfoDatabase)

public:
    /** Null when the library can't read it; `problem` says why. `directory`: empty for the installed one. */
    static std::unique_ptr<OsinfoDatabase> load(const QString &directory, QString &problem);
    ~OsinfoDatabase();

    QList<Os> systems() const;
    QList<KnownTree> trees() const;
    Result<std::optional<Detected>> identifyMedia(const QString &path, std::stop_token stop) const;
    std::optional<Detected> identifyTree(const QByteArray &treeInfo, const QString &location) const;

private:
    struct Private;
    explicit OsinfoDatabase(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::os
