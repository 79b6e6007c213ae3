// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/create.h"

/** What a host offers for a new VM, for combo boxes: pure functions of draft and facts. */
namespace vireo::ui {

/** The choices of one setting. The first one is "Automatic", with what that means here. */
struct CreateOffer {
    QStringList texts;
    QStringList values; ///< as in drafts; empty: automatic
    QString lacking;    ///< what this host lacks, and why or what to do, in a sentence; may be empty
    void add(const QString &text, const QString &value)
    {
        texts.append(text);
        values.append(value);
    }
};

namespace createoptions {

using operation::CreateDraft;
using operation::CreateFacts;

/** "auto" stands for automatic where the draft has an enumeration. */
CreateOffer acceleration(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer machine(const CreateDraft &draft, const CreateFacts &facts, const QStringList &machines);
CreateOffer firmware(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer tpm(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer cpu(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer graphics(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer diskBus(const CreateDraft &draft, const CreateFacts &facts);
CreateOffer nicModel(const CreateDraft &draft, const CreateFacts &facts);

} // namespace createoptions
} // namespace vireo::ui
