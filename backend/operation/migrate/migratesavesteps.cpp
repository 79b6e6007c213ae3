// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QDateTime>
#include <QDeadlineTimer>

#include "backend/base/pause.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/jobwatch.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/migrate/migratesavedstep_p.h"
#include "backend/operation/migrate/migratestep_p.h"
#include "backend/virt/savedstate.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/** The part of the source; that of the destination is migraterestoresteps.cpp. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using job::Reality;
using migration::Side;

struct MigrateSaveText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateSave)
};

constexpr auto patience = 60s;
constexpr auto lookAgain = 250ms;
constexpr auto readPatience = 600s; ///< of a daemon that reads a large guest

bool hasJob(const Side &side)
{
    using Type = virt::migration::Figures::Type;
    return side.job == Type::Bounded || side.job == Type::Unbounded;
}

} // namespace

SavedPassage::SavedPassage(
    const job::Step &step, job::StepContext &context, std::shared_ptr<MigrationSink> feed, QString historyDirectory)
    : m_step(step)
    , m_context(context)
    , m_feed(std::move(feed))
    , m_historyDirectory(std::move(historyDirectory))
    , m_to(migratenotes::destinationId(step))
    , m_domain(context.plan().domain)
    , m_name(context.plan().domainName)
    , m_file(text(step, u"file"_s))
    , m_fileThere(text(step, u"fileThere"_s))
{}

// ---- both parts

Result<> SavedPassage::connectSource(const std::stop_token &stop)
{
    auto source = migratenotes::reach(m_context, m_context.plan().host, patience, stop);
    if (!source) {
        return fail(source.error());
    }
    m_source = *std::move(source);
    return {};
}

Result<> SavedPassage::connectDestination(const std::stop_token &stop)
{
    auto destination = migratenotes::reach(m_context, m_to, patience, stop);
    if (!destination) {
        return fail(destination.error());
    }
    m_destination = *std::move(destination);
    return {};
}

Result<Side> SavedPassage::sideOf(const virt::ConnectionPtr &connection) const
{
    const Side side = migration::readSide(*connection, m_domain);
    if (!side.asked) {
        return fail(Error{Error::Kind::Disconnected, MigrateSaveText::tr("%1 does not answer.").arg(connection->uri()),
            MigrateSaveText::tr("The memory of %1 is kept in “%2” at the source.").arg(m_name, m_file), 0, 0});
    }
    return side;
}

bool SavedPassage::isAsSaved(const Side &here) const
{
    // VIR_DOMAIN_SHUTOFF_…: a daemon that was started since does not know why.
    constexpr int shutdown = 1;
    constexpr int crashed = 3;
    constexpr int saved = 5;
    constexpr int failed = 6; // to be restored
    if (!here.exists || here.reason == saved || here.reason == failed) {
        return true;
    }
    const bool hasRun = here.reason >= shutdown && here.reason <= crashed;
    return !hasRun && !noted(u"returning"_s);
}

Result<> SavedPassage::checkFile(virt::Connection &connection, const QString &file) const
{
    const auto inside = virt::savedstate::definition(connection, file, false);
    if (!inside) {
        return fail(inside.error());
    }
    const auto document = xml::Document::parse(*inside);
    const bool isIts = document && QUuid::fromString(document->root().child(u"uuid"_s).text().trimmed()) == m_domain;
    return isIts ? Result<>()
                 : fail(Error::failed(MigrateSaveText::tr("“%1” holds another VM than %2.").arg(file, m_name)));
}

Result<> SavedPassage::note(const QString &what, const QJsonValue &value)
{
    return operation::note(m_context, migratenotes::state, what, value);
}

// ---- migrate.save

/** What would only come to light when the guest stands still already. */
Result<> SavedPassage::prepare(const Side &here)
{
    const auto there = sideOf(m_destination);
    if (!there) {
        return fail(there.error());
    }
    const auto sameName = optional(domains::find(*m_destination, m_name));
    if (!sameName) {
        return fail(sameName.error());
    }
    if (there->exists || *sameName) {
        return fail(Error{Error::Kind::Failed,
            MigrateSaveText::tr("The destination already has a VM with the name or the UUID of %1.").arg(m_name),
            MigrateSaveText::tr("Remove it there first, if it is not needed."), 0, 0});
    }
    const auto file = optional(layerVolume(m_source, m_file));
    if (!file) {
        return fail(file.error());
    }
    if (*file) {
        return fail(Error::failed(MigrateSaveText::tr("There is a file “%1” already.").arg(m_file)));
    }
    if (const Result<> kept =
            migratenotes::keepDefinition(m_context, m_domain, *m_source, *m_destination, m_historyDirectory);
        !kept) {
        return kept;
    }
    return note(u"paused"_s, operation::isPaused(here));
}

