// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/operation/migrate/migraterun_p.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/virt/domains.h"
#include "backend/virt/leftovers.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace calls = virt::migration;
namespace domains = virt::domains;
using migration::Diagnosis;
using migration::Phase;

struct MigrateRunText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrateRun)
};

constexpr auto reconnectPatience = 60s;
constexpr auto watchedReconnectPatience = 600s; ///< somebody sees that it waits, and may cancel
constexpr auto settlePatience = 5s;             ///< for what passes by itself: one side ends after the other
constexpr auto libvirtPatience = 45s;           ///< where libvirt is about to decide
constexpr auto settlePeriod = 250ms;
constexpr auto watchPeriod = 500ms;
constexpr auto personPeriod = 500ms;
constexpr quint64 kibibyte = 1024;
constexpr quint64 progressSteps = 1000; ///< of a step whose bytes nobody knows

/** It passes by itself, or needs a person. */
bool mayPass(const Diagnosis &diagnosis)
{
    using Kind = Diagnosis::Kind;
    const Kind kind = diagnosis.kind;
    return kind == Kind::SourceWaits || kind == Kind::DestinationWaits || kind == Kind::CleanUpSource
        || kind == Kind::PostCopyBroken || kind == Kind::GuestLost || kind == Kind::Unknown
        || (kind != Kind::Running && diagnosis.remedy == Diagnosis::Remedy::Wait);
}

} // namespace

MigrateRun::MigrateRun(
    const job::Step &step, job::StepContext &context, std::shared_ptr<MigrationSink> feed, QString historyDirectory)
    : m_step(step)
    , m_context(context)
    , m_feed(std::move(feed))
    , m_historyDirectory(std::move(historyDirectory))
    , m_to(migratenotes::destinationId(step))
    , m_domain(QUuid::fromString(text(step, u"uuid"_s)))
    , m_name(context.plan().domainName)
    , m_options(optionsFromJson(step.parameters.value("options"_L1).toObject()))
    , m_rewrite(MigrateRewrite::fromJson(step.parameters.value("rewrite"_L1).toObject()))
    , m_wasPaused(migratenotes::noted(context, u"paused"_s).toBool())
    , m_wasPostCopy(migratenotes::noted(context, u"postCopy"_s).toBool())
{
    if (m_domain.isNull()) {
        m_domain = context.plan().domain;
    }
    if (const auto policy = migration::Policy::fromJson(step.parameters.value("policy"_L1).toObject())) {
        m_policy = *policy;
    }
}

// ---- both hosts

Result<> MigrateRun::connect(const std::stop_token &stop)
{
    const auto patience = m_feed ? watchedReconnectPatience : reconnectPatience;
    auto source = migratenotes::reach(m_context, m_context.plan().host, patience, stop);
    if (!source) {
        return fail(source.error());
    }
    m_source = *std::move(source);
    auto destination = migratenotes::reach(m_context, m_to, patience, stop);
    if (!destination) {
        return fail(destination.error());
    }
    m_destination = *std::move(destination);
    if (const auto record = m_memory == 0 ? domains::read(*m_source, m_domain) : fail(Error()); record) {
        m_memory = record->memoryKiB * kibibyte;
    }
    return {};
}

RemedyOrder MigrateRun::remedyOrder() const
{
    return {
        m_domain, m_name, m_options.undefineSource, m_wasPostCopy, m_wasPaused || m_options.paused, m_options.offline};
}

Diagnosis MigrateRun::judged(const MigrateSides &sides) const
{
    return judge(sides, remedyOrder());
}

/** Of the connections that there are: a host that can't be reached for long is not asked. */
Result<MigrateSides> MigrateRun::read(const std::stop_token &stop)
{
    MigrateSides sides;
    for (int attempt = 1;; ++attempt) {
        sides = {migration::readSide(*m_source, m_domain), migration::readSide(*m_destination, m_domain)};
        if (sides.source.asked && sides.destination.asked) {
            return sides;
        }
        // The guest runs on where it was: whatever has become of the other host.
        if (judged(sides).kind == Kind::RolledBack || attempt > 1) {
            return sides;
        }
        m_context.log(MigrateRunText::tr("The connection to a host was lost; waiting for it."));
        if (const Result<> connected = connect(stop); !connected && stop.stop_requested()) {
            return fail(connected.error());
        }
    }
}

