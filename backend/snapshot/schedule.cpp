// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/schedule.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include "backend/base/privatefile.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

struct ScheduleText {
    Q_DECLARE_TR_FUNCTIONS(snapshot_Schedule)
};

constexpr qint64 hour = 3600;
constexpr qint64 day = 24 * hour;
constexpr qint64 longestRetry = 900; // seconds
constexpr int version = 1;
constexpr qint64 maxLength = 16 << 20;

QString timeText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODate) : QString();
}

QDateTime timeOf(const QJsonValue &value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODate).toUTC();
}

} // namespace

qint64 Schedule::intervalSeconds() const
{
    return std::max(1, every) * (unit == Unit::Hours ? hour : day);
}

QDateTime Schedule::dueAt() const
{
    const QDateTime base = taken.isValid() && taken > since ? taken : since;
    const QDateTime regular = base.addSecs(intervalSeconds());
    const bool failed = !problem.isEmpty() && tried.isValid();
    return failed ? std::max(regular, tried.addSecs(std::min(longestRetry, intervalSeconds() / 4))) : regular;
}

bool Schedule::isDue(const QDateTime &now, bool isOff) const
{
    return enabled && dueAt() <= now && !(isOff && tookWhileOff);
}

QStringList Schedule::superfluous() const
{
    return names.mid(0, std::max<qsizetype>(0, names.size() - std::max(1, keep)));
}

QString Schedule::nameFor(const QDateTime &now, const QStringList &existing)
{
    const QString name = u"auto-"_s + now.toLocalTime().toString(u"yyyy-MM-dd-HHmm"_s);
    QString candidate = name;
    for (int number = 2; existing.contains(candidate); ++number) {
        candidate = name + u'-' + QString::number(number);
    }
    return candidate;
}

QJsonObject Schedule::toJson() const
{
    return {{u"host"_s, hostUri}, {u"domain"_s, domain.toString(QUuid::WithoutBraces)}, {u"name"_s, domainName},
        {u"enabled"_s, enabled}, {u"every"_s, every}, {u"unit"_s, unit == Unit::Hours ? u"hours"_s : u"days"_s},
        {u"keep"_s, keep}, {u"memory"_s, memory}, {u"quiesce"_s, quiesce}, {u"since"_s, timeText(since)},
        {u"taken"_s, timeText(taken)}, {u"tried"_s, timeText(tried)}, {u"problem"_s, problem},
        {u"names"_s, QJsonArray::fromStringList(names)}, {u"tookWhileOff"_s, tookWhileOff}};
}

Result<Schedule> Schedule::fromJson(const QJsonObject &json)
{
    Schedule schedule;
    schedule.hostUri = json[u"host"_s].toString();
    schedule.domain = QUuid::fromString(json[u"domain"_s].toString());
    schedule.domainName = json[u"name"_s].toString();
    schedule.enabled = json[u"enabled"_s].toBool();
    schedule.every = json[u"every"_s].toInt();
    const QString unit = json[u"unit"_s].toString();
    schedule.unit = unit == "hours"_L1 ? Unit::Hours : Unit::Days;
    schedule.keep = json[u"keep"_s].toInt();
    schedule.memory = json[u"memory"_s].toBool();
    schedule.quiesce = json[u"quiesce"_s].toBool();
    schedule.since = timeOf(json[u"since"_s]);
    schedule.taken = timeOf(json[u"taken"_s]);
    schedule.tried = timeOf(json[u"tried"_s]);
    schedule.problem = json[u"problem"_s].toString();
    const QJsonArray names = json[u"names"_s].toArray();
    for (const auto &name : names) {
        schedule.names << name.toString();
    }
    schedule.tookWhileOff = json[u"tookWhileOff"_s].toBool();
    const bool fits = !schedule.hostUri.isEmpty() && !schedule.domain.isNull() && schedule.since.isValid()
        && schedule.every >= 1 && schedule.every <= maxEvery && schedule.keep >= 1 && schedule.keep <= maxKeep
        && (unit == "hours"_L1 || unit == "days"_L1);
    return fits ? Result<Schedule>(schedule)
                : fail(Error::invalid(ScheduleText::tr("A snapshot schedule in the file makes no sense.")));
}

ScheduleFile::ScheduleFile(QString path)
    : m_path(std::move(path))
{}

QString ScheduleFile::defaultPath()
{
    return stateDirectory(u"snapshot-schedules.json"_s);
}

Result<QList<Schedule>> ScheduleFile::load() const
{
    QFile file(m_path);
    if (!file.exists()) {
        return QList<Schedule>();
    }
    const auto unreadable = [this](const QString &why) {
        return fail({Error::Kind::Failed,
            ScheduleText::tr("The snapshot schedules can't be read from “%1”: %2").arg(m_path, why),
            ScheduleText::tr("Mend or remove that file; until then no snapshot is taken by itself."), 0, 0});
    };
    if (file.size() > maxLength || !file.open(QIODevice::ReadOnly)) {
        return unreadable(file.errorString());
    }
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    if (error.error != QJsonParseError::NoError) {
        return unreadable(error.errorString());
    }
    if (document[u"version"_s].toInt() != version) {
        return unreadable(ScheduleText::tr("It was written by another version of Vireo."));
    }
    QList<Schedule> schedules;
    const QJsonArray entries = document[u"schedules"_s].toArray();
    for (const auto &entry : entries) {
        auto schedule = Schedule::fromJson(entry.toObject());
        if (!schedule) {
            return unreadable(schedule.error().message);
        }
        schedules.append(*std::move(schedule));
    }
    return schedules;
}

Result<> ScheduleFile::save(const QList<Schedule> &schedules) const
{
    QJsonArray entries;
    for (const Schedule &schedule : schedules) {
        entries.append(schedule.toJson());
    }
    if (Result<> made = makePrivatePath(QFileInfo(m_path).path()); !made) {
        return made;
    }
    return writePrivateFile(
        m_path, QJsonDocument(QJsonObject{{u"version"_s, version}, {u"schedules"_s, entries}}).toJson());
}

} // namespace vireo::snapshot
