// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/history.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include "backend/base/privatefile.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct HistoryText {
    Q_DECLARE_TR_FUNCTIONS(operation_History)
};

constexpr QLatin1StringView suffix(".json");
constexpr qint64 maxLength = 64 * 1024 * 1024;
constexpr qsizetype maxIdLength = 80;
constexpr qint64 asideDays = 30; ///< interrupted jobs may be finished long after

Error systemError(const QString &what)
{
    return Error::failed(HistoryText::tr("%1: %2").arg(what, QString::fromLocal8Bit(std::strerror(errno))));
}

/** It becomes a file's name. */
bool isId(const QString &id)
{
    return !id.isEmpty() && id.size() <= maxIdLength
        && std::ranges::all_of(id, [](QChar c) { return c == u'-' || (c.unicode() < 0x80 && c.isLetterOrNumber()); });
}

Error badId(const QString &id)
{
    return Error::invalid(HistoryText::tr("“%1” can't name an entry of the history.").arg(id));
}

Result<HistoryEntry> readEntry(const QString &directory, const QString &id)
{
    QFile file(directory + u'/' + id + suffix);
    if (!file.open(QIODevice::ReadOnly) || file.size() > maxLength) {
        return fail({file.exists() ? Error::Kind::Failed : Error::Kind::NotFound,
            HistoryText::tr("The history has no such definition any more."), {}, 0, 0});
    }
    const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
    HistoryEntry entry;
    entry.id = id;
    entry.time = QDateTime::fromString(json.value("time"_L1).toString(), Qt::ISODateWithMs);
    entry.cause = json.value("cause"_L1).toString();
    entry.domainName = json.value("name"_L1).toString();
    entry.xml = json.value("xml"_L1).toString();
    if (!entry.time.isValid() || entry.xml.isEmpty()) {
        return fail(Error::failed(HistoryText::tr("“%1” can't be read.").arg(file.fileName())));
    }
    return entry;
}

} // namespace

DefinitionHistory::DefinitionHistory(QString directory)
    : m_directory(std::move(directory))
{}

QString DefinitionHistory::defaultDirectory()
{
    return stateDirectory(u"history"_s);
}

QString DefinitionHistory::newId()
{
    return QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmsszzz"_s) + u'-'
        + QUuid::createUuid().toString(QUuid::Id128);
}

QString DefinitionHistory::pathOf(const QString &hostUri, const QUuid &domain) const
{
    return m_directory + u'/' + hostDirectoryName(hostUri) + u'/' + domain.toString(QUuid::WithoutBraces);
}

Result<> DefinitionHistory::add(const QString &hostUri, const QUuid &domain, const HistoryEntry &entry)
{
    if (!isId(entry.id)) {
        return fail(badId(entry.id));
    }
    const QString directory = pathOf(hostUri, domain);
    if (Result<> made = makePrivatePath(directory); !made) {
        return made;
    }
    if (QFileInfo::exists(directory + u'/' + entry.id + suffix)) {
        return {};
    }
    const QJsonObject json{{u"time"_s, entry.time.toUTC().toString(Qt::ISODateWithMs)}, {u"cause"_s, entry.cause},
        {u"name"_s, entry.domainName}, {u"xml"_s, entry.xml}};
    // Two processes never write the same one at once: ids are made up and belong to one job.
    const QString path = directory + u'/' + entry.id + suffix;
    if (Result<> written = writePrivateFile(path, QJsonDocument(json).toJson()); !written) {
        return written;
    }
    clearUnbornFiles(directory);
    const auto kept = list(hostUri, domain);
    for (qsizetype i = maxEntries; kept && i < kept->size(); ++i) {
        QFile::remove(directory + u'/' + kept->at(i).id + suffix);
    }
    return {};
}

Result<QList<HistoryEntry>> DefinitionHistory::list(const QString &hostUri, const QUuid &domain) const
{
    const QDir directory(pathOf(hostUri, domain));
    QList<HistoryEntry> entries;
    const QStringList files = directory.entryList({u'*' + QString(suffix)}, QDir::Files | QDir::Hidden);
    for (const QString &file : files) {
        const QString id = file.chopped(suffix.size());
        if (auto entry = isId(id) ? readEntry(directory.path(), id) : fail(badId(id))) {
            entry->xml.clear();
            entries.append(*std::move(entry));
        }
    }
    std::ranges::sort(entries, [](const HistoryEntry &left, const HistoryEntry &right) {
        return left.time == right.time ? left.id > right.id : left.time > right.time;
    });
    return entries;
}

Result<HistoryEntry> DefinitionHistory::read(const QString &hostUri, const QUuid &domain, const QString &id) const
{
    if (!isId(id)) {
        return fail(badId(id));
    }
    auto entry = readEntry(pathOf(hostUri, domain), id);
    return entry ? entry : readEntry(aside().pathOf(hostUri, domain), id);
}

DefinitionHistory DefinitionHistory::aside() const
{
    return DefinitionHistory(m_directory + u"/aside"_s);
}

Result<QString> DefinitionHistory::setAside(const QString &hostUri, const QUuid &domain, const QString &xml)
{
    DefinitionHistory store = aside();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const auto old = store.list(hostUri, domain);
    for (const HistoryEntry &entry : old.value_or(QList<HistoryEntry>())) {
        if (entry.time.daysTo(now) > asideDays) {
            QFile::remove(store.pathOf(hostUri, domain) + u'/' + entry.id + suffix);
        }
    }
    const QString id = newId();
    const Result<> added = store.add(hostUri, domain, {id, now, {}, {}, xml});
    return added ? Result<QString>(id) : fail(added.error());
}

Result<> DefinitionHistory::remove(const QString &hostUri, const QUuid &domain, const QString &id)
{
    if (!isId(id)) {
        return fail(badId(id));
    }
    const QString path = pathOf(hostUri, domain) + u'/' + id + suffix;
    if (unlink(QFile::encodeName(path).constData()) != 0 && errno != ENOENT) {
        return fail(systemError(HistoryText::tr("“%1” can't be removed").arg(path)));
    }
    return {};
}

} // namespace vireo::operation
