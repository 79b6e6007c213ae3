// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QJsonDocument>
#include <QTest>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/deviceidentity.h"
#include "backend/operation/edit/devicedraft.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/edit/livechange.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using When = EditEffect::When;
using Severity = job::Finding::Severity;
using xml::XmlText;

namespace {

/** As libvirt stores it. */
constexpr auto storedText = R"(<domain type='kvm'>
  <name>web01</name>
  <uuid>11111111-2222-3333-4444-555555555555</uuid>
  <metadata>
    <o:os xmlns:o='http://example.org/os' id='x'><!-- kept --></o:os>
  </metadata>
  <memory unit='KiB'>2097152</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static' current='2'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
  </os>
  <cpu mode='host-model'/>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/images/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/images/a.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
      <address type='drive' controller='0' bus='0' target='0' unit='0'/>
    </disk>
    <controller type='sata' index='0'/>
    <controller type='usb' index='0' model='none'/>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <controller type='pci' index='3' model='pcie-root-port'/>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <memballoon model='virtio'/>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>
</domain>
)";

QString stored()
{
    return QString::fromLatin1(storedText);
}

/** What runs of it: aliases, and what libvirt found out. */
QString running()
{
    QString text = stored();
    text.replace(
        u"<driver name='qemu' type='qcow2'"_s, u"<alias name='virtio-disk0'/><driver name='qemu' type='qcow2'"_s);
    text.replace(u"<readonly/>"_s, u"<readonly/><alias name='sata0-0-0'/>"_s);
    text.replace(u"<source network='default'/>"_s,
        u"<source network='default' portid='1' bridge='virbr0'/><target dev='vnet3'/><alias name='net0'/>"_s);
    text.replace(u"port='-1'"_s, u"port='5900'"_s);
    return text;
}

using Change = std::function<void(XmlText &)>;

QString changed(const QString &text, const QList<Change> &changes)
{
    auto document = XmlText::parse(text);
    if (!document) {
        qWarning("%s", qPrintable(document.error().message));
        return text;
    }
    for (const Change &change : changes) {
        change(*document);
    }
    return document->toString();
}
Change add(const QString &device)
{
    return [device](XmlText &text) {
        QVERIFY(text.insert(u"devices"_s, device));
    };
}
Change remove(const QString &path)
{
    return [path](XmlText &text) {
        QVERIFY(text.remove(path));
    };
}
Change set(const QString &path, const QString &name, const QString &value)
{
    return [=](XmlText &text) {
        QVERIFY(text.setAttribute(path, name, value));
    };
}
Change write(const QString &path, const QString &value)
{
    return [=](XmlText &text) {
        QVERIFY(text.setText(path, value));
    };
}

EditFacts facts(bool runs)
{
    EditFacts facts;
    facts.domain.uuid = QUuid::fromString(u"11111111-2222-3333-4444-555555555555"_s);
    facts.domain.name = u"web01"_s;
    facts.domain.state = runs ? virt::DomainState::Running : virt::DomainState::ShutOff;
    facts.stored = stored();
    facts.running = runs ? running() : QString();
    return facts;
}
DefinitionEdit editOf(const QList<Change> &changes)
{
    DefinitionEdit edit;
    edit.base = stored();
    edit.wanted = changed(stored(), changes);
    return edit;
}
QStringList types(const job::Plan &plan)
{
    QStringList list;
    for (const job::Step &step : plan.steps) {
        list << step.type;
    }
    return list;
}
QString findings(const job::Plan &plan, Severity severity)
{
    QStringList list;
    for (const job::Finding &finding : plan.findings) {
        if (finding.severity == severity) {
            list << finding.text + u' ' + finding.cause;
        }
    }
    return list.join(u'\n');
}
job::Plan planOf(const EditFacts &facts, const DefinitionEdit &edit)
{
    return planEdit(QUuid::createUuid(), facts, edit);
}
QString disk(const QString &target, const QString &bus = u"virtio"_s, const QString &more = {})
{
    return u"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/images/%1.img'/>"
           "<target dev='%1' bus='%2'/>%3</disk>"_s.arg(target, bus, more);
}

} // namespace

