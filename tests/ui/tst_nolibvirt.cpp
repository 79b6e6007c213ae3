// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDialog>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTemporaryDir>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/locallibvirt.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/mainwindow.h"

using namespace vireo;
using namespace Qt::StringLiterals;

/** What somebody sees first on a computer without libvirt, in a Flatpak and outside: the real window, its real buttons.
 */
class TestNoLibvirt final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        operation::registerSteps(m_registry);
    }

    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_computer = std::make_unique<QTemporaryDir>();
        QVERIFY(m_computer->isValid());
        qputenv("XDG_RUNTIME_DIR", "/run/user/7");
    }

    void cleanup()
    {
        m_window.reset();
        m_bench.reset();
    }

    void looksAtSocketsAndPrograms_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QStringList>("uris");
        QTest::addColumn<bool>("flatpak");
        QTest::addColumn<bool>("newStart");
        const QString info = u"/.flatpak-info"_s;
        QTest::newRow("nothing") << QStringList() << QStringList() << false << false;
        QTest::newRow("libvirtd") << QStringList{u"/run/libvirt/libvirt-sock"_s} << QStringList{u"qemu:///system"_s}
                                  << false << false;
        QTest::newRow("virtqemud") << QStringList{u"/run/libvirt/virtqemud-sock"_s} << QStringList{u"qemu:///system"_s}
                                   << false << false;
        QTest::newRow("both") << QStringList{u"/run/user/7/libvirt/virtqemud-sock"_s, u"/run/libvirt/libvirt-sock"_s}
                              << QStringList{u"qemu:///session"_s, u"qemu:///system"_s} << false << false;
        QTest::newRow("a Flatpak, nothing outside") << QStringList{info} << QStringList() << true << true;
        QTest::newRow("a Flatpak, no daemon yet")
            << QStringList{info, u"/run/libvirt/common/x"_s} << QStringList() << true << false;
        QTest::newRow("a Flatpak, a daemon")
            << QStringList{info, u"/run/libvirt/libvirt-sock"_s} << QStringList{u"qemu:///system"_s} << true << false;
    }

    void looksAtSocketsAndPrograms()
    {
        QFETCH(QStringList, files);
        QFETCH(QStringList, uris);
        QFETCH(bool, flatpak);
        QFETCH(bool, newStart);
        for (const QString &file : std::as_const(files)) {
            add(file);
        }
        const virt::LocalDaemons found = virt::lookForLocalDaemons(m_computer->path());
        QCOMPARE(found.uris, uris);
        QCOMPARE(found.flatpak, flatpak);
        QCOMPARE(found.newStartNeeded, newStart);
    }

    void saysWhatToInstallOutside()
    {
        add(u"/.flatpak-info"_s);
        makeWindow();
        QTRY_VERIFY(isShown());
        const QString text = texts();
        QVERIFY2(text.contains(u"Flatpak"), qPrintable(text));
        QVERIFY(text.contains(u"apt install libvirt-daemon-system"));
        QVERIFY(text.contains(u"systemctl enable --now libvirtd.socket"));
        QVERIFY(text.contains(u"ssh"));
        QVERIFY(text.contains(u"start it again"));
        QVERIFY(!button(u"lookAgain"_s)->isVisible()); // it could see nothing new
    }

    void looksAgain()
    {
        add(u"/.flatpak-info"_s);
        add(u"/run/libvirt/hostdevmgr/x"_s);
        makeWindow();
        QTRY_VERIFY(isShown());
        QVERIFY(!texts().contains(u"start it again"));
        QTest::mouseClick(button(u"lookAgain"_s), Qt::LeftButton);
        QVERIFY(!button(u"lookAgain"_s)->isEnabled()); // until it is answered
        QTRY_VERIFY(button(u"lookAgain"_s)->isEnabled());
        QVERIFY(isShown());
        QCOMPARE(m_bench->hosts.all().size(), 1);

        add(u"/run/libvirt/libvirt-sock"_s);
        QTest::mouseClick(button(u"lookAgain"_s), Qt::LeftButton);
        QTRY_VERIFY(m_bench->hosts.findUri(u"qemu:///system"_s));
        QTRY_VERIFY(!isShown());
        const virt::Host *host = m_bench->hosts.findUri(u"qemu:///system"_s);
        QVERIFY(host->settings().autoconnect);
        QVERIFY(host->status().state != virt::HostState::Disconnected);
    }

    void namesNoFlatpakOutsideOfOne()
    {
        makeWindow();
        QTRY_VERIFY(isShown());
        QVERIFY(!texts().contains(u"Flatpak"));
        QVERIFY(button(u"lookAgain"_s)->isVisible());
    }

    void offersAnotherHost()
    {
        add(u"/.flatpak-info"_s);
        makeWindow();
        QTRY_VERIFY(isShown());
        QTest::mouseClick(button(u"addConnectionInstead"_s), Qt::LeftButton);
        QTRY_VERIFY(openDialog());
        openDialog()->reject();
        // Whoever has a host is not told of what this computer lacks.
        virt::HostSettings settings;
        settings.uri = u"qemu+ssh://nowhere.invalid/system"_s;
        const QUuid id = m_bench->hosts.add(settings);
        QTRY_VERIFY(!isShown());
        m_bench->hosts.remove(id);
        QTRY_VERIFY(isShown());
    }

    void isNotShownWhereThereIsLibvirt()
    {
        add(u"/run/libvirt/virtqemud-sock"_s);
        makeWindow();
        QTRY_VERIFY(m_bench->local.isKnown());
        QVERIFY(!isShown());
    }

