// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_map>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include "backend/xml/rng/grammar.h"
#include "backend/xml/rng/meaning.h"

namespace vireo::xml::rng {

using namespace Qt::StringLiterals;

namespace {

struct ReaderText {
    Q_DECLARE_TR_FUNCTIONS(xml_RelaxNg)
};

constexpr auto relaxNamespace = "http://relaxng.org/ns/structure/1.0"_L1;
constexpr int maxNesting = 200; ///< of patterns in a file, and of definitions that use others
constexpr qsizetype maxFileBytes = 8 * 1024 * 1024;

struct DocumentDeleter {
    void operator()(xmlDoc *document) const { xmlFreeDoc(document); }
};
using DocumentPointer = std::unique_ptr<xmlDoc, DocumentDeleter>;

QString fromXml(const xmlChar *text)
{
    return QString::fromUtf8(reinterpret_cast<const char *>(text));
}

QString attributeOf(const xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(const_cast<xmlNode *>(node), reinterpret_cast<const xmlChar *>(name)); // NOLINT
    QString result = fromXml(value);
    xmlFree(value);
    return result;
}

bool hasAttribute(const xmlNode *node, const char *name)
{
    return xmlHasNsProp(const_cast<xmlNode *>(node), reinterpret_cast<const xmlChar *>(name), nullptr); // NOLINT
}

QString textOf(const xmlNode *node)
{
    xmlChar *value = xmlNodeGetContent(node);
    QString result = fromXml(value);
    xmlFree(value);
    return result;
}

bool isRelax(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && node->ns && fromXml(node->ns->href) == relaxNamespace;
}

QString nameOf(const xmlNode *node)
{
    return fromXml(node->name);
}

/** Elements of RELAX NG right inside a node; annotations of other namespaces are left out. */
QList<const xmlNode *> childrenOf(const xmlNode *node)
{
    QList<const xmlNode *> result;
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (isRelax(child)) {
            result.append(child);
        }
    }
    return result;
}

/** An attribute that is inherited from the elements around, as `ns` is. */
QString inherited(const xmlNode *node, const char *name)
{
    for (; node && node->type == XML_ELEMENT_NODE; node = node->parent) {
        if (hasAttribute(node, name)) {
            return attributeOf(node, name);
        }
    }
    return {};
}

/** The definitions of one <grammar>. */
struct Scope {
    struct Definition {
        QList<const xmlNode *> bodies;
        QString combine;
    };
    QHash<QString, Definition> definitions; ///< "" is <start>
    QHash<QString, PatternId> built;
    QSet<QString> open; ///< being built: one that needs itself has no end
    Scope *parent = nullptr;
};

class Reader
{
public:
    Result<Grammar> read(const QString &file)
    {
        const xmlNode *root = load(file);
        if (root) {
            const PatternId start = nameOf(root) == u"grammar" ? grammar(root, nullptr) : pattern(root, nullptr);
            m_grammar.start = start;
            while (!m_waiting.empty() && m_error.isEmpty()) {
                const Waiting next = m_waiting.front();
                m_waiting.pop_front();
                const PatternId body = group(childrenOf(next.node), next.scope, next.skip);
                m_grammar.elements[next.element].body = body;
            }
        }
        if (!m_error.isEmpty()) {
            return fail(Error::failed(m_error));
        }
        return std::move(m_grammar);
    }

private:
    struct Waiting {
        const xmlNode *node;
        Scope *scope;
        int element;
        int skip; ///< children that are its name class
    };

    PatternId problem(const xmlNode *node, const QString &what)
    {
        if (m_error.isEmpty()) {
            m_error = ReaderText::tr("%1, line %2: %3")
                          .arg(node ? m_files.value(node->doc) : QString())
                          .arg(node ? xmlGetLineNo(node) : 0)
                          .arg(what);
        }
        return PatternPool::notAllowed;
    }

