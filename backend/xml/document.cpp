// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/document.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <QByteArray>
#include <QCoreApplication>

namespace vireo::xml {

void initialize()
{
    xmlInitParser();
}

namespace {

constexpr qsizetype maxBytes = 16 * 1024 * 1024;
constexpr int maxDepth = 256;

const xmlChar *chars(const QByteArray &utf8)
{
    return reinterpret_cast<const xmlChar *>(utf8.constData());
}

QString fromXml(const xmlChar *text)
{
    return QString::fromUtf8(reinterpret_cast<const char *>(text));
}

QString takeXml(xmlChar *text)
{
    QString result = fromXml(text);
    xmlFree(text);
    return result;
}

/** XML 1.0 has no place for control characters; a stray one would make the whole document unreadable. */
QByteArray clean(const QString &text)
{
    QString result = text;
    result.removeIf([](QChar c) { return c.unicode() < 0x20 && c != u'\t' && c != u'\n' && c != u'\r'; });
    return result.toUtf8();
}

/** libxml2 writes what is not ASCII as references in attributes of a document without encoding: paths unreadable. */
void setUtf8(xmlDoc *document)
{
    if (!document->encoding) {
        document->encoding = xmlStrdup(reinterpret_cast<const xmlChar *>("UTF-8"));
    }
}

struct DocumentText {
    Q_DECLARE_TR_FUNCTIONS(xml_Document)
};

/** Depth by a loop, not by recursion: the document may be hostile. */
bool deeperThan(const xmlNode *root, int limit)
{
    int depth = 1;
    const xmlNode *node = root;
    while (node) {
        if (depth > limit) {
            return true;
        }
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            ++depth;
            continue;
        }
        while (node && node != root && !node->next) {
            node = node->parent;
            --depth;
        }
        if (!node || node == root) {
            break;
        }
        node = node->next;
    }
    return false;
}

} // namespace

QString Element::name() const
{
    return m_node ? fromXml(m_node->name) : QString();
}

QString Element::namespaceUri() const
{
    return m_node && m_node->ns ? fromXml(m_node->ns->href) : QString();
}

int Element::line() const
{
    return m_node ? static_cast<int>(xmlGetLineNo(m_node)) : 0;
}

Element Element::child(const QString &name, const QString &namespaceUri) const
{
    const auto all = children(name);
    for (const Element &element : all) {
        if (namespaceUri.isEmpty() || element.namespaceUri() == namespaceUri) {
            return element;
        }
    }
    return {};
}

QList<Element> Element::children(const QString &name) const
{
    QList<Element> result;
    if (!m_node) {
        return result;
    }
    const QByteArray wanted = name.toUtf8();
    for (xmlNode *node = m_node->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && (wanted.isEmpty() || xmlStrEqual(node->name, chars(wanted)))) {
            result.append(Element(node));
        }
    }
    return result;
}

Element Element::find(const QString &path) const
{
    Element element = *this;
    for (const QString &part : path.split(u'/')) {
        element = element.child(part);
    }
    return element;
}

QString Element::attribute(const QString &name) const
{
    return m_node ? takeXml(xmlGetProp(m_node, chars(name.toUtf8()))) : QString();
}

bool Element::hasAttribute(const QString &name) const
{
    return m_node && xmlHasProp(m_node, chars(name.toUtf8()));
}

QStringList Element::attributeNames() const
{
    QStringList names;
    for (const xmlAttr *attribute = m_node ? m_node->properties : nullptr; attribute; attribute = attribute->next) {
        names.append(fromXml(attribute->name));
    }
    return names;
}

QString Element::prefix() const
{
    return m_node && m_node->ns ? fromXml(m_node->ns->prefix) : QString();
}

QString Element::text() const
{
    return m_node ? takeXml(xmlNodeGetContent(m_node)) : QString();
}

