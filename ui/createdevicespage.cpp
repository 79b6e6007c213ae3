// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createdevicespage.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/createoptions.h"
#include "ui/deviceeditors.h"
#include "ui/fieldgrid.h"
#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;
using DiskKind = CreateDraft::DiskKind;
using NicKind = CreateDraft::NicKind;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;

namespace {

constexpr quint64 GiB = 1024ULL * 1024 * 1024;
constexpr int ListWidth = 220;

} // namespace

CreateDevicesPage::CreateDevicesPage(CreateWizardState &state, QWidget *parent)
    : WizardPage(tr("Disks and networks"), parent)
    , m_state(state)
    , m_list(new QListWidget(this))
    , m_add(new QPushButton(tr("&Add"), this))
    , m_remove(new QPushButton(tr("Re&move"), this))
    , m_editors(new QStackedWidget(this))
    , m_rootGrid(new FieldGrid(this))
    , m_rootBus(new QComboBox(this))
    , m_disk(new DiskEditor(state, this))
    , m_nic(new NicEditor(state, this))
    , m_nothing(new QLabel(this))
    , m_problem(new QLabel(this))
{
    m_list->setAccessibleName(tr("Devices"));
    m_list->setMinimumWidth(ListWidth);
    m_list->setMaximumWidth(ListWidth + 60);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *menu = new QMenu(m_add);
    const std::initializer_list<std::pair<QString, DiskKind>> kinds{{tr("&Blank disk"), DiskKind::Blank},
        {tr("&Formatted disk (ephemeral)"), DiskKind::Ephemeral}, {tr("&Swap disk"), DiskKind::Swap},
        {tr("&Existing volume"), DiskKind::Volume}};
    for (const auto &[text, kind] : kinds) {
        menu->addAction(text, this, [this, kind] { addDisk(kind); });
    }
    menu->addSeparator();
    menu->addAction(tr("&Network card"), this, &CreateDevicesPage::addNic);
    m_add->setMenu(menu);
    m_add->setAutoDefault(false);
    m_remove->setAutoDefault(false);

    createfields::narrow(m_rootBus);
    m_rootNote = m_rootGrid->addField(tr("B&us"), m_rootBus);
    auto *root = new QWidget(this);
    createfields::fillPage(root, m_rootGrid);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    for (QWidget *editor : std::initializer_list<QWidget *>{root, m_disk, m_nic, m_nothing}) {
        m_editors->addWidget(editor);
    }

    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_add);
    buttons->addWidget(m_remove);
    buttons->addStretch(1);
    auto *left = new QVBoxLayout;
    left->addWidget(m_list, 1);
    left->addLayout(buttons);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(16);
    middle->addLayout(left);
    middle->addWidget(m_editors, 1);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setMinimumHeight(fontMetrics().lineSpacing());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->addLayout(middle, 1);
    layout->addWidget(m_problem);

    connect(m_list, &QListWidget::currentRowChanged, this, &CreateDevicesPage::refreshEditor);
    connect(m_remove, &QPushButton::clicked, this, &CreateDevicesPage::remove);
    connect(m_rootBus, &QComboBox::currentIndexChanged, this, [this](int row) {
        if (row >= 0) {
            m_state.change([&](CreateDraft &draft) { draft.rootBus = m_rootBus->itemData(row).toString(); });
        }
    });
    connect(&m_state, &CreateWizardState::changed, this, &CreateDevicesPage::refresh);
    refresh();
}

void CreateDevicesPage::enter()
{
    if (m_entered) {
        return;
    }
    m_entered = true;
    // The first card is what most people change here.
    const qsizetype row = rows().indexOf(Row{Kind::Nic, 0});
    m_list->setCurrentRow(static_cast<int>(std::max<qsizetype>(0, row)));
}

bool CreateDevicesPage::isComplete() const
{
    return m_state.areDevicesReady();
}

QString CreateDevicesPage::reason() const
{
    return isComplete() ? QString() : m_state.firstProblem({Field::Disks, Field::Nic});
}

QWidget *CreateDevicesPage::firstField() const
{
    return m_state.origin() == Origin::Xml ? nullptr : m_list;
}

QList<CreateDevicesPage::Row> CreateDevicesPage::rows() const
{
    QList<Row> all;
    if (m_state.origin() == Origin::Xml) {
        return all;
    }
    if (m_state.rootFixed() || m_state.rootGiB() > 0) {
        all.append({Kind::Root, 0});
    }
    for (qsizetype i = 0; i < m_state.choices().disks.size(); ++i) {
        all.append({Kind::Disk, i});
    }
    for (qsizetype i = 0; i < m_state.choices().nics.size(); ++i) {
        all.append({Kind::Nic, i});
    }
    return all;
}

std::optional<CreateDevicesPage::Row> CreateDevicesPage::current() const
{
    const QList<Row> all = rows();
    const int row = m_list->currentRow();
    return row >= 0 && row < all.size() ? std::optional(all.at(row)) : std::nullopt;
}

