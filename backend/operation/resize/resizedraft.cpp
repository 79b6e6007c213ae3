// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/resize/resizedraft.h"

#include <algorithm>
#include <array>
#include <utility>

#include <QCoreApplication>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/draftreader.h"
#include "backend/operation/migrate/migratedraft.h"
#include "backend/operation/migrate/migratefacts.h"
#include "backend/virt/connectionuri.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct ResizeDraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeDraft)
};

constexpr quint64 mebibyte = 1024ULL * 1024;
constexpr quint64 gibibyte = 1024ULL * mebibyte;
constexpr quint64 maxBytes = 1ULL << 53; ///< what a number of JSON holds exactly
constexpr quint64 maxMemoryMiB = 64ULL * 1024 * 1024;
constexpr quint64 maxVcpus = 4096;
constexpr quint64 maxTimeoutSeconds = 86400;
constexpr quint64 maxConfirmHours = 24ULL * 365;

constexpr std::array whens{
    std::pair{"auto"_L1, ResizeDraft::When::Auto},
    std::pair{"live"_L1, ResizeDraft::When::Live},
    std::pair{"cold"_L1, ResizeDraft::When::Cold},
};
constexpr std::array afters{
    std::pair{"as-before"_L1, ResizeDraft::After::AsBefore},
    std::pair{"running"_L1, ResizeDraft::After::Running},
    std::pair{"off"_L1, ResizeDraft::After::Off},
};
constexpr std::array confirms{
    std::pair{"ask"_L1, ResizeDraft::Confirm::Ask},
    std::pair{"auto"_L1, ResizeDraft::Confirm::Auto},
};

template<typename Table, typename Value>
QString wordOf(const Table &table, Value value)
{
    const auto found = std::ranges::find_if(table, [value](const auto &each) { return each.second == value; });
    return found == table.end() ? QString() : QString(found->first);
}

/** The first of the table when it is missing or unknown; that is noted. */
template<typename Table>
auto choose(DraftReader &reader, const QString &key, const Table &table)
{
    QStringList words;
    for (const auto &[word, value] : table) {
        words.append(word);
    }
    const QString chosen = reader.choice(key, words, words.constFirst());
    const auto found = std::ranges::find_if(table, [&chosen](const auto &each) { return each.first == chosen; });
    return found == table.end() ? table.front().second : found->second;
}

std::optional<int> readNumber(DraftReader &reader, const QString &key)
{
    return reader.has(key) ? std::optional(static_cast<int>(reader.count(key, 1, maxVcpus))) : std::nullopt;
}

std::optional<quint64> readMemory(DraftReader &reader, const QString &key)
{
    return reader.has(key) ? std::optional(reader.count(key, 1, maxMemoryMiB) * 1024) : std::nullopt;
}

void readTopology(DraftReader &reader, ResizeDraft &draft, QList<DraftError> &errors)
{
    const QJsonValue found = reader.value(u"topology"_s);
    if (found.isUndefined()) {
        return;
    }
    if (!found.isObject()) {
        reader.error(u"topology"_s, ResizeDraftText::tr("An object is needed."));
        return;
    }
    DraftReader topology(found.toObject(), reader.pathOf(u"topology"_s), errors);
    const auto part = [&topology](const QString &key) {
        return static_cast<int>(topology.count(key, 0, maxVcpus, 0));
    };
    const ResizeDraft::Topology read{part(u"sockets"_s), part(u"cores"_s), part(u"threads"_s)};
    const bool isAll = read.sockets > 0 && read.cores > 0 && read.threads > 0;
    if (!isAll && read != ResizeDraft::Topology()) {
        reader.error(u"topology"_s, ResizeDraftText::tr("Sockets, cores and threads are needed, or none of them."));
    }
    draft.topology = read;
}

