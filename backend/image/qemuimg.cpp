// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/qemuimg.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QScopeGuard>

#include "backend/base/sizetext.h"
#include "backend/image/workfiles.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct QemuimgText {
    Q_DECLARE_TR_FUNCTIONS(image_qemuimg)
};

constexpr quint64 mib = 1024 * 1024;

quint64 sectors(quint64 bytes)
{
    return (bytes + 511) / 512 * 512;
}

Error refused(const QString &path, const QString &why)
{
    return Error::invalid(QemuimgText::tr("“%1” must not be used: %2").arg(path, why));
}

/** "    (12.34/100%)" */
double percentOf(QByteArrayView line)
{
    const QByteArray text = line.trimmed().toByteArray();
    const qsizetype end = text.indexOf("/100%)");
    bool ok = false;
    const double percent = text.startsWith('(') && end > 1 ? text.sliced(1, end - 1).toDouble(&ok) : -1;
    return ok ? percent : -1;
}

/** The chain must still be what the user saw. */
Result<Chain> lookAgain(const Chain &before, bool known)
{
    if (!before.isSafe()) {
        return fail(refused(before.members.isEmpty() ? QString() : before.members.first().path, before.refusal));
    }
    const auto inspectKnown = [&before] {
        QList<KnownMember> files;
        for (const ChainMember &member : before.members) {
            files << KnownMember{member.path, driverName(member.verdict.format)};
        }
        return knownChain(files);
    };
    auto now = known ? inspectKnown() : inspectChain(before.members.first().path);
    if (!now) {
        return fail(now.error());
    }
    if (!now->isSafe()) {
        return fail(refused(before.members.first().path, now->refusal));
    }
    const auto same = [](const ChainMember &a, const ChainMember &b) {
        return a.path == b.path && a.verdict.format == b.verdict.format && a.verdict.fileSize == b.verdict.fileSize
            && a.verdict.modifiedNs == b.verdict.modifiedNs;
    };
    if (!std::ranges::equal(now->members, before.members, same)) {
        return fail(Error{Error::Kind::Failed,
            QemuimgText::tr("“%1” has changed since it was checked.").arg(before.members.first().path),
            QemuimgText::tr("Start again with the file as it is now."), 0, 0});
    }
    return now;
}

} // namespace

QString imageOptions(const Chain &chain)
{
    QStringList options;
    QString prefix;
    for (const ChainMember &member : chain.members) {
        QString name = member.path;
        name.replace(u","_s, u",,"_s);
        options << prefix + u"driver="_s + driverName(member.verdict.format) << prefix + u"file.driver=file"_s
                << prefix + u"file.filename="_s + name;
        prefix += u"backing."_s;
    }
    return options.join(u',');
}

QemuImg::QemuImg(const QStringList &directories)
    : m_program(findTool(u"qemu-img"_s, directories))
{}

Result<> QemuImg::check() const
{
    if (m_program.isEmpty()) {
        return fail(Error{Error::Kind::Unsupported, QemuimgText::tr("qemu-img is not installed here."),
            QemuimgText::tr("Install qemu-utils (or qemu-img, as your distribution calls it)."), 0, 0});
    }
    return {};
}

Result<QemuImg::Info> QemuImg::infoOf(const QString &options, std::stop_token stop) const
{
    ToolCall call;
    call.program = m_program;
    call.arguments = {u"info"_s, u"--output=json"_s, u"--image-opts"_s, options};
    call.limits.wall = std::chrono::minutes(2);
    call.limits.fileSize = 1; // it has nothing to write
    const auto outcome = runTool(call, std::move(stop));
    if (!outcome) {
        return fail(outcome.error());
    }
    if (!outcome->ok()) {
        return fail(Error::failed(QemuimgText::tr("QEMU can't open the image: %1").arg(outcome->reason())));
    }
    const QJsonObject answer = QJsonDocument::fromJson(outcome->output).object();
    Info info;
    info.driver = answer.value("format"_L1).toString();
    info.virtualSize = static_cast<quint64>(std::max(0LL, answer.value("virtual-size"_L1).toInteger()));
    info.backingFile = answer.value("backing-filename"_L1).toString();
    info.dataFile = answer.value("format-specific"_L1)["data"_L1]["data-file"_L1].toString();
    if (info.driver.isEmpty() || info.virtualSize == 0) {
        return fail(Error::failed(QemuimgText::tr("QEMU's answer about the image makes no sense.")));
    }
    return info;
}

