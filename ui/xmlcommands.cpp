// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlcommands.h"

#include <algorithm>

#include <QAction>
#include <QKeyEvent>
#include <QMenu>

namespace vireo::ui {

void XmlCommands::add(
    Group group, const QString &text, const QList<QKeySequence> &keys, std::function<void()> run, Options options)
{
    m_commands.append({group, text, keys, std::move(run), std::move(options)});
}

const XmlCommands::Command *XmlCommands::find(const QKeyEvent &event, bool readOnly) const
{
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~(Qt::KeypadModifier | Qt::GroupSwitchModifier);
    const QKeyCombination pressed(modifiers, static_cast<Qt::Key>(event.key()));
    // On keyboards where "/" or "+" stands above a digit, Shift is part of the key.
    const QKeyCombination unshifted(modifiers & ~Qt::ShiftModifier, static_cast<Qt::Key>(event.key()));
    const bool sign = event.key() < 0x80 && !QChar(event.key()).isLetterOrNumber() && event.key() != Qt::Key_Space;
    const Command *second = nullptr;
    for (const Command &command : m_commands) {
        if (command.options.edits && readOnly) {
            continue;
        }
        for (const QKeySequence &keys : command.keys) {
            if (keys.count() == 1 && keys[0] == pressed) {
                return &command;
            }
            if (sign && keys.count() == 1 && keys[0] == unshifted && !second) {
                second = &command;
            }
        }
    }
    return second;
}

bool XmlCommands::takes(const QKeyEvent &event, bool readOnly) const
{
    return find(event, readOnly);
}

bool XmlCommands::run(const QKeyEvent &event, bool readOnly) const
{
    const Command *command = find(event, readOnly);
    if (command) {
        command->run();
    }
    return command;
}

void XmlCommands::fill(QMenu &menu, bool readOnly) const
{
    QMenu *into = &menu;
    Group last = Group::Edit;
    for (const Command &command : m_commands) {
        if (!command.options.shown) {
            continue;
        }
        if (command.group != last) {
            last = command.group;
            switch (command.group) {
            case Group::Lines:
                into = menu.addMenu(tr("&Lines"));
                break;
            case Group::Fold:
                into = menu.addMenu(tr("F&olding"));
                break;
            case Group::View:
                into = menu.addMenu(tr("&Zoom"));
                break;
            case Group::Edit:
            case Group::Find:
            case Group::Structure:
                into = &menu;
                menu.addSeparator();
                break;
            }
        }
        QAction *action = into->addAction(command.text);
        if (!command.keys.isEmpty()) {
            action->setShortcut(command.keys.constFirst());
            action->setShortcutVisibleInContextMenu(true);
        }
        const bool possible = !command.options.enabled || command.options.enabled();
        action->setEnabled(possible && !(command.options.edits && readOnly));
        connect(action, &QAction::triggered, this, command.run);
    }
}

} // namespace vireo::ui
