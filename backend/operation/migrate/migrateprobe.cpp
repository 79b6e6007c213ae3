// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include "backend/operation/migrate/migratepair_p.h"
#include "backend/operation/probedomain.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

using Clock = std::chrono::steady_clock;
using Reach = MigratePair::Reach;
using virt::migration::Options;

constexpr auto daemonPatience = 6s;
constexpr auto dataPatience = 10s;
constexpr int configUnsupported = 67; // VIR_ERR_CONFIG_UNSUPPORTED: the destination compared the definitions

qint64 since(Clock::time_point begin)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

/** libvirt's words, or what became of the time. */
void failed(Reach &reach, Reach::State state, const Error &error)
{
    reach.state = state;
    reach.error = error.message;
}

void probePeer(ProbeDomain &domain, const MigrateDraft &draft, Reach &reach, const std::stop_token &stop)
{
    Options options = probeOptions(draft);
    options.destinationUri = reach.uri;
    // A definition that does not match is compared only by a daemon that was reached: nothing is begun there.
    Options wrong = options;
    wrong.destinationXml = domain.xml(2);
    const Result<> asked = domain.migrate(wrong, false, daemonPatience, stop);
    const bool isReached =
        asked || asked.error().code == configUnsupported || asked.error().message.contains("vCPU"_L1);
    if (!isReached) {
        failed(reach, Reach::State::NoDaemon, asked.error());
        return;
    }
    const auto begin = Clock::now();
    const Result<> moved = domain.migrate(options, false, dataPatience, stop);
    if (moved) {
        reach.state = Reach::State::Yes;
        reach.ms = since(begin);
    } else {
        failed(reach, Reach::State::NoData, moved.error());
    }
}

} // namespace

Options probeOptions(const MigrateDraft &draft)
{
    Options options;
    options.persistent = false;
    options.undefineSource = false;
    options.tls = draft.tls;
    options.tunnelled = draft.path == MigrateDraft::Path::Tunnelled;
    options.migrateUri = draft.migrateUri;
    options.listenAddress = draft.listenAddress;
    return options;
}

void probe(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination, const MigrateSource &vm,
    const MigrateDraft &draft, MigratePair &pair, const std::stop_token &stop)
{
    const auto begun = [](const Result<> &started, Reach &reach) {
        if (!started) {
            reach.error = started.error().message; // says nothing of the way between the hosts
        }
        return started.has_value();
    };
    if (draft.path != MigrateDraft::Path::Direct && !pair.reach.uri.isEmpty()) {
        ProbeDomain domain(source, destination, vm.liveXml);
        if (begun(domain.start(), pair.reach)) {
            probePeer(domain, draft, pair.reach, stop);
        }
    }
    const bool needsDirect = draft.path == MigrateDraft::Path::Direct
        || (draft.path == MigrateDraft::Path::Auto && pair.reach.state != Reach::State::Yes);
    if (!needsDirect || stop.stop_requested()) {
        return;
    }
    ProbeDomain domain(source, destination, vm.liveXml);
    if (!begun(domain.start(), pair.direct)) {
        return;
    }
    Options options = probeOptions(draft);
    options.peerToPeer = false;
    options.tunnelled = false;
    const auto begin = Clock::now();
    const Result<> moved = domain.migrate(options, true, dataPatience, stop);
    if (moved) {
        pair.direct.state = Reach::State::Yes;
        pair.direct.ms = since(begin);
    } else {
        failed(pair.direct, Reach::State::NoData, moved.error());
    }
}

} // namespace vireo::operation
