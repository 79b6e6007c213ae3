// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/deletesnapshotswizard.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "model/format.h"
#include "ui/createfields.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using snapshot::Deletion;
using snapshot::Merge;
using snapshot::Scope;

namespace {

enum Column { DiskColumn, WhatColumn, FromColumn, ToColumn, BytesColumn };
constexpr int MetadataOnly = 100; ///< in the combo box, beside the scopes
constexpr qsizetype MostNamed = 6;

QLabel *textLabel(QWidget *parent, const QString &name)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);
    label->setAccessibleName(name);
    return label;
}

void setPath(QTreeWidgetItem *item, int column, const QString &path)
{
    item->setText(column, path.section(u'/', -1));
    item->setToolTip(column, path.toHtmlEscaped());
}

} // namespace

DeleteSnapshotsPage::DeleteSnapshotsPage(const QStringList &snapshots, QWidget *parent)
    : WizardPage(tr("What goes"), parent)
    , m_snapshots(snapshots)
    , m_what(textLabel(this, tr("Snapshots")))
    , m_grid(new FieldGrid(this))
    , m_scope(new QComboBox(this))
    , m_table(new QTreeWidget(this))
    , m_sum(textLabel(this, tr("In all")))
    , m_kept(textLabel(this, tr("What stays")))
{
    const bool one = snapshots.size() == 1;
    m_what->setText(snapshots.size() <= MostNamed
            ? snapshots.join(tr(", ", "between names"))
            : tr("%1 and %n more", nullptr, static_cast<int>(snapshots.size() - MostNamed))
                  .arg(snapshots.mid(0, MostNamed).join(tr(", ", "between names"))));
    m_scope->addItem(one ? tr("This one") : tr("These"), static_cast<int>(Scope::One));
    m_scope->addItem(one ? tr("This one and all that were taken after it") : tr("These and all taken after them"),
        static_cast<int>(Scope::WithChildren));
    m_scope->addItem(one ? tr("Only those that were taken after it") : tr("Only those taken after them"),
        static_cast<int>(Scope::ChildrenOnly));
    m_scope->addItem(one ? tr("Only forget it: the files stay") : tr("Only forget them: the files stay"), MetadataOnly);
    createfields::narrow(m_scope);
    m_scopeNote = m_grid->addField(tr("&Delete"), m_scope);

    m_table->setObjectName(u"mergeTable"_s);
    m_table->setAccessibleName(tr("What becomes of the files"));
    m_table->setHeaderLabels({tr("Disk"), tr("What"), tr("From"), tr("Into"), tr("Up to")});
    m_table->headerItem()->setTextAlignment(BytesColumn, Qt::AlignRight | Qt::AlignVCenter);
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAllColumnsShowFocus(true);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->header()->setStretchLastSection(false);
    m_table->setMinimumHeight(fontMetrics().height() * 6);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_what);
    layout->addWidget(m_grid);
    layout->addWidget(m_table, 10);
    layout->addWidget(m_sum);
    layout->addWidget(m_kept);
    layout->addStretch(1);
    m_table->hide();
    connect(m_scope, &QComboBox::currentIndexChanged, this, [this] {
        m_scopeNote->setText({}, hint());
        Q_EMIT changed();
        Q_EMIT completeChanged();
    });
    m_scopeNote->setText({}, hint());
    m_kept->hide();
}

QString DeleteSnapshotsPage::hint() const
{
    if (m_scope->currentData().toInt() == MetadataOnly) {
        return m_snapshots.size() == 1
            ? tr("libvirt forgets it. Nothing is freed, and going back to it is no longer possible.")
            : tr("libvirt forgets them. Nothing is freed, and going back to them is no longer possible.");
    }
    if (m_snapshots.size() == 1 && m_scope->currentData().toInt() == static_cast<int>(Scope::One)) {
        return tr("Its state is lost. The VM as it is now and all other snapshots keep theirs.");
    }
    return tr("Their states are lost. The VM as it is now and all other snapshots keep theirs.");
}

void DeleteSnapshotsPage::setFacts(const snapshot::Facts &facts)
{
    m_known = true;
    m_facts = facts;
    bool children = false;
    for (const QString &name : std::as_const(m_snapshots)) {
        children = children || !facts.childrenOf(name).isEmpty();
    }
    // Without any these would say the same, or nothing.
    for (int row = 0; row < m_scope->count(); ++row) {
        const int scope = m_scope->itemData(row).toInt();
        if (scope == static_cast<int>(Scope::WithChildren) || scope == static_cast<int>(Scope::ChildrenOnly)) {
            m_scope->setItemData(row, children ? QVariant() : QVariant(0), Qt::UserRole - 1); // disabled when 0
        }
    }
    Q_EMIT changed();
    Q_EMIT completeChanged();
}

