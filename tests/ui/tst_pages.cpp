// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/capacitybar.h"
#include "ui/chart.h"
#include "ui/colours.h"
#include "ui/eventspage.h"
#include "ui/hostpage.h"
#include "ui/messagebar.h"
#include "ui/overviewpage.h"
#include "ui/tagstrip.h"
#include "ui/vmpage.h"
#include "ui/xmleditor.h"

using namespace vireo;
using ui::Chart;
using ui::MessageBar;
using ui::VmPage;

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <title>Shop front</title><description>Serves &lt;b&gt;the shop&lt;/b&gt;</description>
    <metadata>
      <vireo:domain xmlns:vireo='https://vireo-vm.github.io/xmlns/domain/1'><vireo:tags><vireo:tag>web</vireo:tag><vireo:tag>中文</vireo:tag></vireo:tags></vireo:domain>
      <libosinfo:libosinfo xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'><libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo>
    </metadata>
    <memory unit='MiB'>2048</memory><vcpu>2</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/web01.qcow2'/><target dev='vda' bus='virtio'/></disk>
      <interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/><target dev='testnet0'/></interface>
    </devices></domain>
  <domain type='test'><name>db01</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os></domain>
  <network><name>default</name><uuid>33333333-3333-3333-3333-333333333333</uuid><bridge name='virbr0'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.128' end='192.168.122.253'/></dhcp></ip></network>
  <pool type='dir'><name>default-pool</name><uuid>44444444-4444-4444-4444-444444444444</uuid><target><path>/images</path></target></pool>
  <cpu><mhz>2600</mhz><model>i686</model><active>8</active><nodes>1</nodes><sockets>1</sockets><cores>4</cores><threads>2</threads></cpu>
  <memory>16777216</memory>
</node>)";

const QUuid Web01(QStringLiteral("11111111-1111-1111-1111-111111111111"));
const QUuid Db01(QStringLiteral("22222222-2222-2222-2222-222222222222"));

QPalette darkPalette()
{
    QPalette dark(QColor(0x31, 0x36, 0x3b), QColor(0x23, 0x26, 0x29));
    dark.setColor(QPalette::WindowText, QColor(0xef, 0xf0, 0xf1));
    dark.setColor(QPalette::Text, QColor(0xef, 0xf0, 0xf1));
    dark.setColor(QPalette::Base, QColor(0x1b, 0x1e, 0x20));
    return dark;
}

/** What a user reads: texts of all visible labels below `parent`. */
QStringList shownTexts(const QWidget &parent)
{
    QStringList texts;
    const auto labels = parent.findChildren<QLabel *>();
    for (const QLabel *label : labels) {
        if (label->isVisibleTo(&parent) && !label->text().isEmpty()) {
            texts.append(label->text());
        }
    }
    return texts;
}

MessageBar *barOf(const QWidget &page)
{
    const auto *overview = page.findChild<ui::OverviewPage *>(); // a page of a VM has others beside it
    return overview ? overview->findChild<MessageBar *>() : page.findChild<MessageBar *>();
}

} // namespace

class TestPages final : public QObject
{
    Q_OBJECT

    /** What the main window does, less the question about risky addresses. */
    void connectOnRequest(ui::HostPage &page)
    {
        connect(&page, &ui::HostPage::connectRequested, this, [this](const QUuid &id) {
            if (virt::Host *host = m_hosts->host(id)) {
                host->connectToHost();
            }
        });
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
        QFile file(m_directory.filePath(QStringLiteral("node.xml")));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(NodeXml);
        file.close();
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        m_registry = std::make_unique<job::StepRegistry>();
        m_jobs = std::make_unique<job::JobManager>(*m_registry, m_hosts->provider());
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
        m_settings =
            std::make_unique<QSettings>(m_directory.filePath(QStringLiteral("test.conf")), QSettings::IniFormat);
    }

    void cleanup()
    {
        m_events.reset();
        m_jobs.reset();
        m_inventory.reset();
        m_hosts.reset();
    }

