// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPersistentModelIndex>
#include <QWidget>

#include "backend/job/jobrecord.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace vireo::ui {

class JobSteps;

/**
 * One job in the dock: title, status line, bar, Cancel, and the whole error text when opened. One that was interrupted
 * has Finish and Undo instead, or what they need first, and shows its steps when opened. A group's row has the same for
 * all of its jobs, and opens to their rows. Shows a row of a JobModel and is made only for rows on screen. GUI thread;
 * owned by the list.
 */
class JobRow final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobRow)

public:
    JobRow(const QModelIndex &index, bool open, QWidget *parent = nullptr);

    /** Reads the row again. `missingHost`: the URI of a host that must be connected before the job can be recovered. */
    void update(const QString &missingHost = {});
    /** The steps of an interrupted job, while it is open; else null. */
    JobSteps *steps() const { return m_steps; }
    bool isOpen() const { return m_open; }
    /** The user is in the middle of something here (marked text, focus): leave the row alone. */
    bool isInUse() const;
    /** The height it needs at `width`. */
    int heightAt(int width) const;

Q_SIGNALS:
    /** Also of a group. */
    void cancelWanted(const QUuid &job);
    void openChanged(bool open);
    void recoverWanted(const QUuid &job, vireo::job::Recovery recovery);
    void connectWanted(const QString &uri);
    /** What there is on the hosts of each step is to be read (again). */
    void lookWanted(const QUuid &job);

private:
    void updateRecovery(bool finish, bool undo);
    QUuid jobId() const;

    QPersistentModelIndex m_index;
    QLabel *m_title;
    QLabel *m_status;
    QProgressBar *m_bar;
    QPushButton *m_cancel;
    QToolButton *m_more;
    QLabel *m_error;
    QWidget *m_decision; ///< holds the three buttons of an interrupted job
    QPushButton *m_finish;
    QPushButton *m_undo;
    QPushButton *m_connect;
    JobSteps *m_steps = nullptr;
    QString m_missingHost;
    bool m_open;
};

} // namespace vireo::ui
