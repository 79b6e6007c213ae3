// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobsdock.h"

#include <chrono>
#include <cmath>

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMainWindow>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include "backend/job/compare.h"
#include "backend/job/jobgroup.h"
#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "model/jobmodel.h"
#include "ui/jobgroupquestion.h"
#include "ui/jobrow.h"
#include "ui/jobsteps.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {
const QString collapsedKey = u"jobs/collapsed"_s;
constexpr int RowsAtFirst = 4;
constexpr std::chrono::seconds LookDeadline{60};
} // namespace

/** Keeps room for the row widgets; paints nothing, since each row on screen has one. */
class JobRowDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const int height = heights.value(index.data(model::JobModel::JobIdRole).toUuid(), rowHeight);
        return {option.rect.width(), height};
    }
    void paint(QPainter *, const QStyleOptionViewItem &, const QModelIndex &) const override {}

    QHash<QUuid, int> heights; ///< of opened rows
    int rowHeight = 30;
};

JobsDock::JobsDock(const UiContext &context, QWidget *parent)
    : QDockWidget(tr("Jobs"), parent)
    , m_context(context)
    , m_model(new model::JobModel(context.jobs, this))
    , m_list(new QListView(this))
    , m_delegate(new JobRowDelegate(this))
{
    setObjectName(u"jobsDock"_s);
    setAllowedAreas(Qt::BottomDockWidgetArea);
    setFeatures(DockWidgetClosable);

    m_list->setObjectName(u"jobs"_s);
    m_list->setAccessibleName(tr("Jobs"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(m_delegate);
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->viewport()->installEventFilter(this);
    const QPushButton probe(tr("Cancel"));
    m_delegate->rowHeight = probe.sizeHint().height() + 6;
    // The list is hidden inside its frame, not with it: a dock without contents gives its title bar no width.
    m_body = new QWidget(this);
    auto *body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->addWidget(m_list);
    setWidget(m_body);
    setTitleBarWidget(createTitleBar());

    m_sumTimer.setSingleShot(true);
    m_sumTimer.setInterval(std::chrono::milliseconds(50));
    connect(&m_sumTimer, &QTimer::timeout, this, &JobsDock::sumUp);
    m_placeTimer.setSingleShot(true);
    m_placeTimer.setInterval(0);
    connect(&m_placeTimer, &QTimer::timeout, this, &JobsDock::placeRows);
    const auto both = [this] {
        m_sumTimer.start();
        m_placeTimer.start();
    };
    connect(m_model, &QAbstractItemModel::rowsInserted, this, [this, both](const QModelIndex &, int row) {
        const bool history = m_model->index(row).data(model::JobModel::IsHistoryRole).toBool();
        if (!m_shownOnce && !history) {
            m_shownOnce = true;
            show();
            auto *window = qobject_cast<QMainWindow *>(parentWidget());
            if (window && !m_collapsed) {
                const int height = m_delegate->rowHeight * RowsAtFirst + titleBarWidget()->sizeHint().height();
                window->resizeDocks({this}, {height}, Qt::Vertical);
            }
        }
        both();
    });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, both);
    connect(m_model, &QAbstractItemModel::rowsMoved, this, both);
    connect(m_model, &QAbstractItemModel::modelReset, this, both);
    connect(m_model, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex &first, const QModelIndex &last) {
        for (int row = first.row(); row <= last.row(); ++row) {
            if (JobRow *widget = m_rows.value(m_model->index(row).data(model::JobModel::JobIdRole).toUuid())) {
                widget->update(missingHost(m_model->index(row)));
            }
        }
        if (!m_sumTimer.isActive()) {
            m_sumTimer.start();
        }
    });
    connect(m_list->verticalScrollBar(), &QScrollBar::valueChanged, &m_placeTimer, [this] { m_placeTimer.start(); });
    connect(this, &QDockWidget::visibilityChanged, &m_placeTimer, [this] { m_placeTimer.start(); });

    connect(&m_context.hosts, &virt::Hosts::added, this, &JobsDock::watchHost);
    connect(&m_context.hosts, &virt::Hosts::removed, this, &JobsDock::updateRows);
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (const virt::Host *host : hosts) {
        watchHost(host->settings().id);
    }

    setCollapsed(m_context.settings.value(collapsedKey, false).toBool());
    setVisible(false);
    sumUp();
}

JobsDock::~JobsDock() = default;

