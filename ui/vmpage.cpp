// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/vmpage.h"

#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/eventspage.h"
#include "ui/overviewpage.h"
#include "ui/xmlpage.h"

namespace vireo::ui {

VmPage::VmPage(UiContext context, QWidget *parent)
    : QWidget(parent)
    , m_tabs(new QTabWidget(this))
    , m_overview(new OverviewPage(context))
    , m_xml(new XmlPage(context))
    , m_events(new EventsPage(context))
{
    const auto add = [this](QWidget *page, const QString &title) {
        page->setAccessibleName(title);
        m_tabs->addTab(page, title);
    };
    // In the order of Page.
    add(m_overview, tr("Overview"));
    add(m_xml, tr("XML"));
    add(m_events, tr("Events"));
    m_tabs->setDocumentMode(true);
    m_tabs->setObjectName(QStringLiteral("vmTabs"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_tabs);
    setFocusProxy(m_tabs);
}

void VmPage::setDomain(const virt::DomainKey &key)
{
    if (key == m_key) {
        return;
    }
    m_key = key;
    m_overview->setDomain(key);
    m_xml->setDomain(key);
    m_events->setSubject(key.host, key.domain);
}

void VmPage::setPage(Page page)
{
    m_tabs->setCurrentIndex(static_cast<int>(page));
}

VmPage::Page VmPage::page() const
{
    return static_cast<Page>(m_tabs->currentIndex());
}

} // namespace vireo::ui
