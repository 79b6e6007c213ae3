// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QDialog>
#include <QHash>

#include "backend/operation/deletion.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace vireo::ui {

/**
 * Asks whether virtual machines shall go, and which of their volumes with them: none unless ticked. Reads what each has
 * from its host, one after another, and refuses volumes that others use. Opened, never executed. GUI thread.
 */
class DeleteDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DeleteDialog)

public:
    DeleteDialog(const UiContext &context, const QList<virt::DomainKey> &domains, QWidget *parent);

    void accept() override;

private:
    struct Entry {
        virt::DomainKey key;
        QTreeWidgetItem *item = nullptr;
        std::optional<operation::DeleteFacts> facts;
        bool failed = false;
    };
    void readNext();
    void showFacts(Entry &entry, const Result<operation::DeleteFacts> &facts);
    void sumUp();

    UiContext m_context;
    QList<Entry> m_entries;
    qsizetype m_next = 0;
    QLabel *m_question;
    QLabel *m_summary;
    QTreeWidget *m_tree;
    QPushButton *m_delete;
};

} // namespace vireo::ui
