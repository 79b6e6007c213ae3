// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QSignalSpy>
#include <QTest>

#include "backend/operation/migrate/migrationfeed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::MigrationCommand;
using operation::MigrationFeed;
using operation::MigrationPicture;
using operation::MigrationSink;

namespace {

const virt::DomainKey one{QUuid::createUuid(), QUuid::createUuid()};
const virt::DomainKey other{one.host, QUuid::createUuid()};

MigrationPicture pictureOf(const virt::DomainKey &domain, const QString &note, bool isOurs = true)
{
    MigrationPicture picture;
    picture.domain = domain;
    picture.note = note;
    picture.isOurs = isOurs;
    return picture;
}

MigrationCommand commandOf(MigrationCommand::Kind kind, quint64 value = 0)
{
    MigrationCommand command;
    command.kind = kind;
    command.value = value;
    return command;
}

} // namespace

class TestMigrationFeed final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theNewestIsShown()
    {
        MigrationFeed feed;
        QSignalSpy changed(&feed, &MigrationFeed::changed);
        QVERIFY(!feed.picture(one));
        feed.publish(pictureOf(one, u"first"_s));
        feed.publish(pictureOf(one, u"second"_s));
        feed.publish(pictureOf(other, u"other"_s));
        QVERIFY(!feed.picture(one)); // never at once: whoever publishes is in another thread
        QTRY_COMPARE(changed.size(), 2);
        QCOMPARE(feed.picture(one)->note, u"second"_s);
        QCOMPARE(feed.picture(other)->note, u"other"_s);
        QCOMPARE(feed.domains().size(), 2);
        feed.publish(pictureOf(one, u"third"_s));
        QTRY_COMPARE(feed.picture(one)->note, u"third"_s);

        QSignalSpy removed(&feed, &MigrationFeed::removed);
        feed.remove(one);
        feed.remove(one);
        QTRY_COMPARE(removed.size(), 1);
        QVERIFY(!feed.picture(one));
        QVERIFY(feed.picture(other));
    }

    void commandsReachWhoListens()
    {
        MigrationFeed feed;
        const std::shared_ptr<MigrationSink> sink = feed.sink();
        feed.send(one, commandOf(MigrationCommand::Kind::Abort)); // nobody is there
        sink->publish(pictureOf(one, {}, false));                 // nor here: it is somebody else's
        feed.send(one, commandOf(MigrationCommand::Kind::Abort));
        QVERIFY(sink->take(one).isEmpty());

        sink->publish(pictureOf(one, {}));
        feed.send(one, commandOf(MigrationCommand::Kind::SetMaxDowntime, 700));
        feed.send(one, commandOf(MigrationCommand::Kind::Abort));
        sink->publish(pictureOf(one, {})); // takes none away
        const QList<MigrationCommand> commands = sink->take(one);
        QCOMPARE(commands.size(), 2);
        QCOMPARE(commands.at(0).value, quint64(700));
        QCOMPARE(commands.at(1).kind, MigrationCommand::Kind::Abort);
        QVERIFY(sink->take(one).isEmpty());

        feed.send(one, commandOf(MigrationCommand::Kind::Abort));
        sink->publish(pictureOf(one, {}, false)); // it ended: what came too late is for nobody
        QVERIFY(sink->take(one).isEmpty());
    }

    void manyThreads()
    {
        MigrationFeed feed;
        constexpr int rounds = 500;
        std::atomic<int> taken = 0;
        feed.publish(pictureOf(one, {}));
        std::thread step([&, sink = feed.sink()] {
            for (int i = 0; i < rounds; ++i) {
                sink->publish(pictureOf(one, QString::number(i)));
                taken += static_cast<int>(sink->take(one).size());
            }
        });
        for (int i = 0; i < rounds; ++i) {
            feed.send(one, commandOf(MigrationCommand::Kind::SetBandwidth));
            QCoreApplication::processEvents();
        }
        step.join();
        QTRY_COMPARE(feed.picture(one)->note, QString::number(rounds - 1));
        taken += static_cast<int>(feed.sink()->take(one).size());
        QCOMPARE(taken.load(), rounds);
    }

    /** A job that hangs is left behind at the program's end, and may come back. */
    void theFeedMayGoFirst()
    {
        std::shared_ptr<MigrationSink> sink;
        {
            MigrationFeed feed;
            sink = feed.sink();
            sink->publish(pictureOf(one, {}));
        }
        sink->publish(pictureOf(one, u"late"_s));
        sink->remove(one);
        QVERIFY(sink->take(one).isEmpty());
        QCoreApplication::processEvents();
    }
};

QTEST_GUILESS_MAIN(TestMigrationFeed)
#include "tst_migrationfeed.moc"
