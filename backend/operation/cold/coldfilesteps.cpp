// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/coldfilesteps_p.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/snapshot/snapshotsteps.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using snapshot::Chain;
using snapshot::Layer;

struct ColdFileText {
    Q_DECLARE_TR_FUNCTIONS(operation_coldFileSteps)
};

/** The steps of one file; all work on the destination. */
class FileSteps final
{
    Q_DISABLE_COPY_MOVE(FileSteps)

public:
    FileSteps(const ColdFile &file, const ColdPlace &place)
        : m_file(file)
        , m_place(place)
    {}

    QList<job::Step> make()
    {
        if (m_file.content.kind == ContentChange::Kind::Swap) {
            addSwap();
            return std::move(m_steps);
        }
        if (m_file.way == ColdFile::Way::Send) {
            addVolume(m_file.move.volume, m_file.format, m_file.capacity);
            addSending();
        } else if (m_file.passing.isEmpty()) {
            addRelay(m_file.move.from, m_file.move.volume, m_file.move.bytes);
        } else {
            addPassage();
        }
        addRest();
        return std::move(m_steps);
    }

private:
    void add(job::Step step)
    {
        step.parameters.insert(u"host"_s, m_place.destination);
        m_steps.append(std::move(step));
    }
    void add(const QString &type, const QString &title, quint64 bytes, QJsonObject parameters)
    {
        add(job::Step{type, title, m_file.move.volume, {}, bytes, std::move(parameters)});
    }
    void addVolume(const QString &name, const QString &format, quint64 capacity)
    {
        const bool isTop = name == m_file.move.volume;
        const FileMove &move = m_file.move;
        add(job::Step{u"volume.create"_s, ColdFileText::tr("Create volume on %1").arg(m_place.name), name,
            ColdFileText::tr("The volume is deleted again"), 0,
            {{u"pool"_s, move.pool}, {u"name"_s, name},
                {u"xml"_s,
                    volumeXml(name, format, capacity, isTop ? move.backing : QString(),
                        isTop ? move.backingFormat : QString())}}});
    }
    Chain made() const { return Chain{{m_file.move.to, m_file.format}} + m_file.beneath; }
    void addSending();
    void addRelay(const QString &from, const QString &volume, quint64 bytes);
    void addPassage();
    void addSwap();
    void addRest();

    const ColdFile &m_file;
    const ColdPlace &m_place;
    QList<job::Step> m_steps;
};

void FileSteps::addSending()
{
    const FileMove &move = m_file.move;
    add(u"disk.send"_s,
        m_file.isTop ? ColdFileText::tr("Send a disk to %1").arg(m_place.name)
                     : ColdFileText::tr("Send a layer to %1").arg(m_place.name),
        move.bytes,
        {{u"pool"_s, move.pool}, {u"volume"_s, move.volume}, {u"chain"_s, layersOf(m_file.chain)},
            {u"top"_s, m_file.topOnly}, {u"path"_s, move.to}, {u"format"_s, m_file.format},
            {u"beneath"_s, layersOf(m_file.beneath)}, {u"options"_s, optionsToJson(m_place.layout.options)}});
}

void FileSteps::addRelay(const QString &from, const QString &volume, quint64 bytes)
{
    const FileMove &move = m_file.move;
    // Made empty: it becomes what is streamed into it, byte for byte.
    add(job::Step{u"volume.create"_s, ColdFileText::tr("Create volume on %1").arg(m_place.name), volume,
        ColdFileText::tr("The volume is deleted again"), 0,
        {{u"pool"_s, move.pool}, {u"name"_s, volume}, {u"xml"_s, volumeXml(volume, u"raw"_s, 0, {}, {})}}});
    QJsonObject parameters{{u"pool"_s, move.pool}, {u"volume"_s, volume}, {u"fromPath"_s, from}};
    if (move.namesOther && !move.backing.isEmpty() && volume == move.volume) {
        parameters.insert(u"backing"_s, move.backing);
    }
    const bool isDisk = m_file.isTop && from == move.from;
    add(job::Step{u"volume.relay"_s,
        move.isMemory     ? ColdFileText::tr("Copy a snapshot's memory through this computer")
            : move.isSeed ? ColdFileText::tr("Copy its seed through this computer")
            : isDisk      ? ColdFileText::tr("Copy a disk through this computer")
                          : ColdFileText::tr("Copy a layer through this computer"),
        volume, {}, bytes, parameters});
}

