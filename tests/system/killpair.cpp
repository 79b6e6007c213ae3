// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "killpair.h"

#include <csignal>
#include <mutex>

#include <QFile>
#include <QJsonDocument>
#include <QTest>

#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

using job::JobState;
using job::JournalEntry;
using job::JournalFile;
using job::Recovery;

namespace {

constexpr int timeoutMs = 120000;

/** Hosts by a process's own ids; opened anew when their daemon has dropped the connection. Any thread. */
class Connections final
{
    Q_DISABLE_COPY_MOVE(Connections)

public:
    explicit Connections(const QHash<virt::HostId, virt::ConnectionPtr> &hosts)
        : m_hosts(hosts)
    {}
    Result<virt::ConnectionPtr> get(const virt::HostId &id)
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_hosts.find(id);
        if (found == m_hosts.end()) {
            return fail(Error::failed(u"no such host"_s));
        }
        if (!found.value()->isAlive()) {
            const auto opened = virt::Connection::open(found.value()->uri(), false, {});
            if (!opened) {
                return fail(opened.error());
            }
            found.value() = *opened;
        }
        return found.value();
    }

private:
    std::mutex m_mutex;
    QHash<virt::HostId, virt::ConnectionPtr> m_hosts;
};

/** A job manager as the program has it, with both hosts. */
struct Workshop {
    /** `aliases`: URIs by which others know them. */
    Workshop(const job::StepRegistry &registry, const QHash<virt::HostId, virt::ConnectionPtr> &hosts,
        const std::shared_ptr<const job::Journal> &journal, const QHash<QString, QString> &aliases = {})
        : jobs(registry,
              [open = std::make_shared<Connections>(hosts)](const virt::HostId &id) { return open->get(id); },
              {journal,
                  [hosts](const virt::HostId &id) { return hosts.contains(id) ? hosts.value(id)->uri() : QString(); },
                  [hosts, aliases](const QString &uri) {
                      for (auto it = hosts.cbegin(); it != hosts.cend(); ++it) {
                          if (it.value()->uri() == aliases.value(uri, uri)) {
                              return it.key();
                          }
                      }
                      return virt::HostId();
                  }})
    {}
    QList<job::JobId> load()
    {
        bool done = false;
        QObject::connect(&jobs, &job::JobManager::loaded, &jobs, [&done] { done = true; });
        jobs.loadInterrupted();
        QList<job::JobId> found;
        if (QTest::qWaitFor([&] { return done; }, timeoutMs)) {
            for (const job::JobId &id : jobs.jobs()) {
                if (jobs.job(id)->state == JobState::Interrupted || jobs.job(id)->state == JobState::Stuck) {
                    found.append(id);
                }
            }
        }
        return found;
    }
    bool wait(const job::JobId &id)
    {
        return QTest::qWaitFor([&] { return jobs.job(id) && jobs.job(id)->isFinished(); }, timeoutMs);
    }
    job::JobManager jobs;
};

job::StepRegistry makeRegistry(const QString &journal, const QString &kept)
{
    operation::StepOptions options;
    options.historyDirectory = journal + u"-history"_s;
    options.keptDirectory = kept;
    job::StepRegistry registry;
    operation::registerSteps(registry, options);
    return registry;
}

/** Dies at one of the moments at which a journal can be cut off; or at the one that follows a line with that text. */
JournalFile::Hook reaper(int killAt, const QByteArray &killAfter)
{
    const auto count = std::make_shared<int>(0);
    return [count, killAt, killAfter, isSaid = std::make_shared<bool>(false)](
               JournalFile::Moment moment, int, QByteArrayView line) {
        if (*isSaid) {
            raise(SIGKILL);
        }
        *isSaid = moment == JournalFile::Moment::After && !killAfter.isEmpty() && line.contains(killAfter);
        if (moment == JournalFile::Moment::After && line.toByteArray().contains("\"t\":\"outcome\"")) {
            return;
        }
        if (++*count == killAt) {
            raise(SIGKILL);
        }
    };
}

