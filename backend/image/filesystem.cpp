// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/filesystem.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QFile>

#include "backend/base/sizetext.h"
#include "backend/image/workfiles.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct FilesystemText {
    Q_DECLARE_TR_FUNCTIONS(image_filesystem)
};

constexpr quint64 kib = 1024;
constexpr quint64 mib = 1024 * kib;

struct KindFacts {
    FilesystemKind kind;
    const char *name;
    const char *tool;
    const char *package;
    int maximumLabel; // bytes
    quint64 minimumSize;
    quint64 maximumSize;
};

constexpr std::array<KindFacts, 4> facts{{
    {FilesystemKind::Ext4, "ext4", "mkfs.ext4", "e2fsprogs", 16, 2 * mib, 1ULL << 50},
    {FilesystemKind::Xfs, "xfs", "mkfs.xfs", "xfsprogs", 12, 16 * mib, 1ULL << 50},
    // FAT32's 2^32 sectors of 512 bytes
    {FilesystemKind::Vfat, "vfat", "mkfs.vfat", "dosfstools", 11, 64 * kib, (1ULL << 41) - 512},
    {FilesystemKind::Swap, "swap", "mkswap", "util-linux", 15, 40 * kib, 1ULL << 44},
}};

const KindFacts &of(FilesystemKind kind)
{
    return *std::ranges::find(facts, kind, &KindFacts::kind);
}

QString latin(const char *text)
{
    return QString::fromLatin1(text);
}

/** The answers that a tool would ask for are given; what would look at other devices is off. */
QStringList arguments(FilesystemKind kind, const QString &path, const QString &label)
{
    QStringList result;
    switch (kind) {
    case FilesystemKind::Ext4:
        // Nothing written that the guest's kernel would not write as well: the file stays sparse.
        result = {u"-q"_s, u"-F"_s, u"-E"_s, u"lazy_itable_init=1,lazy_journal_init=1,nodiscard"_s};
        break;
    case FilesystemKind::Xfs:
        result = {u"-q"_s, u"-f"_s, u"-K"_s};
        break;
    case FilesystemKind::Vfat:
        // -I: the whole device, without a partition table
        result = {u"-I"_s};
        break;
    case FilesystemKind::Swap:
        break;
    }
    if (!label.isEmpty()) {
        result << (kind == FilesystemKind::Vfat ? u"-n"_s : u"-L"_s) << label;
    }
    // An absolute path, so never taken for an option.
    return result << path;
}

} // namespace

QString filesystemName(FilesystemKind kind)
{
    return latin(of(kind).name);
}

std::optional<FilesystemKind> filesystemByName(const QString &name)
{
    for (const KindFacts &each : facts) {
        if (name == QLatin1StringView(each.name)) {
            return each.kind;
        }
    }
    return {};
}

int maximumLabel(FilesystemKind kind)
{
    return of(kind).maximumLabel;
}

quint64 minimumSize(FilesystemKind kind)
{
    return of(kind).minimumSize;
}

QString filesystemProblem(FilesystemKind kind, quint64 bytes, const QString &label)
{
    const KindFacts &limits = of(kind);
    if (bytes < limits.minimumSize || bytes > limits.maximumSize) {
        return FilesystemText::tr("%1 can't have %2: it needs between %3 and %4.")
            .arg(latin(limits.name), sizeText(bytes), sizeText(limits.minimumSize), sizeText(limits.maximumSize));
    }
    if (bytes % 512 != 0) {
        return FilesystemText::tr("The size must be a multiple of 512 bytes.");
    }
    if (label.toUtf8().size() > limits.maximumLabel) {
        return FilesystemText::tr("A label of %1 can have %n byte(s) at most.", nullptr, limits.maximumLabel)
            .arg(latin(limits.name));
    }
    const bool plain = std::ranges::all_of(label, [](QChar c) { return c.isPrint(); });
    // FAT's labels are in the code page of whoever reads them, and these characters end a name there.
    const bool dosProof = kind != FilesystemKind::Vfat || std::ranges::all_of(label, [](QChar c) {
        return c.unicode() < 128 && !u"*?.,;:/\\|+=<>[]\""_s.contains(c);
    });
    // The tools would take it for an option, cut it, or refuse it.
    if (!plain || !dosProof || label.startsWith(u'-') || label != label.trimmed()
        || (kind == FilesystemKind::Xfs && label.contains(u' '))) {
        return FilesystemText::tr("“%1” can't be a label of %2.").arg(label, latin(limits.name));
    }
    return {};
}

QString missingTool(FilesystemKind kind, const QStringList &directories)
{
    const KindFacts &needed = of(kind);
    if (!findTool(latin(needed.tool), directories).isEmpty()) {
        return {};
    }
    return FilesystemText::tr("%1 is not installed here: install %2.").arg(latin(needed.tool), latin(needed.package));
}

Result<> makeFilesystem(const QString &path, quint64 bytes, FilesystemKind kind, const QString &label,
    std::stop_token stop, const QStringList &directories)
{
    if (const QString problem = filesystemProblem(kind, bytes, label); !problem.isEmpty()) {
        return fail(Error::invalid(problem));
    }
    if (!path.startsWith(u'/')) {
        return fail(Error::invalid(FilesystemText::tr("“%1” is not an absolute path.").arg(path)));
    }
    if (const QString missing = missingTool(kind, directories); !missing.isEmpty()) {
        return fail(Error{Error::Kind::Unsupported, missing, {}, 0, 0});
    }
    if (const Result<> made = makeSparseFile(path, bytes); !made) {
        return made;
    }
    ToolCall call;
    call.program = findTool(latin(of(kind).tool), directories);
    call.arguments = arguments(kind, path, label);
    call.limits = {.addressSpace = 4ULL << 30,
        .fileSize = bytes,
        .cpu = std::chrono::minutes(10),
        .wall = std::chrono::minutes(30)};
    const auto outcome = runTool(call, std::move(stop));
    if (!outcome || !outcome->ok()) {
        QFile::remove(path);
        if (!outcome) {
            return fail(outcome.error());
        }
        return fail(Error::failed(
            FilesystemText::tr("Can't make a file system %1: %2").arg(latin(of(kind).name), outcome->reason())));
    }
    return digHoles(path); // mkfs.xfs writes its log of 64 MiB and more
}

} // namespace vireo::image
