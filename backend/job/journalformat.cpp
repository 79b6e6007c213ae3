// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/journalformat.h"

#include <algorithm>
#include <array>
#include <utility>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace vireo::job::journalformat {

namespace {

struct JournalText {
    Q_DECLARE_TR_FUNCTIONS(Journal)
};

// In the order of the enumerations. These words are in saved journals: they stay.
constexpr std::array stateNames{
    "queued"_L1, "running"_L1, "undoing"_L1, "done"_L1, "failed"_L1, "cancelled"_L1, "stuck"_L1, "interrupted"_L1};
constexpr std::array kindNames{
    "failed"_L1, "notFound"_L1, "unsupported"_L1, "invalid"_L1, "cancelled"_L1, "timedOut"_L1, "disconnected"_L1};

constexpr auto runName = "run"_L1;
constexpr auto undoName = "undo"_L1;

template<size_t N>
int indexIn(const std::array<QLatin1StringView, N> &names, const QString &name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(std::distance(names.begin(), found));
}

QJsonObject errorToJson(const Error &error)
{
    return {{u"kind"_s, kindNames.at(static_cast<size_t>(error.kind))}, {u"message"_s, error.message},
        {u"hint"_s, error.hint}, {u"code"_s, error.code}, {u"domain"_s, error.domain}};
}

Error errorFromJson(const QJsonObject &json)
{
    const int kind = indexIn(kindNames, json[u"kind"_s].toString());
    return {kind < 0 ? Error::Kind::Failed : static_cast<Error::Kind>(kind), json[u"message"_s].toString(),
        json[u"hint"_s].toString(), json[u"code"_s].toInt(), json[u"domain"_s].toInt()};
}

QJsonObject hostsToJson(const QHash<virt::HostId, QString> &hosts)
{
    QJsonObject json;
    for (auto it = hosts.cbegin(); it != hosts.cend(); ++it) {
        json.insert(it.key().toString(QUuid::WithoutBraces), it.value());
    }
    return json;
}

void addHosts(const QJsonObject &json, QHash<virt::HostId, QString> &hosts)
{
    for (auto it = json.constBegin(); it != json.constEnd(); ++it) {
        if (const QUuid id = QUuid::fromString(it.key()); !id.isNull()) {
            hosts.insert(id, it.value().toString());
        }
    }
}

QJsonObject record(const QString &kind, int step, Direction direction)
{
    return {{u"t"_s, kind}, {u"step"_s, step}, {u"direction"_s, direction == Direction::Run ? runName : undoName}};
}

QDateTime timeOf(const QJsonObject &json)
{
    return json.contains("at"_L1) ? QDateTime::fromMSecsSinceEpoch(json["at"_L1].toInteger(), Qt::UTC) : QDateTime();
}

/** Reads records one after another into an entry; each function says whether the record made sense. */
class Reader final
{
public:
    bool apply(const QJsonObject &json)
    {
        const QString kind = json["t"_L1].toString();
        const QJsonArray lines = json["log"_L1].toArray();
        for (const auto &line : lines) {
            m_entry.record.log.append(line.toString());
        }
        if (kind == "note"_L1) {
            return applyNote(json);
        }
        if (kind == "intent"_L1 || kind == "outcome"_L1) {
            return applyStep(json, kind == "intent"_L1);
        }
        if (kind == "undoing"_L1) {
            m_entry.direction = Direction::Undo;
            m_entry.record.error = errorFromJson(json["error"_L1].toObject());
            return true;
        }
        if (kind == "resume"_L1) {
            m_entry.ended = false;
            m_entry.record.remains.clear();
            m_entry.record.finished = {};
            addHosts(json["hosts"_L1].toObject(), m_entry.record.hosts);
            return true;
        }
        return kind == "end"_L1 && applyEnd(json);
    }

    /** False: not a header. */
    bool applyHeader(const QJsonObject &json)
    {
        JobRecord &job = m_entry.record;
        job.id = QUuid::fromString(json["id"_L1].toString());
        job.plan = Plan::fromJson(json["plan"_L1].toObject());
        job.steps.resize(job.plan.steps.size());
        job.created = QDateTime::fromMSecsSinceEpoch(json["created"_L1].toInteger(), Qt::UTC);
        job.started = timeOf(json);
        addHosts(json["hosts"_L1].toObject(), job.hosts);
        return json["t"_L1].toString() == "header"_L1 && !job.id.isNull() && json["plan"_L1].isObject();
    }

    JournalEntry take() { return std::move(m_entry); }

private:
    bool applyNote(const QJsonObject &json)
    {
        const QString key = json["key"_L1].toString();
        if (!json["key"_L1].isString()) {
            return false;
        }
        if (json.contains("value"_L1)) {
            m_entry.record.results.insert(key, json["value"_L1]);
        } else {
            m_entry.record.results.remove(key);
        }
        return true;
    }

    bool applyStep(const QJsonObject &json, bool isIntent)
    {
        const int index = json["step"_L1].toInt(-1);
        const QString direction = json["direction"_L1].toString();
        if (index < 0 || index >= m_entry.record.steps.size() || (direction != runName && direction != undoName)) {
            return false;
        }
        const bool isRun = direction == runName;
        JobRecord::StepRecord &step = m_entry.record.steps[index];
        m_entry.record.currentStep = index;
        if (isIntent) {
            if (isRun) {
                m_entry.reached = std::max(m_entry.reached, index);
                step = {};
                step.state = StepState::Running;
                step.started = timeOf(json);
            }
            return true;
        }
        step.finished = timeOf(json);
        const bool failed = json.contains("error"_L1);
        step.error = failed ? errorFromJson(json["error"_L1].toObject()).message : step.error;
        if (isRun) {
            step.state = failed ? StepState::Failed : StepState::Done;
        } else if (failed) {
            step.state = StepState::UndoFailed;
        } else {
            m_entry.undone.insert(index);
            step.state = step.state == StepState::Failed ? StepState::Failed : StepState::Undone;
        }
        return true;
    }

