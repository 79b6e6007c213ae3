// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/resizeservices.h"
#include "ui/resizewizardstate.h"
#include "ui/wizarddialog.h"

namespace vireo::ui {

class ResizeReader;

class PreflightView;

/**
 * The wizard `Resize`: size, place, plan. Of one VM; on its host, or on its way to another one. Opened by an action; it
 * never changes anything by itself. GUI thread; deletes itself when closed.
 */
class ResizeWizard final : public WizardDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeWizard)

public:
    /** `destination`: the one to propose; null: it stays where it is. */
    ResizeWizard(const UiContext &context, const virt::DomainKey &domain, const virt::HostId &destination = {},
        QWidget *parent = nullptr, const ResizeServices &services = {});
    ~ResizeWizard() override;

    ResizeWizardState &state() { return *m_state; }

protected:
    void check() override;
    void dropCheck() override;
    void succeeded(const QList<job::JobRecord> &jobs) override;

private:
    void watchHost(const virt::HostId &id);
    void takePlan(const job::Plan &plan, const QList<operation::Check> &checks);
    void refreshVm();
    void refreshHosts();
    void restoreHabits();
    void saveHabits() const;

    ResizeWizardState *m_state;
    ResizeReader *m_reader;
    PreflightView *m_preflight;
};

} // namespace vireo::ui
