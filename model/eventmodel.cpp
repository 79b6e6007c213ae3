// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/eventmodel.h"

#include <algorithm>

#include <QLocale>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"

using namespace Qt::StringLiterals;

namespace vireo::model {

EventLog::EventLog(virt::Hosts &hosts, job::JobManager *jobs, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
{
    for (const virt::Host *host : hosts.all()) {
        watch(host->settings().id);
    }
    connect(&hosts, &virt::Hosts::added, this, &EventLog::watch);
    if (jobs) {
        connect(jobs, &job::JobManager::finished, this, [this, jobs](const QUuid &id) {
            if (const job::JobRecord *job = jobs->job(id)) {
                noteJob(*job);
            }
        });
    }
}

void EventLog::watch(const virt::HostId &id)
{
    if (const virt::Host *host = m_hosts.host(id)) {
        connect(host, &virt::Host::eventHappened, this, &EventLog::append);
    }
}

void EventLog::noteJob(const job::JobRecord &job)
{
    virt::EventRecord event;
    event.time = job.finished.isValid() ? job.finished : QDateTime::currentDateTime();
    event.host = job.plan.host;
    event.domain = job.plan.domain;
    event.domainName = job.plan.domainName;
    switch (job.state) {
    case job::JobState::Failed:
        event.severity = virt::EventRecord::Severity::Error;
        event.text = tr("%1: failed, and undone: %2").arg(job.plan.title, job.error.message);
        break;
    case job::JobState::Stuck:
        event.severity = virt::EventRecord::Severity::Error;
        event.text = tr("%1: failed, and could not be undone in full: %2").arg(job.plan.title, job.error.message);
        break;
    case job::JobState::Cancelled:
        event.severity = virt::EventRecord::Severity::Warning;
        event.text = tr("%1: cancelled, and undone").arg(job.plan.title);
        break;
    case job::JobState::Interrupted:
        event.severity = virt::EventRecord::Severity::Warning;
        event.text = tr("%1: interrupted: %2").arg(job.plan.title, job.error.message);
        break;
    default:
        event.text = tr("%1: done").arg(job.plan.title);
    }
    append(event);
}

void EventLog::append(const virt::EventRecord &event)
{
    m_events << event;
    Q_EMIT appended(event);
    if (const qsizetype tooMany = m_events.size() - Capacity; tooMany > 0) {
        m_events.remove(0, tooMany);
        Q_EMIT trimmed(static_cast<int>(tooMany));
    }
}

QString EventLog::subjectOf(const virt::EventRecord &event) const
{
    if (!event.domainName.isEmpty()) {
        return event.domainName;
    }
    const virt::Host *host = m_hosts.host(event.host);
    return host ? host->settings().displayName() : QString();
}

EventModel::EventModel(EventLog &log, QObject *parent)
    : QAbstractTableModel(parent)
    , m_log(log)
{
    refill();
    connect(&log, &EventLog::appended, this, &EventModel::add);
    connect(&log, &EventLog::trimmed, this, &EventModel::trim);
}

void EventModel::setSubject(const virt::HostId &host, const QUuid &domain)
{
    if (host == m_host && domain == m_domain) {
        return;
    }
    beginResetModel();
    m_host = host;
    m_domain = domain;
    refill();
    endResetModel();
}

void EventModel::refill()
{
    m_rows.clear();
    const QList<virt::EventRecord> &events = m_log.events();
    std::copy_if(events.crbegin(), events.crend(), std::back_inserter(m_rows),
        [this](const virt::EventRecord &event) { return concerns(event); });
}

void EventModel::add(const virt::EventRecord &event)
{
    if (concerns(event)) {
        beginInsertRows({}, 0, 0);
        m_rows.prepend(event);
        endInsertRows();
    }
}

void EventModel::trim()
{
    const QList<virt::EventRecord> &events = m_log.events();
    const auto left = std::count_if(
        events.cbegin(), events.cend(), [this](const virt::EventRecord &event) { return concerns(event); });
    if (left < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(left), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(left);
        endRemoveRows();
    }
}

bool EventModel::concerns(const virt::EventRecord &event) const
{
    return (m_host.isNull() || event.host == m_host) && (m_domain.isNull() || event.domain == m_domain);
}

int EventModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int EventModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant EventModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const virt::EventRecord &event = m_rows.at(index.row());
    const auto text = [&]() -> QString {
        switch (index.column()) {
        case TimeColumn: {
            const QDateTime time = event.time.toLocalTime();
            const QString clock = time.toString(u"HH:mm:ss"_s);
            return time.date() == QDate::currentDate()
                ? clock
                : QLocale().toString(time.date(), QLocale::ShortFormat) + u' ' + clock;
        }
        case ObjectColumn:
            return m_log.subjectOf(event);
        default:
            return event.text;
        }
    };
    switch (role) {
    case Qt::DisplayRole:
        return text();
    case Qt::ToolTipRole: {
        const QString tip =
            index.column() == TimeColumn ? event.time.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz t"_s) : text();
        return tip.contains(u'<') ? tip.toHtmlEscaped() : tip;
    }
    case SeverityRole:
        return static_cast<int>(event.severity);
    default:
        return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case ObjectColumn:
        return tr("Object");
    case TextColumn:
        return tr("Event");
    default:
        return {};
    }
}

} // namespace vireo::model
