// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/carriedstate_p.h"
#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizecontent_p.h"
#include "backend/operation/resize/resizelive_p.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/snapshot/naming.h"

using namespace Qt::StringLiterals;

/** planResize() for a VM that is off meanwhile, in such a way that it can be taken back. */
namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using snapshot::Chain;
using snapshot::DiskNow;
using snapshot::Layer;
using virt::DomainState;

struct ResizeColdText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeCold)
};

QJsonArray toJson(const Chain &chain)
{
    QJsonArray array;
    for (const Layer &layer : chain) {
        array.append(QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}});
    }
    return array;
}

/** Makes one plan. */
class ColdPlanner final
{
    Q_DISABLE_COPY_MOVE(ColdPlanner)

public:
    ColdPlanner(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
    {
        const virt::DomainRecord &vm = facts.edit.domain;
        m_plan.operation = u"resize"_s;
        m_plan.title = ResizeColdText::tr("Resize %1").arg(vm.name);
        m_plan.host = host;
        m_plan.domain = vm.uuid;
        m_plan.domainName = vm.name;
        m_plan.draft = resizeDraftToJson(facts.host.uri, vm.name, draft);
    }

    job::Plan make()
    {
        m_plan.findings = resizeFindings(m_facts, m_draft);
        m_plan.xmlBefore = withoutSecrets(m_facts.edit.stored);
        if (!isChange()) {
            block(ResizeColdText::tr("Nothing is to be changed."), {}, {});
        }
        checkKeeping();
        if (m_plan.isBlocked()) {
            return std::move(m_plan);
        }
        keep();
        auto wanted = resizedXml(m_plan.xmlBefore, m_draft);
        for (const DiskNow &disk : m_facts.disks.disks) {
            if (wanted && isWritable(disk, m_plan.xmlBefore)) {
                wanted = withDiskFiles(*wanted, disk.target, plan(disk));
            }
        }
        if (wanted && !m_variables.renamed.isEmpty()) {
            wanted = withVariables(*wanted, m_variables.renamed);
        }
        if (!wanted) {
            block(wanted.error().message, {}, wanted.error().hint);
            return std::move(m_plan);
        }
        m_plan.xmlAfter = *wanted;
        warn();
        addSteps();
        return std::move(m_plan);
    }

private:
    void add(Severity severity, const QString &text, const QString &cause, const QString &fix)
    {
        m_plan.findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause, const QString &fix)
    {
        add(Severity::Blocker, text, cause, fix);
    }
    const virt::DomainRecord &vm() const { return m_facts.edit.domain; }
    bool startsAfter() const
    {
        return m_draft.after == ResizeDraft::After::Running
            || (m_draft.after == ResizeDraft::After::AsBefore && vm().isActive());
    }

    bool isChange() const
    {
        const bool disks = std::ranges::any_of(m_draft.disks, [this](const ResizeDraft::Disk &disk) {
            const DiskNow *now = m_facts.disks.disk(disk.target);
            return disk.isRemade() || (disk.capacity > 0 && disk.capacity != m_facts.capacities.value(disk.target))
                || (!disk.bus.isEmpty() && (!now || now->bus != disk.bus));
        });
        const auto figures = resizedXml(m_facts.edit.stored, m_draft);
        return disks || !figures || *figures != m_facts.edit.stored;
    }

    void checkKeeping()
    {
        for (const DiskNow &disk : m_facts.disks.disks) {
            if (const auto obstacle = keepingObstacle(disk, m_facts.edit.stored)) {
                m_plan.findings.append(*obstacle);
            } else if (isWritable(disk, m_facts.edit.stored) && !m_facts.capacities.contains(disk.target)
                && !m_draft.disk(disk.target)) {
                block(ResizeColdText::tr("The size of the disk %1 is not known.").arg(disk.target),
                    ResizeColdText::tr("Without it no layer can be laid upon it, so that it could be taken back."),
                    ResizeColdText::tr(
                        "Look whether its file is there, and of the format that the VM's definition says."));
            }
        }
        if (hasEmulatedTpm(m_facts.edit.stored) && tpmFileFor(m_facts).isEmpty()) {
            block(ResizeColdText::tr("The host has no active pool in which the TPM's state could be kept."), {},
                ResizeColdText::tr("Start or make a pool that is a directory."));
        }
        if (vm().state == DomainState::Paused && !m_draft.force) {
            block(ResizeColdText::tr("%1 is paused: its guest can't shut down.").arg(vm().name), {},
                ResizeColdText::tr("Resume it first, or let it be switched off."));
        }
    }

    void keep()
    {
        m_kept.id = m_facts.token;
        m_kept.domain = vm().uuid;
        m_kept.name = vm().name;
        m_kept.fromUri = m_facts.host.uri;
        m_kept.toUri = m_facts.host.uri;
        m_kept.since = QDateTime::currentDateTimeUtc();
        if (m_draft.confirm == ResizeDraft::Confirm::Auto && m_draft.confirmHours > 0) {
            m_kept.confirmAt = m_kept.since.addSecs(3600LL * m_draft.confirmHours);
        }
        m_kept.wasRunning = vm().isActive();
        m_kept.autostart = vm().autostart;
        m_variables = variablesInPlace(m_facts.edit.stored, m_facts.token);
        if (!m_variables.from.isEmpty()) {
            m_kept.made.append(m_variables.to);
            m_kept.before.append(m_variables.from);
            m_files.append(m_variables.step());
        }
        m_kept.tpmMachine = tpmMachineOf(m_facts.edit.stored, vm().uuid);
        if (!m_kept.tpmMachine.isEmpty()) {
            m_kept.tpmFile = tpmFileFor(m_facts);
            m_files.append(tpmSaveStep(m_kept.tpmFile));
        }
        QStringList changes;
        const QList<ResizeEffect> effects = resizeEffects(m_facts, m_draft);
        for (const ResizeEffect &effect : effects) {
            changes << effect.text;
        }
        m_kept.change = changes.join(u"; "_s);
    }

    /** Adds what makes the files of a disk. Gives its new chain. */
    Chain plan(const DiskNow &disk)
    {
        const ResizeDraft::Disk wanted = m_draft.disk(disk.target) ? *m_draft.disk(disk.target) : ResizeDraft::Disk();
        const quint64 before = m_facts.capacities.value(disk.target);
        const ContentChange change = contentChange(m_facts, wanted);
        // Only swap may become smaller, as a new file.
        const bool shrinks = change.kind == ContentChange::Kind::Swap && wanted.capacity < before;
        const quint64 capacity = shrinks ? wanted.capacity : std::max(before, wanted.capacity);
        const Layer top = disk.chain.constFirst();
        const bool isRemade = wanted.isRemade() || shrinks;
        const Chain made = isRemade ? remake(disk, wanted, before, capacity) : layer(disk, change, before, capacity);
        m_kept.disks.append({disk.target, top, made.constFirst(), !isRemade});
        m_kept.made.append(made.constFirst().path);
        m_chains.insert(disk.target, made);
        return made;
    }

    Chain layer(const DiskNow &disk, const ContentChange &change, quint64 before, quint64 capacity)
    {
        const Layer overlay{
            snapshot::overlayPath(m_facts.disks, disk.target, u"resize-"_s + m_facts.token), u"qcow2"_s};
        const Layer &beneath = disk.chain.constFirst();
        m_files.append(createLayerStep(overlay.path, beneath, capacity));
        if (change.kind == ContentChange::Kind::Filesystem) {
            m_files.append(growFilesystemStep(change, disk.target, disk.chain, overlay.path, capacity));
        } else if (change.kind == ContentChange::Kind::Swap) {
            m_files.append(makeSwapStep(disk.target, disk.chain, before, overlay, beneath, capacity));
        }
        return Chain{overlay} + disk.chain;
    }

    Chain remake(const DiskNow &disk, const ResizeDraft::Disk &wanted, quint64 before, quint64 capacity)
    {
        const Layer top = disk.chain.constFirst();
        const QString format = wanted.format.isEmpty() ? top.format : wanted.format;
        const QString pool = wanted.pool.isEmpty() ? m_facts.disks.files.value(top.path).pool : wanted.pool;
        const auto found = std::ranges::find(m_facts.pools, pool, &virt::storage::Pool::name);
        const QString name =
            u"%1-%2-%3.%4"_s.arg(vm().name, disk.target, m_facts.token, format == "qcow2"_L1 ? u"qcow2"_s : u"img"_s);
        const Layer made{found->targetPath + u'/' + name, format};
        const bool isSwap = isRemadeSwap(m_facts, wanted);
        m_files.append(
            {u"volume.create"_s, ResizeColdText::tr("Create volume"), name, ResizeColdText::tr("Delete the volume"), 0,
                {{u"pool"_s, pool}, {u"name"_s, name},
                    {u"xml"_s, volumeXml(name, format, isSwap ? capacity : before, {}, {})}}});
        if (isSwap) {
            job::Step swap = makeSwapStep(disk.target, disk.chain, before, made, {}, capacity);
            swap.parameters.insert(u"pool"_s, pool);
            swap.parameters.insert(u"volume"_s, name);
            m_files.append(swap);
        } else {
            copy(disk, wanted, before, capacity, made);
        }
        for (qsizetype i = 1; i < disk.chain.size(); ++i) {
            const QString &path = disk.chain.at(i).path;
            if (!isBaseName(QFileInfo(path).fileName()) && m_facts.disks.files.value(path).users.isEmpty()) {
                m_kept.before.append(path);
            }
        }
        return {made};
    }

    /** What the disk holds, into its new file. */
    void copy(const DiskNow &disk, const ResizeDraft::Disk &wanted, quint64 before, quint64 capacity, const Layer &made)
    {
        quint64 bytes = 0;
        for (const Layer &each : disk.chain) {
            bytes += m_facts.disks.files.value(each.path).allocation;
        }
        QJsonObject copy{{u"chain"_s, toJson(disk.chain)}, {u"path"_s, made.path}, {u"format"_s, made.format}};
        if (wanted.sparsify) {
            copy.insert(u"zeroes"_s, true);
        }
        m_files.append({u"disk.copy"_s, ResizeColdText::tr("Copy the disk to a new file"), disk.target, {},
            std::min(bytes, before), copy});
        if (m_draft.verify) {
            m_files.append({u"disk.compare"_s, ResizeColdText::tr("Compare the new file with the old"), disk.target, {},
                std::min(bytes, before),
                {{u"fromChain"_s, toJson(disk.chain)}, {u"chain"_s, toJson({made})}, {u"path"_s, made.path}}});
        }
        if (capacity > before) {
            m_files.append({u"disk.grow"_s, ResizeColdText::tr("Grow the new file"), disk.target, {}, 0,
                {{u"chain"_s, toJson({made})}, {u"capacity"_s, static_cast<double>(capacity)}}});
        }
        if (const ContentChange change = contentChange(m_facts, wanted);
            change.kind == ContentChange::Kind::Filesystem) {
            m_files += growFilesystemWithin(change, disk.target, {made}, m_facts.token, capacity, {});
        }
    }

    void warn()
    {
        if (vm().isActive()) {
            add(Severity::Warning, ResizeColdText::tr("%1 is shut down for it.").arg(vm().name),
                m_draft.force
                    ? ResizeColdText::tr("If its guest does not shut down within %1 s, it is switched off.")
                          .arg(m_draft.timeoutSeconds)
                    : ResizeColdText::tr("If its guest does not shut down within %1 s, all is left as it was.")
                          .arg(m_draft.timeoutSeconds),
                {});
        }
        const bool asks = m_draft.confirm == ResizeDraft::Confirm::Ask || m_draft.confirmHours > 0;
        add(Severity::Ok,
            asks ? ResizeColdText::tr("What %1 was is kept until the change is confirmed.").arg(vm().name)
                 : ResizeColdText::tr("What %1 was is kept until the change is done.").arg(vm().name),
            ResizeColdText::tr("Nothing is copied for it: the VM writes to layers upon its files, or to new files."),
            {});
    }

    void addSteps()
    {
        const QString name = vm().name;
        job::Step check = keptStep(u"kept.check"_s, ResizeColdText::tr("Look whether all is as it was planned"), name);
        check.parameters.insert(u"base"_s, definitionDigest(m_facts.edit.stored));
        m_plan.steps.append(check);
        job::Step off = keptStep(
            u"vm.powerOff"_s, ResizeColdText::tr("Shut down"), name, ResizeColdText::tr("Start it again, if it ran"));
        off.parameters = {{u"timeout"_s, m_draft.timeoutSeconds}, {u"force"_s, m_draft.force}};
        m_plan.steps.append(off);
        job::Step begin = keptStep(
            u"kept.begin"_s, ResizeColdText::tr("Keep what the VM is"), name, ResizeColdText::tr("Nothing is kept"));
        begin.parameters.insert(u"state"_s, m_kept.toJson());
        m_plan.steps.append(begin);
        m_plan.steps += m_files;
        job::Step define = keptStep(u"kept.define"_s, ResizeColdText::tr("Define the VM anew"), name,
            ResizeColdText::tr("Define it as it was"));
        define.parameters = {{u"xml"_s, m_plan.xmlAfter}, {u"id"_s, m_kept.id}};
        m_plan.steps.append(define);
        if (startsAfter()) {
            job::Step start =
                keptStep(u"vm.start"_s, ResizeColdText::tr("Start"), name, ResizeColdText::tr("Switch it off"));
            start.parameters.insert(
                u"paused"_s, m_draft.after == ResizeDraft::After::AsBefore && vm().state == DomainState::Paused);
            m_plan.steps.append(start);
            m_plan.steps += growInGuestSteps(m_facts, m_draft, true);
        }
        if (m_draft.confirm == ResizeDraft::Confirm::Auto && m_draft.confirmHours <= 0) {
            m_plan.steps += confirmationSteps({m_kept, {}, {}, m_chains, {}, m_draft.keepSource});
            m_plan.verdict = ResizeColdText::tr("%1 is resized while it is off.").arg(name);
        } else {
            m_plan.verdict =
                ResizeColdText::tr("%1 is resized while it is off; then you confirm, or go back.").arg(name);
        }
    }

    const ResizeFacts &m_facts;
    const ResizeDraft &m_draft;
    job::Plan m_plan;
    KeptState m_kept;
    CarriedVariables m_variables;
    QList<job::Step> m_files;
    QMap<QString, Chain> m_chains;
};

} // namespace