Result<Diagnosis> MigrateRun::settled(const std::stop_token &stop)
{
    const QDeadlineTimer soon(settlePatience);
    const QDeadlineTimer late(libvirtPatience);
    for (;;) {
        const auto sides = read(stop);
        if (!sides) {
            return fail(sides.error());
        }
        Diagnosis diagnosis = judged(*sides);
        const bool waits = diagnosis.remedy == Diagnosis::Remedy::Wait;
        if (!mayPass(diagnosis) || (waits ? late : soon).hasExpired()) {
            return diagnosis;
        }
        pauseFor(settlePeriod, {});
    }
}

Result<> MigrateRun::note(const QString &what, const QJsonValue &value)
{
    return operation::note(m_context, migratenotes::state, what, value);
}

// ---- before

Result<> MigrateRun::prepare()
{
    const auto sides = read(m_context.stop());
    if (!sides) {
        return fail(sides.error());
    }
    if (!sides->source.asked || !sides->destination.asked) {
        return fail(Error{Error::Kind::Disconnected, MigrateRunText::tr("A host does not answer."), {}, 0, 0});
    }
    if (!sides->source.exists) {
        return fail(
            Error{Error::Kind::NotFound, MigrateRunText::tr("%1 does not exist any more.").arg(m_name), {}, 0, 0});
    }
    if (sides->destination.exists) {
        return fail(Error{Error::Kind::Failed,
            MigrateRunText::tr("The destination already has a VM with the UUID of %1.").arg(m_name),
            MigrateRunText::tr("Remove it there first, if it is not needed."), 0, 0});
    }
    if (isActive(sides->source) == m_options.offline) {
        return fail(Error{Error::Kind::Failed,
            m_options.offline ? MigrateRunText::tr("%1 was started meanwhile.").arg(m_name)
                              : MigrateRunText::tr("%1 went off meanwhile.").arg(m_name),
            MigrateRunText::tr("Plan its migration again."), 0, 0});
    }
    m_wasPaused = isPaused(sides->source);
    if (const Result<> known = note(u"offline"_s, m_options.offline); !known) {
        return known;
    }
    if (const Result<> kept =
            migratenotes::keepDefinition(m_context, m_domain, *m_source, *m_destination, m_historyDirectory);
        !kept) {
        return kept;
    }
    if (const Result<> known = note(u"paused"_s, m_wasPaused); !known) {
        return known;
    }
    return note(u"begun"_s, true);
}

/** What was edited by hand holds no passwords: they come from the definition that goes through this step. */
Result<> MigrateRun::completeXml(calls::Options &options)
{
    const auto complete = [this](bool inactive, const QString &edited) -> Result<QString> {
        const auto secure = calls::migratableXml(*m_source, m_domain, inactive);
        if (!secure) {
            return secure;
        }
        return destinationXml(*secure, m_rewrite, edited);
    };
    auto live = complete(false, text(m_step, u"xml"_s));
    if (!live) {
        return fail(live.error());
    }
    options.destinationXml = *std::move(live);
    if (options.persistent) {
        auto stored = complete(true, text(m_step, u"persistentXml"_s));
        if (!stored) {
            return fail(stored.error());
        }
        options.persistentXml = *std::move(stored);
    }
    return {};
}

// ---- while it runs

