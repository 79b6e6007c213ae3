// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmltextedit.h"

#include <algorithm>

#include <QFontDatabase>
#include <QKeyEvent>
#include <QLocale>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QPlainTextDocumentLayout>
#include <QScrollBar>
#include <QTextBlock>
#include <QTimer>

#include "ui/colours.h"
#include "ui/xmleditor.h"
#include "ui/xmlfolding.h"
#include "ui/xmlhighlighter.h"
#include "ui/xmlmargin.h"
#include "ui/xmltextforms.h"

namespace vireo::ui {

namespace {

/** Characters that are inserted in one go: some milliseconds. */
constexpr qsizetype LoadSlice = qsizetype{64} * 1024;

/** Qt's own lays out hidden lines to find out that they have no height: seconds for a long text that is folded. */
class FoldingLayout final : public QPlainTextDocumentLayout
{
public:
    using QPlainTextDocumentLayout::QPlainTextDocumentLayout;
    QRectF blockBoundingRect(const QTextBlock &block) const override
    {
        return block.isVisible() ? QPlainTextDocumentLayout::blockBoundingRect(block) : QRectF();
    }
};

QColor lineColour(LineMark mark, const QPalette &palette)
{
    const QColor paper = palette.color(QPalette::Base);
    switch (mark) {
    case LineMark::Added:
        return colours::blend(paper, QColor(0x2e, 0xa0, 0x43), 0.22);
    case LineMark::Removed:
        return colours::blend(paper, QColor(0xd0, 0x30, 0x30), 0.20);
    case LineMark::Changed:
        return colours::blend(paper, QColor(0x2a, 0x7f, 0xd4), 0.20);
    case LineMark::Conflict:
        return colours::blend(paper, QColor(0xd9, 0x8a, 0x00), 0.28);
    case LineMark::Filler:
        return colours::blend(paper, palette.color(QPalette::Text), 0.07);
    }
    return paper;
}

} // namespace

XmlTextEdit::XmlTextEdit(QWidget *parent)
    : QPlainTextEdit(parent)
    , m_margin(new XmlMargin(this))
    , m_loadTimer(new QTimer(this))
    , m_rangesTimer(new QTimer(this))
{
    auto *document = new QTextDocument(this);
    document->setDocumentLayout(new FoldingLayout(document));
    setDocument(document);
    m_folding = new XmlFolding(this, this);
    m_highlighter = new XmlHighlighter(document, this);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setAccessibleName(tr("XML text"));
    setObjectName(QStringLiteral("xmlText"));
    m_loadTimer->setSingleShot(true);
    m_rangesTimer->setSingleShot(true);
    connect(m_loadTimer, &QTimer::timeout, this, &XmlTextEdit::insertSlice);
    connect(m_rangesTimer, &QTimer::timeout, this, &XmlTextEdit::applyRanges);
    const auto rangesLater = [this] {
        m_rangesTimer->start();
    };
    connect(document, &QTextDocument::contentsChange, this, &XmlTextEdit::contentsChange);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &XmlTextEdit::updateMargin);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect &area, int dy) {
        if (dy) {
            m_margin->scroll(0, dy);
        } else {
            m_margin->update(0, area.y(), m_margin->width(), area.height());
        }
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        if (!textCursor().block().isVisible()) {
            m_folding->reveal(textCursor().block());
        }
        viewport()->update(); // the current line
        m_margin->update();
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, rangesLater);
    connect(m_folding, &XmlFolding::changed, this, [this, rangesLater] {
        m_margin->update();
        viewport()->update();
        rangesLater();
    });
    updateMargin();
}

XmlTextEdit::~XmlTextEdit() = default;

QString XmlTextEdit::text() const
{
    if (isLoading()) {
        return m_rest;
    }
    if (m_textRevision != document()->revision()) {
        m_text = xmltext::plain(*document()); // asked for several times with each key
        m_textRevision = document()->revision();
    }
    return m_text;
}

void XmlTextEdit::load(const QString &text)
{
    m_textRevision = -1;
    m_loadTimer->stop();
    m_rest = QString();
    m_problems.clear();
    m_problemLines.clear();
    m_ranges.clear();
    if (text.size() <= LoadSlice) {
        setPlainText(text);
        m_textRevision = -1;
        Q_EMIT loaded();
        return;
    }
    m_rest = text;
    m_restFrom = xmltext::sliceEnd(text, 0, LoadSlice / 2);
    document()->setUndoRedoEnabled(false);
    setPlainText(text.first(m_restFrom));
    m_loadTimer->start();
}

void XmlTextEdit::insertSlice()
{
    const qsizetype end = xmltext::sliceEnd(m_rest, m_restFrom, LoadSlice);
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(m_rest.sliced(m_restFrom, end - m_restFrom));
    m_restFrom = end;
    if (end < m_rest.size()) {
        m_loadTimer->start();
        return;
    }
    m_rest = QString();
    m_textRevision = -1;
    document()->setUndoRedoEnabled(true);
    document()->setModified(false);
    Q_EMIT loaded();
}

