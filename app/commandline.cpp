// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>

namespace vireo::app {

namespace {

struct CommandLineText {
    Q_DECLARE_TR_FUNCTIONS(vireo::app::CommandLine)
};

enum class Kind { Connect, Creator, Editor, Console, HostSummary, Debug, Demo, Screenshot, Version, Help };

struct Option {
    Kind kind;
    QStringList names;
    QString value; ///< what its value is called; empty: it has none
    QString description;
};

/** All options, in the order of the help. */
QList<Option> options()
{
    const QString domain = CommandLineText::tr("NAME|ID|UUID");
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
        {Kind::Debug, {QStringLiteral("debug")}, {}, CommandLineText::tr("Print what Vireo does to the terminal.")},
        {Kind::Version, {QStringLiteral("v"), QStringLiteral("version")}, {},
            CommandLineText::tr("Print the version and exit.")},
        {Kind::Help, {QStringLiteral("h"), QStringLiteral("help")}, {},
            CommandLineText::tr("Print this help and exit.")},
    };
}

void addTo(QCommandLineParser &parser)
{
    for (const Option &option : options()) {
        parser.addOption(QCommandLineOption(option.names, option.description, option.value));
    }
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
    int shows = 0;
    for (const Option &option : options()) {
        const QString &name = option.names.last();
        if (!parser.isSet(name)) {
            continue;
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
    if (!parser.positionalArguments().isEmpty()) {
        return refuse(CommandLineText::tr("“%1” is not an option; a host is given with --connect.")
                .arg(parser.positionalArguments().first()));
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
    QString text = CommandLineText::tr(
        "Usage: vireo [options]\nRuns virtual machines on one or many libvirt hosts.\n\nOptions:\n");
    QStringList heads;
    qsizetype width = 0;
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
        width = std::max(width, head.size());
        heads.append(head);
    }
    for (qsizetype index = 0; index < all.size(); ++index) {
        text += QStringLiteral("  %1  %2\n").arg(heads[index], -width).arg(all[index].description);
    }
    return text;
}

} // namespace vireo::app
