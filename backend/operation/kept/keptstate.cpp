// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptstate.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include "backend/base/filelock.h"
#include "backend/base/privatefile.h"
#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

/**
 * A directory for each: "state.json" and the "content-….json" that it names, with the definition and the snapshots. The
 * state is written last, and goes first: what is there without one does not count.
 */
namespace vireo::operation {

namespace {

using xml::ElementPath;
using xml::XmlText;

struct KeptStateText {
    Q_DECLARE_TR_FUNCTIONS(operation_KeptState)
};

constexpr QLatin1StringView stateFile("state.json");
constexpr QLatin1StringView lockFile(".lock");
constexpr QLatin1StringView contentPrefix("content-");
constexpr QLatin1StringView contentSuffix(".json");
constexpr qint64 maxLength = 256 * 1024 * 1024;
constexpr qsizetype maxIdLength = 80;

QJsonObject toJson(const snapshot::Layer &layer)
{
    return {{u"path"_s, layer.path}, {u"format"_s, layer.format}};
}

snapshot::Layer layerOf(const QJsonValue &value)
{
    const QJsonObject json = value.toObject();
    return {json.value("path"_L1).toString(), json.value("format"_L1).toString()};
}

QString timeText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

QDateTime timeOf(const QJsonValue &value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
}

QStringList textsOf(const QJsonValue &value)
{
    QStringList texts;
    const QJsonArray array = value.toArray();
    for (const auto &text : array) {
        texts.append(text.toString());
    }
    return texts;
}

QString endingWord(KeptState::Ending ending)
{
    switch (ending) {
    case KeptState::Ending::None:
        break;
    case KeptState::Ending::Confirm:
        return u"confirm"_s;
    case KeptState::Ending::Revert:
        return u"revert"_s;
    }
    return {};
}

/** It becomes a directory's name. */
bool isId(const QString &id)
{
    return !id.isEmpty() && id.size() <= maxIdLength
        && std::ranges::all_of(id, [](QChar c) { return c == u'-' || (c.unicode() < 0x80 && c.isLetterOrNumber()); });
}

Error badId(const QString &id)
{
    return Error::invalid(KeptStateText::tr("“%1” can't name what is kept of a VM.").arg(id));
}

Error notFound()
{
    return {Error::Kind::NotFound, KeptStateText::tr("Nothing is kept of this VM any more."), {}, 0, 0};
}

Result<> removeFile(const QString &path)
{
    if (unlink(QFile::encodeName(path).constData()) == 0 || errno == ENOENT) {
        return {};
    }
    const int number = errno;
    return fail(Error::failed(
        KeptStateText::tr("“%1” can't be removed: %2").arg(path, QString::fromLocal8Bit(std::strerror(number)))));
}

Result<QJsonObject> readJson(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(file.exists() ? Error::failed(KeptStateText::tr("“%1” can't be read.").arg(path)) : notFound());
    }
    const QJsonDocument document = file.size() > maxLength ? QJsonDocument() : QJsonDocument::fromJson(file.readAll());
    return document.isObject() ? Result<QJsonObject>(document.object())
                               : fail(Error::failed(KeptStateText::tr("“%1” can't be read.").arg(path)));
}

QStringList contents(const QString &directory)
{
    return QDir(directory).entryList({contentPrefix + u'*'}, QDir::Files | QDir::Hidden);
}

Result<QJsonObject> readContent(const QString &root, const QString &id)
{
    if (!isId(id)) {
        return fail(badId(id));
    }
    const auto state = readJson(root + u'/' + id + u'/' + stateFile);
    if (!state) {
        return state;
    }
    const QString content = state->value("content"_L1).toString();
    return isId(content) ? readJson(root + u'/' + id + u'/' + contentPrefix + content + contentSuffix)
                         : fail(notFound());
}

} // namespace

QJsonObject KeptState::toJson() const
{
    QJsonArray disksJson;
    for (const Disk &disk : disks) {
        disksJson.append(QJsonObject{{u"target"_s, disk.target}, {u"before"_s, operation::toJson(disk.before)},
            {u"now"_s, operation::toJson(disk.now)}, {u"overlay"_s, disk.isOverlay}});
    }
    return {{u"id"_s, id}, {u"domain"_s, domain.toString(QUuid::WithoutBraces)}, {u"name"_s, name},
        {u"from"_s, fromUri}, {u"to"_s, toUri}, {u"since"_s, timeText(since)}, {u"confirm_at"_s, timeText(confirmAt)},
        {u"running"_s, wasRunning}, {u"autostart"_s, autostart}, {u"keep_source"_s, keepSource}, {u"change"_s, change},
        {u"disks"_s, disksJson}, {u"before"_s, QJsonArray::fromStringList(before)},
        {u"made"_s, QJsonArray::fromStringList(made)}, {u"ending"_s, endingWord(ending)},
        {u"tpm_machine"_s, tpmMachine}, {u"tpm_file"_s, tpmFile}, {u"saved_file"_s, savedFile},
        {u"saved_paused"_s, savedPaused}};
}

