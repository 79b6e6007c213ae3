// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QHash>

#include "backend/operation/create/create.h"
#include "backend/operation/create/templates.h"
#include "ui/createhostfacts.h"
#include "ui/createimage.h"

namespace vireo::ui {

class CreateSeed;
class CreateSystem;

/**
 * What the New VM wizard knows and what the user chose: the object that its pages ask "can we go on?". No widgets.
 *
 * GUI thread. Is told what hosts have (setHosts, setHostFacts …) and asks for it by signals; its parts look
 * at local image files, media and trees by themselves. Each setter checks and emits changed(); another host
 * first clears what depended on the old one. A late answer about an older path is dropped.
 */
class CreateWizardState final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateWizardState)

public:
    enum class Origin { Image, Iso, Tree, Volume, Kernel, Xml, Pxe, None };
    // clang-format off
    enum class Field { Host, Path, Volume, Kernel, System, Name, Count, Memory, Vcpus, RootDisk, Pool, Disks, Nic };
    // clang-format on
    using CreateDraft = operation::CreateDraft;
    using Nic = CreateDraft::Nic;
    using HostChoice = CreateHost;
    using HostFacts = CreateHostFacts;
    using Habits = CreateHabits;

    using NicChoice = CreateNicChoice;

    explicit CreateWizardState(const CreateServices &services = {}, QObject *parent = nullptr);
    ~CreateWizardState() override;

    /** The connected hosts. Keeps the chosen one while it is among them, else takes `preferred`, else a local one. */
    void setHosts(const QList<HostChoice> &hosts, const virt::HostId &preferred);
    void setHostFacts(const virt::HostId &host, const HostFacts &facts, const Habits &habits);
    void setHostProblem(const virt::HostId &host, const QString &problem);
    /** Another board was chosen: what the host offers with it. */
    void setMachineFacts(const virt::HostId &host, const HostFacts &facts);
    void setTakenNames(const QStringList &names);
    /** What running VMs of the chosen host may use. */
    void setPromised(quint64 memoryKiB, int vcpus);
    void setVolumes(const virt::HostId &host, const QString &pool, const QList<virt::storage::Volume> &volumes);
    void setVolumesProblem(const virt::HostId &host, const QString &pool, const QString &problem);

    const QList<HostChoice> &hosts() const { return m_hosts; }
    const HostFacts &hostFacts() const { return m_facts; }
    const QList<virt::storage::Volume> &volumes() const { return m_volumes; } ///< of the source pool
    /** Of any pool, as far as they were read: see wantVolumesOf(). */
    QList<virt::storage::Volume> volumesOf(const QString &pool) const { return m_poolVolumes.value(pool); }
    void wantVolumesOf(const QString &pool);
    QList<NicChoice> nicChoices() const;
    virt::HostId host() const { return m_host; }
    CreateSystem &system() { return *m_system; }
    CreateSeed &seed() { return *m_seed; }
    /** What is known for the host's offers (createoptions.h); the storage part is empty. */
    operation::CreateFacts facts() const;

    /** All that has no setter of its own: devices, machine, texts, how it starts, the kernel, the edited XML. */
    const CreateDraft &choices() const { return m_choices; }
    void change(const std::function<void(CreateDraft &)> &edit);
    /** Fills the wizard from a template; host and name stay. */
    void apply(const operation::Template &chosen);

    void setHost(const virt::HostId &host);
    void setOrigin(Origin origin);
    /** An image's or a medium's file; a tree's location; a definition's file: of the present origin. */
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
    void setNic(const std::optional<Nic> &nic); ///< the first one

    Origin origin() const { return m_origin; }
    QString path() const { return m_paths.value(pathKind()); }
    QString sourcePool() const { return m_sourcePool; }
    QString volume() const { return m_volume; }
    /** The chosen volume is an ISO image: it is attached as a CD-ROM, not used as a disk. */
    bool isVolumeMedium() const;
    bool keepVolume() const { return m_keepVolume; }
    QString name() const { return m_name; }
    QStringList names() const;     ///< of all VMs that are made
    quint64 memoryMiB() const;     ///< chosen, or what the operating system recommends
    int vcpus() const;             ///< likewise
    double rootGiB() const;        ///< chosen, or the default
    double minimumRootGiB() const; ///< the image's own size, rounded up to a tenth; 0: it may be left out
    bool rootFixed() const;        ///< the disk is used as it is: no size to choose
    /** The size that the root disk has when its minimum is chosen, in bytes; 0: no image decides it. */
    quint64 imageBytes() const;
    QString pool() const { return m_pool; }
    std::optional<Nic> nic() const;
    /** The image has nothing against it but its backing files. */
    bool canAdopt() const;
    const std::optional<image::Chain> &chain() const { return m_image->chain(); }

    /** Why this field does not let one go on, as a sentence; empty: fine. */
    QString problem(Field field) const;
    /** What is worth knowing about a field that is fine. */
    QString hint(Field field) const;
    bool isInspecting() const { return m_image->isInspecting(); }
    bool isLooking() const; ///< at a tree
    bool isSourceReady() const;
    bool areResourcesReady() const;
    bool areDevicesReady() const;
    QString firstProblem(const QList<Field> &fields) const;
    /** "web01 · 2 vCPUs · 2 GiB · 20 GiB · default" */
    QString summary() const;
    operation::CreateDraft draft() const;

