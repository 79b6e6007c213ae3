// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/draftedits.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFile>

#include "backend/operation/edit/edit.h"
#include "backend/operation/history.h"
#include "backend/operation/lifecycle.h"
#include "backend/virt/storage.h"
#include "backend/xml/document.h"
#include "backend/xml/schema.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DraftEditsText {
    Q_DECLARE_TR_FUNCTIONS(operation_draftEdits)
};

namespace storage = virt::storage;

constexpr qint64 maxFile = 16 * 1024 * 1024;

job::Plan blocked(const virt::HostId &host, const virt::DomainRecord &domain, const QString &operation,
    const QString &title, const Error &error)
{
    job::Plan plan;
    plan.operation = operation;
    plan.title = title.arg(domain.name);
    plan.host = host;
    plan.domain = domain.uuid;
    plan.domainName = domain.name;
    plan.findings = {{job::Finding::Severity::Blocker, error.message, {}, error.hint}};
    return plan;
}

/** What the file holds, well-formed. Errors name line and column. */
Result<QString> readDefinition(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(Error::invalid(DraftEditsText::tr("“%1” can't be read: %2").arg(path, file.errorString())));
    }
    const QByteArray bytes = file.read(maxFile + 1);
    const auto document = bytes.size() > maxFile
        ? fail(Error::invalid(DraftEditsText::tr("“%1” is above 16 MiB.").arg(path)))
        : xml::Document::parse(bytes); // bytes: it also finds text that is no UTF-8
    if (!document) {
        return fail({Error::Kind::Invalid, DraftEditsText::tr("“%1”: %2").arg(path, document.error().message),
            document.error().hint, 0, 0});
    }
    return QString::fromUtf8(bytes);
}

const QString &definitionOf(const EditFacts &facts)
{
    return facts.domain.persistent ? facts.stored : facts.running;
}

/** The facts and the plan of what `change` makes of the definition. */
Result<job::Plan> planChange(virt::Connection &connection, const virt::HostId &host, const virt::DomainRecord &domain,
    const QString &title, const QString &cause, const std::function<Result<QString>(const QString &)> &change)
{
    auto before = readEditFacts(connection, domain.uuid);
    if (!before) {
        return fail(before.error());
    }
    DefinitionEdit edit;
    edit.base = definitionOf(*before);
    edit.cause = cause;
    auto wanted = change(edit.base);
    if (!wanted) {
        return blocked(host, domain, u"edit"_s, title, wanted.error());
    }
    edit.wanted = *std::move(wanted);
    DefinitionHistory history(DefinitionHistory::defaultDirectory());
    if (const Result<> kept = keepPasswordsAside(history, connection.uri(), domain.uuid, edit); !kept) {
        return fail(kept.error());
    }
    const auto facts = readEditFacts(connection, domain.uuid, edit.wanted);
    if (!facts) {
        return fail(facts.error());
    }
    job::Plan plan = planEdit(host, *facts, edit);
    plan.title = title.arg(domain.name);
    return plan;
}

/**
 * What libvirt would refuse, with the places in the file. Schemas that are older than the host, so that they refuse
 * even what it stores, only warn.
 */
void checkSchema(job::Plan &plan, const QString &path, const QString &stored, const QString &wanted)
{
    constexpr qsizetype most = 20;
    using Severity = xml::Diagnostic::Severity;
    const auto schema = xml::Schema::load(xml::DocumentKind::Domain);
    if (!schema) {
        return; // libvirt checks it when it is defined
    }
    const auto isError = [](const xml::Diagnostic &one) {
        return one.severity == Severity::Error;
    };
    const QList<xml::Diagnostic> before = (*schema)->check(stored);
    const bool isOutdated = std::ranges::any_of(before, isError);
    const QList<xml::Diagnostic> found = (*schema)->check(wanted);
    for (const xml::Diagnostic &one : found.first(std::min(most, found.size()))) {
        if (isError(one)) {
            plan.findings.append({isOutdated ? job::Finding::Severity::Warning : job::Finding::Severity::Blocker,
                DraftEditsText::tr("“%1”, line %2, column %3: %4")
                    .arg(path)
                    .arg(one.place.line)
                    .arg(one.place.column)
                    .arg(one.message),
                {}, one.hint});
        }
    }
}

