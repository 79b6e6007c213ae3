// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>
#include <QTimer>

class QProcess;

namespace vireo::app {

/** What virt-manager has in its list of connections. */
struct ImportedConnections {
    QStringList uris;
    QStringList autoconnect;
};

/** The strings of a GVariant array as dconf and gsettings print it: ['a', "b"] or @as []. Nothing when it is none. */
QStringList parseStringArray(const QString &text);

/**
 * Reads virt-manager's list of connections with dconf, or gsettings where dconf is not there. Starts programs, never
 * waits for them: finished() comes once, after 6 s at the latest. GUI thread.
 */
class VirtManagerImport final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(VirtManagerImport)

public:
    explicit VirtManagerImport(QObject *parent = nullptr);
    ~VirtManagerImport() override;
    void start();

Q_SIGNALS:
    void finished(const vireo::app::ImportedConnections &connections);

private:
    void next();
    void ended(const QString &output);

    QProcess *m_process = nullptr;
    QTimer m_patience;
    int m_question = 0; ///< index into the list of programs to be asked
    ImportedConnections m_found;
};

} // namespace vireo::app
