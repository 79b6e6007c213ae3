// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QTimer>

#include "backend/snapshot/facts.h"
#include "ui/wizarddialog.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::virt {
class Host;
}

namespace vireo::ui {

/**
 * What the dialogs on snapshots have in common: the facts are read when it opens and once more for the plan, and while
 * choices change, the line at the bottom says what they come to. Nothing of it runs on the GUI thread.
 */
class SnapshotWizard : public WizardDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotWizard)

public:
    ~SnapshotWizard() override;

    const virt::DomainKey &domain() const { return m_key; }
    /** None while they are being read. */
    const std::optional<snapshot::Facts> &facts() const { return m_facts; }

Q_SIGNALS:
    /** The newest choices have been thought through: the line at the bottom is theirs. */
    void previewed();

protected:
    /** What makes the plan, with copies of all choices: it runs in a lane. */
    using Planner = std::function<job::Plan(const snapshot::Facts &)>;

    SnapshotWizard(const UiContext &context, const virt::DomainKey &domain, const std::optional<snapshot::Facts> &facts,
        const QString &title, const QString &act, const QString &key, QWidget *parent);

    /** To be called at the end of the constructor. */
    void begin();
    virtual Planner planner() const = 0;
    /** Facts are there, or newer ones. */
    virtual void factsRead() = 0;
    /** Of the newest choices. */
    virtual void planMade(const job::Plan & /*plan*/) {}
    /** Something was chosen: what it comes to is worked out soon. */
    void choicesChanged();
    /** Null: it was removed, or is not connected; then the wizard says so. */
    virt::Host *host() const;
    virt::DomainRecord record() const;
    /** Why facts could not be read; empty: they could, or are still being read. */
    const QString &factsProblem() const { return m_factsProblem; }

    void check() override;
    void dropCheck() override;
    void succeeded(const QList<job::JobRecord> & /*jobs*/) override {}

    /** The steps of check(): a result that came too late is told by its generation. */
    quint64 newCheck() { return ++m_checkGeneration; }
    bool isNewest(quint64 generation) const { return generation == m_checkGeneration; }
    Error noHost() const;

private:
    void readFacts();
    void preview();

    virt::DomainKey m_key;
    std::optional<snapshot::Facts> m_facts;
    QString m_factsProblem;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QTimer m_later;
    quint64 m_checkGeneration = 0;
    quint64 m_previewGeneration = 0;
};

} // namespace vireo::ui