ResizeDraft::Disk readDisk(DraftReader &reader)
{
    ResizeDraft::Disk disk;
    disk.target = reader.text(u"target"_s, true);
    int sizes = 0;
    for (const auto &[key, unit] : {std::pair{u"gib"_s, gibibyte}, {u"mib"_s, mebibyte}, {u"bytes"_s, quint64(1)}}) {
        if (reader.has(key)) {
            disk.capacity = reader.count(key, 0, maxBytes / unit) * unit;
            ++sizes;
        }
    }
    if (sizes > 1) {
        reader.error(ResizeDraftText::tr("One size is enough: gib, mib or bytes."));
    }
    if (reader.has(u"format"_s)) {
        disk.format = reader.choice(u"format"_s, {u"raw"_s, u"qcow2"_s}, {});
    }
    disk.pool = reader.text(u"pool"_s);
    disk.bus = reader.text(u"bus"_s);
    disk.flatten = reader.flag(u"flatten"_s, false);
    disk.sparsify = reader.flag(u"sparsify"_s, false);
    if (reader.has(u"grow_filesystem"_s)) {
        disk.growFilesystem = reader.flag(u"grow_filesystem"_s, true);
    }
    disk.growInGuest = reader.flag(u"grow_in_guest"_s, false);
    return disk;
}

QJsonObject toJson(const ResizeDraft::Disk &disk)
{
    QJsonObject json{{u"target"_s, disk.target}};
    if (disk.capacity > 0) {
        const auto insert = [&](const QString &key, quint64 unit) {
            const quint64 count = disk.capacity / unit;
            json.insert(key, static_cast<double>(count));
        };
        if (disk.capacity % gibibyte == 0) {
            insert(u"gib"_s, gibibyte);
        } else if (disk.capacity % mebibyte == 0) {
            insert(u"mib"_s, mebibyte);
        } else {
            insert(u"bytes"_s, 1);
        }
    }
    for (const auto &[key, value] :
        {std::pair{u"format"_s, &disk.format}, {u"pool"_s, &disk.pool}, {u"bus"_s, &disk.bus}}) {
        if (!value->isEmpty()) {
            json.insert(key, *value);
        }
    }
    for (const auto &[key, value] : {std::pair{u"flatten"_s, disk.flatten}, {u"sparsify"_s, disk.sparsify},
             {u"grow_in_guest"_s, disk.growInGuest}}) {
        if (value) {
            json.insert(key, true);
        }
    }
    if (disk.growFilesystem) {
        json.insert(u"grow_filesystem"_s, *disk.growFilesystem);
    }
    return json;
}

Error unreachable(const QString &uri)
{
    return {Error::Kind::Unsupported, ResizeDraftText::tr("“%1” can't be opened here.").arg(uri), {}, 0, 0};
}

Result<job::Plan> planToOther(virt::Connection &connection, const virt::HostId &host, const ResizeFacts &facts,
    const ResizeDraft &draft, const OtherHosts &others, const std::stop_token &stop)
{
    if (!others) {
        return fail(unreachable(draft.to));
    }
    const auto opened = others(draft.to);
    const auto own = others(connection.uri()); // the readers share connections with threads of their own
    if (!opened || !own) {
        return fail(!opened ? opened.error() : own.error());
    }
    const auto migrate = readColdFacts(own->second, opened->second, facts.edit.domain.uuid, draft, stop);
    if (!migrate) {
        return fail(migrate.error());
    }
    return planColdMigration(host, opened->first, facts, *migrate, draft);
}

} // namespace

