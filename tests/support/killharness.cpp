// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/killharness.h"

#include <algorithm>
#include <csignal>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QSet>
#include <QTest>

#include "backend/job/compare.h"
#include "backend/job/journal.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace storage = virt::storage;
using job::JobState;
using job::JournalEntry;
using job::JournalFile;
using job::Recovery;

namespace {

/** The same directories for a process and for those that recover its jobs. */
operation::StepOptions optionsBeside(const QString &journal)
{
    operation::StepOptions options;
    options.historyDirectory = QFileInfo(journal).path() + u"/history"_s;
    options.picturesDirectory = QFileInfo(journal).path() + u"/pictures"_s;
    return options;
}

constexpr int childTimeoutMs = 60000;
constexpr int jobTimeoutMs = 60000;

/** Counts the moments at which the journal can be cut off; at the chosen one the process dies. */
class Reaper final
{
public:
    explicit Reaper(int killAt)
        : m_killAt(killAt)
    {}

    void operator()(JournalFile::Moment moment, int fd, QByteArrayView line)
    {
        // After an outcome nothing happens before the next record: that moment comes anyway.
        if (moment == JournalFile::Moment::After && line.toByteArray().contains("\"t\":\"outcome\"")) {
            return;
        }
        if (++m_count != m_killAt) {
            return;
        }
        if (moment == JournalFile::Moment::Before && m_count % 2 == 1) { // the power went in the middle of the write
            const auto half = static_cast<size_t>(line.size() / 2);
            if (lseek(fd, 0, SEEK_END) < 0 || write(fd, line.data(), half) < 0) {
                _exit(3);
            }
        }
        raise(SIGKILL);
    }

private:
    int m_killAt;
    int m_count = 0;
};

job::Plan readPlan(const QString &path)
{
    QFile file(path);
    return !path.isEmpty() && file.open(QIODevice::ReadOnly)
        ? job::Plan::fromJson(QJsonDocument::fromJson(file.readAll()).object())
        : job::Plan();
}

/** The name of the file of a layer. */
QString fileOf(const job::Step &step)
{
    return QFileInfo(step.parameters.value("path"_L1).toString()).fileName();
}

/** Names of the overlays and of the memory file that taking a snapshot makes. */
QSet<QString> filesOfSnapshot(const job::Step &step)
{
    QSet<QString> files{QFileInfo(step.parameters.value("memoryFile"_L1).toString()).fileName()};
    const QJsonArray disks = step.parameters.value("disks"_L1).toArray();
    for (const auto &disk : disks) {
        files.insert(QFileInfo(disk.toObject().value("file"_L1).toString()).fileName());
    }
    files.remove(QString());
    return files;
}

/** A job manager as the program has it, with one host. */
struct Workshop {
    Workshop(const job::StepRegistry &registry, const virt::ConnectionPtr &connection, const virt::HostId &host,
        const QString &uri, const std::shared_ptr<const job::Journal> &journal)
        : jobs(registry,
              [connection, host](const virt::HostId &id) -> Result<virt::ConnectionPtr> {
                  return id == host ? Result<virt::ConnectionPtr>(connection) : fail(Error::failed(u"no such host"_s));
              },
              {journal, [host, uri](const virt::HostId &id) { return id == host ? uri : QString(); },
                  [host, uri](const QString &wanted) {
                      return wanted == uri ? host : virt::HostId();
                  }})
    {}

    /** Reads the journal; the jobs that wait to be recovered. */
    QList<job::JobId> load()
    {
        bool done = false;
        QObject::connect(&jobs, &job::JobManager::loaded, &jobs, [&done] { done = true; });
        jobs.loadInterrupted();
        QList<job::JobId> found;
        if (QTest::qWaitFor([&] { return done; }, jobTimeoutMs)) {
            for (const job::JobId &id : jobs.jobs()) {
                if (jobs.job(id)->state == JobState::Interrupted) {
                    found.append(id);
                }
            }
        }
        return found;
    }
    bool wait(const job::JobId &id)
    {
        return QTest::qWaitFor([&] { return jobs.job(id) && jobs.job(id)->isFinished(); }, jobTimeoutMs);
    }

