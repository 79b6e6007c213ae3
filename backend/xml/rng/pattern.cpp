// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/pattern.h"

#include <algorithm>

namespace vireo::xml::rng {

PatternPool::PatternPool()
    : m_table(1024, -1)
{
    add(Kind::NotAllowed, false, -1, -1);
    add(Kind::Empty, true, -1, -1);
    add(Kind::Text, true, -1, -1);
}

std::span<const PatternId> PatternPool::children(PatternId id) const
{
    const Pattern &pattern = at(id);
    if (pattern.count == 0) {
        return {};
    }
    return {m_children.data() + pattern.a, static_cast<std::size_t>(pattern.count)};
}

std::size_t PatternPool::hashOf(const Pattern &pattern, std::span<const PatternId> parts) const
{
    std::uint64_t hash = static_cast<std::uint64_t>(pattern.kind) + 0x9e3779b97f4a7c15U;
    const auto mix = [&hash](int value) {
        hash ^= static_cast<std::uint64_t>(static_cast<std::uint32_t>(value));
        hash *= 0xff51afd7ed558ccdU;
        hash ^= hash >> 32U;
    };
    if (parts.empty()) {
        mix(pattern.a);
        mix(pattern.b);
    }
    for (const PatternId part : parts) {
        mix(part);
    }
    return static_cast<std::size_t>(hash);
}

/** Where the pattern stands in the table, or the free place for it. */
std::size_t PatternPool::slotOf(std::size_t hash, const Pattern &wanted, std::span<const PatternId> parts) const
{
    const std::size_t mask = m_table.size() - 1;
    for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
        const PatternId id = m_table[slot];
        if (id < 0) {
            return slot;
        }
        const Pattern &there = at(id);
        if (there.kind != wanted.kind || there.count != wanted.count) {
            continue;
        }
        if (parts.empty() ? there.a == wanted.a && there.b == wanted.b : std::ranges::equal(children(id), parts)) {
            return slot;
        }
    }
}

void PatternPool::grow()
{
    m_table.assign(m_table.size() * 2, -1);
    for (PatternId id = 0; id < size(); ++id) {
        const std::span<const PatternId> parts = children(id);
        m_table[slotOf(hashOf(at(id), parts), at(id), parts)] = id;
    }
}

PatternId PatternPool::add(Kind kind, bool nullable, int a, int b)
{
    const Pattern pattern{kind, nullable, a, b, 0};
    const std::size_t slot = slotOf(hashOf(pattern, {}), pattern, {});
    if (m_table[slot] >= 0) {
        return m_table[slot];
    }
    const PatternId id = size();
    m_table[slot] = id;
    m_patterns.push_back(pattern);
    if (m_patterns.size() * 2 > m_table.size()) {
        grow();
    }
    return id;
}

PatternId PatternPool::addMany(Kind kind, bool nullable, const std::vector<PatternId> &parts)
{
    Pattern pattern{kind, nullable, static_cast<int>(m_children.size()), -1, static_cast<int>(parts.size())};
    const std::size_t slot = slotOf(hashOf(pattern, parts), pattern, parts);
    if (m_table[slot] >= 0) {
        return m_table[slot];
    }
    const PatternId id = size();
    m_table[slot] = id;
    m_children.insert(m_children.end(), parts.begin(), parts.end());
    m_patterns.push_back(pattern);
    if (m_patterns.size() * 2 > m_table.size()) {
        grow();
    }
    return id;
}

PatternId PatternPool::choice(const std::vector<PatternId> &parts)
{
    std::vector<PatternId> flat;
    flat.reserve(parts.size());
    for (const PatternId part : parts) {
        if (kind(part) == Kind::Choice) {
            const auto inner = children(part);
            flat.insert(flat.end(), inner.begin(), inner.end());
        } else if (part != notAllowed) {
            flat.push_back(part);
        }
    }
    std::ranges::sort(flat);
    const auto repeated = std::ranges::unique(flat);
    flat.erase(repeated.begin(), repeated.end());
    bool isNullable = std::ranges::any_of(flat, [this](PatternId id) { return nullable(id); });
    // "Empty" adds nothing beside another that may be empty.
    if (std::ranges::any_of(flat, [this](PatternId id) { return id != empty && nullable(id); })) {
        std::erase(flat, empty);
    }
    if (flat.empty()) {
        return notAllowed;
    }
    return flat.size() == 1 ? flat.front() : addMany(Kind::Choice, isNullable, flat);
}

PatternId PatternPool::interleave(const std::vector<PatternId> &parts)
{
    std::vector<PatternId> flat;
    flat.reserve(parts.size());
    for (const PatternId part : parts) {
        if (part == notAllowed) {
            return notAllowed;
        }
        if (kind(part) == Kind::Interleave) {
            const auto inner = children(part);
            flat.insert(flat.end(), inner.begin(), inner.end());
        } else if (part != empty) {
            flat.push_back(part);
        }
    }
    if (flat.empty()) {
        return empty;
    }
    if (flat.size() == 1) {
        return flat.front();
    }
    std::ranges::sort(flat);
    return addMany(Kind::Interleave, std::ranges::all_of(flat, [this](PatternId id) { return nullable(id); }), flat);
}

PatternId PatternPool::group(PatternId a, PatternId b)
{
    if (a == notAllowed || b == notAllowed) {
        return notAllowed;
    }
    if (a == empty) {
        return b;
    }
    return b == empty ? a : add(Kind::Group, nullable(a) && nullable(b), a, b);
}

PatternId PatternPool::oneOrMore(PatternId a)
{
    if (a == notAllowed || a == empty || kind(a) == Kind::OneOrMore) {
        return a;
    }
    return add(Kind::OneOrMore, nullable(a), a, -1);
}

PatternId PatternPool::after(PatternId a, PatternId b)
{
    return a == notAllowed || b == notAllowed ? notAllowed : add(Kind::After, false, a, b);
}

} // namespace vireo::xml::rng
