// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/draft.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QJsonDocument>

#include "backend/operation/create/seedchange.h"
#include "backend/operation/deletion.h"
#include "backend/operation/draftreader.h"
#include "backend/operation/edit/draftedits.h"
#include "backend/operation/migrate/migratedraft.h"
#include "backend/operation/snapshot/snapshotexportdraft.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_Draft)
};

using Errors = QList<DraftError>;

constexpr quint64 maxTimeoutSeconds = 86400;

struct ActionWord {
    QLatin1StringView word;
    Action action;
};
constexpr std::array actionWords{
    ActionWord{"start"_L1, Action::Run},
    ActionWord{"shutdown"_L1, Action::ShutDown},
    ActionWord{"poweroff"_L1, Action::ForceOff},
    ActionWord{"reboot"_L1, Action::Reboot},
    ActionWord{"reset"_L1, Action::Reset},
    ActionWord{"pause"_L1, Action::Pause},
    ActionWord{"resume"_L1, Action::Resume},
    ActionWord{"save"_L1, Action::Save},
};
constexpr auto createWord = "create"_L1;
constexpr auto deleteWord = "delete"_L1;
constexpr auto editWord = "edit"_L1;
constexpr auto attachWord = "attach"_L1;
constexpr auto detachWord = "detach"_L1;
constexpr auto ejectSeedWord = "seed.eject"_L1;
constexpr auto regenerateSeedWord = "seed.regenerate"_L1;
constexpr auto exportWord = "snapshot.export"_L1;
constexpr auto migrateWord = "migrate"_L1;
constexpr auto resizeWord = "resize"_L1;
constexpr auto confirmWord = "resize.confirm"_L1;
constexpr auto revertWord = "resize.revert"_L1;
/** Drafts that have a form already, for versions to come. */
constexpr std::array laterWords{"clone"_L1, "rescue"_L1, "rescue.end"_L1};

std::optional<Action> actionOf(const QString &operation)
{
    const auto found = std::ranges::find(actionWords, operation, &ActionWord::word);
    return found == actionWords.end() ? std::nullopt : std::optional(found->action);
}

QStringList servedWords()
{
    QStringList words{createWord, editWord, attachWord, detachWord, deleteWord, ejectSeedWord, regenerateSeedWord,
        exportWord, migrateWord, resizeWord, confirmWord, revertWord};
    for (const ActionWord &each : actionWords) {
        words.append(each.word);
    }
    return words + snapshotDraftWords();
}

/** Empty: it is served. */
QString operationProblem(const QJsonValue &operation)
{
    if (operation.isUndefined()) {
        return DraftText::tr("A value is needed.");
    }
    if (!operation.isString()) {
        return DraftText::tr("A text is needed.");
    }
    const QString word = operation.toString();
    if (std::ranges::find(laterWords, word) != laterWords.end()) {
        return DraftText::tr("“%1” is not served by this version.").arg(word);
    }
    const QStringList served = servedWords();
    return served.contains(word) ? QString() : DraftText::tr("One of these is needed: %1.").arg(served.join(", "_L1));
}

void checkHost(const QString &host, Errors &errors)
{
    if (host.isEmpty()) {
        return; // said already
    }
    if (const auto uri = virt::ConnectionUri::parse(host); !uri) {
        errors.append({u"$.host"_s, uri.error().message + u' ' + uri.error().hint});
    }
}

EditDraft readEdit(DraftReader &reader)
{
    EditDraft edit;
    const auto text = [&reader](const QString &key) {
        return reader.has(key) ? std::optional(reader.text(key)) : std::nullopt;
    };
    edit.texts.title = text(u"title"_s);
    edit.texts.description = text(u"description"_s);
    if (reader.has(u"tags"_s)) {
        edit.texts.tags = reader.texts(u"tags"_s);
    }
    if (edit.texts.title && edit.texts.title->contains(u'\n')) {
        reader.error(u"title"_s, DraftText::tr("A title is one line."));
    }
    if (reader.has(u"autostart"_s)) {
        edit.autostart = reader.flag(u"autostart"_s, false);
    }
    if (reader.has(u"xml"_s)) {
        edit.xml = reader.text(u"xml"_s, true);
        if (!edit.texts.isEmpty()) {
            reader.error(u"xml"_s, DraftText::tr("A whole definition has title, description and tags of its own."));
        }
    } else if (edit.texts.isEmpty() && !edit.autostart) {
        reader.error(DraftText::tr("It says nothing to be changed: one of these is needed: title, description, tags, "
                                   "autostart, xml."));
    }
    return edit;
}

SeedChangeDraft readSeedChange(DraftReader &reader, Errors &errors)
{
    const QJsonValue found = reader.value(u"seed"_s);
    if (!found.isObject()) {
        reader.error(u"seed"_s,
            found.isUndefined() ? DraftText::tr("A value is needed.") : DraftText::tr("An object is needed."));
        return {};
    }
    auto seed = seed::seedDraftFromJson(found.toObject(), reader.pathOf(u"seed"_s));
    if (!seed) {
        for (const seed::Problem &problem : std::as_const(seed.error())) {
            errors.append({problem.path, problem.message});
        }
        return {};
    }
    return {*std::move(seed)};
}

