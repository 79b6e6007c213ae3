// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "backend/job/jobmanager.h"
#include "backend/operation/edit/definitionedit.h"
#include "backend/xml/comparison.h"
#include "ui/uicontext.h"

class QWidget;

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

class ObjectApplyDialog;

/**
 * Applies an edited definition of a pool, network or network filter, step by step: reads what the host has now; when
 * somebody else changed it meanwhile, merges first; shows what will happen; runs the plan as a job; reads back what
 * libvirt made of it. One edit at a time. Facts, comparisons and plans are made in the host's lanes. GUI thread; owned
 * by the page that edits. Domains have their own, DefinitionApply.
 */
class ObjectApply final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ObjectApply)

public:
    /** Dialogs belong to `window`, a widget of the page. */
    ObjectApply(const UiContext &context, QWidget *window);

    /** Ends with applied(), refused() or cancelled(). Ignored while busy. */
    void apply(const virt::HostId &host, const virt::DefinitionKey &key, const operation::ObjectEdit &edit);
    bool isBusy() const { return m_busy; }
    const virt::HostId &host() const { return m_host; }
    const virt::DefinitionKey &key() const { return m_key; }

Q_SIGNALS:
    /** It is done, and `stored` is what the host has now; `note` says what libvirt made of it, or is empty. */
    void applied(const QString &stored, const QString &note);
    /** The edit goes on from another base: somebody else's changes were taken in. */
    void merged(const QString &base, const QString &wanted);
    /** Nothing was changed on the host, or all of it was undone; why. */
    void refused(const QString &why, const QString &hint);
    /** The user thought otherwise. */
    void cancelled();
    void busyChanged(bool busy);

private:
    struct Prepared;
    void prepare();
    void showMerge(const Prepared &prepared);
    void showPlan(const Prepared &prepared);
    void jobFinished(const job::JobId &id);
    void readBack();
    void end();
    void refuse(const Error &error);
    virt::Host *connectedHost();

    UiContext m_context;
    QWidget *m_window;
    virt::HostId m_host;
    virt::DefinitionKey m_key;
    operation::ObjectEdit m_edit;
    job::JobId m_job;
    quint64 m_generation = 0;
    bool m_busy = false;
};

} // namespace vireo::ui
