// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QUuid>

#include "backend/virt/records.h"

namespace vireo::job {

/** What a check before the start found. */
struct Finding {
    enum class Severity { Ok, Note, Warning, Blocker };
    Severity severity = Severity::Ok;
    QString text;  ///< one line
    QString cause; ///< why, in a sentence or two; may be empty
    QString fix;   ///< what the user can do; may be empty
    friend bool operator==(const Finding &, const Finding &) = default;
};

/**
 * One step of a plan, as data: which kind of step (a name in the StepRegistry) with which parameters.
 * Running and undoing it are idempotent, so that a journal can repeat either.
 */
struct Step {
    QString type;      ///< "volume.upload", "domain.define" …
    QString title;     ///< "Upload image": what it does
    QString object;    ///< on what: a name
    QString undo;      ///< what undoing means, in words; empty: nothing to undo
    quint64 bytes = 0; ///< to be moved; 0: not worth a figure
    QJsonObject parameters;
    friend bool operator==(const Step &, const Step &) = default;
};

/**
 * A whole operation, as a value: what was found, what will be done, and what the XML becomes. The preview, the
 * executor, the journal and the undo all read this one object. Built by pure functions (backend/operation).
 */
struct Plan {
    QString operation; ///< as in drafts: "create", "start" …
    QString title;     ///< "Create web01"
    virt::HostId host;
    QUuid domain; ///< null for a domain that does not exist yet
    QString domainName;
    /** Further hosts on which no other job may work on this domain meanwhile: where it comes to by migration. */
    QList<virt::HostId> alsoHosts;
    /** Jobs of one queue run at most `queueLimit` at a time, in the order in which they came; empty: no such limit. */
    QString queue;
    int queueLimit = 1;
    QList<Finding> findings;
    QList<Step> steps;
    QString xmlBefore;
    QString xmlAfter;
    QString verdict;   ///< the summing-up sentence when nothing blocks
    QJsonObject draft; ///< what the user chose; empty for plain life-cycle actions

    quint64 bytes() const;
    int count(Finding::Severity severity) const;
    bool isBlocked() const { return count(Finding::Severity::Blocker) > 0; }
    /** Jobs with the same key run one after another: host and domain, or host and name for a new one. */
    QString lockKey() const;
    /** All of a plan's keys: its own, the name's (a domain in the making has no UUID yet), those on `alsoHosts`. */
    QStringList lockKeys() const;

    QJsonObject toJson() const;
    static Plan fromJson(const QJsonObject &json);
    friend bool operator==(const Plan &, const Plan &) = default;
};

} // namespace vireo::job
