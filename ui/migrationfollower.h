// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QPointer>

#include "backend/migration/diagnosis.h"
#include "ui/uicontext.h"

class QWidget;

namespace vireo::ui {

class MigrationRecoverDialog;

/**
 * Watches the feed for a window: opens the recover dialog when a migration asks for a person (once for each state:
 * whoever closed it is not asked again until something changes), and tells when a VM has arrived. GUI thread; owned by
 * the window.
 */
class MigrationFollower final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationFollower)

public:
    MigrationFollower(const UiContext &context, QWidget *window);

    /** Opens the dialog, or brings it to the front. */
    void recover(const virt::DomainKey &source);

Q_SIGNALS:
    void arrived(const vireo::virt::DomainKey &source, const vireo::virt::DomainKey &destination);

private:
    void look(const virt::DomainKey &source);
    void lookAtJob(const QUuid &id);

    UiContext m_context;
    QWidget *m_window;
    QHash<virt::DomainKey, migration::Diagnosis> m_asked; ///< for what the dialog has come up
    QHash<virt::DomainKey, QPointer<MigrationRecoverDialog>> m_dialogs;
    QHash<virt::DomainKey, bool> m_arrived;
};

} // namespace vireo::ui
