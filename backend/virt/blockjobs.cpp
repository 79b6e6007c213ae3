// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/blockjobs.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDeadlineTimer>

#include "backend/virt/connection_p.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::blockjobs {

namespace {

using namespace std::chrono_literals;

constexpr auto pollPeriod = 300ms;
constexpr auto lateEvent = 1s;       ///< so long may an event be under way after its job is gone
constexpr auto cancelPatience = 10s; ///< a job that is just ending refuses to be cancelled
constexpr auto busyGuest = 3s;       ///< so long must the XML say ready where the guest never lets the figures be equal

struct BlockjobsText {
    Q_DECLARE_TR_FUNCTIONS(virt_blockJobs)
};

/** A negative answer of `call` is libvirt's error under `what`, which names the disk (%1) and the domain (%2). */
template<typename Call>
Result<> onDisk(Connection &connection, const QUuid &uuid, const QString &disk, const QString &what, Call &&call)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    if (call(domain->get(), disk.toUtf8().constData()) < 0) {
        return fail(lastError(what.arg(disk, name)));
    }
    return {};
}

Job::Type typeOf(int type)
{
    switch (type) {
    case VIR_DOMAIN_BLOCK_JOB_TYPE_PULL:
        return Job::Type::Pull;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_COPY:
        return Job::Type::Copy;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT:
        return Job::Type::Commit;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT:
        return Job::Type::ActiveCommit;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_BACKUP:
        return Job::Type::Backup;
    default:
        return Job::Type::Unknown;
    }
}

bool canMirror(Job::Type type)
{
    return type == Job::Type::Copy || type == Job::Type::ActiveCommit || type == Job::Type::Unknown;
}

} // namespace

Result<std::optional<Job>> info(Connection &connection, const QUuid &domain, const QString &disk)
{
    virDomainBlockJobInfo figures = {};
    int found = 0;
    const Result<> asked = onDisk(connection, domain, disk,
        BlockjobsText::tr("Can't read the block job of the disk %1 of %2"), [&](virDomainPtr handle, const char *name) {
            return found = virDomainGetBlockJobInfo(handle, name, &figures, VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES);
        });
    if (!asked) {
        return fail(asked.error());
    }
    if (found == 0) {
        return std::optional<Job>();
    }
    return std::optional(Job{typeOf(figures.type), figures.cur, figures.end});
}

Result<> commit(Connection &connection, const QUuid &domain, const QString &disk, const QString &top,
    const QString &base, bool active, quint64 speed)
{
    const unsigned flags =
        VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES | (active ? unsigned{VIR_DOMAIN_BLOCK_COMMIT_ACTIVE} : 0U);
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't commit a layer of the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            return virDomainBlockCommit(handle, name, base.toUtf8().constData(), top.toUtf8().constData(),
                static_cast<unsigned long>(speed), flags);
        });
}

Result<> pull(Connection &connection, const QUuid &domain, const QString &disk, const QString &base, quint64 speed)
{
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't pull the layers of the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            const QByteArray path = base.toUtf8();
            return virDomainBlockRebase(handle, name, path.isEmpty() ? nullptr : path.constData(),
                static_cast<unsigned long>(speed), VIR_DOMAIN_BLOCK_REBASE_BANDWIDTH_BYTES);
        });
}

Result<> copy(Connection &connection, const QUuid &domain, const QString &disk, const QString &diskXml,
    const CopyOptions &options)
{
    unsigned flags = VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB;
    flags |= options.shallow ? unsigned{VIR_DOMAIN_BLOCK_COPY_SHALLOW} : 0U;
    flags |= options.reuseFile ? unsigned{VIR_DOMAIN_BLOCK_COPY_REUSE_EXT} : 0U;
    virTypedParameter speed = {};
    std::strncpy(speed.field, VIR_DOMAIN_BLOCK_COPY_BANDWIDTH, sizeof(speed.field) - 1);
    speed.type = VIR_TYPED_PARAM_ULLONG;
    speed.value.ul = options.speed;
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't copy the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            return virDomainBlockCopy(handle, name, diskXml.toUtf8().constData(), options.speed > 0 ? &speed : nullptr,
                options.speed > 0 ? 1 : 0, flags);
        });
}

Result<> resize(Connection &connection, const QUuid &domain, const QString &disk, quint64 capacity)
{
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't resize the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            return virDomainBlockResize(handle, name, capacity, VIR_DOMAIN_BLOCK_RESIZE_BYTES);
        });
}

