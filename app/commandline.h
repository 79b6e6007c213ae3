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
    /** Everything but Window runs on the terminal, without display, D-Bus and a running Vireo. */
    enum class Verb { Window, Run, Jobs, Recover };
    enum class Recover { Nothing, Finish, Undo };

    QStringList uris = {}; ///< of -c/--connect, in their order
    Show show = Show::Nothing;
    QString domain = {}; ///< name, id or UUID, for Editor and Console
    bool debug = false;
    bool demo = false;
    bool version = false;
    bool help = false;
    QString screenshot = {}; ///< file to be written; empty: none
    QString file = {};       ///< a domain's definition from which a new VM is to be made; empty: none

    Verb verb = Verb::Window;
    QString operand = {}; ///< Run: the draft's file, "-" for standard input; Recover: the job's id or its beginning
    bool dryRun = false;
    bool json = false;
    bool yes = false;     ///< go on in spite of warnings
    bool compare = false; ///< ask the hosts what is there
    Recover recover = Recover::Nothing;

    friend bool operator==(const CommandLine &, const CommandLine &) = default;
};

/** `arguments` begins with the program's name. The error is a sentence for the terminal. Needs no application object.
 */
std::expected<CommandLine, QString> parseCommandLine(const QStringList &arguments);
/** The text of --help. */
QString commandLineHelp();

} // namespace vireo::app
