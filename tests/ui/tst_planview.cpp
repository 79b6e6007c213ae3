// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>
#include <QTreeView>
#include <QtTest>

#include "model/planmodel.h"
#include "ui/jobprogress.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/xmleditor.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using job::Finding;
using job::JobState;
using job::StepState;
using ui::PlanView;

namespace {

job::Plan somePlan()
{
    job::Plan plan;
    plan.operation = u"create"_s;
    plan.title = u"Create web01"_s;
    plan.domainName = u"web01"_s;
    plan.verdict = u"Uploads 1.2 GiB, makes a disk of 10 GiB, starts it."_s;
    plan.findings = {{Finding::Severity::Ok, u"The name is free"_s, {}, {}},
        {Finding::Severity::Note, u"Runs in software emulation"_s, u"The host does not offer KVM."_s, {}}};
    plan.steps = {{u"volume.upload"_s, u"Upload image"_s, u"base"_s, u"Delete the volume"_s, 1000 * 1024 * 1024, {}},
        {u"domain.define"_s, u"Define"_s, u"web01"_s, u"Undefine"_s, 0, {}}};
    plan.xmlAfter = u"<domain><name>web01</name></domain>"_s;
    plan.draft = {{u"operation"_s, u"create"_s}, {u"name"_s, u"web01"_s}};
    return plan;
}

job::JobRecord jobOf(const job::Plan &plan, JobState state)
{
    job::JobRecord job;
    job.id = QUuid::createUuid();
    job.plan = plan;
    job.state = state;
    job.steps = QList<job::JobRecord::StepRecord>(plan.steps.size());
    return job;
}

} // namespace

class TestPlanView : public QObject
{
    Q_OBJECT

private:
    template<typename Widget>
    static Widget *named(const QWidget &parent, const QString &name)
    {
        for (Widget *widget : parent.findChildren<Widget *>()) {
            if (widget->accessibleName() == name) {
                return widget;
            }
        }
        return nullptr;
    }

private Q_SLOTS:
    void showsAPlan()
    {
        PlanView view;
        view.resize(700, 500);
        view.show();
        view.setPlan(somePlan());
        QCOMPARE(view.verdict(), somePlan().verdict);
        const auto *findings = named<QTreeView>(view, u"Findings"_s);
        const auto *steps = named<QTreeView>(view, u"Steps"_s);
        QVERIFY(findings && steps);
        QCOMPARE(findings->model()->rowCount(), 2); // the note, and the ok one folded
        QCOMPARE(steps->model()->rowCount(), 2);
        QCOMPARE(view.findChild<ui::XmlEditor *>()->xml(), somePlan().xmlAfter);
        QVERIFY(view.findChild<QTabWidget *>()->isTabVisible(1));
        job::Plan plain = somePlan();
        plain.xmlAfter.clear();
        view.setPlan(plain);
        QVERIFY(!view.findChild<QTabWidget *>()->isTabVisible(1));
    }

    void verdictSaysBlockersAndWarnings()
    {
        job::Plan plan = somePlan();
        plan.findings.append({Finding::Severity::Warning, u"Little memory"_s, {}, {}});
        QVERIFY(PlanView::sentence(plan).startsWith(plan.verdict));
        QVERIFY(PlanView::sentence(plan).contains(u"1 warning"_s));
        plan.findings.append(
            {Finding::Severity::Blocker, u"The name is taken"_s, u"There is one."_s, u"Choose another."_s});
        plan.findings.append({Finding::Severity::Blocker, u"No space"_s, {}, {}});
        QVERIFY(PlanView::sentence(plan).contains(u"2 blocker"_s));
        PlanView view;
        view.show();
        view.setPlan(plan);
        const auto *findings = named<QTreeView>(view, u"Findings"_s);
        const QModelIndex first = findings->model()->index(0, 0);
        QCOMPARE(first.data().toString(), u"The name is taken"_s); // worst first
        QVERIFY(findings->isExpanded(first));                      // cause and fix are there without a click
    }

    void pageKnowsWhetherOneMayGoOn()
    {
        ui::PlanPage page;
        QVERIFY(!page.isComplete());
        QVERIFY(!page.reason().isEmpty());
        page.showPlan(somePlan());
        QVERIFY(page.isComplete());
        QVERIFY(page.reason().isEmpty());
        job::JobRecord job = jobOf(somePlan(), JobState::Running);
        page.showJobs({job});
        QVERIFY(!page.isComplete());
        job.state = JobState::Failed;
        page.showJobs({job});
        QVERIFY(page.isComplete()); // once more
        job::Plan blocked = somePlan();
        blocked.findings.append({Finding::Severity::Blocker, u"No space"_s, {}, {}});
        page.showPlan(blocked);
        QVERIFY(!page.isComplete());
        QCOMPARE(page.reason(), u"No space"_s);
        page.showNothing(u"The host is gone."_s);
        QVERIFY(!page.plan());
        QCOMPARE(page.reason(), u"The host is gone."_s);
    }

