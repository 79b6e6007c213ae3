// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratemaps.h"

#include <algorithm>

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/xml/document.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

MigrateMaps::MigrateMaps(QWidget *parent)
    : QWidget(parent)
    , m_lines(new QTreeWidget(this))
{
    m_lines->setColumnCount(3);
    m_lines->setHeaderLabels({tr("What"), tr("Here"), tr("At the destination")});
    m_lines->setAccessibleName(tr("Mappings"));
    m_lines->setObjectName(u"migrateMaps"_s);
    m_lines->setRootIsDecorated(false);
    m_lines->header()->setStretchLastSection(true);
    m_lines->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(new QLabel(tr("Networks and pools"), this));
    layout->addWidget(m_lines);
}

QStringList MigrateMaps::networksOf(const QString &domainXml)
{
    QStringList names;
    const auto document = xml::Document::parse(domainXml);
    if (!document) {
        return names;
    }
    const QList<xml::Element> nics = document->root().child(u"devices"_s).children(u"interface"_s);
    for (const xml::Element &nic : nics) {
        const xml::Element source = nic.child(u"source"_s);
        const QString network = source.attribute(u"network"_s);
        const QString name = network.isEmpty() ? source.attribute(u"bridge"_s) : network;
        if (!name.isEmpty() && !names.contains(name)) {
            names.append(name);
        }
    }
    return names;
}

QStringList MigrateMaps::poolsOf(const snapshot::Facts &facts)
{
    QStringList names;
    for (const snapshot::FileFacts &file : facts.files) {
        if (!file.pool.isEmpty() && !names.contains(file.pool)) {
            names.append(file.pool);
        }
    }
    return names;
}

MigrateMaps::Names MigrateMaps::namesOf(const operation::MigrateDestination &there)
{
    Names names;
    for (const virt::hostcalls::Network &network : there.networks) {
        names.networks.append(network.name);
    }
    names.networks += there.bridges;
    for (const virt::storage::Pool &pool : there.pools) {
        names.pools.append(pool.name);
    }
    return names;
}

void MigrateMaps::setNames(
    const virt::HostId &destination, Names here, Names there, const operation::MigrateDraft::Map &chosen)
{
    here.networks.sort();
    here.pools.sort();
    there.networks.removeDuplicates();
    setVisible(!here.networks.isEmpty() || !here.pools.isEmpty());
    if (m_filled && destination == m_destination && here == m_here && there == m_there) {
        return; // choices are in the boxes already
    }
    m_filled = true;
    m_destination = destination;
    m_here = std::move(here);
    m_there = std::move(there);
    m_lines->clear();
    for (const QString &network : std::as_const(m_here.networks)) {
        addLine(tr("Network"), network, m_there.networks, chosen.networks.value(network), &MigrateMaps::networkMapped);
    }
    for (const QString &pool : std::as_const(m_here.pools)) {
        addLine(tr("Pool"), pool, m_there.pools, chosen.pools.value(pool), &MigrateMaps::poolMapped);
    }
    m_lines->resizeColumnToContents(0);
    m_lines->setColumnWidth(1, fontMetrics().averageCharWidth() * 24);
    // As high as its lines, from two to six: the page scrolls, not the table.
    const int rows = std::clamp(m_lines->topLevelItemCount(), 2, 6);
    m_lines->setFixedHeight(
        m_lines->header()->sizeHint().height() + rows * (fontMetrics().height() + 12) + 2 * m_lines->frameWidth() + 2);
}

void MigrateMaps::addLine(const QString &what, const QString &name, const QStringList &offered, const QString &chosen,
    void (MigrateMaps::*mapped)(const QString &, const QString &))
{
    auto *item = new QTreeWidgetItem(m_lines, {what, name});
    auto *box = new QComboBox;
    box->setAccessibleName(tr("%1 %2 at the destination", "kind and name").arg(what, name));
    box->addItem(
        offered.contains(name) ? tr("%1 (the same name)").arg(name) : tr("%1 (not there)").arg(name), QString());
    for (const QString &other : offered) {
        if (other != name) {
            box->addItem(other, other);
        }
    }
    box->setCurrentIndex(std::max(0, box->findData(chosen)));
    m_lines->setItemWidget(item, 2, box);
    connect(box, &QComboBox::activated, this,
        [this, box, name, mapped] { Q_EMIT(this->*mapped)(name, box->currentData().toString()); });
}

} // namespace vireo::ui