bool isWritable(const DiskNow &disk, const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    const xml::Element element = document ? diskElement(*document, disk.target) : xml::Element();
    const QString device = element.attribute(u"device"_s);
    return !disk.chain.isEmpty() && device != "cdrom"_L1 && device != "floppy"_L1 && !element.child(u"readonly"_s)
        && !element.child(u"transient"_s);
}

std::optional<job::Finding> keepingObstacle(const DiskNow &disk, const QString &domainXml)
{
    if (!isWritable(disk, domainXml)) {
        return std::nullopt;
    }
    const auto document = xml::Document::parse(domainXml);
    const xml::Element element = document ? diskElement(*document, disk.target) : xml::Element();
    const Layer &top = disk.chain.constFirst();
    const QString text = ResizeColdText::tr("What is on the disk %1 can't be kept.").arg(disk.target);
    const QString fix = ResizeColdText::tr("Make the change while the VM runs, as far as that goes, or take the disk "
                                           "out of the VM meanwhile.");
    const auto blocker = [&](const QString &cause, const QString &remedy) {
        return job::Finding{Severity::Blocker, text, cause, remedy};
    };
    if (!disk.canSnapshot) {
        return blocker(disk.reason, fix);
    }
    if (element.child(u"encryption"_s) || element.find(u"source/encryption"_s)) {
        return blocker(ResizeColdText::tr("It is encrypted: a layer upon it would not be."), fix);
    }
    if (top.path.startsWith("/dev/"_L1) || element.attribute(u"type"_s) == "block"_L1) {
        return blocker(ResizeColdText::tr("It is a block device, beside which there is no place for a layer."), fix);
    }
    if (!top.path.startsWith(u'/')) {
        return blocker(ResizeColdText::tr("Where “%1” is is not known.").arg(top.path),
            ResizeColdText::tr("Start its storage pool."));
    }
    if (top.format.isEmpty()) {
        return blocker(ResizeColdText::tr("Its format is not recorded, and Vireo never guesses it."),
            ResizeColdText::tr("Say it in the VM's definition."));
    }
    return std::nullopt;
}

job::Step keptStep(const QString &type, const QString &title, const QString &object, const QString &undo)
{
    job::Step step;
    step.type = type;
    step.title = title;
    step.object = object;
    step.undo = undo;
    return step;
}

job::Plan planColdResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft)
{
    return ColdPlanner(host, facts, draft).make();
}

} // namespace vireo::operation
