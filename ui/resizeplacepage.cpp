// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizeplacepage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/createfields.h"
#include "ui/fieldgrid.h"
#include "ui/migratemaps.h"
#include "ui/wheelguard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;
using After = ResizeDraft::After;
using When = ResizeDraft::When;

namespace {

constexpr int MaxTimeoutSeconds = 24 * 60 * 60;
constexpr int MaxHours = 24 * 90;
constexpr int DefaultHours = 24;

/** What the box of confirmations offers. */
enum class Confirmation { Ask, AtOnce, Later };

template<typename T>
void add(QComboBox *box, const QString &text, T value)
{
    box->addItem(text, static_cast<int>(value));
}

template<typename T>
T chosen(const QComboBox *box)
{
    return static_cast<T>(box->currentData().toInt());
}

template<typename T>
void select(QComboBox *box, T value)
{
    const QSignalBlocker blocker(box);
    box->setCurrentIndex(box->findData(static_cast<int>(value)));
}

void setQuietly(QSpinBox *box, int value)
{
    const QSignalBlocker blocker(box);
    box->setValue(value);
}

Confirmation confirmationOf(const ResizeDraft &draft)
{
    return draft.confirm == ResizeDraft::Confirm::Ask ? Confirmation::Ask
        : draft.confirmHours > 0                      ? Confirmation::Later
                                                      : Confirmation::AtOnce;
}

} // namespace

ResizePlacePage::ResizePlacePage(ResizeWizardState &state, QWidget *parent)
    : WizardPage(tr("Place"), parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_destination(new QComboBox(this))
    , m_when(new QComboBox(this))
    , m_timeout(new QSpinBox(this))
    , m_force(new QCheckBox(tr("Switch it &off if it does not"), this))
    , m_after(new QComboBox(this))
    , m_confirm(new QComboBox(this))
    , m_hours(new QSpinBox(this))
    , m_flatten(new QCheckBox(tr("Make each disk one &file, without its base image"), this))
    , m_keep(new QCheckBox(tr("&Keep its files at the source, also once it is confirmed"), this))
    , m_verify(new QCheckBox(tr("Read copies back and compare the&m"), this))
    , m_maps(new MigrateMaps(this))
{
    fillChoices();
    m_destinationNote = m_grid->addField(tr("&Destination"), m_destination);
    m_whenNote = m_grid->addField(tr("W&hen"), m_when);
    m_timeoutNote = m_grid->addField(tr("Shutdown &time limit"), m_timeout, m_force);
    m_afterNote = m_grid->addField(tr("&Afterwards"), m_after);
    m_confirmNote = m_grid->addField(tr("&Confirmation"), m_confirm, m_hours);
    for (QCheckBox *box : {m_verify, m_flatten, m_keep}) {
        m_grid->addWide(box);
    }
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_maps);
    createfields::fillPage(this, content);
    connectFields();
    for (QWidget *field :
        std::initializer_list<QWidget *>{m_destination, m_when, m_timeout, m_after, m_confirm, m_hours}) {
        guardWheel(field);
    }
    connect(&m_state, &ResizeWizardState::changed, this, &ResizePlacePage::refresh);
    refresh();
}

void ResizePlacePage::fillChoices()
{
    createfields::narrow(m_destination);
    add(m_when, tr("While it runs if all of it can be done so, else shut down"), When::Auto);
    add(m_when, tr("While it runs"), When::Live);
    add(m_when, tr("Shut down"), When::Cold);
    add(m_after, tr("It runs if it ran before"), After::AsBefore);
    add(m_after, tr("It is started"), After::Running);
    add(m_after, tr("It stays off"), After::Off);
    add(m_confirm, tr("Ask me: until then it can be taken back"), Confirmation::Ask);
    add(m_confirm, tr("Automatically, as soon as it runs"), Confirmation::AtOnce);
    add(m_confirm, tr("Automatically, some time afterwards"), Confirmation::Later);
    m_timeout->setRange(1, MaxTimeoutSeconds);
    m_timeout->setSuffix(tr(" s"));
    m_timeout->setSingleStep(30);
    m_timeout->setMaximumWidth(fontMetrics().averageCharWidth() * 16 + 48);
    m_hours->setRange(1, MaxHours);
    m_hours->setSuffix(tr(" h"));
    m_hours->setAccessibleName(tr("Hours until it is confirmed"));
    m_force->setToolTip(
        tr("Like pulling the plug: what the guest has not written to disk is lost. Otherwise nothing is "
           "changed when the guest does not shut down in time."));
    m_verify->setToolTip(tr("Takes about as long as the copy itself"));
}

