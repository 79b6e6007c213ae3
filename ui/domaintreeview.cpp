// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domaintreeview.h"

#include <algorithm>
#include <chrono>

#include <QContextMenuEvent>
#include <QDeadlineTimer>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QSettings>

#include "backend/virt/domains.h"
#include "backend/virt/hosts.h"
#include "ui/domaindelegate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::DomainTreeModel;

namespace {

/** Bumped when columns are added or renumbered: an older header state would show nonsense. */
const QString headerKey = u"tree/header1"_s;
const QString collapsedKey = u"tree/collapsed"_s;
constexpr qint64 AddressAgeMs = 30'000;

qint64 nowMs()
{
    return QDeadlineTimer::current().deadline();
}

} // namespace

DomainTreeView::DomainTreeView(const UiContext &context, DomainTreeModel &model, QWidget *parent)
    : QTreeView(parent)
    , m_context(context)
    , m_model(model)
{
    setObjectName(u"domainTree"_s);
    setAccessibleName(tr("Virtual machines"));
    setModel(&m_model);
    setItemDelegate(new DomainDelegate(m_context.inventory, this));
    setUniformRowHeights(true);
    setAlternatingRowColors(false);
    setSelectionMode(ExtendedSelection);
    setSelectionBehavior(SelectRows);
    setEditTriggers(NoEditTriggers);
    setSortingEnabled(true);
    setExpandsOnDoubleClick(false);
    setAllColumnsShowFocus(true);
    setIndentation(14);
    setDragDropMode(DragDrop);
    setDefaultDropAction(Qt::CopyAction); // a move would take the rows away by itself
    setDragDropOverwriteMode(true);       // onto rows, not between them
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);

    const QStringList collapsed = m_context.settings.value(collapsedKey).toStringList();
    m_collapsed = QSet<QString>(collapsed.begin(), collapsed.end());
    restoreColumns();

    header()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header(), &QWidget::customContextMenuRequested, this, [this](const QPoint &position) {
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillColumnMenu(menu);
        menu->popup(header()->mapToGlobal(position));
    });

    m_visibleTimer.setSingleShot(true);
    m_visibleTimer.setInterval(std::chrono::milliseconds(150));
    connect(&m_visibleTimer, &QTimer::timeout, this, &DomainTreeView::readVisible);
    m_selectionTimer.setSingleShot(true);
    m_selectionTimer.setInterval(0);
    connect(&m_selectionTimer, &QTimer::timeout, this, &DomainTreeView::selectedChanged);
    m_addressTimer.setSingleShot(true);
    m_addressTimer.setInterval(std::chrono::milliseconds(AddressAgeMs));
    connect(&m_addressTimer, &QTimer::timeout, this, &DomainTreeView::readVisible);
    m_columnTimer.setSingleShot(true);
    m_columnTimer.setInterval(std::chrono::milliseconds(300));
    connect(&m_columnTimer, &QTimer::timeout, this, &DomainTreeView::saveColumns);
    for (auto signal : {&QHeaderView::sectionResized, &QHeaderView::sectionMoved}) {
        connect(header(), signal, &m_columnTimer, [this] { m_columnTimer.start(); });
    }
    connect(header(), &QHeaderView::sortIndicatorChanged, &m_columnTimer, [this] { m_columnTimer.start(); });

    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &DomainTreeView::announceSelection);
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, this, &DomainTreeView::keep);
    connect(&m_model, &QAbstractItemModel::modelReset, this, &DomainTreeView::restore);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex &above, int first, int last) {
        if (!above.isValid()) {
            openGroups(first, last);
        } else if (m_model.rowCount(above) == last - first + 1) {
            openGroups(above.row(), above.row()); // a group without children can't be open
        }
        m_visibleTimer.start();
    });
    connect(&m_model, &QAbstractItemModel::rowsRemoved, this, [this] {
        announceSelection();
        m_visibleTimer.start();
    });
    connect(&m_model, &QAbstractItemModel::layoutChanged, &m_visibleTimer, [this] { m_visibleTimer.start(); });
    const auto remember = [this](const QModelIndex &index, bool collapsedNow) {
        if (m_restoring || !m_model.query().isEmpty()) {
            return;
        }
        if (collapsedNow) {
            m_collapsed.insert(rowId(index));
        } else {
            m_collapsed.remove(rowId(index));
        }
        m_context.settings.setValue(collapsedKey, QStringList(m_collapsed.begin(), m_collapsed.end()));
    };
    connect(this, &QTreeView::collapsed, this, [remember](const QModelIndex &index) { remember(index, true); });
    connect(this, &QTreeView::expanded, this, [this, remember](const QModelIndex &index) {
        remember(index, false);
        m_visibleTimer.start();
    });
    openGroups(0, m_model.rowCount() - 1);
}

