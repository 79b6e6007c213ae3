// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainterPath>
#include <QWidget>

#include "backend/operation/migrate/migrationfeed.h"

namespace vireo::ui {

/**
 * What a migration has done so far, over time: what is left of memory (each round a step, with the threshold below
 * which QEMU switches over), of disks, the rates and the throttle, and the phases in words along the axis. Marks stand
 * where somebody moved a lever. The arrow keys go from sample to sample; what is under the pointer or the cursor is
 * told in the tooltip. GUI thread; owned by its parent.
 */
class MigrationChart final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationChart)

public:
    explicit MigrationChart(QWidget *parent = nullptr);

    void setPicture(const operation::MigrationPicture &picture);
    /** Something was done now: a mark at the newest sample. */
    void addMark(const QString &text);
    void clearMarks();
    qsizetype markCount() const { return m_marks.size(); }
    /** All that is known of one sample, in words. */
    QString sampleText(qsizetype sample) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    struct Mark {
        qint64 atMs = 0;
        QString text;
    };
    struct Panels {
        QRectF memory;
        QRectF disks; ///< null: none are copied
        QRectF rates;
        QRectF phases;
    };
    struct Ink {
        QColor text;
        QColor small;
        QColor faint;
        QColor accent;
        QColor wash;
    };
    /** What stands at the right end of a line. */
    struct Label {
        double y = 0;
        QString text;
        QColor color;
    };
    using Value = quint64 migration::Sample::*;

    Ink ink() const;
    Panels panels() const;
    double xOf(const QRectF &panel, qint64 atMs) const;
    qint64 sampleMs(qsizetype sample) const; ///< since the beginning
    qsizetype sampleAt(const QPointF &position) const;
    QPainterPath lineOf(const QRectF &panel, Value value, double top) const;
    void paintFrame(
        QPainter &painter, const QRectF &panel, const Ink &ink, const QString &title, const QString &top) const;
    void paintMemory(QPainter &painter, const QRectF &panel, const Ink &ink) const;
    void paintDisks(QPainter &painter, const QRectF &panel, const Ink &ink) const;
    void paintRates(QPainter &painter, const QRectF &panel, const Ink &ink) const;
    void paintPhases(QPainter &painter, const QRectF &panel, const Ink &ink) const;
    void paintMarks(QPainter &painter, const Panels &panels, const Ink &ink) const;
    void paintLabels(QPainter &painter, const QRectF &panel, QList<Label> labels) const;
    QFont smallFont() const;

    migration::History m_history;
    QList<Mark> m_marks;
    bool m_hasDisks = false;
    double m_memoryTop = 0;
    double m_diskTop = 0;
    double m_rateTop = 0;
    qint64 m_endMs = 0;       ///< right end of the time axis
    qsizetype m_pointed = -1; ///< sample under the pointer or the cursor
};

} // namespace vireo::ui
