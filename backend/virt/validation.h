// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "backend/xml/syntaxtree.h"

namespace vireo::virt {

/**
 * libvirt validates by libxml2, whose time doubles with each optional attribute of an element: a disk's <driver> or a
 * filter's <tcp> with 18 of them keeps the daemon busy for many minutes. Nobody can stop that, so such a definition
 * goes without; Vireo's own check of the schema has seen it, and what libvirt drops is found by reading back. Private
 * to backend/virt.
 */
inline bool mayBeValidated(const QString &xml)
{
    constexpr int most = 12; // takes 0.1 s
    const xml::SyntaxTree tree = xml::SyntaxTree::parse(xml);
    return std::ranges::none_of(tree.nodes(), [](const xml::SyntaxNode &node) { return node.attributeCount > most; });
}

} // namespace vireo::virt
