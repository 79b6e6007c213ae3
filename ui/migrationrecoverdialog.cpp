// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migrationrecoverdialog.h"

#include <chrono>

#include <QCheckBox>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/migrationtexts.h"
#include "ui/messagebar.h"
#include "ui/migratewizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using migration::Diagnosis;
using operation::MigrationCommand;
using operation::MigrationPicture;

namespace {

/** What the hosts have can change by itself. */
constexpr std::chrono::seconds LookAgain{3};

QLabel *plainLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

MigrationRecoverDialog::MigrationRecoverDialog(
    const UiContext &context, const virt::DomainKey &source, QWidget *parent, const RecoverServices &services)
    : QDialog(parent)
    , m_context(context)
    , m_services(services)
    , m_key(source)
    , m_heading(plainLabel(this))
    , m_text(plainLabel(this))
    , m_source(makeColumn(tr("Source")))
    , m_destination(makeColumn(tr("Destination")))
    , m_advice(plainLabel(this))
    , m_message(new MessageBar(this))
    , m_consent(new QCheckBox(tr("I know that what the guest had in memory is &lost"), this))
    , m_remedy(new QPushButton(this))
    , m_later(new QPushButton(tr("&Decide Later"), this))
{
    setObjectName(u"migrationRecover"_s);
    setWindowTitle(tr("Recover a Migration"));
    setAttribute(Qt::WA_DeleteOnClose);
    setModal(false);
    setSizeGripEnabled(true);
    QFont large = font();
    large.setBold(true);
    large.setPointSizeF(large.pointSizeF() * 1.15);
    m_heading->setFont(large);
    m_text->setAccessibleName(tr("What is the case"));
    m_advice->setAccessibleName(tr("What can be done"));
    m_remedy->setObjectName(u"remedy"_s);
    m_later->setObjectName(u"decideLater"_s);
    m_message->hide();
    for (QPushButton *button : {m_remedy, m_later}) {
        button->setAutoDefault(false);
    }

    auto *sides = new QHBoxLayout;
    sides->addWidget(m_source.box, 1);
    sides->addWidget(m_destination.box, 1);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(m_remedy);
    buttons->addWidget(m_later);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(10);
    layout->addWidget(m_heading);
    layout->addWidget(m_text);
    layout->addLayout(sides);
    layout->addWidget(m_advice);
    layout->addWidget(m_consent);
    layout->addWidget(m_message);
    layout->addStretch();
    layout->addLayout(buttons);
    resize(fontMetrics().averageCharWidth() * 90, fontMetrics().height() * 22);

    connect(m_later, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_remedy, &QPushButton::clicked, this, &MigrationRecoverDialog::act);
    connect(m_consent, &QCheckBox::toggled, this, &MigrationRecoverDialog::updateButton);
    if (m_context.migrations) {
        connect(m_context.migrations, &operation::MigrationFeed::changed, this, [this](const virt::DomainKey &key) {
            if (key == m_key) {
                refresh();
            }
        });
        connect(m_context.migrations, &operation::MigrationFeed::removed, this, [this](const virt::DomainKey &key) {
            if (key == m_key) {
                close();
            }
        });
    }
    connect(&m_context.jobs, &job::JobManager::finished, this, [this](const QUuid &id) {
        const job::JobRecord *record = m_context.jobs.job(id);
        if (!record || !m_hasActed || record->plan.domain != m_key.domain || record->plan.host != m_key.host) {
            return;
        }
        if (record->state != job::JobState::Done && record->plan.operation == "migrate.remedy"_L1) {
            m_message->showMessage(MessageBar::Kind::Error, record->error.message, record->error.hint);
        }
        m_hasActed = false;
        updateButton();
        readSides();
    });
    m_look.setInterval(LookAgain);
    connect(&m_look, &QTimer::timeout, this, &MigrationRecoverDialog::readSides);
    m_look.start();
    refresh();
    readSides();
    m_later->setFocus(Qt::OtherFocusReason);
}

MigrationRecoverDialog::Column MigrationRecoverDialog::makeColumn(const QString &name)
{
    Column column;
    column.box = new QGroupBox(name, this);
    column.state = plainLabel(column.box);
    column.state->setText(tr("Asking…"));
    QFont bold = font();
    bold.setBold(true);
    column.state->setFont(bold);
    column.state->setAccessibleName(tr("State at the %1").arg(name.toLower()));
    column.details = plainLabel(column.box);
    auto *layout = new QVBoxLayout(column.box);
    layout->addWidget(column.state);
    layout->addWidget(column.details);
    layout->addStretch();
    return column;
}

bool MigrationRecoverDialog::isWanted(const MigrationPicture &picture)
{
    return !model::remedyName(picture.diagnosis.remedy).isEmpty() && !model::isOver(picture.history.phase());
}

void MigrationRecoverDialog::refresh()
{
    const MigrationPicture *picture = m_context.migrations ? m_context.migrations->picture(m_key) : nullptr;
    if (!picture) {
        updateButton();
        return;
    }
    const bool first = m_picture.domain.isNull();
    const bool other = !(picture->diagnosis == m_picture.diagnosis);
    m_picture = *picture;
    if (model::isOver(m_picture.history.phase())) {
        accept(); // the result stands on the VM's page
        return;
    }
    const auto nameOf = [this](const virt::HostId &id, const QString &fallback) {
        const virt::Host *host = m_context.hosts.host(id);
        return host ? host->settings().displayName() : fallback;
    };
    m_source.box->setTitle(tr("Source: %1").arg(nameOf(m_key.host, tr("removed"))));
    m_destination.box->setTitle(tr("Destination: %1").arg(nameOf(m_picture.destination, m_picture.destinationName)));
    m_heading->setText(tr("The migration of %1 stopped half-way").arg(m_picture.domainName));
    m_text->setText(m_picture.diagnosis.text);
    m_advice->setText(m_picture.diagnosis.advice);
    m_advice->setVisible(!m_picture.diagnosis.advice.isEmpty());
    if (other || first) {
        m_consent->setChecked(false); // it was for another state
        if (m_hasActed && !(m_acted == m_picture.diagnosis)) {
            m_hasActed = false;
        }
        readSides();
    }
    updateButton();
}

void MigrationRecoverDialog::updateButton()
{
    const QString name = model::remedyName(m_picture.diagnosis.remedy);
    const bool loses = m_picture.diagnosis.remedy == Diagnosis::Remedy::StartSource;
    m_consent->setVisible(loses);
    m_remedy->setVisible(!name.isEmpty());
    m_remedy->setText(name);
    QString why;
    if (m_hasActed) {
        why = tr("It is being done.");
    } else if (loses && !m_consent->isChecked()) {
        why = tr("Tick the box above first.");
    }
    m_remedy->setEnabled(why.isEmpty());
    m_remedy->setToolTip((why.isEmpty() ? m_picture.diagnosis.advice : why).toHtmlEscaped());
}

void MigrationRecoverDialog::readSides()
{
    readSide(m_source, m_key.host);
    readSide(m_destination, m_picture.destination);
}

void MigrationRecoverDialog::readSide(Column &column, const virt::HostId &id)
{
    virt::Host *host = m_context.hosts.host(id);
    if (!host || !host->isConnected()) {
        showSide(column, {});
        return;
    }
    const quint64 generation = ++column.generation;
    host->ask<migration::Side>(
        this,
        [read = m_services.side, domain = m_key.domain](
            virt::Connection &connection) -> Result<migration::Side> { return read(connection, domain); },
        [this, &column, generation](const Result<migration::Side> &side) {
            if (generation == column.generation) {
                showSide(column, side.value_or(migration::Side()));
            }
        });
}

void MigrationRecoverDialog::showSide(Column &column, const migration::Side &side)
{
    column.state->setText(model::sideText(side));
    column.details->setText(model::sideDetails(side).join(u'\n'));
}

void MigrationRecoverDialog::act()
{
    if (m_hasActed || !m_context.migrations) {
        return;
    }
    m_message->clear();
    m_hasActed = true;
    m_acted = m_picture.diagnosis;
    if (m_picture.isOurs) {
        MigrationCommand command;
        command.kind = MigrationCommand::Kind::Remedy;
        m_context.migrations->send(m_key, command);
    } else {
        operation::MigrationRecovery recovery;
        recovery.domain = m_key;
        recovery.domainName = m_picture.domainName;
        recovery.destination = m_picture.destination;
        recovery.diagnosis = m_picture.diagnosis;
        recovery.wasPostCopy = m_picture.inPostCopy;
        if (m_picture.peerToPeer) {
            recovery.destinationUri =
                m_context.settings.value(MigrateWizardState::uriKey(m_key.host, m_picture.destination)).toString();
        }
        m_context.jobs.run(m_services.plan(recovery));
    }
    updateButton();
    m_later->setFocus(Qt::OtherFocusReason);
}

} // namespace vireo::ui
