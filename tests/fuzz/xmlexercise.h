// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace vireo::fuzz {

/**
 * Does with an input all that the XML editor does with a text: reading, checking, completing, formatting, patching; and
 * aborts when something that must always hold does not. The first four bytes say where and what, the rest is the text.
 */
void exerciseXml(const QByteArray &input);

} // namespace vireo::fuzz