void append(job::Plan &plan, const job::Plan &more)
{
    plan.findings += more.findings;
    plan.steps += more.steps;
    if (!more.verdict.isEmpty()) {
        plan.verdict += plan.verdict.isEmpty() ? more.verdict : u' ' + more.verdict;
    }
}

/** How the host reads it; what it calls something else than a disk format is raw to the guest. */
Result<QString> formatOf(virt::Connection &connection, const DiskDraft &disk)
{
    static const QStringList formats{u"raw"_s, u"qcow2"_s, u"qed"_s, u"vmdk"_s, u"vdi"_s, u"vpc"_s, u"vhdx"_s};
    if (!disk.format.isEmpty() || disk.cdrom) {
        return disk.format;
    }
    const bool isFile = disk.source == DiskDraft::Source::File;
    if (!isFile && disk.source != DiskDraft::Source::Volume) {
        return u"raw"_s;
    }
    const auto volume =
        isFile ? storage::volumeByPath(connection, disk.path) : storage::volume(connection, disk.pool, disk.volume);
    if (!volume && volume.error().kind != Error::Kind::NotFound) {
        return fail(volume.error());
    }
    return volume && formats.contains(volume->format) ? volume->format : u"raw"_s;
}

} // namespace

Result<QList<job::Plan>> planEditDraft(
    virt::Connection &connection, const virt::HostId &host, const virt::DomainRecord &domain, const EditDraft &draft)
{
    if (draft.xml.isEmpty() && draft.texts.isEmpty()) {
        return QList{planAutostart(host, domain, draft.autostart.value_or(domain.autostart))};
    }
    const QString title = DraftEditsText::tr("Change %1");
    auto plan = planChange(connection, host, domain, title,
        draft.xml.isEmpty() ? QString() : DraftEditsText::tr("Replaced from a file"),
        [&draft](const QString &definition) {
            return draft.xml.isEmpty() ? withTexts(definition, draft.texts) : readDefinition(draft.xml);
        });
    if (!plan) {
        return fail(plan.error());
    }
    if (!draft.xml.isEmpty() && !plan->steps.isEmpty()) {
        const QString sent = plan->xmlAfter;
        checkSchema(*plan, draft.xml, plan->xmlBefore, sent);
        if (plan->isBlocked()) {
            plan->steps.clear();
        }
    }
    if (draft.autostart && *draft.autostart != domain.autostart && !plan->isBlocked()) {
        append(*plan, planAutostart(host, domain, *draft.autostart));
    }
    return QList{*std::move(plan)};
}

Result<QList<job::Plan>> planDeviceDraft(
    virt::Connection &connection, const virt::HostId &host, const virt::DomainRecord &domain, const DeviceDraft &draft)
{
    DeviceDraft whole = draft;
    if (whole.attach && whole.disk) {
        const auto format = formatOf(connection, *whole.disk);
        if (!format) {
            return fail(format.error());
        }
        whole.disk->format = *format;
    }
    const QString title = whole.disk
        ? (whole.attach ? DraftEditsText::tr("Attach a disk to %1") : DraftEditsText::tr("Detach a disk from %1"))
        : (whole.attach ? DraftEditsText::tr("Attach a network card to %1")
                        : DraftEditsText::tr("Detach a network card from %1"));
    auto plan = planChange(connection, host, domain, title, {}, [&whole](const QString &definition) {
        return whole.attach ? withDevice(definition, whole) : withoutDevice(definition, whole);
    });
    if (!plan) {
        return fail(plan.error());
    }
    plan->operation = whole.attach ? u"attach"_s : u"detach"_s;
    return QList{*std::move(plan)};
}

} // namespace vireo::operation
