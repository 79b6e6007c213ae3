// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/schema.h"

#include <algorithm>
#include <map>

#include <QCoreApplication>
#include <QDir>
#include <QFile>

#include "backend/xml/rng/explain.h"
#include "backend/xml/schema_p.h"

namespace vireo::xml {

using namespace Qt::StringLiterals;

namespace {

struct SchemaText {
    Q_DECLARE_TR_FUNCTIONS(xml_Schema)
};

constexpr qsizetype maxBytes = 16 * 1024 * 1024;
constexpr std::size_t maxIdle = 4;

QString fileOf(DocumentKind kind)
{
    switch (kind) {
    case DocumentKind::Domain:
        return u"domain.rng"_s;
    case DocumentKind::DomainSnapshot:
        return u"domainsnapshot.rng"_s;
    case DocumentKind::DomainCheckpoint:
        return u"domaincheckpoint.rng"_s;
    case DocumentKind::StoragePool:
        return u"storagepool.rng"_s;
    case DocumentKind::StorageVolume:
        return u"storagevol.rng"_s;
    case DocumentKind::Network:
        return u"network.rng"_s;
    case DocumentKind::NetworkFilter:
        return u"nwfilter.rng"_s;
    case DocumentKind::NodeDevice:
        return u"nodedev.rng"_s;
    case DocumentKind::Interface:
        return u"interface.rng"_s;
    case DocumentKind::Secret:
        return u"secret.rng"_s;
    case DocumentKind::Capabilities:
        return u"capability.rng"_s;
    case DocumentKind::DomainCapabilities:
        return u"domaincaps.rng"_s;
    }
    return {};
}

QList<Diagnostic> problemsOf(const SyntaxTree &tree)
{
    QList<Diagnostic> result;
    for (const SyntaxProblem &problem : tree.problems()) {
        result.append(
            {Diagnostic::Severity::Error, problem.range, tree.placeOf(problem.range.from), problem.message, {}});
    }
    std::ranges::stable_sort(result, {}, [](const Diagnostic &diagnostic) { return diagnostic.range.from; });
    return result.first(std::min<qsizetype>(result.size(), 200));
}

QList<Diagnostic> sizeProblem(const QString &text)
{
    return {{Diagnostic::Severity::Error, {0, std::min<qsizetype>(text.size(), 1)}, {1, 1},
        SchemaText::tr("The document is larger than 16 MiB."), {}}};
}

bool isTooLarge(const QString &text)
{
    return text.size() > maxBytes || (text.size() > maxBytes / 3 && text.toUtf8().size() > maxBytes);
}

struct Cache {
    std::mutex mutex;
    std::map<std::pair<QString, DocumentKind>, std::shared_ptr<const Schema>> schemas;
};

Cache &cache()
{
    static Cache instance;
    return instance;
}

} // namespace

Schema::Private::Lease::Lease(Private &owner)
    : m_owner(owner)
{
    {
        const std::scoped_lock lock(owner.mutex);
        if (!owner.idle.empty()) {
            m_matcher = std::move(owner.idle.back());
            owner.idle.pop_back();
        }
    }
    if (!m_matcher) {
        m_matcher = std::make_unique<rng::Matcher>(owner.grammar);
    }
}

Schema::Private::Lease::~Lease()
{
    if (m_matcher->isFull()) {
        return;
    }
    const std::scoped_lock lock(m_owner.mutex);
    if (m_owner.idle.size() < maxIdle) {
        m_owner.idle.push_back(std::move(m_matcher));
    }
}

Schema::Schema(std::unique_ptr<Private> d)
    : m_d(std::move(d))
{}

Schema::~Schema() = default;

QStringList Schema::directories()
{
    QStringList result;
    const auto add = [&result](const QString &directory) {
        const QString clean = QDir::cleanPath(directory);
        if (!directory.isEmpty() && QDir::isAbsolutePath(directory) && !result.contains(clean)) {
            result.append(clean);
        }
    };
    add(qEnvironmentVariable("VIREO_SCHEMA_DIR"));
    const QStringList data = qEnvironmentVariable("XDG_DATA_DIRS").split(u':', Qt::SkipEmptyParts);
    for (const QString &directory : data) {
        add(directory + u"/libvirt/schemas"_s);
    }
    if (QCoreApplication::instance()) {
        add(QCoreApplication::applicationDirPath() + u"/../share/libvirt/schemas"_s);
    }
    add(u"/usr/local/share/libvirt/schemas"_s);
    add(u"/usr/share/libvirt/schemas"_s);
    return result;
}

Result<std::shared_ptr<const Schema>> Schema::load(DocumentKind kind)
{
    const QStringList places = directories();
    for (const QString &directory : places) {
        if (!QFile::exists(directory + u'/' + fileOf(kind))) {
            continue;
        }
        const std::scoped_lock lock(cache().mutex);
        auto &known = cache().schemas[{directory, kind}];
        if (!known) {
            auto loaded = loadFrom(directory, kind);
            if (!loaded) {
                return loaded;
            }
            known = *loaded;
        }
        return known;
    }
    Error error{Error::Kind::NotFound,
        SchemaText::tr("libvirt's schemas (%1) are not installed here.").arg(fileOf(kind)),
        SchemaText::tr(
            "They come with libvirt: package libvirt-common or libvirt0 (Debian, Ubuntu), libvirt-libs (Fedora), "
            "libvirt (Arch). Until then only the form of the XML is checked."),
        0, 0};
    return fail(error);
}

Result<std::shared_ptr<const Schema>> Schema::loadFrom(const QString &directory, DocumentKind kind)
{
    const QString file = QDir(directory).absoluteFilePath(fileOf(kind));
    if (!QFile::exists(file)) {
        return fail({Error::Kind::NotFound, SchemaText::tr("There is no schema %1.").arg(file), {}, 0, 0});
    }
    auto d = std::make_unique<Private>();
    d->kind = kind;
    auto grammar = rng::readGrammar(file);
    if (!grammar) {
        return fail(grammar.error());
    }
    d->grammar = std::move(*grammar);
    return std::shared_ptr<const Schema>(new Schema(std::move(d)));
}

DocumentKind Schema::kind() const
{
    return m_d->kind;
}

QList<Diagnostic> Schema::check(const QString &text, const std::stop_token &stop) const
{
    if (isTooLarge(text)) {
        return sizeProblem(text);
    }
    const SyntaxTree tree = SyntaxTree::parse(text);
    if (!tree.isWellFormed()) {
        return problemsOf(tree);
    }
    // Not libxml2's RELAX NG: it takes minutes for some valid domains (a <driver> with 18 attributes is enough) and
    // can't be stopped. Ours takes a time that is linear in the text, and says where it is wrong and why. The tests
    // compare the verdicts of both.
    const Private::Lease matcher(*m_d);
    QList<Diagnostic> found = rng::explain(*matcher, tree, stop);
    if (found.isEmpty() && (*matcher).isFull()) {
        found.append(
            {Diagnostic::Severity::Note, tree.node(tree.root()).name, tree.placeOf(tree.node(tree.root()).name.from),
                SchemaText::tr("The document is too complex to be checked to its end."), {}});
    }
    return found;
}

QList<Diagnostic> checkWellFormed(const QString &text)
{
    if (isTooLarge(text)) {
        return sizeProblem(text);
    }
    return problemsOf(SyntaxTree::parse(text));
}

} // namespace vireo::xml
