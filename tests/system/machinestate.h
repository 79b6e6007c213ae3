// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "migrationhosts.h"

namespace vireo::test {

/// What "vm" of MigrationHosts has beside its disks: firmware variables, the TPM's state, saved memory. The test's main
/// thread.
class MachineState
{
    Q_DISABLE_COPY_MOVE(MachineState)

public:
    using Name = const QString &;

    explicit MachineState(MigrationHosts &hosts)
        : m_hosts(hosts)
    {}

    /// Where the firmware's variables are, unless a test says another place.
    static QString variablesPath() { return QStringLiteral("/var/lib/libvirt/qemu/nvram/vm_VARS.fd"); }
    /// The UUID of the secret that encrypts a TPM's state.
    static QString secret() { return QStringLiteral("5f7f2f9c-3c43-4b39-9d0c-1f6f3a2f8a11"); }

    /// Nothing is left of the test before, on both hosts.
    bool clear();
    /// Defines the VM anew with another text in place of one that it has.
    bool redefine(Name host, Name text, Name with);

    // ---- firmware variables
    /// Gives the VM of host A firmware with variables that say "before".
    bool giveVariables(Name path = variablesPath());
    /// What firmware and guest do: a few bytes in the midst of them become others.
    bool changeVariables(Name host, Name text, Name path = variablesPath());
    /// A digest of the variables; empty: there is no such file.
    QString sumOf(Name host, Name path = variablesPath());
    /// Where they are, by the definition.
    QString variablesNow(Name host);
    QStringList variableFiles(Name host);

    // ---- TPM
    /// Gives the VM of host A a TPM that says "before", unless there is something `inside` its element (encryption).
    bool giveTpm(Name inside = {});
    bool writeTpm(Name host, Name text) { return tpmTool(host, {QStringLiteral("write"), text}).isEmpty(); }
    QString readTpm(Name host) { return tpmTool(host, {QStringLiteral("read")}); }
    /// All that the host keeps of TPMs, with digests; empty: nothing.
    QString tpmFiles(Name host);
    bool giveSecret(Name host, Name value);

    // ---- memory
    bool save(Name host);
    bool isSaved(Name host);

private:
    QString tpmTool(Name host, const QStringList &words);

    MigrationHosts &m_hosts;
};

} // namespace vireo::test
