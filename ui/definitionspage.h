// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QSortFilterProxyModel>
#include <QWidget>

#include "model/definitiontree.h"
#include "ui/uicontext.h"

class QLineEdit;
class QSplitter;
class QStackedWidget;
class QTimer;
class QTreeView;

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

class DefinitionPane;
class EmptyState;
class MessageBar;

/**
 * The definitions that a host keeps besides those of its domains: a tree with a filter, and the editor for what is
 * chosen. Lists are read when the page is looked at, and what is below a row when it is opened; XML only of what is
 * chosen. GUI thread; owned by its parent.
 */
class DefinitionsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DefinitionsPage)

public:
    explicit DefinitionsPage(const UiContext &context, QWidget *parent = nullptr);
    void setHost(const virt::HostId &host);
    /** Reads lists and text anew, now or when it is looked at. */
    void refresh();

Q_SIGNALS:
    /** The user wants to be connected. */
    void connectRequested();

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    virt::Host *current() const;
    void buildTree();
    void readAll();
    void read(const model::DefinitionGroup &group);
    void take(const model::DefinitionGroup &group, const Result<QList<virt::DefinitionEntry>> &entries);
    void setFilter(const QString &text);
    void restoreChosen();
    void choose();
    void showChosen();
    void showStatus();
    QModelIndex source(const QModelIndex &index) const { return m_filter.mapToSource(index); }

    UiContext m_context;
    virt::HostId m_id;
    QMetaObject::Connection m_statusConnection;
    QMetaObject::Connection m_infoConnection;
    model::DefinitionTreeModel m_model;
    QSortFilterProxyModel m_filter;
    std::optional<virt::DefinitionKey> m_chosen; ///< an object
    QSet<QString> m_opened;                      ///< rows that were open before the filter was set
    quint64 m_generation = 0;                    ///< of the host; answers of another are stale
    bool m_wanted = false;                       ///< must be read (again) once visible
    bool m_sized = false;                        ///< the splitter
    bool m_changing = false;                     ///< rows come and go by our doing, not by the user's

    QSplitter *m_splitter;
    MessageBar *m_message;
    QLineEdit *m_field;
    QTimer *m_filterDelay;
    QTreeView *m_tree;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    EmptyState *m_offline;
    DefinitionPane *m_pane;
    QWidget *m_content;
};

} // namespace vireo::ui
