// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/cold/sendwatch_p.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

struct SendWatchText {
    Q_DECLARE_TR_FUNCTIONS(operation_sendwatch)
};

} // namespace

SendWatch::SendWatch(virt::ConnectionPtr source, const QUuid &domain)
    : m_source(std::move(source))
    , m_domain(domain)
    , m_lane(u"vireo-figures"_s)
{}

std::optional<virt::migration::Figures> SendWatch::look()
{
    std::optional<virt::migration::Figures> now;
    if (m_asked.valid()) {
        if (m_asked.wait_for(0s) != std::future_status::ready) {
            return now;
        }
        if (const auto answer = m_asked.get(); answer && answer->diskTotal > 0) {
            now = *answer;
            if (now->diskProcessed != m_last.diskProcessed || now->memoryProcessed != m_last.memoryProcessed) {
                m_moved = Clock::now();
            }
            m_last = *now;
        }
    }
    const auto answer = std::make_shared<std::promise<Result<virt::migration::Figures>>>();
    m_asked = answer->get_future();
    m_lane.post([answer, source = m_source, domain = m_domain] {
        answer->set_value(virt::migration::figures(*source, domain));
    });
    return now;
}

bool SendWatch::isStalled() const
{
    // Before it has begun libvirt waits for an answer of the other host, and has a limit of its own.
    const bool isSent = m_last.diskProcessed >= m_last.diskTotal;
    return m_last.diskTotal > 0 && Clock::now() - m_moved > (isSent ? patienceAtTheEnd : patience);
}

Error SendWatch::stalledError()
{
    constexpr auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience).count();
    return {Error::Kind::TimedOut,
        SendWatchText::tr("Nothing of the disk has reached the destination for %1 s.").arg(seconds),
        SendWatchText::tr(
            "Look at the network between the two hosts, and at the destination's storage; then try again. "
            "The source is as it was."),
        0, 0};
}

} // namespace vireo::operation
