// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRandomGenerator>
#include <QTest>

#include "backend/snapshot/merge.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using snapshot::Chain;
using snapshot::Deletion;
using snapshot::Facts;
using snapshot::Layer;
using snapshot::Merge;
using snapshot::Scope;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;

namespace {

using Clusters = QMap<int, int>;

/** A tiny host: files with clusters and backing files, a domain with one disk, and other domains. */
class Store final
{
public:
    struct File {
        QString backing;
        Clusters clusters;
        QMap<QString, Clusters> internals; ///< what the file itself held then
    };
    QMap<QString, File> files;
    Facts facts;
    QMap<QString, QString> foreign; ///< other domains' disks by name

    explicit Store(bool running)
    {
        facts.domain.name = u"web01"_s;
        facts.domain.state = running ? virt::DomainState::Running : virt::DomainState::ShutOff;
        files.insert(u"/d/disk"_s, {});
        snapshot::DiskNow disk;
        disk.target = u"vda"_s;
        facts.disks.append(disk);
        setNow(u"/d/disk"_s);
    }

    QString now() const { return facts.disks.first().chain.first().path; }
    void setNow(const QString &path) { facts.disks.first().chain = chainOf(path); }

    static Layer layer(const QString &path) { return {path, path == "/d/disk"_L1 ? u"raw"_s : u"qcow2"_s}; }
    Chain chainOf(const QString &path) const
    {
        Chain chain;
        for (QString at = path; !at.isEmpty(); at = files[at].backing) {
            chain.append(layer(at));
        }
        return chain;
    }
    /** What a file reads as: through its backing files. */
    Clusters content(const QString &path) const
    {
        Clusters result;
        for (QString at = path; !at.isEmpty(); at = files[at].backing) {
            if (!files.contains(at)) {
                return {{-1, -1}}; // unreadable
            }
            overlay(result, files[at].clusters);
        }
        return result;
    }
    Clusters internalContent(const QString &path, const QString &name) const
    {
        Clusters result = files[path].internals.value(name);
        overlay(result, content(files[path].backing));
        return result;
    }
    static void overlay(Clusters &upper, const Clusters &lower)
    {
        for (auto it = lower.constBegin(); it != lower.constEnd(); ++it) {
            if (!upper.contains(it.key())) {
                upper.insert(it.key(), it.value());
            }
        }
    }

    void write(int cluster, int value) { files[now()].clusters[cluster] = value; }
    QString newFile(const QString &backing)
    {
        const QString path = u"/d/o%1"_s.arg(++m_files);
        files.insert(path, {backing, {}, {}});
        return path;
    }
    void takeExternal(const QString &name)
    {
        SnapshotDisk disk;
        disk.target = u"vda"_s;
        disk.kind = SnapshotDisk::Kind::External;
        disk.state = chainOf(now());
        const QString overlayFile = newFile(now());
        disk.overlay = layer(overlayFile);
        add(name, disk);
        setNow(overlayFile);
    }
    void takeInternal(const QString &name)
    {
        SnapshotDisk disk;
        disk.target = u"vda"_s;
        disk.kind = SnapshotDisk::Kind::Internal;
        disk.state = chainOf(now());
        files[now()].internals.insert(name, files[now()].clusters);
        add(name, disk);
    }
    void revert(const QString &name, bool removeLeaf)
    {
        const SnapshotDisk disk = facts.find(name)->disks.first();
        const QString old = now();
        if (disk.kind == SnapshotDisk::Kind::External) {
            setNow(newFile(disk.state.first().path));
            const bool needed = isNeeded(old);
            if (removeLeaf && !needed) {
                files.remove(old);
            }
        } else {
            const QString path = disk.state.first().path;
            // libvirt goes back to an internal one only within the file that is in use
            if (path != now()) {
                return;
            }
            files[path].clusters = files[path].internals.value(name);
        }
        m_current = name;
    }
    bool isNeeded(const QString &path) const
    {
        for (const Snapshot &one : facts.snapshots) {
            if (one.disks.first().state.first().path == path) {
                return true;
            }
        }
        return std::ranges::any_of(files, [&path](const File &file) { return file.backing == path; })
            || foreign.values().contains(path);
    }

    /** What libvirt's storage would say. */
    void describe()
    {
        facts.files.clear();
        for (auto it = files.constBegin(); it != files.constEnd(); ++it) {
            snapshot::FileFacts file;
            file.presence = snapshot::FileFacts::Presence::Present;
            file.backingPath = it->backing;
            file.allocation = static_cast<quint64>(it->clusters.size());
            facts.files.insert(it.key(), file);
        }
        for (auto it = foreign.constBegin(); it != foreign.constEnd(); ++it) {
            for (QString at = *it; !at.isEmpty(); at = files[at].backing) {
                facts.files[at].users.append(it.key());
            }
            facts.files.remove(*it); // not one of ours
        }
        for (const Snapshot &one : std::as_const(facts.snapshots)) {
            for (const Layer &one2 : {one.disks.first().overlay}) {
                if (!one2.path.isEmpty() && !facts.files.contains(one2.path)) {
                    facts.files[one2.path].presence = snapshot::FileFacts::Presence::Missing;
                }
            }
        }
    }

