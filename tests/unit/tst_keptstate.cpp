// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <thread>
#include <vector>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/kept/keptclaims.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/resize/resize.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::KeptClaims;
using operation::KeptState;
using operation::KeptStates;
using operation::withKeptMark;

/** What is kept of VMs until their change is confirmed: files that only their owner can read, whole or not at all. */
class TestKeptState final : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;

    QString root() const { return m_directory->filePath(u"state/kept"_s); }
    /** A new object each time, as another process would have. */
    KeptStates store() const { return KeptStates(root()); }
    static KeptState state(const QString &id)
    {
        KeptState state;
        state.id = id;
        state.domain = QUuid::createUuid();
        state.name = u"web01 ü"_s;
        state.fromUri = u"qemu:///system"_s;
        state.toUri = u"qemu+ssh://b/system"_s;
        state.since = QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5, 678), Qt::UTC);
        state.confirmAt = state.since.addDays(1);
        state.wasRunning = true;
        state.autostart = true;
        state.keepSource = true;
        state.change = u"4 vCPUs, disk vda of 25 GiB"_s;
        state.disks = {{u"vda"_s, {u"/p/a.raw"_s, u"raw"_s}, {u"/p/a.r.qcow2"_s, u"qcow2"_s}, true},
            {u"vdb"_s, {u"/p/b.qcow2"_s, u"qcow2"_s}, {u"/q/b.raw"_s, u"raw"_s}, false}};
        state.before = {u"/p/base"_s, u"/p/mem"_s};
        state.made = {u"/p/a.r.qcow2"_s, u"/q/b.raw"_s};
        state.tpmMachine = u"<domain/>"_s;
        state.tpmFile = u"/p/vm.tpm"_s;
        state.savedFile = u"/p/vm.save"_s;
        state.savedPaused = true;
        return state;
    }
    QStringList files(QDir::Filters filters) const
    {
        QStringList found;
        QDirIterator all(m_directory->filePath(u"state"_s), filters | QDir::Hidden | QDir::NoDotAndDotDot,
            QDirIterator::Subdirectories);
        while (all.hasNext()) {
            found.append(all.next());
        }
        found.sort();
        return found;
    }
    QString only(const QString &pattern) const
    {
        QDirIterator all(root(), {pattern}, QDir::Files, QDirIterator::Subdirectories);
        return all.hasNext() ? all.next() : QString();
    }

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void jsonRoundTrip()
    {
        const KeptState all = state(u"a-1"_s);
        QCOMPARE(KeptState::fromJson(all.toJson()), all);
        for (const auto ending : {KeptState::Ending::Confirm, KeptState::Ending::Revert}) {
            KeptState ended = all;
            ended.ending = ending;
            QCOMPARE(KeptState::fromJson(ended.toJson()), ended);
        }
        KeptState little;
        little.id = u"b"_s;
        little.domain = QUuid::createUuid();
        QCOMPARE(KeptState::fromJson(little.toJson()), little);
        QVERIFY(KeptState::fromJson({}).domain.isNull());
        QJsonObject bad = all.toJson();
        bad.insert(u"id"_s, u"../x"_s);
        QVERIFY(KeptState::fromJson(bad).domain.isNull());
    }

    void storesAndFinds()
    {
        const KeptState one = state(KeptStates::newId());
        const KeptState two = state(KeptStates::newId());
        QVERIFY(one.id != two.id);
        QCOMPARE(store().list().value(), QList<KeptState>());
        QCOMPARE(store().find(one.domain).error().kind, Error::Kind::NotFound);
        const QString definition = u"<domain>\n  <graphics passwd='geheim'/> ü\n</domain>\n"_s;
        const QStringList snapshots{u"<domainsnapshot>1</domainsnapshot>"_s, u"<domainsnapshot>2</domainsnapshot>"_s};
        QVERIFY(store().write(one, definition, snapshots));
        QVERIFY(store().write(two, u"<domain/>"_s, {}));
        QCOMPARE(store().list().value().size(), 2);
        QCOMPARE(store().find(two.domain).value(), two);
        QCOMPARE(store().read(one.id).value(), one);
        QCOMPARE(store().definition(one.id).value(), definition);
        QCOMPARE(store().snapshots(one.id).value(), snapshots);
        QCOMPARE(store().snapshots(two.id).value(), QStringList());

        QVERIFY(store().remove(one.id));
        QVERIFY(store().remove(one.id));
        QCOMPARE(store().read(one.id).error().kind, Error::Kind::NotFound);
        QCOMPARE(store().definition(one.id).error().kind, Error::Kind::NotFound);
        QCOMPARE(store().list().value(), QList<KeptState>{two});
        QVERIFY(store().remove(two.id));
        QCOMPARE(files(QDir::Files), QStringList());
        QCOMPARE(files(QDir::Dirs), QStringList{root()});
    }

    /** Of those who come at the same time one is the first. */
    void keepsOneOfAVm()
    {
        const QUuid domain = QUuid::createUuid();
        std::atomic<int> added = 0;
        std::atomic<int> refused = 0;
        {
            std::vector<std::jthread> all;
            all.reserve(8);
            for (int i = 0; i < 8; ++i) {
                all.emplace_back([&, own = state(KeptStates::newId())]() mutable {
                    own.domain = domain;
                    const auto is = store().add(own, u"<domain/>"_s, {});
                    added += is && *is ? 1 : 0;
                    refused += is && !*is ? 1 : 0;
                });
            }
        }
        QCOMPARE(added.load(), 1);
        QCOMPARE(refused.load(), 7);
        QCOMPARE(store().list().value().size(), 1);
        QVERIFY(store().add(state(KeptStates::newId()), u"<domain/>"_s, {}).value()); // another VM
        QVERIFY(store().remove(store().find(domain)->id));
        KeptState again = state(KeptStates::newId());
        again.domain = domain;
        QVERIFY(store().add(again, u"<domain/>"_s, {}).value());
        QCOMPARE(QFile::permissions(root() + u"/.lock"_s) & ~(QFile::ReadUser | QFile::WriteUser),
            QFile::ReadOwner | QFile::WriteOwner);
    }

    /** Two objects stand for two processes. */
    void claims()
    {
        const QUuid domain = QUuid::createUuid();
        KeptClaims ours(root());
        {
            KeptClaims theirs(root());
            QVERIFY(!ours.isOthers(domain));
            QVERIFY(ours.claim(domain).value());
            QVERIFY(ours.claim(domain).value());
            QVERIFY(!ours.isOthers(domain));
            QVERIFY(theirs.isOthers(domain));
            QVERIFY(!theirs.claim(domain).value());
            theirs.release(domain); // not theirs
            QVERIFY(!theirs.claim(domain).value());
            QVERIFY(theirs.claim(QUuid::createUuid()).value()); // another VM

            ours.release(domain);
            QVERIFY(!theirs.isOthers(domain));
            QVERIFY(theirs.claim(domain).value());
            QVERIFY(!ours.claim(domain).value());
        }
        QVERIFY(ours.claim(domain).value()); // they are gone
        QCOMPARE(store().list().value(), QList<KeptState>());
        ours.release(domain);
        QCOMPARE(files(QDir::Files), QStringList());
    }

    /** Whoever waits for a file that its holder removes must not end with one that nobody else finds. */
    void claimsUnderContention()
    {
        const QUuid domain = QUuid::createUuid();
        std::atomic<int> holders = 0;
        std::atomic<int> claimed = 0;
        std::atomic<bool> isBroken = false;
        {
            std::vector<std::jthread> all;
            all.reserve(4);
            for (int i = 0; i < 4; ++i) {
                all.emplace_back([&] {
                    KeptClaims own(root());
                    for (int round = 0; round < 500; ++round) {
                        const auto is = own.claim(domain);
                        if (!is) {
                            isBroken = true;
                        } else if (*is) {
                            isBroken = holders.fetch_add(1) != 0 || isBroken;
                            ++claimed;
                            --holders;
                            own.release(domain);
                        }
                    }
                });
            }
        }
        QVERIFY(!isBroken);
        QVERIFY(claimed > 0);
    }

    void isPrivate()
    {
        QVERIFY(store().write(state(u"a"_s), u"<domain/>"_s, {u"<domainsnapshot/>"_s}));
        const QStringList all = files(QDir::Files);
        QCOMPARE(all.size(), 2);
        for (const QString &file : all) {
            QCOMPARE(
                QFile::permissions(file) & ~(QFile::ReadUser | QFile::WriteUser), QFile::ReadOwner | QFile::WriteOwner);
        }
        const QStringList directories = files(QDir::Dirs);
        QCOMPARE(directories.size(), 2);
        for (const QString &directory : directories) {
            QCOMPARE(QFile::permissions(directory) & ~(QFile::ReadUser | QFile::WriteUser | QFile::ExeUser),
                QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
    }

    void updateLeavesTheRest()
    {
        KeptState one = state(u"a"_s);
        QCOMPARE(store().update(one).error().kind, Error::Kind::NotFound);
        QVERIFY(store().write(one, u"<domain>then</domain>"_s, {u"<s/>"_s}));
        one.confirmAt = {};
        one.wasRunning = false;
        QVERIFY(store().update(one));
        QCOMPARE(store().read(u"a"_s).value(), one);
        QCOMPARE(store().definition(u"a"_s).value(), u"<domain>then</domain>"_s);
        QCOMPARE(store().snapshots(u"a"_s).value(), QStringList{u"<s/>"_s});
    }

    void replacesWhole()
    {
        KeptState one = state(u"a"_s);
        QVERIFY(store().write(one, u"<domain>1</domain>"_s, {u"<s/>"_s}));
        one.change = u"other"_s;
        QVERIFY(store().write(one, u"<domain>2</domain>"_s, {}));
        QCOMPARE(store().read(u"a"_s).value(), one);
        QCOMPARE(store().definition(u"a"_s).value(), u"<domain>2</domain>"_s);
        QCOMPARE(files(QDir::Files).size(), 2);
    }

    /** What a kill leaves: each file of one, without those that are written after it. */
    void halfIsNone()
    {
        const KeptState one = state(u"a"_s);
        QVERIFY(store().write(one, u"<domain/>"_s, {}));
        QVERIFY(QFile::remove(only(u"state.json"_s)));
        QCOMPARE(store().list().value(), QList<KeptState>());
        QCOMPARE(store().find(one.domain).error().kind, Error::Kind::NotFound);
        QVERIFY(store().write(one, u"<domain>again</domain>"_s, {}));
        QCOMPARE(files(QDir::Files).size(), 2);
        QCOMPARE(store().definition(u"a"_s).value(), u"<domain>again</domain>"_s);
    }

    void brokenIsNotNone()
    {
        const KeptState one = state(u"a"_s);
        QVERIFY(store().write(one, u"<domain/>"_s, {}));
        QFile file(only(u"state.json"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{");
        file.close();
        QCOMPARE(store().find(one.domain).error().kind, Error::Kind::Failed);
        QVERIFY(!store().list());
        QVERIFY(store().remove(u"a"_s));
        QCOMPARE(store().list().value(), QList<KeptState>());
    }

    void refusesOtherNames()
    {
        for (const QString &id : {u""_s, u"../a"_s, u"a/b"_s, u"a.b"_s, u"ä"_s}) {
            QCOMPARE(store().write(state(id), u"<domain/>"_s, {}).error().kind, Error::Kind::Invalid);
            QCOMPARE(store().read(id).error().kind, Error::Kind::Invalid);
            QCOMPARE(store().remove(id).error().kind, Error::Kind::Invalid);
        }
        QVERIFY(!QFileInfo::exists(root()));
    }

    void mark_data()
    {
        QTest::addColumn<QString>("xml");
        QTest::newRow("none")
            << u"<domain type='kvm'>\n  <name>a</name>\n  <!-- x -->\n  <memory  unit='KiB'>1</memory>\n</domain>\n"_s;
        QTest::newRow("others")
            << u"<domain>\n  <name>a</name>\n  <metadata>\n    <x:y xmlns:x=\"u:x\"/>\n  </metadata>\n  <vcpu>1</vcpu>\n</domain>"_s;
        QTest::newRow("ours")
            << u"<domain>\n  <name>a</name>\n  <metadata>\n    <v:domain xmlns:v=\"https://vireo-vm.github.io/xmlns/domain/1\">\n      <v:tags>\n        <v:tag>t</v:tag>\n      </v:tags>\n    </v:domain>\n  </metadata>\n</domain>"_s;
    }

    void mark()
    {
        QFETCH(const QString, xml);
        QVERIFY(!operation::unconfirmedFinding(xml));
        const auto marked = withKeptMark(xml, u"20260101-a"_s);
        QVERIFY(marked);
        QVERIFY(marked->contains(u"resize id=\"20260101-a\""_s) || marked->contains(u"resize id='20260101-a'"_s));
        const auto found = operation::unconfirmedFinding(*marked);
        QVERIFY(found);
        QCOMPARE(found->severity, job::Finding::Severity::Blocker);
        QVERIFY(!found->fix.isEmpty());
        // All else stays: without the lines that came, it is what it was.
        QStringList lines = marked->split(u'\n');
        const QStringList before = xml.split(u'\n');
        for (const QString &line : before) {
            QVERIFY2(lines.removeOne(line), qPrintable(line));
        }
        for (const QString &line : std::as_const(lines)) {
            QVERIFY2(line.contains("metadata"_L1) || line.contains("domain"_L1) || line.contains("resize"_L1),
                qPrintable(line));
        }
        QCOMPARE(withKeptMark(*marked, u"other"_s).value(), QString(*marked).replace(u"20260101-a"_s, u"other"_s));
        QCOMPARE(withKeptMark(*marked, {}).value(), xml);
        QCOMPARE(withKeptMark(xml, {}).value(), xml);
    }

    void markOfNonsense()
    {
        QVERIFY(!withKeptMark(u"<domain>"_s, u"a"_s));
        QVERIFY(!operation::unconfirmedFinding(u"<domain>"_s));
        QVERIFY(!operation::unconfirmedFinding(QString()));
    }
};

QTEST_GUILESS_MAIN(TestKeptState)
#include "tst_keptstate.moc"
