// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratedifferences.h"

#include <algorithm>

#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/diffview.h"
#include "ui/migratewizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

struct DifferencesText {
    Q_DECLARE_TR_FUNCTIONS(MigrateDifferences)
};

/** Of whom, where there are several. */
QString titled(const MigratePlans &plans, qsizetype index, const QString &what)
{
    return plans.plans.size() > 1 ? DifferencesText::tr("%1: %2").arg(plans.plans.at(index).domainName, what) : what;
}

QWidget *below(QLabel *title, QWidget *content, QWidget *parent)
{
    auto *box = new QWidget(parent);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    title->setTextFormat(Qt::PlainText);
    QFont bold = title->font();
    bold.setBold(true);
    title->setFont(bold);
    layout->addWidget(title);
    layout->addWidget(content, 1);
    return box;
}

} // namespace

MigrateDifferences::MigrateDifferences(QWidget *parent)
    : QWidget(parent)
    , m_which(new QComboBox(this))
    , m_upperTitle(new QLabel(this))
    , m_lowerTitle(new QLabel(this))
    , m_upper(new DiffView(this))
    , m_lower(new DiffView(this))
{
    m_which->setAccessibleName(tr("Difference"));
    m_which->setObjectName(u"migrateDifference"_s);
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_upper->setObjectName(u"migrateDifferenceUpper"_s);
    m_lower->setObjectName(u"migrateDifferenceLower"_s);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->addWidget(below(m_upperTitle, m_upper, split));
    m_below = below(m_lowerTitle, m_lower, split);
    split->addWidget(m_below);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_which, 0, Qt::AlignLeft);
    layout->addWidget(split, 1);
    connect(m_which, &QComboBox::currentIndexChanged, this, &MigrateDifferences::showChosen);
    showChosen();
}

void MigrateDifferences::setPlans(const MigratePlans &plans)
{
    {
        const QSignalBlocker blocker(m_which);
        const QString before = m_which->currentText();
        m_plans = plans;
        m_which->clear();
        for (qsizetype i = 0; i < plans.plans.size(); ++i) {
            const auto add = [this, &plans, i](Kind kind, const QString &what) {
                m_which->addItem(titled(plans, i, what), QVariantList{static_cast<int>(i), static_cast<int>(kind)});
            };
            add(Kind::Running, tr("As it runs: here → at the destination"));
            if (!plans.facts.at(i).source.storedXml.isEmpty()) {
                add(Kind::AllThree, tr("All three: here → at the destination → at its next start there"));
                add(Kind::Stored, tr("At its next start: here → at the destination"));
                add(Kind::There, tr("At the destination: as it runs → at its next start"));
            }
        }
        m_which->setCurrentIndex(std::max(m_which->findText(before), m_which->count() > 0 ? 0 : -1));
    }
    showChosen();
}

void MigrateDifferences::showChosen()
{
    const QVariantList which = m_which->currentData().toList();
    const qsizetype index = which.size() == 2 ? which.at(0).toInt() : m_plans.plans.size();
    const auto kind = which.size() == 2 ? static_cast<Kind>(which.at(1).toInt()) : Kind::Running;
    const bool three = kind == Kind::AllThree;
    m_below->setVisible(three);
    m_upperTitle->setVisible(three);
    if (index >= m_plans.plans.size()) {
        return;
    }
    const job::Plan &plan = m_plans.plans.at(index);
    const QString &storedHere = m_plans.facts.at(index).source.storedXml;
    const QString storedThere = m_plans.storedThere.value(index);
    switch (kind) {
    case Kind::Running:
    case Kind::AllThree:
        m_upper->setTitles(tr("Here"), tr("At the destination"));
        m_upper->setTexts(plan.xmlBefore, plan.xmlAfter);
        break;
    case Kind::Stored:
        m_upper->setTitles(tr("Stored here"), tr("Stored at the destination"));
        m_upper->setTexts(storedHere, storedThere);
        break;
    case Kind::There:
        m_upper->setTitles(tr("As it runs there"), tr("At its next start there"));
        m_upper->setTexts(plan.xmlAfter, storedThere);
        break;
    }
    // Two steps below each other have room for what changed alone.
    m_upper->setMode(three ? DiffView::Mode::Unified : DiffView::Mode::SideBySide);
    if (three) {
        m_upperTitle->setText(tr("As it runs: here → at the destination"));
        m_lowerTitle->setText(tr("At the destination: as it runs → at its next start"));
        m_lower->setMode(DiffView::Mode::Unified);
        m_lower->setTexts(plan.xmlAfter, storedThere);
    }
}

QList<MigrateText> migrateTexts(const MigratePlans &plans, const MigrateWizardState &state, QList<PlanText> &texts)
{
    QList<MigrateText> found;
    for (qsizetype i = 0; i < plans.plans.size(); ++i) {
        const job::Plan &plan = plans.plans.at(i);
        const operation::MigrateSource &source = plans.facts.at(i).source;
        const virt::DomainKey vm{plan.host, plan.domain};
        const MigrateWizardState::EditedXml edited = state.edited(vm);
        const QString &storedThere = plans.storedThere.value(i);
        if (!source.domain.isActive()) { // there is no other definition than that of its next start
            texts.append({titled(plans, i, DifferencesText::tr("At its next start there")),
                storedThere.isEmpty() ? plan.xmlAfter : storedThere, !edited.stored.isEmpty(),
                DifferencesText::tr("As it is to be defined at the destination. Keep name and UUID.")});
            found.append({vm, true, true});
            continue;
        }
        texts.append({titled(plans, i, DifferencesText::tr("As it is to run there")), plan.xmlAfter,
            !edited.running.isEmpty(), DifferencesText::tr("What the guest sees must stay as it is.")});
        found.append({vm, true, false});
        if (!storedThere.isEmpty()) {
            texts.append({titled(plans, i, DifferencesText::tr("At its next start there")), storedThere,
                !edited.stored.isEmpty(),
                DifferencesText::tr("It counts from its next start on. Keep name and UUID.")});
            found.append({vm, false, true});
        }
    }
    return found;
}

} // namespace vireo::ui
