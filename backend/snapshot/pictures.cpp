// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/pictures.h"

#include <algorithm>
#include <optional>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>

#include "backend/base/privatefile.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

struct PicturesText {
    Q_DECLARE_TR_FUNCTIONS(snapshot_Pictures)
};

constexpr QByteArrayView pngMagic("\x89PNG\r\n\x1a\n", 8);
constexpr QLatin1StringView suffix(".picture");
constexpr qint64 maxAge = 600; ///< seconds between a picture and the time that libvirt gives its snapshot
constexpr qint64 youth = 3600; ///< seconds in which a picture may still wait for its snapshot
constexpr qint64 maxLength = 32 << 20;
constexpr int maxSide = 16384;

/** The head of a P6 file. */
struct Ppm {
    int width = 0;
    int height = 0;
    qsizetype data = 0; ///< where the pixels begin
};

std::optional<Ppm> readHead(const QByteArray &ppm)
{
    if (!ppm.startsWith("P6")) {
        return std::nullopt;
    }
    qsizetype at = 2;
    const auto isSpace = [](char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    };
    const auto number = [&]() -> int {
        while (at < ppm.size() && (isSpace(ppm[at]) || ppm[at] == '#')) {
            if (ppm[at] == '#') {
                const qsizetype end = ppm.indexOf('\n', at);
                at = end < 0 ? ppm.size() : end;
            } else {
                ++at;
            }
        }
        int value = 0;
        while (at < ppm.size() && ppm[at] >= '0' && ppm[at] <= '9' && value <= maxSide) {
            value = value * 10 + (ppm[at] - '0');
            ++at;
        }
        return value;
    };
    Ppm head;
    head.width = number();
    head.height = number();
    const int depth = number();
    if (at >= ppm.size() || !isSpace(ppm[at])) {
        return std::nullopt;
    }
    head.data = at + 1;
    const bool fits = head.width > 0 && head.height > 0 && head.width <= maxSide && head.height <= maxSide
        && depth == 255 && ppm.size() - head.data >= qsizetype(3) * head.width * head.height;
    return fits ? std::optional(head) : std::nullopt;
}

} // namespace

QByteArray shrunkPpm(const QByteArray &ppm, int width)
{
    const auto head = readHead(ppm);
    if (!head) {
        return {};
    }
    const int factor = (head->width + width - 1) / width;
    if (factor <= 1) {
        return ppm;
    }
    const int newWidth = std::max(1, head->width / factor);
    const int newHeight = std::max(1, head->height / factor);
    QByteArray result = "P6\n" + QByteArray::number(newWidth) + ' ' + QByteArray::number(newHeight) + "\n255\n";
    result.reserve(result.size() + qsizetype(3) * newWidth * newHeight);
    // The mean of each square: letters stay grey rather than vanish.
    const int rows = std::min(factor, head->height);
    const int columns = std::min(factor, head->width);
    for (int y = 0; y < newHeight; ++y) {
        for (int x = 0; x < newWidth; ++x) {
            for (int channel = 0; channel < 3; ++channel) {
                int sum = 0;
                for (int row = 0; row < rows; ++row) {
                    const qsizetype line = head->data + qsizetype(3) * head->width * (y * factor + row);
                    for (int column = 0; column < columns; ++column) {
                        sum += static_cast<unsigned char>(ppm[line + qsizetype(3) * (x * factor + column) + channel]);
                    }
                }
                result += static_cast<char>(sum / (rows * columns));
            }
        }
    }
    return result;
}

PictureStore::PictureStore(QString directory)
    : m_directory(std::move(directory))
{}

QString PictureStore::defaultDirectory()
{
    return stateDirectory(u"pictures"_s);
}

QString PictureStore::directoryOf(const QString &hostUri, const QUuid &domain) const
{
    return m_directory + u'/' + hostDirectoryName(hostUri) + u'/' + domain.toString(QUuid::WithoutBraces);
}

/** Names of snapshots may be anything: the file is called by their digest. */
QString PictureStore::pathOf(const PictureKey &key) const
{
    const QByteArray digest = QCryptographicHash::hash(key.snapshot.toUtf8(), QCryptographicHash::Sha256).toHex();
    return directoryOf(key.hostUri, key.domain) + u'/' + QString::fromLatin1(digest) + suffix;
}

Result<> PictureStore::put(const PictureKey &key, const QByteArray &picture)
{
    const QByteArray kept = picture.startsWith(pngMagic) ? picture : shrunkPpm(picture, maxWidth);
    if (kept.isEmpty() || kept.size() > maxLength) {
        return fail(Error::invalid(PicturesText::tr("What the host gave is no picture.")));
    }
    const QString directory = directoryOf(key.hostUri, key.domain);
    if (Result<> made = makePrivatePath(directory); !made) {
        return made;
    }
    if (Result<> written = writePrivateFile(pathOf(key), kept); !written) {
        return written;
    }
    clearUnbornFiles(directory);
    const auto files = QDir(directory).entryInfoList({u'*' + QString(suffix)}, QDir::Files, QDir::Time);
    for (qsizetype i = maxPictures; i < files.size(); ++i) {
        QFile::remove(files[i].filePath());
    }
    return {};
}

Result<QByteArray> PictureStore::read(const PictureKey &key, const QDateTime &created) const
{
    QFile file(pathOf(key));
    const QDateTime taken = QFileInfo(file).lastModified();
    if (!file.open(QIODevice::ReadOnly) || file.size() > maxLength || qAbs(taken.secsTo(created)) > maxAge) {
        return fail(
            {Error::Kind::NotFound, PicturesText::tr("There is no picture of “%1”.").arg(key.snapshot), {}, 0, 0});
    }
    return file.readAll();
}

void PictureStore::rename(const PictureKey &key, const QString &name)
{
    const QString to = pathOf({key.hostUri, key.domain, name});
    if (QFile::exists(pathOf(key))) {
        QFile::remove(to);
        QFile::rename(pathOf(key), to);
    }
}

void PictureStore::remove(const PictureKey &key)
{
    QFile::remove(pathOf(key));
}

void PictureStore::prune(const QString &hostUri, const QUuid &domain, const QStringList &snapshots)
{
    QStringList known;
    for (const QString &name : snapshots) {
        known << QFileInfo(pathOf({hostUri, domain, name})).fileName();
    }
    std::ranges::sort(known);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const auto files = QDir(directoryOf(hostUri, domain)).entryInfoList({u'*' + QString(suffix)}, QDir::Files);
    for (const QFileInfo &file : files) {
        if (file.lastModified().secsTo(now) > youth && !std::ranges::binary_search(known, file.fileName())) {
            QFile::remove(file.filePath());
        }
    }
}

} // namespace vireo::snapshot
