// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

#include "backend/operation/vocabulary.h"
#include "backend/virt/records.h"
#include "ui/uicontext.h"

namespace vireo::ui {

class DefinitionApply;
class DomainWatch;
class HardwareEditor;
class MessageBar;

/**
 * The hardware of a VM: reads its definition and what the host offers when it is looked at, and applies what was
 * edited. What somebody else changes meanwhile is shown at once while nothing is edited, and kept for merging while
 * something is. Edits stay while other domains are looked at. GUI thread; owned by its parent.
 */
class HardwarePage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HardwarePage)

public:
    explicit HardwarePage(const UiContext &context, QWidget *parent = nullptr);
    void setDomain(const virt::DomainKey &key);

    /** There are edits, of this or of another domain, that were neither applied nor discarded. */
    bool hasEdits() const;
    HardwareEditor *editor() const { return m_editor; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    /** Both definitions, without secrets; as read together. */
    struct Definitions {
        QString stored;  ///< of a transient domain empty
        QString running; ///< empty: it does not run
    };

    struct Edits {
        QString base;
        QString wanted;
    };

    void connectApply();
    void replaced();
    void addEffects();
    void invalidate();
    void read();
    void take(const Definitions &definitions);
    void readHost();
    void readNeighbours();
    void updateState();
    void apply();

    UiContext m_context;
    DomainWatch *m_watch;
    MessageBar *m_message;
    HardwareEditor *m_editor;
    DefinitionApply *m_apply;
    Definitions m_definitions;
    virt::DomainKey m_shown;
    QHash<virt::DomainKey, Edits> m_kept; ///< of domains that were left while they were edited
    xml::devices::HostFacts m_host;
    QString m_error;
    QString m_hint;
    QString m_note; ///< what came of the last apply
    QString m_noteHint;
    bool m_noteIsError = false;
    QString m_progress;    ///< of the job that applies; empty: none
    bool m_wanted = false; ///< must be read (again) once visible
    bool m_hostKnown = false;
    bool m_neighboursKnown = false;
    bool m_behind = false; ///< somebody else has changed what is being edited
    quint64 m_generation = 0;
    quint64 m_hostGeneration = 0;
};

} // namespace vireo::ui
