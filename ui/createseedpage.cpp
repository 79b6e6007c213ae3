// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createseedpage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyle>
#include <QTimeZone>
#include <QVBoxLayout>

#include "ui/createfields.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using createfields::set;
using Fields = CreateSeed::Fields;
using Network = CreateSeed::Network;
using Part = CreateSeed::Part;

CreateSeedPage::CreateSeedPage(CreateSeed &seed, QWidget *parent)
    : WizardPage(tr("Cloud-init"), parent)
    , m_seed(seed)
    , m_enabled(new QCheckBox(tr("&Set the guest up at its first boot (cloud-init)"), this))
    , m_intro(new QLabel(this))
    , m_grid(new FieldGrid(this))
    , m_kind(new QComboBox(this))
    , m_hostname(new QLineEdit(this))
    , m_user(new QLineEdit(this))
    , m_sudo(new QCheckBox(tr("May become root"), this))
    , m_password(new QLineEdit(this))
    , m_keys(new QListWidget(this))
    , m_newKey(new QLineEdit(this))
    , m_addKey(new QPushButton(tr("&Add"), this))
    , m_network(new QComboBox(this))
    , m_address4(new QLineEdit(this))
    , m_gateway4(new QLineEdit(this))
    , m_address6(new QLineEdit(this))
    , m_gateway6(new QLineEdit(this))
    , m_dns(new QLineEdit(this))
    , m_moreGrid(new FieldGrid(this))
    , m_packages(new QLineEdit(this))
    , m_update(new QCheckBox(tr("Update package lists first"), this))
    , m_timezone(new QLineEdit(this))
    , m_userData(new QPlainTextEdit(this))
    , m_metadata(new QPlainTextEdit(this))
{
    makeFields();
    makeNetwork();
    makeMore();
    m_enabled->setToolTip(tr("For images with cloud-init, as the makers of distributions offer them for clouds"));
    m_intro->setText(
        tr("Gives an image that comes with cloud-init its host name, a user with a password or SSH keys, its network, "
           "packages and your own user-data. Without it the image starts as it is."));
    m_intro->setTextFormat(Qt::PlainText);
    m_intro->setWordWrap(true);
    m_intro->setIndent(style()->pixelMetric(QStyle::PM_IndicatorWidth) + 6); // below the text of the box
    m_fields = new QWidget(this);
    auto *fields = new QVBoxLayout(m_fields);
    fields->setContentsMargins(0, 8, 0, 0);
    fields->addWidget(m_grid);
    fields->addWidget(new Expander(tr("More: pac&kages, time zone, user-data, metadata"), m_moreGrid, m_fields));
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_enabled);
    layout->addWidget(m_intro);
    layout->addWidget(m_fields);
    createfields::alignLabels({m_grid, m_moreGrid});
    createfields::fillPage(this, content);
    connectFields();
    refresh();
}

void CreateSeedPage::makeFields()
{
    m_kind->addItem(tr("NoCloud (most images)"), static_cast<int>(seed::SeedDraft::Kind::NoCloud));
    m_kind->addItem(tr("Config drive (OpenStack)"), static_cast<int>(seed::SeedDraft::Kind::ConfigDrive));
    createfields::narrow(m_kind);
    createfields::narrow(m_network);
    m_user->setPlaceholderText(tr("The image's own user"));
    m_sudo->setToolTip(tr("By sudo, without being asked for a password"));
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setPlaceholderText(tr("None"));
    m_keys->setFixedHeight(3 * fontMetrics().lineSpacing() + 24);
    m_keys->setTextElideMode(Qt::ElideMiddle);
    m_newKey->setPlaceholderText(u"ssh-ed25519 AAAA… name"_s);
    m_addKey->setAutoDefault(false);
    m_notes.insert(Part::Hostname, m_grid->addField(tr("&Host name"), m_hostname));
    m_notes.insert(Part::User, m_grid->addField(tr("&User"), m_user, m_sudo));
    m_notes.insert(Part::Password, m_grid->addField(tr("&Password"), m_password));
    m_notes.insert(Part::Keys, m_grid->addField(tr("SSH k&eys"), m_keys));
    m_newKeyNote = m_grid->addField(tr("Another key"), m_newKey, m_addKey);
}

