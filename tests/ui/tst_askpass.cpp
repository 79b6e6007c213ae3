// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

#include "ui/askpassdialog.h"

using namespace vireo;
using namespace Qt::StringLiterals;

/** What ssh asks through Vireo: the dialog by its keys and buttons, and the real program under its other name. */
class TestAskpass final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksForASecret()
    {
        ui::AskpassDialog dialog(u"root@rack's password: "_s, {});
        dialog.show();
        auto *edit = dialog.findChild<QLineEdit *>();
        QVERIFY(edit);
        QCOMPARE(edit->echoMode(), QLineEdit::Password);
        QCOMPARE(dialog.findChild<QLabel *>(u"prompt"_s)->textFormat(), Qt::PlainText);
        QTest::keyClicks(edit, u"sec ret"_s);
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(dialog.result(), QDialog::Accepted);
        QCOMPARE(dialog.answer(), u"sec ret"_s);
    }

    void anEmptySecretIsAnAnswer()
    {
        ui::AskpassDialog dialog(u"Enter passphrase for key 'k': "_s, {});
        dialog.show();
        QTest::mouseClick(button(dialog, QDialogButtonBox::Ok), Qt::LeftButton);
        QCOMPARE(dialog.result(), QDialog::Accepted);
        QVERIFY(!dialog.answer().isNull());
        QVERIFY(dialog.answer().isEmpty());
    }

    void aHostsKeyIsRefusedByReturn()
    {
        ui::AskpassDialog dialog(
            u"The authenticity of host 'h' can't be established.\n<b>ED25519</b> key fingerprint is "
            "SHA256:x.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? "_s,
            {});
        dialog.show();
        QVERIFY(!dialog.findChild<QLineEdit *>());
        QVERIFY(dialog.findChild<QLabel *>(u"prompt"_s)->text().contains(u"<b>ED25519</b>"));
        QVERIFY(button(dialog, QDialogButtonBox::No)->isDefault());
        QTest::keyClick(&dialog, Qt::Key_Return);
        QCOMPARE(dialog.result(), QDialog::Rejected);
        dialog.show();
        QTest::mouseClick(button(dialog, QDialogButtonBox::Yes), Qt::LeftButton);
        QCOMPARE(dialog.result(), QDialog::Accepted);
        QCOMPARE(dialog.answer(), u"yes"_s);
    }

    void aConsentHasNoText()
    {
        ui::AskpassDialog dialog(u"Allow use of key k?"_s, u"confirm"_s);
        dialog.show();
        QTest::mouseClick(button(dialog, QDialogButtonBox::Yes), Qt::LeftButton);
        QCOMPARE(dialog.result(), QDialog::Accepted);
        QVERIFY(dialog.answer().isNull());
    }

    void aNoteAsksNothing()
    {
        ui::AskpassDialog dialog(u"Confirm user presence for key"_s, u"none"_s);
        dialog.show();
        QVERIFY(!dialog.findChild<QLineEdit *>());
        QVERIFY(button(dialog, QDialogButtonBox::Close));
    }

    /** Started as ssh does it, and ended by ssh: the text that looks like an option is not one. */
    void theProgramIsOneToo()
    {
        const QTemporaryDir directory;
        const QString link = directory.filePath(u"vireo-askpass"_s);
        QVERIFY(QFile::link(QStringLiteral(VIREO_BINARY), link));
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
        process.setProcessEnvironment(environment);
        process.start(link, {u"--version"_s});
        QVERIFY(process.waitForStarted());
        QVERIFY(!process.waitForFinished(1500)); // it waits for an answer
        process.terminate();
        QVERIFY(process.waitForFinished());
        QVERIFY(process.readAllStandardOutput().isEmpty());
        QVERIFY(process.exitStatus() == QProcess::CrashExit || process.exitCode() != 0);
    }

private:
    static QPushButton *button(const QDialog &dialog, QDialogButtonBox::StandardButton which)
    {
        return dialog.findChild<QDialogButtonBox *>()->button(which);
    }
};

QTEST_MAIN(TestAskpass)
#include "tst_askpass.moc"