    void showsARunningJob()
    {
        PlanView view;
        view.resize(700, 500);
        view.show();
        view.setPlan(somePlan());
        job::JobRecord job = jobOf(somePlan(), JobState::Running);
        job.currentStep = 0;
        job.steps[0].state = StepState::Running;
        job.steps[0].started = QDateTime::currentDateTimeUtc().addSecs(-10);
        job.steps[0].done = 500 * 1024 * 1024;
        job.steps[0].total = 1000 * 1024 * 1024;
        view.setJob(job);
        const auto *steps = named<QTreeView>(view, u"Steps"_s)->model();
        QCOMPARE(steps->index(0, 0).data(model::StepModel::StateRole).toInt(), static_cast<int>(StepState::Running));
        QCOMPARE(steps->index(0, 0).data(model::StepModel::FractionRole).toDouble(), 0.5);
        QVERIFY(!view.grab().isNull()); // paints the bar
        job.cancelRequested = true;
        view.setJob(job);
        QVERIFY(view.verdict() != PlanView::sentence(jobOf(somePlan(), JobState::Running)));
    }

    void showsWhatWasUndone()
    {
        PlanView view;
        view.setPlan(somePlan());
        job::JobRecord job = jobOf(somePlan(), JobState::Failed);
        job.steps[0].state = StepState::Undone;
        job.steps[1].state = StepState::Failed;
        job.steps[1].error = u"operation failed: domain already exists"_s;
        view.setJob(job);
        const auto *steps = named<QTreeView>(view, u"Steps"_s)->model();
        QCOMPARE(steps->index(1, 0).data(model::StepModel::ErrorRole).toString(), job.steps[1].error);
        QVERIFY(view.verdict().contains(u"undone"_s));
        job.state = JobState::Stuck;
        job.remains = {u"volume base"_s};
        view.setJob(job);
        QVERIFY(view.verdict().contains(u"volume base"_s));
        // The same plan shown anew forgets the job.
        view.setPlan(somePlan());
        QCOMPARE(steps->index(1, 0).data(model::StepModel::StateRole).toInt(), static_cast<int>(StepState::Waiting));
    }

    void estimatesARange()
    {
        job::JobRecord job = jobOf(somePlan(), JobState::Running);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        QVERIFY(!ui::estimate(job, now)); // no rate yet
        job.currentStep = 0;
        job.bytesPerSecond = 100.0 * 1024 * 1024;
        job.steps[0].started = now.addSecs(-10);
        QVERIFY(!ui::estimate(job, now)); // no total yet
        job.steps[0].total = 1000 * 1024 * 1024;
        job.steps[0].done = 500 * 1024 * 1024; // 50 MiB/s on average, 100 MiB/s now: 5 to 10 s
        const auto eta = ui::estimate(job, now);
        QVERIFY(eta);
        QVERIFY2(eta->lowMs > 4000 && eta->lowMs <= 5000, qPrintable(QString::number(eta->lowMs)));
        QVERIFY2(eta->highMs >= 10000 && eta->highMs < 12000, qPrintable(QString::number(eta->highMs)));
        ui::JobProgress progress;
        job.fraction = 0.5;
        progress.setJob(job);
        QVERIFY2(progress.text().contains(u"100 MiB/s"_s), qPrintable(progress.text()));
        QVERIFY2(progress.text().contains(u" to "_s), qPrintable(progress.text()));
        QCOMPARE(progress.findChild<QProgressBar *>()->value(), 500);
        job.state = JobState::Undoing;
        QVERIFY(!ui::estimate(job, now));
    }

    void copiesTheDraft()
    {
        PlanView view;
        view.setPlan(somePlan());
        QPushButton *copy = nullptr;
        for (QPushButton *button : view.findChildren<QPushButton *>()) {
            if (QString(button->text()).remove(u'&') == "Copy as JSON"_L1) {
                copy = button;
            }
        }
        if (!copy) {
            QFAIL("no button to copy the draft");
        }
        copy->click();
        const QJsonDocument copied = QJsonDocument::fromJson(QGuiApplication::clipboard()->text().toUtf8());
        QCOMPARE(copied.object(), somePlan().draft);
        job::Plan plain = somePlan();
        plain.draft = {};
        view.setPlan(plain);
        QCOMPARE(QJsonDocument::fromJson(view.toJson()).object(), plain.toJson());
    }
};

QTEST_MAIN(TestPlanView)
#include "tst_planview.moc"
