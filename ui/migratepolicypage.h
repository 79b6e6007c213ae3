// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>

#include "ui/migratewizardstate.h"
#include "ui/wizardpage.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
class MigrateReader;

/** What shall happen when it does not end by itself, and a forecast of whether it will. GUI thread. */
class MigratePolicyPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigratePolicyPage)

public:
    MigratePolicyPage(MigrateWizardState &state, MigrateReader &reader, QWidget *parent = nullptr);

    bool isComplete() const override { return true; }
    QString reason() const override { return {}; }
    QWidget *firstField() const override;

private:
    QWidget *makeForecast();
    void refresh();
    void measureNext();
    QList<MigrateWizardState::Vm> measurable() const;

    MigrateWizardState &m_state;
    MigrateReader &m_reader;
    FieldGrid *m_grid;
    QComboBox *m_policy;
    QSpinBox *m_initial;
    QSpinBox *m_maximum;
    QSpinBox *m_window;
    QSpinBox *m_completion;
    QComboBox *m_atTheEnd;
    FieldNote *m_maximumNote = nullptr;
    QLabel *m_sentence;
    QLabel *m_forecast;
    QLabel *m_problem;
    QPushButton *m_measure;
    QPushButton *m_cancel;
    QProgressBar *m_busy;
    QList<virt::DomainKey> m_toMeasure;
    QSet<virt::HostId> m_fromMeasured; ///< hosts whose way to the chosen one was measured this time
    bool m_filling = false;
};

} // namespace vireo::ui
