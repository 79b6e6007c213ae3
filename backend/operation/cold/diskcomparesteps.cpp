// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>

#include "backend/image/workfiles.h"
#include "backend/operation/cold/diskcopy_p.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workdomain.h"
#include "backend/operation/workkey.h"

using namespace Qt::StringLiterals;

/**
 * disk.compare: what a guest would read from two chains, maybe of two hosts and formats. Each is written out as a raw
 * volume beside its file, by QEMU, and read from there, sparse; the volumes go again. Notes below "compare:PATH":
 * "here", "there", the volumes' paths.
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;

struct DiskCompareText {
    Q_DECLARE_TR_FUNCTIONS(operation_diskCompareSteps)
};

constexpr qint64 chunk = 1024LL * 1024;

QString keyOf(const Step &step)
{
    return u"compare:"_s + text(step, u"path"_s);
}

QString workKeyOf(const Step &step)
{
    const QByteArray path = text(step, u"path"_s).toUtf8();
    return u"compare-"_s
        + QString::fromLatin1(QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex().left(12));
}

/** One of the two. */
struct Side {
    QString name; ///< "here", "there"
    virt::HostId host;
    snapshot::Chain chain;
};

QList<Side> sidesOf(const Step &step, const StepContext &context)
{
    return {{u"here"_s, context.plan().host, chainOf(step, u"fromChain"_s)},
        {u"there"_s, hostOf(step, context), chainOf(step, u"chain"_s)}};
}

/** Removes the volumes, also of an earlier run that was killed. */
Result<> clear(const Step &step, StepContext &context)
{
    const QList<Side> sides = sidesOf(step, context);
    for (const Side &side : sides) {
        WorkDomain work(context, keyOf(step) + u":work:"_s + side.name, {}, context.plan().domainName, side.host);
        if (const Result<> ended = work.end(); !ended) {
            return ended;
        }
        const QString path = context.results().value(keyOf(step)).toObject().value(side.name).toString();
        if (path.isEmpty()) {
            continue;
        }
        const auto connection = context.connection(side.host);
        const Result<> deleted = connection ? deleteLayer(*connection, path) : fail(connection.error());
        if (!deleted) {
            return deleted;
        }
        if (const Result<> known = note(context, keyOf(step), side.name, QString()); !known) {
            return known;
        }
    }
    const QString work = knownWork(context, workKeyOf(step));
    return work.isEmpty() ? Result<>() : image::clearWork(work);
}

/** As a local raw file. */
Result<> fetch(const Step &step, StepContext &context, const Side &side, const QString &file)
{
    const auto connection = context.connection(side.host);
    const auto like = connection ? modelOf(step, context, side.host) : fail(connection.error());
    if (!like) {
        return fail(like.error());
    }
    const QString workKey = keyOf(step) + u":work:"_s + side.name;
    const auto capacity = capacityOf(context, side.host, workKey, side.chain, *like);
    if (!capacity) {
        return fail(capacity.error());
    }
    const QString beside = side.chain.constFirst().path;
    const QString path = u"%1.compare-%2"_s.arg(beside, QUuid::createUuid().toString(QUuid::Id128).left(12));
    const auto pool = DirectoryPool::open(*connection, QFileInfo(path).path());
    if (!pool) {
        return fail(pool.error());
    }
    if (const Result<> known = note(context, keyOf(step), side.name, path); !known) {
        return known;
    }
    const QString volume = QFileInfo(path).fileName();
    const QString xml = volumeXml(volume, u"raw"_s, *capacity, {}, {});
    if (const auto made = storage::createVolume(**connection, (*pool)->name(), xml); !made) {
        return fail(made.error());
    }
    const DiskCopy copy{side.host, workKey, side.chain, {path, u"raw"_s}, false, 0};
    if (const Result<> copied = copyDisk(context, copy, *like); !copied) {
        return copied;
    }
    return storage::downloadVolume(
        **connection, (*pool)->name(), volume, file,
        [&context](quint64 done, quint64 total) { context.report(done, total); }, context.stop());
}

/** Where they differ first; -1: nowhere. The longer one may end in zeroes. */
Result<qint64> difference(const QString &left, const QString &right, const std::stop_token &stop)
{
    QFile one(left);
    QFile other(right);
    if (!one.open(QIODevice::ReadOnly) || !other.open(QIODevice::ReadOnly)) {
        return fail(Error::failed(one.isOpen() ? other.errorString() : one.errorString()));
    }
    const qint64 end = std::max(one.size(), other.size());
    for (qint64 at = 0; at < end; at += chunk) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        const qsizetype wanted = std::min(chunk, end - at);
        QByteArray a = one.read(chunk);
        QByteArray b = other.read(chunk);
        a.append(wanted - a.size(), '\0');
        b.append(wanted - b.size(), '\0');
        if (a != b) {
            return at;
        }
    }
    return -1;
}

Result<> compare(const Step &step, StepContext &context)
{
    const auto work = beginWork(context, workKeyOf(step));
    const auto directory = work ? image::workDirectory(*work) : work;
    if (!directory) {
        return fail(directory.error());
    }
    const QList<Side> sides = sidesOf(step, context);
    for (const Side &side : sides) {
        if (side.chain.isEmpty()) {
            return fail(Error::invalid(DiskCompareText::tr("The step does not say what is to be compared.")));
        }
        const QString file = *directory + u'/' + side.name;
        QFile::remove(file);
        if (const Result<> fetched = fetch(step, context, side, file); !fetched) {
            return fetched;
        }
    }
    const auto at = difference(*directory + u"/here"_s, *directory + u"/there"_s, context.stop());
    if (!at) {
        return fail(at.error());
    }
    return *at < 0 ? Result<>()
                   : fail({Error::Kind::Failed,
                         DiskCompareText::tr("“%1” differs from what it was copied from, %2 bytes from its beginning.")
                             .arg(text(step, u"path"_s))
                             .arg(*at),
                         DiskCompareText::tr("The way or the storage is unsound. The source is as it was."), 0, 0});
}

Result<> run(const Step &step, StepContext &context)
{
    if (const Result<> cleared = clear(step, context); !cleared) { // of an earlier run
        return cleared;
    }
    const Result<> compared = compare(step, context);
    const Result<> cleared = clear(step, context);
    return compared ? cleared : compared;
}

Result<> undo(const Step &step, StepContext &context)
{
    return passingOverAway(step, context, clear(step, context));
}

} // namespace

void registerDiskCompareSteps(job::StepRegistry &registry)
{
    registry.add(u"disk.compare"_s, {run, undo});
}

} // namespace vireo::operation
