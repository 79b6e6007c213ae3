// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/domainlooks.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/** The steps that make, change and remove a domain's definition. Each may be repeated, and so may its undo. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using job::Step;
using job::StepContext;

struct DomainStepsText {
    Q_DECLARE_TR_FUNCTIONS(DomainSteps)
};

/** Notes the UUID before the domain can exist, so that undo finds it whatever happens in between. */
Result<> runDefine(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    auto document = xml::Document::parse(step.parameters[u"xml"_s].toString());
    if (!document) {
        return fail(document.error());
    }
    const QUuid noted = QUuid::fromString(context.results()[u"uuid"_s].toString());
    xml::Element element = document->root().ensure(u"uuid"_s);
    QUuid uuid = QUuid::fromString(element.text().trimmed());
    if (uuid.isNull()) {
        uuid = noted.isNull() ? QUuid::createUuid() : noted;
        element.setText(uuid.toString(QUuid::WithoutBraces));
    }
    const auto present = domains::state(**connection, uuid);
    if (!present) {
        return fail(present.error());
    }
    if (present->exists) {
        if (uuid == noted) {
            return {}; // defined by an earlier run of this very step
        }
        return fail({Error::Kind::Invalid,
            DomainStepsText::tr("A VM with the UUID %1 exists already.").arg(uuid.toString(QUuid::WithoutBraces)),
            DomainStepsText::tr("Take the UUID out of the XML, or choose another."), 0, 0});
    }
    if (const Result<> known = context.note(u"uuid"_s, uuid.toString(QUuid::WithoutBraces)); !known) {
        return known;
    }
    const auto defined = domains::define(**connection, document->toString());
    if (!defined) {
        return fail(defined.error());
    }
    return {};
}

Result<> undoDefine(const Step &, StepContext &context)
{
    const QUuid uuid = QUuid::fromString(context.results()[u"uuid"_s].toString());
    if (uuid.isNull()) {
        return {}; // it never came to that
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto present = domains::state(**connection, uuid);
    if (!present) {
        return fail(present.error());
    }
    if (!present->exists) {
        return {};
    }
    // An active domain would only become transient, and go on holding its disks.
    if (isActive(*present)) {
        if (const Result<> off = domains::destroy(**connection, uuid);
            !off && off.error().kind != Error::Kind::NotFound) {
            return off;
        }
    }
    const Result<> undefined = domains::undefine(**connection, uuid);
    return !undefined && undefined.error().kind == Error::Kind::NotFound ? Result<>{} : undefined;
}

Result<> runUndefine(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (!before->exists) {
        return {};
    }
    if (isActive(*before)) {
        return fail(Error::failed(DomainStepsText::tr("%1 is %2: it was started meanwhile. Its definition is kept.")
                .arg(target->name, describe(*before))));
    }
    // Noted first: whoever is killed right after the call must not forget it. Undo looks for itself whether it is gone.
    if (const Result<> known = context.note(u"undefined"_s, true); !known) {
        return known;
    }
    const Result<> undefined = domains::undefine(*target->connection, target->uuid);
    if (!undefined && undefined.error().kind != Error::Kind::NotFound) {
        return undefined;
    }
    const auto after = target->state();
    if (!after) {
        return fail(after.error());
    }
    if (after->exists) {
        return fail(Error::failed(DomainStepsText::tr("%1 is still there after it was deleted; it is %2.")
                .arg(target->name, describe(*after))));
    }
    return {};
}

Result<> undoUndefine(const Step &step, StepContext &context)
{
    if (!context.results()[u"undefined"_s].toBool()) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto present = target->state();
    if (!present) {
        return fail(present.error());
    }
    if (present->exists) {
        return {}; // libvirt refused, or was never asked
    }
    return fail({Error::Kind::Unsupported, DomainStepsText::tr("The definition of %1 was deleted.").arg(step.object),
        {}, 0, 0});
}

/** Both directions of autostart: sets what is not so already, and reads it back. */
Result<> setAutostart(const Step &step, StepContext &context, bool on)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = domains::read(*target->connection, target->uuid);
    if (!before) {
        return fail(before.error());
    }
    if (before->autostart == on) {
        return {};
    }
    if (const Result<> set = domains::setAutostart(*target->connection, target->uuid, on); !set) {
        return set;
    }
    const auto after = domains::read(*target->connection, target->uuid);
    if (!after) {
        return fail(after.error());
    }
    if (after->autostart != on) {
        return fail(
            Error::failed(DomainStepsText::tr("The host did not keep the autostart setting of %1.").arg(target->name)));
    }
    return {};
}

/** Both directions of rename. */
Result<> rename(const Step &step, StepContext &context, const QString &name)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = domains::read(*target->connection, target->uuid);
    if (!before) {
        return fail(before.error());
    }
    if (before->name == name) {
        return {};
    }
    if (const Result<> renamed = domains::rename(*target->connection, target->uuid, name); !renamed) {
        return renamed;
    }
    const auto after = domains::read(*target->connection, target->uuid);
    if (!after) {
        return fail(after.error());
    }
    if (after->name != name) {
        return fail(Error::failed(DomainStepsText::tr("%1 is still called %2.").arg(target->name, after->name)));
    }
    return {};
}

/** A domain that is gone has nothing that could be set back. */
Result<> unlessGone(const Result<> &outcome)
{
    return !outcome && outcome.error().kind == Error::Kind::NotFound ? Result<>{} : outcome;
}

} // namespace

void registerDomainSteps(job::StepRegistry &registry)
{
    registerPowerSteps(registry);
    registry.add(u"domain.define"_s, {runDefine, undoDefine, lookAtDefined});
    registry.add(u"domain.undefine"_s, {runUndefine, undoUndefine, lookAtUndefined});
    registry.add(u"domain.setAutostart"_s,
        {[](const Step &step, StepContext &context) {
             return setAutostart(step, context, step.parameters[u"on"_s].toBool());
         },
            [](const Step &step, StepContext &context) {
                return unlessGone(setAutostart(step, context, step.parameters[u"before"_s].toBool()));
            },
            lookAtAutostart});
    registry.add(u"domain.rename"_s,
        {[](const Step &step, StepContext &context) {
             return rename(step, context, step.parameters[u"name"_s].toString());
         },
            [](const Step &step, StepContext &context) {
                return unlessGone(rename(step, context, step.parameters[u"before"_s].toString()));
            },
            lookAtRenamed});
}

} // namespace vireo::operation
