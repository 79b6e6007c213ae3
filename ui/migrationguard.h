// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QString>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

/** What may not be done to a VM that is being migrated. GUI thread; cheap enough to be asked for each selected VM. */
namespace vireo::ui::migrationguard {

/** Why nothing of this VM may be changed now, as a sentence; empty: it is not being migrated. */
QString refusal(const UiContext &context, const virt::DomainKey &domain);
/** Calls `changed` when what refusal() says of `domain()` has become another, for as long as `owner` lives. */
void watch(const UiContext &context, QObject *owner, const std::function<virt::DomainKey()> &domain,
    const std::function<void()> &changed);
/** In post-copy: neither host has all of its memory, ending it on either loses the guest. */
bool isInPostCopy(const UiContext &context, const virt::DomainKey &domain);

} // namespace vireo::ui::migrationguard
