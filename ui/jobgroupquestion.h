// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QUuid;
class QWidget;

namespace vireo::job {
class JobManager;
}

namespace vireo::ui {

/**
 * Asks whether all jobs of a group may be cancelled, with what that means for those that run, wait and are done; what
 * is said follows the jobs while it is open. Opened, never executed; asking again while it is open changes nothing. GUI
 * thread; the question belongs to `window`, and `jobs` outlives it.
 */
void askToCancelGroup(job::JobManager &jobs, const QUuid &group, QWidget *window);

} // namespace vireo::ui
