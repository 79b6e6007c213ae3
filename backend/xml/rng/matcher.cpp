// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/matcher.h"

#include <algorithm>

namespace vireo::xml::rng {

Matcher::Matcher(const Grammar &grammar)
    : m_grammar(grammar)
    , m_pool(grammar.pool)
    , m_start(grammar.start)
{}

Matcher::~Matcher() = default;

NameId Matcher::nameOf(const QString &namespaceUri, const QString &local)
{
    const NameId known = m_grammar.find(namespaceUri, local);
    if (known >= 0) {
        return known;
    }
    const auto [position, fresh] = [&] {
        const auto there = m_newIds.constFind({namespaceUri, local});
        if (there != m_newIds.cend()) {
            return std::pair(*there, false);
        }
        return std::pair(static_cast<NameId>(m_grammar.names.size() + m_newNames.size()), true);
    }();
    if (fresh) {
        m_newIds.insert({namespaceUri, local}, position);
        m_newNames.append({namespaceUri, local});
    }
    return position;
}

QString Matcher::localName(NameId id) const
{
    return id < m_grammar.names.size() ? m_grammar.names[id].local : m_newNames[id - m_grammar.names.size()].local;
}

QString Matcher::namespaceOf(NameId id) const
{
    return id < m_grammar.names.size() ? m_grammar.names[id].namespaceUri
                                       : m_newNames[id - m_grammar.names.size()].namespaceUri;
}

PatternId Matcher::remembered(Step step, PatternId pattern, NameId name)
{
    auto &memory = m_memory[static_cast<std::size_t>(step)];
    const std::uint64_t key =
        (static_cast<std::uint64_t>(static_cast<std::uint32_t>(pattern)) << 32U) | static_cast<std::uint32_t>(name);
    if (const auto known = memory.find(key); known != memory.end()) {
        return known->second;
    }
    PatternId result = PatternPool::notAllowed;
    switch (step) {
    case Step::Open:
    case Step::OpenEarly:
        result = openTagOf(pattern, name, step == Step::OpenEarly);
        break;
    case Step::Attribute:
        result = attributeNameOf(pattern, name);
        break;
    case Step::Close:
    case Step::CloseLenient:
        result = closeTagOf(pattern, step == Step::CloseLenient);
        break;
    case Step::End:
    case Step::EndLenient:
        result = endTagOf(pattern, step == Step::EndLenient);
        break;
    }
    memory.emplace(key, result);
    return result;
}

PatternId Matcher::openTag(PatternId pattern, NameId name)
{
    return remembered(Step::Open, pattern, name);
}

PatternId Matcher::openTagTooEarly(PatternId pattern, NameId name)
{
    return remembered(Step::OpenEarly, pattern, name);
}

PatternId Matcher::attributeName(PatternId pattern, NameId name)
{
    return remembered(Step::Attribute, pattern, name);
}

PatternId Matcher::closeTag(PatternId pattern, bool lenient)
{
    return remembered(lenient ? Step::CloseLenient : Step::Close, pattern, 0);
}

PatternId Matcher::endTag(PatternId pattern, bool lenient)
{
    return remembered(lenient ? Step::EndLenient : Step::End, pattern, 0);
}

PatternId Matcher::wrap(PatternId id, Operation operation, PatternId with)
{
    if (id == PatternPool::notAllowed) {
        return id;
    }
    if (m_pool.kind(id) == Kind::Choice) {
        const auto children = m_pool.children(id);
        std::vector<PatternId> parts(children.begin(), children.end());
        for (PatternId &part : parts) {
            part = wrap(part, operation, with);
        }
        return m_pool.choice(parts);
    }
    const Pattern pattern = m_pool.at(id); // always an After
    switch (operation) {
    case Operation::Group:
        return m_pool.after(pattern.a, m_pool.group(pattern.b, with));
    case Operation::GroupBefore:
        return m_pool.after(pattern.a, m_pool.group(with, pattern.b));
    case Operation::Interleave:
        return m_pool.after(pattern.a, m_pool.interleave({pattern.b, with}));
    case Operation::After:
        return m_pool.after(pattern.a, m_pool.after(pattern.b, with));
    }
    return PatternPool::notAllowed;
}

PatternId Matcher::interleaveWithout(PatternId pattern, std::size_t left)
{
    const auto children = m_pool.children(pattern);
    std::vector<PatternId> others;
    others.reserve(children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (i != left) {
            others.push_back(children[i]);
        }
    }
    return m_pool.interleave(others);
}

/** The derivative of a Choice or Interleave from those of its children. */
template<typename Derive>
PatternId Matcher::deriveChildren(PatternId id, Derive derive)
{
    const bool interleave = m_pool.kind(id) == Kind::Interleave;
    const auto children = m_pool.children(id);
    const std::vector<PatternId> parts(children.begin(), children.end());
    std::vector<PatternId> results;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 && parts[i] == parts[i - 1]) {
            continue; // the same again: interleaved twice, it leads to the same
        }
        const PatternId result = derive(parts[i]);
        if (result != PatternPool::notAllowed) {
            results.push_back(interleave ? wrap(result, Operation::Interleave, interleaveWithout(id, i)) : result);
        }
    }
    return m_pool.choice(results);
}

