// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/rng/grammar.h"

namespace vireo::xml::rng {

/** Whether a definition of libvirt's schemas stands for something that has a name among people. Any thread. */
bool hasMeaning(const QString &definition);

/** What a value of that type is, for a sentence: "a whole number from 1 to 65535", "a MAC address". Any thread. */
QString describe(const DataType &type);

} // namespace vireo::xml::rng
