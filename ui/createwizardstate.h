// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QObject>
#include <QTimer>

#include "backend/image/inspector.h"
#include "backend/operation/createdraft.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/records.h"
#include "backend/virt/storage.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/**
 * What the New VM wizard knows and what the user chose: the object that its pages ask "can we go on?". No widgets.
 *
 * GUI thread. Is told what hosts have (setHosts, setHostFacts …) and asks for it by signals; looks at local image files
 * by itself, in a lane of its own, a moment after the last key. Each setter checks and emits changed(); another host
 * first clears what depended on the old one. A late answer about an older path is dropped.
 */
class CreateWizardState final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateWizardState)

public:
    enum class Origin { Image, Iso, Volume, None };
    enum class Field { Host, Path, Volume, Name, Memory, Vcpus, RootDisk, Pool, Nic };
    using Nic = operation::CreateDraft::Nic;
    using Inspector = std::function<Result<image::Verdict>(const QString &)>;

    struct HostChoice {
        virt::HostId id;
        QString uri;
        QString name;
        bool local = false;
        quint64 memoryKiB = 0;
        int cpus = 0;
        friend bool operator==(const HostChoice &, const HostChoice &) = default;
    };
    struct HostFacts {
        QList<virt::storage::Pool> pools;
        QList<virt::hostcalls::Network> networks;
    };
    /** What was used the last time on a host; empty: nothing yet. */
    struct Habits {
        QString pool;
        std::optional<Nic> nic;
        bool known = false;
    };
    /** One line of the Network field. */
    struct NicChoice {
        QString text;
        std::optional<Nic> nic; ///< none: no network
    };

    explicit CreateWizardState(Inspector inspector = &image::inspect, QObject *parent = nullptr);
    ~CreateWizardState() override;

    /** The connected hosts. Keeps the chosen one while it is among them, else takes `preferred`, else a local one. */
    void setHosts(const QList<HostChoice> &hosts, const virt::HostId &preferred);
    void setHostFacts(const virt::HostId &host, const HostFacts &facts, const Habits &habits);
    void setHostProblem(const virt::HostId &host, const QString &problem);
    void setTakenNames(const QStringList &names);
    void setVolumes(const virt::HostId &host, const QString &pool, const QList<virt::storage::Volume> &volumes);
    void setVolumesProblem(const virt::HostId &host, const QString &pool, const QString &problem);

    const QList<HostChoice> &hosts() const { return m_hosts; }
    const HostFacts &hostFacts() const { return m_facts; }
    const QList<virt::storage::Volume> &volumes() const { return m_volumes; }
    QList<NicChoice> nicChoices() const;
    virt::HostId host() const { return m_host; }

    void setHost(const virt::HostId &host);
    void setOrigin(Origin origin);
    void setPath(const QString &path);
    void setSourcePool(const QString &pool);
    void setVolume(const QString &name);
    /** True: boot from an overlay, the volume stays as it is. False: use the volume itself. */
    void setKeepVolume(bool keep);
    void setName(const QString &name);
    void setMemoryMiB(quint64 mebibytes);
    void setVcpus(int vcpus);
    void setRootGiB(double gib);
    void setPool(const QString &pool);
    void setNic(const std::optional<Nic> &nic);
    void setStart(bool start);

    Origin origin() const { return m_origin; }
    QString path() const { return m_path; }
    QString sourcePool() const { return m_sourcePool; }
    QString volume() const { return m_volume; }
    /** The chosen volume is an ISO image: it is attached as a CD-ROM, not used as a disk. */
    bool isVolumeMedium() const;
    bool keepVolume() const { return m_keepVolume; }
    QString name() const { return m_name; }
    quint64 memoryMiB() const { return m_memoryMiB; }
    int vcpus() const { return m_vcpus; }
    double rootGiB() const;        ///< chosen, or the default
    double minimumRootGiB() const; ///< the image's own size, rounded up to a tenth; 0.1 without an image
    bool rootFixed() const;        ///< the disk is used as it is: no size to choose
    /** The size that the root disk has when its minimum is chosen, in bytes; 0: no image decides it. */
    quint64 imageBytes() const;
    QString pool() const { return m_pool; }
    std::optional<Nic> nic() const { return m_nic; }
    bool start() const { return m_start; }

    /** Why this field does not let one go on, as a sentence; empty: fine. */
    QString problem(Field field) const;
    /** What is worth knowing about a field that is fine. */
    QString hint(Field field) const;
    bool isInspecting() const { return m_inspecting; }
    bool isSourceReady() const;
    bool areResourcesReady() const;
    QString firstProblem(const QList<Field> &fields) const;
    /** "web01 · 2 vCPUs · 2 GiB · 20 GiB · default" */
    QString summary() const;
    operation::CreateDraft draft() const;

    static constexpr int InspectDelayMs = 200;

Q_SIGNALS:
    void changed();
    /** Another host was chosen; what it has is wanted (setHostFacts). */
    void hostChanged();
    /** The volumes of this pool of the chosen host are wanted (setVolumes). */
    void volumesWanted(const QString &pool);

private:
    const HostChoice *hostChoice() const;
    const virt::storage::Volume *volumeRecord() const;
    bool wantsFile() const { return m_origin == Origin::Image || m_origin == Origin::Iso; }
    QString pathProblem() const;
    QString volumeProblem() const;
    QString nameProblem() const;
    QString localPath() const;
    void scheduleInspection();
    void inspect();
    void onInspected(quint64 generation, const Result<image::Verdict> &verdict);
    void proposeName();
    QString proposedPool() const;
    void wantVolumes();

    Inspector m_inspector;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QTimer m_inspectTimer;
    quint64 m_generation = 0;
    bool m_inspecting = false;
    std::optional<Result<image::Verdict>> m_verdict;

    QList<HostChoice> m_hosts;
    virt::HostId m_host;
    bool m_factsKnown = false;
    QString m_hostProblem;
    HostFacts m_facts;
    QStringList m_taken;
    QList<virt::storage::Volume> m_volumes;
    bool m_volumesKnown = false;
    QString m_volumesProblem;

    Origin m_origin = Origin::Image;
    QString m_path;
    QString m_sourcePool;
    QString m_volume;
    bool m_keepVolume = true;
    QString m_name;
    bool m_nameChosen = false; ///< by the user: it is not proposed anew
    quint64 m_memoryMiB = 1024;
    int m_vcpus = 1;
    std::optional<double> m_rootGiB;
    QString m_pool;
    std::optional<Nic> m_nic;
    bool m_start = true;
};

} // namespace vireo::ui
