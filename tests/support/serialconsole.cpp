// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "serialconsole.h"

#include <QTest>

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

constexpr int endTimeoutMs = 10000;
constexpr int knockEveryMs = 2000;

QString quoted(QString text)
{
    return u'\'' + text.replace(u'\'', u"'\\''"_s) + u'\'';
}

} // namespace

SerialConsole::SerialConsole(const QString &uri, const QString &domain)
{
    // virsh wants a terminal: script(1) makes one. --force takes over from a console that was closed a moment ago.
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(u"script"_s,
        {u"-q"_s, u"-e"_s, u"-f"_s, u"-c"_s, u"virsh -c %1 console --force %2"_s.arg(quoted(uri), quoted(domain)),
            u"/dev/null"_s});
}

SerialConsole::~SerialConsole()
{
    m_process.write("\x1d"); // Ctrl+]
    if (!m_process.waitForFinished(endTimeoutMs)) {
        m_process.kill();
        m_process.waitForFinished();
    }
}

bool SerialConsole::waitFor(const QString &text, int timeoutMs)
{
    return QTest::qWaitFor(
        [&] {
            read();
            const qsizetype at = m_seen.indexOf(text, m_from);
            if (at < 0) {
                return false;
            }
            m_from = at + text.size();
            return true;
        },
        timeoutMs);
}

QString SerialConsole::ask(const QString &prompt, const QString &line, int timeoutMs)
{
    QElapsedTimer clock;
    clock.start();
    do {
        if (clock.elapsed() > timeoutMs) {
            return {};
        }
        type({});
    } while (!waitFor(prompt, knockEveryMs));
    // The marks are made by the shell, so that they are not found in an echo of what was typed.
    const QString number = QString::number(++m_questions);
    type(u"echo begin-$((0+%1)); %2; echo end-$((0+%1))"_s.arg(number, line));
    const QString begin = u"begin-"_s + number;
    if (!waitFor(begin, timeoutMs)) {
        return {};
    }
    const qsizetype from = m_from;
    const QString end = u"end-"_s + number;
    if (!waitFor(end, timeoutMs)) {
        return {};
    }
    return m_seen.mid(from, m_from - end.size() - from).remove(u'\r').trimmed();
}

void SerialConsole::type(const QString &line)
{
    m_process.write(line.toUtf8() + '\n');
}

void SerialConsole::read()
{
    m_seen += QString::fromUtf8(m_process.readAll());
}

} // namespace vireo::test
