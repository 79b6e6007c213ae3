// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QDateTime>
#include <QDeadlineTimer>

#include "backend/base/pause.h"
#include "backend/migration/statereasons.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/migrate/migratesavedstep_p.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/virt/leftovers.h"
#include "backend/virt/savedstate.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/** The part of the destination; that of the source is migratesavesteps.cpp. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using job::Reality;
using migration::Side;

struct MigrateRestoreText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateRestore)
};

constexpr auto lookAgain = 250ms;
constexpr auto standsPatience = 10s; ///< what was read whole goes on at once
constexpr auto readPatience = 600s;  ///< of a daemon that reads a large guest
constexpr auto unseenPatience = 1s;  ///< a call that a killed process had sent, and that shows nothing yet

/** Paused by a person, or by what only happens to a guest that runs. */
bool pausedInLife(const Side &side)
{
    constexpr int watchdog = 6;     // VIR_DOMAIN_PAUSED_WATCHDOG
    constexpr int shuttingDown = 8; // VIR_DOMAIN_PAUSED_SHUTTING_DOWN
    constexpr int crashed = 10;     // VIR_DOMAIN_PAUSED_CRASHED
    constexpr std::array reasons{
        migration::reasons::pausedUser, migration::reasons::pausedIoError, watchdog, shuttingDown, crashed};
    return isPaused(side) && std::ranges::find(reasons, side.reason) != reasons.end();
}

/** Its memory is being read: libvirt ends a guest that does not get beyond that. */
bool startsUp(const Side &side)
{
    constexpr int startingUp = 11; // VIR_DOMAIN_PAUSED_STARTING_UP
    return isPaused(side) && side.reason == startingUp;
}

} // namespace

bool SavedPassage::hasArrived(const Side &there) const
{
    const bool mayStand = migratenotes::noted(m_context, u"paused"_s).toBool();
    return isRunning(there) || pausedInLife(there) || (isPaused(there) && mayStand && !startsUp(there));
}

// ---- migrate.restore

/** What was edited by hand holds no passwords: they come from the source's definition. */
Result<> SavedPassage::define(virt::Connection &source)
{
    const auto options = optionsFromJson(m_step.parameters.value("options"_L1).toObject());
    if (!options.persistent) {
        return {};
    }
    const auto rewrite = MigrateRewrite::fromJson(m_step.parameters.value("rewrite"_L1).toObject());
    const auto secure = virt::migration::migratableXml(source, m_domain, true);
    const auto stored = secure ? destinationXml(*secure, rewrite, text(m_step, u"persistentXml"_s)) : secure;
    const auto defined = stored ? domains::define(*m_destination, *stored) : fail(stored.error());
    return defined ? Result<>() : fail(defined.error());
}

Result<> SavedPassage::putThere()
{
    const auto rewrite = MigrateRewrite::fromJson(m_step.parameters.value("rewrite"_L1).toObject());
    const auto secure = virt::savedstate::definition(*m_source, m_file, true);
    const auto live = secure ? destinationXml(*secure, rewrite, text(m_step, u"xml"_s)) : secure;
    if (!live) {
        return fail(live.error());
    }
    const QString file = m_fileThere.isEmpty() ? m_file : m_fileThere;
    if (const Result<> complete = checkFile(*m_destination, file); !complete) {
        return complete;
    }
    if (const Result<> known = note(u"restoring"_s, true); !known) {
        return known;
    }
    Result<> called = define(*m_source);
    if (called) {
        called = domains::restore(*m_destination, file, *live, migratenotes::noted(m_context, u"paused"_s).toBool());
    }
    m_error = called ? std::optional<Error>() : called.error();
    return {};
}

/** It is there, and does not run yet: a restore that a former process had begun goes on without it. */
Result<> SavedPassage::waitThere(const Side &there)
{
    Side now = there;
    const QDeadlineTimer soon(standsPatience);
    const QDeadlineTimer late(readPatience);
    while (isActive(now) && !hasArrived(now) && !(startsUp(now) ? late : soon).hasExpired()) {
        pauseFor(lookAgain, {});
        const auto next = sideOf(m_destination);
        if (!next) {
            return fail(next.error());
        }
        now = *next;
    }
    if (!isActive(now) || hasArrived(now)) {
        return {};
    }
    // Nothing runs at the source: this is the one copy that may go on.
    return domains::resume(*m_destination, m_domain);
}

