// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/edit/livechange.h"
#include "backend/operation/resize/resizecontent_p.h"
#include "backend/operation/resize/resizelive_p.h"

using namespace Qt::StringLiterals;

/** What can be done while the VM runs, field by field. */
namespace vireo::operation {

namespace {

struct ResizeEffectsText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeEffects)
};

using When = ResizeEffect::When;
using xml::Element;

constexpr quint64 mebibyte = 1024; // in KiB
/** Linux takes memory in blocks of so much. */
constexpr quint64 dimmStep = 128 * mebibyte;

/** Figures of a definition. */
struct Figures {
    int vcpus = 1;
    int maxVcpus = 1;
    quint64 memoryKiB = 0;
    quint64 maxMemoryKiB = 0;
    ResizeDraft::Topology topology;
};

Figures figuresOf(const Element &domain)
{
    Figures figures;
    const Element vcpu = domain.child(u"vcpu"_s);
    figures.maxVcpus = std::max(1, vcpu.text().trimmed().toInt());
    figures.vcpus = vcpu.hasAttribute(u"current"_s) ? vcpu.attribute(u"current"_s).toInt() : figures.maxVcpus;
    figures.maxMemoryKiB = kibOf(domain.child(u"memory"_s));
    const Element current = domain.child(u"currentMemory"_s);
    figures.memoryKiB = current ? kibOf(current) : figures.maxMemoryKiB;
    const Element topology = domain.find(u"cpu/topology"_s);
    const auto part = [&topology](const QString &name) {
        return topology.attribute(name).toInt();
    };
    figures.topology = {part(u"sockets"_s), part(u"cores"_s), part(u"threads"_s)};
    return figures;
}

/** Makes the effects of one draft. */
class Effects final
{
    Q_DISABLE_COPY_MOVE(Effects)

public:
    Effects(
        const ResizeFacts &facts, const ResizeDraft &draft, const xml::Document &stored, const xml::Document *running)
        : m_facts(facts)
        , m_draft(draft)
        , m_running(running)
        , m_stored(figuresOf(stored.root()))
        , m_now(figuresOf(running ? running->root() : stored.root()))
    {
        if (running) {
            m_machine.emplace(*running);
        }
    }

    QList<ResizeEffect> run()
    {
        maxVcpus();
        topology();
        vcpus();
        maxMemory();
        memory();
        for (const ResizeDraft::Disk &disk : m_draft.disks) {
            addDisk(disk);
        }
        return std::move(m_effects);
    }

private:
    void add(const QString &field, const QString &text, const QString &refusal, const QString &remark = {})
    {
        const bool isOff = !m_running;
        const When when = isOff || refusal.isEmpty() ? When::Now : When::PowerOff;
        m_effects.append({field, when, text, isOff ? QString() : refusal.isEmpty() ? remark : refusal});
    }
    QString virtualMachineRefusal() const
    {
        const QString type = m_running->root().attribute(u"type"_s);
        return type == "qemu"_L1 || type == "kvm"_L1
            ? QString()
            : ResizeEffectsText::tr("VMs of the type “%1” are changed only while they are off.").arg(type);
    }

