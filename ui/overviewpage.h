// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QWidget>

#include "backend/virt/records.h"
#include "backend/xml/domaindevices.h"
#include "ui/uicontext.h"

class QBoxLayout;
class QLabel;
class QTableWidget;
class QToolButton;

namespace vireo::ui {

class Chart;
class DomainWatch;
class FactList;
class MessageBar;
class TagStrip;

/**
 * The first page of a VM: name, state, what it is, its figures as charts, its disks and network interfaces. The record
 * and the figures come from the inventory; what only the XML tells, and the addresses, are read while the page is
 * visible. GUI thread; owned by its parent.
 */
class OverviewPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(OverviewPage)

public:
    explicit OverviewPage(const UiContext &context, QWidget *parent = nullptr);
    void setDomain(const virt::DomainKey &key);

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    enum Fact { Host, Os, Vcpus, Memory, Addresses, Machine, Autostart, Kind, Uuid };

    QWidget *buildHeader();
    QWidget *buildCharts();
    void replace();
    void showRecord();
    void showFigures();
    void showDevices();
    void showMessage();
    void readWhatIsMissing();
    void readDevices();
    void readAddresses();

    UiContext m_context;
    DomainWatch *m_watch;
    MessageBar *m_message;
    QWidget *m_content;
    QLabel *m_stateSign;
    QLabel *m_title;
    QLabel *m_name;
    QLabel *m_state;
    QLabel *m_description;
    TagStrip *m_tags;
    FactList *m_facts;
    QToolButton *m_refreshAddresses;
    QBoxLayout *m_middle; ///< facts and charts: beside each other where there is room
    std::array<Chart *, 4> m_charts{};
    QLabel *m_disksTitle;
    QTableWidget *m_disks;
    QLabel *m_nicsTitle;
    QTableWidget *m_nics;

    xml::DomainDevices m_devices;
    QString m_devicesError;
    qint64 m_lastStatsNs = 0;
    double m_interval = 3; ///< seconds between two samples
    bool m_wasActive = false;
    bool m_devicesWanted = false;
    bool m_addressesWanted = false;
    // Of the newest question each; answers to older ones are stale.
    quint64 m_devicesGeneration = 0;
    quint64 m_addressesGeneration = 0;
};

} // namespace vireo::ui
