// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmleditor.h"

#include <algorithm>

#include <QFontDatabase>
#include <QFontInfo>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "ui/xmleditorparts.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int SmallestZoom = -6;
constexpr int LargestZoom = 24;

QString languageNote(const XmlService &service)
{
    if (service.schema() != XmlService::Schema::Missing) {
        return {};
    }
    const Error &error = service.schemaError();
    return error.hint.isEmpty() ? error.message : error.message + u'\n' + error.hint;
}

} // namespace

XmlEditor::XmlEditor(QWidget *parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_parts->message);
    layout->addWidget(m_parts->text, 1);
    layout->addWidget(m_parts->find);
    layout->addWidget(m_parts->problems);
    setFocusProxy(m_parts->text);
    m_parts->text->installEventFilter(this);
    m_parts->text->viewport()->installEventFilter(this);
    m_parts->text->highlighter().setColours(palette());
    addCommands();
    connectParts();
    updateReadOnly();
    m_parts->service->setText([this] { return xml(); }, false);
}

XmlEditor::~XmlEditor()
{
    m_parts->text->removeEventFilter(this);
    m_parts->text->viewport()->removeEventFilter(this);
}

void XmlEditor::connectParts()
{
    XmlTextEdit *text = m_parts->text;
    XmlService *service = m_parts->service;
    connect(text->document(), &QTextDocument::contentsChange, this, [this](int, int removed, int added) {
        if (!m_loading && (removed > 0 || added > 0)) {
            userChangedText();
        }
    });
    connect(text->document(), &QTextDocument::modificationChanged, this, [this](bool modified) {
        if (!m_loading) {
            Q_EMIT modifiedChanged(modified);
        }
    });
    const auto refused = [this](const QString &sentence, const QString &hint) {
        m_parts->message->showMessage(MessageBar::Kind::Warning, sentence, hint);
    };
    connect(text, &XmlTextEdit::refused, this, refused);
    connect(m_parts->find, &XmlFindBar::refused, this, refused);
    connect(text, &XmlTextEdit::loaded, this, &XmlEditor::textLoaded);
    connect(text, &XmlTextEdit::typed, m_parts->completer, &XmlCompleter::textTyped);
    connect(m_parts->typing, &XmlTyping::typed, m_parts->completer, &XmlCompleter::textTyped);
    connect(text, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        markTags();
        showProblemHere();
    });
    connect(service, &XmlService::outlined, this, [this] {
        m_parts->text->folding().setFolds(m_parts->service->outline()->folds);
        markTags();
    });
    connect(service, &XmlService::checked, this, &XmlEditor::checkedBy);
    connect(service, &XmlService::hovered, this,
        [this](qsizetype, const std::optional<xml::HoverText> &found) { showHover(found); });
    connect(m_parts->problems, &XmlProblemBar::chosen, this, [this](int problem) {
        if (problem < diagnostics().size()) {
            goTo(m_parts->text->placeOf(diagnostics().at(problem).range.from));
            m_parts->text->setFocus(Qt::OtherFocusReason);
        }
    });
}

void XmlEditor::setXml(const QString &xml)
{
    XmlTextEdit *text = m_parts->text;
    m_parts->completer->close();
    m_parts->message->clear();
    if (m_unshown.isNull() && !m_loading && xml == this->xml()) {
        text->document()->clearUndoRedoStacks();
        setModified(false);
        return;
    }
    const bool wasModified = isModified();
    m_parts->cursor = text->textCursor().position();
    m_parts->vertical = text->verticalScrollBar()->value();
    m_parts->horizontal = text->horizontalScrollBar()->value();
    text->folding().remember();
    m_unshown = QString();
    QString shown = xml;
    if (xml.size() > maxText) {
        m_unshown = xml;
        shown = u""_s;
        m_parts->message->showMessage(MessageBar::Kind::Error,
            tr("This text is too long to be shown: %1 MiB.")
                .arg(QLocale().toString(static_cast<double>(xml.size()) / 1024 / 1024, 'f', 1)),
            tr("libvirt takes definitions of up to 4 MiB."));
    } else if (const qsizetype longest = xmltext::longestLine(xml); longest > maxLine) {
        m_unshown = xml;
        shown = xmltext::broken(xml, maxLine);
        m_parts->message->showMessage(MessageBar::Kind::Warning,
            tr("A line of this text has %1 characters. It is shown in pieces and can't be edited here.")
                .arg(QLocale().toString(longest)),
            tr("Lines of up to %1 characters can be edited.").arg(QLocale().toString(maxLine)));
    }
    m_loading = true;
    updateReadOnly();
    text->load(shown);
    if (wasModified) {
        Q_EMIT modifiedChanged(false);
    }
}

