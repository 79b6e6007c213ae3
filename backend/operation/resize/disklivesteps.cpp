// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/deviceidentity.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/resize/resizelive_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/snapshot/snapshot.h"
#include "backend/virt/blockjobs.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/** Disks of a running domain: disk.resizeLive and disk.moveLive of resizesteps.h. */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using blockjobs::Outcome;
using job::Reality;
using job::Step;
using job::StepContext;
using snapshot::Layer;

struct DiskLiveText {
    Q_DECLARE_TR_FUNCTIONS(operation_diskLiveSteps)
};

/** Of a mirror that is ready and that a busy guest makes unready again. */
constexpr int attempts = 20;

// ---- disk.resizeLive

Result<> runResize(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    const auto state = target ? target->state() : fail(target.error());
    if (!state) {
        return fail(state.error());
    }
    if (!isActive(*state)) {
        return fail(Error::failed(DiskLiveText::tr("%1 is off by now.").arg(target->name)));
    }
    const QString disk = text(step, u"target"_s);
    const quint64 wanted = number(step, u"capacity"_s);
    const auto now = blockjobs::capacity(*target->connection, target->uuid, disk);
    if (!now) {
        return fail(now.error());
    }
    if (*now >= wanted) {
        return *now == wanted
            ? Result<>()
            : fail(Error::failed(DiskLiveText::tr("The disk %1 has %2 by now, and a disk is never made smaller.")
                      .arg(disk, sizeText(*now))));
    }
    return blockjobs::resize(*target->connection, target->uuid, disk, wanted);
}

Result<> undoResize(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    const auto now =
        target ? blockjobs::capacity(*target->connection, target->uuid, text(step, u"target"_s)) : fail(target.error());
    if (!now) {
        return fail(now.error());
    }
    return *now <= number(step, u"before"_s)
        ? Result<>()
        : fail({Error::Kind::Unsupported,
              DiskLiveText::tr("The disk %1 stays as large as it was made: what is in it might be lost.")
                  .arg(text(step, u"target"_s)),
              {}, 0, 0});
}

Result<Reality> lookAtGrown(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    const QString disk = text(step, u"target"_s);
    const auto now = target ? blockjobs::capacity(*target->connection, target->uuid, disk) : fail(target.error());
    if (!now) {
        return fail(now.error());
    }
    return Reality{*now >= number(step, u"capacity"_s) ? Effect::Present : Effect::Absent,
        DiskLiveText::tr("The disk %1 has %2.").arg(disk, sizeText(*now))};
}

// ---- disk.moveLive

/** One disk's move to another file. */
class Move final
{
    Q_DISABLE_COPY_MOVE(Move)

public:
    Move(const Step &step, StepContext &context)
        : m_context(context)
        , m_disk(text(step, u"target"_s))
        , m_to{text(step, u"path"_s), text(step, u"format"_s)}
        , m_zeroes(step.parameters.value("zeroes"_L1).toBool())
        , m_bytes(step.bytes)
        , m_step(step)
    {
        const QJsonObject from = step.parameters.value("from"_L1).toObject();
        m_from = {from.value("path"_L1).toString(), from.value("format"_L1).toString()};
    }

    Result<> run();
    Result<> undo();
    Result<Reality> look();

private:
    struct Place {
        QString file;   ///< what the domain writes to
        QString mirror; ///< what a copy writes to; empty: there is none
    };
    Result<> begin();
    Result<Place> place(domains::XmlKind kind) const;
    Result<> copyTo(const Layer &file, const std::stop_token &stop);
    Result<> pivot();
    Result<> checkStored(const QString &file) const;
    Result<> noteStored();
    Result<> restoreStored();
    QString storedKey() const { return u"disk.moveLive:"_s + m_disk; }
    Error failure(Outcome outcome) const;
    QString diskXml(const Layer &file) const;
    virt::Connection &connection() const { return *m_target->connection; }

    StepContext &m_context;
    const QString m_disk;
    const Layer m_to;
    Layer m_from;
    const bool m_zeroes;
    const quint64 m_bytes;
    const Step &m_step;
    std::optional<DomainTarget> m_target;
};

Result<> Move::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    return {};
}

