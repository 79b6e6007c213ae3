// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <random>

#include <QAbstractItemModelTester>
#include <QCollator>
#include <QSignalSpy>
#include <QTest>

#include "feed.h"
#include "model/domaintreemodel.h"
#include "model/format.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainQuery;
using model::DomainTreeModel;
using test::Feed;
using virt::DomainKey;
using virt::DomainState;

/** Hundreds of random changes; after each the model must say what a naive computation from the inventory says. */
class TestDomainTreeFuzz final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fuzz_data();
    void fuzz();

private:
    int random(int below) { return static_cast<int>(m_random() % static_cast<unsigned>(below)); }
    virt::DomainRecord randomDomain(int number);
    virt::HostId anyHost();
    void change();
    QVariant value(const DomainKey &key) const;
    bool before(const DomainKey &a, const DomainKey &b) const;
    std::vector<std::pair<QString, QList<DomainKey>>> expected() const;
    std::vector<std::pair<QString, QList<DomainKey>>> actual() const;

    std::mt19937 m_random;
    std::unique_ptr<Feed> m_feed;
    std::unique_ptr<DomainTreeModel> m_model;
    QCollator m_collator{QLocale(QLocale::English)};
    int m_column = DomainTreeModel::NameColumn;
    Qt::SortOrder m_order = Qt::AscendingOrder;
    int m_hosts = 0;
    QString m_what;
};

static constexpr int Domains = 60;

virt::DomainRecord TestDomainTreeFuzz::randomDomain(int number)
{
    virt::DomainRecord record = Feed::domain(number, u"vm%1"_s.arg(random(100)), static_cast<DomainState>(random(8)));
    record.managedSave = random(3) == 0;
    record.vcpus = 1 + random(4);
    record.memoryKiB = static_cast<quint64>(random(4)) << 20;
    record.autostart = random(2) == 0;
    record.osId = random(2) == 0 ? u"http://debian.org/debian/%1"_s.arg(random(13)) : QString();
    for (int i = random(3); i > 0; --i) {
        record.tags << u"tag%1"_s.arg(random(12));
    }
    if (random(4) == 0) {
        record.title = u"Ärger %1"_s.arg(random(20));
    }
    return record;
}

virt::HostId TestDomainTreeFuzz::anyHost()
{
    return m_feed->hosts.all().at(random(static_cast<int>(m_feed->hosts.all().size())))->settings().id;
}

void TestDomainTreeFuzz::change()
{
    const virt::HostId host = anyHost();
    const int kind = random(20);
    QList<virt::DomainRecord> records;
    if (kind < 3) {
        m_what = u"list"_s;
        const int share = 1 + random(4);
        for (int i = 0; i < Domains; ++i) {
            if (random(4) < share) {
                records << randomDomain(i);
            }
        }
        m_feed->list(host, records);
    } else if (kind < 10) {
        m_what = u"read"_s;
        for (int i = 1 + random(random(2) == 0 ? 3 : 30); i > 0; --i) {
            records << randomDomain(random(Domains));
        }
        m_feed->read(host, records);
    } else if (kind < 12) {
        m_what = u"gone"_s;
        QList<QUuid> domains = m_feed->inventory.domainsOf(host);
        std::shuffle(domains.begin(), domains.end(), m_random);
        m_feed->gone(host, domains.first(std::min<qsizetype>(domains.size(), random(12))));
    } else if (kind < 14) {
        m_what = u"stats"_s;
        m_feed->stats(host, m_feed->inventory.domainsOf(host), [this](int) { return random(100); });
    } else if (kind < 16) {
        m_what = u"sort"_s;
        m_column = random(DomainTreeModel::ColumnCount);
        m_order = random(2) == 0 ? Qt::AscendingOrder : Qt::DescendingOrder;
        m_model->sort(m_column, m_order);
    } else if (kind < 18) {
        static const QStringList queries{QString(), u"vm1"_s, u"state:running"_s, u"-tag:tag1"_s, u"host:host1"_s,
            u"arger"_s, u"vm9 -state:off"_s, u"nothing"_s};
        const QString &query = queries.at(random(static_cast<int>(queries.size())));
        m_what = u"query %1"_s.arg(query);
        m_model->setQuery(DomainQuery::parse(query));
    } else if (kind == 18) {
        const QList<QUuid> domains = m_feed->inventory.domainsOf(host);
        m_what = u"addresses"_s;
        if (!domains.isEmpty()) {
            m_model->setAddresses(
                {host, domains.at(random(static_cast<int>(domains.size())))}, {u"10.0.0.%1"_s.arg(random(255))});
        }
    } else if (m_feed->hosts.all().size() > 1 && random(2) == 0) {
        m_what = u"remove host"_s;
        m_feed->hosts.remove(host);
    } else if (m_feed->hosts.all().size() < 4) {
        m_what = u"add host"_s;
        m_feed->addHost(u"host%1"_s.arg(++m_hosts));
    }
}

