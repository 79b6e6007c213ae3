// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/hostids.h"

#include <QJsonArray>
#include <QUrl>

namespace vireo::job {

namespace {

constexpr qsizetype idLength = 36; // without braces, as plans write ids

void collect(const QJsonValue &value, const UriOfHost &uriOf, QHash<virt::HostId, QString> &hosts)
{
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.constBegin(); it != object.constEnd(); ++it) {
            collect(it.value(), uriOf, hosts);
        }
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const auto &item : array) {
            collect(item, uriOf, hosts);
        }
    } else if (const QString text = value.toString(); text.size() == idLength) {
        const QUuid id = QUuid::fromString(text);
        if (id.isNull() || hosts.contains(id)) {
            return;
        }
        if (const QString uri = uriOf(id); !uri.isEmpty()) {
            hosts.insert(id, uri);
        }
    }
}

QString withoutPassword(const QString &uri)
{
    QUrl url(uri, QUrl::StrictMode);
    if (!url.isValid() || url.password().isEmpty()) {
        return uri;
    }
    url.setPassword({});
    return url.toString(QUrl::FullyEncoded);
}

} // namespace

QHash<virt::HostId, QString> hostsOf(const Plan &plan, const UriOfHost &uriOf)
{
    QHash<virt::HostId, QString> hosts;
    if (uriOf) {
        collect(plan.toJson(), uriOf, hosts);
    }
    for (QString &uri : hosts) {
        uri = withoutPassword(uri);
    }
    return hosts;
}

HostMap mapHosts(const QHash<virt::HostId, QString> &hosts, const UriOfHost &uriOf, const HostOfUri &hostOf)
{
    HostMap map;
    for (auto it = hosts.cbegin(); it != hosts.cend(); ++it) {
        if (!hostOf || (uriOf && withoutPassword(uriOf(it.key())) == it.value())) {
            continue;
        }
        const virt::HostId ours = hostOf(it.value());
        if (ours.isNull()) {
            map.unknown.append(it.value());
        } else if (ours != it.key()) {
            map.ids.insert(it.key(), ours);
        }
    }
    map.unknown.sort();
    map.unknown.removeDuplicates();
    return map;
}

QJsonValue replaceHosts(const QJsonValue &value, const QHash<virt::HostId, virt::HostId> &ids)
{
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            it.value() = replaceHosts(it.value(), ids);
        }
        return object;
    }
    if (value.isArray()) {
        QJsonArray array;
        const QJsonArray old = value.toArray();
        for (const auto &item : old) {
            array.append(replaceHosts(item, ids));
        }
        return array;
    }
    const QString text = value.toString();
    if (text.size() != idLength) {
        return value;
    }
    const auto found = ids.constFind(QUuid::fromString(text));
    return found == ids.cend() ? value : QJsonValue(found->toString(QUuid::WithoutBraces));
}

void replaceHosts(JobRecord &job, const QHash<virt::HostId, virt::HostId> &ids)
{
    if (ids.isEmpty()) {
        return;
    }
    job.plan = Plan::fromJson(replaceHosts(QJsonValue(job.plan.toJson()), ids).toObject());
    job.results = replaceHosts(QJsonValue(job.results), ids).toObject();
    QHash<virt::HostId, QString> hosts;
    for (auto it = job.hosts.cbegin(); it != job.hosts.cend(); ++it) {
        hosts.insert(ids.value(it.key(), it.key()), it.value());
    }
    job.hosts = hosts;
}

} // namespace vireo::job
