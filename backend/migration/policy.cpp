// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/migration/texts.h"

using namespace Qt::StringLiterals;

namespace vireo::migration {

namespace {

struct PolicyText {
    Q_DECLARE_TR_FUNCTIONS(migration_Policy)
};

constexpr std::array kinds{Policy::Kind::Steady, Policy::Kind::MinimalDowntime, Policy::Kind::Nova,
    Policy::Kind::PostCopy, Policy::Kind::Patient};
constexpr std::array ends{Policy::AtTheEnd::Abort, Policy::AtTheEnd::PostCopy, Policy::AtTheEnd::Pause};
constexpr quint64 dayMs = 24ULL * 3600 * 1000;
constexpr quint64 longestDowntimeMs = 2000000; // QEMU's own limit

QString endWord(Policy::AtTheEnd end)
{
    switch (end) {
    case Policy::AtTheEnd::Abort:
        return u"abort"_s;
    case Policy::AtTheEnd::PostCopy:
        return u"post-copy"_s;
    case Policy::AtTheEnd::Pause:
        return u"pause"_s;
    }
    return {};
}

QString endText(const Policy &policy)
{
    switch (policy.atTheEnd) {
    case Policy::AtTheEnd::Abort:
        return PolicyText::tr("aborts the migration");
    case Policy::AtTheEnd::PostCopy:
        return PolicyText::tr("switches to post-copy, or aborts where that was not permitted");
    case Policy::AtTheEnd::Pause:
        return PolicyText::tr("pauses the guest until all is copied");
    }
    return {};
}

/** One JSON object, strictly; keeps the first thing that is wrong. */
class Reader final
{
public:
    explicit Reader(const QJsonObject &json)
        : m_json(json)
    {}

    bool has(const QString &key) const { return m_json.contains(key); }

    void number(const QString &key, quint64 &value, quint64 minimum, quint64 maximum)
    {
        m_known.append(key);
        if (has(key)) {
            read(key, m_json.value(key), value, minimum, maximum);
        }
    }

    void numbers(const QString &key, QList<quint64> &values, quint64 maximum)
    {
        m_known.append(key);
        if (!has(key)) {
            return;
        }
        if (!m_json.value(key).isArray()) {
            wrong(PolicyText::tr("\"%1\" must be a list of numbers.").arg(key));
            return;
        }
        values.clear();
        const QJsonArray array = m_json.value(key).toArray();
        for (qsizetype i = 0; i < array.size(); ++i) {
            quint64 value = 0;
            const QString place = u"%1[%2]"_s.arg(key).arg(i);
            read(place, array.at(i), value, 1, maximum);
            if (!values.isEmpty() && value < values.last()) {
                wrong(PolicyText::tr("\"%1\" is lower than the limit before it.").arg(place));
            }
            values.append(value);
        }
    }

    template<typename Value, typename Values, typename Word>
    void word(const QString &key, Value &value, const Values &values, Word wordOf, bool required)
    {
        m_known.append(key);
        if (!has(key) && !required) {
            return;
        }
        QStringList words;
        for (const Value candidate : values) {
            words.append(wordOf(candidate));
            if (m_json.value(key).toString() == words.last()) {
                value = candidate;
                return;
            }
        }
        wrong(PolicyText::tr("\"%1\" must be one of: %2.").arg(key, words.join(u", "_s)));
    }

    void wrong(const QString &message)
    {
        if (m_error.isEmpty()) {
            m_error = message;
        }
    }

    QString error()
    {
        for (auto it = m_json.begin(); it != m_json.end(); ++it) {
            if (!m_known.contains(it.key())) {
                wrong(PolicyText::tr("A policy has no \"%1\"; it has: %2.").arg(it.key(), m_known.join(u", "_s)));
            }
        }
        return m_error;
    }

private:
    void read(const QString &place, const QJsonValue &json, quint64 &value, quint64 minimum, quint64 maximum)
    {
        const double number = json.toDouble(-1);
        if (number < static_cast<double>(minimum) || number > static_cast<double>(maximum)
            || number != std::floor(number)) {
            wrong(PolicyText::tr("\"%1\" must be a whole number from %2 to %3.").arg(place).arg(minimum).arg(maximum));
            return;
        }
        value = static_cast<quint64>(number);
    }