Result<Move::Place> Move::place(domains::XmlKind kind) const
{
    const auto text = domains::xml(connection(), m_target->uuid, kind);
    const auto document = text ? xml::Document::parse(*text) : fail(text.error());
    if (!document) {
        return fail(document.error());
    }
    const auto fileOf = [](const xml::Element &source) {
        const QString file = source.attribute(u"file"_s);
        return file.isEmpty() ? source.attribute(u"dev"_s) : file;
    };
    const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &each : disks) {
        if (each.child(u"target"_s).attribute(u"dev"_s) == m_disk) {
            return Place{fileOf(each.child(u"source"_s)), fileOf(each.child(u"mirror"_s).child(u"source"_s))};
        }
    }
    return fail(Error::failed(DiskLiveText::tr("%1 has no disk %2 any more.").arg(m_target->name, m_disk)));
}

QString Move::diskXml(const Layer &file) const
{
    auto document = xml::Document::create(u"disk"_s);
    xml::Element root = document.root();
    const bool isDevice = file.path.startsWith("/dev/"_L1);
    root.setAttribute(u"type"_s, isDevice ? u"block"_s : u"file"_s);
    root.append(u"source"_s).setAttribute(isDevice ? u"dev"_s : u"file"_s, file.path);
    xml::Element driver = root.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, file.format);
    if (m_zeroes) {
        driver.setAttribute(u"discard"_s, u"unmap"_s);
        driver.setAttribute(u"detect_zeroes"_s, u"unmap"_s);
    }
    root.append(u"backingStore"_s); // nothing beneath it: nothing is probed
    return document.toString();
}

Error Move::failure(Outcome outcome) const
{
    if (m_context.isCancelled()) {
        return Error::cancelled();
    }
    switch (outcome) {
    case Outcome::Cancelled:
        return Error::failed(DiskLiveText::tr("Somebody else has ended the copying of the disk %1.").arg(m_disk));
    case Outcome::Vanished:
        return Error::failed(DiskLiveText::tr("The copying of the disk %1 has vanished.").arg(m_disk));
    default:
        return {Error::Kind::Failed, DiskLiveText::tr("The copying of the disk %1 failed.").arg(m_disk),
            DiskLiveText::tr("Perhaps there is no more room. The VM's log on its host may say more."), 0, 0};
    }
}

/** Until the copy is complete, and follows what the guest writes. */
Result<> Move::copyTo(const Layer &file, const std::stop_token &stop)
{
    blockjobs::Watch watch(connection(), m_target->uuid, m_disk); // before the job, so that it hears of all
    const auto job = blockjobs::info(connection(), m_target->uuid, m_disk);
    const auto now = job ? place(domains::XmlKind::Live) : fail(job.error());
    if (!now) {
        return fail(now.error());
    }
    if (now->file == file.path) {
        return {};
    }
    if (*job && now->mirror != file.path) {
        return fail({Error::Kind::Failed, DiskLiveText::tr("Another block job is running on the disk %1.").arg(m_disk),
            DiskLiveText::tr("Wait for its end, or cancel it."), 0, 0});
    }
    if (!*job) {
        blockjobs::CopyOptions options;
        options.reuseFile = true;
        if (const Result<> begun = blockjobs::copy(connection(), m_target->uuid, m_disk, diskXml(file), options);
            !begun) {
            return begun;
        }
    }
    const auto report = [this](quint64 done, quint64 total) {
        const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
        m_context.report(m_bytes > 0 ? static_cast<quint64>(part * static_cast<double>(m_bytes)) : done,
            m_bytes > 0 ? m_bytes : total);
    };
    for (int attempt = 1;; ++attempt) {
        const auto outcome = watch.wait(report, stop);
        if (!outcome) {
            return fail(outcome.error());
        }
        if (*outcome != Outcome::Ready) {
            return fail(failure(*outcome));
        }
        const Result<> switched = pivot();
        // Refused when the guest has written just now: then it is ready again in a moment.
        const auto reached = place(domains::XmlKind::Live);
        if (!reached) {
            return fail(reached.error());
        }
        if (reached->file == file.path) {
            return {};
        }
        if (attempt == attempts || reached->mirror != file.path) {
            static_cast<void>(blockjobs::finish(connection(), m_target->uuid, m_disk, false));
            return switched ? fail(failure(Outcome::Vanished)) : switched;
        }
    }
}

Result<> Move::pivot()
{
    return blockjobs::finish(connection(), m_target->uuid, m_disk, true);
}

/** libvirt changes the stored definition with the running one, where both named the same file. */
Result<> Move::checkStored(const QString &file) const
{
    const auto stored = place(domains::XmlKind::Inactive);
    if (!stored) {
        return fail(stored.error());
    }
    return stored->file == file
        ? Result<>()
        : fail({Error::Kind::Failed,
              DiskLiveText::tr("%1 writes its disk %2 to “%3”, but its definition for the next start names “%4”.")
                  .arg(m_target->name, m_disk, file, stored->file),
              DiskLiveText::tr("Correct the definition before the VM is started again."), 0, 0});
}

