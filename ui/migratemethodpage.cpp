// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratemethodpage.h"

#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/migratecoldfields.h"
#include "ui/migratemaps.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::DiskMove;
using operation::MigrateDraft;
using operation::MigratePair;
using Compression = virt::migration::Options::Compression;

namespace {

enum DiskColumn { TargetColumn, WhatColumn, FromColumn, ToColumn, SizeColumn, WhyColumn, DiskColumns };
constexpr int PathRole = Qt::UserRole + 1;
/** In the box of methods: no mode of a migration's draft. */

constexpr quint64 Mebibyte = 1024ULL * 1024;

template<typename T>
void add(QComboBox *box, const QString &text, T value)
{
    box->addItem(text, static_cast<int>(value));
}

template<typename T>
T chosen(const QComboBox *box)
{
    return static_cast<T>(box->currentData().toInt());
}

/** As high as its rows, from two to six: the page scrolls, not the table. */
void fitRows(QTreeWidget *tree, int rowHeight)
{
    const int rows = std::clamp(tree->topLevelItemCount(), 2, 6);
    tree->setFixedHeight(tree->header()->sizeHint().height() + rows * rowHeight + 2 * tree->frameWidth() + 2);
}

QString moveText(DiskMove::Kind kind)
{
    switch (kind) {
    case DiskMove::Kind::Shared:
        return MigrateMethodPage::tr("Shared");
    case DiskMove::Kind::Copy:
        return MigrateMethodPage::tr("Copied whole");
    case DiskMove::Kind::CopyTop:
        return MigrateMethodPage::tr("Overlay copied");
    case DiskMove::Kind::CopyChain:
        return MigrateMethodPage::tr("Base and overlay copied");
    case DiskMove::Kind::Medium:
        return MigrateMethodPage::tr("Medium");
    }
    return {};
}

} // namespace

