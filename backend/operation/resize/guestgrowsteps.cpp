// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/base/sizetext.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/** guest.grow of resizesteps.h. */
namespace vireo::operation {

namespace {

namespace guest = virt::guest;
using namespace std::chrono_literals;
using guest::FileSystem;
using job::Step;
using job::StepContext;

struct GuestGrowText {
    Q_DECLARE_TR_FUNCTIONS(operation_guestGrowSteps)
};

constexpr auto answerTime = 5s; // of the agent, before it is asked again
constexpr auto askAgain = 1s;
constexpr std::chrono::seconds mountTime = 30s; // after it has answered
constexpr auto seesTime = 20s;                  // until the guest's kernel has heard of the disk's size
constexpr auto smallTime = 30s;                 // for a program that does next to nothing
constexpr auto growTime = 30min;                // for one that grows: resize2fs of many TiB
constexpr quint64 sector = 512;                 // of sysfs, whatever the disk's are
constexpr quint64 slack = 4ULL << 20U;          // partitions end at a full MiB, and before the second GPT

/** What a guest has of one disk, asked and grown by its agent. On a job's thread. */
class GuestDisk final
{
    Q_DISABLE_COPY_MOVE(GuestDisk)

public:
    GuestDisk(const Step &step, StepContext &context, DomainTarget target)
        : m_context(context)
        , m_vm(std::move(target))
        , m_target(text(step, u"target"_s))
        , m_capacity(number(step, u"capacity"_s))
        , m_patience(std::max<quint64>(1, number(step, u"timeout"_s)))
    {}

    /** "ext4 on / (vda1) has 2.4 GiB now, after 0.4 GiB." */
    Result<QString> grow();

private:
    Result<QList<GuestGrowth>> awaitMounted();
    Result<QList<FileSystem>> awaitFileSystems();
    Result<> awaitCapacity(const QString &disk);
    Result<GuestGrowth> last(const QList<GuestGrowth> &growths);
    Result<> growPartition(const GuestGrowth &growth);
    Result<quint64> bytesOf(const QString &file);
    Result<guest::Execution> run(
        const QStringList &command, std::chrono::seconds timeout, const QByteArray &input = {}) const
    {
        return guest::execute(*m_vm.connection, m_vm.uuid, command, input, timeout, m_context.stop());
    }

