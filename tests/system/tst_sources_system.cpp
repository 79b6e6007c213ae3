// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <thread>

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonArray>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include "createhost.h"
#include "tests/support/cloudimage.h"
#include "tests/support/serialconsole.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using operation::CreateDraft;
using test::CreateHost;
using test::SerialConsole;
using test::TestBed;
namespace cloudimage = test::cloudimage;

namespace {

constexpr quint64 mib = 1024 * 1024;
constexpr int bootTimeoutMs = 150000; // under emulation and AddressSanitizer, beside other tests
constexpr int answerTimeoutMs = 60000;
constexpr auto guestReady = "VIREO GUEST READY"; // once, when it starts
constexpr auto guestAlive = "HB "_L1;            // again and again

bool writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

/** Serves a directory by HTTP on this computer alone. */
class HttpServer final
{
    Q_DISABLE_COPY_MOVE(HttpServer)

public:
    explicit HttpServer(const QString &directory)
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(u"python3"_s,
            {u"-u"_s, u"-m"_s, u"http.server"_s, u"--bind"_s, u"127.0.0.1"_s, u"--directory"_s, directory, u"0"_s});
        while (m_url.isEmpty() && m_process.waitForReadyRead()) {
            m_said += m_process.readAll();
            const QRegularExpressionMatch match =
                QRegularExpression(u"\\((http://127\\.0\\.0\\.1:\\d+)/\\)"_s).match(QString::fromUtf8(m_said));
            m_url = match.captured(1);
        }
    }
    ~HttpServer()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    QString url() const { return m_url; } ///< empty: it does not run
    /** What it has been asked for so far. */
    QByteArray log()
    {
        m_process.waitForReadyRead(0);
        return m_said += m_process.readAll();
    }

private:
    QProcess m_process;
    QByteArray m_said;
    QString m_url;
};

/** Cancels a job at the moment at which one of its steps begins, and lets that step run on with a stopped token. */
struct CancelAt {
    std::atomic<int> step = -1;
    std::atomic<bool> cancelled = false;
    std::function<void()> cancel; ///< called on the worker's thread

    void begin(const job::Step &current, const job::StepContext &context)
    {
        if (context.plan().steps.indexOf(current) != step || cancelled.exchange(true)) {
            return;
        }
        cancel();
        QDeadlineTimer deadline(answerTimeoutMs);
        while (!context.stop().stop_requested() && !deadline.hasExpired()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
};

} // namespace

/** Each source of a new VM on a real host: what is made, and that the guest runs from it. */
class TestSourcesSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<CreateHost> m_host;

