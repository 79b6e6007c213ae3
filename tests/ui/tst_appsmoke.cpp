// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QImage>
#include <QProcess>
#include <QSet>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

/** The real program, as a user starts it. VIREO_BINARY is its path. */
class TestAppSmoke final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        QVERIFY(m_directory->isValid());
        m_environment = QProcessEnvironment::systemEnvironment();
        for (const char *name : {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME"}) {
            const QString path = m_directory->filePath(QLatin1String(name));
            QVERIFY(QDir().mkpath(path));
            QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
            m_environment.insert(QLatin1String(name), path);
        }
        m_environment.remove(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"));
        m_environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    }

    void saysItsVersionWithoutADisplay()
    {
        m_environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("none-such"));
        const Outcome version = run({QStringLiteral("--version")});
        QCOMPARE(version.code, 0);
        QCOMPARE(version.output, QByteArray("vireo " VIREO_VERSION "\n"));
        const Outcome help = run({QStringLiteral("--help")});
        QCOMPARE(help.code, 0);
        QVERIFY(help.output.contains("--connect"));
        const Outcome wrong = run({QStringLiteral("--frobnicate")});
        QCOMPARE(wrong.code, 1);
        QVERIFY(wrong.error.contains("frobnicate"));
    }

    void showsTheDemoHost_data()
    {
        QTest::addColumn<bool>("glib");
        QTest::newRow("with GLib's dispatcher") << true;
        QTest::newRow("without") << false;
    }

    void showsTheDemoHost()
    {
        QFETCH(bool, glib);
        if (!glib) {
            m_environment.insert(QStringLiteral("QT_NO_GLIB"), QStringLiteral("1"));
        }
        const QString file = m_directory->filePath(QStringLiteral("shot.png"));
        const Outcome outcome = run({QStringLiteral("--demo"), QStringLiteral("--screenshot"), file});
        QVERIFY2(outcome.code == 0, outcome.error.constData());
        const QImage picture(file);
        QVERIFY(picture.width() > 600 && picture.height() > 400);
        // Blank windows have a handful of colours; rows of text with state signs have hundreds of shades in every part.
        QSet<QRgb> colours;
        for (int y = picture.height() / 4; y < picture.height() / 2; ++y) {
            for (int x = 0; x < picture.width() / 2; ++x) {
                colours.insert(picture.pixel(x, y));
            }
        }
        QVERIFY2(colours.size() > 50, qPrintable(QString::number(colours.size())));
        QVERIFY2(
            !outcome.error.contains("QObject::") && !outcome.error.contains("CRITICAL"), outcome.error.constData());
    }

    void saysWhenThePictureCantBeSaved()
    {
        const Outcome outcome =
            run({QStringLiteral("--demo"), QStringLiteral("--screenshot"), QStringLiteral("/no/such/directory/x.png")});
        QCOMPARE(outcome.code, 1);
        QVERIFY(outcome.error.contains("/no/such/directory/x.png"));
    }

    void secondStartIsHandedOver()
    {
        const QString bus = QStandardPaths::findExecutable(QStringLiteral("dbus-daemon"));
        QVERIFY2(!bus.isEmpty(), "dbus-daemon is needed");
        QProcess daemon;
        daemon.setProcessEnvironment(m_environment);
        daemon.start(
            bus, {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address=1")});
        QVERIFY(daemon.waitForStarted());
        QTRY_VERIFY(daemon.canReadLine());
        m_environment.insert(
            QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), QString::fromUtf8(daemon.readLine()).trimmed());

        QProcess first;
        first.setProcessEnvironment(m_environment);
        first.start(QStringLiteral(VIREO_BINARY),
            {QStringLiteral("-c"), QStringLiteral("test:///default"), QStringLiteral("--debug")});
        QVERIFY(first.waitForStarted());
        QProcess probe;
        probe.setProcessEnvironment(m_environment);
        const auto hasOwner = [&] {
            probe.start(QStringLiteral("dbus-send"),
                {QStringLiteral("--session"), QStringLiteral("--print-reply"),
                    QStringLiteral("--dest=org.freedesktop.DBus"), QStringLiteral("/"),
                    QStringLiteral("org.freedesktop.DBus.NameHasOwner"),
                    QStringLiteral("string:io.github.vireo_vm.Vireo")});
            return probe.waitForFinished() && probe.readAllStandardOutput().contains("true");
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasOwner(), 20000);

        const Outcome second = run({QStringLiteral("-c"), QStringLiteral("test:///no/such/node.xml")}, 10000);
        QVERIFY2(second.code == 0, second.error.constData());
        QCOMPARE(first.state(), QProcess::Running);
        // The first one has taken the host over: it is in its settings.
        const QString settings = m_directory->filePath(QStringLiteral("XDG_CONFIG_HOME/vireo/vireo.conf"));
        const auto settingsHave = [&settings](const QByteArray &text) {
            QFile file(settings);
            return file.open(QIODevice::ReadOnly) && file.readAll().contains(text);
        };
        QTRY_VERIFY_WITH_TIMEOUT(settingsHave("no/such/node.xml"), 10000);
        first.terminate();
        QVERIFY(first.waitForFinished(30000));
        daemon.terminate();
        QVERIFY(daemon.waitForFinished());
    }

    void startsWithoutABus()
    {
        m_environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), QStringLiteral("unix:path=/no/such/bus"));
        QProcess vireo;
        vireo.setProcessEnvironment(m_environment);
        vireo.start(QStringLiteral(VIREO_BINARY), {QStringLiteral("-c"), QStringLiteral("test:///default")});
        QVERIFY(vireo.waitForStarted());
        const QString settings = m_directory->filePath(QStringLiteral("XDG_CONFIG_HOME/vireo/vireo.conf"));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(settings), 20000);
        vireo.terminate(); // ends in order: a signal is a wish, not a crash
        QVERIFY(vireo.waitForFinished(30000));
        QCOMPARE(vireo.exitStatus(), QProcess::NormalExit);
        QCOMPARE(vireo.exitCode(), 0);
    }

private:
    struct Outcome {
        int code = -1;
        QByteArray output;
        QByteArray error;
    };

    Outcome run(const QStringList &arguments, int timeoutMs = 40000)
    {
        QProcess process;
        process.setProcessEnvironment(m_environment);
        process.start(QStringLiteral(VIREO_BINARY), arguments);
        if (!process.waitForFinished(timeoutMs)) {
            process.kill();
            process.waitForFinished();
            return {-1, process.readAllStandardOutput(), "did not end in time: " + process.readAllStandardError()};
        }
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QProcessEnvironment m_environment;
};

QTEST_GUILESS_MAIN(TestAppSmoke)
#include "tst_appsmoke.moc"
