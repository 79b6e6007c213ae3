// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/snapshot.h"
#include "backend/virt/storage.h"

/** Files of backing chains on the host, wherever they are. Blocking; a job's thread. */
namespace vireo::operation {

/**
 * The active pool whose target is `directory`; where there is none, a transient one (virStoragePoolCreateXML), which
 * this object stops again when it goes. So layers outside of all pools can be made and deleted too.
 */
class DirectoryPool final
{
    Q_DISABLE_COPY_MOVE(DirectoryPool)

public:
    static Result<std::unique_ptr<DirectoryPool>> open(const virt::ConnectionPtr &connection, const QString &directory);
    ~DirectoryPool();
    const QString &name() const { return m_name; }

private:
    DirectoryPool(virt::ConnectionPtr connection, QString name, bool ours);
    virt::ConnectionPtr m_connection;
    QString m_name;
    bool m_ours = false;
};

/** Makes an empty qcow2 overlay of mode 0600 on `backing` (whose format must be known), of `capacity` bytes. Error:
 *  something is there already; libvirt's. */
Result<> createOverlay(
    const virt::ConnectionPtr &connection, const QString &path, const snapshot::Layer &backing, quint64 capacity);
/** Deletes a file. Nothing there is fine. */
Result<> deleteLayer(const virt::ConnectionPtr &connection, const QString &path);
/** NotFound: nothing there. */
Result<virt::storage::Volume> layerVolume(const virt::ConnectionPtr &connection, const QString &path);

} // namespace vireo::operation
