// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QGuiApplication>
#include <QPushButton>
#include <QSettings>
#include <QTest>
#include <QWindow>

#include "backend/job/jobmanager.h"
#include "backend/operation/kept/keptfeed.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "backend/operation/migrate/migrationobserver.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/eventmodel.h"
#include "ui/mainwindow.h"

/// The whole program in a test, driven by keys alone.
namespace vireo::test {

/// What the application consists of (app/application.cpp), without its command line and start-up.
struct Program {
    explicit Program(const QString &settingsFile)
        : settings(settingsFile, QSettings::IniFormat)
    {}

    static job::StepRegistry allSteps(const operation::MigrationFeed &migrations)
    {
        job::StepRegistry registry;
        operation::StepOptions options;
        options.migrations = migrations.sink();
        operation::registerSteps(registry, options);
        return registry;
    }

    QSettings settings;
    operation::MigrationFeed migrations;
    job::StepRegistry registry = allSteps(migrations);
    virt::Hosts hosts;
    virt::Inventory inventory{hosts};
    job::JobManager jobs{registry, hosts.provider()};
    operation::MigrationObserver observer{hosts, inventory, migrations};
    model::EventLog events{hosts, &jobs};
    operation::KeptFeed kept{hosts, jobs, operation::KeptStates::defaultDirectory()};
    ui::MainWindow window{{hosts, inventory, jobs, events, settings, {}, nullptr, {}, &migrations, &kept}};
};

// A key goes to the window that has the focus, as from the window system; there to a shortcut or to the field in focus.
inline void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QWindow *window = QGuiApplication::focusWindow();
    QVERIFY2(window, "no window has the focus");
    QTest::keyClick(window, static_cast<Qt::Key>(key), modifiers);
}

inline void type(const QString &text)
{
    QWindow *window = QGuiApplication::focusWindow();
    QVERIFY2(window, "no window has the focus");
    for (const QChar c : text) {
        QTest::keyClick(window, c.toLatin1());
    }
}

/// Replaces what stands in the field that has the focus.
inline void retype(const QString &text)
{
    press(Qt::Key_A, Qt::ControlModifier);
    type(text);
}

/// The accessible name of what has the focus.
inline QString focused()
{
    const QWidget *widget = QApplication::focusWidget();
    return widget ? widget->accessibleName() : QString();
}

inline QPushButton *button(const QWidget *window, const QString &text)
{
    for (QPushButton *each : window->findChildren<QPushButton *>()) {
        if (QString(each->text()).remove(QLatin1Char('&')) == text) {
            return each;
        }
    }
    return nullptr;
}

/// Goes on only if the steps of a helper went well.
#define STEP(call)                                                                                                     \
    do {                                                                                                               \
        call;                                                                                                          \
        if (QTest::currentTestFailed())                                                                                \
            return;                                                                                                    \
    } while (false)

} // namespace vireo::test
