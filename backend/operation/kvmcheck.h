// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "backend/virt/connectionuri.h"

namespace vireo::operation {

/** What decides whether KVM can really be used. The files are known for local hosts only. */
struct KvmFacts {
    bool offered = false;       ///< the host gives domain capabilities for kvm
    bool local = false;         ///< the files below were looked at
    bool session = false;       ///< guests run as this user, who needs access of his own
    bool foreignArch = false;   ///< the guest's architecture is not the host's
    bool deviceExists = false;  ///< /dev/kvm
    bool deviceAllowed = false; ///< this user may read and write it
    QString deviceGroup;        ///< the group that owns it; may be empty
    bool userInGroup = false;   ///< the user database says so, whatever this login has
    bool processor = false;     ///< the processor's virtualization (vmx, svm) is visible
    bool hypervisor = false;    ///< this machine is virtual itself
    bool paravirtual = false;   ///< kvm_pvm: boots no stock kernel
    friend bool operator==(const KvmFacts &, const KvmFacts &) = default;
};

struct KvmVerdict {
    bool usable = false;
    QString problem; ///< why not, a sentence
    QString fix;     ///< what can be done; may be empty
    friend bool operator==(const KvmVerdict &, const KvmVerdict &) = default;
};

/** Pure. */
KvmVerdict judgeKvm(const KvmFacts &facts);

/**
 * Looks at this machine when `uri` is local. Reads small files: any thread but the GUI's. `offered`: whether the host
 * gave domain capabilities for kvm; `foreignArch`: the guest's architecture is not the host's. `root`: instead of "/"
 * (for tests).
 */
KvmFacts readKvmFacts(
    const virt::ConnectionUri &uri, bool offered, bool foreignArch, const QString &root = QStringLiteral("/"));

} // namespace vireo::operation
