// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include "backend/base/error.h"

/** What of a definition must not be in plans and journals. Private to backend/operation. Pure; any thread. */
namespace vireo::operation {

/** `wanted` with the passwords that `secure` has and `plain` lacks, the same definition as libvirt gives it with and
 *  without them. What `wanted` says itself stays; a device that it has no more keeps its own. */
Result<QString> withSecrets(const QString &wanted, const QString &plain, const QString &secure);

/** Without the passwords that libvirt shows only to those who ask for them. Ill-formed text stays as it is. */
QString withoutSecrets(const QString &definition);
/** The same for a single device. */
QString withoutDeviceSecrets(const QString &device);
bool hasSecrets(const QString &definition);

/** The same for definitions that mean the same, whatever the VM is called. */
QString definitionDigest(const QString &definition);

} // namespace vireo::operation
