// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exportsnapshotpages.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/createfields.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::SnapshotExportDraft;

namespace {

/** Like createfields::fill(), with a key that may be empty. */
QString current(const QComboBox *combo)
{
    return combo->currentData().toString();
}

} // namespace

ExportSourcePage::ExportSourcePage(const QString &snapshot, QWidget *parent)
    : WizardPage(tr("What"), parent)
    , m_wanted(snapshot)
    , m_grid(new FieldGrid(this))
    , m_what(new QComboBox(this))
    , m_disk(new QComboBox(this))
    , m_how(new QComboBox(this))
    , m_quiesce(new QCheckBox(tr("Let the guest agent &freeze the file systems for the moment in which it ends"), this))
{
    for (QComboBox *combo : {m_what, m_disk, m_how}) {
        createfields::narrow(combo);
    }
    m_how->addItem(tr("While it runs"), u"live"_s);
    m_how->addItem(tr("Saved meanwhile, then running again"), u"static"_s);
    m_quiesce->setChecked(true);
    m_grid->addField(tr("&State of"), m_what);
    m_grid->addField(tr("&Disk"), m_disk);
    m_howNote = m_grid->addField(tr("&How"), m_how);
    m_grid->addWide(m_quiesce);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    createfields::fillPage(this, content);
    const auto chosen = [this] {
        m_wanted = current(m_what);
        refresh();
        Q_EMIT changed();
    };
    for (QComboBox *combo : {m_what, m_disk, m_how}) {
        connect(combo, &QComboBox::currentIndexChanged, this, chosen);
    }
    connect(m_quiesce, &QCheckBox::clicked, this, chosen);
    refresh();
}

void ExportSourcePage::setFacts(const snapshot::Facts &facts)
{
    m_known = true;
    m_facts = facts;
    QStringList texts{tr("Now")};
    QStringList keys{QString()};
    for (const snapshot::Snapshot &each : facts.snapshots) {
        texts.append(each.name);
        keys.append(each.name);
    }
    createfields::fill(m_what, texts, keys, keys.contains(m_wanted) ? m_wanted : QString());
    refresh();
    Q_EMIT changed();
}

void ExportSourcePage::refresh()
{
    QStringList texts;
    QStringList keys;
    const QString snapshot = current(m_what);
    if (const snapshot::Snapshot *then = snapshot.isEmpty() ? nullptr : m_facts.find(snapshot)) {
        for (const snapshot::SnapshotDisk &disk : then->disks) {
            if (disk.kind != snapshot::SnapshotDisk::Kind::None) {
                keys.append(disk.target);
            }
        }
    } else {
        for (const snapshot::DiskNow &disk : std::as_const(m_facts.disks)) {
            if (disk.canSnapshot && !disk.chain.isEmpty()) {
                keys.append(disk.target);
            }
        }
    }
    for (const QString &target : std::as_const(keys)) {
        const snapshot::DiskNow *disk = m_facts.disk(target);
        const QString path = disk && !disk->chain.isEmpty() ? disk->chain.constFirst().path : QString();
        const quint64 capacity = m_facts.files.value(path).capacity;
        texts.append(
            capacity > 0 ? tr("%1 (%2)", "disk and its size").arg(target, model::formatBytes(capacity)) : target);
    }
    createfields::fill(m_disk, texts, keys, keys.contains(current(m_disk)) ? current(m_disk) : keys.value(0));
    const bool running = m_facts.domain.isActive() && snapshot.isEmpty();
    m_grid->setFieldVisible(m_how, running);
    const bool live = current(m_how) == "live"_L1;
    m_howNote->setText({},
        live ? tr("By a block copy. The image is as a disk after a power failure, unless the agent freezes it.")
             : tr("The VM stands still while its disk is copied."));
    m_quiesce->setVisible(running && live);
    m_quiesce->setEnabled(m_facts.hasAgent);
    m_quiesce->setToolTip(m_facts.hasAgent ? QString() : tr("The guest agent is not connected."));
    Q_EMIT completeChanged();
}

void ExportSourcePage::fill(SnapshotExportDraft &draft) const
{
    draft.snapshot = current(m_what);
    draft.disk = current(m_disk);
    draft.live = current(m_how) == "live"_L1;
    draft.quiesce = m_quiesce->isChecked();
}

