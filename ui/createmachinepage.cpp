// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createmachinepage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include "ui/createfields.h"
#include "ui/createoptions.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using createfields::set;
using operation::CreateDraft;

namespace {

template<typename Value>
using Names = std::initializer_list<std::pair<Value, QLatin1StringView>>;

template<typename Value>
QString nameOf(const Names<Value> &names, Value value)
{
    for (const auto &[each, name] : names) {
        if (each == value) {
            return name;
        }
    }
    return {};
}

template<typename Value>
Value valueOf(const Names<Value> &names, const QString &text, Value fallback)
{
    for (const auto &[each, name] : names) {
        if (text == name) {
            return each;
        }
    }
    return fallback;
}

using VirtType = CreateDraft::VirtType;
using Firmware = CreateDraft::Firmware;
using Graphics = CreateDraft::Graphics;
const Names<VirtType> virtNames{{VirtType::Auto, "auto"_L1}, {VirtType::Kvm, "kvm"_L1}, {VirtType::Qemu, "qemu"_L1}};
const Names<Firmware> firmwareNames{{Firmware::Auto, "auto"_L1}, {Firmware::Bios, "bios"_L1}, {Firmware::Efi, "efi"_L1},
    {Firmware::EfiSecure, "efi-secure"_L1}};
const Names<Graphics> graphicsNames{
    {Graphics::Auto, "auto"_L1}, {Graphics::Vnc, "vnc"_L1}, {Graphics::Spice, "spice"_L1}, {Graphics::None, "none"_L1}};

/** Aliases first ("q35"), then versions, newest first. */
QStringList machineNames(const QList<xml::MachineType> &machines)
{
    QStringList aliases;
    QStringList versions;
    for (const xml::MachineType &machine : machines) {
        if (machine.name == "none"_L1) {
            continue;
        }
        (machine.canonical != machine.name ? aliases : versions).append(machine.name);
    }
    std::sort(aliases.begin(), aliases.end());
    std::sort(versions.begin(), versions.end(), std::greater<>());
    aliases += versions;
    aliases.removeDuplicates();
    return aliases;
}

} // namespace

CreateMachinePage::CreateMachinePage(CreateWizardState &state, QWidget *parent)
    : WizardPage(tr("Machine"), parent)
    , m_state(state)
    , m_acceleration(new QComboBox(this))
    , m_machine(new QComboBox(this))
    , m_firmware(new QComboBox(this))
    , m_tpm(new QComboBox(this))
    , m_cpu(new QComboBox(this))
    , m_graphics(new QComboBox(this))
    , m_listen(new QLineEdit(this))
    , m_agent(new QCheckBox(tr("&Guest agent channel"), this))
    , m_rng(new QCheckBox(tr("Rando&m numbers"), this))
    , m_balloon(new QCheckBox(tr("Memory balloon"), this))
{
    for (QComboBox *combo : {m_acceleration, m_machine, m_firmware, m_tpm, m_cpu, m_graphics}) {
        createfields::narrow(combo);
    }
    m_listen->setPlaceholderText(u"127.0.0.1"_s);
    m_listen->setAccessibleName(tr("Listen address"));
    m_listen->setToolTip(tr("Where the host waits for viewers; Vireo reaches 127.0.0.1 through its connection"));
    m_agent->setToolTip(tr("For qemu-guest-agent: shut-down, addresses, consistent snapshots"));
    m_rng->setToolTip(tr("A virtio device that gives the guest the host's randomness"));
    m_balloon->setToolTip(tr("Lets the host take back memory that the guest does not need, and shows what it uses"));

    auto *grid = new FieldGrid(this);
    m_accelerationNote = grid->addField(tr("&Acceleration"), m_acceleration);
    m_machineNote = grid->addField(tr("Mach&ine"), m_machine);
    m_firmwareNote = grid->addField(tr("&Firmware"), m_firmware);
    m_tpmNote = grid->addField(tr("&TPM"), m_tpm);
    m_cpuNote = grid->addField(tr("&CPU"), m_cpu);
    m_graphicsNote = grid->addField(tr("&Screen"), m_graphics, m_listen);
    grid->addWide(createfields::row({m_agent, m_rng, m_balloon}, this));
    m_fields = grid;
    auto *imported = new QLabel(tr("The imported definition says all of this."), this);
    imported->setWordWrap(true);
    m_imported = imported;
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_imported);
    layout->addWidget(m_fields);
    createfields::fillPage(this, content);
    connectFields();
    refresh();
}

