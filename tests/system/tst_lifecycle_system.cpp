// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Life cycle and deletion on a real host with a real guest: plans run by the JobManager. What came of them is asked of
// virsh and of the guest's serial console, never of our own code.
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/deletion.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/virerror.h"
#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using job::JobRecord;
using job::JobState;
using operation::Action;
using vireo::test::TestBed;

namespace {

constexpr int bootMs = 30000;
constexpr int jobMs = 60000;

void printFindings(const job::Plan &plan)
{
    for (const Finding &finding : plan.findings) {
        qInfo().noquote() << plan.title << "|" << finding.text << finding.cause << finding.fix;
    }
}

QStringList stepTypes(const job::Plan &plan)
{
    QStringList types;
    for (const job::Step &step : plan.steps) {
        types.append(step.type);
    }
    return types;
}

} // namespace

class TestLifecycleSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void startsPausesResumes();
    void shutsDown();
    void deafGuestTimesOut();
    void shutDownCanBeCancelled();
    void rebootsAndResets();
    void savesAndRestores_data();
    void savesAndRestores();
    void forcesOffAndHardReboots();
    void setsAutostart();
    void renames();
    void failedStartSaysWhy();
    void deletesKeepingStorage();
    void deletesOnlyChosenStorage();
    void deletesRunning();
    void refusedUndefineKeepsDisks();
    void failedUndefineKeepsDisks();
    void unseenOverlayKeepsItsBase_data();
    void unseenOverlayKeepsItsBase();
    void diskTakenMeanwhileIsKept_data();
    void diskTakenMeanwhileIsKept();

private:
    TestBed::Outcome virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments); }
    QString state(const QString &guest) { return virsh({u"domstate"_s, guest}).output.trimmed(); }
    /// A line of "virsh dominfo", for example "Autostart".
    QString info(const QString &guest, const QString &key);
    QString id(const QString &guest) { return virsh({u"domid"_s, guest}).output.trimmed(); }
    bool hasVolume(const QString &name) { return virsh({u"vol-info"_s, name, u"--pool"_s, u"disks"_s}).ok(); }
    bool isDefined(const QString &name)
    {
        return virsh({u"list"_s, u"--all"_s, u"--name"_s}).output.split(u'\n').contains(name);
    }

    qsizetype readies(const QString &guest) const { return m_bed->read(guest + u".txt"_s).count("VIREO GUEST READY"); }
    /// Number of the guest's last heartbeat; begins anew when it boots.
    int lastBeat(const QString &guest) const;
    bool beatsOn(const QString &guest) const
    {
        const int before = lastBeat(guest);
        return QTest::qWaitFor([&] { return lastBeat(guest) > before + 1; }, bootMs);
    }

    /// Defines (and starts and awaits) a guest. The text says what went wrong.
    QString make(const QString &name, const QString &xml, bool start);
    QString makeKernelGuest(const QString &name, bool start, const QString &commandLine = {})
    {
        return make(name, m_bed->kernelGuestXml(name, commandLine), start);
    }
    /// A VM with four volumes of the pool "disks": root and data its own, shared and base needed by others.
    QString makeStoredGuest(const QString &name);

    virt::DomainRecord record(const QString &name);
    operation::DeleteFacts facts(const QString &name);
    JobRecord run(const job::Plan &plan);
    JobRecord act(Action action, const QString &guest, int timeoutSeconds = 60)
    {
        return run(operation::planAction(action, m_host, record(guest), timeoutSeconds));
    }

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<job::JobManager> m_jobs;
    job::StepRegistry m_registry;
    virt::HostId m_host;
};

#define VERIFY_DONE(record)                                                                                            \
    do {                                                                                                               \
        const JobRecord outcome = record;                                                                              \
        QVERIFY2(outcome.state == JobState::Done,                                                                      \
            qPrintable(outcome.statusLine() + outcome.remains.join(u' ') + outcome.log.join(u'\n')));                  \
    } while (false)

