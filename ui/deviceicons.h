// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

class QPalette;

/** Line drawings of devices in the palette's text colour, so that every style and theme has them. GUI thread. */
namespace vireo::ui::deviceicons {

/** By the id of a DeviceKind; what has no drawing of its own gets a plain one. */
QIcon icon(const QString &kind, const QPalette &palette);

} // namespace vireo::ui::deviceicons
