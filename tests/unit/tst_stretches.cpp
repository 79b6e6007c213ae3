// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRandomGenerator>
#include <QTest>

#include "backend/virt/stretches.h"

using vireo::virt::storage::Stretch;
using vireo::virt::storage::Stretches;

namespace {

constexpr auto block = static_cast<qsizetype>(Stretches::block);

QByteArray data(qsizetype length)
{
    return {length, 'd'};
}

QByteArray zeroes(qsizetype length)
{
    return {length, '\0'};
}

/** What would be in the file. */
QByteArray whole(const QList<Stretch> &stretches)
{
    QByteArray result;
    for (const Stretch &stretch : stretches) {
        result += stretch.hole > 0 ? zeroes(static_cast<qsizetype>(stretch.hole)) : stretch.data;
    }
    return result;
}

qsizetype holes(const QList<Stretch> &stretches)
{
    return std::ranges::count_if(stretches, [](const Stretch &each) { return each.hole > 0; });
}

} // namespace

class TestStretches : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void zeroesBecomeHoles()
    {
        Stretches stretches;
        stretches.add(data(block) + zeroes(2 * block) + data(10));
        stretches.end();
        QCOMPARE(stretches.take(), (QList<Stretch>{{data(block), 0}, {{}, 2U * block}, {data(10), 0}}));
        QVERIFY(stretches.take().isEmpty());
    }

    void neighbouringHolesAreOne()
    {
        Stretches stretches;
        stretches.addHole(4096);
        stretches.add(zeroes(block));
        stretches.add(zeroes(100)); // goes on with the hole, small as it is
        QVERIFY2(stretches.take().isEmpty(), "more of the hole may come");
        stretches.addHole(5);
        stretches.end();
        QCOMPARE(stretches.take(), (QList<Stretch>{{{}, 4096U + block + 105U}}));
    }

    void fewZeroesAreData()
    {
        Stretches stretches;
        const QByteArray text = data(block - 100) + zeroes(200) + data(block - 100);
        stretches.add(text);
        stretches.add(data(200) + zeroes(100)); // a crumb at the edge of a piece
        stretches.end();
        const QList<Stretch> got = stretches.take();
        QCOMPARE(holes(got), 0);
        QCOMPARE(whole(got), text + data(200) + zeroes(100));
    }

    void asDataNothingIsAHole()
    {
        Stretches stretches(Stretches::Zeroes::AsData);
        stretches.add(zeroes(3 * block));
        stretches.addHole(7);
        stretches.end();
        QCOMPARE(stretches.take(), (QList<Stretch>{{zeroes(3 * block), 0}, {{}, 7}}));
    }

    /** However the file is cut into pieces, it is the same file, and each aligned block of zeroes is in a hole. */
    void anyPieces()
    {
        QRandomGenerator random(4711);
        for (int round = 0; round < 200; ++round) {
            QByteArray file;
            qsizetype zeroBlocks = 0;
            for (int i = 0; i < 20; ++i) {
                const bool zero = random.bounded(2) == 0;
                file += zero ? zeroes(block) : data(block);
                zeroBlocks += zero ? 1 : 0;
            }
            file.chop(random.bounded(static_cast<int>(block)));
            Stretches stretches;
            QList<Stretch> got;
            for (qsizetype at = 0; at < file.size();) {
                const qsizetype length = std::min<qsizetype>(random.bounded(1, 300000), file.size() - at);
                const QByteArray piece = file.mid(at, length);
                if (piece == zeroes(length) && random.bounded(2) == 0) {
                    stretches.addHole(static_cast<quint64>(length));
                } else {
                    stretches.add(piece);
                }
                got += stretches.take();
                at += length;
            }
            stretches.end();
            got += stretches.take();
            QCOMPARE(whole(got), file);
            quint64 inHoles = 0;
            for (qsizetype i = 0; i < got.size(); ++i) {
                QVERIFY2(i == 0 || got[i].hole == 0 || got[i - 1].hole == 0, "two holes side by side");
                QVERIFY((got[i].hole > 0) != !got[i].data.isEmpty());
                inHoles += got[i].hole;
            }
            // What is lost are crumbs at the edges of pieces.
            QVERIFY(inHoles + 20U * 4096U * 2U >= static_cast<quint64>(zeroBlocks - 1) * Stretches::block);
        }
    }
};

QTEST_GUILESS_MAIN(TestStretches)
#include "tst_stretches.moc"
