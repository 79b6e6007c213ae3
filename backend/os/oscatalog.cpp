// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/os/oscatalog.h"

#include <algorithm>
#include <mutex>

#include <QCoreApplication>
#include <QHash>
#include <QUrl>
#include <QVersionNumber>

#include "backend/image/localfile.h"
#include "backend/os/osinfoload.h"

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

struct CatalogText {
    Q_DECLARE_TR_FUNCTIONS(os_OsCatalog)
};

constexpr quint64 gib = quint64(1) << 30;

ArchResources modestResources(quint64 memoryGib, int cpus)
{
    ArchResources resources;
    resources.arch = u"all"_s;
    resources.recommended = {memoryGib * gib, cpus, 20 * gib};
    return resources;
}

/** Devices that every system of the last fifteen years has drivers for. */
Os genericOs()
{
    Os os;
    os.shortId = u"generic"_s;
    os.name = CatalogText::tr("Any other operating system");
    os.resources << modestResources(1, 1);
    os.needs.q35 = true;
    os.needs.e1000e = true;
    os.needs.usbTablet = true;
    os.needs.usb3 = true;
    os.needs.ich9 = true;
    return os;
}

Os genericLinux()
{
    Os os = genericOs();
    os.shortId = u"generic-linux"_s;
    os.name = CatalogText::tr("Any other Linux");
    os.family = u"linux"_s;
    os.resources = {modestResources(2, 2)};
    for (auto need :
        {&Needs::virtioDisk, &Needs::virtioScsi, &Needs::virtioNet, &Needs::virtioGpu, &Needs::virtioConsole,
            &Needs::virtioBalloon, &Needs::virtioRng, &Needs::virtioInput, &Needs::virtioFs, &Needs::qxl}) {
        os.needs.*need = true;
    }
    return os;
}

struct SortKey {
    QString group; // all versions of one distribution stand together
    QVersionNumber version;
    QDate released;
};

SortKey sortKey(const Os &os)
{
    return {os.distro.isEmpty() ? os.name.toLower() : os.distro, QVersionNumber::fromString(os.version), os.released};
}

/** By distribution, newest first. */
bool standsBefore(const std::pair<SortKey, Os> &a, const std::pair<SortKey, Os> &b)
{
    if (a.first.group != b.first.group) {
        return a.first.group < b.first.group;
    }
    if (a.first.version != b.first.version) {
        return a.first.version > b.first.version;
    }
    if (a.first.released != b.first.released) {
        return a.first.released > b.first.released;
    }
    return a.second.name < b.second.name;
}

bool wordBegins(const QString &haystack, const QString &word)
{
    for (qsizetype at = haystack.indexOf(word); at >= 0; at = haystack.indexOf(word, at + 1)) {
        if (at == 0 || !haystack.at(at - 1).isLetterOrNumber()) {
            return true;
        }
    }
    return false;
}

/** What is searched, in lower case: made once, since a search runs at each key. */
struct SearchText {
    QString name;
    QString shortId;
    QStringList aliases;
    QString all;
};

SearchText searchText(const Os &os)
{
    SearchText text;
    text.name = os.name.toLower();
    text.shortId = os.shortId;
    text.aliases = os.aliases;
    text.all =
        QStringList{text.name, os.shortId, os.aliases.join(u' '), os.codename.toLower(), os.vendor.toLower()}.join(
            u'\n');
    return text;
}

/** Small is good; -1: does not fit. */
int rank(const SearchText &os, const QString &text, const QStringList &words)
{
    if (!std::ranges::all_of(words, [&os](const QString &word) { return os.all.contains(word); })) {
        return -1;
    }
    if (os.shortId == text || os.aliases.contains(text) || os.name == text) {
        return 0;
    }
    if (os.name.startsWith(text)) {
        return 1;
    }
    if (os.shortId.startsWith(text)) {
        return 2;
    }
    const auto begins = [&words](const QString &where) {
        return std::ranges::all_of(words, [&where](const QString &word) { return wordBegins(where, word); });
    };
    return begins(os.name) ? 3 : begins(os.all) ? 4 : 5;
}

/** Host and path, or the path from "dists/" on, which mirrors share. */
QStringList treeKeys(const QString &location)
{
    const QUrl url(location);
    QString path = url.path();
    while (path.endsWith(u'/')) {
        path.chop(1);
    }
    QStringList keys{url.host() + path};
    if (const qsizetype dists = path.indexOf("/dists/"_L1); dists >= 0) {
        const qsizetype name = path.lastIndexOf(u'/', dists - 1);
        keys << path.mid(std::max<qsizetype>(name, 0)); // "/debian/dists/bullseye/…": Ubuntu has suites, too
    }
    return keys;
}

} // namespace

struct OsCatalog::Private {
    QString problem;
    QList<Os> systems;       // ours first
    QList<SearchText> texts; // of each
    QHash<QString, qsizetype> byId;
    QList<KnownTree> trees;
    std::unique_ptr<OsinfoDatabase> database;
};

OsCatalog::OsCatalog(std::unique_ptr<Private> d)
    : m_d(std::move(d))
{}

