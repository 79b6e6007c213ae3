// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <thread>

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolBar>
#include <QToolButton>
#include <QTreeWidget>

#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/snapshots.h"
#include "tests/ui/dialogbed.h"
#include "ui/comparesnapshots.h"
#include "ui/deletesnapshotswizard.h"
#include "ui/diffview.h"
#include "ui/domainactions.h"
#include "ui/editsnapshotwizard.h"
#include "ui/emptystate.h"
#include "ui/messagebar.h"
#include "ui/planpage.h"
#include "ui/revertsnapshotwizard.h"
#include "ui/snapshotjobbar.h"
#include "ui/snapshotspage.h"
#include "ui/snapshottreeview.h"
#include "ui/takesnapshotwizard.h"
#include "ui/vmwindow.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::SnapshotTreeModel;
using ui::SnapshotsPage;

namespace {

const QUuid Web{u"11111111-1111-1111-1111-111111111111"_s};

QByteArray node(bool withSnapshot)
{
    QByteArray text = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>web01</name>
    <uuid>11111111-1111-1111-1111-111111111111</uuid><memory unit='MiB'>512</memory><vcpu>1</vcpu>
    <os><type arch='i686'>hvm</type></os><test:runstate>5</test:runstate>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/web01.qcow2'/>
      <target dev='vda' bus='virtio'/></disk></devices>)";
    if (withSnapshot) {
        text += R"(<test:domainsnapshot><name>before</name><creationTime>1600000000</creationTime><state>shutoff</state>
      <disks><disk name='vda' snapshot='internal'/></disks>
      <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid><memory>1</memory>
        <os><type arch='i686'>hvm</type></os>
        <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/web01.qcow2'/>
          <target dev='vda' bus='virtio'/></disk></devices></domain><active>1</active></test:domainsnapshot>)";
    }
    return text + "</domain></node>";
}

/** The page on a host of the test driver. */
class PageBed final
{
    Q_DISABLE_COPY_MOVE(PageBed)

public:
    explicit PageBed(bool withSnapshot)
        : dialogs(node(withSnapshot))
        , page(dialogs.context())
    {}

