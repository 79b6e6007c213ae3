// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mergedialog.h"

#include <algorithm>

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/diffview.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

using xml::MergePart;

MergeDialog::MergeDialog(const xml::Merge &merge, xml::DocumentKind kind, QWidget *parent)
    : QDialog(parent)
    , m_merge(merge)
    , m_summary(new QLabel(this))
    , m_list(new QListWidget(this))
    , m_sides(new DiffView(this))
    , m_result(new XmlEditor(this))
    , m_note(new QLabel(this))
    , m_mine(new QPushButton(tr("Take &mine"), this))
    , m_theirs(new QPushButton(tr("Take &theirs"), this))
    , m_both(new QPushButton(tr("Take &both"), this))
{
    setObjectName(u"mergeDialog"_s);
    setWindowTitle(tr("Merge changes"));
    int mine = 0;
    int theirs = 0;
    for (qsizetype i = 0; i < merge.parts.size(); ++i) {
        const MergePart::Origin origin = merge.parts[i].origin;
        mine += origin == MergePart::Origin::Mine ? 1 : 0;
        theirs += origin == MergePart::Origin::Theirs ? 1 : 0;
        if (origin == MergePart::Origin::Conflict) {
            m_conflicts.append(i);
        }
    }
    m_choices = QList<Choice>(m_conflicts.size(), Choice::Open);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    const auto conflicts = static_cast<int>(m_conflicts.size());
    m_summary->setText(tr("The definition was changed on the host while you edited it. Put together: %1, %2, %3.")
            .arg(mine == 1 ? tr("1 change of yours") : tr("%n changes of yours", nullptr, mine),
                theirs == 1 ? tr("1 change of others") : tr("%n changes of others", nullptr, theirs),
                conflicts == 1 ? tr("1 conflict") : tr("%n conflicts", nullptr, conflicts)));
    m_list->setAccessibleName(tr("Conflicts"));
    m_list->setObjectName(u"conflicts"_s);
    m_sides->setTitles(tr("Mine"), tr("Theirs, on the host"));
    m_result->setKind(kind);
    m_result->editor()->setAccessibleName(tr("Result"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_mine->setObjectName(u"takeMine"_s);
    m_theirs->setObjectName(u"takeTheirs"_s);
    m_both->setObjectName(u"takeBoth"_s);
    m_mine->setToolTip(tr("The lines as you wrote them; what the others wrote there is dropped"));
    m_theirs->setToolTip(tr("The lines as they are on the host; what you wrote there is dropped"));
    m_both->setToolTip(tr("Your lines, then theirs"));

    auto *choices = new QHBoxLayout;
    for (QPushButton *button : {m_mine, m_theirs, m_both}) {
        button->setAutoDefault(false);
        choices->addWidget(button);
    }
    choices->addStretch();
    auto *top = new QWidget(this);
    auto *topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    auto *row = new QSplitter(Qt::Horizontal, top);
    row->addWidget(m_list);
    row->addWidget(m_sides);
    row->setStretchFactor(1, 3);
    row->setChildrenCollapsible(false);
    topLayout->addWidget(row, 1);
    topLayout->addLayout(choices);
    auto *bottom = new QWidget(this);
    auto *bottomLayout = new QVBoxLayout(bottom);
    bottomLayout->setContentsMargins(0, 0, 0, 0);
    auto *resultLabel = new QLabel(tr("&Result:"), bottom);
    resultLabel->setBuddy(m_result->editor());
    bottomLayout->addWidget(resultLabel);
    bottomLayout->addWidget(m_result, 1);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(top);
    split->addWidget(bottom);
    split->setChildrenCollapsible(false);
    split->setStretchFactor(1, 1);
    top->setVisible(!m_conflicts.isEmpty());

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_accept = buttons->addButton(tr("Merge"), QDialogButtonBox::AcceptRole);
    m_accept->setObjectName(u"mergeAct"_s);
    m_accept->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::accepted, this, &MergeDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &MergeDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_summary);
    layout->addWidget(split, 1);
    layout->addWidget(m_note);
    layout->addWidget(buttons);

    for (int i = 0; i < m_conflicts.size(); ++i) {
        m_list->addItem(titleOf(m_merge.parts[m_conflicts[i]], i, Choice::Open));
    }
    connect(m_list, &QListWidget::currentRowChanged, this, &MergeDialog::showConflict);
    const auto take = [this](QPushButton *button, Choice choice) {
        connect(button, &QPushButton::clicked, this, [this, choice] {
            choose(m_list->currentRow(), choice);
            // On to the next that is open.
            for (int i = 0; i < m_choices.size(); ++i) {
                if (m_choices[i] == Choice::Open) {
                    m_list->setCurrentRow(i);
                    break;
                }
            }
        });
    };
    take(m_mine, Choice::Mine);
    take(m_theirs, Choice::Theirs);
    take(m_both, Choice::Both);
    connect(m_result, &XmlEditor::edited, this, &MergeDialog::updateState);
    connect(m_result, &XmlEditor::checked, this, &MergeDialog::updateState);
    rebuild();
    if (!m_conflicts.isEmpty()) {
        m_list->setCurrentRow(0);
    }
    resize(fontMetrics().averageCharWidth() * 130, fontMetrics().height() * 42);
}

QString MergeDialog::titleOf(const MergePart &part, int number, Choice choice)
{
    const QStringList &lines = part.mine.isEmpty() ? part.theirs : part.mine;
    QString title = tr("%1. %2").arg(number + 1).arg(lines.isEmpty() ? QString() : lines.first().trimmed().left(40));
    switch (choice) {
    case Choice::Open:
        return tr("%1 (open)").arg(title);
    case Choice::Mine:
        return tr("%1 (mine)").arg(title);
    case Choice::Theirs:
        return tr("%1 (theirs)").arg(title);
    case Choice::Both:
        return tr("%1 (both)").arg(title);
    }
    return title;
}

QString MergeDialog::merged() const
{
    return m_result->xml();
}

int MergeDialog::openConflicts() const
{
    return static_cast<int>(std::ranges::count(m_choices, Choice::Open));
}

void MergeDialog::choose(int conflict, Choice choice)
{
    if (conflict < 0 || conflict >= m_choices.size()) {
        return;
    }
    m_choices[conflict] = choice;
    m_list->item(conflict)->setText(titleOf(m_merge.parts[m_conflicts[conflict]], conflict, choice));
    rebuild();
}

void MergeDialog::showConflict(int conflict)
{
    if (conflict < 0 || conflict >= m_conflicts.size()) {
        return;
    }
    const MergePart &part = m_merge.parts[m_conflicts[conflict]];
    m_sides->setTexts(part.mine.join(u'\n'), part.theirs.join(u'\n'));
    updateState();
}

/** The whole text by the choices so far; open conflicts show both sides, marked. */
void MergeDialog::rebuild()
{
    QStringList lines;
    QMap<int, LineMark> marks;
    int first = -1;
    for (qsizetype i = 0; i < m_merge.parts.size(); ++i) {
        const MergePart &part = m_merge.parts[i];
        const qsizetype conflict = m_conflicts.indexOf(i);
        const Choice choice = conflict >= 0 ? m_choices[conflict] : Choice::Mine;
        const auto from = static_cast<int>(lines.size());
        if (conflict < 0) {
            lines += part.origin == MergePart::Origin::Theirs ? part.theirs : part.mine;
        } else {
            lines += choice == Choice::Theirs ? QStringList() : part.mine;
            lines += choice == Choice::Mine ? QStringList() : part.theirs;
        }
        for (int line = from; line < lines.size(); ++line) {
            if (conflict >= 0) {
                marks.insert(line, choice == Choice::Open ? LineMark::Conflict : LineMark::Changed);
                first = choice == Choice::Open && first < 0 ? line : first;
            } else if (part.origin != MergePart::Origin::Same) {
                marks.insert(line, LineMark::Added);
            }
        }
    }
    m_result->setXml(lines.join(u'\n'));
    m_result->setMarkedLines(marks);
    if (first >= 0) {
        m_result->goTo({first + 1, 1});
    }
    updateState();
}

void MergeDialog::updateState()
{
    const int open = openConflicts();
    QString why;
    if (open > 0) {
        why = open == 1 ? tr("1 conflict to decide.") : tr("%n conflicts to decide.", nullptr, open);
    } else if (!m_result->isChecked()) {
        why = tr("Checking…");
    } else if (m_result->hasErrors()) {
        why = tr("The result has errors: correct them below.");
    }
    m_note->setText(why);
    m_accept->setEnabled(why.isEmpty());
    m_accept->setToolTip(why);
    m_result->setReadOnly(open > 0); // what is written by hand comes last: a choice makes the text anew
    const bool byHand = m_result->isModified();
    for (QPushButton *button : {m_mine, m_theirs, m_both}) {
        button->setEnabled(m_list->currentRow() >= 0 && !byHand);
    }
}

} // namespace vireo::ui
