// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createsourcepage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/systemfield.h"
#include "ui/templatefield.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using createfields::fill;
using createfields::narrow;
using createfields::set;
using operation::CreateDraft;
using Field = CreateWizardState::Field;
using Origin = CreateWizardState::Origin;

CreateSourcePage::CreateSourcePage(CreateWizardState &state, CreateTemplates &templates, QWidget *parent)
    : WizardPage(tr("Source"), parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_host(new QComboBox(this))
    , m_template(new TemplateField(templates, state, this))
    , m_origin(new QComboBox(this))
    , m_path(new QLineEdit(this))
    , m_location(new QLineEdit(this))
    , m_definition(new QLineEdit(this))
    , m_pool(new QComboBox(this))
    , m_volume(new QComboBox(this))
    , m_keep(new QCheckBox(tr("&Keep the volume as it is and boot from a copy-on-write overlay"), this))
    , m_kernel(new QLineEdit(this))
    , m_initrd(new QLineEdit(this))
    , m_cmdline(new QLineEdit(this))
    , m_dtb(new QLineEdit(this))
    , m_adopt(new QCheckBox(tr("&Adopt its backing files: they are mine, merge them into one image"), this))
    , m_chain(new QLabel(this))
    , m_system(new SystemField(state.system(), this))
    , m_advanced(nullptr)
    , m_advancedGrid(new FieldGrid(this))
    , m_format(new QComboBox(this))
    , m_copy(new QComboBox(this))
{
    makeFields();
    makeAdvanced();
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_advanced);
    createfields::alignLabels({m_grid, m_advancedGrid});
    createfields::fillPage(this, content);
    connectFields();
    refresh();
}

void CreateSourcePage::makeFields()
{
    for (QComboBox *combo : {m_host, m_origin, m_pool, m_volume, m_format, m_copy}) {
        narrow(combo);
    }
    const std::initializer_list<std::pair<QString, Origin>> origins{{tr("Disk image"), Origin::Image},
        {tr("Install medium (ISO)"), Origin::Iso}, {tr("Network installation tree"), Origin::Tree},
        {tr("Volume on the host"), Origin::Volume}, {tr("Kernel and initrd"), Origin::Kernel},
        {tr("Import XML definition"), Origin::Xml}, {tr("Network boot (PXE)"), Origin::Pxe},
        {tr("No medium"), Origin::None}};
    for (const auto &[text, origin] : origins) {
        m_origin->addItem(text, static_cast<int>(origin));
    }
    m_path->setClearButtonEnabled(true);
    m_location->setClearButtonEnabled(true);
    m_location->setPlaceholderText(u"https://mirror.example.org/debian/dists/bookworm/main/installer-amd64"_s);
    m_definition->setPlaceholderText(tr("/path/to/domain.xml"));
    m_kernel->setPlaceholderText(tr("/path/to/vmlinuz"));
    m_initrd->setPlaceholderText(tr("/path/to/initrd.img"));
    m_cmdline->setPlaceholderText(u"root=/dev/vda1 console=ttyS0"_s);
    m_dtb->setPlaceholderText(tr("None"));
    m_chain->setTextFormat(Qt::PlainText);
    m_chain->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_chain->setWordWrap(true);
    m_chain->setAccessibleName(tr("Backing files"));

    const QString browse = tr("Bro&wse…");
    const QString all = tr("All files (*)");
    m_hostNote = m_grid->addField(tr("&Host"), m_host);
    m_template->setNote(m_grid->addField(tr("&Template"), m_template->combo(), m_template->manageButton()));
    m_grid->addWide(m_template->panel(), true);
    m_originNote = m_grid->addField(tr("Start &from"), m_origin);
    m_pathNote = m_grid->addField(tr("&Image"), m_path,
        createfields::browseButton(m_path, browse, tr("Choose an Image"),
            {tr("Disk images and ISO files (*.qcow2 *.img *.raw *.vmdk *.vdi *.vhdx *.vhd *.iso)"), all}));
    m_grid->addWide(m_adopt);
    m_grid->addWide(m_chain, true);
    m_locationNote = m_grid->addField(tr("Lo&cation"), m_location);
    m_definitionNote = m_grid->addField(tr("&Definition"), m_definition,
        createfields::browseButton(
            m_definition, browse, tr("Choose a Definition"), {tr("Domain definitions (*.xml)"), all}));
    m_grid->addField(tr("&Pool"), m_pool);
    m_volumeNote = m_grid->addField(tr("Vol&ume"), m_volume);
    m_grid->addWide(m_keep);
    m_kernelNote = m_grid->addField(
        tr("&Kernel"), m_kernel, createfields::browseButton(m_kernel, browse, tr("Choose a Kernel"), {all}));
    m_grid->addField(tr("Initrd"), m_initrd,
        createfields::browseButton(m_initrd, tr("Browse…"), tr("Choose an Initial RAM Disk"), {all}));
    m_grid->addField(tr("Kernel ar&guments"), m_cmdline);
    m_grid->addField(
        tr("Device tree"), m_dtb, createfields::browseButton(m_dtb, tr("Browse…"), tr("Choose a Device Tree"), {all}));
    m_systemNote = m_grid->addField(tr("&Operating system"), m_system, m_system->endOfLifeBox());
}

