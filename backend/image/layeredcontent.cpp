// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/layeredcontent.h"

#include <algorithm>
#include <map>
#include <optional>

#include <QCoreApplication>
#include <QtEndian>

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct LayeredText {
    Q_DECLARE_TR_FUNCTIONS(image_layered)
};

constexpr quint64 piece = 64ULL * 1024; ///< what is read at once, and kept
constexpr quint64 offsetMask = 0x00fffffffffffe00;

Error unsupported(const QString &why)
{
    return {Error::Kind::Unsupported, why, {}, 0, 0};
}

/** One file. */
class Layer final
{
public:
    explicit Layer(LayerSource source)
        : m_source(std::move(source))
    {}

    Result<> open()
    {
        if (m_source.format == "raw"_L1) {
            return {};
        }
        if (m_source.format != "qcow2"_L1) {
            return fail(
                unsupported(LayeredText::tr("Disks of the format “%1” can't be looked into.").arg(m_source.format)));
        }
        const auto header = bytes(0, 112);
        if (!header) {
            return fail(header.error());
        }
        constexpr quint32 magic = 0x514649fb;
        const auto big32 = [&header](qsizetype at) {
            return qFromBigEndian<quint32>(header->constData() + at);
        };
        const auto big64 = [&header](qsizetype at) {
            return qFromBigEndian<quint64>(header->constData() + at);
        };
        if (header->size() < 112 || big32(0) != magic || (big32(4) != 2 && big32(4) != 3)) {
            return fail(unsupported(LayeredText::tr("A file is no qcow2 image, though it is recorded as one.")));
        }
        m_version = big32(4);
        m_clusterBits = big32(20);
        m_size = big64(24);
        m_l1Entries = big32(36);
        m_l1Offset = big64(40);
        // Only that it was not closed well (its reference counts may be wrong, its map is not) and how it is
        // compressed.
        constexpr quint64 harmless = 0x1 | 0x8;
        const quint64 features = m_version == 3 ? big64(72) : 0;
        if (big32(32) != 0 || features & ~harmless || m_clusterBits < 9 || m_clusterBits > 21) {
            return fail(unsupported(
                LayeredText::tr("A qcow2 image is encrypted, damaged, or of features that are not known here.")));
        }
        return {};
    }

    /** Bytes of one cluster at most; nothing: it has none there, look beneath. */
    Result<std::optional<QByteArray>> read(quint64 offset, quint64 length)
    {
        if (m_source.format == "raw"_L1) {
            auto found = bytes(offset, length);
            return found ? Result<std::optional<QByteArray>>(*std::move(found)) : fail(found.error());
        }
        if (offset >= m_size) {
            return QByteArray(qsizetype(length), '\0'); // what is beneath ended here as well
        }
        const quint64 perTable = (1ULL << m_clusterBits) / 8;
        const quint64 cluster = offset >> m_clusterBits;
        if (cluster / perTable >= m_l1Entries) {
            return fail(unsupported(LayeredText::tr("A qcow2 image is damaged.")));
        }
        const auto table = entry(m_l1Offset + cluster / perTable * 8);
        if (!table) {
            return fail(table.error());
        }
        if ((*table & offsetMask) == 0) {
            return std::nullopt;
        }
        const auto place = entry((*table & offsetMask) + cluster % perTable * 8);
        if (!place) {
            return fail(place.error());
        }
        constexpr quint64 compressed = 1ULL << 62;
        if (*place & compressed) {
            return fail(unsupported(LayeredText::tr("A qcow2 image is compressed.")));
        }
        if (m_version == 3 && *place & 1) {
            return QByteArray(qsizetype(length), '\0');
        }
        if ((*place & offsetMask) == 0) {
            return std::nullopt;
        }
        auto found = bytes((*place & offsetMask) + (offset & (clusterSize() - 1)), length);
        return found ? Result<std::optional<QByteArray>>(*std::move(found)) : fail(found.error());
    }

    quint64 clusterSize() const { return m_source.format == "raw"_L1 ? piece : 1ULL << m_clusterBits; }
    quint64 size() const { return m_source.format == "raw"_L1 ? ~0ULL : m_size; }

private:
    Result<quint64> entry(quint64 offset)
    {
        const auto found = bytes(offset, 8);
        if (!found) {
            return fail(found.error());
        }
        return found->size() == 8 ? Result<quint64>(qFromBigEndian<quint64>(found->constData())) : Result<quint64>(0);
    }

    Result<QByteArray> bytes(quint64 offset, quint64 length)
    {
        QByteArray result;
        while (quint64(result.size()) < length) {
            const quint64 at = offset + quint64(result.size());
            auto known = m_pieces.find(at / piece);
            if (known == m_pieces.end()) {
                auto found = m_source.read(at / piece * piece, piece);
                if (!found) {
                    return found;
                }
                known = m_pieces.emplace(at / piece, *std::move(found)).first;
            }
            const QByteArray part = known->second.mid(qsizetype(at % piece), qsizetype(length) - result.size());
            result += part;
            if (part.isEmpty()) {
                break; // the end of the file
            }
        }
        return result;
    }

    LayerSource m_source;
    std::map<quint64, QByteArray> m_pieces;
    quint32 m_version = 0;
    quint32 m_clusterBits = 0;
    quint64 m_size = 0;
    quint32 m_l1Entries = 0;
    quint64 m_l1Offset = 0;
};

} // namespace

Result<QByteArray> readLayered(const QList<LayerSource> &sources, quint64 offset, quint64 length)
{
    std::vector<Layer> layers;
    for (const LayerSource &source : sources) {
        layers.emplace_back(source);
        if (const Result<> opened = layers.back().open(); !opened) {
            return fail(opened.error());
        }
    }
    if (layers.empty() || length > 16 * 1024 * 1024) {
        return fail(Error::invalid(LayeredText::tr("There is nothing to be read.")));
    }
    const quint64 end = std::min(layers.front().size(), offset + length);
    QByteArray result;
    for (quint64 at = offset; at < end;) {
        // So little that it is one cluster of each.
        quint64 step = end - at;
        for (const Layer &layer : layers) {
            step = std::min(step, layer.clusterSize() - at % layer.clusterSize());
        }
        QByteArray found(qsizetype(step), '\0');
        for (Layer &layer : layers) {
            auto part = layer.read(at, step);
            if (!part) {
                return fail(part.error());
            }
            if (*part) {
                found = **part;
                break;
            }
        }
        const bool isTopRaw = layers.size() == 1 && quint64(found.size()) < step;
        if (isTopRaw) { // its end
            return result + found;
        }
        result += found.leftJustified(qsizetype(step), '\0'); // what is beneath may be shorter
        at += step;
    }
    return result;
}

} // namespace vireo::image
