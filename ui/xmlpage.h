// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QAction;
class QComboBox;
class QLabel;
class QPushButton;
class QSplitter;

namespace vireo::ui {

class DefinitionApply;
class DomainWatch;
class MessageBar;
class XmlEditor;

/**
 * A domain's definition, to be edited: what counts at the next start, and beside it what runs now. Read when the page
 * is looked at, and again when the domain changes; late answers are dropped. Edits stay through changes on the host
 * and while other domains are looked at, until they are applied (with a plan, see DefinitionApply) or discarded.
 * Passwords are never asked for. GUI thread; owned by its parent.
 */
class XmlPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlPage)

public:
    explicit XmlPage(const UiContext &context, QWidget *parent = nullptr);
    void setDomain(const virt::DomainKey &key);
    /** There are edits, of this or of another domain, that were neither applied nor discarded. */
    bool hasEdits() const;

protected:
    void showEvent(QShowEvent *event) override;

private:
    enum class Mode { Stored, Running, Both };
    struct Texts {
        QString stored;  ///< empty: transient
        QString running; ///< empty: it does not run
    };
    struct Edits {
        QString base;
        QString text;
    };

    void makeBar();
    void connectParts();
    void invalidate();
    void read();
    void readVocabulary();
    void showTexts(const Texts &texts);
    void updateState();
    void updateMode();
    void applyEdits();
    void discardEdits();
    void showHistory();
    /** What is edited: the stored definition, or that of a transient domain. */
    const QString &current() const { return m_texts.stored.isEmpty() ? m_texts.running : m_texts.stored; }
    bool isEditable() const;
    QString modeNote() const;

    UiContext m_context;
    DomainWatch *m_watch;
    DefinitionApply *m_applier;
    MessageBar *m_message; ///< how the host is
    MessageBar *m_result;  ///< what became of the last apply
    QComboBox *m_mode;
    QLabel *m_note;
    QPushButton *m_history;
    QPushButton *m_copy;
    QPushButton *m_discard;
    QPushButton *m_apply;
    QSplitter *m_split;
    XmlEditor *m_editor;
    XmlEditor *m_running;
    Texts m_texts;
    QString m_base;                       ///< the definition that the edit began with
    QHash<virt::DomainKey, Edits> m_kept; ///< of domains that are not shown
    virt::DomainKey m_shown;
    QString m_readError;
    QString m_readHint;
    quint64 m_generation = 0; ///< of the newest question; answers to older ones are stale
    bool m_wanted = false;    ///< must be read (again) once visible
    bool m_fresh = false;     ///< m_texts are of the shown domain
    bool m_vocabularyRead = false;
    QString m_readBack; ///< what libvirt made of what was sent
};

} // namespace vireo::ui
