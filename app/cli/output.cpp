// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <array>
#include <cstdio>
#include <unistd.h>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

#include "app/cli/terminal.h"
#include "backend/base/sizetext.h"
#include "backend/job/journalformat.h"

using namespace Qt::StringLiterals;

namespace vireo::app::cli {

namespace {

struct OutputText {
    Q_DECLARE_TR_FUNCTIONS(cli_Output)
};

constexpr qint64 JsonProgressMs = 200;

// In the order of the enumerations; scripts rely on them.
constexpr std::array severityNames{"ok"_L1, "note"_L1, "warning"_L1, "blocker"_L1};
constexpr std::array stepNames{"waiting"_L1, "running"_L1, "done"_L1, "failed"_L1, "undone"_L1, "undo-failed"_L1};

QString nameOf(job::StepState state)
{
    return stepNames.at(static_cast<size_t>(state));
}

QString idText(const QUuid &id)
{
    return id.isNull() ? QString() : id.toString(QUuid::WithoutBraces);
}

QString wordOf(job::Finding::Severity severity)
{
    switch (severity) {
    case job::Finding::Severity::Ok:
        return OutputText::tr("ok");
    case job::Finding::Severity::Note:
        return OutputText::tr("note");
    case job::Finding::Severity::Warning:
        return OutputText::tr("warning");
    case job::Finding::Severity::Blocker:
        return OutputText::tr("blocker");
    }
    return {};
}

QJsonObject findingJson(const job::Finding &finding, qsizetype plan)
{
    return {{u"type"_s, u"finding"_s}, {u"plan"_s, plan},
        {u"severity"_s, severityNames.at(static_cast<size_t>(finding.severity))}, {u"text"_s, finding.text},
        {u"cause"_s, finding.cause}, {u"fix"_s, finding.fix}};
}

/** Without parameters and draft: those may hold hashes of passwords. */
QJsonObject stepJson(const job::Step &step, int index)
{
    return {{u"index"_s, index}, {u"kind"_s, step.type}, {u"title"_s, step.title}, {u"object"_s, step.object},
        {u"undo"_s, step.undo}, {u"bytes"_s, static_cast<qint64>(step.bytes)}};
}

QJsonObject planJson(const job::Plan &plan, const QString &host, qsizetype number)
{
    QJsonArray steps;
    for (int i = 0; i < plan.steps.size(); ++i) {
        steps.append(stepJson(plan.steps.at(i), i));
    }
    return {{u"type"_s, u"plan"_s}, {u"plan"_s, number}, {u"operation"_s, plan.operation}, {u"title"_s, plan.title},
        {u"host"_s, host}, {u"domain"_s, plan.domainName}, {u"uuid"_s, idText(plan.domain)},
        {u"verdict"_s, plan.verdict}, {u"blocked"_s, plan.isBlocked()}, {u"bytes"_s, static_cast<qint64>(plan.bytes())},
        {u"steps"_s, steps}, {u"xml_before"_s, plan.xmlBefore}, {u"xml_after"_s, plan.xmlAfter}};
}

void print(std::FILE *file, const QByteArray &line)
{
    std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), file);
    std::fflush(file); // whoever reads a pipe wants it now
}

} // namespace

QString stepText(const job::Step &step)
{
    return step.object.isEmpty() ? step.title : OutputText::tr("%1: %2").arg(step.title, step.object);
}

QString progressText(const job::JobRecord &job)
{
    if (job.currentStep < 0 || job.currentStep >= job.plan.steps.size()) {
        return job.statusLine();
    }
    const job::JobRecord::StepRecord step = job.steps.value(job.currentStep);
    const job::Step &what = job.plan.steps.at(job.currentStep);
    const bool undoing = job.state == job::JobState::Undoing;
    QString text =
        OutputText::tr("[%1/%2] %3")
            .arg(job.currentStep + 1)
            .arg(job.plan.steps.size())
            .arg(undoing && !what.undo.isEmpty() ? OutputText::tr("undoing: %1").arg(what.undo) : stepText(what));
    if (!undoing && step.total > 0) {
        text += u", "_s + OutputText::tr("%1 % of %2").arg(step.done * 100 / step.total).arg(sizeText(step.total));
    }
    if (!undoing && job.bytesPerSecond > 0) {
        text += u", "_s + OutputText::tr("%1/s").arg(sizeText(static_cast<quint64>(job.bytesPerSecond)));
    }
    return text;
}

