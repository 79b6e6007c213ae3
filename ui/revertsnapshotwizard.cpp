// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/revertsnapshotwizard.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "backend/snapshot/layers.h"
#include "backend/snapshot/naming.h"
#include "model/format.h"
#include "model/snapshottexts.h"
#include "ui/createfields.h"
#include "ui/fieldgrid.h"
#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using snapshot::Snapshot;
using virt::snapshots::After;

RevertSnapshotPage::RevertSnapshotPage(const QString &snapshot, QWidget *parent)
    : WizardPage(tr("Going back"), parent)
    , m_snapshot(snapshot)
    , m_what(new QLabel(this))
    , m_problems(new QLabel(this))
    , m_grid(new FieldGrid(this))
    , m_state(new QComboBox(this))
    , m_keep(new QCheckBox(tr("Take a snapshot of now &first"), this))
    , m_keepGrid(new FieldGrid(this))
    , m_name(new QLineEdit(this))
    , m_loss(new QLabel(this))
{
    for (QLabel *label : {m_what, m_problems, m_loss}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setFocusPolicy(Qt::NoFocus);
    }
    m_problems->setAccessibleName(tr("What is wrong"));
    m_loss->setAccessibleName(tr("What is lost"));
    m_problems->hide();
    m_state->addItem(tr("As the snapshot has it"), static_cast<int>(After::AsThen));
    m_state->addItem(tr("Running"), static_cast<int>(After::Running));
    m_state->addItem(tr("Paused"), static_cast<int>(After::Paused));
    m_state->addItem(tr("Shut off"), static_cast<int>(After::Off));
    createfields::narrow(m_state);
    m_stateNote = m_grid->addField(tr("&State afterwards"), m_state);
    m_keep->setChecked(true);
    m_nameNote = m_keepGrid->addField(tr("&Name"), m_name);

    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    for (QWidget *each :
        {static_cast<QWidget *>(m_what), static_cast<QWidget *>(m_problems), static_cast<QWidget *>(m_grid),
            static_cast<QWidget *>(m_keep), static_cast<QWidget *>(m_keepGrid), static_cast<QWidget *>(m_loss)}) {
        layout->addWidget(each);
    }
    createfields::fillPage(this, content);
    const auto chosen = [this] {
        refresh();
        Q_EMIT changed();
    };
    connect(m_state, &QComboBox::currentIndexChanged, this, chosen);
    connect(m_keep, &QCheckBox::clicked, this, chosen);
    connect(m_name, &QLineEdit::textChanged, this, chosen);
    refresh();
}

void RevertSnapshotPage::setFacts(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies)
{
    m_known = true;
    m_facts = facts;
    if (m_name->text() == m_proposedName) {
        m_proposedName = snapshot::suggestedName(facts, QDateTime::currentDateTime());
        const QSignalBlocker blocker(m_name);
        m_name->setText(m_proposedName);
    }
    QStringList problems;
    for (const snapshot::Discrepancy &each : discrepancies) {
        if (each.snapshot == m_snapshot) {
            QStringList sentences{each.text, each.cause, each.fix};
            sentences.removeAll(QString());
            problems.append(sentences.join(u' '));
        }
    }
    m_problems->setText(problems.join(u'\n'));
    m_problems->setVisible(!problems.isEmpty());
    QPalette colored = palette();
    colored.setColor(QPalette::WindowText, planicons::problemColor(palette()));
    m_problems->setPalette(colored);
    refresh();
    Q_EMIT changed();
}

