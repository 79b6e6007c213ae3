// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Templates on disk: what is kept and what is not, who may read it, and files that are not what they should be.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QtTest>

#include "backend/operation/create/templates.h"

using namespace vireo::operation;
using namespace Qt::StringLiterals;

namespace {

CreateDraft someDraft()
{
    CreateDraft draft;
    draft.host = u"qemu:///system"_s;
    draft.name = u"web01"_s;
    draft.title = u"The web"_s;
    draft.count = 3;
    draft.source = CreateDraft::SourceKind::Image;
    draft.path = u"/images/debian.qcow2"_s;
    draft.memoryMiB = 3000;
    draft.vcpus = 3;
    draft.rootGiB = 30;
    draft.firmware = CreateDraft::Firmware::Efi;
    draft.tags = {u"web"_s};
    draft.nics = {{CreateDraft::NicKind::Network, u"lan"_s, u"virtio"_s, u"52:54:00:12:34:56"_s}};
    CreateDraft::Disk swap;
    swap.kind = CreateDraft::DiskKind::Swap;
    swap.bytes = quint64(1) << 30;
    swap.serial = u"S1"_s;
    CreateDraft::Disk existing;
    existing.kind = CreateDraft::DiskKind::Volume;
    existing.volume = {u"default"_s, u"data.qcow2"_s};
    draft.disks = {swap, existing};
    draft.seed = QJsonObject{{u"kind"_s, u"nocloud"_s}, {u"hostname"_s, u"web01"_s},
        {u"users"_s, QJsonArray{QJsonObject{{u"name"_s, u"ops"_s}, {u"password_hash"_s, u"$6$salt$0123456789"_s}}}}};
    return draft;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestTemplates : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void savedAndReadBack()
    {
        const QTemporaryDir root;
        const QString directory = root.filePath(u"config/templates"_s);
        QCOMPARE(listTemplates(directory).value().size(), 0); // there is no directory yet
        QVERIFY(saveTemplate(directory, u"Web server"_s, someDraft(), false));
        const auto mode = [](const QString &path) {
            return QFileInfo(path).permissions()
                & (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther
                    | QFile::ExeOther);
        };
        const auto all = listTemplates(directory);
        QVERIFY(all && all->size() == 1);
        const Template &saved = all->constFirst();
        QCOMPARE(saved.name, u"Web server"_s);
        QVERIFY2(saved.problem.isEmpty(), qPrintable(saved.problem));
        QCOMPARE(mode(saved.path), QFile::Permissions());
        QCOMPARE(mode(directory), QFile::Permissions());
        QVERIFY(saved.draft);
        QCOMPARE(saved.draft->memoryMiB, 3000U);
        QCOMPARE(saved.draft->path, u"/images/debian.qcow2"_s);
        QCOMPARE(saved.draft->firmware, CreateDraft::Firmware::Efi);
        QCOMPARE(saved.draft->tags, QStringList{u"web"_s});
        QCOMPARE(saved.draft->nics.constFirst().source, u"lan"_s);
        // What belongs to one VM is not kept.
        QVERIFY(saved.draft->host.isEmpty() && saved.draft->name.isEmpty() && saved.draft->title.isEmpty());
        QCOMPARE(saved.draft->count, 1);
        QVERIFY(saved.draft->nics.constFirst().mac.isEmpty());
        QCOMPARE(saved.draft->disks.size(), 1);
        QVERIFY(saved.draft->disks.constFirst().serial.isEmpty());
        QVERIFY(!saved.draft->seed->contains("hostname"_L1));
        const QByteArray bytes = contentOf(saved.path);
        for (const char *word : {"web01", "qemu:///system", "52:54", "$6$", "password", "data.qcow2"}) {
            QVERIFY2(!bytes.contains(word), word);
        }
    }

    void passwordHashesOnlyOnRequest()
    {
        const QTemporaryDir root;
        QVERIFY(hasPasswords(someDraft()));
        QVERIFY(!hasPasswords(templateOf(someDraft(), false)));
        QVERIFY(!hasPasswords(CreateDraft()));
        QVERIFY(saveTemplate(root.path(), u"a"_s, someDraft(), true));
        QVERIFY(contentOf(root.filePath(u"a.json"_s)).contains("$6$salt$0123456789"));
        QVERIFY(saveTemplate(root.path(), u"a"_s, someDraft(), false)); // replaces it
        QVERIFY(!contentOf(root.filePath(u"a.json"_s)).contains("$6$"));
    }

    void anyNameIsAFileOfTheDirectory_data()
    {
        QTest::addColumn<QString>("name");
        for (const QString &name : {u"../../etc/passwd"_s, u"."_s, u".."_s, u".hidden"_s, u"a/b"_s, u"100 %"_s,
                 u"虚拟机 模板"_s, u"a.json"_s, u"C:\\x"_s, u" "_s + u"x"_s, u"Ä"_s.repeated(20)}) {
            QTest::newRow(qPrintable(name)) << name;
        }
    }

    void anyNameIsAFileOfTheDirectory()
    {
        QFETCH(QString, name);
        const QTemporaryDir root;
        const QString directory = root.filePath(u"deep/templates"_s);
        QVERIFY(saveTemplate(directory, name, someDraft(), false));
        QCOMPARE(QDir(directory).entryList(QDir::Files | QDir::Hidden).size(), 1);
        QCOMPARE(QDir(root.filePath(u"deep"_s)).entryList(QDir::Files | QDir::Hidden).size(), 0);
        const auto all = listTemplates(directory);
        QVERIFY(all && all->size() == 1);
        QCOMPARE(all->constFirst().name, name);
        QVERIFY(renameTemplate(all->constFirst().path, u"other"_s));
        QCOMPARE(listTemplates(directory)->constFirst().name, u"other"_s);
        QVERIFY(removeTemplate(listTemplates(directory)->constFirst().path));
        QCOMPARE(listTemplates(directory)->size(), 0);
    }

    void badNames()
    {
        for (const QString &name : {u""_s, u"  "_s, u"a\nb"_s, u"x"_s.repeated(200), QString(QChar(0xd800))}) {
            QVERIFY2(!templateNameProblem(name).isEmpty(), qPrintable(name));
            const QTemporaryDir root;
            QVERIFY(!saveTemplate(root.path(), name, someDraft(), false));
            QCOMPARE(QDir(root.path()).entryList(QDir::Files).size(), 0);
        }
    }

    void brokenFilesAreShown()
    {
        const QTemporaryDir root;
        QVERIFY(saveTemplate(root.path(), u"good"_s, someDraft(), false));
        const auto put = [&root](const QString &name, const QByteArray &bytes) {
            QFile file(root.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
        };
        QVERIFY(put(u"bad json.json"_s, "{ \"operation\": "));
        QVERIFY(put(u"list.json"_s, "[]"));
        QVERIFY(put(u"unknown.json"_s, R"({"operation":"create","source":{"kind":"none"},"surprise":1})"));
        QVERIFY(put(u"other.json"_s, R"({"operation":"delete","domain":"x"})"));
        QVERIFY(put(u"README.txt"_s, "not one of them"));
        const auto all = listTemplates(root.path());
        QVERIFY(all.has_value());
        QStringList names;
        for (const Template &each : *all) {
            names << each.name;
            QCOMPARE(each.draft.has_value(), each.name == u"good"_s);
            QCOMPARE(each.problem.isEmpty(), each.name == u"good"_s);
            if (each.name == u"unknown"_s) {
                QVERIFY2(each.problem.contains(u"$.surprise"_s), qPrintable(each.problem));
            }
            QVERIFY(QFile::exists(each.path)); // shown, and not dropped
        }
        names.sort();
        QCOMPARE(names, (QStringList{u"bad json"_s, u"good"_s, u"list"_s, u"other"_s, u"unknown"_s}));
    }

    void renameNeverReplaces()
    {
        const QTemporaryDir root;
        QVERIFY(saveTemplate(root.path(), u"a"_s, someDraft(), false));
        CreateDraft small = someDraft();
        small.memoryMiB = 64;
        QVERIFY(saveTemplate(root.path(), u"b"_s, small, false));
        QVERIFY(!renameTemplate(root.filePath(u"a.json"_s), u"b"_s));
        QCOMPARE(listTemplates(root.path())->at(1).draft->memoryMiB, 64U);
        QVERIFY(renameTemplate(root.filePath(u"a.json"_s), u"a"_s));
        const auto gone = renameTemplate(root.filePath(u"c.json"_s), u"d"_s);
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, vireo::Error::Kind::NotFound);
        QVERIFY(removeTemplate(root.filePath(u"c.json"_s)));
    }

    void aDirectoryThatCannotBeMade()
    {
        const QTemporaryDir root;
        QFile file(root.filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto saved = saveTemplate(root.filePath(u"file/templates"_s), u"a"_s, someDraft(), false);
        QVERIFY(!saved);
        QVERIFY(saved.error().message.contains(u"templates"_s));
    }

    void builtInSizes()
    {
        const QList<Template> all = builtInTemplates();
        QCOMPARE(all.size(), 4);
        for (const Template &each : all) {
            QVERIFY(each.sizesOnly && each.draft && each.draft->rootGiB && each.path.isEmpty());
        }
        QCOMPARE(all.at(1).draft->memoryMiB, 2048U);
        QCOMPARE(all.at(2).draft->vcpus, 2);
        QCOMPARE(*all.at(3).draft->rootGiB, 80.0);
    }

    void numberedHostNames()
    {
        CreateDraft draft = someDraft();
        draft.name = u"web##"_s;
        draft.count = 2;
        draft.seed->insert(u"hostname"_s, u"web"_s); // what the name without its places gives
        QList<CreateDraft> all = expandDraft(draft);
        QCOMPARE(all.at(0).seed->value("hostname"_L1).toString(), u"web01"_s);
        QCOMPARE(all.at(1).seed->value("hostname"_L1).toString(), u"web02"_s);
        draft.seed->insert(u"hostname"_s, u"fixed.example"_s); // chosen by the user: it stays
        all = expandDraft(draft);
        QCOMPARE(all.at(1).seed->value("hostname"_L1).toString(), u"fixed.example"_s);
    }
};

QTEST_GUILESS_MAIN(TestTemplates)
#include "tst_templates.moc"
