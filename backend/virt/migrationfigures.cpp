// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDeadlineTimer>

#include "backend/virt/connection_p.h"
#include "backend/virt/migration_p.h"

/** Figures: of a job, of one that ended, and of how fast a guest dirties its memory. */
namespace vireo::virt::migration {

namespace {

using namespace std::chrono_literals;

constexpr int longestSample = 60; // s; libvirt's limit
constexpr auto samplePoll = 100ms;
constexpr auto samplePatience = 15s; // QEMU hashes all its samples twice, on a busy host as well
constexpr quint64 mebibyte = 1024 * 1024;

struct MigrationfiguresText {
    Q_DECLARE_TR_FUNCTIONS(virt_migrationFigures)
};

/** What libvirt allocated for typed parameters. */
struct TypedParameters {
    TypedParameters() = default;
    ~TypedParameters() { virTypedParamsFree(items, count); }
    Q_DISABLE_COPY_MOVE(TypedParameters)
    virTypedParameterPtr items = nullptr;
    int count = 0;
};

/** What virDomainListGetStats allocated. */
struct StatsList {
    StatsList() = default;
    ~StatsList()
    {
        if (records) {
            virDomainStatsRecordListFree(records);
        }
    }
    Q_DISABLE_COPY_MOVE(StatsList)
    virDomainStatsRecordPtr *records = nullptr;
};

quint64 positive(qint64 value)
{
    return value > 0 ? static_cast<quint64>(value) : 0;
}

/** A number of whichever type; 0: not there, negative or no number. */
quint64 number(virTypedParameterPtr parameters, int count, const char *name)
{
    const virTypedParameterPtr found = virTypedParamsGet(parameters, count, name);
    if (!found) {
        return 0;
    }
    switch (found->type) {
    case VIR_TYPED_PARAM_INT:
        return positive(found->value.i);
    case VIR_TYPED_PARAM_UINT:
        return found->value.ui;
    case VIR_TYPED_PARAM_LLONG:
        return positive(found->value.l);
    case VIR_TYPED_PARAM_ULLONG:
        return found->value.ul;
    case VIR_TYPED_PARAM_DOUBLE:
        return found->value.d >= 1 && found->value.d < 1e18 ? static_cast<quint64>(found->value.d) : 0;
    case VIR_TYPED_PARAM_BOOLEAN:
        return found->value.b != 0 ? 1 : 0;
    default:
        return 0;
    }
}

QString text(virTypedParameterPtr parameters, int count, const char *name)
{
    const virTypedParameterPtr found = virTypedParamsGet(parameters, count, name);
    return found && found->type == VIR_TYPED_PARAM_STRING ? QString::fromUtf8(found->value.s) : QString();
}

Figures::Type typeOf(int type)
{
    switch (type) {
    case VIR_DOMAIN_JOB_BOUNDED:
        return Figures::Type::Bounded;
    case VIR_DOMAIN_JOB_UNBOUNDED:
        return Figures::Type::Unbounded;
    case VIR_DOMAIN_JOB_COMPLETED:
        return Figures::Type::Completed;
    case VIR_DOMAIN_JOB_FAILED:
        return Figures::Type::Failed;
    case VIR_DOMAIN_JOB_CANCELLED:
        return Figures::Type::Cancelled;
    default:
        return Figures::Type::None;
    }
}

Figures::Operation operationOf(quint64 operation)
{
    switch (operation) {
    case VIR_DOMAIN_JOB_OPERATION_UNKNOWN:
        return Figures::Operation::Unknown;
    case VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT:
        return Figures::Operation::MigrationOut;
    case VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN:
        return Figures::Operation::MigrationIn;
    default:
        return Figures::Operation::Other;
    }
}

Result<Figures> read(Connection &connection, const QUuid &uuid, unsigned flags)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    int type = VIR_DOMAIN_JOB_NONE;
    TypedParameters found;
    if (virDomainGetJobStats(domain->get(), &type, &found.items, &found.count, flags) < 0) {
        const Error error = lastError(MigrationfiguresText::tr("Can't read how the VM's job goes on"));
        if (error.code == VIR_ERR_OPERATION_INVALID) {
            return Figures(); // it is off: no job
        }
        return fail(error);
    }
    return figuresFrom(type, found.items, found.count);
}

/** A dirty rate's state as virDomainListGetStats tells it. */
struct DirtyState {
    bool done = false;
    quint64 bytesPerSecond = 0;
};

Result<DirtyState> dirtyState(virDomainPtr domain)
{
    std::array<virDomainPtr, 2> domains = {domain, nullptr};
    StatsList list;
    const int found = virDomainListGetStats(domains.data(), VIR_DOMAIN_STATS_DIRTYRATE, &list.records, 0);
    if (found < 0) {
        return fail(lastError(MigrationfiguresText::tr("Can't read the VM's dirty rate")));
    }
    if (found == 0) {
        return fail(Error::failed(MigrationfiguresText::tr("The VM went off while its dirty rate was measured.")));
    }
    const virDomainStatsRecord &record = *list.records[0];
    DirtyState result;
    result.done =
        number(record.params, record.nparams, "dirtyrate.calc_status") == quint64{VIR_DOMAIN_DIRTYRATE_MEASURED};
    result.bytesPerSecond = number(record.params, record.nparams, "dirtyrate.megabytes_per_second") * mebibyte;
    return result;
}

} // namespace

