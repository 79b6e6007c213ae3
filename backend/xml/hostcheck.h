// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/completion.h"
#include "backend/xml/diagnostic.h"

namespace vireo::xml {

/**
 * What a schema does not see in a domain: names that the host does not know (networks, bridges, pools, volumes,
 * filters, machine types, CPU models, models and buses of devices), and what may be there only once (disk targets, MAC
 * addresses, PCI and drive addresses). Warnings, in the order of the text, at most 200. A list of the host's that is
 * empty denies nothing. Pure; any thread.
 */
QList<Diagnostic> checkAgainstHost(const SyntaxTree &tree, const HostVocabulary &host);

} // namespace vireo::xml
