// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/snapshot/schedule.h"
#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QLabel;
class QSpinBox;

namespace vireo::ui {

class MessageBar;

/**
 * When Vireo takes snapshots of one VM by itself, and how many it keeps. Says that this happens only while Vireo runs.
 * GUI thread; shown, never executed. The context's scheduler must not be null.
 */
class SnapshotScheduleDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotScheduleDialog)

public:
    SnapshotScheduleDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent);

    virt::DomainKey domain() const { return m_domain; }
    /** "Every 6 hours, the last 5 are kept; next at 22:00": for the page. Empty: there is no schedule, or it is off. */
    static QString summary(const snapshot::Schedule &schedule, const QDateTime &now);

private:
    void fill();
    void update();
    void showStatus();
    void save();

    UiContext m_context;
    virt::DomainKey m_domain;
    bool m_filled = false;
    MessageBar *m_message;
    QCheckBox *m_enabled;
    QSpinBox *m_every;
    QComboBox *m_unit;
    QSpinBox *m_keep;
    QCheckBox *m_memory;
    QCheckBox *m_quiesce;
    QLabel *m_status;
    QDialogButtonBox *m_buttons;
};

} // namespace vireo::ui