QString Element::toXml() const
{
    if (!m_node) {
        return {};
    }
    xmlBuffer *buffer = xmlBufferCreate();
    xmlNodeDump(buffer, m_node->doc, m_node, 0, 0);
    QString result = fromXml(xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return result;
}

void Element::setAttribute(const QString &name, const QString &value)
{
    if (m_node) {
        xmlSetProp(m_node, chars(name.toUtf8()), chars(clean(value)));
    }
}

void Element::removeAttribute(const QString &name)
{
    if (m_node) {
        xmlUnsetProp(m_node, chars(name.toUtf8()));
    }
}

void Element::setText(const QString &text)
{
    if (!m_node) {
        return;
    }
    // xmlNodeSetContent would take "&" for the start of an entity: add the text as a node instead.
    xmlNodeSetContent(m_node, nullptr);
    const QByteArray utf8 = clean(text);
    if (!utf8.isEmpty()) {
        xmlAddChild(m_node, xmlNewText(chars(utf8)));
    }
}

Element Element::append(const QString &name, const QString &text)
{
    if (!m_node) {
        return {};
    }
    Element element(xmlAddChild(m_node, xmlNewDocNode(m_node->doc, m_node->ns, chars(name.toUtf8()), nullptr)));
    element.setText(text);
    return element;
}

Element Element::append(const QString &name, const QString &namespaceUri, const QString &prefix)
{
    if (!m_node) {
        return {};
    }
    xmlNode *node = xmlAddChild(m_node, xmlNewDocNode(m_node->doc, nullptr, chars(name.toUtf8()), nullptr));
    xmlNs *ns = xmlSearchNsByHref(m_node->doc, m_node, chars(namespaceUri.toUtf8()));
    if (!ns) {
        ns = xmlNewNs(node, chars(namespaceUri.toUtf8()), chars(prefix.toUtf8()));
    }
    xmlSetNs(node, ns);
    return Element(node);
}

Element Element::appendCopy(const Element &other)
{
    xmlNode *copy = m_node && other.m_node ? xmlDocCopyNode(other.m_node, m_node->doc, 1) : nullptr;
    return Element(copy ? xmlAddChild(m_node, copy) : nullptr);
}

Element Element::ensure(const QString &name)
{
    const Element existing = child(name);
    return existing ? existing : append(name);
}

void Element::remove()
{
    if (!m_node) {
        return;
    }
    xmlUnlinkNode(m_node);
    xmlFreeNode(m_node);
    m_node = nullptr;
}

Document::Document(_xmlDoc *document)
    : m_document(document)
{}
Document::Document(Document &&) noexcept = default;
Document &Document::operator=(Document &&) noexcept = default;
Document::~Document() = default;

void Document::Deleter::operator()(_xmlDoc *document) const
{
    xmlFreeDoc(document);
}

Result<Document> Document::parse(const QByteArray &xml)
{
    if (xml.size() > maxBytes) {
        return fail(Error::invalid(DocumentText::tr("The XML document is larger than 16 MiB.")));
    }
    const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(xmlNewParserCtxt(), xmlFreeParserCtxt);
    if (!context) {
        return fail(Error::failed(DocumentText::tr("Out of memory while reading XML.")));
    }
    // No XML_PARSE_HUGE: libxml2's own limits on depth and entities stay in force.
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;
    Document document(
        xmlCtxtReadMemory(context.get(), xml.constData(), static_cast<int>(xml.size()), nullptr, nullptr, options));
    if (!document.m_document) {
        const xmlError *error = xmlCtxtGetLastError(context.get());
        return fail(Error::invalid(DocumentText::tr("Line %1, column %2: %3")
                .arg(error ? error->line : 0)
                .arg(error ? error->int2 : 0)
                .arg(error ? QString::fromUtf8(error->message).trimmed() : DocumentText::tr("not well-formed"))));
    }
    if (document.m_document->intSubset || document.m_document->extSubset) {
        return fail(Error::invalid(DocumentText::tr("The XML document has a DOCTYPE, which is refused.")));
    }
    if (!document.root()) {
        return fail(Error::invalid(DocumentText::tr("The XML document has no element.")));
    }
    if (deeperThan(xmlDocGetRootElement(document.m_document.get()), maxDepth)) {
        return fail(Error::invalid(DocumentText::tr("The XML document is nested too deeply.")));
    }
    setUtf8(document.m_document.get());
    return document;
}

Document Document::create(const QString &rootName)
{
    Document document(xmlNewDoc(reinterpret_cast<const xmlChar *>("1.0")));
    xmlDocSetRootElement(document.m_document.get(),
        xmlNewDocNode(document.m_document.get(), nullptr, chars(rootName.toUtf8()), nullptr));
    setUtf8(document.m_document.get());
    return document;
}

Element Document::root() const
{
    return Element(xmlDocGetRootElement(m_document.get()));
}

QString Document::toString() const
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlNodeDump(buffer, m_document.get(), xmlDocGetRootElement(m_document.get()), 0, 1);
    QString result = fromXml(xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    result += u'\n';
    return result;
}

} // namespace vireo::xml
