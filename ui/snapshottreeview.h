// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTreeView>

namespace vireo::model {
class SnapshotTreeModel;
}

namespace vireo::ui {

class SnapshotDelegate;

/**
 * The tree of snapshots as one looks at it: chains straight down, everything open. Its actions' keys are its own while
 * it has the focus, also where a window has the same ones. GUI thread; owned by its parent.
 */
class SnapshotTreeView final : public QTreeView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotTreeView)

public:
    explicit SnapshotTreeView(model::SnapshotTreeModel &model, QWidget *parent = nullptr);

    /** The names that are selected, in the tree's order; an empty one is "now". */
    QStringList selectedSnapshots() const;
    /** Selects these and nothing else; those that are not there are left out. */
    void selectSnapshots(const QStringList &names);
    void setPictures(const QHash<QString, QPixmap> &pictures);
    /** Lays out anew what came with other facts, and opens what is new. */
    void refit();

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    QAction *actionFor(const QKeyEvent &event) const;

    model::SnapshotTreeModel &m_snapshots;
    SnapshotDelegate *m_delegate;
};

} // namespace vireo::ui