    job::JobManager jobs;
};

} // namespace

std::optional<int> killChildMain(int &argc, char **argv)
{
    if (argc < 2 || qstrcmp(argv[1], "--kill-child") != 0) {
        return std::nullopt;
    }
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const auto option = [&arguments](const QString &name) {
        const qsizetype at = arguments.indexOf(name);
        return at < 0 ? QString() : arguments.value(at + 1);
    };
    virt::quietLibvirt();
    const virt::EventLoop loop;
    const QString uri = option(u"--uri"_s);
    const auto connection = virt::Connection::open(uri, false, {});
    if (!connection) {
        qCritical("%s", qPrintable(connection.error().message));
        return 2;
    }
    job::StepRegistry registry;
    operation::registerSteps(registry, optionsBeside(option(u"--journal"_s)));
    const auto reaper = std::make_shared<Reaper>(option(u"--kill-at"_s).toInt());
    const auto journal = std::make_shared<const job::Journal>(
        option(u"--journal"_s), [reaper](JournalFile::Moment moment, int fd, QByteArrayView line) {
            (*reaper)(moment, fd, line); // one count for all files
        });
    const job::Plan plan = readPlan(option(u"--run-plan"_s));
    Workshop workshop(registry, *connection, plan.host.isNull() ? QUuid::createUuid() : plan.host, uri, journal);
    if (arguments.contains(u"--kill-while-uploading"_s)) {
        QObject::connect(&workshop.jobs, &job::JobManager::changed, &workshop.jobs, [&workshop](const QUuid &id) {
            const job::JobRecord *job = workshop.jobs.job(id);
            const int at = job->currentStep;
            if (at >= 0 && job->plan.steps.at(at).type == "volume.upload"_L1
                && job->steps.at(at).state == job::StepState::Running && job->steps.at(at).done > 0) {
                raise(SIGKILL);
            }
        });
    }
    job::JobId id = QUuid::fromString(option(u"--recover"_s));
    if (id.isNull()) {
        id = workshop.jobs.run(plan);
    } else {
        workshop.load();
        const Result<> begun =
            workshop.jobs.recover(id, arguments.contains(u"--finish"_s) ? Recovery::Finish : Recovery::Undo);
        if (!begun) {
            qCritical("%s", qPrintable(begun.error().message));
            return 2;
        }
    }
    return workshop.wait(id) ? 0 : 2;
}

QString HostState::text() const
{
    return u"domains: %1; pools: %2; images: %3; %4"_s.arg(
        domains.join(u", "_s), pools.join(u", "_s), QStringList(images.keys()).join(u", "_s), more);
}

/** What is known of the scenario under way. */
struct KillHarness::Case {
    const KillScenario *scenario = nullptr;
    job::Plan plan;
    QString planFile;
    HostState before;
    HostState killed; ///< what was there when the process had died
    std::shared_ptr<const job::Journal> journal;
};

KillHarness::KillHarness(TestBed &bed, virt::ConnectionPtr connection, virt::HostId host)
    : m_bed(bed)
    , m_connection(std::move(connection))
    , m_host(host)
{
    operation::registerSteps(m_registry, optionsBeside(m_directory.filePath(u"journal"_s)));
    const auto images = storage::defaultPoolTarget(*m_connection);
    m_images = images ? *images : QString();
}

