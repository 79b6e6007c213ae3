// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hardwarepage.h"

#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "backend/virt/domains.h"
#include "backend/virt/host.h"
#include "ui/definitionapply.h"
#include "ui/domainwatch.h"
#include "ui/hardwareeditor.h"
#include "ui/messagebar.h"
#include "ui/migrationguard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

// Reading all volumes of a host takes more round trips than a usual question.
constexpr std::chrono::seconds ListDeadline{30};

} // namespace

HardwarePage::HardwarePage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_watch(new DomainWatch(context, this))
    , m_message(new MessageBar(this))
    , m_editor(new HardwareEditor(HardwareEditor::Buttons::Apply, this))
    , m_apply(new DefinitionApply(context, this))
{
    auto *messageRow = new QHBoxLayout;
    messageRow->setContentsMargins(8, 0, 8, 0);
    messageRow->addWidget(m_message);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(messageRow);
    layout->addWidget(m_editor, 1);
    setFocusProxy(m_editor);

    connect(m_watch, &DomainWatch::replaced, this, &HardwarePage::replaced);
    connect(m_watch, &DomainWatch::changed, this, &HardwarePage::invalidate);
    connect(m_watch, &DomainWatch::happened, this, &HardwarePage::invalidate);
    connect(m_watch, &DomainWatch::hostStatusChanged, this, [this] {
        if (m_watch->isFresh() && (m_editor->draft().isEmpty() || !m_error.isEmpty())) {
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
    connect(m_editor, &HardwareEditor::editingBegan, this, &HardwarePage::readNeighbours);
    connect(m_editor, &HardwareEditor::applyRequested, this, &HardwarePage::apply);
    connect(m_editor, &HardwareEditor::edited, this, [this] {
        if (m_behind && !m_editor->draft().isEdited()) {
            m_behind = false;
            invalidate(); // what was kept back can be shown now
        }
    });
    connectApply();
    addEffects();
}

void HardwarePage::connectApply()
{
    const auto note = [this](const QString &text, const QString &hint, bool error) {
        m_note = text;
        m_noteHint = hint;
        m_noteIsError = error;
        updateState();
    };
    connect(m_apply, &DefinitionApply::applied, this, [this, note](const QString &stored, const QString &text) {
        m_behind = false;
        (void)m_editor->draft().setBase(stored);
        note(text.isEmpty() ? QString() : tr("Applied."), text, false);
        invalidate();
    });
    connect(m_apply, &DefinitionApply::merged, this, [this](const QString &base, const QString &wanted) {
        m_behind = false;
        (void)m_editor->draft().setEdit(base, wanted);
    });
    connect(m_apply, &DefinitionApply::refused, this,
        [note](const QString &why, const QString &hint) { note(why, hint, true); });
    connect(m_apply, &DefinitionApply::progress, this, [this](const QString &text) {
        m_progress = text;
        updateState();
    });
    migrationguard::watch(m_context, this, [this] { return m_watch->key(); }, [this] { updateState(); });
    connect(m_apply, &DefinitionApply::busyChanged, this, [this](bool busy) {
        m_progress.clear();
        updateState();
        if (!busy && m_wanted) {
            invalidate();
        }
    });
}

/** What the bottom line says: by the same rules as the plan. */
void HardwarePage::addEffects()
{
    m_editor->setEffects([this](const operation::DefinitionEdit &edit) {
        operation::EditFacts facts;
        facts.domain = m_watch->record();
        facts.stored = facts.domain.persistent ? edit.base : QString();
        facts.running = facts.domain.isActive() ? m_definitions.running : QString();
        return operation::effectsOf(facts, edit);
    });
}

void HardwarePage::setDomain(const virt::DomainKey &key)
{
    if (key == m_shown) {
        return;
    }
    if (m_editor->draft().isEdited()) {
        m_kept.insert(m_shown, {m_editor->draft().base(), m_editor->draft().wanted()});
    }
    m_shown = key;
    m_watch->setDomain(key);
}

void HardwarePage::replaced()
{
    m_definitions = {};
    m_host = {};
    m_hostKnown = false;
    m_neighboursKnown = false;
    ++m_hostGeneration;
    m_behind = false;
    m_note.clear();
    m_error.clear();
    m_editor->setHost(m_host);
    m_editor->draft().clear();
    if (const auto kept = m_kept.constFind(m_watch->key()); kept != m_kept.constEnd()) {
        (void)m_editor->draft().setEdit(kept->base, kept->wanted);
        m_kept.erase(kept);
    }
    invalidate();
}

bool HardwarePage::hasEdits() const
{
    return m_editor->draft().isEdited() || !m_kept.isEmpty();
}

void HardwarePage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_wanted) {
        read();
    }
}

void HardwarePage::invalidate()
{
    ++m_generation;
    m_wanted = true;
    if (isVisible() && !m_apply->isBusy()) {
        read();
    } else {
        updateState();
    }
}

void HardwarePage::read()
{
    updateState();
    virt::Host *host = m_watch->host();
    if (!m_watch->isFresh() || !host) {
        return; // asked again when the host is back
    }
    m_wanted = false;
    const virt::DomainRecord record = m_watch->record();
    host->ask<Definitions>(
        this,
        [domain = m_watch->key().domain, active = record.isActive(), persistent = record.persistent](
            virt::Connection &connection) -> Result<Definitions> {
            using virt::domains::XmlKind;
            Definitions definitions;
            if (persistent) {
                auto stored = virt::domains::xml(connection, domain, XmlKind::Inactive);
                if (!stored) {
                    return fail(stored.error());
                }
                definitions.stored = *stored;
            }
            if (active || !persistent) {
                auto running = virt::domains::xml(connection, domain, XmlKind::Live);
                if (!running) {
                    return fail(running.error());
                }
                definitions.running = *running;
            }
            return definitions;
        },
        [this, generation = ++m_generation](const Result<Definitions> &answer) {
            if (generation != m_generation) {
                return;
            }
            m_error = answer ? QString() : answer.error().message;
            m_hint = answer ? QString() : answer.error().hint;
            if (answer) {
                take(*answer);
            }
            updateState();
        });
    if (!m_hostKnown) {
        readHost();
    }
}

void HardwarePage::take(const Definitions &definitions)
{
    m_definitions = definitions;
    model::HardwareDraft &draft = m_editor->draft();
    draft.setRunning(m_watch->record().isActive());
    const QString &now = definitions.stored.isEmpty() ? definitions.running : definitions.stored;
    if (draft.isEdited()) {
        m_behind = now != draft.base();
        return;
    }
    m_behind = false;
    if (now != draft.base()) {
        if (const Result<> taken = draft.setBase(now); !taken) {
            m_error = taken.error().message;
        }
    }
}

void HardwarePage::readHost()
{
    virt::Host *host = m_watch->host();
    m_hostKnown = true;
    host->ask<xml::devices::HostFacts>(
        this,
        [domain = m_watch->key().domain](virt::Connection &connection) -> Result<xml::devices::HostFacts> {
            const auto definition = virt::domains::xml(connection, domain, virt::domains::XmlKind::Live);
            return operation::readHostFacts(connection, definition.value_or(QString()));
        },
        [this, generation = ++m_hostGeneration](Result<xml::devices::HostFacts> facts) {
            if (generation != m_hostGeneration) {
                return;
            }
            m_hostKnown = facts.has_value(); // else with the next look
            if (facts) {
                facts->diskUsers = m_host.diskUsers;
                facts->takenMacs = m_host.takenMacs;
                m_host = std::move(*facts);
                m_editor->setHost(m_host);
            }
        },
        ListDeadline);
}

void HardwarePage::readNeighbours()
{
    virt::Host *host = m_watch->host();
    if (m_neighboursKnown || !host || !host->isConnected()) {
        return;
    }
    m_neighboursKnown = true;
    const virt::DomainKey key = m_watch->key();
    host->ask<operation::Neighbours>(
        this,
        [domain = key.domain](virt::Connection &connection) { return operation::readNeighbours(connection, domain); },
        [this, key](const Result<operation::Neighbours> &neighbours) {
            if (!(key == m_watch->key())) {
                return;
            }
            m_neighboursKnown = neighbours.has_value();
            if (neighbours) {
                m_host.diskUsers = neighbours->diskUsers;
                m_host.takenMacs = neighbours->macs;
                m_editor->setHost(m_host);
            }
        },
        ListDeadline);
}

void HardwarePage::apply()
{
    m_note.clear();
    updateState();
    m_apply->apply(m_watch->key(), m_editor->edit());
}

void HardwarePage::updateState()
{
    const QString stale = m_watch->staleSentence();
    m_editor->setEnabled(!m_editor->draft().isEmpty());
    const virt::Host *host = m_watch->host();
    const bool readOnly = host && host->info().readOnly;
    const QString migrates = migrationguard::refusal(m_context, m_watch->key());
    m_editor->setLocked(m_apply->isBusy() || !m_watch->isFresh() || readOnly || !migrates.isEmpty());
    if (m_progress.isEmpty() && m_message->hasButtons()) {
        m_message->clear(); // its Cancel
    }
    if (!stale.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, stale, m_watch->staleHint());
    } else if (!migrates.isEmpty() && m_progress.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Info, migrates);
    } else if (!m_progress.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Info, m_progress);
        if (!m_message->hasButtons()) {
            connect(m_message->addButton(tr("Cancel")), &QPushButton::clicked, m_apply, &DefinitionApply::cancelJob);
        }
    } else if (!m_error.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, m_error, m_hint);
    } else if (m_behind) {
        m_message->showMessage(MessageBar::Kind::Warning, tr("Somebody else has changed this VM meanwhile."),
            tr("What you changed is kept. Apply merges the two; Discard shows what it is now."));
    } else if (!m_note.isEmpty()) {
        m_message->showMessage(m_noteIsError ? MessageBar::Kind::Error : MessageBar::Kind::Info, m_note, m_noteHint);
    } else {
        m_message->clear();
    }
}

} // namespace vireo::ui
