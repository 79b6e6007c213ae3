// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/passwordhash.h"

#include <algorithm>
#include <array>
#include <crypt.h>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unistd.h>

#include <QCoreApplication>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::seed {

namespace {

struct PasswordhashText {
    Q_DECLARE_TR_FUNCTIONS(seed_passwordHash)
};

// Slow enough to make guessing dear, fast enough for a login on an emulated CPU.
constexpr unsigned long rounds = 100000;
constexpr qsizetype longest = CRYPT_MAX_PASSPHRASE_SIZE - 1;

struct Free {
    void operator()(char *text) const { std::free(text); } // NOLINT(cppcoreguidelines-no-malloc): crypt's own
};

/** What crypt_ra works in: holds the password and its traces. */
class CryptData final
{
    Q_DISABLE_COPY_MOVE(CryptData)

public:
    CryptData() = default;
    ~CryptData()
    {
        if (m_data) {
            explicit_bzero(m_data, static_cast<size_t>(m_size));
            std::free(m_data); // NOLINT(cppcoreguidelines-no-malloc): crypt's own
        }
    }
    const char *crypt(const char *plain, const char *setting) { return crypt_ra(plain, setting, &m_data, &m_size); }

private:
    void *m_data = nullptr;
    int m_size = 0;
};

Result<> check(const QByteArray &plain)
{
    if (plain.isEmpty()) {
        return fail(Error::invalid(PasswordhashText::tr("A password is needed.")));
    }
    if (plain.size() > longest) {
        return fail(Error::invalid(PasswordhashText::tr("The password is longer than %1 bytes.").arg(longest)));
    }
    if (std::ranges::any_of(plain, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; })) {
        return fail(Error::invalid(
            PasswordhashText::tr("The password has a control character, which can't be typed at a login.")));
    }
    return {};
}

Result<QString> hash(const QByteArray &plain)
{
    if (const Result<> fine = check(plain); !fine) {
        return fail(fine.error());
    }
    std::array<char, 32> random = {};
    if (getentropy(random.data(), random.size()) != 0) {
        return fail(Error::failed(PasswordhashText::tr("The system gives no random numbers for the password's salt.")));
    }
    const std::unique_ptr<char, Free> setting(
        crypt_gensalt_ra("$6$", rounds, random.data(), static_cast<int>(random.size())));
    CryptData data;
    const char *hashed = setting ? data.crypt(plain.constData(), setting.get()) : nullptr;
    if (!hashed || *hashed == '*') {
        return fail(Error::failed(PasswordhashText::tr("The password can't be hashed with SHA-512 here.")));
    }
    return QString::fromLatin1(hashed);
}

} // namespace

Result<QString> hashPassword(QByteArray &plain)
{
    Result<QString> result = hash(plain);
    explicit_bzero(plain.data(), static_cast<size_t>(plain.size()));
    return result;
}

bool isPasswordHash(const QString &text)
{
    static const QRegularExpression form(
        u"\\A\\$(1|5|6|7|y|gy|sha1|2[abxy])\\$[./A-Za-z0-9=,$]*[./A-Za-z0-9]{20,}\\z"_s);
    return text.size() <= CRYPT_OUTPUT_SIZE && form.match(text).hasMatch();
}

} // namespace vireo::seed
