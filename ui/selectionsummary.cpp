// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/selectionsummary.h"

#include <chrono>

#include <QFormLayout>
#include <QLabel>
#include <QMap>
#include <QVBoxLayout>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/format.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int MaximumNames = 40;
}

SelectionSummary::SelectionSummary(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    const auto label = [this] {
        auto *made = new QLabel(this);
        made->setTextFormat(Qt::PlainText);
        made->setWordWrap(true);
        made->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        return made;
    };
    m_title = label();
    m_title->setObjectName(u"summaryTitle"_s);
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    large.setBold(true);
    m_title->setFont(large);
    m_states = label();
    m_hosts = label();
    m_vcpus = label();
    m_memory = label();
    m_names = label();
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(fontMetrics().averageCharWidth() * 3);
    form->addRow(tr("States:"), m_states);
    form->addRow(tr("Hosts:"), m_hosts);
    form->addRow(tr("vCPUs:"), m_vcpus);
    form->addRow(tr("Memory:"), m_memory);
    form->addRow(tr("Names:"), m_names);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(fontMetrics().height());
    layout->addWidget(m_title);
    layout->addLayout(form);
    layout->addStretch();

    m_timer.setSingleShot(true);
    m_timer.setInterval(std::chrono::milliseconds(50));
    connect(&m_timer, &QTimer::timeout, this, &SelectionSummary::update);
    const auto soon = [this] {
        if (isVisible() && !m_timer.isActive()) {
            m_timer.start();
        }
    };
    connect(&m_context.inventory, &virt::Inventory::domainsChanged, this, soon);
    connect(&m_context.inventory, &virt::Inventory::domainsRemoved, this, soon);
}

void SelectionSummary::setDomains(const QList<virt::DomainKey> &domains)
{
    m_domains = domains;
    update();
}

void SelectionSummary::update()
{
    QMap<QString, int> states;
    QMap<QString, int> hosts;
    QStringList names;
    int count = 0;
    int vcpus = 0;
    quint64 memory = 0;
    for (const virt::DomainKey &key : std::as_const(m_domains)) {
        const virt::DomainRecord *record = m_context.inventory.domain(key);
        if (!record) {
            continue;
        }
        ++count;
        ++states[record->managedSave && !record->isActive() ? tr("saved") : virt::stateText(record->state)];
        if (const virt::Host *host = m_context.hosts.host(key.host)) {
            ++hosts[host->settings().displayName()];
        }
        vcpus += record->vcpus;
        memory += record->maxMemoryKiB;
        if (names.size() < MaximumNames) {
            names.append(record->displayName());
        }
    }
    const auto joined = [](const QMap<QString, int> &counts) {
        QStringList parts;
        for (auto it = counts.cbegin(); it != counts.cend(); ++it) {
            parts.append(u"%1 %2"_s.arg(it.value()).arg(it.key()));
        }
        return parts.join(u", "_s);
    };
    if (count > names.size()) {
        names.append(tr("and %n more", nullptr, count - int(names.size())));
    }
    m_title->setText(tr("%n virtual machines selected", nullptr, count));
    m_states->setText(joined(states));
    m_hosts->setText(hosts.size() == 1 ? hosts.firstKey() : joined(hosts));
    m_vcpus->setText(QString::number(vcpus));
    m_memory->setText(model::formatKiB(memory));
    m_names->setText(names.join(u", "_s));
}

} // namespace vireo::ui
