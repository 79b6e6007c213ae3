// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/cold/coldmigration.h"

#include <algorithm>
#include <ranges>

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/carriedstate_p.h"
#include "backend/operation/cold/coldfilesteps_p.h"
#include "backend/operation/cold/coldlayout_p.h"
#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using snapshot::Chain;
using snapshot::Layer;
using After = ResizeDraft::After;
using Confirm = ResizeDraft::Confirm;

struct ColdMigrationText {
    Q_DECLARE_TR_FUNCTIONS(operation_coldmigration)
};

constexpr quint64 kibibyte = 1024;

/** As it is to be: what the destination must have room for. */
MigrateFacts asResized(MigrateFacts facts, const ResizeDraft &draft)
{
    virt::DomainRecord &vm = facts.source.domain;
    vm.vcpus = draft.vcpus.value_or(vm.vcpus);
    vm.maxVcpus = std::max(draft.maxVcpus.value_or(vm.maxVcpus), vm.vcpus);
    vm.memoryKiB = draft.memoryKiB.value_or(vm.memoryKiB);
    vm.maxMemoryKiB = std::max(draft.maxMemoryKiB.value_or(vm.maxMemoryKiB), vm.memoryKiB);
    return facts;
}

/** Makes one plan. */
class ColdPlanner final
{
    Q_DISABLE_COPY_MOVE(ColdPlanner)

public:
    ColdPlanner(const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &resize,
        const MigrateFacts &facts, const ResizeDraft &draft, const MigrateDraft &way)
        : m_resize(resize)
        , m_now(asResized(facts, draft))
        , m_facts(asShutOff(facts))
        , m_draft(draft)
        , m_way(withPools(way, draft, m_facts))
        , m_confirmsItself(draft.confirm == Confirm::Auto && draft.confirmHours == 0)
        , m_layout(coldLayout(resize, m_facts, draft, m_way, !m_confirmsItself))
        , m_rewrite(migrateRewrite(m_facts, m_way, m_layout.files))
        , m_variables(variablesOnTheWay(m_facts, m_way, resize.token, !m_confirmsItself))
        , m_tpm(tpmMachineOf(m_facts.source.liveXml, facts.source.domain.uuid))
        , m_tpmFile(tpmPassage(m_facts, m_way, m_layout.files))
        , m_saved(facts.source.domain.managedSave)
        , m_memory(savedMemory(m_facts, m_way, m_layout.files))
        , m_runs(resize.edit.domain.isActive())
        , m_starts(draft.after == After::AsBefore ? m_runs : draft.after == After::Running)
        , m_destination(destination)
        , m_to(destination.toString(QUuid::WithoutBraces))
    {
        m_plan.operation = u"resize"_s;
        m_plan.host = source;
        m_plan.alsoHosts = {destination};
        m_plan.queue = u"migrate/"_s + source.toString(QUuid::WithoutBraces) + u'/' + m_to;
        m_plan.queueLimit = way.atOnce;
        m_plan.domain = facts.source.domain.uuid;
        m_plan.domainName = facts.source.domain.name;
        m_plan.title = ColdMigrationText::tr("Move %1 to %2").arg(m_plan.domainName, there());
        m_plan.draft = resizeDraftToJson(facts.source.host.uri, m_plan.domainName, draft);
    }

