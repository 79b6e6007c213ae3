// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/image/changedblocks.h"
#include "backend/image/diskcontent.h"
#include "backend/image/growext.h"
#include "backend/image/layeredcontent.h"
#include "backend/image/qcow2layer.h"
#include "backend/image/tool.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using image::DiskContent;
using Kind = DiskContent::Kind;

namespace {

constexpr quint64 mib = 1024ULL * 1024;

} // namespace

/** What lies on disks, by their bytes: compared with the tools that make it. */
class TestDiskContent final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;

    QString file(const QString &name) const { return m_directory.filePath(name); }

    /** What a program says; null: it failed. */
    static QByteArray said(const QString &program, const QStringList &arguments, const QByteArray &input = {})
    {
        QProcess process;
        process.start(image::findTool(program), arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished() || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0) {
            qWarning("%s: %s", qPrintable(program), process.readAllStandardError().constData());
            return {};
        }
        return process.readAllStandardOutput() + ' ';
    }
    QString blank(const QString &name, quint64 size) const
    {
        QString path = file(name);
        QFile::remove(path);
        QFile out(path);
        return out.open(QIODevice::WriteOnly) && out.resize(qint64(size)) ? path : QString();
    }
    static bool put(const QString &path, qint64 offset, const QByteArray &bytes)
    {
        QFile out(path);
        return out.open(QIODevice::ReadWrite) && out.seek(offset) && out.write(bytes) == bytes.size();
    }
    static QByteArray bytes(const QString &path, qint64 offset = 0, qint64 length = qint64(image::contentBytes))
    {
        QFile in(path);
        return in.open(QIODevice::ReadOnly) && in.seek(offset) ? in.read(length) : QByteArray();
    }
    static DiskContent contentOf(const QString &path)
    {
        return image::diskContent(bytes(path), quint64(QFile(path).size()));
    }
    static image::LayerSource source(const QString &path, const QString &format, int *reads = nullptr)
    {
        return {format, [path, reads](quint64 offset, quint64 length) -> Result<QByteArray> {
                    if (reads) {
                        ++*reads;
                    }
                    return bytes(path, qint64(offset), qint64(length));
                }};
    }
    static bool qemuImg(const QStringList &arguments) { return !said(u"qemu-img"_s, arguments).isNull(); }
    static QString blkid(const QString &path, const QString &tag)
    {
        return QString::fromUtf8(said(u"blkid"_s, {u"-p"_s, u"-o"_s, u"value"_s, u"-s"_s, tag, path})).trimmed();
    }

