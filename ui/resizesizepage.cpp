// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizesizepage.h"

#include <cmath>
#include <limits>

#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/flavourfield.h"
#include "ui/messagebar.h"
#include "ui/resizediskfields.h"
#include "ui/resizetexts.h"
#include "ui/wheelguard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;

namespace {

constexpr int MaxMemoryMiB = 16 * 1024 * 1024;
constexpr int MaxVcpus = 4096;
constexpr quint64 KibPerMib = 1024;
constexpr double BytesPerGib = 1024.0 * 1024 * 1024;

void setQuietly(QSpinBox *box, int value)
{
    const QSignalBlocker blocker(box);
    box->setValue(value);
}

int mebibytes(quint64 kib)
{
    return static_cast<int>(std::min<quint64>(kib / KibPerMib, std::numeric_limits<int>::max()));
}

} // namespace

ResizeSizePage::ResizeSizePage(ResizeWizardState &state, QSettings &settings, QWidget *parent)
    : WizardPage(tr("Size"), parent)
    , m_state(state)
    , m_message(new MessageBar(this))
    , m_grid(new FieldGrid(this))
    , m_moreGrid(new FieldGrid(this))
    , m_flavour(new FlavourField(
          settings, [this] { return current(); }, this))
    , m_vcpus(new QSpinBox(this))
    , m_memory(new QSpinBox(this))
    , m_maxVcpus(new QSpinBox(this))
    , m_maxMemory(new QSpinBox(this))
    , m_topology(new QCheckBox(tr("Choose"), this))
    , m_sockets(new QSpinBox(this))
    , m_cores(new QSpinBox(this))
    , m_threads(new QSpinBox(this))
    , m_disksLayout(new QVBoxLayout)
{
    const int width = fontMetrics().horizontalAdvance(u"1,000.500 GiB"_s) + 48;
    for (QSpinBox *box : {m_vcpus, m_maxVcpus}) {
        box->setRange(1, MaxVcpus);
    }
    for (QSpinBox *box : {m_memory, m_maxMemory}) {
        box->setRange(1, MaxMemoryMiB);
        box->setSingleStep(256);
        box->setSuffix(tr(" MiB"));
        box->setGroupSeparatorShown(true);
    }
    for (QSpinBox *box : {m_vcpus, m_memory, m_maxVcpus, m_maxMemory}) {
        box->setMinimumWidth(width);
        box->setMaximumWidth(width);
    }
    m_flavourNote = m_grid->addField(tr("&Flavour"), m_flavour->combo(), m_flavour->manageButton());
    m_grid->addWide(m_flavour->panel(), true);
    m_flavour->panel()->hide();
    m_vcpusNote = m_grid->addField(tr("v&CPUs"), m_vcpus);
    m_memoryNote = m_grid->addField(tr("&Memory"), m_memory);
    auto *more = new Expander(tr("Ma&ximum and topology"), makeMore(), this);
    m_grid->addWide(more, true);

    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_message);
    layout->addWidget(m_grid);
    m_disksLayout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(m_disksLayout);
    createfields::fillPage(this, content);
    connectFields();
    for (QWidget *field : std::initializer_list<QWidget *>{
             m_flavour->combo(), m_vcpus, m_memory, m_maxVcpus, m_maxMemory, m_sockets, m_cores, m_threads}) {
        guardWheel(field);
    }
    connect(&m_state, &ResizeWizardState::changed, this, &ResizeSizePage::refresh);
    refresh();
}

ResizeSizePage::~ResizeSizePage() = default;