PilotOrder MigrateRun::pilotOrder() const
{
    PilotOrder order;
    MigrationPicture &picture = order.picture;
    picture.domain = {m_context.plan().host, m_domain};
    picture.domainName = m_name;
    picture.destination = m_to;
    picture.destinationName = text(m_step, u"toName"_s);
    if (picture.destinationName.isEmpty() && m_destination) {
        picture.destinationName = m_destination->uri();
    }
    picture.isOurs = true;
    picture.peerToPeer = m_options.peerToPeer;
    picture.policy = m_policy;
    picture.maxDowntimeMs = m_log.maxDowntimeMs > 0 ? m_log.maxDowntimeMs : m_options.downtimeMs;
    picture.bandwidth = m_options.bandwidth;
    picture.canPostCopy = m_options.postCopy;
    picture.inPostCopy = m_wasPostCopy;
    picture.lastAction = m_log.lastAction;
    picture.history = m_log.history;
    order.permissions.postCopy = m_options.postCopy;
    order.permissions.memory = m_memory;
    order.permissions.disks = m_options.disks.isEmpty() ? 0 : m_step.bytes - std::min(m_memory, m_step.bytes);
    picture.history.expect(m_memory);
    order.wasPaused = m_wasPaused || !m_options.live;
    order.steps = m_step.bytes > 0 ? m_step.bytes : progressSteps;
    return order;
}

void MigrateRun::takeLog(const FlightLog &log)
{
    const auto completed = m_log.completed;
    m_log = log;
    if (!m_log.completed) {
        m_log.completed = completed;
    }
    m_wasPostCopy = m_wasPostCopy || log.postCopy;
}

Result<> MigrateRun::migrate(bool resumePostCopy)
{
    calls::Options options = m_options;
    options.postCopyResume = resumePostCopy;
    if (const Result<> completed = completeXml(options); !completed) {
        return completed;
    }
    m_tried = true;
    MigrationPilot pilot(pilotOrder(), m_source, m_feed, m_context);
    m_context.goesOnAlone(options.peerToPeer);
    const Result<> outcome =
        calls::migrate(*m_source, m_domain, options.peerToPeer ? nullptr : m_destination.get(), options);
    m_context.goesOnAlone(false);
    pilot.end();
    takeLog(pilot.log());
    m_error = outcome ? std::optional<Error>() : outcome.error();
    return {};
}

/** One that goes on without a call of ours: after a lost connection, or a kill of the process that had begun it. */
Result<> MigrateRun::watchOn(bool abort)
{
    m_context.log(MigrateRunText::tr("The migration goes on; it is watched."));
    m_tried = m_tried || m_options.peerToPeer; // a direct one dies with who drove it: that is no failure
    MigrationPilot pilot(pilotOrder(), m_source, m_feed, m_context);
    if (abort) {
        pilot.abort();
    }
    m_context.goesOnAlone(m_options.peerToPeer);
    for (;;) {
        pauseFor(watchPeriod, {});
        const MigrateSides sides{
            migration::readSide(*m_source, m_domain), migration::readSide(*m_destination, m_domain)};
        if (!sides.source.asked || !sides.destination.asked) {
            break; // read() waits for the hosts
        }
        if (pilot.log().postCopy) {
            m_wasPostCopy = true;
        }
        if (judged(sides).kind != Kind::Running) {
            break;
        }
    }
    m_context.goesOnAlone(false);
    pilot.end();
    takeLog(pilot.log());
    return {};
}

// ---- after

void MigrateRun::publishEnd(Phase phase, const Diagnosis &diagnosis, bool listening)
{
    if (!m_feed) {
        return;
    }
    MigrationPicture picture = pilotOrder().picture;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    picture.history.end(std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), phase, m_log.completed);
    picture.isOurs = listening;
    picture.inPostCopy = m_wasPostCopy;
    picture.diagnosis = diagnosis;
    picture.completed = m_log.completed;
    m_feed->publish(picture);
}

