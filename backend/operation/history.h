// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QList>
#include <QUuid>

#include "backend/base/error.h"

namespace vireo::operation {

/** A definition as it was before a change. */
struct HistoryEntry {
    QString id;     ///< names the entry within its domain
    QDateTime time; ///< when it was replaced
    QString cause;  ///< by what: "Edited as XML"
    QString domainName;
    QString xml; ///< with secrets; only read() fills it
    friend bool operator==(const HistoryEntry &, const HistoryEntry &) = default;
};

/**
 * The previous definitions of domains: files of mode 0600 below a directory of mode 0700
 * ($XDG_STATE_HOME/vireo/history/HOST/DOMAIN), where HOST is made from the connection's URI. They hold passwords. At
 * most `maxEntries` a domain: the oldest go first. Files are written whole and synced before they count, so that a kill
 * leaves either none or all of one. Blocking: worker threads; several processes may use it at once.
 */
class DefinitionHistory final
{
public:
    static constexpr int maxEntries = 100;

    explicit DefinitionHistory(QString directory);
    /** $XDG_STATE_HOME/vireo/history. */
    static QString defaultDirectory();
    /** An id for an entry that is made now: unique, and sorted by time. */
    static QString newId();

    /** Error: the directory can't be written; then nothing must be changed. Adding the same `id` again is nothing. */
    Result<> add(const QString &hostUri, const QUuid &domain, const HistoryEntry &entry);
    /** Newest first, without their XML. A file that can't be read is left out. */
    Result<QList<HistoryEntry>> list(const QString &hostUri, const QUuid &domain) const;
    Result<HistoryEntry> read(const QString &hostUri, const QUuid &domain, const QString &id) const;
    /** Keeps a definition that is yet to be applied, for its passwords: they must not pass through plans and journals.
     *  read() finds it by the id that this gives; list() does not show it, and it goes after a while. */
    Result<QString> setAside(const QString &hostUri, const QUuid &domain, const QString &xml);
    /** For a change that was taken back, or never came about. One that is not there is fine. */
    Result<> remove(const QString &hostUri, const QUuid &domain, const QString &id);

private:
    QString pathOf(const QString &hostUri, const QUuid &domain) const;
    DefinitionHistory aside() const;

    QString m_directory;
};

} // namespace vireo::operation