    void maxVcpus()
    {
        if (m_draft.maxVcpus && *m_draft.maxVcpus != m_stored.maxVcpus) {
            add(u"maxVcpus"_s,
                ResizeEffectsText::tr("At most %1 vCPUs, in place of %2").arg(*m_draft.maxVcpus).arg(m_stored.maxVcpus),
                ResizeEffectsText::tr("The maximum is fixed while the VM runs."));
        }
    }
    void topology()
    {
        if (!m_draft.topology || *m_draft.topology == m_stored.topology) {
            return;
        }
        const ResizeDraft::Topology &wanted = *m_draft.topology;
        add(u"topology"_s,
            wanted == ResizeDraft::Topology() ? ResizeEffectsText::tr("No topology is said")
                                              : ResizeEffectsText::tr("%1 sockets, %2 cores, %3 threads")
                                                    .arg(wanted.sockets)
                                                    .arg(wanted.cores)
                                                    .arg(wanted.threads),
            ResizeEffectsText::tr("The guest reads the topology when it starts."));
    }
    void vcpus()
    {
        if (m_draft.vcpus && *m_draft.vcpus != m_stored.vcpus) {
            add(u"vcpus"_s,
                *m_draft.vcpus == 1
                    ? ResizeEffectsText::tr("1 vCPU in place of %1").arg(m_stored.vcpus)
                    : ResizeEffectsText::tr("%1 vCPUs in place of %2").arg(*m_draft.vcpus).arg(m_stored.vcpus),
                m_running ? vcpuRefusal(*m_draft.vcpus) : QString(),
                *m_draft.vcpus < m_now.vcpus
                    ? ResizeEffectsText::tr("The guest has to let go of them; where it does not, all is as before.")
                    : ResizeEffectsText::tr("The guest may have to switch them on."));
        }
    }
    QString vcpuRefusal(int count) const
    {
        if (const QString refusal = virtualMachineRefusal(); !refusal.isEmpty()) {
            return refusal;
        }
        if (count > m_machine->maxVcpus()) {
            return m_machine->maxVcpus() == 1
                ? ResizeEffectsText::tr("It was started with room for 1 vCPU.")
                : ResizeEffectsText::tr("It was started with room for %1 vCPUs.").arg(m_machine->maxVcpus());
        }
        const Element root = m_running->root();
        const QString arch = root.find(u"os/type"_s).attribute(u"arch"_s);
        const bool isPc = arch == "x86_64"_L1 || arch == "i686"_L1;
        if (!isPc && arch != "ppc64le"_L1 && arch != "ppc64"_L1 && arch != "s390x"_L1) {
            return ResizeEffectsText::tr("Machines of the architecture %1 have no vCPUs that can be plugged in.")
                .arg(arch);
        }
        if (isPc && !root.find(u"features/acpi"_s)) {
            return ResizeEffectsText::tr("Its definition has no ACPI, by which a guest learns of new vCPUs.");
        }
        return count < m_now.vcpus ? unplugRefusal(count) : QString();
    }
    /** libvirt takes away only what was plugged in, or marked for it at the start. An emulating QEMU (7.2) never tells
     * it that a vCPU has gone. */
    QString unplugRefusal(int count) const
    {
        if (m_running->root().attribute(u"type"_s) == "qemu"_L1) {
            return ResizeEffectsText::tr("vCPUs can't be taken away from a VM that is emulated.");
        }
        const QList<Element> all = m_running->root().child(u"vcpus"_s).children(u"vcpu"_s);
        const auto removable = std::ranges::count_if(all, [](const Element &vcpu) {
            return vcpu.attribute(u"enabled"_s) == "yes"_L1 && vcpu.attribute(u"hotpluggable"_s) == "yes"_L1;
        });
        return removable >= m_now.vcpus - count
            ? QString()
            : ResizeEffectsText::tr("vCPUs that the VM was started with can't be taken away from it.");
    }

    void maxMemory()
    {
        if (m_draft.maxMemoryKiB && *m_draft.maxMemoryKiB != m_stored.maxMemoryKiB) {
            add(u"maxMemory"_s,
                ResizeEffectsText::tr("At most %1 of memory, in place of %2")
                    .arg(sizeText(*m_draft.maxMemoryKiB * 1024), sizeText(m_stored.maxMemoryKiB * 1024)),
                ResizeEffectsText::tr("The maximum is fixed while the VM runs."));
        }
    }
    void memory()
    {
        if (!m_draft.memoryKiB || *m_draft.memoryKiB == m_stored.memoryKiB) {
            return;
        }
        const quint64 wanted = *m_draft.memoryKiB;
        QString refusal;
        QString remark;
        if (m_running) {
            refusal = virtualMachineRefusal();
            if (refusal.isEmpty() && wanted > m_machine->memoryKib()) {
                const MemoryDevice dimm = memoryDeviceFor(*m_running, wanted - m_machine->memoryKib());
                refusal = dimm.refusal;
                remark = ResizeEffectsText::tr("A memory device is plugged in; the guest may have to switch it on.");
            } else if (refusal.isEmpty() && !m_machine->hasBalloon()) {
                refusal = ResizeEffectsText::tr("It has no memory balloon.");
            } else {
                remark = ResizeEffectsText::tr("By its memory balloon, as far as the guest's driver follows.");
            }
        }
        add(u"memory"_s,
            ResizeEffectsText::tr("%1 of memory in place of %2")
                .arg(sizeText(wanted * 1024), sizeText(m_stored.memoryKiB * 1024)),
            refusal, remark);
    }

