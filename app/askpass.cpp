// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/askpass.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <QApplication>
#include <QFileInfo>

#include "ui/askpassdialog.h"

using namespace Qt::StringLiterals;

namespace vireo::app {

namespace {

constexpr auto name = "vireo-askpass"_L1;

/** Where distributions have what ssh starts when it is told nothing else. */
constexpr std::array usual{"/usr/bin/ssh-askpass"_L1, "/usr/lib/ssh/ssh-askpass"_L1, "/usr/libexec/ssh-askpass"_L1,
    "/usr/libexec/openssh/ssh-askpass"_L1, "/usr/lib/openssh/ssh-askpass"_L1, "/usr/lib/ssh/x11-ssh-askpass"_L1};

} // namespace

void offerAskpass()
{
    constexpr auto variable = "SSH_ASKPASS";
    if (qEnvironmentVariableIsSet(variable)
        || std::ranges::any_of(usual, [](QLatin1StringView path) { return QFileInfo::exists(path); })) {
        return;
    }
    // Not applicationDirPath(): there is no application yet.
    const QString program = QFileInfo(u"/proc/self/exe"_s).symLinkTarget();
    const QFileInfo own(QFileInfo(program).path() + u"/../libexec/vireo/"_s + name);
    if (own.isExecutable()) {
        qputenv(variable, QFile::encodeName(own.absoluteFilePath()));
    }
}

bool isAskpass(const char *started)
{
    return QFileInfo(QFile::decodeName(started)).fileName() == name;
}

int runAskpass(int argc, char **argv)
{
    // The one argument is a text that ssh made, with parts that come from the server: nothing of it is an option.
    int count = 1;
    const QApplication application(count, argv);
    const QString prompt = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    ui::AskpassDialog dialog(prompt, qEnvironmentVariable("SSH_ASKPASS_PROMPT"));
    QObject::connect(&dialog, &QDialog::finished, &application, [&dialog](int result) {
        if (result == QDialog::Accepted && !dialog.answer().isNull()) {
            const QByteArray answer = dialog.answer().toUtf8() + '\n';
            if (std::fwrite(answer.constData(), 1, static_cast<size_t>(answer.size()), stdout)
                != static_cast<size_t>(answer.size())) {
                result = QDialog::Rejected;
            }
        }
        QCoreApplication::exit(result == QDialog::Accepted && std::fflush(stdout) == 0 ? 0 : 1);
    });
    dialog.open();
    return QApplication::exec();
}

} // namespace vireo::app
