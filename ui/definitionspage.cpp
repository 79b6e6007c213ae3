// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/definitionspage.h"

#include <chrono>

#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QTreeView>
#include <QVBoxLayout>

#include "backend/virt/hosts.h"
#include "model/format.h"
#include "ui/definitionpane.h"
#include "ui/emptystate.h"
#include "ui/messagebar.h"
#include "ui/stateicons.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

using model::DefinitionGroup;
using model::DefinitionTreeModel;
using virt::DefinitionEntry;
using virt::HostState;
using Kind = virt::DefinitionKey::Kind;

namespace {

/** What belongs below a row. */
QString explanation(Kind kind)
{
    switch (kind) {
    case Kind::DomainCapabilities:
        return DefinitionsPage::tr("What VMs of each architecture and type can have on this host.");
    case Kind::Pool:
        return DefinitionsPage::tr("Where the disks of VMs lie. Each can be edited; its volumes are shown.");
    case Kind::Network:
        return DefinitionsPage::tr("Virtual networks that VMs are connected to. Each can be edited.");
    case Kind::NetworkFilter:
        return DefinitionsPage::tr("Rules for what the network cards of VMs may send and receive. Each can be edited.");
    case Kind::NodeDevice:
        return DefinitionsPage::tr("The hardware of the host, as far as VMs can get some of it.");
    case Kind::SnapshotDomain:
    case Kind::Snapshot:
        return DefinitionsPage::tr("VMs that have snapshots, and how they were then.");
    case Kind::Secret:
        return DefinitionsPage::tr("What passwords and keys are for. Their values are never read.");
    case Kind::Capabilities:
    case Kind::Volume:
        break;
    }
    return {};
}

/** Names a row across filters and refreshes. */
QString rowName(const QModelIndex &index)
{
    QString name = index.data().toString();
    for (QModelIndex above = index.parent(); above.isValid(); above = above.parent()) {
        name.prepend(above.data().toString() + u'\n');
    }
    return name;
}

} // namespace

DefinitionsPage::DefinitionsPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_splitter(new QSplitter(Qt::Horizontal, this))
    , m_message(new MessageBar(this))
    , m_field(new QLineEdit(this))
    , m_filterDelay(new QTimer(this))
    , m_tree(new QTreeView(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(Glyph::Details, {}, {}, this))
    , m_offline(new EmptyState(Glyph::HostDisconnected, tr("Not connected"),
          tr("The definitions of a host are read from it when it is connected."), this))
    , m_pane(new DefinitionPane(context, this))
    , m_content(new QWidget(this))
{
    buildTree();
    auto *left = new QWidget(this);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(8, 6, 0, 0);
    leftLayout->addWidget(m_field);
    leftLayout->addWidget(m_tree, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_pane);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_stack);
    m_splitter->setStretchFactor(1, 1);
    left->setMinimumWidth(fontMetrics().averageCharWidth() * 20);
    auto *contentLayout = new QVBoxLayout(m_content);
    contentLayout->setContentsMargins(0, 0, 0, 0);
    contentLayout->addWidget(m_splitter);
    auto *messageRow = new QVBoxLayout;
    messageRow->setContentsMargins(8, 6, 8, 0);
    messageRow->addWidget(m_message);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(messageRow);
    layout->addWidget(m_content, 1);
    layout->addWidget(m_offline, 1);
    setFocusProxy(m_tree);

    m_empty->setObjectName(u"definitionKind"_s);
    m_offline->setObjectName(u"definitionOffline"_s);
    m_offline->hide();
    connect(m_offline->setButton(tr("&Connect")), &QPushButton::clicked, this, &DefinitionsPage::connectRequested);
    connect(&m_model, &DefinitionTreeModel::wanted, this, &DefinitionsPage::read);
    connect(m_pane, &DefinitionPane::applied, this, &DefinitionsPage::refresh);
    auto *clock = new QTimer(this);
    connect(clock, &QTimer::timeout, this, [this] {
        const virt::Host *host = current();
        if (isVisible() && host && !host->isConnected()) {
            showStatus(); // "last seen" grows
        }
    });
    clock->start(std::chrono::seconds(1));
}