Output::Output(bool json)
    : m_json(json)
    , m_moving(!json && ::isatty(STDERR_FILENO) == 1)
{}

Output::~Output()
{
    hideProgress();
}

void Output::object(const QJsonObject &json)
{
    print(stdout, QJsonDocument(json).toJson(QJsonDocument::Compact) + '\n');
}

void Output::text(const QString &text)
{
    hideProgress();
    print(stdout, terminal::plain(text).toUtf8() + '\n');
}

void Output::complain(const QString &text)
{
    hideProgress();
    print(stderr, (u"vireo: "_s + terminal::plain(text)).toUtf8() + '\n');
}

void Output::showProgress(const QString &text)
{
    if (!m_moving) {
        return;
    }
    m_progressShown = true;
    print(stderr, "\r\033[K" + terminal::plain(text).toUtf8());
}

void Output::hideProgress()
{
    if (m_progressShown) {
        print(stderr, "\r\033[K");
        m_progressShown = false;
    }
}

void Output::line(const QJsonObject &json, const QString &line)
{
    if (m_json) {
        object(json);
    } else {
        text(line);
    }
}

void Output::plan(const job::Plan &plan, const QString &host, qsizetype number, qsizetype count)
{
    if (m_json) {
        object(planJson(plan, host, number));
        for (const job::Finding &finding : plan.findings) {
            object(findingJson(finding, number));
        }
        return;
    }
    text(count > 1 ? OutputText::tr("%1 (%2 of %3) on %4").arg(plan.title).arg(number + 1).arg(count).arg(host)
                   : OutputText::tr("%1 on %2").arg(plan.title, host));
    for (const job::Finding &finding : plan.findings) {
        text(u"  "_s + OutputText::tr("%1: %2").arg(wordOf(finding.severity), finding.text));
        if (finding.severity == job::Finding::Severity::Ok) {
            continue;
        }
        for (const QString &more : {finding.cause, finding.fix}) {
            if (!more.isEmpty()) {
                text(u"    "_s + more);
            }
        }
    }
    for (int i = 0; i < plan.steps.size(); ++i) {
        const job::Step &step = plan.steps.at(i);
        const QString head = u"  %1. %2"_s.arg(i + 1).arg(stepText(step));
        text(step.bytes > 0 ? OutputText::tr("%1 (%2)").arg(head, sizeText(step.bytes)) : head);
    }
}

void Output::preparing(const QString &what, quint64 done, quint64 total)
{
    const bool due = !m_lastProgress.isValid() || m_lastProgress.elapsed() >= JsonProgressMs;
    if (!due) {
        return;
    }
    m_lastProgress.start();
    if (m_json) {
        object({{u"type"_s, u"progress"_s}, {u"what"_s, what}, {u"done"_s, static_cast<qint64>(done)},
            {u"total"_s, static_cast<qint64>(total)}});
    } else {
        showProgress(
            total > 0 ? OutputText::tr("%1, %2 % of %3").arg(what).arg(done * 100 / total).arg(sizeText(total)) : what);
    }
}

void Output::step(const job::JobRecord &job, int index)
{
    const job::JobRecord::StepRecord step = job.steps.value(index);
    const job::Step &what = job.plan.steps.at(index);
    if (m_json) {
        QJsonObject json = stepJson(what, index);
        json.insert(u"type"_s, u"step"_s);
        json.insert(u"job"_s, idText(job.id));
        json.insert(u"state"_s, nameOf(step.state));
        if (!step.error.isEmpty()) {
            json.insert(u"error"_s, step.error);
        }
        object(json);
        return;
    }
    const QString name = OutputText::tr("[%1/%2] %3").arg(index + 1).arg(job.plan.steps.size()).arg(stepText(what));
    switch (step.state) {
    case job::StepState::Waiting:
        break;
    case job::StepState::Running:
        if (!m_moving) {
            text(name);
        }
        break;
    case job::StepState::Done:
        text(step.total > 0 ? OutputText::tr("%1: done (%2)").arg(name, sizeText(step.total))
                            : OutputText::tr("%1: done").arg(name));
        break;
    case job::StepState::Failed:
        text(OutputText::tr("%1: failed: %2").arg(name, step.error));
        break;
    case job::StepState::Undone:
        text(OutputText::tr("%1: undone").arg(name));
        break;
    case job::StepState::UndoFailed:
        text(OutputText::tr("%1: could not be undone: %2").arg(name, step.error));
        break;
    }
}

