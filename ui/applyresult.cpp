// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/applyresult.h"

#include <QCoreApplication>

#include "backend/xml/comparison.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

struct ApplyText {
    Q_DECLARE_TR_FUNCTIONS(ApplyResult)
};

} // namespace

QString readBackText(const QString &sent, const QString &stored)
{
    QStringList dropped;
    QStringList changed;
    int added = 0;
    const QList<xml::DocumentChange> changes = xml::compareDocuments(sent, stored);
    for (const xml::DocumentChange &change : changes) {
        switch (change.kind) {
        case xml::DocumentChange::Kind::Removed:
            dropped << change.path;
            break;
        case xml::DocumentChange::Kind::Changed:
            changed << ApplyText::tr("%1 is “%2” instead of “%3”").arg(change.path, change.after, change.before);
            break;
        case xml::DocumentChange::Kind::Added:
            ++added;
            break;
        }
    }
    QStringList sentences;
    if (!dropped.isEmpty()) {
        sentences << ApplyText::tr("libvirt dropped %1.").arg(dropped.join(u", "_s));
    }
    if (!changed.isEmpty()) {
        sentences << ApplyText::tr("libvirt changed: %1.").arg(changed.join(u", "_s));
    }
    if (added > 0) {
        sentences << (added == 1 ? ApplyText::tr("libvirt added 1 setting of its own.")
                                 : ApplyText::tr("libvirt added %n settings of its own.", nullptr, added));
    }
    return sentences.join(u' ');
}

Error failureOf(const job::JobRecord *record)
{
    if (!record) {
        return Error::failed(ApplyText::tr("The job was lost."));
    }
    if (record->state == job::JobState::Cancelled) {
        return Error::failed(ApplyText::tr("Cancelled. Everything was undone."));
    }
    Error error = record->error;
    if (record->state == job::JobState::Stuck) {
        error.hint =
            ApplyText::tr("It could not be undone in full. What remains: %1").arg(record->remains.join(u"; "_s));
    } else if (error.hint.isEmpty()) {
        error.hint = ApplyText::tr("Everything was undone: the definition is as it was.");
    }
    return error;
}

} // namespace vireo::ui
