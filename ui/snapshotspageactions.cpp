// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/** What can be done on the page of snapshots. */
#include <QAction>
#include <QMenu>
#include <QPushButton>
#include <QStyle>
#include <QToolBar>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "ui/comparesnapshots.h"
#include "ui/deletesnapshotswizard.h"
#include "ui/domainwatch.h"
#include "ui/editsnapshotwizard.h"
#include "ui/exportsnapshotwizard.h"
#include "ui/messagebar.h"
#include "ui/migrationguard.h"
#include "ui/revertsnapshotwizard.h"
#include "ui/snapshotjobbar.h"
#include "ui/snapshotscheduledialog.h"
#include "ui/snapshotspage.h"
#include "ui/snapshottreeview.h"
#include "ui/stateicons.h"
#include "ui/takesnapshotwizard.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

QAction *SnapshotsPage::makeAction(const QString &text, const QString &name, void (SnapshotsPage::*slot)())
{
    auto *action = new QAction(text, this);
    action->setObjectName(name);
    connect(action, &QAction::triggered, this, slot);
    m_bar->addAction(action);
    return action;
}

void SnapshotsPage::createActions()
{
    m_bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    m_bar->setIconSize(QSize(side, side));
    m_bar->setAccessibleName(tr("Actions on snapshots"));
    m_take = makeAction(tr("&Take…"), u"takeSnapshotHere"_s, &SnapshotsPage::take);
    m_take->setIcon(glyphIcon(Glyph::Snapshot));
    m_revert = makeAction(tr("Re&vert…"), u"revertSnapshotAction"_s, &SnapshotsPage::revert);
    m_delete = makeAction(tr("&Delete…"), u"deleteSnapshotAction"_s, &SnapshotsPage::remove);
    m_export = makeAction(tr("E&xport…"), u"exportSnapshotAction"_s, &SnapshotsPage::exportImage);
    m_edit = makeAction(tr("&Edit…"), u"editSnapshotAction"_s, &SnapshotsPage::edit);
    m_compare = makeAction(tr("&Compare"), u"compareSnapshotsAction"_s, &SnapshotsPage::compare);
    m_bar->addSeparator();
    m_schedule = makeAction(tr("&Schedule…"), u"scheduleSnapshotsAction"_s, &SnapshotsPage::schedule);
    m_refresh = makeAction(tr("Re&fresh"), u"refreshSnapshotsAction"_s, &SnapshotsPage::refresh);
    m_delete->setShortcut(QKeySequence::Delete);
    m_edit->setShortcut(Qt::Key_F2);
    m_refresh->setShortcut(Qt::Key_F5);
    // Only where the tree has the focus: elsewhere these keys belong to the window.
    for (QAction *action : {m_delete, m_edit, m_refresh}) {
        action->setShortcutContext(Qt::WidgetShortcut);
        m_tree->addAction(action);
    }
}

QStringList SnapshotsPage::chosen() const
{
    QStringList names = m_tree->selectedSnapshots();
    names.removeAll(QString());
    return names;
}

/** Why nothing at all can be done; empty: something can. */
QString SnapshotsPage::refusal() const
{
    const virt::Host *host = m_watch->host();
    if (!host || !m_watch->isFresh()) {
        return m_watch->staleSentence();
    }
    if (host->settings().readOnly) {
        return tr("The connection to %1 is read-only.").arg(host->settings().displayName());
    }
    return migrationguard::refusal(m_context, m_watch->key());
}

void SnapshotsPage::updateActions()
{
    const QString no = refusal();
    const QStringList selected = m_tree->selectedSnapshots();
    const QStringList names = chosen();
    const auto set = [](QAction *action, const QString &why, const QString &what) {
        action->setEnabled(why.isEmpty());
        const QString key = action->shortcut().toString(QKeySequence::NativeText);
        const QString tip = why.isEmpty() ? what : why;
        action->setToolTip(
            (key.isEmpty() ? tip : tr("%1 (%2)", "what it does, and its key").arg(tip, key)).toHtmlEscaped());
    };
    const QString one = names.size() == 1 && selected.size() == 1 ? QString() : tr("Select one snapshot.");
    const auto first = [&no](const QString &other) {
        return no.isEmpty() ? other : no;
    };
    set(m_take, no, tr("Takes a snapshot of the virtual machine as it is now (asks first)"));
    if (no.isEmpty()) { // the key is the window's
        m_take->setToolTip(tr("%1 (%2)", "what it does, and its key")
                .arg(m_take->toolTip(), QKeySequence(Qt::CTRL | Qt::Key_T).toString(QKeySequence::NativeText)));
    }
    set(m_revert, first(one), tr("Goes back to %1 (asks first)").arg(names.value(0)));
    set(m_delete, first(names.isEmpty() ? tr("Select a snapshot.") : QString()),
        names.size() == 1
            ? tr("Deletes %1 and merges its files (asks first)").arg(names.value(0))
            : tr("Deletes %n snapshots and merges their files (asks first)", nullptr, static_cast<int>(names.size())));
    set(m_export, first(selected.size() == 1 ? QString() : tr("Select one snapshot, or now.")),
        tr("Makes an image of a disk as it was then"));
    set(m_edit, first(one), tr("Changes name and description of %1").arg(names.value(0)));
    const bool comparable = selected.size() == 2 || (selected.size() == 1 && names.size() == 1);
    set(m_compare, m_watch->isFresh() ? (comparable ? QString() : tr("Select one snapshot, or two.")) : no,
        selected.size() == 2 ? tr("Shows how the definitions of the two differ")
                             : tr("Shows how the definition of %1 differs from the one of now").arg(names.value(0)));
    set(m_schedule, first(m_context.scheduler ? QString() : tr("Nothing is taken by itself here.")),
        tr("Snapshots that Vireo takes by itself, while it runs"));
    set(m_refresh, m_watch->isFresh() ? QString() : no, tr("Reads the snapshots anew"));
}

