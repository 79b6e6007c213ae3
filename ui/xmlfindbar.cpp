// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlfindbar.h"

#include <algorithm>
#include <functional>

#include <QElapsedTimer>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTextBlock>
#include <QTimer>
#include <QToolButton>

#include "ui/colours.h"
#include "ui/xmleditor.h"
#include "ui/xmltextedit.h"
#include "ui/xmltextforms.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xml::TextRange;

namespace {

constexpr int AtOnceMs = 20;
constexpr int SliceMs = 8;
/** Patterns whose matching explodes are given up; PCRE counts its steps. */
constexpr auto StepLimit = "(*LIMIT_MATCH=100000)"_L1;

QToolButton *arrowButton(const QString &text, Qt::ArrowType arrow, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setArrowType(arrow);
    button->setAutoRaise(true);
    button->setToolTip(text);
    button->setAccessibleName(text);
    return button;
}

} // namespace

XmlFindBar::XmlFindBar(XmlTextEdit *edit, QWidget *parent)
    : QWidget(parent)
    , m_edit(edit)
    , m_find(new QLineEdit(this))
    , m_with(new QLineEdit(this))
    , m_count(new QLabel(this))
    , m_case(option(u"Aa"_s, tr("Match case")))
    , m_words(option(u"“W”"_s, tr("Whole words")))
    , m_regex(option(u".*"_s, tr("Regular expression")))
    , m_replaceRow(new QWidget(this))
    , m_timer(new QTimer(this))
{
    m_find->setPlaceholderText(tr("Find in XML"));
    m_find->setAccessibleName(tr("Find"));
    m_find->setClearButtonEnabled(true);
    m_with->setPlaceholderText(tr("Replace with"));
    m_with->setAccessibleName(tr("Replace with"));
    m_count->setTextFormat(Qt::PlainText);
    m_count->setMinimumWidth(fontMetrics().horizontalAdvance(u"9999 of 9999 "_s));
    auto *previous = arrowButton(tr("Previous match"), Qt::UpArrow, this);
    auto *following = arrowButton(tr("Next match"), Qt::DownArrow, this);
    auto *done = new QToolButton(this);
    done->setText(tr("Close"));
    done->setAutoRaise(true);
    auto *one = new QPushButton(tr("&Replace"), m_replaceRow);
    auto *all = new QPushButton(tr("Replace &all"), m_replaceRow);
    one->setAutoDefault(false);
    all->setAutoDefault(false);

    auto *findRow = new QHBoxLayout;
    findRow->addWidget(m_find, 1);
    for (QToolButton *button : {m_case, m_words, m_regex}) {
        findRow->addWidget(button);
    }
    findRow->addWidget(m_count);
    findRow->addWidget(previous);
    findRow->addWidget(following);
    findRow->addWidget(done);
    auto *replaceRow = new QHBoxLayout(m_replaceRow);
    replaceRow->setContentsMargins(0, 0, 0, 0);
    replaceRow->addWidget(m_with, 1);
    replaceRow->addWidget(one);
    replaceRow->addWidget(all);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->setSpacing(4);
    layout->addLayout(findRow);
    layout->addWidget(m_replaceRow);
    hide();

    m_timer->setSingleShot(true);
    connect(m_timer, &QTimer::timeout, this, &XmlFindBar::searchSlice);
    const auto again = [this] {
        m_jump = true;
        m_from = m_edit->textCursor().selectionStart();
        search();
    };
    connect(m_find, &QLineEdit::textChanged, this, again);
    for (QToolButton *button : {m_case, m_words, m_regex}) {
        connect(button, &QToolButton::toggled, this, again);
    }
    connect(previous, &QToolButton::clicked, this, [this] { next(true); });
    connect(following, &QToolButton::clicked, this, [this] { next(false); });
    connect(done, &QToolButton::clicked, this, &XmlFindBar::close);
    connect(one, &QPushButton::clicked, this, &XmlFindBar::replaceOne);
    connect(all, &QPushButton::clicked, this, &XmlFindBar::replaceAll);
    m_find->installEventFilter(this);
    m_with->installEventFilter(this);
    connect(m_edit->document(), &QTextDocument::contentsChange, this, [this](int, int removed, int added) {
        if (isOpen() && (removed > 0 || added > 0)) {
            m_nextLine = -1;
            m_matches.clear();
            m_jump = false;
            m_timer->start(50); // search() from the top
        }
    });
}

QToolButton *XmlFindBar::option(const QString &text, const QString &tip)
{
    auto *button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setAutoRaise(true);
    return button;
}

void XmlFindBar::setReplaceAllowed(bool allowed)
{
    m_replaceAllowed = allowed;
    if (!allowed) {
        m_replaceRow->hide();
    }
}