void TestLifecycleSystem::initTestCase()
{
    virt::quietLibvirt();
    m_loop = std::make_unique<virt::EventLoop>();
    m_bed = std::make_unique<TestBed>();
    QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
    operation::registerSteps(m_registry);
    m_hosts = std::make_unique<virt::Hosts>();
    virt::HostSettings settings;
    settings.uri = m_bed->uri(u"A"_s);
    m_host = m_hosts->add(settings);
    m_jobs = std::make_unique<job::JobManager>(m_registry, m_hosts->provider());
    m_hosts->host(m_host)->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(m_hosts->host(m_host)->isConnected(), bootMs);
}

void TestLifecycleSystem::cleanup()
{
    QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
    const QDir directory(m_bed->directory());
    for (const QString &file : directory.entryList({u"*.txt"_s}, QDir::Files)) {
        QFile::remove(directory.filePath(file));
    }
    QDir(directory.filePath(u"disks"_s)).removeRecursively();
}

void TestLifecycleSystem::cleanupTestCase()
{
    m_jobs.reset();
    m_hosts.reset();
    QTRY_COMPARE_WITH_TIMEOUT(m_loop->handleCount(), 0, bootMs);
    m_bed.reset();
    m_loop.reset();
}

QString TestLifecycleSystem::info(const QString &guest, const QString &key)
{
    const QStringList lines = virsh({u"dominfo"_s, guest}).output.split(u'\n');
    for (const QString &line : lines) {
        if (line.startsWith(key + u':')) {
            return line.section(u':', 1).trimmed();
        }
    }
    return {};
}

int TestLifecycleSystem::lastBeat(const QString &guest) const
{
    static const QRegularExpression beat(u"\nHB (\\d+) "_s);
    const QString text = QString::fromUtf8(m_bed->read(guest + u".txt"_s));
    const qsizetype at = text.lastIndexOf(u"\nHB "_s);
    const auto match = at < 0 ? QRegularExpressionMatch() : beat.match(text, at);
    return match.hasMatch() ? match.captured(1).toInt() : -1;
}

QString TestLifecycleSystem::make(const QString &name, const QString &xml, bool start)
{
    QFile file(QDir(m_bed->directory()).filePath(name + u".xml"_s));
    if (!file.open(QIODevice::WriteOnly) || file.write(xml.toUtf8()) < 0) {
        return file.errorString();
    }
    file.close();
    if (const auto defined = virsh({u"define"_s, file.fileName()}); !defined.ok()) {
        return defined.errorText;
    }
    if (!start) {
        return {};
    }
    if (const auto started = virsh({u"start"_s, name}); !started.ok()) {
        return started.errorText;
    }
    return QTest::qWaitFor([&] { return lastBeat(name) >= 1; }, bootMs) ? QString() : name + u" did not boot"_s;
}

QString TestLifecycleSystem::makeStoredGuest(const QString &name)
{
    const QString pool = QDir(m_bed->directory()).filePath(u"disks"_s);
    if (!QDir().mkpath(pool) || !QFile::copy(TestBed::guestDisk(), pool + u"/root.qcow2"_s)
        || !QFile::setPermissions(pool + u"/root.qcow2"_s, QFile::Permissions(0x6666))) {
        return u"no disk"_s;
    }
    const QString size = u"1M"_s;
    const QString qcow = u"qcow2"_s;
    for (const QStringList &command : {
             QStringList{u"pool-define-as"_s, u"disks"_s, u"dir"_s, u"--target"_s, pool},
             {u"pool-start"_s, u"disks"_s},
             {u"vol-create-as"_s, u"disks"_s, u"data.qcow2"_s, size, u"--format"_s, qcow},
             {u"vol-create-as"_s, u"disks"_s, u"shared.qcow2"_s, size, u"--format"_s, qcow},
             {u"vol-create-as"_s, u"disks"_s, u"base.qcow2"_s, size, u"--format"_s, qcow},
             {u"vol-create-as"_s, u"disks"_s, u"overlay.qcow2"_s, size, u"--format"_s, qcow, u"--backing-vol"_s,
                 u"base.qcow2"_s, u"--backing-vol-format"_s, qcow},
         }) {
        if (const auto outcome = virsh(command); !outcome.ok()) {
            return outcome.errorText;
        }
    }
    const auto attach = [&](const QString &guest, const QString &volume, const QString &target) {
        return virsh({u"attach-disk"_s, guest, pool + u'/' + volume, target, u"--config"_s, u"--subdriver"_s, qcow})
            .errorText;
    };
    QString problem = make(name, m_bed->diskGuestXml(name, pool + u"/root.qcow2"_s), false);
    if (problem.isEmpty()) {
        problem = makeKernelGuest(u"neighbour"_s, false);
    }
    if (problem.isEmpty()) {
        problem = attach(name, u"data.qcow2"_s, u"vdb"_s);
    }
    if (problem.isEmpty()) {
        problem = attach(name, u"shared.qcow2"_s, u"vdc"_s);
    }
    if (problem.isEmpty()) {
        problem = attach(name, u"base.qcow2"_s, u"vdd"_s);
    }
    if (problem.isEmpty()) {
        problem = attach(u"neighbour"_s, u"shared.qcow2"_s, u"vdb"_s);
    }
    return problem;
}

