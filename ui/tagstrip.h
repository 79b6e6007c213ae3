// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

namespace vireo::ui {

/** Tags as chips that wrap. GUI thread; owned by its parent; hidden while there are none. */
class TagStrip final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TagStrip)

public:
    explicit TagStrip(QWidget *parent = nullptr);
    void setTags(const QStringList &tags);
    const QStringList &tags() const { return m_tags; }

    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    /** Where each chip goes within `width`. */
    QList<QRect> place(int width) const;

    QStringList m_tags;
};

} // namespace vireo::ui
