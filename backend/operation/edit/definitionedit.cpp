// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/definitionedit.h"

#include <QCoreApplication>

#include "backend/operation/edit/definitionkinds.h"
#include "backend/xml/comparison.h"
#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DefinitioneditText {
    Q_DECLARE_TR_FUNCTIONS(operation_definitionEdit)
};

using job::Finding;
using Severity = Finding::Severity;
using virt::DefinitionEntry;
using virt::DefinitionKey;
using Kind = DefinitionKey::Kind;

QString title(const DefinitionEntry &object)
{
    return DefinitioneditText::tr("%1 “%2”", "kind and name: virtual network “default”")
        .arg(kindName(object.key.kind), object.name);
}

QString rootName(Kind kind)
{
    switch (kind) {
    case Kind::Pool:
        return u"pool"_s;
    case Kind::Network:
        return u"network"_s;
    default:
        return u"filter"_s;
    }
}

QString uuidOf(const xml::XmlText &text)
{
    const QString path = u"uuid"_s;
    if (text.has(path)) {
        return text.text(path).trimmed();
    }
    return {};
}

/** libvirt takes pools' passwords from its secrets alone; one that is typed here would only end up in journals. */
bool hasPassword(const QString &definition)
{
    const auto document = xml::Document::parse(definition);
    const xml::Element auth = document ? document->root().find(u"source/auth"_s) : xml::Element();
    return auth.hasAttribute(u"passwd"_s) || auth.hasAttribute(u"password"_s) || auth.child(u"password"_s)
        || auth.child(u"passwd"_s);
}

/** A network filter has its name as an attribute, like a domain's NIC refers to it. */
QString nameIn(const xml::XmlText &text, Kind kind)
{
    return kind == Kind::NetworkFilter ? text.attribute({}, u"name"_s) : text.text(u"name"_s).trimmed();
}

/** What makes the wanted definition one of another object, or of none. */
QList<Finding> identityFindings(const DefinitionEntry &object, const xml::XmlText &wanted)
{
    QList<Finding> findings;
    const Kind kind = object.key.kind;
    const auto &tree = wanted.tree();
    const QString root = tree.root() < 0 ? QString() : tree.localName(tree.root()).toString();
    if (root != rootName(kind)) {
        return {{Severity::Blocker, DefinitioneditText::tr("This is not the definition of a %1").arg(kindName(kind)),
            DefinitioneditText::tr("It is a <%1>, and must be a <%2>.").arg(root, rootName(kind)), {}}};
    }
    if (const QString name = nameIn(wanted, kind); name != object.name) {
        findings.append({Severity::Blocker, DefinitioneditText::tr("The name can't be changed"),
            DefinitioneditText::tr("libvirt would make another object named “%1”, and keep “%2”.")
                .arg(name, object.name),
            DefinitioneditText::tr("Write “%1” as its name.").arg(object.name)});
    }
    const QString uuid = uuidOf(wanted);
    if (!uuid.isEmpty() && QUuid::fromString(uuid) != QUuid::fromString(object.key.id)) {
        findings.append({Severity::Blocker, DefinitioneditText::tr("The UUID can't be changed"),
            DefinitioneditText::tr("It says which object this is, and others refer to it."),
            DefinitioneditText::tr("Write %1, or leave it out.").arg(object.key.id)});
    }
    return findings;
}

/** When it counts. */
Finding whenFinding(const DefinitionEntry &object)
{
    if (object.key.kind == Kind::NetworkFilter) {
        return {Severity::Warning, DefinitioneditText::tr("It takes effect at once"),
            DefinitioneditText::tr("Running VMs whose network cards use this filter, or one that refers to it, get the "
                                   "new rules."),
            {}};
    }
    if (object.state == DefinitionEntry::State::Active) {
        return {Severity::Note, DefinitioneditText::tr("It takes effect when it is started the next time"),
            DefinitioneditText::tr("The %1 is active and goes on as it is.").arg(kindName(object.key.kind)), {}};
    }
    return {Severity::Ok, DefinitioneditText::tr("It is not active: nothing that runs is affected"), {}, {}};
}

QList<Finding> findingsOf(const ObjectFacts &facts, const ObjectEdit &edit)
{
    const DefinitionEntry &object = facts.object;
    if (!isEditable(object.key.kind)) {
        return {{Severity::Blocker, DefinitioneditText::tr("This definition can't be changed"),
            readOnlyReason(object.key.kind), {}}};
    }
    if (!object.persistent) {
        return {{Severity::Blocker, DefinitioneditText::tr("There is no stored definition"),
            DefinitioneditText::tr("The %1 is gone when it stops: libvirt keeps no definition of it that could be "
                                   "changed.")
                .arg(title(object)),
            {}}};
    }
    const auto wanted = xml::XmlText::parse(edit.wanted);
    if (!wanted) {
        return {{Severity::Blocker, DefinitioneditText::tr("The XML is not well-formed"), wanted.error().message, {}}};
    }
    QList<Finding> findings = identityFindings(object, *wanted);
    if (!isCurrent(facts, edit)) {
        findings.append({Severity::Blocker, DefinitioneditText::tr("Somebody else has changed it meanwhile"),
            DefinitioneditText::tr("What is stored is no longer what this edit began with."),
            DefinitioneditText::tr("Open it again, and merge the two changes.")});
    }
    if (object.key.kind == Kind::Pool && hasPassword(edit.wanted)) {
        findings.append({Severity::Blocker, DefinitioneditText::tr("A password does not belong here"),
            DefinitioneditText::tr("libvirt takes the password of a pool's source from a secret only."),
            DefinitioneditText::tr("Name the secret by <secret uuid='…'/> or <secret usage='…'/>.")});
    }
    if (findings.isEmpty() && xml::compareDocuments(facts.stored, edit.wanted).isEmpty()) {
        findings.append({Severity::Blocker, DefinitioneditText::tr("There is nothing to change"),
            DefinitioneditText::tr("Only the form differs, which libvirt does not keep."), {}});
    }
    findings.append(whenFinding(object));
    return findings;
}

