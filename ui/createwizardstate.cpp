// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createwizardstate.h"

#include <algorithm>

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
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
    , m_services(services)
    , m_courier(std::make_shared<Courier>(this))
    , m_system(new CreateSystem(services, this))
    , m_seed(new CreateSeed(services, this))
{
    connect(m_system, &CreateSystem::changed, this, &CreateWizardState::changed);
    connect(m_seed, &CreateSeed::changed, this, &CreateWizardState::changed);
    m_inspectTimer.setSingleShot(true);
    m_inspectTimer.setInterval(InspectDelayMs);
    connect(&m_inspectTimer, &QTimer::timeout, this, &CreateWizardState::inspect);
    proposeName();
}

CreateWizardState::~CreateWizardState()
{
    m_courier->close();
    if (m_lane) {
        m_lane->abandon(); // a file on a dead network mount must not hold the window
    }
}

void CreateWizardState::setHosts(const QList<HostChoice> &hosts, const virt::HostId &preferred)
{
    if (m_hosts == hosts) {
        return;
    }
    const bool wasThere = hostChoice() != nullptr;
    m_hosts = hosts;
    // Never to another host by itself: the one that was chosen may come back in a second.
    if (!m_host.isNull()) {
        const bool isBack = !wasThere && hostChoice();
        Q_EMIT changed();
        if (isBack) {
            Q_EMIT hostChanged();
        }
        return;
    }
    const auto find = [&](auto &&matches) {
        const auto it = std::find_if(m_hosts.cbegin(), m_hosts.cend(), matches);
        return it == m_hosts.cend() ? virt::HostId() : it->id;
    };
    virt::HostId choice = find([&](const HostChoice &host) { return host.id == preferred; });
    if (choice.isNull()) {
        choice = find([](const HostChoice &host) { return host.local; });
    }
    if (choice.isNull() && !m_hosts.isEmpty()) {
        choice = m_hosts.constFirst().id;
    }
    if (choice.isNull()) {
        Q_EMIT changed();
    } else {
        setHost(choice);
    }
}

void CreateWizardState::setHost(const virt::HostId &host)
{
    if (m_host == host) {
        return;
    }
    m_host = host;
    m_factsKnown = false;
    m_hostProblem.clear();
    m_facts = {};
    m_taken.clear();
    m_sourcePool.clear();
    m_volume.clear();
    m_volumes.clear();
    m_poolVolumes.clear();
    m_volumesKnown = false;
    m_volumesProblem.clear();
    m_pool.clear();
    m_promisedKiB = 0;
    m_promisedVcpus = 0;
    // What one host offers another may lack.
    m_choices.nics.clear();
    m_choices.machine.clear();
    m_choices.cpu.clear();
    m_choices.customXml.reset();
    Q_EMIT changed();
    Q_EMIT hostChanged();
}

void CreateWizardState::setHostFacts(const virt::HostId &host, const HostFacts &facts, const Habits &habits)
{
    if (host != m_host) {
        return;
    }
    m_facts = facts;
    m_factsKnown = true;
    m_hostProblem.clear();
    const auto hasPool = [&](const QString &name) {
        return std::any_of(
            facts.pools.cbegin(), facts.pools.cend(), [&](const auto &pool) { return pool.name == name; });
    };
    if (m_pool.isEmpty() || (!hasPool(m_pool) && m_pool != "default"_L1)) {
        m_pool = hasPool(habits.pool) ? habits.pool : proposedPool();
    }
    if (m_sourcePool.isEmpty() && !facts.pools.isEmpty()) {
        m_sourcePool = hasPool(m_pool) ? m_pool : facts.pools.constFirst().name;
    }

    const QList<NicChoice> choices = nicChoices();
    const auto isChoice = [&](const Nic &nic) {
        return nic.kind == CreateDraft::NicKind::Bridge || nic.kind == CreateDraft::NicKind::Macvtap
            || std::any_of(
                choices.cbegin(), choices.cend(), [&](const NicChoice &choice) { return choice.nic == nic; });
    };
    if (m_choices.nics.isEmpty()) {
        if (habits.known && (!habits.nic || isChoice(*habits.nic))) {
            m_choices.nics = habits.nic ? QList<Nic>{*habits.nic} : QList<Nic>();
        } else if (!choices.isEmpty()) {
            m_choices.nics = {choices.constFirst().nic}; // the best one comes first
        }
    }
    wantVolumes();
    look();
    Q_EMIT changed();
}

void CreateWizardState::setMachineFacts(const virt::HostId &host, const HostFacts &facts)
{
    if (host != m_host) {
        return;
    }
    m_facts.kvmCaps = facts.kvmCaps;
    m_facts.emulationCaps = facts.emulationCaps;
    Q_EMIT changed();
}

void CreateWizardState::setPromised(quint64 memoryKiB, int vcpus)
{
    if (m_promisedKiB != memoryKiB || m_promisedVcpus != vcpus) {
        m_promisedKiB = memoryKiB;
        m_promisedVcpus = vcpus;
        Q_EMIT changed();
    }
}

