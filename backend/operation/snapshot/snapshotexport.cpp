// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotexport.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/snapshot/snapshotexportdraft.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Plan;
using job::Step;
using snapshot::Chain;
using snapshot::Facts;
using snapshot::FileFacts;
using snapshot::Layer;
using Severity = job::Finding::Severity;

struct SnapshotexportText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotExport)
};

/** The results' key of the directory in the user's cache. */
constexpr auto workKey = "export"_L1;

/** Where the content is read. */
enum class Source {
    Live,    ///< the running VM's block job copies what it writes to
    Frozen,  ///< nobody writes to the chain: a work domain copies it
    Internal ///< within a file: that is fetched, and read here
};

/** Makes one plan. */
class Planner final
{
    Q_DISABLE_COPY_MOVE(Planner)

public:
    Planner(const virt::HostId &host, const Facts &facts, const SnapshotExportDraft &draft, const ExportTarget &target)
        : m_facts(facts)
        , m_draft(draft)
        , m_target(target)
        , m_toFile(!draft.path.isEmpty())
        , m_same(!m_toFile && (target.isSameHost || target.host == host))
        , m_direct(m_same && !draft.compressed)
    {
        m_plan.operation = u"snapshot.export"_s;
        m_plan.host = host;
        m_plan.domain = facts.domain.uuid;
        m_plan.domainName = facts.domain.name;
        m_plan.draft = exportDraftToJson(draft);
    }

    Plan make()
    {
        m_plan.title = m_draft.snapshot.isEmpty()
            ? SnapshotexportText::tr("Export a disk of %1").arg(m_facts.domain.name)
            : SnapshotexportText::tr("Export “%1” of %2").arg(m_draft.snapshot, m_facts.domain.name);
        if (findDisk() && findSource()) {
            checkChain();
            checkTarget();
            checkResult();
        }
        if (m_plan.isBlocked()) {
            return std::move(m_plan);
        }
        checkSpace();
        tell();
        if (!m_plan.isBlocked()) {
            addSteps();
        }
        return std::move(m_plan);
    }

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_plan.findings.append({severity, text, cause, fix});
    }
    bool block(const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        add(Severity::Blocker, text, cause, fix);
        return false;
    }
    bool isActive() const { return m_facts.domain.isActive(); }
    FileFacts file(const Layer &layer) const { return m_facts.files.value(layer.path); }

    bool findDisk();
    bool findSource();
    bool findSnapshot(const snapshot::Snapshot &snapshot);
    void checkChain();
    void checkTarget();
    void checkResult();
    void checkSpace();
    void checkRoom(quint64 available, quint64 needed, bool sure, const QString &where);
    void tell();

    void addSteps();
    void addCopy(const QString &pool, const QString &volume, const QString &path, const QString &backed);
    void addFetch();
    void addDelivery();
    void addStep(const QString &type, const QString &title, const QString &object, const QString &undo, quint64 bytes,
        const QJsonObject &parameters);
    void addResume();
    QString resultName() const { return u"result."_s + m_draft.format; }

    const Facts &m_facts;
    const SnapshotExportDraft &m_draft;
    const ExportTarget &m_target;
    const bool m_toFile;
    const bool m_same;   ///< to a volume of the VM's host
    const bool m_direct; ///< what is copied there is the result already
    Plan m_plan;
    const snapshot::DiskNow *m_disk = nullptr;
    Source m_source = Source::Live;
    Chain m_chain; ///< what is read
    bool m_save = false;
    bool m_shallow = false;
    quint64 m_capacity = 0;
    quint64 m_bytes = 0; ///< to be copied, at most
};

bool Planner::findDisk()
{
    if (m_draft.disk.isEmpty()) {
        const auto first =
            std::ranges::find_if(m_facts.disks, [](const snapshot::DiskNow &disk) { return disk.canSnapshot; });
        m_disk = first == m_facts.disks.end() ? nullptr : &*first;
        return m_disk || block(SnapshotexportText::tr("%1 has no disk that can be exported.").arg(m_facts.domain.name));
    }
    m_disk = m_facts.disk(m_draft.disk);
    if (!m_disk) {
        return block(SnapshotexportText::tr("%1 has no disk “%2”.").arg(m_facts.domain.name, m_draft.disk));
    }
    if (!m_disk->canSnapshot) {
        return block(SnapshotexportText::tr("The disk %1 can't be exported.").arg(m_disk->target), m_disk->reason);
    }
    return true;
}