MigrateMethodPage::MigrateMethodPage(MigrateWizardState &state, QWidget *parent)
    : WizardPage(tr("Method and storage"), parent)
    , m_state(state)
    , m_grid(new FieldGrid(this))
    , m_mode(new QComboBox(this))
    , m_path(new QComboBox(this))
    , m_uri(new QLineEdit(this))
    , m_storage(new QComboBox(this))
    , m_cold(new MigrateColdFields(state, this))
    , m_disks(new QTreeWidget(this))
    , m_maps(new MigrateMaps(this))
    , m_persistent(new QCheckBox(tr("Store its &definition at the destination"), this))
    , m_undefine(new QCheckBox(tr("Remove its definition from the so&urce"), this))
    , m_deleteDisks(new QCheckBox(tr("Delete disks that were copied at the source, once it &runs"), this))
    , m_flatten(new QCheckBox(tr("Make each copied disk one &file, without its base image"), this))
    , m_postCopy(new QCheckBox(tr("Permit &post-copy"), this))
    , m_autoConverge(new QCheckBox(tr("Slow the guest down when it writes too fast (auto-conver&ge)"), this))
    , m_tls(new QCheckBox(tr("&Encrypt with TLS"), this))
    , m_setTime(new QCheckBox(tr("Set the guest's clock afterwards, through its &agent"), this))
    , m_compress(new QComboBox(this))
    , m_parallel(new QSpinBox(this))
    , m_atOnce(new QSpinBox(this))
    , m_bandwidth(new QSpinBox(this))
    , m_postCopyBandwidth(new QSpinBox(this))
    , m_migrateUri(new QLineEdit(this))
    , m_listen(new QLineEdit(this))
{
    m_modeNote = m_grid->addField(tr("&Method"), m_mode);
    m_pathNote = m_grid->addField(tr("&Connection"), m_path);
    m_uriNote = m_grid->addField(tr("Destination UR&I"), m_uri);
    m_storageNote = m_grid->addField(tr("&Storage"), m_storage);
    add(m_mode, tr("Live: the guest runs on"), MigrateDraft::Mode::Live);
    add(m_mode, tr("Paused: the guest stands still meanwhile"), MigrateDraft::Mode::Paused);
    add(m_mode, tr("Offline: the definition of a VM that is off"), MigrateDraft::Mode::Offline);
    add(m_mode, tr("Cold: shut down, copied, started there"), MigrateDraft::Mode::Cold);
    add(m_path, tr("Automatic"), MigrateDraft::Path::Auto);
    add(m_path, tr("From host to host (peer-to-peer)"), MigrateDraft::Path::PeerToPeer);
    add(m_path, tr("Driven by Vireo (direct)"), MigrateDraft::Path::Direct);
    add(m_path, tr("Through the hosts' libvirt connection (tunnelled)"), MigrateDraft::Path::Tunnelled);
    add(m_path, tr("Through this computer"), MigrateDraft::Path::ThisComputer);
    add(m_storage, tr("Automatic: copy what is not shared"), MigrateDraft::Storage::Auto);
    add(m_storage, tr("Shared: both hosts have the same files"), MigrateDraft::Storage::Shared);
    add(m_storage, tr("Copy all disks"), MigrateDraft::Storage::Copy);

    m_disks->setColumnCount(DiskColumns);
    m_disks->setHeaderLabels({tr("Disk"), tr("What happens"), tr("From"), tr("To"), tr("Size"), tr("Why")});
    m_disks->setAccessibleName(tr("Disks"));
    m_disks->setObjectName(u"migrateDisks"_s);
    m_disks->setRootIsDecorated(false);
    m_disks->setUniformRowHeights(true);
    m_disks->setAlternatingRowColors(true);
    m_disks->setTextElideMode(Qt::ElideMiddle);
    m_disks->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_disks->header()->setStretchLastSection(true);
    m_disks->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->addWidget(m_grid);
    layout->addWidget(m_cold);
    layout->addWidget(m_disks);
    layout->addWidget(m_maps);
    for (QCheckBox *box : {m_persistent, m_undefine, m_deleteDisks}) {
        layout->addWidget(box);
    }
    m_options = new Expander(tr("&Options"), makeOptions(), content);
    layout->addWidget(m_options);
    layout->addStretch();
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    createfields::alignLabels({m_grid, m_cold->grid()});
    connectFields();
    for (QWidget *field : std::initializer_list<QWidget *>{
             m_mode, m_path, m_storage, m_compress, m_parallel, m_atOnce, m_bandwidth, m_postCopyBandwidth}) {
        field->setFocusPolicy(Qt::StrongFocus); // not by the wheel
        field->installEventFilter(this);
    }
    connect(&m_state, &MigrateWizardState::changed, this, &MigrateMethodPage::refresh);
    refresh();
}

/** The wheel scrolls the page; it does not exchange the method under the pointer. */
bool MigrateMethodPage::eventFilter(QObject *watched, QEvent *event)
{
    const auto *widget = qobject_cast<QWidget *>(watched);
    if (event->type() == QEvent::Wheel && widget && !widget->hasFocus()) {
        event->ignore();
        return true;
    }
    return WizardPage::eventFilter(watched, event);
}

