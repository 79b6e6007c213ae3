// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "backend/virt/migration.h"

namespace vireo::operation {

/**
 * An empty machine of ours that never runs and migrates from one host to another, to see what happens; gone from both
 * when this goes. What it is made of must be there for the VM as well, whose XML it is `like`. Blocking; one worker
 * thread. A name that begins with WorkDomain::namePrefix tells that it is no VM of anybody.
 */
class ProbeDomain final
{
    Q_DISABLE_COPY_MOVE(ProbeDomain)

public:
    ProbeDomain(virt::ConnectionPtr source, virt::ConnectionPtr destination, const QString &like);
    ~ProbeDomain();

    /** `disk`: file on the source of its only, raw disk "vda"; empty: it has none. */
    Result<> start(const QString &disk = {});
    /** Its XML; `disk` as it is named there. Pure. */
    QString xml(int vcpus, const QString &disk = {}) const;

    /** Called every now and then while it migrates, on the same thread; true: that is enough. */
    using IsEnough = std::function<bool()>;
    /**
     * At most so long; then it is aborted, and left behind if even that does not help. After `isEnough` said so it is
     * aborted as well, and that is no error.
     */
    Result<> migrate(const virt::migration::Options &options, bool direct, std::chrono::seconds patience,
        const std::stop_token &stop, const IsEnough &isEnough = {});
    /** Of its migration. */
    Result<virt::migration::Figures> figures() const;

private:
    virt::ConnectionPtr m_source;
    virt::ConnectionPtr m_destination;
    const QString m_like;
    const QUuid m_uuid = QUuid::createUuid();
    bool m_begun = false;
};

} // namespace vireo::operation