private Q_SLOTS:
    void recognizes_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<Kind>("kind");
        QTest::addColumn<QString>("name");
        const QByteArray none;
        QTest::newRow("nothing") << QString() << QStringList() << none << Kind::Blank << QString();
        QTest::newRow("ext2") << u"mkfs.ext2"_s << QStringList{u"-q"_s, u"-F"_s} << none << Kind::Ext << u"ext2"_s;
        QTest::newRow("ext3") << u"mkfs.ext3"_s << QStringList{u"-q"_s, u"-F"_s} << none << Kind::Ext << u"ext3"_s;
        QTest::newRow("ext4") << u"mkfs.ext4"_s << QStringList{u"-q"_s, u"-F"_s} << none << Kind::Ext << u"ext4"_s;
        QTest::newRow("ext4 of 64 bits") << u"mkfs.ext4"_s << QStringList{u"-q"_s, u"-F"_s, u"-O"_s, u"64bit"_s} << none
                                         << Kind::Ext << u"ext4"_s;
        QTest::newRow("xfs") << u"mkfs.xfs"_s << QStringList{u"-q"_s, u"-f"_s} << none << Kind::Xfs << u"XFS"_s;
        QTest::newRow("vfat") << u"mkfs.vfat"_s << QStringList{u"-I"_s} << none << Kind::Other << u"FAT"_s;
        QTest::newRow("swap") << u"mkswap"_s << QStringList() << none << Kind::Swap << u"swap"_s;
        QTest::newRow("swap of large pages")
            << u"mkswap"_s << QStringList{u"-p"_s, u"65536"_s} << none << Kind::Swap << u"swap"_s;
        QTest::newRow("dos") << u"sfdisk"_s << QStringList{u"-q"_s} << QByteArray("label: dos\n,,L\n")
                             << Kind::Partitioned << QString();
        QTest::newRow("gpt") << u"sfdisk"_s << QStringList{u"-q"_s} << QByteArray("label: gpt\n,,L\n")
                             << Kind::Partitioned << QString();
    }
    void recognizes()
    {
        QFETCH(const QString, program);
        QFETCH(QStringList, arguments);
        QFETCH(const QByteArray, input);
        const QString path = blank(u"disk"_s, 400 * mib);
        QVERIFY(!path.isEmpty());
        if (!program.isEmpty()) {
            QVERIFY(!said(program, arguments << path, input).isNull());
        }
        const DiskContent content = contentOf(path);
        QTEST(content.kind, "kind");
        QTEST(content.name, "name");
        QVERIFY(!content.isUnusual);
        if (content.kind == Kind::Ext) {
            QCOMPARE(content.size, 400 * mib);
            QCOMPARE(content.name, blkid(path, u"TYPE"_s));
        }
    }

    /** What a guest may have left or put there does not make one thing of another. */
    void isNotFooled()
    {
        const QString path = blank(u"disk"_s, 64 * mib);
        QVERIFY(!said(u"mkfs.ext4"_s, {u"-q"_s, u"-F"_s, path}).isNull());
        const QByteArray super = bytes(path, 1024, 1024);
        // A qcow2 header in the sector that ext leaves to boot loaders: still ext, as the disk is raw.
        QVERIFY(put(path, 0, "QFI\xfb"_ba + QByteArray(4, '\0')));
        QCOMPARE(contentOf(path).kind, Kind::Ext);
        // A boot sector without partitions.
        QVERIFY(put(path, 510, "\x55\xaa"));
        QCOMPARE(contentOf(path).kind, Kind::Ext);
        // Swap as well: one of both is old.
        QVERIFY(put(path, 4086, "SWAPSPACE2"));
        QCOMPARE(contentOf(path).kind, Kind::Unknown);

        // The signature of ext4 before the first partition.
        const QString parted = blank(u"parted"_s, 64 * mib);
        QVERIFY(!said(u"sfdisk"_s, {u"-q"_s, parted}, "label: dos\n,,L\n").isNull());
        QVERIFY(put(parted, 1024, super));
        QCOMPARE(contentOf(parted).kind, Kind::Partitioned);

        // It wants its journal from another device, which its tools would look for here.
        const QString external = blank(u"external"_s, 64 * mib);
        QVERIFY(put(external, 1024, super));
        QVERIFY(!contentOf(external).isUnusual);
        QVERIFY(put(external, 1024 + 224, QByteArray(4, '\0')));
        QCOMPARE(contentOf(external).kind, Kind::Ext);
        QVERIFY(contentOf(external).isUnusual);
        // It says that it is larger than its disk.
        QVERIFY(put(external, 1024, super));
        QVERIFY(put(external, 1024 + 7, "\x01"));
        QVERIFY(contentOf(external).isUnusual);

        // A guest that sleeps.
        const QString swap = blank(u"swap"_s, 64 * mib);
        QVERIFY(!said(u"mkswap"_s, {swap}).isNull());
        QVERIFY(put(swap, 4086, "S1SUSPEND\0"_ba));
        QCOMPARE(contentOf(swap).kind, Kind::Other);
        QCOMPARE(contentOf(swap).name, u"hibernation"_s);
        QCOMPARE(image::diskContent({}, 0).kind, Kind::Unknown);
    }

    void makesSwap_data()
    {
        QTest::addColumn<QString>("label");
        QTest::addColumn<int>("pageSize");
        QTest::newRow("plain") << QString() << 4096;
        QTest::newRow("label") << u"my swap"_s << 4096;
        QTest::newRow("longest label") << u"fifteen-letters"_s << 4096;
        QTest::newRow("large pages") << u"big"_s << 65536;
    }
    void makesSwap()
    {
        QFETCH(const QString, label);
        QFETCH(const int, pageSize);
        QStringList options{u"-p"_s, QString::number(pageSize)};
        if (!label.isEmpty()) {
            options << u"-L"_s << label;
        }
        const QString before = blank(u"before"_s, 16 * mib);
        QVERIFY(!said(u"mkswap"_s, options + QStringList{before}).isNull());
        const DiskContent old = contentOf(before);
        QCOMPARE(old.kind, Kind::Swap);
        QCOMPARE(QString::fromUtf8(old.label), label);
        const QString uuid = blkid(before, u"UUID"_s);
        QVERIFY(!uuid.isEmpty());

        const QByteArray header = image::swapHeader(old, 40 * mib);
        QCOMPARE(header.size(), pageSize);
        const QString after = blank(u"after"_s, 40 * mib);
        QVERIFY(put(after, 0, header));
        QCOMPARE(blkid(after, u"TYPE"_s), u"swap"_s);
        QCOMPARE(blkid(after, u"VERSION"_s), u"1"_s);
        QCOMPARE(blkid(after, u"UUID"_s), uuid);
        if (pageSize == 4096) {
            QCOMPARE(said(u"swaplabel"_s, {after}), said(u"swaplabel"_s, {before}));
        }
        // Byte for byte what mkswap makes for that size.
        const QString theirs = blank(u"theirs"_s, 40 * mib);
        QVERIFY(!said(u"mkswap"_s, options + QStringList{u"-U"_s, uuid, theirs}).isNull());
        QCOMPARE(header, bytes(theirs, 0, pageSize));
    }
    void makesNoOtherSwap()
    {
        QVERIFY(image::swapHeader({}, 40 * mib).isEmpty());
        DiskContent old;
        old.kind = Kind::Swap;
        old.pageSize = 4096;
        old.isBigEndian = true;
        old.uuid = QByteArray(16, 'u');
        QVERIFY(image::swapHeader(old, 9ULL * 4096).isEmpty());
        QByteArray header = image::swapHeader(old, 10ULL * 4096);
        QCOMPARE(header.mid(1024, 8), "\0\0\0\1\0\0\0\x09"_ba);
        const DiskContent again = image::diskContent(header, 10ULL * 4096);
        QCOMPARE(again.kind, Kind::Swap);
        QVERIFY(again.isBigEndian);
    }

    void readsLayers_data()
    {
        QTest::addColumn<QString>("options");
        QTest::newRow("usual") << u"compat=1.1"_s;
        QTest::newRow("old") << u"compat=0.10"_s;
        QTest::newRow("small clusters") << u"cluster_size=512"_s;
        QTest::newRow("large clusters") << u"cluster_size=2M"_s;
    }
    /** Through an overlay, with what lies in it, beneath it and nowhere. */
    void readsLayers()
    {
        QFETCH(const QString, options);
        const QString base = blank(u"base.raw"_s, 3 * mib);
        QVERIFY(put(base, 0, QByteArray(200000, 'b')));
        QVERIFY(put(base, 2 * mib + 77, "beneath"));
        const QString top = file(u"top.qcow2"_s);
        QFile::remove(top);
        QVERIFY(qemuImg({u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-o"_s, options, u"-b"_s, base, u"-F"_s, u"raw"_s,
            top, u"8M"_s}));
        QVERIFY(!said(u"qemu-io"_s,
            {u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 0x61 70000 90000"_s, u"-c"_s, u"write -P 0x62 5000000 1000"_s,
                top})
                .isNull());
        const QString whole = file(u"whole.raw"_s);
        QVERIFY(qemuImg({u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"raw"_s, top, whole}));
        int reads = 0;
        const QList<image::LayerSource> layers{source(top, u"qcow2"_s, &reads), source(base, u"raw"_s)};
        for (const auto &[offset, length] :
            {std::pair{0, 262144}, {2 * int(mib) - 100, 70000}, {4990000, 20000}, {7 * int(mib), int(mib)}}) {
            const auto read = image::readLayered(layers, quint64(offset), quint64(length));
            QVERIFY2(read, read ? "" : qPrintable(read.error().message));
            QCOMPARE(*read, bytes(whole, offset, length));
        }
        QVERIFY(reads < 60); // each piece once a call
        QCOMPARE(image::readLayered(layers, 8 * mib - 10, 100).value().size(), 10);
        QCOMPARE(image::readLayered({source(base, u"raw"_s)}, 3 * mib - 10, 100).value().size(), 10);
    }
    void refusesLayers()
    {
        const QString plain = blank(u"plain.raw"_s, mib);
        QVERIFY(put(plain, 0, QByteArray(100000, 'x')));
        const QString packed = file(u"packed.qcow2"_s);
        QVERIFY(qemuImg({u"convert"_s, u"-c"_s, u"-f"_s, u"raw"_s, u"-O"_s, u"qcow2"_s, plain, packed}));
        const auto compressed = image::readLayered({source(packed, u"qcow2"_s)}, 0, 1000);
        QVERIFY(!compressed);
        QCOMPARE(compressed.error().kind, Error::Kind::Unsupported);
        QVERIFY(!image::readLayered({source(plain, u"qcow2"_s)}, 0, 1000));
        QVERIFY(!image::readLayered({source(plain, u"vmdk"_s)}, 0, 1000));
        QVERIFY(!image::readLayered({}, 0, 1000));
        // A header that a guest wrote into a raw disk is data.
        QVERIFY(put(plain, 0, bytes(packed, 0, 512)));
        QCOMPARE(image::readLayered({source(plain, u"raw"_s)}, 0, 512).value(), bytes(packed, 0, 512));
        const QString split = file(u"split.qcow2"_s);
        QVERIFY(qemuImg({u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-o"_s,
            u"data_file=%1,data_file_raw=on"_s.arg(file(u"other.raw"_s)), split, u"1M"_s}));
        QVERIFY(!image::readLayered({source(split, u"qcow2"_s)}, 0, 512));
    }

    /** A layer of ours upon a file: what QEMU reads of it, and what it finds wrong: nothing. */
    void writesLayers_data()
    {
        QTest::addColumn<bool>("hasBacking");
        QTest::addColumn<qulonglong>("capacity");
        QTest::newRow("alone") << false << qulonglong(8 * mib);
        QTest::newRow("upon raw") << true << qulonglong(8 * mib);
        QTest::newRow("large") << true << qulonglong(6ULL << 40) + 512;
    }
    void writesLayers()
    {
        QFETCH(const bool, hasBacking);
        QFETCH(const qulonglong, capacity);
        const QString base = blank(u"base.raw"_s, 3 * mib);
        QVERIFY(put(base, 0, QByteArray(200000, 'b')));
        image::Qcow2Layer layer;
        layer.capacity = capacity;
        if (hasBacking) {
            layer.backing = base;
            layer.backingFormat = u"raw"_s;
        }
        const quint64 last = (capacity - 1) / image::Qcow2Layer::clusterSize;
        layer.clusters = {1, 2, 40, last};
        layer.read = [](quint64 number) -> Result<QByteArray> {
            return number == 2 ? QByteArray() : QByteArray(int(number == 1 ? 65536 : 100), 'p');
        };
        const QString path = file(u"patch.qcow2"_s);
        QFile::remove(path);
        const Result<> written = writeQcow2Layer(path, layer);
        QVERIFY2(written, written ? "" : qPrintable(written.error().message));
        QVERIFY(!writeQcow2Layer(path, layer)); // it is there
        QVERIFY(qemuImg({u"check"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, path}));
        const QByteArray info = said(u"qemu-img"_s, {u"info"_s, u"-f"_s, u"qcow2"_s, u"--output=json"_s, path});
        QVERIFY(info.contains("\"virtual-size\": " + QByteArray::number(capacity)));
        QCOMPARE(info.contains("\"backing-filename-format\": \"raw\""), hasBacking);
        const QByteArray beneath = hasBacking ? QByteArray(65536, 'b') : QByteArray(65536, '\0');
        QList<image::LayerSource> layers{source(path, u"qcow2"_s)};
        if (hasBacking) {
            layers << source(base, u"raw"_s);
        }
        const QByteArray expected = beneath + QByteArray(65536, 'p') + QByteArray(65536, '\0');
        QCOMPARE(image::readLayered(layers, 0, 3ULL * 65536).value(), expected);
        if (capacity < 100 * mib) {
            const QString whole = file(u"whole.raw"_s);
            QVERIFY(qemuImg({u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"raw"_s, path, whole}));
            QCOMPARE(bytes(whole, 0, 3LL * 65536), expected);
            QCOMPARE(bytes(whole, 40LL * 65536, 101), QByteArray(100, 'p') + '\0');
            QCOMPARE(bytes(whole, qint64(last) * 65536, 101), QByteArray(100, 'p') + '\0');
        }
        QVERIFY(!said(u"qemu-io"_s, {u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 0x7a 1M 1M"_s, path}).isNull());
        QVERIFY(qemuImg({u"check"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, path}));
    }
    void writesNoOtherLayers()
    {
        const QString path = file(u"none.qcow2"_s);
        image::Qcow2Layer layer;
        layer.capacity = mib;
        layer.read = [](quint64) -> Result<QByteArray> {
            return fail(Error::cancelled());
        };
        layer.clusters = {3, 2};
        QVERIFY(!writeQcow2Layer(path, layer));
        layer.clusters = {16};
        QVERIFY(!writeQcow2Layer(path, layer));
        layer.clusters = {1};
        QVERIFY(!writeQcow2Layer(path, layer));
        layer.clusters = {};
        layer.backing = u"/somewhere"_s; // of which format?
        QVERIFY(!writeQcow2Layer(path, layer));
        QVERIFY(!QFile::exists(path));
    }

    /** Grown as nova does; and what that changed, laid upon the old file, is the new one. */
    void growsExt_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("ext2") << u"ext2"_s;
        QTest::newRow("ext3") << u"ext3"_s;
        QTest::newRow("ext4") << u"ext4"_s;
    }
    void growsExt()
    {
        QFETCH(const QString, kind);
        const QString path = blank(u"fs"_s, 32 * mib);
        QVERIFY(!said(u"mkfs."_s + kind, {u"-q"_s, u"-F"_s, path}).isNull());
        QFile in(file(u"content"_s));
        QVERIFY(in.open(QIODevice::WriteOnly) && in.write(QByteArray(3 * mib, 'c')) > 0);
        in.close();
        QVERIFY(!said(u"debugfs"_s, {u"-w"_s, u"-R"_s, u"write %1 file"_s.arg(in.fileName()), path}).isNull());
        const QString old = file(u"old"_s);
        QFile::remove(old);
        QVERIFY(QFile::copy(path, old));

        const auto before = image::ChangedBlocks::remember(path);
        QVERIFY(before);
        QVERIFY(before->changed(path).value().isEmpty());
        const Result<> grown = image::growExt(path, 200 * mib);
        QVERIFY2(grown, grown ? "" : qPrintable(grown.error().message + grown.error().hint));
        QVERIFY(!said(u"e2fsck"_s, {u"-f"_s, u"-n"_s, path}).isNull());
        QCOMPARE(contentOf(path).size, 200 * mib);

        const auto changed = before->changed(path);
        QVERIFY(changed && !changed->isEmpty());
        QVERIFY2(changed->size() * 64 < 2500, qPrintable(QString::number(changed->size()))); // KiB; the data is not
        image::Qcow2Layer layer{200 * mib, old, u"raw"_s, *changed, [path](quint64 number) -> Result<QByteArray> {
                                    return bytes(path, qint64(number) * 65536, 65536);
                                }};
        const QString patch = file(u"patch.qcow2"_s);
        QFile::remove(patch);
        QVERIFY(writeQcow2Layer(patch, layer));
        QVERIFY(qemuImg({u"compare"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"raw"_s, patch, path}));
        QVERIFY(qemuImg({u"check"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, patch}));
    }
    void doesNotGrowWhatIsBroken()
    {
        const QString path = blank(u"fs"_s, 32 * mib);
        const Result<> nothing = image::growExt(path, 64 * mib);
        QVERIFY(!nothing);
        QVERIFY(!nothing.error().hint.isEmpty());
        const Result<> missing = image::growExt(path, 64 * mib, {}, {});
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, Error::Kind::Unsupported);
        QVERIFY(!image::missingExtTools({}).isEmpty());
        QVERIFY(image::missingExtTools().isEmpty());
        QVERIFY(!image::ChangedBlocks::remember(file(u"nowhere"_s)));
    }
};

QTEST_GUILESS_MAIN(TestDiskContent)
#include "tst_diskcontent.moc"
