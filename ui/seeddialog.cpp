// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/seeddialog.h"

#include <chrono>

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>

#include "backend/job/jobmanager.h"
#include "backend/seed/passwordhash.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/factlist.h"
#include "ui/fieldgrid.h"
#include "ui/messagebar.h"
#include "ui/plandialog.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

enum Fact { VolumeFact, DriveFact, PoolFact, UsersFact };

/** Looking for other users of the volume reads the XML of all domains of the host. */
constexpr std::chrono::seconds FactsDeadline{60};

/** The first blocker of a plan; null: nothing blocks. */
const job::Finding *blockerOf(const job::Plan &plan)
{
    for (const job::Finding &finding : plan.findings) {
        if (finding.severity == job::Finding::Severity::Blocker) {
            return &finding;
        }
    }
    return nullptr;
}

} // namespace

SeedDialog::SeedDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_domain(domain)
    , m_courier(std::make_shared<Courier>(this))
    , m_message(new MessageBar(this))
    , m_list(new FactList(this))
    , m_hostname(new QLineEdit(this))
    , m_user(new QLineEdit(this))
    , m_password(new QLineEdit(this))
    , m_sudo(new QCheckBox(tr("The user may become &root without a password"), this))
    , m_keys(new QPlainTextEdit(this))
    , m_userData(new QPlainTextEdit(this))
    , m_refresh(new QPushButton(tr("Re&fresh"), this))
    , m_eject(new QPushButton(tr("&Eject…"), this))
    , m_anew(new QPushButton(tr("&Make anew…"), this))
{
    setObjectName(u"seedDialog"_s);
    const virt::DomainRecord *record = m_context.inventory.domain(domain);
    setWindowTitle(record ? tr("Cloud-init seed of %1").arg(record->displayName()) : tr("Cloud-init seed"));
    m_list->addFact(tr("Seed"));
    m_list->addFact(tr("Drive"));
    m_list->addFact(tr("Storage pool"));
    m_list->addFact(tr("Also used by"));

    m_refresh->setObjectName(u"refresh"_s);
    m_eject->setObjectName(u"eject"_s);
    m_anew->setObjectName(u"makeAnew"_s);
    for (QPushButton *button : {m_refresh, m_eject, m_anew}) {
        button->setAutoDefault(false);
    }
    auto *facts = new QHBoxLayout;
    facts->addWidget(m_list, 1, Qt::AlignTop);
    facts->addWidget(m_eject, 0, Qt::AlignTop);
    facts->addWidget(m_refresh, 0, Qt::AlignTop);
    m_form = buildForm();
    if (record) {
        m_hostname->setText(seed::hostnameFrom(record->name));
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false); // Return in a field must not lose what was typed
    connect(buttons, &QDialogButtonBox::rejected, this, &SeedDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_message);
    layout->addLayout(facts);
    layout->addWidget(m_form, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 96, sizeHint().height());

    connect(m_refresh, &QPushButton::clicked, this, [this] {
        m_jobFailed = false;
        read();
    });
    connect(m_eject, &QPushButton::clicked, this, &SeedDialog::ejectSeed);
    connect(m_anew, &QPushButton::clicked, this, &SeedDialog::makeAnew);
    for (QLineEdit *edit : {m_hostname, m_user, m_password}) {
        connect(edit, &QLineEdit::textChanged, this, &SeedDialog::update);
    }
    for (QPlainTextEdit *edit : {m_keys, m_userData}) {
        connect(edit, &QPlainTextEdit::textChanged, this, &SeedDialog::update);
    }
    connect(&m_context.jobs, &job::JobManager::finished, this, &SeedDialog::jobEnded);
    read();
}

SeedDialog::~SeedDialog()
{
    m_courier->close();
}

