// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/savedstate.h"
#include "backend/virt/volumeparts.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * saved.*: what libvirt keeps of a saved VM is a file of its own that no call reads. So the guest is started without
 * running, and saved into a file that storage streams carry.
 *
 * Notes below "saved:FILE": "begun" before the first call, "done" after the last; "handed" before the guest goes on or
 * is saved again: from then on somebody else may let it run, and its memory must never meet disks that have changed.
 * "paused": how it was saved.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
namespace savedstate = virt::savedstate;
using domains::XmlKind;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct SavedStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_savedSteps)
};

const QString pausedNote = u"saved:paused"_s;

/** Where the system's daemon keeps what it saves by itself. */
QString managedFile(const QString &name)
{
    return u"/var/lib/libvirt/qemu/save/"_s + name + u".save"_s;
}

/** Of the head of libvirt's file: whether the guest stood still. What can't be read so did not. */
bool stoodStill(const QByteArray &head)
{
    constexpr auto magic = "LibvirtQemudSave"_L1;
    constexpr qsizetype versionAt = 16;
    constexpr qsizetype runningAt = 24;
    constexpr quint32 version = 2;
    quint32 known = 0;
    quint32 running = 1;
    if (!head.startsWith(magic) || head.size() < runningAt + qsizetype(sizeof running)) {
        return false;
    }
    std::memcpy(&known, head.constData() + versionAt, sizeof known);
    std::memcpy(&running, head.constData() + runningAt, sizeof running);
    return known == version && running == 0;
}

class SavedGuest final
{
    Q_DISABLE_COPY_MOVE(SavedGuest)

public:
    SavedGuest(const Step &step, StepContext &context, const QString &keptDirectory)
        : m_step(step)
        , m_context(context)
        , m_states(keptDirectory)
        , m_domain(context.plan().domain)
        , m_name(context.plan().domainName)
        , m_file(text(step, u"file"_s))
        , m_key((hostOf(step, context) == context.plan().host ? u"saved:"_s : u"saved:there:"_s) + m_file)
    {}

    Result<> take();
    Result<> untake();
    Result<Reality> lookAtTaken();
    Result<> put();
    Result<> unput();

private:
    Result<> connect();
    virt::Connection &connection() const { return *m_connection; }
    Result<virt::DomainRecord> read() { return virt::domains::read(connection(), m_domain); }
    Result<bool> isWhole();
    Result<> noteHow();
    Result<> restore(const QString &key, const QString &xml);
    Result<> handBack(const QString &key, bool paused);
    Result<QString> xmlToPut();
    Error startedError() const
    {
        return Error::failed(SavedStepsText::tr("%1 has been started meanwhile.").arg(m_name));
    }

    const Step &m_step;
    StepContext &m_context;
    KeptStates m_states;
    QUuid m_domain;
    QString m_name;
    QString m_file;
    QString m_key;
    virt::ConnectionPtr m_connection;
};

Result<> SavedGuest::connect()
{
    auto connection = hostConnection(m_step, m_context);
    if (!connection) {
        return fail(connection.error());
    }
    m_connection = *std::move(connection);
    return {};
}

/** The file is there, and holds this VM to its end. */
Result<bool> SavedGuest::isWhole()
{
    const auto present = optional(layerVolume(m_connection, m_file));
    if (!present || !*present) {
        return present ? Result<bool>(false) : fail(present.error());
    }
    const auto inside = savedstate::definition(connection(), m_file, false);
    const auto document = inside ? xml::Document::parse(*inside) : fail(inside.error());
    return document && QUuid::fromString(document->root().child(u"uuid"_s).text().trimmed()) == m_domain;
}

/** Its memory is put back, and it stands still; not once somebody may have let it run since. */
Result<> SavedGuest::restore(const QString &key, const QString &xml)
{
    return noted(m_context, key, u"handed"_s)
        ? fail({Error::Kind::Failed, SavedStepsText::tr("%1 has been started and switched off meanwhile.").arg(m_name),
              SavedStepsText::tr("Its saved memory does not fit its disks any more: it is not put back."), 0, 0})
        : domains::restore(connection(), m_file, xml, true);
}

