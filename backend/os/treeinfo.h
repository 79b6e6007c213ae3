// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QMap>
#include <QString>

namespace vireo::os {

/** What a tree's .treeinfo file says (an INI file, as Anaconda's and SUSE's trees have it). Pure. */
struct TreeInfo {
    struct Images {
        QString kernel; ///< relative to the tree; empty: none, or one that leads out of it
        QString initrd;
        friend bool operator==(const Images &, const Images &) = default;
    };
    QString family;
    QString version;
    QString variant;
    QString arch;
    QMap<QString, Images> images; ///< by architecture

    /** A text that is none gives an empty value; never more than 1 MiB and 10,000 lines are read. */
    static TreeInfo parse(const QByteArray &text);
    bool isEmpty() const { return images.isEmpty() && family.isEmpty() && arch.isEmpty(); }
    friend bool operator==(const TreeInfo &, const TreeInfo &) = default;
};

/** A path below a tree: relative, without "..", control characters or a scheme. */
bool isInnerPath(const QString &path);

} // namespace vireo::os