void DeleteSnapshotsPage::setDeletion(const Deletion &deletion)
{
    m_table->clear();
    quint64 freed = 0;
    for (const Merge &merge : deletion.merges) {
        auto *item = new QTreeWidgetItem(m_table);
        item->setText(DiskColumn, merge.target);
        switch (merge.kind) {
        case Merge::Kind::Commit:
            item->setText(WhatColumn, tr("Merge"));
            setPath(item, FromColumn, merge.top.path);
            setPath(item, ToColumn, merge.base.path);
            break;
        case Merge::Kind::Pull:
            item->setText(WhatColumn, tr("Merge"));
            setPath(item, FromColumn, merge.base.path);
            setPath(item, ToColumn, merge.top.path);
            break;
        case Merge::Kind::Drop:
            item->setText(WhatColumn, tr("Delete"));
            setPath(item, FromColumn, merge.top.path);
            break;
        }
        item->setText(BytesColumn, merge.bytes > 0 ? model::formatBytes(merge.bytes) : QString());
        item->setTextAlignment(BytesColumn, Qt::AlignRight | Qt::AlignVCenter);
        freed += merge.freed;
    }
    for (const QString &file : deletion.memoryFiles) {
        auto *item = new QTreeWidgetItem(m_table);
        item->setText(WhatColumn, tr("Delete memory"));
        setPath(item, FromColumn, file);
        freed += m_facts.files.value(file).allocation;
    }
    m_table->setVisible(m_table->topLevelItemCount() > 0);
    for (int column = 0; column < m_table->columnCount(); ++column) {
        m_table->header()->setSectionResizeMode(
            column, column == FromColumn || column == ToColumn ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
    }
    const auto count = static_cast<int>(deletion.snapshots.size());
    const QString snapshots = count == 1 ? tr("1 snapshot goes.") : tr("%n snapshots go.", nullptr, count);
    if (!deletion.blockers.isEmpty()) {
        m_sum->setText(deletion.blockers.join(u' '));
    } else if (deletion.merges.isEmpty() && deletion.memoryFiles.isEmpty()) {
        m_sum->setText(tr("%1 No data is moved.").arg(snapshots));
    } else {
        m_sum->setText(tr("%1 Up to %2 are moved, about %3 become free.")
                .arg(snapshots, model::formatBytes(deletion.bytes()), model::formatBytes(freed)));
    }
    m_kept->setText(deletion.kept.join(u'\n'));
    m_kept->setVisible(!deletion.kept.isEmpty());
}

operation::SnapshotDeleteDraft DeleteSnapshotsPage::draft() const
{
    operation::SnapshotDeleteDraft draft;
    draft.snapshots = m_snapshots;
    const int chosen = m_scope->currentData().toInt();
    draft.metadataOnly = chosen == MetadataOnly;
    draft.scope = draft.metadataOnly ? Scope::One : static_cast<Scope>(chosen);
    return draft;
}

bool DeleteSnapshotsPage::isComplete() const
{
    return m_known;
}

QString DeleteSnapshotsPage::reason() const
{
    return m_known ? QString() : tr("What there is on the host is still being read.");
}

QWidget *DeleteSnapshotsPage::firstField() const
{
    return m_scope;
}

DeleteSnapshotsWizard::DeleteSnapshotsWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, const QStringList &snapshots, QWidget *parent)
    : SnapshotWizard(context, domain, facts, tr("Delete Snapshots"), tr("D&elete"), u"deletesnapshots"_s, parent)
    , m_page(new DeleteSnapshotsPage(snapshots, this))
    , m_deletionCourier(std::make_shared<Courier>(this))
    , m_deletionLane(std::make_unique<Lane>(u"deletion"_s, Lane::Kind::Computing))
{
    setObjectName(u"deleteSnapshots"_s);
    connect(m_page, &DeleteSnapshotsPage::changed, this, &DeleteSnapshotsWizard::choicesChanged);
    addPage(m_page);
    begin();
}

DeleteSnapshotsWizard::~DeleteSnapshotsWizard()
{
    m_deletionCourier->close();
}

SnapshotWizard::Planner DeleteSnapshotsWizard::planner() const
{
    return [host = domain().host, draft = m_page->draft()](const snapshot::Facts &facts) {
        return operation::planSnapshotDelete(host, facts, draft);
    };
}

void DeleteSnapshotsWizard::factsRead()
{
    m_page->setFacts(*facts());
}

void DeleteSnapshotsWizard::planMade(const job::Plan & /*plan*/)
{
    m_deletionLane->post(
        [this, courier = m_deletionCourier, facts = *facts(), draft = m_page->draft(), generation = ++m_generation] {
            Deletion deletion;
            if (draft.metadataOnly) {
                deletion.snapshots = draft.snapshots;
            } else {
                deletion = snapshot::planDeletion(facts, draft.snapshots, draft.scope);
            }
            courier->post([this, generation, deletion = std::move(deletion)] {
                if (generation == m_generation) {
                    m_page->setDeletion(deletion);
                }
            });
        });
}

} // namespace vireo::ui
