// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/base/error.h"

namespace vireo::virt {

/**
 * The calling thread's last libvirt error as a value; call at once after the failing call, on the same thread.
 * `what` is the sentence's beginning ("Can't start web01"); libvirt's text follows it unchanged, and a hint by cause.
 */
Error lastError(const QString &what);

/** Keeps libvirt from printing errors to stderr; they go to the log category vireo.virt. Once, in main() or a test. */
void quietLibvirt();

} // namespace vireo::virt
