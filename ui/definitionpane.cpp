// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/definitionpane.h"

#include <chrono>

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "backend/virt/hosts.h"
#include "ui/messagebar.h"
#include "ui/objectapply.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

using virt::DefinitionEntry;
using Kind = virt::DefinitionKey::Kind;

DefinitionPane::DefinitionPane(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_apply(new ObjectApply(context, this))
    , m_delay(new QTimer(this))
    , m_title(new QLabel(this))
    , m_note(new QLabel(this))
    , m_applyButton(new QPushButton(tr("&Apply …"), this))
    , m_discard(new QPushButton(tr("&Discard"), this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_message(new MessageBar(this))
    , m_editor(new XmlEditor(this))
{
    m_title->setObjectName(u"definitionTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    QFont bold = font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_note->setObjectName(u"definitionNote"_s);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_applyButton->setObjectName(u"definitionApply"_s);
    m_applyButton->setAccessibleName(tr("Apply"));
    m_applyButton->setToolTip(tr("Shows what would change before anything does"));
    m_discard->setObjectName(u"definitionDiscard"_s);
    m_discard->setToolTip(tr("Goes back to what the host has"));
    m_copy->setObjectName(u"definitionCopy"_s);
    m_copy->setToolTip(tr("Copies the whole definition to the clipboard"));
    m_editor->editor()->setAccessibleName(tr("XML"));

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 0);
    bar->addWidget(m_title, 1);
    bar->addWidget(m_copy);
    bar->addWidget(m_discard);
    bar->addWidget(m_applyButton);
    auto *below = new QVBoxLayout;
    below->setContentsMargins(8, 0, 8, 0);
    below->addWidget(m_note);
    below->addWidget(m_message);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    layout->addLayout(below);
    layout->addWidget(m_editor, 1);
    setFocusProxy(m_editor);

    m_delay->setSingleShot(true);
    m_delay->setInterval(std::chrono::milliseconds(60));
    connect(m_delay, &QTimer::timeout, this, &DefinitionPane::read);
    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_editor->xml()); });
    connect(m_applyButton, &QPushButton::clicked, this, &DefinitionPane::apply);
    connect(m_discard, &QPushButton::clicked, this, &DefinitionPane::discard);
    connect(m_editor, &XmlEditor::modifiedChanged, this, &DefinitionPane::updateState);
    connect(m_apply, &ObjectApply::busyChanged, this, &DefinitionPane::updateState);
    connect(m_apply, &ObjectApply::applied, this, &DefinitionPane::finish);
    connect(m_apply, &ObjectApply::merged, this, [this](const QString &base, const QString &wanted) {
        if (isShown(*m_apply)) {
            m_base = base;
            m_stored = base;
            m_editor->replaceXml(wanted);
        } else {
            m_drafts.insert({m_apply->host(), m_apply->key()}, {base, wanted});
        }
    });
    connect(m_apply, &ObjectApply::refused, this, [this](const QString &why, const QString &hint) {
        m_message->showMessage(MessageBar::Kind::Error, why, hint);
        updateState();
    });
    updateState();
}

virt::Host *DefinitionPane::host() const
{
    return m_host.isNull() ? nullptr : m_context.hosts.host(m_host);
}

DefinitionPane::Place DefinitionPane::place() const
{
    return {m_host, m_object ? m_object->key : virt::DefinitionKey()};
}

bool DefinitionPane::isShown(const ObjectApply &what) const
{
    return m_object && place() == Place(what.host(), what.key());
}

void DefinitionPane::keepDraft()
{
    if (m_object && m_known && m_editor->isModified() && !m_editor->isReadOnly()) {
        m_drafts.insert(place(), {m_base, m_editor->xml()});
    }
}

void DefinitionPane::clear()
{
    keepDraft();
    m_delay->stop();
    ++m_generation;
    m_object.reset();
    m_known = false;
    m_editor->setXml({});
    m_message->clear();
    updateState();
}

void DefinitionPane::setObject(const virt::HostId &host, const DefinitionEntry &object)
{
    if (host == m_host && m_object && m_object->key == object.key) {
        m_object = object;
        updateState();
        return;
    }
    clear();
    m_host = host;
    m_object = object;
    m_editor->setKind(virt::definitions::documentKind(object.key.kind));
    m_editor->setReadOnly(true); // until it is there
    updateState();
    m_delay->start();
}

void DefinitionPane::refresh()
{
    if (m_object && !m_delay->isActive()) {
        read();
    }
}