void XmlEditor::textLoaded()
{
    XmlTextEdit *text = m_parts->text;
    m_loading = false;
    updateReadOnly();
    QTextCursor cursor = text->textCursor();
    cursor.setPosition(std::min(m_parts->cursor, text->document()->characterCount() - 1));
    text->setTextCursor(cursor);
    text->verticalScrollBar()->setValue(m_parts->vertical);
    text->horizontalScrollBar()->setValue(m_parts->horizontal);
    m_parts->problems->setChecking();
    m_parts->service->setText([text] { return text->text(); }, false);
    markTags();
}

void XmlEditor::userChangedText()
{
    m_parts->message->clear();
    m_parts->problems->setChecking();
    m_parts->service->setText([text = m_parts->text] { return text->text(); }, true);
    Q_EMIT edited();
}

void XmlEditor::replaceXml(const QString &xml)
{
    m_parts->text->finishLoading();
    if (!m_unshown.isNull() || xml.size() > maxText || xmltext::longestLine(xml) > maxLine) {
        setXml(xml); // it can't be an edit
        setModified(true);
        Q_EMIT edited();
        return;
    }
    const xmltext::Replacement change = xmltext::difference(this->xml(), xml);
    replaceRange(change.range, change.text);
}

void XmlEditor::replaceRange(xml::TextRange range, const QString &text)
{
    QTextCursor cursor(m_parts->text->document());
    cursor.setPosition(static_cast<int>(range.from));
    cursor.setPosition(static_cast<int>(range.to), QTextCursor::KeepAnchor);
    if (cursor.hasSelection() || !text.isEmpty()) {
        cursor.beginEditBlock(); // else it is one step with what was typed before
        cursor.insertText(text);
        cursor.endEditBlock();
    }
}

QString XmlEditor::xml() const
{
    return m_unshown.isNull() ? m_parts->text->text() : m_unshown;
}

void XmlEditor::setPlaceholderText(const QString &text)
{
    m_parts->text->setPlaceholderText(text);
}

void XmlEditor::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    updateReadOnly();
}

void XmlEditor::updateReadOnly()
{
    XmlTextEdit *text = m_parts->text;
    const bool fixed = m_readOnly || m_loading || !m_unshown.isNull();
    if (text->isReadOnly() != fixed) {
        text->setReadOnly(fixed);
    }
    if (fixed) { // the cursor walks all the same
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        m_parts->completer->close();
    }
    text->setTabChangesFocus(fixed);
    const bool checks = !m_readOnly && m_unshown.isNull();
    m_parts->problems->setVisible(checks);
    m_parts->service->setChecking(checks);
    m_parts->find->setReplaceAllowed(!m_readOnly && m_unshown.isNull());
    if (!checks) {
        text->setProblems({});
    }
}

void XmlEditor::setKind(std::optional<xml::DocumentKind> kind)
{
    m_parts->service->setKind(kind);
}

void XmlEditor::setFragment(const QStringList &path)
{
    m_parts->service->setFragment(path);
}

void XmlEditor::setVocabulary(const xml::HostVocabulary &host)
{
    m_parts->service->setVocabulary(host);
}

void XmlEditor::setLanguages(XmlLanguages languages)
{
    m_parts->service->setLanguages(std::move(languages));
}

bool XmlEditor::isModified() const
{
    return m_parts->text->document()->isModified();
}

void XmlEditor::setModified(bool modified)
{
    m_parts->text->document()->setModified(modified);
}

const QList<xml::Diagnostic> &XmlEditor::diagnostics() const
{
    return m_parts->text->problems();
}

bool XmlEditor::isChecked() const
{
    return m_parts->service->isChecked();
}

bool XmlEditor::hasErrors() const
{
    return std::ranges::any_of(
        diagnostics(), [](const xml::Diagnostic &one) { return one.severity == xml::Diagnostic::Severity::Error; });
}

