// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QSettings>
#include <QTemporaryDir>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/eventmodel.h"
#include "tests/bench/stallmeter.h"
#include "ui/mainwindow.h"

/// What the benchmarks share.
namespace vireo::bench {

/** The program as it is, with its window and its journal, without main(). */
struct Program {
    QTemporaryDir dir;
    QSettings settings{dir.filePath(QStringLiteral("s.conf")), QSettings::IniFormat};
    virt::Hosts hosts;
    virt::Inventory inventory{hosts};
    job::StepRegistry registry;
    std::shared_ptr<job::Journal> journal = std::make_shared<job::Journal>(dir.filePath(QStringLiteral("jobs")));
    std::unique_ptr<job::JobManager> jobs;
    std::unique_ptr<model::EventLog> events;
    std::unique_ptr<ui::MainWindow> window;

    Program()
    {
        operation::registerSteps(registry);
        jobs = std::make_unique<job::JobManager>(registry, hosts.provider(), access());
        events = std::make_unique<model::EventLog>(hosts, jobs.get());
        window = std::make_unique<ui::MainWindow>(ui::UiContext{hosts, inventory, *jobs, *events, settings});
        window->resize(1280, 800);
        window->show();
    }
    ~Program() { window.reset(); }

private:
    job::JournalAccess access()
    {
        return {journal,
            [this](const virt::HostId &id) {
                const virt::Host *host = hosts.host(id);
                return host ? host->settings().uri : QString();
            },
            [this](const QString &uri) {
                for (const virt::Host *host : hosts.all()) {
                    if (host->settings().uri == uri) {
                        return host->settings().id;
                    }
                }
                return virt::HostId();
            }};
    }
};

} // namespace vireo::bench