bool Planner::findSource()
{
    if (m_disk->isNetwork) {
        return block(SnapshotexportText::tr("The disk %1 is on the network.").arg(m_disk->target),
            SnapshotexportText::tr("Only disks in files or block devices of the host can be exported."));
    }
    if (!m_draft.snapshot.isEmpty()) {
        const snapshot::Snapshot *found = m_facts.find(m_draft.snapshot);
        return found
            ? findSnapshot(*found)
            : block(SnapshotexportText::tr("%1 has no snapshot “%2”.").arg(m_facts.domain.name, m_draft.snapshot));
    }
    m_chain = m_disk->chain;
    if (m_chain.isEmpty()) {
        return block(SnapshotexportText::tr("Nothing is known of what the disk %1 is.").arg(m_disk->target));
    }
    m_source = isActive() && m_draft.live ? Source::Live : Source::Frozen;
    m_save = isActive() && !m_draft.live;
    return true;
}

bool Planner::findSnapshot(const snapshot::Snapshot &snapshot)
{
    const snapshot::SnapshotDisk *disk = snapshot.disk(m_disk->target);
    if (!disk || disk->kind == snapshot::SnapshotDisk::Kind::None) {
        return block(
            SnapshotexportText::tr("The snapshot “%1” left the disk %2 out.").arg(snapshot.name, m_disk->target));
    }
    if (disk->state.isEmpty()) {
        return block(SnapshotexportText::tr("Nothing is known of what the disk %1 was in “%2”.")
                .arg(disk->target, snapshot.name));
    }
    m_chain = disk->state;
    const bool isWritten = !m_disk->chain.isEmpty() && m_disk->chain.first().path == m_chain.first().path;
    if (disk->kind == snapshot::SnapshotDisk::Kind::External) {
        m_source = Source::Frozen;
        return !isWritten
            || block(SnapshotexportText::tr("The state of “%1” is not there any more.").arg(snapshot.name),
                SnapshotexportText::tr("%1 writes to the file that kept it: %2.")
                    .arg(m_facts.domain.name, m_chain.first().path));
    }
    m_source = Source::Internal;
    m_save = isWritten && isActive();
    return !m_save || !m_draft.live
        || block(SnapshotexportText::tr("“%1” lies within a file that %2 writes to.")
                     .arg(snapshot.name, m_facts.domain.name),
            SnapshotexportText::tr("An internal snapshot can't be read while the VM runs."),
            SnapshotexportText::tr("Export it with the VM saved meanwhile (not live), or while it is off."));
}

/** All that is read must be there and be known for what it is. */
void Planner::checkChain()
{
    const bool needsFormats = m_source != Source::Live || !m_draft.flatten;
    for (const Layer &layer : std::as_const(m_chain)) {
        if (file(layer).presence == FileFacts::Presence::Missing) {
            block(SnapshotexportText::tr("The file %1 is missing.").arg(layer.path),
                SnapshotexportText::tr("Without it the disk's content is not whole."));
        }
        if (layer.format.isEmpty() && needsFormats) {
            block(SnapshotexportText::tr("The format of %1 is not recorded.").arg(layer.path),
                SnapshotexportText::tr("It must not be guessed from a content that the guest can write."));
        }
        if (m_source == Source::Internal && file(layer).volume.isEmpty()) {
            block(SnapshotexportText::tr("No active storage pool knows %1.").arg(layer.path),
                SnapshotexportText::tr("The file is fetched through its pool."),
                SnapshotexportText::tr("Start or make a pool of its directory."));
        }
    }
    const FileFacts top = file(m_chain.first());
    m_capacity = top.capacity;
    if (m_capacity == 0) {
        block(SnapshotexportText::tr("The size of the disk %1 is not known.").arg(m_disk->target),
            SnapshotexportText::tr("No active storage pool knows %1.").arg(m_chain.first().path),
            SnapshotexportText::tr("Start or make a pool of its directory."));
    }
    if (!m_direct && top.pool.isEmpty()) {
        block(SnapshotexportText::tr("There is no place for the copy beside the disk %1.").arg(m_disk->target),
            SnapshotexportText::tr("No active storage pool has the directory of %1.").arg(m_chain.first().path),
            SnapshotexportText::tr("Start or make a pool of its directory."));
    }
    if (m_save && !m_facts.domain.persistent) {
        block(SnapshotexportText::tr("%1 is transient: its state can't be saved.").arg(m_facts.domain.name), {},
            SnapshotexportText::tr("Export it live."));
    }
}

