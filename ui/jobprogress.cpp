// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobprogress.h"

#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include "model/format.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

/** A wider range than this says nothing. ms. */
constexpr qint64 widest(qint64 lowMs)
{
    return 60'000 + 30 * lowMs;
}

} // namespace

std::optional<EtaRange> estimate(const job::JobRecord &job, const QDateTime &now)
{
    if (job.state != job::JobState::Running || job.bytesPerSecond <= 0 || job.currentStep < 0
        || job.currentStep >= job.steps.size()) {
        return {};
    }
    const job::JobRecord::StepRecord &step = job.steps.at(job.currentStep);
    if (step.total == 0 || step.done > step.total) {
        return {};
    }
    double left = static_cast<double>(step.total - step.done);
    for (qsizetype i = job.currentStep + 1; i < job.plan.steps.size(); ++i) {
        left += static_cast<double>(job.plan.steps.at(i).bytes);
    }
    const double seconds = static_cast<double>(step.started.msecsTo(now)) / 1000;
    const double average = seconds > 0 ? static_cast<double>(step.done) / seconds : job.bytesPerSecond;
    const double fast = std::max(average, job.bytesPerSecond) * 1.1;
    const double slow = std::max(std::min(average, job.bytesPerSecond) * 0.9, 1.0);
    return EtaRange{static_cast<qint64>(left / fast * 1000), static_cast<qint64>(left / slow * 1000)};
}

JobProgress::JobProgress(QWidget *parent)
    : QWidget(parent)
    , m_bar(new QProgressBar(this))
    , m_text(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_bar);
    layout->addWidget(m_text);
    m_bar->setRange(0, 1000);
    m_bar->setAccessibleName(tr("Progress"));
    m_text->setTextFormat(Qt::PlainText);
}

void JobProgress::setJob(const job::JobRecord &job)
{
    m_bar->setValue(static_cast<int>(job.fraction * 1000));
    m_bar->setFormat(u"%1 %"_s.arg(static_cast<int>(job.fraction * 100)));
    QStringList parts{job.statusLine()};
    if (job.state == job::JobState::Running && job.bytesPerSecond >= 1) {
        parts.append(model::formatRate(job.bytesPerSecond));
    }
    if (const auto eta = estimate(job, QDateTime::currentDateTimeUtc());
        eta && eta->highMs >= 1000 && eta->highMs <= widest(eta->lowMs)) {
        const QString low = model::formatDuration(std::max<qint64>(eta->lowMs / 1000, 1) * 1000);
        const QString high = model::formatDuration((eta->highMs + 999) / 1000 * 1000);
        parts.append(low == high ? tr("about %1 left").arg(high) : tr("about %1 to %2 left").arg(low, high));
    }
    m_text->setText(parts.join(u" · "_s));
}

QString JobProgress::text() const
{
    return m_text->text();
}

} // namespace vireo::ui
