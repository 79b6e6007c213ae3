// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QTest>

#include "backend/operation/draft.h"
#include "backend/operation/migrate/migratedraft.h"
#include "backend/operation/migrate/migratepassage_p.h"
#include "migratefixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::migratefixture;
using namespace vireo::operation;
using Severity = job::Finding::Severity;
using Topic = Check::Topic;

namespace {

MigrateFacts passing(const QString &devices = diskXml(u"vda"_s, u"/a/web01.qcow2"_s))
{
    MigrateFacts made = facts(devices);
    made.source.token = u"0123456789ab"_s;
    made.source.pools = {pool(u"default"_s, u"/a"_s)};
    // As it is where this is chosen.
    made.pair.reach = {MigratePair::Reach::State::NotTried, {}, {}, 0};
    return made;
}

MigrateDraft through()
{
    MigrateDraft made = draft();
    made.path = MigrateDraft::Path::ThisComputer;
    return made;
}

job::Plan planned(const MigrateFacts &facts, const MigrateDraft &draft)
{
    return planMigrate(hostA, hostB, facts, draft);
}

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result.append(step.type);
    }
    return result;
}

const job::Step *stepOf(const job::Plan &plan, const QString &type, const QString &object = {})
{
    const auto found = std::ranges::find_if(plan.steps,
        [&](const job::Step &step) { return step.type == type && (object.isEmpty() || step.object == object); });
    return found == plan.steps.end() ? nullptr : &*found;
}

Severity worst(const QList<Check> &checks, Topic topic)
{
    Severity result = Severity::Ok;
    for (const Check &check : checks) {
        if (check.topic == topic) {
            result = std::max(result, check.finding.severity);
        }
    }
    return result;
}

QString textOf(const QList<Check> &checks)
{
    QString text;
    for (const Check &check : checks) {
        text += u"%1: %2 | %3 | %4\n"_s.arg(
            topicName(check.topic), check.finding.text, check.finding.cause, check.finding.fix);
    }
    return text;
}

} // namespace

