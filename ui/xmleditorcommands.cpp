// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The editor's commands, their keys and what they do.

#include <algorithm>

#include <QInputDialog>
#include <QTextBlock>

#include "backend/xml/xmltext.h"
#include "ui/xmleditorparts.h"
#include "ui/xmllines.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using Group = XmlCommands::Group;

namespace {

/** The platform's; redo also by the keys that it does not know on each. */
QList<QKeySequence> keys(QKeySequence::StandardKey key)
{
    QList<QKeySequence> all = QKeySequence::keyBindings(key);
    if (key == QKeySequence::Redo) {
        all += {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)};
    }
    return all;
}

} // namespace

void XmlEditor::addCommands()
{
    XmlTextEdit *text = m_parts->text;
    XmlCommands *commands = m_parts->commands;
    const auto add = [commands](const QString &name, QKeySequence::StandardKey key, std::function<void()> run,
                         bool edits, std::function<bool()> enabled) {
        commands->add(Group::Edit, name, keys(key), std::move(run), {edits, true, std::move(enabled)});
    };
    const auto chosen = [text] {
        return text->textCursor().hasSelection();
    };
    add(
        tr("&Undo"), QKeySequence::Undo, [text] { text->undo(); }, true,
        [text] { return text->document()->isUndoAvailable(); });
    add(
        tr("&Redo"), QKeySequence::Redo, [text] { text->redo(); }, true,
        [text] { return text->document()->isRedoAvailable(); });
    add(tr("Cu&t"), QKeySequence::Cut, [text] { text->cut(); }, true, chosen);
    add(tr("&Copy"), QKeySequence::Copy, [text] { text->copy(); }, false, chosen);
    add(tr("&Paste"), QKeySequence::Paste, [text] { text->paste(); }, true, [text] { return text->canPaste(); });
    add(tr("Select &All"), QKeySequence::SelectAll, [text] { text->selectAll(); }, false, {});
    addFindCommands();
    addStructureCommands();
    addLineCommands();
    addViewCommands();
}

void XmlEditor::addFindCommands()
{
    XmlCommands *commands = m_parts->commands;
    XmlFindBar *find = m_parts->find;
    commands->add(Group::Find, tr("&Find…"), keys(QKeySequence::Find), [this] { showFindBar(); }, {.edits = false});
    commands->add(
        Group::Find, tr("R&eplace…"), {QKeySequence(Qt::CTRL | Qt::Key_H)}, [this] { showFindBar(true); }, {});
    const auto next = [this, find](bool back) {
        if (!find->isOpen()) {
            showFindBar();
        }
        find->next(back);
    };
    commands->add(Group::Find, tr("Find Next"), {QKeySequence(Qt::Key_F3)}, [next] { next(false); },
        {.edits = false, .shown = false});
    commands->add(Group::Find, tr("Find Previous"), {QKeySequence(Qt::SHIFT | Qt::Key_F3)}, [next] { next(true); },
        {.edits = false, .shown = false});
    commands->add(Group::Find, tr("&Go to Line…"),
        {QKeySequence(Qt::CTRL | Qt::Key_L), QKeySequence(Qt::CTRL | Qt::Key_G)}, [this] { askForLine(); },
        {.edits = false});
    const auto problems = [this] {
        return !diagnostics().isEmpty();
    };
    commands->add(Group::Find, tr("Next Problem"), {QKeySequence(Qt::Key_F8)}, [this] { goToProblem(false); },
        {.edits = false, .enabled = problems});
    commands->add(Group::Find, tr("Previous Problem"), {QKeySequence(Qt::SHIFT | Qt::Key_F8)},
        [this] { goToProblem(true); }, {.edits = false, .enabled = problems});
}

void XmlEditor::addStructureCommands()
{
    XmlCommands *commands = m_parts->commands;
    commands->add(Group::Structure, tr("Co&mplete"), {QKeySequence(Qt::CTRL | Qt::Key_Space)},
        [this] { m_parts->completer->invoke(); }, {});
    commands->add(Group::Structure, tr("Select E&nclosing Element"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A), QKeySequence(Qt::ALT | Qt::SHIFT | Qt::Key_Right)},
        [this] { selectEnclosing(); }, {.edits = false});
    commands->add(
        Group::Structure, tr("Re-&indent"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I)}, [this] { format(); }, {});
    commands->add(Group::Structure, tr("Comme&nt"), {QKeySequence(Qt::CTRL | Qt::Key_Slash)},
        [this] {
            if (!xmllines::toggleComment(*m_parts->text, m_parts->text->text())) {
                m_parts->message->showMessage(MessageBar::Kind::Warning,
                    tr("These lines can't be commented: there is “--” in them."),
                    tr("A comment in XML ends at the first “-->” and can't hold another one."));
            }
        },
        {});
}

