// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/xmltext.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/xml/xmllayout.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

constexpr qsizetype maxUnits = 16 * 1024 * 1024;

using Kind = SyntaxNode::Kind;

struct XmlTextText {
    Q_DECLARE_TR_FUNCTIONS(xml_XmlText)
};

bool isBlank(QStringView text)
{
    return text.trimmed().isEmpty();
}

/** The one element that a fragment is; the error says why it is none. */
Result<SyntaxTree> readFragment(const QString &xml)
{
    SyntaxTree tree = SyntaxTree::parse(xml.trimmed());
    if (!tree.isWellFormed()) {
        const SyntaxProblem &first = tree.problems().first();
        const TextPlace place = tree.placeOf(first.range.from);
        return fail(Error::invalid(XmlTextText::tr("Line %1, column %2: %3")
                .arg(QString::number(place.line), QString::number(place.column), first.message)));
    }
    return tree;
}

} // namespace

ElementPath::ElementPath(const QString &text)
{
    const QStringList pieces = text.split(u'/', Qt::SkipEmptyParts);
    for (const QString &piece : pieces) {
        const qsizetype bracket = piece.indexOf(u'[');
        Part part{piece.left(bracket), 0};
        if (bracket >= 0) {
            part.index = piece.sliced(bracket + 1).chopped(1).toInt();
        }
        m_parts.append(part);
    }
}

ElementPath ElementPath::child(const QString &name, int index) const
{
    ElementPath path = *this;
    path.m_parts.append({name, index});
    return path;
}

ElementPath ElementPath::parent() const
{
    ElementPath path = *this;
    if (!path.m_parts.isEmpty()) {
        path.m_parts.removeLast();
    }
    return path;
}

QString ElementPath::toString() const
{
    QStringList pieces;
    for (const Part &part : m_parts) {
        pieces << (part.index == 0 ? part.name : u"%1[%2]"_s.arg(part.name).arg(part.index));
    }
    return pieces.join(u'/');
}

XmlText::XmlText(SyntaxTree tree)
    : m_tree(std::move(tree))
{}

Result<XmlText> XmlText::parse(const QString &text)
{
    if (text.size() > maxUnits) {
        return fail(Error::invalid(XmlTextText::tr("The XML document is larger than 16 MiB.")));
    }
    SyntaxTree tree = SyntaxTree::parse(text);
    if (!tree.isWellFormed()) {
        const SyntaxProblem &first = tree.problems().first();
        const TextPlace place = tree.placeOf(first.range.from);
        return fail(Error::invalid(XmlTextText::tr("Line %1, column %2: %3")
                .arg(QString::number(place.line), QString::number(place.column), first.message)));
    }
    return XmlText(std::move(tree));
}

int XmlText::find(const ElementPath &path) const
{
    int element = m_tree.root();
    for (const ElementPath::Part &part : path.parts()) {
        int left = part.index;
        int at = element < 0 ? -1 : m_tree.node(element).firstChild;
        for (; at >= 0; at = m_tree.node(at).next) {
            if (m_tree.node(at).kind == Kind::Element && m_tree.name(at) == part.name && left-- == 0) {
                break;
            }
        }
        element = at;
        if (element < 0) {
            return -1;
        }
    }
    return element;
}

QString XmlText::attribute(const ElementPath &path, const QString &name) const
{
    return m_tree.attributeValue(find(path), name);
}

bool XmlText::hasAttribute(const ElementPath &path, const QString &name) const
{
    return m_tree.attribute(find(path), name) >= 0;
}

QString XmlText::text(const ElementPath &path) const
{
    return m_tree.textOf(find(path));
}

int XmlText::count(const ElementPath &path, const QString &childName) const
{
    const QList<int> all = m_tree.children(find(path));
    return static_cast<int>(
        std::ranges::count_if(all, [this, &childName](int child) { return m_tree.name(child) == childName; }));
}

