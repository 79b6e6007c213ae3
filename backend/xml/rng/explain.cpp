// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/explain.h"

#include <algorithm>

#include <QCoreApplication>
#include <QSet>

#include "backend/xml/rng/meaning.h"
#include "backend/xml/rng/words.h"

namespace vireo::xml::rng {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxDiagnostics = 200;
using What = Matcher::What;

struct ExplainText {
    Q_DECLARE_TR_FUNCTIONS(xml_SchemaExplain)
};

bool isBlank(QStringView text)
{
    return std::ranges::all_of(text, [](QChar c) { return c == u' ' || c == u'\t' || c == u'\n' || c == u'\r'; });
}

class Explainer
{
public:
    Explainer(Matcher &matcher, const SyntaxTree &tree, const std::stop_token &stop)
        : m_matcher(matcher)
        , m_tree(tree)
        , m_stop(stop)
        , m_names(tree)
    {}

    QList<Diagnostic> run()
    {
        int node = m_tree.root();
        m_pattern = m_matcher.start();
        while (node >= 0 && !m_stop.stop_requested() && !m_matcher.isFull() && m_found.size() < maxDiagnostics) {
            const bool entered = enter(node);
            if (entered && m_tree.node(node).firstChild >= 0 && m_open.back().children) {
                node = m_tree.node(node).firstChild;
                continue;
            }
            if (entered) {
                leave();
            }
            while (!m_open.empty() && m_tree.node(node).next < 0) {
                node = m_open.back().node;
                leave();
            }
            if (m_open.empty()) {
                break; // what stands behind the root is not for a schema
            }
            node = m_tree.node(node).next;
        }
        std::ranges::stable_sort(m_found, {}, [](const Diagnostic &diagnostic) { return diagnostic.range.from; });
        return std::move(m_found);
    }

private:
    struct Open {
        int node = -1;
        PatternId before = PatternPool::notAllowed; ///< what was allowed in its start tag
        PatternId body = PatternPool::notAllowed;   ///< what was allowed behind its start tag
        bool children = false;
        bool lenient = false; ///< something in it is wrong already, so that its end can't be judged
    };

    void report(TextRange range, const QString &message, const QString &hint = {})
    {
        if (m_found.size() >= maxDiagnostics) {
            return;
        }
        if (range.isEmpty()) {
            range.to = std::min(range.from + 1, m_tree.text().size());
        }
        m_found.append({Diagnostic::Severity::Error, range, m_tree.placeOf(range.from), message, hint});
    }

    static QString suggestion(const QString &near, const QString &otherwise)
    {
        const QString meant = near.isEmpty() ? QString() : ExplainText::tr("Did you mean “%1”?").arg(near);
        return meant.isEmpty() || otherwise.isEmpty() ? meant + otherwise : meant + u' ' + otherwise;
    }

    static QString tag(QStringView name) { return u"<%1>"_s.arg(name); }
    QString tag(int node) const { return tag(m_tree.name(node)); }

    /** "<interface> of type “network”" */
    QString title(int node) const
    {
        QString name = tag(node);
        if (node == m_tree.root()) {
            return name;
        }
        if (const QString type = m_tree.attributeValue(node, u"type"); !type.isEmpty()) {
            return ExplainText::tr("%1 of type %2").arg(name, quoted(type));
        }
        if (const QString mode = m_tree.attributeValue(node, u"mode"); !mode.isEmpty()) {
            return ExplainText::tr("%1 with mode %2").arg(name, quoted(mode));
        }
        return name;
    }

    /** "<source> in <disk> of type “file”": with what decides about its attributes. */
    QString titleInside(int node) const
    {
        const int parent = m_tree.node(node).parent;
        return parent > m_tree.root() && m_tree.attribute(node, u"type") < 0 && m_tree.attribute(parent, u"type") >= 0
            ? ExplainText::tr("%1 in %2").arg(tag(node), title(parent))
            : title(node);
    }

