// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/runner.h"

#include <algorithm>
#include <cstdio>

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>

#include "app/cli/connections.h"
#include "backend/os/oscatalog.h"

using namespace Qt::StringLiterals;

namespace vireo::app::cli {

namespace {

struct RunnerText {
    Q_DECLARE_TR_FUNCTIONS(cli_Runner)
};

using Severity = job::Finding::Severity;
using Plans = Result<QList<job::Plan>>;

constexpr qint64 LargestDraft = 16 * 1024 * 1024;

int countOf(const QList<job::Plan> &plans, Severity severity)
{
    int count = 0;
    for (const job::Plan &plan : plans) {
        count += plan.count(severity);
    }
    return count;
}

} // namespace

std::optional<operation::Draft> readDraft(const QString &file, Output &output)
{
    const auto refuse = [&output](const QList<operation::DraftError> &errors) {
        output.draftErrors(errors);
        QJsonArray list;
        for (const operation::DraftError &error : errors) {
            list.append(QJsonObject{{u"path"_s, error.path}, {u"message"_s, error.message}});
        }
        output.result(
            Exit::InvalidDraft, u"invalid"_s, RunnerText::tr("The draft is invalid."), {}, {{u"errors"_s, list}});
        return std::nullopt;
    };
    QFile source(file);
    const bool opened = file == "-"_L1 ? source.open(stdin, QIODevice::ReadOnly) : source.open(QIODevice::ReadOnly);
    if (!opened) {
        return refuse({{u"$"_s, RunnerText::tr("“%1” can't be read: %2").arg(file, source.errorString())}});
    }
    const QByteArray content = source.read(LargestDraft + 1);
    if (content.size() > LargestDraft) {
        return refuse({{u"$"_s, RunnerText::tr("“%1” is too large for a draft.").arg(file)}});
    }
    auto draft = operation::draftFromText(content);
    if (!draft) {
        return refuse(draft.error());
    }
    return *std::move(draft);
}

Runner::Runner(const CommandLine &line, Session &session, QObject *parent)
    : QObject(parent)
    , m_line(line)
    , m_session(session)
{
    connect(&session, &Session::calledOff, this, [this] {
        end(m_session.output().result(
            Exit::Cancelled, u"cancelled"_s, RunnerText::tr("Cancelled. Nothing was changed.")));
    });
}

void Runner::end(Exit exit)
{
    if (!m_ended) {
        m_ended = true;
        Q_EMIT finished(exit);
    }
}

void Runner::begin(const operation::Draft &draft)
{
    m_host = draft.host;
    const auto host = m_session.connections().add(draft.host);
    if (!host) {
        end(m_session.output().result(Exit::Refused, u"refused"_s, host.error().message, host.error()));
        return;
    }
    const auto report = [this, courier = m_session.courier()](const QString &what, quint64 done, quint64 total) {
        // this object lives as long as the courier delivers
        courier->post([this, what, done, total] { m_session.output().preparing(what, done, total); });
    };
    const std::function<Plans()> work = [draft, report, host = *host, connections = m_session.sharedConnections(),
                                            stop = m_session.preparationStop()]() -> Plans {
        const auto connection = connections->get(host);
        if (!connection) {
            return fail(connection.error());
        }
        const auto catalog = operation::needsCatalog(draft) ? os::OsCatalog::load() : nullptr;
        const auto others = [&connections](const QString &uri) -> Result<std::pair<virt::HostId, virt::ConnectionPtr>> {
            const auto id = connections->add(uri);
            const auto opened = id ? connections->get(*id) : fail(id.error());
            return opened ? Result<std::pair<virt::HostId, virt::ConnectionPtr>>(std::pair{*id, *opened})
                          : fail(opened.error());
        };
        return operation::planDraft(**connection, host, draft, catalog.get(), stop, report, others);
    };
    m_session.prepare<Plans>(work, [this](const Plans &plans) { take(plans); });
}

void Runner::take(const Plans &plans)
{
    if (m_ended) {
        return;
    }
    if (!plans) {
        end(m_session.output().result(Exit::Refused, u"refused"_s, plans.error().message, plans.error()));
        return;
    }
    m_plans = *plans;
    for (qsizetype i = 0; i < m_plans.size(); ++i) {
        m_session.output().plan(m_plans.at(i), m_host, i, m_plans.size());
    }
    if (mayRun()) {
        runNext();
    }
}

bool Runner::mayRun()
{
    Output &output = m_session.output();
    if (const int blockers = countOf(m_plans, Severity::Blocker); blockers > 0) {
        end(output.result(Exit::Refused, u"refused"_s, RunnerText::tr("Refused: nothing was done."), {},
            {{u"blockers"_s, blockers}}));
        return false;
    }
    if (m_line.dryRun) {
        end(output.result(Exit::Done, u"dry-run"_s, RunnerText::tr("Nothing was done (--dry-run).")));
        return false;
    }
    if (const int warnings = countOf(m_plans, Severity::Warning); warnings > 0 && !m_line.yes) {
        end(output.result(Exit::Refused, u"refused"_s,
            RunnerText::tr("There are warnings: nothing was done. With --yes it is done in spite of them."), {},
            {{u"warnings"_s, warnings}}));
        return false;
    }
    return true;
}

void Runner::runNext()
{
    const job::JobId id = m_session.jobs().run(m_plans.at(m_next));
    ++m_next;
    m_session.follow(id, [this](const job::JobRecord &record) {
        const Exit exit = exitOf(record, m_session.wasSignalled());
        m_session.output().result(exit, record);
        if (exit == Exit::Done && m_next < m_plans.size() && !m_session.wasSignalled()) {
            runNext();
            return;
        }
        if (m_next < m_plans.size()) {
            m_session.output().say(
                RunnerText::tr("Not begun: %1 of %2.").arg(m_plans.size() - m_next).arg(m_plans.size()));
        }
        end(exit == Exit::Done && m_next < m_plans.size() ? Exit::Cancelled : exit);
    });
}

} // namespace vireo::app::cli