QWidget *MigrateMethodPage::makeOptions()
{
    auto *content = new QWidget;
    auto *grid = new FieldGrid(content);
    m_optionGrid = grid;
    m_atOnce->setRange(1, 64);
    for (QSpinBox *box : {m_bandwidth, m_postCopyBandwidth}) {
        box->setRange(0, 1'000'000);
        box->setSuffix(tr(" MiB/s"));
        box->setSpecialValueText(tr("No limit"));
        box->setAccelerated(true);
    }
    m_parallel->setRange(0, 64);
    m_parallel->setSpecialValueText(tr("One, as ever"));
    add(m_compress, tr("None"), Compression::None);
    add(m_compress, tr("XBZRLE: only what changed in a page"), Compression::Xbzrle);
    add(m_compress, tr("zlib, with parallel connections"), Compression::Zlib);
    add(m_compress, tr("zstd, with parallel connections"), Compression::Zstd);
    grid->addField(tr("Band&width limit"), m_bandwidth);
    grid->addField(tr("Post-cop&y bandwidth"), m_postCopyBandwidth);
    grid->addField(tr("VMs at a &time"), m_atOnce);
    m_parallelNote = grid->addField(tr("Parallel connections"), m_parallel);
    grid->addField(tr("Compression"), m_compress);
    grid->addField(tr("Migration address"), m_migrateUri)->setText({}, tr("Where QEMU connects to"));
    grid->addField(tr("Listen address"), m_listen)->setText({}, tr("Where QEMU listens at the destination"));
    m_migrateUri->setPlaceholderText(tr("libvirt's choice"));
    m_listen->setPlaceholderText(tr("all addresses"));
    m_postCopy->setToolTip(tr("The guest may be switched to the destination before all of its memory is there. It "
                              "always ends, but if a host or the link fails then, the guest is lost."));
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 0, 0, 0);
    for (QCheckBox *box : {m_postCopy, m_autoConverge, m_tls, m_flatten, m_setTime}) {
        layout->addWidget(box);
    }
    layout->addWidget(grid);
    return content;
}

void MigrateMethodPage::connectFields()
{
    const auto edit = [this](const std::function<void(MigrateDraft &)> &change) {
        if (!m_filling) {
            m_state.change(change);
        }
    };
    connect(m_mode, &QComboBox::activated, this,
        [this, edit] { edit([this](MigrateDraft &draft) { draft.mode = chosen<MigrateDraft::Mode>(m_mode); }); });
    connect(m_path, &QComboBox::activated, this,
        [this, edit] { edit([this](MigrateDraft &draft) { draft.path = chosen<MigrateDraft::Path>(m_path); }); });
    connect(m_storage, &QComboBox::activated, this, [this, edit] {
        edit([this](MigrateDraft &draft) { draft.storage = chosen<MigrateDraft::Storage>(m_storage); });
    });
    connect(m_compress, &QComboBox::activated, this,
        [this, edit] { edit([this](MigrateDraft &draft) { draft.compress = chosen<Compression>(m_compress); }); });
    connect(m_uri, &QLineEdit::textEdited, this,
        [this](const QString &text) { m_state.setDestinationUri(pair(), text.trimmed()); });
    const auto flag = [this, edit](QCheckBox *box, bool MigrateDraft::*member) {
        connect(box, &QCheckBox::toggled, this,
            [edit, member](bool on) { edit([member, on](MigrateDraft &draft) { draft.*member = on; }); });
    };
    flag(m_persistent, &MigrateDraft::persistent);
    flag(m_undefine, &MigrateDraft::undefineSource);
    flag(m_deleteDisks, &MigrateDraft::deleteSourceDisks);
    flag(m_flatten, &MigrateDraft::flatten);
    flag(m_postCopy, &MigrateDraft::postCopy);
    flag(m_autoConverge, &MigrateDraft::autoConverge);
    flag(m_tls, &MigrateDraft::tls);
    flag(m_setTime, &MigrateDraft::setTime);
    connect(m_parallel, &QSpinBox::valueChanged, this,
        [edit](int value) { edit([value](MigrateDraft &draft) { draft.parallel = value; }); });
    connect(m_atOnce, &QSpinBox::valueChanged, this,
        [edit](int value) { edit([value](MigrateDraft &draft) { draft.atOnce = value; }); });
    const auto rate = [this, edit](QSpinBox *box, quint64 MigrateDraft::*member) {
        connect(box, &QSpinBox::valueChanged, this, [edit, member](int value) {
            edit([member, value](MigrateDraft &draft) { draft.*member = static_cast<quint64>(value) * Mebibyte; });
        });
    };
    rate(m_bandwidth, &MigrateDraft::bandwidth);
    rate(m_postCopyBandwidth, &MigrateDraft::postCopyBandwidth);
    const auto text = [this, edit](QLineEdit *line, QString MigrateDraft::*member) {
        connect(line, &QLineEdit::textEdited, this, [edit, member](const QString &typed) {
            edit([member, &typed](MigrateDraft &draft) { draft.*member = typed.trimmed(); });
        });
    };
    text(m_migrateUri, &MigrateDraft::migrateUri);
    text(m_listen, &MigrateDraft::listenAddress);
    const auto map = [this](QMap<QString, QString> MigrateDraft::Map::*member) {
        return [this, member](const QString &here, const QString &there) {
            m_state.change([&](MigrateDraft &draft) {
                if (there.isEmpty()) {
                    (draft.map.*member).remove(here);
                } else {
                    (draft.map.*member).insert(here, there);
                }
            });
        };
    };
    connect(m_maps, &MigrateMaps::networkMapped, this, map(&MigrateDraft::Map::networks));
    connect(m_maps, &MigrateMaps::poolMapped, this, map(&MigrateDraft::Map::pools));
    connect(m_disks, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem *item, int column) {
        if (column == ToColumn && !m_filling) {
            mapPath(item);
        }
    });
    connect(m_disks, &QTreeWidget::itemDoubleClicked, this, [this](QTreeWidgetItem *item) {
        if (item->flags() & Qt::ItemIsEditable) {
            m_disks->editItem(item, ToColumn);
        }
    });
}

