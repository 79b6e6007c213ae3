// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <random>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include <QTest>

#include "schemafixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using xml::SyntaxNode;
using xml::SyntaxTree;

namespace {

#if LIBXML_VERSION >= 21200
using XmlError = const xmlError *;
#else
using XmlError = xmlError *;
#endif

void ignoreError(void * /*data*/, XmlError /*error*/) {}

/** libxml2's own validation by the same files. */
class Judge
{
    Q_DISABLE_COPY_MOVE(Judge)

public:
    Judge()
    {
        for (const QString &directory : xml::Schema::directories()) {
            const QString file = directory + u"/domain.rng"_s;
            if (QFile::exists(file)) {
                xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(QFile::encodeName(file).constData());
                xmlRelaxNGSetParserStructuredErrors(parser, ignoreError, nullptr);
                m_schema = xmlRelaxNGParse(parser);
                xmlRelaxNGFreeParserCtxt(parser);
                return;
            }
        }
    }
    ~Judge() { xmlRelaxNGFree(m_schema); }
    bool isReady() const { return m_schema; }

    bool isValid(const QString &text) const
    {
        const QByteArray utf8 = text.toUtf8();
        xmlDoc *document = xmlReadMemory(utf8.constData(), static_cast<int>(utf8.size()), nullptr, "UTF-8",
            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (!document) {
            return false;
        }
        xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(m_schema);
        xmlRelaxNGSetValidStructuredErrors(context, ignoreError, nullptr);
        const int verdict = xmlRelaxNGValidateDoc(context, document);
        xmlRelaxNGFreeValidCtxt(context);
        xmlFreeDoc(document);
        return verdict == 0;
    }

private:
    xmlRelaxNG *m_schema = nullptr;
};

/** libxml2's time doubles with each optional attribute that an element has. */
bool isBearable(const SyntaxTree &tree)
{
    return std::ranges::none_of(tree.nodes(), [](const SyntaxNode &node) { return node.attributeCount > 8; });
}

/** One random change that leaves a document well-formed. */
class Mutator
{
public:
    explicit Mutator(unsigned seed)
        : m_random(seed)
    {}

    QString change(const QString &text)
    {
        const SyntaxTree tree = SyntaxTree::parse(text);
        QList<int> elements;
        for (int i = 0; i < tree.nodes().size(); ++i) {
            if (tree.node(i).kind == SyntaxNode::Kind::Element && i != tree.root()) {
                elements.append(i);
            }
        }
        const SyntaxNode &node = tree.node(elements[below(elements.size())]);
        const SyntaxNode &other = tree.node(elements[below(elements.size())]);
        QString result = text;
        const auto replace = [&](xml::TextRange range, const QString &with) {
            result.replace(range.from, range.length(), with);
        };
        const auto anyAttribute = [&](const SyntaxNode &of) -> const xml::SyntaxAttribute * {
            return of.attributeCount == 0 ? nullptr : &tree.attributes()[of.firstAttribute + below(of.attributeCount)];
        };
        switch (below(9)) {
        case 0:
            replace(node.whole, {});
            break;
        case 1:
            result.insert(node.whole.to, tree.slice(node.whole));
            break;
        case 2: // an element of elsewhere
            result.insert(node.whole.from, tree.slice(other.whole));
            break;
        case 3:
            if (const auto *attribute = anyAttribute(node)) {
                replace(attribute->whole, {});
            }
            break;
        case 4:
            if (const auto *attribute = anyAttribute(node)) {
                static const QStringList values{u""_s, u"yes"_s, u"0"_s, u"-1"_s, u" 1"_s, u"0x1f"_s, u"x y"_s,
                    u"virtio"_s, u"a/b"_s, u"99999999999999999999"_s, u"+5"_s, u"1.5"_s, u"file"_s, u"network"_s};
                replace(attribute->value, values[below(values.size())]);
            }
            break;
        case 5: // an attribute of elsewhere
            if (const auto *attribute = anyAttribute(other);
                attribute && tree.attribute(indexOf(tree, node), tree.slice(attribute->name)) < 0) {
                result.insert(node.name.to, u' ' + tree.slice(attribute->whole).toString());
            }
            break;
        case 6:
            if (!node.content.isEmpty()) {
                static const QStringList texts{u""_s, u" "_s, u"x"_s, u"12"_s, u" 12 "_s, u"-3"_s, u"yes"_s, u"\n"_s};
                replace(node.content, texts[below(texts.size())]);
            }
            break;
        case 7: // a neighbour changes places
            if (node.next >= 0 && tree.node(node.next).kind != SyntaxNode::Kind::Element
                && tree.node(node.next).next >= 0) {
                const SyntaxNode &behind = tree.node(tree.node(node.next).next);
                result = text.first(node.whole.from) + tree.slice(behind.whole).toString()
                    + tree.slice({node.whole.to, behind.whole.from}).toString() + tree.slice(node.whole).toString()
                    + text.sliced(behind.whole.to);
            }
            break;
        default:
            if (!node.content.isEmpty()) {
                result.insert(node.content.from, u"<x/>"_s);
            }
            break;
        }
        return result;
    }