HostState KillHarness::state()
{
    HostState state;
    const QString separator = u"echo @@; "_s;
    const QStringList parts = m_bed
                                  .virsh(u"A"_s,
                                      {u"list --all; "_s + separator + u"list --all --name --autostart; "_s + separator
                                          + u"pool-list --all; "_s + separator + u"net-list --all --name"_s})
                                  .output.split(u"@@"_s);
    const QStringList automatic = parts.value(1).split(u'\n', Qt::SkipEmptyParts);
    const QStringList domainLines = parts.value(0).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : domainLines) { // " 1  web01  running"
        QStringList words = line.simplified().split(u' ').mid(1);
        if (automatic.contains(words.value(0))) {
            words.append(u"autostart"_s);
        }
        state.domains.append(words.join(u' '));
    }
    const QStringList poolLines = parts.value(2).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : poolLines) { // " default  active  yes"
        const QStringList words = line.simplified().split(u' ');
        state.pools.append(
            words.value(0) + u' ' + words.value(1) + (words.value(2) == "yes"_L1 ? u" autostart"_s : QString()));
    }
    const QStringList networkNames = parts.value(3).simplified().split(u' ', Qt::SkipEmptyParts);
    for (const QString &name : networkNames) {
        if (name != "default"_L1) {
            const QString xml = m_bed.virsh(u"A"_s, {u"net-dumpxml"_s, u"--inactive"_s, name}).output;
            state.networks.insert(name, QCryptographicHash::hash(xml.toUtf8(), QCryptographicHash::Sha256).toHex());
        }
    }
    state.domains.sort();
    state.pools.sort();
    const QString list =
        m_bed
            .exec(
                u"A"_s, {u"sh"_s, u"-c"_s, u"cd \"$0\" 2>/dev/null && find . -type f -exec sha256sum {} +"_s, m_images})
            .output;
    const QStringList files = list.split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : files) { // "HASH  ./name"
        state.images.insert(line.section(u"./"_s, 1), line.section(u' ', 0, 0).toLatin1());
    }
    for (const QString &base : std::as_const(m_bases)) {
        if (state.images.contains(base)) {
            state.images.insert(base, "there");
        }
    }
    if (m_more) {
        state.more = m_more();
    }
    m_last = state;
    return state;
}

bool KillHarness::clear()
{
    const auto all = virt::domains::list(*m_connection);
    if (!all) {
        return false;
    }
    for (const virt::DomainRecord &domain : *all) {
        if (domain.id >= 0 && !virt::domains::destroy(*m_connection, domain.uuid)) {
            return false;
        }
        if (!virt::domains::undefine(*m_connection, domain.uuid)) {
            return false;
        }
    }
    const auto pools = storage::pools(*m_connection);
    if (!pools) {
        return false;
    }
    for (const storage::Pool &pool : *pools) {
        if (pool.active && !storage::stopPool(*m_connection, pool.name)) {
            return false;
        }
        if (!storage::undefinePool(*m_connection, pool.name)) {
            return false;
        }
    }
    for (auto it = m_last.networks.cbegin(); it != m_last.networks.cend(); ++it) {
        m_bed.virsh(u"A"_s, {u"net-undefine"_s, it.key()});
    }
    return m_bed.exec(u"A"_s, {u"sh"_s, u"-c"_s, u"rm -rf \"$0\"/*"_s, m_images}).ok();
}

ChildEnd KillHarness::runChild(const KillOrder &order)
{
    QStringList arguments{u"--kill-child"_s, u"--uri"_s, m_bed.uri(u"A"_s), u"--journal"_s, order.journal,
        u"--kill-at"_s, QString::number(order.killAt)};
    if (order.job.isNull()) {
        arguments << u"--run-plan"_s << order.planFile;
    } else {
        arguments << u"--recover"_s << order.job.toString()
                  << (order.recovery == Recovery::Finish ? u"--finish"_s : u"--undo"_s);
    }
    if (order.killWhileUploading) {
        arguments << u"--kill-while-uploading"_s;
    }
    QProcess child;
    child.setProcessChannelMode(QProcess::MergedChannels);
    child.start(QCoreApplication::applicationFilePath(), arguments);
    if (!child.waitForFinished(childTimeoutMs)) {
        child.kill();
        child.waitForFinished();
        m_childOutput = u"it hangs"_s;
        return ChildEnd::Broken;
    }
    m_childOutput = QString::fromLocal8Bit(child.readAll());
    if (child.exitStatus() == QProcess::CrashExit && child.exitCode() == SIGKILL) {
        ++m_kills;
        return ChildEnd::Killed;
    }
    return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0 ? ChildEnd::Ended : ChildEnd::Broken;
}