KeptState KeptState::fromJson(const QJsonObject &json)
{
    KeptState state;
    state.id = json.value("id"_L1).toString();
    state.domain = QUuid::fromString(json.value("domain"_L1).toString());
    state.name = json.value("name"_L1).toString();
    state.fromUri = json.value("from"_L1).toString();
    state.toUri = json.value("to"_L1).toString();
    state.since = timeOf(json.value("since"_L1));
    state.confirmAt = timeOf(json.value("confirm_at"_L1));
    state.wasRunning = json.value("running"_L1).toBool();
    state.autostart = json.value("autostart"_L1).toBool();
    state.keepSource = json.value("keep_source"_L1).toBool();
    state.change = json.value("change"_L1).toString();
    const QJsonArray disksJson = json.value("disks"_L1).toArray();
    for (const auto &value : disksJson) {
        const QJsonObject disk = value.toObject();
        state.disks.append({disk.value("target"_L1).toString(), layerOf(disk.value("before"_L1)),
            layerOf(disk.value("now"_L1)), disk.value("overlay"_L1).toBool()});
    }
    state.before = textsOf(json.value("before"_L1));
    state.made = textsOf(json.value("made"_L1));
    state.tpmMachine = json.value("tpm_machine"_L1).toString();
    state.tpmFile = json.value("tpm_file"_L1).toString();
    state.savedFile = json.value("saved_file"_L1).toString();
    state.savedPaused = json.value("saved_paused"_L1).toBool();
    const QString word = json.value("ending"_L1).toString();
    state.ending = word == endingWord(Ending::Confirm) ? Ending::Confirm
        : word == endingWord(Ending::Revert)           ? Ending::Revert
                                                       : Ending::None;
    if (!isId(state.id)) {
        state.domain = QUuid();
    }
    return state;
}

KeptStates::KeptStates(QString directory)
    : m_directory(std::move(directory))
{}

QString KeptStates::defaultDirectory()
{
    return stateDirectory(u"kept"_s);
}

QString KeptStates::newId()
{
    return QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmsszzz"_s) + u'-'
        + QUuid::createUuid().toString(QUuid::Id128);
}

Result<> KeptStates::write(const KeptState &state, const QString &secureXml, const QStringList &snapshots)
{
    if (!isId(state.id)) {
        return fail(badId(state.id));
    }
    const QString directory = m_directory + u'/' + state.id;
    if (Result<> made = makePrivatePath(directory); !made) {
        return made;
    }
    const QString content = newId();
    const QString contentName = contentPrefix + content + contentSuffix;
    const QJsonObject contentJson{
        {u"definition"_s, secureXml}, {u"snapshots"_s, QJsonArray::fromStringList(snapshots)}};
    if (Result<> written =
            writePrivateFile(directory + u'/' + contentName, QJsonDocument(contentJson).toJson(QJsonDocument::Compact));
        !written) {
        return written;
    }
    QJsonObject json = state.toJson();
    json.insert(u"content"_s, content);
    if (Result<> written = writePrivateFile(directory + u'/' + stateFile, QJsonDocument(json).toJson()); !written) {
        return written;
    }
    const QStringList others = contents(directory); // of what was replaced, or of writers that were killed
    for (const QString &other : others) {
        if (other != contentName) {
            static_cast<void>(removeFile(directory + u'/' + other));
        }
    }
    return {};
}

Result<bool> KeptStates::add(const KeptState &state, const QString &secureXml, const QStringList &snapshots)
{
    if (Result<> made = makePrivatePath(m_directory); !made) {
        return fail(made.error());
    }
    const auto lock = FileLock::take(m_directory + u'/' + lockFile); // its holders only write: it is free again at once
    if (!lock) {
        return fail(lock.error());
    }
    const auto others = list();
    if (!others) {
        return fail(others.error());
    }
    if (std::ranges::find(*others, state.domain, &KeptState::domain) != others->cend()) {
        return false;
    }
    const Result<> written = write(state, secureXml, snapshots);
    return written ? Result<bool>(true) : fail(written.error());
}

