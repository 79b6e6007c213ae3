// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/migrateservices.h"
#include "ui/uicontext.h"

/** Three hosts of libvirt's test driver: the VMs web01 (runs) and mail (off) are on the first. GUI thread; needs a
 *  virt::EventLoop. What would be asked of real hosts comes from services(). */
class MigrateBed final
{
    Q_DISABLE_COPY_MOVE(MigrateBed)

public:
    static constexpr int hostCount = 3;

    MigrateBed() { vireo::virt::quietLibvirt(); }

    bool connectHosts()
    {
        const QByteArray machines = R"(
  <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>mail</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>5</test:runstate></domain>)";
        for (int i = 0; i < hostCount; ++i) {
            const QString path = m_directory.filePath(QStringLiteral("node%1.xml").arg(i));
            QFile file(path);
            if (!file.open(QIODevice::WriteOnly)) {
                return false;
            }
            file.write("<node>" + (i == 0 ? machines : QByteArray()) + "</node>");
            file.close();
            vireo::virt::HostSettings settings;
            settings.uri = QStringLiteral("test://") + path;
            settings.name = QStringLiteral("rack-%1").arg(7 + i);
            m_ids[static_cast<size_t>(i)] = m_hosts.add(settings);
            m_hosts.host(id(i))->connectToHost();
        }
        return QTest::qWaitFor(
            [this] { return m_hosts.connectedCount() == hostCount && m_inventory.count(id(0)) == 2; }, 20'000);
    }

    vireo::virt::HostId id(int host) const { return m_ids[static_cast<size_t>(host)]; }
    vireo::virt::DomainKey web() const
    {
        return {id(0), QUuid(QStringLiteral("11111111-1111-1111-1111-111111111111"))};
    }
    vireo::virt::DomainKey mail() const
    {
        return {id(0), QUuid(QStringLiteral("22222222-2222-2222-2222-222222222222"))};
    }
    vireo::ui::UiContext context()
    {
        vireo::ui::UiContext context{m_hosts, m_inventory, m_jobs, m_events, m_settings};
        context.migrations = &m_feed;
        return context;
    }
    vireo::virt::Hosts &hosts() { return m_hosts; }
    vireo::virt::Inventory &inventory() { return m_inventory; }
    vireo::job::JobManager &jobs() { return m_jobs; }
    vireo::operation::MigrationFeed &feed() { return m_feed; }
    QSettings &settings() { return m_settings; }

    bool publish(const vireo::operation::MigrationPicture &picture)
    {
        QSignalSpy changed(&m_feed, &vireo::operation::MigrationFeed::changed);
        m_feed.publish(picture);
        return changed.count() > 0 || changed.wait();
    }

