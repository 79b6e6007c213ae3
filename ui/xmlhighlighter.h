// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/State>
#include <QHash>
#include <QObject>
#include <QPalette>
#include <QTextLayout>

class QTextBlock;
class QTextDocument;
class QTimer;

namespace vireo::ui {

/**
 * Highlights a document as XML in slices of a few milliseconds, from the top: the library's own QSyntaxHighlighter runs
 * through the whole document at once. After an edit it goes on from the changed line until the states agree. The
 * colours are the theme's, made readable on the palette's paper. GUI thread; owned by its parent, which outlives the
 * document's last change.
 */
class XmlHighlighter final : public QObject, public KSyntaxHighlighting::AbstractHighlighter
{
    Q_OBJECT
    Q_INTERFACES(KSyntaxHighlighting::AbstractHighlighter)
    Q_DISABLE_COPY_MOVE(XmlHighlighter)

public:
    XmlHighlighter(QTextDocument *document, QObject *parent);
    ~XmlHighlighter() override;

    /** Highlights anew in the palette's colours. */
    void setColours(const QPalette &palette);
    /** The lines on the screen, by number: others change without a repaint. */
    void setVisibleLines(int first, int last);
    bool isDone() const;

protected:
    void applyFormat(int offset, int length, const KSyntaxHighlighting::Format &format) override;

private:
    void contentsChange(int position, int removed, int added);
    void restart();
    void slice(int milliseconds);
    bool highlight(QTextBlock &block, const KSyntaxHighlighting::State &before);
    void flush(int firstLine, int lastLine, int from, int to);
    QTextCharFormat textFormat(const KSyntaxHighlighting::Format &format);

    QTextDocument *m_document;
    QTimer *m_timer;
    QPalette m_palette;
    QHash<quint16, QTextCharFormat> m_formats;
    QList<QTextLayout::FormatRange> m_ranges; ///< of the line at work
    int m_next = 0;                           ///< the line to go on with
    int m_until = -1;                         ///< up to here whatever the states say; -1: nothing to do
    int m_lines = 1;
    int m_firstVisible = 0;
    int m_lastVisible = 100;
};

} // namespace vireo::ui
