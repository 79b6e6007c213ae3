// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonArray>

#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotparts.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/snapshot/layers.h"
#include "backend/snapshot/naming.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = snapshot::SnapshotDisk::Kind;
using Memory = snapshot::Snapshot::Memory;
using Severity = job::Finding::Severity;
using job::Step;
using snapshot::DiskNow;
using snapshot::Facts;
using snapshot::FileFacts;
using snapshot::Layer;
using snapshot::LayerTree;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;
using virt::DomainState;
using virt::snapshots::After;

struct SnapshotRevertText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotRevert)
};

constexpr int hostTimeout = 60; // seconds

QString afterWord(After after)
{
    switch (after) {
    case After::AsThen:
        return u"as then"_s;
    case After::Running:
        return u"running"_s;
    case After::Paused:
        return u"paused"_s;
    case After::Off:
        break;
    }
    return u"off"_s;
}

/** The way back to one snapshot. */
class Revert final
{
    Q_DISABLE_COPY_MOVE(Revert)

public:
    Revert(const virt::HostId &host, const Facts &facts, const SnapshotRevertDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
        , m_snapshot(facts.find(draft.snapshot))
        , m_plan(snapshotPlan(u"snapshot.revert"_s, SnapshotRevertText::tr("Take %1 back to a snapshot"), host, facts))
        , m_active(facts.domain.isActive())
    {}

    job::Plan plan();

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_plan.findings.append(finding(severity, text, cause, fix));
    }
    void block(const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        add(Severity::Blocker, text, cause, fix);
    }
    Step step(const QString &type, const QString &title, const QString &object = {}) const
    {
        return snapshotStep(type, title, object.isEmpty() ? m_facts.domain.name : object, m_facts);
    }
    bool wantsMemory() const;
    After resulting() const;
    void checkDiscrepancies();
    void checkInternal();
    void checkExternal();
    void checkDevices();
    void chooseKept();
    void warn();
    void addNativeSteps();
    void addOwnSteps();
    void addDestroy();
    void addStart(const QJsonArray &layers);
    void dropAbandoned();
    QString newOverlay(const QString &target, QStringList &taken) const;
    QString verdict() const;

    const Facts &m_facts;
    const SnapshotRevertDraft &m_draft;
    const Snapshot *m_snapshot;
    job::Plan m_plan;
    bool m_active;
    bool m_native = true;
    std::optional<SnapshotChoice> m_kept;
};

/** Whether the VM goes on from the memory of then. */
bool Revert::wantsMemory() const
{
    return m_snapshot->memory != Memory::None && m_draft.state != After::Off;
}

/** What it is in the end, with "as then" resolved. */
After Revert::resulting() const
{
    if (m_draft.state != After::AsThen) {
        return m_draft.state;
    }
    if (m_snapshot->memory == Memory::None) {
        return After::Off; // what its guest did then is not known
    }
    return m_snapshot->state == DomainState::Paused ? After::Paused : After::Running;
}

void Revert::checkDiscrepancies()
{
    const QList<snapshot::Discrepancy> found = snapshot::discrepancies(m_facts);
    for (const snapshot::Discrepancy &one : found) {
        if (one.snapshot != m_snapshot->name) {
            continue;
        }
        const bool isMemory = !one.path.isEmpty() && one.path == m_snapshot->memoryFile;
        const bool matters = one.isFatal && (!isMemory || wantsMemory());
        add(matters ? Severity::Blocker : Severity::Warning, one.text, one.cause, one.fix);
    }
}

/** libvirt writes the state back into the file in which it is: nothing else may stand on that file. */
void Revert::checkInternal()
{
    for (const SnapshotDisk &disk : m_snapshot->disks) {
        if (disk.kind != Kind::Internal || disk.state.isEmpty()) {
            continue;
        }
        const QString path = disk.state.constFirst().path;
        const DiskNow *now = m_facts.disk(disk.target);
        const LayerTree tree(m_facts, disk.target);
        const int index = tree.indexOf(path);
        const bool isBelow = index >= 0 && !tree.nodes().at(index).children.isEmpty();
        if (isBelow || (now && !now->chain.isEmpty() && now->chain.constFirst().path != path)) {
            block(SnapshotRevertText::tr("The state of %1 is within “%2”, on which other files stand by now.")
                      .arg(disk.target, path),
                SnapshotRevertText::tr(
                    "Going back would write to that file, and destroy what stands on it: the VM as it is now, or later "
                    "snapshots."),
                SnapshotRevertText::tr(
                    "Delete the external snapshots that were taken since: that merges their files."));
        } else if (index >= 0 && !tree.nodes().at(index).users.isEmpty()) {
            block(SnapshotRevertText::tr("Others need “%1” as it is: %2.")
                      .arg(path, tree.nodes().at(index).users.join(u", "_s)),
                SnapshotRevertText::tr("Going back would write to that file."));
        }
    }
}

