// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaObject>
#include <QWidget>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QTabWidget;

namespace vireo::ui {

class EventsPage;
class OverviewPage;
class XmlPage;

/**
 * Everything about one domain, in tabs: Overview, XML, Events. Shown beside the list and in a window of its own. Keeps
 * the last known data when the domain vanishes or its host does not answer, greyed, and says so. GUI thread; owned by
 * its parent.
 */
class VmPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(VmPage)

public:
    enum class Page { Overview, Xml, Events };
    Q_ENUM(Page)

    explicit VmPage(UiContext context, QWidget *parent = nullptr);

    void setDomain(const virt::DomainKey &key);
    virt::DomainKey domain() const { return m_key; }
    void setPage(Page page);
    Page page() const;

private:
    virt::DomainKey m_key;
    QTabWidget *m_tabs;
    OverviewPage *m_overview;
    XmlPage *m_xml;
    EventsPage *m_events;
};

} // namespace vireo::ui
