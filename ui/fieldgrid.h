// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace vireo::ui {

/**
 * The line below a field that says what is wrong with it, or a hint. Keeps its place when empty, so that nothing jumps;
 * what it says is the field's accessible description too.
 */
class FieldNote final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FieldNote)

public:
    explicit FieldNote(QWidget *field, QWidget *parent = nullptr);

    /** Shows `problem` when there is one, else `hint`. Plain text. */
    void setText(const QString &problem, const QString &hint);
    bool hasProblem() const { return m_problem; }
    QString text() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void applyColors();

    QWidget *m_field;
    QLabel *m_icon;
    QLabel *m_text;
    bool m_problem = false;
};

/** A form: label, field, and a FieldNote below. Sets accessible names to the label's text. GUI thread. */
class FieldGrid final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FieldGrid)

public:
    explicit FieldGrid(QWidget *parent = nullptr);

    /** `label` with mnemonic and without colon. `extra` stands right of the field. */
    FieldNote *addField(const QString &label, QWidget *field, QWidget *extra = nullptr);
    /** A check box or the like, which carries its own text; as wide as it needs, or as there is. */
    void addWide(QWidget *field, bool fill = false);
    void setFieldVisible(QWidget *field, bool visible);

private:
    struct Row {
        QLabel *label = nullptr;
        QWidget *line = nullptr;
        FieldNote *note = nullptr;
    };
    QGridLayout *m_grid;
    QHash<QWidget *, Row> m_rows;
    int m_next = 0;
};

} // namespace vireo::ui
