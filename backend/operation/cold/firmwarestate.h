// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/base/error.h"

/** What a VM has beside its disks: its firmware's variables, and the state of its TPM. Pure; any thread. */
namespace vireo::operation {

/** The file of the firmware's variables; empty: it has none of its own. */
QString variablesOf(const QString &domainXml);
/** The definition with another file of them; all else stays. */
Result<QString> withVariables(const QString &domainXml, const QString &path);
/** A name for a copy beside them: "vm_VARS.TOKEN.fd". A token in the name (of an earlier copy) is replaced. */
QString variablesCopy(const QString &path, const QString &token);

/** Whether it has a TPM that swtpm emulates, whose state the host keeps by the VM's UUID. */
bool hasEmulatedTpm(const QString &domainXml);
/**
 * A machine that has nothing but the TPM of that VM, and that bears a mark (isTpmMachine()). It is never run: libvirt
 * gives no other way to the state than to start, save and restore something that has it. With the VM's UUID, by which
 * libvirt finds the state; no secrets. Errors: ill-formed, or no such TPM.
 */
Result<QString> tpmMachineXml(const QString &like, const QString &name);
bool isTpmMachine(const QString &domainXml);

} // namespace vireo::operation
