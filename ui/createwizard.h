// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create.h"
#include "ui/createwizardstate.h"
#include "ui/wizarddialog.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/**
 * The New VM wizard: source, name and resources, plan. Reads what the hosts have, feeds CreateWizardState with it, and
 * makes the plan on a lane of its own (the image is read for its digest, which may take long and must not hold up the
 * host's query lane). GUI thread; a top-level window that deletes itself when closed.
 */
class CreateWizard final : public WizardDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateWizard)

public:
    /** `preferred`: the host to propose; null: the last one used, else a local one. */
    CreateWizard(const UiContext &context, const virt::HostId &preferred, QWidget *parent = nullptr);
    ~CreateWizard() override;

    CreateWizardState &state() { return *m_state; }

Q_SIGNALS:
    void created(const vireo::virt::DomainKey &domain);

protected:
    void check() override;
    void dropCheck() override;
    void succeeded(const job::JobRecord &job) override;

private:
    void watchHost(const virt::HostId &id);
    void refreshHosts();
    void refreshNames();
    void readHostFacts();
    void readVolumes(const QString &pool);
    CreateWizardState::Habits habits(const virt::HostId &host) const;
    void saveHabits() const;

    CreateWizardState *m_state;
    virt::HostId m_preferred;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    quint64 m_checkGeneration = 0;
    bool m_checking = false; ///< the plan page waits for the host's answer
    quint64 m_factsGeneration = 0;
};

} // namespace vireo::ui
