// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migrationmemory.h"

#include <algorithm>
#include <functional>

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLockFile>

#include "backend/base/privatefile.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct MigrationmemoryText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrationmemory)
};

constexpr int lockTimeoutMs = 5000;
constexpr qint64 maxSize = 1024LL * 1024;

QString fileIn(const QString &directory)
{
    return (directory.isEmpty() ? migrationMemoryDirectory() : directory) + "/pairs.json"_L1;
}

QJsonObject readAll(const QString &directory)
{
    QFile file(fileIn(directory));
    if (!file.open(QIODevice::ReadOnly) || file.size() > maxSize) {
        return {};
    }
    return QJsonDocument::fromJson(file.readAll()).object();
}

QString keyOf(const QString &from, const QString &to)
{
    return from + u' ' + to;
}

Result<> change(
    const QString &directory, const QString &from, const QString &to, const std::function<void(QJsonObject &)> &apply)
{
    if (from.isEmpty() || to.isEmpty()) {
        return {};
    }
    const QString folder = directory.isEmpty() ? migrationMemoryDirectory() : directory;
    if (const Result<> made = makePrivatePath(folder); !made) {
        return made;
    }
    QLockFile lock(fileIn(directory) + ".lock"_L1);
    if (!lock.tryLock(lockTimeoutMs)) {
        return fail(
            Error::failed(MigrationmemoryText::tr("Another Vireo keeps “%1” for itself.").arg(fileIn(directory))));
    }
    QJsonObject all = readAll(directory);
    QJsonObject pair = all.value(keyOf(from, to)).toObject();
    apply(pair);
    all.insert(keyOf(from, to), pair);
    return writePrivateFile(fileIn(directory), QJsonDocument(all).toJson());
}

} // namespace

QString migrationMemoryDirectory()
{
    return stateDirectory(u"migrations"_s);
}

MigrationMemory recallPair(const QString &directory, const QString &from, const QString &to)
{
    const QJsonObject pair = readAll(directory).value(keyOf(from, to)).toObject();
    const auto number = [&pair](QLatin1StringView key) {
        return static_cast<quint64>(std::max(0.0, pair.value(key).toDouble()));
    };
    return {number("bandwidth"_L1), pair.value("uri"_L1).toString(), {number("low"_L1), number("high"_L1)}};
}

Result<> rememberBandwidth(const QString &directory, const QString &from, const QString &to, quint64 bytesPerSecond)
{
    return change(directory, from, to, [bytesPerSecond](QJsonObject &pair) {
        pair.insert(u"bandwidth"_s, static_cast<double>(bytesPerSecond));
        pair.remove(u"low"_s);
        pair.remove(u"high"_s);
    });
}

Result<> rememberMeasured(
    const QString &directory, const QString &from, const QString &to, const migration::ByteRange &bytesPerSecond)
{
    return change(directory, from, to, [&bytesPerSecond](QJsonObject &pair) {
        pair.insert(u"low"_s, static_cast<double>(bytesPerSecond.low));
        pair.insert(u"high"_s, static_cast<double>(bytesPerSecond.high));
    });
}

Result<> rememberUri(const QString &directory, const QString &from, const QString &to, const QString &uri)
{
    return change(directory, from, to, [&uri](QJsonObject &pair) {
        if (uri.isEmpty()) {
            pair.remove(u"uri"_s);
        } else {
            pair.insert(u"uri"_s, uri);
        }
    });
}

} // namespace vireo::operation
