// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overviewpage.h"

#include <cmath>

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QStyle>
#include <QTableWidget>
#include <QTimer>
#include <QToolButton>

#include "backend/virt/host.h"
#include "backend/virt/inventory.h"
#include "model/format.h"
#include "ui/chart.h"
#include "ui/colours.h"
#include "ui/domainwatch.h"
#include "ui/factlist.h"
#include "ui/messagebar.h"
#include "ui/stateicons.h"
#include "ui/tagstrip.h"

namespace vireo::ui {

namespace {

QLabel *plainLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText); // names and descriptions come from elsewhere
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setWordWrap(true);
    return label;
}

QLabel *sectionTitle(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    QFont strong = label->font();
    strong.setWeight(QFont::DemiBold);
    label->setFont(strong);
    return label;
}

/** A table that shows all its rows at once: the page scrolls, not the table. */
QTableWidget *sectionTable(const QStringList &headers, const QString &name, QWidget *parent)
{
    auto *table = new QTableWidget(0, static_cast<int>(headers.size()), parent);
    table->setHorizontalHeaderLabels(headers);
    table->setAccessibleName(name);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setTabKeyNavigation(false);
    table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table->setTextElideMode(Qt::ElideMiddle);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table->horizontalHeader()->setStretchLastSection(true);
    return table;
}

void fillTable(QTableWidget *table, const QList<QStringList> &rows)
{
    table->setRowCount(static_cast<int>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < rows[row].size(); ++column) {
            auto *item = new QTableWidgetItem(rows[row][column]);
            item->setToolTip(Qt::convertFromPlainText(rows[row][column]));
            table->setItem(row, column, item);
        }
    }
    table->resizeColumnsToContents();
    for (int column = 0; column < table->columnCount() - 1; ++column) {
        table->setColumnWidth(column, table->columnWidth(column) + table->fontMetrics().averageCharWidth() * 2);
    }
    const int height = table->horizontalHeader()->sizeHint().height() + table->verticalHeader()->length() + 2;
    table->setFixedHeight(height);
}

} // namespace

OverviewPage::OverviewPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_watch(new DomainWatch(context, this))
    , m_message(new MessageBar(this))
    , m_content(new QWidget)
{
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(m_content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    auto *messageRow = new QHBoxLayout;
    messageRow->setContentsMargins(8, 8, 8, 0);
    messageRow->addWidget(m_message);
    outer->addLayout(messageRow);
    outer->addWidget(scroll, 1);

    m_facts = new FactList(m_content);
    m_refreshAddresses = new QToolButton;
    m_refreshAddresses->setIcon(style()->standardIcon(QStyle::SP_BrowserReload));
    m_refreshAddresses->setAutoRaise(true);
    m_refreshAddresses->setToolTip(tr("Asks the host for the addresses again"));
    m_refreshAddresses->setAccessibleName(tr("Refresh addresses"));
    // In the order of Fact.
    m_facts->addFact(tr("Host"));
    m_facts->addFact(tr("Operating system"));
    m_facts->addFact(tr("vCPUs"));
    m_facts->addFact(tr("Memory"));
    m_facts->addFact(tr("Addresses"), m_refreshAddresses);
    m_facts->addFact(tr("Machine"));
    m_facts->addFact(tr("Autostart"));
    m_facts->addFact(tr("Definition"));
    m_facts->addFact(tr("UUID"));

    m_middle = new QBoxLayout(QBoxLayout::TopToBottom);
    m_middle->setSpacing(18);
    m_middle->addWidget(buildCharts());
    m_middle->addWidget(m_facts, 0, Qt::AlignTop);
    m_disksTitle = sectionTitle(tr("Disks"), m_content);
    m_disks = sectionTable({tr("Device"), tr("Kind"), tr("Bus"), tr("Format"), tr("Source")}, tr("Disks"), m_content);
    m_nicsTitle = sectionTitle(tr("Network interfaces"), m_content);
    m_nics =
        sectionTable({tr("Kind"), tr("Source"), tr("Model"), tr("MAC address")}, tr("Network interfaces"), m_content);

    auto *layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->setSpacing(10);
    layout->addWidget(buildHeader());
    layout->addLayout(m_middle);
    layout->addSpacing(4);
    layout->addWidget(m_disksTitle);
    layout->addWidget(m_disks);
    layout->addWidget(m_nicsTitle);
    layout->addWidget(m_nics);
    layout->addStretch();

    connect(m_refreshAddresses, &QToolButton::clicked, this, &OverviewPage::readAddresses);
    connect(m_watch, &DomainWatch::replaced, this, &OverviewPage::replace);
    connect(m_watch, &DomainWatch::changed, this, [this] {
        m_devicesWanted = true;
        m_addressesWanted = m_addressesWanted || m_watch->record().isActive() != m_wasActive;
        showRecord();
        readWhatIsMissing();
    });
    connect(m_watch, &DomainWatch::figuresChanged, this, &OverviewPage::showFigures);
    connect(m_watch, &DomainWatch::hostStatusChanged, this, [this] {
        showRecord();
        readWhatIsMissing();
    });
    auto *clock = new QTimer(this);
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible() && !m_watch->isFresh()) {
            showMessage(); // "last seen" grows
        }
    });
    clock->start(1000);
    replace();
}

