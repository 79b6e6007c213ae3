// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QCoreApplication>

#include "backend/operation/kept/keptclaims.h"
#include "backend/operation/kept/keptdomain.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"

/**
 * kept.*: what a domain was is kept, and comes back. Notes: "kept", the id of what this job keeps; "kept:aside:here"
 * and ":there", under which id the store "aside" has what a host knew of the domain before a step of an end took it
 * away; "kept:was:…", whether the domain was there before a step defined it. Passwords go from libvirt into the stores
 * and back, never through the plan or the journal. Private to this folder; a job's thread.
 */
namespace vireo::operation {

struct KeptStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_keptSteps)
};

/** One such step of a job: keptsteps.cpp has its beginning, keptdefinesteps.cpp what hosts know, keptendsteps.cpp its
 *  ends. */
class KeptStep final
{
    Q_DISABLE_COPY_MOVE(KeptStep)

public:
    KeptStep(const job::Step &step, job::StepContext &context, const QString &directory, KeptClaims &claims);

    Result<> check();
    Result<> uncheck();
    Result<> begin();
    Result<> unbegin();
    Result<job::Reality> lookAtKept();
    Result<> leave();
    Result<> putBack();
    Result<job::Reality> lookAtLeft();
    Result<> define();
    Result<> undefine();
    Result<job::Reality> lookAtDefined();
    Result<> carrySnapshots();
    Result<> setAutostart();
    Result<> decide();
    Result<> undecide();
    Result<> restore();
    Result<> unrestore();
    Result<job::Reality> lookAtRestored();
    Result<> end();
    Result<job::Reality> lookAtEnded();

private:
    static constexpr QLatin1StringView keptNote{"kept"};

    /** Of what is kept: by a parameter, or by what this job has begun. */
    QString id() const;
    QString asideKey() const;
    QString wasKey() const;
    QString leftKey() const;
    Result<> connect();
    Result<> claim();
    Result<> look();
    virt::Connection &connection() const { return *m_connection; }
    Result<> setAside();
    Result<> bringBack();
    Result<> dropAside(const QString &key);
    Result<KeptDomain> keptContent() const;
    /** This job has begun with keeping what the plan's host knows. */
    bool keepsItself() const;
    /** The stored definition with its passwords; nothing: there is no such domain. */
    Result<std::optional<QString>> defined() const;
    bool isOurs(const QString &xml) const;
    /** What is kept is gone, or goes: it can't be compared any more. */
    bool isEnded() const;
    static job::Reality endedReality();
    Error waitsError() const;
    Error claimedError() const;
    Error changedError() const;

    const job::Step &m_step;
    job::StepContext &m_context;
    KeptStates m_states;
    KeptStates m_aside;
    KeptClaims &m_claims;
    QUuid m_domain;
    QString m_name;
    QString m_side;
    virt::ConnectionPtr m_connection;
};

} // namespace vireo::operation
