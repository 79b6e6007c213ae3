// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/os/installtree.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>

#include "backend/os/oscatalog.h"
#include "backend/os/treeinfo.h"

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

struct TreeText {
    Q_DECLARE_TR_FUNCTIONS(os_InstallTree)
};

/** Where a distribution keeps kernel and initrd, below one of the places that people take for the tree. */
struct Layout {
    QString name;
    QString kernel;
    QString initrd;
};

QString debianArch(const QString &arch)
{
    static const QHash<QString, QString> names = {{u"x86_64"_s, u"amd64"_s}, {u"i686"_s, u"i386"_s},
        {u"aarch64"_s, u"arm64"_s}, {u"armv7l"_s, u"armhf"_s}, {u"ppc64le"_s, u"ppc64el"_s}};
    return names.value(arch, arch);
}

/** The names that .treeinfo files use for an architecture of libvirt's. */
QStringList treeInfoArchs(const QString &arch)
{
    if (arch == "i686"_L1) {
        return {u"i386"_s, u"i686"_s, u"i586"_s};
    }
    if (arch == "armv7l"_L1) {
        return {u"armhfp"_s, u"armv7hl"_s, u"armv7l"_s, u"arm"_s};
    }
    return {arch};
}

QList<Layout> debianLayouts(const QString &arch)
{
    const QString debian = debianArch(arch);
    const QString linux = arch == "ppc64le"_L1 ? u"vmlinux"_s : u"linux"_s;
    // The whole way from a suite, and its ends, for addresses that lead further down.
    const QStringList above = {
        u"main/installer-%1/current/images/"_s.arg(debian),
        u"current/images/"_s,
        u"images/"_s,
        u""_s,
    };
    QList<Layout> layouts;
    for (const QString &prefix : above) {
        const QString netboot = prefix + u"netboot/debian-installer/"_s + debian + u'/';
        layouts.append({u"debian"_s, netboot + linux, netboot + u"initrd.gz"_s});
    }
    const QString here = u"debian-installer/"_s + debian + u'/';
    layouts.append({u"debian"_s, here + linux, here + u"initrd.gz"_s});
    if (arch == "armv7l"_L1) {
        const QString arm = above.first() + u"netboot/"_s;
        layouts.append({u"debian"_s, arm + u"vmlinuz"_s, arm + u"initrd.gz"_s});
    }
    const QString legacy = u"main/installer-%1/current/legacy-images/netboot/ubuntu-installer/%1/"_s.arg(debian);
    layouts.append({u"ubuntu"_s, legacy + linux, legacy + u"initrd.gz"_s});
    return layouts;
}

/** In the order of trying. */
QList<Layout> layoutsFor(const QString &arch)
{
    const QString debian = debianArch(arch);
    QList<Layout> layouts = {
        {u"fedora"_s, u"images/pxeboot/vmlinuz"_s, u"images/pxeboot/initrd.img"_s},
        {u"suse"_s, u"boot/%1/loader/linux"_s.arg(arch), u"boot/%1/loader/initrd"_s.arg(arch)},
        {u"suse"_s, u"boot/%1/linux"_s.arg(arch), u"boot/%1/initrd"_s.arg(arch)},
    };
    layouts += debianLayouts(arch);
    layouts += {
        {u"ubuntu"_s, u"netboot/%1/linux"_s.arg(debian), u"netboot/%1/initrd"_s.arg(debian)},
        {u"ubuntu"_s, u"casper/vmlinuz"_s, u"casper/initrd"_s},
        {u"arch"_s, u"arch/boot/%1/vmlinuz-linux"_s.arg(arch), u"arch/boot/%1/initramfs-linux.img"_s.arg(arch)},
    };
    const QString cd = arch == "x86_64"_L1 ? u"amd"_s : arch == "i686"_L1 ? u"386"_s : u"a64"_s;
    layouts.append({u"debian"_s, u"install.%1/vmlinuz"_s.arg(cd), u"install.%1/initrd.gz"_s.arg(cd)});
    return layouts;
}

/** The part that the database looks at, without what its stricter reader refuses (comments by ";", stray lines). */
QByteArray plainText(const TreeInfo &info)
{
    return u"[general]\nfamily=%1\nversion=%2\narch=%3\nvariant=%4\n"_s
        .arg(info.family, info.version, info.arch, info.variant)
        .toUtf8();
}

/** One look at one tree. */
class Search final
{
    Q_DISABLE_COPY_MOVE(Search)

public:
    Search(InstallTree &tree, const OsCatalog *catalog, std::stop_token stop, const FetchLimits &limits)
        : m_tree(tree)
        , m_catalog(catalog)
        , m_stop(std::move(stop))
        , m_limits(limits)
    {}

