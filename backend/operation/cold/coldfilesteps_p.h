// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>

#include "backend/operation/cold/coldlayout_p.h"

/** How the files of a VM that moves cold are made at the destination, as steps. Private to backend/operation; pure. */
namespace vireo::operation {

/** What the steps of all its files have in common. */
struct ColdPlace {
    const ResizeFacts &resize;
    const ColdLayout &layout;
    QString xmlAfter;
    QString name;        ///< of the destination, as users know it
    QString destination; ///< its id
    bool verify = false; ///< disks are read back and compared
};

/** As parameters of steps have it: [{path, format}], topmost first. */
QJsonArray layersOf(const snapshot::Chain &chain);

QList<job::Step> fileSteps(const ColdFile &file, const ColdPlace &place);
QList<job::Step> overlaySteps(const ColdOverlay &overlay, const ColdPlace &place);

} // namespace vireo::operation
