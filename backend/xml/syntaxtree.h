// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace vireo::xml {

/** A half-open range of a text, in UTF-16 units as QString and QTextDocument count them. */
struct TextRange {
    qsizetype from = 0;
    qsizetype to = 0;
    qsizetype length() const { return to - from; }
    bool isEmpty() const { return to <= from; }
    /** Both ends count: a cursor behind the last character still touches it. */
    bool touches(qsizetype position) const { return from <= position && position <= to; }
    bool contains(qsizetype position) const { return from <= position && position < to; }
    friend bool operator==(const TextRange &, const TextRange &) = default;
};

/** Counted from 1; the column in UTF-16 units. */
struct TextPlace {
    int line = 1;
    int column = 1;
    friend bool operator==(const TextPlace &, const TextPlace &) = default;
};

/** An attribute as it is written. A broken one may lack its value. */
struct SyntaxAttribute {
    TextRange name;  ///< qualified, with its prefix
    TextRange value; ///< between the quotes, entities unresolved
    TextRange whole; ///< name to closing quote
    bool quoted = false;
};

/** A node of the text: an element, or what stands between elements. Its relatives are indices; -1: none. */
struct SyntaxNode {
    enum class Kind { Element, Text, Comment, CData, Instruction, Doctype };
    Kind kind = Kind::Text;
    TextRange whole;    ///< from the first to the last character; of an unclosed element to where its parent ends
    TextRange name;     ///< of an element: qualified
    TextRange startTag; ///< "<a b='c'>" or "<a/>"
    TextRange endTag;   ///< "</a>"; empty when there is none
    TextRange content;  ///< between the tags; empty for <a/>
    bool selfClosing = false;
    bool closed = true; ///< false: its end tag is missing
    int depth = 0;      ///< the root element is at 1
    int parent = -1;    ///< always an element
    int firstChild = -1;
    int lastChild = -1;
    int next = -1;
    int firstAttribute = 0; ///< in the tree's list of attributes
    int attributeCount = 0;
};

/** What makes a text ill-formed, with a sentence for people. */
struct SyntaxProblem {
    TextRange range;
    QString message;
    friend bool operator==(const SyntaxProblem &, const SyntaxProblem &) = default;
};

/** Where a cursor stands. */
struct SyntaxContext {
    enum class Kind {
        Nothing,        ///< in a comment, CDATA, instruction, DOCTYPE
        Content,        ///< between tags: text or new elements
        ElementName,    ///< behind "<", in the name of a start tag
        EndTagName,     ///< behind "</"
        AttributeName,  ///< inside a start tag, where an attribute may stand or stands
        AttributeValue, ///< between the quotes
    };
    Kind kind = Kind::Nothing;
    int element = -1;   ///< the element around (Content, ElementName, EndTagName: the parent of what is typed),
                        ///< or the element whose attribute it is; -1: outside of the root
    int node = -1;      ///< the element whose tag is being typed, when the tree has it (ElementName)
    int attribute = -1; ///< in attributes(): AttributeValue, and AttributeName when it stands on one
    TextRange word;     ///< what is typed there already, before and behind the cursor: a completion replaces it
    QString typed;      ///< the part of it before the cursor
    friend bool operator==(const SyntaxContext &, const SyntaxContext &) = default;
};

/**
 * XML as it is written: every element, attribute and comment with its place in the text, also while the text is broken
 * in the middle of typing. It never fails: problems() says what is wrong, and the rest is still there. One pass, no
 * recursion, linear in the text; elements nested deeper than `maxDepth` or beyond `maxNodes` are a problem and left
 * out. Entities beyond the five of XML and character references are problems, and so is a DOCTYPE. An immutable value
 * that shares its text; any thread.
 */
class SyntaxTree final
{
public:
    static constexpr int maxDepth = 256;
    static constexpr int maxNodes = 2'000'000;

    SyntaxTree() = default;
    static SyntaxTree parse(const QString &text);

    const QString &text() const { return m_text; }
    const QList<SyntaxNode> &nodes() const { return m_nodes; }
    const SyntaxNode &node(int index) const { return m_nodes[index]; }
    const QList<SyntaxAttribute> &attributes() const { return m_attributes; }
    const QList<SyntaxProblem> &problems() const { return m_problems; }
    bool isWellFormed() const { return m_problems.isEmpty(); }
    /** The first element at the top; -1: there is none. */
    int root() const { return m_root; }

    QStringView slice(TextRange range) const;
    QStringView name(int element) const;      ///< qualified: "qemu:arg"
    QStringView localName(int element) const; ///< "arg"
    QString namespaceUri(int element) const;  ///< of its prefix, or the default namespace around it; empty: none
    QList<int> children(int element) const;   ///< the child elements
    /** The first child element of that qualified name; -1. */
    int child(int element, QStringView name) const;
    /** In attributes(); -1. */
    int attribute(int element, QStringView name) const;
    /** Its value, entities resolved; empty when it has none. */
    QString attributeValue(int element, QStringView name) const;
    /** Text and CDATA right inside it, entities resolved. */
    QString textOf(int element) const;
    /** Names from the root to it: "domain", "devices", "disk". */
    QStringList path(int element) const;

    /** The innermost element whose text touches the position; -1. */
    int elementAt(qsizetype position) const;
    SyntaxContext contextAt(qsizetype position) const;
    TextPlace placeOf(qsizetype position) const;
    qsizetype positionOf(TextPlace place) const; ///< clamped to the text

private:
    friend class SyntaxParser;
    QString m_text;
    QList<SyntaxNode> m_nodes;
    QList<SyntaxAttribute> m_attributes;
    QList<SyntaxProblem> m_problems;
    QList<qsizetype> m_lines; ///< where each line begins
    int m_root = -1;
};

/** "a&amp;b" -> "a&b"; the five entities of XML and character references, the rest stays. Line ends are left alone. */
QString unescape(QStringView text);
/** For text between tags, or for an attribute in such quotes (null: text). What XML can't hold is left out. */
QString escape(const QString &text, QChar quote = {});

} // namespace vireo::xml
