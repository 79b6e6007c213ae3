// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include "backend/operation/create/basecache.h"
#include "backend/operation/create/create.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/create/seedchange.h"
#include "backend/operation/deletion.h"
#include "backend/operation/edit/definitionedit.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"
#include "backend/xml/xmltext.h"
#include "tests/support/killbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Recovery;
using operation::Action;
using operation::CreateDraft;
using test::KillHarness;
using test::KillScenario;
using test::TestBed;

namespace {

constexpr qint64 mib = 1024 * 1024;

bool writeImage(const QString &path, qint64 size, char seed, qint64 offset = 0, const QByteArray &mark = {})
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
        return false;
    }
    QByteArray block(static_cast<qsizetype>(mib), seed);
    for (qint64 done = 0; done < size; done += mib) {
        block[0] = static_cast<char>(done / mib); // no two blocks alike
        if (file.write(block) != block.size()) {
            return false;
        }
    }
    return file.resize(size + mib) && file.seek(offset) && file.write(mark) == mark.size(); // ends with a hole
}

} // namespace

/**
 * Each operation is killed at every moment of its journal (here each third, all in the soak), and then finished or
 * undone by another process: exactly the expected domains and volumes are there, no orphan, and what was there before
 * is byte-equal.
 */
class TestJournalKill final : public QObject, private test::KillBed
{
    Q_OBJECT

    QString m_image;
    QString m_iso;
    QString m_big;
    QString m_vmdk;
    QString m_tree;
    int m_runId = -1; ///< of the running domain
    const QString m_network = u"77777777-7777-7777-7777-777777777777"_s;

    CreateDraft draft(const QString &name) const
    {
        CreateDraft draft;
        draft.host = m_bed->uri(u"A"_s);
        draft.name = name;
        draft.path = m_image;
        draft.memoryMiB = 32;
        draft.start = false;
        return draft;
    }

    /** The plan as another process would have made it: with a host id of its own. */
    job::Plan create(const CreateDraft &draft) const
    {
        const auto facts = operation::readCreateFacts(*m_connection, m_host, draft);
        return facts ? foreign(operation::planCreate(draft, *facts)) : job::Plan();
    }
    virt::DomainRecord domain(const QString &name) const
    {
        const auto uuid = virt::domains::find(*m_connection, name);
        const auto record = uuid ? virt::domains::read(*m_connection, *uuid) : fail(uuid.error());
        return record ? *record : virt::DomainRecord();
    }
    job::Plan act(Action action) const { return foreign(operation::planAction(action, m_host, domain(u"old"_s))); }
    job::Plan remove(const QStringList &targets) const
    {
        const auto facts = operation::readDeleteFacts(*m_connection, domain(u"old"_s).uuid);
        return facts ? foreign(operation::planDelete(m_host, *facts, targets)) : job::Plan();
    }

    static QJsonObject seedOf(const QString &hostname)
    {
        seed::SeedDraft draft;
        draft.hostname = hostname;
        return draft.toJson();
    }
    operation::SeedFacts seedFacts() const
    {
        const auto facts = operation::readSeedFacts(*m_connection, domain(u"old"_s).uuid);
        return facts ? *facts : operation::SeedFacts();
    }
    /** The base of a domain that was deleted, its storage kept. */
    bool makeUnusedBase() const
    {
        const auto gone = [this] {
            const auto uuid = domain(u"old"_s).uuid;
            return virt::domains::undefine(*m_connection, uuid).has_value()
                && virt::storage::deleteVolume(*m_connection, u"default"_s, u"old.qcow2"_s).has_value();
        };
        return makeOld() && gone();
    }
    job::Plan ageOut() const
    {
        const auto bases = operation::readBases(*m_connection, u"default"_s);
        return bases ? foreign(operation::planAgeOut(m_host, *bases, {})) : job::Plan();
    }

