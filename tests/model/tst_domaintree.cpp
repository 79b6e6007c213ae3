// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/virt/eventloop.h"
#include "feed.h"
#include "model/domaintreemodel.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainQuery;
using model::DomainTreeModel;
using test::Feed;
using virt::DomainState;

/** Counts the structural signals of a model. */
struct Spies {
    explicit Spies(const DomainTreeModel &model)
        : inserted(&model, &QAbstractItemModel::rowsInserted)
        , removed(&model, &QAbstractItemModel::rowsRemoved)
        , moved(&model, &QAbstractItemModel::rowsMoved)
        , changed(&model, &QAbstractItemModel::dataChanged)
        , layout(&model, &QAbstractItemModel::layoutChanged)
        , reset(&model, &QAbstractItemModel::modelReset)
    {}
    /** Inserted, removed, moved, data, layout, reset. */
    QList<qsizetype> counts()
    {
        QList<qsizetype> counts;
        for (QSignalSpy *spy : {&inserted, &removed, &moved, &changed, &layout, &reset}) {
            counts << spy->size();
        }
        return counts;
    }
    void clear()
    {
        for (QSignalSpy *spy : {&inserted, &removed, &moved, &changed, &layout, &reset}) {
            spy->clear();
        }
    }
    QSignalSpy inserted;
    QSignalSpy removed;
    QSignalSpy moved;
    QSignalSpy changed;
    QSignalSpy layout;
    QSignalSpy reset;
};
using Counts = QList<qsizetype>;

class TestDomainTree final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void listIsOneInsert();
    void oneEventOneRow();
    void renameMovesTheRow();
    void addAndRemoveOne();
    void moreThanHalfIsOneChange();
    void figuresAreOneChange();
    void sortedByFigures();
    void sortKeepsPersistentIndexes();
    void filterFewRows();
    void filterScatteredRows();
    void filterFollowsTheDomain();
    void tags();
    void hostsComeAndGo();
    void hostRenamed();
    void lostConnection();
    void texts();
    void addresses();
    void jobFraction();

private:
    /** libvirt's test driver, really connected: a host that never was shows no domains for long. */
    virt::HostId connectedHost()
    {
        virt::HostSettings settings;
        settings.uri = u"test:///default"_s;
        settings.name = u"real"_s;
        const virt::HostId id = m_feed->hosts.add(settings);
        m_feed->host(id)->connectToHost();
        const bool listed =
            QTest::qWaitFor([&] { return m_feed->inventory.count(id) == 1 && m_feed->host(id)->isConnected(); });
        return listed ? id : virt::HostId();
    }
    QStringList shown(const QModelIndex &parent) const
    {
        QStringList names;
        for (int row = 0; row < m_model->rowCount(parent); ++row) {
            names << m_model->index(row, 0, parent).data().toString();
        }
        return names;
    }
    QModelIndex laptop() const { return m_model->indexOfHost(m_laptop); }
    virt::DomainKey key(int number) const { return {m_laptop, Feed::domain(number, {}).uuid}; }
    QModelIndex at(int number, int column = 0) const { return m_model->indexOf(key(number), column); }

    virt::EventLoop m_loop; // outlives all connections
    std::unique_ptr<Feed> m_feed;
    std::unique_ptr<DomainTreeModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    virt::HostId m_laptop;
};

void TestDomainTree::init()
{
    m_feed = std::make_unique<Feed>();
    m_laptop = m_feed->addHost(u"laptop"_s);
    m_model = std::make_unique<DomainTreeModel>(m_feed->inventory, nullptr);
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
}

void TestDomainTree::cleanup()
{
    m_tester.reset();
    m_model.reset();
    m_feed.reset();
}

void TestDomainTree::listIsOneInsert()
{
    Spies spies(*m_model);
    m_feed->list(m_laptop, Feed::running(50));
    QCOMPARE(spies.counts(), (Counts{1, 0, 0, 1, 0, 0})); // the change is the host's count
    QStringList names;
    for (int i = 0; i < 50; ++i) {
        names << u"vm%1"_s.arg(i);
    }
    QCOMPARE(shown(laptop()), names);
    QCOMPARE(m_model->shownDomainCount(), 50);
    QCOMPARE(m_model->keyAt(at(7)), key(7));
    QCOMPARE(m_model->hostAt(at(7)), m_laptop);
    QVERIFY(m_model->flags(at(7)) & Qt::ItemNeverHasChildren);

    spies.clear();
    m_feed->list(m_laptop, Feed::running(50)); // the same again: nothing happens
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 0, 0, 0}));

    m_feed->list(m_laptop, {});
    QCOMPARE(spies.counts(), (Counts{0, 1, 0, 1, 0, 0}));
    QVERIFY(laptop().isValid() && !m_model->hasChildren(laptop()));
}

