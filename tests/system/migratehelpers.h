// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>

#include "backend/migration/policy.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/migrate/migratexml.h"

/// Plans of migrations, step by step, without the pre-flight: for tests of the steps.
namespace vireo::test {

/// What is to be done with one VM. Files are in the pool "default", whose path is the same on both hosts.
struct MigrateWish {
    virt::HostId from;
    virt::HostId to;
    QUuid domain;
    QString name = QStringLiteral("vm");
    virt::migration::Options options;
    operation::MigrateRewrite rewrite;
    migration::Policy policy;
    struct Volume {
        QString name;
        quint64 bytes = 32 << 20;
        QString backing = {}; ///< name of a volume of the same pool
        bool relay = false;   ///< cold, before the guest moves; else by the migration itself
    };
    QList<Volume> volumes;   ///< to be made at the destination, beneath others first
    bool snapshots = false;  ///< taken along
    bool cleanSource = true; ///< of the volumes
    bool autostart = false;
    bool setTime = false;
    bool throughHere = false; ///< saved, relayed with all volumes, and restored
};

inline QString poolPath(const QString &volume)
{
    return QStringLiteral("/srv/local/pool/") + volume;
}

inline job::Plan migratePlan(const MigrateWish &wish)
{
    using namespace Qt::StringLiterals;
    const QString to = wish.to.toString(QUuid::WithoutBraces);
    const QJsonObject rewrite = wish.rewrite.toJson();
    job::Plan plan;
    plan.operation = u"migrate"_s;
    plan.title = u"Migrate "_s + wish.name;
    plan.host = wish.from;
    plan.domain = wish.domain;
    plan.domainName = wish.name;
    plan.alsoHosts = {wish.to};
    const auto relayStep = [&to](const QString &volume, quint64 bytes) {
        return job::Step{u"volume.relay"_s, u"Send a file"_s, volume, {}, bytes,
            {{u"host"_s, to}, {u"pool"_s, u"default"_s}, {u"volume"_s, volume}, {u"fromPath"_s, poolPath(volume)}}};
    };
    const QString memory = u"passage.save"_s;
    QJsonArray copied;
    for (const MigrateWish::Volume &volume : wish.volumes) {
        const QString backing = volume.backing.isEmpty() ? QString() : poolPath(volume.backing);
        plan.steps.append({u"volume.create"_s, u"Make a volume"_s, volume.name, u"Delete it"_s, 0,
            {{u"host"_s, to}, {u"pool"_s, u"default"_s}, {u"name"_s, volume.name},
                {u"xml"_s,
                    operation::volumeXml(
                        volume.name, u"qcow2"_s, volume.bytes, backing, backing.isEmpty() ? QString() : u"qcow2"_s)}}});
        if (volume.relay) {
            plan.steps.append(relayStep(volume.name, volume.bytes));
        }
        copied.prepend(poolPath(volume.name)); // what lies on others first
    }
    plan.steps.append({u"domain.reserve"_s, u"Reserve"_s, wish.name, u"Give back"_s, 0,
        {{u"to"_s, to}, {u"memory"_s, double(64 << 20)}, {u"vcpus"_s, 1}}});
    if (wish.snapshots) {
        plan.steps.append({u"migrate.stash"_s, u"Keep the snapshots aside"_s, wish.name, u"Put them back"_s, 0,
            {{u"to"_s, to}, {u"rewrite"_s, rewrite}}});
    }
    if (wish.throughHere) {
        plan.steps.append({u"volume.create"_s, u"Make a volume"_s, memory, u"Delete it"_s, 0,
            {{u"host"_s, to}, {u"pool"_s, u"default"_s}, {u"name"_s, memory},
                {u"xml"_s, operation::volumeXml(memory, u"raw"_s, 0, {}, {})}}});
        plan.steps.append(
            {u"migrate.save"_s, u"Save"_s, wish.name, u"Restore"_s, 0, {{u"to"_s, to}, {u"file"_s, poolPath(memory)}}});
        for (const MigrateWish::Volume &volume : wish.volumes) {
            plan.steps.append(relayStep(volume.name, volume.bytes));
        }
        plan.steps.append(relayStep(memory, 16 << 20));
        plan.steps.append({u"migrate.restore"_s, u"Go on"_s, wish.name, u"Leave"_s, 0,
            {{u"to"_s, to}, {u"options"_s, operation::optionsToJson(wish.options)}, {u"rewrite"_s, rewrite},
                {u"file"_s, poolPath(memory)}, {u"fileThere"_s, poolPath(memory)}}});
    } else {
        plan.steps.append({u"domain.migrate"_s, u"Migrate"_s, wish.name, u"Leave it where it is"_s, 0,
            {{u"to"_s, to}, {u"options"_s, operation::optionsToJson(wish.options)}, {u"rewrite"_s, rewrite},
                {u"policy"_s, wish.policy.toJson()}}});
    }
    if (wish.snapshots) {
        plan.steps.append({u"migrate.snapshots"_s, u"Put the snapshots there"_s, wish.name, {}, 0,
            {{u"to"_s, to}, {u"rewrite"_s, rewrite}}});
    }
    plan.steps.append({u"migrate.settle"_s, u"Settle"_s, wish.name, {}, 0,
        {{u"to"_s, to}, {u"persistent"_s, wish.options.persistent}, {u"autostart"_s, wish.autostart},
            {u"setTime"_s, wish.setTime}, {u"rewrite"_s, rewrite}}});
    if (wish.cleanSource && !copied.isEmpty()) {
        plan.steps.append({u"migrate.cleanSource"_s, u"Clean up"_s, wish.name, {}, 0, {{u"volumes"_s, copied}}});
    }
    return plan;
}

} // namespace vireo::test
