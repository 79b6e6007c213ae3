// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createwizardstate.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>

#include "backend/operation/lifecycle.h"
#include "ui/createseed.h"
#include "ui/createsystem.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;

namespace {

/** Up to two parts of a file name: "debian-12-genericcloud-amd64.qcow2" gives "debian-12". */
QString nameFromFile(const QString &file)
{
    static const QRegularExpression extension(
        u"\\.(qcow2|raw|img|iso|vmdk|qcow|vdi|vhdx|vhd|xml)$"_s, QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression odd(u"[^A-Za-z0-9.]+"_s);
    QString base = QFileInfo(file).fileName();
    base.remove(extension);
    const QStringList parts = base.split(odd, Qt::SkipEmptyParts);
    const QString name = QStringList(parts.mid(0, 2)).join(u'-').toLower().left(40);
    return operation::nameProblem(name).isEmpty() ? name : QString();
}

} // namespace

CreateWizardState::CreateWizardState(const CreateServices &services, QObject *parent)
    : QObject(parent)
    , m_image(new CreateImage(services, this))
    , m_system(new CreateSystem(services, this))
    , m_seed(new CreateSeed(services, this))
{
    connect(m_system, &CreateSystem::changed, this, &CreateWizardState::changed);
    connect(m_seed, &CreateSeed::changed, this, &CreateWizardState::changed);
    connect(m_image, &CreateImage::judged, this, [this] {
        look();
        Q_EMIT changed();
    });
    proposeName();
}

CreateWizardState::~CreateWizardState() = default;

void CreateWizardState::setOrigin(Origin origin)
{
    if (m_origin == origin) {
        return;
    }
    m_origin = origin;
    m_rootGiB.reset();
    m_choices.customXml.reset();
    if (origin == Origin::Xml) {
        m_choices.count = 1; // one definition is one VM
    }
    wantVolumes();
    look();
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setPath(const QString &text)
{
    if (path() == text) {
        return;
    }
    m_paths.insert(pathKind(), text);
    m_rootGiB.reset();
    m_choices.adoptChain = false;
    if (wantsFile()) {
        scheduleInspection();
    }
    look();
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setSourcePool(const QString &pool)
{
    if (m_sourcePool == pool) {
        return;
    }
    m_sourcePool = pool;
    m_volume.clear();
    m_volumes.clear();
    m_volumesKnown = false;
    m_volumesProblem.clear();
    wantVolumes();
    Q_EMIT changed();
}

void CreateWizardState::setVolume(const QString &name)
{
    if (m_volume == name) {
        return;
    }
    m_volume = name;
    m_rootGiB.reset();
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setKeepVolume(bool keep)
{
    m_keepVolume = keep;
    Q_EMIT changed();
}

void CreateWizardState::setName(const QString &name)
{
    if (m_name == name) {
        return;
    }
    m_name = name;
    m_nameChosen = !name.isEmpty();
    m_seed->setVmName(m_name, m_choices.count);
    Q_EMIT changed();
}

void CreateWizardState::setMemoryMiB(quint64 mebibytes)
{
    m_memoryMiB = mebibytes;
    Q_EMIT changed();
}

void CreateWizardState::setVcpus(int vcpus)
{
    m_vcpus = vcpus;
    Q_EMIT changed();
}

void CreateWizardState::setRootGiB(double gib)
{
    m_rootGiB = gib;
    Q_EMIT changed();
}

void CreateWizardState::setPool(const QString &pool)
{
    m_pool = pool;
    Q_EMIT changed();
}

void CreateWizardState::setNic(const std::optional<Nic> &nic)
{
    change([&nic](CreateDraft &draft) {
        if (!nic) {
            draft.nics.clear();
        } else if (draft.nics.isEmpty()) {
            draft.nics.append(*nic);
        } else {
            draft.nics.first() = *nic;
        }
    });
}

void CreateWizardState::change(const std::function<void(CreateDraft &)> &edit)
{
    CreateDraft edited = m_choices;
    edit(edited);
    if (edited == m_choices) {
        return;
    }
    const bool otherMachine = edited.machine != m_choices.machine;
    m_choices = std::move(edited);
    m_seed->setVmName(m_name, m_choices.count);
    if (otherMachine) {
        Q_EMIT machineWanted(m_choices.machine);
    }
    Q_EMIT changed();
}

bool CreateWizardState::isSourceReady() const
{
    return firstProblem({Field::Host, Field::Path, Field::Volume, Field::Kernel, Field::System}).isEmpty();
}

bool CreateWizardState::areResourcesReady() const
{
    return firstProblem({Field::Name, Field::Count, Field::Memory, Field::Vcpus, Field::RootDisk, Field::Pool})
        .isEmpty();
}

bool CreateWizardState::areDevicesReady() const
{
    return m_origin == Origin::Xml || firstProblem({Field::Disks, Field::Nic}).isEmpty();
}

QString CreateWizardState::firstProblem(const QList<Field> &fields) const
{
    for (const Field field : fields) {
        if (const QString text = problem(field); !text.isEmpty()) {
            return text;
        }
    }
    return {};
}

QString CreateWizardState::localPath() const
{
    QString text = path().trimmed();
    if (text.startsWith("file:"_L1)) {
        return QUrl(text).toLocalFile(); // as file managers drop it
    }
    if (text == "~"_L1 || text.startsWith("~/"_L1)) {
        return QDir::homePath() + text.mid(1);
    }
    return text;
}

void CreateWizardState::scheduleInspection()
{
    m_image->setPath(QDir::isAbsolutePath(localPath()) ? localPath() : QString());
}

/** Has the operating system recognised from what there is. */
void CreateWizardState::look()
{
    if (m_origin == Origin::Tree) {
        const QString location = path().trimmed();
        m_system->lookAtTree(m_factsKnown && os::checkTreeLocation(location) ? location : QString(), m_facts.info.arch);
    } else if (m_origin == Origin::Iso && m_image->isMedium()) {
        m_system->lookAtMedium(localPath());
    } else {
        m_system->lookAtMedium({});
    }
}

void CreateWizardState::proposeName()
{
    if (m_nameChosen) {
        return;
    }
    QString base;
    if (wantsFile() || m_origin == Origin::Xml) {
        base = nameFromFile(localPath());
    } else if (m_origin == Origin::Volume) {
        base = nameFromFile(m_volume);
    }
    m_name = operation::freeName(base.isEmpty() ? u"vm1"_s : base, m_taken);
    m_seed->setVmName(m_name, m_choices.count);
}

} // namespace vireo::ui
