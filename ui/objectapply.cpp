// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/objectapply.h"

#include <QWidget>

#include "backend/virt/hosts.h"
#include "ui/applyresult.h"
#include "ui/mergedialog.h"
#include "ui/objectapplydialog.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

/** What a worker has read and made of it. */
struct ObjectApply::Prepared {
    operation::ObjectFacts facts;
    std::optional<xml::Merge> merge; ///< somebody else changed it
    job::Plan plan;                  ///< else
};

ObjectApply::ObjectApply(const UiContext &context, QWidget *window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
{
    connect(&m_context.hosts, &virt::Hosts::removed, this, [this](const virt::HostId &host) {
        if (m_busy && m_job.isNull() && host == m_host) { // it does not answer any more
            refuse(Error::failed(tr("The host was removed.")));
        }
    });
    connect(&m_context.jobs, &job::JobManager::finished, this, &ObjectApply::jobFinished);
}

void ObjectApply::apply(const virt::HostId &host, const virt::DefinitionKey &key, const operation::ObjectEdit &edit)
{
    if (m_busy) {
        return;
    }
    m_host = host;
    m_key = key;
    m_edit = edit;
    m_busy = true;
    Q_EMIT busyChanged(true);
    prepare();
}

virt::Host *ObjectApply::connectedHost()
{
    virt::Host *host = m_context.hosts.host(m_host);
    if (!host) {
        refuse(Error::failed(tr("The host was removed.")));
    }
    return host;
}

void ObjectApply::prepare()
{
    virt::Host *host = connectedHost();
    if (!host) {
        return;
    }
    host->ask<Prepared>(
        this,
        [id = m_host, key = m_key, edit = m_edit](virt::Connection &connection) -> Result<Prepared> {
            auto facts = operation::readObjectFacts(connection, key);
            if (!facts) {
                return fail(facts.error());
            }
            Prepared prepared{*std::move(facts), {}, {}};
            if (operation::isCurrent(prepared.facts, edit)) {
                prepared.plan = operation::planDefinitionEdit(id, prepared.facts, edit);
            } else {
                prepared.merge = xml::mergeThreeWay(edit.base, edit.wanted, prepared.facts.stored);
            }
            return prepared;
        },
        [this, generation = ++m_generation](const Result<Prepared> &prepared) {
            if (generation != m_generation) {
                return;
            }
            if (!prepared) {
                refuse(prepared.error());
            } else if (prepared->merge) {
                showMerge(*prepared);
            } else {
                showPlan(*prepared);
            }
        });
}

void ObjectApply::showMerge(const Prepared &prepared)
{
    auto *dialog = new MergeDialog(*prepared.merge, virt::definitions::documentKind(m_key.kind), m_window->window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, stored = prepared.facts.stored] {
        m_edit = {stored, dialog->merged()};
        Q_EMIT merged(m_edit.base, m_edit.wanted);
        prepare(); // it may have changed once more
    });
    connect(dialog, &QDialog::rejected, this, [this] {
        end();
        Q_EMIT cancelled();
    });
    dialog->open();
}

void ObjectApply::showPlan(const Prepared &prepared)
{
    auto *dialog = new ObjectApplyDialog(prepared.plan, prepared.facts.stored, m_edit.wanted, m_window->window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { m_job = m_context.jobs.run(dialog->plan()); });
    connect(dialog, &QDialog::rejected, this, [this] {
        end();
        Q_EMIT cancelled();
    });
    dialog->open();
}

void ObjectApply::jobFinished(const job::JobId &id)
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

void ObjectApply::readBack()
{
    virt::Host *host = connectedHost();
    if (!host) {
        return;
    }
    using Answer = std::pair<QString, QString>;
    host->ask<Answer>(
        this,
        [key = m_key, sent = m_edit.wanted](virt::Connection &connection) -> Result<Answer> {
            auto stored = virt::definitions::xml(connection, key);
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

void ObjectApply::end()
{
    ++m_generation;
    m_busy = false;
    Q_EMIT busyChanged(false);
}

void ObjectApply::refuse(const Error &error)
{
    end();
    Q_EMIT refused(error.message, error.hint);
}

} // namespace vireo::ui
