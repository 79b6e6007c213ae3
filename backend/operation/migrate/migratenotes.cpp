// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <QCoreApplication>
#include <QDateTime>
#include <QDeadlineTimer>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/operation/history.h"
#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/virt/domains.h"
#include "backend/virt/hostcalls.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation::migratenotes {

namespace {

struct MigratenotesText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratenotes)
};

constexpr auto lookAgain = 300ms;

} // namespace

bool hasMoved(const job::StepContext &context)
{
    return noted(context, u"moved"_s).toBool();
}

QJsonValue noted(const job::StepContext &context, const QString &what)
{
    return context.results().value(state).toObject().value(what);
}

void addProblem(job::StepContext &context, const QString &sentence)
{
    context.log(sentence);
    QJsonObject shown = context.results().value(outcome).toObject();
    QJsonArray problems = shown.value("problems"_L1).toArray();
    if (problems.contains(sentence)) {
        return; // by an earlier run of the step
    }
    problems.append(sentence);
    shown.insert(u"problems"_s, problems);
    if (const Result<> written = context.note(outcome, shown); !written) {
        context.log(written.error().message);
    }
}

virt::HostId destinationId(const job::Step &step)
{
    return QUuid::fromString(text(step, u"to"_s));
}

Result<virt::ConnectionPtr> reach(const job::StepContext &context, const virt::HostId &host,
    std::chrono::milliseconds patience, const std::stop_token &stop)
{
    const QDeadlineTimer deadline(patience);
    for (;;) {
        auto connection = context.connection(host);
        if (connection) {
            // One that broke is given out until the host has noticed.
            const Result<> answer = (*connection)->isAlive() ? virt::hostcalls::ping(**connection)
                                                             : fail(Error{Error::Kind::Disconnected, {}, {}, 0, 0});
            if (answer) {
                return connection;
            }
            connection = fail(answer.error());
        }
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (deadline.hasExpired()) {
            return connection;
        }
        pauseFor(lookAgain, stop);
    }
}

Result<> keepDefinition(job::StepContext &context, const QUuid &domain, virt::Connection &source,
    const virt::Connection &destination, const QString &directory)
{
    const auto secure = optional(virt::domains::xml(source, domain, virt::domains::XmlKind::Inactive, true));
    if (!secure) {
        return fail(secure.error());
    }
    QString id = noted(context, u"history"_s).toString();
    if (id.isEmpty()) {
        id = DefinitionHistory::newId();
        if (const Result<> known = note(context, state, u"history"_s, id); !known) {
            return known;
        }
    }
    return *secure
        ? DefinitionHistory(directory).add(source.uri(), domain,
              {id, QDateTime::currentDateTimeUtc(), MigratenotesText::tr("Migrated to %1").arg(destination.uri()),
                  context.plan().domainName, **secure})
        : Result<>();
}

} // namespace vireo::operation::migratenotes
