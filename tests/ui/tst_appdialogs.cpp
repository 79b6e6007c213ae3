// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QtTest>

#include "ui/connectiondialog.h"
#include "ui/credentialdialog.h"

using namespace vireo;
using ui::ConnectionDialog;

class TestAppDialogs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formMakesTheUri_data()
    {
        QTest::addColumn<QString>("hypervisor");
        QTest::addColumn<QString>("transport");
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("port");
        QTest::addColumn<QString>("uri");
        const auto row = [](const char *name, const char *hypervisor, const char *transport, const char *host,
                             const char *user, const char *port, const char *uri) {
            QTest::newRow(name) << QString::fromUtf8(hypervisor) << QString::fromUtf8(transport)
                                << QString::fromUtf8(host) << QString::fromUtf8(user) << QString::fromUtf8(port)
                                << QString::fromUtf8(uri);
        };
        row("local", "QEMU/KVM", "On this computer", "", "", "", "qemu:///system");
        row("session", "QEMU/KVM user session", "On this computer", "", "", "", "qemu:///session");
        row("ssh", "QEMU/KVM", "SSH", "rack-7", "", "", "qemu+ssh://rack-7/system");
        row("ssh, all", "QEMU/KVM", "SSH", "rack-7", "root", "2222", "qemu+ssh://root@rack-7:2222/system");
        row("tls", "Xen", "TLS (certificates)", "x.example.org", "ignored", "", "xen+tls://x.example.org/system");
        row("tcp, IPv6", "LXC (containers)", "TCP (not encrypted)", "fd00::1", "", "16509",
            "lxc+tcp://[fd00::1]:16509/system");
        row("socket", "QEMU/KVM", "Unix socket", "", "", "", "qemu+unix:///system");
        row("test", "Test driver", "On this computer", "", "", "", "test:///default");
    }

    void formMakesTheUri()
    {
        QFETCH(QString, hypervisor);
        QFETCH(QString, transport);
        QFETCH(QString, host);
        QFETCH(QString, user);
        QFETCH(QString, port);
        QFETCH(QString, uri);
        ConnectionDialog dialog;
        dialog.show();
        choose(dialog, "Hypervisor", hypervisor);
        choose(dialog, "Transport", transport);
        edit(dialog, "Host")->setText(host);
        edit(dialog, "User")->setText(user);
        edit(dialog, "Port")->setText(port);
        QCOMPARE(dialog.settings().uri, uri);
        QVERIFY(edit(dialog, "URI")->isReadOnly());
        QVERIFY(ok(dialog)->isEnabled());

        ConnectionDialog again; // and back
        again.setSettings(dialog.settings());
        QCOMPARE(again.settings(), dialog.settings());
        QCOMPARE(combo(again, "Hypervisor")->currentText(), hypervisor);
    }

    void checksWhileTyping()
    {
        ConnectionDialog dialog;
        dialog.show();
        choose(dialog, "Transport", QStringLiteral("SSH"));
        QVERIFY(!ok(dialog)->isEnabled()); // a host is needed
        QTest::keyClicks(edit(dialog, "Host"), QStringLiteral("rack 7"));
        QVERIFY(!ok(dialog)->isEnabled());
        QVERIFY(edit(dialog, "Host")->accessibleDescription().contains(QStringLiteral("not the name")));
        for (const auto *bad : {"-oProxyCommand=x", "a/b", "a@b", "a?b"}) {
            edit(dialog, "Host")->setText(QLatin1String(bad));
            QVERIFY2(!ok(dialog)->isEnabled(), bad);
        }
        edit(dialog, "Host")->setText(QStringLiteral("rack-7"));
        QVERIFY(ok(dialog)->isEnabled());
        edit(dialog, "Port")->setText(QStringLiteral("70000"));
        QVERIFY(!ok(dialog)->isEnabled());
        edit(dialog, "Port")->clear();
        edit(dialog, "User")->setText(QStringLiteral("-l"));
        QVERIFY(!ok(dialog)->isEnabled());
    }

    void riskNeedsConsentEachTime()
    {
        ConnectionDialog dialog;
        dialog.show();
        choose(dialog, "Hypervisor", QStringLiteral("Custom URI"));
        auto *uri = edit(dialog, "URI");
        QVERIFY(!uri->isReadOnly());
        uri->clear();
        QTest::keyClicks(uri, QStringLiteral("qemu+ssh://h/system?command=/bin/evil"));
        auto *consent = dialog.findChild<QCheckBox *>(QStringLiteral("riskAccepted"));
        QVERIFY(consent->isVisible());
        QVERIFY(dialog.findChild<QLabel *>(QStringLiteral("riskText"))->text().contains(QStringLiteral("/bin/evil")));
        QVERIFY(!ok(dialog)->isEnabled());
        consent->click();
        QVERIFY(ok(dialog)->isEnabled());
        QVERIFY(dialog.settings().riskAccepted);
        QTest::keyClicks(uri, QStringLiteral("2")); // another program: another consent
        QVERIFY(!consent->isChecked());
        QVERIFY(!ok(dialog)->isEnabled());
        consent->click();

        ConnectionDialog again;
        again.show();
        again.setSettings(dialog.settings());
        QVERIFY(!again.findChild<QCheckBox *>(QStringLiteral("riskAccepted"))->isChecked());
        QVERIFY(!again.settings().riskAccepted);
        QVERIFY(!ok(again)->isEnabled());
        edit(again, "URI")->clear();
        QTest::keyClicks(edit(again, "URI"), QStringLiteral("qemu:///system"));
        QVERIFY(!again.findChild<QCheckBox *>(QStringLiteral("riskAccepted"))->isVisible());
        QVERIFY(ok(again)->isEnabled());
    }

    void keepsWhatItDoesNotShow()
    {
        virt::HostSettings settings{QUuid::createUuid(), QStringLiteral("qemu+libssh2://h/system?keyfile=/k"),
            QStringLiteral("<b>R</b>"), true, true, true, true};
        ConnectionDialog dialog;
        dialog.setSettings(settings);
        settings.riskAccepted = false;
        QCOMPARE(dialog.settings(), settings);
        QCOMPARE(combo(dialog, "Hypervisor")->currentText(), QStringLiteral("Custom URI"));
    }

    void wrongUriIsExplained()
    {
        ConnectionDialog dialog;
        dialog.show();
        choose(dialog, "Hypervisor", QStringLiteral("Custom URI"));
        for (const auto *bad : {"nonsense", "qemu+smoke://h/system", "qemu://u:pw@h/system"}) {
            edit(dialog, "URI")->clear();
            QTest::keyClicks(edit(dialog, "URI"), QLatin1String(bad));
            QVERIFY2(!ok(dialog)->isEnabled(), bad);
            const auto parsed = virt::ConnectionUri::parse(QLatin1String(bad));
            QVERIFY(!parsed);
            QCOMPARE(edit(dialog, "URI")->accessibleDescription(), parsed.error().message);
        }
    }

    void credentialsAreAskedAndGiven()
    {
        virt::CredentialRequest request;
        request.uri = QStringLiteral("qemu+tcp://h/system");
        request.fields = {{QStringLiteral("Username:"), QStringLiteral("root"), false, {}},
            {QStringLiteral("Password: "), {}, true, {}}};
        ui::CredentialDialog dialog(request);
        dialog.show();
        QCOMPARE(edit(dialog, "Username")->text(), QStringLiteral("root"));
        auto *password = edit(dialog, "Password");
        QCOMPARE(password->echoMode(), QLineEdit::Password);
        QTest::keyClicks(password, QStringLiteral("geheim"));
        QTest::keyClick(password, Qt::Key_Return);
        QCOMPARE(dialog.result(), int(QDialog::Accepted));
        QCOMPARE(dialog.answer().fields[0].answer, QStringLiteral("root"));
        QCOMPARE(dialog.answer().fields[1].answer, QStringLiteral("geheim"));
    }

private:
    template<typename Widget>
    static Widget *named(const QWidget &parent, const char *name)
    {
        const auto all = parent.findChildren<Widget *>();
        for (Widget *one : all) {
            if (one->accessibleName() == QLatin1String(name)) {
                return one;
            }
        }
        return nullptr;
    }
    static QLineEdit *edit(const QWidget &dialog, const char *name) { return named<QLineEdit>(dialog, name); }
    static QComboBox *combo(const QWidget &dialog, const char *name) { return named<QComboBox>(dialog, name); }
    static QPushButton *ok(const QWidget &dialog)
    {
        return dialog.findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
    }
    static void choose(const QWidget &dialog, const char *name, const QString &text)
    {
        const int index = combo(dialog, name)->findText(text);
        QVERIFY2(index >= 0, qPrintable(text));
        combo(dialog, name)->setCurrentIndex(index);
    }
};

QTEST_MAIN(TestAppDialogs)
#include "tst_appdialogs.moc"
