// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include "backend/job/jobmanager.h"
#include "tests/support/testbed.h"

/// Kills a process of ours at every write to the journal, recovers its job, and looks at what is left on the host.
///
/// The test program runs itself as the process to be killed: its main() begins with killChildMain(). A new operation
/// adds a KillScenario to the table of tests/system/tst_journal_kill.cpp.
namespace vireo::test {

/// What a host really has, read by virsh and from its files.
struct HostState {
    QStringList domains;                ///< "web01 running", "web02 shut off autostart", sorted
    QStringList pools;                  ///< "default active autostart", sorted
    QMap<QString, QByteArray> networks; ///< SHA-256 of their stored definitions; but "default", which the bed makes
    QMap<QString, QByteArray> images;   ///< files of the default pool's directory and their SHA-256
    QString more;                       ///< KillScenario::more
    friend bool operator==(const HostState &, const HostState &) = default;
    [[nodiscard]] QString text() const;
};

struct KillScenario {
    QString name;
    std::function<bool()> prepare;   ///< on an empty host; null: it stays empty
    std::function<job::Plan()> plan; ///< made after prepare()
    QStringList domains;             ///< expected after finishing, as in HostState
    QStringList pools;               ///< likewise
    bool undoable = true;            ///< false: undoing leaves all as it was when the process was killed
    bool stays = false;              ///< with !undoable: its steps have no undo, so it says nothing of it
    bool lossy = false;    ///< undo may come too late for what was deleted: it is all back, or the job says so
    bool fails = false;    ///< its last step fails: it ends undone, whatever is chosen
    bool bothWays = false; ///< at each write both finish and undo; else by turns
    int every = 1;         ///< only each so manieth moment, where there are many
    QStringList bases;     ///< images that it may write to: they are there, whatever is in them
    std::function<bool()> afterFinish;  ///< more to look at; may be null
    std::function<QString()> invariant; ///< what holds after either way: empty, or what is wrong; may be null
    std::function<QString()> more;      ///< what undo has to bring back as well, as text; may be null
};

/// A process that is told to die.
struct KillOrder {
    QString journal;  ///< directory
    QString planFile; ///< to be run, or
    job::JobId job;   ///< to be recovered
    job::Recovery recovery = job::Recovery::Undo;
    int killAt = 0; ///< the how manieth moment of the journal; 0: never
    bool killWhileUploading = false;
};
enum class ChildEnd { Ended, Killed, Broken };

/// First thing in main(): the exit code when the arguments make this process a child, else empty.
std::optional<int> killChildMain(int &argc, char **argv);

class KillHarness final
{
    Q_DISABLE_COPY_MOVE(KillHarness)

public:
    /// The bed's host A is used. `connection` is ours, for cleaning up and recovering.
    KillHarness(TestBed &bed, virt::ConnectionPtr connection, virt::HostId host);

    /// Runs a scenario killed at every moment until it ends alive. Empty, or what went wrong.
    QString run(const KillScenario &scenario);
    /// Kills at `killAt`, then the recovering process at each of its moments, then recovers for good.
    QString runKilledTwice(const KillScenario &scenario, int killAt, job::Recovery recovery);
    /// Kills in the middle of sending an image, then recovers at once.
    QString runKilledWhileUploading(const KillScenario &scenario, job::Recovery recovery);

    [[nodiscard]] int kills() const { return m_kills; }
    HostState state();
    /// Removes all domains, volumes and pools.
    bool clear();

private:
    struct Case;
    QString begin(const KillScenario &scenario, Case &current);
    QString freshJournal(Case &current);
    QString settle(Case &current, job::Recovery recovery);
    QString judge(Case &current, job::Recovery recovery, const job::JobRecord &record);
    ChildEnd runChild(const KillOrder &order);

    TestBed &m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host;
    job::StepRegistry m_registry;
    QTemporaryDir m_directory;
    QString m_images;
    QString m_childOutput;
    HostState m_last; ///< what state() found last
    std::function<QString()> m_more;
    QStringList m_bases;
    int m_journals = 0;
    int m_kills = 0;
};

} // namespace vireo::test
