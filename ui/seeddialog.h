// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QDialog>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobrecord.h"
#include "backend/operation/create/seedchange.h"
#include "ui/uicontext.h"

class QCheckBox;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace vireo::ui {

class FactList;
class FieldNote;
class MessageBar;

/**
 * The cloud-init seed of one virtual machine: which volume in which drive; ejects it, or makes it anew with what the
 * form says, each after the plan was shown. Shown, never executed. GUI thread; facts are read in the host's lanes, a
 * password is hashed in a lane of its own. The password stands in its field alone and is gone with the dialog.
 */
class SeedDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SeedDialog)

public:
    SeedDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent);
    ~SeedDialog() override;

    virt::DomainKey domain() const { return m_domain; }

private:
    QWidget *buildForm();
    void read();
    void showFacts(const Result<operation::SeedFacts> &facts);
    void update();
    /** Everything but the password. */
    seed::SeedDraft draft() const;
    /** Shows what is wrong beside the fields. False: something is. */
    bool checkForm();
    void ejectSeed();
    void makeAnew();
    void proposeAnew(const seed::SeedDraft &draft);
    void propose(const job::Plan &plan, const QString &act);
    void jobEnded(const QUuid &id);

    UiContext m_context;
    virt::DomainKey m_domain;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane; ///< made with the first password
    std::optional<operation::SeedFacts> m_facts;
    job::JobId m_job; ///< the change that runs; null: none
    bool m_reading = false;
    bool m_hashing = false;
    bool m_jobFailed = false; ///< the bar says why: reading anew must not wipe it

    MessageBar *m_message;
    FactList *m_list;
    QWidget *m_form = nullptr;
    QLineEdit *m_hostname;
    QLineEdit *m_user;
    QLineEdit *m_password;
    QCheckBox *m_sudo;
    QPlainTextEdit *m_keys;
    QPlainTextEdit *m_userData;
    FieldNote *m_hostnameNote = nullptr;
    FieldNote *m_userNote = nullptr;
    FieldNote *m_passwordNote = nullptr;
    FieldNote *m_keysNote = nullptr;
    FieldNote *m_userDataNote = nullptr;
    QPushButton *m_refresh;
    QPushButton *m_eject;
    QPushButton *m_anew;
};

} // namespace vireo::ui
