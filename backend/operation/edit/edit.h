// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>

#include "backend/job/plan.h"
#include "backend/virt/connection.h"
#include "backend/xml/comparison.h"

/**
 * Changing a domain's definition, and with it the running domain as far as that is possible ("edit", "attach",
 * "detach"). One way for the XML editor, the hardware pages and the command line.
 */
namespace vireo::operation {

class DefinitionHistory;

/** What planEdit() must know. */
struct EditFacts {
    virt::DomainRecord domain;
    QString stored;  ///< the definition for the next start, without secrets; of a transient domain empty
    QString running; ///< what runs, without secrets; empty: it does not run
    QMap<QString, QStringList> diskUsers;    ///< other VMs that have a disk of the wanted definition: path -> names
    QMap<QString, QStringList> runningUsers; ///< those of them that run now and write to it
    QStringList takenMacs;                   ///< of other VMs on the host
    QStringList missing; ///< volumes ("pool/volume") and files of pools that the wanted definition names in vain
};

/** Blocking: a worker thread. `wanted` names the disks and MAC addresses that are looked for in other VMs; when it is
 *  empty or adds none, the other VMs are not read. */
Result<EditFacts> readEditFacts(virt::Connection &connection, const QUuid &domain, const QString &wanted = {});

/** What the user wants. */
struct DefinitionEdit {
    QString base;          ///< the definition that the edit began with
    QString wanted;        ///< the whole definition as it is to be
    bool applyLive = true; ///< also to the running domain, what can be
    QString cause;         ///< for the history: "Edited as XML", "Added a network card"; empty: from what changes
    QString restores;      ///< id of the history's entry that `wanted` is: its passwords come back with it
    QString aside;         ///< id of what keepPasswordsAside() has kept
};

/** One change, and when it takes effect. */
struct EditEffect {
    enum class When { Now, NextBoot, Never };
    When when = When::NextBoot; ///< of a domain that does not run: Now
    QString text;               ///< "Network card 52:54:00:… is added"
    QString reason;             ///< why not now: "libvirt can't change the CPU of a running VM"
    friend bool operator==(const EditEffect &, const EditEffect &) = default;
};

/**
 * Before planEdit(), when `wanted` may say new passwords: keeps them in a file that only the user can read
 * (DefinitionHistory::setAside()), so that they are in no plan and no journal. Blocking: a worker thread.
 */
Result<> keepPasswordsAside(
    DefinitionHistory &history, const QString &hostUri, const QUuid &domain, DefinitionEdit &edit);

/** What an edit would do, and when: shown before it is applied. Pure; any thread; cheap enough for each key stroke's
 * pause. */
QList<EditEffect> effectsOf(const EditFacts &facts, const DefinitionEdit &edit);

/**
 * The plan: keep the previous definition in the history, define the new one (validated) and read it back, then attach,
 * detach and update devices of the running domain. A definition that is no longer `edit.base` is a blocker with the
 * operation to merge first: nothing is overwritten silently. Passwords that `wanted` does not mention are kept. Pure.
 */
job::Plan planEdit(const virt::HostId &host, const EditFacts &facts, const DefinitionEdit &edit);

/** What libvirt made of a definition that was sent: from what is stored afterwards. */
struct ReadBack {
    QList<xml::DocumentChange> dropped; ///< it does not know or want it: the user should know
    QList<xml::DocumentChange> changed;
    QList<xml::DocumentChange> added; ///< defaults: addresses, controllers, the machine's real name
    bool isExact() const { return dropped.isEmpty() && changed.isEmpty() && added.isEmpty(); }
    friend bool operator==(const ReadBack &, const ReadBack &) = default;
};
/** Pure; any thread. */
ReadBack readBack(const QString &sent, const QString &stored);

/** True when what is stored now is what the edit began with, in meaning. */
bool isCurrent(const EditFacts &facts, const DefinitionEdit &edit);

} // namespace vireo::operation
