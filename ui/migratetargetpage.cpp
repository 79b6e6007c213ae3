// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratetargetpage.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "model/preflightmodel.h"
#include "ui/colours.h"
#include "ui/fieldgrid.h"
#include "ui/migratereader.h"
#include "ui/planicons.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::MatrixCell;
using model::MigrateMatrix;

namespace {

/** The sign of the severity, and a tint on the chosen column. */
class MatrixDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const QVariant severity = index.data(MigrateMatrix::SeverityRole);
        if (severity.isValid()) {
            option->features |= QStyleOptionViewItem::HasDecoration;
            option->icon = planicons::severity(static_cast<job::Finding::Severity>(severity.toInt()), option->palette);
            option->decorationSize = QSize(16, 16);
        } else if (index.column() > 0) {
            option->palette.setColor(QPalette::Text, mutedColor(option->palette, false));
        }
        if (index.data(MigrateMatrix::ChosenRole).toBool()) {
            option->backgroundBrush =
                colours::blend(option->palette.color(QPalette::Base), option->palette.color(QPalette::Highlight), 0.16);
        }
    }
};

} // namespace

MigrateTargetPage::MigrateTargetPage(MigrateWizardState &state, MigrateReader &reader, QWidget *parent)
    : WizardPage(tr("Destination"), parent)
    , m_state(state)
    , m_reader(reader)
    , m_grid(new FieldGrid(this))
    , m_destination(new QComboBox(this))
    , m_matrix(new QTableView(this))
    , m_details(new QLabel(this))
    , m_progress(new QLabel(this))
    , m_again(new QPushButton(tr("Check A&gain"), this))
{
    m_note = m_grid->addField(tr("&Destination"), m_destination);
    m_destination->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_matrix->setModel(&m_state.matrix());
    m_matrix->setItemDelegate(new MatrixDelegate(m_matrix));
    m_matrix->setAccessibleName(tr("Compatibility"));
    m_matrix->setSelectionMode(QAbstractItemView::SingleSelection);
    m_matrix->setTabKeyNavigation(false);
    m_matrix->setWordWrap(false);
    m_matrix->setShowGrid(false);
    m_matrix->setAlternatingRowColors(true);
    m_matrix->verticalHeader()->hide();
    m_matrix->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_matrix->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_matrix->horizontalHeader()->setMinimumSectionSize(fontMetrics().averageCharWidth() * 18);
    m_matrix->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_matrix->horizontalHeader()->setSectionsClickable(true);
    const auto fitNames = [header = m_matrix->horizontalHeader()] { // the room is for what is said of each host
        if (header->count() > 1) {
            header->setSectionResizeMode(0, QHeaderView::ResizeToContents);
        }
    };
    connect(m_matrix->model(), &QAbstractItemModel::modelReset, m_matrix, fitNames);
    connect(m_matrix->model(), &QAbstractItemModel::columnsInserted, m_matrix, fitNames);
    fitNames();
    m_details->setTextFormat(Qt::PlainText);
    m_details->setWordWrap(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setAccessibleName(tr("Reasons"));
    m_details->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_details->setMinimumHeight(fontMetrics().lineSpacing() * 4);
    m_progress->setTextFormat(Qt::PlainText);
    m_again->setAutoDefault(false);
    m_again->setObjectName(u"checkHosts"_s);

    auto *bottom = new QHBoxLayout;
    bottom->addWidget(m_progress, 1);
    bottom->addWidget(m_again);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_matrix, 1);
    layout->addWidget(m_details);
    layout->addLayout(bottom);

    connect(m_destination, &QComboBox::activated, this,
        [this](int row) { m_state.choose(m_destination->itemData(row).toUuid()); });
    connect(m_matrix->horizontalHeader(), &QHeaderView::sectionClicked, this,
        [this](int column) { m_state.choose(m_state.matrix().hostAt(column)); });
    connect(m_matrix->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &index) {
        m_state.choose(m_state.matrix().hostAt(index.column()));
        showCell();
    });
    connect(m_again, &QPushButton::clicked, this, [this] {
        if (m_reader.isReading()) {
            m_reader.stop();
        } else {
            m_reader.readAgain();
        }
    });
    connect(&m_state, &MigrateWizardState::changed, this, &MigrateTargetPage::refresh);
    connect(&m_reader, &MigrateReader::readingChanged, this, &MigrateTargetPage::refresh);
    refresh();
}