    bool show(bool readOnly = false)
    {
        if (!dialogs.connectHost(readOnly)) {
            return false;
        }
        page.resize(1200, 600);
        page.setDomain({dialogs.host(), Web});
        page.show();
        page.activateWindow();
        return QTest::qWaitForWindowActive(&page) && QTest::qWaitFor([this] { return page.isUpToDate(); }, 20'000);
    }
    bool isSettled(const QString &wanted)
    {
        return QTest::qWaitFor([&] { return page.isUpToDate() && shape() == wanted; }, 20'000);
    }
    /** "a(b(now))" */
    QString shape(const QModelIndex &parent = {}) const
    {
        QStringList parts;
        for (int row = 0; row < page.model().rowCount(parent); ++row) {
            const QModelIndex at = page.model().index(row, 0, parent);
            const QString name = at.data(SnapshotTreeModel::IsNowRole).toBool() ? u"now"_s : at.data().toString();
            const QString below = shape(at);
            parts.append(below.isEmpty() ? name : name + u'(' + below + u')');
        }
        return parts.join(u' ');
    }
    QAction *action(const QString &name) const { return page.findChild<QAction *>(name); }
    /** Its button in the bar, as a mouse finds it. */
    void press(const QString &name) const
    {
        QAction *wanted = action(name);
        QVERIFY2(wanted && wanted->isEnabled(), qPrintable(name + u": "_s + (wanted ? wanted->toolTip() : QString())));
        QWidget *button = page.findChild<QToolBar *>()->widgetForAction(wanted);
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    bool make(const QString &name)
    {
        return dialogs.act([name](virt::Connection &connection) -> Result<> {
            const auto made = virt::snapshots::create(
                connection, Web, u"<domainsnapshot><name>%1</name></domainsnapshot>"_s.arg(name), {});
            return made ? Result<>() : fail(made.error());
        });
    }
    /** Fills the first page's name and presses the act; waits until the wizard is gone. */
    template<typename Wizard>
    bool act(const QString &button, const QString &name = {})
    {
        QPointer<Wizard> wizard;
        if (!QTest::qWaitFor([&] { return (wizard = DialogBed::opened<Wizard>()) != nullptr; }, 10'000)) {
            return false;
        }
        if (!name.isEmpty()) {
            for (QLineEdit *edit : wizard->template findChildren<QLineEdit *>()) {
                if (edit->accessibleName() == u"Name"_s) {
                    edit->setText(name);
                }
            }
        }
        QPushButton *last = nullptr;
        for (QPushButton *each : wizard->template findChildren<QPushButton *>()) {
            if (each->text().remove(u'&') == button) {
                last = each;
            }
        }
        if (!last || !QTest::qWaitFor([&] { return last->isEnabled(); }, 10'000)) {
            qWarning() << "no button" << button << (last ? last->toolTip() : QString());
            return false;
        }
        QTest::mouseClick(last, Qt::LeftButton);
        // One with warnings stops at the plan; one that fails stays there.
        const auto before = dialogs.jobs().jobs().size();
        const bool gone = QTest::qWaitFor(
            [&] {
                if (wizard && wizard->currentPage() == wizard->pageCount() - 1 && !wizard->isRunning()
                    && last->isEnabled() && wizard->planPage()->isComplete()
                    && dialogs.jobs().jobs().size() == before) {
                    QTest::mouseClick(last, Qt::LeftButton);
                }
                return wizard.isNull();
            },
            20'000);
        if (!gone) {
            qWarning() << wizard->planPage()->reason();
            for (const job::JobId &id : dialogs.jobs().jobs()) {
                const job::JobRecord *record = dialogs.jobs().job(id);
                qWarning() << record->plan.title << record->statusLine() << record->log;
            }
            for (const auto *bar : wizard->template findChildren<ui::MessageBar *>()) {
                qWarning() << bar->text() << bar->hint();
            }
        }
        return gone;
    }

    DialogBed dialogs;
    SnapshotsPage page;
};

} // namespace

/** The page of snapshots with libvirt's test driver: real buttons, real jobs. */
class TestSnapshotsPage final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void theFirstIsTakenFromTheEmptyState()
    {
        PageBed bed(false);
        QVERIFY(bed.show());
        auto *first = bed.page.findChild<QPushButton *>(u"firstSnapshot"_s);
        QVERIFY(first->isVisible());
        QCOMPARE(first->text().remove(u'&'), u"Take Snapshot…"_s);
        QTest::mouseClick(first, Qt::LeftButton);
        QTRY_VERIFY(DialogBed::opened<ui::TakeSnapshotWizard>());
        auto *wizard = DialogBed::opened<ui::TakeSnapshotWizard>();
        QCOMPARE(wizard->windowTitle(), u"Take Snapshot"_s);
        QTRY_VERIFY(wizard->facts().has_value());
        QVERIFY(bed.act<ui::TakeSnapshotWizard>(u"Take"_s, u"first"_s));
        QVERIFY2(bed.isSettled(u"first(now)"_s), qPrintable(bed.shape()));
        QVERIFY(!first->isVisible());
    }

    /** Enter is enough. */
    void enterTakesOne()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        QCOMPARE(bed.shape(), u"before(now)"_s);
        bed.press(u"takeSnapshotHere"_s);
        QTRY_VERIFY(DialogBed::opened<ui::TakeSnapshotWizard>());
        const QPointer<ui::TakeSnapshotWizard> wizard(DialogBed::opened<ui::TakeSnapshotWizard>());
        QTRY_VERIFY(wizard->facts().has_value());
        QSignalSpy previewed(wizard, &ui::SnapshotWizard::previewed);
        QTRY_VERIFY(!previewed.isEmpty());
        QVERIFY(QTest::qWaitForWindowActive(wizard));
        QTest::keyClick(wizard->focusWidget(), Qt::Key_Return);
        QTRY_VERIFY(wizard.isNull() || (wizard->currentPage() > 0 && wizard->planPage()->isComplete()));
        if (wizard && !wizard->isRunning()) {
            QTest::keyClick(wizard->focusWidget(), Qt::Key_Return); // it warned of something
        }
        QTRY_VERIFY_WITH_TIMEOUT(wizard.isNull(), 20'000);
        QTRY_COMPARE(bed.page.model().snapshotCount(), 2);
        QVERIFY(bed.shape().startsWith(u"before("_s) && bed.shape().endsWith(u"(now))"_s));
    }

    void takenRevertedAndDeleted()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        bed.press(u"takeSnapshotHere"_s);
        QVERIFY(bed.act<ui::TakeSnapshotWizard>(u"Take"_s, u"second"_s));
        QVERIFY2(bed.isSettled(u"before(second(now))"_s), qPrintable(bed.shape()));

        bed.page.tree()->selectSnapshots({u"before"_s});
        bed.press(u"revertSnapshotAction"_s);
        QVERIFY(bed.act<ui::RevertSnapshotWizard>(u"Revert"_s, u"kept"_s));
        QVERIFY2(bed.isSettled(u"before(second(kept) now)"_s), qPrintable(bed.shape()));

        bed.page.tree()->selectSnapshots({u"second"_s});
        QCOMPARE(bed.page.tree()->selectedSnapshots(), QStringList{u"second"_s});
        bed.press(u"deleteSnapshotAction"_s);
        QVERIFY(bed.act<ui::DeleteSnapshotsWizard>(u"Delete"_s));
        QVERIFY2(bed.isSettled(u"before(kept now)"_s), qPrintable(bed.shape()));
    }

    void aDescriptionIsEdited()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        bed.page.tree()->selectSnapshots({u"before"_s});
        bed.page.tree()->setFocus();
        QTest::keyClick(bed.page.tree(), Qt::Key_F2);
        QTRY_VERIFY(DialogBed::opened<ui::EditSnapshotWizard>());
        const QPointer<ui::EditSnapshotWizard> wizard(DialogBed::opened<ui::EditSnapshotWizard>());
        QTRY_VERIFY(wizard->facts().has_value());
        for (QPlainTextEdit *edit : wizard->findChildren<QPlainTextEdit *>()) {
            if (edit->accessibleName() == u"Description"_s) {
                edit->setPlainText(u"as <b>installed</b>"_s);
            }
        }
        QVERIFY(bed.act<ui::EditSnapshotWizard>(u"Save"_s));
        QTRY_VERIFY(bed.page.model()
                .indexOf(u"before"_s)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(u"as &lt;b&gt;installed"_s));
    }

    /** Others make and delete snapshots, too. */
    void whatOthersDoAppearsAndTheSelectionStays()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        bed.page.tree()->selectSnapshots({u"before"_s});
        QVERIFY(bed.make(u"theirs"_s));
        bed.page.refresh();
        QVERIFY2(bed.isSettled(u"before(theirs(now))"_s), qPrintable(bed.shape()));
        QCOMPARE(bed.page.tree()->selectedSnapshots(), QStringList{u"before"_s});
        QVERIFY(bed.page.tree()->isExpanded(bed.page.model().indexOf(u"theirs"_s)));
        QVERIFY(bed.dialogs.act(
            [](virt::Connection &connection) { return virt::snapshots::remove(connection, Web, u"before"_s, false); }));
        // Coming back to the window is enough.
        QEvent activated(QEvent::WindowActivate);
        QCoreApplication::sendEvent(&bed.page, &activated);
        QVERIFY2(bed.isSettled(u"theirs(now)"_s), qPrintable(bed.shape()));
    }

    void actionsFollowTheSelection()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        QVERIFY(bed.make(u"second"_s));
        bed.page.refresh();
        QVERIFY(bed.isSettled(u"before(second(now))"_s));
        const auto enabled = [&bed](const QString &name) {
            return bed.action(name)->isEnabled();
        };
        bed.page.tree()->selectSnapshots({QString()}); // now
        QVERIFY(enabled(u"takeSnapshotHere"_s) && enabled(u"exportSnapshotAction"_s));
        QVERIFY(!enabled(u"revertSnapshotAction"_s) && !enabled(u"deleteSnapshotAction"_s));
        QVERIFY(!bed.action(u"revertSnapshotAction"_s)->toolTip().isEmpty());
        bed.page.tree()->selectSnapshots({u"before"_s, u"second"_s});
        QVERIFY(enabled(u"deleteSnapshotAction"_s) && enabled(u"compareSnapshotsAction"_s));
        QVERIFY(!enabled(u"revertSnapshotAction"_s) && !enabled(u"editSnapshotAction"_s));
        QVERIFY(!enabled(u"scheduleSnapshotsAction"_s)); // this context has no scheduler
        bed.page.tree()->selectSnapshots({u"second"_s});
        QVERIFY(enabled(u"revertSnapshotAction"_s) && enabled(u"compareSnapshotsAction"_s));
        Q_EMIT bed.page.tree()->customContextMenuRequested(QPoint(5, 5));
        QTRY_VERIFY(bed.page.findChild<QMenu *>(u"snapshotMenu"_s));
        auto *menu = bed.page.findChild<QMenu *>(u"snapshotMenu"_s);
        QVERIFY(menu->actions().contains(bed.action(u"revertSnapshotAction"_s)));
        menu->close();
    }