virt::DomainRecord TestLifecycleSystem::record(const QString &name)
{
    const auto connection = m_hosts->provider()(m_host);
    if (!connection) {
        return {};
    }
    const auto uuid = virt::domains::find(**connection, name);
    const auto result =
        uuid ? virt::domains::read(**connection, *uuid) : Result<virt::DomainRecord>(fail(uuid.error()));
    return result.value_or(virt::DomainRecord());
}

operation::DeleteFacts TestLifecycleSystem::facts(const QString &name)
{
    const auto result = operation::readDeleteFacts(**m_hosts->provider()(m_host), record(name).uuid);
    if (!result) {
        qWarning().noquote() << result.error().message;
    }
    return result.value_or(operation::DeleteFacts());
}

JobRecord TestLifecycleSystem::run(const job::Plan &plan)
{
    printFindings(plan);
    const job::JobId job = m_jobs->run(plan);
    (void)QTest::qWaitFor([&] { return m_jobs->job(job)->isFinished(); }, jobMs);
    return *m_jobs->job(job);
}

void TestLifecycleSystem::startsPausesResumes()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, false), QString());
    VERIFY_DONE(act(Action::Run, vm));
    QCOMPARE(state(vm), u"running"_s);
    QVERIFY(beatsOn(vm));
    QCOMPARE(readies(vm), 1);

    VERIFY_DONE(act(Action::Pause, vm));
    QCOMPARE(state(vm), u"paused"_s);
    const int paused = lastBeat(vm);
    QVERIFY(!QTest::qWaitFor([&] { return lastBeat(vm) > paused + 1; }, 1000)); // it really stands still

    VERIFY_DONE(act(Action::Resume, vm));
    QCOMPARE(state(vm), u"running"_s);
    QVERIFY(beatsOn(vm));
    QCOMPARE(readies(vm), 1);

    // Asked in the wrong state: refused with a sentence, and nothing happens.
    const JobRecord refused = act(Action::Run, vm);
    QCOMPARE(refused.state, JobState::Failed);
    QVERIFY(!refused.error.message.isEmpty());
    QCOMPARE(state(vm), u"running"_s);
}

void TestLifecycleSystem::shutsDown()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true), QString());
    VERIFY_DONE(act(Action::ShutDown, vm));
    QCOMPARE(state(vm), u"shut off"_s);
    QVERIFY(m_bed->read(u"vm.txt"_s).contains("GUEST POWERBUTTON"));
}

