// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domainactions.h"

#include <QCheckBox>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>

#include "backend/job/jobmanager.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/migrationguard.h"
#include "ui/resizeactions.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::Action;

namespace {

constexpr int MaximumNames = 10;

bool needsConfirmation(Action action)
{
    return action == Action::ForceOff || action == Action::Reset || action == Action::HardReboot;
}

/** Only the plain question may be silenced: the other two are rarer and surprise more. */
bool maySkipQuestion(Action action)
{
    return action == Action::ForceOff;
}

QString skipKey(Action action)
{
    return u"confirm/skip-"_s + operation::operationName(action);
}

} // namespace

DomainActions::DomainActions(const UiContext &context, QWidget *window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
{
    make(Action::Run, tr("&Run"), u"run"_s)->setIcon(glyphIcon(Glyph::Run));
    action(Action::Run)->setIconText(tr("Run"));
    action(Action::Run)->setShortcut(Qt::CTRL | Qt::Key_R);
    make(Action::Pause, tr("&Pause"), u"pause"_s)->setIcon(glyphIcon(Glyph::Pause));
    make(Action::Resume, tr("R&esume"), u"resume"_s)->setIcon(glyphIcon(Glyph::Run));
    make(Action::ShutDown, tr("&Shut down"), u"shutDown"_s)->setIcon(glyphIcon(Glyph::Power));
    action(Action::ShutDown)->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_S);
    make(Action::Reboot, tr("Re&boot"), u"reboot"_s);
    make(Action::Reset, tr("Force &reset…"), u"reset"_s);
    make(Action::ForceOff, tr("&Force off…"), u"forceOff"_s);
    make(Action::HardReboot, tr("&Hard reboot…"), u"hardReboot"_s);
    make(Action::Save, tr("S&ave"), u"save"_s);

    m_rename = new QAction(tr("Re&name…"), this);
    m_rename->setObjectName(u"rename"_s);
    m_rename->setShortcut(Qt::Key_F2);
    connect(m_rename, &QAction::triggered, this, &DomainActions::triggerRename);
    m_delete = new QAction(tr("&Delete…"), this);
    m_delete->setObjectName(u"delete"_s);
    m_delete->setShortcut(QKeySequence::Delete);
    connect(m_delete, &QAction::triggered, this, &DomainActions::triggerDelete);
    m_autostart = new QAction(tr("Start with the &host"), this);
    m_autostart->setObjectName(u"autostart"_s);
    m_autostart->setCheckable(true);
    connect(m_autostart, &QAction::triggered, this, &DomainActions::triggerAutostart);
    m_seed = new QAction(tr("&Cloud-init seed…"), this);
    m_seed->setObjectName(u"seed"_s);
    connect(m_seed, &QAction::triggered, this, &DomainActions::triggerSeed);
    m_snapshot = new QAction(glyphIcon(Glyph::Snapshot), tr("&Take Snapshot…"), this);
    m_snapshot->setObjectName(u"takeSnapshot"_s);
    m_snapshot->setIconText(tr("Snapshot"));
    m_snapshot->setShortcut(Qt::CTRL | Qt::Key_T);
    connect(m_snapshot, &QAction::triggered, this, &DomainActions::triggerSnapshot);
    m_migrate = new QAction(glyphIcon(Glyph::Migrate), tr("&Migrate…"), this);
    m_migrate->setObjectName(u"migrate"_s);
    m_migrate->setIconText(tr("Migrate"));
    m_migrate->setShortcut(Qt::CTRL | Qt::Key_M);
    connect(m_migrate, &QAction::triggered, this, &DomainActions::triggerMigrate);
    m_resize = new ResizeActions(m_context, m_window, this);
    connect(m_resize, &ResizeActions::aboutToAct, this, &DomainActions::aboutToAct);
    m_open = new QAction(tr("&Open"), this);
    m_open->setObjectName(u"open"_s);
    connect(m_open, &QAction::triggered, this, [this] {
        Q_EMIT aboutToAct();
        Q_EMIT openWanted(m_selection);
    });

    m_updateTimer.setSingleShot(true);
    m_updateTimer.setInterval(0);
    connect(&m_updateTimer, &QTimer::timeout, this, &DomainActions::update);
    const auto soon = [this] {
        m_updateTimer.start();
    };
    connect(&m_context.inventory, &virt::Inventory::domainsChanged, &m_updateTimer, soon);
    connect(&m_context.inventory, &virt::Inventory::domainsRemoved, &m_updateTimer, soon);
    connect(&m_context.jobs, &job::JobManager::added, &m_updateTimer, soon);
    connect(&m_context.jobs, &job::JobManager::finished, &m_updateTimer, soon);
    if (m_context.migrations) {
        connect(m_context.migrations, &operation::MigrationFeed::changed, &m_updateTimer, soon);
        connect(m_context.migrations, &operation::MigrationFeed::removed, &m_updateTimer, soon);
    }
    connect(&m_context.hosts, &virt::Hosts::removed, &m_updateTimer, soon);
    const auto watch = [this, soon](const QUuid &id) {
        if (virt::Host *host = m_context.hosts.host(id)) {
            connect(host, &virt::Host::statusChanged, &m_updateTimer, soon);
        }
    };
    connect(&m_context.hosts, &virt::Hosts::added, this, watch);
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (const virt::Host *host : hosts) {
        watch(host->settings().id);
    }
    update();
}

