// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QStringList>

namespace vireo::xml {

/** A run of lines that are the same in both texts, or differ. Lines are counted from 0. */
struct LineRun {
    bool same = true;
    int leftFrom = 0;
    int leftCount = 0;
    int rightFrom = 0;
    int rightCount = 0;
    friend bool operator==(const LineRun &, const LineRun &) = default;
};

/**
 * The difference of two texts, line by line (Myers; above a bound of work the rest is one differing run). Runs
 * alternate and cover both texts. Pure; any thread.
 */
QList<LineRun> compareLines(const QStringList &left, const QStringList &right);

/** The usual text form of it ("@@ -1,3 +1,4 @@", " ", "-", "+"), with that many lines around; empty: no difference. */
QString unifiedDiff(const QString &left, const QString &right, int context = 3);

/** A part of a three-way merge. */
struct MergePart {
    enum class Origin { Same, Mine, Theirs, Both, Conflict };
    Origin origin = Origin::Same; ///< who changed it; Both: the same change twice
    QStringList base;
    QStringList mine;
    QStringList theirs;
    friend bool operator==(const MergePart &, const MergePart &) = default;
};

/** Two changes of one text. */
struct Merge {
    QList<MergePart> parts;
    int conflicts() const;
    /** The merged text; in conflicts that side's lines. */
    enum class Prefer { Mine, Theirs };
    QString text(Prefer prefer = Prefer::Mine) const;
    friend bool operator==(const Merge &, const Merge &) = default;
};

/** Line by line as diff3 does it: neighbouring changes of both sides that touch are a conflict. Pure; any thread. */
Merge mergeThreeWay(const QString &base, const QString &mine, const QString &theirs);

/** A difference in what two documents mean. */
struct DocumentChange {
    enum class Kind { Removed, Added, Changed };
    Kind kind = Kind::Changed;
    QString path; ///< "devices/disk[2]/driver@cache"
    QString before;
    QString after;
    friend bool operator==(const DocumentChange &, const DocumentChange &) = default;
};

/**
 * Compares what two documents mean: white space between elements, the order of attributes and of unlike siblings,
 * quotes, comments and namespace prefixes don't count. Like siblings (disks, interfaces) are paired by what identifies
 * them (target, MAC, alias, address …) and then by their order. An element that is gone or new is one change. Text that
 * can't be read as XML compares as one changed root. Pure; any thread.
 */
QList<DocumentChange> compareDocuments(const QString &before, const QString &after);

} // namespace vireo::xml
