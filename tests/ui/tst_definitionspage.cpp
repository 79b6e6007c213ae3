// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabWidget>
#include <QTextBlock>
#include <QTreeView>

#include "backend/virt/definitions.h"
#include "backend/virt/eventloop.h"
#include "tests/ui/dialogbed.h"
#include "ui/definitionpane.h"
#include "ui/definitionspage.h"
#include "ui/emptystate.h"
#include "ui/hostpage.h"
#include "ui/mergedialog.h"
#include "ui/messagebar.h"
#include "ui/objectapplydialog.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using ui::DefinitionsPage;
using ui::MessageBar;
using virt::DefinitionKey;
using Kind = DefinitionKey::Kind;
namespace definitions = virt::definitions;

namespace {

/** Inactive: of an active one the test driver shows the running definition alone. */
const DefinitionKey Net{Kind::Network, {}, u"33333333-3333-3333-3333-333333333335"_s};
const QString NetXml = u"<network><name>apart</name><uuid>33333333-3333-3333-3333-333333333335</uuid>"
                       "<bridge name='virbr7'/><ip address='192.168.125.1' netmask='255.255.255.0'/></network>"_s;

/** A host with so many volumes and devices. */
QByteArray node(int volumes = 2, int devices = 1)
{
    QByteArray text = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:domainsnapshot><name>before</name><creationTime>1600000000</creationTime><state>shutoff</state>
      <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid><memory>1</memory>
        <os><type arch='i686'>hvm</type></os></domain><active>1</active></test:domainsnapshot>
  </domain>
  <network><name>default</name><uuid>33333333-3333-3333-3333-333333333333</uuid><bridge name='virbr1'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'/></network>
  <network><name>lab</name><uuid>33333333-3333-3333-3333-333333333334</uuid><bridge name='virbr8'/></network>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid>
    <target><path>/images</path></target>)";
    for (int i = 1; i <= volumes; ++i) {
        text += "<volume><name>disk" + QByteArray::number(i) + ".img</name><capacity unit='MiB'>1</capacity></volume>";
    }
    text += "</pool>";
    for (int i = 1; i <= devices; ++i) {
        const QByteArray number = QByteArray::number(i);
        text += "<device><name>net_eth" + number + "</name><capability type='net'><interface>eth" + number
            + "</interface><address>00:11:22:33:44:55</address></capability></device>";
    }
    return text + "</node>";
}

/** The longest time that the GUI thread did not come round. */
class Stalls final : public QObject
{
public:
    Stalls()
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] { longest = std::max(longest, m_clock.restart()); });
        m_clock.start();
        m_timer.start(1);
    }
    qint64 longest = 0;

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
};

/** The page on a host, with keys that go where the focus is. */
class PageBed final
{
    Q_DISABLE_COPY_MOVE(PageBed)

public:
    explicit PageBed(const QByteArray &xml = node())
        : dialogs(xml)
        , page(dialogs.context())
    {}

    bool show(bool readOnly = false)
    {
        if (!dialogs.connectHost(readOnly) || !(readOnly || dialogs.act([](virt::Connection &connection) {
                return definitions::define(connection, Kind::Network, NetXml);
            }))) {
            return false;
        }
        page.resize(1000, 600);
        page.setHost(dialogs.host());
        page.show();
        page.activateWindow();
        return QTest::qWaitForWindowActive(&page)
            && QTest::qWaitFor([this, readOnly] { return state(u"Networks"_s) == (readOnly ? u"2"_s : u"3"_s); });
    }
    QTreeView *tree() const { return page.findChild<QTreeView *>(u"definitionTree"_s); }
    QLineEdit *field() const { return page.findChild<QLineEdit *>(u"definitionFilter"_s); }
    ui::XmlEditor *editor() const { return page.findChild<ui::DefinitionPane *>()->editor(); }
    QString title() const { return page.findChild<QLabel *>(u"definitionTitle"_s)->text(); }
    QString note() const { return page.findChild<QLabel *>(u"definitionNote"_s)->text(); }
    QPushButton *button(const QString &name) const { return page.findChild<QPushButton *>(name); }
    MessageBar *message() const
    {
        for (MessageBar *bar :
            page.findChild<ui::DefinitionPane *>()->findChildren<MessageBar *>(QString(), Qt::FindDirectChildrenOnly)) {
            return bar;
        }
        return nullptr;
    }

