// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <mutex>

#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QHeaderView>
#include <QLabel>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTextCursor>
#include <QTreeView>
#include <QTreeWidget>
#include <QWheelEvent>

#include "backend/job/jobgroup.h"
#include "backend/virt/eventloop.h"
#include "model/preflightmodel.h"
#include "tests/model/migratevalues.h"
#include "tests/ui/migratebed.h"
#include "ui/diffview.h"
#include "ui/domainactions.h"
#include "ui/domaintreeview.h"
#include "ui/mainwindow.h"
#include "ui/migratewizard.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/planxml.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::MatrixCell;
using operation::MigrateDraft;

namespace {

template<typename T>
T *field(const QWidget &page, const QString &name)
{
    for (T *each : page.findChildren<T *>()) {
        if (each->accessibleName() == name || each->property("text").toString().remove(u'&') == name) {
            return each;
        }
    }
    return nullptr;
}

void press(const QWidget &window, const QString &text)
{
    auto *button = field<QPushButton>(window, text);
    QVERIFY2(button, qPrintable(text));
    QTRY_VERIFY2(button->isEnabled(), qPrintable(text + u": "_s + button->toolTip()));
    QTest::mouseClick(button, Qt::LeftButton);
}

/** As a user does: opens the list and picks a line. */
void pick(QComboBox *box, const QString &text)
{
    const int row = box->findText(text, Qt::MatchStartsWith);
    QVERIFY2(row >= 0, qPrintable(text));
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    for (int i = 0; i < row; ++i) {
        QTest::keyClick(box, Qt::Key_Down);
    }
    QCOMPARE(box->currentIndex(), row);
}

} // namespace

#define STEP(call)                                                                                                     \
    do {                                                                                                               \
        call;                                                                                                          \
        if (QTest::currentTestFailed())                                                                                \
            return;                                                                                                    \
    } while (false)

