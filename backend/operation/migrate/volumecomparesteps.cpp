// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <mutex>

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

#include "backend/operation/layerfiles.h"
#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/volumeparts.h"

using namespace Qt::StringLiterals;

/** volume.compare: whether a layer at the destination really is the one that a disk lies on here. */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;

struct VolumeCompareText {
    Q_DECLARE_TR_FUNCTIONS(operation_volumeCompare)
};

/** A file of a host as it was when it was looked at; empty: the host does not say when it was changed. */
QString stateOf(const virt::Connection &connection, const storage::Volume &volume)
{
    return volume.changed.trimmed().isEmpty()
        ? QString()
        : u"%1 %2 %3 %4"_s.arg(connection.uri(), volume.path, QString::number(volume.physical), volume.changed);
}

/** Pairs of files that were found equal: fifty machines on one base need not read it fifty times. Thread-safe. */
class KnownPairs final
{
    Q_DISABLE_COPY_MOVE(KnownPairs)

public:
    KnownPairs() = default;
    bool contains(const std::pair<QString, QString> &pair)
    {
        const std::lock_guard lock(m_mutex);
        return m_pairs.contains(pair);
    }
    void insert(const std::pair<QString, QString> &pair)
    {
        const std::lock_guard lock(m_mutex);
        m_pairs.insert(pair);
    }

private:
    std::mutex m_mutex;
    QSet<std::pair<QString, QString>> m_pairs;
};

/** A file, and its pool while this lives. */
struct Opened {
    virt::ConnectionPtr connection;
    std::unique_ptr<DirectoryPool> pool;
    storage::Volume volume;
    storage::VolumeAt at() const { return {*connection, pool->name(), volume.name}; }
};

Result<Opened> openFile(const Result<virt::ConnectionPtr> &connection, const QString &path)
{
    if (!connection) {
        return fail(connection.error());
    }
    auto volume = layerVolume(*connection, path);
    if (!volume) {
        return fail(volume.error());
    }
    auto pool = DirectoryPool::open(*connection, QFileInfo(path).path());
    if (!pool) {
        return fail(pool.error());
    }
    return Opened{*connection, *std::move(pool), *std::move(volume)};
}

Result<> compare(const Step &step, StepContext &context, KnownPairs &known)
{
    const QString path = text(step, u"path"_s);
    const auto here = openFile(context.connection(), text(step, u"fromPath"_s));
    const auto there = here ? openFile(hostConnection(step, context), path) : fail(here.error());
    if (!there) {
        return fail(there.error());
    }
    const std::pair<QString, QString> pair =
        std::minmax({stateOf(*here->connection, here->volume), stateOf(*there->connection, there->volume)});
    const bool isStated = !pair.first.isEmpty() && !pair.second.isEmpty();
    if (isStated && known.contains(pair)) {
        context.log(VolumeCompareText::tr("They were compared before, and not changed since."));
        return {};
    }
    const quint64 bytes = step.bytes;
    const auto report = [&context, bytes](quint64 done, quint64 total) {
        const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1.0;
        context.report(
            bytes > 0 ? static_cast<quint64>(part * static_cast<double>(bytes)) : done, bytes > 0 ? bytes : total);
    };
    const auto differs = storage::compareVolumes(here->at(), there->at(), report, context.stop());
    if (!differs) {
        return fail(differs.error());
    }
    if (*differs) {
        return fail({Error::Kind::Failed,
            VolumeCompareText::tr(
                "“%1” of the destination is not what the disk lies on: it differs from “%2”, %3 bytes "
                "from its beginning.")
                .arg(path, here->volume.path)
                .arg(**differs),
            VolumeCompareText::tr("Nothing was changed. Rename that file there, choose another place for the copy, or "
                                  "let each copied disk be made one file."),
            0, 0});
    }
    if (isStated) {
        known.insert(pair);
    }
    return {};
}

} // namespace

QList<job::Step> compareSteps(const MigrateLayout &layout, const virt::HostId &destination, const QString &host)
{
    QList<Step> steps;
    for (const AlikeFile &file : layout.alike) {
        steps.append(Step{u"volume.compare"_s, VolumeCompareText::tr("Compare a layer with that of %1").arg(host),
            QFileInfo(file.to).fileName(), {}, file.bytes,
            {{u"host"_s, destination.toString(QUuid::WithoutBraces)}, {u"path"_s, file.to},
                {u"fromPath"_s, file.from}}});
    }
    return steps;
}

void registerVolumeCompareSteps(job::StepRegistry &registry)
{
    const auto known = std::make_shared<KnownPairs>();
    registry.add(u"volume.compare"_s,
        {[known](const Step &step, StepContext &context) { return compare(step, context, *known); }, {}, {}});
}

} // namespace vireo::operation
