// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/operation/migrate/migrationfeed.h"
#include "model/migrationtexts.h"
#include "ui/uicontext.h"

class QComboBox;
class QGroupBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace vireo::job {
struct JobRecord;
}

namespace vireo::ui {

class FactList;
class FieldGrid;
class FieldNote;
class MessageBar;
class MigrationChart;

/**
 * One migration of the MigrationFeed while it runs, with the levers that steer it, and what came of it afterwards. Each
 * lever says what it would come to before it is used; what interrupts the guest or can't be taken back asks once more,
 * in place. Costs nothing while it is not on screen. GUI thread; owned by its parent.
 */
class MigrationView final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationView)

public:
    explicit MigrationView(const UiContext &context, QWidget *parent = nullptr);

    /** `source`: the domain at its source, as the feed knows it; null: none. */
    void setMigration(const virt::DomainKey &source);
    const virt::DomainKey &migration() const { return m_key; }
    /** Offers "Close" once it has ended: the feed forgets it then. */
    void setClosable(bool closable);

    /** The migration that this VM is in, or came here by: the feed's key; null: none. */
    static virt::DomainKey migrationOf(const operation::MigrationFeed *feed, const virt::DomainKey &vm);

Q_SIGNALS:
    /** The diagnosis asks for a person. */
    void recoverWanted(const vireo::virt::DomainKey &source);

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeLevers();
    QWidget *makeQuestion();
    void refresh();
    void showPicture(const operation::MigrationPicture &picture);
    void showLevers(const operation::MigrationPicture &picture);
    const job::JobRecord *jobOf(const virt::DomainKey &domain) const;
    void showResult(const operation::MigrationPicture &picture);
    void updateNotes();
    void ask(model::MigrationLever lever);
    void answer();
    void dropQuestion();
    void send(const operation::MigrationCommand &command, const QString &mark);
    QString questionText() const;

    UiContext m_context;
    virt::DomainKey m_key;
    operation::MigrationPicture m_picture;
    bool m_known = false;
    bool m_closable = false;
    bool m_stale = true; ///< the feed has something newer than what is shown
    QString m_lastAction;
    model::MigrationLever m_asked = model::MigrationLever::Abort;
    quint64 m_shownBandwidth = 0; ///< in force when the fields were last filled
    quint64 m_shownDowntime = 0;
    migration::Policy m_shownPolicy;

    QLabel *m_title;
    QLabel *m_phase;
    QLabel *m_left;
    QLabel *m_action;
    QProgressBar *m_progress;
    MessageBar *m_note;
    MigrationChart *m_chart;
    QWidget *m_levers = nullptr;
    FieldGrid *m_grid = nullptr;
    QSpinBox *m_bandwidth = nullptr;
    QSpinBox *m_downtime = nullptr;
    QComboBox *m_policy = nullptr;
    FieldNote *m_bandwidthNote = nullptr;
    FieldNote *m_downtimeNote = nullptr;
    FieldNote *m_policyNote = nullptr;
    QPushButton *m_setBandwidth = nullptr;
    QPushButton *m_setDowntime = nullptr;
    QPushButton *m_setPolicy = nullptr;
    QPushButton *m_postCopy = nullptr;
    QPushButton *m_pause = nullptr;
    QPushButton *m_abort = nullptr;
    QWidget *m_question = nullptr;
    QLabel *m_questionText = nullptr;
    QPushButton *m_yes = nullptr;
    QPushButton *m_no = nullptr;
    QWidget *m_result;
    FactList *m_facts = nullptr;
    QPushButton *m_close;
};

} // namespace vireo::ui
