// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/operation/deviceidentity.h"
#include "backend/operation/edit/edit.h"

/** What an edit changes, part by part. Private to backend/operation. Pure; any thread. */
namespace vireo::operation {

/** One thing that an edit changes: what is shown of it, and what does it to the running domain. */
struct EditPart {
    /** The order in which they are applied: what may be refused by the guest first, what can't be undone last. */
    enum class Order { Text, Memory, Update, Detach, DetachController, AttachController, Attach, Vcpus, None };
    EditEffect effect;
    Order order = Order::None;
    std::optional<job::Step> live; ///< without its UUID; nothing: there is nothing to be done now
    int device = -1;               ///< of the wanted definition's devices: it is new or changed
};

struct EditParts {
    Error error; ///< with a message: a definition can't be read, and the rest is empty
    QList<EditPart> parts;
    QList<DevicePart> before;
    QList<DevicePart> after;
    QString nameBefore;
    QString name;
    bool uuidDiffers = false;
    bool onlyName = false; ///< nothing else changes
};

EditParts editParts(const EditFacts &facts, const DefinitionEdit &edit);

/** editfindings.cpp */
QList<job::Finding> editFindings(const EditFacts &facts, const DefinitionEdit &edit, const EditParts &parts);
/** A path, or "pool/volume"; empty: it has none, or it is elsewhere. */
QString diskSourceOf(const xml::Element &disk);

} // namespace vireo::operation
