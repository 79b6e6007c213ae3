// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/resizewizardstate.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;

namespace vireo::ui {

class Expander;
class FieldGrid;
class FieldNote;

/** One disk on the Resize wizard's first page: its size, and behind an expander what else can be changed of it. The
 *  widgets belong to the grid. GUI thread. */
class ResizeDiskFields final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeDiskFields)

public:
    /** `label` with mnemonic. Adds its lines to the grid, which owns it. */
    ResizeDiskFields(ResizeWizardState &state, const QString &target, const QString &label, FieldGrid *grid);

    const QString &target() const { return m_target; }
    void refresh();

private:
    void makeMore(FieldGrid *grid);
    void connectFields();
    void refreshPool();

    ResizeWizardState &m_state;
    QString m_target;
    QDoubleSpinBox *m_size;
    QLabel *m_now;
    FieldNote *m_note;
    QComboBox *m_format;
    QComboBox *m_bus;
    QComboBox *m_pool;
    QCheckBox *m_flatten;
    QCheckBox *m_sparsify;
    QCheckBox *m_growFilesystem;
    QCheckBox *m_growInGuest;
};

} // namespace vireo::ui
