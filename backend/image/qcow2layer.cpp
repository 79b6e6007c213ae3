// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/qcow2layer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <unistd.h>

#include <QCoreApplication>
#include <QFile>
#include <QScopeGuard>
#include <QtEndian>

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct Qcow2LayerText {
    Q_DECLARE_TR_FUNCTIONS(image_qcow2Layer)
};

constexpr quint64 cluster = Qcow2Layer::clusterSize;
constexpr quint64 perTable = cluster / 8;  // entries of an L2 table
constexpr quint64 perCounts = cluster / 2; // reference counts of 16 bits
constexpr quint64 copied = 1ULL << 63;     // "this cluster is used once"

quint64 clustersFor(quint64 items, quint64 perCluster)
{
    return (items + perCluster - 1) / perCluster;
}

template<typename T>
void put(QByteArray &bytes, quint64 offset, T value)
{
    qToBigEndian(value, bytes.data() + offset);
}

/** What lies where: header, reference table and counts, L1 table, L2 tables, data; in clusters of the file. */
struct Places {
    quint64 countTable = 1;
    quint64 countTableLength = 0;
    quint64 counts = 0;
    quint64 countsLength = 0;
    quint64 l1 = 0;
    quint64 l1Entries = 0;
    quint64 l2 = 0;
    quint64 data = 0;
    quint64 end = 0;
};

Places placesFor(quint64 capacity, quint64 tables, quint64 dataClusters)
{
    Places places;
    places.l1Entries = std::max<quint64>(1, clustersFor(clustersFor(capacity, cluster), perTable));
    const quint64 l1Length = clustersFor(places.l1Entries, perTable);
    const quint64 others = 1 + l1Length + tables + dataClusters;
    // The counts count themselves.
    for (quint64 counts = 1;; ++counts) {
        places.countTableLength = clustersFor(counts, perTable);
        if (clustersFor(others + counts + places.countTableLength, perCounts) <= counts) {
            places.countsLength = counts;
            break;
        }
    }
    places.counts = places.countTable + places.countTableLength;
    places.l1 = places.counts + places.countsLength;
    places.l2 = places.l1 + l1Length;
    places.data = places.l2 + tables;
    places.end = places.data + dataClusters;
    return places;
}

QByteArray header(const Qcow2Layer &layer, const Places &places)
{
    constexpr quint32 headerLength = 104;
    constexpr quint32 backingFormatExtension = 0xe2792aca;
    QByteArray bytes(qsizetype(cluster), '\0');
    put<quint32>(bytes, 0, 0x514649fb);
    put<quint32>(bytes, 4, 3);
    put<quint32>(bytes, 20, 16); // bits of a cluster
    put<quint64>(bytes, 24, layer.capacity);
    put<quint32>(bytes, 36, static_cast<quint32>(places.l1Entries));
    put<quint64>(bytes, 40, places.l1 * cluster);
    put<quint64>(bytes, 48, places.countTable * cluster);
    put<quint32>(bytes, 56, static_cast<quint32>(places.countTableLength));
    put<quint32>(bytes, 96, 4); // reference counts of 1 << 4 bits
    put<quint32>(bytes, 100, headerLength);
    quint64 at = headerLength;
    if (!layer.backing.isEmpty()) {
        const QByteArray format = layer.backingFormat.toLatin1();
        put<quint32>(bytes, at, backingFormatExtension);
        put<quint32>(bytes, at + 4, static_cast<quint32>(format.size()));
        bytes.replace(qsizetype(at) + 8, format.size(), format);
        at += 8 + (static_cast<quint64>(format.size()) + 7) / 8 * 8;
        at += 8; // the end of the extensions: zeroes
        const QByteArray name = QFile::encodeName(layer.backing);
        put<quint64>(bytes, 8, at);
        put<quint32>(bytes, 16, static_cast<quint32>(name.size()));
        bytes.replace(qsizetype(at), name.size(), name);
    }
    return bytes;
}

