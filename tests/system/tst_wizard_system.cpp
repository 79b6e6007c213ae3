// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The New VM wizard in the whole program, on a real host, by keyboard alone. What came of it is asked of virsh, of
// qemu-img and of the guest's serial console, never of our own code.
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPointer>
#include <QPushButton>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>
#include <QWindow>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/domaintreemodel.h"
#include "model/eventmodel.h"
#include "tests/support/testbed.h"
#include "tests/system/badhostsfixture.h"
#include "tests/system/wholeprogram.h"
#include "ui/createwizard.h"
#include "ui/domaintreeview.h"
#include "ui/mainwindow.h"
#include "ui/messagebar.h"
#include "ui/planpage.h"
#include "ui/vmwindow.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using model::DomainTreeModel;
using test::button;
using test::focused;
using test::press;
using test::Program;
using test::retype;
using test::TestBed;
using test::type;
using ui::CreateWizard;

namespace {

constexpr int waitMs = 30000;
constexpr int jobMs = 90000;
constexpr qint64 mebibyte = 1024 * 1024;
/// A call that waits for a frozen host holds the window for 5 s at least; a busy machine for much less.
constexpr qint64 hitchMs = 1000;

/// What the wizard's message says; empty while it is hidden.
QString message(const CreateWizard *wizard)
{
    const auto *bar = wizard->findChild<ui::MessageBar *>(QString(), Qt::FindDirectChildrenOnly);
    return bar && bar->isVisible() ? bar->text() + u'\n' + bar->hint() : QString();
}

/// A raw image of `size` MiB in which each `stride`th MiB is random, so that nothing can shrink it; the rest are holes.
bool writeRandomImage(const QString &path, int size, int stride)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.resize(size * mebibyte)) {
        return false;
    }
    QByteArray block(mebibyte, Qt::Uninitialized);
    for (int at = 0; at < size; at += stride) {
        QRandomGenerator::global()->fillRange(reinterpret_cast<quint32 *>(block.data()), block.size() / 4);
        if (!file.seek(at * mebibyte) || file.write(block) != block.size()) {
            return false;
        }
    }
    return file.flush();
}

} // namespace

class TestWizardSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();

    void createsAndStarts();
    void hostStopsWhilePlanIsMade();
    void nameIsTaken();
    void failsInTheMiddle_data();
    void failsInTheMiddle();
    void cancelledUpload();
    void domainVanishes();

private:
    TestBed::Outcome virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments); }
    QStringList lines(const QStringList &virshArguments)
    {
        return virsh(virshArguments)
            .output.split(u'\n', Qt::SkipEmptyParts)
            .replaceInStrings(QRegularExpression(u"^ +| +$"_s), {});
    }
    QStringList domains() { return lines({u"list"_s, u"--all"_s, u"--name"_s}); }
    QStringList pools() { return lines({u"pool-list"_s, u"--all"_s, u"--name"_s}); }
    QString image(const QString &name) const { return m_images.filePath(name); }
    /// The row of the list in which that VM stands.
    QModelIndex row(const QString &name) const;

    int planPage() const { return m_wizard->pageCount() - 1; }
    /// All by keyboard: the wizard from the main window, its first page, its second page, and straight to the plan.
    void openWizard();
    void choose(const QString &imagePath);
    void describe(const QString &name, const QString &pool = {});
    void goToPlan(const QString &imagePath, const QString &name, const QString &pool = {});
    void goBackToPlan();
    /// The job ends well, and then the wizard closes by itself.
    void awaitDone();
    /// Presses Create by its mnemonic and waits until the job is there.
    void create();
    const job::JobRecord *lastJob() const { return m_program->jobs.job(m_program->jobs.jobs().constLast()); }

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    std::unique_ptr<Program> m_program;
    virt::HostId m_host;
    QTemporaryDir m_images;
    QPointer<CreateWizard> m_wizard;
};

