// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What DomainTreeModel says in each cell.
#include <algorithm>

#include <QLocale>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/domaintreemodel_p.h"
#include "model/format.h"

using namespace Qt::StringLiterals;

namespace vireo::model {
namespace {

using Column = DomainTreeModel::Column;

/** Foreign text for a tool tip, which would take markup in it for rich text. */
QString plain(const QString &text)
{
    return text.contains(u'<') ? u"<span style=\"white-space: pre-wrap\">"_s + text.toHtmlEscaped() + u"</span>"_s
                               : text;
}

bool isSaved(const virt::DomainRecord &domain)
{
    return domain.state == virt::DomainState::ShutOff && domain.managedSave;
}

QString stateWord(const virt::DomainRecord &domain)
{
    return isSaved(domain) ? DomainTreeModel::tr("saved") : virt::stateText(domain.state);
}

/** State, and why when that says more. */
QString stateSentence(const virt::DomainRecord &domain)
{
    const QString reason = isSaved(domain) ? QString() : virt::reasonText(domain.state, domain.reason);
    return reason.isEmpty() ? stateWord(domain) : stateWord(domain) + u" · "_s + reason;
}

QString hostStateWord(virt::HostState state)
{
    switch (state) {
    case virt::HostState::Disconnected:
        return DomainTreeModel::tr("disconnected");
    case virt::HostState::Connecting:
        return DomainTreeModel::tr("connecting");
    case virt::HostState::Connected:
        return DomainTreeModel::tr("connected");
    case virt::HostState::NotResponding:
        return DomainTreeModel::tr("not responding");
    case virt::HostState::Reconnecting:
        return DomainTreeModel::tr("reconnecting");
    case virt::HostState::Failed:
        return DomainTreeModel::tr("failed");
    }
    return {};
}

bool isNumeric(int column)
{
    return column >= Column::CpuColumn && column <= Column::NetworkColumn;
}

QString figureText(const virt::InventoryEntry &entry, int column)
{
    const virt::DomainRecord &domain = entry.record;
    const bool live = domain.isActive();
    switch (column) {
    case Column::CpuColumn:
        return live ? formatPercent(static_cast<double>(entry.figures.cpuPercent)) : QString();
    case Column::MemoryColumn:
        return domain.memoryKiB > 0 ? formatKiB(domain.memoryKiB) : QString();
    case Column::VcpusColumn:
        return domain.vcpus > 0 ? QString::number(domain.vcpus) : QString();
    case Column::DiskColumn:
        return live ? formatRate(static_cast<double>(entry.figures.diskBytesPerSecond)) : QString();
    case Column::NetworkColumn:
        return live ? formatRate(static_cast<double>(entry.figures.netBytesPerSecond)) : QString();
    default:
        return {};
    }
}

QString figureToolTip(const virt::InventoryEntry &entry, int column)
{
    const virt::DomainRecord &domain = entry.record;
    const virt::DomainStats &stats = entry.lastStats;
    const bool live = domain.isActive();
    const QLocale locale;
    switch (column) {
    case Column::CpuColumn:
        return live && entry.figures.cpuPercent >= 0
            ? DomainTreeModel::tr("%1 % of its vCPUs (%2)")
                  .arg(locale.toString(static_cast<double>(entry.figures.cpuPercent), 'f', 1))
                  .arg(domain.vcpus)
            : QString();
    case Column::MemoryColumn:
        if (live && stats.usedMemoryKiB > 0) {
            return DomainTreeModel::tr("%1 KiB used of %2 KiB, maximum %3 KiB")
                .arg(locale.toString(stats.usedMemoryKiB), locale.toString(domain.memoryKiB),
                    locale.toString(domain.maxMemoryKiB));
        }
        return DomainTreeModel::tr("%1 KiB, maximum %2 KiB")
            .arg(locale.toString(domain.memoryKiB), locale.toString(domain.maxMemoryKiB));
    case Column::VcpusColumn:
        return DomainTreeModel::tr("%1 vCPUs, maximum %2").arg(domain.vcpus).arg(domain.maxVcpus);
    case Column::DiskColumn:
        return live && entry.figures.diskBytesPerSecond >= 0
            ? DomainTreeModel::tr("%1 bytes/s; since start: %2 read, %3 written")
                  .arg(locale.toString(static_cast<double>(entry.figures.diskBytesPerSecond), 'f', 0),
                      formatBytes(stats.diskReadBytes), formatBytes(stats.diskWriteBytes))
            : QString();
    case Column::NetworkColumn:
        return live && entry.figures.netBytesPerSecond >= 0
            ? DomainTreeModel::tr("%1 bytes/s; since start: %2 received, %3 sent")
                  .arg(locale.toString(static_cast<double>(entry.figures.netBytesPerSecond), 'f', 0),
                      formatBytes(stats.netRxBytes), formatBytes(stats.netTxBytes))
            : QString();
    default:
        return {};
    }
}

QVariant history(const virt::InventoryEntry &entry, int column)
{
    if (!entry.history || !isNumeric(column) || column == Column::VcpusColumn) {
        return {};
    }
    QList<float> values;
    values.reserve(entry.history->size());
    for (int i = 0; i < entry.history->size(); ++i) {
        const virt::DomainFigures &figures = entry.history->at(i);
        const float value = column == Column::CpuColumn ? figures.cpuPercent / 100
            : column == Column::MemoryColumn            ? figures.memoryPercent / 100
            : column == Column::DiskColumn              ? figures.diskBytesPerSecond
                                                        : figures.netBytesPerSecond;
        values << std::max(value, 0.0F); // unknown draws as nothing
    }
    return QVariant::fromValue(values);
}

QVariant sortValue(const virt::InventoryEntry &entry, const DomainRow &row, const QString &hostName, int column)
{
    const virt::DomainRecord &domain = entry.record;
    switch (column) {
    case Column::NameColumn:
        return domain.displayName();
    case Column::HostColumn:
        return hostName;
    case Column::StateColumn:
        return stateRank(domain);
    case Column::CpuColumn:
        return entry.figures.cpuPercent;
    case Column::MemoryColumn:
        return domain.memoryKiB;
    case Column::VcpusColumn:
        return domain.vcpus;
    case Column::DiskColumn:
        return entry.figures.diskBytesPerSecond;
    case Column::NetworkColumn:
        return entry.figures.netBytesPerSecond;
    case Column::AddressesColumn:
        return row.addresses;
    case Column::OsColumn:
        return formatOs(domain.osId);
    case Column::TagsColumn:
        return row.tags;
    case Column::AutostartColumn:
        return domain.autostart;
    default:
        return {};
    }
}

QString domainText(const virt::InventoryEntry &entry, const DomainRow &row, const QString &hostName, int column)
{
    switch (column) {
    case Column::NameColumn:
        return entry.record.displayName();
    case Column::HostColumn:
        return hostName;
    case Column::StateColumn:
        return stateWord(entry.record);
    case Column::AddressesColumn:
        return row.addresses.join(u", "_s);
    case Column::OsColumn:
        return formatOs(entry.record.osId);
    case Column::TagsColumn:
        return row.tags.join(u", "_s);
    case Column::AutostartColumn:
        return entry.record.autostart ? DomainTreeModel::tr("yes") : QString();
    default:
        return figureText(entry, column);
    }
}

QString domainToolTip(const virt::InventoryEntry &entry, const DomainRow &row, const QString &hostUri, int column)
{
    const virt::DomainRecord &domain = entry.record;
    switch (column) {
    case Column::NameColumn: {
        QStringList lines;
        if (!domain.title.isEmpty() && domain.title != domain.name) {
            lines << domain.name;
        }
        if (!domain.description.isEmpty()) {
            lines << domain.description;
        }
        return plain(lines.join(u'\n'));
    }
    case Column::HostColumn:
        return plain(hostUri);
    case Column::StateColumn:
        return stateSentence(domain);
    case Column::AddressesColumn:
        return plain(row.addresses.join(u'\n'));
    case Column::OsColumn:
        return plain(domain.osId);
    case Column::TagsColumn:
        return plain(row.tags.join(u'\n'));
    case Column::AutostartColumn:
        return domain.autostart ? DomainTreeModel::tr("Starts with its host")
                                : DomainTreeModel::tr("Doesn't start with its host");
    default:
        return figureToolTip(entry, column);
    }
}

} // namespace

QVariant DomainTreeModel::Private::groupData(const Group &group, int column, int role) const
{
    if (role == KindRole) {
        return QVariant::fromValue(group.kind);
    }
    if (group.kind == Kind::Tag) {
        const QString name = group.tag.isEmpty() ? tr("Untagged") : group.tag;
        const QString count = group.rows.size() == 1 ? tr("1 VM") : tr("%1 VMs").arg(group.rows.size());
        switch (role) {
        case Qt::DisplayRole:
        case SortRole:
            return column == NameColumn ? name : QVariant();
        case Qt::AccessibleTextRole:
            return column == NameColumn ? name + u", "_s + count : QVariant();
        case SecondLineRole:
            return count;
        case StaleRole:
            return false;
        default:
            return {};
        }
    }
    const auto found = hosts.find(group.host);
    if (found == hosts.end()) {
        return {};
    }
    const HostState &state = found->second;
    const virt::HostStatus &status = state.host->status();
    const auto secondLine = [&] {
        return state.host->isConnected() ? tr("connected · %1 of %2 running").arg(state.active).arg(state.total)
                                         : status.sentence;
    };
    switch (role) {
    case Qt::DisplayRole:
        return column == NameColumn ? state.name : column == StateColumn ? hostStateWord(status.state) : QVariant();
    case SortRole:
        return column == NameColumn ? state.name : QVariant();
    case Qt::ToolTipRole: {
        QString text = state.host->settings().uri;
        if (!status.error.message.isEmpty()) {
            text += u'\n' + status.error.message;
        }
        return plain(text);
    }
    case Qt::AccessibleTextRole:
        return column == NameColumn ? state.name + u", "_s + secondLine() : QVariant();
    case HostIdRole:
        return group.host;
    case StateRole:
        return static_cast<int>(status.state);
    case SecondLineRole:
        return secondLine();
    case StaleRole:
        return state.stale;
    default:
        return {};
    }
}

QString DomainTreeModel::Private::accessibleName(const virt::DomainKey &key, const virt::DomainRecord &domain) const
{
    QStringList parts{domain.displayName(), stateWord(domain), migrationLine(key), badges.value(key).text};
    parts.removeAll(QString());
    return parts.join(u", "_s);
}

QVariant DomainTreeModel::Private::domainData(const DomainRow &row, int column, int role) const
{
    const virt::InventoryEntry *entry = inventory.entry(row.key);
    const auto host = hosts.find(row.key.host);
    if (!entry || host == hosts.end()) {
        return {};
    }
    const virt::DomainRecord &domain = entry->record;
    switch (role) {
    case Qt::DisplayRole:
        return domainText(*entry, row, host->second.name, column);
    case Qt::ToolTipRole: {
        const QString tip = domainToolTip(*entry, row, host->second.host->settings().uri, column);
        const QString badge = column == NameColumn ? plain(badges.value(row.key).toolTip) : QString();
        return tip.isEmpty() || badge.isEmpty() ? tip + badge : badge + u'\n' + tip;
    }
    case Qt::AccessibleTextRole:
        return column == NameColumn ? accessibleName(row.key, domain)
                                    : domainText(*entry, row, host->second.name, column);
    case BadgeRole:
        return column == NameColumn && badges.contains(row.key) ? badges.value(row.key).text : QVariant();
    case Qt::TextAlignmentRole:
        return isNumeric(column) ? QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    case KindRole:
        return QVariant::fromValue(Kind::Domain);
    case KeyRole:
        return QVariant::fromValue(row.key);
    case HostIdRole:
        return row.key.host;
    case StateRole:
        return static_cast<int>(domain.state);
    case SavedRole:
        return isSaved(domain);
    case SecondLineRole: {
        const QString migrates = migrationLine(row.key);
        return migrates.isEmpty() ? stateSentence(domain) : migrates;
    }
    case HistoryRole:
        return domain.isActive() ? history(*entry, column) : QVariant();
    case SortRole:
        return sortValue(*entry, row, host->second.name, column);
    case TagsRole:
        return row.tags;
    case JobFractionRole: {
        const double fraction = jobFraction(row.key);
        return fraction >= 0 ? fraction : QVariant();
    }
    case StaleRole:
        return host->second.stale;
    default:
        return {};
    }
}

QVariant DomainTreeModel::data(const QModelIndex &index, int role) const
{
    if (const DomainRow *row = m_d->rowAt(index)) {
        return m_d->domainData(*row, index.column(), role);
    }
    const Private::Group *group = m_d->groupAt(index);
    return group ? m_d->groupData(*group, index.column(), role) : QVariant();
}

QVariant DomainTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole && isNumeric(section)) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Name");
    case HostColumn:
        return tr("Host");
    case StateColumn:
        return tr("State");
    case CpuColumn:
        return tr("CPU");
    case MemoryColumn:
        return tr("Memory");
    case VcpusColumn:
        return tr("vCPUs");
    case DiskColumn:
        return tr("Disk I/O");
    case NetworkColumn:
        return tr("Network I/O");
    case AddressesColumn:
        return tr("Addresses");
    case OsColumn:
        return tr("OS");
    case TagsColumn:
        return tr("Tags");
    case AutostartColumn:
        return tr("Autostart");
    default:
        return {};
    }
}

} // namespace vireo::model
