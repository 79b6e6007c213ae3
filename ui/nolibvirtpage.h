// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/uicontext.h"

class QLabel;
class QPushButton;

namespace vireo::ui {

class EmptyState;

/**
 * What is shown instead of "nothing selected" to somebody who has no host yet but the demo, on a computer without
 * libvirt: what to install and to start, and that hosts elsewhere work without it. In a Flatpak all of that is outside.
 * "Look Again" adds and connects what is there by now. GUI thread.
 */
class NoLibvirtPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NoLibvirtPage)

public:
    explicit NoLibvirtPage(const UiContext &context, QWidget *parent = nullptr);

    /** Whether it has something to say. */
    bool isWanted() const { return m_wanted; }

Q_SIGNALS:
    void wantedChanged();
    void addConnectionRequested();

private:
    void update();
    void takeFound();
    bool hasOtherHosts() const;

    UiContext m_context;
    EmptyState *m_state;
    QLabel *m_commands;
    QLabel *m_afterwards;
    QPushButton *m_again;
    bool m_wanted = false;
    bool m_asked = false; ///< by the button, and not answered yet
};

} // namespace vireo::ui