    Result<> run();

private:
    /** True: kernel and initrd are there, and are the tree's now. */
    Result<bool> take(const Layout &layout);
    Result<bool> byTreeInfo();
    Result<bool> byDatabase();
    Result<bool> byLayout();
    void recogniseByAddress();
    void chooseArguments();
    /** The full address; empty for a link that leads out of a local tree. */
    QString inTree(const QString &inner) const;

    InstallTree &m_tree;
    const OsCatalog *m_catalog;
    std::stop_token m_stop;
    FetchLimits m_limits;
    QString m_family;
};

QString Search::inTree(const QString &inner) const
{
    if (!isInnerPath(inner)) {
        return {};
    }
    if (!m_tree.isLocal) {
        return m_tree.location + u'/' + QString::fromUtf8(QUrl::toPercentEncoding(inner, "/+~"_ba));
    }
    QString path = m_tree.location + u'/' + inner;
    const QString real = QFileInfo(path).canonicalFilePath();
    const QString root = QFileInfo(m_tree.location).canonicalFilePath();
    const bool escapes = !real.isEmpty() && root != "/"_L1 && !real.startsWith(root + u'/');
    return escapes ? QString() : path;
}

Result<bool> Search::take(const Layout &layout)
{
    const QString kernel = inTree(layout.kernel);
    const QString initrd = inTree(layout.initrd);
    if (kernel.isEmpty() || initrd.isEmpty()) {
        return false;
    }
    const auto kernelFound = probe(kernel, m_stop, m_limits);
    if (!kernelFound) {
        return fail(kernelFound.error());
    }
    if (!*kernelFound) {
        return false;
    }
    const auto initrdFound = probe(initrd, m_stop, m_limits);
    if (!initrdFound) {
        return fail(initrdFound.error());
    }
    if (!*initrdFound) {
        return false;
    }
    m_tree.kernel = kernel;
    m_tree.initrd = initrd;
    m_tree.kernelBytes = **kernelFound;
    m_tree.initrdBytes = **initrdFound;
    m_tree.layout = layout.name;
    return true;
}

Result<bool> Search::byTreeInfo()
{
    for (const QString &name : {u".treeinfo"_s, u"treeinfo"_s}) {
        const QString file = inTree(name);
        if (file.isEmpty()) {
            continue;
        }
        const auto text = fetchText(file, m_stop, m_limits);
        if (!text) {
            const int status = text.error().code;
            if (text.error().kind == Error::Kind::NotFound || status == 401 || status == 403) {
                continue;
            }
            return fail(text.error());
        }
        const TreeInfo info = TreeInfo::parse(*text);
        if (info.isEmpty()) {
            continue;
        }
        m_family = info.family;
        const QStringList names = treeInfoArchs(m_tree.arch);
        if (!info.arch.isEmpty() && !names.contains(info.arch)
            && std::ranges::none_of(names, [&info](const QString &arch) { return info.images.contains(arch); })) {
            return fail(Error::invalid(
                TreeText::tr("“%1” is a tree for %2, not for %3.").arg(m_tree.location, info.arch, m_tree.arch)));
        }
        if (m_catalog) {
            if (const auto detected = m_catalog->detectTreeInfo(plainText(info), m_tree.location)) {
                m_tree.osShortId = detected->osShortId;
                m_tree.variant = detected->variant;
            }
        }
        for (const QString &arch : names) {
            const TreeInfo::Images images = info.images.value(arch);
            const auto taken = take({u"treeinfo"_s, images.kernel, images.initrd});
            if (!taken || *taken) {
                return taken;
            }
        }
    }
    return false;
}

Result<bool> Search::byDatabase()
{
    const auto known = m_catalog && !m_tree.isLocal ? m_catalog->detectTreeUrl(m_tree.location, m_tree.arch)
                                                    : std::optional<Detected>();
    if (!known) {
        return false;
    }
    if (m_tree.osShortId.isEmpty()) {
        m_tree.osShortId = known->osShortId;
        m_tree.variant = known->variant;
    }
    return take({u"database"_s, known->kernel, known->initrd});
}

Result<bool> Search::byLayout()
{
    const auto layouts = layoutsFor(m_tree.arch);
    for (const Layout &layout : layouts) {
        const auto taken = take(layout);
        if (!taken || *taken) {
            return taken;
        }
    }
    return false;
}

/** Trees without .treeinfo say in their address which they are: ".../dists/bullseye", "releases.ubuntu.com/24.04". */
void Search::recogniseByAddress()
{
    if (!m_catalog || !m_tree.osShortId.isEmpty()) {
        return;
    }
    static const QRegularExpression suite(u"/dists/([a-z0-9.-]+)"_s);
    static const QRegularExpression release(u"/(\\d\\d\\.\\d\\d)(?:\\.\\d+)?(?:/|$)"_s);
    const Os *os = nullptr;
    if (const auto match = suite.match(m_tree.location); match.hasMatch()) {
        const QString codename = match.captured(1).section(u'-', 0, 0);
        os = m_catalog->findCodename(u"debian"_s, codename);
        os = os ? os : m_catalog->findCodename(u"ubuntu"_s, codename);
    } else if (const auto version = release.match(m_tree.location);
        m_tree.layout == "ubuntu"_L1 && version.hasMatch()) {
        os = m_catalog->find(u"ubuntu"_s + version.captured(1));
    } else if (m_tree.layout == "arch"_L1) {
        os = m_catalog->find(u"archlinux"_s);
    }
    if (os) {
        m_tree.osShortId = os->shortId;
    }
}

