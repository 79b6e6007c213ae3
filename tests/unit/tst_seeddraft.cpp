// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include "backend/seed/passwordhash.h"
#include "backend/seed/seeddraft.h"
#include "tests/unit/seedfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo::seed;

namespace {

QJsonObject parsed(QByteArray text)
{
    return QJsonDocument::fromJson(text.replace('\'', '"')).object();
}

QStringList pathsOf(const QList<Problem> &problems)
{
    QStringList paths;
    for (const Problem &problem : problems) {
        paths << problem.path;
    }
    return paths;
}

QJsonObject withUser(const QByteArray &members)
{
    return parsed("{'users': [{'name': 'anna'}, {" + members + "}]}");
}

QJsonObject withCard(const QByteArray &members)
{
    return parsed("{'network': [{" + members + "}]}");
}

} // namespace

class TestSeedDraft final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void defaults()
    {
        const auto draft = seedDraftFromJson({}, u"$.seed"_s);
        QVERIFY(draft);
        QVERIFY(*draft == SeedDraft());
        QCOMPARE(draft->toJson(), parsed("{'kind': 'nocloud'}"));
    }

    void roundTrip()
    {
        SeedDraft draft = test::fullDraft();
        for (const QByteArray &userData :
            {QByteArray("#cloud-config\nruncmd: [ls]\n"), QByteArray("\x1f\x8b\x08\0\xff binary", 13),
                QByteArray("#!\xff"), QByteArray("\xef\xbb\xbf#!/bin/sh")}) {
            draft.userData = userData;
            const QJsonObject json = draft.toJson();
            const auto again = seedDraftFromJson(json, u"$"_s);
            QVERIFY2(again, again ? "" : qPrintable(pathsOf(again.error()).join(u' ')));
            QVERIFY(*again == draft);
            QCOMPARE(again->toJson(), json);
            // Also by way of a file.
            const auto read = QJsonDocument::fromJson(QJsonDocument(json).toJson()).object();
            QVERIFY(seedDraftFromJson(read, u"$"_s) == draft);
        }
        QVERIFY(draft.toJson().contains("user_data"_L1) == false);
        QVERIFY(draft.toJson().contains("user_data_base64"_L1));
    }

    /** The keys of the drafts table, read into the members they name. */
    void keys()
    {
        const auto draft = seedDraftFromJson(
            parsed("{'kind': 'configdrive', 'hostname': 'web01.example.org', 'package_update': true,"
                   " 'users': [{'name': 'anna', 'gecos': 'Anna', 'groups': ['wheel'], 'sudo': true, 'shell': '/bin/sh',"
                   " 'lock_password': true}], 'packages': ['vim'], 'user_data': '#!/bin/sh', 'metadata': {'a': 'b'},"
                   " 'network': [{'name': 'eth0', 'mac': '52:54:00:AB:00:01', 'dhcp6': true,"
                   " 'addresses': ['10.0.0.2/8'], 'gateway4': '10.0.0.1', 'dns': ['::2'], 'search': ['example.org']}],"
                   " 'timezone': 'Europe/Berlin', 'locale': 'de_DE.UTF-8'}"),
            u"$.seed"_s);
        QVERIFY2(draft, draft ? "" : qPrintable(pathsOf(draft.error()).join(u' ')));
        SeedDraft expected;
        expected.kind = SeedDraft::Kind::ConfigDrive;
        expected.hostname = u"web01.example.org"_s;
        expected.users = {{u"anna"_s, u"Anna"_s, {}, {}, {u"wheel"_s}, true, u"/bin/sh"_s, true}};
        expected.packages = QStringList{u"vim"_s};
        expected.packageUpdate = true;
        expected.network = {{u"eth0"_s, u"52:54:00:ab:00:01"_s, false, true, {u"10.0.0.2/8"_s}, u"10.0.0.1"_s, {},
            {u"::2"_s}, {u"example.org"_s}}};
        expected.userData = "#!/bin/sh";
        expected.metadata = {{u"a"_s, u"b"_s}};
        expected.timezone = u"Europe/Berlin"_s;
        expected.locale = u"de_DE.UTF-8"_s;
        QVERIFY(*draft == expected);
    }

    void problems_data()
    {
        QTest::addColumn<QJsonObject>("json");
        QTest::addColumn<QStringList>("paths");
        const auto row = [](const char *name, const QJsonObject &json, const QStringList &paths) {
            QTest::newRow(name) << json << paths;
        };
        row("unknown", parsed("{'x': 1, 'hostname': 2}"), {u"$.seed.hostname"_s, u"$.seed.x"_s});
        row("kind", parsed("{'kind': 'iso'}"), {u"$.seed.kind"_s});
        row("kind type", parsed("{'kind': null}"), {u"$.seed.kind"_s, u"$.seed.kind"_s});
        for (const char *name : {"-a", "a-", "a..b", "a_b", "a b", "a\\n", ".a", "a.", "\xc3\xa4", "a;b"}) {
            row(name, parsed("{'hostname': '" + QByteArray(name) + "'}"), {u"$.seed.hostname"_s});
        }
        row("host label", parsed("{'hostname': '" + QByteArray(64, 'a') + "'}"), {u"$.seed.hostname"_s});
        row("host length", parsed("{'hostname': '" + QByteArray("abcdefg.").repeated(40) + "a'}"),
            {u"$.seed.hostname"_s});

        row("users no list", parsed("{'users': {}}"), {u"$.seed.users"_s});
        row("user no object", parsed("{'users': ['anna']}"), {u"$.seed.users[0]"_s});
        row("user without name", withUser(""), {u"$.seed.users[1].name"_s});
        row("user unknown key", withUser("'name': 'b', 'uid': 7"), {u"$.seed.users[1].uid"_s});
        for (const char *name : {"", "Anna", "1a", "-a", "a:b", "a b", "root\\nx", "\xc3\xa9va", "default"}) {
            row((QByteArray("user ") + name).constData(), withUser("'name': '" + QByteArray(name) + "'"),
                {u"$.seed.users[1].name"_s});
        }
        row("user twice", withUser("'name': 'anna'"), {u"$.seed.users[1].name"_s});
        row("gecos colon", withUser("'name': 'b', 'gecos': 'a:b'"), {u"$.seed.users[1].gecos"_s});
        row("gecos line", withUser("'name': 'b', 'gecos': 'a\\nb'"), {u"$.seed.users[1].gecos"_s});
        row("gecos half",
            QJsonObject{
                {u"users"_s, QJsonArray{QJsonObject{{u"name"_s, u"b"_s}, {u"gecos"_s, QString(QChar(0xd800))}}}}},
            {u"$.seed.users[0].gecos"_s});
        for (const char *hash : {"secret", "*", "!", "x", "$6$", "$6$salt$", "$6$salt$a:b",
                 "$9$aaaaaaaaaaaaaaaaaaaaaaaaaa", "aaXlN2LoNkAyw"}) {
            row((QByteArray("hash ") + hash).constData(),
                withUser("'name': 'b', 'password_hash': '" + QByteArray(hash) + "'"),
                {u"$.seed.users[1].password_hash"_s});
        }
        row("password empty", withUser("'name': 'b', 'password': ''"), {u"$.seed.users[1].password"_s});
        row("password control", withUser("'name': 'b', 'password': 'a\\u0000b'"), {u"$.seed.users[1].password"_s});
        row("password long", withUser("'name': 'b', 'password': '" + QByteArray(512, 'x') + "'"),
            {u"$.seed.users[1].password"_s});
        row("password twice",
            withUser("'name': 'b', 'password': 'x', 'password_hash': '$6$s$aaaaaaaaaaaaaaaaaaaaaaaa'"),
            {u"$.seed.users[1].password"_s});
        row("user keys", withUser("'name': 'b', 'ssh_keys': ['ssh-rsa AAAA']"), {u"$.seed.users[1].ssh_keys[0]"_s});
        row("groups", withUser("'name': 'b', 'groups': ['wheel', 'a,b']"), {u"$.seed.users[1].groups[1]"_s});
        row("groups type", withUser("'name': 'b', 'groups': 'wheel'"), {u"$.seed.users[1].groups"_s});
        row("sudo", withUser("'name': 'b', 'sudo': 'ALL'"), {u"$.seed.users[1].sudo"_s});
        row("shell", withUser("'name': 'b', 'shell': 'bash'"), {u"$.seed.users[1].shell"_s});
        row("shell space", withUser("'name': 'b', 'shell': '/bin/sh -x'"), {u"$.seed.users[1].shell"_s});

        row("keys", parsed("{'ssh_keys': [7, 'x']}"), {u"$.seed.ssh_keys[0]"_s});
        row("keys bad", parsed("{'ssh_keys': ['x']}"), {u"$.seed.ssh_keys[0]"_s});
        for (const char *name : {"", "-o", "a b", "a;b", "a\\nb", "$(x)", "@-a"}) {
            row((QByteArray("package ") + name).constData(),
                parsed("{'packages': ['vim', '" + QByteArray(name) + "']}"), {u"$.seed.packages[1]"_s});
        }
        row("package type", parsed("{'packages': [true]}"), {u"$.seed.packages[0]"_s});
        row("update", parsed("{'package_update': 1}"), {u"$.seed.package_update"_s});

        row("network no list", parsed("{'network': 'dhcp'}"), {u"$.seed.network"_s});
        row("card empty", withCard(""), {u"$.seed.network[0]"_s});
        row("card unknown", withCard("'dhcp': true, 'dhcp4': true"), {u"$.seed.network[0].dhcp"_s});
        for (const char *name : {"lo", "-a", "a b", "a/b", "abcdefghijklmnop"}) {
            row((QByteArray("card ") + name).constData(), withCard("'dhcp4': true, 'name': '" + QByteArray(name) + "'"),
                {u"$.seed.network[0].name"_s});
        }
        for (const char *mac : {"52:54:00:00:00", "52-54-00-00-00-01", "53:54:00:00:00:01", "52:54:00:00:00:0g"}) {
            row((QByteArray("card ") + mac).constData(), withCard("'dhcp4': true, 'mac': '" + QByteArray(mac) + "'"),
                {u"$.seed.network[0].mac"_s});
        }
        row("macs",
            parsed("{'network': [{'dhcp4': true, 'mac': '52:54:00:00:00:01'}, {'dhcp4': true, 'mac': "
                   "'52:54:00:00:00:01'}]}"),
            {u"$.seed.network[1].mac"_s});
        row("names", parsed("{'network': [{'dhcp4': true, 'name': 'a'}, {'dhcp4': true, 'name': 'a'}]}"),
            {u"$.seed.network[1].name"_s});
        for (const char *address :
            {"", "10.0.0.1", "10.0.0.1/33", "10.0.0.1/0", "10.0.0.1/-1", "10.0.0/24", "010.0.0.1/8", "10.0.0.256/8",
                "fd00::1/129", "fd00:::1/64", "fe80::1%eth0/64", "host/24", "10.0.0.1/24 ", "0.0.0.0/8", "127.0.0.1/8",
                "224.0.0.1/4", "255.255.255.255/32", "ff02::1/64", "::/64", "::1/128"}) {
            row((QByteArray("address ") + address).constData(),
                withCard("'addresses': ['" + QByteArray(address) + "']"), {u"$.seed.network[0].addresses[0]"_s});
        }
        row("address twice", parsed("{'network': [{'addresses': ['fd00::1/64']}, {'addresses': ['fd00:0::1/48']}]}"),
            {u"$.seed.network[1].addresses[0]"_s});
        row("gateway4 v6", withCard("'addresses': ['10.0.0.2/8'], 'gateway4': 'fd00::1'"),
            {u"$.seed.network[0].gateway4"_s});
        row("gateway4 prefix", withCard("'addresses': ['10.0.0.2/8'], 'gateway4': '10.0.0.1/8'"),
            {u"$.seed.network[0].gateway4"_s});
        row("gateway6 v4", withCard("'addresses': ['fd00::2/64'], 'gateway6': '10.0.0.1'"),
            {u"$.seed.network[0].gateway6"_s});
        row("gateway with DHCP", withCard("'dhcp4': true, 'gateway4': '10.0.0.1'"), {u"$.seed.network[0].gateway4"_s});
        row("dns", withCard("'dhcp4': true, 'dns': ['1.1.1.1', 'dns.example.org']"), {u"$.seed.network[0].dns[1]"_s});
        row("search", withCard("'dhcp4': true, 'search': ['a b']"), {u"$.seed.network[0].search[0]"_s});

        row("YAML", parsed("{'user_data': '#cloud-config\\na: [1\\nb: 2\\n'}"), {u"$.seed.user_data"_s});
        row("YAML tab", parsed("{'user_data': '#cloud-config\\na:\\n\\tb: 2\\n'}"), {u"$.seed.user_data"_s});
        row("YAML list", parsed("{'user_data': '#cloud-config\\n- a\\n'}"), {u"$.seed.user_data"_s});
        row("YAML alias", parsed("{'user_data': '#cloud-config\\na: *b\\n'}"), {u"$.seed.user_data"_s});
        row("YAML two", parsed("{'user_data': '#cloud-config\\na: b\\n---\\nc: d\\n'}"), {u"$.seed.user_data"_s});
        row("user data large", QJsonObject{{u"user_data"_s, QString(1024 * 1024 + 1, u'#')}}, {u"$.seed.user_data"_s});
        row("user data both", parsed("{'user_data': 'a', 'user_data_base64': 'YQ=='}"), {u"$.seed.user_data"_s});
        row("user data base64", parsed("{'user_data_base64': '!'}"), {u"$.seed.user_data_base64"_s});
        row("metadata", parsed("{'metadata': {'a': 1}}"), {u"$.seed.metadata.a"_s});
        row("metadata list", parsed("{'metadata': []}"), {u"$.seed.metadata"_s});
        row("metadata key", parsed("{'metadata': {'': 'x'}}"), {u"$.seed.metadata"_s});
        row("metadata NUL", parsed("{'metadata': {'a': 'x\\u0000'}}"), {u"$.seed.metadata.a"_s});
        row("metadata large", QJsonObject{{u"metadata"_s, QJsonObject{{u"a"_s, QString(65536, u'x')}}}},
            {u"$.seed.metadata"_s});
        for (const char *zone : {"../etc/passwd", "/etc", "a b", "a\\nb"}) {
            row((QByteArray("zone ") + zone).constData(), parsed("{'timezone': '" + QByteArray(zone) + "'}"),
                {u"$.seed.timezone"_s});
        }
        row("locale", parsed("{'locale': 'de_DE; rm'}"), {u"$.seed.locale"_s});
        row("many", QJsonObject{{u"packages"_s, QJsonArray::fromStringList(QStringList(257, u"a"_s))}},
            {u"$.seed.packages"_s});
    }

    void problems()
    {
        QFETCH(const QJsonObject, json);
        QFETCH(const QStringList, paths);
        const auto draft = seedDraftFromJson(json, u"$.seed"_s);
        QVERIFY(!draft);
        QCOMPARE(pathsOf(draft.error()), paths);
        for (const Problem &problem : draft.error()) {
            QVERIFY2(problem.message.endsWith(u'.'), qPrintable(problem.message));
        }
    }

    void accepts_data()
    {
        QTest::addColumn<QJsonObject>("json");
        QTest::newRow("hosts") << parsed("{'hostname': '" + QByteArray(63, 'a') + ".0.B-c'}");
        QTest::newRow("packages") << parsed(
            "{'packages': ['g++', 'libc6:i386', 'vim=2:8.2', '@core', 'x/bookworm', 'a^']}");
        QTest::newRow("point to point") << withCard("'addresses': ['203.0.113.5/32'], 'gateway4': '10.0.0.1'");
        QTest::newRow("no gateway") << withCard("'dhcp6': true, 'addresses': ['fd00::2/128']");
        QTest::newRow("yescrypt") << withUser(
            "'name': 'b', 'password_hash': '$y$j9T$Abc./$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
        QTest::newRow("empty config") << parsed("{'user_data': '#cloud-config\\n'}");
        QTest::newRow("jinja is no YAML") << parsed("{'user_data': '## template: jinja\\n#cloud-config\\na: {{ b }}'}");
        QTest::newRow("anchors") << parsed("{'user_data': '#cloud-config\\na: &x [1]\\nb: *x\\n'}");
        for (const char *locale : {"C", "C.UTF-8", "de_DE", "sr_RS.UTF-8@latin", "POSIX", "es_419"}) {
            QTest::newRow(locale) << parsed("{'locale': '" + QByteArray(locale) + "'}");
        }
        QTest::newRow("UTC") << parsed("{'timezone': 'UTC'}");
        QTest::newRow("zone") << parsed("{'timezone': 'America/Argentina/Buenos_Aires'}");
    }

    void accepts()
    {
        QFETCH(const QJsonObject, json);
        const auto draft = seedDraftFromJson(json, u"$"_s);
        QVERIFY2(draft, draft ? "" : qPrintable(draft.error().first().path + draft.error().first().message));
    }

    void yamlErrorsNameTheLine()
    {
        const auto draft =
            seedDraftFromJson(parsed("{'user_data': '#cloud-config\\nok: 1\\na: [1\\nb: 2\\n'}"), u"$"_s);
        QVERIFY(!draft);
        QVERIFY2(
            draft.error().first().message.contains(u"Line 4, column"_s), qPrintable(draft.error().first().message));
    }

    /** A password given in a draft is in nothing that comes of it. */
    void plainPasswordsStayOut()
    {
        const QString canary = u"cAnAry pässword"_s;
        QJsonObject user{{u"name"_s, u"anna"_s}, {u"password"_s, canary}};
        const auto draft = seedDraftFromJson({{u"users"_s, QJsonArray{user}}}, u"$"_s);
        QVERIFY(draft);
        QVERIFY(isPasswordHash(draft->users.first().passwordHash));
        QVERIFY(!QJsonDocument(draft->toJson()).toJson().contains("cAnAry"));
        // Nor do errors quote it, wherever it was put by mistake.
        user.insert(u"password_hash"_s, canary);
        for (const QJsonObject &json : {user, QJsonObject{{u"name"_s, u"anna"_s}, {u"password_hash"_s, canary}},
                 QJsonObject{{u"name"_s, u"anna"_s}, {u"password"_s, canary + u'\n'}}}) {
            const auto failed = seedDraftFromJson({{u"users"_s, QJsonArray{json}}}, u"$"_s);
            QVERIFY(!failed);
            QVERIFY(!failed.error().first().message.contains("cAnAry"_L1));
        }
    }

    void notes()
    {
        const auto notes = [](const QJsonObject &json) {
            const auto draft = seedDraftFromJson(json, u"$"_s);
            return draft ? pathsOf(notesOf(*draft, u"$"_s)) : QStringList{u"invalid"_s};
        };
        const QByteArray key = "'ssh_keys': ['" + test::ed25519Key().toLatin1() + "']";
        QCOMPARE(notes({}), QStringList{u"$.users"_s});
        QCOMPARE(notes(parsed("{" + key + "}")), QStringList());
        QCOMPARE(notes(parsed("{" + key + ", 'user_data': 'echo hello'}")), QStringList{u"$.user_data"_s});
        QCOMPARE(notes(parsed("{'user_data': '  #!/bin/sh'}")), QStringList());
        QCOMPARE(notes(parsed("{'users': [{'name': 'a', " + key + "}, {'name': 'b'}]}")), QStringList{u"$.users[1]"_s});
        QCOMPARE(notes(parsed("{'users': [{'name': 'a', 'lock_password': true,"
                              " 'password_hash': '$6$s$aaaaaaaaaaaaaaaaaaaaaaaa'}]}")),
            QStringList{u"$.users"_s});
        QCOMPARE(notes(parsed("{" + key
                     + ", 'network': [{'addresses': ['10.0.0.2/24', 'fd00::2/64'], 'gateway4': '10.0.1.1', 'gateway6':"
                       " 'fe80::1'}, {'addresses': ['10.1.0.2/24'], 'gateway4': '10.1.0.1'}]}")),
            (QStringList{u"$.network[0].gateway4"_s, u"$.network"_s}));
        const QByteArray both =
            "{'packages': ['vim'], 'locale': 'C', " + key + ", 'user_data': '#cloud-config\\npackages: []\\n";
        QCOMPARE(notes(parsed(both + "'}")), QStringList{u"$.user_data"_s});
        QCOMPARE(notes(parsed(both + "merge_how: list(append)\\n'}")), QStringList());
    }

    void macsByPosition()
    {
        SeedDraft draft;
        draft.network = {{}, {u"eth1"_s, u"52:54:00:00:00:09"_s, true, {}, {}, {}, {}, {}, {}}, {}, {}};
        draft = withMacs(draft, {u"52:54:00:AA:00:01"_s, u"52:54:00:AA:00:02"_s, u"52:54:00:AA:00:03"_s});
        QCOMPARE(draft.network.at(0).mac, u"52:54:00:aa:00:01"_s);
        QCOMPARE(draft.network.at(1).mac, u"52:54:00:00:00:09"_s);
        QCOMPARE(draft.network.at(2).mac, u"52:54:00:aa:00:03"_s);
        QCOMPARE(draft.network.at(3).mac, QString());
    }

    void hostNames_data()
    {
        QTest::addColumn<QString>("vm");
        QTest::addColumn<QString>("host");
        QTest::newRow("same") << u"web01"_s << u"web01"_s;
        QTest::newRow("words") << u"My  Web_Server (2)"_s << u"my-web-server-2"_s;
        QTest::newRow("accents") << u"Żółw ÄÖ"_s << u"zo-w-ao"_s;
        QTest::newRow("nothing") << u"日本語 –"_s << u"vm"_s;
        QTest::newRow("empty") << QString() << u"vm"_s;
        QTest::newRow("long") << QString(u"-"_s + QString(62, u'a') + u"-b"_s) << QString(62, u'a');
    }

    void hostNames()
    {
        QFETCH(const QString, vm);
        QFETCH(const QString, host);
        QCOMPARE(hostnameFrom(vm), host);
        SeedDraft draft;
        draft.hostname = hostnameFrom(vm);
        QVERIFY(problemsOf(draft, {}).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSeedDraft)
#include "tst_seeddraft.moc"
