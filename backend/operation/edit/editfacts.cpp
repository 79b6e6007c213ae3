// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QFileInfo>
#include <QHash>

#include "backend/operation/edit/editparts.h"
#include "backend/virt/domains.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;
namespace storage = virt::storage;

/** What the wanted definition names that the stored one does not. */
struct Wanted {
    QHash<QString, QString> disks; ///< path on the host -> as the definition calls it
    bool hasNewCards = false;
};

Result<Wanted> readWanted(virt::Connection &connection, EditFacts &facts, const QString &wanted)
{
    Wanted result;
    const auto document = xml::Document::parse(wanted);
    const auto before = xml::Document::parse(facts.stored.isEmpty() ? facts.running : facts.stored);
    if (!document || !before) {
        return result; // planEdit() says so
    }
    QStringList known;
    const QList<DevicePart> old = devicesOf(*before);
    for (const DevicePart &device : old) {
        known << device.meaning;
    }
    const QList<xml::Element> devices = document->root().child(u"devices"_s).children();
    for (const xml::Element &device : devices) {
        const DevicePart part = deviceOf(device);
        if (known.contains(part.meaning)) {
            continue;
        }
        if (part.kind == "interface"_L1) {
            result.hasNewCards = true;
        }
        const QString source = part.kind == "disk"_L1 ? diskSourceOf(device) : QString();
        if (source.isEmpty()) {
            continue;
        }
        if (source.startsWith(u'/')) {
            result.disks.insert(source, source);
            continue;
        }
        const auto volume = storage::volume(connection, source.section(u'/', 0, 0), source.section(u'/', 1));
        if (volume) {
            result.disks.insert(volume->path, source);
        } else if (volume.error().kind == Error::Kind::NotFound) {
            facts.missing << source;
        } else {
            return fail(volume.error());
        }
    }
    return result;
}

/** A file that should lie in a pool's directory, and does not. */
Result<> findMissing(virt::Connection &connection, const Wanted &wanted, EditFacts &facts)
{
    QList<storage::Pool> pools;
    for (auto it = wanted.disks.cbegin(); it != wanted.disks.cend(); ++it) {
        if (it.key() != it.value()) {
            continue; // a volume that was found
        }
        if (pools.isEmpty()) {
            auto all = storage::pools(connection);
            if (!all) {
                return fail(all.error());
            }
            pools = *std::move(all);
        }
        const QString directory = QFileInfo(it.key()).path();
        const bool isInPool = std::ranges::any_of(pools, [&directory](const storage::Pool &pool) {
            return pool.active && storage::isFileBased(pool) && pool.targetPath == directory;
        });
        const auto volume = isInPool ? storage::volumeByPath(connection, it.key()) : storage::Volume();
        if (!volume && volume.error().kind == Error::Kind::NotFound) {
            facts.missing << it.value();
        }
    }
    return {};
}

/** Whether a running VM has the path as a disk that it may write to. */
bool isWrittenBy(virt::Connection &connection, const storage::DiskUse &use)
{
    const auto state = domains::state(connection, use.domain);
    if (!state || !state->exists || state->id < 0) {
        return false;
    }
    const auto text = domains::xml(connection, use.domain, domains::XmlKind::Live);
    const auto document = text ? xml::Document::parse(*text) : fail(text.error());
    if (!document) {
        return true; // it runs, and what it does is not known
    }
    const QList<xml::Element> disks = document->root().child(u"devices"_s).children(u"disk"_s);
    return std::ranges::any_of(disks, [&use](const xml::Element &disk) {
        return disk.child(u"target"_s).attribute(u"dev"_s) == use.target && !disk.child(u"readonly"_s)
            && !disk.child(u"shareable"_s);
    });
}

Result<> findDiskUsers(virt::Connection &connection, const Wanted &wanted, EditFacts &facts)
{
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    for (const storage::DiskUse &use : *uses) {
        const auto named = wanted.disks.constFind(use.path);
        if (named == wanted.disks.cend() || use.domain == facts.domain.uuid) {
            continue;
        }
        if (QStringList &users = facts.diskUsers[named.value()]; !users.contains(use.domainName)) {
            users << use.domainName;
        }
        if (!use.isBase && isWrittenBy(connection, use)
            && !facts.runningUsers.value(named.value()).contains(use.domainName)) {
            facts.runningUsers[named.value()] << use.domainName;
        }
    }
    return {};
}

Result<> findMacs(virt::Connection &connection, EditFacts &facts)
{
    const auto all = domains::list(connection);
    if (!all) {
        return fail(all.error());
    }
    for (const virt::DomainRecord &domain : *all) {
        const auto text = domain.uuid == facts.domain.uuid
            ? Result<QString>(QString())
            : domains::xml(connection, domain.uuid, domains::XmlKind::Inactive);
        const auto document = text && !text->isEmpty() ? xml::Document::parse(*text) : fail(Error());
        if (!document) {
            continue; // gone meanwhile, or ourselves
        }
        const QList<xml::Element> cards = document->root().child(u"devices"_s).children(u"interface"_s);
        for (const xml::Element &card : cards) {
            facts.takenMacs << card.child(u"mac"_s).attribute(u"address"_s).toLower();
        }
    }
    return {};
}

} // namespace

Result<EditFacts> readEditFacts(virt::Connection &connection, const QUuid &domain, const QString &wanted)
{
    EditFacts facts;
    auto record = domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    facts.domain = *std::move(record);
    if (facts.domain.persistent) {
        auto stored = domains::xml(connection, domain, domains::XmlKind::Inactive);
        if (!stored) {
            return fail(stored.error());
        }
        facts.stored = *std::move(stored);
    }
    if (facts.domain.isActive() || facts.domain.id >= 0) {
        auto running = domains::xml(connection, domain, domains::XmlKind::Live);
        if (!running) {
            return fail(running.error());
        }
        facts.running = *std::move(running);
    }
    if (wanted.isEmpty()) {
        return facts;
    }
    const auto named = readWanted(connection, facts, wanted);
    if (!named) {
        return fail(named.error());
    }
    if (!named->disks.isEmpty()) {
        if (const Result<> read = findMissing(connection, *named, facts); !read) {
            return fail(read.error());
        }
        if (const Result<> read = findDiskUsers(connection, *named, facts); !read) {
            return fail(read.error());
        }
    }
    if (named->hasNewCards) {
        if (const Result<> read = findMacs(connection, facts); !read) {
            return fail(read.error());
        }
    }
    return facts;
}

} // namespace vireo::operation
