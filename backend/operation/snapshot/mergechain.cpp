// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/snapshot/mergestep_p.h"
#include "backend/operation/snapshot/mergesteps.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/snapshot/chainxml.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/** What merge.run reads back, and what has to follow it. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using namespace std::chrono_literals;
using snapshot::Layer;

struct MergeChainText {
    Q_DECLARE_TR_FUNCTIONS(operation_mergeChain)
};

constexpr auto chainPatience = 10s; ///< libvirt enters the new chain a moment after the job's end
constexpr auto lookAgain = 100ms;

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

} // namespace

Error MergeStep::otherError() const
{
    return {Error::Kind::Failed,
        MergeChainText::tr(
            "The chain of the disk %1 is not what it was when this was planned: “%2” does not lie on “%3”.")
            .arg(m_disk, fileName(m_top.path), fileName(m_base.path)),
        MergeChainText::tr("Look at the snapshots again, and plan anew."), 0, 0};
}

/** Whether what was merged away is out of a chain, whose files are given topmost first. */
MergeStep::Position MergeStep::position(const QStringList &chain) const
{
    const qsizetype top = chain.indexOf(m_top.path);
    const QString below = top >= 0 && top + 1 < chain.size() ? chain[top + 1] : QString();
    if (top >= 0 && below == m_base.path) {
        return Position::Before;
    }
    if (m_isCommit) {
        return top < 0 && chain.contains(m_base.path) ? Position::Done : Position::Other;
    }
    const auto base = std::ranges::find(m_chain, m_base.path, &Layer::path);
    const QString next = base == m_chain.end() || std::next(base) == m_chain.end() ? QString() : std::next(base)->path;
    return top >= 0 && below == next ? Position::Done : Position::Other;
}

/** The files of a domain's disk as its XML names them, topmost first. */
Result<QStringList> MergeStep::layers(const QUuid &domain, const QString &disk, domains::XmlKind kind) const
{
    const auto xml = domains::xml(connection(), domain, kind);
    const auto disks = xml ? snapshot::parseDisks(*xml) : fail(xml.error());
    if (!disks) {
        return fail(disks.error());
    }
    const auto found = std::ranges::find(*disks, disk, &snapshot::DiskNow::target);
    if (found == disks->end()) {
        return fail(Error::failed(MergeChainText::tr("The VM has no disk %1 any more.").arg(disk)));
    }
    QStringList files;
    for (const Layer &layer : found->chain) {
        if (layer.path.startsWith(u'/')) {
            files.append(layer.path);
            continue;
        }
        // "POOL/VOLUME", where the XML names a volume
        const auto volume =
            optional(virt::storage::volume(connection(), layer.path.section(u'/', 0, 0), layer.path.section(u'/', 1)));
        if (!volume) {
            return fail(volume.error());
        }
        files.append(*volume ? (*volume)->path : layer.path);
    }
    return files;
}

Result<MergeStep::Position> MergeStep::livePosition(const QUuid &domain, const QString &disk) const
{
    const auto chain = layers(domain, disk, domains::XmlKind::Live);
    return chain ? Result<Position>(position(*chain)) : fail(chain.error());
}

/** By what the files themselves say, as libvirt's storage reads them. */
Result<MergeStep::Position> MergeStep::storedPosition() const
{
    if (m_inNow && m_isCommit && m_chain.first().path == m_top.path) {
        // The files do not tell, but the definition does: it was changed when all had been copied. From then on the
        // guest may have written to the lower file, so that copying again would lose data.
        const auto defined = layers(m_target->uuid, m_disk, domains::XmlKind::Inactive);
        if (!defined) {
            return fail(defined.error());
        }
        const QString now = defined->value(0);
        if (now != m_top.path) {
            return now == m_base.path ? Position::Done : Position::Other;
        }
    }
    QSet<QString> fresh;
    QStringList chain;
    for (QString path = m_chain.first().path; !path.isEmpty() && chain.size() <= m_chain.size();) {
        chain.append(path);
        const auto recorded = std::ranges::find(m_chain, path, &Layer::path);
        if (recorded != m_chain.end() && recorded->format == "raw"_L1) {
            break; // nothing is beneath it; what its guest wrote may look to libvirt's storage as if there were
        }
        const QString directory = QFileInfo(path).path();
        const auto pool = DirectoryPool::open(m_target->connection, directory);
        if (!pool) {
            return fail(pool.error());
        }
        if (!fresh.contains(directory)) { // an earlier merge changed them without libvirt's storage noticing
            fresh.insert(directory);
            if (const Result<> refreshed = virt::storage::refreshPool(connection(), (*pool)->name(), m_context.stop());
                !refreshed) {
                return fail(refreshed.error());
            }
        }
        const auto volume = virt::storage::volume(connection(), (*pool)->name(), fileName(path));
        if (!volume) {
            return fail(volume.error());
        }
        path = volume->backingPath;
    }
    return position(chain);
}

Result<> MergeStep::verify(const QUuid &domain, const QString &disk) const
{
    const QDeadlineTimer deadline(chainPatience);
    for (;;) {
        const auto now = livePosition(domain, disk);
        if (!now) {
            return fail(now.error());
        }
        if (*now == Position::Done) {
            return {};
        }
        if (*now == Position::Other || deadline.hasExpired()) {
            return fail(*now == Position::Other
                    ? otherError()
                    : Error::failed(MergeChainText::tr("The merge of the disk %1 ended without merging.").arg(m_disk)));
        }
        pauseFor(lookAgain, {});
    }
}

/** The stored definition of a domain that is off says where its disk is now. */
Result<> MergeStep::updateDefinition() const
{
    const auto secure = domains::xml(connection(), m_target->uuid, domains::XmlKind::Inactive, true);
    if (!secure) {
        return fail(secure.error());
    }
    const auto document = xml::Document::parse(*secure);
    if (!document) {
        return fail(document.error());
    }
    bool changed = false;
    const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &disk : disks) {
        if (disk.child(u"target"_s).attribute(u"dev"_s) == m_disk) {
            changed = m_isCommit ? snapshot::chainxml::moveLayer(disk, m_top.path, m_base)
                                 : snapshot::chainxml::moveLayer(disk, m_base.path, m_top);
        }
    }
    if (!changed) {
        return {};
    }
    const auto defined = domains::define(connection(), document->toString());
    return defined ? Result<>() : fail(defined.error());
}

/** Undoing after the merge but before the steps that follow it: the other snapshots have to know where their files are
 *  now, since that stays. */
Result<> MergeStep::updateRecords() const
{
    const QJsonArray repoints = m_step.parameters.value("repoints"_L1).toArray();
    for (const auto &value : repoints) {
        const QJsonObject repoint = value.toObject();
        const QString name = repoint.value("snapshot"_L1).toString();
        const auto secure = optional(virt::snapshots::xml(connection(), m_target->uuid, name, true));
        if (!secure) {
            return fail(secure.error());
        }
        if (!*secure) {
            continue;
        }
        SnapshotChange change;
        change.snapshot = name;
        change.moves.append({m_disk, repoint.value("from"_L1).toString(),
            {repoint.value("to"_L1).toString(), repoint.value("format"_L1).toString()}});
        const auto changed = snapshotxml::changed(**secure, change);
        if (!changed) {
            return fail(changed.error());
        }
        virt::snapshots::CreateOptions options;
        options.redefine = true;
        if (const auto defined = virt::snapshots::create(connection(), m_target->uuid, *changed, options); !defined) {
            return fail(defined.error());
        }
    }
    return {};
}

} // namespace vireo::operation
