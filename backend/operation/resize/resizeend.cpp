// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/operation/cold/carriedstate_p.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/snapshot/mergesteps.h"
#include "backend/operation/snapshot/snapshotparts.h"
#include "backend/operation/snapshot/snapshotsteps.h"

using namespace Qt::StringLiterals;

/** A change that waits is confirmed, or taken back. */
namespace vireo::operation {

namespace {

using Ending = KeptState::Ending;
using Severity = job::Finding::Severity;
using snapshot::Chain;

struct ResizeEndText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeEnd)
};

job::Step on(job::Step step, const virt::HostId &host)
{
    if (!host.isNull()) {
        step.parameters.insert(u"host"_s, host.toString(QUuid::WithoutBraces));
    }
    return step;
}

/** A file that nothing needs any more; one that stays is no reason to take all back. `away`: what becomes of the job
 * when its host can't be asked: "undo", "finish" (later, by the same again); empty: the file stays. */
job::Step dropStep(const QString &path, const virt::HostId &host, bool ours, const QString &away)
{
    job::Step step = on(deleteLayerStep(path, ours), host);
    step.parameters.insert(u"optional"_s, true);
    if (!away.isEmpty()) {
        step.parameters.insert(u"away"_s, away);
    }
    return step;
}

/** The last of what an end clears away: what is left on a host that went away is finished by the same again. */
job::Step firmly(job::Step step)
{
    step.parameters.insert(u"away"_s, u"finish"_s);
    return step;
}

job::Step decideStep(const KeptState &kept, const QString &end)
{
    job::Step step = keptStep(u"kept.decide"_s,
        end == "confirm"_L1 ? ResizeEndText::tr("Give up the way back") : ResizeEndText::tr("Give up the change"),
        kept.name, ResizeEndText::tr("Nothing is given up, as long as nothing is gone"));
    step.parameters = {{u"id"_s, kept.id}, {u"end"_s, end}};
    return step;
}

job::Step endStep(const KeptState &kept, const virt::HostId &host)
{
    job::Step step = on(keptStep(u"kept.end"_s, ResizeEndText::tr("Nothing waits any more"), kept.name), host);
    step.parameters.insert(u"id"_s, kept.id);
    return step;
}

/** Makes one plan. */
class EndPlanner final
{
    Q_DISABLE_COPY_MOVE(EndPlanner)

public:
    EndPlanner(ResizeEnd end, const ResizeEndFacts &facts, const ResizeEndDraft &draft)
        : m_end(end)
        , m_facts(facts)
        , m_kept(facts.kept)
        , m_draft(draft)
    {
        const bool confirms = end == ResizeEnd::Confirm;
        m_plan.operation = confirms ? u"resize.confirm"_s : u"resize.revert"_s;
        m_plan.title = confirms ? ResizeEndText::tr("Confirm the change of %1").arg(m_kept.name)
                                : ResizeEndText::tr("Take %1 back to what it was").arg(m_kept.name);
        m_plan.host = facts.to;
        m_plan.domain = m_kept.domain;
        m_plan.domainName = m_kept.name;
        if (m_kept.isMoved() && !facts.from.isNull()) {
            m_plan.alsoHosts = {facts.from};
        }
        m_plan.xmlBefore = withoutSecrets(facts.xml);
    }

    job::Plan make()
    {
        check();
        if (m_end == ResizeEnd::Confirm) {
            checkConfirmation();
        } else {
            checkReversion();
        }
        if (m_plan.isBlocked()) {
            return std::move(m_plan);
        }
        if (m_end == ResizeEnd::Confirm) {
            confirm();
        } else {
            revert();
        }
        return std::move(m_plan);
    }

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_plan.findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        add(Severity::Blocker, text, cause, fix);
    }
    bool isThere() const { return !m_facts.domain.uuid.isNull(); }
    /** Where the memory of a VM that is saved now is, as long as it may not be given up; empty: nowhere. */
    QString aside() const
    {
        const auto disk = std::ranges::find_if(m_kept.disks,
            [](const auto &each) { return each.now.path.startsWith(u'/') && !each.now.path.startsWith("/dev/"_L1); });
        return disk == m_kept.disks.cend()
            ? QString()
            : QFileInfo(disk->now.path).path() + u"/vireo-saved-%1.save"_s.arg(m_kept.id);
    }
    bool isSaved() const { return isThere() && m_facts.domain.managedSave && !aside().isEmpty(); }
    /** The state that the TPM has by now, while the one of before is put back. */
    QString tpmAside() const { return m_kept.tpmFile + u".now"_s; }
    virt::HostId from() const { return m_kept.isMoved() ? m_facts.from : virt::HostId(); }
    /** A layer of ours that is still what the VM writes to. */
    bool isUnmerged(const KeptState::Disk &disk) const
    {
        const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
        return disk.isOverlay && now && !now->chain.isEmpty() && now->chain.constFirst().path == disk.now.path;
    }
    void check();
    void checkConfirmation();
    void checkReversion();
    void addReady(const QString &base);
    void confirm();
    void revert();
    void takeBack();

    const ResizeEnd m_end;
    const ResizeEndFacts &m_facts;
    const KeptState &m_kept;
    const ResizeEndDraft &m_draft;
    job::Plan m_plan;
};

