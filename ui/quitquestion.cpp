// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quitquestion.h"

#include <algorithm>

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

#include "backend/job/jobmanager.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

struct QuitText {
    Q_DECLARE_TR_FUNCTIONS(QuitQuestion)
};

struct Words {
    QString question;
    QString consequence;
    QString act;
};

Words words(const job::JobManager &jobs)
{
    const auto ids = jobs.jobs();
    const auto alone = static_cast<int>(std::count_if(ids.cbegin(), ids.cend(), [&jobs](const job::JobId &id) {
        const job::JobRecord *job = jobs.job(id);
        return !job->isFinished() && job->goesOnAlone;
    }));
    const int running = jobs.runningCount();
    const int others = running - alone;
    if (running == 0) {
        return {QuitText::tr("All jobs have ended meanwhile."), {}, QuitText::tr("Quit")};
    }
    const QString question = running == 1 ? QuitText::tr("One job has not ended yet.")
                                          : QuitText::tr("%n jobs have not ended yet.", nullptr, running);
    if (alone == 0) {
        return others == 1
            ? Words{question, QuitText::tr("Quitting cancels it and undoes what it has done so far."),
                  QuitText::tr("Cancel job and quit")}
            : Words{question, QuitText::tr("Quitting cancels them and undoes what they have done so far."),
                  QuitText::tr("Cancel jobs and quit")};
    }
    const QString goesOn = alone == 1
        ? QuitText::tr("The host goes on with the migration without Vireo: the next start shows how it went.")
        : QuitText::tr(
              "The hosts go on with %n migrations without Vireo: the next start shows how they went.", nullptr, alone);
    if (others == 0) {
        return {question, goesOn, QuitText::tr("Quit")};
    }
    return others == 1
        ? Words{question,
              goesOn + u' ' + QuitText::tr("Quitting cancels the other one and undoes what it has done so far."),
              QuitText::tr("Cancel the other and quit")}
        : Words{question,
              goesOn + u' ' + QuitText::tr("Quitting cancels the others and undoes what they have done so far."),
              QuitText::tr("Cancel the others and quit")};
}

} // namespace

void askToQuit(job::JobManager &jobs, QWidget *window, const std::function<void()> &quit)
{
    if (window->findChild<QMessageBox *>(u"quitQuestion"_s)) {
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, QuitText::tr("Quit Vireo"), {}, QMessageBox::NoButton, window);
    box->setObjectName(u"quitQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton *act = box->addButton(QString(), QMessageBox::DestructiveRole);
    QPushButton *stay = box->addButton(QuitText::tr("Keep running"), QMessageBox::RejectRole);
    box->setDefaultButton(stay);
    box->setEscapeButton(stay);
    const auto say = [box, act, &jobs] {
        const Words said = words(jobs);
        box->setText(said.question);
        box->setInformativeText(said.consequence);
        act->setText(said.act);
    };
    say();
    QObject::connect(&jobs, &job::JobManager::added, box, say);
    QObject::connect(&jobs, &job::JobManager::changed, box, say);
    QObject::connect(box, &QDialog::finished, window, [box, act, quit] {
        if (box->clickedButton() == act) {
            quit();
        }
    });
    box->open();
}

} // namespace vireo::ui