/** All but "create". */
Draft readOnDomain(const QJsonObject &json, Errors &errors)
{
    Draft draft;
    DraftReader reader(json, u"$"_s, errors);
    draft.operation = reader.text(u"operation"_s, true);
    draft.host = reader.text(u"host"_s, true);
    draft.domain = reader.text(u"domain"_s, true);
    if (const auto action = actionOf(draft.operation)) {
        ActionDraft content{*action};
        content.timeoutSeconds = static_cast<int>(
            reader.count(u"timeout_s"_s, static_cast<quint64>(content.timeoutSeconds), maxTimeoutSeconds));
        draft.content = content;
    } else if (draft.operation == deleteWord) {
        draft.content = DeleteDraft{reader.choice(u"storage"_s, {u"keep"_s, u"own"_s}, u"keep"_s) == "own"_L1};
    } else if (draft.operation == ejectSeedWord) {
        draft.content = SeedChangeDraft();
    } else if (draft.operation == regenerateSeedWord) {
        draft.content = readSeedChange(reader, errors);
    } else if (draft.operation == attachWord || draft.operation == detachWord) {
        draft.content = readDeviceDraft(reader, draft.operation == attachWord, errors);
    } else if (snapshotDraftWords().contains(draft.operation)) {
        draft.content = readSnapshotDraft(reader, draft.operation);
    } else if (draft.operation == exportWord) {
        draft.content = readExportDraft(reader, errors);
    } else if (draft.operation == migrateWord) {
        draft.content = readMigrateDraft(reader, errors);
    } else if (draft.operation == resizeWord) {
        draft.content = readResizeDraft(reader, errors);
    } else if (draft.operation == confirmWord || draft.operation == revertWord) {
        draft.content =
            readResizeEndDraft(reader, draft.operation == confirmWord ? ResizeEnd::Confirm : ResizeEnd::Revert);
    } else {
        draft.content = readEdit(reader);
    }
    return draft;
}

/** By name or UUID; never by a number that is another VM's tomorrow. */
Result<virt::DomainRecord> findDomain(virt::Connection &connection, const QString &text)
{
    const auto uuid = virt::domains::find(connection, text);
    if (!uuid) {
        return fail(uuid.error());
    }
    auto record = virt::domains::read(connection, *uuid);
    if (record && record->name != text && QUuid::fromString(text) != *uuid) {
        return fail(
            Error{Error::Kind::NotFound, DraftText::tr("There is no VM “%1” on this host.").arg(text), {}, 0, 0});
    }
    return record;
}

/** What the next of several VMs finds: the host as it was read, and those that come before it. */
void add(CreateFacts &facts, const CreateDraft &made)
{
    facts.domainNames.append(made.name);
    giveIdentity(facts, made);
    if (made.start) {
        facts.promisedMemoryKiB += made.memoryMiB * 1024;
        facts.promisedVcpus += made.vcpus;
    }
    for (const CreateDraft::Disk &disk : made.disks) {
        if (disk.kind != CreateDraft::DiskKind::Volume) {
            continue;
        }
        const auto volume = facts.diskVolumes.find(disk.volume.pool + u'/' + disk.volume.name);
        if (volume != facts.diskVolumes.end()) {
            volume->usedBy.append(made.name);
        }
    }
    if (facts.sourceVolume && made.source == CreateDraft::SourceKind::Disk) {
        facts.sourceUsedBy.append(made.name);
    }
}

Result<QList<job::Plan>> planCreateAll(virt::Connection &connection, const virt::HostId &host, const CreateDraft &draft,
    const os::OsCatalog *catalog, const std::stop_token &stop, const CreateProgress &progress)
{
    const QList<CreateDraft> each = expandDraft(draft);
    // Read once: an image is hashed for all of them.
    auto facts = readCreateFacts(connection, host, each.constFirst(), catalog, stop, progress);
    if (!facts) {
        return fail(facts.error());
    }
    QList<job::Plan> plans;
    for (const CreateDraft &one : each) {
        plans.append(planCreate(one, *facts));
        add(*facts, one);
    }
    return plans;
}

job::Plan planDeleteDraft(const virt::HostId &host, const DeleteFacts &facts, const DeleteDraft &draft)
{
    QStringList targets;
    for (const DeletableDisk &disk : facts.disks) {
        if (draft.ownStorage && disk.refusal.isEmpty()) {
            targets.append(disk.target);
        }
    }
    job::Plan plan = planDelete(host, facts, targets);
    for (const DeletableDisk &disk : facts.disks) {
        if (draft.ownStorage && !disk.refusal.isEmpty()) {
            plan.findings.append({job::Finding::Severity::Note,
                DraftText::tr("%1 is kept: %2").arg(disk.target, disk.path), disk.refusal, {}});
        }
    }
    return plan;
}

} // namespace

