// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/applydialog.h"

#include <algorithm>

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/diffview.h"
#include "ui/messagebar.h"
#include "ui/planview.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

using operation::EditEffect;

namespace {

QString whenText(EditEffect::When when)
{
    switch (when) {
    case EditEffect::When::Now:
        return ApplyDialog::tr("Now");
    case EditEffect::When::NextBoot:
        return ApplyDialog::tr("At next boot");
    case EditEffect::When::Never:
        return ApplyDialog::tr("Not possible");
    }
    return {};
}

} // namespace

ApplyDialog::ApplyDialog(const QString &domainName, QWidget *parent)
    : QDialog(parent)
    , m_message(new MessageBar(this))
    , m_summary(new QLabel(this))
    , m_effects(new QTreeWidget(this))
    , m_live(new QCheckBox(tr("Change the &running virtual machine too, where that is possible"), this))
    , m_tabs(new QTabWidget(this))
    , m_diff(new DiffView(this))
    , m_plan(new PlanView(this))
{
    setObjectName(u"applyDialog"_s);
    setWindowTitle(tr("Apply changes to %1").arg(domainName));
    QFont bold = font();
    bold.setBold(true);
    m_summary->setFont(bold);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    m_effects->setAccessibleName(tr("Changes"));
    m_effects->setObjectName(u"effects"_s);
    m_effects->setColumnCount(3);
    m_effects->setHeaderLabels({tr("Change"), tr("When"), tr("Why")});
    m_effects->setRootIsDecorated(false);
    m_effects->setUniformRowHeights(true);
    m_effects->setAllColumnsShowFocus(true);
    m_live->setObjectName(u"applyLive"_s);
    m_live->setChecked(true);
    m_live->setToolTip(tr("Otherwise everything waits for the next time it is started"));
    m_diff->setTitles(tr("Stored now"), tr("As edited"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_diff, tr("&Difference"));
    m_tabs->addTab(m_plan, tr("&Plan"));

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_apply = buttons->addButton(tr("&Apply"), QDialogButtonBox::AcceptRole);
    m_apply->setObjectName(u"planAct"_s);
    m_apply->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &ApplyDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &ApplyDialog::reject);
    connect(m_live, &QCheckBox::toggled, this, &ApplyDialog::liveChosen);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_message);
    layout->addWidget(m_summary);
    layout->addWidget(m_effects);
    layout->addWidget(m_live);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 125, fontMetrics().height() * 38);
}

void ApplyDialog::setPlan(
    const job::Plan &plan, const QList<EditEffect> &effects, const QString &before, const QString &wanted, bool running)
{
    m_plan->setPlan(plan);
    showEffects(m_effects, effects);
    const int rows = std::clamp(static_cast<int>(effects.size()), 1, 7);
    m_effects->setFixedHeight(m_effects->header()->sizeHint().height() + 2 * m_effects->frameWidth()
        + rows * std::max(m_effects->sizeHintForRow(0), fontMetrics().lineSpacing() + 4));
    m_summary->setText(summary(effects));
    m_summary->setVisible(!effects.isEmpty() || !plan.isBlocked());
    m_effects->setVisible(!effects.isEmpty());
    m_live->setVisible(running);
    m_diff->setTexts(before, wanted);
    m_apply->setEnabled(!plan.isBlocked());
    if (!plan.isBlocked()) {
        m_message->clear();
        return;
    }
    const auto blocker = std::ranges::find(plan.findings, job::Finding::Severity::Blocker, &job::Finding::severity);
    m_message->showMessage(
        MessageBar::Kind::Error, blocker->text, QStringList{blocker->cause, blocker->fix}.join(u' ').trimmed());
    m_apply->setToolTip(blocker->text);
}

const job::Plan &ApplyDialog::plan() const
{
    return m_plan->plan();
}

bool ApplyDialog::applyLive() const
{
    return m_live->isChecked();
}

QString ApplyDialog::summary(const QList<EditEffect> &effects)
{
    const auto count = [&effects](EditEffect::When when) {
        return static_cast<int>(std::ranges::count(effects, when, &EditEffect::when));
    };
    QStringList parts;
    if (const int now = count(EditEffect::When::Now)) {
        parts << (now == 1 ? tr("1 change now") : tr("%n changes now", nullptr, now));
    }
    if (const int later = count(EditEffect::When::NextBoot)) {
        parts << (later == 1 ? tr("1 change at the next boot") : tr("%n changes at the next boot", nullptr, later));
    }
    if (const int never = count(EditEffect::When::Never)) {
        parts << (never == 1 ? tr("1 change not possible") : tr("%n changes not possible", nullptr, never));
    }
    return parts.isEmpty() ? tr("Only the form changes, nothing that libvirt keeps.") : parts.join(tr(", "));
}

void showEffects(QTreeWidget *list, const QList<EditEffect> &effects)
{
    list->clear();
    for (const EditEffect &effect : effects) {
        auto *item = new QTreeWidgetItem(list, {effect.text, whenText(effect.when), effect.reason});
        for (int column = 0; column < 3; ++column) {
            item->setToolTip(column, item->text(column));
        }
    }
    list->header()->setStretchLastSection(true);
    list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    list->header()->resizeSection(0, list->fontMetrics().averageCharWidth() * 55);
}

} // namespace vireo::ui