void XmlTextEdit::finishLoading()
{
    while (isLoading()) {
        insertSlice();
    }
    m_loadTimer->stop();
}

void XmlTextEdit::contentsChange(int position, int removed, int added)
{
    const int delta = added - removed;
    m_textRevision = -1;
    for (xml::Diagnostic &problem : m_problems) {
        if (problem.range.from >= position + removed) {
            problem.range.from += delta;
            problem.range.to += delta;
        } else if (problem.range.to >= position + removed) {
            problem.range.to = std::max(problem.range.from, problem.range.to + delta);
        }
    }
    if (!m_problems.isEmpty()) {
        indexProblems();
    }
    m_ranges.remove(Layer::Tags); // found anew from the next outline
    m_rangesTimer->start();
}

void XmlTextEdit::setRanges(Layer layer, const QList<MarkedRange> &ranges)
{
    if (m_ranges.value(layer) != ranges) {
        m_ranges[layer] = ranges;
        m_rangesTimer->start();
    }
}

void XmlTextEdit::setLineNumbers(const QList<int> &numbers)
{
    m_numbers = numbers;
    m_margin->update();
}

void XmlTextEdit::setLineMarks(const QMap<int, LineMark> &lines)
{
    m_lineMarks = lines;
    viewport()->update();
}

void XmlTextEdit::setProblems(const QList<xml::Diagnostic> &problems)
{
    m_problems = problems;
    indexProblems();
    m_rangesTimer->start();
    m_margin->update();
}

void XmlTextEdit::indexProblems()
{
    m_problemLines.clear();
    for (qsizetype i = 0; i < m_problems.size(); ++i) {
        const QTextBlock block = document()->findBlock(static_cast<int>(m_problems[i].range.from));
        m_problemLines.insert(block.isValid() ? block.blockNumber() : document()->blockCount() - 1, i);
    }
}

std::optional<XmlTextEdit::Severity> XmlTextEdit::problemOf(const QTextBlock &line) const
{
    if (m_problemLines.isEmpty() || !line.isValid()) {
        return {};
    }
    std::optional<Severity> worst;
    const int first = line.blockNumber();
    const int last = first + m_folding->hiddenLines(line); // what is folded away shows at its line
    for (auto at = m_problemLines.lowerBound(first); at != m_problemLines.cend() && at.key() <= last; ++at) {
        const Severity severity = m_problems[*at].severity;
        worst = worst ? std::max(*worst, severity) : severity;
    }
    return worst;
}

QString XmlTextEdit::problemText(const QTextBlock &line) const
{
    QStringList texts;
    if (line.isValid()) {
        const int last = line.blockNumber() + m_folding->hiddenLines(line);
        for (auto at = m_problemLines.lowerBound(line.blockNumber());
            at != m_problemLines.cend() && at.key() <= last && texts.size() < 8; ++at) {
            texts.append(xmltext::sentence(m_problems[*at]));
        }
    }
    return texts.join(QLatin1Char('\n'));
}

QString XmlTextEdit::problemTextAt(qsizetype position) const
{
    QStringList texts;
    for (const xml::Diagnostic &problem : m_problems) {
        if (problem.range.touches(position) && texts.size() < 4) {
            texts.append(xmltext::sentence(problem));
        }
    }
    return texts.join(QLatin1Char('\n'));
}

