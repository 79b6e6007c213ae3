// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "model/hardwaredraft.h"

class QLabel;
class QListWidget;
class QPushButton;

namespace vireo::ui {

/** Which devices a VM boots from, in which order: ticks, and buttons that move. GUI thread; the draft outlives it. */
class BootOrderList final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BootOrderList)

public:
    explicit BootOrderList(model::HardwareDraft &draft, QWidget *parent = nullptr);
    /** As the draft has it now. */
    void refresh();

private:
    void move(int by);
    void write();
    void updateButtons();

    model::HardwareDraft &m_draft;
    QLabel *m_title;
    QListWidget *m_list;
    QPushButton *m_up;
    QPushButton *m_down;
    bool m_refreshing = false;
};

} // namespace vireo::ui