/** Brings the host to where the scenario begins, and makes its plan. */
QString KillHarness::begin(const KillScenario &scenario, Case &current)
{
    current.scenario = &scenario;
    m_more = scenario.more;
    m_bases = scenario.bases;
    if (!clear() || (scenario.prepare && !scenario.prepare())) {
        return u"the host could not be prepared"_s;
    }
    current.before = state();
    current.plan = scenario.plan();
    if (current.plan.isBlocked() || current.plan.steps.isEmpty()) {
        return u"the plan is blocked"_s;
    }
    if (scenario.fails) {
        current.plan.steps.append({u"no.such.step"_s, u"Fail"_s, {}, {}, 0, {}});
    }
    current.planFile = m_directory.filePath(u"plan.json"_s);
    QFile file(current.planFile);
    const QByteArray text = QJsonDocument(current.plan.toJson()).toJson();
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? QString() : file.errorString();
}

QString KillHarness::freshJournal(Case &current)
{
    current.journal = std::make_shared<const job::Journal>(m_directory.filePath(u"journal-%1"_s.arg(++m_journals)));
    return current.journal->directory();
}

/** After a kill: recovers what the journal shows and judges the host. */
QString KillHarness::settle(Case &current, Recovery recovery)
{
    if (!current.scenario->undoable) {
        current.killed = state();
    }
    const auto entries = current.journal->list();
    if (!entries) {
        return entries.error().message;
    }
    if (entries->isEmpty()) { // it died before its header was whole: nothing may have happened
        const HostState now = state();
        return now == current.before ? QString() : u"without a journal it did something: "_s + now.text();
    }
    if (entries->size() > 1) {
        return u"there are %1 journals"_s.arg(entries->size());
    }
    const JournalEntry &entry = entries->constFirst();
    if (entry.standing == JournalEntry::Standing::Finished) { // it died after its last record
        return judge(current, entry.record.state == JobState::Done ? Recovery::Finish : Recovery::Undo, entry.record);
    }
    // Not the id that the other process had: they are each process's own.
    Workshop workshop(m_registry, m_connection, m_host, m_bed.uri(u"A"_s), current.journal);
    const QList<job::JobId> found = workshop.load();
    if (found.size() != 1) {
        return u"%1 jobs are interrupted instead of one"_s.arg(found.size());
    }
    job::JobRecord record = *workshop.jobs.job(found.constFirst());
    const auto compared = job::compare(
        record, m_registry, [this](const virt::HostId &) { return Result<virt::ConnectionPtr>(m_connection); });
    QSet<QString> deleted; // by the job itself, which needed them for a while
    for (int i = 0; i < compared.size(); ++i) {
        const job::Step &step = current.plan.steps.at(i);
        if (compared.at(i).journal != job::StepState::Waiting) {
            if (step.type == "volume.delete"_L1) {
                deleted.insert(step.parameters.value("volume"_L1).toString());
            } else if (step.type == "layer.delete"_L1) {
                deleted.insert(fileOf(step));
            }
        }
    }
    for (int i = 0; i < compared.size(); ++i) {
        const auto effect = compared.at(i).reality.effect;
        const QJsonObject &values = current.plan.steps.at(i).parameters;
        const QString volume = current.plan.steps.at(i).type.startsWith("layer."_L1)
            ? fileOf(current.plan.steps.at(i))
            : values.value(values.contains("volume"_L1) ? "volume"_L1 : "name"_L1).toString();
        if (record.canFinish && compared.at(i).journal == job::StepState::Done && effect == job::Reality::Effect::Absent
            && !deleted.contains(volume)) {
            return u"step %1 is done, but there is nothing: %2"_s.arg(i).arg(compared.at(i).reality.text);
        }
    }
    if (recovery == Recovery::Finish && !record.canFinish) {
        recovery = Recovery::Undo;
    }
    if (const Result<> begun = workshop.jobs.recover(record.id, recovery); !begun) {
        return begun.error().message;
    }
    if (!workshop.wait(record.id)) {
        return u"the recovery does not end"_s;
    }
    record = *workshop.jobs.job(record.id);
    const auto after = current.journal->read(record.id);
    if (!after || after->standing != JournalEntry::Standing::Finished || after->record.state != record.state) {
        return u"the journal does not show the end of the recovery"_s;
    }
    return judge(current, recovery, record);
}

