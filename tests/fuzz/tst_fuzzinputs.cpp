// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QTest>

#include "xmlexercise.h"

using namespace Qt::StringLiterals;
using namespace vireo;

/** What the fuzz target once tripped over, and samples of what it tries. */
class FuzzInputsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void inputs()
    {
        const QDir dir(QStringLiteral(VIREO_FUZZ_INPUTS));
        const QStringList names = dir.entryList(QDir::Files, QDir::Name);
        QVERIFY(names.size() >= 5);
        for (const QString &name : names) {
            QFile file(dir.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray input = file.readAll();
            QVERIFY2(input.size() > 4, qPrintable(name));
            fuzz::exerciseXml(input); // aborts when something is broken
        }
    }

    /** Documents cut off and bitten at many places. */
    void documents()
    {
        const QDir dir(QStringLiteral(VIREO_TEST_DATA "/domain"));
        const QStringList names = dir.entryList({u"*.xml"_s}, QDir::Files, QDir::Name);
        QVERIFY(names.size() > 20);
        quint32 seed = 1;
        const auto random = [&seed](qsizetype below) {
            seed = seed * 1664525 + 1013904223;
            return static_cast<qsizetype>((seed >> 8U) % static_cast<quint32>(below));
        };
        for (const QString &name : names) {
            QFile file(dir.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            for (int i = 0; i < 3; ++i) {
                QByteArray input;
                for (int b = 0; b < 4; ++b) {
                    input += static_cast<char>(random(256));
                }
                input[3] = static_cast<char>(input[3] & 0x7f);
                QByteArray bitten = text;
                if (i > 0) {
                    bitten.remove(random(bitten.size()), random(40));
                    bitten.insert(random(bitten.size()), QByteArray("<&>\"'/=!-[]").mid(random(10), 2));
                }
                fuzz::exerciseXml(input + bitten);
            }
        }
    }
};

QTEST_GUILESS_MAIN(FuzzInputsTest)
#include "tst_fuzzinputs.moc"