void Planner::checkTarget()
{
    if (m_toFile == (!m_draft.pool.isEmpty() || !m_draft.volume.isEmpty())) {
        block(SnapshotexportText::tr("It is not clear where the image shall go."), {},
            SnapshotexportText::tr("Choose either a file or a volume."));
        return;
    }
    if (!m_target.problem.isEmpty()) {
        block(m_target.problem);
    }
    if (m_toFile) {
        if (m_target.exists) {
            block(SnapshotexportText::tr("“%1” exists already.").arg(m_draft.path),
                SnapshotexportText::tr("Nothing is overwritten."), SnapshotexportText::tr("Choose another name."));
        }
        return;
    }
    if (const QString problem = nameProblem(m_draft.volume); !problem.isEmpty()) {
        block(SnapshotexportText::tr("The volume can't be called “%1”.").arg(m_draft.volume), problem);
    }
    if (m_target.exists) {
        block(SnapshotexportText::tr("The pool “%1” already has a volume “%2”.").arg(m_draft.pool, m_draft.volume),
            SnapshotexportText::tr("Nothing is overwritten."), SnapshotexportText::tr("Choose another name."));
    }
}

void Planner::checkResult()
{
    if (m_draft.format != "qcow2"_L1 && m_draft.format != "raw"_L1) {
        block(SnapshotexportText::tr("“%1” is not a format of exported images.").arg(m_draft.format), {},
            SnapshotexportText::tr("Choose qcow2 or raw."));
    }
    if (m_draft.compressed && m_draft.format != "qcow2"_L1) {
        block(SnapshotexportText::tr("Only qcow2 images can be compressed."));
    }
    m_shallow = !m_draft.flatten && m_chain.size() > 1;
    if (m_draft.flatten) {
        return;
    }
    if (!m_shallow) {
        add(Severity::Note, SnapshotexportText::tr("The copy is whole: the disk has no base image."));
        return;
    }
    const QString whole = SnapshotexportText::tr("Export the whole content.");
    if (!m_same) {
        block(SnapshotexportText::tr("A copy without its base can only be on the VM's host."),
            SnapshotexportText::tr("It needs %1.").arg(m_chain.at(1).path), whole);
    } else if (m_draft.compressed || m_source == Source::Internal) {
        block(m_draft.compressed ? SnapshotexportText::tr("A compressed copy is always a whole one.")
                                 : SnapshotexportText::tr("A copy of an internal snapshot is always a whole one."),
            {}, whole);
    } else if (m_draft.format != "qcow2"_L1) {
        block(SnapshotexportText::tr("A raw image can't have a base."), {}, whole);
    }
}

void Planner::checkRoom(quint64 available, quint64 needed, bool sure, const QString &where)
{
    if (available >= needed) {
        return;
    }
    add(sure ? Severity::Blocker : Severity::Warning,
        sure ? SnapshotexportText::tr("There is no room for the copy in %1.").arg(where)
             : SnapshotexportText::tr("There may be no room for the copy in %1.").arg(where),
        SnapshotexportText::tr("It takes up to %1, and %2 are free.").arg(sizeText(needed), sizeText(available)),
        SnapshotexportText::tr("Make room, or choose another place."));
}

void Planner::checkSpace()
{
    quint64 stored = 0;
    for (const Layer &layer : std::as_const(m_chain)) {
        stored += file(layer).allocation;
        if (m_shallow) {
            break;
        }
    }
    m_bytes = std::min(m_capacity, stored);
    // What is overwritten above, or kept for internal snapshots, counts in the files' sizes but not in the copy's.
    const bool hasInternal = std::ranges::any_of(m_facts.snapshots, [this](const snapshot::Snapshot &each) {
        const snapshot::SnapshotDisk *disk = each.disk(m_disk->target);
        return disk && disk->kind == snapshot::SnapshotDisk::Kind::Internal;
    });
    const bool sure = (m_chain.size() == 1 || m_shallow) && !hasInternal;
    const bool staged = !m_direct && m_source != Source::Internal;
    const bool keptHere = m_source == Source::Internal || m_draft.compressed || !(m_direct || m_toFile);
    checkRoom(m_target.available, m_bytes, sure && !m_draft.compressed,
        m_toFile ? QFileInfo(m_draft.path).path() : SnapshotexportText::tr("the pool “%1”").arg(m_draft.pool));
    if (staged) {
        const FileFacts top = file(m_chain.first());
        checkRoom(top.available, m_bytes, sure, SnapshotexportText::tr("the pool “%1”").arg(top.pool));
    }
    if (keptHere) {
        checkRoom(m_target.workAvailable, m_source == Source::Internal ? stored : m_bytes,
            m_source == Source::Internal || sure, SnapshotexportText::tr("the cache on this computer"));
    }
}

