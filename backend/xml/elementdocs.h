// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "backend/xml/diagnostic.h"

namespace vireo::xml {

/**
 * What an element is (or, with `attribute`, one of its attributes): one or two sentences that help to decide, in the
 * user's language. Empty when nothing is known.
 *
 * `path` leads to the element, from the root or from any element above it, names as they are written ("domain",
 * "devices", "disk"). The text whose key is the longest end of the path is taken: "disk/driver@cache" before
 * "driver@cache", so that a device alone, as in a page of the hardware dialog, finds the same texts. An attribute
 * never falls back to its element.
 *
 * Any thread. Costs some hash lookups.
 */
QString documentationOf(DocumentKind kind, const QStringList &path, const QString &attribute = {});

/** The keys of all texts of a kind of document, as "disk/driver@cache", sorted; a key that stands twice is listed
 *  twice. For tests. Any thread. */
QStringList documentedKeys(DocumentKind kind);

} // namespace vireo::xml