MigrateWizardState::Pair MigrateMethodPage::pair() const
{
    const auto moving = m_state.moving();
    return {moving.isEmpty() ? virt::HostId() : moving.constFirst().key.host, m_state.chosen()};
}

void MigrateMethodPage::mapPath(QTreeWidgetItem *item)
{
    const QString from = item->data(ToColumn, PathRole).toString();
    const QString to = item->text(ToColumn).trimmed();
    m_state.change([&](MigrateDraft &draft) {
        if (to.isEmpty()) {
            draft.map.paths.remove(from);
        } else {
            draft.map.paths.insert(from, to);
        }
    });
}

void MigrateMethodPage::enter()
{
    refresh();
}

void MigrateMethodPage::refresh()
{
    m_filling = true;
    const MigrateDraft &draft = m_state.choices();
    const auto select = [](QComboBox *box, auto value) {
        box->setCurrentIndex(box->findData(static_cast<int>(value)));
    };
    select(m_mode, draft.mode);
    select(m_path, draft.path);
    select(m_storage, draft.storage);
    select(m_compress, draft.compress);
    m_persistent->setChecked(draft.persistent);
    m_undefine->setChecked(draft.undefineSource);
    m_deleteDisks->setChecked(draft.deleteSourceDisks);
    m_flatten->setChecked(draft.flatten);
    m_postCopy->setChecked(draft.postCopy);
    m_autoConverge->setChecked(draft.autoConverge);
    m_tls->setChecked(draft.tls);
    m_setTime->setChecked(draft.setTime);
    m_parallel->setValue(draft.parallel);
    m_atOnce->setValue(draft.atOnce);
    m_optionGrid->setFieldVisible(m_atOnce, m_state.vms().size() > 1);
    m_bandwidth->setValue(static_cast<int>(draft.bandwidth / Mebibyte));
    m_postCopyBandwidth->setValue(static_cast<int>(draft.postCopyBandwidth / Mebibyte));
    m_postCopyBandwidth->setEnabled(draft.postCopy);
    const auto setText = [](QLineEdit *line, const QString &text) {
        if (line->text().trimmed() != text) {
            line->setText(text);
        }
    };
    setText(m_migrateUri, draft.migrateUri);
    setText(m_listen, draft.listenAddress);
    setText(m_uri, m_state.destinationUri(pair()));
    const auto *from = m_state.host(pair().first);
    const auto *to = m_state.host(pair().second);
    m_uri->setPlaceholderText(
        from && to ? operation::derivedDestinationUri(from->uri, to->uri, to->hostname) : QString());
    fillDisks();
    fillMaps();
    refreshNotes();
    m_filling = false;
    Q_EMIT completeChanged();
}