void Revert::checkExternal()
{
    if (!m_facts.domain.persistent) {
        block(
            SnapshotRevertText::tr("%1 is transient: its definition goes when it is stopped.").arg(m_facts.domain.name),
            {}, SnapshotRevertText::tr("Define it first, so that its host keeps it."));
    }
    for (const SnapshotDisk &disk : m_snapshot->disks) {
        if (disk.kind == Kind::Internal) {
            block(SnapshotRevertText::tr("“%1” is internal on the disk %2 and external elsewhere.")
                      .arg(m_snapshot->name, disk.target),
                SnapshotRevertText::tr("This host's libvirt can't go back to such a mixture."));
        } else if (disk.kind == Kind::External && disk.state.isEmpty()) {
            block(SnapshotRevertText::tr("libvirt has not recorded what the disk %1 was.").arg(disk.target));
        } else if (disk.kind == Kind::External && disk.state.constFirst().format.isEmpty()) {
            block(SnapshotRevertText::tr("The format of “%1” was not recorded, and Vireo never guesses it.")
                    .arg(disk.state.constFirst().path));
        }
    }
}

/** What the definition of then lacks or brings back. */
void Revert::checkDevices()
{
    for (const DiskNow &now : m_facts.disks) {
        const SnapshotDisk *then = m_snapshot->disk(now.target);
        if (!then && now.canSnapshot) {
            add(Severity::Note, SnapshotRevertText::tr("The VM had no disk %1 then: it is taken out.").arg(now.target),
                SnapshotRevertText::tr("Its file stays."));
        } else if (then && then->kind == Kind::None && now.canSnapshot) {
            add(Severity::Note,
                SnapshotRevertText::tr("The disk %1 was left out: it stays as it is now.").arg(now.target));
        }
    }
    for (const SnapshotDisk &then : m_snapshot->disks) {
        if (then.kind != Kind::None && !m_facts.disk(then.target)) {
            add(Severity::Note,
                SnapshotRevertText::tr("The disk %1, which the VM has no longer, comes back.").arg(then.target));
        }
    }
}

/** A snapshot of now, which must not stand in the way back. */
void Revert::chooseKept()
{
    if (!m_draft.keepNow) {
        return;
    }
    SnapshotCreateDraft draft;
    draft.name =
        m_draft.keepName.isEmpty() ? snapshot::suggestedName(m_facts, QDateTime::currentDateTime()) : m_draft.keepName;
    draft.description = SnapshotRevertText::tr("Before going back to “%1”").arg(m_snapshot->name);
    draft.live = false;
    Facts facts = m_facts;
    if (m_snapshot->isInternal()) {
        // An external one would stand on the very file that libvirt is about to write to.
        const QString obstacle = internalObstacle(m_facts);
        if (!obstacle.isEmpty()) {
            block(SnapshotRevertText::tr("What the VM is now can't be kept."), obstacle,
                SnapshotRevertText::tr("Go back without keeping it, if you can do without."));
            return;
        }
        draft.kind = SnapshotCreateDraft::Kind::Internal;
        facts.snapshots.clear(); // the external ones are no obstacle here: nobody merges meanwhile
        if (const QString problem = snapshot::nameProblem(draft.name, m_facts); !problem.isEmpty()) {
            block(problem);
        }
    } else {
        draft.kind = SnapshotCreateDraft::Kind::External;
    }
    QList<job::Finding> findings;
    SnapshotChoice choice = resolveCreate(facts, draft, findings);
    for (const job::Finding &found : std::as_const(findings)) {
        if (found.severity == Severity::Blocker || found.severity == Severity::Warning) {
            m_plan.findings.append(found);
        }
    }
    choice.halt = true;
    m_kept = choice;
}