    const xmlNode *load(const QString &path)
    {
        const QString file = QDir::cleanPath(path);
        if (const auto known = m_documents.find(file); known != m_documents.end()) {
            return xmlDocGetRootElement(known->second.get());
        }
        QFile source(file);
        if (!source.open(QIODevice::ReadOnly) || source.size() > maxFileBytes) {
            m_error = ReaderText::tr("The schema %1 can't be read.").arg(file);
            return nullptr;
        }
        const QByteArray bytes = source.readAll();
        DocumentPointer document(
            xmlReadMemory(bytes.constData(), static_cast<int>(bytes.size()), QFile::encodeName(file).constData(),
                nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES));
        const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
        if (!root || !isRelax(root)) {
            m_error = ReaderText::tr("The schema %1 is not RELAX NG.").arg(file);
            return nullptr;
        }
        m_files.insert(document.get(), file);
        m_documents.emplace(file, std::move(document));
        return root;
    }

    QString besides(const xmlNode *node, const QString &href) const
    {
        return QFileInfo(m_files.value(node->doc)).path() + u'/' + href;
    }

    // <grammar>: definitions

    PatternId grammar(const xmlNode *node, Scope *parent)
    {
        m_scopes.push_back(std::make_unique<Scope>());
        Scope *scope = m_scopes.back().get();
        scope->parent = parent;
        collect(node, *scope, {}, 0);
        return reference(node, QString(), scope);
    }

    static void namesDefined(const xmlNode *node, QSet<QString> &names)
    {
        for (const xmlNode *child : childrenOf(node)) {
            if (nameOf(child) == u"define") {
                names.insert(attributeOf(child, "name").trimmed());
            } else if (nameOf(child) == u"start") {
                names.insert(QString());
            } else if (nameOf(child) == u"div") {
                namesDefined(child, names);
            }
        }
    }

    void collect(const xmlNode *node, Scope &scope, const QSet<QString> &overridden, int depth)
    {
        if (depth > maxNesting) {
            problem(node, ReaderText::tr("files include each other"));
            return;
        }
        for (const xmlNode *child : childrenOf(node)) {
            const QString kind = nameOf(child);
            if (kind == u"define" || kind == u"start") {
                const QString name = kind == u"define" ? attributeOf(child, "name").trimmed() : QString();
                if (!overridden.contains(name)) {
                    Scope::Definition &definition = scope.definitions[name];
                    definition.bodies.append(child);
                    if (const QString combine = attributeOf(child, "combine"); !combine.isEmpty()) {
                        definition.combine = combine;
                    }
                }
            } else if (kind == u"div") {
                collect(child, scope, overridden, depth + 1);
            } else if (kind == u"include") {
                const xmlNode *root = load(besides(child, attributeOf(child, "href")));
                if (!root) {
                    return;
                }
                QSet<QString> skip = overridden;
                namesDefined(child, skip);
                collect(root, scope, skip, depth + 1);
                collect(child, scope, overridden, depth + 1);
            }
        }
    }

    PatternId reference(const xmlNode *from, const QString &name, Scope *scope)
    {
        if (!scope || !scope->definitions.contains(name)) {
            return problem(from, ReaderText::tr("nothing is defined as “%1”").arg(name));
        }
        if (const auto built = scope->built.constFind(name); built != scope->built.cend()) {
            return *built;
        }
        if (scope->open.contains(name) || scope->open.size() > maxNesting) {
            return problem(from, ReaderText::tr("“%1” is defined by itself").arg(name));
        }
        scope->open.insert(name);
        const Scope::Definition definition = scope->definitions.value(name);
        std::vector<PatternId> parts;
        for (const xmlNode *body : definition.bodies) {
            parts.push_back(group(childrenOf(body), scope, 0));
        }
        PatternId result =
            definition.combine == u"interleave" ? m_grammar.pool.interleave(parts) : m_grammar.pool.choice(parts);
        if (hasMeaning(name)) {
            result = named(result, name);
        }
        scope->open.remove(name);
        scope->built.insert(name, result);
        return result;
    }

