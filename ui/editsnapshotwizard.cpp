// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editsnapshotwizard.h"

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "backend/snapshot/naming.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

EditSnapshotPage::EditSnapshotPage(const QString &snapshot, QWidget *parent)
    : WizardPage(tr("Name and description"), parent)
    , m_snapshot(snapshot)
    , m_grid(new FieldGrid(this))
    , m_name(new QLineEdit(snapshot, this))
    , m_description(new QPlainTextEdit(this))
{
    m_nameNote = m_grid->addField(tr("&Name"), m_name);
    m_description->setTabChangesFocus(true);
    m_description->setFixedHeight(fontMetrics().lineSpacing() * 7);
    m_grid->addField(tr("&Description"), m_description);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->addWidget(m_grid);
    layout->addStretch(1);
    const auto chosen = [this] {
        refresh();
        Q_EMIT changed();
    };
    connect(m_name, &QLineEdit::textChanged, this, chosen);
    connect(m_description, &QPlainTextEdit::textChanged, this, chosen);
    refresh();
}

void EditSnapshotPage::setFacts(const snapshot::Facts &facts)
{
    m_known = true;
    m_facts = facts;
    m_noRename = operation::renameRefusal(facts, m_snapshot);
    const snapshot::Snapshot *snapshot = facts.find(m_snapshot);
    if (snapshot && m_description->toPlainText() == m_oldDescription) {
        m_oldDescription = snapshot->description;
        const QSignalBlocker blocker(m_description);
        m_description->setPlainText(m_oldDescription);
    }
    refresh();
    Q_EMIT changed();
}

QString EditSnapshotPage::nameProblem() const
{
    const QString name = m_name->text().trimmed();
    return m_known && name != m_snapshot ? snapshot::nameProblem(name, m_facts) : QString();
}

void EditSnapshotPage::refresh()
{
    m_name->setReadOnly(!m_noRename.isEmpty());
    m_nameNote->setText(nameProblem(), m_noRename);
    Q_EMIT completeChanged();
}

operation::SnapshotEditDraft EditSnapshotPage::draft() const
{
    operation::SnapshotEditDraft draft;
    draft.snapshot = m_snapshot;
    if (const QString name = m_name->text().trimmed(); name != m_snapshot) {
        draft.name = name;
    }
    if (const QString text = m_description->toPlainText().trimmed(); text != m_oldDescription) {
        draft.description = text;
    }
    return draft;
}

bool EditSnapshotPage::isComplete() const
{
    return reason().isEmpty();
}

QString EditSnapshotPage::reason() const
{
    if (!m_known) {
        return tr("What there is on the host is still being read.");
    }
    if (!m_facts.find(m_snapshot)) {
        return tr("There is no snapshot %1 any more.").arg(m_snapshot);
    }
    if (const QString problem = nameProblem(); !problem.isEmpty()) {
        return problem;
    }
    const operation::SnapshotEditDraft wanted = draft();
    return wanted.name || wanted.description ? QString() : tr("Nothing has been changed.");
}

QWidget *EditSnapshotPage::firstField() const
{
    return m_noRename.isEmpty() ? static_cast<QWidget *>(m_name) : m_description;
}

EditSnapshotWizard::EditSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent)
    : SnapshotWizard(context, domain, facts, tr("Edit Snapshot"), tr("&Save"), u"editsnapshot"_s, parent)
    , m_page(new EditSnapshotPage(snapshot, this))
{
    setObjectName(u"editSnapshot"_s);
    connect(m_page, &EditSnapshotPage::changed, this, &EditSnapshotWizard::choicesChanged);
    addPage(m_page);
    begin();
}

SnapshotWizard::Planner EditSnapshotWizard::planner() const
{
    return [host = domain().host, draft = m_page->draft()](const snapshot::Facts &facts) {
        return operation::planSnapshotEdit(host, facts, draft);
    };
}

void EditSnapshotWizard::factsRead()
{
    m_page->setFacts(*facts());
}

} // namespace vireo::ui
