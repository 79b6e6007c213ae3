// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlpage.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include "backend/operation/vocabulary.h"
#include "backend/virt/host.h"
#include "ui/definitionapply.h"
#include "ui/domainwatch.h"
#include "ui/historydialog.h"
#include "ui/messagebar.h"
#include "ui/migrationguard.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

constexpr auto zoomKey = "xml/zoom"_L1;

} // namespace

XmlPage::XmlPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_watch(new DomainWatch(context, this))
    , m_applier(new DefinitionApply(context, this))
    , m_message(new MessageBar(this))
    , m_result(new MessageBar(this))
    , m_mode(new QComboBox(this))
    , m_note(new QLabel(this))
    , m_history(new QPushButton(tr("&History…"), this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_discard(new QPushButton(tr("&Discard"), this))
    , m_apply(new QPushButton(tr("&Apply…"), this))
    , m_split(new QSplitter(Qt::Horizontal, this))
    , m_editor(new XmlEditor(this))
    , m_running(new XmlEditor(this))
{
    m_editor->setObjectName(u"xmlStored"_s);
    m_editor->setKind(xml::DocumentKind::Domain);
    m_editor->setZoom(context.settings.value(zoomKey, 0).toInt());
    m_running->setZoom(m_editor->zoom());
    m_running->setKind(xml::DocumentKind::Domain);
    m_running->setReadOnly(true);
    m_running->setObjectName(u"xmlRunning"_s);
    m_running->editor()->setAccessibleName(tr("Running now"));
    m_split->addWidget(m_editor);
    m_split->addWidget(m_running);
    m_split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    makeBar();
    auto *messages = new QVBoxLayout;
    messages->setContentsMargins(8, 0, 8, 0);
    messages->addWidget(m_message);
    messages->addWidget(m_result);
    layout->addLayout(messages);
    layout->addWidget(m_split, 1);
    setFocusProxy(m_editor);
    connectParts();
    updateMode();
}

void XmlPage::makeBar()
{
    m_mode->addItem(tr("At next start"), QVariant::fromValue(static_cast<int>(Mode::Stored)));
    m_mode->addItem(tr("Running now"), QVariant::fromValue(static_cast<int>(Mode::Running)));
    m_mode->addItem(tr("Both, side by side"), QVariant::fromValue(static_cast<int>(Mode::Both)));
    m_mode->setAccessibleName(tr("Definition"));
    m_mode->setObjectName(u"xmlKind"_s);
    m_mode->setToolTip(tr("What is edited is what the virtual machine is started with; what runs can differ from it"));
    auto *label = new QLabel(tr("D&efinition:"), this);
    label->setBuddy(m_mode);
    m_copy->setToolTip(tr("Copies the whole definition to the clipboard"));
    m_copy->setObjectName(u"xmlCopy"_s);
    m_history->setToolTip(tr("Earlier definitions, to be compared and restored"));
    m_history->setObjectName(u"xmlHistory"_s);
    m_discard->setToolTip(tr("Takes all edits back"));
    m_discard->setObjectName(u"xmlDiscard"_s);
    m_apply->setObjectName(u"xmlApply"_s);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 0);
    bar->addWidget(label);
    bar->addWidget(m_mode);
    bar->addWidget(m_note, 1);
    bar->addWidget(m_history);
    bar->addWidget(m_copy);
    bar->addWidget(m_discard);
    bar->addWidget(m_apply);
    static_cast<QVBoxLayout *>(layout())->addLayout(bar);
}

void XmlPage::connectParts()
{
    connect(m_mode, &QComboBox::activated, this, [this] { updateMode(); });
    connect(m_copy, &QPushButton::clicked, this, [this] {
        const bool running = m_mode->currentData().toInt() == static_cast<int>(Mode::Running);
        QGuiApplication::clipboard()->setText((running ? m_running : m_editor)->xml());
    });
    connect(m_discard, &QPushButton::clicked, this, &XmlPage::discardEdits);
    connect(m_history, &QPushButton::clicked, this, &XmlPage::showHistory);
    auto *save = new QAction(tr("Apply"), this);
    save->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_S), QKeySequence(Qt::CTRL | Qt::Key_Return)});
    save->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(save);
    connect(save, &QAction::triggered, this, &XmlPage::applyEdits);
    connect(m_apply, &QPushButton::clicked, this, &XmlPage::applyEdits);
    connect(m_editor, &XmlEditor::edited, this, &XmlPage::updateState);
    connect(m_editor, &XmlEditor::modifiedChanged, this, &XmlPage::updateState);
    connect(m_editor, &XmlEditor::checked, this, &XmlPage::updateState);
    connect(m_editor, &XmlEditor::zoomChanged, this, [this](int steps) {
        m_running->setZoom(steps);
        m_context.settings.setValue(zoomKey, steps);
    });
    migrationguard::watch(m_context, this, [this] { return m_watch->key(); }, [this] { updateState(); });
    connect(m_applier, &DefinitionApply::busyChanged, this, &XmlPage::updateState);
    connect(m_applier, &DefinitionApply::merged, this, [this](const QString &base, const QString &wanted) {
        m_base = base;
        m_editor->replaceXml(wanted);
    });
    connect(m_applier, &DefinitionApply::applied, this, [this](const QString &stored, const QString &note) {
        m_texts.stored = m_texts.stored.isEmpty() ? m_texts.stored : stored;
        m_base = stored;
        m_editor->setXml(stored);
        m_result->clear();
        m_result->showMessage(
            note.isEmpty() ? MessageBar::Kind::Info : MessageBar::Kind::Warning, tr("Applied and read back."), note);
        invalidate();
    });
    connect(m_applier, &DefinitionApply::progress, this, [this](const QString &text) {
        m_result->showMessage(MessageBar::Kind::Info, text);
        if (!m_result->hasButtons()) {
            connect(m_result->addButton(tr("Cancel")), &QPushButton::clicked, m_applier, &DefinitionApply::cancelJob);
        }
    });
    connect(m_applier, &DefinitionApply::refused, this, [this](const QString &why, const QString &hint) {
        m_result->clear();
        m_result->showMessage(MessageBar::Kind::Error, why, hint);
    });
    connect(m_watch, &DomainWatch::replaced, this, [this] {
        m_texts = {};
        m_fresh = false;
        m_vocabularyRead = false;
        m_result->clear();
        m_running->setXml({});
        const auto kept = m_kept.constFind(m_watch->key());
        m_base = kept == m_kept.constEnd() ? QString() : kept->base;
        m_editor->setXml(m_base);
        if (kept != m_kept.constEnd()) {
            m_editor->replaceXml(kept->text);
            m_kept.erase(kept);
        }
        invalidate();
    });
    connect(m_watch, &DomainWatch::changed, this, &XmlPage::invalidate);
    connect(m_watch, &DomainWatch::happened, this, &XmlPage::invalidate);
    connect(m_watch, &DomainWatch::hostStatusChanged, this, [this] {
        if (m_watch->isFresh() && (!m_fresh || !m_readError.isEmpty())) {
            invalidate();
        } else {
            updateState();
        }
    });
    auto *clock = new QTimer(this);
    clock->setInterval(1000);
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible() && !m_watch->isFresh()) {
            updateState(); // "last seen" grows
        }
    });
    clock->start();
}