/** Writes one after another. */
class Output final
{
    Q_DISABLE_COPY_MOVE(Output)

public:
    explicit Output(const QString &path)
        : m_path(path)
        , m_name(QFile::encodeName(path))
        , m_fd(open(m_name.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600))
        , m_error(m_fd < 0 ? errno : 0)
    {}
    ~Output()
    {
        if (m_fd >= 0) {
            close(m_fd);
            unlink(m_name.constData());
        }
    }
    bool isOpen() const { return m_fd >= 0; }
    Result<> write(const QByteArray &bytes)
    {
        for (qsizetype done = 0; done < bytes.size();) {
            const ssize_t written = ::write(m_fd, bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
            if (written < 0 && errno != EINTR) {
                m_error = errno;
                return fail(error());
            }
            done += std::max<ssize_t>(0, written);
        }
        return {};
    }
    Result<> keep()
    {
        const int fd = std::exchange(m_fd, -1);
        if (close(fd) == 0) {
            return {};
        }
        m_error = errno;
        unlink(m_name.constData());
        return fail(error());
    }
    Error error() const
    {
        return Error::failed(
            Qcow2LayerText::tr("Can't write “%1”: %2").arg(m_path, QString::fromLocal8Bit(std::strerror(m_error))));
    }

private:
    QString m_path;
    QByteArray m_name;
    int m_fd;
    int m_error;
};

QByteArray table(const std::vector<quint64> &values)
{
    QByteArray bytes(qsizetype(clustersFor(values.size(), perTable) * cluster), '\0');
    for (size_t i = 0; i < values.size(); ++i) {
        put<quint64>(bytes, i * 8, values[i]);
    }
    return bytes;
}

Result<> writeTables(Output &output, const Qcow2Layer &layer, const Places &places,
    const std::map<quint64, quint64> &tables, const std::map<quint64, quint64> &data)
{
    std::vector<quint64> countBlocks;
    countBlocks.reserve(places.countsLength);
    for (quint64 i = 0; i < places.countsLength; ++i) {
        countBlocks.push_back((places.counts + i) * cluster);
    }
    QByteArray counts(qsizetype(places.countsLength * cluster), '\0');
    for (quint64 i = 0; i < places.end; ++i) {
        put<quint16>(counts, i * 2, 1);
    }
    std::vector<quint64> l1(places.l1Entries, 0);
    for (const auto &[number, index] : tables) {
        l1[number] = ((places.l2 + index) * cluster) | copied;
    }
    for (const QByteArray &part : {header(layer, places), table(countBlocks), counts, table(l1)}) {
        if (const Result<> written = output.write(part); !written) {
            return written;
        }
    }
    for (const auto &[number, index] : tables) {
        QByteArray l2(qsizetype(cluster), '\0');
        for (auto each = data.lower_bound(number * perTable); each != data.end() && each->first / perTable == number;
            ++each) {
            put<quint64>(l2, each->first % perTable * 8, each->second);
        }
        if (const Result<> written = output.write(l2); !written) {
            return written;
        }
    }
    return {};
}

Result<QByteArray> contentOf(const Qcow2Layer &layer, quint64 number)
{
    auto content = layer.read(number);
    if (content) {
        content->truncate(std::min<qsizetype>(content->size(), qsizetype(cluster)));
        content->append(qsizetype(cluster) - content->size(), '\0');
    }
    return content;
}

} // namespace

Result<> writeQcow2Layer(const QString &path, const Qcow2Layer &layer)
{
    constexpr qsizetype maximumName = 1023;
    constexpr quint64 maximumCapacity = 1ULL << 50;
    const bool hasFormat = layer.backing.isEmpty() || !layer.backingFormat.isEmpty();
    const bool isAscending = std::ranges::adjacent_find(layer.clusters, std::greater_equal()) == layer.clusters.end();
    const bool isWithin = layer.clusters.isEmpty() || layer.clusters.constLast() < clustersFor(layer.capacity, cluster);
    if (layer.capacity == 0 || layer.capacity % 512 != 0 || layer.capacity > maximumCapacity || !hasFormat
        || !isAscending || !isWithin || QFile::encodeName(layer.backing).size() > maximumName) {
        return fail(Error::invalid(Qcow2LayerText::tr("Such a layer can't be written.")));
    }
    // Twice through the content: where it lies has to be known before it is written.
    std::map<quint64, quint64> tables; // number of an L2 table -> its place among them
    std::map<quint64, quint64> data;   // entries
    quint64 count = 0;
    for (const quint64 number : layer.clusters) {
        const auto content = contentOf(layer, number);
        if (!content) {
            return fail(content.error());
        }
        tables.emplace(number / perTable, tables.size());
        const bool isZero = content->count('\0') == content->size();
        data.emplace(number, isZero ? 1 : (count++ * cluster) | copied);
    }
    const Places places = placesFor(layer.capacity, tables.size(), count);
    for (auto &[number, entry] : data) {
        if (entry != 1) {
            entry += places.data * cluster;
        }
    }
    Output output(path);
    if (!output.isOpen()) {
        return fail(output.error());
    }
    if (const Result<> written = writeTables(output, layer, places, tables, data); !written) {
        return written;
    }
    for (const quint64 number : layer.clusters) {
        if (data[number] == 1) {
            continue;
        }
        const auto content = contentOf(layer, number);
        const Result<> written = content ? output.write(*content) : fail(content.error());
        if (!written) {
            return written;
        }
    }
    return output.keep();
}

} // namespace vireo::image
