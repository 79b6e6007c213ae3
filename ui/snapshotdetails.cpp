// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotdetails.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "model/format.h"
#include "model/snapshottexts.h"
#include "ui/factlist.h"
#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using snapshot::Deletion;
using snapshot::Discrepancy;
using snapshot::Merge;
using snapshot::Snapshot;

namespace {

enum Fact { KindFact, StateFact, TakenFact, ParentFact, SizeFact, FilesFact };
enum Column { FileColumn, FormatColumn, SizeColumn, NoteColumn };

QString fileName(const QString &path)
{
    return path.section(u'/', -1);
}

QLabel *textLabel(QWidget *parent, const QString &name)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setFocusPolicy(Qt::NoFocus);
    label->setAccessibleName(name);
    return label;
}

} // namespace

/** Worked out in the lane. */
struct SnapshotDetails::Answer {
    QList<model::ChainDisk> chains;
    QString deletion;
};

SnapshotDetails::SnapshotDetails(QWidget *parent)
    : QScrollArea(parent)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"snapshot"_s, Lane::Kind::Computing))
{
    auto *content = new QWidget(this);
    m_title = textLabel(content, tr("Snapshot"));
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    large.setBold(true);
    m_title->setFont(large);
    m_picture = new QLabel(content);
    m_picture->setAccessibleName(tr("Picture of the screen"));
    m_description = textLabel(content, tr("Description"));
    m_list = new FactList(content);
    m_list->addFact(tr("Kind"));
    m_list->addFact(tr("State"));
    m_list->addFact(tr("Taken"));
    m_list->addFact(tr("After", "the snapshot before this one"));
    m_list->addFact(tr("Size"));
    m_list->addFact(tr("Files"));
    m_problems = textLabel(content, tr("What is wrong"));
    QFont bold = font();
    bold.setBold(true);
    m_chainTitle = new QLabel(tr("Disks and their backing chains"), content);
    m_chainTitle->setFont(bold);
    m_chains = new QTreeWidget(content);
    m_chains->setObjectName(u"snapshotChains"_s);
    m_chains->setAccessibleName(tr("Backing chains"));
    m_chains->setHeaderLabels({tr("File"), tr("Format"), tr("Size"), tr("What it is")});
    m_chains->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_chains->setRootIsDecorated(false);
    m_chains->setIndentation(fontMetrics().height());
    m_chains->setSelectionMode(QAbstractItemView::SingleSelection);
    m_chains->setAllColumnsShowFocus(true);
    m_chains->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_chains->header()->setStretchLastSection(true);
    m_chains->header()->setMinimumSectionSize(30);
    m_deletionTitle = new QLabel(tr("Deleting it"), content);
    m_deletionTitle->setFont(bold);
    m_deletion = textLabel(content, tr("Deleting it"));
    m_deletion->setObjectName(u"snapshotDeletion"_s);

    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(10, 8, 10, 8);
    layout->setSpacing(8);
    for (QWidget *each : {static_cast<QWidget *>(m_title), static_cast<QWidget *>(m_description),
             static_cast<QWidget *>(m_problems), static_cast<QWidget *>(m_list), static_cast<QWidget *>(m_chainTitle),
             static_cast<QWidget *>(m_chains), static_cast<QWidget *>(m_deletionTitle),
             static_cast<QWidget *>(m_deletion), static_cast<QWidget *>(m_picture)}) {
        layout->addWidget(each);
    }
    layout->addStretch(1);
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Details of the snapshot"));
    m_picture->hide();
    updateColours();
    refresh();
}

SnapshotDetails::~SnapshotDetails()
{
    m_courier->close();
}

void SnapshotDetails::setFacts(const snapshot::Facts &facts, const QList<Discrepancy> &discrepancies)
{
    m_facts = facts;
    m_discrepancies = discrepancies;
    refresh();
}

void SnapshotDetails::setSelection(const QStringList &snapshots)
{
    if (m_selection != snapshots) {
        m_selection = snapshots;
        refresh();
    }
}

