// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "tests/support/killbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Recovery;
using snapshot::Scope;
using test::KillHarness;
using test::KillScenario;
using test::TestBed;

/**
 * Deleting snapshots is killed at moments of its journal, then finished or undone by another process: whatever is
 * left has exactly the content that it had, nobody's work domain stays, and no file is left over.
 */
class TestKillMerge final : public QObject, private test::KillBed
{
    Q_OBJECT

    QString m_images;
    QHash<QString, QString> m_content; ///< of each snapshot; empty name: of now

    bool exec(const QStringList &command) { return m_bed->exec(u"A"_s, command).ok(); }
    bool virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments).ok(); }
    QString path(const QString &name) const { return m_images + u'/' + name; }
    bool write(const QString &file, int at, int pattern)
    {
        return exec(
            {u"qemu-io"_s, u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P %1 %2M 2M"_s.arg(pattern).arg(at), path(file)});
    }
    /** SHA-256 of what an image reads as. */
    QString hash(const QString &file, const QString &format)
    {
        const QString raw = m_bed->directory() + u"/content.raw"_s;
        const auto converted =
            m_bed->exec(u"A"_s, {u"qemu-img"_s, u"convert"_s, u"-U"_s, u"-f"_s, format, u"-O"_s, u"raw"_s, file, raw});
        return converted.ok() ? m_bed->exec(u"A"_s, {u"sha256sum"_s, raw}).output.left(64) : converted.errorText;
    }
    std::optional<snapshot::Facts> facts() const
    {
        const auto uuid = virt::domains::find(*m_connection, u"old"_s);
        auto read = uuid ? snapshot::readFacts(*m_connection, *uuid) : fail(uuid.error());
        return read ? std::optional(*std::move(read)) : std::nullopt;
    }
    QHash<QString, QString> contents()
    {
        QHash<QString, QString> result;
        const auto now = facts();
        if (!now) {
            return result;
        }
        const snapshot::Layer top = now->disks.first().chain.first();
        result.insert({}, hash(top.path, top.format));
        for (const snapshot::Snapshot &each : now->snapshots) {
            const snapshot::Layer state = each.disks.first().state.first();
            result.insert(each.name, hash(state.path, state.format));
        }
        return result;
    }
    /** A VM with s1, s2 and s3 on a disk, all of other content; two more lie beside. */
    bool prepare(bool running)
    {
        const QString xml = m_bed->kernelGuestXml(u"old"_s).replace(u"<devices>"_s,
            u"<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
            "<source file='%1'/><target dev='hda' bus='ide'/></disk>"_s.arg(path(u"old.qcow2"_s)));
        const bool made = exec({u"mkdir"_s, u"-p"_s, m_images})
            && virsh({u"pool-define-as"_s, u"default"_s, u"dir"_s, u"--target"_s, m_images})
            && virsh({u"pool-start"_s, u"default"_s})
            && virsh({u"vol-create-as"_s, u"default"_s, u"old.qcow2"_s, u"8M"_s, u"--format"_s, u"qcow2"_s})
            && virt::domains::define(*m_connection, xml).has_value() && write(u"old.qcow2"_s, 0, 1);
        for (int i = 1; made && i <= 3; ++i) {
            if (!virsh({u"snapshot-create-as"_s, u"old"_s, u"s%1"_s.arg(i), u"--disk-only"_s})
                || !write(u"old.s%1"_s.arg(i), i, 10 + i)) {
                return false;
            }
        }
        if (!made || (running && !virsh({u"start"_s, u"--paused"_s, u"old"_s}))) {
            return false;
        }
        m_content = contents();
        return m_content.size() == 4;
    }
    job::Plan plan(const QStringList &names) const
    {
        const auto now = facts();
        if (!now) {
            return {};
        }
        operation::SnapshotDeleteDraft draft;
        draft.snapshots = names;
        // as another process would have made it
        return operation::planSnapshotDelete(QUuid::createUuid(), *now, draft);
    }
    /** All that is still there is what it was, and can be gone back to. */
    QString check()
    {
        const QHash<QString, QString> now = contents();
        if (now.isEmpty()) {
            return u"the VM is gone"_s;
        }
        for (auto it = now.constBegin(); it != now.constEnd(); ++it) {
            if (*it != m_content.value(it.key())) {
                return u"“%1” was changed: %2 in place of %3"_s.arg(it.key(), *it, m_content.value(it.key()));
            }
        }
        const auto found = facts();
        const QList<snapshot::Discrepancy> wrong =
            found ? snapshot::discrepancies(*found) : QList<snapshot::Discrepancy>();
        return wrong.isEmpty() ? QString() : wrong.first().text;
    }
    QString snapshots() const
    {
        const auto now = facts();
        QStringList names;
        for (const snapshot::Snapshot &each : now ? now->snapshots : QList<snapshot::Snapshot>()) {
            names << each.name + u'<' + each.parent + (each.current ? u"*"_s : QString());
        }
        return names.join(u' ');
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        const auto images = virt::storage::defaultPoolTarget(*m_connection);
        QVERIFY(images);
        m_images = *images;
    }
    void cleanupTestCase() { tearDown(); }

    void operations_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("left");
        // a layer between others, and what the VM writes to
        QTest::newRow("running") << true << QStringList{u"s1"_s, u"s3"_s} << u"s2<*"_s;
        QTest::newRow("off") << false << QStringList{u"s1"_s, u"s3"_s} << u"s2<*"_s;
    }
    void operations()
    {
        QFETCH(const bool, running);
        QFETCH(const QStringList, names);
        QFETCH(const QString, left);
        KillScenario scenario;
        scenario.name = QString::fromLatin1(QTest::currentDataTag());
        scenario.prepare = [this, running] {
            return prepare(running);
        };
        scenario.plan = [this, names] {
            return plan(names);
        };
        scenario.domains = {running ? u"old paused"_s : u"old shut off"_s};
        scenario.pools = {u"default active"_s};
        scenario.lossy = true;
        scenario.every = 3; // all of them: the soak
        scenario.bases = QStringList{u"old.qcow2"_s, u"old.s1"_s, u"old.s2"_s, u"old.s3"_s};
        scenario.invariant = [this] {
            return check();
        };
        scenario.more = [this] {
            return snapshots();
        };
        scenario.afterFinish = [this, left] {
            return snapshots() == left;
        };
        QElapsedTimer timer;
        timer.start();
        const QString problem = m_harness->run(scenario);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        QVERIFY(m_harness->kills() >= 15);
        qInfo("%d kills in %.1f s", m_harness->kills(), double(timer.elapsed()) / 1000);
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killChildMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillMerge test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_merge.moc"
