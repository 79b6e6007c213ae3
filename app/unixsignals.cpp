// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/unixsignals.h"

#include <array>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

#include <QSocketNotifier>

namespace vireo::app {

namespace {

constexpr std::array Handled{SIGTERM, SIGINT, SIGHUP};
// Written by the handler, which may use nothing but what is safe in a signal.
std::array<int, 2> ends{-1, -1};

extern "C" void noteSignal(int)
{
    const char byte = 1;
    [[maybe_unused]] const auto written = ::write(ends[0], &byte, 1);
}

} // namespace

UnixSignals::UnixSignals(Second second, QObject *parent)
    : QObject(parent)
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        return; // then a signal ends the program at once, as usual
    }
    auto *notifier = new QSocketNotifier(ends[1], QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this, second] {
        char byte = 0;
        while (::read(ends[1], &byte, 1) > 0) {}
        for (const int number : Handled) {
            if (second == Second::Ends) {
                std::signal(number, SIG_DFL);
            }
        }
        Q_EMIT endRequested();
    });
    struct sigaction action = {};
    action.sa_handler = noteSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : Handled) {
        ::sigaction(number, &action, nullptr);
    }
}

UnixSignals::~UnixSignals()
{
    for (const int number : Handled) {
        std::signal(number, SIG_DFL);
    }
    for (int &end : ends) {
        if (end >= 0) {
            ::close(end);
        }
        end = -1;
    }
}

} // namespace vireo::app
