// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"
#include "backend/virt/eventloop.h"
#include "killharness.h"
#include "testbed.h"

namespace vireo::test {

/// One private host, ours to kill jobs on. Base of tests that use KillHarness; their main thread.
class KillBed
{
    Q_DISABLE_COPY_MOVE(KillBed)

protected:
    KillBed() = default;
    ~KillBed() = default;

    /// Starts the host. What is wrong; empty: nothing.
    QString setUp();
    void tearDown();

    /// What differs little from other rows is run by the soak alone.
    static bool isSoak() { return qEnvironmentVariableIsSet("VIREO_KILL_ALWAYS"); }
    /// As another process would have planned it.
    static job::Plan foreign(job::Plan plan)
    {
        plan.host = QUuid::createUuid();
        return plan;
    }
    [[nodiscard]] QString virsh(const QStringList &arguments) const
    {
        return m_bed->virsh(QStringLiteral("A"), arguments).output;
    }

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    const virt::HostId m_host = QUuid::createUuid(); // NOLINT: never assigned
    std::unique_ptr<KillHarness> m_harness;
};

} // namespace vireo::test
