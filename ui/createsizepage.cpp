// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createsizepage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using createfields::set;
using operation::CreateDraft;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;

namespace {

constexpr int MaxMemoryMiB = 16 * 1024 * 1024;
constexpr int MaxVcpus = 4096;
constexpr int MaxCount = 100;

void setQuietly(QSpinBox *box, int value)
{
    const QSignalBlocker blocker(box);
    box->setValue(value);
}

QStringList tagsOf(const QString &text)
{
    static const QRegularExpression separator(u"[\\s,;]+"_s);
    QStringList tags = text.split(separator, Qt::SkipEmptyParts);
    tags.removeDuplicates();
    return tags;
}

} // namespace

CreateSizePage::CreateSizePage(CreateWizardState &state, QWidget *parent)
    : WizardPage(tr("Name and size"), parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_name(new QLineEdit(this))
    , m_memory(new QSpinBox(this))
    , m_vcpus(new QSpinBox(this))
    , m_root(new QDoubleSpinBox(this))
    , m_pool(new QComboBox(this))
    , m_count(new QSpinBox(this))
    , m_start(new QCheckBox(tr("S&tart now"), this))
    , m_paused(new QCheckBox(tr("Start &paused"), this))
    , m_autostart(new QCheckBox(tr("Start with the &host"), this))
    , m_moreGrid(new FieldGrid(this))
    , m_title(new QLineEdit(this))
    , m_description(new QLineEdit(this))
    , m_tags(new QLineEdit(this))
    , m_maxMemory(new QSpinBox(this))
    , m_maxVcpus(new QSpinBox(this))
    , m_sockets(new QSpinBox(this))
    , m_cores(new QSpinBox(this))
    , m_threads(new QSpinBox(this))
    , m_topology(new QCheckBox(tr("Choose"), this))
{
    makeFields();
    makeMore();
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_more);
    createfields::alignLabels({m_grid, m_moreGrid});
    createfields::fillPage(this, content);
    connectFields();
    connectMore();
    refresh();
}

void CreateSizePage::makeFields()
{
    createfields::narrow(m_pool);
    m_memory->setRange(16, MaxMemoryMiB);
    m_memory->setSingleStep(256);
    m_vcpus->setRange(1, MaxVcpus);
    m_count->setRange(1, MaxCount);
    m_root->setDecimals(1);
    m_root->setRange(0.1, 64 * 1024);
    m_root->setSuffix(tr(" GiB"));
    m_maxMemory->setRange(0, MaxMemoryMiB);
    m_maxMemory->setSingleStep(256);
    m_maxMemory->setSpecialValueText(tr("As the memory"));
    m_maxVcpus->setRange(0, MaxVcpus);
    m_maxVcpus->setSpecialValueText(tr("As the vCPUs"));
    const int numberWidth = fontMetrics().horizontalAdvance(u"1,000.5 GiB (as the image)"_s) + 48;
    for (QSpinBox *box : {m_memory, m_maxMemory}) {
        box->setSuffix(tr(" MiB"));
        box->setGroupSeparatorShown(true);
    }
    for (QSpinBox *box : {m_memory, m_vcpus, m_count, m_maxMemory, m_maxVcpus}) {
        box->setMaximumWidth(numberWidth);
        box->setMinimumWidth(numberWidth);
    }
    m_root->setMaximumWidth(numberWidth);
    m_root->setMinimumWidth(numberWidth);
    m_nameNote = m_grid->addField(tr("Na&me"), m_name);
    m_memoryNote = m_grid->addField(tr("Mem&ory"), m_memory);
    m_vcpusNote = m_grid->addField(tr("v&CPUs"), m_vcpus);
    m_rootNote = m_grid->addField(tr("&Root disk"), m_root);
    m_poolNote = m_grid->addField(tr("&Storage"), m_pool);
    m_countNote = m_grid->addField(tr("N&umber of VMs"), m_count);
    m_grid->addWide(createfields::row({m_start, m_paused, m_autostart}, this));
    m_paused->setToolTip(tr("Made and started with its CPUs stopped: nothing in it runs until it is resumed"));
    m_autostart->setToolTip(tr("libvirt starts it when the host starts"));
    m_count->setToolTip(tr("More than one get numbered names; “##” in the name is where the number goes"));
}