Result<quint64> capacity(Connection &connection, const QUuid &domain, const QString &disk)
{
    virDomainBlockInfo info = {};
    const Result<> asked =
        onDisk(connection, domain, disk, BlockjobsText::tr("Can't read the size of the disk %1 of %2"),
            [&](virDomainPtr handle, const char *name) { return virDomainGetBlockInfo(handle, name, &info, 0); });
    return asked ? Result<quint64>(info.capacity) : fail(asked.error());
}

Result<> finish(Connection &connection, const QUuid &domain, const QString &disk, bool pivot)
{
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't end the block job of the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            return virDomainBlockJobAbort(handle, name, pivot ? VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT : 0);
        });
}

Result<> flush(Connection &connection, const QUuid &domain)
{
    const auto info = domains::state(connection, domain);
    if (!info) {
        return fail(info.error());
    }
    if (!info->exists || info->state != DomainState::Running) {
        return {};
    }
    const Result<> paused = domains::suspend(connection, domain);
    return paused ? domains::resume(connection, domain) : paused;
}

Result<> setSpeed(Connection &connection, const QUuid &domain, const QString &disk, quint64 bytesPerSecond)
{
    return onDisk(connection, domain, disk, BlockjobsText::tr("Can't limit the block job of the disk %1 of %2"),
        [&](virDomainPtr handle, const char *name) {
            return virDomainBlockJobSetSpeed(
                handle, name, static_cast<unsigned long>(bytesPerSecond), VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES);
        });
}

