// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/createlayout.h"

/** The parts of planCreate(). Pure functions; private to backend/operation. */
namespace vireo::operation {

/** What will be done, in order. */
QList<job::Step> createSteps(
    const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout, const QString &domainXml);

/** What was found: of the host and the machine (createfindings.cpp), of source and storage (createstoragefindings.cpp).
 */
QList<job::Finding> createFindings(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout);
QList<job::Finding> createStorageFindings(
    const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout);

/** Bytes that move from this computer to the host, at most. */
quint64 uploadBytes(const CreateLayout &layout);

} // namespace vireo::operation
