// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/completion.h"

#include <algorithm>

#include <QCoreApplication>
#include <QSet>

#include "backend/xml/completion_p.h"
#include "backend/xml/elementdocs.h"
#include "backend/xml/hostvalues.h"
#include "backend/xml/schema_p.h"

namespace vireo::xml {

using namespace Qt::StringLiterals;
using rng::NameId;
using rng::PatternId;
using rng::PatternPool;
using What = rng::Matcher::What;

namespace {

struct CompletionText {
    Q_DECLARE_TR_FUNCTIONS(xml_Completion)
};

class Completer
{
public:
    Completer(rng::Matcher &matcher, const SyntaxTree &tree, qsizetype position, const HostVocabulary &host,
        DocumentKind kind)
        : m_matcher(matcher)
        , m_tree(tree)
        , m_context(tree.contextAt(position))
        , m_host(host)
        , m_kind(kind)
        , m_place(matcher, tree)
    {}

    CompletionList run()
    {
        m_list.word = m_context.word;
        switch (m_context.kind) {
        case SyntaxContext::Kind::Nothing:
            break;
        case SyntaxContext::Kind::ElementName:
            elements(m_context.typed, QString());
            endTag(u"/"_s);
            break;
        case SyntaxContext::Kind::EndTagName:
            endTag(QString());
            break;
        case SyntaxContext::Kind::AttributeName:
            attributes();
            break;
        case SyntaxContext::Kind::AttributeValue:
            values();
            break;
        case SyntaxContext::Kind::Content:
            content();
            break;
        }
        return std::move(m_list);
    }

private:
    QString nameAt(int element) const { return element < 0 ? QString() : m_tree.name(element).toString(); }

    bool matches(const QString &label, const QString &typed) const
    {
        return label.startsWith(typed, Qt::CaseInsensitive);
    }

    // Elements

    void elements(const QString &typed, const QString &opening)
    {
        const int parent = m_context.element;
        const PatternId pattern = m_place.before(parent, startOfWord(), m_context.node);
        const PatternId inside = m_matcher.inside(pattern);
        const QList<NameId> behind = fitting(pattern, m_place.behind(parent, startOfWord(), m_context.node));
        const PatternId whole = follow(pattern, behind);
        const auto needed = m_matcher.required(m_matcher.inside(whole), What::Elements);
        const QStringList path = parent < 0 ? QStringList() : m_tree.path(parent);
        QSet<NameId> seen;
        const qsizetype first = m_list.items.size();
        const auto classes = m_matcher.next(inside, What::Elements);
        for (const int nameClass : classes) {
            const NameId id = m_matcher.grammar().onlyName(nameClass);
            if (id < 0 || seen.contains(id)) {
                continue;
            }
            seen.insert(id);
            QString declaration;
            const QString name = written(id, declaration);
            if (!matches(name, typed) && !matches(m_matcher.localName(id), typed)) {
                continue;
            }
            // What stands behind must still have its place.
            if (follow(m_matcher.skip(pattern, id), behind) == PatternPool::notAllowed) {
                continue;
            }
            Completion item;
            item.kind = Completion::Kind::Element;
            item.label = name;
            item.detail = needed.contains(id) ? CompletionText::tr("required") : QString();
            item.documentation = documentationOf(m_kind, path + QStringList{name});
            if (isRenamed()) {
                item.insert = name;
                item.cursor = name.size();
            } else {
                const ShortForm form = shortForm(m_matcher, name + declaration, m_matcher.bodyOf(inside, id),
                    path.isEmpty() ? QString() : path.last());
                item.insert = opening + form.text;
                item.cursor = opening.size() + form.cursor;
                item.completesFurther = form.goesOn;
            }
            m_list.items.append(item);
        }
        sortFrom(first);
    }

    /** Where the tag that is typed begins. */
    qsizetype startOfWord() const
    {
        return m_context.node >= 0 ? m_tree.node(m_context.node).whole.from : m_context.word.from;
    }

    /** The tag goes on behind the name already: only the name changes. */
    bool isRenamed() const
    {
        if (m_context.node < 0) {
            return false;
        }
        const SyntaxNode &node = m_tree.node(m_context.node);
        return node.attributeCount > 0 || node.selfClosing || m_tree.slice(node.startTag).endsWith(u'>');
    }

    QList<NameId> fitting(PatternId pattern, const QList<NameId> &names)
    {
        QList<NameId> result;
        for (const NameId name : names) {
            const PatternId next = m_matcher.skip(pattern, name);
            if (next != PatternPool::notAllowed) {
                pattern = next;
                result.append(name);
            }
        }
        return result;
    }

