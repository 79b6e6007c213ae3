// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flavourfield.h"

#include <algorithm>
#include <cmath>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>

#include "model/format.h"
#include "ui/createfields.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

/** "Small: 1 vCPU, 2 GiB, disk of 20 GiB" */
QString textOf(const Flavour &flavour)
{
    const QString vcpus =
        flavour.vcpus == 1 ? FlavourField::tr("1 vCPU") : FlavourField::tr("%1 vCPUs").arg(flavour.vcpus);
    const QString memory = model::formatKiB(flavour.memoryMiB * 1024);
    if (flavour.rootGiB <= 0) {
        return FlavourField::tr("%1: %2, %3").arg(flavour.name, vcpus, memory);
    }
    const auto bytes = static_cast<quint64>(std::llround(flavour.rootGiB * 1024)) * 1024 * 1024;
    return FlavourField::tr("%1: %2, %3, disk of %4").arg(flavour.name, vcpus, memory, model::formatBytes(bytes));
}

/** A disk that is larger than the flavour's stays as it is. */
bool isSame(const Flavour &flavour, const Flavour &current)
{
    return flavour.vcpus == current.vcpus && flavour.memoryMiB == current.memoryMiB
        && (flavour.rootGiB <= 0 || std::abs(flavour.rootGiB - current.rootGiB) < 0.001);
}

} // namespace

FlavourField::FlavourField(QSettings &settings, const std::function<Flavour()> &current, QWidget *page)
    : QObject(page)
    , m_flavours(settings)
    , m_current(current)
    , m_combo(new QComboBox(page))
    , m_manage(new QPushButton(tr("M&anage"), page))
    , m_panel(new QWidget(page))
    , m_list(new QListWidget(m_panel))
    , m_name(new QLineEdit(m_panel))
    , m_save(new QPushButton(tr("Keep These Sizes"), m_panel))
    , m_rename(new QPushButton(tr("Rename"), m_panel))
    , m_remove(new QPushButton(tr("Delete"), m_panel))
{
    createfields::narrow(m_combo);
    m_manage->setAutoDefault(false);
    m_manage->setCheckable(true);
    m_manage->setToolTip(tr("Keep these sizes under a name; rename and delete kept ones"));
    makePanel();
    connect(m_manage, &QPushButton::toggled, m_panel, &QWidget::setVisible);
    connect(m_combo, &QComboBox::activated, this, [this](int row) {
        const Flavour choice = row > 0 && row <= m_all.size() ? m_all.at(row - 1) : Flavour();
        if (!choice.name.isEmpty()) {
            Q_EMIT chosen(choice);
        }
        m_choice = choice;
        m_sizes = m_current();
        refresh();
    });
    fill();
}

void FlavourField::makePanel()
{
    m_panel->hide();
    m_list->setAccessibleName(tr("Kept flavours"));
    m_list->setFixedHeight(4 * m_list->fontMetrics().lineSpacing() + 24);
    m_name->setAccessibleName(tr("Name of the flavour"));
    m_name->setPlaceholderText(tr("Name"));
    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {m_save, m_rename, m_remove}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    auto *right = new QVBoxLayout;
    right->addWidget(m_name);
    right->addLayout(buttons);
    right->addStretch(1);
    auto *layout = new QHBoxLayout(m_panel);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->addWidget(m_list, 1);
    layout->addLayout(right, 1);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        if (!selected().isEmpty()) {
            m_name->setText(selected());
        }
        refreshPanel();
    });
    connect(m_name, &QLineEdit::textChanged, this, &FlavourField::refreshPanel);
    connect(m_save, &QPushButton::clicked, this, [this] {
        Flavour flavour = m_current();
        flavour.name = m_name->text().trimmed();
        m_flavours.save(flavour);
        m_choice.reset();
        fill();
    });
    connect(m_rename, &QPushButton::clicked, this, [this] {
        m_flavours.rename(selected(), m_name->text().trimmed());
        m_choice.reset();
        fill();
    });
    connect(m_remove, &QPushButton::clicked, this, [this] {
        m_flavours.remove(selected());
        m_name->clear();
        fill();
    });
}

QString FlavourField::selected() const
{
    const QListWidgetItem *item = m_list->currentItem();
    return item ? item->data(Qt::UserRole).toString() : QString();
}

void FlavourField::fill()
{
    m_all = m_flavours.all();
    {
        const QSignalBlocker blockList(m_list);
        const QSignalBlocker blockCombo(m_combo);
        m_list->clear();
        m_combo->clear();
        m_combo->addItem(tr("Free choice"));
        for (const Flavour &flavour : std::as_const(m_all)) {
            m_combo->addItem(textOf(flavour));
            if (!flavour.builtIn) {
                auto *item = new QListWidgetItem(textOf(flavour), m_list);
                item->setData(Qt::UserRole, flavour.name);
                if (flavour.name == m_name->text().trimmed()) {
                    m_list->setCurrentItem(item);
                }
            }
        }
    }
    refresh();
}

void FlavourField::refresh()
{
    const Flavour current = m_current();
    const bool stays = m_choice && current == m_sizes;
    const auto same = std::ranges::find_if(
        m_all, [&](const Flavour &each) { return stays ? each == *m_choice : isSame(each, current); });
    const QSignalBlocker blocker(m_combo);
    m_combo->setCurrentIndex(same == m_all.end() ? 0 : static_cast<int>(std::distance(m_all.begin(), same)) + 1);
    refreshPanel();
}

void FlavourField::refreshPanel()
{
    const QString name = m_name->text().trimmed();
    const QString problem = Flavours::nameProblem(name);
    const bool known = m_flavours.contains(name);
    const bool ready = m_current().memoryMiB > 0;
    m_save->setEnabled(ready && problem.isEmpty());
    m_save->setToolTip(!problem.isEmpty() ? problem
            : known                       ? tr("Replaces the kept flavour of this name")
                                          : tr("Keeps vCPUs, memory and root disk under this name"));
    m_rename->setEnabled(!selected().isEmpty() && problem.isEmpty() && !known);
    m_rename->setToolTip(known && name != selected() ? tr("There is another flavour of this name.") : problem);
    m_remove->setEnabled(!selected().isEmpty());
}

} // namespace vireo::ui
