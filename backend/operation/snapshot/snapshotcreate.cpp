// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QJsonArray>
#include <QSet>

#include "backend/base/sizetext.h"
#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotparts.h"
#include "backend/snapshot/naming.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using DraftKind = SnapshotCreateDraft::Kind;
using DraftMemory = SnapshotCreateDraft::Memory;
using Kind = snapshot::SnapshotDisk::Kind;
using Severity = job::Finding::Severity;
using job::Finding;
using snapshot::DiskNow;
using snapshot::Facts;
using snapshot::FileFacts;
using virt::DomainState;

struct SnapshotCreateText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotCreate)
};

/** An overlay needs little at first; below this it may stop the guest at once. */
constexpr quint64 tightSpace = 256ULL << 20;
constexpr quint64 noSpace = 1ULL << 20;

bool runs(const Facts &facts)
{
    return facts.domain.state == DomainState::Running || facts.domain.state == DomainState::Blocked;
}

/** Devices whose state QEMU can't write down. */
QString memoryObstacle(const Facts &facts)
{
    const auto document = xml::Document::parse(facts.xml);
    if (!document) {
        return {};
    }
    const xml::Element devices = document->root().child(u"devices"_s);
    const auto has = [&devices](const QString &kind, const QString &attribute, const QString &value) {
        const QList<xml::Element> all = devices.children(kind);
        return std::ranges::any_of(all,
            [&](const xml::Element &device) { return attribute.isEmpty() || device.attribute(attribute) == value; });
    };
    if (has(u"hostdev"_s, {}, {}) || has(u"interface"_s, u"type"_s, u"hostdev"_s)) {
        return SnapshotCreateText::tr("%1 has a device of the host, whose state can't be kept.");
    }
    if (has(u"filesystem"_s, {}, {})) {
        return SnapshotCreateText::tr("%1 shares a directory of the host, whose state can't be kept.");
    }
    if (has(u"shmem"_s, {}, {})) {
        return SnapshotCreateText::tr("%1 shares memory with others, whose state can't be kept.");
    }
    if (document->root().child(u"launchSecurity"_s)) {
        return SnapshotCreateText::tr("The memory of %1 is encrypted: it can't be kept.");
    }
    return {};
}

/** Disks with the present file of which a snapshot can be external. */
QString externalObstacle(const Facts &facts)
{
    bool any = false;
    for (const DiskNow &disk : facts.disks) {
        if (!disk.canSnapshot) {
            continue;
        }
        any = true;
        if (disk.isNetwork || disk.chain.isEmpty()) {
            return SnapshotCreateText::tr("The disk %1 is no file or device of the host.").arg(disk.target);
        }
        if (disk.chain.constFirst().format.isEmpty()) {
            return SnapshotCreateText::tr("The format of the disk %1 is not known, and Vireo never guesses it.")
                .arg(disk.target);
        }
    }
    return any ? QString() : SnapshotCreateText::tr("No disk of %1 can keep a snapshot.").arg(facts.domain.name);
}

bool hasExternal(const Facts &facts)
{
    return std::ranges::any_of(facts.snapshots, &snapshot::Snapshot::isExternal);
}

bool hasInternal(const Facts &facts)
{
    return std::ranges::any_of(facts.snapshots, &snapshot::Snapshot::isInternal);
}

/** What has to be said of one draft, on its way to a choice. */
class Resolution final
{
    Q_DISABLE_COPY_MOVE(Resolution)

public:
    Resolution(const Facts &facts, const SnapshotCreateDraft &draft, QList<Finding> &findings)
        : m_facts(facts)
        , m_draft(draft)
        , m_findings(findings)
        , m_suggestion(suggestSnapshot(facts))
        , m_active(facts.domain.isActive())
    {}

    SnapshotChoice resolve();

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_findings.append(finding(severity, text, cause, fix));
    }
    void block(const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        add(Severity::Blocker, text, cause, fix);
    }
    const SnapshotCreateDraft::Disk *wanted(const QString &target) const;
    bool includes(const DiskNow &disk) const;
    void resolveKind();
    void resolveMemory();
    void resolveDisks();
    void checkQuiesce();
    void checkPath(const QString &path, QSet<QString> &taken);
    void checkSpace();
    void warn();

    const Facts &m_facts;
    const SnapshotCreateDraft &m_draft;
    QList<Finding> &m_findings;
    SnapshotSuggestion m_suggestion;
    bool m_active;
    SnapshotChoice m_choice;
};

