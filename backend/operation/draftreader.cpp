// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/draftreader.h"

#include <cmath>

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DraftreaderText {
    Q_DECLARE_TR_FUNCTIONS(operation_DraftReader)
};

} // namespace

DraftReader::~DraftReader()
{
    for (auto it = m_object.begin(); it != m_object.end(); ++it) {
        if (!m_known.contains(it.key())) {
            error(it.key(), DraftreaderText::tr("Unknown key."));
        }
    }
}

QJsonValue DraftReader::value(const QString &key)
{
    m_known << key;
    return m_object.value(key);
}

QString DraftReader::text(const QString &key, bool required)
{
    const QJsonValue found = value(key);
    if (found.isUndefined() && !required) {
        return {};
    }
    if (!found.isString() || (required && found.toString().isEmpty())) {
        error(key,
            found.isUndefined() || found.isString() ? DraftreaderText::tr("A value is needed.")
                                                    : DraftreaderText::tr("A text is needed."));
        return {};
    }
    return found.toString();
}

bool DraftReader::flag(const QString &key, bool fallback)
{
    const QJsonValue found = value(key);
    if (found.isUndefined()) {
        return fallback;
    }
    if (!found.isBool()) {
        error(key, DraftreaderText::tr("true or false is needed."));
    }
    return found.toBool();
}

quint64 DraftReader::count(const QString &key, quint64 fallback, quint64 maximum, quint64 minimum)
{
    const QJsonValue found = value(key);
    if (found.isUndefined()) {
        return fallback;
    }
    const double number = found.toDouble(-1);
    if (number < double(minimum) || number != std::floor(number) || number > double(maximum)) {
        error(key, DraftreaderText::tr("A whole number from %1 to %2 is needed.").arg(minimum).arg(maximum));
        return fallback;
    }
    return static_cast<quint64>(number);
}

QString DraftReader::choice(const QString &key, const QStringList &choices, const QString &fallback)
{
    const QJsonValue found = value(key);
    if (found.isUndefined() && !fallback.isEmpty()) {
        return fallback;
    }
    if (const QString text = found.toString(); choices.contains(text)) {
        return text;
    }
    error(key, DraftreaderText::tr("One of these is needed: %1.").arg(choices.join(u", "_s)));
    return fallback;
}

QList<std::pair<QJsonObject, QString>> DraftReader::objects(const QString &key)
{
    const QJsonValue found = value(key);
    if (!found.isUndefined() && !found.isArray()) {
        error(key, DraftreaderText::tr("A list is needed."));
    }
    QList<std::pair<QJsonObject, QString>> result;
    const QJsonArray list = found.toArray();
    for (qsizetype i = 0; i < list.size(); ++i) {
        const QString path = u"%1[%2]"_s.arg(pathOf(key)).arg(i);
        if (list.at(i).isObject()) {
            result.append({list.at(i).toObject(), path});
        } else {
            m_errors.append({path, DraftreaderText::tr("An object is needed.")});
        }
    }
    return result;
}

QStringList DraftReader::texts(const QString &key)
{
    const QJsonValue found = value(key);
    if (!found.isUndefined() && !found.isArray()) {
        error(key, DraftreaderText::tr("A list is needed."));
    }
    QStringList result;
    const QJsonArray list = found.toArray();
    for (qsizetype i = 0; i < list.size(); ++i) {
        if (list.at(i).toString().isEmpty()) {
            m_errors.append({u"%1[%2]"_s.arg(pathOf(key)).arg(i), DraftreaderText::tr("A text is needed.")});
        } else {
            result.append(list.at(i).toString());
        }
    }
    return result;
}

} // namespace vireo::operation
