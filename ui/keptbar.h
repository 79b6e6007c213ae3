// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "backend/operation/kept/keptplanner.h"
#include "ui/uicontext.h"

namespace vireo::ui {

class MessageBar;

/** Says that a VM was resized or moved and waits for being confirmed, with the buttons that do that or take it back.
 *  Hidden while it does not. GUI thread; owned by the page. */
class KeptBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptBar)

public:
    explicit KeptBar(const UiContext &context, QWidget *parent = nullptr);

    void setDomain(const virt::DomainKey &key);

private:
    void update();
    void open(operation::ResizeEnd end);

    UiContext m_context;
    virt::DomainKey m_key;
    MessageBar *m_message;
    QTimer m_aging;
};

} // namespace vireo::ui