void TestLifecycleSystem::deafGuestTimesOut()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true, u"deaf"_s), QString());
    const JobRecord late = act(Action::ShutDown, vm, 3);
    QCOMPARE(late.state, JobState::Failed);
    QCOMPARE(late.error.kind, Error::Kind::TimedOut);
    QCOMPARE(late.error.message, u"The guest did not shut down within 3 s; it may ignore the request."_s);
    QCOMPARE(late.error.hint, u"Force off, or try again."_s);
    QTRY_VERIFY_WITH_TIMEOUT(m_bed->read(u"vm.txt"_s).contains("GUEST POWERBUTTON ignored"), 5000);
    QCOMPARE(state(vm), u"running"_s);
    QVERIFY(beatsOn(vm));
    QCOMPARE(readies(vm), 1);
}

void TestLifecycleSystem::shutDownCanBeCancelled()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true, u"deaf"_s), QString());
    const job::JobId job = m_jobs->run(operation::planAction(Action::ShutDown, m_host, record(vm), 60));
    QTRY_VERIFY_WITH_TIMEOUT(m_bed->read(u"vm.txt"_s).contains("GUEST POWERBUTTON"), bootMs);
    QElapsedTimer clock;
    clock.start();
    m_jobs->cancel(job);
    QTRY_COMPARE_WITH_TIMEOUT(m_jobs->job(job)->state, JobState::Cancelled, 5000);
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(state(vm), u"running"_s);
    // The VM is free for the next job.
    VERIFY_DONE(act(Action::ForceOff, vm));
    QCOMPARE(state(vm), u"shut off"_s);
}

void TestLifecycleSystem::rebootsAndResets()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true), QString());
    const QString process = id(vm);
    VERIFY_DONE(act(Action::Reboot, vm));
    QTRY_COMPARE_WITH_TIMEOUT(readies(vm), 2, bootMs);
    QVERIFY(m_bed->read(u"vm.txt"_s).contains("GUEST POWERBUTTON")); // it was asked
    QTRY_COMPARE_WITH_TIMEOUT(state(vm), u"running"_s, bootMs);
    QVERIFY(beatsOn(vm));

    VERIFY_DONE(act(Action::Reset, vm));
    QTRY_COMPARE_WITH_TIMEOUT(readies(vm), 3, bootMs);
    QCOMPARE(m_bed->read(u"vm.txt"_s).count("GUEST POWERBUTTON"), 1); // it was not
    QCOMPARE(state(vm), u"running"_s);
    QCOMPARE(id(vm), process); // the same QEMU all the time
}

void TestLifecycleSystem::savesAndRestores_data()
{
    QTest::addColumn<Action>("back");
    QTest::addColumn<bool>("paused");
    QTest::newRow("restore") << Action::Restore << false;
    QTest::newRow("run") << Action::Run << false;
    QTest::newRow("saved while paused") << Action::Restore << true;
}

void TestLifecycleSystem::savesAndRestores()
{
    QFETCH(const Action, back);
    QFETCH(const bool, paused);
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true), QString());
    QVERIFY(beatsOn(vm));
    if (paused) {
        VERIFY_DONE(act(Action::Pause, vm));
    }
    VERIFY_DONE(act(Action::Save, vm));
    QCOMPARE(state(vm), u"shut off"_s);
    QCOMPARE(info(vm, u"Managed save"_s), u"yes"_s);
    const int before = lastBeat(vm);

    VERIFY_DONE(act(back, vm));
    if (paused) {
        QCOMPARE(state(vm), u"paused"_s);
        VERIFY_DONE(act(Action::Resume, vm));
    }
    QCOMPARE(state(vm), u"running"_s);
    QCOMPARE(info(vm, u"Managed save"_s), u"no"_s);
    QTRY_VERIFY_WITH_TIMEOUT(lastBeat(vm) > before + 1, bootMs); // goes on where it was ...
    QCOMPARE(readies(vm), 1);                                    // ... and did not boot
}

