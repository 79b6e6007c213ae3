// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace vireo::virt {
class Hosts;
class Inventory;
class LocalLibvirt;
} // namespace vireo::virt
namespace vireo::job {
class JobManager;
}
namespace vireo::operation {
class KeptFeed;
class MigrationFeed;
class SnapshotScheduler;
} // namespace vireo::operation
namespace vireo::model {
class EventLog;
}
class QSettings;

namespace vireo::ui {

/** What windows, pages and wizards work on; handed in through constructors. Everything outlives every window. GUI
 * thread. */
struct UiContext {
    virt::Hosts &hosts;
    virt::Inventory &inventory;
    job::JobManager &jobs;
    model::EventLog &events;
    QSettings &settings;  ///< window sizes and choices; never a secret
    QString history = {}; ///< where operation::DefinitionHistory is; empty: its default directory
    operation::SnapshotScheduler *scheduler = nullptr; ///< null: nothing is taken by itself (the demo)
    QString pictures = {};                             ///< where snapshot::PictureStore is; empty: its default
    operation::MigrationFeed *migrations = nullptr;    ///< null: migrations are not shown (tests of other things)
    operation::KeptFeed *kept = nullptr;               ///< null: what waits to be confirmed is not shown (the same)
    virt::LocalLibvirt *local = nullptr; ///< null: whether this computer has libvirt is not asked (the same)
};

} // namespace vireo::ui
