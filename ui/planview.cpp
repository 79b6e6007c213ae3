// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planview.h"

#include <algorithm>

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include "backend/job/jobgroup.h"
#include "model/planmodel.h"
#include "ui/plandelegates.h"
#include "ui/planicons.h"
#include "ui/planxml.h"
#include "ui/showtab.h"

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
    , m_xml(new PlanXml(this))
    , m_copy(new QPushButton(tr("Copy as &JSON"), this))
    , m_corner(nullptr)
    , m_customise(new QPushButton(tr("C&ustomise…"), this))
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
    m_tabs->addTab(m_xml, tr("&XML"));
    auto *corner = new QWidget(m_tabs);
    m_corner = new QHBoxLayout(corner);
    m_corner->setContentsMargins(0, 0, 0, 2);
    m_corner->addWidget(m_customise);
    m_corner->addWidget(m_copy);
    m_customise->setAutoDefault(false);
    m_customise->setToolTip(tr("Opens the hardware pages on the new VM, before it is made"));
    m_customise->hide();
    connect(m_customise, &QPushButton::clicked, this, [this] { Q_EMIT customiseRequested(m_xml->shown()); });
    connect(m_xml, &PlanXml::chosen, this, [this](int index, const QString &xml) { Q_EMIT xmlChosen(xml, index); });
    connect(m_xml, &PlanXml::editingChanged, this, [this] {
        updateXml();
        Q_EMIT editingChanged();
    });
    m_tabs->setCornerWidget(corner, Qt::TopRightCorner);
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Plan details"));

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

void PlanView::addButton(QPushButton *button)
{
    button->setAutoDefault(false);
    m_corner->insertWidget(0, button);
}

void PlanView::insertTab(int index, QWidget *page, const QString &title)
{
    m_tabs->insertTab(index, page, title);
    page->setAccessibleName(title.contains(u'&') ? QString(title).remove(u'&') : title);
}

void PlanView::setTabShown(QWidget *page, bool shown)
{
    showTab(m_tabs, m_tabs->indexOf(page), shown);
}

void PlanView::bringToFront(QWidget *page)
{
    setTabShown(page, true);
    m_tabs->setCurrentWidget(page);
}

void PlanView::setXmlEditable(bool editable, bool customise)
{
    m_xml->setEditable(editable);
    m_customise->setVisible(editable && customise);
}

void PlanView::setXmlTexts(const QList<PlanText> &texts)
{
    m_xml->setTexts(texts);
    updateXml();
}

void PlanView::chooseXml(const QString &xml)
{
    if (!m_locked && xml != m_xml->shown()) {
        Q_EMIT xmlChosen(xml, 0);
    }
}

bool PlanView::hasUnappliedXml() const
{
    return m_xml->hasUnapplied();
}

void PlanView::setLocked(bool locked)
{
    m_locked = locked;
    m_xml->setLocked(locked);
    updateXml();
}

void PlanView::updateXml()
{
    const bool any = std::any_of(
        m_xml->texts().cbegin(), m_xml->texts().cend(), [](const PlanText &text) { return !text.xml.isEmpty(); });
    showTab(m_tabs, m_tabs->indexOf(m_xml), any);
    m_customise->setEnabled(!m_locked && !m_xml->isEditing() && any);
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
        return job.cancelRequested || job.error.kind == Error::Kind::Cancelled
            ? tr("Cancelled: taking back what was done…")
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
    const bool migrates = plan.operation == "migrate"_L1;
    const QString custom = plan.draft.value(migrates ? "xml"_L1 : "custom_xml"_L1).toString();
    setXmlTexts({{{}, custom.isEmpty() ? plan.xmlAfter : custom, !custom.isEmpty(),
        migrates ? tr("As it is to run at the destination. What the guest sees must stay.")
                 : tr("Disks and the name follow from the pages; keep them.")}});
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
    const QJsonObject draft = job::draftOf(m_plan);
    return QJsonDocument(draft.isEmpty() ? m_plan.toJson() : draft).toJson(QJsonDocument::Indented);
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