void CreateSourcePage::makeAdvanced()
{
    m_advancedGrid->addField(tr("&Copy"), m_copy);
    m_advancedGrid->addField(tr("Conve&rt to"), m_format);
    m_advanced = new Expander(tr("A&dvanced"), m_advancedGrid, this);
    m_copy->addItem(tr("Overlay on a base image that VMs share"), false);
    m_copy->addItem(tr("Full copy of its own"), true);
    m_format->addItem(tr("As it is, where that can be used"), QString());
    m_format->addItem(u"qcow2"_s, u"qcow2"_s);
    m_format->addItem(u"raw"_s, u"raw"_s);
}

void CreateSourcePage::connectFields()
{
    connect(m_host, &QComboBox::currentIndexChanged, this, [this](int row) {
        if (row >= 0) {
            m_state.setHost(QUuid::fromString(m_host->itemData(row).toString()));
        }
    });
    connect(m_origin, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setOrigin(static_cast<Origin>(m_origin->itemData(row).toInt())); });
    for (const QLineEdit *edit : {m_path, m_location, m_definition}) {
        connect(edit, &QLineEdit::textChanged, &m_state, &CreateWizardState::setPath);
    }
    connect(m_pool, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setSourcePool(m_pool->itemData(row).toString()); });
    connect(m_volume, &QComboBox::currentIndexChanged, this,
        [this](int row) { m_state.setVolume(m_volume->itemData(row).toString()); });
    connect(m_keep, &QCheckBox::toggled, &m_state, &CreateWizardState::setKeepVolume);
    connect(m_adopt, &QCheckBox::toggled, this,
        [this](bool on) { m_state.change([on](CreateDraft &draft) { draft.adoptChain = on; }); });
    const std::initializer_list<std::pair<QLineEdit *, QString CreateDraft::Kernel::*>> parts{
        {m_kernel, &CreateDraft::Kernel::kernel}, {m_initrd, &CreateDraft::Kernel::initrd},
        {m_cmdline, &CreateDraft::Kernel::cmdline}, {m_dtb, &CreateDraft::Kernel::dtb}};
    for (const auto &[edit, part] : parts) {
        connect(edit, &QLineEdit::textChanged, this, [this, part](const QString &text) {
            m_state.change([&](CreateDraft &draft) { draft.kernel.*part = text.trimmed(); });
        });
    }
    connect(m_copy, &QComboBox::currentIndexChanged, this, [this](int row) {
        m_state.change([&](CreateDraft &draft) { draft.fullCopy = m_copy->itemData(row).toBool(); });
    });
    connect(m_format, &QComboBox::currentIndexChanged, this, [this](int row) {
        m_state.change([&](CreateDraft &draft) { draft.imageFormat = m_format->itemData(row).toString(); });
    });
    connect(&m_state, &CreateWizardState::changed, this, &CreateSourcePage::refresh);
}

bool CreateSourcePage::isComplete() const
{
    return m_state.isSourceReady();
}

QString CreateSourcePage::reason() const
{
    return m_state.firstProblem({Field::Host, Field::Path, Field::Volume, Field::Kernel, Field::System});
}

QWidget *CreateSourcePage::firstField() const
{
    // The host is right at once as a rule; where there is only one there is nothing to choose.
    return m_host->count() > 1 ? static_cast<QWidget *>(m_host) : m_origin;
}

void CreateSourcePage::refresh()
{
    refreshHosts();
    refreshKind();
    refreshNotes();
    Q_EMIT completeChanged();
}

void CreateSourcePage::refreshHosts()
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
}

