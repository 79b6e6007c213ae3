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
class HardwarePage;
class KeptBar;
class MigrationView;
class OverviewPage;
class SnapshotsPage;
class XmlPage;

/**
 * Everything about one domain, in tabs: Overview, Hardware, XML, Snapshots, Events, and Migration while there is one.
 * Above them what waits to be confirmed. Shown beside the list and in a window of its own. Keeps the last known data
 * when the domain vanishes or its host does not answer, greyed, and says so. GUI thread; owned by its parent.
 */
class VmPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(VmPage)

public:
    enum class Page { Overview, Hardware, Xml, Snapshots, Events, Migration };
    Q_ENUM(Page)

    explicit VmPage(const UiContext &context, QWidget *parent = nullptr);

    void setDomain(const virt::DomainKey &key);
    virt::DomainKey domain() const { return m_key; }
    void setPage(Page page);
    Page page() const;
    /** The keyboard goes to what the page is for: its text, its list. */
    void focusPage();
    /** Definitions were edited and neither applied nor discarded. */
    bool hasEdits() const;
    /** Reads anew what is read when it is looked at. */
    void refresh();

Q_SIGNALS:
    /** A new virtual machine from an image that was exported; `pool` empty: `name` is the path of a local file. */
    void newVmRequested(const vireo::virt::HostId &host, const QString &pool, const QString &name);
    /** A migration asks for a person; `source`: its key in the feed. */
    void recoverRequested(const vireo::virt::DomainKey &source);

private:
    void updateMigration();

    UiContext m_context;
    virt::DomainKey m_key;
    KeptBar *m_kept;
    QTabWidget *m_tabs;
    OverviewPage *m_overview;
    HardwarePage *m_hardware;
    XmlPage *m_xml;
    SnapshotsPage *m_snapshots;
    EventsPage *m_events;
    MigrationView *m_migration;
};

} // namespace vireo::ui
