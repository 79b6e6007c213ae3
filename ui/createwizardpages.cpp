// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createwizardpages.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;

namespace {

/** Fills a combo box with (text, data) unless it holds just that; the current one is chosen by its data. */
void fill(QComboBox *combo, const QStringList &texts, const QStringList &data, const QString &current)
{
    const QSignalBlocker blocker(combo);
    QStringList shownTexts;
    QStringList shownData;
    for (int i = 0; i < combo->count(); ++i) {
        shownTexts.append(combo->itemText(i));
        shownData.append(combo->itemData(i).toString());
    }
    if (shownTexts != texts || shownData != data) {
        combo->clear();
        for (qsizetype i = 0; i < texts.size(); ++i) {
            combo->addItem(texts.at(i), data.at(i));
        }
    }
    combo->setCurrentIndex(combo->findData(current));
}

QVBoxLayout *pageLayout(QWidget *page, FieldGrid *grid)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->addWidget(grid);
    layout->addStretch(1);
    return layout;
}

void narrow(QComboBox *combo)
{
    // A long name of a host or a volume must not widen the window.
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(20);
}

} // namespace

CreateSourcePage::CreateSourcePage(CreateWizardState &state, QWidget *parent)
    : WizardPage(tr("Source"), parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_host(new QComboBox(this))
    , m_origin(new QComboBox(this))
    , m_path(new QLineEdit(this))
    , m_pool(new QComboBox(this))
    , m_volume(new QComboBox(this))
    , m_keep(new QCheckBox(tr("&Keep the volume as it is and boot from a copy-on-write overlay"), this))
{
    for (QComboBox *combo : {m_host, m_origin, m_pool, m_volume}) {
        narrow(combo);
    }
    m_origin->addItem(tr("Disk image"), static_cast<int>(Origin::Image));
    m_origin->addItem(tr("Install medium (ISO)"), static_cast<int>(Origin::Iso));
    m_origin->addItem(tr("Volume on the host"), static_cast<int>(Origin::Volume));
    m_origin->addItem(tr("No medium"), static_cast<int>(Origin::None));
    m_path->setPlaceholderText(tr("/path/to/image.qcow2"));
    m_path->setClearButtonEnabled(true);
    auto *browseButton = new QPushButton(tr("Bro&wse…"), this);
    browseButton->setAutoDefault(false);

    m_hostNote = m_grid->addField(tr("&Host"), m_host);
    m_originNote = m_grid->addField(tr("Start &from"), m_origin);
    m_pathNote = m_grid->addField(tr("&Image"), m_path, browseButton);
    m_grid->addField(tr("&Pool"), m_pool);
    m_volumeNote = m_grid->addField(tr("&Volume"), m_volume);
    m_grid->addWide(m_keep);
    pageLayout(this, m_grid);

    connect(m_host, &QComboBox::currentIndexChanged, this, [this](int row) {
        if (row >= 0) {
            m_state.setHost(QUuid::fromString(m_host->itemData(row).toString()));
        }
    });
    connect(m_origin, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setOrigin(static_cast<Origin>(m_origin->itemData(row).toInt())); });
    connect(m_path, &QLineEdit::textChanged, &m_state, &CreateWizardState::setPath);
    connect(m_pool, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setSourcePool(m_pool->itemData(row).toString()); });
    connect(m_volume, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setVolume(m_volume->itemData(row).toString()); });
    connect(m_keep, &QCheckBox::toggled, &m_state, &CreateWizardState::setKeepVolume);
    connect(browseButton, &QPushButton::clicked, this, &CreateSourcePage::browse);
    connect(&m_state, &CreateWizardState::changed, this, &CreateSourcePage::refresh);
    refresh();
}

bool CreateSourcePage::isComplete() const
{
    return m_state.isSourceReady();
}

QString CreateSourcePage::reason() const
{
    return m_state.firstProblem({Field::Host, Field::Path, Field::Volume});
}

QWidget *CreateSourcePage::firstField() const
{
    // The host is right at once as a rule; where there is only one there is nothing to choose.
    return m_host->count() > 1 ? static_cast<QWidget *>(m_host) : m_origin;
}

