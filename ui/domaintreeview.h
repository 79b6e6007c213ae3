// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QSet>
#include <QTimer>
#include <QTreeView>

#include "model/domaintreemodel.h"
#include "ui/uicontext.h"

class QMenu;

namespace vireo::ui {

/**
 * The tree `Virtual machines`: hosts or tags with their domains. GUI thread.
 *
 * Keeps selection, expansion, current row and scroll position by key when the model is reset; remembers columns and
 * collapsed groups in the settings. Asks hosts for the details (title, tags) of the rows on screen first, and for
 * addresses while that column is shown; both only some time after the last scroll.
 */
class DomainTreeView final : public QTreeView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DomainTreeView)

public:
    DomainTreeView(const UiContext &context, model::DomainTreeModel &model, QWidget *parent = nullptr);
    ~DomainTreeView() override;

    /** Without doubles (a domain has a row under each of its tags), in the order of the rows. */
    QList<virt::DomainKey> selectedDomains() const;
    QList<virt::HostId> selectedHosts() const;
    /** Selects that one row and scrolls to it. False: it is filtered out or unknown. */
    bool selectDomain(const virt::DomainKey &key);
    bool selectHost(const virt::HostId &host);

    /** Announces a changed selection now rather than in the next turn of the event loop. */
    void flushSelection();

    void setGrouping(model::DomainTreeModel::Grouping grouping);
    /** All groups are open while a filter is set; what was collapsed is collapsed again afterwards. */
    void setQuery(const model::DomainQuery &query);
    /** One checkable action per column that may be hidden. */
    void fillColumnMenu(QMenu *menu);

Q_SIGNALS:
    /** Another selection, or the same one after a reset. At most once per turn of the event loop. */
    void selectedChanged();
    void domainActivated(const vireo::virt::DomainKey &key);
    void hostActivated(const QUuid &host);
    void menuWanted(const QPoint &globalPosition);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    struct Kept {
        QSet<QString> selected;
        QString current;
        QString top;
    };
    /** Identity of a row that survives a reset and another grouping: the group's or the domain's. */
    QString rowId(const QModelIndex &index) const;
    void keep();
    void restore();
    void openGroups(int first, int last);
    void activate(const QModelIndex &index);
    void selectIndex(const QModelIndex &index);
    void announceSelection();
    void readVisible();
    void askNextAddress();
    void restoreColumns();
    void saveColumns();

    UiContext m_context;
    model::DomainTreeModel &m_model;
    QSet<QString> m_collapsed;
    Kept m_kept;
    QTimer m_visibleTimer;
    QTimer m_selectionTimer;
    QTimer m_columnTimer;
    QTimer m_addressTimer;
    QHash<virt::DomainKey, qint64> m_addressAsked; ///< monotonic milliseconds
    QList<virt::DomainKey> m_addressQueue;
    bool m_addressRunning = false;
    bool m_restoring = false;
};

} // namespace vireo::ui
