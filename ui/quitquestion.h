// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QWidget;

namespace vireo::job {
class JobManager;
}

namespace vireo::ui {

/**
 * Asks whether to quit while jobs run, with what becomes of them: some go on without this process
 * (JobRecord::goesOnAlone), others are cancelled and undone. What is said follows the jobs while it is open; `quit`
 * runs when it was confirmed. Opened, never executed; asking again while it is open changes nothing. GUI thread; the
 * question belongs to `window`, and `jobs` outlives it.
 */
void askToQuit(job::JobManager &jobs, QWidget *window, const std::function<void()> &quit);

} // namespace vireo::ui