/** Saved again, as libvirt keeps it. */
Result<> SavedGuest::handBack(const QString &key, bool paused)
{
    const Result<> known = note(m_context, key, u"handed"_s);
    return known ? savedstate::saveManaged(connection(), m_domain, !paused) : known;
}

/** How it was saved, which nobody can tell once it was started paused. */
Result<> SavedGuest::noteHow()
{
    constexpr quint64 headSize = 64;
    bool paused = false;
    const QString file = managedFile(m_name);
    const qsizetype slash = file.lastIndexOf(u'/');
    const auto pool = DirectoryPool::open(m_connection, file.left(slash));
    if (pool && virt::storage::refreshPool(connection(), (*pool)->name())) {
        const auto head =
            virt::storage::readVolumePart(connection(), (*pool)->name(), file.sliced(slash + 1), 0, headSize);
        paused = head && stoodStill(*head);
    }
    if (const Result<> noted = m_context.note(pausedNote, paused); !noted) {
        return noted;
    }
    auto state = optional(m_states.find(m_domain));
    if (!state || !*state || (*state)->savedFile != m_file) {
        return {};
    }
    (*state)->savedPaused = paused;
    return m_states.update(**state);
}

Result<> SavedGuest::take()
{
    if (noted(m_context, m_key, u"done"_s)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    auto record = read();
    if (!record) {
        return fail(record.error());
    }
    if (!noted(m_context, m_key, u"begun"_s)) {
        const auto taken = optional(layerVolume(m_connection, m_file));
        if (!taken) {
            return fail(taken.error());
        }
        if (*taken) {
            return fail(Error::failed(SavedStepsText::tr("There is a file “%1” already.").arg(m_file)));
        }
        if (record->isActive()) {
            return fail(startedError());
        }
        if (!record->managedSave) {
            return fail(Error::failed(SavedStepsText::tr("%1 has no saved state any more.").arg(m_name)));
        }
        if (const Result<> known = noteHow(); !known) {
            return known;
        }
        if (const Result<> known = note(m_context, m_key, u"begun"_s); !known) {
            return known;
        }
    }
    if (!record->isActive() && record->managedSave) {
        // Left by an earlier run, whose guest was never started.
        if (const Result<> deleted = deleteLayer(m_connection, m_file); !deleted) {
            return deleted;
        }
        if (const Result<> started = domains::start(connection(), m_domain, true); !started) {
            return started;
        }
        record = read();
        if (!record) {
            return fail(record.error());
        }
    }
    if (record->state == virt::DomainState::Running) {
        return fail(startedError());
    }
    if (record->isActive()) {
        if (const Result<> saved = savedstate::save(connection(), m_domain, m_file); !saved) {
            return saved;
        }
    }
    const auto whole = isWhole();
    if (!whole) {
        return fail(whole.error());
    }
    if (!*whole) {
        return fail(Error::failed(SavedStepsText::tr("“%1” does not hold %2.").arg(m_file, m_name)));
    }
    if (const auto volume = layerVolume(m_connection, m_file)) {
        // A copy goes by the size that it has become.
        if (const Result<> fresh = virt::storage::refreshPool(connection(), volume->pool); !fresh) {
            m_context.log(fresh.error().message);
        }
    }
    return note(m_context, m_key, u"done"_s);
}

Result<> SavedGuest::untake()
{
    if (!noted(m_context, m_key, u"begun"_s) || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto record = read();
    if (!record) {
        return fail(record.error());
    }
    if (record->state == virt::DomainState::Running) {
        return fail(startedError());
    }
    if (!record->isActive() && !record->managedSave) {
        const auto whole = isWhole();
        if (!whole || !*whole) {
            return fail(!whole
                    ? whole.error()
                    : Error::failed(
                          SavedStepsText::tr("%1 is off, and “%2” does not hold its memory.").arg(m_name, m_file)));
        }
        if (const Result<> restored = restore(m_key, {}); !restored) {
            return restored;
        }
    }
    if (record->isActive() || !record->managedSave) {
        if (const Result<> saved = handBack(m_key, m_context.results().value(pausedNote).toBool()); !saved) {
            return saved;
        }
    }
    if (const Result<> deleted = deleteLayer(m_connection, m_file); !deleted) {
        return deleted;
    }
    return m_context.note(m_key, QJsonValue(QJsonValue::Undefined));
}

Result<Reality> SavedGuest::lookAtTaken()
{
    if (const Result<> connected = connect(); !connected) {
        return fail(connected.error());
    }
    const auto whole = isWhole();
    if (!whole) {
        return fail(whole.error());
    }
    return *whole ? Reality{Effect::Present, SavedStepsText::tr("The memory of %1 is in “%2”.").arg(m_name, m_file)}
                  : Reality{Effect::Absent, SavedStepsText::tr("The memory of %1 is not in “%2”.").arg(m_name, m_file)};
}

/** With its passwords; empty: what the file says is right. */
Result<QString> SavedGuest::xmlToPut()
{
    const QJsonObject rewrite = m_step.parameters.value("rewrite"_L1).toObject();
    if (rewrite.isEmpty()) {
        return QString();
    }
    auto xml = savedstate::definition(connection(), m_file, true);
    if (xml) {
        xml = rewriteForDestination(*xml, MigrateRewrite::fromJson(rewrite));
    }
    const QJsonObject chains = m_step.parameters.value("chains"_L1).toObject();
    for (auto it = chains.constBegin(); xml && it != chains.constEnd(); ++it) {
        snapshot::Chain chain;
        const QJsonArray layers = it.value().toArray();
        for (const auto &layer : layers) {
            chain.append({layer["path"_L1].toString(), layer["format"_L1].toString()});
        }
        xml = withDiskFiles(*xml, it.key(), chain);
    }
    const QString variables = text(m_step, u"nvram"_s);
    return xml && !variables.isEmpty() ? withVariables(*xml, variables) : xml;
}

Result<> SavedGuest::put()
{
    const QString key = m_key + u":put"_s;
    if (noted(m_context, key, u"done"_s)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto record = read();
    if (!record) {
        return fail(record.error());
    }
    const bool begun = noted(m_context, key, u"begun"_s);
    if (!begun && (record->isActive() || record->managedSave)) {
        return fail(startedError());
    }
    const bool isOff = !record->isActive() && !record->managedSave;
    if (isOff) {
        const auto xml = xmlToPut();
        if (!xml) {
            return fail(xml.error());
        }
        if (const Result<> known = note(m_context, key, u"begun"_s); !known) {
            return known;
        }
        if (const Result<> restored = restore(key, *xml); !restored) {
            return restored;
        }
    }
    if (text(m_step, u"end"_s) == "running"_L1) {
        if (const Result<> known = note(m_context, key, u"handed"_s); !known) {
            return known;
        }
        if (const Result<> resumed = domains::resume(connection(), m_domain); !resumed) {
            return resumed;
        }
    } else if (isOff || record->isActive()) {
        const QJsonValue said = m_step.parameters.value("paused"_L1);
        const bool paused = (said.isUndefined() ? m_context.results().value(pausedNote) : said).toBool();
        if (const Result<> saved = handBack(key, paused); !saved) {
            return saved;
        }
    }
    return note(m_context, key, u"done"_s);
}

Result<> SavedGuest::unput()
{
    const QString key = m_key + u":put"_s;
    if (!noted(m_context, key, u"begun"_s) || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    for (const Result<> &gone :
        {domains::destroy(connection(), m_domain), domains::removeManagedSave(connection(), m_domain)}) {
        if (!gone && gone.error().kind != Error::Kind::NotFound) {
            return gone;
        }
    }
    return m_context.note(key, QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerSavedSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory = options.keptDirectory.isEmpty() ? KeptStates::defaultDirectory() : options.keptDirectory;
    const auto with = [directory](auto function) {
        return [directory, function](const Step &step, StepContext &context) {
            SavedGuest guest(step, context, directory);
            return (guest.*function)();
        };
    };
    registry.add(u"saved.take"_s, {with(&SavedGuest::take), with(&SavedGuest::untake), with(&SavedGuest::lookAtTaken)});
    registry.add(u"saved.put"_s, {with(&SavedGuest::put), with(&SavedGuest::unput)});
}

} // namespace vireo::operation