    /** The same with data types that know what they stand for. */
    PatternId named(PatternId id, const QString &meaning)
    {
        PatternPool &pool = m_grammar.pool;
        if (pool.kind(id) == Kind::Data) {
            DataType type = m_grammar.datas[pool.at(id).a];
            type.meaning = meaning;
            m_grammar.datas.append(type);
            return pool.data(static_cast<int>(m_grammar.datas.size()) - 1);
        }
        if (pool.kind(id) == Kind::Choice) {
            std::vector<PatternId> parts(pool.children(id).begin(), pool.children(id).end());
            for (PatternId &part : parts) {
                part = named(part, meaning);
            }
            return pool.choice(parts);
        }
        return id;
    }

    // Patterns

    PatternId group(const QList<const xmlNode *> &nodes, Scope *scope, int from)
    {
        PatternId result = PatternPool::empty;
        for (qsizetype i = nodes.size() - 1; i >= from; --i) {
            result = m_grammar.pool.group(pattern(nodes[i], scope), result);
        }
        return result;
    }

    std::vector<PatternId> all(const xmlNode *node, Scope *scope)
    {
        std::vector<PatternId> result;
        const auto children = childrenOf(node);
        for (const xmlNode *child : children) {
            result.push_back(pattern(child, scope));
        }
        return result;
    }

    PatternId pattern(const xmlNode *node, Scope *scope)
    {
        if (!m_error.isEmpty()) {
            return PatternPool::notAllowed;
        }
        if (++m_depth > maxNesting) {
            --m_depth;
            return problem(node, ReaderText::tr("nested too deeply"));
        }
        const PatternId result = patternOf(node, scope);
        --m_depth;
        return result;
    }

    PatternId patternOf(const xmlNode *node, Scope *scope)
    {
        PatternPool &pool = m_grammar.pool;
        const QString kind = nameOf(node);
        if (kind == u"element") {
            return element(node, scope);
        }
        if (kind == u"attribute") {
            const auto children = childrenOf(node);
            const int skip = hasAttribute(node, "name") ? 0 : 1;
            const PatternId value = children.size() > skip ? group(children, scope, skip) : PatternPool::text;
            return pool.attribute(nameClassOf(node, true), value);
        }
        if (kind == u"ref") {
            return reference(node, attributeOf(node, "name").trimmed(), scope);
        }
        if (kind == u"parentRef") {
            return reference(node, attributeOf(node, "name").trimmed(), scope ? scope->parent : nullptr);
        }
        if (kind == u"grammar") {
            return grammar(node, scope);
        }
        if (kind == u"externalRef") {
            const xmlNode *root = load(besides(node, attributeOf(node, "href")));
            return root ? pattern(root, nullptr) : PatternPool::notAllowed;
        }
        if (kind == u"choice") {
            return pool.choice(all(node, scope));
        }
        if (kind == u"interleave") {
            return pool.interleave(all(node, scope));
        }
        if (kind == u"text") {
            return PatternPool::text;
        }
        if (kind == u"empty") {
            return PatternPool::empty;
        }
        if (kind == u"notAllowed") {
            return PatternPool::notAllowed;
        }
        if (kind == u"value") {
            m_grammar.values.append({textOf(node), attributeOf(node, "type") == u"string"});
            return valueOf(m_grammar.values.last());
        }
        if (kind == u"data") {
            return data(node, scope);
        }
        const PatternId inner = group(childrenOf(node), scope, 0);
        if (kind == u"group") {
            return inner;
        }
        if (kind == u"optional") {
            return pool.optional(inner);
        }
        if (kind == u"oneOrMore") {
            return pool.oneOrMore(inner);
        }
        if (kind == u"zeroOrMore") {
            return pool.optional(pool.oneOrMore(inner));
        }
        if (kind == u"mixed") {
            return pool.interleave({PatternPool::text, inner});
        }
        if (kind == u"list") {
            return pool.list(inner);
        }
        return problem(node, ReaderText::tr("<%1> is not understood").arg(kind));
    }

    /** Equal values have equal numbers, so that patterns with them are equal as well. */
    PatternId valueOf(const ValueType &value)
    {
        const QString key = (value.exact ? u"!"_s : u"="_s) + value.text;
        const auto known = m_valueIds.constFind(key);
        if (known != m_valueIds.cend()) {
            m_grammar.values.removeLast();
            return m_grammar.pool.value(*known);
        }
        const int index = static_cast<int>(m_grammar.values.size()) - 1;
        m_valueIds.insert(key, index);
        return m_grammar.pool.value(index);
    }

