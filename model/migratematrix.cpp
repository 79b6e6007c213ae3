// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/migratematrix.h"

#include <algorithm>

#include "model/preflightmodel.h"

namespace vireo::model {

using namespace Qt::StringLiterals;
using Severity = job::Finding::Severity;
using State = MatrixCell::State;

MatrixCell matrixCell(const QList<operation::Check> &checks)
{
    MatrixCell cell;
    cell.state = State::Known;
    QList<job::Finding> findings;
    for (const operation::Check &check : checks) {
        if (check.finding.severity != Severity::Ok) {
            findings.append(check.finding);
        }
    }
    std::stable_sort(findings.begin(), findings.end(),
        [](const job::Finding &a, const job::Finding &b) { return a.severity > b.severity; });
    if (!findings.isEmpty()) {
        cell.severity = findings.constFirst().severity;
        cell.text = findings.constFirst().text;
    }
    for (const job::Finding &finding : std::as_const(findings)) {
        QString line = PreflightModel::severityWord(finding.severity) + u": "_s + finding.text;
        if (!finding.fix.isEmpty()) {
            line += u' ' + finding.fix;
        }
        cell.details.append(line);
    }
    return cell;
}

MigrateMatrix::MigrateMatrix(QObject *parent)
    : QAbstractTableModel(parent)
{}

void MigrateMatrix::setVms(const QList<Vm> &vms)
{
    if (vms != m_vms) {
        beginResetModel();
        m_vms = vms;
        endResetModel();
    }
}

void MigrateMatrix::setHosts(const QList<Host> &hosts)
{
    if (hosts == m_hosts) {
        return;
    }
    beginResetModel();
    for (const Host &gone : std::as_const(m_hosts)) {
        const bool stays =
            std::any_of(hosts.cbegin(), hosts.cend(), [&gone](const Host &host) { return host.id == gone.id; });
        if (!stays) {
            m_cells.removeIf([&gone](const auto &entry) { return entry.key().second == gone.id; });
        }
    }
    m_hosts = hosts;
    endResetModel();
}

void MigrateMatrix::setCell(const virt::DomainKey &vm, const virt::HostId &host, const MatrixCell &cell)
{
    const auto row = std::find_if(m_vms.cbegin(), m_vms.cend(), [&vm](const Vm &each) { return each.key == vm; });
    const int column = columnOf(host);
    if (row == m_vms.cend() || column < 0 || this->cell(vm, host) == cell) {
        return;
    }
    m_cells.insert({vm, host}, cell);
    const QModelIndex changed = index(static_cast<int>(row - m_vms.cbegin()), column);
    Q_EMIT dataChanged(changed, changed);
    Q_EMIT headerDataChanged(Qt::Horizontal, column, column);
}

void MigrateMatrix::forget(const virt::HostId &host)
{
    const int column = columnOf(host);
    if (column < 0 || m_vms.isEmpty()) {
        return;
    }
    m_cells.removeIf([&host](const auto &entry) { return entry.key().second == host; });
    Q_EMIT dataChanged(index(0, column), index(static_cast<int>(m_vms.size()) - 1, column));
    Q_EMIT headerDataChanged(Qt::Horizontal, column, column);
}

void MigrateMatrix::setChosen(const virt::HostId &host)
{
    if (host == m_chosen) {
        return;
    }
    const int before = columnOf(m_chosen);
    m_chosen = host;
    for (const int column : {before, columnOf(host)}) {
        if (column > 0 && !m_vms.isEmpty()) {
            Q_EMIT dataChanged(index(0, column), index(static_cast<int>(m_vms.size()) - 1, column), {ChosenRole});
            Q_EMIT headerDataChanged(Qt::Horizontal, column, column);
        }
    }
}

MatrixCell MigrateMatrix::cell(const virt::DomainKey &vm, const virt::HostId &host) const
{
    if (vm.host == host) {
        MatrixCell here;
        here.state = State::Here;
        return here;
    }
    return m_cells.value({vm, host});
}

MatrixCell MigrateMatrix::column(const virt::HostId &host) const
{
    MatrixCell worst;
    worst.state = State::Here;
    for (const Vm &vm : m_vms) {
        const MatrixCell each = cell(vm.key, host);
        if (each.state == State::Reading) {
            return each;
        }
        if (each.state == State::Here) {
            continue;
        }
        const bool worse = worst.state == State::Here || each.state == State::Failed
            || (worst.state == State::Known && each.severity > worst.severity);
        if (worse) {
            worst = each;
        }
    }
    return worst;
}

virt::HostId MigrateMatrix::best() const
{
    const Host *found = nullptr;
    Severity best = Severity::Blocker;
    for (const Host &host : m_hosts) {
        const MatrixCell verdict = column(host.id);
        if (verdict.state == State::Known && verdict.severity < best) {
            best = verdict.severity;
            found = &host;
        }
    }
    return found ? found->id : virt::HostId();
}

virt::HostId MigrateMatrix::hostAt(int column) const
{
    return column > 0 && column <= m_hosts.size() ? m_hosts.at(column - 1).id : virt::HostId();
}

int MigrateMatrix::columnOf(const virt::HostId &host) const
{
    const auto found =
        std::find_if(m_hosts.cbegin(), m_hosts.cend(), [&host](const Host &each) { return each.id == host; });
    return found == m_hosts.cend() ? -1 : static_cast<int>(found - m_hosts.cbegin()) + 1;
}

int MigrateMatrix::readingCount() const
{
    int count = 0;
    for (const Vm &vm : m_vms) {
        for (const Host &host : m_hosts) {
            count += cell(vm.key, host.id).state == State::Reading ? 1 : 0;
        }
    }
    return count;
}

int MigrateMatrix::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_vms.size());
}