QWidget *ResizeSizePage::makeMore()
{
    m_maxVcpusNote = m_moreGrid->addField(tr("Maximum vCPUs"), m_maxVcpus);
    m_maxMemoryNote = m_moreGrid->addField(tr("Maximum memory"), m_maxMemory);
    const std::initializer_list<std::pair<QSpinBox *, QString>> parts{
        {m_sockets, tr("Sockets")}, {m_cores, tr("Cores")}, {m_threads, tr("Threads")}};
    for (const auto &[box, name] : parts) {
        box->setRange(1, MaxVcpus);
        box->setPrefix(name + u' ');
        box->setAccessibleName(name);
    }
    auto *row = createfields::row({m_topology, m_sockets, m_cores, m_threads}, this);
    m_topologyNote = m_moreGrid->addField(tr("CPU topology"), row);
    row->setFocusProxy(m_topology);
    return m_moreGrid;
}

void ResizeSizePage::connectFields()
{
    connect(m_flavour, &FlavourField::chosen, this, &ResizeSizePage::apply);
    connect(m_vcpus, &QSpinBox::valueChanged, &m_state, &ResizeWizardState::setVcpus);
    connect(m_maxVcpus, &QSpinBox::valueChanged, &m_state, &ResizeWizardState::setMaxVcpus);
    // What the VM has need not be whole MiB: the field at that figure leaves it so.
    const auto kib = [](int value, quint64 now) {
        return value == mebibytes(now) ? now : static_cast<quint64>(value) * KibPerMib;
    };
    connect(m_memory, &QSpinBox::valueChanged, this,
        [this, kib](int value) { m_state.setMemoryKiB(kib(value, m_state.memoryKiB())); });
    connect(m_maxMemory, &QSpinBox::valueChanged, this,
        [this, kib](int value) { m_state.setMaxMemoryKiB(kib(value, m_state.maxMemoryKiB())); });
    const auto topology = [this] {
        m_state.setTopology(m_topology->isChecked()
                ? ResizeDraft::Topology{m_sockets->value(), m_cores->value(), m_threads->value()}
                : ResizeDraft::Topology{});
    };
    connect(m_topology, &QCheckBox::toggled, this, [this, topology](bool on) {
        if (on) { // what makes as many as there may be
            for (QSpinBox *box : {m_sockets, m_threads}) {
                setQuietly(box, 1);
            }
            setQuietly(m_cores, m_state.wantedMaxVcpus());
        }
        topology();
    });
    for (const QSpinBox *box : {m_sockets, m_cores, m_threads}) {
        connect(box, &QSpinBox::valueChanged, this, topology);
    }
}

Flavour ResizeSizePage::current() const
{
    Flavour flavour;
    flavour.vcpus = m_state.wantedVcpus();
    flavour.memoryMiB = m_state.wantedMemoryKiB() / KibPerMib;
    if (!m_state.disks().isEmpty()) {
        const ResizeWizardState::Disk &root = m_state.disks().constFirst();
        const quint64 wanted = m_state.wantedDisk(root.target).capacity;
        flavour.rootGiB = static_cast<double>(wanted > 0 ? wanted : root.capacity) / BytesPerGib;
    }
    return flavour;
}

void ResizeSizePage::apply(const Flavour &flavour)
{
    m_flavourHint.clear();
    m_state.setVcpus(flavour.vcpus);
    m_state.setMemoryKiB(flavour.memoryMiB * KibPerMib);
    const auto wanted = static_cast<quint64>(std::llround(flavour.rootGiB * BytesPerGib));
    if (wanted > 0 && !m_state.disks().isEmpty()) {
        const ResizeWizardState::Disk root = m_state.disks().constFirst();
        if (wanted < root.capacity) {
            m_flavourHint =
                tr("%1 stays at %2: a disk can't be made smaller.").arg(root.target, model::formatBytes(root.capacity));
        }
        m_state.changeDisk(
            root.target, [&](ResizeDraft::Disk &disk) { disk.capacity = wanted > root.capacity ? wanted : 0; });
    }
    m_hintedSizes = current();
    refresh();
}

QString ResizeSizePage::effects(const QStringList &fields) const
{
    QStringList lines;
    for (const QString &field : fields) {
        if (const operation::ResizeEffect *effect = m_state.effect(field)) {
            lines.append(resizetexts::effect(*effect));
        }
    }
    return lines.join(u'\n');
}

