// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <QList>

/// RELAX NG, as far as Vireo needs it: the patterns of a grammar, and how they follow a document (James Clark, "An
/// algorithm for RELAX NG validation"). Only for the sources of this folder and their tests.
namespace vireo::xml::rng {

using PatternId = int;
using NameId = int;

enum class Kind : std::uint8_t {
    NotAllowed,
    Empty,
    Text,
    Choice,     ///< children: sorted, none twice
    Interleave, ///< children: sorted
    Group,      ///< a, then b
    OneOrMore,  ///< a
    List,       ///< a
    Data,       ///< a: index of a data type
    Value,      ///< a: index of a value
    Attribute,  ///< a: name class, b: pattern of the value
    Element,    ///< a: index of an element
    After,      ///< a: what is left of an open element, b: what follows it
};

struct Pattern {
    Kind kind = Kind::NotAllowed;
    bool nullable = false; ///< matches no children and no attributes
    int a = -1;
    int b = -1;
    int count = 0; ///< children of Choice and Interleave; the first is at `a` of the pool's list
};

/**
 * Patterns, each there once, so that equal ones have equal numbers. Grows only. A value; not thread-safe while it
 * grows.
 */
class PatternPool
{
public:
    static constexpr PatternId notAllowed = 0;
    static constexpr PatternId empty = 1;
    static constexpr PatternId text = 2;

    PatternPool();
    const Pattern &at(PatternId id) const { return m_patterns[static_cast<std::size_t>(id)]; }
    Kind kind(PatternId id) const { return at(id).kind; }
    bool nullable(PatternId id) const { return at(id).nullable; }
    /** Of Choice and Interleave. Valid until the pool grows. */
    std::span<const PatternId> children(PatternId id) const;
    int size() const { return static_cast<int>(m_patterns.size()); }

    PatternId choice(const std::vector<PatternId> &parts);
    PatternId choice(PatternId a, PatternId b) { return choice(std::vector{a, b}); }
    PatternId interleave(const std::vector<PatternId> &parts);
    PatternId group(PatternId a, PatternId b);
    PatternId oneOrMore(PatternId a);
    PatternId optional(PatternId a) { return choice(a, empty); }
    PatternId after(PatternId a, PatternId b);
    PatternId list(PatternId a) { return add(Kind::List, false, a, -1); }
    PatternId data(int type) { return add(Kind::Data, false, type, -1); }
    PatternId value(int index) { return add(Kind::Value, false, index, -1); }
    PatternId attribute(int nameClass, PatternId value) { return add(Kind::Attribute, false, nameClass, value); }
    PatternId element(int index) { return add(Kind::Element, false, index, -1); }

private:
    PatternId add(Kind kind, bool nullable, int a, int b);
    PatternId addMany(Kind kind, bool nullable, const std::vector<PatternId> &parts);
    std::size_t slotOf(std::size_t hash, const Pattern &wanted, std::span<const PatternId> parts) const;
    void grow();
    std::size_t hashOf(const Pattern &pattern, std::span<const PatternId> parts) const;

    std::vector<Pattern> m_patterns;
    std::vector<PatternId> m_children;
    std::vector<PatternId> m_table; ///< open addressing; -1: free
};

} // namespace vireo::xml::rng