DomainTreeView::~DomainTreeView()
{
    if (m_columnTimer.isActive()) {
        saveColumns();
    }
}

QString DomainTreeView::rowId(const QModelIndex &index) const
{
    if (!index.isValid()) {
        return {};
    }
    const QModelIndex row = index.siblingAtColumn(DomainTreeModel::NameColumn);
    switch (m_model.kindAt(row)) {
    case DomainTreeModel::Kind::Host:
        return u"host:"_s + m_model.hostAt(row).toString(QUuid::WithoutBraces);
    case DomainTreeModel::Kind::Tag:
        return u"tag:"_s + row.data().toString();
    case DomainTreeModel::Kind::Domain:
        break;
    }
    const virt::DomainKey key = m_model.keyAt(row);
    return u"domain:"_s + key.host.toString(QUuid::WithoutBraces) + u'/' + key.domain.toString(QUuid::WithoutBraces);
}

QList<virt::DomainKey> DomainTreeView::selectedDomains() const
{
    QList<virt::DomainKey> keys;
    QSet<virt::DomainKey> seen;
    // Ranges, not selectedRows(): with 10,000 rows selected that would make as many indexes again.
    const QItemSelection selection = selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        if (!range.parent().isValid()) {
            continue;
        }
        for (int row = range.top(); row <= range.bottom(); ++row) {
            const virt::DomainKey key = m_model.keyAt(m_model.index(row, 0, range.parent()));
            if (!key.isNull() && !seen.contains(key)) {
                seen.insert(key);
                keys.append(key);
            }
        }
    }
    return keys;
}

QList<virt::HostId> DomainTreeView::selectedHosts() const
{
    QList<virt::HostId> hosts;
    const QItemSelection selection = selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        if (range.parent().isValid()) {
            continue;
        }
        for (int row = range.top(); row <= range.bottom(); ++row) {
            const QModelIndex index = m_model.index(row, 0);
            if (m_model.kindAt(index) == DomainTreeModel::Kind::Host && !hosts.contains(m_model.hostAt(index))) {
                hosts.append(m_model.hostAt(index));
            }
        }
    }
    return hosts;
}

void DomainTreeView::selectIndex(const QModelIndex &index)
{
    if (index.parent().isValid()) {
        expand(index.parent());
    }
    selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    scrollTo(index);
}

bool DomainTreeView::selectDomain(const virt::DomainKey &key)
{
    const QModelIndex index = m_model.indexOf(key);
    if (index.isValid()) {
        selectIndex(index);
    }
    return index.isValid();
}

bool DomainTreeView::selectHost(const virt::HostId &host)
{
    const QModelIndex index = m_model.indexOfHost(host);
    if (index.isValid()) {
        selectIndex(index);
    }
    return index.isValid();
}

void DomainTreeView::setGrouping(DomainTreeModel::Grouping grouping)
{
    m_model.setGrouping(grouping);
    // Under its host a domain need not say where it is.
    setColumnHidden(DomainTreeModel::HostColumn, grouping == DomainTreeModel::Grouping::Host);
    m_columnTimer.start();
}

void DomainTreeView::setQuery(const model::DomainQuery &query)
{
    m_model.setQuery(query);
    m_restoring = true;
    openGroups(0, m_model.rowCount() - 1);
    m_restoring = false;
    m_visibleTimer.start();
}

void DomainTreeView::openGroups(int first, int last)
{
    const bool all = !m_model.query().isEmpty();
    const bool before = m_restoring;
    m_restoring = true; // what the view opens by itself is not the user's choice
    for (int row = first; row <= last; ++row) {
        const QModelIndex index = m_model.index(row, 0);
        setFirstColumnSpanned(row, {}, true);
        setExpanded(index, all || !m_collapsed.contains(rowId(index)));
    }
    m_restoring = before;
}

