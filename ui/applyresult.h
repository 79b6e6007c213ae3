// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/jobrecord.h"

/** What came of applying a definition, in sentences. Pure; any thread. */
namespace vireo::ui {

/** What libvirt dropped, changed and added, in one sentence each; empty: it is as it was sent. */
QString readBackText(const QString &sent, const QString &stored);

/** Why a job that ended did not do what it was to do, and what it left. Null: it is lost. */
Error failureOf(const job::JobRecord *record);

} // namespace vireo::ui
