// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bootorderlist.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "backend/xml/devices/bootorder.h"
#include "ui/deviceicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using namespace xml::devices;

namespace {

constexpr int PathRole = Qt::UserRole;
constexpr int ShownRows = 5;

} // namespace

BootOrderList::BootOrderList(model::HardwareDraft &draft, QWidget *parent)
    : QWidget(parent)
    , m_draft(draft)
    , m_title(new QLabel(this))
    , m_list(new QListWidget(this))
    , m_up(new QPushButton(tr("Move &up"), this))
    , m_down(new QPushButton(tr("Move do&wn"), this))
{
    m_list->setAccessibleName(tr("Boot order"));
    m_list->setToolTip(tr("Ticked devices are tried from top to bottom. Alt+Up and Alt+Down move one."));
    m_list->setMinimumHeight(fontMetrics().lineSpacing() * (ShownRows + 2));
    m_list->setMaximumHeight(fontMetrics().lineSpacing() * (2 * ShownRows));
    m_up->setShortcut(Qt::ALT | Qt::Key_Up);
    m_down->setShortcut(Qt::ALT | Qt::Key_Down);
    m_title->setBuddy(m_list);
    auto *buttons = new QVBoxLayout;
    for (QPushButton *button : {m_up, m_down}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    auto *row = new QHBoxLayout;
    row->addWidget(m_list, 1);
    row->addLayout(buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->addWidget(m_title);
    layout->addLayout(row);
    connect(m_up, &QPushButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { move(1); });
    connect(m_list, &QListWidget::currentRowChanged, this, &BootOrderList::updateButtons);
    connect(m_list, &QListWidget::itemChanged, this, &BootOrderList::write);
}

void BootOrderList::refresh()
{
    if (m_draft.isEmpty()) {
        return;
    }
    m_refreshing = true;
    m_title->setText(m_draft.isRunning() ? tr("Boot or&der, at next boot:") : tr("Boot or&der:"));
    const int id = m_draft.idOf(u"boot"_s);
    const DeviceContext domain = m_draft.context(*m_draft.entry(id));
    const QList<BootItem> items = readBootOrder(domain.document);
    const QString current = m_list->currentItem() ? m_list->currentItem()->data(PathRole).toString() : QString();
    while (m_list->count() > items.size()) {
        delete m_list->takeItem(m_list->count() - 1);
    }
    for (int i = 0; i < items.size(); ++i) {
        if (i == m_list->count()) {
            m_list->addItem(QString());
        }
        const BootItem &each = items.at(i);
        const DeviceContext device{domain.document, each.path, domain.host, domain.running};
        const DeviceKind &kind = kindAt(domain.document, each.path);
        QListWidgetItem *item = m_list->item(i);
        const QString subtitle = kind.subtitleOf(device);
        item->setText(subtitle.isEmpty() ? kind.titleOf(device) : tr("%1: %2").arg(kind.titleOf(device), subtitle));
        item->setIcon(deviceicons::icon(kind.id, palette()));
        item->setData(PathRole, each.path.toString());
        item->setCheckState(each.on ? Qt::Checked : Qt::Unchecked);
        if (each.path.toString() == current) {
            m_list->setCurrentRow(i);
        }
    }
    m_refreshing = false;
    updateButtons();
}

void BootOrderList::move(int by)
{
    const int row = m_list->currentRow();
    const int target = row + by;
    if (row < 0 || target < 0 || target >= m_list->count()) {
        return;
    }
    m_refreshing = true;
    QListWidgetItem *item = m_list->takeItem(row);
    // What is moved is wanted.
    item->setCheckState(Qt::Checked);
    m_list->insertItem(target, item);
    m_list->setCurrentRow(target);
    m_refreshing = false;
    write();
}

void BootOrderList::write()
{
    if (m_refreshing) {
        return;
    }
    QList<BootItem> items;
    for (int i = 0; i < m_list->count(); ++i) {
        const QListWidgetItem *item = m_list->item(i);
        items.append({xml::ElementPath(item->data(PathRole).toString()), item->checkState() == Qt::Checked});
    }
    m_draft.change(m_draft.idOf(u"boot"_s), [&items](const DeviceEdit &edit) { writeBootOrder(edit.document, items); });
}

void BootOrderList::updateButtons()
{
    const int row = m_list->currentRow();
    m_up->setEnabled(row > 0);
    m_down->setEnabled(row >= 0 && row + 1 < m_list->count());
}

} // namespace vireo::ui
