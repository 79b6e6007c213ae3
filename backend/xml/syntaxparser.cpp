// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QSet>

#include "backend/xml/syntaxtree.h"

using namespace Qt::StringLiterals;

/** Reads a text into a SyntaxTree: one pass from left to right with a stack of open elements. */
namespace vireo::xml {

namespace {

constexpr qsizetype maxProblems = 200;
constexpr qsizetype linearAttributes = 16; ///< beyond that, duplicates are looked for in a set

struct SyntaxText {
    Q_DECLARE_TR_FUNCTIONS(xml_Syntax)
};

bool isSpace(QChar c)
{
    return c == u' ' || c == u'\n' || c == u'\t' || c == u'\r';
}

bool isNameStart(QChar c)
{
    return c.isLetter() || c == u'_' || c == u':' || c.isSurrogate();
}

bool isNameChar(QChar c)
{
    return isNameStart(c) || c.isDigit() || c == u'-' || c == u'.' || c.isMark();
}

bool isSpace(QStringView text)
{
    return std::ranges::all_of(text, [](QChar c) { return isSpace(c); });
}

} // namespace

class SyntaxParser final
{
    Q_DISABLE_COPY_MOVE(SyntaxParser)

public:
    SyntaxParser(SyntaxTree &tree, const QString &text)
        : m_tree(tree)
        , m_text(text)
        , m_end(text.size())
    {}

    void run()
    {
        findLines();
        findBadCharacters();
        if (m_text.startsWith(QChar::ByteOrderMark)) {
            m_at = 1;
        }
        while (m_at < m_end && !m_stopped) {
            if (m_text[m_at] == u'<') {
                readMarkup();
            } else {
                readText(m_text.indexOf(u'<', m_at));
            }
        }
        finish();
    }

private:
    using Kind = SyntaxNode::Kind;

    void findLines()
    {
        m_tree.m_lines.append(0);
        for (qsizetype at = m_text.indexOf(u'\n'); at >= 0; at = m_text.indexOf(u'\n', at + 1)) {
            m_tree.m_lines.append(at + 1);
        }
    }

    void findBadCharacters()
    {
        for (qsizetype i = 0; i < m_end; ++i) {
            const char16_t unit = m_text[i].unicode();
            if (unit >= 0x20 && unit < 0xd800) {
                continue;
            }
            if (QChar::isHighSurrogate(unit) && i + 1 < m_end && m_text[i + 1].isLowSurrogate()) {
                ++i;
                continue;
            }
            const bool good = unit == u'\t' || unit == u'\n' || unit == u'\r' || (unit >= 0xe000 && unit < 0xfffe);
            if (!good
                && !problem({i, i + 1},
                    SyntaxText::tr("The character U+%1 can't stand in XML.")
                        .arg(QString::number(unit, 16).toUpper().rightJustified(4, u'0')))) {
                return;
            }
        }
    }

    /** False when there are too many to go on. */
    bool problem(TextRange range, const QString &message)
    {
        if (m_tree.m_problems.size() >= maxProblems) {
            return false;
        }
        if (range.isEmpty()) { // something to underline
            range = range.from < m_end ? TextRange{range.from, range.from + 1}
                                       : TextRange{std::max<qsizetype>(0, m_end - 1), m_end};
        }
        m_tree.m_problems.append({range, message});
        return true;
    }

    int add(Kind kind, TextRange whole)
    {
        const int index = static_cast<int>(m_tree.m_nodes.size());
        SyntaxNode node;
        node.kind = kind;
        node.whole = whole;
        node.parent = m_open.isEmpty() ? -1 : m_open.last();
        node.depth = static_cast<int>(m_open.size()) + 1;
        if (node.parent >= 0) {
            SyntaxNode &parent = m_tree.m_nodes[node.parent];
            if (parent.lastChild >= 0) {
                m_tree.m_nodes[parent.lastChild].next = index;
            } else {
                parent.firstChild = index;
            }
            parent.lastChild = index;
        } else {
            if (m_lastTop >= 0) {
                m_tree.m_nodes[m_lastTop].next = index;
            }
            m_lastTop = index;
        }
        m_tree.m_nodes.append(node);
        if (m_tree.m_nodes.size() >= SyntaxTree::maxNodes) {
            stop(whole.from, SyntaxText::tr("The document has too many elements."));
        }
        return index;
    }

