// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <functional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/seed/sshkeys.h"
#include "tests/unit/seedfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::seed;
using test::ed25519Blob;
using test::ed25519Key;
using test::sshString;

namespace {

/** An ssh agent for one question: what it answers, byte by byte, is up to the test. */
class FakeAgent final
{
    Q_DISABLE_COPY_MOVE(FakeAgent)

public:
    using Talk = std::function<void(int client, std::stop_token stop)>;
    FakeAgent(const QString &path, const Talk &talk)
        : m_socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        const QByteArray name = QFile::encodeName(path);
        std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
        unlink(name.constData()); // of an agent before
        m_ok = name.size() < static_cast<qsizetype>(sizeof address.sun_path)
            && bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
            && listen(m_socket, 1) == 0;
        m_thread = std::jthread([fd = m_socket, talk](const std::stop_token &stop) {
            pollfd ready{fd, POLLIN, 0};
            while (!stop.stop_requested()) {
                if (poll(&ready, 1, 50) > 0) {
                    const int client = accept(fd, nullptr, nullptr);
                    talk(client, stop);
                    close(client);
                }
            }
        });
    }
    ~FakeAgent()
    {
        m_thread = {};
        close(m_socket);
    }
    bool isUp() const { return m_ok; }

    static void answer(int client, const QByteArray &bytes)
    {
        char request[5] = {};
        if (recv(client, request, sizeof request, MSG_WAITALL) == 5 && request[4] == 11) {
            send(client, bytes.constData(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL);
        }
    }

private:
    int m_socket;
    bool m_ok = false;
    std::jthread m_thread;
};

QByteArray number(quint32 value)
{
    QByteArray out(4, '\0');
    qToBigEndian(value, out.data());
    return out;
}

QByteArray identities(const QList<std::pair<QByteArray, QByteArray>> &keys)
{
    QByteArray body = QByteArray(1, 12) + number(static_cast<quint32>(keys.size()));
    for (const auto &[blob, comment] : keys) {
        body += sshString(blob) + sshString(comment);
    }
    return sshString(body);
}

bool save(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

QStringList comments(const QList<PublicKey> &keys)
{
    QStringList list;
    for (const PublicKey &key : keys) {
        list << key.comment;
    }
    return list;
}

} // namespace

class TestSshKeys final : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    QString path(const QString &name) const { return m_directory->filePath(name); }

