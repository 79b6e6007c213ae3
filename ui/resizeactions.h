// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "backend/operation/resize/resize.h"
#include "ui/uicontext.h"

class QAction;
class QMenu;
class QWidget;

namespace vireo::ui {

/** Resize, and what ends a resize, as actions of one window. GUI thread; owned by DomainActions. */
class ResizeActions final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeActions)

public:
    /** `window`: parent of the dialogs. */
    ResizeActions(const UiContext &context, QWidget *window, QObject *parent);

    /** What they are about. `refusal`: why nothing can be done to it, or null `domain`: to what; empty: something can.
     */
    void setTarget(const virt::DomainKey &domain, const QString &refusal);
    QAction *resize() const { return m_resize; }
    QAction *confirm() const { return m_confirm; }
    QAction *revert() const { return m_revert; }
    void fillMenu(QMenu *menu) const;
    /** Opens the wizard; `to` null: it stays where it is. */
    void openWizard(const virt::DomainKey &domain, const virt::HostId &to = {});

Q_SIGNALS:
    /** See DomainActions. */
    void aboutToAct();

private:
    void update();
    void end(operation::ResizeEnd end);

    UiContext m_context;
    QWidget *m_window;
    QAction *m_resize;
    QAction *m_confirm;
    QAction *m_revert;
    virt::DomainKey m_domain;
    QString m_refusal;
};

} // namespace vireo::ui