void TestWizardSystem::initTestCase()
{
    virt::quietLibvirt();
    m_loop = std::make_unique<virt::EventLoop>();
    m_bed = std::make_unique<TestBed>();
    QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
    QVERIFY(m_images.isValid());
    QVERIFY(!TestBed::guestDisk().isEmpty());
    QVERIFY(QFile::copy(TestBed::guestDisk(), image(u"guest.qcow2"_s)));
}

void TestWizardSystem::init()
{
    m_program =
        std::make_unique<Program>(m_images.filePath(u"%1.conf"_s.arg(QLatin1String(QTest::currentTestFunction()))));
    m_program->window.show();
    virt::HostSettings settings = test::settingsFor(m_bed->uri(u"A"_s));
    settings.name = u"Rack"_s;
    m_host = m_program->hosts.add(settings);
    m_program->hosts.host(m_host)->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(m_program->hosts.host(m_host)->isConnected(), waitMs);
    QVERIFY(QTest::qWaitForWindowActive(&m_program->window));
}

void TestWizardSystem::cleanup()
{
    delete m_wizard;
    m_program.reset();
    m_bed->contDaemon(u"A"_s);
    if (!m_bed->wipe()) {
        qWarning("wipe: %s", qPrintable(m_bed->errorText()));
    }
}

void TestWizardSystem::cleanupTestCase()
{
    m_bed.reset();
    m_loop.reset();
}

QModelIndex TestWizardSystem::row(const QString &name) const
{
    const QAbstractItemModel *model = m_program->window.tree()->model();
    for (int host = 0; host < model->rowCount(); ++host) {
        const QModelIndex above = model->index(host, 0);
        for (int domain = 0; domain < model->rowCount(above); ++domain) {
            const QModelIndex index = model->index(domain, DomainTreeModel::NameColumn, above);
            if (index.data().toString() == name) {
                return index;
            }
        }
    }
    return {};
}

void TestWizardSystem::openWizard()
{
    press(Qt::Key_N, Qt::ControlModifier);
    m_wizard = m_program->window.findChild<CreateWizard *>();
    QVERIFY(m_wizard);
    QCOMPARE(m_wizard->windowTitle(), u"New Virtual Machine"_s);
    QTRY_COMPARE(QGuiApplication::focusWindow(), m_wizard->windowHandle());
    QTRY_COMPARE(focused(), u"Start from"_s);
}

void TestWizardSystem::choose(const QString &imagePath)
{
    press(Qt::Key_I, Qt::AltModifier);
    QCOMPARE(focused(), u"Image"_s);
    retype(imagePath);
    QTRY_VERIFY_WITH_TIMEOUT(button(m_wizard, u"Next"_s)->isEnabled(), waitMs);
    press(Qt::Key_Return);
    QCOMPARE(m_wizard->currentPage(), 1);
    QTRY_COMPARE(focused(), u"Name"_s);
}

void TestWizardSystem::describe(const QString &name, const QString &pool)
{
    retype(name);
    press(Qt::Key_Tab);
    QCOMPARE(focused(), u"Memory"_s);
    retype(u"64"_s);
    if (!pool.isEmpty()) {
        press(Qt::Key_S, Qt::AltModifier);
        QCOMPARE(focused(), u"Storage"_s);
        type(pool);
        QCOMPARE(m_wizard->state().pool(), pool);
    }
    QCOMPARE(m_wizard->state().name(), name);
    QCOMPARE(m_wizard->state().memoryMiB(), 64);
}

void TestWizardSystem::goToPlan(const QString &imagePath, const QString &name, const QString &pool)
{
    STEP(openWizard());
    STEP(choose(imagePath));
    STEP(describe(name, pool));
    press(Qt::Key_Return, Qt::ControlModifier); // all that lies between is fine as it is
    QCOMPARE(m_wizard->currentPage(), planPage());
    QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan(), waitMs);
    for (const job::Finding &finding : m_wizard->planPage()->plan()->findings) {
        QVERIFY2(finding.severity != job::Finding::Severity::Blocker, qPrintable(finding.text + finding.cause));
    }
    QVERIFY(button(m_wizard, u"Create"_s)->isEnabled());
}

