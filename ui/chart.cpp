// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/chart.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include "model/format.h"
#include "ui/colours.h"

namespace vireo::ui {

namespace {

/** The next step of the axis above `value`: 64 KiB/s, then times 4; few steps, so that the axis rarely changes. */
double axisStep(double value)
{
    double top = 64.0 * 1024;
    while (top < value) {
        top *= 4;
    }
    return top;
}

} // namespace

Chart::Chart(QWidget *parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void Chart::setTitle(const QString &title)
{
    m_title = title;
    setAccessibleName(title);
    update();
}

void Chart::setUnit(Unit unit)
{
    m_unit = unit;
    m_maximum = unit == Unit::Percent ? 100 : axisStep(0);
    setSeries(m_samples);
}

void Chart::setInterval(double seconds)
{
    m_interval = seconds > 0 ? seconds : 1;
    update();
}

void Chart::setSeries(const QList<float> &samples)
{
    m_samples = samples.size() > Capacity ? samples.last(Capacity) : samples;
    if (m_unit != Unit::Percent) {
        float peak = 0;
        for (const float sample : std::as_const(m_samples)) {
            peak = std::max(peak, sample);
        }
        // Shrinks only when the line has become flat, so that the picture does not pump.
        if (peak > m_maximum || peak < m_maximum / 16) {
            m_maximum = axisStep(peak);
        }
    }
    setAccessibleDescription(currentText());
    update();
}

QString Chart::currentText() const
{
    return m_samples.isEmpty() ? valueText(-1) : valueText(m_samples.last());
}

QString Chart::valueText(double value) const
{
    if (!(value >= 0)) {
        return QStringLiteral("–");
    }
    return m_unit == Unit::Percent ? model::formatPercent(value) : model::formatRate(value);
}

QSize Chart::sizeHint() const
{
    const QFontMetrics metrics(font());
    return {metrics.averageCharWidth() * 42, metrics.height() * 7};
}

QSize Chart::minimumSizeHint() const
{
    const QFontMetrics metrics(font());
    return {metrics.averageCharWidth() * 24, metrics.height() * 6};
}

QRectF Chart::plotArea() const
{
    const QFontMetrics metrics(font());
    // Room for the widest value of any unit: the plot keeps its size, and charts below each other line up.
    const int label = metrics.horizontalAdvance(QStringLiteral("999.9 MiB/s"));
    return QRectF(rect()).adjusted(1, metrics.height() * 1.4, -label - 10, -metrics.height() * 1.2);
}

QPointF Chart::pointOf(const QRectF &plot, qsizetype sample) const
{
    const double step = plot.width() / (Capacity - 1);
    const double fraction = std::clamp(static_cast<double>(m_samples[sample]) / m_maximum, 0.0, 1.0);
    return {plot.right() - static_cast<double>(m_samples.size() - 1 - sample) * step,
        plot.bottom() - fraction * plot.height()};
}

qsizetype Chart::sampleAt(const QPointF &position) const
{
    const QRectF plot = plotArea();
    if (m_samples.isEmpty() || !plot.adjusted(-4, -4, 4, 4).contains(position)) {
        return -1;
    }
    const double step = plot.width() / (Capacity - 1);
    const qsizetype sample = m_samples.size() - 1 - std::lround((plot.right() - position.x()) / step);
    return sample >= 0 && sample < m_samples.size() && m_samples[sample] >= 0 ? sample : -1;
}

void Chart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics(font());
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    const QColor paper = palette().color(QPalette::Active, QPalette::Window);
    const QColor ink = palette().color(group, QPalette::WindowText);
    const QColor faint = colours::blend(paper, ink, 0.16);
    const QColor small = isEnabled() ? colours::readable(colours::blend(paper, ink, 0.6), paper) : ink;
    const QColor accent = isEnabled() ? colours::readable(palette().color(QPalette::Highlight), paper, 3.0) : ink;
    const QRectF plot = plotArea();

    painter.setPen(ink);
    painter.drawText(QRectF(0, 0, plot.right(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, m_title);
    painter.setPen(QPen(faint, 1));
    for (const double part : {0.0, 0.5, 1.0}) {
        const double y = std::round(plot.bottom() - part * plot.height()) + 0.5;
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    }
    QFont smallFont = font();
    smallFont.setPointSizeF(smallFont.pointSizeF() * 0.85);
    painter.setFont(smallFont);
    painter.setPen(small);
    painter.drawText(
        QRectF(0, 0, plot.right(), metrics.height()), Qt::AlignRight | Qt::AlignVCenter, valueText(m_maximum));
    const QRectF below(plot.left(), plot.bottom() + 2, plot.width(), metrics.height());
    painter.drawText(below, Qt::AlignLeft | Qt::AlignTop,
        tr("%1 ago").arg(model::formatDuration(std::llround(Capacity * m_interval) * 1000)));
    painter.drawText(below, Qt::AlignRight | Qt::AlignTop, tr("now"));

    QPainterPath line;
    QPainterPath area;
    bool open = false;
    const auto closeArea = [&](const QPointF &last) {
        area.lineTo(last.x(), plot.bottom());
        area.closeSubpath();
    };
    QPointF last;
    for (qsizetype sample = 0; sample < m_samples.size(); ++sample) {
        if (!(m_samples[sample] >= 0)) {
            if (open) {
                closeArea(last);
            }
            open = false;
            continue;
        }
        const QPointF point = pointOf(plot, sample);
        if (open) {
            line.lineTo(point);
            area.lineTo(point);
        } else {
            line.moveTo(point);
            area.moveTo(point.x(), plot.bottom());
            area.lineTo(point);
        }
        open = true;
        last = point;
    }
    if (open) {
        closeArea(last);
    }
    QColor wash = accent;
    wash.setAlpha(28);
    painter.fillPath(area, wash);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(accent, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(line);

    const bool known = !m_samples.isEmpty() && m_samples.last() >= 0;
    const double labelY = known
        ? std::clamp(last.y(), plot.top() + metrics.height() / 2.0, plot.bottom() - metrics.height() / 2.0)
        : plot.bottom() - metrics.height() / 2.0;
    if (known) {
        painter.setBrush(accent);
        painter.setPen(Qt::NoPen);
        painter.drawEllipse(last, 2.5, 2.5);
    }
    painter.setFont(font());
    painter.setPen(ink);
    painter.drawText(
        QRectF(plot.right() + 6, labelY - metrics.height(), width() - plot.right() - 6, metrics.height() * 2),
        Qt::AlignLeft | Qt::AlignVCenter, currentText());

    if (m_hovered >= 0 && m_hovered < m_samples.size() && m_samples[m_hovered] >= 0) {
        const QPointF point = pointOf(plot, m_hovered);
        painter.setPen(QPen(small, 1, Qt::DotLine));
        painter.drawLine(QPointF(point.x(), plot.top()), QPointF(point.x(), plot.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(accent);
        painter.drawEllipse(point, 3, 3);
    }
}

bool Chart::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const qsizetype sample = sampleAt(help->pos());
        if (sample < 0) {
            QToolTip::hideText();
            event->ignore();
            return true;
        }
        const qint64 age = std::llround(static_cast<double>(m_samples.size() - 1 - sample) * m_interval);
        const QString when = age == 0 ? tr("now") : tr("%1 ago").arg(model::formatDuration(age * 1000));
        const double value = m_samples[sample];
        const QString exact = m_unit == Unit::Percent
            ? tr("%1 %").arg(locale().toString(value, 'f', 1))
            : tr("%1 (%2 bytes/s)").arg(model::formatRate(value), locale().toString(std::llround(value)));
        QToolTip::showText(help->globalPos(), tr("%1: %2, %3").arg(m_title, exact, when), this);
        return true;
    }
    return QWidget::event(event);
}

void Chart::mouseMoveEvent(QMouseEvent *event)
{
    const qsizetype sample = sampleAt(event->position());
    if (sample != m_hovered) {
        m_hovered = sample;
        update();
    }
}

void Chart::leaveEvent(QEvent *)
{
    m_hovered = -1;
    update();
}

} // namespace vireo::ui
