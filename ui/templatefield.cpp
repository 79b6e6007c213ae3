// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/templatefield.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/createwizardstate.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::Template;

namespace {

QString idOf(const Template &which)
{
    return which.path.isEmpty() ? u"built-in:"_s + which.name : which.path;
}

} // namespace

TemplateField::TemplateField(CreateTemplates &templates, CreateWizardState &state, QWidget *page)
    : QObject(page)
    , m_templates(templates)
    , m_state(state)
    , m_combo(new QComboBox(page))
    , m_manage(new QPushButton(tr("&Manage"), page))
    , m_panel(new QWidget(page))
    , m_list(new QListWidget(m_panel))
    , m_name(new QLineEdit(m_panel))
    , m_rename(new QPushButton(tr("Rename"), m_panel))
    , m_remove(new QPushButton(tr("Delete"), m_panel))
{
    createfields::narrow(m_combo);
    m_manage->setAutoDefault(false);
    m_manage->setCheckable(true);
    m_manage->setToolTip(tr("Rename and delete saved templates"));
    makePanel();
    connect(m_manage, &QPushButton::toggled, m_panel, &QWidget::setVisible);
    connect(m_combo, &QComboBox::activated, this, &TemplateField::choose);
    connect(&m_templates, &CreateTemplates::changed, this, &TemplateField::refresh);
    connect(&m_templates, &CreateTemplates::finished, this, [this](const QString &problem) {
        if (m_note && (m_panel->isVisible() || problem.isEmpty())) {
            m_note->setText(problem, {});
        }
    });
    refresh();
}

void TemplateField::setNote(FieldNote *note)
{
    m_note = note;
}

void TemplateField::makePanel()
{
    m_panel->hide();
    m_list->setAccessibleName(tr("Saved templates"));
    m_list->setFixedHeight(4 * m_list->fontMetrics().lineSpacing() + 24);
    m_name->setAccessibleName(tr("New name of the template"));
    m_name->setPlaceholderText(tr("New name"));
    auto *buttons = new QVBoxLayout;
    buttons->addWidget(m_name);
    auto *line = new QHBoxLayout;
    for (QPushButton *button : {m_rename, m_remove}) {
        button->setAutoDefault(false);
        line->addWidget(button);
    }
    line->addStretch(1);
    buttons->addLayout(line);
    buttons->addStretch(1);
    auto *layout = new QHBoxLayout(m_panel);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons, 1);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        const Template *which = selected();
        m_name->setText(which ? which->name : QString());
        refreshPanel();
    });
    connect(m_name, &QLineEdit::textChanged, this, &TemplateField::refreshPanel);
    connect(m_rename, &QPushButton::clicked, this, [this] {
        if (const Template *which = selected()) {
            m_templates.rename(*which, m_name->text());
        }
    });
    connect(m_remove, &QPushButton::clicked, this, [this] {
        if (const Template *which = selected()) {
            m_templates.remove(*which);
        }
    });
}

const Template *TemplateField::selected() const
{
    const QListWidgetItem *item = m_list->currentItem();
    const QString id = item ? item->data(Qt::UserRole).toString() : QString();
    for (const Template &each : m_templates.all()) {
        if (!id.isEmpty() && idOf(each) == id) {
            return &each;
        }
    }
    return nullptr;
}

void TemplateField::refresh()
{
    QStringList texts{tr("None")};
    QStringList values{QString()};
    const QString shown = m_list->currentItem() ? m_list->currentItem()->data(Qt::UserRole).toString() : QString();
    m_list->clear();
    for (const Template &each : m_templates.all()) {
        values.append(idOf(each));
        if (each.path.isEmpty()) {
            texts.append(tr("%1: %2, %3 vCPU, %4")
                    .arg(each.name, model::formatKiB(each.draft->memoryMiB * 1024))
                    .arg(each.draft->vcpus)
                    .arg(model::formatBytes(
                        static_cast<quint64>(each.draft->rootGiB.value_or(0)) * 1024 * 1024 * 1024)));
            continue;
        }
        texts.append(each.draft ? each.name : tr("%1 (can't be used)").arg(each.name));
        auto *item = new QListWidgetItem(texts.constLast(), m_list);
        item->setData(Qt::UserRole, idOf(each));
        item->setToolTip(
            each.problem.isEmpty() ? each.path.toHtmlEscaped() : (each.path + u'\n' + each.problem).toHtmlEscaped());
        if (idOf(each) == shown) {
            m_list->setCurrentItem(item);
        }
    }
    createfields::fill(m_combo, texts, values, values.contains(m_chosen) ? m_chosen : QString());
    m_manage->setEnabled(m_list->count() > 0);
    if (m_list->count() == 0) {
        m_manage->setChecked(false);
    } else if (!m_list->currentItem()) {
        m_list->setCurrentRow(0);
    }
    refreshPanel();
}

void TemplateField::refreshPanel()
{
    const Template *which = selected();
    const QString name = m_name->text();
    const QString problem = operation::templateNameProblem(name);
    m_rename->setEnabled(which && problem.isEmpty() && name != which->name && !m_templates.contains(name));
    m_rename->setToolTip(which && m_templates.contains(name) && name != which->name
            ? tr("There is another template of this name.")
            : problem);
    m_remove->setEnabled(which);
}

void TemplateField::choose(int row)
{
    m_chosen = m_combo->itemData(row).toString();
    QString problem;
    for (const Template &each : m_templates.all()) {
        if (idOf(each) == m_chosen) {
            problem = each.problem;
            m_state.apply(each); // nothing for a broken one
        }
    }
    if (m_note) {
        m_note->setText(problem, {});
    }
}

} // namespace vireo::ui
