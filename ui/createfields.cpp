// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createfields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>

namespace vireo::ui::createfields {

using namespace Qt::StringLiterals;

namespace {

struct CreatefieldsText {
    Q_DECLARE_TR_FUNCTIONS(ui_createfields)
};

} // namespace

void fill(QComboBox *combo, const QStringList &texts, const QStringList &data, const QString &current)
{
    const QSignalBlocker blocker(combo);
    QStringList shownTexts;
    QStringList shownData;
    for (int i = 0; i < combo->count(); ++i) {
        shownTexts.append(combo->itemText(i));
        shownData.append(combo->itemData(i).toString());
    }
    if (shownTexts != texts || shownData != data) {
        combo->clear();
        for (qsizetype i = 0; i < texts.size(); ++i) {
            combo->addItem(texts.at(i), data.at(i));
        }
    }
    // By hand: findData() does not tell an empty text from none.
    combo->setCurrentIndex(static_cast<int>(data.indexOf(current)));
}

void fill(QComboBox *combo, const CreateOffer &offer, const QString &current)
{
    if (offer.values.contains(current)) {
        fill(combo, offer.texts, offer.values, current);
        return;
    }
    CreateOffer more = offer;
    more.add(CreatefieldsText::tr("%1 (not offered here)").arg(current), current);
    fill(combo, more.texts, more.values, current);
}

void set(QLineEdit *edit, const QString &text)
{
    if (edit->text() != text) {
        const QSignalBlocker blocker(edit);
        edit->setText(text);
    }
}

void set(QCheckBox *box, bool checked)
{
    const QSignalBlocker blocker(box);
    box->setChecked(checked);
}

void narrow(QComboBox *combo)
{
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(20);
}

void fillPage(QWidget *page, QWidget *content)
{
    auto *area = new QScrollArea(page);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->viewport()->setAutoFillBackground(false);
    auto *inner = new QWidget(area);
    inner->setAutoFillBackground(false);
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 4, 6, 0); // what has the focus paints a frame around itself
    innerLayout->addWidget(content);
    innerLayout->addStretch(1);
    area->setWidget(inner);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(area);
}

QPushButton *browseButton(QLineEdit *edit, const QString &text, const QString &title, const QStringList &filters)
{
    auto *button = new QPushButton(text, edit->parentWidget());
    button->setAutoDefault(false);
    QObject::connect(button, &QPushButton::clicked, edit, [edit, title, filters] {
        auto *dialog = new QFileDialog(edit->window(), title);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowModality(Qt::WindowModal);
        dialog->setFileMode(QFileDialog::ExistingFile);
        dialog->setNameFilters(filters);
        if (!edit->text().isEmpty()) {
            dialog->selectFile(edit->text());
        }
        QObject::connect(dialog, &QFileDialog::fileSelected, edit, &QLineEdit::setText);
        dialog->open();
    });
    return button;
}

void alignLabels(const QList<QWidget *> &grids)
{
    int width = 0;
    for (const QWidget *grid : grids) {
        const QList<QLabel *> labels = grid->findChildren<QLabel *>(QString(), Qt::FindDirectChildrenOnly);
        for (const QLabel *label : labels) {
            width = label->buddy() ? std::max(width, label->sizeHint().width()) : width;
        }
    }
    for (QWidget *grid : grids) {
        if (auto *layout = qobject_cast<QGridLayout *>(grid->layout())) {
            layout->setColumnMinimumWidth(0, width);
        }
    }
}

QWidget *row(const QList<QWidget *> &widgets, QWidget *parent)
{
    auto *line = new QWidget(parent);
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    for (QWidget *widget : widgets) {
        layout->addWidget(widget);
    }
    layout->addStretch(1);
    return line;
}

} // namespace vireo::ui::createfields
