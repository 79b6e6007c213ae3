// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What CreateWizardState makes of the answers: the choices that follow from the host, the sizes, the draft and its sum.
#include <cmath>

#include "backend/virt/connectionuri.h"
#include "model/format.h"
#include "ui/createseed.h"
#include "ui/createsystem.h"
#include "ui/createwizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;

namespace {

constexpr double GiB = 1024.0 * 1024 * 1024;
constexpr double DefaultRootGiB = 20;
constexpr quint64 DefaultMemoryMiB = 1024;

} // namespace

/** Best first: an active network, user mode where that works, the rest. */
QList<CreateWizardState::NicChoice> CreateWizardState::nicChoices() const
{
    using Kind = CreateDraft::NicKind;
    QList<NicChoice> active;
    QList<NicChoice> inactive;
    for (const virt::hostcalls::Network &network : m_facts.networks) {
        const QString forward = network.forward.isEmpty() ? tr("isolated") : network.forward;
        NicChoice choice;
        choice.nic = Nic{Kind::Network, network.name, {}, {}};
        choice.text = network.active ? tr("Virtual network “%1” (%2)").arg(network.name, forward)
                                     : tr("Virtual network “%1” (%2, not active)").arg(network.name, forward);
        QList<NicChoice> &list = network.active ? active : inactive;
        if (network.name == "default"_L1) {
            list.prepend(choice);
        } else {
            list.append(choice);
        }
    }
    QList<NicChoice> choices = active;
    if (const HostChoice *host = hostChoice()) {
        const auto uri = virt::ConnectionUri::parse(host->uri);
        const NicChoice user{tr("User mode (outgoing connections only)"), Nic{Kind::User, {}, {}, {}}};
        if (uri && uri->driver == "qemu"_L1 && uri->path.contains("session"_L1)) {
            choices.prepend(user); // an unprivileged daemon has no networks of its own as a rule
        } else if (uri && uri->driver == "qemu"_L1) {
            choices.append(user);
        }
    }
    choices += inactive;
    return choices;
}

quint64 CreateWizardState::imageBytes() const
{
    const auto &verdict = m_image->verdict();
    if (m_origin == Origin::Image && verdict && *verdict) {
        return (*verdict)->virtualSize;
    }
    if (const virt::storage::Volume *volume = volumeRecord();
        volume && m_origin == Origin::Volume && volume->format != "iso"_L1) {
        return volume->capacity;
    }
    return 0;
}

double CreateWizardState::minimumRootGiB() const
{
    if (m_origin == Origin::Kernel || m_origin == Origin::Pxe) {
        return 0; // these can do without a disk
    }
    return std::max(0.1, std::ceil(static_cast<double>(imageBytes()) / GiB * 10) / 10);
}

os::Resources CreateWizardState::recommended() const
{
    const os::Os *system = m_system->effective();
    return system ? system->resourcesFor(m_facts.info.arch).recommended : os::Resources{};
}

quint64 CreateWizardState::memoryMiB() const
{
    const HostChoice *host = hostChoice();
    const quint64 wanted = recommended().memoryBytes / (1024 * 1024);
    // What the host has not got is no default.
    const quint64 most = host && host->memoryKiB > 0 ? host->memoryKiB / 1024 : wanted;
    return m_memoryMiB.value_or(wanted > 0 ? std::min(wanted, most) : DefaultMemoryMiB);
}

int CreateWizardState::vcpus() const
{
    const HostChoice *host = hostChoice();
    const int wanted = std::max(1, recommended().cpus);
    return m_vcpus.value_or(host && host->cpus > 0 ? std::min(wanted, host->cpus) : wanted);
}

double CreateWizardState::rootGiB() const
{
    if (m_rootGiB || imageBytes() > 0) {
        return m_rootGiB.value_or(minimumRootGiB());
    }
    const quint64 wanted = recommended().storageBytes;
    return wanted > 0 ? std::ceil(static_cast<double>(wanted) / GiB) : DefaultRootGiB;
}