    void stop(qsizetype at, const QString &why)
    {
        if (m_tree.m_problems.size() >= maxProblems) {
            m_tree.m_problems.removeLast(); // this one must be told
        }
        problem({at, at + 1}, why);
        m_stopped = true;
    }

    bool at(QLatin1StringView what) const { return QStringView(m_text).sliced(m_at).startsWith(what); }

    void skipSpace()
    {
        while (m_at < m_end && isSpace(m_text[m_at])) {
            ++m_at;
        }
    }

    TextRange readName()
    {
        const qsizetype from = m_at;
        if (m_at < m_end && isNameStart(m_text[m_at])) {
            while (m_at < m_end && isNameChar(m_text[m_at])) {
                ++m_at;
            }
        }
        return {from, m_at};
    }

    QStringView view(TextRange range) const { return QStringView(m_text).sliced(range.from, range.length()); }

    void readText(qsizetype to)
    {
        const TextRange range{m_at, to < 0 ? m_end : to};
        m_at = range.to;
        add(Kind::Text, range);
        const QStringView text = view(range);
        if (m_open.isEmpty() && !isSpace(text)) {
            qsizetype from = range.from;
            while (isSpace(m_text[from])) {
                ++from;
            }
            problem({from, range.to},
                m_tree.m_root < 0 ? SyntaxText::tr("Text before the first element. A document begins with “<”.")
                                  : SyntaxText::tr("Text behind the end of the document's one element."));
        }
        if (const qsizetype end = text.indexOf("]]>"_L1); end >= 0) {
            problem({range.from + end, range.from + end + 3}, SyntaxText::tr("“]]>” can't stand in a text."));
        }
        checkEntities(range);
    }

    void checkEntities(TextRange range)
    {
        // Within the range only: a search to the end of the text, for each piece of it, takes time by its square.
        const QStringView text = view(range);
        for (qsizetype at = text.indexOf(u'&'); at >= 0; at = text.indexOf(u'&', at + 1)) {
            const qsizetype i = range.from + at;
            qsizetype end = i + 1;
            while (end < range.to && end - i < 64 && (isNameChar(m_text[end]) || m_text[end] == u'#')) {
                ++end;
            }
            const bool closed = end < range.to && m_text[end] == u';';
            const TextRange whole{i, closed ? end + 1 : std::max(end, i + 1)};
            const QStringView name = QStringView(m_text).sliced(i + 1, end - i - 1);
            if (!closed || name.isEmpty()) {
                problem(whole, SyntaxText::tr("A lone “&” can't stand in XML: write “&amp;” for it."));
            } else if (unescape(view(whole)) == view(whole)) {
                problem(whole,
                    name.startsWith(u'#')
                        ? SyntaxText::tr("“%1” is no character that XML allows.").arg(view(whole))
                        : SyntaxText::tr("The entity “%1” is refused: XML for libvirt knows &lt; &gt; &amp; &quot; "
                                         "&apos; only.")
                              .arg(view(whole)));
            }
        }
    }

