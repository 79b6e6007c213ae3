// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>
#include <random>

#include <QTest>

#include "model/domainrows.h"
#include "model/domaintreemodel.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainRow;
using model::RowList;
using model::RowOrder;
using model::RowRange;
using model::RowsPlan;

/** What a view would do with a plan. */
static RowList carryOut(const RowsPlan &plan, RowList rows, const RowList &target)
{
    if (!plan.reordered.empty()) {
        if (!std::is_permutation(rows.begin(), rows.end(), plan.reordered.begin(), plan.reordered.end())) {
            return {};
        }
        rows = plan.reordered;
    }
    for (const RowRange &range : plan.removals) {
        rows.erase(rows.begin() + range.first, rows.begin() + range.first + range.count);
    }
    for (const RowRange &range : plan.insertions) {
        const RowList &source = plan.reorderAtEnd ? plan.appended : target;
        const auto from = source.begin() + (plan.reorderAtEnd ? 0 : range.first);
        rows.insert(rows.begin() + range.first, from, from + range.count);
    }
    if (plan.reorderAtEnd) {
        if (!std::is_permutation(rows.begin(), rows.end(), target.begin(), target.end())) {
            return {};
        }
        rows = target;
    }
    return rows;
}

class TestDomainRows final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void naturalOrder();
    void descendingKeepsNamesAscending();
    void findAndPlace();
    void planIsExact();
    void manyRangesAreGathered();
    void planFuzz();

private:
    RowList rows(std::initializer_list<int> numbers) const
    {
        RowList list;
        for (const int number : numbers) {
            list.push_back(m_rows.at(static_cast<size_t>(number)).get());
        }
        return list;
    }
    void refresh(int row, const QString &name, int vcpus)
    {
        virt::InventoryEntry entry;
        entry.record.name = name;
        entry.record.vcpus = vcpus;
        m_order->refresh(*m_rows.at(static_cast<size_t>(row)), entry, u"host"_s);
    }
    std::unique_ptr<RowOrder> m_order;
    std::vector<std::unique_ptr<DomainRow>> m_rows;
};

void TestDomainRows::init()
{
    m_order = std::make_unique<RowOrder>();
    m_rows.clear();
    for (int i = 0; i < 200; ++i) {
        m_rows.push_back(std::make_unique<DomainRow>(
            m_order->makeRow({QUuid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), QUuid::createUuid()})));
    }
}

void TestDomainRows::naturalOrder()
{
    const QStringList names{u"Vm1"_s, u"vm2"_s, u"vm10"_s, u"vm100"_s, u"zebra"_s, u"Zoo"_s};
    RowList list;
    for (int i = 0; i < names.size(); ++i) {
        refresh(i, names.at(i), 1);
        list.insert(list.begin(), m_rows.at(static_cast<size_t>(i)).get());
    }
    std::sort(list.begin(), list.end(), std::cref(*m_order));
    QStringList sorted;
    for (const DomainRow *row : list) {
        sorted << row->name;
    }
    QCOMPARE(sorted, names);
}

void TestDomainRows::descendingKeepsNamesAscending()
{
    QVERIFY(m_order->set(model::DomainTreeModel::VcpusColumn, Qt::DescendingOrder));
    QVERIFY(!m_order->set(model::DomainTreeModel::VcpusColumn, Qt::DescendingOrder));
    refresh(0, u"c"_s, 2);
    refresh(1, u"b"_s, 8);
    refresh(2, u"a"_s, 2);
    RowList list = rows({0, 1, 2});
    std::sort(list.begin(), list.end(), std::cref(*m_order));
    QCOMPARE(list, rows({1, 2, 0}));
}

void TestDomainRows::findAndPlace()
{
    for (int i = 0; i < 5; ++i) {
        refresh(i, u"vm%1"_s.arg(i * 10), 1);
    }
    refresh(5, u"vm25"_s, 1);
    RowList list = rows({0, 1, 2, 3, 4});
    QCOMPARE(m_order->find(list, list.at(3), true), 3);
    QCOMPARE(m_order->find(list, m_rows.at(5).get(), true), -1);
    QCOMPARE(m_order->placeFor(list, m_rows.at(5).get()), 3);
    std::reverse(list.begin(), list.end());
    QCOMPARE(m_order->find(list, m_rows.at(0).get(), false), 4);
}

void TestDomainRows::planIsExact()
{
    QVERIFY(RowsPlan::make(rows({0, 1, 2}), rows({0, 1, 2})).isEmpty());

    const RowsPlan filled = RowsPlan::make({}, rows({0, 1, 2}));
    QCOMPARE(filled.insertions, (QList<RowRange>{{0, 3}}));
    QVERIFY(filled.removals.isEmpty() && filled.reordered.empty() && !filled.reorderAtEnd);

    const RowsPlan mixed = RowsPlan::make(rows({0, 1, 2, 3, 4}), rows({0, 5, 6, 3, 7}));
    QCOMPARE(mixed.removals, (QList<RowRange>{{4, 1}, {1, 2}}));
    QCOMPARE(mixed.insertions, (QList<RowRange>{{1, 2}, {4, 1}}));
    QVERIFY(mixed.reordered.empty());

    const RowsPlan swapped = RowsPlan::make(rows({0, 1, 2}), rows({2, 0}));
    QCOMPARE(swapped.reordered, rows({2, 0, 1}));
    QCOMPARE(swapped.removals, (QList<RowRange>{{2, 1}}));
}

void TestDomainRows::manyRangesAreGathered()
{
    RowList all;
    RowList even;
    for (size_t i = 0; i < m_rows.size(); ++i) {
        all.push_back(m_rows.at(i).get());
        if (i % 2 == 0) {
            even.push_back(m_rows.at(i).get());
        }
    }
    const RowsPlan fewer = RowsPlan::make(all, even);
    QCOMPARE(fewer.removals, (QList<RowRange>{{100, 100}}));
    QCOMPARE(fewer.reordered.size(), size_t(200));
    QCOMPARE(carryOut(fewer, all, even), even);

    const RowsPlan more = RowsPlan::make(even, all);
    QCOMPARE(more.insertions, (QList<RowRange>{{100, 100}}));
    QVERIFY(more.reorderAtEnd);
    QCOMPARE(carryOut(more, even, all), all);
}

void TestDomainRows::planFuzz()
{
    std::mt19937 random(7); // NOLINT: the same every time
    for (int round = 0; round < 500; ++round) {
        const auto pick = [&] {
            RowList list;
            const unsigned share = 1 + random() % 4;
            for (const auto &row : m_rows) {
                if (random() % 4 < share) {
                    list.push_back(row.get());
                }
            }
            if (random() % 3 == 0) {
                std::shuffle(list.begin(), list.end(), random);
            }
            return list;
        };
        const RowList present = pick();
        const RowList target = pick();
        const RowsPlan plan = RowsPlan::make(present, target);
        QVERIFY(plan.removals.size() <= RowsPlan::MaxRanges && plan.insertions.size() <= RowsPlan::MaxRanges);
        QCOMPARE(carryOut(plan, present, target), target);
    }
}

QTEST_GUILESS_MAIN(TestDomainRows)
#include "tst_domainrows.moc"
