// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/createoptions.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;

/** What the pages of the New VM wizard have in common. GUI thread. */
namespace vireo::ui::createfields {

/** Fills a combo box with (text, data) unless it holds just that, and chooses by data; emits nothing. */
void fill(QComboBox *combo, const QStringList &texts, const QStringList &data, const QString &current);
/** The same with an offer; a chosen value that the host does not offer stays, marked. */
void fill(QComboBox *combo, const CreateOffer &offer, const QString &current);
/** Sets what differs; emits nothing. A text that is being typed keeps its cursor. */
void set(QLineEdit *edit, const QString &text);
void set(QCheckBox *box, bool checked);

/** A long name in a combo box must not widen the window. */
void narrow(QComboBox *combo);
/** Puts the content into the page: it scrolls where the window is too low for it. */
void fillPage(QWidget *page, QWidget *content);
/** A button that opens a file dialog on `edit`; `filters` as QFileDialog takes them. */
QPushButton *browseButton(QLineEdit *edit, const QString &text, const QString &title, const QStringList &filters);
/** Gives the label columns of several forms on one page the same width. */
void alignLabels(const QList<QWidget *> &grids);
/** Several widgets side by side as one, from the left. */
QWidget *row(const QList<QWidget *> &widgets, QWidget *parent);

} // namespace vireo::ui::createfields
