// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace vireo::ui {

/** The steps of a wizard, all visible: done ones ticked and clickable, the current one bold, later ones greyed. */
class WizardSteps final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WizardSteps)

public:
    explicit WizardSteps(QWidget *parent = nullptr);
    void setTitles(const QStringList &titles);
    /** Steps before `current` are done. `reachable`: the last step that may be gone to; negative: none, a job runs. */
    void setCurrent(int current, int reachable);

Q_SIGNALS:
    void clicked(int step);

protected:
    void changeEvent(QEvent *event) override;

private:
    void update();

    QVBoxLayout *m_layout;
    QList<QToolButton *> m_buttons;
    int m_current = 0;
    int m_reachable = -1;
};

} // namespace vireo::ui
