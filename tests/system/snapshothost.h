// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocalSocket>
#include <QRegularExpression>

#include "diskmodel.h"
#include "planbed.h"

namespace vireo::test {

/// Private hosts, the first with one VM whose guest writes to its disks, and a model of what must be in them. Plans run
/// through a JobManager with its journal, as in the program. For tests of snapshots; one per test program, on its main
/// thread. What says bool says on standard error why it is false.
///
///     SnapshotHost host;
///     QVERIFY(host.make({}) && host.start());
///     QVERIFY(host.writes(u"hda"_s, 1, 2, 77)); // MiB 1 and 2
///     host.remember(u"s1"_s);                   // … take the snapshot
///     QVERIFY(host.writes(u"hda"_s, 2, 1, 78));
///     QCOMPARE(host.compare(u"hda"_s, host.path(u"hda"_s), u"s1"_s), QString()); // byte for byte
class SnapshotHost final : public PlanBed
{
    Q_DISABLE_COPY_MOVE(SnapshotHost)

public:
    struct Disk {
        QString target = QStringLiteral("hda"); ///< hda to hdd
        QString format = QStringLiteral("qcow2");
        int mebibytes = 32;
    };
    struct Guest {
        QList<Disk> disks = {Disk()};
        bool agent = false;  ///< has a guest agent ("agent=hang" and others: tests/system/guest/guest.c)
        bool screen = false; ///< has a graphics card
        QString orders = {}; ///< the guest's command line
    };

    explicit SnapshotHost(const QStringList &hosts = {QStringLiteral("A")});
    ~SnapshotHost();

    // ---- the VM
    static QString name() { return QStringLiteral("vm"); }
    QUuid uuid() const { return m_uuid; }
    /// Removes the former VM with its snapshots and all files of the pools, then makes disks and defines the new one.
    bool make(const Guest &guest);
    bool start();                           ///< and waits until the guest runs
    bool stop();                            ///< destroys it
    QString state();                        ///< as virsh has it: running, paused, shut off
    QString path(const QString &disk);      ///< what the disk is now, by virsh
    QStringList chain(const QString &disk); ///< and beneath it, topmost first, by qemu-img
    QStringList snapshots();                ///< names, by virsh

    // ---- its guest
    /// Sends a line and waits until the guest says `answer`; empty: does not wait.
    bool order(const QString &line, const QString &answer, int timeoutMs = 20000);
    /// Waits until the guest says it from now on.
    bool hears(const QString &text, int timeoutMs = 20000);
    /// Number of the next heartbeat: it goes on from where it was, unless the guest booted again. -1: there is none.
    int heartbeat(int timeoutMs = 20000);
    /// The guest writes MiB `at` to `at` + `size` of a disk, and flushes; the model knows.
    bool writes(const QString &disk, int at, int size, quint32 pattern);
    /// The guest reads back from all places that were ever written exactly what the model says.
    bool sees();
    /// How much the guest's log=… has written by now. KiB.
    int logged(int timeoutMs = 20000);
    QByteArray said() const { return m_said; } ///< since its serial line was last opened

    // ---- what must be where
    void remember(const QString &as) { m_model.remember(as); }
    void recall(const QString &name) { m_model.recall(name); }
    /// Compares an image (with what lies beneath it) with what the disk had at `remembered`; empty: has now.
    /// `internal`: an internal snapshot in the file. Gives the first difference; empty: equal byte for byte.
    QString compare(const QString &disk, const QString &image, const QString &remembered = {},
        const QString &format = QStringLiteral("qcow2"), const QString &internal = {});
    /// What the model says, as a raw image.
    QByteArray expected(const QString &disk, const QString &remembered = {}) const;

    // ---- hosts
    /// Directory of the pool "default" of a host; this process sees it too.
    QString directory(const QString &host = QStringLiteral("A")) const;
    QStringList files(const QString &host = QStringLiteral("A")) const; ///< in it

private:
    bool connectGuest();
    int figure(const QRegularExpression &line, int timeoutMs);
    bool clear();
    QString guestXml(const Guest &guest) const;

    QUuid m_uuid;
    Guest m_guest;
    DiskModel m_model;
    QLocalSocket m_serial;
    QByteArray m_said;
    qsizetype m_from = 0; // of what was said, what nobody waited for yet
};

} // namespace vireo::test
