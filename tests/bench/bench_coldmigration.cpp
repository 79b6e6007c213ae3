// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the files of a VM that moves cold cost, between two private hosts, in one run:
//   bench_coldmigration [host|here]   (both without arguments)
// A qcow2 disk of 2 GiB (VIREO_BENCH_GIB) of which half is data, every other MiB of it written zeroes; the result is on
// the destination's disk (fsync). host: ours from host to host (volume.create and disk.send of a plan that the job
// manager runs, with its journal on disk) against the bare best (qemu-img convert into an NBD export), and against
// nova's way (qemu-img convert to a temporary file, then rsync --sparse --compress over ssh). here: through this
// computer (volume.relay) against a naive relay of two libvirt streams. Rounds that take turns, medians. Prints
// "figure, limit, ok or MISSED".

#include <algorithm>
#include <cstdlib>

#include <libvirt/libvirt.h>

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QRandomGenerator>
#include <QTextStream>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/steps.h"
#include "tests/bench/figures.h"
#include "tests/system/migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::check;
using bench::given;
using bench::median;
using bench::out;
using bench::ratio;
using test::MigrationHosts;

namespace {

const int rounds = qEnvironmentVariableIntValue("VIREO_BENCH_ROUNDS") > 0
    ? qEnvironmentVariableIntValue("VIREO_BENCH_ROUNDS")
    : 3;
constexpr qsizetype mebibyte = 1024 * 1024;
const int gibibytes = qEnvironmentVariableIntValue("VIREO_BENCH_GIB") > 0
    ? qEnvironmentVariableIntValue("VIREO_BENCH_GIB")
    : 2;
const int data = gibibytes * 512; // MiB
constexpr int longMs = 300000;

class Bench final
{
    Q_DISABLE_COPY_MOVE(Bench)

public:
    Bench()
    {
        if (!m_host.problem().isEmpty()) {
            qFatal("%s", qPrintable(m_host.problem()));
        }
        job::StepRegistry registry;
        operation::StepOptions options;
        options.keptDirectory = m_kept.path();
        operation::registerSteps(registry, options);
        m_jobs = m_host.makeJobs(registry);
        make();
    }

    void fromHostToHost();
    void throughHere();

private:
    void exec(const QString &host, const QStringList &command)
    {
        const auto outcome = m_host.bed.exec(host, command, longMs);
        if (!outcome.ok()) {
            qFatal("%s: %s", qPrintable(command.join(u' ')), qPrintable(outcome.errorText));
        }
    }
    void make();
    void clearThere()
    {
        for (const QString &file : m_host.files(m_b)) {
            const QString path = m_host.directory(m_b) + u'/' + file;
            check(QFile::remove(path) || !QFile::exists(path), "cleaning up");
        }
        check(m_host.bed.virsh(m_b, {u"pool-refresh"_s, u"default"_s}).ok(), "a look");
        exec(m_b, {u"sync"_s});
    }
    double ours(bool direct);
    double bare();
    void serveSsh();
    double nova();
    double naive();
    void compare(const QString &image);