/** With the UUID, without which libvirt would take it for another object of the same name. */
QString toBeSent(const DefinitionEntry &object, const QString &wanted)
{
    auto text = xml::XmlText::parse(wanted);
    if (!text || !uuidOf(*text).isEmpty()) {
        return wanted;
    }
    text->setText(u"uuid"_s, object.key.id);
    return text->toString();
}

} // namespace

bool isEditable(Kind kind)
{
    return kind == Kind::Pool || kind == Kind::Network || kind == Kind::NetworkFilter;
}

QString readOnlyReason(Kind kind)
{
    switch (kind) {
    case Kind::Capabilities:
    case Kind::DomainCapabilities:
        return DefinitioneditText::tr("Read-only: the host tells what it can do.");
    case Kind::Volume:
        return DefinitioneditText::tr("Read-only: libvirt reads it from the volume itself.");
    case Kind::NodeDevice:
        return DefinitioneditText::tr("Read-only: the host tells what hardware it has.");
    case Kind::SnapshotDomain:
    case Kind::Snapshot:
        return DefinitioneditText::tr("Read-only: it records how the VM was.");
    case Kind::Secret:
        return DefinitioneditText::tr("Read-only. The value of a secret is never read.");
    case Kind::Pool:
    case Kind::Network:
    case Kind::NetworkFilter:
        break;
    }
    return {};
}

QString kindName(Kind kind)
{
    switch (kind) {
    case Kind::Capabilities:
        return DefinitioneditText::tr("host");
    case Kind::DomainCapabilities:
        return DefinitioneditText::tr("kind of machine");
    case Kind::Pool:
        return DefinitioneditText::tr("storage pool");
    case Kind::Volume:
        return DefinitioneditText::tr("volume");
    case Kind::Network:
        return DefinitioneditText::tr("virtual network");
    case Kind::NetworkFilter:
        return DefinitioneditText::tr("network filter");
    case Kind::NodeDevice:
        return DefinitioneditText::tr("node device");
    case Kind::SnapshotDomain:
        return DefinitioneditText::tr("VM");
    case Kind::Snapshot:
        return DefinitioneditText::tr("snapshot");
    case Kind::Secret:
        return DefinitioneditText::tr("secret");
    }
    return {};
}

Result<ObjectFacts> readObjectFacts(virt::Connection &connection, const DefinitionKey &key)
{
    const auto object = virt::definitions::entry(connection, key);
    const auto stored = object ? virt::definitions::xml(connection, key) : fail(object.error());
    if (!stored) {
        return fail(stored.error());
    }
    return ObjectFacts{*object, *stored};
}

bool isCurrent(const ObjectFacts &facts, const ObjectEdit &edit)
{
    return facts.stored == edit.base || xml::compareDocuments(edit.base, facts.stored).isEmpty();
}

job::Plan planDefinitionEdit(const virt::HostId &host, const ObjectFacts &facts, const ObjectEdit &edit)
{
    const DefinitionEntry &object = facts.object;
    job::Plan plan;
    plan.operation = u"definition.edit"_s;
    plan.title = DefinitioneditText::tr("Change the %1").arg(title(object));
    plan.host = host;
    plan.domainName = object.name;
    plan.findings = findingsOf(facts, edit);
    if (plan.isBlocked()) {
        return plan; // without the text: it may hold the password that was refused
    }
    plan.xmlBefore = facts.stored;
    plan.xmlAfter = toBeSent(object, edit.wanted);
    plan.steps = {{u"definition.define"_s, DefinitioneditText::tr("Store the new definition"), object.name,
        DefinitioneditText::tr("Store the previous definition again"), 0,
        {{u"kind"_s, kindWord(object.key.kind)}, {u"id"_s, object.key.id}, {u"xml"_s, plan.xmlAfter},
            {u"before"_s, facts.stored}}}};
    const auto changes = static_cast<int>(xml::compareDocuments(facts.stored, plan.xmlAfter).size());
    plan.verdict = (changes == 1 ? DefinitioneditText::tr("1 change of the %1 is stored.")
                                 : DefinitioneditText::tr("%n changes of the %1 are stored.", nullptr, changes))
                       .arg(title(object));
    return plan;
}

} // namespace vireo::operation
