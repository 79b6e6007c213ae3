// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QLabel;
class QTableView;

namespace vireo::model {
class EventModel;
}

namespace vireo::ui {

/** What happened to a host or a domain, newest first; rows can be copied. GUI thread; owned by its parent. */
class EventsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EventsPage)

public:
    explicit EventsPage(const UiContext &context, QWidget *parent = nullptr);
    /** Null domain: everything of the host. */
    void setSubject(const virt::HostId &host, const QUuid &domain);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void updateEmpty();
    void copySelected();

    model::EventModel *m_model;
    QTableView *m_view;
    QLabel *m_empty;
};

} // namespace vireo::ui
