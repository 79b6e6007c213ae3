// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/accessiblecombobox.h"

#include <QAbstractItemView>
#include <QAccessibleWidget>
#include <QComboBox>
#include <QLineEdit>

namespace vireo::ui {

namespace {

/** Qt's own, but for name and text: its class can't be derived from. Children and actions are the same. */
class AccessibleComboBox final : public QAccessibleWidget, public QAccessibleTextInterface
{
public:
    explicit AccessibleComboBox(QComboBox *combo)
        : QAccessibleWidget(combo, QAccessible::ComboBox)
    {}

    void *interface_cast(QAccessible::InterfaceType type) override
    {
        // The line edit of an editable one is its child, and has a text itself.
        if (type == QAccessible::TextInterface && !combo()->isEditable()) {
            return static_cast<QAccessibleTextInterface *>(this);
        }
        return QAccessibleWidget::interface_cast(type);
    }

    int childCount() const override { return combo()->isEditable() ? 2 : 1; }
    QAccessibleInterface *child(int index) const override
    {
        if (index == 0) {
            return QAccessible::queryAccessibleInterface(combo()->view());
        }
        return index == 1 && combo()->isEditable() ? QAccessible::queryAccessibleInterface(combo()->lineEdit())
                                                   : nullptr;
    }
    int indexOfChild(const QAccessibleInterface *child) const override
    {
        if (child && child->object() == combo()->view()) {
            return 0;
        }
        return child && combo()->isEditable() && child->object() == combo()->lineEdit() ? 1 : -1;
    }
    QAccessibleInterface *childAt(int x, int y) const override
    {
        const bool inLine = combo()->isEditable()
            && combo()->lineEdit()->rect().contains(combo()->lineEdit()->mapFromGlobal(QPoint(x, y)));
        return inLine ? child(1) : nullptr;
    }

    QString text(QAccessible::Text what) const override
    {
        if (what == QAccessible::Value) {
            return combo()->currentText();
        }
        const QString text = QAccessibleWidget::text(what);
        return what == QAccessible::Name && text.isEmpty() ? combo()->currentText() : text;
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.expandable = true;
        state.expanded = combo()->view()->isVisible();
        state.editable = combo()->isEditable();
        return state;
    }
    QStringList actionNames() const override { return {showMenuAction(), pressAction()}; }
    void doAction(const QString &action) override
    {
        if (action != showMenuAction() && action != pressAction()) {
            return;
        }
        if (combo()->view()->isVisible()) {
            combo()->hidePopup();
        } else {
            combo()->showPopup();
        }
    }

    // The chosen text, to be read only; there is no cursor and no selection in it.
    int characterCount() const override { return static_cast<int>(combo()->currentText().size()); }
    QString text(int start, int end) const override { return combo()->currentText().mid(start, end - start); }
    QRect characterRect(int) const override { return rect(); }
    int offsetAtPoint(const QPoint &) const override { return -1; }
    int selectionCount() const override { return 0; }
    void selection(int, int *start, int *end) const override { *start = *end = 0; }
    void addSelection(int, int) override {}
    void removeSelection(int) override {}
    void setSelection(int, int, int) override {}
    int cursorPosition() const override { return 0; }
    void setCursorPosition(int) override {}
    void scrollToSubstring(int, int) override {}
    QString attributes(int, int *start, int *end) const override
    {
        *start = 0;
        *end = characterCount();
        return {};
    }

private:
    QComboBox *combo() const { return static_cast<QComboBox *>(widget()); }
};

QAccessibleInterface *comboBoxFactory(const QString &, QObject *object)
{
    auto *combo = qobject_cast<QComboBox *>(object);
    return combo ? new AccessibleComboBox(combo) : nullptr;
}

} // namespace

void nameComboBoxesByLabel()
{
    QAccessible::installFactory(&comboBoxFactory);
}

} // namespace vireo::ui