    void twoAreCompared()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        bed.page.tree()->selectSnapshots({u"before"_s});
        bed.press(u"compareSnapshotsAction"_s);
        QTRY_VERIFY(DialogBed::opened<ui::CompareSnapshots>());
        const QPointer<ui::CompareSnapshots> dialog(DialogBed::opened<ui::CompareSnapshots>());
        QTRY_VERIFY(dialog->view()->isReady() && !dialog->view()->text().changes.isEmpty());
        QVERIFY(dialog->view()->text().left.contains(u"<memory unit=\"KiB\">1</memory>"_s)
            || dialog->view()->text().left.contains(u"<memory unit='KiB'>1</memory>"_s)); // as it was then
        QVERIFY(dialog->view()->text().right.contains(u">524288</memory>"_s));
        dialog->close();
    }

    void aReadOnlyHostIsOnlyLookedAt()
    {
        PageBed bed(true);
        QVERIFY(bed.show(true));
        QCOMPARE(bed.shape(), u"before(now)"_s);
        bed.page.tree()->selectSnapshots({u"before"_s});
        for (const QString &name : {u"takeSnapshotHere"_s, u"revertSnapshotAction"_s, u"deleteSnapshotAction"_s}) {
            QVERIFY(!bed.action(name)->isEnabled());
            QVERIFY(bed.action(name)->toolTip().contains(u"read-only"_s));
        }
        QVERIFY(bed.action(u"compareSnapshotsAction"_s)->isEnabled());
    }

    void aLostHostKeepsWhatWasKnown()
    {
        PageBed bed(true);
        QVERIFY(bed.show());
        bed.dialogs.hosts().host(bed.dialogs.host())->disconnectFromHost();
        QTRY_VERIFY(!bed.page.tree()->isEnabled());
        QCOMPARE(bed.shape(), u"before(now)"_s);
        const auto bars = bed.page.findChildren<ui::MessageBar *>();
        QVERIFY(std::any_of(bars.begin(), bars.end(),
            [](const ui::MessageBar *bar) { return bar->isVisible() && bar->text().contains(u"not connected"_s); }));
        QVERIFY(!bed.action(u"takeSnapshotHere"_s)->isEnabled());
    }

    void aJobShowsItsProgressAndCanBeCancelled()
    {
        DialogBed bed(node(true));
        QVERIFY(bed.connectHost());
        job::StepRegistry registry;
        std::atomic_int begun = 0;
        registry.add(u"test.wait"_s,
            {[&begun](const job::Step & /*step*/, job::StepContext &context) -> Result<> {
                 context.report(30, 100);
                 ++begun;
                 while (!context.isCancelled()) {
                     std::this_thread::sleep_for(std::chrono::milliseconds(2));
                 }
                 return fail(Error::cancelled());
             },
                {}});
        job::JobManager jobs(registry, bed.hosts().provider());
        const ui::UiContext own = bed.context();
        ui::SnapshotJobBar bar({own.hosts, own.inventory, jobs, own.events, own.settings});
        bar.setDomain({bed.host(), Web});
        QVERIFY(bar.isHidden());
        job::Plan plan;
        plan.operation = u"snapshot.delete"_s;
        plan.title = u"Delete before"_s;
        plan.host = bed.host();
        plan.domain = Web;
        plan.domainName = u"web01"_s;
        plan.steps = {{u"test.wait"_s, u"Merge"_s, u"vda"_s, {}, 100, {}}};
        const job::JobId id = jobs.run(plan);
        QTRY_COMPARE(begun.load(), 1);
        QTRY_VERIFY(!bar.isHidden());
        QCOMPARE(bar.job(), id);
        auto *cancel = bar.findChild<QPushButton *>(u"cancelSnapshotJob"_s);
        QVERIFY(cancel->isEnabled());
        cancel->click();
        QTRY_VERIFY(bar.isHidden());
        QCOMPARE(jobs.job(id)->state, job::JobState::Cancelled);
        // One on something else is not shown.
        plan.operation = u"edit"_s;
        const job::JobId other = jobs.run(plan);
        QTRY_COMPARE(begun.load(), 2);
        QVERIFY(bar.isHidden());
        jobs.cancel(other);
        QTRY_VERIFY(jobs.job(other)->isFinished());
    }

    /** The window of a VM has F2 and F5 too: the tree's own come first, and nothing is ambiguous. */
    void keysInAVmWindow()
    {
        DialogBed bed(node(true));
        QVERIFY(bed.connectHost());
        ui::VmWindow window(bed.context(), {bed.host(), Web}, ui::VmPage::Page::Snapshots);
        window.setAttribute(Qt::WA_DeleteOnClose, false);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        auto *page = window.findChild<SnapshotsPage *>();
        QTRY_VERIFY(page->isUpToDate());
        QCOMPARE(page->accessibleName(), u"Snapshots"_s);
        page->tree()->selectSnapshots({u"before"_s});
        page->tree()->setFocus();
        QTest::keyClick(page->tree(), Qt::Key_Delete);
        QTRY_VERIFY(DialogBed::opened<ui::DeleteSnapshotsWizard>());
        const QPointer<ui::DeleteSnapshotsWizard> wizard(DialogBed::opened<ui::DeleteSnapshotsWizard>());
        wizard->close();
        QTRY_VERIFY(wizard.isNull());
        window.activateWindow();
        QTRY_VERIFY(window.isActiveWindow());
        page->tree()->setFocus();
        QTest::keyClick(page->tree(), Qt::Key_T, Qt::ControlModifier);
        QTRY_VERIFY(DialogBed::opened<ui::TakeSnapshotWizard>());
        DialogBed::opened<ui::TakeSnapshotWizard>()->close();
    }

private:
    std::unique_ptr<virt::EventLoop> m_loop;
};

QTEST_MAIN(TestSnapshotsPage)
#include "tst_snapshotspage.moc"
