// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "xmlexercise.h"

#include <algorithm>

#include <QString>

#include "backend/xml/document.h"
#include "backend/xml/hostcheck.h"
#include "backend/xml/schema.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::fuzz {

namespace {

using xml::SyntaxNode;
using xml::SyntaxTree;
using xml::TextRange;

void must(bool holds, const char *what)
{
    if (!holds) {
        qFatal("broken: %s", what); // aborts, so that the input is kept
    }
}

bool within(TextRange inner, TextRange outer)
{
    return outer.from <= inner.from && inner.from <= inner.to && inner.to <= outer.to;
}

void checkTree(const SyntaxTree &tree)
{
    const TextRange all{0, tree.text().size()};
    const int count = static_cast<int>(tree.nodes().size());
    for (int i = 0; i < count; ++i) {
        const SyntaxNode &node = tree.node(i);
        must(within(node.whole, all), "a node is in the text");
        must(node.parent < i, "a parent comes first");
        must(node.next < 0 || (node.next > i && node.next < count), "neighbours are in order");
        must(node.next < 0 || tree.node(node.next).parent == node.parent, "neighbours have one parent");
        must(node.next < 0 || node.whole.to <= tree.node(node.next).whole.from, "neighbours do not overlap");
        must(node.parent < 0 || within(node.whole, tree.node(node.parent).whole), "a node is in its parent");
        if (node.kind == SyntaxNode::Kind::Element) {
            must(within(node.name, node.whole) && within(node.startTag, node.whole), "names are in the element");
            must(node.endTag.isEmpty() || within(node.endTag, node.whole), "an end tag is in the element");
            must(node.firstAttribute + node.attributeCount <= tree.attributes().size(), "attributes are there");
            for (int a = node.firstAttribute; a < node.firstAttribute + node.attributeCount; ++a) {
                const xml::SyntaxAttribute &attribute = tree.attributes()[a];
                must(within(attribute.whole, node.startTag), "an attribute is in its tag");
                must(within(attribute.name, attribute.whole) && within(attribute.value, attribute.whole),
                    "parts of an attribute are in it");
            }
        }
    }
    for (const xml::SyntaxProblem &problem : tree.problems()) {
        must(within(problem.range, all) && !problem.message.isEmpty(), "a problem has a place and a text");
    }
}

void checkPlaces(const SyntaxTree &tree, qsizetype position)
{
    must(tree.positionOf(tree.placeOf(position)) == position, "a place leads back");
    const xml::SyntaxContext context = tree.contextAt(position);
    must(within(context.word, {0, tree.text().size()}) && context.word.touches(position), "a word is at the cursor");
    if (context.kind != xml::SyntaxContext::Kind::Nothing) {
        must(context.typed == tree.text().mid(context.word.from, position - context.word.from),
            "what is typed is there");
    }
    must(tree.elementAt(position) < tree.nodes().size(), "an element is there");
}

/** Ours must not take for well-formed what libxml2, and so libvirt, refuses. */
void checkAgainstDocument(const SyntaxTree &tree)
{
    if (tree.isWellFormed() && tree.root() >= 0 && !tree.text().contains(u"<?")
        && std::ranges::all_of(tree.text(), [](QChar c) { return c < QChar(0x7f); })) {
        must(xml::Document::parse(tree.text()).has_value(), "well-formed for us, but not for libxml2");
    }
}

void checkFormat(const SyntaxTree &tree, qsizetype from, qsizetype to)
{
    const xml::Formatted formatted = xml::formatLines(tree, {std::min(from, to), std::max(from, to)});
    must(within(formatted.range, {0, tree.text().size()}), "what is formatted is in the text");
    QString after = tree.text();
    after.replace(formatted.range.from, formatted.range.length(), formatted.text);
    const auto solid = [](QString text) {
        return text.removeIf([](QChar c) { return c.isSpace(); });
    };
    must(solid(after) == solid(tree.text()), "formatting changes white space only");
    must(!tree.isWellFormed() || SyntaxTree::parse(after).isWellFormed(), "formatting keeps a document well-formed");
}

void checkPatch(const QString &text, unsigned choice, const QString &value)
{
    auto document = xml::XmlText::parse(text);
    if (!document) {
        return;
    }
    QList<int> elements;
    const auto nodes = document->tree().nodes();
    for (int i = 0; i < nodes.size(); ++i) {
        if (nodes[i].kind == SyntaxNode::Kind::Element) {
            elements.append(i);
        }
    }
    const xml::ElementPath path = document->pathOf(elements[static_cast<qsizetype>(choice >> 3U) % elements.size()]);
    must(document->has(path), "a path leads back");
    QString storable = value;
    storable.removeIf([](QChar c) { return c < u' ' || c.isSurrogate() || c >= QChar(0xfffe); });
    switch (choice & 7U) {
    case 0:
        document->setAttribute(path, u"fuzz"_s, storable);
        must(document->attribute(path, u"fuzz"_s) == storable, "an attribute is what it was set to");
        break;
    case 1:
        document->setText(path, storable);
        must(document->text(path) == storable, "a text is what it was set to");
        break;
    case 2:
        document->remove(path);
        break;
    case 3:
        document->remove(path, true);
        break;
    case 4:
        must(document->insert(path, u"<fuzz a='1'><b/></fuzz>"_s).has_value(), "an element goes in");
        must(document->count(path, u"fuzz"_s) > 0, "an element is there");
        break;
    case 5:
        document->removeAttribute(path, u"type"_s, true);
        must(!document->hasAttribute(path, u"type"_s) || !document->has(path), "an attribute is gone");
        break;
    case 6:
        static_cast<void>(document->replace(path, u"<other/>"_s));
        break;
    default:
        document->setAttribute(path.child(u"new"_s).child(u"inner"_s), u"x"_s, storable);
        must(document->attribute(path.child(u"new"_s).child(u"inner"_s), u"x"_s) == storable, "elements are made");
        break;
    }
    const SyntaxTree after = SyntaxTree::parse(document->toString());
    must(after.isWellFormed(), "a patched document stays well-formed");
    checkTree(after);
}

const xml::Schema *schemaOf(unsigned number)
{
    const auto loaded = xml::Schema::load(static_cast<xml::DocumentKind>(number % 12));
    return loaded ? loaded->get() : nullptr;
}

void checkSchema(const SyntaxTree &tree, qsizetype position, unsigned kind)
{
    const xml::Schema *schema = schemaOf(kind);
    if (!schema) {
        return;
    }
    const TextRange all{0, tree.text().size()};
    for (const xml::Diagnostic &diagnostic : schema->check(tree.text())) {
        must(within(diagnostic.range, all) && !diagnostic.message.isEmpty(), "a diagnostic has a place and a text");
        must(tree.text().isEmpty() || !diagnostic.range.isEmpty(), "a diagnostic can be underlined");
        must(tree.placeOf(diagnostic.range.from) == diagnostic.place, "a diagnostic's place is its range's");
    }
    xml::HostVocabulary host;
    host.networks = {u"default"_s};
    const xml::CompletionList list = schema->complete(tree, position, host);
    must(within(list.word, all) && (list.items.isEmpty() || list.word.touches(position)),
        "a completion is at the cursor");
    for (const xml::Completion &item : list.items) {
        must(item.cursor >= 0 && item.cursor <= item.insert.size() && !item.label.isEmpty(),
            "a completion can be taken");
    }
    if (const auto hover = schema->hover(tree, position)) {
        must(within(hover->range, all) && hover->range.touches(position), "a tool tip is at the cursor");
    }
    for (const xml::Diagnostic &diagnostic : checkAgainstHost(tree, host)) {
        must(within(diagnostic.range, all), "a warning has a place");
    }
}

} // namespace