void EndPlanner::check()
{
    const Ending other = m_end == ResizeEnd::Confirm ? Ending::Revert : Ending::Confirm;
    if (m_kept.ending == other) {
        block(other == Ending::Confirm
                ? ResizeEndText::tr("The change of %1 is being confirmed already; there is no way back.")
                      .arg(m_kept.name)
                : ResizeEndText::tr("%1 is being taken back already.").arg(m_kept.name),
            ResizeEndText::tr("That was not finished, and files of it are gone."),
            other == Ending::Confirm ? ResizeEndText::tr("Confirm it.") : ResizeEndText::tr("Take it back."));
    }
    if (isThere()) {
        snapshot::Facts disks = m_facts.disks;
        // Its memory is given up with the rest, or goes on with disks that stay as they are.
        disks.domain.managedSave = disks.domain.managedSave
            && (m_end == ResizeEnd::Revert
                    ? aside().isEmpty()
                    : std::ranges::any_of(m_kept.disks, [this](const auto &disk) { return isUnmerged(disk); }));
        m_plan.findings += presentObstacles(disks);
    }
    if (isThere() && !m_facts.domain.persistent) {
        block(ResizeEndText::tr("%1 has no stored definition any more.").arg(m_kept.name), {},
            ResizeEndText::tr("Define it, so that its host keeps it."));
    }
    for (const snapshot::Snapshot &snapshot : m_facts.disks.snapshots) {
        for (const KeptState::Disk &disk : m_kept.disks) {
            const snapshot::SnapshotDisk *part = snapshot.disk(disk.target);
            const bool isUpon =
                part && std::ranges::find(part->state, disk.now.path, &snapshot::Layer::path) != part->state.cend();
            if (isUpon && disk.now.path != disk.before.path) {
                block(ResizeEndText::tr("The snapshot “%1” was taken since.").arg(snapshot.name),
                    ResizeEndText::tr("It needs “%1”.").arg(QFileInfo(disk.now.path).fileName()),
                    ResizeEndText::tr("Delete it first."));
                break;
            }
        }
    }
}

void EndPlanner::checkConfirmation()
{
    if (!isThere()) {
        block(ResizeEndText::tr("%1 is not on its host any more.").arg(m_kept.name),
            ResizeEndText::tr("There is nothing that could be confirmed."),
            ResizeEndText::tr("Take it back to what it was."));
        return;
    }
    if (m_facts.isBack) {
        block(ResizeEndText::tr("%1 is also defined where it was.").arg(m_kept.name),
            ResizeEndText::tr("Whichever is started would write to files that are about to go."),
            ResizeEndText::tr("Remove the definition there first."));
    }
    const bool hasSource = !m_kept.tpmMachine.isEmpty() || !m_kept.savedFile.isEmpty()
        || std::ranges::any_of(m_kept.disks, [](const KeptState::Disk &disk) { return !disk.isOverlay; });
    if (m_kept.isMoved() && m_facts.from.isNull() && hasSource && !m_draft.keepSource) {
        block(ResizeEndText::tr("The host that %1 was on is not connected.").arg(m_kept.name),
            ResizeEndText::tr("Its files there are to be deleted."),
            ResizeEndText::tr("Connect to it, or keep those files."));
    }
    for (const KeptState::Disk &disk : m_kept.disks) {
        const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
        const QString path = now && !now->chain.isEmpty() ? now->chain.constFirst().path : QString();
        const bool isMerged = disk.isOverlay && path == disk.before.path;
        if (path != disk.now.path && !isMerged) {
            block(ResizeEndText::tr("The disk %1 is not what the change made it.").arg(disk.target),
                path.isEmpty() ? ResizeEndText::tr("It is not there any more.")
                               : ResizeEndText::tr("It is “%1” by now.").arg(path),
                ResizeEndText::tr("Undo what was changed in the VM's definition since."));
        }
    }
}

