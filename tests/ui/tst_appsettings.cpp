// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include "app/demohost.h"
#include "app/paths.h"
#include "app/settings.h"
#include "app/startup.h"
#include "app/virtmanagerimport.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"

using namespace vireo;
using app::HostStore;

class TestAppSettings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
    }

    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        QVERIFY(m_directory->isValid());
        const QByteArray root = QFile::encodeName(m_directory->path());
        qputenv("XDG_CONFIG_HOME", root + "/config");
        qputenv("XDG_CACHE_HOME", root + "/cache");
        qputenv("XDG_STATE_HOME", root + "/state");
        qputenv("PATH", root + "/bin"); // no program but those that a test puts there
        QVERIFY(QDir().mkpath(m_directory->filePath(QStringLiteral("bin"))));
        QVERIFY(app::paths::prepareSettingsFile().has_value());
    }

    void pathsFollowXdg()
    {
        QCOMPARE(app::paths::configDir(), m_directory->filePath(QStringLiteral("config/vireo")));
        QCOMPARE(app::paths::cacheDir(), m_directory->filePath(QStringLiteral("cache/vireo")));
        QCOMPARE(app::paths::stateDir(), m_directory->filePath(QStringLiteral("state/vireo")));
        QCOMPARE(QFileInfo(app::paths::configDir()).permissions() & (QFile::ReadGroup | QFile::ReadOther),
            QFile::Permissions());
        qputenv("XDG_STATE_HOME", "relative");
        QVERIFY(app::paths::stateDir().endsWith(QStringLiteral("/.local/state/vireo")));
    }

    void hostsSurviveARestart()
    {
        virt::HostSettings rack{
            {}, QStringLiteral("qemu+ssh://root@rack-7/system"), QStringLiteral("机架 7"), true, true, false, false};
        virt::HostSettings risky{
            {}, QStringLiteral("qemu+ssh://h/system?command=/bin/evil"), {}, false, false, false, true};
        {
            QSettings settings(app::paths::settingsFile(), QSettings::IniFormat);
            virt::Hosts hosts;
            HostStore store(settings, hosts);
            QVERIFY(store.isFirstStart());
            store.keep();
            rack.id = hosts.add(rack);
            risky.id = hosts.add(risky);
            hosts.add(app::demoHostSettings());
            store.markStarted();
        } // written at the end at the latest
        QFile file(app::paths::settingsFile());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        QVERIFY(!text.contains("risk"));
        QVERIFY(!text.contains("demo-host.xml"));
        QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
            QFile::Permissions());

        QSettings settings(app::paths::settingsFile(), QSettings::IniFormat);
        virt::Hosts hosts;
        const HostStore store(settings, hosts);
        QVERIFY(!store.isFirstStart());
        const auto loaded = store.load(QStringLiteral("test:///elsewhere.xml"));
        QCOMPARE(loaded.size(), 3);
        QCOMPARE(loaded[0], rack);
        risky.riskAccepted = false; // consent is not remembered
        QCOMPARE(loaded[1], risky);
        QVERIFY(loaded[2].demo);
        QCOMPARE(loaded[2].uri, QStringLiteral("test:///elsewhere.xml"));
    }

    void changesAreWrittenSoon()
    {
        QSettings settings(app::paths::settingsFile(), QSettings::IniFormat);
        virt::Hosts hosts;
        HostStore store(settings, hosts);
        store.keep();
        hosts.add({{}, QStringLiteral("test:///default"), {}, false, false, false, false});
        QTRY_COMPARE(
            QSettings(app::paths::settingsFile(), QSettings::IniFormat).value(QStringLiteral("hosts/1/uri")).toString(),
            QStringLiteral("test:///default"));
        hosts.remove(hosts.all().first()->settings().id);
        QTRY_VERIFY(
            !QSettings(app::paths::settingsFile(), QSettings::IniFormat).contains(QStringLiteral("hosts/1/uri")));
    }

    void damagedFileIsNoHarm()
    {
        QFile file(app::paths::settingsFile());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[hosts]\nsize=3\n1\\uri=nonsense\n2\\uri=qemu:///system\n3\\uri=qemu://user:secret@h/"
                   "system\n\x00\xff garbage");
        file.close();
        QSettings settings(app::paths::settingsFile(), QSettings::IniFormat);
        virt::Hosts hosts;
        const auto loaded = HostStore(settings, hosts).load({});
        QCOMPARE(loaded.size(), 1);
        QCOMPARE(loaded[0].uri, QStringLiteral("qemu:///system"));
    }

    void demoHostHasItsVms()
    {
        QVERIFY(app::writeDemoHost().has_value());
        const QFileInfo file(app::paths::cacheDir() + QStringLiteral("/demo-host.xml"));
        QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        virt::Hosts hosts;
        virt::Host *host = hosts.host(hosts.add(app::demoHostSettings()));
        QVERIFY(host->settings().demo);
        QList<virt::DomainRecord> listed;
        connect(host, &virt::Host::domainsListed, this,
            [&listed](const QList<virt::DomainRecord> &domains) { listed = domains; });
        host->connectToHost();
        QTRY_VERIFY(listed.size() >= 25);
        using virt::DomainState;
        for (const DomainState state :
            {DomainState::Running, DomainState::Paused, DomainState::ShutOff, DomainState::Crashed}) {
            QVERIFY(std::ranges::any_of(
                listed, [state](const virt::DomainRecord &domain) { return domain.state == state; }));
        }
        QVERIFY(std::ranges::any_of(listed, [](const virt::DomainRecord &domain) { return domain.managedSave; }));
    }

    void firstStartTakesVirtManagersHosts()
    {
        fakeProgram(QStringLiteral("dconf"),
            "case \"$2\" in */uris) echo \"['test:///default', 'qemu+ssh://h/system?command=/bin/evil']\";;"
            " */autoconnect) echo \"['test:///default']\";; esac");
        Bench bench;
        bench.startup.begin({});
        QTRY_VERIFY(bench.startup.isSettled());
        virt::Host *taken = bench.hosts.findUri(QStringLiteral("test:///default"));
        QVERIFY(taken);
        QVERIFY(taken->settings().autoconnect);
        QTRY_VERIFY(taken->isConnected());
        QVERIFY(!bench.hosts.findUri(QStringLiteral("qemu+ssh://h/system?command=/bin/evil")));
        QVERIFY(std::ranges::any_of(bench.events.events(), [](const virt::EventRecord &event) {
            return event.severity == virt::EventRecord::Severity::Warning
                && event.text.contains(QStringLiteral("/bin/evil"));
        }));
        QVERIFY(bench.hosts.findUri(app::demoHostUri()));
        QVERIFY(!bench.store.isFirstStart());
    }

    void firstStartAsksGsettingsToo()
    {
        fakeProgram(
            QStringLiteral("gsettings"), "case \"$3\" in uris) echo \"['test:///default']\";; *) echo '@as []';; esac");
        app::VirtManagerImport import;
        QSignalSpy finished(&import, &app::VirtManagerImport::finished);
        app::ImportedConnections found;
        connect(&import, &app::VirtManagerImport::finished, this,
            [&found](const app::ImportedConnections &all) { found = all; });
        import.start();
        QVERIFY(finished.wait());
        QCOMPARE(found.uris, QStringList{QStringLiteral("test:///default")});
        QVERIFY(found.autoconnect.isEmpty());
    }

    void hangingProgramDoesNotHoldUpTheStart()
    {
        fakeProgram(QStringLiteral("dconf"), "exec /bin/sleep 600");
        app::VirtManagerImport import;
        QSignalSpy finished(&import, &app::VirtManagerImport::finished);
        import.start();
        QVERIFY(finished.wait(15000));
    }

    void demoAloneLeavesTheSettings()
    {
        Bench bench;
        app::CommandLine line;
        line.demo = true;
        bench.startup.begin(line);
        QVERIFY(bench.startup.isSettled());
        QCOMPARE(bench.hosts.all().size(), 1);
        QTRY_VERIFY(bench.hosts.all().first()->isConnected());
        QVERIFY(bench.store.isFirstStart());
        QCOMPARE(QFileInfo(app::paths::settingsFile()).size(), 0);
    }

    void wrongUriEndsAsFailed()
    {
        Bench bench;
        bench.store.markStarted();
        bench.startup.begin({});
        const auto ids =
            bench.startup.open({QStringLiteral("nonsense"), QStringLiteral("qemu+ssh://h/system?command=/bin/evil")});
        QCOMPARE(ids.size(), 2);
        for (const QUuid &id : ids) {
            virt::Host *host = bench.hosts.host(id);
            QTRY_COMPARE(host->status().state, virt::HostState::Failed);
            QVERIFY(!host->status().error.message.isEmpty());
        }
    }

private:
    struct Bench {
        QSettings settings{app::paths::settingsFile(), QSettings::IniFormat};
        virt::Hosts hosts;
        model::EventLog events{hosts, nullptr};
        HostStore store{settings, hosts};
        app::Startup startup{hosts, store, events};
    };

    void fakeProgram(const QString &name, const QByteArray &script)
    {
        QFile file(m_directory->filePath(QStringLiteral("bin/") + name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("#!/bin/sh\n" + script + "\n");
        file.close();
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
};

QTEST_GUILESS_MAIN(TestAppSettings)
#include "tst_appsettings.moc"