void CreateSourcePage::refresh()
{
    QStringList texts;
    QStringList values;
    for (const CreateWizardState::HostChoice &host : m_state.hosts()) {
        texts.append(host.name);
        values.append(host.id.toString());
    }
    fill(m_host, texts, values, m_state.host().toString());

    texts.clear();
    values.clear();
    for (const virt::storage::Pool &pool : m_state.hostFacts().pools) {
        texts.append(pool.active ? pool.name : tr("%1 (not active)").arg(pool.name));
        values.append(pool.name);
    }
    fill(m_pool, texts, values, m_state.sourcePool());

    values.clear();
    for (const virt::storage::Volume &volume : m_state.volumes()) {
        values.append(volume.name);
    }
    fill(m_volume, values, values, m_state.volume());

    const Origin origin = m_state.origin();
    const bool file = origin == Origin::Image || origin == Origin::Iso;
    m_grid->setFieldVisible(m_path, file);
    m_grid->setFieldVisible(m_pool, origin == Origin::Volume);
    m_grid->setFieldVisible(m_volume, origin == Origin::Volume);
    m_grid->setFieldVisible(m_keep, origin == Origin::Volume && !m_state.isVolumeMedium());
    {
        const QSignalBlocker blocker(m_keep);
        m_keep->setChecked(m_state.keepVolume());
    }
    m_path->setPlaceholderText(origin == Origin::Iso ? tr("/path/to/installer.iso") : tr("/path/to/image.qcow2"));

    m_hostNote->setText(m_state.problem(Field::Host), m_state.hint(Field::Host));
    m_originNote->setText(
        {}, origin == Origin::None ? tr("The VM gets an empty disk and nothing to boot from.") : QString());
    const QString pathProblem = m_state.problem(Field::Path);
    // What is merely not done yet is no error: no red before the user has typed anything.
    const bool pathPending = m_state.path().isEmpty() || m_state.isInspecting();
    m_pathNote->setText(pathPending ? QString() : pathProblem, pathPending ? pathProblem : m_state.hint(Field::Path));
    m_volumeNote->setText(m_state.problem(Field::Volume), m_state.hint(Field::Volume));
    Q_EMIT completeChanged();
}

