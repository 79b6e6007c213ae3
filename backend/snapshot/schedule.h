// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QJsonObject>
#include <QList>
#include <QStringList>
#include <QUuid>

#include "backend/base/error.h"

namespace vireo::snapshot {

/** Snapshots that Vireo takes by itself while it runs: of one VM every so often, of which so many are kept. A value. */
struct Schedule {
    enum class Unit { Hours, Days };
    static constexpr int maxEvery = 999;
    static constexpr int maxKeep = 100;

    QString hostUri; ///< as in the list of hosts
    QUuid domain;
    QString domainName; ///< when it was last seen, for messages
    bool enabled = true;
    int every = 1;
    Unit unit = Unit::Days;
    int keep = 7;
    bool memory = false;
    bool quiesce = false; ///< when the agent is there

    QDateTime since;           ///< UTC; when it was made or changed: the first is due one interval later
    QDateTime taken;           ///< UTC; when the last one was taken
    QDateTime tried;           ///< UTC; the last attempt that failed
    QString problem;           ///< why; empty when the last one worked
    QStringList names;         ///< those that it took and that are there, oldest first: only these does it ever delete
    bool tookWhileOff = false; ///< the last was of a VM that was off: until it runs there is nothing new

    qint64 intervalSeconds() const;
    /** UTC. A failed attempt is repeated after a quarter of the interval, a quarter of an hour at most. */
    QDateTime dueAt() const;
    /** `isOff`: the VM is off now. */
    bool isDue(const QDateTime &now, bool isOff) const;
    /** Those names that are too many; the oldest first. */
    QStringList superfluous() const;
    /** "auto-2026-11-21-1940", in local time; with a number behind it when the VM has that. */
    static QString nameFor(const QDateTime &now, const QStringList &existing);

    QJsonObject toJson() const;
    static Result<Schedule> fromJson(const QJsonObject &json);
    friend bool operator==(const Schedule &, const Schedule &) = default;
};

/** All schedules in one file of mode 0600. Blocking: a worker thread. */
class ScheduleFile final
{
public:
    explicit ScheduleFile(QString path);
    /** $XDG_STATE_HOME/vireo/snapshot-schedules.json */
    static QString defaultPath();

    /** None when there is no such file. Error: it can't be read; then it must not be written over. */
    Result<QList<Schedule>> load() const;
    Result<> save(const QList<Schedule> &schedules) const;

private:
    QString m_path;
};

} // namespace vireo::snapshot
