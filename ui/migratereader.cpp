// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratereader.h"

#include <chrono>
#include <utility>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/virt/hosts.h"
#include "ui/migratemaps.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::MigrateDestination;
using operation::MigrateDraft;
using operation::MigrateFacts;
using operation::MigratePair;
using operation::MigrateSource;

namespace {

/** Between the last choice and the new verdict. */
constexpr std::chrono::milliseconds EvaluateDelay{120};

/** The stored definition as the plan will have it stored at the destination. */
QString storedThere(const job::Plan &plan, const MigrateFacts &facts, const MigrateDraft &draft)
{
    if (!draft.persistentXml.isEmpty() || facts.source.storedXml.isEmpty()) {
        return draft.persistentXml;
    }
    for (const job::Step &step : plan.steps) {
        const QJsonObject rewrite = step.parameters.value("rewrite"_L1).toObject();
        if (!rewrite.isEmpty()) {
            return operation::rewriteForDestination(
                facts.source.storedXml, operation::MigrateRewrite::fromJson(rewrite))
                .value_or(QString());
        }
    }
    return facts.source.storedXml;
}

MigrateEvaluation evaluated(const MigrateServices &services, const MigrateFacts &facts, const MigrateDraft &draft)
{
    MigrateEvaluation result;
    result.checks = services.preflight(facts, draft);
    result.moves = services.moves(facts, draft);
    result.input = services.forecastInput(facts, draft);
    result.forecast = migration::forecast(result.input);
    result.networks = MigrateMaps::networksOf(facts.source.liveXml);
    return result;
}

} // namespace

MigrateReader::MigrateReader(
    MigrateWizardState &state, virt::Hosts &hosts, const MigrateServices &services, QObject *parent)
    : QObject(parent)
    , m_state(state)
    , m_hosts(hosts)
    , m_services(std::make_shared<const MigrateServices>(services))
    , m_courier(std::make_shared<Courier>(this))
    , m_thinker(std::make_unique<Lane>(u"migrate-think"_s, Lane::Kind::Computing))
{
    m_evaluateSoon.setSingleShot(true);
    m_evaluateSoon.setInterval(EvaluateDelay);
    connect(&m_evaluateSoon, &QTimer::timeout, this, &MigrateReader::evaluate);
    connect(&m_state, &MigrateWizardState::draftChanged, &m_evaluateSoon, [this] { m_evaluateSoon.start(); });
}

MigrateReader::~MigrateReader()
{
    m_courier->close();
    for (std::stop_source *source : {&m_stop, &m_planStop, &m_measureStop}) {
        source->request_stop();
    }
}

Result<virt::ConnectionPtr> MigrateReader::connection(const virt::HostId &id) const
{
    const virt::Host *host = m_hosts.host(id);
    if (!host) {
        return vireo::fail(Error::invalid(tr("This host is not there any more.")));
    }
    return host->connection();
}

Lane &MigrateReader::lane(const virt::HostId &host)
{
    std::unique_ptr<Lane> &lane = m_lanes[host];
    if (!lane) {
        lane = std::make_unique<Lane>(u"migrate-read"_s);
    }
    return *lane;
}

void MigrateReader::begin()
{
    if (++m_reading == 1) {
        Q_EMIT readingChanged();
    }
}

void MigrateReader::end()
{
    if (--m_reading == 0) {
        Q_EMIT readingChanged();
    }
}

void MigrateReader::fail(const virt::DomainKey &vm, const virt::HostId &host, const QString &problem)
{
    if (vm.host != host) {
        m_state.setFailure(vm, host, problem);
    }
}

void MigrateReader::read()
{
    for (const MigrateWizardState::Vm &vm : m_state.vms()) {
        if (m_askedVms.contains(vm.key)) {
            continue;
        }
        const auto from = connection(vm.key.host);
        if (!from) {
            for (const MigrateWizardState::Host &host : m_state.hosts()) {
                fail(vm.key, host.id, from.error().message);
            }
            continue;
        }
        m_askedVms.insert(vm.key);
        begin();
        lane(vm.key.host)
            .post([this, courier = m_courier, services = m_services, generation = m_generation, connection = *from,
                      key = vm.key, stop = m_stop.get_token()] {
                const auto source = services->source(*connection, key.domain, stop);
                courier->post([this, generation, key, source] {
                    if (generation != m_generation) {
                        return;
                    }
                    if (source) {
                        m_state.setSource(key, *source);
                    }
                    for (const MigrateWizardState::Host &host : m_state.hosts()) {
                        if (source) {
                            readPair(key, host.id);
                        } else {
                            fail(key, host.id, source.error().message);
                        }
                    }
                    end();
                });
            });
    }
    for (const MigrateWizardState::Host &host : m_state.hosts()) {
        const auto to = connection(host.id);
        if (m_askedHosts.contains(host.id) || !to || m_state.matrix().columnOf(host.id) < 0) {
            continue;
        }
        m_askedHosts.insert(host.id);
        begin();
        lane(host.id).post([this, courier = m_courier, services = m_services, generation = m_generation,
                               connection = *to, id = host.id, stop = m_stop.get_token()] {
            const auto destination = services->destination(*connection, stop);
            courier->post([this, generation, id, destination] {
                if (generation != m_generation) {
                    return;
                }
                if (destination) {
                    m_state.setDestination(id, *destination);
                }
                for (const MigrateWizardState::Vm &vm : m_state.vms()) {
                    if (destination) {
                        readPair(vm.key, id);
                    } else {
                        fail(vm.key, id, destination.error().message);
                    }
                }
                end();
            });
        });
    }
}

