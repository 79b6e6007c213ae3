// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flavours.h"
#include "ui/resizewizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QSettings;
class QSpinBox;
class QVBoxLayout;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
class FlavourField;
class MessageBar;
class ResizeDiskFields;

/** How large it is to be: flavour, vCPUs, memory, each disk; below each what changes and when that takes effect. GUI
 *  thread. */
class ResizeSizePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeSizePage)

public:
    ResizeSizePage(ResizeWizardState &state, QSettings &settings, QWidget *parent = nullptr);
    ~ResizeSizePage() override;

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    QWidget *makeMore();
    void connectFields();
    void apply(const Flavour &flavour);
    Flavour current() const;
    void refresh();
    void refreshDisks();
    void refreshMore();
    /** What the effects of these fields say, one a line. */
    QString effects(const QStringList &fields) const;

    ResizeWizardState &m_state;
    MessageBar *m_message;
    FieldGrid *m_grid;
    FieldGrid *m_moreGrid;
    FlavourField *m_flavour;
    QSpinBox *m_vcpus;
    QSpinBox *m_memory;
    QSpinBox *m_maxVcpus;
    QSpinBox *m_maxMemory;
    QCheckBox *m_topology;
    QSpinBox *m_sockets;
    QSpinBox *m_cores;
    QSpinBox *m_threads;
    FieldNote *m_flavourNote = nullptr;
    FieldNote *m_vcpusNote = nullptr;
    FieldNote *m_memoryNote = nullptr;
    FieldNote *m_maxVcpusNote = nullptr;
    FieldNote *m_maxMemoryNote = nullptr;
    FieldNote *m_topologyNote = nullptr;
    QVBoxLayout *m_disksLayout;
    FieldGrid *m_diskGrid = nullptr;
    QList<ResizeDiskFields *> m_disks;
    QString m_flavourHint;
    Flavour m_hintedSizes; ///< what the hint is about
};

} // namespace vireo::ui
