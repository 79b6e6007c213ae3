// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

namespace vireo::ui {

/**
 * QTabWidget::setTabVisible() for states that are set again and again: Qt 6.4 takes a second call with the same value
 * for the end of the first one's work, and then the tab of a widget that was not on screen in between is never drawn.
 */
inline void showTab(QTabWidget *tabs, int index, bool shown)
{
    if (tabs->isTabVisible(index) != shown) {
        tabs->setTabVisible(index, shown);
    }
}

} // namespace vireo::ui
