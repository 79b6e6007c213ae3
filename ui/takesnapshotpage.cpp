// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/takesnapshotpage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QHeaderView>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/snapshot/naming.h"
#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::SnapshotCreateDraft;
using Kind = SnapshotCreateDraft::Kind;

namespace {

enum Column { DiskColumn, FileColumn, OverlayColumn };

/** For columns that are only read, beside one that is edited. */
class ReadOnlyDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QWidget *createEditor(QWidget *, const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return nullptr;
    }
};

} // namespace

TakeSnapshotPage::TakeSnapshotPage(QWidget *parent)
    : WizardPage(tr("Snapshot"), parent)
    , m_grid(new FieldGrid(this))
    , m_name(new QLineEdit(this))
    , m_description(new QPlainTextEdit(this))
    , m_kind(new QComboBox(this))
    , m_memory(new QCheckBox(tr("Keep the &memory too, so that it goes on exactly where it was"), this))
    , m_live(new QCheckBox(tr("The guest goes on &while its memory is written"), this))
    , m_quiesce(new QCheckBox(tr("Let the guest agent &freeze the file systems for that moment"), this))
    , m_picture(new QCheckBox(tr("Keep a &picture of the screen"), this))
    , m_disks(new QTreeWidget(this))
    , m_memoryFile(new QLineEdit(this))
{
    m_description->setTabChangesFocus(true);
    m_description->setFixedHeight(fontMetrics().lineSpacing() * 3 + 12);
    m_description->setPlaceholderText(tr("What is about to happen, or why this state is worth keeping"));
    m_nameNote = m_grid->addField(tr("&Name"), m_name);
    m_grid->addField(tr("&Description"), m_description);
    createfields::narrow(m_kind);
    m_kindNote = m_grid->addField(tr("&Kind"), m_kind);
    m_grid->addWide(m_memory);
    m_grid->addWide(m_live);
    m_grid->addWide(m_quiesce);
    m_grid->addWide(m_picture);
    m_live->setChecked(true);
    m_picture->setChecked(true);

    auto *files = new QWidget(this);
    m_disks->setObjectName(u"snapshotDisks"_s);
    m_disks->setAccessibleName(tr("Disks"));
    m_disks->setHeaderLabels({tr("Disk"), tr("File now"), tr("New overlay")});
    m_disks->setRootIsDecorated(false);
    m_disks->setUniformRowHeights(true);
    m_disks->setAllColumnsShowFocus(true);
    m_disks->setEditTriggers(
        QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked | QAbstractItemView::SelectedClicked);
    for (const int column : {DiskColumn, FileColumn}) {
        m_disks->setItemDelegateForColumn(column, new ReadOnlyDelegate(m_disks));
    }
    m_disks->setMinimumHeight(fontMetrics().height() * 7);
    auto *memory = new FieldGrid(files);
    memory->addField(tr("Memory f&ile"), m_memoryFile);
    auto *filesLayout = new QVBoxLayout(files);
    filesLayout->setContentsMargins(0, 0, 0, 0);
    filesLayout->addWidget(m_disks);
    filesLayout->addWidget(memory);

    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_grid);
    layout->addWidget(new Expander(tr("Disks and fi&les"), files, content));
    createfields::fillPage(this, content);
    connectFields();
    refresh();
}

void TakeSnapshotPage::connectFields()
{
    connect(m_name, &QLineEdit::textChanged, this, [this] {
        proposeFiles();
        choose();
    });
    connect(m_description, &QPlainTextEdit::textChanged, this, &TakeSnapshotPage::choose);
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        proposeFiles();
        choose();
    });
    connect(m_memory, &QCheckBox::clicked, this, [this] {
        m_memoryChosen = true;
        choose();
    });
    connect(m_quiesce, &QCheckBox::clicked, this, [this](bool on) {
        m_wantsQuiesce = on;
        choose();
    });
    for (QCheckBox *box : {m_live, m_picture}) {
        connect(box, &QCheckBox::clicked, this, &TakeSnapshotPage::choose);
    }
    connect(m_disks, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem * /*item*/, int column) {
        m_filesChosen = m_filesChosen || column == OverlayColumn;
        choose();
    });
    connect(m_memoryFile, &QLineEdit::textEdited, this, &TakeSnapshotPage::choose);
}

