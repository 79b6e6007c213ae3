// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlfolding.h"

#include <algorithm>

#include <QPlainTextDocumentLayout>
#include <QPlainTextEdit>
#include <QTextBlock>

#include "ui/xmlblockdata.h"

namespace vireo::ui {

XmlFolding::XmlFolding(QPlainTextEdit *edit, QObject *parent)
    : QObject(parent)
    , m_edit(edit)
{
    connect(edit->document(), &QTextDocument::contentsChange, this, &XmlFolding::contentsChange);
}

/** Until the next outline comes, lines behind the change keep their folds. */
void XmlFolding::contentsChange(int position, int removed, int added)
{
    const int grown = m_edit->document()->blockCount() - m_lines;
    m_lines = m_edit->document()->blockCount();
    if (grown == 0 || (removed == 0 && added == 0)) {
        return;
    }
    const int line = m_edit->document()->findBlock(position).blockNumber();
    QHash<int, int> moved;
    moved.reserve(m_folds.size());
    for (auto [first, last] : m_folds.asKeyValueRange()) {
        const int newFirst = first > line ? first + grown : first;
        const int newLast = last > line ? last + grown : last;
        if (newFirst >= 0 && newLast > newFirst) {
            moved.insert(newFirst, newLast);
        }
    }
    m_folds = std::move(moved);
}

void XmlFolding::setFolds(const QList<XmlOutline::Fold> &folds)
{
    m_folds.clear();
    m_folds.reserve(folds.size());
    for (const XmlOutline::Fold &fold : folds) {
        m_folds.insert(fold.first, fold.last);
    }
    m_lines = m_edit->document()->blockCount();
    for (auto [line, text] : std::as_const(m_remembered).asKeyValueRange()) {
        if (m_edit->document()->findBlockByNumber(line).text() == text) {
            setFolded(line, true);
        }
    }
    m_remembered.clear();
    if (m_folded > 0) {
        apply();
    }
    Q_EMIT changed();
}

void XmlFolding::remember()
{
    m_remembered.clear();
    if (m_folded > 0) {
        for (QTextBlock block = m_edit->document()->begin(); block.isValid(); block = block.next()) {
            if (isFolded(block)) {
                m_remembered.insert(block.blockNumber(), block.text());
            }
        }
    }
    m_folded = 0; // they go with their lines
    m_folds.clear();
}

bool XmlFolding::isFolded(const QTextBlock &block) const
{
    if (m_folded == 0) {
        return false;
    }
    const XmlBlockData *data = XmlBlockData::find(block);
    return data && data->folded;
}

int XmlFolding::hiddenLines(const QTextBlock &block) const
{
    return isFolded(block) ? m_folds.value(block.blockNumber(), block.blockNumber()) - block.blockNumber() : 0;
}

void XmlFolding::setFolded(int line, bool folded)
{
    QTextBlock block = m_edit->document()->findBlockByNumber(line);
    if (!block.isValid() || (folded && !canFold(line))) {
        return;
    }
    XmlBlockData &data = XmlBlockData::of(block);
    if (data.folded != folded) {
        data.folded = folded;
        m_folded += folded ? 1 : -1;
    }
}

void XmlFolding::toggle(int line)
{
    setFolded(line, !isFolded(m_edit->document()->findBlockByNumber(line)));
    apply();
}

void XmlFolding::foldAround(int line)
{
    int best = -1;
    for (auto [first, last] : m_folds.asKeyValueRange()) {
        const bool open = !isFolded(m_edit->document()->findBlockByNumber(first));
        if (open && first <= line && line <= last && first > best) {
            best = first;
        }
    }
    if (best >= 0) {
        setFolded(best, true);
        apply();
    }
}

void XmlFolding::unfoldAround(int line)
{
    if (isFolded(m_edit->document()->findBlockByNumber(line))) {
        setFolded(line, false);
        apply();
    }
}

void XmlFolding::foldAll()
{
    int root = -1; // what holds everything stays open: one line would be left
    int lastOfAll = 0;
    for (auto [first, last] : m_folds.asKeyValueRange()) {
        root = root < 0 ? first : std::min(root, first);
        lastOfAll = std::max(lastOfAll, last);
    }
    const bool holdsAll = m_folds.value(root, -1) == lastOfAll;
    for (auto [first, last] : m_folds.asKeyValueRange()) {
        if (first != root || !holdsAll) {
            setFolded(first, true);
        }
    }
    apply();
}

void XmlFolding::unfoldAll()
{
    if (m_folded == 0) {
        return;
    }
    for (QTextBlock block = m_edit->document()->begin(); block.isValid(); block = block.next()) {
        if (XmlBlockData *data = XmlBlockData::find(block)) {
            data->folded = false;
        }
    }
    m_folded = 0;
    apply();
}

void XmlFolding::reveal(const QTextBlock &block)
{
    if (block.isVisible()) {
        return;
    }
    const int line = block.blockNumber();
    for (auto [first, last] : m_folds.asKeyValueRange()) {
        if (first < line && line <= last) {
            setFolded(first, false);
        }
    }
    apply();
}

/** Makes the lines' visibility that which the folded ones ask for; one pass. */
void XmlFolding::apply()
{
    int hiddenUntil = -1;
    int line = 0;
    int folded = 0;
    bool different = false;
    for (QTextBlock block = m_edit->document()->begin(); block.isValid(); block = block.next(), ++line) {
        const bool visible = line > hiddenUntil;
        if (XmlBlockData *data = XmlBlockData::find(block); data && data->folded) {
            const auto fold = m_folds.constFind(line);
            data->folded = fold != m_folds.cend(); // the line no longer begins anything
            if (data->folded) {
                hiddenUntil = std::max(hiddenUntil, *fold);
                ++folded;
            }
        }
        if (block.isVisible() != visible) {
            block.setVisible(visible);
            block.setLineCount(visible ? std::max(1, block.layout()->lineCount()) : 0);
            different = true;
        }
    }
    m_folded = folded;
    if (different) {
        auto *layout = qobject_cast<QPlainTextDocumentLayout *>(m_edit->document()->documentLayout());
        layout->requestUpdate();
        Q_EMIT layout->documentSizeChanged(layout->documentSize());
        // A cursor in what is hidden now would be lost.
        QTextCursor cursor = m_edit->textCursor();
        QTextBlock block = cursor.block();
        if (!block.isVisible()) {
            while (block.isValid() && !block.isVisible()) {
                block = block.previous();
            }
            cursor.setPosition(block.position() + block.length() - 1);
            m_edit->setTextCursor(cursor);
        }
    }
    Q_EMIT changed();
}

} // namespace vireo::ui