void DefinitionPane::read()
{
    virt::Host *from = host();
    if (!m_object || !from || !from->isConnected() || m_apply->isBusy()) {
        return;
    }
    const auto answered = [this](const Result<QString> &answer) {
        if (answer) {
            show(*answer);
        } else {
            m_message->showMessage(MessageBar::Kind::Error, answer.error().message, answer.error().hint);
        }
        updateState();
    };
    from->ask<QString>(
        this, [key = m_object->key](virt::Connection &connection) { return virt::definitions::xml(connection, key); },
        [this, answered, generation = ++m_generation](const Result<QString> &answer) {
            if (generation == m_generation) {
                answered(answer);
            }
        });
}

/** What the host has. An edit goes on, from where it began. */
void DefinitionPane::show(const QString &stored)
{
    if (m_message->kind() == MessageBar::Kind::Error) {
        m_message->clear();
    }
    const bool first = !m_known;
    const bool other = stored != m_stored;
    m_known = true;
    m_stored = stored;
    m_editor->setReadOnly(!isEditable());
    if (first) {
        const auto draft = m_drafts.constFind(place());
        const bool edited = draft != m_drafts.cend();
        m_base = edited ? draft->base : stored;
        m_editor->setXml(m_base);
        if (edited) {
            m_editor->replaceXml(draft->wanted);
            m_drafts.remove(place());
        }
    } else if (other && !m_editor->isModified()) {
        m_base = stored;
        m_editor->setXml(stored);
    }
    if (m_editor->isModified() && m_base != stored) {
        m_message->showMessage(MessageBar::Kind::Warning,
            tr("Somebody else has changed it since this edit began. Nothing is overwritten: Apply puts both "
               "together."));
    }
}

void DefinitionPane::apply()
{
    if (!m_applyButton->isEnabled()) {
        return;
    }
    m_message->clear();
    m_apply->apply(m_host, m_object->key, {m_base, m_editor->xml()});
}

void DefinitionPane::discard()
{
    m_message->clear();
    m_base = m_stored;
    m_editor->setXml(m_stored);
    updateState();
    m_editor->setFocus();
}

void DefinitionPane::finish(const QString &stored, const QString &note)
{
    if (isShown(*m_apply)) {
        m_stored = stored;
        m_base = stored;
        m_editor->setXml(stored);
        m_message->showMessage(
            MessageBar::Kind::Info, note.isEmpty() ? tr("Stored as it was sent.") : tr("Stored. %1").arg(note));
    } else {
        m_drafts.remove({m_apply->host(), m_apply->key()});
    }
    updateState();
    Q_EMIT applied();
}

bool DefinitionPane::isEditable() const
{
    const virt::Host *on = host();
    return m_object && operation::isEditable(m_object->key.kind) && m_object->persistent && on
        && !on->settings().readOnly && !on->info().readOnly;
}

/** Why it can't be changed, or when a change counts. */
QString DefinitionPane::note() const
{
    if (!m_object) {
        return {};
    }
    const Kind kind = m_object->key.kind;
    if (!operation::isEditable(kind)) {
        return operation::readOnlyReason(kind);
    }
    if (!m_object->persistent) {
        return tr("Read-only: it is gone when it stops, and has no stored definition.");
    }
    if (!isEditable()) {
        return tr("Read-only: so is the connection to the host.");
    }
    if (kind == Kind::NetworkFilter) {
        return tr("Changes take effect at once, also for running VMs.");
    }
    return m_object->state == DefinitionEntry::State::Active
        ? tr("It is active: changes take effect when it is started the next time.")
        : tr("It is not active: changes take effect when it is started.");
}

void DefinitionPane::updateState()
{
    const virt::Host *on = host();
    const bool connected = on && on->isConnected();
    const bool editable = m_known && isEditable();
    const bool edited = editable && m_editor->isModified();
    m_title->setText(m_object ? m_object->name : QString());
    m_title->setToolTip(u"<qt>%1</qt>"_s.arg(m_title->text().toHtmlEscaped()));
    m_note->setText(note());
    m_editor->setReadOnly(!editable || m_apply->isBusy());
    m_editor->setPlaceholderText(
        m_object && !m_known && !connected ? tr("It is read when the host is connected.") : QString());
    m_applyButton->setVisible(m_object && isEditable());
    m_discard->setVisible(m_object && isEditable());
    m_applyButton->setEnabled(edited && connected && !m_apply->isBusy());
    m_discard->setEnabled(edited && !m_apply->isBusy());
    m_copy->setEnabled(m_known);
}

} // namespace vireo::ui
