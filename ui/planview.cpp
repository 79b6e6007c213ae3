// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planview.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include "model/planmodel.h"
#include "ui/plandelegates.h"
#include "ui/planicons.h"
#include "ui/xmlview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::Finding;
using job::JobState;

PlanView::PlanView(QWidget *parent)
    : QWidget(parent)
    , m_findingModel(new model::FindingModel(this))
    , m_stepModel(new model::StepModel(this))
    , m_verdictIcon(new QLabel(this))
    , m_verdict(new QLabel(this))
    , m_tabs(new QTabWidget(this))
    , m_findings(new QTreeView(this))
    , m_steps(new QTreeView(this))
    , m_xml(new XmlView(this))
    , m_copy(new QPushButton(tr("Copy as &JSON"), this))
    , m_corner(nullptr)
    , m_editXml(new QPushButton(tr("E&dit XML"), this))
    , m_applyXml(new QPushButton(tr("&Apply"), this))
    , m_discardXml(new QPushButton(tr("D&iscard"), this))
    , m_resetXml(new QPushButton(tr("&Reset"), this))
    , m_xmlNote(new QLabel(this))
{
    QFont bold = font();
    bold.setBold(true);
    m_verdict->setFont(bold);
    m_verdict->setTextFormat(Qt::PlainText);
    m_verdict->setWordWrap(true);
    m_verdict->setAccessibleName(tr("Verdict"));
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_verdictIcon->setAlignment(Qt::AlignTop);

    m_copy->setAutoDefault(false);
    m_copy->setToolTip(tr("Copies what was chosen as a document that “vireo run” takes"));
    connect(m_copy, &QPushButton::clicked, this,
        [this] { QGuiApplication::clipboard()->setText(QString::fromUtf8(toJson())); });

    m_tabs->addTab(makePlanTab(), tr("&Plan"));
    m_tabs->addTab(makeXmlTab(), tr("&XML"));
    auto *corner = new QWidget(m_tabs);
    m_corner = new QHBoxLayout(corner);
    m_corner->setContentsMargins(0, 0, 0, 2);
    m_corner->addWidget(m_copy);
    m_tabs->setCornerWidget(corner, Qt::TopRightCorner);
    m_tabs->setDocumentMode(true);

    auto *top = new QHBoxLayout;
    top->addWidget(m_verdictIcon, 0, Qt::AlignTop);
    top->addWidget(m_verdict, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(top);
    layout->addWidget(m_tabs, 1);
}

PlanView::~PlanView() = default;

QWidget *PlanView::makePlanTab()
{
    m_findings->setModel(m_findingModel);
    m_findings->setItemDelegate(new FindingDelegate(m_findings));
    m_findings->setHeaderHidden(true);
    m_findings->setAccessibleName(tr("Findings"));
    m_findings->setWordWrap(true);
    m_findings->setTextElideMode(Qt::ElideRight);
    m_findings->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_findings->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_findings, &QTreeView::expanded, this, &PlanView::fitFindings);
    connect(m_findings, &QTreeView::collapsed, this, &PlanView::fitFindings);

    m_steps->setModel(m_stepModel);
    m_steps->setItemDelegate(new StepDelegate(m_steps));
    m_steps->setRootIsDecorated(false);
    m_steps->setTextElideMode(Qt::ElideMiddle); // names of volumes differ at their ends
    m_steps->header()->setMinimumSectionSize(40);
    m_steps->setUniformRowHeights(true);
    m_steps->setAccessibleName(tr("Steps"));
    m_steps->setAllColumnsShowFocus(true);
    m_steps->setAlternatingRowColors(true);
    m_steps->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_steps->header()->setStretchLastSection(false);
    m_steps->header()->setSectionsMovable(false);

    auto *tab = new QWidget(m_tabs);
    auto *layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_findings);
    layout->addWidget(m_steps, 1);
    layout->addStretch(0);
    return tab;
}