QAction *DomainActions::make(Action action, const QString &text, const QString &name)
{
    auto *made = new QAction(text, this);
    made->setObjectName(name);
    connect(made, &QAction::triggered, this, [this, action] { trigger(action); });
    m_actions[static_cast<size_t>(action)] = made;
    return made;
}

QAction *DomainActions::action(Action action) const
{
    return m_actions[static_cast<size_t>(action == Action::Restore ? Action::Run : action)];
}

void DomainActions::setSelection(const QList<virt::DomainKey> &domains)
{
    m_selection = domains;
    update();
}

QMenu *DomainActions::createShutDownMenu(QWidget *parent) const
{
    auto *menu = new QMenu(tr("&Shut down"), parent);
    menu->setToolTipsVisible(true);
    menu->setIcon(glyphIcon(Glyph::Power));
    for (const Action each : {Action::Reboot, Action::ShutDown, Action::Reset, Action::ForceOff, Action::HardReboot}) {
        menu->addAction(action(each));
    }
    menu->addSeparator();
    menu->addAction(action(Action::Save));
    return menu;
}

void DomainActions::fillMenu(QMenu *menu) const
{
    menu->setToolTipsVisible(true);
    menu->addAction(action(Action::Run));
    menu->addAction(action(Action::Pause));
    menu->addAction(action(Action::Resume));
    menu->addMenu(createShutDownMenu(menu));
    menu->addSeparator();
    menu->addAction(m_snapshot);
    menu->addAction(m_migrate);
    m_resize->fillMenu(menu);
    menu->addSeparator();
    menu->addAction(m_rename);
    menu->addAction(m_autostart);
    menu->addAction(m_delete);
    menu->addSeparator();
    menu->addAction(m_seed);
    menu->addSeparator();
    menu->addAction(m_open);
}

QString DomainActions::hostRefusal(const virt::DomainKey &key) const
{
    const virt::Host *host = m_context.hosts.host(key.host);
    if (!host) {
        return tr("The connection was removed.");
    }
    if (!host->isConnected()) {
        return tr("The host %1 is not connected.").arg(host->settings().displayName());
    }
    if (host->settings().readOnly) {
        return tr("The connection to %1 is read-only.").arg(host->settings().displayName());
    }
    return {};
}

QList<DomainActions::Target> DomainActions::targets() const
{
    QList<Target> found;
    for (const virt::DomainKey &key : m_selection) {
        const virt::DomainRecord *record = m_context.inventory.domain(key);
        if (record && hostRefusal(key).isEmpty()) {
            found.append({key.host, *record, migrationguard::refusal(m_context, key)});
        }
    }
    return found;
}

QList<DomainActions::Target> DomainActions::targetsOf(Action action) const
{
    QList<Target> found = targets();
    found.removeIf([this, action](const Target &target) { return !refusalOf(action, target).isEmpty(); });
    return found;
}

QString DomainActions::refusalOf(Action action, const Target &target) const
{
    if (target.migrates.isEmpty()) {
        return operation::refusal(action, target.record);
    }
    // To end it must always be possible, but not where that would lose a guest that runs on another host already.
    const bool ends =
        action == Action::ForceOff && !migrationguard::isInPostCopy(m_context, {target.host, target.record.uuid});
    return ends ? operation::refusal(action, target.record) : target.migrates;
}

QString DomainActions::destinationRefusal() const
{
    int connected = 0;
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (const virt::Host *host : hosts) {
        const bool own = std::all_of(m_selection.cbegin(), m_selection.cend(),
            [host](const virt::DomainKey &key) { return key.host == host->settings().id; });
        connected += !own && host->isConnected() && !host->settings().readOnly ? 1 : 0;
    }
    return connected > 0 ? QString() : tr("Connect to another host first: there is none to migrate to.");
}