    PatternId follow(PatternId pattern, const QList<NameId> &names)
    {
        for (const NameId name : names) {
            pattern = m_matcher.skip(pattern, name);
        }
        return pattern;
    }

    /** "qemu:commandline", with the declaration that its prefix lacks. */
    QString written(NameId id, QString &declaration)
    {
        const QString uri = m_matcher.namespaceOf(id);
        QString local = m_matcher.localName(id);
        if (uri.isEmpty()) {
            return local;
        }
        for (int element = m_context.element; element >= 0; element = m_tree.node(element).parent) {
            const SyntaxNode &node = m_tree.node(element);
            for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
                const QStringView name = m_tree.slice(m_tree.attributes()[i].name);
                if (name.startsWith(u"xmlns:") && unescape(m_tree.slice(m_tree.attributes()[i].value)) == uri) {
                    return name.sliced(6).toString() + u':' + local;
                }
            }
        }
        const QStringList parts = uri.split(u'/', Qt::SkipEmptyParts);
        const QString prefix = parts.size() > 2 ? parts[parts.size() - 2] : u"ns"_s;
        declaration = u" xmlns:%1='%2'"_s.arg(prefix, uri);
        return prefix + u':' + local;
    }

    void endTag(const QString &opening)
    {
        const int element = m_context.element;
        if (element < 0) {
            return;
        }
        // Behind "</" always; behind "<" only where the end tag is missing.
        if (!opening.isEmpty() && (m_tree.node(element).closed || !m_context.typed.isEmpty())) {
            return;
        }
        const QString name = nameAt(element);
        if (name.isEmpty() || !matches(name, m_context.typed)) {
            return;
        }
        const bool closed = m_list.word.to < m_tree.text().size() && m_tree.text()[m_list.word.to] == u'>';
        Completion item;
        item.kind = Completion::Kind::EndTag;
        item.label = u'/' + name;
        item.insert = opening + name + (closed ? QString() : u">"_s);
        item.cursor = item.insert.size();
        m_list.items.append(item);
    }

    // Attributes

    void attributes()
    {
        const int element = m_context.element;
        const PatternId inside = m_matcher.inside(m_place.inTag(element, m_context.attribute));
        const auto needed = m_matcher.required(inside, What::Attributes);
        const QStringList path = m_tree.path(element);
        const QString typed = m_context.typed;
        const bool named = m_context.attribute >= 0
            && m_tree.attributes()[m_context.attribute].whole.to > m_tree.attributes()[m_context.attribute].name.to;
        QSet<NameId> seen;
        const auto classes = m_matcher.next(inside, What::Attributes);
        for (const int nameClass : classes) {
            const NameId id = m_matcher.grammar().onlyName(nameClass);
            if (id < 0 || seen.contains(id) || !matches(m_matcher.localName(id), typed)) {
                continue;
            }
            seen.insert(id);
            const QString name = m_matcher.localName(id);
            const auto allowed = m_matcher.enumerate(m_matcher.values(m_matcher.attributeName(inside, id)));
            Completion item;
            item.kind = Completion::Kind::Attribute;
            item.label = name;
            item.detail = needed.contains(id) ? CompletionText::tr("required") : QString();
            item.documentation = documentationOf(m_kind, path, name);
            if (named) {
                item.insert = name;
                item.cursor = name.size();
            } else {
                const bool single = allowed.words.size() == 1 && allowed.types.isEmpty() && !allowed.anyText;
                item.insert = u"%1='%2'"_s.arg(name, single ? escape(allowed.words.first(), u'\'') : QString());
                item.cursor = single ? item.insert.size() : name.size() + 2;
                item.completesFurther = !single
                    && (!allowed.words.isEmpty() || !hostChoice(m_tree, element, name, m_host).offers.isEmpty());
            }
            m_list.items.append(item);
        }
        sortFrom(0);
    }

    // Values

    void values()
    {
        const int element = m_context.element;
        const SyntaxAttribute &attribute = m_tree.attributes()[m_context.attribute];
        const PatternId named =
            m_matcher.attributeName(m_place.inTag(element, m_context.attribute), m_place.nameOf(element, attribute));
        const QChar quote = attribute.value.from > 0 ? m_tree.text()[attribute.value.from - 1] : QChar(u'\'');
        offer(m_matcher.enumerate(m_matcher.values(named)), named != PatternPool::notAllowed, element,
            m_tree.slice(attribute.name).toString(), quote);
    }