void DomainTreeView::keep()
{
    m_kept = {};
    const QItemSelection selection = selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        for (int row = range.top(); row <= range.bottom(); ++row) {
            m_kept.selected.insert(rowId(m_model.index(row, 0, range.parent())));
        }
    }
    m_kept.current = rowId(currentIndex());
    if (verticalScrollBar()->value() > 0) {
        m_kept.top = rowId(indexAt(QPoint(1, 1)));
    }
}

void DomainTreeView::restore()
{
    openGroups(0, m_model.rowCount() - 1);
    QItemSelection selection;
    QModelIndex current;
    QModelIndex top;
    const auto visit = [&](const QModelIndex &parent, auto &&descend) -> void {
        const int rows = m_model.rowCount(parent);
        int begin = -1; // of a run of selected rows: one range each, else 10,000 rows take quadratic time
        for (int row = 0; row <= rows; ++row) {
            const QModelIndex index = row < rows ? m_model.index(row, 0, parent) : QModelIndex();
            const QString id = rowId(index);
            const bool selected = index.isValid() && m_kept.selected.contains(id);
            if (selected && begin < 0) {
                begin = row;
            }
            if (!selected && begin >= 0) {
                selection.append(QItemSelectionRange(
                    m_model.index(begin, 0, parent), m_model.index(row - 1, DomainTreeModel::ColumnCount - 1, parent)));
                begin = -1;
            }
            if (!index.isValid()) {
                break;
            }
            if (id == m_kept.current && !current.isValid()) {
                current = index;
            }
            if (id == m_kept.top && !top.isValid()) {
                top = index;
            }
            if (!parent.isValid()) {
                descend(index, descend);
            }
        }
    };
    if (!m_kept.selected.isEmpty() || !m_kept.current.isEmpty() || !m_kept.top.isEmpty()) {
        visit({}, visit);
    }
    if (current.isValid()) {
        selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
    }
    if (!selection.isEmpty()) {
        selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    }
    if (top.isValid()) {
        scrollTo(top, PositionAtTop);
    }
    announceSelection();
    m_visibleTimer.start();
}

void DomainTreeView::announceSelection()
{
    if (!m_selectionTimer.isActive()) {
        m_selectionTimer.start();
    }
}

void DomainTreeView::flushSelection()
{
    if (!m_selectionTimer.isActive()) {
        return;
    }
    m_selectionTimer.stop();
    Q_EMIT selectedChanged();
}

void DomainTreeView::activate(const QModelIndex &index)
{
    switch (m_model.kindAt(index)) {
    case DomainTreeModel::Kind::Domain:
        Q_EMIT domainActivated(m_model.keyAt(index));
        break;
    case DomainTreeModel::Kind::Host:
        Q_EMIT hostActivated(m_model.hostAt(index));
        break;
    case DomainTreeModel::Kind::Tag:
        setExpanded(index, !isExpanded(index));
        break;
    }
}

void DomainTreeView::keyPressEvent(QKeyEvent *event)
{
    // Not QTreeView::activated: some styles emit that on a single click.
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && event->modifiers() == Qt::NoModifier
        && currentIndex().isValid()) {
        activate(currentIndex().siblingAtColumn(0));
        event->accept();
        return;
    }
    QTreeView::keyPressEvent(event);
}

void DomainTreeView::mouseDoubleClickEvent(QMouseEvent *event)
{
    QTreeView::mouseDoubleClickEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    if (index.isValid() && event->button() == Qt::LeftButton) {
        activate(index.siblingAtColumn(0));
    }
}

void DomainTreeView::contextMenuEvent(QContextMenuEvent *event)
{
    QPoint position = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard && currentIndex().isValid()) {
        position = viewport()->mapToGlobal(visualRect(currentIndex().siblingAtColumn(0)).center());
    }
    Q_EMIT menuWanted(position);
    event->accept();
}

void DomainTreeView::scrollContentsBy(int dx, int dy)
{
    QTreeView::scrollContentsBy(dx, dy);
    m_visibleTimer.start();
}

void DomainTreeView::resizeEvent(QResizeEvent *event)
{
    QTreeView::resizeEvent(event);
    m_visibleTimer.start();
}

void DomainTreeView::showEvent(QShowEvent *event)
{
    QTreeView::showEvent(event);
    m_visibleTimer.start();
}

