// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/virt/connectionuri.h"
#include "backend/virt/host.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/**
 * Adds or edits a connection: a form that builds the URI, or the URI itself. Everything is checked while typing, beside
 * the field. A URI that may run programs or trust a stranger needs consent in a check box each time anew; the consent
 * is in settings().riskAccepted and is never stored. GUI thread; looks nothing up.
 */
class ConnectionDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConnectionDialog)

public:
    explicit ConnectionDialog(QWidget *parent = nullptr);

    /** To edit a connection; consent given earlier does not count. */
    void setSettings(const virt::HostSettings &settings);
    /** What the form says now; id and demo mark are those of setSettings(). */
    virt::HostSettings settings() const;

private:
    void buildFields();
    bool isCustom() const;
    QString transport() const;
    /** The URI that the form describes. */
    virt::ConnectionUri fromForm() const;
    bool fillForm(const virt::ConnectionUri &uri);
    void refresh();
    /** Says what is wrong with each field; true: nothing is. */
    bool checkFields();

    virt::HostSettings m_settings;
    FieldGrid *m_grid;
    QComboBox *m_hypervisor;
    QComboBox *m_transport;
    QLineEdit *m_host;
    QLineEdit *m_user;
    QLineEdit *m_port;
    QLineEdit *m_path;
    QLineEdit *m_uri;
    QLineEdit *m_name;
    FieldNote *m_transportNote = nullptr;
    FieldNote *m_hostNote = nullptr;
    FieldNote *m_userNote = nullptr;
    FieldNote *m_portNote = nullptr;
    FieldNote *m_pathNote = nullptr;
    FieldNote *m_uriNote = nullptr;
    QWidget *m_risk;
    QLabel *m_riskText;
    QCheckBox *m_riskAccepted;
    QString m_riskyUri; ///< consent holds for this URI alone
    QCheckBox *m_autoconnect;
    QCheckBox *m_readOnly;
    QPushButton *m_ok;
};

} // namespace vireo::ui