QWidget *OverviewPage::buildHeader()
{
    auto *header = new QWidget(m_content);
    m_stateSign = new QLabel(header);
    m_title = plainLabel(header);
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_title->setObjectName(QStringLiteral("vmTitle"));
    m_name = plainLabel(header);
    m_state = plainLabel(header);
    m_state->setObjectName(QStringLiteral("vmState"));
    m_description = plainLabel(header);
    m_description->setObjectName(QStringLiteral("vmDescription"));
    m_tags = new TagStrip(header);

    auto *stateRow = new QHBoxLayout;
    stateRow->setSpacing(6);
    stateRow->addWidget(m_stateSign, 0, Qt::AlignVCenter);
    stateRow->addWidget(m_state, 1);
    auto *layout = new QVBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(5);
    layout->addWidget(m_title);
    layout->addWidget(m_name);
    layout->addLayout(stateRow);
    layout->addWidget(m_description);
    layout->addWidget(m_tags);
    return header;
}

QWidget *OverviewPage::buildCharts()
{
    auto *box = new QWidget(m_content);
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(14);
    const std::array titles{tr("CPU"), tr("Memory"), tr("Disk"), tr("Network")};
    for (size_t index = 0; index < m_charts.size(); ++index) {
        auto *chart = new Chart(box);
        chart->setTitle(titles[index]);
        chart->setUnit(index < 2 ? Chart::Unit::Percent : Chart::Unit::BytesPerSecond);
        grid->addWidget(chart, static_cast<int>(index / 2), static_cast<int>(index % 2));
        m_charts[index] = chart;
    }
    return box;
}

void OverviewPage::setDomain(const virt::DomainKey &key)
{
    m_watch->setDomain(key);
}

void OverviewPage::replace()
{
    ++m_devicesGeneration;
    ++m_addressesGeneration;
    m_lastStatsNs = 0;
    m_refreshAddresses->setEnabled(true);
    m_devices = {};
    m_devicesError.clear();
    m_devicesWanted = true;
    m_addressesWanted = true;
    m_facts->clearValues();
    showRecord();
    showDevices();
    showFigures();
    readWhatIsMissing();
}

void OverviewPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    readWhatIsMissing();
    showMessage();
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool wide = width() > fontMetrics().averageCharWidth() * 130;
    m_middle->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_middle->setStretch(0, wide ? 3 : 0);
    m_middle->setStretch(1, wide ? 2 : 0);
}