    job::Plan make()
    {
        const QList<Check> checks = preflight(m_now, m_way);
        for (const Check &check : checks) {
            m_plan.findings.append(check.finding);
        }
        m_plan.findings += m_layout.findings;
        ResizeFacts resize = m_resize;
        resize.disks.domain.managedSave = false; // see checkSaved()
        for (const job::Finding &finding : resizeFindings(resize, m_draft)) {
            if (!m_plan.findings.contains(finding)) {
                m_plan.findings.append(finding);
            }
        }
        checkStopping();
        if (m_saved) {
            checkSaved();
            checkPassage(m_memory, ColdMigrationText::tr("the memory of %1").arg(m_plan.domainName));
        } else if (!m_tpm.isEmpty()) {
            checkPassage(m_tpmFile, ColdMigrationText::tr("the state of the TPM"));
        }
        makeXml();
        if (!m_plan.isBlocked()) {
            m_plan.verdict = verdict();
            m_kept = keptState();
            addSteps();
        }
        return std::move(m_plan);
    }

private:
    /** Pools of single disks, as places of their files. */
    static MigrateDraft withPools(MigrateDraft way, const ResizeDraft &draft, const MigrateFacts &facts)
    {
        for (const ResizeDraft::Disk &wish : draft.disks) {
            const snapshot::DiskNow *disk = facts.source.disks.disk(wish.target);
            const auto pool = std::ranges::find(facts.destination.pools, wish.pool, &virt::storage::Pool::name);
            if (!wish.pool.isEmpty() && disk && !disk->chain.isEmpty() && pool != facts.destination.pools.end()) {
                const QString from = disk->chain.constFirst().path;
                way.map.paths.insert(from, pool->targetPath + u'/' + QFileInfo(from).fileName());
            }
        }
        return way;
    }
    QString there() const
    {
        const QString &host = m_facts.destination.host.hostname;
        return host.isEmpty() ? ColdMigrationText::tr("another host") : host;
    }
    void addStep(const QString &type, const QString &title, const QString &object, const QString &undo, quint64 bytes,
        QJsonObject parameters)
    {
        m_plan.steps.append(job::Step{type, title, object, undo, bytes, std::move(parameters)});
    }
    void addThere(const QString &type, const QString &title, const QString &object, const QString &undo, quint64 bytes,
        QJsonObject parameters)
    {
        parameters.insert(u"host"_s, m_to);
        addStep(type, title, object, undo, bytes, std::move(parameters));
    }
    void checkStopping();
    void checkSaved();
    void checkPassage(const SavedMemory &file, const QString &what);
    void makeXml();
    QString verdict() const;
    QString changeText() const;
    KeptState keptState() const;
    QStringList leftAtSource() const;
    void addSteps();
    void addStopping();
    void addFiles();
    void addMove();
    void addStart();
    void addSavedState();
    void addEnd();

    const ResizeFacts &m_resize;
    const MigrateFacts m_now;
    const MigrateFacts m_facts;
    const ResizeDraft &m_draft;
    const MigrateDraft m_way;
    const bool m_confirmsItself; ///< at the end of this very job
    const ColdLayout m_layout;
    const MigrateRewrite m_rewrite;
    const CarriedVariables m_variables;
    const QString m_tpm; ///< the machine with its TPM, at the source; empty: it has none
    const SavedMemory m_tpmFile;
    const bool m_saved; ///< its memory goes along
    const SavedMemory m_memory;
    const bool m_runs;
    const bool m_starts;
    const virt::HostId m_destination;
    const QString m_to;
    KeptState m_kept;
    job::Plan m_plan;
};

void ColdPlanner::checkStopping()
{
    const auto add = [this](Severity severity, const QString &text, const QString &cause, const QString &fix = {}) {
        m_plan.findings.append({severity, text, cause, fix});
    };
    const QString &name = m_plan.domainName;
    if (m_runs) {
        add(Severity::Note, ColdMigrationText::tr("%1 is shut down for it.").arg(name),
            m_draft.force
                ? ColdMigrationText::tr("The guest has %1 s; then it is switched off.").arg(m_draft.timeoutSeconds)
                : ColdMigrationText::tr("The guest has %1 s; if it does not obey, all is left as it was.")
                      .arg(m_draft.timeoutSeconds));
    }
    if (m_starts) {
        add(Severity::Ok, ColdMigrationText::tr("%1 is started at %2.").arg(name, there()), {});
    }
    if (m_draft.keepSource || !m_confirmsItself) {
        add(Severity::Note,
            m_confirmsItself ? ColdMigrationText::tr("Its files stay at the source.")
                             : ColdMigrationText::tr("What it was stays at the source until the change is confirmed."),
            ColdMigrationText::tr("They take room there, and nobody may start a VM from them."));
    }
}

/** What it goes on with is what it had. */
void ColdPlanner::checkSaved()
{
    const bool grows = std::ranges::any_of(m_draft.disks,
        [](const ResizeDraft::Disk &disk) { return disk.capacity > 0 || !disk.bus.isEmpty() || disk.sparsify; });
    if (m_draft.vcpus || m_draft.maxVcpus || m_draft.topology || m_draft.memoryKiB || m_draft.maxMemoryKiB || grows) {
        m_plan.findings.append({Severity::Blocker, ColdMigrationText::tr("%1 is saved.").arg(m_plan.domainName),
            ColdMigrationText::tr("It goes on with the vCPUs, the memory and the disks that it had."),
            ColdMigrationText::tr("Start it, or discard its saved state; or move it as it is.")});
        return;
    }
    m_plan.findings.append({Severity::Note,
        m_starts ? ColdMigrationText::tr("%1 goes on from its saved state.").arg(m_plan.domainName)
                 : ColdMigrationText::tr("%1 is saved at %2 as well.").arg(m_plan.domainName, there()),
        {}, {}});
}