QWidget *PlanView::makeXmlTab()
{
    auto *tab = new QWidget(m_tabs);
    m_xmlBar = new QWidget(tab);
    auto *bar = new QHBoxLayout(m_xmlBar);
    bar->setContentsMargins(0, 0, 0, 0);
    for (QPushButton *button : {m_editXml, m_applyXml, m_discardXml, m_resetXml}) {
        button->setAutoDefault(false);
        bar->addWidget(button);
    }
    bar->addWidget(m_xmlNote, 1);
    m_xmlNote->setTextFormat(Qt::PlainText);
    m_editXml->setToolTip(tr("Customise the definition before it is made"));
    m_applyXml->setToolTip(tr("Makes the plan anew with this definition"));
    m_resetXml->setToolTip(tr("Takes the edits back: the definition follows from the pages again"));
    auto *layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_xmlBar);
    layout->addWidget(m_xml, 1);
    m_xmlBar->hide();

    connect(m_editXml, &QPushButton::clicked, this, [this] { setEditing(true); });
    connect(m_discardXml, &QPushButton::clicked, this, [this] {
        m_xml->setXml(m_shownXml);
        setEditing(false);
    });
    connect(m_applyXml, &QPushButton::clicked, this, [this] {
        const QString xml = m_xml->xml();
        setEditing(false);
        Q_EMIT xmlChosen(xml);
    });
    connect(m_resetXml, &QPushButton::clicked, this, [this] { Q_EMIT xmlChosen({}); });
    connect(m_xml->editor(), &QPlainTextEdit::textChanged, this, [this] {
        if (m_editing) {
            updateXmlButtons();
            Q_EMIT editingChanged();
        }
    });
    updateXmlButtons();
    return tab;
}

void PlanView::addButton(QPushButton *button)
{
    button->setAutoDefault(false);
    m_corner->insertWidget(0, button);
}

void PlanView::setXmlEditable(bool editable)
{
    m_xmlBar->setVisible(editable);
    if (!editable) {
        setEditing(false);
    }
}

bool PlanView::hasUnappliedXml() const
{
    return m_editing && m_xml->xml() != m_shownXml;
}

void PlanView::setLocked(bool locked)
{
    m_locked = locked;
    updateXmlButtons();
}

void PlanView::setEditing(bool editing)
{
    m_editing = editing;
    if (editing) {
        m_shownXml = m_xml->xml(); // as the editor has it: it may turn odd blanks into plain ones
    }
    m_xml->editor()->setReadOnly(!editing);
    updateXmlButtons();
    if (editing) {
        m_xml->editor()->setFocus();
    }
    Q_EMIT editingChanged();
}

void PlanView::updateXmlButtons()
{
    m_editXml->setVisible(!m_editing);
    m_editXml->setEnabled(!m_locked);
    m_applyXml->setVisible(m_editing);
    m_applyXml->setEnabled(hasUnappliedXml());
    m_discardXml->setVisible(m_editing);
    m_resetXml->setVisible(!m_editing && m_customXml);
    m_resetXml->setEnabled(!m_locked);
    QString note;
    if (m_editing) {
        note = tr("Disks and the name follow from the pages; keep them.");
    } else if (m_customXml) {
        note = tr("Edited by hand.");
    }
    m_xmlNote->setText(note);
}

QString PlanView::sentence(const job::Plan &plan)
{
    if (const int blockers = plan.count(Finding::Severity::Blocker)) {
        return blockers == 1 ? tr("Can't start: 1 blocker") : tr("Can't start: %n blockers", nullptr, blockers);
    }
    QString ready = plan.verdict.isEmpty() ? tr("Ready") : plan.verdict;
    if (const int warnings = plan.count(Finding::Severity::Warning)) {
        return (warnings == 1 ? tr("%1 (1 warning)") : tr("%1 (%n warnings)", nullptr, warnings)).arg(ready);
    }
    return ready;
}

QString PlanView::sentence(const job::JobRecord &job)
{
    switch (job.state) {
    case JobState::Queued:
        return tr("Waiting for another job of the same VM");
    case JobState::Running:
        return job.cancelRequested ? tr("Stopping…") : tr("Running…");
    case JobState::Undoing:
        return job.cancelRequested ? tr("Cancelled: taking back what was done…")
                                   : tr("Failed: taking back what was done…");
    case JobState::Done:
        return tr("Done");
    case JobState::Failed:
        return tr("Failed. Everything was undone.");
    case JobState::Cancelled:
        return tr("Cancelled. Everything was undone.");
    case JobState::Stuck:
        return tr("Failed, and could not be undone in full. What remains: %1").arg(job.remains.join(u"; "_s));
    case JobState::Interrupted:
        return tr("Interrupted. It can be finished or undone.");
    }
    return {};
}

