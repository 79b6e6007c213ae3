// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include "createhost.h"
#include "tests/support/cloudimage.h"
#include "tests/support/serialconsole.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::CreateDraft;
using test::CreateHost;
using test::SerialConsole;
namespace cloudimage = test::cloudimage;

namespace {

constexpr quint64 mib = 1024 * 1024;
// Under emulation and AddressSanitizer, beside other tests; some ten seconds on a quiet machine.
constexpr int bootTimeoutMs = 150000;
constexpr int answerTimeoutMs = 60000;

CreateDraft::Disk disk(CreateDraft::DiskKind kind, quint64 bytes, const QString &fs)
{
    CreateDraft::Disk disk;
    disk.kind = kind;
    disk.bytes = bytes;
    disk.fs = fs;
    return disk;
}

/** What a guest said, line by line, with the base64 parts of a MIME message in plain text after them. */
QStringList linesOf(const QString &report)
{
    static const QRegularExpression encoded(u"^user-data: ([A-Za-z0-9+/]{16,}=*)$"_s);
    QStringList lines;
    QByteArray part;
    for (const QString &raw : report.split(u'\n')) {
        lines << raw.trimmed();
        if (const QRegularExpressionMatch match = encoded.match(lines.last()); match.hasMatch()) {
            part += match.captured(1).toLatin1();
        } else if (!part.isEmpty()) {
            for (const QString &line : QString::fromUtf8(QByteArray::fromBase64(part)).split(u'\n')) {
                lines << line.trimmed();
            }
            part.clear();
        }
    }
    return lines;
}

} // namespace

