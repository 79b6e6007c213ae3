// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/customisedialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/hardwareeditor.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

CustomiseDialog::CustomiseDialog(const QString &xml, QWidget *parent)
    : QDialog(parent)
    , m_editor(new HardwareEditor(HardwareEditor::Buttons::Plain, this))
{
    setWindowTitle(tr("Customise Hardware"));
    setObjectName(u"customise"_s);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    connect(buttons, &QDialogButtonBox::accepted, this, &CustomiseDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &CustomiseDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_editor, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 120, fontMetrics().height() * 38);
    connect(m_editor, &HardwareEditor::edited, this, &CustomiseDialog::updateButton);
    (void)m_editor->draft().setBase(xml); // the plan's own: well-formed, or the pages stay empty
    updateButton();
}

void CustomiseDialog::setHost(const xml::devices::HostFacts &host)
{
    m_editor->setHost(host);
}

void CustomiseDialog::updateButton()
{
    const QString why = m_editor->reason();
    m_ok->setEnabled(why.isEmpty());
    m_ok->setToolTip(why);
}

void CustomiseDialog::accept()
{
    if (!m_ok->isEnabled()) {
        return;
    }
    if (m_editor->draft().isEdited()) {
        Q_EMIT chosen(m_editor->draft().wanted());
    }
    QDialog::accept();
}

} // namespace vireo::ui