QString CreateDevicesPage::textOf(const Row &row) const
{
    if (row.kind == Kind::Root) {
        return m_state.rootFixed()
            ? tr("Root disk: %1").arg(m_state.volume())
            : tr("Root disk, %1")
                  .arg(model::formatBytes(m_state.imageBytes() > 0 && m_state.rootGiB() <= m_state.minimumRootGiB()
                          ? m_state.imageBytes()
                          : static_cast<quint64>(m_state.rootGiB() * double(GiB))));
    }
    if (row.kind == Kind::Nic) {
        const CreateDraft::Nic &nic = m_state.choices().nics.at(row.index);
        const QString where = nic.kind == NicKind::User ? tr("user mode") : nic.source;
        return tr("Network card %1: %2").arg(row.index + 1).arg(where.isEmpty() ? tr("not connected") : where);
    }
    const CreateDraft::Disk &disk = m_state.choices().disks.at(row.index);
    const qint64 number = row.index + 2;
    const QString size = model::formatBytes(disk.bytes);
    switch (disk.kind) {
    case DiskKind::Blank:
        return tr("Disk %1: blank, %2").arg(number).arg(size);
    case DiskKind::Ephemeral:
        return tr("Disk %1: %2, %3").arg(number).arg(disk.fs, size);
    case DiskKind::Swap:
        return tr("Disk %1: swap, %2").arg(number).arg(size);
    case DiskKind::Volume:
        return tr("Disk %1: %2").arg(number).arg(disk.volume.name.isEmpty() ? tr("no volume yet") : disk.volume.name);
    }
    return {};
}

void CreateDevicesPage::addDisk(DiskKind kind)
{
    CreateDraft::Disk disk;
    disk.kind = kind;
    disk.bytes = kind == DiskKind::Volume ? 0 : kind == DiskKind::Swap ? GiB : 10 * GiB;
    disk.fs = kind == DiskKind::Ephemeral ? u"ext4"_s : QString();
    if (kind == DiskKind::Volume) {
        disk.volume.pool = m_state.pool();
    }
    const qsizetype index = m_state.choices().disks.size();
    m_state.change([&](CreateDraft &draft) { draft.disks.append(disk); });
    m_list->setCurrentRow(static_cast<int>(rows().indexOf(Row{Kind::Disk, index})));
    m_disk->focusFirst();
}

void CreateDevicesPage::addNic()
{
    const QList<CreateWizardState::NicChoice> choices = m_state.nicChoices();
    const CreateDraft::Nic nic =
        choices.isEmpty() ? CreateDraft::Nic{NicKind::Bridge, {}, {}, {}} : choices.constFirst().nic;
    const qsizetype index = m_state.choices().nics.size();
    m_state.change([&](CreateDraft &draft) { draft.nics.append(nic); });
    m_list->setCurrentRow(static_cast<int>(rows().indexOf(Row{Kind::Nic, index})));
    m_nic->focusFirst();
}

void CreateDevicesPage::remove()
{
    const auto row = current();
    if (!row || row->kind == Kind::Root) {
        return;
    }
    m_state.change([&](CreateDraft &draft) {
        if (row->kind == Kind::Disk) {
            draft.disks.removeAt(row->index);
        } else {
            draft.nics.removeAt(row->index);
        }
    });
    m_list->setFocus();
}

void CreateDevicesPage::refresh()
{
    refreshList();
    refreshEditor();
    const QString problem = reason();
    m_problem->setText(problem.isEmpty() ? m_state.hint(Field::Nic) : problem);
    QPalette colored = palette();
    colored.setColor(
        QPalette::WindowText, problem.isEmpty() ? planicons::hintColor(palette()) : planicons::problemColor(palette()));
    m_problem->setPalette(colored);
    Q_EMIT completeChanged();
}

void CreateDevicesPage::refreshList()
{
    const QList<Row> all = rows();
    const int shown = m_list->currentRow();
    const QSignalBlocker blocker(m_list);
    while (m_list->count() > all.size()) {
        delete m_list->takeItem(m_list->count() - 1);
    }
    while (m_list->count() < all.size()) {
        m_list->addItem(QString());
    }
    for (qsizetype i = 0; i < all.size(); ++i) {
        QListWidgetItem *item = m_list->item(static_cast<int>(i));
        item->setText(textOf(all.at(i)));
        item->setToolTip(item->text().toHtmlEscaped());
    }
    m_list->setCurrentRow(std::min(std::max(shown, 0), m_list->count() - 1));
}

void CreateDevicesPage::refreshEditor()
{
    const auto row = current();
    m_add->setEnabled(m_state.origin() != Origin::Xml);
    m_remove->setEnabled(row && row->kind != Kind::Root);
    m_remove->setToolTip(row && row->kind == Kind::Root ? tr("Its size is on the page before") : QString());
    if (!row) {
        m_nothing->setText(m_state.origin() == Origin::Xml ? tr("The imported definition says which devices there are.")
                                                           : tr("No disk and no network card."));
        m_editors->setCurrentWidget(m_nothing);
        return;
    }
    switch (row->kind) {
    case Kind::Root: {
        const CreateOffer offer = createoptions::diskBus(m_state.draft(), m_state.facts());
        createfields::fill(m_rootBus, offer, m_state.choices().rootBus);
        m_rootNote->setText(
            {}, offer.lacking.isEmpty() ? tr("Its size and its pool are on the page “Name and size”.") : offer.lacking);
        m_editors->setCurrentIndex(0);
        break;
    }
    case Kind::Disk:
        m_disk->show(row->index);
        m_editors->setCurrentWidget(m_disk);
        break;
    case Kind::Nic:
        m_nic->show(row->index);
        m_editors->setCurrentWidget(m_nic);
        break;
    }
}

} // namespace vireo::ui
