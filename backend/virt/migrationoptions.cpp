// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/virt/migration_p.h"
#include "backend/virt/virerror.h"

/** Options as libvirt wants them. */
namespace vireo::virt::migration {

namespace {

using namespace Qt::StringLiterals;

constexpr unsigned long version(unsigned long major, unsigned long minor)
{
    return major * 1000000 + minor * 1000; // as virGetVersion numbers it
}
constexpr unsigned long compressedChannels = version(9, 4); ///< zlib and zstd came then

constexpr int mostConnections = 255; ///< QEMU's
constexpr int mostThrottle = 99;     ///< percent; QEMU's
constexpr int lastPort = 65535;

struct MigrationoptionsText {
    Q_DECLARE_TR_FUNCTIONS(virt_migrationOptions)
};

Result<> invalid(const QString &why)
{
    return fail(Error::invalid(why));
}

Result<> unsupported(const QString &why)
{
    return fail(Error{Error::Kind::Unsupported, why, {}, 0, 0});
}

Result<> checkTunnel(const Options &options)
{
    if (!options.tunnelled) {
        return {};
    }
    if (!options.peerToPeer) {
        return invalid(MigrationoptionsText::tr(
            "Only the hosts' daemons can tunnel a migration: it has to be peer to peer for that."));
    }
    if (options.storage != Options::Storage::None) {
        return unsupported(MigrationoptionsText::tr("A tunnelled migration can't copy disks."));
    }
    if (options.postCopy || options.parallel > 0) {
        return unsupported(MigrationoptionsText::tr(
            "A tunnelled migration has one stream in one direction: neither post-copy nor parallel connections."));
    }
    if (!options.migrateUri.isEmpty()) {
        return invalid(
            MigrationoptionsText::tr("A tunnelled migration goes through the daemons: it has no address of its own."));
    }
    return {};
}

Result<> checkOffline(const Options &options)
{
    if (!options.offline) {
        return {};
    }
    if (!options.persistent) {
        return invalid(MigrationoptionsText::tr(
            "A VM that is off can only be moved with its definition: it has to be persistent at the destination."));
    }
    if (options.storage != Options::Storage::None || options.postCopy || options.tunnelled) {
        return invalid(MigrationoptionsText::tr(
            "An offline migration moves the definition alone: neither disks nor memory are copied."));
    }
    return {};
}

Result<> checkCompression(const Options &options, unsigned long sourceLibvirt)
{
    switch (options.compression) {
    case Options::Compression::None:
        return {};
    case Options::Compression::Xbzrle:
    case Options::Compression::Mt:
        if (options.parallel > 0) {
            return invalid(MigrationoptionsText::tr(
                "Parallel connections can't be combined with this compression: choose zlib or zstd."));
        }
        return {};
    case Options::Compression::Zlib:
    case Options::Compression::Zstd:
        break;
    }
    if (options.parallel == 0) {
        return invalid(MigrationoptionsText::tr("Compression by zlib or zstd needs parallel connections."));
    }
    if (sourceLibvirt != 0 && sourceLibvirt < compressedChannels) {
        return unsupported(MigrationoptionsText::tr(
            "The source host's libvirt can't compress by zlib or zstd: it is older than version 9.4."));
    }
    return {};
}

Result<> checkXml(const Options &options)
{
    if (options.persistent && options.destinationXml.isEmpty() != options.persistentXml.isEmpty()) {
        return invalid(MigrationoptionsText::tr(
            "The running and the persistent definition for the destination have to be given together."));
    }
    return {};
}

Result<> checkFigures(const Options &options)
{
    if (options.parallel < 0 || options.parallel > mostConnections) {
        return invalid(MigrationoptionsText::tr("There can be at most %1 parallel connections.").arg(mostConnections));
    }
    for (const int percent : {options.throttleInitial, options.throttleIncrement}) {
        if (percent < 0 || percent > mostThrottle) {
            return invalid(
                MigrationoptionsText::tr("The guest can be slowed down by at most %1 percent.").arg(mostThrottle));
        }
    }
    if (options.disksPort < 0 || options.disksPort > lastPort) {
        return invalid(MigrationoptionsText::tr("%1 is no port.").arg(options.disksPort));
    }
    return {};
}

QString compressionWord(Options::Compression compression)
{
    switch (compression) {
    case Options::Compression::Xbzrle:
        return u"xbzrle"_s;
    case Options::Compression::Mt:
        return u"mt"_s;
    case Options::Compression::Zlib:
        return u"zlib"_s;
    case Options::Compression::Zstd:
        return u"zstd"_s;
    case Options::Compression::None:
        break;
    }
    return {};
}

} // namespace

Result<> check(const Options &options, unsigned long sourceLibvirt)
{
    if (options.peerToPeer && options.destinationUri.isEmpty()) {
        return invalid(MigrationoptionsText::tr(
            "A peer-to-peer migration needs the address at which the source host reaches the destination."));
    }
    if (options.storage != Options::Storage::None && options.disks.isEmpty()) {
        return invalid(MigrationoptionsText::tr(
            "Disks are to be copied, but none is named: libvirt would overwrite all of them, shared ones too."));
    }
    for (const auto &checked : {checkTunnel(options), checkOffline(options), checkCompression(options, sourceLibvirt),
             checkXml(options), checkFigures(options)}) {
        if (!checked) {
            return checked;
        }
    }
    return {};
}

unsigned flagsOf(const Options &options)
{
    unsigned flags = 0;
    const auto add = [&flags](bool wanted, unsigned flag) {
        flags |= wanted ? flag : 0U;
    };
    const bool running = !options.offline;
    add(running && options.live, VIR_MIGRATE_LIVE);
    add(options.offline, VIR_MIGRATE_OFFLINE);
    add(options.peerToPeer, VIR_MIGRATE_PEER2PEER);
    add(options.tunnelled, VIR_MIGRATE_TUNNELLED);
    add(options.persistent, VIR_MIGRATE_PERSIST_DEST);
    add(options.undefineSource, VIR_MIGRATE_UNDEFINE_SOURCE);
    add(running && options.paused, VIR_MIGRATE_PAUSED);
    add(running && (options.postCopy || options.postCopyResume), VIR_MIGRATE_POSTCOPY);
    add(running && options.postCopyResume, VIR_MIGRATE_POSTCOPY_RESUME);
    add(running && options.autoConverge, VIR_MIGRATE_AUTO_CONVERGE);
    add(running && options.tls, VIR_MIGRATE_TLS);
    add(options.unsafe, VIR_MIGRATE_UNSAFE);
    add(running && options.abortOnError, VIR_MIGRATE_ABORT_ON_ERROR);
    add(options.storage == Options::Storage::Full, VIR_MIGRATE_NON_SHARED_DISK);
    add(options.storage == Options::Storage::Incremental, VIR_MIGRATE_NON_SHARED_INC);
    add(running && options.parallel > 0, VIR_MIGRATE_PARALLEL);
    add(running && options.compression != Options::Compression::None, VIR_MIGRATE_COMPRESSED);
    return flags;
}

Parameters::~Parameters()
{
    virTypedParamsFree(m_items, m_count);
}

void Parameters::add(const char *name, int value)
{
    m_complete = virTypedParamsAddInt(&m_items, &m_count, &m_capacity, name, value) == 0 && m_complete;
}

void Parameters::add(const char *name, quint64 value)
{
    m_complete = virTypedParamsAddULLong(&m_items, &m_count, &m_capacity, name, value) == 0 && m_complete;
}

void Parameters::add(const char *name, const QString &value)
{
    if (!value.isEmpty()) {
        m_complete = virTypedParamsAddString(&m_items, &m_count, &m_capacity, name, value.toUtf8().constData()) == 0
            && m_complete;
    }
}

void addParameters(Parameters &parameters, const Options &options, bool withXml)
{
    parameters.add(VIR_MIGRATE_PARAM_DEST_NAME, options.destinationName);
    if (withXml) {
        parameters.add(VIR_MIGRATE_PARAM_DEST_XML, options.destinationXml);
        if (options.persistent) {
            parameters.add(VIR_MIGRATE_PARAM_PERSIST_XML, options.persistentXml);
        }
    }
    if (options.offline) {
        return;
    }
    parameters.add(VIR_MIGRATE_PARAM_URI, options.migrateUri);
    parameters.add(VIR_MIGRATE_PARAM_LISTEN_ADDRESS, options.listenAddress);
    parameters.add(VIR_MIGRATE_PARAM_GRAPHICS_URI, options.graphicsUri);
    if (options.bandwidth > 0) {
        parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH, mebibytes(options.bandwidth));
    }
    if (options.postCopy && options.postCopyBandwidth > 0) {
        parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY, mebibytes(options.postCopyBandwidth));
    }
    if (options.storage != Options::Storage::None) {
        for (const QString &disk : options.disks) {
            parameters.add(VIR_MIGRATE_PARAM_MIGRATE_DISKS, disk);
            if (options.detectZeroes) {
                parameters.add(detectZeroesParameter, disk);
            }
        }
        if (options.disksPort > 0) {
            parameters.add(VIR_MIGRATE_PARAM_DISKS_PORT, options.disksPort);
        }
    }
    if (options.parallel > 0) {
        parameters.add(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, options.parallel);
    }
    parameters.add(VIR_MIGRATE_PARAM_COMPRESSION, compressionWord(options.compression));
    if (options.compression == Options::Compression::Xbzrle && options.xbzrleCache > 0) {
        parameters.add(VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE, options.xbzrleCache);
    }
    if (options.autoConverge && options.throttleInitial > 0) {
        parameters.add(VIR_MIGRATE_PARAM_AUTO_CONVERGE_INITIAL, options.throttleInitial);
    }
    if (options.autoConverge && options.throttleIncrement > 0) {
        parameters.add(VIR_MIGRATE_PARAM_AUTO_CONVERGE_INCREMENT, options.throttleIncrement);
    }
}

quint64 mebibytes(quint64 bytes)
{
    constexpr quint64 mebibyte = 1024 * 1024;
    return bytes / mebibyte + (bytes % mebibyte != 0 ? 1 : 0);
}

QByteArray driverOf(const QString &uri)
{
    const QByteArray scheme = uri.section(u':', 0, 0).toLatin1();
    return scheme.left(scheme.contains('+') ? scheme.indexOf('+') : scheme.size());
}

} // namespace vireo::virt::migration
