// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlhighlighter.h"

#include <algorithm>

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Format>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/Theme>
#include <QAbstractTextDocumentLayout>
#include <QElapsedTimer>
#include <QSignalBlocker>
#include <QTextDocument>
#include <QTimer>

#include "ui/colours.h"
#include "ui/xmlblockdata.h"

namespace vireo::ui {

using KSyntaxHighlighting::Format;
using KSyntaxHighlighting::State;

namespace {

constexpr int SliceMs = 6;
constexpr int AtOnceMs = 10; // of an edit, before it is painted

/** Reading the definitions takes some 20 ms, so all editors share one; made when the first needs it. GUI thread. */
KSyntaxHighlighting::Repository &repository()
{
    static KSyntaxHighlighting::Repository shared;
    return shared;
}

} // namespace

XmlHighlighter::XmlHighlighter(QTextDocument *document, QObject *parent)
    : QObject(parent)
    , m_document(document)
    , m_timer(new QTimer(this))
{
    m_timer->setInterval(0);
    m_timer->setSingleShot(true);
    connect(m_timer, &QTimer::timeout, this, [this] { slice(SliceMs); });
    connect(document, &QTextDocument::contentsChange, this, &XmlHighlighter::contentsChange);
    setDefinition(repository().definitionForName(QStringLiteral("XML")));
}

XmlHighlighter::~XmlHighlighter() = default;

void XmlHighlighter::setColours(const QPalette &palette)
{
    m_palette = palette;
    // By lightness, not by the theme's own background: the paper stays the palette's.
    const bool dark = palette.color(QPalette::Base).lightness() < 128;
    const auto kind = dark ? KSyntaxHighlighting::Repository::DarkTheme : KSyntaxHighlighting::Repository::LightTheme;
    setTheme(repository().defaultTheme(kind));
    m_formats.clear();
    restart();
}

void XmlHighlighter::setVisibleLines(int first, int last)
{
    m_firstVisible = first;
    m_lastVisible = last;
}

bool XmlHighlighter::isDone() const
{
    return m_until < 0;
}

void XmlHighlighter::restart()
{
    for (QTextBlock block = m_document->begin(); block.isValid(); block = block.next()) {
        if (XmlBlockData *data = XmlBlockData::find(block)) {
            data->highlighted = false;
        }
    }
    m_next = 0;
    m_lines = m_document->blockCount();
    m_until = m_lines - 1;
    slice(AtOnceMs);
}

void XmlHighlighter::contentsChange(int position, int removed, int added)
{
    if (removed == 0 && added == 0) {
        return;
    }
    QTextBlock block = m_document->findBlock(position);
    if (!block.isValid()) {
        block = m_document->begin();
    }
    const QTextBlock lastBlock = m_document->findBlock(position + added);
    const int last = lastBlock.isValid() ? lastBlock.blockNumber() : m_document->blockCount() - 1;
    const int grown = m_document->blockCount() - m_lines;
    m_lines = m_document->blockCount();
    const int first = block.blockNumber();
    for (; block.isValid() && block.blockNumber() <= last; block = block.next()) {
        if (XmlBlockData *data = XmlBlockData::find(block)) {
            data->highlighted = false;
        }
    }
    if (m_until >= 0) {
        m_until = std::max(m_until + grown, last);
        m_next = std::min(m_next > first ? std::max(m_next + grown, first) : m_next, first);
    } else {
        m_until = last;
        m_next = first;
    }
    m_until = std::min(m_until, m_lines - 1);
    slice(AtOnceMs);
}

void XmlHighlighter::slice(int milliseconds)
{
    if (m_until < 0) {
        return;
    }
    QElapsedTimer clock;
    clock.start();
    QTextBlock block = m_document->findBlockByNumber(m_next);
    State state;
    if (block.isValid() && m_next > 0) {
        if (const XmlBlockData *data = XmlBlockData::find(block.previous())) {
            state = data->after;
        }
    }
    int runLine = -1; // of the lines that changed in a row
    int runFrom = 0;
    int runTo = 0;
    const auto endRun = [&](int line) {
        if (runLine >= 0) {
            flush(runLine, line - 1, runFrom, runTo);
        }
        runLine = -1;
    };
    int line = m_next;
    bool done = true;
    for (; block.isValid(); block = block.next(), ++line) {
        const XmlBlockData *data = XmlBlockData::find(block);
        if (data && data->highlighted && data->before == state) {
            endRun(line);
            if (line > m_until) {
                break;
            }
            state = data->after;
            continue;
        }
        if (clock.elapsed() >= milliseconds) {
            done = false;
            break;
        }
        highlight(block, state);
        state = XmlBlockData::of(block).after;
        if (runLine < 0) {
            runLine = line;
            runFrom = block.position();
        }
        runTo = block.position() + block.length();
    }
    endRun(line);
    m_next = line;
    if (done) {
        m_until = -1;
        m_timer->stop();
    } else {
        m_until = std::max(m_until, line);
        m_timer->start();
    }
}

bool XmlHighlighter::highlight(QTextBlock &block, const State &before)
{
    XmlBlockData &data = XmlBlockData::of(block);
    m_ranges.clear();
    data.before = before;
    data.after = highlightLine(block.text(), before);
    data.highlighted = true;
    QTextLayout *layout = block.layout();
    if (layout->formats() == m_ranges) {
        return false;
    }
    layout->setFormats(m_ranges);
    return true;
}

/** The lines' layouts are made anew; the document tells nobody that its contents changed, because they did not. */
void XmlHighlighter::flush(int firstLine, int lastLine, int from, int to)
{
    const bool seen = firstLine <= m_lastVisible && lastLine >= m_firstVisible;
    QSignalBlocker blocker(m_document->documentLayout());
    if (seen) {
        blocker.unblock();
    }
    m_document->markContentsDirty(from, to - from);
}

void XmlHighlighter::applyFormat(int offset, int length, const Format &format)
{
    if (length == 0 || !format.isValid() || format.isDefaultTextStyle(theme())) {
        return;
    }
    m_ranges.append({offset, length, textFormat(format)});
}

QTextCharFormat XmlHighlighter::textFormat(const Format &format)
{
    const auto known = m_formats.constFind(format.id());
    if (known != m_formats.cend()) {
        return *known;
    }
    QTextCharFormat made;
    const QColor paper = m_palette.color(QPalette::Base);
    if (format.hasTextColor(theme())) {
        made.setForeground(colours::readable(format.textColor(theme()), paper));
    }
    if (format.isBold(theme())) {
        made.setFontWeight(QFont::Bold);
    }
    if (format.isItalic(theme())) {
        made.setFontItalic(true);
    }
    m_formats.insert(format.id(), made);
    return made;
}

} // namespace vireo::ui
