// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/xml/document.h"

/** What libvirt is told of a migration: the rewriting of the XML, flags and figures, and the forecast's input. */

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using virt::migration::Options;

/** What the user maps is a network, or a bridge or another device of the host. */
void mapNetworks(const xml::Element &devices, const MigrateDraft &draft, MigrateRewrite &rewrite)
{
    const auto take = [&draft](const QString &name, QMap<QString, QString> &into) {
        const auto found = draft.map.networks.constFind(name);
        if (found != draft.map.networks.constEnd()) {
            into.insert(name, *found);
        }
    };
    const QList<xml::Element> all = devices.children();
    for (const xml::Element &device : all) {
        if (device.name() == "interface"_L1) {
            const xml::Element source = device.child(u"source"_s);
            take(source.attribute(u"network"_s), rewrite.networks);
            take(source.attribute(u"bridge"_s), rewrite.bridges);
            take(source.attribute(u"dev"_s), rewrite.bridges);
        } else if (device.name() == "graphics"_L1) {
            const QList<xml::Element> listens = device.children(u"listen"_s);
            for (const xml::Element &listen : listens) {
                take(listen.attribute(u"network"_s), rewrite.networks);
            }
        }
    }
}

void mapDisks(const MigrateFacts &facts, const MigrateLayout &layout, MigrateRewrite &rewrite)
{
    const auto moved = [&](const QString &from, const QString &to) {
        if (from.isEmpty() || to.isEmpty()) {
            return;
        }
        if (from != to) {
            rewrite.paths.insert(from, to);
        }
        const snapshot::FileFacts file = facts.source.disks.files.value(from);
        if (!file.volume.isEmpty()) {
            rewrite.paths.insert(file.pool + u'/' + file.volume, to); // where the XML names it as a volume
        }
    };
    for (const FileMove &file : layout.files) {
        moved(file.from, file.to);
    }
    const QList<MigrateDisk> disks = migrateDisks(facts.source.liveXml);
    for (const DiskMove &disk : layout.disks) {
        if (disk.kind == Kind::Medium) {
            if (disk.to.isEmpty() && !disk.from.isEmpty()) {
                rewrite.ejected.append(disk.target);
            }
            continue;
        }
        const auto described = std::ranges::find(disks, disk.target, &MigrateDisk::target);
        const bool isVolume = described != disks.end() && !described->volume.isEmpty();
        if (disk.kind == Kind::Shared) {
            const bool hasPool =
                isVolume && std::ranges::any_of(facts.destination.pools, [&described](const virt::storage::Pool &pool) {
                    return pool.name == described->pool && pool.active;
                });
            if (isVolume && !hasPool) {
                moved(disk.from, disk.to); // by its path then
            }
            continue;
        }
        if (disk.to.isEmpty()) {
            continue; // nobody knows where; that blocks
        }
        moved(disk.from, disk.to);
        if (disk.to != disk.from || isVolume) {
            rewrite.disks.insert(disk.target, disk.to);
        }
        const snapshot::DiskNow *now = facts.source.disks.disk(disk.target);
        if (disk.kind == Kind::Copy && now && now->chain.size() > 1) {
            rewrite.flattened.append(disk.target);
        }
    }
}

bool listensOnSource(const xml::Element &devices)
{
    const QList<xml::Element> all = devices.children();
    return std::ranges::any_of(all, [](const xml::Element &device) {
        if (device.name() == "graphics"_L1) {
            const QList<xml::Element> listens = device.children(u"listen"_s);
            return isAddressOfHost(device.attribute(u"listen"_s))
                || std::ranges::any_of(listens, [](const xml::Element &listen) {
                       return isAddressOfHost(listen.attribute(u"address"_s))
                           && listen.attribute(u"type"_s) != "network"_L1;
                   });
        }
        const QList<xml::Element> sources = device.children(u"source"_s);
        return std::ranges::any_of(sources, [](const xml::Element &source) {
            return source.attribute(u"mode"_s) == "bind"_L1 && isAddressOfHost(source.attribute(u"host"_s));
        });
    });
}

} // namespace

bool isPeerToPeer(const MigrateFacts &facts, const MigrateDraft &draft)
{
    using Path = MigrateDraft::Path;
    if (draft.path != Path::Auto) {
        return draft.path != Path::Direct && draft.path != Path::ThisComputer;
    }
    return facts.pair.reach.state == MigratePair::Reach::State::Yes;
}

MigrateRewrite migrateRewrite(const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout)
{
    MigrateRewrite rewrite;
    const auto document = xml::Document::parse(facts.source.liveXml);
    const xml::Element devices = document ? document->root().child(u"devices"_s) : xml::Element();
    mapNetworks(devices, draft, rewrite);
    rewrite.paths = draft.map.paths;
    mapDisks(facts, layout, rewrite);
    if (listensOnSource(devices)) {
        rewrite.listenAddress = u"127.0.0.1"_s;
    }
    return rewrite;
}