void MigrateMethodPage::refreshNotes()
{
    const MigrateDraft &draft = m_state.choices();
    const auto moving = m_state.moving();
    bool on = false;
    bool off = false;
    for (const MigrateWizardState::Vm &vm : moving) {
        (vm.active ? on : off) = true;
    }
    m_mode->setEnabled(on);
    m_modeNote->setText({},
        m_state.isCold() ? tr("The source's copy goes once it runs there. To be able to go back afterwards, or for "
                              "other sizes, use Resize.")
            : !on        ? tr("It is off: its definition and its disks are moved.")
            : off        ? tr("Those that are off go offline.")
                         : QString());
    std::optional<MigratePair::Reach> reach;
    if (!moving.isEmpty()) {
        if (const auto facts = m_state.facts(moving.constFirst().key, m_state.chosen())) {
            reach = facts->pair.reach;
        }
    }
    const bool known = reach && reach->state != MigratePair::Reach::State::NotTried;
    const bool reaches = known && reach->state == MigratePair::Reach::State::Yes;
    QString path;
    switch (draft.path) {
    case MigrateDraft::Path::Auto:
        path = !known ? tr("From host to host if the source reaches the destination; the last page finds out before "
                           "anything is touched.")
            : reaches ? tr("From host to host: the source reaches the destination.")
                      : tr("Driven by Vireo: the source does not reach the destination (%1). If Vireo ends meanwhile, "
                           "the guest stays where it is.")
                            .arg(reach->error);
        break;
    case MigrateDraft::Path::PeerToPeer:
        path = tr("Goes on even if Vireo ends meanwhile.");
        break;
    case MigrateDraft::Path::Direct:
        path = tr("If Vireo ends meanwhile, the guest stays where it is.");
        break;
    case MigrateDraft::Path::Tunnelled:
        path = tr("Needs no further port and is encrypted where the connection is, but slower; disks can't be copied.");
        break;
    case MigrateDraft::Path::ThisComputer:
        path =
            tr("For hosts that can't reach each other, and slower: the guest stands still while its memory and disks "
               "pass through this computer. If Vireo ends meanwhile, it stands still until the job is finished or "
               "undone.");
        break;
    }
    const bool cold = m_state.isCold();
    if (cold) {
        path = draft.path == MigrateDraft::Path::ThisComputer
            ? tr("Files that the hosts do not share pass through this computer, without a copy here.")
            : draft.path == MigrateDraft::Path::Tunnelled
            ? tr("libvirt carries no disks through a tunnel: files pass through this computer.")
            : tr("The fastest way that the hosts allow: the last page finds out which.");
    }
    m_cold->setVisible(cold);
    for (QCheckBox *box : {m_persistent, m_undefine, m_postCopy, m_autoConverge, m_setTime}) {
        box->setVisible(!cold); // there is no other way, or no guest that runs meanwhile
    }
    for (QWidget *field : std::initializer_list<QWidget *>{m_postCopyBandwidth, m_parallel, m_compress}) {
        m_optionGrid->setFieldVisible(field, !cold);
    }
    m_pathNote->setText(m_state.methodProblem(), path);
    const bool direct = draft.path == MigrateDraft::Path::Direct || draft.path == MigrateDraft::Path::ThisComputer;
    m_uri->setEnabled(!direct);
    m_uriNote->setText({},
        direct ? tr("Not needed: Vireo is connected to both hosts.")
               : tr("As the source's libvirt reaches the destination; kept for this pair of hosts."));
    m_storageNote->setText({},
        draft.storage == MigrateDraft::Storage::Shared
            ? tr("You answer for it: two different files of the same name would be mixed up.")
            : QString());
    m_undefine->setEnabled(draft.persistent);
    m_undefine->setToolTip(
        draft.persistent ? QString() : tr("Its definition would be lost: it is not stored at the destination."));
    m_parallelNote->setText({}, tr("For links that one connection can't fill"));
}