void TakeSnapshotPage::setHabits(bool quiesce, bool picture)
{
    m_wantsQuiesce = quiesce;
    m_picture->setChecked(picture);
}

void TakeSnapshotPage::setFacts(const snapshot::Facts &facts)
{
    const bool first = !m_known;
    m_known = true;
    m_facts = facts;
    m_suggestion = operation::suggestSnapshot(facts);
    // A name that nobody has typed follows what there is now.
    if (m_name->text() == m_proposedName) {
        m_proposedName = snapshot::suggestedName(facts, QDateTime::currentDateTime());
        const QSignalBlocker blocker(m_name);
        m_name->setText(m_proposedName);
        m_name->selectAll();
    }
    fillKinds();
    if (first) {
        fillDisks();
    }
    proposeFiles();
    refresh();
    Q_EMIT changed();
}

void TakeSnapshotPage::fillKinds()
{
    const QString chosen = m_kind->currentData().toString();
    const QString proposed = m_suggestion.kind == Kind::Internal ? tr("Internal") : tr("External");
    QStringList texts{tr("As suits this VM: %1").arg(proposed)};
    QStringList keys{u"auto"_s};
    if (m_suggestion.noExternal.isEmpty()) {
        texts.append(tr("External: new overlay files"));
        keys.append(u"external"_s);
    }
    if (m_suggestion.noInternal.isEmpty()) {
        texts.append(tr("Internal: within the image files"));
        keys.append(u"internal"_s);
    }
    createfields::fill(m_kind, texts, keys, keys.contains(chosen) ? chosen : u"auto"_s);
}

void TakeSnapshotPage::fillDisks()
{
    const QSignalBlocker blocker(m_disks);
    for (const snapshot::DiskNow &disk : std::as_const(m_facts.disks)) {
        auto *item = new QTreeWidgetItem(m_disks);
        item->setText(DiskColumn, disk.target);
        const QString path = disk.chain.isEmpty() ? QString() : disk.chain.constFirst().path;
        item->setText(FileColumn, path.section(u'/', -1));
        item->setToolTip(FileColumn, path.toHtmlEscaped());
        if (disk.canSnapshot) {
            item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsEditable);
            item->setCheckState(DiskColumn, Qt::Checked);
        } else {
            item->setFlags(Qt::ItemIsSelectable);
            item->setCheckState(DiskColumn, Qt::Unchecked);
            item->setText(OverlayColumn, disk.reason);
        }
        item->setToolTip(DiskColumn, disk.reason.toHtmlEscaped());
    }
    for (const int column : {DiskColumn, FileColumn}) {
        m_disks->resizeColumnToContents(column);
    }
}

/** Names of files follow the snapshot's, until somebody changes one. */
void TakeSnapshotPage::proposeFiles()
{
    if (!m_known) {
        return;
    }
    const bool external = kind() == Kind::External;
    m_memoryFile->setPlaceholderText(snapshot::memoryPath(m_facts, m_name->text().trimmed()));
    if (m_filesChosen && external) {
        return;
    }
    const QSignalBlocker blocker(m_disks);
    for (int i = 0; i < m_disks->topLevelItemCount(); ++i) {
        QTreeWidgetItem *item = m_disks->topLevelItem(i);
        if (item->flags().testFlag(Qt::ItemIsEnabled)) {
            item->setText(OverlayColumn,
                external ? snapshot::overlayPath(m_facts, item->text(DiskColumn), m_name->text().trimmed())
                         : QString());
        }
    }
}

Kind TakeSnapshotPage::kind() const
{
    const QString chosen = m_kind->currentData().toString();
    return chosen == u"internal"_s ? Kind::Internal : chosen == u"external"_s ? Kind::External : m_suggestion.kind;
}

bool TakeSnapshotPage::withMemory() const
{
    return m_memory->isEnabled() && m_memory->isChecked();
}

