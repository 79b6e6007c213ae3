// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/base/sizetext.h"
#include "backend/operation/migrate/migratepassage_p.h"
#include "backend/operation/migrate/migratepreflight_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using Topic = Check::Topic;
using virt::storage::Pool;

struct PassageText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepassage)
};

constexpr quint64 kibibyte = 1024;
constexpr quint64 assumedRate = 100'000'000; ///< bytes per second: of a disk, or a gigabit link
constexpr quint64 memoryPasses = 3;          ///< it is written, sent and read
constexpr quint64 secondMs = 1000;
constexpr quint64 minuteS = 60;
constexpr quint64 devices = 16 << 20; ///< what is saved beside the guest's memory

QString lengthText(quint64 ms)
{
    const quint64 seconds = std::max<quint64>(1, (ms + secondMs / 2) / secondMs);
    if (seconds < 2 * minuteS) {
        return seconds == 1 ? PassageText::tr("1 second")
                            : PassageText::tr("%n seconds", nullptr, static_cast<int>(seconds));
    }
    const quint64 minutes = (seconds + minuteS / 2) / minuteS;
    return PassageText::tr("%n minutes", nullptr, static_cast<int>(minutes));
}

const Pool *filePool(const QList<Pool> &pools, auto matches)
{
    const auto found = std::ranges::find_if(
        pools, [&](const Pool &pool) { return pool.active && virt::storage::isFileBased(pool) && matches(pool); });
    return found == pools.end() ? nullptr : &*found;
}

const Pool *roomiest(const QList<Pool> &pools)
{
    const Pool *best = nullptr;
    for (const Pool &pool : pools) {
        if (pool.active && virt::storage::isFileBased(pool) && (!best || pool.available > best->available)) {
            best = &pool;
        }
    }
    return best;
}

const Pool *poolHere(const MigrateFacts &facts, const MigrateLayout &layout, const DiskMove *&beside)
{
    for (const DiskMove &move : layout.disks) {
        if (move.kind == Kind::Medium || move.from.isEmpty()) {
            continue;
        }
        const QString directory = QFileInfo(move.from).path();
        const Pool *pool =
            filePool(facts.source.pools, [&directory](const Pool &each) { return each.targetPath == directory; });
        if (pool) {
            beside = &move;
            return pool;
        }
    }
    return roomiest(facts.source.pools);
}

const Pool *poolThere(const MigrateFacts &facts, const MigrateDraft &draft, const DiskMove *beside, const QString &here)
{
    const QList<Pool> &pools = facts.destination.pools;
    const auto named = [&pools](const QString &name) {
        return filePool(pools, [&name](const Pool &pool) { return pool.name == name; });
    };
    const Pool *pool = beside && !beside->pool.isEmpty() ? named(beside->pool) : nullptr;
    pool = pool ? pool : named(draft.map.pools.value(here, here));
    return pool ? pool : roomiest(pools);
}

/** What the copies leave free in a pool of the destination. */
quint64 roomThere(const MigrateFacts &facts, const MigrateLayout &layout, const QString &pool)
{
    const auto found = std::ranges::find(facts.destination.pools, pool, &Pool::name);
    quint64 room = facts.pair.poolSpace.value(pool, found == facts.destination.pools.end() ? 0 : found->available);
    for (const FileMove &file : layout.files) {
        if (file.relay && file.pool == pool) {
            room -= std::min(room, file.bytes);
        }
    }
    return room;
}

void checkMemoryFile(Preflight &grid, const SavedMemory &memory)
{
    const auto blockPlace = [&grid](const QString &text) {
        grid.block(Topic::Disks, text, PassageText::tr("The guest's memory is a file while it passes."),
            PassageText::tr("Start or make a pool that is a directory."));
    };
    const auto blockRoom = [&grid, &memory](const QString &pool, quint64 room) {
        grid.block(Topic::Disks, PassageText::tr("The pool “%1” has no room for the guest's memory.").arg(pool),
            PassageText::tr("It takes up to %1, and %2 are free.").arg(sizeText(memory.bytes), sizeText(room)),
            PassageText::tr("Make room there."));
    };
    if (memory.pool.isEmpty()) {
        blockPlace(PassageText::tr("The source has no active pool for the memory of %1.").arg(grid.name()));
        return;
    }
    const auto here = std::ranges::find(grid.facts.source.pools, memory.pool, &Pool::name);
    if (here->available < memory.bytes) {
        blockRoom(memory.pool, here->available);
    }
    if (memory.isShared) {
        return;
    }
    if (memory.poolThere.isEmpty()) {
        blockPlace(PassageText::tr("%1 has no active pool for the memory of %2.").arg(grid.there(), grid.name()));
        return;
    }
    if (const quint64 room = roomThere(grid.facts, grid.layout, memory.poolThere); room < memory.bytes) {
        blockRoom(memory.poolThere, room);
    }
}

bool hasIdleOptions(const MigrateDraft &draft)
{
    return draft.postCopy || draft.parallel > 0 || draft.autoConverge || draft.tls || draft.bandwidth > 0
        || draft.compress != virt::migration::Options::Compression::None;
}

} // namespace

bool passesThrough(const MigrateSource &source, const MigrateDraft &draft)
{
    return draft.path == MigrateDraft::Path::ThisComputer && !movesOffline(source);
}

SavedMemory savedMemory(const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout)
{
    SavedMemory memory;
    // All of it may have been written by the time that it is saved.
    memory.bytes = facts.source.domain.memoryKiB * kibibyte + devices;
    const DiskMove *beside = nullptr;
    const Pool *here = poolHere(facts, layout, beside);
    if (!here) {
        return memory;
    }
    const QString name = u"vireo-migration-%1.save"_s.arg(facts.source.token);
    memory.pool = here->name;
    memory.path = here->targetPath + u'/' + name;
    const bool isSameDirectory = beside && beside->kind == Kind::Shared && beside->to == beside->from
        && facts.pair.files.value(beside->from).sharing == FileThere::Sharing::Same;
    if (isSameDirectory) {
        memory.isShared = true;
        memory.pathThere = memory.path;
    } else if (const Pool *there = poolThere(facts, draft, beside, here->name)) {
        memory.poolThere = there->name;
        memory.volumeThere = name;
        memory.pathThere = there->targetPath + u'/' + name;
    }
    return memory;
}

quint64 passageMs(const migration::ForecastInput &input)
{
    const quint64 memory = input.usedMemory > 0 ? input.usedMemory : input.memory;
    return (memory * memoryPasses + input.disk) / (assumedRate / secondMs);
}

QString passageText(const migration::ForecastInput &input)
{
    return PassageText::tr("The guest stands still while its memory and disks pass through this computer: about %1.")
        .arg(lengthText(passageMs(input)));
}

void checkPassage(Preflight &grid)
{
    const migration::ForecastInput input = forecastInput(grid.facts, grid.draft);
    grid.add(Topic::Reachability, Severity::Warning, passageText(input),
        PassageText::tr(
            "That is an estimate for %1 a second. If Vireo or this computer ends meanwhile, the guest stands "
            "still until the job is finished or undone: its memory is kept at the source.")
            .arg(sizeText(assumedRate)),
        PassageText::tr("Let the hosts reach each other, and choose another connection."));
    checkMemoryFile(grid, savedMemory(grid.facts, grid.draft, grid.layout));
    if (hasIdleOptions(grid.draft)) {
        grid.add(Topic::Libvirt, Severity::Note,
            PassageText::tr(
                "Post-copy, compression, parallel connections, auto-converge, TLS and limits have no meaning "
                "for a guest that passes through this computer."));
    }
}

} // namespace vireo::operation
