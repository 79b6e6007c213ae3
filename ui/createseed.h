// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QObject>

#include "backend/seed/seeddraft.h"
#include "ui/createservices.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/**
 * What the user says on the wizard's cloud-init page, and what a seed draft becomes of it. No widgets. GUI thread; the
 * public keys of this computer are read in a lane.
 *
 * A typed password lives here as bytes until it was hashed (setHash(), which overwrites it), and nowhere else: drafts
 * get the hash alone.
 */
class CreateSeed final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSeed)

public:
    enum class Part { Hostname, User, Password, Keys, Packages, Network, Timezone, UserData, Metadata };
    enum class Network { Guest, Dhcp, Static };
    /** The fields as they are typed. */
    struct Fields {
        seed::SeedDraft::Kind kind = seed::SeedDraft::Kind::NoCloud;
        QString hostname; ///< empty: made from the VM's name
        QString user;     ///< empty: the image's default user
        bool sudo = true;
        QString packages; ///< separated by spaces or commas
        bool packageUpdate = false;
        Network network = Network::Guest;
        QString address4; ///< with prefix length
        QString gateway4;
        QString address6;
        QString gateway6;
        QString dns; ///< separated by spaces or commas
        QString timezone;
        QString userData;
        QString metadata; ///< lines "key=value"
        friend bool operator==(const Fields &, const Fields &) = default;
    };
    struct Key {
        seed::PublicKey key;
        bool chosen = false;
    };

    explicit CreateSeed(const CreateServices &services, QObject *parent = nullptr);
    ~CreateSeed() override;

    void setEnabled(bool enabled); ///< the first time it reads the keys
    bool isEnabled() const { return m_enabled; }
    void setVmName(const QString &name, int count);

    const Fields &fields() const { return m_fields; }
    void change(const std::function<void(Fields &)> &edit);
    /** Takes over what a draft says; its password hash too. */
    void setDraft(const seed::SeedDraft &draft);

    const QList<Key> &keys() const { return m_keys; }
    void chooseKey(qsizetype row, bool chosen);
    /** Adds and chooses one. Error: a sentence why that is no public key. */
    Result<> addKey(const QString &line);
    QString keysProblem() const { return m_keysProblem; } ///< why they could not be read

    void setPassword(const QString &plain);
    bool hasPlainPassword() const { return !m_password.isEmpty(); }
    bool hasHash() const { return !m_hash.isEmpty(); }
    /** A copy of the bytes for hashPassword(), unshared; the caller overwrites it. */
    QByteArray passwordCopy() const;
    /** The hash of the password as of passwordCopy(); overwrites the password. */
    void setHash(const QString &hash);

    QString hostname() const;
    /** With the password's hash, when it is known. */
    seed::SeedDraft draft() const;
    QString problem(Part part) const; ///< a sentence; empty: fine
    QString hint(Part part) const;    ///< what is allowed and perhaps not meant
    QString firstProblem() const;     ///< empty when the page is fine, or switched off

Q_SIGNALS:
    void changed();

private:
    void readKeys();
    QString messageOf(const QList<seed::Problem> &problems, Part part) const;
    void forgetPassword();

    CreateServices m_services;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    bool m_enabled = false;
    bool m_keysAsked = false;
    QString m_vmName;
    int m_count = 1;
    Fields m_fields;
    QByteArray m_password;
    QString m_hash;
    QList<Key> m_keys;
    QString m_keysProblem;
};

} // namespace vireo::ui
