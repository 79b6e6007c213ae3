// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/templates.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct TemplatesText {
    Q_DECLARE_TR_FUNCTIONS(operation_Template)
};

constexpr qint64 maxBytes = 4 * 1024 * 1024;
constexpr qsizetype maxName = 60;
constexpr auto suffix = ".json"_L1;

/** Any name as a file name that every file system takes, and back; a leading dot would hide it. */
QString fileOf(const QString &directory, const QString &name)
{
    QByteArray encoded = QUrl::toPercentEncoding(name, " ");
    if (encoded.startsWith('.')) {
        encoded.replace(0, 1, "%2E");
    }
    return directory + u'/' + QString::fromLatin1(encoded) + suffix;
}

QString nameOf(const QString &file)
{
    return QUrl::fromPercentEncoding(file.chopped(suffix.size()).toUtf8());
}

QJsonObject withoutPasswords(QJsonObject seed)
{
    const QJsonArray users = seed.value("users"_L1).toArray();
    QJsonArray kept;
    for (const auto &value : users) {
        QJsonObject user = value.toObject();
        user.remove("password_hash"_L1);
        user.remove("password"_L1);
        kept.append(user);
    }
    if (!kept.isEmpty()) {
        seed.insert("users"_L1, kept);
    }
    return seed;
}

/** "$.source.kind: A value is needed." */
QString problemOf(const QList<DraftError> &errors)
{
    QStringList lines;
    for (const DraftError &error : errors) {
        lines << TemplatesText::tr("%1: %2").arg(error.path, error.message);
    }
    return lines.join(u' ');
}

Template readTemplate(const QString &directory, const QString &fileName)
{
    Template found;
    found.name = nameOf(fileName);
    found.path = directory + u'/' + fileName;
    QFile file(found.path);
    if (!file.open(QIODevice::ReadOnly)) {
        found.problem = TemplatesText::tr("It can't be read: %1.").arg(file.errorString());
        return found;
    }
    if (file.size() > maxBytes) {
        found.problem = TemplatesText::tr("The file is too large to be a template.");
        return found;
    }
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    if (!document.isObject()) {
        found.problem = error.error == QJsonParseError::NoError
            ? TemplatesText::tr("The file holds no JSON object.")
            : TemplatesText::tr("The file is no JSON: %1, at byte %2.").arg(error.errorString()).arg(error.offset);
        return found;
    }
    // A draft needs both; a template has neither.
    QJsonObject json = document.object();
    const auto stand = [&json](QLatin1StringView key) {
        if (!json.contains(key)) {
            json.insert(key, u"template"_s);
        }
    };
    stand("host"_L1);
    stand("name"_L1);
    const auto draft = createDraftFromJson(json);
    if (draft) {
        found.draft = templateOf(*draft, true);
    } else {
        found.problem = problemOf(draft.error());
    }
    return found;
}

} // namespace

QList<Template> builtInTemplates()
{
    const auto flavour = [](const QString &name, quint64 memoryMiB, int vcpus, double rootGiB) {
        CreateDraft draft;
        draft.memoryMiB = memoryMiB;
        draft.vcpus = vcpus;
        draft.rootGiB = rootGiB;
        return Template{name, {}, draft, {}, true};
    };
    return {flavour(TemplatesText::tr("Tiny"), 512, 1, 1), flavour(TemplatesText::tr("Small"), 2048, 1, 20),
        flavour(TemplatesText::tr("Medium"), 4096, 2, 40), flavour(TemplatesText::tr("Large"), 8192, 4, 80)};
}

QString templateNameProblem(const QString &name)
{
    if (name.trimmed().isEmpty()) {
        return TemplatesText::tr("Give the template a name.");
    }
    if (name.size() > maxName) {
        return TemplatesText::tr("A template's name has %1 characters at most.").arg(maxName);
    }
    const auto isControl = [](QChar c) {
        return c.category() == QChar::Other_Control;
    };
    if (!name.isValidUtf16() || std::any_of(name.cbegin(), name.cend(), isControl)) {
        return TemplatesText::tr("The name has characters that can't be shown.");
    }
    return {};
}

