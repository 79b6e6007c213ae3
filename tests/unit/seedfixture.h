// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtEndian>

#include "backend/seed/seeddraft.h"

/** Seeds that several tests use. */
namespace vireo::seed::test {

inline QByteArray sshString(const QByteArray &text)
{
    QByteArray out(4, '\0');
    qToBigEndian<quint32>(static_cast<quint32>(text.size()), out.data());
    return out + text;
}

inline QByteArray ed25519Blob(char fill = 'k')
{
    return sshString("ssh-ed25519") + sshString(QByteArray(32, fill));
}

inline QString ed25519Key(char fill = 'k', const QString &comment = QStringLiteral("anna@desk"))
{
    return QStringLiteral("ssh-ed25519 %1 %2")
        .arg(QString::fromLatin1(ed25519Blob(fill).toBase64()), comment)
        .trimmed();
}

/** Something in every member. */
inline SeedDraft fullDraft()
{
    SeedDraft draft;
    draft.hostname = QStringLiteral("web01.example.org");
    SeedDraft::User anna{QStringLiteral("anna"), QStringLiteral("Anna \"the\" Ünïcode 🐧, #1"),
        QStringLiteral("$6$rounds=5000$saltsalt$abcdefghijklmnopqrstuvwxyz./0123456789"), {ed25519Key('a')},
        {QStringLiteral("wheel"), QStringLiteral("users")}, true, QStringLiteral("/bin/bash"), false};
    SeedDraft::User bert;
    bert.name = QStringLiteral("yes");
    bert.sshKeys = QStringList{ed25519Key('b')};
    bert.lockPassword = true;
    draft.users = {anna, bert};
    draft.sshKeys = QStringList{ed25519Key('c', QStringLiteral("it's: me # \"quoted\"")), ed25519Key('d', {})};
    draft.packages = QStringList{QStringLiteral("vim"), QStringLiteral("1e3")};
    draft.packageUpdate = true;
    draft.network = {
        {QStringLiteral("lan0"), QStringLiteral("52:54:00:00:00:01"), false, true,
            {QStringLiteral("192.168.1.5/24"), QStringLiteral("fd00::5/64"), QStringLiteral("192.168.1.6/24")},
            QStringLiteral("192.168.1.1"), QStringLiteral("fd00::1"),
            {QStringLiteral("9.9.9.9"), QStringLiteral("fd00::53")}, {QStringLiteral("example.org")}},
        {{}, QStringLiteral("52:54:00:00:00:02"), true, false, {}, {}, {}, {}, {}}};
    draft.userData = "#cloud-config\nruncmd: [[touch, /ran]]\n";
    draft.metadata = {
        {QStringLiteral("role"), QStringLiteral("web: \"a\"\nb")}, {QStringLiteral("no"), QStringLiteral("on")}};
    draft.timezone = QStringLiteral("Europe/Berlin");
    draft.locale = QStringLiteral("de_DE.UTF-8");
    return draft;
}

} // namespace vireo::seed::test