    PatternId element(const xmlNode *node, Scope *scope)
    {
        int &index = m_elements[{node, scope}];
        if (index == 0) {
            m_grammar.elements.append({nameClassOf(node, false), PatternPool::notAllowed});
            index = static_cast<int>(m_grammar.elements.size());
            // Its inside is read later: so elements may hold each other, and nothing here goes deep.
            m_waiting.push_back({node, scope, index - 1, hasAttribute(node, "name") ? 0 : 1});
        }
        return m_grammar.pool.element(index - 1);
    }

    int nameClassOf(const xmlNode *node, bool isAttribute)
    {
        if (hasAttribute(node, "name")) {
            const QString ns = isAttribute ? attributeOf(node, "ns") : inherited(node, "ns");
            return addNameClass({NameClass::Kind::Name, qualified(node, attributeOf(node, "name"), ns), {}, {}, -1});
        }
        const auto children = childrenOf(node);
        if (children.isEmpty()) {
            problem(node, ReaderText::tr("it has no name"));
            return addNameClass({});
        }
        return nameClass(children.first(), 0);
    }

    NameId qualified(const xmlNode *node, const QString &written, const QString &fallbackNamespace)
    {
        const QString name = written.trimmed();
        const qsizetype colon = name.indexOf(u':');
        if (colon < 0) {
            return m_grammar.add(fallbackNamespace, name);
        }
        const QByteArray prefix = name.first(colon).toUtf8();
        const xmlNs *ns = xmlSearchNs(node->doc, const_cast<xmlNode *>(node), // NOLINT
            reinterpret_cast<const xmlChar *>(prefix.constData()));
        return m_grammar.add(ns ? fromXml(ns->href) : QString(), name.sliced(colon + 1));
    }

    int addNameClass(const NameClass &nameClass)
    {
        m_grammar.nameClasses.append(nameClass);
        return static_cast<int>(m_grammar.nameClasses.size()) - 1;
    }

    int nameClass(const xmlNode *node, int depth)
    {
        const QString kind = nameOf(node);
        NameClass result;
        if (depth > maxNesting) {
            problem(node, ReaderText::tr("nested too deeply"));
        } else if (kind == u"name") {
            result.name = qualified(node, textOf(node), inherited(node, "ns"));
        } else if (kind == u"anyName" || kind == u"nsName") {
            result.kind = kind == u"anyName" ? NameClass::Kind::Any : NameClass::Kind::Namespace;
            result.namespaceUri = inherited(node, "ns");
            const auto children = childrenOf(node);
            for (const xmlNode *child : children) {
                if (nameOf(child) == u"except") {
                    result.except = choiceOfNames(child, depth);
                }
            }
        } else if (kind == u"choice") {
            return choiceOfNames(node, depth);
        } else {
            problem(node, ReaderText::tr("<%1> is no name").arg(kind));
        }
        return addNameClass(result);
    }

    int choiceOfNames(const xmlNode *node, int depth)
    {
        NameClass result;
        result.kind = NameClass::Kind::Choice;
        const auto children = childrenOf(node);
        for (const xmlNode *child : children) {
            result.parts.append(nameClass(child, depth + 1));
        }
        return addNameClass(result);
    }

    PatternId data(const xmlNode *node, Scope *scope)
    {
        DataType type;
        type.type = attributeOf(node, "type").trimmed();
        type.base = baseOf(type.type);
        const auto children = childrenOf(node);
        for (const xmlNode *child : children) {
            if (nameOf(child) == u"except") {
                type.except = m_grammar.pool.choice(all(child, scope));
            } else if (nameOf(child) == u"param") {
                param(child, type);
            }
        }
        if (type.sources.size() == 1) {
            type.words = wordsOf(type.sources.first());
        }
        m_grammar.datas.append(type);
        return m_grammar.pool.data(static_cast<int>(m_grammar.datas.size()) - 1);
    }

