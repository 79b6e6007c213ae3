// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"

/** What is said of resizes, the same everywhere. Any thread; pure. */
namespace vireo::ui::resizetexts {

/** "At the next boot: 4 vCPUs in place of 2. The guest …" */
QString effect(const operation::ResizeEffect &effect);
/** What has to be done inside the guest once this disk is larger. */
QString insideGuest(const operation::DiskContent &content);
/** "Resized 2 hours ago: 4 vCPUs." */
QString waiting(const operation::KeptState &kept, const QDateTime &now);
/** The exact time of it, for tool tips. */
QString exactly(const operation::KeptState &kept);
/** When it is confirmed by itself, and what confirming and going back are. */
QString choices(const operation::KeptState &kept, const QDateTime &now);
/** Why it can't be ended so any more, as a sentence; empty: it can. */
QString endRefusal(const operation::KeptState &kept, operation::ResizeEnd end);
/** Beside the VM's name. */
QString badge();

} // namespace vireo::ui::resizetexts
