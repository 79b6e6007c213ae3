// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

#include <algorithm>
#include <optional>

#include <QCommandLineParser>

#include "app/commandlinetable.h"

namespace vireo::app {

namespace {

using Kind = OptionKind;
using Verb = CommandLine::Verb;

void addTo(QCommandLineParser &parser)
{
    for (const Option &option : commandLineOptions()) {
        parser.addOption(QCommandLineOption(option.names, option.description, option.value));
    }
}

std::optional<VerbWord> verbOf(const QString &word)
{
    const QList<VerbWord> all = commandLineVerbs();
    const auto found = std::ranges::find(all, word, &VerbWord::word);
    return found == all.end() ? std::nullopt : std::optional(*found);
}

/** Whether a word that is no verb can be meant as a file: file managers give absolute paths. */
bool looksLikeFile(const QString &word)
{
    return word.contains(QLatin1Char('/')) || word.endsWith(QLatin1String(".xml"), Qt::CaseInsensitive);
}

/** Takes the verb and its operand from what is no option. Gives what is wrong, or nothing. */
QString readVerb(QStringList words, CommandLine &line)
{
    if (words.isEmpty()) {
        return {};
    }
    const QString first = words.takeFirst();
    const auto verb = verbOf(first);
    if (!verb && looksLikeFile(first) && !first.contains(QLatin1String("://"))) {
        line.file = first;
        return words.isEmpty() ? QString() : CommandLineText::tr("“%1” is too much.").arg(words.constFirst());
    }
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
    for (const Option &option : commandLineOptions()) {
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
    if (!line.file.isEmpty() && shows > 0) {
        return refuse(CommandLineText::tr("A file does not go with the --show options."));
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
    QString text =
        CommandLineText::tr("Usage: vireo [options] [DOMAIN.xml]\n"
                            "       vireo run DRAFT.json [--dry-run] [--yes] [--json]\n"
                            "       vireo jobs [--compare] [--json]\n"
                            "       vireo recover ID --finish|--undo [--json]\n"
                            "Runs virtual machines on one or many libvirt hosts. DOMAIN.xml: propose a new VM "
                            "by this definition.\n");
    QList<std::pair<QString, QString>> rows; ///< an empty second one: a heading
    rows.append({CommandLineText::tr("Without a window:"), {}});
    const QList<VerbWord> words = commandLineVerbs();
    for (const VerbWord &verb : words) {
        rows.append(
            {verb.operand.isEmpty() ? verb.word : verb.word + QLatin1Char(' ') + verb.operand, verb.description});
    }
    rows.append({CommandLineText::tr("Options:"), {}});
    const QList<Option> all = commandLineOptions();
    for (const Option &option : all) {
        QString head = typedNames(option);
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