    /** Another domain with disk, base and pool: what must not be touched. */
    bool makeOld(bool start = false, bool seeded = false) const
    {
        CreateDraft wanted = draft(u"old"_s);
        wanted.start = start;
        if (seeded) {
            wanted.seed = seedOf(u"old"_s);
        }
        job::StepRegistry registry;
        operation::registerSteps(registry);
        job::JobManager jobs(
            registry, [this](const virt::HostId &) { return Result<virt::ConnectionPtr>(m_connection); });
        const job::JobId id = jobs.run(create(wanted));
        return QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 60000)
            && jobs.job(id)->state == job::JobState::Done;
    }
    /** Changes of "old": of its definition, and with it of what runs. */
    job::Plan edit(const std::function<void(xml::XmlText &)> &change) const
    {
        auto facts = operation::readEditFacts(*m_connection, domain(u"old"_s).uuid);
        auto text = facts ? xml::XmlText::parse(facts->stored) : fail(facts.error());
        if (!text) {
            return {};
        }
        change(*text);
        operation::DefinitionEdit wanted;
        wanted.base = facts->stored;
        wanted.wanted = text->toString();
        return foreign(operation::planEdit(m_host, *facts, wanted));
    }
    static void addDevices(xml::XmlText &text, const QString &image)
    {
        const auto add = [&text](const QString &device) {
            QVERIFY(text.insert(u"devices"_s, device));
        };
        add(u"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%1'/>"
            "<target dev='vdb' bus='virtio'/></disk>"_s.arg(image));
        add(u"<interface type='user'><mac address='52:54:00:00:00:11'/><model type='virtio'/></interface>"_s);
    }
    /** A running guest that lets go of what is taken from it. */
    bool defineGuest(bool withDevices) const
    {
        auto text = xml::XmlText::parse(m_bed->kernelGuestXml(u"old"_s, u"eject"_s));
        if (!text) {
            return false;
        }
        if (withDevices) {
            addDevices(*text, m_image);
        }
        QFile::remove(m_bed->directory() + u"/old.txt"_s);
        const auto uuid = virt::domains::define(*m_connection, text->toString());
        return uuid && virt::domains::start(*m_connection, *uuid)
            && QTest::qWaitFor([this] { return m_bed->read(u"old.txt"_s).contains("HB "); }, 20000);
    }
    /** Disks and cards of the running VM. */
    QString devices() const { return m_bed->virsh(u"A"_s, {u"domblklist old; domiflist old"_s}).output; }
    QString definition() const
    {
        return m_bed->virsh(u"A"_s, {u"dumpxml"_s, u"old"_s, u"--inactive"_s, u"--security-info"_s}).output;
    }

    bool define(bool start)
    {
        const auto uuid = virt::domains::define(*m_connection, m_bed->kernelGuestXml(u"old"_s));
        if (!uuid || (start && !virt::domains::start(*m_connection, *uuid))) {
            return false;
        }
        m_runId = domain(u"old"_s).id;
        return true;
    }

    QString networkXml() const
    {
        return virt::definitions::xml(*m_connection, {virt::DefinitionKey::Kind::Network, {}, m_network})
            .value_or(QString());
    }
    bool defineNetwork() const
    {
        return virt::definitions::define(*m_connection, virt::DefinitionKey::Kind::Network,
            u"<network><name>lab</name><uuid>%1</uuid><bridge name='virbr77'/>"
            "<ip address='192.168.77.1' netmask='255.255.255.0'/></network>"_s.arg(m_network))
            .has_value();
    }
    job::Plan editNetwork() const
    {
        const auto facts =
            operation::readObjectFacts(*m_connection, {virt::DefinitionKey::Kind::Network, {}, m_network});
        return facts ? foreign(operation::planDefinitionEdit(m_host, *facts,
                           {facts->stored, QString(facts->stored).replace(u"192.168.77.1"_s, u"192.168.77.9"_s)}))
                     : job::Plan();
    }

    KillScenario createFromImage()
    {
        KillScenario scenario;
        scenario.name = u"create from an image on an empty host"_s;
        scenario.plan = [this] {
            return create(draft(u"web"_s));
        };
        scenario.domains = {u"web shut off"_s};
        scenario.pools = {u"default active autostart"_s};
        return scenario;
    }

    QList<KillScenario> scenarios()
    {
        const QStringList pool{u"default active autostart"_s};
        const auto old = [this] {
            return makeOld();
        };
        QList<KillScenario> all;
        const auto add = [&all](const QString &name, const std::function<bool()> &prepare,
                             const std::function<job::Plan()> &plan, const QStringList &domains,
                             const QStringList &pools) -> KillScenario & {
            KillScenario scenario;
            scenario.name = name;
            scenario.prepare = prepare;
            scenario.plan = plan;
            scenario.domains = domains;
            scenario.pools = pools;
            all.append(scenario);
            return all.last();
        };
        all.append(createFromImage());
        all.last().bothWays = true;
        add(
            u"create on an existing base, and start"_s, old,
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.start = true;
                return create(wanted);
            },
            {u"old shut off"_s, u"web running"_s}, pool);
        add(
            u"create with an ISO"_s, {},
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.source = CreateDraft::SourceKind::Iso;
                wanted.path = m_iso;
                wanted.rootGiB = 1;
                return create(wanted);
            },
            {u"web shut off"_s}, pool);
        add(
            u"create with a blank disk"_s, {},
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.source = CreateDraft::SourceKind::None;
                wanted.path.clear();
                wanted.rootGiB = 1;
                return create(wanted);
            },
            {u"web shut off"_s}, pool);
        add(
            u"create with a full copy"_s, old,
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.fullCopy = true;
                wanted.rootGiB = 4.0 / 1024;
                return create(wanted);
            },
            {u"old shut off"_s, u"web shut off"_s}, pool);
        add(
            u"create from a VMDK image with formatted disks"_s, {},
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.path = m_vmdk;
                for (const auto kind : {CreateDraft::DiskKind::Ephemeral, CreateDraft::DiskKind::Swap}) {
                    CreateDraft::Disk disk;
                    disk.kind = kind;
                    disk.bytes = 16 * mib;
                    disk.fs = u"ext4"_s;
                    wanted.disks << disk;
                }
                return create(wanted);
            },
            {u"web shut off"_s}, pool);
        add(
            u"create with a copy of a volume"_s,
            [this] {
                return makeOld()
                    && virt::storage::createVolume(
                        *m_connection, u"default"_s, operation::volumeXml(u"source.img"_s, u"raw"_s, 0, {}, {}))
                    && virt::storage::uploadVolume(*m_connection, u"default"_s, u"source.img"_s, m_image, {}, {})
                    && virt::storage::refreshPool(*m_connection, u"default"_s);
            },
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.path.clear();
                wanted.fullCopy = true;
                wanted.volume = CreateDraft::Volume{u"default"_s, u"source.img"_s};
                return create(wanted);
            },
            {u"old shut off"_s, u"web shut off"_s}, pool);
        add(
            u"create with a kernel and a seed"_s, {},
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.source = CreateDraft::SourceKind::Kernel;
                wanted.path.clear();
                wanted.kernel.kernel = TestBed::guestKernel();
                wanted.seed = seedOf(u"web"_s);
                return create(wanted);
            },
            {u"web shut off"_s}, pool);
        add(
            u"install from a tree"_s, old,
            [this] {
                CreateDraft wanted = draft(u"web"_s);
                wanted.source = CreateDraft::SourceKind::Tree;
                wanted.path = m_tree;
                wanted.rootGiB = 1;
                wanted.start = true;
                return create(wanted);
            },
            {u"old shut off"_s, u"web running"_s}, pool);
        const auto seeded = [this] {
            return makeOld(false, true);
        };
        add(
            u"make a seed anew"_s, seeded,
            [this] {
                seed::SeedDraft anew;
                anew.hostname = u"new"_s;
                return foreign(operation::planRegenerateSeed(m_host, seedFacts(), anew, u"iid-new"_s));
            },
            {u"old shut off"_s}, pool)
            .lossy = true;
        add(
            u"eject a seed"_s, seeded, [this] { return foreign(operation::planEjectSeed(m_host, seedFacts())); },
            {u"old shut off"_s}, pool)
            .lossy = true;
        KillScenario &aged = add(
            u"remove an unused base image"_s, [this] { return makeUnusedBase(); }, [this] { return ageOut(); }, {},
            pool);
        aged.undoable = false;
        aged.stays = true;
        add(u"create that fails at its end"_s, {}, [this] { return create(draft(u"web"_s)); }, {}, {}).fails = true;
        add(u"delete with storage"_s, old, [this] { return remove({u"vda"_s}); }, {}, pool).undoable = false;
        add(
            u"delete a running one, keeping storage"_s, [this] { return makeOld(true); }, [this] { return remove({}); },
            {}, pool)
            .undoable = false;
        add(
            u"rename"_s, [this] { return define(false); },
            [this] { return foreign(operation::planRename(m_host, domain(u"old"_s), u"new"_s, {u"old"_s})); },
            {u"new shut off"_s}, {});
        const auto bothDefinitions = [this] {
            return definition() + devices();
        };
        KillScenario &edited = add(
            u"edit of a VM that is shut off"_s, [this] { return define(false); },
            [this] {
                return edit([this](xml::XmlText &text) {
                    text.setText(u"title"_s, u"Edited"_s);
                    addDevices(text, m_image);
                });
            },
            {u"old shut off"_s}, {});
        edited.bothWays = true;
        edited.more = [this] {
            return definition();
        };
        edited.afterFinish = [this] {
            return definition().contains(u"<title>Edited</title>"_s) && definition().contains(u"'vdb'"_s);
        };
        KillScenario &attached = add(
            u"edit and live attach"_s, [this] { return defineGuest(false); },
            [this] { return edit([this](xml::XmlText &text) { addDevices(text, m_image); }); }, {u"old running"_s}, {});
        attached.more = bothDefinitions;
        attached.afterFinish = [this] {
            return devices().contains(u"vdb"_s) && devices().contains(u"52:54:00:00:00:11"_s)
                && definition().contains(u"'vdb'"_s);
        };
        KillScenario &detached = add(
            u"live detach"_s, [this] { return defineGuest(true); },
            [this] {
                return edit([](xml::XmlText &text) {
                    text.remove(u"devices/disk"_s);
                    text.remove(u"devices/interface"_s);
                });
            },
            {u"old running"_s}, {});
        detached.more = bothDefinitions;
        detached.afterFinish = [this] {
            return !devices().contains(u"vdb"_s) && !devices().contains(u"52:54"_s)
                && !definition().contains(u"'vdb'"_s);
        };
        add(
            u"autostart"_s, [this] { return define(false); },
            [this] { return foreign(operation::planAutostart(m_host, domain(u"old"_s), true)); },
            {u"old shut off autostart"_s}, {});
        add(
            u"start"_s, [this] { return define(false); }, [this] { return act(Action::Run); }, {u"old running"_s}, {})
            .undoable = false;
        all.last().stays = true;
        const auto running = [this] {
            return define(true);
        };
        add(u"pause"_s, running, [this] { return act(Action::Pause); }, {u"old paused"_s}, {}).undoable = false;
        all.last().stays = true;
        add(u"reset"_s, running, [this] { return act(Action::Reset); }, {u"old running"_s}, {}).undoable = false;
        all.last().stays = true;
        add(u"force off"_s, running, [this] { return act(Action::ForceOff); }, {u"old shut off"_s}, {}).undoable =
            false;
        all.last().stays = true; // killed before the call there is nothing to undo
        KillScenario &network =
            add(u"edit a network"_s, [this] { return defineNetwork(); }, [this] { return editNetwork(); }, {}, {});
        network.bothWays = true;
        network.afterFinish = [this] {
            return networkXml().contains(u"192.168.77.9"_s) && networkXml().contains(u"virbr77"_s);
        };
        KillScenario &reboot = add(
            u"hard reboot"_s, [this] { return define(true); }, [this] { return act(Action::HardReboot); },
            {u"old running"_s}, {});
        reboot.undoable = false;
        reboot.afterFinish = [this] {
            return domain(u"old"_s).id != m_runId;
        };
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        m_image = m_bed->directory() + u"/image.raw"_s;
        m_iso = m_bed->directory() + u"/install.iso"_s;
        m_big = m_bed->directory() + u"/big.raw"_s;
        QVERIFY(writeImage(m_image, 2 * mib, 'i'));
        QVERIFY(writeImage(m_iso, mib, 's', 32769, "CD001"));
        QVERIFY(writeImage(m_big, 200 * mib, 'b'));
        m_vmdk = m_bed->directory() + u"/image.vmdk"_s;
        QCOMPARE(
            QProcess::execute(u"qemu-img"_s, {u"convert"_s, u"-f"_s, u"raw"_s, u"-O"_s, u"vmdk"_s, m_image, m_vmdk}),
            0);
        QVERIFY(!TestBed::guestKernel().isEmpty());
        m_tree = m_bed->directory() + u"/tree"_s;
        QVERIFY(QDir().mkpath(m_tree));
        QVERIFY(QFile::copy(TestBed::guestKernel(), m_tree + u"/vmlinuz"_s));
        QVERIFY(writeImage(m_tree + u"/initrd.img"_s, mib / 4, 'r'));
        QFile description(m_tree + u"/.treeinfo"_s);
        QVERIFY(description.open(QIODevice::WriteOnly));
        description.write("[general]\nfamily = Fedora\nversion = 37\narch = x86_64\n\n[images-x86_64]\n"
                          "kernel = vmlinuz\ninitrd = initrd.img\n");
    }

    void cleanupTestCase() { tearDown(); }

    void killedAtEveryWrite_data()
    {
        QTest::addColumn<int>("index");
        const QList<KillScenario> all = scenarios();
        for (int i = 0; i < all.size(); ++i) {
            QTest::newRow(qPrintable(all.at(i).name)) << i;
        }
    }

    void killedAtEveryWrite()
    {
        QFETCH(const int, index);
        KillScenario scenario = scenarios().at(index);
        scenario.every = 3; // all of them: the soak
        const int before = m_harness->kills();
        QElapsedTimer timer;
        timer.start();
        const QString problem = m_harness->run(scenario);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        // Files that were made here on the way to the host.
        const QDir work(QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s);
        QCOMPARE(work.entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList());
        const int kills = m_harness->kills() - before;
        QVERIFY2(kills >= 3, qPrintable(QString::number(kills))); // of header, intent, outcome, end at the least
        qInfo("%d kills in %.1f s", kills, double(timer.elapsed()) / 1000);
    }

    void killedAgainWhileRecovering_data()
    {
        QTest::addColumn<int>("killAt");
        QTest::addColumn<bool>("finish");
        QTest::newRow("finish from the middle") << 19 << true;
        QTest::newRow("undo from the end") << 28 << false;
    }

    void killedAgainWhileRecovering()
    {
        QFETCH(const int, killAt);
        QFETCH(const bool, finish);
        const KillScenario scenario = createFromImage();
        const QString problem = m_harness->runKilledTwice(scenario, killAt, finish ? Recovery::Finish : Recovery::Undo);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    void killedWhileUploading_data()
    {
        QTest::addColumn<bool>("finish");
        QTest::newRow("finish") << true;
        QTest::newRow("undo") << false;
    }

    void killedWhileUploading()
    {
        QFETCH(const bool, finish);
        KillScenario scenario = createFromImage();
        scenario.plan = [this] {
            CreateDraft wanted = draft(u"web"_s);
            wanted.path = m_big;
            return create(wanted);
        };
        const QString problem =
            m_harness->runKilledWhileUploading(scenario, finish ? Recovery::Finish : Recovery::Undo);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killChildMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestJournalKill test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_journal_kill.moc"
