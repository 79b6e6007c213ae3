// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/xml/rng/matcher.h"

namespace vireo::xml::rng {

PatternId Matcher::inside(PatternId id)
{
    const Pattern pattern = m_pool.at(id);
    if (pattern.kind == Kind::After) {
        return pattern.a;
    }
    if (pattern.kind != Kind::Choice) {
        return id;
    }
    const auto children = m_pool.children(id);
    std::vector<PatternId> parts(children.begin(), children.end());
    for (PatternId &part : parts) {
        part = m_pool.kind(part) == Kind::After ? m_pool.at(part).a : part;
    }
    return m_pool.choice(parts);
}

void Matcher::collect(PatternId id, What what, bool nextOnly, std::vector<int> &classes, std::vector<bool> &seen)
{
    // Patterns are as deep as the grammar is, not as the document.
    if (seen[static_cast<std::size_t>(id)]) {
        return;
    }
    seen[static_cast<std::size_t>(id)] = true;
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Choice:
    case Kind::Interleave:
        for (const PatternId part : m_pool.children(id)) {
            collect(part, what, nextOnly, classes, seen);
        }
        break;
    case Kind::Group:
        collect(pattern.a, what, nextOnly, classes, seen);
        if (!nextOnly || what == What::Attributes || m_pool.nullable(pattern.a)) {
            collect(pattern.b, what, nextOnly, classes, seen);
        }
        break;
    case Kind::OneOrMore:
        collect(pattern.a, what, nextOnly, classes, seen);
        break;
    case Kind::Element:
        if (what == What::Elements) {
            classes.push_back(m_grammar.elements[pattern.a].nameClass);
        }
        break;
    case Kind::Attribute:
        if (what == What::Attributes) {
            classes.push_back(pattern.a);
        }
        break;
    default:
        break;
    }
}

QList<int> Matcher::next(PatternId pattern, What what)
{
    std::vector<int> classes;
    std::vector<bool> seen(static_cast<std::size_t>(m_pool.size()), false);
    collect(pattern, what, true, classes, seen);
    return {classes.begin(), classes.end()};
}

QList<int> Matcher::all(PatternId pattern, What what)
{
    std::vector<int> classes;
    std::vector<bool> seen(static_cast<std::size_t>(m_pool.size()), false);
    collect(pattern, what, false, classes, seen);
    return {classes.begin(), classes.end()};
}

const Matcher::Names &Matcher::requiredOf(PatternId id, What what)
{
    auto &memory = m_required[static_cast<std::size_t>(what)];
    if (const auto known = memory.find(id); known != memory.end()) {
        return known->second;
    }
    Names result;
    const auto join = [&result](const Names &more) {
        result.everything = result.everything || more.everything;
        std::vector<NameId> both;
        std::ranges::set_union(result.names, more.names, std::back_inserter(both));
        result.names = std::move(both);
    };
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::NotAllowed:
        result.everything = true;
        break;
    case Kind::Choice:
        result.everything = true;
        for (const PatternId part : m_pool.children(id)) {
            const Names &other = requiredOf(part, what);
            if (other.everything) {
                continue;
            }
            std::vector<NameId> both;
            if (result.everything) {
                both = other.names;
            } else {
                std::ranges::set_intersection(result.names, other.names, std::back_inserter(both));
            }
            result = {std::move(both), false};
        }
        break;
    case Kind::Interleave:
        for (const PatternId part : m_pool.children(id)) {
            join(requiredOf(part, what));
        }
        break;
    case Kind::Group:
        join(requiredOf(pattern.a, what));
        join(requiredOf(pattern.b, what));
        break;
    case Kind::OneOrMore:
    case Kind::After:
        join(requiredOf(pattern.a, what));
        break;
    case Kind::Element:
    case Kind::Attribute: {
        const bool wanted = (pattern.kind == Kind::Element) == (what == What::Elements);
        const int nameClass = pattern.kind == Kind::Element ? m_grammar.elements[pattern.a].nameClass : pattern.a;
        if (wanted && m_grammar.onlyName(nameClass) >= 0) {
            result.names.push_back(m_grammar.onlyName(nameClass));
        }
        break;
    }
    default:
        break;
    }
    return memory.emplace(id, std::move(result)).first->second;
}

QList<NameId> Matcher::required(PatternId pattern, What what)
{
    const Names &names = requiredOf(pattern, what);
    return {names.names.begin(), names.names.end()};
}

bool Matcher::hasText(PatternId id)
{
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Text:
    case Kind::Data:
    case Kind::Value:
    case Kind::List:
        return true;
    case Kind::Choice:
    case Kind::Interleave:
        return std::ranges::any_of(m_pool.children(id), [this](PatternId part) { return hasText(part); });
    case Kind::Group:
        return hasText(pattern.a) || hasText(pattern.b);
    case Kind::OneOrMore:
    case Kind::After:
        return hasText(pattern.a);
    default:
        return false;
    }
}

PatternId Matcher::bodyOf(PatternId pattern, NameId name)
{
    return inside(openTag(pattern, name));
}

PatternId Matcher::values(PatternId id)
{
    return inside(id);
}

Matcher::Values Matcher::enumerate(PatternId id) const
{
    Values result;
    std::vector<PatternId> open{id};
    std::vector<bool> seen(static_cast<std::size_t>(m_pool.size()), false);
    while (!open.empty()) {
        const PatternId next = open.back();
        open.pop_back();
        if (seen[static_cast<std::size_t>(next)]) {
            continue;
        }
        seen[static_cast<std::size_t>(next)] = true;
        const Pattern pattern = m_pool.at(next);
        switch (pattern.kind) {
        case Kind::Text:
            result.anyText = true;
            break;
        case Kind::Value:
            result.words.append(m_grammar.values[pattern.a].text.simplified());
            break;
        case Kind::Data:
            if (const DataType &type = m_grammar.datas[pattern.a]; !type.words.isEmpty()) {
                result.words.append(type.words);
            } else {
                result.types.append(&type);
            }
            break;
        case Kind::Choice:
        case Kind::Interleave: {
            const auto children = m_pool.children(next);
            open.insert(open.end(), children.rbegin(), children.rend());
            break;
        }
        case Kind::Group:
            open.push_back(pattern.b);
            open.push_back(pattern.a);
            break;
        case Kind::OneOrMore:
        case Kind::List:
        case Kind::After:
            open.push_back(pattern.a);
            break;
        default:
            break;
        }
    }
    result.words.removeDuplicates();
    return result;
}

} // namespace vireo::xml::rng
