// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QHash>
#include <QWidget>

#include "model/hardwaredraft.h"

class QComboBox;
class QLabel;

namespace vireo::ui {

class BootOrderList;
class CreateSystem;
class FieldGrid;
class FieldNote;

/**
 * The page of one kind of device: a field for each setting that its table has. Shows one entry of a draft and writes
 * into it while the user types. GUI thread; the draft outlives it.
 */
class DeviceForm final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DeviceForm)

public:
    DeviceForm(model::HardwareDraft &draft, const xml::devices::DeviceKind &kind, QWidget *parent = nullptr);

    /** That entry, as it is now; fields that have the focus keep their cursor. */
    void show(int id);
    /** The widget of a field, for tests and for the focus. */
    QWidget *field(const QString &id) const;
    QWidget *firstField() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    using Field = xml::devices::DeviceField;
    struct Row {
        const Field *field = nullptr;
        QWidget *widget = nullptr; ///< what the user works with
        QWidget *shown = nullptr;  ///< what the grid shows and hides
        FieldGrid *grid = nullptr;
        FieldNote *note = nullptr;
        QLabel *badge = nullptr;
        std::function<void(const xml::devices::DeviceContext &, const QString &)> set;
    };

    FieldGrid *gridFor(const QString &group);
    void addField(const Field &field);
    QWidget *makeWidget(Row &row);
    QWidget *makeCombo(Row &row);
    QWidget *makeSystem(Row &row);
    void write(const Field &field, const QString &value);
    void refresh(const Row &row, const xml::devices::DeviceContext &context);

    model::HardwareDraft &m_draft;
    QWidget *m_content;
    QList<std::pair<QString, FieldGrid *>> m_grids;
    QList<Row> m_rows;
    BootOrderList *m_bootOrder = nullptr;
    CreateSystem *m_system = nullptr;
    int m_id = -1;
    bool m_showing = false;
};

} // namespace vireo::ui