QWidget *SeedDialog::buildForm()
{
    auto *box = new QGroupBox(tr("Make the seed anew"), this);
    auto *intro = new QLabel(tr("A guest with cloud-init that finds another seed does the work of its first boot "
                                "again. The new seed says only what stands here; nothing of the old one is kept."),
        box);
    intro->setWordWrap(true);
    m_hostname->setObjectName(u"hostname"_s);
    m_user->setObjectName(u"user"_s);
    m_password->setObjectName(u"password"_s);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhSensitiveData | Qt::ImhNoPredictiveText);
    m_sudo->setObjectName(u"sudo"_s);
    m_sudo->setChecked(true);
    m_keys->setObjectName(u"sshKeys"_s);
    m_userData->setObjectName(u"userData"_s);
    for (QPlainTextEdit *edit : {m_keys, m_userData}) {
        edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        edit->setLineWrapMode(QPlainTextEdit::NoWrap);
        edit->setTabChangesFocus(true);
        edit->setMinimumHeight(edit->fontMetrics().lineSpacing() * 4);
    }
    m_userData->setPlaceholderText(u"#cloud-config"_s);

    auto *grid = new FieldGrid(box);
    m_hostnameNote = grid->addField(tr("&Host name"), m_hostname);
    m_userNote = grid->addField(tr("&User"), m_user);
    m_passwordNote = grid->addField(tr("&Password"), m_password);
    grid->addWide(m_sudo);
    m_keysNote = grid->addField(tr("SSH public &keys"), m_keys);
    m_userDataNote = grid->addField(tr("User-&data"), m_userData);
    auto *line = new QHBoxLayout;
    line->addStretch();
    line->addWidget(m_anew);
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(intro);
    layout->addWidget(grid, 1);
    layout->addLayout(line);
    return box;
}

void SeedDialog::read()
{
    virt::Host *host = m_context.hosts.host(m_domain.host);
    if (!host) {
        showFacts(fail(Error::failed(tr("The connection was removed."))));
        return;
    }
    if (m_reading) {
        return;
    }
    m_reading = true;
    host->ask<operation::SeedFacts>(
        this,
        [uuid = m_domain.domain](virt::Connection &connection) { return operation::readSeedFacts(connection, uuid); },
        [this](const Result<operation::SeedFacts> &facts) {
            m_reading = false;
            showFacts(facts);
        },
        FactsDeadline);
    update();
}

void SeedDialog::showFacts(const Result<operation::SeedFacts> &facts)
{
    if (!facts) {
        m_facts.reset();
        m_list->clearValues();
        m_message->showMessage(MessageBar::Kind::Error, facts.error().message, facts.error().hint);
        update();
        return;
    }
    m_facts = *facts;
    m_list->setValue(VolumeFact, facts->seedVolume.isEmpty() ? tr("None") : facts->seedVolume);
    m_list->setValue(DriveFact,
        facts->target.isEmpty()
            ? (facts->seedVolume.isEmpty() ? QString() : tr("In no drive"))
            : tr("%1, a CD-ROM drive with %2", "name of a drive, path of its medium").arg(facts->target, facts->path));
    m_list->setValue(PoolFact, facts->pool.name);
    m_list->setValue(UsersFact, facts->otherUsers.join(u", "_s));
    if (!m_jobFailed) {
        const job::Plan plan = operation::planEjectSeed(m_domain.host, *m_facts);
        if (const job::Finding *blocker = blockerOf(plan)) {
            const bool none = facts->seedVolume.isEmpty();
            const QString hint =
                blocker->fix.isEmpty() ? blocker->cause : QString(blocker->cause + u' ' + blocker->fix).trimmed();
            m_message->showMessage(none ? MessageBar::Kind::Info : MessageBar::Kind::Warning, blocker->text, hint);
        } else {
            m_message->clear();
        }
    }
    update();
}

void SeedDialog::update()
{
    const virt::Host *host = m_context.hosts.host(m_domain.host);
    QString refusal;
    if (m_reading) {
        refusal = tr("Reading the virtual machine's seed…");
    } else if (!m_job.isNull()) {
        refusal = tr("The seed is being changed…");
    } else if (m_hashing) {
        refusal = tr("The password is being hashed…");
    } else if (!m_facts) {
        refusal = tr("The virtual machine's seed could not be read.");
    } else if (host && host->settings().readOnly) {
        refusal = tr("The connection to %1 is read-only.").arg(host->settings().displayName());
    } else if (const job::Plan plan = operation::planEjectSeed(m_domain.host, *m_facts); blockerOf(plan)) {
        refusal = blockerOf(plan)->text;
    }
    const bool complete = checkForm();
    m_refresh->setEnabled(!m_reading);
    m_eject->setEnabled(refusal.isEmpty());
    m_anew->setEnabled(refusal.isEmpty() && complete);
    m_form->setEnabled(m_facts && !m_facts->seedVolume.isEmpty() && !m_hashing);
    const QString shown = refusal.toHtmlEscaped(); // names are no markup
    m_eject->setToolTip(
        refusal.isEmpty() ? tr("Takes the seed out and deletes it; the guest keeps what it has become") : shown);
    m_anew->setToolTip(!refusal.isEmpty() ? shown
            : complete                    ? tr("Shows first what would be done")
                                          : tr("Something in the form is not right yet."));
}

