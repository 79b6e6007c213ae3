// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/plan.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

/** In the order of Finding::Severity. These words are in saved journals: they stay. */
constexpr std::array severityNames{
    QLatin1StringView("ok"), QLatin1StringView("note"), QLatin1StringView("warning"), QLatin1StringView("blocker")};

QString severityName(Finding::Severity severity)
{
    return severityNames.at(static_cast<size_t>(severity));
}

/** An unknown word blocks: a document of a later version must not be taken for harmless. */
Finding::Severity severityFromName(const QString &name)
{
    const auto found = std::find(severityNames.begin(), severityNames.end(), name);
    if (found == severityNames.end()) {
        return Finding::Severity::Blocker;
    }
    return static_cast<Finding::Severity>(std::distance(severityNames.begin(), found));
}

QString idText(const QUuid &id)
{
    return id.isNull() ? QString() : id.toString(QUuid::WithoutBraces);
}

QJsonObject findingToJson(const Finding &finding)
{
    return {{u"severity"_s, severityName(finding.severity)}, {u"text"_s, finding.text}, {u"cause"_s, finding.cause},
        {u"fix"_s, finding.fix}};
}

Finding findingFromJson(const QJsonObject &json)
{
    return {severityFromName(json[u"severity"_s].toString()), json[u"text"_s].toString(), json[u"cause"_s].toString(),
        json[u"fix"_s].toString()};
}

QJsonObject stepToJson(const Step &step)
{
    return {{u"type"_s, step.type}, {u"title"_s, step.title}, {u"object"_s, step.object}, {u"undo"_s, step.undo},
        {u"bytes"_s, static_cast<qint64>(step.bytes)}, {u"parameters"_s, step.parameters}};
}

Step stepFromJson(const QJsonObject &json)
{
    Step step;
    step.type = json[u"type"_s].toString();
    step.title = json[u"title"_s].toString();
    step.object = json[u"object"_s].toString();
    step.undo = json[u"undo"_s].toString();
    step.bytes = static_cast<quint64>(std::max<qint64>(0, json[u"bytes"_s].toInteger()));
    step.parameters = json[u"parameters"_s].toObject();
    return step;
}

} // namespace

quint64 Plan::bytes() const
{
    return std::accumulate(
        steps.cbegin(), steps.cend(), quint64{0}, [](quint64 sum, const Step &step) { return sum + step.bytes; });
}

int Plan::count(Finding::Severity severity) const
{
    return static_cast<int>(
        std::count_if(findings.cbegin(), findings.cend(), [&](const Finding &f) { return f.severity == severity; }));
}

QString Plan::lockKey() const
{
    // A name can hold anything but '/', so the two kinds of key never meet.
    const QString hostText = idText(host);
    return domain.isNull() ? hostText + u"/name/"_s + domainName : hostText + u"/uuid/"_s + idText(domain);
}

QStringList Plan::lockKeys() const
{
    QStringList keys;
    Plan byName;
    byName.domainName = domainName;
    for (const virt::HostId &each : QList<virt::HostId>{host} + alsoHosts) {
        byName.host = each;
        byName.domain = domain;
        keys.append(byName.lockKey());
        if (!domain.isNull() && !domainName.isEmpty()) {
            byName.domain = {};
            keys.append(byName.lockKey());
        }
    }
    return keys;
}

QJsonObject Plan::toJson() const
{
    QJsonArray alsoArray;
    for (const virt::HostId &each : alsoHosts) {
        alsoArray.append(idText(each));
    }
    QJsonArray findingArray;
    for (const Finding &finding : findings) {
        findingArray.append(findingToJson(finding));
    }
    QJsonArray stepArray;
    for (const Step &step : steps) {
        stepArray.append(stepToJson(step));
    }
    return {{u"operation"_s, operation}, {u"title"_s, title}, {u"host"_s, idText(host)}, {u"domain"_s, idText(domain)},
        {u"domainName"_s, domainName}, {u"alsoHosts"_s, alsoArray}, {u"queue"_s, queue}, {u"queueLimit"_s, queueLimit},
        {u"findings"_s, findingArray}, {u"steps"_s, stepArray}, {u"xmlBefore"_s, xmlBefore}, {u"xmlAfter"_s, xmlAfter},
        {u"verdict"_s, verdict}, {u"draft"_s, draft}};
}

Plan Plan::fromJson(const QJsonObject &json)
{
    Plan plan;
    plan.operation = json[u"operation"_s].toString();
    plan.title = json[u"title"_s].toString();
    plan.host = QUuid::fromString(json[u"host"_s].toString());
    plan.domain = QUuid::fromString(json[u"domain"_s].toString());
    plan.domainName = json[u"domainName"_s].toString();
    const QJsonArray alsoArray = json[u"alsoHosts"_s].toArray();
    for (const auto &value : alsoArray) {
        plan.alsoHosts.append(QUuid::fromString(value.toString()));
    }
    plan.queue = json[u"queue"_s].toString();
    plan.queueLimit = std::max(1, json[u"queueLimit"_s].toInt(1));
    const QJsonArray findingArray = json[u"findings"_s].toArray();
    for (const auto &value : findingArray) {
        plan.findings.append(findingFromJson(value.toObject()));
    }
    const QJsonArray stepArray = json[u"steps"_s].toArray();
    for (const auto &value : stepArray) {
        plan.steps.append(stepFromJson(value.toObject()));
    }
    plan.xmlBefore = json[u"xmlBefore"_s].toString();
    plan.xmlAfter = json[u"xmlAfter"_s].toString();
    plan.verdict = json[u"verdict"_s].toString();
    plan.draft = json[u"draft"_s].toObject();
    return plan;
}

} // namespace vireo::job
