// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/migrate/migratepreflight_p.h"
#include "backend/virt/connectionuri.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Compression = virt::migration::Options::Compression;
using Path = MigrateDraft::Path;
using Severity = job::Finding::Severity;
using State = MigratePair::Reach::State;
using Topic = Check::Topic;

struct PreflightlinkText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepreflightlink)
};

QString reasonOf(const MigratePair::Reach &reach)
{
    return reach.error.isEmpty() ? PreflightlinkText::tr("It gave no reason.") : reach.error;
}

/** The URI goes to the source's daemon, which may run as root: it must not make it run or trust anything. */
void checkUri(Preflight &grid)
{
    const QString &uri = grid.draft.destinationUri;
    if (uri.isEmpty()) {
        return;
    }
    const auto parsed = virt::ConnectionUri::parse(uri);
    const QStringList risks = parsed ? parsed->risks() : QStringList{parsed.error().message};
    if (!risks.isEmpty()) {
        grid.block(Topic::Reachability, PreflightlinkText::tr("The source's daemon must not open “%1”.").arg(uri),
            risks.join(u' '), PreflightlinkText::tr("Leave out what makes it unsafe."));
    }
}

/** The probe did not arrive. libvirt's words tell whose fault it is: these come from QEMU and from the C library. */
void blockData(Preflight &grid, const MigratePair::Reach &reach)
{
    const auto says = [&reach](QLatin1StringView what) {
        return reach.error.contains(what, Qt::CaseInsensitive);
    };
    if (says("address already in use"_L1)) {
        grid.block(Topic::Reachability,
            PreflightlinkText::tr("The port for the migration is in use on %1.").arg(grid.there()), reasonOf(reach),
            PreflightlinkText::tr(
                "Say another port in the migration address, or none: then libvirt takes a free one."));
        return;
    }
    if (grid.draft.tls && (says("credentials"_L1) || says("certificate"_L1) || says("tls"_L1))) {
        grid.block(Topic::Reachability,
            PreflightlinkText::tr("QEMU on the source can't make an encrypted connection (TLS) to %1.")
                .arg(grid.there()),
            reasonOf(reach),
            PreflightlinkText::tr("Put certificates for QEMU on both hosts, of one authority and in the names of the "
                                  "hosts, or don't encrypt."));
        return;
    }
    grid.block(Topic::Reachability, PreflightlinkText::tr("QEMU on the source does not reach %1.").arg(grid.there()),
        reasonOf(reach),
        PreflightlinkText::tr(
            "Open its ports 49152 to 49215, name another address, or choose “Through this computer”."));
}

void checkDirect(Preflight &grid)
{
    const MigratePair::Reach &direct = grid.facts.pair.direct;
    switch (direct.state) {
    case State::Yes:
        grid.ok(Topic::Reachability, PreflightlinkText::tr("QEMU on the source reaches %1.").arg(grid.there()),
            PreflightlinkText::tr("A probe migrated in %1 ms.").arg(direct.ms));
        break;
    case State::NoData:
    case State::NoDaemon:
        blockData(grid, direct);
        break;
    case State::NotTried:
        grid.add(Topic::Reachability, Severity::Note,
            PreflightlinkText::tr("Whether QEMU on the source reaches %1 was not tried.").arg(grid.there()),
            PreflightlinkText::tr("If it does not, the migration fails, and the VM runs on here."));
        break;
    }
}

void checkPeerToPeer(Preflight &grid)
{
    const MigratePair::Reach &reach = grid.facts.pair.reach;
    const bool wanted = grid.draft.path != Path::Auto;
    switch (reach.state) {
    case State::Yes:
        grid.ok(Topic::Reachability,
            PreflightlinkText::tr("The source's daemon reaches %1 as %2.").arg(grid.there(), reach.uri),
            PreflightlinkText::tr("A probe migrated in %1 ms. The migration goes on when Vireo ends.").arg(reach.ms));
        break;
    case State::NoData:
        blockData(grid, reach);
        break;
    case State::NoDaemon:
        grid.block(Topic::Reachability,
            PreflightlinkText::tr("The source's daemon does not reach that of %1 as %2.").arg(grid.there(), reach.uri),
            reasonOf(reach),
            PreflightlinkText::tr("Say the URI by which it does, or let Vireo drive the migration (direct)."));
        break;
    case State::NotTried:
        grid.add(Topic::Reachability, wanted ? Severity::Warning : Severity::Note,
            PreflightlinkText::tr("Whether the source's daemon reaches %1 was not tried.").arg(grid.there()),
            reach.error.isEmpty()
                ? PreflightlinkText::tr("If it does not, the migration fails, and the VM runs on here.")
                : reach.error,
            wanted ? PreflightlinkText::tr("Let it be tried.") : QString());
        break;
    }
}

