// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connectiondialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>

#include "ui/fieldgrid.h"

namespace vireo::ui {

using virt::ConnectionUri;

namespace {

/** One line of the hypervisor field. */
struct Hypervisor {
    QString text;
    QString driver;
    QString path;
};

QList<Hypervisor> hypervisors()
{
    return {
        {ConnectionDialog::tr("QEMU/KVM"), QStringLiteral("qemu"), QStringLiteral("/system")},
        {ConnectionDialog::tr("QEMU/KVM user session"), QStringLiteral("qemu"), QStringLiteral("/session")},
        {ConnectionDialog::tr("Xen"), QStringLiteral("xen"), QStringLiteral("/system")},
        {ConnectionDialog::tr("LXC (containers)"), QStringLiteral("lxc"), QStringLiteral("/system")},
        {ConnectionDialog::tr("Test driver"), QStringLiteral("test"), QStringLiteral("/default")},
        {ConnectionDialog::tr("Custom URI"), QString(), QString()},
    };
}

/** Something that no host or user name has; what is left is for the resolver to judge. */
bool isName(const QString &text)
{
    static const QRegularExpression plain(QStringLiteral("^[^\\s/@?#\\x00-\\x1f-][^\\s/@?#\\x00-\\x1f]*$"));
    return plain.match(text).hasMatch();
}

} // namespace

ConnectionDialog::ConnectionDialog(QWidget *parent)
    : QDialog(parent)
    , m_grid(new FieldGrid(this))
    , m_hypervisor(new QComboBox(this))
    , m_transport(new QComboBox(this))
    , m_host(new QLineEdit(this))
    , m_user(new QLineEdit(this))
    , m_port(new QLineEdit(this))
    , m_path(new QLineEdit(this))
    , m_uri(new QLineEdit(this))
    , m_name(new QLineEdit(this))
    , m_risk(new QWidget(this))
    , m_riskText(new QLabel(m_risk))
    , m_riskAccepted(new QCheckBox(tr("I accept this for this connection, until Vireo is closed"), m_risk))
    , m_autoconnect(new QCheckBox(tr("&Connect when Vireo starts"), this))
    , m_readOnly(new QCheckBox(tr("&Read-only: look, but change nothing"), this))
{
    setWindowTitle(tr("Add Connection"));
    buildFields();

    m_riskText->setTextFormat(Qt::PlainText);
    m_riskText->setWordWrap(true);
    m_riskText->setObjectName(QStringLiteral("riskText"));
    m_riskAccepted->setObjectName(QStringLiteral("riskAccepted"));
    auto *riskLayout = new QVBoxLayout(m_risk);
    riskLayout->setContentsMargins(0, 0, 0, 0);
    riskLayout->addWidget(m_riskText);
    riskLayout->addWidget(m_riskAccepted);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    m_ok->setText(tr("Connect"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_grid);
    layout->addWidget(m_risk);
    layout->addStretch();
    layout->addWidget(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 80);
    refresh();
}

void ConnectionDialog::buildFields()
{
    for (const Hypervisor &one : hypervisors()) {
        m_hypervisor->addItem(one.text);
    }
    m_transport->addItem(tr("On this computer"), QString());
    m_transport->addItem(tr("SSH"), QStringLiteral("ssh"));
    m_transport->addItem(tr("TLS (certificates)"), QStringLiteral("tls"));
    m_transport->addItem(tr("TCP (not encrypted)"), QStringLiteral("tcp"));
    m_transport->addItem(tr("Unix socket"), QStringLiteral("unix"));

    m_grid->addField(tr("&Hypervisor"), m_hypervisor);
    m_transportNote = m_grid->addField(tr("&Transport"), m_transport);
    m_hostNote = m_grid->addField(tr("H&ost"), m_host);
    m_userNote = m_grid->addField(tr("&User"), m_user);
    m_portNote = m_grid->addField(tr("&Port"), m_port);
    m_pathNote = m_grid->addField(tr("P&ath"), m_path);
    m_uriNote = m_grid->addField(tr("UR&I"), m_uri);
    m_grid->addField(tr("&Name"), m_name);
    m_grid->addWide(m_autoconnect);
    m_grid->addWide(m_readOnly);
    m_host->setPlaceholderText(QStringLiteral("rack-7.example.org"));
    m_port->setPlaceholderText(tr("usual"));
    m_uri->setPlaceholderText(QStringLiteral("qemu+ssh://user@host/system"));

    connect(m_hypervisor, &QComboBox::currentIndexChanged, this, [this] {
        m_path->clear();
        refresh();
    });
    connect(m_transport, &QComboBox::currentIndexChanged, this, [this] {
        m_path->clear();
        refresh();
    });
    for (QLineEdit *edit : {m_host, m_user, m_port, m_path}) {
        connect(edit, &QLineEdit::textChanged, this, &ConnectionDialog::refresh);
    }
    connect(m_uri, &QLineEdit::textEdited, this, &ConnectionDialog::refresh);
    connect(m_riskAccepted, &QCheckBox::toggled, this, &ConnectionDialog::refresh);
}

bool ConnectionDialog::isCustom() const
{
    return m_hypervisor->currentIndex() == m_hypervisor->count() - 1;
}

QString ConnectionDialog::transport() const
{
    return m_transport->currentData().toString();
}

ConnectionUri ConnectionDialog::fromForm() const
{
    const Hypervisor kind = hypervisors().at(m_hypervisor->currentIndex());
    ConnectionUri uri;
    uri.driver = kind.driver;
    uri.path = kind.path;
    uri.transport = transport();
    const QString path = m_path->text().trimmed();
    if (uri.transport == QLatin1String("unix")) {
        if (!path.isEmpty()) {
            uri.parameters.append({QStringLiteral("socket"), path});
        }
    } else if (uri.driver == QLatin1String("test") && !path.isEmpty()) {
        uri.path = path;
    }
    const bool remote = !uri.transport.isEmpty() && uri.transport != QLatin1String("unix");
    if (remote) {
        uri.host = m_host->text().trimmed();
        uri.port = m_port->text().trimmed().isEmpty() ? -1 : m_port->text().trimmed().toInt();
        if (uri.transport == QLatin1String("ssh")) {
            uri.user = m_user->text().trimmed();
        }
    }
    return uri;
}

bool ConnectionDialog::fillForm(const ConnectionUri &uri)
{
    const QList<Hypervisor> kinds = hypervisors();
    for (int index = 0; index < kinds.size() - 1; ++index) {
        const bool anyPath = uri.driver == QLatin1String("test");
        if (kinds[index].driver != uri.driver || (!anyPath && kinds[index].path != uri.path)) {
            continue;
        }
        const int transport = m_transport->findData(uri.transport);
        if (transport < 0) {
            return false;
        }
        m_hypervisor->setCurrentIndex(index);
        m_transport->setCurrentIndex(transport);
        m_host->setText(uri.host);
        m_user->setText(uri.user);
        m_port->setText(uri.port >= 0 ? QString::number(uri.port) : QString());
        if (uri.transport == QLatin1String("unix")) {
            m_path->setText(uri.parameters.isEmpty() ? QString() : uri.parameters.first().second);
        } else if (anyPath && uri.path != kinds[index].path) {
            m_path->setText(uri.path);
        }
        return true;
    }
    return false;
}

void ConnectionDialog::setSettings(const virt::HostSettings &settings)
{
    setWindowTitle(tr("Edit Connection"));
    m_ok->setText(tr("Save"));
    m_settings = settings;
    m_settings.riskAccepted = false;
    m_name->setText(settings.name);
    m_autoconnect->setChecked(settings.autoconnect);
    m_readOnly->setChecked(settings.readOnly);
    m_riskAccepted->setChecked(false);
    const auto uri = ConnectionUri::parse(settings.uri);
    // Whatever the form can't say word for word is left as it is, as a custom URI.
    if (!uri || !fillForm(*uri) || fromForm().toString() != settings.uri) {
        m_hypervisor->setCurrentIndex(m_hypervisor->count() - 1);
        m_uri->setText(settings.uri);
    }
    refresh();
}

virt::HostSettings ConnectionDialog::settings() const
{
    virt::HostSettings result = m_settings;
    result.uri = m_uri->text().trimmed();
    result.name = m_name->text().trimmed();
    result.autoconnect = m_autoconnect->isChecked();
    result.readOnly = m_readOnly->isChecked();
    const auto uri = ConnectionUri::parse(result.uri);
    result.riskAccepted = m_riskAccepted->isChecked() && uri && !uri->risks().isEmpty();
    return result;
}

bool ConnectionDialog::checkFields()
{
    const bool custom = isCustom();
    const QString way = transport();
    const bool remote = !custom && !way.isEmpty() && way != QLatin1String("unix");
    const bool test = !custom && hypervisors().at(m_hypervisor->currentIndex()).driver == QLatin1String("test");
    m_grid->setFieldVisible(m_transport, !custom);
    m_grid->setFieldVisible(m_host, remote);
    m_grid->setFieldVisible(m_user, remote && way == QLatin1String("ssh"));
    m_grid->setFieldVisible(m_port, remote);
    m_grid->setFieldVisible(m_path, !custom && (way == QLatin1String("unix") || test));

    bool good = true;
    const auto say = [&good](FieldNote *note, bool wrong, const QString &problem, const QString &hint = {}) {
        note->setText(wrong ? problem : QString(), hint);
        good = good && !wrong;
    };
    const QString host = m_host->text().trimmed();
    say(m_hostNote, remote && !host.isEmpty() && !isName(host), tr("This is not the name or address of a host."),
        tr("Name or address"));
    good = good && !(remote && host.isEmpty()); // the hint says what is missing; nobody has made a mistake yet
    const QString user = m_user->text().trimmed();
    say(m_userNote, remote && !user.isEmpty() && !isName(user), tr("This is not a user's name."),
        tr("Empty: as ssh is configured"));
    bool number = true;
    const int port = m_port->text().trimmed().isEmpty() ? 1 : m_port->text().trimmed().toInt(&number);
    say(m_portNote, remote && (!number || port < 1 || port > 65535), tr("A port is a number from 1 to 65535."));
    const QString path = m_path->text().trimmed();
    const QString pathHint = way == QLatin1String("unix") ? tr("Socket of the daemon; empty: the usual one")
                                                          : tr("Empty: libvirt's built-in example; else a node file");
    say(m_pathNote, !path.isEmpty() && !path.startsWith(QLatin1Char('/')), tr("A path starts with “/”."), pathHint);
    m_transportNote->setText({},
        way == QLatin1String("tcp")       ? tr("Everything, passwords too, crosses the network in clear.")
            : way == QLatin1String("ssh") ? tr("Uses your ssh configuration and keys.")
                                          : QString());
    return good;
}

void ConnectionDialog::refresh()
{
    const bool good = checkFields();
    m_uri->setReadOnly(!isCustom());
    QPalette ground = palette();
    if (!isCustom()) {
        ground.setColor(QPalette::Base, ground.color(QPalette::Window)); // to be read, not to be typed into
    }
    m_uri->setPalette(ground);
    if (!isCustom()) {
        m_uri->setText(fromForm().toString());
    }
    const QString text = m_uri->text().trimmed();
    const auto uri = ConnectionUri::parse(text);
    // While the form lacks something its URI is not the user's fault.
    const bool tell = isCustom() && !text.isEmpty();
    m_uriNote->setText(tell && !uri ? uri.error().message : QString(),
        isCustom() ? tr("As libvirt's documentation has them") : tr("Made from the fields above"));

    const QStringList risks = uri ? uri->risks() : QStringList();
    if (text != m_riskyUri) {
        m_riskyUri = text;
        const QSignalBlocker quiet(m_riskAccepted);
        m_riskAccepted->setChecked(false);
    }
    m_riskText->setText(risks.join(QLatin1Char('\n')));
    m_risk->setVisible(!risks.isEmpty());
    m_name->setPlaceholderText(uri ? uri->label() : QString());
    m_ok->setEnabled(good && uri && (risks.isEmpty() || m_riskAccepted->isChecked()));
}

} // namespace vireo::ui