    StepContext &m_context;
    DomainTarget m_vm;
    QString m_target;
    quint64 m_capacity;
    std::chrono::seconds m_patience;
};

Error saidBy(const QString &program, const guest::Execution &execution)
{
    const QString said = execution.output.simplified();
    return Error::failed(said.isEmpty()
            ? GuestGrowText::tr("%1 failed in the guest (exit code %2).").arg(program).arg(execution.exitCode)
            : GuestGrowText::tr("%1 failed in the guest: %2").arg(program, said));
}

Result<QList<FileSystem>> GuestDisk::awaitFileSystems()
{
    const QDeadlineTimer deadline(m_patience);
    for (;;) {
        const auto state = m_vm.state();
        if (!state) {
            return fail(state.error());
        }
        if (!isActive(*state)) {
            return fail(Error::failed(GuestGrowText::tr("%1 is off.").arg(m_vm.name)));
        }
        auto found = guest::fileSystems(*m_vm.connection, m_vm.uuid, answerTime);
        if (found || deadline.hasExpired()) {
            return found ? std::move(found)
                         : fail(Error::failed(GuestGrowText::tr("The guest agent has not answered within %1 s: %2")
                                   .arg(m_patience.count())
                                   .arg(found.error().message)));
        }
        if (!pauseFor(askAgain, m_context.stop())) {
            return fail(Error::cancelled());
        }
    }
}

/** A guest that boots may answer before it has mounted all that it has. */
Result<QList<GuestGrowth>> GuestDisk::awaitMounted()
{
    std::optional<QDeadlineTimer> deadline;
    for (;;) {
        const auto fileSystems = awaitFileSystems();
        if (!fileSystems) {
            return fail(fileSystems.error());
        }
        auto growths = guestGrowths(*fileSystems, m_target);
        if (!deadline) {
            deadline = QDeadlineTimer(std::min(m_patience, mountTime));
        }
        if (growths || deadline->hasExpired()) {
            return growths;
        }
        if (!pauseFor(askAgain, m_context.stop())) {
            return fail(Error::cancelled());
        }
    }
}

/** What a file of sysfs says in sectors, as bytes. */
Result<quint64> GuestDisk::bytesOf(const QString &file)
{
    const auto read = run({u"cat"_s, u"/sys/class/block/"_s + file}, smallTime);
    if (!read) {
        return fail(read.error());
    }
    bool isNumber = false;
    const quint64 sectors = read->output.toULongLong(&isNumber);
    return isNumber && sectors < (1ULL << 53U) ? Result<quint64>(sectors * sector) : fail(saidBy(u"cat"_s, *read));
}

/** virtio-blk tells the guest by itself; SCSI disks are looked at again when they are told to. */
Result<> GuestDisk::awaitCapacity(const QString &disk)
{
    const QDeadlineTimer deadline(seesTime);
    for (bool told = false;; told = true) {
        const auto sees = bytesOf(disk + u"/size"_s);
        if (!sees || *sees >= m_capacity) {
            return sees ? Result<>() : fail(sees.error());
        }
        if (deadline.hasExpired()) {
            return fail(Error::failed(GuestGrowText::tr("The guest sees %1 on %2 yet, not %3.")
                    .arg(sizeText(*sees), disk, sizeText(m_capacity))));
        }
        if (!told) {
            static_cast<void>(run({u"tee"_s, u"/sys/class/block/%1/device/rescan"_s.arg(disk)}, smallTime, "1\n"));
        }
        if (!pauseFor(askAgain, m_context.stop())) {
            return fail(Error::cancelled());
        }
    }
}

Result<GuestGrowth> GuestDisk::last(const QList<GuestGrowth> &growths)
{
    if (growths.size() == 1) {
        return growths.constFirst();
    }
    std::optional<std::pair<quint64, GuestGrowth>> found;
    for (const GuestGrowth &each : growths) {
        const auto start = bytesOf(each.fileSystem.device + u"/start"_s);
        if (!start) {
            return fail(start.error());
        }
        if (!found || *start > found->first) {
            found = {*start, each};
        }
    }
    return found->second;
}

Result<> GuestDisk::growPartition(const GuestGrowth &growth)
{
    const auto grown = run({u"growpart"_s, u"/dev/"_s + growth.disk, growth.partition}, growTime);
    if (!grown) {
        return grown.error().kind == Error::Kind::NotFound
            ? fail(Error{Error::Kind::NotFound, grown.error().message,
                  GuestGrowText::tr(
                      "Install it there: cloud-guest-utils (Debian, Ubuntu), cloud-utils-growpart (Fedora, "
                      "RHEL), growpart (openSUSE)."),
                  0, 0})
            : fail(grown.error());
    }
    constexpr int hasGrown = 0;
    constexpr int noChange = 1; // also of an earlier run
    if (grown->exitCode != hasGrown && grown->exitCode != noChange) {
        return fail(saidBy(u"growpart"_s, *grown));
    }
    const auto disk = bytesOf(growth.disk + u"/size"_s);
    const auto start = bytesOf(growth.fileSystem.device + u"/start"_s);
    const auto size = bytesOf(growth.fileSystem.device + u"/size"_s);
    if (!disk || !start || !size) {
        return fail(!disk ? disk.error() : !start ? start.error() : size.error());
    }
    return *start + *size + slack >= *disk
        ? Result<>()
        : fail(Error::failed(
              GuestGrowText::tr("The partition %1 does not reach the end of the disk: another lies behind "
                                "it, or its table can't hold more.")
                  .arg(growth.fileSystem.device)));
}

Result<QString> GuestDisk::grow()
{
    const auto growths = awaitMounted();
    if (!growths) {
        return fail(growths.error());
    }
    if (const Result<> sees = awaitCapacity(growths->constFirst().disk); !sees) {
        return fail(sees.error());
    }
    const auto growth = last(*growths);
    if (!growth) {
        return fail(growth.error());
    }
    const FileSystem &was = growth->fileSystem;
    if (growth->command.isEmpty()) {
        return fail(
            Error::failed(GuestGrowText::tr("Vireo can't grow file systems of the type “%1” in a guest, and that "
                                            "on %2 lies last on the disk.")
                    .arg(was.type, was.mountPoint)));
    }
    if (!growth->partition.isEmpty()) {
        if (const Result<> grown = growPartition(*growth); !grown) {
            return fail(grown.error());
        }
    }
    const auto grown = run(growth->command, growTime);
    if (!grown) {
        return fail(grown.error());
    }
    if (grown->exitCode != 0) {
        return fail(saidBy(growth->command.constFirst(), *grown));
    }
    const auto after = guest::fileSystems(*m_vm.connection, m_vm.uuid, answerTime);
    const auto is = after ? std::ranges::find(*after, was.device, &FileSystem::device) : after->cend();
    const QString name = GuestGrowText::tr("%1 on %2 (%3)").arg(was.type, was.mountPoint, was.device);
    return after && is != after->cend() && is->bytes > 0
        ? GuestGrowText::tr("%1 has %2 now, after %3.").arg(name, sizeText(is->bytes), sizeText(was.bytes))
        : GuestGrowText::tr("%1 has grown.").arg(name);
}

/** The disk is larger, and the VM is well: what could not be done in the guest is no reason to take that back. */
Result<> warn(const Step &step, StepContext &context, const Error &error)
{
    QString line = GuestGrowText::tr("The disk %1 is larger; what is on it is not: %2")
                       .arg(text(step, u"target"_s), error.message);
    if (!error.hint.isEmpty()) {
        line += u' ' + error.hint;
    }
    return context.warn(line);
}

Result<> runGrow(const Step &step, StepContext &context)
{
    auto connection = hostConnection(step, context);
    if (!connection) {
        return warn(step, context, connection.error());
    }
    const auto grown =
        GuestDisk(step, context, {*std::move(connection), context.plan().domain, context.plan().domainName}).grow();
    if (grown) {
        context.log(*grown);
        return {};
    }
    return grown.error().kind == Error::Kind::Cancelled ? fail(grown.error()) : warn(step, context, grown.error());
}

} // namespace

void registerGuestGrowSteps(job::StepRegistry &registry)
{
    registry.add(u"guest.grow"_s, {runGrow, {}, {}});
}

} // namespace vireo::operation
