// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/keptbadges.h"

#include "backend/operation/kept/keptfeed.h"
#include "model/domaintreemodel.h"
#include "ui/resizetexts.h"

namespace vireo::ui {

KeptBadges::KeptBadges(operation::KeptFeed *feed, model::DomainTreeModel &model, QObject *parent)
    : QObject(parent)
{
    if (!feed) {
        return;
    }
    const auto show = [feed, &model] {
        QHash<virt::DomainKey, model::DomainTreeModel::Badge> badges;
        for (const operation::KeptState &state : feed->all()) {
            if (const virt::DomainKey key = feed->keyOf(state); !key.isNull()) {
                badges.insert(
                    key, {resizetexts::badge(), resizetexts::exactly(state) + QStringLiteral(": ") + state.change});
            }
        }
        model.setBadges(badges);
    };
    connect(feed, &operation::KeptFeed::changed, this, show);
    show();
}

} // namespace vireo::ui