const SnapshotCreateDraft::Disk *Resolution::wanted(const QString &target) const
{
    const auto found = std::ranges::find(m_draft.disks, target, &SnapshotCreateDraft::Disk::target);
    return found == m_draft.disks.cend() ? nullptr : &*found;
}

bool Resolution::includes(const DiskNow &disk) const
{
    const auto *choice = wanted(disk.target);
    return disk.canSnapshot && (m_draft.disks.isEmpty() || (choice && choice->included));
}

void Resolution::resolveKind()
{
    const bool partial =
        std::ranges::any_of(m_facts.disks, [this](const DiskNow &disk) { return disk.canSnapshot && !includes(disk); });
    const bool named = std::ranges::any_of(
        m_draft.disks, [](const SnapshotCreateDraft::Disk &disk) { return disk.included && !disk.file.isEmpty(); });
    const bool bare = m_active && (m_draft.memory == DraftMemory::Without || m_draft.quiesce);
    if (m_draft.kind == DraftKind::Auto) {
        // What only an external one can do decides, where something is asked for.
        const bool external =
            m_suggestion.kind == DraftKind::External || partial || named || bare || !m_draft.memoryFile.isEmpty();
        m_choice.internal = !external;
        if (external == (m_suggestion.kind == DraftKind::External)) {
            add(Severity::Ok,
                external ? SnapshotCreateText::tr("The snapshot is external.")
                         : SnapshotCreateText::tr("The snapshot is internal."),
                m_suggestion.reason);
        }
    } else {
        m_choice.internal = m_draft.kind == DraftKind::Internal;
    }
    if (!m_choice.internal) {
        if (!m_suggestion.noExternal.isEmpty()) {
            block(m_suggestion.noExternal, SnapshotCreateText::tr("An external snapshot freezes the present files."));
        }
        return;
    }
    if (!m_suggestion.noInternal.isEmpty()) {
        block(SnapshotCreateText::tr("No internal snapshot can be taken."), m_suggestion.noInternal,
            SnapshotCreateText::tr("Choose an external one."));
    } else if (partial) {
        block(SnapshotCreateText::tr("An internal snapshot needs all disks."),
            SnapshotCreateText::tr("libvirt can't leave one out."),
            SnapshotCreateText::tr("Choose an external one, or include all disks."));
    }
    if (bare) {
        block(SnapshotCreateText::tr("An internal snapshot of a VM that runs always keeps its memory."), {},
            SnapshotCreateText::tr("Choose an external one, or keep the memory."));
    }
    if (named) {
        block(SnapshotCreateText::tr("An internal snapshot has no files of its own."), {},
            SnapshotCreateText::tr("Leave the file names out, or choose an external one."));
    }
}

void Resolution::resolveMemory()
{
    switch (m_draft.memory) {
    case DraftMemory::Auto:
        m_choice.memory = m_active && !m_draft.quiesce && m_suggestion.noMemory.isEmpty();
        if (m_active && !m_draft.quiesce && !m_choice.memory && !m_choice.internal) {
            add(Severity::Warning, SnapshotCreateText::tr("The memory is not kept."), m_suggestion.noMemory,
                SnapshotCreateText::tr("Going back, the guest finds its disks as after a power failure."));
        }
        break;
    case DraftMemory::With:
        m_choice.memory = true;
        if (m_draft.quiesce) {
            block(SnapshotCreateText::tr("File systems are frozen only for a snapshot without memory."),
                SnapshotCreateText::tr("With its memory the guest goes on as if nothing had happened."),
                SnapshotCreateText::tr("Leave one of the two out."));
        }
        break;
    case DraftMemory::Without:
        break;
    }
    if ((m_choice.memory || (m_choice.internal && m_active)) && !m_suggestion.noMemory.isEmpty()) {
        block(SnapshotCreateText::tr("The memory can't be kept."), m_suggestion.noMemory,
            SnapshotCreateText::tr("Take an external snapshot of the disks only."));
    }
    m_choice.live = m_draft.live && m_choice.memory && !m_choice.internal;
    if (m_choice.memory && !m_choice.internal) {
        m_choice.memoryFile =
            m_draft.memoryFile.isEmpty() ? snapshot::memoryPath(m_facts, m_choice.name) : m_draft.memoryFile;
    } else if (!m_draft.memoryFile.isEmpty()) {
        block(SnapshotCreateText::tr("There is no memory for the file “%1”.").arg(m_draft.memoryFile));
    }
}