void ColdPlanner::checkPassage(const SavedMemory &file, const QString &what)
{
    const auto block = [this](const QString &text, const QString &cause, const QString &fix) {
        m_plan.findings.append({Severity::Blocker, text, cause, fix});
    };
    if (file.path.isEmpty() || file.pathThere.isEmpty()) {
        block(file.path.isEmpty() ? ColdMigrationText::tr("The source has no active pool for %1.").arg(what)
                                  : ColdMigrationText::tr("%1 has no active pool for %2.").arg(there(), what),
            ColdMigrationText::tr("It is a file while it passes."),
            ColdMigrationText::tr("Start or make a pool that is a directory."));
        return;
    }
    const auto checkRoom = [&](const QList<virt::storage::Pool> &pools, const QString &name) {
        const auto pool = std::ranges::find(pools, name, &virt::storage::Pool::name);
        if (pool != pools.end() && pool->available < file.bytes) {
            block(ColdMigrationText::tr("The pool “%1” has no room for %2.").arg(name, what),
                ColdMigrationText::tr("It takes up to %1, and %2 are free.")
                    .arg(sizeText(file.bytes), sizeText(pool->available)),
                ColdMigrationText::tr("Make room there."));
        }
    };
    checkRoom(m_facts.source.pools, file.pool);
    checkRoom(m_facts.destination.pools, file.poolThere);
}

void ColdPlanner::makeXml()
{
    m_plan.xmlBefore = withoutSecrets(m_facts.source.liveXml);
    auto text = rewriteForDestination(m_plan.xmlBefore, m_rewrite);
    for (auto each = m_layout.chains.cbegin(); each != m_layout.chains.cend(); ++each) {
        const snapshot::DiskNow *now = m_facts.source.disks.disk(each.key());
        if (text && now && !each->isEmpty() && now->chain != *each) {
            text = withDiskFiles(*text, each.key(), *each);
        }
    }
    if (text && !m_variables.renamed.isEmpty()) {
        text = withVariables(*text, m_variables.renamed);
    }
    if (text) {
        text = resizedXml(*text, m_draft);
    }
    if (!text) {
        m_plan.findings.append({Severity::Blocker,
            ColdMigrationText::tr("The definition of %1 can't be changed so.").arg(m_plan.domainName),
            text.error().message, ColdMigrationText::tr("Look at it in the XML editor.")});
        return;
    }
    m_plan.xmlAfter = *text;
}

QString ColdPlanner::changeText() const
{
    QStringList parts;
    if (m_draft.vcpus) {
        parts.append(*m_draft.vcpus == 1 ? ColdMigrationText::tr("1 vCPU")
                                         : ColdMigrationText::tr("%n vCPUs", nullptr, *m_draft.vcpus));
    }
    if (m_draft.memoryKiB) {
        parts.append(ColdMigrationText::tr("%1 of memory").arg(sizeText(*m_draft.memoryKiB * kibibyte)));
    }
    for (const ResizeDraft::Disk &disk : m_draft.disks) {
        if (disk.capacity > 0) {
            parts.append(ColdMigrationText::tr("disk %1 of %2").arg(disk.target, sizeText(disk.capacity)));
        }
    }
    parts.append(ColdMigrationText::tr("moved to %1").arg(there()));
    return parts.join(u", "_s);
}

QString ColdPlanner::verdict() const
{
    quint64 bytes = 0;
    for (const ColdFile &file : m_layout.made) {
        bytes += file.move.bytes;
    }
    const QString way = m_saved ? ColdMigrationText::tr("%1, which is saved, moves to %2")
        : m_runs                ? ColdMigrationText::tr("%1 is shut down, and moves to %2")
                                : ColdMigrationText::tr("%1, which is off, moves to %2");
    const QString moves = way.arg(m_plan.domainName, there());
    return bytes > 0 ? ColdMigrationText::tr("%1; %2 of its files are copied.").arg(moves, sizeText(bytes))
                     : ColdMigrationText::tr("%1; no file of it is copied.").arg(moves);
}

