// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/seedchange.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>

#include "backend/operation/create/createlayout.h"
#include "backend/seed/seedimage.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Severity = job::Finding::Severity;

struct SeedchangeText {
    Q_DECLARE_TR_FUNCTIONS(operation_seedChange)
};

xml::Element seedElement(const xml::Document &domain)
{
    return domain.root()
        .child(u"metadata"_s)
        .child(u"domain"_s, QString::fromLatin1(xml::MetadataNamespace))
        .child(u"seed"_s);
}

/** The drive whose medium has the volume's name. */
void findDrive(const xml::Document &domain, SeedFacts &facts)
{
    const QList<xml::Element> disks = domain.root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &disk : disks) {
        if (disk.attribute(u"device"_s) == "cdrom"_L1 && !facts.seedVolume.isEmpty()
            && QFileInfo(mediumOf(disk)).fileName() == facts.seedVolume) {
            facts.target = disk.child(u"target"_s).attribute(u"dev"_s);
            facts.path = mediumOf(disk);
        }
    }
}

Result<> readStorage(virt::Connection &connection, SeedFacts &facts)
{
    const auto volume = storage::volumeByPath(connection, facts.path);
    if (!volume && volume.error().kind != Error::Kind::NotFound) {
        return fail(volume.error());
    }
    facts.exists = volume.has_value();
    auto pool = volume ? storage::pool(connection, volume->pool)
                       : storage::poolByTarget(connection, QFileInfo(facts.path).path());
    if (!pool && pool.error().kind != Error::Kind::NotFound) {
        return fail(pool.error());
    }
    if (pool && pool->active) {
        auto volumes = storage::volumes(connection, pool->name);
        if (!volumes) {
            return fail(volumes.error());
        }
        facts.volumes = *std::move(volumes);
    }
    facts.pool = pool.value_or(storage::Pool());
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    for (const storage::DiskUse &use : *uses) {
        if (use.path == facts.path && use.domain != facts.domain.uuid && !facts.otherUsers.contains(use.domainName)) {
            facts.otherUsers << use.domainName;
        }
    }
    return {};
}

/** What both plans begin with. */
job::Plan begin(const virt::HostId &host, const SeedFacts &facts)
{
    job::Plan plan;
    plan.host = host;
    plan.domain = facts.domain.uuid;
    plan.domainName = facts.domain.name;
    plan.xmlBefore = facts.xml;
    const QString &name = facts.domain.name;
    const auto block = [&plan](const QString &text, const QString &cause, const QString &fix = {}) {
        plan.findings.append({Severity::Blocker, text, cause, fix});
    };
    if (facts.seedVolume.isEmpty()) {
        block(SeedchangeText::tr("%1 has no seed.").arg(name),
            SeedchangeText::tr("It was not made with one here; other CD-ROMs are changed on its hardware page."));
    } else if (facts.target.isEmpty()) {
        block(SeedchangeText::tr("The seed “%1” is in no drive of %2 any more.").arg(facts.seedVolume, name),
            SeedchangeText::tr("The CD-ROM drive was removed or holds something else."));
    } else if (facts.differs) {
        block(SeedchangeText::tr("The drive %1 holds something else while %2 runs than after its next start.")
                  .arg(facts.target, name),
            {}, SeedchangeText::tr("Shut the VM down, then try again."));
    } else if (facts.pool.name.isEmpty() || !facts.pool.active) {
        block(SeedchangeText::tr("No active storage pool of the host knows “%1”.").arg(facts.path), {},
            SeedchangeText::tr("Start the pool that it is in."));
    }
    if (facts.domain.managedSave) {
        block(SeedchangeText::tr("%1 is saved and would be restored with the seed that it had.").arg(name), {},
            SeedchangeText::tr("Start it, or discard the saved state."));
    }
    if (plan.isBlocked()) {
        return plan;
    }
    if (!facts.exists) {
        plan.findings.append(
            {Severity::Note, SeedchangeText::tr("The volume “%1” is gone already.").arg(facts.seedVolume), {}, {}});
    } else if (!facts.otherUsers.isEmpty()) {
        plan.findings.append({Severity::Note, SeedchangeText::tr("The volume “%1” is kept.").arg(facts.seedVolume),
            SeedchangeText::tr("It is used by: %1.").arg(facts.otherUsers.join(u", "_s)), {}});
    }
    return plan;
}