std::optional<CreateWizardState::Nic> CreateWizardState::nic() const
{
    return m_choices.nics.isEmpty() ? std::nullopt : std::optional(m_choices.nics.constFirst());
}

bool CreateWizardState::isLooking() const
{
    return m_origin == Origin::Tree && m_system->isLooking();
}

bool CreateWizardState::canAdopt() const
{
    const auto &verdict = m_image->verdict();
    return m_origin == Origin::Image && verdict && *verdict && (*verdict)->onlyBacking;
}

QStringList CreateWizardState::names() const
{
    CreateDraft draft;
    draft.name = m_name;
    draft.count = m_choices.count;
    QStringList names;
    const QList<CreateDraft> all = operation::expandDraft(draft);
    for (const CreateDraft &one : all) {
        names.append(one.name);
    }
    return names;
}

operation::CreateFacts CreateWizardState::facts() const
{
    operation::CreateFacts facts;
    facts.host = m_host;
    facts.hostInfo = m_facts.info;
    facts.networks = m_facts.networks;
    facts.pools = m_facts.pools;
    facts.kvm = m_facts.kvm.usable;
    facts.kvmProblem = m_facts.kvm.problem;
    facts.kvmAdvice = m_facts.kvm.fix;
    const auto &caps = facts.usesKvm(m_choices) ? m_facts.kvmCaps : m_facts.emulationCaps;
    facts.caps = caps.value_or(xml::DomainCapabilities{});
    if (facts.caps.arch.isEmpty()) {
        facts.caps.arch = m_facts.info.arch;
    }
    if (const os::Os *system = m_system->effective()) {
        facts.os = *system;
    }
    return facts;
}

bool CreateWizardState::isVolumeMedium() const
{
    const virt::storage::Volume *volume = volumeRecord();
    return m_origin == Origin::Volume && volume && volume->format == "iso"_L1;
}

bool CreateWizardState::rootFixed() const
{
    const virt::storage::Volume *volume = volumeRecord();
    return m_origin == Origin::Volume && !m_keepVolume && volume && volume->format != "iso"_L1;
}

CreateDraft CreateWizardState::draft() const
{
    using Kind = CreateDraft::SourceKind;
    CreateDraft draft = m_choices;
    // A template brought these along; what counts is what the pages show.
    draft.path.clear();
    draft.volume.reset();
    draft.rootGiB.reset();
    draft.seed.reset();
    if (const HostChoice *host = hostChoice()) {
        draft.host = host->uri;
    }
    draft.name = m_name;
    if (m_origin != Origin::Kernel) {
        const QString cmdline = m_origin == Origin::Tree ? draft.kernel.cmdline : QString();
        draft.kernel = {};
        draft.kernel.cmdline = cmdline;
    }
    if (m_origin != Origin::Image) {
        draft.adoptChain = false;
        if (m_origin != Origin::Volume) {
            draft.imageFormat.clear();
            draft.fullCopy = false;
        }
    }
    switch (m_origin) {
    case Origin::Image:
        draft.source = Kind::Image;
        draft.path = localPath();
        break;
    case Origin::Iso:
        draft.source = Kind::Iso;
        draft.path = localPath();
        break;
    case Origin::Tree:
        draft.source = Kind::Tree;
        draft.path = path().trimmed();
        break;
    case Origin::Volume:
        draft.source = isVolumeMedium() ? Kind::Iso : m_keepVolume ? Kind::Image : Kind::Disk;
        draft.volume = CreateDraft::Volume{m_sourcePool, m_volume};
        if (draft.source != Kind::Image) {
            draft.imageFormat.clear();
            draft.fullCopy = false;
        }
        break;
    case Origin::Kernel:
        draft.source = Kind::Kernel;
        break;
    case Origin::Xml:
        draft.source = Kind::Xml;
        draft.path = localPath();
        break;
    case Origin::Pxe:
        draft.source = Kind::Pxe;
        break;
    case Origin::None:
        draft.source = Kind::None;
        break;
    }
    draft.memoryMiB = memoryMiB();
    draft.vcpus = vcpus();
    draft.os = m_system->chosen();
    if (m_seed->isEnabled() && m_origin != Origin::Xml) {
        draft.seed = m_seed->draft().toJson();
    }
    // At the minimum the disk is exactly as large as the image: rounding up would be a resize that nobody asked for.
    if (!rootFixed() && (imageBytes() == 0 || rootGiB() > minimumRootGiB())) {
        draft.rootGiB = rootGiB();
    }
    draft.pool = m_pool.isEmpty() ? u"default"_s : m_pool;
    return draft;
}

