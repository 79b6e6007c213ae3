// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include <QString>

#include "backend/virt/connection.h"

/** What the command line needs of the terminal. */
namespace vireo::app::cli::terminal {

/** `text` without what a terminal would obey: names and messages come from elsewhere. Any thread. */
QString plain(const QString &text);

/**
 * Asks for what libvirt wants to know, on the controlling terminal; secrets without echo. Blocks until everything was
 * answered, on the thread that opens a connection. False: there is no terminal, or it was cancelled.
 */
bool ask(virt::CredentialRequest &request, const std::stop_token &stop);

} // namespace vireo::app::cli::terminal
