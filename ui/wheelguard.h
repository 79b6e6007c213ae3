// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace vireo::ui {

/** The wheel scrolls the page that the field is on; it changes the field only when that has the focus, which it does
 *  not get by the wheel. GUI thread. */
void guardWheel(QWidget *field);

} // namespace vireo::ui
