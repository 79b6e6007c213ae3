// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandlinetable.h"

namespace vireo::app {

using Kind = OptionKind;
using Verb = CommandLine::Verb;

QList<VerbWord> commandLineVerbs()
{
    return {
        {Verb::Run, QStringLiteral("run"), CommandLineText::tr("DRAFT.json"),
            CommandLineText::tr("Do what a draft says (“-”: read it from standard input).")},
        {Verb::Jobs, QStringLiteral("jobs"), {},
            CommandLineText::tr("List the jobs of the journal: running, interrupted, stuck and ended ones.")},
        {Verb::Recover, QStringLiteral("recover"), CommandLineText::tr("ID"),
            CommandLineText::tr("Finish or undo a job that was interrupted.")},
    };
}

QList<Option> commandLineOptions()
{
    const QString domain = CommandLineText::tr("NAME|ID|UUID");
    const QList<Verb> any{Verb::Window, Verb::Run, Verb::Jobs, Verb::Recover};
    return {
        {Kind::Connect, {QStringLiteral("c"), QStringLiteral("connect")}, CommandLineText::tr("URI"),
            CommandLineText::tr("Connect to this host; may be given several times.")},
        {Kind::Creator, {QStringLiteral("show-domain-creator")}, {}, CommandLineText::tr("Show the New VM wizard.")},
        {Kind::Editor, {QStringLiteral("show-domain-editor")}, domain, CommandLineText::tr("Show a VM's own window.")},
        {Kind::Console, {QStringLiteral("show-domain-console")}, domain, CommandLineText::tr("Show a VM's console.")},
        {Kind::HostSummary, {QStringLiteral("show-host-summary")}, {}, CommandLineText::tr("Show the host's page.")},
        {Kind::Demo, {QStringLiteral("demo")}, {},
            CommandLineText::tr("Show the built-in demo host, and besides it only what --connect names.")},
        {Kind::Screenshot, {QStringLiteral("screenshot")}, CommandLineText::tr("FILE"),
            CommandLineText::tr("Save a picture of the main window as PNG and exit.")},
        {Kind::DryRun, {QStringLiteral("dry-run")}, {},
            CommandLineText::tr("run: say what would be done, and do nothing."), {Verb::Run}},
        {Kind::Yes, {QStringLiteral("yes")}, {}, CommandLineText::tr("run: go on in spite of warnings."), {Verb::Run}},
        {Kind::Compare, {QStringLiteral("compare")}, {},
            CommandLineText::tr("jobs: ask the hosts what there is of each step of an interrupted job."), {Verb::Jobs}},
        {Kind::Finish, {QStringLiteral("finish")}, {},
            CommandLineText::tr("recover: run the interrupted step again, and the rest."), {Verb::Recover}},
        {Kind::Undo, {QStringLiteral("undo")}, {}, CommandLineText::tr("recover: take back what the job did."),
            {Verb::Recover}},
        {Kind::Json, {QStringLiteral("json")}, {},
            CommandLineText::tr("run, jobs, recover: print one JSON object per line."),
            {Verb::Run, Verb::Jobs, Verb::Recover}},
        {Kind::Debug, {QStringLiteral("debug")}, {}, CommandLineText::tr("Print what Vireo does to the terminal."),
            any},
        {Kind::Version, {QStringLiteral("v"), QStringLiteral("version")}, {},
            CommandLineText::tr("Print the version and exit."), any},
        {Kind::Help, {QStringLiteral("h"), QStringLiteral("help")}, {},
            CommandLineText::tr("Print this help and exit."), any},
    };
}

QString typedNames(const Option &option)
{
    QStringList names;
    for (const QString &name : option.names) {
        names.append((name.size() == 1 ? QStringLiteral("-") : QStringLiteral("--")) + name);
    }
    return names.join(QStringLiteral(", "));
}

} // namespace vireo::app