job::Step stepOf(const QString &type, const QString &title, const QString &object, const QString &undo,
    const QJsonObject &parameters)
{
    return {type, title, object, undo, 0, parameters};
}

/** From the old medium to another, in the drive, in the metadata and in the pool. */
void change(job::Plan &plan, const SeedFacts &facts, const QString &volume, const QString &path)
{
    const QString uuid = facts.domain.uuid.toString(QUuid::WithoutBraces);
    const bool ejects = path.isEmpty();
    plan.steps.append(stepOf(u"domain.changeMedia"_s,
        ejects ? SeedchangeText::tr("Eject the seed") : SeedchangeText::tr("Insert the new seed"), facts.target,
        SeedchangeText::tr("Insert the old seed again"),
        {{u"uuid"_s, uuid}, {u"target"_s, facts.target}, {u"path"_s, path}, {u"before"_s, facts.path}}));
    plan.steps.append(stepOf(u"domain.setSeed"_s, SeedchangeText::tr("Note which volume is the seed"),
        facts.domain.name, SeedchangeText::tr("Note the old one again"),
        {{u"uuid"_s, uuid}, {u"volume"_s, volume}, {u"before"_s, facts.seedVolume}}));
    if (facts.exists && facts.otherUsers.isEmpty()) {
        plan.steps.append(stepOf(u"volume.delete"_s, SeedchangeText::tr("Delete the old seed"), facts.seedVolume, {},
            {{u"pool"_s, facts.pool.name}, {u"volume"_s, facts.seedVolume}}));
    }
    if (const auto document = xml::Document::parse(facts.xml)) {
        setMedium(cdromOf(*document, facts.target), path);
        xml::Element name = seedElement(*document);
        if (ejects) {
            name.remove();
        } else {
            name.setText(volume);
        }
        plan.xmlAfter = document->toString();
    }
}

/** web01-seed.iso, then web01-seed-2.iso …: never a name that is or was another seed's of this VM. */
QString nextVolume(const SeedFacts &facts)
{
    static const QRegularExpression form(u"\\A(.*?)(?:-seed(?:-([0-9]{1,6}))?)?(?:\\.iso)?\\z"_s);
    const QRegularExpressionMatch match = form.match(facts.seedVolume);
    const auto taken = [&facts](const QString &name) {
        return std::ranges::find(facts.volumes, name, &storage::Volume::name) != facts.volumes.end();
    };
    QString name;
    int number = std::max(1, match.captured(2).toInt());
    do {
        name = u"%1-seed-%2.iso"_s.arg(match.captured(1)).arg(++number);
    } while (taken(name));
    return name;
}

} // namespace

QString seedVolumeOf(const xml::Document &domain)
{
    return seedElement(domain).text().trimmed();
}

xml::Element cdromOf(const xml::Document &domain, const QString &target)
{
    const QList<xml::Element> disks = domain.root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &disk : disks) {
        if (disk.attribute(u"device"_s) == "cdrom"_L1 && disk.child(u"target"_s).attribute(u"dev"_s) == target) {
            return disk;
        }
    }
    return {};
}

QString mediumOf(const xml::Element &disk)
{
    const xml::Element source = disk.child(u"source"_s);
    for (const QString &attribute : {u"file"_s, u"dev"_s}) {
        if (const QString path = source.attribute(attribute); !path.isEmpty()) {
            return path;
        }
    }
    return source.attribute(u"volume"_s).isEmpty() ? QString()
                                                   : source.attribute(u"pool"_s) + u'/' + source.attribute(u"volume"_s);
}

void setMedium(xml::Element disk, const QString &path)
{
    disk.child(u"source"_s).remove();
    disk.child(u"backingStore"_s).remove(); // what libvirt found out about the old one
    disk.setAttribute(u"type"_s, u"file"_s);
    if (!path.isEmpty()) {
        disk.append(u"source"_s).setAttribute(u"file"_s, path);
    }
}