void OverviewPage::showRecord()
{
    const virt::DomainRecord &record = m_watch->record();
    m_content->setVisible(!m_watch->key().isNull());
    m_content->setEnabled(m_watch->isFresh());
    m_content->setPalette(colours::readableWhenDisabled(palette()));
    m_title->setText(record.displayName());
    m_name->setText(tr("Name: %1").arg(record.name));
    m_name->setHidden(record.title.isEmpty() || record.title == record.name);
    const QString reason = virt::reasonText(record.state, record.reason);
    QString state = virt::stateText(record.state);
    if (!state.isEmpty()) {
        state[0] = state[0].toUpper();
    }
    if (!reason.isEmpty()) {
        state = tr("%1 (%2)", "state, reason").arg(state, reason);
    }
    if (record.managedSave && !record.isActive()) {
        state = tr("%1, state saved", "state").arg(state);
    }
    m_state->setText(state);
    const int side = m_state->fontMetrics().height();
    m_stateSign->setPixmap(glyphIcon(glyphOf(record.state, record.managedSave)).pixmap(side, side));
    m_description->setText(record.description);
    m_description->setHidden(record.description.isEmpty());
    m_tags->setTags(record.tags);

    const auto fact = [this](Fact row, const QString &value) {
        m_facts->setValue(row, value);
    };
    fact(Host, m_watch->hostName());
    fact(Os, model::formatOs(record.osId));
    if (record.vcpus > 0) {
        fact(Vcpus,
            record.maxVcpus > record.vcpus ? tr("%1 of at most %2").arg(record.vcpus).arg(record.maxVcpus)
                                           : QString::number(record.vcpus));
    }
    if (record.maxMemoryKiB > 0) {
        const QString most = model::formatKiB(record.maxMemoryKiB);
        fact(Memory,
            record.memoryKiB > 0 && record.memoryKiB < record.maxMemoryKiB
                ? tr("%1 of at most %2").arg(model::formatKiB(record.memoryKiB), most)
                : most);
    }
    if (!record.isActive()) {
        fact(Addresses, {});
    }
    fact(Autostart, record.autostart ? tr("Yes, with the host") : tr("No"));
    fact(Kind, record.persistent ? tr("Persistent") : tr("Transient: gone once it stops"));
    fact(Uuid, record.uuid.isNull() ? QString() : record.uuid.toString(QUuid::WithoutBraces));
    m_wasActive = record.isActive();
    if (!m_wasActive) {
        showFigures();
    }
    showMessage();
}

void OverviewPage::showFigures()
{
    std::array<QList<float>, 4> series;
    const virt::InventoryEntry *entry = m_watch->key().isNull() ? nullptr : m_context.inventory.entry(m_watch->key());
    if (!entry && !m_watch->key().isNull() && !m_watch->record().uuid.isNull()) {
        return; // it vanished: the last lines stay
    }
    if (entry && entry->history) {
        for (int index = 0; index < entry->history->size(); ++index) {
            const virt::DomainFigures &figures = entry->history->at(index);
            series[0].append(figures.cpuPercent);
            series[1].append(figures.memoryPercent);
            series[2].append(figures.diskBytesPerSecond);
            series[3].append(figures.netBytesPerSecond);
        }
    }
    // The host's period adapts to what its answers cost; whole seconds, so that the axis' text stands still.
    if (entry && entry->lastStatsNs > m_lastStatsNs && m_lastStatsNs > 0) {
        m_interval = std::max(1.0, std::round(static_cast<double>(entry->lastStatsNs - m_lastStatsNs) / 1e9));
    }
    m_lastStatsNs = entry ? entry->lastStatsNs : 0;
    for (size_t index = 0; index < series.size(); ++index) {
        m_charts[index]->setInterval(m_interval);
        m_charts[index]->setSeries(series[index]);
    }
}

