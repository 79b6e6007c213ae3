// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDialog>

#include "backend/operation/edit/edit.h"
#include "backend/operation/history.h"
#include "backend/virt/records.h"
#include "ui/uicontext.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTreeWidget;

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

class DiffView;

/**
 * Earlier definitions of a domain: when each was replaced and by what, what it was, compared with what is stored now
 * or with what came after it, and the way back. Files are read in a lane; passwords are shown as dots. GUI thread;
 * owned by its parent.
 */
class HistoryDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HistoryDialog)

public:
    /** `current`: the definition that is stored now, without passwords. */
    HistoryDialog(const UiContext &context, const virt::DomainKey &domain, QString current, QWidget *parent);
    ~HistoryDialog() override;

    void setRestorable(bool restorable);
    /** The list was read. */
    bool isReady() const { return m_ready; }

Q_SIGNALS:
    /** Back to that one: to be planned and applied. */
    void restoreRequested(const vireo::operation::DefinitionEdit &edit);

private:
    void readList();
    void showList(const Result<QList<operation::HistoryEntry>> &entries);
    void readEntry();
    void updateState();

    operation::DefinitionHistory m_history;
    QString m_hostUri;
    virt::DomainKey m_domain;
    QString m_current;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QList<operation::HistoryEntry> m_entries; ///< newest first
    QString m_shown;                          ///< the chosen one, without passwords
    QString m_shownId;
    quint64 m_generation = 0;
    bool m_ready = false;
    bool m_restorable = true;
    QTreeWidget *m_list;
    QComboBox *m_against;
    DiffView *m_diff;
    QLabel *m_note;
    QPushButton *m_restore = nullptr;
};

} // namespace vireo::ui
