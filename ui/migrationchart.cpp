// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migrationchart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include "model/format.h"
#include "model/migrationtexts.h"
#include "ui/colours.h"

namespace vireo::ui {

using migration::Sample;

namespace {

/** Round figures above `value`, few of them, so that the axis rarely changes. */
double axisAbove(double value, double smallest)
{
    double top = smallest;
    while (top < value) {
        top *= 2;
    }
    return top;
}

/** The end of the time axis: grows in steps, else every sample would move all others. */
qint64 axisEnd(qint64 lastMs)
{
    qint64 end = 10'000;
    while (end < lastMs + lastMs / 20) {
        end += end / 2;
    }
    return end;
}

double asDouble(quint64 value)
{
    return static_cast<double>(value);
}

} // namespace

MigrationChart::MigrationChart(QWidget *parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Progress of the migration"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void MigrationChart::setPicture(const operation::MigrationPicture &picture)
{
    m_history = picture.history;
    double memory = asDouble(m_history.figures().memoryTotal);
    double disks = asDouble(m_history.figures().diskTotal);
    double rate = 0;
    for (const Sample &sample : m_history.samples()) {
        memory = std::max(memory, asDouble(sample.memoryRemaining));
        disks = std::max(disks, asDouble(sample.diskRemaining));
        rate = std::max({rate, asDouble(sample.bytesPerSecond), asDouble(sample.dirtyBytesPerSecond)});
    }
    m_hasDisks = disks > 0;
    constexpr double mebibyte = 1024.0 * 1024;
    m_memoryTop = std::max(memory, mebibyte);
    m_diskTop = std::max(disks, mebibyte);
    m_rateTop = std::max(m_rateTop, axisAbove(rate, mebibyte));
    if (m_history.samples().isEmpty()) {
        m_rateTop = mebibyte;
        m_endMs = axisEnd(0);
    } else {
        const qint64 last = sampleMs(m_history.samples().size() - 1);
        m_endMs = model::isOver(m_history.phase()) ? std::max<qint64>(last, 1) : axisEnd(last);
    }
    m_pointed = std::min(m_pointed, m_history.samples().size() - 1);
    setAccessibleDescription(model::figuresText(picture));
    update();
}

void MigrationChart::addMark(const QString &text)
{
    const auto &samples = m_history.samples();
    m_marks.append({samples.isEmpty() ? 0 : sampleMs(samples.size() - 1), text});
    update();
}

void MigrationChart::clearMarks()
{
    m_marks.clear();
    update();
}

qint64 MigrationChart::sampleMs(qsizetype sample) const
{
    return m_history.samples().at(sample).atMs - m_history.samples().constFirst().atMs;
}

QString MigrationChart::sampleText(qsizetype sample) const
{
    if (sample < 0 || sample >= m_history.samples().size()) {
        return {};
    }
    const Sample &one = m_history.samples().at(sample);
    const qint64 at = sampleMs(sample);
    QStringList lines;
    for (const Mark &mark : m_marks) {
        const bool here = std::abs(xOf(panels().memory, mark.atMs) - xOf(panels().memory, at)) <= 5;
        if (here) {
            lines.append(mark.text);
        }
    }
    lines.append(tr("After %1: %2", "time and phase").arg(model::formatDuration(at), model::phaseLabel(one.phase)));
    lines.append(tr("Memory left: %1").arg(model::formatBytes(one.memoryRemaining)));
    if (m_hasDisks) {
        lines.append(tr("Disks left: %1").arg(model::formatBytes(one.diskRemaining)));
    }
    if (one.threshold > 0) {
        lines.append(tr("Switches over below: %1").arg(model::formatBytes(one.threshold)));
    }
    lines.append(tr("Sent: %1").arg(model::formatRate(asDouble(one.bytesPerSecond))));
    lines.append(tr("The guest writes: %1").arg(model::formatRate(asDouble(one.dirtyBytesPerSecond))));
    if (one.throttlePercent > 0) {
        lines.append(tr("The guest is slowed down by %1 %").arg(one.throttlePercent));
    }
    return lines.join(u'\n');
}

QSize MigrationChart::sizeHint() const
{
    const QFontMetrics metrics(font());
    return {metrics.averageCharWidth() * 80, metrics.height() * 19};
}

QSize MigrationChart::minimumSizeHint() const
{
    const QFontMetrics metrics(font());
    return {metrics.averageCharWidth() * 44, metrics.height() * 15};
}

QFont MigrationChart::smallFont() const
{
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    return small;
}

MigrationChart::Ink MigrationChart::ink() const
{
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    const QColor paper = palette().color(QPalette::Active, QPalette::Window);
    Ink ink;
    ink.text = palette().color(group, QPalette::WindowText);
    ink.faint = colours::blend(paper, ink.text, 0.16);
    ink.small = colours::readable(colours::blend(paper, ink.text, 0.6), paper);
    ink.accent = colours::readable(palette().color(group, QPalette::Highlight), paper, 3.0);
    ink.wash = ink.accent;
    ink.wash.setAlpha(30);
    return ink;
}

MigrationChart::Panels MigrationChart::panels() const
{
    const QFontMetrics metrics(font());
    const double line = metrics.height();
    const double label = metrics.horizontalAdvance(tr("writes %1", "at the line's end").arg(u"999.9 MiB/s")) + 12;
    const double width = std::max(40.0, rect().width() - label - 1);
    const double bottom = line * 2.6; // phases and times
    const double head = line * 1.3;   // a panel's title
    const double gap = line * 0.5;
    const double free = std::max(line * 4, rect().height() - bottom - head * (m_hasDisks ? 3 : 2) - gap);
    const double unit = free / (m_hasDisks ? 6.5 : 5);
    Panels panels;
    double y = head;
    panels.memory = QRectF(1, y, width, unit * 3);
    y = panels.memory.bottom() + head;
    if (m_hasDisks) {
        panels.disks = QRectF(1, y, width, unit * 1.5);
        y = panels.disks.bottom() + head;
    }
    panels.rates = QRectF(1, y, width, unit * 2);
    panels.phases = QRectF(1, panels.rates.bottom() + gap, width, line * 1.3);
    return panels;
}

double MigrationChart::xOf(const QRectF &panel, qint64 atMs) const
{
    return panel.left()
        + panel.width()
        * std::clamp(static_cast<double>(atMs) / static_cast<double>(std::max<qint64>(m_endMs, 1)), 0.0, 1.0);
}

qsizetype MigrationChart::sampleAt(const QPointF &position) const
{
    const Panels panels = this->panels();
    const auto &samples = m_history.samples();
    if (samples.isEmpty() || position.x() < panels.memory.left() - 4 || position.x() > panels.memory.right() + 4) {
        return -1;
    }
    qsizetype nearest = 0;
    double distance = 1e9;
    for (qsizetype i = 0; i < samples.size(); ++i) {
        const double away = std::abs(xOf(panels.memory, sampleMs(i)) - position.x());
        if (away < distance) {
            distance = away;
            nearest = i;
        }
    }
    return distance <= 30 ? nearest : -1;
}

QPainterPath MigrationChart::lineOf(const QRectF &panel, Value value, double top) const
{
    QPainterPath path;
    const auto &samples = m_history.samples();
    double lastX = -10;
    for (qsizetype i = 0; i < samples.size(); ++i) {
        const double x = xOf(panel, sampleMs(i));
        // More points than pixels cost time and show nothing.
        if (i > 0 && i < samples.size() - 1 && x - lastX < 0.75) {
            continue;
        }
        lastX = x;
        const QPointF point(x, panel.bottom() - std::min(1.0, asDouble(samples.at(i).*value) / top) * panel.height());
        if (i == 0) { // not isEmpty(): a path of one point is called empty
            path.moveTo(point);
        } else {
            path.lineTo(point);
        }
    }
    return path;
}

void MigrationChart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Ink ink = this->ink();
    const Panels panels = this->panels();
    paintMemory(painter, panels.memory, ink);
    if (m_hasDisks) {
        paintDisks(painter, panels.disks, ink);
    }
    paintRates(painter, panels.rates, ink);
    paintPhases(painter, panels.phases, ink);
    paintMarks(painter, panels, ink);
    if (m_pointed >= 0 && m_pointed < m_history.samples().size()) {
        const double x = xOf(panels.memory, sampleMs(m_pointed));
        painter.setPen(QPen(ink.small, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, panels.memory.top()), QPointF(x, panels.rates.bottom()));
    }
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink.accent, 1, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void MigrationChart::paintFrame(
    QPainter &painter, const QRectF &panel, const Ink &ink, const QString &title, const QString &top) const
{
    const double line = QFontMetrics(font()).height();
    const QRectF head(panel.left(), panel.top() - line * 1.15, panel.width(), line);
    painter.setFont(font());
    painter.setPen(ink.text);
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, title);
    painter.setFont(smallFont());
    painter.setPen(ink.small);
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, top);
    painter.setPen(QPen(ink.faint, 1));
    for (const double part : {0.0, 0.5, 1.0}) {
        const double y = std::round(panel.bottom() - part * panel.height()) + 0.5;
        painter.drawLine(QPointF(panel.left(), y), QPointF(panel.right(), y));
    }
}

