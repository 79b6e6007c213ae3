// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace vireo::ui {

/**
 * One figure over time: a thin line, one axis from zero, faint gridlines, the latest value written at the line's end,
 * exact values in the tooltip. A negative sample is unknown and leaves a gap. GUI thread; owned by its parent.
 */
class Chart final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Chart)

public:
    enum class Unit { Percent, BytesPerSecond };
    Q_ENUM(Unit)
    /** Samples shown; fewer are drawn at the right. */
    static constexpr int Capacity = 60;

    explicit Chart(QWidget *parent = nullptr);

    void setTitle(const QString &title);
    QString title() const { return m_title; }
    /** Percent has a fixed axis of 0 to 100, rates one that grows in steps and does not shrink while the line is near.
     */
    void setUnit(Unit unit);
    /** Seconds between two samples, for the tooltip and the time axis. */
    void setInterval(double seconds);
    /** Oldest first; the last Capacity are shown. */
    void setSeries(const QList<float> &samples);
    const QList<float> &series() const { return m_samples; }
    /** The value at the line's end in words; a dash when unknown. */
    QString currentText() const;
    /** Top of the axis, in the unit. */
    double axisMaximum() const { return m_maximum; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    QString valueText(double value) const;
    QRectF plotArea() const;
    QPointF pointOf(const QRectF &plot, qsizetype sample) const;
    qsizetype sampleAt(const QPointF &position) const;

    QString m_title;
    Unit m_unit = Unit::Percent;
    double m_interval = 1;
    double m_maximum = 100;
    QList<float> m_samples;
    qsizetype m_hovered = -1;
};

} // namespace vireo::ui