Q_SIGNALS:
    void changed();
    /** Another host was chosen; what it has is wanted (setHostFacts). */
    void hostChanged();
    /** The volumes of this pool of the chosen host are wanted (setVolumes). */
    void volumesWanted(const QString &pool);
    /** What the chosen host offers with this board is wanted (setMachineFacts); empty: its own choice. */
    void machineWanted(const QString &machine);

private:
    const HostChoice *hostChoice() const;
    const virt::storage::Volume *volumeRecord() const;
    bool wantsFile() const { return m_origin == Origin::Image || m_origin == Origin::Iso; }
    Origin pathKind() const { return wantsFile() ? Origin::Image : m_origin; } ///< images and media share the field
    QString pathProblem() const;
    QString volumeProblem() const;
    QString kernelProblem() const;
    QString nameProblem() const;
    QString countProblem() const;
    QString memoryProblem() const;
    QString vcpusProblem() const;
    QString disksProblem() const;
    QString nicProblem() const;
    QString memoryHint() const;
    QString vcpusHint() const;
    os::Resources recommended() const;
    QString localPath() const;
    void scheduleInspection();
    void look();
    void applySource(const CreateDraft &draft);
    void proposeName();
    QString proposedPool() const;
    void wantVolumes();

    CreateImage *m_image;
    CreateSystem *m_system;
    CreateSeed *m_seed;

    QList<HostChoice> m_hosts;
    virt::HostId m_host;
    bool m_factsKnown = false;
    QString m_hostProblem;
    HostFacts m_facts;
    QStringList m_taken;
    quint64 m_promisedKiB = 0;
    int m_promisedVcpus = 0;
    QList<virt::storage::Volume> m_volumes;
    bool m_volumesKnown = false;
    QHash<QString, QList<virt::storage::Volume>> m_poolVolumes; ///< empty ones while they are being read
    QString m_volumesProblem;

    CreateDraft m_choices;
    Origin m_origin = Origin::Image;
    QHash<Origin, QString> m_paths;
    QString m_sourcePool;
    QString m_volume;
    bool m_keepVolume = true;
    QString m_name;
    bool m_nameChosen = false; ///< by the user: it is not proposed anew
    std::optional<quint64> m_memoryMiB;
    std::optional<int> m_vcpus;
    std::optional<double> m_rootGiB;
    QString m_pool;
};

} // namespace vireo::ui
