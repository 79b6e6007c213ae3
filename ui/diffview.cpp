// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/diffview.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/xml/comparison.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

void link(QScrollBar *from, QScrollBar *to)
{
    QObject::connect(from, &QScrollBar::valueChanged, to, [to](int value) {
        if (to->value() != value) {
            to->setValue(value);
        }
    });
}

QWidget *titled(QLabel *title, QWidget *content)
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    title->setParent(box);
    title->setTextFormat(Qt::PlainText);
    title->setContentsMargins(4, 0, 4, 0);
    layout->addWidget(title);
    layout->addWidget(content, 1);
    return box;
}

/** The unified form; signs, not colour alone, tell the sides. */
void makeUnified(DiffText &result, const QString &before, const QString &after)
{
    result.unified = xml::unifiedDiff(before, after);
    const QStringList lines = result.unified.split(u'\n');
    bool inside = false;
    int number = 0;
    for (int i = 0; i < lines.size(); ++i) {
        const bool removed = lines[i].startsWith(u'-');
        const bool added = lines[i].startsWith(u'+');
        if (removed || added) {
            result.unifiedMarks.insert(i, removed ? LineMark::Removed : LineMark::Added);
            if (!inside) {
                result.unifiedChanges.append(i);
            }
        } else if (lines[i].startsWith("@@"_L1)) {
            result.unifiedMarks.insert(i, LineMark::Filler);
        }
        if (lines[i].startsWith("@@"_L1)) {
            number = lines[i].section(u'+', 1).section(u',', 0, 0).toInt();
            result.unifiedNumbers << 0;
        } else {
            result.unifiedNumbers << (removed ? 0 : number++);
        }
        inside = removed || added;
    }
}

} // namespace

DiffText DiffText::of(const QString &before, const QString &after)
{
    const auto split = [](const QString &text) {
        QStringList lines = text.split(u'\n');
        if (lines.last().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    };
    const QStringList a = split(before);
    const QStringList b = split(after);
    DiffText result;
    QStringList left;
    QStringList right;
    const QList<xml::LineRun> runs = xml::compareLines(a, b);
    for (const xml::LineRun &run : runs) {
        if (!run.same) {
            result.changes.append(static_cast<int>(left.size()));
            result.removed += run.leftCount;
            result.added += run.rightCount;
        }
        const bool both = run.leftCount > 0 && run.rightCount > 0;
        for (int i = 0; i < std::max(run.leftCount, run.rightCount); ++i) {
            const auto line = static_cast<int>(left.size());
            const bool hasLeft = i < run.leftCount;
            const bool hasRight = i < run.rightCount;
            result.leftNumbers << (hasLeft ? run.leftFrom + i + 1 : 0);
            result.rightNumbers << (hasRight ? run.rightFrom + i + 1 : 0);
            left << (hasLeft ? a[run.leftFrom + i] : QString());
            right << (hasRight ? b[run.rightFrom + i] : QString());
            if (run.same) {
                continue;
            }
            result.leftMarks.insert(line,
                !hasLeft               ? LineMark::Filler
                    : both && hasRight ? LineMark::Changed
                                       : LineMark::Removed);
            result.rightMarks.insert(line,
                !hasRight             ? LineMark::Filler
                    : both && hasLeft ? LineMark::Changed
                                      : LineMark::Added);
        }
    }
    result.left = left.join(u'\n');
    result.right = right.join(u'\n');
    makeUnified(result, before, after);
    return result;
}

DiffView::DiffView(QWidget *parent)
    : QWidget(parent)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"diff"_s, Lane::Kind::Computing))
    , m_mode(new QComboBox(this))
    , m_count(new QLabel(this))
    , m_previous(new QToolButton(this))
    , m_next(new QToolButton(this))
    , m_stack(new QStackedWidget(this))
    , m_leftTitle(new QLabel(this))
    , m_rightTitle(new QLabel(this))
    , m_left(new XmlEditor(this))
    , m_right(new XmlEditor(this))
    , m_unified(new XmlEditor(this))
{
    m_mode->addItem(tr("Side by side"));
    m_mode->addItem(tr("Unified"));
    m_mode->setAccessibleName(tr("Difference as"));
    m_mode->setObjectName(u"diffMode"_s);
    m_count->setTextFormat(Qt::PlainText);
    m_count->setObjectName(u"diffCount"_s);
    const auto button = [this](QToolButton *tool, const QString &text, Qt::ArrowType arrow, const QKeySequence &key,
                            int direction) {
        tool->setArrowType(arrow);
        tool->setAutoRaise(true);
        tool->setAccessibleName(text);
        tool->setToolTip(u"%1 (%2)"_s.arg(text, key.toString(QKeySequence::NativeText)));
        auto *action = new QAction(text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
        connect(action, &QAction::triggered, this, [this, direction] { step(direction); });
        connect(tool, &QToolButton::clicked, this, [this, direction] { step(direction); });
    };
    button(m_previous, tr("Previous change"), Qt::UpArrow, QKeySequence(Qt::SHIFT | Qt::Key_F7), -1);
    button(m_next, tr("Next change"), Qt::DownArrow, QKeySequence(Qt::Key_F7), 1);

    auto *bar = new QHBoxLayout;
    bar->addWidget(m_mode);
    bar->addWidget(m_count, 1);
    bar->addWidget(m_previous);
    bar->addWidget(m_next);
    auto *sides = new QSplitter(Qt::Horizontal, this);
    sides->addWidget(titled(m_leftTitle, m_left));
    sides->addWidget(titled(m_rightTitle, m_right));
    sides->setChildrenCollapsible(false);
    for (XmlEditor *editor : {m_left, m_right, m_unified}) {
        editor->setReadOnly(true);
    }
    m_left->setObjectName(u"diffLeft"_s);
    m_right->setObjectName(u"diffRight"_s);
    m_unified->setObjectName(u"diffUnified"_s);
    m_left->editor()->setAccessibleName(tr("Before"));
    m_right->editor()->setAccessibleName(tr("After"));
    m_unified->editor()->setAccessibleName(tr("Difference"));
    link(m_left->editor()->verticalScrollBar(), m_right->editor()->verticalScrollBar());
    link(m_right->editor()->verticalScrollBar(), m_left->editor()->verticalScrollBar());
    link(m_left->editor()->horizontalScrollBar(), m_right->editor()->horizontalScrollBar());
    link(m_right->editor()->horizontalScrollBar(), m_left->editor()->horizontalScrollBar());
    m_stack->addWidget(sides);
    m_stack->addWidget(m_unified);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    layout->addWidget(m_stack, 1);
    setTitles(tr("Before"), tr("After"));
    setFocusProxy(m_left);
    connect(m_mode, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        setFocusProxy(index == 0 ? m_left : m_unified);
        updateCount();
        Q_EMIT modeChanged(mode());
    });
    updateCount();
}

