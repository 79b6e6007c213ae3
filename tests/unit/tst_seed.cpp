// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <crypt.h>
#include <ctime>

#include <QDirIterator>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/seed/passwordhash.h"
#include "backend/seed/seedimage.h"
#include "backend/seed/yaml.h"
#include "tests/unit/seedfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::seed;

namespace {

struct Outcome {
    int code = -1;
    QByteArray output;
    QByteArray errors;
};

Outcome run(const QString &program, const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(60000)) {
        return {-1, {}, process.errorString().toUtf8()};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
        process.readAllStandardError()};
}

/** What PyYAML, which cloud-init reads with, sees in each document; Undefined where that fails. */
QList<QJsonValue> readYaml(const QList<QByteArray> &documents)
{
    QJsonArray input;
    for (const QByteArray &document : documents) {
        input.append(QString::fromUtf8(document));
    }
    const Outcome outcome = run(u"python3"_s,
        {u"-c"_s, u"import sys, json, yaml; print(json.dumps([yaml.safe_load(d) for d in json.load(sys.stdin)]))"_s},
        QJsonDocument(input).toJson());
    if (outcome.code != 0) {
        qWarning("%s", outcome.errors.constData());
    }
    const QJsonArray output = QJsonDocument::fromJson(outcome.output).array();
    QList<QJsonValue> values;
    for (qsizetype i = 0; i < documents.size(); ++i) {
        values << output.at(i);
    }
    return values;
}

QJsonValue readYaml(const QByteArray &document)
{
    return readYaml(QList<QByteArray>{document}).first();
}

/** What Python's MIME reader, which cloud-init reads with, sees: type and content of each part. */
QJsonArray readMime(const QByteArray &message)
{
    const Outcome outcome = run(u"python3"_s,
        {u"-c"_s,
            u"import sys, json, email\n"
            "m = email.message_from_bytes(sys.stdin.buffer.read())\n"
            "print(json.dumps([[p.get_content_type(), p.get_payload(decode=True).decode('latin1')]"
            " for p in m.walk() if p.get_content_maintype() != 'multipart']))"_s},
        message);
    if (outcome.code != 0) {
        qWarning("%s", outcome.errors.constData());
    }
    return QJsonDocument::fromJson(outcome.output).array();
}

/** Writes an image to a file and lets xorriso copy out everything, by one of its two directory trees. */
QMap<QString, QByteArray> extract(const QString &iso, const QString &to, bool joliet)
{
    const Outcome outcome = run(u"xorriso"_s,
        {u"-no_rc"_s, u"-osirrox"_s, u"on"_s, u"-read_fs"_s, joliet ? u"norock"_s : u"nojoliet"_s, u"-indev"_s, iso,
            u"-extract"_s, u"/"_s, to});
    QMap<QString, QByteArray> files;
    if (outcome.code != 0) {
        qWarning("%s", outcome.errors.constData());
        return files;
    }
    QDirIterator it(to, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (file.open(QIODevice::ReadOnly)) {
            files.insert(QDir(to).relativeFilePath(file.fileName()), file.readAll());
        }
    }
    return files;
}

bool save(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

} // namespace