void XmlEditor::checkedBy(const QList<xml::Diagnostic> &diagnostics)
{
    m_parts->text->setProblems(diagnostics);
    QString clean;
    switch (m_parts->service->schema()) {
    case XmlService::Schema::Present:
        clean = tr("Valid by libvirt's schema");
        break;
    case XmlService::Schema::Missing:
        clean = m_parts->service->schemaError().kind == Error::Kind::NotFound
            ? tr("Well-formed. libvirt's schemas are not installed here: only well-formedness is checked.")
            : tr("Well-formed. Only that is checked: %1").arg(m_parts->service->schemaError().message);
        break;
    case XmlService::Schema::None:
    case XmlService::Schema::Unknown:
        clean = tr("Well-formed");
        break;
    }
    if (xml().trimmed().isEmpty()) {
        clean = QString();
    }
    m_parts->problems->setProblems(diagnostics, clean, languageNote(*m_parts->service));
    showProblemHere();
    Q_EMIT checked();
}

/** What is wrong where the cursor stands, for those who have no mouse to hover with. */
void XmlEditor::showProblemHere()
{
    const qsizetype here = m_parts->text->textCursor().position();
    const QList<xml::Diagnostic> &all = diagnostics();
    const auto at = std::ranges::find_if(all, [here](const xml::Diagnostic &one) { return one.range.touches(here); });
    const bool found = at != all.cend() && m_parts->text->hasFocus();
    m_parts->problems->setCurrent(found ? static_cast<int>(at - all.cbegin()) : -1);
}

void XmlEditor::markTags()
{
    const XmlOutline *outline = m_parts->service->outline();
    if (!outline || m_loading) {
        return;
    }
    QList<XmlTextEdit::MarkedRange> marks;
    if (m_parts->text->hasFocus() && !m_parts->text->textCursor().hasSelection()) {
        const XmlOutline::Tags tags = outline->tagsAt(m_parts->text->textCursor().position());
        for (const xml::TextRange &range : tags.ranges) {
            marks.append({tags.matched ? XmlTextEdit::Mark::Tag : XmlTextEdit::Mark::TagUnmatched, range});
        }
    }
    m_parts->text->setRanges(XmlTextEdit::Layer::Tags, marks);
}

void XmlEditor::goTo(xml::TextPlace place)
{
    XmlTextEdit *text = m_parts->text;
    text->finishLoading();
    const QTextBlock block = text->document()->findBlockByNumber(std::clamp(place.line - 1, 0, text->blockCount() - 1));
    QTextCursor cursor(block);
    cursor.setPosition(block.position() + std::clamp(place.column - 1, 0, block.length() - 1));
    text->setTextCursor(cursor); // unfolds
    if (!text->viewport()->rect().contains(text->cursorRect())) {
        text->centerCursor();
    }
    text->ensureCursorVisible();
}

void XmlEditor::setLineNumbers(const QList<int> &numbers)
{
    m_parts->text->setLineNumbers(numbers);
}

void XmlEditor::setMarkedLines(const QMap<int, LineMark> &lines)
{
    m_parts->text->setLineMarks(lines);
}

void XmlEditor::setZoom(int steps)
{
    steps = std::clamp(steps, SmallestZoom, LargestZoom);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const double normal = font.pointSizeF() > 0 ? font.pointSizeF() : QFontInfo(font).pointSizeF();
    font.setPointSizeF(std::max(4.0, normal + steps));
    m_parts->text->setFont(font);
    if (steps != m_zoom) {
        m_zoom = steps;
        Q_EMIT zoomChanged(steps);
    }
}

QPlainTextEdit *XmlEditor::editor() const
{
    return m_parts->text;
}

void XmlEditor::showFindBar(bool replace)
{
    m_parts->completer->close();
    m_parts->find->open(replace);
}

