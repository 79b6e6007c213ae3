// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotscheduledialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "backend/operation/snapshot/snapshotscheduler.h"
#include "ui/messagebar.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

using snapshot::Schedule;

constexpr int proposedHours = 6;

/** Today's times without the date. */
QString timeText(const QDateTime &time, const QDateTime &now)
{
    const QDateTime local = time.toLocalTime();
    const QLocale locale;
    return local.date() == now.toLocalTime().date() ? locale.toString(local.time(), QLocale::ShortFormat)
                                                    : locale.toString(local, QLocale::ShortFormat);
}

} // namespace

SnapshotScheduleDialog::SnapshotScheduleDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_domain(domain)
    , m_message(new MessageBar(this))
    , m_enabled(new QCheckBox(tr("&Take snapshots by itself"), this))
    , m_every(new QSpinBox(this))
    , m_unit(new QComboBox(this))
    , m_keep(new QSpinBox(this))
    , m_memory(new QCheckBox(tr("With the &memory of the running guest"), this))
    , m_quiesce(new QCheckBox(tr("&Freeze the guest's file systems for the moment, where its agent answers"), this))
    , m_status(new QLabel(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this))
{
    setObjectName(u"snapshotScheduleDialog"_s);
    const virt::DomainRecord *record = m_context.inventory.domain(domain);
    setWindowTitle(record ? tr("Snapshot schedule of %1").arg(record->displayName()) : tr("Snapshot schedule"));

    m_every->setRange(1, Schedule::maxEvery);
    m_every->setAccessibleName(tr("Interval"));
    m_unit->addItem(tr("hours"), int(Schedule::Unit::Hours));
    m_unit->addItem(tr("days"), int(Schedule::Unit::Days));
    m_unit->setAccessibleName(tr("Unit of the interval"));
    m_keep->setRange(1, Schedule::maxKeep);
    m_keep->setToolTip(tr("Older ones are merged away. Only snapshots that the schedule took are deleted by it; rename "
                          "one to keep it."));
    m_memory->setToolTip(tr("Takes longer and needs as much space as the guest has memory."));
    m_status->setWordWrap(true);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto *interval = new QHBoxLayout;
    interval->addWidget(m_every);
    interval->addWidget(m_unit);
    interval->addStretch();
    auto *form = new QFormLayout;
    auto *everyLabel = new QLabel(tr("&Every"), this);
    everyLabel->setBuddy(m_every);
    form->addRow(everyLabel, interval);
    m_keep->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    form->addRow(tr("&Keep the last"), m_keep);
    form->addRow(QString(), m_memory);
    form->addRow(QString(), m_quiesce);
    auto *honest = new QLabel(
        tr("This happens only while Vireo is open and connected to the host: nothing is installed there that could do "
           "it. What was missed is taken once, soon after the next start."),
        this);
    honest->setWordWrap(true);

    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_message);
    layout->addWidget(m_enabled);
    layout->addLayout(form);
    layout->addWidget(honest);
    layout->addWidget(m_status);
    layout->addStretch();
    layout->addWidget(m_buttons);
    resize(fontMetrics().averageCharWidth() * 68, sizeHint().height());

    connect(m_enabled, &QCheckBox::toggled, this, &SnapshotScheduleDialog::update);
    connect(m_memory, &QCheckBox::toggled, this, &SnapshotScheduleDialog::update);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &SnapshotScheduleDialog::save);
    connect(m_context.scheduler, &operation::SnapshotScheduler::changed, this, [this] {
        fill();
        showStatus();
    });
    fill();
    showStatus();
}

/** What is stored; once, so that nothing is lost that was typed meanwhile. */
void SnapshotScheduleDialog::fill()
{
    if (!m_filled && m_context.scheduler->isReady()) {
        m_filled = true;
        Schedule proposed;
        proposed.enabled = false;
        proposed.unit = Schedule::Unit::Hours;
        proposed.every = proposedHours;
        const Schedule schedule = m_context.scheduler->schedule(m_domain).value_or(proposed);
        m_enabled->setChecked(schedule.enabled);
        m_every->setValue(schedule.every);
        m_unit->setCurrentIndex(m_unit->findData(int(schedule.unit)));
        m_keep->setValue(schedule.keep);
        m_memory->setChecked(schedule.memory);
        m_quiesce->setChecked(schedule.quiesce);
    }
    update();
}

void SnapshotScheduleDialog::update()
{
    const bool ready = m_filled;
    m_enabled->setEnabled(ready);
    m_buttons->button(QDialogButtonBox::Save)->setEnabled(ready);
    for (QWidget *widget : {static_cast<QWidget *>(m_every), static_cast<QWidget *>(m_unit),
             static_cast<QWidget *>(m_keep), static_cast<QWidget *>(m_memory)}) {
        widget->setEnabled(ready && m_enabled->isChecked());
    }
    m_quiesce->setEnabled(ready && m_enabled->isChecked() && !m_memory->isChecked());
}

void SnapshotScheduleDialog::showStatus()
{
    if (const QString problem = m_context.scheduler->problem(); !problem.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, problem);
    } else if (const auto schedule = m_context.scheduler->schedule(m_domain);
        schedule && !schedule->problem.isEmpty()) {
        m_message->showMessage(
            MessageBar::Kind::Warning, tr("The last snapshot was not taken: %1").arg(schedule->problem));
    } else {
        m_message->clear();
    }
    const auto schedule = m_context.scheduler->schedule(m_domain);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QStringList lines;
    if (schedule && schedule->taken.isValid()) {
        lines << tr("Last taken: %1").arg(timeText(schedule->taken, now));
    }
    if (schedule && !schedule->names.isEmpty()) {
        lines << (schedule->names.size() == 1 ? tr("It keeps 1 snapshot now.")
                                              : tr("It keeps %n snapshots now.", nullptr, int(schedule->names.size())));
    }
    if (schedule && schedule->enabled) {
        lines << tr("Next: %1").arg(timeText(std::max(schedule->dueAt(), now), now));
        if (schedule->tookWhileOff) {
            lines << tr("The VM was off when the last one was taken: the next follows when it has run.");
        }
    }
    m_status->setText(lines.join(u'\n'));
    m_status->setVisible(!lines.isEmpty());
}

void SnapshotScheduleDialog::save()
{
    const auto known = m_context.scheduler->schedule(m_domain);
    Schedule schedule = known.value_or(Schedule());
    schedule.enabled = m_enabled->isChecked();
    schedule.every = m_every->value();
    schedule.unit = Schedule::Unit(m_unit->currentData().toInt());
    schedule.keep = m_keep->value();
    schedule.memory = m_memory->isChecked();
    schedule.quiesce = m_quiesce->isChecked() && !schedule.memory;
    if (schedule.enabled || known) {
        m_context.scheduler->set(m_domain, schedule);
    }
    accept();
}

QString SnapshotScheduleDialog::summary(const Schedule &schedule, const QDateTime &now)
{
    if (!schedule.enabled) {
        return {};
    }
    QString every;
    if (schedule.unit == Schedule::Unit::Hours) {
        every = schedule.every == 1 ? tr("Every hour") : tr("Every %n hours", nullptr, schedule.every);
    } else {
        every = schedule.every == 1 ? tr("Every day") : tr("Every %n days", nullptr, schedule.every);
    }
    const QString keep =
        schedule.keep == 1 ? tr("the last one is kept") : tr("the last %n are kept", nullptr, schedule.keep);
    return tr("%1 while Vireo is open, %2. Next: %3.").arg(every, keep, timeText(std::max(schedule.dueAt(), now), now));
}

} // namespace vireo::ui
