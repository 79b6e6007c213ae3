// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTest>

#include "model/definitiontree.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DefinitionGroup;
using model::DefinitionTreeModel;
using virt::DefinitionEntry;
using Kind = virt::DefinitionKey::Kind;
using State = DefinitionEntry::State;
using Entries = QList<DefinitionEntry>;
using Tester = QAbstractItemModelTester;

namespace {

DefinitionEntry device(const QString &name)
{
    return {{Kind::NodeDevice, {}, name}, name};
}

DefinitionEntry pool(const QString &id, const QString &name, State state = State::Active)
{
    return {{Kind::Pool, {}, id}, name, state, true};
}

DefinitionEntry volume(const QString &owner, const QString &name)
{
    return {{Kind::Volume, owner, name}, name};
}

const DefinitionGroup devices{Kind::NodeDevice, {}};
const DefinitionGroup pools{Kind::Pool, {}};

QStringList names(const QAbstractItemModel &model, const QModelIndex &parent)
{
    QStringList names;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        names << model.index(row, 0, parent).data().toString();
    }
    return names;
}

QString state(const QModelIndex &index)
{
    return index.siblingAtColumn(DefinitionTreeModel::StateColumn).data().toString();
}

Error errorOf(Error::Kind kind)
{
    return {kind, u"No <b>such</b> thing"_s, {}, 0, 0};
}

} // namespace

