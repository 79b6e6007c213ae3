// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/xml/devices/hostfacts.h"

class QPushButton;

namespace vireo::ui {

class HardwareEditor;

/** The hardware pages on a VM that is not made yet. Opened, never executed. GUI thread. */
class CustomiseDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CustomiseDialog)

public:
    explicit CustomiseDialog(const QString &xml, QWidget *parent);
    void setHost(const xml::devices::HostFacts &host);
    HardwareEditor *editor() const { return m_editor; }

    void accept() override;

Q_SIGNALS:
    /** The definition as it is wanted; only when it was changed. */
    void chosen(const QString &xml);

private:
    void updateButton();

    HardwareEditor *m_editor;
    QPushButton *m_ok;
};

} // namespace vireo::ui
