// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What snapshots cost beside the same work by virsh, on a private host with a running guest, in one run:
//   bench_snapshots [list|create|revert|delete …]   (all without arguments)
// list: 500 snapshots read, against the bare libvirt calls and `virsh snapshot-list`. The others: plans run by the job
// manager with its journal on disk. Lower quartiles of rounds that take turns. Prints
// "figure, limit, ok or MISSED".

#include <algorithm>
#include <cstdlib>
#include <functional>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QTextStream>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/snapshot/facts.h"
#include "backend/virt/snapshots.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "tests/bench/figures.h"
#include "tests/system/snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::check;
using bench::out;
using test::SnapshotHost;
namespace calls = virt::snapshots;

namespace {

constexpr int rounds = 9;
constexpr int many = 500;
const QString vm = SnapshotHost::name();
const QString disk = u"hda"_s;

/** Lower quartile: what else runs on the machine only adds, and a new emulator's start is never the same twice. */
double typical(QList<double> values)
{
    std::ranges::sort(values);
    return values.isEmpty() ? 0 : values.at(values.size() / 4);
}

double timed(const std::function<void()> &work)
{
    QElapsedTimer clock;
    clock.start();
    work();
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void figure(const QString &what, double value, double limit)
{
    out() << "  " << what << ": " << QString::number(value, 'f', 0) << " ms, limit " << QString::number(limit, 'f', 0)
          << " ms, " << (value <= limit ? "ok" : "MISSED") << '\n';
    out().flush();
}

class Bench final
{
    Q_DISABLE_COPY_MOVE(Bench)

public:
    Bench()
    {
        if (!m_host.problem().isEmpty()) {
            qFatal("%s", qPrintable(m_host.problem()));
        }
    }

    void list();
    void create();
    void revert();
    void revertExternal();
    void remove();

private:
    void fresh() { check(m_host.make({}) && m_host.start() && m_host.writes(disk, 1, 8, 7), "the guest"); }
    void virsh(const QStringList &arguments)
    {
        const auto outcome = m_host.bed.virsh(u"A"_s, arguments);
        if (!outcome.ok()) {
            qFatal("virsh %s: %s", qPrintable(arguments.join(u' ')), qPrintable(outcome.errorText));
        }
    }
    static void write(const QString &path, const QString &text)
    {
        QFile writer(path);
        check(writer.open(QIODevice::WriteOnly | QIODevice::Truncate) && writer.write(text.toUtf8()) > 0, "writing");
    }
    QString file(const QString &name) const { return m_host.directory() + u'/' + name; }
    snapshot::Facts facts()
    {
        auto result = snapshot::readFacts(*m_host.connection(), m_host.uuid());
        if (!result) {
            qFatal("%s", qPrintable(result.error().message));
        }
        return *std::move(result);
    }
    /// Runs a job without a polling wait, which would be measured.
    void run(const job::Plan &plan)
    {
        check(SnapshotHost::canRun(plan), "the plan");
        QEventLoop loop;
        job::JobId id;
        QObject::connect(m_host.jobs.get(), &job::JobManager::finished, &loop, [&](const job::JobId &finished) {
            if (finished == id) {
                loop.quit();
            }
        });
        id = m_host.jobs->run(plan);
        if (!m_host.jobs->job(id)->isFinished()) {
            loop.exec();
        }
        const job::JobRecord record = *m_host.jobs->job(id);
        if (record.state != job::JobState::Done) {
            qFatal("%s: %s", qPrintable(plan.title), SnapshotHost::text(record).constData());
        }
    }
    /// Both in turns, each in a state that `prepare` makes; the plan is made before and not measured.
    void compare(const QString &what, const std::function<void()> &prepare, const std::function<void()> &byVirsh,
        const std::function<job::Plan(const snapshot::Facts &)> &plan)
    {
        QList<double> others;
        QList<double> ours;
        QList<double> looking;
        for (int round = 0; round < rounds; ++round) {
            for (int turn = 0; turn < 2; ++turn) {
                prepare();
                if ((round + turn) % 2 == 0) {
                    others << timed(byVirsh);
                    continue;
                }
                job::Plan made;
                looking << timed([&] { made = plan(facts()); });
                ours << timed([&] { run(made); });
            }
        }
        out() << what << ": virsh " << QString::number(typical(others), 'f', 0) << " ms, looking at the VM before "
              << QString::number(typical(looking), 'f', 0) << " ms\n";
        figure(what, typical(ours), 1.05 * typical(others) + 50);
    }

    SnapshotHost m_host;
};

/** What libvirt itself needs, by one connection that is open: names, and each document. */
void bareList(virConnectPtr connection)
{
    virDomainPtr domain = virDomainLookupByName(connection, qPrintable(vm));
    virDomainSnapshotPtr *all = nullptr;
    const int count = virDomainListAllSnapshots(domain, &all, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
    check(count == many, "listing");
    for (int i = 0; i < count; ++i) {
        char *xml = virDomainSnapshotGetXMLDesc(all[i], 0);
        check(xml != nullptr, "reading");
        std::free(xml);
        virDomainSnapshotFree(all[i]);
    }
    std::free(static_cast<void *>(all));
    virDomainFree(domain);
}

void Bench::list()
{
    check(m_host.make({}), "the VM");
    // Only metadata, of a shut-off VM: as whoever has that many would see it.
    for (int i = 0; i < many; ++i) {
        const QString xml = u"<domainsnapshot><name>s%1</name>%2<state>shutoff</state><creationTime>%3</creationTime>"
                            "<disks><disk name='hda' snapshot='external'><source file='%4'/></disk></disks>"
                            "%5</domainsnapshot>"_s.arg(i)
                                .arg(i == 0 ? QString() : u"<parent><name>s%1</name></parent>"_s.arg((i - 1) / 2))
                                .arg(1700000000 + i)
                                .arg(file(u"s%1.over"_s.arg(i)), m_host.virsh({u"dumpxml"_s, vm}));
        const auto made = calls::create(*m_host.connection(), m_host.uuid(), xml, {.redefine = true});
        if (!made) {
            qFatal("%s", qPrintable(made.error().message));
        }
    }
    virConnectPtr bare = virConnectOpen(m_host.uri().toUtf8().constData());
    QList<double> bareMs;
    QList<double> virshMs;
    QList<double> ours;
    QList<double> known;
    for (int round = 0; round < rounds; ++round) {
        bareMs << timed([&] { bareList(bare); });
        virshMs << timed([&] { virsh({u"snapshot-list"_s, vm}); });
        ours << timed([&] {
            const auto all = calls::list(*m_host.connection(), m_host.uuid());
            check(all && all->size() == many, "listing");
        });
        known << timed([&] { (void)facts(); });
    }
    virConnectClose(bare);
    out() << many << " snapshots: bare libvirt " << QString::number(typical(bareMs), 'f', 0) << " ms, virsh "
          << QString::number(typical(virshMs), 'f', 0) << " ms\n";
    figure(u"listing 500 snapshots"_s, typical(ours), 1.05 * typical(virshMs) + 50);
    figure(u"reading all that is known of them"_s, typical(known), typical(bareMs) + 300);
}

void Bench::create()
{
    fresh();
    const auto clean = [&] {
        const QString top = m_host.path(disk);
        if (top != file(u"vm-hda.qcow2"_s)) {
            virsh({u"blockcommit"_s, vm, disk, u"--active"_s, u"--pivot"_s});
            QFile::remove(top);
        }
        for (const QString &name : m_host.snapshots()) {
            virsh({u"snapshot-delete"_s, vm, name, u"--metadata"_s});
        }
        for (const QString &name : m_host.files()) {
            if (name.contains(u"mem"_s)) {
                QFile::remove(file(name));
            }
        }
    };
    const auto planned = [&](operation::SnapshotCreateDraft::Memory memory) {
        return [this, memory](const snapshot::Facts &facts) {
            operation::SnapshotCreateDraft draft;
            draft.name = u"s"_s;
            draft.kind = operation::SnapshotCreateDraft::Kind::External;
            draft.memory = memory;
            draft.picture = false;
            return operation::planSnapshotCreate(m_host.id(), facts, draft);
        };
    };
    compare(
        u"create, disk-only"_s, clean,
        [&] {
            virsh({u"snapshot-create-as"_s, vm, u"s"_s, u"--disk-only"_s, u"--atomic"_s, u"--diskspec"_s,
                u"hda,file="_s + file(u"s.virsh"_s)});
        },
        planned(operation::SnapshotCreateDraft::Memory::Without));
    compare(
        u"create, external with memory"_s, clean,
        [&] {
            virsh({u"snapshot-create-as"_s, vm, u"s"_s, u"--live"_s, u"--memspec"_s, file(u"s.mem"_s), u"--diskspec"_s,
                u"hda,file="_s + file(u"s.virsh"_s)});
        },
        planned(operation::SnapshotCreateDraft::Memory::With));
}

void Bench::revert()
{
    fresh();
    virsh({u"snapshot-create-as"_s, vm, u"internal"_s});
    compare(
        u"revert, internal"_s, [] {}, [&] { virsh({u"snapshot-revert"_s, vm, u"internal"_s, u"--running"_s}); },
        [&](const snapshot::Facts &facts) {
            operation::SnapshotRevertDraft draft;
            draft.snapshot = u"internal"_s;
            draft.state = calls::After::Running;
            draft.keepNow = false;
            return operation::planSnapshotRevert(m_host.id(), facts, draft);
        });
}

/// A definition with its disk on another file.
QString withDisk(const xml::Element &domain, const QString &path)
{
    const auto copy = xml::Document::parse(domain.toXml());
    check(copy.has_value(), "the definition");
    const xml::Element first = copy->root().find(u"devices/disk"_s);
    first.child(u"source"_s).setAttribute(u"file"_s, path);
    first.child(u"backingStore"_s).remove();
    return copy->toString();
}

/// With libvirt 9.0 virsh has no command for it either: what one would type.
void Bench::revertExternal()
{
    fresh();
    virsh({u"snapshot-create-as"_s, vm, u"s"_s, u"--memspec"_s, file(u"s.mem"_s), u"--diskspec"_s,
        u"hda,file="_s + file(u"s.over"_s)});
    virsh({u"pool-refresh"_s, u"default"_s});
    const QString metadata = file(u"s.xml"_s);
    const QString then = file(u"then.xml"_s);
    const QString stored = file(u"stored.xml"_s);
    QString before;
    QString overlay;
    int number = 0;
    const auto prepare = [&] {
        before = m_host.path(disk);
        overlay = u"back%1.over"_s.arg(++number);
        const auto all = calls::list(*m_host.connection(), m_host.uuid());
        check(all && all->size() == 1, "listing");
        write(metadata, all->constFirst().xml);
        const auto document = xml::Document::parse(all->constFirst().xml);
        const auto now = xml::Document::parse(m_host.virsh({u"dumpxml"_s, vm, u"--inactive"_s}));
        check(document && now, "the definitions");
        write(then, withDisk(document->root().child(u"domain"_s), file(overlay)));
        write(stored, withDisk(now->root(), file(overlay)));
    };
    compare(
        u"revert, external with memory"_s, prepare,
        [&] {
            virsh({u"vol-create-as"_s, u"default"_s, overlay, u"32M"_s, u"--format"_s, u"qcow2"_s, u"--backing-vol"_s,
                u"vm-hda.qcow2"_s, u"--backing-vol-format"_s, u"qcow2"_s});
            virsh({u"destroy"_s, vm});
            virsh({u"define"_s, stored});
            virsh({u"snapshot-create"_s, vm, metadata, u"--redefine"_s, u"--current"_s});
            virsh({u"restore"_s, file(u"s.mem"_s), u"--xml"_s, then, u"--running"_s});
            virsh({u"vol-delete"_s, before.section(u'/', -1), u"--pool"_s, u"default"_s});
        },
        [&](const snapshot::Facts &facts) {
            operation::SnapshotRevertDraft draft;
            draft.snapshot = u"s"_s;
            draft.state = calls::After::Running;
            draft.keepNow = false;
            return operation::planSnapshotRevert(m_host.id(), facts, draft);
        });
}

void Bench::remove()
{
    fresh();
    const auto prepare = [&] {
        const QString top = m_host.path(disk);
        if (top != file(u"vm-hda.qcow2"_s)) {
            qFatal("the chain is not as it was: %s", qPrintable(top));
        }
        virsh({u"snapshot-create-as"_s, vm, u"s"_s, u"--disk-only"_s, u"--diskspec"_s,
            u"hda,file="_s + file(u"s.over"_s)});
        check(m_host.writes(disk, 2, 8, 9), "the guest");
        virsh({u"pool-refresh"_s, u"default"_s});
    };
    compare(
        u"delete, merging 8 MiB"_s, prepare,
        [&] {
            virsh({u"blockcommit"_s, vm, disk, u"--active"_s, u"--pivot"_s});
            virsh({u"snapshot-delete"_s, vm, u"s"_s, u"--metadata"_s});
            virsh({u"vol-delete"_s, u"s.over"_s, u"--pool"_s, u"default"_s});
        },
        [&](const snapshot::Facts &facts) {
            operation::SnapshotDeleteDraft draft;
            draft.snapshots = {u"s"_s};
            return operation::planSnapshotDelete(m_host.id(), facts, draft);
        });
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    virt::quietLibvirt();
    const QStringList wanted = QCoreApplication::arguments().mid(1);
    const auto has = [&](const char *name) {
        return wanted.isEmpty() || wanted.contains(QLatin1StringView(name));
    };
    Bench bench;
    if (has("list")) {
        bench.list();
    }
    if (has("create")) {
        bench.create();
    }
    if (has("revert")) {
        bench.revert();
        bench.revertExternal();
    }
    if (has("delete")) {
        bench.remove();
    }
    return 0;
}
