// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/createwizardstate.h"
#include "ui/wizardpage.h"

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;
class QStackedWidget;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
class DiskEditor;
class NicEditor;

/**
 * The new VM's disks and network cards: a list at the left, what is chosen there at the right. The root disk is in it,
 * too; its size is on the page before. GUI thread.
 */
class CreateDevicesPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateDevicesPage)

public:
    explicit CreateDevicesPage(CreateWizardState &state, QWidget *parent = nullptr);

    void enter() override;
    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    enum class Kind { Root, Disk, Nic };
    struct Row {
        Kind kind = Kind::Root;
        qsizetype index = 0;
        friend bool operator==(const Row &, const Row &) = default;
    };
    QList<Row> rows() const;
    std::optional<Row> current() const;
    QString textOf(const Row &row) const;
    void addDisk(operation::CreateDraft::DiskKind kind);
    void addNic();
    void remove();
    void refresh();
    void refreshList();
    void refreshEditor();

    CreateWizardState &m_state;
    QListWidget *m_list;
    QPushButton *m_add;
    QPushButton *m_remove;
    QStackedWidget *m_editors;
    FieldGrid *m_rootGrid;
    QComboBox *m_rootBus;
    FieldNote *m_rootNote;
    DiskEditor *m_disk;
    NicEditor *m_nic;
    QLabel *m_nothing;
    QLabel *m_problem;
    bool m_entered = false;
};

} // namespace vireo::ui