void TakeSnapshotPage::choose()
{
    refresh();
    Q_EMIT changed();
}

void TakeSnapshotPage::refresh()
{
    const bool active = m_facts.domain.isActive();
    const bool canMemory = m_known && active && m_suggestion.noMemory.isEmpty();
    m_memory->setVisible(active || !m_known);
    m_memory->setEnabled(canMemory);
    m_memory->setToolTip(m_suggestion.noMemory.toHtmlEscaped());
    if (!m_memoryChosen) {
        createfields::set(m_memory, canMemory && m_suggestion.memory);
    }
    const bool external = kind() == Kind::External;
    m_live->setVisible(active && external);
    m_live->setEnabled(withMemory() && m_facts.domain.state == virt::DomainState::Running);
    // An agent's freeze is of use where the disks alone are kept: with memory the guest goes on as if nothing was.
    const bool canQuiesce = m_known && active && m_suggestion.noQuiesce.isEmpty() && !withMemory();
    m_quiesce->setVisible(active);
    m_quiesce->setEnabled(canQuiesce);
    m_quiesce->setToolTip((m_suggestion.noQuiesce.isEmpty() && withMemory()
            ? tr("With its memory the guest goes on where it was: nothing needs to be frozen.")
            : m_suggestion.noQuiesce)
            .toHtmlEscaped());
    createfields::set(m_quiesce, canQuiesce && m_wantsQuiesce);
    m_picture->setVisible(active);
    m_memoryFile->setEnabled(external && withMemory());
    m_disks->setColumnHidden(OverlayColumn, !external);

    const QString problem = m_known ? snapshot::nameProblem(m_name->text().trimmed(), m_facts) : QString();
    m_nameNote->setText(problem, {});
    QStringList why;
    if (m_known) {
        if (m_kind->currentData().toString() == u"auto"_s) {
            why.append(m_suggestion.reason);
        }
        why.append(m_suggestion.noInternal);
        why.append(m_suggestion.noExternal);
        why.removeAll(QString());
        why.removeDuplicates();
    }
    m_kindNote->setText({}, why.join(u' '));
    Q_EMIT completeChanged();
}

SnapshotCreateDraft TakeSnapshotPage::draft() const
{
    SnapshotCreateDraft draft;
    draft.name = m_name->text().trimmed();
    draft.description = m_description->toPlainText().trimmed();
    const QString chosen = m_kind->currentData().toString();
    draft.kind = chosen == u"internal"_s ? Kind::Internal : chosen == u"external"_s ? Kind::External : Kind::Auto;
    if (m_memoryChosen) {
        draft.memory = withMemory() ? SnapshotCreateDraft::Memory::With : SnapshotCreateDraft::Memory::Without;
    }
    draft.live = m_live->isChecked();
    draft.quiesce = m_quiesce->isEnabled() && m_quiesce->isChecked();
    draft.picture = m_picture->isChecked();
    draft.memoryFile = m_memoryFile->text().trimmed();
    bool some = m_filesChosen;
    for (int i = 0; i < m_disks->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *item = m_disks->topLevelItem(i);
        if (!item->flags().testFlag(Qt::ItemIsEnabled)) {
            continue;
        }
        SnapshotCreateDraft::Disk disk;
        disk.target = item->text(DiskColumn);
        disk.included = item->checkState(DiskColumn) == Qt::Checked;
        disk.file = m_filesChosen && kind() == Kind::External ? item->text(OverlayColumn).trimmed() : QString();
        some = some || !disk.included;
        draft.disks.append(disk);
    }
    if (!some) {
        draft.disks.clear(); // all, as they are when it runs
    }
    return draft;
}

bool TakeSnapshotPage::isComplete() const
{
    return reason().isEmpty();
}

QString TakeSnapshotPage::reason() const
{
    return m_known ? snapshot::nameProblem(m_name->text().trimmed(), m_facts)
                   : tr("What there is on the host is still being read.");
}

QWidget *TakeSnapshotPage::firstField() const
{
    return m_name;
}

} // namespace vireo::ui
