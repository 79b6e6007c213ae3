// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QKeySequence>
#include <QList>
#include <QObject>

class QAction;
class QKeyEvent;
class QMenu;

namespace vireo::ui {

/**
 * The commands of an editor with their keys. They are looked up when a key comes to the text, not registered with the
 * window, whose own shortcuts may be the same (Ctrl+F there goes to the filter). GUI thread; owned by its parent.
 */
class XmlCommands final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlCommands)

public:
    using QObject::QObject;

    enum class Group { Edit, Find, Lines, Structure, Fold, View };
    struct Options {
        bool edits = true;                  ///< not in a read-only text
        bool shown = true;                  ///< in the menu
        std::function<bool()> enabled = {}; ///< asked when the menu opens
    };
    /** The first key is the one that is shown. */
    void add(
        Group group, const QString &text, const QList<QKeySequence> &keys, std::function<void()> run, Options options);
    /** Whether the key is one of a command that can run now. */
    bool takes(const QKeyEvent &event, bool readOnly) const;
    /** Runs it. False: there is none. */
    bool run(const QKeyEvent &event, bool readOnly) const;
    void fill(QMenu &menu, bool readOnly) const;

private:
    struct Command {
        Group group = Group::Edit;
        QString text;
        QList<QKeySequence> keys;
        std::function<void()> run;
        Options options;
    };
    const Command *find(const QKeyEvent &event, bool readOnly) const;

    QList<Command> m_commands;
};

} // namespace vireo::ui
