// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace vireo::ui {

/**
 * One page of a WizardDialog: a group of at most seven questions. GUI thread; owned by the dialog. Its accessible name
 * is its title. A page keeps no answers of its own: they live in the wizard's draft or state object.
 */
class WizardPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WizardPage)

public:
    explicit WizardPage(const QString &title, QWidget *parent = nullptr);
    ~WizardPage() override;

    const QString &title() const { return m_title; }
    /** Called each time the page comes up, from either side. */
    virtual void enter() {}
    virtual bool isComplete() const = 0;
    /** Why one can't go on, as a sentence; empty when complete. Shown as the button's tooltip too. */
    virtual QString reason() const = 0;
    /** Where the keyboard focus lands; may be null. */
    virtual QWidget *firstField() const = 0;

Q_SIGNALS:
    void completeChanged();

private:
    QString m_title;
};

} // namespace vireo::ui
