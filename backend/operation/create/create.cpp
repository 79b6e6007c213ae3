// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/create.h"

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/create/createsteps.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = CreateDraft::SourceKind;

struct CreateText {
    Q_DECLARE_TR_FUNCTIONS(operation_planCreate)
};

QString verdictOf(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    const QString host = facts.hostInfo.hostname.isEmpty() ? draft.host : facts.hostInfo.hostname;
    QStringList acts;
    if (draft.source == Kind::Xml) {
        acts << CreateText::tr("Defines %1 on %2").arg(draft.name, host);
    } else {
        acts << CreateText::tr("Creates %1 on %2 with %3 vCPU and %4 of memory")
                    .arg(draft.name, host)
                    .arg(draft.vcpus)
                    .arg(sizeText(draft.memoryMiB * 1024 * 1024));
    }
    if (const quint64 bytes = uploadBytes(layout); bytes > 0) {
        acts << CreateText::tr("uploads %1").arg(sizeText(bytes));
    }
    if (!layout.rootName.isEmpty()) {
        acts << CreateText::tr("makes a disk of %1 in the pool “%2”").arg(sizeText(layout.rootCapacity), draft.pool);
    }
    if (const auto more = std::ranges::count_if(layout.disks, [](const auto &disk) { return !disk.name.isEmpty(); })) {
        acts << (more == 1 ? CreateText::tr("makes one more disk") : CreateText::tr("makes %1 more disks").arg(more));
    }
    if (draft.start) {
        acts << (draft.paused ? CreateText::tr("starts it paused") : CreateText::tr("starts it"));
    }
    return CreateText::tr("%1.").arg(acts.join(CreateText::tr(", ")));
}

/** The definition from elsewhere under its new name; its UUID stays when it is free here. */
QString importedXml(const CreateDraft &draft, const CreateFacts &facts)
{
    auto document = xml::Document::parse(facts.importedXml);
    if (!document) {
        return {};
    }
    xml::Element root = document->root();
    root.ensure(u"name"_s).setText(draft.name);
    root.removeAttribute(u"id"_s);
    if (xml::Element uuid = root.child(u"uuid"_s);
        uuid && facts.domainUuids.contains(QUuid::fromString(uuid.text().trimmed()))) {
        uuid.remove();
    }
    if (!draft.title.isEmpty()) {
        root.ensure(u"title"_s).setText(draft.title);
    }
    if (!draft.description.isEmpty()) {
        root.ensure(u"description"_s).setText(draft.description);
    }
    return document->toString();
}

} // namespace

job::Plan planCreate(const CreateDraft &draft, const CreateFacts &facts)
{
    const CreateLayout layout = layoutOf(draft, facts);
    job::Plan plan;
    plan.operation = u"create"_s;
    plan.title = CreateText::tr("Create %1").arg(draft.name);
    plan.host = facts.host;
    plan.domainName = draft.name;
    plan.draft = draft.toJson();
    plan.findings = createFindings(draft, facts, layout) + createStorageFindings(draft, facts, layout);
    if (plan.isBlocked()) {
        return plan;
    }
    plan.xmlAfter = draft.source == Kind::Xml ? importedXml(draft, facts)
        : draft.customXml                     ? *draft.customXml
                                              : createDomainXml(draft, facts);
    plan.steps = createSteps(draft, facts, layout, plan.xmlAfter);
    plan.verdict = verdictOf(draft, facts, layout);
    return plan;
}

QString freeName(const QString &base, const QStringList &taken)
{
    QString name = base;
    for (int number = 2; taken.contains(name); ++number) {
        name = u"%1-%2"_s.arg(base).arg(number);
    }
    return name;
}

} // namespace vireo::operation
