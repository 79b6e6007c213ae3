// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobgroupquestion.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

#include "backend/job/jobgroup.h"
#include "backend/job/jobmanager.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

struct GroupQuestionText {
    Q_DECLARE_TR_FUNCTIONS(JobGroupQuestion)
};

} // namespace

void askToCancelGroup(job::JobManager &jobs, const QUuid &group, QWidget *window)
{
    if (window->findChild<QMessageBox *>(u"cancelGroupQuestion"_s)) {
        return;
    }
    auto *box =
        new QMessageBox(QMessageBox::Question, GroupQuestionText::tr("Cancel jobs"), {}, QMessageBox::NoButton, window);
    box->setObjectName(u"cancelGroupQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText); // names of hosts are in it
    QPushButton *act = box->addButton(GroupQuestionText::tr("Cancel all"), QMessageBox::DestructiveRole);
    QPushButton *stay = box->addButton(GroupQuestionText::tr("Keep running"), QMessageBox::RejectRole);
    box->setDefaultButton(stay);
    box->setEscapeButton(stay);
    const auto say = [box, act, &jobs, group] {
        const job::JobGroup all = job::JobGroup::of(job::jobsOf(jobs, group));
        box->setText(GroupQuestionText::tr("%1: %2.").arg(all.group.title, all.statusLine()));
        box->setInformativeText(
            all.isOver() ? GroupQuestionText::tr("All of it has ended meanwhile.") : all.cancelConsequence());
        act->setEnabled(all.canCancel);
    };
    say();
    QObject::connect(&jobs, &job::JobManager::changed, box, say);
    QObject::connect(box, &QDialog::finished, window, [box, act, &jobs, group] {
        if (box->clickedButton() == act) {
            job::cancelGroup(jobs, group);
        }
    });
    box->open();
}

} // namespace vireo::ui