Result<> KeptStates::update(const KeptState &state)
{
    if (!isId(state.id)) {
        return fail(badId(state.id));
    }
    const QString path = m_directory + u'/' + state.id + u'/' + stateFile;
    const auto before = readJson(path);
    if (!before) {
        return fail(before.error());
    }
    QJsonObject json = state.toJson();
    json.insert(u"content"_s, before->value("content"_L1));
    return writePrivateFile(path, QJsonDocument(json).toJson());
}

Result<QList<KeptState>> KeptStates::list() const
{
    QList<KeptState> states;
    const QStringList ids = QDir(m_directory).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &id : ids) {
        auto state = read(id);
        if (state) {
            states.append(*std::move(state));
        } else if (state.error().kind != Error::Kind::NotFound && state.error().kind != Error::Kind::Invalid) {
            return fail(state.error()); // nobody may believe that there is none
        }
    }
    return states;
}

Result<KeptState> KeptStates::read(const QString &id) const
{
    if (!isId(id)) {
        return fail(badId(id));
    }
    const QString path = m_directory + u'/' + id + u'/' + stateFile;
    const auto json = readJson(path);
    if (!json) {
        return fail(json.error());
    }
    KeptState state = KeptState::fromJson(*json);
    return state.domain.isNull() || state.id != id
        ? fail(Error::failed(KeptStateText::tr("“%1” can't be read.").arg(path)))
        : Result<KeptState>(std::move(state));
}

Result<KeptState> KeptStates::find(const QUuid &domain) const
{
    const auto states = list();
    if (!states) {
        return fail(states.error());
    }
    const auto found = std::ranges::find(*states, domain, &KeptState::domain);
    return found == states->cend() ? fail(notFound()) : Result<KeptState>(*found);
}

Result<QString> KeptStates::definition(const QString &id) const
{
    const auto content = readContent(m_directory, id);
    return content ? Result<QString>(content->value("definition"_L1).toString()) : fail(content.error());
}

Result<QStringList> KeptStates::snapshots(const QString &id) const
{
    const auto content = readContent(m_directory, id);
    return content ? Result<QStringList>(textsOf(content->value("snapshots"_L1))) : fail(content.error());
}

Result<> KeptStates::remove(const QString &id)
{
    if (!isId(id)) {
        return fail(badId(id));
    }
    const QString directory = m_directory + u'/' + id;
    if (Result<> removed = removeFile(directory + u'/' + stateFile); !removed) {
        return removed;
    }
    const QStringList rest = QDir(directory).entryList(QDir::Files | QDir::Hidden);
    for (const QString &file : rest) {
        if (Result<> removed = removeFile(directory + u'/' + file); !removed) {
            return removed;
        }
    }
    QDir().rmdir(directory);
    return {};
}

namespace {

/** Elements that hold nothing any more, from `path` upwards. */
void dropEmpty(XmlText &text, ElementPath path)
{
    for (; !path.isRoot(); path = path.parent()) {
        const int element = text.find(path);
        if (element < 0 || !text.tree().slice(text.tree().node(element).content).trimmed().isEmpty()) {
            return;
        }
        text.remove(path);
    }
}

} // namespace

Result<QString> withKeptMark(const QString &domainXml, const QString &id)
{
    auto text = XmlText::parse(domainXml);
    if (!text) {
        return fail(text.error());
    }
    const QString space = QString::fromLatin1(xml::MetadataNamespace);
    const ElementPath metadata(u"metadata"_s);
    const auto mark = text->findNamespaced(metadata, u"resize"_s, space);
    if (id.isEmpty()) {
        if (mark) {
            text->remove(*mark);
            dropEmpty(*text, mark->parent());
        }
        return text->toString();
    }
    if (mark) {
        text->setAttribute(*mark, u"id"_s, id);
        return text->toString();
    }
    ElementPath own = metadata.child(u"vireo:domain"_s);
    if (const auto found = text->findNamespaced(metadata, u"domain"_s, space)) {
        own = *found;
    } else {
        text->setAttribute(own, u"xmlns:vireo"_s, space);
    }
    const QString name = own.parts().constLast().name;
    const QString prefix = name.left(name.indexOf(u':') + 1);
    text->setAttribute(own.child(prefix + u"resize"_s), u"id"_s, id);
    return text->toString();
}

} // namespace vireo::operation
