// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "model/eventmodel.h"
#include "tests/model/feed.h"
#include "tests/model/migratevalues.h"
#include "ui/migrationchart.h"
#include "ui/migrationview.h"
#include "ui/vmpage.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Phase;
using operation::MigrationCommand;
using operation::MigrationFeed;
using operation::MigrationPicture;
using test::mebibyte;

namespace {

/** Two hosts with a VM on the first, and a feed that is told by hand what a step would publish. */
struct Bed {
    Bed()
    {
        here = feed.addHost(u"rack-7"_s);
        there = feed.addHost(u"rack-8"_s);
        web = test::Feed::domain(1, u"web01"_s, virt::DomainState::Running);
        feed.list(here, {web});
    }
    virt::DomainKey key() const { return {here, web.uuid}; }
    ui::UiContext context()
    {
        ui::UiContext context{feed.hosts, feed.inventory, jobs, events, settings};
        context.migrations = &migrations;
        return context;
    }
    MigrationPicture picture(int rounds = 3) const { return test::migrationPicture(key(), there, rounds); }
    void publish(const MigrationPicture &picture)
    {
        QSignalSpy changed(&migrations, &MigrationFeed::changed);
        migrations.publish(picture);
        QVERIFY(changed.count() > 0 || changed.wait());
    }
    QList<MigrationCommand> sent() { return migrations.sink()->take(key()); }

    test::Feed feed;
    virt::HostId here;
    virt::HostId there;
    virt::DomainRecord web;
    job::StepRegistry registry;
    job::JobManager jobs{registry, feed.hosts.provider()};
    QTemporaryDir directory;
    QSettings settings{directory.filePath(u"settings.ini"_s), QSettings::IniFormat};
    model::EventLog events{feed.hosts, &jobs};
    MigrationFeed migrations;
};

QString text(const QWidget &view, const QString &name)
{
    const auto *label = view.findChild<QLabel *>(name);
    return label ? label->text() : QString();
}

void press(const QWidget &view, const QString &name)
{
    auto *button = view.findChild<QPushButton *>(name);
    QVERIFY(button);
    QVERIFY2(button->isVisible() && button->isEnabled(), qPrintable(name + u": "_s + button->toolTip()));
    QTest::mouseClick(button, Qt::LeftButton);
}

template<typename T>
T *field(const QWidget &view, const QString &name)
{
    for (T *each : view.findChildren<T *>()) {
        if (each->accessibleName() == name) {
            return each;
        }
    }
    return nullptr;
}

} // namespace

/** A running migration on the screen, with real clicks on its levers. */
class TestMigrationView final : public QObject
{
    Q_OBJECT

private:
    static void show(QWidget &widget)
    {
        widget.resize(760, 720);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
    }

private Q_SLOTS:
    void saysWhatGoesOn()
    {
        Bed bed;
        ui::MigrationView view(bed.context());
        show(view);
        bed.publish(bed.picture());
        view.setMigration(bed.key());
        QCOMPARE(text(view, u"migrationPhase"_s), migration::phaseText(bed.picture().history));
        QVERIFY2(
            text(view, u"migrationLeft"_s).contains(u"of memory left"_s), qPrintable(text(view, u"migrationLeft"_s)));
        const int before = field<QProgressBar>(view, u"Progress"_s)->value();
        bed.publish(bed.picture(9));
        QVERIFY(text(view, u"migrationPhase"_s).contains(u"9"_s));
        QVERIFY(field<QProgressBar>(view, u"Progress"_s)->value() >= before);
        auto *chart = view.findChild<ui::MigrationChart *>();
        QVERIFY(chart->accessibleDescription().contains(u"of memory left"_s));
        // By the keyboard from sample to sample.
        chart->setFocus();
        QTest::keyClick(chart, Qt::Key_Home);
        QVERIFY2(chart->accessibleDescription().contains(u"After"_s), qPrintable(chart->accessibleDescription()));
        QVERIFY(!view.grab().isNull());
    }

