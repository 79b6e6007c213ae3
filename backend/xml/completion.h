// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QString>
#include <QStringList>

#include "backend/xml/domaincapabilities.h"
#include "backend/xml/syntaxtree.h"

namespace vireo::xml {

/** One thing that may be typed. */
struct Completion {
    enum class Kind { Element, Attribute, Value, EndTag };
    Kind kind = Kind::Element;
    QString label;         ///< as listed: "disk", "type", "virtio"
    QString insert;        ///< what replaces the word: "interface type=''>…</interface>" for an element behind its "<"
    qsizetype cursor = 0;  ///< where the cursor goes, counted in `insert`
    QString detail;        ///< short: "required", "on this host", "once"; may be empty
    QString documentation; ///< a sentence or two; may be empty
    bool completesFurther = false; ///< there is something to complete where the cursor goes: open the list again
    friend bool operator==(const Completion &, const Completion &) = default;
};

struct CompletionList {
    TextRange word; ///< what an item replaces
    QList<Completion>
        items; ///< best first: what is required, then by name; those that don't match what is typed are left out
    friend bool operator==(const CompletionList &, const CompletionList &) = default;
};

/** Text for a tool tip. */
struct HoverText {
    TextRange range;
    QString title;      ///< "<disk> in <devices>"
    QString text;       ///< what it is, in our own words; empty: nothing is known
    QStringList values; ///< what is allowed there, when that is a short list
    friend bool operator==(const HoverText &, const HoverText &) = default;
};

/** What exists on a host, for narrowing completion and for the hardware pages' lists. A value; empty: not known. */
struct HostVocabulary {
    DomainCapabilities capabilities; ///< for the domain's own emulator, architecture, machine and type
    QStringList machines;            ///< names for <type machine='…'>
    QStringList networks;
    QStringList bridges;
    QStringList interfaces; ///< devices that macvtap can use
    QStringList pools;
    QMap<QString, QStringList> volumes; ///< by pool
    QStringList nodeDevices;            ///< names as in virsh nodedev-list
    QStringList filters;                ///< network filters
    QStringList secrets;                ///< UUIDs
    friend bool operator==(const HostVocabulary &, const HostVocabulary &) = default;
};

} // namespace vireo::xml