    /** As the emulator does it, with the locks that it takes. Empty, or what is wrong. */
    QString apply(const Merge &merge)
    {
        if (merge.kind != Merge::Kind::Drop) {
            for (qsizetype i = 0; i < merge.chain.size(); ++i) {
                const QString &path = merge.chain[i].path;
                if (!files.contains(path)) {
                    return u"opens %1, which is gone"_s.arg(path);
                }
                const QString next = i + 1 < merge.chain.size() ? merge.chain[i + 1].path : QString();
                if (files[path].backing != next) {
                    return u"takes %1 to lie on “%2”, not on “%3”"_s.arg(path, next, files[path].backing);
                }
            }
        }
        QString why = merge.kind == Merge::Kind::Commit ? applyCommit(merge)
            : merge.kind == Merge::Kind::Pull           ? applyPull(merge)
                                                        : QString();
        if (!why.isEmpty()) {
            return why;
        }
        for (const snapshot::Repoint &repoint : merge.repoints) {
            applyRepoint(repoint);
        }
        if (!merge.gone.isEmpty()) {
            m_gone.append(merge.gone);
        }
        return {};
    }
    void removeGone()
    {
        for (const QString &path : std::as_const(m_gone)) {
            files.remove(path);
        }
    }
    const QStringList &gone() const { return m_gone; }
    void forget(const QString &name)
    {
        const QString parent = facts.find(name)->parent;
        for (Snapshot &one : facts.snapshots) {
            if (one.parent == name) {
                one.parent = parent;
            }
        }
        const bool isInternal = facts.find(name)->isInternal();
        const QString path = facts.find(name)->disks.first().state.first().path;
        if (isInternal && files.contains(path) && (!facts.domain.isActive() || path == now())) {
            files[path].internals.remove(name);
        }
        facts.snapshots.removeIf([&name](const Snapshot &one) { return one.name == name; });
        if (m_current == name) {
            m_current = parent;
        }
    }
    void rename(const QString &current) { m_current = current; }

private:
    void add(const QString &name, const SnapshotDisk &disk)
    {
        Snapshot one;
        one.name = name;
        one.parent = m_current;
        one.disks = {disk};
        one.created = QDateTime::fromSecsSinceEpoch(1000 + m_files * 10 + facts.snapshots.size());
        facts.snapshots.append(one);
        m_current = name;
    }
    bool isLive(const QString &path) const
    {
        const Chain &chain = facts.disks.first().chain;
        return facts.domain.isActive()
            && std::ranges::any_of(chain, [&path](const Layer &one) { return one.path == path; });
    }
    QString applyCommit(const Merge &merge)
    {
        const QString top = merge.top.path;
        const QString base = merge.base.path;
        if (files[top].backing != base) {
            return u"commits %1 to %2, on which it does not lie"_s.arg(top, base);
        }
        if (!merge.inNow && isLive(base)) {
            return u"writes to %1, which the running domain holds"_s.arg(base);
        }
        if (merge.inNow && facts.domain.isActive() && merge.chain != facts.disks.first().chain) {
            return u"has another chain than the running domain"_s;
        }
        for (auto it = files[top].clusters.constBegin(); it != files[top].clusters.constEnd(); ++it) {
            files[base].clusters[it.key()] = it.value();
        }
        if (merge.isActive != (now() == top)) {
            return u"takes %1 for what the domain does not write to"_s.arg(top);
        }
        const qsizetype at = merge.chain.indexOf(merge.top);
        if (at > 0) {
            files[merge.chain[at - 1].path].backing = base;
        }
        setNow(now() == top ? base : now());
        return {};
    }
    QString applyPull(const Merge &merge)
    {
        const QString top = merge.top.path;
        const QString base = merge.base.path;
        if (files[top].backing != base || merge.chain.first().path != top || files[base].backing.isEmpty()) {
            return u"pulls %1 into %2, which can't be"_s.arg(base, top);
        }
        if (isLive(top) && (!merge.inNow || now() != top)) {
            return u"pulls into %1, which the running domain holds"_s.arg(top);
        }
        overlay(files[top].clusters, files[base].clusters);
        files[top].backing = files[base].backing;
        setNow(now());
        return {};
    }
    void applyRepoint(const snapshot::Repoint &repoint)
    {
        for (Snapshot &one : facts.snapshots) {
            if (one.name != repoint.snapshot) {
                continue;
            }
            SnapshotDisk &disk = one.disks.first();
            Chain chain;
            for (Layer each : disk.state) {
                if (each.path == repoint.from) {
                    each = {repoint.to, repoint.format};
                }
                if (chain.isEmpty() || chain.last() != each) {
                    chain.append(each);
                }
            }
            disk.state = chain;
            if (disk.overlay.path == repoint.from) {
                disk.overlay = {repoint.to, repoint.format};
            }
        }
    }

