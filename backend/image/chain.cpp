// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/chain.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include "backend/base/sizetext.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct ChainText {
    Q_DECLARE_TR_FUNCTIONS(image_chain)
};

constexpr qsizetype maximumDepth = 16;

/** As QEMU does: a colon before the first slash makes it a protocol, also "file:". */
bool hasProtocol(const QString &name)
{
    const qsizetype colon = name.indexOf(u':');
    const qsizetype slash = name.indexOf(u'/');
    return colon >= 0 && (slash < 0 || colon < slash);
}

/** The file that an image means by its backing file's name. */
Result<QString> resolve(const ChainMember &member)
{
    const QString &name = member.verdict.backingFile;
    if (hasProtocol(name)) {
        return fail(Error::invalid(
            ChainText::tr("“%1” needs “%2”, which is not the plain name of a local file.").arg(member.path, name)));
    }
    if (std::ranges::any_of(name, [](QChar c) { return c.category() == QChar::Other_Control; })
        || name.contains(QChar::ReplacementCharacter)) {
        return fail(Error::invalid(
            ChainText::tr("“%1” needs a file whose name holds characters that make no sense.").arg(member.path)));
    }
    QString canonical = QFileInfo(QFileInfo(member.path).dir(), name).canonicalFilePath();
    if (canonical.isEmpty()) {
        return fail(Error{Error::Kind::NotFound,
            ChainText::tr("“%1” needs “%2”, which is not there.").arg(member.path, name), {}, 0, 0});
    }
    return canonical;
}

/** What the member above says of the format must be what the content says; any file at all could be called raw. */
QString judgeFormat(const ChainMember &above, const ChainMember &member)
{
    if (driverName(member.verdict.format) == "raw"_L1 && member.verdict.fileSize % 512 != 0) {
        return ChainText::tr("“%1” needs “%2”, which is not a disk image.").arg(above.path, member.path);
    }
    const QString &said = above.verdict.backingFormat;
    const QString found = driverName(member.verdict.format);
    if (said.isEmpty() || said == found) {
        return {};
    }
    return ChainText::tr("“%1” says that “%2” is %3, but it is %4.").arg(above.path, member.path, said, found);
}

} // namespace

quint64 Chain::dataSize() const
{
    quint64 sum = 0;
    for (const ChainMember &member : members) {
        sum += member.verdict.dataSize;
    }
    return sum;
}

QStringList Chain::lines() const
{
    QStringList result;
    for (const ChainMember &member : members) {
        result << ChainText::tr("%1 (%2, %3)")
                      .arg(member.path, formatName(member.verdict.format), sizeText(member.verdict.virtualSize));
    }
    return result;
}

Result<Chain> inspectChain(const QString &path)
{
    const auto first = inspect(path);
    if (!first) {
        return fail(first.error());
    }
    Chain chain;
    chain.members << ChainMember{QFileInfo(path).canonicalFilePath(), *first};
    for (;;) {
        const ChainMember &last = chain.members.constLast();
        if (!last.verdict.isSafe() && !last.verdict.onlyBacking) {
            chain.refusal = chain.members.size() == 1
                ? last.verdict.refusal
                : ChainText::tr("“%1” must not be used: %2").arg(last.path, last.verdict.refusal);
            return chain;
        }
        if (!last.verdict.onlyBacking) {
            return chain;
        }
        const auto next = resolve(last);
        if (!next) {
            chain.refusal = next.error().message;
            return chain;
        }
        if (std::ranges::find(chain.members, *next, &ChainMember::path) != chain.members.end()) {
            chain.refusal = ChainText::tr("“%1” needs itself in the end: its backing files form a loop.").arg(*next);
            return chain;
        }
        if (chain.members.size() == maximumDepth) {
            chain.refusal = ChainText::tr("More than %1 files lie on each other.").arg(maximumDepth);
            return chain;
        }
        const auto verdict = inspect(*next);
        if (!verdict) {
            chain.refusal = verdict.error().message;
            return chain;
        }
        const ChainMember member{*next, *verdict};
        chain.refusal = judgeFormat(last, member);
        chain.members << member;
        if (!chain.refusal.isEmpty()) {
            return chain;
        }
    }
}

Result<Chain> knownChain(const QList<KnownMember> &files)
{
    Chain chain;
    for (const KnownMember &file : files) {
        const auto verdict = inspect(file.path);
        if (!verdict) {
            return fail(verdict.error());
        }
        const bool last = chain.members.size() == files.size() - 1;
        chain.members << ChainMember{QFileInfo(file.path).canonicalFilePath(), *verdict};
        if (driverName(verdict->format) != file.driver) {
            chain.refusal = ChainText::tr("“%1” is recorded as %2, but it is %3.")
                                .arg(file.path, file.driver, formatName(verdict->format));
        } else if (!verdict->isSafe() && (last || !verdict->onlyBacking)) {
            chain.refusal = ChainText::tr("“%1” must not be used: %2").arg(file.path, verdict->refusal);
        }
        if (!chain.refusal.isEmpty()) {
            return chain;
        }
    }
    return chain;
}

} // namespace vireo::image