void TestWizardSystem::goBackToPlan()
{
    press(Qt::Key_B, Qt::AltModifier);
    QTRY_COMPARE(m_wizard->currentPage(), planPage() - 1);
    press(Qt::Key_N, Qt::AltModifier);
    QTRY_COMPARE(m_wizard->currentPage(), planPage());
    QTRY_VERIFY_WITH_TIMEOUT(button(m_wizard, u"Create"_s)->isEnabled(), waitMs);
}

void TestWizardSystem::create()
{
    const qsizetype before = m_program->jobs.jobs().size();
    press(Qt::Key_E, Qt::AltModifier);
    QTRY_COMPARE(m_program->jobs.jobs().size(), before + 1);
}

void TestWizardSystem::awaitDone()
{
    QTRY_VERIFY_WITH_TIMEOUT(lastJob()->isFinished(), jobMs);
    QVERIFY2(lastJob()->state == JobState::Done, qPrintable(lastJob()->error.message));
    QTRY_VERIFY(!m_wizard);
    m_program->window.activateWindow(); // as a window manager does; offscreen there is none
    QVERIFY(QTest::qWaitForWindowActive(&m_program->window));
}

void TestWizardSystem::createsAndStarts()
{
    const QString source = image(u"guest.qcow2"_s);
    STEP(goToPlan(source, u"web01"_s));
    STEP(create());
    STEP(awaitDone());

    // The host says that it runs; the list says so too, and it is selected.
    QCOMPARE(virsh({u"domstate"_s, u"web01"_s}).output.trimmed(), u"running"_s);
    QCOMPARE(
        virsh({u"dominfo"_s, u"web01"_s}).output.contains(QRegularExpression(u"Max memory:\\s+65536 KiB"_s)), true);
    QTRY_VERIFY(row(u"web01"_s).isValid());
    QTRY_COMPARE(
        row(u"web01"_s).data(DomainTreeModel::StateRole).toInt(), static_cast<int>(virt::DomainState::Running));
    QTRY_COMPARE(m_program->window.tree()->selectedDomains().size(), 1);
    QCOMPARE(m_program->window.tree()->currentIndex().siblingAtColumn(0).data().toString(), u"web01"_s);

    // Its disk is an overlay over the base volume, which is the image byte for byte.
    const QStringList volumes =
        lines({u"vol-list"_s, u"default"_s}).replaceInStrings(QRegularExpression(u"\\s.*"_s), {});
    QCOMPARE(volumes.size(), 2);
    const QString base = volumes.at(0).startsWith(u"vireo-base-"_s) ? volumes.at(0) : volumes.at(1);
    const QString overlayPath = virsh({u"vol-path"_s, u"--pool"_s, u"default"_s, u"web01.qcow2"_s}).output.trimmed();
    const QString basePath = virsh({u"vol-path"_s, u"--pool"_s, u"default"_s, base}).output.trimmed();
    QVERIFY(!overlayPath.isEmpty() && !basePath.isEmpty());
    QVERIFY(virsh({u"domblklist"_s, u"web01"_s}).output.contains(overlayPath));
    const auto chain =
        m_bed->exec(u"A"_s, {u"qemu-img"_s, u"info"_s, u"-U"_s, u"--backing-chain"_s, u"--output=json"_s, overlayPath});
    QVERIFY2(chain.ok(), qPrintable(chain.errorText));
    const QJsonArray images = QJsonDocument::fromJson(chain.output.toUtf8()).array();
    QCOMPARE(images.size(), 2);
    QCOMPARE(images[0]["format"_L1].toString(), u"qcow2"_s);
    QCOMPARE(images[0]["full-backing-filename"_L1].toString(), basePath);
    QCOMPARE(images[0]["backing-filename-format"_L1].toString(), u"qcow2"_s);
    QCOMPARE(images[1]["format"_L1].toString(), u"qcow2"_s);
    const QString copy = image(u"downloaded"_s);
    const auto download = virsh({u"vol-download"_s, u"--pool"_s, u"default"_s, base, copy});
    QVERIFY2(download.ok(), qPrintable(download.errorText));
    QFile given(source);
    QFile stored(copy);
    QVERIFY(given.open(QIODevice::ReadOnly) && stored.open(QIODevice::ReadOnly));
    QVERIFY(given.size() > 0);
    QVERIFY(given.readAll() == stored.readAll());

    // And the guest in it works: its heart beats on the serial console.
    const QString console = virsh({u"ttyconsole"_s, u"web01"_s}).output.trimmed();
    const auto beat =
        m_bed->exec(u"A"_s, {u"timeout"_s, u"30"_s, u"grep"_s, u"-a"_s, u"-m1"_s, u"HB [0-9]"_s, console});
    QVERIFY2(beat.ok(), qPrintable(beat.output + beat.errorText));

    // A second VM from the same image shares the base volume.
    STEP(goToPlan(source, u"web02"_s));
    STEP(create());
    STEP(awaitDone());
    QCOMPARE(virsh({u"domstate"_s, u"web02"_s}).output.trimmed(), u"running"_s);
    QCOMPARE(lines({u"vol-list"_s, u"default"_s}).size(), 3);
}

