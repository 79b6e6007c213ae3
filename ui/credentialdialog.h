// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QList>

#include "backend/virt/connection.h"

class QLineEdit;

namespace vireo::ui {

/** Asks what libvirt wants to know while it opens a connection. What is typed is kept nowhere but in answer(). GUI
 * thread. */
class CredentialDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CredentialDialog)

public:
    explicit CredentialDialog(const virt::CredentialRequest &request, QWidget *parent = nullptr);
    /** The request with the answers filled in. */
    virt::CredentialRequest answer() const;

private:
    virt::CredentialRequest m_request;
    QList<QLineEdit *> m_edits;
};

} // namespace vireo::ui