QString ExportSourcePage::proposedName() const
{
    const QString then = current(m_what);
    QString name = m_facts.domain.name + u'-' + (then.isEmpty() ? current(m_disk) : then);
    for (QChar &letter : name) {
        if (!letter.isLetterOrNumber() && !u"-_."_s.contains(letter)) {
            letter = u'-';
        }
    }
    return name;
}

bool ExportSourcePage::isComplete() const
{
    return reason().isEmpty();
}

QString ExportSourcePage::reason() const
{
    if (!m_known) {
        return tr("What there is on the host is still being read.");
    }
    return current(m_disk).isEmpty() ? tr("There is no disk that could be exported.") : QString();
}

QWidget *ExportSourcePage::firstField() const
{
    return m_what;
}

ExportTargetPage::ExportTargetPage(QWidget *parent)
    : WizardPage(tr("Where to"), parent)
    , m_directory(QDir::homePath())
    , m_grid(new FieldGrid(this))
    , m_target(new QComboBox(this))
    , m_path(new QLineEdit(this))
    , m_pool(new QComboBox(this))
    , m_volume(new QLineEdit(this))
    , m_format(new QComboBox(this))
    , m_compressed(new QCheckBox(tr("&Compressed: smaller, slower to make"), this))
    , m_flatten(new QCheckBox(tr("C&omplete: needs no other file"), this))
{
    for (QComboBox *combo : {m_target, m_pool, m_format}) {
        createfields::narrow(combo);
    }
    m_format->addItem(u"qcow2"_s, u"qcow2"_s);
    m_format->addItem(u"raw"_s, u"raw"_s);
    m_flatten->setChecked(true);
    auto *browse = new QPushButton(tr("Bro&wse…"), this);
    browse->setAutoDefault(false);
    m_grid->addField(tr("&Target"), m_target);
    m_pathNote = m_grid->addField(tr("F&ile"), m_path, browse);
    m_poolNote = m_grid->addField(tr("&Pool"), m_pool);
    m_volumeNote = m_grid->addField(tr("Vol&ume"), m_volume);
    m_grid->addField(tr("&Format"), m_format);
    m_grid->addWide(m_compressed);
    m_grid->addWide(m_flatten);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_grid);
    createfields::fillPage(this, content);
    const auto chosen = [this] {
        refresh();
        Q_EMIT changed();
    };
    connect(m_target, &QComboBox::currentIndexChanged, this, [this, chosen] {
        m_poolProblem.clear();
        if (!host().isNull() && !m_pools.contains(host())) {
            Q_EMIT poolsWanted(host());
        }
        chosen();
    });
    connect(m_format, &QComboBox::currentIndexChanged, this, [this, chosen] {
        propose();
        chosen();
    });
    connect(m_pool, &QComboBox::currentIndexChanged, this, chosen);
    for (QLineEdit *edit : {m_path, m_volume}) {
        connect(edit, &QLineEdit::textChanged, this, chosen);
    }
    for (QCheckBox *box : {m_compressed, m_flatten}) {
        connect(box, &QCheckBox::clicked, this, chosen);
    }
    connect(browse, &QPushButton::clicked, this, &ExportTargetPage::browse);
    setHosts({});
}

void ExportTargetPage::setHosts(const QList<HostChoice> &hosts)
{
    m_hosts = hosts;
    QStringList texts{tr("A file on this computer")};
    QStringList keys{QString()};
    for (const HostChoice &each : hosts) {
        texts.append(tr("A volume on %1").arg(each.name));
        keys.append(each.id.toString());
    }
    const QString chosen = current(m_target);
    createfields::fill(m_target, texts, keys, keys.contains(chosen) ? chosen : QString());
    refresh();
}

void ExportTargetPage::setPools(const virt::HostId &host, const Result<QList<virt::storage::Pool>> &pools)
{
    if (pools) {
        m_pools.insert(host, *pools);
    } else if (host == this->host()) {
        m_poolProblem = pools.error().message;
    }
    refresh();
    Q_EMIT changed();
}

