// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlcompletionpopup.h"

#include <algorithm>

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QScreen>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include "ui/colours.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xml::Completion;

namespace {

constexpr int DetailRole = Qt::UserRole;
constexpr int Rows = 9;

/** The label at the left, the detail at the right, weaker. */
class CompletionDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const QString detail = index.data(DetailRole).toString();
        if (detail.isEmpty()) {
            return;
        }
        const bool chosen = option.state.testFlag(QStyle::State_Selected);
        const QColor paper = option.palette.color(chosen ? QPalette::Highlight : QPalette::Base);
        const QColor text = option.palette.color(chosen ? QPalette::HighlightedText : QPalette::Text);
        painter->setPen(colours::readable(colours::blend(paper, text, 0.65), paper));
        painter->drawText(option.rect.adjusted(0, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter, detail);
    }

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QSize size = QStyledItemDelegate::sizeHint(option, index);
        const QString detail = index.data(DetailRole).toString();
        size.rwidth() += detail.isEmpty() ? 8 : option.fontMetrics.horizontalAdvance(detail) + 40;
        size.setHeight(std::max(size.height(), option.fontMetrics.height() + 6));
        return size;
    }
};

} // namespace

XmlCompletionPopup::XmlCompletionPopup(QWidget *parent)
    : QFrame(parent, Qt::ToolTip) // shown without being activated, above everything
    , m_list(new QListWidget(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
{
    setAttribute(Qt::WA_ShowWithoutActivating);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Completions"));
    setObjectName(u"xmlCompletions"_s);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Completions"));
    m_list->setItemDelegate(new CompletionDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    for (QLabel *label : {m_title, m_text}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    }
    QFont bold = font();
    bold.setBold(true);
    m_title->setFont(bold);
    auto *side = new QVBoxLayout;
    side->setContentsMargins(10, 8, 10, 8);
    side->setSpacing(4);
    side->addWidget(m_title);
    side->addWidget(m_text, 1);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    row->addWidget(m_list);
    row->addLayout(side);
    connect(m_list, &QListWidget::currentRowChanged, this, &XmlCompletionPopup::showCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &XmlCompletionPopup::chosen);
}

void XmlCompletionPopup::open(const QList<Completion> &items, const QRect &line)
{
    const QString kept = isVisible() && m_list->currentRow() > 0 ? m_list->currentItem()->text() : QString();
    if (items != m_items || m_list->count() == 0) {
        m_items = items;
        m_list->clear();
        int chosen = 0;
        for (const Completion &item : items) {
            auto *row = new QListWidgetItem(item.label, m_list);
            row->setData(DetailRole, item.detail);
            row->setData(
                Qt::AccessibleTextRole, item.detail.isEmpty() ? item.label : item.label + u", "_s + item.detail);
            if (!kept.isEmpty() && item.label == kept) {
                chosen = m_list->count() - 1;
            }
        }
        m_list->setCurrentRow(chosen);
    }
    const bool documented =
        std::ranges::any_of(items, [](const Completion &item) { return !item.documentation.isEmpty(); });
    m_title->setVisible(documented);
    m_text->setVisible(documented);
    const int em = fontMetrics().horizontalAdvance(u'm');
    m_title->setFixedWidth(em * 22);
    m_text->setFixedWidth(em * 22);
    const int rowHeight = std::max(m_list->sizeHintForRow(0), fontMetrics().height() + 6);
    m_list->setFixedSize(std::clamp(m_list->sizeHintForColumn(0) + m_list->verticalScrollBar()->sizeHint().width() + 4,
                             em * 14, em * 34),
        rowHeight * std::min(Rows, static_cast<int>(items.size())) + 2);
    showCurrent();
    // As high as the highest text, so that it keeps its size while one moves through it.
    int textHeight = 0;
    for (const Completion &item : items) {
        textHeight = std::max(textHeight,
            m_text->fontMetrics()
                .boundingRect(QRect(0, 0, em * 22, 1000), Qt::TextWordWrap, item.documentation)
                .height());
    }
    m_text->setMinimumHeight(std::min(textHeight, rowHeight * Rows));
    layout()->activate();
    const QSize wanted = sizeHint();
    QPoint place = line.bottomLeft() + QPoint(-4, 2);
    if (const QScreen *on = parentWidget()->screen()) {
        const QRect area = on->availableGeometry();
        if (place.y() + wanted.height() > area.bottom()) {
            place.setY(line.top() - wanted.height() - 2);
        }
        place.setX(std::clamp(place.x(), area.left(), std::max(area.left(), area.right() - wanted.width())));
    }
    setGeometry(QRect(place, wanted));
    show();
}

int XmlCompletionPopup::current() const
{
    return m_list->currentRow();
}

void XmlCompletionPopup::move(int rows)
{
    const int count = m_list->count();
    if (count > 0) {
        m_list->setCurrentRow((m_list->currentRow() + rows + count) % count); // round
    }
}

void XmlCompletionPopup::movePage(int pages)
{
    m_list->setCurrentRow(std::clamp(m_list->currentRow() + pages * (Rows - 1), 0, m_list->count() - 1));
}

/** An edge that is seen on any palette: what lies below has the same colours. */
void XmlCompletionPopup::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.setPen(colours::blend(palette().color(QPalette::Window), palette().color(QPalette::WindowText), 0.4));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void XmlCompletionPopup::showCurrent()
{
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_items.size()) {
        return;
    }
    const Completion &item = m_items.at(row);
    m_title->setText(item.label);
    m_text->setText(item.documentation);
    setAccessibleDescription(item.documentation);
    if (isVisible() && QAccessible::isActive()) {
        // The focus is in the text, so that the choice must be told.
        QAccessibleEvent told(m_list, QAccessible::Focus);
        told.setChild(row);
        QAccessible::updateAccessibility(&told);
    }
}

} // namespace vireo::ui