void XmlPage::setDomain(const virt::DomainKey &key)
{
    if (key == m_shown) {
        return;
    }
    if (m_editor->isModified()) {
        m_kept.insert(m_shown, {m_base, m_editor->xml()});
    }
    m_shown = key;
    m_watch->setDomain(key);
}

bool XmlPage::hasEdits() const
{
    return m_editor->isModified() || !m_kept.isEmpty();
}

void XmlPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_wanted) {
        read();
    }
}

void XmlPage::invalidate()
{
    ++m_generation;
    m_wanted = true;
    if (isVisible()) {
        read();
    } else {
        updateState();
    }
}

void XmlPage::read()
{
    updateState();
    virt::Host *host = m_watch->host();
    if (!m_watch->isFresh() || !host) {
        return; // asked again when the host is back
    }
    m_wanted = false;
    const virt::DomainRecord &record = m_watch->record();
    host->ask<Texts>(
        this,
        [domain = m_watch->key().domain, active = record.isActive(), persistent = record.persistent](
            virt::Connection &connection) -> Result<Texts> {
            Texts texts;
            for (const auto kind : {virt::domains::XmlKind::Inactive, virt::domains::XmlKind::Live}) {
                const bool live = kind == virt::domains::XmlKind::Live;
                if (!(live ? active : persistent)) {
                    continue;
                }
                auto xml = virt::domains::xml(connection, domain, kind);
                if (!xml) {
                    return fail(xml.error());
                }
                (live ? texts.running : texts.stored) = *std::move(xml);
            }
            return texts;
        },
        [this, generation = ++m_generation](const Result<Texts> &answer) {
            if (generation != m_generation) {
                return;
            }
            m_readError = answer ? QString() : answer.error().message;
            m_readHint = answer ? QString() : answer.error().hint;
            if (answer) {
                showTexts(*answer);
            }
            updateState();
        });
}

void XmlPage::showTexts(const Texts &texts)
{
    m_texts = texts;
    m_fresh = true;
    if (!m_editor->isModified()) { // else the edits stay, and Apply merges
        m_base = current();
        m_editor->setXml(m_base);
    }
    m_running->setXml(texts.running);
    updateMode();
    if (!m_vocabularyRead) {
        readVocabulary();
    }
}