    void nothingIsDoneUnseen()
    {
        Bed bed;
        ui::MigrationView view(bed.context());
        bed.publish(bed.picture());
        view.setMigration(bed.key());
        QVERIFY(text(view, u"migrationPhase"_s).isEmpty()); // not on screen: costs nothing
        show(view);
        QVERIFY(!text(view, u"migrationPhase"_s).isEmpty());
    }

    void leversSayWhatTheyDoFirst()
    {
        Bed bed;
        ui::MigrationView view(bed.context());
        show(view);
        bed.publish(bed.picture());
        view.setMigration(bed.key());
        auto *question = view.findChild<QLabel *>(u"leverConsequence"_s);
        QVERIFY(!question->isVisible());
        press(view, u"pauseGuest"_s);
        QVERIFY(question->isVisible());
        QVERIFY2(question->text().startsWith(u"The guest will stand still for about"_s), qPrintable(question->text()));
        QVERIFY(bed.sent().isEmpty()); // only said
        press(view, u"keepLever"_s);
        QVERIFY(!question->isVisible());
        QVERIFY(bed.sent().isEmpty());
        press(view, u"pauseGuest"_s);
        press(view, u"releaseLever"_s);
        auto sent = bed.sent();
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent.first().kind, MigrationCommand::Kind::Pause);
        QCOMPARE(view.findChild<ui::MigrationChart *>()->markCount(), 1); // where the lever was moved

