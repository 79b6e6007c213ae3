// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlview.h"

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/SyntaxHighlighter>
#include <KSyntaxHighlighting/Theme>
#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/colours.h"

namespace vireo::ui {

namespace {

/** Reading the definitions takes some 20 ms, so all views share one; made when the first view needs it. GUI thread. */
KSyntaxHighlighting::Repository &repository()
{
    static KSyntaxHighlighting::Repository shared;
    return shared;
}

/** A read-only text with line numbers at the left; the numbers are painted by a child that asks this for geometry. */
class NumberedText final : public QPlainTextEdit
{
public:
    explicit NumberedText(QWidget *parent)
        : QPlainTextEdit(parent)
        , m_numbers(new Numbers(this))
    {
        connect(this, &QPlainTextEdit::blockCountChanged, this, [this] { updateMargin(); });
        connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect &area, int dy) {
            if (dy) {
                m_numbers->scroll(0, dy);
            } else {
                m_numbers->update(0, area.y(), m_numbers->width(), area.height());
            }
        });
        updateMargin();
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QPlainTextEdit::resizeEvent(event);
        placeNumbers();
    }

    void changeEvent(QEvent *event) override
    {
        QPlainTextEdit::changeEvent(event);
        if (event->type() == QEvent::FontChange) {
            updateMargin();
        }
    }

private:
    class Numbers final : public QWidget
    {
    public:
        explicit Numbers(NumberedText *text)
            : QWidget(text)
            , m_text(text)
        {}

    protected:
        void paintEvent(QPaintEvent *event) override { m_text->paintNumbers(this, event->rect()); }

    private:
        NumberedText *m_text;
    };

    int marginWidth() const
    {
        const int digits = std::max(3, static_cast<int>(QString::number(blockCount()).size()));
        return fontMetrics().horizontalAdvance(QLatin1Char('9')) * digits + 12;
    }

    void updateMargin()
    {
        setViewportMargins(marginWidth(), 0, 0, 0);
        placeNumbers();
    }

    void placeNumbers()
    {
        const QRect inside = contentsRect();
        m_numbers->setGeometry(inside.left(), inside.top(), marginWidth(), inside.height());
    }

    void paintNumbers(QWidget *area, const QRect &exposed)
    {
        QPainter painter(area);
        const QColor paper = palette().color(QPalette::Base);
        const QColor margin = colours::blend(paper, palette().color(QPalette::Text), 0.05);
        painter.fillRect(exposed, margin);
        painter.setPen(colours::readable(colours::blend(margin, palette().color(QPalette::Text), 0.5), margin));
        painter.setFont(font());
        QTextBlock block = firstVisibleBlock();
        double top = blockBoundingGeometry(block).translated(contentOffset()).top();
        while (block.isValid() && top <= exposed.bottom()) {
            const double height = blockBoundingRect(block).height();
            if (block.isVisible() && top + height >= exposed.top()) {
                painter.drawText(QRectF(0, top, area->width() - 6, fontMetrics().height()),
                    Qt::AlignRight | Qt::AlignVCenter, QString::number(block.blockNumber() + 1));
            }
            top += height;
            block = block.next();
        }
    }

    Numbers *m_numbers;
};

QToolButton *findButton(const QString &text, Qt::ArrowType arrow, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setArrowType(arrow);
    button->setAutoRaise(true);
    button->setToolTip(text);
    button->setAccessibleName(text);
    return button;
}

} // namespace

XmlView::XmlView(QWidget *parent)
    : QWidget(parent)
    , m_edit(new NumberedText(this))
    , m_findBar(new QWidget(this))
    , m_findText(new QLineEdit(m_findBar))
    , m_findCount(new QLabel(m_findBar))
{
    m_edit->setReadOnly(true);
    m_edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_edit->setTabChangesFocus(true);
    m_edit->setAccessibleName(tr("XML text"));
    m_edit->setObjectName(QStringLiteral("xmlText"));
    setFocusProxy(m_edit);

    m_findText->setPlaceholderText(tr("Find in XML"));
    m_findText->setAccessibleName(tr("Find"));
    m_findText->setClearButtonEnabled(true);
    m_findCount->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("999 of 999 ")));
    auto *previous = findButton(tr("Previous match"), Qt::UpArrow, m_findBar);
    auto *next = findButton(tr("Next match"), Qt::DownArrow, m_findBar);
    auto *close = new QToolButton(m_findBar);
    close->setText(tr("Close"));
    close->setAutoRaise(true);
    auto *row = new QHBoxLayout(m_findBar);
    row->setContentsMargins(4, 4, 4, 4);
    row->addWidget(m_findText, 1);
    row->addWidget(m_findCount);
    row->addWidget(previous);
    row->addWidget(next);
    row->addWidget(close);
    m_findBar->hide();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_findBar);

    connect(m_findText, &QLineEdit::textChanged, this, [this] { find(false, true); });
    connect(previous, &QToolButton::clicked, this, [this] { find(true, false); });
    connect(next, &QToolButton::clicked, this, [this] { find(false, false); });
    connect(close, &QToolButton::clicked, this, &XmlView::hideFindBar);
    m_edit->installEventFilter(this);
    m_findText->installEventFilter(this);

    m_highlighter = new KSyntaxHighlighting::SyntaxHighlighter(m_edit->document());
    applyTheme();
    m_highlighter->setDefinition(repository().definitionForName(QStringLiteral("XML")));
}