void SnapshotsPage::showMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(u"snapshotMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    for (QAction *action : {m_revert, m_delete, m_export, m_edit, m_compare}) {
        menu->addAction(action);
    }
    menu->addSeparator();
    menu->addAction(m_take);
    menu->popup(m_tree->viewport()->mapToGlobal(position));
}

void SnapshotsPage::take()
{
    (new TakeSnapshotWizard(m_context, m_watch->key(), m_complete ? m_facts : std::nullopt, window()))->show();
}

void SnapshotsPage::revert()
{
    (new RevertSnapshotWizard(
         m_context, m_watch->key(), m_complete ? m_facts : std::nullopt, chosen().value(0), window()))
        ->show();
}

void SnapshotsPage::remove()
{
    (new DeleteSnapshotsWizard(m_context, m_watch->key(), m_complete ? m_facts : std::nullopt, chosen(), window()))
        ->show();
}

void SnapshotsPage::exportImage()
{
    (new ExportSnapshotWizard(
         m_context, m_watch->key(), m_complete ? m_facts : std::nullopt, chosen().value(0), window()))
        ->show();
}

void SnapshotsPage::edit()
{
    (new EditSnapshotWizard(
         m_context, m_watch->key(), m_complete ? m_facts : std::nullopt, chosen().value(0), window()))
        ->show();
}

void SnapshotsPage::compare()
{
    QStringList names = m_tree->selectedSnapshots();
    if (names.size() == 1) {
        names.append(QString()); // with now
    }
    (new CompareSnapshots(m_context, m_watch->key(), names.value(0), names.value(1), window()))->show();
}

void SnapshotsPage::schedule()
{
    auto *dialog = new SnapshotScheduleDialog(m_context, m_watch->key(), window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void SnapshotsPage::jobEnded(const job::JobId &id)
{
    const job::JobRecord *record = m_context.jobs.job(id);
    if (!record || record->plan.host != m_watch->key().host || record->plan.domain != m_watch->key().domain) {
        return;
    }
    if (record->plan.operation == "snapshot.export"_L1 && record->state == job::JobState::Done) {
        offerNewVm(*record);
    }
    invalidate();
}

/** An image that was exported can be used at once. */
void SnapshotsPage::offerNewVm(const job::JobRecord &record)
{
    const QJsonObject target = record.plan.draft.value("target"_L1).toObject();
    const QString path = target.value("path"_L1).toString();
    const QString pool = target.value("pool"_L1).toString();
    const QString name = path.isEmpty() ? target.value("name"_L1).toString() : path;
    if (name.isEmpty()) {
        return;
    }
    const virt::Host *other = m_context.hosts.findUri(target.value("host"_L1).toString());
    const virt::HostId host = other ? other->settings().id : record.plan.host;
    m_done->clear();
    m_done->showMessage(MessageBar::Kind::Info,
        pool.isEmpty() ? tr("Exported to %1.").arg(path) : tr("Exported to %1 in the pool %2.").arg(name, pool));
    QPushButton *button = m_done->addButton(tr("New VM from this Image…"));
    button->setObjectName(u"newVmFromImage"_s);
    connect(button, &QPushButton::clicked, this, [this, host, pool, name] {
        m_done->clear();
        Q_EMIT newVmRequested(host, pool, name);
    });
    QPushButton *close = m_done->addButton(tr("Close"));
    connect(close, &QPushButton::clicked, m_done, &MessageBar::clear);
}

} // namespace vireo::ui