/** The wizard on facts made by hand, driven by its buttons and fields. */
class TestMigrateWizard final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<virt::EventLoop> m_loop;

    static ui::MigrateWizard *open(
        MigrateBed &bed, const QList<virt::DomainKey> &domains, const ui::MigrateServices &services)
    {
        auto *wizard = new ui::MigrateWizard(bed.context(), domains, {}, nullptr, services);
        wizard->show();
        return wizard;
    }

    static void toXml(ui::MigrateWizard &wizard)
    {
        QTRY_COMPARE(wizard.state().matrix().readingCount(), 0);
        QTRY_VERIFY(!wizard.state().chosen().isNull());
        wizard.goTo(3);
        QTRY_VERIFY(wizard.planPage()->plan());
        auto *tabs = field<QTabWidget>(wizard, u"Plan details"_s);
        QVERIFY(tabs);
        tabs->setCurrentIndex(2);
        QVERIFY(QTest::qWaitForWindowExposed(&wizard));
    }

    static ui::XmlEditor *shownEditor(const ui::MigrateWizard &wizard)
    {
        auto *xml = wizard.findChild<ui::PlanXml *>();
        return xml && xml->isVisible() ? xml->findChild<ui::XmlEditor *>() : nullptr;
    }

    /** Chooses a definition, gives it a title by keys and applies that. */
    static void editTitle(ui::MigrateWizard &wizard, const QString &which, const QString &title)
    {
        auto *box = wizard.findChild<QComboBox *>(u"planXmlWhich"_s);
        STEP(pick(box, which));
        Q_EMIT box->textActivated(box->currentText()); // as a list does that was opened
        STEP(press(wizard, u"Edit XML"_s));
        ui::XmlEditor *editor = shownEditor(wizard);
        QVERIFY(editor && !editor->isReadOnly());
        const qsizetype at = editor->xml().indexOf(u"</name>"_s) + 7;
        QTextCursor cursor = editor->editor()->textCursor();
        cursor.setPosition(static_cast<int>(at));
        editor->editor()->setTextCursor(cursor);
        QTest::keyClicks(editor->editor(), u"<title>"_s + title); // the editor closes it
        if (!editor->xml().contains(u"</title>"_s)) {
            QTest::keyClicks(editor->editor(), u"</title>"_s);
        }
        QTRY_VERIFY(editor->isChecked()); // by the schema, while it is typed
        STEP(press(wizard, u"Apply"_s));
        QTRY_VERIFY(wizard.planPage()->plan());
    }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void coldShutsDownAndPlansItsOwnWay()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        ui::MigrateServices services = bed.services();
        struct Asked {
            std::mutex mutex;
            operation::MigrateDraft draft;
            operation::MigrateDraft checked;
            bool active = false;
            int plans = 0;
        };
        const auto asked = std::make_shared<Asked>();
        services.preflight = [asked](const operation::MigrateFacts &facts, const operation::MigrateDraft &draft) {
            const std::lock_guard lock(asked->mutex);
            asked->checked = draft;
            return operation::preflight(facts, draft);
        };
        services.plan = [asked, plan = services.plan](const virt::HostId &from, const virt::HostId &to,
                            const operation::MigrateFacts &facts, const operation::MigrateDraft &draft) {
            const std::lock_guard lock(asked->mutex);
            asked->draft = draft;
            asked->active = facts.source.domain.isActive();
            ++asked->plans;
            return plan(from, to, facts, operation::MigrateDraft());
        };
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, services);
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        wizard->state().choose(bed.id(1));
        wizard->goTo(1);
        auto *method = field<QComboBox>(*wizard, u"Method"_s);
        auto *timeout = field<QSpinBox>(*wizard, u"Shutdown time limit"_s);
        auto *force = field<QCheckBox>(*wizard, u"Switch it off if it does not"_s);
        auto *start = field<QComboBox>(*wizard, u"Afterwards"_s);
        auto *persistent = field<QCheckBox>(*wizard, u"Store its definition at the destination"_s);
        QVERIFY(method && method->isEnabled() && timeout && force && start && persistent);
        QVERIFY(!timeout->isVisible() && !force->isVisible() && persistent->isVisible());
        STEP(pick(method, u"Cold"_s));
        QVERIFY(wizard->state().isCold());
        QVERIFY(method->accessibleDescription().contains(u"use Resize"_s));
        QVERIFY(wizard->state().summary().contains(u"shut down meanwhile"_s));
        QVERIFY(timeout->isVisible() && force->isVisible() && start->isVisible() && !persistent->isVisible());
        QCOMPARE(timeout->value(), 180);
        QVERIFY(!force->isChecked());
        QVERIFY(timeout->accessibleDescription().contains(u"as it was"_s));
        timeout->setFocus();
        timeout->selectAll();
        QTest::keyClicks(timeout, u"45"_s);
        QTest::mouseClick(force, Qt::LeftButton, {}, QPoint(8, force->height() / 2));
        QVERIFY(force->isChecked());
        QVERIFY(timeout->accessibleDescription().contains(u"lost"_s));
        STEP(pick(start, u"It stays off"_s));
        QTest::mouseClick(field<QCheckBox>(*wizard, u"Encrypt with TLS"_s), Qt::LeftButton, {}, QPoint(8, 8));
        wizard->goTo(2);
        QVERIFY(!field<QSpinBox>(*wizard, u"Longest downtime"_s)->isEnabled());
        QVERIFY(field<QLabel>(*wizard, u"Forecast"_s)->text().contains(u"shut down"_s));
        wizard->goTo(3);
        QTRY_VERIFY(wizard->planPage()->plan());
        QCOMPARE(asked->plans, 1);
        QVERIFY(asked->active); // it is to be shut down
        QCOMPARE(asked->draft.to, bed.hosts().host(bed.id(1))->settings().uri);
        QCOMPARE(asked->draft.mode, MigrateDraft::Mode::Cold);
        QCOMPARE(asked->draft.timeoutSeconds, 45);
        QVERIFY(asked->draft.force && asked->draft.persistent && asked->draft.undefineSource);
        QCOMPARE(asked->draft.start, MigrateDraft::Start::No);
        QVERIFY(asked->draft.tls); // what is chosen for the way counts for files too
        QCOMPARE(asked->checked, asked->draft);
        press(*wizard, u"Migrate"_s);
        QTRY_VERIFY(wizard.isNull());

        wizard = open(bed, {bed.web()}, services); // how long a guest may take is a habit; being shut down is none
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        wizard->state().choose(bed.id(1));
        wizard->goTo(1);
        QCOMPARE(wizard->state().draft(bed.web()).mode, MigrateDraft::Mode::Live);
        QCOMPARE(field<QSpinBox>(*wizard, u"Shutdown time limit"_s)->value(), 45);
        method = field<QComboBox>(*wizard, u"Method"_s);
        STEP(pick(method, u"Cold"_s));
        STEP(pick(method, u"Live"_s));
        QVERIFY(!wizard->state().isCold());
        QCOMPARE(wizard->state().draft(bed.web()).mode, MigrateDraft::Mode::Live);
        delete wizard;
    }

    void movesOneVm()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        QCOMPARE(wizard->windowTitle(), u"Migrate"_s);
        // Cells fill in by themselves, and the better host is proposed.
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        QTRY_COMPARE(wizard->state().chosen(), bed.id(1));
        auto *matrix = field<QTableView>(*wizard, u"Compatibility"_s);
        QCOMPARE(matrix->model()->columnCount(), 3); // its own host is none to go to
        QCOMPARE(matrix->model()->index(0, 1).data().toString(), u"Note: One disk is copied."_s);
        QCOMPARE(matrix->model()->index(0, 2).data().toString(), u"Blocker: There is no network lan."_s);
        QCOMPARE(field<QComboBox>(*wizard, u"Destination"_s)->currentText(), u"rack-8"_s);
        // Choosing a column chooses the destination, and says why not.
        QTest::mouseClick(
            matrix->viewport(), Qt::LeftButton, {}, matrix->visualRect(matrix->model()->index(0, 2)).center());
        QCOMPARE(wizard->state().chosen(), bed.id(2));
        QVERIFY(field<QLabel>(*wizard, u"Reasons"_s)->text().contains(u"Map it to another."_s));
        QTest::mouseClick(
            matrix->viewport(), Qt::LeftButton, {}, matrix->visualRect(matrix->model()->index(0, 1)).center());
        QCOMPARE(wizard->state().chosen(), bed.id(1));

        press(*wizard, u"Next"_s);
        QCOMPARE(wizard->currentPage(), 1);
        auto *disks = wizard->findChild<QTreeWidget *>(u"migrateDisks"_s);
        QTRY_COMPARE(disks->topLevelItemCount(), 1);
        QCOMPARE(disks->topLevelItem(0)->text(1), u"Copied whole"_s);
        disks->topLevelItem(0)->setText(3, u"/other/web.qcow2"_s); // as its editor does
        QCOMPARE(wizard->state().choices().map.paths.value(u"/images/web01.qcow2"_s), u"/other/web.qcow2"_s);
        pick(field<QComboBox>(*wizard, u"Storage"_s), u"Copy"_s);
        QCOMPARE(wizard->state().choices().storage, MigrateDraft::Storage::Copy);

        press(*wizard, u"Next"_s);
        QCOMPARE(wizard->currentPage(), 2);
        auto *policy = field<QComboBox>(*wizard, u"Policy"_s);
        QVERIFY(policy);
        const QString before = field<QLabel>(*wizard, u"Forecast"_s)->text();
        QTest::mouseClick(wizard->findChild<QPushButton *>(u"measureDirtyRate"_s), Qt::LeftButton);
        QTRY_COMPARE(wizard->state().dirty(bed.web()).size(), 2);
        QTRY_VERIFY(field<QLabel>(*wizard, u"Forecast"_s)->text() != before);
        QTRY_VERIFY2(field<QLabel>(*wizard, u"Forecast"_s)->text().contains(u"measured just now"_s),
            qPrintable(field<QLabel>(*wizard, u"Forecast"_s)->text()));
        QVERIFY(field<QLabel>(*wizard, u"Problem"_s)->isHidden());

        press(*wizard, u"Next"_s);
        QCOMPARE(wizard->currentPage(), 3);
        auto *grid = wizard->findChild<QTreeView *>(u"preflight"_s);
        QTRY_COMPARE(grid->model()->rowCount(), 2);
        QCOMPARE(wizard->planPage()->view()->verdict(), u"Ready: it moves."_s);
        QSignalSpy migrated(wizard, &ui::MigrateWizard::migrated);
        press(*wizard, u"Migrate"_s);
        QTRY_COMPARE(migrated.size(), 1);
        QCOMPARE(migrated.at(0).at(1).value<virt::DomainKey>(), (virt::DomainKey{bed.id(1), bed.web().domain}));
        QTRY_VERIFY(wizard.isNull()); // closed by itself
        QCOMPARE(bed.jobs().jobs().size(), 1);
    }

    /** Its price is said where it is chosen, and where the forecast is; and it is no habit. */
    void throughThisComputer()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        wizard->goTo(1);
        pick(field<QComboBox>(*wizard, u"Connection"_s), u"Through this computer"_s);
        QCOMPARE(wizard->state().choices().path, MigrateDraft::Path::ThisComputer);
        const QList<QLabel *> labels = wizard->findChildren<QLabel *>();
        QVERIFY(std::ranges::any_of(labels, [](const QLabel *label) {
            return label->isVisible() && label->text().contains(u"the guest stands still while its memory"_s);
        }));
        wizard->goTo(2);
        QTRY_VERIFY2(field<QLabel>(*wizard, u"Forecast"_s)->text().startsWith(u"The guest stands still"_s),
            qPrintable(field<QLabel>(*wizard, u"Forecast"_s)->text()));
        wizard->goTo(3);
        press(*wizard, u"Migrate"_s);
        QTRY_VERIFY(wizard.isNull());
        wizard = open(bed, {bed.web()}, bed.services());
        QCOMPARE(wizard->state().choices().path, MigrateDraft::Path::Auto);
        delete wizard;
    }

    void blockedUntilMapped()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        pick(field<QComboBox>(*wizard, u"Destination"_s), u"rack-9"_s);
        QCOMPARE(wizard->state().chosen(), bed.id(2));
        wizard->goTo(3);
        QTRY_VERIFY(wizard->planPage()->plan());
        QVERIFY(wizard->planPage()->plan()->isBlocked());
        auto *act = field<QPushButton>(*wizard, u"Migrate"_s);
        QVERIFY(!act->isEnabled());
        wizard->goTo(1);
        auto *maps = wizard->findChild<QTreeWidget *>(u"migrateMaps"_s);
        QTRY_COMPARE(maps->topLevelItemCount(), 1);
        pick(qobject_cast<QComboBox *>(maps->itemWidget(maps->topLevelItem(0), 2)), u"office"_s);
        QTRY_COMPARE(wizard->state().matrix().cell(bed.web(), bed.id(2)).severity, job::Finding::Severity::Note);
        wizard->goTo(3);
        QTRY_VERIFY(act->isEnabled());
        delete wizard;
    }

    void severalGoTogether()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web(), bed.mail()}, bed.services());
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        QTRY_COMPARE(wizard->state().chosen(), bed.id(1));
        // The one that is off goes offline, whatever was chosen for the other.
        QCOMPARE(wizard->state().draft(bed.web()).mode, MigrateDraft::Mode::Live);
        QCOMPARE(wizard->state().draft(bed.mail()).mode, MigrateDraft::Mode::Offline);
        wizard->goTo(3);
        QTRY_VERIFY(wizard->planPage()->plan());
        press(*wizard, u"Migrate"_s);
        QTRY_COMPARE(bed.jobs().jobs().size(), 2);
        const job::Group group = job::groupOf(bed.jobs().job(bed.jobs().jobs().at(0))->plan);
        QCOMPARE(group.title, u"Migrate 2 VMs to rack-8"_s);
        QCOMPARE(group.size, 2);
        QCOMPARE(job::groupOf(bed.jobs().job(bed.jobs().jobs().at(1))->plan), group);
        QTRY_VERIFY(wizard.isNull());
    }

    void aHostThatHangsHoldsUpOnlyItself()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        ui::MigrateServices services = bed.services();
        const auto quick = services.pair;
        const auto hanging = std::make_shared<std::atomic_bool>(false);
        const auto stopped = std::make_shared<std::atomic_bool>(false);
        const QString slow = bed.hosts().host(bed.id(2))->settings().uri;
        services.pair = [=](const virt::ConnectionPtr &from, const virt::ConnectionPtr &to,
                            const operation::MigrateSource &vm, const operation::MigrateDestination &there,
                            const MigrateDraft &draft, bool probe,
                            const std::stop_token &stop) -> Result<operation::MigratePair> {
            if (draft.to == slow) {
                *hanging = true;
                while (!stop.stop_requested()) {
                    QThread::msleep(5);
                }
                *stopped = true;
                return fail(Error{Error::Kind::Cancelled, u"stopped"_s, {}, 0, 0});
            }
            return quick(from, to, vm, there, draft, probe, stop);
        };
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, services);
        QTRY_VERIFY(hanging->load());
        QTRY_COMPARE(wizard->state().matrix().cell(bed.web(), bed.id(1)).state, MatrixCell::State::Known);
        QCOMPARE(wizard->state().matrix().cell(bed.web(), bed.id(2)).state, MatrixCell::State::Reading);
        QTest::mouseClick(wizard->findChild<QPushButton *>(u"checkHosts"_s), Qt::LeftButton);
        QTRY_VERIFY(stopped->load());
        QVERIFY(!wizard->reader().isReading());
        QTRY_COMPARE(wizard->state().matrix().cell(bed.web(), bed.id(1)).state, MatrixCell::State::Known);
        delete wizard;
    }

    void theWheelScrollsAndChoosesNothing()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        QTRY_COMPARE(wizard->state().chosen(), bed.id(1));
        wizard->goTo(1);
        QVERIFY(QTest::qWaitForWindowExposed(wizard));
        const MigrateDraft before = wizard->state().choices();
        for (const QString &name : {u"Storage"_s, u"Connection"_s}) {
            auto *box = field<QComboBox>(*wizard, name);
            QVERIFY2(box, qPrintable(name));
            QVERIFY(!box->hasFocus());
            const QPointF at = box->rect().center();
            QWheelEvent wheel(at, box->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(box, &wheel);
            QVERIFY(!box->hasFocus());
        }
        QCOMPARE(wizard->state().choices(), before);
        delete wizard;
    }

    /** Both definitions for the destination, each by its own Edit, Apply and Reset; and the difference of all three. */
    void editsBothDefinitions()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        STEP(toXml(*wizard));
        auto *which = wizard->findChild<QComboBox *>(u"planXmlWhich"_s);
        QCOMPARE(which->count(), 2);
        STEP(editTitle(*wizard, u"As it is to run there"_s, u"runs"_s));
        STEP(editTitle(*wizard, u"At its next start there"_s, u"starts"_s));
        QCOMPARE(which->currentText(), u"At its next start there"_s); // it stays where the user was
        const MigrateDraft draft = wizard->state().draft(bed.web());
        QVERIFY(draft.xml.contains(u"<title>runs</title>"_s) && !draft.xml.contains(u"starts"_s));
        QVERIFY(draft.persistentXml.contains(u"<title>starts</title>"_s) && !draft.persistentXml.contains(u"runs"_s));

        auto *difference = wizard->findChild<QComboBox *>(u"migrateDifference"_s);
        field<QTabWidget>(*wizard, u"Plan details"_s)->setCurrentIndex(3);
        STEP(pick(difference, u"All three"_s));
        const auto *upper = wizard->findChild<ui::DiffView *>(u"migrateDifferenceUpper"_s);
        const auto *lower = wizard->findChild<ui::DiffView *>(u"migrateDifferenceLower"_s);
        QVERIFY(upper->isVisible() && lower->isVisible());
        QTRY_VERIFY(upper->isReady() && lower->isReady());
        QVERIFY(upper->text().unified.contains(u"<title>runs</title>"_s));
        QVERIFY(!upper->text().unified.contains(u"starts"_s));
        QVERIFY(lower->text().unified.contains(u"starts"_s));
        STEP(pick(difference, u"At its next start: here"_s));
        QVERIFY(!lower->isVisible());

        field<QTabWidget>(*wizard, u"Plan details"_s)->setCurrentIndex(2);
        STEP(press(*wizard, u"Reset"_s)); // of the one that is shown
        QTRY_VERIFY(wizard->planPage()->plan());
        QVERIFY(wizard->state().draft(bed.web()).persistentXml.isEmpty());
        QVERIFY(!wizard->state().draft(bed.web()).xml.isEmpty());
        // Another destination has nothing of it.
        wizard->state().choose(bed.id(2));
        QVERIFY(wizard->state().draft(bed.web()).xml.isEmpty());
        delete wizard;
    }

    /** What was begun is not lost: neither by another definition nor by the act. */
    void unappliedEditsHoldTheActBack()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        STEP(toXml(*wizard));
        STEP(press(*wizard, u"Edit XML"_s));
        auto *editor = shownEditor(*wizard);
        QVERIFY(editor && !editor->isReadOnly());
        QTest::keyClicks(editor->editor(), u" "_s);
        QTRY_VERIFY(!field<QPushButton>(*wizard, u"Migrate"_s)->isEnabled());
        QVERIFY(!wizard->findChild<QComboBox *>(u"planXmlWhich"_s)->isEnabled());
        STEP(press(*wizard, u"Discard"_s));
        QTRY_VERIFY(field<QPushButton>(*wizard, u"Migrate"_s)->isEnabled());
        QVERIFY(wizard->findChild<QComboBox *>(u"planXmlWhich"_s)->isEnabled());
        QVERIFY(wizard->state().draft(bed.web()).xml.isEmpty());
        delete wizard;
    }

    /** Of several VMs each has its own; one that is off has a single definition. */
    void editsOneOfSeveral()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web(), bed.mail()}, bed.services());
        STEP(toXml(*wizard));
        QCOMPARE(wizard->findChild<QComboBox *>(u"planXmlWhich"_s)->count(), 3);
        STEP(editTitle(*wizard, u"mail: At its next start there"_s, u"post"_s));
        STEP(editTitle(*wizard, u"web01: At its next start there"_s, u"shop"_s));
        const MigrateDraft web = wizard->state().draft(bed.web());
        const MigrateDraft mail = wizard->state().draft(bed.mail());
        QVERIFY(web.xml.isEmpty() && web.persistentXml.contains(u"<title>shop</title>"_s));
        QVERIFY(mail.xml.contains(u"<title>post</title>"_s));
        QCOMPARE(mail.persistentXml, mail.xml);
        STEP(press(*wizard, u"Migrate"_s));
        QTRY_COMPARE(bed.jobs().jobs().size(), 2);
        QStringList sent;
        for (const job::JobId &id : bed.jobs().jobs()) {
            sent.append(bed.jobs().job(id)->plan.draft.value("persistent_xml"_L1).toString());
        }
        QVERIFY(sent.at(0).contains(u"shop"_s) && sent.at(1).contains(u"post"_s));
        QTRY_VERIFY(wizard.isNull());
    }

    void choicesAreRemembered()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QPointer<ui::MigrateWizard> wizard = open(bed, {bed.web()}, bed.services());
        QTRY_COMPARE(wizard->state().chosen(), bed.id(1));
        QTRY_COMPARE(wizard->state().matrix().readingCount(), 0);
        wizard->state().change([](MigrateDraft &draft) { draft.policy.maxDowntimeMs = 1234; });
        wizard->state().setDestinationUri({bed.id(0), bed.id(1)}, u"qemu+tcp://rack-8/system"_s);
        wizard->goTo(3);
        QTRY_VERIFY(wizard->planPage()->plan());
        press(*wizard, u"Migrate"_s);
        QTRY_VERIFY(wizard.isNull());
        wizard = open(bed, {bed.web()}, bed.services());
        QCOMPARE(wizard->state().choices().policy.maxDowntimeMs, 1234ULL);
        QCOMPARE(wizard->state().destinationUri({bed.id(0), bed.id(1)}), u"qemu+tcp://rack-8/system"_s);
        QVERIFY(wizard->state().destinationUri({bed.id(0), bed.id(2)}).isEmpty()); // of that pair alone
        delete wizard;
    }

    void actionsKnowOfIt()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QWidget window;
        ui::DomainActions actions(bed.context(), &window);
        actions.setSelection({bed.web()});
        QTRY_VERIFY2(actions.migrate()->isEnabled(), qPrintable(actions.migrate()->toolTip()));
        QVERIFY(actions.action(operation::Action::Pause)->isEnabled());
        QVERIFY(bed.publish(test::migrationPicture(bed.web(), bed.id(1))));
        QTRY_VERIFY(!actions.migrate()->isEnabled());
        using operation::Action;
        for (QAction *action : {actions.action(Action::Pause), actions.action(Action::Save),
                 actions.action(Action::ShutDown), actions.action(Action::Reset), actions.takeSnapshot(),
                 actions.remove(), actions.rename(), actions.migrate()}) {
            QVERIFY2(!action->isEnabled(), qPrintable(action->objectName()));
            QVERIFY2(action->toolTip().contains(u"migrated to rack-8"_s) || action == actions.rename(),
                qPrintable(action->objectName() + u": "_s + action->toolTip()));
        }
        QVERIFY(actions.action(Action::ForceOff)->isEnabled()); // asks, with what it means
        auto picture = test::migrationPicture(bed.web(), bed.id(1));
        picture.inPostCopy = true;
        QVERIFY(bed.publish(picture));
        QTRY_VERIFY(!actions.action(Action::ForceOff)->isEnabled());
        // Without another host there is none to go to.
        bed.feed().remove(bed.web());
        QTRY_VERIFY(actions.migrate()->isEnabled());
        bed.hosts().host(bed.id(1))->disconnectFromHost();
        bed.hosts().host(bed.id(2))->disconnectFromHost();
        QTRY_VERIFY(!actions.migrate()->isEnabled());
        QVERIFY(actions.migrate()->toolTip().contains(u"Connect to another host"_s));
    }

    void dropOpensTheWizard()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        ui::MainWindow window(bed.context());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        ui::DomainTreeView *tree = window.tree();
        QTRY_VERIFY(tree->selectDomain(bed.web()));
        auto *model = qobject_cast<model::DomainTreeModel *>(tree->model());
        const QModelIndex web = model->indexOf(bed.web());
        QVERIFY(web.flags().testFlag(Qt::ItemIsDragEnabled));
        const std::unique_ptr<QMimeData> data(model->mimeData({web, web.siblingAtColumn(2)}));
        QVERIFY(data);
        // What a drag sends to the view under the pointer.
        const auto drop = [&](const QModelIndex &onto) {
            const QPoint at = tree->visualRect(onto).center();
            QDragEnterEvent enter(at, Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(tree->viewport(), &enter);
            QDragMoveEvent move(at, Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(tree->viewport(), &move);
            const bool accepted = move.isAccepted();
            QDropEvent event(at, Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(tree->viewport(), &event);
            return accepted;
        };
        QVERIFY(!drop(model->indexOfHost(bed.id(0)))); // it is there already
        QVERIFY(window.findChildren<ui::MigrateWizard *>().isEmpty());
        bed.hosts().host(bed.id(2))->disconnectFromHost();
        QTRY_VERIFY(!bed.hosts().host(bed.id(2))->isConnected());
        QVERIFY(!drop(model->indexOfHost(bed.id(2))));
        QVERIFY(drop(model->indexOfHost(bed.id(1))));
        QTRY_COMPARE(window.findChildren<ui::MigrateWizard *>().size(), 1);
        auto *wizard = window.findChildren<ui::MigrateWizard *>().constFirst();
        QCOMPARE(wizard->state().chosen(), bed.id(1));
        QCOMPARE(wizard->state().vms().size(), 1);
        QCOMPARE(wizard->state().vms().constFirst().key, bed.web());
        QCOMPARE(bed.jobs().jobs().size(), 0); // nothing moves by itself
        delete wizard;
    }

    void selectionFollows()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        ui::MainWindow window(bed.context());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTRY_VERIFY(window.tree()->selectDomain(bed.web()));
        auto *page = window.findChild<ui::VmPage *>();
        QTRY_COMPARE(page->domain(), bed.web());
        auto picture = test::migrationPicture(bed.web(), bed.id(1));
        QVERIFY(bed.publish(picture));
        QCOMPARE(page->domain(), bed.web());
        picture.history.end(60'000, migration::Phase::Done, {});
        QVERIFY(bed.publish(picture));
        QCOMPARE(page->domain(), (virt::DomainKey{bed.id(1), bed.web().domain}));
    }
};

QTEST_MAIN(TestMigrateWizard)
#include "tst_migratewizard.moc"
