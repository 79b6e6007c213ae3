// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/leftovers.h"
#include "backend/virt/savedstate.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * tpm.*, state.drop. What swtpm keeps of a VM's TPM is no volume, and libvirt has no call for it. But a machine with
 * that TPM and nothing else (tpmMachineXml()), started paused beside the stored definition, takes the state with it
 * into a file when it is saved, and puts it down when it is restored from there.
 *
 * Notes below "tpm:FILE" (with ":there" for the other host): "begun" before the first call, "done" after the last.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct TpmStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_tpmSteps)
};

class TpmState final
{
    Q_DISABLE_COPY_MOVE(TpmState)

public:
    TpmState(const Step &step, StepContext &context)
        : m_step(step)
        , m_context(context)
        , m_domain(context.plan().domain)
        , m_name(context.plan().domainName)
        , m_file(text(step, u"file"_s))
        , m_key((hostOf(step, context) == context.plan().host ? u"tpm:"_s : u"tpm:there:"_s) + m_file)
    {}

    Result<> save();
    Result<> unsave();
    Result<Reality> lookAtFile();
    Result<> load();
    Result<> unload();
    Result<> clear();
    Result<> unclear() { return isPastReturn(m_context) ? Result<>() : clear(); }
    Result<> drop();

private:
    virt::Connection &connection() const { return *m_connection; }
    Result<> connect();
    /** Ours, if it is there: of this run or of one that was killed. A VM that somebody has started is left alone. */
    Result<> endMachine();
    /** The machine for the VM as the host knows it; the VM has to be off. */
    Result<QString> machine();
    Result<> put(const QString &file);
    /** A host that went away comes back, and nobody else would remember what is left there. */
    bool mustFinish(const Error &error) const
    {
        return error.kind == Error::Kind::Disconnected && !text(m_step, u"away"_s).isEmpty();
    }

    const Step &m_step;
    StepContext &m_context;
    QUuid m_domain;
    QString m_name;
    QString m_file;
    QString m_key;
    virt::ConnectionPtr m_connection;
};

Result<> TpmState::connect()
{
    auto connection = hostConnection(m_step, m_context);
    if (!connection) {
        return fail(connection.error());
    }
    m_connection = *std::move(connection);
    return {};
}

Result<> TpmState::endMachine()
{
    const auto now = domains::state(connection(), m_domain);
    if (!now) {
        return now.error().kind == Error::Kind::NotFound ? Result<>() : fail(now.error());
    }
    if (!now->exists || !isActive(*now)) {
        return {};
    }
    const auto live = optional(domains::xml(connection(), m_domain, XmlKind::Live));
    if (!live) {
        return fail(live.error());
    }
    if (!*live || !isTpmMachine(**live)) {
        return {};
    }
    const Result<> destroyed = domains::destroy(connection(), m_domain);
    return destroyed || destroyed.error().kind == Error::Kind::NotFound ? Result<>() : destroyed;
}

Result<QString> TpmState::machine()
{
    const auto now = domains::state(connection(), m_domain);
    if (!now) {
        return fail(now.error());
    }
    // Without a definition the host would forget the state together with the machine.
    if (!now->exists) {
        return fail(goneError({m_connection, m_domain, m_name}));
    }
    if (!isOff(*now)) {
        return fail(Error::failed(TpmStepsText::tr("%1 has been started meanwhile.").arg(m_name)));
    }
    const auto xml = domains::xml(connection(), m_domain, XmlKind::Inactive);
    const auto document = xml ? xml::Document::parse(*xml) : fail(xml.error());
    // By libvirt the name belongs to the UUID.
    return document ? tpmMachineXml(*xml, document->root().child(u"name"_s).text()) : fail(document.error());
}

// ---- save

