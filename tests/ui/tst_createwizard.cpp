// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <mutex>

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSemaphore>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeView>
#include <QtEndian>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "model/planmodel.h"
#include "ui/createwizard.h"
#include "ui/fieldgrid.h"
#include "ui/messagebar.h"
#include "ui/planpage.h"
#include "ui/planview.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using ui::CreateWizard;
using ui::CreateWizardState;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;

namespace {

void put(QByteArray &bytes, qsizetype offset, quint32 value)
{
    qToBigEndian(value, bytes.data() + offset);
}

void put64(QByteArray &bytes, qsizetype offset, quint64 value)
{
    qToBigEndian(value, bytes.data() + offset);
}

/** An empty qcow2 file (version 3), by the format's specification; with `backing` it is a hostile one. */
QByteArray qcow2(quint64 virtualSize, const QByteArray &backing = {})
{
    constexpr quint32 cluster = 65536;
    QByteArray bytes(4 * cluster, '\0');
    put(bytes, 0, 0x514649fb);
    put(bytes, 4, 3);
    if (!backing.isEmpty()) {
        put64(bytes, 8, 112);
        put(bytes, 16, static_cast<quint32>(backing.size()));
        bytes.replace(112, backing.size(), backing);
    }
    put(bytes, 20, 16);
    put64(bytes, 24, virtualSize);
    put(bytes, 36, static_cast<quint32>((virtualSize + 512 * 1024 * 1024 - 1) / (512 * 1024 * 1024)));
    put64(bytes, 40, 3 * cluster);
    put64(bytes, 48, cluster);
    put(bytes, 56, 1);
    put(bytes, 96, 4);
    put(bytes, 100, 104);
    put64(bytes, cluster, 2 * cluster);
    for (int i = 0; i < 4; ++i) {
        qToBigEndian<quint16>(1, bytes.data() + 2 * cluster + 2 * i);
    }
    return bytes;
}

image::Verdict verdictOf(image::Format format, quint64 virtualSize)
{
    image::Verdict verdict;
    verdict.format = format;
    verdict.virtualSize = virtualSize;
    return verdict;
}

QPushButton *button(const QWidget *window, const QString &text)
{
    for (QPushButton *candidate : window->findChildren<QPushButton *>()) {
        if (QString(candidate->text()).remove(u'&') == text) {
            return candidate;
        }
    }
    return nullptr;
}

/** By the keyboard's type-ahead it would depend on the time; this is what the mouse does. */
void choose(QComboBox *combo, const QString &text)
{
    const int row = combo->findText(text);
    QVERIFY2(row >= 0, qPrintable(text));
    combo->setCurrentIndex(row);
    Q_EMIT combo->activated(row);
}

QCheckBox *checkBox(const QWidget *window, const QString &text)
{
    for (QCheckBox *candidate : window->findChildren<QCheckBox *>()) {
        if (QString(candidate->text()).remove(u'&') == text && candidate->isVisible()) {
            return candidate;
        }
    }
    return nullptr;
}

/** The field with that accessible name on the page that is shown. */
template<typename Widget>
Widget *field(const QWidget *window, const QString &name)
{
    for (Widget *candidate : window->findChildren<Widget *>()) {
        if (candidate->accessibleName() == name && candidate->isVisible()) {
            return candidate;
        }
    }
    return nullptr;
}

/** Services that touch neither this computer's files nor the network. */
ui::CreateServices services()
{
    ui::CreateServices services;
    services.loadCatalog = [] {
        return os::OsCatalog::load(u"/nonexistent"_s);
    };
    services.medium = [](const os::OsCatalog &, const QString &, const std::stop_token &) {
        return ui::CreateServices::Media(std::optional<os::Detected>());
    };
    services.tree = [](const QString &, const QString &, const os::OsCatalog *,
                        const std::stop_token &) -> Result<os::InstallTree> {
        return fail(Error::failed(u"no network here"_s));
    };
    services.publicKeys = [] {
        return Result<QList<seed::PublicKey>>(QList<seed::PublicKey>());
    };
    return services;
}

ui::CreateServices inspecting(const std::function<Result<image::Verdict>(const QString &)> &inspect)
{
    ui::CreateServices services = ::services();
    services.inspect = inspect;
    return services;
}

CreateWizardState::HostChoice hostChoice(const QString &uri, bool local)
{
    return {QUuid::createUuid(), uri, uri, local, 8 * 1024 * 1024, 4};
}

virt::storage::Pool pool(const QString &name)
{
    virt::storage::Pool pool;
    pool.name = name;
    pool.type = u"dir"_s;
    pool.active = true;
    return pool;
}

virt::hostcalls::Network network(const QString &name, bool active)
{
    virt::hostcalls::Network network;
    network.name = name;
    network.active = active;
    network.forward = u"nat"_s;
    return network;
}

} // namespace

