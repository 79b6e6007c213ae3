// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "backend/image/chain.h"
#include "backend/image/qemuimg.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using image::Format;

namespace {

constexpr qsizetype mib = 1024 * 1024;

template<typename T>
QByteArray big(QByteArray data, qsizetype offset, T value)
{
    const T bytes = qToBigEndian(value);
    std::memcpy(data.data() + offset, &bytes, sizeof bytes);
    return data;
}

template<typename T>
QByteArray little(QByteArray data, qsizetype offset, T value)
{
    const T bytes = qToLittleEndian(value);
    std::memcpy(data.data() + offset, &bytes, sizeof bytes);
    return data;
}

QByteArray with(QByteArray data, qsizetype offset, QByteArrayView bytes)
{
    std::memcpy(data.data() + offset, bytes.data(), static_cast<size_t>(bytes.size()));
    return data;
}

QByteArray backed(const QByteArray &qcow2, const QByteArray &name)
{
    return with(big<quint32>(big<quint64>(qcow2, 8, 4096), 16, static_cast<quint32>(name.size())), 4096, name);
}

QByteArray replaced(QByteArray data, QByteArrayView what, QByteArrayView by)
{
    const qsizetype at = data.indexOf(what);
    Q_ASSERT(at >= 0 && what.size() == by.size());
    return with(std::move(data), at, by);
}

/** A VHD footer of another type, with the right checksum: not refused for being damaged. */
QByteArray vhdOfType(QByteArray data, quint32 type)
{
    data = big<quint32>(std::move(data), 60, type);
    quint32 sum = 0;
    for (qsizetype i = 0; i < 512; ++i) {
        sum += i < 64 || i >= 68 ? static_cast<quint8>(data.at(i)) : 0;
    }
    return big<quint32>(std::move(data), 64, ~sum);
}

/** An embedded descriptor in place of the one that qemu-img wrote. */
QByteArray described(QByteArray vmdk, QByteArray descriptor)
{
    descriptor.resize(20 * 512, '\0');
    return with(std::move(vmdk), 512, descriptor);
}

} // namespace

/**
 * Hostile and real images. The hostile ones are real ones changed in the one place that makes them so, and must be
 * refused by every entry before qemu-img is started: in its place stands a program that leaves a mark when it runs.
 */
