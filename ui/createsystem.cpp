// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createsystem.h"

#include "backend/base/courier.h"
#include "backend/base/lane.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

CreateSystem::CreateSystem(const CreateServices &services, QObject *parent)
    : QObject(parent)
    , m_services(services)
    , m_courier(std::make_shared<Courier>(this))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &CreateSystem::look);
}

CreateSystem::~CreateSystem()
{
    m_courier->close();
    m_stop.request_stop();
    for (const auto *lane : {&m_catalogLane, &m_lane}) {
        if (*lane) {
            (*lane)->abandon();
        }
    }
}

void CreateSystem::load()
{
    if (m_catalog || m_loading) {
        return;
    }
    m_loading = true;
    m_catalogLane = std::make_unique<Lane>(u"newvm-catalog"_s, Lane::Kind::Computing);
    m_catalogLane->post([this, courier = m_courier, read = m_services.loadCatalog] {
        std::shared_ptr<const os::OsCatalog> catalog = read();
        courier->post([this, catalog = std::move(catalog)] { takeCatalog(catalog); });
    });
}

void CreateSystem::takeCatalog(std::shared_ptr<const os::OsCatalog> catalog)
{
    m_loading = false;
    m_catalog = std::move(catalog);
    // What was looked at without it may be recognised now.
    if (m_look != Look::Nothing && !m_looking) {
        begin(m_look, m_what, m_arch, 0);
    }
    Q_EMIT changed();
}

void CreateSystem::setChosen(const QString &id)
{
    if (m_chosen != id) {
        m_chosen = id;
        Q_EMIT changed();
    }
}

void CreateSystem::setIncludeEol(bool include)
{
    if (m_includeEol != include) {
        m_includeEol = include;
        Q_EMIT changed();
    }
}

QList<const os::Os *> CreateSystem::search(const QString &text, qsizetype limit) const
{
    return m_catalog ? m_catalog->search(text, m_includeEol).mid(0, limit) : QList<const os::Os *>();
}

void CreateSystem::lookAtMedium(const QString &path)
{
    if (path.isEmpty()) {
        begin(Look::Nothing, {}, {}, 0);
    } else if (m_look != Look::Medium || m_what != path) {
        begin(Look::Medium, path, {}, 0);
    }
}

void CreateSystem::lookAtTree(const QString &location, const QString &arch)
{
    if (location.isEmpty()) {
        begin(Look::Nothing, {}, {}, 0);
    } else if (m_look != Look::Tree || m_what != location || m_arch != arch) {
        begin(Look::Tree, location, arch, TreeDelayMs);
    }
}

void CreateSystem::begin(Look look, const QString &what, const QString &arch, int delayMs)
{
    if (look == Look::Nothing && m_look == Look::Nothing) {
        return;
    }
    ++m_generation;
    m_stop.request_stop();
    m_stop = {};
    m_timer.stop();
    m_look = look;
    m_what = what;
    m_arch = arch;
    m_recognised.clear();
    m_variant.clear();
    m_tree.reset();
    // A medium says nothing without the catalog; a tree may still be installed from.
    m_looking = look == Look::Tree || (look == Look::Medium && m_catalog);
    if (m_looking) {
        m_timer.start(delayMs);
    }
    Q_EMIT changed();
}

void CreateSystem::look()
{
    // A look that does not end at once when it is stopped (a dead mount, a name server) is left behind.
    if (m_lane && m_lane->pending() > 0) {
        m_lane->abandon();
        m_lane.reset();
    }
    if (!m_lane) {
        m_lane = std::make_unique<Lane>(u"newvm-look"_s);
    }
    const quint64 generation = m_generation;
    if (m_look == Look::Medium) {
        m_lane->post([this, generation, courier = m_courier, look = m_services.medium, catalog = m_catalog,
                         path = m_what, stop = m_stop.get_token()] {
            const CreateServices::Media found = look(*catalog, path, stop);
            courier->post([this, generation, found] {
                if (generation != m_generation) {
                    return;
                }
                m_looking = false;
                if (found && *found) {
                    m_recognised = (*found)->osShortId;
                    m_variant = (*found)->variant;
                }
                Q_EMIT changed();
            });
        });
    } else if (m_look == Look::Tree) {
        m_lane->post([this, generation, courier = m_courier, look = m_services.tree, catalog = m_catalog,
                         location = m_what, arch = m_arch, stop = m_stop.get_token()] {
            const Result<os::InstallTree> found = look(location, arch, catalog.get(), stop);
            courier->post([this, generation, found] {
                if (generation != m_generation) {
                    return;
                }
                m_looking = false;
                m_tree = found;
                if (found) {
                    m_recognised = found->osShortId;
                    m_variant = found->variant;
                }
                Q_EMIT changed();
            });
        });
    }
}

const os::Os *CreateSystem::recognised() const
{
    return m_catalog && !m_recognised.isEmpty() ? m_catalog->find(m_recognised) : nullptr;
}

const os::Os *CreateSystem::effective() const
{
    if (m_chosen.isEmpty()) {
        return recognised();
    }
    const os::Os *found = m_catalog ? m_catalog->find(m_chosen) : nullptr;
    return found && found->shortId != m_catalog->generic().shortId ? found : nullptr;
}

QString CreateSystem::hint() const
{
    if (!m_catalog) {
        return m_loading ? tr("Reading the list of operating systems…") : QString();
    }
    if (!m_catalog->problem().isEmpty()) {
        return m_catalog->problem();
    }
    const os::Os *chosen = m_chosen.isEmpty() ? nullptr : effective();
    if (chosen && chosen->isEndOfLife(QDate::currentDate())) {
        return tr("Gets no updates any more, since %1.").arg(chosen->endOfLife.toString(Qt::ISODate));
    }
    if (const os::Os *found = recognised()) {
        return m_variant.isEmpty() || m_variant == found->name ? tr("Detected: %1").arg(found->name)
                                                               : tr("Detected: %1 (%2)").arg(found->name, m_variant);
    }
    if (m_looking) {
        return tr("Looking what it is…");
    }
    return m_chosen.isEmpty() ? tr("Not chosen: devices that suit today's systems.") : QString();
}

} // namespace vireo::ui