void CreateSizePage::makeMore()
{
    m_title->setPlaceholderText(tr("Shown in place of the name"));
    m_tags->setPlaceholderText(u"web production"_s);
    m_moreGrid->addField(tr("T&itle"), m_title);
    m_moreGrid->addField(tr("&Description"), m_description);
    m_moreGrid->addField(tr("Ta&gs"), m_tags);
    m_moreGrid->addField(tr("Maximum memory"), m_maxMemory);
    m_moreGrid->addField(tr("Maximum vCPUs"), m_maxVcpus);
    const std::initializer_list<std::pair<QSpinBox *, QString>> parts{
        {m_sockets, tr("Sockets")}, {m_cores, tr("Cores")}, {m_threads, tr("Threads")}};
    for (const auto &[box, name] : parts) {
        box->setRange(1, MaxVcpus);
        box->setPrefix(name + u' ');
        box->setAccessibleName(name);
    }
    m_topologyRow = createfields::row({m_topology, m_sockets, m_cores, m_threads}, this);
    m_moreGrid->addField(tr("CPU topology"), m_topologyRow);
    m_topologyRow->setFocusProxy(m_topology);
    m_more = new Expander(tr("More: title, tags, maximum, topolog&y"), m_moreGrid, this);
}

void CreateSizePage::connectFields()
{
    connect(m_name, &QLineEdit::textChanged, &m_state, &CreateWizardState::setName);
    connect(m_memory, &QSpinBox::valueChanged, this,
        [this](int value) { m_state.setMemoryMiB(static_cast<quint64>(value)); });
    connect(m_vcpus, &QSpinBox::valueChanged, &m_state, &CreateWizardState::setVcpus);
    connect(m_root, &QDoubleSpinBox::valueChanged, &m_state, &CreateWizardState::setRootGiB);
    connect(m_pool, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setPool(m_pool->itemData(row).toString()); });
    const auto onChange = [this](auto &&edit) {
        m_state.change(edit);
    };
    connect(m_count, &QSpinBox::valueChanged, this, [onChange](int value) {
        onChange([value](CreateDraft &draft) {
            draft.count = value;
            if (value > 1) {
                draft.customXml.reset(); // it is about one VM
            }
        });
    });
    connect(m_start, &QCheckBox::toggled, this,
        [onChange](bool on) { onChange([on](CreateDraft &draft) { draft.start = on; }); });
    connect(m_paused, &QCheckBox::toggled, this,
        [onChange](bool on) { onChange([on](CreateDraft &draft) { draft.paused = on; }); });
    connect(m_autostart, &QCheckBox::toggled, this,
        [onChange](bool on) { onChange([on](CreateDraft &draft) { draft.autostart = on; }); });
    connect(&m_state, &CreateWizardState::changed, this, &CreateSizePage::refresh);
}

void CreateSizePage::connectMore()
{
    connect(m_title, &QLineEdit::textChanged, this,
        [this](const QString &text) { m_state.change([&](CreateDraft &draft) { draft.title = text; }); });
    connect(m_description, &QLineEdit::textChanged, this,
        [this](const QString &text) { m_state.change([&](CreateDraft &draft) { draft.description = text; }); });
    connect(m_tags, &QLineEdit::textChanged, this,
        [this](const QString &text) { m_state.change([&](CreateDraft &draft) { draft.tags = tagsOf(text); }); });
    connect(m_maxMemory, &QSpinBox::valueChanged, this, [this](int value) {
        m_state.change([value](CreateDraft &draft) { draft.maxMemoryMiB = static_cast<quint64>(value); });
    });
    connect(m_maxVcpus, &QSpinBox::valueChanged, this,
        [this](int value) { m_state.change([value](CreateDraft &draft) { draft.maxVcpus = value; }); });
    const auto topology = [this] {
        m_state.change([this](CreateDraft &draft) {
            draft.topology = m_topology->isChecked()
                ? CreateDraft::Topology{m_sockets->value(), m_cores->value(), m_threads->value()}
                : CreateDraft::Topology{};
        });
    };
    connect(m_topology, &QCheckBox::toggled, this, [this, topology](bool on) {
        if (on) { // what makes as many as there are
            const QSignalBlocker blocker(m_cores);
            m_cores->setValue(std::max(m_state.vcpus(), m_state.choices().maxVcpus));
        }
        topology();
    });
    for (const QSpinBox *box : {m_sockets, m_cores, m_threads}) {
        connect(box, &QSpinBox::valueChanged, this, topology);
    }
}

