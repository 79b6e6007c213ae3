// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include "backend/xml/comparison.h"

using namespace Qt::StringLiterals;
using namespace vireo::xml;

namespace {

QStringList chars(const char *text)
{
    return QString::fromLatin1(text).split(QString(), Qt::SkipEmptyParts);
}

/// "web1" -> one letter a line.
QString lines(const char *text)
{
    return chars(text).join(u'\n');
}

QString kinds(const QList<DocumentChange> &changes)
{
    QStringList result;
    for (const DocumentChange &change : changes) {
        const QLatin1StringView sign = change.kind == DocumentChange::Kind::Added ? "+"_L1
            : change.kind == DocumentChange::Kind::Removed                        ? "-"_L1
                                                                                  : "~"_L1;
        result << sign + change.path;
    }
    return result.join(u' ');
}

} // namespace

class TestComparison final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runs()
    {
        QVERIFY(compareLines({}, {}).isEmpty());
        QCOMPARE(compareLines(chars("abc"), chars("abc")), (QList<LineRun>{{true, 0, 3, 0, 3}}));
        QCOMPARE(compareLines(chars("abc"), chars("axc")),
            (QList<LineRun>{{true, 0, 1, 0, 1}, {false, 1, 1, 1, 1}, {true, 2, 1, 2, 1}}));
        QCOMPARE(compareLines(chars("abc"), {}), (QList<LineRun>{{false, 0, 3, 0, 0}}));
        QCOMPARE(compareLines({}, chars("ab")), (QList<LineRun>{{false, 0, 0, 0, 2}}));
    }

    /// Runs cover both texts in order, equal ones are equal, and the script is as short as the longest common
    /// subsequence says (reckoned the slow way).
    void randomRuns()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 2000; ++round) {
            const auto make = [&random] {
                QStringList result(static_cast<qsizetype>(random.bounded(14)));
                for (QString &line : result) {
                    line = QChar(u'a' + static_cast<char16_t>(random.bounded(4)));
                }
                return result;
            };
            const QStringList a = make();
            const QStringList b = make();
            int left = 0;
            int right = 0;
            int same = 0;
            bool last = false;
            const QList<LineRun> all = compareLines(a, b);
            for (const LineRun &run : all) {
                QCOMPARE(run.leftFrom, left);
                QCOMPARE(run.rightFrom, right);
                QVERIFY(&run == &all.first() || run.same != last);
                last = run.same;
                if (run.same) {
                    QCOMPARE(a.sliced(left, run.leftCount), b.sliced(right, run.rightCount));
                    same += run.leftCount;
                }
                left += run.leftCount;
                right += run.rightCount;
            }
            QCOMPARE(left, a.size());
            QCOMPARE(right, b.size());
            QList<QList<int>> longest(a.size() + 1, QList<int>(b.size() + 1, 0));
            for (qsizetype i = 0; i < a.size(); ++i) {
                for (qsizetype k = 0; k < b.size(); ++k) {
                    longest[i + 1][k + 1] =
                        a[i] == b[k] ? longest[i][k] + 1 : std::max(longest[i][k + 1], longest[i + 1][k]);
                }
            }
            QCOMPARE(same, longest[a.size()][b.size()]);
        }
    }

    void unlikeTextsAreBounded()
    {
        QStringList a;
        QStringList b;
        for (int i = 0; i < 100000; ++i) {
            a << QString::number(i);
            b << QString::number(-i - 1);
        }
        QElapsedTimer timer;
        timer.start();
        const QList<LineRun> all = compareLines(a, b);
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(all, (QList<LineRun>{{false, 0, 100000, 0, 100000}}));
    }

    void unified()
    {
        QCOMPARE(unifiedDiff(u"a\nb"_s, u"a\nb"_s), QString());
        QCOMPARE(
            unifiedDiff(lines("abcdefghij"), lines("abcdXfghij"), 2), u"@@ -3,5 +3,5 @@\n c\n d\n-e\n+X\n f\n g\n"_s);
        QCOMPARE(unifiedDiff(lines("abcdefghij"), lines("XbcdefghiY"), 1),
            u"@@ -1,2 +1,2 @@\n-a\n+X\n b\n@@ -9,2 +9,2 @@\n i\n-j\n+Y\n"_s);
        QCOMPARE(unifiedDiff(lines("abcde"), lines("XbcdY"), 2), u"@@ -1,5 +1,5 @@\n-a\n+X\n b\n c\n d\n-e\n+Y\n"_s);
        QCOMPARE(unifiedDiff(lines("ab"), lines("axb"), 0), u"@@ -1,0 +2,1 @@\n+x\n"_s);
    }

    void merges_data()
    {
        QTest::addColumn<QString>("base");
        QTest::addColumn<QString>("mine");
        QTest::addColumn<QString>("theirs");
        QTest::addColumn<QString>("merged"); // with mine preferred
        QTest::addColumn<int>("conflicts");
        const auto row = [](const char *name, const char *b, const char *m, const char *t, const char *r, int c) {
            QTest::newRow(name) << lines(b) << lines(m) << lines(t) << lines(r) << c;
        };
        row("nothing", "abc", "abc", "abc", "abc", 0);
        row("only mine", "abc", "aXc", "abc", "aXc", 0);
        row("only theirs", "abc", "abc", "abcY", "abcY", 0);
        row("apart", "abcdef", "Xbcdef", "abcdeY", "XbcdeY", 0);
        row("the same twice", "abc", "aXc", "aXc", "aXc", 0);
        row("the same line", "abc", "aXc", "aYc", "aXc", 1);
        row("neighbours changed", "abcd", "aXcd", "abYd", "aXYd", 0);
        row("neighbours, one grew", "abcd", "aXXcd", "abYd", "aXXcd", 1);
        row("both added in one place", "ab", "aXb", "aYb", "aXb", 1);
        row("removed and changed", "abc", "ac", "aYc", "ac", 1);
        row("both removed", "abc", "ac", "ac", "ac", 0);
        row("removed apart", "abcde", "bcde", "abcd", "bcd", 0);
        row("two conflicts", "abcdefg", "XbcdefX", "YbcdefY", "XbcdefX", 2);
        row("all new", "a", "xyz", "a", "xyz", 0);
        row("emptied", "abc", "", "abc", "", 0);
    }

    void merges()
    {
        QFETCH(const QString, base);
        QFETCH(const QString, mine);
        QFETCH(const QString, theirs);
        QFETCH(const QString, merged);
        QFETCH(const int, conflicts);
        const Merge merge = mergeThreeWay(base, mine, theirs);
        QCOMPARE(merge.text(Merge::Prefer::Mine), merged);
        QCOMPARE(merge.conflicts(), conflicts);
        // The other way round it is the same with the sides exchanged.
        const Merge other = mergeThreeWay(base, theirs, mine);
        QCOMPARE(other.conflicts(), conflicts);
        QCOMPARE(other.text(Merge::Prefer::Theirs), merged);
        // The parts hold each text whole.
        QStringList b;
        QStringList m;
        QStringList t;
        for (const MergePart &part : merge.parts) {
            b += part.base;
            m += part.mine;
            t += part.theirs;
        }
        QCOMPARE(b.join(u'\n'), base);
        QCOMPARE(m.join(u'\n'), mine);
        QCOMPARE(t.join(u'\n'), theirs);
    }

    void randomMerges()
    {
        QRandomGenerator random(11);
        for (int round = 0; round < 2000; ++round) {
            const auto make = [&random] {
                QString result;
                for (auto i = random.bounded(8); i > 0; --i) {
                    result += QChar(u'a' + static_cast<char16_t>(random.bounded(3)));
                }
                return lines(qPrintable(result));
            };
            const QString base = make();
            const QString mine = make();
            QCOMPARE(mergeThreeWay(base, mine, base).text(), mine);
            QCOMPARE(mergeThreeWay(base, base, mine).text(), mine);
            QCOMPARE(mergeThreeWay(base, mine, mine).text(), mine);
            const QString theirs = make();
            const Merge merge = mergeThreeWay(base, mine, theirs);
            QStringList m;
            for (const MergePart &part : merge.parts) {
                m += part.mine;
            }
            QCOMPARE(m.join(u'\n'), mine);
        }
    }

    void meaning_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("changes");
        const auto row = [](const char *name, const QString &before, const QString &after, const QString &changes) {
            QTest::newRow(name) << before << after << changes;
        };
        row("form alone", u"<a x='1' y=\"2\"><!-- c --><b/><c/></a>"_s,
            u"<?xml version='1.0'?>\n<a y='2'\n x='1'>\n  <c></c>\n  <b />\n</a>\n"_s, QString());
        row("prefix alone", u"<a xmlns:q='u'><q:b/></a>"_s, u"<a xmlns:w='u'><w:b/></a>"_s, QString());
        row("references", u"<a x='&#65;'>&amp;</a>"_s, u"<a x='A'><![CDATA[&]]></a>"_s, QString());
        row("attribute", u"<a><b x='1' y='1' z='1'/></a>"_s, u"<a><b x='2' y='1' w='1'/></a>"_s, u"~b@x -b@z +b@w"_s);
        row("text", u"<a><b>1</b></a>"_s, u"<a><b> 2 </b></a>"_s, u"~b"_s);
        row("elements", u"<a><b/><c/></a>"_s, u"<a><b/><d/></a>"_s, u"-c +d"_s);
        row("disks by target", u"<d><disk><target dev='a'/></disk><disk x='1'><target dev='b'/></disk></d>"_s,
            u"<d><disk x='1'><target dev='b'/></disk></d>"_s, u"-disk"_s);
        row("moved disks", u"<d><disk><target dev='a'/></disk><disk x='1'><target dev='b'/></disk></d>"_s,
            u"<d><disk x='1'><target dev='b'/></disk><disk><target dev='a'/></disk></d>"_s, QString());
        row("a disk renamed is another", u"<d><disk><target dev='a'/></disk></d>"_s,
            u"<d><disk><target dev='b'/></disk></d>"_s, u"-disk +disk"_s);
        row("order without identity", u"<d><e x='1'/><e x='2'/></d>"_s, u"<d><e x='1'/><e x='3'/></d>"_s, u"~e[1]@x"_s);
        row("a MAC that libvirt added", u"<d><interface/></d>"_s, u"<d><interface><mac address='1'/></interface></d>"_s,
            u"+interface/mac"_s);
        row("second of a kind", u"<d><e/></d>"_s, u"<d><e/><e/></d>"_s, u"+e[1]"_s);
        row("two alike graphics", u"<d><graphics type='vnc' p='1'/><graphics type='vnc' p='2'/></d>"_s,
            u"<d><graphics type='vnc' p='1'/><graphics type='vnc' p='3'/></d>"_s, u"~graphics[1]@p"_s);
        row("another root", u"<a/>"_s, u"<b/>"_s, u"~"_s);
        row("ill-formed", u"<a/>"_s, u"<a>"_s, u"~"_s);
        row("mixed text", u"<a>t <b/> u</a>"_s, u"<a>t\n<b/>\nu</a>"_s, QString());
    }

    void meaning()
    {
        QFETCH(const QString, before);
        QFETCH(const QString, after);
        QFETCH(const QString, changes);
        QCOMPARE(kinds(compareDocuments(before, after)), changes);
        QVERIFY(compareDocuments(before, before).isEmpty());
        QCOMPARE(compareDocuments(after, before).isEmpty(), changes.isEmpty());
    }

    void manyAlike()
    {
        const QString many = u"<a>"_s + u"<b><c/></b>"_s.repeated(50000) + u"</a>"_s;
        QVERIFY(compareDocuments(many, many).isEmpty());
        QString other = many;
        other.replace(other.size() / 2 / 11 * 11 + 3, 11, u"<b><d/></b>"_s);
        QVERIFY(!compareDocuments(many, other).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"