/** Files at the source that nobody needs once it has moved for good. What lies upon others comes first. */
QStringList ColdPlanner::leftAtSource() const
{
    QStringList tops;
    QStringList others;
    // What lies on others goes before them: layers are listed from below.
    for (const ColdFile &file : m_layout.made | std::views::reverse) {
        const snapshot::FileFacts facts = m_facts.source.disks.files.value(file.move.from);
        if (facts.users.isEmpty() && !isBaseName(QFileInfo(file.move.from).fileName())) {
            (file.isTop ? tops : others).append(file.move.from);
        }
        // Flattened: its layers went with it.
        for (qsizetype i = 1; file.isTop && !file.topOnly && i < file.chain.size(); ++i) {
            const QString path = file.chain.at(i).path;
            if (m_facts.source.disks.files.value(path).users.isEmpty() && !isBaseName(QFileInfo(path).fileName())) {
                others.append(path);
            }
        }
    }
    others.removeDuplicates();
    return tops + others;
}

KeptState ColdPlanner::keptState() const
{
    KeptState state;
    state.id = m_resize.token;
    state.domain = m_plan.domain;
    state.name = m_plan.domainName;
    state.fromUri = m_facts.source.host.uri;
    state.toUri = m_draft.to.isEmpty() ? m_facts.destination.host.uri : m_draft.to;
    state.since = QDateTime::currentDateTimeUtc();
    if (m_draft.confirm == Confirm::Auto && m_draft.confirmHours > 0) {
        constexpr qint64 hour = 3600;
        state.confirmAt = state.since.addSecs(m_draft.confirmHours * hour);
    }
    state.wasRunning = m_runs;
    state.autostart = m_facts.source.domain.autostart;
    state.keepSource = m_draft.keepSource;
    state.change = changeText();
    QStringList made;
    for (const ColdFile &file : m_layout.made | std::views::reverse) {
        made.append(file.move.to);
        if (file.isTop && !file.chain.isEmpty()) {
            state.disks.prepend({file.move.target, file.chain.constFirst(), {file.move.to, file.format}, false});
        }
    }
    for (const ColdOverlay &overlay : m_layout.overlays) {
        state.disks.append({overlay.target, overlay.before, {overlay.path, u"qcow2"_s}, true});
        made.prepend(overlay.path);
    }
    QStringList before = leftAtSource();
    if (!m_variables.from.isEmpty()) {
        made.append(m_variables.here ? m_variables.renamed : m_variables.to);
        before.append(m_variables.from);
    }
    state.tpmMachine = m_tpm;
    state.savedFile = m_saved ? m_memory.path : QString();
    state.made = made;
    for (const KeptState::Disk &disk : std::as_const(state.disks)) {
        before.removeAll(disk.before.path);
    }
    state.before = before;
    return state;
}

void ColdPlanner::addStopping()
{
    const QString &name = m_plan.domainName;
    m_plan.steps += compareSteps(m_layout.files, m_destination, there()); // while it still runs
    addStep(u"kept.check"_s, ColdMigrationText::tr("Look whether it is still as planned"), name, {}, 0,
        {{u"base"_s, definitionDigest(m_facts.source.liveXml)}});
    if (m_starts) {
        const virt::DomainRecord &vm = m_facts.source.domain;
        const quint64 memory = std::max(vm.maxMemoryKiB, m_draft.memoryKiB.value_or(0)) * kibibyte;
        addStep(u"domain.reserve"_s, ColdMigrationText::tr("Reserve memory on %1").arg(there()), name,
            ColdMigrationText::tr("The memory is given back"), 0,
            {{u"to"_s, m_to}, {u"memory"_s, static_cast<double>(memory)},
                {u"vcpus"_s, m_draft.vcpus.value_or(vm.vcpus)}});
    }
    // Also one that is off: it may have been started meanwhile.
    addStep(u"vm.powerOff"_s, ColdMigrationText::tr("Shut it down"), name,
        ColdMigrationText::tr("It runs again if it ran"), 0,
        {{u"timeout"_s, m_draft.timeoutSeconds}, {u"force"_s, m_draft.force}});
    addStep(u"kept.begin"_s, ColdMigrationText::tr("Keep what it is"), name,
        ColdMigrationText::tr("What was kept is forgotten"), 0, {{u"state"_s, m_kept.toJson()}});
}

/** Layers first, beneath others first. */
void ColdPlanner::addFiles()
{
    if (m_saved) {
        m_plan.steps.append(savedTakeStep(m_memory, m_plan.domainName));
    }
    const ColdPlace place{m_resize, m_layout, m_plan.xmlAfter, there(), m_to, m_draft.verify};
    for (const ColdFile &file : m_layout.made) {
        m_plan.steps += fileSteps(file, place);
    }
    for (const ColdOverlay &overlay : m_layout.overlays) {
        m_plan.steps += overlaySteps(overlay, place);
    }
    if (!m_variables.from.isEmpty()) {
        job::Step step = m_variables.step();
        if (!m_variables.here) {
            step.parameters.insert(u"host"_s, m_to);
        }
        m_plan.steps.append(step);
    }
    if (!m_tpm.isEmpty() && !m_saved) { // memory has it with it
        m_plan.steps.append(tpmSaveStep(m_tpmFile.path));
        m_plan.steps += passageSteps(m_tpmFile, m_destination);
    }
    if (m_saved) {
        m_plan.steps += passageSteps(m_memory, m_destination);
    }
    if (!m_tpm.isEmpty()) {
        m_plan.steps.append(tpmClearStep(tpmMachineOf(m_plan.xmlAfter, m_plan.domain), true, m_destination));
    }
}

