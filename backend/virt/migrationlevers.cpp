// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/virt/migration_p.h"

/** What may be changed while a domain is migrated. */
namespace vireo::virt::migration {

namespace {

constexpr quint64 mebibyte = 1024 * 1024;
/** What libvirt's QEMU driver takes for "no limit" before the switch, MiB per second; afterwards it is 0. */
constexpr quint64 unlimited = 8796093022207;

struct MigrationleversText {
    Q_DECLARE_TR_FUNCTIONS(virt_migrationLevers)
};

/** A negative answer of `call` is libvirt's error under `what`, which names the domain (%1). */
template<typename Call>
Result<> onDomain(Connection &connection, const QUuid &uuid, const QString &what, Call &&call)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    if (call(domain->get()) < 0) {
        return fail(lastError(what.arg(name)));
    }
    return {};
}

unsigned speedFlags(bool postCopy)
{
    return postCopy ? unsigned{VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY} : 0U;
}

} // namespace

Result<> setBandwidth(Connection &connection, const QUuid &domain, quint64 bytesPerSecond, bool postCopy)
{
    const quint64 none = postCopy ? 0 : unlimited;
    const quint64 speed = bytesPerSecond == 0 ? none : std::min(mebibytes(bytesPerSecond), unlimited);
    return onDomain(connection, domain, MigrationleversText::tr("Can't limit the bandwidth of %1's migration"),
        [&](virDomainPtr handle) {
            return virDomainMigrateSetMaxSpeed(handle, static_cast<unsigned long>(speed), speedFlags(postCopy));
        });
}

Result<quint64> bandwidth(Connection &connection, const QUuid &domain, bool postCopy)
{
    unsigned long speed = 0;
    const Result<> read =
        onDomain(connection, domain, MigrationleversText::tr("Can't read the bandwidth limit of %1's migration"),
            [&](virDomainPtr handle) { return virDomainMigrateGetMaxSpeed(handle, &speed, speedFlags(postCopy)); });
    if (!read) {
        return fail(read.error());
    }
    return speed >= unlimited ? quint64{0} : quint64{speed} * mebibyte;
}

Result<> setMaxDowntime(Connection &connection, const QUuid &domain, quint64 ms)
{
    return onDomain(connection, domain, MigrationleversText::tr("Can't limit how long %1 may stand still"),
        [&](virDomainPtr handle) { return virDomainMigrateSetMaxDowntime(handle, ms, 0); });
}

Result<quint64> maxDowntime(Connection &connection, const QUuid &domain)
{
    unsigned long long ms = 0;
    const Result<> read =
        onDomain(connection, domain, MigrationleversText::tr("Can't read how long %1 may stand still"),
            [&](virDomainPtr handle) { return virDomainMigrateGetMaxDowntime(handle, &ms, 0); });
    if (!read) {
        return fail(read.error());
    }
    return quint64{ms};
}

Result<> startPostCopy(Connection &connection, const QUuid &domain)
{
    return onDomain(connection, domain, MigrationleversText::tr("Can't switch the migration of %1 to post-copy"),
        [](virDomainPtr handle) { return virDomainMigrateStartPostCopy(handle, 0); });
}

Result<> abort(Connection &connection, const QUuid &domain, bool postCopy)
{
    return onDomain(connection, domain,
        postCopy ? MigrationleversText::tr("Can't pause the migration of %1")
                 : MigrationleversText::tr("Can't cancel the migration of %1"),
        [postCopy](virDomainPtr handle) {
            return postCopy ? virDomainAbortJobFlags(handle, VIR_DOMAIN_ABORT_JOB_POSTCOPY) : virDomainAbortJob(handle);
        });
}

Result<> setCompressionCache(Connection &connection, const QUuid &domain, quint64 bytes)
{
    return onDomain(connection, domain, MigrationleversText::tr("Can't set the compression cache of %1's migration"),
        [bytes](virDomainPtr handle) { return virDomainMigrateSetCompressionCache(handle, bytes, 0); });
}

} // namespace vireo::virt::migration