/** "default" as everywhere; else a pool that can hold images; else a "default" that will be made. */
QString CreateWizardState::proposedPool() const
{
    const virt::storage::Pool *other = nullptr;
    for (const virt::storage::Pool &pool : m_facts.pools) {
        if (pool.name == "default"_L1) {
            return pool.name;
        }
        if (!other && pool.active && virt::storage::isFileBased(pool)) {
            other = &pool;
        }
    }
    return other ? other->name : u"default"_s;
}

void CreateWizardState::setHostProblem(const virt::HostId &host, const QString &problem)
{
    if (host != m_host) {
        return;
    }
    m_hostProblem = problem;
    Q_EMIT changed();
}

void CreateWizardState::setTakenNames(const QStringList &names)
{
    if (m_taken == names) {
        return;
    }
    m_taken = names;
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setVolumes(
    const virt::HostId &host, const QString &pool, const QList<virt::storage::Volume> &volumes)
{
    if (host != m_host) {
        return;
    }
    m_poolVolumes.insert(pool, volumes);
    if (pool != m_sourcePool) {
        Q_EMIT changed();
        return;
    }
    m_volumes = volumes;
    m_volumesKnown = true;
    m_volumesProblem.clear();
    if (!volumeRecord()) {
        m_volume = volumes.isEmpty() ? QString() : volumes.constFirst().name;
    }
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setVolumesProblem(const virt::HostId &host, const QString &pool, const QString &problem)
{
    if (host != m_host || pool != m_sourcePool) {
        return;
    }
    m_volumes.clear();
    m_volumesProblem = problem;
    Q_EMIT changed();
}

void CreateWizardState::wantVolumesOf(const QString &pool)
{
    const bool known = std::ranges::any_of(m_facts.pools, [&](const auto &each) { return each.name == pool; });
    if (known && !m_poolVolumes.contains(pool)) {
        m_poolVolumes.insert(pool, {});
        Q_EMIT volumesWanted(pool);
    }
}

void CreateWizardState::setOrigin(Origin origin)
{
    if (m_origin == origin) {
        return;
    }
    m_origin = origin;
    m_rootGiB.reset();
    m_choices.customXml.reset();
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

const CreateWizardState::HostChoice *CreateWizardState::hostChoice() const
{
    const auto it =
        std::find_if(m_hosts.cbegin(), m_hosts.cend(), [this](const HostChoice &host) { return host.id == m_host; });
    return it == m_hosts.cend() ? nullptr : &*it;
}

const virt::storage::Volume *CreateWizardState::volumeRecord() const
{
    const auto it = std::find_if(
        m_volumes.cbegin(), m_volumes.cend(), [this](const auto &volume) { return volume.name == m_volume; });
    return it == m_volumes.cend() ? nullptr : &*it;
}

QString CreateWizardState::localPath() const
{
    const QString text = path().trimmed();
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
    ++m_generation;
    m_verdict.reset();
    m_chain.reset();
    m_inspecting = !path().trimmed().isEmpty() && QDir::isAbsolutePath(localPath());
    if (m_inspecting) {
        m_inspectTimer.start();
    } else {
        m_inspectTimer.stop();
    }
}

void CreateWizardState::inspect()
{
    // A lane that hangs on a dead mount is left behind; the next path gets a fresh one.
    if (m_lane && m_lane->busyFor() > std::chrono::seconds(3)) {
        m_lane->abandon();
        m_lane.reset();
    }
    if (!m_lane) {
        m_lane = std::make_unique<Lane>(u"image-inspect"_s);
    }
    m_lane->post([courier = m_courier, services = m_services, path = localPath(), generation = m_generation, this] {
        const Result<image::Verdict> verdict = services.inspect(path);
        std::optional<image::Chain> chain;
        if (verdict && verdict->onlyBacking) {
            const Result<image::Chain> found = services.chain(path);
            chain = found ? *found : image::Chain{{}, found.error().message};
        }
        courier->post([this, generation, verdict, chain] { onInspected(generation, verdict, chain); });
    });
}

void CreateWizardState::onInspected(
    quint64 generation, const Result<image::Verdict> &verdict, const std::optional<image::Chain> &chain)
{
    if (generation != m_generation) {
        return;
    }
    m_inspecting = false;
    m_verdict = verdict;
    m_chain = chain;
    look();
    Q_EMIT changed();
}

/** Has the operating system recognised from what there is. */
void CreateWizardState::look()
{
    if (m_origin == Origin::Tree) {
        const QString location = path().trimmed();
        m_system->lookAtTree(m_factsKnown && os::checkTreeLocation(location) ? location : QString(), m_facts.info.arch);
    } else if (m_origin == Origin::Iso && m_verdict && *m_verdict && (*m_verdict)->isInstallMedium()) {
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

void CreateWizardState::wantVolumes()
{
    if (m_origin == Origin::Volume && !m_sourcePool.isEmpty() && !m_volumesKnown) {
        Q_EMIT volumesWanted(m_sourcePool);
    }
}

} // namespace vireo::ui
