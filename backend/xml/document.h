// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QList>
#include <QString>
#include <QStringList>

#include "backend/base/error.h"

struct _xmlDoc;
struct _xmlNode;

namespace vireo::xml {

/**
 * Sets up what libxml2 keeps for the whole process. To be called before threads parse, libvirt's own among them:
 * libxml2 2.9 does it at the first use, and not safely when two threads are first. virt::EventLoop calls it; again is
 * harmless.
 */
void initialize();

/**
 * An element of a Document: a light view, valid while the document lives and the element is not removed. Not
 * thread-safe. A null element answers with empty values, so that paths can be followed without checks.
 */
class Element final
{
public:
    Element() = default;
    explicit Element(_xmlNode *node)
        : m_node(node)
    {}

    bool isNull() const { return !m_node; }
    explicit operator bool() const { return m_node; }
    QString name() const;
    QString namespaceUri() const;
    QString prefix() const; ///< of its name: "vireo"; empty: none
    int line() const;

    /** First child element of that local name, in any namespace unless `namespaceUri` is given; null if none. */
    Element child(const QString &name, const QString &namespaceUri = {}) const;
    QList<Element> children(const QString &name = {}) const;
    /** Follows child() along "os/type"; null where it ends. */
    Element find(const QString &path) const;
    QString attribute(const QString &name) const;
    bool hasAttribute(const QString &name) const;
    QStringList attributeNames() const; ///< local names, as written
    /** The text inside, entities resolved, not trimmed. */
    QString text() const;
    /** The element itself as XML, as libvirt's calls on single devices want it; empty for a null element. */
    QString toXml() const;

    void setAttribute(const QString &name, const QString &value);
    void removeAttribute(const QString &name);
    void setText(const QString &text);
    /** Appends a child element (in the parent's namespace, or in `namespaceUri` declared with `prefix`). */
    Element append(const QString &name, const QString &text = {});
    Element append(const QString &name, const QString &namespaceUri, const QString &prefix);
    /** Appends a copy of an element, which may be of another document. */
    Element appendCopy(const Element &other);
    /** The child of that name, made when missing. */
    Element ensure(const QString &name);
    void remove();

private:
    _xmlNode *m_node = nullptr;
};

/**
 * An XML document (libxml2). Move-only; owns its elements. Parsing refuses DOCTYPE, entities and network access,
 * documents above 16 MiB and nesting above 256; errors carry line and column.
 */
class Document final
{
public:
    static Result<Document> parse(const QByteArray &xml);
    static Result<Document> parse(const QString &xml) { return parse(xml.toUtf8()); }
    static Document create(const QString &rootName);

    Document(Document &&) noexcept;
    Document &operator=(Document &&) noexcept;
    ~Document();
    Q_DISABLE_COPY(Document)

    Element root() const;
    /** UTF-8 text without XML declaration, indented by two spaces where there was no white space before. */
    QString toString() const;

private:
    struct Deleter {
        void operator()(_xmlDoc *document) const;
    };
    explicit Document(_xmlDoc *document);
    std::unique_ptr<_xmlDoc, Deleter> m_document;
};

/** Namespace of what Vireo writes into a domain's metadata. */
inline constexpr auto MetadataNamespace = "https://vireo-vm.github.io/xmlns/domain/1";

} // namespace vireo::xml
