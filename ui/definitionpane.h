// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QHash>
#include <QWidget>

#include "backend/operation/edit/definitionedit.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;
class QTimer;

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

class MessageBar;
class ObjectApply;
class XmlEditor;

/**
 * One definition of a host in the XML editor. Reads it when it is chosen, and again on refresh(); changes that are not
 * applied are kept while others are looked at. Pools, networks and network filters can be edited and applied as a job;
 * the rest is read-only and says why. GUI thread; owned by its parent.
 */
class DefinitionPane final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DefinitionPane)

public:
    explicit DefinitionPane(const UiContext &context, QWidget *parent = nullptr);

    /** Shows another object; with the same one again it only learns its name and state. */
    void setObject(const virt::HostId &host, const virt::DefinitionEntry &object);
    /** Nothing is chosen. */
    void clear();
    /** Reads what is shown anew; what is being edited stays. */
    void refresh();
    /** The host was lost or is back. */
    void updateState();
    const std::optional<virt::DefinitionEntry> &object() const { return m_object; }
    XmlEditor *editor() const { return m_editor; }

Q_SIGNALS:
    /** The host has another definition now; lists may be old. */
    void applied();

private:
    struct Draft {
        QString base;
        QString wanted;
    };
    using Place = std::pair<virt::HostId, virt::DefinitionKey>;

    virt::Host *host() const;
    Place place() const;
    bool isEditable() const;
    QString note() const;
    void keepDraft();
    void read();
    void show(const QString &stored);
    void apply();
    void discard();
    void finish(const QString &stored, const QString &note);
    bool isShown(const ObjectApply &what) const;

    UiContext m_context;
    ObjectApply *m_apply;
    virt::HostId m_host;
    std::optional<virt::DefinitionEntry> m_object;
    QHash<Place, Draft> m_drafts; ///< of objects that are not shown
    QString m_stored;             ///< what the host had when it was read last
    QString m_base;               ///< what the edit began with
    bool m_known = false;         ///< m_stored is of m_object
    quint64 m_generation = 0;     ///< of the newest question
    QTimer *m_delay;              ///< whoever runs through the list reads the one where he stops
    QLabel *m_title;
    QLabel *m_note;
    QPushButton *m_applyButton;
    QPushButton *m_discard;
    QPushButton *m_copy;
    MessageBar *m_message;
    XmlEditor *m_editor;
};

} // namespace vireo::ui