    void readMarkup()
    {
        if (at("<!--"_L1)) {
            readComment();
        } else if (at("<![CDATA["_L1)) {
            const TextRange range = until("]]>"_L1, 9, SyntaxText::tr("This CDATA section is not closed with “]]>”."));
            m_tree.m_nodes[add(Kind::CData, range)].closed = view(range).endsWith("]]>"_L1);
            if (m_open.isEmpty()) {
                problem(range, SyntaxText::tr("Text outside of the document's one element."));
            }
        } else if (at("<?"_L1)) {
            const bool declaration = at("<?xml"_L1) && m_at + 5 < m_end && isSpace(m_text[m_at + 5]);
            const bool first = m_tree.m_nodes.isEmpty();
            const TextRange range = until("?>"_L1, 2, SyntaxText::tr("This is not closed with “?>”."));
            m_tree.m_nodes[add(Kind::Instruction, range)].closed = view(range).endsWith("?>"_L1);
            qsizetype name = range.from + 2;
            while (name < range.to && isNameChar(m_text[name])) {
                ++name;
            }
            if (name == range.from + 2 || (name < range.to && !isSpace(m_text[name]) && m_text[name] != u'?')) {
                problem({range.from, std::min(range.to, name + 1)},
                    SyntaxText::tr("An instruction begins with a name and a space: “<?name …?>”."));
            }
            if (declaration && !first) {
                problem(range, SyntaxText::tr("The XML declaration must be the very first thing in the document."));
            }
        } else if (at("<!"_L1)) {
            readDoctype();
        } else if (at("</"_L1)) {
            readEndTag();
        } else if (m_at + 1 < m_end && isNameStart(m_text[m_at + 1])) {
            readStartTag();
        } else {
            problem({m_at, m_at + 1}, SyntaxText::tr("A lone “<”: write “&lt;” for it, or the name of an element."));
            const qsizetype next = m_text.indexOf(u'<', m_at + 1);
            add(Kind::Text, {m_at, next < 0 ? m_end : next});
            m_at = next < 0 ? m_end : next;
        }
    }

    TextRange until(QLatin1StringView end, qsizetype skip, const QString &otherwise)
    {
        const qsizetype from = m_at;
        const qsizetype found = m_text.indexOf(end, from + skip);
        m_at = found < 0 ? m_end : found + end.size();
        if (found < 0) {
            m_swallowed = true;
            problem({from, std::min(m_end, from + skip)}, otherwise);
        }
        return {from, m_at};
    }

    void readComment()
    {
        const qsizetype from = m_at;
        const TextRange range = until("-->"_L1, 4, SyntaxText::tr("This comment is not closed with “-->”."));
        const int node = add(Kind::Comment, range);
        m_tree.m_nodes[node].closed = range.length() >= 7 && view(range).endsWith("-->"_L1);
        const qsizetype dashes = m_text.indexOf("--"_L1, from + 4);
        if (m_tree.m_nodes[node].closed && dashes >= 0 && dashes < range.to - 3) {
            problem({dashes, dashes + 2}, SyntaxText::tr("“--” can't stand inside a comment."));
        }
    }

    void readDoctype()
    {
        const qsizetype from = m_at;
        int brackets = 0;
        QChar quote;
        for (; m_at < m_end; ++m_at) {
            const QChar c = m_text[m_at];
            if (!quote.isNull()) {
                quote = c == quote ? QChar() : quote;
            } else if (c == u'"' || c == u'\'') {
                quote = c;
            } else if (c == u'[') {
                ++brackets;
            } else if (c == u']') {
                --brackets;
            } else if (c == u'>' && brackets <= 0) {
                ++m_at;
                break;
            }
        }
        const TextRange range{from, m_at};
        add(Kind::Doctype, range);
        problem(range, SyntaxText::tr("A DOCTYPE is refused: libvirt's documents have none, and it can read files."));
    }

    void readStartTag()
    {
        const qsizetype from = m_at;
        if (m_open.size() >= SyntaxTree::maxDepth) {
            stop(from, SyntaxText::tr("The document is nested deeper than %1 elements.").arg(SyntaxTree::maxDepth));
            return;
        }
        if (m_open.isEmpty() && m_tree.m_root >= 0) {
            problem({from, from + 1}, SyntaxText::tr("A document has one element at the top; this is a second one."));
        }
        const int index = add(Kind::Element, {from, from});
        if (m_open.isEmpty() && m_tree.m_root < 0) {
            m_tree.m_root = index;
        }
        ++m_at;
        m_tree.m_nodes[index].name = readName();
        m_tree.m_nodes[index].firstAttribute = static_cast<int>(m_tree.m_attributes.size());
        const qsizetype told = m_tree.m_problems.size();
        const bool complete = readAttributes(index);
        SyntaxNode &node = m_tree.m_nodes[index];
        node.attributeCount = static_cast<int>(m_tree.m_attributes.size()) - node.firstAttribute;
        node.startTag = {from, m_at};
        node.whole.to = m_at;
        node.content = {m_at, m_at};
        if (!complete) {
            // Somebody is typing here: what follows are its neighbours rather than its children.
            node.closed = false;
            m_broken.insert(view(node.name).toString());
            if (m_tree.m_problems.size() == told) { // else a missing quote has swallowed the end
                problem(
                    {from, node.name.to}, SyntaxText::tr("The tag “<%1” is not closed with “>”.").arg(view(node.name)));
            }
        } else if (!node.selfClosing) {
            node.closed = false;
            m_open.append(index);
        }
    }

