// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/diskcopy_p.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/blockjobs.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * disk.copy, disk.grow: files of a VM that is off, by a WorkDomain. Notes below "disk:PATH": "copied", "grown"; ":work"
 * behind it is the WorkDomain's. No undo of their own: the files that they write to were made by this job, and go.
 */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using blockjobs::Outcome;
using job::Reality;
using job::Step;
using job::StepContext;
using snapshot::Chain;

struct DiskCopyText {
    Q_DECLARE_TR_FUNCTIONS(operation_diskCopySteps)
};

QString keyOf(const Step &step, const StepContext &context)
{
    const QString path = text(step, u"path"_s);
    const Chain chain = chainOf(step, u"chain"_s);
    const QString file = !path.isEmpty() || chain.isEmpty() ? path : chain.constFirst().path;
    return (hostOf(step, context) == context.plan().host ? u"disk:"_s : u"disk:there:"_s) + file;
}

/** An existing file as the target of a copy, all said, so that nothing is probed. */
QString targetXml(const snapshot::Layer &to)
{
    const QString &path = to.path;
    const bool isDevice = path.startsWith("/dev/"_L1);
    auto document = xml::Document::create(u"disk"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, isDevice ? u"block"_s : u"file"_s);
    root.append(u"source"_s).setAttribute(isDevice ? u"dev"_s : u"file"_s, path);
    xml::Element driver = root.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, to.format);
    root.append(u"backingStore"_s);
    return document.toString();
}

Result<> drive(StepContext &context, const DiskCopy &copy, virt::Connection &connection, const QUuid &domain)
{
    const QString disk = QString::fromLatin1(WorkDomain::diskTarget);
    blockjobs::Watch watch(connection, domain, disk);
    blockjobs::CopyOptions options;
    options.reuseFile = true;
    if (const Result<> begun = blockjobs::copy(connection, domain, disk, targetXml(copy.to), options); !begun) {
        return begun;
    }
    const auto report = [&](quint64 done, quint64 total) {
        const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
        context.report(copy.bytes > 0 ? static_cast<quint64>(part * static_cast<double>(copy.bytes)) : done,
            copy.bytes > 0 ? copy.bytes : total);
    };
    const auto outcome = watch.wait(report, context.stop());
    if (!outcome) {
        return fail(outcome.error());
    }
    if (*outcome == Outcome::Ready) {
        return blockjobs::finish(connection, domain, disk, false); // it is complete: nobody writes
    }
    if (context.isCancelled()) {
        return fail(Error::cancelled());
    }
    return fail({Error::Kind::Failed, DiskCopyText::tr("“%1” could not be written whole.").arg(copy.to.path),
        DiskCopyText::tr("Its storage may be full. What it was copied from is as it was."), 0, 0});
}

Result<> runCopy(const Step &step, StepContext &context)
{
    const QString key = keyOf(step, context);
    if (noted(context, key, u"copied"_s)) {
        return {};
    }
    const virt::HostId host = hostOf(step, context);
    const auto like = modelOf(step, context, host);
    if (!like) {
        return fail(like.error());
    }
    const DiskCopy copy{host, key + u":work"_s, chainOf(step, u"chain"_s),
        {text(step, u"path"_s), text(step, u"format"_s)}, step.parameters.value("zeroes"_L1).toBool(), step.bytes};
    const Result<> copied = copyDisk(context, copy, *like);
    return copied ? note(context, key, u"copied"_s) : copied;
}

Result<> endWork(const Step &step, StepContext &context)
{
    return passingOverAway(step, context,
        WorkDomain(context, keyOf(step, context) + u":work"_s, {}, context.plan().domainName, hostOf(step, context))
            .end());
}

Result<Reality> lookAt(const Step &step, StepContext &context, const QString &what)
{
    return noted(context, keyOf(step, context), what)
        ? Reality{Effect::Present, DiskCopyText::tr("“%1” is as it is to be.").arg(step.object)}
        : Reality{Effect::Unknown, DiskCopyText::tr("“%1” may have been begun.").arg(step.object)};
}