class TestSeed final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;

    QString path(const QString &name) const { return m_directory.filePath(name); }

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_directory.isValid()); }

    // YAML

    /** Every text is read back as itself: as value, in a list, and as a key. */
    void yamlTexts()
    {
        const QStringList words{u""_s, u"yes"_s, u"No"_s, u"on"_s, u"y"_s, u"~"_s, u"null"_s, u"1e3"_s, u"0x1f"_s,
            u"017"_s, u"12:30:45"_s, u"1_000"_s, u".inf"_s, u".nan"_s, u"2026-01-01"_s, u"<<"_s, u"="_s, u"a: b"_s,
            u"a #b"_s, u"#"_s, u"- a"_s, u"? a"_s, u"&a"_s, u"*a"_s, u"!a"_s, u"|"_s, u">"_s, u"%YAML"_s, u"@a"_s,
            u"`a`"_s, u"{a"_s, u"[a"_s, u"\"a\""_s, u"'a'"_s, u"it's"_s, u"\\"_s, u"\\n"_s, u"a\nb"_s, u"a\r\nb\n\n"_s,
            u"\n"_s, u"a\tb"_s, u"\t"_s, u" a"_s, u"a "_s, u"   "_s, u"---"_s, u"...\n---\n"_s, u"Zoë 日本語"_s,
            u"🐧 e\u0301"_s, u"\u0085\u2028\u2029\ufeff"_s, u"\u0001\u0007\u001b\u007f\u0080"_s, u"\ufffe\uffff"_s,
            u"\"\\\"\\\\\""_s, QString(100000, u'x'), u"word "_s.repeated(5000), u"{{ jinja }} ${shell} $(x)"_s};
        QList<QByteArray> documents;
        QList<QJsonValue> trees;
        for (const QString &text : words) {
            trees << QJsonObject{{u"value"_s, text}, {u"list"_s, QJsonArray{text, QJsonArray{text}}},
                {u"map"_s, QJsonObject{{text, QJsonObject{{text, text}}}}}};
            const auto written = yaml::write(trees.last());
            QVERIFY2(written, qPrintable(text));
            QVERIFY(std::ranges::all_of(*written, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
            documents << *written;
        }
        const QList<QJsonValue> read = readYaml(documents);
        for (qsizetype i = 0; i < words.size(); ++i) {
            QVERIFY2(read.at(i) == trees.at(i), documents.at(i).left(500).constData());
        }
    }

    void yamlTypes()
    {
        const QJsonObject tree{{u"true"_s, true}, {u"no"_s, false}, {u"n"_s, 0},
            {u"big"_s, QJsonValue(qint64(9007199254740991))}, {u"minus"_s, -7}, {u"empty"_s, QJsonArray()},
            {u"none"_s, QJsonObject()},
            {u"deep"_s, QJsonArray{QJsonArray{QJsonObject{{u"a-b_c"_s, QJsonArray{}}}, u"x"_s}, QJsonObject{}}}};
        const auto written = yaml::write(tree);
        QVERIFY(written);
        QCOMPARE(readYaml(*written), QJsonValue(tree));
        QVERIFY2(written->contains("\n- - a-b_c: []\n"), written->constData()); // plain words stay readable
        QCOMPARE(yaml::write(QJsonObject()).value_or("failed"), QByteArray("{}\n"));
    }

    void yamlRefuses()
    {
        for (const QJsonValue &value : {QJsonValue(), QJsonValue(1.5), QJsonValue(1e300), QJsonValue(u"a\0b"_s),
                 QJsonValue(QString(QChar(0xdc00))), QJsonValue(QJsonArray{QJsonValue()}),
                 QJsonValue(QJsonObject{{u"a\0"_s, 1}})}) {
            QVERIFY(!yaml::write(value));
        }
    }

    void yamlKeys()
    {
        QCOMPARE(yaml::mappingKeys("a: 1\n\"b c\": {d: 2}\n").value_or(QStringList()), (QStringList{u"a"_s, u"b c"_s}));
        QCOMPARE(yaml::mappingKeys("").value_or(QStringList{u"failed"_s}), QStringList());
        for (const QByteArray &bad : {QByteArray("a: [1"), QByteArray("a: b: c"), QByteArray("- a"), QByteArray("text"),
                 QByteArray("a: \"\n"), QByteArray("a: *none"), QByteArray("a: 1\n---\nb: 2"), QByteArray("a: \x01"),
                 QByteArray("a: \xff"), QByteArray("{a: 1}}")}) {
            const auto keys = yaml::mappingKeys(bad);
            QVERIFY2(!keys, bad.left(20).constData());
            QVERIFY2(keys.error().message.startsWith("Line "_L1), qPrintable(keys.error().message));
        }
    }

    /** What an attacker or an accident may write takes no longer than the rest. */
    void yamlKeysOfHostileText()
    {
        QByteArray anchors("a:\n");
        for (int i = 0; i < 100000; ++i) {
            anchors += "- &a" + QByteArray::number(i) + " x\n";
        }
        QByteArray indented;
        for (int i = 0; i < 1000; ++i) {
            indented += QByteArray(i, ' ') + "a:\n";
        }
        for (const QByteArray &bad : {QByteArray("[").repeated(1000000), QByteArray("{a: ").repeated(250000),
                 QByteArray("- ").repeated(500000), QByteArray("? ").repeated(500000), indented, anchors}) {
            QElapsedTimer timer;
            timer.start();
            const auto keys = yaml::mappingKeys(bad);
            QVERIFY2(!keys, bad.left(20).constData());
            QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
        }
        QByteArray many;
        for (int i = 0; i < 50000; ++i) {
            many += "key" + QByteArray::number(i) + ": {a: [b, 'c']}\n";
        }
        QCOMPARE(yaml::mappingKeys(many).value_or(QStringList()).size(), 50000);
    }

    // Passwords

    void passwords_data()
    {
        QTest::addColumn<QByteArray>("plain");
        QTest::newRow("one") << QByteArray("x");
        QTest::newRow("usual") << QByteArray("correct horse $battery' \"staple\\");
        QTest::newRow("UTF-8") << QByteArray("pässwörd🐧");
        QTest::newRow("longest") << QByteArray(511, 'p');
    }

    void passwords()
    {
        QFETCH(const QByteArray, plain);
        QByteArray buffer(plain.constData(), plain.size());
        const char *memory = buffer.constData();
        const auto hash = hashPassword(buffer);
        QVERIFY(hash);
        QVERIFY(buffer.constData() == memory);
        QCOMPARE(buffer, QByteArray(plain.size(), '\0'));
        QVERIFY2(hash->startsWith("$6$rounds=100000$"_L1), qPrintable(*hash));
        QVERIFY(isPasswordHash(*hash));
        crypt_data data = {};
        QCOMPARE(QString::fromLatin1(crypt_r(plain.constData(), hash->toLatin1().constData(), &data)), *hash);
        if (plain.size() < 200) { // what openssl takes
            const QString salt = u"rounds=100000$"_s + hash->section(u'$', 3, 3);
            const Outcome foreign =
                run(u"openssl"_s, {u"passwd"_s, u"-6"_s, u"-salt"_s, salt, u"-stdin"_s}, plain + '\n');
            QCOMPARE(QString::fromLatin1(foreign.output.trimmed()), *hash);
        }
        QByteArray again(plain.constData(), plain.size());
        QVERIFY(hashPassword(again).value_or(*hash) != *hash); // another salt
    }

    void passwordsRefused()
    {
        for (const QByteArray &plain :
            {QByteArray(), QByteArray("a\0b", 3), QByteArray("a\nb"), QByteArray("\x7f"), QByteArray(512, 'x')}) {
            QByteArray buffer(plain.constData(), plain.size());
            const auto hash = hashPassword(buffer);
            QVERIFY(!hash);
            QCOMPARE(hash.error().kind, Error::Kind::Invalid);
            QCOMPARE(buffer, QByteArray(plain.size(), '\0'));
        }
    }

    // What the guest reads

    void noCloud()
    {
        const auto seed = seedFiles(test::fullDraft(), u"iid-1"_s);
        QVERIFY2(seed, seed ? "" : qPrintable(seed.error().message));
        QCOMPARE(seed->volumeId, u"cidata"_s);
        QCOMPARE(seed->files.keys(), (QStringList{u"meta-data"_s, u"network-config"_s, u"user-data"_s}));
        QCOMPARE(readYaml(seed->files.value(u"meta-data"_s)),
            QJsonValue(QJsonObject{{u"instance-id"_s, u"iid-1"_s}, {u"local-hostname"_s, u"web01.example.org"_s},
                {u"public-keys"_s,
                    QJsonArray{test::ed25519Key('c', u"it's: me # \"quoted\""_s), test::ed25519Key('d', {})}},
                {u"meta"_s, QJsonObject{{u"role"_s, u"web: \"a\"\nb"_s}, {u"no"_s, u"on"_s}}}}));
        const auto json = [](QByteArray text) {
            return QJsonValue(QJsonDocument::fromJson(text.replace('\'', '"')).object());
        };
        QCOMPARE(readYaml(seed->files.value(u"network-config"_s)),
            json("{'version': 2, 'ethernets': {"
                 "'card0': {'match': {'macaddress': '52:54:00:00:00:01'}, 'set-name': 'lan0', 'dhcp4': false, 'dhcp6': "
                 "true,"
                 " 'addresses': ['192.168.1.5/24', 'fd00::5/64', '192.168.1.6/24'],"
                 " 'gateway4': '192.168.1.1', 'gateway6': 'fd00::1',"
                 " 'nameservers': {'addresses': ['9.9.9.9', 'fd00::53'], 'search': ['example.org']}},"
                 "'card1': {'match': {'macaddress': '52:54:00:00:00:02'}, 'dhcp4': true, 'dhcp6': false}}}"));

        const QJsonArray parts = readMime(seed->files.value(u"user-data"_s));
        QCOMPARE(parts.size(), 2);
        QCOMPARE(parts.at(0).toArray().at(0).toString(), u"text/cloud-config"_s);
        QCOMPARE(
            parts.at(1).toArray(), (QJsonArray{u"text/cloud-config"_s, QString::fromUtf8(test::fullDraft().userData)}));
        const QByteArray generated = parts.at(0).toArray().at(1).toString().toLatin1();
        QVERIFY(generated.startsWith("#cloud-config\n"));
        QCOMPARE(readYaml(generated),
            QJsonValue(QJsonObject{{u"package_update"_s, true}, {u"packages"_s, QJsonArray{u"vim"_s, u"1e3"_s}},
                {u"timezone"_s, u"Europe/Berlin"_s}, {u"locale"_s, u"de_DE.UTF-8"_s},
                {u"users"_s,
                    QJsonArray{u"default"_s,
                        QJsonObject{{u"name"_s, u"anna"_s}, {u"gecos"_s, u"Anna \"the\" Ünïcode 🐧, #1"_s},
                            {u"passwd"_s, u"$6$rounds=5000$saltsalt$abcdefghijklmnopqrstuvwxyz./0123456789"_s},
                            {u"lock_passwd"_s, false}, {u"ssh_authorized_keys"_s, QJsonArray{test::ed25519Key('a')}},
                            {u"groups"_s, QJsonArray{u"wheel"_s, u"users"_s}}, {u"sudo"_s, u"ALL=(ALL) NOPASSWD:ALL"_s},
                            {u"shell"_s, u"/bin/bash"_s}},
                        QJsonObject{{u"name"_s, u"yes"_s}, {u"lock_passwd"_s, true},
                            {u"ssh_authorized_keys"_s, QJsonArray{test::ed25519Key('b')}}}}}}));
    }

    void configDrive()
    {
        SeedDraft draft = test::fullDraft();
        draft.kind = SeedDraft::Kind::ConfigDrive;
        const QString id = u"5a0e6a0c-7c39-4e2e-9d2f-0123456789ab"_s;
        const auto seed = seedFiles(draft, id);
        QVERIFY2(seed, seed ? "" : qPrintable(seed.error().message));
        QCOMPARE(seed->volumeId, u"config-2"_s);
        QCOMPARE(seed->files.keys(),
            (QStringList{u"openstack/latest/meta_data.json"_s, u"openstack/latest/network_data.json"_s,
                u"openstack/latest/user_data"_s}));
        const auto object = [&](const QString &name) {
            return QJsonDocument::fromJson(seed->files.value(u"openstack/latest/"_s + name)).object();
        };
        QCOMPARE(object(u"meta_data.json"_s),
            (QJsonObject{{u"uuid"_s, id}, {u"hostname"_s, u"web01.example.org"_s}, {u"name"_s, u"web01"_s},
                {u"launch_index"_s, 0}, {u"meta"_s, QJsonObject{{u"role"_s, u"web: \"a\"\nb"_s}, {u"no"_s, u"on"_s}}},
                {u"public_keys"_s,
                    QJsonObject{{u"key-000"_s, test::ed25519Key('c', u"it's: me # \"quoted\""_s)},
                        {u"key-001"_s, test::ed25519Key('d', {})}}}}));
        const auto json = [](QByteArray text) {
            return QJsonDocument::fromJson(text.replace('\'', '"')).object();
        };
        QCOMPARE(object(u"network_data.json"_s),
            json(
                "{'links': [{'id': 'nic0', 'type': 'phy', 'ethernet_mac_address': '52:54:00:00:00:01', 'name': 'lan0'},"
                " {'id': 'nic1', 'type': 'phy', 'ethernet_mac_address': '52:54:00:00:00:02'}],"
                "'networks': [{'id': 'network0', 'type': 'ipv6_dhcp', 'link': 'nic0', 'dns_search': ['example.org']},"
                " {'id': 'network1', 'type': 'ipv4', 'link': 'nic0', 'dns_search': ['example.org'], 'ip_address': "
                "'192.168.1.5',"
                " 'netmask': '255.255.255.0', 'routes': [{'network': '0.0.0.0', 'netmask': '0.0.0.0', 'gateway': "
                "'192.168.1.1'}]},"
                " {'id': 'network2', 'type': 'ipv6', 'link': 'nic0', 'dns_search': ['example.org'], 'ip_address': "
                "'fd00::5',"
                " 'netmask': 'ffff:ffff:ffff:ffff::', 'routes': [{'network': '::', 'netmask': '::', 'gateway': "
                "'fd00::1'}]},"
                " {'id': 'network3', 'type': 'ipv4', 'link': 'nic0', 'dns_search': ['example.org'], 'ip_address': "
                "'192.168.1.6',"
                " 'netmask': '255.255.255.0'},"
                " {'id': 'network4', 'type': 'ipv4_dhcp', 'link': 'nic1'}],"
                "'services': [{'type': 'dns', 'address': '9.9.9.9'}, {'type': 'dns', 'address': 'fd00::53'}]}"));
        QCOMPARE(seed->files.value(u"openstack/latest/user_data"_s),
            seedFiles(test::fullDraft(), id)->files.value(u"user-data"_s));
    }

    void smallestSeeds()
    {
        SeedDraft draft;
        auto seed = seedFiles(draft, u"a"_s);
        QVERIFY(seed);
        QCOMPARE(seed->files,
            (QMap<QString, QByteArray>{
                {u"meta-data"_s, "instance-id: \"a\"\n"}, {u"user-data"_s, "#cloud-config\n{}\n"}}));
        draft.userData = "#!/bin/sh\necho hi";
        seed = seedFiles(draft, u"a"_s);
        QVERIFY(seed);
        QCOMPARE(seed->files.value(u"user-data"_s), draft.userData); // untouched where nothing is generated
        draft.users = {{u"root"_s, {}, u"$6$s$aaaaaaaaaaaaaaaaaaaaaaaa"_s, {}, {}, {}, {}, {}}};
        draft.userData.clear();
        seed = seedFiles(draft, u"a"_s);
        QVERIFY(seed);
        QCOMPARE(readYaml(seed->files.value(u"user-data"_s)),
            QJsonValue(QJsonObject{{u"users"_s,
                QJsonArray{QJsonObject{{u"name"_s, u"root"_s}, {u"lock_passwd"_s, false},
                    {u"hashed_passwd"_s, u"$6$s$aaaaaaaaaaaaaaaaaaaaaaaa"_s}}}}}));
    }

    void userDataKinds_data()
    {
        QTest::addColumn<QByteArray>("userData");
        QTest::addColumn<QJsonArray>("parts");
        const auto row = [](const char *name, const QByteArray &userData, const QString &type) {
            QTest::newRow(name) << userData << QJsonArray{QJsonArray{type, QString::fromLatin1(userData)}};
        };
        row("config", "#cloud-config\na: b\r\n", u"text/cloud-config"_s);
        row("script", "\n#!/bin/sh\nprintf '\xc3\xa4'", u"text/x-shellscript"_s);
        row("include", "#include\nhttps://example.org\n", u"text/x-include-url"_s);
        row("archive", "#cloud-config-archive\n[]\n", u"text/cloud-config-archive"_s);
        row("gzip", QByteArray("\x1f\x8b\x08\0\0\0\xff", 7), u"application/gzip"_s);
        row("jinja", "## template: jinja\n#cloud-config\n", u"text/jinja2"_s);
        row("unknown", "hello", u"text/plain"_s);
        QTest::newRow("MIME") << QByteArray(
            "Content-Type: multipart/mixed; boundary=\"x\"\nMIME-Version: 1.0\n\n--x\n"
            "Content-Type: text/x-shellscript\n\n#!/bin/sh\n--x\nContent-Type: text/jinja2\n\n##\n--x--")
                              << QJsonArray{QJsonArray{u"text/x-shellscript"_s, u"#!/bin/sh"_s},
                                     QJsonArray{u"text/jinja2"_s, u"##"_s}};
        QTest::newRow("one part") << QByteArray("MIME-Version: 1.0\nContent-Type: text/x-shellscript\n\n#!/bin/sh")
                                  << QJsonArray{QJsonArray{u"text/x-shellscript"_s, u"#!/bin/sh"_s}};
    }

    /** Whatever the user's part is, it arrives unchanged behind the generated one. */
    void userDataKinds()
    {
        QFETCH(const QByteArray, userData);
        QFETCH(const QJsonArray, parts);
        SeedDraft draft;
        draft.timezone = u"UTC"_s;
        draft.userData = userData;
        const auto seed = seedFiles(draft, u"a"_s);
        QVERIFY2(seed, seed ? "" : qPrintable(seed.error().message));
        QJsonArray read = readMime(seed->files.value(u"user-data"_s));
        QCOMPARE(read.at(0).toArray(), (QJsonArray{u"text/cloud-config"_s, u"#cloud-config\ntimezone: \"UTC\"\n"_s}));
        read.removeFirst();
        QCOMPARE(read, parts);
    }

    void seedsRefused()
    {
        for (const QString &id : {QString(), u"a b"_s, u"a\n"_s, u"-a"_s, u"ä"_s, QString(200, u'a')}) {
            QVERIFY(!seedFiles({}, id));
        }
        SeedDraft draft;
        draft.hostname = u"a b"_s;
        const auto bad = seedFiles(draft, u"a"_s);
        QVERIFY(!bad);
        QCOMPARE(bad.error().kind, Error::Kind::Invalid);
        draft = {};
        draft.network = {{{}, {}, true, {}, {}, {}, {}, {}, {}}};
        QVERIFY(!seedFiles(draft, u"a"_s));
        QVERIFY(seedFiles(withMacs(draft, {u"52:54:00:00:00:01"_s}), u"a"_s));
        draft.network[0].name = u"eth0"_s;
        const auto named = seedFiles(draft, u"a"_s);
        QVERIFY(named);
        QCOMPARE(readYaml(named->files.value(u"network-config"_s)).toObject().value("ethernets"_L1).toObject().keys(),
            QStringList{u"eth0"_s});
        draft.kind = SeedDraft::Kind::ConfigDrive;
        QVERIFY(!seedFiles(draft, u"a"_s)); // OpenStack's format knows cards by MAC address only
    }

    // ISO

    void iso_data()
    {
        QTest::addColumn<SeedDraft::Kind>("kind");
        QTest::addColumn<QByteArray>("label");
        QTest::newRow("NoCloud") << SeedDraft::Kind::NoCloud << QByteArray("cidata");
        QTest::newRow("config drive") << SeedDraft::Kind::ConfigDrive << QByteArray("config-2");
    }

    void iso()
    {
        QFETCH(const SeedDraft::Kind, kind);
        QFETCH(const QByteArray, label);
        SeedDraft draft = test::fullDraft();
        draft.kind = kind;
        draft.userData = "#!/bin/sh\n" + QByteArray(700 * 1024, 'x');
        const auto seed = seedFiles(draft, u"iid-1"_s);
        QVERIFY(seed);
        const auto image = makeIso(*seed);
        QVERIFY2(image, image ? "" : qPrintable(image.error().message));
        QCOMPARE(image->size() % 2048, 0);
        QCOMPARE(image->mid(32768 + 40, 32).trimmed(), label);
        const QString file = path(QString::fromLatin1(label) + u".iso"_s);
        QVERIFY(save(file, *image));
        const Outcome probe = run(u"blkid"_s, {u"-p"_s, u"-o"_s, u"export"_s, file});
        QVERIFY2(probe.output.contains("\nLABEL=" + label + '\n'), probe.output.constData());
        QVERIFY(probe.output.contains("\nTYPE=iso9660\n"));
        QCOMPARE(extract(file, path(QString::fromLatin1(label) + u"-rock"_s), false), seed->files);
        QCOMPARE(extract(file, path(QString::fromLatin1(label) + u"-joliet"_s), true), seed->files);

        const Outcome list =
            run(u"xorriso"_s, {u"-no_rc"_s, u"-indev"_s, file, u"-find"_s, u"/"_s, u"-exec"_s, u"lsdl"_s});
        QVERIFY2(list.code == 0 && list.output.contains("-r--------"), list.output.constData());
        QVERIFY2(!list.output.contains("-r--r"), list.output.constData());
        for (const QByteArray &line : list.output.trimmed().split('\n')) {
            QVERIFY2(line.contains("Jan  1  2000"), line.constData());
        }
    }

    /** The same bytes at another time, in another zone and another process: a step that is run again changes nothing.
     */
    void isoIsReproducible()
    {
        SeedDraft draft = test::fullDraft();
        draft.kind = SeedDraft::Kind::ConfigDrive;
        const auto make = [&draft](qint64 time) {
            return makeIso(seedFiles(draft, u"iid-1"_s).value_or(SeedFiles()), time).value_or(QByteArray());
        };
        const QByteArray first = make(1700000000);
        const std::time_t then = std::time(nullptr);
        QVERIFY(QTest::qWaitFor([then] { return std::time(nullptr) > then; }));
        const QByteArray zone = qgetenv("TZ");
        qputenv("TZ", "Asia/Kolkata");
        tzset();
        const QByteArray second = make(1700000000);
        zone.isNull() ? qunsetenv("TZ") : qputenv("TZ", zone);
        tzset();
        QVERIFY(!first.isEmpty());
        QVERIFY(first == second);
        QVERIFY(first != make(1700000001));
    }

    void isoOfManyAndEmptyFiles()
    {
        SeedFiles seed{u"cidata"_s, {{u"empty"_s, {}}}};
        for (int i = 0; i < 60; ++i) { // directories of more than one sector, at several depths
            seed.files.insert(u"a/b/c/file-%1"_s.arg(i), QByteArray::number(i));
        }
        const auto image = makeIso(seed);
        QVERIFY(image);
        const QString file = path(u"many.iso"_s);
        QVERIFY(save(file, *image));
        QCOMPARE(extract(file, path(u"many"_s), false), seed.files);
    }

    /** From the typed password to the image: it is in neither, and nothing lies about on the disk. */
    void plainPasswordsStayOut()
    {
        const QString canary = u"cAnAry-3f9a"_s;
        const QJsonObject json{{u"users"_s, QJsonArray{QJsonObject{{u"name"_s, u"anna"_s}, {u"password"_s, canary}}}}};
        const auto draft = seedDraftFromJson(json, u"$"_s);
        QVERIFY(draft);
        const auto seed = seedFiles(*draft, u"iid-1"_s);
        QVERIFY(seed);
        const auto image = makeIso(*seed);
        QVERIFY(image);
        QVERIFY(image->contains(draft->users.first().passwordHash.toLatin1()));
        QVERIFY(!image->contains(canary.toLatin1()));
        QVERIFY(!image->contains(canary.toLatin1().toBase64().left(12)));
        crypt_data data = {};
        const QByteArray hash = draft->users.first().passwordHash.toLatin1();
        QCOMPARE(QByteArray(crypt_r(canary.toLatin1().constData(), hash.constData(), &data)), hash);
    }
};

QTEST_GUILESS_MAIN(TestSeed)
#include "tst_seed.moc"