Error MigrateRun::failure() const
{
    const QString runsOn = MigrateRunText::tr("%1 is where it was, and as it was.").arg(m_name);
    if (m_startedAnew) {
        return {Error::Kind::Failed,
            MigrateRunText::tr("The guest was lost on the way, and was started anew at the source."), {}, 0, 0};
    }
    if (m_context.isCancelled()) {
        return Error::cancelled();
    }
    if (m_log.abortedByPerson) {
        return {Error::Kind::Cancelled, MigrateRunText::tr("The migration was aborted."), runsOn, 0, 0};
    }
    if (!m_log.abortReason.isEmpty()) {
        return {Error::Kind::Failed, m_log.abortReason, runsOn, 0, 0};
    }
    if (m_error && m_error->kind == Error::Kind::Cancelled) { // but by nobody here: for this job that is a failure
        return {Error::Kind::Failed, MigrateRunText::tr("The migration was aborted by another program."), runsOn,
            m_error->code, m_error->domain};
    }
    if (m_error) {
        Error error = *m_error;
        error.hint = error.hint.isEmpty() ? runsOn : error.hint + u' ' + runsOn;
        return error;
    }
    return {Error::Kind::Failed, MigrateRunText::tr("The migration was ended, and not by this job."), runsOn, 0, 0};
}

void MigrateRun::noteFigures()
{
    if (!m_log.completed) {
        auto figures = calls::completed(*m_source, m_domain);
        if (!figures || figures->type != calls::Figures::Type::Completed) {
            figures = calls::completed(*m_destination, m_domain);
        }
        if (figures && figures->type == calls::Figures::Type::Completed) {
            m_log.completed = *figures;
        }
    }
    QJsonObject shown = m_context.results().value(migratenotes::outcome).toObject();
    if (const auto &figures = m_log.completed) {
        const quint64 disks = figures->diskProcessed;
        shown.insert(u"totalMs"_s, double(figures->elapsedMs));
        shown.insert(u"downtimeMs"_s, double(figures->downtimeMs));
        shown.insert(u"bytes"_s, double(std::max(figures->dataProcessed, figures->memoryProcessed + disks)));
        // Of the link, where it was that which limited it.
        constexpr quint64 worthKnowing = 32 << 20;
        const quint64 sent = figures->memoryProcessed + disks;
        if (m_options.bandwidth == 0 && sent >= worthKnowing && figures->elapsedMs > figures->setupMs) {
            const quint64 bytesPerSecond = sent * 1000 / (figures->elapsedMs - figures->setupMs);
            shown.insert(u"bytesPerSecond"_s, double(bytesPerSecond));
        }
        shown.insert(u"rounds"_s, double(std::max<quint64>(figures->iteration, m_log.history.round())));
    }
    if (const Result<> written = m_context.note(migratenotes::outcome, shown); !written) {
        m_context.log(written.error().message);
    }
}

/** The guest is at the destination. From here on nothing is an error any more. */
Result<> MigrateRun::moved()
{
    for (const Result<> &written : {note(u"moved"_s, true), m_context.note(migratenotes::pastUndo, true)}) {
        if (!written) {
            m_context.log(written.error().message);
        }
    }
    noteFigures();
    const MigrateSides sides{migration::readSide(*m_source, m_domain), migration::readSide(*m_destination, m_domain)};
    if (sides.source.exists && !isActive(sides.source) && m_options.undefineSource && m_options.persistent) {
        if (const Result<> cleared = clearSource(*m_source, sides, remedyOrder()); !cleared) {
            migratenotes::addProblem(m_context, cleared.error().message);
        }
    }
    Diagnosis diagnosis;
    diagnosis.kind = Kind::Completed;
    publishEnd(Phase::Done, diagnosis, false);
    return {};
}

/** `done`: it has come to its end, for good or bad. */
Result<> MigrateRun::concluded(const Diagnosis &diagnosis, bool &done)
{
    switch (diagnosis.kind) {
    case Kind::NotBegun:
    case Kind::RolledBack:
        if (!m_tried && !m_context.isCancelled()) {
            m_context.log(MigrateRunText::tr("%1 runs at the source: the migration is begun.").arg(m_name));
            return migrate(false);
        }
        done = true;
        publishEnd(Phase::Failed, diagnosis, false);
        return fail(failure());
    case Kind::Running:
        return watchOn(m_context.isCancelled());
    case Kind::Completed:
        done = true;
        return moved();
    case Kind::GuestGone:
        done = true;
        publishEnd(Phase::Failed, diagnosis, false);
        return fail(Error{Error::Kind::Failed, diagnosis.text, diagnosis.advice, 0, 0});
    default:
        return askPerson(diagnosis);
    }
}