void MigrationChart::paintMemory(QPainter &painter, const QRectF &panel, const Ink &ink) const
{
    paintFrame(
        painter, panel, ink, tr("Memory left after each round"), model::formatBytes(static_cast<quint64>(m_memoryTop)));
    const auto &samples = m_history.samples();
    if (samples.isEmpty()) {
        return;
    }
    const auto yOf = [&](quint64 bytes) {
        return panel.bottom() - std::min(1.0, asDouble(bytes) / m_memoryTop) * panel.height();
    };
    // Within a round it falls and then jumps up again: only in the background.
    const QPainterPath line = lineOf(panel, &Sample::memoryRemaining, m_memoryTop);
    QPainterPath area = line;
    area.lineTo(area.currentPosition().x(), panel.bottom());
    area.lineTo(line.elementAt(0).x, panel.bottom());
    area.closeSubpath();
    painter.fillPath(area, ink.wash);
    QColor thin = ink.accent;
    thin.setAlpha(110);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(thin, 0.8));
    painter.drawPath(line);

    QPainterPath steps;
    painter.setFont(smallFont());
    const QFontMetricsF metrics(smallFont());
    painter.setPen(ink.small);
    for (const migration::Round &round : m_history.rounds()) {
        if (round.endedMs < 0) {
            continue;
        }
        const double left = xOf(panel, round.startedMs);
        const double right = xOf(panel, round.endedMs);
        const double y = yOf(round.remaining);
        if (steps.isEmpty()) {
            steps.moveTo(left, y);
        } else {
            steps.lineTo(left, y);
        }
        steps.lineTo(right, y);
        const QString number = QString::number(round.number);
        if (right - left > metrics.horizontalAdvance(number) + 6) {
            const double base = y - 3 < panel.top() + metrics.height() ? y + metrics.ascent() + 2 : y - 3;
            painter.drawText(QPointF((left + right - metrics.horizontalAdvance(number)) / 2, base), number);
        }
    }
    painter.setPen(QPen(ink.accent, 2, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.drawPath(steps);

    QList<Label> labels{{yOf(samples.last().memoryRemaining),
        tr("%1 left", "at the line's end").arg(model::formatBytes(samples.last().memoryRemaining)), ink.text}};
    const QPainterPath threshold = lineOf(panel, &Sample::threshold, m_memoryTop);
    if (samples.last().threshold > 0) {
        painter.setPen(QPen(ink.text, 1.2, Qt::DashLine));
        painter.drawPath(threshold);
        labels.append({yOf(samples.last().threshold),
            tr("goal %1", "at the line's end: it switches over below this")
                .arg(model::formatBytes(samples.last().threshold)),
            ink.small});
    }
    paintLabels(painter, panel, labels);
}

void MigrationChart::paintDisks(QPainter &painter, const QRectF &panel, const Ink &ink) const
{
    paintFrame(painter, panel, ink, tr("Disks left"), model::formatBytes(static_cast<quint64>(m_diskTop)));
    if (m_history.samples().isEmpty()) {
        return;
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink.accent, 1.4));
    painter.drawPath(lineOf(panel, &Sample::diskRemaining, m_diskTop));
    const quint64 last = m_history.samples().last().diskRemaining;
    paintLabels(painter, panel,
        {{panel.bottom() - std::min(1.0, asDouble(last) / m_diskTop) * panel.height(),
            tr("%1 left", "at the line's end").arg(model::formatBytes(last)), ink.text}});
}

