// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The New VM wizard's further questions: operating system, devices, machine, cloud-init, templates, several VMs at
// once, and the XML edited by hand. States without widgets first, then the window on libvirt's test driver.
#include <QCheckBox>
#include <QComboBox>
#include <QDirIterator>
#include <QDoubleSpinBox>
#include <QJsonDocument>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QSemaphore>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/createseed.h"
#include "ui/createsystem.h"
#include "ui/createwizard.h"
#include "ui/customisedialog.h"
#include "ui/hardwareeditor.h"
#include "ui/planjobs.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/xmleditor.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using operation::CreateDraft;
using ui::CreateSeed;
using ui::CreateSystem;
using ui::CreateWizard;
using ui::CreateWizardState;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;
using Part = CreateSeed::Part;

namespace {

constexpr auto Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@here"_L1;
constexpr auto Canary = "correct-horse-canary-7731"_L1;

ui::CreateServices services()
{
    ui::CreateServices services;
    services.inspect = [](const QString &) -> Result<image::Verdict> {
        image::Verdict verdict;
        verdict.format = image::Format::Qcow2;
        verdict.virtualSize = quint64(2) << 30;
        return verdict;
    };
    services.loadCatalog = [] {
        return os::OsCatalog::load(u"/nonexistent"_s);
    };
    services.tree = [](const QString &, const QString &, const os::OsCatalog *,
                        const std::stop_token &) -> Result<os::InstallTree> {
        return fail(Error::failed(u"no network here"_s));
    };
    services.publicKeys = []() -> Result<QList<seed::PublicKey>> {
        seed::PublicKey key = *seed::parsePublicKey(Key);
        key.origin = u"ssh-agent"_s;
        return QList{key};
    };
    return services;
}

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

template<typename Button>
Button *button(const QWidget *window, const QString &text)
{
    for (Button *candidate : window->findChildren<Button *>()) {
        if (QString(candidate->text()).remove(u'&') == text && candidate->isVisible()) {
            return candidate;
        }
    }
    return nullptr;
}

void choose(QComboBox *combo, const QString &beginning)
{
    QVERIFY(combo);
    const int row = combo->findText(beginning, Qt::MatchStartsWith);
    QVERIFY2(row >= 0, qPrintable(beginning));
    combo->setCurrentIndex(row);
    Q_EMIT combo->activated(row);
}

CreateWizardState::HostChoice someHost()
{
    return {QUuid::createUuid(), u"qemu:///system"_s, u"Rack"_s, true, quint64(8) * 1024 * 1024, 4};
}

} // namespace

#define STEP(call)                                                                                                     \
    do {                                                                                                               \
        call;                                                                                                          \
        if (QTest::currentTestFailed())                                                                                \
            return;                                                                                                    \
    } while (false)