    QModelIndex row(const QString &name, const QModelIndex &below = {}) const
    {
        const QAbstractItemModel *model = tree()->model();
        for (int i = 0; i < model->rowCount(below); ++i) {
            const QModelIndex at = model->index(i, 0, below);
            if (at.data().toString() == name) {
                return at;
            }
            if (const QModelIndex deeper = row(name, at); deeper.isValid()) {
                return deeper;
            }
        }
        return {};
    }
    QString state(const QString &name) const { return row(name).siblingAtColumn(1).data().toString(); }
    QStringList children(const QString &name) const
    {
        QStringList names;
        const QModelIndex at = row(name);
        for (int i = 0; i < tree()->model()->rowCount(at); ++i) {
            names << tree()->model()->index(i, 0, at).data().toString();
        }
        return names;
    }
    /** As a user does: with the keys that the tree knows. */
    bool choose(const QString &kind, const QString &name)
    {
        // each kind is listed by a call of its own
        if (!QTest::qWaitFor([this, kind, name] { return name == kind || row(name, row(kind)).isValid(); })) {
            return false;
        }
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_Home);
        for (int i = 0; i < 8 && tree()->currentIndex().data().toString() != kind; ++i) {
            QTest::keyClick(tree(), Qt::Key_Down);
        }
        if (!tree()->isExpanded(tree()->currentIndex())) {
            QTest::keyClick(tree(), Qt::Key_Right);
        }
        for (int i = 0; i < 20 && tree()->currentIndex().data().toString() != name; ++i) {
            QTest::keyClick(tree(), Qt::Key_Down);
        }
        return tree()->currentIndex().data().toString() == name
            && QTest::qWaitFor([this, name] { return title() == name && !editor()->xml().isEmpty(); });
    }
    /** Puts the cursor behind a text; what is typed goes there. */
    bool type(const QString &behind, const QString &text)
    {
        QPlainTextEdit *edit = editor()->editor();
        if (!edit->find(behind)) {
            edit->moveCursor(QTextCursor::Start);
            if (!edit->find(behind)) {
                return false;
            }
        }
        QTextCursor cursor = edit->textCursor();
        cursor.setPosition(cursor.selectionEnd());
        edit->setTextCursor(cursor);
        edit->setFocus();
        QTest::keyClicks(edit, text);
        return true;
    }
    QString stored(const DefinitionKey &key = Net)
    {
        QString xml;
        dialogs.act([&xml, key](virt::Connection &connection) -> Result<> {
            xml = definitions::xml(connection, key).value_or(QString());
            return {};
        });
        return xml;
    }
    /** Somebody else's hand. */
    bool define(const QString &from, const QString &to)
    {
        return dialogs.act([from, to](virt::Connection &connection) -> Result<> {
            const auto xml = definitions::xml(connection, Net);
            return definitions::define(connection, Kind::Network, QString(*xml).replace(from, to));
        });
    }

    DialogBed dialogs;
    DefinitionsPage page;
};

} // namespace

