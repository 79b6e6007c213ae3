// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/migrate/migrationmemory.h"
#include "backend/xml/document.h"
#include "tests/unit/migratechecks.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::migratefixture;
using namespace vireo::operation;
using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using Storage = virt::migration::Options::Storage;
using Topic = Check::Topic;
using Sharing = FileThere::Sharing;
using Content = FileThere::Content;

namespace {

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result.append(step.type);
    }
    return result;
}

const job::Step *stepOf(const job::Plan &plan, const QString &type)
{
    const auto found = std::ranges::find(plan.steps, type, &job::Step::type);
    return found == plan.steps.end() ? nullptr : &*found;
}

virt::migration::Options optionsOf(const job::Plan &plan)
{
    const job::Step *step = stepOf(plan, u"domain.migrate"_s);
    return step ? optionsFromJson(step->parameters.value("options"_L1).toObject()) : virt::migration::Options();
}

MigrateRewrite rewriteOf(const job::Plan &plan)
{
    const job::Step *step = stepOf(plan, u"domain.migrate"_s);
    return step ? MigrateRewrite::fromJson(step->parameters.value("rewrite"_L1).toObject()) : MigrateRewrite();
}

} // namespace

class TestMigratePlan final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /** A seed that Vireo made for this VM goes along; without it the guest might take itself for another. */
    void seedGoesAlong()
    {
        const QString path = u"/a/web01-seed.iso"_s;
        const QString drive =
            u"<disk type='file' device='cdrom'><source file='%1'/><target dev='sda'/><readonly/></disk>"_s;
        const QString named =
            u"<metadata><v:domain xmlns:v='%1'><v:seed>web01-seed.iso</v:seed></v:domain></metadata>"_s.arg(
                QString::fromLatin1(xml::MetadataNamespace));
        const auto made = [&](const QString &metadata) {
            MigrateFacts facts =
                migratefixture::facts(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + drive.arg(path), metadata);
            addDisk(facts, u"sda"_s, {{path, u"raw"_s}});
            facts.source.disks.files[path].capacity = mebibyte;
            facts.source.disks.files[path].allocation = mebibyte;
            facts.source.mediaSources = {{u"sda"_s, path}};
            return facts;
        };
        const MigrateFacts own = made(named);
        const job::Plan plan = planMigrate(hostA, hostB, own, draft());
        QVERIFY(!plan.isBlocked());
        const job::Step *relay = stepOf(plan, u"volume.relay"_s);
        QVERIFY(relay);
        QCOMPARE(relay->object, u"web01-seed.iso"_s);
        QCOMPARE(relay->parameters.value("fromPath"_L1).toString(), path);
        QVERIFY(types(plan).indexOf(u"volume.relay"_s) < types(plan).indexOf(u"domain.migrate"_s));
        QVERIFY(plan.xmlAfter.contains("/b/web01-seed.iso"_L1) && !plan.xmlAfter.contains(path));
        QCOMPARE(optionsOf(plan).disks, QStringList{u"vda"_s}); // libvirt copies no media
        QVERIFY(stepOf(plan, u"migrate.cleanSource"_s)->parameters.value("volumes"_L1).toArray().contains(path));
        // Its file there already: nothing is copied. Another's medium, or no place for it: the drive arrives empty.
        MigrateFacts there = made(named);
        share(there, path);
        QVERIFY(!stepOf(planMigrate(hostA, hostB, there, draft()), u"volume.relay"_s));
        MigrateFacts nowhere = made(named);
        nowhere.source.disks.files[path].capacity = 0;
        for (const MigrateFacts &facts : {made({}), nowhere}) {
            const job::Plan without = planMigrate(hostA, hostB, facts, draft());
            QVERIFY(!without.isBlocked() && !stepOf(without, u"volume.relay"_s));
            QVERIFY(!without.xmlAfter.contains("seed.iso'"_L1));
        }
        // Another file of its very path, maybe another machine's: not taken for it. A foreign medium: an empty drive.
        for (const QString &metadata : {named, QString()}) {
            MigrateFacts stranger = made(metadata);
            stranger.pair.files.insert(path, {Sharing::Different, true, mebibyte, mebibyte, {}, Content::Different});
            const job::Plan careful = planMigrate(hostA, hostB, stranger, draft());
            QCOMPARE(stepOf(careful, u"volume.relay"_s) != nullptr, !metadata.isEmpty());
            QVERIFY(!careful.xmlAfter.contains(path));
            MigrateDraft chosen = draft();
            chosen.map.paths.insert(path, path);
            QCOMPARE(planMigrate(hostA, hostB, stranger, chosen).xmlAfter.contains(path), true);
        }
        // Another file where it would go is not overwritten.
        MigrateFacts taken = made(named);
        taken.pair.places.insert(u"/b/web01-seed.iso"_s, {Sharing::Different, true, 1, 1, {}, Content::Different});
        QVERIFY(planMigrate(hostA, hostB, taken, draft()).isBlocked());
    }

    void plainCopy()
    {
        const job::Plan plan = planMigrate(hostA, hostB, facts(), draft());
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"volume.create"_s, u"migrate.stash"_s, u"domain.migrate"_s,
                u"migrate.settle"_s, u"migrate.cleanSource"_s}));
        QCOMPARE(plan.host, hostA);
        QCOMPARE(plan.domain, vmUuid);
        const QString to = hostB.toString(QUuid::WithoutBraces);
        const job::Step *made = stepOf(plan, u"volume.create"_s);
        QCOMPARE(made->parameters.value("host"_L1).toString(), to);
        QCOMPARE(made->parameters.value("pool"_L1).toString(), u"default"_s);
        QCOMPARE(made->parameters.value("name"_L1).toString(), u"web01.qcow2"_s);
        const QString xml = made->parameters.value("xml"_L1).toString();
        QVERIFY(xml.contains("10737418240"_L1) && xml.contains("\"qcow2\""_L1) && xml.contains("0600"_L1));
        QVERIFY(!xml.contains("backingStore"_L1));
        const auto options = optionsOf(plan);
        QCOMPARE(options.storage, Storage::Full);
        QCOMPARE(options.disks, QStringList{u"vda"_s});
        QVERIFY(options.live && options.peerToPeer && options.persistent && options.undefineSource && !options.unsafe);
        QCOMPARE(options.destinationUri, u"qemu+tls://host-b/system"_s);
        QCOMPARE(options.downtimeMs, migration::Policy().initialDowntimeMs);
        QCOMPARE(rewriteOf(plan).disks.value(u"vda"_s), u"/b/web01.qcow2"_s);
        QVERIFY(plan.xmlAfter.contains("/b/web01.qcow2"_L1));
        QVERIFY(plan.xmlBefore.contains("/a/web01.qcow2"_L1));
        const job::Step *cleaned = stepOf(plan, u"migrate.cleanSource"_s);
        QCOMPARE(cleaned->parameters.value("volumes"_L1).toArray(), QJsonArray{u"/a/web01.qcow2"_s});
        QCOMPARE(job::Plan::fromJson(plan.toJson()), plan);
        for (const job::Step &step : plan.steps) {
            const QString host =
                step.parameters.value(step.type.startsWith("volume."_L1) ? "host"_L1 : "to"_L1).toString();
            QCOMPARE(host, to);
        }
    }

    void sharedDisk()
    {
        MigrateFacts made = facts();
        share(made, u"/a/web01.qcow2"_s);
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"migrate.stash"_s, u"domain.migrate"_s, u"migrate.settle"_s}));
        const auto options = optionsOf(plan);
        QCOMPARE(options.storage, Storage::None);
        QVERIFY(options.disks.isEmpty());
        QVERIFY(options.unsafe); // proven by a marker, whatever libvirt makes of the file system
        QCOMPARE(rewriteOf(plan), MigrateRewrite());
        QCOMPARE(plan.xmlAfter, plan.xmlBefore);
    }

    void mixedStorage()
    {
        MigrateFacts made =
            facts(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + diskXml(u"vdb"_s, u"/s/data.img"_s, u"raw"_s));
        addDisk(made, u"vdb"_s, {{u"/s/data.img"_s, u"raw"_s}});
        share(made, u"/s/data.img"_s);
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QCOMPARE(optionsOf(plan).disks, QStringList{u"vda"_s});
        QVERIFY(optionsOf(plan).unsafe);
        QCOMPARE(rewriteOf(plan).disks.keys(), QStringList{u"vda"_s});
        QCOMPARE(stepOf(plan, u"migrate.cleanSource"_s)->parameters.value("volumes"_L1).toArray(),
            QJsonArray{u"/a/web01.qcow2"_s});
    }

    void copiesWholeChain()
    {
        const job::Plan plan = planMigrate(hostA, hostB, layered(), draft());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(layered(), draft()))));
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"volume.create"_s, u"volume.relay"_s, u"volume.create"_s,
                u"migrate.stash"_s, u"domain.migrate"_s, u"migrate.settle"_s, u"migrate.cleanSource"_s}));
        QCOMPARE(diskMoves(layered(), draft()).first().kind, Kind::CopyChain);
        const job::Step &relay = plan.steps.at(2);
        QCOMPARE(relay.parameters.value("fromPath"_L1).toString(), u"/a/base.qcow2"_s);
        QVERIFY(!relay.parameters.contains("backing"_L1));
        const QString top = plan.steps.at(3).parameters.value("xml"_L1).toString();
        QVERIFY2(top.contains("<path>/b/base.qcow2</path>"_L1), qPrintable(top));
        QCOMPARE(optionsOf(plan).storage, Storage::Incremental);
        QCOMPARE(rewriteOf(plan).paths.value(u"/a/base.qcow2"_s), u"/b/base.qcow2"_s);
    }

    void copiesTheTopAlone()
    {
        MigrateFacts made = layered();
        made.pair.places.insert(
            u"/b/base.qcow2"_s, {Sharing::Unknown, true, 10 * gibibyte, gibibyte, {}, Content::Same});
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QCOMPARE(diskMoves(made, draft()).first().kind, Kind::CopyTop);
        QVERIFY(!types(plan).contains(u"volume.relay"_s));
        QCOMPARE(optionsOf(plan).storage, Storage::Incremental);
        QCOMPARE(rewriteOf(plan).paths.value(u"/a/base.qcow2"_s), u"/b/base.qcow2"_s);

        QVERIFY(!stepOf(plan, u"volume.compare"_s));
        // As far as was looked: the rest is, before anything is done, also where the base has the same path.
        made.pair.places[u"/b/base.qcow2"_s].content = Content::Alike;
        MigrateFacts samePath = layered();
        samePath.pair.files.insert(
            u"/a/base.qcow2"_s, {Sharing::Different, true, 10 * gibibyte, gibibyte, {}, Content::Alike});
        MigrateFacts sharedTop = samePath;
        share(sharedTop, u"/a/web01.qcow2"_s);
        for (const auto &[facts, there] :
            {std::pair{made, u"/b/base.qcow2"_s}, {samePath, u"/a/base.qcow2"_s}, {sharedTop, u"/a/base.qcow2"_s}}) {
            const job::Plan careful = planMigrate(hostA, hostB, facts, draft());
            QVERIFY(!types(careful).contains(u"volume.relay"_s));
            QCOMPARE(types(careful).count(u"volume.compare"_s), 1);
            const job::Step &first = careful.steps.constFirst();
            QCOMPARE(first.type, u"volume.compare"_s);
            QCOMPARE(first.parameters,
                (QJsonObject{{u"host"_s, hostB.toString(QUuid::WithoutBraces)}, {u"path"_s, there},
                    {u"fromPath"_s, u"/a/base.qcow2"_s}}));
            QVERIFY(textOf(preflight(facts, draft())).contains("compared whole"_L1));
        }
        // A file of that name which is another one.
        made.pair.places[u"/b/base.qcow2"_s].content = Content::Different;
        QVERIFY(planMigrate(hostA, hostB, made, draft()).isBlocked());
        made.pair.places[u"/b/base.qcow2"_s].content = Content::Unknown;
        QVERIFY(planMigrate(hostA, hostB, made, draft()).isBlocked());
        // The same, but on another file than it would lie on here.
        made.pair.places[u"/b/base.qcow2"_s] = {
            Sharing::Unknown, true, 10 * gibibyte, gibibyte, u"/b/strange"_s, Content::Same};
        QVERIFY(planMigrate(hostA, hostB, made, draft()).isBlocked());
    }

    void baseOnSharedStorage()
    {
        MigrateFacts made = layered();
        share(made, u"/a/base.qcow2"_s);
        QCOMPARE(diskMoves(made, draft()).first().kind, Kind::CopyTop);
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QVERIFY(!plan.isBlocked());
        QVERIFY(stepOf(plan, u"volume.create"_s)->parameters.value("xml"_L1).toString().contains("/a/base.qcow2"_L1));
        QVERIFY(!rewriteOf(plan).paths.contains(u"/a/base.qcow2"_s));
        // Shared, so it is nothing that was copied.
        QCOMPARE(stepOf(plan, u"migrate.cleanSource"_s)->parameters.value("volumes"_L1).toArray(),
            QJsonArray{u"/a/web01.qcow2"_s});
    }

    void flattens()
    {
        MigrateDraft wanted = draft();
        wanted.flatten = true;
        const job::Plan plan = planMigrate(hostA, hostB, layered(), wanted);
        QCOMPARE(diskMoves(layered(), wanted).first().kind, Kind::Copy);
        QCOMPARE(optionsOf(plan).storage, Storage::Full);
        QCOMPARE(rewriteOf(plan).flattened, QStringList{u"vda"_s});
        QVERIFY(!types(plan).contains(u"volume.relay"_s));
        QVERIFY(!stepOf(plan, u"volume.create"_s)->parameters.value("xml"_L1).toString().contains("backingStore"_L1));
    }

    void carriesSnapshots()
    {
        const MigrateFacts made = snapshotted();
        MigrateDraft wanted = draft();
        wanted.flatten = true; // can't be: snapshots need the layers
        const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, wanted))));
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"volume.create"_s, u"volume.relay"_s, u"volume.create"_s,
                u"volume.relay"_s, u"volume.create"_s, u"volume.relay"_s, u"volume.create"_s, u"migrate.stash"_s,
                u"domain.migrate"_s, u"migrate.snapshots"_s, u"migrate.settle"_s, u"migrate.cleanSource"_s}));
        QCOMPARE(plan.steps.at(2).parameters.value("fromPath"_L1).toString(), u"/a/base.qcow2"_s);
        QCOMPARE(plan.steps.at(4).parameters.value("fromPath"_L1).toString(), u"/a/s1"_s);
        QCOMPARE(plan.steps.at(4).parameters.value("backing"_L1).toString(), u"/b/base.qcow2"_s);
        QCOMPARE(plan.steps.at(6).parameters.value("fromPath"_L1).toString(), u"/a/second.mem"_s);
        QCOMPARE(optionsOf(plan).storage, Storage::Incremental);
        const MigrateRewrite rewrite = rewriteOf(plan);
        for (const QString &name : {u"base.qcow2"_s, u"s1"_s, u"s2"_s, u"second.mem"_s}) {
            QCOMPARE(rewrite.paths.value(u"/a/"_s + name), u"/b/"_s + name);
        }
        QVERIFY(rewrite.flattened.isEmpty());
        // What lies on others is deleted before them.
        QCOMPARE(stepOf(plan, u"migrate.cleanSource"_s)->parameters.value("volumes"_L1).toArray(),
            (QJsonArray{u"/a/s2"_s, u"/a/second.mem"_s, u"/a/s1"_s, u"/a/base.qcow2"_s}));
        QCOMPARE(plan.alsoHosts, QList{hostB});
    }

    /** A layer of a branch that the VM is not on. */
    void carriesBranches()
    {
        MigrateFacts made = snapshotted();
        snapshot::Snapshot branch;
        branch.name = u"branch"_s;
        branch.parent = u"first"_s;
        branch.disks = {{u"vda"_s, snapshot::SnapshotDisk::Kind::External, {u"/a/b2"_s, u"qcow2"_s},
            {{u"/a/b1"_s, u"qcow2"_s}, {u"/a/base.qcow2"_s, u"qcow2"_s}}}};
        made.source.disks.snapshots.append(branch);
        for (const QString &path : {u"/a/b1"_s, u"/a/b2"_s}) {
            made.source.disks.files.insert(path, file(path));
            made.pair.files.insert(path, {Sharing::Different, false, 0, 0, {}, {}});
        }
        QStringList relayed;
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        for (const job::Step &step : plan.steps) {
            if (step.type == "volume.relay"_L1) {
                relayed.append(step.parameters.value("fromPath"_L1).toString());
            }
        }
        QCOMPARE(relayed, (QStringList{u"/a/base.qcow2"_s, u"/a/s1"_s, u"/a/second.mem"_s, u"/a/b1"_s, u"/a/b2"_s}));
        // One that is missing was missing before: said, and left out.
        made.source.disks.files[u"/a/b2"_s].presence = snapshot::FileFacts::Presence::Missing;
        const QList<Check> checks = preflight(made, draft());
        QCOMPARE(worst(checks, Topic::Disks), Severity::Warning);
    }

    void keepsWhatOthersUse()
    {
        MigrateFacts made = layered();
        made.source.disks.files[u"/a/base.qcow2"_s].users = {u"web02"_s};
        QCOMPARE(stepOf(planMigrate(hostA, hostB, made, draft()), u"migrate.cleanSource"_s)
                     ->parameters.value("volumes"_L1)
                     .toArray(),
            QJsonArray{u"/a/web01.qcow2"_s});
        MigrateDraft keeping = draft();
        keeping.deleteSourceDisks = false;
        QVERIFY(!types(planMigrate(hostA, hostB, made, keeping)).contains(u"migrate.cleanSource"_s));
        keeping = draft();
        keeping.undefineSource = false; // its definition there needs them
        QVERIFY(!types(planMigrate(hostA, hostB, made, keeping)).contains(u"migrate.cleanSource"_s));
    }

    void sumsUpSpace()
    {
        MigrateFacts made = facts(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + diskXml(u"vdb"_s, u"/a/data.qcow2"_s));
        addDisk(made, u"vdb"_s, {{u"/a/data.qcow2"_s, u"qcow2"_s}});
        made.destination.pools.first().available = 2 * gibibyte;
        QVERIFY(!planMigrate(hostA, hostB, made, draft()).isBlocked());
        made.destination.pools.first().available = 2 * gibibyte - 1; // each fits alone
        QVERIFY(planMigrate(hostA, hostB, made, draft()).isBlocked());
    }

    void namesThatMeet()
    {
        MigrateFacts made = facts(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + diskXml(u"vdb"_s, u"/c/web01.qcow2"_s));
        addDisk(made, u"vdb"_s, {{u"/c/web01.qcow2"_s, u"qcow2"_s}});
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QVERIFY(!plan.isBlocked());
        QCOMPARE(rewriteOf(plan).disks.value(u"vda"_s), u"/b/web01.qcow2"_s);
        QCOMPARE(rewriteOf(plan).disks.value(u"vdb"_s), u"/b/vdb-web01.qcow2"_s);
    }

    void mapsPaths()
    {
        MigrateFacts made = facts();
        MigrateDraft wanted = draft();
        wanted.map.paths.insert(u"/a/web01.qcow2"_s, u"/b/other.qcow2"_s);
        QCOMPARE(rewriteOf(planMigrate(hostA, hostB, made, wanted)).disks.value(u"vda"_s), u"/b/other.qcow2"_s);
        wanted.map.paths.insert(u"/a/web01.qcow2"_s, u"/nowhere/other.qcow2"_s); // no pool there
        QVERIFY(planMigrate(hostA, hostB, made, wanted).isBlocked());
    }

    void networkDisks()
    {
        MigrateFacts made = facts(u"<disk type='network' device='disk'><driver type='raw'/>"
                                  "<source protocol='rbd' name='p/i'/><target dev='vda'/></disk>"
                                  "<disk type='block' device='disk'><driver type='raw'/>"
                                  "<source dev='/dev/disk/by-id/wwn-0x5000'/><target dev='vdb'/></disk>"_s);
        snapshot::DiskNow rbd;
        rbd.target = u"vda"_s;
        rbd.isNetwork = true;
        made.source.disks.disks = {rbd};
        addDisk(made, u"vdb"_s, {{u"/dev/disk/by-id/wwn-0x5000"_s, u"raw"_s}});
        made.pair.files.clear();
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, draft()))));
        for (const DiskMove &move : diskMoves(made, draft())) {
            QCOMPARE(move.kind, Kind::Shared);
            QVERIFY(!move.reason.isEmpty());
        }
        QVERIFY(!optionsOf(plan).unsafe);
        // A volume group's name says nothing of what is in it.
        made = facts(u"<disk type='block' device='disk'><driver type='raw'/><source dev='/dev/vg/web'/>"
                     "<target dev='vda'/></disk>"_s);
        addDisk(made, u"vda"_s, {{u"/dev/vg/web"_s, u"raw"_s}});
        made.pair.files.clear();
        QCOMPARE(diskMoves(made, draft()).first().kind, Kind::Copy);
        QCOMPARE(rewriteOf(planMigrate(hostA, hostB, made, draft())).disks.value(u"vda"_s), u"/b/web"_s);
    }

    void offline()
    {
        MigrateFacts made = facts();
        made.source.domain.state = virt::DomainState::ShutOff;
        made.source.domain.id = -1;
        share(made, u"/a/web01.qcow2"_s);
        const job::Plan plan = planMigrate(hostA, hostB, made, draft());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, draft()))));
        QCOMPARE(types(plan), (QStringList{u"migrate.stash"_s, u"domain.migrate"_s, u"migrate.settle"_s}));
        const auto options = optionsOf(plan);
        QVERIFY(options.offline && !options.live && options.persistent && !options.abortOnError && !options.unsafe);
        made.source.domain.managedSave = true;
        QVERIFY(planMigrate(hostA, hostB, made, draft()).isBlocked());
    }

    void otherModes()
    {
        MigrateDraft wanted = draft();
        wanted.mode = MigrateDraft::Mode::Paused;
        wanted.postCopy = true;
        auto options = optionsOf(planMigrate(hostA, hostB, facts(), wanted));
        QVERIFY(!options.live && !options.offline && !options.postCopy && !options.paused);
        wanted = draft();
        wanted.path = MigrateDraft::Path::Direct;
        options = optionsOf(planMigrate(hostA, hostB, facts(), wanted));
        QVERIFY(!options.peerToPeer && options.destinationUri.isEmpty());
        wanted = draft();
        wanted.destinationUri = u"qemu+tcp://10.0.0.2/system"_s;
        wanted.bandwidth = 5 * mebibyte;
        wanted.autoConverge = true;
        wanted.throttleInitial = 30;
        options = optionsOf(planMigrate(hostA, hostB, facts(), wanted));
        QCOMPARE(options.destinationUri, u"qemu+tcp://10.0.0.2/system"_s);
        QCOMPARE(options.bandwidth, 5 * mebibyte);
        QCOMPARE(options.throttleInitial, 30);
        MigrateFacts made = facts();
        made.source.domain.persistent = false;
        made.source.storedXml.clear();
        options = optionsOf(planMigrate(hostA, hostB, made, draft()));
        QVERIFY(!options.persistent && !options.undefineSource);
    }

    void hasNoSecrets()
    {
        MigrateFacts made = facts(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + u"<graphics type='vnc' passwd='canary'/>"_s);
        MigrateDraft wanted = draft();
        wanted.xml = made.source.liveXml;
        wanted.persistentXml = made.source.liveXml;
        const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
        const QByteArray text = QJsonDocument(plan.toJson()).toJson();
        QVERIFY(!text.contains("canary"));
        QVERIFY(stepOf(plan, u"domain.migrate"_s)->parameters.contains("xml"_L1));
    }

    void forecasts()
    {
        MigrateFacts made = facts();
        made.source.dirty = {{1, 100}, {10, 50}};
        MigrateDraft wanted = draft();
        wanted.bandwidth = 7 * mebibyte;
        auto input = forecastInput(made, wanted);
        QCOMPARE(input.memory, 2 * gibibyte);
        QCOMPARE(input.usedMemory, gibibyte);
        QCOMPARE(input.disk, gibibyte);
        QCOMPARE(input.bandwidthLimit, 7 * mebibyte);
        QCOMPARE(input.bandwidthSource, migration::ForecastInput::BandwidthSource::Assumed);
        QCOMPARE(input.downtimeLimitMs, wanted.policy.maxDowntimeMs);
        QCOMPARE(input.dirty, made.source.dirty);
        made.pair.rememberedBandwidth = 1000;
        input = forecastInput(made, wanted);
        QCOMPARE(input.bandwidthSource, migration::ForecastInput::BandwidthSource::Remembered);
        QVERIFY(input.bandwidthLow < 1000 && input.bandwidthHigh > 1000);
        made.pair.measured = {2000, 3000};
        input = forecastInput(made, wanted);
        QCOMPARE(input.bandwidthSource, migration::ForecastInput::BandwidthSource::Remembered);
        QCOMPARE(input.bandwidthLow, 2000);
        QCOMPARE(input.bandwidthHigh, 3000);
        made.pair.isMeasuredNow = true;
        QCOMPARE(forecastInput(made, wanted).bandwidthSource, migration::ForecastInput::BandwidthSource::Measured);
    }

    void uris_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("destination");
        QTest::addColumn<QString>("derived");
        const auto row = [](const QString &a, const QString &b, const QString &c) {
            QTest::newRow(qPrintable(a + u" -> "_s + b)) << a << b << c;
        };
        row(u"qemu:///system"_s, u"qemu+tcp://vireo-b/system"_s, u"qemu+tcp://vireo-b/system"_s);
        row(u"qemu+ssh://a/system"_s, u"qemu+ssh://root@b:2222/system?keyfile=/home/x/key"_s,
            u"qemu+ssh://root@b:2222/system"_s);
        row(u"qemu+ssh://a/system"_s, u"qemu+libssh2://b/system"_s, u"qemu+ssh://b/system"_s);
        row(u"qemu+tls://a/system"_s, u"qemu:///system"_s, u"qemu://host-b/system"_s);
        row(u"qemu+unix:///session?socket=/x/a"_s, u"qemu+unix:///session?socket=/x/b"_s,
            u"qemu+unix:///session?socket=/x/b"_s);
    }

    void uris()
    {
        QFETCH(const QString, source);
        QFETCH(const QString, destination);
        QFETCH(const QString, derived);
        QCOMPARE(derivedDestinationUri(source, destination, u"host-b"_s), derived);
    }

    void remembers()
    {
        const QTemporaryDir directory;
        QCOMPARE(recallPair(directory.path(), u"a"_s, u"b"_s), MigrationMemory());
        QVERIFY(rememberBandwidth(directory.path(), u"a"_s, u"b"_s, 123456789012ULL));
        QVERIFY(rememberUri(directory.path(), u"a"_s, u"b"_s, u"qemu+tcp://b/system"_s));
        QVERIFY(rememberBandwidth(directory.path(), u"b"_s, u"a"_s, 5));
        QCOMPARE(
            recallPair(directory.path(), u"a"_s, u"b"_s), (MigrationMemory{123456789012ULL, u"qemu+tcp://b/system"_s}));
        QCOMPARE(recallPair(directory.path(), u"b"_s, u"a"_s), (MigrationMemory{5, {}}));
        QVERIFY(rememberMeasured(directory.path(), u"a"_s, u"b"_s, {7000, 9000}));
        QCOMPARE(recallPair(directory.path(), u"a"_s, u"b"_s).measured, (migration::ByteRange{7000, 9000}));
        QCOMPARE(recallPair(directory.path(), u"b"_s, u"a"_s).measured, migration::ByteRange());
        QVERIFY(rememberBandwidth(directory.path(), u"a"_s, u"b"_s, 8000)); // newer, and of a migration
        QCOMPARE(recallPair(directory.path(), u"a"_s, u"b"_s).measured, migration::ByteRange());
        QVERIFY(rememberUri(directory.path(), u"a"_s, u"b"_s, QString()));
        QCOMPARE(recallPair(directory.path(), u"a"_s, u"b"_s).uri, QString());
        QVERIFY(rememberBandwidth(directory.path(), {}, u"b"_s, 5)); // unknown hosts are nobody
        QCOMPARE(recallPair(directory.path(), {}, u"b"_s), MigrationMemory());
        const auto permissions = QFile(directory.path() + "/pairs.json"_L1).permissions();
        QVERIFY(!(permissions & (QFile::ReadGroup | QFile::ReadOther)));
    }

    /** What must hold whatever is found. */
    void invariants()
    {
        std::mt19937 random(20261121); // NOLINT: reproducible
        const auto upTo = [&random](int n) {
            return static_cast<int>(random() % static_cast<unsigned>(n));
        };
        int planned = 0;
        for (int round = 0; round < 3000; ++round) {
            QString devices;
            const int disks = upTo(4);
            QList<snapshot::Chain> chains;
            for (int i = 0; i < disks; ++i) {
                snapshot::Chain chain;
                const int length = 1 + upTo(4);
                for (int layer = 0; layer < length; ++layer) {
                    const bool base = layer > 0 && layer == length - 1;
                    chain.append({base ? u"/%1/base%2"_s.arg(upTo(3) ? u'a' : u's').arg(upTo(2))
                                       : u"/%1/d%2-%3"_s.arg(upTo(3) ? u'a' : u's').arg(i).arg(layer),
                        upTo(20) ? u"qcow2"_s : QString()});
                }
                devices += diskXml(u"vd%1"_s.arg(QChar(u'a' + i)), chain.first().path, u"qcow2"_s,
                    upTo(8)       ? QString()
                        : upTo(2) ? u"<readonly/>"_s
                                  : u"<shareable/>"_s);
                chains.append(chain);
            }
            MigrateFacts made = facts(devices);
            for (qsizetype i = 0; i < chains.size(); ++i) {
                addDisk(made, u"vd%1"_s.arg(QChar(u'a' + static_cast<int>(i))), chains.at(i));
            }
            for (auto each = made.pair.files.begin(); each != made.pair.files.end(); ++each) {
                each->sharing = static_cast<Sharing>(upTo(3));
                each->exists = each->sharing == Sharing::Same || upTo(2);
                each->content = static_cast<Content>(upTo(4));
                if (!upTo(3)) {
                    made.pair.places.insert(u"/b/"_s + each.key().mid(3),
                        {Sharing::Unknown, true, gibibyte, gibibyte, {}, static_cast<Content>(upTo(4))});
                }
            }
            if (disks > 0 && !upTo(4)) {
                snapshot::Snapshot one;
                one.name = u"s"_s;
                one.disks = {{u"vda"_s, static_cast<snapshot::SnapshotDisk::Kind>(upTo(3)), chains.first().first(),
                    chains.first().mid(1)}};
                made.source.disks.snapshots = {one};
            }
            MigrateDraft wanted = draft();
            wanted.flatten = upTo(2);
            wanted.storage = static_cast<MigrateDraft::Storage>(upTo(3));
            wanted.path = static_cast<MigrateDraft::Path>(upTo(4));
            made.source.domain.state = upTo(5) ? virt::DomainState::Running : virt::DomainState::ShutOff;

            const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
            if (plan.isBlocked()) {
                for (const job::Finding &finding : plan.findings) {
                    QVERIFY2(finding.severity != Severity::Blocker || !finding.fix.isEmpty(), qPrintable(finding.text));
                }
                QVERIFY(plan.steps.isEmpty());
                continue;
            }
            ++planned;
            const auto options = optionsOf(plan);
            QCOMPARE(options.storage == Storage::None, options.disks.isEmpty());
            QSet<QString> created;
            for (const job::Step &step : plan.steps) {
                if (step.type == "volume.create"_L1) {
                    const QString name = step.parameters.value("name"_L1).toString();
                    QVERIFY2(!created.contains(name), qPrintable(name));
                    QVERIFY2(!made.pair.places.contains(u"/b/"_s + name), qPrintable(name)); // nothing is overwritten
                    created.insert(name);
                }
                if (step.type == "volume.relay"_L1) {
                    QVERIFY(created.contains(step.parameters.value("volume"_L1).toString()));
                }
            }
            for (const DiskMove &move : diskMoves(made, wanted)) {
                const snapshot::Chain chain = made.source.disks.disk(move.target)->chain;
                QVERIFY(!move.reason.isEmpty());
                QCOMPARE(options.disks.contains(move.target) && move.kind == Kind::Shared, false);
                if (move.kind == Kind::CopyTop) {
                    for (qsizetype i = 1; i < chain.size(); ++i) {
                        const FileThere same = made.pair.files.value(chain.at(i).path);
                        const FileThere copy = made.pair.places.value(u"/b/"_s + chain.at(i).path.mid(3));
                        const bool isKnown = same.sharing == Sharing::Same
                            || (same.exists && same.content == Content::Same) || copy.content == Content::Same;
                        QVERIFY(isKnown || (same.exists && same.isAlike()) || copy.isAlike());
                        QVERIFY(isKnown || std::ranges::any_of(plan.steps, [&](const job::Step &step) {
                            return step.type == "volume.compare"_L1
                                && step.parameters.value("fromPath"_L1) == chain.at(i).path;
                        }));
                    }
                }
                if (move.kind == Kind::Shared && wanted.storage == MigrateDraft::Storage::Auto) {
                    QCOMPARE(made.pair.files.value(move.from).sharing, Sharing::Same);
                }
                if (move.kind != Kind::Shared) {
                    QVERIFY(made.source.domain.isActive());
                    QVERIFY(options.storage != Storage::Full || chain.size() == 1 || move.kind == Kind::Copy
                        || !options.disks.contains(move.target));
                }
            }
        }
        QVERIFY2(planned > 300, qPrintable(QString::number(planned)));
    }
};

QTEST_GUILESS_MAIN(TestMigratePlan)
#include "tst_migrateplan.moc"