void XmlFindBar::open(bool replace)
{
    const QString chosen = m_edit->textCursor().selectedText();
    const bool fits = !chosen.isEmpty() && !chosen.contains(QChar::ParagraphSeparator) && !m_regex->isChecked();
    m_replaceRow->setVisible(replace && m_replaceAllowed);
    QWidget::show();
    if (fits && chosen != m_find->text()) {
        m_find->setText(chosen);
    } else {
        m_jump = false;
        search();
    }
    m_find->setFocus(Qt::ShortcutFocusReason);
    m_find->selectAll();
}

void XmlFindBar::close()
{
    hide();
    m_timer->stop();
    m_matches.clear();
    m_edit->setRanges(XmlTextEdit::Layer::Found, {});
    m_edit->setFocus(Qt::OtherFocusReason);
}

void XmlFindBar::search()
{
    m_timer->stop();
    m_matches.clear();
    m_nextLine = -1;
    m_find->setToolTip({});
    const QString wanted = m_find->text();
    if (wanted.isEmpty()) {
        m_edit->setRanges(XmlTextEdit::Layer::Found, {});
        m_count->clear();
        m_count->setToolTip({});
        return;
    }
    QString pattern = m_regex->isChecked() ? wanted : QRegularExpression::escape(wanted);
    if (m_words->isChecked()) {
        pattern = u"\\b(?:"_s + pattern + u")\\b"_s;
    }
    auto options = QRegularExpression::PatternOptions(QRegularExpression::UseUnicodePropertiesOption);
    options.setFlag(QRegularExpression::CaseInsensitiveOption, !m_case->isChecked());
    m_expression = QRegularExpression(StepLimit + pattern, options);
    if (!m_expression.isValid()) {
        m_edit->setRanges(XmlTextEdit::Layer::Found, {});
        m_count->setText(tr("Not a regular expression: %1").arg(m_expression.errorString()));
        m_count->setToolTip(m_expression.errorString());
        return;
    }
    m_expression.optimize();
    m_nextLine = 0;
    searchSlice();
}

void XmlFindBar::searchSlice()
{
    if (m_nextLine < 0) { // asked for by a change of the text
        search();
        return;
    }
    QElapsedTimer clock;
    clock.start();
    const int limit = m_nextLine == 0 ? AtOnceMs : SliceMs;
    QTextBlock block = m_edit->document()->findBlockByNumber(m_nextLine);
    for (; block.isValid() && clock.elapsed() < limit && m_matches.size() < mostMatches; block = block.next()) {
        const QString line = block.text();
        auto found = m_expression.globalMatch(line);
        while (found.hasNext() && m_matches.size() < mostMatches) {
            const QRegularExpressionMatch match = found.next();
            if (match.capturedLength() > 0) {
                const qsizetype from = block.position() + match.capturedStart();
                m_matches.append({from, from + match.capturedLength()});
            }
        }
    }
    const bool more = block.isValid() && m_matches.size() < mostMatches;
    m_nextLine = more ? block.blockNumber() : m_edit->document()->blockCount();
    if (m_jump && !m_matches.isEmpty() && (!more || m_matches.constLast().from >= m_from)) {
        m_jump = false;
        goToMatch(matchFrom(m_from));
    } else {
        show(-1);
    }
    if (more) {
        m_timer->start(0);
    }
}

/** The first match at or behind a position, or the very first. */
qsizetype XmlFindBar::matchFrom(qsizetype position) const
{
    const auto at = std::ranges::lower_bound(m_matches, position, {}, &TextRange::from);
    return at == m_matches.cend() ? 0 : at - m_matches.cbegin();
}

void XmlFindBar::next(bool backward)
{
    if (m_matches.isEmpty()) {
        search();
    }
    if (m_matches.isEmpty()) {
        return;
    }
    const QTextCursor cursor = m_edit->textCursor();
    if (!backward) {
        goToMatch(matchFrom(cursor.hasSelection() ? cursor.selectionEnd() : cursor.position()));
        return;
    }
    const auto at =
        std::ranges::lower_bound(std::as_const(m_matches), qsizetype{cursor.selectionStart()}, {}, &TextRange::from);
    goToMatch(at == m_matches.cbegin() ? m_matches.size() - 1 : at - m_matches.cbegin() - 1);
}

void XmlFindBar::goToMatch(qsizetype index)
{
    const TextRange match = m_matches.at(index);
    QTextCursor cursor(m_edit->document());
    cursor.setPosition(static_cast<int>(match.from));
    cursor.setPosition(static_cast<int>(match.to), QTextCursor::KeepAnchor);
    m_edit->setTextCursor(cursor); // unfolds
    m_edit->ensureCursorVisible();
    show(index);
}

