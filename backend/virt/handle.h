// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <libvirt/libvirt.h>

/** Move-only owners for libvirt's reference-counted handles. Private to backend/virt. */
namespace vireo::virt {

template<auto Free>
struct HandleDeleter {
    template<typename T>
    void operator()(T *handle) const
    {
        Free(handle);
    }
};

using DomainHandle = std::unique_ptr<virDomain, HandleDeleter<virDomainFree>>;
using PoolHandle = std::unique_ptr<virStoragePool, HandleDeleter<virStoragePoolFree>>;
using VolumeHandle = std::unique_ptr<virStorageVol, HandleDeleter<virStorageVolFree>>;
using NetworkHandle = std::unique_ptr<virNetwork, HandleDeleter<virNetworkFree>>;
using StreamHandle = std::unique_ptr<virStream, HandleDeleter<virStreamFree>>;
using FilterHandle = std::unique_ptr<virNWFilter, HandleDeleter<virNWFilterFree>>;
using NodeDeviceHandle = std::unique_ptr<virNodeDevice, HandleDeleter<virNodeDeviceFree>>;
using SecretHandle = std::unique_ptr<virSecret, HandleDeleter<virSecretFree>>;
using SnapshotHandle = std::unique_ptr<virDomainSnapshot, HandleDeleter<virDomainSnapshotFree>>;

} // namespace vireo::virt