void TestDomainTree::oneEventOneRow()
{
    m_feed->list(m_laptop, Feed::running(50));
    Spies spies(*m_model);
    virt::DomainRecord domain = Feed::domain(7, u"vm7"_s, DomainState::Running);
    domain.tags = QStringList{u"prod"_s};
    m_feed->read(m_laptop, {domain});
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 1, 0, 0}));
    QCOMPARE(spies.changed.at(0).at(0).toModelIndex(), at(7, 0));
    QCOMPARE(spies.changed.at(0).at(1).toModelIndex(), at(7, DomainTreeModel::ColumnCount - 1));

    domain.state = DomainState::ShutOff; // also the host's count of running ones
    m_feed->read(m_laptop, {domain});
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 3, 0, 0}));
    QCOMPARE(spies.changed.at(2).at(0).toModelIndex(), laptop());
}

void TestDomainTree::renameMovesTheRow()
{
    m_feed->list(m_laptop, Feed::running(10));
    const QPersistentModelIndex persistent = at(3);
    Spies spies(*m_model);
    m_feed->read(m_laptop, {Feed::domain(3, u"vm100"_s, DomainState::Running)});
    QCOMPARE(spies.counts(), (Counts{0, 0, 1, 1, 0, 0}));
    QCOMPARE(persistent.row(), 9);
    QCOMPARE(spies.changed.at(0).at(0).toModelIndex().row(), 9);
    m_feed->read(m_laptop, {Feed::domain(3, u"a"_s, DomainState::Running)});
    QCOMPARE(spies.counts(), (Counts{0, 0, 2, 2, 0, 0}));
    QCOMPARE(persistent.row(), 0);
    m_feed->read(m_laptop, {Feed::domain(3, u"b"_s, DomainState::Running)}); // keeps its place
    QCOMPARE(spies.counts(), (Counts{0, 0, 2, 3, 0, 0}));
    QCOMPARE(m_model->keyAt(persistent), key(3));
}

void TestDomainTree::addAndRemoveOne()
{
    m_feed->list(m_laptop, Feed::running(10));
    const QPersistentModelIndex persistent = at(7);
    Spies spies(*m_model);
    m_feed->read(m_laptop, {Feed::domain(99, u"vm5a"_s)});
    QCOMPARE(spies.counts(), (Counts{1, 0, 0, 1, 0, 0}));
    QCOMPARE(spies.inserted.at(0).at(1).toInt(), 6);
    QCOMPARE(persistent.row(), 8);
    m_feed->gone(m_laptop, {key(2).domain});
    QCOMPARE(spies.counts(), (Counts{1, 1, 0, 2, 0, 0}));
    QCOMPARE(spies.removed.at(0).at(1).toInt(), 2);
    QCOMPARE(persistent.row(), 7);
    QVERIFY(!at(2).isValid());
}

void TestDomainTree::moreThanHalfIsOneChange()
{
    m_feed->list(m_laptop, Feed::running(50));
    const QPersistentModelIndex persistent = at(0);
    Spies spies(*m_model);
    QList<virt::DomainRecord> records = Feed::running(50);
    for (virt::DomainRecord &record : records) {
        record.description = u"new"_s;
    }
    m_feed->read(m_laptop, records);
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 1, 0, 0}));

    for (int i = 0; i < 50; ++i) {
        records[i].name = u"vm%1"_s.arg(1000 - i);
    }
    m_feed->read(m_laptop, records);
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 2, 1, 0}));
    QCOMPARE(persistent.row(), 49);
    QCOMPARE(m_model->keyAt(persistent), key(0));
}