void CreateSeedPage::makeNetwork()
{
    m_network->addItem(tr("As the image does, DHCP as a rule"), static_cast<int>(Network::Guest));
    m_network->addItem(tr("DHCP, IPv4 and IPv6"), static_cast<int>(Network::Dhcp));
    m_network->addItem(tr("Fixed addresses"), static_cast<int>(Network::Static));
    m_notes.insert(Part::Network, m_grid->addField(tr("Net&work"), m_network));
    m_address4->setPlaceholderText(u"192.168.1.5/24"_s);
    m_gateway4->setPlaceholderText(u"192.168.1.1"_s);
    m_address6->setPlaceholderText(u"fd00::5/64"_s);
    m_gateway6->setPlaceholderText(u"fd00::1"_s);
    m_dns->setPlaceholderText(u"192.168.1.1 fd00::1"_s);
    m_grid->addField(tr("IPv4 address"), m_address4);
    m_grid->addField(tr("IPv4 gateway"), m_gateway4);
    m_grid->addField(tr("IPv6 address"), m_address6);
    m_grid->addField(tr("IPv6 gateway"), m_gateway6);
    m_grid->addField(tr("Name servers"), m_dns);
}

void CreateSeedPage::makeMore()
{
    m_packages->setPlaceholderText(u"qemu-guest-agent"_s);
    m_timezone->setPlaceholderText(tr("As the image"));
    QStringList zones;
    const QList<QByteArray> ids = QTimeZone::availableTimeZoneIds();
    for (const QByteArray &id : ids) {
        zones.append(QString::fromLatin1(id));
    }
    auto *completer = new QCompleter(zones, m_timezone);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_timezone->setCompleter(completer);
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    for (QPlainTextEdit *edit : {m_userData, m_metadata}) {
        edit->setFont(fixed);
        edit->setTabChangesFocus(true);
        edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    }
    const int line = fontMetrics().lineSpacing();
    m_userData->setFixedHeight(6 * line);
    m_metadata->setFixedHeight(4 * line);
    m_userData->setPlaceholderText(u"#cloud-config\nruncmd:\n  - [ touch, /etc/hello ]"_s);
    m_metadata->setPlaceholderText(u"role=web\nowner=ops"_s);
    m_moreGrid->addField(tr("Seed"), m_kind);
    m_notes.insert(Part::Packages, m_moreGrid->addField(tr("Packages"), m_packages, m_update));
    m_notes.insert(Part::Timezone, m_moreGrid->addField(tr("Time zone"), m_timezone));
    m_notes.insert(Part::UserData, m_moreGrid->addField(tr("User-data"), m_userData));
    m_notes.insert(Part::Metadata, m_moreGrid->addField(tr("Metadata"), m_metadata));
}

void CreateSeedPage::connectFields()
{
    connect(m_enabled, &QCheckBox::toggled, &m_seed, &CreateSeed::setEnabled);
    const std::initializer_list<std::pair<QLineEdit *, QString Fields::*>> edits{{m_hostname, &Fields::hostname},
        {m_user, &Fields::user}, {m_address4, &Fields::address4}, {m_gateway4, &Fields::gateway4},
        {m_address6, &Fields::address6}, {m_gateway6, &Fields::gateway6}, {m_dns, &Fields::dns},
        {m_packages, &Fields::packages}, {m_timezone, &Fields::timezone}};
    for (const auto &[edit, part] : edits) {
        connect(edit, &QLineEdit::textChanged, this,
            [this, part](const QString &text) { m_seed.change([&](Fields &fields) { fields.*part = text; }); });
    }
    const std::initializer_list<std::pair<QPlainTextEdit *, QString Fields::*>> texts{
        {m_userData, &Fields::userData}, {m_metadata, &Fields::metadata}};
    for (const auto &[edit, part] : texts) {
        connect(edit, &QPlainTextEdit::textChanged, this,
            [this, edit, part] { m_seed.change([&](Fields &fields) { fields.*part = edit->toPlainText(); }); });
    }
    connect(m_password, &QLineEdit::textChanged, &m_seed, &CreateSeed::setPassword);
    connect(m_sudo, &QCheckBox::toggled, this,
        [this](bool on) { m_seed.change([on](Fields &fields) { fields.sudo = on; }); });
    connect(m_update, &QCheckBox::toggled, this,
        [this](bool on) { m_seed.change([on](Fields &fields) { fields.packageUpdate = on; }); });
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this](int row) {
        const auto kind = static_cast<seed::SeedDraft::Kind>(m_kind->itemData(row).toInt());
        m_seed.change([kind](Fields &fields) { fields.kind = kind; });
    });
    connect(m_network, &QComboBox::currentIndexChanged, this, [this](int row) {
        const auto network = static_cast<Network>(m_network->itemData(row).toInt());
        m_seed.change([network](Fields &fields) { fields.network = network; });
    });
    connect(m_keys, &QListWidget::itemChanged, this, [this](const QListWidgetItem *item) {
        m_seed.chooseKey(m_keys->row(item), item->checkState() == Qt::Checked);
    });
    connect(m_addKey, &QPushButton::clicked, this, &CreateSeedPage::addKey);
    connect(m_newKey, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_addKey->setEnabled(!text.trimmed().isEmpty());
        m_newKeyNote->setText({}, {});
    });
    m_addKey->setEnabled(false);
    m_newKey->installEventFilter(this);
    connect(&m_seed, &CreateSeed::changed, this, &CreateSeedPage::refresh);
}