    void messageBarShowsPlainText()
    {
        MessageBar bar;
        QVERIFY(bar.isHidden());
        bar.showMessage(
            MessageBar::Kind::Error, QStringLiteral("<b>no</b>\nsecond line"), QStringLiteral("Try again."));
        QVERIFY(!bar.isHidden());
        const auto *text = bar.findChild<QLabel *>(QStringLiteral("messageText"));
        QCOMPARE(text->textFormat(), Qt::PlainText);
        QVERIFY(text->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
        QCOMPARE(bar.text(), QStringLiteral("<b>no</b>\nsecond line"));
        QSignalSpy clicks(bar.addButton(QStringLiteral("Retry")), &QPushButton::clicked);
        QTest::mouseClick(bar.findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(clicks.count(), 1);
        bar.clear();
        QVERIFY(bar.isHidden());
        QTRY_VERIFY(!bar.findChild<QPushButton *>());
        bar.showMessage(MessageBar::Kind::Info, QStringLiteral("Only this"));
        QVERIFY(bar.findChild<QLabel *>(QStringLiteral("messageHint"))->isHidden());
    }

    void messageBarContrast_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<MessageBar::Kind>("kind");
        for (const bool dark : {false, true}) {
            for (const auto kind : {MessageBar::Kind::Info, MessageBar::Kind::Warning, MessageBar::Kind::Error}) {
                QTest::addRow("%s %d", dark ? "dark" : "light", static_cast<int>(kind)) << dark << kind;
            }
        }
    }

    void messageBarContrast()
    {
        QFETCH(bool, dark);
        QFETCH(MessageBar::Kind, kind);
        MessageBar bar;
        if (dark) {
            bar.setPalette(darkPalette());
        }
        bar.showMessage(kind, QStringLiteral("Something"));
        bar.resize(300, 60);
        const QColor back = bar.grab().toImage().pixelColor(bar.width() - 6, bar.height() / 2);
        const QColor ink =
            bar.findChild<QLabel *>(QStringLiteral("messageText"))->palette().color(QPalette::WindowText);
        QVERIFY2(ui::colours::contrast(ink, back) >= 4.5, qPrintable(back.name() + ink.name()));
    }

    void chartKeepsItsAxisSteady()
    {
        Chart chart;
        chart.setUnit(Chart::Unit::BytesPerSecond);
        QCOMPARE(chart.currentText(), QStringLiteral("–"));
        chart.setSeries({0, 1024 * 1024.0F});
        const double top = chart.axisMaximum();
        QVERIFY(top >= 1024 * 1024);
        chart.setSeries({1024 * 1024.0F, 300 * 1024.0F});
        QCOMPARE(chart.axisMaximum(), top);
        chart.setSeries({300 * 1024.0F, 300 * 1024.0F});
        QCOMPARE(chart.axisMaximum(), top); // not yet flat
        chart.setSeries({0, 0});
        QVERIFY(chart.axisMaximum() < top);
        QCOMPARE(chart.accessibleDescription(), chart.currentText());
    }

    void chartDrawsOnlyWhatIsKnown()
    {
        Chart known;
        known.resize(400, 120);
        known.setSeries(QList<float>(60, 50));
        Chart unknown;
        unknown.resize(400, 120);
        unknown.setSeries(QList<float>(60, -1));
        Chart empty;
        empty.resize(400, 120);
        QCOMPARE(unknown.grab().toImage(), empty.grab().toImage());
        QVERIFY(known.grab().toImage() != empty.grab().toImage());
        QList<float> many(200, 1);
        many.last() = 99;
        known.setSeries(many);
        QCOMPARE(known.series().size(), qsizetype(Chart::Capacity));
        QCOMPARE(known.currentText(), QStringLiteral("99 %"));
    }

    void overviewShowsAVm()
    {
        connectHost();
        VmPage page(context());
        show(page);
        page.setDomain({m_host, Web01});
        QTRY_VERIFY(shownTexts(page).contains(QStringLiteral("Shop front")));
        QTRY_VERIFY(shownTexts(page).contains(QStringLiteral("Serves <b>the shop</b>")));
        QCOMPARE(page.findChild<QLabel *>(QStringLiteral("vmDescription"))->textFormat(), Qt::PlainText);
        QTRY_COMPARE(
            page.findChild<ui::TagStrip *>()->tags(), (QStringList{QStringLiteral("web"), QStringLiteral("中文")}));
        const auto shows = [&page](const QString &text) {
            return shownTexts(page).contains(text);
        };
        QTRY_VERIFY(shows(QStringLiteral("Debian 12")));
        QVERIFY(shows(QStringLiteral("2 GiB")));
        QVERIFY(shows(Web01.toString(QUuid::WithoutBraces)));
        QVERIFY(page.findChild<QLabel *>(QStringLiteral("vmState"))->text().startsWith(QStringLiteral("Running")));
        const auto oneDisk = [&page] {
            const QTableWidget *table = tableNamed(page, QStringLiteral("Disks"));
            return table && table->rowCount() == 1;
        };
        QTRY_VERIFY(oneDisk());
        const QTableWidget *disks = tableNamed(page, QStringLiteral("Disks"));
        QCOMPARE(disks->item(0, 4)->text(), QStringLiteral("/images/web01.qcow2"));
        QTRY_COMPARE(tableNamed(page, QStringLiteral("Network interfaces"))->rowCount(), 1);
        QTRY_VERIFY(std::ranges::any_of(
            shownTexts(page), [](const QString &text) { return text.startsWith(QLatin1String("192.168.122.")); }));
        QTRY_VERIFY_WITH_TIMEOUT(!page.findChild<Chart *>()->series().empty(), 15000);
        QVERIFY(barOf(page)->isHidden());

        for (const QString &name : {QStringLiteral("Overview"), QStringLiteral("Hardware"), QStringLiteral("XML"),
                 QStringLiteral("Snapshots"), QStringLiteral("Events")}) {
            const auto *tabs = page.findChild<QTabWidget *>(QStringLiteral("vmTabs"));
            QVERIFY(std::ranges::any_of(QList{0, 1, 2, 3, 4},
                [&](int tab) { return tabs->tabText(tab) == name && tabs->widget(tab)->accessibleName() == name; }));
        }
    }

    void overviewFollowsEvents()
    {
        connectHost();
        VmPage page(context());
        show(page);
        page.setDomain({m_host, Db01});
        auto *state = page.findChild<QLabel *>(QStringLiteral("vmState"));
        QTRY_VERIFY(state->text().startsWith(QStringLiteral("Running")));
        act([](virt::Connection &connection) { return virt::domains::suspend(connection, Db01); });
        QTRY_VERIFY(state->text().startsWith(QStringLiteral("Paused")));
        act([](virt::Connection &connection) { return virt::domains::destroy(connection, Db01); });
        QTRY_VERIFY2(state->text().startsWith(QStringLiteral("Shut off")), qPrintable(state->text()));
    }

    void vanishedVmKeepsItsPage()
    {
        connectHost();
        VmPage page(context());
        show(page);
        page.setDomain({m_host, Web01});
        auto *disks = tableNamed(page, QStringLiteral("Disks"));
        QTRY_COMPARE(disks->rowCount(), 1);
        QTRY_COMPARE(page.findChild<QLabel *>(QStringLiteral("vmTitle"))->text(), QStringLiteral("Shop front"));
        act([](virt::Connection &connection) { return virt::domains::destroy(connection, Web01); });
        act([](virt::Connection &connection) { return virt::domains::undefine(connection, Web01); });
        QTRY_VERIFY(!barOf(page)->isHidden());
        // What was asked of it meanwhile may fail first.
        QTRY_VERIFY2(barOf(page)->text().contains(QStringLiteral("Shop front")), qPrintable(barOf(page)->text()));
        QCOMPARE(page.findChild<QLabel *>(QStringLiteral("vmTitle"))->text(), QStringLiteral("Shop front"));
        QCOMPARE(disks->rowCount(), 1);
        QVERIFY(!disks->isEnabled());
    }

    void xmlTabShowsTheNewestDomain()
    {
        connectHost();
        VmPage page(context());
        show(page);
        page.setPage(VmPage::Page::Xml);
        QCOMPARE(page.page(), VmPage::Page::Xml);
        page.setDomain({m_host, Web01});
        page.setDomain({m_host, Db01}); // the answer for the first must not win
        auto *view = page.findChild<ui::XmlEditor *>(QStringLiteral("xmlStored"));
        auto *running = page.findChild<ui::XmlEditor *>(QStringLiteral("xmlRunning"));
        QTRY_VERIFY(view->xml().contains(QStringLiteral("<name>db01</name>")));
        page.setDomain({m_host, Web01});
        QTRY_VERIFY(view->xml().contains(QStringLiteral("<name>web01</name>")));
        QVERIFY(!view->xml().contains(QStringLiteral("<domain type='test' id=")));

        auto *kind = page.findChild<QComboBox *>(QStringLiteral("xmlKind"));
        QVERIFY(kind->isEnabled());
        QVERIFY(view->isVisible() && !running->isVisible() && !view->isReadOnly());
        const auto choose = [kind](int row) {
            kind->setCurrentIndex(row);
            Q_EMIT kind->activated(row);
        };
        const auto copied = [&page] {
            QGuiApplication::clipboard()->clear();
            QTest::mouseClick(page.findChild<QPushButton *>(QStringLiteral("xmlCopy")), Qt::LeftButton);
            return QGuiApplication::clipboard()->text();
        };
        QCOMPARE(copied(), view->xml());
        choose(1);
        QVERIFY(!view->isVisible() && running->isVisible() && running->isReadOnly());
        QVERIFY2(running->xml().contains(QStringLiteral("id='")), qPrintable(running->xml().left(100)));
        QCOMPARE(copied(), running->xml());
        choose(2);
        QVERIFY(view->isVisible() && running->isVisible());
        act([](virt::Connection &connection) { return virt::domains::destroy(connection, Web01); });
        QTRY_VERIFY(!kind->isEnabled()); // nothing runs now
        QCOMPARE(kind->currentIndex(), 0);
        QTRY_VERIFY(view->isVisible() && !running->isVisible());
    }

    void disconnectedHostIsSaid()
    {
        connectHost();
        VmPage page(context());
        show(page);
        page.setDomain({m_host, Web01});
        QTRY_COMPARE(tableNamed(page, QStringLiteral("Disks"))->rowCount(), 1);
        QTRY_COMPARE(page.findChild<QLabel *>(QStringLiteral("vmTitle"))->text(), QStringLiteral("Shop front"));
        m_hosts->host(m_host)->disconnectFromHost();
        QTRY_VERIFY(!barOf(page)->isHidden());
        QVERIFY(barOf(page)->text().contains(QStringLiteral("not connected")));
        m_hosts->remove(m_host);
        QTRY_VERIFY(barOf(page)->text().contains(QStringLiteral("removed")));
        QCOMPARE(page.findChild<QLabel *>(QStringLiteral("vmTitle"))->text(), QStringLiteral("Shop front"));
    }

    void hostPageShowsTheHost()
    {
        connectHost();
        ui::HostPage page(context());
        show(page);
        page.setHost(m_host);
        auto *sentence = page.findChild<QLabel *>(QStringLiteral("hostSentence"));
        auto *connectButton = page.findChild<QPushButton *>(QStringLiteral("hostConnect"));
        auto *disconnectButton = page.findChild<QPushButton *>(QStringLiteral("hostDisconnect"));
        QTRY_VERIFY(!sentence->text().isEmpty());
        QVERIFY(!connectButton->isVisible());
        QVERIFY(disconnectButton->isVisible());
        QTRY_VERIFY(std::ranges::any_of(shownTexts(page),
            [](const QString &text) { return text == QLatin1String("3 promised to running VMs, of 8 CPUs"); }));
        QTRY_COMPARE(page.findChildren<ui::CapacityBar *>().size(), 2); // memory and one pool
        QVERIFY(std::ranges::any_of(page.findChildren<ui::CapacityBar *>(), [](const ui::CapacityBar *bar) {
            return bar->accessibleName() == QLatin1String("default-pool") && bar->text().contains(QLatin1String("GiB"));
        }));
        QVERIFY(std::ranges::any_of(page.findChildren<ui::CapacityBar *>(), [](const ui::CapacityBar *bar) {
            return bar->accessibleName() == QLatin1String("Memory")
                && bar->text().contains(QLatin1String("2.5 GiB promised"));
        }));
        QTest::mouseClick(disconnectButton, Qt::LeftButton);
        QTRY_COMPARE(m_hosts->host(m_host)->status().state, virt::HostState::Disconnected);
        QTRY_VERIFY(connectButton->isVisible() && !disconnectButton->isVisible());
        connectOnRequest(page);
        QTest::mouseClick(connectButton, Qt::LeftButton);
        QTRY_VERIFY(m_hosts->host(m_host)->isConnected());
        QSignalSpy edits(&page, &ui::HostPage::editRequested);
        const auto buttons = page.findChildren<QPushButton *>();
        for (QPushButton *button : buttons) {
            if (button->accessibleName() == QLatin1String("Edit")) {
                QTest::mouseClick(button, Qt::LeftButton);
            }
        }
        QCOMPARE(edits.count(), 1);
        QCOMPARE(edits.first().first().toUuid(), m_host);
    }

    void hostPageShowsAFailureInFull()
    {
        ui::HostPage page(context());
        show(page);
        const QWidget &overview = *page.findChild<QTabWidget *>(QStringLiteral("hostTabs"))->widget(0);
        const virt::HostId id =
            m_hosts->add({{}, QStringLiteral("test:///nowhere/at/all.xml"), {}, false, false, false, false});
        page.setHost(id);
        connectOnRequest(page);
        QTest::mouseClick(page.findChild<QPushButton *>(QStringLiteral("hostConnect")), Qt::LeftButton);
        QTRY_VERIFY(!barOf(overview)->isHidden());
        QCOMPARE(barOf(overview)->kind(), MessageBar::Kind::Error);
        QCOMPARE(barOf(overview)->text(), m_hosts->host(id)->status().error.message);
        QVERIFY2(barOf(overview)->text().contains(QStringLiteral("/nowhere/at/all.xml")),
            qPrintable(barOf(overview)->text()));
        QCOMPARE(page.findChild<QPushButton *>(QStringLiteral("hostConnect"))->text(), QStringLiteral("&Retry"));
        m_hosts->remove(id);
        QVERIFY(page.host().isNull());
    }

    void eventsAreListedAndCopied()
    {
        connectHost();
        ui::EventsPage page(context());
        page.resize(600, 300);
        page.show();
        page.setSubject(m_host, Db01);
        auto *table = page.findChild<QTableView *>();
        QVERIFY(table->isHidden());
        act([](virt::Connection &connection) { return virt::domains::suspend(connection, Db01); });
        QTRY_VERIFY(table->model()->rowCount() > 0);
        QVERIFY(!table->isHidden());
        table->selectAll();
        QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
        const QString text = table->model()->index(0, model::EventModel::TextColumn).data().toString();
        QVERIFY(!text.isEmpty());
        QVERIFY(QGuiApplication::clipboard()->text().contains(text));
        page.setSubject(m_host, Web01);
        QVERIFY(table->isHidden());
    }

private:
    ui::UiContext context() { return {*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings}; }

    void connectHost()
    {
        virt::HostSettings settings;
        settings.uri = QStringLiteral("test://") + m_directory.filePath(QStringLiteral("node.xml"));
        settings.name = QStringLiteral("Bench");
        m_host = m_hosts->add(settings);
        m_hosts->host(m_host)->setFiguresWanted(true);
        m_hosts->host(m_host)->connectToHost();
        QTRY_VERIFY(m_hosts->host(m_host)->isConnected());
        QTRY_COMPARE(m_inventory->count(m_host), 2);
    }

    void act(const std::function<Result<>(virt::Connection &)> &work)
    {
        bool done = false;
        m_hosts->host(m_host)->ask<void>(this, work, [&done](Result<> answer) {
            QVERIFY2(answer.has_value(), answer ? "" : qPrintable(answer.error().message));
            done = true;
        });
        QTRY_VERIFY(done);
    }

    static void show(QWidget &page)
    {
        page.resize(760, 700);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
    }

    static QTableWidget *tableNamed(const QWidget &page, const QString &name)
    {
        const auto tables = page.findChildren<QTableWidget *>();
        for (QTableWidget *table : tables) {
            if (table->accessibleName() == name) {
                return table;
            }
        }
        return nullptr;
    }

    QTemporaryDir m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::StepRegistry> m_registry;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<QSettings> m_settings;
    virt::HostId m_host;
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
