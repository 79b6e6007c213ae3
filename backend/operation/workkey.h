// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include <QCoreApplication>
#include <QUuid>

#include "backend/job/step.h"

namespace vireo::operation {

/** The results' key for the directory of what a job's steps call `key` ("root", "kernel"; letters, digits, '-'). */
inline QString workNote(const QString &key)
{
    return QStringLiteral("work:") + key;
}

/** Its name for image::workDirectory(), when a step of this job, also in an earlier run, has begun with it; or empty.
 */
inline QString knownWork(const job::StepContext &context, const QString &key)
{
    return context.results().value(workNote(key)).toString();
}

/** The same, made up and noted when there is none: nothing can lie in it that the journal does not know of. */
inline Result<QString> beginWork(job::StepContext &context, const QString &key)
{
    const bool fits = !key.isEmpty() && key.size() <= 40 && std::ranges::all_of(key, [](QChar c) {
        return c == QLatin1Char('-') || (c.unicode() < 0x80 && c.isLetterOrNumber());
    });
    if (!fits) {
        return fail(
            Error::invalid(QCoreApplication::translate("operation_workKey", "“%1” can't be such a key.").arg(key)));
    }
    if (QString known = knownWork(context, key); !known.isEmpty()) {
        return known;
    }
    QString name = key + QLatin1Char('-') + QUuid::createUuid().toString(QUuid::WithoutBraces);
    if (const Result<> noted = context.note(workNote(key), name); !noted) {
        return fail(noted.error());
    }
    return name;
}

} // namespace vireo::operation