void exerciseXml(const QByteArray &input)
{
    if (input.size() < 4) {
        return;
    }
    const auto byte = [&input](qsizetype at) {
        return static_cast<unsigned>(static_cast<unsigned char>(input[at]));
    };
    const QByteArray rest = input.sliced(4);
    // Valid UTF-8 is what comes from files; odd code units come from a clipboard.
    const QString text = (byte(3) & 128U) != 0
        ? QString(reinterpret_cast<const QChar *>(QByteArray(rest).constData()), rest.size() / 2) // NOLINT
        : QString::fromUtf8(rest);
    const auto position = static_cast<qsizetype>((byte(0) << 8U) | byte(1)) % (text.size() + 1);
    const SyntaxTree tree = SyntaxTree::parse(text);
    checkTree(tree);
    checkPlaces(tree, position);
    checkAgainstDocument(tree);
    checkFormat(tree, position, static_cast<qsizetype>(byte(2)) * text.size() / 255);
    checkPatch(text, byte(2) << 1U | (byte(3) & 1U), text.left(static_cast<qsizetype>(byte(1) & 15U)));
    checkSchema(tree, position, (byte(3) & 31U) < 16 ? 0 : byte(3));
    // As it is while somebody types.
    const SyntaxTree cut = SyntaxTree::parse(text.first(position));
    checkTree(cut);
    checkPlaces(cut, position);
    checkSchema(cut, position, 0);
}

} // namespace vireo::fuzz
