// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/definitionapply.h"

#include <QWidget>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/operation/history.h"
#include "backend/virt/domains.h"
#include "backend/virt/hosts.h"
#include "backend/xml/xmltext.h"
#include "ui/applydialog.h"
#include "ui/applyresult.h"
#include "ui/mergedialog.h"
#include "ui/migrationguard.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

struct DefinitionApply::Prepared {
    job::Plan plan;
    QList<operation::EditEffect> effects;
};

DefinitionApply::DefinitionApply(const UiContext &context, QWidget *window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"apply"_s, Lane::Kind::Computing))
{
    connect(&m_context.hosts, &virt::Hosts::removed, this, [this](const virt::HostId &host) {
        if (m_busy && m_job.isNull() && !m_dialog && host == m_domain.host) { // it does not answer any more
            refuse(Error::failed(tr("The host of this virtual machine was removed.")));
        }
    });
    connect(&m_context.jobs, &job::JobManager::changed, this, &DefinitionApply::jobChanged);
    connect(&m_context.jobs, &job::JobManager::finished, this, &DefinitionApply::jobFinished);
}

DefinitionApply::~DefinitionApply()
{
    m_courier->close();
}

void DefinitionApply::apply(const virt::DomainKey &domain, const operation::DefinitionEdit &edit)
{
    if (m_busy) {
        return;
    }
    m_domain = domain;
    m_edit = edit;
    m_busy = true;
    Q_EMIT busyChanged(true);
    if (const QString why = migrationguard::refusal(m_context, domain); !why.isEmpty()) {
        refuse(Error::failed(why));
        return;
    }
    prepare();
}

void DefinitionApply::prepare()
{
    virt::Host *host = m_context.hosts.host(m_domain.host);
    if (!host) {
        refuse(Error::failed(tr("The host of this virtual machine was removed.")));
        return;
    }
    struct Looked {
        operation::EditFacts facts;
        std::optional<xml::Merge> merge;
        QString aside; ///< where new passwords are kept
    };
    host->ask<Looked>(
        this,
        [domain = m_domain.domain, edit = m_edit, directory = m_context.history](
            virt::Connection &connection) mutable -> Result<Looked> {
            if (const auto text = xml::XmlText::parse(edit.wanted); !text) {
                Error error = text.error();
                error.hint = tr("Nothing was sent to the host.");
                return fail(error);
            }
            auto facts = operation::readEditFacts(connection, domain, edit.wanted);
            if (!facts) {
                return fail(facts.error());
            }
            operation::DefinitionHistory history(
                directory.isEmpty() ? operation::DefinitionHistory::defaultDirectory() : directory);
            edit.aside.clear(); // a merge may have changed the passwords
            if (const auto kept = operation::keepPasswordsAside(history, connection.uri(), domain, edit); !kept) {
                return fail(kept.error());
            }
            Looked looked{*std::move(facts), {}, edit.aside};
            if (!operation::isCurrent(looked.facts, edit)) {
                const QString &theirs = looked.facts.stored.isEmpty() ? looked.facts.running : looked.facts.stored;
                looked.merge = xml::mergeThreeWay(edit.base, edit.wanted, theirs);
            }
            return looked;
        },
        [this, generation = ++m_generation](Result<Looked> looked) {
            if (generation != m_generation) {
                return;
            }
            if (!looked) {
                refuse(looked.error());
                return;
            }
            m_facts = looked->facts;
            m_edit.aside = looked->aside;
            if (looked->merge) {
                showMerge(*looked->merge);
            } else {
                makePlan();
            }
        },
        std::chrono::seconds(30));
}

void DefinitionApply::showMerge(const xml::Merge &merge)
{
    auto *dialog = new MergeDialog(merge, xml::DocumentKind::Domain, m_window->window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_edit.base = m_facts.stored.isEmpty() ? m_facts.running : m_facts.stored;
        m_edit.wanted = dialog->merged();
        Q_EMIT merged(m_edit.base, m_edit.wanted);
        prepare(); // it may have changed once more
    });
    connect(dialog, &QDialog::rejected, this, [this] {
        end();
        Q_EMIT cancelled();
    });
    dialog->open();
}