    static DataType::Base baseOf(const QString &type)
    {
        static const QHash<QString, DataType::Base> special{{u"string"_s, DataType::Base::String},
            {u"token"_s, DataType::Base::Token}, {u"normalizedString"_s, DataType::Base::Token},
            {u"dateTime"_s, DataType::Base::DateTime}, {u"double"_s, DataType::Base::Decimal},
            {u"float"_s, DataType::Base::Decimal}, {u"decimal"_s, DataType::Base::Decimal},
            {u"NCName"_s, DataType::Base::Name}, {u"anyURI"_s, DataType::Base::Uri}};
        if (const auto known = special.constFind(type); known != special.cend()) {
            return *known;
        }
        return type.endsWith(u"nteger") || type.endsWith(u"nt") || type.endsWith(u"ong") || type.endsWith(u"hort")
                || type.endsWith(u"yte")
            ? DataType::Base::Whole
            : DataType::Base::String;
    }

    void param(const xmlNode *node, DataType &type)
    {
        const QString name = attributeOf(node, "name");
        const QString value = textOf(node);
        if (name == u"pattern") {
            // The dialect of XML Schema is close enough to Perl's for what libvirt writes: always the whole text, and
            // neither "^" nor "$" means anything outside of brackets.
            QRegularExpression expression(u"\\A(?:"_s + perlPattern(value) + u")\\z"_s,
                QRegularExpression::DontCaptureOption | QRegularExpression::UseUnicodePropertiesOption);
            if (!expression.isValid()) {
                problem(node, ReaderText::tr("the pattern is not understood"));
                return;
            }
            expression.optimize();
            type.sources.append(value);
            type.patterns.append(expression);
        } else if (name == u"minInclusive" || name == u"minExclusive") {
            type.minimum = WholeNumber::read(value.trimmed());
        } else if (name == u"maxInclusive" || name == u"maxExclusive") {
            type.maximum = WholeNumber::read(value.trimmed());
        } else if (name == u"minLength" || name == u"length") {
            type.minLength = value.toLongLong();
        }
        if (name == u"maxLength" || name == u"length") {
            type.maxLength = value.toLongLong();
        }
    }

    static QString perlPattern(const QString &pattern)
    {
        QString result;
        int brackets = 0;
        for (qsizetype i = 0; i < pattern.size(); ++i) {
            const QChar c = pattern[i];
            if (c == u'\\' && i + 1 < pattern.size()) {
                result += c;
                result += pattern[++i];
            } else if (brackets == 0 && (c == u'^' || c == u'$')) {
                result += u'\\';
                result += c;
            } else if (brackets == 0 && c == u'.') {
                result += u"[^\\n\\r]"_s;
            } else {
                brackets += c == u'[' ? 1 : c == u']' ? -1 : 0;
                result += c;
            }
        }
        return result;
    }

    /** "(a|b|c)" -> a, b, c; empty where the pattern is more than that. */
    static QStringList wordsOf(const QString &pattern)
    {
        static const QRegularExpression form(u"\\A\\(?([A-Za-z0-9_\\-]+(\\|[A-Za-z0-9_\\-]+)+)\\)?\\z"_s);
        const QRegularExpressionMatch match = form.match(pattern);
        return match.hasMatch() ? match.captured(1).split(u'|') : QStringList();
    }

    struct ElementKey {
        const xmlNode *node;
        const Scope *scope;
        friend bool operator==(const ElementKey &, const ElementKey &) = default;
    };
    struct ElementKeyHash {
        std::size_t operator()(const ElementKey &key) const { return qHashMulti(0, key.node, key.scope); }
    };

    Grammar m_grammar;
    QString m_error;
    int m_depth = 0;
    std::unordered_map<QString, DocumentPointer> m_documents;
    QHash<const xmlDoc *, QString> m_files; ///< their paths; xmlDoc::URL has them as a URI
    std::vector<std::unique_ptr<Scope>> m_scopes;
    std::unordered_map<ElementKey, int, ElementKeyHash> m_elements; ///< number + 1
    std::deque<Waiting> m_waiting;
    QHash<QString, int> m_valueIds;
};

} // namespace

Result<Grammar> readGrammar(const QString &file)
{
    return Reader().read(file);
}

} // namespace vireo::xml::rng
