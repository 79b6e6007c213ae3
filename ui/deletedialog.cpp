// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/deletedialog.h"

#include <chrono>

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/format.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

enum Column { WhatColumn, SizeColumn, NoteColumn };
constexpr int TargetRole = Qt::UserRole + 1;

/** Looking for other users of a disk reads the XML of all domains of the host. */
constexpr std::chrono::seconds FactsDeadline{60};

} // namespace

DeleteDialog::DeleteDialog(const UiContext &context, const QList<virt::DomainKey> &domains, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_question(new QLabel(this))
    , m_summary(new QLabel(this))
    , m_tree(new QTreeWidget(this))
{
    setObjectName(u"deleteDialog"_s);
    setWindowTitle(domains.size() == 1 ? tr("Delete Virtual Machine") : tr("Delete Virtual Machines"));

    m_tree->setObjectName(u"storage"_s);
    m_tree->setAccessibleName(tr("Storage"));
    m_tree->setHeaderLabels({tr("Virtual machine and storage"), tr("Size"), tr("Note")});
    m_tree->setRootIsDecorated(domains.size() > 1);
    m_tree->header()->setStretchLastSection(true);
    m_tree->setUniformRowHeights(true);
    for (const virt::DomainKey &key : domains) {
        const virt::DomainRecord *record = m_context.inventory.domain(key);
        if (!record) {
            continue;
        }
        Entry entry;
        entry.key = key;
        entry.item = new QTreeWidgetItem(m_tree, {record->displayName(), QString(), tr("Reading its disks…")});
        entry.item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        entry.item->setIcon(WhatColumn, glyphIcon(glyphOf(record->state, record->managedSave)));
        m_entries.append(entry);
    }
    const int count = int(m_entries.size());
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWordWrap(true);
    m_question->setText(count == 1
            ? tr("Delete %1? Its storage is kept, except for what you tick here.")
                  .arg(m_entries.first().item->text(WhatColumn))
            : tr("Delete %n virtual machines? Their storage is kept, except for what you tick here.", nullptr, count));
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_delete = buttons->addButton(tr("Delete"), QDialogButtonBox::AcceptRole);
    m_delete->setObjectName(u"deleteButton"_s);
    m_delete->setAutoDefault(false);
    buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &DeleteDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &DeleteDialog::reject);
    connect(m_tree, &QTreeWidget::itemChanged, this, &DeleteDialog::sumUp);

    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_question);
    layout->addWidget(m_tree, 1);
    layout->addWidget(m_summary);
    layout->addWidget(buttons);
    const int ch = fontMetrics().averageCharWidth();
    m_tree->setColumnWidth(WhatColumn, ch * 50);
    m_tree->setColumnWidth(SizeColumn, ch * 12);
    resize(ch * 110, fontMetrics().height() * 22);
    readNext();
    sumUp();
}

void DeleteDialog::readNext()
{
    while (m_next < m_entries.size()) {
        const qsizetype index = m_next++;
        virt::Host *host = m_context.hosts.host(m_entries.at(index).key.host);
        if (!host) {
            showFacts(m_entries[index], fail(Error::failed(tr("The connection was removed."))));
            continue;
        }
        host->ask<operation::DeleteFacts>(
            this,
            [uuid = m_entries.at(index).key.domain](
                virt::Connection &connection) { return operation::readDeleteFacts(connection, uuid); },
            [this, index](const Result<operation::DeleteFacts> &facts) {
                showFacts(m_entries[index], facts);
                readNext();
            },
            FactsDeadline);
        return;
    }
    sumUp();
}

void DeleteDialog::showFacts(Entry &entry, const Result<operation::DeleteFacts> &facts)
{
    if (!facts) {
        entry.failed = true;
        entry.item->setText(NoteColumn, tr("Will not be deleted: %1").arg(facts.error().message));
        entry.item->setToolTip(NoteColumn, facts.error().message);
        entry.item->setDisabled(true);
        return;
    }
    entry.facts = *facts;
    QString note;
    if (facts->domain.isActive()) {
        note = tr("Is forced off first.");
    } else if (facts->domain.managedSave) {
        note = tr("Its saved state is deleted too.");
    } else if (facts->disks.isEmpty()) {
        note = tr("Has no disks.");
    }
    entry.item->setText(NoteColumn, note);
    for (const operation::DeletableDisk &disk : facts->disks) {
        auto *item = new QTreeWidgetItem(entry.item);
        item->setText(WhatColumn, disk.target.isEmpty() ? disk.path : u"%1: %2"_s.arg(disk.target, disk.path));
        item->setToolTip(WhatColumn, disk.path);
        item->setText(SizeColumn, disk.allocation > 0 ? model::formatBytes(disk.allocation) : QString());
        item->setTextAlignment(SizeColumn, Qt::AlignRight | Qt::AlignVCenter);
        item->setData(WhatColumn, TargetRole, disk.target);
        item->setText(NoteColumn, disk.refusal.isEmpty() ? disk.note : tr("Is kept: %1").arg(disk.refusal));
        item->setToolTip(NoteColumn, item->text(NoteColumn));
        item->setCheckState(WhatColumn, Qt::Unchecked);
        if (disk.refusal.isEmpty()) {
            item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        } else {
            item->setFlags(Qt::ItemIsSelectable);
        }
    }
    entry.item->setExpanded(true);
}

void DeleteDialog::sumUp()
{
    int ready = 0;
    int reading = 0;
    int volumes = 0;
    quint64 bytes = 0;
    for (const Entry &entry : std::as_const(m_entries)) {
        ready += entry.facts ? 1 : 0;
        reading += entry.facts || entry.failed ? 0 : 1;
        for (int i = 0; entry.facts && i < entry.item->childCount(); ++i) {
            if (entry.item->child(i)->checkState(WhatColumn) == Qt::Checked) {
                ++volumes;
                bytes += entry.facts->disks.at(i).allocation;
            }
        }
    }
    m_delete->setEnabled(ready > 0 && reading == 0);
    if (reading > 0) {
        m_summary->setText(tr("Reading what disks there are…"));
    } else if (ready == 0) {
        m_summary->setText(tr("None of them can be deleted now."));
    } else if (volumes == 0) {
        m_summary->setText(tr("No storage will be deleted."));
    } else {
        m_summary->setText(
            (volumes == 1 ? tr("One volume with %1 will be deleted. This can't be undone.")
                          : tr("%n volumes with %1 will be deleted. This can't be undone.", nullptr, volumes))
                .arg(model::formatBytes(bytes)));
    }
}

void DeleteDialog::accept()
{
    if (!m_delete->isEnabled()) {
        return;
    }
    for (const Entry &entry : std::as_const(m_entries)) {
        if (!entry.facts) {
            continue;
        }
        QStringList targets;
        for (int i = 0; i < entry.item->childCount(); ++i) {
            if (entry.item->child(i)->checkState(WhatColumn) == Qt::Checked) {
                targets.append(entry.item->child(i)->data(WhatColumn, TargetRole).toString());
            }
        }
        operation::DeleteFacts facts = *entry.facts;
        if (const virt::DomainRecord *record = m_context.inventory.domain(entry.key)) {
            facts.domain = *record; // it may have been started or stopped while the dialog was open
        }
        m_context.jobs.run(operation::planDelete(entry.key.host, facts, targets));
    }
    QDialog::accept();
}

} // namespace vireo::ui
