// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/edit/livechange.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizelive_p.h"
#include "backend/operation/snapshot/snapshotsteps.h"

using namespace Qt::StringLiterals;

/** planResize() for a VM that goes on running: nothing is kept aside, and what grew stays so. */
namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using When = ResizeEffect::When;

struct ResizeLiveText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeLive)
};

/** Makes one plan. */
class LivePlanner final
{
    Q_DISABLE_COPY_MOVE(LivePlanner)

public:
    LivePlanner(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
    {
        const virt::DomainRecord &vm = facts.edit.domain;
        m_plan.operation = u"resize"_s;
        m_plan.title = ResizeLiveText::tr("Resize %1").arg(vm.name);
        m_plan.host = host;
        m_plan.domain = vm.uuid;
        m_plan.domainName = vm.name;
        m_plan.draft = resizeDraftToJson(facts.host.uri, vm.name, draft);
    }

    job::Plan make()
    {
        m_plan.findings = resizeFindings(m_facts, figures());
        addEffects();
        const auto wanted = wantedXml();
        m_plan.xmlBefore = withoutSecrets(m_facts.edit.stored);
        if (!wanted) {
            block(wanted.error().message, wanted.error().hint);
            return std::move(m_plan);
        }
        m_plan.xmlAfter = withoutSecrets(*wanted);
        if (m_plan.isBlocked()) {
            return std::move(m_plan);
        }
        addFigures(*wanted);
        for (const ResizeDraft::Disk &disk : m_draft.disks) {
            addDisk(disk);
        }
        m_plan.steps += m_last;
        m_plan.steps += growInGuestSteps(m_facts, m_draft, false);
        if (m_plan.isBlocked()) {
            m_plan.steps.clear();
        } else if (m_plan.steps.isEmpty()) {
            block(ResizeLiveText::tr("Nothing is to be changed."), {});
        } else {
            m_plan.verdict =
                ResizeLiveText::tr("%1 is resized while it runs; that is not taken back later.").arg(m_plan.domainName);
        }
        return std::move(m_plan);
    }

private:
    void block(const QString &text, const QString &fix) { m_plan.findings.append({Severity::Blocker, text, {}, fix}); }
    void addEffects()
    {
        if (m_facts.edit.running.isEmpty()) {
            block(ResizeLiveText::tr("%1 does not run.").arg(m_plan.domainName),
                ResizeLiveText::tr("Start it, or resize it while it is off."));
        }
        const QList<ResizeEffect> effects = resizeEffects(m_facts, m_draft);
        for (const ResizeEffect &effect : effects) {
            if (effect.when == When::PowerOff || effect.when == When::NextBoot) {
                m_plan.findings.append({Severity::Blocker, ResizeLiveText::tr("Not while it runs: %1").arg(effect.text),
                    effect.reason, ResizeLiveText::tr("Have it shut down for the resize.")});
            } else if (effect.when == When::Now && !effect.reason.isEmpty()) {
                m_plan.findings.append({Severity::Note, effect.text, effect.reason, {}});
            }
        }
    }

    /** How much more the VM is to have than its machine has room for: that comes as a device. KiB. */
    quint64 beyond() const
    {
        const auto running = xml::Document::parse(m_facts.edit.running);
        const quint64 most = running ? kibOf(running->root().child(u"memory"_s)) : 0;
        const quint64 wanted = m_draft.memoryKiB.value_or(0);
        return most > 0 && wanted > most ? wanted - most : 0;
    }
    /** What the stored definition itself can say. */
    ResizeDraft figures() const
    {
        ResizeDraft draft = m_draft;
        if (beyond() > 0) {
            draft.memoryKiB.reset();
        }
        return draft;
    }
    Result<QString> wantedXml() const
    {
        ResizeDraft draft = figures();
        draft.disks.clear();
        const quint64 more = beyond();
        auto text = resizedXml(m_facts.edit.stored, draft);
        const auto running = xml::Document::parse(m_facts.edit.running);
        if (!text || more == 0 || !running) {
            return text;
        }
        const MemoryDevice dimm = memoryDeviceFor(*running, more);
        auto document = xml::Document::parse(*text);
        const auto device = xml::Document::parse(dimm.xml);
        if (!document || !device) {
            return text; // its refusal is among the findings
        }
        xml::Element root = document->root();
        root.child(u"devices"_s).appendCopy(device->root());
        if (xml::Element current = root.child(u"currentMemory"_s)) {
            current.setAttribute(u"unit"_s, u"KiB"_s);
            current.setText(QString::number(m_draft.memoryKiB.value_or(0)));
        }
        return document->toString();
    }
    void addFigures(const QString &wanted)
    {
        DefinitionEdit edit;
        edit.base = m_facts.edit.stored;
        edit.wanted = wanted;
        edit.cause = m_plan.title;
        if (effectsOf(m_facts.edit, edit).isEmpty()) {
            return;
        }
        const job::Plan part = planEdit(m_plan.host, m_facts.edit, edit);
        for (const job::Finding &finding : part.findings) {
            if (finding.severity == Severity::Blocker || finding.severity == Severity::Warning) {
                m_plan.findings.append(finding);
            }
        }
        m_plan.steps += part.steps;
        addUnplug();
    }
    /** An edit never takes vCPUs away from a guest; here the user was told that it may refuse. */
    void addUnplug()
    {
        const auto running = xml::Document::parse(m_facts.edit.running);
        const int wanted = m_draft.vcpus.value_or(0);
        const int now = running ? RunningMachine(*running).vcpus() : 0;
        if (wanted > 0 && wanted < now) {
            m_plan.steps.append(
                {u"domain.setVcpus"_s, ResizeLiveText::tr("Take vCPUs away"), QString::number(now - wanted),
                    ResizeLiveText::tr("Give them back"), 0, {{u"count"_s, wanted}, {u"before"_s, now}}});
        }
    }

    const virt::storage::Pool *poolOf(const ResizeDraft::Disk &disk, const QString &path) const
    {
        const QString directory = path.left(path.lastIndexOf(u'/'));
        const auto found = std::ranges::find_if(m_facts.pools, [&](const virt::storage::Pool &pool) {
            return disk.pool.isEmpty() ? pool.targetPath == directory : pool.name == disk.pool;
        });
        return found == m_facts.pools.end() ? nullptr : &*found;
    }
    void addDisk(const ResizeDraft::Disk &disk)
    {
        const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
        if (!now || now->chain.isEmpty()) {
            return; // resizeFindings() has said so
        }
        if (disk.isRemade()) {
            addMove(disk, now->chain);
        }
        const quint64 before = m_facts.capacities.value(disk.target);
        if (disk.capacity > before) {
            m_plan.steps.append({u"disk.resizeLive"_s, ResizeLiveText::tr("Grow the disk"), disk.target, {}, 0,
                {{u"target"_s, disk.target}, {u"capacity"_s, static_cast<double>(disk.capacity)},
                    {u"before"_s, static_cast<double>(before)}}});
        }
    }
    void addMove(const ResizeDraft::Disk &disk, const snapshot::Chain &chain)
    {
        const snapshot::Layer &from = chain.first();
        const virt::storage::Pool *pool = poolOf(disk, from.path);
        if (!pool || !virt::storage::isFileBased(*pool)) {
            block(ResizeLiveText::tr("The disk %1 has no storage pool that its copy could go to.").arg(disk.target),
                ResizeLiveText::tr("Choose a pool of the type “directory”."));
            return;
        }
        const QString format = disk.format.isEmpty() ? from.format : disk.format;
        const QString volume = u"%1-%2-%3.%4"_s.arg(
            m_plan.domainName, disk.target, m_facts.token, format == "qcow2"_L1 ? u"qcow2"_s : u"img"_s);
        const QString path = pool->targetPath + u'/' + volume;
        const quint64 capacity = m_facts.capacities.value(disk.target);
        m_plan.steps.append({u"volume.create"_s, ResizeLiveText::tr("Create volume"), volume,
            ResizeLiveText::tr("The volume is deleted again"), 0,
            {{u"pool"_s, pool->name}, {u"name"_s, volume}, {u"xml"_s, volumeXml(volume, format, capacity, {}, {})}}});
        QJsonObject parameters{{u"target"_s, disk.target}, {u"path"_s, path}, {u"format"_s, format}};
        if (chain.size() == 1) {
            parameters.insert(u"from"_s, QJsonObject{{u"path"_s, from.path}, {u"format"_s, from.format}});
        }
        if (disk.sparsify) {
            parameters.insert(u"zeroes"_s, true);
        }
        quint64 bytes = 0;
        for (const snapshot::Layer &layer : chain) {
            bytes += m_facts.disks.files.value(layer.path).allocation;
        }
        m_plan.steps.append({u"disk.moveLive"_s, ResizeLiveText::tr("Move the disk to a new file"), disk.target,
            ResizeLiveText::tr("The VM uses the old file again"), bytes, parameters});
        for (const snapshot::Layer &layer : chain) {
            const bool isBase = isBaseName(layer.path.mid(layer.path.lastIndexOf(u'/') + 1));
            if (!isBase && m_facts.disks.files.value(layer.path).users.isEmpty()) {
                job::Step step = deleteLayerStep(layer.path);
                step.parameters.insert(u"optional"_s, true); // the VM does not need it any more
                m_last.append(step);
            }
        }
    }

    const ResizeFacts &m_facts;
    const ResizeDraft &m_draft;
    job::Plan m_plan;
    QList<job::Step> m_last;
};

} // namespace

job::Plan planLiveResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft)
{
    return LivePlanner(host, facts, draft).make();
}

} // namespace vireo::operation
