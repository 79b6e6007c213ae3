// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QScopeGuard>

#include "backend/image/changedblocks.h"
#include "backend/image/growext.h"
#include "backend/image/localfile.h"
#include "backend/image/qcow2layer.h"
#include "backend/image/qemuimg.h"
#include "backend/image/workfiles.h"
#include "backend/operation/cold/diskcopy_p.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/resize/diskcontents.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workdomain.h"
#include "backend/operation/workkey.h"
#include "backend/virt/blockjobs.h"

using namespace Qt::StringLiterals;

/**
 * filesystem.grow, swap.make, layer.fold: what lies on a disk that changes its size while its VM is off. Notes below
 * "content:PATH": "done"; ":work" behind it is the WorkDomain's. No undo of their own but for files on this computer:
 * the files that they write to were made by this job, and go.
 */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using Kind = image::DiskContent::Kind;
using job::Reality;
using job::Step;
using job::StepContext;
using snapshot::Chain;

struct ContentText {
    Q_DECLARE_TR_FUNCTIONS(operation_contentSteps)
};

QString fileOf(const Step &step)
{
    const Chain chain = chainOf(step, u"chain"_s);
    return step.type == "layer.fold"_L1 && !chain.isEmpty() ? chain.constFirst().path : text(step, u"path"_s);
}

QString keyOf(const Step &step, const StepContext &context)
{
    const bool isHere = hostOf(step, context) == context.plan().host;
    return (isHere ? u"content:"_s : u"content:there:"_s) + step.type + u':' + fileOf(step);
}

QString workKeyOf(const Step &step, const StepContext &context)
{
    const QByteArray key = keyOf(step, context).toUtf8();
    return u"content-"_s
        + QString::fromLatin1(QCryptographicHash::hash(key, QCryptographicHash::Sha256).toHex().first(16));
}

/** A directory of our own for the time that the object lives. What a killed run left in it is gone. */
class Work final
{
    Q_DISABLE_COPY_MOVE(Work)

public:
    Work(const Step &step, StepContext &context)
        : m_context(context)
        , m_key(workKeyOf(step, context))
    {}
    ~Work()
    {
        if (const Result<> cleared = clear(); !cleared) {
            m_context.log(cleared.error().message);
        }
    }
    Result<QString> begin()
    {
        const auto name = beginWork(m_context, m_key);
        if (!name) {
            return name;
        }
        const Result<> cleared = image::clearWork(*name);
        return cleared ? image::workDirectory(*name) : fail(cleared.error());
    }
    Result<> clear()
    {
        const QString name = knownWork(m_context, m_key);
        if (name.isEmpty()) {
            return {};
        }
        const Result<> cleared = image::clearWork(name);
        return cleared ? m_context.note(workNote(m_key), QJsonValue::Undefined) : cleared;
    }

private:
    StepContext &m_context;
    QString m_key;
};

/** Only into files that this very job made. */
Result<> checkOurs(const Step &step, const StepContext &context)
{
    return noted(context, layerKey(step, context), u"created"_s) || noted(context, volumeKey(step), u"created"_s)
        ? Result<>()
        : fail(Error::failed(
              ContentText::tr("“%1” was not made by this job: it is not written to.").arg(text(step, u"path"_s))));
}

/** A file of ours over the beginning of a host's. */
Result<> upload(const Step &step, StepContext &context, const QString &file)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QFileInfo target(text(step, u"path"_s));
    const auto pool = DirectoryPool::open(*connection, target.path());
    if (!pool) {
        return fail(pool.error());
    }
    if (const auto there = layerVolume(*connection, target.filePath()); !there) {
        return fail(there.error());
    }
    const Result<> sent = whileBusy(
        [&] {
            return storage::uploadVolume(**connection, (*pool)->name(), target.fileName(), file, {}, context.stop());
        },
        context.stop());
    // libvirt looks at what it has become.
    return sent ? storage::refreshPool(**connection, (*pool)->name(), context.stop()) : sent;
}

// ---- filesystem.grow

