// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/base/error.h"
#include "backend/xml/syntaxtree.h"

namespace vireo::xml {

/**
 * The way from the root to an element: names with their number among siblings of the same name, counted from 0. The
 * root itself is the empty path. Qualified names, as written.
 */
class ElementPath final
{
public:
    struct Part {
        QString name;
        int index = 0;
        friend bool operator==(const Part &, const Part &) = default;
    };
    ElementPath() = default;
    /** "devices/disk[2]/driver"; no number means the first. */
    ElementPath(const QString &text); // NOLINT(google-explicit-constructor): reads well in calls
    ElementPath child(const QString &name, int index = 0) const;
    ElementPath parent() const;
    const QList<Part> &parts() const { return m_parts; }
    bool isRoot() const { return m_parts.isEmpty(); }
    QString toString() const;
    friend bool operator==(const ElementPath &, const ElementPath &) = default;

private:
    QList<Part> m_parts;
};

/**
 * A well-formed document that is changed in place: what a change does not concern stays byte for byte, with its quotes,
 * comments, white space and order. New elements are indented like their neighbours; an element that was alone on its
 * lines takes them with it when it goes. Paths are looked up anew in each call, so a removed sibling moves those behind
 * it. A value; not thread-safe.
 */
class XmlText final
{
public:
    /** Errors: not well-formed (first problem with line and column), a DOCTYPE, above 16 MiB. */
    static Result<XmlText> parse(const QString &text);

    const QString &toString() const { return m_tree.text(); }
    const SyntaxTree &tree() const { return m_tree; }
    /** The element's number in tree(); -1: there is none. */
    int find(const ElementPath &path) const;
    bool has(const ElementPath &path) const { return find(path) >= 0; }
    QString attribute(const ElementPath &path, const QString &name) const;
    bool hasAttribute(const ElementPath &path, const QString &name) const;
    QString text(const ElementPath &path) const;
    /** How many children of that name it has. */
    int count(const ElementPath &path, const QString &childName) const;
    /** All child elements, in order, as paths. */
    QList<ElementPath> children(const ElementPath &path) const;
    /** The element as written, from its "<" to its last ">". */
    QString xml(const ElementPath &path) const;
    /** The first descendant of that local name and namespace below `path`; nothing: there is none. */
    std::optional<ElementPath> findNamespaced(
        const ElementPath &path, const QString &localName, const QString &namespaceUri) const;
    ElementPath pathOf(int element) const;

    // Changes. Elements that are missing on the way are made, at the place that domain documents give them. An empty
    // value is a value; see removeAttribute(). All return whether anything changed.
    bool setAttribute(const ElementPath &path, const QString &name, const QString &value);
    /** `prune`: an element that is empty then goes as well, and so on upwards, but not the root. */
    bool removeAttribute(const ElementPath &path, const QString &name, bool prune = false);
    bool setText(const ElementPath &path, const QString &text);
    bool remove(const ElementPath &path, bool prune = false);
    /** Puts an element (as XML text, well-formed) behind the last sibling of its name, else where libvirt would write
     *  it, else last. Gives its path. Error: `elementXml` is no single element, or there is no such parent. */
    Result<ElementPath> insert(const ElementPath &parent, const QString &elementXml);
    /** The same right before an existing child of `parent`. */
    Result<ElementPath> insertBefore(const ElementPath &sibling, const QString &elementXml);
    /** Another text in place of an element. Error: as insert(). */
    Result<> replace(const ElementPath &path, const QString &elementXml);

private:
    explicit XmlText(SyntaxTree tree);
    void splice(TextRange range, const QString &with);
    int ensure(const ElementPath &path);
    void put(int parent, const QString &elementXml, int before);
    void pruneEmpty(const ElementPath &path);

    SyntaxTree m_tree;
};

/**
 * The lines of `range`, re-indented by two spaces a level as the depth in the document demands; text, comments and what
 * stands inside tags are not touched. `document` may be ill-formed elsewhere. Gives the text for the widened range
 * (whole lines).
 */
struct Formatted {
    TextRange range;
    QString text;
};
Formatted formatLines(const SyntaxTree &tree, TextRange range);

} // namespace vireo::xml
