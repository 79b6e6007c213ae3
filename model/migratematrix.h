// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "backend/operation/migrate/migrate.h"

namespace vireo::model {

/** Whether one VM can go to one host. */
struct MatrixCell {
    enum class State {
        Reading, ///< not known yet
        Here,    ///< it is there already
        Known,
        Failed ///< what is needed could not be read: see the text
    } state = State::Reading;
    job::Finding::Severity severity = job::Finding::Severity::Ok;
    QString text;        ///< the worst finding
    QStringList details; ///< all that is worse than ok, worst first, with what can be done
    friend bool operator==(const MatrixCell &, const MatrixCell &) = default;
};

/** What a cell says of a pre-flight. Pure. */
MatrixCell matrixCell(const QList<operation::Check> &checks);

/**
 * VM x host: rows are VMs, the first column is their names, the others are hosts in the order in which they are given
 * (nothing jumps while cells fill in one by one; best() says which to take). GUI thread.
 */
class MigrateMatrix final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateMatrix)

public:
    enum Role {
        StateRole = Qt::UserRole + 1, ///< int of MatrixCell::State
        SeverityRole,                 ///< int of Finding::Severity; only of a known cell
        HostRole,                     ///< QUuid, of columns above 0; also in the header
        ChosenRole                    ///< bool: this column is the destination
    };
    struct Host {
        virt::HostId id;
        QString name;
        friend bool operator==(const Host &, const Host &) = default;
    };
    struct Vm {
        virt::DomainKey key;
        QString name;
        friend bool operator==(const Vm &, const Vm &) = default;
    };

    explicit MigrateMatrix(QObject *parent = nullptr);

    /** What is known of those that stay is kept. Hosts in the user's order. */
    void setVms(const QList<Vm> &vms);
    void setHosts(const QList<Host> &hosts);
    void setCell(const virt::DomainKey &vm, const virt::HostId &host, const MatrixCell &cell);
    /** All cells of a host are being read anew. */
    void forget(const virt::HostId &host);
    void setChosen(const virt::HostId &host);

    const QList<Vm> &vms() const { return m_vms; }
    const QList<Host> &hosts() const { return m_hosts; }
    MatrixCell cell(const virt::DomainKey &vm, const virt::HostId &host) const;
    /** The worst cell of a column; Reading as long as one is. A VM that is there already counts only when all are. */
    MatrixCell column(const virt::HostId &host) const;
    /** The first host that all VMs can go to; null: none, or not known yet. */
    virt::HostId best() const;
    virt::HostId hostAt(int column) const;
    int columnOf(const virt::HostId &host) const; ///< -1: none
    /** Cells that are still being read. */
    int readingCount() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString cellText(const MatrixCell &cell) const;

    QList<Vm> m_vms;
    QList<Host> m_hosts;
    QHash<std::pair<virt::DomainKey, virt::HostId>, MatrixCell> m_cells;
    virt::HostId m_chosen;
};

} // namespace vireo::model
