// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QLabel;

namespace vireo::ui {

/** The details pane while several virtual machines are selected: how many in which state, and what they have together.
 * GUI thread. */
class SelectionSummary final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SelectionSummary)

public:
    explicit SelectionSummary(const UiContext &context, QWidget *parent = nullptr);

    void setDomains(const QList<virt::DomainKey> &domains);

private:
    void update();

    UiContext m_context;
    QList<virt::DomainKey> m_domains;
    QLabel *m_title;
    QLabel *m_states;
    QLabel *m_hosts;
    QLabel *m_vcpus;
    QLabel *m_memory;
    QLabel *m_names;
    QTimer m_timer;
};

} // namespace vireo::ui
