// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotwizard.h"

#include <chrono>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/planview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

/** All snapshots and all domains of the host are looked at, and pools may have to be refreshed. */
constexpr std::chrono::seconds FactsDeadline{120};
/** Between the last key and the new verdict. */
constexpr std::chrono::milliseconds PreviewDelay{150};

} // namespace

SnapshotWizard::SnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, const QString &title, const QString &act, const QString &key,
    QWidget *parent)
    : WizardDialog(context, title, act, key, parent)
    , m_key(domain)
    , m_facts(facts)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"snapshotplan"_s, Lane::Kind::Computing))
{
    m_later.setSingleShot(true);
    m_later.setInterval(PreviewDelay);
    connect(&m_later, &QTimer::timeout, this, &SnapshotWizard::preview);
}

SnapshotWizard::~SnapshotWizard()
{
    m_courier->close();
}

void SnapshotWizard::begin()
{
    setActsAtOnce();
    setSummaryWraps();
    if (m_facts) {
        factsRead();
    }
    start();
    choicesChanged();
    readFacts();
}

virt::Host *SnapshotWizard::host() const
{
    virt::Host *found = context().hosts.host(m_key.host);
    return found && found->isConnected() ? found : nullptr;
}

virt::DomainRecord SnapshotWizard::record() const
{
    const virt::DomainRecord *known = context().inventory.domain(m_key);
    return known ? *known : m_facts ? m_facts->domain : virt::DomainRecord();
}

Error SnapshotWizard::noHost() const
{
    const virt::Host *found = context().hosts.host(m_key.host);
    return Error::failed(found ? tr("The host %1 is not connected.").arg(found->settings().displayName())
                               : tr("The host of this virtual machine was removed."));
}

void SnapshotWizard::readFacts()
{
    virt::Host *on = host();
    if (!on) {
        m_factsProblem = noHost().message;
        setSummary(m_factsProblem);
        return;
    }
    if (!m_facts) {
        setSummary(tr("Reading what there is…"));
    }
    on->ask<snapshot::Facts>(
        this, [domain = m_key.domain](virt::Connection &connection) { return snapshot::readFacts(connection, domain); },
        [this](const Result<snapshot::Facts> &facts) {
            if (isRunning()) {
                return;
            }
            if (!facts) {
                m_factsProblem = facts.error().message;
                setSummary(m_factsProblem);
                if (!m_facts) {
                    showNotice(facts.error().message, facts.error().hint);
                }
                return;
            }
            const bool same = m_facts && *m_facts == *facts;
            m_factsProblem.clear();
            m_facts = *facts;
            if (!same) {
                factsRead();
                choicesChanged();
            }
        },
        FactsDeadline);
}

void SnapshotWizard::choicesChanged()
{
    ++m_previewGeneration;
    if (m_facts) {
        m_later.start();
    }
}

void SnapshotWizard::preview()
{
    m_lane->post([this, courier = m_courier, plan = planner(), facts = *m_facts, generation = ++m_previewGeneration] {
        courier->post([this, generation, made = plan(facts)] {
            if (generation != m_previewGeneration || isRunning()) {
                return;
            }
            QString text = PlanView::sentence(made);
            for (const job::Finding &finding : made.findings) {
                if (finding.severity == job::Finding::Severity::Blocker) {
                    text = finding.text; // the line is short: the reason itself
                    break;
                }
            }
            setSummary(text);
            planMade(made);
            Q_EMIT previewed();
        });
    });
}

void SnapshotWizard::check()
{
    const quint64 generation = newCheck();
    virt::Host *on = host();
    if (!on) {
        showCheckError(noHost());
        return;
    }
    using Checked = std::pair<snapshot::Facts, job::Plan>;
    on->ask<Checked>(
        this,
        [domain = m_key.domain, plan = planner()](virt::Connection &connection) -> Result<Checked> {
            auto facts = snapshot::readFacts(connection, domain);
            if (!facts) {
                return fail(facts.error());
            }
            const job::Plan made = plan(*facts);
            return Checked{*std::move(facts), made};
        },
        [this, generation](const Result<Checked> &checked) {
            if (!isNewest(generation)) {
                return;
            }
            if (!checked) {
                showCheckError(checked.error());
                return;
            }
            m_facts = checked->first;
            showPlan(checked->second);
        },
        FactsDeadline);
}

void SnapshotWizard::dropCheck()
{
    newCheck();
}

} // namespace vireo::ui
