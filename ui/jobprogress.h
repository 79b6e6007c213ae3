// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QWidget>

#include "backend/job/jobmanager.h"

class QLabel;
class QProgressBar;

namespace vireo::ui {

/** How long a job will still take, as a range. Milliseconds. */
struct EtaRange {
    qint64 lowMs = 0;
    qint64 highMs = 0;
};

/**
 * From the bytes that are still to be moved (of the running step and of those after it), once at the present rate and
 * once at the average of this step, widened. Nothing while the rate is unknown or the step moves no bytes.
 */
std::optional<EtaRange> estimate(const job::JobRecord &job, const QDateTime &now);

/** A bar with a line: what is being done, how fast, how long still. GUI thread. */
class JobProgress final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobProgress)

public:
    explicit JobProgress(QWidget *parent = nullptr);
    void setJob(const job::JobRecord &job);
    QString text() const;

private:
    QProgressBar *m_bar;
    QLabel *m_text;
};

} // namespace vireo::ui