void Revert::warn()
{
    const QString vm = m_facts.domain.name;
    if (!m_draft.keepNow) {
        add(Severity::Warning, SnapshotRevertText::tr("What %1 is now is lost.").arg(vm),
            m_active ? SnapshotRevertText::tr("It runs, and is stopped at once; what its disks have changed goes.")
                     : SnapshotRevertText::tr("What its disks have changed goes."),
            SnapshotRevertText::tr("Take a snapshot of now first."));
    } else if (m_kept && m_active && !m_kept->memory) {
        add(Severity::Warning, SnapshotRevertText::tr("What the guest holds in its memory now is not kept."),
            SnapshotRevertText::tr("It is stopped as by pulling its plug."));
    }
    if (m_snapshot->memory == Memory::None && resulting() == After::Off && m_draft.state == After::AsThen
        && (m_snapshot->isDiskOnly || m_snapshot->state == DomainState::Running)) {
        add(Severity::Note, SnapshotRevertText::tr("%1 is off afterwards: its memory was not kept.").arg(vm),
            SnapshotRevertText::tr("Its disks are as after a power failure."),
            SnapshotRevertText::tr("Choose to start it, if you want it to boot."));
    }
    if (m_snapshot->memory != Memory::None && m_draft.state == After::Off) {
        add(Severity::Note, SnapshotRevertText::tr("The memory of “%1” is not used.").arg(m_snapshot->name),
            SnapshotRevertText::tr("The next start finds the disks as after a power failure."));
    }
    if (!m_native && (m_facts.usesUefi || m_facts.hasTpm)) {
        add(Severity::Note, SnapshotRevertText::tr("Firmware variables and TPM stay as they are now."));
    }
}

void Revert::addDestroy()
{
    Step destroy = step(u"domain.destroy"_s, SnapshotRevertText::tr("Force off"));
    destroy.parameters.insert(u"timeout"_s, hostTimeout);
    m_plan.steps.append(destroy);
}

void Revert::addNativeSteps()
{
    if (m_kept) {
        m_plan.steps += createSteps(m_facts, *m_kept, true);
    }
    Step revert = step(u"snapshot.revert"_s, SnapshotRevertText::tr("Go back to the snapshot"), m_snapshot->name);
    revert.parameters.insert(u"snapshot"_s, m_snapshot->name);
    revert.parameters.insert(u"kept"_s, m_kept.has_value());
    // A snapshot without memory leaves the VM off, unless it shall be started.
    const bool offLater = m_draft.state == After::Off && m_snapshot->memory != Memory::None;
    const bool asThen = m_draft.state == After::AsThen || (m_draft.state == After::Off && !offLater);
    revert.parameters.insert(u"state"_s, offLater ? u"paused"_s : afterWord(asThen ? After::AsThen : m_draft.state));
    m_plan.steps.append(revert);
    if (offLater) {
        addDestroy();
    }
}

QString Revert::newOverlay(const QString &target, QStringList &taken) const
{
    const QString path = snapshot::overlayPath(m_facts, target, m_snapshot->name);
    const auto isTaken = [this, &taken](const QString &each) {
        return taken.contains(each)
            || (m_kept && std::ranges::find(m_kept->disks, each, &SnapshotChoice::Disk::file) != m_kept->disks.cend());
    };
    QString free = path;
    for (int i = 2; isTaken(free); ++i) {
        free = path.chopped(6) + u"-r%1.qcow2"_s.arg(i);
    }
    taken.append(free);
    return free;
}

/** All that can fail without harm comes before the VM is stopped. */
void Revert::addOwnSteps()
{
    QJsonArray layers;
    QStringList taken;
    for (const SnapshotDisk &disk : m_snapshot->disks) {
        Layer layer;
        if (disk.kind == Kind::External) {
            layer = {newOverlay(disk.target, taken), u"qcow2"_s};
            m_plan.steps.append(createLayerStep(layer.path, disk.state.constFirst()));
        } else if (const DiskNow *now = m_facts.disk(disk.target); now && !now->chain.isEmpty() && !now->isNetwork) {
            layer = now->chain.constFirst();
        }
        if (!layer.path.isEmpty()) {
            layers.append(
                QJsonObject{{u"target"_s, disk.target}, {u"path"_s, layer.path}, {u"format"_s, layer.format}});
        }
    }
    if (m_kept) {
        m_plan.steps += createSteps(m_facts, *m_kept, true);
    }
    if (m_active && !m_kept) {
        addDestroy();
    }
    Step definition = step(u"snapshot.restoreDefinition"_s, SnapshotRevertText::tr("Define the VM as it was"));
    definition.undo = SnapshotRevertText::tr("Define it as it is now");
    definition.parameters.insert(u"snapshot"_s, m_snapshot->name);
    definition.parameters.insert(u"layers"_s, layers);
    m_plan.steps.append(definition);
    m_plan.steps.append(currentStep(m_snapshot->name));
    addStart(layers);
    dropAbandoned();
}