void Resolution::resolveDisks()
{
    for (const SnapshotCreateDraft::Disk &disk : m_draft.disks) {
        const DiskNow *present = m_facts.disk(disk.target);
        if (!present) {
            block(SnapshotCreateText::tr("%1 has no disk %2.").arg(m_facts.domain.name, disk.target));
        } else if (disk.included && !present->canSnapshot) {
            block(SnapshotCreateText::tr("The disk %1 can't take part.").arg(disk.target), present->reason);
        }
    }
    bool any = false;
    for (const DiskNow &disk : m_facts.disks) {
        SnapshotChoice::Disk choice{disk.target, Kind::None, {}, disk.chain.value(0)};
        if (includes(disk)) {
            any = true;
            choice.kind = m_choice.internal ? Kind::Internal : Kind::External;
            if (!m_choice.internal) {
                const auto *named = wanted(disk.target);
                choice.file = named && !named->file.isEmpty()
                    ? named->file
                    : snapshot::overlayPath(m_facts, disk.target, m_choice.name);
            }
        } else if (disk.canSnapshot) {
            add(Severity::Note, SnapshotCreateText::tr("The disk %1 is left out.").arg(disk.target),
                SnapshotCreateText::tr("Going back leaves it as it is then."));
        }
        m_choice.disks.append(choice);
    }
    if (!any && m_suggestion.noExternal.isEmpty()) {
        block(SnapshotCreateText::tr("No disk takes part."), {}, SnapshotCreateText::tr("Choose at least one disk."));
    }
    QSet<QString> taken;
    for (const SnapshotChoice::Disk &disk : std::as_const(m_choice.disks)) {
        if (disk.kind == Kind::External) {
            checkPath(disk.file, taken);
        }
    }
    if (!m_choice.memoryFile.isEmpty()) {
        checkPath(m_choice.memoryFile, taken);
    }
}

void Resolution::checkPath(const QString &path, QSet<QString> &taken)
{
    if (!path.startsWith(u'/') || path.endsWith(u'/') || QDir::cleanPath(path) != path) {
        block(SnapshotCreateText::tr("“%1” is no absolute path of a file.").arg(path));
        return;
    }
    const auto known = m_facts.files.constFind(path);
    const bool exists = known != m_facts.files.constEnd() && known->presence == FileFacts::Presence::Present;
    const bool isLayer = std::ranges::any_of(m_facts.disks, [&path](const DiskNow &disk) {
        return std::ranges::find(disk.chain, path, &snapshot::Layer::path) != disk.chain.cend();
    });
    if (exists || isLayer || taken.contains(path)) {
        block(SnapshotCreateText::tr("There is a file “%1” already.").arg(path), {},
            SnapshotCreateText::tr("Choose another name."));
    }
    taken.insert(path);
}

void Resolution::checkQuiesce()
{
    m_choice.quiesce = m_draft.quiesce;
    if (!m_draft.quiesce) {
        if (runs(m_facts) && !m_choice.memory && !m_choice.internal && m_suggestion.noQuiesce.isEmpty()) {
            add(Severity::Note, SnapshotCreateText::tr("The guest's file systems are not frozen."),
                SnapshotCreateText::tr("What it has not written yet is not in the snapshot."),
                SnapshotCreateText::tr("Its agent is there: let it freeze them."));
        }
        return;
    }
    if (!m_suggestion.noQuiesce.isEmpty()) {
        block(SnapshotCreateText::tr("The file systems can't be frozen."), m_suggestion.noQuiesce,
            m_active
                ? SnapshotCreateText::tr("Install and start the guest agent, or take the snapshot without freezing.")
                : SnapshotCreateText::tr("Take the snapshot without freezing."));
    }
}

