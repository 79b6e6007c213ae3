// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/deviceidentity.h"

/** What libvirt and QEMU can change in a running domain. Private to backend/operation. Pure; any thread. */
namespace vireo::operation {

/** A running domain, as far as its devices may be changed. */
class RunningMachine final
{
    Q_DISABLE_COPY_MOVE(RunningMachine)

public:
    explicit RunningMachine(const xml::Document &running);

    const QList<DevicePart> &devices() const { return m_devices; }
    int maxVcpus() const { return m_maxVcpus; }
    int vcpus() const { return m_vcpus; }
    quint64 memoryKib() const { return m_memoryKib; } ///< the most that it may have now
    bool hasBalloon() const;

    // Why not, as a sentence; empty: it can be done. attachRefusal() takes what the device needs (a port), so that the
    // next one finds it taken.
    QString attachRefusal(const DevicePart &device);
    QString detachRefusal(const DevicePart &running) const;
    /** `running` is the device as it runs; `before` and `after` what the definition says of it. */
    QString updateRefusal(const DevicePart &running, const xml::Element &before, const xml::Element &after) const;

private:
    QString driverRefusal() const;
    QString portRefusal(const DevicePart &device);
    bool hasController(const QString &type) const;

    QString m_type; ///< of the domain: qemu, kvm, lxc …
    QList<DevicePart> m_devices;
    QStringList m_comingControllers; ///< types that attachRefusal() has let in
    bool m_isPcie = false;
    int m_freePorts = 0;
    int m_maxVcpus = 0;
    int m_vcpus = 0;
    quint64 m_memoryKib = 0;
};

/** The children and attributes ("@model") that differ between two forms of one device; address and alias don't count.
 */
QStringList differingParts(const xml::Element &before, const xml::Element &after);

/** The XML for virDomainUpdateDeviceFlags(LIVE): what runs, with those parts of `after` that may change. Passwords are
 *  left as they are when `after` has none, unless `exact`. */
Result<QString> updateXml(const QString &runningDevice, const QString &after, bool exact = false);

/** A running device's XML as it can be attached again: without what libvirt made up for this run. */
QString attachableXml(const QString &runningDevice);

/** Value of a size element ("memory") in KiB. */
quint64 kibOf(const xml::Element &element);

} // namespace vireo::operation
