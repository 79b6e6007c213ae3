// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/guestfreeze.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include <QCoreApplication>

#include "backend/virt/guest.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace guest = virt::guest;

struct GuestFreezeText {
    Q_DECLARE_TR_FUNCTIONS(operation_guestFreeze)
};

constexpr auto frozenKey = "frozen"_L1;
constexpr int thawAttempts = 2;
/** For an agent that has just not answered. */
constexpr auto leftoverPatience = 10s;
/** VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK: what libvirt does unless it is told otherwise. */
constexpr auto libvirtsPatience = -2s;

Result<> thawNow(const DomainTarget &target)
{
    Result<> outcome;
    for (int attempt = 0; attempt < thawAttempts; ++attempt) {
        const auto thawed = guest::thaw(*target.connection, target.uuid);
        outcome = thawed ? Result<>() : fail(thawed.error());
        if (outcome || outcome.error().kind == Error::Kind::Disconnected) {
            break;
        }
    }
    return outcome;
}

} // namespace

struct GuestFreeze::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    bool expired = false;
};

GuestFreeze::GuestFreeze(const DomainTarget &target, job::StepContext &context)
    : m_target(target)
    , m_context(context)
    , m_shared(std::make_shared<Shared>())
    , m_lane(u"freeze-limit"_s)
{}

GuestFreeze::~GuestFreeze()
{
    if (const Result<> thawed = thaw(); !thawed) {
        m_context.log(thawed.error().message);
    }
}

Result<> GuestFreeze::noteFrozen(bool frozen)
{
    return m_context.note(QString(frozenKey), frozen);
}

Result<> GuestFreeze::freeze(std::chrono::seconds patience, std::chrono::seconds limit)
{
    if (const Result<> known = noteFrozen(true); !known) {
        return known;
    }
    m_frozen = true;
    // Without it libvirt waits for a hanging agent for ever.
    Result<> outcome = guest::setAgentTimeout(*m_target.connection, m_target.uuid, patience);
    if (outcome) {
        const auto frozen = guest::freeze(*m_target.connection, m_target.uuid);
        outcome = frozen ? Result<>() : fail(frozen.error());
    }
    if (!outcome) {
        // An agent that answers too late has frozen all the same.
        if (const Result<> thawed = thaw(); !thawed) {
            m_context.log(thawed.error().message);
        }
        return fail({outcome.error().kind, outcome.error().message,
            GuestFreezeText::tr("Look whether the guest agent still answers, or take the snapshot without freezing."),
            outcome.error().code, outcome.error().domain});
    }
    m_lane.post([target = m_target, shared = m_shared, limit] {
        std::unique_lock lock(shared->mutex);
        if (shared->changed.wait_for(lock, limit, [&shared] { return shared->done; })) {
            return;
        }
        shared->expired = true;
        lock.unlock();
        static_cast<void>(thawNow(target)); // once more by the step's own thread, which says how it went
    });
    return {};
}

Result<> GuestFreeze::thaw()
{
    if (!std::exchange(m_frozen, false)) {
        return {};
    }
    bool expired = false;
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->done = true;
        expired = m_shared->expired;
    }
    m_shared->changed.notify_all();
    const Result<> thawed = thawNow(m_target);
    static_cast<void>(guest::setAgentTimeout(*m_target.connection, m_target.uuid, libvirtsPatience));
    if (!thawed) {
        return fail({thawed.error().kind,
            GuestFreezeText::tr("The file systems of %1 may still be frozen: %2")
                .arg(m_target.name, thawed.error().message),
            GuestFreezeText::tr("Thaw them in the guest (fsfreeze -u), or reset the VM."), thawed.error().code,
            thawed.error().domain});
    }
    if (const Result<> known = noteFrozen(false); !known) {
        m_context.log(known.error().message);
    }
    if (expired) {
        return fail(
            {Error::Kind::TimedOut, GuestFreezeText::tr("The guest was frozen for too long and has been thawed early."),
                GuestFreezeText::tr("Try again when the host is less busy."), 0, 0});
    }
    return {};
}

Result<> GuestFreeze::thawLeftovers(const DomainTarget &target, job::StepContext &context)
{
    if (!context.results().value(frozenKey).toBool()) {
        return {};
    }
    const auto state = target.state();
    if (!state) {
        return fail(state.error());
    }
    if (isActive(*state)) {
        static_cast<void>(guest::setAgentTimeout(*target.connection, target.uuid, leftoverPatience));
        const Result<> thawed = thawNow(target);
        static_cast<void>(guest::setAgentTimeout(*target.connection, target.uuid, libvirtsPatience));
        if (!thawed) {
            // Nothing else would become better by stopping here.
            context.log(GuestFreezeText::tr("The file systems of %1 may still be frozen: %2")
                    .arg(target.name, thawed.error().message));
            return {};
        }
    }
    return context.note(QString(frozenKey), false);
}

} // namespace vireo::operation