    QStringList tags(const QList<int> &classes) const
    {
        QStringList names = namesOf(m_matcher, classes);
        for (QString &name : names) {
            name = tag(name);
        }
        return names;
    }

    /** False: it is left out with all that is in it. */
    bool enter(int node)
    {
        switch (m_tree.node(node).kind) {
        case SyntaxNode::Kind::Element:
            return enterElement(node);
        case SyntaxNode::Kind::Text:
        case SyntaxNode::Kind::CData:
            enterText(node);
            return false;
        default:
            return false;
        }
    }

    void enterText(int node)
    {
        const QStringView text = m_tree.slice(m_tree.node(node).whole);
        if (m_open.empty() || isBlank(text)) {
            return;
        }
        const PatternId next = m_matcher.mixedText(m_pattern, text.toString());
        if (next != PatternPool::notAllowed) {
            m_pattern = next;
            return;
        }
        const int parent = m_open.back().node;
        const QStringList allowed = tags(m_matcher.next(m_matcher.inside(m_pattern), What::Elements));
        report(trimmed(m_tree.node(node).whole), ExplainText::tr("%1 can't hold text.").arg(title(parent)),
            allowed.isEmpty() ? QString() : ExplainText::tr("Allowed here: %1.").arg(joined(allowed)));
    }

    TextRange trimmed(TextRange range) const
    {
        const QString &text = m_tree.text();
        while (range.from < range.to && text[range.from].isSpace()) {
            ++range.from;
        }
        while (range.from < range.to && text[range.to - 1].isSpace()) {
            --range.to;
        }
        return range;
    }

    bool enterElement(int node)
    {
        const NameId name = m_names.element(m_matcher, node);
        PatternId opened = m_matcher.openTag(m_pattern, name);
        if (opened == PatternPool::notAllowed) {
            if (!m_open.empty()) {
                m_open.back().lenient = true;
            }
            opened = m_matcher.openTagTooEarly(m_pattern, name);
            reportElement(node, name, opened != PatternPool::notAllowed);
            if (opened == PatternPool::notAllowed) {
                return false;
            }
        }
        Open open;
        open.node = node;
        open.before = opened;
        m_pattern = attributes(node, opened, open.lenient);
        open.body = m_pattern;
        open.children = hasChildren(node);
        m_open.push_back(open);
        if (!open.children) {
            onlyText(node);
        }
        return true;
    }

    bool hasChildren(int node) const
    {
        for (int child = m_tree.node(node).firstChild; child >= 0; child = m_tree.node(child).next) {
            if (m_tree.node(child).kind == SyntaxNode::Kind::Element) {
                return true;
            }
        }
        return false;
    }

    void onlyText(int node)
    {
        const QString text = m_tree.textOf(node);
        const PatternId next = m_matcher.text(m_pattern, text);
        if (next != PatternPool::notAllowed && (!isBlank(text) || m_matcher.endTag(next) != PatternPool::notAllowed)) {
            m_pattern = next;
            return;
        }
        const PatternId inside = m_matcher.inside(m_pattern);
        const TextRange where = trimmed(m_tree.node(node).content);
        const QStringList children = tags(m_matcher.next(inside, What::Elements));
        if (!isBlank(text)) {
            m_open.back().lenient = true;
            if (m_matcher.hasText(inside)) {
                reportValue(where, text, m_matcher.enumerate(inside), ExplainText::tr("the text of %1").arg(tag(node)));
            } else {
                report(where,
                    children.isEmpty() ? ExplainText::tr("%1 must be empty.").arg(title(node))
                                       : ExplainText::tr("%1 can't hold text.").arg(title(node)),
                    children.isEmpty() ? QString() : ExplainText::tr("Allowed here: %1.").arg(joined(children)));
            }
        } else if (m_matcher.hasText(inside) && children.isEmpty()) {
            m_open.back().lenient = true;
            report(text.isEmpty() || where.isEmpty() ? m_tree.node(node).name : where,
                ExplainText::tr("%1 is empty.").arg(tag(node)), describeValues(m_matcher.enumerate(inside)));
        }
    }

