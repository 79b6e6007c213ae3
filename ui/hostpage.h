// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QUuid>
#include <QWidget>

#include "backend/virt/records.h"
#include "backend/virt/storage.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

class CapacityBar;
class DefinitionsPage;
class EventsPage;
class FactList;
class MessageBar;

/**
 * The page of a host: how the connection is and what one can do about it, what the host is, how much it has, how much
 * of that is used and how much was promised to VMs; what it has defined; and its events. GUI thread; owned by its
 * parent.
 */
class HostPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HostPage)

public:
    explicit HostPage(const UiContext &context, QWidget *parent = nullptr);
    void setHost(const virt::HostId &host);
    virt::HostId host() const { return m_id; }

Q_SIGNALS:
    /** The user wants to be connected; whoever does it asks for consent to risky addresses first. */
    void connectRequested(const QUuid &host);
    /** The user wants to change this connection's settings. */
    void editRequested(const QUuid &host);
    /** The user wants to see the base images in the host's pools. */
    void basesRequested(const QUuid &host);

protected:
    void showEvent(QShowEvent *event) override;

private:
    enum Fact { Uri, HostName, Hypervisor, Libvirt, Cpu, Topology, Vcpus, Features };

    QWidget *buildOverview();
    virt::Host *current() const;
    void showStatus();
    void showInfo();
    void showUse();
    void showPools();
    void readPools();

    UiContext m_context;
    virt::HostId m_id;
    QMetaObject::Connection m_statusConnection;
    QMetaObject::Connection m_infoConnection;

    MessageBar *m_message;
    QLabel *m_title;
    QLabel *m_sign;
    QLabel *m_sentence;
    QPushButton *m_connect;
    QPushButton *m_disconnect;
    QPushButton *m_edit;
    QWidget *m_content;
    FactList *m_facts;
    CapacityBar *m_memory;
    QLabel *m_poolsTitle;
    QPushButton *m_bases;
    QLabel *m_poolsNote;
    QVBoxLayout *m_poolsLayout;
    QList<CapacityBar *> m_poolBars;
    DefinitionsPage *m_definitions;
    EventsPage *m_events;
    QTimer *m_useTimer; ///< sums up at most four times a second, however many events come

    QList<virt::storage::Pool> m_pools;
    QString m_poolsError;
    quint64 m_poolsGeneration = 0;
    bool m_poolsWanted = false;
};

} // namespace vireo::ui