QString whyNotPeerToPeer(const Preflight &grid)
{
    const MigratePair::Reach &reach = grid.facts.pair.reach;
    return reach.state == State::NoDaemon
        ? PreflightlinkText::tr("The source's daemon does not reach that of %1 as %2: %3")
              .arg(grid.there(), reach.uri, reasonOf(reach))
        : PreflightlinkText::tr("A probe from daemon to daemon did not arrive: %1").arg(reasonOf(reach));
}

} // namespace

void checkReachability(Preflight &grid)
{
    const MigratePair &pair = grid.facts.pair;
    if (passesThrough(grid.facts.source, grid.draft)) {
        checkPassage(grid);
        return;
    }
    checkUri(grid);
    if (movesCold(grid.draft)) {
        checkColdWay(grid);
        return;
    }
    if (isPeerToPeer(grid.facts, grid.draft)) {
        checkPeerToPeer(grid);
        return;
    }
    const bool tried = pair.reach.state != State::NotTried;
    const bool autoPath = grid.draft.path == Path::Auto;
    if (autoPath && !tried && pair.direct.state == State::NotTried) {
        checkPeerToPeer(grid);
    }
    grid.add(Topic::Reachability, tried || !autoPath ? Severity::Warning : Severity::Note,
        PreflightlinkText::tr("Vireo drives the migration itself."),
        (autoPath && tried ? whyNotPeerToPeer(grid) + u' ' : QString())
            + PreflightlinkText::tr(
                "If Vireo or this computer dies meanwhile, libvirt gives the migration up and the VM "
                "runs on at the source."),
        PreflightlinkText::tr("Say the URI by which the source's daemon reaches the destination."));
    if (!grid.isOffline()) {
        checkDirect(grid);
    }
}

