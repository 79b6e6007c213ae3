// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotdrafts.h"

#include <QCoreApplication>

#include "backend/operation/draftreader.h"
#include "backend/snapshot/facts.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using virt::snapshots::After;

struct SnapshotDraftsText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotDrafts)
};

constexpr auto createWord = "snapshot.create"_L1;
constexpr auto revertWord = "snapshot.revert"_L1;
constexpr auto deleteWord = "snapshot.delete"_L1;
constexpr auto editWord = "snapshot.edit"_L1;

/** true, false, or "when running". */
SnapshotCreateDraft::Memory readMemory(DraftReader &reader)
{
    using Memory = SnapshotCreateDraft::Memory;
    const QJsonValue value = reader.value(u"memory"_s);
    if (value.isUndefined() || value.toString() == "when running"_L1) {
        return Memory::Auto;
    }
    if (!value.isBool()) {
        reader.error(u"memory"_s, SnapshotDraftsText::tr("One of these is needed: true, false, \"when running\"."));
    }
    return value.toBool() ? Memory::With : Memory::Without;
}

/** "all", or a list of targets, or of objects with a target and the overlay's path. */
QList<SnapshotCreateDraft::Disk> readDisks(DraftReader &reader)
{
    const QString key = u"disks"_s;
    const QJsonValue value = reader.value(key);
    if (value.isUndefined() || value.toString() == "all"_L1) {
        return {};
    }
    const QJsonArray array = value.toArray();
    if (array.isEmpty()) {
        reader.error(key, SnapshotDraftsText::tr("\"all\" or a list of disks is needed."));
    }
    QList<SnapshotCreateDraft::Disk> disks;
    for (qsizetype i = 0; i < array.size(); ++i) {
        const QString at = key + u'[' + QString::number(i) + u']';
        const QJsonObject object = array.at(i).toObject();
        SnapshotCreateDraft::Disk disk;
        disk.target = array.at(i).isObject() ? object.value("target"_L1).toString() : array.at(i).toString();
        disk.file = object.value("file"_L1).toString();
        if (disk.target.isEmpty()) {
            reader.error(at, SnapshotDraftsText::tr("The target of a disk is needed, such as vda."));
        }
        const QStringList members = object.keys();
        for (const QString &member : members) {
            if (member != "target"_L1 && member != "file"_L1) {
                reader.error(at + u'.' + member, SnapshotDraftsText::tr("This key is not known."));
            } else if (!object.value(member).isString()) {
                reader.error(at + u'.' + member, SnapshotDraftsText::tr("A text is needed."));
            }
        }
        disks.append(disk);
    }
    return disks;
}

SnapshotCreateDraft readCreate(DraftReader &reader)
{
    using Kind = SnapshotCreateDraft::Kind;
    SnapshotCreateDraft draft;
    draft.name = reader.text(u"name"_s);
    draft.description = reader.text(u"description"_s);
    const QString kind = reader.choice(u"kind"_s, {u"auto"_s, u"internal"_s, u"external"_s}, u"auto"_s);
    draft.kind = kind == "internal"_L1 ? Kind::Internal : (kind == "external"_L1 ? Kind::External : Kind::Auto);
    draft.memory = readMemory(reader);
    draft.quiesce = reader.flag(u"quiesce"_s, false);
    draft.disks = readDisks(reader);
    return draft;
}

SnapshotRevertDraft readRevert(DraftReader &reader)
{
    SnapshotRevertDraft draft;
    draft.snapshot = reader.text(u"snapshot"_s, true);
    const QString state = reader.choice(u"state"_s, {u"as then"_s, u"running"_s, u"paused"_s, u"off"_s}, u"as then"_s);
    if (state == "running"_L1) {
        draft.state = After::Running;
    } else if (state == "paused"_L1) {
        draft.state = After::Paused;
    } else if (state == "off"_L1) {
        draft.state = After::Off;
    }
    draft.keepNow = reader.flag(u"keep_now"_s, true);
    return draft;
}

SnapshotDeleteDraft readDelete(DraftReader &reader)
{
    SnapshotDeleteDraft draft;
    const QJsonValue value = reader.value(u"snapshot"_s);
    if (value.isArray()) {
        draft.snapshots = reader.texts(u"snapshot"_s);
        if (draft.snapshots.isEmpty()) {
            reader.error(u"snapshot"_s, SnapshotDraftsText::tr("The name of at least one snapshot is needed."));
        }
    } else {
        draft.snapshots = {reader.text(u"snapshot"_s, true)};
    }
    const bool children = reader.flag(u"children"_s, false);
    const bool childrenOnly = reader.flag(u"children_only"_s, false);
    if (children && childrenOnly) {
        reader.error(u"children_only"_s, SnapshotDraftsText::tr("It excludes \"children\"."));
    }
    if (childrenOnly) {
        draft.scope = snapshot::Scope::ChildrenOnly;
    } else if (children) {
        draft.scope = snapshot::Scope::WithChildren;
    }
    draft.metadataOnly = reader.flag(u"metadata_only"_s, false);
    return draft;
}

SnapshotEditDraft readEdit(DraftReader &reader)
{
    SnapshotEditDraft draft;
    draft.snapshot = reader.text(u"snapshot"_s, true);
    if (reader.has(u"name"_s)) {
        draft.name = reader.text(u"name"_s, true);
    }
    if (reader.has(u"description"_s)) {
        draft.description = reader.text(u"description"_s);
    }
    if (!draft.name && !draft.description) {
        reader.error(
            SnapshotDraftsText::tr("It says nothing to be changed: one of these is needed: name, description."));
    }
    return draft;
}

} // namespace

QStringList snapshotDraftWords()
{
    return {createWord, revertWord, deleteWord, editWord};
}

SnapshotDraft readSnapshotDraft(DraftReader &reader, const QString &operation)
{
    if (operation == createWord) {
        return readCreate(reader);
    }
    if (operation == revertWord) {
        return readRevert(reader);
    }
    if (operation == deleteWord) {
        return readDelete(reader);
    }
    return readEdit(reader);
}

Result<job::Plan> planSnapshotDraft(
    virt::Connection &connection, const virt::HostId &host, const QUuid &domain, const SnapshotDraft &draft)
{
    const auto facts = snapshot::readFacts(connection, domain);
    if (!facts) {
        return fail(facts.error());
    }
    if (const auto *create = std::get_if<SnapshotCreateDraft>(&draft)) {
        return planSnapshotCreate(host, *facts, *create);
    }
    if (const auto *revert = std::get_if<SnapshotRevertDraft>(&draft)) {
        return planSnapshotRevert(host, *facts, *revert);
    }
    if (const auto *edit = std::get_if<SnapshotEditDraft>(&draft)) {
        return planSnapshotEdit(host, *facts, *edit);
    }
    return planSnapshotDelete(host, *facts, std::get<SnapshotDeleteDraft>(draft));
}

} // namespace vireo::operation
