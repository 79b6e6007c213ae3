// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include "backend/base/error.h"

namespace vireo::seed {

/** A public key as OpenSSH writes it: "TYPE BASE64 COMMENT". */
struct PublicKey {
    QString type; ///< "ssh-ed25519" …
    QByteArray blob;
    QString comment;
    QString origin; ///< where it was found, to be shown: a file's path, or "ssh-agent"; empty when parsed

    QString line() const;
    /** As ssh-keygen -l shows it: "SHA256:…". */
    QString fingerprint() const;
    friend bool operator==(const PublicKey &, const PublicKey &) = default;
};

/** Reads one line, without the options of authorized_keys. Error: a sentence why that is no public key. Pure. */
Result<PublicKey> parsePublicKey(const QString &line);

/**
 * The public keys of this computer's user, each once: of the running agent (SSH_AUTH_SOCK; OpenSSH's agent protocol,
 * with 2 s of patience), then of ~/.ssh/ *.pub. A missing directory or agent is no error, nor is a file without a key.
 * Blocking: worker thread. Error: there are none, and something could not be read.
 */
Result<QList<PublicKey>> localPublicKeys();
/** The same with another directory and agent socket; either may be empty. */
Result<QList<PublicKey>> localPublicKeys(const QString &directory, const QString &agentSocket);

} // namespace vireo::seed