/** What is known of the free space where files grow. */
void Resolution::checkSpace()
{
    const auto poolOf = [this](const QString &path) -> const FileFacts * {
        const QString directory = path.first(std::max<qsizetype>(path.lastIndexOf(u'/'), 0));
        for (auto it = m_facts.files.constBegin(); it != m_facts.files.constEnd(); ++it) {
            if (!it->pool.isEmpty()
                && it.key().first(std::max<qsizetype>(it.key().lastIndexOf(u'/'), 0)) == directory) {
                return &*it;
            }
        }
        return nullptr;
    };
    QSet<QString> seen;
    const auto look = [&](const QString &path, quint64 needed, const QString &what) {
        const FileFacts *file = poolOf(path);
        if (!file || (needed < tightSpace && seen.contains(file->pool))) {
            return;
        }
        seen.insert(file->pool);
        if (file->available < noSpace) {
            block(SnapshotCreateText::tr("The storage pool “%1” is full.").arg(file->pool), {},
                SnapshotCreateText::tr("Free some space first."));
        } else if (file->available < needed) {
            add(Severity::Warning,
                SnapshotCreateText::tr("The storage pool “%1” has only %2 free.")
                    .arg(file->pool, sizeText(file->available)),
                what, SnapshotCreateText::tr("Free some space first."));
        }
    };
    if (!m_choice.memoryFile.isEmpty()) {
        const quint64 memory = m_facts.domain.memoryKiB * 1024;
        look(m_choice.memoryFile, std::max(memory, tightSpace),
            SnapshotCreateText::tr("The memory takes up to %1.").arg(sizeText(memory)));
    }
    for (const SnapshotChoice::Disk &disk : std::as_const(m_choice.disks)) {
        if (disk.kind != Kind::None) {
            look(disk.kind == Kind::External ? disk.file : disk.before.path, tightSpace,
                SnapshotCreateText::tr("What the guest writes from now on needs room of its own."));
        }
    }
}

void Resolution::warn()
{
    if (!m_facts.domain.persistent) {
        add(Severity::Warning, SnapshotCreateText::tr("%1 is transient.").arg(m_facts.domain.name),
            SnapshotCreateText::tr("Its host forgets it, and what it knows of its snapshots, when it stops."));
    }
    if (!m_choice.internal && hasInternal(m_facts)) {
        add(Severity::Warning, SnapshotCreateText::tr("There are internal snapshots in the present files."),
            SnapshotCreateText::tr("One can't go back to them while others stand on those files."),
            SnapshotCreateText::tr("Delete the external snapshot before you go back to one of them."));
    }
    if (!m_choice.internal && (m_facts.usesUefi || m_facts.hasTpm)) {
        add(Severity::Note,
            m_facts.hasTpm ? SnapshotCreateText::tr("Firmware variables and the TPM's state are not part of it.")
                           : SnapshotCreateText::tr("Firmware variables are not part of it."),
            SnapshotCreateText::tr("Going back leaves them as they are then."));
    }
    if (m_active && m_choice.internal) {
        add(Severity::Note, SnapshotCreateText::tr("The guest stands still while its memory is written."),
            SnapshotCreateText::tr("An internal snapshot can't be taken of a guest that goes on."));
    } else if (runs(m_facts) && m_choice.memory && !m_choice.live) {
        add(Severity::Note, SnapshotCreateText::tr("The guest stands still while its memory is written."));
    }
}

SnapshotChoice Resolution::resolve()
{
    m_choice.name =
        m_draft.name.isEmpty() ? snapshot::suggestedName(m_facts, QDateTime::currentDateTime()) : m_draft.name;
    m_choice.description = m_draft.description;
    if (const QString problem = snapshot::nameProblem(m_choice.name, m_facts); !problem.isEmpty()) {
        block(problem, {}, SnapshotCreateText::tr("Choose another name."));
    }
    m_findings += presentObstacles(m_facts);
    if (const auto unconfirmed = unconfirmedFinding(m_facts.storedXml)) {
        m_findings.append(*unconfirmed);
    }
    resolveKind();
    resolveMemory();
    resolveDisks();
    checkQuiesce();
    checkSpace();
    warn();
    return m_choice;
}

QString verdictOf(const Facts &facts, const SnapshotChoice &choice)
{
    const QString vm = facts.domain.name;
    if (choice.internal) {
        return choice.memory
            ? SnapshotCreateText::tr("“%1” keeps the disks and the memory of %2 within its images.")
                  .arg(choice.name, vm)
            : SnapshotCreateText::tr("“%1” keeps the disks of %2 within its images.").arg(choice.name, vm);
    }
    if (choice.memory) {
        return SnapshotCreateText::tr("“%1” keeps the disks and the memory of %2; it goes on in new overlays.")
            .arg(choice.name, vm);
    }
    return SnapshotCreateText::tr("“%1” keeps the disks of %2; it goes on in new overlays.").arg(choice.name, vm);
}