void OverviewPage::showDevices()
{
    QList<QStringList> disks;
    for (const xml::DiskDevice &disk : std::as_const(m_devices.disks)) {
        QString kind = disk.device == QLatin1String("cdrom") ? tr("CD-ROM")
            : disk.device == QLatin1String("floppy")         ? tr("Floppy")
            : disk.device == QLatin1String("lun")            ? tr("LUN")
                                                             : tr("Disk");
        if (disk.readOnly && disk.device != QLatin1String("cdrom")) {
            kind = tr("%1, read-only").arg(kind);
        }
        disks.append({disk.target, kind, disk.bus, disk.format, disk.source.isEmpty() ? tr("No medium") : disk.source});
    }
    QList<QStringList> nics;
    for (const xml::NicDevice &nic : std::as_const(m_devices.nics)) {
        nics.append({nic.kind, nic.source, nic.model, nic.mac});
    }
    fillTable(m_disks, disks);
    fillTable(m_nics, nics);
    m_disksTitle->setHidden(disks.isEmpty());
    m_disks->setHidden(disks.isEmpty());
    m_nicsTitle->setHidden(nics.isEmpty());
    m_nics->setHidden(nics.isEmpty());

    QStringList machine;
    for (const QString &part : {m_devices.virtType.toUpper(), m_devices.arch, m_devices.machine, m_devices.firmware}) {
        if (!part.isEmpty()) {
            machine.append(part);
        }
    }
    m_facts->setValue(Machine, machine.join(QStringLiteral(", ")));
}

void OverviewPage::showMessage()
{
    const QString stale = m_watch->staleSentence();
    if (!stale.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, stale, m_watch->staleHint());
    } else if (!m_devicesError.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, m_devicesError);
    } else {
        m_message->clear();
    }
}

void OverviewPage::readWhatIsMissing()
{
    if (!isVisible() || !m_watch->isFresh()) {
        return;
    }
    if (m_devicesWanted) {
        readDevices();
    }
    if (m_addressesWanted && m_watch->record().isActive()) {
        readAddresses();
    }
}

void OverviewPage::readDevices()
{
    m_devicesWanted = false;
    const auto kind = m_watch->record().isActive() ? virt::domains::XmlKind::Live : virt::domains::XmlKind::Inactive;
    m_watch->host()->ask<xml::DomainDevices>(
        this,
        [domain = m_watch->key().domain, kind](virt::Connection &connection) -> Result<xml::DomainDevices> {
            const Result<QString> text = virt::domains::xml(connection, domain, kind);
            return text ? xml::readDevices(*text) : Result<xml::DomainDevices>(fail(text.error()));
        },
        [this, generation = ++m_devicesGeneration](Result<xml::DomainDevices> answer) {
            if (generation != m_devicesGeneration) {
                return;
            }
            m_devicesError = answer ? QString() : answer.error().message;
            if (answer && *answer != m_devices) {
                m_devices = *answer;
                showDevices();
            }
            showMessage();
        });
}

void OverviewPage::readAddresses()
{
    virt::Host *host = m_watch->host();
    if (!host || !m_watch->record().isActive()) {
        return;
    }
    m_addressesWanted = false;
    if (m_facts->value(Addresses).isEmpty()) {
        m_facts->setValue(Addresses, tr("Asking the host …"));
    }
    m_refreshAddresses->setEnabled(false);
    host->ask<QStringList>(
        this,
        [domain = m_watch->key().domain](
            virt::Connection &connection) { return virt::domains::addresses(connection, domain); },
        [this, generation = ++m_addressesGeneration](Result<QStringList> answer) {
            if (generation != m_addressesGeneration) {
                return;
            }
            m_refreshAddresses->setEnabled(true);
            if (!m_watch->record().isActive()) {
                return;
            }
            if (!answer) {
                m_facts->setValue(Addresses, answer.error().message);
            } else {
                m_facts->setValue(Addresses, answer->isEmpty() ? tr("None known") : answer->join(QLatin1Char('\n')));
            }
        });
}

} // namespace vireo::ui