void MigrationChart::paintRates(QPainter &painter, const QRectF &panel, const Ink &ink) const
{
    paintFrame(painter, panel, ink, tr("Rates"), model::formatRate(m_rateTop));
    const auto &samples = m_history.samples();
    if (samples.isEmpty()) {
        return;
    }
    const Sample &last = samples.last();
    const auto yOf = [&](double share) {
        return panel.bottom() - std::min(1.0, share) * panel.height();
    };
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink.accent, 1.4));
    painter.drawPath(lineOf(panel, &Sample::bytesPerSecond, m_rateTop));
    painter.setPen(QPen(ink.text, 1.2, Qt::DashDotLine));
    painter.drawPath(lineOf(panel, &Sample::dirtyBytesPerSecond, m_rateTop));
    QList<Label> labels{
        {yOf(asDouble(last.bytesPerSecond) / m_rateTop),
            tr("sent %1", "at the line's end").arg(model::formatRate(asDouble(last.bytesPerSecond))), ink.text},
        {yOf(asDouble(last.dirtyBytesPerSecond) / m_rateTop),
            tr("writes %1", "at the line's end").arg(model::formatRate(asDouble(last.dirtyBytesPerSecond))),
            ink.small}};
    const bool throttled =
        std::any_of(samples.cbegin(), samples.cend(), [](const Sample &sample) { return sample.throttlePercent > 0; });
    if (throttled) {
        QPainterPath path;
        for (qsizetype i = 0; i < samples.size(); ++i) {
            const QPointF point(xOf(panel, sampleMs(i)), yOf(samples.at(i).throttlePercent / 100.0));
            if (i == 0) {
                path.moveTo(point);
            } else {
                path.lineTo(point.x(), path.currentPosition().y());
                path.lineTo(point);
            }
        }
        painter.setPen(QPen(ink.small, 1, Qt::DotLine));
        painter.drawPath(path);
        labels.append({yOf(last.throttlePercent / 100.0),
            tr("throttle %1 %", "at the line's end").arg(last.throttlePercent), ink.small});
    }
    paintLabels(painter, panel, labels);
}

