// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobrecord.h"

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

struct JobManagerText {
    Q_DECLARE_TR_FUNCTIONS(JobManager)
};

QString withHint(const Error &error)
{
    return error.hint.isEmpty() ? error.message : error.message + u' ' + error.hint;
}

QString interruptedLine(const JobRecord &job, const Step &step)
{
    if (!job.canFinish && !job.canUndo) {
        return JobManagerText::tr("unreadable: %1").arg(job.error.message);
    }
    if (!job.error.message.isEmpty() && job.error.kind != Error::Kind::Cancelled) {
        return JobManagerText::tr("interrupted: %1").arg(withHint(job.error));
    }
    return step.title.isEmpty() ? JobManagerText::tr("interrupted")
                                : JobManagerText::tr("interrupted at: %1").arg(step.title);
}

} // namespace

bool JobRecord::isFinished() const
{
    return state != JobState::Queued && state != JobState::Running && state != JobState::Undoing;
}

QString JobRecord::statusLine() const
{
    const bool inStep = currentStep >= 0 && currentStep < plan.steps.size();
    const Step step = inStep ? plan.steps.at(currentStep) : Step{};
    switch (state) {
    case JobState::Queued:
        return JobManagerText::tr("waiting for its turn");
    case JobState::Running: {
        QString text = inStep ? step.title : JobManagerText::tr("running");
        if (plan.bytes() > 0 || (inStep && steps.value(currentStep).done > 0)) {
            text = JobManagerText::tr("%1, %2 %").arg(text).arg(static_cast<int>(fraction * 100));
        }
        return cancelRequested ? JobManagerText::tr("cancelling: %1").arg(text) : text;
    }
    case JobState::Undoing: {
        const QString what = step.undo.isEmpty() ? step.title : step.undo;
        return what.isEmpty() ? JobManagerText::tr("undoing") : JobManagerText::tr("undoing: %1").arg(what);
    }
    case JobState::Done:
        return JobManagerText::tr("done");
    case JobState::Failed:
        return JobManagerText::tr("failed: %1").arg(withHint(error));
    case JobState::Cancelled:
        return JobManagerText::tr("cancelled");
    case JobState::Stuck:
        return error.kind == Error::Kind::Cancelled
            ? JobManagerText::tr("cancelled, but not all could be undone: %1").arg(remains.join(u' '))
            : JobManagerText::tr("failed: %1 Not all could be undone: %2").arg(withHint(error), remains.join(u' '));
    case JobState::Interrupted:
        return interruptedLine(*this, step);
    }
    return {};
}

} // namespace vireo::job
