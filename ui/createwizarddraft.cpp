// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What CreateWizardState makes of the answers: the choices that follow from the host, the sizes, the draft and its sum.
#include <cmath>

#include "backend/virt/connectionuri.h"
#include "model/format.h"
#include "ui/createwizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;

namespace {

constexpr double GiB = 1024.0 * 1024 * 1024;
constexpr double DefaultRootGiB = 20;

} // namespace

/** Best first: an active network, user mode where that works, the rest, none. */
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
    choices.append({tr("No network"), std::nullopt});
    return choices;
}

quint64 CreateWizardState::imageBytes() const
{
    if (m_origin == Origin::Image && m_verdict && *m_verdict) {
        return (*m_verdict)->virtualSize;
    }
    if (const virt::storage::Volume *volume = volumeRecord();
        volume && m_origin == Origin::Volume && volume->format != "iso"_L1) {
        return volume->capacity;
    }
    return 0;
}

double CreateWizardState::minimumRootGiB() const
{
    return std::max(0.1, std::ceil(static_cast<double>(imageBytes()) / GiB * 10) / 10);
}

double CreateWizardState::rootGiB() const
{
    return m_rootGiB.value_or(imageBytes() > 0 ? minimumRootGiB() : DefaultRootGiB);
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
    CreateDraft draft;
    if (const HostChoice *host = hostChoice()) {
        draft.host = host->uri;
    }
    draft.name = m_name;
    switch (m_origin) {
    case Origin::Image:
        draft.source = CreateDraft::SourceKind::Image;
        draft.path = localPath();
        break;
    case Origin::Iso:
        draft.source = CreateDraft::SourceKind::Iso;
        draft.path = localPath();
        break;
    case Origin::Volume: {
        const virt::storage::Volume *volume = volumeRecord();
        const bool iso = volume && volume->format == "iso"_L1;
        draft.source = iso ? CreateDraft::SourceKind::Iso
                           : (m_keepVolume ? CreateDraft::SourceKind::Image : CreateDraft::SourceKind::Disk);
        draft.volume = CreateDraft::Volume{m_sourcePool, m_volume};
        break;
    }
    case Origin::None:
        draft.source = CreateDraft::SourceKind::None;
        break;
    }
    draft.memoryMiB = m_memoryMiB;
    draft.vcpus = m_vcpus;
    // At the minimum the disk is exactly as large as the image: rounding up would be a resize that nobody asked for.
    if (!rootFixed() && (imageBytes() == 0 || rootGiB() > minimumRootGiB())) {
        draft.rootGiB = rootGiB();
    }
    draft.pool = m_pool.isEmpty() ? u"default"_s : m_pool;
    if (m_nic) {
        draft.nics.append(*m_nic);
    }
    draft.start = m_start;
    return draft;
}

QString CreateWizardState::summary() const
{
    QStringList parts{m_name};
    parts.append(m_vcpus == 1 ? tr("1 vCPU") : tr("%n vCPUs", nullptr, m_vcpus));
    parts.append(model::formatKiB(m_memoryMiB * 1024));
    if (imageBytes() > 0 && rootGiB() <= minimumRootGiB()) {
        parts.append(model::formatBytes(imageBytes()));
    } else {
        parts.append(model::formatBytes(static_cast<quint64>(rootGiB() * GiB)));
    }
    if (!m_nic) {
        parts.append(tr("no network"));
    } else if (m_nic->kind == CreateDraft::NicKind::User) {
        parts.append(tr("user mode"));
    } else {
        parts.append(m_nic->source);
    }
    if (const HostChoice *host = hostChoice()) {
        parts.append(host->name);
    }
    parts.removeAll(QString());
    return parts.join(u" · "_s);
}

} // namespace vireo::ui