Result<> runGrow(const Step &step, StepContext &context)
{
    const QString key = keyOf(step, context);
    if (noted(context, key, u"grown"_s)) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    const auto like = connection ? modelOf(step, context, hostOf(step, context)) : fail(connection.error());
    if (!like) {
        return fail(like.error());
    }
    WorkDomain work(context, key + u":work"_s, *like, context.plan().domainName, hostOf(step, context));
    if (const Result<> started = work.start(chainOf(step, u"chain"_s), {}); !started) {
        return started;
    }
    const QString disk = QString::fromLatin1(WorkDomain::diskTarget);
    const quint64 wanted = number(step, u"capacity"_s);
    const auto now = blockjobs::capacity(**connection, work.uuid(), disk);
    if (!now) {
        return fail(now.error());
    }
    if (*now > wanted) {
        return fail(Error::failed(DiskCopyText::tr("“%1” has %2 by now, and a disk is never made smaller.")
                .arg(step.object, sizeText(*now))));
    }
    if (*now < wanted) {
        if (const Result<> grown = blockjobs::resize(**connection, work.uuid(), disk, wanted); !grown) {
            return grown;
        }
    }
    if (const Result<> ended = work.end(); !ended) {
        return ended;
    }
    return note(context, key, u"grown"_s);
}

} // namespace

Chain chainOf(const Step &step, const QString &key)
{
    Chain chain;
    const QJsonArray layers = step.parameters.value(key).toArray();
    for (const auto &layer : layers) {
        chain.append({layer.toObject().value("path"_L1).toString(), layer.toObject().value("format"_L1).toString()});
    }
    return chain;
}

Result<QString> modelOf(const Step &step, StepContext &context, const virt::HostId &host)
{
    if (QString like = text(step, u"like"_s); !like.isEmpty()) {
        return like;
    }
    const auto connection = context.connection(host);
    if (!connection) {
        return fail(connection.error());
    }
    auto known = domains::xml(**connection, context.plan().domain, domains::XmlKind::Inactive);
    const QString &made = context.plan().xmlAfter;
    return known || made.isEmpty() ? known : Result<QString>(made);
}

Result<> copyDisk(StepContext &context, const DiskCopy &copy, const QString &like)
{
    const auto connection = context.connection(copy.host);
    if (!connection) {
        return fail(connection.error());
    }
    WorkDomain work(context, copy.workKey, like, context.plan().domainName, copy.host);
    if (const Result<> started = work.start(copy.from, {.readOnly = true, .zeroes = copy.zeroes}); !started) {
        return started;
    }
    const Result<> copied = drive(context, copy, **connection, work.uuid());
    const Result<> ended = work.end();
    return copied ? ended : copied;
}

Result<quint64> capacityOf(
    StepContext &context, const virt::HostId &host, const QString &workKey, const Chain &chain, const QString &like)
{
    const auto connection = context.connection(host);
    if (!connection) {
        return fail(connection.error());
    }
    WorkDomain work(context, workKey, like, context.plan().domainName, host);
    if (const Result<> started = work.start(chain, {.readOnly = true}); !started) {
        return fail(started.error());
    }
    const auto capacity = blockjobs::capacity(**connection, work.uuid(), QString::fromLatin1(WorkDomain::diskTarget));
    const Result<> ended = work.end();
    return ended ? capacity : fail(ended.error());
}

void registerDiskSteps(job::StepRegistry &registry)
{
    registry.add(u"disk.copy"_s, {runCopy, endWork, [](const Step &step, StepContext &context) {
                                      return lookAt(step, context, u"copied"_s);
                                  }});
    registry.add(u"disk.grow"_s, {runGrow, endWork, [](const Step &step, StepContext &context) {
                                      return lookAt(step, context, u"grown"_s);
                                  }});
    registerDiskCompareSteps(registry);
}

} // namespace vireo::operation