Result<> TpmState::save()
{
    if (noted(m_context, m_key, u"done"_s)) {
        return {};
    }
    if (const Result<> cleaned = unsave(); !cleaned) { // of an earlier run
        return cleaned;
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto xml = machine();
    const auto taken = xml ? optional(layerVolume(m_connection, m_file)) : fail(xml.error());
    if (!taken) {
        return fail(taken.error());
    }
    if (*taken) {
        return fail(Error::failed(TpmStepsText::tr("There is a file “%1” already.").arg(m_file)));
    }
    // Noted first: a call whose answer never comes may have made it all the same.
    if (const Result<> known = note(m_context, m_key, u"begun"_s); !known) {
        return known;
    }
    const auto made = domains::createTransient(connection(), *xml, true);
    const Result<> saved = made ? virt::savedstate::save(connection(), m_domain, m_file) : fail(made.error());
    if (const Result<> ended = endMachine(); !ended) {
        m_context.log(ended.error().message);
    }
    if (!saved) {
        Error error = saved.error();
        error.message = TpmStepsText::tr("The state of the TPM of %1 could not be read: %2").arg(m_name, error.message);
        return fail(std::move(error));
    }
    const auto volume = layerVolume(m_connection, m_file);
    if (!volume) {
        return fail(volume.error());
    }
    // A copy goes by the size that it has become.
    if (const Result<> fresh = virt::storage::refreshPool(connection(), volume->pool); !fresh) {
        m_context.log(fresh.error().message);
    }
    return note(m_context, m_key, u"done"_s);
}

Result<> TpmState::unsave()
{
    if (!noted(m_context, m_key, u"begun"_s) || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (const Result<> ended = endMachine(); !ended) {
        return ended;
    }
    if (const Result<> deleted = deleteLayer(m_connection, m_file); !deleted) {
        return deleted;
    }
    return m_context.note(m_key, QJsonValue(QJsonValue::Undefined));
}

Result<Reality> TpmState::lookAtFile()
{
    if (const Result<> connected = connect(); !connected) {
        return fail(connected.error());
    }
    const auto present = optional(layerVolume(m_connection, m_file));
    if (!present) {
        return fail(present.error());
    }
    return *present ? Reality{Effect::Present, TpmStepsText::tr("“%1” is there.").arg(m_file)}
                    : Reality{Effect::Absent, TpmStepsText::tr("“%1” is not there.").arg(m_file)};
}

// ---- load

Result<> TpmState::put(const QString &file)
{
    const auto xml = machine();
    if (!xml) {
        return fail(xml.error());
    }
    // The machine is up only when QEMU has given swtpm what the file holds, and swtpm has written it down.
    const Result<> restored = domains::restore(connection(), file, *xml, true);
    const Result<> ended = endMachine();
    if (!restored) {
        Error error = restored.error();
        error.message =
            TpmStepsText::tr("The state of the TPM of %1 could not be put back: %2").arg(m_name, error.message);
        return fail(std::move(error));
    }
    return ended;
}

Result<> TpmState::load()
{
    const QString key = m_key + u":load"_s;
    if (noted(m_context, key, u"done"_s)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (const Result<> ended = endMachine(); !ended) { // of an earlier run
        return ended;
    }
    if (const Result<> known = note(m_context, key, u"begun"_s); !known) {
        return known;
    }
    const Result<> loaded = put(m_file);
    return loaded ? note(m_context, key, u"done"_s) : loaded;
}

Result<> TpmState::unload()
{
    const QString key = m_key + u":load"_s;
    if (!noted(m_context, key, u"begun"_s) || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (const Result<> ended = endMachine(); !ended) {
        return ended;
    }
    if (const QString back = text(m_step, u"back"_s); !back.isEmpty()) {
        if (const Result<> loaded = put(back); !loaded) {
            return loaded;
        }
    }
    return m_context.note(key, QJsonValue(QJsonValue::Undefined));
}

// ---- clear, drop

Result<> TpmState::clear()
{
    const auto attempt = [this]() -> Result<> {
        if (const Result<> connected = connect(); !connected) {
            return connected;
        }
        const auto known = optional(domains::xml(connection(), m_domain, XmlKind::Inactive));
        if (!known) {
            return fail(known.error());
        }
        if (*known && !isTpmMachine(**known)) {
            return fail(
                Error::failed(TpmStepsText::tr("The host knows %1: the state of its TPM is not deleted.").arg(m_name)));
        }
        if (!*known) {
            // libvirt deletes it together with a definition.
            if (const auto made = domains::define(connection(), text(m_step, u"machine"_s)); !made) {
                return fail(made.error());
            }
        }
        return virt::undefineWithTpm(connection(), m_domain);
    };
    const Result<> cleared = attempt();
    if (!cleared && !mustFinish(cleared.error()) && m_step.parameters.value("optional"_L1).toBool()) {
        m_context.log(cleared.error().message);
        return {};
    }
    return cleared;
}

Result<> TpmState::drop()
{
    const Result<> connected = connect();
    const Result<> deleted = connected ? deleteLayer(m_connection, m_file) : connected;
    if (!deleted && !mustFinish(deleted.error())) {
        m_context.log(deleted.error().message); // all that mattered is done
        return {};
    }
    return deleted;
}

} // namespace

void registerTpmSteps(job::StepRegistry &registry)
{
    const auto with = [](auto function) {
        return [function](const Step &step, StepContext &context) {
            TpmState state(step, context);
            return (state.*function)();
        };
    };
    registry.add(u"tpm.save"_s, {with(&TpmState::save), with(&TpmState::unsave), with(&TpmState::lookAtFile)});
    registry.add(u"tpm.room"_s, {with(&TpmState::clear), with(&TpmState::unclear)});
    registry.add(u"tpm.load"_s, {with(&TpmState::load), with(&TpmState::unload)});
    registry.add(u"tpm.clear"_s, {with(&TpmState::clear), {}});
    registry.add(u"state.drop"_s, {with(&TpmState::drop), {}});
}

} // namespace vireo::operation
