// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/lifecycle.h"

#include <algorithm>

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using virt::DomainRecord;
using virt::DomainState;
using Severity = job::Finding::Severity;

struct LifecycleText {
    Q_DECLARE_TR_FUNCTIONS(Lifecycle)
};

/** Seconds within which a state must be reached that depends on the host alone. */
constexpr int hostTimeout = 60;
/** The name becomes file names ("NAME.xml", "NAME.save", "domain-1-NAME"); those end at 255 bytes. */
constexpr int maxNameBytes = 200;

/** A crashed domain that is kept for inspection and Xen's "no state" are active as well. */
bool isActive(const DomainRecord &domain)
{
    return domain.isActive() || domain.id >= 0;
}

bool isRunning(const DomainRecord &domain)
{
    return domain.state == DomainState::Running || domain.state == DomainState::Blocked
        || (domain.state == DomainState::NoState && isActive(domain));
}

/** What is in the way of anything that needs a guest that runs; empty: nothing. */
QString whyGuestCannotAct(const DomainRecord &domain)
{
    const QString name = domain.name;
    if (!isActive(domain)) {
        return LifecycleText::tr("%1 is not running.").arg(name);
    }
    if (domain.state == DomainState::Paused) {
        return LifecycleText::tr("%1 is paused. Resume it first: a paused guest can't react.").arg(name);
    }
    if (domain.state == DomainState::PmSuspended) {
        return LifecycleText::tr("%1 is asleep. Wake it from inside or with a key on its console first.").arg(name);
    }
    if (domain.state == DomainState::Crashed) {
        return LifecycleText::tr("%1 has crashed. Force it off, or use Hard Reboot.").arg(name);
    }
    return {};
}

QString refuseRun(const DomainRecord &domain)
{
    if (!isActive(domain) || domain.state == DomainState::Paused) {
        return {};
    }
    if (domain.state == DomainState::ShuttingDown) {
        return LifecycleText::tr("%1 is shutting down.").arg(domain.name);
    }
    const bool runs = isRunning(domain);
    return runs ? LifecycleText::tr("%1 is already running.").arg(domain.name) : whyGuestCannotAct(domain);
}

QString refuseRestore(const DomainRecord &domain)
{
    if (isActive(domain)) {
        return LifecycleText::tr("%1 is already running.").arg(domain.name);
    }
    return domain.managedSave ? QString() : LifecycleText::tr("%1 has no saved state.").arg(domain.name);
}

QString refuseSave(const DomainRecord &domain)
{
    if (!domain.persistent) {
        return LifecycleText::tr("%1 is transient: a state can be kept only for a persistent VM.").arg(domain.name);
    }
    if (domain.state == DomainState::Paused) {
        return {};
    }
    return whyGuestCannotAct(domain);
}

QString refuseHardReboot(const DomainRecord &domain)
{
    if (!isActive(domain)) {
        return LifecycleText::tr("%1 is not running.").arg(domain.name);
    }
    if (!domain.persistent) {
        return LifecycleText::tr(
            "%1 is transient: its definition goes when it is forced off, so that it could not be started again.")
            .arg(domain.name);
    }
    return {};
}