void Output::progress(const job::JobRecord &job)
{
    if (!m_json) {
        showProgress(progressText(job));
        return;
    }
    if (m_lastProgress.isValid() && m_lastProgress.elapsed() < JsonProgressMs) {
        return;
    }
    m_lastProgress.start();
    const job::JobRecord::StepRecord step = job.steps.value(job.currentStep);
    object({{u"type"_s, u"progress"_s}, {u"job"_s, idText(job.id)}, {u"step"_s, job.currentStep},
        {u"done"_s, static_cast<qint64>(step.done)}, {u"total"_s, static_cast<qint64>(step.total)},
        {u"fraction"_s, job.fraction}, {u"bytes_per_second"_s, job.bytesPerSecond}});
}

void Output::log(const job::JobRecord &job, const QString &line)
{
    if (m_json) {
        object({{u"type"_s, u"log"_s}, {u"job"_s, idText(job.id)}, {u"text"_s, line}});
    } else {
        text(u"  "_s + line);
    }
}

void Output::say(const QString &text)
{
    if (m_json) {
        object({{u"type"_s, u"log"_s}, {u"text"_s, text}});
    }
    complain(text);
}

void Output::draftErrors(const QList<operation::DraftError> &errors)
{
    for (const operation::DraftError &error : errors) {
        if (m_json) {
            object({{u"type"_s, u"error"_s}, {u"path"_s, error.path}, {u"message"_s, error.message}});
        }
        complain(OutputText::tr("%1: %2").arg(error.path, error.message));
    }
}

Exit Output::result(
    Exit exit, const QString &state, const QString &sentence, const Error &error, const QJsonObject &more)
{
    hideProgress();
    if (m_json) {
        QJsonObject json = more;
        json.insert(u"type"_s, u"result"_s);
        json.insert(u"state"_s, state);
        json.insert(u"exit"_s, static_cast<int>(exit));
        if (!error.message.isEmpty()) {
            json.insert(u"error"_s, QJsonObject{{u"message"_s, error.message}, {u"hint"_s, error.hint}});
        }
        object(json);
    }
    if (exit != Exit::Done) {
        complain(sentence);
        if (!error.hint.isEmpty()) {
            complain(error.hint);
        }
        const QJsonArray remains = more["remains"_L1].toArray();
        for (const auto &what : remains) {
            complain(OutputText::tr("left behind: %1").arg(what.toString()));
        }
    } else if (!m_json) {
        text(sentence);
    }
    return exit;
}

Exit Output::result(Exit exit, const job::JobRecord &job)
{
    QJsonObject more{{u"job"_s, idText(job.id)}, {u"operation"_s, job.plan.operation},
        {u"domain"_s, job.plan.domainName}, {u"remains"_s, QJsonArray::fromStringList(job.remains)}};
    const QString made = job.results["uuid"_L1].toString();
    if (const QString uuid = job.plan.domain.isNull() ? made : idText(job.plan.domain); !uuid.isEmpty()) {
        more.insert(u"uuid"_s, uuid);
    }
    QString sentence = job.plan.title + u": "_s;
    switch (job.state) {
    case job::JobState::Done:
        sentence += OutputText::tr("done");
        break;
    case job::JobState::Cancelled:
        sentence += OutputText::tr("cancelled, and everything was undone");
        break;
    case job::JobState::Failed:
        sentence += OutputText::tr("failed, and everything was undone: %1").arg(job.error.message);
        break;
    case job::JobState::Stuck:
        sentence += OutputText::tr("failed, and could not be undone in full: %1").arg(job.error.message);
        break;
    default:
        sentence += job.statusLine();
        break;
    }
    const Error error = job.state == job::JobState::Done ? Error{} : job.error;
    return result(exit, job::journalformat::stateName(job.state), sentence, error, more);
}

} // namespace vireo::app::cli
