// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/edit/livechange.h"
#include "backend/operation/history.h"
#include "backend/operation/steps.h"

using namespace Qt::StringLiterals;

/**
 * device.attach {uuid, xml}, device.detach {uuid, xml}, device.update {uuid, running, before, xml}: devices of the
 * running VM. The stored definition is domain.redefine's. A VM that has been shut off meanwhile needs none of it.
 *
 * Each notes, before its call, what tells its work from what was there: the devices of the kind that there were
 * (attach), or the device as it was (detach, update).
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using job::Reality;
using job::Step;
using job::StepContext;

struct DeviceStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_deviceSteps)
};

constexpr domains::Affects live{true, false};

/** A step's domain, and what runs of it. */
struct Running {
    DomainTarget target;
    bool active = false;
    QList<DevicePart> devices;
};

QString text(const Step &step, const QString &key)
{
    return step.parameters.value(key).toString();
}

QString noteKey(const Step &step)
{
    return step.type + u':' + QString::number(step.parameters.value("number"_L1).toInt());
}

Result<DevicePart> parsedDevice(const QString &xml)
{
    const auto document = xml::Document::parse(xml);
    return document ? Result<DevicePart>(deviceOf(document->root())) : fail(document.error());
}

Result<QList<DevicePart>> devices(const DomainTarget &target, XmlKind kind, bool secure = false)
{
    const auto xml = domains::xml(*target.connection, target.uuid, kind, secure);
    const auto document = xml ? xml::Document::parse(*xml) : fail(xml.error());
    return document ? Result<QList<DevicePart>>(devicesOf(*document)) : fail(document.error());
}

Result<Running> readRunning(const Step &step, StepContext &context)
{
    auto target = domainTarget(step, context);
    const auto state = target ? target->state() : fail(target.error());
    if (!state) {
        return fail(state.error());
    }
    Running running{*std::move(target), isActive(*state), {}};
    if (running.active) {
        auto found = devices(running.target, XmlKind::Live);
        if (!found) {
            return fail(found.error());
        }
        running.devices = *std::move(found);
    }
    return running;
}

Result<> notRunning(const Running &running, const StepContext &context)
{
    context.log(
        DeviceStepsText::tr("%1 does not run any more: it counts from the next start.").arg(running.target.name));
    return {};
}

const DevicePart *find(const QList<DevicePart> &among, const DevicePart &device)
{
    // An alias is a device's name for this run of the VM; so it is enough, and it is needed for what has no other.
    const auto same = [&device](const DevicePart &one) {
        return one.alias.isEmpty() || device.alias.isEmpty() ? isSurely(one, device)
                                                             : one.alias == device.alias && isSurely(one, device);
    };
    const auto found = std::ranges::find_if(among, same);
    if (found != among.end()) {
        return &*found;
    }
    // Added again, it may have another alias.
    const auto again = device.identity.isEmpty()
        ? among.end()
        : std::ranges::find_if(among, [&](const DevicePart &one) { return isSurely(one, device); });
    return again == among.end() ? nullptr : &*again;
}

QJsonArray aliasesOf(const QList<DevicePart> &all, const QString &kind)
{
    QJsonArray aliases;
    for (const DevicePart &device : all) {
        if (device.kind == kind) {
            aliases.append(device.alias);
        }
    }
    return aliases;
}

/** The device that has come since the note was taken; null: none has. */
const DevicePart *newcomer(const QList<DevicePart> &all, const DevicePart &wanted, const QJsonArray &before)
{
    const auto found = std::ranges::find_if(all, [&](const DevicePart &one) {
        return one.kind == wanted.kind && !before.contains(one.alias)
            && (wanted.identity.isEmpty() || wanted.identity.endsWith(u'?') || one.identity == wanted.identity);
    });
    return found == all.end() ? nullptr : &*found;
}

/** The device as it was stored, so that both have one MAC address and, where it is free, one address. */
QString placed(const DevicePart &wanted, const QList<DevicePart> &stored, const QList<DevicePart> &running)
{
    const auto fits = [&](const DevicePart &one) {
        if (one.kind != wanted.kind) {
            return false;
        }
        return wanted.identity.isEmpty() ? one.type == wanted.type && one.model == wanted.model && !find(running, one)
                                         : one.identity == wanted.identity;
    };
    const auto found = std::ranges::find_if(stored, fits);
    auto document = xml::Document::parse(found == stored.end() ? wanted.xml : found->xml);
    if (!document) {
        return wanted.xml;
    }
    const DevicePart device = deviceOf(document->root());
    const bool taken = std::ranges::any_of(
        running, [&device](const DevicePart &one) { return one.address == device.address && one.kind != "panic"_L1; });
    const QString bus = device.address.section(u':', 1, 1);
    const bool hasBus =
        !device.address.startsWith("pci "_L1) || std::ranges::any_of(running, [&bus](const DevicePart &one) {
            return one.kind == "controller"_L1 && one.type == "pci"_L1 && one.identity == u"pci "_s + bus;
        });
    if (!device.address.isEmpty() && (taken || !hasBus)) {
        document->root().child(u"address"_s).remove();
    }
    return document->root().toXml();
}

