// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDockWidget>
#include <QHash>
#include <QPointer>
#include <QSet>
#include <QTimer>

#include "ui/uicontext.h"

class QLabel;
class QListView;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace vireo::model {
class JobModel;
}

namespace vireo::ui {

class JobRow;
class JobRowDelegate;

/**
 * The list `Jobs` at the bottom: running and finished jobs, newest first. Opens by itself when the first job of this
 * run starts; one line ("2 jobs, 63 %") when collapsed. Row widgets exist only for what is on screen, so that a bulk
 * action on thousands of virtual machines costs nothing here. GUI thread.
 */
class JobsDock final : public QDockWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobsDock)

public:
    explicit JobsDock(const UiContext &context, QWidget *parent = nullptr);

    bool isCollapsed() const { return m_collapsed; }
    void setCollapsed(bool collapsed);
    /** "2 jobs, 63 %", "1 failed"; empty when there is nothing to say. */
    QString summary() const;
    QListView *list() const { return m_list; }

Q_SIGNALS:
    void summaryChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *createTitleBar();
    void sumUp();
    void placeRows();
    void toggleOpen(const QUuid &job, bool open);

    UiContext m_context;
    model::JobModel *m_model;
    QListView *m_list;
    JobRowDelegate *m_delegate;
    QWidget *m_body = nullptr;
    QToolButton *m_toggle = nullptr;
    QLabel *m_summary = nullptr;
    QProgressBar *m_overall = nullptr;
    QPushButton *m_clear = nullptr;
    QHash<QUuid, QPointer<JobRow>> m_rows; ///< the list deletes them with their rows
    QSet<QUuid> m_open;
    QTimer m_sumTimer;
    QTimer m_placeTimer;
    bool m_collapsed = false;
    bool m_shownOnce = false;
};

} // namespace vireo::ui
