// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/completion.h"

namespace vireo::xml {

/** Values that a host offers for an attribute or a text. */
struct HostChoice {
    struct Offer {
        QString value;
        QString detail; ///< "usable", "deprecated"; empty: nothing to say
    };
    QList<Offer> offers; ///< best first
    bool closed = false; ///< there are no others on this host
    bool knows(const QString &value) const;
};

/** For an attribute of an element of a domain or network (empty: its text). Empty: the host says nothing about it. */
HostChoice hostChoice(const SyntaxTree &tree, int element, const QString &attribute, const HostVocabulary &host);

/** The first name of that kind that no disk of the document has: "vdb". `except`: an element that does not count. */
QString nextFreeTarget(const SyntaxTree &tree, const QString &bus, int except = -1);

} // namespace vireo::xml