/** Enter in the field of a new key adds that, and is not Next. */
bool CreateSeedPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_newKey && event->type() == QEvent::KeyPress && m_addKey->isEnabled()) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->modifiers() == Qt::NoModifier && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter)) {
            addKey();
            return true;
        }
    }
    return WizardPage::eventFilter(watched, event);
}

void CreateSeedPage::addKey()
{
    const Result<> added = m_seed.addKey(m_newKey->text());
    if (added) {
        m_newKey->clear();
    } else {
        m_newKeyNote->setText(added.error().message, {});
    }
}

bool CreateSeedPage::isComplete() const
{
    return m_seed.firstProblem().isEmpty();
}

QString CreateSeedPage::reason() const
{
    return m_seed.firstProblem();
}

QWidget *CreateSeedPage::firstField() const
{
    return m_enabled;
}

void CreateSeedPage::refresh()
{
    const Fields &fields = m_seed.fields();
    set(m_enabled, m_seed.isEnabled());
    m_fields->setVisible(m_seed.isEnabled());
    m_intro->setVisible(!m_seed.isEnabled());
    set(m_hostname, fields.hostname);
    m_hostname->setPlaceholderText(m_seed.hostname());
    set(m_user, fields.user);
    set(m_sudo, fields.sudo);
    m_sudo->setEnabled(!fields.user.trimmed().isEmpty());
    if (!m_seed.hasPlainPassword() && !m_password->text().isEmpty()) {
        const QSignalBlocker blocker(m_password);
        m_password->clear(); // it was hashed
    }
    m_password->setPlaceholderText(m_seed.hasHash() ? tr("Set") : tr("None"));
    {
        const QSignalBlocker blockKind(m_kind);
        const QSignalBlocker blockNetwork(m_network);
        m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(fields.kind)));
        m_network->setCurrentIndex(m_network->findData(static_cast<int>(fields.network)));
    }
    for (QLineEdit *edit : {m_address4, m_gateway4, m_address6, m_gateway6, m_dns}) {
        m_grid->setFieldVisible(edit, fields.network == Network::Static);
    }
    set(m_address4, fields.address4);
    set(m_gateway4, fields.gateway4);
    set(m_address6, fields.address6);
    set(m_gateway6, fields.gateway6);
    set(m_dns, fields.dns);
    set(m_packages, fields.packages);
    set(m_update, fields.packageUpdate);
    m_update->setEnabled(!fields.packages.trimmed().isEmpty());
    set(m_timezone, fields.timezone);
    const std::initializer_list<std::pair<QPlainTextEdit *, QString>> texts{
        {m_userData, fields.userData}, {m_metadata, fields.metadata}};
    for (const auto &[edit, text] : texts) {
        if (edit->toPlainText() != text) {
            const QSignalBlocker blocker(edit);
            edit->setPlainText(text);
        }
    }
    refreshKeys();
    refreshNotes();
    Q_EMIT completeChanged();
}

void CreateSeedPage::refreshKeys()
{
    const QSignalBlocker blocker(m_keys);
    const QList<CreateSeed::Key> &keys = m_seed.keys();
    while (m_keys->count() > keys.size()) {
        delete m_keys->takeItem(m_keys->count() - 1);
    }
    while (m_keys->count() < keys.size()) {
        m_keys->addItem(QString());
    }
    for (qsizetype i = 0; i < keys.size(); ++i) {
        const seed::PublicKey &key = keys.at(i).key;
        QListWidgetItem *item = m_keys->item(static_cast<int>(i));
        const QString name = key.comment.isEmpty() ? key.fingerprint() : key.comment;
        item->setText(key.origin.isEmpty() ? tr("%1 (%2)").arg(name, key.type)
                                           : tr("%1 (%2, %3)").arg(name, key.type, key.origin));
        item->setToolTip(key.fingerprint().toHtmlEscaped());
        item->setFlags(item->flags() | Qt::ItemIsUserCheckable);
        item->setCheckState(keys.at(i).chosen ? Qt::Checked : Qt::Unchecked);
    }
}

void CreateSeedPage::refreshNotes()
{
    for (auto it = m_notes.cbegin(); it != m_notes.cend(); ++it) {
        it.value()->setText(m_seed.problem(it.key()), m_seed.hint(it.key()));
    }
}

} // namespace vireo::ui
