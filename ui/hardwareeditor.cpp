// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hardwareeditor.h"

#include <algorithm>

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTabWidget>
#include <QTimer>
#include <QToolButton>

#include "ui/addhardwaredialog.h"
#include "ui/deviceform.h"
#include "ui/hardwarelist.h"
#include "ui/messagebar.h"
#include "ui/planicons.h"
#include "ui/showtab.h"
#include "ui/xmleditor.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::HardwareDraft;
using operation::EditEffect;
using State = HardwareDraft::State;

namespace {

constexpr int PauseMs = 200;
constexpr int ListWidth = 250;

QString counted(int changes)
{
    return changes == 1 ? HardwareEditor::tr("1 change") : HardwareEditor::tr("%n changes", nullptr, changes);
}

QLabel *makeText(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

} // namespace

HardwareEditor::HardwareEditor(Buttons buttons, QWidget *parent)
    : QWidget(parent)
    , m_draft(new HardwareDraft(this))
    , m_list(new HardwareList(*m_draft, this))
    , m_add(new QPushButton(tr("Add &Hardware…"), this))
    , m_remove(new QPushButton(tr("Remo&ve"), this))
    , m_title(makeText(this))
    , m_state(makeText(this))
    , m_revert(new QPushButton(tr("&Revert"), this))
    , m_message(new MessageBar(this))
    , m_tabs(new QTabWidget(this))
    , m_forms(new QStackedWidget(this))
    , m_formTab(m_forms)
    , m_xmlTab(new QWidget(this))
    , m_xml(new XmlEditor(m_xmlTab))
    , m_xmlProblem(makeText(m_xmlTab))
    , m_summary(makeText(this))
    , m_details(new QToolButton(this))
    , m_effectsList(makeText(this))
    , m_undo(new QToolButton(this))
    , m_redo(new QToolButton(this))
    , m_discard(new QPushButton(tr("D&iscard"), this))
    , m_apply(new QPushButton(tr("A&pply…"), this))
    , m_pause(new QTimer(this))
{
    auto *splitter = new QSplitter(this);
    auto *left = new QWidget(splitter);
    auto *right = new QWidget(splitter);
    auto *bottom = new QWidget(this);
    makeLeft(left);
    makeRight(right);
    makeBottom(bottom);
    splitter->addWidget(left);
    splitter->addWidget(right);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({ListWidth, 2 * ListWidth});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter, 1);
    layout->addWidget(bottom);
    const bool apply = buttons == Buttons::Apply;
    m_apply->setVisible(apply);
    m_discard->setVisible(apply);
    setFocusProxy(m_list);

    m_pause->setSingleShot(true);
    m_pause->setInterval(PauseMs);
    connect(m_pause, &QTimer::timeout, this, &HardwareEditor::showEffects);
    connect(m_draft, &HardwareDraft::changed, this, &HardwareEditor::refresh);
    connect(m_list, &HardwareList::currentIdChanged, this, &HardwareEditor::refreshPage);
    connect(m_add, &QPushButton::clicked, this, &HardwareEditor::addHardware);
    connect(m_remove, &QPushButton::clicked, this, &HardwareEditor::removeCurrent);
    connect(m_revert, &QPushButton::clicked, this, [this] {
        m_broken.remove(currentId());
        m_shownXml = -1;
        m_draft->revert(currentId());
        refreshPage();
    });
    connect(m_discard, &QPushButton::clicked, this, [this] {
        m_broken.clear();
        m_shownXml = -1;
        m_draft->discard();
        refresh();
    });
    connect(m_apply, &QPushButton::clicked, this, &HardwareEditor::applyRequested);
    connect(m_undo, &QToolButton::clicked, m_draft, &HardwareDraft::undo);
    connect(m_redo, &QToolButton::clicked, m_draft, &HardwareDraft::redo);
    connect(m_details, &QToolButton::toggled, m_effectsList, &QWidget::setVisible);
    connect(m_xml, &XmlEditor::edited, this, &HardwareEditor::takeXml);
    auto *removeKey = new QShortcut(QKeySequence::Delete, m_list);
    removeKey->setContext(Qt::WidgetShortcut);
    connect(removeKey, &QShortcut::activated, this, &HardwareEditor::removeCurrent);
    refresh();
}