PatternId Matcher::openTagOf(PatternId id, NameId name, bool early)
{
    const Step step = early ? Step::OpenEarly : Step::Open;
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Choice:
    case Kind::Interleave:
        return deriveChildren(id, [&](PatternId part) { return remembered(step, part, name); });
    case Kind::Group: {
        const PatternId first = wrap(remembered(step, pattern.a, name), Operation::Group, pattern.b);
        return early || m_pool.nullable(pattern.a) ? m_pool.choice(first, remembered(step, pattern.b, name)) : first;
    }
    case Kind::OneOrMore:
        return wrap(remembered(step, pattern.a, name), Operation::Group, m_pool.optional(id));
    case Kind::After:
        return wrap(remembered(step, pattern.a, name), Operation::After, pattern.b);
    case Kind::Element: {
        const ElementType &element = m_grammar.elements[pattern.a];
        return m_grammar.contains(element.nameClass, {namespaceOf(name), localName(name)}, name)
            ? m_pool.after(element.body, PatternPool::empty)
            : PatternPool::notAllowed;
    }
    default:
        return PatternPool::notAllowed;
    }
}

PatternId Matcher::attributeNameOf(PatternId id, NameId name)
{
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Choice:
    case Kind::Interleave:
        return deriveChildren(id, [this, name](PatternId part) { return attributeName(part, name); });
    case Kind::Group:
        return m_pool.choice(wrap(attributeName(pattern.a, name), Operation::Group, pattern.b),
            wrap(attributeName(pattern.b, name), Operation::GroupBefore, pattern.a));
    case Kind::OneOrMore:
        return wrap(attributeName(pattern.a, name), Operation::Group, m_pool.optional(id));
    case Kind::After:
        return wrap(attributeName(pattern.a, name), Operation::After, pattern.b);
    case Kind::Attribute:
        return m_grammar.contains(pattern.a, {namespaceOf(name), localName(name)}, name)
            ? m_pool.after(pattern.b, PatternPool::empty)
            : PatternPool::notAllowed;
    default:
        return PatternPool::notAllowed;
    }
}

PatternId Matcher::attributeValue(PatternId id, const QString &value, bool lenient)
{
    const auto follow = [&](PatternId part) {
        const Pattern &pattern = m_pool.at(part);
        return pattern.kind == Kind::After && (lenient || m_grammar.matchesText(pattern.a, value))
            ? pattern.b
            : PatternPool::notAllowed;
    };
    if (m_pool.kind(id) != Kind::Choice) {
        return follow(id);
    }
    std::vector<PatternId> results;
    for (const PatternId part : m_pool.children(id)) {
        results.push_back(follow(part));
    }
    return m_pool.choice(results);
}

PatternId Matcher::closeTagOf(PatternId id, bool lenient)
{
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Choice:
    case Kind::Interleave: {
        const auto children = m_pool.children(id);
        std::vector<PatternId> parts(children.begin(), children.end());
        for (PatternId &part : parts) {
            part = closeTag(part, lenient);
        }
        return pattern.kind == Kind::Choice ? m_pool.choice(parts) : m_pool.interleave(parts);
    }
    case Kind::Group: {
        const PatternId first = closeTag(pattern.a, lenient);
        return m_pool.group(first, closeTag(pattern.b, lenient));
    }
    case Kind::OneOrMore:
        return m_pool.oneOrMore(closeTag(pattern.a, lenient));
    case Kind::After:
        return m_pool.after(closeTag(pattern.a, lenient), pattern.b);
    case Kind::Attribute:
        return lenient ? PatternPool::empty : PatternPool::notAllowed;
    default:
        return id;
    }
}

PatternId Matcher::endTagOf(PatternId id, bool lenient)
{
    const Pattern pattern = m_pool.at(id);
    if (pattern.kind == Kind::Choice) {
        const auto children = m_pool.children(id);
        std::vector<PatternId> parts(children.begin(), children.end());
        for (PatternId &part : parts) {
            part = endTag(part, lenient);
        }
        return m_pool.choice(parts);
    }
    return pattern.kind == Kind::After && (lenient || m_pool.nullable(pattern.a)) ? pattern.b : PatternPool::notAllowed;
}

PatternId Matcher::text(PatternId pattern, const QString &text)
{
    const bool blank =
        std::ranges::all_of(text, [](QChar c) { return c == u' ' || c == u'\t' || c == u'\n' || c == u'\r'; });
    const PatternId result = textOf(pattern, text);
    return blank ? m_pool.choice(pattern, result) : result;
}

PatternId Matcher::mixedText(PatternId pattern, const QString &text)
{
    return textOf(pattern, text);
}

PatternId Matcher::textOf(PatternId id, const QString &text)
{
    const Pattern pattern = m_pool.at(id);
    switch (pattern.kind) {
    case Kind::Text:
        return id;
    case Kind::Choice: {
        const auto children = m_pool.children(id);
        std::vector<PatternId> parts(children.begin(), children.end());
        for (PatternId &part : parts) {
            part = textOf(part, text);
        }
        return m_pool.choice(parts);
    }
    case Kind::Interleave: {
        const auto children = m_pool.children(id);
        const std::vector<PatternId> parts(children.begin(), children.end());
        std::vector<PatternId> results;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const PatternId result = textOf(parts[i], text);
            if (result != PatternPool::notAllowed) {
                results.push_back(m_pool.interleave({result, interleaveWithout(id, i)}));
            }
        }
        return m_pool.choice(results);
    }
    case Kind::Group: {
        const PatternId first = m_pool.group(textOf(pattern.a, text), pattern.b);
        return m_pool.nullable(pattern.a) ? m_pool.choice(first, textOf(pattern.b, text)) : first;
    }
    case Kind::OneOrMore:
        return m_pool.group(textOf(pattern.a, text), m_pool.optional(id));
    case Kind::After:
        return m_pool.after(textOf(pattern.a, text), pattern.b);
    case Kind::Data:
    case Kind::Value:
    case Kind::List:
        return m_grammar.matchesText(id, text) ? PatternPool::empty : PatternPool::notAllowed;
    default:
        return PatternPool::notAllowed;
    }
}

} // namespace vireo::xml::rng