void DomainTreeView::readVisible()
{
    if (!isVisible()) {
        return;
    }
    QHash<virt::HostId, QList<QUuid>> undetailed;
    const bool addresses = !isColumnHidden(DomainTreeModel::AddressesColumn);
    m_addressQueue.clear();
    const int bottom = viewport()->height();
    for (QModelIndex index = indexAt(QPoint(1, 1)); index.isValid(); index = indexBelow(index)) {
        if (visualRect(index).top() > bottom) {
            break;
        }
        const virt::DomainKey key = m_model.keyAt(index);
        const virt::DomainRecord *record = key.isNull() ? nullptr : m_context.inventory.domain(key);
        if (!record) {
            continue;
        }
        if (!record->detailed) {
            undetailed[key.host].append(key.domain);
        }
        if (addresses && record->isActive() && nowMs() - m_addressAsked.value(key, -AddressAgeMs) >= AddressAgeMs) {
            m_addressQueue.append(key);
        }
    }
    for (auto it = undetailed.cbegin(); it != undetailed.cend(); ++it) {
        if (virt::Host *host = m_context.hosts.host(it.key()); host && host->isConnected()) {
            host->readDetails(it.value());
        }
    }
    if (!m_addressRunning) {
        askNextAddress();
    }
}

void DomainTreeView::askNextAddress()
{
    // One after another: a guest agent that does not answer must not fill the host's lane.
    m_addressRunning = false;
    while (!m_addressQueue.isEmpty()) {
        const virt::DomainKey key = m_addressQueue.takeFirst();
        virt::Host *host = m_context.hosts.host(key.host);
        if (!host || !host->isConnected()) {
            continue;
        }
        m_addressAsked.insert(key, nowMs());
        m_addressRunning = true;
        host->ask<QStringList>(
            this,
            [uuid = key.domain](virt::Connection &connection) { return virt::domains::addresses(connection, uuid); },
            [this, key](Result<QStringList> result) {
                m_model.setAddresses(key, result.value_or(QStringList()));
                askNextAddress();
            });
        return;
    }
    if (!isColumnHidden(DomainTreeModel::AddressesColumn)) {
        m_addressTimer.start();
    }
}

void DomainTreeView::fillColumnMenu(QMenu *menu)
{
    for (int column = 1; column < DomainTreeModel::ColumnCount; ++column) {
        QAction *action = menu->addAction(m_model.headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        action->setData(column);
        connect(action, &QAction::toggled, this, [this, column](bool shown) {
            setColumnHidden(column, !shown);
            if (shown && columnWidth(column) < header()->minimumSectionSize() * 2) {
                setColumnWidth(column, fontMetrics().averageCharWidth() * 16);
            }
            m_columnTimer.start();
            m_visibleTimer.start();
        });
    }
}

void DomainTreeView::restoreColumns()
{
    const int ch = fontMetrics().averageCharWidth();
    using C = DomainTreeModel;
    const QHash<int, int> widths{{C::NameColumn, 36}, {C::HostColumn, 18}, {C::StateColumn, 14}, {C::CpuColumn, 17},
        {C::MemoryColumn, 17}, {C::VcpusColumn, 9}, {C::DiskColumn, 21}, {C::NetworkColumn, 21},
        {C::AddressesColumn, 24}, {C::OsColumn, 18}, {C::TagsColumn, 20}, {C::AutostartColumn, 12}};
    header()->setStretchLastSection(true);
    header()->setMinimumSectionSize(ch * 4);
    for (auto it = widths.cbegin(); it != widths.cend(); ++it) {
        setColumnWidth(it.key(), it.value() * ch);
    }
    for (const int column : {C::HostColumn, C::StateColumn, C::AddressesColumn, C::OsColumn, C::AutostartColumn}) {
        setColumnHidden(column, true);
    }
    sortByColumn(C::NameColumn, Qt::AscendingOrder);
    const QByteArray saved = m_context.settings.value(headerKey).toByteArray();
    if (!saved.isEmpty() && header()->restoreState(saved) && header()->count() == C::ColumnCount) {
        sortByColumn(header()->sortIndicatorSection(), header()->sortIndicatorOrder());
    }
    setColumnHidden(C::NameColumn, false);
}

void DomainTreeView::saveColumns()
{
    m_context.settings.setValue(headerKey, header()->saveState());
}

} // namespace vireo::ui
