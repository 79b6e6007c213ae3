// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QTimer>

#include "app/commandline.h"

namespace vireo::app {

/**
 * The running program: makes the parts in the order in which they need each other and ends them the other way round,
 * windows first, then jobs, then hosts, libvirt's event loop last. One per process; GUI thread. A hung host does not
 * hold up the end: its lanes are left behind.
 */
class Application final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Application)

public:
    /** Shows the window and connects what is to be connected. */
    explicit Application(const CommandLine &line, QObject *parent = nullptr);
    ~Application() override;

    /** What a second start was asked for; raises the window. */
    void open(const QStringList &arguments);

Q_SIGNALS:
    /** The program should end with this status. */
    void finished(int exitCode);

private:
    struct Parts;
    void show(const CommandLine &line, const QList<QUuid> &hosts);
    void watchJournal();
    void lookAtInterrupted();

    std::unique_ptr<Parts> m_parts;
    QTimer m_readJournal;
    QString m_journalProblem; ///< already told
};

} // namespace vireo::app
