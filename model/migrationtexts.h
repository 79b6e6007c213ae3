// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migrationfeed.h"

/** What is said of a migration that runs, or has just ended. Pure functions; any thread. */
namespace vireo::model {

/** What a person can do to a running migration. */
enum class MigrationLever { Bandwidth, Downtime, PostCopy, Pause, Abort, Policy };

/** A word or two, for the time axis: "Memory". */
QString phaseLabel(migration::Phase phase);
/** It is over, one way or the other; nothing runs any more. */
bool isOver(migration::Phase phase);
/** A range of times in words: "40 to 55 s"; empty when nobody can say. */
QString durationRange(const migration::Range &range);

/** "About 40 to 55 s left", or why that can't be said; empty once it is over. */
QString timeLeftText(const operation::MigrationPicture &picture);
/** "1.2 GiB of memory and 300 MiB of disks left" */
QString remainingText(const operation::MigrationPicture &picture);
/** What the chart shows, in words, for those who can't see it. */
QString figuresText(const operation::MigrationPicture &picture);

/** Why the lever can't be used now, as a sentence; empty: it can. */
QString leverRefusal(const operation::MigrationPicture &picture, MigrationLever lever);
/** What it would come to. Bytes per second; 0: no limit. */
QString bandwidthConsequence(const operation::MigrationPicture &picture, quint64 bytesPerSecond);
QString downtimeConsequence(const operation::MigrationPicture &picture, quint64 ms);
QString postCopyConsequence(const operation::MigrationPicture &picture);
QString pauseConsequence(const operation::MigrationPicture &picture);
QString abortConsequence(const operation::MigrationPicture &picture);
/** How long the guest would stand still if it were paused now, ms; -1: unknown. */
qint64 expectedPauseMs(const operation::MigrationPicture &picture);

/** One line of the result. */
struct MigrationResult {
    QString label;
    QString value;
    friend bool operator==(const MigrationResult &, const MigrationResult &) = default;
};
/** How it ended, in a sentence; empty while it runs. */
QString resultSentence(const operation::MigrationPicture &picture);
/** Total time, downtime, bytes, rounds: what is known of it. */
QList<MigrationResult> resultLines(const operation::MigrationPicture &picture);

/** The button that does it: "Resume at the source"; empty where there is nothing to do. */
QString remedyName(migration::Diagnosis::Remedy remedy);
/** What one host has of the VM: "Paused (migration)", "Nothing of this VM", "Does not answer". */
QString sideText(const migration::Side &side);
/** More about it, a sentence each. */
QStringList sideDetails(const migration::Side &side);

} // namespace vireo::model