Result<QemuImg::Info> QemuImg::info(const QString &path, Format format, std::stop_token stop) const
{
    const auto verdict = inspect(path);
    if (!verdict) {
        return fail(verdict.error());
    }
    if (!verdict->isSafe()) {
        return fail(refused(path, verdict->refusal));
    }
    if (driverName(verdict->format) != driverName(format)) {
        return fail(refused(path,
            QemuimgText::tr("it is said to be %1, but it is %2.")
                .arg(formatName(format), formatName(verdict->format))));
    }
    if (const Result<> ready = check(); !ready) {
        return fail(ready.error());
    }
    Chain chain;
    chain.members << ChainMember{QFileInfo(path).canonicalFilePath(), *verdict};
    return infoOf(imageOptions(chain), std::move(stop));
}

Result<> QemuImg::agree(const Chain &chain, const std::stop_token &stop) const
{
    for (const ChainMember &member : chain.members) {
        Chain alone;
        alone.members << member;
        const auto info = infoOf(imageOptions(alone), stop);
        if (!info) {
            return fail(info.error());
        }
        const Verdict &verdict = member.verdict;
        if (info->driver != driverName(verdict.format) || info->virtualSize != sectors(verdict.virtualSize)
            || info->backingFile.isEmpty() != verdict.backingFile.isEmpty() || !info->dataFile.isEmpty()) {
            return fail(refused(member.path,
                QemuimgText::tr("QEMU sees something else in it (%1, %2).")
                    .arg(info->driver, sizeText(info->virtualSize))));
        }
    }
    return {};
}

Result<Verdict> QemuImg::convert(const Conversion &conversion, const Progress &progress, std::stop_token stop) const
{
    if (conversion.format != Format::Qcow2 && conversion.format != Format::Raw) {
        return fail(Error::invalid(QemuimgText::tr("Images are converted to qcow2 or raw only.")));
    }
    if (!conversion.target.startsWith(u'/')) {
        return fail(Error::invalid(QemuimgText::tr("“%1” is not an absolute path.").arg(conversion.target)));
    }
    const auto source = lookAgain(conversion.source, conversion.known);
    if (!source) {
        return fail(source.error());
    }
    if (const Result<> ready = check(); !ready) {
        return fail(ready.error());
    }
    if (const Result<> agreed = agree(*source, stop); !agreed) {
        return fail(agreed.error());
    }

    if (const Result<> made = makeSparseFile(conversion.target, 0); !made) {
        return fail(made.error());
    }
    auto discard = qScopeGuard([&conversion] { QFile::remove(conversion.target); });
    const quint64 total = sectors(source->virtualSize());
    ToolCall call;
    call.program = m_program;
    call.arguments = {
        u"convert"_s, u"-p"_s, u"-t"_s, u"writeback"_s, u"--image-opts"_s, u"-O"_s, driverName(conversion.format)};
    if (conversion.compressed && conversion.format == Format::Qcow2) {
        call.arguments << u"-c"_s;
    }
    if (!conversion.snapshot.isEmpty()) {
        call.arguments << u"-l"_s << u"snapshot.name="_s + QString(conversion.snapshot).replace(u","_s, u",,"_s);
    }
    call.arguments << imageOptions(*source) << conversion.target;
    // Room for the content, qcow2's tables (below 1/256 of it with clusters of 64 KiB) and its smallest size.
    call.limits = {.addressSpace = 4ULL << 30,
        .fileSize = total + total / 256 + 16 * mib,
        .cpu = std::chrono::hours(24),
        .wall = {}};
    call.onLine = [&progress, total](QByteArrayView line) {
        if (const double percent = percentOf(line); progress && percent >= 0) {
            progress(static_cast<quint64>(double(total) * std::min(percent, 100.0) / 100), total);
        }
    };
    const auto outcome = runTool(call, std::move(stop));
    if (!outcome) {
        return fail(outcome.error());
    }
    if (!outcome->ok()) {
        return fail(Error::failed(
            QemuimgText::tr("Can't convert “%1”: %2").arg(source->members.first().path, outcome->reason())));
    }
    auto result = inspect(conversion.target);
    if (!result) {
        return fail(result.error());
    }
    const bool asWanted = driverName(result->format) == driverName(conversion.format);
    if (conversion.format == Format::Qcow2 && (!asWanted || !result->isSafe() || result->virtualSize != total)) {
        return fail(
            Error::failed(QemuimgText::tr("The converted image is not what it should be: %1").arg(result->summary())));
    }
    // A guest may have written an image's header into its disk: as raw data it would be one for whoever probes it.
    if (conversion.format == Format::Raw && (!asWanted || !result->isSafe() || result->fileSize != total)) {
        return fail(Error::failed(QemuimgText::tr("The content of “%1” can't be kept as raw data: %2")
                .arg(source->members.first().path, result->isSafe() ? result->summary() : result->refusal)));
    }
    if (const auto again = lookAgain(*source, conversion.known); !again) {
        return fail(again.error());
    }
    discard.dismiss();
    return result;
}

} // namespace vireo::image