void ColdPlanner::addMove()
{
    const QString &name = m_plan.domainName;
    addStep(u"kept.leave"_s, ColdMigrationText::tr("The source forgets it"), name,
        ColdMigrationText::tr("It is defined again as it was"), 0, {});
    addThere(u"kept.define"_s, ColdMigrationText::tr("Define it at %1").arg(there()), name,
        ColdMigrationText::tr("It is undefined again"), 0, {{u"xml"_s, m_plan.xmlAfter}, {u"id"_s, m_resize.token}});
    if (!m_facts.source.disks.snapshots.isEmpty()) {
        addThere(u"kept.snapshots"_s, ColdMigrationText::tr("Bring its snapshots to %1").arg(there()), name, {}, 0,
            {{u"id"_s, m_resize.token}, {u"rewrite"_s, m_rewrite.toJson()}});
    }
    if (m_facts.source.domain.autostart) {
        addThere(
            u"kept.autostart"_s, ColdMigrationText::tr("Let it start with the host"), name, {}, 0, {{u"on"_s, true}});
    }
    if (m_saved) {
        addSavedState();
    } else {
        addStart();
    }
    if (m_starts) {
        m_plan.steps += growInGuestSteps(m_resize, m_draft, true, m_destination);
    }
}

void ColdPlanner::addStart()
{
    if (!m_tpm.isEmpty()) {
        m_plan.steps.append(tpmLoadStep(m_tpmFile.pathThere, {}, m_destination));
        if (!m_tpmFile.isShared) {
            m_plan.steps.append(stateDropStep(m_tpmFile.pathThere, m_destination));
        }
        m_plan.steps.append(stateDropStep(m_tpmFile.path));
    }
    if (m_starts) {
        addThere(u"vm.start"_s, ColdMigrationText::tr("Start it at %1").arg(there()), m_plan.domainName,
            ColdMigrationText::tr("It is switched off"), 0, {});
    }
}

void ColdPlanner::addSavedState()
{
    job::Step step = savedPutStep(m_memory.pathThere, m_plan.domainName, m_starts, m_destination);
    QJsonObject chains;
    for (auto each = m_layout.chains.cbegin(); each != m_layout.chains.cend(); ++each) {
        const snapshot::DiskNow *now = m_facts.source.disks.disk(each.key());
        if (now && !each->isEmpty() && now->chain != *each) {
            chains.insert(each.key(), layersOf(*each));
        }
    }
    step.parameters.insert(u"rewrite"_s, m_rewrite.toJson());
    step.parameters.insert(u"chains"_s, chains);
    step.parameters.insert(u"nvram"_s, m_variables.renamed);
    m_plan.steps.append(step);
    if (!m_memory.isShared) {
        m_plan.steps.append(stateDropStep(m_memory.pathThere, m_destination));
    }
}

/** Confirmed by itself: as planResizeEnd() does. */
void ColdPlanner::addEnd()
{
    if (!m_confirmsItself) {
        return;
    }
    Confirmation confirmation{m_kept, m_plan.host, m_destination, {}, {}, m_draft.keepSource, true};
    for (const ColdOverlay &overlay : m_layout.overlays) {
        confirmation.chains.insert(overlay.target, m_layout.chains.value(overlay.target));
    }
    m_plan.steps += confirmationSteps(confirmation);
}

void ColdPlanner::addSteps()
{
    addStopping();
    addFiles();
    addMove();
    addEnd();
}

} // namespace

job::Plan planColdMove(const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &facts,
    const MigrateFacts &migrate, const ResizeDraft &draft, const MigrateDraft &way)
{
    return ColdPlanner(source, destination, facts, migrate, draft, way).make();
}

job::Plan planColdMigration(const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &facts,
    const MigrateFacts &migrate, const ResizeDraft &draft)
{
    return planColdMove(source, destination, facts, migrate, draft, migrateDraftOf(draft));
}

} // namespace vireo::operation
