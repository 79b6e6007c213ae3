// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QHash>
#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include "backend/base/error.h"
#include "backend/xml/rng/pattern.h"

namespace vireo::xml::rng {

struct Name {
    QString namespaceUri;
    QString local;
    friend bool operator==(const Name &, const Name &) = default;
};

/** Which names an element or attribute may have. */
struct NameClass {
    enum class Kind { Name, Any, Namespace, Choice };
    Kind kind = Kind::Name;
    NameId name = -1;
    QString namespaceUri;
    QList<int> parts; ///< of Choice
    int except = -1;  ///< of Any and Namespace
};

/** A whole number of any size. */
struct WholeNumber {
    bool negative = false;
    QString digits; ///< without leading zeros; "0"
    static std::optional<WholeNumber> read(QStringView text);
    int compare(const WholeNumber &other) const;
};

/** A data type of XML Schema with its limits. */
struct DataType {
    enum class Base { String, Token, Whole, Decimal, DateTime, Name, Uri };
    Base base = Base::String;
    QString type;        ///< as the schema calls it: unsignedInt
    QStringList sources; ///< the patterns, as the schema writes them
    QList<QRegularExpression> patterns;
    std::optional<WholeNumber> minimum;
    std::optional<WholeNumber> maximum;
    qsizetype minLength = 0;
    qsizetype maxLength = -1; ///< -1: no limit
    PatternId except = PatternPool::notAllowed;
    QString meaning;   ///< the definition that says what it stands for: "macAddr"; empty: none
    QStringList words; ///< when the pattern is nothing but a list of words
};

struct ValueType {
    QString text;
    bool exact = false; ///< type string: white space counts
};

struct ElementType {
    int nameClass = -1;
    PatternId body = PatternPool::notAllowed;
};

/** A RELAX NG grammar, simplified. An immutable value once read; any thread. */
struct Grammar {
    PatternPool pool;
    QList<Name> names;
    QHash<QString, NameId> plainNames;                     ///< those without namespace
    QHash<std::pair<QString, QString>, NameId> namespaced; ///< namespace and local name
    QList<NameClass> nameClasses;
    QList<DataType> datas;
    QList<ValueType> values;
    QList<ElementType> elements;
    PatternId start = PatternPool::notAllowed;

    NameId find(const QString &namespaceUri, const QString &local) const; ///< -1: nowhere in the grammar
    NameId add(const QString &namespaceUri, const QString &local);
    bool contains(int nameClass, const Name &name, NameId id) const;
    /** The one name of a class; -1: it is a wildcard or a choice. */
    NameId onlyName(int nameClass) const;
    bool matches(const DataType &type, const QString &text) const;
    bool matches(const ValueType &value, const QString &text) const;
    /** A value pattern: of an attribute, or the text of an element without children. */
    bool matchesText(PatternId pattern, const QString &text) const;
};

/** Reads a grammar and what it includes from a directory. Files: libvirt's own, but whatever they hold is no danger.
 *  Errors: not there, not RELAX NG, or of a kind that is not understood. */
Result<Grammar> readGrammar(const QString &file);

} // namespace vireo::xml::rng