void TestLifecycleSystem::forcesOffAndHardReboots()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, true, u"deaf"_s), QString());
    const QString process = id(vm);
    const job::Plan plan = operation::planAction(Action::HardReboot, m_host, record(vm));
    QCOMPARE(plan.count(Finding::Severity::Warning), 1);
    VERIFY_DONE(run(plan));
    QCOMPARE(state(vm), u"running"_s);
    QVERIFY(id(vm) != process);
    QTRY_COMPARE_WITH_TIMEOUT(readies(vm), 2, bootMs);

    VERIFY_DONE(act(Action::ForceOff, vm));
    QCOMPARE(state(vm), u"shut off"_s);
    QVERIFY(isDefined(vm));
    QVERIFY(!m_bed->read(u"vm.txt"_s).contains("POWERBUTTON"));
}

void TestLifecycleSystem::setsAutostart()
{
    const QString vm = u"vm"_s;
    QCOMPARE(makeKernelGuest(vm, false), QString());
    VERIFY_DONE(run(operation::planAutostart(m_host, record(vm), true)));
    QCOMPARE(info(vm, u"Autostart"_s), u"enable"_s);
    VERIFY_DONE(run(operation::planAutostart(m_host, record(vm), false)));
    QCOMPARE(info(vm, u"Autostart"_s), u"disable"_s);
}

void TestLifecycleSystem::renames()
{
    QCOMPARE(makeKernelGuest(u"old"_s, false), QString());
    QCOMPARE(makeKernelGuest(u"other"_s, true), QString());
    const QString uuid = virsh({u"domuuid"_s, u"old"_s}).output.trimmed();
    VERIFY_DONE(run(operation::planRename(m_host, record(u"old"_s), u"new é 名"_s, {u"other"_s})));
    QVERIFY(!isDefined(u"old"_s));
    QCOMPARE(virsh({u"domuuid"_s, u"new é 名"_s}).output.trimmed(), uuid);

    // A name that was taken since the plan was made: libvirt refuses, and the VM keeps its name.
    const JobRecord taken = run(operation::planRename(m_host, record(uuid), u"other"_s, {}));
    QCOMPARE(taken.state, JobState::Failed);
    QVERIFY2(taken.error.message.contains(u"already exists"_s), qPrintable(taken.error.message));
    QCOMPARE(virsh({u"domuuid"_s, u"new é 名"_s}).output.trimmed(), uuid);

    QVERIFY(operation::planRename(m_host, record(u"other"_s), u"x"_s, {}).isBlocked()); // it runs
}

void TestLifecycleSystem::failedStartSaysWhy()
{
    const QString missing = QDir(m_bed->directory()).filePath(u"gone.qcow2"_s);
    QCOMPARE(make(u"vm"_s, m_bed->diskGuestXml(u"vm"_s, missing), false), QString());
    const JobRecord failed = act(Action::Run, u"vm"_s);
    QCOMPARE(failed.state, JobState::Failed);
    QVERIFY2(failed.error.message.contains(missing), qPrintable(failed.error.message));
    QCOMPARE(state(u"vm"_s), u"shut off"_s);
}

void TestLifecycleSystem::deletesKeepingStorage()
{
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    VERIFY_DONE(run(operation::planDelete(m_host, facts(u"vm"_s), {})));
    QVERIFY(!isDefined(u"vm"_s));
    QVERIFY(isDefined(u"neighbour"_s));
    for (const QString &volume :
        {u"root.qcow2"_s, u"data.qcow2"_s, u"shared.qcow2"_s, u"base.qcow2"_s, u"overlay.qcow2"_s}) {
        QVERIFY2(hasVolume(volume), qPrintable(volume));
    }
}

