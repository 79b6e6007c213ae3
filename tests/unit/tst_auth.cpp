// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Asking for a user name and a password: libvirt's test driver does so when its node file has an <auth> element.
#include <mutex>

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::virt;

namespace {

constexpr auto secretText = "s3cr3t-Pa55"_L1;
constexpr auto wrongText = "wr0ng-Pa55"_L1;

/// Every line that was logged, whatever the category and level. Any thread.
class LogCatcher final
{
    Q_DISABLE_COPY_MOVE(LogCatcher)

public:
    LogCatcher()
    {
        QLoggingCategory::setFilterRules(u"vireo.*=true"_s);
        s_lines.clear();
        m_before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &line) {
            const std::lock_guard lock(s_mutex);
            s_lines.append(line);
        });
    }
    ~LogCatcher()
    {
        qInstallMessageHandler(m_before);
        QLoggingCategory::setFilterRules({});
    }
    static QStringList lines()
    {
        const std::lock_guard lock(s_mutex);
        return s_lines;
    }

private:
    static inline std::mutex s_mutex;
    static inline QStringList s_lines;
    QtMessageHandler m_before;
};

bool isSaid(const HostStatus &status, const QString &text)
{
    return (status.sentence + status.error.message + status.error.hint).contains(text);
}

} // namespace

class TestAuth final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_directory.isValid());
        QFile passwords(m_directory.filePath(u"auth.conf"_s)); // instead of the developer's own
        QVERIFY(passwords.open(QIODevice::WriteOnly));
        qputenv("LIBVIRT_AUTH_FILE", passwords.fileName().toLocal8Bit());
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write("<node><auth><user password='s3cr3t-Pa55'>root</user></auth></node>");
        node.close();
        QVERIFY(node.copy(m_directory.filePath(u"node2.xml"_s)));
        m_settings.uri = u"test://"_s + node.fileName();
        quietLibvirt();
        m_loop = std::make_unique<EventLoop>();
    }
    void cleanupTestCase()
    {
        QTRY_COMPARE(m_loop->handleCount(), 0);
        m_loop.reset();
    }

    void rightAnswerConnects();
    void wrongAnswerFails_data();
    void wrongAnswerFails();
    void cancelEnds_data();
    void cancelEnds();
    void neverAnsweredThenDisconnected();
    void neverAnsweredThenRemoved();
    void answersWithoutFieldsAreNoCrash();
    void connectsAgainAfterFailure();

private:
    /// Answers each question of `host` as a dialog would, later and by signal.
    void answerAll(Host *host, const QString &user, const QString &password)
    {
        connect(
            host, &Host::credentialsNeeded, this,
            [this, host, user, password](CredentialRequest request) {
                m_asked.append(request);
                for (CredentialRequest::Field &field : request.fields) {
                    field.answer = field.secret ? password : user;
                }
                host->answerCredentials(request);
            },
            Qt::QueuedConnection);
    }

    QTemporaryDir m_directory;
    HostSettings m_settings;
    std::unique_ptr<EventLoop> m_loop;
    QList<CredentialRequest> m_asked;
};

void TestAuth::rightAnswerConnects()
{
    const LogCatcher log;
    m_asked.clear();
    Hosts hosts;
    Inventory inventory(hosts);
    Host *host = hosts.host(hosts.add(m_settings));
    answerAll(host, u"root"_s, secretText);
    QStringList said;
    connect(host, &Host::eventHappened, this, [&](const EventRecord &event) { said.append(event.text); });
    host->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(host->isConnected(), 10000);
    QVERIFY(!host->status().error.code);

    int secrets = 0;
    int names = 0;
    for (const CredentialRequest &request : std::as_const(m_asked)) {
        QCOMPARE(request.uri, m_settings.uri);
        for (const CredentialRequest::Field &field : request.fields) {
            QVERIFY2(!field.prompt.isEmpty(), "a dialog needs a label");
            ++(field.secret ? secrets : names);
        }
    }
    QCOMPARE(secrets, 1); // the password is masked, the user name is not
    QCOMPARE(names, 1);

    host->disconnectFromHost();
    const QStringList lines = log.lines();
    QVERIFY2(!lines.isEmpty(), "the categories must be on, or this proves nothing");
    QVERIFY(lines.filter(secretText).isEmpty());
    QVERIFY(said.filter(secretText).isEmpty());
    QVERIFY(!isSaid(host->status(), secretText));
    QVERIFY(!host->settings().uri.contains(secretText));
}

void TestAuth::wrongAnswerFails_data()
{
    QTest::addColumn<QString>("user");
    QTest::newRow("wrong password") << u"root"_s;
    QTest::newRow("wrong user") << u"nobody"_s;
}