    const QJsonObject m_json;
    QStringList m_known;
    QString m_error;
};

} // namespace

Policy Policy::preset(Kind kind)
{
    Policy policy;
    policy.kind = kind;
    switch (kind) {
    case Kind::Steady:
        break;
    case Kind::MinimalDowntime:
        policy.initialDowntimeMs = 100;
        policy.maxDowntimeMs = 500;
        policy.completionMsPerGiB = 0;
        policy.schedule = {150, 200, 300, 400, 400, 500};
        break;
    case Kind::Nova:
        policy.initialDowntimeMs = 50;
        policy.maxDowntimeMs = 500;
        policy.completionMsPerGiB = 800000;
        break;
    case Kind::PostCopy:
    case Kind::Patient:
        policy.maxDowntimeMs = 300;
        policy.completionMsPerGiB = 0;
        break;
    }
    return policy;
}

QJsonObject Policy::toJson() const
{
    QJsonArray limits;
    for (const quint64 limit : schedule) {
        limits.append(static_cast<qint64>(limit));
    }
    return {{u"kind"_s, policyWord(kind)}, {u"initial_downtime_ms"_s, static_cast<qint64>(initialDowntimeMs)},
        {u"max_downtime_ms"_s, static_cast<qint64>(maxDowntimeMs)},
        {u"stall_window_ms"_s, static_cast<qint64>(stallWindowMs)},
        {u"completion_ms_per_gib"_s, static_cast<qint64>(completionMsPerGiB)}, {u"at_the_end"_s, endWord(atTheEnd)},
        {u"schedule_ms"_s, limits}, {u"steps"_s, steps},
        {u"step_delay_ms_per_gib"_s, static_cast<qint64>(stepDelayMsPerGiB)}};
}

Result<Policy> Policy::fromJson(const QJsonObject &json)
{
    Reader reader(json);
    Kind kind = Kind::Steady;
    reader.word(u"kind"_s, kind, kinds, policyWord, true);
    Policy policy = preset(kind);
    reader.number(u"initial_downtime_ms"_s, policy.initialDowntimeMs, 1, longestDowntimeMs);
    reader.number(u"max_downtime_ms"_s, policy.maxDowntimeMs, 1, longestDowntimeMs);
    reader.number(u"stall_window_ms"_s, policy.stallWindowMs, 1000, dayMs);
    reader.number(u"completion_ms_per_gib"_s, policy.completionMsPerGiB, 0, dayMs);
    reader.word(u"at_the_end"_s, policy.atTheEnd, ends, endWord, false);
    reader.numbers(u"schedule_ms"_s, policy.schedule, longestDowntimeMs);
    auto count = static_cast<quint64>(policy.steps);
    reader.number(u"steps"_s, count, 1, 1000);
    policy.steps = static_cast<int>(count);
    reader.number(u"step_delay_ms_per_gib"_s, policy.stepDelayMsPerGiB, 0, dayMs);
    if (policy.initialDowntimeMs > policy.maxDowntimeMs) {
        if (reader.has(u"initial_downtime_ms"_s)) {
            reader.wrong(
                PolicyText::tr("\"initial_downtime_ms\" is above \"max_downtime_ms\" (%1).").arg(policy.maxDowntimeMs));
        }
        policy.initialDowntimeMs = policy.maxDowntimeMs;
    }
    if (const QString error = reader.error(); !error.isEmpty()) {
        return fail(Error::invalid(error));
    }
    return policy;
}

QString policyWord(Policy::Kind kind)
{
    switch (kind) {
    case Policy::Kind::Steady:
        return u"steady"_s;
    case Policy::Kind::MinimalDowntime:
        return u"minimal-downtime"_s;
    case Policy::Kind::Nova:
        return u"nova"_s;
    case Policy::Kind::PostCopy:
        return u"post-copy"_s;
    case Policy::Kind::Patient:
        return u"patient"_s;
    }
    return {};
}

QString policyName(Policy::Kind kind)
{
    switch (kind) {
    case Policy::Kind::Steady:
        return PolicyText::tr("Steady");
    case Policy::Kind::MinimalDowntime:
        return PolicyText::tr("Minimal downtime");
    case Policy::Kind::Nova:
        return PolicyText::tr("Stepwise, as OpenStack");
    case Policy::Kind::PostCopy:
        return PolicyText::tr("Post-copy");
    case Policy::Kind::Patient:
        return PolicyText::tr("Patient");
    }
    return {};
}

QString policyText(const Policy &policy)
{
    const QString initial = durationText(static_cast<qint64>(policy.initialDowntimeMs));
    const QString most = durationText(static_cast<qint64>(policy.maxDowntimeMs));
    QString text;
    switch (policy.kind) {
    case Policy::Kind::Steady:
        text =
            PolicyText::tr("Allows a pause of %1. When rounds have not got shorter for %2, waits for a good moment and "
                           "allows %3 there; where that is not enough, %4.")
                .arg(initial, durationText(static_cast<qint64>(policy.stallWindowMs)), most, endText(policy));
        break;
    case Policy::Kind::MinimalDowntime: {
        QStringList limits;
        for (const quint64 limit : policy.schedule) {
            limits.append(durationText(static_cast<qint64>(std::min(limit, policy.maxDowntimeMs))));
        }
        limits.removeDuplicates();
        text = limits.isEmpty()
            ? PolicyText::tr("Allows a pause of %1, and %2 after two rounds.").arg(initial, endText(policy))
            : PolicyText::tr("Allows a pause of %1 at first, then, round by round, %2. After the last, %3.")
                  .arg(initial, limits.join(u", "_s), endText(policy));
        break;
    }
    case Policy::Kind::Nova:
        text = policy.steps == 1
            ? PolicyText::tr("Allows a pause of %1 after %2 for each GiB.")
                  .arg(most, durationText(static_cast<qint64>(policy.stepDelayMsPerGiB)))
            : PolicyText::tr(
                  "Raises the allowed pause to %1 in %n steps, one each %2 for each GiB.", nullptr, policy.steps)
                  .arg(most, durationText(static_cast<qint64>(policy.stepDelayMsPerGiB)));
        break;
    case Policy::Kind::PostCopy:
        text =
            PolicyText::tr("Allows a pause of %1. Once the first round is over, the guest goes on at the destination "
                           "and fetches the rest from there.")
                .arg(initial);
        break;
    case Policy::Kind::Patient:
        text = PolicyText::tr("Allows a pause of %1 and waits until that is enough, however long.").arg(initial);
        break;
    }
    if (policy.completionMsPerGiB > 0 && policy.kind != Policy::Kind::Patient) {
        text += u' '
            + PolicyText::tr("After %1 for each GiB it %2.")
                  .arg(durationText(static_cast<qint64>(policy.completionMsPerGiB)), endText(policy));
    }
    return text;
}

} // namespace vireo::migration