Result<SeedFacts> readSeedFacts(virt::Connection &connection, const QUuid &domain)
{
    namespace domains = virt::domains;
    SeedFacts facts;
    auto record = domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    facts.domain = *std::move(record);
    auto xml =
        domains::xml(connection, domain, facts.domain.persistent ? domains::XmlKind::Inactive : domains::XmlKind::Live);
    if (!xml) {
        return fail(xml.error());
    }
    facts.xml = *std::move(xml);
    const auto document = xml::Document::parse(facts.xml);
    if (!document) {
        return fail(document.error());
    }
    facts.seedVolume = seedVolumeOf(*document);
    findDrive(*document, facts);
    const QList<xml::Element> cards = document->root().child(u"devices"_s).children(u"interface"_s);
    for (const xml::Element &card : cards) {
        facts.macs << card.child(u"mac"_s).attribute(u"address"_s);
    }
    if (facts.target.isEmpty()) {
        return facts;
    }
    if (facts.domain.isActive() && facts.domain.persistent) {
        const auto live = domains::xml(connection, domain, domains::XmlKind::Live);
        if (!live) {
            return fail(live.error());
        }
        const auto running = xml::Document::parse(*live);
        if (!running) {
            return fail(running.error());
        }
        facts.differs = mediumOf(cdromOf(*running, facts.target)) != facts.path;
    }
    if (const Result<> read = readStorage(connection, facts); !read) {
        return fail(read.error());
    }
    return facts;
}

job::Plan planRegenerateSeed(
    const virt::HostId &host, const SeedFacts &facts, const seed::SeedDraft &draft, const QString &instanceId)
{
    job::Plan plan = begin(host, facts);
    plan.operation = u"seed.regenerate"_s;
    plan.title = SeedchangeText::tr("Make a new seed for %1").arg(facts.domain.name);
    const seed::SeedDraft whole = seed::withMacs(draft, facts.macs);
    plan.draft = {{u"operation"_s, plan.operation}, {u"seed"_s, draft.toJson()}};
    for (const seed::Problem &problem : seed::problemsOf(whole, u"seed"_s)) {
        plan.findings.append({Severity::Blocker, problem.message, problem.path, {}});
    }
    for (const seed::Problem &note : seed::notesOf(whole, u"seed"_s)) {
        plan.findings.append({Severity::Warning, note.message, note.path, {}});
    }
    if (plan.isBlocked()) {
        return plan;
    }
    if (const auto files = seed::seedFiles(whole, instanceId); !files) {
        plan.findings.append({Severity::Blocker, files.error().message, {}, {}});
        return plan;
    }
    const QString volume = nextVolume(facts);
    QString directory = facts.pool.targetPath;
    while (directory.size() > 1 && directory.endsWith(u'/')) {
        directory.chop(1);
    }
    plan.steps.append(stepOf(u"seed.upload"_s, SeedchangeText::tr("Make the new seed"), volume,
        SeedchangeText::tr("Delete the new seed"),
        {{u"pool"_s, facts.pool.name}, {u"volume"_s, volume}, {u"xml"_s, volumeXml(volume, u"raw"_s, 0, {}, {})},
            {u"seed"_s, whole.toJson()}, {u"instanceId"_s, instanceId}}));
    change(plan, facts, volume, directory + u'/' + volume);
    plan.verdict = facts.domain.isActive()
        ? SeedchangeText::tr("%1 reads the new seed when it boots the next time.").arg(facts.domain.name)
        : SeedchangeText::tr("%1 reads the new seed when it is started.").arg(facts.domain.name);
    return plan;
}

job::Plan planEjectSeed(const virt::HostId &host, const SeedFacts &facts)
{
    job::Plan plan = begin(host, facts);
    plan.operation = u"seed.eject"_s;
    plan.title = SeedchangeText::tr("Eject the seed of %1").arg(facts.domain.name);
    plan.draft = {{u"operation"_s, plan.operation}};
    if (plan.isBlocked()) {
        return plan;
    }
    if (facts.domain.isActive()) {
        plan.findings.append({Severity::Note,
            SeedchangeText::tr("A guest that is still at its first boot may not have read everything."), {}, {}});
    }
    change(plan, facts, {}, {});
    plan.verdict = SeedchangeText::tr("The seed is ejected; %1 stays as it is.").arg(facts.domain.name);
    return plan;
}

} // namespace vireo::operation
