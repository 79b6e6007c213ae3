// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/job/step.h"

/**
 * The kinds of step that resizes and cold migrations are made of, and their parameters. "host" is the id of the host
 * that a step works on; without it that is the plan's. Paths are those of their host. Bytes. All may be run and undone
 * again, note their intent before each call, and look at the hosts instead of trusting notes.
 *
 * Cold, in this order (planResize, planColdMigration):
 * - kept.check {base}: nothing else waits to be confirmed, no other process is about to change it, and the stored
 *   definition still has this digest. Claims the VM (KeptClaims), else changes nothing; comes before anything does.
 *   Undo: the claim is given back.
 * - vm.powerOff {host, timeout, force}: shuts the guest down, within so many seconds; then, with force, switches it
 *   off. Gone off already is fine. Undo: it runs again if it ran (paused if it was).
 * - kept.begin {state: KeptState as JSON}: reads definition and snapshots with their secrets and writes the kept state.
 *   From here on nobody but this job and an end of it may change what it names. Undo: it is gone.
 * - volume.create, layer.create, volume.relay, as ever: files of the new VM.
 * - disk.copy {host, chain [{path, format}], path, format, zeroes}: a chain that nobody writes to into an existing
 *   volume of that host, by a WorkDomain, with explicit formats; zeroes: holes are made of them.
 * - disk.send {host, chain, top, path, format …}: the same to a volume of another host, from host to host.
 * - nvram.carry {host, fromPath, path}: the firmware's variables, byte for byte. Nothing there yet is fine. Undo: gone.
 * - tpm.save {host, file}: the state of the VM's TPM into a file. Undo: gone.
 * - tpm.room {host, machine}: the host, which does not know the VM, has no state of its TPM. Undo: so again.
 * - tpm.load {host, file, back}: the state out of such a file, of a VM that the host knows. Undo: out of `back`;
 * without that it stays (see tpm.room).
 * - saved.take {host, file}: the memory of a VM that libvirt keeps saved, into a file. The guest does not run for it.
 *   Notes in the kept state whether it goes on when it is started. Undo: saved as it was.
 * - saved.put {host, file, end: "saved" or "running", paused, rewrite, chains, nvram}: out of such a file: the VM,
 * which that host knows, is saved again (paused: to stand still when it is started), or goes on. Without rewrite,
 * chains and nvram with what it had. Undo: it is off, and not saved.
 * - state.drop {host, file}: such a file goes; one that can't is only logged, but with `away` a host that can't be
 * asked is an error. No undo.
 * - disk.grow {host, chain, capacity}: the topmost layer, by a WorkDomain: virDomainBlockResize. Never smaller.
 * - filesystem.grow {host, chain, path, capacity}: of what lies on the disk of these files, which nobody writes to, an
 *   ext file system is grown on this computer, and what that changed becomes the content of the layer `path`, made
 *   empty upon them by layer.create. Undo: nothing of it is left here.
 * - swap.make {host, chain, before, path, format, backing, backingFormat, pool, volume, capacity}: the fresh header of
 * a swap space into a file that this job made, with UUID and label of the old one (`chain` of `before` bytes, on the
 *   plan's host). Undo as before.
 * - layer.fold {host, chain, like}: the topmost layer's content goes into the one beneath it, by a WorkDomain.
 * - disk.compare {host, chain, fromChain, path}: what lies there and here reads the same. Changes nothing; writes both
 *   out beside themselves meanwhile, so that they can be read whatever their formats are.
 * - kept.leave {host}: that host forgets the domain (its files stay, NVRAM and TPM state too) and its snapshots. Undo:
 *   defined as it was, with snapshots and autostart.
 * - kept.define {host, xml, id}: the new definition, with the passwords of the kept one, and the mark. Undo: in place,
 *   the kept definition; on another host undefined.
 * - kept.snapshots {host, id, rewrite}: the kept snapshots there. Undone by kept.define's undo.
 * - kept.autostart {host, on}
 * - vm.start {host, paused, timeout}: as domain.start, on any host. Undo: switched off, if this job started it.
 *
 * At its end (planResizeEnd; after the steps above where a change confirms itself, then without the first):
 * - kept.ready {id, from, base}: both hosts answer, the domain is where it was planned for, with this digest of its
 *   stored definition, and nowhere else. Changes nothing; comes before anything does.
 * - kept.decide {id, end: "confirm" or "revert"}: writes down that it is ended so, before the first thing that can't be
 *   brought back. Undo: taken back, unless such a thing has begun; then no step of this file undoes anything.
 * - merge.run, as ever, of overlays; layer.delete {host, optional, away}.
 * - kept.restore {host, id}: the kept definition, snapshots and autostart, where it was. Undo: what was there.
 * - tpm.clear {host, machine, optional}: as tpm.room, without an undo; `away` as in state.drop.
 * - kept.end {host, id}: the mark and the kept state go. Last of all; no undo.
 *
 * While it runs:
 * - disk.resizeLive {uuid, target, capacity, before}: virDomainBlockResize. No undo: nothing shrinks.
 * - disk.moveLive {uuid, target, path, format, from {path, format}, zeroes}: block copy of all that the disk holds into
 * an existing volume, and pivot; libvirt's stored definition follows. Undo: ends the copy; after the pivot the content
 *   goes back the same way into the file that it came from, which is deleted by a later step only.
 * - guest.grow {host, target, capacity, timeout}: by the agent of the guest, which runs, within so many seconds: the
 * last partition that it has mounted of the disk (growpart), and its file system (resize2fs, xfs_growfs, btrfs). What
 * can't be done is a warning, no failure: the disk is larger, and the guest is well. No undo.
 */
namespace vireo::operation {

class KeptClaims;
struct StepOptions;

/** keptsteps.cpp: kept.*; vmpowersteps.cpp: vm.*; diskcopysteps.cpp: disk.copy, .grow, .compare */
void registerKeptSteps(
    job::StepRegistry &registry, const StepOptions &options, const std::shared_ptr<KeptClaims> &claims);
/** keptreadysteps.cpp: kept.ready. `directory`: of KeptStates. */
void registerKeptReadySteps(job::StepRegistry &registry, const QString &directory);
void registerVmPowerSteps(
    job::StepRegistry &registry, const StepOptions &options, const std::shared_ptr<KeptClaims> &claims);
void registerDiskSteps(job::StepRegistry &registry);
/** Whether this job has begun what can't be brought back (kept.decide): then its steps undo nothing any more. */
bool isPastReturn(const job::StepContext &context);
/** disklivesteps.cpp: disk.resizeLive, .moveLive */
void registerDiskLiveSteps(job::StepRegistry &registry);
/** contentsteps.cpp: filesystem.grow, swap.make, layer.fold */
void registerContentSteps(job::StepRegistry &registry);
/** guestgrowsteps.cpp: guest.grow */
void registerGuestGrowSteps(job::StepRegistry &registry);
/** disksendsteps.cpp: disk.send */
void registerDiskSendSteps(job::StepRegistry &registry);
/** nvramsteps.cpp: nvram.carry */
void registerNvramSteps(job::StepRegistry &registry);
/** tpmsteps.cpp: tpm.*, state.drop */
void registerTpmSteps(job::StepRegistry &registry);
/** savedsteps.cpp: saved.* */
void registerSavedSteps(job::StepRegistry &registry, const StepOptions &options);

} // namespace vireo::operation
