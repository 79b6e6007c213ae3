// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include "backend/operation/create/createdraft.h"

using namespace Qt::StringLiterals;
using namespace vireo::operation;

namespace {

QJsonObject minimal()
{
    return {{u"operation"_s, u"create"_s}, {u"host"_s, u"qemu:///system"_s}, {u"name"_s, u"web01"_s},
        {u"source"_s, QJsonObject{{u"kind"_s, u"image"_s}, {u"path"_s, u"/srv/debian.qcow2"_s}}}};
}

QJsonObject with(const QString &key, const QJsonValue &value)
{
    QJsonObject json = minimal();
    json.insert(key, value);
    return json;
}

QJsonObject without(const QString &key)
{
    QJsonObject json = minimal();
    json.remove(key);
    return json;
}

/** JSON with ' for ", which is easier to read in C++ (and moc stumbles over raw strings). */
QJsonObject parsed(QByteArray text)
{
    return QJsonDocument::fromJson(text.replace('\'', '"')).object();
}

QJsonArray parsedArray(QByteArray text)
{
    return QJsonDocument::fromJson(text.replace('\'', '"')).array();
}

QJsonObject withSource(const QByteArray &text)
{
    return with(u"source"_s, parsed(text));
}

QJsonObject withNic(const QByteArray &text)
{
    return with(u"nics"_s, QJsonArray{parsed(text)});
}

} // namespace

