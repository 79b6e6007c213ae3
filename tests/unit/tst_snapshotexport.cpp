// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QJsonArray>
#include <QTest>

#include "backend/operation/draft.h"
#include "backend/operation/snapshot/snapshotexport.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using job::Plan;
using operation::ExportTarget;
using operation::SnapshotExportDraft;
using snapshot::Facts;
using snapshot::SnapshotDisk;

Q_DECLARE_METATYPE(std::function<void()>)

namespace {

constexpr quint64 gib = 1024ULL * 1024 * 1024;

} // namespace

/** Plans of exports, without a host. */
class TestSnapshotExport final : public QObject
{
    Q_OBJECT

    const virt::HostId m_here = QUuid::createUuid();
    const virt::HostId m_there = QUuid::createUuid();
    Facts m_facts;
    SnapshotExportDraft m_draft;
    ExportTarget m_target;

    void addFile(const QString &name, quint64 allocation)
    {
        snapshot::FileFacts file;
        file.presence = snapshot::FileFacts::Presence::Present;
        file.pool = u"images"_s;
        file.volume = name;
        file.allocation = allocation;
        file.capacity = 20 * gib;
        file.available = 100 * gib;
        m_facts.files.insert(u"/images/"_s + name, file);
    }
    static snapshot::Layer layer(const QString &name) { return {u"/images/"_s + name, u"qcow2"_s}; }
    static snapshot::Snapshot snapshotOf(const QString &name, SnapshotDisk::Kind kind, const snapshot::Chain &state)
    {
        snapshot::Snapshot result;
        result.name = name;
        SnapshotDisk disk;
        disk.target = u"vda"_s;
        disk.kind = kind;
        disk.state = state;
        result.disks.append(disk);
        return result;
    }

    Plan plan() const { return operation::planSnapshotExport(m_here, m_facts, m_draft, m_target); }
    static QStringList types(const Plan &plan)
    {
        QStringList result;
        for (const job::Step &step : plan.steps) {
            result.append(step.type);
        }
        return result;
    }
    static QString texts(const Plan &plan, Finding::Severity severity)
    {
        QStringList result;
        for (const Finding &finding : plan.findings) {
            if (finding.severity == severity) {
                result.append(finding.text + u' ' + finding.cause);
            }
        }
        return result.join(u'\n');
    }
    void toFile()
    {
        m_draft.pool.clear();
        m_draft.volume.clear();
        m_draft.path = u"/home/me/disk.qcow2"_s;
        m_target.isSameHost = false;
        m_target.host = {};
    }
    void toOther()
    {
        m_draft.host = u"qemu+ssh://there/system"_s;
        m_target.isSameHost = false;
        m_target.host = m_there;
    }

private Q_SLOTS:
    void init()
    {
        m_facts = {};
        m_facts.domain.uuid = QUuid::createUuid();
        m_facts.domain.name = u"web01"_s;
        m_facts.domain.state = virt::DomainState::Running;
        m_facts.hasAgent = true;
        snapshot::DiskNow disk;
        disk.target = u"vda"_s;
        disk.chain = {layer(u"top"_s), layer(u"base"_s)};
        snapshot::DiskNow drive;
        drive.target = u"sda"_s;
        drive.canSnapshot = false;
        drive.reason = u"It is a CD-ROM."_s;
        m_facts.disks = {drive, disk};
        addFile(u"top"_s, gib);
        addFile(u"base"_s, 2 * gib);
        m_facts.snapshots = {snapshotOf(u"frozen"_s, SnapshotDisk::Kind::External, {layer(u"base"_s)}),
            snapshotOf(u"inside"_s, SnapshotDisk::Kind::Internal, {layer(u"top"_s), layer(u"base"_s)}),
            snapshotOf(u"overwritten"_s, SnapshotDisk::Kind::External, {layer(u"top"_s), layer(u"base"_s)}),
            snapshotOf(u"without"_s, SnapshotDisk::Kind::None, {})};
        m_draft = {};
        m_draft.pool = u"images"_s;
        m_draft.volume = u"copy.qcow2"_s;
        m_target = {};
        m_target.available = 100 * gib;
        m_target.workAvailable = 100 * gib;
        m_target.directory = u"/images"_s;
        m_target.isSameHost = true;
        m_target.token = u"abc123"_s;
    }

