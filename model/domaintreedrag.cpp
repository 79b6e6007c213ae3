// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/** Domains that are dragged onto other hosts. */
#include <algorithm>
#include <memory>

#include <QDataStream>
#include <QIODevice>
#include <QMimeData>
#include <QSet>

#include "model/domaintreemodel_p.h"

namespace vireo::model {

using namespace Qt::StringLiterals;

namespace {

const QString mimeType = u"application/x-vireo-domains"_s;

QList<virt::DomainKey> domainsOf(const QMimeData *data)
{
    QList<virt::DomainKey> keys;
    if (!data || !data->hasFormat(mimeType)) {
        return keys;
    }
    QDataStream stream(data->data(mimeType));
    while (!stream.atEnd()) {
        virt::DomainKey key;
        stream >> key.host >> key.domain;
        if (stream.status() != QDataStream::Ok) {
            break;
        }
        keys.append(key);
    }
    return keys;
}

} // namespace

bool DomainTreeModel::Private::isWritable(const virt::HostId &host) const
{
    const auto found = hosts.find(host);
    return found != hosts.end() && found->second.host && found->second.host->isConnected()
        && !found->second.host->settings().readOnly;
}

QStringList DomainTreeModel::mimeTypes() const
{
    return {mimeType};
}

QMimeData *DomainTreeModel::mimeData(const QModelIndexList &indexes) const
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    QStringList names;
    QSet<virt::DomainKey> seen; // a row has an index for each column, and one under each of its tags
    for (const QModelIndex &each : indexes) {
        const virt::DomainKey key = keyAt(each);
        if (key.isNull() || seen.contains(key)) {
            continue;
        }
        seen.insert(key);
        stream << key.host << key.domain;
        names.append(each.siblingAtColumn(NameColumn).data().toString());
    }
    if (seen.isEmpty()) {
        return nullptr;
    }
    auto data = std::make_unique<QMimeData>();
    data->setData(mimeType, bytes);
    data->setText(names.join(u'\n'));
    return data.release();
}

Qt::DropActions DomainTreeModel::supportedDropActions() const
{
    return Qt::CopyAction;
}

bool DomainTreeModel::canDropMimeData(const QMimeData *data, Qt::DropAction, int, int, const QModelIndex &parent) const
{
    if (!parent.isValid() || !flags(parent).testFlag(Qt::ItemIsDropEnabled)) {
        return false;
    }
    const virt::HostId host = hostAt(parent);
    const QList<virt::DomainKey> keys = domainsOf(data);
    return std::any_of(keys.cbegin(), keys.cend(), [&host](const virt::DomainKey &key) { return key.host != host; });
}

bool DomainTreeModel::dropMimeData(
    const QMimeData *data, Qt::DropAction action, int row, int column, const QModelIndex &parent)
{
    if (!canDropMimeData(data, action, row, column, parent)) {
        return false;
    }
    const virt::HostId host = hostAt(parent);
    QList<virt::DomainKey> keys = domainsOf(data);
    keys.removeIf([&](const virt::DomainKey &key) {
        return key.host == host || !m_d->isWritable(key.host) || !m_d->findRow(key);
    });
    if (!keys.isEmpty()) {
        Q_EMIT domainsDropped(keys, host);
    }
    return !keys.isEmpty();
}

} // namespace vireo::model