namespace {

/** libvirt's own refusals of options that don't go together. */
void checkOptions(Preflight &grid)
{
    const MigrateDraft &draft = grid.draft;
    if (passesThrough(grid.facts.source, draft)) {
        return; // none of them has a meaning: checkPassage() says so
    }
    const auto refuse = [&grid](const QString &text, const QString &fix) {
        grid.block(Topic::Libvirt, text, PreflightlinkText::tr("libvirt or QEMU refuses it."), fix);
    };
    if (draft.postCopy && draft.path == Path::Tunnelled) {
        refuse(PreflightlinkText::tr("Post-copy can't go through a tunnel."), PreflightlinkText::tr("Don't tunnel."));
    }
    if (draft.postCopy && draft.parallel > 0) {
        refuse(PreflightlinkText::tr("Post-copy can't use parallel connections."),
            PreflightlinkText::tr("Choose one of them."));
    }
    if (draft.parallel > 0 && draft.path == Path::Tunnelled) {
        refuse(PreflightlinkText::tr("A tunnel has one connection."), PreflightlinkText::tr("Don't tunnel."));
    }
    if (draft.tls && draft.path == Path::Tunnelled) {
        refuse(PreflightlinkText::tr("A tunnel has the encryption of the daemons' connection."),
            PreflightlinkText::tr("Choose TLS or the tunnel."));
    }
    const bool classic = draft.compress == Compression::Xbzrle || draft.compress == Compression::Mt;
    const bool parallelOnly = draft.compress == Compression::Zlib || draft.compress == Compression::Zstd;
    if (classic && draft.parallel > 0) {
        refuse(PreflightlinkText::tr("This compression can't use parallel connections."),
            PreflightlinkText::tr("Choose zlib or zstd, or one connection."));
    }
    if (parallelOnly && draft.parallel == 0) {
        refuse(PreflightlinkText::tr("This compression needs parallel connections."),
            PreflightlinkText::tr("Choose two or more parallel connections, or another compression."));
    }
    if (draft.mode == MigrateDraft::Mode::Paused && draft.postCopy) {
        grid.add(Topic::Libvirt, Severity::Note,
            PreflightlinkText::tr("Post-copy has no meaning while the guest stands still."));
    }
    if (draft.policy.atTheEnd == migration::Policy::AtTheEnd::PostCopy && !draft.postCopy) {
        grid.add(Topic::Libvirt, Severity::Warning,
            PreflightlinkText::tr("The policy ends with post-copy, which is not permitted."),
            PreflightlinkText::tr("It must be permitted before the migration begins."),
            PreflightlinkText::tr("Permit post-copy, or choose another end."));
    }
    if (draft.tls) {
        grid.add(Topic::Libvirt, Severity::Note,
            PreflightlinkText::tr("The guest's memory is encrypted on its way (TLS)."),
            PreflightlinkText::tr("Both hosts need certificates for QEMU; without them the migration fails before the "
                                  "guest is touched."));
    }
}

/** What libvirt or QEMU refuse, as far as the definition says it. libvirt itself is asked too, but says one thing at a
 *  time, and snapshots, which are carried, come first. */
void checkDefinition(Preflight &grid)
{
    const xml::Element cpu = grid.domain.child(u"cpu"_s);
    const QList<xml::Element> features = cpu.children(u"feature"_s);
    const bool hasInvtsc = std::ranges::any_of(features, [](const xml::Element &feature) {
        return feature.attribute(u"name"_s) == "invtsc"_L1
            && (feature.attribute(u"policy"_s) == "require"_L1 || feature.attribute(u"policy"_s) == "force"_L1);
    });
    const QList<xml::Element> timers = grid.domain.child(u"clock"_s).children(u"timer"_s);
    const bool hasFrequency = std::ranges::any_of(timers, [](const xml::Element &timer) {
        return timer.attribute(u"name"_s) == "tsc"_L1 && timer.hasAttribute(u"frequency"_s);
    });
    if (hasInvtsc && !hasFrequency) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("The guest relies on an unchanging TSC (invtsc)."),
            PreflightlinkText::tr("libvirt does not migrate it without a fixed TSC frequency."),
            PreflightlinkText::tr(
                "Remove the feature invtsc while the VM is off, or set the frequency of the timer tsc."));
    }
    if (cpu.attribute(u"migratable"_s) == "off"_L1) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("The CPU is set not to be migratable."),
            PreflightlinkText::tr("QEMU refuses it for CPU features that can't be carried."),
            PreflightlinkText::tr("Set migratable='on' while the VM is off."));
    }
    const QList<xml::Element> memories = grid.devices.children(u"memory"_s);
    const bool hasLooseDimm = std::ranges::any_of(memories, [](const xml::Element &memory) {
        return memory.attribute(u"model"_s) == "dimm"_L1
            && (!memory.child(u"address"_s).hasAttribute(u"slot"_s)
                || !memory.child(u"address"_s).hasAttribute(u"base"_s));
    });
    if (hasLooseDimm) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("A memory module has no place (slot and base)."),
            PreflightlinkText::tr("libvirt can't give it the same place at the destination."),
            PreflightlinkText::tr("Give it an address in the VM's definition."));
    }
    constexpr int pausedByIoError = 5; // VIR_DOMAIN_PAUSED_IOERROR
    if (grid.facts.source.domain.state == virt::DomainState::Paused
        && grid.facts.source.domain.reason == pausedByIoError) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("%1 stands still after an error of a disk.").arg(grid.name()),
            PreflightlinkText::tr("libvirt aborts the migration of such a VM."),
            PreflightlinkText::tr("Put the disk right and resume the VM first."));
    }
}

} // namespace

void checkLibvirt(Preflight &grid)
{
    if (!grid.isOffline()) {
        checkOptions(grid);
        checkDefinition(grid);
    }
    const QString &refusal = grid.facts.source.refusal;
    if (!refusal.isEmpty()) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("libvirt refuses to migrate %1.").arg(grid.name()), refusal,
            PreflightlinkText::tr("Remove what it names, or move the VM while it is off."));
    }
    if (!grid.domain) {
        grid.block(Topic::Libvirt, PreflightlinkText::tr("The definition of %1 can't be read.").arg(grid.name()),
            PreflightlinkText::tr("It is no well-formed XML."), PreflightlinkText::tr("Look at it in the XML editor."));
    }
    if (grid.isQuiet(Topic::Libvirt)) {
        grid.ok(Topic::Libvirt, PreflightlinkText::tr("Nothing is known that libvirt or QEMU would refuse."));
    }
}

} // namespace vireo::operation
