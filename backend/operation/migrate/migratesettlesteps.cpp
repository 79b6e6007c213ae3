// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migratestep_p.h"
#include "backend/operation/migrate/migrationmemory.h"
#include "backend/virt/domains.h"
#include "backend/virt/guest.h"
#include "backend/virt/hostcalls.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/** migrate.settle: the guest is at the destination; what is not yet as it shall be there is put right, or told. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct MigrateSettleText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateSettle)
};

constexpr auto agentAnswer = 5s;
constexpr auto agentComes = 3s; ///< it connects anew at the destination
constexpr auto lookAgain = 200ms;
constexpr auto patience = 30s;

bool flag(const Step &step, const QString &key, bool otherwise)
{
    return step.parameters.value(key).toBool(otherwise);
}

/** Empty: the host does not say. */
QString hostUuid(virt::Connection &connection)
{
    const auto text = virt::hostcalls::capabilities(connection);
    const auto document = text ? xml::Document::parse(*text) : fail(text.error());
    return document ? document->root().find(u"host/uuid"_s).text().trimmed() : QString();
}

class Settlement final
{
    Q_DISABLE_COPY_MOVE(Settlement)

public:
    Settlement(const Step &step, StepContext &context)
        : m_step(step)
        , m_context(context)
        , m_domain(context.plan().domain)
        , m_name(context.plan().domainName)
    {}

    Result<> run();
    Result<Reality> look();

private:
    void makePersistent();
    void setAutostart(bool is);
    void setTime();
    void rememberPair();
    void tell(const QString &what, const Error &error)
    {
        migratenotes::addProblem(m_context, u"%1 %2"_s.arg(what, error.message));
    }
    void problem(const QString &sentence) { migratenotes::addProblem(m_context, sentence); }

    const Step &m_step;
    StepContext &m_context;
    QUuid m_domain;
    QString m_name;
    virt::ConnectionPtr m_connection;
};

/** libvirt has done so; unless it was killed right after the guest had gone on. */
void Settlement::makePersistent()
{
    const auto xml = domains::xml(*m_connection, m_domain, domains::XmlKind::Inactive, true);
    const auto defined = xml ? domains::define(*m_connection, *xml) : fail(xml.error());
    if (!defined) {
        tell(MigrateSettleText::tr("%1 is not defined at the destination; it will be gone when it goes off.")
                 .arg(m_name),
            defined.error());
    }
}

void Settlement::setAutostart(bool is)
{
    const bool wanted = flag(m_step, u"autostart"_s, is);
    if (wanted == is) {
        return;
    }
    if (const Result<> set = domains::setAutostart(*m_connection, m_domain, wanted); !set) {
        tell(MigrateSettleText::tr("%1 will not be started with the destination.").arg(m_name), set.error());
    }
}

/** The guest's clock stood still during the switch. Without an agent nobody can tell it. */
void Settlement::setTime()
{
    const QDeadlineTimer deadline(agentComes);
    for (;;) {
        const auto agent = virt::guest::hasAgent(*m_connection, m_domain);
        if (!agent || (!*agent && deadline.hasExpired())) {
            m_context.log(MigrateSettleText::tr("The guest's clock was not set: its agent does not answer."));
            return;
        }
        if (*agent) {
            break;
        }
        pauseFor(lookAgain, {});
    }
    static_cast<void>(virt::guest::setAgentTimeout(*m_connection, m_domain, agentAnswer));
    if (const Result<> set = virt::guest::syncTime(*m_connection, m_domain); !set) {
        tell(MigrateSettleText::tr("The guest's clock was not set."), set.error());
    }
}

/** For the next migration between the two: its forecast, and a URI that was given by hand and worked. */
void Settlement::rememberPair()
{
    const double speed =
        m_context.results().value(migratenotes::outcome).toObject().value("bytesPerSecond"_L1).toDouble();
    const QString uri = text(m_step, u"uri"_s);
    const auto source = m_context.connection();
    if ((speed < 1 && uri.isEmpty()) || !source) {
        return;
    }
    const QString here = hostUuid(**source);
    const QString there = hostUuid(*m_connection);
    Result<> remembered;
    if (speed >= 1) {
        remembered = rememberBandwidth({}, here, there, static_cast<quint64>(speed));
    }
    if (remembered && !uri.isEmpty()) {
        remembered = rememberUri({}, here, there, uri);
    }
    if (!remembered) {
        m_context.log(remembered.error().message);
    }
}

Result<> Settlement::run()
{
    if (!migratenotes::hasMoved(m_context)) {
        return fail(Error::invalid(MigrateSettleText::tr("%1 has not been migrated.").arg(m_name)));
    }
    const auto connection = migratenotes::reach(m_context, migratenotes::destinationId(m_step), patience, {});
    if (!connection) {
        tell(MigrateSettleText::tr("It could not be read back whether all is right at the destination."),
            connection.error());
        return {};
    }
    m_connection = *connection;
    const auto record = domains::read(*m_connection, m_domain);
    if (!record) {
        tell(MigrateSettleText::tr("%1 went off at the destination.").arg(m_name), record.error());
        return {};
    }
    const bool persistent = flag(m_step, u"persistent"_s, true);
    if (persistent && !record->persistent) {
        makePersistent();
    }
    if (persistent) {
        setAutostart(record->autostart);
    }
    if (!record->isActive() && !migratenotes::noted(m_context, u"offline"_s).toBool()) {
        problem(MigrateSettleText::tr("%1 is off at the destination by now.").arg(m_name));
    }
    if (flag(m_step, u"setTime"_s, false) && record->state == virt::DomainState::Running) {
        setTime();
    }
    rememberPair();
    return {};
}

Result<Reality> Settlement::look()
{
    const auto connection = m_context.connection(migratenotes::destinationId(m_step));
    if (!connection) {
        return fail(connection.error());
    }
    const auto record = optional(domains::read(**connection, m_domain));
    if (!record) {
        return fail(record.error());
    }
    if (!*record) {
        return Reality{Effect::Absent, MigrateSettleText::tr("%1 is not at the destination.").arg(m_name)};
    }
    const bool persistent = flag(m_step, u"persistent"_s, true);
    const bool isRight = !persistent
        || ((*record)->persistent && (*record)->autostart == flag(m_step, u"autostart"_s, (*record)->autostart));
    return isRight
        ? Reality{Effect::Present, MigrateSettleText::tr("%1 is settled at the destination.").arg(m_name)}
        : Reality{Effect::Partial,
              MigrateSettleText::tr("%1 is at the destination, but not yet all of it is right.").arg(m_name)};
}

} // namespace

void registerMigrateSettleSteps(job::StepRegistry &registry)
{
    registry.add(u"migrate.settle"_s,
        {[](const Step &step, StepContext &context) { return Settlement(step, context).run(); }, {},
            [](const Step &step, StepContext &context) {
                return Settlement(step, context).look();
            }});
}

} // namespace vireo::operation