/** Once both sides are known. */
void MigrateReader::readPair(const virt::DomainKey &vm, const virt::HostId &host)
{
    const MigrateSource *source = m_state.source(vm);
    const MigrateDestination *destination = m_state.destination(host);
    const auto from = connection(vm.host);
    const auto to = connection(host);
    if (vm.host == host || !source || !destination || !from || !to || m_askedPairs.contains({vm, host})) {
        return;
    }
    m_askedPairs.insert({vm, host});
    begin();
    lane(host).post([this, courier = m_courier, services = m_services, generation = m_generation, from = *from,
                        to = *to, vm, host, source = MigrateSource(*source), there = MigrateDestination(*destination),
                        draft = m_state.draft(vm, host), stop = m_stop.get_token()] {
        const auto pair = services->pair(from, to, source, there, draft, false, stop);
        courier->post([this, generation, vm, host, pair] {
            if (generation != m_generation) {
                return;
            }
            if (pair) {
                m_state.setPair(vm, host, *pair);
                m_evaluateSoon.start();
            } else {
                fail(vm, host, pair.error().message);
            }
            end();
        });
    });
}

void MigrateReader::readAgain(const virt::HostId &host)
{
    if (host.isNull()) {
        stop();
        m_askedVms.clear();
        m_askedHosts.clear();
        m_askedPairs.clear();
    } else {
        m_askedVms.removeIf([&host](const virt::DomainKey &vm) { return vm.host == host; });
        m_askedHosts.remove(host);
        m_askedPairs.removeIf([&host](const auto &pair) { return pair.first.host == host || pair.second == host; });
    }
    m_state.forget(host);
    read();
}

void MigrateReader::stop()
{
    ++m_generation;
    m_stop.request_stop();
    m_stop = {};
    for (auto &[host, lane] : m_lanes) {
        if (lane && lane->pending() > 0) {
            lane.reset(); // left behind: it may hang
        }
    }
    if (std::exchange(m_reading, 0) > 0) {
        Q_EMIT readingChanged();
    }
}

void MigrateReader::evaluate()
{
    const quint64 generation = ++m_evaluation;
    for (const MigrateWizardState::Vm &vm : m_state.vms()) {
        for (const MigrateWizardState::Host &host : m_state.hosts()) {
            const auto facts = vm.key.host == host.id ? std::nullopt : m_state.facts(vm.key, host.id);
            if (!facts) {
                continue;
            }
            m_thinker->post([this, courier = m_courier, services = m_services, generation, facts = *facts,
                                draft = m_state.draft(vm.key, host.id), key = vm.key, id = host.id] {
                courier->post([this, generation, key, id, result = evaluated(*services, facts, draft)] {
                    if (generation == m_evaluation) {
                        m_state.setEvaluation(key, id, result);
                    }
                });
            });
        }
    }
}

void MigrateReader::setLinkSpeed(const virt::HostId &from, const virt::HostId &to, const migration::ByteRange &speed)
{
    for (const MigrateWizardState::Vm &vm : m_state.vms()) {
        const auto facts = vm.key.host == from ? m_state.facts(vm.key, to) : std::nullopt;
        if (facts) {
            MigratePair pair = facts->pair;
            pair.measured = speed;
            pair.isMeasuredNow = true;
            m_state.setPair(vm.key, to, pair);
        }
    }
    m_evaluateSoon.start();
}

