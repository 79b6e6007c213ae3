// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/draft.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/history.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"
#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::DefinitionEdit;
using operation::EditEffect;
using operation::EditFacts;
using When = operation::EditEffect::When;
using xml::XmlText;
namespace domains = virt::domains;
namespace storage = virt::storage;

namespace {

constexpr auto canary = "Canary42"_L1;
constexpr auto foreignUri = "https://example.org/xmlns/other/1"_L1;

/** A change of a definition's text. */
using Change = std::function<void(XmlText &)>;

Change add(const QString &device)
{
    return [device](XmlText &text) {
        if (const auto inserted = text.insert(u"devices"_s, device); !inserted) {
            qWarning("%s", qPrintable(inserted.error().message));
        }
    };
}

QString fileDisk(const QString &path, const QString &target, const QString &bus = u"virtio"_s,
    const QString &driver = u"cache='none' io='native'"_s)
{
    return u"<disk type='file' device='disk'><driver name='qemu' type='raw' %4/><source file='%1'/>"
           "<target dev='%2' bus='%3'/></disk>"_s.arg(path, target, bus, driver);
}

} // namespace

/** Changes of a VM's definition and of what runs, on a real QEMU: what virsh sees of both. */
class TestEditSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<test::TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    QTemporaryDir m_state;
    job::StepRegistry m_registry;
    std::unique_ptr<job::JobManager> m_jobs;
    QString m_pool; ///< its directory
    QUuid m_domain;

    QString virsh(const QStringList &arguments)
    {
        const auto outcome = m_bed->virsh(u"A"_s, arguments);
        if (!outcome.ok()) {
            qWarning("virsh %s: %s", qPrintable(arguments.join(u' ')), qPrintable(outcome.errorText));
        }
        return outcome.output;
    }
    QString stored(bool secure = false)
    {
        QStringList arguments{u"dumpxml"_s, u"web01"_s, u"--inactive"_s};
        if (secure) {
            arguments << u"--security-info"_s;
        }
        return virsh(arguments);
    }
    QString running() { return virsh({u"dumpxml"_s, u"web01"_s, u"--security-info"_s}); }

    /** Of the running VM, then of its definition: "vda", or MAC addresses. */
    static QStringList names(const QString &definition, const QString &kind)
    {
        const auto document = xml::Document::parse(definition);
        QStringList list;
        if (document) {
            const auto devices = document->root().child(u"devices"_s).children(kind);
            for (const xml::Element &device : devices) {
                list << (kind == "disk"_L1 ? device.child(u"target"_s).attribute(u"dev"_s)
                                           : device.child(u"mac"_s).attribute(u"address"_s));
            }
        }
        list.sort();
        return list;
    }
    QStringList live(const QString &kind) { return names(running(), kind); }
    QStringList config(const QString &kind) { return names(stored(), kind); }

    bool define(const QString &commandLine, const QList<Change> &changes = {}, bool start = true)
    {
        auto text = XmlText::parse(m_bed->kernelGuestXml(u"web01"_s, commandLine));
        if (!text) {
            return false;
        }
        for (const Change &change : changes) {
            change(*text);
        }
        const auto uuid = domains::define(*m_connection, text->toString());
        if (!uuid) {
            qWarning("%s", qPrintable(uuid.error().message));
            return false;
        }
        m_domain = *uuid;
        if (!start) {
            return true;
        }
        const auto started = domains::start(*m_connection, m_domain);
        if (!started) {
            qWarning("%s", qPrintable(started.error().message));
        }
        return started && QTest::qWaitFor([this] { return m_bed->read(u"web01.txt"_s).contains("HB "); }, 20000);
    }

    EditFacts facts(const QString &wanted = {})
    {
        const auto read = operation::readEditFacts(*m_connection, m_domain, wanted);
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
        }
        return read.value_or(EditFacts());
    }
    DefinitionEdit edit(const QList<Change> &changes)
    {
        DefinitionEdit edit;
        const EditFacts now = facts();
        edit.base = now.stored.isEmpty() ? now.running : now.stored;
        auto text = XmlText::parse(edit.base);
        for (const Change &change : changes) {
            change(*text);
        }
        edit.wanted = text->toString();
        return edit;
    }
    job::Plan plan(const DefinitionEdit &edit) { return operation::planEdit(m_host, facts(edit.wanted), edit); }
    job::Plan plan(const QList<Change> &changes) { return plan(edit(changes)); }

    static QStringList types(const job::Plan &plan)
    {
        QStringList list;
        for (const job::Step &step : plan.steps) {
            list << step.type;
        }
        return list;
    }
    static QStringList texts(const job::Plan &plan, job::Finding::Severity severity)
    {
        QStringList list;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == severity) {
                list << finding.text + u' ' + finding.cause;
            }
        }
        return list;
    }
    static QString blockers(const job::Plan &plan) { return texts(plan, job::Finding::Severity::Blocker).join(u'\n'); }

    job::JobRecord run(const job::Plan &plan, int timeoutMs = 60000)
    {
        const job::JobId id = m_jobs->run(plan);
        const bool finished =
            QTest::qWaitFor([&] { return m_jobs->job(id) && m_jobs->job(id)->isFinished(); }, timeoutMs);
        return finished ? *m_jobs->job(id) : job::JobRecord{};
    }
    QString done(const job::Plan &plan)
    {
        if (plan.isBlocked()) {
            return u"blocked: "_s + blockers(plan);
        }
        const job::JobRecord record = run(plan);
        return record.state == JobState::Done
            ? QString()
            : record.error.message + u'\n' + record.log.join(u'\n') + u'\n' + record.remains.join(u'\n');
    }

    QString volume(const QString &name)
    {
        const auto made =
            storage::createVolume(*m_connection, u"default"_s, operation::volumeXml(name, u"raw"_s, 1048576, {}, {}));
        return made ? made->path : QString();
    }
    bool journalsContain(const QByteArray &text) const
    {
        QDirIterator files(m_state.filePath(u"journal"_s), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly) || file.readAll().contains(text)) {
                return true;
            }
        }
        return false;
    }
    operation::DefinitionHistory history() const
    {
        return operation::DefinitionHistory(m_state.filePath(u"history"_s));
    }
    QList<operation::HistoryEntry> entries()
    {
        return history().list(m_connection->uri(), m_domain).value_or(QList<operation::HistoryEntry>());
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        m_bed = std::make_unique<test::TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        const auto connection = virt::Connection::open(m_bed->uri(u"A"_s), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        operation::registerSteps(m_registry, {m_state.filePath(u"history"_s), {std::chrono::milliseconds(1500), 3}});
        const job::JournalAccess access{std::make_shared<const job::Journal>(m_state.filePath(u"journal"_s)),
            [this](const virt::HostId &) { return m_bed->uri(u"A"_s); },
            [this](const QString &) {
                return m_host;
            }};
        m_jobs = std::make_unique<job::JobManager>(
            m_registry, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; }, access);
    }

    void init()
    {
        QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
        QFile::remove(m_bed->directory() + u"/web01.txt"_s);
        const auto target = storage::defaultPoolTarget(*m_connection);
        QVERIFY(target);
        m_pool = *target;
        QVERIFY(storage::definePool(*m_connection, operation::poolXml(u"default"_s, m_pool)));
        QVERIFY(storage::buildPool(*m_connection, u"default"_s));
        QVERIFY(storage::startPool(*m_connection, u"default"_s));
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    void attachesAndDetaches_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("name");
        QTest::newRow("file, virtio") << u"disk"_s << fileDisk(u"POOL/data.img"_s, u"vdb"_s) << u"vdb"_s;
        QTest::newRow("volume, virtio")
            << u"disk"_s
            << u"<disk type='volume' device='disk'><driver name='qemu' type='raw'/>"
               "<source pool='default' volume='data.img'/><target dev='vdc' bus='virtio'/></disk>"_s
            << u"vdc"_s;
        QTest::newRow("file, scsi with its controller")
            << u"disk"_s << fileDisk(u"POOL/data.img"_s, u"sdb"_s, u"scsi"_s) << u"sdb"_s;
        QTest::newRow("network card, user")
            << u"interface"_s
            << u"<interface type='user'><mac address='52:54:00:00:00:11'/><model type='virtio'/></interface>"_s
            << u"52:54:00:00:00:11"_s;
        QTest::newRow("network card, network")
            << u"interface"_s
            << u"<interface type='network'><mac address='52:54:00:00:00:12'/><source network='default'/>"
               "<model type='e1000'/></interface>"_s
            << u"52:54:00:00:00:12"_s;
    }

    void attachesAndDetaches()
    {
        QFETCH(const QString, kind);
        QFETCH(QString, device);
        QFETCH(const QString, name);
        if (device.contains(u"network='default'"_s) && !m_bed->hostsAreIsolated()) {
            device.replace(u"type='network'"_s, u"type='user'"_s).remove(u"<source network='default'/>"_s);
        }
        QVERIFY(!volume(u"data.img"_s).isEmpty());
        device.replace(u"POOL"_s, m_pool);
        QList<Change> changes{add(device)};
        if (device.contains(u"bus='scsi'"_s)) {
            changes.prepend(add(u"<controller type='scsi' index='0' model='virtio-scsi'/>"_s));
        }
        QVERIFY(define(u"eject"_s));
        const QString before = stored();
        const DefinitionEdit wanted = edit(changes);
        const auto effects = operation::effectsOf(facts(), wanted);
        for (const EditEffect &effect : effects) {
            QVERIFY2(effect.when == When::Now, qPrintable(effect.text + effect.reason));
        }
        QCOMPARE(done(plan(wanted)), QString());
        QCOMPARE(live(kind), QStringList{name});
        QCOMPARE(config(kind), QStringList{name});
        if (kind == "disk"_L1) {
            QVERIFY(virsh({u"domblklist"_s, u"web01"_s}).contains(name));
            QVERIFY(virsh({u"domblklist"_s, u"web01"_s, u"--inactive"_s}).contains(name));
        } else {
            QVERIFY(virsh({u"domiflist"_s, u"web01"_s}).contains(name));
        }

        // And away again, which the guest has to agree to.
        DefinitionEdit back = edit({});
        back.wanted = before;
        back.cause = u"Removed again"_s;
        QCOMPARE(done(plan(back)), QString());
        QCOMPARE(live(kind), QStringList());
        QCOMPARE(stored(), before);
        QVERIFY(m_bed->read(u"web01.txt"_s).contains("GUEST EJECTED"));
        QCOMPARE(entries().size(), 2);
        QCOMPARE(entries().first().cause, u"Removed again"_s);
    }

    /** The MAC address that libvirt makes up is the same in both. */
    void cardWithoutAddress()
    {
        QVERIFY(define(u"eject"_s));
        QCOMPARE(done(plan({add(u"<interface type='user'><model type='virtio'/></interface>"_s)})), QString());
        QCOMPARE(live(u"interface"_s).size(), 1);
        QCOMPARE(live(u"interface"_s), config(u"interface"_s));
        QCOMPARE(done(plan({add(u"<interface type='user'><model type='virtio'/></interface>"_s)})), QString());
        QCOMPARE(live(u"interface"_s).size(), 2);
        QCOMPARE(live(u"interface"_s), config(u"interface"_s));
        QCOMPARE(done(plan({[](XmlText &text) {
            text.remove(u"devices/interface[0]"_s);
        }})),
            QString());
        QCOMPARE(live(u"interface"_s).size(), 1);
        QCOMPARE(live(u"interface"_s), config(u"interface"_s));
    }

    void blockDevice()
    {
        const auto loop = m_bed->exec(u"A"_s, {u"sh"_s, u"-c"_s, u"losetup -f --show \"$0\""_s, volume(u"data.img"_s)});
        if (!loop.ok() && geteuid() != 0) {
            return; // an ordinary user's hosts have no block devices
        }
        QVERIFY2(loop.ok(), qPrintable(loop.errorText));
        const QString path = loop.output.trimmed();
        QVERIFY(define(u"eject"_s));
        const QString disk = u"<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='%1'/>"
                             "<target dev='vdb' bus='virtio'/></disk>"_s.arg(path);
        const QString attached = done(plan({add(disk)}));
        const QStringList now = live(u"disk"_s);
        const QString detached = done(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }}));
        const QStringList later = live(u"disk"_s);
        m_bed->exec(u"A"_s, {u"losetup"_s, u"-d"_s, path});
        QCOMPARE(attached, QString());
        QCOMPARE(now, QStringList{u"vdb"_s});
        QCOMPARE(detached, QString());
        QCOMPARE(later, QStringList());
    }

    void networkDisk()
    {
        const QString image = m_bed->directory() + u"/export.img"_s;
        QFile file(image);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(1048576));
        file.close();
        const QString socket = m_bed->directory() + u"/nbd.sock"_s;
        QProcess server;
        server.start(
            u"qemu-nbd"_s, {u"-f"_s, u"raw"_s, u"-t"_s, u"-e"_s, u"4"_s, u"-x"_s, u"data"_s, u"-k"_s, socket, image});
        QVERIFY(server.waitForStarted());
        QVERIFY(QTest::qWaitFor([&] { return QFile::exists(socket); }, 10000));
        QFile::setPermissions(socket,
            QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther
                | QFile::WriteOther);
        QVERIFY(define(u"eject"_s));
        const QString disk =
            u"<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' name='data'>"
            "<host transport='unix' socket='%1'/></source><target dev='vdb' bus='virtio'/></disk>"_s.arg(socket);
        const QString attached = done(plan({add(disk)}));
        const QStringList now = live(u"disk"_s);
        const QString detached = done(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }}));
        const QStringList later = live(u"disk"_s);
        server.kill();
        QVERIFY(server.waitForFinished());
        QCOMPARE(attached, QString());
        QCOMPARE(now, QStringList{u"vdb"_s});
        QCOMPARE(detached, QString());
        QCOMPARE(later, QStringList());
    }

    /** A guest that lets go of it only after the first try. */
    void detachesLate()
    {
        const QString path = volume(u"data.img"_s);
        QVERIFY(define(u"eject=2"_s, {add(fileDisk(path, u"vdb"_s))}));
        const job::JobRecord record = run(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }}));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QVERIFY2(record.log.join(u'\n').contains(u"try 2 of 3"_s), qPrintable(record.log.join(u'\n')));
        QCOMPARE(live(u"disk"_s), QStringList());
        QCOMPARE(config(u"disk"_s), QStringList());
    }

    /** A guest that never lets go of it: all is as before. */
    void neverReleased()
    {
        const QString path = volume(u"data.img"_s);
        QVERIFY(define({}, {add(fileDisk(path, u"vdb"_s))}));
        const QString before = stored(true);
        QElapsedTimer timer;
        timer.start();
        const job::JobRecord record = run(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }}));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(timer.elapsed() >= 4500, qPrintable(QString::number(timer.elapsed())));
        QVERIFY2(record.error.message.contains(u"did not release"_s), qPrintable(record.error.message));
        QVERIFY2(record.log.join(u'\n').contains(u"try 3 of 3"_s), qPrintable(record.log.join(u'\n')));
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(stored(true), before);
        QCOMPARE(live(u"disk"_s), QStringList{u"vdb"_s});
        QVERIFY(entries().isEmpty());
    }

    /** Cancelled while it waits for the guest. */
    void cancelledWhileWaiting()
    {
        QVERIFY(define({}, {add(fileDisk(volume(u"data.img"_s), u"vdb"_s))}));
        const QString before = stored(true);
        // With so much patience that it still waits however late the cancel comes.
        job::StepRegistry patient;
        operation::registerSteps(patient, {m_state.filePath(u"history"_s), {std::chrono::seconds(120), 3}});
        job::JobManager jobs(
            patient, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; });
        const job::JobId id = jobs.run(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }}));
        QTRY_VERIFY2_WITH_TIMEOUT(jobs.job(id)->log.join(u' ').contains(u"try 1 of 3"_s),
            qPrintable(jobs.job(id)->log.join(u' ') + jobs.job(id)->error.message), 20000);
        jobs.cancel(id);
        QTRY_VERIFY_WITH_TIMEOUT(jobs.job(id)->isFinished(), 20000);
        QCOMPARE(jobs.job(id)->state, JobState::Cancelled);
        QCOMPARE(stored(true), before);
    }

    void refusedByLibvirt_data()
    {
        QTest::addColumn<QString>("device");
        QTest::newRow("cache and io that exclude each other")
            << fileDisk(u"POOL/data.img"_s, u"vdb"_s, u"virtio"_s, u"cache='writeback' io='native'"_s);
        QTest::newRow("no such file") << fileDisk(u"POOL/nothing.img"_s, u"vdb"_s);
        QTest::newRow("no such network") << u"<interface type='network'><source network='nowhere'/></interface>"_s;
        QTest::newRow("unknown attribute") << u"<disk type='file' devise='disk'/>"_s;
    }

    void refusedByLibvirt()
    {
        QFETCH(QString, device);
        QVERIFY(!volume(u"data.img"_s).isEmpty());
        device.replace(u"POOL"_s, m_pool);
        QVERIFY(define({}));
        const QString before = stored(true);
        const QString runs = running();
        const job::JobRecord record = run(plan({add(device)}));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY(!record.error.message.isEmpty());
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(stored(true), before);
        QCOMPARE(running(), runs);
        QVERIFY(entries().isEmpty());
    }

    /** Two devices, of which the second can't be had: the first goes again, too. */
    void secondOneFails()
    {
        QVERIFY(!volume(u"data.img"_s).isEmpty());
        QVERIFY(define(u"eject"_s));
        const QString before = stored(true);
        const job::JobRecord record = run(plan({add(fileDisk(m_pool + u"/data.img"_s, u"vdb"_s)),
            add(u"<interface type='network'><source network='nowhere'/></interface>"_s)}));
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(stored(true), before);
        QCOMPARE(live(u"disk"_s), QStringList());
        QCOMPARE(live(u"interface"_s), QStringList());
    }

    /** What can't be done while it runs counts from the next start, and is said so before. */
    void atNextBoot()
    {
        const QString path = volume(u"data.img"_s);
        QVERIFY(define(u"eject"_s));
        const DefinitionEdit wanted = edit({add(fileDisk(path, u"sda"_s, u"sata"_s)), [](XmlText &text) {
                                                text.setText(u"memory"_s, u"32768"_s);
                                            }});
        const auto effects = operation::effectsOf(facts(), wanted);
        QVERIFY(effects.size() >= 2);
        for (const EditEffect &effect : effects) {
            QCOMPARE(effect.when, When::NextBoot);
            QVERIFY(!effect.reason.isEmpty());
        }
        const job::Plan planned = plan(wanted);
        QCOMPARE(types(planned), QStringList{u"domain.redefine"_s});
        QCOMPARE(done(planned), QString());
        QCOMPARE(live(u"disk"_s), QStringList());
        QCOMPARE(config(u"disk"_s), QStringList{u"sda"_s});
    }

    void changesMediumLive()
    {
        const QString first = volume(u"first.iso"_s);
        const QString second = volume(u"second.iso"_s);
        QVERIFY(define({},
            {add(u"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='%1'/>"
                 "<target dev='sda' bus='sata'/><readonly/></disk>"_s.arg(first))}));
        const auto medium = [this] {
            return virsh({u"domblklist"_s, u"web01"_s}).contains(u"/second.iso"_s);
        };
        const job::Plan planned = plan({[&](XmlText &text) {
            text.setAttribute(u"devices/disk/source"_s, u"file"_s, second);
        }});
        QCOMPARE(types(planned), (QStringList{u"domain.redefine"_s, u"device.update"_s}));
        QCOMPARE(done(planned), QString());
        QVERIFY(medium());
        QVERIFY(stored().contains(u"/second.iso"_s) && !stored().contains(u"/first.iso"_s));
        // Ejected.
        QCOMPARE(done(plan({[](XmlText &text) {
            text.remove(u"devices/disk/source"_s);
        }})),
            QString());
        QVERIFY(!medium());
        QVERIFY(!stored().contains(u".iso"_s));
    }

    void linkDownLive()
    {
        QVERIFY(define({},
            {add(u"<interface type='user'><mac address='52:54:00:00:00:11'/><model type='virtio'/></interface>"_s)}));
        const auto link = [this] {
            return virsh({u"domif-getlink"_s, u"web01"_s, u"52:54:00:00:00:11"_s}).simplified();
        };
        QVERIFY2(!link().endsWith(u" down"_s), qPrintable(link()));
        const job::Plan planned = plan({[](XmlText &text) {
            text.setAttribute(u"devices/interface/link"_s, u"state"_s, u"down"_s);
        }});
        QCOMPARE(types(planned), (QStringList{u"domain.redefine"_s, u"device.update"_s}));
        QCOMPARE(done(planned), QString());
        QVERIFY2(link().endsWith(u" down"_s), qPrintable(link()));
        QVERIFY(stored().contains(u"<link state='down'/>"_s));
        // Its model can't be changed in use.
        const DefinitionEdit wanted = edit({[](XmlText &text) {
            text.setAttribute(u"devices/interface/model"_s, u"type"_s, u"e1000"_s);
        }});
        const auto effects = operation::effectsOf(facts(), wanted);
        QCOMPARE(effects.size(), 1);
        QCOMPARE(effects.first().when, When::NextBoot);
        QVERIFY2(effects.first().reason.contains(u"model"_s), qPrintable(effects.first().reason));
    }

    /** An edit that does not mention the password keeps it, and nothing that we write elsewhere has it. */
    void passwordSurvives()
    {
        QVERIFY(define({},
            {add(u"<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='%1'/>"_s.arg(canary))}));
        QVERIFY(!facts().stored.contains(canary));
        QCOMPARE(done(plan({[](XmlText &text) { text.setText(u"title"_s, u"A title"_s); },
                     [](XmlText &text) {
                         text.setText(u"description"_s, u"Two\nlines"_s);
                     }})),
            QString());
        QVERIFY(stored(true).contains(u"passwd='%1'"_s.arg(canary)));
        QVERIFY(running().contains(u"passwd='%1'"_s.arg(canary)));
        QVERIFY(running().contains(u"<title>A title</title>"_s));
        const auto kept = entries();
        QCOMPARE(kept.size(), 1);
        const auto entry = history().read(m_connection->uri(), m_domain, kept.first().id);
        QVERIFY(entry && entry->xml.contains(canary));
        QVERIFY(!journalsContain("Canary") && journalsContain("A title"));
        // Changing the graphics' password in the running VM is possible, and undone with the old one.
        const auto withPassword = [this] {
            DefinitionEdit wanted = edit({[](XmlText &text) {
                text.setAttribute(u"devices/graphics"_s, u"passwd"_s, u"Canary99"_s);
            }});
            auto store = history();
            const auto aside = operation::keepPasswordsAside(store, m_connection->uri(), m_domain, wanted);
            return aside ? plan(wanted) : job::Plan();
        };
        job::Plan failing = withPassword();
        failing.steps.append({u"no.such.step"_s, u"Fail"_s, {}, {}, 0, {}});
        const job::JobRecord record = run(failing);
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(record.remains, QStringList());
        QVERIFY(stored(true).contains(u"passwd='%1'"_s.arg(canary)));
        QVERIFY(running().contains(u"passwd='%1'"_s.arg(canary)));
        const job::Plan planned = withPassword();
        QCOMPARE(types(planned), (QStringList{u"domain.redefine"_s, u"device.update"_s}));
        QCOMPARE(done(planned), QString());
        QVERIFY(stored(true).contains(u"passwd='Canary99'"_s));
        QVERIFY(running().contains(u"passwd='Canary99'"_s));
        QVERIFY(!journalsContain("Canary"));
    }

    /** Somebody else's change is never overwritten: not when it is planned, and not right before it is done. */
    void conflict()
    {
        QVERIFY(define({}, {}, false));
        const DefinitionEdit mine = edit({[](XmlText &text) {
            text.setText(u"title"_s, u"Mine"_s);
        }});
        const job::Plan early = plan(mine);
        QVERIFY(!early.isBlocked());
        virsh({u"desc"_s, u"web01"_s, u"--config"_s, u"Theirs"_s});
        const QString theirs = stored();
        QVERIFY2(blockers(plan(mine)).contains(u"Somebody else"_s), qPrintable(blockers(plan(mine))));
        QVERIFY(!operation::isCurrent(facts(), mine));
        const job::JobRecord record = run(early);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"Somebody else"_s), qPrintable(record.error.message));
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(stored(), theirs);
        QVERIFY(entries().isEmpty());
    }

    /** View and restore, with the password, and the files for nobody else. */
    void history_()
    {
        QVERIFY(define({}, {add(u"<graphics type='vnc' port='-1' autoport='yes' passwd='%1'/>"_s.arg(canary))}, false));
        const QString first = stored(true);
        DefinitionEdit change = edit({[](XmlText &text) { text.setText(u"title"_s, u"Second"_s); },
            [](XmlText &text) {
                text.remove(u"devices/graphics"_s);
            }});
        change.cause = u"Edited as XML"_s;
        QCOMPARE(done(plan(change)), QString());
        QVERIFY(!stored(true).contains(canary));
        auto kept = entries();
        QCOMPARE(kept.size(), 1);
        QCOMPARE(kept.first().cause, u"Edited as XML"_s);
        QCOMPARE(kept.first().domainName, u"web01"_s);
        QVERIFY(kept.first().xml.isEmpty());
        const auto entry = history().read(m_connection->uri(), m_domain, kept.first().id);
        QVERIFY(entry);
        QCOMPARE(entry->xml.trimmed(), first.trimmed());

        DefinitionEdit back = edit({});
        back.wanted = entry->xml;
        back.restores = entry->id;
        const job::Plan planned = plan(back);
        QVERIFY(!QString::fromUtf8(QJsonDocument(planned.toJson()).toJson()).contains(canary));
        QCOMPARE(done(planned), QString());
        QCOMPARE(stored(true), first);
        QCOMPARE(entries().size(), 2);

        QDirIterator all(
            m_state.path(), QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
        while (all.hasNext()) {
            all.next();
            const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther
                | QFile::WriteOther | QFile::ExeOther;
            QVERIFY2(!(all.fileInfo().permissions() & others), qPrintable(all.filePath()));
        }
    }

    /** Nothing that Vireo does not know is lost. */
    void foreignPartsSurvive()
    {
        QVERIFY(define({}, {[](XmlText &text) {
            QVERIFY(text.insert({},
                u"<metadata><o:thing xmlns:o='%1' a='1'><!-- kept --><o:part>x</o:part></o:thing></metadata>"_s.arg(
                    foreignUri)));
            QVERIFY(text.insert({},
                u"<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:env name='A' "
                "value='b'/></qemu:commandline>"_s));
        }},
            false));
        const QString before = stored();
        QVERIFY2(before.contains(u"<qemu:env name='A' value='b'/>"_s) && before.contains(u"<!-- kept -->"_s),
            qPrintable(before));
        QCOMPARE(done(plan({[](XmlText &text) {
            text.setText(u"title"_s, u"T"_s);
        }})),
            QString());
        QString after = stored();
        QVERIFY(after.remove(u"  <title>T</title>\n"_s) == before);
    }

    void renamesAndRefuses()
    {
        QVERIFY(define({}, {}, false));
        const QString before = stored();
        const Change rename = [](XmlText &text) {
            text.setText(u"name"_s, u"web02"_s);
        };
        const job::Plan planned = plan({rename, [](XmlText &text) {
                                            text.setText(u"title"_s, u"T"_s);
                                        }});
        QCOMPARE(types(planned), (QStringList{u"domain.rename"_s, u"domain.redefine"_s}));
        QCOMPARE(done(planned), QString());
        QVERIFY(virsh({u"dumpxml"_s, u"web02"_s}).contains(u"<title>T</title>"_s));
        QCOMPARE(done(plan({[](XmlText &text) { text.setText(u"name"_s, u"web01"_s); },
                     [](XmlText &text) {
                         text.remove(u"title"_s);
                     }})),
            QString());
        QCOMPARE(stored(), before);
        const QString other = QUuid::createUuid().toString(QUuid::WithoutBraces);
        QVERIFY(blockers(plan({[&](XmlText &text) {
            text.setText(u"uuid"_s, other);
        }})).contains(u"UUID"_s));
        QVERIFY(domains::start(*m_connection, m_domain));
        QVERIFY(blockers(plan({rename})).contains(u"is running"_s));
        QVERIFY(blockers(plan(QList<Change>{})).contains(u"Nothing is changed"_s));
    }

    void figuresLive()
    {
        QVERIFY(define({}, {[](XmlText &text) {
            text.setText(u"vcpu"_s, u"2"_s);
            text.setAttribute(u"vcpu"_s, u"current"_s, u"1"_s);
        }}));
        const job::Plan planned = plan({[](XmlText &text) { text.setAttribute(u"vcpu"_s, u"current"_s, u"2"_s); },
            [](XmlText &text) { text.setText(u"currentMemory"_s, u"12288"_s); },
            [](XmlText &text) {
                QVERIFY(text.insert({},
                    u"<metadata><vireo:domain xmlns:vireo='%1'><vireo:tags><vireo:tag>prod</vireo:tag></vireo:tags>"
                    "</vireo:domain></metadata>"_s.arg(QString::fromLatin1(xml::MetadataNamespace))));
            }});
        QCOMPARE(types(planned),
            (QStringList{u"domain.redefine"_s, u"domain.setMetadata"_s, u"domain.setMemory"_s, u"domain.setVcpus"_s}));
        QCOMPARE(done(planned), QString());
        QCOMPARE(virsh({u"vcpucount"_s, u"web01"_s, u"--live"_s, u"--active"_s}).trimmed(), u"2"_s);
        QCOMPARE(virsh({u"vcpucount"_s, u"web01"_s, u"--config"_s, u"--current"_s}).trimmed(), u"2"_s);
        QVERIFY(running().contains(u"<vireo:tag>prod</vireo:tag>"_s));
        const auto record = domains::read(*m_connection, m_domain);
        QVERIFY(record);
        QCOMPARE(record->tags, QStringList{u"prod"_s});
    }

    /** A disk of another VM. */
    void diskOfAnother()
    {
        const QString path = volume(u"data.img"_s);
        QString other = m_bed->kernelGuestXml(u"other"_s);
        other.replace(u"</devices>"_s, fileDisk(path, u"vda"_s) + u"</devices>"_s);
        const auto uuid = domains::define(*m_connection, other);
        QVERIFY(uuid);
        QVERIFY(define({}, {}, false));
        const QList<Change> changes{add(fileDisk(path, u"vdb"_s))};
        job::Plan planned = plan(changes);
        QVERIFY(!planned.isBlocked());
        QVERIFY(texts(planned, job::Finding::Severity::Warning).join(u'\n').contains(u"also belongs to other"_s));
        QVERIFY(domains::start(*m_connection, *uuid));
        QVERIFY2(blockers(plan(changes)).contains(u"in use by other"_s), qPrintable(blockers(plan(changes))));
        // A volume that is not there is told beforehand.
        planned = plan({add(u"<disk type='volume' device='disk'><source pool='default' volume='gone.img'/>"
                            "<target dev='vdc' bus='virtio'/></disk>"_s)});
        QVERIFY(texts(planned, job::Finding::Severity::Warning).join(u'\n').contains(u"default/gone.img"_s));
    }

    void transient()
    {
        QVERIFY(define(u"eject"_s));
        QVERIFY(domains::undefine(*m_connection, m_domain));
        const QString path = volume(u"data.img"_s);
        const job::Plan planned = plan({add(fileDisk(path, u"vdb"_s))});
        QCOMPARE(types(planned), QStringList{u"device.attach"_s});
        QCOMPARE(done(planned), QString());
        QCOMPARE(live(u"disk"_s), QStringList{u"vdb"_s});
        QVERIFY(blockers(plan({[](XmlText &text) {
            text.setText(u"memory"_s, u"65536"_s);
        }})).contains(u"transient"_s));
        QCOMPARE(done(plan({[](XmlText &text) {
            text.remove(u"devices/disk"_s);
        }})),
            QString());
        QCOMPARE(live(u"disk"_s), QStringList());
    }

    /** As `vireo run` makes them. */
    void drafts()
    {
        QVERIFY(define(u"eject"_s));
        const QString path = volume(u"data.img"_s);
        const auto planned = [this](const QByteArray &operation, const QByteArray &device) {
            const auto draft = operation::draftFromText("{\"operation\":\"" + operation
                + "\",\"host\":\"qemu:///system\",\"domain\":\"web01\"," + device + "}");
            const auto plans = draft ? operation::planDraft(*m_connection, m_host, *draft) : fail(Error());
            return plans ? plans->constFirst() : job::Plan();
        };
        job::Plan attach = planned("attach", "\"disk\":{\"path\":\"" + path.toUtf8() + "\",\"bus\":\"scsi\"}");
        QCOMPARE(attach.operation, u"attach"_s);
        QCOMPARE(types(attach), (QStringList{u"domain.redefine"_s, u"device.attach"_s, u"device.attach"_s}));
        QCOMPARE(done(attach), QString());
        QCOMPARE(live(u"disk"_s), QStringList{u"sda"_s});
        QCOMPARE(config(u"disk"_s), QStringList{u"sda"_s});
        QCOMPARE(done(planned("attach", "\"nic\":{\"user\":true}")), QString());
        QCOMPARE(live(u"interface"_s).size(), 1);
        QCOMPARE(live(u"interface"_s), config(u"interface"_s));
        QCOMPARE(done(planned("detach", "\"disk\":{\"path\":\"" + path.toUtf8() + "\"}")), QString());
        QCOMPARE(live(u"disk"_s), QStringList());
        QCOMPARE(done(planned("detach", "\"nic\":{\"user\":true}")), QString());
        QCOMPARE(live(u"interface"_s) + config(u"interface"_s), QStringList());
        QCOMPARE(done(planned("edit", "\"title\":\"A title\",\"tags\":[\"prod\"]")), QString());
        QVERIFY(running().contains(u"<title>A title</title>"_s) && running().contains(u">prod</"_s));
    }

    /** Off by the time when it is done: the definition is what counts. */
    /// libvirt's own validation would take minutes for this.
    void manyAttributes()
    {
        const QString driver =
            u"name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop' io='native' ioeventfd='on' "
            "event_idx='on' copy_on_read='on' discard='unmap' detect_zeroes='unmap' queues='4' queue_size='256' "
            "packed='on' page_per_vq='on' iommu='on' ats='on'"_s;
        auto definition = XmlText::parse(m_bed->kernelGuestXml(u"many"_s));
        QVERIFY(definition);
        QVERIFY(definition->insert(u"devices"_s,
            u"<disk type='file' device='disk'><driver %1/><source file='%2'/><target dev='vda' bus='virtio'/></disk>"_s
                .arg(driver, m_bed->directory() + u"/many.raw"_s)));
        QElapsedTimer timer;
        timer.start();
        const auto defined = domains::define(*m_connection, definition->toString());
        QVERIFY2(defined, defined ? "" : qPrintable(defined.error().message));
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
        const auto stored = domains::xml(*m_connection, *defined, domains::XmlKind::Inactive);
        QVERIFY(stored && stored->contains(u"page_per_vq='on'"_s));
        QVERIFY(domains::undefine(*m_connection, *defined));
    }

    void shutOffAfterThePlan()
    {
        const QString path = volume(u"data.img"_s);
        QVERIFY(define({}));
        const job::Plan planned = plan({add(fileDisk(path, u"vdb"_s))});
        QCOMPARE(types(planned), (QStringList{u"domain.redefine"_s, u"device.attach"_s}));
        QVERIFY(domains::destroy(*m_connection, m_domain));
        QCOMPARE(done(planned), QString());
        QCOMPARE(config(u"disk"_s), QStringList{u"vdb"_s});
    }
};

QTEST_GUILESS_MAIN(TestEditSystem)

#include "tst_edit_system.moc"