/** Its layers as they are, and one disk of them there. */
void FileSteps::addPassage()
{
    Chain chain;
    for (const ColdFile::Passing &layer : m_file.passing) {
        addRelay(layer.from, layer.volume, layer.bytes);
        chain.append(layer.there);
    }
    addVolume(m_file.move.volume, m_file.format, m_file.capacity);
    add(u"disk.copy"_s,
        chain.size() > 1 ? ColdFileText::tr("Make one disk of its layers")
                         : ColdFileText::tr("Change the disk's format to %1").arg(m_file.format),
        m_file.move.bytes,
        {{u"chain"_s, layersOf(chain)}, {u"path"_s, m_file.move.to}, {u"format"_s, m_file.format}, {u"zeroes"_s, true},
            {u"like"_s, m_place.xmlAfter}});
    for (const ColdFile::Passing &layer : m_file.passing) {
        add(deleteLayerStep(layer.there.path, true));
    }
}

/** Made anew there: nothing of it is copied. */
void FileSteps::addSwap()
{
    const FileMove &move = m_file.move;
    add(job::Step{u"volume.create"_s, ColdFileText::tr("Create volume on %1").arg(m_place.name), move.volume,
        ColdFileText::tr("The volume is deleted again"), 0,
        {{u"pool"_s, move.pool}, {u"name"_s, move.volume},
            {u"xml"_s, volumeXml(move.volume, m_file.format, m_file.capacity, {}, {})}}});
    job::Step step = makeSwapStep(move.volume, m_file.chain, m_place.resize.capacities.value(move.target),
        {move.to, m_file.format}, {}, m_file.capacity);
    step.parameters.insert(u"pool"_s, move.pool);
    step.parameters.insert(u"volume"_s, move.volume);
    add(step);
}

void FileSteps::addRest()
{
    const FileMove &move = m_file.move;
    if (m_place.verify && m_file.isTop) {
        add(u"disk.compare"_s, ColdFileText::tr("Compare both disks"), move.bytes,
            {{u"chain"_s, layersOf(made())}, {u"fromChain"_s, layersOf(m_file.chain)}, {u"path"_s, move.to},
                {u"fromPath"_s, move.from}});
    }
    if (m_file.grown > 0) {
        add(u"disk.grow"_s, ColdFileText::tr("Grow a disk to %1").arg(sizeText(m_file.grown)), 0,
            {{u"chain"_s, layersOf(made())}, {u"capacity"_s, static_cast<double>(m_file.grown)},
                {u"like"_s, m_place.xmlAfter}});
    }
    if (m_file.content.kind == ContentChange::Kind::Filesystem) {
        const QList<job::Step> grown = growFilesystemWithin(
            m_file.content, move.volume, made(), m_place.resize.token, m_file.grown, m_place.xmlAfter);
        for (const job::Step &step : grown) {
            add(step);
        }
    }
}

} // namespace

QJsonArray layersOf(const Chain &chain)
{
    QJsonArray result;
    for (const Layer &layer : chain) {
        result.append(QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}});
    }
    return result;
}

QList<job::Step> fileSteps(const ColdFile &file, const ColdPlace &place)
{
    return FileSteps(file, place).make();
}

QList<job::Step> overlaySteps(const ColdOverlay &overlay, const ColdPlace &place)
{
    QList<job::Step> steps{createLayerStep(overlay.path, overlay.beneath, overlay.capacity)};
    if (overlay.content.kind == ContentChange::Kind::Filesystem) {
        steps.append(growFilesystemStep(overlay.content, overlay.target,
            place.layout.chains.value(overlay.target).sliced(1), overlay.path, overlay.capacity));
    } else if (overlay.content.kind == ContentChange::Kind::Swap) {
        steps.append(makeSwapStep(overlay.target, overlay.chain, place.resize.capacities.value(overlay.target),
            {overlay.path, u"qcow2"_s}, overlay.beneath, overlay.capacity));
    }
    for (job::Step &step : steps) {
        step.parameters.insert(u"host"_s, place.destination);
    }
    return steps;
}

} // namespace vireo::operation
