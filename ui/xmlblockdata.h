// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <KSyntaxHighlighting/State>
#include <QTextBlock>
#include <QTextBlockUserData>

namespace vireo::ui {

/** What the editor keeps with each line. Goes with the line's QTextBlock. */
class XmlBlockData final : public QTextBlockUserData
{
    Q_DISABLE_COPY_MOVE(XmlBlockData)

public:
    XmlBlockData() = default;
    KSyntaxHighlighting::State before; ///< the highlighter's, at the line's start
    KSyntaxHighlighting::State after;
    bool highlighted = false;
    bool folded = false; ///< the lines that belong to it are hidden

    /** Null: the line has none yet. */
    static XmlBlockData *find(const QTextBlock &block) { return static_cast<XmlBlockData *>(block.userData()); }
    static XmlBlockData &of(QTextBlock &block)
    {
        if (!block.userData()) {
            block.setUserData(new XmlBlockData); // owned by the block
        }
        return *static_cast<XmlBlockData *>(block.userData());
    }
};

} // namespace vireo::ui
