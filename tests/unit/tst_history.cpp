// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/history.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::DefinitionHistory;
using operation::HistoryEntry;

/** The kept definitions: files that only their owner can read, whole or not at all. */
class TestHistory final : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    const QUuid m_domain = QUuid::createUuid();
    const QString m_uri = u"qemu+ssh://root@host.example/system"_s;

    DefinitionHistory history() const { return DefinitionHistory(m_directory->filePath(u"state/history"_s)); }
    static HistoryEntry entry(const QString &id, int minute)
    {
        return {id, QDateTime(QDate(2026, 1, 1), QTime(12, 0), Qt::UTC).addSecs(60LL * minute), u"Cause “%1”"_s.arg(id),
            u"web01"_s, u"<domain>\n  <name>ü %1</name>\n</domain>\n"_s.arg(id)};
    }
    QStringList ids() const
    {
        QStringList list;
        const auto entries = history().list(m_uri, m_domain);
        for (const HistoryEntry &one : entries.value_or(QList<HistoryEntry>())) {
            list << one.id;
        }
        return list;
    }
    QString file(const QString &name) const
    {
        QDirIterator all(m_directory->path(), {name}, QDir::Files, QDirIterator::Subdirectories);
        return all.hasNext() ? all.next() : QString();
    }

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void roundTrip()
    {
        QCOMPARE(ids(), QStringList());
        QVERIFY(history().add(m_uri, m_domain, entry(u"b"_s, 2)));
        QVERIFY(history().add(m_uri, m_domain, entry(u"a"_s, 3)));
        QVERIFY(history().add(m_uri, m_domain, entry(u"c"_s, 1)));
        QCOMPARE(ids(), (QStringList{u"a"_s, u"b"_s, u"c"_s}));
        const auto read = history().read(m_uri, m_domain, u"b"_s);
        QVERIFY(read);
        QCOMPARE(*read, entry(u"b"_s, 2));
        QVERIFY(history().list(m_uri, m_domain)->first().xml.isEmpty());
        // Another host and another VM have their own.
        QVERIFY(history().list(m_uri + u'x', m_domain)->isEmpty());
        QVERIFY(history().list(m_uri, QUuid::createUuid())->isEmpty());
        QCOMPARE(history().read(m_uri, m_domain, u"d"_s).error().kind, Error::Kind::NotFound);
        QVERIFY(history().remove(m_uri, m_domain, u"b"_s));
        QVERIFY(history().remove(m_uri, m_domain, u"b"_s));
        QCOMPARE(ids(), (QStringList{u"a"_s, u"c"_s}));
    }

    void addingAgainIsNothing()
    {
        QVERIFY(history().add(m_uri, m_domain, entry(u"a"_s, 1)));
        HistoryEntry other = entry(u"a"_s, 1);
        other.xml = u"<domain>later</domain>"_s;
        QVERIFY(history().add(m_uri, m_domain, other));
        QCOMPARE(history().read(m_uri, m_domain, u"a"_s)->xml, entry(u"a"_s, 1).xml);
    }

    void onlyTheOwnerReadsIt()
    {
        QVERIFY(history().add(m_uri, m_domain, entry(u"a"_s, 1)));
        QDirIterator all(
            m_directory->path(), QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
        int seen = 0;
        while (all.hasNext()) {
            all.next();
            const auto mode = all.fileInfo().permissions();
            const auto owner = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
            const auto expected = all.fileInfo().isDir() ? owner | QFile::ExeOwner | QFile::ExeUser : owner;
            QVERIFY2(mode == expected, qPrintable(all.filePath()));
            ++seen;
        }
        QCOMPARE(seen, 5); // state, history, host, domain, file
    }

    void oldestGo()
    {
        for (int i = 0; i < DefinitionHistory::maxEntries + 5; ++i) {
            QVERIFY(history().add(m_uri, m_domain, entry(u"e%1"_s.arg(i), i)));
        }
        const QStringList kept = ids();
        QCOMPARE(kept.size(), DefinitionHistory::maxEntries);
        QCOMPARE(kept.first(), u"e104"_s);
        QCOMPARE(kept.last(), u"e5"_s);
    }

    void broken()
    {
        for (const QString &id : {u"a"_s, u"b"_s, u"c"_s}) {
            QVERIFY(history().add(m_uri, m_domain, entry(id, 1)));
        }
        QFile half(file(u"a.json"_s));
        QVERIFY(half.open(QIODevice::ReadWrite) && half.resize(20));
        QFile empty(file(u"b.json"_s));
        QVERIFY(empty.open(QIODevice::ReadWrite) && empty.resize(0));
        QCOMPARE(ids(), QStringList{u"c"_s});
        QVERIFY(!history().read(m_uri, m_domain, u"a"_s));
    }

    void badIds_data()
    {
        QTest::addColumn<QString>("id");
        QTest::newRow("empty") << QString();
        QTest::newRow("path") << u"../x"_s;
        QTest::newRow("absolute") << u"/etc/passwd"_s;
        QTest::newRow("dots") << u".."_s;
        QTest::newRow("long") << QString(300, u'a');
        QTest::newRow("other letters") << u"ä"_s;
    }

    void badIds()
    {
        QFETCH(const QString, id);
        QVERIFY(!history().add(m_uri, m_domain, entry(id, 1)));
        QVERIFY(!history().read(m_uri, m_domain, id));
        QVERIFY(!history().remove(m_uri, m_domain, id));
        QCOMPARE(ids(), QStringList());
    }

    void cantBeWritten()
    {
        QFile file(m_directory->filePath(u"state"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(!history().add(m_uri, m_domain, entry(u"a"_s, 1)));
    }

    void newIds()
    {
        QSet<QString> made;
        for (int i = 0; i < 100; ++i) {
            const QString id = DefinitionHistory::newId();
            QVERIFY(history().add(m_uri, m_domain, entry(id, i)));
            made.insert(id);
        }
        QCOMPARE(made.size(), 100);
    }

    void manyAtOnce()
    {
        constexpr int writers = 4;
        constexpr int each = 10;
        {
            std::vector<std::jthread> threads;
            threads.reserve(writers);
            for (int t = 0; t < writers; ++t) {
                threads.emplace_back([this, t] {
                    for (int i = 0; i < each; ++i) {
                        QVERIFY(history().add(m_uri, m_domain, entry(u"t%1-%2"_s.arg(t).arg(i), i)));
                    }
                });
            }
        }
        QCOMPARE(ids().size(), writers * each);
    }
};

QTEST_GUILESS_MAIN(TestHistory)

#include "tst_history.moc"