/** An earlier run was ended when the guest was there: what it had left to do. */
Result<> SavedPassage::clearAfterMove()
{
    for (const Result<> &connected : {connectSource({}), connectDestination({})}) {
        if (!connected) {
            migratenotes::addProblem(m_context,
                MigrateRestoreText::tr("What is left of %1 at the source was not cleared away: %2")
                    .arg(m_name, connected.error().message));
            return m_context.note(migratenotes::pastUndo, true);
        }
    }
    return moved();
}

Result<> SavedPassage::restore()
{
    if (migratenotes::hasMoved(m_context)) {
        return clearAfterMove();
    }
    for (const Result<> &connected : {connectSource(m_context.stop()), connectDestination(m_context.stop())}) {
        if (!connected) {
            return connected;
        }
    }
    for (bool tried = false;;) {
        const auto here = sideOf(m_source);
        const auto there = sideOf(m_destination);
        if (!here || !there) {
            return fail(!here ? here.error() : there.error());
        }
        if (isActive(*here)) {
            return fail(Error::failed(MigrateRestoreText::tr("%1 runs at the source.").arg(m_name)));
        }
        if (!noted(u"saved"_s)) {
            return fail(Error::invalid(MigrateRestoreText::tr("%1 was not saved.").arg(m_name)));
        }
        if (there->exists && !noted(u"restoring"_s)) {
            return fail(Error::failed(
                MigrateRestoreText::tr("The destination already has a VM with the UUID of %1.").arg(m_name)));
        }
        if (isActive(*there)) {
            if (hasArrived(*there)) {
                return moved();
            }
            if (const Result<> gone = waitThere(*there); !gone) {
                return gone;
            }
            continue;
        }
        if (m_context.isCancelled()) {
            return fail(Error::cancelled());
        }
        if (tried) {
            Error error =
                m_error.value_or(Error::failed(MigrateRestoreText::tr("%1 went off at the destination.").arg(m_name)));
            return fail(error);
        }
        if (!isAsSaved(*here)) {
            return fail(
                Error::failed(MigrateRestoreText::tr("%1 has run at the source since it was saved.").arg(m_name)));
        }
        tried = true;
        if (const Result<> put = putThere(); !put) {
            return put;
        }
    }
}

void SavedPassage::noteTimes()
{
    QJsonObject shown = m_context.results().value(migratenotes::outcome).toObject();
    const double saved = migratenotes::noted(m_context, u"saved"_s).toDouble();
    if (saved <= 0 || shown.contains("downtimeMs"_L1)) {
        return;
    }
    const double stood = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) - saved;
    shown.insert(u"totalMs"_s, stood);
    shown.insert(u"downtimeMs"_s, stood);
    if (const Result<> written = m_context.note(migratenotes::outcome, shown); !written) {
        m_context.log(written.error().message);
    }
}

/** So that the selection follows the guest, and its page shows what came of it. */
void SavedPassage::publishArrival() const
{
    if (!m_feed) {
        return;
    }
    MigrationPicture picture;
    picture.domain = {m_context.plan().host, m_domain};
    picture.domainName = m_name;
    picture.destination = m_to;
    picture.destinationName = text(m_step, u"toName"_s);
    picture.peerToPeer = false;
    picture.diagnosis.kind = migration::Diagnosis::Kind::Completed;
    const auto stood = static_cast<quint64>(
        m_context.results().value(migratenotes::outcome).toObject().value("totalMs"_L1).toDouble());
    virt::migration::Figures figures;
    figures.type = virt::migration::Figures::Type::Completed;
    figures.elapsedMs = figures.downtimeMs = stood;
    for (const job::Step &step : m_context.plan().steps) {
        if (step.type == "volume.relay"_L1) { // also what went while it ran
            figures.memoryProcessed += step.bytes;
        }
    }
    picture.completed = figures;
    picture.history.end(static_cast<qint64>(stood), migration::Phase::Done, figures);
    m_feed->publish(picture);
}

