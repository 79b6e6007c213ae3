// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

#include "backend/job/jobmanager.h"

class QPalette;

/** The signs of the plan page: shape and colour, never colour alone. Drawn by us, so that every style and theme has
 * them, with at least 4.5:1 against the palette's base colour. */
namespace vireo::ui::planicons {

QIcon severity(job::Finding::Severity severity, const QPalette &palette);
QIcon step(job::StepState state, const QPalette &palette);
/** A step of the wizard itself: its number in a ring, a tick when done. */
QIcon wizardStep(int number, bool done, bool current, const QPalette &palette);

/** The text colour of something that is wrong. */
QColor problemColor(const QPalette &palette);
/** That of something of less weight, such as a hint; readable all the same. */
QColor hintColor(const QPalette &palette);

} // namespace vireo::ui::planicons