void Planner::tell()
{
    const QString &name = m_facts.domain.name;
    if (m_source == Source::Live && m_draft.quiesce) {
        if (m_facts.hasAgent) {
            add(Severity::Ok,
                SnapshotexportText::tr("The guest's file systems are frozen for the moment in which the copy ends."));
        } else {
            add(Severity::Note, SnapshotexportText::tr("The copy will be as after a power failure."),
                SnapshotexportText::tr("No guest agent is connected that could freeze the file systems."));
        }
    } else if (m_source == Source::Live) {
        add(Severity::Note, SnapshotexportText::tr("The copy will be as after a power failure."));
    }
    if (m_save) {
        add(Severity::Note, SnapshotexportText::tr("%1 stands still while it is copied.").arg(name),
            SnapshotexportText::tr("Its state is saved, and it goes on from there afterwards."));
    }
    if (m_draft.snapshot.isEmpty() && m_draft.live && !isActive()) {
        add(Severity::Ok, SnapshotexportText::tr("%1 is off: nothing changes while it is copied.").arg(name));
    }
    if (!m_toFile && (!m_direct || m_source == Source::Internal)) {
        add(Severity::Note, SnapshotexportText::tr("The image goes through this computer."),
            m_same && m_draft.compressed ? SnapshotexportText::tr("It is compressed here.") : QString());
    }
    if (m_shallow) {
        add(Severity::Note, SnapshotexportText::tr("The result needs its base image."),
            SnapshotexportText::tr("It holds only what is above %1.").arg(m_chain.at(1).path));
    }
    m_plan.verdict = m_toFile
        ? SnapshotexportText::tr("Up to %1 are written to “%2”.").arg(sizeText(m_bytes), m_draft.path)
        : SnapshotexportText::tr("Up to %1 are written to “%2” in the pool “%3”.")
              .arg(sizeText(m_bytes), m_draft.volume, m_draft.pool);
}

// ---- steps

void Planner::addStep(const QString &type, const QString &title, const QString &object, const QString &undo,
    quint64 bytes, const QJsonObject &parameters)
{
    m_plan.steps.append(Step{type, title, object, undo, bytes, parameters});
}

void Planner::addResume()
{
    if (m_save) {
        addStep(u"export.resume"_s, SnapshotexportText::tr("Let the VM go on"), m_facts.domain.name, {}, 0,
            {{u"paused"_s, m_facts.domain.state == virt::DomainState::Paused}});
    }
}

/** From the VM's disk to a new volume of its host. */
void Planner::addCopy(const QString &pool, const QString &volume, const QString &path, const QString &backed)
{
    const Layer base = m_shallow ? m_chain.at(1) : Layer();
    addStep(u"volume.create"_s, SnapshotexportText::tr("Create volume"), volume,
        SnapshotexportText::tr("The volume is deleted again"), 0,
        {{u"pool"_s, pool}, {u"name"_s, volume},
            {u"xml"_s, volumeXml(volume, m_draft.format, m_capacity, base.path, base.format)}});
    QJsonArray chain;
    for (const Layer &layer : std::as_const(m_chain)) {
        chain.append(QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}});
    }
    addStep(u"export.copy"_s, SnapshotexportText::tr("Copy the disk"), backed,
        SnapshotexportText::tr("The copying is ended"), m_bytes,
        {{u"disk"_s, m_disk->target}, {u"live"_s, m_source == Source::Live},
            {u"quiesce"_s, m_draft.quiesce && m_facts.hasAgent}, {u"chain"_s, chain}, {u"path"_s, path},
            {u"format"_s, m_draft.format}, {u"shallow"_s, m_shallow}});
    addResume();
}

/** Downloads the files that hold an internal snapshot, and reads it. */
void Planner::addFetch()
{
    QJsonArray files;
    quint64 bytes = 0;
    for (const Layer &layer : std::as_const(m_chain)) {
        const FileFacts facts = file(layer);
        bytes += facts.allocation;
        files.append(QJsonObject{{u"pool"_s, facts.pool}, {u"volume"_s, facts.volume}, {u"format"_s, layer.format},
            {u"name"_s, u"layer%1"_s.arg(files.size())}});
    }
    // Unless it has been saved, only looking says that nobody has started it.
    const bool isWritten = !m_disk->chain.isEmpty() && m_disk->chain.first().path == m_chain.first().path;
    addStep(u"export.fetch"_s, SnapshotexportText::tr("Download the disk's files"), m_disk->target,
        SnapshotexportText::tr("The files here are removed"), bytes,
        {{u"files"_s, files}, {u"key"_s, workKey}, {u"mustBeOff"_s, isWritten}});
    addResume();
    addStep(u"export.convert"_s, SnapshotexportText::tr("Read the snapshot"), m_draft.snapshot,
        SnapshotexportText::tr("The file is removed"), m_bytes,
        {{u"files"_s, files}, {u"key"_s, workKey}, {u"snapshot"_s, m_draft.snapshot}, {u"format"_s, m_draft.format},
            {u"compressed"_s, m_draft.compressed}, {u"name"_s, resultName()}, {u"beside"_s, m_draft.path},
            {u"token"_s, m_target.token}});
}