    /** Hosts that answer at once: rack-8 takes everything with a note, rack-9 lacks a network unless it is mapped. */
    vireo::ui::MigrateServices services()
    {
        using namespace vireo;
        using namespace Qt::StringLiterals;
        using Severity = job::Finding::Severity;
        ui::MigrateServices services;
        services.source = [this](virt::Connection &, const QUuid &domain, const std::stop_token &) {
            operation::MigrateSource source;
            source.domain = *m_records.constFind(domain);
            source.liveXml = u"<domain><name>%1</name><devices><interface type='network'><source network='lan'/>"
                             "</interface></devices></domain>"_s.arg(source.domain.name);
            source.storedXml = source.liveXml;
            return Result<operation::MigrateSource>(source);
        };
        services.destination = [](virt::Connection &, const std::stop_token &) {
            operation::MigrateDestination there;
            virt::hostcalls::Network network;
            network.name = u"office"_s;
            there.networks.append(network);
            return Result<operation::MigrateDestination>(there);
        };
        services.pair = [last = id(2)](const virt::ConnectionPtr &, const virt::ConnectionPtr &,
                            const operation::MigrateSource &, const operation::MigrateDestination &,
                            const operation::MigrateDraft &draft, bool probe, const std::stop_token &) {
            operation::MigratePair pair;
            pair.cpuThatWorks = draft.to; // tells the fake pre-flight which host it is
            pair.reach.state =
                probe ? operation::MigratePair::Reach::State::Yes : operation::MigratePair::Reach::State::NotTried;
            return Result<operation::MigratePair>(pair);
        };
        const QString lacking = m_hosts.host(id(2))->settings().uri;
        services.preflight = [lacking](const operation::MigrateFacts &facts, const operation::MigrateDraft &draft) {
            QList<operation::Check> checks{
                {operation::Check::Topic::Memory, {Severity::Ok, u"Memory is there."_s, {}, {}}},
                {operation::Check::Topic::Disks, {Severity::Note, u"One disk is copied."_s, {}, {}}}};
            if (facts.pair.cpuThatWorks == lacking && !draft.map.networks.contains(u"lan"_s)) {
                checks.append({operation::Check::Topic::Networks,
                    {Severity::Blocker, u"There is no network lan."_s, {}, u"Map it to another."_s}});
            }
            return checks;
        };
        services.moves = [](const operation::MigrateFacts &, const operation::MigrateDraft &draft) {
            operation::DiskMove move;
            move.target = u"vda"_s;
            move.kind = draft.storage == operation::MigrateDraft::Storage::Shared ? operation::DiskMove::Kind::Shared
                                                                                  : operation::DiskMove::Kind::Copy;
            move.from = u"/images/web01.qcow2"_s;
            move.to = draft.map.paths.value(move.from, u"/pool/web01.qcow2"_s);
            move.bytes = 5ULL * 1024 * 1024 * 1024;
            move.reason = u"The hosts do not share its directory."_s;
            return QList<operation::DiskMove>{move};
        };
        services.forecastInput = [](const operation::MigrateFacts &facts, const operation::MigrateDraft &draft) {
            migration::ForecastInput input;
            input.memory = 256ULL * 1024 * 1024;
            input.dirty = facts.source.dirty;
            input.bandwidthLow = input.bandwidthHigh = 100ULL * 1024 * 1024;
            input.bandwidthSource = migration::ForecastInput::BandwidthSource::Given;
            if (facts.pair.isMeasuredNow) {
                input.bandwidthLow = facts.pair.measured.low;
                input.bandwidthHigh = facts.pair.measured.high;
                input.bandwidthSource = migration::ForecastInput::BandwidthSource::Measured;
            }
            input.downtimeLimitMs = draft.policy.maxDowntimeMs;
            return input;
        };
        services.dirty = [](virt::Connection &, const QUuid &, const std::stop_token &) {
            return Result<QList<migration::DirtySample>>(
                QList<migration::DirtySample>{{1, 4ULL * 1024 * 1024}, {10, 2ULL * 1024 * 1024}});
        };
        services.bandwidth = [](const virt::ConnectionPtr &, const virt::ConnectionPtr &,
                                 const operation::MigrateSource &, const operation::MigrateDestination &,
                                 const operation::MigrateDraft &, const std::stop_token &) {
            return Result<migration::ByteRange>({40ULL * 1024 * 1024, 50ULL * 1024 * 1024});
        };
        services.plan = [preflight = services.preflight](const virt::HostId &source, const virt::HostId &destination,
                            const operation::MigrateFacts &facts, const operation::MigrateDraft &draft) {
            job::Plan plan;
            plan.operation = u"migrate"_s;
            plan.title = u"Migrate %1"_s.arg(facts.source.domain.name);
            plan.host = source;
            plan.domain = facts.source.domain.uuid;
            plan.domainName = facts.source.domain.name;
            plan.xmlBefore = facts.source.liveXml;
            plan.xmlAfter = draft.xml.isEmpty() ? facts.source.liveXml : draft.xml;
            plan.draft = {{u"to"_s, draft.to}, {u"xml"_s, draft.xml}, {u"persistent_xml"_s, draft.persistentXml}};
            for (const operation::Check &check : preflight(facts, draft)) {
                plan.findings.append(check.finding);
            }
            plan.verdict = u"Ready: it moves."_s;
            job::Step step;
            step.type = u"test.migrate"_s;
            step.title = u"Migrate"_s;
            step.parameters = {{u"to"_s, destination.toString()}};
            plan.steps.append(step);
            return plan;
        };
        for (const virt::DomainKey &key : {web(), mail()}) {
            m_records.insert(key.domain, *m_inventory.domain(key));
        }
        return services;
    }

private:
    static vireo::job::StepRegistry steps()
    {
        vireo::job::StepRegistry registry;
        registry.add(QStringLiteral("test.migrate"),
            {[](const vireo::job::Step &, vireo::job::StepContext &) { return vireo::Result<>(); }, {}});
        return registry;
    }

    QTemporaryDir m_directory;
    std::array<vireo::virt::HostId, hostCount> m_ids;
    QSettings m_settings{m_directory.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat};
    vireo::virt::Hosts m_hosts;
    vireo::virt::Inventory m_inventory{m_hosts};
    vireo::job::StepRegistry m_registry = steps();
    vireo::job::JobManager m_jobs{m_registry, m_hosts.provider()};
    vireo::model::EventLog m_events{m_hosts, &m_jobs};
    vireo::operation::MigrationFeed m_feed;
    QHash<QUuid, vireo::virt::DomainRecord> m_records;
};
