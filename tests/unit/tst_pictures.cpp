// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "backend/snapshot/pictures.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using snapshot::PictureKey;
using snapshot::PictureStore;
using snapshot::shrunkPpm;

namespace {

QByteArray ppm(int width, int height, char value = 'x')
{
    return "P6\n" + QByteArray::number(width) + ' ' + QByteArray::number(height) + "\n255\n"
        + QByteArray(qsizetype(3) * width * height, value);
}

} // namespace

class TestPictures final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void shrinks_data()
    {
        QTest::addColumn<QByteArray>("given");
        QTest::addColumn<QByteArray>("wanted");
        QTest::newRow("small enough") << ppm(4, 2) << ppm(4, 2);
        QTest::newRow("half") << ppm(8, 4) << ppm(4, 2);
        QTest::newRow("rounded up to a whole factor") << ppm(9, 6) << ppm(3, 2);
        QTest::newRow("one line high") << ppm(8, 1) << ppm(4, 1);
        QTest::newRow("comment in the head")
            << QByteArray("P6 # a screen\n2 1\n255\nabcdef") << QByteArray("P6 # a screen\n2 1\n255\nabcdef");
        QTest::newRow("mean of a square") << QByteArray("P6\n8 2\n255\n") + QByteArray(24, '\0')
                + QByteArray(24, '\x10') << QByteArray("P6\n4 1\n255\n") + QByteArray(12, '\x08');
        QTest::newRow("cut off") << ppm(8, 4).chopped(1) << QByteArray();
        QTest::newRow("no size") << QByteArray("P6\n0 4\n255\n") << QByteArray();
        QTest::newRow("too large") << QByteArray("P6\n99999999 4\n255\nxxx") << QByteArray();
        QTest::newRow("deep colours") << QByteArray("P6\n1 1\n65535\nabcdef") << QByteArray();
        QTest::newRow("text") << QByteArray("P3\n1 1\n255\n1 2 3") << QByteArray();
        QTest::newRow("head only") << QByteArray("P6") << QByteArray();
        QTest::newRow("endless comment") << QByteArray("P6 #") << QByteArray();
        QTest::newRow("nothing") << QByteArray() << QByteArray();
    }
    void shrinks()
    {
        QFETCH(QByteArray, given);
        QFETCH(QByteArray, wanted);
        QCOMPARE(shrunkPpm(given, 4), wanted);
    }

    void keepsOnePerSnapshot()
    {
        PictureStore store(m_directory->path());
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const PictureKey key{u"qemu:///system"_s, QUuid::createUuid(), u"before/.. the \u2603"_s};
        QVERIFY(store.put(key, ppm(2, 2, 'a')));
        QVERIFY(store.put(key, ppm(2, 2, 'b')));
        QCOMPARE(store.read(key, now).value_or(QByteArray()), ppm(2, 2, 'b'));
        for (const PictureKey &other : {PictureKey{u"qemu:///session"_s, key.domain, key.snapshot},
                 PictureKey{key.hostUri, QUuid::createUuid(), key.snapshot},
                 PictureKey{key.hostUri, key.domain, u"x"_s}}) {
            QCOMPARE(store.read(other, now).error().kind, Error::Kind::NotFound);
        }
        store.rename(key, u"x"_s);
        QVERIFY(!store.read(key, now));
        QVERIFY(store.read({key.hostUri, key.domain, u"x"_s}, now));
        store.remove({key.hostUri, key.domain, u"x"_s});
        QVERIFY(!store.read({key.hostUri, key.domain, u"x"_s}, now));
    }

    void isNotShownForALaterSnapshotOfThatName()
    {
        PictureStore store(m_directory->path());
        const PictureKey key{u"qemu:///system"_s, QUuid::createUuid(), u"s"_s};
        QVERIFY(store.put(key, ppm(2, 2)));
        const QDateTime now = QDateTime::currentDateTimeUtc();
        QVERIFY(store.read(key, now.addSecs(60)));
        QCOMPARE(store.read(key, now.addSecs(3600)).error().kind, Error::Kind::NotFound);
    }

    void keepsPngAsItIs()
    {
        PictureStore store(m_directory->path());
        const PictureKey key{u"qemu:///system"_s, QUuid::createUuid(), u"s"_s};
        const QByteArray png = QByteArray("\x89PNG\r\n\x1a\n", 8) + "rest";
        QVERIFY(store.put(key, png));
        QCOMPARE(store.read(key, QDateTime::currentDateTimeUtc()).value_or(QByteArray()), png);
        QCOMPARE(store.put(key, "GIF89a").error().kind, Error::Kind::Invalid);
        QCOMPARE(store.read(key, QDateTime::currentDateTimeUtc()).value_or(QByteArray()), png);
    }

    void prunesWhatIsGoneAndOld()
    {
        PictureStore store(m_directory->path());
        const QUuid domain = QUuid::createUuid();
        const PictureKey gone{u"qemu:///system"_s, domain, u"gone"_s};
        const PictureKey young{u"qemu:///system"_s, domain, u"young"_s};
        const PictureKey there{u"qemu:///system"_s, domain, u"there"_s};
        for (const PictureKey &key : {gone, there}) {
            QVERIFY(store.put(key, ppm(2, 2)));
        }
        const QDateTime old = QDateTime::currentDateTimeUtc().addDays(-1);
        age(old);
        QVERIFY(store.put(young, ppm(2, 2)));
        store.prune(gone.hostUri, domain, {u"there"_s});
        QVERIFY(!store.read(gone, old));
        QVERIFY(store.read(there, old));
        QVERIFY(store.read(young, QDateTime::currentDateTimeUtc()));
    }

    void keepsALimitedNumber()
    {
        PictureStore store(m_directory->path());
        const QUuid domain = QUuid::createUuid();
        const PictureKey first{u"u"_s, domain, u"first"_s};
        QVERIFY(store.put(first, ppm(1, 1)));
        const QDateTime old = QDateTime::currentDateTimeUtc().addDays(-1);
        age(old);
        for (int i = 0; i < PictureStore::maxPictures; ++i) {
            QVERIFY(store.put({u"u"_s, domain, QString::number(i)}, ppm(1, 1)));
        }
        QVERIFY(!store.read(first, old));
        QVERIFY(store.read({u"u"_s, domain, u"0"_s}, QDateTime::currentDateTimeUtc()));
    }

    void readsOfOthersAreRefused()
    {
        PictureStore store(m_directory->path() + u"/deep/er"_s);
        const PictureKey key{u"qemu:///system"_s, QUuid::createUuid(), u"s"_s};
        QVERIFY(store.put(key, ppm(2, 2)));
        QStringList paths;
        collect(m_directory->path() + u"/deep"_s, paths);
        QVERIFY(!paths.isEmpty());
        for (const QString &path : paths) {
            const auto others = QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
            QVERIFY2(!(QFile::permissions(path) & others), qPrintable(path));
        }
    }

private:
    static void collect(const QString &path, QStringList &into)
    {
        into << path;
        for (const QFileInfo &file : QDir(path).entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot)) {
            file.isDir() ? collect(file.filePath(), into) : into.append(file.filePath());
        }
    }
    /** Makes all pictures that are there as old as that. */
    void age(const QDateTime &time)
    {
        QStringList paths;
        collect(m_directory->path(), paths);
        for (const QString &path : paths) {
            if (QFile file(path); QFileInfo(path).isFile()) {
                QVERIFY(file.open(QIODevice::ReadWrite));
                QVERIFY(file.setFileTime(time, QFileDevice::FileModificationTime));
            }
        }
    }

    std::unique_ptr<QTemporaryDir> m_directory;
};

QTEST_GUILESS_MAIN(TestPictures)
#include "tst_pictures.moc"