/** The process that is killed: runs a plan with its own connections. */
int runChild(const QStringList &arguments)
{
    const auto option = [&arguments](const QString &name) {
        const qsizetype at = arguments.indexOf(name);
        return at < 0 ? QString() : arguments.value(at + 1);
    };
    virt::quietLibvirt();
    const virt::EventLoop loop;
    QFile file(option(u"--plan"_s));
    if (!file.open(QIODevice::ReadOnly)) {
        return 2;
    }
    const job::Plan plan = job::Plan::fromJson(QJsonDocument::fromJson(file.readAll()).object());
    const auto host = virt::Connection::open(option(u"--host"_s), false, {});
    const auto other = virt::Connection::open(option(u"--other"_s), false, {});
    if (!host || !other) {
        qWarning("%s", qPrintable((host ? other : host).error().message));
        return 2;
    }
    const QString directory = option(u"--journal"_s);
    const auto journal = std::make_shared<const job::Journal>(
        directory, reaper(option(u"--kill-at"_s).toInt(), option(u"--kill-after"_s).toUtf8()));
    Workshop workshop(
        makeRegistry(directory, option(u"--kept"_s)), {{plan.host, *host}, {plan.alsoHosts.value(0), *other}}, journal);
    return workshop.wait(workshop.jobs.run(plan)) ? 0 : 2;
}

} // namespace

std::optional<int> killPairMain(int &argc, char **argv)
{
    if (argc < 2 || qstrcmp(argv[1], "--kill-child") != 0) {
        return std::nullopt;
    }
    const QCoreApplication application(argc, argv);
    return runChild(QCoreApplication::arguments());
}

KillPair::KillPair(MigrationHosts &hosts, QString kept)
    : m_hosts(hosts)
    , m_kept(std::move(kept))
{}

std::shared_ptr<const job::Journal> KillPair::freshJournal()
{
    return std::make_shared<const job::Journal>(m_directory.filePath(u"journal-%1"_s.arg(++m_journals)));
}

job::Plan KillPair::foreign(const job::Plan &plan)
{
    QByteArray text = QJsonDocument(plan.toJson()).toJson();
    for (const virt::HostId &id : QList<virt::HostId>{plan.host} + plan.alsoHosts) {
        text.replace(id.toByteArray(QUuid::WithoutBraces), QUuid::createUuid().toByteArray(QUuid::WithoutBraces));
    }
    return job::Plan::fromJson(QJsonDocument::fromJson(text).object());
}

bool KillPair::start(QProcess &child, const PairOrder &order)
{
    const QString path = order.journal + u"-plan.json"_s;
    QFile file(path);
    const QByteArray text = QJsonDocument(order.plan.toJson()).toJson();
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) {
        return false;
    }
    file.close();
    const QStringList arguments{u"--kill-child"_s, u"--plan"_s, path, u"--host"_s, order.host, u"--other"_s,
        order.other, u"--journal"_s, order.journal, u"--kept"_s, m_kept, u"--kill-at"_s, QString::number(order.killAt),
        u"--kill-after"_s, order.killAfter};
    child.setProcessChannelMode(QProcess::ForwardedChannels);
    const QString program = QCoreApplication::applicationFilePath();
    if (order.inside.isEmpty()) {
        child.start(program, arguments);
    } else {
        m_hosts.bed.startInside(child, order.inside, QStringList{program} + arguments);
    }
    return child.waitForStarted();
}

bool KillPair::wait(QProcess &child, bool &isBroken) const
{
    isBroken = !child.waitForFinished(timeoutMs);
    const bool wasKilled = child.exitStatus() == QProcess::CrashExit && child.exitCode() == SIGKILL;
    isBroken = isBroken || (!wasKilled && (child.exitStatus() != QProcess::NormalExit || child.exitCode() != 0));
    return wasKilled;
}

std::optional<job::JobRecord> KillPair::recover(
    const std::shared_ptr<const job::Journal> &journal, Recovery recovery) const
{
    const auto entries = journal->list();
    if (!entries || entries->isEmpty()) {
        return std::nullopt;
    }
    const job::JobRecord &ended = entries->constFirst().record;
    if (entries->constFirst().standing == JournalEntry::Standing::Finished
        && (ended.state != JobState::Stuck || recovery != Recovery::Undo)) {
        return ended;
    }
    Workshop workshop(makeRegistry(journal->directory(), m_kept),
        {{QUuid::createUuid(), m_hosts.connection(MigrationHosts::a())},
            {QUuid::createUuid(), m_hosts.connection(MigrationHosts::b())}},
        journal,
        {{m_hosts.peerUri(MigrationHosts::a()), m_hosts.uri(MigrationHosts::a())},
            {m_hosts.peerUri(MigrationHosts::b()), m_hosts.uri(MigrationHosts::b())}});
    const QList<job::JobId> found = workshop.load();
    if (found.size() != 1 || !workshop.jobs.recover(found.constFirst(), recovery)
        || !workshop.wait(found.constFirst())) {
        return job::JobRecord();
    }
    return *workshop.jobs.job(found.constFirst());
}

} // namespace vireo::test
