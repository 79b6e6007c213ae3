// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

#include <algorithm>
#include <optional>

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>

namespace vireo::app {

namespace {

struct CommandLineText {
    Q_DECLARE_TR_FUNCTIONS(vireo::app::CommandLine)
};

using Verb = CommandLine::Verb;

enum class Kind {
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

struct VerbWord {
    Verb verb;
    QString word;
    QString operand; ///< what its argument is called; empty: it has none
    QString description;
};

/** All verbs, in the order of the help. */
QList<VerbWord> verbs()
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

struct Option {
    Kind kind;
    QStringList names;
    QString value; ///< what its value is called; empty: it has none
    QString description;
    QList<Verb> verbs = {Verb::Window}; ///< that take it
};

/** All options, in the order of the help. */
QList<Option> options()
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

void addTo(QCommandLineParser &parser)
{
    for (const Option &option : options()) {
        parser.addOption(QCommandLineOption(option.names, option.description, option.value));
    }
}

std::optional<VerbWord> verbOf(const QString &word)
{
    const QList<VerbWord> all = verbs();
    const auto found = std::ranges::find(all, word, &VerbWord::word);
    return found == all.end() ? std::nullopt : std::optional(*found);
}

/** Takes the verb and its operand from what is no option. Gives what is wrong, or nothing. */
QString readVerb(QStringList words, CommandLine &line)
{
    if (words.isEmpty()) {
        return {};
    }
    const QString first = words.takeFirst();
    const auto verb = verbOf(first);
    if (!verb) {
        return CommandLineText::tr("“%1” is not an option; a host is given with --connect.").arg(first);
    }
    line.verb = verb->verb;
    if (!verb->operand.isEmpty()) {
        if (words.isEmpty() || words.constFirst().isEmpty()) {
            return CommandLineText::tr("“vireo %1” needs its argument: vireo %1 %2").arg(verb->word, verb->operand);
        }
        line.operand = words.takeFirst();
    }
    return words.isEmpty() ? QString() : CommandLineText::tr("“%1” is too much.").arg(words.constFirst());
}

bool hasControlCharacter(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
}

} // namespace

std::expected<CommandLine, QString> parseCommandLine(const QStringList &arguments)
{
    QCommandLineParser parser;
    addTo(parser);
    const auto refuse = [](const QString &sentence) {
        return std::unexpected(sentence);
    };
    if (!parser.parse(arguments)) {
        return refuse(parser.errorText());
    }

    CommandLine line;
    const QString verbProblem = readVerb(parser.positionalArguments(), line);
    int shows = 0;
    for (const Option &option : options()) {
        const QString &name = option.names.last();
        if (!parser.isSet(name)) {
            continue;
        }
        if (!option.verbs.contains(line.verb) && verbProblem.isEmpty() && !parser.isSet(QStringLiteral("help"))) {
            return refuse(line.verb == Verb::Window
                    ? CommandLineText::tr("--%1 needs a verb before it: see vireo --help.").arg(name)
                    : CommandLineText::tr("--%1 does not go with this verb.").arg(name));
        }
        const QString value = option.value.isEmpty() ? QString() : parser.value(name);
        if (!option.value.isEmpty() && (value.trimmed().isEmpty() || hasControlCharacter(value))) {
            return refuse(CommandLineText::tr("--%1 needs a value.").arg(name));
        }
        const auto show = [&](CommandLine::Show what) {
            line.show = what;
            line.domain = value;
            ++shows;
        };
        switch (option.kind) {
        case Kind::Connect:
            line.uris = parser.values(name);
            break;
        case Kind::Creator:
            show(CommandLine::Show::Creator);
            break;
        case Kind::Editor:
            show(CommandLine::Show::Editor);
            break;
        case Kind::Console:
            show(CommandLine::Show::Console);
            break;
        case Kind::HostSummary:
            show(CommandLine::Show::HostSummary);
            break;
        case Kind::DryRun:
            line.dryRun = true;
            break;
        case Kind::Yes:
            line.yes = true;
            break;
        case Kind::Compare:
            line.compare = true;
            break;
        case Kind::Finish:
        case Kind::Undo:
            if (line.recover != CommandLine::Recover::Nothing) {
                return refuse(CommandLineText::tr("Only one of --finish and --undo can be given."));
            }
            line.recover = option.kind == Kind::Finish ? CommandLine::Recover::Finish : CommandLine::Recover::Undo;
            break;
        case Kind::Json:
            line.json = true;
            break;
        case Kind::Debug:
            line.debug = true;
            break;
        case Kind::Demo:
            line.demo = true;
            break;
        case Kind::Screenshot:
            line.screenshot = value;
            break;
        case Kind::Version:
            line.version = true;
            break;
        case Kind::Help:
            line.help = true;
            break;
        }
    }
    if (line.help || line.version) {
        return line;
    }
    if (!verbProblem.isEmpty()) {
        return refuse(verbProblem);
    }
    if (line.verb == Verb::Recover && line.recover == CommandLine::Recover::Nothing) {
        return refuse(CommandLineText::tr("Say what shall become of the job: --finish or --undo."));
    }
    if (shows > 1) {
        return refuse(CommandLineText::tr("Only one of the --show options can be given at once."));
    }
    if (shows == 1 && line.uris.isEmpty() && !line.demo) {
        return refuse(CommandLineText::tr("The --show options need --connect URI."));
    }
    return line;
}

QString commandLineHelp()
{
    // Made here and not by QCommandLineParser, which needs the application's name and sorts as it likes.
    QString text = CommandLineText::tr("Usage: vireo [options]\n"
                                       "       vireo run DRAFT.json [--dry-run] [--yes] [--json]\n"
                                       "       vireo jobs [--compare] [--json]\n"
                                       "       vireo recover ID --finish|--undo [--json]\n"
                                       "Runs virtual machines on one or many libvirt hosts.\n");
    QList<std::pair<QString, QString>> rows; ///< an empty second one: a heading
    rows.append({CommandLineText::tr("Without a window:"), {}});
    const QList<VerbWord> words = verbs();
    for (const VerbWord &verb : words) {
        rows.append(
            {verb.operand.isEmpty() ? verb.word : verb.word + QLatin1Char(' ') + verb.operand, verb.description});
    }
    rows.append({CommandLineText::tr("Options:"), {}});
    const QList<Option> all = options();
    for (const Option &option : all) {
        QStringList names;
        for (const QString &name : option.names) {
            names.append((name.size() == 1 ? QStringLiteral("-") : QStringLiteral("--")) + name);
        }
        QString head = names.join(QStringLiteral(", "));
        if (!option.value.isEmpty()) {
            head += QLatin1Char(' ') + option.value;
        }
        rows.append({head, option.description});
    }
    qsizetype width = 0;
    for (const auto &[head, description] : std::as_const(rows)) {
        width = std::max(width, description.isEmpty() ? 0 : head.size());
    }
    for (const auto &[head, description] : std::as_const(rows)) {
        text += description.isEmpty() ? QStringLiteral("\n%1\n").arg(head)
                                      : QStringLiteral("  %1  %2\n").arg(head, -width).arg(description);
    }
    //: after the options; the words in quotation marks stay as they are
    text += CommandLineText::tr(
        "\nExit status of run and recover: 0 done; 1 refused by a blocker or a warning, or failed and undone; 2 the "
        "draft\nis invalid; 3 failed and could not be fully undone; 130 cancelled (Ctrl+C) and undone.\n"
        "\nWith --json each line is an object with \"type\": \"plan\", \"finding\", \"step\", \"progress\", \"log\", "
        "\"error\", \"job\" or,\nas the last one, \"result\" with \"state\", \"exit\" and, where something is left, "
        "\"remains\".\n");
    return text;
}

} // namespace vireo::app