void MigrateMethodPage::fillDisks()
{
    const auto *editor = m_disks->viewport()->findChild<QLineEdit *>();
    if (editor && editor->hasFocus()) {
        return; // whoever types is not interrupted; what follows from it comes with the next change
    }
    struct Row {
        QString vm;
        DiskMove move;
    };
    QList<Row> rows;
    const auto moving = m_state.moving();
    for (const MigrateWizardState::Vm &vm : moving) {
        if (const MigrateEvaluation *its = m_state.evaluation(vm.key)) {
            for (const DiskMove &move : its->moves) {
                rows.append({vm.name, move});
            }
        }
    }
    while (m_disks->topLevelItemCount() > rows.size()) {
        delete m_disks->takeTopLevelItem(m_disks->topLevelItemCount() - 1);
    }
    while (m_disks->topLevelItemCount() < rows.size()) {
        m_disks->addTopLevelItem(new QTreeWidgetItem);
    }
    for (qsizetype i = 0; i < rows.size(); ++i) {
        const DiskMove &move = rows.at(i).move;
        QTreeWidgetItem *item = m_disks->topLevelItem(static_cast<int>(i));
        const QString target =
            moving.size() > 1 ? tr("%1: %2", "VM and disk").arg(rows.at(i).vm, move.target) : move.target;
        const bool still = move.kind == DiskMove::Kind::Shared;
        const QStringList texts{target, moveText(move.kind), move.from, still ? QString() : move.to,
            move.bytes > 0 && !still ? model::formatBytes(move.bytes) : QString(), move.reason};
        for (int column = 0; column < DiskColumns; ++column) {
            item->setText(column, texts.at(column));
            item->setToolTip(column, texts.at(column).toHtmlEscaped());
        }
        item->setTextAlignment(SizeColumn, Qt::AlignRight | Qt::AlignVCenter);
        item->setData(ToColumn, PathRole, move.from);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | (still ? Qt::NoItemFlags : Qt::ItemIsEditable));
    }
    for (const int column : {TargetColumn, WhatColumn, SizeColumn}) {
        m_disks->resizeColumnToContents(column);
    }
    m_disks->setColumnWidth(FromColumn, fontMetrics().averageCharWidth() * 20);
    m_disks->setColumnWidth(ToColumn, fontMetrics().averageCharWidth() * 20);
    fitRows(m_disks, fontMetrics().height() + 4);
}

/** One line for each network and pool of the VMs, with what the destination has. */
void MigrateMethodPage::fillMaps()
{
    MigrateMaps::Names here;
    const auto moving = m_state.moving();
    for (const MigrateWizardState::Vm &vm : moving) {
        if (const MigrateEvaluation *its = m_state.evaluation(vm.key)) {
            here.networks += its->networks;
        }
        if (const operation::MigrateSource *source = m_state.source(vm.key)) {
            here.pools += MigrateMaps::poolsOf(source->disks);
        }
    }
    here.networks.removeDuplicates();
    here.pools.removeDuplicates();
    const operation::MigrateDestination *there = m_state.destination(m_state.chosen());
    m_maps->setNames(
        m_state.chosen(), here, there ? MigrateMaps::namesOf(*there) : MigrateMaps::Names(), m_state.choices().map);
}

bool MigrateMethodPage::isComplete() const
{
    return reason().isEmpty();
}

QString MigrateMethodPage::reason() const
{
    return m_state.methodProblem();
}

QWidget *MigrateMethodPage::firstField() const
{
    return m_mode->isEnabled() ? m_mode : m_storage;
}

} // namespace vireo::ui
