// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/sshkeys.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QtEndian>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::seed {

namespace {

struct SshkeysText {
    Q_DECLARE_TR_FUNCTIONS(seed_sshKeys)
};

// draft-miller-ssh-agent, section 5.1
constexpr char requestIdentities = 11;
constexpr char identitiesAnswer = 12;
constexpr qsizetype largestAnswer = 256 * 1024; // as OpenSSH's own limit
constexpr auto agentPatience = 2s;
constexpr qint64 largestFile = 64 * 1024;

/** Public keys that sshd takes, and how many fields their blobs have (RFC 4253, 5656, 8709, OpenSSH's PROTOCOL.u2f). */
struct KeyType {
    QLatin1StringView name;
    int fields;
};
constexpr std::array keyTypes{KeyType{"ssh-ed25519"_L1, 2}, KeyType{"ssh-rsa"_L1, 3},
    KeyType{"ecdsa-sha2-nistp256"_L1, 3}, KeyType{"ecdsa-sha2-nistp384"_L1, 3}, KeyType{"ecdsa-sha2-nistp521"_L1, 3},
    KeyType{"sk-ssh-ed25519@openssh.com"_L1, 3}, KeyType{"sk-ecdsa-sha2-nistp256@openssh.com"_L1, 4},
    KeyType{"ssh-dss"_L1, 5}};

/** Takes apart SSH's binary data: numbers of four bytes, and strings with such a number as their length. */
class Fields final
{
    Q_DISABLE_COPY_MOVE(Fields)

public:
    explicit Fields(const QByteArray &data)
        : m_data(data)
    {}
    bool atEnd() const { return m_at == m_data.size(); }
    std::optional<quint32> number()
    {
        if (m_data.size() - m_at < 4) {
            return {};
        }
        const auto value = qFromBigEndian<quint32>(m_data.constData() + m_at);
        m_at += 4;
        return value;
    }
    std::optional<QByteArray> string()
    {
        const auto length = number();
        if (!length || m_data.size() - m_at < static_cast<qsizetype>(*length)) {
            return {};
        }
        m_at += static_cast<qsizetype>(*length);
        return m_data.sliced(m_at - static_cast<qsizetype>(*length), static_cast<qsizetype>(*length));
    }

private:
    const QByteArray m_data;
    qsizetype m_at = 0;
};

const KeyType *typeNamed(QStringView name)
{
    const auto *const found = std::ranges::find_if(keyTypes, [name](const KeyType &type) { return name == type.name; });
    return found == keyTypes.end() ? nullptr : found;
}

bool isWhole(const QByteArray &blob, const KeyType &type)
{
    Fields fields(blob);
    const auto inner = fields.string();
    if (!inner || QLatin1StringView(*inner) != type.name) {
        return false;
    }
    for (int i = 1; i < type.fields; ++i) {
        const auto field = fields.string();
        if (!field || field->isEmpty()) {
            return false;
        }
    }
    return fields.atEnd();
}

bool hasControl(const QString &text)
{
    return !text.isValidUtf16()
        || std::ranges::any_of(text, [](QChar c) { return c.category() == QChar::Other_Control; });
}

QString systemText(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

struct Descriptor {
    explicit Descriptor(int number)
        : fd(number)
    {}
    ~Descriptor()
    {
        if (fd >= 0) {
            close(fd);
        }
    }
    Q_DISABLE_COPY_MOVE(Descriptor)
    int fd;
};

/** A conversation with the agent that ends at its deadline, whatever the other side does. */
class Agent final
{
    Q_DISABLE_COPY_MOVE(Agent)

public:
    explicit Agent(const QString &path)
        : m_path(path)
        , m_socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {}

    Result<QByteArray> ask(char request)
    {
        const QByteArray name = QFile::encodeName(m_path);
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        if (name.size() >= static_cast<qsizetype>(sizeof address.sun_path)) {
            return failed(systemText(ENAMETOOLONG));
        }
        std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
        if (m_socket.fd < 0
            || connect(m_socket.fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
            return failed(systemText(errno));
        }
        const std::array<char, 5> message{0, 0, 0, 1, request};
        if (send(m_socket.fd, message.data(), message.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(message.size())) {
            return failed(systemText(errno));
        }
        const auto head = receive(4);
        if (!head) {
            return head;
        }
        const auto length = static_cast<qsizetype>(qFromBigEndian<quint32>(head->constData()));
        if (length < 1 || length > largestAnswer) {
            return failed(SshkeysText::tr("its answer makes no sense"));
        }
        return receive(length);
    }

    std::unexpected<Error> failed(const QString &why) const
    {
        return fail(Error::failed(SshkeysText::tr("The ssh agent at “%1” can't be asked: %2.").arg(m_path, why)));
    }

private:
    Result<QByteArray> receive(qsizetype length)
    {
        QByteArray data;
        while (data.size() < length) {
            const auto rest =
                std::chrono::ceil<std::chrono::milliseconds>(m_deadline - std::chrono::steady_clock::now());
            pollfd wait{m_socket.fd, POLLIN, 0};
            const int ready = rest.count() > 0 ? poll(&wait, 1, static_cast<int>(rest.count())) : 0;
            if (ready == 0) {
                return failed(SshkeysText::tr("it does not answer"));
            }
            std::array<char, 4096> buffer = {};
            const auto wanted = std::min(buffer.size(), static_cast<size_t>(length - data.size()));
            const ssize_t got = ready < 0 ? -1 : recv(m_socket.fd, buffer.data(), wanted, 0);
            if (got == 0) {
                return failed(SshkeysText::tr("it hung up"));
            }
            if (got < 0 && errno != EINTR && errno != EAGAIN) {
                return failed(systemText(errno));
            }
            data.append(buffer.data(), std::max<qsizetype>(got, 0));
        }
        return data;
    }

    const QString m_path;
    const Descriptor m_socket;
    const std::chrono::steady_clock::time_point m_deadline = std::chrono::steady_clock::now() + agentPatience;
};

Result<QList<PublicKey>> agentKeys(const QString &path)
{
    Agent agent(path);
    const auto answer = agent.ask(requestIdentities);
    if (!answer) {
        return fail(answer.error());
    }
    Fields fields(answer->sliced(1));
    const auto count = fields.number();
    if (answer->at(0) != identitiesAnswer || !count) {
        return agent.failed(SshkeysText::tr("its answer makes no sense"));
    }
    QList<PublicKey> keys;
    for (quint32 i = 0; i < *count; ++i) {
        const auto blob = fields.string();
        const auto comment = fields.string();
        if (!blob || !comment) {
            return agent.failed(SshkeysText::tr("its answer makes no sense"));
        }
        const auto name = Fields(*blob).string();
        const KeyType *type = name ? typeNamed(QString::fromLatin1(*name)) : nullptr;
        if (type && isWhole(*blob, *type)) { // certificates and the like are left out
            const QString words = QString::fromUtf8(*comment);
            keys.append({type->name, *blob, hasControl(words) ? QString() : words.trimmed(), u"ssh-agent"_s});
        }
    }
    return keys;
}

/** Not a key: none. A FIFO or device under such a name must not hang us. */
Result<std::optional<PublicKey>> fileKey(const QString &path)
{
    const Descriptor file(open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status = {};
    if (file.fd < 0 || fstat(file.fd, &status) != 0) {
        return fail(Error::failed(SshkeysText::tr("Can't read “%1”: %2.").arg(path, systemText(errno))));
    }
    if (!S_ISREG(status.st_mode) || status.st_size > largestFile) {
        return std::nullopt;
    }
    QFile reader;
    if (!reader.open(file.fd, QIODevice::ReadOnly)) {
        return fail(Error::failed(SshkeysText::tr("Can't read “%1”: %2.").arg(path, reader.errorString())));
    }
    auto key = parsePublicKey(QString::fromUtf8(reader.read(largestFile)));
    if (!key) {
        return std::nullopt;
    }
    key->origin = path;
    return *key;
}

void append(QList<PublicKey> &keys, const PublicKey &key)
{
    if (std::ranges::find(keys, key.blob, &PublicKey::blob) == keys.end()) {
        keys.append(key);
    }
}

} // namespace

QString PublicKey::line() const
{
    const QString key = type + u' ' + QString::fromLatin1(blob.toBase64());
    return comment.isEmpty() ? key : key + u' ' + comment;
}

QString PublicKey::fingerprint() const
{
    const QByteArray hash = QCryptographicHash::hash(blob, QCryptographicHash::Sha256);
    return u"SHA256:"_s + QString::fromLatin1(hash.toBase64(QByteArray::OmitTrailingEquals));
}

Result<PublicKey> parsePublicKey(const QString &line)
{
    static const QRegularExpression form(u"\\A(\\S+)[ \\t]+(\\S+)(?:[ \\t]+(.*))?\\z"_s);
    const QString text = line.trimmed();
    if (text.startsWith("-----BEGIN"_L1) && text.contains("PRIVATE"_L1)) {
        return fail(Error::invalid(SshkeysText::tr(
            "This is a private key, which must stay where it is. The public one is in the file “….pub”.")));
    }
    if (text.contains(u'\n') || text.contains(u'\r')) {
        return fail(Error::invalid(SshkeysText::tr("A public key is a single line.")));
    }
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch()) {
        return fail(Error::invalid(SshkeysText::tr(
            "This is no public key: a type and the key itself are needed, as in “ssh-ed25519 AAAA…”.")));
    }
    const KeyType *type = typeNamed(match.captured(1));
    if (!type) {
        return fail(Error::invalid(SshkeysText::tr("“%1” is no type of public key.").arg(match.captured(1).left(40))));
    }
    const auto decoded = QByteArray::fromBase64Encoding(
        match.captured(2).toLatin1(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || !isWhole(*decoded, *type)) {
        return fail(Error::invalid(SshkeysText::tr("The key is damaged or cut off: it is not what its type “%1” says.")
                .arg(match.captured(1))));
    }
    const QString comment = match.captured(3).trimmed();
    if (hasControl(comment)) {
        return fail(Error::invalid(SshkeysText::tr("The key's comment has characters that can't be shown.")));
    }
    return PublicKey{type->name, *decoded, comment, {}};
}

Result<QList<PublicKey>> localPublicKeys()
{
    return localPublicKeys(QDir::homePath() + u"/.ssh"_s, qEnvironmentVariable("SSH_AUTH_SOCK"));
}

Result<QList<PublicKey>> localPublicKeys(const QString &directory, const QString &agentSocket)
{
    QList<PublicKey> keys;
    std::optional<Error> error;
    if (!agentSocket.isEmpty()) {
        if (const auto found = agentKeys(agentSocket)) {
            std::ranges::for_each(*found, [&keys](const PublicKey &key) { append(keys, key); });
        } else {
            error = found.error();
        }
    }
    const QStringList names = directory.isEmpty()
        ? QStringList()
        : QDir(directory).entryList({u"*.pub"_s}, QDir::Files | QDir::System | QDir::Hidden, QDir::Name);
    for (const QString &name : names) {
        const auto found = fileKey(directory + u'/' + name);
        if (!found) {
            error = error ? error : found.error();
        } else if (*found) {
            append(keys, **found);
        }
    }
    if (keys.isEmpty() && error) {
        return fail(*error);
    }
    return keys;
}

} // namespace vireo::seed