    void offer(const rng::Matcher::Values &allowed, bool any, int element, const QString &attribute, QChar quote)
    {
        if (!any) {
            return;
        }
        const HostChoice choice = hostChoice(m_tree, element, attribute, m_host);
        const bool open = !allowed.types.isEmpty() || allowed.anyText;
        const auto add = [&](const QString &value, const QString &detail) {
            if (value.isEmpty() || !value.contains(m_context.typed, Qt::CaseInsensitive)) {
                return;
            }
            Completion item;
            item.kind = Completion::Kind::Value;
            item.label = value;
            item.insert = escape(value, quote);
            item.cursor = item.insert.size();
            item.detail = detail;
            m_list.items.append(item);
        };
        for (const HostChoice::Offer &offered : choice.offers) {
            // The host may know values that the schema of this computer is too old, or too new, for.
            if (open || allowed.words.contains(offered.value)) {
                add(offered.value,
                    offered.detail.isEmpty() && choice.closed ? CompletionText::tr("on this host") : offered.detail);
            }
        }
        QStringList words = allowed.words;
        words.sort();
        for (const QString &word : std::as_const(words)) {
            if (!choice.knows(word)) {
                add(word, choice.closed ? CompletionText::tr("not on this host") : QString());
            }
        }
        // What begins as typed comes before what only contains it.
        std::ranges::stable_partition(m_list.items,
            [this](const Completion &item) { return item.label.startsWith(m_context.typed, Qt::CaseInsensitive); });
    }

    void content()
    {
        const int element = m_context.element;
        if (element < 0) {
            elements(m_context.typed, u"<"_s);
            return;
        }
        const PatternId inside = m_matcher.inside(m_place.before(element, m_context.word.from));
        if (m_matcher.hasText(inside)) {
            offer(m_matcher.enumerate(inside), true, element, QString(), QChar());
        }
        elements(m_context.typed, u"<"_s);
    }

    void sortFrom(qsizetype from)
    {
        std::stable_sort(m_list.items.begin() + from, m_list.items.end(), [](const Completion &a, const Completion &b) {
            return a.detail.isEmpty() != b.detail.isEmpty() ? !a.detail.isEmpty() : a.label < b.label;
        });
    }

    rng::Matcher &m_matcher;
    const SyntaxTree &m_tree;
    SyntaxContext m_context;
    const HostVocabulary &m_host;
    DocumentKind m_kind;
    PlaceFinder m_place;
    CompletionList m_list;
};

constexpr qsizetype shortList = 24;

} // namespace

CompletionList Schema::complete(const SyntaxTree &tree, qsizetype position, const HostVocabulary &host) const
{
    const Private::Lease matcher(*m_d);
    return Completer(*matcher, tree, position, host, m_d->kind).run();
}

std::optional<HoverText> Schema::hover(const SyntaxTree &tree, qsizetype position) const
{
    const int element = tree.elementAt(position);
    if (element < 0) {
        return {};
    }
    const SyntaxNode &node = tree.node(element);
    const Private::Lease matcher(*m_d);
    PlaceFinder place(*matcher, tree);
    const QStringList path = tree.path(element);
    const QString name = tree.name(element).toString();
    const auto shortened = [](const QStringList &words) {
        return words.size() <= shortList ? words : QStringList();
    };
    for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
        const SyntaxAttribute &attribute = tree.attributes()[i];
        if (!attribute.whole.contains(position)) {
            continue;
        }
        const QString attributeName = tree.slice(attribute.name).toString();
        HoverText text{attribute.whole, CompletionText::tr("%1 of <%2>").arg(attributeName, name), {}, {}};
        text.text = documentationOf(m_d->kind, path, attributeName);
        const rng::PatternId named =
            (*matcher).attributeName(place.inTag(element, i), place.nameOf(element, attribute));
        text.values = shortened((*matcher).enumerate((*matcher).values(named)).words);
        return text;
    }
    const bool inStart = node.name.touches(position);
    if (!inStart && !node.endTag.contains(position)) {
        return {};
    }
    HoverText text{inStart ? node.name : node.endTag, u"<%1>"_s.arg(name), {}, {}};
    if (node.parent >= 0) {
        text.title = CompletionText::tr("<%1> in <%2>").arg(name, tree.name(node.parent).toString());
    }
    text.text = documentationOf(m_d->kind, path);
    const rng::PatternId inside = (*matcher).inside(place.before(element, node.startTag.to));
    if ((*matcher).hasText(inside)) {
        text.values = shortened((*matcher).enumerate(inside).words);
    }
    return text;
}

} // namespace vireo::xml
