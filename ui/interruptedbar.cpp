// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/interruptedbar.h"

#include <QPushButton>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/hosts.h"
#include "ui/messagebar.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

constexpr qsizetype MostNamed = 3;

/** "Create web01 on rack-7" */
QString nameOf(const job::JobRecord &job, const virt::Hosts &hosts)
{
    const QString uri = job.hosts.value(job.plan.host);
    const virt::Host *host = hosts.findUri(uri);
    const auto parsed = virt::ConnectionUri::parse(uri);
    const QString place = host ? host->settings().displayName() : parsed ? parsed->label() : uri;
    return place.isEmpty() ? job.plan.title : InterruptedBar::tr("%1 on %2").arg(job.plan.title, place);
}

} // namespace

InterruptedBar::InterruptedBar(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_bar(new MessageBar(this))
{
    setObjectName(u"interruptedBar"_s);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_bar);
    hide();

    m_later.setSingleShot(true);
    m_later.setInterval(50); // with thousands of jobs each change would look at all
    connect(&m_later, &QTimer::timeout, this, &InterruptedBar::update);
    const auto soon = [this] {
        if (!m_later.isActive()) {
            m_later.start();
        }
    };
    connect(&m_context.jobs, &job::JobManager::added, this, soon);
    connect(&m_context.jobs, &job::JobManager::changed, this, soon);
    connect(&m_context.jobs, &job::JobManager::removed, this, soon);
    update();
}

void InterruptedBar::update()
{
    QStringList names;
    QSet<QUuid> interrupted;
    const QList<job::JobId> all = m_context.jobs.jobs();
    for (const job::JobId &id : all) {
        const job::JobRecord *job = m_context.jobs.job(id);
        if (job->state == job::JobState::Interrupted) {
            interrupted.insert(id);
            names.append(nameOf(*job, m_context.hosts));
        }
    }
    m_seen.intersect(interrupted); // one that is interrupted anew is told anew
    if (m_seen.contains(interrupted)) {
        m_bar->clear();
        hide();
        return;
    }
    const auto count = static_cast<int>(names.size());
    QString list = names.mid(0, MostNamed).join(u", "_s);
    if (count > MostNamed) {
        list = tr("%1 and others").arg(list);
    }
    const QString text = count == 1 ? tr("1 operation was interrupted: %1").arg(list)
                                    : tr("%n operations were interrupted: %1", nullptr, count).arg(list);
    if (m_bar->isHidden()) {
        QPushButton *button = m_bar->addButton(tr("Show"));
        button->setObjectName(u"showInterrupted"_s);
        connect(button, &QPushButton::clicked, this, [this] {
            const QList<job::JobId> jobs = m_context.jobs.jobs();
            m_seen = QSet<QUuid>(jobs.begin(), jobs.end());
            update();
            Q_EMIT showWanted();
        });
    }
    m_bar->showMessage(MessageBar::Kind::Warning, text, tr("Each can be finished or undone."));
    show();
}

} // namespace vireo::ui
