// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace vireo::ui {

/**
 * Lets assistive technology find combo boxes by their label, as all other fields: on Linux Qt gives the chosen text as
 * a combo box's name and ignores QWidget::accessibleName(). The chosen text is its text instead. For the whole process;
 * GUI thread, once, before the first window.
 */
void nameComboBoxesByLabel();

} // namespace vireo::ui
