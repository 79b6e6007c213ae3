// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QObject>
#include <QTimer>

#include "ui/createservices.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/**
 * The local image or medium of a new VM, and what it was judged to be. GUI thread; looks at the file in a lane of its
 * own, a moment after the last key. A late answer about an older path is dropped.
 */
class CreateImage final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateImage)

public:
    explicit CreateImage(const CreateServices &services, QObject *parent = nullptr);
    ~CreateImage() override;

    /** An absolute path; empty: there is none to look at. The same one is looked at again. */
    void setPath(const QString &path);
    bool isInspecting() const { return m_inspecting; }
    const std::optional<Result<image::Verdict>> &verdict() const { return m_verdict; }
    /** When it has nothing against it but its backing files. */
    const std::optional<image::Chain> &chain() const { return m_chain; }
    bool isMedium() const { return m_verdict && *m_verdict && (*m_verdict)->isInstallMedium(); }

    static constexpr int InspectDelayMs = 200;

Q_SIGNALS:
    void judged();

private:
    void inspect();

    CreateServices m_services;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QTimer m_timer;
    QString m_path;
    quint64 m_generation = 0;
    bool m_inspecting = false;
    std::optional<Result<image::Verdict>> m_verdict;
    std::optional<image::Chain> m_chain;
};

} // namespace vireo::ui
