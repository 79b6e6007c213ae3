// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migratedraft.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>

#include "backend/operation/draftreader.h"
#include "backend/virt/connectionuri.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct MigratedraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratedraft)
};

using Compression = virt::migration::Options::Compression;
using migration::Policy;

constexpr quint64 mebibyte = 1024ULL * 1024;
constexpr quint64 maxBandwidthMiB = 1024ULL * 1024 * 1024; ///< a PiB a second
constexpr quint64 maxDowntimeMs = 3'600'000;
constexpr quint64 maxParallel = 255;
constexpr quint64 maxThrottle = 99;
constexpr quint64 maxTimeoutS = 86'400;
constexpr auto throughThisComputer = "through-this-computer"_L1;

constexpr std::array compressions{
    std::pair{"none"_L1, Compression::None},
    std::pair{"xbzrle"_L1, Compression::Xbzrle},
    std::pair{"mt"_L1, Compression::Mt},
    std::pair{"zlib"_L1, Compression::Zlib},
    std::pair{"zstd"_L1, Compression::Zstd},
};
constexpr std::array modes{
    std::pair{"live"_L1, MigrateDraft::Mode::Live},
    std::pair{"paused"_L1, MigrateDraft::Mode::Paused},
    std::pair{"offline"_L1, MigrateDraft::Mode::Offline},
    std::pair{"cold"_L1, MigrateDraft::Mode::Cold},
};
constexpr std::array storages{
    std::pair{"auto"_L1, MigrateDraft::Storage::Auto},
    std::pair{"shared"_L1, MigrateDraft::Storage::Shared},
    std::pair{"copy"_L1, MigrateDraft::Storage::Copy},
};
constexpr std::array kinds{Policy::Kind::Steady, Policy::Kind::MinimalDowntime, Policy::Kind::Nova,
    Policy::Kind::PostCopy, Policy::Kind::Patient};

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

void checkUri(DraftReader &reader, const QString &key, const QString &uri)
{
    if (uri.isEmpty()) {
        return;
    }
    const auto parsed = virt::ConnectionUri::parse(uri);
    if (!parsed) {
        reader.error(key, parsed.error().message + u' ' + parsed.error().hint);
    }
}

void readPath(DraftReader &reader, MigrateDraft &draft)
{
    const QJsonValue p2p = reader.value(u"p2p"_s);
    const bool tunnelled = reader.flag(u"tunnelled"_s, false);
    if (p2p.toString() == throughThisComputer) {
        draft.path = MigrateDraft::Path::ThisComputer;
    } else if (p2p.isBool()) {
        draft.path = p2p.toBool() ? MigrateDraft::Path::PeerToPeer : MigrateDraft::Path::Direct;
    } else if (!p2p.isUndefined() && p2p.toString() != "auto"_L1) {
        reader.error(
            u"p2p"_s, MigratedraftText::tr("true, false, \"auto\" or \"%1\" is needed.").arg(throughThisComputer));
    }
    if (tunnelled && (draft.path == MigrateDraft::Path::Direct || draft.path == MigrateDraft::Path::ThisComputer)) {
        reader.error(u"tunnelled"_s, MigratedraftText::tr("Only a peer-to-peer migration can be tunnelled."));
    } else if (tunnelled) {
        draft.path = MigrateDraft::Path::Tunnelled;
    }
    draft.destinationUri = reader.text(u"destination_uri"_s);
    checkUri(reader, u"destination_uri"_s, draft.destinationUri);
    draft.migrateUri = reader.text(u"migrate_uri"_s);
    draft.listenAddress = reader.text(u"listen_address"_s);
}

void readPolicy(DraftReader &reader, MigrateDraft &draft)
{
    const QJsonValue found = reader.value(u"policy"_s);
    if (found.isObject()) {
        if (auto policy = Policy::fromJson(found.toObject())) {
            draft.policy = *std::move(policy);
        } else {
            reader.error(u"policy"_s, policy.error().message);
        }
        if (reader.has(u"downtime_ms"_s)) {
            (void)reader.value(u"downtime_ms"_s);
            reader.error(u"downtime_ms"_s, MigratedraftText::tr("The policy says it already."));
        }
        return;
    }
    QStringList words;
    std::ranges::transform(kinds, std::back_inserter(words), migration::policyWord);
    const QString word = reader.choice(u"policy"_s, words, words.constFirst());
    const qsizetype index = words.indexOf(word);
    draft.policy = Policy::preset(kinds.at(index < 0 ? 0 : static_cast<size_t>(index)));
    draft.policy.maxDowntimeMs = reader.count(u"downtime_ms"_s, draft.policy.maxDowntimeMs, maxDowntimeMs);
    draft.policy.initialDowntimeMs = std::min(draft.policy.initialDowntimeMs, draft.policy.maxDowntimeMs);
}