Figures figuresFrom(int type, virTypedParameterPtr parameters, int count)
{
    const auto get = [&](const char *name) {
        return number(parameters, count, name);
    };
    Figures result;
    result.type = typeOf(type);
    if (result.type == Figures::Type::None) {
        return result;
    }
    result.operation = operationOf(get(VIR_DOMAIN_JOB_OPERATION));
    result.elapsedMs = get(VIR_DOMAIN_JOB_TIME_ELAPSED);
    result.remainingMs = get(VIR_DOMAIN_JOB_TIME_REMAINING);
    result.dataTotal = get(VIR_DOMAIN_JOB_DATA_TOTAL);
    result.dataProcessed = get(VIR_DOMAIN_JOB_DATA_PROCESSED);
    result.dataRemaining = get(VIR_DOMAIN_JOB_DATA_REMAINING);
    result.memoryTotal = get(VIR_DOMAIN_JOB_MEMORY_TOTAL);
    result.memoryProcessed = get(VIR_DOMAIN_JOB_MEMORY_PROCESSED);
    result.memoryRemaining = get(VIR_DOMAIN_JOB_MEMORY_REMAINING);
    result.memoryBps = get(VIR_DOMAIN_JOB_MEMORY_BPS);
    result.constantPages = get(VIR_DOMAIN_JOB_MEMORY_CONSTANT);
    result.normalPages = get(VIR_DOMAIN_JOB_MEMORY_NORMAL);
    result.pageSize = get(VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE);
    result.dirtyPagesPerSecond = get(VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE);
    result.iteration = get(VIR_DOMAIN_JOB_MEMORY_ITERATION);
    result.postcopyRequests = get(VIR_DOMAIN_JOB_MEMORY_POSTCOPY_REQS);
    result.diskTotal = get(VIR_DOMAIN_JOB_DISK_TOTAL);
    result.diskProcessed = get(VIR_DOMAIN_JOB_DISK_PROCESSED);
    result.diskRemaining = get(VIR_DOMAIN_JOB_DISK_REMAINING);
    result.diskBps = get(VIR_DOMAIN_JOB_DISK_BPS);
    result.downtimeMs = get(VIR_DOMAIN_JOB_DOWNTIME);
    result.downtimeNetMs = get(VIR_DOMAIN_JOB_DOWNTIME_NET);
    result.setupMs = get(VIR_DOMAIN_JOB_SETUP_TIME);
    result.compressionCache = get(VIR_DOMAIN_JOB_COMPRESSION_CACHE);
    result.compressionBytes = get(VIR_DOMAIN_JOB_COMPRESSION_BYTES);
    result.compressionMisses = get(VIR_DOMAIN_JOB_COMPRESSION_CACHE_MISSES);
    result.compressionOverflow = get(VIR_DOMAIN_JOB_COMPRESSION_OVERFLOW);
    result.throttlePercent = static_cast<int>(std::min<quint64>(get(VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE), 100));
    result.error = text(parameters, count, VIR_DOMAIN_JOB_ERRMSG);
    return result;
}

Result<Figures> figures(Connection &connection, const QUuid &domain)
{
    return read(connection, domain, 0);
}

Result<Figures> completed(Connection &connection, const QUuid &domain)
{
    return read(connection, domain, VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED);
}

Result<quint64> dirtyRate(Connection &connection, const QUuid &uuid, int seconds, const std::stop_token &stop)
{
    if (seconds < 1 || seconds > longestSample) {
        return fail(Error::invalid(
            MigrationfiguresText::tr("A dirty rate is measured over 1 to %1 seconds.").arg(longestSample)));
    }
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    // Never another mode: with TCG they end QEMU 7.2, and the guest with it.
    if (virDomainStartDirtyRateCalc(domain->get(), seconds, VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING) != 0) {
        return fail(lastError(MigrationfiguresText::tr("Can't measure the VM's dirty rate")));
    }
    // From here on QEMU does not say "measured" before this very measurement is done.
    std::mutex mutex;
    std::condition_variable_any sleeping;
    const auto sleep = [&](std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        sleeping.wait_for(lock, stop, time, [] { return false; });
    };
    sleep(std::chrono::seconds(seconds));
    const QDeadlineTimer deadline(samplePatience);
    for (;;) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled()); // QEMU ends it by itself
        }
        const auto state = dirtyState(domain->get());
        if (!state) {
            return fail(state.error());
        }
        if (state->done) {
            return state->bytesPerSecond;
        }
        if (deadline.hasExpired()) {
            return fail(Error{Error::Kind::TimedOut,
                MigrationfiguresText::tr("The host does not say how fast the VM writes to its memory."), {}, 0, 0});
        }
        sleep(samplePoll);
    }
}

} // namespace vireo::virt::migration
