// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

#include "backend/virt/records.h"

namespace vireo::model {

/**
 * What the filter field means: words that all must match. `name:`, `tag:`, `state:`, `host:` look at that alone, plain
 * text at name, title, tags, group and host; a leading `-` excludes; quotes keep spaces. Case and accents don't matter.
 * Pure value.
 */
class DomainQuery final
{
public:
    enum class Field { Any, Name, Tag, State, Host };
    struct Term {
        Field field = Field::Any;
        QString text; ///< folded
        bool exclude = false;
        friend bool operator==(const Term &, const Term &) = default;
    };
    /** The texts of a domain that terms look at, folded once: a list keeps them while the user types. */
    struct Folded {
        QString text; ///< name, title | tags, group | host: one a line
        qsizetype tagsAt = 0;
        qsizetype groupAt = 0;
        qsizetype hostAt = 0;
        quint16 state = 0; ///< one bit: its state, or saved
    };

    /** A prefix without text ("tag:" while it is being typed) asks for nothing. */
    static DomainQuery parse(const QString &text);
    static Folded fold(const virt::DomainRecord &domain, const QString &hostName);
    bool isEmpty() const { return m_terms.isEmpty(); }
    const QList<Term> &terms() const { return m_terms; }
    bool matches(const virt::DomainRecord &domain, const QString &hostName) const;
    bool matches(const Folded &domain) const;
    friend bool operator==(const DomainQuery &, const DomainQuery &) = default;

private:
    QList<Term> m_terms;
    QList<quint16> m_states; ///< beside each term: the states that a `state:` word means
};

} // namespace vireo::model
