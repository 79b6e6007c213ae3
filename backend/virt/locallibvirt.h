// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QStringList>

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::virt {

/** What this computer has of libvirt, judged by sockets and programs alone: nothing is started. */
struct LocalDaemons {
    QStringList uris;     ///< "qemu:///session" and "qemu:///system", as far as a daemon of that kind is there
    bool flatpak = false; ///< Vireo runs in a Flatpak: the computer's programs are outside
    /** A Flatpak is given the computer's folder of sockets when it starts, if there is one then: a daemon that is
     *  installed later is seen by the next start only. */
    bool newStartNeeded = false;

    friend bool operator==(const LocalDaemons &, const LocalDaemons &) = default;
};

/** Looks at the file system: a worker thread, or the start. `root` goes before all paths, for tests. */
LocalDaemons lookForLocalDaemons(const QString &root = {});

/**
 * Finds out in a lane of its own, when asked to, which of libvirt's daemons this computer has. GUI thread. Owned by
 * Application; outlives the windows.
 */
class LocalLibvirt final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LocalLibvirt)

public:
    /** `root` as above. */
    explicit LocalLibvirt(const QString &root = {}, QObject *parent = nullptr);
    ~LocalLibvirt() override;

    /** Answers with looked(), once. */
    void look();
    /** False until the first answer. */
    bool isKnown() const { return m_known; }
    const LocalDaemons &daemons() const { return m_daemons; }

Q_SIGNALS:
    void looked();

private:
    QString m_root;
    LocalDaemons m_daemons;
    bool m_known = false;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
};

} // namespace vireo::virt
