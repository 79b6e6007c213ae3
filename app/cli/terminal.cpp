// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/terminal.h"

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <QCoreApplication>

namespace vireo::app::cli::terminal {

namespace {

struct TerminalText {
    Q_DECLARE_TR_FUNCTIONS(cli_Terminal)
};

constexpr int PollMs = 100;
constexpr qsizetype LongestAnswer = 4096;

/** The controlling terminal, with or without echo; as it was when this goes. */
class Tty final
{
    Q_DISABLE_COPY_MOVE(Tty)

public:
    Tty()
        : m_fd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY))
    {
        m_known = m_fd >= 0 && ::tcgetattr(m_fd, &m_before) == 0;
    }
    ~Tty()
    {
        if (m_known) {
            ::tcsetattr(m_fd, TCSADRAIN, &m_before);
        }
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }

    bool isOpen() const { return m_known; }

    void setEcho(bool on)
    {
        termios wanted = m_before;
        if (!on) {
            wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        }
        ::tcsetattr(m_fd, TCSAFLUSH, &wanted);
    }

    void write(const QString &text)
    {
        const QByteArray bytes = text.toUtf8();
        [[maybe_unused]] const auto written = ::write(m_fd, bytes.constData(), static_cast<size_t>(bytes.size()));
    }

    /** One line without its end. Nothing: cancelled, or the terminal is gone. */
    std::optional<QString> readLine(const std::stop_token &stop)
    {
        QByteArray line;
        while (!stop.stop_requested()) {
            pollfd waiting{m_fd, POLLIN, 0};
            if (::poll(&waiting, 1, PollMs) <= 0) {
                continue;
            }
            char byte = 0;
            const auto got = ::read(m_fd, &byte, 1);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0 || line.size() > LongestAnswer) {
                break;
            }
            if (byte == '\n') {
                return QString::fromUtf8(line);
            }
            line.append(byte);
        }
        return std::nullopt;
    }

private:
    int m_fd;
    bool m_known = false;
    termios m_before{};
};

} // namespace

QString plain(const QString &text)
{
    QString result = text;
    for (QChar &c : result) {
        const QChar::Category category = c.category();
        if (category == QChar::Other_Control || category == QChar::Other_Format || category == QChar::Separator_Line
            || category == QChar::Separator_Paragraph) {
            c = u' ';
        }
    }
    return result;
}

bool ask(virt::CredentialRequest &request, const std::stop_token &stop)
{
    Tty tty;
    if (!tty.isOpen()) {
        return false;
    }
    tty.write(TerminalText::tr("%1 asks:").arg(plain(request.uri)) + u'\n');
    for (virt::CredentialRequest::Field &field : request.fields) {
        const QString prompt = plain(field.prompt).trimmed();
        tty.write(field.defaultValue.isEmpty() || field.secret
                ? prompt + QStringLiteral(": ")
                : QStringLiteral("%1 [%2]: ").arg(prompt, plain(field.defaultValue)));
        tty.setEcho(!field.secret);
        const auto answer = tty.readLine(stop);
        tty.setEcho(true);
        if (field.secret) {
            tty.write(QStringLiteral("\n"));
        }
        if (!answer) {
            return false;
        }
        field.answer = answer->isEmpty() && !field.secret ? field.defaultValue : *answer;
    }
    return true;
}

} // namespace vireo::app::cli::terminal
