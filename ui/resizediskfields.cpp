// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizediskfields.h"

#include <cmath>

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/resizetexts.h"
#include "ui/wheelguard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;

namespace {

constexpr quint64 Mebibyte = 1024ULL * 1024;
constexpr double MebibytesPerGib = 1024;
constexpr double MaxGib = 1024 * 1024;

/** "20 GiB", "0.25 GiB": no more digits than it takes. */
class GibSpin final : public QDoubleSpinBox
{
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    QString textFromValue(double value) const override
    {
        QLocale plain = locale();
        plain.setNumberOptions(QLocale::OmitGroupSeparator);
        QString text = plain.toString(value, 'f', decimals());
        while (text.contains(plain.decimalPoint()) && text.endsWith(plain.zeroDigit())) {
            text.chop(1);
        }
        return text.endsWith(plain.decimalPoint()) ? text.chopped(1) : text;
    }
};

/** As the field shows it. */
double gibOf(quint64 bytes)
{
    return std::round(static_cast<double>(bytes) / static_cast<double>(Mebibyte) / MebibytesPerGib * 1000) / 1000;
}

QStringList withCurrent(QStringList values, const QString &current)
{
    if (!current.isEmpty() && !values.contains(current)) {
        values.prepend(current);
    }
    return values;
}

} // namespace

ResizeDiskFields::ResizeDiskFields(
    ResizeWizardState &state, const QString &target, const QString &label, FieldGrid *grid)
    : QObject(grid)
    , m_state(state)
    , m_target(target)
    , m_size(new GibSpin(grid))
    , m_now(new QLabel(grid))
    , m_format(new QComboBox(grid))
    , m_bus(new QComboBox(grid))
    , m_pool(new QComboBox(grid))
    , m_flatten(new QCheckBox(tr("Make it one file, without its base images"), grid))
    , m_sparsify(new QCheckBox(tr("Give back what holds only zeroes"), grid))
    , m_growFilesystem(new QCheckBox(tr("Grow its file system with it"), grid))
    , m_growInGuest(new QCheckBox(tr("Have the guest agent grow what is on it"), grid))
{
    m_size->setDecimals(3);
    m_size->setRange(0, MaxGib);
    m_size->setSuffix(tr(" GiB"));
    m_size->setObjectName(u"diskSize-"_s + target);
    const int width = grid->fontMetrics().horizontalAdvance(u"1,000.500 GiB"_s) + 48;
    m_size->setMinimumWidth(width);
    m_size->setMaximumWidth(width);
    m_format->setMaximumWidth(width);
    m_bus->setMaximumWidth(width);
    m_now->setTextFormat(Qt::PlainText);
    m_note = grid->addField(label, m_size, m_now);
    makeMore(grid);
    connectFields();
    refresh();
}

void ResizeDiskFields::makeMore(FieldGrid *grid)
{
    auto *content = new QWidget(grid);
    auto *form = new FieldGrid(content);
    form->addField(tr("Format"), m_format);
    form->addField(tr("Bus"), m_bus);
    form->addField(tr("Pool"), m_pool);
    m_format->setObjectName(u"diskFormat-"_s + m_target);
    m_bus->setObjectName(u"diskBus-"_s + m_target);
    m_pool->setObjectName(u"diskPool-"_s + m_target);
    m_flatten->setObjectName(u"diskFlatten-"_s + m_target);
    m_sparsify->setObjectName(u"diskSparsify-"_s + m_target);
    m_sparsify->setToolTip(tr("Its file is made anew, and blocks of zeroes in it take no room any more"));
    m_growFilesystem->setObjectName(u"diskGrowFilesystem-"_s + m_target);
    m_growFilesystem->setToolTip(tr("While the VM is off: its content is read through this computer, where the file "
                                    "system is checked and grown; only what that changes is written back"));
    m_growInGuest->setObjectName(u"diskGrowInGuest-"_s + m_target);
    m_growInGuest->setToolTip(tr("In the guest, while it runs: growpart for the last partition, then resize2fs, "
                                 "xfs_growfs or btrfs. Needs qemu-guest-agent there"));
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 0, 0, 6);
    layout->addWidget(form);
    layout->addWidget(m_flatten, 0, Qt::AlignLeft);
    layout->addWidget(m_sparsify, 0, Qt::AlignLeft);
    layout->addWidget(m_growFilesystem, 0, Qt::AlignLeft);
    layout->addWidget(m_growInGuest, 0, Qt::AlignLeft);
    auto *more = new Expander(tr("More of %1: format, bus, pool").arg(m_target), content, grid);
    grid->addWide(more, true);
    for (QWidget *field : std::initializer_list<QWidget *>{m_size, m_format, m_bus, m_pool}) {
        guardWheel(field);
    }
}