void CreateWizardState::apply(const operation::Template &chosen)
{
    if (!chosen.draft) {
        return;
    }
    const CreateDraft &draft = *chosen.draft;
    m_memoryMiB = draft.memoryMiB;
    m_vcpus = draft.vcpus;
    if (!chosen.sizesOnly) {
        applySource(draft);
        const int count = m_choices.count;
        const QList<Nic> nics = m_choices.nics;
        m_choices = draft;
        m_choices.count = count;
        m_choices.seed.reset(); // it lives in its own part
        if (draft.nics.isEmpty()) {
            m_choices.nics = nics;
        }
        m_pool = draft.pool;
        m_system->setChosen(draft.os);
        const auto seed =
            draft.seed ? seed::seedDraftFromJson(*draft.seed, u"$.seed"_s) : std::unexpected(QList<seed::Problem>());
        m_seed->setEnabled(false);
        if (seed) {
            m_seed->setDraft(*seed);
        }
        Q_EMIT machineWanted(m_choices.machine);
        look();
        proposeName();
    }
    m_rootGiB = draft.rootGiB;
    Q_EMIT changed();
}

/** Where a template's VM comes from. */
void CreateWizardState::applySource(const CreateDraft &draft)
{
    using Kind = CreateDraft::SourceKind;
    static const QHash<Kind, Origin> origins{{Kind::Image, Origin::Image}, {Kind::Iso, Origin::Iso},
        {Kind::Tree, Origin::Tree}, {Kind::Kernel, Origin::Kernel}, {Kind::Disk, Origin::Volume},
        {Kind::Pxe, Origin::Pxe}, {Kind::None, Origin::None}, {Kind::Xml, Origin::Xml}};
    setOrigin(draft.volume ? Origin::Volume : origins.value(draft.source, Origin::Image));
    if (draft.volume) {
        setSourcePool(draft.volume->pool);
        m_volume = draft.volume->name;
        m_keepVolume = draft.source != Kind::Disk;
    } else {
        setPath(draft.path);
    }
}

QString CreateWizardState::summary() const
{
    QStringList parts{m_choices.count > 1 ? tr("%1 VMs: %2 …").arg(m_choices.count).arg(names().constFirst()) : m_name};
    const HostChoice *host = hostChoice();
    if (m_origin == Origin::Xml) {
        return host ? m_name + u" · "_s + host->name : m_name;
    }
    parts.append(vcpus() == 1 ? tr("1 vCPU") : tr("%n vCPUs", nullptr, vcpus()));
    parts.append(model::formatKiB(memoryMiB() * 1024));
    if (imageBytes() > 0 && rootGiB() <= minimumRootGiB()) {
        parts.append(model::formatBytes(imageBytes()));
    } else if (rootGiB() > 0) {
        parts.append(model::formatBytes(static_cast<quint64>(rootGiB() * GiB)));
    }
    if (!m_choices.disks.isEmpty()) {
        parts.append(m_choices.disks.size() == 1
                ? tr("1 more disk")
                : tr("%n more disks", nullptr, static_cast<int>(m_choices.disks.size())));
    }
    if (m_choices.nics.isEmpty()) {
        parts.append(tr("no network"));
    }
    for (const Nic &card : m_choices.nics) {
        parts.append(card.kind == CreateDraft::NicKind::User ? tr("user mode") : card.source);
    }
    if (m_seed->isEnabled()) {
        parts.append(tr("cloud-init"));
    }
    if (host) {
        parts.append(host->name);
    }
    parts.removeAll(QString());
    return parts.join(u" · "_s);
}

} // namespace vireo::ui
