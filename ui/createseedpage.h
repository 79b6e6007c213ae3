// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/createseed.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QPushButton;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** What the new VM is told at its first boot; off at first. GUI thread. */
class CreateSeedPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSeedPage)

public:
    explicit CreateSeedPage(CreateSeed &seed, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void makeFields();
    void makeNetwork();
    void makeMore();
    void connectFields();
    void addKey();
    void refresh();
    void refreshKeys();
    void refreshNotes();

    CreateSeed &m_seed;
    QCheckBox *m_enabled;
    QLabel *m_intro;
    QWidget *m_fields = nullptr;
    FieldGrid *m_grid;
    QComboBox *m_kind;
    QLineEdit *m_hostname;
    QLineEdit *m_user;
    QCheckBox *m_sudo;
    QLineEdit *m_password;
    QListWidget *m_keys;
    QLineEdit *m_newKey;
    QPushButton *m_addKey;
    QComboBox *m_network;
    QLineEdit *m_address4;
    QLineEdit *m_gateway4;
    QLineEdit *m_address6;
    QLineEdit *m_gateway6;
    QLineEdit *m_dns;
    FieldGrid *m_moreGrid;
    QLineEdit *m_packages;
    QCheckBox *m_update;
    QLineEdit *m_timezone;
    QPlainTextEdit *m_userData;
    QPlainTextEdit *m_metadata;
    QHash<CreateSeed::Part, FieldNote *> m_notes;
    FieldNote *m_newKeyNote = nullptr;
};

} // namespace vireo::ui