void ResizePlacePage::connectFields()
{
    connect(m_destination, &QComboBox::activated, this,
        [this](int row) { m_state.choose(m_destination->itemData(row).toUuid()); });
    connect(m_when, &QComboBox::activated, this,
        [this] { m_state.change([this](ResizeDraft &draft) { draft.when = chosen<When>(m_when); }); });
    connect(m_after, &QComboBox::activated, this,
        [this] { m_state.change([this](ResizeDraft &draft) { draft.after = chosen<After>(m_after); }); });
    const auto confirm = [this] {
        m_state.change([this](ResizeDraft &draft) {
            const auto how = chosen<Confirmation>(m_confirm);
            draft.confirm = how == Confirmation::Ask ? ResizeDraft::Confirm::Ask : ResizeDraft::Confirm::Auto;
            draft.confirmHours = how == Confirmation::Later ? m_hours->value() : 0;
        });
    };
    connect(m_confirm, &QComboBox::activated, this, [this, confirm] {
        if (chosen<Confirmation>(m_confirm) == Confirmation::Later && m_state.draft().confirmHours == 0) {
            setQuietly(m_hours, DefaultHours);
        }
        confirm();
    });
    connect(m_hours, &QSpinBox::valueChanged, this, confirm);
    connect(m_timeout, &QSpinBox::valueChanged, this,
        [this](int value) { m_state.change([value](ResizeDraft &draft) { draft.timeoutSeconds = value; }); });
    const auto flag = [this](QCheckBox *box, bool ResizeDraft::*member) {
        connect(box, &QCheckBox::toggled, this,
            [this, member](bool on) { m_state.change([member, on](ResizeDraft &draft) { draft.*member = on; }); });
    };
    flag(m_force, &ResizeDraft::force);
    flag(m_flatten, &ResizeDraft::flatten);
    flag(m_keep, &ResizeDraft::keepSource);
    flag(m_verify, &ResizeDraft::verify);
    const auto map = [this](QMap<QString, QString> operation::MigrateDraft::Map::*member) {
        return [this, member](const QString &here, const QString &there) {
            m_state.change([&](ResizeDraft &draft) {
                if (there.isEmpty()) {
                    (draft.map.*member).remove(here);
                } else {
                    (draft.map.*member).insert(here, there);
                }
            });
        };
    };
    connect(m_maps, &MigrateMaps::networkMapped, this, map(&operation::MigrateDraft::Map::networks));
    connect(m_maps, &MigrateMaps::poolMapped, this, map(&operation::MigrateDraft::Map::pools));
}

void ResizePlacePage::refreshDestination()
{
    QStringList texts;
    QStringList values;
    const virt::HostId own = m_state.domain().host;
    const ResizeWizardState::Host *here = m_state.host(own);
    texts.append(here ? tr("This host (%1)").arg(here->name) : tr("This host"));
    values.append(own.toString());
    for (const ResizeWizardState::Host &host : m_state.hosts()) {
        if (host.id != own) {
            texts.append(host.name);
            values.append(host.id.toString());
        }
    }
    createfields::fill(m_destination, texts, values, m_state.destination().toString());
}

