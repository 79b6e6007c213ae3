// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/deviceform.h"

#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/bootorderlist.h"
#include "ui/createfields.h"
#include "ui/createsystem.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/planicons.h"
#include "ui/systemfield.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using namespace xml::devices;

namespace {

constexpr int DescriptionLines = 4;

/** A combo box whose text is typed: what is offered is put below without touching the text. */
void fillSuggestions(QComboBox *combo, const QStringList &texts, const QString &current)
{
    const QSignalBlocker blocker(combo);
    QStringList shown;
    for (int i = 0; i < combo->count(); ++i) {
        shown.append(combo->itemText(i));
    }
    if (shown != texts) {
        const QString typed = combo->currentText();
        const int cursor = combo->lineEdit()->cursorPosition();
        combo->clear();
        combo->addItems(texts);
        combo->setEditText(typed);
        combo->lineEdit()->setCursorPosition(cursor);
    }
    if (combo->currentText() != current) {
        combo->setEditText(current);
    }
}

void fillChoices(QComboBox *combo, const Offer &offer, const QString &current)
{
    QStringList texts = offer.texts;
    QStringList values = offer.values;
    if (!values.contains(current)) {
        texts.append(
            current.isEmpty() ? DeviceForm::tr("Not said") : DeviceForm::tr("%1 (not offered here)").arg(current));
        values.append(current);
    }
    createfields::fill(combo, texts, values, current);
}

/** The badge of a setting that a running VM takes at its next boot only. */
QLabel *makeBadge(QWidget *parent)
{
    auto *badge = new QLabel(DeviceForm::tr("at next boot"), parent);
    badge->setTextFormat(Qt::PlainText);
    QFont small = badge->font();
    small.setItalic(true);
    badge->setFont(small);
    QPalette palette = badge->palette();
    palette.setColor(QPalette::WindowText, planicons::hintColor(palette));
    badge->setPalette(palette);
    badge->hide();
    return badge;
}

} // namespace

DeviceForm::DeviceForm(model::HardwareDraft &draft, const DeviceKind &kind, QWidget *parent)
    : QWidget(parent)
    , m_draft(draft)
    , m_content(new QWidget(this))
{
    auto *layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(0, 0, 0, 0);
    if (kind.id == "boot"_L1) {
        m_bootOrder = new BootOrderList(draft, m_content);
        layout->addWidget(m_bootOrder);
    }
    for (const DeviceField &field : kind.fields) {
        addField(field);
    }
    QList<QWidget *> grids;
    for (const auto &[group, grid] : std::as_const(m_grids)) {
        grids.append(grid);
    }
    createfields::alignLabels(grids);
    createfields::fillPage(this, m_content);
}