    Result<QList<PublicKey>> ask(const QByteArray &bytes) const
    {
        const FakeAgent agent(
            path(u"agent"_s), [bytes](int client, const std::stop_token &) { FakeAgent::answer(client, bytes); });
        return agent.isUp() ? localPublicKeys({}, path(u"agent"_s)) : fail(Error::failed(u"no fake agent"_s));
    }

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        QVERIFY(m_directory->isValid());
    }

    void parses()
    {
        const auto key = parsePublicKey(
            u"  ssh-ed25519\t%1   Anna's key,  at home 🐧 \n"_s.arg(QString::fromLatin1(ed25519Blob().toBase64())));
        QVERIFY2(key, key ? "" : qPrintable(key.error().message));
        QCOMPARE(key->type, u"ssh-ed25519"_s);
        QCOMPARE(key->blob, ed25519Blob());
        QCOMPARE(key->comment, u"Anna's key,  at home 🐧"_s);
        QCOMPARE(parsePublicKey(key->line()), key);
        QCOMPARE(parsePublicKey(ed25519Key('k', {}))->line(), ed25519Key('k', {}));
    }

    /** Keys that ssh-keygen made, by its own fingerprint of them. */
    void parsesWhatSshKeygenMakes_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("ed25519") << QStringList{u"-t"_s, u"ed25519"_s};
        QTest::newRow("rsa") << QStringList{u"-t"_s, u"rsa"_s, u"-b"_s, u"1024"_s};
        QTest::newRow("ecdsa 256") << QStringList{u"-t"_s, u"ecdsa"_s, u"-b"_s, u"256"_s};
        QTest::newRow("ecdsa 521") << QStringList{u"-t"_s, u"ecdsa"_s, u"-b"_s, u"521"_s};
    }

    void parsesWhatSshKeygenMakes()
    {
        QFETCH(const QStringList, arguments);
        QProcess keygen;
        keygen.start(u"ssh-keygen"_s,
            arguments + QStringList{u"-q"_s, u"-N"_s, QString(), u"-C"_s, u"a comment"_s, u"-f"_s, path(u"id_test"_s)});
        QVERIFY(keygen.waitForFinished(60000));
        QCOMPARE(keygen.exitCode(), 0);
        const auto keys = localPublicKeys(m_directory->path(), {});
        QVERIFY(keys);
        QCOMPARE(keys->size(), 1);
        QCOMPARE(keys->first().comment, u"a comment"_s);
        QCOMPARE(keys->first().origin, path(u"id_test.pub"_s));
        keygen.start(u"ssh-keygen"_s, {u"-l"_s, u"-f"_s, path(u"id_test.pub"_s)});
        QVERIFY(keygen.waitForFinished(60000));
        QCOMPARE(QString::fromLatin1(keygen.readAllStandardOutput()).section(u' ', 1, 1), keys->first().fingerprint());
        // The private one is refused, and never quoted.
        QFile secret(path(u"id_test"_s));
        QVERIFY(secret.open(QIODevice::ReadOnly));
        const auto refused = parsePublicKey(QString::fromLatin1(secret.readAll()));
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(u"private key"_s), qPrintable(refused.error().message));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("line");
        const QString blob = QString::fromLatin1(ed25519Blob().toBase64());
        QTest::newRow("empty") << QString();
        QTest::newRow("type only") << u"ssh-ed25519"_s;
        QTest::newRow("blob only") << blob;
        QTest::newRow("two lines") << u"ssh-ed25519 %1 a\nssh-ed25519 %1 b"_s.arg(blob);
        QTest::newRow("carriage return") << u"ssh-ed25519 %1 a\rb"_s.arg(blob);
        QTest::newRow("control") << u"ssh-ed25519 %1 a\u001b[31m"_s.arg(blob);
        QTest::newRow("NUL") << u"ssh-ed25519 %1 a"_s.arg(blob) + QChar(0);
        QTest::newRow("another type") << u"ssh-rsa "_s + blob;
        QTest::newRow("unknown type") << u"ssh-foo "_s + blob;
        QTest::newRow("options") << u"command=\"x\" ssh-ed25519 "_s + blob;
        QTest::newRow("no base64") << u"ssh-ed25519 AAAA!AAA"_s;
        QTest::newRow("cut") << u"ssh-ed25519 "_s + blob.left(40);
        QTest::newRow("longer") << u"ssh-ed25519 "_s + QString::fromLatin1((ed25519Blob() + sshString("x")).toBase64());
        QTest::newRow("empty field") << u"ssh-ed25519 "_s
                + QString::fromLatin1((sshString("ssh-ed25519") + sshString({})).toBase64());
        QTest::newRow("huge length") << u"ssh-ed25519 "_s
                + QString::fromLatin1((sshString("ssh-ed25519") + QByteArray("\xff\xff\xff\xff", 4)).toBase64());
        QTest::newRow("certificate") << u"ssh-ed25519-cert-v01@openssh.com "_s + blob;
        QTest::newRow("RFC 4716") << u"---- BEGIN SSH2 PUBLIC KEY ----"_s;
    }

    void refuses()
    {
        QFETCH(const QString, line);
        const auto key = parsePublicKey(line);
        QVERIFY(!key);
        QCOMPARE(key.error().kind, Error::Kind::Invalid);
        QVERIFY2(key.error().message.endsWith(u'.'), qPrintable(key.error().message));
    }

    void files()
    {
        QVERIFY(save(path(u"b.pub"_s), ed25519Key('b', u"b"_s).toUtf8() + '\n'));
        QVERIFY(save(path(u"a.pub"_s), ed25519Key('a', u"a"_s).toUtf8()));
        QVERIFY(save(path(u"twice.pub"_s), ed25519Key('a', u"again"_s).toUtf8()));
        QVERIFY(save(path(u"bad.pub"_s), "hello"));
        QVERIFY(save(path(u"huge.pub"_s), ed25519Key('h').toUtf8() + QByteArray(100000, 'x')));
        QVERIFY(save(path(u"other"_s), ed25519Key('o').toUtf8()));
        QVERIFY(QDir(m_directory->path()).mkdir(u"dir.pub"_s));
        QCOMPARE(mkfifo(QFile::encodeName(path(u"fifo.pub"_s)).constData(), 0600), 0); // nobody will ever write into it
        QVERIFY(QFile::link(u"/dev/zero"_s, path(u"zero.pub"_s)));
        QVERIFY(QFile::link(path(u"nowhere"_s), path(u"dangling.pub"_s)));
        QVERIFY(save(path(u"dotfile"_s), ed25519Key('l', u"linked"_s).toUtf8()));
        QVERIFY(QFile::link(path(u"dotfile"_s), path(u"link.pub"_s)));
        const auto keys = localPublicKeys(m_directory->path(), {});
        QVERIFY2(keys, keys ? "" : qPrintable(keys.error().message));
        QCOMPARE(comments(*keys), (QStringList{u"a"_s, u"b"_s, u"linked"_s}));
    }

    void nothingThere()
    {
        QCOMPARE(localPublicKeys({}, {}), Result<QList<PublicKey>>(QList<PublicKey>()));
        QCOMPARE(localPublicKeys(path(u"none"_s), {}), Result<QList<PublicKey>>(QList<PublicKey>()));
        // An agent that was promised and isn't there is worth a word, unless there are keys all the same.
        const auto broken = localPublicKeys(m_directory->path(), path(u"none"_s));
        QVERIFY(!broken);
        QVERIFY2(broken.error().message.contains(path(u"none"_s)), qPrintable(broken.error().message));
        QVERIFY(save(path(u"a.pub"_s), ed25519Key().toUtf8()));
        QCOMPARE(localPublicKeys(m_directory->path(), path(u"none"_s))->size(), 1);
        QVERIFY(localPublicKeys(m_directory->path(), QString(200, u'x')));
    }

    void agentKeys()
    {
        const auto keys =
            ask(identities({{ed25519Blob('a'), "anna"}, {sshString("ssh-ed25519-cert-v01@openssh.com"), "cert"},
                {ed25519Blob('a'), "twice"}, {ed25519Blob('b'), "bad\x1b comment"}}));
        QVERIFY2(keys, keys ? "" : qPrintable(keys.error().message));
        QCOMPARE(comments(*keys), (QStringList{u"anna"_s, QString()}));
        QCOMPARE(keys->first().origin, u"ssh-agent"_s);
        QCOMPARE(keys->at(1).blob, ed25519Blob('b'));
        QCOMPARE(ask(identities({})), Result<QList<PublicKey>>(QList<PublicKey>()));
    }

    /** Once from the agent, once from the file: one key, as the agent has it. */
    void agentAndFile()
    {
        QVERIFY(save(path(u"a.pub"_s), ed25519Key('a', u"file"_s).toUtf8()));
        QVERIFY(save(path(u"b.pub"_s), ed25519Key('b', u"file"_s).toUtf8()));
        const FakeAgent agent(path(u"agent"_s), [](int client, const std::stop_token &) {
            const QByteArray whole = identities({{ed25519Blob('a'), "agent"}});
            FakeAgent::answer(client, whole.left(9)); // in two pieces
            send(client, whole.constData() + 9, static_cast<size_t>(whole.size() - 9), MSG_NOSIGNAL);
        });
        QVERIFY(agent.isUp());
        const auto keys = localPublicKeys(m_directory->path(), path(u"agent"_s));
        QVERIFY(keys);
        QCOMPARE(comments(*keys), (QStringList{u"agent"_s, u"file"_s}));
    }

    void badAgents_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("hangs up") << QByteArray();
        QTest::newRow("half a head") << QByteArray("\0\0", 2);
        QTest::newRow("refuses") << sshString(QByteArray(1, 5));
        QTest::newRow("empty") << number(0);
        QTest::newRow("huge") << number(0xffffffff);
        QTest::newRow("too large") << number(1 << 20);
        QTest::newRow("shorter than said") << number(100) + QByteArray(20, '\x0c');
        QTest::newRow("no count") << sshString(QByteArray(1, 12));
        QTest::newRow("more keys than there are") << sshString(QByteArray(1, 12) + number(0xffffffff) + sshString("x"));
        QTest::newRow("blob longer than all") << sshString(QByteArray(1, 12) + number(1) + number(0x7fffffff));
    }

    void badAgents()
    {
        QFETCH(const QByteArray, bytes);
        const auto keys = ask(bytes);
        QVERIFY(!keys);
        QVERIFY2(keys.error().message.contains(path(u"agent"_s)), qPrintable(keys.error().message));
    }

    void silentAgents_data()
    {
        QTest::addColumn<bool>("drips");
        QTest::newRow("silent") << false;
        QTest::newRow("a byte now and then") << true;
    }

    void silentAgents()
    {
        QFETCH(const bool, drips);
        const FakeAgent agent(path(u"agent"_s), [drips](int client, const std::stop_token &stop) {
            if (drips) {
                FakeAgent::answer(client, number(1000));
            }
            while (!stop.stop_requested()) {
                pollfd wait{client, 0, 0};
                poll(&wait, 1, 100);
                if (drips) {
                    send(client, "x", 1, MSG_NOSIGNAL);
                }
            }
        });
        QVERIFY(agent.isUp());
        QElapsedTimer timer;
        timer.start();
        const auto keys = localPublicKeys({}, path(u"agent"_s));
        QVERIFY(!keys);
        QVERIFY2(timer.elapsed() >= 1900 && timer.elapsed() < 10000, qPrintable(QString::number(timer.elapsed())));
    }

    /** OpenSSH's own agent. */
    void realAgent()
    {
        QProcess agent;
        agent.start(u"ssh-agent"_s, {u"-D"_s, u"-a"_s, path(u"real"_s)});
        QVERIFY(agent.waitForStarted());
        QVERIFY(QTest::qWaitFor([this] { return QFile::exists(path(u"real"_s)); }, 10000));
        QProcess tool;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"SSH_AUTH_SOCK"_s, path(u"real"_s));
        tool.setProcessEnvironment(environment);
        tool.start(u"ssh-keygen"_s,
            {u"-q"_s, u"-t"_s, u"ed25519"_s, u"-N"_s, QString(), u"-C"_s, u"in the agent"_s, u"-f"_s, path(u"id"_s)});
        QVERIFY(tool.waitForFinished(30000));
        tool.start(u"ssh-add"_s, {u"-q"_s, path(u"id"_s)});
        QVERIFY(tool.waitForFinished(30000));
        QCOMPARE(tool.exitCode(), 0);
        const auto keys = localPublicKeys({}, path(u"real"_s));
        QVERIFY2(keys, keys ? "" : qPrintable(keys.error().message));
        QFile file(path(u"id.pub"_s));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(keys->size(), 1);
        QCOMPARE(keys->first().line(), QString::fromUtf8(file.readAll()).trimmed());
        agent.terminate();
        QVERIFY(agent.waitForFinished(10000));
    }
};

QTEST_GUILESS_MAIN(TestSshKeys)
#include "tst_sshkeys.moc"