Result<> Move::run()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    if (!isActive(*state)) {
        const auto stored = place(domains::XmlKind::Inactive);
        return stored && stored->file == m_to.path
            ? Result<>()
            : fail(stored ? Error::failed(DiskLiveText::tr("%1 is off by now.").arg(m_target->name)) : stored.error());
    }
    if (const Result<> noted = noteStored(); !noted) {
        return noted;
    }
    const Result<> copied = copyTo(m_to, m_context.stop());
    return copied ? checkStored(m_to.path) : copied;
}

/** What the stored definition says of the disk: libvirt writes more than a file's name into it. */
Result<> Move::noteStored()
{
    if (!m_context.results().value(storedKey()).isUndefined()) {
        return {};
    }
    const auto text = domains::xml(connection(), m_target->uuid, domains::XmlKind::Inactive);
    const auto document = text ? xml::Document::parse(*text) : fail(text.error());
    return document ? m_context.note(storedKey(), diskElement(*document, m_disk).toXml()) : fail(document.error());
}

Result<> Move::restoreStored()
{
    const auto before = xml::Document::parse(m_context.results().value(storedKey()).toString());
    const auto text = domains::xml(connection(), m_target->uuid, domains::XmlKind::Inactive, true);
    auto document = text ? xml::Document::parse(*text) : fail(text.error());
    if (!before || !document) {
        return fail(document ? before.error() : document.error());
    }
    xml::Element disk = diskElement(*document, m_disk);
    if (!disk || meaningOf(disk) == meaningOf(before->root())) {
        return {};
    }
    disk.remove();
    document->root().child(u"devices"_s).appendCopy(before->root());
    const auto defined = domains::define(connection(), document->toString());
    return defined ? Result<>() : fail(defined.error());
}

/** The old file has not been written to since: the content goes back into it the same way. */
Result<> Move::undo()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto state = m_target->state();
    if (!state || !state->exists) {
        return state ? Result<>() : fail(state.error());
    }
    if (!isActive(*state)) {
        const auto stored = place(domains::XmlKind::Inactive);
        if (!stored || stored->file != m_to.path) {
            return stored ? Result<>() : fail(stored.error());
        }
        return fail({Error::Kind::Unsupported,
            DiskLiveText::tr("%1 is off by now; its disk %2 stays in “%3”.").arg(m_target->name, m_disk, m_to.path), {},
            0, 0});
    }
    const auto now = place(domains::XmlKind::Live);
    if (!now) {
        return fail(now.error());
    }
    if (now->mirror == m_to.path) {
        return blockjobs::finish(connection(), m_target->uuid, m_disk, false);
    }
    if (now->file != m_to.path) {
        return {};
    }
    if (m_from.path.isEmpty()) {
        return fail({Error::Kind::Unsupported,
            DiskLiveText::tr("The disk %1 of %2 stays in “%3”: it lay on other files.")
                .arg(m_disk, m_target->name, m_to.path),
            {}, 0, 0});
    }
    m_context.log(DiskLiveText::tr("The disk %1 goes back to “%2”.").arg(m_disk, m_from.path));
    if (const Result<> back = copyTo(m_from, {}); !back) {
        return back;
    }
    const Result<> stored = checkStored(m_from.path);
    return stored ? restoreStored() : stored;
}

Result<Reality> Move::look()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    const auto now = place(isActive(*state) ? domains::XmlKind::Live : domains::XmlKind::Inactive);
    if (!now) {
        return fail(now.error());
    }
    const Effect effect = now->file == m_to.path ? Effect::Present
        : now->mirror == m_to.path               ? Effect::Partial
                                                 : Effect::Absent;
    return Reality{effect,
        effect == Effect::Partial ? DiskLiveText::tr("The disk %1 is being copied.").arg(m_disk)
                                  : DiskLiveText::tr("The disk %1 is in “%2”.").arg(m_disk, now->file)};
}

} // namespace

void registerDiskLiveSteps(job::StepRegistry &registry)
{
    registry.add(u"disk.resizeLive"_s, {runResize, undoResize, lookAtGrown});
    registry.add(u"disk.moveLive"_s,
        {[](const Step &step, StepContext &context) { return Move(step, context).run(); },
            [](const Step &step, StepContext &context) { return Move(step, context).undo(); },
            [](const Step &step, StepContext &context) {
                return Move(step, context).look();
            }});
}

} // namespace vireo::operation