class TestCreateDraft final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void defaults()
    {
        const auto draft = createDraftFromJson(minimal());
        QVERIFY(draft);
        CreateDraft expected;
        expected.host = u"qemu:///system"_s;
        expected.name = u"web01"_s;
        expected.path = u"/srv/debian.qcow2"_s;
        QCOMPARE(*draft == expected, true);
        QCOMPARE(draft->pool, u"default"_s);
        QVERIFY(draft->start);
        QVERIFY(!draft->autostart);
        QVERIFY(!draft->rootGiB);
    }

    void everyKeyIsRead()
    {
        const auto draft = createDraftFromJson(parsed(
            "{ "
            "'operation': 'create', 'host': 'qemu+ssh://root@h/system', 'name': '数据库', 'source': {'kind': 'iso', "
            "'volume': {'pool': 'isos', 'name': 'debian.iso'}}, 'memory_mib': 2048, 'vcpus': 4, 'root_gib': 12.5, "
            "'pool': 'fast', "
            "'copy': 'full', 'nics': [{'network': 'default'}, {'bridge': 'br0', 'model': 'e1000e', 'mac': "
            "'52:54:00:AA:bb:01'}, "
            "{'user': true}], 'graphics': 'none', 'start': false, 'autostart': true, 'title': 'T', 'description': 'D', "
            "'tags': ['a', 'b'], "
            "'disks': [], 'firmware': 'auto', 'tpm': false, 'cpu': 'auto', 'os': 'detected'}"));
        QVERIFY(draft);
        CreateDraft expected;
        expected.host = u"qemu+ssh://root@h/system"_s;
        expected.name = u"数据库"_s;
        expected.source = CreateDraft::SourceKind::Iso;
        expected.volume = CreateDraft::Volume{u"isos"_s, u"debian.iso"_s};
        expected.memoryMiB = 2048;
        expected.vcpus = 4;
        expected.rootGiB = 12.5;
        expected.pool = u"fast"_s;
        expected.fullCopy = true;
        expected.nics = {{CreateDraft::NicKind::Network, u"default"_s, {}, {}},
            {CreateDraft::NicKind::Bridge, u"br0"_s, u"e1000e"_s, u"52:54:00:aa:bb:01"_s},
            {CreateDraft::NicKind::User, {}, {}, {}}};
        expected.graphics = CreateDraft::Graphics::None;
        expected.tpm = false;
        expected.start = false;
        expected.autostart = true;
        expected.title = u"T"_s;
        expected.description = u"D"_s;
        expected.tags = {u"a"_s, u"b"_s};
        QCOMPARE(draft->toJson(), expected.toJson());
        QVERIFY(*draft == expected);
    }

    void roundTrip_data()
    {
        QTest::addColumn<QJsonObject>("json");
        QTest::newRow("minimal") << minimal();
        QTest::newRow("none") << withSource("{'kind': 'none'}");
        QTest::newRow("disk") << withSource("{'kind': 'disk', 'volume': {'pool': 'p', 'name': 'n'}}");
        QTest::newRow("iso") << withSource("{'kind': 'iso', 'path': '/a b.iso'}");
        QTest::newRow("sizes") << with(u"root_gib"_s, 0.125);
        QTest::newRow("large memory") << with(u"memory_mib"_s, 64.0 * 1024 * 1024);
        QTest::newRow("user network") << withNic("{'user': true, 'model': 'e1000'}");
        QTest::newRow("tags") << with(u"tags"_s, QJsonArray{u"x"_s, u"y z"_s});
        QTest::newRow("full copy") << with(u"copy"_s, u"full"_s);
        QTest::newRow("tree") << withSource("{'kind': 'tree', 'path': 'http://x/y', 'cmdline': 'a b'}");
        QTest::newRow("kernel") << withSource(
            "{'kind': 'kernel', 'kernel': '/k', 'initrd': '/i', 'cmdline': 'c', 'dtb': '/d'}");
        QTest::newRow("pxe") << withSource("{'kind': 'pxe'}");
        QTest::newRow("chain") << withSource("{'kind': 'image', 'path': '/x', 'adopt_chain': true, 'format': 'raw'}");
        QTest::newRow("no root disk") << with(u"root_gib"_s, 0);
        QTest::newRow("disks") << with(u"disks"_s,
            parsedArray("[{'kind': 'blank', 'gib': 5, 'format': 'raw', 'bus': 'scsi', 'cache': 'none', 'discard': "
                        "'ignore', 'serial': 'A1'}, {'kind': 'ephemeral', 'gib': 1, 'fs': 'xfs', 'label': 'e'}, "
                        "{'kind': 'swap', 'mib': 512.5}, {'kind': 'volume', 'volume': {'pool': 'p', 'name': 'n'}}]"));
        QTest::newRow("macvtap") << withNic("{'macvtap': 'eno1'}");
        QTest::newRow("firmware") << with(u"firmware"_s, u"efi-secure"_s);
        QTest::newRow("tpm") << with(u"tpm"_s, true);
        QTest::newRow("cpu") << with(u"cpu"_s, u"EPYC-Rome"_s);
        QTest::newRow("topology") << with(
            u"topology"_s, QJsonObject{{u"sockets"_s, 1}, {u"cores"_s, 2}, {u"threads"_s, 4}});
        QTest::newRow("maxima") << [] {
            QJsonObject json = with(u"max_vcpus"_s, 8);
            json.insert(u"max_memory_mib"_s, 4096);
            return json;
        }();
        QTest::newRow("machine") << with(u"machine"_s, u"pc-q35-7.2"_s);
        QTest::newRow("virt") << with(u"virt"_s, u"qemu"_s);
        QTest::newRow("spice") << with(u"graphics"_s, u"spice"_s);
        QTest::newRow("listen") << with(u"listen"_s, u"::1"_s);
        QTest::newRow("no agent") << with(u"agent"_s, false);
        QTest::newRow("os") << with(u"os"_s, u"debian11"_s);
        QTest::newRow("paused") << with(u"paused"_s, true);
        QTest::newRow("count") << with(u"count"_s, 12);
        QTest::newRow("edited") << with(u"custom_xml"_s, u"<domain/>"_s);
        QTest::newRow("seed") << with(u"seed"_s, QJsonObject{{u"kind"_s, u"nocloud"_s}, {u"hostname"_s, u"web01"_s}});
    }

    void roundTrip()
    {
        QFETCH(QJsonObject, json);
        const auto draft = createDraftFromJson(json);
        QVERIFY(draft);
        const QJsonObject written = draft->toJson();
        // Through text, as a saved template goes.
        const auto again = createDraftFromJson(QJsonDocument::fromJson(QJsonDocument(written).toJson()).object());
        QVERIFY(again);
        QVERIFY(*again == *draft);
        for (auto it = json.begin(); it != json.end(); ++it) {
            QCOMPARE(written.value(it.key()), it.value());
        }
    }

    void errors_data()
    {
        QTest::addColumn<QJsonObject>("json");
        QTest::addColumn<QStringList>("paths");
        QTest::newRow("empty") << QJsonObject()
                               << QStringList{u"$.operation"_s, u"$.host"_s, u"$.name"_s, u"$.source"_s};
        QTest::newRow("other operation") << with(u"operation"_s, u"clone"_s) << QStringList{u"$.operation"_s};
        QTest::newRow("no host") << without(u"host"_s) << QStringList{u"$.host"_s};
        QTest::newRow("empty name") << with(u"name"_s, QString()) << QStringList{u"$.name"_s};
        QTest::newRow("name no text") << with(u"name"_s, 5) << QStringList{u"$.name"_s};
        QTest::newRow("unknown key") << with(u"memroy_mib"_s, 5) << QStringList{u"$.memroy_mib"_s};
        QTest::newRow("two unknown keys") << [] {
            QJsonObject json = with(u"b"_s, 1);
            json.insert(u"a"_s, 1);
            return json;
        }() << QStringList{u"$.a"_s, u"$.b"_s};
        QTest::newRow("source no object") << with(u"source"_s, u"image"_s) << QStringList{u"$.source"_s};
        QTest::newRow("source without kind") << withSource("{'path': '/x'}") << QStringList{u"$.source.kind"_s};
        QTest::newRow("source unknown kind") << withSource("{'kind': 'floppy'}") << QStringList{u"$.source.kind"_s};
        QTest::newRow("source unknown key")
            << withSource("{'kind': 'image', 'path': '/x', 'url': '/y'}") << QStringList{u"$.source.url"_s};
        QTest::newRow("source kernel") << withSource("{'kind': 'image', 'path': '/x', 'kernel': '/y'}")
                                       << QStringList{u"$.source.kernel"_s};
        QTest::newRow("source without path") << withSource("{'kind': 'image'}") << QStringList{u"$.source"_s};
        QTest::newRow("source path and volume")
            << withSource("{'kind': 'image', 'path': '/x', 'volume': {'pool': 'p', 'name': 'n'}}")
            << QStringList{u"$.source"_s};
        QTest::newRow("source path no text")
            << withSource("{'kind': 'iso', 'path': 7, 'volume': {'pool': 'p', 'name': 'n'}}")
            << QStringList{u"$.source.path"_s};
        QTest::newRow("disk by path") << withSource("{'kind': 'disk', 'path': '/x'}")
                                      << QStringList{u"$.source.path"_s};
        QTest::newRow("none with path") << withSource("{'kind': 'none', 'path': '/x'}")
                                        << QStringList{u"$.source.kind"_s};
        QTest::newRow("volume without name")
            << withSource("{'kind': 'image', 'volume': {'pool': 'p'}}") << QStringList{u"$.source.volume.name"_s};
        QTest::newRow("volume unknown key")
            << withSource("{'kind': 'image', 'volume': {'pool': 'p', 'name': 'n', 'x': 1}}")
            << QStringList{u"$.source.volume.x"_s};
        for (const char *value : {"0", "-1", "1.5", "1e300", "\"1024\"", "true", "null", "[]"}) {
            const QJsonValue json = QJsonDocument::fromJson(QByteArray("[") + value + "]").array().at(0);
            QTest::addRow("memory %s", value) << with(u"memory_mib"_s, json) << QStringList{u"$.memory_mib"_s};
            QTest::addRow("vcpus %s", value) << with(u"vcpus"_s, json) << QStringList{u"$.vcpus"_s};
        }
        for (const char *value : {"-1", "1e300", "\"10\"", "null"}) {
            const QJsonValue json = QJsonDocument::fromJson(QByteArray("[") + value + "]").array().at(0);
            QTest::addRow("root %s", value) << with(u"root_gib"_s, json) << QStringList{u"$.root_gib"_s};
        }
        QTest::newRow("pool empty") << with(u"pool"_s, QString()) << QStringList{u"$.pool"_s};
        QTest::newRow("copy") << with(u"copy"_s, u"clone"_s) << QStringList{u"$.copy"_s};
        QTest::newRow("start") << with(u"start"_s, u"yes"_s) << QStringList{u"$.start"_s};
        QTest::newRow("nics no list") << with(u"nics"_s, QJsonObject()) << QStringList{u"$.nics"_s};
        QTest::newRow("nic no object") << with(u"nics"_s, QJsonArray{u"default"_s}) << QStringList{u"$.nics[0]"_s};
        QTest::newRow("nic empty") << withNic("{}") << QStringList{u"$.nics[0]"_s};
        QTest::newRow("nic both") << withNic("{'network': 'a', 'bridge': 'b'}") << QStringList{u"$.nics[0]"_s};
        QTest::newRow("nic empty network") << withNic("{'network': ''}") << QStringList{u"$.nics[0].network"_s};
        QTest::newRow("nic mac short") << withNic("{'user': true, 'mac': '52:54:00'}")
                                       << QStringList{u"$.nics[0].mac"_s};
        QTest::newRow("nic mac multicast")
            << withNic("{'user': true, 'mac': '53:54:00:00:00:01'}") << QStringList{u"$.nics[0].mac"_s};
        QTest::newRow("nic model") << withNic("{'user': true, 'model': 'a b'}") << QStringList{u"$.nics[0].model"_s};
        QTest::newRow("nic unknown key") << withNic("{'user': true, 'speed': 1}") << QStringList{u"$.nics[0].speed"_s};
        const auto disk = [](const char *text) {
            return with(u"disks"_s, parsedArray(QByteArray("[") + text + "]"));
        };
        QTest::newRow("disk without size") << disk("{'kind': 'blank'}") << QStringList{u"$.disks[0].gib"_s};
        QTest::newRow("disk with two sizes")
            << disk("{'kind': 'swap', 'gib': 1, 'mib': 1}") << QStringList{u"$.disks[0].mib"_s};
        QTest::newRow("disk with fs") << disk("{'kind': 'blank', 'gib': 1, 'fs': 'ext4'}")
                                      << QStringList{u"$.disks[0].fs"_s};
        QTest::newRow("disk fs unknown") << disk("{'kind': 'ephemeral', 'gib': 1, 'fs': 'ntfs'}")
                                         << QStringList{u"$.disks[0].fs"_s};
        QTest::newRow("disk volume missing") << disk("{'kind': 'volume'}") << QStringList{u"$.disks[0].volume"_s};
        QTest::newRow("disk volume with size")
            << disk("{'kind': 'volume', 'gib': 1, 'volume': {'pool': 'p', 'name': 'n'}}")
            << QStringList{u"$.disks[0].gib"_s};
        QTest::newRow("disk cache") << disk("{'kind': 'swap', 'gib': 1, 'cache': 'warm'}")
                                    << QStringList{u"$.disks[0].cache"_s};
        QTest::newRow("disk unknown key")
            << disk("{'kind': 'swap', 'gib': 1, 'x': 1}") << QStringList{u"$.disks[0].x"_s};
        QTest::newRow("kernel missing") << withSource("{'kind': 'kernel'}") << QStringList{u"$.source.kernel"_s};
        QTest::newRow("tree volume") << withSource("{'kind': 'tree', 'volume': {'pool': 'p', 'name': 'n'}}")
                                     << QStringList{u"$.source.volume"_s};
        QTest::newRow("pxe with path") << withSource("{'kind': 'pxe', 'path': '/x'}")
                                       << QStringList{u"$.source.kind"_s};
        QTest::newRow("chain of a volume")
            << withSource("{'kind': 'image', 'volume': {'pool': 'p', 'name': 'n'}, 'adopt_chain': true}")
            << QStringList{u"$.source.adopt_chain"_s};
        QTest::newRow("maximum below") << [] {
            QJsonObject json = with(u"vcpus"_s, 2);
            json.insert(u"max_vcpus"_s, 1);
            return json;
        }() << QStringList{u"$.max_vcpus"_s};
        QTest::newRow("topology unknown key")
            << with(u"topology"_s, QJsonObject{{u"dies"_s, 1}}) << QStringList{u"$.topology.dies"_s};
        QTest::newRow("cpu") << with(u"cpu"_s, u"a b"_s) << QStringList{u"$.cpu"_s};
        QTest::newRow("tpm") << with(u"tpm"_s, 2) << QStringList{u"$.tpm"_s};
        QTest::newRow("listen") << with(u"listen"_s, u"0.0.0.0; x"_s) << QStringList{u"$.listen"_s};
        QTest::newRow("count") << with(u"count"_s, 0) << QStringList{u"$.count"_s};
        QTest::newRow("seed no object") << with(u"seed"_s, 1) << QStringList{u"$.seed"_s};
        QTest::newRow("seed kind") << with(u"seed"_s, QJsonObject{{u"kind"_s, u"floppy"_s}})
                                   << QStringList{u"$.seed.kind"_s};
        QTest::newRow("memory beside XML") << [] {
            QJsonObject json = withSource("{'kind': 'xml', 'path': '/x.xml'}");
            json.insert(u"memory_mib"_s, 5);
            return json;
        }() << QStringList{u"$.memory_mib"_s};
        QTest::newRow("tags") << with(u"tags"_s, QJsonArray{u"a"_s, 1}) << QStringList{u"$.tags[1]"_s};
        QTest::newRow("firmware") << with(u"firmware"_s, u"uefi"_s) << QStringList{u"$.firmware"_s};
    }

    void expands()
    {
        CreateDraft draft;
        draft.name = u"web"_s;
        QCOMPARE(expandDraft(draft).size(), 1);
        QCOMPARE(expandDraft(draft).first().name, u"web"_s);
        draft.count = 3;
        draft.nics = {{CreateDraft::NicKind::User, {}, {}, u"52:54:00:00:00:01"_s}};
        const auto names = [](const QList<CreateDraft> &drafts) {
            QStringList result;
            for (const CreateDraft &one : drafts) {
                result << one.name;
            }
            return result;
        };
        QCOMPARE(names(expandDraft(draft)), QStringList({u"web-1"_s, u"web-2"_s, u"web-3"_s}));
        QCOMPARE(expandDraft(draft).at(1).count, 1);
        QVERIFY(expandDraft(draft).at(1).nics.first().mac.isEmpty());
        draft.name = u"a##-b"_s;
        draft.count = 11;
        const QStringList padded = names(expandDraft(draft));
        QCOMPARE(padded.first(), u"a01-b"_s);
        QCOMPARE(padded.last(), u"a11-b"_s);
    }

    void errors()
    {
        QFETCH(QJsonObject, json);
        QFETCH(QStringList, paths);
        const auto draft = createDraftFromJson(json);
        QVERIFY(!draft);
        QStringList found;
        for (const DraftError &error : draft.error()) {
            QVERIFY(!error.message.isEmpty());
            found << error.path;
        }
        QCOMPARE(found, paths);
    }
};

QTEST_GUILESS_MAIN(TestCreateDraft)
#include "tst_createdraft.moc"
