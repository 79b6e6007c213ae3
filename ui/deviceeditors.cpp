// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/deviceeditors.h"

#include <cmath>

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/createoptions.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using createfields::fill;
using createfields::set;
using operation::CreateDraft;
using DiskKind = CreateDraft::DiskKind;
using NicKind = CreateDraft::NicKind;

namespace {

constexpr double GiB = 1024.0 * 1024 * 1024;
constexpr double MiB = 1024.0 * 1024;
constexpr auto BridgeValue = "bridge"_L1;
constexpr auto MacvtapValue = "macvtap"_L1;

void onChoice(QComboBox *combo, QObject *context, const std::function<void(const QString &)> &apply)
{
    QObject::connect(combo, &QComboBox::currentIndexChanged, context, [combo, apply](int row) {
        if (row >= 0) {
            apply(combo->itemData(row).toString());
        }
    });
}

} // namespace

DiskEditor::DiskEditor(CreateWizardState &state, QWidget *parent)
    : QWidget(parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_size(new QDoubleSpinBox(this))
    , m_fs(new QComboBox(this))
    , m_label(new QLineEdit(this))
    , m_pool(new QComboBox(this))
    , m_volume(new QComboBox(this))
    , m_moreGrid(new FieldGrid(this))
    , m_bus(new QComboBox(this))
    , m_format(new QComboBox(this))
    , m_cache(new QComboBox(this))
    , m_discard(new QComboBox(this))
    , m_serial(new QLineEdit(this))
{
    for (QComboBox *combo : {m_fs, m_pool, m_volume, m_bus, m_format, m_cache, m_discard}) {
        createfields::narrow(combo);
    }
    m_size->setDecimals(2);
    m_size->setRange(0.01, 64 * 1024);
    m_size->setSuffix(tr(" GiB"));
    m_size->setMaximumWidth(fontMetrics().horizontalAdvance(u"64,000.00 GiB"_s) + 48);
    for (const QString &fs : {u"ext4"_s, u"xfs"_s, u"vfat"_s}) {
        m_fs->addItem(fs, fs);
    }
    const auto addAll = [](QComboBox *combo, const std::initializer_list<std::pair<QString, QString>> &items) {
        for (const auto &[text, value] : items) {
            combo->addItem(text, value);
        }
    };
    addAll(m_format, {{tr("Automatic (qcow2)"), {}}, {u"qcow2"_s, u"qcow2"_s}, {u"raw"_s, u"raw"_s}});
    addAll(m_cache,
        {{tr("Automatic"), {}}, {u"none"_s, u"none"_s}, {u"writeback"_s, u"writeback"_s},
            {u"writethrough"_s, u"writethrough"_s}, {u"directsync"_s, u"directsync"_s},
            {tr("unsafe (loses data when the host fails)"), u"unsafe"_s}});
    addAll(m_discard,
        {{tr("Automatic (unmap)"), {}}, {tr("unmap: freed blocks are given back"), u"unmap"_s},
            {tr("ignore"), u"ignore"_s}});
    m_serial->setPlaceholderText(tr("None"));

    m_sizeNote = m_grid->addField(tr("Si&ze"), m_size);
    m_grid->addField(tr("&File system"), m_fs);
    m_grid->addField(tr("&Label"), m_label);
    m_grid->addField(tr("&Pool"), m_pool);
    m_volumeNote = m_grid->addField(tr("Volume"), m_volume);
    m_busNote = m_moreGrid->addField(tr("B&us"), m_bus);
    m_moreGrid->addField(tr("Format"), m_format);
    m_moreGrid->addField(tr("&Cache"), m_cache);
    m_moreGrid->addField(tr("&Discard"), m_discard);
    m_moreGrid->addField(tr("&Serial number"), m_serial);
    m_more = new Expander(tr("Advanced"), m_moreGrid, this);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_more);
    createfields::alignLabels({m_grid, m_moreGrid});
    createfields::fillPage(this, content);
    connectFields();
}

