// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

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

namespace vireo::job {
class StepRegistry;
enum class Recovery;
} // namespace vireo::job
namespace vireo::model {
class JobModel;
}

namespace vireo::ui {

class JobRow;
class JobRowDelegate;

/**
 * The list `Jobs` at the bottom: interrupted jobs, then running and finished ones, newest first. Opens by itself when
 * the first job of this run starts, not for what the journal brings; one line ("2 jobs, 63 %") when collapsed. Row
 * widgets exist only for what is on screen, so that a bulk action on thousands of virtual machines costs nothing here.
 * GUI thread.
 */
class JobsDock final : public QDockWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobsDock)

public:
    explicit JobsDock(const UiContext &context, QWidget *parent = nullptr);
    ~JobsDock() override;

    bool isCollapsed() const { return m_collapsed; }
    void setCollapsed(bool collapsed);
    /** "2 jobs, 63 %", "1 failed"; empty when there is nothing to say. */
    QString summary() const;
    QListView *list() const { return m_list; }
    /** Opens, at the top: there are the interrupted jobs. */
    void showInterrupted();

Q_SIGNALS:
    void summaryChanged();
    /** A job can be recovered once this host is connected. */
    void connectWanted(const QString &uri);
    /** Why a job could not be taken up. */
    void problem(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *createTitleBar();
    void sumUp();
    void placeRows();
    void cancel(const QUuid &id);
    void toggleOpen(const QUuid &job, bool open);
    void updateRows();
    QString missingHost(const QModelIndex &index) const;
    void recover(const QUuid &job, vireo::job::Recovery recovery);
    void look(const QUuid &job);
    void watchHost(const QUuid &id);

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
    std::unique_ptr<const job::StepRegistry> m_registry; ///< to look at interrupted jobs; made when it is needed
    QTimer m_sumTimer;
    QTimer m_placeTimer;
    bool m_collapsed = false;
    bool m_shownOnce = false;
};

} // namespace vireo::ui