    bool applyEnd(const QJsonObject &json)
    {
        const int state = indexIn(stateNames, json["state"_L1].toString());
        if (state < static_cast<int>(JobState::Done) || state > static_cast<int>(JobState::Stuck)) {
            return false;
        }
        JobRecord &job = m_entry.record;
        m_entry.ended = true;
        job.state = static_cast<JobState>(state);
        job.finished = timeOf(json);
        job.error = json.contains("error"_L1) ? errorFromJson(json["error"_L1].toObject()) : Error{};
        const QJsonArray remains = json["remains"_L1].toArray();
        for (const auto &line : remains) {
            job.remains.append(line.toString());
        }
        return true;
    }

    JournalEntry m_entry;
};

Error damaged(int line)
{
    return Error::failed(JournalText::tr("The journal is damaged in line %1.").arg(line));
}

/** What follows from the records together. */
void sumUp(JournalEntry &entry)
{
    JobRecord &job = entry.record;
    entry.standing = entry.ended ? JournalEntry::Standing::Finished : JournalEntry::Standing::Interrupted;
    if (entry.ended) {
        job.currentStep = -1;
        job.canUndo = job.state == JobState::Stuck;
    } else {
        job.state = JobState::Interrupted;
        job.canUndo = true;
        job.canFinish = entry.direction == Direction::Run;
    }
    const auto done = std::ranges::count(job.steps, StepState::Done, &JobRecord::StepRecord::state);
    job.fraction = job.steps.isEmpty() ? 1 : static_cast<double>(done) / static_cast<double>(job.steps.size());
}

} // namespace

QJsonObject header(const JobRecord &job, const QHash<virt::HostId, QString> &hosts)
{
    return {{u"t"_s, u"header"_s}, {u"format"_s, version}, {u"id"_s, job.id.toString(QUuid::WithoutBraces)},
        {u"created"_s, job.created.toMSecsSinceEpoch()}, {u"hosts"_s, hostsToJson(hosts)},
        {u"plan"_s, job.plan.toJson()}};
}

QJsonObject intent(int step, Direction direction)
{
    return record(u"intent"_s, step, direction);
}

QJsonObject note(const QString &key, const QJsonValue &value)
{
    QJsonObject json{{u"t"_s, u"note"_s}, {u"key"_s, key}};
    if (!value.isUndefined()) {
        json.insert(u"value"_s, value);
    }
    return json;
}

QJsonObject outcome(int step, Direction direction, const Result<> &outcome)
{
    QJsonObject json = record(u"outcome"_s, step, direction);
    if (!outcome) {
        json.insert(u"error"_s, errorToJson(outcome.error()));
    }
    return json;
}

QJsonObject undoing(const Error &error)
{
    return {{u"t"_s, u"undoing"_s}, {u"error"_s, errorToJson(error)}};
}

QJsonObject resume(Recovery recovery, const QHash<virt::HostId, QString> &hosts)
{
    return {{u"t"_s, u"resume"_s}, {u"recovery"_s, recovery == Recovery::Finish ? u"finish"_s : u"undo"_s},
        {u"hosts"_s, hostsToJson(hosts)}};
}

QJsonObject end(const JobRecord &job)
{
    QJsonObject json{{u"t"_s, u"end"_s}, {u"state"_s, stateName(job.state)}};
    if (job.state != JobState::Done) {
        json.insert(u"error"_s, errorToJson(job.error));
    }
    if (!job.remains.isEmpty()) {
        json.insert(u"remains"_s, QJsonArray::fromStringList(job.remains));
    }
    return json;
}

QByteArray toLine(QJsonObject record, const QDateTime &at)
{
    record.insert(u"at"_s, at.toMSecsSinceEpoch());
    return QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
}

QString stateName(JobState state)
{
    return stateNames.at(static_cast<size_t>(state));
}

Result<JournalEntry> parse(const QByteArray &content)
{
    Reader reader;
    qsizetype begin = 0;
    int number = 0;
    while (begin < content.size()) {
        const qsizetype end = content.indexOf('\n', begin);
        if (end < 0) {
            break; // torn
        }
        ++number;
        const bool isLast = end == content.size() - 1;
        const auto document = QJsonDocument::fromJson(content.sliced(begin, end - begin));
        const QJsonObject json = document.object();
        if (number == 1) {
            if (json["format"_L1].toInt() > version) {
                return fail(Error{Error::Kind::Unsupported,
                    JournalText::tr("The journal was written by a later version of Vireo."), {}, 0, 0});
            }
            if (!document.isObject() || !reader.applyHeader(json)) {
                return fail(damaged(number));
            }
        } else if (!document.isObject()) {
            if (isLast) {
                break; // the disk kept its length, but not its content
            }
            return fail(damaged(number));
        } else if (!reader.apply(json)) {
            return fail(damaged(number));
        }
        begin = end + 1;
    }
    if (begin == 0) {
        return fail(damaged(1));
    }
    JournalEntry entry = reader.take();
    entry.length = begin;
    sumUp(entry);
    return entry;
}

} // namespace vireo::job::journalformat
