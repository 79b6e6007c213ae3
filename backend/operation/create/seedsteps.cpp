// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/steps.h"
#include "backend/seed/seedimage.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;

/**
 * seed.upload {pool, volume, xml, seed, instanceId}: makes the seed's CD-ROM image and puts it into a volume of its
 * own. The same parameters give the same bytes, so running it again only writes what is there already. Noted under
 * "volume:POOL/NAME" as the steps of storagesteps.cpp do, before anything is made.
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;

struct SeedstepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_seedSteps)
};

QString text(const Step &step, const QString &key)
{
    return step.parameters.value(key).toString();
}

QString volumeKey(const Step &step)
{
    return u"volume:%1/%2"_s.arg(text(step, u"pool"_s), text(step, u"volume"_s));
}

bool isOwn(const Step &step, const StepContext &context)
{
    return context.results().value(volumeKey(step)).toObject().value("created"_L1).toBool();
}

Result<> note(const Step &step, StepContext &context, bool created)
{
    return context.note(volumeKey(step), QJsonObject{{u"created"_s, created}});
}

Result<std::optional<storage::Volume>> existing(const Step &step, virt::Connection &connection)
{
    auto volume = storage::volume(connection, text(step, u"pool"_s), text(step, u"volume"_s));
    if (volume) {
        return std::move(*volume);
    }
    if (volume.error().kind == Error::Kind::NotFound) {
        return std::nullopt;
    }
    return fail(volume.error());
}

/** Bytes as a file that is in memory only and gone with the process, however it ends: a seed holds secrets. */
class MemoryFile final
{
    Q_DISABLE_COPY_MOVE(MemoryFile)

public:
    MemoryFile()
        : m_fd(memfd_create("vireo-seed", MFD_CLOEXEC))
    {}
    ~MemoryFile()
    {
        if (m_fd >= 0) {
            close(m_fd);
        }
    }
    QString path() const { return u"/proc/self/fd/%1"_s.arg(m_fd); }

    Result<> fill(const QByteArray &bytes) const
    {
        for (qsizetype done = 0; m_fd < 0 || done < bytes.size();) {
            const ssize_t written =
                m_fd < 0 ? -1 : write(m_fd, bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
            if (written < 0 && (m_fd < 0 || errno != EINTR)) {
                return fail(Error::failed(SeedstepsText::tr("There is no memory for the seed: %1")
                        .arg(QString::fromLocal8Bit(std::strerror(errno)))));
            }
            done += written > 0 ? written : 0;
        }
        return {};
    }

private:
    int m_fd;
};

Result<QByteArray> imageOf(const Step &step)
{
    const auto draft = seed::seedDraftFromJson(step.parameters.value("seed"_L1).toObject(), u"seed"_s);
    if (!draft) {
        return fail(Error::invalid(SeedstepsText::tr("%1: %2", "JSON path: sentence")
                .arg(draft.error().first().path, draft.error().first().message)));
    }
    const auto files = seed::seedFiles(*draft, text(step, u"instanceId"_s));
    return files ? seed::makeIso(*files) : fail(files.error());
}

/** Leaves a volume of this job's to be filled. */
Result<> prepareVolume(const Step &step, StepContext &context, virt::Connection &connection)
{
    const auto volume = existing(step, connection);
    if (!volume) {
        return fail(volume.error());
    }
    if (*volume) {
        return isOwn(step, context) ? Result<>()
                                    : fail(Error::failed(SeedstepsText::tr("The pool “%1” already has a volume “%2”.")
                                              .arg(text(step, u"pool"_s), text(step, u"volume"_s))));
    }
    // Noted first: a call whose answer never comes may have made it all the same.
    if (const Result<> noted = note(step, context, true); !noted) {
        return noted;
    }
    const auto created = storage::createVolume(connection, text(step, u"pool"_s), text(step, u"xml"_s));
    if (created) {
        return {};
    }
    if (created.error().kind != Error::Kind::Disconnected) { // refused: somebody else may have been faster
        if (const Result<> noted = note(step, context, false); !noted) {
            return noted;
        }
    }
    return fail(created.error());
}

Result<> uploadSeed(const Step &step, StepContext &context)
{
    const auto image = imageOf(step);
    if (!image) {
        return fail(image.error());
    }
    const MemoryFile file;
    if (const Result<> filled = file.fill(*image); !filled) {
        return filled;
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    if (const Result<> ready = prepareVolume(step, context, **connection); !ready) {
        return ready;
    }
    const auto report = [&context](quint64 done, quint64 total) {
        context.report(done, total);
    };
    if (const Result<> sent = storage::uploadVolume(
            **connection, text(step, u"pool"_s), text(step, u"volume"_s), file.path(), report, context.stop());
        !sent) {
        Error error = sent.error();
        error.message.replace(file.path(), text(step, u"volume"_s)); // the user never saw that path
        return fail(error);
    }
    const auto volume = storage::volume(**connection, text(step, u"pool"_s), text(step, u"volume"_s));
    if (!volume) {
        return fail(volume.error());
    }
    const auto size = static_cast<quint64>(image->size());
    if (volume->physical != 0 && volume->physical != size) {
        return fail(Error::failed(SeedstepsText::tr("The volume “%1” has %2 after the upload instead of %3.")
                .arg(volume->name, sizeText(volume->physical), sizeText(size))));
    }
    return {};
}

Result<> removeSeed(const Step &step, StepContext &context)
{
    if (!isOwn(step, context)) {
        return {};
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const Result<> deleted = storage::deleteVolume(**connection, text(step, u"pool"_s), text(step, u"volume"_s));
    if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
        return deleted;
    }
    return context.note(volumeKey(step), QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerSeedSteps(job::StepRegistry &registry)
{
    registry.add(u"seed.upload"_s, {uploadSeed, removeSeed});
}

} // namespace vireo::operation