void DefinitionsPage::buildTree()
{
    m_filter.setSourceModel(&m_model);
    m_filter.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filter.setRecursiveFilteringEnabled(true);
    m_filter.setAutoAcceptChildRows(true);
    m_field->setObjectName(u"definitionFilter"_s);
    m_field->setAccessibleName(tr("Filter definitions"));
    m_field->setPlaceholderText(tr("Filter by name"));
    m_field->setToolTip(tr("Looks at what is listed: open a pool or a VM to list what is below it"));
    m_field->setClearButtonEnabled(true);
    m_field->addAction(glyphIcon(Glyph::Search), QLineEdit::LeadingPosition);
    m_field->installEventFilter(this);
    m_tree->setObjectName(u"definitionTree"_s);
    m_tree->setAccessibleName(tr("Definitions"));
    m_tree->setModel(&m_filter);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(DefinitionTreeModel::NameColumn, QHeaderView::Stretch);
    m_tree->header()->setSectionResizeMode(DefinitionTreeModel::StateColumn, QHeaderView::Fixed);
    m_tree->header()->resizeSection(
        DefinitionTreeModel::StateColumn, fontMetrics().horizontalAdvance(tr("not supported")) + 12);
    m_tree->setTextElideMode(Qt::ElideMiddle);
    m_tree->setIndentation(fontMetrics().averageCharWidth() * 2);
    m_tree->installEventFilter(this);
    m_filterDelay->setSingleShot(true);
    m_filterDelay->setInterval(std::chrono::milliseconds(120));
    connect(m_field, &QLineEdit::textChanged, m_filterDelay, qOverload<>(&QTimer::start));
    connect(m_filterDelay, &QTimer::timeout, this, [this] { setFilter(m_field->text()); });
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &DefinitionsPage::choose);
}

virt::Host *DefinitionsPage::current() const
{
    return m_id.isNull() ? nullptr : m_context.hosts.host(m_id);
}

void DefinitionsPage::setHost(const virt::HostId &id)
{
    disconnect(m_statusConnection);
    disconnect(m_infoConnection);
    ++m_generation;
    m_chosen.reset();
    m_pane->clear();
    {
        const QScopedValueRollback changing(m_changing, true);
        m_model.clear();
        m_tree->collapseAll();
        m_tree->setCurrentIndex({});
    }
    m_id = id;
    if (virt::Host *host = current()) {
        m_statusConnection = connect(host, &virt::Host::statusChanged, this, [this] {
            const virt::Host *on = current();
            m_wanted = m_wanted || (on && on->isConnected());
            showStatus();
            readAll();
        });
        m_infoConnection = connect(host, &virt::Host::infoChanged, this, &DefinitionsPage::refresh);
    }
    showChosen();
    refresh();
}

void DefinitionsPage::refresh()
{
    m_wanted = true;
    showStatus();
    readAll();
}

void DefinitionsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_sized) { // only now it knows how wide it is
        m_splitter->setSizes({fontMetrics().averageCharWidth() * 48, width() - fontMetrics().averageCharWidth() * 48});
        m_sized = true;
    }
    refresh(); // what others did meanwhile
}

void DefinitionsPage::readAll()
{
    const virt::Host *host = current();
    if (!m_wanted || !host || !host->isConnected() || !isVisible()) {
        return;
    }
    m_wanted = false;
    const QList<DefinitionGroup> groups = m_model.groups();
    for (const DefinitionGroup &group : groups) {
        read(group);
    }
    m_pane->refresh();
}

void DefinitionsPage::read(const DefinitionGroup &group)
{
    virt::Host *host = current();
    if (!host) {
        return;
    }
    using Entries = QList<DefinitionEntry>;
    host->ask<Entries>(
        this,
        [group](virt::Connection &connection) { return virt::definitions::list(connection, group.kind, group.owner); },
        [this, group, generation = m_generation](const Result<Entries> &entries) {
            if (generation == m_generation) {
                take(group, entries);
            }
        });
}

void DefinitionsPage::take(const DefinitionGroup &group, const Result<QList<DefinitionEntry>> &entries)
{
    {
        const QScopedValueRollback changing(m_changing, true);
        m_model.setEntries(group, entries);
    }
    restoreChosen();
    if (!m_chosen) {
        showChosen(); // what is said of the row of a kind
    }
}

/** When its row has gone with the filter or from the host, the tree must not choose another by itself. */
void DefinitionsPage::restoreChosen()
{
    if (!m_chosen) {
        return;
    }
    const QScopedValueRollback changing(m_changing, true);
    const QModelIndex at = m_model.indexOf(*m_chosen);
    const QModelIndex shown = m_filter.mapFromSource(at);
    if (m_tree->currentIndex().siblingAtColumn(0) != shown) {
        m_tree->setCurrentIndex(shown);
    }
    if (const auto entry = at.isValid() ? m_model.entryAt(at) : std::nullopt) {
        m_pane->setObject(m_id, *entry); // its name and state
    }
}

