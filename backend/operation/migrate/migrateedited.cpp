// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/migrate/migrateedited_p.h"
#include "backend/xml/document.h"
#include "backend/xml/schema.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;

struct EditedText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateEdited)
};

/** Where it does not follow libvirt's schema. A host whose own XML this computer's schema refuses is newer than it. */
void checkSchema(const QString &which, const QString &own, const QString &edited, QList<job::Finding> &findings)
{
    constexpr qsizetype most = 5;
    const auto schema = xml::Schema::load(xml::DocumentKind::Domain);
    if (!schema) {
        return; // the editor says that nothing checks it
    }
    const auto isError = [](const xml::Diagnostic &one) {
        return one.severity == xml::Diagnostic::Severity::Error;
    };
    if (std::ranges::any_of((*schema)->check(own), isError)) {
        return;
    }
    const QList<xml::Diagnostic> found = (*schema)->check(edited);
    for (const xml::Diagnostic &one : found.first(std::min(most, found.size()))) {
        if (isError(one)) {
            findings.append(
                {Severity::Warning, EditedText::tr("%1, line %2: %3").arg(which).arg(one.place.line).arg(one.message),
                    EditedText::tr("libvirt may refuse it, or leave out what it does not know."), one.hint});
        }
    }
}

void check(const virt::DomainRecord &vm, const QString &which, const QString &own, const QString &edited,
    QList<job::Finding> &findings)
{
    if (edited.isEmpty()) {
        return;
    }
    const auto document = xml::Document::parse(edited);
    if (!document) {
        findings.append({Severity::Blocker, EditedText::tr("%1: the edited XML can't be read.").arg(which),
            document.error().message, EditedText::tr("Correct it, or take the edits back.")});
        return;
    }
    const xml::Element root = document->root();
    const QUuid uuid = QUuid::fromString(root.child(u"uuid"_s).text().trimmed());
    if (root.name() != "domain"_L1 || root.child(u"name"_s).text() != vm.name || uuid != vm.uuid) {
        findings.append({Severity::Blocker, EditedText::tr("%1: the edited XML is not about %2.").arg(which, vm.name),
            {}, EditedText::tr("Keep the name and the UUID.")});
        return;
    }
    findings.append({Severity::Note, EditedText::tr("%1: the definition was edited by hand.").arg(which), {}, {}});
    checkSchema(which, own, edited, findings);
}

} // namespace

QList<job::Finding> editedXmlFindings(const MigrateFacts &facts, const MigrateDraft &draft)
{
    QList<job::Finding> findings;
    const MigrateSource &source = facts.source;
    check(source.domain, EditedText::tr("As it runs at the destination"), source.liveXml, draft.xml, findings);
    if (draft.persistent) {
        check(
            source.domain, EditedText::tr("At its next start there"), source.storedXml, draft.persistentXml, findings);
    }
    return findings;
}

} // namespace vireo::operation
