// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QStringList>

#include "backend/base/error.h"

namespace vireo::xml {

/** Something in a domain XML from elsewhere by which it reaches beyond the virtual machine. */
struct ImportRisk {
    enum class Severity {
        Note,    ///< the user may want to know
        Warning, ///< reads or opens something of the host
        Danger   ///< runs or takes over something of the host
    };
    enum class Kind {
        HostPath,
        HostDevice,
        Script,
        HypervisorArguments,
        SharedFolder,
        HostChannel, ///< consoles, channels and sockets
        Listener,
        Network,
        Isolation, ///< what keeps guests apart is switched off
        Resources,
        Metadata
    };
    Severity severity = Severity::Warning;
    Kind kind = Kind::HostPath;
    QString element; ///< where: "devices/disk[2]/source"
    int line = 0;    ///< in the document
    QString text;    ///< a sentence
    friend bool operator==(const ImportRisk &, const ImportRisk &) = default;
};

/** What is known about the host that takes it. */
struct ImportHost {
    QStringList poolPaths; ///< directories of its pools: a disk in one of them is only noted
};

/**
 * All risks of a domain XML, the worst first, in the document's order among equals. Empty: nothing was found that
 * reaches beyond the machine itself. Pure; any thread. Errors: Document::parse's (no DOCTYPE), or no domain.
 */
Result<QList<ImportRisk>> importRisks(const QString &domainXml, const ImportHost &host = {});

} // namespace vireo::xml