ResizeDraft readResizeDraft(DraftReader &reader, QList<DraftError> &errors)
{
    ResizeDraft draft;
    draft.vcpus = readNumber(reader, u"vcpus"_s);
    draft.maxVcpus = readNumber(reader, u"max_vcpus"_s);
    readTopology(reader, draft, errors);
    draft.memoryKiB = readMemory(reader, u"memory_mib"_s);
    draft.maxMemoryKiB = readMemory(reader, u"max_memory_mib"_s);
    const auto disks = reader.objects(u"disks"_s);
    for (const auto &[json, path] : disks) {
        DraftReader disk(json, path, errors);
        draft.disks.append(readDisk(disk));
    }
    draft.to = reader.text(u"to"_s);
    if (!draft.to.isEmpty()) {
        if (const auto uri = virt::ConnectionUri::parse(draft.to); !uri) {
            reader.error(u"to"_s, uri.error().message + u' ' + uri.error().hint);
        }
    }
    readMigrateMap(reader, draft.map, errors);
    draft.flatten = reader.flag(u"flatten"_s, false);
    draft.verify = reader.flag(u"verify"_s, false);
    draft.when = choose(reader, u"when"_s, whens);
    draft.timeoutSeconds =
        static_cast<int>(reader.count(u"timeout_s"_s, static_cast<quint64>(draft.timeoutSeconds), maxTimeoutSeconds));
    draft.force = reader.flag(u"force"_s, false);
    draft.after = choose(reader, u"after"_s, afters);
    draft.confirm = choose(reader, u"confirm"_s, confirms);
    draft.confirmHours = static_cast<int>(reader.count(u"confirm_hours"_s, 0, maxConfirmHours, 0));
    draft.keepSource = reader.flag(u"keep_source"_s, false);
    if (draft.confirmHours > 0 && draft.confirm == ResizeDraft::Confirm::Ask) {
        reader.error(u"confirm_hours"_s, ResizeDraftText::tr("It has a meaning only with confirm: \"auto\"."));
    }
    for (const QString &key : {u"map"_s, u"flatten"_s, u"keep_source"_s}) {
        if (draft.to.isEmpty() && reader.has(key)) {
            reader.error(key, ResizeDraftText::tr("It has a meaning only with “to”."));
        }
    }
    return draft;
}

QJsonObject resizeDraftToJson(const QString &host, const QString &domain, const ResizeDraft &draft)
{
    QJsonObject json{{u"operation"_s, u"resize"_s}, {u"host"_s, host}, {u"domain"_s, domain},
        {u"when"_s, wordOf(whens, draft.when)}, {u"timeout_s"_s, draft.timeoutSeconds}, {u"force"_s, draft.force},
        {u"after"_s, wordOf(afters, draft.after)}, {u"confirm"_s, wordOf(confirms, draft.confirm)}};
    for (const auto &[key, value] : {std::pair{u"vcpus"_s, draft.vcpus}, {u"max_vcpus"_s, draft.maxVcpus}}) {
        if (value) {
            json.insert(key, *value);
        }
    }
    for (const auto &[key, value] :
        {std::pair{u"memory_mib"_s, draft.memoryKiB}, {u"max_memory_mib"_s, draft.maxMemoryKiB}}) {
        if (value) {
            const quint64 mebibytes = (*value + 1023) / 1024;
            json.insert(key, static_cast<double>(mebibytes));
        }
    }
    if (draft.topology) {
        json.insert(u"topology"_s,
            QJsonObject{{u"sockets"_s, draft.topology->sockets}, {u"cores"_s, draft.topology->cores},
                {u"threads"_s, draft.topology->threads}});
    }
    QJsonArray disks;
    for (const ResizeDraft::Disk &disk : draft.disks) {
        disks.append(toJson(disk));
    }
    if (!disks.isEmpty()) {
        json.insert(u"disks"_s, disks);
    }
    if (draft.confirmHours > 0) {
        json.insert(u"confirm_hours"_s, draft.confirmHours);
    }
    if (draft.verify) {
        json.insert(u"verify"_s, true);
    }
    if (draft.to.isEmpty()) {
        return json;
    }
    json.insert(u"to"_s, draft.to);
    json.insert(u"flatten"_s, draft.flatten);
    json.insert(u"keep_source"_s, draft.keepSource);
    if (const QJsonObject map = migrateMapToJson(draft.map); !map.isEmpty()) {
        json.insert(u"map"_s, map);
    }
    return json;
}