void TestWizardSystem::hostStopsWhilePlanIsMade()
{
    STEP(openWizard());
    STEP(choose(image(u"guest.qcow2"_s)));
    STEP(describe(u"late"_s));
    QVERIFY(m_bed->stopDaemon(u"A"_s));
    test::GapMeter meter;
    meter.start();
    press(Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(m_wizard->currentPage(), planPage());
    QVERIFY(!m_wizard->planPage()->plan());
    // Within the time in which the list says it, too, not when the connection dies half a minute later.
    QTRY_VERIFY2_WITH_TIMEOUT(message(m_wizard).contains(u"Rack"_s), qPrintable(message(m_wizard)), 15000);
    QVERIFY2(message(m_wizard).contains(u"not responding"_s), qPrintable(message(m_wizard)));
    QVERIFY(!button(m_wizard, u"Create"_s)->isEnabled());
    // One can still walk through the wizard.
    for (int page = planPage() - 1; page >= 1; --page) {
        press(Qt::Key_B, Qt::AltModifier);
        QTRY_COMPARE(m_wizard->currentPage(), page);
    }
    QTRY_COMPARE(focused(), u"Name"_s);
    const qint64 gap = meter.stop("host stopped");
    QVERIFY2(gap < hitchMs, qPrintable(QString::number(gap)));

    QVERIFY(m_bed->contDaemon(u"A"_s));
    QTRY_VERIFY_WITH_TIMEOUT(m_program->hosts.host(m_host)->isConnected(), waitMs);
    press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE(m_wizard->currentPage(), planPage());
    QTRY_VERIFY_WITH_TIMEOUT(button(m_wizard, u"Create"_s)->isEnabled(), waitMs);
    QCOMPARE(m_wizard->state().name(), u"late"_s); // what was typed is still there
    press(Qt::Key_Escape);
    QTRY_VERIFY(!m_wizard);
    QCOMPARE(domains(), QStringList());
}

void TestWizardSystem::nameIsTaken()
{
    QCOMPARE(test::makeGuest(*m_bed, u"A"_s, u"taken"_s, m_bed->kernelGuestXml(u"taken"_s), false), QString());
    QTRY_VERIFY(row(u"taken"_s).isValid());
    STEP(openWizard());
    STEP(choose(image(u"guest.qcow2"_s)));
    retype(u"taken"_s);
    QTRY_VERIFY(!button(m_wizard, u"Next"_s)->isEnabled());
    press(Qt::Key_Return);
    QCOMPARE(m_wizard->currentPage(), 1);
    QVERIFY(QApplication::focusWidget()->accessibleDescription().contains(u"already has a VM named “taken”"_s));

    // Somebody takes the name after the plan was made: libvirt refuses, and says why.
    STEP(describe(u"race"_s));
    press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(button(m_wizard, u"Create"_s)->isEnabled(), waitMs);
    QCOMPARE(test::makeGuest(*m_bed, u"A"_s, u"race"_s, m_bed->kernelGuestXml(u"race"_s), false), QString());
    const QString before = virsh({u"domuuid"_s, u"race"_s}).output;
    STEP(create());
    QTRY_VERIFY_WITH_TIMEOUT(lastJob()->isFinished(), jobMs);
    QVERIFY(m_wizard && m_wizard->isVisible());
    QVERIFY2(message(m_wizard).contains(u"already exists"_s), qPrintable(message(m_wizard)));
    QVERIFY2(message(m_wizard).contains(u"undone"_s), qPrintable(message(m_wizard)));
    QCOMPARE(virsh({u"domuuid"_s, u"race"_s}).output, before); // theirs was left alone
    QCOMPARE(pools(), QStringList());
}

void TestWizardSystem::failsInTheMiddle_data()
{
    QTest::addColumn<QString>("obstacle");
    QTest::addColumn<QString>("text");
    QTest::newRow("a directory where the disk shall be") << u"directory"_s << u"vm.qcow2"_s;
    if (m_bed->hostsAreIsolated()) { // else the pool's file system is the machine's
        QTest::newRow("pool full") << u"full"_s << u"No space left on device"_s;
    }
}

void TestWizardSystem::failsInTheMiddle()
{
    QFETCH(QString, obstacle);
    QFETCH(QString, text);
    const auto onHost = [this](const QStringList &command) {
        const auto outcome = m_bed->exec(u"A"_s, command);
        if (!outcome.ok()) {
            qWarning().noquote() << command << outcome.errorText;
        }
        return outcome.ok();
    };
    const bool full = obstacle == u"full"_s;
    const QString place = full ? u"/run/vireo-small"_s : QDir(m_bed->directory()).filePath(u"small"_s);
    QVERIFY(onHost({u"mkdir"_s, u"-p"_s, place}));
    if (full) {
        QVERIFY(onHost({u"mount"_s, u"-t"_s, u"tmpfs"_s, u"-o"_s, u"size=40M"_s, u"tmpfs"_s, place}));
    }
    QVERIFY(virsh({u"pool-create-as"_s, u"small"_s, u"dir"_s, u"--target"_s, place}).ok());
    const QString source = image(u"random24.img"_s);
    QVERIFY(QFile::exists(source) || writeRandomImage(source, 24, 1));

    STEP(goToPlan(source, u"vm"_s, u"small"_s));
    const QString thing = place + (full ? u"/ballast"_s : u"/vm.qcow2"_s);
    if (full) {
        QVERIFY(onHost({u"dd"_s, u"if=/dev/zero"_s, u"of="_s + thing, u"bs=1M"_s, u"count=26"_s}));
    } else {
        QVERIFY(onHost({u"mkdir"_s, thing}));
    }
    STEP(create());
    QTRY_VERIFY_WITH_TIMEOUT(lastJob()->isFinished(), jobMs);
    QVERIFY(m_wizard && m_wizard->isVisible());
    QVERIFY2(message(m_wizard).contains(text), qPrintable(message(m_wizard)));
    QVERIFY2(message(m_wizard).contains(u"undone"_s), qPrintable(message(m_wizard)));

    // Everything is as before.
    const auto listing = m_bed->exec(u"A"_s, {u"ls"_s, u"-A"_s, place});
    QCOMPARE(listing.output.trimmed(), QFileInfo(thing).fileName());
    QCOMPARE(domains(), QStringList());
    QVERIFY(!row(u"vm"_s).isValid());

    // The cause is removed, and the same wizard goes again.
    QVERIFY(onHost({u"rm"_s, u"-r"_s, thing}));
    STEP(goBackToPlan());
    STEP(create());
    STEP(awaitDone());
    QCOMPARE(virsh({u"domstate"_s, u"vm"_s}).output.trimmed(), u"running"_s);
    QVERIFY(virsh({u"destroy"_s, u"vm"_s}).ok());
    QVERIFY(virsh({u"pool-destroy"_s, u"small"_s}).ok());
    if (full) {
        QVERIFY(onHost({u"umount"_s, place}));
    }
}

void TestWizardSystem::cancelledUpload()
{
    const QString source = image(u"large.img"_s);
    QVERIFY(writeRandomImage(source, 512, 2));
    STEP(goToPlan(source, u"big"_s));
    STEP(create());
    const auto isUploading = [this] {
        const job::JobRecord *job = lastJob();
        return job->currentStep >= 0 && job->plan.steps.at(job->currentStep).type == u"volume.upload"_s
            && job->steps.at(job->currentStep).done > 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isUploading(), jobMs);
    test::GapMeter meter;
    meter.start();
    press(Qt::Key_L, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(lastJob()->isFinished(), jobMs);
    QVERIFY(m_wizard && m_wizard->isVisible());
    const qint64 gap = meter.stop("cancelled upload");
    QVERIFY2(gap < hitchMs, qPrintable(QString::number(gap)));
    QCOMPARE(lastJob()->state, JobState::Cancelled);
    QVERIFY2(message(m_wizard).contains(u"Everything was undone"_s), qPrintable(message(m_wizard)));
    QCOMPARE(domains(), QStringList());
    QCOMPARE(pools(), QStringList());
    QVERIFY2(!m_bed->exec(u"A"_s, {u"sh"_s, u"-c"_s, u"ls /var/lib/libvirt/images | grep ."_s}).ok(),
        "a file was left behind");

    STEP(goBackToPlan());
    STEP(create());
    STEP(awaitDone());
    QCOMPARE(virsh({u"domstate"_s, u"big"_s}).output.trimmed(), u"running"_s);
}

void TestWizardSystem::domainVanishes()
{
    QCOMPARE(test::makeGuest(*m_bed, u"A"_s, u"ghost"_s, m_bed->kernelGuestXml(u"ghost"_s), true), QString());
    QTRY_VERIFY(row(u"ghost"_s).isValid());
    ui::MainWindow &window = m_program->window;
    // Ctrl+F, then down into the list, on to the VM below its host; its page, and a window of its own by Enter.
    press(Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(focused(), u"Filter"_s);
    press(Qt::Key_Down);
    QCOMPARE(focused(), u"Virtual machines"_s);
    press(Qt::Key_End);
    QTRY_COMPARE(window.tree()->selectedDomains().size(), 1);
    press(Qt::Key_Return);
    const auto vmWindow = [] {
        for (QWidget *each : QApplication::topLevelWidgets()) {
            if (auto *found = qobject_cast<ui::VmWindow *>(each); found && found->isVisible()) {
                return found;
            }
        }
        return static_cast<ui::VmWindow *>(nullptr);
    };
    QTRY_VERIFY(vmWindow());
    QTRY_COMPARE(QGuiApplication::focusWindow(), vmWindow()->windowHandle());

    QVERIFY(virsh({u"destroy"_s, u"ghost"_s}).ok());
    QVERIFY(virsh({u"undefine"_s, u"ghost"_s}).ok());
    QTRY_VERIFY(!row(u"ghost"_s).isValid());
    const auto saysSo = [](const QWidget *where) {
        const auto bars = where->findChildren<ui::MessageBar *>();
        return std::any_of(bars.cbegin(), bars.cend(), [](const ui::MessageBar *bar) {
            return bar->isVisible() && bar->text().contains(u"ghost does not exist on Rack any more"_s);
        });
    };
    QTRY_VERIFY(saysSo(vmWindow()));
    QTRY_VERIFY(saysSo(&window));
    // All of its pages can still be looked at, and the window closes as ever.
    for (int page = 0; page < 3; ++page) {
        press(Qt::Key_Tab, Qt::ControlModifier);
    }
    press(Qt::Key_W, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(!vmWindow());
}

QTEST_MAIN(TestWizardSystem)
#include "tst_wizard_system.moc"