void DefinitionApply::makePlan()
{
    m_lane->post(
        [this, courier = m_courier, host = m_domain.host, facts = m_facts, edit = m_edit, generation = ++m_generation] {
            Prepared prepared{operation::planEdit(host, facts, edit), operation::effectsOf(facts, edit)};
            courier->post([this, generation, prepared = std::move(prepared)] {
                if (generation == m_generation) {
                    showPlan(prepared);
                }
            });
        });
}

void DefinitionApply::showPlan(const Prepared &prepared)
{
    if (!m_dialog) {
        m_dialog = new ApplyDialog(m_facts.domain.displayName(), m_window->window());
        m_dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_dialog, &ApplyDialog::liveChosen, this, [this](bool live) {
            m_edit.applyLive = live;
            makePlan();
        });
        connect(m_dialog, &QDialog::accepted, this, &DefinitionApply::run);
        connect(m_dialog, &QDialog::rejected, this, [this] {
            m_dialog = nullptr;
            end();
            Q_EMIT cancelled();
        });
        m_dialog->open();
    }
    const bool running = m_facts.domain.isActive() && m_facts.domain.persistent;
    m_dialog->setPlan(prepared.plan, prepared.effects, m_facts.stored.isEmpty() ? m_facts.running : m_facts.stored,
        m_edit.wanted, running);
}

void DefinitionApply::run()
{
    const job::Plan plan = m_dialog->plan();
    m_dialog = nullptr;
    m_job = m_context.jobs.run(plan);
}

void DefinitionApply::cancelJob()
{
    if (!m_job.isNull()) {
        m_context.jobs.cancel(m_job);
    }
}

void DefinitionApply::jobChanged(const job::JobId &id)
{
    const job::JobRecord *record = id == m_job && !m_job.isNull() ? m_context.jobs.job(id) : nullptr;
    if (record && !record->isFinished()) {
        Q_EMIT progress(record->cancelRequested ? tr("Cancelling: taking back what was done…")
                                                : tr("Applying: %1").arg(record->statusLine()));
    }
}

void DefinitionApply::jobFinished(const job::JobId &id)
{
    if (m_job.isNull() || id != m_job) {
        return;
    }
    m_job = {};
    const job::JobRecord *record = m_context.jobs.job(id);
    if (record && record->state == job::JobState::Done) {
        readBack();
        return;
    }
    refuse(failureOf(record));
}

void DefinitionApply::readBack()
{
    virt::Host *host = m_context.hosts.host(m_domain.host);
    if (!host) {
        refuse(Error::failed(tr("The host of this virtual machine was removed.")));
        return;
    }
    using Answer = std::pair<QString, QString>;
    const auto kind = m_facts.domain.persistent ? virt::domains::XmlKind::Inactive : virt::domains::XmlKind::Live;
    host->ask<Answer>(
        this,
        [domain = m_domain.domain, kind, sent = m_edit.wanted](virt::Connection &connection) -> Result<Answer> {
            auto stored = virt::domains::xml(connection, domain, kind);
            if (!stored) {
                return fail(stored.error());
            }
            const QString note = readBackText(sent, *stored);
            return Answer{*std::move(stored), note};
        },
        [this, generation = ++m_generation](const Result<Answer> &answer) {
            if (generation != m_generation) {
                return;
            }
            end();
            if (answer) {
                Q_EMIT applied(answer->first, answer->second);
            } else {
                Q_EMIT refused(
                    tr("Applied, but it could not be read back: %1").arg(answer.error().message), answer.error().hint);
            }
        });
}

void DefinitionApply::end()
{
    ++m_generation;
    m_busy = false;
    Q_EMIT busyChanged(false);
}

void DefinitionApply::refuse(const Error &error)
{
    end();
    Q_EMIT refused(error.message, error.hint);
}

} // namespace vireo::ui