class TestCreateWizard : public QObject
{
    Q_OBJECT

private:
    /** Waits inside a step until the job is cancelled or the test lets it go. */
    struct Gate {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool open = false;
        std::atomic_int entered = 0;

        void release()
        {
            const std::lock_guard lock(mutex);
            open = true;
            changed.notify_all();
        }
    };

    void makeContext(const std::function<void(job::StepRegistry &)> &tweak = {})
    {
        m_registry = std::make_unique<job::StepRegistry>();
        operation::registerSteps(*m_registry);
        if (tweak) {
            tweak(*m_registry);
        }
        m_jobs = std::make_unique<job::JobManager>(*m_registry, m_hosts->provider());
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
    }

    CreateWizard *openWizard()
    {
        const ui::UiContext context{*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings};
        auto *wizard = new CreateWizard(context, m_host, nullptr, m_services);
        m_wizard = wizard;
        wizard->show();
        wizard->activateWindow();
        return wizard;
    }

    /** Runs `work` with the host's connection on this thread: the test driver answers at once. */
    virt::ConnectionPtr connection() const { return *m_hosts->host(m_host)->connection(); }

    QStringList domainNames() const
    {
        QStringList names;
        const auto listed = virt::domains::list(*connection());
        for (const virt::DomainRecord &domain : listed.value_or(QList<virt::DomainRecord>())) {
            names.append(domain.name);
        }
        return names;
    }

    QStringList volumeNames() const
    {
        QStringList names;
        const auto pools = virt::storage::pools(*connection());
        for (const virt::storage::Pool &each : pools.value_or(QList<virt::storage::Pool>())) {
            const auto volumes = virt::storage::volumes(*connection(), each.name);
            for (const virt::storage::Volume &volume : volumes.value_or(QList<virt::storage::Volume>())) {
                names.append(each.name + u'/' + volume.name);
            }
        }
        return names;
    }

    QString file(const QString &name, const QByteArray &content) const
    {
        QFile file(m_directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
            return {};
        }
        return file.fileName();
    }