        press(view, u"startPostCopy"_s);
        QVERIFY(question->text().contains(u"can't be aborted"_s));
        press(view, u"releaseLever"_s);
        QCOMPARE(bed.sent().value(0).kind, MigrationCommand::Kind::StartPostCopy);
        press(view, u"abortMigration"_s);
        QVERIFY(question->text().contains(u"stays where it is"_s));
        press(view, u"releaseLever"_s);
        QCOMPARE(bed.sent().value(0).kind, MigrationCommand::Kind::Abort);
    }

    void limitsAndPolicy()
    {
        Bed bed;
        ui::MigrationView view(bed.context());
        show(view);
        bed.publish(bed.picture());
        view.setMigration(bed.key());
        auto *bandwidth = field<QSpinBox>(view, u"Bandwidth limit"_s);
        auto *downtime = field<QSpinBox>(view, u"Downtime limit"_s);
        QCOMPARE(bandwidth->value(), 16);
        QCOMPARE(downtime->value(), 300);
        auto *set = view.findChild<QPushButton *>(u"setBandwidth"_s);
        QVERIFY(!set->isEnabled()); // in force already
        bandwidth->setValue(8);
        QVERIFY2(bandwidth->accessibleDescription().contains(u"would not end by itself"_s),
            qPrintable(bandwidth->accessibleDescription()));
        bandwidth->setValue(64);
        bed.publish(bed.picture(4));
        QCOMPARE(bandwidth->value(), 64); // what is being typed stays
        press(view, u"setBandwidth"_s);
        auto sent = bed.sent();
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent.first().kind, MigrationCommand::Kind::SetBandwidth);
        QCOMPARE(sent.first().value, 64 * mebibyte);
        downtime->setValue(1800);
        QVERIFY(downtime->accessibleDescription().contains(u"may stand still for up to 1.8 s"_s));
        press(view, u"setDowntime"_s);
        sent = bed.sent();
        QCOMPARE(sent.value(0).kind, MigrationCommand::Kind::SetMaxDowntime);
        QCOMPARE(sent.value(0).value, 1800ULL);
        auto *policy = field<QComboBox>(view, u"Policy"_s);
        policy->setCurrentIndex(policy->findData(static_cast<int>(migration::Policy::Kind::Patient)));
        press(view, u"setPolicy"_s);
        QCOMPARE(bed.sent().value(0).policy, migration::Policy::preset(migration::Policy::Kind::Patient));
    }

    void disabledWithAReason()
    {
        Bed bed;
        ui::MigrationView view(bed.context());
        show(view);
        MigrationPicture picture = bed.picture();
        picture.canPostCopy = false;
        bed.publish(picture);
        view.setMigration(bed.key());
        auto *postCopy = view.findChild<QPushButton *>(u"startPostCopy"_s);
        QVERIFY(!postCopy->isEnabled());
        QVERIFY(postCopy->toolTip().contains(u"not permitted"_s));
        picture.isOurs = false;
        bed.publish(picture);
        for (const QString &name : {u"pauseGuest"_s, u"abortMigration"_s, u"setDowntime"_s}) {
            auto *button = view.findChild<QPushButton *>(name);
            QVERIFY2(!button->isEnabled() && button->toolTip().contains(u"watched"_s), qPrintable(name));
        }
        // A question that is open is taken back when it makes no sense any more.
        picture.isOurs = true;
        picture.canPostCopy = true;
        bed.publish(picture);
        press(view, u"startPostCopy"_s);
        picture.inPostCopy = true;
        bed.publish(picture);
        QVERIFY(!view.findChild<QLabel *>(u"leverConsequence"_s)->isVisible());
        QVERIFY(!view.findChild<QPushButton *>(u"abortMigration"_s)->isEnabled());
    }

    void theTabIsDrawnThoughItCameUnseen()
    {
        Bed bed;
        ui::VmPage page(bed.context());
        show(page);
        page.setDomain(bed.key());
        page.hide();
        bed.publish(bed.picture());
        bed.publish(bed.picture(9));
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        const auto *tabs = page.findChild<QTabWidget *>(u"vmTabs"_s);
        const QRect drawn = tabs->tabBar()->tabRect(static_cast<int>(ui::VmPage::Page::Migration));
        QVERIFY2(drawn.width() > 20, qPrintable(QString::number(drawn.width())));
    }

    void theResultStaysUntilClosed()
    {
        Bed bed;
        ui::VmPage page(bed.context());
        show(page);
        auto *tabs = page.findChild<QTabWidget *>(u"vmTabs"_s);
        const int tab = static_cast<int>(ui::VmPage::Page::Migration);
        page.setDomain(bed.key());
        QVERIFY(!tabs->isTabVisible(tab));
        page.setPage(ui::VmPage::Page::Migration); // there is none: nothing happens
        QCOMPARE(page.page(), ui::VmPage::Page::Overview);
        bed.publish(bed.picture());
        QVERIFY(tabs->isTabVisible(tab));
        QCOMPARE(tabs->tabText(tab), u"Migration"_s);
        page.setPage(ui::VmPage::Page::Migration);
        auto *close = page.findChild<QPushButton *>(u"closeMigration"_s);
        QVERIFY(!close->isVisible());

        MigrationPicture picture = bed.picture();
        virt::migration::Figures final;
        final.type = virt::migration::Figures::Type::Completed;
        final.elapsedMs = 61'000;
        final.downtimeMs = 49;
        final.memoryProcessed = 300 * mebibyte;
        picture.completed = final;
        picture.history.end(61'000, Phase::Done, final);
        bed.publish(picture);
        page.setDomain({bed.there, bed.web.uuid}); // where it is now
        QVERIFY(tabs->isTabVisible(tab));
        QCOMPARE(text(page, u"migrationPhase"_s), u"web01 was migrated to rack-8."_s);
        const auto told = [&page] {
            const auto labels = page.findChildren<QLabel *>();
            return std::any_of(labels.cbegin(), labels.cend(),
                [](const QLabel *label) { return label->isVisible() && label->text() == u"49 ms"_s; });
        };
        QTRY_VERIFY(told());
        QSignalSpy removed(&bed.migrations, &MigrationFeed::removed);
        press(page, u"closeMigration"_s);
        QVERIFY(removed.count() > 0 || removed.wait());
        QVERIFY(!tabs->isTabVisible(tab));
        QVERIFY(page.page() != ui::VmPage::Page::Migration);
    }
};

QTEST_MAIN(TestMigrationView)
#include "tst_migrationview.moc"
