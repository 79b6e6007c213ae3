// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/snapshot/snapshotscheduler.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "backend/xml/document.h"
#include "machinestate.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::ResizeDraft;
using operation::ResizeEnd;
using test::MachineState;
using test::MigrationHosts;

namespace {

enum class Way { InPlace, HostToHost, ThroughHere };

} // namespace

Q_DECLARE_METATYPE(Way)

/** What a VM has beside its disks, in changes that can be taken back: firmware variables, the TPM's state, metadata. */
class TestColdStateSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<MachineState> m_machine;
    std::unique_ptr<QTemporaryDir> m_kept;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    operation::KeptStates kept() const { return operation::KeptStates(m_kept->path()); }
    ResizeDraft draft(Way way, ResizeDraft::Confirm confirm = ResizeDraft::Confirm::Ask) const
    {
        ResizeDraft draft;
        draft.confirm = confirm;
        draft.when = ResizeDraft::When::Cold;
        draft.timeoutSeconds = 30;
        draft.vcpus = 2;
        draft.maxVcpus = 2;
        if (way != Way::InPlace) {
            draft.to = m_hosts->uri(m_b);
        }
        return draft;
    }
    job::Plan plan(const ResizeDraft &draft, Way way) const
    {
        const auto a = m_hosts->connection(m_a);
        const auto b = m_hosts->connection(m_b);
        const auto resize = operation::readResizeFacts(*a, m_hosts->uuid(), kept(), {});
        if (!resize) {
            qWarning("%s", qPrintable(resize.error().message));
            return {};
        }
        if (way == Way::InPlace) {
            return operation::planResize(m_hosts->id(m_a), *resize, draft);
        }
        operation::MigrateFacts facts;
        facts.source = *operation::readMigrateSource(*a, m_hosts->uuid(), {});
        facts.destination = *operation::readMigrateDestination(*b, {});
        // Without the probe, which takes seconds, and which other tests look at.
        facts.pair = *operation::readMigratePair(
            a, b, facts.source, facts.destination, operation::migrateDraftOf(draft), false, {});
        facts.pair.reach.uri = m_hosts->peerUri(m_b);
        facts.pair.reach.state = way == Way::HostToHost ? operation::MigratePair::Reach::State::Yes
                                                        : operation::MigratePair::Reach::State::NoDaemon;
        return operation::planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *resize, facts, draft);
    }
    job::Plan end(ResizeEnd how) const
    {
        const auto state = kept().find(m_hosts->uuid());
        if (!state) {
            qWarning("%s", qPrintable(state.error().message));
            return {};
        }
        const QString to = state->isMoved() ? m_b : m_a;
        const auto facts = operation::readResizeEndFacts(
            *state, m_hosts->connection(m_a), m_hosts->connection(to), m_hosts->id(m_a), m_hosts->id(to), {});
        return facts ? operation::planResizeEnd(how, *facts, {}) : job::Plan();
    }
    bool done(const job::Plan &plan)
    {
        if (plan.steps.isEmpty() || !MigrationHosts::canRun(plan)) {
            return false;
        }
        const job::JobRecord record = m_hosts->run(plan);
        if (record.state != job::JobState::Done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return record.state == job::JobState::Done;
    }
    static QString blockers(const job::Plan &plan)
    {
        QStringList result;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                result.append(finding.text);
            }
        }
        return result.join(u' ');
    }
    /** Of both hosts, to see that nothing has changed. */
    QString world()
    {
        QString text;
        for (const QString &host : {m_a, m_b}) {
            text += m_hosts->xml(host, true) + m_hosts->virsh({u"dominfo"_s, u"vm"_s}, host)
                + m_hosts->files(host).join(u'\n') + m_hosts->files(host, u"shared"_s).join(u'\n')
                + m_machine->variableFiles(host).join(u'\n') + m_machine->sumOf(host) + m_machine->tpmFiles(host)
                + m_hosts->virsh({u"pool-list"_s, u"--all"_s, u"--name"_s}, host);
        }
        return text;
    }
    QString here(Way way) const { return way == Way::InPlace ? m_a : m_b; }

    static void ways()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("in place") << Way::InPlace;
        QTest::newRow("host to host") << Way::HostToHost;
        QTest::newRow("only through here") << Way::ThroughHere;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        m_machine = std::make_unique<MachineState>(*m_hosts);
        m_kept = std::make_unique<QTemporaryDir>();
        job::StepRegistry registry;
        operation::StepOptions options;
        options.keptDirectory = m_kept->path();
        operation::registerSteps(registry, options);
        m_hosts->jobs = m_hosts->makeJobs(registry);
    }
    void cleanupTestCase()
    {
        m_machine.reset();
        m_hosts.reset();
    }
    void init()
    {
        QVERIFY(m_hosts->clear());
        QVERIFY(m_machine->clear());
        const auto all = kept().list();
        QVERIFY(all);
        for (const operation::KeptState &state : *all) {
            QVERIFY(kept().remove(state.id));
        }
    }

    // ---- firmware variables

    void variables_data() { ways(); }
    /** The VM that was goes on having its own, whatever the one that is does with them. */
    void variables()
    {
        QFETCH(Way, way);
        QVERIFY(
            m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_machine->giveVariables(MachineState::variablesPath()));
        const QString before = world();
        const QString sum = m_machine->sumOf(m_a);
        QVERIFY(done(plan(draft(way), way)));
        const QString now = m_machine->variablesNow(here(way));
        QCOMPARE(now == MachineState::variablesPath(), way != Way::InPlace);
        QCOMPARE(m_machine->sumOf(here(way), now), sum);
        QCOMPARE(m_machine->sumOf(m_a), sum);

        QVERIFY(m_machine->changeVariables(here(way), u"after"_s, now));
        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(m_machine->sumOf(m_a), sum);
        QCOMPARE(world(), before);

        QVERIFY(done(plan(draft(way), way)));
        const QString again = m_machine->variablesNow(here(way));
        QVERIFY(m_machine->changeVariables(here(way), u"after"_s, again));
        const QString changed = m_machine->sumOf(here(way), again);
        QVERIFY(changed != sum);
        QVERIFY(done(end(ResizeEnd::Confirm)));
        QCOMPARE(m_machine->variablesNow(here(way)), again);
        QCOMPARE(m_machine->sumOf(here(way), again), changed);
        QCOMPARE(m_machine->variableFiles(here(way)).size(), 1);
        QVERIFY(way == Way::InPlace || m_machine->variableFiles(m_a).isEmpty());
        QVERIFY(kept().list()->isEmpty());
    }

    /** Else both would write to one file. */
    void variablesThatBothHostsSee()
    {
        const QString path = MigrationHosts::hostDirectory(u"shared"_s) + u"/vm_VARS.fd"_s;
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24, .pool = u"shared"_s}}}) && m_machine->giveVariables(path));
        const QString before = world();
        const QString sum = m_machine->sumOf(m_a, path);
        QVERIFY(done(plan(draft(Way::HostToHost), Way::HostToHost)));
        const QString now = m_machine->variablesNow(m_b);
        QVERIFY(now != path);
        QCOMPARE(m_machine->sumOf(m_b, now), sum);
        QVERIFY(m_machine->changeVariables(m_b, u"after"_s, now));
        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(m_machine->sumOf(m_a, path), sum);
        QCOMPARE(world(), before);
    }

    /** libvirt makes them when it starts for the first time. */
    void variablesThatAreNotThereYet()
    {
        QVERIFY(
            m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_machine->giveVariables(MachineState::variablesPath()));
        QVERIFY(m_hosts->bed.exec(m_a, {u"rm"_s, MachineState::variablesPath()}).ok());
        QVERIFY(m_machine->redefine(m_a, u"<nvram>"_s, u"<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>"_s));
        QVERIFY(done(plan(draft(Way::HostToHost), Way::HostToHost)));
        QVERIFY(m_machine->variableFiles(m_b).isEmpty());
        QVERIFY(m_hosts->bed.virsh(m_b, {u"start"_s, u"vm"_s, u"--paused"_s}).ok());
        QCOMPARE(m_machine->variableFiles(m_b), QStringList{u"vm_VARS.fd"_s});
        QVERIFY(done(end(ResizeEnd::Revert)));
        QVERIFY(m_machine->variableFiles(m_b).isEmpty());
    }

    // ---- TPM

    void tpmState_data() { ways(); }
    void tpmState()
    {
        QFETCH(Way, way);
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_machine->giveTpm());
        QCOMPARE(m_machine->readTpm(m_a), u"before"_s);
        const QString before = world();
        const QString state = m_machine->tpmFiles(m_a);
        QVERIFY(!state.isEmpty());
        QVERIFY(done(plan(draft(way), way)));
        QCOMPARE(m_machine->tpmFiles(here(way)), state); // byte for byte, whatever has read it on the way
        QCOMPARE(m_machine->tpmFiles(m_a), state);
        QVERIFY(m_machine->writeTpm(here(way), u"after"_s));

        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QCOMPARE(m_machine->readTpm(m_a), u"before"_s);

        QVERIFY(done(plan(draft(way), way)));
        QCOMPARE(m_machine->readTpm(here(way)), u"before"_s);
        QVERIFY(m_machine->writeTpm(here(way), u"after"_s));
        QVERIFY(done(end(ResizeEnd::Confirm)));
        QCOMPARE(m_machine->readTpm(here(way)), u"after"_s);
        QVERIFY(way == Way::InPlace || m_machine->tpmFiles(m_a).isEmpty());
        QCOMPARE(m_hosts->files(m_a).size() + m_hosts->files(m_b).size(), 1);
        QVERIFY(kept().list()->isEmpty());
        // It really is the TPM of a VM that runs.
        QVERIFY(m_hosts->start(u"vm"_s, here(way)));
    }

    /** A migration that confirms itself, and starts the VM there. */
    void tpmOfAVmThatRuns()
    {
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_machine->giveTpm() && m_hosts->start());
        ResizeDraft moved = draft(Way::HostToHost, ResizeDraft::Confirm::Auto);
        moved.vcpus.reset();
        moved.maxVcpus.reset();
        QVERIFY(done(plan(moved, Way::HostToHost)));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->heartbeat() >= 0);
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QCOMPARE(m_machine->readTpm(m_b), u"before"_s);
        QVERIFY(m_machine->tpmFiles(m_a).isEmpty());
        QCOMPARE(m_hosts->files(m_a), QStringList());
    }

    void tpmUndone_data()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("in place") << Way::InPlace;
        QTest::newRow("moved") << Way::HostToHost;
    }
    /** It does not start as it is to be: nothing is left of the try. */
    void tpmUndone()
    {
        QFETCH(Way, way);
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_machine->giveTpm());
        ResizeDraft wished = draft(way);
        wished.after = ResizeDraft::After::Running;
        wished.memoryKiB = wished.maxMemoryKiB = 96 * 1024;
        const QString before = world();
        job::Plan made = plan(wished, way);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        for (job::Step &step : made.steps) {
            if (step.type == "kept.define"_L1) {
                // A directory that no host has.
                const QString xml = step.parameters.value("xml"_L1).toString().replace(u"</devices>"_s,
                    u"<serial type='file'><source path='/srv/local/nowhere/serial'/><target port='1'/></serial></devices>"_s);
                step.parameters.insert(u"xml"_s, xml);
            }
        }
        const job::JobRecord record = m_hosts->run(made);
        QCOMPARE(record.state, job::JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(world(), before);
        QCOMPARE(m_machine->readTpm(m_a), u"before"_s);
        QVERIFY(kept().list()->isEmpty());
    }

    void tpmSecret_data()
    {
        QTest::addColumn<QString>("there");
        QTest::newRow("the same") << u"open sesame"_s;
        QTest::newRow("another") << u"open barley"_s;
        QTest::newRow("none") << QString();
    }
    /** Encrypted state stays so on its way. */
    void tpmSecret()
    {
        QFETCH(QString, there);
        QVERIFY(m_machine->giveSecret(m_a, u"open sesame"_s));
        QVERIFY(there.isEmpty() || m_machine->giveSecret(m_b, there));
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}));
        QVERIFY(m_machine->giveTpm(u"<encryption secret='%1'/>"_s.arg(MachineState::secret())));
        const QString before = world();
        const QString state = m_machine->tpmFiles(m_a);
        const job::Plan made = plan(draft(Way::HostToHost), Way::HostToHost);
        if (there.isEmpty()) {
            QVERIFY2(blockers(made).contains(u"lacks the secret"_s), qPrintable(blockers(made)));
            return;
        }
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        const job::JobRecord record = m_hosts->run(made);
        if (there == "open sesame"_L1) {
            QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
            QVERIFY(m_hosts->bed.virsh(m_b, {u"start"_s, u"vm"_s, u"--paused"_s}).ok());
            QVERIFY(m_hosts->bed.virsh(m_b, {u"destroy"_s, u"vm"_s}).ok());
            QVERIFY(done(end(ResizeEnd::Revert)));
        } else {
            QCOMPARE(record.state, job::JobState::Failed);
            QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        }
        QCOMPARE(world(), before);
        QCOMPARE(m_machine->tpmFiles(m_a), state);
    }

    // ---- saved state

    void savedState_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<QString>("pool");
        QTest::addColumn<bool>("paused");
        QTest::addColumn<bool>("hasTpm");
        QTest::newRow("host to host") << Way::HostToHost << u"default"_s << false << false;
        QTest::newRow("paused, only through here") << Way::ThroughHere << u"default"_s << true << false;
        QTest::newRow("shared") << Way::HostToHost << u"shared"_s << false << false;
        QTest::newRow("with a TPM") << Way::HostToHost << u"default"_s << false << true;
    }
    /** The guest goes on from there as if nothing had been. */
    void savedState()
    {
        QFETCH(Way, way);
        QFETCH(QString, pool);
        QFETCH(bool, paused);
        QFETCH(bool, hasTpm);
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24, .pool = pool}}}));
        QVERIFY(!hasTpm || m_machine->giveTpm());
        QVERIFY(m_hosts->start() && m_hosts->writes(u"hda"_s, 1, 1, 77));
        QVERIFY(!paused || m_hosts->bed.virsh(m_a, {u"suspend"_s, u"vm"_s}).ok());
        QVERIFY(m_machine->save(m_a));
        QVERIFY(m_machine->isSaved(m_a));
        const QString before = world();
        ResizeDraft moved = draft(way);
        moved.vcpus.reset();
        moved.maxVcpus.reset();
        QVERIFY(done(plan(moved, way)));
        QCOMPARE(m_hosts->existsOn(), m_b);
        QVERIFY(m_machine->isSaved(m_b));

        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QVERIFY(m_machine->isSaved(m_a));

        QVERIFY(done(plan(moved, way)));
        QVERIFY(m_machine->isSaved(m_b));
        QVERIFY(m_hosts->bed.virsh(m_b, {u"start"_s, u"vm"_s}).ok());
        QCOMPARE(m_hosts->state(m_b), paused ? u"paused"_s : u"running"_s);
        QVERIFY(!paused || m_hosts->bed.virsh(m_b, {u"resume"_s, u"vm"_s}).ok());
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QVERIFY(done(end(ResizeEnd::Confirm)));
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QVERIFY(!hasTpm || (m_machine->readTpm(m_b) == "before"_L1 && m_machine->tpmFiles(m_a).isEmpty()));
    }

    /** It is to run there. */
    void savedStateGoesOn()
    {
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 77));
        QVERIFY(m_machine->save(m_a));
        ResizeDraft moved = draft(Way::HostToHost, ResizeDraft::Confirm::Auto);
        moved.vcpus.reset();
        moved.maxVcpus.reset();
        moved.after = ResizeDraft::After::Running;
        QVERIFY(done(plan(moved, Way::HostToHost)));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    void savedStateUndone_data()
    {
        QTest::addColumn<QString>("before");
        QTest::newRow("after it was read") << u"kept.leave"_s;
        QTest::newRow("after it was put there") << u"state.drop"_s;
    }
    void savedStateUndone()
    {
        QFETCH(QString, before);
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}) && m_hosts->start());
        QVERIFY(m_machine->save(m_a));
        const QString was = world();
        ResizeDraft moved = draft(Way::HostToHost);
        moved.vcpus.reset();
        moved.maxVcpus.reset();
        job::Plan made = plan(moved, Way::HostToHost);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        const auto step = std::ranges::find(made.steps, before, &job::Step::type);
        QVERIFY(step != made.steps.end());
        made.steps.insert(step,
            {u"volume.create"_s, u"Fail"_s, u"x"_s, {}, 0, {{u"pool"_s, u"no such pool"_s}, {u"name"_s, u"x"_s}}});
        const job::JobRecord record = m_hosts->run(made);
        QCOMPARE(record.state, job::JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(world(), was);
        QVERIFY(m_machine->isSaved(m_a));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"start"_s, u"vm"_s}).ok());
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void revertUndone_data()
    {
        QTest::addColumn<bool>("isSaved");
        QTest::newRow("a TPM in place") << false;
        QTest::newRow("saved, and moved") << true;
    }
    /** Going back fails at the last moment: the VM is again what it is since the change. */
    void revertUndone()
    {
        QFETCH(bool, isSaved);
        const Way way = isSaved ? Way::HostToHost : Way::InPlace;
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}));
        QVERIFY(isSaved || m_machine->giveTpm());
        ResizeDraft wished = draft(way);
        if (isSaved) {
            QVERIFY(m_hosts->start() && m_machine->save(m_a));
            wished.vcpus.reset();
            wished.maxVcpus.reset();
        }
        QVERIFY(done(plan(wished, way)));
        QVERIFY(isSaved || m_machine->writeTpm(m_a, u"after"_s));
        const QString before = isSaved ? world() : QString();
        job::Plan back = end(ResizeEnd::Revert);
        const auto step = std::ranges::find(back.steps, u"kept.decide"_s, &job::Step::type);
        QVERIFY(step != back.steps.end());
        back.steps.insert(step,
            {u"volume.create"_s, u"Fail"_s, u"x"_s, {}, 0, {{u"pool"_s, u"no such pool"_s}, {u"name"_s, u"x"_s}}});
        const job::JobRecord record = m_hosts->run(back);
        QCOMPARE(record.state, job::JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QVERIFY(!isSaved || world() == before);
        QVERIFY(isSaved || m_machine->readTpm(m_a) == "after"_L1);
        QVERIFY(done(end(ResizeEnd::Revert)));
        QVERIFY(isSaved ? m_machine->isSaved(m_a) : m_machine->readTpm(m_a) == "before"_L1);
    }

    // ---- what the definition and this program know

    /** Autostart, title, description, tags and what others wrote into the metadata; the schedule of its snapshots. */
    void belongings()
    {
        const QString text =
            u"<title>Shop</title><description>Sells things.\nMore.</description><metadata>"
            "<vireo:domain xmlns:vireo='%1'><vireo:tags><vireo:tag>web</vireo:tag></vireo:tags></vireo:domain>"
            "<x:mine xmlns:x='https://example.org/x'><x:y z='1'/></x:mine></metadata>"_s.arg(
                QLatin1StringView(xml::MetadataNamespace));
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}));
        QVERIFY(m_machine->redefine(m_a, u"<memory "_s, text + u"<memory "_s));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok());
        const QTemporaryDir schedules;
        virt::Hosts hosts;
        virt::Inventory inventory(hosts);
        const auto add = [&](const QString &name) {
            virt::HostSettings settings;
            settings.uri = m_hosts->uri(name);
            virt::Host *host = hosts.host(hosts.add(settings));
            host->connectToHost();
            return virt::DomainKey{host->settings().id, m_hosts->uuid()};
        };
        const virt::DomainKey a = add(m_a);
        const virt::DomainKey b = add(m_b);
        operation::SnapshotScheduler scheduler(inventory, *m_hosts->jobs, schedules.path() + u"/schedules.json"_s);
        QTRY_VERIFY(scheduler.isReady() && inventory.domain(a) && hosts.host(b.host)->isConnected());
        scheduler.set(a, {});
        scheduler.look();
        QVERIFY(scheduler.schedule(a));

        const auto parts = [this](const QString &host) {
            const auto document = xml::Document::parse(m_hosts->xml(host, true));
            const xml::Element root = document ? document->root() : xml::Element();
            return root.child(u"title"_s).toXml() + root.child(u"description"_s).toXml()
                + root.find(u"metadata/domain/tags"_s).toXml() + root.find(u"metadata/mine"_s).toXml()
                + m_hosts->virsh({u"dominfo"_s, u"vm"_s}, host).section(u"Autostart:"_s, 1).section(u'\n', 0, 0);
        };
        const QString before = world();
        const QString should = parts(m_a);
        QVERIFY2(should.contains(u"web"_s) && should.contains(u"enable"_s) && should.contains(u"Shop"_s),
            qPrintable(should));
        QVERIFY(done(plan(draft(Way::HostToHost), Way::HostToHost)));
        QCOMPARE(parts(m_b), should);
        QTRY_VERIFY(inventory.domain(b) && !inventory.domain(a));
        scheduler.look();
        QVERIFY(scheduler.schedule(b) && !scheduler.schedule(a));

        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QTRY_VERIFY(inventory.domain(a) && !inventory.domain(b));
        scheduler.look();
        QVERIFY(scheduler.schedule(a) && !scheduler.schedule(b));
    }
};

QTEST_GUILESS_MAIN(TestColdStateSystem)
#include "tst_coldstate_system.moc"
