// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QLabel>
#include <QPushButton>

#include "backend/virt/eventloop.h"
#include "tests/model/migratevalues.h"
#include "tests/ui/migratebed.h"
#include "ui/migrationfollower.h"
#include "ui/migrationrecoverdialog.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Diagnosis;
using migration::Phase;
using operation::MigrationCommand;
using operation::MigrationPicture;
using ui::MigrationRecoverDialog;

namespace {

MigrationPicture stopped(const MigrateBed &bed, Diagnosis::Kind kind, Diagnosis::Remedy remedy)
{
    MigrationPicture picture = test::migrationPicture(bed.web(), bed.id(1));
    picture.history.end(30'000, Phase::NeedsHelp, {});
    picture.diagnosis.kind = kind;
    picture.diagnosis.remedy = remedy;
    picture.diagnosis.text = u"It is paused at the source."_s;
    picture.diagnosis.advice = u"It can run on there."_s;
    return picture;
}

QString labelOf(const QWidget &dialog, const QString &name)
{
    for (const QLabel *label : dialog.findChildren<QLabel *>()) {
        if (label->accessibleName() == name) {
            return label->text();
        }
    }
    return {};
}

MigrationRecoverDialog *openedIn(const QWidget &window)
{
    for (auto *dialog : window.findChildren<MigrationRecoverDialog *>()) {
        if (dialog->isVisible()) {
            return dialog;
        }
    }
    return nullptr;
}

} // namespace

/** A migration that waits for a person. */
class TestMigrationRecover final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<virt::EventLoop> m_loop;

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void opensOncePerState()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QWidget window;
        window.show();
        const ui::MigrationFollower follower(bed.context(), &window);
        QVERIFY(bed.publish(test::migrationPicture(bed.web(), bed.id(1))));
        QVERIFY(!openedIn(window)); // it runs
        MigrationPicture picture = stopped(bed, Diagnosis::Kind::Running, Diagnosis::Remedy::Wait);
        QVERIFY(bed.publish(picture));
        QVERIFY(!openedIn(window)); // nothing to decide
        picture = stopped(bed, Diagnosis::Kind::SourceWaits, Diagnosis::Remedy::ResumeSource);
        QVERIFY(bed.publish(picture));
        MigrationRecoverDialog *dialog = openedIn(window);
        QVERIFY(dialog);
        QTest::mouseClick(dialog->findChild<QPushButton *>(u"decideLater"_s), Qt::LeftButton);
        QTRY_VERIFY(!openedIn(window));
        picture.diagnosis.text = u"It is still paused at the source."_s;
        QVERIFY(bed.publish(picture));
        QVERIFY(!openedIn(window)); // was closed, and nothing has changed
        picture = stopped(bed, Diagnosis::Kind::CleanUpSource, Diagnosis::Remedy::EndSource);
        QVERIFY(bed.publish(picture));
        QVERIFY(openedIn(window));
    }

    void oneSafeButton()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QVERIFY(bed.publish(stopped(bed, Diagnosis::Kind::SourceWaits, Diagnosis::Remedy::ResumeSource)));
        ui::RecoverServices services;
        services.side = [source = bed.hosts().host(bed.id(0))->connection().value_or(nullptr)](
                            const virt::Connection &connection, const QUuid &) {
            migration::Side side;
            side.asked = true;
            side.exists = &connection == source.get();
            side.state = virt::DomainState::Running;
            side.reason = 1;
            return side;
        };
        QPointer<MigrationRecoverDialog> dialog =
            new MigrationRecoverDialog(bed.context(), bed.web(), nullptr, services);
        dialog->show();
        // Both hosts were asked, each for itself.
        QTRY_COMPARE(labelOf(*dialog, u"State at the source"_s).left(7), u"Running"_s);
        QTRY_COMPARE(labelOf(*dialog, u"State at the destination"_s), u"Nothing of this VM"_s);
        QCOMPARE(labelOf(*dialog, u"What is the case"_s), u"It is paused at the source."_s);
        const auto buttons = dialog->findChildren<QPushButton *>();
        QCOMPARE(buttons.size(), 2); // the remedy, and none that could do harm
        auto *remedy = dialog->findChild<QPushButton *>(u"remedy"_s);
        QCOMPARE(remedy->text().remove(u'&'), u"Resume at the Source"_s);
        QTest::mouseClick(remedy, Qt::LeftButton);
        const auto sent = bed.feed().sink()->take(bed.web());
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent.first().kind, MigrationCommand::Kind::Remedy);
        QVERIFY(!remedy->isEnabled()); // not twice
        QTest::mouseClick(remedy, Qt::LeftButton);
        QVERIFY(bed.feed().sink()->take(bed.web()).isEmpty());
        // Another state is another decision.
        QVERIFY(bed.publish(stopped(bed, Diagnosis::Kind::DestinationWaits, Diagnosis::Remedy::ResumeDestination)));
        QCOMPARE(remedy->text().remove(u'&'), u"Resume at the Destination"_s);
        QVERIFY(remedy->isEnabled());
        MigrationPicture ended = stopped(bed, Diagnosis::Kind::Completed, Diagnosis::Remedy::None);
        ended.history.end(40'000, Phase::Done, {});
        QVERIFY(bed.publish(ended));
        QTRY_VERIFY(dialog.isNull());
    }

    void whatLosesMemoryNeedsConsent()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        QVERIFY(bed.publish(stopped(bed, Diagnosis::Kind::GuestLost, Diagnosis::Remedy::StartSource)));
        const auto dialog = std::make_unique<MigrationRecoverDialog>(bed.context(), bed.web());
        dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        dialog->show();
        auto *remedy = dialog->findChild<QPushButton *>(u"remedy"_s);
        QVERIFY(!remedy->isEnabled());
        QTest::mouseClick(remedy, Qt::LeftButton);
        QVERIFY(bed.feed().sink()->take(bed.web()).isEmpty());
        auto *consent = dialog->findChild<QCheckBox *>();
        QVERIFY(consent->isVisible());
        consent->click();
        QTest::mouseClick(remedy, Qt::LeftButton);
        QCOMPARE(bed.feed().sink()->take(bed.web()).size(), 1);
    }

    void foreignOnesGetAPlan()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        MigrationPicture picture = stopped(bed, Diagnosis::Kind::SourceWaits, Diagnosis::Remedy::ResumeSource);
        picture.isOurs = false;
        picture.peerToPeer = false;
        QVERIFY(bed.publish(picture));
        ui::RecoverServices services;
        operation::MigrationRecovery asked;
        services.plan = [&asked](const operation::MigrationRecovery &recovery) {
            asked = recovery;
            job::Plan plan;
            plan.operation = u"migrate.remedy"_s;
            plan.host = recovery.domain.host;
            plan.domain = recovery.domain.domain;
            plan.domainName = recovery.domainName;
            job::Step step;
            step.type = u"test.migrate"_s;
            plan.steps.append(step);
            return plan;
        };
        const auto dialog = std::make_unique<MigrationRecoverDialog>(bed.context(), bed.web(), nullptr, services);
        dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        dialog->show();
        QTest::mouseClick(dialog->findChild<QPushButton *>(u"remedy"_s), Qt::LeftButton);
        QCOMPARE(bed.jobs().jobs().size(), 1);
        QCOMPARE(asked.domain, bed.web());
        QCOMPARE(asked.destination, bed.id(1));
        QCOMPARE(asked.diagnosis.remedy, Diagnosis::Remedy::ResumeSource);
        QVERIFY(bed.feed().sink()->take(bed.web()).isEmpty()); // nobody would listen
    }
};

QTEST_MAIN(TestMigrationRecover)
#include "tst_migrationrecover.moc"