QList<ElementPath> XmlText::children(const ElementPath &path) const
{
    QList<ElementPath> result;
    QHash<QString, int> seen;
    const QList<int> all = m_tree.children(find(path));
    for (const int child : all) {
        const QString name = m_tree.name(child).toString();
        result.append(path.child(name, seen[name]++));
    }
    return result;
}

QString XmlText::xml(const ElementPath &path) const
{
    const int element = find(path);
    return element < 0 ? QString() : m_tree.slice(m_tree.node(element).whole).toString();
}

ElementPath XmlText::pathOf(int element) const
{
    QList<std::pair<QString, int>> parts;
    for (int at = element; at >= 0 && at != m_tree.root(); at = m_tree.node(at).parent) {
        int index = 0;
        for (const int sibling : m_tree.children(m_tree.node(at).parent)) {
            if (sibling == at) {
                break;
            }
            index += m_tree.name(sibling) == m_tree.name(at) ? 1 : 0;
        }
        parts.prepend({m_tree.name(at).toString(), index});
    }
    ElementPath path;
    for (const auto &[name, index] : std::as_const(parts)) {
        path = path.child(name, index);
    }
    return path;
}

std::optional<ElementPath> XmlText::findNamespaced(
    const ElementPath &path, const QString &localName, const QString &namespaceUri) const
{
    const int top = find(path);
    if (top < 0) {
        return std::nullopt;
    }
    const qsizetype end = m_tree.node(top).whole.to;
    for (int at = top + 1; at < m_tree.nodes().size() && m_tree.node(at).whole.from < end; ++at) {
        if (m_tree.node(at).kind == Kind::Element && m_tree.localName(at) == localName
            && m_tree.namespaceUri(at) == namespaceUri) {
            return pathOf(at);
        }
    }
    return std::nullopt;
}

void XmlText::splice(TextRange range, const QString &with)
{
    QString text = m_tree.text();
    text.replace(range.from, range.length(), with);
    m_tree = SyntaxTree::parse(text);
    Q_ASSERT(m_tree.isWellFormed());
}

int XmlText::ensure(const ElementPath &path)
{
    ElementPath way;
    for (const ElementPath::Part &part : path.parts()) {
        const ElementPath next = way.child(part.name, part.index);
        if (!has(next)) {
            put(find(way), u'<' + part.name + u"/>"_s, -1);
            // The number may be beyond what was there: it is the last one now.
            way = way.child(part.name, count(way, part.name) - 1);
        } else {
            way = next;
        }
    }
    return find(way);
}

bool XmlText::setAttribute(const ElementPath &path, const QString &name, const QString &value)
{
    const int element = ensure(path);
    const int index = m_tree.attribute(element, name);
    if (index >= 0) {
        const TextRange range = m_tree.attributes()[index].value;
        const QString written = escape(value, m_tree.text()[range.from - 1]);
        if (m_tree.attributeValue(element, name) == value) {
            return false;
        }
        splice(range, written);
        return true;
    }
    // Behind the last attribute, in the quotes that the document likes.
    const SyntaxNode &node = m_tree.node(element);
    qsizetype at = node.name.to;
    QChar quote = u'\'';
    if (node.attributeCount > 0) {
        const SyntaxAttribute &last = m_tree.attributes()[node.firstAttribute + node.attributeCount - 1];
        at = last.whole.to;
        quote = m_tree.text()[last.whole.to - 1];
    } else if (!m_tree.attributes().isEmpty()) {
        quote = m_tree.text()[m_tree.attributes().first().whole.to - 1];
    }
    splice({at, at}, u' ' + name + u'=' + quote + escape(value, quote) + quote);
    return true;
}