void XmlFindBar::show(qsizetype current)
{
    const QTextCursor cursor = m_edit->textCursor();
    if (current < 0 && cursor.hasSelection() && !m_matches.isEmpty()) {
        const qsizetype index = matchFrom(cursor.selectionStart());
        const TextRange match = m_matches.at(index);
        current = match.from == cursor.selectionStart() && match.to == cursor.selectionEnd() ? index : -1;
    }
    QList<XmlTextEdit::MarkedRange> ranges;
    ranges.reserve(m_matches.size());
    for (qsizetype i = 0; i < m_matches.size(); ++i) {
        ranges.append({i == current ? XmlTextEdit::Mark::FoundHere : XmlTextEdit::Mark::Found, m_matches.at(i)});
    }
    m_edit->setRanges(XmlTextEdit::Layer::Found, ranges);
    const bool most = m_matches.size() >= mostMatches;
    m_count->setToolTip({});
    if (m_matches.isEmpty()) {
        m_count->setText(tr("No match"));
    } else if (current < 0) {
        const auto count = static_cast<int>(m_matches.size());
        m_count->setText(count == 1 ? tr("1 match") : tr("%n matches", nullptr, count));
    } else if (most) {
        m_count->setText(tr("%1 of more than %2").arg(current + 1).arg(m_matches.size()));
    } else {
        m_count->setText(tr("%1 of %2").arg(current + 1).arg(m_matches.size()));
    }
}

/** What a match becomes: with the groups of the expression put in for \1 to \9. */
QString XmlFindBar::replacementFor(const QString &line, TextRange inLine) const
{
    if (!m_regex->isChecked()) {
        return m_with->text();
    }
    const QRegularExpressionMatch match = m_expression.match(line, inLine.from);
    QString result;
    const QString with = m_with->text();
    for (qsizetype i = 0; i < with.size(); ++i) {
        if (with.at(i) == u'\\' && i + 1 < with.size()) {
            const QChar code = with.at(++i);
            if (code.isDigit()) {
                result += match.captured(code.digitValue());
            } else if (code == u'n') {
                result += u'\n';
            } else if (code == u't') {
                result += u'\t';
            } else {
                result += code;
            }
        } else {
            result += with.at(i);
        }
    }
    return result;
}

void XmlFindBar::replaceOne()
{
    if (m_matches.isEmpty()) {
        return;
    }
    QTextCursor cursor = m_edit->textCursor();
    const qsizetype index = matchFrom(cursor.selectionStart());
    const TextRange match = m_matches.at(index);
    if (match.from != cursor.selectionStart() || match.to != cursor.selectionEnd()) {
        goToMatch(index); // first it is shown, then replaced
        return;
    }
    const QTextBlock block = cursor.document()->findBlock(cursor.selectionStart());
    cursor.insertText(replacementFor(block.text(), {match.from - block.position(), match.to - block.position()}));
    m_edit->setTextCursor(cursor);
    m_from = cursor.position();
    m_jump = true;
    search();
}

void XmlFindBar::replaceAll()
{
    m_jump = false;
    search();
    while (m_nextLine >= 0 && m_nextLine < m_edit->document()->blockCount() && m_matches.size() < mostMatches) {
        searchSlice();
    }
    if (m_matches.isEmpty() || m_edit->isReadOnly()) {
        return;
    }
    const QString before = m_edit->text();
    QString after;
    after.reserve(before.size());
    qsizetype from = 0;
    for (const TextRange &match : std::as_const(m_matches)) {
        const QTextBlock block = m_edit->document()->findBlock(static_cast<int>(match.from));
        after += QStringView(before).sliced(from, match.from - from);
        after += replacementFor(block.text(), {match.from - block.position(), match.to - block.position()});
        from = match.to;
    }
    after += QStringView(before).sliced(from);
    if (after.size() > XmlEditor::maxText || xmltext::longestLine(after) > XmlEditor::maxLine) {
        Q_EMIT refused(tr("Nothing was replaced: the text, or a line of it, would become too long."), {});
        return;
    }
    const auto count = static_cast<int>(m_matches.size());
    QTextCursor cursor(m_edit->document());
    const xmltext::Replacement change = xmltext::difference(before, after);
    cursor.setPosition(static_cast<int>(change.range.from));
    cursor.setPosition(static_cast<int>(change.range.to), QTextCursor::KeepAnchor);
    cursor.insertText(change.text);
    m_timer->stop();
    search();
    m_count->setText(tr("%n replaced", nullptr, count));
}

bool XmlFindBar::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool pressed = event->type() == QEvent::KeyPress;
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        const bool back = key->modifiers().testFlag(Qt::ShiftModifier);
        std::function<void()> act;
        if (key->key() == Qt::Key_Escape) {
            act = [this] {
                close();
            };
        } else if (enter && watched == m_with) {
            act = [this] {
                replaceOne();
            };
        } else if (enter || key->key() == Qt::Key_F3) {
            act = [this, back] {
                next(back);
            };
        } else if (key->matches(QKeySequence::Find)) {
            act = [this] {
                open(!m_replaceRow->isHidden());
            };
        } else if (key->matches(QKeySequence::Replace)) {
            act = [this] {
                open(true);
            };
        }
        if (act) {
            if (pressed) {
                act();
            }
            event->accept();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void XmlFindBar::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        m_count->setMinimumWidth(fontMetrics().horizontalAdvance(u"9999 of 9999 "_s));
    }
}

} // namespace vireo::ui
