// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/devices/field.h"

namespace vireo::xml::devices {

/**
 * A kind of device, or a part of the domain itself: what it is called and what its page shows. Each is made by a
 * function in a small file of its own; a further kind is such a file and a line in allKinds().
 */
struct DeviceKind {
    QString id;         ///< "disk", "cdrom", "overview"
    QString name;       ///< "Disk"
    QString element;    ///< in <devices>; empty: a part of the domain itself
    QStringList parts;  ///< of a part of the domain: the elements that belong to it
    bool minor = false; ///< listed among "Other": companions that libvirt makes by itself
    std::function<bool(const DeviceContext &)> matches;  ///< none: every one of that element
    std::function<QString(const DeviceContext &)> title; ///< none: the name
    std::function<QString(const DeviceContext &)> subtitle;
    QList<DeviceField> fields; ///< none: its XML is its page
    /** A new one with sensible defaults, as XML. None: it can't be added from the list of kinds. */
    std::function<QString(const XmlText &, const HostFacts &)> make;
    /** Why this host or this domain can't have (another) one; empty: it can. */
    std::function<QString(const XmlText &, const HostFacts &)> lacking;

    QString titleOf(const DeviceContext &context) const { return title ? title(context) : name; }
    QString subtitleOf(const DeviceContext &context) const { return subtitle ? subtitle(context) : QString(); }
    const DeviceField *field(const QString &fieldId) const;
};

DeviceKind overviewKind();
DeviceKind cpuKind();
DeviceKind memoryKind();
DeviceKind bootKind();
DeviceKind diskKind();
DeviceKind cdromKind();
DeviceKind floppyKind();
DeviceKind nicKind();
DeviceKind graphicsKind();
DeviceKind videoKind();
DeviceKind controllerKind();
DeviceKind companionKind();
/** Kinds whose page is their XML. */
QList<DeviceKind> plainKinds();

/** All of them, in the order of the list. Made at the first call: after the translations are loaded. */
const QList<DeviceKind> &allKinds();
/** By id; null: there is none. */
const DeviceKind *findKind(const QString &id);
/** What the element at `path` (a child of <devices>) is; never null: the last kind matches everything. */
const DeviceKind &kindAt(const XmlText &document, const ElementPath &path);

/** Something wrong with a setting. */
struct DeviceProblem {
    ElementPath path; ///< of the device
    QString field;    ///< id
    QString text;     ///< a sentence
    friend bool operator==(const DeviceProblem &, const DeviceProblem &) = default;
};
/** What is wrong with the settings that are shown on a device's page. */
QList<DeviceProblem> problemsOf(const DeviceKind &kind, const DeviceContext &context);

} // namespace vireo::xml::devices
