// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/facts.h"
#include "backend/virt/connection.h"

/** What qcow2 files say of what is beneath them. Private to backend/operation. */
namespace vireo::operation {

/** The backing file's format in the head of a qcow2 file (64 KiB are enough); empty: it says none. Pure. */
QString backingFormatIn(const QByteArray &head);

/**
 * The formats of lower layers that nobody else recorded: the definition of a VM that is off rarely names its chain. A
 * layer that is known to be qcow2 has a head that no guest can write to, made with the layer by whoever knew. What it
 * does not say stays unknown; nothing is told by content. Blocking; what can't be read stays unknown too.
 */
void completeFormats(virt::Connection &connection, snapshot::Facts &facts);

} // namespace vireo::operation
