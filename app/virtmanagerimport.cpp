// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/virtmanagerimport.h"

#include <array>

#include <QProcess>
#include <QStandardPaths>

namespace vireo::app {

namespace {

constexpr int PatienceMs = 1500; ///< for each program

struct Question {
    const char *program;
    QStringList arguments;
    QStringList ImportedConnections::*answer;
};

const std::array<Question, 4> &questions()
{
    static const QString path = QStringLiteral("/org/virt-manager/virt-manager/connections/");
    static const QString schema = QStringLiteral("org.virt-manager.virt-manager.connections");
    static const std::array<Question, 4> all{
        Question{"dconf", {QStringLiteral("read"), path + QStringLiteral("uris")}, &ImportedConnections::uris},
        Question{
            "dconf", {QStringLiteral("read"), path + QStringLiteral("autoconnect")}, &ImportedConnections::autoconnect},
        Question{"gsettings", {QStringLiteral("get"), schema, QStringLiteral("uris")}, &ImportedConnections::uris},
        Question{"gsettings", {QStringLiteral("get"), schema, QStringLiteral("autoconnect")},
            &ImportedConnections::autoconnect},
    };
    return all;
}

} // namespace

QStringList parseStringArray(const QString &text)
{
    QStringList result;
    QString rest = text.trimmed();
    if (rest.startsWith(QStringLiteral("@as"))) {
        rest = rest.mid(3).trimmed();
    }
    if (!rest.startsWith(QLatin1Char('[')) || !rest.endsWith(QLatin1Char(']'))) {
        return {};
    }
    QChar quote;
    QString current;
    for (qsizetype at = 1; at < rest.size() - 1; ++at) {
        const QChar c = rest[at];
        if (quote.isNull()) {
            if (c == QLatin1Char('\'') || c == QLatin1Char('"')) {
                quote = c;
                current.clear();
            } else if (c != QLatin1Char(',') && !c.isSpace()) {
                return {};
            }
        } else if (c == QLatin1Char('\\') && at + 1 < rest.size() - 1) {
            current += rest[++at];
        } else if (c == quote) {
            result.append(current);
            quote = QChar();
        } else {
            current += c;
        }
    }
    return quote.isNull() ? result : QStringList();
}

VirtManagerImport::VirtManagerImport(QObject *parent)
    : QObject(parent)
{
    m_patience.setSingleShot(true);
    m_patience.setInterval(PatienceMs);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        if (m_process) {
            m_process->kill(); // finished() follows
        }
    });
}

VirtManagerImport::~VirtManagerImport()
{
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
    }
}

void VirtManagerImport::start()
{
    m_question = 0;
    m_found = {};
    next();
}

void VirtManagerImport::next()
{
    while (m_question < static_cast<int>(questions().size())) {
        const Question &question = questions()[static_cast<size_t>(m_question)];
        const bool known = m_question >= 2 && !m_found.uris.isEmpty(); // dconf has answered
        const QString program = known ? QString() : QStandardPaths::findExecutable(QLatin1String(question.program));
        if (program.isEmpty()) {
            ++m_question;
            continue;
        }
        m_process = new QProcess(this);
        m_process->setProcessChannelMode(QProcess::SeparateChannels);
        connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
            const bool fine = code == 0 && status == QProcess::NormalExit;
            ended(fine ? QString::fromUtf8(m_process->readAllStandardOutput()) : QString());
        });
        connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart) {
                ended({});
            }
        });
        m_patience.start();
        m_process->start(program, question.arguments, QIODevice::ReadOnly);
        return;
    }
    // Later, so that the caller may connect after start().
    QMetaObject::invokeMethod(this, [this] { Q_EMIT finished(m_found); }, Qt::QueuedConnection);
}

void VirtManagerImport::ended(const QString &output)
{
    m_patience.stop();
    m_process->deleteLater();
    m_process = nullptr;
    m_found.*questions()[static_cast<size_t>(m_question)].answer = parseStringArray(output);
    ++m_question;
    next();
}

} // namespace vireo::app
