// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include <QObject>
#include <QTimer>

#include "ui/createservices.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/**
 * Which operating system a new VM gets: the catalog, what the medium or the installation tree was recognised as, and
 * what the user chose. No widgets.
 *
 * GUI thread. Reads the catalog, media and trees in a lane of its own; a look that is not wanted any more is stopped,
 * and its late answer dropped.
 */
class CreateSystem final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSystem)

public:
    explicit CreateSystem(const CreateServices &services, QObject *parent = nullptr);
    ~CreateSystem() override;

    /** Starts to read the catalog; once. Until it is there nothing is recognised, and nothing is lost. */
    void load();
    const std::shared_ptr<const os::OsCatalog> &catalog() const { return m_catalog; } ///< null until it was read

    /** A short id, "generic", or empty: as recognised. */
    void setChosen(const QString &id);
    QString chosen() const { return m_chosen; }
    void setIncludeEol(bool include);
    bool includesEol() const { return m_includeEol; }
    /** What fits the text, best first, at most `limit`. */
    QList<const os::Os *> search(const QString &text, qsizetype limit = 50) const;

    /** What to look at; only one of them. An empty text looks at nothing. The tree is looked at when the text has
     *  rested for a moment. */
    void lookAtMedium(const QString &path);
    void lookAtTree(const QString &location, const QString &arch);
    bool isLooking() const { return m_looking; }
    /** What came of looking at the tree; none while that goes on. */
    const std::optional<Result<os::InstallTree>> &tree() const { return m_tree; }

    const os::Os *recognised() const; ///< null: nothing
    /** Chosen, else recognised; null: generic. */
    const os::Os *effective() const;
    /** One line below the field: what was recognised, or why nothing can be chosen. */
    QString hint() const;

    static constexpr int TreeDelayMs = 700;

Q_SIGNALS:
    void changed();

private:
    enum class Look { Nothing, Medium, Tree };
    void begin(Look look, const QString &what, const QString &arch, int delayMs);
    void look();
    void takeCatalog(std::shared_ptr<const os::OsCatalog> catalog);

    CreateServices m_services;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_catalogLane;
    std::unique_ptr<Lane> m_lane;
    QTimer m_timer;
    std::shared_ptr<const os::OsCatalog> m_catalog;
    bool m_loading = false;

    Look m_look = Look::Nothing;
    QString m_what;
    QString m_arch;
    bool m_looking = false;
    std::stop_source m_stop;
    quint64 m_generation = 0;
    QString m_recognised;
    QString m_variant;
    std::optional<Result<os::InstallTree>> m_tree;

    QString m_chosen;
    bool m_includeEol = false;
};

} // namespace vireo::ui
