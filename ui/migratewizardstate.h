// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QObject>

#include "backend/operation/resize/resize.h"
#include "model/migratematrix.h"

namespace vireo::ui {

/** What the choices come to for one VM and one destination. A value, made in a lane. */
struct MigrateEvaluation {
    QList<operation::Check> checks;
    QList<operation::DiskMove> moves;
    migration::ForecastInput input;
    migration::Forecast forecast;
    QStringList networks; ///< names of libvirt networks and bridges that the VM is on
    friend bool operator==(const MigrateEvaluation &, const MigrateEvaluation &) = default;
};

/**
 * What the Migrate wizard knows and what the user chose: the object that its pages ask "can we go on?". No widgets, no
 * reading: MigrateReader feeds it. GUI thread. Each setter emits changed(); another destination or other choices also
 * draftChanged(), upon which all is evaluated anew.
 */
class MigrateWizardState final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateWizardState)

public:
    struct Vm {
        virt::DomainKey key;
        QString name;
        bool active = false;
        bool persistent = true;
        friend bool operator==(const Vm &, const Vm &) = default;
    };
    struct Host {
        virt::HostId id;
        QString name;
        QString uri;
        QString hostname; ///< as the host calls itself
        friend bool operator==(const Host &, const Host &) = default;
    };
    /** What was written by hand in place of Vireo's definitions for the destination; empty: Vireo's. */
    struct EditedXml {
        QString running;
        QString stored; ///< that of its next start
        friend bool operator==(const EditedXml &, const EditedXml &) = default;
    };
    /** A VM's host and its destination. */
    using Pair = std::pair<virt::HostId, virt::HostId>;

    /** Of the settings: what destinationUri() of a pair is kept under. */
    static QString uriKey(const virt::HostId &from, const virt::HostId &to);

    explicit MigrateWizardState(QObject *parent = nullptr);

    void setVms(const QList<Vm> &vms);
    /** Those that are connected. The destination stays while it is among them. */
    void setHosts(const QList<Host> &hosts);
    void setSource(const virt::DomainKey &vm, const operation::MigrateSource &source);
    void setDestination(const virt::HostId &host, const operation::MigrateDestination &destination);
    void setPair(const virt::DomainKey &vm, const virt::HostId &host, const operation::MigratePair &pair);
    void setEvaluation(const virt::DomainKey &vm, const virt::HostId &host, const MigrateEvaluation &evaluation);
    void setFailure(const virt::DomainKey &vm, const virt::HostId &host, const QString &problem);
    /** Of one host, or (null) of all: is read anew. What was measured stays. */
    void forget(const virt::HostId &host = {});
    /** To jobs in progress. Bytes. */
    void setPromised(const virt::HostId &host, quint64 memory, int vcpus);
    void setDirty(const virt::DomainKey &vm, const QList<migration::DirtySample> &samples);

    const QList<Vm> &vms() const { return m_vms; }
    const QList<Host> &hosts() const { return m_hosts; }
    const Host *host(const virt::HostId &id) const;
    model::MigrateMatrix &matrix() { return m_matrix; }
    const operation::MigrateSource *source(const virt::DomainKey &vm) const;
    const operation::MigrateDestination *destination(const virt::HostId &host) const;
    /** All that is known of that VM and host; none while something of it is being read. */
    std::optional<operation::MigrateFacts> facts(const virt::DomainKey &vm, const virt::HostId &host) const;
    const MigrateEvaluation *evaluation(const virt::DomainKey &vm, const virt::HostId &host) const;
    /** Of the chosen destination. */
    const MigrateEvaluation *evaluation(const virt::DomainKey &vm) const { return evaluation(vm, m_chosen); }
    QList<migration::DirtySample> dirty(const virt::DomainKey &vm) const { return m_dirty.value(vm); }
    quint64 promisedMemory(const virt::HostId &host) const { return m_promised.value(host).first; }
    int promisedVcpus(const virt::HostId &host) const { return m_promised.value(host).second; }

    virt::HostId chosen() const { return m_chosen; }
    /** `byUser`: what comes up later is not proposed over it. */
    void choose(const virt::HostId &host, bool byUser = true);
    /** The best of what is known, until the user chose. */
    void propose();

    /** All that concerns each VM alike: no XML. */
    const operation::MigrateDraft &choices() const { return m_choices; }
    /** Those that run are shut down, copied and started there. */
    bool isCold() const { return m_choices.mode == operation::MigrateDraft::Mode::Cold; }
    void change(const std::function<void(operation::MigrateDraft &)> &edit);
    /** As the source's daemon reaches the destination; empty: derived. */
    QString destinationUri(const Pair &pair) const { return m_uris.value(pair); }
    void setDestinationUri(const Pair &pair, const QString &uri);
    /** For the chosen destination; another choice drops them. */
    EditedXml edited(const virt::DomainKey &vm) const { return m_edited.value(vm); }
    void setEdited(const virt::DomainKey &vm, const EditedXml &edited);
    /** The document for one VM. */
    operation::MigrateDraft draft(const virt::DomainKey &vm) const { return draft(vm, m_chosen); }
    operation::MigrateDraft draft(const virt::DomainKey &vm, const virt::HostId &host) const;
    /** VMs that are not on the chosen host already. */
    QList<Vm> moving() const;

    /** Why the first page does not let one go on; empty: it does. */
    QString targetProblem() const;
    /** Why the second does not. */
    QString methodProblem() const;
    /** "web01 → rack-8 · live · copies 1.2 GiB" */
    QString summary() const;

Q_SIGNALS:
    void changed();
    /** What was evaluated is old. */
    void draftChanged();

private:
    QList<Vm> m_vms;
    QList<Host> m_hosts;
    model::MigrateMatrix m_matrix;
    QHash<virt::DomainKey, operation::MigrateSource> m_sources;
    QHash<virt::HostId, operation::MigrateDestination> m_destinations;
    QHash<std::pair<virt::DomainKey, virt::HostId>, operation::MigratePair> m_pairs;
    QHash<std::pair<virt::DomainKey, virt::HostId>, MigrateEvaluation> m_evaluations;
    QHash<virt::DomainKey, QList<migration::DirtySample>> m_dirty;
    QHash<virt::HostId, std::pair<quint64, int>> m_promised;
    QHash<Pair, QString> m_uris;
    QHash<virt::DomainKey, EditedXml> m_edited;
    operation::MigrateDraft m_choices;
    virt::HostId m_chosen;
    bool m_chosenByUser = false;
};

} // namespace vireo::ui