    /** "“two” is not a whole number." `of`: "“bus” of <target>" */
    void reportValue(TextRange where, const QString &text, const Matcher::Values &values, const QString &of)
    {
        QStringList wanted;
        for (const DataType *type : values.types) {
            wanted.append(describe(*type));
        }
        wanted.removeDuplicates();
        const bool single = values.words.isEmpty() && wanted.size() == 1;
        const bool number = single && values.types.first()->base == DataType::Base::Whole
            && values.types.first()->meaning.isEmpty() && !WholeNumber::read(text.trimmed());
        const QString message = text.trimmed().isEmpty() ? ExplainText::tr("A value is missing: %1.").arg(of)
            : number ? ExplainText::tr("%1 is not a whole number.").arg(quoted(text))
                     //: %2 is "“bus” of <target>", or "the text of <name>"
                     : ExplainText::tr("%1 is not allowed as %2.").arg(quoted(text), of);
        report(where, message,
            single ? ExplainText::tr("It must be %1.").arg(wanted.first())
                   : suggestion(nearest(text.trimmed(), values.words), describeValues(values)));
    }

    PatternId attributes(int node, PatternId pattern, bool &lenient)
    {
        const SyntaxNode &element = m_tree.node(node);
        const int end = element.firstAttribute + element.attributeCount;
        for (int i = element.firstAttribute; i < end && m_found.size() < maxDiagnostics; ++i) {
            const SyntaxAttribute &attribute = m_tree.attributes()[i];
            const QStringView written = m_tree.slice(attribute.name);
            if (NamespaceLookup::isDeclaration(written)) {
                continue;
            }
            const PatternId named = m_matcher.attributeName(pattern, m_names.attribute(m_matcher, node, attribute));
            if (named == PatternPool::notAllowed) {
                lenient = true;
                reportAttribute(node, attribute, pattern);
                continue;
            }
            const QString value = unescape(m_tree.slice(attribute.value));
            PatternId next = m_matcher.attributeValue(named, normalized(value));
            if (next == PatternPool::notAllowed) {
                lenient = true;
                const TextRange where = attribute.value.isEmpty() ? attribute.whole : attribute.value;
                reportValue(where, value, m_matcher.enumerate(m_matcher.values(named)),
                    ExplainText::tr("“%1” of %2").arg(written, tag(node)));
                next = m_matcher.attributeValue(named, value, true);
            }
            pattern = next;
        }
        const PatternId closed = m_matcher.closeTag(pattern);
        if (closed != PatternPool::notAllowed) {
            return closed;
        }
        if (!lenient && m_found.size() < maxDiagnostics) {
            reportMissingAttributes(node, pattern);
        }
        lenient = true;
        return m_matcher.closeTag(pattern, true);
    }

    /** What XML makes of line ends and tabs in an attribute. */
    static QString normalized(const QString &value)
    {
        QString result = value;
        std::ranges::replace_if(result, [](QChar c) { return c == u'\n' || c == u'\t' || c == u'\r'; }, u' ');
        return result;
    }

    void reportMissingAttributes(int node, PatternId pattern)
    {
        const PatternId inside = m_matcher.inside(pattern);
        QStringList names;
        const auto required = m_matcher.required(inside, What::Attributes);
        for (const NameId id : required) {
            names.append(u"“%1”"_s.arg(m_matcher.localName(id)));
        }
        if (!names.isEmpty()) {
            report(m_tree.node(node).name,
                ExplainText::tr("%1 needs the attribute %2.", nullptr, static_cast<int>(names.size()))
                    .arg(titleInside(node), names.join(u", "_s)));
            return;
        }
        report(m_tree.node(node).name, ExplainText::tr("%1 lacks an attribute.").arg(titleInside(node)),
            ExplainText::tr("One of these: %1.")
                .arg(joined(namesOf(m_matcher, m_matcher.next(inside, What::Attributes)))));
    }

