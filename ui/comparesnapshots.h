// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

namespace vireo::ui {

class DiffView;
class MessageBar;

/**
 * Shows how a domain's definition differs between two snapshots, or between one and now. Reads both from the host;
 * older on the left. Opened, never executed; deletes itself when closed. GUI thread.
 */
class CompareSnapshots final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CompareSnapshots)

public:
    /** An empty name is "now". */
    CompareSnapshots(const UiContext &context, const virt::DomainKey &domain, const QString &one, const QString &other,
        QWidget *parent);

    DiffView *view() const { return m_view; }

private:
    struct Texts;
    void read(const UiContext &context, const virt::DomainKey &domain, const QString &one, const QString &other);

    MessageBar *m_message;
    DiffView *m_view;
};

} // namespace vireo::ui