void DiskEditor::connectFields()
{
    connect(m_size, &QDoubleSpinBox::valueChanged, this, [this](double gib) {
        // Whole MiB, as file systems and pools like them.
        edit([gib](CreateDraft::Disk &disk) {
            disk.bytes = static_cast<quint64>(std::llround(gib * GiB / MiB)) * static_cast<quint64>(MiB);
        });
    });
    const std::initializer_list<std::pair<QComboBox *, QString CreateDraft::Disk::*>> combos{
        {m_fs, &CreateDraft::Disk::fs}, {m_bus, &CreateDraft::Disk::bus}, {m_format, &CreateDraft::Disk::format},
        {m_cache, &CreateDraft::Disk::cache}, {m_discard, &CreateDraft::Disk::discard}};
    for (const auto &[combo, part] : combos) {
        onChoice(combo, this,
            [this, part](const QString &value) { edit([&](CreateDraft::Disk &disk) { disk.*part = value; }); });
    }
    const std::initializer_list<std::pair<QLineEdit *, QString CreateDraft::Disk::*>> edits{
        {m_label, &CreateDraft::Disk::label}, {m_serial, &CreateDraft::Disk::serial}};
    for (const auto &[line, part] : edits) {
        connect(line, &QLineEdit::textChanged, this,
            [this, part](const QString &text) { edit([&](CreateDraft::Disk &disk) { disk.*part = text.trimmed(); }); });
    }
    onChoice(m_pool, this,
        [this](const QString &value) { edit([&](CreateDraft::Disk &disk) { disk.volume = {value, {}}; }); });
    onChoice(m_volume, this,
        [this](const QString &value) { edit([&](CreateDraft::Disk &disk) { disk.volume.name = value; }); });
}

void DiskEditor::focusFirst()
{
    const bool existing = m_index >= 0 && m_index < m_state.choices().disks.size()
        && m_state.choices().disks.at(m_index).kind == DiskKind::Volume;
    (existing ? static_cast<QWidget *>(m_volume) : m_size)->setFocus();
}

void DiskEditor::edit(const std::function<void(CreateDraft::Disk &)> &change)
{
    if (m_index >= 0 && m_index < m_state.choices().disks.size()) {
        m_state.change([&](CreateDraft &draft) { change(draft.disks[m_index]); });
    }
}

void DiskEditor::show(qsizetype index)
{
    m_index = index;
    const CreateDraft::Disk &disk = m_state.choices().disks.at(index);
    const bool existing = disk.kind == DiskKind::Volume;
    const bool ephemeral = disk.kind == DiskKind::Ephemeral;
    m_grid->setFieldVisible(m_size, !existing);
    m_grid->setFieldVisible(m_fs, ephemeral);
    m_grid->setFieldVisible(m_label, ephemeral || disk.kind == DiskKind::Swap);
    m_grid->setFieldVisible(m_pool, existing);
    m_grid->setFieldVisible(m_volume, existing);
    m_moreGrid->setFieldVisible(m_format, disk.kind == DiskKind::Blank);
    const QSignalBlocker blockSize(m_size);
    if (std::abs(m_size->value() * GiB - double(disk.bytes)) > 6 * MiB) { // not while it is being typed
        m_size->setValue(double(disk.bytes) / GiB);
    }
    const auto select = [](QComboBox *combo, const QString &value) {
        const QSignalBlocker blocker(combo);
        for (int i = 0; i < combo->count(); ++i) {
            if (combo->itemData(i).toString() == value) {
                combo->setCurrentIndex(i);
            }
        }
    };
    select(m_fs, disk.fs);
    select(m_format, disk.format);
    select(m_cache, disk.cache);
    select(m_discard, disk.discard);
    set(m_label, disk.label);
    m_label->setPlaceholderText(ephemeral ? tr("ephemeral%1").arg(0) : tr("None"));
    set(m_serial, disk.serial);
    m_sizeNote->setText({},
        ephemeral                         ? tr("Made with the file system in it, and uploaded sparse.")
            : disk.kind == DiskKind::Swap ? tr("Formatted as swap space.")
                                          : QString());
    CreateOffer offer = createoptions::diskBus(m_state.draft(), m_state.facts());
    offer.texts[0] = tr("As the root disk");
    fill(m_bus, offer, disk.bus);
    m_busNote->setText({}, offer.lacking);
    refreshVolumes(disk);
}

void DiskEditor::refreshVolumes(const CreateDraft::Disk &disk)
{
    QStringList pools;
    for (const virt::storage::Pool &pool : m_state.hostFacts().pools) {
        pools.append(pool.name);
    }
    if (!pools.contains(disk.volume.pool)) {
        pools.append(disk.volume.pool);
    }
    fill(m_pool, pools, pools, disk.volume.pool);
    m_state.wantVolumesOf(disk.volume.pool);
    const QList<virt::storage::Volume> volumes = m_state.volumesOf(disk.volume.pool);
    QStringList texts;
    QStringList names;
    for (const virt::storage::Volume &volume : volumes) {
        texts.append(tr("%1 (%2)").arg(volume.name, model::formatBytes(volume.capacity)));
        names.append(volume.name);
    }
    if (!disk.volume.name.isEmpty() && !names.contains(disk.volume.name)) {
        texts.append(disk.volume.name);
        names.append(disk.volume.name);
    }
    fill(m_volume, texts, names, disk.volume.name);
    m_volumeNote->setText({}, names.isEmpty() ? tr("This pool has no volume.") : tr("Used as it is."));
}