/** What a person agreed to. The next look at both hosts says what has come of it. */
Result<> MigrateRun::remedy(const Diagnosis &diagnosis)
{
    if (const Result<> known = note(u"remedy"_s, int(diagnosis.remedy)); !known) {
        return known;
    }
    if (diagnosis.remedy == Diagnosis::Remedy::ResumePostCopy) {
        return migrate(true);
    }
    m_tried = true;
    m_startedAnew = diagnosis.remedy == Diagnosis::Remedy::StartSource;
    if (const Result<> done = performRemedy(diagnosis.remedy, *m_source, *m_destination, remedyOrder(), m_context);
        !done) {
        m_startedAnew = false;
        m_context.log(done.error().message);
    }
    if (m_startedAnew) {
        forgetDestination();
    }
    return {};
}

/** In post-copy libvirt defines the guest at the destination before it is complete: one that was lost there leaves its
 *  definition. Where disks were copied it stays, as it names what the guest wrote last. */
void MigrateRun::forgetDestination()
{
    const migration::Side there = migration::readSide(*m_destination, m_domain);
    if (!there.exists || isActive(there) || m_options.storage != calls::Options::Storage::None) {
        return;
    }
    if (const Result<> forgotten = virt::undefineKeepingFiles(*m_destination, m_domain); !forgotten) {
        m_context.log(forgotten.error().message);
    }
}

/** Shows it, and waits until a person agreed to the remedy, or the hosts say something else. */
Result<> MigrateRun::askPerson(const Diagnosis &diagnosis)
{
    const Error unsolved{Error::Kind::Failed, diagnosis.text, diagnosis.advice, 0, 0};
    if (!m_feed) {
        return fail(unsolved);
    }
    m_context.log(diagnosis.text);
    publishEnd(Phase::NeedsHelp, diagnosis, true);
    const virt::DomainKey key{m_context.plan().host, m_domain};
    static_cast<void>(m_feed->take(key)); // meant for what was before
    // A stop that came too late for the migration is no answer to this.
    const std::stop_token stop = m_context.isCancelled() ? std::stop_token() : m_context.stop();
    constexpr int lookEvery = 4;
    bool given = false; // up
    for (int turn = 1; !given && !stop.stop_requested(); ++turn) {
        pauseFor(personPeriod, stop);
        const QList<MigrationCommand> commands = m_feed->take(key);
        for (const MigrationCommand &command : commands) {
            if (command.kind == MigrationCommand::Kind::Remedy && diagnosis.remedy != Diagnosis::Remedy::Wait
                && diagnosis.remedy != Diagnosis::Remedy::None) {
                return remedy(diagnosis);
            }
            given = given || command.kind == MigrationCommand::Kind::Abort;
        }
        if (turn % lookEvery == 0) {
            const auto sides = read(stop);
            if (sides && judged(*sides) != diagnosis) {
                return {};
            }
        }
    }
    publishEnd(Phase::NeedsHelp, diagnosis, false);
    return fail(unsolved);
}

Result<> MigrateRun::run()
{
    if (m_domain.isNull() || m_to.isNull()) {
        return fail(Error::invalid(MigrateRunText::tr("The step names no VM, or no destination.")));
    }
    if (noted(u"moved"_s)) {
        return m_context.note(migratenotes::pastUndo, true);
    }
    if (const Result<> connected = connect(m_context.stop()); !connected) {
        return connected;
    }
    const bool isFirst = !noted(u"begun"_s);
    if (isFirst) {
        if (const Result<> prepared = prepare(); !prepared) {
            return prepared;
        }
        if (const Result<> called = migrate(false); !called) {
            return called;
        }
    }
    for (bool done = false;;) {
        const auto diagnosis = settled(m_context.stop());
        if (!diagnosis) {
            return fail(diagnosis.error());
        }
        const Result<> outcome = concluded(*diagnosis, done);
        if (!outcome || done) {
            return outcome;
        }
    }
}

} // namespace vireo::operation