DiffView::~DiffView()
{
    m_courier->close();
}

void DiffView::setTitles(const QString &before, const QString &after)
{
    m_leftTitle->setText(before);
    m_rightTitle->setText(after);
}

void DiffView::setMode(Mode mode)
{
    m_mode->setCurrentIndex(static_cast<int>(mode));
}

DiffView::Mode DiffView::mode() const
{
    return static_cast<Mode>(m_mode->currentIndex());
}

void DiffView::setTexts(const QString &before, const QString &after)
{
    m_ready = false;
    m_lane->post([courier = m_courier, this, generation = ++m_generation, before, after] {
        courier->post([this, generation, text = DiffText::of(before, after)] {
            if (generation == m_generation) {
                showText(text);
            }
        });
    });
    updateCount();
}

void DiffView::showText(const DiffText &text)
{
    m_text = text;
    m_ready = true;
    m_current = -1;
    m_left->setXml(text.left);
    m_left->setMarkedLines(text.leftMarks);
    m_left->setLineNumbers(text.leftNumbers);
    m_right->setLineNumbers(text.rightNumbers);
    m_unified->setLineNumbers(text.unifiedNumbers);
    m_right->setXml(text.right);
    m_right->setMarkedLines(text.rightMarks);
    m_unified->setXml(text.unified);
    m_unified->setMarkedLines(text.unifiedMarks);
    updateCount();
    if (!text.changes.isEmpty()) {
        step(1);
    }
    Q_EMIT ready();
}

void DiffView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    step(0); // where it has its size
}

void DiffView::step(int direction)
{
    const bool sides = mode() == Mode::SideBySide;
    const QList<int> &changes = sides ? m_text.changes : m_text.unifiedChanges;
    if (changes.isEmpty() || !m_ready) {
        return;
    }
    m_current = std::clamp(m_current + direction, 0, static_cast<int>(changes.size()) - 1);
    const xml::TextPlace place{changes[m_current] + 1, 1};
    if (sides) {
        m_right->goTo(place);
        m_left->goTo(place);
        m_right->editor()->centerCursor(); // with what follows in sight
        m_left->editor()->centerCursor();
    } else {
        m_unified->goTo(place);
        m_unified->editor()->centerCursor();
    }
    updateCount();
}

void DiffView::updateCount()
{
    QString text = tr("Comparing…");
    if (m_ready) {
        text = m_text.changes.isEmpty() ? tr("No difference")
            : m_text.added == 1         ? tr("1 line added, %1 removed").arg(m_text.removed)
                                        : tr("%1 lines added, %2 removed").arg(m_text.added).arg(m_text.removed);
    }
    m_count->setText(text);
    const auto last =
        static_cast<int>((mode() == Mode::SideBySide ? m_text.changes : m_text.unifiedChanges).size() - 1);
    m_previous->setEnabled(m_ready && m_current > 0);
    m_next->setEnabled(m_ready && m_current < last);
}

} // namespace vireo::ui