void TestLifecycleSystem::deletesOnlyChosenStorage()
{
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    const operation::DeleteFacts known = facts(u"vm"_s);
    QCOMPARE(known.disks.size(), 4);
    QHash<QString, QString> refusals;
    for (const operation::DeletableDisk &disk : known.disks) {
        qInfo().noquote() << disk.target << disk.volume << disk.refusal;
        refusals.insert(disk.target, disk.refusal);
    }
    QCOMPARE(refusals.value(u"vda"_s), QString());
    QCOMPARE(refusals.value(u"vdb"_s), QString());
    QVERIFY(refusals.value(u"vdc"_s).contains(u"neighbour"_s));
    QVERIFY(refusals.value(u"vdd"_s).contains(u"overlay.qcow2"_s));
    for (const QString &needed : {u"vdc"_s, u"vdd"_s}) {
        const JobRecord refused = run(operation::planDelete(m_host, known, {u"vda"_s, needed}));
        QCOMPARE(refused.state, JobState::Failed);
        QVERIFY(isDefined(u"vm"_s));
        QVERIFY(hasVolume(u"root.qcow2"_s));
    }

    VERIFY_DONE(run(operation::planDelete(m_host, known, {u"vda"_s})));
    QVERIFY(!isDefined(u"vm"_s));
    QVERIFY(!hasVolume(u"root.qcow2"_s));
    QVERIFY(!QFile::exists(QDir(m_bed->directory()).filePath(u"disks/root.qcow2"_s)));
    for (const QString &volume : {u"data.qcow2"_s, u"shared.qcow2"_s, u"base.qcow2"_s, u"overlay.qcow2"_s}) {
        QVERIFY2(hasVolume(volume), qPrintable(volume));
    }
}

void TestLifecycleSystem::deletesRunning()
{
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    QVERIFY(virsh({u"start"_s, u"vm"_s}).ok());
    QTRY_VERIFY_WITH_TIMEOUT(lastBeat(u"vm"_s) >= 1, bootMs);
    const job::Plan plan = operation::planDelete(m_host, facts(u"vm"_s), {u"vda"_s, u"vdb"_s});
    const QStringList expected{
        u"storage.check"_s, u"domain.destroy"_s, u"domain.undefine"_s, u"volume.delete"_s, u"volume.delete"_s};
    QCOMPARE(stepTypes(plan), expected);
    VERIFY_DONE(run(plan));
    QVERIFY(!isDefined(u"vm"_s));
    QVERIFY(!hasVolume(u"root.qcow2"_s));
    QVERIFY(!hasVolume(u"data.qcow2"_s));
    QVERIFY(hasVolume(u"shared.qcow2"_s));
    const int last = lastBeat(u"vm"_s);
    QVERIFY(!QTest::qWaitFor([&] { return lastBeat(u"vm"_s) != last; }, 700)); // nothing runs on unseen
}

/// The plan was made while the VM was off; somebody starts it before the job runs.
void TestLifecycleSystem::refusedUndefineKeepsDisks()
{
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    const job::Plan plan = operation::planDelete(m_host, facts(u"vm"_s), {u"vda"_s, u"vdb"_s});
    QVERIFY(virsh({u"start"_s, u"vm"_s}).ok());
    const JobRecord refused = run(plan);
    QCOMPARE(refused.state, JobState::Failed);
    QVERIFY2(refused.error.message.contains(u"started meanwhile"_s), qPrintable(refused.error.message));
    QCOMPARE(state(u"vm"_s), u"running"_s);
    QCOMPARE(info(u"vm"_s, u"Persistent"_s), u"yes"_s);
    QVERIFY(hasVolume(u"root.qcow2"_s));
    QVERIFY(hasVolume(u"data.qcow2"_s));
    QVERIFY(beatsOn(u"vm"_s));
}

/// The host can't remove the definition: its directory is read-only.
void TestLifecycleSystem::failedUndefineKeepsDisks()
{
    if (!m_bed->hostsAreIsolated()) {
        return; // without namespaces of its own the host's file system can't be broken
    }
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    const job::Plan plan = operation::planDelete(m_host, facts(u"vm"_s), {u"vda"_s, u"vdb"_s});
    const QString definitions = u"/etc/libvirt/qemu"_s;
    QVERIFY(m_bed->exec(u"A"_s, {u"mount"_s, u"--bind"_s, definitions, definitions}).ok());
    const auto readOnly = m_bed->exec(u"A"_s, {u"mount"_s, u"-o"_s, u"remount,bind,ro"_s, definitions});
    const JobRecord failed = run(plan);
    QVERIFY(m_bed->exec(u"A"_s, {u"umount"_s, definitions}).ok());
    QVERIFY2(readOnly.ok(), qPrintable(readOnly.errorText));
    QCOMPARE(failed.state, JobState::Failed);
    QVERIFY2(failed.error.message.contains(u"Read-only file system"_s), qPrintable(failed.error.message));
    QVERIFY(isDefined(u"vm"_s));
    QVERIFY(hasVolume(u"root.qcow2"_s));
    QVERIFY(hasVolume(u"data.qcow2"_s));
}

