// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QDialog>
#include <QTimer>

#include "backend/operation/migrate/migraterecovery.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "ui/uicontext.h"

class QCheckBox;
class QGroupBox;
class QLabel;
class QPushButton;

namespace vireo::ui {

class MessageBar;

/** What the dialog asks of hosts; tests put others in their place. */
struct RecoverServices {
    std::function<migration::Side(virt::Connection &connection, const QUuid &domain)> side = &migration::readSide;
    std::function<job::Plan(const operation::MigrationRecovery &recovery)> plan = &operation::planMigrationRecovery;
};

/**
 * A migration that libvirt leaves to a person: what each host has, side by side, what that means, and the one act that
 * is safe. There never is a button that would run the guest twice or end its last good copy. Follows the feed while it
 * is open; closes by itself when there is nothing left to decide. Not modal. GUI thread.
 */
class MigrationRecoverDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationRecoverDialog)

public:
    MigrationRecoverDialog(const UiContext &context, const virt::DomainKey &source, QWidget *parent = nullptr,
        const RecoverServices &services = {});

    const virt::DomainKey &migration() const { return m_key; }
    /** Whether this picture asks for a person. */
    static bool isWanted(const operation::MigrationPicture &picture);

private:
    struct Column {
        QGroupBox *box = nullptr;
        QLabel *state = nullptr;
        QLabel *details = nullptr;
        quint64 generation = 0;
    };
    Column makeColumn(const QString &name);
    void refresh();
    void readSides();
    void readSide(Column &column, const virt::HostId &host);
    void showSide(Column &column, const migration::Side &side);
    void act();
    void updateButton();

    UiContext m_context;
    RecoverServices m_services;
    virt::DomainKey m_key;
    operation::MigrationPicture m_picture;
    migration::Diagnosis m_acted; ///< what was agreed to last: not twice
    bool m_hasActed = false;
    QLabel *m_heading;
    QLabel *m_text;
    Column m_source;
    Column m_destination;
    QLabel *m_advice;
    MessageBar *m_message;
    QCheckBox *m_consent;
    QPushButton *m_remedy;
    QPushButton *m_later;
    QTimer m_look;
};

} // namespace vireo::ui
