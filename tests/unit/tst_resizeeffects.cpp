// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/resize/resize.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::ResizeDraft;
using operation::ResizeEffect;
using operation::ResizeFacts;
using When = ResizeEffect::When;

namespace {

constexpr quint64 gib = 1024ULL * 1024 * 1024;
constexpr quint64 mibKiB = 1024;

/** A definition of a VM; `vcpus`: what stands in <vcpus>, `more`: what else. */
QString definition(const QString &more = {}, const QString &type = u"kvm"_s, const QString &arch = u"x86_64"_s,
    const QString &balloon = u"virtio"_s, const QString &features = u"<acpi/>"_s)
{
    return u"<domain type='%1'><name>vm</name><uuid>0e2f3b12-5a3c-4c1c-9b0c-111111111111</uuid>"
           "<memory unit='KiB'>1048576</memory><currentMemory unit='KiB'>524288</currentMemory>"
           "<vcpu placement='static' current='2'>4</vcpu>"
           "<os><type arch='%2' machine='pc'>hvm</type></os><features>%5</features>%3"
           "<devices><disk type='file' device='disk'><source file='/pool/a'/><target dev='vda' bus='virtio'/></disk>"
           "<disk type='file' device='disk'><source file='/pool/b'/><target dev='sda' bus='sata'/></disk>"
           "<memballoon model='%4'/></devices></domain>"_s.arg(type, arch, more, balloon, features);
}

ResizeFacts factsOf(const QString &running, const QString &stored = definition())
{
    ResizeFacts facts;
    facts.edit.domain.name = u"vm"_s;
    facts.edit.stored = stored;
    facts.edit.running = running;
    facts.capacities = {{u"vda"_s, 10 * gib}, {u"sda"_s, 5 * gib}};
    return facts;
}

ResizeEffect only(const ResizeFacts &facts, const ResizeDraft &draft)
{
    const QList<ResizeEffect> effects = operation::resizeEffects(facts, draft);
    return effects.size() == 1 ? effects.first() : ResizeEffect{u"not one"_s, When::Never, {}, {}};
}

ResizeDraft vcpus(int count)
{
    ResizeDraft draft;
    draft.vcpus = count;
    return draft;
}
ResizeDraft memory(quint64 mib)
{
    ResizeDraft draft;
    draft.memoryKiB = mib * mibKiB;
    return draft;
}
ResizeDraft disk(const QString &target, quint64 capacity)
{
    ResizeDraft draft;
    ResizeDraft::Disk disk;
    disk.target = target;
    disk.capacity = capacity;
    draft.disks = {disk};
    return draft;
}
/** Of the first disk. */
ResizeDraft changed(QString ResizeDraft::Disk::*what, const QString &value)
{
    ResizeDraft draft = disk(u"vda"_s, 0);
    draft.disks.first().*what = value;
    return draft;
}

} // namespace

