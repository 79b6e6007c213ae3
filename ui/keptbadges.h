// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace vireo::model {
class DomainTreeModel;
}
namespace vireo::operation {
class KeptFeed;
}

namespace vireo::ui {

/** Marks those in the list that wait for being confirmed. GUI thread; owned by the window. */
class KeptBadges final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptBadges)

public:
    /** Null `feed`: there are none. */
    KeptBadges(operation::KeptFeed *feed, model::DomainTreeModel &model, QObject *parent);
};

} // namespace vireo::ui