/** What completion offers; without it the schema alone speaks. */
void XmlPage::readVocabulary()
{
    virt::Host *host = m_watch->host();
    if (!host) {
        return;
    }
    m_vocabularyRead = true;
    host->ask<xml::HostVocabulary>(
        this, [text = current()](virt::Connection &connection) { return operation::readVocabulary(connection, text); },
        [this, domain = m_watch->key()](const Result<xml::HostVocabulary> &vocabulary) {
            if (vocabulary && domain == m_watch->key()) {
                m_editor->setVocabulary(*vocabulary);
            }
        },
        std::chrono::seconds(20));
}

void XmlPage::updateMode()
{
    const virt::DomainRecord &record = m_watch->record();
    const bool two = record.isActive() && record.persistent;
    m_mode->setEnabled(two);
    auto mode = static_cast<Mode>(m_mode->currentData().toInt());
    if (!two && mode != Mode::Stored) {
        mode = Mode::Stored; // a transient one is edited as it runs
        m_mode->setCurrentIndex(0);
    }
    m_editor->setVisible(mode != Mode::Running);
    m_running->setVisible(mode != Mode::Stored);
    setFocusProxy(mode == Mode::Running ? m_running : m_editor);
    updateState();
}

bool XmlPage::isEditable() const
{
    const virt::Host *host = m_watch->host();
    return m_fresh && m_watch->isFresh() && host && !host->info().readOnly && !m_applier->isBusy();
}

QString XmlPage::modeNote() const
{
    const virt::Host *host = m_watch->host();
    if (host && host->info().readOnly) {
        return tr("Read-only: the connection is");
    }
    if (static_cast<Mode>(m_mode->currentData().toInt()) == Mode::Running) {
        return tr("Read-only: edit what is there at the next start");
    }
    if (m_fresh && m_texts.stored.isEmpty()) {
        return tr("Transient: only devices can be changed, while it runs");
    }
    return m_editor->isModified() ? tr("Edited, not applied") : QString();
}

void XmlPage::updateState()
{
    const bool edited = m_editor->isModified();
    m_copy->setEnabled(!m_editor->xml().isEmpty());
    m_editor->setReadOnly(!isEditable());
    m_discard->setEnabled(edited && !m_applier->isBusy());
    m_history->setEnabled(!m_watch->key().isNull());
    const QString migrates = migrationguard::refusal(m_context, m_watch->key());
    QString why;
    if (!edited) {
        why = tr("Nothing was edited");
    } else if (!isEditable()) {
        why = m_applier->isBusy() ? tr("Applying…") : tr("The host can't be reached now");
    } else {
        why = migrates;
    }
    m_apply->setEnabled(why.isEmpty());
    // What libvirt thinks of it is for libvirt to say: the host's may know more than the schema here.
    m_apply->setToolTip(!why.isEmpty() ? why
            : m_editor->hasErrors()    ? tr("The editor found errors; the host decides (Ctrl+S)")
                                       : tr("Shows what would happen, then applies it (Ctrl+S)"));
    m_note->setText(modeNote());
    const QString stale = m_watch->staleSentence();
    const bool moved = edited && m_fresh && current() != m_base;
    if (!stale.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, stale, m_watch->staleHint());
    } else if (!m_readError.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, m_readError, m_readHint);
    } else if (!migrates.isEmpty() && edited) {
        m_message->showMessage(MessageBar::Kind::Info, migrates, tr("What you edited is kept."));
    } else if (moved) {
        m_message->showMessage(MessageBar::Kind::Info, tr("The definition was changed on the host while you edit."),
            tr("Nothing is overwritten: Apply puts both changes together first."));
    } else {
        m_message->clear();
    }
    m_running->setEnabled(stale.isEmpty() || m_watch->key().isNull());
}

void XmlPage::applyEdits()
{
    if (!m_apply->isEnabled()) {
        return;
    }
    m_result->clear();
    operation::DefinitionEdit edit;
    edit.base = m_base;
    edit.wanted = m_editor->xml();
    edit.cause = tr("Edited as XML");
    m_applier->apply(m_watch->key(), edit);
}

void XmlPage::discardEdits()
{
    m_base = current();
    m_editor->replaceXml(m_base); // Ctrl+Z brings them back
    m_editor->setModified(false);
    m_result->clear();
    updateState();
}

void XmlPage::showHistory()
{
    auto *dialog = new HistoryDialog(m_context, m_watch->key(), current(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setRestorable(isEditable());
    connect(dialog, &HistoryDialog::restoreRequested, this, [this](const operation::DefinitionEdit &edit) {
        m_result->clear();
        m_applier->apply(m_watch->key(), edit);
    });
    dialog->open();
}

} // namespace vireo::ui