HardwareEditor::~HardwareEditor() = default;

void HardwareEditor::makeLeft(QWidget *left)
{
    m_list->setMinimumWidth(ListWidth * 3 / 4);
    m_remove->setToolTip(tr("Marks the device as removed; it goes when the changes are applied"));
    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {m_add, m_remove}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    auto *layout = new QVBoxLayout(left);
    layout->setContentsMargins(8, 8, 0, 0);
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons);
}

void HardwareEditor::makeRight(QWidget *right)
{
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setWordWrap(false);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_revert->setAutoDefault(false);
    m_revert->setToolTip(tr("Takes back what was changed of this one"));
    auto *head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addWidget(m_state, 1);
    head->addWidget(m_revert);

    auto *xmlLayout = new QVBoxLayout(m_xmlTab);
    xmlLayout->setContentsMargins(0, 0, 0, 0);
    xmlLayout->addWidget(m_xml, 1);
    xmlLayout->addWidget(m_xmlProblem);
    m_xml->setKind(xml::DocumentKind::Domain);
    m_xml->setFragment({u"domain"_s, u"devices"_s});
    m_xmlProblem->hide();
    m_tabs->addTab(m_formTab, tr("Detai&ls"));
    m_tabs->addTab(m_xmlTab, tr("&XML"));
    m_tabs->setDocumentMode(true);
    m_tabs->setObjectName(u"deviceTabs"_s);

    auto *layout = new QVBoxLayout(right);
    layout->setContentsMargins(8, 8, 8, 0);
    layout->addLayout(head);
    layout->addWidget(m_message);
    layout->addWidget(m_tabs, 1);
}