/** Whether the host is as it must be after the recovery. */
QString KillHarness::judge(Case &current, Recovery recovery, const job::JobRecord &record)
{
    const KillScenario &scenario = *current.scenario;
    const HostState now = state();
    if (const QString wrong = scenario.invariant ? scenario.invariant() : QString(); !wrong.isEmpty()) {
        return wrong;
    }
    const QString found =
        u"%1 (%2), %3"_s.arg(job::journalformat::stateName(record.state), record.error.message, now.text());
    if (scenario.fails || recovery == Recovery::Undo) {
        const HostState &expected = scenario.undoable ? current.before : current.killed;
        if (scenario.lossy && now != expected) {
            return record.state == JobState::Stuck && !record.remains.isEmpty() ? QString()
                                                                                : u"after undo the job is "_s + found;
        }
        if (now != expected) {
            return u"after undo: %1, expected: %2"_s.arg(found, expected.text());
        }
        const bool clean = now == current.before;
        const bool saysSo = record.state == JobState::Cancelled || record.state == JobState::Failed;
        const bool stuck = record.state == JobState::Stuck && !record.remains.isEmpty();
        return (clean && saysSo) || (!scenario.undoable && stuck) || (scenario.stays && saysSo)
            ? QString()
            : u"after undo the job is "_s + found;
    }
    if (record.state != JobState::Done) {
        return u"after finish the job is "_s + found;
    }
    QSet<QString> images(current.before.images.keyBegin(), current.before.images.keyEnd());
    QString source;
    QString copy;
    for (const job::Step &step : current.plan.steps) {
        const QJsonObject &values = step.parameters;
        const QString volume = values.value(values.contains("volume"_L1) ? "volume"_L1 : "name"_L1).toString();
        if (values.contains("marker"_L1)) {
            images.insert(values.value("marker"_L1).toString());
        }
        static const QStringList makers{
            u"volume.create"_s, u"volume.format"_s, u"volume.clone"_s, u"seed.upload"_s, u"export.upload"_s};
        if (makers.contains(step.type)) {
            images.insert(volume);
        } else if (step.type == "layer.create"_L1) {
            images.insert(fileOf(step));
        } else if (step.type == "layer.delete"_L1) {
            images.remove(fileOf(step));
        } else if (step.type == "snapshot.create"_L1) {
            images += filesOfSnapshot(step);
        } else if (step.type == "volume.delete"_L1 || step.type == "base.delete"_L1) {
            images.remove(volume);
        } else if (step.type == "volume.upload"_L1) {
            source = values.value("path"_L1).toString();
            copy = volume;
        }
    }
    const QSet<QString> names(now.images.keyBegin(), now.images.keyEnd());
    if (now.domains != scenario.domains || now.pools != scenario.pools || names != images) {
        return u"after finish: "_s + found;
    }
    for (auto it = current.before.images.cbegin(); it != current.before.images.cend(); ++it) {
        if (now.images.contains(it.key()) && now.images.value(it.key()) != it.value()) {
            return it.key() + u" was changed"_s;
        }
    }
    if (const bool resized = std::ranges::any_of(
            current.plan.steps, [](const job::Step &step) { return step.type == "volume.resize"_L1; });
        !source.isEmpty() && !resized) {
        QFile file(source);
        QCryptographicHash hash(QCryptographicHash::Sha256);
        if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file)
            || hash.result().toHex() != now.images.value(copy)) {
            return copy + u" is not what was to be uploaded"_s;
        }
    }
    return scenario.afterFinish && !scenario.afterFinish() ? u"afterFinish"_s : QString();
}

