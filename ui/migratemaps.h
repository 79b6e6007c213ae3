// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/operation/migrate/migrate.h"

class QTreeWidget;

namespace vireo::ui {

/** One line for each network and pool of what moves, with a choice among those that the destination has. Hidden while
 *  there is none. GUI thread. */
class MigrateMaps final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateMaps)

public:
    struct Names {
        QStringList networks; ///< networks and bridges
        QStringList pools;
        friend bool operator==(const Names &, const Names &) = default;
    };

    explicit MigrateMaps(QWidget *parent = nullptr);

    /** Names of the networks and bridges that the VM's interfaces are on. Any thread; pure. */
    static QStringList networksOf(const QString &domainXml);
    /** Any thread; pure. */
    static QStringList poolsOf(const snapshot::Facts &facts);
    static Names namesOf(const operation::MigrateDestination &there);

    /** Boxes are made anew only when what they offer is another. */
    void setNames(const virt::HostId &destination, Names here, Names there, const operation::MigrateDraft::Map &chosen);

Q_SIGNALS:
    /** `there` empty: the same name. */
    void networkMapped(const QString &here, const QString &there);
    void poolMapped(const QString &here, const QString &there);

private:
    void addLine(const QString &what, const QString &name, const QStringList &offered, const QString &chosen,
        void (MigrateMaps::*mapped)(const QString &, const QString &));

    QTreeWidget *m_lines;
    virt::HostId m_destination;
    Names m_here;
    Names m_there;
    bool m_filled = false;
};

} // namespace vireo::ui
