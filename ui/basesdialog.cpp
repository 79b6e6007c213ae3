// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/basesdialog.h"

#include <algorithm>
#include <chrono>

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTextDocument>
#include <QTreeWidget>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/format.h"
#include "ui/emptystate.h"
#include "ui/messagebar.h"
#include "ui/plandialog.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

enum Column { NameColumn, PoolColumn, SizeColumn, UseColumn, LastColumn };
constexpr int SortRole = Qt::UserRole;
constexpr int DefaultDays = 30;
constexpr int MaximumDays = 3650;

/** All pools are refreshed and the XML of all domains is read. */
constexpr std::chrono::seconds FactsDeadline{60};

/** A row that sorts by figures where the text is made of one. */
class BaseItem final : public QTreeWidgetItem
{
public:
    using QTreeWidgetItem::QTreeWidgetItem;

    bool operator<(const QTreeWidgetItem &other) const override
    {
        const int column = treeWidget() ? treeWidget()->sortColumn() : NameColumn;
        if (column == SizeColumn || column == LastColumn) {
            return data(column, SortRole).toLongLong() < other.data(column, SortRole).toLongLong();
        }
        return QString::localeAwareCompare(text(column), other.text(column)) < 0;
    }
};

QString keyOf(const QString &pool, const QString &name)
{
    return pool + u'/' + name;
}

QString keyOf(const QTreeWidgetItem *item)
{
    return keyOf(item->text(PoolColumn), item->text(NameColumn));
}

/** Names come from outside: never read as markup. */
QString toolTipOf(const QString &text)
{
    return text.isEmpty() ? QString() : Qt::convertFromPlainText(text);
}

} // namespace

