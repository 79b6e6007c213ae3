// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QApplication>
#include <QDialog>
#include <QFile>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/uicontext.h"

/** What a dialog works on, with libvirt's test driver as the one host. GUI thread; needs a virt::EventLoop. */
class DialogBed final
{
    Q_DISABLE_COPY_MOVE(DialogBed)

public:
    /** `node`: XML of the test driver's host. */
    explicit DialogBed(const QByteArray &node)
    {
        vireo::virt::quietLibvirt();
        m_node.setFileName(m_directory.filePath(QStringLiteral("node.xml")));
        if (m_node.open(QIODevice::WriteOnly)) {
            m_node.write(node);
            m_node.close();
        }
    }

    bool connectHost(bool readOnly = false)
    {
        vireo::virt::HostSettings settings;
        settings.uri = QStringLiteral("test://") + m_node.fileName();
        settings.name = QStringLiteral("<b>rack</b>");
        settings.readOnly = readOnly;
        m_host = m_hosts.add(settings);
        m_hosts.host(m_host)->connectToHost();
        return QTest::qWaitFor(
            [this] { return m_hosts.host(m_host)->isConnected() && m_inventory.count(m_host) > 0; }, 20'000);
    }

    /** Does something behind the dialog's back, as another client would. */
    bool act(const std::function<vireo::Result<>(vireo::virt::Connection &)> &work)
    {
        std::optional<bool> done;
        QObject context;
        m_hosts.host(m_host)->ask<bool>(
            &context,
            [work](vireo::virt::Connection &connection) -> vireo::Result<bool> { return work(connection).has_value(); },
            [&done](const vireo::Result<bool> &result) { done = result.value_or(false); });
        return QTest::qWaitFor([&done] { return done.has_value(); }, 10'000) && *done;
    }

    vireo::ui::UiContext context() { return {m_hosts, m_inventory, m_jobs, m_events, m_settings}; }
    vireo::virt::Hosts &hosts() { return m_hosts; }
    vireo::job::JobManager &jobs() { return m_jobs; }
    vireo::virt::HostId host() const { return m_host; }

    template<typename T>
    static T *opened()
    {
        const auto widgets = QApplication::topLevelWidgets();
        for (QWidget *widget : widgets) {
            if (auto *found = qobject_cast<T *>(widget); found && found->isVisible()) {
                return found;
            }
        }
        return nullptr;
    }
    static void press(const QWidget &parent, const QString &name)
    {
        auto *button = parent.findChild<QPushButton *>(name);
        if (!button) {
            QFAIL(qPrintable(name)); // in so many words for the analyser, which does not see that QVERIFY returns
        }
        QVERIFY2(button->isEnabled(), qPrintable(name + QStringLiteral(": ") + button->toolTip()));
        QTest::mouseClick(button, Qt::LeftButton);
    }

private:
    static vireo::job::StepRegistry allSteps()
    {
        vireo::job::StepRegistry registry;
        vireo::operation::registerSteps(registry);
        return registry;
    }

    QTemporaryDir m_directory;
    QFile m_node;
    vireo::job::StepRegistry m_registry = allSteps(); // copied by the manager below
    QSettings m_settings{m_directory.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat};
    vireo::virt::Hosts m_hosts;
    vireo::virt::Inventory m_inventory{m_hosts};
    vireo::job::JobManager m_jobs{m_registry, m_hosts.provider()};
    vireo::model::EventLog m_events{m_hosts, &m_jobs};
    vireo::virt::HostId m_host;
};
