// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QObject>

#include "ui/flavours.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QWidget;

namespace vireo::ui {

/**
 * The Flavour field of the Resize wizard: a combo box, a button that opens the panel in which the current sizes are
 * kept and kept ones renamed and deleted, and that panel. The widgets belong to the page. GUI thread.
 */
class FlavourField final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FlavourField)

public:
    /** `current` says what the page has now: what is kept under a name, and what the box shows as chosen. */
    FlavourField(QSettings &settings, const std::function<Flavour()> &current, QWidget *page);

    QComboBox *combo() const { return m_combo; }
    QPushButton *manageButton() const { return m_manage; }
    QWidget *panel() const { return m_panel; }
    /** The sizes of the page are others. */
    void refresh();

Q_SIGNALS:
    void chosen(const vireo::ui::Flavour &flavour);

private:
    void makePanel();
    void fill();
    void refreshPanel();
    QString selected() const;

    Flavours m_flavours;
    std::function<Flavour()> m_current;
    QComboBox *m_combo;
    QPushButton *m_manage;
    QWidget *m_panel;
    QListWidget *m_list;
    QLineEdit *m_name;
    QPushButton *m_save;
    QPushButton *m_rename;
    QPushButton *m_remove;
    QList<Flavour> m_all;
    std::optional<Flavour> m_choice; ///< made last; without a name: free
    Flavour m_sizes;                 ///< what it came to: a disk may be larger. While they stay, it is shown
};

} // namespace vireo::ui