void XmlEditor::addLineCommands()
{
    XmlCommands *commands = m_parts->commands;
    XmlTextEdit *text = m_parts->text;
    XmlFolding *folding = &text->folding();
    const auto line = [text] {
        return text->textCursor().blockNumber();
    };
    commands->add(Group::Lines, tr("Move &Up"), {QKeySequence(Qt::ALT | Qt::Key_Up)},
        [text] { xmllines::move(*text, true); }, {});
    commands->add(Group::Lines, tr("Move &Down"), {QKeySequence(Qt::ALT | Qt::Key_Down)},
        [text] { xmllines::move(*text, false); }, {});
    commands->add(Group::Lines, tr("Du&plicate"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D)},
        [text] { xmllines::duplicate(*text); }, {});
    commands->add(Group::Fold, tr("&Fold"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BracketLeft),
            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BraceLeft)},
        [folding, line] { folding->foldAround(line()); }, {.edits = false});
    commands->add(Group::Fold, tr("&Unfold"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BracketRight),
            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BraceRight)},
        [folding, line] { folding->unfoldAround(line()); }, {.edits = false});
    commands->add(Group::Fold, tr("Fold &All"), {QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_BracketLeft)},
        [folding] { folding->foldAll(); }, {.edits = false});
    commands->add(Group::Fold, tr("U&nfold All"), {QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_BracketRight)},
        [folding] { folding->unfoldAll(); }, {.edits = false});
}

void XmlEditor::addViewCommands()
{
    XmlCommands *commands = m_parts->commands;
    commands->add(Group::View, tr("&Larger"),
        {QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal)},
        [this] { setZoom(m_zoom + 1); }, {.edits = false});
    commands->add(Group::View, tr("&Smaller"), {QKeySequence(Qt::CTRL | Qt::Key_Minus)},
        [this] { setZoom(m_zoom - 1); }, {.edits = false});
    commands->add(
        Group::View, tr("&Normal"), {QKeySequence(Qt::CTRL | Qt::Key_0)}, [this] { setZoom(0); }, {.edits = false});
}

void XmlEditor::goToProblem(bool backward)
{
    const QList<xml::Diagnostic> &all = diagnostics();
    if (all.isEmpty()) {
        return;
    }
    const qsizetype here = m_parts->text->textCursor().position();
    const xml::Diagnostic *next = nullptr;
    const xml::Diagnostic *edge = nullptr; // when there is none in that direction
    for (const xml::Diagnostic &one : all) {
        const qsizetype from = one.range.from;
        const bool ahead = backward ? from < here : from > here;
        if (ahead && (!next || (backward ? from > next->range.from : from < next->range.from))) {
            next = &one;
        }
        if (!edge || (backward ? from > edge->range.from : from < edge->range.from)) {
            edge = &one;
        }
    }
    const xml::Diagnostic &wanted = next ? *next : *edge;
    goTo(m_parts->text->placeOf(wanted.range.from));
}

void XmlEditor::askForLine()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Go to Line"));
    dialog->setLabelText(tr("Line (1 to %1):").arg(m_parts->text->blockCount()));
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setIntRange(1, m_parts->text->blockCount());
    dialog->setIntValue(m_parts->text->textCursor().blockNumber() + 1);
    connect(dialog, &QInputDialog::intValueSelected, this, [this](int line) { goTo({line, 1}); });
    dialog->open();
}

void XmlEditor::format()
{
    const QTextCursor cursor = m_parts->text->textCursor();
    const xml::TextRange chosen{cursor.selectionStart(), cursor.selectionEnd()};
    m_parts->service->withOutline([this, chosen](const XmlOutline &outline) {
        if (m_parts->text->isReadOnly()) {
            return;
        }
        const xml::TextRange range = chosen.isEmpty() ? xml::TextRange{0, outline.tree.text().size()} : chosen;
        const xml::Formatted formatted = xml::formatLines(outline.tree, range);
        const QString before = outline.tree.slice(formatted.range).toString();
        const xmltext::Replacement change = xmltext::difference(before, formatted.text);
        if (!change.range.isEmpty() || !change.text.isEmpty()) {
            const QTextCursor old = m_parts->text->textCursor();
            const xml::TextPlace place{old.blockNumber() + 1, old.positionInBlock() + 1};
            replaceRange(
                {change.range.from + formatted.range.from, change.range.to + formatted.range.from}, change.text);
            if (chosen.isEmpty()) {
                goTo(place);
            }
        }
    });
}

void XmlEditor::selectEnclosing()
{
    m_parts->service->withOutline([this](const XmlOutline &outline) {
        QTextCursor cursor = m_parts->text->textCursor();
        const xml::TextRange range = outline.enclosing({cursor.selectionStart(), cursor.selectionEnd()});
        cursor.setPosition(static_cast<int>(range.to));
        cursor.setPosition(static_cast<int>(range.from), QTextCursor::KeepAnchor);
        m_parts->text->setTextCursor(cursor);
    });
}

} // namespace vireo::ui
