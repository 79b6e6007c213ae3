// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/edit.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/edit/editparts.h"
#include "backend/operation/edit/livechange.h"
#include "backend/operation/history.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct EditText {
    Q_DECLARE_TR_FUNCTIONS(operation_edit)
};

using When = EditEffect::When;

QString verdictOf(const QString &name, const QList<EditPart> &parts, bool running)
{
    const auto count = [&parts](When when) {
        return static_cast<int>(
            std::ranges::count_if(parts, [when](const EditPart &part) { return part.effect.when == when; }));
    };
    const int now = count(When::Now);
    const int later = count(When::NextBoot);
    if (!running) {
        return (now == 1 ? EditText::tr("1 change of %1 counts from its next start.")
                         : EditText::tr("%n changes of %1 count from its next start.", nullptr, now))
            .arg(name);
    }
    if (later == 0) {
        return (now == 1 ? EditText::tr("1 change of %1 takes effect now.")
                         : EditText::tr("%n changes of %1 take effect now.", nullptr, now))
            .arg(name);
    }
    return now == 0
        ? (later == 1 ? EditText::tr("1 change of %1 takes effect at its next boot.")
                      : EditText::tr("%n changes of %1 take effect at its next boot.", nullptr, later))
              .arg(name)
        : (now == 1 ? EditText::tr("1 change of %1 takes effect now, the others at its next boot.")
                    : EditText::tr("%n changes of %1 take effect now, the others at its next boot.", nullptr, now))
              .arg(name);
}

/** The kept definition that has the passwords; empty: none has been kept. */
const QString &secretsId(const DefinitionEdit &edit)
{
    return edit.restores.isEmpty() ? edit.aside : edit.restores;
}

/** What is sent to libvirt: with the UUID, which a definition may leave out, but not ours. */
QString toBeSent(const EditFacts &facts, const DefinitionEdit &edit)
{
    QString wanted = secretsId(edit).isEmpty() ? edit.wanted : withoutSecrets(edit.wanted);
    auto text = xml::XmlText::parse(wanted);
    if (!text || text->has(u"uuid"_s)) {
        return wanted;
    }
    text->setText(u"uuid"_s, facts.domain.uuid.toString(QUuid::WithoutBraces));
    return text->toString();
}

job::Step redefineStep(const EditFacts &facts, const DefinitionEdit &edit, const QString &cause)
{
    job::Step step;
    step.type = u"domain.redefine"_s;
    step.title = EditText::tr("Store the new definition");
    step.object = facts.domain.name;
    step.undo = EditText::tr("Store the previous definition again");
    step.parameters = {
        {u"xml"_s, toBeSent(facts, edit)}, {u"base"_s, definitionDigest(facts.stored)}, {u"cause"_s, cause}};
    if (!edit.restores.isEmpty()) {
        step.parameters.insert(u"restores"_s, edit.restores);
    } else if (!edit.aside.isEmpty()) {
        step.parameters.insert(u"aside"_s, edit.aside);
    }
    return step;
}

/** A step that finds the new password in the kept definition. */
job::Step withoutPasswords(job::Step step, const QString &kept)
{
    for (const QString &key : {u"before"_s, u"xml"_s}) {
        step.parameters.insert(key, withoutDeviceSecrets(step.parameters.value(key).toString()));
    }
    step.parameters.insert(u"secrets"_s, kept);
    return step;
}

QString causeOf(const DefinitionEdit &edit, const QList<EditPart> &parts)
{
    if (!edit.cause.isEmpty()) {
        return edit.cause;
    }
    constexpr qsizetype most = 3;
    QStringList texts;
    for (const EditPart &part : parts.first(std::min(most, parts.size()))) {
        texts << part.effect.text;
    }
    return texts.join(u"; "_s) + (parts.size() > most ? u" …"_s : QString());
}

void appendSteps(job::Plan &plan, const EditFacts &facts, const DefinitionEdit &edit, const EditParts &all)
{
    const auto append = [&plan, &facts](job::Step step) {
        step.parameters.insert(u"uuid"_s, facts.domain.uuid.toString(QUuid::WithoutBraces));
        step.parameters.insert(u"number"_s, static_cast<int>(plan.steps.size())); // two steps are never the same
        plan.steps.append(step);
    };
    if (facts.domain.persistent) {
        if (all.name != all.nameBefore) {
            append({u"domain.rename"_s, EditText::tr("Rename"), all.nameBefore, EditText::tr("Give the old name back"),
                0, {{u"name"_s, all.name}, {u"before"_s, all.nameBefore}}});
        }
        if (!all.onlyName) {
            append(redefineStep(facts, edit, causeOf(edit, all.parts)));
        }
    }
    QList<EditPart> live = all.parts;
    std::ranges::stable_sort(live, {}, &EditPart::order);
    for (const EditPart &part : std::as_const(live)) {
        if (part.live && part.live->type == "device.update"_L1 && !secretsId(edit).isEmpty()) {
            append(withoutPasswords(*part.live, secretsId(edit)));
        } else if (part.live) {
            append(*part.live);
        }
    }
}

} // namespace

Result<> keepPasswordsAside(
    DefinitionHistory &history, const QString &hostUri, const QUuid &domain, DefinitionEdit &edit)
{
    if (!edit.restores.isEmpty() || !edit.aside.isEmpty() || !hasSecrets(edit.wanted)) {
        return {};
    }
    const auto id = history.setAside(hostUri, domain, edit.wanted);
    if (!id) {
        return fail(id.error());
    }
    edit.aside = *id;
    return {};
}

bool isCurrent(const EditFacts &facts, const DefinitionEdit &edit)
{
    const QString &now = facts.domain.persistent ? facts.stored : facts.running;
    return now == edit.base || xml::compareDocuments(edit.base, now).isEmpty();
}

ReadBack readBack(const QString &sent, const QString &stored)
{
    ReadBack result;
    const QList<xml::DocumentChange> changes = xml::compareDocuments(sent, stored);
    for (const xml::DocumentChange &change : changes) {
        switch (change.kind) {
        case xml::DocumentChange::Kind::Removed:
            result.dropped.append(change);
            break;
        case xml::DocumentChange::Kind::Changed:
            result.changed.append(change);
            break;
        case xml::DocumentChange::Kind::Added:
            result.added.append(change);
            break;
        }
    }
    return result;
}

job::Plan planEdit(const virt::HostId &host, const EditFacts &facts, const DefinitionEdit &edit)
{
    job::Plan plan;
    plan.operation = u"edit"_s;
    plan.title = EditText::tr("Change %1").arg(facts.domain.name);
    plan.host = host;
    plan.domain = facts.domain.uuid;
    plan.domainName = facts.domain.name;
    const EditParts all = editParts(facts, edit);
    plan.findings = editFindings(facts, edit, all);
    plan.xmlBefore = withoutSecrets(facts.domain.persistent ? facts.stored : facts.running);
    plan.xmlAfter = withoutSecrets(edit.wanted);
    if (plan.isBlocked()) {
        return plan;
    }
    appendSteps(plan, facts, edit, all);
    plan.verdict = verdictOf(facts.domain.name, all.parts, !facts.running.isEmpty());
    return plan;
}

} // namespace vireo::operation