void ResizeDiskFields::connectFields()
{
    connect(m_size, &QDoubleSpinBox::valueChanged, this, [this](double gib) {
        const ResizeWizardState::Disk *now = m_state.disk(m_target);
        m_state.changeDisk(m_target, [&](ResizeDraft::Disk &disk) {
            const bool same = now && std::abs(gib - gibOf(now->capacity)) < 0.0005;
            const auto mebibytes = static_cast<quint64>(std::llround(gib * MebibytesPerGib));
            disk.capacity = same ? 0 : std::max<quint64>(1, mebibytes) * Mebibyte;
        });
    });
    const auto choice = [this](QComboBox *box, QString ResizeDraft::Disk::*member) {
        connect(box, &QComboBox::activated, this, [this, box, member] {
            m_state.changeDisk(
                m_target, [&](ResizeDraft::Disk &disk) { disk.*member = box->currentData().toString(); });
        });
    };
    choice(m_format, &ResizeDraft::Disk::format);
    choice(m_bus, &ResizeDraft::Disk::bus);
    choice(m_pool, &ResizeDraft::Disk::pool);
    const auto flag = [this](QCheckBox *box, bool ResizeDraft::Disk::*member) {
        connect(box, &QCheckBox::toggled, this, [this, member](bool on) {
            m_state.changeDisk(m_target, [&](ResizeDraft::Disk &disk) { disk.*member = on; });
        });
    };
    flag(m_flatten, &ResizeDraft::Disk::flatten);
    flag(m_sparsify, &ResizeDraft::Disk::sparsify);
    flag(m_growInGuest, &ResizeDraft::Disk::growInGuest);
    connect(m_growFilesystem, &QCheckBox::toggled, this, [this](bool on) {
        m_state.changeDisk(m_target,
            [&](ResizeDraft::Disk &disk) { disk.growFilesystem = on ? std::nullopt : std::optional<bool>(false); });
    });
}

void ResizeDiskFields::refreshPool()
{
    const ResizeWizardState::Disk now = *m_state.disk(m_target);
    const ResizeDraft::Disk wanted = m_state.wantedDisk(m_target);
    QStringList texts;
    QStringList values;
    if (m_state.moves() || now.pool.isEmpty()) {
        texts.append(m_state.moves() ? tr("As the mapping of pools says") : tr("Where it is, in no pool"));
        values.append(QString());
    }
    const QStringList pools = m_state.moves() ? m_state.pools() : withCurrent(m_state.pools(), now.pool);
    for (const QString &pool : pools) {
        texts.append(!m_state.moves() && pool == now.pool ? tr("%1 (where it is)").arg(pool) : pool);
        values.append(pool);
    }
    createfields::fill(m_pool, texts, values, wanted.pool.isEmpty() && !m_state.moves() ? now.pool : wanted.pool);
}

void ResizeDiskFields::refresh()
{
    const ResizeWizardState::Disk *now = m_state.disk(m_target);
    if (!now) {
        return;
    }
    const ResizeDraft::Disk wanted = m_state.wantedDisk(m_target);
    {
        const QSignalBlocker blocker(m_size);
        const double gib = gibOf(wanted.capacity > 0 ? wanted.capacity : now->capacity);
        if (std::abs(m_size->value() - gib) > 0.0005) { // what is being typed keeps its cursor
            m_size->setValue(gib);
        }
    }
    m_size->setEnabled(now->capacity > 0);
    m_now->setText(now->capacity > 0 ? tr("now %1, %2 on %3", "size, format, bus")
                                           .arg(model::formatBytes(now->capacity),
                                               now->format.isEmpty() ? tr("unknown format") : now->format, now->bus)
                                     : tr("its size is not known"));
    QStringList lines;
    if (const operation::ResizeEffect *effect = m_state.effect(m_target)) {
        lines.append(resizetexts::effect(*effect));
    }
    if (const QString text = m_state.contentText(m_target); !text.isEmpty()) {
        lines.append(text);
    }
    m_note->setText(m_state.diskProblem(m_target), lines.join(u'\n'));

    const QStringList formats = withCurrent({u"qcow2"_s, u"raw"_s}, now->format);
    createfields::fill(m_format, formats, formats, wanted.format.isEmpty() ? now->format : wanted.format);
    const QStringList buses = withCurrent({u"virtio"_s, u"scsi"_s, u"sata"_s}, now->bus);
    createfields::fill(m_bus, buses, buses, wanted.bus.isEmpty() ? now->bus : wanted.bus);
    refreshPool();
    createfields::set(m_flatten, wanted.flatten);
    m_flatten->setEnabled(now->layers > 1);
    m_flatten->setToolTip(
        now->layers > 1 ? tr("It lies on a chain of %1 files now").arg(now->layers) : tr("It is one file already"));
    createfields::set(m_sparsify, wanted.sparsify);
    createfields::set(m_growFilesystem, wanted.growFilesystem.value_or(true));
    m_growFilesystem->setVisible(now->content.kind == operation::DiskContent::Kind::Ext);
    m_growFilesystem->setEnabled(wanted.capacity > now->capacity);
    const bool growsOff = m_state.isCold() && now->content.kind == operation::DiskContent::Kind::Ext;
    createfields::set(m_growInGuest, wanted.growInGuest);
    m_growInGuest->setVisible(!growsOff && now->content.kind != operation::DiskContent::Kind::Swap);
    m_growInGuest->setEnabled(wanted.capacity > now->capacity);
}

} // namespace vireo::ui
