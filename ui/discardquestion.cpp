// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/discardquestion.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

struct DiscardText {
    Q_DECLARE_TR_FUNCTIONS(DiscardQuestion)
};

} // namespace

void askToDiscardEdits(QWidget *window, const std::function<void()> &discard)
{
    if (window->findChild<QMessageBox *>(u"discardQuestion"_s)) {
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, DiscardText::tr("Unapplied edits"),
        DiscardText::tr("Changes of a virtual machine's definition were not applied."), QMessageBox::NoButton, window);
    box->setObjectName(u"discardQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(DiscardText::tr("They are lost when the window is closed."));
    QPushButton *drop = box->addButton(DiscardText::tr("Discard edits"), QMessageBox::DestructiveRole);
    QPushButton *stay = box->addButton(DiscardText::tr("Keep editing"), QMessageBox::RejectRole);
    box->setDefaultButton(stay);
    box->setEscapeButton(stay);
    QObject::connect(box, &QDialog::finished, window, [box, drop, discard] {
        if (box->clickedButton() == drop) {
            discard();
        }
    });
    box->open();
}

} // namespace vireo::ui
