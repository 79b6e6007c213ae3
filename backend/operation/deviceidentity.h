// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QStringList>

#include "backend/xml/document.h"

/** Which device is which in two definitions of a domain. Private to backend/operation. Pure; any thread. */
namespace vireo::operation {

/** A device of a domain's definition. A value: it outlives its document. */
struct DevicePart {
    QString kind;     ///< the element's name: disk, interface …
    QString type;     ///< its attribute "type"
    QString model;    ///< its model, where it has one
    QString bus;      ///< of its target or its own
    QString function; ///< of a disk: disk, cdrom, floppy, lun; of the others empty
    QString identity; ///< what tells it from others of its kind: a target, a MAC address …; empty: nothing does
    QString alias;
    QString address; ///< "pci 0:0:5.0"; empty: none is said
    QString meaning; ///< all of it but alias and address, normalised
    QString label;   ///< "Disk vdb", for people
    QString xml;
};

/** The devices in their order. */
QList<DevicePart> devicesOf(const xml::Document &domain);
DevicePart deviceOf(const xml::Element &device);

/** The same text for elements that mean the same: order, quotes, comments and white space don't count. */
QString meaningOf(const xml::Element &element, const QStringList &withoutChildren = {});

/** A device before and after; -1: it is new, or gone. */
struct DevicePair {
    int before = -1;
    int after = -1;
};
/** Pairs by identity, then by alias, meaning and address, then by order where nothing speaks against it. */
QList<DevicePair> pairDevices(const QList<DevicePart> &before, const QList<DevicePart> &after);

/** Its index among devices of another definition of the same domain; -1. `siblings` are the devices that `device` is
 *  one of: they are paired with the others, so that two alike are told apart. */
int findDevice(const QList<DevicePart> &among, const QList<DevicePart> &siblings, int device);

/** Something tells that they are one: what may be taken out of a running VM must not be guessed by order. */
bool isSurely(const DevicePart &running, const DevicePart &defined);

} // namespace vireo::operation
