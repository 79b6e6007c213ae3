// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/vmpage.h"

#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/eventspage.h"
#include "ui/hardwarepage.h"
#include "ui/keptbar.h"
#include "ui/migrationview.h"
#include "ui/overviewpage.h"
#include "ui/showtab.h"
#include "ui/snapshotspage.h"
#include "ui/xmlpage.h"

namespace vireo::ui {

VmPage::VmPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_kept(new KeptBar(context, this))
    , m_tabs(new QTabWidget(this))
    , m_overview(new OverviewPage(context))
    , m_hardware(new HardwarePage(context))
    , m_xml(new XmlPage(context))
    , m_snapshots(new SnapshotsPage(context))
    , m_events(new EventsPage(context))
    , m_migration(new MigrationView(context))
{
    const auto add = [this](QWidget *page, const QString &title) {
        page->setAccessibleName(title);
        m_tabs->addTab(page, title);
    };
    // In the order of Page.
    add(m_overview, tr("Overview"));
    add(m_hardware, tr("Hardware"));
    add(m_xml, tr("XML"));
    add(m_snapshots, tr("Snapshots"));
    add(m_events, tr("Events"));
    add(m_migration, tr("Migration"));
    m_tabs->setTabVisible(static_cast<int>(Page::Migration), false);
    m_migration->setClosable(true);
    m_tabs->setDocumentMode(true);
    m_tabs->setObjectName(QStringLiteral("vmTabs"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_kept);
    layout->addWidget(m_tabs, 1);
    setFocusProxy(m_tabs);
    connect(m_snapshots, &SnapshotsPage::newVmRequested, this, &VmPage::newVmRequested);
    connect(m_migration, &MigrationView::recoverWanted, this, &VmPage::recoverRequested);
    if (m_context.migrations) {
        const auto concerned = [this](const virt::DomainKey &key) {
            if (key.domain == m_key.domain) {
                updateMigration();
            }
        };
        connect(m_context.migrations, &operation::MigrationFeed::changed, this, concerned);
        connect(m_context.migrations, &operation::MigrationFeed::removed, this, concerned);
    }
}

void VmPage::setDomain(const virt::DomainKey &key)
{
    if (key == m_key) {
        return;
    }
    m_key = key;
    m_kept->setDomain(key);
    m_overview->setDomain(key);
    m_hardware->setDomain(key);
    m_xml->setDomain(key);
    m_snapshots->setDomain(key);
    m_events->setSubject(key.host, key.domain);
    updateMigration();
}

/** The tab is there while the feed tells of a migration of this VM, also on the host where it arrived. */
void VmPage::updateMigration()
{
    const virt::DomainKey migration = MigrationView::migrationOf(m_context.migrations, m_key);
    m_migration->setMigration(migration);
    showTab(m_tabs, static_cast<int>(Page::Migration), !migration.isNull());
}

void VmPage::setPage(Page page)
{
    if (m_tabs->isTabVisible(static_cast<int>(page))) {
        m_tabs->setCurrentIndex(static_cast<int>(page));
    }
}

VmPage::Page VmPage::page() const
{
    return static_cast<Page>(m_tabs->currentIndex());
}

void VmPage::focusPage()
{
    m_tabs->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

void VmPage::refresh()
{
    m_snapshots->refresh();
}

bool VmPage::hasEdits() const
{
    return m_hardware->hasEdits() || m_xml->hasEdits();
}

} // namespace vireo::ui
