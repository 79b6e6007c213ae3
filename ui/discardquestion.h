// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QWidget;

namespace vireo::ui {

/**
 * Asks whether edits of definitions that were not applied may go with the window; `discard` runs when they may. Opened,
 * never executed; asking again while it is open changes nothing. GUI thread; the question belongs to `window`.
 */
void askToDiscardEdits(QWidget *window, const std::function<void()> &discard);

} // namespace vireo::ui