    void reportAttribute(int node, const SyntaxAttribute &attribute, PatternId pattern)
    {
        const QString name = m_tree.slice(attribute.name).toString();
        const QStringList allowed = namesOf(m_matcher, m_matcher.next(m_matcher.inside(pattern), What::Attributes));
        report(attribute.name, ExplainText::tr("%1 has no attribute “%2”.").arg(titleInside(node), name),
            suggestion(nearest(name, allowed),
                allowed.isEmpty() ? ExplainText::tr("No other attribute is allowed here.")
                                  : ExplainText::tr("Allowed here: %1.").arg(joined(allowed))));
    }

    void reportElement(int node, NameId name, bool tooEarly)
    {
        const TextRange where = m_tree.node(node).name;
        const PatternId inside = m_matcher.inside(m_pattern);
        if (m_open.empty()) {
            report(where, ExplainText::tr("The document can't be a %1.").arg(tag(node)),
                suggestion(QString(),
                    ExplainText::tr("It must be %1.").arg(tags(m_matcher.next(inside, What::Elements)).join(u", "_s))));
            return;
        }
        const Open &parent = m_open.back();
        const QStringList allowed = tags(m_matcher.next(inside, What::Elements));
        const QString list = allowed.isEmpty() ? QString() : ExplainText::tr("Allowed here: %1.").arg(joined(allowed));
        if (tooEarly) {
            report(where, ExplainText::tr("%1 can't stand here yet.").arg(tag(node)),
                ExplainText::tr("First must come: %1.").arg(joined(allowed)));
        } else if (m_matcher.openTagTooEarly(parent.body, name) != PatternPool::notAllowed) {
            reportTwice(node, list);
        } else if (m_matcher.openTag(parent.before, name) != PatternPool::notAllowed
            || m_matcher.openTagTooEarly(parent.before, name) != PatternPool::notAllowed) {
            report(where, ExplainText::tr("%1 can't hold %2.").arg(title(parent.node), tag(node)), list);
        } else {
            const QString near =
                nearest(m_tree.name(node).toString(), namesOf(m_matcher, m_matcher.next(inside, What::Elements)));
            const QString elsewhere = near.isEmpty() ? placeFor(name) : QString();
            report(where, ExplainText::tr("%1 can't hold %2.").arg(title(parent.node), tag(node)),
                elsewhere.isEmpty() ? suggestion(near, list) : elsewhere);
        }
    }

    void reportTwice(int node, const QString &list)
    {
        const SyntaxNode &element = m_tree.node(node);
        for (int other = m_tree.node(element.parent).firstChild; other >= 0 && other != node;
            other = m_tree.node(other).next) {
            if (m_tree.node(other).kind == SyntaxNode::Kind::Element && m_tree.name(other) == m_tree.name(node)) {
                report(element.name,
                    ExplainText::tr("%1 may stand only once in %2.").arg(tag(node), tag(element.parent)),
                    ExplainText::tr("The first is in line %1.")
                        .arg(m_tree.placeOf(m_tree.node(other).whole.from).line));
                return;
            }
        }
        report(element.name,
            ExplainText::tr("%1 can't stand here: it does not go with what %2 holds before it.")
                .arg(tag(node), tag(element.parent)),
            list);
    }

    /** By that very name, not by a wildcard. */
    bool holds(PatternId pattern, NameId name)
    {
        const auto names = m_matcher.all(m_matcher.inside(pattern), What::Elements);
        return std::ranges::any_of(
            names, [&](int nameClass) { return m_matcher.grammar().onlyName(nameClass) == name; });
    }

    /** "<disk> belongs into <devices>.": one level down, or somewhere above. */
    QString placeFor(NameId name)
    {
        const auto below = m_matcher.all(m_matcher.inside(m_open.back().body), What::Elements);
        for (const int nameClass : below) {
            const NameId child = m_matcher.grammar().onlyName(nameClass);
            if (child >= 0 && holds(m_matcher.bodyOf(m_open.back().body, child), name)) {
                return ExplainText::tr("%1 belongs into %2.")
                    .arg(tag(m_matcher.localName(name)), tag(m_matcher.localName(child)));
            }
        }
        for (auto above = m_open.rbegin() + 1; above != m_open.rend(); ++above) {
            if (holds(above->body, name)) {
                return ExplainText::tr("%1 belongs into %2, further out.")
                    .arg(tag(m_matcher.localName(name)), tag(above->node));
            }
        }
        return {};
    }

