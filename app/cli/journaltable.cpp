// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/journaltable.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace vireo::app::cli::journaltable {

namespace {

struct TableText {
    Q_DECLARE_TR_FUNCTIONS(cli_JournalTable)
};

using Standing = job::JournalEntry::Standing;
using Effect = job::Reality::Effect;

constexpr qsizetype ShortId = 8;
constexpr std::array effectNames{"absent"_L1, "present"_L1, "partial"_L1, "unknown"_L1};
constexpr std::array stepNames{"waiting"_L1, "running"_L1, "done"_L1, "failed"_L1, "undone"_L1, "undo-failed"_L1};

bool hasStep(const job::JobRecord &job)
{
    return job.currentStep >= 0 && job.currentStep < job.plan.steps.size();
}

QString stepColumn(const job::JobRecord &job)
{
    return hasStep(job) ? u"%1/%2 %3"_s.arg(job.currentStep + 1)
                              .arg(job.plan.steps.size())
                              .arg(stepText(job.plan.steps.at(job.currentStep)))
                        : u"-"_s;
}

QString effectText(Effect effect)
{
    switch (effect) {
    case Effect::Absent:
        return TableText::tr("nothing there");
    case Effect::Present:
        return TableText::tr("there");
    case Effect::Partial:
        return TableText::tr("partly there");
    case Effect::Unknown:
        return TableText::tr("unknown");
    }
    return {};
}

QString journalText(job::StepState state)
{
    switch (state) {
    case job::StepState::Waiting:
        return TableText::tr("not begun");
    case job::StepState::Running:
        return TableText::tr("begun");
    case job::StepState::Done:
        return TableText::tr("done");
    case job::StepState::Failed:
        return TableText::tr("failed");
    case job::StepState::Undone:
        return TableText::tr("undone");
    case job::StepState::UndoFailed:
        return TableText::tr("not undone");
    }
    return {};
}

QString timeText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

} // namespace

QString stateOf(const job::JournalEntry &entry)
{
    return entry.standing == Standing::Unreadable ? u"unreadable"_s : job::journalformat::stateName(entry.record.state);
}

QString hostOf(const job::JournalEntry &entry)
{
    return entry.record.hosts.value(entry.record.plan.host);
}

QString ageText(const QDateTime &since, const QDateTime &now)
{
    constexpr qint64 minute = 60;
    constexpr qint64 hour = 60 * minute;
    constexpr qint64 day = 24 * hour;
    const qint64 seconds = std::max<qint64>(0, since.secsTo(now));
    if (seconds < minute) {
        return TableText::tr("%1 s").arg(seconds);
    }
    if (seconds < hour) {
        return TableText::tr("%1 min").arg(seconds / minute);
    }
    return seconds < day ? TableText::tr("%1 h").arg(seconds / hour) : TableText::tr("%1 d").arg(seconds / day);
}

QJsonObject toJson(const job::JournalEntry &entry, const QDateTime &now)
{
    const job::JobRecord &job = entry.record;
    QStringList hosts = job.hosts.values();
    hosts.sort();
    QJsonObject json{{u"type"_s, u"job"_s}, {u"id"_s, job.id.toString(QUuid::WithoutBraces)},
        {u"operation"_s, job.plan.operation}, {u"title"_s, job.plan.title}, {u"host"_s, hostOf(entry)},
        {u"hosts"_s, QJsonArray::fromStringList(hosts)}, {u"domain"_s, job.plan.domainName},
        {u"state"_s, stateOf(entry)}, {u"steps"_s, job.plan.steps.size()}, {u"created"_s, timeText(job.created)},
        {u"finished"_s, timeText(job.finished)}, {u"age_s"_s, std::max<qint64>(0, job.created.secsTo(now))},
        {u"can_finish"_s, job.canFinish}, {u"can_undo"_s, job.canUndo},
        {u"remains"_s, QJsonArray::fromStringList(job.remains)}, {u"file"_s, entry.fileName}};
    if (hasStep(job)) {
        const job::Step &step = job.plan.steps.at(job.currentStep);
        json.insert(u"step"_s,
            QJsonObject{{u"index"_s, job.currentStep}, {u"kind"_s, step.type}, {u"title"_s, step.title},
                {u"object"_s, step.object}});
    }
    if (!job.error.message.isEmpty()) {
        json.insert(u"error"_s, QJsonObject{{u"message"_s, job.error.message}, {u"hint"_s, job.error.hint}});
    }
    return json;
}

QJsonArray toJson(const QList<job::StepComparison> &comparison, const job::Plan &plan)
{
    QJsonArray list;
    for (int i = 0; i < comparison.size(); ++i) {
        const job::StepComparison &each = comparison.at(i);
        list.append(QJsonObject{{u"index"_s, i}, {u"title"_s, plan.steps.at(i).title},
            {u"object"_s, plan.steps.at(i).object}, {u"journal"_s, stepNames.at(static_cast<size_t>(each.journal))},
            {u"effect"_s, effectNames.at(static_cast<size_t>(each.reality.effect))}, {u"text"_s, each.reality.text}});
    }
    return list;
}

QStringList rows(const QList<job::JournalEntry> &entries, const QDateTime &now)
{
    QList<QStringList> table{{TableText::tr("ID"), TableText::tr("OPERATION"), TableText::tr("STATE"),
        TableText::tr("AGE"), TableText::tr("DOMAIN"), TableText::tr("HOST"), TableText::tr("STEP")}};
    const auto filled = [](const QString &text) {
        return text.isEmpty() ? u"-"_s : text;
    };
    for (const job::JournalEntry &entry : entries) {
        const job::JobRecord &job = entry.record;
        const bool broken = entry.standing == Standing::Unreadable;
        table.append({job.id.toString(QUuid::WithoutBraces).left(ShortId), filled(job.plan.operation), stateOf(entry),
            ageText(job.created, now), filled(job.plan.domainName), filled(hostOf(entry)),
            broken ? job.error.message : stepColumn(job)});
    }
    QList<qsizetype> widths(table.constFirst().size(), 0);
    for (const QStringList &row : std::as_const(table)) {
        for (qsizetype i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths.at(i), row.at(i).size());
        }
    }
    QStringList lines;
    for (const QStringList &row : std::as_const(table)) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i) {
            line += i + 1 < row.size() ? row.at(i).leftJustified(widths.at(i) + 2) : row.at(i);
        }
        lines.append(line);
    }
    return lines;
}

QStringList rows(const QList<job::StepComparison> &comparison, const job::Plan &plan)
{
    QStringList lines;
    for (int i = 0; i < comparison.size(); ++i) {
        const job::StepComparison &each = comparison.at(i);
        QString line = TableText::tr("    %1. %2: %3 by the journal, on the host: %4")
                           .arg(i + 1)
                           .arg(stepText(plan.steps.at(i)), journalText(each.journal), effectText(each.reality.effect));
        if (!each.reality.text.isEmpty()) {
            line += u" ("_s + each.reality.text + u')';
        }
        lines.append(line);
    }
    return lines;
}

} // namespace vireo::app::cli::journaltable