/** What is planned for a guest that passes through this computer. */
class TestMigratePassage final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void word()
    {
        QList<DraftError> errors;
        const QJsonObject json = migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, through());
        QCOMPARE(json.value("p2p"_L1).toString(), u"through-this-computer"_s);
        QVERIFY(!json.contains("tunnelled"_L1));
        const auto read = draftFromJson(json);
        QVERIFY2(read, read ? "" : qPrintable(read.error().constFirst().message));
        const auto *found = std::get_if<MigrateDraft>(&read->content);
        QVERIFY(found);
        QCOMPARE(found->path, MigrateDraft::Path::ThisComputer);
    }

    /** Everything that can go before goes before: what is left is what the guest stands still for. */
    void order()
    {
        const job::Plan plan = planned(passing(), through());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(passing(), through()))));
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"volume.create"_s, u"volume.create"_s, u"migrate.stash"_s,
                u"migrate.save"_s, u"volume.relay"_s, u"volume.relay"_s, u"migrate.restore"_s, u"migrate.settle"_s,
                u"migrate.cleanSource"_s}));
        QVERIFY2(plan.verdict.contains("stands still"_L1), qPrintable(plan.verdict));
        const QString here = u"/a/vireo-migration-0123456789ab.save"_s;
        const QString there = u"/b/vireo-migration-0123456789ab.save"_s;
        QCOMPARE(stepOf(plan, u"migrate.save"_s)->parameters.value("file"_L1).toString(), here);
        const job::Step *restore = stepOf(plan, u"migrate.restore"_s);
        QCOMPARE(restore->parameters.value("file"_L1).toString(), here);
        QCOMPARE(restore->parameters.value("fileThere"_L1).toString(), there);
        const job::Step *memory = stepOf(plan, u"volume.relay"_s, u"vireo-migration-0123456789ab.save"_s);
        QVERIFY(memory);
        QCOMPARE(memory->parameters.value("fromPath"_L1).toString(), here);
        // The disk as it is, of no size but its own.
        const job::Step *disk = stepOf(plan, u"volume.relay"_s, u"web01.qcow2"_s);
        QVERIFY(disk);
        QCOMPARE(disk->bytes, gibibyte);
        QCOMPARE(diskMoves(passing(), through()).first().bytes, gibibyte); // as it is shown
        for (const job::Step &step : plan.steps) {
            if (step.type == "volume.create"_L1) {
                QVERIFY(step.parameters.value("xml"_L1).toString().contains("0600"_L1));
            }
        }
        QCOMPARE(stepOf(plan, u"migrate.cleanSource"_s)->parameters.value("volumes"_L1).toArray(),
            (QJsonArray{u"/a/web01.qcow2"_s}));
    }

    /** The base goes while the guest runs. */
    void chain()
    {
        MigrateFacts made = passing();
        made.source.disks.disks.clear();
        addDisk(made, u"vda"_s, {{u"/a/web01.qcow2"_s, u"qcow2"_s}, {u"/a/base.qcow2"_s, u"qcow2"_s}});
        MigrateDraft wanted = through();
        wanted.flatten = true; // in vain: what passes is copied as it is
        const job::Plan plan = planned(made, wanted);
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, wanted))));
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"volume.create"_s, u"volume.relay"_s, u"volume.create"_s,
                u"volume.create"_s, u"migrate.stash"_s, u"migrate.save"_s, u"volume.relay"_s, u"volume.relay"_s,
                u"migrate.restore"_s, u"migrate.settle"_s, u"migrate.cleanSource"_s}));
        QCOMPARE(plan.steps.at(2).object, u"base.qcow2"_s);
        QCOMPARE(stepOf(plan, u"volume.relay"_s, u"web01.qcow2"_s)->parameters.value("backing"_L1).toString(),
            u"/b/base.qcow2"_s);
    }

    /** Not even the memory travels when its file is on storage that both see. */
    void shared()
    {
        MigrateFacts made = passing();
        share(made, u"/a/web01.qcow2"_s);
        const job::Plan plan = planned(made, through());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, through()))));
        QCOMPARE(types(plan),
            (QStringList{u"domain.reserve"_s, u"migrate.stash"_s, u"migrate.save"_s, u"migrate.restore"_s,
                u"migrate.settle"_s}));
        QVERIFY(!stepOf(plan, u"migrate.restore"_s)->parameters.contains("fileThere"_L1));
    }

    void onlyMemory()
    {
        MigrateFacts made = passing({});
        made.source.pools = {pool(u"small"_s, u"/s"_s, 4 * gibibyte), pool(u"large"_s, u"/l"_s, 9 * gibibyte)};
        const job::Plan plan = planned(made, through());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, through()))));
        QVERIFY(stepOf(plan, u"migrate.save"_s)->parameters.value("file"_L1).toString().startsWith("/l/"_L1));
    }

    /** A definition alone has nothing to pass. */
    void off()
    {
        MigrateFacts made = passing();
        made.source.domain.state = virt::DomainState::ShutOff;
        share(made, u"/a/web01.qcow2"_s);
        const job::Plan plan = planned(made, through());
        QVERIFY2(!plan.isBlocked(), qPrintable(textOf(preflight(made, through()))));
        QVERIFY(stepOf(plan, u"domain.migrate"_s));
        QVERIFY(!stepOf(plan, u"migrate.save"_s));
        const auto options = stepOf(plan, u"domain.migrate"_s)->parameters.value("options"_L1).toObject();
        QVERIFY(!options.value("peerToPeer"_L1).toBool());
    }

    void reachability()
    {
        using State = MigratePair::Reach::State;
        MigrateFacts made = passing();
        made.pair.reach.state = State::NoDaemon;
        made.pair.direct.state = State::NoData;
        // Auto never takes it, and says that it is there.
        const QList<Check> automatic = preflight(made, draft());
        QCOMPARE(worst(automatic, Topic::Reachability), Severity::Blocker);
        QVERIFY2(textOf(automatic).contains(u"“Through this computer”"_s), qPrintable(textOf(automatic)));
        const QList<Check> chosen = preflight(made, through());
        QCOMPARE(worst(chosen, Topic::Reachability), Severity::Warning);
        // 3 times 1 GiB of memory, and 1 GiB of disk
        QVERIFY2(textOf(chosen).contains("stands still while its memory and disks pass through this computer: about"
                                         " 43 seconds."_L1),
            qPrintable(textOf(chosen)));
        QCOMPARE(passageMs(forecastInput(made, through())), quint64(42949));
    }

    void checks_data()
    {
        using Change = std::function<void(MigrateFacts &, MigrateDraft &)>;
        QTest::addColumn<Change>("change");
        QTest::addColumn<Topic>("topic");
        QTest::addColumn<Severity>("severity");
        const auto row = [](const char *name, Topic topic, Severity severity, const Change &change) {
            QTest::newRow(name) << change << topic << severity;
        };
        row("all is well", Topic::Disks, Severity::Note, [](MigrateFacts &, MigrateDraft &) {});
        row("no pool here", Topic::Disks, Severity::Blocker,
            [](MigrateFacts &f, MigrateDraft &) { f.source.pools.clear(); });
        row("no room here", Topic::Disks, Severity::Blocker,
            [](MigrateFacts &f, MigrateDraft &) { f.source.pools.first().available = gibibyte; });
        row("no room there for disk and memory", Topic::Disks, Severity::Blocker,
            [](MigrateFacts &f, MigrateDraft &) { f.pair.poolSpace.insert(u"default"_s, 2 * gibibyte); });
        row("encrypted", Topic::Disks, Severity::Note, [](MigrateFacts &f, MigrateDraft &) {
            f.source.liveXml = domainXml(diskXml(u"vda"_s, u"/a/web01.qcow2"_s, u"qcow2"_s,
                u"<encryption format='luks'><secret type='passphrase' usage='x'/></encryption>"_s));
        });
        row("nothing to say", Topic::Libvirt, Severity::Ok, [](MigrateFacts &, MigrateDraft &) {});
        row("options without a meaning", Topic::Libvirt, Severity::Note, [](MigrateFacts &, MigrateDraft &d) {
            d.postCopy = true;
            d.parallel = 4;
            d.compress = virt::migration::Options::Compression::Xbzrle;
        });
        row("libvirt refuses", Topic::Libvirt, Severity::Blocker,
            [](MigrateFacts &f, MigrateDraft &) { f.source.refusal = u"no"_s; });
    }
    void checks()
    {
        using Change = std::function<void(MigrateFacts &, MigrateDraft &)>;
        QFETCH(const Change, change);
        QFETCH(const Topic, topic);
        QFETCH(const Severity, severity);
        MigrateFacts made = passing();
        MigrateDraft wanted = through();
        change(made, wanted);
        const QList<Check> found = preflight(made, wanted);
        QVERIFY2(worst(found, topic) == severity, qPrintable(textOf(found)));
    }
};

QTEST_GUILESS_MAIN(TestMigratePassage)
#include "tst_migratepassage.moc"