class TestImageCorpus final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    QTemporaryDir m_tripwire;
    int m_number = 0;

    QString file(const QString &name) const { return m_directory.filePath(name); }
    QString mark() const { return m_tripwire.filePath(u"started"_s); }

    QString write(const QString &name, const QByteArray &content) const
    {
        QFile out(file(name));
        if (!out.open(QIODevice::WriteOnly) || out.write(content) != content.size()) {
            qFatal("can't write the corpus");
        }
        return out.fileName();
    }

    static QByteArray program(const QString &name, const QStringList &arguments)
    {
        QProcess process;
        process.start(name, arguments);
        if (!process.waitForFinished(30000) || process.exitCode() != 0) {
            qFatal(
                "%s: %s", qPrintable(name + u' ' + arguments.join(u' ')), process.readAllStandardError().constData());
        }
        return process.readAllStandardOutput();
    }

    /** 8 MiB with something at three places, in any format. */
    QString make(const QString &format, const QStringList &options = {})
    {
        const QString raw = file(u"content.raw"_s);
        if (!QFile::exists(raw)) {
            QByteArray content(8 * mib, '\0');
            for (const qsizetype at : {qsizetype(70000), 3 * mib, 8 * mib - 600}) {
                content = with(std::move(content), at, "something to keep");
            }
            write(u"content.raw"_s, content);
        }
        const QString path = file(u"real-%1"_s.arg(++m_number));
        QStringList arguments{u"convert"_s, u"-f"_s, u"raw"_s, u"-O"_s, format};
        program(u"qemu-img"_s, arguments + options + QStringList{raw, path});
        return path;
    }
    QByteArray made(const QString &format, const QStringList &options = {})
    {
        QFile in(make(format, options));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    /** Through every entry that could start qemu-img; why it was refused. */
    QString refusedEverywhere(const QString &path)
    {
        const image::QemuImg tool({m_tripwire.path()});
        const auto verdict = image::inspect(path);
        QString why = verdict ? verdict->refusal : verdict.error().message;
        for (const Format format : {Format::Raw, Format::Qcow2, Format::Iso, Format::Vmdk, Format::Vdi, Format::Vhdx,
                 Format::Vpc, Format::Qed, Format::Luks}) {
            if (tool.info(path, format)) {
                return u"info() took it"_s;
            }
            // As somebody would who trusts a name or a declaration instead of the inspector.
            image::Chain chain;
            image::Verdict invented;
            invented.format = format;
            invented.fileSize = verdict ? verdict->fileSize : 0;
            invented.modifiedNs = verdict ? verdict->modifiedNs : 0;
            chain.members << image::ChainMember{path, invented};
            const image::QemuImg::Conversion conversion{chain, file(u"converted"_s), Format::Raw, false};
            if (tool.convert(conversion, {}, {})) {
                return u"convert() took it"_s;
            }
        }
        if (QFile::exists(file(u"converted"_s))) {
            return u"convert() left something"_s;
        }
        return QFile::exists(mark()) ? u"qemu-img was started"_s : why;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QFile script(m_tripwire.filePath(u"qemu-img"_s));
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\n: > '" + QFile::encodeName(mark()) + "'\n");
        script.close();
        QVERIFY(script.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
    }

    void init()
    {
        QFile::remove(mark());
        QFile::remove(file(u"converted"_s));
    }

    /** The wire is a real one: a good image trips it. */
    void tripwireTrips()
    {
        const QString path = make(u"qcow2"_s);
        const image::QemuImg tool({m_tripwire.path()});
        QVERIFY(!tool.info(path, Format::Qcow2));
        QVERIFY(QFile::exists(mark()));
    }

    void hostile_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const QByteArray &content, const QString &reason) {
            QTest::newRow(name) << content << reason;
        };
        const QByteArray qcow2 = made(u"qcow2"_s);
        row("qcow2 backing file", backed(qcow2, "/etc/shadow"), u"backing file “/etc/shadow”"_s);
        row("qcow2 backing json", backed(qcow2, "json:{\"driver\":\"nbd\",\"host\":\"x\"}"), u"“json:"_s);
        row("qcow2 backing protocol", backed(qcow2, "nbd:localhost:10809"), u"nbd:localhost"_s);
        row("qcow2 data file bit", big<quint64>(qcow2, 72, 4), u"data file"_s);
        const QByteArray extension =
            with(big<quint32>(big<quint32>(QByteArray(24, '\0'), 0, 0x44415441), 4, 11), 8, "/etc/shadow");
        row("qcow2 data file bit and name", with(big<quint64>(qcow2, 72, 4), 112, extension),
            u"data file “/etc/shadow”"_s);
        row("qcow2 data file name", with(qcow2, 112, extension), u"data file “/etc/shadow”"_s);
        row("qcow2 unknown features", big<quint64>(qcow2, 72, 0x60), u"bits 0x60"_s);
        row("qcow2 v1", big<quint32>(qcow2, 4, 1), u"version 1"_s);
        row("qcow2 header length", big<quint32>(qcow2, 100, 0xfffffff8), u"header length"_s);
        row("qcow2 truncated header", qcow2.left(90), u"cut off"_s);
        row("qcow2 truncated tables", qcow2.left(65536 + 100), u"cut off"_s);
        row("qcow2 huge", big<quint64>(qcow2, 24, ~0ULL >> 1), u"virtual size"_s);
        row("qcow2 L1 overflow", big<quint32>(qcow2, 36, 0xffffffff), u"virtual size"_s);
        row("qcow2 snapshots", big<quint32>(qcow2, 60, 0x10000000), u"snapshots"_s);
        row("qcow2 encrypted", big<quint32>(qcow2, 32, 2), u"Encrypted"_s);
        row("qcow2 corrupt", big<quint64>(qcow2, 72, 2), u"corrupt"_s);
        row("qcow2 and ISO", with(qcow2, 32769, "CD001"), u"more than one thing"_s);
        row("qcow2 and GPT", with(qcow2, 512, "EFI PART"), u"more than one thing"_s);
        // Large clusters and an L1 table in a hole: in order but for its size of one EiB.
        QByteArray giant = big<quint32>(QByteArray(128, '\0'), 0, 0x514649fb);
        giant = big<quint64>(big<quint32>(big<quint32>(std::move(giant), 4, 3), 20, 21), 24, 1ULL << 60);
        giant = big<quint64>(big<quint64>(big<quint32>(std::move(giant), 36, 2097152), 40, 1 << 21), 48, 1 << 25);
        giant = big<quint32>(big<quint32>(big<quint32>(std::move(giant), 56, 1), 96, 4), 100, 104);
        giant.resize((1 << 25) + (1 << 21), '\0');
        row("qcow2 sparse giant", giant, u"makes no sense"_s);

        const QByteArray vmdk = made(u"vmdk"_s);
        row("VMDK descriptor of /etc/shadow",
            "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\n"
            "RW 20480 FLAT \"/etc/shadow\" 0\n",
            u"data are in other files"_s);
        row("VMDK bare descriptor", "\n#\nversion=1\ncreateType=\"vmfs\"\nRW 1 VMFS \"/etc/shadow\"\n", QString());
        row("VMDK flat inside", described(vmdk, "createType=\"monolithicFlat\"\nRW 16384 FLAT \"/etc/shadow\" 0\n"),
            u"/etc/shadow"_s);
        row("VMDK flat beside sparse",
            described(vmdk,
                "createType=\"monolithicSparse\"\nRW 1 SPARSE \"a\"\n"
                "RW 16384 FLAT \"/etc/shadow\" 0\n"),
            u"/etc/shadow"_s);
        row("VMDK 2 GiB extents", described(vmdk, "createType=\"twoGbMaxExtentSparse\"\nRW 1 SPARSE \"a-s001.vmdk\"\n"),
            u"twoGbMaxExtentSparse"_s);
        row("VMDK vmfs", described(vmdk, "createType=\"vmfsSparse\"\nRW 1 SPARSE \"a\"\n"), u"vmfsSparse"_s);
        row("VMDK two types",
            described(vmdk,
                "createType=\"monolithicFlat\"\ncreateType=\"monolithicSparse\"\n"
                "RW 1 SPARSE \"a\"\n"),
            u"can't be used"_s);
        row("VMDK other file", replaced(vmdk, "SPARSE \"", "SPARSE \"").replace("SPARSE \"real", "SPARSE \"/etc"),
            u"names another file"_s);
        row("VMDK no type", described(vmdk, "RW 1 SPARSE \"a\"\n"), u"can't be used"_s);
        row("VMDK two extents",
            described(vmdk, "createType=\"monolithicSparse\"\nRW 1 SPARSE \"a\"\nRW 1 SPARSE \"b\"\n"), u"2 files"_s);
        row("VMDK parent",
            described(vmdk,
                "createType=\"monolithicSparse\"\nRW 1 SPARSE \"a\"\n"
                "parentFileNameHint=\"/etc/shadow\"\n"),
            u"parent image"_s);
        // A descriptor at another place is the one we judge; QEMU looks for a parent at the old one.
        row("VMDK parent elsewhere", little<quint64>(described(vmdk, "parentFileNameHint=\"/etc/shadow\"\n"), 28, 100),
            u"parent image"_s);
        row("VMDK capacity 0", little<quint64>(vmdk, 12, 0), u"damaged"_s);
        row("VMDK huge", little<quint64>(vmdk, 12, ~0ULL), u"damaged"_s);
        row("VMDK descriptor outside", little<quint64>(vmdk, 28, ~0ULL >> 8), u"damaged"_s);
        row("VMDK descriptor of 8 EiB", little<quint64>(vmdk, 36, ~0ULL), u"damaged"_s);
        row("VMDK truncated", vmdk.left(11000), u"cut off"_s);
        const QByteArray stream = made(u"vmdk"_s, {u"-o"_s, u"subformat=streamOptimized"_s});
        row("VMDK ESX", with(vmdk, 0, "COWD"), u"COWD"_s);
        // A stream whose directory is said to be at the end, where there is none.
        row("VMDK without footer", little<quint64>(stream, 56, ~0ULL), u"footer"_s);

        const QByteArray vdi = made(u"vdi"_s);
        row("VDI differencing", little<quint32>(vdi, 0x4c, 4), u"parent"_s);
        row("VDI with parent", with(vdi, 0x1b8, "0123456789abcdef"), u"parent"_s);
        row("VDI linked", with(vdi, 0x1a8, "0123456789abcdef"), u"parent"_s);
        row("VDI truncated", vdi.left(vdi.size() - mib), u"cut off"_s);
        row("VDI truncated header", vdi.left(0x180), u"cut off"_s);
        row("VDI huge", little<quint64>(vdi, 0x170, ~0ULL), u"damaged"_s);
        row("VDI blocks", little<quint32>(vdi, 0x180, 0xffffffff), u"damaged"_s);
        row("VDI version", little<quint32>(vdi, 0x44, 0x00020000), u"version 2.0"_s);

        const QByteArray vhdx = made(u"vhdx"_s);
        const QByteArray identifier = QByteArray::fromHex("ab12cabee6b22345"); // page 83 data: any item will do
        const QByteArray locator = QByteArray::fromHex("2d5fd3a80bb34d45abf7d3d84834ab0c");
        const qsizetype item = vhdx.indexOf(identifier);
        QVERIFY(item > 0);
        row("VHDX parent locator", with(vhdx, item, locator), u"parent"_s);
        const qsizetype parameters = vhdx.indexOf(QByteArray::fromHex("3767a1ca36fa434d"));
        QVERIFY(parameters > 0);
        const qsizetype metadata = vhdx.indexOf("metadata");
        QVERIFY(metadata > 0);
        const qsizetype value = metadata + qsizetype(qFromLittleEndian<quint32>(vhdx.constData() + parameters + 16));
        row("VHDX parent bit", little<quint32>(vhdx, value + 4, 2), u"parent"_s);
        row("VHDX truncated", vhdx.left(mib), u"cut off"_s);
        row("VHDX truncated header", vhdx.left(200000), u"cut off"_s);
        row("VHDX log", with(with(vhdx, 65536 + 48, locator), 131072 + 48, locator), u"log"_s);
        row("VHDX region outside", little<quint64>(little<quint64>(vhdx, 196608 + 32, ~0ULL), 196608 + 64, ~0ULL),
            u"cut off"_s);

        const QByteArray vhd = made(u"vpc"_s);
        row("VHD differencing", vhdOfType(vhd, 4), u"parent"_s);
        row("VHD fixed at the start", vhdOfType(vhd, 2), u"damaged"_s);
        row("VHD with parent", with(vhd, 512 + 40, "0123456789abcdef"), u"parent"_s);
        row("VHD checksum", big<quint32>(vhd, 64, 1), u"damaged"_s);
        row("VHD truncated", vhd.left(1000), u"cut off"_s);
        row("VHD without footer", vhd.chopped(512), u"cut off"_s);
        const QByteArray fixed = made(u"vpc"_s, {u"-o"_s, u"subformat=fixed"_s});
        row("VHD fixed and cut in the middle", fixed.left(mib) + fixed.right(512), u"shorter"_s);
        row("VHD fixed and qcow2", with(fixed, 0, qcow2.left(200)), u"more than one thing"_s);

        row("QED", with(QByteArray(mib, '\0'), 0, QByteArrayView("QED\0", 4)), u"obsolete"_s);
        row("LUKS", with(QByteArray(mib, '\0'), 0, "LUKS\xba\xbe"), u"LUKS"_s);
        row("ISO and VMDK", with(with(vmdk, 0, "KDMV"), 32769, "CD001"), u"more than one thing"_s);
        row("empty", {}, u"is empty"_s);
    }

    void hostile()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, reason);
        const QString why = refusedEverywhere(write(u"hostile"_s, content));
        QVERIFY(!why.isEmpty());
        QVERIFY2(why.contains(reason), qPrintable(why));
    }

    void notEvenAFile_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("reason");
        QFile::remove(file(u"pipe"_s));
        QCOMPARE(mkfifo(QFile::encodeName(file(u"pipe"_s)).constData(), 0600), 0);
        QFile::link(file(u"loop-b"_s), file(u"loop-a"_s));
        QFile::link(file(u"loop-a"_s), file(u"loop-b"_s));
        QTest::newRow("pipe") << file(u"pipe"_s) << u"not a regular file"_s;
        QTest::newRow("directory") << m_directory.path() << u"is a directory"_s;
        QTest::newRow("device") << u"/dev/zero"_s << u"not a regular file"_s;
        QTest::newRow("symlink loop") << file(u"loop-a"_s) << u"Can't open"_s;
        QTest::newRow("missing") << file(u"no such file"_s) << u"Can't open"_s;
        QTest::newRow("json") << u"json:{\"driver\":\"raw\"}"_s << u"a protocol"_s;
        QTest::newRow("nbd") << u"nbd:unix:/x"_s << u"a protocol"_s;
        QTest::newRow("file") << u"file:/etc/shadow"_s << u"a protocol"_s;
    }

    void notEvenAFile()
    {
        QFETCH(QString, path);
        QFETCH(QString, reason);
        const QString why = refusedEverywhere(path);
        QVERIFY2(why.contains(reason), qPrintable(why));
    }

    void unreadable()
    {
        const QString path = write(u"closed"_s, made(u"qcow2"_s));
        QVERIFY(QFile::setPermissions(path, {}));
        const uid_t before = geteuid();
        const auto back = qScopeGuard([before] {
            if (seteuid(before) != 0) {
                qFatal("can't become root again");
            }
        });
        if (before == 0) { // root may read everything
            QCOMPARE(seteuid(65534), 0);
        }
        const QString why = refusedEverywhere(path);
        QVERIFY2(why.contains(u"Can't open"_s), qPrintable(why));
    }

    void real_data()
    {
        QTest::addColumn<QString>("driver");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("summary");
        const QString qcow2 = u"qcow2, 8 MiB, no backing file, safe"_s;
        const auto o = [](const QString &text) {
            return text.isEmpty() ? QStringList() : QStringList{u"-o"_s, text};
        };
        QTest::newRow("qcow2 v3") << u"qcow2"_s << o(u"compat=1.1"_s) << qcow2;
        QTest::newRow("qcow2 v2") << u"qcow2"_s << o(u"compat=0.10"_s) << qcow2;
        QTest::newRow("qcow2 compressed") << u"qcow2"_s << QStringList{u"-c"_s} << qcow2;
        QTest::newRow("qcow2 zstd") << u"qcow2"_s << QStringList{u"-c"_s, u"-o"_s, u"compression_type=zstd"_s} << qcow2;
        QTest::newRow("qcow2 extended L2") << u"qcow2"_s << o(u"extended_l2=on,cluster_size=128k"_s) << qcow2;
        QTest::newRow("qcow2 lazy") << u"qcow2"_s << o(u"lazy_refcounts=on,cluster_size=512"_s) << qcow2;
        QTest::newRow("raw") << u"raw"_s << o({}) << u"raw, 8 MiB, safe"_s;
        const QString converted = u", will be converted to qcow2, safe"_s;
        QTest::newRow("vmdk") << u"vmdk"_s << o({}) << u"VMDK (monolithicSparse), 8 MiB"_s + converted;
        QTest::newRow("vmdk stream") << u"vmdk"_s << o(u"subformat=streamOptimized"_s)
                                     << u"VMDK (streamOptimized), 8 MiB"_s + converted;
        QTest::newRow("vdi") << u"vdi"_s << o({}) << u"VDI (dynamic), 8 MiB"_s + converted;
        QTest::newRow("vdi static") << u"vdi"_s << o(u"static=on"_s) << u"VDI (fixed), 8 MiB"_s + converted;
        QTest::newRow("vhdx") << u"vhdx"_s << o({}) << u"VHDX (dynamic), 8 MiB"_s + converted;
        QTest::newRow("vhdx fixed") << u"vhdx"_s << o(u"subformat=fixed"_s) << u"VHDX (fixed), 8 MiB"_s + converted;
        QTest::newRow("vpc") << u"vpc"_s << o({}) << u"VHD (dynamic)"_s;
        QTest::newRow("vpc size") << u"vpc"_s << o(u"force_size=on"_s) << u"VHD (dynamic), 8 MiB"_s + converted;
        QTest::newRow("vpc fixed") << u"vpc"_s << o(u"subformat=fixed"_s) << u"VHD (fixed)"_s;
        QTest::newRow("vpc fixed size") << u"vpc"_s << o(u"subformat=fixed,force_size=on"_s)
                                        << u"VHD (fixed), 8 MiB"_s + converted;
    }

    /** Our verdict against QEMU's, and a conversion whose result qemu-img itself compares. */
    void real()
    {
        QFETCH(QString, driver);
        QFETCH(QStringList, options);
        QFETCH(QString, summary);
        const QString path = make(driver, options);
        const auto verdict = image::inspect(path);
        QVERIFY2(verdict, qPrintable(verdict ? QString() : verdict.error().message));
        QCOMPARE(verdict->refusal, QString());
        QCOMPARE(image::driverName(verdict->format), driver);
        QVERIFY2(verdict->summary().startsWith(summary), qPrintable(verdict->summary()));
        const QJsonObject info =
            QJsonDocument::fromJson(program(u"qemu-img"_s, {u"info"_s, u"--output=json"_s, u"-f"_s, driver, path}))
                .object();
        QCOMPARE(qint64(verdict->virtualSize), info.value(u"virtual-size"_s).toInteger());

        const image::QemuImg tool;
        const auto ours = tool.info(path, verdict->format);
        QVERIFY2(ours, qPrintable(ours ? QString() : ours.error().message));
        QCOMPARE(ours->driver, driver);
        QCOMPARE(ours->virtualSize, verdict->virtualSize);
        const auto chain = image::inspectChain(path);
        QVERIFY(chain && chain->isSafe());
        QList<quint64> progress;
        const QString target = file(u"converted"_s);
        const auto converted = tool.convert({*chain, target, Format::Qcow2, false},
            [&progress](quint64 done, quint64 total) {
                QVERIFY(done <= total);
                progress << done;
            },
            {});
        QVERIFY2(converted, qPrintable(converted ? QString() : converted.error().message));
        QCOMPARE(converted->format, Format::Qcow2);
        QCOMPARE(converted->virtualSize, verdict->virtualSize);
        QCOMPARE(progress.last(), verdict->virtualSize);
        struct stat status = {};
        QCOMPARE(stat(QFile::encodeName(target).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0600U);
        program(u"qemu-img"_s, {u"compare"_s, u"-f"_s, driver, u"-F"_s, u"qcow2"_s, path, target});
        // What is there is not written over.
        QVERIFY(!tool.convert({*chain, target, Format::Qcow2, false}, {}, {}));
        QVERIFY(QFile::exists(target));
    }

    void iso()
    {
        QVERIFY(QDir(m_directory.path()).mkpath(u"tree"_s));
        write(u"tree/readme"_s, "text");
        const QString path = file(u"real.iso"_s);
        program(u"xorriso"_s, {u"-as"_s, u"mkisofs"_s, u"-quiet"_s, u"-o"_s, path, file(u"tree"_s)});
        const auto verdict = image::inspect(path);
        QVERIFY(verdict);
        QCOMPARE(verdict->refusal, QString());
        QCOMPARE(verdict->format, Format::Iso);
        const auto info = image::QemuImg().info(path, Format::Iso);
        QVERIFY2(info, qPrintable(info ? QString() : info.error().message));
        QCOMPARE(info->driver, u"raw"_s);
        QCOMPARE(info->virtualSize, verdict->virtualSize);
    }

    /** A VHD that holds a partitioned disk is no polyglot; names that QEMU would take apart are only names. */
    void oddButGood()
    {
        QByteArray fixed = made(u"vpc"_s, {u"-o"_s, u"subformat=fixed,force_size=on"_s});
        fixed = with(little<quint32>(little<quint32>(std::move(fixed), 454, 2048), 458, 100), 510, "\x55\xaa");
        fixed[450] = '\x83';
        const auto verdict = image::inspect(write(u"partitioned.vhd"_s, fixed));
        QVERIFY(verdict);
        QCOMPARE(verdict->refusal, QString());
        QVERIFY(verdict->partitioned);

        const QString name = write(u"a,driver=nbd,b=c:d json:{} 100%.qcow2"_s, made(u"qcow2"_s));
        const image::QemuImg tool;
        const auto info = tool.info(name, Format::Qcow2);
        QVERIFY2(info, qPrintable(info ? QString() : info.error().message));
        const auto chain = image::inspectChain(name);
        QVERIFY(chain);
        const QString target = file(u"out,file.filename=x"_s);
        const auto converted = tool.convert({*chain, target, Format::Raw, false}, {}, {});
        QVERIFY2(converted, qPrintable(converted ? QString() : converted.error().message));
        QVERIFY(QFile::exists(target));
    }

    void cancelledLeavesNothing()
    {
        const auto chain = image::inspectChain(make(u"vmdk"_s));
        QVERIFY(chain);
        std::stop_source stop;
        stop.request_stop();
        const auto result =
            image::QemuImg().convert({*chain, file(u"converted"_s), Format::Qcow2, false}, {}, stop.get_token());
        QVERIFY(!result);
        QCOMPARE(result.error().kind, Error::Kind::Cancelled);
        QVERIFY(!QFile::exists(file(u"converted"_s)));
    }

    /** A disk into which its guest wrote the header of another image is not kept as raw data. */
    void rawContentThatLooksLikeAnImage()
    {
        const QByteArray evil = backed(made(u"qcow2"_s), "/etc/shadow");
        write(u"evil.raw"_s, evil);
        const QString vdi = file(u"evil.vdi"_s);
        program(u"qemu-img"_s, {u"convert"_s, u"-f"_s, u"raw"_s, u"-O"_s, u"vdi"_s, file(u"evil.raw"_s), vdi});
        const auto chain = image::inspectChain(vdi);
        QVERIFY(chain && chain->isSafe());
        const auto raw = image::QemuImg().convert({*chain, file(u"converted"_s), Format::Raw, false}, {}, {});
        QVERIFY(!raw);
        QVERIFY2(raw.error().message.contains(u"backing file"_s), qPrintable(raw.error().message));
        QVERIFY(!QFile::exists(file(u"converted"_s)));
        QVERIFY(image::QemuImg().convert({*chain, file(u"converted"_s), Format::Qcow2, false}, {}, {}));
    }

    /** Formats that somebody else recorded hold, whatever a guest wrote; names of backing files do not count. */
    void knownChains()
    {
        const QString top = write(u"known.qcow2"_s, backed(made(u"qcow2"_s), "/nowhere/base"));
        const QString base = make(u"raw"_s);
        const auto chain = image::knownChain({{top, u"qcow2"_s}, {base, u"raw"_s}});
        QVERIFY(chain && chain->isSafe());
        image::QemuImg::Conversion conversion{*chain, file(u"converted"_s), Format::Raw, false};
        QVERIFY(!image::QemuImg().convert(conversion, {}, {})); // as one to be followed it must not be used
        conversion.known = true;
        const auto converted = image::QemuImg().convert(conversion, {}, {});
        QVERIFY2(converted, qPrintable(converted ? QString() : converted.error().message));

        const auto evil = image::knownChain({{top, u"raw"_s}});
        QVERIFY(evil && evil->refusal.contains(u"recorded as raw"_s));
        const auto cut = image::knownChain({{top, u"qcow2"_s}}); // its base is not among them
        QVERIFY(cut && !cut->isSafe());
        QVERIFY(!image::knownChain({{file(u"missing"_s), u"raw"_s}}));
    }

    void internalSnapshots()
    {
        const QString path = make(u"qcow2"_s);
        const QString before = file(u"before.raw"_s);
        program(u"qemu-img"_s, {u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"raw"_s, path, before});
        program(u"qemu-img"_s, {u"snapshot"_s, u"-c"_s, u"in it"_s, path});
        program(u"qemu-io"_s, {u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 7 1M 2M"_s, path});
        const auto chain = image::knownChain({{path, u"qcow2"_s}});
        QVERIFY(chain && chain->isSafe());
        image::QemuImg::Conversion conversion{*chain, file(u"snapshot.raw"_s), Format::Raw, false};
        conversion.known = true;
        conversion.snapshot = u"in it"_s;
        QVERIFY(image::QemuImg().convert(conversion, {}, {}));
        program(u"qemu-img"_s, {u"compare"_s, u"-f"_s, u"raw"_s, u"-F"_s, u"raw"_s, before, conversion.target});
        conversion.target = file(u"none.raw"_s);
        conversion.snapshot = u"another"_s;
        QVERIFY(!image::QemuImg().convert(conversion, {}, {}));
        QVERIFY(!QFile::exists(conversion.target));
    }

    void adoptsAChain()
    {
        QVERIFY(QDir(m_directory.path()).mkpath(u"chain/below"_s));
        const QString base = file(u"chain/below/base,1.raw"_s);
        QVERIFY(QFile::copy(make(u"raw"_s), base));
        const QString middle = file(u"chain/middle.qcow2"_s);
        const QString top = file(u"chain/top.qcow2"_s);
        program(u"qemu-img"_s,
            {u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"raw"_s, u"-b"_s, u"below/base,1.raw"_s, middle});
        program(u"qemu-img"_s,
            {u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s, middle, top, u"12M"_s});
        QFile::link(top, file(u"link"_s));
        const auto chain = image::inspectChain(file(u"link"_s));
        QVERIFY(chain);
        QCOMPARE(chain->refusal, QString());
        QCOMPARE(chain->members.size(), 3);
        QCOMPARE(chain->members.at(0).path, QFileInfo(top).canonicalFilePath());
        QCOMPARE(chain->members.at(2).path, QFileInfo(base).canonicalFilePath());
        QCOMPARE(chain->members.at(2).verdict.format, Format::Raw);
        QCOMPARE(chain->lines().size(), 3);
        const QString target = file(u"converted"_s);
        const auto converted = image::QemuImg().convert({*chain, target, Format::Qcow2, true}, {}, {});
        QVERIFY2(converted, qPrintable(converted ? QString() : converted.error().message));
        QVERIFY(converted->backingFile.isEmpty());
        QCOMPARE(converted->virtualSize, quint64(12 * mib));
        program(u"qemu-img"_s, {u"compare"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, top, target});

        // Somebody changes a file beneath between the look and the work.
        QFile::remove(target);
        QFile changed(base);
        QVERIFY(changed.open(QIODevice::ReadWrite) && changed.write("x") == 1);
        changed.close();
        const auto late = image::QemuImg().convert({*chain, target, Format::Qcow2, false}, {}, {});
        QVERIFY(!late);
        QVERIFY2(late.error().message.contains(u"has changed"_s), qPrintable(late.error().message));
        QVERIFY(!QFile::exists(target));
    }

    void refusesAChain_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("format");
        QTest::addColumn<QString>("reason");
        write(u"disk.raw"_s, QByteArray(mib, 'x'));
        write(u"text"_s, "root:x:0\n");
        write(u"qed"_s, with(QByteArray(mib, '\0'), 0, QByteArrayView("QED\0", 4)));
        QTest::newRow("protocol") << QByteArray("nbd:localhost:1") << QByteArray() << u"plain name"_s;
        QTest::newRow("json") << QByteArray("json:{}") << QByteArray() << u"plain name"_s;
        QTest::newRow("file") << QByteArray("file:disk.raw") << QByteArray() << u"plain name"_s;
        QTest::newRow("missing") << QByteArray("nowhere.raw") << QByteArray("raw") << u"not there"_s;
        QTest::newRow("itself") << QByteArray("overlay") << QByteArray("qcow2") << u"loop"_s;
        QTest::newRow("control") << QByteArray("disk\n.raw") << QByteArray("raw") << u"characters"_s;
        QTest::newRow("directory") << QByteArray(".") << QByteArray("raw") << u"is a directory"_s;
        QTest::newRow("text") << QByteArray("text") << QByteArray("raw") << u"not a disk image"_s;
        QTest::newRow("wrong format") << QByteArray("disk.raw") << QByteArray("qcow2") << u"is qcow2, but it is raw"_s;
        QTest::newRow("unknown format") << QByteArray("disk.raw") << QByteArray("nbd") << u"is nbd, but"_s;
        QTest::newRow("QED below") << QByteArray("qed") << QByteArray("qed") << u"obsolete"_s;
        QTest::newRow("good") << QByteArray("disk.raw") << QByteArray("raw") << QString();
        QTest::newRow("format not said") << QByteArray("disk.raw") << QByteArray() << QString();
    }

    void refusesAChain()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, format);
        QFETCH(QString, reason);
        QByteArray overlay = backed(made(u"qcow2"_s), name);
        QByteArray extension(24, '\0');
        if (!format.isEmpty()) {
            extension = big<quint32>(big<quint32>(std::move(extension), 0, 0xe2792aca), 4, quint32(format.size()));
            extension = with(std::move(extension), 8, format);
        }
        const auto chain = image::inspectChain(write(u"overlay"_s, with(std::move(overlay), 112, extension)));
        QVERIFY(chain);
        QCOMPARE(chain->isSafe(), reason.isEmpty());
        QVERIFY2(chain->refusal.contains(reason), qPrintable(chain->refusal));
        const image::QemuImg tool({m_tripwire.path()});
        QVERIFY(!tool.convert({*chain, file(u"converted"_s), Format::Qcow2, false}, {}, {}));
        QCOMPARE(QFile::exists(mark()), reason.isEmpty());
    }

    void refusesADeepChain()
    {
        const QByteArray image = made(u"qcow2"_s);
        write(u"deep-0"_s, image);
        for (int i = 1; i < 18; ++i) {
            const QByteArray below = "deep-" + QByteArray::number(i - 1);
            QByteArray extension = big<quint32>(big<quint32>(QByteArray(16, '\0'), 0, 0xe2792aca), 4, 5);
            write(u"deep-%1"_s.arg(i), with(backed(image, below), 112, with(std::move(extension), 8, "qcow2")));
        }
        const auto sixteen = image::inspectChain(file(u"deep-15"_s));
        QVERIFY(sixteen);
        QCOMPARE(sixteen->refusal, QString());
        const auto more = image::inspectChain(file(u"deep-16"_s));
        QVERIFY(more);
        QVERIFY(more->refusal.contains(u"16"_s));
    }
};

QTEST_GUILESS_MAIN(TestImageCorpus)
#include "tst_imagecorpus.moc"
