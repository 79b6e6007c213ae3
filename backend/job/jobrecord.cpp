// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobrecord.h"

#include <QCoreApplication>
#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

struct JobRecordText {
    Q_DECLARE_TR_FUNCTIONS(JobManager)
};

QString withHint(const Error &error)
{
    return error.hint.isEmpty() ? error.message : error.message + u' ' + error.hint;
}

QString interruptedLine(const JobRecord &job, const Step &step)
{
    if (!job.canFinish && !job.canUndo) {
        return JobRecordText::tr("unreadable: %1").arg(job.error.message);
    }
    if (!job.error.message.isEmpty() && job.error.kind != Error::Kind::Cancelled) {
        return JobRecordText::tr("interrupted: %1").arg(withHint(job.error));
    }
    return step.title.isEmpty() ? JobRecordText::tr("interrupted")
                                : JobRecordText::tr("interrupted at: %1").arg(step.title);
}

} // namespace

bool JobRecord::isFinished() const
{
    return state != JobState::Queued && state != JobState::Running && state != JobState::Undoing;
}

QStringList JobRecord::warnings() const
{
    QStringList texts;
    const QJsonArray written = results.value(warningsKey).toArray();
    for (const auto &each : written) {
        texts.append(each.toString());
    }
    return texts;
}

QString JobRecord::statusLine() const
{
    const bool inStep = currentStep >= 0 && currentStep < plan.steps.size();
    const Step step = inStep ? plan.steps.at(currentStep) : Step{};
    switch (state) {
    case JobState::Queued:
        return JobRecordText::tr("waiting for its turn");
    case JobState::Running: {
        QString text = inStep ? step.title : JobRecordText::tr("running");
        if (plan.bytes() > 0 || (inStep && steps.value(currentStep).done > 0)) {
            text = JobRecordText::tr("%1, %2 %").arg(text).arg(static_cast<int>(fraction * 100));
        }
        return cancelRequested ? JobRecordText::tr("cancelling: %1").arg(text) : text;
    }
    case JobState::Undoing: {
        const QString what = step.undo.isEmpty() ? step.title : step.undo;
        return what.isEmpty() ? JobRecordText::tr("undoing") : JobRecordText::tr("undoing: %1").arg(what);
    }
    case JobState::Done:
        return warnings().isEmpty() ? JobRecordText::tr("done")
                                    : JobRecordText::tr("done, but: %1").arg(warnings().join(u' '));
    case JobState::Failed:
        return JobRecordText::tr("failed: %1").arg(withHint(error));
    case JobState::Cancelled:
        return error.message.isEmpty() || error == Error::cancelled()
            ? JobRecordText::tr("cancelled")
            : JobRecordText::tr("cancelled: %1").arg(withHint(error));
    case JobState::Stuck:
        return error.kind == Error::Kind::Cancelled
            ? JobRecordText::tr("cancelled, but not all could be undone: %1").arg(remains.join(u' '))
            : JobRecordText::tr("failed: %1 Not all could be undone: %2").arg(withHint(error), remains.join(u' '));
    case JobState::Interrupted:
        return interruptedLine(*this, step);
    }
    return {};
}

} // namespace vireo::job
