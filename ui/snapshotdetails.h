// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QPixmap>
#include <QScrollArea>

#include "backend/snapshot/merge.h"
#include "model/snapshotchains.h"

class QLabel;
class QTreeWidget;

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

class FactList;

/**
 * What there is to know about the chosen snapshots: what they are, what is wrong with them, the files of each disk, and
 * what deleting them would do. Chains and merges are worked out in a lane. GUI thread; owned by its parent.
 */
class SnapshotDetails final : public QScrollArea
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotDetails)

public:
    explicit SnapshotDetails(QWidget *parent = nullptr);
    ~SnapshotDetails() override;

    void setFacts(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies);
    /** Names; an empty one is "now". */
    void setSelection(const QStringList &snapshots);
    /** Of the one that is selected; null: there is none. */
    void setPicture(const QPixmap &picture);
    /** What is shown belongs to the newest selection. */
    bool isReady() const { return m_ready; }

    /** What deleting would do, in sentences. Pure. */
    static QString deletionText(const snapshot::Deletion &deletion);

protected:
    void changeEvent(QEvent *event) override;

private:
    struct Answer;
    void refresh();
    void showOne(const snapshot::Snapshot *snapshot);
    void showProblems();
    void showAnswer(const Answer &answer);
    void showChains(const QList<model::ChainDisk> &disks);
    void fitChains();
    void updateColours();

    snapshot::Facts m_facts;
    QList<snapshot::Discrepancy> m_discrepancies;
    QStringList m_selection;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    quint64 m_generation = 0;
    bool m_ready = true;

    QLabel *m_title;
    QLabel *m_picture;
    QLabel *m_description;
    FactList *m_list;
    QLabel *m_problems;
    QLabel *m_chainTitle;
    QTreeWidget *m_chains;
    QLabel *m_deletionTitle;
    QLabel *m_deletion;
};

} // namespace vireo::ui
