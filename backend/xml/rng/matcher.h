// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_map>

#include "backend/xml/rng/grammar.h"

namespace vireo::xml::rng {

/**
 * Follows a document through a grammar: a pattern stands for all that may still come. What it found out once it keeps,
 * so that the second disk costs nothing; reuse it. Not thread-safe; the grammar must outlive it.
 */
class Matcher final
{
    Q_DISABLE_COPY_MOVE(Matcher)

public:
    explicit Matcher(const Grammar &grammar);
    ~Matcher();

    const Grammar &grammar() const { return m_grammar; }
    const PatternPool &pool() const { return m_pool; }
    /** It has seen so much that it is better thrown away: hostile documents. */
    bool isFull() const { return m_pool.size() - m_grammar.pool.size() > maxPatterns; }

    /** The number of a name, also of one that the grammar does not know. */
    NameId nameOf(const QString &namespaceUri, const QString &local);
    QString localName(NameId id) const;
    QString namespaceOf(NameId id) const;

    PatternId start() { return m_start; }
    PatternId openTag(PatternId pattern, NameId name);
    /** The same when what must come before it is missing. */
    PatternId openTagTooEarly(PatternId pattern, NameId name);
    /** After an attribute's name: what its value may be, in an After. */
    PatternId attributeName(PatternId pattern, NameId name);
    /** `lenient`: any value goes. */
    PatternId attributeValue(PatternId pattern, const QString &value, bool lenient = false);
    /** `lenient`: missing attributes don't matter. */
    PatternId closeTag(PatternId pattern, bool lenient = false);
    /** The whole text of an element without children. */
    PatternId text(PatternId pattern, const QString &text);
    /** Text beside elements, other than white space. */
    PatternId mixedText(PatternId pattern, const QString &text);
    /** `lenient`: missing children don't matter. */
    PatternId endTag(PatternId pattern, bool lenient = false);
    /** An element whose inside is not looked at. */
    PatternId skip(PatternId pattern, NameId name) { return endTag(openTag(pattern, name), true); }

    // What a pattern says. All of the innermost open element only.

    /** That element alone, without what follows it. */
    PatternId inside(PatternId pattern);
    /** Elements and attributes are told by their class of names. */
    enum class What { Elements, Attributes };
    /** Those that may come next (for attributes: in any order), without doubles. */
    QList<int> next(PatternId pattern, What what);
    /** Those of elements that may come at all, now or later. */
    QList<int> all(PatternId pattern, What what);
    /** Names without which nothing is complete. */
    QList<NameId> required(PatternId pattern, What what);
    /** Whether there may be text: data, values, or text itself. */
    bool hasText(PatternId pattern);
    /** The inside of elements of that name that may come next. */
    PatternId bodyOf(PatternId pattern, NameId name);
    /** Values that an attribute behind attributeName(), or a text, may have. */
    PatternId values(PatternId pattern);
    struct Values {
        QStringList words;             ///< all that are enumerated
        QList<const DataType *> types; ///< others
        bool anyText = false;
    };
    Values enumerate(PatternId valuePattern) const;

private:
    static constexpr int maxPatterns = 300'000;
    enum class Operation { Group, GroupBefore, Interleave, After };
    enum class Step { Open, OpenEarly, Attribute, Close, CloseLenient, End, EndLenient };

    struct Names {
        std::vector<NameId> names;
        bool everything = false; ///< of a pattern that can't be: it needs all
    };
    /** applyAfter: what follows the opened element becomes part of something larger. */
    PatternId wrap(PatternId pattern, Operation operation, PatternId with);
    PatternId remembered(Step step, PatternId pattern, NameId name);
    PatternId openTagOf(PatternId pattern, NameId name, bool early);
    PatternId attributeNameOf(PatternId pattern, NameId name);
    PatternId closeTagOf(PatternId pattern, bool lenient);
    PatternId endTagOf(PatternId pattern, bool lenient);
    PatternId textOf(PatternId pattern, const QString &text);
    PatternId interleaveWithout(PatternId pattern, std::size_t left);
    template<typename Derive>
    PatternId deriveChildren(PatternId pattern, Derive derive);
    void collect(PatternId pattern, What what, bool nextOnly, std::vector<int> &classes, std::vector<bool> &seen);
    const Names &requiredOf(PatternId pattern, What what);

    const Grammar &m_grammar;
    PatternPool m_pool;
    PatternId m_start = PatternPool::notAllowed;
    QList<Name> m_newNames;
    QHash<std::pair<QString, QString>, NameId> m_newIds;
    std::unordered_map<std::uint64_t, PatternId> m_memory[7]; // NOLINT(modernize-avoid-c-arrays)
    std::unordered_map<PatternId, Names> m_required[2];       // NOLINT(modernize-avoid-c-arrays)
};

} // namespace vireo::xml::rng