Options migrateOptions(const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout)
{
    using Mode = MigrateDraft::Mode;
    Options options;
    options.offline = movesOffline(facts.source);
    options.live = !options.offline && draft.mode == Mode::Live && !passesThrough(facts.source, draft);
    options.peerToPeer = isPeerToPeer(facts, draft);
    options.tunnelled = draft.path == MigrateDraft::Path::Tunnelled;
    const bool isPersistent = facts.source.domain.persistent;
    options.persistent = options.offline || (draft.persistent && isPersistent);
    options.undefineSource = draft.undefineSource && isPersistent;
    if (!options.offline) {
        options.postCopy = draft.postCopy && options.live;
        options.autoConverge = draft.autoConverge;
        options.throttleInitial = draft.autoConverge ? draft.throttleInitial : 0;
        options.throttleIncrement = draft.autoConverge ? draft.throttleIncrement : 0;
        options.parallel = draft.parallel;
        options.compression = draft.compress;
        options.bandwidth = draft.bandwidth;
        options.postCopyBandwidth = options.postCopy ? draft.postCopyBandwidth : 0;
        options.downtimeMs = options.live ? draft.policy.initialDowntimeMs : 0;
        options.tls = draft.tls;
        options.migrateUri = draft.migrateUri;
        options.listenAddress = draft.listenAddress;
        options.disks = layout.live;
        options.storage = layout.live.isEmpty() ? Options::Storage::None
            : layout.incremental                ? Options::Storage::Incremental
                                                : Options::Storage::Full;
    }
    options.abortOnError = !options.offline;
    if (options.peerToPeer) {
        options.destinationUri = draft.destinationUri.isEmpty() ? facts.pair.reach.uri : draft.destinationUri;
    }
    // libvirt knows shared file systems by their type alone; what a marker proved is more than that. What is shared
    // only by somebody's word is left to its judgement.
    const QList<MigrateDisk> disks = migrateDisks(facts.source.liveXml);
    bool isProven = false;
    bool isDoubtful = false;
    for (const DiskMove &move : layout.disks) {
        const auto disk = std::ranges::find(disks, move.target, &MigrateDisk::target);
        if (move.kind != Kind::Shared || disk == disks.end() || disk->type == "network"_L1 || move.from.isEmpty()) {
            continue;
        }
        const bool same = facts.pair.files.value(move.from).sharing == FileThere::Sharing::Same;
        isProven = isProven || same;
        isDoubtful = isDoubtful || (!same && disk->type != "block"_L1);
    }
    options.unsafe = !options.offline && isProven && !isDoubtful;
    return options;
}

migration::ForecastInput forecastInput(const MigrateFacts &facts, const MigrateDraft &draft)
{
    using Source = migration::ForecastInput::BandwidthSource;
    constexpr quint64 kibibyte = 1024;
    constexpr quint64 assumedLow = 110'000'000;    ///< a gigabit link
    constexpr quint64 assumedHigh = 1'100'000'000; ///< ten of them
    migration::ForecastInput input;
    input.memory = facts.source.domain.maxMemoryKiB * kibibyte;
    input.usedMemory = std::min(facts.source.residentMemory, input.memory);
    input.dirty = facts.source.dirty;
    if (facts.pair.measured.low > 0) {
        input.bandwidthLow = facts.pair.measured.low;
        input.bandwidthHigh = facts.pair.measured.high;
        input.bandwidthSource = facts.pair.isMeasuredNow ? Source::Measured : Source::Remembered;
    } else if (facts.pair.rememberedBandwidth > 0) {
        // Neither link nor load are quite what they were.
        input.bandwidthLow = facts.pair.rememberedBandwidth * 8 / 10;
        input.bandwidthHigh = facts.pair.rememberedBandwidth * 12 / 10;
        input.bandwidthSource = Source::Remembered;
    } else {
        input.bandwidthLow = assumedLow;
        input.bandwidthHigh = assumedHigh;
        input.bandwidthSource = Source::Assumed;
    }
    input.bandwidthLimit = draft.bandwidth;
    input.downtimeLimitMs = draft.policy.maxDowntimeMs;
    const MigrateLayout layout = migrateLayout(facts, draft);
    for (const DiskMove &move : layout.disks) {
        input.disk += move.bytes;
    }
    for (const FileMove &file : layout.files) {
        input.disk += file.whileSaved ? file.bytes : 0;
    }
    input.postCopy = draft.postCopy;
    input.autoConverge = draft.autoConverge;
    return input;
}

} // namespace vireo::operation