bool XmlEditor::eventFilter(QObject *watched, QEvent *event)
{
    const bool onViewport = watched == m_parts->text->viewport();
    switch (event->type()) {
    case QEvent::ShortcutOverride: {
        // Taken before the window's own shortcuts, which may be the same.
        auto *key = static_cast<QKeyEvent *>(event);
        const bool escape = key->key() == Qt::Key_Escape && (m_parts->completer->isOpen() || m_parts->find->isOpen());
        if (!onViewport && (escape || m_parts->commands->takes(*key, m_parts->text->isReadOnly()))) {
            event->accept();
            return true;
        }
        break;
    }
    case QEvent::KeyPress:
        if (!onViewport && keyPressed(static_cast<QKeyEvent *>(event))) {
            event->accept();
            return true;
        }
        break;
    case QEvent::FocusOut:
        m_tabLeaves = false;
        m_parts->completer->close();
        break;
    case QEvent::FocusIn:
        markTags();
        break;
    case QEvent::Wheel: {
        auto *wheel = static_cast<QWheelEvent *>(event);
        if (onViewport && wheel->modifiers().testFlag(Qt::ControlModifier)) {
            setZoom(m_zoom + (wheel->angleDelta().y() > 0 ? 1 : -1));
            return true;
        }
        break;
    }
    case QEvent::ContextMenu:
        showContextMenu(static_cast<QContextMenuEvent *>(event)->globalPos());
        return true;
    case QEvent::ToolTip:
        return onViewport ? hover(static_cast<QHelpEvent *>(event)) : QWidget::eventFilter(watched, event);
    case QEvent::Leave:
        m_parts->hoverAt.reset();
        break;
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

bool XmlEditor::keyPressed(QKeyEvent *event)
{
    XmlTextEdit *text = m_parts->text;
    m_parts->hoverAt.reset();
    if (m_parts->completer->keyPressed(*event)) {
        return true;
    }
    const bool tab = event->key() == Qt::Key_Tab || event->key() == Qt::Key_Backtab;
    if (event->key() == Qt::Key_Escape) {
        if (m_parts->find->isOpen()) {
            m_parts->find->close();
            return true;
        }
        // Tab indents here, so there must be another way out by keyboard; a second Esc is for the window.
        const bool first = !m_tabLeaves && !text->isReadOnly();
        m_tabLeaves = true;
        return first;
    }
    if (tab && !text->isReadOnly() && (m_tabLeaves || event->modifiers().testFlag(Qt::ControlModifier))) {
        return focusNextPrevChild(event->key() == Qt::Key_Tab && !event->modifiers().testFlag(Qt::ShiftModifier));
    }
    if (event->key() < Qt::Key_Shift || event->key() > Qt::Key_Alt) {
        m_tabLeaves = false;
    }
    if (m_parts->commands->run(*event, text->isReadOnly())) {
        return true;
    }
    return !text->isReadOnly() && m_parts->typing->keyPressed(*event);
}

bool XmlEditor::hover(QHelpEvent *event)
{
    XmlTextEdit *text = m_parts->text;
    const QTextCursor cursor = text->cursorForPosition(event->pos());
    const QRect caret = text->cursorRect(cursor);
    if (std::abs(caret.center().x() - event->pos().x()) > 2 * text->fontMetrics().averageCharWidth()) {
        QToolTip::hideText(); // behind the line's end
        return true;
    }
    const QString problem = text->problemTextAt(cursor.position());
    if (!problem.isEmpty()) {
        QToolTip::showText(
            event->globalPos(), Qt::convertFromPlainText(problem, Qt::WhiteSpaceNormal), text->viewport());
        return true;
    }
    m_parts->hoverAt = event->globalPos();
    m_parts->service->hover(cursor.position());
    return true;
}

void XmlEditor::showHover(const std::optional<xml::HoverText> &text)
{
    if (!m_parts->hoverAt) {
        return; // the mouse went on
    }
    if (!text || (text->text.isEmpty() && text->values.isEmpty())) {
        QToolTip::hideText();
        return;
    }
    QString shown = u"<p><b>%1</b></p>"_s.arg(text->title.toHtmlEscaped());
    if (!text->text.isEmpty()) {
        shown += u"<p>%1</p>"_s.arg(text->text.toHtmlEscaped());
    }
    if (!text->values.isEmpty()) {
        shown += u"<p>%1</p>"_s.arg(tr("Allowed: %1").arg(text->values.join(u", "_s)).toHtmlEscaped());
    }
    QToolTip::showText(*m_parts->hoverAt, shown, m_parts->text->viewport());
}

void XmlEditor::showContextMenu(const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_parts->commands->fill(*menu, m_parts->text->isReadOnly());
    menu->popup(globalPosition);
}

void XmlEditor::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
        m_parts->text->highlighter().setColours(palette());
    }
}

} // namespace vireo::ui