    void steps_data()
    {
        QTest::addColumn<std::function<void()>>("change");
        QTest::addColumn<QString>("steps");
        const auto row = [](const char *name, const std::function<void()> &change, const QString &steps) {
            QTest::newRow(name) << change << steps;
        };
        row("live, to a volume", [] {}, u"volume.create export.copy"_s);
        row(
            "saved meanwhile", [this] { m_draft.live = false; },
            u"export.save volume.create export.copy export.resume"_s);
        row("off", [this] { m_facts.domain.state = virt::DomainState::ShutOff; }, u"volume.create export.copy"_s);
        row(
            "compressed", [this] { m_draft.compressed = true; },
            u"volume.create export.copy export.fetch volume.delete export.convert export.upload work.clear"_s);
        row("to a file", [this] { toFile(); }, u"volume.create export.copy export.fetch volume.delete export.place"_s);
        row(
            "to a file, compressed",
            [this] {
                toFile();
                m_draft.compressed = true;
            },
            u"volume.create export.copy export.fetch volume.delete export.convert export.place work.clear"_s);
        // the VM goes on before anything is moved
        row(
            "saved meanwhile, to another host",
            [this] {
                toOther();
                m_draft.live = false;
            },
            u"export.save volume.create export.copy export.resume export.fetch volume.delete export.upload "
            "work.clear"_s);
        row("an external snapshot", [this] { m_draft.snapshot = u"frozen"_s; }, u"volume.create export.copy"_s);
        row(
            "an internal snapshot",
            [this] {
                m_draft.snapshot = u"inside"_s;
                m_draft.live = false;
            },
            u"export.save export.fetch export.resume export.convert export.upload work.clear"_s);
        row(
            "an internal snapshot of one that is off",
            [this] {
                toFile();
                m_draft.snapshot = u"inside"_s;
                m_facts.domain.state = virt::DomainState::ShutOff;
            },
            u"export.fetch export.convert export.place work.clear"_s);
    }
    void steps()
    {
        QFETCH(const std::function<void()>, change);
        change();
        const Plan made = plan();
        QVERIFY2(!made.isBlocked(), qPrintable(texts(made, Finding::Severity::Blocker)));
        QTEST(types(made).join(u' '), "steps");
        QCOMPARE(made.host, m_here);
        QCOMPARE(made.domain, m_facts.domain.uuid);
        QVERIFY(!made.verdict.isEmpty());
        QCOMPARE(Plan::fromJson(made.toJson()), made);
    }

    void copies()
    {
        const QJsonObject whole = plan().steps.at(1).parameters;
        QCOMPARE(whole.value("disk"_L1).toString(), u"vda"_s); // not the CD-ROM before it
        QVERIFY(whole.value("live"_L1).toBool() && whole.value("quiesce"_L1).toBool());
        QCOMPARE(whole.value("path"_L1).toString(), u"/images/copy.qcow2"_s);
        QCOMPARE(whole.value("chain"_L1).toArray().size(), 2);
        QCOMPARE(plan().steps.at(1).bytes, 3 * gib);
        const QString xml = plan().steps.at(0).parameters.value("xml"_L1).toString();
        QVERIFY(xml.contains(u"0600"_s) && !xml.contains(u"backingStore"_s));

        m_draft.flatten = false;
        const Plan shallow = plan();
        QCOMPARE(shallow.steps.at(1).bytes, gib);
        const QString above = shallow.steps.at(0).parameters.value("xml"_L1).toString();
        QVERIFY(above.contains(u"/images/base"_s) && above.contains(u"backingStore"_s));

        m_facts.hasAgent = false;
        QVERIFY(!plan().steps.at(1).parameters.value("quiesce"_L1).toBool());
        QVERIFY(texts(plan(), Finding::Severity::Note).contains(u"power failure"_s));
    }

    void staged()
    {
        toFile();
        const Plan made = plan();
        const QString name = made.steps.at(0).parameters.value("name"_L1).toString();
        QVERIFY(name.contains(u"abc123"_s)); // nobody else's
        QCOMPARE(made.steps.at(3).parameters.value("volume"_L1).toString(), name);
        QVERIFY(made.steps.at(3).parameters.value("temporary"_L1).toBool());
    }

