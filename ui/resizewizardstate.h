// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QObject>

#include "backend/operation/resize/resize.h"

namespace vireo::ui {

/** What the choices come to. A value, made in a lane. */
struct ResizeEvaluation {
    QList<operation::ResizeEffect> effects;
    QList<job::Finding> findings;
    bool powerOff = false; ///< it has to be shut down
    friend bool operator==(const ResizeEvaluation &, const ResizeEvaluation &) = default;
};

/**
 * What the Resize wizard knows and what the user chose: the object that its pages ask "can we go on?". No widgets, no
 * reading: ResizeReader feeds it. GUI thread. Each setter emits changed(); another destination or other choices also
 * draftChanged(), upon which all is evaluated anew.
 */
class ResizeWizardState final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeWizardState)

public:
    struct Vm {
        QString name;
        bool exists = false;
        bool active = false;
        friend bool operator==(const Vm &, const Vm &) = default;
    };
    struct Host {
        virt::HostId id;
        QString name;
        QString uri;
        friend bool operator==(const Host &, const Host &) = default;
    };
    /** A disk that can be changed, as it is now. */
    struct Disk {
        QString target;
        QString bus;
        QString format;
        QString pool;
        quint64 capacity = 0; ///< bytes; 0: unknown
        int layers = 1;       ///< of its backing chain
        operation::DiskContent content;
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    using Topology = operation::ResizeDraft::Topology;

    explicit ResizeWizardState(const virt::DomainKey &domain, QObject *parent = nullptr);

    const virt::DomainKey &domain() const { return m_domain; }
    void setVm(const Vm &vm);
    const Vm &vm() const { return m_vm; }
    /** Those that are connected, the VM's own among them. The destination stays while it is one of them. */
    void setHosts(const QList<Host> &hosts);
    const QList<Host> &hosts() const { return m_hosts; }
    const Host *host(const virt::HostId &id) const;

    void setFacts(const operation::ResizeFacts &facts);
    /** They could not be read. */
    void setProblem(const QString &problem);
    const std::optional<operation::ResizeFacts> &facts() const { return m_facts; }
    const QString &problem() const { return m_problem; }
    void setEvaluation(const ResizeEvaluation &evaluation);
    const ResizeEvaluation &evaluation() const { return m_evaluation; }
    /** Of the field's newest evaluation; null: it does not change. See operation::ResizeEffect::field. */
    const operation::ResizeEffect *effect(const QString &field) const;
    /** What its interfaces are on. */
    void setNetworks(const QStringList &networks);
    const QStringList &networks() const { return m_networks; }
    void setThere(const virt::HostId &host, const operation::MigrateDestination &there);
    void setThereProblem(const virt::HostId &host, const QString &problem);
    /** What the chosen destination has; null: it is being read, or is the VM's own host. */
    const operation::MigrateDestination *there() const;
    /** Why the chosen destination could not be read; empty: it could, or is being read. */
    QString thereProblem() const { return m_thereProblems.value(m_destination); }
    bool knowsOf(const virt::HostId &host) const;

    // As it is now; zeroes while that is not known.
    int vcpus() const;
    int maxVcpus() const;
    quint64 memoryKiB() const;
    quint64 maxMemoryKiB() const;
    Topology topology() const { return m_topology; }
    const QList<Disk> &disks() const { return m_disks; }
    const Disk *disk(const QString &target) const;
    /** What becomes of what is on a disk that is to be larger, or what its user has to do in the guest. */
    QString contentText(const QString &target) const;
    /** Names of the pools that a disk could go to: of the host that it comes to be on. */
    QStringList pools() const;

    // As it is to be.
    int wantedVcpus() const;
    int wantedMaxVcpus() const;
    quint64 wantedMemoryKiB() const;
    quint64 wantedMaxMemoryKiB() const;
    Topology wantedTopology() const;
    operation::ResizeDraft::Disk wantedDisk(const QString &target) const;
    /** The maximum goes up with it, and a topology follows the maximum. */
    void setVcpus(int vcpus);
    void setMaxVcpus(int vcpus);
    void setMemoryKiB(quint64 kib);
    void setMaxMemoryKiB(quint64 kib);
    void setTopology(const Topology &topology);
    void changeDisk(const QString &target, const std::function<void(operation::ResizeDraft::Disk &)> &edit);
    void change(const std::function<void(operation::ResizeDraft &)> &edit);
    const operation::ResizeDraft &draft() const { return m_draft; }
    void choose(const virt::HostId &host);
    /** The VM's own: it stays. */
    const virt::HostId &destination() const { return m_destination; }
    bool moves() const { return m_destination != m_domain.host; }
    /** Size, place or form of something is another. */
    bool hasChanges() const;
    /** It is off meanwhile, whatever the reason. */
    bool isCold() const;

    // Why one can't go on, as sentences; empty: one can.
    QString vcpusProblem() const;
    QString memoryProblem() const;
    QString topologyProblem() const;
    QString diskProblem(const QString &target) const;
    QString sizeProblem() const;
    QString placeProblem() const;
    /** What stands in the way and no field says, one each. */
    QStringList blockers() const;
    /** "web01 · 4 vCPUs · 8 GiB · vda 25 GiB · to rack-8" */
    QString summary() const;

Q_SIGNALS:
    void changed();
    /** What was evaluated is old. */
    void draftChanged();

private:
    void tidy(operation::ResizeDraft &draft) const;
    /** Sockets, cores and threads must make as many vCPUs as there may be. */
    void fitTopology(operation::ResizeDraft &draft) const;

    virt::DomainKey m_domain;
    Vm m_vm;
    QList<Host> m_hosts;
    std::optional<operation::ResizeFacts> m_facts;
    QString m_problem;
    Topology m_topology;
    QList<Disk> m_disks;
    QStringList m_networks;
    QHash<virt::HostId, operation::MigrateDestination> m_there;
    QHash<virt::HostId, QString> m_thereProblems;
    ResizeEvaluation m_evaluation;
    operation::ResizeDraft m_draft;
    virt::HostId m_destination;
};

} // namespace vireo::ui
