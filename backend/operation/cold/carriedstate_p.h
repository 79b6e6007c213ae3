// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/cold/coldlayout_p.h"
#include "backend/operation/migrate/migratepassage_p.h"

/**
 * What goes along with a VM beside its disks: firmware variables, the state of its TPM. In plans of resizes that can be
 * taken back, here and on the way to another host. Private to backend/operation; pure.
 */
namespace vireo::operation {

/** The file of the firmware's variables, which is copied so that the VM of before keeps its own. */
struct CarriedVariables {
    QString from;      ///< empty: nothing is copied
    QString to;        ///< the copy, on the host that it is made on
    bool here = false; ///< it is made on the host that the VM was on, which the other one sees too, if there is one
    QString renamed;   ///< how the new definition has to call it; empty: as it does already
    job::Step step() const;
};
CarriedVariables variablesInPlace(const QString &domainXml, const QString &token);
/** `keeps`: so that it can be gone back to what it was. */
CarriedVariables variablesOnTheWay(
    const MigrateFacts &facts, const MigrateDraft &way, const QString &token, bool keeps);

/** A name for machines that have nothing but a TPM, where they are no VM's. */
QString tpmMachineName(const QUuid &domain);
/** The machine with the TPM of a VM (tpmMachineXml()); empty: it has no emulated one. */
QString tpmMachineOf(const QString &domainXml, const QUuid &domain);
/** Where the state of the TPM is kept while a VM is resized in place: beside its first disk, else in the roomiest pool;
 *  empty: there is no place. */
QString tpmFileFor(const ResizeFacts &facts);
/** The file that it passes through, and its copy. */
SavedMemory tpmPassage(const MigrateFacts &facts, const MigrateDraft &way, const MigrateLayout &layout);

job::Step tpmSaveStep(const QString &file, const virt::HostId &host = {});
/** `back`: what puts back what it replaces, in its undo. */
job::Step tpmLoadStep(const QString &file, const QString &back, const virt::HostId &host = {});
/** `before`: it stands before the VM comes, and makes sure, when undone, that nothing stays. Else it is a step of an
 *  end, whose failure is only logged. */
job::Step tpmClearStep(const QString &machine, bool before, const virt::HostId &host = {});
job::Step savedTakeStep(const SavedMemory &memory, const QString &name, const virt::HostId &host = {});
job::Step savedPutStep(const QString &file, const QString &name, bool runs, const virt::HostId &host = {});
job::Step stateDropStep(const QString &file, const virt::HostId &host = {});
/** An empty volume and its content, through this computer. */
QList<job::Step> passageSteps(const SavedMemory &memory, const virt::HostId &to);

} // namespace vireo::operation
