// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QTimer>
#include <QUuid>
#include <QWidget>

#include "ui/uicontext.h"

namespace vireo::ui {

class MessageBar;

/**
 * Says in the main window that jobs were interrupted, until they were looked at or are none any more. GUI thread; owned
 * by the window.
 */
class InterruptedBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(InterruptedBar)

public:
    explicit InterruptedBar(const UiContext &context, QWidget *parent = nullptr);

Q_SIGNALS:
    void showWanted();

private:
    void update();

    UiContext m_context;
    MessageBar *m_bar;
    QTimer m_later;
    QSet<QUuid> m_seen; ///< the user has been shown these
};

} // namespace vireo::ui