void TestDomainTree::figuresAreOneChange()
{
    m_feed->list(m_laptop, Feed::running(50));
    const QList<QUuid> ids = m_feed->inventory.domainsOf(m_laptop);
    const auto percent = [](int i) {
        return i;
    };
    m_feed->stats(m_laptop, ids, percent);
    Spies spies(*m_model);
    m_feed->stats(m_laptop, ids, percent);
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 1, 0, 0}));
    QCOMPARE(spies.changed.at(0).at(0).toModelIndex(), m_model->index(0, DomainTreeModel::CpuColumn, laptop()));
    QCOMPARE(spies.changed.at(0).at(1).toModelIndex(), m_model->index(49, DomainTreeModel::NetworkColumn, laptop()));
    QVERIFY(spies.changed.at(0).at(2).value<QList<int>>().contains(DomainTreeModel::HistoryRole));

    const QModelIndex cpu = m_model->indexOf({m_laptop, ids.at(30)}, DomainTreeModel::CpuColumn);
    QCOMPARE(cpu.data().toString(), u"30 %"_s);
    m_feed->stats(m_laptop, ids, [](int) { return 50; });
    const auto history = cpu.data(DomainTreeModel::HistoryRole).value<QList<float>>();
    QCOMPARE(history.size(), 2);
    QVERIFY(qFuzzyCompare(history.at(0), 0.30F) && qFuzzyCompare(history.at(1), 0.50F));
}

void TestDomainTree::sortedByFigures()
{
    m_feed->list(m_laptop, Feed::running(20));
    const QList<QUuid> ids = m_feed->inventory.domainsOf(m_laptop);
    m_feed->stats(m_laptop, ids, [](int i) { return i; });
    m_feed->stats(m_laptop, ids, [](int i) { return i; });
    m_model->sort(DomainTreeModel::CpuColumn, Qt::DescendingOrder);
    QCOMPARE(m_model->keyAt(m_model->index(0, 0, laptop())).domain, ids.at(19));

    const QPersistentModelIndex busiest = m_model->index(0, 0, laptop());
    Spies spies(*m_model);
    m_feed->stats(m_laptop, ids, [](int i) { return i + 10; }); // other figures, same order
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 1, 0, 0}));
    m_feed->stats(m_laptop, ids, [](int i) { return 20 - i; });
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 2, 1, 0}));
    QCOMPARE(busiest.row(), 19);
    QCOMPARE(m_model->indexOf({m_laptop, ids.at(0)}).row(), 0);
}

void TestDomainTree::sortKeepsPersistentIndexes()
{
    m_feed->list(m_laptop, Feed::running(30));
    QList<QPersistentModelIndex> persistents;
    for (int i = 0; i < 30; ++i) {
        persistents << at(i, i % 3);
    }
    Spies spies(*m_model);
    m_model->sort(DomainTreeModel::NameColumn, Qt::DescendingOrder);
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 0, 1, 0}));
    QCOMPARE(shown(laptop()).first(), u"vm29"_s);
    for (int i = 0; i < 30; ++i) {
        QCOMPARE(m_model->keyAt(persistents.at(i)), key(i));
        QCOMPARE(persistents.at(i).column(), i % 3);
    }
    m_model->sort(DomainTreeModel::NameColumn, Qt::DescendingOrder); // nothing to do
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 0, 1, 0}));
    m_model->sort(-1);
    QCOMPARE(shown(laptop()).first(), u"vm0"_s);
}

void TestDomainTree::filterFewRows()
{
    m_feed->list(m_laptop, Feed::running(30));
    const QPersistentModelIndex persistent = at(12);
    Spies spies(*m_model);
    m_model->setQuery(DomainQuery::parse(u"vm1"_s)); // vm1, vm10 … vm19
    QCOMPARE(spies.counts(), (Counts{0, 3, 0, 0, 0, 0}));
    QCOMPARE(m_model->shownDomainCount(), 11);
    QCOMPARE(persistent.row(), 3);
    m_model->setQuery(DomainQuery::parse(u"vm1 "_s)); // means the same
    QCOMPARE(spies.counts(), (Counts{0, 3, 0, 0, 0, 0}));
    m_model->setQuery({});
    QCOMPARE(spies.counts(), (Counts{3, 3, 0, 0, 0, 0}));
    QCOMPARE(persistent.row(), 12);
    m_model->setQuery(DomainQuery::parse(u"nothing like that"_s));
    QVERIFY(laptop().isValid() && !m_model->hasChildren(laptop()));
}