/** What has been written since, in figures where there are any. */
QString RevertSnapshotPage::loss() const
{
    const Snapshot *current = m_facts.current();
    quint64 bytes = 0;
    for (const snapshot::DiskNow &disk : m_facts.disks) {
        const snapshot::SnapshotDisk *then = current ? current->disk(disk.target) : nullptr;
        if (then && then->kind == snapshot::SnapshotDisk::Kind::External && !disk.chain.isEmpty()) {
            bytes += m_facts.files.value(disk.chain.constFirst().path).allocation;
        }
    }
    if (!current) {
        return tr("Otherwise all that the virtual machine is now is lost: no snapshot has it.");
    }
    const QString when = QLocale().toString(current->created.toLocalTime(), QLocale::ShortFormat);
    return bytes > 0 ? tr("Otherwise what was written since the snapshot %1 (%2) is lost: up to %3.")
                           .arg(current->name, when, model::formatBytes(bytes))
                     : tr("Otherwise what was written since the snapshot %1 (%2) is lost.").arg(current->name, when);
}

void RevertSnapshotPage::refresh()
{
    const Snapshot *snapshot = m_facts.find(m_snapshot);
    if (snapshot) {
        m_what->setText(tr("%1 goes back to %2, taken %3.")
                .arg(m_facts.domain.displayName(), m_snapshot,
                    model::formatAge(snapshot->created.secsTo(QDateTime::currentDateTimeUtc()))));
        // Without its memory a guest can't go on: it is off, as after a power failure.
        const bool goesOn = snapshot->memory != Snapshot::Memory::None;
        const QString then = tr("As the snapshot has it: %1")
                                 .arg(virt::stateText(goesOn ? snapshot->state : virt::DomainState::ShutOff));
        if (m_state->itemText(0) != then) {
            m_state->setItemText(0, then);
        }
    } else {
        m_what->setText(m_snapshot);
    }
    QString hint;
    if (snapshot && snapshot->memory == Snapshot::Memory::None && snapshot->state != virt::DomainState::ShutOff) {
        hint = tr("It ran then, but its memory was not kept: when it is started, it boots as after a power failure.");
    }
    m_stateNote->setText({}, hint);
    m_keepGrid->setVisible(m_keep->isChecked());
    m_nameNote->setText(
        m_known && m_keep->isChecked() ? snapshot::nameProblem(m_name->text().trimmed(), m_facts) : QString(), {});
    m_loss->setText(m_known ? loss() : QString());
    Q_EMIT completeChanged();
}

operation::SnapshotRevertDraft RevertSnapshotPage::draft() const
{
    operation::SnapshotRevertDraft draft;
    draft.snapshot = m_snapshot;
    draft.state = static_cast<After>(m_state->currentData().toInt());
    draft.keepNow = m_keep->isChecked();
    draft.keepName = draft.keepNow ? m_name->text().trimmed() : QString();
    return draft;
}

bool RevertSnapshotPage::isComplete() const
{
    return reason().isEmpty();
}

QString RevertSnapshotPage::reason() const
{
    if (!m_known) {
        return tr("What there is on the host is still being read.");
    }
    if (!m_facts.find(m_snapshot)) {
        return tr("There is no snapshot %1 any more.").arg(m_snapshot);
    }
    return m_keep->isChecked() ? snapshot::nameProblem(m_name->text().trimmed(), m_facts) : QString();
}

QWidget *RevertSnapshotPage::firstField() const
{
    return m_state;
}

RevertSnapshotWizard::RevertSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent)
    : SnapshotWizard(context, domain, facts, tr("Revert to Snapshot"), tr("Re&vert"), u"revertsnapshot"_s, parent)
    , m_page(new RevertSnapshotPage(snapshot, this))
{
    setObjectName(u"revertSnapshot"_s);
    connect(m_page, &RevertSnapshotPage::changed, this, &RevertSnapshotWizard::choicesChanged);
    addPage(m_page);
    begin();
}

SnapshotWizard::Planner RevertSnapshotWizard::planner() const
{
    return [host = domain().host, draft = m_page->draft()](const snapshot::Facts &facts) {
        return operation::planSnapshotRevert(host, facts, draft);
    };
}

void RevertSnapshotWizard::factsRead()
{
    m_page->setFacts(*facts(), snapshot::discrepancies(*facts()));
}

} // namespace vireo::ui
