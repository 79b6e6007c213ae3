// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/domainquery.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::model {
namespace {

constexpr int SavedBit = 8;

/** Lower case, no accents: "Zürich" and "ZURICH" are the same. */
QString foldText(const QString &text)
{
    const bool ascii = std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x80; });
    if (ascii) {
        return text.toLower();
    }
    QString folded = text.normalized(QString::NormalizationForm_KD);
    folded.removeIf([](QChar c) { return c.category() == QChar::Mark_NonSpacing; });
    return folded.toCaseFolded();
}

/** The words a user may type for a state, beside the translated one. */
QStringList wordsOf(int bit)
{
    if (bit == SavedBit) {
        return {u"saved"_s, foldText(QCoreApplication::translate("vireo::model::DomainQuery", "saved"))};
    }
    const auto state = static_cast<virt::DomainState>(bit);
    QStringList words{foldText(virt::stateText(state))};
    switch (state) {
    case virt::DomainState::NoState:
        words << u"unknown"_s;
        break;
    case virt::DomainState::Running:
        words << u"running"_s << u"on"_s;
        break;
    case virt::DomainState::Blocked:
        words << u"running"_s << u"blocked"_s << u"idle"_s << u"on"_s;
        break;
    case virt::DomainState::Paused:
        words << u"paused"_s;
        break;
    case virt::DomainState::ShuttingDown:
        words << u"shutting down"_s;
        break;
    case virt::DomainState::ShutOff:
        words << u"shut off"_s << u"shutoff"_s << u"off"_s << u"stopped"_s;
        break;
    case virt::DomainState::Crashed:
        words << u"crashed"_s;
        break;
    case virt::DomainState::PmSuspended:
        words << u"suspended"_s;
        break;
    }
    return words;
}

/** The states of which a word, or a phrase from a word's start on, begins with `text`. */
quint16 statesMeant(const QString &text)
{
    quint16 mask = 0;
    for (int bit = 0; bit <= SavedBit; ++bit) {
        const QStringList words = wordsOf(bit);
        const bool meant = std::any_of(words.begin(), words.end(),
            [&](const QString &word) { return word.startsWith(text) || word.contains(u' ' + text); });
        if (meant) {
            mask |= static_cast<quint16>(1U << bit);
        }
    }
    return mask;
}

struct Prefix {
    QLatin1StringView text;
    DomainQuery::Field field;
};
constexpr std::array prefixes = {
    Prefix{QLatin1StringView("name:"), DomainQuery::Field::Name},
    Prefix{QLatin1StringView("tag:"), DomainQuery::Field::Tag},
    Prefix{QLatin1StringView("state:"), DomainQuery::Field::State},
    Prefix{QLatin1StringView("host:"), DomainQuery::Field::Host},
};

} // namespace

DomainQuery DomainQuery::parse(const QString &text)
{
    DomainQuery query;
    qsizetype at = 0;
    while (at < text.size()) {
        if (text.at(at).isSpace()) {
            ++at;
            continue;
        }
        Term term;
        if (text.at(at) == u'-') {
            term.exclude = true;
            ++at;
        }
        for (const Prefix &prefix : prefixes) {
            if (QStringView(text).sliced(at).startsWith(prefix.text, Qt::CaseInsensitive)) {
                term.field = prefix.field;
                at += prefix.text.size();
                break;
            }
        }
        // A word ends at a space outside quotes; a quote that is not closed (yet) reaches to the end.
        QString word;
        bool quoted = false;
        for (; at < text.size() && (quoted || !text.at(at).isSpace()); ++at) {
            if (text.at(at) == u'"') {
                quoted = !quoted;
            } else {
                word += text.at(at);
            }
        }
        term.text = foldText(word.simplified());
        if (!term.text.isEmpty()) {
            query.m_states << (term.field == Field::State ? statesMeant(term.text) : quint16(0));
            query.m_terms << std::move(term);
        }
    }
    return query;
}

DomainQuery::Folded DomainQuery::fold(const virt::DomainRecord &domain, const QString &hostName)
{
    Folded folded;
    QString &text = folded.text;
    text = foldText(domain.name) + u'\n';
    if (!domain.title.isEmpty()) {
        text += foldText(domain.title) + u'\n';
    }
    folded.tagsAt = text.size();
    for (const QString &tag : domain.tags) {
        text += foldText(tag) + u'\n';
    }
    folded.groupAt = text.size();
    if (!domain.group.isEmpty()) {
        text += foldText(domain.group) + u'\n';
    }
    folded.hostAt = text.size();
    text += foldText(hostName);
    const bool saved = domain.state == virt::DomainState::ShutOff && domain.managedSave;
    folded.state = static_cast<quint16>(1U << (saved ? SavedBit : static_cast<int>(domain.state)));
    return folded;
}

bool DomainQuery::matches(const virt::DomainRecord &domain, const QString &hostName) const
{
    return isEmpty() || matches(fold(domain, hostName));
}

bool DomainQuery::matches(const Folded &domain) const
{
    const QStringView text(domain.text);
    for (qsizetype i = 0; i < m_terms.size(); ++i) {
        const Term &term = m_terms.at(i);
        bool found = false;
        switch (term.field) {
        case Field::Any:
            found = text.contains(term.text);
            break;
        case Field::Name:
            found = text.first(domain.tagsAt).contains(term.text);
            break;
        case Field::Tag:
            found = text.sliced(domain.tagsAt, domain.groupAt - domain.tagsAt).contains(term.text);
            break;
        case Field::State:
            found = (m_states.at(i) & domain.state) != 0;
            break;
        case Field::Host:
            found = text.sliced(domain.hostAt).contains(term.text);
            break;
        }
        if (found == term.exclude) {
            return false;
        }
    }
    return true;
}

} // namespace vireo::model