bool XmlText::removeAttribute(const ElementPath &path, const QString &name, bool prune)
{
    const int element = find(path);
    const int index = m_tree.attribute(element, name);
    if (index < 0) {
        return false;
    }
    TextRange range = m_tree.attributes()[index].whole;
    while (m_tree.text()[range.from - 1].isSpace()) { // the space before it
        --range.from;
    }
    splice(range, {});
    if (prune) {
        pruneEmpty(path);
    }
    return true;
}

bool XmlText::setText(const ElementPath &path, const QString &text)
{
    const int element = ensure(path);
    const SyntaxNode &node = m_tree.node(element);
    if (m_tree.textOf(element) == text && m_tree.children(element).isEmpty()) {
        return false;
    }
    const QString written = escape(text);
    if (node.selfClosing) {
        const QString tag = m_tree.slice(node.startTag).chopped(2).toString().trimmed();
        splice(node.whole, tag + u'>' + written + u"</"_s + m_tree.name(element).toString() + u'>');
    } else {
        splice(node.content, written);
    }
    return true;
}

bool XmlText::remove(const ElementPath &path, bool prune)
{
    const int element = find(path);
    if (element < 0 || path.isRoot()) {
        return false;
    }
    splice(withItsLines(m_tree, m_tree.node(element).whole), {});
    if (prune) {
        pruneEmpty(path.parent());
    }
    return true;
}

void XmlText::pruneEmpty(const ElementPath &path)
{
    for (ElementPath at = path; !at.isRoot(); at = at.parent()) {
        const int element = find(at);
        if (element < 0) {
            continue;
        }
        const SyntaxNode &node = m_tree.node(element);
        if (node.attributeCount > 0 || !isBlank(m_tree.slice(node.content))) {
            return;
        }
        splice(withItsLines(m_tree, node.whole), {});
    }
}

void XmlText::put(int parent, const QString &elementXml, int before)
{
    const SyntaxTree fragment = SyntaxTree::parse(elementXml.trimmed());
    const SpliceEdit edit = insertion(m_tree, parent, fragment, before);
    splice(edit.range, edit.text);
}

Result<ElementPath> XmlText::insert(const ElementPath &parent, const QString &elementXml)
{
    const auto fragment = readFragment(elementXml);
    if (!fragment) {
        return fail(fragment.error());
    }
    const int element = find(parent);
    if (element < 0) {
        return fail(Error::invalid(XmlTextText::tr("There is no <%1> to put this in.").arg(parent.toString())));
    }
    const QString name = fragment->name(fragment->root()).toString();
    const int index = count(parent, name); // behind all of its name
    put(element, elementXml, -1);
    return parent.child(name, index);
}

Result<ElementPath> XmlText::insertBefore(const ElementPath &sibling, const QString &elementXml)
{
    const auto fragment = readFragment(elementXml);
    if (!fragment) {
        return fail(fragment.error());
    }
    const int element = find(sibling);
    if (element < 0 || sibling.isRoot()) {
        return fail(Error::invalid(XmlTextText::tr("There is no <%1> to put this before.").arg(sibling.toString())));
    }
    const QString name = fragment->name(fragment->root()).toString();
    int index = 0;
    const QList<int> all = m_tree.children(m_tree.node(element).parent);
    for (const int child : all) {
        if (child == element) {
            break;
        }
        index += m_tree.name(child) == name ? 1 : 0;
    }
    put(m_tree.node(element).parent, elementXml, element);
    return sibling.parent().child(name, index);
}

Result<> XmlText::replace(const ElementPath &path, const QString &elementXml)
{
    const auto fragment = readFragment(elementXml);
    if (!fragment) {
        return fail(fragment.error());
    }
    const int element = find(path);
    if (element < 0) {
        return fail(Error::invalid(XmlTextText::tr("There is no <%1> to replace.").arg(path.toString())));
    }
    const TextRange whole = m_tree.node(element).whole;
    splice(whole,
        indented(*fragment, fragment->node(fragment->root()).whole, indentOf(m_tree, whole.from), newlineOf(m_tree)));
    return {};
}

} // namespace vireo::xml