void SnapshotDetails::setPicture(const QPixmap &picture)
{
    m_picture->setVisible(!picture.isNull());
    if (!picture.isNull()) {
        m_picture->setPixmap(picture.scaled(QSize(320, 200), Qt::KeepAspectRatio, Qt::SmoothTransformation));
    }
}

void SnapshotDetails::refresh()
{
    const bool one = m_selection.size() == 1;
    const Snapshot *snapshot = one ? m_facts.find(m_selection.constFirst()) : nullptr;
    widget()->setVisible(!m_selection.isEmpty());
    m_description->setText(snapshot ? snapshot->description : QString());
    m_description->setVisible(!m_description->text().isEmpty());
    m_list->clearValues();
    QStringList names = m_selection;
    names.removeAll(QString());
    if (one) {
        m_title->setText(snapshot ? snapshot->name : tr("Now"));
        showOne(snapshot);
    } else {
        m_title->setText(tr("%n snapshots", nullptr, static_cast<int>(names.size())));
    }
    showProblems();
    m_chainTitle->setVisible(one);
    m_chains->setVisible(one);
    m_deletionTitle->setVisible(!names.isEmpty());
    m_deletionTitle->setText(names.size() == 1 ? tr("Deleting it") : tr("Deleting them"));
    m_deletion->setVisible(!names.isEmpty());

    m_ready = false;
    m_lane->post(
        [this, courier = m_courier, facts = m_facts, selection = m_selection, names, one, generation = ++m_generation] {
            Answer answer;
            if (one) {
                answer.chains = model::snapshotChains(facts, selection.constFirst());
            }
            if (!names.isEmpty()) {
                answer.deletion = deletionText(snapshot::planDeletion(facts, names, snapshot::Scope::One));
            }
            courier->post([this, generation, answer = std::move(answer)] {
                if (generation == m_generation) {
                    showAnswer(answer);
                }
            });
        });
}

void SnapshotDetails::showOne(const Snapshot *snapshot)
{
    if (!snapshot) {
        m_list->setValue(StateFact, virt::stateText(m_facts.domain.state));
        const Snapshot *current = m_facts.current();
        m_list->setValue(ParentFact, current ? current->name : QString());
        return;
    }
    m_list->setValue(KindFact, model::snapshotKindText(*snapshot));
    m_list->setValue(StateFact, model::snapshotStateText(*snapshot));
    if (snapshot->created.isValid()) {
        m_list->setValue(TakenFact,
            tr("%1 (%2)", "time and age")
                .arg(QLocale().toString(snapshot->created.toLocalTime(), QLocale::ShortFormat),
                    model::formatAge(snapshot->created.secsTo(QDateTime::currentDateTimeUtc()))));
    }
    m_list->setValue(ParentFact, snapshot->parent);
    if (const quint64 bytes = model::snapshotBytes(m_facts, *snapshot); bytes > 0) {
        m_list->setValue(SizeFact, model::formatBytes(bytes));
    }
    m_list->setValue(FilesFact, model::snapshotFileLines(m_facts, *snapshot).join(u'\n'));
}

void SnapshotDetails::showProblems()
{
    QStringList paragraphs;
    for (const Discrepancy &each : std::as_const(m_discrepancies)) {
        if (m_selection.contains(each.snapshot)) {
            QStringList sentences{each.text, each.cause, each.fix};
            sentences.removeAll(QString());
            paragraphs.append(sentences.join(u' '));
        }
    }
    m_problems->setText(paragraphs.join(u"\n\n"_s));
    m_problems->setVisible(!paragraphs.isEmpty());
}

void SnapshotDetails::showAnswer(const Answer &answer)
{
    m_ready = true;
    m_deletion->setText(answer.deletion);
    showChains(answer.chains);
}