void CreateSourcePage::browse()
{
    auto *dialog =
        new QFileDialog(window(), m_state.origin() == Origin::Iso ? tr("Choose an ISO File") : tr("Choose an Image"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowModality(Qt::WindowModal);
    dialog->setFileMode(QFileDialog::ExistingFile);
    const QString images = tr("Disk images (*.qcow2 *.img *.raw)");
    const QString isos = tr("ISO images (*.iso)");
    const QString all = tr("All files (*)");
    dialog->setNameFilters(m_state.origin() == Origin::Iso ? QStringList{isos, all} : QStringList{images, all});
    if (!m_path->text().isEmpty()) {
        dialog->selectFile(m_path->text());
    }
    connect(dialog, &QFileDialog::fileSelected, m_path, &QLineEdit::setText);
    dialog->open();
}

CreateResourcesPage::CreateResourcesPage(CreateWizardState &state, QWidget *parent)
    : WizardPage(tr("Name and resources"), parent)
    , m_state(state)
    , m_name(new QLineEdit(this))
    , m_memory(new QSpinBox(this))
    , m_vcpus(new QSpinBox(this))
    , m_root(new QDoubleSpinBox(this))
    , m_pool(new QComboBox(this))
    , m_network(new QComboBox(this))
    , m_bridge(new QLineEdit(this))
    , m_start(new QCheckBox(tr("S&tart now"), this))
{
    narrow(m_pool);
    narrow(m_network);
    m_memory->setRange(16, 16 * 1024 * 1024);
    m_memory->setSingleStep(256);
    m_memory->setSuffix(tr(" MiB"));
    m_memory->setGroupSeparatorShown(true);
    m_vcpus->setRange(1, 4096);
    m_root->setDecimals(1);
    m_root->setRange(0.1, 64 * 1024);
    m_root->setSuffix(tr(" GiB"));
    const int numberWidth = fontMetrics().horizontalAdvance(u"1,000.5 GiB (as the image)"_s) + 48;
    m_memory->setMaximumWidth(numberWidth);
    m_vcpus->setMaximumWidth(numberWidth);
    m_root->setMaximumWidth(numberWidth);
    m_bridge->setPlaceholderText(tr("br0"));
    m_bridge->setAccessibleName(tr("Bridge"));

    auto *grid = new FieldGrid(this);
    m_nameNote = grid->addField(tr("Na&me"), m_name);
    m_memoryNote = grid->addField(tr("Mem&ory"), m_memory);
    m_vcpusNote = grid->addField(tr("v&CPUs"), m_vcpus);
    m_rootNote = grid->addField(tr("&Root disk"), m_root);
    m_poolNote = grid->addField(tr("&Storage"), m_pool);
    m_networkNote = grid->addField(tr("Net&work"), m_network, m_bridge);
    grid->addWide(m_start);
    pageLayout(this, grid);

    connect(m_name, &QLineEdit::textChanged, &m_state, &CreateWizardState::setName);
    connect(m_memory, &QSpinBox::valueChanged, this,
        [this](int value) { m_state.setMemoryMiB(static_cast<quint64>(value)); });
    connect(m_vcpus, &QSpinBox::valueChanged, &m_state, &CreateWizardState::setVcpus);
    connect(m_root, &QDoubleSpinBox::valueChanged, &m_state, &CreateWizardState::setRootGiB);
    connect(m_pool, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setPool(m_pool->itemData(row).toString()); });
    connect(m_network, &QComboBox::currentIndexChanged, this, &CreateResourcesPage::chooseNetwork);
    connect(m_bridge, &QLineEdit::textChanged, this, [this] { chooseNetwork(m_network->currentIndex()); });
    connect(m_start, &QCheckBox::toggled, &m_state, &CreateWizardState::setStart);
    connect(&m_state, &CreateWizardState::changed, this, &CreateResourcesPage::refresh);
    refresh();
}

bool CreateResourcesPage::isComplete() const
{
    return m_state.areResourcesReady();
}

QString CreateResourcesPage::reason() const
{
    return m_state.firstProblem({Field::Name, Field::Memory, Field::Vcpus, Field::RootDisk, Field::Pool, Field::Nic});
}

QWidget *CreateResourcesPage::firstField() const
{
    return m_name;
}

void CreateResourcesPage::refresh()
{
    if (m_name->text() != m_state.name()) {
        const QSignalBlocker blocker(m_name);
        m_name->setText(m_state.name());
    }
    {
        const QSignalBlocker blockMemory(m_memory);
        const QSignalBlocker blockVcpus(m_vcpus);
        const QSignalBlocker blockRoot(m_root);
        const QSignalBlocker blockStart(m_start);
        m_memory->setValue(static_cast<int>(m_state.memoryMiB()));
        m_vcpus->setValue(m_state.vcpus());
        const quint64 image = m_state.imageBytes();
        m_root->setMinimum(m_state.minimumRootGiB());
        m_root->setSpecialValueText(image > 0 ? tr("%1 (as the image)").arg(model::formatBytes(image)) : QString());
        m_root->setValue(m_state.rootGiB());
        m_root->setEnabled(!m_state.rootFixed());
        m_start->setChecked(m_state.start());
    }
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
    fill(m_pool, texts, values, m_state.pool());
    refreshNetworks();

    m_nameNote->setText(m_state.problem(Field::Name), m_state.hint(Field::Name));
    m_memoryNote->setText(m_state.problem(Field::Memory), m_state.hint(Field::Memory));
    m_vcpusNote->setText(m_state.problem(Field::Vcpus), m_state.hint(Field::Vcpus));
    m_rootNote->setText(m_state.problem(Field::RootDisk), m_state.hint(Field::RootDisk));
    m_poolNote->setText(m_state.problem(Field::Pool), m_state.hint(Field::Pool));
    m_networkNote->setText(m_state.problem(Field::Nic), m_state.hint(Field::Nic));
    Q_EMIT completeChanged();
}

/** The choices of the host, and behind them a bridge, whose name is typed. */
void CreateResourcesPage::refreshNetworks()
{
    const QList<CreateWizardState::NicChoice> choices = m_state.nicChoices();
    const std::optional<CreateWizardState::Nic> nic = m_state.nic();
    const bool bridge = nic && nic->kind == operation::CreateDraft::NicKind::Bridge;
    QStringList texts;
    QStringList values;
    QString current;
    for (qsizetype i = 0; i < choices.size(); ++i) {
        texts.append(choices.at(i).text);
        values.append(QString::number(i));
        if (choices.at(i).nic == nic) {
            current = values.constLast();
        }
    }
    texts.append(tr("Bridge on the host"));
    values.append(u"bridge"_s);
    m_shownNics = choices;
    fill(m_network, texts, values, bridge ? u"bridge"_s : current);
    m_bridge->setVisible(bridge);
    if (bridge && m_bridge->text() != nic->source) {
        const QSignalBlocker blocker(m_bridge);
        m_bridge->setText(nic->source);
    }
}

void CreateResourcesPage::chooseNetwork(int row)
{
    if (row < 0) {
        return;
    }
    if (row >= m_shownNics.size()) {
        m_state.setNic(CreateWizardState::Nic{operation::CreateDraft::NicKind::Bridge, m_bridge->text(), {}, {}});
    } else {
        m_state.setNic(m_shownNics.at(row).nic);
    }
}

} // namespace vireo::ui