void TestLifecycleSystem::unseenOverlayKeepsItsBase_data()
{
    QTest::addColumn<bool>("inPool");
    QTest::newRow("in the pool's directory, not yet seen by libvirt") << true;
    QTest::newRow("in no pool, used by a running VM") << false;
}

/// An overlay that libvirt's list of volumes lacks, as an external snapshot leaves it.
void TestLifecycleSystem::unseenOverlayKeepsItsBase()
{
    QFETCH(const bool, inPool);
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    const QDir directory(m_bed->directory());
    const QString overlay = directory.filePath(inPool ? u"disks/unseen.qcow2"_s : u"unseen.qcow2"_s);
    const auto made = m_bed->exec(u"A"_s,
        {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s,
            directory.filePath(u"disks/data.qcow2"_s), overlay});
    QVERIFY2(made.ok(), qPrintable(made.errorText));
    if (!inPool) {
        const auto attached =
            virsh({u"attach-disk"_s, u"neighbour"_s, overlay, u"vdz"_s, u"--config"_s, u"--subdriver"_s, u"qcow2"_s});
        QVERIFY2(attached.ok(), qPrintable(attached.errorText));
        const auto started = virsh({u"start"_s, u"neighbour"_s});
        QVERIFY2(started.ok(), qPrintable(started.errorText));
    }
    QHash<QString, QString> refusals;
    const operation::DeleteFacts known = facts(u"vm"_s);
    for (const operation::DeletableDisk &disk : known.disks) {
        refusals.insert(disk.target, disk.refusal);
    }
    QVERIFY2(refusals.value(u"vdb"_s).contains(inPool ? u"unseen.qcow2"_s : u"neighbour"_s),
        qPrintable(refusals.value(u"vdb"_s)));
    QFile::remove(overlay);
}

void TestLifecycleSystem::diskTakenMeanwhileIsKept_data()
{
    QTest::addColumn<QStringList>("taking"); // %1: the directory of the pool
    QTest::newRow("attached to another VM") << QStringList{
        u"attach-disk"_s, u"neighbour"_s, u"%1/data.qcow2"_s, u"vdz"_s, u"--config"_s, u"--subdriver"_s, u"qcow2"_s};
    QTest::newRow("base of an overlay") << QStringList{u"vol-create-as"_s, u"disks"_s, u"late.qcow2"_s, u"1M"_s,
        u"--format"_s, u"qcow2"_s, u"--backing-vol"_s, u"data.qcow2"_s, u"--backing-vol-format"_s, u"qcow2"_s};
}

/// Between the preview and the run, somebody else begins to use a disk that was chosen.
void TestLifecycleSystem::diskTakenMeanwhileIsKept()
{
    QFETCH(QStringList, taking);
    QCOMPARE(makeStoredGuest(u"vm"_s), QString());
    const job::Plan plan = operation::planDelete(m_host, facts(u"vm"_s), {u"vdb"_s});
    taking.replaceInStrings(u"%1"_s, QDir(m_bed->directory()).filePath(u"disks"_s));
    const auto taken = virsh(taking);
    QVERIFY2(taken.ok(), qPrintable(taken.errorText));
    const JobRecord outcome = run(plan);
    qInfo().noquote() << outcome.statusLine() << outcome.remains;
    QCOMPARE(outcome.state, JobState::Failed); // found before anything was touched
    QVERIFY(isDefined(u"vm"_s));
    QVERIFY(hasVolume(u"data.qcow2"_s));
}

QTEST_GUILESS_MAIN(TestLifecycleSystem)
#include "tst_lifecycle_system.moc"