    int m_files = 0;
    QString m_current;
    QStringList m_gone;
};

/** All that has to be the same before and after. */
struct Contents {
    QMap<QString, Clusters> states;
    Clusters now;
    QMap<QString, Clusters> foreign;
    friend bool operator==(const Contents &, const Contents &) = default;
};

QString difference(const Contents &now, const Contents &before)
{
    for (auto it = before.states.constBegin(); it != before.states.constEnd(); ++it) {
        if (now.states.value(it.key()) != *it) {
            return it.key();
        }
    }
    return now.now != before.now ? u"the disk"_s : now == before ? QString() : u"others"_s;
}

Contents contentsOf(const Store &store, const QStringList &without)
{
    Contents contents;
    contents.now = store.content(store.now());
    for (const Snapshot &one : store.facts.snapshots) {
        if (without.contains(one.name)) {
            continue;
        }
        const QString path = one.disks.first().state.first().path;
        contents.states.insert(
            one.name, one.isInternal() ? store.internalContent(path, one.name) : store.content(path));
    }
    for (auto it = store.foreign.constBegin(); it != store.foreign.constEnd(); ++it) {
        contents.foreign.insert(it.key(), store.content(*it));
    }
    return contents;
}

/** A random life of a domain. */
Store randomStore(QRandomGenerator &random)
{
    Store store(random.bounded(2) == 0);
    const int events = 4 + random.bounded(14);
    int names = 0;
    for (int i = 0; i < events; ++i) {
        const int writes = random.bounded(4);
        for (int w = 0; w < writes; ++w) {
            store.write(random.bounded(8), random.bounded(1, 1000000));
        }
        const int what = random.bounded(10);
        if (what < 5) {
            store.takeExternal(u"s%1"_s.arg(++names));
        } else if (what == 5 && store.now() != "/d/disk"_L1) {
            store.takeInternal(u"s%1"_s.arg(++names));
        } else if (what < 8 && !store.facts.snapshots.isEmpty()) {
            store.revert(store.facts.snapshots[random.bounded(static_cast<int>(store.facts.snapshots.size()))].name,
                random.bounded(2) == 0);
        } else if (what == 8 && random.bounded(3) == 0) {
            // another domain on some file of ours
            const QStringList paths = store.files.keys();
            const QString name = u"other%1"_s.arg(i);
            const QString path = u"/f/%1"_s.arg(name);
            const QString &base = paths[random.bounded(static_cast<int>(paths.size()))];
            if (!base.startsWith("/f/"_L1) && base != store.now()) {
                store.files.insert(path, {base, {{random.bounded(8), random.bounded(1, 1000000)}}, {}});
                store.foreign.insert(name, path);
            }
        }
    }
    store.write(random.bounded(8), random.bounded(1, 1000000));
    return store;
}

} // namespace

class TestSnapshotMerge final : public QObject
{
    Q_OBJECT

