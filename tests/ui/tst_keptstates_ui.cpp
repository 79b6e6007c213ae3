// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <mutex>

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QPushButton>

#include "backend/operation/kept/keptconfirmer.h"
#include "backend/operation/kept/keptfeed.h"
#include "backend/virt/eventloop.h"
#include "model/domaintreemodel.h"
#include "tests/ui/migratebed.h"
#include "ui/domainactions.h"
#include "ui/domaintreeview.h"
#include "ui/keptbadges.h"
#include "ui/keptbar.h"
#include "ui/mainwindow.h"
#include "ui/messagebar.h"
#include "ui/resizeactions.h"
#include "ui/resizeenddialog.h"
#include "ui/resizetexts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainTreeModel;
using operation::KeptFeed;
using operation::KeptState;
using operation::KeptStates;
using operation::ResizeEnd;
using operation::ResizeEndDraft;
using operation::ResizeEndFacts;

namespace {

/** Hosts, and a directory of kept states. */
struct Scene {
    MigrateBed bed;
    QTemporaryDir directory;

    QString path() const { return directory.filePath(u"kept"_s); }
    KeptState state(const virt::DomainKey &key, int from, int to) const
    {
        KeptState kept;
        kept.id = u"kept1"_s;
        kept.domain = key.domain;
        kept.name = u"web01"_s;
        kept.fromUri = const_cast<Scene *>(this)->bed.hosts().host(bed.id(from))->settings().uri;
        kept.toUri = const_cast<Scene *>(this)->bed.hosts().host(bed.id(to))->settings().uri;
        kept.since = QDateTime::currentDateTimeUtc().addSecs(-2 * 60 * 60);
        kept.change = u"4 vCPUs, disk vda of 25 GiB"_s;
        kept.wasRunning = true;
        return kept;
    }
    bool keep(const KeptState &kept) const { return KeptStates(path()).write(kept, u"<domain/>"_s, {}).has_value(); }
};

/** What was asked, and what is answered. Any thread. */
struct Ends {
    std::mutex mutex;
    QList<std::pair<ResizeEnd, ResizeEndDraft>> asked;
    bool blocks = false;

    operation::ResizeEndServices services()
    {
        operation::ResizeEndServices made;
        made.facts = [](const KeptState &kept, const virt::ConnectionPtr &, const virt::ConnectionPtr &,
                         const virt::HostId &from, const virt::HostId &to, const std::stop_token &) {
            ResizeEndFacts facts;
            facts.kept = kept;
            facts.from = from;
            facts.to = to;
            return Result<ResizeEndFacts>(facts);
        };
        made.plan = [this](ResizeEnd end, const ResizeEndFacts &facts, const ResizeEndDraft &draft) {
            const std::lock_guard lock(mutex);
            asked.append({end, draft});
            job::Plan plan;
            plan.operation = end == ResizeEnd::Confirm ? u"resize.confirm"_s : u"resize.revert"_s;
            plan.title = u"End"_s;
            plan.host = facts.to;
            plan.domain = facts.kept.domain;
            plan.domainName = facts.kept.name;
            plan.verdict = u"Ready."_s;
            job::Step step;
            step.type = u"test.migrate"_s;
            plan.steps.append(step);
            if (blocks) {
                plan.findings.append({job::Finding::Severity::Blocker, u"A file of before is missing."_s, {}, {}});
            }
            return plan;
        };
        return made;
    }
    int count()
    {
        const std::lock_guard lock(mutex);
        return static_cast<int>(asked.size());
    }
    std::pair<ResizeEnd, ResizeEndDraft> last()
    {
        const std::lock_guard lock(mutex);
        return asked.constLast();
    }
};

job::Plan planOf(const QString &operation, const virt::DomainKey &key)
{
    job::Plan plan;
    plan.operation = operation;
    plan.title = operation;
    plan.host = key.host;
    plan.domain = key.domain;
    job::Step step;
    step.type = u"test.migrate"_s;
    plan.steps.append(step);
    return plan;
}

} // namespace

