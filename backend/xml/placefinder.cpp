// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/xml/completion_p.h"

namespace vireo::xml {

using rng::PatternId;
using rng::PatternPool;

PatternId PlaceFinder::before(int element, qsizetype position, int left)
{
    PatternId pattern = m_matcher.start();
    if (element >= 0) {
        const PatternId opened = openedAt(element);
        if (opened == PatternPool::notAllowed) {
            return opened;
        }
        const PatternId tag = withAttributes(opened, element, -1);
        const PatternId closed = m_matcher.closeTag(tag);
        pattern = closed != PatternPool::notAllowed ? closed : m_matcher.closeTag(tag, true);
    }
    int child = element >= 0 ? m_tree.node(element).firstChild : -1;
    for (; child >= 0 && m_tree.node(child).whole.from < position; child = m_tree.node(child).next) {
        if (child == left || m_tree.node(child).kind != SyntaxNode::Kind::Element) {
            continue;
        }
        // What it holds is not looked at: it may be half written, and there may be thousands of them.
        const PatternId next = m_matcher.skip(pattern, nameOf(child));
        pattern = next != PatternPool::notAllowed ? next : pattern;
    }
    return pattern;
}

QList<rng::NameId> PlaceFinder::behind(int element, qsizetype position, int left)
{
    QList<rng::NameId> names;
    int child = element >= 0 ? m_tree.node(element).firstChild : -1;
    for (; child >= 0; child = m_tree.node(child).next) {
        const SyntaxNode &node = m_tree.node(child);
        if (child == left || node.kind != SyntaxNode::Kind::Element || node.whole.from < position) {
            continue;
        }
        const rng::NameId name = nameOf(child);
        const qsizetype count = names.size();
        // A third one in a row tells no more than the second.
        if (count < 2 || names[count - 1] != name || names[count - 2] != name) {
            names.append(name);
        }
    }
    return names;
}

/** The element's start tag, without its attributes. */
PatternId PlaceFinder::openedAt(int element)
{
    QList<int> way;
    for (int node = element; node >= 0; node = m_tree.node(node).parent) {
        way.prepend(node);
    }
    PatternId pattern = m_matcher.start();
    for (qsizetype i = 0; i < way.size(); ++i) {
        if (i > 0) {
            const PatternId tag = withAttributes(pattern, way[i - 1], -1);
            const PatternId closed = m_matcher.closeTag(tag);
            pattern = closed != PatternPool::notAllowed ? closed : m_matcher.closeTag(tag, true);
            for (int child = m_tree.node(way[i - 1]).firstChild; child != way[i]; child = m_tree.node(child).next) {
                if (m_tree.node(child).kind == SyntaxNode::Kind::Element) {
                    const PatternId next = m_matcher.skip(pattern, nameOf(child));
                    pattern = next != PatternPool::notAllowed ? next : pattern;
                }
            }
        }
        const rng::NameId name = nameOf(way[i]);
        const PatternId opened = m_matcher.openTag(pattern, name);
        pattern = opened != PatternPool::notAllowed ? opened : m_matcher.openTagTooEarly(pattern, name);
        if (pattern == PatternPool::notAllowed) {
            return pattern;
        }
    }
    return pattern;
}

PatternId PlaceFinder::withAttributes(PatternId pattern, int element, int left)
{
    const SyntaxNode &node = m_tree.node(element);
    for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
        const SyntaxAttribute &attribute = m_tree.attributes()[i];
        if (i == left || rng::NamespaceLookup::isDeclaration(m_tree.slice(attribute.name))) {
            continue;
        }
        const PatternId named = m_matcher.attributeName(pattern, nameOf(element, attribute));
        if (named == PatternPool::notAllowed) {
            continue;
        }
        const PatternId next = m_matcher.attributeValue(named, unescape(m_tree.slice(attribute.value)));
        pattern = next != PatternPool::notAllowed ? next : m_matcher.attributeValue(named, {}, true);
    }
    return pattern;
}

PatternId PlaceFinder::inTag(int element, int leftAttribute)
{
    const PatternId opened = openedAt(element);
    return opened == PatternPool::notAllowed ? opened : withAttributes(opened, element, leftAttribute);
}

} // namespace vireo::xml
