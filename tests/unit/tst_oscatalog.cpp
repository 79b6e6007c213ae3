// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <thread>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/os/oscatalog.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using os::Needs;
using os::Os;
using os::OsCatalog;

namespace {

constexpr quint64 gib = quint64(1) << 30;

QStringList shortIds(const QList<const Os *> &systems)
{
    QStringList ids;
    for (const Os *system : systems) {
        ids << system->shortId;
    }
    return ids;
}

} // namespace

/** Against the database that is installed, in what every edition of it since 2022 says. */
class OsCatalogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_catalog = OsCatalog::load();
        QVERIFY2(m_catalog->problem().isEmpty(), qPrintable(m_catalog->problem()));
        QVERIFY(m_catalog->all().size() > 500);
    }

    void debian()
    {
        const Os *debian = m_catalog->find(u"debian11"_s);
        QVERIFY(debian);
        QCOMPARE(debian->name, u"Debian 11"_s);
        QCOMPARE(debian->id, u"http://debian.org/debian/11"_s);
        QCOMPARE(debian->family, u"linux"_s);
        QCOMPARE(debian->distro, u"debian"_s);
        QCOMPARE(debian->codename, u"bullseye"_s);
        QCOMPARE(debian->version, u"11"_s);
        QCOMPARE(debian->released, QDate(2021, 8, 14));
        QVERIFY(debian->isLinux());
        QVERIFY(!debian->isWindows());
        QCOMPARE(m_catalog->find(u"debianbullseye"_s), debian);
        QCOMPARE(m_catalog->find(debian->id), debian);
        QCOMPARE(m_catalog->findCodename(u"debian"_s, u"bullseye"_s), debian);
        const Needs &needs = debian->needs;
        QVERIFY(needs.virtioDisk && needs.virtioNet && needs.virtioScsi && needs.virtioGpu && needs.virtioConsole);
        QVERIFY(needs.virtioRng && needs.virtioBalloon && needs.q35 && needs.usbTablet && needs.usb3);
        QVERIFY(!needs.tpm && !needs.secureBoot);
        QVERIFY(!needs.requiresEfi(u"x86_64"_s));
        QCOMPARE(needs.starts(u"efi"_s, u"x86_64"_s), Needs::Support::Yes);
        const os::ArchResources resources = debian->resourcesFor(u"x86_64"_s);
        QVERIFY(resources.minimum.memoryBytes >= gib / 2);
        QVERIFY(resources.recommended.memoryBytes >= resources.minimum.memoryBytes);
        QCOMPARE(resources.recommended.storageBytes, 20 * gib);
        QVERIFY(resources.recommended.cpus >= 1); // said for the minimum only, and taken over
    }

    void windows()
    {
        const Os *ten = m_catalog->find(u"win10"_s);
        QVERIFY(ten);
        QVERIFY(ten->isWindows());
        QVERIFY(!ten->needs.virtioDisk); // its drivers come on a medium of their own
        QVERIFY(ten->needs.q35);
        QVERIFY(!ten->needs.requiresEfi(u"x86_64"_s));
        const Os *eleven = m_catalog->find(u"win11"_s);
        QVERIFY(eleven);
        QVERIFY(eleven->needs.requiresEfi(u"x86_64"_s));
        QVERIFY(eleven->needs.tpm);
        QVERIFY(eleven->needs.secureBoot);
        QCOMPARE(eleven->resourcesFor(u"x86_64"_s).recommended.memoryBytes, 4 * gib);
    }

    void kernelUrlArgument()
    {
        const Os *fedora = m_catalog->find(u"fedora36"_s);
        QVERIFY(fedora);
        QCOMPARE(fedora->kernelUrlArgument, u"inst.repo"_s);
        QVERIFY(fedora->isEndOfLife(QDate(2026, 1, 1)) || !fedora->endOfLife.isValid());
        QVERIFY(m_catalog->find(u"debian11"_s)->kernelUrlArgument.isEmpty());
        QVERIFY(m_catalog->find(u"archlinux"_s)->rolling);
    }

    void genericEntriesComeFirstAndAreModest()
    {
        const Os &generic = m_catalog->generic();
        QCOMPARE(generic.shortId, u"generic"_s);
        QVERIFY(generic.id.isEmpty());
        QVERIFY(!generic.needs.virtioDisk);
        QCOMPARE(generic.resourcesFor(u"aarch64"_s).recommended, (os::Resources{gib, 1, 20 * gib}));
        const Os *linux = m_catalog->find(u"generic-linux"_s);
        QVERIFY(linux);
        QVERIFY(linux->needs.virtioDisk && linux->needs.virtioNet);
        QCOMPARE(shortIds(m_catalog->search({})).mid(0, 2), (QStringList{u"generic"_s, u"generic-linux"_s}));
    }

    void everyEntryCanBeNamed()
    {
        QSet<QString> seen;
        for (const Os &system : m_catalog->all()) {
            QVERIFY2(!system.shortId.isEmpty() && !system.name.isEmpty(), qPrintable(system.id));
            QVERIFY2(!seen.contains(system.shortId), qPrintable(system.shortId));
            seen.insert(system.shortId);
            QCOMPARE(m_catalog->find(system.shortId), &system);
        }
        QVERIFY(!m_catalog->find(u"no-such-system"_s));
        QVERIFY(!m_catalog->find({}));
    }

    void searchOrder()
    {
        const QStringList debians = shortIds(m_catalog->search(u"debian"_s, true));
        QVERIFY(debians.indexOf(u"debian11"_s) < debians.indexOf(u"debian10"_s));
        QVERIFY(debians.indexOf(u"debian10"_s) < debians.indexOf(u"debian9"_s)); // as numbers, not as text
        QVERIFY(debians.indexOf(u"debian9"_s) >= 0);
        QCOMPARE(shortIds(m_catalog->search(u"debian1"_s, true)).contains(u"fedora36"_s), false);

        QCOMPARE(shortIds(m_catalog->search(u"fedora36"_s, true)).value(0), u"fedora36"_s);
        QCOMPARE(shortIds(m_catalog->search(u"  DEBIAN   11 "_s, true)).value(0), u"debian11"_s);
        QCOMPARE(shortIds(m_catalog->search(u"bullseye"_s, true)).value(0), u"debian11"_s);
        const QStringList words = shortIds(m_catalog->search(u"11 deb"_s, true)); // words in any order
        QVERIFY(words.contains(u"debian11"_s));
        const QStringList win = shortIds(m_catalog->search(u"windows 1"_s, true));
        QVERIFY(win.contains(u"win10"_s));
        QVERIFY(m_catalog->search(u"zzzz"_s, true).isEmpty());
    }

    void searchLeavesOutWhatIsNoLongerSupported()
    {
        QVERIFY(!shortIds(m_catalog->search(u"fedora"_s)).contains(u"fedora20"_s));
        QVERIFY(shortIds(m_catalog->search(u"fedora"_s, true)).contains(u"fedora20"_s));
    }

    void missingDatabase()
    {
        QTemporaryDir empty;
        const auto catalog = OsCatalog::load(empty.path());
        QVERIFY(catalog->problem().contains(u"osinfo-db"_s));
        QCOMPARE(shortIds(catalog->search({})), (QStringList{u"generic"_s, u"generic-linux"_s}));
        QVERIFY(!catalog->detectTreeInfo("[general]\n", u"http://localhost/"_s));
        const auto none = OsCatalog::load(empty.path() + u"/nothing"_s);
        QVERIFY(!none->problem().isEmpty());
        QCOMPARE(none->generic().shortId, u"generic"_s);
    }

    void brokenDatabase()
    {
        QTemporaryDir directory;
        QVERIFY(QDir(directory.path()).mkpath(u"os/example.org"_s));
        QFile file(directory.filePath(u"os/example.org/broken.xml"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("<libosinfo version='0.0.1'><os id='http://example.org/1'><short-id>one</sho");
        file.close();
        const auto catalog = OsCatalog::load(directory.path());
        QVERIFY(!catalog->problem().isEmpty());
        QVERIFY(catalog->find(u"generic"_s));
    }

    void media_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("shortId");
        QTest::addColumn<QString>("kernel");
        QTest::newRow("debian11") << QStringList{u"-V"_s, u"Debian 11.5.0 amd64 n"_s} << u"debian11"_s
                                  << u"install.amd/vmlinuz"_s;
        QTest::newRow("fedora36") << QStringList{u"-V"_s, u"Fedora-S-dvd-x86_64-36"_s} << u"fedora36"_s
                                  << u"isolinux/vmlinuz"_s;
        QTest::newRow("win10") << QStringList{u"-V"_s, u"CENA_X64FREV_EN-US_DV5"_s, u"-publisher"_s,
            u"MICROSOFT CORPORATION"_s}
                               << u"win10"_s << QString();
        QTest::newRow("unknown") << QStringList{u"-V"_s, u"HOLIDAY_2019"_s} << QString() << QString();
    }

    void media()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, shortId);
        QTemporaryDir directory;
        QVERIFY(QDir(directory.path()).mkpath(u"tree"_s));
        QFile inner(directory.filePath(u"tree/readme"_s));
        QVERIFY(inner.open(QIODevice::WriteOnly));
        inner.write("x");
        inner.close();
        const QString iso = directory.filePath(u"a name %41 with # signs.iso"_s);
        QProcess xorriso;
        xorriso.start(u"xorriso"_s,
            QStringList{u"-as"_s, u"mkisofs"_s, u"-quiet"_s, u"-o"_s, iso} + arguments
                + QStringList{directory.filePath(u"tree"_s)});
        QVERIFY(xorriso.waitForFinished());
        QCOMPARE(xorriso.exitCode(), 0);

        const auto detected = m_catalog->detectMedia(iso);
        QVERIFY2(detected, qPrintable(detected ? QString() : detected.error().message));
        QCOMPARE(detected->has_value(), !shortId.isEmpty());
        if (!shortId.isEmpty()) {
            QCOMPARE((*detected)->osShortId, shortId);
            QCOMPARE((*detected)->arch, u"x86_64"_s);
            QTEST((*detected)->kernel, "kernel");
            QVERIFY((*detected)->installer);
            QVERIFY(!(*detected)->live);
        }
    }

    void mediaOfNoUse()
    {
        QTemporaryDir directory;
        const auto expectNothing = [this, &directory](const QString &name, const QByteArray &content) {
            QFile file(directory.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
            file.close();
            const auto detected = m_catalog->detectMedia(file.fileName());
            QVERIFY2(detected, qPrintable(detected ? QString() : detected.error().message));
            QVERIFY(!detected->has_value());
        };
        expectNothing(u"empty"_s, {});
        expectNothing(u"text"_s, "hello");
        expectNothing(u"zeros"_s, QByteArray(1024 * 1024, '\0'));
        QByteArray half(32768, '\0');
        half += QByteArrayLiteral("\x01"
                                  "CD001");
        expectNothing(u"cut"_s, half);

        const auto missing = m_catalog->detectMedia(directory.filePath(u"missing"_s));
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, Error::Kind::NotFound);
        QVERIFY(!m_catalog->detectMedia(directory.path()));
        const QString pipe = directory.filePath(u"pipe"_s);
        QCOMPARE(mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
        QVERIFY(!m_catalog->detectMedia(pipe)); // and does not wait for a writer
    }

    void mediaCancelled()
    {
        QTemporaryDir directory;
        QFile file(directory.filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(100'000, 'x'));
        file.close();
        std::stop_source source;
        source.request_stop();
        const auto detected = m_catalog->detectMedia(file.fileName(), source.get_token());
        QVERIFY(!detected);
        QCOMPARE(detected.error().kind, Error::Kind::Cancelled);
    }

    void treeInfo()
    {
        const QByteArray text =
            "[general]\nfamily = Fedora\nversion = 36\narch = x86_64\nvariant = Server\n"
            "[images-x86_64]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n";
        const auto detected = m_catalog->detectTreeInfo(text, u"http://localhost/tree"_s);
        QVERIFY(detected);
        QCOMPARE(detected->osShortId, u"fedora36"_s);
        QCOMPARE(detected->arch, u"x86_64"_s);
        QVERIFY(!m_catalog->detectTreeInfo("no such thing", u"http://localhost/tree"_s));
        QVERIFY(!m_catalog->detectTreeInfo({}, u"http://localhost/tree"_s));
    }

    void treeUrl()
    {
        const auto mirror = m_catalog->detectTreeUrl(
            u"https://mirror.example.org/pub/debian/dists/bullseye/main/installer-amd64/"_s, u"x86_64"_s);
        QVERIFY(mirror);
        QCOMPARE(mirror->osShortId, u"debian11"_s);
        QCOMPARE(mirror->kernel, u"current/images/netboot/debian-installer/amd64/linux"_s);
        QVERIFY(!m_catalog->detectTreeUrl(u"https://mirror.example.org/"_s, u"x86_64"_s));
    }

    /** Two threads may look at media while others search. */
    void threads()
    {
        QTemporaryDir directory;
        QFile file(directory.filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(100'000, 'x'));
        file.close();
        std::atomic<int> good = 0;
        {
            std::vector<std::jthread> threads;
            threads.reserve(4);
            for (int i = 0; i < 4; ++i) {
                threads.emplace_back([this, &file, &good] {
                    for (int round = 0; round < 2; ++round) {
                        const auto detected = m_catalog->detectMedia(file.fileName());
                        good += detected && !*detected && !m_catalog->search(u"debian"_s).isEmpty() ? 1 : 0;
                    }
                });
            }
        }
        QCOMPARE(good.load(), 8);
    }

private:
    std::shared_ptr<const OsCatalog> m_catalog;
};

QTEST_GUILESS_MAIN(OsCatalogTest)
#include "tst_oscatalog.moc"