/** The tree of a host's definitions, fed by hand and under QAbstractItemModelTester. */
class TestDefinitionTree final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void kindsAreAlwaysThere()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        QCOMPARE(names(model, {}),
            (QStringList{u"Capabilities"_s, u"Domain capabilities"_s, u"Storage pools"_s, u"Networks"_s,
                u"Network filters"_s, u"Node devices"_s, u"Snapshots"_s, u"Secrets"_s}));
        QCOMPARE(model.groups().size(), 7);
        const QModelIndex capabilities = model.indexOfKind(Kind::Capabilities);
        QVERIFY(model.entryAt(capabilities) && !model.hasChildren(capabilities));
        QCOMPARE(model.indexOf(virt::DefinitionKey{Kind::Capabilities, {}, {}}), capabilities);
        const QModelIndex networks = model.indexOfKind(Kind::Network);
        QVERIFY(!model.entryAt(networks) && model.hasChildren(networks));
        QCOMPARE(state(networks), QString()); // nobody has looked yet
        model.setEntries({Kind::Network, {}}, Entries());
        QCOMPARE(state(networks), u"0"_s);
        QVERIFY(!model.hasChildren(networks));
        model.clear();
        QVERIFY(model.hasChildren(networks) && state(networks).isEmpty());
    }

    void exactlyTheRowsThatDifferChange()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setEntries(devices, Entries{device(u"a"_s), device(u"c"_s), device(u"e"_s)});
        const QModelIndex kind = model.indexOfKind(Kind::NodeDevice);
        const QPersistentModelIndex kept = model.indexOf(device(u"e"_s).key);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setEntries(devices, Entries{device(u"a"_s), device(u"c"_s), device(u"e"_s)});
        QCOMPARE(inserted.size() + removed.size() + moved.size() + reset.size(), 0);
        model.setEntries(devices, Entries{device(u"b"_s), device(u"d"_s), device(u"e"_s), device(u"e"_s)});
        QCOMPARE(removed.size(), 1); // a and c, which were neighbours
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(names(model, kind), (QStringList{u"b"_s, u"d"_s, u"e"_s}));
        QCOMPARE(state(kind), u"3"_s);
        QCOMPARE(kept.row(), 2);
        QCOMPARE(model.entryAt(kept)->name, u"e"_s);
        QVERIFY(!model.indexOf(device(u"a"_s).key).isValid());
    }

    void whatIsRenamedMovesAndStaysItself()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setEntries(pools, Entries{pool(u"1"_s, u"a"_s), pool(u"2"_s, u"b"_s), pool(u"3"_s, u"c"_s)});
        const QPersistentModelIndex last = model.indexOf(pool(u"3"_s, {}).key);
        model.setEntries(pools, Entries{pool(u"3"_s, u"0"_s), pool(u"1"_s, u"a"_s), pool(u"2"_s, u"b"_s)});
        QCOMPARE(last.row(), 0);
        QCOMPARE(last.data().toString(), u"0"_s);
    }

    void whatIsBelowIsAskedForWhenOpened()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        QSignalSpy wanted(&model, &DefinitionTreeModel::wanted);
        model.setEntries(pools, Entries{pool(u"1"_s, u"a"_s), pool(u"2"_s, u"off"_s, State::Inactive)});
        const QModelIndex active = model.indexOf(pool(u"1"_s, {}).key);
        const QModelIndex inactive = model.indexOf(pool(u"2"_s, {}).key);
        wanted.clear(); // the tester fetches too
        QCOMPARE(state(active), u"active"_s);
        QCOMPARE(state(inactive), u"inactive"_s);
        QVERIFY(!model.hasChildren(inactive) && !model.groupAt(inactive));
        const DefinitionGroup below{Kind::Volume, u"1"_s};
        QCOMPARE(model.groupAt(active), below);
        model.setEntries(below, Entries{volume(u"1"_s, u"x"_s), volume(u"1"_s, u"y"_s)});
        QCOMPARE(names(model, active), (QStringList{u"x"_s, u"y"_s}));
        QVERIFY(model.groups().contains(below)); // read again from now on
        // It stops: its volumes can't be seen, and are asked for anew when it runs again.
        model.setEntries(
            pools, Entries{pool(u"1"_s, u"a"_s, State::Inactive), pool(u"2"_s, u"off"_s, State::Inactive)});
        QVERIFY(!model.hasChildren(active) && !model.groups().contains(below));
        QVERIFY(!model.indexOf(volume(u"1"_s, u"x"_s).key).isValid());
        model.setEntries(below, Entries{volume(u"1"_s, u"late"_s)}); // an answer that was under way
        QCOMPARE(model.rowCount(active), 0);
        model.setEntries(pools, Entries{pool(u"1"_s, u"a"_s), pool(u"2"_s, u"off"_s, State::Inactive)});
        QVERIFY(model.hasChildren(active));
        if (model.canFetchMore(active)) { // unless the tester was faster
            model.fetchMore(active);
        }
        QVERIFY(!model.canFetchMore(active));
        QVERIFY(wanted.last().constFirst().value<DefinitionGroup>() == below);
    }

    void errorsSayWhatIsTheMatter()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        const QModelIndex kind = model.indexOfKind(Kind::NodeDevice);
        model.setEntries(devices, Entries{device(u"a"_s)});
        model.setEntries(devices, fail(errorOf(Error::Kind::TimedOut)));
        QCOMPARE(names(model, kind), QStringList{u"a"_s}); // what was last known
        QCOMPARE(state(kind), u"can't be read"_s);
        QVERIFY(kind.data(Qt::ToolTipRole).toString().contains(u"&lt;b&gt;"_s));
        model.setEntries(devices, fail(errorOf(Error::Kind::Unsupported)));
        QCOMPARE(model.rowCount(kind), 0);
        QCOMPARE(state(kind), u"not supported"_s);
        QCOMPARE(model.errorAt(kind).message, u"No <b>such</b> thing"_s);
        model.setEntries(devices, Entries{device(u"b"_s)});
        QCOMPARE(state(kind), u"1"_s);
        QVERIFY(model.errorAt(kind).message.isEmpty());
    }

    void randomListsAreShownAsTheyAre()
    {
        DefinitionTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        QSortFilterProxyModel filter;
        filter.setRecursiveFilteringEnabled(true);
        filter.setAutoAcceptChildRows(true);
        filter.setSourceModel(&model);
        const Tester filterTester(&filter, Tester::FailureReportingMode::Fatal);
        QRandomGenerator random(20);
        const auto someOf = [&random](const auto &make) {
            Entries entries;
            for (int id = 0; id < 12; ++id) {
                if (random.bounded(3) > 0) {
                    entries.insert(random.bounded(static_cast<int>(entries.size()) + 1), make(QString::number(id)));
                }
            }
            return entries;
        };
        const auto namesOf = [](const Entries &entries) {
            QStringList names;
            for (const DefinitionEntry &entry : entries) {
                names << entry.name;
            }
            return names;
        };
        for (int round = 0; round < 60; ++round) {
            const Entries all = someOf([&random](const QString &id) {
                return pool(id, id + u'x', random.bounded(4) > 0 ? State::Active : State::Inactive);
            });
            model.setEntries(pools, all);
            QCOMPARE(names(model, model.indexOfKind(Kind::Pool)), namesOf(all));
            for (const DefinitionEntry &each : all) {
                const QModelIndex at = model.indexOf(each.key);
                QVERIFY(at.isValid());
                if (each.state == State::Active) {
                    const Entries volumes =
                        someOf([&each](const QString &name) { return volume(each.key.id, name + u'v'); });
                    model.setEntries({Kind::Volume, each.key.id}, volumes);
                    QCOMPARE(names(model, at), namesOf(volumes));
                }
            }
            filter.setFilterFixedString(round % 3 == 0 ? QString() : QString::number(random.bounded(12)));
            if (round % 20 == 19) {
                model.clear();
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestDefinitionTree)
#include "tst_definitiontree.moc"