CreateDraft templateOf(CreateDraft draft, bool withPasswords)
{
    draft.host.clear();
    draft.name.clear();
    draft.title.clear();
    draft.description.clear();
    draft.count = 1;
    draft.customXml.reset();
    for (CreateDraft::Nic &nic : draft.nics) {
        nic.mac.clear();
    }
    draft.disks.removeIf([](const CreateDraft::Disk &disk) { return disk.kind == CreateDraft::DiskKind::Volume; });
    for (CreateDraft::Disk &disk : draft.disks) {
        disk.serial.clear();
    }
    if (draft.seed) {
        draft.seed->remove("hostname"_L1);
        if (!withPasswords) {
            draft.seed = withoutPasswords(*draft.seed);
        }
    }
    return draft;
}

bool hasPasswords(const CreateDraft &draft)
{
    return draft.seed && withoutPasswords(*draft.seed) != *draft.seed;
}

Result<QList<Template>> listTemplates(const QString &directory)
{
    QList<Template> found;
    const QDir dir(directory);
    if (!dir.exists()) {
        return found;
    }
    if (!dir.isReadable()) {
        return fail(Error::failed(TemplatesText::tr("The templates in %1 can't be read.").arg(directory)));
    }
    const QStringList files = dir.entryList({u'*' + suffix}, QDir::Files | QDir::Hidden, QDir::Name);
    for (const QString &file : files) {
        found.append(readTemplate(directory, file));
    }
    std::sort(found.begin(), found.end(), [](const Template &left, const Template &right) {
        return QString::localeAwareCompare(left.name, right.name) < 0;
    });
    return found;
}

Result<> saveTemplate(const QString &directory, const QString &name, const CreateDraft &draft, bool withPasswords)
{
    if (const QString problem = templateNameProblem(name); !problem.isEmpty()) {
        return fail(Error::invalid(problem));
    }
    const bool isNew = !QDir(directory).exists();
    if (!QDir().mkpath(directory)) {
        return fail(Error::failed(TemplatesText::tr("The directory %1 can't be made.").arg(directory)));
    }
    if (isNew) {
        QFile::setPermissions(directory, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    QJsonObject json = templateOf(draft, withPasswords).toJson();
    json.remove("host"_L1);
    json.remove("name"_L1);
    QSaveFile file(fileOf(directory, name));
    const QByteArray bytes = QJsonDocument(json).toJson();
    // The mode is set before there is anything to read.
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)
        || file.write(bytes) != bytes.size() || !file.commit()) {
        return fail(
            Error::failed(TemplatesText::tr("The template “%1” can't be saved: %2.").arg(name, file.errorString())));
    }
    return {};
}

Result<> renameTemplate(const QString &path, const QString &newName)
{
    if (const QString problem = templateNameProblem(newName); !problem.isEmpty()) {
        return fail(Error::invalid(problem));
    }
    const QFileInfo info(path);
    const QString name = nameOf(info.fileName());
    QFile file(path);
    if (!file.exists()) {
        return fail(
            Error{Error::Kind::NotFound, TemplatesText::tr("There is no template “%1” any more.").arg(name), {}, 0, 0});
    }
    const QString target = fileOf(info.path(), newName);
    if (target == path) {
        return {};
    }
    // QFile::rename() never replaces another file.
    if (!file.rename(target)) {
        return fail(
            Error::failed(TemplatesText::tr("“%1” can't be called “%2”: %3.").arg(name, newName, file.errorString())));
    }
    return {};
}

Result<> removeTemplate(const QString &path)
{
    QFile file(path);
    if (file.exists() && !file.remove()) {
        return fail(Error::failed(TemplatesText::tr("The template “%1” can't be deleted: %2.")
                .arg(nameOf(QFileInfo(path).fileName()), file.errorString())));
    }
    return {};
}

} // namespace vireo::operation
