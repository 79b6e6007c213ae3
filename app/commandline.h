// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <expected>

#include <QString>
#include <QStringList>

namespace vireo::app {

/** What the command line asks for. A value; the options are those of virt-manager where it has them. */
struct CommandLine {
    enum class Show { Nothing, Creator, Editor, Console, HostSummary };

    QStringList uris = {}; ///< of -c/--connect, in their order
    Show show = Show::Nothing;
    QString domain = {}; ///< name, id or UUID, for Editor and Console
    bool debug = false;
    bool demo = false;
    bool version = false;
    bool help = false;
    QString screenshot = {}; ///< file to be written; empty: none

    friend bool operator==(const CommandLine &, const CommandLine &) = default;
};

/** `arguments` begins with the program's name. The error is a sentence for the terminal. Needs no application object.
 */
std::expected<CommandLine, QString> parseCommandLine(const QStringList &arguments);
/** The text of --help. */
QString commandLineHelp();

} // namespace vireo::app
