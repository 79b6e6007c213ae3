// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotexportdraft.h"

#include <tuple>

#include <QCoreApplication>

#include "backend/operation/draftreader.h"
#include "backend/virt/connectionuri.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct ExportDraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_exportDraft)
};

void readTarget(DraftReader &reader, SnapshotExportDraft &draft, QList<DraftError> &errors)
{
    const QJsonValue found = reader.value(u"target"_s);
    if (!found.isObject()) {
        reader.error(u"target"_s,
            found.isUndefined() ? ExportDraftText::tr("A value is needed.")
                                : ExportDraftText::tr("An object is needed."));
        return;
    }
    DraftReader target(found.toObject(), reader.pathOf(u"target"_s), errors);
    if (target.has(u"path"_s)) {
        draft.path = target.text(u"path"_s, true);
        if (!draft.path.isEmpty() && !draft.path.startsWith(u'/')) {
            target.error(u"path"_s, ExportDraftText::tr("A path of this computer is needed that begins with “/”."));
        }
        return;
    }
    draft.host = target.text(u"host"_s);
    if (const auto uri = virt::ConnectionUri::parse(draft.host); !draft.host.isEmpty() && !uri) {
        target.error(u"host"_s, uri.error().message + u' ' + uri.error().hint);
    }
    draft.pool = target.text(u"pool"_s, true);
    draft.volume = target.text(u"name"_s, true);
}

} // namespace

SnapshotExportDraft readExportDraft(DraftReader &reader, QList<DraftError> &errors)
{
    SnapshotExportDraft draft;
    draft.snapshot = reader.text(u"snapshot"_s);
    draft.disk = reader.text(u"disk"_s);
    draft.live = reader.flag(u"live"_s, draft.live);
    draft.quiesce = reader.flag(u"quiesce"_s, draft.quiesce);
    draft.format = reader.choice(u"format"_s, {u"qcow2"_s, u"raw"_s}, draft.format);
    draft.compressed = reader.flag(u"compressed"_s, draft.compressed);
    draft.flatten = reader.flag(u"flatten"_s, draft.flatten);
    readTarget(reader, draft, errors);
    return draft;
}

QJsonObject exportDraftToJson(const SnapshotExportDraft &draft)
{
    QJsonObject target;
    if (!draft.path.isEmpty()) {
        target.insert(u"path"_s, draft.path);
    } else {
        target = {{u"pool"_s, draft.pool}, {u"name"_s, draft.volume}};
        if (!draft.host.isEmpty()) {
            target.insert(u"host"_s, draft.host);
        }
    }
    QJsonObject json{{u"live"_s, draft.live}, {u"quiesce"_s, draft.quiesce}, {u"format"_s, draft.format},
        {u"compressed"_s, draft.compressed}, {u"flatten"_s, draft.flatten}, {u"target"_s, target}};
    for (const auto &[key, value] : {std::pair{u"snapshot"_s, draft.snapshot}, {u"disk"_s, draft.disk}}) {
        if (!value.isEmpty()) {
            json.insert(key, value);
        }
    }
    return json;
}

Result<QList<job::Plan>> planExportDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const SnapshotExportDraft &draft, const OtherHosts &others)
{
    const auto facts = snapshot::readFacts(connection, domain.uuid);
    if (!facts) {
        return fail(facts.error());
    }
    virt::HostId onto = host;
    virt::ConnectionPtr other;
    if (!draft.host.isEmpty()) {
        auto opened = others ? others(draft.host)
                             : fail(Error{Error::Kind::Unsupported,
                                   ExportDraftText::tr("“%1” can't be opened here.").arg(draft.host), {}, 0, 0});
        if (!opened) {
            return fail(opened.error());
        }
        std::tie(onto, other) = *std::move(opened);
    }
    const auto target = readExportTarget(other ? other.get() : &connection, onto, draft);
    if (!target) {
        return fail(target.error());
    }
    return QList{planSnapshotExport(host, *facts, draft, *target)};
}

} // namespace vireo::operation
