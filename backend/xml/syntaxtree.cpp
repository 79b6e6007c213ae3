// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/syntaxtree.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

using Kind = SyntaxNode::Kind;

bool isWordChar(QChar c)
{
    return c.isLetterOrNumber() || c == u'_' || c == u':' || c == u'-' || c == u'.' || c.isSurrogate();
}

bool isXmlCharacter(char32_t code)
{
    return code == u'\t' || code == u'\n' || code == u'\r' || (code >= 0x20 && code < 0xd800)
        || (code >= 0xe000 && code < 0xfffe) || (code >= 0x10000 && code <= 0x10ffff);
}

/** The text that an entity's name between "&" and ";" stands for; empty: none. */
QString entity(QStringView name)
{
    if (name == "lt"_L1) {
        return u"<"_s;
    }
    if (name == "gt"_L1) {
        return u">"_s;
    }
    if (name == "amp"_L1) {
        return u"&"_s;
    }
    if (name == "quot"_L1) {
        return u"\""_s;
    }
    if (name == "apos"_L1) {
        return u"'"_s;
    }
    if (!name.startsWith(u'#')) {
        return {};
    }
    bool ok = false;
    const bool hex = name.startsWith("#x"_L1);
    const QStringView digits = name.sliced(hex ? 2 : 1);
    if (digits.isEmpty() || !isWordChar(digits[0])) { // toUInt would take a sign
        return {};
    }
    const uint code = digits.toUInt(&ok, hex ? 16 : 10);
    if (!ok || !isXmlCharacter(code)) {
        return {};
    }
    const auto character = static_cast<char32_t>(code);
    return QString::fromUcs4(&character, 1);
}

} // namespace

QString unescape(QStringView text)
{
    qsizetype amp = text.indexOf(u'&');
    if (amp < 0) {
        return text.toString();
    }
    QString result;
    result.reserve(text.size());
    qsizetype from = 0;
    while (amp >= 0) {
        result += text.sliced(from, amp - from);
        // No name is longer; a search to the end for each of many "&" would take time by the square.
        const qsizetype length = text.sliced(amp).first(std::min<qsizetype>(64, text.size() - amp)).indexOf(u';');
        const qsizetype semicolon = amp + length;
        const QString value = length > 0 ? entity(text.sliced(amp + 1, length - 1)) : QString();
        if (value.isEmpty()) {
            result += u'&';
            from = amp + 1;
        } else {
            result += value;
            from = semicolon + 1;
        }
        amp = text.indexOf(u'&', from);
    }
    result += text.sliced(from);
    return result;
}

QString escape(const QString &text, QChar quote)
{
    QString result;
    result.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            result += c;
            result += text[++i];
        } else if (!isXmlCharacter(c.unicode())) {
            continue;
        } else if (c == u'&') {
            result += "&amp;"_L1;
        } else if (c == u'<') {
            result += "&lt;"_L1;
        } else if (c == u'>' && quote.isNull()) {
            result += "&gt;"_L1;
        } else if (!quote.isNull() && c == quote) {
            result += quote == u'"' ? "&quot;"_L1 : "&apos;"_L1;
        } else if (!quote.isNull() && (c == u'\n' || c == u'\t' || c == u'\r')) {
            result += u"&#%1;"_s.arg(static_cast<int>(c.unicode())); // else readers make spaces of them
        } else if (c == u'\r') {
            result += "&#13;"_L1;
        } else {
            result += c;
        }
    }
    return result;
}

QStringView SyntaxTree::slice(TextRange range) const
{
    return QStringView(m_text).sliced(range.from, std::max<qsizetype>(0, range.length()));
}

QStringView SyntaxTree::name(int element) const
{
    return element < 0 ? QStringView() : slice(m_nodes[element].name);
}

QStringView SyntaxTree::localName(int element) const
{
    const QStringView whole = name(element);
    return whole.sliced(whole.lastIndexOf(u':') + 1);
}

QString SyntaxTree::namespaceUri(int element) const
{
    const QStringView whole = name(element);
    const qsizetype colon = whole.indexOf(u':');
    const QString declaration = colon < 0 ? u"xmlns"_s : u"xmlns:"_s + whole.left(colon).toString();
    for (int at = element; at >= 0; at = m_nodes[at].parent) {
        if (attribute(at, declaration) >= 0) {
            return attributeValue(at, declaration);
        }
    }
    return {};
}

QList<int> SyntaxTree::children(int element) const
{
    QList<int> result;
    for (int at = element < 0 ? -1 : m_nodes[element].firstChild; at >= 0; at = m_nodes[at].next) {
        if (m_nodes[at].kind == Kind::Element) {
            result.append(at);
        }
    }
    return result;
}

int SyntaxTree::child(int element, QStringView name) const
{
    for (int at = element < 0 ? -1 : m_nodes[element].firstChild; at >= 0; at = m_nodes[at].next) {
        if (m_nodes[at].kind == Kind::Element && slice(m_nodes[at].name) == name) {
            return at;
        }
    }
    return -1;
}

int SyntaxTree::attribute(int element, QStringView name) const
{
    if (element < 0) {
        return -1;
    }
    const SyntaxNode &node = m_nodes[element];
    for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
        if (slice(m_attributes[i].name) == name) {
            return i;
        }
    }
    return -1;
}

QString SyntaxTree::attributeValue(int element, QStringView name) const
{
    const int index = attribute(element, name);
    return index < 0 ? QString() : unescape(slice(m_attributes[index].value));
}