/** A cloud image as Debian makes them, from the file to the answer on the VM's console. */
class TestCloudImageSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<CreateHost> m_host;

    CreateDraft draft(const QString &name) const
    {
        CreateDraft draft = m_host->draft(name, cloudimage::disk());
        draft.memoryMiB = 160;
        return draft;
    }

    /** `vireo run` with a draft; empty, or what went wrong. */
    static QByteArray runCommand(const CreateDraft &draft)
    {
        const QTemporaryDir directory;
        QFile file(directory.filePath(u"draft.json"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(draft.toJson()).toJson()) <= 0) {
            return "the draft can't be written";
        }
        file.close();
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(VIREO_BINARY), {u"run"_s, file.fileName(), u"--yes"_s});
        const bool done = process.waitForFinished(bootTimeoutMs) && process.exitStatus() == QProcess::NormalExit
            && process.exitCode() == 0;
        return done ? QByteArray() : "vireo run: " + process.readAll();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(!cloudimage::disk().isEmpty());
        m_host = std::make_unique<CreateHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }

    void cleanup() { QVERIFY2(m_host->bed.wipe(), qPrintable(m_host->bed.errorText())); }
    void cleanupTestCase() { m_host.reset(); }

    void bootsWithItsSeed_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("fs");
        QTest::addColumn<bool>("byCommand");
        QTest::newRow("NoCloud, ext4") << u"nocloud"_s << u"ext4"_s << false;
        QTest::newRow("config drive, xfs, vireo run") << u"configdrive"_s << u"xfs"_s << true;
    }

    /** The VM finds its seed, its ephemeral and its swap disk, and says so when it is asked on its serial console. */
    void bootsWithItsSeed()
    {
        QFETCH(QString, kind);
        QFETCH(QString, fs);
        QFETCH(bool, byCommand);
        CreateDraft wanted = draft(u"cloud01"_s);
        wanted.rootGiB = 3;
        wanted.vcpus = 2;
        wanted.disks = {
            disk(CreateDraft::DiskKind::Ephemeral, 320 * mib, fs), disk(CreateDraft::DiskKind::Swap, 48 * mib, {})};
        const QString key = u"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8UmIo7v1Qx4nIo3F3l9m5mW9nq0pTq3m5uZ3v6c1bZ me"_s;
        wanted.seed = QJsonObject{{u"kind"_s, kind}, {u"hostname"_s, u"seeded-name"_s},
            {u"users"_s,
                QJsonArray{
                    QJsonObject{{u"name"_s, u"alice"_s}, {u"password_hash"_s, u"$6$abcdefgh$"_s + QString(86, u'x')},
                        {u"ssh_keys"_s, QJsonArray{key}}, {u"sudo"_s, true}}}},
            {u"user_data"_s, u"#cloud-config\nfinal_message: the user's own\n"_s}};
        // What the file holds must be a draft as the command line and the wizard know it.
        const auto read = operation::createDraftFromJson(wanted.toJson());
        QVERIFY2(read, read ? "" : qPrintable(read.error().first().path + u": "_s + read.error().first().message));
        if (byCommand) {
            const QByteArray said = runCommand(*read);
            QVERIFY2(said.isEmpty(), said.constData());
        } else {
            const job::Plan planned = m_host->plan(*read);
            QVERIFY(!planned.isBlocked());
            const job::JobRecord record = m_host->run(planned);
            QVERIFY2(record.state == JobState::Done, CreateHost::text(record).constData());
        }
        QCOMPARE(m_host->state(u"cloud01"_s), u"running"_s);

        SerialConsole console(m_host->uri(), u"cloud01"_s);
        const QString report = console.ask(u"seeded-name# "_s, u"cat /run/report"_s, bootTimeoutMs);
        const QStringList lines = linesOf(report);
        const auto says = [&lines](const QString &line) {
            return lines.contains(line);
        };
        QVERIFY2(says(u"hostname: seeded-name"_s), qPrintable(console.transcript()));
        QVERIFY2(says(u"disk: /dev/vda %1"_s.arg(3072 * mib)), qPrintable(report));
        QVERIFY2(says(u"ephemeral0: /dev/vdb %1 hello"_s.arg(fs)), qPrintable(report));
        QVERIFY2(says(u"swap: on /dev/vdc"_s), qPrintable(report));
        QVERIFY2(says(u"swap: %1 KiB"_s.arg(48 * 1024 - 4)), qPrintable(report));
        QVERIFY2(says(u"cpus: 2"_s), qPrintable(report));
        QVERIFY2(says(u"firmware: bios"_s), qPrintable(report));
        QVERIFY2(says(u"name: \"alice\""_s) && says(u"- \"%1\""_s.arg(key)), qPrintable(lines.join(u'\n')));
        QVERIFY2(says(u"final_message: the user's own"_s), qPrintable(lines.join(u'\n')));
        const QRegularExpressionMatch instance =
            QRegularExpression(u"^instance: (?:iid-)?(\\S+)$"_s, QRegularExpression::MultilineOption).match(report);
        QVERIFY2(!QUuid(instance.captured(1)).isNull(), qPrintable(report));
        const QRegularExpressionMatch memory =
            QRegularExpression(u"^memory: (\\d+) KiB$"_s, QRegularExpression::MultilineOption).match(report);
        QVERIFY2(
            memory.captured(1).toInt() > 100 * 1024 && memory.captured(1).toInt() < 160 * 1024, qPrintable(report));

        // What the guest wrote is in the overlay, not in the base.
        QCOMPARE(console.ask(u"seeded-name# "_s, u"echo mine > /written && sync && cat /written"_s, answerTimeoutMs),
            u"mine"_s);
        const QString base = m_host->volumeXml(u"cloud01.qcow2"_s).root().find(u"backingStore/path"_s).text();
        QVERIFY(!base.isEmpty());
        QVERIFY(m_host->bed.exec(u"A"_s, {u"cmp"_s, cloudimage::disk(), base}).ok());
    }

    /** The same disk behind UEFI: firmware is found, its variables are made, and the EFI partition is booted. */
    void bootsWithUefi()
    {
        CreateDraft wanted = draft(u"efi01"_s);
        wanted.memoryMiB = 384; // GRUB takes a quarter of what the firmware leaves
        wanted.firmware = CreateDraft::Firmware::Efi;
        wanted.seed = QJsonObject{{u"hostname"_s, u"efi-guest"_s}};
        const job::Plan planned = m_host->plan(wanted);
        QVERIFY(!planned.isBlocked());
        const job::JobRecord record = m_host->run(planned);
        QVERIFY2(record.state == JobState::Done, CreateHost::text(record).constData());
        SerialConsole console(m_host->uri(), u"efi01"_s);
        const QString report = console.ask(u"efi-guest# "_s, u"cat /run/report"_s, bootTimeoutMs);
        QVERIFY2(report.contains(u"firmware: efi"_s), qPrintable(console.transcript()));
    }
};

QTEST_GUILESS_MAIN(TestCloudImageSystem)
#include "tst_cloudimage_system.moc"
