// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/diagnosis.h"

#include <QCoreApplication>

#include "backend/migration/statereasons.h"

namespace vireo::migration {

using virt::DomainState;
using virt::migration::Figures;
using Kind = Diagnosis::Kind;
using Remedy = Diagnosis::Remedy;

namespace {

struct DiagnosisText {
    Q_DECLARE_TR_FUNCTIONS(migration_Diagnosis)
};

/** What a side comes to, as far as it matters here. */
enum class Life {
    Unasked,
    Nothing, ///< no domain, or one that is off
    Runs,    ///< its CPUs run, or would if the guest did not sleep
    Stands,  ///< paused: a process with memory
    Unclear  ///< crashed and kept, or in no state at all
};

Life lifeOf(const Side &side)
{
    if (!side.asked) {
        return Life::Unasked;
    }
    if (!side.exists) {
        return Life::Nothing;
    }
    switch (side.state) {
    case DomainState::Running:
    case DomainState::Blocked:
    case DomainState::ShuttingDown:
    case DomainState::PmSuspended:
        return Life::Runs;
    case DomainState::Paused:
        return Life::Stands;
    case DomainState::ShutOff:
        return Life::Nothing;
    case DomainState::Crashed:
    case DomainState::NoState:
        break;
    }
    return Life::Unclear;
}

bool migrates(const Side &side)
{
    return side.asked && (side.job == Figures::Type::Bounded || side.job == Figures::Type::Unbounded)
        && side.operation != Figures::Operation::Other;
}

bool isOff(const Side &side)
{
    return side.asked && side.exists && side.state == DomainState::ShutOff;
}

Diagnosis make(Kind kind, Remedy remedy, const QString &text, const QString &advice = {})
{
    return {kind, remedy, text, advice};
}

Diagnosis unclear(const QString &text)
{
    return make(Kind::Unknown, Remedy::Wait, text,
        DiagnosisText::tr(
            "Nothing is done until both hosts have answered. Do not resume or destroy anything meanwhile."));
}

Diagnosis goesOn()
{
    return make(Kind::Running, Remedy::Wait, DiagnosisText::tr("The migration goes on."));
}

Diagnosis bothRun()
{
    return make(Kind::Unknown, Remedy::Wait,
        DiagnosisText::tr("Both hosts say that the VM runs. Most likely it changed over between the two looks."),
        DiagnosisText::tr(
            "Look again. If it stays so, do not use the VM: two guests on the same disks destroy them. Power "
            "one of them off by hand, after finding out which one its users reach."));
}

Diagnosis atSource(const Side &source, const QString &leftover = {})
{
    const bool failed = source.job == Figures::Type::Failed || source.job == Figures::Type::Cancelled
        || (source.state == DomainState::Running && source.reason == reasons::runningMigrationCanceled);
    const bool runs = lifeOf(source) == Life::Runs;
    QString text = runs ? DiagnosisText::tr("The VM runs at the source, and nowhere else.")
                        : DiagnosisText::tr("The VM is at the source, paused as it was.");
    if (failed) {
        text = DiagnosisText::tr("The migration did not succeed. The VM goes on at the source.");
    }
    if (!leftover.isEmpty()) {
        return make(Kind::RolledBack, Remedy::Wait, text + u' ' + leftover,
            DiagnosisText::tr("libvirt removes what is left at the destination. Do not resume it there."));
    }
    return make(failed ? Kind::RolledBack : Kind::NotBegun, Remedy::None, text);
}

Diagnosis atDestination(const QString &text)
{
    return make(Kind::Completed, Remedy::None, text);
}

Diagnosis cleanUpSource()
{
    return make(Kind::CleanUpSource, Remedy::EndSource,
        DiagnosisText::tr("The VM runs at the destination. Its former copy still stands paused at the source."),
        DiagnosisText::tr(
            "Ending the paused copy frees its memory; the VM at the destination is not touched. Never resume "
            "the copy: both would write to the same disks."));
}

Diagnosis guestLost()
{
    return make(Kind::GuestLost, Remedy::StartSource,
        DiagnosisText::tr(
            "The VM had changed over to the destination in post-copy, and is gone there. What may still stand at "
            "the source is an old half of its memory, which can't go on."),
        DiagnosisText::tr(
            "The guest's memory is lost. Starting it again ends what is left at the source and boots from the "
            "source's disks, as after a power failure. If disks were copied by the migration, what the "
            "guest wrote since it changed over is in the destination's files only."));
}

Diagnosis postCopyBroken(bool canResume)
{
    if (!canResume) {
        return make(Kind::PostCopyBroken, Remedy::None,
            DiagnosisText::tr(
                "The VM runs at the destination with a part of its memory missing, and the source, which had it, "
                "is gone."),
            DiagnosisText::tr(
                "It can't be completed. The guest hangs as soon as it needs what is missing. Save what you can "
                "from within it, then power it off and start it again."));
    }
    return make(Kind::PostCopyBroken, Remedy::ResumePostCopy,
        DiagnosisText::tr("The connection broke in post-copy. Memory is on both hosts: the VM needs both of them."),
        DiagnosisText::tr(
            "Resuming the migration fetches the rest over a new connection, and the VM goes on. Never destroy "
            "or resume either side by hand: the guest would be lost."));
}

Diagnosis sourceGone(const Side &source, bool wasPostCopy)
{
    if (source.exists && source.reason == reasons::shutOffMigrated) {
        return make(wasPostCopy ? Kind::GuestLost : Kind::GuestGone, Remedy::None,
            DiagnosisText::tr(
                "The VM went to the destination, and is no longer there: it was shut down or lost there."),
            DiagnosisText::tr(
                "If disks were copied, the newer ones are the destination's: define and start the VM there."));
    }
    if (!source.exists) {
        return make(Kind::GuestGone, Remedy::None, DiagnosisText::tr("The VM is on neither host."),
            DiagnosisText::tr("Its disks are whole. Define it again from the history of definitions."));
    }
    if (wasPostCopy) {
        return guestLost();
    }
    if (source.reason == reasons::shutOffShutdown) {
        return make(Kind::GuestGone, Remedy::None, DiagnosisText::tr("The guest shut down during the migration."),
            DiagnosisText::tr("Nothing is lost. It can be started at the source."));
    }
    return make(Kind::GuestGone, Remedy::StartSource,
        DiagnosisText::tr("The VM is off at the source, and not at the destination. Its disks are whole."),
        DiagnosisText::tr("Starting it boots from the source's disks; what was in its memory is lost."));
}

// ---- the source, when the destination has nothing

Diagnosis onlySource(const Side &source, bool wasPostCopy)
{
    const Life life = lifeOf(source);
    const bool postCopy = wasPostCopy || reasons::inPostCopy(source.state, source.reason);
    if (life == Life::Runs) {
        return atSource(source);
    }
    if (life == Life::Nothing) {
        return sourceGone(source, wasPostCopy);
    }
    if (postCopy) {
        return guestLost();
    }
    if (source.reason == reasons::pausedMigration) {
        return make(Kind::SourceWaits, Remedy::ResumeSource,
            DiagnosisText::tr("The VM stands paused at the source: all was sent, then the connection was lost. The "
                              "destination has nothing of it."),
            DiagnosisText::tr("Resuming it at the source loses nothing; the migration can be tried again."));
    }
    return atSource(source);
}

// ---- the destination, when the source has nothing

Diagnosis onlyDestination(const Side &source, const Side &destination)
{
    const bool died = isOff(source) && source.reason != reasons::shutOffMigrated;
    if (migrates(destination) && !died) {
        return goesOn();
    }
    if (lifeOf(destination) == Life::Runs) {
        if (!reasons::inPostCopy(destination.state, destination.reason)) {
            return atDestination(DiagnosisText::tr("The VM runs at the destination, and nowhere else."));
        }
        if (reasons::postCopyFailed(destination.state, destination.reason) || died) {
            return postCopyBroken(false);
        }
        return goesOn(); // libvirt is about to say that it is complete
    }
    // paused
    if (died) {
        return make(Kind::GuestGone, Remedy::Wait,
            DiagnosisText::tr("The VM went off at the source before all was sent. What stands at the destination is "
                              "incomplete; libvirt removes it."),
            DiagnosisText::tr("Its disks are whole. Start it at the source once the destination has nothing of it."));
    }
    if (destination.reason == reasons::pausedPostCopyFailed || destination.reason == reasons::pausedPostCopy) {
        return postCopyBroken(false);
    }
    if (destination.reason == reasons::pausedUser) {
        return make(Kind::Completed, Remedy::ResumeDestination,
            DiagnosisText::tr("The VM stands paused at the destination, and is nowhere else."),
            DiagnosisText::tr("If it was not meant to be paused, resume it there."));
    }
    return make(Kind::DestinationWaits, Remedy::ResumeDestination,
        DiagnosisText::tr("The VM stands paused at the destination, and is nowhere else: that is the one copy."),
        DiagnosisText::tr("Resuming it there lets it go on."));
}

// ---- both have something

Diagnosis bothStand(const Side &source, const Side &destination, bool wasPostCopy)
{
    if (reasons::postCopyFailed(source.state, source.reason)
        || reasons::postCopyFailed(destination.state, destination.reason)) {
        return postCopyBroken(true);
    }
    if (wasPostCopy || reasons::inPostCopy(source.state, source.reason)
        || reasons::inPostCopy(destination.state, destination.reason)) {
        return unclear(DiagnosisText::tr("The VM is paused on both hosts, and had changed over to post-copy."));
    }
    if (destination.reason == reasons::pausedUser) {
        // libvirt says so only once all has arrived, and it was asked not to let it run
        return make(Kind::DestinationWaits, Remedy::ResumeDestination,
            DiagnosisText::tr(
                "All has arrived, and the VM stands paused at the destination. Its former copy still stands "
                "paused at the source."),
            DiagnosisText::tr(
                "The VM is resumed at the destination. Once it runs there, the paused copy at the source, which is "
                "never resumed, is ended. Should it not go on at the destination, both copies stay as they are."));
    }
    return make(Kind::DestinationWaits, Remedy::Wait,
        DiagnosisText::tr("The VM is paused on both hosts: it is changing over, or that has failed."),
        DiagnosisText::tr("libvirt decides within half a minute which side goes on. Do not resume either of them."));
}

Diagnosis sourceStandsDestinationRuns(const Side &source, const Side &destination)
{
    // libvirt also calls it failed at the source when only its driver was lost, after all had arrived. The destination
    // leaves post-copy no sooner than it has everything.
    const bool hasAll = destination.state == DomainState::Running && destination.reason == reasons::runningMigrated
        && !migrates(destination);
    if (!hasAll
        && (reasons::postCopyFailed(source.state, source.reason)
            || reasons::postCopyFailed(destination.state, destination.reason))) {
        return postCopyBroken(true);
    }
    if (reasons::inPostCopy(destination.state, destination.reason)) {
        return goesOn(); // also without its client: it completes by itself
    }
    if (source.reason == reasons::pausedMigration || reasons::inPostCopy(source.state, source.reason)) {
        return cleanUpSource();
    }
    return unclear(
        DiagnosisText::tr("The VM runs at the destination, and stands paused at the source for a reason that has "
                          "nothing to do with the migration."));
}

/** One side did not answer: only what the other knows for sure. */
Diagnosis half(const Side &source, const Side &destination)
{
    const Life here = lifeOf(source);
    const Life there = lifeOf(destination);
    if (here == Life::Runs) {
        // At most one side ever runs, and this is it.
        Diagnosis diagnosis = atSource(source);
        diagnosis.text += u' ' + DiagnosisText::tr("The destination does not answer.");
        return diagnosis;
    }
    if (there == Life::Runs && !reasons::inPostCopy(destination.state, destination.reason)) {
        Diagnosis diagnosis = atDestination(DiagnosisText::tr("The VM runs at the destination."));
        diagnosis.text +=
            u' ' + DiagnosisText::tr("The source does not answer: whether anything is left there is unknown.");
        return diagnosis;
    }
    if (here == Life::Unasked && there == Life::Unasked) {
        return unclear(DiagnosisText::tr("Neither host answers."));
    }
    return here == Life::Unasked
        ? unclear(DiagnosisText::tr("The source does not answer, and without it nobody knows which copy is good."))
        : unclear(
              DiagnosisText::tr("The destination does not answer, and without it nobody knows which copy is good."));
}

} // namespace

Diagnosis diagnose(const Side &source, const Side &destination, bool wasPostCopy)
{
    const Life here = lifeOf(source);
    const Life there = lifeOf(destination);
    const bool broken = (here == Life::Stands || here == Life::Runs || there == Life::Runs || there == Life::Stands)
        && ((source.asked && reasons::postCopyFailed(source.state, source.reason))
            || (destination.asked && reasons::postCopyFailed(destination.state, destination.reason)));
    if (here == Life::Runs && there == Life::Runs) {
        return bothRun();
    }
    if (!broken && (migrates(source) || migrates(destination)) && here != Life::Nothing) {
        return goesOn();
    }
    if (here == Life::Unasked || there == Life::Unasked) {
        return half(source, destination);
    }
    if (here == Life::Unclear || there == Life::Unclear) {
        return unclear(
            DiagnosisText::tr("A host says neither that the VM runs nor that it is off: its guest crashed, or it is "
                              "being started or ended."));
    }
    if (here == Life::Nothing && there == Life::Nothing) {
        if (destination.exists
            && (!source.exists || source.reason == reasons::shutOffMigrated || destination.persistent)) {
            return atDestination(DiagnosisText::tr("The VM is at the destination, and is off."));
        }
        return sourceGone(source, wasPostCopy);
    }
    if (there == Life::Nothing) {
        if (here == Life::Stands && isOff(destination) && source.reason == reasons::pausedMigration && !wasPostCopy) {
            // It may have run there and been shut down: then this copy is an old one.
            return make(Kind::Unknown, Remedy::None,
                DiagnosisText::tr(
                    "The VM stands paused at the source, and has a definition at the destination, where it is off. "
                    "If it ran there, the copy at the source is an old one and must not be resumed."),
                DiagnosisText::tr("Look at the destination's log and disks, then end one of the two by hand."));
        }
        return onlySource(source, wasPostCopy);
    }
    if (here == Life::Nothing) {
        return onlyDestination(source, destination);
    }
    if (here == Life::Runs) {
        return atSource(source, DiagnosisText::tr("At the destination a paused, incomplete copy is left."));
    }
    return there == Life::Runs ? sourceStandsDestinationRuns(source, destination)
                               : bothStand(source, destination, wasPostCopy);
}

} // namespace vireo::migration
