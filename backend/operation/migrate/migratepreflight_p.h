// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/xml/document.h"

/** The parts of preflight(). Private to backend/operation; pure. */
namespace vireo::operation {

/** What the parts read, and where they write. Each part adds at least one line to each of its topics. */
struct Preflight {
    using Severity = job::Finding::Severity;
    const MigrateFacts &facts;
    const MigrateDraft &draft;
    const MigrateLayout &layout;
    const xml::Element domain;  ///< as it runs; null: its XML can't be read
    const xml::Element devices; ///< the same
    /** It is off on its way, and runs at the destination afterwards. */
    bool startsThere = false;
    QList<Check> checks = {};

    void add(
        Check::Topic topic, Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        checks.append({topic, {severity, text, cause, fix}});
    }
    void ok(Check::Topic topic, const QString &text, const QString &cause = {})
    {
        add(topic, Severity::Ok, text, cause);
    }
    void block(Check::Topic topic, const QString &text, const QString &cause, const QString &fix)
    {
        add(topic, Severity::Blocker, text, cause, fix);
    }
    /** What that topic has so far beside good news. */
    bool isQuiet(Check::Topic topic) const;
    bool isOffline() const { return movesOffline(facts.source); }
    const QString &name() const { return facts.source.domain.name; }
    QString there() const; ///< the destination, as people call it
};

void checkIdentity(Preflight &grid); // migratepreflighthost.cpp
void checkMemory(Preflight &grid);
void checkCpus(Preflight &grid);
void checkCpuModel(Preflight &grid);
void checkMachine(Preflight &grid);
void checkHypervisor(Preflight &grid);
void checkFirmware(Preflight &grid); // migratepreflightdevices.cpp
void checkTpm(Preflight &grid);
void checkNetworks(Preflight &grid);
void checkHostDevices(Preflight &grid);
void checkGraphics(Preflight &grid);
void checkDisks(Preflight &grid); // migratepreflight.cpp
void checkMedia(Preflight &grid);
void checkSnapshots(Preflight &grid);
void checkClock(Preflight &grid);
void checkReachability(Preflight &grid); // migratepreflightlink.cpp
void checkPassage(Preflight &grid);      // migratepassage.cpp
void checkColdWay(Preflight &grid);      // coldlayout.cpp
void checkLibvirt(Preflight &grid);

} // namespace vireo::operation
