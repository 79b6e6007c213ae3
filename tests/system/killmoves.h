// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "coldmoves.h"
#include "killpair.h"

namespace vireo::test {

/// Kills a job of ColdMoves at moments of its journal, and lets another process finish or undo it. Base of tests.
class KillMoves : protected ColdMoves
{
protected:
    /// What is killed, what it starts from, and what must hold when it has come to an end.
    struct Row {
        std::function<bool()> prepare;
        std::function<job::Plan()> plan;
        bool fromDestination = false; ///< the plan's host is B
        /// What is wrong; empty: nothing. `isDone`: else all was undone.
        std::function<QString(bool isDone)> amiss;
    };

    static bool isSoak() { return qEnvironmentVariableIsSet("VIREO_KILL_ALWAYS"); }
    /// Starts the hosts. What is wrong; empty: nothing.
    QString setUp();
    void tearDown();
    /// At every `every`th moment in turn finished and undone; in a soak at each, both. Empty, or what was wrong.
    QString killAtEach(const Row &row, int every, int &kills);

    std::unique_ptr<KillPair> m_killer;

private:
    QString amiss(const Row &row, const std::optional<job::JobRecord> &record);
    QString killAt(const Row &row, int moment, job::Recovery recovery, bool &isFresh, bool &wasKilled);
};

} // namespace vireo::test