    MigrationHosts m_host;
    QTemporaryDir m_kept;
    std::unique_ptr<job::JobManager> m_jobs;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();
    const QString m_disk = MigrationHosts::hostDirectory() + u"/vm-hda.qcow2"_s;
};

/** Written as a guest would: the zeroes too. */
void Bench::make()
{
    check(m_host.make({.disks = {{.mebibytes = gibibytes * 1024}}}), "the VM");
    const QString noise = m_host.directory(m_a) + u"/noise"_s;
    QFile writer(noise);
    check(writer.open(QIODevice::WriteOnly), "noise");
    QRandomGenerator random(4711);
    QByteArray block(mebibyte, Qt::Uninitialized);
    for (int at = 0; at < data; at += 2) {
        random.generate(reinterpret_cast<quint32 *>(block.data()),     // NOLINT: aligned by its allocation
            reinterpret_cast<quint32 *>(block.data() + block.size())); // NOLINT
        check(writer.seek(at * mebibyte) && writer.write(block) == block.size(), "noise");
    }
    check(writer.resize(gibibytes * 1024 * mebibyte), "noise");
    writer.close();
    exec(m_a,
        {u"qemu-img"_s, u"convert"_s, u"-n"_s, u"-f"_s, u"raw"_s, u"-O"_s, u"qcow2"_s,
            MigrationHosts::hostDirectory() + u"/noise"_s, m_disk});
    QStringList zeroes{u"qemu-io"_s, u"-f"_s, u"qcow2"_s};
    for (int at = 1; at < data; at += 2) {
        zeroes += {u"-c"_s, u"write -P 0 %1M 1M"_s.arg(at)};
    }
    exec(m_a, zeroes + QStringList{m_disk});
    check(QFile::remove(noise), "noise");
    exec(m_a, {u"sync"_s});
}

void Bench::compare(const QString &image)
{
    // Both are below one directory of this machine.
    const QString here = m_host.directory(m_a) + u"/vm-hda.qcow2"_s;
    exec(u"client"_s,
        {u"qemu-img"_s, u"compare"_s, u"-U"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, here,
            m_host.directory(m_b) + u'/' + image});
}

/** Of a plan only what copies: the rest does not depend on the disk's size. */
double Bench::ours(bool direct)
{
    clearThere();
    operation::ResizeDraft draft;
    draft.to = m_host.uri(m_b);
    draft.confirm = operation::ResizeDraft::Confirm::Ask;
    operation::MigrateFacts facts;
    facts.source = given(operation::readMigrateSource(*m_host.connection(m_a), m_host.uuid(), {}));
    facts.destination = given(operation::readMigrateDestination(*m_host.connection(m_b), {}));
    facts.pair = given(operation::readMigratePair(m_host.connection(m_a), m_host.connection(m_b), facts.source,
        facts.destination, operation::migrateDraftOf(draft), false, {}));
    facts.pair.reach.uri = m_host.peerUri(m_b);
    facts.pair.reach.state =
        direct ? operation::MigratePair::Reach::State::Yes : operation::MigratePair::Reach::State::NoDaemon;
    job::Plan plan =
        operation::planColdMigration(m_host.id(m_a), m_host.id(m_b), operation::resizeFactsOf(facts), facts, draft);
    check(MigrationHosts::canRun(plan), "the plan");
    erase_if(plan.steps, [](const job::Step &step) {
        return step.type != "volume.create"_L1 && step.type != "disk.send"_L1 && step.type != "volume.relay"_L1;
    });
    check(plan.steps.size() == 2, "the plan's steps");
    QElapsedTimer clock;
    clock.start();
    QEventLoop loop;
    job::JobId id;
    QObject::connect(m_jobs.get(), &job::JobManager::finished, &loop, [&](const job::JobId &finished) {
        if (finished == id) {
            loop.quit();
        }
    });
    id = m_jobs->run(plan);
    if (!m_jobs->job(id)->isFinished()) {
        loop.exec();
    }
    if (m_jobs->job(id)->state != job::JobState::Done) {
        qFatal("%s", MigrationHosts::text(*m_jobs->job(id)).constData());
    }
    exec(m_b, {u"sync"_s, m_disk});
    const auto ms = static_cast<double>(clock.elapsed());
    compare(u"vm-hda.qcow2"_s);
    return ms;
}

double Bench::bare()
{
    clearThere();
    const QString to = MigrationHosts::hostDirectory() + u"/bare.qcow2"_s;
    const QString pid = MigrationHosts::hostDirectory() + u"/bare.pid"_s;
    QElapsedTimer clock;
    clock.start();
    exec(m_b, {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, to, u"%1G"_s.arg(gibibytes)});
    exec(m_b,
        {u"qemu-nbd"_s, u"-f"_s, u"qcow2"_s, u"-p"_s, u"10999"_s, u"-b"_s, u"0.0.0.0"_s, u"--cache=none"_s,
            u"--discard=unmap"_s, u"--detect-zeroes=unmap"_s, u"--fork"_s, u"--pid-file"_s, pid, to});
    // The export ends with its only client.
    exec(m_a,
        {u"qemu-img"_s, u"convert"_s, u"-n"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"raw"_s, m_disk,
            u"nbd://vireo-b:10999"_s});
    exec(m_b, {u"sync"_s, to});
    const auto ms = static_cast<double>(clock.elapsed());
    compare(u"bare.qcow2"_s);
    return ms;
}

/** Once: a server of ssh on the destination, with keys made for it; for nova's way. */
void Bench::serveSsh()
{
    const QString where = u"/srv/local/ssh"_s; // beside the pool
    const QString here = m_host.directory(m_a) + u"/../ssh"_s;
    const QString there = m_host.directory(m_b) + u"/../ssh"_s;
    check(QDir().mkpath(here) && QDir().mkpath(there), "a directory for ssh");
    exec(m_a, {u"ssh-keygen"_s, u"-q"_s, u"-t"_s, u"ed25519"_s, u"-N"_s, QString(), u"-f"_s, where + u"/key"_s});
    exec(m_b, {u"ssh-keygen"_s, u"-q"_s, u"-t"_s, u"ed25519"_s, u"-N"_s, QString(), u"-f"_s, where + u"/host"_s});
    check(QFile::copy(here + u"/key.pub"_s, there + u"/authorized"_s), "the key");
    QFile settings(there + u"/config"_s);
    check(settings.open(QIODevice::WriteOnly), "the server's settings");
    settings.write(u"Port 8722\nHostKey %1/host\nAuthorizedKeysFile %1/authorized\nPidFile %1/pid\nStrictModes no\n"
                   "UsePAM no\nPermitRootLogin yes\n"_s.arg(where)
                       .toUtf8());
    settings.close();
    exec(m_b, {u"mkdir"_s, u"-p"_s, u"/run/sshd"_s});
    exec(m_b,
        {qEnvironmentVariable("VIREO_SSHD", u"/usr/sbin/sshd"_s), u"-f"_s, where + u"/config"_s}); // ends with the host
}

double Bench::nova()
{
    clearThere();
    const QString temporary = MigrationHosts::hostDirectory() + u"/temporary.qcow2"_s;
    QElapsedTimer clock;
    clock.start();
    exec(m_a, {u"qemu-img"_s, u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"qcow2"_s, m_disk, temporary});
    exec(m_a,
        {u"rsync"_s, u"--sparse"_s, u"--compress"_s, u"-e"_s,
            u"ssh -p 8722 -i /srv/local/ssh/key -o BatchMode=yes -o StrictHostKeyChecking=no -o "
            u"UserKnownHostsFile=/dev/null"
            " -o LogLevel=ERROR"_s,
            temporary, u"root@vireo-b:%1/nova.qcow2"_s.arg(MigrationHosts::hostDirectory())});
    exec(m_b, {u"sync"_s, MigrationHosts::hostDirectory() + u"/nova.qcow2"_s});
    const auto ms = static_cast<double>(clock.elapsed());
    check(QFile::remove(m_host.directory(m_a) + u"/temporary.qcow2"_s), "cleaning up");
    compare(u"nova.qcow2"_s);
    return ms;
}

/** What is read is written, one after the other. */
double Bench::naive()
{
    clearThere();
    check(m_host.bed.virsh(m_b, {u"vol-create-as"_s, u"default"_s, u"naive.qcow2"_s, u"0"_s, u"--format"_s, u"raw"_s})
              .ok(),
        "a volume");
    QElapsedTimer clock;
    clock.start();
    virConnectPtr from = virConnectOpen(m_host.uri(m_a).toUtf8().constData());
    virConnectPtr to = virConnectOpen(m_host.uri(m_b).toUtf8().constData());
    virStorageVolPtr source = virStorageVolLookupByPath(from, m_disk.toUtf8().constData());
    virStorageVolPtr target =
        virStorageVolLookupByPath(to, (MigrationHosts::hostDirectory() + u"/naive.qcow2"_s).toUtf8().constData());
    virStreamPtr reading = virStreamNew(from, 0);
    virStreamPtr writing = virStreamNew(to, 0);
    check(source && target && virStorageVolDownload(source, reading, 0, 0, 0) == 0
            && virStorageVolUpload(target, writing, 0, 0, 0) == 0,
        "the streams");
    QByteArray buffer(256 * 1024, Qt::Uninitialized); // NOLINT: as virsh has it
    for (;;) {
        const int got = virStreamRecv(reading, buffer.data(), static_cast<size_t>(buffer.size()));
        check(got >= 0, "reading");
        if (got == 0) {
            break;
        }
        for (int sent = 0; sent < got;) {
            const int once = virStreamSend(writing, buffer.constData() + sent, static_cast<size_t>(got - sent));
            check(once >= 0, "writing");
            sent += once;
        }
    }
    check(virStreamFinish(reading) == 0 && virStreamFinish(writing) == 0, "the end");
    exec(m_b, {u"sync"_s, MigrationHosts::hostDirectory() + u"/naive.qcow2"_s});
    const auto ms = static_cast<double>(clock.elapsed());
    virStreamFree(reading);
    virStreamFree(writing);
    virStorageVolFree(source);
    virStorageVolFree(target);
    virConnectClose(from);
    virConnectClose(to);
    compare(u"naive.qcow2"_s);
    return ms;
}

void Bench::fromHostToHost()
{
    out() << "from host to host: " << data << " MiB of data, half of it zeroes, in a qcow2 disk of " << gibibytes
          << " GiB\n";
    serveSsh();
    QList<double> mine;
    QList<double> best;
    QList<double> novas;
    for (int round = 0; round < rounds; ++round) {
        mine.append(ours(true));
        best.append(bare());
        novas.append(nova());
    }
    ratio(u"host to host"_s, mine, u"qemu-img convert into an NBD export"_s, best, 1.1);
    ratio(u"host to host"_s, mine, u"nova's way"_s, novas, 0.7);
}

void Bench::throughHere()
{
    out() << "through this computer: the same disk\n";
    QList<double> mine;
    QList<double> theirs;
    for (int round = 0; round < rounds; ++round) {
        mine.append(ours(false));
        theirs.append(naive());
    }
    ratio(u"through this computer"_s, mine, u"a naive relay"_s, theirs, 1.0);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList wanted = QCoreApplication::arguments().mid(1);
    Bench bench;
    if (wanted.isEmpty() || wanted.contains(u"host"_s)) {
        bench.fromHostToHost();
    }
    if (wanted.isEmpty() || wanted.contains(u"here"_s)) {
        bench.throughHere();
    }
    return EXIT_SUCCESS;
}
