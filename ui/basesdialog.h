// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QDialog>

#include "backend/job/jobrecord.h"
#include "backend/operation/create/basecache.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTreeWidget;

namespace vireo::ui {

class MessageBar;

/**
 * The base images of a host's active pools: how large they are and who needs them. Unused ones can be removed, by age
 * or by choice, after the plan was shown; the list is read anew when the job has ended. Shown, never executed. GUI
 * thread; reads in the host's lanes.
 */
class BasesDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BasesDialog)

public:
    BasesDialog(const UiContext &context, const virt::HostId &host, QWidget *parent);

    virt::HostId host() const { return m_host; }

private:
    void build();
    void read();
    void showBases(const Result<operation::BaseList> &bases);
    void update();
    /** Those that are selected, with the findings about them alone. */
    operation::BaseList selected() const;
    job::Plan unusedPlan() const;
    job::Plan selectedPlan() const;
    void propose(const job::Plan &plan);
    void jobEnded(const QUuid &id);

    UiContext m_context;
    virt::HostId m_host;
    std::optional<operation::BaseList> m_bases;
    job::JobId m_job; ///< the removal that runs; null: none
    bool m_reading = false;
    bool m_jobFailed = false; ///< the bar says why: reading anew must not wipe it
    MessageBar *m_message;
    QStackedWidget *m_stack;
    QTreeWidget *m_table;
    QLabel *m_total;
    QSpinBox *m_days;
    QLabel *m_summary;
    QPushButton *m_refresh;
    QPushButton *m_removeSelected;
    QPushButton *m_removeUnused;
};

} // namespace vireo::ui