    /** False: the tag has no end. */
    bool readAttributes(int element)
    {
        QSet<QStringView> names;
        for (;;) {
            const qsizetype before = m_at;
            skipSpace();
            if (m_at >= m_end || m_text[m_at] == u'<') {
                return false;
            }
            const QChar c = m_text[m_at];
            if (c == u'>') {
                ++m_at;
                return true;
            }
            if (at("/>"_L1)) {
                m_at += 2;
                m_tree.m_nodes[element].selfClosing = true;
                return true;
            }
            if (isNameStart(c)) {
                if (m_at == before) {
                    problem({m_at, m_at + 1}, SyntaxText::tr("A space is missing before this attribute."));
                }
                readAttribute(element, names);
            } else {
                const qsizetype from = m_at++;
                while (m_at < m_end && !isSpace(m_text[m_at]) && !u"<>/"_s.contains(m_text[m_at])
                    && !isNameStart(m_text[m_at])) {
                    ++m_at;
                }
                problem({from, m_at},
                    SyntaxText::tr("“%1” can't stand here: attributes are written name='value'.")
                        .arg(view({from, m_at}).left(20)));
            }
        }
    }

    void readAttribute(int element, QSet<QStringView> &names)
    {
        SyntaxAttribute attribute;
        attribute.name = readName();
        attribute.whole = attribute.name;
        attribute.value = {m_at, m_at};
        const QStringView name = view(attribute.name);
        checkDuplicate(element, attribute.name, name, names);
        const qsizetype afterName = m_at;
        skipSpace();
        if (m_at >= m_end || m_text[m_at] != u'=') {
            m_at = afterName;
            problem(attribute.name, SyntaxText::tr("The attribute “%1” has no value: write %1=''.").arg(name));
            m_tree.m_attributes.append(attribute);
            return;
        }
        const qsizetype equals = m_at++;
        skipSpace();
        if (m_at >= m_end || (m_text[m_at] != u'\'' && m_text[m_at] != u'"')) {
            m_at = equals + 1;
            attribute.whole.to = m_at;
            problem(attribute.whole, SyntaxText::tr("The value of “%1” must stand in quotes.").arg(name));
            m_tree.m_attributes.append(attribute);
            return;
        }
        readValue(attribute);
        m_tree.m_attributes.append(attribute);
        checkEntities(attribute.value);
    }

    void readValue(SyntaxAttribute &attribute)
    {
        const QChar quote = m_text[m_at];
        const qsizetype from = ++m_at;
        attribute.quoted = true;
        while (m_at < m_end && m_text[m_at] != quote && m_text[m_at] != u'<') {
            ++m_at;
        }
        if (m_at < m_end && m_text[m_at] == quote) {
            attribute.value = {from, m_at};
            attribute.whole.to = ++m_at;
            return;
        }
        // No closing quote before the next "<": the value ends with its line, or where the tag does.
        m_at = from;
        while (m_at < m_end && m_text[m_at] != u'<' && m_text[m_at] != u'>' && m_text[m_at] != u'\n' && !at("/>"_L1)) {
            ++m_at;
        }
        attribute.value = {from, m_at};
        attribute.whole.to = m_at;
        const bool less = m_at < m_end && m_text[m_at] == u'<';
        problem({from - 1, std::max(m_at, from)},
            less && QStringView(m_text).sliced(m_at).first(std::min<qsizetype>(4096, m_end - m_at)).contains(quote)
                ? SyntaxText::tr("The closing quote %1 is missing, or a “<” that must be written “&lt;”.").arg(quote)
                : SyntaxText::tr("The closing quote %1 is missing.").arg(quote));
    }

