// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What a list of 10,000 domains costs the GUI thread, with a QTreeView on it. Ratios are to a plain QStandardItemModel
// in the same view.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include <QApplication>
#include <QStandardItemModel>
#include <QTreeView>

#include "model/domaintreemodel.h"
#include "tests/model/feed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainQuery;
using model::DomainTreeModel;

namespace {

constexpr int Count = 10'000;

double threadMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/** Processor time of this thread, so that a busy machine does not count. */
template<typename Work>
double milliseconds(Work work)
{
    const double before = threadMilliseconds();
    work();
    QCoreApplication::processEvents(); // the view's delayed layout
    return threadMilliseconds() - before;
}

void print(const char *what, double ours, double baseline)
{
    std::printf("%-34s %8.1f ms   %6.2f of plain %.1f ms\n", what, ours, ours / baseline, baseline);
}

void show(QTreeView &view)
{
    view.setUniformRowHeights(true);
    view.resize(1000, 700);
    view.show();
    view.expandAll();
    QCoreApplication::processEvents();
}

} // namespace

int main(int argc, char **argv)
{
    const QApplication app(argc, argv);
    QList<virt::DomainRecord> records = test::Feed::running(Count);
    for (int i = 0; i < Count; ++i) {
        records[i].name = u"vm%1-%2"_s.arg((i * 7919) % Count).arg(i % 3 == 0 ? u"web"_s : u"db"_s);
        records[i].tags = QStringList{i % 2 == 0 ? u"prod"_s : u"test"_s};
    }

    QStandardItemModel plain;
    QTreeView plainView;
    auto *root = new QStandardItem(u"host"_s);
    plain.appendRow(root);
    plainView.setModel(&plain);
    show(plainView);
    const double plainLoad = milliseconds([&] {
        QList<QStandardItem *> items;
        for (const virt::DomainRecord &record : std::as_const(records)) {
            items << new QStandardItem(record.name);
        }
        root->appendRows(items);
        plainView.expandAll();
    });
    const double plainSort = milliseconds([&] { plain.sort(0, Qt::DescendingOrder); });

    test::Feed feed;
    const virt::HostId host = feed.addHost(u"host"_s);
    DomainTreeModel model(feed.inventory, nullptr);
    QTreeView view;
    view.setModel(&model);
    show(view);
    test::Feed empty; // the inventory's own share
    const virt::HostId other = empty.addHost(u"host"_s);
    const double inventory = milliseconds([&] { empty.list(other, records); });
    const double load = milliseconds([&] {
        feed.list(host, records);
        view.expandAll();
    });
    print("load (inventory included)", load, plainLoad);
    print("  of it the inventory", inventory, plainLoad);
    print("sort by name, descending",
        milliseconds([&] { model.sort(DomainTreeModel::NameColumn, Qt::DescendingOrder); }), plainSort);
    print("sort by state (all the same)", milliseconds([&] { model.sort(DomainTreeModel::StateColumn); }), plainSort);
    print("sort by tags", milliseconds([&] { model.sort(DomainTreeModel::TagsColumn); }), plainSort);
    model.sort(DomainTreeModel::NameColumn);
    print("filter: first letter", milliseconds([&] { model.setQuery(DomainQuery::parse(u"w"_s)); }), plainSort);
    print("filter: next letters", milliseconds([&] { model.setQuery(DomainQuery::parse(u"web 99"_s)); }), plainSort);
    print("filter: none", milliseconds([&] { model.setQuery({}); }), plainSort);
    print(
        "filter: scattered half", milliseconds([&] { model.setQuery(DomainQuery::parse(u"tag:prod"_s)); }), plainSort);
    model.setQuery({});
    view.selectAll();
    print("filter with all selected", milliseconds([&] { model.setQuery(DomainQuery::parse(u"tag:prod"_s)); }),
        plainSort);
    model.setQuery({});
    view.clearSelection();
    const QList<QUuid> ids = feed.inventory.domainsOf(host);
    feed.stats(host, ids, [](int i) { return i % 100; });
    print("figures", milliseconds([&] { feed.stats(host, ids, [](int i) { return i % 100; }); }), plainSort);
    model.sort(DomainTreeModel::CpuColumn);
    print("figures, sorted by CPU", milliseconds([&] { feed.stats(host, ids, [](int i) { return (i * 31) % 100; }); }),
        plainSort);
    model.sort(DomainTreeModel::NameColumn);
    for (virt::DomainRecord &record : records) {
        record.state = virt::DomainState::Paused;
    }
    print("all change", milliseconds([&] { feed.read(host, records); }), plainSort);
    const double events = milliseconds([&] {
        for (int i = 0; i < 1000; ++i) {
            records[i].vcpus = 3;
            feed.read(host, {records.at(i)});
        }
    });
    print("1,000 single events", events, plainSort);
    print("grouped by tag", milliseconds([&] {
        model.setGrouping(DomainTreeModel::Grouping::Tag);
        view.expandAll();
    }),
        plainSort);
    return 0;
}
