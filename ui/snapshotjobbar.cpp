// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotjobbar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "backend/job/jobmanager.h"
#include "ui/jobprogress.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

SnapshotJobBar::SnapshotJobBar(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_title(new QLabel(this))
    , m_progress(new JobProgress(this))
    , m_cancel(new QPushButton(tr("Cance&l"), this))
{
    m_title->setTextFormat(Qt::PlainText);
    QFont bold = font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_cancel->setObjectName(u"cancelSnapshotJob"_s);
    m_cancel->setAutoDefault(false);
    auto *left = new QVBoxLayout;
    left->setSpacing(2);
    left->addWidget(m_title);
    left->addWidget(m_progress);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->addLayout(left, 1);
    layout->addWidget(m_cancel, 0, Qt::AlignVCenter);
    hide();

    connect(m_cancel, &QPushButton::clicked, this, [this] { m_context.jobs.cancel(m_job); });
    const auto concerned = [this](const QUuid &id) {
        const job::JobRecord *record = m_context.jobs.job(id);
        if (id == m_job || (record && record->plan.host == m_key.host && record->plan.domain == m_key.domain)) {
            update();
        }
    };
    connect(&m_context.jobs, &job::JobManager::added, this, concerned);
    connect(&m_context.jobs, &job::JobManager::changed, this, concerned);
    connect(&m_context.jobs, &job::JobManager::finished, this, concerned);
}

void SnapshotJobBar::setDomain(const virt::DomainKey &key)
{
    m_key = key;
    update();
}

void SnapshotJobBar::update()
{
    const job::JobRecord *record = m_key.isNull() ? nullptr : m_context.jobs.jobOf(m_key);
    if (record && (record->isFinished() || !record->plan.operation.startsWith("snapshot."_L1))) {
        record = nullptr;
    }
    const job::JobId before = m_job;
    m_job = record ? record->id : job::JobId();
    setVisible(record != nullptr);
    if (record) {
        m_title->setText(record->plan.title);
        m_progress->setJob(*record);
        const bool stops = !record->cancelRequested && record->state != job::JobState::Undoing;
        m_cancel->setEnabled(stops);
        m_cancel->setToolTip(stops ? tr("Stops the job and undoes what it has done") : QString());
    }
    if (before != m_job) {
        Q_EMIT jobChanged();
    }
}

} // namespace vireo::ui