void DomainActions::update()
{
    // What an action refuses depends on these alone: of 10,000 selected domains only a handful must be asked.
    QHash<QString, Target> kinds;
    QString problem;
    int saved = 0;
    int paused = 0;
    int autostarted = 0;
    int persistent = 0;
    int known = 0;
    QString migrates;
    bool allMigrate = !m_selection.isEmpty();
    for (const virt::DomainKey &key : m_selection) {
        const virt::DomainRecord *record = m_context.inventory.domain(key);
        if (!record) {
            continue;
        }
        if (const QString why = hostRefusal(key); !why.isEmpty()) {
            problem = why;
            continue;
        }
        ++known;
        saved += record->managedSave && !record->isActive() ? 1 : 0;
        paused += record->state == virt::DomainState::Paused ? 1 : 0;
        autostarted += record->autostart ? 1 : 0;
        persistent += record->persistent ? 1 : 0;
        const QString busy = migrationguard::refusal(m_context, key);
        migrates = busy.isEmpty() ? migrates : busy;
        allMigrate = allMigrate && !busy.isEmpty();
        const QString kind = u"%1/%2/%3/%4/%5"_s.arg(int(record->state))
                                 .arg(record->id >= 0)
                                 .arg(record->persistent)
                                 .arg(record->managedSave)
                                 .arg(!busy.isEmpty());
        if (!kinds.contains(kind)) {
            kinds.insert(kind, {key.host, *record, busy});
        }
    }
    if (m_selection.isEmpty()) {
        problem = tr("No virtual machine is selected.");
    }
    const QString object = known == 1 && !kinds.isEmpty() ? kinds.cbegin()->record.displayName()
                                                          : tr("%n virtual machines", nullptr, known);

    for (size_t i = 0; i < m_actions.size(); ++i) {
        QAction *each = m_actions[i];
        if (!each) {
            continue;
        }
        QString refusal = problem;
        bool possible = false;
        for (const Target &target : std::as_const(kinds)) {
            const QString why = refusalOf(static_cast<Action>(i), target);
            if (why.isEmpty()) {
                possible = true;
                break;
            }
            refusal = why;
        }
        each->setEnabled(possible);
        QString verb = each->text();
        verb.remove(u'&').remove(u'…');
        each->setToolTip(possible ? tr("%1: %2", "verb and object").arg(verb, object) : refusal);
    }

    QAction *run = action(Action::Run);
    run->setText(known > 0 && saved == known ? tr("&Restore") : tr("&Run"));
    run->setIconText(tr("Run")); // the toolbar must not jump
    if (run->isEnabled() && known > 0 && saved == known) {
        run->setToolTip(tr("Restore %1 from its saved state").arg(object));
    } else if (run->isEnabled() && known > 0 && paused == known) {
        run->setToolTip(tr("Resume: %1").arg(object));
    }

    const virt::DomainRecord *one = m_selection.size() == 1 && known == 1 ? &kinds.cbegin()->record : nullptr;
    QString why = problem;
    if (m_selection.size() > 1) {
        why = tr("Only one virtual machine at a time can be renamed.");
    } else if (one && one->isActive()) {
        why = tr("Shut the virtual machine down first: libvirt can't rename a running one.");
    } else if (one && !one->persistent) {
        why = tr("A transient virtual machine can't be renamed.");
    } else if (one) {
        why = migrates;
    }
    m_rename->setEnabled(one && why.isEmpty());
    m_rename->setToolTip(why.isEmpty() ? tr("Rename: %1").arg(object) : why);
    m_delete->setEnabled(known > 0 && migrates.isEmpty());
    m_delete->setToolTip(!migrates.isEmpty() ? migrates
            : known > 0                      ? tr("Delete: %1. You are asked about its storage first.").arg(object)
                                             : problem);
    m_autostart->setEnabled(persistent > 0 && migrates.isEmpty());
    m_autostart->setChecked(persistent > 0 && autostarted == persistent);
    m_autostart->setToolTip(!migrates.isEmpty() ? migrates
            : persistent > 0                    ? tr("Start %1 when its host starts").arg(object)
            : known > 0                         ? tr("A transient virtual machine can't start with its host.")
                                                : problem);
    m_seed->setEnabled(one && migrates.isEmpty());
    m_seed->setToolTip(!migrates.isEmpty() ? migrates
            : one                          ? tr("Shows, ejects or makes anew the cloud-init seed of %1").arg(object)
            : problem.isEmpty()            ? tr("Exactly one virtual machine must be selected.")
                                           : problem);
    m_snapshot->setEnabled(one && migrates.isEmpty());
    m_snapshot->setToolTip(!migrates.isEmpty() ? migrates
            : one                              ? tr("Take a snapshot of %1 (asks first)").arg(object)
            : problem.isEmpty()                ? tr("Exactly one virtual machine must be selected.")
                                               : problem);
    m_resize->setTarget(one ? m_selection.constFirst() : virt::DomainKey(),
        one                     ? migrates
            : problem.isEmpty() ? tr("Exactly one virtual machine must be selected.")
                                : problem);
    const QString where = known > 0 ? destinationRefusal() : problem;
    m_migrate->setEnabled(known > 0 && !allMigrate && where.isEmpty());
    m_migrate->setToolTip(known > 0 && allMigrate ? migrates
            : !where.isEmpty()                    ? where
                                                  : tr("Migrate %1 to another host (asks first)").arg(object));
    m_open->setEnabled(!m_selection.isEmpty());
}

