// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QMap>
#include <QWidget>

#include "backend/xml/completion.h"
#include "backend/xml/diagnostic.h"
#include "ui/xmllanguage.h"

class QHelpEvent;
class QKeyEvent;
class QPlainTextEdit;

namespace vireo::ui {

/** What a line is in a comparison: its background. */
enum class LineMark { Added, Removed, Changed, Conflict, Filler };

/**
 * An editor for XML: highlighted, folded, checked while typing, completed and documented by the schema of the kind of
 * document. All of it works by keyboard; the context menu names the keys. Parsing, checking and completing happen in
 * worker threads; answers for older text are dropped. Text that the widget can't hold without stalling (longer than
 * what libvirt's protocol takes, or with giant lines) is shown read-only with the reason in place. GUI thread; owned by
 * its parent. Positions are UTF-16 units of xml().
 */
class XmlEditor final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlEditor)

public:
    /** libvirt's remote protocol takes no longer string (REMOTE_STRING_MAX, in bytes; here characters). */
    static constexpr qsizetype maxText = qsizetype{4} * 1024 * 1024;
    /** The longest line that is laid out and edited without a stall. */
    static constexpr qsizetype maxLine = 10'000;

    explicit XmlEditor(QWidget *parent = nullptr);
    ~XmlEditor() override;

    /** Another text: nothing to undo, unmodified; cursor, scroll position and folds stay where they can. Silent:
     *  edited() is for what the user does. */
    void setXml(const QString &xml);
    /** Another text as an edit of the user, that can be undone. Only what differs is replaced. */
    void replaceXml(const QString &xml);
    /** The text, character for character. */
    QString xml() const;
    void setPlaceholderText(const QString &text);

    /** A read-only text is not checked: nobody could do anything about it. */
    void setReadOnly(bool readOnly);
    bool isReadOnly() const { return m_readOnly; }
    /** Which schema it follows; none: well-formedness alone is checked. */
    void setKind(std::optional<xml::DocumentKind> kind);
    /** The text is one element that stands there in a document of kind(): {"domain", "devices"} for a <disk>. Empty:
     *  the text is the whole document. */
    void setFragment(const QStringList &path);
    /** What completion offers of the host. */
    void setVocabulary(const xml::HostVocabulary &host);
    /** Where schemas come from; for tests. Default: libvirt's, as installed. */
    void setLanguages(XmlLanguages languages);

    bool isModified() const;
    void setModified(bool modified);

    /** What is wrong with the text; of an older text until isChecked(). */
    const QList<xml::Diagnostic> &diagnostics() const;
    /** The newest text was checked. */
    bool isChecked() const;
    bool hasErrors() const;

    /** Puts the cursor there, unfolded and in sight. */
    void goTo(xml::TextPlace place);
    /** Backgrounds of lines, counted from 0. */
    void setMarkedLines(const QMap<int, LineMark> &lines);
    /** What the margin calls each line, 0: nothing; empty: as they are counted. */
    void setLineNumbers(const QList<int> &numbers);

    /** Steps of the font's size; 0: as the system has it. */
    int zoom() const { return m_zoom; }
    void setZoom(int steps);

    /** The text widget, for scrolling along and for tests. Change the text with replaceXml(). */
    QPlainTextEdit *editor() const;

Q_SIGNALS:
    /** The user changed the text (also by undo and redo). */
    void edited();
    /** diagnostics() are those of the newest text. */
    void checked();
    void modifiedChanged(bool modified);
    void zoomChanged(int steps);

public Q_SLOTS:
    void showFindBar(bool replace = false);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Parts;

    void connectParts();
    void addCommands();
    void addFindCommands();
    void addLineCommands();
    void addStructureCommands();
    void addViewCommands();
    void textLoaded();
    void userChangedText();
    void updateReadOnly();
    void checkedBy(const QList<xml::Diagnostic> &diagnostics);
    void markTags();
    void showProblemHere();
    bool keyPressed(QKeyEvent *event);
    bool hover(QHelpEvent *event);
    void showHover(const std::optional<xml::HoverText> &text);
    void goToProblem(bool backward);
    void askForLine();
    void format();
    void selectEnclosing();
    void replaceRange(xml::TextRange range, const QString &text);
    void showContextMenu(const QPoint &globalPosition);

    std::unique_ptr<Parts> m_parts;
    QString m_unshown; ///< the text itself, when the widget shows another form of it; else null
    bool m_readOnly = false;
    bool m_loading = false;
    bool m_tabLeaves = false; ///< Esc was pressed: Tab goes to the next widget
    int m_zoom = 0;
};

} // namespace vireo::ui