ResizeEndDocument readResizeEndDraft(DraftReader &reader, ResizeEnd end)
{
    ResizeEndDocument document{end, {}, false};
    if (end == ResizeEnd::Confirm) {
        document.draft.keepSource = reader.flag(u"keep_source"_s, false);
        document.keepsAsKept = !reader.has(u"keep_source"_s);
        return document;
    }
    document.draft.timeoutSeconds = static_cast<int>(
        reader.count(u"timeout_s"_s, static_cast<quint64>(document.draft.timeoutSeconds), maxTimeoutSeconds));
    document.draft.force = reader.flag(u"force"_s, true);
    document.draft.start = reader.flag(u"start"_s, true);
    return document;
}

QJsonObject resizeEndDraftToJson(const QString &host, const QString &domain, const ResizeEndDocument &document)
{
    const bool isConfirmed = document.end == ResizeEnd::Confirm;
    QJsonObject json{{u"operation"_s, isConfirmed ? u"resize.confirm"_s : u"resize.revert"_s}, {u"host"_s, host},
        {u"domain"_s, domain}};
    if (isConfirmed) {
        if (!document.keepsAsKept) {
            json.insert(u"keep_source"_s, document.draft.keepSource);
        }
        return json;
    }
    json.insert(u"timeout_s"_s, document.draft.timeoutSeconds);
    json.insert(u"force"_s, document.draft.force);
    json.insert(u"start"_s, document.draft.start);
    return json;
}

Result<QList<job::Plan>> planResizeDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const ResizeDraft &draft, const OtherHosts &others, const std::stop_token &stop)
{
    const auto facts = readResizeFacts(connection, domain.uuid, KeptStates(KeptStates::defaultDirectory()), stop);
    if (!facts) {
        return fail(facts.error());
    }
    const auto plan = draft.to.isEmpty() ? Result<job::Plan>(planResize(host, *facts, draft))
                                         : planToOther(connection, host, *facts, draft, others, stop);
    return plan ? Result<QList<job::Plan>>(QList{*plan}) : fail(plan.error());
}

Result<QList<job::Plan>> planResizeEndDraft(virt::Connection &connection, const virt::HostId &host,
    const QString &domain, const ResizeEndDocument &document, const OtherHosts &others, const std::stop_token &stop)
{
    const auto states = KeptStates(KeptStates::defaultDirectory()).list();
    if (!states) {
        return fail(states.error());
    }
    const QString here = connection.uri();
    const auto found = std::ranges::find_if(*states, [&](const KeptState &state) {
        const bool isIt = state.name == domain || state.domain == QUuid::fromString(domain);
        return isIt && (state.toUri == here || state.fromUri == here);
    });
    if (found == states->cend()) {
        return fail(Error{Error::Kind::NotFound,
            ResizeDraftText::tr("No change of “%1” waits to be confirmed here.").arg(domain), {}, 0, 0});
    }
    using Host = std::pair<virt::HostId, virt::ConnectionPtr>;
    const auto open = [&](const QString &uri) -> Result<Host> {
        if (uri == here) {
            return Host{
                host, virt::ConnectionPtr(std::shared_ptr<void>(), &connection)}; // the caller's, while this runs
        }
        return others ? others(uri) : Result<Host>(fail(unreachable(uri)));
    };
    const auto to = open(found->toUri);
    if (!to) {
        return fail(to.error());
    }
    const auto from = open(found->fromUri); // a confirmation may do without
    const auto facts = readResizeEndFacts(*found, from ? from->second : virt::ConnectionPtr(), to->second,
        from ? from->first : virt::HostId(), to->first, stop);
    if (!facts) {
        return fail(facts.error());
    }
    ResizeEndDocument said = document;
    if (std::exchange(said.keepsAsKept, false)) {
        said.draft.keepSource = found->keepSource;
    }
    job::Plan plan = planResizeEnd(said.end, *facts, said.draft);
    plan.draft = resizeEndDraftToJson(to->second->uri(), found->name, said);
    return QList{plan};
}

} // namespace vireo::operation