job::Finding finding(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
{
    return {severity, text, cause, fix};
}

job::Plan emptyPlan(
    const QString &operation, const QString &title, const virt::HostId &host, const DomainRecord &domain)
{
    job::Plan plan;
    plan.operation = operation;
    plan.title = title.arg(domain.name);
    plan.host = host;
    plan.domain = domain.uuid;
    plan.domainName = domain.name;
    return plan;
}

job::Step domainStep(const QString &type, const QString &title, const DomainRecord &domain, int timeoutSeconds)
{
    job::Step step;
    step.type = type;
    step.title = title;
    step.object = domain.name;
    step.parameters = {{u"uuid"_s, domain.uuid.toString(QUuid::WithoutBraces)}};
    if (timeoutSeconds > 0) {
        step.parameters.insert(u"timeout"_s, timeoutSeconds);
    }
    return step;
}

QString titleOf(Action action, const DomainRecord &domain)
{
    switch (action) {
    case Action::Run:
        if (domain.state == DomainState::Paused) {
            return LifecycleText::tr("Resume %1");
        }
        return domain.managedSave ? LifecycleText::tr("Restore %1") : LifecycleText::tr("Start %1");
    case Action::Pause:
        return LifecycleText::tr("Pause %1");
    case Action::Resume:
        return LifecycleText::tr("Resume %1");
    case Action::ShutDown:
        return LifecycleText::tr("Shut down %1");
    case Action::Reboot:
        return LifecycleText::tr("Reboot %1");
    case Action::Reset:
        return LifecycleText::tr("Reset %1");
    case Action::ForceOff:
        return LifecycleText::tr("Force off %1");
    case Action::Save:
        return LifecycleText::tr("Save %1");
    case Action::Restore:
        return LifecycleText::tr("Restore %1");
    case Action::HardReboot:
        return LifecycleText::tr("Hard reboot %1");
    }
    return {};
}

QList<job::Step> stepsOf(Action action, const DomainRecord &domain, int timeoutSeconds)
{
    const auto step = [&domain](const QString &type, const QString &title, int timeout = hostTimeout) {
        return domainStep(type, title, domain, timeout);
    };
    switch (action) {
    case Action::Run:
        if (domain.state == DomainState::Paused) {
            return {step(u"domain.resume"_s, LifecycleText::tr("Resume"))};
        }
        return {
            step(u"domain.start"_s, domain.managedSave ? LifecycleText::tr("Restore") : LifecycleText::tr("Start"))};
    case Action::Pause:
        return {step(u"domain.suspend"_s, LifecycleText::tr("Pause"))};
    case Action::Resume:
        return {step(u"domain.resume"_s, LifecycleText::tr("Resume"))};
    case Action::ShutDown:
        return {step(u"domain.shutdown"_s, LifecycleText::tr("Shut down"), timeoutSeconds)};
    case Action::Reboot:
        return {step(u"domain.reboot"_s, LifecycleText::tr("Request a reboot"))};
    case Action::Reset:
        return {step(u"domain.reset"_s, LifecycleText::tr("Reset"))};
    case Action::ForceOff:
        return {step(u"domain.destroy"_s, LifecycleText::tr("Force off"))};
    case Action::Save:
        return {step(u"domain.save"_s, LifecycleText::tr("Save the state"))};
    case Action::Restore:
        return {step(u"domain.start"_s, LifecycleText::tr("Restore"))};
    case Action::HardReboot:
        return {step(u"domain.destroy"_s, LifecycleText::tr("Force off")),
            step(u"domain.start"_s, LifecycleText::tr("Start"))};
    }
    return {};
}

QString verdictOf(Action action, const DomainRecord &domain)
{
    switch (action) {
    case Action::Run:
        if (domain.state == DomainState::Paused) {
            return LifecycleText::tr("%1 goes on from where it was paused.");
        }
        return domain.managedSave ? LifecycleText::tr("%1 goes on from its saved state.")
                                  : LifecycleText::tr("%1 will be started.");
    case Action::Pause:
        return LifecycleText::tr("%1 stops executing and keeps its memory.");
    case Action::Resume:
        return LifecycleText::tr("%1 goes on from where it was paused.");
    case Action::ShutDown:
        return LifecycleText::tr("The guest of %1 is asked to shut down.");
    case Action::Reboot:
        return LifecycleText::tr("The guest of %1 is asked to reboot.");
    case Action::Reset:
        return LifecycleText::tr("%1 is reset as by its reset button.");
    case Action::ForceOff:
        return LifecycleText::tr("%1 is switched off as by pulling its plug.");
    case Action::Save:
        return LifecycleText::tr("The state of %1 is written to the host's disk, and it stops.");
    case Action::Restore:
        return LifecycleText::tr("%1 goes on from its saved state.");
    case Action::HardReboot:
        return LifecycleText::tr("%1 is switched off as by pulling its plug, and started again from its definition.");
    }
    return {};
}

QList<job::Finding> findingsOf(Action action, const DomainRecord &domain)
{
    QList<job::Finding> findings;
    if (action == Action::ForceOff || action == Action::Reset || action == Action::HardReboot) {
        findings.append(finding(Severity::Warning,
            LifecycleText::tr("The guest of %1 gets no chance to write its data.").arg(domain.name),
            LifecycleText::tr("What it has not yet written to disk is lost."),
            LifecycleText::tr("Shut it down instead when it still reacts.")));
    }
    if (!domain.persistent && (action == Action::ForceOff || action == Action::ShutDown)) {
        findings.append(finding(Severity::Warning,
            LifecycleText::tr("%1 is transient: it disappears when it stops.").arg(domain.name),
            LifecycleText::tr("Its host keeps no definition of it."), {}));
    }
    return findings;
}

} // namespace

QString operationName(Action action)
{
    switch (action) {
    case Action::Run:
    case Action::Restore:
        return u"start"_s;
    case Action::Pause:
        return u"pause"_s;
    case Action::Resume:
        return u"resume"_s;
    case Action::ShutDown:
        return u"shutdown"_s;
    case Action::Reboot:
        return u"reboot"_s;
    case Action::Reset:
        return u"reset"_s;
    case Action::ForceOff:
        return u"poweroff"_s;
    case Action::Save:
        return u"save"_s;
    case Action::HardReboot:
        return u"hardreboot"_s;
    }
    return {};
}

QString refusal(Action action, const DomainRecord &domain)
{
    switch (action) {
    case Action::Run:
        return refuseRun(domain);
    case Action::Pause:
        if (domain.state == DomainState::Paused) {
            return LifecycleText::tr("%1 is already paused.").arg(domain.name);
        }
        return whyGuestCannotAct(domain);
    case Action::Resume:
        return domain.state == DomainState::Paused ? QString()
                                                   : LifecycleText::tr("%1 is not paused.").arg(domain.name);
    case Action::ShutDown:
        return whyGuestCannotAct(domain);
    case Action::Reboot:
        if (domain.state == DomainState::ShuttingDown) {
            return LifecycleText::tr("%1 is shutting down.").arg(domain.name);
        }
        return whyGuestCannotAct(domain);
    case Action::Reset:
    case Action::ForceOff:
        return isActive(domain) ? QString() : LifecycleText::tr("%1 is not running.").arg(domain.name);
    case Action::Save:
        return refuseSave(domain);
    case Action::Restore:
        return refuseRestore(domain);
    case Action::HardReboot:
        return refuseHardReboot(domain);
    }
    return {};
}