NicEditor::NicEditor(CreateWizardState &state, QWidget *parent)
    : QWidget(parent)
    , m_state(state)
    , m_network(new QComboBox(this))
    , m_device(new QLineEdit(this))
    , m_model(new QComboBox(this))
    , m_mac(new QLineEdit(this))
    , m_grid(new FieldGrid(this))
{
    createfields::narrow(m_network);
    createfields::narrow(m_model);
    m_device->setAccessibleName(tr("Bridge or device"));
    m_mac->setPlaceholderText(tr("libvirt makes one"));
    m_networkNote = m_grid->addField(tr("Net&work"), m_network, m_device);
    m_modelNote = m_grid->addField(tr("M&odel"), m_model);
    m_macNote = m_grid->addField(tr("MA&C address"), m_mac);
    createfields::fillPage(this, m_grid);
    connect(m_network, &QComboBox::currentIndexChanged, this, &NicEditor::choose);
    connect(m_device, &QLineEdit::textChanged, this,
        [this](const QString &text) { edit([&](CreateDraft::Nic &nic) { nic.source = text.trimmed(); }); });
    onChoice(m_model, this, [this](const QString &value) { edit([&](CreateDraft::Nic &nic) { nic.model = value; }); });
    connect(m_mac, &QLineEdit::textChanged, this,
        [this](const QString &text) { edit([&](CreateDraft::Nic &nic) { nic.mac = text.trimmed().toLower(); }); });
}

void NicEditor::focusFirst()
{
    m_network->setFocus();
}

void NicEditor::edit(const std::function<void(CreateDraft::Nic &)> &change)
{
    if (m_index >= 0 && m_index < m_state.choices().nics.size()) {
        m_state.change([&](CreateDraft &draft) { change(draft.nics[m_index]); });
    }
}

void NicEditor::choose(int row)
{
    if (row < 0) {
        return;
    }
    const QString value = m_network->itemData(row).toString();
    const QList<CreateWizardState::NicChoice> choices = m_state.nicChoices();
    edit([&](CreateDraft::Nic &nic) {
        if (value == BridgeValue || value == MacvtapValue) {
            nic.kind = value == BridgeValue ? NicKind::Bridge : NicKind::Macvtap;
            nic.source = m_device->text().trimmed();
        } else if (const int index = value.toInt(); index < choices.size()) {
            nic.kind = choices.at(index).nic.kind;
            nic.source = choices.at(index).nic.source;
        }
    });
}

void NicEditor::show(qsizetype index)
{
    m_index = index;
    const CreateDraft::Nic &nic = m_state.choices().nics.at(index);
    const QList<CreateWizardState::NicChoice> choices = m_state.nicChoices();
    QStringList texts;
    QStringList values;
    QString current;
    for (qsizetype i = 0; i < choices.size(); ++i) {
        texts.append(choices.at(i).text);
        values.append(QString::number(i));
        if (choices.at(i).nic.kind == nic.kind && choices.at(i).nic.source == nic.source) {
            current = values.constLast();
        }
    }
    texts << tr("Bridge on the host") << tr("Macvtap on a device of the host");
    values << BridgeValue << MacvtapValue;
    const bool typed = nic.kind == NicKind::Bridge || nic.kind == NicKind::Macvtap;
    if (typed) {
        current = nic.kind == NicKind::Bridge ? BridgeValue : MacvtapValue;
    }
    fill(m_network, texts, values, current);
    m_device->setVisible(typed);
    m_device->setPlaceholderText(nic.kind == NicKind::Macvtap ? u"eth0"_s : u"br0"_s);
    if (typed) {
        set(m_device, nic.source);
    }
    const CreateOffer offer = createoptions::nicModel(m_state.draft(), m_state.facts());
    fill(m_model, offer, nic.model);
    m_modelNote->setText({}, offer.lacking);
    if (m_mac->text().trimmed().toLower() != nic.mac) {
        set(m_mac, nic.mac);
    }
    QString hint;
    if (nic.kind == NicKind::Macvtap) {
        hint = tr("The host and this VM can't reach each other; all others on the network can.");
    } else if (nic.kind == NicKind::User) {
        hint = tr("Reaches out through the host; nothing reaches it from outside.");
    }
    m_networkNote->setText({}, hint);
    m_macNote->setText(
        {}, m_state.choices().count > 1 ? tr("With several VMs libvirt makes one for each.") : QString());
}

} // namespace vireo::ui