Result<> SavedPassage::begin()
{
    if (noted(u"saving"_s)) { // by an earlier run: the guest runs, so what it left is worth nothing
        if (const Result<> cleared = deleteLayer(m_source, m_file); !cleared) {
            return cleared;
        }
    }
    if (const Result<> known = note(u"saving"_s, true); !known) {
        return known;
    }
    JobWatch watch({m_source, m_domain, m_name}, m_context);
    const Result<> saved = virt::savedstate::save(*m_source, m_domain, m_file);
    watch.end();
    m_error = saved ? std::optional<Error>() : saved.error();
    return {};
}

/** It is off: by the save? */
Result<> SavedPassage::checkSaved(const Side &here)
{
    if (noted(u"saved"_s)) {
        return isAsSaved(here)
            ? Result<>()
            : fail(Error::failed(MigrateSaveText::tr("%1 has run at the source since it was saved.").arg(m_name)));
    }
    if (!noted(u"saving"_s) || !isAsSaved(here)) {
        return fail(Error{Error::Kind::Failed, MigrateSaveText::tr("%1 went off meanwhile.").arg(m_name),
            MigrateSaveText::tr("Plan its migration again."), 0, 0});
    }
    if (const Result<> complete = checkFile(*m_source, m_file); !complete) {
        return fail(Error{Error::Kind::Failed,
            MigrateSaveText::tr("%1 went off, and its memory was not saved: %2").arg(m_name, complete.error().message),
            MigrateSaveText::tr("Its disks are whole: start it again."), 0, 0});
    }
    // Of the size that it has become; an earlier one of that name may still be listed.
    if (const auto volume = layerVolume(m_source, m_file)) {
        if (const Result<> fresh = virt::storage::refreshPool(*m_source, volume->pool); !fresh) {
            m_context.log(fresh.error().message);
        }
    }
    return note(u"saved"_s, static_cast<double>(QDateTime::currentMSecsSinceEpoch()));
}

/** Until no call of a former process works at the guest any more. */
Result<> SavedPassage::waitForJob(bool abort, const std::stop_token &stop)
{
    for (bool aborted = false;;) {
        const auto here = sideOf(m_source);
        if (!here) {
            return fail(here.error());
        }
        if (!hasJob(*here)) {
            return {};
        }
        if ((abort || stop.stop_requested()) && !aborted) {
            aborted = domains::abortJob(*m_source, m_domain).has_value();
        }
        pauseFor(lookAgain, {});
    }
}

Result<> SavedPassage::save()
{
    if (m_domain.isNull() || m_to.isNull() || m_file.isEmpty()) {
        return fail(Error::invalid(MigrateSaveText::tr("The step names no VM, no destination, or no file.")));
    }
    if (migratenotes::hasMoved(m_context)) {
        return {};
    }
    for (const Result<> &connected : {connectSource(m_context.stop()), connectDestination(m_context.stop())}) {
        if (!connected) {
            return connected;
        }
    }
    for (bool tried = false;; tried = true) {
        if (noted(u"saving"_s)) {
            if (const Result<> quiet = waitForJob(false, m_context.stop()); !quiet) {
                return quiet;
            }
        }
        const auto here = sideOf(m_source);
        if (!here) {
            return fail(here.error());
        }
        if (!operation::isActive(*here)) {
            return checkSaved(*here);
        }
        if (m_context.isCancelled()) {
            return fail(Error::cancelled());
        }
        if (tried) {
            return fail(
                m_error ? *m_error : Error::failed(MigrateSaveText::tr("%1 was started meanwhile.").arg(m_name)));
        }
        if (const Result<> prepared = noted(u"saving"_s) ? Result<>() : prepare(*here); !prepared) {
            return prepared;
        }
        if (const Result<> begun = begin(); !begun) {
            return begun;
        }
    }
}

// ---- its undo