/** From this computer to where it shall be. */
void Planner::addDelivery()
{
    if (m_toFile) {
        addStep(u"export.place"_s, SnapshotexportText::tr("Give the image its name"), m_draft.path,
            SnapshotexportText::tr("The file is removed"), 0,
            {{u"path"_s, m_draft.path}, {u"token"_s, m_target.token}, {u"name"_s, resultName()}});
    } else {
        const virt::HostId host = m_same ? m_plan.host : m_target.host;
        addStep(u"export.upload"_s, SnapshotexportText::tr("Upload the image"), m_draft.volume,
            SnapshotexportText::tr("The volume is deleted again"), m_bytes,
            {{u"host"_s, host.toString(QUuid::WithoutBraces)}, {u"pool"_s, m_draft.pool}, {u"volume"_s, m_draft.volume},
                {u"key"_s, workKey}, {u"name"_s, resultName()},
                // empty: it grows with what comes
                {u"xml"_s, volumeXml(m_draft.volume, u"raw"_s, 0, {}, {})}});
    }
    if (m_source == Source::Internal || m_draft.compressed || !m_toFile) {
        addStep(u"work.clear"_s, SnapshotexportText::tr("Remove temporary files"), {}, {}, 0, {{u"key"_s, workKey}});
    }
}

void Planner::addSteps()
{
    if (m_save) {
        addStep(u"export.save"_s, SnapshotexportText::tr("Save the VM's state"), m_facts.domain.name,
            SnapshotexportText::tr("The VM goes on from there"), 0,
            {{u"paused"_s, m_facts.domain.state == virt::DomainState::Paused}});
    }
    if (m_direct && m_source != Source::Internal) {
        addCopy(m_draft.pool, m_draft.volume, m_target.directory + u'/' + m_draft.volume, m_disk->target);
        return;
    }
    if (m_source == Source::Internal) {
        addFetch();
        addDelivery();
        return;
    }
    const FileFacts top = file(m_chain.first());
    const QString staged = u"vireo-export-%1.%2"_s.arg(m_target.token, m_draft.format);
    addCopy(top.pool, staged, QFileInfo(m_chain.first().path).path() + u'/' + staged, m_disk->target);
    const QString copied = m_draft.compressed ? u"copy"_s : resultName();
    const QJsonArray files{
        QJsonObject{{u"pool"_s, top.pool}, {u"volume"_s, staged}, {u"format"_s, m_draft.format}, {u"name"_s, copied}}};
    // What needs nothing more done to it is loaded to where it shall be at once.
    const bool beside = m_toFile && !m_draft.compressed;
    addStep(u"export.fetch"_s, SnapshotexportText::tr("Download the copy"), staged,
        SnapshotexportText::tr("The file is removed"), m_bytes,
        {{u"files"_s, files}, {u"key"_s, workKey}, {u"beside"_s, beside ? m_draft.path : QString()},
            {u"token"_s, m_target.token}});
    addStep(u"volume.delete"_s, SnapshotexportText::tr("Delete the temporary volume"), staged, {}, 0,
        {{u"pool"_s, top.pool}, {u"volume"_s, staged}, {u"temporary"_s, true}});
    if (m_draft.compressed) {
        addStep(u"export.convert"_s, SnapshotexportText::tr("Compress the image"), {},
            SnapshotexportText::tr("The file is removed"), m_bytes,
            {{u"files"_s, files}, {u"key"_s, workKey}, {u"format"_s, m_draft.format}, {u"compressed"_s, true},
                {u"name"_s, resultName()}, {u"beside"_s, m_draft.path}, {u"token"_s, m_target.token}});
    }
    addDelivery();
}

} // namespace

Plan planSnapshotExport(
    const virt::HostId &host, const Facts &facts, const SnapshotExportDraft &draft, const ExportTarget &target)
{
    return Planner(host, facts, draft, target).make();
}

} // namespace vireo::operation