BasesDialog::BasesDialog(const UiContext &context, const virt::HostId &host, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_host(host)
    , m_message(new MessageBar(this))
    , m_stack(new QStackedWidget(this))
    , m_table(new QTreeWidget(this))
    , m_total(new QLabel(this))
    , m_days(new QSpinBox(this))
    , m_summary(new QLabel(this))
    , m_refresh(new QPushButton(tr("Re&fresh"), this))
    , m_removeSelected(new QPushButton(tr("Remove &selected…"), this))
    , m_removeUnused(new QPushButton(tr("Remove &unused…"), this))
{
    setObjectName(u"basesDialog"_s);
    const virt::Host *known = m_context.hosts.host(host);
    setWindowTitle(known ? tr("Base images of %1").arg(known->settings().displayName()) : tr("Base images"));
    build();
    connect(m_refresh, &QPushButton::clicked, this, [this] {
        m_jobFailed = false;
        read();
    });
    connect(m_removeUnused, &QPushButton::clicked, this, [this] { propose(unusedPlan()); });
    connect(m_removeSelected, &QPushButton::clicked, this, [this] { propose(selectedPlan()); });
    connect(m_days, &QSpinBox::valueChanged, this, &BasesDialog::update);
    connect(m_table, &QTreeWidget::itemSelectionChanged, this, &BasesDialog::update);
    connect(&m_context.jobs, &job::JobManager::finished, this, &BasesDialog::jobEnded);
    read();
}

void BasesDialog::build()
{
    auto *intro = new QLabel(tr("An image is uploaded once and kept as a base: the next virtual machine made from it "
                                "needs no upload. A base that nobody uses can go."),
        this);
    intro->setWordWrap(true);

    m_table->setObjectName(u"bases"_s);
    m_table->setAccessibleName(tr("Base images"));
    m_table->setHeaderLabels({tr("Base image"), tr("Pool"), tr("Size"), tr("Used by"), tr("Last used")});
    m_table->headerItem()->setTextAlignment(SizeColumn, Qt::AlignRight | Qt::AlignVCenter);
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAlternatingRowColors(true);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(NameColumn, Qt::AscendingOrder);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->header()->setStretchLastSection(false);
    m_table->header()->setSectionResizeMode(UseColumn, QHeaderView::Stretch);
    const int ch = fontMetrics().averageCharWidth();
    m_table->setColumnWidth(NameColumn, ch * 40);
    m_table->setColumnWidth(PoolColumn, ch * 14);
    m_table->setColumnWidth(SizeColumn, ch * 12);
    m_table->setColumnWidth(LastColumn, ch * 18);
    auto *empty = new EmptyState(Glyph::Details, tr("No base images"),
        tr("The first virtual machine that is made from a disk image leaves its base here, for the next ones."));
    empty->setObjectName(u"noBases"_s);
    m_stack->addWidget(m_table);
    m_stack->addWidget(empty);

    m_total->setObjectName(u"total"_s);
    m_summary->setObjectName(u"summary"_s);
    for (QLabel *label : {m_total, m_summary}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_summary->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_summary->setMinimumHeight(fontMetrics().lineSpacing() * 3); // kept, so that nothing jumps

    m_days->setObjectName(u"days"_s);
    m_days->setAccessibleName(tr("Not used for at least"));
    m_days->setRange(0, MaximumDays);
    m_days->setValue(DefaultDays);
    m_days->setSuffix(tr(" days", "after a number; begins with a space"));
    m_days->setSpecialValueText(tr("0 days (all unused)"));
    m_days->setMinimumWidth(ch * 24);
    auto *label = new QLabel(tr("&Not used for at least:"), this);
    label->setBuddy(m_days);
    m_refresh->setObjectName(u"refresh"_s);
    m_removeSelected->setObjectName(u"removeSelected"_s);
    m_removeUnused->setObjectName(u"removeUnused"_s);
    for (QPushButton *button : {m_refresh, m_removeSelected, m_removeUnused}) {
        button->setAutoDefault(false);
    }
    auto *top = new QHBoxLayout;
    top->addWidget(m_total, 1);
    top->addWidget(m_removeSelected);
    top->addWidget(m_refresh);
    auto *age = new QHBoxLayout;
    age->addWidget(label);
    age->addWidget(m_days);
    age->addWidget(m_removeUnused);
    age->addStretch();

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &BasesDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(intro);
    layout->addWidget(m_message);
    layout->addWidget(m_stack, 1);
    layout->addLayout(top);
    layout->addLayout(age);
    layout->addWidget(m_summary);
    layout->addWidget(buttons);
    resize(ch * 130, fontMetrics().height() * 28);
    m_table->setFocus();
}

void BasesDialog::read()
{
    virt::Host *host = m_context.hosts.host(m_host);
    if (!host) {
        showBases(fail(Error::failed(tr("The connection was removed."))));
        return;
    }
    if (m_reading) {
        return;
    }
    m_reading = true;
    host->ask<operation::BaseList>(
        this, [](virt::Connection &connection) { return operation::readBases(connection, {}); },
        [this](const Result<operation::BaseList> &bases) {
            m_reading = false;
            showBases(bases);
        },
        FactsDeadline);
    update();
}

void BasesDialog::showBases(const Result<operation::BaseList> &bases)
{
    if (!bases) {
        m_bases.reset(); // nothing is offered by what may be wrong by now; the rows stay to be read
        m_message->showMessage(MessageBar::Kind::Error, bases.error().message, bases.error().hint);
        update();
        return;
    }
    if (!m_jobFailed) {
        m_message->clear();
    }
    QStringList chosen;
    const QList<QTreeWidgetItem *> before = m_table->selectedItems();
    for (const QTreeWidgetItem *item : before) {
        chosen.append(keyOf(item));
    }
    const int scrolled = m_table->verticalScrollBar()->value();
    m_bases = *bases;
    m_table->setSortingEnabled(false);
    m_table->clear();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const operation::BaseImage &base : std::as_const(m_bases->bases)) {
        auto *item = new BaseItem(m_table);
        item->setText(NameColumn, base.name);
        item->setToolTip(NameColumn, toolTipOf(base.path));
        item->setText(PoolColumn, base.pool);
        item->setToolTip(PoolColumn, toolTipOf(base.pool));
        item->setText(SizeColumn, model::formatBytes(base.allocation));
        item->setTextAlignment(SizeColumn, Qt::AlignRight | Qt::AlignVCenter);
        item->setData(SizeColumn, SortRole, base.allocation);
        QStringList uses;
        if (!base.domains.isEmpty()) {
            uses.append(tr("VMs: %1").arg(base.domains.join(u", "_s)));
        }
        if (!base.overlays.isEmpty()) {
            uses.append(tr("overlays: %1").arg(base.overlays.join(u", "_s)));
        }
        item->setText(UseColumn, uses.isEmpty() ? tr("Unused") : uses.join(u"; "_s));
        item->setToolTip(UseColumn, toolTipOf(uses.join(u'\n')));
        item->setText(LastColumn,
            base.lastUsed.isValid() ? model::formatAge(std::max<qint64>(0, base.lastUsed.secsTo(now)))
                                    : tr("Unknown", "when a base image was last used"));
        item->setToolTip(LastColumn,
            base.lastUsed.isValid() ? QLocale().toString(base.lastUsed.toLocalTime(), QLocale::LongFormat)
                                    : tr("The host does not say when it was last used."));
        item->setData(LastColumn, SortRole, base.lastUsed.isValid() ? base.lastUsed.toSecsSinceEpoch() : 0);
    }
    m_table->setSortingEnabled(true);
    for (int row = 0; row < m_table->topLevelItemCount(); ++row) {
        QTreeWidgetItem *item = m_table->topLevelItem(row);
        item->setSelected(chosen.contains(keyOf(item)));
    }
    m_table->verticalScrollBar()->setValue(scrolled);
    m_stack->setCurrentIndex(m_bases->bases.isEmpty() ? 1 : 0);
    update();
}

operation::BaseList BasesDialog::selected() const
{
    operation::BaseList list;
    if (!m_bases) {
        return list;
    }
    list.unseen = m_bases->unseen;
    const QList<QTreeWidgetItem *> items = m_table->selectedItems();
    QStringList keys;
    for (const QTreeWidgetItem *item : items) {
        keys.append(keyOf(item));
    }
    std::ranges::copy_if(m_bases->bases, std::back_inserter(list.bases),
        [&keys](const operation::BaseImage &base) { return keys.contains(keyOf(base.pool, base.name)); });
    return list;
}

job::Plan BasesDialog::unusedPlan() const
{
    return operation::planAgeOut(m_host, m_bases.value_or(operation::BaseList()), {{}, m_days->value()});
}

job::Plan BasesDialog::selectedPlan() const
{
    const operation::BaseList list = selected();
    QStringList names;
    for (const operation::BaseImage &base : list.bases) {
        names.append(base.name);
    }
    return operation::planAgeOut(m_host, list, {names, 0});
}

void BasesDialog::update()
{
    const virt::Host *host = m_context.hosts.host(m_host);
    QString refusal;
    if (m_reading) {
        refusal = tr("Reading the host's storage pools…");
    } else if (!m_job.isNull()) {
        refusal = tr("Base images are being removed…");
    } else if (!m_bases) {
        refusal = tr("What there is could not be read.");
    } else if (host && host->settings().readOnly) {
        refusal = tr("The connection to %1 is read-only.").arg(host->settings().displayName());
    }
    m_refresh->setEnabled(!m_reading);

    quint64 bytes = 0;
    int unused = 0;
    const QList<operation::BaseImage> bases = m_bases ? m_bases->bases : QList<operation::BaseImage>();
    for (const operation::BaseImage &base : bases) {
        bytes += base.allocation;
        unused += base.isUsed() ? 0 : 1;
    }
    m_total->setText(bases.isEmpty() ? QString()
            : bases.size() == 1      ? (unused > 0 ? tr("One base image, %1, unused") : tr("One base image, %1, used"))
                                      .arg(model::formatBytes(bytes))
                                : tr("%n base images, %1; unused: %2", nullptr, static_cast<int>(bases.size()))
                                      .arg(model::formatBytes(bytes))
                                      .arg(unused));
    QString summary = refusal;
    bool canRemoveUnused = false;
    if (refusal.isEmpty() && !bases.isEmpty()) {
        const job::Plan plan = unusedPlan();
        canRemoveUnused = !plan.steps.isEmpty();
        summary = plan.isBlocked() ? QString() : plan.verdict;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                summary = QStringList{finding.text + u'.', finding.cause, finding.fix}.join(u' ').trimmed();
                break;
            }
        }
    }
    m_summary->setText(summary);
    m_removeUnused->setEnabled(canRemoveUnused);
    m_removeUnused->setToolTip(toolTipOf(summary));
    const bool canRemoveSelected = refusal.isEmpty() && !m_table->selectedItems().isEmpty();
    m_removeSelected->setEnabled(canRemoveSelected);
    m_removeSelected->setToolTip(canRemoveSelected ? tr("Shows first what would go")
            : refusal.isEmpty()                    ? tr("No base image is selected.")
                                                   : toolTipOf(refusal));
}

void BasesDialog::propose(const job::Plan &plan)
{
    auto *dialog = new PlanDialog(plan, tr("Remove"), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_jobFailed = false;
        m_job = m_context.jobs.run(dialog->plan());
        if (const job::JobRecord *record = m_context.jobs.job(m_job); !record || record->isFinished()) {
            jobEnded(m_job); // refused at once
        }
        update();
    });
    dialog->open();
}

void BasesDialog::jobEnded(const QUuid &id)
{
    if (m_job.isNull() || id != m_job) {
        return;
    }
    m_job = {};
    const job::JobRecord *record = m_context.jobs.job(id);
    if (record && record->state != job::JobState::Done && record->state != job::JobState::Cancelled) {
        m_jobFailed = true;
        m_message->showMessage(MessageBar::Kind::Error, record->error.message, record->error.hint);
    }
    read();
}

} // namespace vireo::ui
