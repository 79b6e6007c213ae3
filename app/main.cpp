// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include <QApplication>
#include <QFileInfo>
#include <QIcon>
#include <QLoggingCategory>
#include <QPalette>

#include "app/application.h"
#include "app/askpass.h"
#include "app/cli/cli.h"
#include "app/commandline.h"
#include "app/singleinstance.h"
#include "app/unixsignals.h"
#include "ui/colours.h"

using vireo::app::Application;
using vireo::app::CommandLine;
using vireo::app::SingleInstance;
using vireo::app::UnixSignals;

namespace {

void setNames()
{
    QCoreApplication::setApplicationName(QStringLiteral("Vireo"));
    QCoreApplication::setApplicationVersion(QStringLiteral(VIREO_VERSION));
    QCoreApplication::setOrganizationDomain(QStringLiteral("vireo-vm.github.io"));
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.vireo_vm.Vireo"));
}

/** Some themes leave the placeholder text black on dark fields (Qt 6.4 with a KDE colour scheme): then paler text. */
void repairPlaceholderText()
{
    const QPalette palette = QGuiApplication::palette();
    const QColor base = palette.color(QPalette::Base);
    const QColor now = palette.color(QPalette::PlaceholderText);
    const QColor seen = vireo::ui::colours::blend(base, QColor(now.rgb()), now.alphaF());
    if (vireo::ui::colours::contrast(seen, base) >= 3) {
        return;
    }
    QPalette repaired;
    const QColor text = palette.color(QPalette::Text);
    repaired.setColor(QPalette::PlaceholderText, vireo::ui::colours::blend(base, text, 0.65));
    QApplication::setPalette(repaired);
}

/** What the AppImage lends Vireo for libraries that the host lacks (packaging/appimage/AppRun) is not for ssh. */
void giveBackLibraryPath()
{
    constexpr auto lent = "VIREO_LD_LIBRARY_PATH";
    if (!qEnvironmentVariableIsSet(lent)) {
        return;
    }
    const QByteArray before = qgetenv(lent);
    if (before.isEmpty()) {
        qunsetenv("LD_LIBRARY_PATH");
    } else {
        qputenv("LD_LIBRARY_PATH", before);
    }
    qunsetenv(lent);
}

} // namespace

int main(int argc, char **argv)
{
    giveBackLibraryPath();
    QStringList arguments;
    for (int index = 0; index < argc; ++index) {
        arguments.append(QString::fromLocal8Bit(argv[index]));
    }
    setNames();
    if (vireo::app::isAskpass(argv[0])) {
        return vireo::app::runAskpass(argc, argv);
    }
    Q_INIT_RESOURCE(vireo);

    // What needs no window needs no display.
    const auto line = vireo::app::parseCommandLine(arguments);
    if (!line) {
        std::fprintf(stderr, "vireo: %s\n", qUtf8Printable(line.error()));
        return 1;
    }
    if (line->help || line->version) {
        std::fputs(line->help ? qUtf8Printable(vireo::app::commandLineHelp()) : "vireo " VIREO_VERSION "\n", stdout);
        return 0;
    }
    if (line->debug) {
        QLoggingCategory::setFilterRules(QStringLiteral("vireo.*=true"));
    }

    if (line->verb != CommandLine::Verb::Window) {
        const QCoreApplication core(argc, argv);
        return vireo::app::cli::run(*line);
    }

    // ssh must ask through a window, never on a terminal that nobody looks at (as virt-manager does).
    if (!qEnvironmentVariableIsSet("SSH_ASKPASS_REQUIRE")) {
        qputenv("SSH_ASKPASS_REQUIRE", "force");
    }
    vireo::app::offerAskpass();

    const QApplication qt(argc, argv);
    repairPlaceholderText();
    QApplication::setApplicationDisplayName(QStringLiteral("Vireo"));
    QApplication::setWindowIcon(
        QIcon::fromTheme(QStringLiteral("io.github.vireo_vm.Vireo"), QIcon(QStringLiteral(":/vireo/icon.svg"))));

    const UnixSignals signals;
    QObject::connect(&signals, &UnixSignals::endRequested, &qt, [] { QCoreApplication::exit(0); });
    std::unique_ptr<Application> application;
    const auto start = [&] {
        application = std::make_unique<Application>(*line);
        QObject::connect(application.get(), &Application::finished, &qt, &QCoreApplication::exit);
    };
    SingleInstance instance;
    QObject::connect(&instance, &SingleInstance::startHere, &qt, start);
    QObject::connect(&instance, &SingleInstance::handedOver, &qt, [] { QCoreApplication::exit(0); });
    QObject::connect(&instance, &SingleInstance::opened, &qt, [&](const QStringList &others) {
        if (application) {
            application->open(others);
        }
    });
    // A demo or a picture is for itself, whatever else runs.
    if (line->demo || !line->screenshot.isEmpty()) {
        QMetaObject::invokeMethod(qApp, start, Qt::QueuedConnection);
    } else {
        // The Vireo that runs already has another working directory.
        if (const qsizetype file = line->file.isEmpty() ? -1 : arguments.lastIndexOf(line->file); file > 0) {
            arguments[file] = QFileInfo(line->file).absoluteFilePath();
        }
        instance.begin(arguments);
    }
    return QApplication::exec();
}
