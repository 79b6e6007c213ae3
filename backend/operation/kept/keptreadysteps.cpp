// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;

/** kept.ready: the hosts of an end answer, and the VM is still where and what it was planned for. */
namespace vireo::operation {

namespace {

using job::Step;
using job::StepContext;

struct KeptReadyText {
    Q_DECLARE_TR_FUNCTIONS(operation_keptReady)
};

/** The domain's stored definition, by a call that really goes to the host; nothing: it does not know the domain. */
Result<std::optional<QString>> definitionAt(StepContext &context, const virt::HostId &host, const QString &uri)
{
    const auto connection = context.connection(host);
    auto known = connection
        ? optional(virt::domains::xml(**connection, context.plan().domain, virt::domains::XmlKind::Inactive))
        : fail(connection.error());
    return known ? known : fail(awayError(uri, known.error()));
}

Error changedError(const QString &name)
{
    return {Error::Kind::Failed, KeptReadyText::tr("Somebody else has changed %1 meanwhile.").arg(name),
        KeptReadyText::tr("Nothing was overwritten. Look at it again, and plan anew."), 0, 0};
}

Result<> ready(const Step &step, StepContext &context, const QString &directory)
{
    const QString &name = context.plan().domainName;
    const auto state = KeptStates(directory).read(text(step, u"id"_s));
    if (!state) {
        return fail(state.error());
    }
    const auto now = definitionAt(context, context.plan().host, state->toUri);
    if (!now) {
        return fail(now.error());
    }
    const QString base = text(step, u"base"_s);
    if (!base.isEmpty() && (!*now || definitionDigest(**now) != base)) {
        return fail(changedError(name));
    }
    const virt::HostId from = QUuid::fromString(text(step, u"from"_s));
    if (from.isNull()) {
        return {};
    }
    const auto there = definitionAt(context, from, state->fromUri);
    if (!there) {
        return fail(there.error());
    }
    return *there && state->ending != KeptState::Ending::Revert
        ? fail({Error::Kind::Failed, KeptReadyText::tr("%1 is also defined where it was.").arg(name),
              KeptReadyText::tr("Remove the definition there first."), 0, 0})
        : Result<>();
}

} // namespace

Error awayError(const QString &uri, Error error)
{
    error.message = KeptReadyText::tr("The host %1 can't be asked: %2").arg(uri, error.message);
    error.hint = KeptReadyText::tr("Nothing was changed. Try again once that host answers.");
    return error;
}

void registerKeptReadySteps(job::StepRegistry &registry, const QString &directory)
{
    registry.add(u"kept.ready"_s,
        {[directory](const Step &step, StepContext &context) { return ready(step, context, directory); }, {}});
}

} // namespace vireo::operation