Result<> runAttach(const Step &step, StepContext &context)
{
    const auto wanted = parsedDevice(text(step, u"xml"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    if (!running->active) {
        return notRunning(*running, context);
    }
    const DomainTarget &target = running->target;
    const QJsonValue known = context.results().value(noteKey(step));
    if (known.isArray() && newcomer(running->devices, *wanted, known.toArray())) {
        return {}; // by an earlier run of this step
    }
    if (!known.isArray() && !wanted->identity.isEmpty() && find(running->devices, *wanted)) {
        context.log(DeviceStepsText::tr("The running VM has it already."));
        return {};
    }
    const QJsonArray before = aliasesOf(running->devices, wanted->kind);
    if (const Result<> noted = context.note(noteKey(step), before); !noted) {
        return noted;
    }
    const auto record = domains::read(*target.connection, target.uuid);
    const auto stored = record && record->persistent ? devices(target, XmlKind::Inactive)
                                                     : Result<QList<DevicePart>>(QList<DevicePart>());
    if (!record || !stored) {
        return fail(record ? stored.error() : record.error());
    }
    const QString xml = placed(*wanted, *stored, running->devices);
    if (const Result<> attached = domains::attachDevice(*target.connection, target.uuid, xml, live); !attached) {
        return attached;
    }
    const auto after = devices(target, XmlKind::Live);
    if (!after) {
        return fail(after.error());
    }
    return newcomer(*after, *wanted, before)
        ? Result<>()
        : fail(Error::failed(DeviceStepsText::tr("libvirt added the device, but the running VM does not show it.")));
}

Result<> detach(const Running &running, const DevicePart &device, StepContext &context,
    const domains::DetachPatience &patience, const std::stop_token &stop)
{
    if (device.alias.isEmpty()) {
        return fail(
            {Error::Kind::Unsupported, DeviceStepsText::tr("The running VM has no name for this device."), {}, 0, 0});
    }
    return domains::detachAndWait(*running.target.connection, running.target.uuid, device.alias, patience, stop,
        [&context](int attempt, int tries) {
            context.log(DeviceStepsText::tr("The guest is asked to release it: try %1 of %2.").arg(attempt).arg(tries));
        });
}

Result<> undoAttach(const Step &step, StepContext &context, const domains::DetachPatience &patience)
{
    const QJsonValue known = context.results().value(noteKey(step));
    if (!known.isArray()) {
        return {};
    }
    const auto wanted = parsedDevice(text(step, u"xml"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    const DevicePart *device = newcomer(running->devices, *wanted, known.toArray());
    if (device) {
        if (const Result<> gone = detach(*running, *device, context, patience, {}); !gone) {
            return gone;
        }
    }
    return context.note(noteKey(step), QJsonValue(QJsonValue::Undefined));
}

Result<Reality> lookAttached(const Step &step, StepContext &context)
{
    const auto wanted = parsedDevice(text(step, u"xml"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    if (!running->active) {
        return Reality{Reality::Effect::Unknown, DeviceStepsText::tr("The VM does not run any more.")};
    }
    const QJsonValue known = context.results().value(noteKey(step));
    const bool there = known.isArray() ? newcomer(running->devices, *wanted, known.toArray()) != nullptr
                                       : find(running->devices, *wanted) != nullptr;
    return there ? Reality{Reality::Effect::Present, DeviceStepsText::tr("The running VM has the device.")}
                 : Reality{Reality::Effect::Absent, DeviceStepsText::tr("The running VM does not have the device.")};
}

Result<> runDetach(const Step &step, StepContext &context, const domains::DetachPatience &patience)
{
    const auto wanted = parsedDevice(text(step, u"xml"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    if (!running->active) {
        return notRunning(*running, context);
    }
    const DevicePart *device = find(running->devices, *wanted);
    if (!device) {
        context.log(DeviceStepsText::tr("The running VM does not have it any more."));
        return {};
    }
    if (!context.results().value(noteKey(step)).isString()) {
        if (const Result<> noted = context.note(noteKey(step), device->xml); !noted) {
            return noted;
        }
    }
    const Result<> gone = detach(*running, *device, context, patience, context.stop());
    if (!gone && (gone.error().kind == Error::Kind::TimedOut || gone.error().kind == Error::Kind::Cancelled)) {
        context.log(DeviceStepsText::tr("The request can't be taken back: the guest may still release it."));
    }
    return gone;
}

/** Attaches it where it was, or anywhere when somebody else sits there by now. */
Result<> undoDetach(const Step &step, StepContext &context)
{
    const QJsonValue known = context.results().value(noteKey(step));
    if (!known.isString()) {
        return {};
    }
    const auto device = parsedDevice(known.toString());
    const auto running = readRunning(step, context);
    if (!device || !running) {
        return fail(device ? running.error() : device.error());
    }
    if (running->active && !find(running->devices, *device)) {
        const auto bare = parsedDevice(attachableXml(known.toString()));
        const QString xml = bare ? placed(*bare, {}, running->devices) : known.toString();
        const DomainTarget &target = running->target;
        if (const Result<> back = domains::attachDevice(*target.connection, target.uuid, xml, live); !back) {
            return back;
        }
    }
    return context.note(noteKey(step), QJsonValue(QJsonValue::Undefined));
}

Result<Reality> lookDetached(const Step &step, StepContext &context)
{
    const auto wanted = parsedDevice(text(step, u"xml"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    return find(running->devices, *wanted)
        ? Reality{Reality::Effect::Absent, DeviceStepsText::tr("The running VM still has the device.")}
        : Reality{Reality::Effect::Present, DeviceStepsText::tr("The running VM does not have the device any more.")};
}

/** With its passwords, which libvirt would otherwise take for removed. */
Result<DevicePart> secureDevice(const Running &running, const DevicePart &wanted)
{
    const auto all = devices(running.target, XmlKind::Live, true);
    if (!all) {
        return fail(all.error());
    }
    const DevicePart *device = find(*all, wanted);
    return device ? Result<DevicePart>(*device)
                  : fail(Error::failed(DeviceStepsText::tr("The running VM does not have it any more.")));
}

Result<> update(const Running &running, const DevicePart &device, const QString &after, bool exact)
{
    const auto secure = secureDevice(running, device);
    const auto xml = secure ? updateXml(secure->xml, after, exact) : fail(secure.error());
    if (!xml) {
        return fail(xml.error());
    }
    Result<> changed = domains::updateDevice(*running.target.connection, running.target.uuid, *xml, live);
    if (!changed && device.function == "cdrom"_L1 && changed.error().hint.isEmpty()) {
        changed.error().hint =
            DeviceStepsText::tr("A guest that has the medium mounted keeps the drive locked: unmount it there first.");
    }
    return changed;
}

/** The device of a kept definition, with its passwords: of the previous one, or of one that has the new ones. */
QString keptSecure(
    const Running &running, const DevicePart &device, const DefinitionHistory &history, const QString &id)
{
    const auto entry = history.read(running.target.connection->uri(), running.target.uuid, id);
    const auto document = entry ? xml::Document::parse(entry->xml) : fail(entry.error());
    if (!document) {
        return {};
    }
    const QList<DevicePart> all = devicesOf(*document);
    const DevicePart *found = find(all, device);
    return found ? found->xml : QString();
}

Result<> runUpdate(const Step &step, StepContext &context, const DefinitionHistory &history)
{
    const auto wanted = parsedDevice(text(step, u"running"_s));
    const auto running = readRunning(step, context);
    if (!wanted || !running) {
        return fail(wanted ? running.error() : wanted.error());
    }
    if (!running->active) {
        return notRunning(*running, context);
    }
    const DevicePart *device = find(running->devices, *wanted);
    if (!device) {
        return fail(Error::failed(DeviceStepsText::tr("The running VM does not have it any more.")));
    }
    if (!context.results().value(noteKey(step)).isString()) {
        if (const Result<> noted = context.note(noteKey(step), device->xml); !noted) {
            return noted;
        }
    }
    if (const QString id = text(step, u"secrets"_s); !id.isEmpty() && device->kind == "graphics"_L1) {
        const QString kept = keptSecure(*running, *device, history, id);
        return kept.isEmpty()
            ? fail(Error::failed(DeviceStepsText::tr("The definition with the new password is gone.")))
            : update(*running, *device, kept, false);
    }
    return update(*running, *device, text(step, u"xml"_s), false);
}

Result<> undoUpdate(const Step &step, StepContext &context, const DefinitionHistory &history)
{
    const QJsonValue known = context.results().value(noteKey(step));
    if (!known.isString()) {
        return {};
    }
    const auto before = parsedDevice(known.toString());
    const auto running = readRunning(step, context);
    if (!before || !running) {
        return fail(before ? running.error() : before.error());
    }
    const DevicePart *device = running->active ? find(running->devices, *before) : nullptr;
    if (device) {
        const bool isGraphics = device->kind == "graphics"_L1;
        const QString secure = isGraphics
            ? keptSecure(*running, *device, history, context.results().value("history"_L1).toString())
            : QString();
        const Result<> back =
            update(*running, *device, secure.isEmpty() ? known.toString() : secure, !isGraphics || !secure.isEmpty());
        if (!back) {
            return back;
        }
    }
    return context.note(noteKey(step), QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerDeviceSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const DefinitionHistory history(
        options.historyDirectory.isEmpty() ? DefinitionHistory::defaultDirectory() : options.historyDirectory);
    const domains::DetachPatience patience = options.detach;
    registry.add(u"device.attach"_s,
        {runAttach, [patience](const Step &step, StepContext &context) { return undoAttach(step, context, patience); },
            lookAttached});
    registry.add(u"device.detach"_s,
        {[patience](const Step &step, StepContext &context) { return runDetach(step, context, patience); }, undoDetach,
            lookDetached});
    registry.add(u"device.update"_s,
        {[history](const Step &step, StepContext &context) { return runUpdate(step, context, history); },
            [history](const Step &step, StepContext &context) {
                return undoUpdate(step, context, history);
            }});
}

} // namespace vireo::operation
