// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratecoldfields.h"

#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/createfields.h"
#include "ui/fieldgrid.h"
#include "ui/wheelguard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::MigrateDraft;
using Start = MigrateDraft::Start;

namespace {

constexpr int MaxTimeoutSeconds = 24 * 60 * 60;

} // namespace

MigrateColdFields::MigrateColdFields(MigrateWizardState &state, QWidget *parent)
    : QWidget(parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_timeout(new QSpinBox(this))
    , m_force(new QCheckBox(tr("Switc&h it off if it does not"), this))
    , m_start(new QComboBox(this))
    , m_verify(new QCheckBox(tr("Read copies bac&k and compare them"), this))
{
    m_timeout->setRange(1, MaxTimeoutSeconds);
    m_timeout->setSuffix(tr(" s"));
    m_timeout->setSingleStep(30);
    m_timeout->setMaximumWidth(fontMetrics().averageCharWidth() * 16 + 48);
    m_force->setToolTip(
        tr("Like pulling the plug: what the guest has not written to disk is lost. Otherwise nothing is "
           "changed when the guest does not shut down in time."));
    m_verify->setToolTip(tr("Takes about as long as the copy itself"));
    m_start->addItem(tr("It runs if it ran before"), static_cast<int>(Start::AsBefore));
    m_start->addItem(tr("It is started"), static_cast<int>(Start::Yes));
    m_start->addItem(tr("It stays off"), static_cast<int>(Start::No));
    m_timeoutNote = m_grid->addField(tr("Shutdown time &limit"), m_timeout, m_force);
    m_grid->addField(tr("&Afterwards"), m_start);
    m_grid->addWide(m_verify);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    for (QWidget *field : std::initializer_list<QWidget *>{m_timeout, m_start}) {
        guardWheel(field);
    }

    connect(m_timeout, &QSpinBox::valueChanged, this,
        [this](int value) { m_state.change([value](MigrateDraft &draft) { draft.timeoutSeconds = value; }); });
    connect(m_force, &QCheckBox::toggled, this,
        [this](bool on) { m_state.change([on](MigrateDraft &draft) { draft.force = on; }); });
    connect(m_verify, &QCheckBox::toggled, this,
        [this](bool on) { m_state.change([on](MigrateDraft &draft) { draft.verify = on; }); });
    connect(m_start, &QComboBox::activated, this, [this] {
        const auto start = static_cast<Start>(m_start->currentData().toInt());
        m_state.change([start](MigrateDraft &draft) { draft.start = start; });
    });
    connect(&m_state, &MigrateWizardState::changed, this, &MigrateColdFields::refresh);
    refresh();
}

void MigrateColdFields::refresh()
{
    const MigrateDraft &draft = m_state.choices();
    const QSignalBlocker timeout(m_timeout);
    m_timeout->setValue(draft.timeoutSeconds);
    createfields::set(m_force, draft.force);
    createfields::set(m_verify, draft.verify);
    m_start->setCurrentIndex(m_start->findData(static_cast<int>(draft.start)));
    const auto moving = m_state.moving();
    const bool runs = std::ranges::any_of(moving, &MigrateWizardState::Vm::active);
    m_timeout->setEnabled(runs);
    m_force->setEnabled(runs);
    m_timeoutNote->setText({},
        !runs             ? tr("It is off already.")
            : draft.force ? tr("What the guest has not written to disk then is lost.")
                          : tr("If the guest takes longer, everything is left as it was."));
}

} // namespace vireo::ui
