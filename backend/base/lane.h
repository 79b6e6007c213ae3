// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <QString>

namespace vireo {

/**
 * A worker thread with a queue that may be left behind.
 *
 * Libvirt calls can't be cancelled. A lane whose call does not come back is abandoned: its thread keeps the shared
 * state alive until the call returns and then ends by itself, while the owner goes on with a new lane. Nothing
 * ever waits for an abandoned lane. All members may be called from any thread.
 */
class Lane final
{
    Q_DISABLE_COPY_MOVE(Lane)

public:
    using Work = std::function<void()>;
    enum class Kind {
        Blocking, ///< may hang in a call for ever: nobody waits for it
        Computing ///< always ends soon; waited for when the application object goes, since static tables and
                  ///< libraries' own data, which it may use, go right after that
    };

    /** `name` is given to the thread (15 characters), for debuggers and logs. */
    explicit Lane(const QString &name, Kind kind = Kind::Blocking);
    /** Abandons the thread, unless drain() was called: never waits. */
    ~Lane();

    /** Queues `work`; it runs after all that was queued before. */
    void post(Work work);
    /** How long the running work has been running; zero when idle. */
    std::chrono::milliseconds busyFor() const;
    /** Number of queued and running pieces of work. */
    int pending() const;
    /** Drops what is queued and lets go of the thread. Later posts are dropped. */
    void abandon();
    /** Takes no more work; what is queued still runs, then the thread ends by itself, even without this object. */
    void drain();
    /** drain(), and waits for the end. False: it was not done within `limit` (and goes on by itself). Never on the GUI
     *  thread, except when the program ends. */
    bool finish(std::chrono::milliseconds limit);

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace vireo