void PlanView::setPlan(const job::Plan &plan)
{
    m_plan = plan;
    m_findingModel->setFindings(plan.findings);
    m_stepModel->setPlan(plan);
    // A blocked plan has no XML; what the user wrote is there all the same, to be corrected.
    const QString custom = plan.draft.value("custom_xml"_L1).toString();
    m_customXml = !custom.isEmpty();
    m_shownXml = m_customXml ? custom : plan.xmlAfter;
    m_editing = false;
    m_xml->editor()->setReadOnly(true);
    m_xml->setXml(m_shownXml);
    m_tabs->setTabVisible(1, !m_shownXml.isEmpty());
    updateXmlButtons();
    // A single blocker or warning shows its cause and fix at once: the answer without a click.
    for (int row = 0; row < m_findingModel->rowCount(); ++row) {
        const QModelIndex index = m_findingModel->index(row, 0);
        if (index.data(model::FindingModel::SeverityRole).toInt() == static_cast<int>(Finding::Severity::Blocker)) {
            m_findings->expand(index);
        }
    }
    Finding::Severity severity = Finding::Severity::Ok;
    if (plan.isBlocked()) {
        severity = Finding::Severity::Blocker;
    } else if (plan.count(Finding::Severity::Warning) > 0) {
        severity = Finding::Severity::Warning;
    }
    setVerdict(sentence(plan), severity);
    fitFindings();
    fitColumns();
}

void PlanView::setJob(const job::JobRecord &job)
{
    if (!(job.plan == m_plan)) {
        setPlan(job.plan);
    }
    m_stepModel->setJob(job);
    Finding::Severity severity = Finding::Severity::Note;
    if (job.state == JobState::Done) {
        severity = Finding::Severity::Ok;
    } else if (job.state == JobState::Failed || job.state == JobState::Stuck) {
        severity = Finding::Severity::Blocker;
    }
    setVerdict(sentence(job), severity);
    if (job.currentStep >= 0 && job.currentStep < m_stepModel->rowCount()) {
        m_steps->scrollTo(m_stepModel->index(job.currentStep, 0));
    }
}

QString PlanView::verdict() const
{
    return m_verdict->text();
}

QByteArray PlanView::toJson() const
{
    return QJsonDocument(m_plan.draft.isEmpty() ? m_plan.toJson() : m_plan.draft).toJson(QJsonDocument::Indented);
}

void PlanView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange && m_verdict) {
        setVerdict(m_verdict->text(), m_severity);
    }
    QWidget::changeEvent(event);
}

void PlanView::setVerdict(const QString &text, Finding::Severity severity)
{
    m_severity = severity;
    m_verdict->setText(text);
    m_verdictIcon->setPixmap(planicons::severity(severity, palette()).pixmap(QSize(16, 16), devicePixelRatioF()));
    setAccessibleDescription(text);
}

/** As high as its rows, up to eight lines: then it scrolls. Hidden when there is nothing to say. */
void PlanView::fitFindings()
{
    int lines = 0;
    for (int row = 0; row < m_findingModel->rowCount(); ++row) {
        const QModelIndex index = m_findingModel->index(row, 0);
        lines += 1 + (m_findings->isExpanded(index) ? m_findingModel->rowCount(index) : 0);
    }
    m_findings->setVisible(lines > 0);
    const int lineHeight = std::max(m_findings->sizeHintForRow(0), fontMetrics().lineSpacing() + 4);
    const int height = std::min(lines, 8) * lineHeight + 2 * m_findings->frameWidth() + 2;
    m_findings->setFixedHeight(height);
}

void PlanView::fitColumns()
{
    QHeaderView *header = m_steps->header();
    for (int column = 0; column < model::StepModel::ColumnCount; ++column) {
        header->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    }
    header->setSectionResizeMode(model::StepModel::ObjectColumn, QHeaderView::Stretch);
    header->setSectionResizeMode(model::StepModel::UndoColumn, QHeaderView::Stretch);
    header->setSectionResizeMode(model::StepModel::TimeColumn, QHeaderView::Fixed);
    header->resizeSection(model::StepModel::TimeColumn, fontMetrics().horizontalAdvance(u"59 min 59 s"_s) + 16);
    m_steps->setColumnHidden(model::StepModel::SizeColumn, m_plan.bytes() == 0);
    m_steps->setVisible(!m_plan.steps.isEmpty()); // a blocked plan has none
}

} // namespace vireo::ui
