// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDir>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/operation/create/create.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "tests/support/testbed.h"

namespace vireo::test {

/// A private host and what creates on it: the plan and the JobManager with its journal, as the program has them. Reads
/// back with virsh. For tests of creation; one per test program, on its main thread.
class CreateHost final
{
    Q_DISABLE_COPY_MOVE(CreateHost)

public:
    CreateHost()
    {
        virt::quietLibvirt();
        if (!bed.isUp()) {
            m_problem = bed.errorText();
            return;
        }
        const auto opened = virt::Connection::open(uri(), false, {});
        if (!opened) {
            m_problem = opened.error().message;
            return;
        }
        connection = *opened;
        job::StepRegistry registry;
        operation::registerSteps(registry);
        jobs = makeJobs(registry);
    }

    /// One more manager, for a test that changes what steps do. Must be gone before this.
    std::unique_ptr<job::JobManager> makeJobs(const job::StepRegistry &registry)
    {
        job::JournalAccess journal;
        journal.journal = std::make_shared<job::Journal>(m_state.filePath(QStringLiteral("jobs")));
        journal.uriOf = [this](const virt::HostId &id) {
            return id == host ? uri() : QString();
        };
        journal.hostOf = [this](const QString &text) {
            return text == uri() ? host : virt::HostId();
        };
        return std::make_unique<job::JobManager>(
            registry, [c = connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; }, journal);
    }

    /// Empty when everything is there.
    QString problem() const { return m_problem; }
    QString uri() const { return bed.uri(QStringLiteral("A")); }

    /// Emulated, without a card: the bed has no network, and many machines that run tests have no KVM.
    operation::CreateDraft draft(const QString &name, const QString &path = {}) const
    {
        operation::CreateDraft draft;
        draft.host = uri();
        draft.name = name;
        draft.path = path;
        draft.memoryMiB = 32;
        draft.virtType = operation::CreateDraft::VirtType::Qemu;
        return draft;
    }

    /// Says on standard error why a plan is blocked; tests look at isBlocked().
    job::Plan plan(const operation::CreateDraft &draft)
    {
        const auto facts = operation::readCreateFacts(*connection, host, draft);
        if (!facts) {
            qWarning("%s", qPrintable(facts.error().message));
            return {};
        }
        job::Plan plan = operation::planCreate(draft, *facts);
        for (const job::Finding &finding : std::as_const(plan.findings)) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                qInfo("blocked: %s %s", qPrintable(finding.text), qPrintable(finding.cause));
            }
        }
        return plan;
    }

    bool wait(const job::JobId &id) { return wait(*jobs, id); }
    static bool wait(const job::JobManager &manager, const job::JobId &id)
    {
        return QTest::qWaitFor([&] { return manager.job(id) && manager.job(id)->isFinished(); }, 120000);
    }

    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = jobs->run(plan);
        return wait(id) ? *jobs->job(id) : job::JobRecord{};
    }

    /// What a failing test shows of a job.
    static QByteArray text(const job::JobRecord &record)
    {
        return (record.error.message + u'\n' + record.remains.join(u'\n') + u'\n' + record.log.join(u'\n')).toUtf8();
    }

    QString virsh(const QStringList &arguments) { return bed.virsh(QStringLiteral("A"), arguments).output; }
    QString state(const QString &domain) { return virsh({QStringLiteral("domstate"), domain}).trimmed(); }
    QStringList domains() { return words({QStringLiteral("list"), QStringLiteral("--all"), QStringLiteral("--name")}); }
    QStringList pools()
    {
        return words({QStringLiteral("pool-list"), QStringLiteral("--all"), QStringLiteral("--name")});
    }
    /// What virsh says in XML; an element "none" when it says nothing.
    xml::Document document(const QStringList &arguments)
    {
        auto parsed = xml::Document::parse(virsh(arguments));
        return parsed ? std::move(*parsed) : xml::Document::create(QStringLiteral("none"));
    }
    xml::Document volumeXml(const QString &name)
    {
        return document({QStringLiteral("vol-dumpxml"), name, QStringLiteral("--pool"), QStringLiteral("default")});
    }
    /// The directory of the default pool, on the host.
    QString poolDirectory()
    {
        const auto target = virt::storage::defaultPoolTarget(*connection);
        return target ? *target : QString();
    }
    /// The files in it, whatever libvirt remembers of them.
    QStringList files()
    {
        const QString found = bed.exec(QStringLiteral("A"),
                                     {QStringLiteral("find"), poolDirectory(), QStringLiteral("-type"),
                                         QStringLiteral("f"), QStringLiteral("-printf"), QStringLiteral("%f\\n")})
                                  .output;
        QStringList result = found.split(u'\n', Qt::SkipEmptyParts);
        result.sort();
        return result;
    }
    /// Output of a program that looks at a file of the pool.
    QString look(const QStringList &command) { return bed.exec(QStringLiteral("A"), command).output.trimmed(); }

private:
    QStringList words(const QStringList &arguments)
    {
        QStringList result = virsh(arguments).simplified().split(u' ', Qt::SkipEmptyParts);
        result.sort();
        return result;
    }

    virt::EventLoop m_loop;
    QTemporaryDir m_state;
    QString m_problem;

public:
    TestBed bed;
    const virt::HostId host = QUuid::createUuid();
    virt::ConnectionPtr connection;
    std::unique_ptr<job::JobManager> jobs;
};

} // namespace vireo::test
