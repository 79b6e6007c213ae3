// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "backend/image/inspector.h"
#include "backend/image/localfile.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using image::Format;

namespace {

constexpr qsizetype cluster = 65536;

template<typename T>
void putBig(QByteArray &data, qsizetype offset, T value)
{
    const T big = qToBigEndian(value);
    std::memcpy(data.data() + offset, &big, sizeof big);
}

template<typename T>
void putLittle(QByteArray &data, qsizetype offset, T value)
{
    const T little = qToLittleEndian(value);
    std::memcpy(data.data() + offset, &little, sizeof little);
}

void put(QByteArray &data, qsizetype offset, QByteArrayView bytes)
{
    std::memcpy(data.data() + offset, bytes.data(), static_cast<size_t>(bytes.size()));
}

/** An empty but valid qcow2 image of 10 GiB: header, refcount table, refcount block, L1 table. */
QByteArray qcow2(quint32 version = 3)
{
    QByteArray data(4 * cluster, '\0');
    put(data, 0, "QFI\xfb");
    putBig<quint32>(data, 4, version);
    putBig<quint32>(data, 20, 16);
    putBig<quint64>(data, 24, 10ULL << 30);
    putBig<quint32>(data, 36, 20);
    putBig<quint64>(data, 40, 3 * cluster);
    putBig<quint64>(data, 48, cluster);
    putBig<quint32>(data, 56, 1);
    if (version >= 3) {
        putBig<quint32>(data, 96, 4);
        putBig<quint32>(data, 100, 112);
    }
    return data;
}

QByteArray withFeatures(quint64 bits)
{
    QByteArray data = qcow2();
    putBig<quint64>(data, 72, bits);
    return data;
}

template<typename T>
QByteArray changed(QByteArray data, qsizetype offset, T value)
{
    putBig<T>(data, offset, value);
    return data;
}

QByteArray withBacking(const QByteArray &name)
{
    QByteArray data = qcow2();
    putBig<quint64>(data, 8, 512);
    putBig<quint32>(data, 16, static_cast<quint32>(name.size()));
    put(data, 512, name);
    return data;
}

/** The name of a data file in a header extension, with or without the feature bit. */
QByteArray withDataFile(const QByteArray &name, bool bit)
{
    QByteArray data = bit ? withFeatures(4) : qcow2();
    putBig<quint32>(data, 112, 0x44415441);
    putBig<quint32>(data, 116, static_cast<quint32>(name.size()));
    put(data, 120, name);
    return data;
}

QByteArray raw()
{
    return QByteArray(1 << 20, 'x');
}

QByteArray masterBootRecord()
{
    QByteArray data(1 << 20, '\0');
    data[446] = char(0x80);
    data[450] = char(0x83);
    putLittle<quint32>(data, 454, 2048);
    putLittle<quint32>(data, 458, 100);
    put(data, 510, "\x55\xaa");
    return data;
}

QByteArray guidTable()
{
    QByteArray data(1 << 20, '\0');
    put(data, 512, "EFI PART");
    return data;
}

QByteArray with(QByteArray data, qsizetype offset, QByteArrayView bytes)
{
    put(data, offset, bytes);
    return data;
}

QByteArray iso()
{
    return with(QByteArray(1 << 20, '\0'), 32769, "CD001");
}

} // namespace

/** The corpus is made here, byte by byte: no tool that could be wrong the same way stands between. */
class TestInspector final : public QObject
{
    Q_OBJECT

private:
    QString write(const QString &name, const QByteArray &content) const
    {
        const QString path = m_directory.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
            qFatal("can't write the corpus");
        }
        return path;
    }

    QTemporaryDir m_directory;

