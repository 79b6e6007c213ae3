// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratepolicypage.h"

#include <QComboBox>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/fieldgrid.h"
#include "ui/migratereader.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using migration::Policy;
using operation::MigrateDraft;

namespace {

QLabel *plainLabel(const QString &name, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAccessibleName(name);
    return label;
}

} // namespace

MigratePolicyPage::MigratePolicyPage(MigrateWizardState &state, MigrateReader &reader, QWidget *parent)
    : WizardPage(tr("Policy and forecast"), parent)
    , m_state(state)
    , m_reader(reader)
    , m_grid(new FieldGrid(this))
    , m_policy(new QComboBox(this))
    , m_initial(new QSpinBox(this))
    , m_maximum(new QSpinBox(this))
    , m_window(new QSpinBox(this))
    , m_completion(new QSpinBox(this))
    , m_atTheEnd(new QComboBox(this))
    , m_sentence(plainLabel(tr("What the policy does"), this))
    , m_forecast(plainLabel(tr("Forecast"), this))
    , m_problem(plainLabel(tr("Problem"), this))
    , m_measure(new QPushButton(tr("&Measure"), this))
    , m_cancel(new QPushButton(tr("&Stop Measuring"), this))
    , m_busy(new QProgressBar(this))
{
    for (const Policy::Kind kind : {Policy::Kind::Steady, Policy::Kind::MinimalDowntime, Policy::Kind::Nova,
             Policy::Kind::PostCopy, Policy::Kind::Patient}) {
        m_policy->addItem(migration::policyName(kind), static_cast<int>(kind));
    }
    m_atTheEnd->addItem(tr("Abort: the guest stays where it is"), static_cast<int>(Policy::AtTheEnd::Abort));
    m_atTheEnd->addItem(tr("Switch to post-copy, where permitted"), static_cast<int>(Policy::AtTheEnd::PostCopy));
    m_atTheEnd->addItem(tr("Pause the guest until it is there"), static_cast<int>(Policy::AtTheEnd::Pause));
    for (QSpinBox *box : {m_initial, m_maximum}) {
        box->setRange(1, 2'000'000);
        box->setSingleStep(100);
        box->setSuffix(tr(" ms"));
        box->setAccelerated(true);
    }
    m_window->setRange(1, 3600);
    m_window->setSuffix(tr(" s"));
    m_completion->setRange(0, 100'000);
    m_completion->setSuffix(tr(" s per GiB"));
    m_completion->setSpecialValueText(tr("No time limit"));
    m_grid->addField(tr("&Policy"), m_policy);
    m_grid->addField(tr("&Initial downtime limit"), m_initial);
    m_maximumNote = m_grid->addField(tr("Lon&gest downtime"), m_maximum);
    m_grid->addField(tr("Stall &window"), m_window);
    m_grid->addField(tr("&Time allowed"), m_completion);
    m_grid->addField(tr("When it is used &up"), m_atTheEnd);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_sentence);
    layout->addSpacing(fontMetrics().lineSpacing() / 2);
    layout->addWidget(makeForecast());
    layout->addStretch();

    const auto edit = [this](const std::function<void(Policy &)> &change) {
        if (!m_filling) {
            m_state.change([&change](MigrateDraft &draft) { change(draft.policy); });
        }
    };
    connect(m_policy, &QComboBox::activated, this, [this, edit] {
        edit([this](Policy &policy) {
            policy = Policy::preset(static_cast<Policy::Kind>(m_policy->currentData().toInt()));
        });
        // It can do nothing without the permission; that is given on the page before, and shown there.
        if (m_state.choices().policy.kind == Policy::Kind::PostCopy) {
            m_state.change([](MigrateDraft &draft) { draft.postCopy = true; });
        }
    });
    connect(m_atTheEnd, &QComboBox::activated, this, [this, edit] {
        edit([this](Policy &policy) {
            policy.atTheEnd = static_cast<Policy::AtTheEnd>(m_atTheEnd->currentData().toInt());
        });
    });
    const auto number = [this, edit](QSpinBox *box, quint64 Policy::*member, quint64 unit) {
        connect(box, &QSpinBox::valueChanged, this, [edit, member, unit](int value) {
            edit([&](Policy &policy) { policy.*member = static_cast<quint64>(value) * unit; });
        });
    };
    number(m_initial, &Policy::initialDowntimeMs, 1);
    number(m_maximum, &Policy::maxDowntimeMs, 1);
    number(m_window, &Policy::stallWindowMs, 1000);
    number(m_completion, &Policy::completionMsPerGiB, 1000);
    connect(&m_state, &MigrateWizardState::changed, this, &MigratePolicyPage::refresh);
    connect(&m_reader, &MigrateReader::measuringChanged, this, [this] {
        if (!m_reader.isMeasuring()) {
            measureNext();
        }
        refresh();
    });
    const auto tell = [this](const Error &error) {
        m_problem->setText(error.message);
        m_problem->setVisible(true);
    };
    connect(&m_reader, &MigrateReader::linkNotMeasured, this, tell);
    connect(&m_reader, &MigrateReader::measureFailed, this, [this, tell](const Error &error) {
        m_toMeasure.clear();
        tell(error);
    });
    refresh();
}