void MigrateTargetPage::fillHosts()
{
    const QList<MigrateMatrix::Host> &hosts = m_state.matrix().hosts();
    const QSignalBlocker blocker(m_destination);
    bool same = m_destination->count() == hosts.size();
    for (int i = 0; same && i < hosts.size(); ++i) {
        same = m_destination->itemData(i).toUuid() == hosts.at(i).id;
    }
    if (!same) {
        m_destination->clear();
        for (const MigrateMatrix::Host &host : hosts) {
            m_destination->addItem(host.name, host.id);
        }
    }
    for (int i = 0; i < hosts.size(); ++i) {
        m_destination->setItemText(i, hosts.at(i).name);
        const MatrixCell column = m_state.matrix().column(hosts.at(i).id);
        m_destination->setItemIcon(
            i, column.state == MatrixCell::State::Known ? planicons::severity(column.severity, palette()) : QIcon());
    }
    m_destination->setCurrentIndex(m_destination->findData(m_state.chosen()));
}

void MigrateTargetPage::refresh()
{
    fillHosts();
    const QString problem = m_state.targetProblem();
    const MatrixCell column = m_state.matrix().column(m_state.chosen());
    const bool waits = m_state.matrix().readingCount() > 0;
    QString hint;
    if (column.state == MatrixCell::State::Known) {
        switch (column.severity) {
        case job::Finding::Severity::Ok:
            hint = tr("Nothing speaks against it.");
            break;
        case job::Finding::Severity::Note:
        case job::Finding::Severity::Warning:
            hint = tr("It can be done: %1").arg(column.text);
            break;
        case job::Finding::Severity::Blocker:
            hint = tr("As it is it can't be done: %1 The next pages may put it right.").arg(column.text);
            break;
        }
    }
    // What is still being read is no mistake of the user's.
    m_note->setText(waits ? QString() : problem, waits && !problem.isEmpty() ? problem : hint);
    const auto total = static_cast<int>(m_state.vms().size() * m_state.matrix().hosts().size());
    const int left = m_state.matrix().readingCount();
    m_progress->setText(m_reader.isReading() ? tr("Checking: %1 of %2 left").arg(left).arg(total)
            : left > 0                       ? tr("Stopped: %1 of %2 were not checked").arg(left).arg(total)
                                             : QString());
    m_again->setText(m_reader.isReading() ? tr("Stop Che&cking") : tr("Check A&gain"));
    showCell();
    Q_EMIT completeChanged();
}

void MigrateTargetPage::showCell()
{
    QModelIndex index = m_matrix->currentIndex();
    const int chosen = m_state.matrix().columnOf(m_state.chosen());
    if ((!index.isValid() || index.column() != chosen) && chosen > 0) {
        index = m_state.matrix().index(index.isValid() ? index.row() : 0, chosen);
    }
    if (!index.isValid() || index.column() == 0) {
        m_details->clear();
        return;
    }
    const MigrateMatrix::Vm &vm = m_state.matrix().vms().at(index.row());
    const MatrixCell cell = m_state.matrix().cell(vm.key, m_state.matrix().hostAt(index.column()));
    const QStringList reasons = cell.details.isEmpty() ? QStringList{index.data().toString()} : cell.details;
    m_details->setText(tr("%1 to %2:", "VM and host")
                           .arg(vm.name, m_state.matrix().headerData(index.column(), Qt::Horizontal).toString())
        + u'\n' + reasons.first(std::min<qsizetype>(reasons.size(), 6)).join(u'\n'));
}

bool MigrateTargetPage::isComplete() const
{
    return reason().isEmpty();
}

QString MigrateTargetPage::reason() const
{
    return m_state.targetProblem();
}

QWidget *MigrateTargetPage::firstField() const
{
    return m_destination;
}

} // namespace vireo::ui