    qsizetype below(qsizetype count) { return static_cast<qsizetype>(m_random() % static_cast<unsigned>(count)); }

private:
    static int indexOf(const SyntaxTree &tree, const SyntaxNode &node)
    {
        return static_cast<int>(&node - tree.nodes().constData());
    }

    std::mt19937 m_random;
};

} // namespace

/**
 * Our verdicts against libxml2's, which is what libvirt goes by. Only documents on which libxml2 comes to an end: it
 * tries out the combinations of optional attributes.
 */
class SchemaAgreementTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_judge.isReady()); }

    void documents()
    {
        const auto schema = test::schema();
        int compared = 0;
        for (const QString &file : test::domainFiles()) {
            const QString text = test::readText(file);
            if (!isBearable(SyntaxTree::parse(text))) {
                continue;
            }
            QVERIFY2(schema->check(text).isEmpty() == m_judge.isValid(text), qPrintable(file));
            ++compared;
        }
        QVERIFY(compared >= 40);
    }

    void mutations()
    {
        bool ok = false;
        const int wanted = qEnvironmentVariableIntValue("VIREO_TEST_MUTATIONS", &ok);
        const int count = ok ? wanted : 2000;
        const auto schema = test::schema();
        QStringList documents;
        for (const QString &file : test::domainFiles()) {
            const QString text = test::readText(file);
            if (isBearable(SyntaxTree::parse(text))) {
                documents.append(text);
            }
        }
        QVERIFY(!documents.isEmpty());
        int valid = 0;
        int onlyTheirs = 0;
        int onlyOurs = 0;
        for (int i = 0; i < count; ++i) {
            Mutator mutator(static_cast<unsigned>(i));
            QString text = mutator.change(documents[mutator.below(documents.size())]);
            if (i % 3 == 0) {
                text = mutator.change(text);
            }
            const SyntaxTree tree = SyntaxTree::parse(text);
            if (!tree.isWellFormed() || !isBearable(tree)) {
                continue;
            }
            const auto found = schema->check(text);
            const bool theirs = m_judge.isValid(text);
            valid += theirs ? 1 : 0;
            if (theirs && !found.isEmpty()) {
                ++onlyTheirs;
                qWarning().noquote() << "mutation" << i << found[0].place.line << found[0].message << found[0].hint;
            }
            onlyOurs += !theirs && found.isEmpty() ? 1 : 0;
        }
        QVERIFY2(valid > count / 20 && valid < count, qPrintable(QString::number(valid))); // both kinds are there
        QCOMPARE(onlyTheirs, 0);
        // libxml2 refuses a few orders that RELAX NG allows: what an <interleave> inside a <group> inside an
        // <interleave> names has to stand together for it (<name>, <memory>, <uuid> in a domain).
        QVERIFY2(onlyOurs <= count / 500, qPrintable(QString::number(onlyOurs)));
    }

private:
    Judge m_judge;
};

QTEST_GUILESS_MAIN(SchemaAgreementTest)
#include "tst_schemaagreement.moc"
