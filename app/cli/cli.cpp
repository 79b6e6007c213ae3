// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include <csignal>
#include <pwd.h>
#include <unistd.h>

#include <QCoreApplication>

#include "app/cli/recoverer.h"
#include "app/cli/runner.h"
#include "app/unixsignals.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;

namespace vireo::app::cli {

namespace {

/** Services and cron jobs may have none; the journal must not end up somewhere else then. */
void ensureHome()
{
    if (!qEnvironmentVariableIsEmpty("HOME")) {
        return;
    }
    if (const passwd *user = ::getpwuid(::getuid()); user && user->pw_dir) {
        qputenv("HOME", user->pw_dir);
    }
}

int runDraft(const CommandLine &line, Output &output)
{
    const auto draft = readDraft(line.operand, output); // Ctrl+C ends this, as usual
    if (!draft) {
        return static_cast<int>(Exit::InvalidDraft);
    }
    UnixSignals signals(UnixSignals::Second::Tells);
    Session session(output, signals);
    Runner runner(line, session);
    QObject::connect(
        &runner, &Runner::finished, qApp, [](Exit exit) { QCoreApplication::exit(static_cast<int>(exit)); },
        Qt::QueuedConnection);
    runner.begin(*draft);
    return QCoreApplication::exec();
}

int recover(const CommandLine &line, Output &output)
{
    const auto recovery = line.recover == CommandLine::Recover::Finish ? job::Recovery::Finish : job::Recovery::Undo;
    const auto entry = findJob(line.operand, recovery);
    if (!entry) {
        return static_cast<int>(output.result(Exit::Refused, u"refused"_s, entry.error().message, entry.error()));
    }
    UnixSignals signals(UnixSignals::Second::Tells);
    Session session(output, signals);
    Recoverer recoverer(line, session);
    QObject::connect(
        &recoverer, &Recoverer::finished, qApp, [](Exit exit) { QCoreApplication::exit(static_cast<int>(exit)); },
        Qt::QueuedConnection);
    recoverer.begin(*entry);
    return QCoreApplication::exec();
}

} // namespace

int run(const CommandLine &line)
{
    qRegisterMetaType<Exit>();
    ensureHome();
    virt::quietLibvirt();
    // A reader that goes away ("| head") must not kill a job half-way.
    std::signal(SIGPIPE, SIG_IGN);
    Output output(line.json);
    switch (line.verb) {
    case CommandLine::Verb::Run:
        return runDraft(line, output);
    case CommandLine::Verb::Jobs:
        return static_cast<int>(listJobs(line, output));
    case CommandLine::Verb::Recover:
        return recover(line, output);
    case CommandLine::Verb::Window:
        break;
    }
    return static_cast<int>(Exit::Refused);
}

} // namespace vireo::app::cli
