// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/steps.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Step;

namespace {

void writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(not there)");
}

unsigned modeOf(const QString &path)
{
    struct stat status = {};
    return ::lstat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 0777U : 0;
}

} // namespace

class TreeStepsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        operation::registerTreeSteps(m_registry);
        m_plan.host = QUuid::createUuid();
        m_plan.domainName = u"a name/with ../signs"_s;
    }

    void init()
    {
        QVERIFY(m_directory.isValid());
        QDir(workRoot()).removeRecursively();
        m_results = {};
        m_source = m_directory.filePath(u"vmlinuz"_s);
        writeFile(m_source, QByteArray(500'000, 'k'));
    }

    void fetches()
    {
        QVERIFY(run(step()));
        const QJsonObject note = m_results[u"file:kernel"_s].toObject();
        const QString path = note[u"path"_s].toString();
        QVERIFY(path.startsWith(workRoot() + u'/'));
        QCOMPARE(readFile(path), readFile(m_source));
        QCOMPARE(note[u"size"_s].toDouble(), 500'000.0);
        QVERIFY(note[u"modified"_s].toString().toLongLong() > 0);
        QCOMPARE(modeOf(path), 0600U);
        QCOMPARE(modeOf(QFileInfo(path).path()), 0700U);
        QCOMPARE(modeOf(workRoot()), 0700U);
        QCOMPARE(m_reported, 500'000U);
    }

    void againIsNothing()
    {
        QVERIFY(run(step()));
        const QJsonObject first = m_results;
        QVERIFY(QFile::remove(m_source)); // so a second fetch would fail
        QVERIFY(run(step()));
        QCOMPARE(m_results, first);
    }

    void againAfterTheFileWasChanged()
    {
        QVERIFY(run(step()));
        const QString path = m_results[u"file:kernel"_s].toObject()[u"path"_s].toString();
        writeFile(path, "cut off");
        QVERIFY(run(step()));
        QCOMPARE(readFile(path), readFile(m_source));
    }

    /** Killed while it fetched: the directory is noted, a part is there. Run and undo both cope. */
    void killed()
    {
        QVERIFY(run(step()));
        const QString path = m_results[u"file:kernel"_s].toObject()[u"path"_s].toString();
        const QJsonObject begun{{u"work:kernel"_s, m_results[u"work:kernel"_s]}};
        QVERIFY(!begun[u"work:kernel"_s].toString().isEmpty());
        QVERIFY(QFile::rename(path, path + u".part"_s));
        m_results = begun;
        QVERIFY(run(step()));
        QCOMPARE(m_results[u"file:kernel"_s].toObject()[u"path"_s].toString(), path);
        QCOMPARE(readFile(path), readFile(m_source));

        writeFile(path + u".part"_s, "half");
        m_results = begun;
        QVERIFY(undo(step()));
        QVERIFY(!QFileInfo::exists(QFileInfo(path).path()));
    }

    void undone()
    {
        Step initrd = step();
        initrd.parameters.insert(u"key"_s, u"initrd"_s);
        QVERIFY(run(step()));
        QVERIFY(run(initrd));
        QVERIFY(undo(step()));
        QVERIFY(!m_results.contains(u"file:kernel"_s));
        QCOMPARE(QDir(workRoot()).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 1); // the initrd's
        QVERIFY(undo(step()));                                                             // twice is fine
        QVERIFY(undo(initrd));
        QVERIFY(QDir(workRoot()).isEmpty());
        QVERIFY(QFileInfo::exists(m_source));
    }

    /** A journal that somebody changed removes nothing but our own directory. */
    void undoFollowsNoPathOfTheJournal()
    {
        const QString victim = m_directory.filePath(u"victim"_s);
        writeFile(victim, "x");
        m_results = {{u"file:kernel"_s, QJsonObject{{u"path"_s, victim}}}};
        QVERIFY(undo(step()));
        QVERIFY(QFileInfo::exists(victim));
    }

    void failureLeavesNothingAfterUndo()
    {
        Step missing = step();
        missing.parameters.insert(u"url"_s, m_directory.filePath(u"missing"_s));
        const Result<> failed = run(missing);
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, Error::Kind::NotFound);
        QVERIFY(undo(missing));
        QVERIFY(QDir(workRoot()).isEmpty());
        Step small = step();
        small.parameters.insert(u"limit"_s, 1000);
        QVERIFY(!run(small));
        writeFile(m_source, {});
        QVERIFY(!run(step())); // nothing to boot
    }

    void badKeys()
    {
        for (const QString &key : {u""_s, u"../x"_s, u"a/b"_s, u"."_s, QString(41, u'a'), u"käse"_s}) {
            Step bad = step();
            bad.parameters.insert(u"key"_s, key);
            const Result<> result = run(bad);
            QVERIFY2(!result, qPrintable(key));
            QCOMPARE(result.error().kind, Error::Kind::Invalid);
            QVERIFY(m_results.isEmpty());
        }
    }

    void directoryOfSomebodyElse()
    {
        QDir().mkpath(QFileInfo(workRoot()).path());
        QVERIFY(QFile::link(m_directory.path(), workRoot()));
        const Result<> result = run(step());
        QVERIFY(QFile::remove(workRoot()));
        QVERIFY(!result);
        QCOMPARE(QDir(m_directory.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 0);
    }

    void cancelled()
    {
        m_stop.request_stop();
        const Result<> result = run(step());
        m_stop = std::stop_source();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, Error::Kind::Cancelled);
    }

private:
    static QString workRoot() { return QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s; }
    Step step() const
    {
        Step step;
        step.type = u"tree.fetch"_s;
        step.parameters = {{u"url"_s, m_source}, {u"key"_s, u"kernel"_s}};
        return step;
    }
    Result<> call(const std::function<Result<>(const Step &, job::StepContext &)> &function, const Step &step)
    {
        job::StepContext context(
            m_plan, [](const virt::HostId &) { return Result<virt::ConnectionPtr>(fail(Error::failed({}))); },
            m_stop.get_token(), m_results, [this](quint64 done, quint64) { m_reported = done; },
            [](const QString &) {});
        return function(step, context);
    }
    Result<> run(const Step &step) { return call(m_registry.find(step.type)->run, step); }
    Result<> undo(const Step &step) { return call(m_registry.find(step.type)->undo, step); }

    QTemporaryDir m_directory;
    job::StepRegistry m_registry;
    job::Plan m_plan;
    QJsonObject m_results;
    std::stop_source m_stop;
    QString m_source;
    quint64 m_reported = 0;
};

QTEST_GUILESS_MAIN(TreeStepsTest)
#include "tst_treesteps.moc"