job::Plan planAction(Action action, const virt::HostId &host, const DomainRecord &domain, int timeoutSeconds)
{
    job::Plan plan = emptyPlan(operationName(action), titleOf(action, domain), host, domain);
    const QString problem = refusal(action, domain);
    if (!problem.isEmpty()) {
        plan.findings.append(finding(Severity::Blocker, problem));
        return plan;
    }
    plan.findings = findingsOf(action, domain);
    plan.steps = stepsOf(action, domain, timeoutSeconds);
    plan.verdict = verdictOf(action, domain).arg(domain.name);
    return plan;
}

job::Plan planAutostart(const virt::HostId &host, const DomainRecord &domain, bool on)
{
    job::Plan plan = emptyPlan(u"edit"_s,
        on ? LifecycleText::tr("Turn on autostart of %1") : LifecycleText::tr("Turn off autostart of %1"), host,
        domain);
    if (!domain.persistent) {
        plan.findings.append(finding(Severity::Blocker,
            LifecycleText::tr("%1 is transient: it can't be started with its host.").arg(domain.name)));
        return plan;
    }
    job::Step step = domainStep(u"domain.setAutostart"_s, plan.title, domain, 0);
    step.title = on ? LifecycleText::tr("Turn on autostart") : LifecycleText::tr("Turn off autostart");
    step.undo = LifecycleText::tr("Set autostart back");
    step.parameters.insert(u"on"_s, on);
    step.parameters.insert(u"before"_s, domain.autostart);
    plan.steps.append(step);
    plan.verdict = (on ? LifecycleText::tr("%1 will start with its host.")
                       : LifecycleText::tr("%1 will no longer start with its host."))
                       .arg(domain.name);
    return plan;
}

job::Plan planRename(
    const virt::HostId &host, const DomainRecord &domain, const QString &name, const QStringList &taken)
{
    job::Plan plan = emptyPlan(u"rename"_s, LifecycleText::tr("Rename %1"), host, domain);
    const auto block = [&plan](const QString &text, const QString &fix = {}) {
        plan.findings.append(finding(Severity::Blocker, text, {}, fix));
    };
    if (const QString problem = nameProblem(name); !problem.isEmpty()) {
        block(problem);
    } else if (name == domain.name) {
        block(LifecycleText::tr("This is its name already."));
    } else if (taken.contains(name)) {
        block(LifecycleText::tr("Another VM of this host is called %1.").arg(name),
            LifecycleText::tr("Choose another name."));
    }
    if (isActive(domain)) {
        block(LifecycleText::tr("%1 is running. Only a VM that is shut off can be renamed.").arg(domain.name),
            LifecycleText::tr("Shut it down first."));
    } else if (!domain.persistent) {
        block(LifecycleText::tr("%1 is transient and can't be renamed.").arg(domain.name));
    }
    if (plan.isBlocked()) {
        return plan;
    }

    job::Step step = domainStep(u"domain.rename"_s, LifecycleText::tr("Rename"), domain, 0);
    step.undo = LifecycleText::tr("Give the old name back");
    step.parameters.insert(u"name"_s, name);
    step.parameters.insert(u"before"_s, domain.name);
    plan.steps.append(step);
    plan.verdict = LifecycleText::tr("%1 will be called %2. Its disks keep their names.").arg(domain.name, name);
    return plan;
}

QString nameProblem(const QString &name)
{
    if (name.isEmpty()) {
        return LifecycleText::tr("A name is needed.");
    }
    const auto isControl = [](QChar c) {
        const QChar::Category category = c.category();
        return category == QChar::Other_Control || category == QChar::Separator_Line
            || category == QChar::Separator_Paragraph;
    };
    if (std::any_of(name.cbegin(), name.cend(), isControl)) {
        return LifecycleText::tr("The name holds a control character, such as a tab or a line break.");
    }
    if (!name.isValidUtf16()) {
        return LifecycleText::tr("The name holds half a character.");
    }
    if (name.contains(u'/')) {
        return LifecycleText::tr("The name can't hold the character \"/\".");
    }
    if (name.front().isSpace() || name.back().isSpace()) {
        return LifecycleText::tr("The name can't begin or end with a space.");
    }
    if (name.startsWith(u'-') || name.startsWith(u'.')) {
        return LifecycleText::tr("The name can't begin with \"%1\".").arg(name.front());
    }
    if (const qsizetype bytes = name.toUtf8().size(); bytes > maxNameBytes) {
        return LifecycleText::tr("The name is too long: %1 bytes, at most %2 are possible.")
            .arg(bytes)
            .arg(maxNameBytes);
    }
    return {};
}

} // namespace vireo::operation
