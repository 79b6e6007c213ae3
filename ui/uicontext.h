// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace vireo::virt {
class Hosts;
class Inventory;
} // namespace vireo::virt
namespace vireo::job {
class JobManager;
}
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
    QSettings &settings; ///< window sizes and choices; never a secret
};

} // namespace vireo::ui