std::expected<Draft, QList<DraftError>> draftFromJson(const QJsonObject &json)
{
    const QJsonValue operation = json.value("operation"_L1);
    if (const QString problem = operationProblem(operation); !problem.isEmpty()) {
        // What its other keys should be is anyone's guess.
        return std::unexpected(Errors{{u"$.operation"_s, problem}});
    }
    Errors errors;
    Draft draft;
    if (operation.toString() == createWord) {
        auto create = createDraftFromJson(json);
        if (!create) {
            errors = create.error();
            checkHost(json.value("host"_L1).toString(), errors);
            return std::unexpected(errors);
        }
        draft.operation = createWord;
        draft.host = create->host;
        draft.content = *std::move(create);
    } else {
        draft = readOnDomain(json, errors);
    }
    checkHost(draft.host, errors);
    if (!errors.isEmpty()) {
        return std::unexpected(errors);
    }
    return draft;
}

std::expected<Draft, QList<DraftError>> draftFromText(const QByteArray &text)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(text, &problem);
    if (problem.error != QJsonParseError::NoError) {
        const QByteArray before = text.left(problem.offset);
        const qsizetype line = before.count('\n') + 1;
        const qsizetype column = before.size() - before.lastIndexOf('\n');
        return std::unexpected(Errors{{u"$"_s,
            DraftText::tr("This is not JSON: line %1, column %2: %3.")
                .arg(line)
                .arg(column)
                .arg(problem.errorString())}});
    }
    if (!document.isObject()) {
        return std::unexpected(Errors{{u"$"_s, DraftText::tr("An object is needed.")}});
    }
    return draftFromJson(document.object());
}

bool needsCatalog(const Draft &draft)
{
    const auto *create = std::get_if<CreateDraft>(&draft.content);
    if (!create) {
        return false;
    }
    const bool detects =
        create->source == CreateDraft::SourceKind::Iso || create->source == CreateDraft::SourceKind::Tree;
    return create->os.isEmpty() ? detects : create->os != "generic"_L1;
}

Result<QList<job::Plan>> planDraft(virt::Connection &connection, const virt::HostId &host, const Draft &draft,
    const os::OsCatalog *catalog, const std::stop_token &stop, const CreateProgress &progress, const OtherHosts &others)
{
    if (const auto *create = std::get_if<CreateDraft>(&draft.content)) {
        return planCreateAll(connection, host, *create, catalog, stop, progress);
    }
    if (const auto *end = std::get_if<ResizeEndDocument>(&draft.content)) {
        return planResizeEndDraft(connection, host, draft.domain, *end, others, stop); // it may be on another host
    }
    const auto domain = findDomain(connection, draft.domain);
    if (!domain) {
        return fail(domain.error());
    }
    if (const auto *action = std::get_if<ActionDraft>(&draft.content)) {
        return QList{planAction(action->action, host, *domain, action->timeoutSeconds)};
    }
    if (const auto *edit = std::get_if<EditDraft>(&draft.content)) {
        return planEditDraft(connection, host, *domain, *edit);
    }
    if (const auto *device = std::get_if<DeviceDraft>(&draft.content)) {
        return planDeviceDraft(connection, host, *domain, *device);
    }
    if (const auto *snapshots = std::get_if<SnapshotDraft>(&draft.content)) {
        const auto plan = planSnapshotDraft(connection, host, domain->uuid, *snapshots);
        return plan ? Result<QList<job::Plan>>(QList{*plan}) : fail(plan.error());
    }
    if (const auto *change = std::get_if<SeedChangeDraft>(&draft.content)) {
        const auto facts = readSeedFacts(connection, domain->uuid);
        if (!facts) {
            return fail(facts.error());
        }
        return QList{change->seed
                ? planRegenerateSeed(host, *facts, *change->seed, QUuid::createUuid().toString(QUuid::WithoutBraces))
                : planEjectSeed(host, *facts)};
    }
    if (const auto *exported = std::get_if<SnapshotExportDraft>(&draft.content)) {
        return planExportDraft(connection, host, *domain, *exported, others);
    }
    if (const auto *migrated = std::get_if<MigrateDraft>(&draft.content)) {
        return planMigrateDraft(connection, host, *domain, *migrated, others, stop);
    }
    if (const auto *resized = std::get_if<ResizeDraft>(&draft.content)) {
        return planResizeDraft(connection, host, *domain, *resized, others, stop);
    }
    const auto facts = readDeleteFacts(connection, domain->uuid);
    if (!facts) {
        return fail(facts.error());
    }
    return QList{planDeleteDraft(host, *facts, std::get<DeleteDraft>(draft.content))};
}

} // namespace vireo::operation