seed::SeedDraft SeedDialog::draft() const
{
    seed::SeedDraft draft;
    draft.hostname = m_hostname->text().trimmed();
    QStringList keys;
    const QStringList lines = m_keys->toPlainText().split(u'\n');
    for (const QString &line : lines) {
        if (const QString key = line.trimmed(); !key.isEmpty()) {
            keys.append(key);
        }
    }
    if (const QString name = m_user->text().trimmed(); !name.isEmpty()) {
        seed::SeedDraft::User user;
        user.name = name;
        user.sshKeys = keys;
        user.sudo = m_sudo->isChecked();
        draft.users.append(user);
    } else {
        draft.sshKeys = keys;
    }
    draft.userData = m_userData->toPlainText().toUtf8();
    return draft;
}

bool SeedDialog::checkForm()
{
    const seed::SeedDraft draft = this->draft();
    QString hostname;
    QString user;
    QString keys;
    QString userData;
    bool complete = true;
    const QList<seed::Problem> problems = seed::problemsOf(draft, {});
    for (const seed::Problem &problem : problems) {
        QString &field = problem.path == ".hostname"_L1 ? hostname
            : problem.path.contains("ssh_keys"_L1)      ? keys
            : problem.path.startsWith(".users"_L1)      ? user
                                                        : userData;
        if (field.isEmpty()) {
            field = problem.message;
        }
        complete = false;
    }
    const bool lonePassword = draft.users.isEmpty() && !m_password->text().isEmpty();
    QString hint;
    const QList<seed::Problem> notes = seed::notesOf(draft, {});
    for (const seed::Problem &note : notes) {
        if (note.path == ".user_data"_L1) {
            hint = note.message;
        }
    }
    m_hostnameNote->setText(hostname, {});
    m_userNote->setText(user, draft.users.isEmpty() ? tr("Empty: the image's own user") : QString());
    m_passwordNote->setText(lonePassword ? tr("A password needs the user that it is for.") : QString(),
        tr("Hashed on this computer; only the hash goes into the seed"));
    m_sudo->setEnabled(!draft.users.isEmpty());
    m_keysNote->setText(keys, tr("One a line"));
    m_userDataNote->setText(userData, hint);
    return complete && !lonePassword;
}

void SeedDialog::ejectSeed()
{
    if (m_facts) {
        propose(operation::planEjectSeed(m_domain.host, *m_facts), tr("Eject"));
    }
}

void SeedDialog::makeAnew()
{
    if (!m_facts || !checkForm()) {
        return;
    }
    if (m_password->text().isEmpty()) {
        proposeAnew(draft());
        return;
    }
    if (!m_lane) {
        m_lane = std::make_unique<Lane>(u"seed-password"_s, Lane::Kind::Computing);
    }
    m_hashing = true;
    update();
    // Shared with nobody but the lane: hashPassword() overwrites it.
    m_lane->post([this, courier = m_courier, draft = draft(),
                     plain = std::make_shared<QByteArray>(m_password->text().toUtf8())]() mutable {
        const Result<QString> hash = seed::hashPassword(*plain);
        if (hash) {
            draft.users.first().passwordHash = *hash;
        }
        courier->post([this, draft, problem = hash ? QString() : hash.error().message] {
            m_hashing = false;
            update();
            if (problem.isEmpty()) {
                proposeAnew(draft);
            } else {
                m_passwordNote->setText(problem, {});
            }
        });
    });
}

void SeedDialog::proposeAnew(const seed::SeedDraft &draft)
{
    if (m_facts) {
        propose(operation::planRegenerateSeed(
                    m_domain.host, *m_facts, draft, QUuid::createUuid().toString(QUuid::WithoutBraces)),
            tr("Make anew"));
    }
}

void SeedDialog::propose(const job::Plan &plan, const QString &act)
{
    auto *dialog = new PlanDialog(plan, act, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_jobFailed = false;
        m_job = m_context.jobs.run(dialog->plan());
        if (const job::JobRecord *record = m_context.jobs.job(m_job); !record || record->isFinished()) {
            jobEnded(m_job); // refused at once
        }
        update();
    });
    dialog->open();
}

void SeedDialog::jobEnded(const QUuid &id)
{
    if (m_job.isNull() || id != m_job) {
        return;
    }
    m_job = {};
    const job::JobRecord *record = m_context.jobs.job(id);
    if (record && record->state == job::JobState::Done) {
        m_password->clear();
    } else if (record && record->state != job::JobState::Cancelled) {
        m_jobFailed = true;
        m_message->showMessage(MessageBar::Kind::Error, record->error.message, record->error.hint);
    }
    read();
}

} // namespace vireo::ui
