// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>

namespace vireo::packaging {

/** One heading "## [VERSION] - DATE" of CHANGELOG.md and its bullets, without Markdown. */
struct Release {
    QString version;           ///< empty: "Unreleased"
    std::optional<QDate> date; ///< none: "Unreleased"
    QStringList changes;       ///< a paragraph each
};

/** What is in the text of CHANGELOG.md, newest first. Headings that are no release are left out. */
QList<Release> readChangelog(const QString &text);

/** AppStream's <releases>; what is unreleased counts as a development release of `version`, made at `now`. */
QString metainfoReleases(const QList<Release> &releases, const QString &version, const QDateTime &now);

/** Debian's changelog of a package of this version ("0.1.0-1"), by `maintainer` ("Name <address>"), at `now`. */
QString debianChangelog(
    const QList<Release> &releases, const QString &version, const QString &maintainer, const QDateTime &now);

} // namespace vireo::packaging
