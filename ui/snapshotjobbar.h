// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/job/jobrecord.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;

namespace vireo::ui {

class JobProgress;

/** The job on snapshots that runs on a domain, with its progress and Cancel. Hidden while there is none. GUI thread. */
class SnapshotJobBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotJobBar)

public:
    explicit SnapshotJobBar(const UiContext &context, QWidget *parent = nullptr);

    void setDomain(const virt::DomainKey &key);
    /** Null while there is none. */
    job::JobId job() const { return m_job; }

Q_SIGNALS:
    /** It has begun, or ended. */
    void jobChanged();

private:
    void update();

    UiContext m_context;
    virt::DomainKey m_key;
    job::JobId m_job;
    QLabel *m_title;
    JobProgress *m_progress;
    QPushButton *m_cancel;
};

} // namespace vireo::ui
