// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/historydialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/virt/hosts.h"
#include "ui/diffview.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

HistoryDialog::HistoryDialog(const UiContext &context, const virt::DomainKey &domain, QString current, QWidget *parent)
    : QDialog(parent)
    , m_history(context.history.isEmpty() ? operation::DefinitionHistory::defaultDirectory() : context.history)
    , m_domain(domain)
    , m_current(std::move(current))
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"history"_s, Lane::Kind::Computing))
    , m_list(new QTreeWidget(this))
    , m_against(new QComboBox(this))
    , m_diff(new DiffView(this))
    , m_note(new QLabel(this))
{
    setObjectName(u"historyDialog"_s);
    setWindowTitle(tr("Definition history"));
    if (const virt::Host *host = context.hosts.host(domain.host)) {
        // As the driver says it, for so the steps know it.
        m_hostUri = host->info().uri.isEmpty() ? host->settings().uri : host->info().uri;
    }
    m_list->setAccessibleName(tr("Earlier definitions"));
    m_list->setObjectName(u"historyList"_s);
    m_list->setHeaderLabels({tr("Until"), tr("Replaced by")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_against->addItem(tr("What is stored now"));
    m_against->addItem(tr("What came after it"));
    m_against->setObjectName(u"historyAgainst"_s);
    m_against->setAccessibleName(tr("Compare with"));
    auto *label = new QLabel(tr("&Compare with:"), this);
    label->setBuddy(m_against);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_restore = buttons->addButton(tr("&Restore…"), QDialogButtonBox::ActionRole);
    m_restore->setObjectName(u"historyRestore"_s);
    m_restore->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::rejected, this, &HistoryDialog::reject);
    connect(m_restore, &QPushButton::clicked, this, [this] {
        operation::DefinitionEdit edit;
        edit.base = m_current;
        edit.wanted = m_shown;
        edit.restores = m_shownId;
        const auto entry = std::ranges::find(m_entries, m_shownId, &operation::HistoryEntry::id);
        edit.cause = tr("Restored the definition of %1")
                         .arg(QLocale().toString(entry->time.toLocalTime(), QLocale::ShortFormat));
        accept();
        Q_EMIT restoreRequested(edit);
    });

    auto *bar = new QHBoxLayout;
    bar->addWidget(label);
    bar->addWidget(m_against);
    bar->addStretch();
    auto *right = new QWidget(this);
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(0, 0, 0, 0);
    rightLayout->addLayout(bar);
    rightLayout->addWidget(m_diff, 1);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_list);
    split->addWidget(right);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(split, 1);
    layout->addWidget(m_note);
    layout->addWidget(buttons);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &HistoryDialog::readEntry);
    connect(m_against, &QComboBox::activated, this, &HistoryDialog::readEntry);
    resize(fontMetrics().averageCharWidth() * 150, fontMetrics().height() * 36);
    split->setSizes({fontMetrics().averageCharWidth() * 45, fontMetrics().averageCharWidth() * 105});
    updateState();
    readList();
}

HistoryDialog::~HistoryDialog()
{
    m_courier->close();
}

void HistoryDialog::setRestorable(bool restorable)
{
    m_restorable = restorable;
    updateState();
}

void HistoryDialog::readList()
{
    m_lane->post([this, courier = m_courier, history = m_history, uri = m_hostUri, domain = m_domain.domain] {
        courier->post([this, entries = history.list(uri, domain)] { showList(entries); });
    });
}

void HistoryDialog::showList(const Result<QList<operation::HistoryEntry>> &entries)
{
    m_ready = true;
    m_note->setText(entries ? QString() : entries.error().message);
    m_entries = entries.value_or(QList<operation::HistoryEntry>());
    m_list->clear();
    for (const operation::HistoryEntry &entry : std::as_const(m_entries)) {
        const QDateTime time = entry.time.toLocalTime();
        auto *item = new QTreeWidgetItem(m_list, {QLocale().toString(time, QLocale::ShortFormat), entry.cause});
        item->setToolTip(0, QLocale().toString(time, QLocale::LongFormat));
        item->setToolTip(1, entry.cause);
    }
    m_list->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    if (!m_entries.isEmpty()) {
        m_list->setCurrentItem(m_list->topLevelItem(0));
        m_list->setFocus();
    } else if (entries) {
        m_note->setText(tr("No definition has been replaced from here yet. Each change that Vireo applies is kept, "
                           "%1 at most for each virtual machine.")
                .arg(operation::DefinitionHistory::maxEntries));
    }
    updateState();
}

void HistoryDialog::readEntry()
{
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    if (row < 0 || row >= m_entries.size()) {
        return;
    }
    m_shown.clear();
    updateState();
    // What came after the newest is what is stored now.
    const QString after = m_against->currentIndex() == 1 && row > 0 ? m_entries[row - 1].id : QString();
    m_lane->post([this, courier = m_courier, history = m_history, uri = m_hostUri, domain = m_domain.domain,
                     id = m_entries[row].id, after, current = m_current, generation = ++m_generation] {
        const auto entry = history.read(uri, domain, id);
        const auto other = after.isEmpty() ? Result<operation::HistoryEntry>() : history.read(uri, domain, after);
        const QString left = entry ? operation::withoutSecrets(entry->xml) : QString();
        const QString right = after.isEmpty() ? current : other ? operation::withoutSecrets(other->xml) : QString();
        const QString problem = !entry ? entry.error().message : !other ? other.error().message : QString();
        courier->post([this, generation, id, left, right, problem] {
            if (generation != m_generation) {
                return;
            }
            m_note->setText(problem);
            m_shown = left;
            m_shownId = id;
            m_diff->setTitles(tr("Then"), m_against->currentIndex() == 1 ? tr("After that") : tr("Stored now"));
            m_diff->setTexts(left, right);
            updateState();
        });
    });
}

void HistoryDialog::updateState()
{
    m_restore->setEnabled(m_restorable && !m_shown.isEmpty());
    m_restore->setToolTip(m_restorable ? tr("Shows what going back would change, then does it; passwords come back too")
                                       : tr("The virtual machine can't be changed now"));
    m_against->setEnabled(!m_entries.isEmpty());
    m_diff->setVisible(!m_entries.isEmpty());
}

} // namespace vireo::ui
