// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <mutex>
#include <sys/stat.h>
#include <thread>

#include <QDir>
#include <QFile>
#include <QHash>
#include <QSemaphore>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "backend/os/installtree.h"
#include "backend/os/oscatalog.h"
#include "backend/os/treeinfo.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace vireo;
using os::FetchLimits;
using os::InstallTree;

namespace {

/** What the server says to a path. */
struct Reply {
    int status = 200;
    QByteArray body;
    QByteArray headers;   ///< further ones, each with CRLF
    qint64 promised = -1; ///< Content-Length; -1: the body's
    bool hangs = false;   ///< neither ends nor closes
};

/** A web server of one thread, on the loopback device. Its files are set before it is asked. */
class WebServer final
{
    Q_DISABLE_COPY_MOVE(WebServer)

public:
    WebServer()
    {
        m_worker.moveToThread(&m_thread);
        m_thread.start();
        QMetaObject::invokeMethod(&m_worker, [this] { listen(); }, Qt::BlockingQueuedConnection);
    }
    ~WebServer()
    {
        QMetaObject::invokeMethod(&m_worker, [this] { m_server.reset(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

    QString url(const QString &path = {}) const { return u"http://127.0.0.1:%1%2"_s.arg(m_port).arg(path); }
    void put(const QString &path, const QByteArray &body) { put(path, Reply{200, body, {}, -1, false}); }
    void put(const QString &path, const Reply &reply)
    {
        const std::lock_guard lock(m_mutex);
        m_replies.insert(path, reply);
    }
    QStringList asked() const
    {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }
    /** Released once for each hanging reply that began. */
    QSemaphore &hanging() { return m_hanging; }
    void refuseHead() { m_headRefused = true; }
    void greetEverybody() { m_greets = true; }

private:
    void listen()
    {
        m_server = std::make_unique<QTcpServer>();
        QVERIFY(m_server->listen(QHostAddress::LocalHost));
        m_port = m_server->serverPort();
        QObject::connect(m_server.get(), &QTcpServer::newConnection, &m_worker, [this] {
            while (QTcpSocket *socket = m_server->nextPendingConnection()) {
                QObject::connect(socket, &QTcpSocket::readyRead, &m_worker, [this, socket] { answer(socket); });
                QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            }
        });
    }

    void answer(QTcpSocket *socket)
    {
        if (!socket->canReadLine()) {
            return;
        }
        const QList<QByteArray> request = socket->readLine().trimmed().split(' ');
        socket->readAll();
        const bool head = request.value(0) == "HEAD";
        const QString path = QString::fromUtf8(QByteArray::fromPercentEncoding(request.value(1)));
        Reply reply{404, "nothing here", {}, -1, false};
        {
            const std::lock_guard lock(m_mutex);
            m_asked << QString::fromUtf8(request.value(0)) + u' ' + path;
            if (m_headRefused && head) {
                reply.status = 405;
            } else if (m_replies.contains(path)) {
                reply = m_replies.value(path);
            } else if (m_greets) {
                reply = Reply{200, "<html>Welcome</html>", "Content-Type: text/html; charset=utf-8\r\n", -1, false};
            }
        }
        const qint64 length = reply.promised >= 0 ? reply.promised : reply.body.size();
        socket->write("HTTP/1.1 " + QByteArray::number(reply.status) + " X\r\nContent-Length: "
            + QByteArray::number(length) + "\r\nConnection: close\r\n" + reply.headers + "\r\n");
        if (!head) {
            socket->write(reply.body);
        }
        if (reply.hangs && !head) {
            m_hanging.release();
            return;
        }
        socket->disconnectFromHost();
    }

    QThread m_thread;
    QObject m_worker;
    std::unique_ptr<QTcpServer> m_server;
    quint16 m_port = 0;
    mutable std::mutex m_mutex;
    QHash<QString, Reply> m_replies;
    QStringList m_asked;
    QSemaphore m_hanging;
    std::atomic<bool> m_headRefused = false;
    std::atomic<bool> m_greets = false;
};

void writeFile(const QString &path, const QByteArray &content)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(not there)");
}

QByteArray fedoraTreeInfo(const QByteArray &kernel = "images/pxeboot/vmlinuz")
{
    return "[general]\n; anaconda's\narch = x86_64\nfamily = Fedora\nname = Fedora 36\nvariant = Server\nversion = 36\n"
           "\n[images-x86_64]\nboot.iso = images/boot.iso\nkernel = "
        + kernel + "\ninitrd = images/pxeboot/initrd.img\n\n[images-xen]\nkernel = images/xen/vmlinuz\n";
}

template<typename T>
QString messageOf(const Result<T> &result)
{
    return result ? QString() : result.error().message;
}

} // namespace

class InstallTreeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        // The machine's proxy is no way to the loopback device.
        for (const char *name : {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
            qunsetenv(name);
        }
        m_catalog = os::OsCatalog::load();
        QVERIFY(m_catalog->problem().isEmpty());
    }

    void fetchesAFile()
    {
        WebServer server;
        const QByteArray content(3'000'000, 'k');
        server.put(u"/linux"_s, content);
        QTemporaryDir directory;
        const QString target = directory.filePath(u"linux"_s);
        quint64 last = 0;
        bool backwards = false;
        const auto fetched = os::fetch(server.url(u"/linux"_s), target, [&](quint64 done, quint64 total) {
            backwards = backwards || done < last || total < done;
            last = done;
        });
        QVERIFY2(fetched, qPrintable(messageOf(fetched)));
        QCOMPARE(fetched->bytes, quint64(content.size()));
        QCOMPARE(last, quint64(content.size()));
        QVERIFY(!backwards);
        QCOMPARE(readFile(target), content);
        struct stat status = {};
        QCOMPARE(::stat(QFile::encodeName(target).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777U, 0600U);
        QCOMPARE(fetched->modifiedNs, qint64(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec);
        QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{u"linux"_s});
    }

    /** Whatever goes wrong: the target stays as it was, and nothing else is left. */
    void failures_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<Error::Kind>("kind");
        QTest::addColumn<QString>("word");
        QTest::newRow("404") << u"/missing"_s << Error::Kind::NotFound << u"no file"_s;
        QTest::newRow("403") << u"/forbidden"_s << Error::Kind::Failed << u"403"_s;
        QTest::newRow("500") << u"/broken"_s << Error::Kind::Failed << u"500"_s;
        QTest::newRow("cut off") << u"/cut"_s << Error::Kind::Failed << u"before"_s;
        QTest::newRow("too large, said") << u"/large"_s << Error::Kind::Failed << u"larger"_s;
        QTest::newRow("too large, unsaid") << u"/endless"_s << Error::Kind::Failed << u"larger"_s;
        QTest::newRow("to a file") << u"/to-file"_s << Error::Kind::Failed << u"not followed"_s;
        QTest::newRow("to scp") << u"/to-scp"_s << Error::Kind::Failed << u"not followed"_s;
        QTest::newRow("in a circle") << u"/circle"_s << Error::Kind::Failed << u"without end"_s;
        QTest::newRow("stands still") << u"/hang"_s << Error::Kind::TimedOut << u"slow"_s;
    }

    void failures()
    {
        QFETCH(const QString, path);
        QFETCH(const Error::Kind, kind);
        QFETCH(const QString, word);
        WebServer server;
        server.put(u"/forbidden"_s, {403, "no", {}, -1, false});
        server.put(u"/broken"_s, {500, "no", {}, -1, false});
        server.put(u"/cut"_s, {200, QByteArray(5000, 'x'), {}, 10'000, false});
        server.put(u"/large"_s, QByteArray(200'001, 'x'));
        server.put(u"/endless"_s,
            {200, "30D41\r\n" + QByteArray(200'001, 'x') + "\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n", 0,
                false});
        server.put(u"/to-file"_s, {302, {}, "Location: file:///etc/passwd\r\n", -1, false});
        server.put(u"/to-scp"_s, {302, {}, "Location: scp://127.0.0.1/etc/passwd\r\n", -1, false});
        server.put(u"/circle"_s, {302, {}, "Location: /circle\r\n", -1, false});
        server.put(u"/hang"_s, {200, QByteArray(10, 'x'), {}, 10'000, true});
        QTemporaryDir directory;
        const QString target = directory.filePath(u"linux"_s);
        writeFile(target, "old");
        const auto fetched = os::fetch(server.url(path), target, {}, {}, FetchLimits{200'000, 5s, 1s, 5});
        QVERIFY(!fetched);
        QCOMPARE(fetched.error().kind, kind);
        QVERIFY2(fetched.error().message.contains(word), qPrintable(fetched.error().message));
        QCOMPARE(readFile(target), "old"_ba);
        QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{u"linux"_s});
    }

    void addresses_data()
    {
        QTest::addColumn<QString>("location");
        for (const char *location : {"file:///etc/passwd", "scp://host/x", "gopher://127.0.0.1/", "http://",
                 "http:///x", "", "relative/path", "http://user:secret@127.0.0.1/x", "http://ho st/"}) {
            QTest::newRow(location) << QString::fromUtf8(location);
        }
    }

    void addresses()
    {
        QFETCH(const QString, location);
        QTemporaryDir directory;
        const auto fetched = os::fetch(location, directory.filePath(u"x"_s));
        QVERIFY(!fetched);
        QCOMPARE(fetched.error().kind, Error::Kind::Invalid);
        QVERIFY(!fetched.error().message.contains("secret"_L1));
        QVERIFY(QDir(directory.path()).entryList(QDir::Files).isEmpty());
        QVERIFY(!os::checkTreeLocation(location));
    }

    void nobodyListens()
    {
        quint16 port = 0;
        {
            QTcpServer closed;
            QVERIFY(closed.listen(QHostAddress::LocalHost));
            port = closed.serverPort();
        }
        const auto text = os::fetchText(u"http://127.0.0.1:%1/x"_s.arg(port));
        QVERIFY(!text);
        QVERIFY2(text.error().message.contains(u"127.0.0.1"_s), qPrintable(text.error().message));
        const auto host = os::fetchText(u"http://no-such-host.invalid/x"_s);
        QVERIFY(!host);
        QVERIFY2(host.error().message.contains(u"no-such-host.invalid"_s), qPrintable(host.error().message));
        QVERIFY(!host.error().hint.isEmpty());
    }

    void plainServerWhereTlsIsExpected()
    {
        WebServer server;
        server.put(u"/x"_s, "x");
        const auto text = os::fetchText(server.url(u"/x"_s).replace("http:"_L1, "https:"_L1), {}, {1000, 5s, 2s, 5});
        QVERIFY(!text);
        QVERIFY2(text.error().message.contains("secure"_L1), qPrintable(text.error().message));
    }

    void followsRedirects()
    {
        WebServer server;
        server.put(u"/a"_s, {302, {}, "Location: /b\r\n", -1, false});
        server.put(u"/b"_s, {301, "moved", "Location: " + server.url(u"/c"_s).toUtf8() + "\r\n", -1, false});
        server.put(u"/c"_s, "content");
        QTemporaryDir directory;
        const auto fetched = os::fetch(server.url(u"/a"_s), directory.filePath(u"x"_s));
        QVERIFY2(fetched, qPrintable(messageOf(fetched)));
        QCOMPARE(readFile(directory.filePath(u"x"_s)), "content"_ba);
        QCOMPARE(fetched->finalUrl, server.url(u"/c"_s));
    }

    void cancels()
    {
        WebServer server;
        server.put(u"/hang"_s, {200, QByteArray(10, 'x'), {}, 10'000, true});
        QTemporaryDir directory;
        std::stop_source source;
        Result<os::Fetched> fetched;
        std::jthread thread(
            [&] { fetched = os::fetch(server.url(u"/hang"_s), directory.filePath(u"x"_s), {}, source.get_token()); });
        QVERIFY(server.hanging().tryAcquire(1, 20'000));
        QElapsedTimer timer;
        timer.start();
        source.request_stop();
        thread.join();
        QVERIFY(!fetched);
        QCOMPARE(fetched.error().kind, Error::Kind::Cancelled);
        QVERIFY2(timer.elapsed() < 5000, "a stop must not wait for the time limit of 30 s");
        QVERIFY(QDir(directory.path()).entryList(QDir::Files).isEmpty());
    }

    void cancelledBefore()
    {
        WebServer server;
        server.put(u"/x"_s, "x");
        std::stop_source source;
        source.request_stop();
        const auto text = os::fetchText(server.url(u"/x"_s), source.get_token());
        QVERIFY(!text);
        QCOMPARE(text.error().kind, Error::Kind::Cancelled);
        QVERIFY(server.asked().isEmpty());
    }

    void targetCantBeWritten()
    {
        WebServer server;
        server.put(u"/x"_s, "x");
        QTemporaryDir directory;
        const auto fetched = os::fetch(server.url(u"/x"_s), directory.filePath(u"missing/x"_s));
        QVERIFY(!fetched);
        QVERIFY(server.asked().isEmpty());
    }

    /** The remains of a killed run are replaced, also when they are a link to elsewhere. */
    void remainsOfAKilledRun()
    {
        WebServer server;
        server.put(u"/x"_s, "new");
        QTemporaryDir directory;
        writeFile(directory.filePath(u"victim"_s), "untouched");
        QVERIFY(QFile::link(directory.filePath(u"victim"_s), directory.filePath(u"x.part"_s)));
        QVERIFY(os::fetch(server.url(u"/x"_s), directory.filePath(u"x"_s)));
        QCOMPARE(readFile(directory.filePath(u"x"_s)), "new"_ba);
        QCOMPARE(readFile(directory.filePath(u"victim"_s)), "untouched"_ba);
    }

    void localFile()
    {
        QTemporaryDir directory;
        const QByteArray content(2'500'000, 'l');
        writeFile(directory.filePath(u"from"_s), content);
        QVERIFY(os::fetch(directory.filePath(u"from"_s), directory.filePath(u"to"_s)));
        QCOMPARE(readFile(directory.filePath(u"to"_s)), content);
        const auto tooLarge = os::fetch(
            directory.filePath(u"from"_s), directory.filePath(u"to2"_s), {}, {}, FetchLimits{1000, 1s, 1s, 1});
        QVERIFY(!tooLarge);
        const auto missing = os::fetch(directory.filePath(u"nothing"_s), directory.filePath(u"to2"_s));
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, Error::Kind::NotFound);
    }

    void fedoraTree()
    {
        WebServer server;
        server.put(u"/f36/.treeinfo"_s, fedoraTreeInfo());
        server.put(u"/f36/images/pxeboot/vmlinuz"_s, QByteArray(1234, 'k'));
        server.put(u"/f36/images/pxeboot/initrd.img"_s, QByteArray(777, 'i'));
        const auto tree = os::findInstallTree(u"  "_s + server.url(u"/f36/"_s), u"x86_64"_s, m_catalog.get());
        QVERIFY2(tree, qPrintable(messageOf(tree)));
        QCOMPARE(tree->location, server.url(u"/f36"_s));
        QCOMPARE(tree->kernel, server.url(u"/f36/images/pxeboot/vmlinuz"_s));
        QCOMPARE(tree->initrd, server.url(u"/f36/images/pxeboot/initrd.img"_s));
        QCOMPARE(tree->kernelBytes, 1234U);
        QCOMPARE(tree->initrdBytes, 777U);
        QCOMPARE(tree->osShortId, u"fedora36"_s);
        QCOMPARE(tree->layout, u"treeinfo"_s);
        QCOMPARE(tree->arguments, u"inst.repo="_s + server.url(u"/f36"_s));
        QVERIFY(!server.asked().contains(u"GET /f36/images/pxeboot/vmlinuz"_s)); // only looked at
    }

    void withoutCatalogAndWithoutHead()
    {
        WebServer server;
        server.refuseHead();
        server.put(u"/.treeinfo"_s, fedoraTreeInfo());
        server.put(u"/images/pxeboot/vmlinuz"_s, QByteArray(1'000'000, 'k'));
        server.put(u"/images/pxeboot/initrd.img"_s, QByteArray(777, 'i'));
        const auto tree = os::findInstallTree(server.url(), u"x86_64"_s, nullptr);
        QVERIFY2(tree, qPrintable(messageOf(tree)));
        QVERIFY(tree->osShortId.isEmpty());
        QCOMPARE(tree->kernelBytes, 1'000'000U);
        QCOMPARE(tree->arguments, u"inst.repo="_s + server.url());
    }

    void layouts_data()
    {
        QTest::addColumn<QString>("root");
        QTest::addColumn<QString>("arch");
        QTest::addColumn<QString>("kernel");
        QTest::addColumn<QString>("initrd");
        QTest::addColumn<QString>("shortId");
        QTest::addColumn<QString>("arguments");
        const QString netboot = u"main/installer-amd64/current/images/netboot/debian-installer/amd64/"_s;
        QTest::newRow("debian suite") << u"/debian/dists/bullseye"_s << u"x86_64"_s << netboot + u"linux"_s
                                      << netboot + u"initrd.gz"_s << u"debian11"_s << QString();
        QTest::newRow("debian installer")
            << u"/debian/dists/bullseye/main/installer-amd64"_s << u"x86_64"_s
            << u"current/images/netboot/debian-installer/amd64/linux"_s
            << u"current/images/netboot/debian-installer/amd64/initrd.gz"_s << u"debian11"_s << QString();
        const QString arm = u"main/installer-arm64/current/images/netboot/debian-installer/arm64/"_s;
        QTest::newRow("debian arm") << u"/debian/dists/bookworm"_s << u"aarch64"_s << arm + u"linux"_s
                                    << arm + u"initrd.gz"_s << QString() << QString();
        QTest::newRow("debian netboot") << u"/netboot"_s << u"x86_64"_s << u"debian-installer/amd64/linux"_s
                                        << u"debian-installer/amd64/initrd.gz"_s << QString() << QString();
        const QString legacy = u"main/installer-amd64/current/legacy-images/netboot/ubuntu-installer/amd64/"_s;
        QTest::newRow("ubuntu legacy") << u"/ubuntu/dists/focal"_s << u"x86_64"_s << legacy + u"linux"_s
                                       << legacy + u"initrd.gz"_s << u"ubuntu20.04"_s << QString();
        QTest::newRow("ubuntu") << u"/22.04.5"_s << u"x86_64"_s << u"netboot/amd64/linux"_s << u"netboot/amd64/initrd"_s
                                << u"ubuntu22.04"_s << QString();
        QTest::newRow("suse") << u"/leap/repo/oss"_s << u"x86_64"_s << u"boot/x86_64/loader/linux"_s
                              << u"boot/x86_64/loader/initrd"_s << QString() << u"install="_s;
        QTest::newRow("fedora") << u"/os"_s << u"x86_64"_s << u"images/pxeboot/vmlinuz"_s
                                << u"images/pxeboot/initrd.img"_s << QString() << u"inst.repo="_s;
        QTest::newRow("arch") << u"/iso/latest"_s << u"x86_64"_s << u"arch/boot/x86_64/vmlinuz-linux"_s
                              << u"arch/boot/x86_64/initramfs-linux.img"_s << u"archlinux"_s
                              << u"archisobasedir=arch archiso_http_srv="_s;
    }

    void layouts()
    {
        QFETCH(const QString, root);
        QFETCH(const QString, arch);
        QFETCH(const QString, kernel);
        QFETCH(const QString, initrd);
        QFETCH(const QString, shortId);
        QFETCH(const QString, arguments);
        WebServer server;
        server.greetEverybody(); // which must not be taken for a kernel
        server.put(root + u'/' + kernel, "kernel");
        server.put(root + u'/' + initrd, "initrd");
        const auto tree = os::findInstallTree(server.url(root), arch, m_catalog.get());
        QVERIFY2(tree, qPrintable(messageOf(tree)));
        QCOMPARE(tree->kernel, server.url(root + u'/' + kernel));
        QCOMPARE(tree->initrd, server.url(root + u'/' + initrd));
        if (!shortId.isEmpty()) {
            QCOMPARE(tree->osShortId, shortId);
        }
        QVERIFY2(
            arguments.isEmpty() ? tree->arguments.isEmpty() : tree->arguments.startsWith(arguments + server.url(root)),
            qPrintable(tree->arguments));

        QTemporaryDir directory;
        writeFile(directory.path() + root + u'/' + kernel, "kernel");
        writeFile(directory.path() + root + u'/' + initrd, "initrd");
        const auto local = os::findInstallTree(directory.path() + root, arch, m_catalog.get());
        QVERIFY2(local, qPrintable(messageOf(local)));
        QCOMPARE(local->kernel, directory.path() + root + u'/' + kernel);
        QCOMPARE(local->kernelBytes, 6U);
        QVERIFY(local->isLocal);
        QVERIFY(local->arguments.isEmpty()); // no guest reaches this directory
    }

    void noTree()
    {
        WebServer server;
        const auto empty = os::findInstallTree(server.url(u"/x"_s), u"x86_64"_s, m_catalog.get());
        QVERIFY(!empty);
        QCOMPARE(empty.error().kind, Error::Kind::NotFound);
        server.put(u"/half/images/pxeboot/vmlinuz"_s, "kernel"); // the initrd is missing
        QVERIFY(!os::findInstallTree(server.url(u"/half"_s), u"x86_64"_s, m_catalog.get()));
        server.put(u"/arm/.treeinfo"_s, "[general]\narch = aarch64\nfamily = Fedora\n[images-aarch64]\nkernel = k\n");
        const auto foreign = os::findInstallTree(server.url(u"/arm"_s), u"x86_64"_s, m_catalog.get());
        QVERIFY(!foreign);
        QVERIFY2(foreign.error().message.contains("aarch64"_L1), qPrintable(foreign.error().message));

        QTemporaryDir directory;
        QVERIFY(!os::findInstallTree(directory.path(), u"x86_64"_s, m_catalog.get()));
        QCOMPARE(os::findInstallTree(directory.filePath(u"none"_s), u"x86_64"_s, nullptr).error().kind,
            Error::Kind::NotFound);
        writeFile(directory.filePath(u"file"_s), "x");
        QCOMPARE(os::findInstallTree(directory.filePath(u"file"_s), u"x86_64"_s, nullptr).error().kind,
            Error::Kind::Invalid);
    }

    /** A .treeinfo from elsewhere must not name files outside of its tree. */
    void treeInfoThatLeadsOutside()
    {
        QTemporaryDir directory;
        writeFile(directory.filePath(u"secret"_s), "secret");
        writeFile(directory.filePath(u"tree/images/pxeboot/initrd.img"_s), "initrd");
        for (const char *kernel : {"../secret", "/etc/passwd", "images/../../secret", "file:///etc/passwd"}) {
            writeFile(directory.filePath(u"tree/.treeinfo"_s), fedoraTreeInfo(kernel));
            QVERIFY2(!os::findInstallTree(directory.filePath(u"tree"_s), u"x86_64"_s, nullptr), kernel);
        }
        QVERIFY(QFile::link(directory.filePath(u"secret"_s), directory.filePath(u"tree/link"_s)));
        writeFile(directory.filePath(u"tree/.treeinfo"_s), fedoraTreeInfo("link"));
        QVERIFY(!os::findInstallTree(directory.filePath(u"tree"_s), u"x86_64"_s, nullptr));
        QVERIFY(QDir().mkpath(directory.filePath(u"tree/images"_s)));
        writeFile(directory.filePath(u"tree/images/kernel"_s), "kernel");
        QVERIFY(QFile::link(u"images/kernel"_s, directory.filePath(u"tree/inner"_s)));
        writeFile(directory.filePath(u"tree/.treeinfo"_s), fedoraTreeInfo("inner"));
        QVERIFY(os::findInstallTree(directory.filePath(u"tree"_s), u"x86_64"_s, nullptr));
    }

    void treeInfoText()
    {
        const os::TreeInfo info = os::TreeInfo::parse(fedoraTreeInfo());
        QCOMPARE(info.family, u"Fedora"_s);
        QCOMPARE(info.version, u"36"_s);
        QCOMPARE(info.arch, u"x86_64"_s);
        QCOMPARE(info.images.value(u"x86_64"_s).kernel, u"images/pxeboot/vmlinuz"_s);
        QCOMPARE(info.images.value(u"x86_64"_s).initrd, u"images/pxeboot/initrd.img"_s);
        for (const QByteArray &text : {QByteArray(), QByteArray("<html>"), QByteArray(100'000, '['),
                 QByteArray("\xff\xfe\0x", 4), QByteArray("=\n[]\n=x\n[images-]\n")}) {
            QVERIFY(os::TreeInfo::parse(text).isEmpty());
        }
        QByteArray many;
        for (int i = 0; i < 5000; ++i) {
            many += "[images-a" + QByteArray::number(i) + "]\nkernel=k\n";
        }
        QVERIFY(os::TreeInfo::parse(many).images.size() <= 100);
    }

private:
    std::shared_ptr<const os::OsCatalog> m_catalog;
};

QTEST_GUILESS_MAIN(InstallTreeTest)
#include "tst_installtree.moc"
