// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/growext.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QFile>

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct GrowextText {
    Q_DECLARE_TR_FUNCTIONS(image_growext)
};

Result<ToolOutcome> run(const QString &name, const QStringList &arguments, quint64 bytes, const std::stop_token &stop,
    const QStringList &directories)
{
    ToolCall call;
    call.program = findTool(name, directories);
    call.arguments = arguments;
    call.limits = {
        .addressSpace = 4ULL << 30, .fileSize = bytes, .cpu = std::chrono::minutes(30), .wall = std::chrono::hours(2)};
    return runTool(call, stop);
}

/** What e2fsck found first, without the name of our file; its last words only say how it was called. */
QString finding(const ToolOutcome &outcome, const QString &path)
{
    const QString line = QString::fromUtf8(outcome.output.trimmed().split('\n').constFirst()).simplified();
    const QString prefix = path + u": "_s;
    return line.startsWith(prefix) ? line.sliced(prefix.size()) : outcome.reason();
}

} // namespace

QString missingExtTools(const QStringList &directories)
{
    for (const QString &tool : {u"e2fsck"_s, u"resize2fs"_s}) {
        if (findTool(tool, directories).isEmpty()) {
            return GrowextText::tr("%1 is not installed here: install e2fsprogs.").arg(tool);
        }
    }
    return {};
}

Result<> growExt(const QString &path, quint64 bytes, std::stop_token stop, const QStringList &directories)
{
    if (!path.startsWith(u'/')) {
        return fail(Error::invalid(GrowextText::tr("“%1” is not an absolute path.").arg(path)));
    }
    if (const QString missing = missingExtTools(directories); !missing.isEmpty()) {
        return fail(Error{Error::Kind::Unsupported, missing, {}, 0, 0});
    }
    if (truncate(QFile::encodeName(path).constData(), static_cast<off_t>(bytes)) != 0) {
        return fail(Error::failed(GrowextText::tr("Can't make “%1” larger.").arg(path)));
    }
    const auto checked = run(u"e2fsck"_s, {u"-f"_s, u"-p"_s, path}, bytes, stop, directories);
    if (!checked) {
        return fail(checked.error());
    }
    constexpr int corrected = 3; // 1: errors corrected, 2: whoever had it mounted should restart
    if (checked->exitCode < 0 || checked->exitCode > corrected) {
        return fail({Error::Kind::Failed,
            GrowextText::tr("The file system has errors that need a person's judgement: %1")
                .arg(finding(*checked, path)),
            GrowextText::tr("Let its guest check it (e2fsck), or grow the disk alone."), 0, 0});
    }
    const auto grown = run(u"resize2fs"_s, {path}, bytes, stop, directories);
    if (!grown) {
        return fail(grown.error());
    }
    if (!grown->ok()) {
        return fail({Error::Kind::Failed, GrowextText::tr("The file system can't be grown: %1").arg(grown->reason()),
            GrowextText::tr("Grow the disk alone, and the file system in its guest."), 0, 0});
    }
    return {};
}

} // namespace vireo::image