void MigrationChart::paintLabels(QPainter &painter, const QRectF &panel, QList<Label> labels) const
{
    painter.setFont(smallFont());
    const double height = QFontMetricsF(smallFont()).height();
    std::sort(labels.begin(), labels.end(), [](const Label &a, const Label &b) { return a.y < b.y; });
    // From the top down, none over another; then, if the last fell out at the bottom, from there up.
    double free = panel.top() - height / 2;
    for (Label &label : labels) {
        label.y = std::max(label.y - height / 2, free);
        free = label.y + height;
    }
    double limit = panel.bottom() + height / 2;
    for (Label &label : labels | std::views::reverse) {
        label.y = std::min(label.y, limit - height);
        limit = label.y;
    }
    for (const Label &label : std::as_const(labels)) {
        painter.setPen(label.color);
        painter.drawText(QRectF(panel.right() + 6, label.y, rect().right() - panel.right() - 6, height),
            Qt::AlignLeft | Qt::AlignVCenter, label.text);
    }
}

void MigrationChart::paintPhases(QPainter &painter, const QRectF &panel, const Ink &ink) const
{
    const auto &samples = m_history.samples();
    painter.setFont(smallFont());
    const QFontMetricsF metrics(smallFont());
    const QRectF below(panel.left(), panel.bottom() + 1, panel.width(), metrics.height());
    painter.setPen(ink.small);
    painter.drawText(below, Qt::AlignLeft | Qt::AlignTop, tr("start", "time axis"));
    painter.drawText(below, Qt::AlignRight | Qt::AlignTop, model::formatDuration(m_endMs));
    qsizetype begin = 0;
    bool tinted = false;
    while (begin < samples.size()) {
        qsizetype end = begin + 1;
        while (end < samples.size() && samples.at(end).phase == samples.at(begin).phase) {
            ++end;
        }
        const bool last = end == samples.size();
        const QRectF part(QPointF(xOf(panel, sampleMs(begin)), panel.top()),
            QPointF(xOf(panel, sampleMs(last ? end - 1 : end)), panel.bottom()));
        painter.fillRect(part, tinted ? ink.wash : ink.faint);
        painter.setPen(QPen(ink.small, 1));
        painter.drawLine(part.topLeft(), part.bottomLeft());
        const QString text = model::phaseLabel(samples.at(begin).phase);
        // The phase of now may write over its end: nothing comes after it yet.
        const double room = last ? std::max(part.width(), panel.right() - part.left()) - 6 : part.width() - 6;
        if (metrics.horizontalAdvance(text) <= room) {
            painter.setPen(ink.text);
            painter.drawText(
                QRectF(part.left() + 4, part.top(), room + 2, part.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        }
        tinted = !tinted;
        begin = end;
    }
}

void MigrationChart::paintMarks(QPainter &painter, const Panels &panels, const Ink &ink) const
{
    for (const Mark &mark : m_marks) {
        const double x = xOf(panels.memory, mark.atMs);
        painter.setPen(QPen(ink.text, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, panels.memory.top()), QPointF(x, panels.rates.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink.text);
        const double top = panels.memory.top();
        const std::array<QPointF, 3> flag{QPointF(x - 4, top - 6), QPointF(x + 4, top - 6), QPointF(x, top)};
        painter.drawPolygon(flag.data(), static_cast<int>(flag.size()));
    }
}

bool MigrationChart::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const QString text = sampleText(sampleAt(help->pos()));
        if (text.isEmpty()) {
            QToolTip::hideText();
            event->ignore();
        } else {
            QToolTip::showText(help->globalPos(), text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")), this);
        }
        return true;
    }
    return QWidget::event(event);
}

void MigrationChart::mouseMoveEvent(QMouseEvent *event)
{
    const qsizetype sample = sampleAt(event->position());
    if (sample != m_pointed) {
        m_pointed = sample;
        update();
    }
}

void MigrationChart::leaveEvent(QEvent *)
{
    m_pointed = -1;
    update();
}

void MigrationChart::keyPressEvent(QKeyEvent *event)
{
    const qsizetype last = m_history.samples().size() - 1;
    qsizetype wanted = m_pointed < 0 ? last : m_pointed;
    switch (event->key()) {
    case Qt::Key_Left:
        wanted = std::max<qsizetype>(wanted - 1, 0);
        break;
    case Qt::Key_Right:
        wanted = std::min(wanted + 1, last);
        break;
    case Qt::Key_Home:
        wanted = 0;
        break;
    case Qt::Key_End:
        wanted = last;
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    if (last < 0) {
        return;
    }
    m_pointed = wanted;
    const QString text = sampleText(wanted);
    setAccessibleDescription(text);
    const Panels panels = this->panels();
    QToolTip::showText(mapToGlobal(QPointF(xOf(panels.memory, sampleMs(wanted)), panels.memory.center().y()).toPoint()),
        text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")), this);
    update();
}

void MigrationChart::focusOutEvent(QFocusEvent *event)
{
    m_pointed = -1;
    QWidget::focusOutEvent(event);
    update();
}

} // namespace vireo::ui
