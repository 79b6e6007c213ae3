// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotparts.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/snapshot/naming.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using snapshot::Facts;

struct SnapshotEditText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotEdit)
};

} // namespace

QString renameRefusal(const Facts &facts, const QString &name)
{
    const snapshot::Snapshot *found = facts.find(name);
    if (!found) {
        return SnapshotEditText::tr("%1 has no snapshot “%2”.").arg(facts.domain.name, name);
    }
    return found->isInternal()
        ? SnapshotEditText::tr("“%1” is internal: its name is in the image, where nobody can change it.").arg(name)
        : QString();
}

job::Plan planSnapshotEdit(const virt::HostId &host, const Facts &facts, const SnapshotEditDraft &draft)
{
    job::Plan plan = snapshotPlan(u"snapshot.edit"_s, SnapshotEditText::tr("Change a snapshot of %1"), host, facts);
    plan.draft = {
        {u"operation"_s, u"snapshot.edit"_s}, {u"domain"_s, facts.domain.name}, {u"snapshot"_s, draft.snapshot}};
    const auto block = [&plan](const QString &text, const QString &fix = {}) {
        plan.findings.append(finding(Severity::Blocker, text, {}, fix));
    };
    const snapshot::Snapshot *found = facts.find(draft.snapshot);
    if (!found) {
        block(SnapshotEditText::tr("%1 has no snapshot “%2”.").arg(facts.domain.name, draft.snapshot));
        return plan;
    }
    if (const auto unconfirmed = unconfirmedFinding(facts.storedXml)) {
        plan.findings.append(*unconfirmed); // going back would bring it back under its old name, beside the new one
        return plan;
    }
    SnapshotChange change{draft.snapshot, {}, {}, {}};
    if (draft.name && *draft.name != draft.snapshot) {
        plan.draft.insert(u"name"_s, *draft.name);
        if (const QString refusal = renameRefusal(facts, draft.snapshot); !refusal.isEmpty()) {
            block(refusal, SnapshotEditText::tr("Change its description instead."));
        } else if (const QString problem = snapshot::nameProblem(*draft.name, facts); !problem.isEmpty()) {
            block(problem, SnapshotEditText::tr("Choose another name."));
        }
        change.name = draft.name;
    }
    if (draft.description && *draft.description != found->description) {
        plan.draft.insert(u"description"_s, *draft.description);
        change.description = draft.description;
    }
    if (plan.isBlocked()) {
        return plan;
    }
    if (!change.name && !change.description) {
        plan.verdict = SnapshotEditText::tr("Nothing changes.");
        return plan;
    }
    plan.steps.append(redefineStep(change));
    if (change.name) {
        job::Step step;
        step.type = u"snapshot.renamePicture"_s;
        step.title = SnapshotEditText::tr("Keep the picture of its screen");
        step.object = *change.name;
        step.parameters = {{u"from"_s, draft.snapshot}, {u"to"_s, *change.name}};
        plan.steps.append(step);
    }
    plan.verdict = change.name ? SnapshotEditText::tr("“%1” will be called “%2”. Its files keep their names.")
                                     .arg(draft.snapshot, *change.name)
                               : SnapshotEditText::tr("The description of “%1” changes.").arg(draft.snapshot);
    return plan;
}

} // namespace vireo::operation