QJsonObject toJson(const Facts &facts, const SnapshotCreateDraft &draft, const SnapshotChoice &choice)
{
    QJsonObject json{{u"operation"_s, u"snapshot.create"_s}, {u"domain"_s, facts.domain.name}, {u"name"_s, choice.name},
        {u"kind"_s, choice.internal ? u"internal"_s : u"external"_s}, {u"memory"_s, choice.memory},
        {u"quiesce"_s, choice.quiesce}};
    if (!draft.description.isEmpty()) {
        json.insert(u"description"_s, draft.description);
    }
    QJsonArray disks;
    for (const SnapshotCreateDraft::Disk &disk : draft.disks) {
        if (disk.included) {
            disks.append(disk.file.isEmpty()
                    ? QJsonValue(disk.target)
                    : QJsonValue(QJsonObject{{u"target"_s, disk.target}, {u"file"_s, disk.file}}));
        }
    }
    if (!disks.isEmpty()) {
        json.insert(u"disks"_s, disks);
    }
    return json;
}

} // namespace

SnapshotSuggestion suggestSnapshot(const Facts &facts)
{
    SnapshotSuggestion suggestion;
    suggestion.noInternal = internalObstacle(facts);
    suggestion.noExternal = externalObstacle(facts);
    if (suggestion.noInternal.isEmpty() && hasExternal(facts)) {
        suggestion.noInternal = SnapshotCreateText::tr(
            "%1 has external snapshots: merging their files would destroy internal ones in them.")
                                    .arg(facts.domain.name);
    }
    const bool active = facts.domain.isActive();
    if (!active) {
        suggestion.noMemory = SnapshotCreateText::tr("%1 is off: there is no memory to keep.").arg(facts.domain.name);
        suggestion.noQuiesce = SnapshotCreateText::tr("%1 is off: nothing writes.").arg(facts.domain.name);
    } else {
        const QString obstacle = memoryObstacle(facts);
        suggestion.noMemory = obstacle.isEmpty() ? QString() : obstacle.arg(facts.domain.name);
        if (!facts.hasAgent) {
            suggestion.noQuiesce = SnapshotCreateText::tr("No guest agent is connected.");
        } else if (!runs(facts)) {
            suggestion.noQuiesce =
                SnapshotCreateText::tr("%1 does not run: its agent can't answer.").arg(facts.domain.name);
        }
    }
    suggestion.memory = suggestion.noMemory.isEmpty();
    if (!suggestion.noInternal.isEmpty() && suggestion.noExternal.isEmpty()) {
        suggestion.reason = suggestion.noInternal;
    } else if (suggestion.noInternal.isEmpty() && (hasInternal(facts) || !suggestion.noExternal.isEmpty())) {
        suggestion.kind = DraftKind::Internal;
        suggestion.reason = SnapshotCreateText::tr("The snapshots that there are are internal too.");
    } else if (suggestion.noInternal.isEmpty() && !active) {
        suggestion.kind = DraftKind::Internal;
        suggestion.reason =
            SnapshotCreateText::tr("%1 is off and all of its disks are qcow2 files.").arg(facts.domain.name);
    } else {
        suggestion.reason = SnapshotCreateText::tr("The guest goes on while an external snapshot is taken.");
    }
    if (suggestion.kind == DraftKind::Internal && active && !suggestion.noMemory.isEmpty()
        && suggestion.noExternal.isEmpty()) {
        suggestion.kind = DraftKind::External;
        suggestion.reason = suggestion.noMemory;
    }
    return suggestion;
}

SnapshotChoice resolveCreate(const Facts &facts, const SnapshotCreateDraft &draft, QList<Finding> &findings)
{
    return Resolution(facts, draft, findings).resolve();
}

job::Plan planSnapshotCreate(const virt::HostId &host, const Facts &facts, const SnapshotCreateDraft &draft)
{
    job::Plan plan = snapshotPlan(u"snapshot.create"_s, SnapshotCreateText::tr("Take a snapshot of %1"), host, facts);
    const SnapshotChoice choice = resolveCreate(facts, draft, plan.findings);
    plan.draft = toJson(facts, draft, choice);
    if (!plan.isBlocked()) {
        plan.steps = createSteps(facts, choice, draft.picture);
        plan.verdict = verdictOf(facts, choice);
    }
    return plan;
}

} // namespace vireo::operation