void TestDomainTree::filterScatteredRows()
{
    QList<virt::DomainRecord> records = Feed::running(200);
    for (int i = 0; i < 200; i += 2) {
        records[i].tags = QStringList{u"even"_s};
    }
    m_feed->list(m_laptop, records);
    const QPersistentModelIndex even = at(100);
    const QPersistentModelIndex odd = at(101);
    Spies spies(*m_model);
    m_model->setQuery(DomainQuery::parse(u"tag:even"_s));
    QCOMPARE(spies.counts(), (Counts{0, 1, 0, 0, 1, 0})); // gathered, removed at once, never a reset
    QCOMPARE(m_model->rowCount(laptop()), 100);
    QCOMPARE(even.row(), 50);
    QVERIFY(!odd.isValid());
    m_model->setQuery({});
    QCOMPARE(spies.counts(), (Counts{1, 1, 0, 0, 2, 0}));
    QCOMPARE(shown(laptop()).at(101), u"vm101"_s);
    QCOMPARE(even.row(), 100);
}

void TestDomainTree::filterFollowsTheDomain()
{
    m_feed->list(m_laptop, Feed::running(10));
    m_model->setQuery(DomainQuery::parse(u"state:running"_s));
    Spies spies(*m_model);
    m_feed->read(m_laptop, {Feed::domain(4, u"vm4"_s, DomainState::Paused)});
    QCOMPARE(spies.counts(), (Counts{0, 1, 0, 0, 0, 0})); // paused ones count as active
    QVERIFY(!at(4).isValid());
    m_feed->read(m_laptop, {Feed::domain(4, u"vm4"_s, DomainState::Running)});
    QCOMPARE(spies.counts(), (Counts{1, 1, 0, 0, 0, 0}));
    QCOMPARE(at(4).row(), 4);
    m_feed->read(m_laptop, {Feed::domain(77, u"hidden"_s)});
    QCOMPARE(spies.counts(), (Counts{1, 1, 0, 1, 0, 0}));
}

void TestDomainTree::tags()
{
    virt::DomainRecord both = Feed::domain(1, u"both"_s);
    both.tags = QStringList{u"tag10"_s, u"tag9"_s, u"tag9"_s};
    virt::DomainRecord one = Feed::domain(2, u"one"_s);
    one.tags = QStringList{u"tag9"_s};
    m_feed->list(m_laptop, {both, one, Feed::domain(3, u"none"_s)});
    Spies spies(*m_model);
    m_model->setGrouping(DomainTreeModel::Grouping::Tag);
    QCOMPARE(spies.counts(), (Counts{0, 0, 0, 0, 0, 1}));
    QCOMPARE(shown({}), (QStringList{u"tag9"_s, u"tag10"_s, u"Untagged"_s}));
    QCOMPARE(shown(m_model->index(0, 0)), (QStringList{u"both"_s, u"one"_s}));
    QCOMPARE(m_model->kindAt(m_model->index(0, 0)), DomainTreeModel::Kind::Tag);
    QCOMPARE(m_model->shownDomainCount(), 3);
    QVERIFY(!laptop().isValid());

    spies.clear();
    both.tags = QStringList{u"tag9"_s, u"a"_s}; // tag10 goes, a comes, in tag9 it changes
    m_feed->read(m_laptop, {both});
    QCOMPARE(spies.counts(), (Counts{1, 1, 0, 1, 0, 0}));
    QCOMPARE(shown({}), (QStringList{u"a"_s, u"tag9"_s, u"Untagged"_s}));

    m_model->setQuery(DomainQuery::parse(u"name:none"_s));
    QCOMPARE(shown({}), QStringList{u"Untagged"_s});
    m_model->setQuery({});
    QCOMPARE(shown({}), (QStringList{u"a"_s, u"tag9"_s, u"Untagged"_s}));
    m_feed->hosts.remove(m_laptop);
    QCOMPARE(m_model->rowCount(), 0);
}

void TestDomainTree::hostsComeAndGo()
{
    m_feed->list(m_laptop, Feed::running(3));
    Spies spies(*m_model);
    const virt::HostId rack = m_feed->addHost(u"rack"_s);
    QCOMPARE(spies.counts(), (Counts{1, 0, 0, 0, 0, 0}));
    QCOMPARE(shown({}), (QStringList{u"laptop"_s, u"rack"_s})); // the user's order
    m_feed->list(rack, Feed::running(2));                       // same UUIDs on another host
    QCOMPARE(m_model->shownDomainCount(), 5);
    const QPersistentModelIndex onRack = m_model->indexOf({rack, key(1).domain});
    QVERIFY(onRack.isValid() && onRack != at(1));
    m_feed->hosts.remove(m_laptop);
    QCOMPARE(shown({}), QStringList{u"rack"_s});
    QCOMPARE(onRack.parent().row(), 0);
    QCOMPARE(m_model->keyAt(onRack), (virt::DomainKey{rack, key(1).domain}));
}

