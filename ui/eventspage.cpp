// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/eventspage.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include "model/eventmodel.h"

namespace vireo::ui {

EventsPage::EventsPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_model(new model::EventModel(context.events, this))
    , m_view(new QTableView(this))
    , m_empty(new QLabel(tr("Nothing has happened since Vireo was started. Events appear here as they come in."), this))
{
    m_view->setModel(m_model);
    m_view->setAccessibleName(tr("Events"));
    m_view->setObjectName(QStringLiteral("eventsTable"));
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setShowGrid(false);
    m_view->setAlternatingRowColors(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setTabKeyNavigation(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    QHeaderView *header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    // Widths by what the columns usually hold and not by their content, so that nothing moves when an event comes.
    const QFontMetrics metrics(font());
    const QString stamp = QLocale().toString(QDateTime(QDate(2028, 12, 28), QTime(20, 48, 48)), QLocale::ShortFormat);
    header->resizeSection(model::EventModel::TimeColumn, metrics.horizontalAdvance(stamp + QStringLiteral(":88")) + 24);
    header->resizeSection(model::EventModel::ObjectColumn, metrics.averageCharWidth() * 18);
    header->setStretchLastSection(true);

    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(24);
    m_empty->setAutoFillBackground(false);

    auto *copy = new QAction(tr("&Copy"), m_view);
    connect(copy, &QAction::triggered, this, &EventsPage::copySelected);
    m_view->addAction(copy);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_view->installEventFilter(this);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_empty, 1);
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
        connect(m_model, signal, this, [this] { updateEmpty(); });
    }
    connect(m_model, &QAbstractItemModel::modelReset, this, &EventsPage::updateEmpty);
    updateEmpty();
}

void EventsPage::setSubject(const virt::HostId &host, const QUuid &domain)
{
    m_view->setColumnHidden(model::EventModel::ObjectColumn, !domain.isNull());
    m_model->setSubject(host, domain);
    updateEmpty();
}

void EventsPage::updateEmpty()
{
    const bool empty = m_model->rowCount() == 0;
    m_view->setHidden(empty);
    m_empty->setVisible(empty);
}

void EventsPage::copySelected()
{
    QStringList lines;
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    for (const QModelIndex &row : std::as_const(rows)) {
        QStringList cells;
        for (int column = 0; column < m_model->columnCount(); ++column) {
            cells.append(row.siblingAtColumn(column).data().toString());
        }
        lines.append(cells.join(QLatin1Char('\t')));
    }
    if (!lines.isEmpty()) {
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    }
}

bool EventsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->matches(QKeySequence::Copy)) {
        copySelected(); // the table's own copy takes the current cell alone
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace vireo::ui