QWidget *MigratePolicyPage::makeForecast()
{
    auto *box = new QGroupBox(tr("Forecast"), this);
    m_busy->setRange(0, 0);
    m_busy->setTextVisible(false);
    m_busy->setAccessibleName(tr("Measuring"));
    m_busy->hide();
    m_problem->hide();
    m_measure->setObjectName(u"measureDirtyRate"_s);
    m_measure->setAutoDefault(false);
    m_cancel->setObjectName(u"stopMeasuring"_s);
    m_cancel->setAutoDefault(false);
    m_cancel->hide();
    auto *row = new QHBoxLayout;
    row->addWidget(m_measure);
    row->addWidget(m_busy, 1);
    row->addWidget(m_cancel);
    row->addStretch();
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(m_forecast);
    layout->addWidget(m_problem);
    layout->addLayout(row);
    auto *what = plainLabel(tr("What is measured"), box);
    what->setText(
        tr("Measuring takes some twenty seconds. An empty disk of 64 MiB or more is sent from host to host and "
           "deleted again; then the guest's memory is sampled, which the guest does not notice."));
    layout->addWidget(what);
    connect(m_measure, &QPushButton::clicked, this, [this] {
        m_problem->hide();
        m_fromMeasured.clear();
        const auto vms = measurable();
        for (const MigrateWizardState::Vm &vm : vms) {
            m_toMeasure.append(vm.key);
        }
        measureNext();
    });
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_toMeasure.clear();
        m_reader.stopMeasuring();
    });
    return box;
}

QList<MigrateWizardState::Vm> MigratePolicyPage::measurable() const
{
    QList<MigrateWizardState::Vm> vms = m_state.moving();
    vms.removeIf([](const MigrateWizardState::Vm &vm) { return !vm.active; });
    return vms;
}

void MigratePolicyPage::measureNext()
{
    if (!m_toMeasure.isEmpty() && !m_reader.isMeasuring()) {
        const virt::DomainKey vm = m_toMeasure.takeFirst();
        const bool isFirst = !m_fromMeasured.contains(vm.host);
        m_fromMeasured.insert(vm.host);
        m_reader.measure(vm, isFirst);
    }
}

void MigratePolicyPage::refresh()
{
    m_filling = true;
    const Policy &policy = m_state.choices().policy;
    m_policy->setCurrentIndex(m_policy->findData(static_cast<int>(policy.kind)));
    m_initial->setValue(static_cast<int>(policy.initialDowntimeMs));
    m_maximum->setValue(static_cast<int>(policy.maxDowntimeMs));
    m_window->setValue(static_cast<int>(policy.stallWindowMs / 1000));
    m_completion->setValue(static_cast<int>(policy.completionMsPerGiB / 1000));
    m_atTheEnd->setCurrentIndex(m_atTheEnd->findData(static_cast<int>(policy.atTheEnd)));
    m_grid->setFieldVisible(m_window, policy.kind == Policy::Kind::Steady);
    m_grid->setFieldVisible(m_completion, policy.kind == Policy::Kind::Steady || policy.kind == Policy::Kind::Nova);
    m_grid->setFieldVisible(m_atTheEnd, policy.kind != Policy::Kind::Patient && policy.kind != Policy::Kind::PostCopy);
    m_maximumNote->setText({}, tr("Your consent: the limit is never raised above it without asking you."));
    const bool cold = m_state.isCold();
    m_grid->setEnabled(!cold);
    m_sentence->setText(cold ? tr("A policy steers a guest's memory while it runs: this one is shut down meanwhile.")
                             : migration::policyText(policy));

    const auto vms = measurable();
    QStringList lines;
    for (const MigrateWizardState::Vm &vm : vms) {
        const MigrateEvaluation *its = m_state.evaluation(vm.key);
        const bool passes = m_state.choices().path == operation::MigrateDraft::Path::ThisComputer;
        const QString text = !its ? tr("Still being checked…")
            : passes              ? operation::passageText(its->input)
                                  : migration::forecastText(its->input, its->forecast);
        lines.append(vms.size() > 1 ? tr("%1: %2", "VM and forecast").arg(vm.name, text) : text);
    }
    const bool measuring = m_reader.isMeasuring();
    m_forecast->setText(cold  ? tr("Nothing to forecast: the guest is shut down before its disks are copied.")
            : lines.isEmpty() ? tr("Nothing to forecast: no guest runs.")
                              : lines.join(u'\n'));
    m_measure->setVisible(!measuring);
    m_measure->setEnabled(!vms.isEmpty() && !cold);
    m_measure->setToolTip(tr("Measures the connection of the hosts, and how fast the guest writes its memory"));
    m_cancel->setVisible(measuring);
    m_busy->setVisible(measuring);
    m_filling = false;
}

QWidget *MigratePolicyPage::firstField() const
{
    return m_policy;
}

} // namespace vireo::ui