void TestDomainTree::hostRenamed()
{
    const virt::HostId id = connectedHost();
    m_model->setQuery(DomainQuery::parse(u"host:real"_s));
    QCOMPARE(m_model->rowCount(m_model->indexOfHost(id)), 1);
    virt::HostSettings settings = m_feed->host(id)->settings();
    settings.name = u"desk"_s;
    m_feed->hosts.edit(settings);
    QCOMPARE(m_model->indexOfHost(id).data().toString(), u"desk"_s);
    QCOMPARE(m_model->rowCount(m_model->indexOfHost(id)), 0);
    m_model->setQuery(DomainQuery::parse(u"host:desk"_s));
    QCOMPARE(m_model->index(0, DomainTreeModel::HostColumn, m_model->indexOfHost(id)).data().toString(), u"desk"_s);
}

void TestDomainTree::lostConnection()
{
    QVERIFY(laptop().data(DomainTreeModel::StaleRole).toBool());
    const virt::HostId id = connectedHost();
    const auto real = [&] {
        return m_model->indexOfHost(id);
    };
    QCOMPARE(m_model->rowCount(real()), 1);
    QVERIFY(!real().data(DomainTreeModel::StaleRole).toBool());
    const QModelIndex domain = m_model->index(0, 0, real());
    QVERIFY(!domain.data(DomainTreeModel::StaleRole).toBool());
    QCOMPARE(real().data(DomainTreeModel::SecondLineRole).toString(), u"connected · 1 of 1 running"_s);
    m_feed->host(id)->disconnectFromHost();
    QTRY_COMPARE(m_model->rowCount(real()), 0);
    QVERIFY(real().data(DomainTreeModel::StaleRole).toBool());
    QCOMPARE(real().data(DomainTreeModel::SecondLineRole).toString(), m_feed->host(id)->status().sentence);
}

void TestDomainTree::texts()
{
    virt::DomainRecord domain = Feed::domain(1, u"web01"_s, DomainState::Running);
    domain.title = u"Web shop"_s;
    domain.description = u"R&D <b>"_s;
    domain.osId = u"http://debian.org/debian/12"_s;
    domain.tags = QStringList{u"prod"_s, u"eu"_s};
    domain.autostart = true;
    virt::DomainRecord saved = Feed::domain(2, u"db"_s);
    saved.managedSave = true;
    m_feed->list(m_laptop, {domain, saved});
    const auto text = [&](int column, int role = Qt::DisplayRole) {
        return at(1, column).data(role).toString();
    };
    QCOMPARE(text(DomainTreeModel::NameColumn), u"Web shop"_s);
    QCOMPARE(text(DomainTreeModel::NameColumn, Qt::AccessibleTextRole), u"Web shop, running"_s);
    QVERIFY(text(DomainTreeModel::NameColumn, Qt::ToolTipRole).contains(u"R&amp;D &lt;b&gt;"_s));
    QVERIFY(text(DomainTreeModel::NameColumn, Qt::ToolTipRole).contains(u"web01"_s));
    QCOMPARE(text(DomainTreeModel::HostColumn), u"laptop"_s);
    QCOMPARE(text(DomainTreeModel::StateColumn), u"running"_s);
    QCOMPARE(text(DomainTreeModel::MemoryColumn), u"1 GiB"_s);
    QCOMPARE(text(DomainTreeModel::VcpusColumn), u"2"_s);
    QCOMPARE(text(DomainTreeModel::CpuColumn), QString());
    QCOMPARE(text(DomainTreeModel::OsColumn), u"Debian 12"_s);
    QCOMPARE(text(DomainTreeModel::TagsColumn), u"prod, eu"_s);
    QCOMPARE(text(DomainTreeModel::AutostartColumn), u"yes"_s);
    QCOMPARE(at(2, DomainTreeModel::StateColumn).data().toString(), u"saved"_s);
    QVERIFY(at(2).data(DomainTreeModel::SavedRole).toBool());
    QCOMPARE(at(1).data(DomainTreeModel::KeyRole).value<virt::DomainKey>(), key(1));
    QCOMPARE(at(1).data(DomainTreeModel::HostIdRole).toUuid(), m_laptop);
    const auto alignment = at(1, DomainTreeModel::MemoryColumn).data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    QVERIFY(alignment.testFlag(Qt::AlignRight));
    QVERIFY(laptop().data(Qt::ToolTipRole).toString().contains(u"test:///nowhere"_s));
    QStringList headers;
    for (int i = 0; i < DomainTreeModel::ColumnCount; ++i) {
        headers << m_model->headerData(i, Qt::Horizontal).toString();
    }
    QCOMPARE(
        headers.join(u'|'), u"Name|Host|State|CPU|Memory|vCPUs|Disk I/O|Network I/O|Addresses|OS|Tags|Autostart"_s);
}

