// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/output.h"
#include "backend/job/compare.h"
#include "backend/job/journalformat.h"

/** Entries of the journal for people and scripts. Pure functions. */
namespace vireo::app::cli::journaltable {

/** "running", "interrupted", "done", "stuck" …, "unreadable". */
QString stateOf(const job::JournalEntry &entry);
/** The URI of the job's own host. */
QString hostOf(const job::JournalEntry &entry);
/** "45 s", "3 min", "2 h", "5 d". */
QString ageText(const QDateTime &since, const QDateTime &now);

QJsonObject toJson(const job::JournalEntry &entry, const QDateTime &now);
QJsonArray toJson(const QList<job::StepComparison> &comparison, const job::Plan &plan);
/** The jobs in columns under a heading. */
QStringList rows(const QList<job::JournalEntry> &entries, const QDateTime &now);
/** What the journal says of a step, and what the host does. */
QStringList rows(const QList<job::StepComparison> &comparison, const job::Plan &plan);

} // namespace vireo::app::cli::journaltable