QMap<QString, QString> readNames(DraftReader &reader, const QString &key, bool paths, QList<DraftError> &errors)
{
    QMap<QString, QString> result;
    const QJsonValue found = reader.value(key);
    if (!found.isUndefined() && !found.isObject()) {
        reader.error(key, MigratedraftText::tr("An object is needed."));
    }
    const QJsonObject json = found.toObject();
    for (auto each = json.begin(); each != json.end(); ++each) {
        const QString value = each.value().toString();
        const QString path = reader.pathOf(key) + u'.' + each.key();
        if (value.isEmpty()) {
            errors.append({path, MigratedraftText::tr("A text is needed.")});
        } else if (paths && !value.startsWith(u'/')) {
            errors.append({path, MigratedraftText::tr("A path is needed that begins with “/”.")});
        } else {
            result.insert(each.key(), value);
        }
    }
    return result;
}

QJsonObject object(const QMap<QString, QString> &map)
{
    QJsonObject result;
    for (auto each = map.cbegin(); each != map.cend(); ++each) {
        result.insert(each.key(), each.value());
    }
    return result;
}

/** The policy as a word, where a word and a limit say all of it. */
void writePolicy(QJsonObject &json, const Policy &policy)
{
    Policy preset = Policy::preset(policy.kind);
    preset.maxDowntimeMs = policy.maxDowntimeMs;
    preset.initialDowntimeMs = std::min(preset.initialDowntimeMs, preset.maxDowntimeMs);
    if (preset == policy) {
        json.insert(u"policy"_s, migration::policyWord(policy.kind));
        json.insert(u"downtime_ms"_s, static_cast<double>(policy.maxDowntimeMs));
    } else {
        json.insert(u"policy"_s, policy.toJson());
    }
}

/** What only a VM that is shut down on its way has. */
void readCold(DraftReader &reader, MigrateDraft &draft)
{
    const bool cold = draft.mode == MigrateDraft::Mode::Cold;
    for (const QString &key : {u"timeout_s"_s, u"force"_s, u"start"_s, u"verify"_s}) {
        if (!cold && reader.has(key)) {
            (void)reader.value(key);
            reader.error(key, MigratedraftText::tr("It has a meaning only with the mode “cold”."));
        }
    }
    if (!cold) {
        return;
    }
    for (const QString &key : {u"xml"_s, u"persistent_xml"_s}) {
        if (reader.has(key)) {
            reader.error(key,
                MigratedraftText::tr("The mode “cold” makes the definition itself: edit it before, or afterwards."));
        }
    }
    draft.timeoutSeconds =
        static_cast<int>(reader.count(u"timeout_s"_s, static_cast<quint64>(draft.timeoutSeconds), maxTimeoutS, 1));
    draft.force = reader.flag(u"force"_s, false);
    draft.verify = reader.flag(u"verify"_s, false);
    if (reader.has(u"start"_s)) {
        draft.start = reader.flag(u"start"_s, false) ? MigrateDraft::Start::Yes : MigrateDraft::Start::No;
    }
}

} // namespace

void readMigrateMap(DraftReader &reader, MigrateDraft::Map &map, QList<DraftError> &errors)
{
    const QJsonValue found = reader.value(u"map"_s);
    if (found.isUndefined()) {
        return;
    }
    if (!found.isObject()) {
        reader.error(u"map"_s, MigratedraftText::tr("An object is needed."));
        return;
    }
    DraftReader names(found.toObject(), reader.pathOf(u"map"_s), errors);
    map.networks = readNames(names, u"networks"_s, false, errors);
    map.pools = readNames(names, u"pools"_s, false, errors);
    map.paths = readNames(names, u"paths"_s, true, errors);
}

QJsonObject migrateMapToJson(const MigrateDraft::Map &map)
{
    QJsonObject json;
    for (const auto &[key, value] :
        {std::pair{u"networks"_s, &map.networks}, {u"pools"_s, &map.pools}, {u"paths"_s, &map.paths}}) {
        if (!value->isEmpty()) {
            json.insert(key, object(*value));
        }
    }
    return json;
}