void TestDomainTree::addresses()
{
    m_feed->list(m_laptop, Feed::running(5));
    m_model->sort(DomainTreeModel::AddressesColumn, Qt::DescendingOrder);
    Spies spies(*m_model);
    m_model->setAddresses(key(3), {u"10.0.0.3"_s, u"fd00::3"_s});
    QCOMPARE(spies.counts(), (Counts{0, 0, 1, 1, 0, 0}));
    QCOMPARE(at(3).row(), 0);
    QCOMPARE(at(3, DomainTreeModel::AddressesColumn).data().toString(), u"10.0.0.3, fd00::3"_s);
    QCOMPARE(spies.changed.at(0).at(0).toModelIndex(), at(3, DomainTreeModel::AddressesColumn));
    m_model->setAddresses(key(3), {u"10.0.0.3"_s, u"fd00::3"_s});
    QCOMPARE(spies.counts(), (Counts{0, 0, 1, 1, 0, 0}));
    m_feed->read(m_laptop, {Feed::domain(3, u"vm3"_s)}); // off: its addresses are those of the past
    QCOMPARE(at(3, DomainTreeModel::AddressesColumn).data().toString(), QString());
    QCOMPARE(at(3).row(), 3);
}

void TestDomainTree::jobFraction()
{
    job::StepRegistry registry;
    registry.add(u"wait"_s,
        {[](const job::Step &, job::StepContext &context) -> Result<> {
             context.report(1, 2);
             while (!context.isCancelled()) {
                 std::this_thread::yield();
             }
             return fail(Error::cancelled());
         },
            {}});
    job::JobManager jobs(registry, m_feed->hosts.provider());
    DomainTreeModel model(m_feed->inventory, &jobs);
    m_feed->list(m_laptop, Feed::running(3));
    const virt::HostId rack = m_feed->addHost(u"rack"_s);
    m_feed->list(rack, Feed::running(2)); // the second comes by a migration
    Spies spies(model);
    const QModelIndex row = model.indexOf(key(1));
    const QModelIndex arriving = model.indexOf({rack, key(1).domain});
    QVERIFY(!row.data(DomainTreeModel::JobFractionRole).isValid());
    job::Plan plan;
    plan.host = m_laptop;
    plan.domain = key(1).domain;
    plan.domainName = u"vm1"_s;
    plan.alsoHosts = {rack};
    job::Step step;
    step.type = u"wait"_s;
    plan.steps = {step};
    const job::JobId id = jobs.run(plan);
    QTRY_COMPARE(row.data(DomainTreeModel::JobFractionRole).toDouble(), 0.5);
    QCOMPARE(arriving.data(DomainTreeModel::JobFractionRole).toDouble(), 0.5);
    QVERIFY(!model.indexOf(key(2)).data(DomainTreeModel::JobFractionRole).isValid());
    for (const QList<QVariant> &arguments : spies.changed) {
        const QModelIndex changed = arguments.at(0).toModelIndex();
        QVERIFY(changed == row || changed == arriving);
    }
    spies.clear();
    jobs.cancel(id);
    QTRY_VERIFY(!row.data(DomainTreeModel::JobFractionRole).isValid());
    QVERIFY(!arriving.data(DomainTreeModel::JobFractionRole).isValid());
    QVERIFY(!spies.changed.isEmpty());
}

QTEST_GUILESS_MAIN(TestDomainTree)
#include "tst_domaintree.moc"
