// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QHash>

#include "backend/job/jobmanager.h"
#include "backend/virt/connection.h"
#include "backend/virt/eventloop.h"
#include "tests/support/testbed.h"

namespace vireo::test {

/// Private hosts with open connections, and a JobManager with its journal, as in the program. Base of the fixtures for
/// snapshots and migrations; one per test program, on its main thread. What says bool says on standard error why it is
/// false.
class PlanBed
{
    Q_DISABLE_COPY_MOVE(PlanBed)

public:
    /// Empty when everything is there.
    QString problem() const { return m_problem; }

    // ---- hosts
    QString uri(const QString &host = QStringLiteral("A")) const { return bed.uri(host); }
    virt::HostId id(const QString &host = QStringLiteral("A")) const { return m_ids.value(host); }
    /// Opened anew when its daemon was killed. Null: the host does not answer.
    virt::ConnectionPtr connection(const QString &host = QStringLiteral("A")) const;
    QString virsh(const QStringList &arguments, const QString &host = QStringLiteral("A"));
    /// "0600"
    static QString mode(const QString &path);
    /// An image's content, as a raw image; read by qemu-img on a host. `internal`: an internal snapshot in the file.
    /// Empty: can't be read.
    QByteArray content(const QString &image, const QString &format, const QString &internal = {},
        const QString &host = QStringLiteral("A"));

    // ---- plans
    /// Says on standard error what blocks it.
    static bool canRun(const job::Plan &plan);
    job::JobRecord run(const job::Plan &plan);
    bool wait(const job::JobId &id);
    /// What a failing test shows of a job.
    static QByteArray text(const job::JobRecord &record);
    /// One more manager, for a test that changes what steps do. Must be gone before this.
    std::unique_ptr<job::JobManager> makeJobs(const job::StepRegistry &registry);

protected:
    explicit PlanBed(const QStringList &hosts);
    ~PlanBed();
    /// Defines and starts a pool of that directory of the host, unless it is there.
    bool makePool(const QString &host, const QString &name, const QString &directory);
    static bool fails(const QString &why);

    QString m_problem;
    const QStringList m_names; // NOLINT: never assigned

private:
    struct Connections;
    virt::EventLoop m_loop;
    QTemporaryDir m_state;
    QHash<QString, virt::HostId> m_ids;
    std::shared_ptr<Connections> m_open;

public:
    TestBed bed;
    std::unique_ptr<job::JobManager> jobs;
};

} // namespace vireo::test