    /** A volume of the default pool with the guest in it, as if it had always been there. */
    void makeVolume(const QString &name)
    {
        QVERIFY(virt::storage::definePool(*m_host->connection,
            u"<pool type='dir'><name>default</name><target><path>%1</path></target></pool>"_s.arg(
                m_host->poolDirectory())));
        QVERIFY(virt::storage::buildPool(*m_host->connection, u"default"_s));
        QVERIFY(virt::storage::startPool(*m_host->connection, u"default"_s));
        QVERIFY(m_host->bed
                .exec(u"A"_s,
                    {u"cp"_s, u"--sparse=always"_s, TestBed::guestDisk(), m_host->poolDirectory() + u'/' + name})
                .ok());
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"pool-refresh"_s, u"default"_s}).ok());
    }

    QStringList filesOf(const QString &name) { return m_host->files().filter(name); }
    static QStringList workFiles()
    {
        return QDir(QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s)
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    void create(const CreateDraft &wanted)
    {
        const job::Plan planned = m_host->plan(wanted);
        QVERIFY(!planned.isBlocked());
        const JobRecord record = m_host->run(planned);
        QVERIFY2(record.state == JobState::Done, CreateHost::text(record).constData());
    }
    QString createdXml(const QString &name, bool inactive)
    {
        QStringList arguments{u"dumpxml"_s, name};
        return m_host->virsh(inactive ? arguments << u"--inactive"_s : arguments);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(!cloudimage::kernel().isEmpty() && !TestBed::guestDisk().isEmpty());
        m_host = std::make_unique<CreateHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }

    void cleanup()
    {
        QVERIFY2(m_host->bed.wipe(), qPrintable(m_host->bed.errorText()));
        QCOMPARE(workFiles(), QStringList());
    }
    void cleanupTestCase() { m_host.reset(); }

    /** The guest of that kernel says on its console what it was started with; the second VM needs no upload. */
    void kernelBoots()
    {
        CreateDraft wanted = m_host->draft(u"direct"_s);
        wanted.source = CreateDraft::SourceKind::Kernel;
        wanted.memoryMiB = 128;
        wanted.rootGiB = 0;
        wanted.kernel = {cloudimage::kernel(), cloudimage::initrd(), u"console=ttyS0 quiet vireo.mark=found"_s, {}};
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        SerialConsole console(m_host->uri(), u"direct"_s);
        const QString line = console.ask(u"initrd# "_s, u"cat /proc/cmdline"_s, bootTimeoutMs);
        QVERIFY2(line.endsWith(wanted.kernel.cmdline), qPrintable(console.transcript()));
        QCOMPARE(m_host->files().size(), 2);
        for (const bool inactive : {false, true}) {
            QVERIFY(createdXml(u"direct"_s, inactive).contains(u"<kernel>"_s));
        }

        wanted.name = u"direct2"_s;
        wanted.start = false;
        const job::Plan again = m_host->plan(wanted);
        QCOMPARE(again.bytes(), quint64(0));
        QCOMPARE(m_host->run(again).state, JobState::Done);
        QCOMPARE(m_host->files().size(), 2);
    }

    void deviceTreeIsNotForX86()
    {
        CreateDraft wanted = m_host->draft(u"tree"_s);
        wanted.source = CreateDraft::SourceKind::Kernel;
        wanted.rootGiB = 0;
        const QString dtb = m_host->bed.directory() + u"/board.dtb"_s;
        QVERIFY(writeFile(dtb, QByteArray("\xd0\x0d\xfe\xed", 4) + QByteArray(60, '\0')));
        wanted.kernel = {cloudimage::kernel(), {}, {}, dtb};
        const job::Plan planned = m_host->plan(wanted);
        QVERIFY(std::ranges::any_of(planned.findings, [](const job::Finding &finding) {
            return finding.severity >= job::Finding::Severity::Warning
                && finding.text.contains(u"device tree"_s, Qt::CaseInsensitive);
        }));
    }

    /** It is used as it is, and when creation is taken back it is still there, unchanged. */
    void existingDisk()
    {
        makeVolume(u"old.qcow2"_s);
        CreateDraft wanted = m_host->draft(u"adopted"_s);
        wanted.source = CreateDraft::SourceKind::Disk;
        wanted.volume = CreateDraft::Volume{u"default"_s, u"old.qcow2"_s};
        job::Plan broken = m_host->plan(wanted);
        for (job::Step &step : broken.steps) {
            if (step.type == "domain.define"_L1) {
                const QString xml = step.parameters.value("xml"_L1).toString();
                step.parameters.insert(u"xml"_s, QString(xml).replace(u"/dev/urandom"_s, u"/dev/no-such-file"_s));
            }
        }
        QCOMPARE(m_host->run(broken).state, JobState::Failed);
        QCOMPARE(m_host->domains(), QStringList());
        const QString path = m_host->poolDirectory() + u"/old.qcow2"_s;
        QVERIFY(m_host->bed.exec(u"A"_s, {u"cmp"_s, TestBed::guestDisk(), path}).ok());

        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        SerialConsole console(m_host->uri(), u"adopted"_s);
        QVERIFY2(console.waitFor(guestAlive, answerTimeoutMs), qPrintable(console.transcript()));
        QCOMPARE(m_host->files(), QStringList{u"old.qcow2"_s});
    }

    void volumeIsCopied()
    {
        makeVolume(u"golden.qcow2"_s);
        CreateDraft wanted = m_host->draft(u"copy"_s);
        wanted.volume = CreateDraft::Volume{u"default"_s, u"golden.qcow2"_s};
        wanted.fullCopy = true;
        wanted.rootGiB = 1;
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_host->state(u"copy"_s), u"running"_s);
        const xml::Document copy = m_host->volumeXml(u"copy.qcow2"_s);
        QVERIFY(!copy.root().child(u"backingStore"_s));
        QCOMPARE(copy.root().child(u"capacity"_s).text(), QString::number(1024 * mib));
        QCOMPARE(m_host->files(), QStringList({u"copy.qcow2"_s, u"golden.qcow2"_s}));
        const QString path = m_host->poolDirectory() + u'/';
        // The guest has not written to it: the same content, but for the room behind it.
        const auto same = m_host->bed.exec(u"A"_s,
            {u"qemu-img"_s, u"compare"_s, u"-U"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, path + u"golden.qcow2"_s,
                path + u"copy.qcow2"_s});
        QVERIFY2(same.ok(), qPrintable(same.output + same.errorText));
    }

    void blankStartsPausedAndWithTheHost()
    {
        CreateDraft wanted = m_host->draft(u"blank"_s);
        wanted.source = CreateDraft::SourceKind::None;
        wanted.rootGiB = 2;
        wanted.paused = true;
        wanted.autostart = true;
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_host->state(u"blank"_s), u"paused"_s);
        QVERIFY(m_host->virsh({u"dominfo"_s, u"blank"_s}).contains(QRegularExpression(u"Autostart: +enable"_s)));
        QCOMPARE(m_host->volumeXml(u"blank.qcow2"_s).root().child(u"capacity"_s).text(), QString::number(2048 * mib));
    }

    /** The firmware asks the network, and gets the guest from there. */
    void networkBoots()
    {
        // dnsmasq is nobody when it serves; /tmp is the same on host and test.
        const QTemporaryDir directory(u"/tmp/vireo-tftp-XXXXXX"_s);
        const QString served = directory.path();
        QVERIFY(QFile::setPermissions(served,
            QFile::permissions(served) | QFile::ReadGroup | QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther));
        QVERIFY(QFile::copy(TestBed::guestKernel(), served + u"/guest.elf"_s));
        QVERIFY(writeFile(served + u"/boot.ipxe"_s, "#!ipxe\nkernel guest.elf\nboot\n"));
        QVERIFY(writeFile(served + u"/net.xml"_s,
            u"<network><name>boot</name><bridge name='vrtest0'/><ip address='192.168.157.1' netmask='255.255.255.0'>"
            "<tftp root='%1'/><dhcp><range start='192.168.157.10' end='192.168.157.99'/>"
            "<bootp file='boot.ipxe'/></dhcp></ip></network>"_s.arg(served)
                .toUtf8()));
        for (const QStringList &arguments :
            {QStringList{u"net-define"_s, served + u"/net.xml"_s}, QStringList{u"net-start"_s, u"boot"_s}}) {
            const auto outcome = m_host->bed.virsh(u"A"_s, arguments);
            QVERIFY2(outcome.ok(), qPrintable(outcome.errorText));
        }
        CreateDraft wanted = m_host->draft(u"pxe"_s);
        wanted.source = CreateDraft::SourceKind::Pxe;
        wanted.rootGiB = 1;
        wanted.nics = {{CreateDraft::NicKind::Network, u"boot"_s, {}, {}}};
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        SerialConsole console(m_host->uri(), u"pxe"_s);
        QVERIFY2(console.waitFor(guestAlive, bootTimeoutMs), qPrintable(console.transcript()));
    }

    /** The installer's kernel comes by HTTP and boots once; its reboot ends the domain, and the next start is the
     *  disk's. */
    void treeInstalls()
    {
        const QString tree = m_host->bed.directory() + u"/tree"_s;
        QVERIFY(QDir().mkpath(tree + u"/images/pxeboot"_s));
        QVERIFY(QFile::copy(cloudimage::kernel(), tree + u"/images/pxeboot/vmlinuz"_s));
        QVERIFY(QFile::copy(cloudimage::initrd(), tree + u"/images/pxeboot/initrd.img"_s));
        QVERIFY(writeFile(tree + u"/.treeinfo"_s,
            "[general]\nfamily = Fedora\nversion = 37\narch = x86_64\n\n[images-x86_64]\n"
            "kernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n"));
        HttpServer server(tree);
        QVERIFY2(!server.url().isEmpty(), server.log().constData());
        CreateDraft wanted = m_host->draft(u"installed"_s, server.url());
        wanted.source = CreateDraft::SourceKind::Tree;
        wanted.memoryMiB = 160;
        wanted.rootGiB = 1;
        wanted.kernel.cmdline = u"console=ttyS0 quiet"_s;
        create(wanted);
        QVERIFY2(!QTest::currentTestFailed(), server.log().constData());
        QVERIFY(createdXml(u"installed"_s, false).contains(u"<kernel>"_s));
        const xml::Document stored = m_host->document({u"dumpxml"_s, u"installed"_s, u"--inactive"_s});
        for (const QString &gone : {u"os/kernel"_s, u"os/initrd"_s, u"os/cmdline"_s}) {
            QVERIFY(!stored.root().find(gone));
        }
        QCOMPARE(stored.root().child(u"on_reboot"_s).text(), u"restart"_s);
        QCOMPARE(m_host->files(), QStringList{u"installed.qcow2"_s});
        QCOMPARE(workFiles(), QStringList());

        SerialConsole console(m_host->uri(), u"installed"_s);
        const QString line = console.ask(u"initrd# "_s, u"cat /proc/cmdline"_s, bootTimeoutMs);
        QVERIFY2(line.contains(u"inst.repo="_s + server.url()) && line.endsWith(wanted.kernel.cmdline),
            qPrintable(console.transcript()));
        console.ask(u"initrd# "_s, u"reboot -f"_s, 1000);
        QTRY_COMPARE_WITH_TIMEOUT(m_host->state(u"installed"_s), u"shut off"_s, answerTimeoutMs);
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"start"_s, u"installed"_s}).ok());
        QVERIFY(!createdXml(u"installed"_s, false).contains(u"<kernel>"_s));
    }

    void definitionIsImported()
    {
        const QString path = m_host->bed.directory() + u"/imported.xml"_s;
        QVERIFY(writeFile(path, m_host->bed.kernelGuestXml(u"elsewhere"_s).toUtf8()));
        CreateDraft wanted = m_host->draft(u"imported"_s, path);
        wanted.source = CreateDraft::SourceKind::Xml;
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_host->domains(), QStringList{u"imported"_s});
        QTRY_VERIFY_WITH_TIMEOUT(m_host->bed.read(u"elsewhere.txt"_s).contains(guestReady), answerTimeoutMs);
    }

    void editedDefinitionIsUsed()
    {
        CreateDraft wanted = m_host->draft(u"edited"_s);
        wanted.source = CreateDraft::SourceKind::None;
        wanted.rootGiB = 1;
        auto document = xml::Document::parse(m_host->plan(wanted).xmlAfter);
        QVERIFY(document);
        document->root().ensure(u"description"_s).setText(u"as <I> wrote & want it"_s);
        wanted.customXml = document->toString();
        create(wanted);
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_host->document({u"dumpxml"_s, u"edited"_s}).root().child(u"description"_s).text(),
            u"as <I> wrote & want it"_s);
        QCOMPARE(m_host->files(), QStringList{u"edited.qcow2"_s});
    }

    /** Three of one draft, at the same time: the image is sent once. */
    void severalOfOneDraft()
    {
        CreateDraft wanted = m_host->draft(u"node##"_s, TestBed::guestDisk());
        wanted.count = 3;
        QList<job::JobId> jobs;
        for (const CreateDraft &one : operation::expandDraft(wanted)) {
            jobs << m_host->jobs->run(m_host->plan(one));
        }
        QCOMPARE(jobs.size(), 3);
        QStringList bases;
        for (const job::JobId &id : std::as_const(jobs)) {
            QVERIFY(m_host->wait(id));
            QVERIFY2(
                m_host->jobs->job(id)->state == JobState::Done, CreateHost::text(*m_host->jobs->job(id)).constData());
        }
        const QStringList names{u"node01"_s, u"node02"_s, u"node03"_s};
        QCOMPARE(m_host->domains(), names);
        for (const QString &name : names) {
            QCOMPARE(m_host->state(name), u"running"_s);
            bases << m_host->volumeXml(name + u".qcow2"_s).root().find(u"backingStore/path"_s).text();
        }
        bases.removeDuplicates();
        QCOMPARE(bases.size(), 1);
        QCOMPARE(m_host->files().size(), 4);
        QVERIFY(m_host->bed.exec(u"A"_s, {u"cmp"_s, TestBed::guestDisk(), bases.first()}).ok());
    }

    void cancelledInEachStep_data()
    {
        QTest::addColumn<bool>("baseIsThere");
        QTest::newRow("on an empty host") << false;
        QTest::newRow("beside a base") << true;
    }

    /** A plan with every kind of step, cancelled while the first runs, then while the second runs … */
    void cancelledInEachStep()
    {
        QFETCH(bool, baseIsThere);
        const QString image = m_host->bed.directory() + u"/cancelled.vmdk"_s;
        const auto made = m_host->bed.exec(u"A"_s,
            {u"qemu-img"_s, u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"vmdk"_s, TestBed::guestDisk(), image});
        QVERIFY2(made.ok(), qPrintable(made.errorText));
        CreateDraft wanted = m_host->draft(u"never"_s, image);
        wanted.autostart = true;
        wanted.rootGiB = 1;
        wanted.seed = QJsonObject{{u"hostname"_s, u"never"_s}};
        for (const CreateDraft::DiskKind kind :
            {CreateDraft::DiskKind::Blank, CreateDraft::DiskKind::Ephemeral, CreateDraft::DiskKind::Swap}) {
            CreateDraft::Disk disk;
            disk.kind = kind;
            disk.bytes = 16 * mib;
            disk.fs = kind == CreateDraft::DiskKind::Ephemeral ? u"ext4"_s : QString();
            wanted.disks << disk;
        }
        if (baseIsThere) {
            CreateDraft first = m_host->draft(u"first"_s, image);
            first.start = false;
            create(first);
            QVERIFY(!QTest::currentTestFailed());
        }
        const QStringList domainsBefore = m_host->domains();
        const QStringList poolsBefore = m_host->pools();
        const QString sums =
            m_host->look({u"sh"_s, u"-c"_s, u"cd \"$1\" && sha256sum *"_s, u"sh"_s, m_host->poolDirectory()});
        const job::Plan planned = m_host->plan(wanted);
        QVERIFY(!planned.isBlocked());
        QVERIFY(planned.steps.size() >= (baseIsThere ? 8 : 11));
        CancelAt at;
        job::StepRegistry registry;
        operation::registerSteps(registry);
        QSet<QString> types;
        for (const job::Step &step : planned.steps) {
            types << step.type;
        }
        for (const QString &type : std::as_const(types)) {
            job::StepRegistry::Kind kind = *registry.find(type);
            kind.run = [inner = kind.run, &at](const job::Step &current, job::StepContext &context) {
                at.begin(current, context);
                return inner(current, context);
            };
            registry.add(type, kind);
        }
        const auto jobs = m_host->makeJobs(registry);
        job::JobId id;
        at.cancel = [&] {
            QMetaObject::invokeMethod(jobs.get(), [&] { jobs->cancel(id); });
        };
        for (int step = 0; step < planned.steps.size(); ++step) {
            at.cancelled = false;
            at.step = step;
            id = jobs->run(planned);
            QVERIFY(CreateHost::wait(*jobs, id));
            const JobRecord record = *jobs->job(id);
            const QByteArray where = planned.steps.at(step).type.toUtf8() + ": " + CreateHost::text(record);
            QVERIFY2(at.cancelled, where.constData());
            // Too late in the last step: then everything is there.
            const bool last = step + 1 == planned.steps.size() && record.state == JobState::Done;
            if (last) {
                QVERIFY(m_host->domains().contains(u"never"_s));
                break;
            }
            QVERIFY2(record.state == JobState::Cancelled, where.constData());
            QVERIFY2(record.remains.isEmpty(), where.constData());
            QCOMPARE(m_host->domains(), domainsBefore);
            QCOMPARE(m_host->pools(), poolsBefore);
            const QString after =
                m_host->look({u"sh"_s, u"-c"_s, u"cd \"$1\" && sha256sum *"_s, u"sh"_s, m_host->poolDirectory()});
            QVERIFY2(after == sums, (where + after.toUtf8()).constData());
            QCOMPARE(workFiles(), QStringList());
        }
    }
};

QTEST_GUILESS_MAIN(TestSourcesSystem)
#include "tst_sources_system.moc"