QString SyntaxTree::textOf(int element) const
{
    QString result;
    for (int at = element < 0 ? -1 : m_nodes[element].firstChild; at >= 0; at = m_nodes[at].next) {
        const SyntaxNode &node = m_nodes[at];
        if (node.kind == Kind::Text) {
            result += unescape(slice(node.whole));
        } else if (node.kind == Kind::CData) {
            const QStringView whole = slice(node.whole);
            result += whole.endsWith("]]>"_L1) ? whole.sliced(9).chopped(3) : whole.sliced(9);
        }
    }
    return result;
}

QStringList SyntaxTree::path(int element) const
{
    QStringList result;
    for (int at = element; at >= 0; at = m_nodes[at].parent) {
        result.prepend(name(at).toString());
    }
    return result;
}

int SyntaxTree::elementAt(qsizetype position) const
{
    // Nodes stand in the order in which they begin; the last one that begins before is inside all that are around.
    const auto after =
        std::ranges::upper_bound(m_nodes, position, {}, [](const SyntaxNode &n) { return n.whole.from; });
    auto at = static_cast<int>(after - m_nodes.begin()) - 1;
    while (at >= 0 && !(m_nodes[at].kind == Kind::Element && m_nodes[at].whole.touches(position))) {
        at = m_nodes[at].parent;
    }
    return at;
}

SyntaxContext SyntaxTree::contextAt(qsizetype position) const
{
    position = std::clamp<qsizetype>(position, 0, m_text.size());
    SyntaxContext context;
    context.word = {position, position};
    const auto finish = [this, position, &context](SyntaxContext::Kind kind, TextRange word) {
        context.kind = kind;
        context.word = word;
        context.typed = slice({word.from, position}).toString();
        return context;
    };
    const auto after =
        std::ranges::lower_bound(m_nodes, position, {}, [](const SyntaxNode &n) { return n.whole.from; });
    auto at = static_cast<int>(after - m_nodes.begin()) - 1; // the last that begins before the position
    while (at >= 0) {
        const SyntaxNode &node = m_nodes[at];
        const bool behind =
            position > node.whole.to || (position == node.whole.to && node.closed && node.kind != Kind::Text);
        if (!behind) {
            break;
        }
        at = node.parent;
    }
    if (at >= 0 && m_nodes[at].kind != Kind::Element && m_nodes[at].kind != Kind::Text) {
        return context;
    }
    if (at >= 0 && m_nodes[at].kind == Kind::Element) {
        const SyntaxNode &node = m_nodes[at];
        const bool open = !slice(node.startTag).endsWith(u'>');
        if (position < node.startTag.to || (open && position == node.startTag.to)) {
            if (position <= node.name.to) {
                context.element = node.parent;
                context.node = at;
                return finish(SyntaxContext::Kind::ElementName, node.name);
            }
            context.element = at;
            for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
                const SyntaxAttribute &attribute = m_attributes[i];
                if (!attribute.whole.touches(position)) {
                    continue;
                }
                context.attribute = i;
                if (attribute.quoted && attribute.value.touches(position)) {
                    return finish(SyntaxContext::Kind::AttributeValue, attribute.value);
                }
                if (attribute.name.touches(position)) {
                    return finish(SyntaxContext::Kind::AttributeName, attribute.name);
                }
                return context; // around "=", or right behind the closing quote
            }
            if (!m_text[position - 1].isSpace()) {
                return context;
            }
            return finish(SyntaxContext::Kind::AttributeName, {position, position});
        }
        if (!node.endTag.isEmpty() && position > node.endTag.from && position < node.endTag.to) {
            if (position < node.endTag.from + 2) {
                return context;
            }
            qsizetype to = node.endTag.from + 2;
            while (to < m_text.size() && isWordChar(m_text[to])) {
                ++to;
            }
            context.element = at;
            return finish(SyntaxContext::Kind::EndTagName, {node.endTag.from + 2, std::max(to, position)});
        }
    }
    context.element = at >= 0 && m_nodes[at].kind != Kind::Element ? m_nodes[at].parent : at;
    // A tag that is only begun is no element yet: "<", "</", "</de".
    qsizetype from = position;
    while (from > 0 && isWordChar(m_text[from - 1])) {
        --from;
    }
    qsizetype to = position;
    while (to < m_text.size() && isWordChar(m_text[to])) {
        ++to;
    }
    if (from >= 2 && m_text[from - 1] == u'/' && m_text[from - 2] == u'<') {
        return finish(SyntaxContext::Kind::EndTagName, {from, to});
    }
    if (from >= 1 && m_text[from - 1] == u'<') {
        return finish(SyntaxContext::Kind::ElementName, {from, to});
    }
    return finish(SyntaxContext::Kind::Content, {from, to});
}

TextPlace SyntaxTree::placeOf(qsizetype position) const
{
    if (m_lines.isEmpty()) {
        return {};
    }
    position = std::clamp<qsizetype>(position, 0, m_text.size());
    const auto after = std::ranges::upper_bound(m_lines, position);
    const qsizetype line = after - m_lines.begin();
    return {static_cast<int>(line), static_cast<int>(position - m_lines[line - 1]) + 1};
}

qsizetype SyntaxTree::positionOf(TextPlace place) const
{
    if (m_lines.isEmpty() || place.line < 1) {
        return 0;
    }
    if (place.line > m_lines.size()) {
        return m_text.size();
    }
    const qsizetype end = place.line < m_lines.size() ? m_lines[place.line] - 1 : m_text.size();
    return std::clamp<qsizetype>(m_lines[place.line - 1] + place.column - 1, m_lines[place.line - 1], end);
}

} // namespace vireo::xml
