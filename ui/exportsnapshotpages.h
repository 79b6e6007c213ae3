// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotexport.h"
#include "backend/virt/storage.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** What is exported: which moment, which disk, and how a running VM is treated. GUI thread. */
class ExportSourcePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ExportSourcePage)

public:
    /** `snapshot`: chosen at first; empty: "now". */
    ExportSourcePage(const QString &snapshot, QWidget *parent);

    void setFacts(const snapshot::Facts &facts);
    void fill(operation::SnapshotExportDraft &draft) const;
    /** "web01-vda" or "web01-before": without directory and ending. */
    QString proposedName() const;

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();

private:
    void refresh();

    bool m_known = false;
    snapshot::Facts m_facts;
    QString m_wanted;
    FieldGrid *m_grid;
    QComboBox *m_what;
    QComboBox *m_disk;
    QComboBox *m_how;
    QCheckBox *m_quiesce;
    FieldNote *m_howNote = nullptr;
};

/** Where it goes, and as what. Has pools read by poolsWanted(). GUI thread. */
class ExportTargetPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ExportTargetPage)

public:
    struct HostChoice {
        virt::HostId id;
        QString uri;
        QString name;
    };
    explicit ExportTargetPage(QWidget *parent);

    /** The VM's own host first. */
    void setHosts(const QList<HostChoice> &hosts);
    void setPools(const virt::HostId &host, const Result<QList<virt::storage::Pool>> &pools);
    void setHabits(const QString &format, bool compressed, bool flatten, const QString &directory);
    /** As long as nobody has typed another. */
    void proposeName(const QString &name);
    void fill(operation::SnapshotExportDraft &draft) const;
    /** Null: a local file. */
    virt::HostId host() const;

    void enter() override;
    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();
    void poolsWanted(const QUuid &host);

private:
    void browse();
    void propose();
    void refresh();
    QString nameProblem() const;

    QList<HostChoice> m_hosts;
    QHash<virt::HostId, QList<virt::storage::Pool>> m_pools;
    QString m_poolProblem;
    QString m_directory;
    QString m_name;     ///< proposed
    QString m_proposed; ///< what the fields hold, when it is ours
    QString m_proposedPath;
    FieldGrid *m_grid;
    QComboBox *m_target;
    QLineEdit *m_path;
    QComboBox *m_pool;
    QLineEdit *m_volume;
    QComboBox *m_format;
    QCheckBox *m_compressed;
    QCheckBox *m_flatten;
    FieldNote *m_pathNote = nullptr;
    FieldNote *m_poolNote = nullptr;
    FieldNote *m_volumeNote = nullptr;
};

} // namespace vireo::ui