bool CreateSizePage::isComplete() const
{
    return m_state.areResourcesReady();
}

QString CreateSizePage::reason() const
{
    return m_state.firstProblem({Field::Name, Field::Count, Field::Memory, Field::Vcpus, Field::RootDisk, Field::Pool});
}

QWidget *CreateSizePage::firstField() const
{
    return m_name;
}

void CreateSizePage::refresh()
{
    const bool hardware = m_state.origin() != Origin::Xml;
    for (QWidget *field : std::initializer_list<QWidget *>{m_memory, m_vcpus, m_root, m_pool}) {
        m_grid->setFieldVisible(field, hardware);
    }
    m_grid->setFieldVisible(m_count, hardware);
    for (QWidget *field : std::initializer_list<QWidget *>{m_maxMemory, m_maxVcpus, m_topologyRow}) {
        m_moreGrid->setFieldVisible(field, hardware);
    }
    set(m_name, m_state.name());
    refreshSizes();
    refreshPools();
    refreshMore();
    m_nameNote->setText(m_state.problem(Field::Name), m_state.hint(Field::Name));
    m_memoryNote->setText(m_state.problem(Field::Memory), m_state.hint(Field::Memory));
    m_vcpusNote->setText(m_state.problem(Field::Vcpus), m_state.hint(Field::Vcpus));
    m_rootNote->setText(m_state.problem(Field::RootDisk), m_state.hint(Field::RootDisk));
    m_poolNote->setText(m_state.problem(Field::Pool), m_state.hint(Field::Pool));
    m_countNote->setText(m_state.problem(Field::Count), m_state.hint(Field::Count));
    Q_EMIT completeChanged();
}

void CreateSizePage::refreshSizes()
{
    setQuietly(m_memory, static_cast<int>(m_state.memoryMiB()));
    setQuietly(m_vcpus, m_state.vcpus());
    const QSignalBlocker blockRoot(m_root);
    const quint64 image = m_state.imageBytes();
    m_root->setMinimum(m_state.minimumRootGiB());
    QString special;
    if (image > 0) {
        special = tr("%1 (as the image)").arg(model::formatBytes(image));
    } else if (m_state.minimumRootGiB() == 0) {
        special = tr("None");
    }
    m_root->setSpecialValueText(special);
    m_root->setValue(m_state.rootGiB());
    m_root->setEnabled(!m_state.rootFixed());
}

void CreateSizePage::refreshPools()
{
    QStringList texts;
    QStringList values;
    for (const virt::storage::Pool &pool : m_state.hostFacts().pools) {
        texts.append(pool.active ? tr("%1 (%2 free)").arg(pool.name, model::formatBytes(pool.available))
                                 : tr("%1 (not active)").arg(pool.name));
        values.append(pool.name);
    }
    if (const QString pool = m_state.pool(); !pool.isEmpty() && !values.contains(pool)) {
        texts.prepend(tr("%1 (will be made)").arg(pool));
        values.prepend(pool);
    }
    createfields::fill(m_pool, texts, values, m_state.pool());
}

void CreateSizePage::refreshMore()
{
    const CreateDraft &choices = m_state.choices();
    setQuietly(m_count, choices.count);
    set(m_start, choices.start);
    set(m_paused, choices.paused);
    m_paused->setEnabled(choices.start);
    set(m_autostart, choices.autostart);
    set(m_title, choices.title);
    set(m_description, choices.description);
    if (tagsOf(m_tags->text()) != choices.tags) {
        set(m_tags, choices.tags.join(u' ')); // else the user is in the middle of the next one
    }
    setQuietly(m_maxMemory, static_cast<int>(choices.maxMemoryMiB));
    setQuietly(m_maxVcpus, choices.maxVcpus);
    set(m_topology, choices.topology.isSet());
    for (QSpinBox *box : {m_sockets, m_cores, m_threads}) {
        box->setEnabled(choices.topology.isSet());
    }
    if (choices.topology.isSet()) {
        setQuietly(m_sockets, choices.topology.sockets);
        setQuietly(m_cores, choices.topology.cores);
        setQuietly(m_threads, choices.topology.threads);
    }
}

} // namespace vireo::ui
