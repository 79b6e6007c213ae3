// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/words.h"

#include <algorithm>
#include <limits>

#include <QCoreApplication>

#include "backend/xml/rng/meaning.h"

namespace vireo::xml::rng {

using namespace Qt::StringLiterals;

namespace {

struct WordsText {
    Q_DECLARE_TR_FUNCTIONS(xml_SchemaWords)
};

constexpr qsizetype longestWord = 40;

/** Edits from one word to another; two neighbours that are swapped count once. */
qsizetype distance(QStringView a, QStringView b)
{
    std::vector<std::vector<qsizetype>> table(
        static_cast<std::size_t>(a.size()) + 1, std::vector<qsizetype>(static_cast<std::size_t>(b.size()) + 1));
    for (qsizetype i = 0; i <= a.size(); ++i) {
        for (qsizetype j = 0; j <= b.size(); ++j) {
            const auto x = static_cast<std::size_t>(i);
            const auto y = static_cast<std::size_t>(j);
            if (i == 0 || j == 0) {
                table[x][y] = i + j;
                continue;
            }
            const qsizetype change = a[i - 1] == b[j - 1] ? 0 : 1;
            table[x][y] = std::min({table[x - 1][y] + 1, table[x][y - 1] + 1, table[x - 1][y - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                table[x][y] = std::min(table[x][y], table[x - 2][y - 2] + 1);
            }
        }
    }
    return table[static_cast<std::size_t>(a.size())][static_cast<std::size_t>(b.size())];
}

} // namespace

QString nearest(const QString &typed, const QStringList &candidates)
{
    if (typed.isEmpty() || typed.size() > longestWord) {
        return {};
    }
    const QString lower = typed.toLower();
    QString best;
    qsizetype least = std::numeric_limits<qsizetype>::max();
    for (const QString &candidate : candidates) {
        if (candidate.size() > longestWord) {
            continue;
        }
        qsizetype edits = distance(lower, candidate.toLower());
        if (typed.size() >= 3 && candidate.startsWith(typed, Qt::CaseInsensitive)) {
            edits = std::min<qsizetype>(edits, 1); // a word that is only begun
        }
        if (edits < least) {
            least = edits;
            best = candidate;
        }
    }
    const qsizetype bound = std::max<qsizetype>(1, std::min<qsizetype>(3, typed.size() / 3));
    return least <= bound && least < typed.size() ? best : QString();
}

QString joined(const QStringList &words, int limit)
{
    const QString list = words.first(std::min<qsizetype>(limit, words.size())).join(u", "_s);
    const auto more = static_cast<int>(words.size()) - limit;
    return more > 0 ? WordsText::tr("%1 … (%n more)", nullptr, more).arg(list) : list;
}

QString quoted(QStringView value)
{
    QString word = value.toString();
    for (QChar &c : word) {
        c = c < u' ' ? QChar(u' ') : c;
    }
    return u"“%1”"_s.arg(word.size() > longestWord ? word.first(longestWord) + u'…' : word);
}

QStringList namesOf(const Matcher &matcher, const QList<int> &nameClasses)
{
    QStringList result;
    for (const int nameClass : nameClasses) {
        const NameId id = matcher.grammar().onlyName(nameClass);
        if (id >= 0) {
            result.append(matcher.localName(id));
        }
    }
    result.sort();
    result.removeDuplicates();
    return result;
}

QString describeValues(const Matcher::Values &values)
{
    QStringList parts;
    for (const DataType *type : values.types) {
        const QString text = describe(*type);
        if (!parts.contains(text)) {
            parts.append(text);
        }
    }
    if (values.anyText || (values.words.isEmpty() && parts.isEmpty())) {
        return {};
    }
    if (values.words.isEmpty()) {
        //: What a value may be, such as "a MAC address"; %1 may be several
        return WordsText::tr("Allowed here: %1.").arg(parts.join(WordsText::tr(", or ")));
    }
    const QString words = joined(values.words);
    return parts.isEmpty() ? WordsText::tr("Allowed here: %1.").arg(words)
                           : WordsText::tr("Allowed here: %1; or %2.").arg(words, parts.join(WordsText::tr(", or ")));
}

} // namespace vireo::xml::rng