/** What the column sorts by, computed without the model (addresses apart, which only it knows). */
QVariant TestDomainTreeFuzz::value(const DomainKey &key) const
{
    const virt::InventoryEntry &entry = *m_feed->inventory.entry(key);
    const virt::DomainRecord &domain = entry.record;
    static const std::map<DomainState, int> ranks{{DomainState::Running, 0}, {DomainState::Blocked, 0},
        {DomainState::Paused, 1}, {DomainState::PmSuspended, 2}, {DomainState::Crashed, 4},
        {DomainState::ShuttingDown, 3}, {DomainState::ShutOff, 6}, {DomainState::NoState, 7}};
    switch (m_column) {
    case DomainTreeModel::HostColumn:
        return m_feed->host(key.host)->settings().displayName();
    case DomainTreeModel::StateColumn:
        return double(domain.state == DomainState::ShutOff && domain.managedSave ? 5 : ranks.at(domain.state));
    case DomainTreeModel::CpuColumn:
        return domain.isActive() ? double(entry.figures.cpuPercent) : -1.0;
    case DomainTreeModel::MemoryColumn:
        return double(domain.memoryKiB);
    case DomainTreeModel::VcpusColumn:
        return double(domain.vcpus);
    case DomainTreeModel::DiskColumn:
        return domain.isActive() ? double(entry.figures.diskBytesPerSecond) : -1.0;
    case DomainTreeModel::NetworkColumn:
        return domain.isActive() ? double(entry.figures.netBytesPerSecond) : -1.0;
    case DomainTreeModel::AddressesColumn:
        return m_model->indexOf(key, m_column).data(DomainTreeModel::SortRole).toStringList().join(u' ');
    case DomainTreeModel::OsColumn:
        return model::formatOs(domain.osId);
    case DomainTreeModel::TagsColumn: {
        QStringList tags = domain.tags;
        tags.removeDuplicates();
        return tags.join(u' ');
    }
    case DomainTreeModel::AutostartColumn:
        return domain.autostart ? 0.0 : 1.0;
    default:
        return {};
    }
}

bool TestDomainTreeFuzz::before(const DomainKey &a, const DomainKey &b) const
{
    const QVariant left = value(a);
    const QVariant right = value(b);
    int compared = 0;
    if (left.typeId() == QMetaType::Double) {
        compared = left.toDouble() < right.toDouble() ? -1 : left.toDouble() > right.toDouble() ? 1 : 0;
    } else if (left.isValid()) {
        compared = m_collator.compare(left.toString(), right.toString());
    }
    if (compared == 0) {
        compared =
            m_collator.compare(m_feed->inventory.domain(a)->displayName(), m_feed->inventory.domain(b)->displayName());
        if (m_column != DomainTreeModel::NameColumn && compared != 0) {
            return compared < 0;
        }
    }
    if (compared != 0) {
        return (compared < 0) == (m_order == Qt::AscendingOrder);
    }
    return a.domain != b.domain ? a.domain < b.domain : a.host < b.host;
}

