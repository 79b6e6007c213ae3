// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QTimer>

#include "model/domainquery.h"

class QMenu;

namespace vireo::ui {

/**
 * The field `Filter` of the main window, with a menu of key words. Tells what is looked for shortly after the last key,
 * so that a fast typist filters 10,000 rows once. Escape empties it. GUI thread.
 */
class FilterEdit final : public QLineEdit
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FilterEdit)

public:
    explicit FilterEdit(QWidget *parent = nullptr);

    /** Fills the key word menu with what can be looked for now. */
    void setSuggestions(const QStringList &hosts, const QStringList &tags);

Q_SIGNALS:
    void queryChanged(const vireo::model::DomainQuery &query);
    /** Arrow down or Enter: the user wants to go on in the list. */
    void leftDownwards();
    /** The menu is about to show: time for setSuggestions(). */
    void suggestionsWanted();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void announce();
    void addWord(QMenu *menu, const QString &word, const QString &explanation = {});

    QTimer m_delay;
    QMenu *m_menu;
    QMenu *m_tags;
    QMenu *m_hosts;
};

} // namespace vireo::ui