    /** Straight to the plan from where it stands: all that lies between is fine as it is. */
    void toPlan(CreateWizard *wizard)
    {
        QVERIFY(button(wizard, u"Review"_s)->isEnabled());
        QTest::keyClick(wizard, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(wizard->currentPage(), wizard->pageCount() - 1);
    }

    /** By keyboard from the first page to the plan, without a medium. */
    void goToPlan(CreateWizard *wizard, const QString &name)
    {
        auto *from = field<QComboBox>(wizard, u"Start from"_s);
        QVERIFY(from);
        from->setFocus();
        QTest::keyClick(from, Qt::Key_End); // No medium
        QTRY_VERIFY(button(wizard, u"Next"_s)->isEnabled());
        QTest::keyClick(wizard, Qt::Key_Return);
        QCOMPARE(wizard->currentPage(), 1);
        auto *nameField = field<QLineEdit>(wizard, u"Name"_s);
        QVERIFY(nameField);
        nameField->selectAll();
        QTest::keyClicks(nameField, name);
        toPlan(wizard);
        QVERIFY(!QTest::currentTestFailed());
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan(), 20000);
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        QVERIFY(m_directory.isValid());
        m_loop = std::make_unique<virt::EventLoop>();
    }

    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_settings = std::make_unique<QSettings>(m_directory.filePath(u"settings.ini"_s), QSettings::IniFormat);
        m_settings->clear();
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        virt::HostSettings settings;
        settings.uri = u"test:///default"_s;
        settings.name = u"Test host"_s;
        m_host = m_hosts->add(settings);
        m_hosts->host(m_host)->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(m_hosts->host(m_host)->isConnected(), 20000);
        QTRY_VERIFY(m_inventory->count(m_host) > 0);
        m_services = services();
        m_services.inspect = &image::inspect;
        makeContext();
    }

    void cleanup()
    {
        delete m_wizard;
        m_events.reset();
        m_jobs.reset();
        m_registry.reset();
        m_inventory.reset();
        m_hosts.reset();
    }

    // The state, without a widget or a host.

    void statePrefersALocalHost()
    {
        CreateWizardState state;
        QVERIFY(!state.problem(Field::Host).isEmpty());
        const auto remote = hostChoice(u"qemu+ssh://far/system"_s, false);
        const auto local = hostChoice(u"qemu:///system"_s, true);
        state.setHosts({remote, local}, {});
        QCOMPARE(state.host(), local.id);
        state.setHost(remote.id);
        state.setHosts({local, remote}, {}); // the order changes: the choice stays
        QCOMPARE(state.host(), remote.id);
        QSignalSpy hostChanged(&state, &CreateWizardState::hostChanged);
        state.setHosts({local}, {}); // it went away: nobody moves the user to another host
        QCOMPARE(state.host(), remote.id);
        QVERIFY(!state.problem(Field::Host).isEmpty());
        QCOMPARE(hostChanged.size(), 0);
        state.setHosts({local, remote}, {}); // it is back, and is read anew
        QCOMPARE(hostChanged.size(), 1);

        CreateWizardState other;
        other.setHosts({remote, local}, remote.id);
        QCOMPARE(other.host(), remote.id);
    }

    void stateClearsWhatDependsOnTheHost()
    {
        CreateWizardState state;
        QSignalSpy hostChanged(&state, &CreateWizardState::hostChanged);
        const auto first = hostChoice(u"qemu:///system"_s, true);
        const auto second = hostChoice(u"qemu+ssh://far/system"_s, false);
        state.setHosts({first, second}, {});
        QCOMPARE(hostChanged.size(), 1);
        QVERIFY(!state.isSourceReady()); // nothing is known of it yet
        state.setHostFacts(first.id, {{pool(u"fast"_s)}, {network(u"lan"_s, true)}}, {u"fast"_s, std::nullopt, false});
        QCOMPARE(state.pool(), u"fast"_s); // there is no "default"
        QVERIFY(state.nic());
        QCOMPARE(state.nic()->source, u"lan"_s);
        state.setMemoryMiB(4096);
        state.setOrigin(Origin::None);
        QVERIFY(state.isSourceReady());

        state.setHost(second.id);
        QCOMPARE(hostChanged.size(), 2);
        QVERIFY(state.pool().isEmpty());
        QVERIFY(!state.nic());
        QVERIFY(state.hostFacts().pools.isEmpty());
        QCOMPARE(state.memoryMiB(), quint64(4096));                // does not depend on the host
        state.setHostFacts(first.id, {{pool(u"late"_s)}, {}}, {}); // an answer about the host before
        QVERIFY(state.hostFacts().pools.isEmpty());
        QVERIFY(!state.isSourceReady());
    }

    void stateProposesAFreeNameUntilOneIsTyped()
    {
        CreateWizardState state(inspecting([](const QString &) { return verdictOf(image::Format::Qcow2, 1); }));
        QCOMPARE(state.name(), u"vm1"_s);
        state.setTakenNames({u"vm1"_s});
        QCOMPARE(state.name(), u"vm1-2"_s);
        state.setPath(u"/images/debian-12-genericcloud-amd64.qcow2"_s);
        QCOMPARE(state.name(), u"debian-12"_s);
        state.setTakenNames({u"debian-12"_s});
        QCOMPARE(state.name(), u"debian-12-2"_s);
        state.setName(u"web01"_s);
        state.setPath(u"/images/other.qcow2"_s);
        QCOMPARE(state.name(), u"web01"_s);
        QVERIFY(state.problem(Field::Name).isEmpty());
        state.setTakenNames({u"web01"_s});
        QVERIFY(state.problem(Field::Name).contains(u"web01"_s));
        QVERIFY(!state.areResourcesReady());
        for (const QString &bad : {u""_s, u"a/b"_s, u"-x"_s, u"a\nb"_s, u"x"_s.repeated(300)}) {
            state.setName(bad);
            QVERIFY2(!state.problem(Field::Name).isEmpty(), qPrintable(bad));
        }
        state.setName(u"虚拟机"_s);
        QVERIFY(state.problem(Field::Name).isEmpty());
    }

    void stateDropsALateVerdict()
    {
        QSemaphore slowStarted;
        QSemaphore slowMayEnd;
        CreateWizardState state(inspecting([&](const QString &path) -> Result<image::Verdict> {
            if (path == "/slow"_L1) {
                slowStarted.release();
                slowMayEnd.acquire();
                return verdictOf(image::Format::Qcow2, 1024);
            }
            return fail(Error::failed(u"no such file"_s));
        }));
        state.setPath(u"/slow"_s);
        QVERIFY(state.isInspecting());
        QTRY_COMPARE(slowStarted.available(), 1);
        state.setPath(u"/other"_s);
        slowMayEnd.release();
        QTRY_VERIFY(!state.isInspecting());
        QCOMPARE(state.problem(Field::Path), u"no such file"_s);
        QCOMPARE(state.imageBytes(), quint64(0)); // that of /slow was dropped
    }

    void stateChecksTheKindOfFile()
    {
        image::Format format = image::Format::Iso;
        QString refusal;
        CreateWizardState state(inspecting([&](const QString &) -> Result<image::Verdict> {
            image::Verdict verdict = verdictOf(format, quint64(10) << 30);
            verdict.refusal = refusal;
            return verdict;
        }));
        const auto inspectAs = [&](image::Format as, const QString &path) {
            format = as;
            state.setPath(path);
        };
        QVERIFY(!state.problem(Field::Path).isEmpty());
        state.setPath(u"relative.qcow2"_s);
        QVERIFY(!state.isInspecting());
        QVERIFY(!state.problem(Field::Path).isEmpty());
        inspectAs(image::Format::Iso, u"/a.iso"_s);
        QTRY_VERIFY(!state.isInspecting());
        QVERIFY(!state.problem(Field::Path).isEmpty());
        state.setOrigin(Origin::Iso);
        QVERIFY(state.problem(Field::Path).isEmpty());
        inspectAs(image::Format::Qcow2, u"/a.qcow2"_s);
        QTRY_VERIFY(!state.isInspecting());
        QVERIFY(!state.problem(Field::Path).isEmpty());
        state.setOrigin(Origin::Image);
        QVERIFY(state.problem(Field::Path).isEmpty());
        refusal = u"It has a backing file."_s;
        state.setPath(u"file:///b.qcow2"_s); // as a file manager drops it
        QTRY_VERIFY(!state.isInspecting());
        QCOMPARE(state.problem(Field::Path), refusal);
        QCOMPARE(state.draft().path, u"/b.qcow2"_s);
    }

    void stateMakesTheDraft()
    {
        constexpr quint64 tenGiB = quint64(10) << 30;
        CreateWizardState state(inspecting([](const QString &) { return verdictOf(image::Format::Qcow2, tenGiB); }));
        const auto host = hostChoice(u"qemu:///system"_s, true);
        state.setHosts({host}, {});
        state.setHostFacts(host.id, {{pool(u"default"_s), pool(u"isos"_s)}, {network(u"default"_s, true)}}, {});
        state.setPath(u"/images/a.qcow2"_s);
        QTRY_VERIFY(state.isSourceReady());
        QCOMPARE(state.rootGiB(), 10.0);
        QVERIFY(!state.draft().rootGiB); // the image's own size
        state.setRootGiB(9);
        QVERIFY(!state.problem(Field::RootDisk).isEmpty());
        state.setRootGiB(20);
        QVERIFY(state.problem(Field::RootDisk).isEmpty());
        operation::CreateDraft draft = state.draft();
        QCOMPARE(draft.host, host.uri);
        QCOMPARE(draft.source, operation::CreateDraft::SourceKind::Image);
        QCOMPARE(draft.rootGiB, std::optional<double>(20));
        QCOMPARE(draft.pool, u"default"_s);
        QCOMPARE(draft.nics.size(), 1);
        QCOMPARE(draft.nics.constFirst().source, u"default"_s);
        QVERIFY(draft.start);
        QVERIFY(state.summary().contains(u"20 GiB"_s));

        state.setMemoryMiB(9 * 1024); // the host has 8 GiB
        QVERIFY(!state.problem(Field::Memory).isEmpty());
        state.setMemoryMiB(2048);
        state.setNic(CreateWizardState::Nic{operation::CreateDraft::NicKind::Bridge, {}, {}, {}});
        QVERIFY(!state.areDevicesReady());
        state.setNic(std::nullopt);
        QVERIFY(state.areDevicesReady());
        QVERIFY(state.draft().nics.isEmpty());

        QSignalSpy wanted(&state, &CreateWizardState::volumesWanted);
        state.setOrigin(Origin::Volume);
        QCOMPARE(wanted.size(), 1);
        QVERIFY(!state.isSourceReady());
        virt::storage::Volume volume;
        volume.pool = u"default"_s;
        volume.name = u"golden.qcow2"_s;
        volume.format = u"qcow2"_s;
        volume.capacity = tenGiB;
        state.setVolumes(host.id, u"default"_s, {volume});
        QVERIFY(state.isSourceReady());
        QCOMPARE(state.draft().source, operation::CreateDraft::SourceKind::Image);
        QCOMPARE(state.draft().volume->name, u"golden.qcow2"_s);
        state.setKeepVolume(false);
        QCOMPARE(state.draft().source, operation::CreateDraft::SourceKind::Disk);
        QVERIFY(state.rootFixed());
        volume.format = u"iso"_s;
        state.setVolumes(host.id, u"default"_s, {volume});
        QCOMPARE(state.draft().source, operation::CreateDraft::SourceKind::Iso);
        QVERIFY(state.draft().rootGiB);
        state.setSourcePool(u"isos"_s);
        QVERIFY(!state.isSourceReady());
        state.setVolumes(host.id, u"isos"_s, {});
        QVERIFY(!state.problem(Field::Volume).isEmpty());
    }

    void stateOffersUserModeWhereItWorks()
    {
        CreateWizardState state;
        const auto session = hostChoice(u"qemu:///session"_s, true);
        const auto system = hostChoice(u"qemu:///system"_s, false);
        const auto test = hostChoice(u"test:///default"_s, false);
        state.setHosts({session, system, test}, {});
        using Kind = operation::CreateDraft::NicKind;
        state.setHostFacts(session.id, {{}, {network(u"lan"_s, false)}}, {});
        QCOMPARE(state.nic()->kind, Kind::User);
        state.setHost(system.id);
        state.setHostFacts(system.id, {{}, {network(u"b"_s, true), network(u"default"_s, true)}}, {});
        QCOMPARE(state.nic()->source, u"default"_s);
        state.setHost(test.id);
        state.setHostFacts(test.id, {{}, {}}, {});
        QVERIFY(!state.nic());
        QVERIFY(state.nicChoices().isEmpty());
    }

    // The window, against libvirt's test driver.

    void pagesHaveTheirNamesAndFocus()
    {
        CreateWizard *wizard = openWizard();
        QCOMPARE(wizard->windowTitle(), u"New Virtual Machine"_s);
        QVERIFY(!wizard->isModal());
        for (const QString &name : {u"Back"_s, u"Next"_s, u"Cancel"_s, u"Create"_s}) {
            QVERIFY2(button(wizard, name), qPrintable(name));
        }
        QVERIFY(field<QComboBox>(wizard, u"Host"_s));
        QVERIFY(field<QLineEdit>(wizard, u"Image"_s));
        QVERIFY(!button(wizard, u"Back"_s)->isEnabled());
        QVERIFY(!button(wizard, u"Next"_s)->isEnabled());
        QVERIFY(!button(wizard, u"Next"_s)->toolTip().isEmpty());
        QTRY_COMPARE(QApplication::focusWidget(), static_cast<QWidget *>(field<QComboBox>(wizard, u"Start from"_s)));

        QTest::keyClick(QApplication::focusWidget(), Qt::Key_End);
        QTRY_VERIFY(button(wizard, u"Next"_s)->isEnabled());
        QTest::keyClick(wizard, Qt::Key_Return);
        for (const QString &name :
            {u"Name"_s, u"Memory"_s, u"vCPUs"_s, u"Root disk"_s, u"Storage"_s, u"Number of VMs"_s}) {
            QVERIFY2(field<QWidget>(wizard, name), qPrintable(name));
        }
        for (const QString &text : {u"Start now"_s, u"Start paused"_s, u"Start with the host"_s}) {
            QVERIFY2(checkBox(wizard, text), qPrintable(text));
        }
        QTRY_COMPARE(QApplication::focusWidget(), static_cast<QWidget *>(field<QLineEdit>(wizard, u"Name"_s)));

        // A click on a step that is done jumps back; later ones can't be clicked.
        const auto steps = wizard->findChildren<QToolButton *>();
        const auto step = [&](const QString &title) {
            return *std::find_if(
                steps.cbegin(), steps.cend(), [&](const QToolButton *each) { return each->text() == title; });
        };
        QVERIFY(step(u"Plan"_s)->isEnabled()); // all that lies between is fine as it is
        QVERIFY(step(u"Name and size"_s)->font().bold());
        auto *nameField = field<QLineEdit>(wizard, u"Name"_s);
        nameField->clear();
        QVERIFY(!step(u"Plan"_s)->isEnabled());
        QVERIFY(!step(u"Machine"_s)->isEnabled());
        nameField->setText(u"fine"_s);
        QTest::mouseClick(step(u"Machine"_s), Qt::LeftButton);
        QCOMPARE(wizard->currentPage(), 3);
        for (const QString &name :
            {u"Acceleration"_s, u"Machine"_s, u"Firmware"_s, u"TPM"_s, u"CPU"_s, u"Screen"_s, u"Listen address"_s}) {
            QVERIFY2(field<QWidget>(wizard, name), qPrintable(name));
        }
        QTest::mouseClick(step(u"Source"_s), Qt::LeftButton);
        QCOMPARE(wizard->currentPage(), 0);

        QPointer<CreateWizard> guard(wizard);
        QTest::keyClick(wizard, Qt::Key_Escape);
        QTRY_VERIFY(!guard);
    }

    void aTakenNameIsToldBesideTheField()
    {
        CreateWizard *wizard = openWizard();
        auto *from = field<QComboBox>(wizard, u"Start from"_s);
        QTest::keyClick(from, Qt::Key_End);
        QTRY_VERIFY(button(wizard, u"Next"_s)->isEnabled());
        QTest::keyClick(wizard, Qt::Key_Return);
        auto *name = field<QLineEdit>(wizard, u"Name"_s);
        QVERIFY(!name->text().isEmpty());
        name->selectAll();
        QTest::keyClicks(name, u"test"_s); // the test driver's own domain
        QVERIFY(!button(wizard, u"Next"_s)->isEnabled());
        QVERIFY(name->accessibleDescription().contains(u"test"_s));
        bool told = false;
        for (const ui::FieldNote *note : wizard->findChildren<ui::FieldNote *>()) {
            told = told || (note->isVisible() && note->hasProblem() && note->text().contains(u"test"_s));
        }
        QVERIFY(told);
        QTest::keyClick(wizard, Qt::Key_Return);
        QCOMPARE(wizard->currentPage(), 1);
        QTest::keyClicks(name, u"2"_s);
        QVERIFY(button(wizard, u"Next"_s)->isEnabled());
        QVERIFY(name->accessibleDescription().isEmpty());
    }

    void aHostileImageIsRefused()
    {
        const QString hostile = file(u"hostile.qcow2"_s, qcow2(quint64(1) << 30, "/etc/shadow"));
        const QString good = file(u"good.qcow2"_s, qcow2(quint64(1) << 30));
        QVERIFY(!hostile.isEmpty() && !good.isEmpty());
        CreateWizard *wizard = openWizard();
        auto *path = field<QLineEdit>(wizard, u"Image"_s);
        path->setFocus();
        QTest::keyClicks(path, hostile);
        QTRY_VERIFY(!wizard->state().isInspecting());
        QVERIFY(!button(wizard, u"Next"_s)->isEnabled());
        QVERIFY2(path->accessibleDescription().contains(u"backing"_s), qPrintable(path->accessibleDescription()));
        path->selectAll();
        QTest::keyClicks(path, good);
        QTRY_VERIFY2(button(wizard, u"Next"_s)->isEnabled(), qPrintable(path->accessibleDescription()));
        QVERIFY2(path->accessibleDescription().contains(u"qcow2"_s), qPrintable(path->accessibleDescription()));
        QTest::keyClick(wizard, Qt::Key_Return);
        QCOMPARE(field<QLineEdit>(wizard, u"Name"_s)->text(), u"good"_s);
        QCOMPARE(wizard->state().minimumRootGiB(), 1.0);
        path = nullptr;
        // Missing files are told, too.
        QTest::keyClick(wizard, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(wizard->currentPage(), 0);
    }

    void createsAndStartsByKeyboardAlone()
    {
        CreateWizard *wizard = openWizard();
        QSignalSpy created(wizard, &CreateWizard::created);
        QPointer<CreateWizard> guard(wizard);
        goToPlan(wizard, u"fresh"_s);
        const job::Plan *plan = wizard->planPage()->plan();
        QVERIFY2(!plan->isBlocked(), qPrintable(wizard->planPage()->reason()));
        QVERIFY(!plan->steps.isEmpty());
        QVERIFY(plan->xmlAfter.contains(u"fresh"_s));
        auto *steps = field<QTreeView>(wizard, u"Steps"_s);
        QVERIFY(steps);
        QCOMPARE(steps->model()->rowCount(), static_cast<int>(plan->steps.size()));
        QTRY_VERIFY(button(wizard, u"Create"_s)->isEnabled());
        QTest::keyClick(wizard, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!guard, 30000);
        QCOMPARE(created.size(), 1);
        const auto key = created.constFirst().constFirst().value<virt::DomainKey>();
        QCOMPARE(key.host, m_host);
        const auto record = virt::domains::read(*connection(), key.domain);
        QVERIFY(record.has_value());
        QCOMPARE(record->name, u"fresh"_s);
        QCOMPARE(record->state, virt::DomainState::Running);
        QCOMPARE(m_settings->value(u"newvm/host"_s).toUuid(), m_host);
        QVERIFY(m_settings->value(u"windows/createwizard/size"_s).toSize().isValid());
    }

    void failureStaysOpenAndLeavesNothing()
    {
        CreateWizard *wizard = openWizard();
        QSignalSpy created(wizard, &CreateWizard::created);
        goToPlan(wizard, u"clash"_s);
        QVERIFY(wizard->planPage()->isComplete());
        // Somebody else takes the name between the plan and the click.
        const auto other = virt::domains::define(*connection(),
            u"<domain type='test'><name>clash</name><memory>1024</memory>"
            "<os><type>hvm</type></os></domain>"_s);
        QVERIFY(other.has_value());
        const QStringList domains = domainNames();
        const QStringList volumes = volumeNames();
        QTest::keyClick(wizard, Qt::Key_Return);
        auto *bar = wizard->findChild<ui::MessageBar *>();
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible() && !wizard->isRunning(), 30000);
        QVERIFY2(bar->text().contains(u"clash"_s), qPrintable(bar->text())); // libvirt's own words
        QVERIFY(!bar->hint().isEmpty());
        QVERIFY(wizard->isVisible());
        QCOMPARE(created.size(), 0);
        QCOMPARE(domainNames(), domains);
        QCOMPARE(volumeNames(), volumes);
        QVERIFY(wizard->planPage()->view()->verdict().contains(u"undone"_s));

        // Back keeps the fields; with another name it works.
        QPointer<CreateWizard> guard(wizard);
        wizard->goTo(1);
        QVERIFY(!bar->isVisible());
        auto *name = field<QLineEdit>(wizard, u"Name"_s);
        QCOMPARE(name->text(), u"clash"_s);
        name->selectAll();
        QTest::keyClicks(name, u"peace"_s);
        toPlan(wizard);
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan() && wizard->planPage()->isComplete(), 20000);
        QTest::keyClick(wizard, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!guard, 30000);
        QVERIFY(domainNames().contains(u"peace"_s));
    }

    void aBlockedPlanCannotBeRun()
    {
        CreateWizard *wizard = openWizard();
        goToPlan(wizard, u"soon"_s);
        QVERIFY(wizard->planPage()->isComplete());
        button(wizard, u"Back"_s)->click();
        // Taken on the host, and the inventory does not know it yet: the plan says so, not the field.
        wizard->state().setTakenNames({});
        wizard->state().setName(u"test"_s);
        QTest::keyClick(wizard, Qt::Key_Return);
        QCOMPARE(wizard->currentPage(), wizard->pageCount() - 1);
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan(), 20000);
        QVERIFY(wizard->planPage()->plan()->isBlocked());
        QVERIFY(!button(wizard, u"Create"_s)->isEnabled());
        QVERIFY(button(wizard, u"Create"_s)->toolTip().contains(u"test"_s));
        QTest::keyClick(wizard, Qt::Key_Return);
        QVERIFY(m_jobs->jobs().isEmpty());
    }

    void cancelUndoesAndStaysOpen()
    {
        Gate gate;
        m_events.reset();
        makeContext([&](job::StepRegistry &registry) {
            job::StepRegistry::Kind kind;
            kind.run = [&gate](const job::Step &, job::StepContext &context) -> Result<> {
                ++gate.entered;
                std::unique_lock lock(gate.mutex);
                gate.changed.wait(lock, context.stop(), [&] { return gate.open; });
                return context.isCancelled() ? Result<>(fail(Error::cancelled())) : Result<>();
            };
            registry.add(u"domain.start"_s, kind);
        });
        const QStringList domains = domainNames();
        const QStringList volumes = volumeNames();
        CreateWizard *wizard = openWizard();
        goToPlan(wizard, u"halfway"_s);
        QTest::keyClick(wizard, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(gate.entered.load(), 1, 20000);
        QVERIFY(wizard->isRunning());
        QVERIFY(domainNames().contains(u"halfway"_s));
        QVERIFY(!button(wizard, u"Back"_s)->isEnabled());
        QVERIFY(button(wizard, u"Run in Background"_s)->isVisible());
        QTest::keyClick(wizard, Qt::Key_Escape); // asks what is meant, does nothing
        QVERIFY(wizard->isVisible());
        QVERIFY(wizard->findChild<ui::MessageBar *>()->isVisible());
        button(wizard, u"Cancel"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(!wizard->isRunning(), 20000);
        QVERIFY(wizard->isVisible());
        QCOMPARE(domainNames(), domains);
        QCOMPARE(volumeNames(), volumes);
        QVERIFY(wizard->planPage()->isComplete()); // Create can be pressed again
        QVERIFY(button(wizard, u"Back"_s)->isEnabled());
    }

    void runsOnInTheBackground_data()
    {
        QTest::addColumn<bool>("byButton");
        QTest::newRow("button") << true;
        QTest::newRow("window closed") << false;
    }

    void runsOnInTheBackground()
    {
        QFETCH(bool, byButton);
        Gate gate;
        m_events.reset();
        makeContext([&](job::StepRegistry &registry) {
            const job::StepRegistry::Kind real = *registry.find(u"domain.define"_s);
            job::StepRegistry::Kind kind = real;
            kind.run = [&gate, real](const job::Step &step, job::StepContext &context) -> Result<> {
                ++gate.entered;
                {
                    std::unique_lock lock(gate.mutex);
                    gate.changed.wait(lock, context.stop(), [&] { return gate.open; });
                }
                return real.run(step, context);
            };
            registry.add(u"domain.define"_s, kind);
        });
        CreateWizard *wizard = openWizard();
        QPointer<CreateWizard> guard(wizard);
        const QString name = byButton ? u"later1"_s : u"later2"_s;
        goToPlan(wizard, name);
        QTest::keyClick(wizard, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(gate.entered.load(), 1, 20000);
        if (byButton) {
            button(wizard, u"Run in Background"_s)->click();
        } else {
            wizard->close();
        }
        QTRY_VERIFY(!guard);
        QCOMPARE(m_jobs->runningCount(), 1);
        gate.release();
        QTRY_COMPARE_WITH_TIMEOUT(m_jobs->runningCount(), 0, 20000);
        QVERIFY(domainNames().contains(name));
    }

    void changedAnswersMakeANewPlan()
    {
        CreateWizard *wizard = openWizard();
        goToPlan(wizard, u"one"_s);
        QCOMPARE(wizard->planPage()->plan()->domainName, u"one"_s);
        wizard->goTo(1);
        auto *name = field<QLineEdit>(wizard, u"Name"_s);
        name->selectAll();
        QTest::keyClicks(name, u"two"_s);
        toPlan(wizard);
        QVERIFY(!wizard->planPage()->plan()); // "Checking…", not the old plan
        QVERIFY(!button(wizard, u"Create"_s)->isEnabled());
        // Back and forth while it is being checked: only the last answer counts.
        wizard->goTo(1);
        name->selectAll();
        QTest::keyClicks(name, u"three"_s);
        toPlan(wizard);
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan(), 20000);
        QCOMPARE(wizard->planPage()->plan()->domainName, u"three"_s);
    }

    void followsTheHost()
    {
        CreateWizard *wizard = openWizard();
        auto *from = field<QComboBox>(wizard, u"Start from"_s);
        QTest::keyClick(from, Qt::Key_End);
        QTRY_VERIFY(button(wizard, u"Next"_s)->isEnabled());
        m_hosts->host(m_host)->disconnectFromHost();
        QTRY_VERIFY(!button(wizard, u"Next"_s)->isEnabled());
        QVERIFY(!wizard->state().problem(Field::Host).isEmpty());
        m_hosts->host(m_host)->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(button(wizard, u"Next"_s)->isEnabled(), 20000);
    }

    void offersTheVolumesOfTheHost()
    {
        const auto pools = virt::storage::pools(*connection());
        QVERIFY(pools && !pools->isEmpty());
        const QString poolName = pools->constFirst().name;
        QVERIFY(virt::storage::createVolume(
            *connection(), poolName, u"<volume><name>golden.img</name><capacity>1048576</capacity></volume>"_s));
        CreateWizard *wizard = openWizard();
        auto *from = field<QComboBox>(wizard, u"Start from"_s);
        choose(from, u"Volume on the host"_s);
        QTRY_VERIFY(field<QComboBox>(wizard, u"Volume"_s));
        QTRY_COMPARE_WITH_TIMEOUT(field<QComboBox>(wizard, u"Volume"_s)->findText(u"golden.img"_s) >= 0, true, 20000);
        QTRY_VERIFY(button(wizard, u"Next"_s)->isEnabled());
        QCOMPARE(wizard->state().draft().volume->pool, poolName);
        QVERIFY(virt::storage::deleteVolume(*connection(), poolName, u"golden.img"_s));
    }

private:
    QTemporaryDir m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::StepRegistry> m_registry;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<QSettings> m_settings;
    QPointer<CreateWizard> m_wizard;
    ui::CreateServices m_services;
    virt::HostId m_host;
};

QTEST_MAIN(TestCreateWizard)
#include "tst_createwizard.moc"