/** How the installer is told where it came from. A directory of this computer is nothing that a guest can reach. */
void Search::chooseArguments()
{
    if (m_tree.isLocal) {
        return;
    }
    const Os *os = m_catalog && !m_tree.osShortId.isEmpty() ? m_catalog->find(m_tree.osShortId) : nullptr;
    QString argument = os ? os->kernelUrlArgument : QString();
    const bool suse = m_tree.layout == "suse"_L1 || m_family.contains("suse"_L1, Qt::CaseInsensitive)
        || m_family.startsWith("SLE"_L1);
    if (argument.isEmpty() && suse) {
        argument = u"install"_s;
    }
    if (argument.isEmpty() && (m_tree.layout == "fedora"_L1 || m_tree.layout == "treeinfo"_L1)) {
        argument = u"inst.repo"_s;
    }
    if (!argument.isEmpty()) {
        m_tree.arguments = argument + u'=' + m_tree.location;
    } else if (m_tree.layout == "arch"_L1) {
        m_tree.arguments = u"archisobasedir=arch archiso_http_srv="_s + m_tree.location + u"/ ip=dhcp"_s;
    }
}

Result<> Search::run()
{
    for (const auto attempt : {&Search::byTreeInfo, &Search::byDatabase, &Search::byLayout}) {
        const auto found = (this->*attempt)();
        if (!found) {
            return fail(found.error());
        }
        if (*found) {
            recogniseByAddress();
            chooseArguments();
            return {};
        }
    }
    return fail(Error{Error::Kind::NotFound,
        TreeText::tr("There is no installer for %1 at “%2” that is known.").arg(m_tree.arch, m_tree.location),
        TreeText::tr("Give the address of the directory that holds “.treeinfo”, “images” or “dists”, or choose kernel "
                     "and initrd yourself."),
        0, 0});
}

} // namespace

Result<> checkTreeLocation(const QString &text)
{
    if (text.isEmpty()) {
        return fail(Error::invalid(TreeText::tr("No address was given.")));
    }
    if (text.startsWith(u'/')) {
        return {};
    }
    const QUrl url(text, QUrl::StrictMode);
    const QString scheme = url.scheme();
    if (!url.isValid() || url.host().isEmpty() || (scheme != "http"_L1 && scheme != "https"_L1 && scheme != "ftp"_L1)) {
        return fail(Error::invalid(
            TreeText::tr("“%1” is not an address of the kind http://…, https://… or ftp://…, nor a directory.")
                .arg(text)));
    }
    if (!url.userInfo().isEmpty()) {
        // It would stand in the domain's XML and in the guest's kernel command line.
        return fail(Error::invalid(TreeText::tr("An address of a tree can't hold a user name or password.")));
    }
    if (url.hasQuery() || url.hasFragment()) {
        return fail(Error::invalid(TreeText::tr("An address of a tree can't hold “?” or “#”.")));
    }
    return {};
}

Result<InstallTree> findInstallTree(const QString &location, const QString &arch, const OsCatalog *catalog,
    std::stop_token stop, const FetchLimits &limits)
{
    const QString trimmed = location.trimmed();
    if (const Result<> sane = checkTreeLocation(trimmed); !sane) {
        return fail(sane.error());
    }
    InstallTree tree;
    tree.arch = arch;
    tree.isLocal = trimmed.startsWith(u'/');
    tree.location =
        tree.isLocal ? trimmed : QString::fromLatin1(QUrl(trimmed, QUrl::StrictMode).toEncoded(QUrl::FullyEncoded));
    while (tree.location.size() > 1 && tree.location.endsWith(u'/')) {
        tree.location.chop(1);
    }
    if (tree.isLocal && !QFileInfo(tree.location).isDir()) {
        const bool exists = QFileInfo::exists(tree.location);
        return fail(Error{exists ? Error::Kind::Invalid : Error::Kind::NotFound,
            exists ? TreeText::tr("“%1” is not a directory.").arg(tree.location)
                   : TreeText::tr("There is no directory “%1”.").arg(tree.location),
            {}, 0, 0});
    }
    Search search(tree, catalog, std::move(stop), limits);
    if (const Result<> found = search.run(); !found) {
        return fail(found.error());
    }
    return tree;
}

} // namespace vireo::os
