// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/** What follows the first start of an installation. May be repeated, and so may its undo. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using job::Step;
using job::StepContext;

struct InstallStepsText {
    Q_DECLARE_TR_FUNCTIONS(InstallSteps)
};

constexpr auto beforeKey = "beforeEndInstall"_L1;

/** Takes the installer's kernel out of the stored definition; the running domain keeps what it has. */
Result<> runEndInstall(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto text = domains::xml(*target->connection, target->uuid, domains::XmlKind::Inactive, true);
    if (!text) {
        return fail(text.error());
    }
    auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    xml::Element os = document->root().child(u"os"_s);
    if (os.child(u"kernel"_s).isNull()) {
        return {}; // done by an earlier run
    }
    for (const QString &name : {u"kernel"_s, u"initrd"_s, u"cmdline"_s, u"dtb"_s}) {
        if (xml::Element element = os.child(name)) {
            element.remove();
        }
    }
    document->root().ensure(u"on_reboot"_s).setText(u"restart"_s);
    if (const Result<> noted = context.note(beforeKey, *text); !noted) {
        return noted;
    }
    const auto defined = domains::define(*target->connection, document->toString());
    if (!defined) {
        return fail(defined.error());
    }
    const auto after = domains::xml(*target->connection, target->uuid, domains::XmlKind::Inactive);
    if (!after) {
        return fail(after.error());
    }
    const auto stored = xml::Document::parse(*after);
    if (!stored || !stored->root().find(u"os/kernel"_s).isNull()) {
        return fail(
            Error::failed(InstallStepsText::tr("The host did not take the installer out of the definition of %1.")
                    .arg(target->name)));
    }
    return {};
}

Result<> undoEndInstall(const Step &step, StepContext &context)
{
    const QString before = context.results()[beforeKey].toString();
    if (before.isEmpty()) {
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
        const auto defined = domains::define(*target->connection, before);
        if (!defined) {
            return fail(defined.error());
        }
    }
    return context.note(beforeKey, QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerInstallSteps(job::StepRegistry &registry)
{
    registry.add(u"domain.endInstall"_s, {runEndInstall, undoEndInstall});
}

} // namespace vireo::operation