void DefinitionsPage::setFilter(const QString &text)
{
    m_filterDelay->stop();
    const QString wanted = text.trimmed();
    const bool before = !m_filter.filterRegularExpression().pattern().isEmpty();
    const auto everyRow = [this](const auto &act) {
        for (int i = 0; i < m_filter.rowCount(); ++i) {
            const QModelIndex kind = m_filter.index(i, 0);
            act(kind);
            // Below objects: what is not listed is not asked for by a filter.
            for (int j = 0; j < m_filter.rowCount(kind); ++j) {
                if (const QModelIndex object = m_filter.index(j, 0, kind); m_model.isListed(source(object))) {
                    act(object);
                }
            }
        }
    };
    if (!before && !wanted.isEmpty()) {
        m_opened.clear();
        everyRow([this](const QModelIndex &index) {
            if (m_tree->isExpanded(index)) {
                m_opened.insert(rowName(index));
            }
        });
    }
    {
        const QScopedValueRollback changing(m_changing, true);
        m_filter.setFilterFixedString(wanted);
        everyRow([this, all = !wanted.isEmpty()](const QModelIndex &index) {
            m_tree->setExpanded(index, all || m_opened.contains(rowName(index)));
        });
    }
    restoreChosen();
    m_tree->scrollTo(m_tree->currentIndex());
}

void DefinitionsPage::choose()
{
    if (m_changing) {
        return;
    }
    const auto entry = m_model.entryAt(source(m_tree->currentIndex()));
    m_chosen = entry && entry->key.kind != Kind::SnapshotDomain ? std::optional(entry->key) : std::nullopt;
    showChosen();
}

void DefinitionsPage::showChosen()
{
    const QModelIndex at = source(m_tree->currentIndex());
    const auto entry = m_chosen ? m_model.entryAt(m_model.indexOf(*m_chosen)) : std::nullopt;
    if (entry) {
        m_stack->setCurrentWidget(m_pane);
        m_pane->setObject(m_id, *entry);
        return;
    }
    m_pane->clear();
    m_stack->setCurrentWidget(m_empty);
    const auto group = at.isValid() ? m_model.groupAt(at) : std::nullopt;
    if (!group) {
        m_empty->setTexts(tr("Definitions"), tr("Choose one to see it as XML."));
        return;
    }
    const Error error = m_model.errorAt(at);
    QString text = explanation(group->kind);
    if (error.kind == Error::Kind::Unsupported) {
        text += u'\n' + tr("This host has no such things: %1").arg(error.message);
    } else if (!error.message.isEmpty()) {
        text = error.message + (error.hint.isEmpty() ? QString() : u'\n' + error.hint);
    } else if (m_model.isListed(at) && m_model.rowCount(at) == 0) {
        text += u'\n' + tr("There are none on this host.");
    }
    m_empty->setTexts(at.siblingAtColumn(0).data().toString(), text);
}

void DefinitionsPage::showStatus()
{
    const virt::Host *host = current();
    const bool connected = host && host->isConnected();
    const bool known = m_model.isListed(m_model.indexOfKind(Kind::NodeDevice))
        || m_model.isListed(m_model.indexOfKind(Kind::Network)) || m_model.isListed(m_model.indexOfKind(Kind::Pool));
    m_content->setVisible(connected || known);
    m_offline->setVisible(!connected && !known);
    m_pane->updateState();
    if (!host || connected || !known) {
        m_message->clear();
        return;
    }
    const virt::HostStatus &status = host->status();
    QString sentence = status.sentence;
    if (status.lastAnswer.isValid()) {
        sentence += u" \u00b7 "_s
            + tr("last seen %1").arg(model::formatAge(status.lastAnswer.secsTo(QDateTime::currentDateTime())));
    }
    m_message->showMessage(
        MessageBar::Kind::Warning, tr("%1. What was last known is shown.").arg(sentence), status.error.message);
}

bool DefinitionsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress) {
        return QWidget::eventFilter(watched, event);
    }
    const int key = static_cast<QKeyEvent *>(event)->key(); // NOLINT(cppcoreguidelines-pro-type-static-cast-downcast)
    const bool enter = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (watched == m_field && (enter || key == Qt::Key_Down)) {
        setFilter(m_field->text());
        m_tree->setFocus(Qt::TabFocusReason);
        if (!m_tree->currentIndex().isValid()) {
            m_tree->setCurrentIndex(m_filter.index(0, 0));
        }
        return true;
    }
    if (watched == m_field && key == Qt::Key_Escape && !m_field->text().isEmpty()) {
        m_field->clear();
        setFilter({});
        return true;
    }
    if (watched == m_tree && enter && m_chosen) {
        m_pane->setFocus(Qt::TabFocusReason); // from the list into the text
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace vireo::ui
