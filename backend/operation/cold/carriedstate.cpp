// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QFileInfo>

#include "backend/operation/cold/carriedstate_p.h"
#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/workdomain.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct CarriedStateText {
    Q_DECLARE_TR_FUNCTIONS(operation_carriedState)
};

constexpr quint64 tpmBytes = 8 << 20; ///< what a machine with nothing but a TPM comes to, at most

job::Step on(job::Step step, const virt::HostId &host)
{
    if (!host.isNull()) {
        step.parameters.insert(u"host"_s, host.toString(QUuid::WithoutBraces));
    }
    return step;
}

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

} // namespace

job::Step CarriedVariables::step() const
{
    job::Step step = keptStep(u"nvram.carry"_s, CarriedStateText::tr("Copy the firmware's variables"), fileName(from),
        CarriedStateText::tr("The copy is deleted again"));
    step.parameters = {{u"fromPath"_s, from}, {u"path"_s, to}};
    return step;
}

CarriedVariables variablesInPlace(const QString &domainXml, const QString &token)
{
    const QString path = variablesOf(domainXml);
    if (path.isEmpty()) {
        return {};
    }
    const QString copy = variablesCopy(path, token);
    return {path, copy, true, copy};
}

CarriedVariables variablesOnTheWay(const MigrateFacts &facts, const MigrateDraft &way, const QString &token, bool keeps)
{
    const QString path = variablesOf(facts.source.liveXml);
    if (path.isEmpty()) {
        return {};
    }
    if (facts.pair.files.value(path).sharing != FileThere::Sharing::Same) {
        return {path, samePlace(way, path), false, {}};
    }
    if (!keeps) {
        return {};
    }
    // Both hosts would write to one file.
    return {path, variablesCopy(path, token), true, variablesCopy(samePlace(way, path), token)};
}

QString tpmMachineName(const QUuid &domain)
{
    return QString::fromLatin1(WorkDomain::namePrefix) + u"tpm-"_s + domain.toString(QUuid::Id128).first(8);
}

QString tpmMachineOf(const QString &domainXml, const QUuid &domain)
{
    return hasEmulatedTpm(domainXml) ? tpmMachineXml(domainXml, tpmMachineName(domain)).value_or(QString()) : QString();
}

QString tpmFileFor(const ResizeFacts &facts)
{
    const QString name = u'/' + facts.edit.domain.name + u'.' + facts.token + u".tpm"_s;
    for (const snapshot::DiskNow &disk : facts.disks.disks) {
        const QString path = disk.chain.isEmpty() ? QString() : disk.chain.constFirst().path;
        if (path.startsWith(u'/') && !path.startsWith("/dev/"_L1) && isWritable(disk, facts.edit.stored)) {
            return QFileInfo(path).path() + name;
        }
    }
    const virt::storage::Pool *best = nullptr;
    for (const virt::storage::Pool &pool : facts.pools) {
        if (pool.active && virt::storage::isFileBased(pool) && (!best || pool.available > best->available)) {
            best = &pool;
        }
    }
    return best ? best->targetPath + name : QString();
}

SavedMemory tpmPassage(const MigrateFacts &facts, const MigrateDraft &way, const MigrateLayout &layout)
{
    SavedMemory file = savedMemory(facts, way, layout);
    const auto rename = [&facts](QString &path) {
        if (!path.isEmpty()) {
            path = path.first(path.lastIndexOf(u'/') + 1) + u"vireo-tpm-%1.save"_s.arg(facts.source.token);
        }
    };
    rename(file.path);
    rename(file.pathThere);
    rename(file.volumeThere);
    file.bytes = tpmBytes;
    return file;
}

job::Step tpmSaveStep(const QString &file, const virt::HostId &host)
{
    job::Step step = keptStep(u"tpm.save"_s, CarriedStateText::tr("Read the state of the TPM"), fileName(file),
        CarriedStateText::tr("What was read is deleted"));
    step.parameters.insert(u"file"_s, file);
    return on(step, host);
}

job::Step tpmLoadStep(const QString &file, const QString &back, const virt::HostId &host)
{
    job::Step step = keptStep(u"tpm.load"_s, CarriedStateText::tr("Give the TPM its state"), fileName(file),
        back.isEmpty() ? QString() : CarriedStateText::tr("Give it the state that it had"));
    step.parameters = {{u"file"_s, file}};
    if (!back.isEmpty()) {
        step.parameters.insert(u"back"_s, back);
    }
    return on(step, host);
}

job::Step tpmClearStep(const QString &machine, bool before, const virt::HostId &host)
{
    job::Step step = before
        ? keptStep(u"tpm.room"_s, CarriedStateText::tr("Make room for the state of the TPM"), {},
              CarriedStateText::tr("The state is deleted again"))
        : keptStep(
              u"tpm.clear"_s, CarriedStateText::tr("Delete the state of the TPM, which nothing needs any more"), {});
    step.parameters = {{u"machine"_s, machine}};
    if (!before) {
        step.parameters.insert(u"optional"_s, true);
    }
    return on(step, host);
}

job::Step savedTakeStep(const SavedMemory &memory, const QString &name, const virt::HostId &host)
{
    job::Step step = keptStep(
        u"saved.take"_s, CarriedStateText::tr("Read its saved state"), name, CarriedStateText::tr("It is saved again"));
    step.bytes = memory.bytes;
    step.parameters.insert(u"file"_s, memory.path);
    return on(step, host);
}

job::Step savedPutStep(const QString &file, const QString &name, bool runs, const virt::HostId &host)
{
    job::Step step = keptStep(u"saved.put"_s,
        runs ? CarriedStateText::tr("Let it go on from its saved state") : CarriedStateText::tr("Save it again"), name,
        CarriedStateText::tr("It is off, and not saved"));
    step.parameters = {{u"file"_s, file}, {u"end"_s, runs ? u"running"_s : u"saved"_s}};
    return on(step, host);
}

job::Step stateDropStep(const QString &file, const virt::HostId &host)
{
    job::Step step =
        keptStep(u"state.drop"_s, CarriedStateText::tr("Delete a file that nothing needs any more"), fileName(file));
    step.parameters.insert(u"file"_s, file);
    return on(step, host);
}

QList<job::Step> passageSteps(const SavedMemory &memory, const virt::HostId &to)
{
    if (memory.isShared) {
        return {};
    }
    job::Step create = keptStep(u"volume.create"_s, CarriedStateText::tr("Create volume at the destination"),
        memory.volumeThere, CarriedStateText::tr("The volume is deleted again"));
    // Made empty: it becomes what is streamed into it, byte for byte.
    create.parameters = {{u"pool"_s, memory.poolThere}, {u"name"_s, memory.volumeThere},
        {u"xml"_s, volumeXml(memory.volumeThere, u"raw"_s, 0, {}, {})}};
    job::Step relay =
        keptStep(u"volume.relay"_s, CarriedStateText::tr("Copy it through this computer"), memory.volumeThere);
    relay.bytes = memory.bytes;
    relay.parameters = {{u"pool"_s, memory.poolThere}, {u"volume"_s, memory.volumeThere}, {u"fromPath"_s, memory.path}};
    return {on(create, to), on(relay, to)};
}

} // namespace vireo::operation