void SavedPassage::leave(const virt::ConnectionPtr &connection, const QString &file)
{
    if (const Result<> deleted = deleteLayer(connection, file); !deleted) {
        migratenotes::addProblem(m_context,
            MigrateRestoreText::tr("The memory of %1 was left in “%2” on %3: %4")
                .arg(m_name, file, connection->uri(), deleted.error().message));
    }
}

/** The guest is at the destination. From here on nothing is an error any more. */
Result<> SavedPassage::moved()
{
    for (const Result<> &written : {note(u"moved"_s, true), m_context.note(migratenotes::pastUndo, true)}) {
        if (!written) {
            m_context.log(written.error().message);
        }
    }
    noteTimes();
    const MigrateSides sides{migration::readSide(*m_source, m_domain), migration::readSide(*m_destination, m_domain)};
    const auto options = optionsFromJson(m_step.parameters.value("options"_L1).toObject());
    if (sides.source.exists && !isActive(sides.source) && options.undefineSource) {
        RemedyOrder order;
        order.domain = m_domain;
        order.name = m_name;
        if (const Result<> cleared = clearSource(*m_source, sides, order); !cleared) {
            migratenotes::addProblem(m_context, cleared.error().message);
        }
    }
    leave(m_source, m_file);
    if (!m_fileThere.isEmpty()) {
        leave(m_destination, m_fileThere);
    }
    publishArrival();
    return {};
}

// ---- its undo

Result<> SavedPassage::takeAway()
{
    if (migratenotes::hasMoved(m_context)) {
        m_context.log(MigrateRestoreText::tr("%1 runs at the destination; that is not taken back.").arg(m_name));
        return clearAfterMove();
    }
    if (!noted(u"restoring"_s)) {
        return {};
    }
    for (const Result<> &connected : {connectSource({}), connectDestination({})}) {
        if (!connected) {
            return connected;
        }
    }
    const QDeadlineTimer unseen(unseenPatience);
    for (;;) {
        const auto here = sideOf(m_source);
        const auto there = sideOf(m_destination);
        if (!here || !there) {
            return fail(!here ? here.error() : there.error());
        }
        if (hasArrived(*there) && !isActive(*here)) {
            m_context.log(MigrateRestoreText::tr("%1 runs at the destination; that is not taken back.").arg(m_name));
            return moved();
        }
        if (hasArrived(*there)) {
            return fail(Error::failed(MigrateRestoreText::tr("%1 is active on both hosts.").arg(m_name)));
        }
        if (isActive(*there)) {
            if (const Result<> gone = waitThere(*there); gone) {
                continue;
            }
            // It never ran, and does not: what it was made of is at the source.
            if (const Result<> ended = domains::destroy(*m_destination, m_domain); !ended) {
                return ended;
            }
            continue;
        }
        if (!there->exists && unseen.hasExpired()) {
            return {};
        }
        if (there->exists) { // it waits for a restore that has begun
            if (const Result<> forgotten = virt::undefineKeepingFiles(*m_destination, m_domain); !forgotten) {
                return forgotten;
            }
        }
        pauseFor(lookAgain, {});
    }
}

Result<Reality> SavedPassage::lookAtRestored()
{
    if (migratenotes::hasMoved(m_context)) {
        return Reality{Effect::Present, MigrateRestoreText::tr("%1 is at the destination.").arg(m_name)};
    }
    auto destination = m_context.connection(m_to);
    if (!destination) {
        return fail(destination.error());
    }
    m_destination = *std::move(destination);
    const auto there = sideOf(m_destination);
    if (!there) {
        return fail(there.error());
    }
    if (noted(u"restoring"_s) && hasArrived(*there)) {
        return Reality{Effect::Present, MigrateRestoreText::tr("%1 is at the destination.").arg(m_name)};
    }
    return there->exists && noted(u"restoring"_s)
        ? Reality{Effect::Partial, MigrateRestoreText::tr("%1 does not run at the destination yet.").arg(m_name)}
        : Reality{Effect::Absent, MigrateRestoreText::tr("%1 is not at the destination.").arg(m_name)};
}

} // namespace vireo::operation
