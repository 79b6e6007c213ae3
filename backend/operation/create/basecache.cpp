// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/basecache.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSet>

#include "backend/base/sizetext.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Finding;
using Severity = Finding::Severity;

struct BasecacheText {
    Q_DECLARE_TR_FUNCTIONS(operation_baseCache)
};

/** Volumes of all active pools: overlays may lie in another pool than their base. */
Result<QList<storage::Volume>> allVolumes(virt::Connection &connection)
{
    const auto pools = storage::pools(connection);
    if (!pools) {
        return fail(pools.error());
    }
    QList<storage::Volume> result;
    for (const storage::Pool &pool : *pools) {
        if (!pool.active) {
            continue;
        }
        if (const Result<> fresh = storage::refreshPool(connection, pool.name); !fresh) {
            return fail(fresh.error());
        }
        auto volumes = storage::volumes(connection, pool.name);
        if (!volumes) {
            return fail(volumes.error());
        }
        result += std::move(*volumes);
    }
    return result;
}

/** Paths of everything that lies on `base`, itself included. */
QSet<QString> above(const QString &base, const QList<storage::Volume> &volumes)
{
    QSet<QString> found{base};
    for (bool more = true; more;) {
        more = false;
        for (const storage::Volume &volume : volumes) {
            if (found.contains(volume.backingPath) && !found.contains(volume.path)) {
                found.insert(volume.path);
                more = true;
            }
        }
    }
    return found;
}

BaseImage describe(
    const storage::Volume &volume, const QList<storage::Volume> &volumes, const QList<storage::DiskUse> &uses)
{
    BaseImage base;
    base.pool = volume.pool;
    base.name = volume.name;
    base.path = volume.path;
    base.capacity = volume.capacity;
    base.allocation = volume.allocation;
    base.lastUsed = volume.lastUsed;
    const QSet<QString> dependants = above(volume.path, volumes);
    for (const storage::Volume &other : volumes) {
        if (other.path != volume.path && dependants.contains(other.path)) {
            base.overlays << other.pool + u'/' + other.name;
        }
    }
    for (const storage::DiskUse &use : uses) {
        if (dependants.contains(use.path)) {
            base.domains << use.domainName;
        }
    }
    for (QStringList *names : {&base.overlays, &base.domains}) {
        names->removeDuplicates();
        names->sort();
    }
    return base;
}

QStringList unseenDisks(const QList<storage::Volume> &volumes, const QList<storage::DiskUse> &uses)
{
    QSet<QString> known;
    for (const storage::Volume &volume : volumes) {
        known.insert(volume.path);
    }
    QStringList result;
    for (const storage::DiskUse &use : uses) {
        // An installation medium or a kernel has nothing beneath it; other layers show with their topmost.
        if (!use.isBase && !known.contains(use.path) && !use.path.endsWith(".iso"_L1, Qt::CaseInsensitive)) {
            result << u"%1: %2"_s.arg(use.domainName, use.path);
        }
    }
    result.removeDuplicates();
    result.sort();
    return result;
}

/** Why one must stay; empty: it may go. */
QString keptBecause(const BaseImage &base, const QDateTime &limit, bool hasAge)
{
    if (!base.domains.isEmpty()) {
        return BasecacheText::tr("Used by: %1.").arg(base.domains.join(u", "_s));
    }
    if (!base.overlays.isEmpty()) {
        return BasecacheText::tr("It is the base of: %1.").arg(base.overlays.join(u", "_s));
    }
    if (hasAge && !base.lastUsed.isValid()) {
        return BasecacheText::tr("The host does not say when it was last used.");
    }
    if (hasAge && base.lastUsed > limit) {
        return BasecacheText::tr("Last used on %1.")
            .arg(QLocale().toString(base.lastUsed.date(), QLocale::ShortFormat));
    }
    return {};
}

} // namespace

bool isBaseName(const QString &volume)
{
    static const QRegularExpression pattern(
        u"\\Avireo-(base-[0-9a-f]{8,64}(-c)?\\.(qcow2|img)|(kernel|initrd|dtb)-[0-9a-f]{8,64})\\z"_s);
    return pattern.match(volume).hasMatch();
}

QString markerOf(const QString &base)
{
    return base + u".complete"_s;
}

Result<BaseList> readBases(virt::Connection &connection, const QString &pool)
{
    const auto volumes = allVolumes(connection);
    if (!volumes) {
        return fail(volumes.error());
    }
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    BaseList result;
    for (const storage::Volume &volume : *volumes) {
        if ((pool.isEmpty() || volume.pool == pool) && isBaseName(volume.name)) {
            result.bases << describe(volume, *volumes, *uses);
        }
    }
    std::ranges::sort(result.bases,
        [](const BaseImage &a, const BaseImage &b) { return std::tie(a.name, a.pool) < std::tie(b.name, b.pool); });
    result.unseen = unseenDisks(*volumes, *uses);
    return result;
}

job::Plan planAgeOut(const virt::HostId &host, const BaseList &bases, const AgeOut &wanted, const QDateTime &now)
{
    job::Plan plan;
    plan.operation = u"ageout"_s;
    plan.title = BasecacheText::tr("Remove unused base images");
    plan.host = host;
    const bool hasAge = wanted.olderThanDays > 0;
    const QDateTime limit = now.addDays(-wanted.olderThanDays);
    QList<BaseImage> going;
    quint64 freed = 0;
    for (const BaseImage &base : bases.bases) {
        if (!wanted.chosen.isEmpty() && !wanted.chosen.contains(base.name)) {
            continue;
        }
        if (const QString why = keptBecause(base, limit, hasAge); !why.isEmpty()) {
            plan.findings << Finding{Severity::Note, BasecacheText::tr("“%1” is kept").arg(base.name), why, {}};
            continue;
        }
        freed += base.allocation;
        going << base;
    }
    for (const QString &name : wanted.chosen) {
        if (std::ranges::find(bases.bases, name, &BaseImage::name) == bases.bases.end()) {
            plan.findings << Finding{Severity::Note, BasecacheText::tr("“%1” is gone already").arg(name), {}, {}};
        }
    }
    if (!bases.unseen.isEmpty() && !going.isEmpty()) {
        plan.findings << Finding{wanted.chosen.isEmpty() ? Severity::Blocker : Severity::Warning,
            BasecacheText::tr("Some disks may need a base without showing it"),
            BasecacheText::tr("They are in no active storage pool: %1.").arg(bases.unseen.join(u", "_s)),
            BasecacheText::tr("Start or make a storage pool for their directory, or choose the base images one by one "
                              "if you know that nothing needs them.")};
    }
    if (going.isEmpty()) {
        plan.findings << Finding{Severity::Blocker, BasecacheText::tr("There is nothing to remove"), {}, {}};
        return plan;
    }
    std::ranges::sort(going, [](const BaseImage &a, const BaseImage &b) {
        return std::tie(a.lastUsed, a.pool, a.name) < std::tie(b.lastUsed, b.pool, b.name);
    });
    for (const BaseImage &base : std::as_const(going)) {
        job::Step step;
        step.type = u"base.delete"_s;
        step.title = BasecacheText::tr("Delete base image");
        step.object = base.name;
        step.parameters = {{u"pool"_s, base.pool}, {u"volume"_s, base.name}};
        if (hasAge) {
            step.parameters.insert("unusedSince"_L1, limit.toString(Qt::ISODate));
        }
        plan.steps << step;
    }
    const int count = static_cast<int>(going.size());
    plan.verdict = BasecacheText::tr("Deletes %n base image(s) and frees %1.", nullptr, count).arg(sizeText(freed));
    return plan;
}

} // namespace vireo::operation
