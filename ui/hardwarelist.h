// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>

#include "model/hardwaredraft.h"

namespace vireo::ui {

/** The entries of a draft, two lines each, with a word on those that changed. Keeps the selection over refreshes. GUI
 * thread; the draft outlives it. */
class HardwareList final : public QListWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HardwareList)

public:
    explicit HardwareList(model::HardwareDraft &draft, QWidget *parent = nullptr);

    void refresh();
    int currentId() const; ///< -1: none
    void setCurrentId(int id);

Q_SIGNALS:
    void currentIdChanged(int id);

protected:
    void changeEvent(QEvent *event) override;

private:
    model::HardwareDraft &m_draft;
    int m_current = -1;
    int m_row = 0; ///< of the current one: when it goes, its neighbour is chosen
    bool m_refreshing = false;
};

} // namespace vireo::ui