QString KillHarness::run(const KillScenario &scenario)
{
    Case current;
    if (const QString problem = begin(scenario, current); !problem.isEmpty()) {
        return problem;
    }
    // The soak kills at every moment.
    const int every = qEnvironmentVariableIsSet("VIREO_KILL_ALWAYS") ? 1 : scenario.every;
    for (int killAt = 1;; killAt += every) {
        for (const Recovery recovery : {Recovery::Undo, Recovery::Finish}) {
            if (!scenario.bothWays && (killAt / every % 2 == 1) != (recovery == Recovery::Finish)) {
                continue;
            }
            const QString place =
                u"killed at %1, %2: "_s.arg(killAt).arg(recovery == Recovery::Finish ? u"finish"_s : u"undo"_s);
            KillOrder order;
            order.journal = freshJournal(current);
            order.planFile = current.planFile;
            order.killAt = killAt;
            const ChildEnd end = runChild(order);
            if (end == ChildEnd::Broken) {
                return place + u"the process broke: "_s + m_childOutput;
            }
            if (const QString problem = settle(current, recovery); !problem.isEmpty()) {
                return place + problem;
            }
            if (end == ChildEnd::Ended) {
                return {};
            }
            if (m_last != current.before) {
                if (const QString problem = begin(scenario, current); !problem.isEmpty()) {
                    return problem;
                }
            }
        }
    }
}

QString KillHarness::runKilledTwice(const KillScenario &scenario, int killAt, Recovery recovery)
{
    for (int again = 1;; ++again) {
        Case current;
        if (const QString problem = begin(scenario, current); !problem.isEmpty()) {
            return problem;
        }
        KillOrder order;
        order.journal = freshJournal(current);
        order.planFile = current.planFile;
        order.killAt = killAt;
        const auto first = runChild(order);
        const auto entries = current.journal->list();
        if (first != ChildEnd::Killed || !entries || entries->size() != 1) {
            return u"the first kill failed: "_s + m_childOutput;
        }
        order.job = entries->constFirst().record.id;
        order.recovery = recovery;
        order.killAt = again;
        const auto second = runChild(order);
        if (second == ChildEnd::Broken) {
            return u"killed again at %1: the process broke: "_s.arg(again) + m_childOutput;
        }
        // An undo that was killed can only be undone; a finish that was killed may also be undone.
        const Recovery last = recovery == Recovery::Finish && again % 2 == 0 ? Recovery::Finish : Recovery::Undo;
        const QString problem = second == ChildEnd::Ended && recovery == Recovery::Undo
            ? judge(current, recovery, current.journal->list()->constFirst().record)
            : settle(current, last);
        if (!problem.isEmpty()) {
            return u"killed again at %1: "_s.arg(again) + problem;
        }
        if (second == ChildEnd::Ended) {
            return {};
        }
    }
}

QString KillHarness::runKilledWhileUploading(const KillScenario &scenario, Recovery recovery)
{
    Case current;
    if (const QString problem = begin(scenario, current); !problem.isEmpty()) {
        return problem;
    }
    KillOrder order;
    order.journal = freshJournal(current);
    order.planFile = current.planFile;
    order.killWhileUploading = true;
    if (runChild(order) != ChildEnd::Killed) {
        return u"it was not killed: "_s + m_childOutput;
    }
    return settle(current, recovery);
}

} // namespace vireo::test