Result<> SavedPassage::restoreHere(const Side &here)
{
    const QString kept = MigrateSaveText::tr("Its memory is kept in “%1” at the source.").arg(m_file);
    if (!isAsSaved(here)) {
        return fail(Error{Error::Kind::Unsupported,
            MigrateSaveText::tr("%1 has run at the source since it was saved, and is off.").arg(m_name), kept, 0, 0});
    }
    const auto file = optional(layerVolume(m_source, m_file));
    if (!file) {
        return fail(file.error());
    }
    if (!*file) {
        return fail(Error{Error::Kind::Unsupported,
            MigrateSaveText::tr("%1 went off, and its memory was not saved.").arg(m_name),
            MigrateSaveText::tr("Its disks are whole: start it again."), 0, 0});
    }
    if (const Result<> complete = checkFile(*m_source, m_file); !complete) {
        return complete;
    }
    if (const Result<> known = note(u"returning"_s, true); !known) {
        return known;
    }
    const bool paused = migratenotes::noted(m_context, u"paused"_s).toBool();
    const Result<> called = domains::restore(*m_source, m_file, {}, paused);
    const auto now = sideOf(m_source);
    if (!now) {
        return fail(now.error());
    }
    if (!operation::isActive(*now)) {
        return fail(Error{Error::Kind::Failed,
            MigrateSaveText::tr("%1 could not go on at the source: %2")
                .arg(m_name, called ? MigrateSaveText::tr("it went off.") : called.error().message),
            kept + u' ' + MigrateSaveText::tr("Restore it from there."), 0, 0});
    }
    return {};
}

/** It is active at the source again, by a restore that may go on without the process that had begun it. Both calls wait
 *  for the daemon's job that reads the memory: only after that the file may go. */
Result<> SavedPassage::settleHere()
{
    const bool paused = migratenotes::noted(m_context, u"paused"_s).toBool();
    const QDeadlineTimer deadline(readPatience);
    for (;;) {
        const Result<> settled = paused ? domains::suspend(*m_source, m_domain) : domains::resume(*m_source, m_domain);
        if (settled || settled.error().kind != Error::Kind::TimedOut || deadline.hasExpired()) {
            return settled;
        }
        pauseFor(lookAgain, {});
    }
}

Result<> SavedPassage::bringBack()
{
    if (!noted(u"saving"_s)) {
        return {};
    }
    if (migratenotes::hasMoved(m_context)) {
        m_context.log(MigrateSaveText::tr("%1 runs at the destination; that is not taken back.").arg(m_name));
        return {};
    }
    if (const Result<> connected = connectSource({}); !connected) {
        return connected;
    }
    if (const Result<> quiet = waitForJob(true, {}); !quiet) {
        return quiet;
    }
    auto here = sideOf(m_source);
    if (!here) {
        return fail(here.error());
    }
    if (!operation::isActive(*here)) {
        if (noted(u"restoring"_s)) { // only one of them may run
            const Result<> connected = connectDestination({});
            const auto there = connected ? sideOf(m_destination) : fail(connected.error());
            if (!there) {
                return fail(there.error());
            }
            if (operation::isActive(*there)) {
                return fail(Error::failed(MigrateSaveText::tr("%1 is active at the destination.").arg(m_name)));
            }
        }
        if (const Result<> restored = restoreHere(*here); !restored) {
            return restored;
        }
        here = sideOf(m_source);
    }
    // One that a former process had begun to restore may not have been read to its end.
    if (here && operation::isPaused(*here) && noted(u"returning"_s)) {
        if (const Result<> whole = settleHere(); !whole) {
            return whole;
        }
    }
    return deleteLayer(m_source, m_file);
}

Result<Reality> SavedPassage::lookAtSaved()
{
    if (migratenotes::hasMoved(m_context)) {
        return Reality{Effect::Present, MigrateSaveText::tr("%1 is at the destination.").arg(m_name)};
    }
    auto source = m_context.connection();
    if (!source) {
        return fail(source.error());
    }
    m_source = *std::move(source);
    const auto here = sideOf(m_source);
    if (!here) {
        return fail(here.error());
    }
    if (operation::isActive(*here)) {
        return Reality{hasJob(*here) ? Effect::Partial : Effect::Absent,
            hasJob(*here) ? MigrateSaveText::tr("%1 is being saved.").arg(m_name)
                          : MigrateSaveText::tr("%1 runs at the source.").arg(m_name)};
    }
    return checkFile(*m_source, m_file)
        ? Reality{Effect::Present, MigrateSaveText::tr("%1 is saved at the source, and stands still.").arg(m_name)}
        : Reality{Effect::Absent, MigrateSaveText::tr("%1 is off, at the source.").arg(m_name)};
}

void registerMigrateSavedSteps(
    job::StepRegistry &registry, const QString &directory, const std::shared_ptr<MigrationSink> &feed)
{
    const auto with = [&](auto function) {
        return [directory, feed, function](const job::Step &step, job::StepContext &context) {
            SavedPassage passage(step, context, feed, directory);
            return (passage.*function)();
        };
    };
    registry.add(u"migrate.save"_s,
        {with(&SavedPassage::save), with(&SavedPassage::bringBack), with(&SavedPassage::lookAtSaved)});
    registry.add(u"migrate.restore"_s,
        {with(&SavedPassage::restore), with(&SavedPassage::takeAway), with(&SavedPassage::lookAtRestored)});
}

} // namespace vireo::operation