    void leave()
    {
        const Open open = m_open.back();
        m_open.pop_back();
        const PatternId ended = m_matcher.endTag(m_pattern);
        if (ended != PatternPool::notAllowed) {
            m_pattern = ended;
            return;
        }
        if (!open.lenient) {
            reportMissingChildren(open.node);
        }
        m_pattern = m_matcher.endTag(m_pattern, true);
    }

    void reportMissingChildren(int node)
    {
        const PatternId inside = m_matcher.inside(m_pattern);
        QStringList names;
        const auto required = m_matcher.required(inside, What::Elements);
        for (const NameId id : required) {
            names.append(tag(m_matcher.localName(id)));
        }
        if (!names.isEmpty()) {
            report(m_tree.node(node).name, ExplainText::tr("%1 needs %2.").arg(title(node), names.join(u", "_s)));
            return;
        }
        report(m_tree.node(node).name, ExplainText::tr("%1 is not complete.").arg(title(node)),
            ExplainText::tr("It needs one of these: %1.").arg(joined(tags(m_matcher.next(inside, What::Elements)))));
    }

    Matcher &m_matcher;
    const SyntaxTree &m_tree;
    const std::stop_token &m_stop;
    NamespaceLookup m_names;
    PatternId m_pattern = PatternPool::notAllowed;
    std::vector<Open> m_open;
    QList<Diagnostic> m_found;
};

} // namespace

NamespaceLookup::NamespaceLookup(const SyntaxTree &tree)
    : m_tree(tree)
    , m_any(tree.text().contains("xmlns"_L1))
{}

bool NamespaceLookup::isDeclaration(QStringView name)
{
    return name == u"xmlns" || name.startsWith(u"xmlns:");
}

NameId NamespaceLookup::element(Matcher &matcher, int element) const
{
    const QStringView name = m_tree.name(element);
    if (!m_any) {
        return matcher.nameOf({}, name.toString());
    }
    const qsizetype colon = name.indexOf(u':');
    return colon <= 0 ? matcher.nameOf(uriOf(element, {}), name.toString())
                      : matcher.nameOf(uriOf(element, name.first(colon)), name.sliced(colon + 1).toString());
}

/** Each element is looked at once for each prefix: there may be thousands of declarations. */
QString NamespaceLookup::uriOf(int element, QStringView prefix) const
{
    if (prefix == u"xml") {
        return u"http://www.w3.org/XML/1998/namespace"_s;
    }
    const QString declaration = prefix.isEmpty() ? u"xmlns"_s : u"xmlns:"_s + prefix.toString();
    QHash<int, QString> &known = m_known[declaration];
    QList<int> passed;
    QString uri;
    for (; element >= 0; element = m_tree.node(element).parent) {
        if (const auto there = known.constFind(element); there != known.cend()) {
            uri = *there;
            break;
        }
        passed.append(element);
        if (m_tree.attribute(element, declaration) >= 0) {
            uri = m_tree.attributeValue(element, declaration);
            break;
        }
    }
    for (const int node : std::as_const(passed)) {
        known.insert(node, uri);
    }
    return uri;
}

NameId NamespaceLookup::attribute(Matcher &matcher, int element, const SyntaxAttribute &attribute) const
{
    const QStringView name = m_tree.slice(attribute.name);
    const qsizetype colon = name.indexOf(u':');
    return colon <= 0 ? matcher.nameOf({}, name.toString())
                      : matcher.nameOf(uriOf(element, name.first(colon)), name.sliced(colon + 1).toString());
}

QList<Diagnostic> explain(Matcher &matcher, const SyntaxTree &tree, const std::stop_token &stop)
{
    return Explainer(matcher, tree, stop).run();
}

} // namespace vireo::xml::rng
