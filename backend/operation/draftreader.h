// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include <QJsonArray>
#include <QJsonObject>
#include <QStringList>

#include "backend/operation/create/createdraft.h"

namespace vireo::operation {

/**
 * One JSON object of a draft, read strictly: hands out its members by type, notes what is wrong with its JSON path, and
 * when it goes, reports the members that nobody asked for. Private to backend/operation. Any thread, short-lived.
 */
class DraftReader final
{
    Q_DISABLE_COPY_MOVE(DraftReader)

public:
    using Errors = QList<DraftError>;

    DraftReader(const QJsonObject &object, const QString &path, Errors &errors)
        : m_object(object)
        , m_path(path)
        , m_errors(errors)
    {}
    ~DraftReader();

    QString pathOf(const QString &key) const { return m_path + u'.' + key; }
    void error(const QString &key, const QString &message) { m_errors.append({pathOf(key), message}); }
    /** About the object itself. */
    void error(const QString &message) { m_errors.append({m_path, message}); }
    bool has(const QString &key) const { return m_object.contains(key); }

    /** The member as it is; from then on it counts as known. */
    QJsonValue value(const QString &key);
    QString text(const QString &key, bool required = false);
    bool flag(const QString &key, bool fallback);
    /** A whole number from `minimum` to `maximum`. */
    quint64 count(const QString &key, quint64 fallback, quint64 maximum, quint64 minimum = 1);
    /** One of `choices`; the fallback when it is missing and the fallback is not empty. */
    QString choice(const QString &key, const QStringList &choices, const QString &fallback);
    /** The objects of a list, each with its path; what is no object is reported. */
    QList<std::pair<QJsonObject, QString>> objects(const QString &key);
    /** The texts of a list, none empty. */
    QStringList texts(const QString &key);

private:
    const QJsonObject m_object;
    const QString m_path;
    Errors &m_errors;
    QStringList m_known;
};

} // namespace vireo::operation
