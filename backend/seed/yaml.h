// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonValue>
#include <QStringList>

#include "backend/base/error.h"

/** YAML by libyaml, for both its versions: cloud-init reads 1.1, others 1.2. Any thread. */
namespace vireo::seed::yaml {

/**
 * A tree of objects, lists, texts, truth values and whole numbers as a YAML document in ASCII. Every text is double
 * quoted and escaped, so that "yes", "1e3" or "a: b" stay what they are; so are keys, unless they are plain words.
 * Error: null, fractions, NUL or half surrogate pairs somewhere in it.
 */
Result<QByteArray> write(const QJsonValue &value);

/** Whether a text is well-formed YAML, and a mapping at the top. The keys of that mapping, or an error that names line
 *  and column. Aliases are not followed and tags not applied. */
Result<QStringList> mappingKeys(const QByteArray &text);

} // namespace vireo::seed::yaml
