// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/operation/create/createdraft.h"

/** Create drafts that are kept to start from: one file each, "NAME.json". Blocking: a lane or worker thread. */
namespace vireo::operation {

/** A saved draft, or a file in its place that can't be used. A value. */
struct Template {
    QString name;
    QString path;                     ///< its file; empty: built in
    std::optional<CreateDraft> draft; ///< without host and name; none: see `problem`
    QString problem;                  ///< why it can't be used, with the JSON path where there is one
    bool sizesOnly = false;           ///< it says memory, vCPUs and root disk and nothing else
    friend bool operator==(const Template &, const Template &) = default;
};

/** What nova ships as flavours: tiny, small, medium, large. Pure. */
QList<Template> builtInTemplates();

/** Why a template can't have this name, as a sentence; empty: it can. Pure. */
QString templateNameProblem(const QString &name);

/**
 * What of a draft suits other VMs: no host, name, title, description, count, addresses, serials, volumes in use by one
 * VM, hand-edited definition or host name; password hashes only when `withPasswords`. Pure.
 */
CreateDraft templateOf(CreateDraft draft, bool withPasswords);
/** Whether a draft has password hashes in its seed. Pure. */
bool hasPasswords(const CreateDraft &draft);

/** All templates of a directory by name; none when it does not exist. Broken files are among them, with a problem. */
Result<QList<Template>> listTemplates(const QString &directory);
/** Writes templateOf(draft) whole or not at all, mode 0600, in a directory of 0700. Error: the name, or the system. */
Result<> saveTemplate(const QString &directory, const QString &name, const CreateDraft &draft, bool withPasswords);
/** `path` as listed. Errors: NotFound; the new name is taken or can't be used. */
Result<> renameTemplate(const QString &path, const QString &newName);
/** `path` as listed. One that is not there is no error. */
Result<> removeTemplate(const QString &path);

} // namespace vireo::operation
