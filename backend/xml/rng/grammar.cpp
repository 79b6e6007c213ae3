// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/grammar.h"

#include <algorithm>
#include <array>

#include <QDateTime>
#include <QUrl>

namespace vireo::xml::rng {

using namespace Qt::StringLiterals;

namespace {

constexpr auto isBlank = [](QChar c) {
    return c == u' ' || c == u'\t' || c == u'\n' || c == u'\r';
};

QString collapsed(const QString &text)
{
    QString result;
    result.reserve(text.size());
    for (const QChar c : text) {
        if (!isBlank(c)) {
            result += c;
        } else if (!result.isEmpty() && !result.endsWith(u' ')) {
            result += u' ';
        }
    }
    if (result.endsWith(u' ')) {
        result.chop(1);
    }
    return result;
}

struct Limits {
    QLatin1StringView type;
    QLatin1StringView minimum; ///< empty: none
    QLatin1StringView maximum;
};

constexpr std::array wholeTypes{
    Limits{"integer"_L1, {}, {}},
    Limits{"positiveInteger"_L1, "1"_L1, {}},
    Limits{"nonNegativeInteger"_L1, "0"_L1, {}},
    Limits{"long"_L1, "-9223372036854775808"_L1, "9223372036854775807"_L1},
    Limits{"int"_L1, "-2147483648"_L1, "2147483647"_L1},
    Limits{"short"_L1, "-32768"_L1, "32767"_L1},
    Limits{"byte"_L1, "-128"_L1, "127"_L1},
    Limits{"unsignedLong"_L1, "0"_L1, "18446744073709551615"_L1},
    Limits{"unsignedInt"_L1, "0"_L1, "4294967295"_L1},
    Limits{"unsignedShort"_L1, "0"_L1, "65535"_L1},
    Limits{"unsignedByte"_L1, "0"_L1, "255"_L1},
};

bool withinType(const QString &type, const WholeNumber &number)
{
    const auto limits = std::ranges::find_if(wholeTypes, [&type](const Limits &entry) { return entry.type == type; });
    if (limits == wholeTypes.end()) {
        return true;
    }
    return (limits->minimum.isEmpty() || number.compare(*WholeNumber::read(QString(limits->minimum))) >= 0)
        && (limits->maximum.isEmpty() || number.compare(*WholeNumber::read(QString(limits->maximum))) <= 0);
}

bool isDateTime(const QString &text)
{
    static const QRegularExpression form(
        u"\\A-?\\d{4,}-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)?\\z"_s);
    const QRegularExpressionMatch match = form.match(text);
    return match.hasMatch() && match.capturedView(1).toInt() >= 1 && match.capturedView(1).toInt() <= 12
        && match.capturedView(2).toInt() >= 1 && match.capturedView(2).toInt() <= 31
        && match.capturedView(3).toInt() <= 24 && match.capturedView(4).toInt() <= 59
        && match.capturedView(5).toInt() <= 59;
}

bool isName(const QString &text)
{
    static const QRegularExpression form(
        u"\\A[\\p{L}_][\\p{L}\\p{N}\\p{M}._\\-·]*\\z"_s, QRegularExpression::UseUnicodePropertiesOption);
    return form.match(text).hasMatch();
}

bool isDecimal(const QString &text)
{
    static const QRegularExpression form(u"\\A([+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?|-?INF|NaN)\\z"_s);
    return form.match(text).hasMatch();
}

} // namespace

std::optional<WholeNumber> WholeNumber::read(QStringView text)
{
    WholeNumber number;
    if (text.startsWith(u'-') || text.startsWith(u'+')) {
        number.negative = text.startsWith(u'-');
        text = text.sliced(1);
    }
    if (text.isEmpty() || !std::ranges::all_of(text, [](QChar c) { return c >= u'0' && c <= u'9'; })) {
        return {};
    }
    while (text.size() > 1 && text.startsWith(u'0')) {
        text = text.sliced(1);
    }
    number.digits = text.toString();
    if (text == u"0") {
        number.negative = false;
    }
    return number;
}

int WholeNumber::compare(const WholeNumber &other) const
{
    if (negative != other.negative) {
        return negative ? -1 : 1;
    }
    int order = 0;
    if (digits.size() != other.digits.size()) {
        order = digits.size() < other.digits.size() ? -1 : 1;
    } else {
        order = digits.compare(other.digits);
    }
    return negative ? -order : order;
}

NameId Grammar::find(const QString &namespaceUri, const QString &local) const
{
    return namespaceUri.isEmpty() ? plainNames.value(local, -1) : namespaced.value({namespaceUri, local}, -1);
}

NameId Grammar::add(const QString &namespaceUri, const QString &local)
{
    NameId id = find(namespaceUri, local);
    if (id < 0) {
        id = static_cast<NameId>(names.size());
        names.append({namespaceUri, local});
        if (namespaceUri.isEmpty()) {
            plainNames.insert(local, id);
        } else {
            namespaced.insert({namespaceUri, local}, id);
        }
    }
    return id;
}

bool Grammar::contains(int nameClass, const Name &name, NameId id) const
{
    const NameClass &names_ = nameClasses[nameClass];
    switch (names_.kind) {
    case NameClass::Kind::Name:
        return names_.name == id;
    case NameClass::Kind::Any:
        return names_.except < 0 || !contains(names_.except, name, id);
    case NameClass::Kind::Namespace:
        return names_.namespaceUri == name.namespaceUri && (names_.except < 0 || !contains(names_.except, name, id));
    case NameClass::Kind::Choice:
        return std::ranges::any_of(names_.parts, [&](int part) { return contains(part, name, id); });
    }
    return false;
}

NameId Grammar::onlyName(int nameClass) const
{
    const NameClass &names_ = nameClasses[nameClass];
    return names_.kind == NameClass::Kind::Name ? names_.name : -1;
}

bool Grammar::matches(const DataType &type, const QString &text) const
{
    // Patterns see the text as it is, also around numbers: so does libxml2.
    for (const QRegularExpression &pattern : type.patterns) {
        if (!pattern.match(text).hasMatch()) {
            return false;
        }
    }
    bool fits = true;
    switch (type.base) {
    case DataType::Base::String:
    case DataType::Base::Token:
        fits = text.size() >= type.minLength && (type.maxLength < 0 || text.size() <= type.maxLength);
        break;
    case DataType::Base::Whole: {
        const auto number = WholeNumber::read(collapsed(text));
        fits = number && withinType(type.type, *number) && (!type.minimum || number->compare(*type.minimum) >= 0)
            && (!type.maximum || number->compare(*type.maximum) <= 0);
        break;
    }
    case DataType::Base::Decimal:
        fits = isDecimal(collapsed(text));
        break;
    case DataType::Base::DateTime:
        fits = isDateTime(collapsed(text));
        break;
    case DataType::Base::Name:
        fits = isName(collapsed(text));
        break;
    case DataType::Base::Uri:
        fits = QUrl(collapsed(text), QUrl::TolerantMode).isValid() || collapsed(text).isEmpty();
        break;
    }
    return fits && (type.except == PatternPool::notAllowed || !matchesText(type.except, text));
}

bool Grammar::matches(const ValueType &value, const QString &text) const
{
    return value.text == text || (!value.exact && collapsed(value.text) == collapsed(text));
}

bool Grammar::matchesText(PatternId id, const QString &text) const
{
    const Pattern &pattern = pool.at(id);
    switch (pattern.kind) {
    case Kind::Text:
        return true;
    case Kind::Empty:
        return std::ranges::all_of(text, isBlank);
    case Kind::Choice:
        return std::ranges::any_of(pool.children(id), [&](PatternId part) { return matchesText(part, text); });
    case Kind::Data:
        return matches(datas[pattern.a], text);
    case Kind::Value:
        return matches(values[pattern.a], text);
    case Kind::OneOrMore:
        return matchesText(pattern.a, text);
    case Kind::Group:
        return (pool.nullable(pattern.a) && matchesText(pattern.b, text))
            || (pool.nullable(pattern.b) && matchesText(pattern.a, text));
    case Kind::List: {
        // libvirt's schemas have none: each word on its own is what we check.
        const QStringList words = collapsed(text).split(u' ', Qt::SkipEmptyParts);
        return std::ranges::all_of(words, [&](const QString &word) { return matchesText(pattern.a, word); });
    }
    default:
        return false;
    }
}

} // namespace vireo::xml::rng