int MigrateMatrix::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_hosts.size()) + 1;
}

QString MigrateMatrix::cellText(const MatrixCell &cell) const
{
    switch (cell.state) {
    case State::Reading:
        return tr("Checking…");
    case State::Here:
        return tr("It is here");
    case State::Failed:
        return tr("Unknown: %1").arg(cell.text);
    case State::Known:
        break;
    }
    const QString word = PreflightModel::severityWord(cell.severity);
    return cell.text.isEmpty() ? word : tr("%1: %2", "severity and finding").arg(word, cell.text);
}

QVariant MigrateMatrix::data(const QModelIndex &index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const Vm &vm = m_vms.at(index.row());
    if (index.column() == 0) {
        return role == Qt::DisplayRole ? QVariant(vm.name) : QVariant();
    }
    const Host &host = m_hosts.at(index.column() - 1);
    const MatrixCell cell = this->cell(vm.key, host.id);
    switch (role) {
    case Qt::DisplayRole:
        return cellText(cell);
    case Qt::AccessibleTextRole:
        return tr("%1 to %2: %3", "VM, host and verdict").arg(vm.name, host.name, cellText(cell));
    case Qt::ToolTipRole: {
        const QString text = cell.details.isEmpty() ? cellText(cell) : cell.details.join(u'\n');
        return text.toHtmlEscaped().replace(u'\n', u"<br>"_s);
    }
    case StateRole:
        return static_cast<int>(cell.state);
    case SeverityRole:
        return cell.state == State::Known ? QVariant(static_cast<int>(cell.severity)) : QVariant();
    case HostRole:
        return host.id;
    case ChosenRole:
        return host.id == m_chosen;
    default:
        return {};
    }
}

QVariant MigrateMatrix::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section > m_hosts.size()) {
        return {};
    }
    if (role == HostRole && section > 0) {
        return m_hosts.at(section - 1).id;
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    return section == 0 ? tr("VM") : m_hosts.at(section - 1).name;
}

} // namespace vireo::model
