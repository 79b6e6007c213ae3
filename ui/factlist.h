// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace vireo::ui {

/** Labelled facts, one a line; values are plain text and selectable. A row without a value is hidden. GUI thread; owned
 * by its parent. */
class FactList final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FactList)

public:
    explicit FactList(QWidget *parent = nullptr);

    /** Rows count from 0 in the order of the calls. `extra` is put behind the value and owned by this. */
    int addFact(const QString &label, QWidget *extra = nullptr);
    void setValue(int row, const QString &value);
    QString value(int row) const;
    void clearValues();

private:
    struct Row {
        QLabel *label;
        QLabel *value;
        QWidget *extra;
    };
    QGridLayout *m_grid;
    QList<Row> m_rows;
};

} // namespace vireo::ui
