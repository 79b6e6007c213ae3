// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "backend/job/journalformat.h"

namespace vireo::job {

/**
 * The journal of one job, open for writing and locked: while this lives no other process, and no other part of this
 * one, runs the job. Each record is on disk when append() returns. One thread at a time (the job's).
 */
class JournalFile final
{
    Q_DISABLE_COPY_MOVE(JournalFile)

public:
    /** For tests, which kill the process there. `fd` is the file, `line` what is or was written to it. */
    enum class Moment { Before, After };
    using Hook = std::function<void(Moment moment, int fd, QByteArrayView line)>;

    /** Takes over `fd`, which holds the lock and whose file is `length` long. */
    JournalFile(int fd, qint64 length, Hook hook);
    ~JournalFile();

    /** One write and fdatasync. On error nothing of the record stays, so that a later one may succeed. */
    Result<> append(const QJsonObject &record);

private:
    int m_fd;
    qint64 m_length;
    bool m_broken = false; ///< half a record could not be taken away again
    Hook m_hook;
};

/**
 * The write-ahead journal: a directory (0700) with one file (0600) of JSON lines per job; journalformat.h says what
 * is in it. GUI and command line share it: a job is locked (OFD lock on its file) by the process that runs it, and a
 * job that is neither locked nor ended was interrupted. Plans may hold password hashes, hence the modes; nothing secret
 * is added to them, and no password of a URI is written.
 *
 * All calls block on files: any thread but the GUI's. Thread-safe; holds no state but the path.
 */
class Journal final
{
    Q_DISABLE_COPY_MOVE(Journal)

public:
    explicit Journal(QString directory, JournalFile::Hook hook = {});

    QString directory() const { return m_directory; }

    /** Begins the journal of a job that is about to run: its plan, and the URIs of the hosts that it names. */
    Result<std::unique_ptr<JournalFile>> create(const JobRecord &job, const QHash<virt::HostId, QString> &hosts) const;

    struct Opened {
        std::unique_ptr<JournalFile> file;
        JournalEntry entry;
    };
    /** Takes over an interrupted job, or a stuck one. Fails when another process runs it, or has ended it meanwhile. */
    Result<Opened> open(const JobId &id) const;

    /** All jobs, oldest first; what can't be read is among them (JournalEntry::Standing::Unreadable). */
    Result<QList<JournalEntry>> list() const;
    /** One job, as list() shows it. */
    Result<JournalEntry> read(const JobId &id) const;

    /** Deletes ended jobs but for the newest `keep`. Unended and unreadable ones always stay. */
    Result<> prune(int keep = 200) const;
    /** Deletes a job that has ended; any other is left alone. */
    Result<> remove(const JobId &id) const;

private:
    QString path(const JobId &id) const;
    Result<> prepareDirectory() const;
    Result<> syncDirectory() const;
    JournalEntry readFile(const QString &fileName) const;

    const QString m_directory;
    const JournalFile::Hook m_hook;
};

} // namespace vireo::job