    void addDisk(const ResizeDraft::Disk &disk)
    {
        const quint64 now = m_facts.capacities.value(disk.target);
        QStringList texts;
        if (disk.capacity > 0 && disk.capacity != now) {
            texts << ResizeEffectsText::tr("%1 in place of %2").arg(sizeText(disk.capacity), sizeText(now));
        }
        if (!disk.format.isEmpty()) {
            texts << ResizeEffectsText::tr("format %1").arg(disk.format);
        }
        if (!disk.pool.isEmpty()) {
            texts << ResizeEffectsText::tr("in the pool “%1”").arg(disk.pool);
        }
        if (!disk.bus.isEmpty()) {
            texts << ResizeEffectsText::tr("on the bus %1").arg(disk.bus);
        }
        if (disk.flatten) {
            texts << ResizeEffectsText::tr("one file");
        }
        if (disk.sparsify) {
            texts << ResizeEffectsText::tr("without room for zeroes");
        }
        if (texts.isEmpty()) {
            return;
        }
        const QString text = ResizeEffectsText::tr("Disk %1: %2").arg(disk.target, texts.join(u", "_s));
        if (disk.capacity > 0 && now > 0 && disk.capacity < now && !isRemadeSwap(m_facts, disk)) {
            m_effects.append({disk.target, When::Never, text,
                ResizeEffectsText::tr("A disk is never made smaller: what is at its end would be lost. Copy the data "
                                      "to a new, smaller disk.")});
            return;
        }
        add(disk.target, text, m_running ? diskRefusal(disk) : QString(), diskRemark(disk));
    }
    QString diskRefusal(const ResizeDraft::Disk &disk) const
    {
        if (const QString refusal = virtualMachineRefusal(); !refusal.isEmpty()) {
            return refusal;
        }
        if (!disk.bus.isEmpty()) {
            return ResizeEffectsText::tr("A disk can't change its bus while the VM uses it.");
        }
        if (!diskElement(*m_running, disk.target)) {
            return ResizeEffectsText::tr("The running VM does not have it.");
        }
        if (disk.capacity > 0 && disk.capacity < m_facts.capacities.value(disk.target)) {
            return ResizeEffectsText::tr("It is swap space, which becomes smaller only when it is made anew.");
        }
        if (disk.growFilesystem.value_or(false) && disk.capacity > 0) {
            return ResizeEffectsText::tr("The file system on it is grown while nobody uses it.");
        }
        if (disk.isRemade()) {
            for (const snapshot::Snapshot &each : m_facts.disks.snapshots) {
                const snapshot::SnapshotDisk *part = each.disk(disk.target);
                if (part && part->kind != snapshot::SnapshotDisk::Kind::None) {
                    return ResizeEffectsText::tr("Snapshots of the VM need its files.");
                }
            }
        }
        return {};
    }
    QString diskRemark(const ResizeDraft::Disk &disk) const
    {
        if (!m_running || disk.capacity == 0) {
            return {};
        }
        const QString bus = diskElement(*m_running, disk.target).child(u"target"_s).attribute(u"bus"_s);
        return bus == "virtio"_L1 || bus == "scsi"_L1
            ? QString()
            : ResizeEffectsText::tr("A guest sees the new size of a disk on the bus “%1” when it starts again.")
                  .arg(bus);
    }

    const ResizeFacts &m_facts;
    const ResizeDraft &m_draft;
    const xml::Document *m_running;
    const Figures m_stored;
    const Figures m_now;
    std::optional<RunningMachine> m_machine;
    QList<ResizeEffect> m_effects;
};

} // namespace

Element diskElement(const xml::Document &domain, const QString &target)
{
    const QList<Element> disks = domain.root().child(u"devices"_s).children(u"disk"_s);
    const auto found = std::ranges::find_if(
        disks, [&target](const Element &disk) { return disk.child(u"target"_s).attribute(u"dev"_s) == target; });
    return found == disks.end() ? Element() : *found;
}

MemoryDevice memoryDeviceFor(const xml::Document &running, quint64 moreKiB)
{
    const Element root = running.root();
    const Element most = root.child(u"maxMemory"_s);
    const auto slots = most.attribute(u"slots"_s).toInt();
    const auto taken = root.child(u"devices"_s).children(u"memory"_s).size();
    if (!most || slots <= taken) {
        return {{},
            most ? ResizeEffectsText::tr("All its slots for memory devices are taken.")
                 : ResizeEffectsText::tr("It was started without slots for memory devices.")};
    }
    if (moreKiB % dimmStep != 0) {
        return {{}, ResizeEffectsText::tr("Memory devices come in steps of %1.").arg(sizeText(dimmStep * 1024))};
    }
    if (kibOf(root.child(u"memory"_s)) + moreKiB > kibOf(most)) {
        return {{}, ResizeEffectsText::tr("It was started with room for %1.").arg(sizeText(kibOf(most) * 1024))};
    }
    auto document = xml::Document::create(u"memory"_s);
    Element device = document.root();
    device.setAttribute(u"model"_s, u"dimm"_s);
    Element target = device.append(u"target"_s);
    target.append(u"size"_s, QString::number(moreKiB)).setAttribute(u"unit"_s, u"KiB"_s);
    target.append(u"node"_s, u"0"_s);
    return {document.toString(), {}};
}

QList<ResizeEffect> resizeEffects(const ResizeFacts &facts, const ResizeDraft &draft)
{
    const auto stored = xml::Document::parse(facts.edit.stored.isEmpty() ? facts.edit.running : facts.edit.stored);
    if (!stored) {
        return {};
    }
    if (facts.edit.running.isEmpty()) {
        return Effects(facts, draft, *stored, nullptr).run();
    }
    const auto running = xml::Document::parse(facts.edit.running);
    return running ? Effects(facts, draft, *stored, &*running).run() : QList<ResizeEffect>();
}

bool needsPowerOff(const ResizeFacts &facts, const ResizeDraft &draft)
{
    if (!draft.to.isEmpty() || draft.when == ResizeDraft::When::Cold) {
        return true;
    }
    if (facts.edit.running.isEmpty()) {
        return true; // it is off already: the way that can be taken back
    }
    return draft.when == ResizeDraft::When::Auto
        && std::ranges::any_of(resizeEffects(facts, draft),
            [](const ResizeEffect &effect) { return effect.when == When::PowerOff || effect.when == When::NextBoot; });
}

} // namespace vireo::operation
