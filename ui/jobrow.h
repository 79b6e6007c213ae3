// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPersistentModelIndex>
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace vireo::ui {

/**
 * One job in the dock: title, status line, bar, Cancel, and the whole error text when opened. Shows a row of a JobModel
 * and is made only for rows on screen. GUI thread; owned by the list.
 */
class JobRow final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobRow)

public:
    JobRow(const QModelIndex &index, bool open, QWidget *parent = nullptr);

    /** Reads the row again. */
    void update();
    bool isOpen() const { return m_open; }
    /** The user is in the middle of something here (marked text, focus): leave the row alone. */
    bool isInUse() const;
    /** The height it needs at `width`. */
    int heightAt(int width) const;

Q_SIGNALS:
    void cancelWanted(const QUuid &job);
    void openChanged(bool open);

private:
    QPersistentModelIndex m_index;
    QLabel *m_title;
    QLabel *m_status;
    QProgressBar *m_bar;
    QPushButton *m_cancel;
    QToolButton *m_more;
    QLabel *m_error;
    bool m_open;
};

} // namespace vireo::ui