void CreateSourcePage::refreshKind()
{
    const Origin origin = m_state.origin();
    const CreateDraft &choices = m_state.choices();
    {
        const QSignalBlocker blocker(m_origin);
        m_origin->setCurrentIndex(m_origin->findData(static_cast<int>(origin)));
    }
    const bool file = origin == Origin::Image || origin == Origin::Iso;
    const bool kernel = origin == Origin::Kernel;
    const bool copied =
        origin == Origin::Image || (origin == Origin::Volume && m_state.keepVolume() && !m_state.isVolumeMedium());
    m_grid->setFieldVisible(m_path, file);
    m_grid->setFieldVisible(m_adopt, m_state.canAdopt());
    m_grid->setFieldVisible(m_chain, m_state.canAdopt() && choices.adoptChain);
    m_grid->setFieldVisible(m_location, origin == Origin::Tree);
    m_grid->setFieldVisible(m_definition, origin == Origin::Xml);
    m_grid->setFieldVisible(m_pool, origin == Origin::Volume);
    m_grid->setFieldVisible(m_volume, origin == Origin::Volume);
    m_grid->setFieldVisible(m_keep, origin == Origin::Volume && !m_state.isVolumeMedium());
    m_grid->setFieldVisible(m_kernel, kernel);
    m_grid->setFieldVisible(m_initrd, kernel);
    m_grid->setFieldVisible(m_cmdline, kernel || origin == Origin::Tree);
    m_grid->setFieldVisible(m_dtb, kernel);
    m_grid->setFieldVisible(m_system, origin != Origin::Xml);
    m_advanced->setVisible(copied);

    if (file) {
        set(m_path, m_state.path());
    } else if (origin == Origin::Tree) {
        set(m_location, m_state.path());
    } else if (origin == Origin::Xml) {
        set(m_definition, m_state.path());
    }
    m_path->setPlaceholderText(origin == Origin::Iso ? tr("/path/to/installer.iso") : tr("/path/to/image.qcow2"));
    set(m_keep, m_state.keepVolume());
    set(m_adopt, choices.adoptChain);
    m_chain->setText(m_state.chain() ? m_state.chain()->lines().join(u'\n') : QString());
    set(m_kernel, choices.kernel.kernel);
    set(m_initrd, choices.kernel.initrd);
    if (m_cmdline->text().trimmed() != choices.kernel.cmdline) {
        set(m_cmdline, choices.kernel.cmdline); // a blank at the end is on its way to the next word
    }
    set(m_dtb, choices.kernel.dtb);
    const QSignalBlocker blockCopy(m_copy);
    const QSignalBlocker blockFormat(m_format);
    m_copy->setCurrentIndex(choices.fullCopy ? 1 : 0);
    m_format->setCurrentIndex(std::max(0, m_format->findData(choices.imageFormat)));
}

void CreateSourcePage::refreshNotes()
{
    const auto originHint = [this] {
        switch (m_state.origin()) {
        case Origin::None:
            return tr("The VM gets an empty disk and nothing to boot from.");
        case Origin::Pxe:
            return tr("The VM gets an empty disk and asks the network what to boot.");
        case Origin::Kernel:
            return tr("The files are copied to the host, which starts the kernel at each boot.");
        case Origin::Xml:
            return tr("What the definition reaches beyond its pools is listed in the plan.");
        default:
            return QString();
        }
    };
    m_hostNote->setText(m_state.problem(Field::Host), m_state.hint(Field::Host));
    m_originNote->setText({}, originHint());
    const QString problem = m_state.problem(Field::Path);
    // What is merely not done yet is no error: no red before the user has typed anything.
    const bool pending = m_state.path().isEmpty() || m_state.isInspecting() || m_state.isLooking();
    for (FieldNote *note : {m_pathNote, m_locationNote, m_definitionNote}) {
        note->setText(pending ? QString() : problem, pending ? problem : m_state.hint(Field::Path));
    }
    m_volumeNote->setText(m_state.problem(Field::Volume), m_state.hint(Field::Volume));
    const bool noKernel = m_state.choices().kernel.kernel.isEmpty();
    const QString kernelProblem = m_state.problem(Field::Kernel);
    m_kernelNote->setText(noKernel ? QString() : kernelProblem, noKernel ? kernelProblem : QString());
    m_systemNote->setText({}, m_state.hint(Field::System));
}

} // namespace vireo::ui
