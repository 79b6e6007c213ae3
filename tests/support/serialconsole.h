// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QString>

namespace vireo::test {

/// A domain's serial console, reached as a user would: `virsh console` on a terminal of its own. Reads in the event
/// loop while it waits. The destructor lets go of the console.
class SerialConsole final
{
    Q_DISABLE_COPY_MOVE(SerialConsole)

public:
    SerialConsole(const QString &uri, const QString &domain);
    ~SerialConsole();

    /// Waits until `text` has come from the guest since the last call that found something.
    bool waitFor(const QString &text, int timeoutMs);
    /// Types a line into the shell that shows `prompt`, and returns what it prints; empty when nothing came in time.
    /// The prompt is asked for again and again, as a guest's first characters may be lost.
    QString ask(const QString &prompt, const QString &line, int timeoutMs);
    /// All that was seen, for the message of a failing test.
    QString transcript() const { return m_seen; }

private:
    void type(const QString &line);
    void read();

    QProcess m_process;
    QString m_seen;
    qsizetype m_from = 0;
    int m_questions = 0;
};

} // namespace vireo::test
