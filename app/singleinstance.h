// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

namespace vireo::app {

/**
 * One Vireo per desktop session, by a D-Bus name. Without a session bus, or when the other one does not answer soon,
 * this one just starts. Never waits for the bus: each answer comes through the event loop. GUI thread.
 */
class SingleInstance final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SingleInstance)
    Q_CLASSINFO("D-Bus Interface", "io.github.vireo_vm.Vireo")

public:
    static constexpr auto Service = "io.github.vireo_vm.Vireo";
    static constexpr auto Path = "/io/github/vireo_vm/Vireo";
    static constexpr int AnswerTimeoutMs = 3000;

    explicit SingleInstance(QObject *parent = nullptr);

    /** Ends in exactly one of startHere() and handedOver(), never before it has returned. */
    void begin(const QStringList &arguments);

public Q_SLOTS:
    /** The method on the bus: what a second start was called with, the program's name first. */
    Q_SCRIPTABLE void Open(const QStringList &arguments);

Q_SIGNALS:
    void startHere();
    void handedOver();
    void opened(const QStringList &arguments);

private:
    void handOver();

    QStringList m_arguments;
};

} // namespace vireo::app