/** What an edit does and when, and the plan that it becomes: without a host. */
class TestEdit final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void effects_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value"); ///< a device when there is no path; removed when there is no value
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("now");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("step");
        const auto row = [](const char *tag, const QString &path, const QString &name, const QString &value,
                             const QString &text, bool now, const QString &reason, const QString &step) {
            QTest::newRow(tag) << path << name << value << text << now << reason << step;
        };
        const QString no;
        row("disk added", no, no, disk(u"vdb"_s), u"Disk vdb is added"_s, true, no, u"device.attach"_s);
        row("SATA disk added", no, no, disk(u"sdb"_s, u"sata"_s), u"Disk sdb is added"_s, false, u"bus “sata”"_s, no);
        row("USB disk without USB", no, no, disk(u"sdb"_s, u"usb"_s), u"Disk sdb is added"_s, false,
            u"controller of the type “usb”"_s, no);
        row("drive added", no, no, u"<disk type='file' device='cdrom'><target dev='sdb' bus='sata'/></disk>"_s,
            u"CD-ROM drive sdb is added"_s, false, u"removable media"_s, no);
        row("card added", no, no, u"<interface type='user'><model type='e1000e'/></interface>"_s, u"Network card"_s,
            true, no, u"device.attach"_s);
        row("video added", no, no, u"<video><model type='virtio'/></video>"_s, u"Video virtio is added"_s, false,
            u"can't be added"_s, no);
        row("channel without its controller", no, no,
            u"<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"_s,
            u"Channel org.qemu.guest_agent.0 is added"_s, false, u"virtio-serial"_s, no);
        row("disk removed", u"devices/disk[0]"_s, no, no, u"Disk vda is removed"_s, true, no, u"device.detach"_s);
        row("drive removed", u"devices/disk[1]"_s, no, no, u"CD-ROM drive sda is removed"_s, false, u"removable"_s, no);
        row("card removed", u"devices/interface"_s, no, no, u"Network card 52:54:00:00:00:01 is removed"_s, true, no,
            u"device.detach"_s);
        row("graphics removed", u"devices/graphics"_s, no, no, u"Graphics VNC is removed"_s, false,
            u"can't be removed"_s, no);
        row("medium changed", u"devices/disk[1]/source"_s, u"file"_s, u"/images/b.iso"_s,
            u"CD-ROM drive sda is changed: source"_s, true, no, u"device.update"_s);
        row("disk's source changed", u"devices/disk[0]/source"_s, u"file"_s, u"/images/b.qcow2"_s,
            u"Disk vda is changed: source"_s, false, u"source"_s, no);
        row("disk's cache changed", u"devices/disk[0]/driver"_s, u"cache"_s, u"writeback"_s,
            u"Disk vda is changed: driver"_s, false, u"driver"_s, no);
        row("link changed", u"devices/interface/link"_s, u"state"_s, u"down"_s, u"is changed: link"_s, true, no,
            u"device.update"_s);
        row("network changed", u"devices/interface/source"_s, u"network"_s, u"other"_s, u"is changed: source"_s, true,
            no, u"device.update"_s);
        row("model changed", u"devices/interface/model"_s, u"type"_s, u"e1000"_s, u"is changed: model"_s, false,
            u"model"_s, no);
        row("password changed", u"devices/graphics"_s, u"passwd"_s, u"x"_s, u"Graphics VNC is changed: passwd"_s, true,
            no, u"device.update"_s);
        row("listen address changed", u"devices/graphics"_s, u"listen"_s, u"0.0.0.0"_s,
            u"Graphics VNC is changed: listen"_s, false, u"listen"_s, no);
        row("CPU changed", u"cpu"_s, u"mode"_s, u"host-passthrough"_s, u"CPU model"_s, false, u"when the VM starts"_s,
            no);
        row("maximum of vCPUs", u"vcpu"_s, no, u"8"_s, u"maximum number of vCPUs becomes 8"_s, false, u"fixed"_s, no);
        row("more vCPUs", u"vcpu"_s, u"current"_s, u"4"_s, u"number of vCPUs becomes 4"_s, true, no,
            u"domain.setVcpus"_s);
        row("fewer vCPUs", u"vcpu"_s, u"current"_s, u"1"_s, u"number of vCPUs becomes 1"_s, false, u"taken away"_s, no);
        row("memory", u"currentMemory"_s, no, u"2097152"_s, u"memory becomes 2048 MiB"_s, true, no,
            u"domain.setMemory"_s);
        row("maximum memory", u"memory"_s, no, u"4194304"_s, u"maximum memory becomes 4096 MiB"_s, false, u"fixed"_s,
            no);
        row("title", u"title"_s, no, u"T"_s, u"title is changed"_s, true, no, u"domain.setText"_s);
        row("metadata", u"metadata/o:os"_s, u"id"_s, u"y"_s, u"Metadata of http://example.org/os are changed"_s, true,
            no, u"domain.setMetadata"_s);
    }

    void effects()
    {
        QFETCH(const QString, path);
        QFETCH(const QString, name);
        QFETCH(const QString, value);
        QFETCH(const QString, text);
        QFETCH(const bool, now);
        QFETCH(const QString, reason);
        QFETCH(const QString, step);
        const Change change = path.isEmpty() ? add(value)
            : value.isEmpty()                ? remove(path)
            : name.isEmpty()                 ? write(path, value)
                                             : set(path, name, value);
        const DefinitionEdit edit = editOf({change});
        const QList<EditEffect> effects = effectsOf(facts(true), edit);
        QCOMPARE(effects.size(), 1);
        const EditEffect &effect = effects.first();
        QVERIFY2(effect.text.contains(text), qPrintable(effect.text));
        QVERIFY2(effect.when == (now ? When::Now : When::NextBoot), qPrintable(effect.reason));
        QVERIFY2(effect.reason.contains(reason) && effect.reason.isEmpty() == now, qPrintable(effect.reason));
        const job::Plan plan = planOf(facts(true), edit);
        QVERIFY2(!plan.isBlocked(), qPrintable(findings(plan, Severity::Blocker)));
        QStringList expected{u"domain.redefine"_s};
        if (!step.isEmpty()) {
            expected << step;
        }
        QCOMPARE(types(plan), expected);
        // The same of a VM that is off, and when what runs is to be left alone.
        const QList<EditEffect> off = effectsOf(facts(false), edit);
        QCOMPARE(off.size(), 1);
        QVERIFY(off.first().when == When::Now && off.first().reason.isEmpty());
        DefinitionEdit later = edit;
        later.applyLive = false;
        QCOMPARE(effectsOf(facts(true), later).first().when, When::NextBoot);
        QCOMPARE(types(planOf(facts(true), later)), QStringList{u"domain.redefine"_s});
    }

    void onlyLooksDiffers()
    {
        DefinitionEdit edit = editOf({});
        edit.wanted = stored().replace(u"  <cpu mode='host-model'/>"_s, u"<!-- c -->\n<cpu  mode=\"host-model\" />"_s);
        QCOMPARE(effectsOf(facts(true), edit), QList<EditEffect>());
        QVERIFY(findings(planOf(facts(true), edit), Severity::Blocker).contains(u"Nothing is changed"_s));
        QVERIFY(isCurrent(facts(true), edit));
    }

    /** One port is free: the second device of one edit finds it taken. */
    void ports()
    {
        const auto both = effectsOf(facts(true), editOf({add(disk(u"vdb"_s)), add(disk(u"vdc"_s))}));
        QCOMPARE(both.size(), 2);
        QCOMPARE(both.at(0).when, When::Now);
        QCOMPARE(both.at(1).when, When::NextBoot);
        QVERIFY2(both.at(1).reason.contains(u"no free PCIe port"_s), qPrintable(both.at(1).reason));
        // A SCSI disk needs none when there is a controller.
        EditFacts withController = facts(true);
        withController.running =
            changed(running(), {add(u"<controller type='scsi' index='0' model='virtio-scsi'/>"_s)});
        const auto scsi = effectsOf(withController,
            editOf({add(disk(u"vdb"_s)), add(disk(u"sdb"_s, u"scsi"_s)), add(disk(u"sdc"_s, u"scsi"_s))}));
        for (const EditEffect &effect : scsi) {
            QVERIFY2(effect.when == When::Now, qPrintable(effect.reason));
        }
    }

    void onTheRootNothingIsUnplugged()
    {
        EditFacts now = facts(true);
        now.running.replace(u"bus='0x01' slot='0x00'"_s, u"bus='0x00' slot='0x05'"_s);
        const auto effects = effectsOf(now, editOf({remove(u"devices/disk[0]"_s)}));
        QCOMPARE(effects.first().when, When::NextBoot);
        QVERIFY2(effects.first().reason.contains(u"PCIe root"_s), qPrintable(effects.first().reason));
    }

    /** Something that runs is taken out only when it is surely the device that the definition loses. */
    void neverTheWrongOne()
    {
        // The definition has another generator than what runs, and loses it again.
        DefinitionEdit edit;
        edit.base = changed(stored(), {[](XmlText &text) {
            QVERIFY(text.replace(u"devices/rng"_s, u"<rng model='virtio'><backend model='builtin'/></rng>"_s));
        }});
        edit.wanted = changed(edit.base, {remove(u"devices/rng"_s)});
        EditFacts now = facts(true);
        now.stored = edit.base;
        QCOMPARE(types(planOf(now, edit)), QStringList{u"domain.redefine"_s});
        // The alike one is.
        QCOMPARE(types(planOf(facts(true), editOf({remove(u"devices/rng"_s)}))),
            (QStringList{u"domain.redefine"_s, u"device.detach"_s}));
    }

    void order()
    {
        const job::Plan plan = planOf(facts(true),
            editOf({set(u"vcpu"_s, u"current"_s, u"3"_s), add(disk(u"sdb"_s, u"scsi"_s)), remove(u"devices/rng"_s),
                add(u"<controller type='scsi' index='0' model='virtio-scsi'/>"_s), write(u"title"_s, u"T"_s)}));
        QCOMPARE(types(plan),
            (QStringList{u"domain.redefine"_s, u"domain.setText"_s, u"device.detach"_s, u"device.attach"_s,
                u"device.attach"_s, u"domain.setVcpus"_s}));
        QVERIFY(plan.steps.at(3).parameters[u"xml"_s].toString().contains(u"controller"_s));
        QSet<int> numbers;
        for (const job::Step &step : plan.steps) {
            numbers.insert(step.parameters[u"number"_s].toInt());
            QVERIFY(!step.undo.isEmpty());
        }
        QCOMPARE(numbers.size(), plan.steps.size());
    }

    void refused_data()
    {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("text");
        QTest::newRow("ill-formed") << u"<domain>"_s << u"line 1"_s;
        QTest::newRow("no domain") << u"<network/>"_s << u"not the definition"_s;
        QTest::newRow("DOCTYPE") << u"<!DOCTYPE x><domain/>"_s << u"DOCTYPE"_s;
        QTest::newRow("other UUID") << changed(
            stored(), {write(u"uuid"_s, QUuid::createUuid().toString(QUuid::WithoutBraces))})
                                    << u"UUID"_s;
        QTest::newRow("name while it runs") << changed(stored(), {write(u"name"_s, u"web02"_s)}) << u"is running"_s;
        QTest::newRow("target twice") << changed(stored(), {add(disk(u"vda"_s))}) << u"target vda is used twice"_s;
        QTest::newRow("address twice") << changed(
            stored(), {add(disk(u"vdb"_s, u"virtio"_s, u"<address type='pci' bus='1' slot='0'/>"_s))})
                                       << u"0:1:0.0 is used twice"_s;
    }

    void refused()
    {
        QFETCH(const QString, wanted);
        QFETCH(const QString, text);
        DefinitionEdit edit = editOf({});
        edit.wanted = wanted;
        const job::Plan plan = planOf(facts(true), edit);
        QVERIFY2(findings(plan, Severity::Blocker).contains(text), qPrintable(findings(plan, Severity::Blocker)));
        QVERIFY(plan.steps.isEmpty());
    }

    void conflict()
    {
        EditFacts now = facts(false);
        now.stored = changed(stored(), {write(u"title"_s, u"Theirs"_s)});
        const DefinitionEdit edit = editOf({write(u"title"_s, u"Mine"_s)});
        QVERIFY(!isCurrent(now, edit));
        const job::Plan plan = planOf(now, edit);
        QVERIFY(findings(plan, Severity::Blocker).contains(u"Somebody else"_s));
        QVERIFY(plan.steps.isEmpty());
    }

    void renames()
    {
        QCOMPARE(types(planOf(facts(false), editOf({write(u"name"_s, u"web02"_s)}))), QStringList{u"domain.rename"_s});
        QCOMPARE(types(planOf(facts(false), editOf({write(u"name"_s, u"web02"_s), write(u"title"_s, u"T"_s)}))),
            (QStringList{u"domain.rename"_s, u"domain.redefine"_s}));
        QVERIFY(planOf(facts(false), editOf({write(u"name"_s, u"a/b"_s)})).isBlocked());
        // A definition without a UUID is that of the VM itself.
        const job::Plan plan = planOf(facts(false), editOf({remove(u"uuid"_s), write(u"title"_s, u"T"_s)}));
        QVERIFY2(!plan.isBlocked(), qPrintable(findings(plan, Severity::Blocker)));
        QVERIFY(plan.steps.first().parameters[u"xml"_s].toString().contains(u"11111111-2222-3333-4444-555555555555"_s));
    }

    void transient()
    {
        EditFacts now = facts(true);
        now.domain.persistent = false;
        now.stored.clear();
        DefinitionEdit edit;
        edit.base = running();
        edit.wanted = changed(running(), {add(disk(u"vdb"_s))});
        QCOMPARE(types(planOf(now, edit)), QStringList{u"device.attach"_s});
        edit.wanted = changed(running(), {set(u"cpu"_s, u"mode"_s, u"maximum"_s)});
        QCOMPARE(effectsOf(now, edit).first().when, When::Never);
        QVERIFY(findings(planOf(now, edit), Severity::Blocker).contains(u"transient"_s));
    }

    void usedByOthers()
    {
        EditFacts now = facts(false);
        const DefinitionEdit edit = editOf({add(disk(u"vdb"_s))});
        now.diskUsers.insert(u"/images/vdb.img"_s, {u"db01"_s});
        QVERIFY(findings(planOf(now, edit), Severity::Warning).contains(u"also belongs to db01"_s));
        now.runningUsers.insert(u"/images/vdb.img"_s, {u"db01"_s});
        QVERIFY(findings(planOf(now, edit), Severity::Blocker).contains(u"in use by db01"_s));
        const DefinitionEdit harmless = editOf({add(disk(u"vdb"_s, u"virtio"_s, u"<shareable/>"_s))});
        QVERIFY(!planOf(now, harmless).isBlocked());
        // Nobody is told of disks that he has had all the time.
        now.runningUsers.insert(u"/images/a.qcow2"_s, {u"db01"_s});
        QVERIFY(!planOf(now, harmless).isBlocked());
        now.missing << u"/images/vdb.img"_s;
        QVERIFY(findings(planOf(now, harmless), Severity::Warning).contains(u"does not exist"_s));
        now.takenMacs << u"52:54:00:00:00:09"_s;
        const DefinitionEdit card =
            editOf({add(u"<interface type='user'><mac address='52:54:00:00:00:09'/></interface>"_s)});
        QVERIFY(findings(planOf(now, card), Severity::Warning).contains(u"52:54:00:00:00:09"_s));
    }

    void risksThatAreAdded()
    {
        const QString commandLine =
            u"<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-S'/>"
            "</qemu:commandline>"_s;
        const QString with = changed(stored(), {[&](XmlText &text) {
            QVERIFY(text.insert({}, commandLine));
        }});
        DefinitionEdit edit = editOf({});
        edit.wanted = with;
        QVERIFY(!findings(planOf(facts(false), edit), Severity::Warning).isEmpty());
        EditFacts now = facts(false);
        now.stored = edit.base = with;
        edit.wanted = changed(with, {write(u"title"_s, u"T"_s)});
        QCOMPARE(findings(planOf(now, edit), Severity::Warning), QString());
    }

    void secrets()
    {
        const QString secure = stored().replace(u"autoport='yes' "_s, u"autoport='yes' passwd='Canary' "_s);
        // A second one is put before it: each keeps its own.
        const QString wanted = changed(stored(), {[](XmlText &text) {
            QVERIFY(text.insertBefore(u"devices/graphics"_s, u"<graphics type='spice'/>"_s));
        }});
        const auto merged = withSecrets(wanted, stored(), secure);
        QVERIFY(merged);
        QCOMPARE(merged->count(u"passwd='Canary'"_s), 1);
        QVERIFY(XmlText::parse(*merged)->attribute(u"devices/graphics[1]"_s, u"passwd"_s) == "Canary"_L1);
        QCOMPARE(withoutSecrets(*merged), wanted);
        // What is said stays, and what is gone takes its password with it.
        const QString other = changed(stored(), {set(u"devices/graphics"_s, u"passwd"_s, u"new"_s)});
        QCOMPARE(withSecrets(other, stored(), secure).value_or(QString()), other);
        const QString none = changed(stored(), {remove(u"devices/graphics"_s)});
        QCOMPARE(withSecrets(none, stored(), secure).value_or(QString()), none);
        QVERIFY(hasSecrets(secure) && !hasSecrets(stored()));
        // Restoring a definition brings them back from the history, not through the plan.
        DefinitionEdit edit = editOf({});
        edit.wanted = changed(secure, {write(u"title"_s, u"T"_s)});
        edit.restores = u"entry-1"_s;
        const job::Plan plan = planOf(facts(true), edit);
        QVERIFY2(!plan.isBlocked(), qPrintable(findings(plan, Severity::Blocker)));
        QVERIFY(!QJsonDocument(plan.toJson()).toJson().contains("Canary"));
        QCOMPARE(plan.steps.first().parameters[u"restores"_s].toString(), u"entry-1"_s);
    }

    void readsBack()
    {
        const ReadBack same = readBack(stored(), stored());
        QVERIFY(same.isExact());
        const QString sent = changed(stored(),
            {set(u"devices/disk[0]/driver"_s, u"cachee"_s, u"none"_s), set(u"cpu"_s, u"mode"_s, u"custom"_s)});
        const QString kept = changed(stored(), {set(u"devices/disk[0]/driver"_s, u"discard"_s, u"unmap"_s)});
        const ReadBack differs = readBack(sent, kept);
        QCOMPARE(differs.dropped.size(), 1);
        QVERIFY(differs.dropped.first().path.contains(u"cachee"_s));
        QCOMPARE(differs.changed.size(), 1);
        QCOMPARE(differs.added.size(), 1);
    }

    void updates()
    {
        const auto runs = xml::Document::parse(running());
        QVERIFY(runs);
        const QList<DevicePart> devices = devicesOf(*runs);
        const auto of = [&](const QString &kind) {
            return std::ranges::find(devices, kind, &DevicePart::kind)->xml;
        };
        const auto card = updateXml(of(u"interface"_s),
            u"<interface type='network'><mac address='52:54:00:00:00:01'/><source network='other'/><model "
            u"type='e1000'/>"
            "<link state='down'/></interface>"_s);
        QVERIFY(card);
        QVERIFY(card->contains(u"network=\"other\""_s) && card->contains(u"state=\"down\""_s));
        QVERIFY(card->contains(u"type=\"virtio\""_s) && card->contains(u"net0"_s) && !card->contains(u"portid"_s));
        const QString secure = of(u"graphics"_s).replace(u"<graphics "_s, u"<graphics passwd=\"old\" "_s);
        const QString bare = u"<graphics type='vnc'/>"_s;
        QVERIFY(updateXml(secure, bare)->contains(u"old"_s));
        QVERIFY(!updateXml(secure, bare, true)->contains(u"old"_s));
        const QString again = attachableXml(of(u"interface"_s));
        QVERIFY(!again.contains(u"vnet3"_s) && !again.contains(u"net0"_s) && !again.contains(u"virbr0"_s));
        QVERIFY(again.contains(u"52:54:00:00:00:01"_s) && again.contains(u"<address"_s));
    }

    void attachDrafts()
    {
        const auto with = [](const DiskDraft &disk) {
            DeviceDraft draft;
            draft.disk = disk;
            return withDevice(stored(), draft);
        };
        DiskDraft disk;
        disk.source = DiskDraft::Source::File;
        disk.path = u"/images/x & y.img"_s;
        const auto plain = XmlText::parse(with(disk).value_or(QString()));
        QVERIFY(plain);
        QCOMPARE(plain->count(u"devices"_s, u"disk"_s), 3);
        QCOMPARE(plain->attribute(u"devices/disk[2]/target"_s, u"dev"_s), u"vdb"_s);
        QCOMPARE(plain->attribute(u"devices/disk[2]/target"_s, u"bus"_s), u"virtio"_s);
        QCOMPARE(plain->attribute(u"devices/disk[2]/source"_s, u"file"_s), disk.path);
        disk.bus = u"scsi"_s;
        const auto scsi = XmlText::parse(with(disk).value_or(QString()));
        QVERIFY(scsi);
        QCOMPARE(scsi->attribute(u"devices/disk[2]/target"_s, u"dev"_s), u"sdb"_s);
        QVERIFY(scsi->toString().contains(u"virtio-scsi"_s));
        disk.target = u"vda"_s;
        QVERIFY(!with(disk));
        // The card is as the others are.
        DeviceDraft card;
        card.nic = NicDraft{{}, u"br0"_s, false, {}, {}};
        const auto carded = XmlText::parse(withDevice(stored(), card).value_or(QString()));
        QVERIFY(carded);
        QCOMPARE(carded->attribute(u"devices/interface[1]/source"_s, u"bridge"_s), u"br0"_s);
        QCOMPARE(carded->attribute(u"devices/interface[1]/model"_s, u"type"_s), u"virtio"_s);
    }

    void detachDrafts()
    {
        DeviceDraft draft;
        draft.disk = DiskDraft();
        draft.disk->target = u"vda"_s;
        QCOMPARE(withoutDevice(stored(), draft).value_or(QString()), changed(stored(), {remove(u"devices/disk[0]"_s)}));
        draft.disk->target = u"vdz"_s;
        QCOMPARE(withoutDevice(stored(), draft).error().kind, Error::Kind::NotFound);
        draft.disk.reset();
        draft.nic = NicDraft();
        draft.nic->network = u"default"_s;
        QCOMPARE(
            withoutDevice(stored(), draft).value_or(QString()), changed(stored(), {remove(u"devices/interface"_s)}));
        const QString two =
            changed(stored(), {add(u"<interface type='network'><source network='default'/></interface>"_s)});
        QCOMPARE(withoutDevice(two, draft).error().kind, Error::Kind::Invalid);
    }

    void textDrafts()
    {
        const auto tagged = withTexts(stored(), {u"T <1>"_s, QString(), QStringList{u"a"_s, u"b & c"_s}});
        QVERIFY(tagged);
        const auto document = xml::Document::parse(*tagged);
        QVERIFY2(document, qPrintable(*tagged));
        QCOMPARE(document->root().child(u"title"_s).text(), u"T <1>"_s);
        const xml::Element own =
            document->root().child(u"metadata"_s).child(u"domain"_s, QString::fromLatin1(xml::MetadataNamespace));
        const auto tags = own.child(u"tags"_s).children(u"tag"_s);
        QCOMPARE(tags.size(), 2);
        QCOMPARE(tags.at(1).text(), u"b & c"_s);
        QVERIFY(tagged->contains(u"<!-- kept -->"_s));
        const auto fewer = withTexts(*tagged, {QString(), {}, QStringList{u"z"_s}});
        QVERIFY(fewer && !fewer->contains(u"<title>"_s));
        QCOMPARE(fewer->count(u"vireo:tag>"_s), 2);
    }
};

QTEST_GUILESS_MAIN(TestEdit)

#include "tst_edit.moc"