/** The wheel scrolls the page; it does not exchange the hardware under the pointer. */
bool DeviceForm::eventFilter(QObject *watched, QEvent *event)
{
    const auto *widget = qobject_cast<QWidget *>(watched);
    if (event->type() == QEvent::Wheel && widget && !widget->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

FieldGrid *DeviceForm::gridFor(const QString &group)
{
    for (const auto &[title, grid] : std::as_const(m_grids)) {
        if (title == group) {
            return grid;
        }
    }
    auto *grid = new FieldGrid(m_content);
    m_content->layout()->addWidget(
        group.isEmpty() ? static_cast<QWidget *>(grid) : new Expander(group, grid, m_content));
    m_grids.append({group, grid});
    return grid;
}

void DeviceForm::addField(const DeviceField &field)
{
    Row row;
    row.field = &field;
    row.grid = gridFor(field.group);
    row.widget = makeWidget(row);
    row.widget->setObjectName(field.id);
    if (qobject_cast<QComboBox *>(row.widget) || qobject_cast<QSpinBox *>(row.widget)) {
        row.widget->setFocusPolicy(Qt::StrongFocus);
        row.widget->installEventFilter(this);
    }
    if (field.kind == Field::Kind::Switch || field.kind == Field::Kind::Button) {
        row.badge = makeBadge(m_content);
        row.shown = createfields::row({row.widget, row.badge}, m_content);
        row.grid->addWide(row.shown, true);
        if (field.problem || field.hintHere || !field.hint.isEmpty()) {
            row.note = new FieldNote(row.widget, m_content);
            row.grid->addWide(row.note, true);
        }
    } else {
        if (!field.frozen.isEmpty()) {
            row.badge = makeBadge(m_content);
        }
        row.shown = row.widget;
        row.note = row.grid->addField(field.label, row.widget, row.badge);
    }
    m_rows.append(row);
}

QWidget *DeviceForm::makeWidget(Row &row)
{
    const Field &field = *row.field;
    switch (field.kind) {
    case Field::Kind::Choice:
    case Field::Kind::Suggest:
        return makeCombo(row);
    case Field::Kind::Text:
    case Field::Kind::Secret: {
        auto *edit = new QLineEdit(m_content);
        edit->setPlaceholderText(field.unset);
        if (field.kind == Field::Kind::Secret) {
            edit->setEchoMode(QLineEdit::Password);
        }
        connect(edit, &QLineEdit::textEdited, this, [this, &field](const QString &text) { write(field, text); });
        row.set = [edit](const DeviceContext &, const QString &value) {
            createfields::set(edit, value);
        };
        return edit;
    }
    case Field::Kind::Lines: {
        auto *edit = new QPlainTextEdit(m_content);
        edit->setTabChangesFocus(true);
        edit->setFixedHeight(fontMetrics().lineSpacing() * DescriptionLines + 2 * edit->frameWidth() + 8);
        connect(edit, &QPlainTextEdit::textChanged, this, [this, &field, edit] { write(field, edit->toPlainText()); });
        row.set = [edit](const DeviceContext &, const QString &value) {
            if (edit->toPlainText() != value) {
                edit->setPlainText(value);
            }
        };
        return edit;
    }
    case Field::Kind::Number: {
        auto *spin = new QSpinBox(m_content);
        // One below the least stands for "not said".
        const int least = field.unset.isEmpty() ? field.minimum : field.minimum - 1;
        spin->setRange(least, field.maximum);
        spin->setSpecialValueText(field.unset);
        spin->setSuffix(field.suffix);
        spin->setGroupSeparatorShown(true);
        spin->setMaximumWidth(fontMetrics().horizontalAdvance(u'0') * 26);
        connect(spin, &QSpinBox::valueChanged, this, [this, &field](int value) {
            write(field, !field.unset.isEmpty() && value < field.minimum ? QString() : QString::number(value));
        });
        row.set = [spin, least](const DeviceContext &, const QString &value) {
            const int number = value.isEmpty() ? least : value.toInt();
            if (spin->value() != number) {
                spin->setValue(number);
            }
        };
        return spin;
    }
    case Field::Kind::Switch: {
        auto *box = new QCheckBox(field.label, m_content);
        connect(box, &QCheckBox::toggled, this, [this, &field](bool on) { write(field, on ? u"yes"_s : u"no"_s); });
        row.set = [box](const DeviceContext &, const QString &value) {
            createfields::set(box, value == "yes"_L1);
        };
        return box;
    }
    case Field::Kind::Button: {
        auto *button = new QPushButton(field.label, m_content);
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this,
            [this, &field] { m_draft.change(m_id, [&field](const DeviceEdit &edit) { field.write(edit, {}); }); });
        row.set = [button](const DeviceContext &, const QString &value) {
            button->setEnabled(!value.isEmpty());
        };
        return button;
    }
    case Field::Kind::System:
        return makeSystem(row);
    case Field::Kind::Fact:
        break;
    }
    auto *fact = new QLabel(m_content);
    fact->setTextFormat(Qt::PlainText);
    fact->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    fact->setWordWrap(true);
    row.set = [fact](const DeviceContext &, const QString &value) {
        fact->setText(value);
    };
    return fact;
}

QWidget *DeviceForm::makeCombo(Row &row)
{
    const Field &field = *row.field;
    auto *combo = new QComboBox(m_content);
    createfields::narrow(combo);
    if (field.kind == Field::Kind::Choice) {
        connect(combo, &QComboBox::currentIndexChanged, this, [this, &field, combo](int index) {
            if (index >= 0) {
                write(field, combo->itemData(index).toString());
            }
        });
        row.set = [combo, &field](const DeviceContext &context, const QString &value) {
            fillChoices(combo, field.offer ? field.offer(context) : Offer(), value);
        };
        return combo;
    }
    combo->setEditable(true);
    combo->setInsertPolicy(QComboBox::NoInsert);
    combo->lineEdit()->setPlaceholderText(field.unset);
    combo->completer()->setCompletionMode(QCompleter::PopupCompletion);
    combo->completer()->setFilterMode(Qt::MatchContains);
    connect(combo, &QComboBox::editTextChanged, this, [this, &field](const QString &text) { write(field, text); });
    row.set = [combo, &field](const DeviceContext &context, const QString &value) {
        fillSuggestions(combo, field.offer ? field.offer(context).values : QStringList(), value);
    };
    return combo;
}

QWidget *DeviceForm::makeSystem(Row &row)
{
    const Field &field = *row.field;
    m_system = new CreateSystem(CreateServices(), this);
    auto *edit = new SystemField(*m_system, m_content);
    edit->endOfLifeBox()->setParent(edit);
    edit->endOfLifeBox()->hide(); // a VM that is there may well run one
    m_system->setIncludeEol(true);
    connect(m_system, &CreateSystem::changed, this, [this, &field] {
        if (!m_system->catalog() || m_showing) {
            return;
        }
        const os::Os *chosen = m_system->chosen().isEmpty() ? nullptr : m_system->catalog()->find(m_system->chosen());
        const model::HardwareDraft::Entry *entry = m_draft.entry(m_id);
        const os::Os *before = entry ? m_system->catalog()->find(field.read(m_draft.context(*entry))) : nullptr;
        // What the catalog does not know is kept as it is.
        if (chosen != before && (chosen || !m_system->chosen().isEmpty() || before)) {
            write(field, chosen ? chosen->id : QString());
        }
    });
    row.set = [this](const DeviceContext &, const QString &value) {
        m_system->load();
        const os::Os *known = m_system->catalog() ? m_system->catalog()->find(value) : nullptr;
        m_system->setChosen(known ? known->shortId : value);
    };
    return edit;
}

void DeviceForm::write(const Field &field, const QString &value)
{
    if (!m_showing) {
        m_draft.write(m_id, field.id, value);
    }
}

void DeviceForm::show(int id)
{
    const model::HardwareDraft::Entry *entry = m_draft.entry(id);
    if (!entry) {
        return;
    }
    m_id = id;
    // Fields tell what they are set to as if the user had chosen it.
    const bool nested = m_showing;
    m_showing = true;
    const DeviceContext context = m_draft.context(*entry);
    for (const Row &row : std::as_const(m_rows)) {
        refresh(row, context);
    }
    if (m_bootOrder) {
        m_bootOrder->refresh();
    }
    m_content->setEnabled(entry->state != model::HardwareDraft::State::Removed);
    m_showing = nested;
}

void DeviceForm::refresh(const Row &row, const DeviceContext &context)
{
    const Field &field = *row.field;
    const bool shown = field.isShown(context);
    row.grid->setFieldVisible(row.shown, shown);
    if (row.note && row.shown != row.widget) {
        row.grid->setFieldVisible(row.note, shown);
    }
    if (!shown) {
        return;
    }
    row.set(context, field.read(context));
    const QString locked = field.locked ? field.locked(context) : QString();
    if (field.kind != Field::Kind::Button) {
        row.widget->setEnabled(locked.isEmpty());
    }
    QString hint = !locked.isEmpty() ? locked : field.hintHere ? field.hintHere(context) : field.hint;
    if (hint.isEmpty() && field.offer) {
        hint = field.offer(context).lacking;
    }
    if (row.note) {
        row.note->setText(field.problem ? field.problem(context) : QString(), hint);
    }
    // What is new is made as it is set.
    const model::HardwareDraft::Entry *entry = m_draft.entry(m_id);
    const bool later =
        context.running && !field.frozen.isEmpty() && entry && entry->state != model::HardwareDraft::State::Added;
    if (row.badge) {
        row.badge->setVisible(later);
        row.badge->setToolTip(field.frozen);
    }
    row.widget->setToolTip(later ? tr("Changes at next boot: %1").arg(field.frozen) : QString());
}

QWidget *DeviceForm::field(const QString &id) const
{
    const auto found = std::ranges::find_if(m_rows, [&id](const Row &row) { return row.field->id == id; });
    return found == m_rows.cend() ? nullptr : found->widget;
}

QWidget *DeviceForm::firstField() const
{
    const auto found = std::ranges::find_if(
        m_rows, [](const Row &row) { return row.field->isEditable() && row.shown->isVisibleTo(row.grid); });
    return found == m_rows.cend() ? nullptr : found->widget;
}

} // namespace vireo::ui