/** Extra selections cost time in every painting, so only those in sight are made. */
void XmlTextEdit::applyRanges()
{
    const QTextBlock top = firstVisibleBlock();
    const QTextBlock bottom = blockAt(viewport()->height());
    const qsizetype from = top.position();
    const qsizetype to = bottom.isValid() ? bottom.position() + bottom.length() : document()->characterCount();
    m_highlighter->setVisibleLines(
        top.blockNumber(), bottom.isValid() ? bottom.blockNumber() : document()->blockCount() - 1);
    const QColor paper = palette().color(QPalette::Base);
    const qsizetype end = document()->characterCount() - 1;
    QList<QTextEdit::ExtraSelection> selections;
    const auto add = [&](xml::TextRange range, const QTextCharFormat &format) {
        if (range.to < from || range.from > to || range.from > end) {
            return;
        }
        QTextEdit::ExtraSelection selection;
        selection.cursor = QTextCursor(document());
        selection.cursor.setPosition(static_cast<int>(range.from));
        selection.cursor.setPosition(
            static_cast<int>(std::min(std::max(range.to, range.from), end)), QTextCursor::KeepAnchor);
        if (!selection.cursor.hasSelection()) { // something must be seen
            selection.cursor.movePosition(QTextCursor::PreviousCharacter, QTextCursor::KeepAnchor);
        }
        selection.format = format;
        selections.append(selection);
    };
    QTextCharFormat formats[4];
    const QColor amber(0xe0, 0xa0, 0x00);
    formats[static_cast<int>(Mark::Found)].setBackground(colours::blend(paper, amber, 0.30));
    formats[static_cast<int>(Mark::FoundHere)].setBackground(colours::blend(paper, amber, 0.60));
    formats[static_cast<int>(Mark::Tag)].setBackground(
        colours::blend(paper, palette().color(QPalette::Highlight), 0.25));
    formats[static_cast<int>(Mark::TagUnmatched)].setBackground(colours::blend(paper, QColor(0xd0, 0x30, 0x30), 0.35));
    for (const Layer layer : {Layer::Tags, Layer::Found}) {
        const QList<MarkedRange> ranges = m_ranges.value(layer);
        const auto first =
            std::ranges::lower_bound(ranges, from, {}, [](const MarkedRange &range) { return range.second.to; });
        for (auto at = first; at != ranges.cend() && at->second.from <= to; ++at) {
            add(at->second, formats[static_cast<int>(at->first)]);
        }
    }
    for (const xml::Diagnostic &problem : std::as_const(m_problems)) {
        QTextCharFormat format;
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(severityColour(problem.severity, paper));
        add(problem.range, format);
    }
    setExtraSelections(selections);
}

void XmlTextEdit::visitVisible(
    const QRect &area, const std::function<void(const QTextBlock &, const QRectF &)> &visit) const
{
    QTextBlock block = firstVisibleBlock();
    double top = blockBoundingGeometry(block).translated(contentOffset()).top();
    for (; block.isValid() && top <= area.bottom(); block = block.next()) {
        if (!block.isVisible()) {
            continue; // asking for its place would lay it out
        }
        const QRectF place = blockBoundingRect(block).translated(contentOffset().x(), top);
        if (place.bottom() >= area.top()) {
            visit(block, place);
        }
        top = place.bottom();
    }
}

QTextBlock XmlTextEdit::blockAt(int y) const
{
    QTextBlock found;
    visitVisible(QRect(0, y, 1, 1), [&found](const QTextBlock &block, const QRectF &) { found = block; });
    return found;
}

xml::TextPlace XmlTextEdit::placeOf(qsizetype position) const
{
    const int most = document()->characterCount() - 1;
    const auto at = static_cast<int>(std::clamp<qsizetype>(position, 0, most));
    const QTextBlock block = document()->findBlock(at);
    return {block.blockNumber() + 1, at - block.position() + 1};
}

QColor XmlTextEdit::severityColour(Severity severity, const QColor &paper)
{
    switch (severity) {
    case Severity::Error:
        return colours::readable(QColor(0xd0, 0x30, 0x30), paper, 3);
    case Severity::Warning:
        return colours::readable(QColor(0xd9, 0x8a, 0x00), paper, 3);
    case Severity::Note:
        break;
    }
    return colours::readable(QColor(0x2a, 0x7f, 0xd4), paper, 3);
}

void XmlTextEdit::paintSign(QPainter &painter, const QRectF &area, Severity severity, const QPalette &colours)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = severityColour(severity, colours.color(QPalette::Base));
    const QPointF centre = area.center();
    const double arm = area.width() * 0.2;
    painter.setBrush(colour);
    painter.setPen(Qt::NoPen);
    const QPen stroke(colours.color(QPalette::Base), std::max(1.3, area.width() / 8));
    if (severity == Severity::Warning) {
        painter.drawPolygon(QPolygonF() << QPointF(centre.x(), area.top()) << area.bottomRight() << area.bottomLeft());
        painter.setPen(stroke);
        painter.drawLine(centre + QPointF(0, -arm * 0.6), centre + QPointF(0, arm * 0.9));
        painter.drawPoint(centre + QPointF(0, arm * 1.9));
    } else {
        painter.drawEllipse(area);
        painter.setPen(stroke);
        if (severity == Severity::Error) {
            painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm));
            painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm));
        } else {
            painter.drawPoint(centre + QPointF(0, -arm * 1.4));
            painter.drawLine(centre + QPointF(0, -arm * 0.2), centre + QPointF(0, arm * 1.5));
        }
    }
    painter.restore();
}

QRectF XmlTextEdit::foldBox(const QTextBlock &block, const QRectF &area) const
{
    const double x = area.left() + block.layout()->lineAt(0).naturalTextWidth() + document()->documentMargin();
    const double height = fontMetrics().height();
    const QString text = tr("%n lines", nullptr, m_folding->hiddenLines(block));
    return {x + 4, area.top() + 1, fontMetrics().horizontalAdvance(text) + 12.0, height - 2};
}