QWidget *JobsDock::createTitleBar()
{
    auto *bar = new QWidget(this);
    bar->setObjectName(u"jobsBar"_s);
    m_toggle = new QToolButton(bar);
    m_toggle->setObjectName(u"jobsToggle"_s);
    m_toggle->setAutoRaise(true);
    m_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toggle->setText(tr("Jobs"));
    connect(m_toggle, &QToolButton::clicked, this, [this] { setCollapsed(!m_collapsed); });
    m_summary = new QLabel(bar);
    m_summary->setObjectName(u"jobsSummary"_s);
    m_summary->setTextFormat(Qt::PlainText);
    m_overall = new QProgressBar(bar);
    m_overall->setRange(0, 1000);
    m_overall->setTextVisible(false);
    m_overall->setFixedWidth(fontMetrics().averageCharWidth() * 24);
    m_overall->setMaximumHeight(fontMetrics().height());
    m_overall->setAccessibleName(tr("Progress of all jobs"));
    m_clear = new QPushButton(tr("Clear finished"), bar);
    m_clear->setObjectName(u"jobsClear"_s);
    connect(m_clear, &QPushButton::clicked, this, [this] { m_context.jobs.clearFinished(); });
    auto *close = new QToolButton(bar);
    close->setObjectName(u"jobsClose"_s);
    close->setAutoRaise(true);
    close->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
    close->setToolTip(tr("Hide jobs (Ctrl+J shows them again)"));
    close->setAccessibleName(tr("Hide jobs"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);

    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(4, 2, 4, 2);
    layout->addWidget(m_toggle);
    layout->addWidget(m_summary);
    layout->addStretch();
    layout->addWidget(m_overall);
    layout->addWidget(m_clear);
    layout->addWidget(close);
    return bar;
}

void JobsDock::setCollapsed(bool collapsed)
{
    m_collapsed = collapsed;
    m_toggle->setArrowType(collapsed ? Qt::RightArrow : Qt::DownArrow);
    m_toggle->setToolTip(collapsed ? tr("Show the jobs") : tr("Show one line only"));
    m_list->setVisible(!collapsed);
    m_body->setMinimumHeight(collapsed ? 0 : m_delegate->rowHeight);
    m_body->setMaximumHeight(collapsed ? 0 : QWIDGETSIZE_MAX);
    m_context.settings.setValue(collapsedKey, collapsed);
    m_placeTimer.start();
}

QString JobsDock::summary() const
{
    return m_summary->text();
}

void JobsDock::sumUp()
{
    int unfinished = 0;
    int interrupted = 0;
    int failed = 0;
    int clearable = 0;
    double fraction = 0;
    const QSet<QUuid> groups = job::unfinishedGroups(m_context.jobs);
    const QList<job::JobId> all = m_context.jobs.jobs(); // those in closed groups have no row
    for (const job::JobId &id : all) {
        const job::JobRecord *job = m_context.jobs.job(id);
        if (!job->isFinished()) {
            ++unfinished;
            fraction += job->fraction;
            continue;
        }
        interrupted += job->state == job::JobState::Interrupted ? 1 : 0;
        failed += job->state == job::JobState::Failed || job->state == job::JobState::Stuck ? 1 : 0;
        clearable += job->state != job::JobState::Interrupted && !groups.contains(job::groupOf(job->plan).id) ? 1 : 0;
    }
    QStringList parts;
    if (interrupted > 0) {
        parts.append(tr("%n interrupted", nullptr, interrupted));
    }
    if (unfinished > 0) {
        fraction /= unfinished;
        //: how many jobs run or wait, and how far they are together
        const QString count = unfinished == 1 ? tr("1 job, %1 %") : tr("%n jobs, %1 %", nullptr, unfinished);
        parts.append(count.arg(int(std::floor(fraction * 100))));
    }
    if (failed > 0) {
        parts.append(tr("%n failed", nullptr, failed));
    }
    if (parts.isEmpty()) {
        parts.append(!all.isEmpty() ? tr("all done") : tr("none"));
    }
    m_summary->setText(parts.join(u", "_s));
    m_overall->setValue(int(std::lround(fraction * 1000)));
    m_overall->setVisible(unfinished > 0);
    m_clear->setEnabled(clearable > 0);
    Q_EMIT summaryChanged();
}

void JobsDock::placeRows()
{
    QSet<QUuid> known;
    if (isVisible() && !m_collapsed) {
        const int width = m_list->viewport()->width();
        const int bottom = m_list->viewport()->height();
        const QModelIndex top = m_list->indexAt(QPoint(1, 1));
        for (int row = top.isValid() ? top.row() : 0; row < m_model->rowCount(); ++row) {
            const QModelIndex index = m_model->index(row);
            if (m_list->visualRect(index).top() > bottom) {
                break;
            }
            const QUuid id = index.data(model::JobModel::JobIdRole).toUuid();
            known.insert(id);
            if (m_rows.value(id)) {
                continue;
            }
            auto *widget = new JobRow(index, m_open.contains(id), m_list->viewport());
            connect(widget, &JobRow::cancelWanted, this, &JobsDock::cancel);
            connect(widget, &JobRow::openChanged, this, [this, id](bool open) { toggleOpen(id, open); });
            connect(widget, &JobRow::recoverWanted, this, &JobsDock::recover);
            connect(widget, &JobRow::connectWanted, this, &JobsDock::connectWanted);
            connect(widget, &JobRow::lookWanted, this, &JobsDock::look);
            widget->update(missingHost(index));
            m_rows.insert(id, widget);
            m_list->setIndexWidget(index, widget);
            if (m_open.contains(id)) {
                m_delegate->heights.insert(id, widget->heightAt(width));
            }
        }
    }
    // What scrolled away is given up, unless somebody marks text or presses keys there.
    for (auto it = m_rows.begin(); it != m_rows.end();) {
        const QModelIndex index = m_model->indexOf(it.key());
        if (!index.isValid() || !it.value()) { // the list has deleted the widget together with its row
            m_open.remove(it.key());
            m_delegate->heights.remove(it.key());
            it = m_rows.erase(it);
        } else if (!known.contains(it.key()) && !it.value()->isInUse()) {
            m_list->setIndexWidget(index, nullptr);
            it = m_rows.erase(it);
        } else {
            ++it;
        }
    }
}

/** A single job at once; of several what that means is said first. */
void JobsDock::cancel(const QUuid &id)
{
    if (m_model->indexOf(id).data(model::JobModel::IsGroupRole).toBool()) {
        askToCancelGroup(m_context.jobs, id, window());
    } else {
        m_context.jobs.cancel(id);
    }
}

void JobsDock::toggleOpen(const QUuid &job, bool open)
{
    if (m_model->indexOf(job).data(model::JobModel::IsGroupRole).toBool()) {
        m_model->setOpen(job, open);
        return;
    }
    JobRow *widget = m_rows.value(job);
    if (!widget) {
        return;
    }
    if (open) {
        m_open.insert(job);
        m_delegate->heights.insert(job, widget->heightAt(m_list->viewport()->width()));
    } else {
        m_open.remove(job);
        m_delegate->heights.remove(job);
    }
    m_list->doItemsLayout();
    m_placeTimer.start();
}

void JobsDock::showInterrupted()
{
    setCollapsed(false);
    show();
    raise();
    m_list->scrollToTop();
}

void JobsDock::updateRows()
{
    for (auto it = m_rows.cbegin(); it != m_rows.cend(); ++it) {
        if (JobRow *widget = it.value()) {
            widget->update(missingHost(m_model->indexOf(it.key())));
        }
    }
}

void JobsDock::watchHost(const QUuid &id)
{
    if (const virt::Host *host = m_context.hosts.host(id)) {
        connect(host, &virt::Host::statusChanged, this, &JobsDock::updateRows);
    }
    updateRows();
}

/** The first host of the job that is not there to be worked on. */
QString JobsDock::missingHost(const QModelIndex &index) const
{
    const QStringList uris = index.data(model::JobModel::HostUrisRole).toStringList();
    for (const QString &uri : uris) {
        const virt::Host *host = m_context.hosts.findUri(uri);
        if (!host || !host->isConnected()) {
            return uri;
        }
    }
    return {};
}

void JobsDock::recover(const QUuid &job, job::Recovery recovery)
{
    if (const auto begun = m_context.jobs.recover(job, recovery); !begun) {
        Q_EMIT problem(begun.error().message);
    }
}

/** Asks the hosts, in a lane of the job's own, what there is of each step. */
void JobsDock::look(const QUuid &id)
{
    const job::JobRecord *job = m_context.jobs.job(id);
    const QPointer<JobRow> row = m_rows.value(id);
    if (!job || !row || !row->steps()) {
        return;
    }
    row->steps()->setJob(*job);
    virt::Host *host = m_context.hosts.host(job->plan.host);
    if (!host || !missingHost(m_model->indexOf(id)).isEmpty()) {
        row->steps()->setNote(tr("The host is not connected, so what is there is not known."));
        toggleOpen(id, true);
        return;
    }
    row->steps()->setNote(tr("Looking at the host …"));
    toggleOpen(id, true);
    if (!m_registry) {
        auto registry = std::make_unique<job::StepRegistry>();
        operation::registerSteps(*registry);
        m_registry = std::move(registry);
    }
    using Comparison = QList<job::StepComparison>;
    host->ask<Comparison>(
        row,
        [record = *job, registry = *m_registry, provider = m_context.hosts.provider()](
            virt::Connection &) -> Result<Comparison> { return job::compare(record, registry, provider); },
        [this, id, row](const Result<Comparison> &found) {
            if (!row || !row->steps()) {
                return;
            }
            if (found) {
                row->steps()->setReality(*found);
            } else {
                row->steps()->setNote(found.error().message);
            }
            toggleOpen(id, true);
        },
        LookDeadline);
}

bool JobsDock::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_list->viewport() && event->type() == QEvent::Resize) {
        for (auto it = m_delegate->heights.begin(); it != m_delegate->heights.end(); ++it) {
            if (const JobRow *widget = m_rows.value(it.key())) {
                it.value() = widget->heightAt(m_list->viewport()->width());
            }
        }
        m_placeTimer.start();
    }
    return QDockWidget::eventFilter(watched, event);
}

} // namespace vireo::ui