class TestCreatePages : public QObject
{
    Q_OBJECT

private:
    CreateWizard *openWizard()
    {
        const ui::UiContext context{*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings};
        m_wizard = new CreateWizard(context, m_host, nullptr, m_services);
        m_wizard->show();
        m_wizard->activateWindow();
        return m_wizard;
    }
    /** Without a medium, under this name, on that page. */
    void openAt(int page, const QString &name = u"fresh"_s)
    {
        CreateWizard *wizard = openWizard();
        choose(field<QComboBox>(wizard, u"Start from"_s), u"No medium"_s);
        QTRY_VERIFY(button<QPushButton>(wizard, u"Next"_s)->isEnabled());
        wizard->goTo(1);
        field<QLineEdit>(wizard, u"Name"_s)->setText(name);
        if (page > 1) {
            wizard->goTo(page);
        }
        QCOMPARE(wizard->currentPage(), page);
    }
    void toPlan()
    {
        m_wizard->goTo(m_wizard->pageCount() - 1);
        QCOMPARE(m_wizard->currentPage(), m_wizard->pageCount() - 1);
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan(), 30000);
    }
    QString directory(const QString &name) const { return m_directory.filePath(name); }
    /** Whether any file below the configuration holds these bytes. */
    bool isAnywhere(const QByteArray &bytes) const
    {
        m_settings->sync();
        QDirIterator files(m_directory.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.open(QIODevice::ReadOnly) && file.readAll().contains(bytes)) {
                return true;
            }
        }
        return false;
    }
    virt::ConnectionPtr connection() const { return *m_hosts->host(m_host)->connection(); }

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
        m_services = services();
        m_settings = std::make_unique<QSettings>(directory(u"settings.ini"_s), QSettings::IniFormat);
        m_settings->clear();
        QDir(directory(u"templates"_s)).removeRecursively();
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        virt::HostSettings settings;
        settings.uri = u"test:///default"_s;
        settings.name = u"Test host"_s;
        m_host = m_hosts->add(settings);
        m_hosts->host(m_host)->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(m_hosts->host(m_host)->isConnected(), 20000);
        m_registry = std::make_unique<job::StepRegistry>();
        operation::registerSteps(*m_registry);
        m_jobs = std::make_unique<job::JobManager>(*m_registry, m_hosts->provider());
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
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

    // States without widgets.

    void seedBecomesADraft()
    {
        CreateSeed seed(services());
        seed.setVmName(u"Web 01"_s, 1);
        QVERIFY(!seed.isEnabled());
        QVERIFY(seed.firstProblem().isEmpty()); // off: nothing is wrong with it
        seed.setEnabled(true);
        QTRY_COMPARE(seed.keys().size(), 1);
        QVERIFY(seed.keys().constFirst().chosen);
        QCOMPARE(seed.draft().hostname, u"web-01"_s);
        QCOMPARE(seed.draft().sshKeys.size(), 1); // of the image's own user
        seed.change([](CreateSeed::Fields &fields) {
            fields.user = u"ops"_s;
            fields.packages = u"htop, vim"_s;
            fields.network = CreateSeed::Network::Static;
            fields.address4 = u"192.168.1.5/24"_s;
            fields.gateway4 = u"192.168.1.1"_s;
            fields.metadata = u"role=web\n"_s;
        });
        const seed::SeedDraft draft = seed.draft();
        QVERIFY(draft.sshKeys.isEmpty());
        QCOMPARE(draft.users.constFirst().sshKeys.size(), 1);
        QVERIFY(draft.users.constFirst().sudo);
        QCOMPARE(draft.packages, (QStringList{u"htop"_s, u"vim"_s}));
        QCOMPARE(draft.network.constFirst().addresses, QStringList{u"192.168.1.5/24"_s});
        QCOMPARE(draft.metadata.value(u"role"_s), u"web"_s);
        QVERIFY2(seed.firstProblem().isEmpty(), qPrintable(seed.firstProblem()));

        CreateSeed again(services());
        again.setDraft(draft);
        QCOMPARE(again.draft(), draft);
    }

    void seedTellsEachFieldsProblem_data()
    {
        QTest::addColumn<int>("part");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, Part part, const QString &text) {
            QTest::newRow(name) << static_cast<int>(part) << text;
        };
        row("host name", Part::Hostname, u"no_under scores"_s);
        row("user", Part::User, u"Root!"_s);
        row("packages", Part::Packages, u"--force"_s);
        row("address", Part::Network, u"192.168.1.300/24"_s);
        row("time zone", Part::Timezone, u"Europe Berlin"_s);
        row("user-data", Part::UserData, u"#cloud-config\n{ not: yaml"_s);
        row("metadata", Part::Metadata, u"no equals"_s);
    }

    void seedTellsEachFieldsProblem()
    {
        QFETCH(int, part);
        QFETCH(QString, text);
        CreateSeed seed(services());
        seed.setEnabled(true);
        const auto which = static_cast<Part>(part);
        QVERIFY(seed.problem(which).isEmpty());
        seed.change([&](CreateSeed::Fields &fields) {
            fields.network = CreateSeed::Network::Static;
            fields.address4 = which == Part::Network ? text : u"10.0.0.5/24"_s;
            QString CreateSeed::Fields::*const parts[] = {&CreateSeed::Fields::hostname, &CreateSeed::Fields::user,
                nullptr, nullptr, &CreateSeed::Fields::packages, &CreateSeed::Fields::address4,
                &CreateSeed::Fields::timezone, &CreateSeed::Fields::userData, &CreateSeed::Fields::metadata};
            fields.*parts[part] = text;
        });
        QVERIFY2(!seed.problem(which).isEmpty(), "not told");
        QCOMPARE(seed.firstProblem(), seed.problem(which));
        seed.setEnabled(false);
        QVERIFY(seed.firstProblem().isEmpty());
    }

    void passwordIsForgottenOnceHashed()
    {
        CreateSeed seed(services());
        seed.setEnabled(true);
        seed.setPassword(Canary);
        QVERIFY(!seed.problem(Part::Password).isEmpty()); // whose?
        seed.change([](CreateSeed::Fields &fields) { fields.user = u"ops"_s; });
        QVERIFY(seed.problem(Part::Password).isEmpty());
        QCOMPARE(seed.passwordCopy(), QByteArray(Canary.data(), Canary.size()));
        QVERIFY(!QJsonDocument(seed.draft().toJson()).toJson().contains(Canary.data()));
        seed.setHash(u"$6$salt$hash"_s);
        QVERIFY(!seed.hasPlainPassword() && seed.passwordCopy().isEmpty());
        QCOMPARE(seed.draft().users.constFirst().passwordHash, u"$6$salt$hash"_s);
        seed.setPassword(u"another"_s); // the hash was of the other one
        QVERIFY(seed.draft().users.constFirst().passwordHash.isEmpty());
    }

    void oneAddressForManyIsRefused()
    {
        CreateSeed seed(services());
        seed.setEnabled(true);
        seed.change([](CreateSeed::Fields &fields) {
            fields.network = CreateSeed::Network::Static;
            fields.address4 = u"10.0.0.5/24"_s;
        });
        QVERIFY(seed.problem(Part::Network).isEmpty());
        seed.setVmName(u"web"_s, 3);
        QVERIFY(!seed.problem(Part::Network).isEmpty());
    }

    void badKeysAreTold()
    {
        CreateSeed seed(services());
        QVERIFY(!seed.addKey(u"-----BEGIN OPENSSH PRIVATE KEY-----"_s));
        QVERIFY(!seed.addKey(u""_s));
        QVERIFY(seed.keys().isEmpty());
        QVERIFY(seed.addKey(Key));
        QVERIFY(seed.addKey(Key)); // again: the same one
        QCOMPARE(seed.keys().size(), 1);
    }

    void aTreeIsLookedAtOnceTheTextRests()
    {
        QSemaphore looked;
        QStringList seen;
        std::mutex mutex;
        ui::CreateServices fake = services();
        fake.tree = [&](const QString &location, const QString &, const os::OsCatalog *,
                        const std::stop_token &) -> Result<os::InstallTree> {
            {
                const std::lock_guard lock(mutex);
                seen << location;
            }
            looked.release();
            os::InstallTree tree;
            tree.location = location;
            tree.layout = u"debian"_s;
            tree.kernel = location + u"/linux"_s;
            return tree;
        };
        CreateWizardState state(fake);
        const auto host = someHost();
        state.setHosts({host}, {});
        state.setHostFacts(host.id, {}, {});
        state.setOrigin(Origin::Tree);
        QVERIFY(!state.isSourceReady());
        state.setPath(u"htt"_s);
        QVERIFY(!state.isLooking()); // that is no address yet
        QVERIFY(!state.problem(Field::Path).isEmpty());
        state.setPath(u"http://a.example/debia"_s);
        QVERIFY(state.isLooking());
        state.setPath(u"http://a.example/debian"_s);
        QTRY_VERIFY(!state.isLooking());
        QCOMPARE(looked.available(), 1);
        const std::lock_guard lock(mutex);
        QCOMPARE(seen, QStringList{u"http://a.example/debian"_s});
        QVERIFY(state.isSourceReady());
        QVERIFY2(state.hint(Field::Path).contains(u"linux"_s), qPrintable(state.hint(Field::Path)));
        QCOMPARE(state.draft().source, CreateDraft::SourceKind::Tree);
        QCOMPARE(state.draft().path, u"http://a.example/debian"_s);
    }

    void aLookThatIsNotWantedIsStopped()
    {
        QSemaphore entered;
        std::atomic_bool stopped = false;
        ui::CreateServices fake = services();
        fake.tree = [&](const QString &location, const QString &, const os::OsCatalog *,
                        const std::stop_token &stop) -> Result<os::InstallTree> {
            entered.release();
            if (location.endsWith(u"slow"_s)) {
                while (!stop.stop_requested()) {
                    std::this_thread::yield();
                }
                stopped = true;
                return fail(Error::cancelled());
            }
            return fail(Error::failed(u"nothing to boot in it"_s));
        };
        CreateSystem system(fake);
        system.lookAtTree(u"http://a.example/slow"_s, u"x86_64"_s);
        QTRY_COMPARE(entered.available(), 1);
        system.lookAtTree(u"http://a.example/other"_s, u"x86_64"_s);
        QTRY_VERIFY(stopped);
        QTRY_VERIFY(system.tree().has_value());
        QCOMPARE(system.tree()->error().message, u"nothing to boot in it"_s);
    }

    void genericIsFine()
    {
        CreateWizardState state(services());
        state.system().load();
        QTRY_VERIFY(state.system().catalog());
        QVERIFY(!state.system().effective());
        QVERIFY(state.problem(Field::System).isEmpty());
        QCOMPARE(state.memoryMiB(), 1024U);
        state.system().setChosen(u"generic-linux"_s);
        QCOMPARE(state.draft().os, u"generic-linux"_s);
        QVERIFY(state.problem(Field::System).isEmpty());
    }

    void everyKindBecomesItsDraft()
    {
        using Kind = CreateDraft::SourceKind;
        CreateWizardState state(services());
        const auto host = someHost();
        state.setHosts({host}, {});
        state.setHostFacts(host.id, {}, {});
        state.setPath(u"/images/a.qcow2"_s);
        QTRY_VERIFY(state.isSourceReady());
        state.setOrigin(Origin::Kernel);
        QVERIFY(!state.isSourceReady());
        state.change([](CreateDraft &draft) { draft.kernel = {u"/boot/vmlinuz"_s, u"relative"_s, u"quiet"_s, {}}; });
        QVERIFY(!state.isSourceReady());
        state.change([](CreateDraft &draft) { draft.kernel.initrd = u"/boot/initrd"_s; });
        QVERIFY(state.isSourceReady());
        QCOMPARE(state.draft().source, Kind::Kernel);
        QVERIFY(state.draft().path.isEmpty());
        state.setRootGiB(0); // a kernel may do without a disk
        QVERIFY(state.areResourcesReady());
        QCOMPARE(state.draft().rootGiB, std::optional<double>(0));

        state.setOrigin(Origin::Pxe);
        QCOMPARE(state.draft().source, Kind::Pxe);
        QVERIFY(state.draft().kernel == CreateDraft::Kernel{}); // what belongs to another kind does not leak
        state.setNic(std::nullopt);
        QVERIFY(!state.areDevicesReady()); // nothing to boot from
        state.setNic(CreateDraft::Nic{CreateDraft::NicKind::Bridge, u"br0"_s, {}, {}});
        QVERIFY(state.areDevicesReady());

        state.setOrigin(Origin::Xml);
        QVERIFY(!state.isSourceReady());
        state.setPath(u"/tmp/domain.xml"_s);
        QVERIFY(state.isSourceReady());
        QCOMPARE(state.draft().source, Kind::Xml);
        const auto read = operation::createDraftFromJson(state.draft().toJson());
        QVERIFY2(read, read ? "" : qPrintable(read.error().constFirst().path));

        state.setOrigin(Origin::Image);
        QCOMPARE(state.path(), u"/images/a.qcow2"_s); // each kind keeps its own
        const auto image = operation::createDraftFromJson(state.draft().toJson());
        QVERIFY2(image, image ? "" : qPrintable(image.error().constFirst().path));
    }

    void backingFilesAreAdoptedOnRequestAlone()
    {
        ui::CreateServices fake = services();
        fake.inspect = [](const QString &) -> Result<image::Verdict> {
            image::Verdict verdict;
            verdict.format = image::Format::Qcow2;
            verdict.virtualSize = 1 << 30;
            verdict.refusal = u"It has a backing file."_s;
            verdict.onlyBacking = true;
            return verdict;
        };
        fake.chain = [](const QString &path) -> Result<image::Chain> {
            image::Chain chain;
            chain.members = {{path, {}}, {u"/images/base.qcow2"_s, {}}};
            chain.refusal = path.contains(u"evil"_s) ? u"The base is a device."_s : QString();
            return chain;
        };
        CreateWizardState state(fake);
        const auto host = someHost();
        state.setHosts({host}, {});
        state.setHostFacts(host.id, {}, {});
        state.setPath(u"/images/top.qcow2"_s);
        QTRY_VERIFY(!state.isInspecting());
        QVERIFY(state.canAdopt() && !state.isSourceReady());
        state.change([](CreateDraft &draft) { draft.adoptChain = true; });
        QVERIFY(state.isSourceReady());
        QVERIFY(state.draft().adoptChain);
        state.setPath(u"/images/evil.qcow2"_s);
        QVERIFY(!state.draft().adoptChain); // it was said of the other one
        QTRY_VERIFY(!state.isInspecting());
        state.change([](CreateDraft &draft) { draft.adoptChain = true; });
        QCOMPARE(state.problem(Field::Path), u"The base is a device."_s);
    }

    void badDevicesAreTold()
    {
        CreateWizardState state(services());
        const auto host = someHost();
        state.setHosts({host}, {});
        state.setHostFacts(host.id, {}, {});
        state.setOrigin(Origin::None);
        QVERIFY(state.areDevicesReady());
        const auto nic = [&](const CreateDraft::Nic &wanted) {
            state.change([&](CreateDraft &draft) { draft.nics = {wanted}; });
            return state.problem(Field::Nic);
        };
        using NicKind = CreateDraft::NicKind;
        QVERIFY(!nic({NicKind::Bridge, {}, {}, {}}).isEmpty());
        QVERIFY(!nic({NicKind::Macvtap, {}, {}, {}}).isEmpty());
        QVERIFY(!nic({NicKind::User, {}, {}, u"52:54"_s}).isEmpty());
        QVERIFY(!nic({NicKind::User, {}, {}, u"01:00:5e:00:00:01"_s}).isEmpty()); // multicast
        QVERIFY(nic({NicKind::User, {}, {}, u"52:54:00:00:00:01"_s}).isEmpty());
        state.change([](CreateDraft &draft) { draft.nics.append(draft.nics.constFirst()); });
        QVERIFY(!state.problem(Field::Nic).isEmpty()); // twice the same address
        state.change([](CreateDraft &draft) {
            draft.nics.clear();
            CreateDraft::Disk disk;
            disk.kind = CreateDraft::DiskKind::Ephemeral;
            disk.fs = u"xfs"_s;
            disk.bytes = 1 << 30;
            disk.label = u"thirteen-char"_s;
            draft.disks = {disk};
        });
        QVERIFY(!state.problem(Field::Disks).isEmpty());
        state.change([](CreateDraft &draft) { draft.disks.first().label = u"data"_s; });
        QVERIFY(state.areDevicesReady());
        state.change([](CreateDraft &draft) { draft.disks.first().serial = u"a b"_s; });
        QVERIFY(!state.areDevicesReady());
    }

    void severalPlansBecomeOne()
    {
        job::Plan first;
        first.domainName = u"web-1"_s;
        first.verdict = u"Creates it."_s;
        job::Plan second = first;
        second.domainName = u"web-2"_s;
        second.findings = {{job::Finding::Severity::Blocker, u"taken"_s, u"somebody"_s, {}},
            {job::Finding::Severity::Ok, u"memory"_s, {}, {}}};
        const job::Plan all = ui::PlanJobs::summary({first, second}, {{u"count"_s, 2}});
        QVERIFY(all.isBlocked());
        QCOMPARE(all.draft.value("count"_L1).toInt(), 2);
        QCOMPARE(all.findings.size(), 2);
        QVERIFY(all.findings.constFirst().cause.contains(u"web-2"_s));
        QCOMPARE(ui::PlanJobs::summary({first}, {}), first);
    }

    // The window.

    void sourceKindsShowTheirFields_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QStringList>("fields");
        QTest::newRow("image") << u"Disk image"_s << QStringList{u"Image"_s, u"Operating system"_s};
        QTest::newRow("iso") << u"Install medium"_s << QStringList{u"Image"_s, u"Operating system"_s};
        QTest::newRow("tree") << u"Network installation"_s
                              << QStringList{u"Location"_s, u"Kernel arguments"_s, u"Operating system"_s};
        QTest::newRow("volume") << u"Volume"_s << QStringList{u"Pool"_s, u"Volume"_s, u"Operating system"_s};
        QTest::newRow("kernel") << u"Kernel"_s
                                << QStringList{u"Kernel"_s, u"Initrd"_s, u"Kernel arguments"_s, u"Device tree"_s,
                                       u"Operating system"_s};
        QTest::newRow("xml") << u"Import"_s << QStringList{u"Definition"_s};
        QTest::newRow("pxe") << u"Network boot"_s << QStringList{u"Operating system"_s};
        QTest::newRow("none") << u"No medium"_s << QStringList{u"Operating system"_s};
    }

    void sourceKindsShowTheirFields()
    {
        QFETCH(QString, kind);
        QFETCH(QStringList, fields);
        CreateWizard *wizard = openWizard();
        choose(field<QComboBox>(wizard, u"Start from"_s), kind);
        const QStringList all{u"Image"_s, u"Location"_s, u"Kernel arguments"_s, u"Pool"_s, u"Volume"_s, u"Kernel"_s,
            u"Initrd"_s, u"Device tree"_s, u"Definition"_s, u"Operating system"_s};
        for (const QString &name : all) {
            QCOMPARE(field<QWidget>(wizard, name) != nullptr, fields.contains(name));
        }
        QVERIFY(field<QComboBox>(wizard, u"Host"_s) && field<QComboBox>(wizard, u"Template"_s));
    }

    void devicesAreAddedAndRemoved()
    {
        STEP(openAt(2));
        auto *list = field<QListWidget>(m_wizard, u"Devices"_s);
        QVERIFY(list);
        QCOMPARE(list->count(), 2); // root disk, one card
        QVERIFY(field<QComboBox>(m_wizard, u"Network"_s));
        const auto actions = button<QPushButton>(m_wizard, u"Add"_s)->menu()->actions();
        QCOMPARE(actions.size(), 6); // with the separator
        actions.at(1)->trigger();    // ephemeral
        QCOMPARE(list->count(), 3);
        field<QDoubleSpinBox>(m_wizard, u"Size"_s)->setValue(2);
        choose(field<QComboBox>(m_wizard, u"File system"_s), u"xfs"_s);
        field<QLineEdit>(m_wizard, u"Label"_s)->setText(u"data"_s);
        actions.at(2)->trigger(); // swap
        QCOMPARE(list->count(), 4);
        QVERIFY(!field<QComboBox>(m_wizard, u"File system"_s));
        const QList<CreateDraft::Disk> disks = m_wizard->state().draft().disks;
        QCOMPARE(disks.size(), 2);
        QCOMPARE(disks.at(0).kind, CreateDraft::DiskKind::Ephemeral);
        QCOMPARE(disks.at(0).bytes, quint64(2) << 30);
        QCOMPARE(disks.at(0).fs, u"xfs"_s);
        QCOMPARE(disks.at(0).label, u"data"_s);
        QCOMPARE(disks.at(1).kind, CreateDraft::DiskKind::Swap);
        actions.at(3)->trigger(); // existing volume: none is chosen yet
        QVERIFY(!button<QPushButton>(m_wizard, u"Next"_s)->isEnabled());
        button<QPushButton>(m_wizard, u"Remove"_s)->click();
        QVERIFY(button<QPushButton>(m_wizard, u"Next"_s)->isEnabled());
        actions.at(5)->trigger(); // card
        choose(field<QComboBox>(m_wizard, u"Network"_s), u"Bridge"_s);
        QVERIFY(!button<QPushButton>(m_wizard, u"Next"_s)->isEnabled() || !m_wizard->state().nic());
        field<QLineEdit>(m_wizard, u"Bridge or device"_s)->setText(u"br7"_s);
        field<QLineEdit>(m_wizard, u"MAC address"_s)->setText(u"52:54:00:AA:00:01"_s);
        QVERIFY(button<QPushButton>(m_wizard, u"Next"_s)->isEnabled());
        const CreateDraft::Nic nic = m_wizard->state().draft().nics.constLast();
        QCOMPARE(nic.kind, CreateDraft::NicKind::Bridge);
        QCOMPARE(nic.source, u"br7"_s);
        QCOMPARE(nic.mac, u"52:54:00:aa:00:01"_s);
        list->setCurrentRow(0);
        QVERIFY(!button<QPushButton>(m_wizard, u"Remove"_s)->isEnabled()); // the root disk stays
    }

    void theMachineSaysWhatAutomaticMeans()
    {
        STEP(openAt(3));
        auto *firmware = field<QComboBox>(m_wizard, u"Firmware"_s);
        QVERIFY(firmware);
        QCOMPARE(firmware->currentText(), u"Automatic (BIOS)"_s);
        choose(firmware, u"UEFI"_s);
        choose(field<QComboBox>(m_wizard, u"Screen"_s), u"None"_s);
        QVERIFY(!field<QLineEdit>(m_wizard, u"Listen address"_s)); // nothing listens
        button<QCheckBox>(m_wizard, u"Guest agent channel"_s)->click();
        const CreateDraft draft = m_wizard->state().draft();
        QCOMPARE(draft.firmware, CreateDraft::Firmware::Efi);
        QCOMPARE(draft.graphics, CreateDraft::Graphics::None);
        QVERIFY(!draft.agent && draft.rng);
        choose(field<QComboBox>(m_wizard, u"Screen"_s), u"VNC"_s);
        field<QLineEdit>(m_wizard, u"Listen address"_s)->setText(u"0.0.0.0"_s);
        QVERIFY(field<QComboBox>(m_wizard, u"Screen"_s)->accessibleDescription().contains(u"0.0.0.0"_s));
    }

    /** Typed into the page, hashed for the plan, and found nowhere else. */
    void thePasswordIsNowhere()
    {
        STEP(openAt(4, u"secret"_s));
        QVERIFY(!field<QLineEdit>(m_wizard, u"User"_s)); // off at first
        button<QCheckBox>(m_wizard, u"Set the guest up at its first boot (cloud-init)"_s)->click();
        auto *password = field<QLineEdit>(m_wizard, u"Password"_s);
        QVERIFY(password);
        QCOMPARE(password->echoMode(), QLineEdit::Password);
        QTest::keyClicks(password, Canary);
        QVERIFY(!button<QPushButton>(m_wizard, u"Next"_s)->isEnabled()); // whose password?
        QTest::keyClicks(field<QLineEdit>(m_wizard, u"User"_s), u"ops"_s);
        QVERIFY(button<QPushButton>(m_wizard, u"Next"_s)->isEnabled());
        const QByteArray canary(Canary.data(), Canary.size());
        QVERIFY(!QJsonDocument(m_wizard->state().draft().toJson()).toJson().contains(canary));
        STEP(toPlan());
        const job::Plan plan = *m_wizard->planPage()->plan();
        const QByteArray json = QJsonDocument(plan.toJson()).toJson();
        QVERIFY(!json.contains(canary));
        QVERIFY(json.contains("$6$"));
        QVERIFY(m_wizard->planPage()->view()->toJson().contains("$6$"));
        QVERIFY(!m_wizard->planPage()->view()->toJson().contains(canary));
        QVERIFY(!m_wizard->state().seed().hasPlainPassword());
        QVERIFY(password->text().isEmpty());

        // A template is saved without the hash unless the user says so.
        button<QPushButton>(m_wizard, u"Save as Template…"_s)->click();
        auto *name = field<QLineEdit>(m_wizard, u"Template name"_s);
        QVERIFY(name);
        QTest::keyClicks(name, u"ops box"_s);
        auto *withHash = button<QCheckBox>(m_wizard, u"With the password's hash"_s);
        QVERIFY(withHash && !withHash->isChecked());
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(m_wizard->currentPage(), m_wizard->pageCount() - 1); // Enter saves, and creates nothing
        QVERIFY(m_jobs->jobs().isEmpty());
        const QString saved = directory(u"templates/ops box.json"_s);
        QTRY_VERIFY(QFile::exists(saved));
        QVERIFY(!isAnywhere("$6$"));
        QVERIFY(!isAnywhere(canary));
        m_wizard->close();
        QTRY_VERIFY(!m_wizard);
        QVERIFY(!isAnywhere(canary));
    }

    void aTemplateFillsTheNextWizard()
    {
        CreateDraft draft;
        draft.source = CreateDraft::SourceKind::None;
        draft.memoryMiB = 1536;
        draft.vcpus = 2;
        draft.rootGiB = 7;
        draft.firmware = CreateDraft::Firmware::Efi;
        draft.tags = {u"lab"_s};
        QVERIFY(operation::saveTemplate(directory(u"templates"_s), u"Lab"_s, draft, false));
        QFile broken(directory(u"templates/Broken.json"_s));
        QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("{}") > 0);
        broken.close();
        CreateWizard *wizard = openWizard();
        auto *combo = field<QComboBox>(wizard, u"Template"_s);
        QTRY_VERIFY(combo->findText(u"Lab"_s) >= 0);
        choose(combo, u"Broken"_s);
        QVERIFY2(combo->accessibleDescription().contains(u"$."_s), qPrintable(combo->accessibleDescription()));
        choose(combo, u"Lab"_s);
        QVERIFY(combo->accessibleDescription().isEmpty());
        const CreateDraft filled = wizard->state().draft();
        QCOMPARE(filled.source, CreateDraft::SourceKind::None);
        QCOMPARE(filled.memoryMiB, 1536U);
        QCOMPARE(filled.rootGiB, std::optional<double>(7));
        QCOMPARE(filled.firmware, CreateDraft::Firmware::Efi);
        QCOMPARE(filled.tags, QStringList{u"lab"_s});
        QVERIFY(!filled.name.isEmpty() && filled.host.startsWith(u"test:"_s));
        choose(combo, u"Medium"_s); // sizes alone
        QCOMPARE(wizard->state().draft().memoryMiB, 4096U);
        QCOMPARE(wizard->state().draft().firmware, CreateDraft::Firmware::Efi);

        // Managed in place: renamed, then deleted.
        button<QPushButton>(wizard, u"Manage"_s)->click();
        auto *list = field<QListWidget>(wizard, u"Saved templates"_s);
        QVERIFY(list);
        list->setCurrentRow(1);
        QCOMPARE(list->currentItem()->text(), u"Lab"_s);
        field<QLineEdit>(wizard, u"New name of the template"_s)->setText(u"Laboratory"_s);
        button<QPushButton>(wizard, u"Rename"_s)->click();
        QTRY_VERIFY(combo->findText(u"Laboratory"_s) >= 0);
        QVERIFY(combo->findText(u"Lab"_s) < 0);
        list->setCurrentRow(0);
        button<QPushButton>(wizard, u"Delete"_s)->click();
        QTRY_COMPARE(list->count(), 1);
        QVERIFY(!QFile::exists(broken.fileName()));
    }

    void severalAreMadeTogether()
    {
        STEP(openAt(1, u"node##"_s));
        field<QSpinBox>(m_wizard, u"Number of VMs"_s)->setValue(3);
        QCOMPARE(field<QSpinBox>(m_wizard, u"Number of VMs"_s)->accessibleDescription(), u"node01, node02, node03"_s);
        STEP(toPlan());
        const job::Plan plan = *m_wizard->planPage()->plan();
        QVERIFY2(!plan.isBlocked(), qPrintable(m_wizard->planPage()->reason()));
        QCOMPARE(plan.domainName, u"node01"_s);
        QCOMPARE(plan.draft.value("count"_L1).toInt(), 3);
        QVERIFY(!button<QPushButton>(m_wizard, u"Edit XML"_s)); // it could be about one only
        QSignalSpy created(m_wizard.data(), &CreateWizard::created);
        button<QPushButton>(m_wizard, u"Create"_s)->click();
        QCOMPARE(m_jobs->jobs().size(), 3);
        QTRY_VERIFY_WITH_TIMEOUT(!m_wizard, 60000);
        QCOMPARE(created.size(), 1);
        QStringList names;
        const auto listed = virt::domains::list(*connection());
        QVERIFY(listed.has_value());
        for (const virt::DomainRecord &domain : *listed) {
            if (domain.name.startsWith(u"node"_s)) {
                names << domain.name;
            }
        }
        names.sort();
        QCOMPARE(names, (QStringList{u"node01"_s, u"node02"_s, u"node03"_s}));
    }

    void oneOfSeveralFails()
    {
        STEP(openAt(1, u"part"_s));
        field<QSpinBox>(m_wizard, u"Number of VMs"_s)->setValue(2);
        STEP(toPlan());
        const auto other = virt::domains::define(*connection(),
            u"<domain type='test'><name>part-2</name><memory>1024</memory><os><type>hvm</type></os></domain>"_s);
        QVERIFY(other.has_value());
        button<QPushButton>(m_wizard, u"Create"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard && !m_wizard->isRunning(), 60000);
        QVERIFY(m_wizard->isVisible());
        auto *list = field<QTreeWidget>(m_wizard, u"VMs"_s);
        QVERIFY(list);
        QCOMPARE(list->topLevelItemCount(), 2);
        // Create tries what is left, and only that.
        QVERIFY(virt::domains::undefine(*connection(), *other).has_value());
        button<QPushButton>(m_wizard, u"Create"_s)->click();
        QCOMPARE(m_jobs->jobs().size(), 3);
        QTRY_VERIFY_WITH_TIMEOUT(!m_wizard, 60000);
    }

    void theXmlIsCustomised()
    {
        STEP(openAt(1, u"tuned"_s));
        STEP(toPlan());
        auto *tabs = m_wizard->findChild<QTabWidget *>();
        tabs->setCurrentIndex(1);
        auto *edit = button<QPushButton>(m_wizard, u"Edit XML"_s);
        QVERIFY(edit);
        QPlainTextEdit *editor = tabs->findChild<ui::XmlEditor *>()->editor();
        QVERIFY(editor->isReadOnly());
        edit->click();
        QVERIFY(!editor->isReadOnly());
        QVERIFY(!button<QPushButton>(m_wizard, u"Apply"_s)->isEnabled());
        const QString original = editor->toPlainText();
        QString changed = original;
        changed.replace(u"</name>"_s, u"</name>\n  <description>by hand</description>"_s);
        QVERIFY(changed != original);
        editor->setPlainText(changed);
        QVERIFY(!button<QPushButton>(m_wizard, u"Create"_s)->isEnabled()); // what is shown is not what would be made
        button<QPushButton>(m_wizard, u"Discard"_s)->click();
        QCOMPARE(editor->toPlainText(), original);
        QVERIFY(button<QPushButton>(m_wizard, u"Create"_s)->isEnabled());

        edit->click();
        editor->setPlainText(u"<domain><name>tuned</name>"_s); // not even XML
        button<QPushButton>(m_wizard, u"Apply"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan(), 30000);
        QVERIFY(m_wizard->planPage()->plan()->isBlocked());
        QCOMPARE(editor->toPlainText(), u"<domain><name>tuned</name>"_s); // to be corrected, not lost
        edit->click();
        editor->setPlainText(changed);
        button<QPushButton>(m_wizard, u"Apply"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan() && !m_wizard->planPage()->plan()->isBlocked(), 30000);
        QVERIFY(m_wizard->planPage()->plan()->xmlAfter.contains(u"by hand"_s));
        QVERIFY(m_wizard->planPage()->view()->toJson().contains("custom_xml"));
        QVERIFY(button<QPushButton>(m_wizard, u"Reset"_s));
        button<QPushButton>(m_wizard, u"Create"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(!m_wizard, 60000);
        const auto listed = virt::domains::list(*connection());
        const auto made =
            std::find_if(listed->cbegin(), listed->cend(), [](const auto &d) { return d.name == u"tuned"_s; });
        QVERIFY(made != listed->cend());
        const auto xml = virt::domains::xml(*connection(), made->uuid, virt::domains::XmlKind::Inactive);
        QVERIFY(xml && xml->contains(u"by hand"_s));
    }

    /** The hardware pages before there is a VM: what they make goes the way of XML that was edited by hand. */
    void theHardwareIsCustomised()
    {
        STEP(openAt(1, u"paged"_s));
        STEP(toPlan());
        QPushButton *customise = button<QPushButton>(m_wizard, u"Customise…"_s);
        QVERIFY(customise && customise->isEnabled());
        customise->click();
        auto *dialog = m_wizard->findChild<ui::CustomiseDialog *>();
        QVERIFY(dialog);
        ui::HardwareEditor &editor = *dialog->editor();
        QTRY_VERIFY(!editor.draft().host().vocabulary.networks.isEmpty()); // what the host has is offered
        editor.draft().write(editor.draft().idOf(u"overview"_s), u"title"_s, u"From the pages"_s);
        dialog->accept();
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan() && !m_wizard->planPage()->plan()->isBlocked(), 30000);
        QVERIFY(m_wizard->planPage()->plan()->xmlAfter.contains(u"<title>From the pages</title>"_s));
        QVERIFY(m_wizard->state().draft().customXml);
        // Looking once more and changing nothing is no edit.
        customise->click();
        const auto dialogs = m_wizard->findChildren<ui::CustomiseDialog *>();
        for (ui::CustomiseDialog *each : dialogs) {
            if (each->isVisible()) {
                QVERIFY(each->editor()->draft().base().contains(u"From the pages"_s));
                each->accept();
            }
        }
        QVERIFY(m_wizard->planPage()->plan());
        button<QPushButton>(m_wizard, u"Create"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(!m_wizard, 60000);
        const auto listed = virt::domains::list(*connection());
        QVERIFY(listed.has_value());
        const auto made =
            std::find_if(listed->cbegin(), listed->cend(), [](const auto &d) { return d.name == u"paged"_s; });
        QVERIFY(made != listed->cend());
        const auto xml = virt::domains::xml(*connection(), made->uuid, virt::domains::XmlKind::Inactive);
        QVERIFY(xml && xml->contains(u"From the pages"_s));
    }

    void resetTakesTheXmlBack()
    {
        STEP(openAt(1, u"plain"_s));
        STEP(toPlan());
        const QString original = m_wizard->planPage()->plan()->xmlAfter;
        Q_EMIT m_wizard->planPage()->view()->xmlChosen(
            QString(original).replace(u"</name>"_s, u"</name><title>x</title>"_s));
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan(), 30000);
        m_wizard->findChild<QTabWidget *>()->setCurrentIndex(1);
        QVERIFY(m_wizard->state().draft().customXml);
        button<QPushButton>(m_wizard, u"Reset"_s)->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_wizard->planPage()->plan(), 30000);
        QVERIFY(!m_wizard->state().draft().customXml);
        QVERIFY(!m_wizard->planPage()->plan()->xmlAfter.contains(u"<title>x"_s));
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
    ui::CreateServices m_services;
    QPointer<CreateWizard> m_wizard;
    virt::HostId m_host;
};

QTEST_MAIN(TestCreatePages)
#include "tst_createpages.moc"