void EndPlanner::checkReversion()
{
    if (m_kept.isMoved() && m_facts.from.isNull()) {
        block(ResizeEndText::tr("The host that %1 was on is not connected.").arg(m_kept.name), {},
            ResizeEndText::tr("Connect to it: %1.").arg(m_kept.fromUri));
    }
    for (const QString &path : m_facts.missing) {
        block(ResizeEndText::tr("“%1” is not there any more.").arg(path),
            ResizeEndText::tr("It belongs to the VM as it was."),
            ResizeEndText::tr("Bring it back, or confirm the change."));
    }
    if (m_facts.isBack && m_kept.ending != Ending::Revert) {
        block(ResizeEndText::tr("%1 is defined where it was by now.").arg(m_kept.name),
            ResizeEndText::tr("Somebody else has done that; it would be overwritten."),
            ResizeEndText::tr("Remove the definition there first."));
    }
}

/** `base`: what its definition has to be still; empty: anything. */
void EndPlanner::addReady(const QString &base)
{
    job::Step step = keptStep(
        u"kept.ready"_s, ResizeEndText::tr("Look whether its hosts answer, and all is as planned"), m_kept.name);
    step.parameters = {{u"id"_s, m_kept.id}};
    if (!from().isNull()) {
        step.parameters.insert(u"from"_s, from().toString(QUuid::WithoutBraces));
    }
    if (!base.isEmpty()) {
        step.parameters.insert(u"base"_s, base);
    }
    m_plan.steps.append(step);
}

void EndPlanner::confirm()
{
    Confirmation confirmation{m_kept, from(), {}, {}, {}, m_draft.keepSource};
    for (const KeptState::Disk &disk : m_kept.disks) {
        if (!isUnmerged(disk)) {
            continue;
        }
        confirmation.chains.insert(disk.target, m_facts.disks.disk(disk.target)->chain);
        confirmation.bytes.insert(disk.target, m_facts.disks.files.value(disk.now.path).allocation);
    }
    addReady(definitionDigest(m_facts.xml));
    m_plan.steps += confirmationSteps(confirmation);
    add(Severity::Ok, ResizeEndText::tr("%1 stays as it is now.").arg(m_kept.name));
    add(Severity::Note, ResizeEndText::tr("What it was can't be brought back afterwards."));
    if (!confirmation.chains.isEmpty() && !m_facts.domain.isActive()) {
        add(Severity::Note, ResizeEndText::tr("%1 can't be started while its disks are merged.").arg(m_kept.name));
    }
    m_plan.xmlAfter = withKeptMark(m_plan.xmlBefore, {}).value_or(m_plan.xmlBefore);
    m_plan.verdict = ResizeEndText::tr("The change of %1 is confirmed.").arg(m_kept.name);
}

void EndPlanner::revert()
{
    addReady({});
    if (m_kept.ending != Ending::Revert) { // else only its files were not all deleted
        takeBack();
    }
    m_plan.steps.append(decideStep(m_kept, u"revert"_s));
    for (const QString &path : m_kept.made) {
        m_plan.steps.append(dropStep(path, {}, true, u"finish"_s)); // where it was it is already
    }
    // One that only has to be finished may have saved it there before it forgot it.
    if (isSaved() || (m_kept.ending == Ending::Revert && !aside().isEmpty())) {
        m_plan.steps.append(firmly(stateDropStep(aside())));
    }
    if (!m_kept.savedFile.isEmpty()) {
        m_plan.steps.append(firmly(stateDropStep(m_kept.savedFile, from())));
    }
    if (!m_kept.tpmMachine.isEmpty() && m_kept.isMoved()) {
        const QString machine = tpmMachineOf(m_facts.xml, m_kept.domain);
        m_plan.steps.append(firmly(tpmClearStep(machine.isEmpty() ? m_kept.tpmMachine : machine, false)));
    } else if (!m_kept.tpmFile.isEmpty()) {
        m_plan.steps += {firmly(stateDropStep(tpmAside())), firmly(stateDropStep(m_kept.tpmFile))};
    }
    m_plan.steps.append(endStep(m_kept, from()));
    m_plan.verdict = ResizeEndText::tr("%1 is again what it was.").arg(m_kept.name);
}