class TestResizeEffects final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingChangesNothing()
    {
        QCOMPARE(operation::resizeEffects(factsOf(definition()), {}).size(), 0);
        QCOMPARE(operation::resizeEffects(factsOf(definition()), vcpus(2)).size(), 0);
        QCOMPARE(operation::resizeEffects(factsOf(definition()), memory(512)).size(), 0);
        QCOMPARE(operation::resizeEffects(factsOf(definition()), disk(u"vda"_s, 10 * gib)).size(), 0);
    }

    void field_data()
    {
        QTest::addColumn<QString>("running");
        QTest::addColumn<ResizeDraft>("draft");
        QTest::addColumn<QString>("field");
        QTest::addColumn<int>("when");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const QString &running, const ResizeDraft &draft, const QString &field,
                             When when, const QString &reason) {
            QTest::newRow(name) << running << draft << field << static_cast<int>(when) << reason;
        };
        const QString normal = definition();
        const QString plugged = definition(u"<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/>"
                                           "<vcpu id='1' enabled='yes' hotpluggable='yes'/></vcpus>"_s);
        const QString slots = definition(u"<maxMemory slots='2' unit='KiB'>4194304</maxMemory>"_s);
        row("vCPUs up", normal, vcpus(4), u"vcpus"_s, When::Now, u"switch them on"_s);
        row("vCPUs beyond", normal, vcpus(5), u"vcpus"_s, When::PowerOff, u"room for 4"_s);
        row("vCPUs down", normal, vcpus(1), u"vcpus"_s, When::PowerOff, u"can't be taken away"_s);
        row("plugged down", plugged, vcpus(1), u"vcpus"_s, When::Now, u"let go"_s);
        row("emulated down", QString(plugged).replace(u"'kvm'"_s, u"'qemu'"_s), vcpus(1), u"vcpus"_s, When::PowerOff,
            u"emulated"_s);
        row("no ACPI", definition({}, u"kvm"_s, u"x86_64"_s, u"virtio"_s, {}), vcpus(4), u"vcpus"_s, When::PowerOff,
            u"ACPI"_s);
        row("ARM", definition({}, u"kvm"_s, u"aarch64"_s), vcpus(4), u"vcpus"_s, When::PowerOff, u"aarch64"_s);
        row("Xen", definition({}, u"xen"_s), vcpus(4), u"vcpus"_s, When::PowerOff, u"xen"_s);
        row("memory down", normal, memory(256), u"memory"_s, When::Now, u"balloon"_s);
        row("memory up", normal, memory(1024), u"memory"_s, When::Now, u"balloon"_s);
        row("no balloon", definition({}, u"kvm"_s, u"x86_64"_s, u"none"_s), memory(256), u"memory"_s, When::PowerOff,
            u"balloon"_s);
        row("no slots", normal, memory(2048), u"memory"_s, When::PowerOff, u"without slots"_s);
        row("slots", slots, memory(2048), u"memory"_s, When::Now, u"device"_s);
        row("odd", slots, memory(1025), u"memory"_s, When::PowerOff, u"steps"_s);
        row("too much", slots, memory(8192), u"memory"_s, When::PowerOff, u"room for"_s);
        row("off", {}, vcpus(8), u"vcpus"_s, When::Now, {});
        row("disk", normal, disk(u"vda"_s, 11 * gib), u"vda"_s, When::Now, {});
        row("disk on SATA", normal, disk(u"sda"_s, 11 * gib), u"sda"_s, When::Now, u"sata"_s);
        row("shrunk", normal, disk(u"vda"_s, 9 * gib), u"vda"_s, When::Never, u"never made smaller"_s);
        row("shrunk, off", {}, disk(u"vda"_s, 9 * gib), u"vda"_s, When::Never, u"never made smaller"_s);
        row("moved", normal, changed(&ResizeDraft::Disk::pool, u"other"_s), u"vda"_s, When::Now, {});
        row("bus", normal, changed(&ResizeDraft::Disk::bus, u"scsi"_s), u"vda"_s, When::PowerOff, u"bus"_s);
        ResizeDraft most;
        most.maxVcpus = 8;
        row("most vCPUs", normal, most, u"maxVcpus"_s, When::PowerOff, u"fixed"_s);
        ResizeDraft room;
        room.maxMemoryKiB = 4096 * mibKiB;
        row("most memory", normal, room, u"maxMemory"_s, When::PowerOff, u"fixed"_s);
        ResizeDraft shape;
        shape.topology = ResizeDraft::Topology{1, 2, 2};
        row("topology", normal, shape, u"topology"_s, When::PowerOff, u"starts"_s);
    }
    void field()
    {
        QFETCH(QString, running);
        QFETCH(ResizeDraft, draft);
        QFETCH(QString, reason);
        const ResizeFacts facts = factsOf(running);
        const ResizeEffect effect = only(facts, draft);
        QTEST(effect.field, "field");
        QVERIFY(!effect.text.isEmpty());
        QTEST(static_cast<int>(effect.when), "when");
        QVERIFY2(
            reason.isEmpty() ? effect.reason.isEmpty() : effect.reason.contains(reason), qPrintable(effect.reason));
        const bool needsOff = running.isEmpty() || effect.when == When::PowerOff;
        QCOMPARE(operation::needsPowerOff(facts, draft), needsOff);
        ResizeDraft cold = draft;
        cold.when = ResizeDraft::When::Cold;
        QVERIFY(operation::needsPowerOff(facts, cold));
        ResizeDraft live = draft;
        live.when = ResizeDraft::When::Live;
        QCOMPARE(operation::needsPowerOff(facts, live), running.isEmpty());
    }

    /** Its files are what its snapshots lie on. */
    void snapshotsHoldTheFiles()
    {
        ResizeFacts facts = factsOf(definition());
        snapshot::Snapshot taken;
        taken.name = u"s1"_s;
        taken.disks = {{u"vda"_s, snapshot::SnapshotDisk::Kind::External, {}, {}}};
        facts.disks.snapshots = {taken};
        QCOMPARE(only(facts, changed(&ResizeDraft::Disk::pool, u"other"_s)).when, When::PowerOff);
        QCOMPARE(only(facts, disk(u"vda"_s, 20 * gib)).when, When::Now);
    }

    void elsewhereIsAlwaysCold()
    {
        ResizeDraft draft;
        draft.to = u"qemu+ssh://b/system"_s;
        QVERIFY(operation::needsPowerOff(factsOf(definition()), draft));
        draft.when = ResizeDraft::When::Live;
        QVERIFY(operation::needsPowerOff(factsOf(definition()), draft));
    }
};

QTEST_GUILESS_MAIN(TestResizeEffects)
#include "tst_resizeeffects.moc"