std::shared_ptr<const OsCatalog> OsCatalog::shared()
{
    struct Holder {
        std::mutex mutex;
        std::shared_ptr<const OsCatalog> catalog;
    };
    static auto *holder = new Holder; // lanes that were left behind may still read it while the program ends
    const std::lock_guard lock(holder->mutex);
    if (!holder->catalog) {
        holder->catalog = load();
    }
    return holder->catalog;
}

OsCatalog::~OsCatalog() = default;

std::shared_ptr<const OsCatalog> OsCatalog::load(const QString &directory)
{
    auto d = std::make_unique<Private>();
    QString detail;
    d->database = OsinfoDatabase::load(directory, detail);
    QList<Os> systems = d->database ? d->database->systems() : QList<Os>();
    if (systems.isEmpty()) {
        d->problem = CatalogText::tr("The database of operating systems is missing (package osinfo-db), so that "
                                     "systems are not recognised and defaults are general ones.");
        if (!detail.isEmpty()) {
            d->problem += u' ' + detail;
        }
    } else {
        d->trees = d->database->trees();
    }
    std::vector<std::pair<SortKey, Os>> sorted;
    sorted.reserve(static_cast<size_t>(systems.size()));
    for (Os &os : systems) {
        SortKey key = sortKey(os);
        sorted.emplace_back(std::move(key), std::move(os));
    }
    std::ranges::stable_sort(sorted, standsBefore);
    d->systems = {genericOs(), genericLinux()};
    for (auto &entry : sorted) {
        d->systems << std::move(entry.second);
    }
    for (qsizetype i = 0; i < d->systems.size(); ++i) {
        const Os &os = d->systems.at(i);
        d->texts << searchText(os);
        for (const QString &id : QStringList{os.shortId, os.id} + os.aliases) {
            if (!id.isEmpty() && !d->byId.contains(id)) {
                d->byId.insert(id, i);
            }
        }
    }
    return std::shared_ptr<const OsCatalog>(new OsCatalog(std::move(d)));
}

QString OsCatalog::problem() const
{
    return m_d->problem;
}

const QList<Os> &OsCatalog::all() const
{
    return m_d->systems;
}

const Os *OsCatalog::find(const QString &id) const
{
    const auto found = m_d->byId.constFind(id);
    return found == m_d->byId.constEnd() ? nullptr : &m_d->systems.at(*found);
}

const Os &OsCatalog::generic() const
{
    return m_d->systems.first();
}

QList<const Os *> OsCatalog::search(const QString &text, bool includeEol) const
{
    const QString wanted = text.simplified().toLower();
    const QStringList words = wanted.split(u' ', Qt::SkipEmptyParts);
    const QDate today = QDate::currentDate();
    std::vector<std::pair<int, const Os *>> found;
    for (qsizetype i = 0; i < m_d->systems.size(); ++i) {
        const Os &os = m_d->systems.at(i);
        if (!includeEol && os.isEndOfLife(today)) {
            continue;
        }
        if (const int place = rank(m_d->texts.at(i), wanted, words); place >= 0) {
            found.emplace_back(words.isEmpty() ? 0 : place, &os);
        }
    }
    std::ranges::stable_sort(found, {}, &std::pair<int, const Os *>::first);
    QList<const Os *> result;
    for (const auto &[place, os] : found) {
        result << os;
    }
    return result;
}

Result<std::optional<Detected>> OsCatalog::detectMedia(const QString &path, std::stop_token stop) const
{
    // Says what is wrong with the file in our words, and keeps GIO from waiting for a pipe.
    if (const auto file = image::LocalFile::open(path); !file) {
        return fail(file.error());
    }
    if (!m_d->database) {
        return std::optional<Detected>();
    }
    return m_d->database->identifyMedia(path, stop);
}

std::optional<Detected> OsCatalog::detectTreeInfo(const QByteArray &treeInfo, const QString &location) const
{
    return m_d->database ? m_d->database->identifyTree(treeInfo, location) : std::optional<Detected>();
}

std::optional<Detected> OsCatalog::detectTreeUrl(const QString &location, const QString &arch) const
{
    const QStringList wanted = treeKeys(location);
    for (const KnownTree &tree : std::as_const(m_d->trees)) {
        if (tree.url.isEmpty() || tree.arch != arch) {
            continue;
        }
        const QStringList keys = treeKeys(tree.url);
        if (std::ranges::any_of(keys, [&wanted](const QString &key) { return wanted.contains(key); })) {
            Detected detected;
            detected.osShortId = tree.osShortId;
            detected.variant = tree.variant;
            detected.arch = tree.arch;
            detected.kernel = tree.kernel;
            detected.initrd = tree.initrd;
            return detected;
        }
    }
    return {};
}

const Os *OsCatalog::findCodename(const QString &distro, const QString &codename) const
{
    for (const Os &os : std::as_const(m_d->systems)) {
        // "Jammy Jellyfish" is meant by "jammy".
        if (os.distro == distro && !os.codename.isEmpty()
            && os.codename.section(u' ', 0, 0).compare(codename, Qt::CaseInsensitive) == 0) {
            return &os;
        }
    }
    return nullptr;
}

} // namespace vireo::os
