// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "killbed.h"

#include "backend/virt/virerror.h"

namespace vireo::test {

QString KillBed::setUp()
{
    virt::quietLibvirt();
    m_loop = std::make_unique<virt::EventLoop>();
    m_bed = std::make_unique<TestBed>();
    if (!m_bed->isUp()) {
        return m_bed->errorText();
    }
    const auto connection = virt::Connection::open(m_bed->uri(QStringLiteral("A")), false, {});
    if (!connection) {
        return connection.error().message;
    }
    m_connection = *connection;
    m_harness = std::make_unique<KillHarness>(*m_bed, m_connection, m_host);
    return {};
}

void KillBed::tearDown()
{
    m_harness.reset();
    m_connection.reset();
    m_bed.reset();
    m_loop.reset();
}

} // namespace vireo::test
