// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QList>
#include <QStringList>

#include "app/commandline.h"

namespace vireo::app {

// The one table of verbs and options: the parser, --help, the man page and the shells' completions are made from it.

/** The context of everything translated here. */
struct CommandLineText {
    Q_DECLARE_TR_FUNCTIONS(vireo::app::CommandLine)
};

enum class OptionKind {
    Connect,
    Creator,
    Editor,
    Console,
    HostSummary,
    Debug,
    Demo,
    Screenshot,
    DryRun,
    Yes,
    Compare,
    Finish,
    Undo,
    Json,
    Version,
    Help
};

/** A verb: what is done without a window. */
struct VerbWord {
    CommandLine::Verb verb;
    QString word;
    QString operand; ///< what its argument is called; empty: it has none
    QString description;
};

/** An option. Names are without dashes, the long one last. */
struct Option {
    OptionKind kind;
    QStringList names;
    QString value; ///< what its value is called; empty: it has none
    QString description;
    QList<CommandLine::Verb> verbs = {CommandLine::Verb::Window}; ///< that take it
};

/** All verbs, in the order of the help. */
QList<VerbWord> commandLineVerbs();
/** All options, in the order of the help. */
QList<Option> commandLineOptions();
/** "-c, --connect": the names of an option as they are typed. */
QString typedNames(const Option &option);

} // namespace vireo::app