void Revert::addStart(const QJsonArray &layers)
{
    const After after = resulting();
    if (after == After::Off) {
        return;
    }
    const bool missing = m_facts.files.value(m_snapshot->memoryFile).presence == FileFacts::Presence::Missing;
    const bool restores = m_snapshot->memory == Memory::External && !missing;
    Step start = step(u"domain.restoreMemory"_s,
        restores ? SnapshotRevertText::tr("Go on from the memory of then") : SnapshotRevertText::tr("Start"));
    start.undo = SnapshotRevertText::tr("Force off");
    start.parameters.insert(u"snapshot"_s, m_snapshot->name);
    start.parameters.insert(u"layers"_s, layers);
    start.parameters.insert(u"file"_s, restores ? m_snapshot->memoryFile : QString());
    start.parameters.insert(u"paused"_s, after == After::Paused);
    m_plan.steps.append(start);
}

/** What the VM wrote since its last snapshot, where that was not to be kept; else the overlay that keeping it made and
 *  that nobody ever wrote to. */
void Revert::dropAbandoned()
{
    for (const SnapshotDisk &disk : m_snapshot->disks) {
        if (disk.kind != Kind::External) {
            continue;
        }
        if (m_kept) {
            const auto kept = std::ranges::find(m_kept->disks, disk.target, &SnapshotChoice::Disk::target);
            if (kept != m_kept->disks.cend() && kept->kind == Kind::External) {
                m_plan.steps.append(deleteLayerStep(kept->file, true));
                m_plan.steps.last().parameters.insert(u"optional"_s, true);
            }
            continue;
        }
        const DiskNow *now = m_facts.disk(disk.target);
        const LayerTree tree(m_facts, disk.target);
        const int index = now && !now->chain.isEmpty() ? tree.indexOf(now->chain.constFirst().path) : -1;
        if (index < 0 || !m_facts.usersProblem.isEmpty()) {
            continue;
        }
        const LayerTree::Node &node = tree.nodes().at(index);
        // Made over a snapshot's state, by whomever: nothing else than what came after that snapshot is in it.
        const bool isOurs = node.parent >= 0 && !tree.nodes().at(node.parent).states.isEmpty();
        if (isOurs && node.children.isEmpty() && node.states.isEmpty() && node.internals.isEmpty()
            && node.users.isEmpty()) {
            m_plan.steps.append(deleteLayerStep(node.layer.path));
            m_plan.steps.last().parameters.insert(u"optional"_s, true);
        }
    }
}

QString Revert::verdict() const
{
    const QString vm = m_facts.domain.name;
    QString text;
    switch (resulting()) {
    case After::Off:
        text = SnapshotRevertText::tr("%1 becomes what it was in “%2”, and is off.");
        break;
    case After::Paused:
        text = SnapshotRevertText::tr("%1 becomes what it was in “%2”, and is paused.");
        break;
    default:
        text = SnapshotRevertText::tr("%1 becomes what it was in “%2”, and runs.");
        break;
    }
    text = text.arg(vm, m_snapshot->name);
    return m_kept ? text + u' ' + SnapshotRevertText::tr("What it is now is kept in “%1”.").arg(m_kept->name) : text;
}

job::Plan Revert::plan()
{
    m_plan.draft = {{u"operation"_s, u"snapshot.revert"_s}, {u"domain"_s, m_facts.domain.name},
        {u"snapshot"_s, m_draft.snapshot}, {u"state"_s, afterWord(m_draft.state)}, {u"keep_now"_s, m_draft.keepNow}};
    if (!m_snapshot) {
        block(SnapshotRevertText::tr("%1 has no snapshot “%2”.").arg(m_facts.domain.name, m_draft.snapshot));
        return m_plan;
    }
    m_native = !m_snapshot->isExternal();
    m_plan.findings += presentObstacles(m_facts);
    if (const auto unconfirmed = unconfirmedFinding(m_facts.storedXml)) {
        m_plan.findings.append(*unconfirmed);
    }
    checkDiscrepancies();
    checkInternal();
    if (!m_native) {
        // Our own steps can be taken back, and their overlays are nobody else's to read (libvirt before 11.10 makes
        // them world-readable). Where libvirt can, it does what ours can't.
        const QList<job::Finding> before = m_plan.findings;
        checkExternal();
        if (m_facts.revertsExternal && m_plan.findings != before) {
            m_plan.findings = before;
            m_native = true;
        }
    }
    checkDevices();
    if (!m_plan.isBlocked()) {
        chooseKept();
    }
    warn();
    if (m_plan.isBlocked()) {
        return m_plan;
    }
    if (m_native) {
        addNativeSteps();
    } else {
        addOwnSteps();
    }
    m_plan.verdict = verdict();
    return m_plan;
}

} // namespace

job::Plan planSnapshotRevert(const virt::HostId &host, const Facts &facts, const SnapshotRevertDraft &draft)
{
    return Revert(host, facts, draft).plan();
}

} // namespace vireo::operation
