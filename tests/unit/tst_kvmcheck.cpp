// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/kvmcheck.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::KvmFacts;

namespace {

KvmFacts good()
{
    KvmFacts facts;
    facts.offered = true;
    facts.local = true;
    facts.deviceExists = true;
    facts.deviceAllowed = true;
    facts.deviceGroup = u"kvm"_s;
    facts.processor = true;
    return facts;
}

virt::ConnectionUri uri(const QString &text)
{
    return virt::ConnectionUri::parse(text).value_or(virt::ConnectionUri());
}

} // namespace

class KvmCheckTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judged_data()
    {
        QTest::addColumn<KvmFacts>("facts");
        QTest::addColumn<bool>("usable");
        QTest::addColumn<QString>("problem");
        QTest::addColumn<QString>("fix");
        const auto row = [](const char *name, auto change, bool usable, const QString &problem = {},
                             const QString &fix = {}) {
            KvmFacts facts = good();
            change(facts);
            QTest::newRow(name) << facts << usable << problem << fix;
        };
        row("all is well", [](KvmFacts &) {}, true);
        row("nested", [](KvmFacts &f) { f.hypervisor = true; }, true);
        row("session with access", [](KvmFacts &f) { f.session = true; }, true);
        row("system daemon needs no access of ours", [](KvmFacts &f) { f.deviceAllowed = false; }, true);
        row(
            "session without access",
            [](KvmFacts &f) {
                f.session = true;
                f.deviceAllowed = false;
            },
            false, u"not allowed to use /dev/kvm"_s, u"Add yourself to the group “kvm”"_s);
        row(
            "in the group, not logged in again",
            [](KvmFacts &f) {
                f.session = true;
                f.deviceAllowed = false;
                f.userInGroup = true;
                f.offered = false;
            },
            false, u"yet"_s, u"log out"_s);
        row(
            "root's device",
            [](KvmFacts &f) {
                f.session = true;
                f.deviceAllowed = false;
                f.deviceGroup = u"root"_s;
            },
            false, u"not allowed"_s, u"administrator"_s);
        row("paravirtual", [](KvmFacts &f) { f.paravirtual = true; }, false, u"kvm_pvm"_s);
        row(
            "no module",
            [](KvmFacts &f) {
                f.deviceExists = false;
                f.offered = false;
            },
            false, u"no /dev/kvm"_s, u"kvm_intel"_s);
        row(
            "no processor support",
            [](KvmFacts &f) {
                f.deviceExists = false;
                f.processor = false;
            },
            false, u"processor"_s, u"firmware"_s);
        row(
            "virtual machine without nesting",
            [](KvmFacts &f) {
                f.deviceExists = false;
                f.processor = false;
                f.hypervisor = true;
            },
            false, u"virtual itself"_s, u"nested"_s);
        row(
            "device there, libvirt does not offer it", [](KvmFacts &f) { f.offered = false; }, false,
            u"does not offer KVM"_s, u"Restart"_s);
        row("other architecture", [](KvmFacts &f) { f.foreignArch = true; }, false, u"architecture"_s);
        // Of a remote host nothing but libvirt's word is known.
        KvmFacts remote;
        remote.offered = true;
        QTest::newRow("remote") << remote << true << QString() << QString();
        QTest::newRow("remote without") << KvmFacts{} << false << u"does not offer KVM"_s << u"virt-host-validate"_s;
    }

    void judged()
    {
        QFETCH(const KvmFacts, facts);
        QFETCH(const bool, usable);
        QFETCH(const QString, problem);
        QFETCH(const QString, fix);
        const operation::KvmVerdict verdict = operation::judgeKvm(facts);
        QCOMPARE(verdict.usable, usable);
        QCOMPARE(verdict.problem.isEmpty(), usable);
        QVERIFY2(verdict.problem.contains(problem), qPrintable(verdict.problem));
        QVERIFY2(verdict.fix.contains(fix), qPrintable(verdict.fix));
    }

    void readsThisMachine()
    {
        QTemporaryDir root;
        const auto facts = [&root](const QString &address = u"qemu:///system"_s) {
            return operation::readKvmFacts(uri(address), true, false, root.path());
        };
        QVERIFY(facts().local);
        QVERIFY(!facts().deviceExists);
        QVERIFY(!facts().session);
        QVERIFY(facts(u"qemu:///session"_s).session);
        write(
            root.filePath(u"proc/cpuinfo"_s), "processor\t: 0\nflags\t\t: fpu vme svm hypervisor\n\nprocessor\t: 1\n");
        QVERIFY(facts().processor);
        QVERIFY(facts().hypervisor);
        write(root.filePath(u"proc/cpuinfo"_s), "flags : fpu vme\n");
        QVERIFY(!facts().processor);
        write(root.filePath(u"proc/cpuinfo"_s), "Features : fp asimd\n");
        QVERIFY(facts().processor); // not named on ARM
        write(root.filePath(u"dev/kvm"_s), {});
        QVERIFY(facts().deviceExists);
        QVERIFY(facts().deviceAllowed);
        QVERIFY(facts().userInGroup);
        QVERIFY(!facts().paravirtual);
        QVERIFY(QDir(root.path()).mkpath(u"sys/module/kvm_pvm"_s));
        QVERIFY(facts().paravirtual);
        const KvmFacts remote = facts(u"qemu+ssh://host/system"_s);
        QVERIFY(!remote.local);
        QVERIFY(!remote.deviceExists);
        QVERIFY(!remote.paravirtual);
        QVERIFY(!facts(u"xen:///system"_s).local);
    }

private:
    static void write(const QString &path, const QByteArray &content)
    {
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
};

QTEST_GUILESS_MAIN(KvmCheckTest)
#include "tst_kvmcheck.moc"