void HardwareEditor::makeBottom(QWidget *bottom)
{
    m_summary->setObjectName(u"hardwareSummary"_s);
    m_summary->setAccessibleName(tr("Changes"));
    m_details->setText(tr("When"));
    m_details->setToolTip(tr("Which change takes effect when, and why not at once"));
    m_details->setCheckable(true);
    m_details->setAutoRaise(true);
    m_details->setFocusPolicy(Qt::StrongFocus);
    m_effectsList->setObjectName(u"hardwareEffects"_s);
    m_effectsList->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_effectsList->hide();
    m_undo->setText(tr("Undo"));
    m_undo->setShortcut(QKeySequence::Undo);
    m_undo->setToolTip(tr("Takes the last change back (%1)").arg(QKeySequence(QKeySequence::Undo).toString()));
    m_redo->setText(tr("Redo"));
    m_redo->setShortcut(QKeySequence::Redo);
    m_redo->setToolTip(tr("Makes it again (%1)").arg(QKeySequence(QKeySequence::Redo).toString()));
    m_apply->setObjectName(u"hardwareApply"_s);
    m_discard->setObjectName(u"hardwareDiscard"_s);
    auto *row = new QHBoxLayout;
    for (QToolButton *button : {m_undo, m_redo}) {
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        row->addWidget(button);
    }
    row->addWidget(m_summary, 1);
    row->addWidget(m_details);
    for (QPushButton *button : {m_discard, m_apply}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    auto *layout = new QVBoxLayout(bottom);
    layout->setContentsMargins(8, 4, 8, 8);
    layout->addWidget(m_effectsList);
    layout->addLayout(row);
}

void HardwareEditor::setEffects(Effects effects)
{
    m_effects = std::move(effects);
    m_pause->start();
}

void HardwareEditor::setHost(const xml::devices::HostFacts &host)
{
    m_xml->setVocabulary(host.vocabulary);
    m_draft->setHost(host);
}

void HardwareEditor::setLocked(bool locked)
{
    if (locked != m_locked) {
        m_locked = locked;
        refresh();
    }
}

operation::DefinitionEdit HardwareEditor::edit() const
{
    operation::DefinitionEdit edit;
    edit.base = m_draft->base();
    edit.wanted = m_draft->wanted();
    return edit;
}

QString HardwareEditor::reason() const
{
    if (!m_broken.isEmpty()) {
        const HardwareDraft::Entry *entry = m_draft->entry(m_broken.constBegin().key());
        return tr("The XML of %1 is not finished.").arg(entry ? entry->title : tr("a device"));
    }
    return m_draft->problems().value(0);
}

int HardwareEditor::currentId() const
{
    return m_list->currentId();
}

void HardwareEditor::setCurrentId(int id)
{
    m_list->setCurrentId(id);
}

DeviceForm *HardwareEditor::form(const QString &kind)
{
    const xml::devices::DeviceKind *known = xml::devices::findKind(kind);
    if (!known || known->fields.isEmpty()) {
        return nullptr;
    }
    DeviceForm *&form = m_pages[kind];
    if (!form) {
        form = new DeviceForm(*m_draft, *known, m_forms);
        m_forms->addWidget(form);
    }
    return form;
}

void HardwareEditor::addHardware()
{
    Q_EMIT editingBegan();
    auto *dialog = new AddHardwareDialog(*m_draft, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &AddHardwareDialog::added, this, [this](const QString &definition) {
        const int devices = static_cast<int>(m_draft->entries().size());
        if (!m_draft->take(definition) || m_draft->entries().size() == devices) {
            return;
        }
        // The newest is the one that was asked for; what it needs came with it.
        int newest = -1;
        for (const HardwareDraft::Entry &entry : m_draft->entries()) {
            const bool minor = entry.kind->id == "controller"_L1;
            newest = entry.state == State::Added && (!minor || newest < 0) ? std::max(newest, entry.id) : newest;
        }
        setCurrentId(newest);
    });
    dialog->open();
}

void HardwareEditor::removeCurrent()
{
    const HardwareDraft::Entry *entry = m_draft->entry(currentId());
    if (m_locked || !entry || !entry->kind->parts.isEmpty() || entry->state == State::Removed) {
        return;
    }
    m_broken.remove(entry->id);
    m_draft->remove(entry->id);
}

void HardwareEditor::refresh()
{
    m_broken.removeIf([this](QHash<int, QString>::iterator each) { return !m_draft->entry(each.key()); });
    m_list->refresh();
    refreshPage();
    refreshBottom();
    if (m_draft->isEdited() && !m_wasEdited) {
        Q_EMIT editingBegan();
    }
    m_wasEdited = m_draft->isEdited();
    m_pause->start();
    Q_EMIT edited();
}

void HardwareEditor::refreshPage()
{
    const HardwareDraft::Entry *entry = m_draft->entry(currentId());
    m_add->setEnabled(!m_locked && !m_draft->isEmpty());
    m_remove->setEnabled(!m_locked && entry && entry->kind->parts.isEmpty() && entry->state != State::Removed);
    m_tabs->setVisible(entry);
    m_tabs->setEnabled(!m_locked);
    m_revert->setVisible(entry && entry->state != State::Unchanged);
    m_revert->setEnabled(!m_locked);
    m_title->setText(entry ? entry->title : QString());
    if (!entry) {
        m_state->clear();
        m_message->clear();
        return;
    }
    QString state;
    switch (entry->state) {
    case State::Changed:
        state = tr("changed");
        break;
    case State::Added:
        state = tr("new");
        break;
    case State::Removed:
        state = tr("will be removed");
        break;
    case State::Unchanged:
        break;
    }
    m_state->setText(state);
    m_revert->setText(entry->state == State::Removed ? tr("&Keep")
            : entry->state == State::Added           ? tr("Don't &add")
                                                     : tr("&Revert"));
    if (entry->problems.isEmpty()) {
        m_message->clear();
    } else {
        m_message->showMessage(MessageBar::Kind::Error, entry->problems.join(u'\n'));
    }
    DeviceForm *page = form(entry->kind->id);
    if (page) {
        m_forms->setCurrentWidget(page);
        page->show(entry->id);
    }
    m_tabs->tabBar()->setVisible(page && entry->kind->parts.isEmpty()); // one alone needs no tab
    showTab(m_tabs, 0, page);
    showTab(m_tabs, 1, entry->kind->parts.isEmpty());
    if (!page) {
        m_tabs->setCurrentIndex(1);
    } else if (!entry->kind->parts.isEmpty()) {
        m_tabs->setCurrentIndex(0);
    }
    refreshXml();
}

void HardwareEditor::refreshXml()
{
    const HardwareDraft::Entry *entry = m_draft->entry(currentId());
    if (!entry || !entry->kind->parts.isEmpty() || m_takingXml) {
        return;
    }
    const bool broken = m_broken.contains(entry->id);
    const QString xml = broken ? m_broken.value(entry->id) : m_draft->xmlOf(*entry);
    if (m_shownXml != entry->id || m_xml->xml() != xml) {
        m_xml->setXml(xml);
        m_shownXml = entry->id;
    }
    m_xml->setReadOnly(m_locked || entry->state == State::Removed);
    m_xmlProblem->setVisible(broken);
}

/** What is an element of that kind becomes part of the draft; what is none yet waits. */
void HardwareEditor::takeXml()
{
    const int id = m_shownXml;
    const QString xml = m_xml->xml();
    m_takingXml = true;
    const Result<> taken = m_draft->replaceXml(id, xml);
    m_takingXml = false;
    if (taken) {
        m_broken.remove(id);
    } else {
        m_broken.insert(id, xml);
        m_xmlProblem->setText(tr("Not taken over yet. %1").arg(taken.error().message));
        QPalette colored = palette();
        colored.setColor(QPalette::WindowText, planicons::problemColor(palette()));
        m_xmlProblem->setPalette(colored);
    }
    m_xmlProblem->setVisible(!taken);
    refreshBottom();
    Q_EMIT edited();
}

void HardwareEditor::refreshBottom()
{
    const QString why = reason();
    const bool changed = m_draft->isEdited() || !m_broken.isEmpty();
    m_undo->setEnabled(!m_locked && m_draft->canUndo());
    m_redo->setEnabled(!m_locked && m_draft->canRedo());
    m_discard->setEnabled(!m_locked && changed);
    m_apply->setEnabled(!m_locked && m_draft->isEdited() && why.isEmpty());
    m_apply->setToolTip(why);
    m_details->setVisible(m_effects && m_draft->isEdited());
    if (!m_draft->isEdited()) {
        m_effectsList->clear();
        m_details->setChecked(false);
    }
    if (!why.isEmpty()) {
        m_summary->setText(why);
    } else if (!m_draft->isEdited()) {
        m_summary->setText(m_draft->isEmpty() ? QString() : tr("No changes"));
    } else if (!m_effects || m_summary->text().isEmpty() || m_effectsList->text().isEmpty()) {
        m_summary->setText(counted(std::max(1, m_draft->changeCount())));
    }
}

void HardwareEditor::showEffects()
{
    if (!m_effects || !m_draft->isEdited()) {
        return;
    }
    const QList<EditEffect> effects = m_effects(edit());
    const auto count = [&effects](EditEffect::When when) {
        return static_cast<int>(std::ranges::count(effects, when, &EditEffect::when));
    };
    const int now = count(EditEffect::When::Now);
    const int later = count(EditEffect::When::NextBoot);
    const int never = count(EditEffect::When::Never);
    QStringList parts;
    if (now > 0 && !m_draft->isRunning()) {
        parts.append(tr("%n for the next start", "changes", now));
    } else if (now > 0) {
        parts.append(now == 1 ? tr("1 applies now", "change") : tr("%n apply now", "changes", now));
    }
    if (later > 0) {
        parts.append(tr("%n at next boot", "changes", later));
    }
    if (never > 0) {
        parts.append(tr("%n can't be made", "changes", never));
    }
    QStringList lines;
    for (const EditEffect &effect : effects) {
        const QString when = effect.when == EditEffect::When::Now
            ? (m_draft->isRunning() ? tr("now") : tr("at the next start"))
            : effect.when == EditEffect::When::NextBoot ? tr("at next boot")
                                                        : tr("can't be made");
        QString line = tr("%1: %2", "change: when").arg(effect.text, when);
        if (!effect.reason.isEmpty()) {
            line = tr("%1 (%2)", "change and when, why").arg(line, effect.reason);
        }
        lines.append(u"• "_s + line);
    }
    m_effectsList->setText(lines.join(u'\n'));
    if (reason().isEmpty()) {
        const QString all = counted(static_cast<int>(effects.size()));
        m_summary->setText(parts.isEmpty() ? all : tr("%1: %2", "3 changes: when").arg(all, parts.join(u", "_s)));
    }
    m_summary->setToolTip(m_effectsList->text().toHtmlEscaped());
}

void HardwareEditor::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        refreshXml();
    }
}

} // namespace vireo::ui