Result<bool> isMirrorReady(Connection &connection, const QUuid &domain, const QString &disk)
{
    const auto text = domains::xml(connection, domain, domains::XmlKind::Live);
    if (!text) {
        return fail(text.error());
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
    return std::ranges::any_of(disks, [&disk](const xml::Element &element) {
        return element.child(u"target"_s).attribute(u"dev"_s) == disk
            && element.child(u"mirror"_s).attribute(u"ready"_s) == "yes"_L1;
    });
}

class Watch::Private final
{
    Q_DISABLE_COPY_MOVE(Private)

public:
    Private(Connection &connection, const QUuid &domain, QString disk)
        : m_connection(connection)
        , m_domain(domain)
        , m_disk(std::move(disk))
        , m_hub(connection.d().hub)
    {
        const std::lock_guard lock(m_hub->mutex);
        m_id = m_hub->nextSubscription++;
        m_hub->blockJobSubscribers.emplace(
            m_id, [heard = m_heard, uuid = m_domain, target = m_disk](const BlockJobEvent &event) {
                if (event.domain != uuid || event.disk != target) {
                    return;
                }
                const std::lock_guard guard(heard->mutex);
                if (event.status == BlockJobEvent::Status::Ready) {
                    heard->ready = true;
                } else {
                    heard->end = event.status;
                }
                heard->isNew = true;
                heard->changed.notify_all();
            });
    }
    ~Private()
    {
        const std::lock_guard lock(m_hub->mutex);
        m_hub->blockJobSubscribers.erase(m_id);
    }

    Result<Outcome> wait(const Progress &progress, const std::stop_token &stop);

private:
    struct Heard {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool isNew = false;
        bool ready = false;
        std::optional<BlockJobEvent::Status> end;
    };

    std::optional<BlockJobEvent::Status> end() const
    {
        const std::lock_guard lock(m_heard->mutex);
        return m_heard->end;
    }
    bool heardReady() const
    {
        const std::lock_guard lock(m_heard->mutex);
        return m_heard->ready;
    }
    /** Until something new is heard, a stop, or `time` is over. */
    void sleep(std::chrono::milliseconds time, const std::stop_token &stop)
    {
        std::unique_lock lock(m_heard->mutex);
        m_heard->changed.wait_for(lock, stop, time, [this] { return m_heard->isNew; });
        m_heard->isNew = false;
    }

    Result<Outcome> ended(BlockJobEvent::Status status, bool cancelling) const;
    Result<Outcome> gone(bool cancelling);
    Result<bool> isReady(const Job &job);
    Error offError() const;
    /** Libvirt's `error`, or that the domain is off where this is why. */
    Error explain(const Error &error) const;
    void report(const Progress &progress, const Job &job);

    Connection &m_connection;
    QUuid m_domain;
    QString m_disk;
    std::shared_ptr<EventHub> m_hub;
    std::shared_ptr<Heard> m_heard = std::make_shared<Heard>();
    Connection::Subscription m_id = 0;
    Job::Type m_type = Job::Type::Unknown;
    quint64 m_done = 0;
    quint64 m_total = 0;
    QDeadlineTimer m_nextLook = QDeadlineTimer(busyGuest);
    bool m_readyOnce = false; ///< at the last such look
};

Error Watch::Private::offError() const
{
    return {Error::Kind::Failed,
        BlockjobsText::tr("The VM went off while the block job of its disk %1 was running.").arg(m_disk), {}, 0, 0};
}

Error Watch::Private::explain(const Error &error) const
{
    if (error.kind == Error::Kind::Disconnected) {
        return error;
    }
    const auto state = domains::state(m_connection, m_domain);
    if (!state) {
        return state.error();
    }
    return state->exists && state->id >= 0 ? error : offError();
}

void Watch::Private::report(const Progress &progress, const Job &job)
{
    m_done = std::max(m_done, job.done);
    m_total = std::max(m_total, job.total);
    if (progress) {
        progress(m_done, m_total);
    }
}

/** By the event: how a job ended. */
Result<Outcome> Watch::Private::ended(BlockJobEvent::Status status, bool cancelling) const
{
    switch (status) {
    case BlockJobEvent::Status::Completed:
        // A mirror that is left without pivot may be called complete, but has done nothing for the domain.
        return cancelling && canMirror(m_type) && m_type != Job::Type::Unknown ? Outcome::Cancelled
                                                                               : Outcome::Completed;
    case BlockJobEvent::Status::Cancelled:
        return Outcome::Cancelled;
    default:
        break;
    }
    const auto state = domains::state(m_connection, m_domain);
    if (state && (!state->exists || state->id < 0)) {
        return fail(offError());
    }
    return Outcome::Failed;
}

/** The disk has no job any more: its event may still be under way. */
Result<Outcome> Watch::Private::gone(bool cancelling)
{
    const QDeadlineTimer deadline(lateEvent);
    while (!end() && !deadline.hasExpired()) {
        sleep(std::chrono::milliseconds(std::max<qint64>(1, deadline.remainingTime())), {});
    }
    if (const auto status = end()) {
        return ended(*status, cancelling);
    }
    const auto state = domains::state(m_connection, m_domain);
    if (!state) {
        return fail(state.error());
    }
    if (!state->exists || state->id < 0) {
        return fail(offError());
    }
    return cancelling ? Outcome::Cancelled : Outcome::Vanished;
}

Result<bool> Watch::Private::isReady(const Job &job)
{
    if (!canMirror(job.type)) {
        return false;
    }
    const bool equal = job.total != 0 && job.done == job.total;
    if (equal || heardReady()) {
        return isMirrorReady(m_connection, m_domain, m_disk);
    }
    // Where the event was missed and the guest writes all the time, the figures may never be equal when they are read.
    if (!m_nextLook.hasExpired()) {
        return false;
    }
    m_nextLook = QDeadlineTimer(busyGuest);
    const auto ready = isMirrorReady(m_connection, m_domain, m_disk);
    if (!ready) {
        return ready;
    }
    return std::exchange(m_readyOnce, *ready) && *ready && job.total != 0;
}

Result<Outcome> Watch::Private::wait(const Progress &progress, const std::stop_token &stop)
{
    bool cancelling = false;
    QDeadlineTimer patience(QDeadlineTimer::Forever);
    for (;;) {
        if (const auto status = end()) {
            return ended(*status, cancelling);
        }
        const auto job = info(m_connection, m_domain, m_disk);
        if (!job) {
            const auto status = end(); // what is known of the job counts more than why it can't be read
            return status ? ended(*status, cancelling) : fail(explain(job.error()));
        }
        if (!*job) {
            return gone(cancelling);
        }
        m_type = (*job)->type;
        report(progress, **job);
        if (stop.stop_requested()) {
            if (!std::exchange(cancelling, true)) {
                patience = QDeadlineTimer(cancelPatience);
            }
            const Result<> cancelled = finish(m_connection, m_domain, m_disk, false);
            if (cancelled) {
                return gone(true);
            }
            if (cancelled.error().kind == Error::Kind::Disconnected || patience.hasExpired()) {
                return fail(explain(cancelled.error()));
            }
            sleep(pollPeriod, {}); // it may just be ending; then the next look tells
            continue;
        }
        const auto ready = isReady(**job);
        if (!ready) {
            return fail(explain(ready.error()));
        }
        if (*ready) {
            return Outcome::Ready;
        }
        sleep(pollPeriod, stop);
    }
}

Watch::Watch(Connection &connection, const QUuid &domain, const QString &disk)
    : m_d(std::make_unique<Private>(connection, domain, disk))
{}

Watch::~Watch() = default;

Result<Outcome> Watch::wait(const Progress &progress, const std::stop_token &stop)
{
    return m_d->wait(progress, stop);
}

} // namespace vireo::virt::blockjobs
