// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace vireo::ui {

/** Asks for a virtual machine's new name, checks it while typing, and queues the job. Opened, never executed. GUI
 * thread. */
class RenameDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RenameDialog)

public:
    RenameDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent);

    void accept() override;

private:
    QString problem() const;
    void check();

    UiContext m_context;
    virt::DomainKey m_domain;
    QString m_oldName;
    QLineEdit *m_name;
    QLabel *m_problem;
    QPushButton *m_rename;
};

} // namespace vireo::ui