/** All of the disk as a raw file here. */
Result<QString> fetch(const Step &step, StepContext &context, const QString &directory)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const Chain chain = chainOf(step, u"chain"_s);
    const bool isPlain = chain.size() == 1 && chain.constFirst().format == "raw"_L1;
    QList<image::KnownMember> members;
    quint64 before = 0;
    for (const snapshot::Layer &layer : chain) {
        const QFileInfo from(layer.path);
        const auto pool = DirectoryPool::open(*connection, from.path());
        const auto volume = pool ? layerVolume(*connection, layer.path) : fail(pool.error());
        if (!volume) {
            return fail(volume.error());
        }
        const QString file = u"%1/layer-%2"_s.arg(directory).arg(members.size());
        const auto report = [&](quint64 done, quint64 of) {
            const double part = of > 0 ? std::min(1.0, double(done) / double(of)) : 0;
            context.report(before + static_cast<quint64>(part * double(volume->allocation)), step.bytes);
        };
        const Result<> loaded = whileBusy(
            [&] {
                return storage::downloadVolume(
                    **connection, (*pool)->name(), from.fileName(), file, report, context.stop());
            },
            context.stop());
        if (!loaded) {
            return fail(loaded.error());
        }
        before += volume->allocation;
        members.append({file, layer.format});
    }
    if (isPlain) { // raw, whatever its guest wrote into it
        return members.constFirst().path;
    }
    const auto known = image::knownChain(members);
    if (!known) {
        return fail(known.error());
    }
    image::QemuImg::Conversion conversion;
    conversion.source = *known;
    conversion.known = true;
    conversion.target = directory + u"/disk"_s;
    conversion.format = image::Format::Raw;
    const auto made = image::QemuImg().convert(conversion, {}, context.stop());
    if (!made) {
        return fail(made.error());
    }
    for (const image::KnownMember &member : std::as_const(members)) {
        QFile::remove(member.path);
    }
    return conversion.target;
}

Result<> checkExt(const QString &file)
{
    const auto disk = image::LocalFile::open(file);
    if (!disk) {
        return fail(disk.error());
    }
    const image::DiskContent content = image::diskContent(disk->read(0, image::contentBytes), disk->size());
    if (content.kind == Kind::Ext && !content.isUnusual) {
        return {};
    }
    return fail({Error::Kind::Failed, ContentText::tr("There is no ext file system on the disk any more."),
        ContentText::tr("Plan the resize anew: what its guest did since was not known."), 0, 0});
}

Result<> grow(const Step &step, StepContext &context)
{
    const QString key = keyOf(step, context);
    Work work(step, context);
    if (noted(context, key, u"done"_s)) {
        return work.clear();
    }
    const Chain chain = chainOf(step, u"chain"_s);
    if (chain.isEmpty()) {
        return fail(Error::invalid(ContentText::tr("The step does not say what is to be grown.")));
    }
    if (const Result<> ours = checkOurs(step, context); !ours) {
        return ours;
    }
    const auto directory = work.begin();
    const auto disk = directory ? fetch(step, context, *directory) : directory;
    if (!disk) {
        return fail(disk.error());
    }
    if (const Result<> known = checkExt(*disk); !known) {
        return known;
    }
    const quint64 capacity = number(step, u"capacity"_s);
    const auto before = image::ChangedBlocks::remember(*disk, {}, context.stop());
    if (!before) {
        return fail(before.error());
    }
    if (const Result<> grown = image::growExt(*disk, capacity, context.stop()); !grown) {
        return grown;
    }
    const auto changed = before->changed(*disk, {}, context.stop());
    const auto file = image::LocalFile::open(*disk);
    if (!changed || !file) {
        return fail(!changed ? changed.error() : file.error());
    }
    static_assert(image::ChangedBlocks::blockSize == image::Qcow2Layer::clusterSize);
    const image::Qcow2Layer layer{capacity, chain.constFirst().path, chain.constFirst().format, *changed,
        [&file](quint64 number) -> Result<QByteArray> {
            return file->read(number * image::Qcow2Layer::clusterSize, image::Qcow2Layer::clusterSize);
        }};
    const QString patch = *directory + u"/layer"_s;
    if (const Result<> written = writeQcow2Layer(patch, layer); !written) {
        return written;
    }
    if (const Result<> sent = upload(step, context, patch); !sent) {
        return sent;
    }
    return note(context, key, u"done"_s);
}

// ---- swap.make