private:
    struct Bench {
        explicit Bench(const QString &computer, const job::StepRegistry &registry)
            : jobs(registry, hosts.provider())
            , local(computer)
        {}

        QTemporaryDir directory;
        QSettings settings{directory.filePath(u"settings.ini"_s), QSettings::IniFormat};
        virt::Hosts hosts;
        virt::Inventory inventory{hosts};
        job::JobManager jobs;
        model::EventLog events{hosts, &jobs};
        virt::LocalLibvirt local;
    };

    void add(const QString &file)
    {
        const QString path = m_computer->path() + file;
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QVERIFY(QFile(path).open(QIODevice::WriteOnly));
    }

    /** With the demo host and no other, as after a first start on a computer without libvirt. */
    void makeWindow()
    {
        m_bench = std::make_unique<Bench>(m_computer->path(), m_registry);
        virt::HostSettings demo;
        demo.uri = u"test:///default"_s;
        demo.demo = true;
        m_bench->hosts.add(demo);
        m_window = std::make_unique<ui::MainWindow>(ui::UiContext{.hosts = m_bench->hosts,
            .inventory = m_bench->inventory,
            .jobs = m_bench->jobs,
            .events = m_bench->events,
            .settings = m_bench->settings,
            .local = &m_bench->local});
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_bench->local.look();
    }

    QWidget *page() const { return m_window->findChild<QWidget *>(u"noLibvirt"_s); }
    bool isShown() const { return page()->isVisible(); }
    QPushButton *button(const QString &name) const { return page()->findChild<QPushButton *>(name); }

    QString texts() const
    {
        QStringList all;
        const auto labels = page()->findChildren<QLabel *>();
        for (const QLabel *label : labels) {
            all.append(label->text());
        }
        return all.join(u'\n');
    }

    QDialog *openDialog() const
    {
        const auto dialogs = m_window->findChildren<QDialog *>();
        const auto open = std::ranges::find_if(dialogs, [](const QDialog *dialog) { return dialog->isVisible(); });
        return open == dialogs.end() ? nullptr : *open;
    }

    std::unique_ptr<QTemporaryDir> m_computer;
    std::unique_ptr<virt::EventLoop> m_loop;
    job::StepRegistry m_registry;
    std::unique_ptr<Bench> m_bench;
    std::unique_ptr<ui::MainWindow> m_window;
};

QTEST_MAIN(TestNoLibvirt)
#include "tst_nolibvirt.moc"
