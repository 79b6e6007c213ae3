// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTreeView>

#include "model/preflightmodel.h"

namespace vireo::ui {

/** The pre-flight as a grid, for a tab of a plan; what blocks is open. GUI thread; a widget like others. */
class PreflightView final : public QTreeView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PreflightView)

public:
    explicit PreflightView(QWidget *parent = nullptr);
    void setLines(const QList<model::PreflightLine> &lines);

private:
    model::PreflightModel *m_model;
};

} // namespace vireo::ui
