// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/systemfield.h"

#include <QAbstractItemView>
#include <QCheckBox>
#include <QCompleter>
#include <QKeyEvent>
#include <QStandardItemModel>

#include "ui/createfields.h"
#include "ui/createsystem.h"

namespace vireo::ui {

namespace {

constexpr int IdRole = Qt::UserRole + 1;

} // namespace

SystemField::SystemField(CreateSystem &system, QWidget *parent)
    : QLineEdit(parent)
    , m_system(system)
    , m_endOfLife(new QCheckBox(tr("&End-of-life too"), parent))
    , m_model(new QStandardItemModel(this))
    , m_completer(new QCompleter(m_model, this))
{
    setClearButtonEnabled(true);
    m_endOfLife->setToolTip(tr("Offers also systems that are no longer supported by their makers"));
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion); // the catalog has found and sorted them
    m_completer->setMaxVisibleItems(10);
    // Not setCompleter(): the field would complete by itself, by the beginning of the text.
    m_completer->setWidget(this);
    connect(
        m_completer, qOverload<const QModelIndex &>(&QCompleter::activated), this, [this](const QModelIndex &index) {
            m_typing = false;
            m_system.setChosen(index.data(IdRole).toString());
            refresh();
            selectAll();
        });
    connect(this, &QLineEdit::textEdited, this, &SystemField::offer);
    connect(this, &QLineEdit::textChanged, this, [this](const QString &text) {
        // The button that clears it.
        if (text.isEmpty() && !m_typing && !m_system.chosen().isEmpty()) {
            m_system.setChosen({});
        }
    });
    connect(this, &QLineEdit::editingFinished, this, &SystemField::settle);
    connect(m_endOfLife, &QCheckBox::toggled, &m_system, &CreateSystem::setIncludeEol);
    connect(&m_system, &CreateSystem::changed, this, &SystemField::refresh);
    refresh();
}

void SystemField::keyPressEvent(QKeyEvent *event)
{
    if (m_completer->popup()->isVisible()) {
        // As a rule the popup has taken them; what comes here must not reach the window, which would go on or close.
        const int key = event->key();
        if (key == Qt::Key_Escape || key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_completer->popup()->hide();
            settle();
            return;
        }
    } else if (event->key() == Qt::Key_Down) {
        offer(m_typing ? text() : QString());
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void SystemField::refresh()
{
    createfields::set(m_endOfLife, m_system.includesEol());
    if (m_typing) {
        return;
    }
    const os::Os *chosen =
        m_system.chosen().isEmpty() || !m_system.catalog() ? nullptr : m_system.catalog()->find(m_system.chosen());
    createfields::set(this, chosen ? chosen->name : m_system.chosen());
    const os::Os *found = m_system.recognised();
    setPlaceholderText(found ? found->name : tr("Generic"));
}

void SystemField::offer(const QString &text)
{
    m_typing = !text.trimmed().isEmpty();
    m_model->clear();
    const QList<const os::Os *> found = m_system.search(text.trimmed());
    for (const os::Os *system : found) {
        auto *item = new QStandardItem(system->name);
        item->setData(system->shortId, IdRole);
        item->setToolTip(system->shortId);
        m_model->appendRow(item);
    }
    if (text.trimmed().isEmpty()) {
        m_system.setChosen({});
    }
    if (found.isEmpty()) {
        m_completer->popup()->hide();
    } else {
        m_completer->complete();
    }
}

/** The focus leaves: a name in full is a choice, anything else was none. */
void SystemField::settle()
{
    if (!m_typing || m_completer->popup()->isVisible()) {
        return;
    }
    m_typing = false;
    const QString typed = text().trimmed();
    const QList<const os::Os *> found = m_system.search(typed);
    for (const os::Os *system : found) {
        const bool named = system->name.compare(typed, Qt::CaseInsensitive) == 0
            || system->shortId.compare(typed, Qt::CaseInsensitive) == 0;
        if (named) {
            m_system.setChosen(system->shortId);
            break;
        }
    }
    refresh();
}

} // namespace vireo::ui