std::vector<std::pair<QString, QList<DomainKey>>> TestDomainTreeFuzz::expected() const
{
    std::vector<std::pair<QString, QList<DomainKey>>> groups;
    QMap<QString, QList<DomainKey>> tagged;
    for (const virt::Host *host : m_feed->hosts.all()) {
        const QString name = host->settings().displayName();
        QList<DomainKey> keys;
        for (const QUuid &uuid : m_feed->inventory.domainsOf(host->settings().id)) {
            const DomainKey key{host->settings().id, uuid};
            const virt::DomainRecord &domain = *m_feed->inventory.domain(key);
            if (!m_model->query().matches(domain, name)) {
                continue;
            }
            keys << key;
            QStringList tags = domain.tags;
            tags.removeDuplicates();
            for (const QString &tag : tags.isEmpty() ? QStringList{u"Untagged"_s} : tags) {
                tagged[tag] << key;
            }
        }
        if (m_model->grouping() == DomainTreeModel::Grouping::Host) {
            groups.emplace_back(name, keys);
        }
    }
    if (m_model->grouping() == DomainTreeModel::Grouping::Tag) {
        for (auto it = tagged.cbegin(); it != tagged.cend(); ++it) {
            groups.emplace_back(it.key(), it.value());
        }
        std::sort(groups.begin(), groups.end(),
            [this](const auto &a, const auto &b) { // "Untagged" is behind "tag" in any case
                return m_collator.compare(a.first, b.first) < 0;
            });
    }
    for (auto &[name, keys] : groups) {
        std::sort(keys.begin(), keys.end(), [this](const DomainKey &a, const DomainKey &b) { return before(a, b); });
    }
    return groups;
}

std::vector<std::pair<QString, QList<DomainKey>>> TestDomainTreeFuzz::actual() const
{
    std::vector<std::pair<QString, QList<DomainKey>>> groups;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex group = m_model->index(row, 0);
        QList<DomainKey> keys;
        for (int child = 0; child < m_model->rowCount(group); ++child) {
            keys << m_model->keyAt(m_model->index(child, 0, group));
        }
        groups.emplace_back(group.data().toString(), keys);
    }
    return groups;
}

void TestDomainTreeFuzz::fuzz_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<DomainTreeModel::Grouping>("grouping");
    QTest::newRow("hosts") << 1 << DomainTreeModel::Grouping::Host;
    QTest::newRow("tags") << 2 << DomainTreeModel::Grouping::Tag;
}

void TestDomainTreeFuzz::fuzz()
{
    QFETCH(int, seed);
    QFETCH(DomainTreeModel::Grouping, grouping);
    m_random.seed(static_cast<unsigned>(seed));
    m_collator.setNumericMode(true);
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    m_column = DomainTreeModel::NameColumn;
    m_order = Qt::AscendingOrder;
    m_hosts = 0;
    m_feed = std::make_unique<Feed>();
    m_feed->addHost(u"host0"_s);
    m_model = std::make_unique<DomainTreeModel>(m_feed->inventory, nullptr);
    m_model->setGrouping(grouping);
    QAbstractItemModelTester tester(m_model.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);

    for (int round = 0; round < 500; ++round) {
        std::vector<std::tuple<QPersistentModelIndex, DomainKey, QString>> persistents;
        for (int row = 0; row < m_model->rowCount(); ++row) {
            const QModelIndex parent = m_model->index(row, 0);
            for (int child = 0; child < m_model->rowCount(parent); ++child) {
                const QModelIndex index = m_model->index(child, random(DomainTreeModel::ColumnCount), parent);
                persistents.emplace_back(index, m_model->keyAt(index), parent.data().toString());
            }
        }
        change();
        const auto is = actual();
        const auto should = expected();
        for (size_t i = 0; i < std::max(is.size(), should.size()); ++i) {
            if (i >= is.size() || i >= should.size() || is.at(i) != should.at(i)) {
                QFAIL(qPrintable(u"round %1, %2: group %3 is wrong"_s.arg(round).arg(m_what).arg(i)));
            }
        }
        for (const auto &[index, key, group] : persistents) {
            const bool shownThere = std::any_of(should.begin(), should.end(),
                [&](const auto &each) { return each.first == group && each.second.contains(key); });
            QVERIFY2(!index.isValid() || (m_model->keyAt(index) == key && index.parent().data().toString() == group),
                qPrintable(m_what));
            QVERIFY2(index.isValid() || !shownThere, qPrintable(m_what));
        }
        for (const auto &[name, keys] : should) {
            for (const DomainKey &key : keys) {
                QCOMPARE(m_model->keyAt(m_model->indexOf(key)), key);
            }
        }
    }
    QVERIFY(resets.isEmpty());
    m_model.reset();
    m_feed.reset();
}

QTEST_GUILESS_MAIN(TestDomainTreeFuzz)
#include "tst_domaintreefuzz.moc"
