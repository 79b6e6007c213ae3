// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hostpage.h"

#include <algorithm>

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTabWidget>
#include <QTimer>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/format.h"
#include "ui/capacitybar.h"
#include "ui/colours.h"
#include "ui/definitionspage.h"
#include "ui/eventspage.h"
#include "ui/factlist.h"
#include "ui/messagebar.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using virt::HostState;

HostPage::HostPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_message(new MessageBar(this))
    , m_useTimer(new QTimer(this))
{
    auto *tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->setObjectName(QStringLiteral("hostTabs"));
    QWidget *overview = buildOverview();
    overview->setAccessibleName(tr("Overview"));
    m_events = new EventsPage(context);
    m_events->setAccessibleName(tr("Events"));
    tabs->addTab(overview, tr("Overview"));
    m_definitions = new DefinitionsPage(context);
    m_definitions->setAccessibleName(tr("Definitions"));
    tabs->addTab(m_definitions, tr("Definitions"));
    tabs->addTab(m_events, tr("Events"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(tabs);
    setFocusProxy(tabs);

    connect(m_connect, &QPushButton::clicked, this, [this] {
        if (current()) {
            Q_EMIT connectRequested(m_id);
        }
    });
    connect(m_disconnect, &QPushButton::clicked, this, [this] {
        if (virt::Host *host = current()) {
            host->disconnectFromHost();
        }
    });
    connect(m_definitions, &DefinitionsPage::connectRequested, this, [this] {
        if (current()) {
            Q_EMIT connectRequested(m_id);
        }
    });
    connect(m_bases, &QPushButton::clicked, this, [this] { Q_EMIT basesRequested(m_id); });
    connect(m_edit, &QPushButton::clicked, this, [this] { Q_EMIT editRequested(m_id); });

    m_useTimer->setSingleShot(true);
    m_useTimer->setInterval(250);
    connect(m_useTimer, &QTimer::timeout, this, &HostPage::showUse);
    const auto concerned = [this](const QUuid &host) {
        if (host == m_id && !m_useTimer->isActive()) {
            m_useTimer->start();
        }
    };
    connect(&context.inventory, &virt::Inventory::domainsAdded, this, concerned);
    connect(&context.inventory, &virt::Inventory::domainsChanged, this, concerned);
    connect(&context.inventory, &virt::Inventory::domainsRemoved, this, concerned);
    connect(&context.hosts, &virt::Hosts::settingsChanged, this, &HostPage::showStatus);
    connect(&context.hosts, &virt::Hosts::aboutToRemove, this, [this](const QUuid &host) {
        if (host == m_id) {
            setHost({});
        }
    });
    auto *clock = new QTimer(this);
    connect(clock, &QTimer::timeout, this, [this] {
        const virt::Host *host = current();
        if (isVisible() && host && !host->isConnected()) {
            showStatus(); // "last seen" and the time to the next try
        }
    });
    clock->start(1000);
}

QWidget *HostPage::buildOverview()
{
    auto *page = new QWidget;
    m_title = new QLabel(page);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setWordWrap(true);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setObjectName(QStringLiteral("hostTitle"));
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_sentence = new QLabel(page);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setObjectName(QStringLiteral("hostSentence"));
    m_sign = new QLabel(page);
    m_connect = new QPushButton(tr("&Connect"), page);
    m_connect->setObjectName(QStringLiteral("hostConnect"));
    m_disconnect = new QPushButton(tr("&Disconnect"), page);
    m_disconnect->setObjectName(QStringLiteral("hostDisconnect"));
    m_edit = new QPushButton(tr("&Edit …"), page);
    m_edit->setAccessibleName(tr("Edit"));
    m_edit->setToolTip(tr("Changes the name and the address of this connection"));

    m_content = new QWidget(page);
    m_facts = new FactList(m_content);
    // In the order of Fact.
    m_facts->addFact(tr("URI"));
    m_facts->addFact(tr("Host name"));
    m_facts->addFact(tr("Hypervisor"));
    m_facts->addFact(tr("libvirt"));
    m_facts->addFact(tr("CPU"));
    m_facts->addFact(tr("Topology"));
    m_facts->addFact(tr("vCPUs"));
    m_facts->addFact(tr("CPU features"));
    m_memory = new CapacityBar(m_content);
    m_poolsTitle = new QLabel(tr("Storage pools"), m_content);
    QFont strong = m_poolsTitle->font();
    strong.setWeight(QFont::DemiBold);
    m_poolsTitle->setFont(strong);
    m_bases = new QPushButton(tr("&Base images…"), m_content);
    m_bases->setObjectName(QStringLiteral("showBases"));
    m_bases->setToolTip(tr("Shows the base images of the host and who uses them"));
    auto *poolsLine = new QHBoxLayout;
    poolsLine->addWidget(m_poolsTitle, 1);
    poolsLine->addWidget(m_bases);
    m_poolsNote = new QLabel(m_content);
    m_poolsNote->setTextFormat(Qt::PlainText);
    m_poolsNote->setWordWrap(true);
    m_poolsLayout = new QVBoxLayout;
    m_poolsLayout->setSpacing(10);
    auto *content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(12);
    content->addWidget(m_memory);
    content->addWidget(m_facts);
    content->addLayout(poolsLine);
    content->addWidget(m_poolsNote);
    content->addLayout(m_poolsLayout);

    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_connect);
    buttons->addWidget(m_disconnect);
    buttons->addWidget(m_edit);
    buttons->addStretch();
    auto *scrolled = new QWidget;
    auto *column = new QVBoxLayout(scrolled);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(10);
    column->addWidget(m_title);
    auto *stateRow = new QHBoxLayout;
    stateRow->setSpacing(6);
    stateRow->addWidget(m_sign, 0, Qt::AlignTop);
    stateRow->addWidget(m_sentence, 1);
    column->addLayout(stateRow);
    column->addWidget(m_message);
    column->addLayout(buttons);
    column->addSpacing(4);
    column->addWidget(m_content);
    column->addStretch();
    auto *scroll = new QScrollArea(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(scrolled);
    auto *outer = new QVBoxLayout(page);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    return page;
}

virt::Host *HostPage::current() const
{
    return m_id.isNull() ? nullptr : m_context.hosts.host(m_id);
}

void HostPage::setHost(const virt::HostId &id)
{
    disconnect(m_statusConnection);
    disconnect(m_infoConnection);
    m_id = id;
    ++m_poolsGeneration;
    m_pools.clear();
    m_poolsError.clear();
    m_poolsWanted = true;
    if (virt::Host *host = current()) {
        m_statusConnection = connect(host, &virt::Host::statusChanged, this, [this] {
            const virt::Host *on = current();
            m_poolsWanted = m_poolsWanted || (on && on->isConnected());
            showStatus();
            readPools();
        });
        m_infoConnection = connect(host, &virt::Host::infoChanged, this, [this] {
            m_poolsWanted = true;
            showInfo();
            showUse();
            readPools();
        });
    }
    m_definitions->setHost(id);
    m_events->setSubject(id, {});
    showStatus();
    showInfo();
    showUse();
    showPools();
    readPools();
}

void HostPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_poolsWanted = true; // what others did meanwhile
    showStatus();
    readPools();
}

void HostPage::showStatus()
{
    const virt::Host *host = current();
    setEnabled(host);
    if (!host) {
        m_title->clear();
        m_sentence->clear();
        m_message->clear();
        m_content->hide();
        return;
    }
    const virt::HostStatus &status = host->status();
    const HostState state = status.state;
    m_title->setText(host->settings().displayName());
    QString sentence = status.sentence;
    if (state != HostState::Connected && status.lastAnswer.isValid()) {
        sentence += QStringLiteral(" \u00b7 ")
            + tr("last seen %1").arg(model::formatAge(status.lastAnswer.secsTo(QDateTime::currentDateTime())));
    }
    m_sentence->setText(sentence);
    const int side = m_sentence->fontMetrics().height();
    m_sign->setPixmap(glyphIcon(glyphOf(state)).pixmap(side, side));
    m_connect->setText(state == HostState::Disconnected ? tr("&Connect") : tr("&Retry"));
    m_connect->setVisible(
        state == HostState::Disconnected || state == HostState::Failed || state == HostState::Reconnecting);
    m_disconnect->setText(state == HostState::Connecting ? tr("&Cancel") : tr("&Disconnect"));
    m_disconnect->setVisible(state != HostState::Disconnected && state != HostState::Failed);
    if (state == HostState::Connected || state == HostState::Disconnected || status.error.message.isEmpty()) {
        m_message->clear();
    } else {
        m_message->showMessage(state == HostState::Failed ? MessageBar::Kind::Error : MessageBar::Kind::Warning,
            status.error.message, status.error.hint);
    }
    m_content->setVisible(state == HostState::Connected || !host->info().hypervisor.isEmpty());
    m_content->setEnabled(state == HostState::Connected);
    m_content->setPalette(colours::readableWhenDisabled(palette()));
}

void HostPage::showInfo()
{
    const virt::Host *host = current();
    const virt::HostInfo info = host ? host->info() : virt::HostInfo();
    const auto fact = [this](Fact row, const QString &value) {
        m_facts->setValue(row, value);
    };
    fact(Uri, info.uri.isEmpty() && host ? host->settings().uri : info.uri);
    fact(HostName, info.hostname);
    QString hypervisor = info.hypervisor;
    if (!hypervisor.isEmpty() && !info.hypervisorVersion.isEmpty()) {
        hypervisor += QLatin1Char(' ') + info.hypervisorVersion;
    }
    if (info.readOnly) {
        hypervisor = tr("%1, read-only connection").arg(hypervisor);
    }
    fact(Hypervisor, hypervisor);
    fact(Libvirt, info.libvirtVersion);
    QStringList cpu;
    for (const QString &part :
        {info.cpuModel, info.arch, info.cpuMhz > 0 ? tr("%1 MHz").arg(info.cpuMhz) : QString()}) {
        if (!part.isEmpty()) {
            cpu.append(part);
        }
    }
    fact(Cpu, cpu.join(QStringLiteral(", ")));
    if (info.cpus > 0) {
        fact(Topology,
            tr("%1 CPUs: %2 × %3 × %4 (sockets, cores, threads)")
                .arg(info.cpus)
                .arg(info.sockets)
                .arg(info.cores)
                .arg(info.threads));
    } else {
        fact(Topology, {});
    }
    fact(Features, info.features.join(QStringLiteral(", ")));
    showStatus();
}

void HostPage::showUse()
{
    const virt::Host *host = current();
    if (!host) {
        return;
    }
    quint64 promisedKiB = 0;
    int promisedVcpus = 0;
    const QList<QUuid> domains = m_context.inventory.domainsOf(m_id);
    for (const QUuid &domain : domains) {
        const virt::DomainRecord *record = m_context.inventory.domain({m_id, domain});
        if (!record || !record->isActive()) {
            continue;
        }
        promisedKiB += std::max(record->memoryKiB, record->maxMemoryKiB);
        promisedVcpus += record->vcpus;
    }
    const virt::HostInfo &info = host->info();
    m_facts->setValue(Vcpus,
        info.cpus > 0 ? tr("%1 promised to running VMs, of %2 CPUs").arg(promisedVcpus).arg(info.cpus) : QString());
    const bool usedKnown = info.freeMemoryKiB > 0 && info.freeMemoryKiB <= info.memoryKiB;
    const QString total = model::formatKiB(info.memoryKiB);
    const QString promised = tr("%1 promised to running VMs").arg(model::formatKiB(promisedKiB));
    const QString text = usedKnown
        ? tr("%1 used of %2, %3").arg(model::formatKiB(info.memoryKiB - info.freeMemoryKiB), total, promised)
        : tr("%1, %2").arg(total, promised);
    m_memory->setVisible(info.memoryKiB > 0);
    m_memory->setValues(static_cast<double>(info.memoryKiB),
        usedKnown ? static_cast<double>(info.memoryKiB - info.freeMemoryKiB) : -1, static_cast<double>(promisedKiB),
        tr("Memory"), text);
}

void HostPage::showPools()
{
    while (m_poolBars.size() > m_pools.size()) {
        delete m_poolBars.takeLast();
    }
    while (m_poolBars.size() < m_pools.size()) {
        auto *bar = new CapacityBar(m_content);
        m_poolsLayout->addWidget(bar);
        m_poolBars.append(bar);
    }
    for (qsizetype index = 0; index < m_pools.size(); ++index) {
        const virt::storage::Pool &pool = m_pools[index];
        const quint64 used = pool.capacity > pool.available ? pool.capacity - pool.available : 0;
        const QString text = pool.active
            ? tr("%1 used of %2").arg(model::formatBytes(used), model::formatBytes(pool.capacity))
            : tr("not active");
        m_poolBars[index]->setValues(
            static_cast<double>(pool.capacity), pool.active ? static_cast<double>(used) : -1, -1, pool.name, text);
        m_poolBars[index]->setEnabled(pool.active);
    }
    const QString note = !m_poolsError.isEmpty() ? m_poolsError
        : m_pools.isEmpty()                      ? tr("None yet. The New VM wizard makes one when it needs it.")
                                                 : QString();
    m_poolsNote->setText(note);
    m_poolsNote->setHidden(note.isEmpty());
}

void HostPage::readPools()
{
    virt::Host *host = current();
    if (!m_poolsWanted || !host || !host->isConnected() || !isVisible()) {
        return;
    }
    m_poolsWanted = false;
    host->ask<QList<virt::storage::Pool>>(
        this, [](virt::Connection &connection) { return virt::storage::pools(connection); },
        [this, generation = ++m_poolsGeneration](Result<QList<virt::storage::Pool>> answer) {
            if (generation != m_poolsGeneration) {
                return;
            }
            m_poolsError = answer ? QString() : answer.error().message;
            if (answer) {
                m_pools = *answer;
                std::ranges::sort(m_pools, {}, &virt::storage::Pool::name);
            }
            showPools();
        });
}

} // namespace vireo::ui