void CreateMachinePage::connectFields()
{
    const auto onChoice = [this](QComboBox *combo, auto &&apply) {
        connect(combo, &QComboBox::currentIndexChanged, this, [this, combo, apply](int row) {
            if (row >= 0) {
                m_state.change([&](CreateDraft &draft) { apply(draft, combo->itemData(row).toString()); });
            }
        });
    };
    onChoice(m_acceleration,
        [](CreateDraft &draft, const QString &value) { draft.virtType = valueOf(virtNames, value, VirtType::Auto); });
    onChoice(m_machine, [](CreateDraft &draft, const QString &value) { draft.machine = value; });
    onChoice(m_firmware, [](CreateDraft &draft, const QString &value) {
        draft.firmware = valueOf(firmwareNames, value, Firmware::Auto);
    });
    onChoice(m_tpm, [](CreateDraft &draft, const QString &value) {
        draft.tpm = value.isEmpty() ? std::nullopt : std::optional(value == "yes"_L1);
    });
    onChoice(m_cpu, [](CreateDraft &draft, const QString &value) { draft.cpu = value; });
    onChoice(m_graphics, [](CreateDraft &draft, const QString &value) {
        draft.graphics = valueOf(graphicsNames, value, Graphics::Auto);
    });
    connect(m_listen, &QLineEdit::textChanged, this,
        [this](const QString &text) { m_state.change([&](CreateDraft &draft) { draft.listen = text.trimmed(); }); });
    const std::initializer_list<std::pair<QCheckBox *, bool CreateDraft::*>> devices{
        {m_agent, &CreateDraft::agent}, {m_rng, &CreateDraft::rng}, {m_balloon, &CreateDraft::balloon}};
    for (const auto &[box, part] : devices) {
        connect(box, &QCheckBox::toggled, this,
            [this, part](bool on) { m_state.change([&](CreateDraft &draft) { draft.*part = on; }); });
    }
    connect(&m_state, &CreateWizardState::changed, this, &CreateMachinePage::refresh);
}

QWidget *CreateMachinePage::firstField() const
{
    return m_state.origin() == CreateWizardState::Origin::Xml ? nullptr : m_acceleration;
}

void CreateMachinePage::show(QComboBox *combo, FieldNote *note, const CreateOffer &offer, const QString &current)
{
    createfields::fill(combo, offer, current);
    combo->setEnabled(combo->count() > 1);
    note->setText({}, offer.lacking);
}

void CreateMachinePage::refresh()
{
    const bool imported = m_state.origin() == CreateWizardState::Origin::Xml;
    m_imported->setVisible(imported);
    m_fields->setVisible(!imported);
    const CreateDraft draft = m_state.draft();
    const operation::CreateFacts facts = m_state.facts();
    show(m_acceleration, m_accelerationNote, createoptions::acceleration(draft, facts),
        nameOf(virtNames, draft.virtType));
    show(m_machine, m_machineNote, createoptions::machine(draft, facts, machineNames(m_state.hostFacts().machines)),
        draft.machine);
    show(m_firmware, m_firmwareNote, createoptions::firmware(draft, facts), nameOf(firmwareNames, draft.firmware));
    show(m_tpm, m_tpmNote, createoptions::tpm(draft, facts), !draft.tpm ? QString() : *draft.tpm ? u"yes"_s : u"no"_s);
    show(m_cpu, m_cpuNote, createoptions::cpu(draft, facts), draft.cpu);
    show(m_graphics, m_graphicsNote, createoptions::graphics(draft, facts), nameOf(graphicsNames, draft.graphics));
    m_listen->setVisible(draft.graphics != Graphics::None);
    if (m_listen->text().trimmed() != draft.listen) {
        set(m_listen, draft.listen);
    }
    const bool local = draft.listen.isEmpty() || draft.listen == "127.0.0.1"_L1 || draft.listen == "::1"_L1
        || draft.listen == "localhost"_L1;
    if (!local && draft.graphics != Graphics::None) {
        m_graphicsNote->setText({}, tr("Anyone who reaches %1 can see and use the screen.").arg(draft.listen));
    }
    set(m_agent, draft.agent);
    set(m_rng, draft.rng);
    set(m_balloon, draft.balloon);
    Q_EMIT completeChanged();
}

} // namespace vireo::ui