void XmlTextEdit::paintEvent(QPaintEvent *event)
{
    {
        QPainter painter(viewport());
        const QColor paper = palette().color(QPalette::Base);
        const int current = textCursor().blockNumber();
        const bool showCurrent = !textCursor().hasSelection() && (hasFocus() || !isReadOnly());
        visitVisible(event->rect(), [&](const QTextBlock &block, const QRectF &area) {
            const QRectF line(0, area.top(), viewport()->width(), area.height());
            if (const auto mark = m_lineMarks.constFind(block.blockNumber()); mark != m_lineMarks.cend()) {
                painter.fillRect(line, lineColour(*mark, palette()));
            } else if (block.blockNumber() == current && showCurrent) {
                painter.fillRect(line, colours::blend(paper, palette().color(QPalette::Text), 0.06));
            }
        });
    }
    QPlainTextEdit::paintEvent(event);
    if (m_folding->hasFolded()) {
        QPainter painter(viewport());
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(font());
        const QColor paper = palette().color(QPalette::Base);
        const QColor box = colours::blend(paper, palette().color(QPalette::Text), 0.12);
        visitVisible(event->rect(), [&](const QTextBlock &block, const QRectF &area) {
            if (m_folding->isFolded(block)) {
                const QRectF place = foldBox(block, area);
                painter.setPen(Qt::NoPen);
                painter.setBrush(box);
                painter.drawRoundedRect(place, 3, 3);
                painter.setPen(colours::readable(colours::blend(paper, palette().color(QPalette::Text), 0.6), box));
                painter.drawText(place, Qt::AlignCenter, tr("%n lines", nullptr, m_folding->hiddenLines(block)));
            }
        });
    }
}

void XmlTextEdit::mousePressEvent(QMouseEvent *event)
{
    if (m_folding->hasFolded() && event->button() == Qt::LeftButton) {
        QTextBlock hit;
        visitVisible(QRect(0, event->pos().y(), 1, 1), [&](const QTextBlock &block, const QRectF &area) {
            if (m_folding->isFolded(block) && foldBox(block, area).contains(event->position())) {
                hit = block;
            }
        });
        if (hit.isValid()) {
            m_folding->unfoldAround(hit.blockNumber());
            return;
        }
    }
    QPlainTextEdit::mousePressEvent(event);
}

void XmlTextEdit::keyPressEvent(QKeyEvent *event)
{
    const int before = document()->revision();
    QPlainTextEdit::keyPressEvent(event);
    if (document()->revision() != before) {
        const bool writes = !event->text().isEmpty() && event->text().front().isPrint();
        Q_EMIT typed(writes ? event->text() : QString());
    }
}

void XmlTextEdit::updateMargin()
{
    setViewportMargins(m_margin->neededWidth(), 0, 0, 0);
    placeMargin();
}

void XmlTextEdit::placeMargin()
{
    const QRect inside = contentsRect();
    m_margin->setGeometry(inside.left(), inside.top(), m_margin->neededWidth(), inside.height());
}

void XmlTextEdit::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    placeMargin();
    m_rangesTimer->start();
}

void XmlTextEdit::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        updateMargin();
    }
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        m_margin->update();
        m_rangesTimer->start();
    }
}

bool XmlTextEdit::canInsertFromMimeData(const QMimeData *source) const
{
    return source->hasText();
}

void XmlTextEdit::insertFromMimeData(const QMimeData *source)
{
    if (!isReadOnly() && source->hasText()) {
        insertForeign(source->text());
    }
}

void XmlTextEdit::insertForeign(const QString &text)
{
    QTextCursor cursor = textCursor();
    const qsizetype others = document()->characterCount() - 1 - (cursor.selectionEnd() - cursor.selectionStart());
    if (others + text.size() > XmlEditor::maxText) {
        Q_EMIT refused(tr("What was pasted is too long: with it, the definition would have %1 MiB.")
                           .arg(QLocale().toString(static_cast<double>(others + text.size()) / 1024 / 1024, 'f', 1)),
            tr("libvirt takes definitions of up to 4 MiB."));
        return;
    }
    if (const qsizetype longest = xmltext::longestLine(text); longest > XmlEditor::maxLine) {
        Q_EMIT refused(tr("What was pasted has a line of %n characters.", nullptr, static_cast<int>(longest)),
            tr("Lines of up to %n characters can be edited here.", nullptr, static_cast<int>(XmlEditor::maxLine)));
        return;
    }
    const xmltext::Clean clean = xmltext::cleaned(text);
    cursor.insertText(clean.text);
    setTextCursor(cursor);
    ensureCursorVisible();
    if (clean.replaced > 0) {
        Q_EMIT refused(tr("XML can't hold %n of the pasted characters.", nullptr, clean.replaced),
            tr("They stand as “\uFFFD” in the text now."));
    }
}

} // namespace vireo::ui