void MigrateReader::measure(const virt::DomainKey &vm, bool linkToo)
{
    stopMeasuring();
    const auto from = connection(vm.host);
    if (!from) {
        Q_EMIT measureFailed(from.error());
        return;
    }
    m_measureStop = {};
    m_measuring = true;
    m_measurer = std::make_unique<Lane>(u"migrate-rate"_s);
    const virt::HostId host = m_state.chosen();
    const auto to = connection(host);
    if (const auto facts = linkToo && to ? m_state.facts(vm, host) : std::nullopt) {
        m_measurer->post(
            [this, courier = m_courier, services = m_services, generation = m_measure, from = *from, to = *to,
                facts = *facts, draft = m_state.draft(vm, host), vm, host, stop = m_measureStop.get_token()] {
                const auto speed = services->bandwidth(from, to, facts.source, facts.destination, draft, stop);
                courier->post([this, generation, vm, host, speed] {
                    if (generation != m_measure) {
                        return;
                    }
                    if (speed) {
                        setLinkSpeed(vm.host, host, *speed);
                    } else {
                        Q_EMIT linkNotMeasured(speed.error());
                    }
                });
            });
    }
    m_measurer->post([this, courier = m_courier, services = m_services, generation = m_measure, connection = *from, vm,
                         stop = m_measureStop.get_token()] {
        const auto samples = services->dirty(*connection, vm.domain, stop);
        courier->post([this, generation, vm, samples] {
            if (generation != m_measure) {
                return;
            }
            m_measuring = false;
            if (samples) {
                m_state.setDirty(vm, *samples);
            } else {
                Q_EMIT measureFailed(samples.error());
            }
            Q_EMIT measuringChanged();
        });
    });
    Q_EMIT measuringChanged();
}

void MigrateReader::stopMeasuring()
{
    ++m_measure;
    m_measureStop.request_stop();
    m_measurer.reset();
    if (std::exchange(m_measuring, false)) {
        Q_EMIT measuringChanged();
    }
}

void MigrateReader::makePlans()
{
    dropPlans();
    struct Task {
        virt::DomainKey vm;
        QString name;
        virt::ConnectionPtr from;
        MigrateDraft draft;
        QList<migration::DirtySample> dirty;
    };
    const virt::HostId host = m_state.chosen();
    const auto to = connection(host);
    if (!to) {
        Q_EMIT planFailed(to.error());
        return;
    }
    QList<Task> tasks;
    const QList<MigrateWizardState::Vm> moving = m_state.moving();
    for (const MigrateWizardState::Vm &vm : moving) {
        const auto from = connection(vm.key.host);
        if (!from) {
            Q_EMIT planFailed(from.error());
            return;
        }
        tasks.append({vm.key, vm.name, *from, m_state.draft(vm.key), m_state.dirty(vm.key)});
    }
    m_planStop = {};
    m_planner = std::make_unique<Lane>(u"migrate-plan"_s);
    m_planner->post([this, courier = m_courier, services = m_services, generation = m_plan, tasks, host, to = *to,
                        cold = m_state.isCold(), memory = m_state.promisedMemory(host),
                        vcpus = m_state.promisedVcpus(host), stop = m_planStop.get_token()] {
        const auto finish = [this, &courier, generation](const Result<MigratePlans> &made) {
            courier->post([this, generation, made] {
                if (generation != m_plan) {
                    return;
                }
                if (made) {
                    Q_EMIT plansMade(*made);
                } else {
                    Q_EMIT planFailed(made.error());
                }
            });
        };
        const auto tell = [this, &courier, generation, count = tasks.size()](const QString &what, qsizetype done) {
            courier->post([this, generation, what, done, count] {
                if (generation == m_plan) {
                    Q_EMIT planProgress(
                        count > 1 ? tr("%1 (%2 of %3)").arg(what).arg(done + 1).arg(count) : what, 0, 0);
                }
            });
        };
        MigratePlans made;
        Result<MigrateDestination> there = services->destination(*to, stop);
        if (!there) {
            finish(vireo::fail(there.error()));
            return;
        }
        there->promisedMemory = memory;
        there->promisedVcpus = vcpus;
        for (qsizetype i = 0; i < tasks.size(); ++i) {
            const Task &task = tasks.at(i);
            tell(tr("Reading %1").arg(task.name), i);
            Result<MigrateSource> source = services->source(*task.from, task.vm.domain, stop);
            if (!source) {
                finish(vireo::fail(source.error()));
                return;
            }
            source->dirty = task.dirty;
            tell(tr("Trying how the hosts reach each other for %1").arg(task.name), i);
            const Result<MigratePair> pair = services->pair(task.from, to, *source, *there, task.draft, true, stop);
            if (!pair) {
                finish(vireo::fail(pair.error()));
                return;
            }
            const MigrateFacts facts{*source, *there, *pair};
            made.checks.append(services->preflight(
                cold ? MigrateFacts{operation::switchedOff(*source), *there, *pair} : facts, task.draft));
            made.plans.append(services->plan(task.vm.host, host, facts, task.draft));
            made.storedThere.append(storedThere(made.plans.constLast(), facts, task.draft));
            made.facts.append(facts);
            // What comes after it finds less.
            if (source->domain.isActive()) {
                there->promisedMemory += source->domain.maxMemoryKiB * 1024;
                there->promisedVcpus += source->domain.vcpus;
            }
        }
        finish(made);
    });
}

void MigrateReader::dropPlans()
{
    ++m_plan;
    m_planStop.request_stop();
    m_planner.reset();
}

} // namespace vireo::ui