    void blockers_data()
    {
        QTest::addColumn<std::function<void()>>("change");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const std::function<void()> &change, const QString &text) {
            QTest::newRow(name) << change << text;
        };
        row("no such disk", [this] { m_draft.disk = u"vdz"_s; }, u"no disk “vdz”"_s);
        row("a CD-ROM", [this] { m_draft.disk = u"sda"_s; }, u"It is a CD-ROM."_s);
        row("no disk at all", [this] { m_facts.disks.clear(); }, u"no disk that can be exported"_s);
        row("on the network", [this] { m_facts.disks[1].isNetwork = true; }, u"on the network"_s);
        row("no such snapshot", [this] { m_draft.snapshot = u"none"_s; }, u"no snapshot “none”"_s);
        row("left out", [this] { m_draft.snapshot = u"without"_s; }, u"left the disk vda out"_s);
        row("overwritten", [this] { m_draft.snapshot = u"overwritten"_s; }, u"not there any more"_s);
        row("inside what is written to", [this] { m_draft.snapshot = u"inside"_s; }, u"within a file"_s);
        row(
            "missing file",
            [this] { m_facts.files[u"/images/base"_s].presence = snapshot::FileFacts::Presence::Missing; },
            u"/images/base is missing"_s);
        row(
            "unknown format",
            [this] {
                m_facts.domain.state = virt::DomainState::ShutOff;
                m_facts.disks[1].chain[1].format.clear();
            },
            u"format of /images/base is not recorded"_s);
        row("unknown size", [this] { m_facts.files.remove(u"/images/top"_s); }, u"size of the disk vda"_s);
        row(
            "no place to stage",
            [this] {
                toFile();
                m_facts.files[u"/images/top"_s].pool.clear();
            },
            u"no place for the copy"_s);
        row(
            "transient",
            [this] {
                m_facts.domain.persistent = false;
                m_draft.live = false;
            },
            u"is transient"_s);
        row("no target", [this] { m_draft.pool = m_draft.volume = QString(); }, u"not clear where"_s);
        row("two targets", [this] { m_draft.path = u"/home/me/x"_s; }, u"not clear where"_s);
        row("bad target", [this] { m_target.problem = u"There is no such pool."_s; }, u"no such pool"_s);
        row("exists", [this] { m_target.exists = true; }, u"already has a volume"_s);
        row(
            "file exists",
            [this] {
                toFile();
                m_target.exists = true;
            },
            u"exists already"_s);
        row("bad name", [this] { m_draft.volume = u"../copy"_s; }, u"can't be called"_s);
        row("bad format", [this] { m_draft.format = u"vmdk"_s; }, u"“vmdk” is not a format"_s);
        row(
            "compressed raw",
            [this] {
                m_draft.format = u"raw"_s;
                m_draft.compressed = true;
            },
            u"Only qcow2"_s);
        row(
            "shallow elsewhere",
            [this] {
                toOther();
                m_draft.flatten = false;
            },
            u"only be on the VM's host"_s);
        row(
            "shallow and compressed",
            [this] {
                m_draft.compressed = true;
                m_draft.flatten = false;
            },
            u"always a whole one"_s);
        row(
            "shallow raw",
            [this] {
                m_draft.format = u"raw"_s;
                m_draft.flatten = false;
            },
            u"can't have a base"_s);
        row(
            "no room",
            [this] {
                m_facts.snapshots.clear();
                m_facts.disks[1].chain.removeLast();
                m_target.available = gib / 2;
            },
            u"no room"_s);
        row(
            "no room to stage",
            [this] {
                toFile();
                m_facts.snapshots.clear();
                m_facts.disks[1].chain.removeLast();
                m_facts.files[u"/images/top"_s].available = gib / 2;
            },
            u"no room for the copy in the pool “images”"_s);
        row(
            "no room here",
            [this] {
                m_draft.snapshot = u"inside"_s;
                m_draft.live = false;
                m_target.workAvailable = gib;
            },
            u"the cache on this computer"_s);
    }
    void blockers()
    {
        QFETCH(const std::function<void()>, change);
        change();
        const Plan made = plan();
        QVERIFY(made.isBlocked());
        QVERIFY(made.steps.isEmpty());
        QFETCH(const QString, text);
        QVERIFY2(texts(made, Finding::Severity::Blocker).contains(text),
            qPrintable(texts(made, Finding::Severity::Blocker)));
    }

    /** What is overwritten above counts in the files' sizes only: it may fit all the same. */
    void roomIsUncertainAboveABase()
    {
        m_target.available = 2 * gib;
        const Plan made = plan();
        QVERIFY(!made.isBlocked());
        QVERIFY(texts(made, Finding::Severity::Warning).contains(u"may be no room"_s));
    }

    void wholeWithoutBase()
    {
        m_draft.flatten = false;
        m_facts.disks[1].chain.removeLast();
        const Plan made = plan();
        QVERIFY(!made.isBlocked() && !made.steps.at(1).parameters.value("shallow"_L1).toBool());
        QVERIFY(texts(made, Finding::Severity::Note).contains(u"no base image"_s));
    }

    void pausedStaysPaused()
    {
        m_facts.domain.state = virt::DomainState::Paused;
        m_draft.live = false;
        const Plan made = plan();
        QVERIFY(made.steps.constFirst().parameters.value("paused"_L1).toBool());
        QVERIFY(made.steps.constLast().parameters.value("paused"_L1).toBool());
    }

    void drafts()
    {
        m_draft.snapshot = u"frozen"_s;
        m_draft.disk = u"vda"_s;
        m_draft.flatten = false;
        m_draft.host = u"qemu:///session"_s;
        QJsonObject json = plan().draft;
        QVERIFY(!json.isEmpty());
        json.insert(u"operation"_s, u"snapshot.export"_s);
        json.insert(u"host"_s, u"qemu:///system"_s);
        json.insert(u"domain"_s, u"web01"_s);
        const auto read = operation::draftFromJson(json);
        QVERIFY(read);
        QCOMPARE(std::get<SnapshotExportDraft>(read->content), m_draft);
        json.insert(u"target"_s, QJsonObject{{u"path"_s, u"/home/me/x.qcow2"_s}});
        QVERIFY(operation::draftFromJson(json));
    }

    void badDrafts_data()
    {
        QTest::addColumn<QJsonValue>("target");
        QTest::addColumn<QStringList>("places");
        QTest::newRow("none") << QJsonValue(QJsonValue::Undefined) << QStringList{u"$.target"_s};
        QTest::newRow("text") << QJsonValue(u"x"_s) << QStringList{u"$.target"_s};
        QTest::newRow("relative") << QJsonValue(QJsonObject{{u"path"_s, u"x"_s}}) << QStringList{u"$.target.path"_s};
        QTest::newRow("both") << QJsonValue(QJsonObject{{u"path"_s, u"/x"_s}, {u"pool"_s, u"p"_s}})
                              << QStringList{u"$.target.pool"_s};
        QTest::newRow("no name") << QJsonValue(QJsonObject{{u"pool"_s, u"p"_s}}) << QStringList{u"$.target.name"_s};
        QTest::newRow("bad host") << QJsonValue(
            QJsonObject{{u"pool"_s, u"p"_s}, {u"name"_s, u"n"_s}, {u"host"_s, u"nonsense"_s}})
                                  << QStringList{u"$.target.host"_s};
    }
    void badDrafts()
    {
        QFETCH(const QJsonValue, target);
        QJsonObject json{
            {u"operation"_s, u"snapshot.export"_s}, {u"host"_s, u"qemu:///system"_s}, {u"domain"_s, u"web01"_s}};
        if (!target.isUndefined()) {
            json.insert(u"target"_s, target);
        }
        const auto read = operation::draftFromJson(json);
        QVERIFY(!read);
        QStringList places;
        for (const operation::DraftError &error : read.error()) {
            places.append(error.path);
        }
        QTEST(places, "places");
    }
};

QTEST_GUILESS_MAIN(TestSnapshotExport)
#include "tst_snapshotexport.moc"