XmlView::~XmlView() = default;

void XmlView::setXml(const QString &xml)
{
    if (xml == m_edit->toPlainText()) {
        return;
    }
    const int vertical = m_edit->verticalScrollBar()->value();
    const int horizontal = m_edit->horizontalScrollBar()->value();
    const int position = m_edit->textCursor().position();
    m_edit->setPlainText(xml);
    QTextCursor cursor = m_edit->textCursor();
    cursor.setPosition(std::min(position, m_edit->document()->characterCount() - 1));
    m_edit->setTextCursor(cursor);
    m_edit->verticalScrollBar()->setValue(vertical);
    m_edit->horizontalScrollBar()->setValue(horizontal);
    if (!m_findBar->isHidden()) {
        updateMatches();
    }
}

QString XmlView::xml() const
{
    return m_edit->toPlainText();
}

void XmlView::showFindBar()
{
    const QString chosen = m_edit->textCursor().selectedText();
    if (!chosen.isEmpty() && !chosen.contains(QChar::ParagraphSeparator)) {
        m_findText->setText(chosen);
    }
    m_findBar->show();
    m_findText->setFocus(Qt::ShortcutFocusReason);
    m_findText->selectAll();
    updateMatches();
}

void XmlView::hideFindBar()
{
    m_findBar->hide();
    m_edit->setExtraSelections({});
    m_edit->setFocus(Qt::OtherFocusReason);
}

void XmlView::find(bool backward, bool fromStart)
{
    const QString wanted = m_findText->text();
    if (!wanted.isEmpty()) {
        QTextCursor from = m_edit->textCursor();
        if (fromStart) {
            from.setPosition(from.selectionStart());
        }
        const auto flags = backward ? QTextDocument::FindBackward : QTextDocument::FindFlags();
        QTextCursor hit = m_edit->document()->find(wanted, from, flags);
        if (hit.isNull()) { // go round
            QTextCursor edge(m_edit->document());
            if (backward) {
                edge.movePosition(QTextCursor::End);
            }
            hit = m_edit->document()->find(wanted, edge, flags);
        }
        if (!hit.isNull()) {
            m_edit->setTextCursor(hit);
            m_edit->ensureCursorVisible();
        }
    }
    updateMatches();
}

void XmlView::updateMatches()
{
    QList<QTextEdit::ExtraSelection> marks;
    int current = 0;
    const QString wanted = m_findText->text();
    if (!wanted.isEmpty()) {
        QTextEdit::ExtraSelection mark;
        mark.format.setBackground(
            colours::blend(m_edit->palette().color(QPalette::Base), QColor(0xe0, 0xa0, 0x00), 0.35));
        const int here = m_edit->textCursor().selectionStart();
        QTextCursor hit(m_edit->document());
        constexpr int Most = 1000; // a letter in a long document must not take the window's time
        while (marks.size() < Most) {
            hit = m_edit->document()->find(wanted, hit);
            if (hit.isNull()) {
                break;
            }
            mark.cursor = hit;
            marks.append(mark);
            if (hit.selectionStart() == here && m_edit->textCursor().hasSelection()) {
                current = static_cast<int>(marks.size());
            }
        }
    }
    m_edit->setExtraSelections(marks);
    if (wanted.isEmpty()) {
        m_findCount->clear();
    } else if (marks.isEmpty()) {
        m_findCount->setText(tr("No match"));
    } else {
        m_findCount->setText(tr("%1 of %2").arg(current).arg(marks.size()));
    }
}

bool XmlView::eventFilter(QObject *watched, QEvent *event)
{
    // Taken before the window's own shortcuts: Ctrl+F there goes to the filter field.
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool pressed = event->type() == QEvent::KeyPress;
        const bool inBar = watched == m_findText;
        if (key->matches(QKeySequence::Find)) {
            if (pressed) {
                showFindBar();
            }
            event->accept();
            return true;
        }
        const bool enter = inBar && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter);
        if (!m_findBar->isHidden() && (enter || key->key() == Qt::Key_F3)) {
            if (pressed) {
                find(key->modifiers().testFlag(Qt::ShiftModifier), false);
            }
            event->accept();
            return true;
        }
        if (!m_findBar->isHidden() && key->key() == Qt::Key_Escape) {
            if (pressed) {
                hideFindBar();
            }
            event->accept();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void XmlView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
        applyTheme();
    }
}

void XmlView::applyTheme()
{
    if (m_applyingTheme || !m_highlighter) {
        return;
    }
    m_applyingTheme = true;
    // By lightness, not by the theme's own background: the paper stays the palette's.
    const bool dark = palette().color(QPalette::Base).lightness() < 128;
    const auto kind = dark ? KSyntaxHighlighting::Repository::DarkTheme : KSyntaxHighlighting::Repository::LightTheme;
    m_highlighter->setTheme(repository().defaultTheme(kind));
    m_highlighter->rehighlight();
    if (!m_findBar->isHidden()) {
        updateMatches();
    }
    m_applyingTheme = false;
}

} // namespace vireo::ui