void SnapshotDetails::showChains(const QList<model::ChainDisk> &disks)
{
    m_chains->clear();
    for (const model::ChainDisk &disk : disks) {
        auto *item = new QTreeWidgetItem(m_chains);
        item->setText(FileColumn, disk.text.isEmpty() ? disk.target : tr("%1: %2", "disk").arg(disk.target, disk.text));
        item->setToolTip(FileColumn, item->text(FileColumn).toHtmlEscaped());
        item->setFirstColumnSpanned(true);
        QFont bold = font();
        bold.setBold(true);
        item->setFont(FileColumn, bold);
        for (const model::ChainRow &row : disk.rows) {
            auto *file = new QTreeWidgetItem(item);
            file->setText(FileColumn, row.name);
            file->setToolTip(FileColumn, row.path.toHtmlEscaped());
            file->setText(FormatColumn, row.format);
            file->setText(SizeColumn,
                row.isMissing         ? tr("missing")
                    : row.isSizeKnown ? model::formatBytes(row.bytes)
                                      : QString());
            file->setTextAlignment(SizeColumn, Qt::AlignRight | Qt::AlignVCenter);
            const QString notes = row.notes.join(u' ');
            file->setText(NoteColumn, notes);
            file->setToolTip(NoteColumn, notes.toHtmlEscaped());
            if (row.isMissing) {
                file->setIcon(FileColumn, planicons::severity(job::Finding::Severity::Blocker, palette()));
            }
        }
        item->setExpanded(true);
    }
    m_chainTitle->setVisible(m_selection.size() == 1 && !disks.isEmpty());
    m_chains->setVisible(m_selection.size() == 1 && !disks.isEmpty());
    fitChains();
}

/** As high as its rows: the pane scrolls as a whole. */
void SnapshotDetails::fitChains()
{
    for (const int column : {FileColumn, FormatColumn, SizeColumn}) {
        m_chains->resizeColumnToContents(column);
    }
    const int most = fontMetrics().averageCharWidth() * 34;
    m_chains->setColumnWidth(FileColumn, std::min(m_chains->columnWidth(FileColumn), most));
    int rows = 0;
    for (int i = 0; i < m_chains->topLevelItemCount(); ++i) {
        rows += 1 + m_chains->topLevelItem(i)->childCount();
    }
    const int rowHeight = std::max(m_chains->sizeHintForRow(0), fontMetrics().height() + 2);
    m_chains->setFixedHeight(m_chains->header()->sizeHint().height() + rows * rowHeight + 2 * m_chains->frameWidth()
        + fontMetrics().height());
}

QString SnapshotDetails::deletionText(const Deletion &deletion)
{
    if (!deletion.blockers.isEmpty()) {
        return tr("Can't be done: %1").arg(deletion.blockers.join(u' '));
    }
    QStringList lines;
    for (const Merge &merge : deletion.merges) {
        const QString bytes = model::formatBytes(merge.bytes);
        switch (merge.kind) {
        case Merge::Kind::Commit:
            lines.append(tr("%1: merges %2 (up to %3) into %4.")
                    .arg(merge.target, fileName(merge.top.path), bytes, fileName(merge.base.path)));
            break;
        case Merge::Kind::Pull:
            lines.append(tr("%1: merges %2 (up to %3) into %4.")
                    .arg(merge.target, fileName(merge.base.path), bytes, fileName(merge.top.path)));
            break;
        case Merge::Kind::Drop:
            lines.append(tr("%1: deletes %2 (%3) with what is in it: nothing needs it.")
                    .arg(merge.target, fileName(merge.top.path), model::formatBytes(merge.freed)));
            break;
        }
    }
    if (!deletion.internals.isEmpty()) {
        lines.append(tr("Frees what is kept within the image."));
    }
    for (const QString &file : deletion.memoryFiles) {
        lines.append(tr("Deletes the memory in %1.").arg(fileName(file)));
    }
    lines += deletion.kept;
    if (lines.isEmpty()) {
        return tr("Moves no data.");
    }
    return lines.join(u'\n');
}

void SnapshotDetails::changeEvent(QEvent *event)
{
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_problems) {
        updateColours();
    }
}

void SnapshotDetails::updateColours()
{
    const QColor color = planicons::problemColor(palette());
    if (m_problems->palette().color(QPalette::WindowText) != color) {
        QPalette colored = palette();
        colored.setColor(QPalette::WindowText, color);
        m_problems->setPalette(colored);
    }
}

} // namespace vireo::ui
