// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/renamedialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/operation/lifecycle.h"
#include "backend/virt/inventory.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

RenameDialog::RenameDialog(const UiContext &context, const virt::DomainKey &domain, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_domain(domain)
    , m_name(new QLineEdit(this))
    , m_problem(new QLabel(this))
{
    setObjectName(u"renameDialog"_s);
    setWindowTitle(tr("Rename"));
    if (const virt::DomainRecord *record = m_context.inventory.domain(domain)) {
        m_oldName = record->name;
    }

    auto *label = new QLabel(tr("&Name:"), this);
    label->setBuddy(m_name);
    m_name->setObjectName(u"name"_s);
    m_name->setAccessibleName(tr("Name"));
    m_name->setText(m_oldName);
    m_name->selectAll();
    m_name->setMinimumWidth(fontMetrics().averageCharWidth() * 40);
    auto *form = new QFormLayout;
    form->addRow(label, m_name);

    m_problem->setObjectName(u"problem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setMinimumHeight(fontMetrics().height() * 2); // kept, so that the dialog does not jump while typing
    m_problem->setAlignment(Qt::AlignTop | Qt::AlignLeft);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_rename = buttons->addButton(tr("Rename"), QDialogButtonBox::AcceptRole);
    m_rename->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &RenameDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &RenameDialog::reject);
    connect(m_name, &QLineEdit::textChanged, this, &RenameDialog::check);
    // Somebody else may take the name, or remove the domain, while the dialog is open.
    connect(&m_context.inventory, &virt::Inventory::domainsAdded, this, &RenameDialog::check);
    connect(&m_context.inventory, &virt::Inventory::domainsChanged, this, &RenameDialog::check);
    connect(&m_context.inventory, &virt::Inventory::domainsRemoved, this, &RenameDialog::check);

    auto *layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_problem);
    layout->addStretch();
    layout->addWidget(buttons);
    check();
}

QString RenameDialog::problem() const
{
    const QString name = m_name->text();
    if (!m_context.inventory.domain(m_domain)) {
        return tr("This virtual machine no longer exists.");
    }
    if (const QString why = operation::nameProblem(name); !why.isEmpty()) {
        return why;
    }
    const QList<QUuid> others = m_context.inventory.domainsOf(m_domain.host);
    for (const QUuid &other : others) {
        const virt::DomainRecord *record = m_context.inventory.domain({m_domain.host, other});
        if (record && other != m_domain.domain && record->name == name) {
            return tr("Another virtual machine on this host has that name.");
        }
    }
    return {};
}

void RenameDialog::check()
{
    const QString why = problem();
    QPalette palette = m_problem->palette();
    palette.setColor(QPalette::WindowText, glyphColor(Glyph::Crashed, this->palette()));
    m_problem->setPalette(palette);
    m_problem->setText(why);
    m_rename->setEnabled(why.isEmpty() && m_name->text() != m_oldName);
    m_rename->setToolTip(why);
}

void RenameDialog::accept()
{
    const virt::DomainRecord *record = m_context.inventory.domain(m_domain);
    if (!record || !m_rename->isEnabled()) {
        return;
    }
    QStringList taken;
    const QList<QUuid> others = m_context.inventory.domainsOf(m_domain.host);
    for (const QUuid &other : others) {
        if (const virt::DomainRecord *each = m_context.inventory.domain({m_domain.host, other});
            each && other != m_domain.domain) {
            taken.append(each->name);
        }
    }
    m_context.jobs.run(operation::planRename(m_domain.host, *record, m_name->text(), taken));
    QDialog::accept();
}

} // namespace vireo::ui