    void checkDuplicate(int element, TextRange range, QStringView name, QSet<QStringView> &names)
    {
        const int first = m_tree.m_nodes[element].firstAttribute;
        const qsizetype count = m_tree.m_attributes.size() - first;
        bool twice = false;
        if (count < linearAttributes) {
            for (qsizetype i = 0; i < count && !twice; ++i) {
                twice = view(m_tree.m_attributes[first + i].name) == name;
            }
        } else {
            twice = names.contains(name);
            for (qsizetype i = 0; i < linearAttributes && !twice; ++i) {
                twice = view(m_tree.m_attributes[first + i].name) == name;
            }
            names.insert(name);
        }
        if (twice) {
            problem(range, SyntaxText::tr("The attribute “%1” stands here twice.").arg(name));
        }
    }

    void readEndTag()
    {
        const qsizetype from = m_at;
        m_at += 2;
        const TextRange name = readName();
        skipSpace();
        const bool complete = m_at < m_end && m_text[m_at] == u'>';
        if (complete) {
            ++m_at;
        }
        const TextRange range{from, m_at};
        if (!complete) {
            problem({from, std::max(name.to, from + 2)}, SyntaxText::tr("This end tag is not closed with “>”."));
        }
        for (qsizetype i = m_open.size() - 1; i >= 0; --i) {
            if (!name.isEmpty() && view(m_tree.m_nodes[m_open[i]].name) == view(name)) {
                while (m_open.size() > i + 1) {
                    leaveOpen(from);
                }
                SyntaxNode &node = m_tree.m_nodes[m_open.takeLast()];
                node.content.to = from;
                node.endTag = range;
                node.whole.to = m_at;
                node.closed = true;
                return;
            }
        }
        add(Kind::Text, range);
        if (complete && !m_broken.contains(view(name).toString())) {
            problem(range,
                m_open.isEmpty()
                    ? SyntaxText::tr("“%1” ends nothing: no element is open here.").arg(view(range))
                    : SyntaxText::tr("“%1” ends nothing: the element that is open here is <%2>.")
                          .arg(view(range).toString(), view(m_tree.m_nodes[m_open.last()].name).toString()));
        }
    }

    /** The innermost open element ends without its end tag. */
    void leaveOpen(qsizetype where)
    {
        SyntaxNode &node = m_tree.m_nodes[m_open.takeLast()];
        node.content.to = where;
        node.whole.to = where;
        if (!m_stopped && !m_swallowed) {
            problem({node.startTag.from, node.name.to},
                SyntaxText::tr("<%1> is not closed: its end tag </%1> is missing.").arg(view(node.name)));
        }
    }

    void finish()
    {
        const qsizetype where = m_at;
        while (!m_open.isEmpty()) {
            leaveOpen(where);
        }
        if (m_tree.m_root < 0 && m_tree.m_problems.isEmpty()) {
            problem({0, m_end}, SyntaxText::tr("The document is empty."));
        }
        std::ranges::stable_sort(m_tree.m_problems, {}, [](const SyntaxProblem &p) { return p.range.from; });
    }

    SyntaxTree &m_tree;
    const QString &m_text;
    qsizetype m_at = 0;
    qsizetype m_end;
    QList<int> m_open;
    QSet<QString> m_broken; ///< names of tags without ">"
    int m_lastTop = -1;
    bool m_stopped = false;
    bool m_swallowed = false; ///< something without an end has taken the rest of the text
};

SyntaxTree SyntaxTree::parse(const QString &text)
{
    SyntaxTree tree;
    tree.m_text = text;
    SyntaxParser(tree, tree.m_text).run();
    return tree;
}

} // namespace vireo::xml
