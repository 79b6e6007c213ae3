// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "app/commandline.h"
#include "app/virtmanagerimport.h"

using vireo::app::CommandLine;
using vireo::app::parseCommandLine;
using Show = vireo::app::CommandLine::Show;
using Verb = vireo::app::CommandLine::Verb;

Q_DECLARE_METATYPE(vireo::app::CommandLine)

class TestAppCommandLine final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accepts_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<CommandLine>("expected");
        const auto row = [](const char *arguments, const CommandLine &expected) {
            QTest::newRow(*arguments ? arguments : "nothing") << QString::fromUtf8(arguments) << expected;
        };
        const QString system = QStringLiteral("qemu:///system");
        row("", {});
        row("-c qemu:///system", {.uris = {system}});
        row("--connect=qemu:///system", {.uris = {system}});
        row("-c qemu:///system --connect test:///default", {.uris = {system, QStringLiteral("test:///default")}});
        row("-c qemu:///system --show-domain-creator", {.uris = {system}, .show = Show::Creator});
        row("-c qemu:///system --show-domain-editor web01",
            {.uris = {system}, .show = Show::Editor, .domain = QStringLiteral("web01")});
        row("-c qemu:///system --show-domain-console 7",
            {.uris = {system}, .show = Show::Console, .domain = QStringLiteral("7")});
        row("--demo --show-domain-console 数据库",
            {.show = Show::Console, .domain = QStringLiteral("数据库"), .demo = true});
        row("-c qemu:///system --show-host-summary", {.uris = {system}, .show = Show::HostSummary});
        row("--debug", {.debug = true});
        row("--demo --screenshot /tmp/x.png", {.demo = true, .screenshot = QStringLiteral("/tmp/x.png")});
        row("--demo -c qemu:///system", {.uris = {system}, .demo = true});
        row("--version", {.version = true});
        row("-v", {.version = true});
        row("--help --show-domain-creator", {.show = Show::Creator, .help = true});
        row("--show-domain-creator --demo", {.show = Show::Creator, .demo = true});
        row("/srv/web01.xml", {.file = QStringLiteral("/srv/web01.xml")});
        row("-c qemu:///system web01.XML", {.uris = {system}, .file = QStringLiteral("web01.XML")});
        row("run draft.json", {.verb = Verb::Run, .operand = QStringLiteral("draft.json")});
        row("run - --dry-run --json",
            {.verb = Verb::Run, .operand = QStringLiteral("-"), .dryRun = true, .json = true});
        row("--debug run --yes draft.json",
            {.debug = true, .verb = Verb::Run, .operand = QStringLiteral("draft.json"), .yes = true});
        row("jobs", {.verb = Verb::Jobs});
        row("jobs --compare --json", {.verb = Verb::Jobs, .json = true, .compare = true});
        row("recover 12ab --finish",
            {.verb = Verb::Recover, .operand = QStringLiteral("12ab"), .recover = CommandLine::Recover::Finish});
        row("recover --undo 12ab",
            {.verb = Verb::Recover, .operand = QStringLiteral("12ab"), .recover = CommandLine::Recover::Undo});
        row("run --help", {.help = true, .verb = Verb::Run});
    }

    void accepts()
    {
        QFETCH(QString, arguments);
        QFETCH(CommandLine, expected);
        const auto line = parseCommandLine(
            QStringList(QStringLiteral("vireo")) + arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts));
        QVERIFY2(line.has_value(), line ? "" : qPrintable(line.error()));
        QVERIFY(*line == expected);
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("word"); ///< that the sentence must hold
        const auto row = [](const char *name, const QStringList &arguments, const char *word) {
            QTest::newRow(name) << arguments << QString::fromUtf8(word);
        };
        const QString show = QStringLiteral("--show-domain-editor");
        row("unknown", {QStringLiteral("--frobnicate")}, "frobnicate");
        row("positional", {QStringLiteral("qemu:///system")}, "--connect");
        row("show without host", {show, QStringLiteral("web01")}, "--connect");
        row("no value", {QStringLiteral("--demo"), show}, "show-domain-editor");
        row("empty value", {QStringLiteral("--demo"), show, QString()}, "show-domain-editor");
        row("control character", {QStringLiteral("--demo"), show, QStringLiteral("a\x1b[2J")}, "show-domain-editor");
        row("two shows", {QStringLiteral("--demo"), show, QStringLiteral("a"), QStringLiteral("--show-host-summary")},
            "Only one");
        row("no file", {QStringLiteral("--screenshot")}, "screenshot");
        row("two files", {QStringLiteral("a.xml"), QStringLiteral("b.xml")}, "b.xml");
        row("file and show", {QStringLiteral("--demo"), show, QStringLiteral("a"), QStringLiteral("b.xml")}, "file");
        const auto words = [](const char *text) {
            return QString::fromLatin1(text).split(QLatin1Char(' '));
        };
        row("run what", words("run"), "DRAFT.json");
        row("run two", words("run a.json b.json"), "b.json");
        row("jobs with an argument", words("jobs 12ab"), "12ab");
        row("recover how", words("recover 12ab"), "--finish");
        row("recover both", words("recover 12ab --finish --undo"), "Only one");
        row("recover what", words("recover --undo"), "ID");
        row("option of another verb", words("jobs --yes"), "--yes");
        row("window's option with a verb", words("run a.json --demo"), "--demo");
        row("verb's option without one", words("--dry-run"), "verb");
    }

    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, word);
        const auto line = parseCommandLine(QStringList(QStringLiteral("vireo")) + arguments);
        QVERIFY(!line.has_value());
        QVERIFY2(line.error().contains(word), qPrintable(line.error()));
    }

    void helpNamesEveryOption()
    {
        const QString help = vireo::app::commandLineHelp();
        for (const char *name :
            {"-c, --connect", "--show-domain-creator", "--show-domain-editor", "--show-domain-console",
                "--show-host-summary", "--debug", "--version", "--help", "--demo", "--screenshot"}) {
            QVERIFY2(help.contains(QLatin1String(name)), name);
        }
    }

    void readsVariants_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("two") << QStringLiteral("['qemu:///system', 'qemu+ssh://root@host/system']\n")
                             << QStringList{
                                    QStringLiteral("qemu:///system"), QStringLiteral("qemu+ssh://root@host/system")};
        QTest::newRow("empty") << QStringLiteral("@as []") << QStringList();
        QTest::newRow("unset") << QString() << QStringList();
        QTest::newRow("quotes") << QStringLiteral("[\"it's\", 'a\\'b', 'c\\\\d']")
                                << QStringList{QStringLiteral("it's"), QStringLiteral("a'b"), QStringLiteral("c\\d")};
        QTest::newRow("comma inside") << QStringLiteral("['a,b']") << QStringList{QStringLiteral("a,b")};
        QTest::newRow("another type") << QStringLiteral("[1, 2]") << QStringList();
        QTest::newRow("not closed") << QStringLiteral("['a]") << QStringList();
        QTest::newRow("no array") << QStringLiteral("'qemu:///system'") << QStringList();
    }

    void readsVariants()
    {
        QFETCH(QString, text);
        QFETCH(QStringList, expected);
        QCOMPARE(vireo::app::parseStringArray(text), expected);
    }
};

QTEST_GUILESS_MAIN(TestAppCommandLine)
#include "tst_appcommandline.moc"