Result<> makeSwap(const Step &step, StepContext &context)
{
    const QString key = keyOf(step, context);
    Work work(step, context);
    if (noted(context, key, u"done"_s)) {
        return work.clear();
    }
    if (const Result<> ours = checkOurs(step, context); !ours) {
        return ours;
    }
    // The old one is where the VM was, also of one that moves.
    const auto connection = context.connection();
    const Chain old = chainOf(step, u"chain"_s);
    const auto volume = connection && !old.isEmpty()
        ? layerVolume(*connection, old.constFirst().path)
        : fail(connection ? Error::invalid(ContentText::tr("The step does not say which swap it was."))
                          : connection.error());
    if (!volume) {
        return fail(volume.error());
    }
    const quint64 capacity = number(step, u"capacity"_s);
    const auto content = readDiskContent(**connection, old, number(step, u"before"_s));
    if (!content) {
        return fail(content.error());
    }
    const QByteArray header = image::swapHeader(*content, capacity);
    if (header.isEmpty()) {
        return fail({Error::Kind::Failed, ContentText::tr("The disk %1 is no swap space any more.").arg(step.object),
            ContentText::tr("Plan the resize anew: what its guest did since was not known."), 0, 0});
    }
    const auto directory = work.begin();
    if (!directory) {
        return fail(directory.error());
    }
    const QString file = *directory + u"/swap"_s;
    if (text(step, u"format"_s) == "raw"_L1) {
        QFile out(file);
        if (!out.open(QIODevice::WriteOnly | QIODevice::NewOnly) || out.write(header) != header.size()
            || !out.flush()) {
            return fail(Error::failed(ContentText::tr("Can't write “%1”: %2").arg(file, out.errorString())));
        }
    } else {
        const image::Qcow2Layer layer{capacity, text(step, u"backing"_s), text(step, u"backingFormat"_s), {0},
            [&header](quint64) -> Result<QByteArray> {
                return header;
            }};
        if (const Result<> written = writeQcow2Layer(file, layer); !written) {
            return written;
        }
    }
    if (const Result<> sent = upload(step, context, file); !sent) {
        return sent;
    }
    return note(context, key, u"done"_s);
}

Result<> clearWork(const Step &step, StepContext &context)
{
    return Work(step, context).clear();
}

// ---- layer.fold

Result<> fold(const Step &step, StepContext &context)
{
    const QString key = keyOf(step, context);
    if (noted(context, key, u"done"_s)) {
        return {};
    }
    const Chain chain = chainOf(step, u"chain"_s);
    const auto connection = hostConnection(step, context);
    const auto like = connection ? modelOf(step, context, hostOf(step, context)) : fail(connection.error());
    if (!like || chain.size() < 2) {
        return fail(like ? Error::invalid(ContentText::tr("The step does not say what lies on what.")) : like.error());
    }
    WorkDomain domain(context, key + u":work"_s, *like, context.plan().domainName, hostOf(step, context));
    if (const Result<> started = domain.start(chain, {}); !started) {
        return started;
    }
    const QString disk = QString::fromLatin1(WorkDomain::diskTarget);
    blockjobs::Watch watch(**connection, domain.uuid(), disk);
    if (const Result<> begun =
            blockjobs::commit(**connection, domain.uuid(), disk, chain.at(0).path, chain.at(1).path, true);
        !begun) {
        return begun;
    }
    const auto outcome =
        watch.wait([&context](quint64 done, quint64 total) { context.report(done, total); }, context.stop());
    if (!outcome) {
        return fail(outcome.error());
    }
    if (*outcome != blockjobs::Outcome::Ready) {
        return fail(context.isCancelled()
                ? Error::cancelled()
                : Error{Error::Kind::Failed, ContentText::tr("“%1” could not be written whole.").arg(chain.at(1).path),
                      ContentText::tr("Its storage may be full."), 0, 0});
    }
    if (const Result<> finished = blockjobs::finish(**connection, domain.uuid(), disk, true); !finished) {
        return finished;
    }
    if (const Result<> ended = domain.end(); !ended) {
        return ended;
    }
    return note(context, key, u"done"_s);
}

Result<> endFold(const Step &step, StepContext &context)
{
    return WorkDomain(context, keyOf(step, context) + u":work"_s, {}, context.plan().domainName, hostOf(step, context))
        .end();
}

Result<Reality> look(const Step &step, StepContext &context)
{
    return noted(context, keyOf(step, context), u"done"_s)
        ? Reality{Effect::Present, ContentText::tr("“%1” is as it is to be.").arg(step.object)}
        : Reality{Effect::Unknown, ContentText::tr("“%1” may have been begun.").arg(step.object)};
}

} // namespace

void registerContentSteps(job::StepRegistry &registry)
{
    registry.add(u"filesystem.grow"_s, {grow, clearWork, look});
    registry.add(u"swap.make"_s, {makeSwap, clearWork, look});
    registry.add(u"layer.fold"_s, {fold, endFold, look});
}

} // namespace vireo::operation
