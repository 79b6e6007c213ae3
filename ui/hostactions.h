// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QObject>

#include "backend/virt/connection.h"
#include "ui/uicontext.h"

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

/**
 * What can be done to the selected hosts (connections): connect, disconnect, edit, remove, add; and the questions that
 * a connection asks while it opens (credentials, consent to risky URIs). GUI thread; owned by the main window.
 */
class HostActions final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HostActions)

public:
    HostActions(const UiContext &context, QWidget *window);

    void setSelection(const QList<virt::HostId> &hosts);

    QAction *add() const { return m_add; }
    QAction *connectAction() const { return m_connect; }
    QAction *disconnectAction() const { return m_disconnect; }
    QAction *edit() const { return m_edit; }
    QAction *remove() const { return m_remove; }
    QAction *baseImages() const { return m_baseImages; }

    void addConnection();
    /** Connects, after asking for consent where the address is risky. */
    void connectTo(const virt::HostId &host);
    void editConnection(const virt::HostId &edited);
    void showBaseImages(const virt::HostId &host);

private:
    void watch(const virt::HostId &id);
    void editSelected();
    void removeSelected();
    void askCredentials(virt::Host *host, const virt::CredentialRequest &request);
    void update();

    UiContext m_context;
    QWidget *m_window;
    QList<virt::HostId> m_selection;
    QAction *m_add;
    QAction *m_connect;
    QAction *m_disconnect;
    QAction *m_edit;
    QAction *m_remove;
    QAction *m_baseImages;
};

} // namespace vireo::ui
