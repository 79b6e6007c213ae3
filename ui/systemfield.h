// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

class QCheckBox;
class QCompleter;
class QStandardItemModel;

namespace vireo::ui {

class CreateSystem;

/**
 * A search box over the catalog of operating systems. Empty means: as recognised, else generic; then it says so in its
 * place. What is typed is nothing until it was chosen from the list or is a name in full. GUI thread.
 */
class SystemField final : public QLineEdit
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SystemField)

public:
    explicit SystemField(CreateSystem &system, QWidget *parent = nullptr);

    /** "Include end-of-life", to stand beside the field. */
    QCheckBox *endOfLifeBox() const { return m_endOfLife; }

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void refresh();
    void offer(const QString &text);
    void settle();

    CreateSystem &m_system;
    QCheckBox *m_endOfLife;
    QStandardItemModel *m_model;
    QCompleter *m_completer;
    bool m_typing = false;
};

} // namespace vireo::ui