private Q_SLOTS:
    void accepts_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<Format>("format");
        QTest::addColumn<quint64>("virtualSize");
        QTest::addColumn<bool>("partitioned");
        QTest::addColumn<QString>("summary");
        constexpr quint64 tenGiB = 10ULL << 30;
        constexpr quint64 mib = 1 << 20;
        QTest::newRow("qcow2 v3") << qcow2(3) << Format::Qcow2 << tenGiB << false
                                  << u"qcow2, 10 GiB, no backing file, safe"_s;
        QTest::newRow("qcow2 v2") << qcow2(2) << Format::Qcow2 << tenGiB << false
                                  << u"qcow2, 10 GiB, no backing file, safe"_s;
        QTest::newRow("qcow2 dirty") << withFeatures(1) << Format::Qcow2 << tenGiB << false
                                     << u"qcow2, 10 GiB, no backing file, safe"_s;
        QTest::newRow("qcow2 zstd") << with(withFeatures(8), 104, "\x01") << Format::Qcow2 << tenGiB << false
                                    << u"qcow2, 10 GiB, no backing file, safe"_s;
        QTest::newRow("qcow2 extended L2") << changed<quint32>(withFeatures(16), 36, 40) << Format::Qcow2 << tenGiB
                                           << false << u"qcow2, 10 GiB, no backing file, safe"_s;
        QTest::newRow("qcow2 with snapshots") << changed<quint32>(qcow2(), 60, 2) << Format::Qcow2 << tenGiB << false
                                              << u"qcow2, 10 GiB, no backing file, 2 internal snapshot(s), safe"_s;
        QTest::newRow("raw") << raw() << Format::Raw << mib << false << u"raw, 1 MiB, safe"_s;
        QTest::newRow("two bytes") << QByteArray("xy") << Format::Raw << quint64(2) << false << u"raw, 2 bytes, safe"_s;
        QTest::newRow("raw with MBR") << masterBootRecord() << Format::Raw << mib << true
                                      << u"raw, 1 MiB, partitioned, safe"_s;
        QTest::newRow("raw with GPT") << guidTable() << Format::Raw << mib << true
                                      << u"raw, 1 MiB, partitioned, safe"_s;
        QTest::newRow("FAT boot sector") << with(raw(), 510, "\x55\xaa") << Format::Raw << mib << false
                                         << u"raw, 1 MiB, safe"_s;
        QTest::newRow("ISO") << iso() << Format::Iso << mib << false << u"ISO, 1 MiB, installation medium, safe"_s;
        QTest::newRow("hybrid ISO") << with(masterBootRecord(), 32769, "CD001") << Format::Iso << mib << true
                                    << u"ISO, 1 MiB, installation medium, safe"_s;
        QTest::newRow("hybrid ISO with GPT") << with(guidTable(), 32769, "CD001") << Format::Iso << mib << true
                                             << u"ISO, 1 MiB, installation medium, safe"_s;
        QTest::newRow("qcow2 inside raw")
            << raw() + qcow2() << Format::Raw << mib + 4 * cluster << false << u"raw, 1.3 MiB, safe"_s;
    }

    void accepts()
    {
        QFETCH(QByteArray, content);
        QFETCH(Format, format);
        QFETCH(quint64, virtualSize);
        QFETCH(bool, partitioned);
        QFETCH(QString, summary);
        const auto verdict = image::inspect(write(u"file"_s, content));
        QVERIFY2(verdict, qPrintable(verdict ? QString() : verdict.error().message));
        QCOMPARE(verdict->refusal, QString());
        QCOMPARE(verdict->format, format);
        QCOMPARE(verdict->virtualSize, virtualSize);
        QCOMPARE(verdict->fileSize, quint64(content.size()));
        QCOMPARE(verdict->partitioned, partitioned);
        QCOMPARE(verdict->isInstallMedium(), format == Format::Iso);
        QCOMPARE(verdict->summary(), summary);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<Format>("format");
        QTest::addColumn<QString>("reason"); // a part of the sentence
        using F = Format;
        QTest::newRow("backing file") << withBacking("/etc/shadow") << F::Qcow2 << u"backing file “/etc/shadow”"_s;
        QTest::newRow("backing file json")
            << withBacking("json:{\"driver\":\"nbd\"}") << F::Qcow2 << u"backing file “json:"_s;
        QTest::newRow("backing file of length 0") << withBacking("") << F::Qcow2 << u"backing file"_s;
        QTest::newRow("backing file outside")
            << changed<quint64>(withBacking("a"), 8, ~0ULL) << F::Qcow2 << u"backing file"_s;
        QTest::newRow("data file") << withDataFile("/etc/shadow", true) << F::Qcow2 << u"data file “/etc/shadow”"_s;
        QTest::newRow("data file without bit")
            << withDataFile("/etc/shadow", false) << F::Qcow2 << u"data file “/etc/shadow”"_s;
        QTest::newRow("data file without name") << withFeatures(4) << F::Qcow2 << u"data file"_s;
        QTest::newRow("unknown feature") << withFeatures(1ULL << 40) << F::Qcow2 << u"0x10000000000"_s;
        QTest::newRow("corrupt") << withFeatures(2) << F::Qcow2 << u"corrupt"_s;
        QTest::newRow("unknown compression") << with(withFeatures(8), 104, "\x07") << F::Qcow2 << u"compression"_s;
        QTest::newRow("AES") << changed<quint32>(qcow2(), 32, 1) << F::Qcow2 << u"Encrypted"_s;
        QTest::newRow("LUKS in qcow2") << changed<quint32>(qcow2(), 32, 2) << F::Qcow2 << u"Encrypted"_s;
        QTest::newRow("version 1") << qcow2(1) << F::Qcow2 << u"version 1"_s;
        QTest::newRow("version 4") << qcow2(4) << F::Qcow2 << u"version 4"_s;
        QTest::newRow("magic alone") << QByteArray("QFI\xfb") << F::Qcow2 << u"version 0"_s;
        QTest::newRow("truncated header") << qcow2().left(103) << F::Qcow2 << u"cut off"_s;
        QTest::newRow("truncated header v2") << qcow2(2).left(71) << F::Qcow2 << u"cut off"_s;
        QTest::newRow("truncated tables") << qcow2().left(2 * cluster) << F::Qcow2 << u"cut off"_s;
        QTest::newRow("size 0") << changed<quint64>(qcow2(), 24, 0) << F::Qcow2 << u"virtual size is 0"_s;
        QTest::newRow("size 2^64-1") << changed<quint64>(qcow2(), 24, ~0ULL) << F::Qcow2 << u"virtual size"_s;
        QTest::newRow("size beyond L1") << changed<quint64>(qcow2(), 24, 1ULL << 50) << F::Qcow2 << u"virtual size"_s;
        QTest::newRow("cluster size 0") << changed<quint32>(qcow2(), 20, 0) << F::Qcow2 << u"cluster size"_s;
        QTest::newRow("cluster size 2^63") << changed<quint32>(qcow2(), 20, 63) << F::Qcow2 << u"cluster size"_s;
        QTest::newRow("header length 1") << changed<quint32>(qcow2(), 100, 1) << F::Qcow2 << u"header length"_s;
        QTest::newRow("header length 2^31")
            << changed<quint32>(qcow2(), 100, 0x80000000) << F::Qcow2 << u"header length"_s;
        QTest::newRow("refcount order") << changed<quint32>(qcow2(), 96, 31) << F::Qcow2 << u"reference counts"_s;
        QTest::newRow("snapshot count") << changed<quint32>(qcow2(), 60, ~0U) << F::Qcow2 << u"snapshots"_s;
        QTest::newRow("L1 unaligned") << changed<quint64>(qcow2(), 40, 3 * cluster + 8) << F::Qcow2 << u"misplaced"_s;
        QTest::newRow("VMDK sparse") << with(raw(), 0, "KDMV") << F::Vmdk << u"VMDK image is damaged"_s;
        QTest::newRow("VMDK ESX") << with(raw(), 0, "COWD") << F::Vmdk << u"COWD"_s;
        QTest::newRow("VMDK descriptor") << QByteArray(
            "# Disk DescriptorFile\nversion=1\nRW 1 FLAT \"/etc/shadow\" 0\n")
                                         << F::Vmdk << u"data are in other files"_s;
        QTest::newRow("VMDK bare descriptor") << QByteArray("#\n\n  \nversion=1\nRW 1 FLAT \"/etc/shadow\" 0\n")
                                              << F::Vmdk << u"data are in other files"_s;
        QTest::newRow("VDI") << with(raw(), 0x40, "\x7f\x10\xda\xbe") << F::Vdi
                             << u"VDI image is of the unknown version"_s;
        QTest::newRow("VHDX") << with(raw(), 0, "vhdxfile") << F::Vhdx << u"VHDX image is damaged"_s;
        QTest::newRow("VHD dynamic") << with(raw(), 0, "conectix") << F::Vpc << u"VHD image is damaged"_s;
        QTest::newRow("VHD fixed") << with(raw(), (1 << 20) - 512, "conectix") << F::Vpc << u"VHD image is damaged"_s;
        QTest::newRow("QED") << with(raw(), 0, QByteArrayView("QED\0", 4)) << F::Qed << u"QED images"_s;
        QTest::newRow("LUKS") << with(raw(), 0, "LUKS\xba\xbe") << F::Luks << u"LUKS"_s;
        QTest::newRow("qcow2 and ISO") << with(qcow2(), 32769, "CD001") << F::Qcow2
                                       << u"more than one thing at once (qcow2, ISO)"_s;
        QTest::newRow("qcow2 and GPT") << with(qcow2(), 512, "EFI PART") << F::Qcow2 << u"more than one thing"_s;
        QTest::newRow("VMDK and ISO") << with(with(raw(), 0, "KDMV"), 32769, "CD001") << F::Vmdk
                                      << u"more than one thing"_s;
        QTest::newRow("qcow2 and fixed VHD")
            << with(qcow2(), 4 * cluster - 512, "conectix") << F::Qcow2 << u"more than one thing"_s;
    }

    void refuses()
    {
        QFETCH(QByteArray, content);
        QFETCH(Format, format);
        QFETCH(QString, reason);
        const auto verdict = image::inspect(write(u"file"_s, content));
        QVERIFY2(verdict, qPrintable(verdict ? QString() : verdict.error().message));
        QVERIFY(!verdict->isSafe());
        QCOMPARE(verdict->format, format);
        QVERIFY2(verdict->refusal.contains(reason), qPrintable(verdict->refusal));
        QVERIFY(verdict->summary().contains(u"can't be used"_s));
    }

    /** Every possible cut of a header, and random headers: an answer, never a crash (this test also runs under
     * sanitizers). */
    void survivesAnything()
    {
        const QByteArray whole = withDataFile("/etc/shadow", false);
        for (qsizetype length = 1; length < 200; ++length) {
            const auto verdict = image::inspect(write(u"cut"_s, whole.left(length)));
            QVERIFY(verdict);
            QCOMPARE(verdict->isSafe(), length < 4);
        }
        quint32 seed = 1;
        for (int round = 0; round < 500; ++round) {
            QByteArray content = qcow2();
            for (qsizetype at = 8; at < 200; ++at) {
                seed = seed * 1664525 + 1013904223;
                if ((seed >> 28) < 4) {
                    content[at] = char(seed >> 20);
                }
            }
            const auto verdict = image::inspect(write(u"random"_s, content));
            QVERIFY(verdict);
            QCOMPARE(verdict->format, Format::Qcow2);
        }
    }

    void unreadable_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("reason");
        QFile::remove(m_directory.filePath(u"pipe"_s));
        QCOMPARE(mkfifo(QFile::encodeName(m_directory.filePath(u"pipe"_s)).constData(), 0600), 0);
        QTest::newRow("missing") << m_directory.filePath(u"no such file"_s) << u"Can't open"_s;
        QTest::newRow("no name") << QString() << u"No file was chosen"_s;
        QTest::newRow("null character") << u"/dev"_s + QChar(0) + u"x"_s << u"null character"_s;
        QTest::newRow("json") << u"json:{\"driver\":\"file\"}"_s << u"a protocol"_s;
        QTest::newRow("nbd") << u"nbd:localhost:10809"_s << u"begins with “nbd:”"_s;
        QTest::newRow("directory") << m_directory.path() << u"is a directory"_s;
        QTest::newRow("pipe") << m_directory.filePath(u"pipe"_s) << u"not a regular file"_s;
        QTest::newRow("device") << u"/dev/zero"_s << u"not a regular file"_s;
        QTest::newRow("empty") << write(u"empty"_s, {}) << u"is empty"_s;
        QTest::newRow("below a file") << write(u"plain"_s, "x") + u"/below"_s << u"Can't open"_s;
        // Regular to the kernel, but without a length.
        QTest::newRow("kernel file") << u"/proc/self/mem"_s << u"“/proc/self/mem”"_s;
    }

    void unreadable()
    {
        QFETCH(QString, path);
        QFETCH(QString, reason);
        const auto verdict = image::inspect(path);
        QVERIFY(!verdict);
        QVERIFY2(verdict.error().message.contains(reason), qPrintable(verdict.error().message));
    }

    void readsOnlyWhatItMay()
    {
        const QString path = write(u"secret"_s, qcow2());
        QVERIFY(QFile::setPermissions(path, {}));
        const auto verdict = image::inspect(path);
        if (geteuid() == 0) { // root may read everything
            QVERIFY(verdict);
            return;
        }
        QVERIFY(!verdict);
        QVERIFY(!verdict.error().hint.isEmpty());
    }

    void holesCostNothing()
    {
        const QString path = m_directory.filePath(u"sparse"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.resize(1LL << 40)); // 1 TiB
        QVERIFY(file.seek(1LL << 30));
        QCOMPARE(file.write(QByteArray(1 << 20, 'x')), qint64(1) << 20);
        file.close();
        const auto verdict = image::inspect(path);
        QVERIFY(verdict);
        QCOMPARE(verdict->fileSize, 1ULL << 40);
        QVERIFY(verdict->dataSize >= 1U << 20);
        QVERIFY(verdict->dataSize < 4U << 20);
        const auto digest = image::contentDigest(path);
        QVERIFY(digest);
        QCOMPARE(digest->size(), 64);
    }

    void digestIsByContent()
    {
        // The same bytes, once with holes and once without, in files of other names.
        QByteArray content(3 * 1024 * 1024 + 17, '\0');
        put(content, 70000, "some data");
        put(content, 2 * 1024 * 1024 + 5, "more data");
        const QString full = write(u"full"_s, content);
        const QString sparse = m_directory.filePath(u"holes"_s);
        QFile file(sparse);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.resize(content.size()));
        QVERIFY(file.seek(70000));
        file.write("some data");
        QVERIFY(file.seek(2 * 1024 * 1024 + 5));
        file.write("more data");
        file.close();
        const auto first = image::contentDigest(full);
        QVERIFY(first);
        QCOMPARE(image::contentDigest(sparse), first);
        QCOMPARE(image::contentDigest(full), first); // from memory

        const QByteArrayView moved = "some data";
        QByteArray shifted = content;
        put(shifted, 70000, QByteArray(moved.size(), '\0'));
        put(shifted, 70001, moved);
        QVERIFY(image::contentDigest(write(u"shifted"_s, shifted)) != first);
        QVERIFY(image::contentDigest(write(u"longer"_s, content + '\0')) != first);
        QVERIFY(image::contentDigest(write(u"shorter"_s, content.chopped(1))) != first);
        QVERIFY(!image::contentDigest(m_directory.filePath(u"no such file"_s)));
    }
};

QTEST_GUILESS_MAIN(TestInspector)
#include "tst_inspector.moc"