void TestAuth::wrongAnswerFails()
{
    QFETCH(const QString, user);
    const LogCatcher log;
    Hosts hosts;
    Host *host = hosts.host(hosts.add(m_settings));
    answerAll(host, user, wrongText);
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 10000);
    const Error &error = host->status().error;
    QCOMPARE(error.kind, Error::Kind::Failed);
    QVERIFY2(error.message.contains(u"authentication failed"_s), qPrintable(error.message));
    QVERIFY2(error.hint.contains(u"password"_s), qPrintable(error.hint));
    QVERIFY(!host->connection());
    QVERIFY(!log.lines().isEmpty());
    QVERIFY(log.lines().filter(wrongText).isEmpty());
    QVERIFY(!isSaid(host->status(), wrongText));
}

void TestAuth::cancelEnds_data()
{
    QTest::addColumn<int>("answersBefore");
    QTest::newRow("at the first question") << 0;
    QTest::newRow("at the second question") << 1;
}

void TestAuth::cancelEnds()
{
    QFETCH(const int, answersBefore);
    Hosts hosts;
    Host *host = hosts.host(hosts.add(m_settings));
    int asked = 0;
    connect(host, &Host::credentialsNeeded, this, [&](CredentialRequest request) {
        for (CredentialRequest::Field &field : request.fields) {
            field.answer = u"root"_s;
        }
        host->answerCredentials(asked++ < answersBefore ? std::optional(request) : std::nullopt);
    });
    QList<HostState> states;
    connect(host, &Host::statusChanged, this, [&] { states.append(host->status().state); });
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 10000);
    QCOMPARE(host->status().sentence, u"Cancelled"_s);
    QCOMPARE(host->status().error.kind, Error::Kind::Cancelled);
    QCOMPARE(asked, answersBefore + 1);
    QVERIFY(!states.contains(HostState::Reconnecting));
}

void TestAuth::neverAnsweredThenDisconnected()
{
    Hosts hosts;
    Host *host = hosts.host(hosts.add(m_settings));
    QSignalSpy needed(host, &Host::credentialsNeeded);
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(needed.count(), 1, 10000);
    QElapsedTimer clock;
    clock.start();
    host->disconnectFromHost();
    QVERIFY2(clock.elapsed() < 100, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(host->status().state, HostState::Disconnected);
    // A dialog that is still open answers late: nothing may come of it, and the next attempt asks anew.
    CredentialRequest late = needed.first().first().value<CredentialRequest>();
    late.fields.first().answer = u"root"_s;
    host->answerCredentials(late);
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(needed.count(), 2, 10000);
    QCOMPARE(needed.at(1).first().value<CredentialRequest>().fields.first().answer, QString());
    host->disconnectFromHost();
    QCOMPARE(host->status().state, HostState::Disconnected);
}

void TestAuth::neverAnsweredThenRemoved()
{
    QElapsedTimer clock;
    {
        Hosts hosts;
        const HostId id = hosts.add(m_settings);
        HostSettings second = m_settings;
        second.uri.replace(u"node.xml"_s, u"node2.xml"_s);
        const HostId other = hosts.add(second);
        QVERIFY(id != other);
        QSignalSpy needed(hosts.host(id), &Host::credentialsNeeded);
        QSignalSpy otherNeeded(hosts.host(other), &Host::credentialsNeeded);
        hosts.host(id)->connectToHost();
        hosts.host(other)->connectToHost();
        QTRY_COMPARE_WITH_TIMEOUT(needed.count(), 1, 10000);
        QTRY_VERIFY2_WITH_TIMEOUT(
            otherNeeded.count() == 1, qPrintable(hosts.host(other)->status().error.message), 10000);
        clock.start();
        hosts.remove(id);
    } // and the second goes with the program
    QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
}

void TestAuth::answersWithoutFieldsAreNoCrash()
{
    Hosts hosts;
    Host *host = hosts.host(hosts.add(m_settings));
    connect(host, &Host::credentialsNeeded, this, [&] { host->answerCredentials(CredentialRequest()); });
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 10000);
}

/// The user corrects a typing mistake; and one who was connected before, leaves and mistypes, is not asked for ever.
void TestAuth::connectsAgainAfterFailure()
{
    Hosts hosts;
    Host *host = hosts.host(hosts.add(m_settings));
    QString password = secretText;
    int asked = 0;
    connect(host, &Host::credentialsNeeded, this, [&](CredentialRequest request) {
        ++asked;
        for (CredentialRequest::Field &field : request.fields) {
            field.answer = field.secret ? password : u"root"_s;
        }
        host->answerCredentials(request);
    });
    host->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(host->isConnected(), 10000);
    host->disconnectFromHost();
    password = wrongText;
    asked = 0;
    host->connectToHost();
    QCOMPARE(host->status().state, HostState::Connecting);
    QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 10000);
    QCOMPARE(asked, 2);
    password = secretText;
    host->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(host->isConnected(), 10000);
}

QTEST_GUILESS_MAIN(TestAuth)
#include "tst_auth.moc"
