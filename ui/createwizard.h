// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "ui/createwizardstate.h"
#include "ui/wizarddialog.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

class CreateTemplates;
class TemplateSaver;

/**
 * The New VM wizard: source, size, devices, machine, cloud-init, plan. Reads what the hosts have, feeds
 * CreateWizardState with it, and makes the plan on a lane of its own (the image is read for its digest, which may take
 * long and must not hold up the host's query lane; a password is hashed there, too). GUI thread; a top-level window
 * that deletes itself when closed.
 */
class CreateWizard final : public WizardDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateWizard)

public:
    /** `preferred`: the host to propose; null: the last one used, else a local one. */
    CreateWizard(const UiContext &context, const virt::HostId &preferred, QWidget *parent = nullptr,
        const CreateServices &services = {});
    ~CreateWizard() override;

    CreateWizardState &state() { return *m_state; }

Q_SIGNALS:
    void created(const vireo::virt::DomainKey &domain);

protected:
    void check() override;
    void dropCheck() override;
    void succeeded(const QList<job::JobRecord> &jobs) override;

private:
    void watchHost(const virt::HostId &id);
    void refreshHosts();
    void refreshNames();
    void readHostFacts();
    void readMachine(const QString &machine);
    void readVolumes(const QString &pool);
    void takePlans(quint64 generation, const Result<QList<job::Plan>> &plans, const QJsonObject &draft);
    void customise(const QString &xml);
    void openCustomise(const QString &xml);
    void askForTemplate();
    CreateWizardState::Habits habits(const virt::HostId &host) const;
    void saveHabits() const;

    CreateWizardState *m_state;
    CreateTemplates *m_templates;
    TemplateSaver *m_saver;
    virt::HostId m_preferred;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    quint64 m_checkGeneration = 0;
    bool m_checking = false; ///< the plan page waits for the host's answer
    quint64 m_factsGeneration = 0;
    quint64 m_machineGeneration = 0;
    std::stop_source m_stop;             ///< of the check that runs
    operation::CreateDraft m_customised; ///< the pages as they were when the XML was edited
};

} // namespace vireo::ui