void EndPlanner::takeBack()
{
    add(Severity::Warning, ResizeEndText::tr("What %1 did since the change is lost.").arg(m_kept.name),
        m_facts.domain.isActive() ? ResizeEndText::tr("It runs, and is shut down first.") : QString());
    if (isThere()) {
        job::Step off = keptStep(u"vm.powerOff"_s, ResizeEndText::tr("Shut down"), m_kept.name,
            ResizeEndText::tr("Start it again, if it ran"));
        off.parameters = {{u"timeout"_s, m_draft.timeoutSeconds}, {u"force"_s, m_draft.force}};
        m_plan.steps.append(off);
        if (isSaved()) {
            SavedMemory memory;
            memory.path = aside();
            m_plan.steps.append(savedTakeStep(memory, m_kept.name));
        }
        if (!m_kept.tpmFile.isEmpty()) {
            m_plan.steps.append(tpmSaveStep(tpmAside()));
        }
    }
    if (m_kept.isMoved()) {
        m_plan.steps.append(keptStep(u"kept.leave"_s, ResizeEndText::tr("Forget it where it is now"), m_kept.name,
            ResizeEndText::tr("Define it there again")));
    }
    job::Step restore = on(keptStep(u"kept.restore"_s, ResizeEndText::tr("Define it as it was"), m_kept.name,
                               ResizeEndText::tr("Define it as it is now")),
        from());
    restore.parameters.insert(u"id"_s, m_kept.id);
    m_plan.steps.append(restore);
    if (!m_kept.tpmFile.isEmpty()) {
        m_plan.steps.append(tpmLoadStep(m_kept.tpmFile, isThere() ? tpmAside() : QString()));
    }
    if (!m_kept.savedFile.isEmpty()) {
        job::Step put = savedPutStep(m_kept.savedFile, m_kept.name, false, from());
        put.parameters.insert(u"paused"_s, m_kept.savedPaused);
        m_plan.steps.append(put);
    }
    if (m_kept.wasRunning && m_draft.start) {
        m_plan.steps.append(
            on(keptStep(u"vm.start"_s, ResizeEndText::tr("Start"), m_kept.name, ResizeEndText::tr("Switch it off")),
                from()));
    }
}

} // namespace

QList<job::Step> confirmationSteps(const Confirmation &confirmation)
{
    const KeptState &kept = confirmation.kept;
    const QString away = confirmation.isWithin ? QString() : u"undo"_s;
    QList<job::Step> steps{decideStep(kept, u"confirm"_s)};
    QList<job::Step> files;
    for (const KeptState::Disk &disk : kept.disks) {
        if (!disk.isOverlay) {
            if (!confirmation.keepSource) {
                files.append(dropStep(disk.before.path, confirmation.from, false, away));
            }
            continue;
        }
        const auto chain = confirmation.chains.constFind(disk.target);
        if (chain != confirmation.chains.constEnd()) {
            snapshot::Merge merge;
            merge.target = disk.target;
            merge.top = disk.now;
            merge.base = disk.before;
            merge.chain = *chain;
            merge.inNow = true;
            merge.isActive = true;
            merge.bytes = confirmation.bytes.value(disk.target);
            merge.gone = disk.now.path;
            steps.append(on(mergeStep(merge), confirmation.at));
        }
        files.append(dropStep(disk.now.path, confirmation.at, true, away));
    }
    if (!confirmation.keepSource) {
        for (const QString &path : kept.before) {
            files.append(dropStep(path, confirmation.from, false, away));
        }
    }
    const auto last = [&confirmation](const job::Step &step) {
        return confirmation.isWithin ? step : firmly(step);
    };
    if (!confirmation.keepSource && kept.isMoved() && !kept.tpmMachine.isEmpty()) {
        files.append(last(tpmClearStep(kept.tpmMachine, false, confirmation.from)));
    }
    if (!kept.savedFile.isEmpty() && !confirmation.from.isNull()) {
        files.append(last(stateDropStep(kept.savedFile, confirmation.from)));
    }
    if (!kept.tpmFile.isEmpty()) {
        files.append(last(stateDropStep(kept.tpmFile, confirmation.at)));
    }
    return steps + files + QList{endStep(kept, confirmation.at)};
}

job::Plan planResizeEnd(ResizeEnd end, const ResizeEndFacts &facts, const ResizeEndDraft &draft)
{
    return EndPlanner(end, facts, draft).make();
}

} // namespace vireo::operation
