// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QObject>
#include <QPointer>

#include "backend/job/jobmanager.h"
#include "backend/operation/edit/edit.h"
#include "backend/xml/comparison.h"
#include "ui/uicontext.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
class QWidget;

namespace vireo::ui {

class ApplyDialog;

/**
 * Applies an edited definition of a domain, step by step: reads what the host has now; when somebody else changed it
 * meanwhile, merges first; shows what will happen; runs the plan as a job; reads back what libvirt made of it. One
 * edit at a time. Never blocks: facts, comparisons and plans are made in lanes. GUI thread; owned by the page that
 * edits.
 */
class DefinitionApply final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DefinitionApply)

public:
    /** Dialogs belong to `window`, a widget of the page. */
    DefinitionApply(const UiContext &context, QWidget *window);
    ~DefinitionApply() override;

    /** Ends with applied(), refused() or cancelled(). Ignored while busy. */
    void apply(const virt::DomainKey &domain, const operation::DefinitionEdit &edit);
    bool isBusy() const { return m_busy; }
    /** Stops the job that runs, and undoes it; refused() follows. */
    void cancelJob();

Q_SIGNALS:
    /** It is done, and `stored` is what the host has now; `note` says what libvirt made of it, or is empty. */
    void applied(const QString &stored, const QString &note);
    /** The edit goes on from another base: somebody else's changes were taken in. applied() may follow. */
    void merged(const QString &base, const QString &wanted);
    /** Nothing was changed on the host, or all of it was undone; why. */
    void refused(const QString &why, const QString &hint);
    /** The user thought otherwise. */
    void cancelled();
    void busyChanged(bool busy);
    /** The job goes on; in one line. It may take minutes when a guest does not let go of a device. */
    void progress(const QString &text);

private:
    struct Prepared;
    void prepare();
    void makePlan();
    void showMerge(const xml::Merge &merge);
    void showPlan(const Prepared &prepared);
    void run();
    void jobChanged(const job::JobId &id);
    void jobFinished(const job::JobId &id);
    void readBack();
    void end();
    void refuse(const Error &error);

    UiContext m_context;
    QWidget *m_window;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    virt::DomainKey m_domain;
    operation::DefinitionEdit m_edit;
    operation::EditFacts m_facts;
    job::JobId m_job;
    QPointer<ApplyDialog> m_dialog;
    quint64 m_generation = 0;
    bool m_busy = false;
};

} // namespace vireo::ui
