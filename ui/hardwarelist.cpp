// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hardwarelist.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/deviceicons.h"
#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using State = model::HardwareDraft::State;

namespace {

constexpr int IdRole = Qt::UserRole;
constexpr int SubtitleRole = Qt::UserRole + 1;
constexpr int StateRole = Qt::UserRole + 2;
constexpr int ProblemRole = Qt::UserRole + 3;
constexpr int IconSide = 20;
constexpr int Margin = 6;

QString stateWord(State state)
{
    switch (state) {
    case State::Changed:
        return HardwareList::tr("changed");
    case State::Added:
        return HardwareList::tr("new");
    case State::Removed:
        return HardwareList::tr("removed");
    case State::Unchanged:
        break;
    }
    return {};
}

/** Title and word in the first line, subtitle in the second; what is removed is struck through. */
class HardwareDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {160, 2 * option.fontMetrics.lineSpacing() + Margin};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyleOptionViewItem item = option;
        initStyleOption(&item, index);
        item.text.clear();
        item.icon = {};
        const QWidget *widget = option.widget;
        const QStyle *style = widget ? widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);

        const bool selected = option.state & QStyle::State_Selected;
        const auto role = selected ? QPalette::HighlightedText : QPalette::Text;
        const QPalette::ColorGroup group = option.state & QStyle::State_Active ? QPalette::Active : QPalette::Inactive;
        const QColor ink = option.palette.color(group, role);
        const QRect area = option.rect.adjusted(Margin, Margin / 2, -Margin, -Margin / 2);
        const auto icon = index.data(Qt::DecorationRole).value<QIcon>();
        icon.paint(painter, QRect(area.left(), area.top() + (area.height() - IconSide) / 2, IconSide, IconSide),
            Qt::AlignCenter, selected ? QIcon::Selected : QIcon::Normal);

        const auto state = static_cast<State>(index.data(StateRole).toInt());
        const bool problem = index.data(ProblemRole).toBool();
        const QString subtitle = index.data(SubtitleRole).toString();
        QRect line = area.adjusted(IconSide + 8, 0, 0, 0);
        if (subtitle.isEmpty()) {
            line.translate(0, option.fontMetrics.lineSpacing() / 2);
        }
        line.setHeight(option.fontMetrics.lineSpacing());
        painter->save();
        QFont font = option.font;
        const QString word = problem ? HardwareList::tr("wrong") : stateWord(state);
        if (!word.isEmpty()) {
            QFont italic = font;
            italic.setItalic(true);
            painter->setFont(italic);
            const int width = QFontMetrics(italic).horizontalAdvance(word) + 2;
            painter->setPen(selected ? ink
                    : problem        ? planicons::problemColor(option.palette)
                                     : option.palette.color(group, QPalette::Link));
            painter->drawText(QRect(line.right() - width, line.top(), width, line.height()), Qt::AlignRight, word);
            line.setRight(line.right() - width - Margin);
        }
        font.setStrikeOut(state == State::Removed);
        painter->setFont(font);
        painter->setPen(ink);
        const QFontMetrics metrics(font);
        const QString title = index.data(Qt::DisplayRole).toString();
        painter->drawText(line, Qt::AlignLeft, metrics.elidedText(title, Qt::ElideMiddle, line.width()));
        line.setRight(area.right());
        line.translate(0, option.fontMetrics.lineSpacing());
        painter->setPen(selected ? ink : planicons::hintColor(option.palette));
        painter->setFont(option.font);
        painter->drawText(line, Qt::AlignLeft, option.fontMetrics.elidedText(subtitle, Qt::ElideMiddle, line.width()));
        painter->restore();
    }
};

} // namespace

HardwareList::HardwareList(model::HardwareDraft &draft, QWidget *parent)
    : QListWidget(parent)
    , m_draft(draft)
{
    setAccessibleName(tr("Devices"));
    setItemDelegate(new HardwareDelegate(this));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setUniformItemSizes(true);
    connect(this, &QListWidget::currentItemChanged, this, [this](QListWidgetItem *item) {
        if (m_refreshing || !item) {
            return;
        }
        m_current = item->data(IdRole).toInt();
        m_row = row(item);
        Q_EMIT currentIdChanged(m_current);
    });
}

void HardwareList::refresh()
{
    m_refreshing = true;
    const QList<model::HardwareDraft::Entry> &entries = m_draft.entries();
    while (count() > entries.size()) {
        delete takeItem(count() - 1);
    }
    int selected = -1;
    for (int i = 0; i < entries.size(); ++i) {
        const model::HardwareDraft::Entry &entry = entries.at(i);
        if (i == count()) {
            addItem(QString());
        }
        QListWidgetItem *each = item(i);
        const QString word = stateWord(entry.state);
        each->setText(entry.title);
        each->setIcon(deviceicons::icon(entry.kind->id, palette()));
        each->setData(IdRole, entry.id);
        each->setData(SubtitleRole, entry.subtitle);
        each->setData(StateRole, static_cast<int>(entry.state));
        each->setData(ProblemRole, !entry.problems.isEmpty());
        each->setData(Qt::AccessibleDescriptionRole, word.isEmpty() ? entry.subtitle : word + u", "_s + entry.subtitle);
        QStringList tip{entry.title, entry.subtitle};
        tip += entry.problems;
        tip.removeAll(QString());
        each->setToolTip(tip.join(u'\n').toHtmlEscaped());
        selected = entry.id == m_current ? i : selected;
    }
    const bool lost = selected < 0 && !entries.isEmpty();
    if (lost) {
        selected = std::clamp(m_row, 0, static_cast<int>(entries.size()) - 1); // -1: there was none before
    }
    setCurrentRow(selected);
    m_row = selected;
    m_refreshing = false;
    if (lost) {
        m_current = entries.at(selected).id;
        Q_EMIT currentIdChanged(m_current);
    }
}

int HardwareList::currentId() const
{
    return m_current;
}

void HardwareList::setCurrentId(int id)
{
    for (int i = 0; i < count(); ++i) {
        if (item(i)->data(IdRole).toInt() == id) {
            setCurrentRow(i);
        }
    }
}

void HardwareList::changeEvent(QEvent *event)
{
    QListWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        refresh();
    }
}

} // namespace vireo::ui