void ResizePlacePage::refresh()
{
    refreshDestination();
    const ResizeDraft &draft = m_state.draft();
    const bool moves = m_state.moves();
    const bool active = m_state.vm().active;
    const bool cold = m_state.isCold();
    select(m_when, moves || !active ? When::Cold : draft.when);
    m_when->setEnabled(active && !moves);
    setQuietly(m_timeout, draft.timeoutSeconds);
    createfields::set(m_force, draft.force);
    m_timeout->setEnabled(active && cold);
    m_force->setEnabled(active && cold);
    select(m_after, draft.after);
    m_after->setEnabled(cold);
    select(m_confirm, confirmationOf(draft));
    m_confirm->setEnabled(cold);
    m_hours->setVisible(confirmationOf(draft) == Confirmation::Later);
    if (draft.confirmHours > 0) {
        setQuietly(m_hours, draft.confirmHours);
    }
    createfields::set(m_flatten, draft.flatten);
    createfields::set(m_keep, draft.keepSource);
    createfields::set(m_verify, draft.verify);
    m_flatten->setVisible(moves);
    m_keep->setVisible(moves);
    m_verify->setEnabled(cold);
    refreshNotes();
    const operation::MigrateDestination *there = m_state.there();
    MigrateMaps::Names here;
    if (moves && m_state.facts()) {
        here = {m_state.networks(), MigrateMaps::poolsOf(m_state.facts()->disks)};
    }
    m_maps->setNames(
        m_state.destination(), here, there ? MigrateMaps::namesOf(*there) : MigrateMaps::Names(), draft.map);
    Q_EMIT completeChanged();
}

void ResizePlacePage::refreshNotes()
{
    const ResizeDraft &draft = m_state.draft();
    const bool moves = m_state.moves();
    const bool active = m_state.vm().active;
    const bool cold = m_state.isCold();
    const ResizeWizardState::Host *to = m_state.host(m_state.destination());
    const bool alone = m_state.hosts().size() < 2;
    m_destinationNote->setText(m_state.placeProblem(),
        !moves                ? (alone ? tr("Connect to another host to move it there.") : QString())
            : m_state.there() ? tr("It is shut down, its disks are copied as far as they are not shared, and it is "
                                   "started on %1.")
                                    .arg(to ? to->name : QString())
                              : tr("Reading what the destination has…"));
    QString when;
    if (moves) {
        when = tr("To another host while it is off. To move it while it runs, use Migrate.");
    } else if (!active) {
        when = tr("It is off already.");
    } else if (draft.when == When::Live && m_state.evaluation().powerOff) {
        when = tr("Not all of it can be done while it runs: the page before says what.");
    } else if (draft.when == When::Auto && m_state.hasChanges()) {
        when = m_state.evaluation().powerOff ? tr("It has to be shut down: the page before says why.")
                                             : tr("All of it can be done while it runs.");
    }
    m_whenNote->setText({}, when);
    m_timeoutNote->setText({},
        !active || !cold  ? tr("It need not be shut down.")
            : draft.force ? tr("What the guest has not written to disk then is lost.")
                          : tr("If the guest takes longer, everything is left as it was."));
    m_afterNote->setText({}, {});
    QString confirm;
    if (!cold) {
        confirm = tr("What is done while it runs is not kept to go back to.");
    } else {
        switch (confirmationOf(draft)) {
        case Confirmation::Ask:
            confirm = tr("What it was is kept, without a copy, until you confirm or go back.");
            break;
        case Confirmation::AtOnce:
            confirm = tr("There is no way back then.");
            break;
        case Confirmation::Later:
            confirm = tr("Until then it can be taken back. Vireo has to run for it to be confirmed.");
            break;
        }
    }
    m_confirmNote->setText({}, confirm);
}

bool ResizePlacePage::isComplete() const
{
    return reason().isEmpty();
}

QString ResizePlacePage::reason() const
{
    return m_state.placeProblem();
}

QWidget *ResizePlacePage::firstField() const
{
    return m_destination;
}

} // namespace vireo::ui