void ResizeSizePage::refresh()
{
    const bool known = m_state.facts().has_value();
    for (QWidget *field :
        std::initializer_list<QWidget *>{m_flavour->combo(), m_vcpus, m_memory, m_maxVcpus, m_maxMemory, m_topology}) {
        field->setEnabled(known);
    }
    const QStringList blockers = m_state.blockers();
    if (!m_state.problem().isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, m_state.problem());
    } else if (!blockers.isEmpty()) {
        m_message->showMessage(
            MessageBar::Kind::Warning, blockers.join(u'\n'), tr("So it can't be done; the last page says more."));
    } else {
        m_message->clear();
    }
    setQuietly(m_vcpus, m_state.wantedVcpus());
    setQuietly(m_memory, mebibytes(m_state.wantedMemoryKiB()));
    refreshMore();
    refreshDisks();
    m_flavour->refresh();
    m_flavourNote->setText({},
        !known                           ? tr("Reading the virtual machine…")
            : m_hintedSizes == current() ? m_flavourHint
                                         : QString());
    // A maximum that goes up with the figure is told where the figure is: the field of its own is folded away.
    m_vcpusNote->setText(m_state.vcpusProblem(), effects({u"vcpus"_s, u"maxVcpus"_s}));
    m_memoryNote->setText(m_state.memoryProblem(), effects({u"memory"_s, u"maxMemory"_s}));
    Q_EMIT completeChanged();
}

void ResizeSizePage::refreshMore()
{
    setQuietly(m_maxVcpus, m_state.wantedMaxVcpus());
    setQuietly(m_maxMemory, mebibytes(m_state.wantedMaxMemoryKiB()));
    const ResizeDraft::Topology topology = m_state.wantedTopology();
    const bool chosen = topology.sockets > 0;
    createfields::set(m_topology, chosen);
    setQuietly(m_sockets, chosen ? topology.sockets : 1);
    setQuietly(m_cores, chosen ? topology.cores : std::max(1, m_state.wantedMaxVcpus()));
    setQuietly(m_threads, chosen ? topology.threads : 1);
    for (QSpinBox *box : {m_sockets, m_cores, m_threads}) {
        box->setEnabled(chosen && m_topology->isEnabled());
    }
    m_maxVcpusNote->setText({}, tr("As many can be plugged in while it runs"));
    m_maxMemoryNote->setText({}, tr("So much can be given to it while it runs"));
    m_topologyNote->setText(m_state.topologyProblem(), effects({u"topology"_s}));
}

void ResizeSizePage::refreshDisks()
{
    const QList<ResizeWizardState::Disk> &disks = m_state.disks();
    bool same = disks.size() == m_disks.size();
    for (qsizetype i = 0; same && i < disks.size(); ++i) {
        same = disks.at(i).target == m_disks.at(i)->target();
    }
    if (!same) {
        delete m_diskGrid; // with the fields
        m_disks.clear();
        m_diskGrid = new FieldGrid(this);
        for (const ResizeWizardState::Disk &disk : disks) {
            const QString label = m_disks.isEmpty() ? tr("Root &disk") : tr("Disk %1").arg(disk.target);
            m_disks.append(new ResizeDiskFields(m_state, disk.target, label, m_diskGrid));
        }
        m_disksLayout->addWidget(m_diskGrid);
        createfields::alignLabels({m_grid, m_diskGrid});
    }
    for (ResizeDiskFields *disk : std::as_const(m_disks)) {
        disk->refresh();
    }
}

bool ResizeSizePage::isComplete() const
{
    return reason().isEmpty();
}

QString ResizeSizePage::reason() const
{
    return m_state.sizeProblem();
}

QWidget *ResizeSizePage::firstField() const
{
    return m_vcpus;
}

} // namespace vireo::ui
