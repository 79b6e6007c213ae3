// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace vireo::ui {

/**
 * A total with what is used of it (filled) and what was promised (a mark, which may lie beyond the total), in words
 * above. GUI thread; owned by its parent.
 */
class CapacityBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CapacityBar)

public:
    explicit CapacityBar(QWidget *parent = nullptr);

    /** Same unit for all; a negative `used` or `promised` is unknown and not drawn. `text` says it in words. */
    void setValues(double total, double used, double promised, const QString &title, const QString &text);
    QString text() const { return m_text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    double m_total = 0;
    double m_used = -1;
    double m_promised = -1;
    QString m_title;
    QString m_text;
};

} // namespace vireo::ui
