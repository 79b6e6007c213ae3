// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include "backend/base/error.h"

namespace vireo::seed {

/**
 * crypt(5) of a password with SHA-512, a random salt and 100,000 rounds: what every guest's login understands.
 *
 * Blocks for some 100 ms of computing: worker thread only. Overwrites `plain` (UTF-8) with zeros before it returns,
 * also when it fails; the buffer must not be shared, or only one copy is overwritten. Error: empty, longer than 511
 * bytes, or with control characters, which nobody can type at a login; no sentence repeats the password.
 */
Result<QString> hashPassword(QByteArray &plain);

/** Whether a text has the form of a crypt(5) hash ("$6$…$…"), as far as that can be told; a plain password has not. */
bool isPasswordHash(const QString &text);

} // namespace vireo::seed
