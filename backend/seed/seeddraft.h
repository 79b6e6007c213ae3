// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <expected>

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>

/** What a VM is told at its first boot: cloud-init's NoCloud seed, or OpenStack's config drive. QtCore only. */
namespace vireo::seed {

/** What is wrong with a draft, or worth a note, with its JSON path ("$.seed.users[0].name"). */
struct Problem {
    QString path;
    QString message;
    friend bool operator==(const Problem &, const Problem &) = default;
};

/**
 * The seed part of a create draft (key "seed" of the drafts table). A value that never holds a plain password.
 *
 * `userData` is the user's own free text. What the other members say is generated as cloud-config; when there are
 * both, the guest gets a MIME multipart message with the generated part first and the user's second. cloud-init takes
 * a key of the second in place of the same key of the first (notesOf() names such keys); its `merge_how` changes that.
 */
struct SeedDraft {
    enum class Kind {
        NoCloud,    ///< volume "cidata": meta-data, user-data, network-config
        ConfigDrive ///< volume "config-2": openstack/latest/…
    };
    struct User {
        QString name;
        QString gecos;             ///< full name
        QString passwordHash;      ///< crypt(5), from hashPassword(); empty: no password
        QStringList sshKeys;       ///< public keys, one line each
        QStringList groups;        ///< further groups
        bool sudo = false;         ///< may become root, without being asked for a password
        QString shell;             ///< empty: the guest's default
        bool lockPassword = false; ///< no login by password even when there is one; without one it is always so
        friend bool operator==(const User &, const User &) = default;
    };
    /** One network card. With neither name nor MAC it is the VM's card at the same place: see withMacs(). */
    struct Interface {
        QString name; ///< as it shall be called in the guest
        QString mac;  ///< lower case
        bool dhcp4 = false;
        bool dhcp6 = false;
        QStringList addresses; ///< v4 or v6 with prefix length: "192.168.1.5/24", "fd00::5/64"
        QString gateway4;
        QString gateway6;
        QStringList dns;
        QStringList search; ///< DNS search domains
        friend bool operator==(const Interface &, const Interface &) = default;
    };

    Kind kind = Kind::NoCloud;
    QString hostname; ///< empty: the guest keeps its own
    QList<User> users;
    QStringList sshKeys; ///< for the image's default user
    QStringList packages;
    bool packageUpdate = false;      ///< refresh the package lists first
    QList<Interface> network;        ///< empty: the guest's default, DHCP on the first card
    QByteArray userData;             ///< cloud-config, script, MIME message, gzip …: as its first bytes say
    QMap<QString, QString> metadata; ///< for the guest's programs, under "meta" (nova's instance metadata)
    QString timezone;                ///< "Europe/Berlin"
    QString locale;                  ///< "de_DE.UTF-8"

    /** The keys of the drafts table; defaults are left out. Passwords as hashes only. */
    QJsonObject toJson() const;
    friend bool operator==(const SeedDraft &, const SeedDraft &) = default;
};

/**
 * Reads a seed strictly: an unknown key is an error with its path, which begins with `path`. What comes out has passed
 * problemsOf(). A user's "password" is hashed at once and goes no further, which takes some 100 ms each: with
 * passwords in it, only in a worker thread.
 */
std::expected<SeedDraft, QList<Problem>> seedDraftFromJson(const QJsonObject &json, const QString &path);

/** Everything that makes the draft unusable, in the order of the form; empty: a seed can be made of it. Pure. */
QList<Problem> problemsOf(const SeedDraft &draft, const QString &path);
/** What is allowed but perhaps not meant: nobody can log in, user-data that cloud-init would ignore … Pure. */
QList<Problem> notesOf(const SeedDraft &draft, const QString &path);

/** The draft with the MAC addresses of the VM's cards given, in order, to those of its interfaces that have none: by
 *  position. NoCloud needs that only for interfaces without a name, the config drive for all. */
SeedDraft withMacs(SeedDraft draft, const QStringList &macs);

/** A name that a guest may have, made from a VM's: lower case, hyphens for what is not allowed; "vm" if all is lost. */
QString hostnameFrom(const QString &vmName);

} // namespace vireo::seed