void DomainActions::trigger(Action action)
{
    Q_EMIT aboutToAct();
    const QList<Target> chosen = targetsOf(action);
    if (chosen.isEmpty()) {
        return;
    }
    if (needsConfirmation(action)
        && !(maySkipQuestion(action) && m_context.settings.value(skipKey(action), false).toBool()
            && std::all_of(
                chosen.cbegin(), chosen.cend(), [](const Target &target) { return target.migrates.isEmpty(); }))) {
        ask(action, chosen);
    } else {
        run(action, chosen);
    }
}

void DomainActions::ask(Action action, const QList<Target> &targets)
{
    const int count = int(targets.size());
    QString question;
    QString consequence;
    QString verb;
    switch (action) {
    case Action::ForceOff:
        verb = tr("Force off");
        question = count == 1 ? tr("Force off %1?").arg(targets.first().record.displayName())
                              : tr("Force off %n virtual machines?", nullptr, count);
        consequence = tr("This is like pulling the plug: what the guest has not written to disk is lost.");
        break;
    case Action::Reset:
        verb = tr("Force reset");
        question = count == 1 ? tr("Force reset %1?").arg(targets.first().record.displayName())
                              : tr("Force reset %n virtual machines?", nullptr, count);
        consequence = tr("This is like pressing the reset button: what the guest has not written to disk is lost.");
        break;
    default:
        verb = tr("Hard reboot");
        question = count == 1 ? tr("Hard reboot %1?").arg(targets.first().record.displayName())
                              : tr("Hard reboot %n virtual machines?", nullptr, count);
        consequence = tr("It is forced off and started again with its current definition: what the guest has not "
                         "written to disk is lost.");
        break;
    }
    const bool migrates =
        std::any_of(targets.cbegin(), targets.cend(), [](const Target &target) { return !target.migrates.isEmpty(); });
    if (migrates) {
        consequence += u"\n\n"_s
            + (count == 1
                    ? tr("It is being migrated: the migration is aborted first, and what it has copied is deleted.")
                    : tr("Migrations among them are aborted first, and what they have copied is deleted."));
    }
    QStringList names;
    for (const Target &target : targets.first(std::min<qsizetype>(count, MaximumNames))) {
        names.append(target.record.displayName());
    }
    if (count > MaximumNames) {
        names.append(tr("and %n more", nullptr, count - MaximumNames));
    }
    if (count > 1) {
        consequence += u"\n\n"_s + names.join(u", "_s);
    }

    auto *box = new QMessageBox(QMessageBox::Warning, verb, question, QMessageBox::NoButton, m_window);
    box->setObjectName(u"confirmation"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(consequence);
    QPushButton *yes = box->addButton(verb, QMessageBox::AcceptRole);
    box->setDefaultButton(box->addButton(QMessageBox::Cancel));
    QCheckBox *skip = nullptr;
    if (maySkipQuestion(action)) {
        skip = new QCheckBox(tr("Don't ask again"), box);
        box->setCheckBox(skip);
    }
    connect(box, &QDialog::finished, this, [this, box, yes, skip, action, targets] {
        if (box->clickedButton() != yes) {
            return;
        }
        if (skip && skip->isChecked()) {
            m_context.settings.setValue(skipKey(action), true);
        }
        run(action, targets);
    });
    box->open();
}

void DomainActions::run(Action action, const QList<Target> &targets)
{
    for (const Target &target : targets) {
        // The state may have changed while the question was open.
        const virt::DomainKey key{target.host, target.record.uuid};
        const virt::DomainRecord *record = m_context.inventory.domain(key);
        const Target now{target.host, record ? *record : target.record, migrationguard::refusal(m_context, key)};
        if (record && refusalOf(action, now).isEmpty()) {
            const job::JobRecord *job = now.migrates.isEmpty() ? nullptr : m_context.jobs.jobOf(key);
            if (job) {
                m_context.jobs.cancel(job->id); // what follows waits for its end
            }
            m_context.jobs.run(operation::planAction(action, target.host, *record));
        }
    }
}

} // namespace vireo::ui
