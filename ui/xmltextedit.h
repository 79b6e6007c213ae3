// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QMap>
#include <QMultiMap>
#include <QPlainTextEdit>

#include "backend/xml/diagnostic.h"

class QTimer;

namespace vireo::ui {

enum class LineMark;
class XmlFolding;
class XmlHighlighter;
class XmlMargin;

/**
 * The text of an XML editor: what is painted around and behind it (margin, marked and current lines, ranges), folded
 * lines, and which text gets in. What keys do is not its business. GUI thread; owned by its parent.
 */
class XmlTextEdit final : public QPlainTextEdit
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlTextEdit)

public:
    using Severity = xml::Diagnostic::Severity;
    enum class Mark { Found, FoundHere, Tag, TagUnmatched };
    using MarkedRange = std::pair<Mark, xml::TextRange>;
    /** Ranges of one origin, that are replaced together. */
    enum class Layer { Found, Tags };

    explicit XmlTextEdit(QWidget *parent);
    ~XmlTextEdit() override;

    /** Character for character; QPlainTextEdit::toPlainText() makes plain blanks of odd ones. */
    QString text() const;
    /** Without undo; long texts come in slices, the first screen at once. isLoading() until loaded(). */
    void load(const QString &text);
    bool isLoading() const { return !m_rest.isNull(); }
    void finishLoading(); ///< at once

    XmlFolding &folding() const { return *m_folding; }
    XmlHighlighter &highlighter() const { return *m_highlighter; }

    /** Sorted by where they begin; only those in sight cost anything. */
    void setRanges(Layer layer, const QList<MarkedRange> &ranges);
    void setLineMarks(const QMap<int, LineMark> &lines);
    /** What the margin calls each line, 0: nothing; empty: 1, 2, 3 … */
    void setLineNumbers(const QList<int> &numbers);
    int numberOf(int line) const { return m_numbers.isEmpty() ? line + 1 : m_numbers.value(line); }
    /** Underlines them and puts signs into the margin. They move along when text changes before them. */
    void setProblems(const QList<xml::Diagnostic> &problems);
    const QList<xml::Diagnostic> &problems() const { return m_problems; }
    std::optional<Severity> problemOf(const QTextBlock &line) const;
    QString problemText(const QTextBlock &line) const;
    /** Message and hint of what is underlined there; empty: nothing. */
    QString problemTextAt(qsizetype position) const;

    /** The visible lines that touch an area of the margin or viewport, with their places there. */
    void visitVisible(const QRect &area, const std::function<void(const QTextBlock &, const QRectF &)> &visit) const;
    QTextBlock blockAt(int y) const;
    xml::TextPlace placeOf(qsizetype position) const;
    void scrollByWheel(QWheelEvent *event) { wheelEvent(event); }
    /** A cross or a triangle: the shape tells as well as the colour. */
    static void paintSign(QPainter &painter, const QRectF &area, Severity severity, const QPalette &colours);
    static QColor severityColour(Severity severity, const QColor &paper);

    /** Inserts text as pasting does: what XML can't hold becomes U+FFFD, too long lines are refused. */
    void insertForeign(const QString &text);
    bool canInsertFromMimeData(const QMimeData *source) const override;

Q_SIGNALS:
    void loaded();
    /** Something did not get in, or not as it was: a sentence and what to do. */
    void refused(const QString &text, const QString &hint);
    /** A key changed the text: what it wrote; empty: it took away. */
    void typed(const QString &text);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void insertFromMimeData(const QMimeData *source) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void insertSlice();
    void contentsChange(int position, int removed, int added);
    void placeMargin();
    void updateMargin();
    void applyRanges();
    void indexProblems();
    QRectF foldBox(const QTextBlock &block, const QRectF &area) const;

    XmlMargin *m_margin;
    XmlFolding *m_folding = nullptr;
    XmlHighlighter *m_highlighter = nullptr;
    QTimer *m_loadTimer;
    QTimer *m_rangesTimer; ///< several changes, one painting
    QList<int> m_numbers;
    QString m_rest; ///< the text that is being loaded; null: all is there
    qsizetype m_restFrom = 0;
    mutable QString m_text; ///< of the document at that revision; -1: none
    mutable int m_textRevision = -1;
    QMap<int, LineMark> m_lineMarks;
    QMap<Layer, QList<MarkedRange>> m_ranges;
    QList<xml::Diagnostic> m_problems;
    QMultiMap<int, qsizetype> m_problemLines; ///< line -> index in m_problems
};

} // namespace vireo::ui
