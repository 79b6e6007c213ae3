// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptclaims.h"

#include <QFile>

#include "backend/base/privatefile.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

KeptClaims::KeptClaims(const QString &keptDirectory)
    : m_directory(keptDirectory + u"/.claims"_s)
{}

KeptClaims::~KeptClaims()
{
    for (const auto &[domain, lock] : m_held) {
        QFile::remove(path(domain));
    }
}

QString KeptClaims::path(const QUuid &domain) const
{
    return m_directory + u'/' + domain.toString(QUuid::WithoutBraces);
}

Result<bool> KeptClaims::claim(const QUuid &domain)
{
    const std::scoped_lock locked(m_mutex);
    if (m_held.contains(domain)) {
        return true;
    }
    if (const Result<> made = makePrivatePath(m_directory); !made) {
        return fail(made.error());
    }
    auto lock = FileLock::tryTake(path(domain));
    if (!lock) {
        return fail(lock.error());
    }
    if (*lock) {
        m_held.emplace(domain, **std::move(lock));
    }
    return m_held.contains(domain);
}

void KeptClaims::release(const QUuid &domain)
{
    const std::scoped_lock locked(m_mutex);
    if (const auto held = m_held.find(domain); held != m_held.end()) {
        QFile::remove(path(domain)); // while it is locked: nobody removes the file of another
        m_held.erase(held);
    }
}

bool KeptClaims::isOthers(const QUuid &domain) const
{
    const std::scoped_lock locked(m_mutex);
    return !m_held.contains(domain) && FileLock::isHeld(path(domain));
}

} // namespace vireo::operation
