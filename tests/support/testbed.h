// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

class QProcess;
class QProcessEnvironment;

namespace vireo::test {

/// Private libvirt hosts with QEMU for one system test: starts them, breaks them, ends them.
///
/// The constructor runs `tests/system/bed/hosts up` in a directory of its own (about half a second), the destructor
/// `hosts down`; the hosts also end by themselves when the test process is killed. The machine's own libvirt is
/// never used. Works as root, as an ordinary user in a user namespace, and else with session daemons.
///
/// All calls block until they are done, with a time limit; call them from the test's thread. A test checks
/// `QVERIFY2(bed.isUp(), qPrintable(bed.errorText()))` first. Guests are for TCG: `<domain type='qemu'>`.
class TestBed final
{
    Q_DISABLE_COPY_MOVE(TestBed)

public:
    /// How a program ended.
    struct Outcome {
        int exitCode = -1; ///< -1: it did not start, or did not end in time
        QString output;    ///< standard output
        QString errorText; ///< standard error

        [[nodiscard]] bool ok() const { return exitCode == 0; }
    };

    explicit TestBed(const QStringList &hosts = {QStringLiteral("A")});
    ~TestBed();

    [[nodiscard]] bool isUp() const { return m_up; }
    /// Why the bed is not up, or what the last failed call said.
    [[nodiscard]] QString errorText() const { return m_errorText; }

    /// URI of a host, for a connection from this process.
    [[nodiscard]] QString uri(const QString &host) const;
    /// URI by which the other hosts reach this one: destination of a peer-to-peer migration.
    [[nodiscard]] QString peerUri(const QString &host) const;
    /// False where namespaces are forbidden: then hosts share name, files and network, and no link can be cut.
    [[nodiscard]] bool hostsAreIsolated() const;

    /// Runs a program inside a host.
    Outcome exec(const QString &host, const QStringList &command, int timeoutMs = 60000);
    /// Begins a program inside a host, or in the network between them ("client"), from which hosts are reached by
    /// peerUri() over links that can be cut. The process ends when the program does, but is not the program itself.
    void startInside(QProcess &process, const QString &host, const QStringList &command) const;
    /// Runs virsh on a host, for reading back what really is there.
    Outcome virsh(const QString &host, const QStringList &arguments, int timeoutMs = 60000);

    bool stopDaemon(const QString &host); ///< SIGSTOP: the host accepts connections but never answers
    bool contDaemon(const QString &host); ///< SIGCONT
    bool killDaemon(const QString &host); ///< SIGKILL; libvirtd is back within a second, guests go on
    bool cutLink(const QString &host);    ///< pulls the host's cable to the other hosts
    bool joinLink(const QString &host);
    bool rateLink(const QString &host, const QString &rate); ///< limits what it receives, as tc says it: 50mbit; "off"
    /// Removes every VM, pool and disk from all hosts. Daemons must not be stopped.
    bool wipe();

    /// Where this process finds what a host has for its own: "local" (its /srv/local), "run" (/run/libvirt), "lib"
    /// (/var/lib/libvirt). Isolated hosts only.
    [[nodiscard]] QString hostDirectory(const QString &host) const;
    /// Where it finds /srv/shared of all hosts. Isolated hosts only.
    [[nodiscard]] QString sharedDirectory() const;
    /// A directory of this bed that hosts and test see at the same path, for serial output and images.
    [[nodiscard]] QString directory() const;
    /// Text that a guest has written to `file` in directory() so far; empty while there is none.
    [[nodiscard]] QByteArray read(const QString &file) const;

    /// XML of our guest (tests/system/guest says what it prints and obeys), booted as a kernel or from a disk, with
    /// 16 MiB, one vCPU, TCG. Its COM1 goes to the file `<name>.txt` in directory().
    [[nodiscard]] QString kernelGuestXml(const QString &name, const QString &commandLine = {}) const;
    [[nodiscard]] QString diskGuestXml(const QString &name, const QString &disk) const;

    /// The guest as a multiboot kernel; built on first use, kept in the build directory. Empty on failure.
    [[nodiscard]] static QString guestKernel();
    /// The guest as a bootable qcow2 image of 64 MiB; built on first use. Read only: give tests a copy of it.
    [[nodiscard]] static QString guestDisk();

private:
    QProcessEnvironment environment() const;
    Outcome run(const QString &program, const QStringList &arguments, int timeoutMs) const;
    Outcome hosts(const QStringList &arguments, int timeoutMs = 60000);
    bool verb(const QString &name, const QString &host);

    QTemporaryDir m_state;               ///< of the hosts; short, as sockets lie in it
    QHash<QString, QString> m_variables; ///< of "hosts env"
    QString m_errorText;
    bool m_up = false;
};

} // namespace vireo::test