void ExportTargetPage::setHabits(const QString &format, bool compressed, bool flatten, const QString &directory)
{
    const int row = m_format->findData(format);
    m_format->setCurrentIndex(std::max(row, 0));
    m_compressed->setChecked(compressed);
    m_flatten->setChecked(flatten);
    if (!directory.isEmpty()) {
        m_directory = directory;
    }
}

void ExportTargetPage::proposeName(const QString &name)
{
    m_name = name;
    propose();
}

void ExportTargetPage::propose()
{
    const QString file = m_name + u'.' + current(m_format);
    if (m_volume->text() == m_proposed) {
        m_proposed = file;
        m_volume->setText(file);
    }
    if (m_path->text() == m_proposedPath) {
        m_proposedPath = m_directory + u'/' + file;
        m_path->setText(m_proposedPath);
    }
}

void ExportTargetPage::browse()
{
    auto *dialog = new QFileDialog(window(), tr("Export to"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowModality(Qt::WindowModal);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setOption(QFileDialog::DontConfirmOverwrite); // what is there is never written over; the page says so
    dialog->setNameFilters({tr("Disk images (*.qcow2 *.raw *.img)"), tr("All files (*)")});
    dialog->selectFile(m_path->text());
    connect(dialog, &QFileDialog::fileSelected, m_path, &QLineEdit::setText);
    dialog->open();
}

virt::HostId ExportTargetPage::host() const
{
    return QUuid::fromString(current(m_target));
}

void ExportTargetPage::refresh()
{
    const bool file = host().isNull();
    m_grid->setFieldVisible(m_path, file);
    m_grid->setFieldVisible(m_pool, !file);
    m_grid->setFieldVisible(m_volume, !file);
    QStringList texts;
    QStringList keys;
    for (const virt::storage::Pool &pool : m_pools.value(host())) {
        if (pool.active) {
            texts.append(tr("%1 (%2 free)").arg(pool.name, model::formatBytes(pool.available)));
            keys.append(pool.name);
        }
    }
    const QString chosen = current(m_pool);
    const QString usual = keys.contains(u"default"_s) ? u"default"_s : keys.value(0);
    createfields::fill(m_pool, texts, keys, keys.contains(chosen) ? chosen : usual);
    m_compressed->setEnabled(current(m_format) == "qcow2"_L1);
    // A raw image can't say what lies beneath it.
    m_flatten->setEnabled(current(m_format) == "qcow2"_L1);
    m_flatten->setToolTip(m_flatten->isEnabled() ? QString() : tr("A raw image is always complete."));
    m_pathNote->setText(file ? nameProblem() : QString(), {});
    m_poolNote->setText(m_poolProblem, {});
    m_volumeNote->setText(file ? QString() : nameProblem(), {});
    Q_EMIT completeChanged();
}

QString ExportTargetPage::nameProblem() const
{
    if (host().isNull()) {
        const QString path = m_path->text();
        return path.startsWith(u'/') && !path.endsWith(u'/') ? QString() : tr("Write the whole path of a file.");
    }
    const QString name = m_volume->text();
    if (name.isEmpty()) {
        return tr("Give the volume a name.");
    }
    return name.contains(u'/') || name.startsWith(u'.') ? tr("The name of a volume has no “/” and begins with no dot.")
                                                        : QString();
}

void ExportTargetPage::fill(SnapshotExportDraft &draft) const
{
    if (host().isNull()) {
        draft.path = m_path->text();
    } else {
        for (const HostChoice &each : m_hosts) {
            if (each.id == host() && each.id != m_hosts.constFirst().id) {
                draft.host = each.uri;
            }
        }
        draft.pool = current(m_pool);
        draft.volume = m_volume->text();
    }
    draft.format = current(m_format);
    draft.compressed = m_compressed->isEnabled() && m_compressed->isChecked();
    draft.flatten = !m_flatten->isEnabled() || m_flatten->isChecked();
}

void ExportTargetPage::enter()
{
    refresh();
}

bool ExportTargetPage::isComplete() const
{
    return reason().isEmpty();
}

QString ExportTargetPage::reason() const
{
    if (!host().isNull() && current(m_pool).isEmpty()) {
        return m_poolProblem.isEmpty() ? tr("Choose a pool.") : m_poolProblem;
    }
    return nameProblem();
}

QWidget *ExportTargetPage::firstField() const
{
    return m_target;
}

} // namespace vireo::ui
