// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <ranges>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/migrate/migrateedited_p.h"
#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/operation/migrate/migratepassage_p.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/resize/resize.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;

struct MigrateplanText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateplan)
};

constexpr quint64 kibibyte = 1024;

/** Makes one plan. */
class Planner final
{
    Q_DISABLE_COPY_MOVE(Planner)

public:
    Planner(const virt::HostId &source, const virt::HostId &destination, const MigrateFacts &facts,
        const MigrateDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
        , m_layout(migrateLayout(facts, draft))
        , m_rewrite(migrateRewrite(facts, draft, m_layout))
        , m_options(migrateOptions(facts, draft, m_layout))
        , m_to(destination.toString(QUuid::WithoutBraces))
    {
        m_plan.operation = u"migrate"_s;
        m_plan.host = source;
        m_plan.alsoHosts = {destination};
        m_plan.queue = u"migrate/"_s + source.toString(QUuid::WithoutBraces) + u'/' + m_to;
        m_plan.queueLimit = draft.atOnce;
        m_plan.domain = facts.source.domain.uuid;
        m_plan.domainName = facts.source.domain.name;
    }

    job::Plan make()
    {
        const QString &name = m_plan.domainName;
        m_plan.title = MigrateplanText::tr("Migrate %1 to %2").arg(name, there());
        MigrateDraft draft = m_draft;
        draft.xml = withoutSecrets(draft.xml);
        draft.persistentXml = withoutSecrets(draft.persistentXml);
        m_plan.draft = migrateDraftToJson(m_facts.source.host.uri, name, draft);
        const QList<Check> checks = preflight(m_facts, m_draft);
        for (const Check &check : checks) {
            m_plan.findings.append(check.finding);
        }
        if (const auto unconfirmed = unconfirmedFinding(m_facts.source.storedXml)) {
            m_plan.findings.append(*unconfirmed);
        }
        showXml();
        if (!m_plan.isBlocked()) {
            m_plan.verdict = verdict();
            addSteps();
        }
        return std::move(m_plan);
    }

private:
    QString there() const
    {
        const QString &host = m_facts.destination.host.hostname;
        return host.isEmpty() ? MigrateplanText::tr("another host") : host;
    }
    bool isOffline() const { return movesOffline(m_facts.source); }
    void showXml();
    QString verdict() const;
    void addSteps();
    bool passes() const { return passesThrough(m_facts.source, m_draft); }
    void addVolumes();
    void addRelay(const FileMove &file);
    void addPassage(QJsonObject parameters);
    void addVolume(const QString &pool, const QString &volume, const QString &xml);
    void addMigration();
    void addCleaning();
    void addStep(const QString &type, const QString &title, const QString &object, const QString &undo, quint64 bytes,
        QJsonObject parameters)
    {
        m_plan.steps.append(job::Step{type, title, object, undo, bytes, std::move(parameters)});
    }

    const MigrateFacts &m_facts;
    const MigrateDraft &m_draft;
    const MigrateLayout m_layout;
    const MigrateRewrite m_rewrite;
    const virt::migration::Options m_options;
    const QString m_to;
    job::Plan m_plan;
};

void Planner::showXml()
{
    m_plan.xmlBefore = withoutSecrets(m_facts.source.liveXml);
    const auto rewritten = rewriteForDestination(m_plan.xmlBefore, m_rewrite);
    m_plan.xmlAfter = !m_draft.xml.isEmpty() ? withoutSecrets(m_draft.xml) : rewritten ? *rewritten : QString();
    m_plan.findings += editedXmlFindings(m_facts, m_draft);
}

QString Planner::verdict() const
{
    quint64 bytes = 0;
    for (const DiskMove &move : m_layout.disks) {
        bytes += move.bytes;
    }
    for (const FileMove &file : m_layout.files) {
        bytes += file.relay ? file.bytes : 0;
    }
    const QString &name = m_facts.source.domain.name;
    if (isOffline()) {
        return MigrateplanText::tr("The definition of %1 moves to %2; its disks stay where they are.")
            .arg(name, there());
    }
    const QString way = m_options.live ? MigrateplanText::tr("%1 moves to %2 while it runs").arg(name, there())
                                       : MigrateplanText::tr("%1 stands still while it moves to %2").arg(name, there());
    return bytes > 0 ? MigrateplanText::tr("%1; %2 of its disks are copied.").arg(way, sizeText(bytes))
                     : MigrateplanText::tr("%1; its disks stay where they are.").arg(way);
}

void Planner::addVolume(const QString &pool, const QString &volume, const QString &xml)
{
    addStep(u"volume.create"_s, MigrateplanText::tr("Create volume on %1").arg(there()), volume,
        MigrateplanText::tr("The volume is deleted again"), 0,
        {{u"host"_s, m_to}, {u"pool"_s, pool}, {u"name"_s, volume}, {u"xml"_s, xml}});
}

void Planner::addRelay(const FileMove &file)
{
    QJsonObject parameters{
        {u"host"_s, m_to}, {u"pool"_s, file.pool}, {u"volume"_s, file.volume}, {u"fromPath"_s, file.from}};
    if (file.namesOther && !file.backing.isEmpty()) {
        parameters.insert(u"backing"_s, file.backing);
    }
    addStep(u"volume.relay"_s,
        file.isMemory         ? MigrateplanText::tr("Copy a snapshot's memory")
            : file.isSeed     ? MigrateplanText::tr("Copy its seed")
            : file.whileSaved ? MigrateplanText::tr("Copy a disk")
                              : MigrateplanText::tr("Copy a layer"),
        file.volume, {}, file.bytes, parameters);
}

/** Layers first, beneath others first; then what the guest's disks go into. */
void Planner::addVolumes()
{
    for (const FileMove &file : m_layout.files) {
        if (!file.relay) {
            continue;
        }
        // Made empty: it becomes what is streamed into it, byte for byte.
        addVolume(file.pool, file.volume, volumeXml(file.volume, u"raw"_s, 0, {}, {}));
        if (!file.whileSaved) {
            addRelay(file);
        }
    }
    for (const QString &target : m_layout.live) {
        const DiskMove *move = m_layout.disk(target);
        const snapshot::DiskNow *disk = m_facts.source.disks.disk(target);
        if (!move || !disk || disk->chain.isEmpty()) {
            continue;
        }
        const snapshot::Chain &chain = disk->chain;
        snapshot::Layer below;
        if (move->kind != Kind::Copy && chain.size() > 1) {
            below = chain.at(1);
            const auto moved = std::ranges::find(m_layout.files, below.path, &FileMove::from);
            below.path = moved == m_layout.files.end() ? samePlace(m_draft, below.path) : moved->to;
        }
        const QString volume = move->to.mid(move->to.lastIndexOf(u'/') + 1);
        addVolume(move->pool, volume,
            volumeXml(volume, chain.constFirst().format, m_facts.source.disks.files.value(move->from).capacity,
                below.path, below.format));
    }
}

/** What the guest stands still for: all volumes are made by then, and what nobody writes to is in them. */
void Planner::addPassage(QJsonObject parameters)
{
    const SavedMemory memory = savedMemory(m_facts, m_draft, m_layout);
    const QString &name = m_plan.domainName;
    const quint64 bytes = m_facts.source.residentMemory > 0 ? m_facts.source.residentMemory : memory.bytes;
    addStep(u"migrate.save"_s, MigrateplanText::tr("Save the memory at the source"), name,
        MigrateplanText::tr("The VM goes on where it was"), bytes, {{u"to"_s, m_to}, {u"file"_s, memory.path}});
    for (const FileMove &file : m_layout.files) {
        if (file.relay && file.whileSaved) {
            addRelay(file);
        }
    }
    if (!memory.isShared) {
        addStep(u"volume.relay"_s, MigrateplanText::tr("Copy the memory"), memory.volumeThere, {}, bytes,
            {{u"host"_s, m_to}, {u"pool"_s, memory.poolThere}, {u"volume"_s, memory.volumeThere},
                {u"fromPath"_s, memory.path}});
        parameters.insert(u"fileThere"_s, memory.pathThere);
    }
    parameters.insert(u"file"_s, memory.path);
    addStep(u"migrate.restore"_s, MigrateplanText::tr("Go on at %1").arg(there()), name,
        MigrateplanText::tr("The VM is not at the destination any more"), 0, parameters);
}

void Planner::addMigration()
{
    const virt::DomainRecord &vm = m_facts.source.domain;
    const QJsonObject rewrite = m_rewrite.toJson();
    m_plan.steps += compareSteps(m_layout, virt::HostId::fromString(m_to), there()); // before anything is done
    if (!isOffline()) {
        addStep(u"domain.reserve"_s, MigrateplanText::tr("Reserve memory on %1").arg(there()), vm.name,
            MigrateplanText::tr("The memory is given back"), 0,
            {{u"to"_s, m_to}, {u"memory"_s, static_cast<double>(vm.maxMemoryKiB * kibibyte)}, {u"vcpus"_s, vm.vcpus}});
    }
    addVolumes();
    const SavedMemory memory = passes() ? savedMemory(m_facts, m_draft, m_layout) : SavedMemory();
    if (!memory.volumeThere.isEmpty()) {
        addVolume(memory.poolThere, memory.volumeThere, volumeXml(memory.volumeThere, u"raw"_s, 0, {}, {}));
    }
    const bool hasSnapshots = !m_facts.source.disks.snapshots.isEmpty();
    addStep(u"migrate.stash"_s,
        hasSnapshots ? MigrateplanText::tr("Keep definition and snapshots aside")
                     : MigrateplanText::tr("Keep the definition aside"),
        vm.name, MigrateplanText::tr("The snapshots are there again"), 0, {{u"to"_s, m_to}, {u"rewrite"_s, rewrite}});
    QJsonObject parameters{{u"to"_s, m_to}, {u"toName"_s, there()}, {u"options"_s, optionsToJson(m_options)},
        {u"rewrite"_s, rewrite}, {u"policy"_s, m_draft.policy.toJson()}};
    if (!m_draft.xml.isEmpty()) {
        parameters.insert(u"xml"_s, withoutSecrets(m_draft.xml));
    }
    if (!m_draft.persistentXml.isEmpty()) {
        parameters.insert(u"persistentXml"_s, withoutSecrets(m_draft.persistentXml));
    }
    quint64 bytes = isOffline()             ? 0
        : m_facts.source.residentMemory > 0 ? m_facts.source.residentMemory
                                            : vm.memoryKiB * kibibyte;
    for (const DiskMove &move : m_layout.disks) {
        bytes += move.bytes;
    }
    if (passes()) {
        addPassage(parameters);
    } else {
        addStep(u"domain.migrate"_s,
            isOffline() ? MigrateplanText::tr("Move the definition to %1").arg(there())
                        : MigrateplanText::tr("Migrate to %1").arg(there()),
            vm.name, MigrateplanText::tr("The VM stays where it is, until it runs at the destination"), bytes,
            parameters);
    }
    if (hasSnapshots) {
        addStep(u"migrate.snapshots"_s, MigrateplanText::tr("Bring the snapshots to %1").arg(there()), vm.name, {}, 0,
            {{u"to"_s, m_to}, {u"rewrite"_s, rewrite}});
    }
    addStep(u"migrate.settle"_s, MigrateplanText::tr("Check both hosts"), vm.name, {}, 0,
        {{u"to"_s, m_to}, {u"persistent"_s, m_options.persistent}, {u"autostart"_s, vm.autostart},
            {u"setTime"_s, m_draft.setTime && m_facts.source.disks.hasAgent && !isOffline()}, {u"rewrite"_s, rewrite},
            {u"uri"_s, m_options.peerToPeer ? m_draft.destinationUri : QString()}});
}

/** What was copied goes, unless the source keeps a definition that needs it, or others do. */
void Planner::addCleaning()
{
    const bool keepsDefinition = m_facts.source.domain.persistent && !m_options.undefineSource;
    if (!m_draft.deleteSourceDisks || keepsDefinition) {
        return;
    }
    QJsonArray volumes;
    const auto add = [this, &volumes](const QString &path) {
        const snapshot::FileFacts file = m_facts.source.disks.files.value(path);
        if (file.users.isEmpty() && !isBaseName(path.mid(path.lastIndexOf(u'/') + 1))) {
            volumes.append(path);
        }
    };
    for (const DiskMove &move : m_layout.disks) {
        if (move.kind == Kind::Copy || move.kind == Kind::CopyTop || move.kind == Kind::CopyChain) {
            add(move.from);
            const snapshot::DiskNow *disk = m_facts.source.disks.disk(move.target);
            // Flattened: its layers went with it.
            for (qsizetype i = 1; move.kind == Kind::Copy && disk && i < disk->chain.size(); ++i) {
                add(disk->chain.at(i).path);
            }
        }
    }
    // What lies on others goes before them.
    for (const FileMove &file : m_layout.files | std::views::reverse) {
        if (!volumes.contains(file.from)) {
            add(file.from);
        }
    }
    if (!volumes.isEmpty()) {
        const auto count = static_cast<int>(volumes.size());
        addStep(u"migrate.cleanSource"_s, MigrateplanText::tr("Delete what was copied from the source"),
            count == 1 ? MigrateplanText::tr("1 file") : MigrateplanText::tr("%n files", nullptr, count), {}, 0,
            {{u"to"_s, m_to}, {u"volumes"_s, volumes}});
    }
}

void Planner::addSteps()
{
    addMigration();
    addCleaning();
}

} // namespace

job::Plan planMigrate(
    const virt::HostId &source, const virt::HostId &destination, const MigrateFacts &facts, const MigrateDraft &draft)
{
    if (movesCold(draft)) {
        job::Plan plan = planColdMove(source, destination, resizeFactsOf(facts), facts, resizeDraftOf(draft), draft);
        plan.operation = u"migrate"_s;
        plan.draft = migrateDraftToJson(facts.source.host.uri, facts.source.domain.name, draft);
        return plan;
    }
    return Planner(source, destination, facts, draft).make();
}

} // namespace vireo::operation
