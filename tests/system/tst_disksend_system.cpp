// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QJsonArray>
#include <QRandomGenerator>
#include <QTest>
#include <QtEndian>

#include "backend/operation/cold/disksend.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/steps.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/domains.h"
#include "migratehelpers.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;
using test::poolPath;

namespace {

constexpr qsizetype mebibyte = 1024 * 1024;
constexpr int size = 24; // MiB

} // namespace

/** Disks of VMs that are off, sent from host to host. */
class TestDiskSendSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    static QByteArray noise(qsizetype bytes, quint32 seed)
    {
        QByteArray result(bytes, Qt::Uninitialized);
        QRandomGenerator random(seed);
        random.generate(reinterpret_cast<quint32 *>(result.data()), // NOLINT: aligned by its allocation
            reinterpret_cast<quint32 *>(result.data() + bytes));    // NOLINT
        return result;
    }
    QString file(const QString &host, const QString &name) const { return m_hosts->directory(host) + u'/' + name; }
    static qint64 allocated(const QString &path)
    {
        struct stat status = {};
        return stat(QFile::encodeName(path).constData(), &status) == 0 ? qint64{status.st_blocks} * 512 : -1;
    }
    /** Writes into an image of host A, by qemu-io. */
    bool fill(const QString &name, const QString &format, const QStringList &orders)
    {
        QStringList command{u"qemu-io"_s, u"-f"_s, format};
        for (const QString &order : orders) {
            command += {u"-c"_s, order};
        }
        return m_hosts->bed.exec(m_a, command + QStringList{poolPath(name)}).ok();
    }
    QStringList workDomains() const
    {
        QStringList found;
        for (const QString &host : {m_a, m_b}) {
            const QStringList names = m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, host).split(u'\n');
            for (const QString &name : names) {
                if (name.startsWith(QLatin1StringView(operation::WorkDomain::namePrefix))) {
                    found.append(host + u' ' + name);
                }
            }
        }
        return found;
    }
    static QJsonArray layers(const snapshot::Chain &chain)
    {
        QJsonArray result;
        for (const snapshot::Layer &layer : chain) {
            result.append(QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}});
        }
        return result;
    }
    /** Makes "there" on host B and sends a chain of A into it. */
    job::Plan plan(const operation::SentDisk &disk, const QString &pool = u"default"_s, quint64 mebibytes = size) const
    {
        const QString to = m_hosts->id(m_b).toString(QUuid::WithoutBraces);
        const QString volume = u"there"_s;
        const snapshot::Layer below = disk.topOnly ? disk.beneath.constFirst() : snapshot::Layer();
        virt::migration::Options options;
        options.destinationUri = m_hosts->peerUri(m_b);
        job::Plan plan;
        plan.operation = u"resize"_s;
        plan.title = u"Send"_s;
        plan.host = m_hosts->id(m_a);
        plan.alsoHosts = {m_hosts->id(m_b)};
        plan.domain = m_hosts->uuid();
        plan.domainName = u"vm"_s;
        plan.steps.append({u"volume.create"_s, u"Make a volume"_s, volume, u"Delete it"_s, 0,
            {{u"host"_s, to}, {u"pool"_s, pool}, {u"name"_s, volume},
                {u"xml"_s,
                    operation::volumeXml(volume, disk.to.format, mebibytes * mebibyte, below.path, below.format)}}});
        plan.steps.append({u"disk.send"_s, u"Send a disk"_s, volume, {}, quint64{size} * mebibyte,
            {{u"host"_s, to}, {u"pool"_s, pool}, {u"volume"_s, volume}, {u"chain"_s, layers(disk.chain)},
                {u"top"_s, disk.topOnly}, {u"path"_s, disk.to.path}, {u"format"_s, disk.to.format},
                {u"beneath"_s, layers(disk.beneath)}, {u"options"_s, operation::optionsToJson(options)}}});
        return plan;
    }
    static operation::SentDisk sent(const snapshot::Chain &chain, const QString &format)
    {
        return {chain, false, {poolPath(u"there"_s), format}, {}};
    }
    bool makeLarge()
    {
        return m_hosts->make({.disks = {{.format = u"raw"_s, .mebibytes = size}}})
            && fill(u"vm-hda.raw"_s, u"raw"_s, {u"write -P 7 0 24M"_s});
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void cleanupTestCase() { m_hosts.reset(); }
    void init() { QVERIFY(m_hosts->clear()); }

    void arrives_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("qcow2") << u"qcow2"_s << u"qcow2"_s;
        QTest::newRow("raw becomes qcow2") << u"raw"_s << u"qcow2"_s;
        QTest::newRow("qcow2 becomes raw") << u"qcow2"_s << u"raw"_s;
    }
    void arrives()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        const QString name = u"vm-hda."_s + from;
        QVERIFY(m_hosts->make({.disks = {{.format = from, .mebibytes = size}}}));
        // Data, zeroes that were written, and holes.
        QVERIFY(fill(name, from, {u"write -P 7 0 3M"_s, u"write -P 9 5M 1M"_s, u"write -P 0 8M 8M"_s}));
        const QByteArray should = m_hosts->content(poolPath(name), from);
        const job::JobRecord record = m_hosts->run(plan(sent({{poolPath(name), from}}, to)));
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        const QByteArray is = m_hosts->content(poolPath(u"there"_s), to, {}, m_b);
        QCOMPARE(test::DiskModel::difference(is, should, u"there"_s), QString());
        QCOMPARE(should, m_hosts->content(poolPath(name), from)); // as it was
        const qint64 room = allocated(file(m_b, u"there"_s));
        QVERIFY2(room >= 4 * mebibyte && room < 6 * mebibyte, qPrintable(QString::number(room)));
        QCOMPARE(workDomains(), QStringList());
    }

    /** What a guest wrote into a raw disk stays what it is: a content. CVE-2026-24708 */
    void staysRaw()
    {
        QVERIFY(m_hosts->make({.disks = {{.format = u"raw"_s, .mebibytes = size}}}));
        QVERIFY(m_hosts->bed
                .exec(m_a,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-u"_s, u"-f"_s, u"qcow2"_s, u"-b"_s, u"/etc/passwd"_s,
                        u"-F"_s, u"raw"_s, poolPath(u"evil"_s), u"1M"_s})
                .ok());
        QFile evil(file(m_a, u"evil"_s));
        QVERIFY(evil.open(QIODevice::ReadOnly));
        QFile raw(file(m_a, u"vm-hda.raw"_s));
        QVERIFY(raw.open(QIODevice::ReadWrite) && raw.write(evil.readAll()) > 0);
        raw.close();
        const QByteArray should = m_hosts->content(poolPath(u"vm-hda.raw"_s), u"raw"_s);
        for (const QString &to : {u"raw"_s, u"qcow2"_s}) {
            const job::JobRecord record = m_hosts->run(plan(sent({{poolPath(u"vm-hda.raw"_s), u"raw"_s}}, to)));
            QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
            const QByteArray is = m_hosts->content(poolPath(u"there"_s), to, {}, m_b);
            QCOMPARE(test::DiskModel::difference(is, should, to), QString());
            QVERIFY(QFile::remove(file(m_b, u"there"_s)));
            QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-refresh"_s, u"default"_s}).ok());
        }
    }

    void overlayArrives_data()
    {
        QTest::addColumn<bool>("topOnly");
        QTest::newRow("alone") << true;
        QTest::newRow("with what is beneath, as one file") << false;
    }
    void overlayArrives()
    {
        QFETCH(bool, topOnly);
        const QString base = u"base.qcow2"_s;
        QVERIFY(m_hosts->bed.virsh(m_a, {u"vol-create-as"_s, u"default"_s, base, u"24M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        QVERIFY(fill(base, u"qcow2"_s, {u"write -P 1 0 8M"_s}));
        QVERIFY(QFile::copy(file(m_a, base), file(m_b, base)));
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-refresh"_s, u"default"_s}).ok());
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = size, .base = base}}}));
        // Zeroes over what is beneath must not shine through.
        QVERIFY(fill(u"vm-hda.qcow2"_s, u"qcow2"_s, {u"write -P 2 1M 2M"_s, u"write -P 0 4M 1M"_s}));
        const QByteArray should = m_hosts->content(poolPath(u"vm-hda.qcow2"_s), u"qcow2"_s);
        operation::SentDisk disk =
            sent({{poolPath(u"vm-hda.qcow2"_s), u"qcow2"_s}, {poolPath(base), u"qcow2"_s}}, u"qcow2"_s);
        disk.topOnly = topOnly;
        if (topOnly) {
            disk.beneath = {{poolPath(base), u"qcow2"_s}};
        }
        const job::JobRecord record = m_hosts->run(plan(disk));
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        const QByteArray is = m_hosts->content(poolPath(u"there"_s), u"qcow2"_s, {}, m_b);
        QCOMPARE(test::DiskModel::difference(is, should, u"there"_s), QString());
        const qint64 room = allocated(file(m_b, u"there"_s));
        QVERIFY2(topOnly ? room < 4 * mebibyte : room > 7 * mebibyte, qPrintable(QString::number(room)));
    }

    void cancelled()
    {
        QVERIFY(makeLarge());
        QVERIFY(m_hosts->bed.rateLink(m_b, u"8mbit"_s));
        const job::JobId id = m_hosts->jobs->run(plan(sent({{poolPath(u"vm-hda.raw"_s), u"raw"_s}}, u"qcow2"_s)));
        quint64 before = 0;
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto record = m_hosts->jobs->job(id);
                const quint64 done = record->steps.at(1).done;
                const bool grew = before > 0 && done > before;
                before = done;
                return grew;
            },
            20000));
        m_hosts->jobs->cancel(id);
        QVERIFY(m_hosts->wait(id));
        m_hosts->bed.rateLink(m_b, u"off"_s);
        QCOMPARE(m_hosts->jobs->job(id)->state, job::JobState::Cancelled);
        QCOMPARE(workDomains(), QStringList());
        QCOMPARE(m_hosts->files(m_b), QStringList());
        QCOMPARE(m_hosts->files(m_a), QStringList{u"vm-hda.raw"_s});
    }

    void destinationIsFull()
    {
        QVERIFY(makeLarge());
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 16));
        operation::SentDisk disk = sent({{poolPath(u"vm-hda.raw"_s), u"raw"_s}}, u"qcow2"_s);
        disk.to.path = MigrationHosts::hostDirectory(u"small"_s) + u"/there"_s;
        const job::JobRecord record = m_hosts->run(plan(disk, u"small"_s));
        QCOMPARE(record.state, job::JobState::Failed);
        QVERIFY2(!record.error.message.isEmpty(), "no reason");
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(workDomains(), QStringList());
        QVERIFY(!m_hosts->virsh({u"vol-list"_s, u"small"_s}, m_b).contains(u"there"_s));
    }

    /** One that was killed while the hosts went on: its machine is known by its note, and ended. */
    void earlierRun()
    {
        QVERIFY(makeLarge());
        const QString disk = poolPath(u"vm-hda.raw"_s);
        const QUuid earlier = QUuid::createUuid();
        const auto xml = operation::DiskSend::xmlFor(m_hosts->xml(m_a, true), earlier, {{disk, u"raw"_s}});
        QVERIFY(xml && virt::domains::createTransient(*m_hosts->connection(m_a), *xml, true));
        const job::Plan made = plan(sent({{disk, u"raw"_s}}, u"qcow2"_s));
        job::StepRegistry registry;
        operation::registerSteps(registry);
        QJsonObject results{
            {u"send:volume:there:default/there"_s, QJsonObject{{u"uuid"_s, earlier.toString(QUuid::WithoutBraces)}}}};
        job::StepContext context(
            made,
            [this](const virt::HostId &host) -> Result<virt::ConnectionPtr> {
                return m_hosts->connection(host == m_hosts->id(m_a) ? m_a : m_b);
            },
            {}, results, [](quint64, quint64) {}, [](const QString &) {});
        for (const job::Step &step : made.steps) {
            const auto ran = registry.find(step.type)->run(step, context);
            QVERIFY2(ran, ran ? "" : qPrintable(ran.error().message));
        }
        QCOMPARE(workDomains(), QStringList());
        const QByteArray should = m_hosts->content(disk, u"raw"_s);
        const QByteArray is = m_hosts->content(poolPath(u"there"_s), u"qcow2"_s, {}, m_b);
        QCOMPARE(test::DiskModel::difference(is, should, u"there"_s), QString());
        QVERIFY(!results.value(u"send:volume:there:default/there"_s).toObject().contains("uuid"_L1));
    }
};

QTEST_GUILESS_MAIN(TestDiskSendSystem)
#include "tst_disksend_system.moc"