    /** Plans and carries out one deletion. Empty, or what is wrong. */
    static QString erase(Store &store, const QStringList &names, Scope scope, int *merges = nullptr)
    {
        store.describe();
        const Deletion deletion = snapshot::planDeletion(store.facts, names, scope);
        if (!deletion.blockers.isEmpty()) {
            // the only reason there is: libvirt deletes internal ones only within the file in use
            const bool mayBe = std::ranges::any_of(deletion.snapshots, [&store](const QString &name) {
                const Snapshot *one = store.facts.find(name);
                return store.facts.domain.isActive() && one->isInternal()
                    && one->disks.first().state.first().path != store.now();
            });
            return mayBe ? QString() : u"blocked: "_s + deletion.blockers.join(u' ');
        }
        QStringList later;
        for (const Merge &merge : deletion.merges) {
            later += merge.destroys;
        }
        Contents before = contentsOf(store, {});
        const auto forget = [&](const QString &name) {
            store.forget(name);
            before.states.remove(name);
        };
        for (const QString &name : deletion.snapshots) {
            if (!later.contains(name) && !deletion.lateInternals.contains(name)) {
                forget(name);
            }
        }
        for (const Merge &merge : deletion.merges) {
            for (const QString &name : merge.destroys) {
                forget(name);
            }
            if (const QString wrong = store.apply(merge); !wrong.isEmpty()) {
                return wrong;
            }
            // At each moment: a cancel or a failure must not cost anybody but what has just been deleted anything.
            if (const QString wrong = difference(contentsOf(store, {}), before); !wrong.isEmpty()) {
                return u"%1 changes %2"_s.arg(merge.top.path, wrong);
            }
            if (merges) {
                ++*merges;
            }
        }
        for (const QString &name : deletion.lateInternals) {
            if (store.facts.find(name)->disks.first().state.first().path != store.now()) {
                return u"leaves %1 where libvirt can't delete it"_s.arg(name);
            }
            forget(name);
        }
        for (const QString &name : deletion.snapshots) {
            if (store.facts.find(name)) {
                return u"leaves %1"_s.arg(name);
            }
        }
        if (store.gone().contains(u"/d/disk"_s)) {
            return u"deletes the lowest file"_s;
        }
        store.removeGone();
        const QString wrong = difference(contentsOf(store, {}), before);
        return wrong.isEmpty() ? QString() : u"deletes what is needed for "_s + wrong;
    }

private Q_SLOTS:
    void random_data()
    {
        QTest::addColumn<int>("from");
        for (int from = 0; from < 2000; from += 500) {
            QTest::addRow("%d", from) << from;
        }
    }
    /** Any life, any deletion, until nothing is left: all that stays is as it was. */
    void random()
    {
        QFETCH(const int, from);
        int merges = 0;
        for (int seed = from; seed < from + 500; ++seed) {
            QRandomGenerator random(static_cast<quint32>(seed));
            Store store = randomStore(random);
            for (int round = 0; round < 4 && !store.facts.snapshots.isEmpty(); ++round) {
                QStringList names;
                const int count = 1 + random.bounded(3);
                for (int i = 0; i < count; ++i) {
                    names << store.facts.snapshots[random.bounded(static_cast<int>(store.facts.snapshots.size()))].name;
                }
                names.removeDuplicates();
                const Scope scope = random.bounded(4) == 0 ? Scope::WithChildren : Scope::One;
                const QString wrong = erase(store, names, scope, &merges);
                QVERIFY2(wrong.isEmpty(),
                    qPrintable(u"seed %1, round %2, %3: %4"_s.arg(seed).arg(round).arg(names.join(u' '), wrong)));
            }
        }
        QVERIFY(merges > 300);
    }

    /** Without others, internal ones and branches nothing is left over, whatever goes first. */
    void nothingIsLeft()
    {
        for (int seed = 0; seed < 2000; ++seed) {
            QRandomGenerator random(static_cast<quint32>(seed));
            Store store(seed % 2 == 0);
            const int count = 1 + random.bounded(8);
            for (int i = 0; i < count; ++i) {
                store.write(random.bounded(8), random.bounded(1, 1000000));
                store.takeExternal(u"s%1"_s.arg(i));
            }
            while (!store.facts.snapshots.isEmpty()) {
                const int which = random.bounded(static_cast<int>(store.facts.snapshots.size()));
                const QString name = store.facts.snapshots[which].name;
                const QString wrong = erase(store, {name}, Scope::One);
                QVERIFY2(wrong.isEmpty(), qPrintable(u"seed %1, %2: %3"_s.arg(seed).arg(name, wrong)));
                QCOMPARE(store.files.size(), store.facts.snapshots.size() + 1);
            }
            QCOMPARE(store.files.keys(), QStringList{u"/d/disk"_s});
            QCOMPARE(store.now(), u"/d/disk"_s);
        }
    }
    /** All at once: everything ends in the domain's first disk, each layer moved once. */
    void allAtOnce()
    {
        Store store(true);
        for (int i = 0; i < 5; ++i) {
            store.write(i, i + 1);
            store.takeExternal(u"s%1"_s.arg(i));
        }
        store.write(7, 7);
        store.describe();
        const Deletion deletion = snapshot::planDeletion(store.facts, {u"s0"_s}, Scope::WithChildren);
        QCOMPARE(deletion.merges.size(), 5);
        QCOMPARE(deletion.bytes(), quint64{5});
        QCOMPARE(deletion.snapshots, (QStringList{u"s4"_s, u"s3"_s, u"s2"_s, u"s1"_s, u"s0"_s}));
        for (const Merge &merge : deletion.merges) {
            QCOMPARE(merge.kind, Merge::Kind::Commit);
            QCOMPARE(merge.base.path, u"/d/disk"_s);
            QVERIFY(merge.inNow);
        }
        QVERIFY(deletion.merges.last().isActive);
        QCOMPARE(erase(store, {u"s0"_s}, Scope::WithChildren), QString());
        QCOMPARE(store.files.keys(), QStringList{u"/d/disk"_s});
    }
};

QTEST_APPLESS_MAIN(TestSnapshotMerge)
#include "tst_snapshotmerge.moc"