MigrateDraft readMigrateDraft(DraftReader &reader, QList<DraftError> &errors)
{
    MigrateDraft draft;
    draft.to = reader.text(u"to"_s, true);
    checkUri(reader, u"to"_s, draft.to);
    draft.mode = choose(reader, u"mode"_s, modes);
    readCold(reader, draft);
    draft.storage = choose(reader, u"storage"_s, storages);
    readPath(reader, draft);
    draft.postCopy = reader.flag(u"postcopy"_s, false);
    draft.atOnce = static_cast<int>(reader.count(u"at_once"_s, 2, maxParallel, 1));
    draft.parallel = static_cast<int>(reader.count(u"parallel"_s, 0, maxParallel, 0));
    draft.compress = choose(reader, u"compress"_s, compressions);
    draft.autoConverge = reader.flag(u"auto_converge"_s, false);
    draft.throttleInitial = static_cast<int>(reader.count(u"throttle_initial"_s, 0, maxThrottle));
    draft.throttleIncrement = static_cast<int>(reader.count(u"throttle_increment"_s, 0, maxThrottle));
    for (const QString &key : {u"throttle_initial"_s, u"throttle_increment"_s}) {
        if (!draft.autoConverge && reader.has(key)) {
            reader.error(key, MigratedraftText::tr("It has a meaning only with auto_converge."));
        }
    }
    draft.tls = reader.flag(u"tls"_s, false);
    draft.bandwidth = reader.count(u"bandwidth_mib_s"_s, 0, maxBandwidthMiB, 0) * mebibyte;
    draft.postCopyBandwidth = reader.count(u"postcopy_bandwidth_mib_s"_s, 0, maxBandwidthMiB, 0) * mebibyte;
    readPolicy(reader, draft);
    draft.persistent = reader.flag(u"persistent"_s, draft.persistent);
    draft.undefineSource = reader.flag(u"undefine_source"_s, draft.undefineSource);
    draft.deleteSourceDisks = reader.flag(u"delete_source_disks"_s, draft.deleteSourceDisks);
    draft.flatten = reader.flag(u"flatten"_s, draft.flatten);
    draft.setTime = reader.flag(u"set_time"_s, draft.setTime);
    readMigrateMap(reader, draft.map, errors);
    draft.xml = reader.text(u"xml"_s);
    draft.persistentXml = reader.text(u"persistent_xml"_s);
    return draft;
}

QJsonObject migrateDraftToJson(const QString &host, const QString &domain, const MigrateDraft &draft)
{
    QJsonObject json{{u"operation"_s, u"migrate"_s}, {u"host"_s, host}, {u"domain"_s, domain}, {u"to"_s, draft.to},
        {u"mode"_s, wordOf(modes, draft.mode)}, {u"storage"_s, wordOf(storages, draft.storage)},
        {u"postcopy"_s, draft.postCopy}, {u"at_once"_s, draft.atOnce}, {u"parallel"_s, draft.parallel},
        {u"compress"_s, wordOf(compressions, draft.compress)}, {u"auto_converge"_s, draft.autoConverge},
        {u"tls"_s, draft.tls}, {u"persistent"_s, draft.persistent}, {u"undefine_source"_s, draft.undefineSource},
        {u"delete_source_disks"_s, draft.deleteSourceDisks}, {u"flatten"_s, draft.flatten},
        {u"set_time"_s, draft.setTime}};
    if (draft.mode == MigrateDraft::Mode::Cold) {
        json.insert(u"timeout_s"_s, draft.timeoutSeconds);
        json.insert(u"force"_s, draft.force);
        json.insert(u"verify"_s, draft.verify);
        if (draft.start != MigrateDraft::Start::AsBefore) {
            json.insert(u"start"_s, draft.start == MigrateDraft::Start::Yes);
        }
    }
    if (draft.path == MigrateDraft::Path::ThisComputer) {
        json.insert(u"p2p"_s, throughThisComputer);
    } else if (draft.path != MigrateDraft::Path::Auto) {
        json.insert(u"p2p"_s, draft.path != MigrateDraft::Path::Direct);
    }
    if (draft.path == MigrateDraft::Path::Tunnelled) {
        json.insert(u"tunnelled"_s, true);
    }
    for (const auto &[key, value] : {std::pair{u"destination_uri"_s, &draft.destinationUri},
             {u"migrate_uri"_s, &draft.migrateUri}, {u"listen_address"_s, &draft.listenAddress}, {u"xml"_s, &draft.xml},
             {u"persistent_xml"_s, &draft.persistentXml}}) {
        if (!value->isEmpty()) {
            json.insert(key, *value);
        }
    }
    for (const auto &[key, value] :
        {std::pair{u"throttle_initial"_s, draft.throttleInitial}, {u"throttle_increment"_s, draft.throttleIncrement}}) {
        if (draft.autoConverge && value > 0) {
            json.insert(key, value);
        }
    }
    for (const auto &[key, value] :
        {std::pair{u"bandwidth_mib_s"_s, draft.bandwidth}, {u"postcopy_bandwidth_mib_s"_s, draft.postCopyBandwidth}}) {
        const quint64 rounded = (value + mebibyte - 1) / mebibyte;
        json.insert(key, static_cast<double>(rounded));
    }
    writePolicy(json, draft.policy);
    if (const QJsonObject map = migrateMapToJson(draft.map); !map.isEmpty()) {
        json.insert(u"map"_s, map);
    }
    return json;
}

} // namespace vireo::operation