/** The page of a host's definitions on libvirt's test driver, by keyboard. */
class TestDefinitionsPage final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
    }
    void cleanupTestCase() { m_loop.reset(); }

    void whatIsThereIsListed()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QTRY_COMPARE(bed.state(u"Secrets"_s), u"not supported"_s);
        QCOMPARE(bed.state(u"Network filters"_s), u"not supported"_s);
        QCOMPARE(bed.state(u"Storage pools"_s), u"1"_s);
        QTRY_COMPARE(bed.state(u"Snapshots"_s), u"1"_s);
        QCOMPARE(bed.children(u"Networks"_s), (QStringList{u"apart"_s, u"default"_s, u"lab"_s}));
        QVERIFY(bed.row(u"default"_s).isValid());
        QCOMPARE(bed.state(u"default"_s), u"active"_s);
        QCOMPARE(bed.state(u"apart"_s), u"inactive"_s);
        QCOMPARE(bed.tree()->accessibleName(), u"Definitions"_s);
        QCOMPARE(bed.field()->accessibleName(), u"Filter definitions"_s);
        QVERIFY(!bed.tree()->isExpanded(bed.row(u"Networks"_s)));
        // A kind says what belongs there.
        QTest::keyClick(bed.tree(), Qt::Key_Home);
        for (int i = 0; i < 4; ++i) {
            QTest::keyClick(bed.tree(), Qt::Key_Down);
        }
        QCOMPARE(bed.tree()->currentIndex().data().toString(), u"Network filters"_s);
        auto *empty = bed.page.findChild<ui::EmptyState *>(u"definitionKind"_s);
        QVERIFY(empty->isVisible());
        const auto labels = empty->findChildren<QLabel *>();
        QVERIFY(std::ranges::any_of(
            labels, [](const QLabel *label) { return label->text().contains(u"has no such things"_s); }));
    }

    void whatIsReadOnlySaysSo()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Node devices"_s, u"net_eth1"_s));
        QVERIFY(bed.editor()->xml().contains(u"<interface>eth1</interface>"_s));
        QVERIFY(bed.editor()->isReadOnly());
        QVERIFY2(bed.note().contains(u"Read-only"_s), qPrintable(bed.note()));
        QVERIFY(!bed.button(u"definitionApply"_s)->isVisible());
        QTest::keyClick(bed.tree(), Qt::Key_Return);
        QVERIFY(bed.editor()->editor()->hasFocus());
        const QString before = bed.editor()->xml();
        QTest::keyClicks(bed.editor()->editor(), u"x"_s);
        QCOMPARE(bed.editor()->xml(), before);
        DialogBed::press(bed.page, u"definitionCopy"_s);
        QCOMPARE(QGuiApplication::clipboard()->text(), before);
        QVERIFY(bed.choose(u"Capabilities"_s, u"Capabilities"_s));
        QVERIFY(bed.editor()->xml().contains(u"<capabilities>"_s));
        QVERIFY(bed.editor()->isReadOnly());
    }

    void volumesAndSnapshotsAreReadWhenOpened()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Storage pools"_s, u"images"_s));
        QVERIFY(!bed.editor()->isReadOnly());
        QCOMPARE(bed.children(u"images"_s), QStringList());
        QTest::keyClick(bed.tree(), Qt::Key_Right);
        QTRY_COMPARE(bed.children(u"images"_s), (QStringList{u"disk1.img"_s, u"disk2.img"_s}));
        QVERIFY(bed.choose(u"Storage pools"_s, u"disk2.img"_s));
        QVERIFY(bed.editor()->xml().contains(u"<name>disk2.img</name>"_s) && bed.editor()->isReadOnly());
        QVERIFY(!bed.choose(u"Snapshots"_s, u"before"_s)); // below a VM
        bed.tree()->setCurrentIndex(bed.row(u"web01"_s));
        QTest::keyClick(bed.tree(), Qt::Key_Right);
        QTRY_COMPARE(bed.children(u"web01"_s), QStringList{u"before"_s});
        QTest::keyClick(bed.tree(), Qt::Key_Down);
        QTRY_VERIFY(bed.editor()->xml().contains(u"<domainsnapshot>"_s));
        QVERIFY(bed.editor()->isReadOnly());
    }

    void editedAndAppliedByKeyboard()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        QVERIFY2(bed.note().contains(u"not active"_s), qPrintable(bed.note()));
        QVERIFY(!bed.button(u"definitionApply"_s)->isEnabled());
        QTest::keyClick(bed.tree(), Qt::Key_Return);
        QVERIFY(bed.type(u"virbr7"_s, u"7"_s));
        QVERIFY(bed.editor()->xml().contains(u"'virbr77'"_s));
        QTRY_VERIFY(bed.button(u"definitionApply"_s)->isEnabled());
        QTest::keyClick(bed.editor()->editor(), Qt::Key_A, Qt::AltModifier);
        QTRY_VERIFY(DialogBed::opened<ui::ObjectApplyDialog>());
        auto *dialog = DialogBed::opened<ui::ObjectApplyDialog>();
        QCOMPARE(dialog->windowTitle(), u"Change the virtual network “apart”"_s);
        QVERIFY(dialog->findChild<QLabel *>(u"applyWhen"_s)->text().contains(u"not active"_s));
        QVERIFY(!bed.stored().contains(u"virbr77"_s)); // nothing yet
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!DialogBed::opened<ui::ObjectApplyDialog>());
        QTRY_VERIFY(bed.button(u"definitionApply"_s)->isEnabled()); // the edit is still there
        bed.page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&bed.page));
        QTest::keyClick(bed.editor()->editor(), Qt::Key_A, Qt::AltModifier);
        QTRY_VERIFY(DialogBed::opened<ui::ObjectApplyDialog>());
        QTest::keyClick(DialogBed::opened<ui::ObjectApplyDialog>(), Qt::Key_Return);
        QTRY_VERIFY(bed.message()->isVisible());
        QCOMPARE(bed.message()->kind(), MessageBar::Kind::Info);
        QVERIFY2(bed.message()->text().startsWith(u"Stored"_s), qPrintable(bed.message()->text()));
        QVERIFY(bed.stored().contains(u"virbr77"_s));
        QCOMPARE(bed.editor()->xml(), bed.stored());
        QVERIFY(!bed.editor()->isModified() && !bed.editor()->isReadOnly());
        QCOMPARE(bed.dialogs.jobs().jobs().size(), 1);
        QCOMPARE(bed.tree()->currentIndex().data().toString(), u"apart"_s);
    }

    void refusalsAreShownInPlace()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        const QString before = bed.stored();
        // Blocked by the plan.
        QVERIFY(bed.type(u"<name>apart"_s, u"2"_s));
        QTRY_VERIFY(bed.button(u"definitionApply"_s)->isEnabled());
        DialogBed::press(bed.page, u"definitionApply"_s);
        QTRY_VERIFY(DialogBed::opened<ui::ObjectApplyDialog>());
        auto *dialog = DialogBed::opened<ui::ObjectApplyDialog>();
        QVERIFY(!dialog->findChild<QPushButton *>(u"planAct"_s)->isEnabled());
        QCOMPARE(dialog->findChild<MessageBar *>()->text(), u"The name can't be changed"_s);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!DialogBed::opened<ui::ObjectApplyDialog>());
        DialogBed::press(bed.page, u"definitionDiscard"_s);
        QCOMPARE(bed.editor()->xml(), before);
        // Refused by libvirt.
        QVERIFY(bed.type(u"192.168.125.1"_s, u"999"_s));
        QTRY_VERIFY(bed.button(u"definitionApply"_s)->isEnabled());
        DialogBed::press(bed.page, u"definitionApply"_s);
        QTRY_VERIFY(DialogBed::opened<ui::ObjectApplyDialog>());
        DialogBed::press(*DialogBed::opened<ui::ObjectApplyDialog>(), u"planAct"_s);
        QTRY_COMPARE(bed.message()->kind(), MessageBar::Kind::Error);
        QVERIFY(bed.message()->isVisible());
        QVERIFY(bed.editor()->isModified() && !bed.editor()->isReadOnly()); // to be corrected
        QCOMPARE(bed.stored(), before);
    }

    void somebodyElsesChangeIsMerged()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        QVERIFY(bed.type(u"virbr7"_s, u"7"_s));
        QVERIFY(bed.define(u"255.255.255.0"_s, u"255.255.0.0"_s));
        bed.page.refresh(); // F5
        QVERIFY(bed.stored().contains(u"255.255.0.0"_s));
        QTRY_COMPARE(bed.message()->kind(), MessageBar::Kind::Warning);
        QVERIFY(bed.editor()->xml().contains(u"virbr77"_s)); // the edit goes on
        DialogBed::press(bed.page, u"definitionApply"_s);
        QTRY_VERIFY(DialogBed::opened<ui::MergeDialog>());
        DialogBed::opened<ui::MergeDialog>()->accept();
        QTRY_VERIFY(DialogBed::opened<ui::ObjectApplyDialog>());
        QVERIFY(bed.editor()->xml().contains(u"virbr77"_s) && bed.editor()->xml().contains(u"255.255.0.0"_s));
        DialogBed::press(*DialogBed::opened<ui::ObjectApplyDialog>(), u"planAct"_s);
        QTRY_VERIFY(bed.stored().contains(u"virbr77"_s));
        QVERIFY(bed.stored().contains(u"255.255.0.0"_s));
        QTRY_VERIFY(!bed.editor()->isModified());
    }

    void anEditIsKeptWhileAnotherIsLookedAt()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        const QString before = bed.editor()->xml();
        QVERIFY(bed.type(u"virbr7"_s, u"7"_s));
        QVERIFY(bed.choose(u"Networks"_s, u"lab"_s));
        QTRY_VERIFY(bed.editor()->xml().contains(u"virbr8"_s));
        QVERIFY(!bed.editor()->isModified());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        QTRY_VERIFY(bed.editor()->xml().contains(u"virbr77"_s));
        QVERIFY(bed.editor()->isModified());
        bed.editor()->editor()->undo();
        QCOMPARE(bed.editor()->xml(), before);
        bed.editor()->editor()->redo();
        DialogBed::press(bed.page, u"definitionDiscard"_s);
        QCOMPARE(bed.editor()->xml(), before);
        QVERIFY(!bed.button(u"definitionDiscard"_s)->isEnabled());
    }

    void theFilterFindsAndLosesNothing()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"lab"_s));
        QVERIFY(bed.type(u"virbr8"_s, u"8"_s));
        QVERIFY(!bed.tree()->isExpanded(bed.row(u"Node devices"_s)));
        bed.field()->setFocus();
        QTest::keyClicks(bed.field(), u"ETH1"_s);
        QTRY_COMPARE(bed.tree()->model()->rowCount(), 1);
        QVERIFY(bed.tree()->isExpanded(bed.row(u"Node devices"_s)));
        QCOMPARE(bed.children(u"Node devices"_s), QStringList{u"net_eth1"_s});
        QCOMPARE(bed.title(), u"lab"_s); // still what is edited
        QVERIFY(bed.editor()->xml().contains(u"virbr88"_s));
        QTest::keyClick(bed.field(), Qt::Key_Escape);
        QCOMPARE(bed.tree()->model()->rowCount(), 8);
        QCOMPARE(bed.tree()->currentIndex().data().toString(), u"lab"_s);
        QVERIFY(bed.tree()->isExpanded(bed.row(u"Networks"_s)));
        QVERIFY(!bed.tree()->isExpanded(bed.row(u"Node devices"_s)));
        QTest::keyClicks(bed.field(), u"eth1"_s);
        QTest::keyClick(bed.field(), Qt::Key_Down); // into the list
        QVERIFY(bed.tree()->hasFocus());
        QTest::keyClick(bed.tree(), Qt::Key_End);
        QTRY_COMPARE(bed.title(), u"net_eth1"_s);
    }

    void selectionSurvivesWhatOthersDo()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"lab"_s));
        QVERIFY(bed.dialogs.act([](virt::Connection &connection) {
            return definitions::define(
                connection, Kind::Network, u"<network><name>another</name><bridge name='virbr3'/></network>"_s);
        }));
        bed.page.hide();
        bed.page.show(); // looked at again
        QTRY_COMPARE(bed.children(u"Networks"_s), (QStringList{u"another"_s, u"apart"_s, u"default"_s, u"lab"_s}));
        QCOMPARE(bed.tree()->currentIndex().data().toString(), u"lab"_s);
        QCOMPARE(bed.title(), u"lab"_s);
        QVERIFY(bed.tree()->isExpanded(bed.row(u"Networks"_s)));
        QVERIFY(bed.dialogs.act([](virt::Connection &connection) {
            return definitions::define(
                connection, Kind::Network, u"<network><name>zone</name><bridge name='virbr4'/></network>"_s);
        }));
        bed.dialogs.hosts().host(bed.dialogs.host())->refresh(); // F5
        QTRY_VERIFY(bed.children(u"Networks"_s).contains(u"zone"_s));
        QCOMPARE(bed.title(), u"lab"_s);
    }

    void aHostThatIsAway()
    {
        PageBed bed;
        QVERIFY(bed.show());
        QVERIFY(bed.choose(u"Networks"_s, u"apart"_s));
        QVERIFY(bed.type(u"virbr7"_s, u"7"_s));
        virt::Host *host = bed.dialogs.hosts().host(bed.dialogs.host());
        host->disconnectFromHost();
        auto *bar = bed.page.findChild<MessageBar *>(QString(), Qt::FindDirectChildrenOnly);
        QTRY_VERIFY(bar->isVisible());
        QVERIFY2(bar->text().contains(u"What was last known is shown"_s), qPrintable(bar->text()));
        QVERIFY(!bed.button(u"definitionApply"_s)->isEnabled());
        QVERIFY(bed.editor()->xml().contains(u"virbr77"_s)); // nothing is lost
        // Another host that never was connected: the one button that fills the page.
        const virt::HostId other =
            bed.dialogs.hosts().add({{}, u"test:///nowhere/at/all.xml"_s, {}, false, false, false, false});
        bed.page.setHost(other);
        QVERIFY(!bar->isVisible() && !bed.tree()->isVisible());
        QSignalSpy wanted(&bed.page, &DefinitionsPage::connectRequested);
        auto *offline = bed.page.findChild<ui::EmptyState *>(u"definitionOffline"_s);
        QVERIFY(offline->isVisible());
        QTest::mouseClick(offline->findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        bed.page.setHost({});
        QVERIFY(bed.title().isEmpty());
    }

    void aReadOnlyConnection()
    {
        PageBed bed;
        QVERIFY(bed.show(true));
        QVERIFY(bed.choose(u"Networks"_s, u"default"_s));
        QVERIFY(bed.editor()->isReadOnly());
        QVERIFY2(bed.note().contains(u"connection"_s), qPrintable(bed.note()));
        QVERIFY(!bed.button(u"definitionApply"_s)->isVisible());
    }

    void itIsATabOfTheHostsPage()
    {
        DialogBed dialogs(node());
        QVERIFY(dialogs.connectHost());
        ui::HostPage page(dialogs.context());
        page.setHost(dialogs.host());
        page.show();
        auto *tabs = page.findChild<QTabWidget *>(u"hostTabs"_s);
        QStringList titles;
        for (int i = 0; i < tabs->count(); ++i) {
            titles << tabs->tabText(i);
        }
        QCOMPARE(titles, (QStringList{u"Overview"_s, u"Definitions"_s, u"Events"_s}));
        auto *tree = page.findChild<QTreeView *>(u"definitionTree"_s);
        const QModelIndex networks = tree->model()->index(3, 1);
        QVERIFY(networks.data().toString().isEmpty()); // nobody looks
        tabs->setCurrentIndex(1);
        QTRY_COMPARE(networks.data().toString(), u"2"_s);
        // It stands beside the list of VMs.
        const int characters = page.minimumSizeHint().width() / page.fontMetrics().averageCharWidth();
        QVERIFY2(characters < 80, qPrintable(QString::number(characters)));
    }

    void aBigHost()
    {
        PageBed bed(node(1000, 500));
        Stalls stalls;
        QVERIFY(bed.show());
        QTRY_COMPARE(bed.children(u"Node devices"_s).size(), 500);
        const qint64 listing = stalls.longest;
        QVERIFY(bed.choose(u"Storage pools"_s, u"images"_s));
        stalls.longest = 0;
        QTest::keyClick(bed.tree(), Qt::Key_Right);
        QTRY_COMPARE(bed.children(u"images"_s).size(), 1000);
        const qint64 volumes = stalls.longest;
        stalls.longest = 0;
        bed.field()->setFocus();
        QTest::keyClicks(bed.field(), u"disk77"_s);
        QTRY_COMPARE(bed.children(u"images"_s).size(), 11);
        QTest::keyClick(bed.field(), Qt::Key_Escape);
        QTRY_COMPARE(bed.children(u"images"_s).size(), 1000);
        QCOMPARE(bed.children(u"images"_s).at(1), u"disk2.img"_s); // as people count
        bed.page.refresh();
        QTest::qWait(200);
        qInfo("longest gaps: listing %lld ms, volumes %lld ms, filter and refresh %lld ms", listing, volumes,
            stalls.longest);
        QVERIFY(std::max({listing, volumes, stalls.longest}) < 1000); // sanitizers, a busy machine
        QCOMPARE(bed.title(), u"images"_s);
    }
};

QTEST_MAIN(TestDefinitionsPage)
#include "tst_definitionspage.moc"