/** What waits for being confirmed, as windows show it; and that it is confirmed when it is due. */
class TestKeptStatesUi final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<virt::EventLoop> m_loop;

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }

    void theFeedFollowsJobsAndHosts()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        const virt::DomainKey web = scene.bed.web();
        KeptFeed feed(scene.bed.hosts(), scene.bed.jobs(), scene.path());
        QVERIFY(!feed.find(web));
        const KeptState kept = scene.state(web, 0, 0);
        QVERIFY(scene.keep(kept));
        QSignalSpy changed(&feed, &KeptFeed::changed);
        scene.bed.jobs().run(planOf(u"start"_s, web)); // is no matter of the feed's
        scene.bed.jobs().run(planOf(u"resize"_s, web));
        QTRY_COMPARE(changed.count(), 1);
        QVERIFY(feed.find(web));
        QCOMPARE(feed.find(web)->change, kept.change);
        QVERIFY(!feed.find({scene.bed.id(1), web.domain})); // of that UUID on another host
        QVERIFY(!feed.find(scene.bed.mail()));
        // One that moved is found where it is now.
        KeptState moved = kept;
        moved.toUri = scene.bed.hosts().host(scene.bed.id(1))->settings().uri;
        QVERIFY(scene.keep(moved));
        feed.read();
        QTRY_VERIFY(feed.find({scene.bed.id(1), web.domain}));
        QVERIFY(!feed.find(web));
        QVERIFY(KeptStates(scene.path()).remove(kept.id));
        scene.bed.jobs().run(planOf(u"resize.confirm"_s, web));
        QTRY_VERIFY(feed.all().isEmpty());
    }

    void theListShowsABadge()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        const virt::DomainKey web = scene.bed.web();
        DomainTreeModel model(scene.bed.inventory(), &scene.bed.jobs());
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        KeptFeed feed(scene.bed.hosts(), scene.bed.jobs(), scene.path());
        ui::KeptBadges badges(&feed, model, nullptr);
        const QModelIndex index = model.indexOf(web);
        QVERIFY(index.isValid());
        QVERIFY(!index.data(DomainTreeModel::BadgeRole).isValid());
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QVERIFY(scene.keep(scene.state(web, 0, 0)));
        feed.read();
        QTRY_COMPARE(index.data(DomainTreeModel::BadgeRole).toString(), u"resized: confirm or revert"_s);
        QVERIFY(std::ranges::any_of(changed, [&](const QList<QVariant> &arguments) {
            return arguments.at(0).toModelIndex() == index
                && arguments.at(2).value<QList<int>>().contains(DomainTreeModel::BadgeRole);
        }));
        QVERIFY(index.data(Qt::AccessibleTextRole).toString().contains(u"resized: confirm or revert"_s));
        QVERIFY(index.data(Qt::ToolTipRole).toString().contains(u"4 vCPUs, disk vda of 25 GiB"_s));
        QVERIFY(!model.indexOf(scene.bed.mail()).data(DomainTreeModel::BadgeRole).isValid());
        QVERIFY(KeptStates(scene.path()).remove(u"kept1"_s));
        feed.read();
        QTRY_VERIFY(!index.data(DomainTreeModel::BadgeRole).isValid());
    }

    void thePageOffersBothWays()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        const virt::DomainKey web = scene.bed.web();
        KeptState kept = scene.state(web, 0, 0);
        kept.confirmAt = QDateTime::currentDateTimeUtc().addDays(1);
        QVERIFY(scene.keep(kept));
        KeptFeed feed(scene.bed.hosts(), scene.bed.jobs(), scene.path());
        ui::UiContext context = scene.bed.context();
        context.kept = &feed;
        ui::MainWindow window(context);
        window.show();
        window.showDomain(web, ui::VmPage::Page::Overview);
        ui::KeptBar *bar = nullptr;
        const auto bars = window.findChildren<ui::KeptBar *>();
        QCOMPARE(bars.size(), 1);
        bar = bars.constFirst();
        QTRY_VERIFY(bar->isVisible());
        auto *message = bar->findChild<ui::MessageBar *>();
        QCOMPARE(message->text(), u"Resized 2 hours ago: 4 vCPUs, disk vda of 25 GiB."_s);
        QVERIFY(message->hint().contains(u"confirmed automatically at"_s));
        auto *revert = bar->findChild<QPushButton *>(u"revertResize"_s);
        QVERIFY(revert && revert->isEnabled());
        QTest::mouseClick(revert, Qt::LeftButton);
        auto *dialog = window.findChild<ui::ResizeEndDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!window.findChild<ui::ResizeEndDialog *>());
        window.showDomain(scene.bed.mail(), ui::VmPage::Page::Overview);
        QTRY_VERIFY(!bar->isVisible());
        window.showDomain(web, ui::VmPage::Page::Overview);
        QTRY_VERIFY(bar->isVisible());
        QVERIFY(KeptStates(scene.path()).remove(kept.id));
        feed.read();
        QTRY_VERIFY(!bar->isVisible());
    }

    void theMenuOffersThemToo()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        const virt::DomainKey web = scene.bed.web();
        KeptFeed feed(scene.bed.hosts(), scene.bed.jobs(), scene.path());
        ui::UiContext context = scene.bed.context();
        context.kept = &feed;
        QWidget window;
        window.show();
        ui::DomainActions actions(context, &window);
        QMenu menu;
        actions.fillMenu(&menu);
        QAction *resize = actions.resizing()->resize();
        QVERIFY(menu.actions().contains(resize));
        QVERIFY(!resize->isEnabled());
        QVERIFY(!resize->toolTip().isEmpty());
        actions.setSelection({web, scene.bed.mail()});
        QVERIFY(!resize->isEnabled());
        QCOMPARE(resize->toolTip(), u"Exactly one virtual machine must be selected."_s);
        actions.setSelection({web});
        QVERIFY(resize->isEnabled());
        QVERIFY(!actions.resizing()->confirm()->isVisible());
        QStringList keys;
        const auto all = menu.actions();
        QVERIFY(scene.keep(scene.state(web, 0, 0)));
        feed.read();
        QTRY_VERIFY(actions.resizing()->confirm()->isVisible());
        QVERIFY(!resize->isEnabled());
        QVERIFY(resize->toolTip().contains(u"waits to be confirmed"_s));
        for (const QAction *action : all) {
            const QString key = QKeySequence::mnemonic(action->text()).toString();
            if (action->isVisible() && !key.isEmpty()) {
                QVERIFY2(!keys.contains(key), qPrintable(action->text()));
                keys.append(key);
            }
        }
        actions.resizing()->revert()->trigger();
        auto *dialog = window.findChild<ui::ResizeEndDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        delete dialog;
        actions.setSelection({scene.bed.mail()});
        QVERIFY(!actions.resizing()->revert()->isVisible());
        QVERIFY(resize->isEnabled());
    }

    void theDialogShowsThePlanAndRunsIt()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        Ends ends;
        QWidget window;
        window.show();
        QPointer<ui::ResizeEndDialog> dialog = new ui::ResizeEndDialog(
            scene.bed.context(), scene.state(scene.bed.web(), 0, 0), ResizeEnd::Revert, &window, ends.services());
        dialog->open();
        auto *act = dialog->findChild<QPushButton *>(u"planAct"_s);
        QCOMPARE(act->text().remove(u'&'), u"Revert"_s);
        QTRY_VERIFY(act->isEnabled());
        QVERIFY(ends.last().second.start);
        auto *choice = dialog->findChild<QCheckBox *>(u"resizeEndChoice"_s);
        QVERIFY(choice->isVisible());
        QTest::mouseClick(choice, Qt::LeftButton);
        QTRY_COMPARE(ends.count(), 2); // thought through anew
        QTRY_VERIFY(act->isEnabled());
        QCOMPARE(ends.last().first, ResizeEnd::Revert);
        QVERIFY(!ends.last().second.start);
        QCOMPARE(scene.bed.jobs().jobs().size(), 0);
        QTest::mouseClick(act, Qt::LeftButton);
        QTRY_VERIFY(!dialog);
        QCOMPARE(scene.bed.jobs().jobs().size(), 1);

        // A VM that moved: its files may stay where they were.
        dialog = new ui::ResizeEndDialog(
            scene.bed.context(), scene.state(scene.bed.web(), 1, 0), ResizeEnd::Confirm, &window, ends.services());
        dialog->open();
        choice = dialog->findChild<QCheckBox *>(u"resizeEndChoice"_s);
        act = dialog->findChild<QPushButton *>(u"planAct"_s);
        QVERIFY(choice->isVisible() && choice->text().contains(u"rack-8"_s) && !choice->isChecked());
        QTest::mouseClick(choice, Qt::LeftButton);
        QTRY_VERIFY(act->isEnabled());
        QVERIFY(ends.last().second.keepSource);
        delete dialog;

        ends.blocks = true;
        dialog = new ui::ResizeEndDialog(
            scene.bed.context(), scene.state(scene.bed.web(), 0, 0), ResizeEnd::Confirm, &window, ends.services());
        dialog->open();
        const int before = ends.count();
        QTRY_VERIFY(ends.count() > before - 1);
        act = dialog->findChild<QPushButton *>(u"planAct"_s);
        QTRY_VERIFY(act->toolTip().contains(u"blocker"_s));
        QVERIFY(!act->isEnabled());
        QTest::keyClick(dialog, Qt::Key_Return);
        QCOMPARE(scene.bed.jobs().jobs().size(), 1);
        delete dialog;
    }

    void theDialogSaysThatAHostIsGone()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        Ends ends;
        QWidget window;
        window.show();
        KeptState kept = scene.state(scene.bed.web(), 0, 0);
        kept.toUri = kept.fromUri = u"test:///nowhere"_s;
        auto *dialog = new ui::ResizeEndDialog(scene.bed.context(), kept, ResizeEnd::Confirm, &window, ends.services());
        dialog->open();
        auto *message = dialog->findChild<ui::MessageBar *>();
        QTRY_VERIFY(message->isVisible());
        QVERIFY(message->text().contains(u"test:///nowhere"_s));
        QVERIFY(!dialog->findChild<QPushButton *>(u"planAct"_s)->isEnabled());
        QCOMPARE(ends.count(), 0);
        delete dialog;
    }

    void isConfirmedWhenItIsDue()
    {
        Scene scene;
        QVERIFY(scene.bed.connectHosts());
        Ends ends;
        KeptState kept = scene.state(scene.bed.web(), 1, 0);
        const QDateTime due = QDateTime::currentDateTimeUtc().addDays(1);
        kept.confirmAt = due;
        QVERIFY(scene.keep(kept));
        KeptFeed feed(scene.bed.hosts(), scene.bed.jobs(), scene.path());
        QTRY_COMPARE(feed.all().size(), 1);
        QDateTime now = due.addSecs(-1);
        operation::KeptConfirmer confirmer(
            feed, scene.bed.hosts(), scene.bed.jobs(), ends.services(), [&now] { return now; });
        confirmer.look();
        QVERIFY(scene.bed.jobs().jobs().isEmpty());

        // Due, but the host that it came from is not there.
        now = due;
        scene.bed.hosts().host(scene.bed.id(1))->disconnectFromHost();
        QTRY_VERIFY(!scene.bed.hosts().host(scene.bed.id(1))->isConnected());
        confirmer.look();
        QVERIFY(scene.bed.jobs().jobs().isEmpty());
        scene.bed.hosts().host(scene.bed.id(1))->connectToHost();
        QTRY_VERIFY(scene.bed.hosts().host(scene.bed.id(1))->isConnected());

        // What is blocked is told of, and not tried again at once.
        ends.blocks = true;
        QSignalSpy blocked(&confirmer, &operation::KeptConfirmer::blocked);
        confirmer.look();
        QTRY_COMPARE(blocked.count(), 1);
        QCOMPARE(blocked.at(0).at(0).toString(), kept.id);
        QCOMPARE(blocked.at(0).at(1).toString(), u"A file of before is missing."_s);
        confirmer.look();
        QCOMPARE(ends.count(), 1);
        ends.blocks = false;
        now = due.addSecs(11 * 60);
        confirmer.look();
        QTRY_COMPARE(scene.bed.jobs().jobs().size(), 1);
        const job::JobRecord *job = scene.bed.jobs().job(scene.bed.jobs().jobs().constFirst());
        QCOMPARE(job->plan.operation, u"resize.confirm"_s);
        QCOMPARE(job->plan.host, scene.bed.id(0));
        QCOMPARE(ends.last().first, ResizeEnd::Confirm);
        confirmer.look();
        QCOMPARE(ends.count(), 2);
    }

    void textsSayWhatHasToBeDone()
    {
        KeptState kept;
        const QDateTime now = QDateTime::currentDateTimeUtc();
        kept.since = now.addSecs(-90);
        QCOMPARE(ui::resizetexts::waiting(kept, now), u"Resized 1 minute ago."_s);
        QVERIFY(!ui::resizetexts::choices(kept, now).contains(u"automatically"_s));
        kept.confirmAt = now.addSecs(-1);
        QVERIFY(ui::resizetexts::choices(kept, now).contains(u"as soon as its hosts are connected"_s));
        QVERIFY(
            ui::resizetexts::insideGuest({.kind = operation::DiskContent::Kind::Partitioned}).contains(u"growpart"_s));
        QVERIFY(ui::resizetexts::insideGuest({.kind = operation::DiskContent::Kind::Ext}).contains(u"resize2fs"_s));
        QVERIFY(ui::resizetexts::insideGuest({.kind = operation::DiskContent::Kind::Xfs}).contains(u"xfs_growfs"_s));
    }
};

QTEST_MAIN(TestKeptStatesUi)
#include "tst_keptstates_ui.moc"
