// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <libvirt/virterror.h>

#include <QCoreApplication>

#include "backend/base/lane.h"
#include "backend/virt/connection_p.h"
#include "backend/virt/migration_p.h"

/** Migrating, and what is asked before it. */
namespace vireo::virt::migration {

namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr unsigned long detectZeroesSince = 10'009'000;
constexpr auto refusalPatience = 10s;
/** libvirt takes a post-copy for failed a moment before both QEMUs have paused it; until then it refuses to resume. */
constexpr auto resumePatience = 10s;
constexpr auto resumeAgain = 250ms;
/** Where no socket can ever be: the last file on the way is a device. */
constexpr QLatin1StringView noSocket("/dev/null/vireo-asks-what-libvirt-refuses");

struct MigrationcallsText {
    Q_DECLARE_TR_FUNCTIONS(virt_migration)
};

/** Puts the downtime limit of a domain that stays back to what it was. */
class DowntimeLimit final
{
    Q_DISABLE_COPY_MOVE(DowntimeLimit)

public:
    DowntimeLimit(Connection &connection, const QUuid &domain)
        : m_connection(connection)
        , m_domain(domain)
    {}
    Result<> set(quint64 ms)
    {
        const auto before = maxDowntime(m_connection, m_domain);
        const Result<> done = setMaxDowntime(m_connection, m_domain, ms);
        if (before && done) {
            m_before = *before;
        }
        return done;
    }
    void restore()
    {
        const auto job = m_before ? figures(m_connection, m_domain) : fail(Error());
        if (job && job->type == Figures::Type::None) {
            (void)setMaxDowntime(m_connection, m_domain, *m_before); // not worth a word beside why it stayed
        }
    }

private:
    Connection &m_connection;
    QUuid m_domain;
    std::optional<quint64> m_before;
};

struct Answer {
    bool moved = false;
    Error error;
    QString text; ///< libvirt's own
};

/** libvirt would let it go: it failed to reach the socket that is not there. */
bool triedToLeave(const QString &text)
{
    return text.contains(noSocket);
}

/** The driver can't migrate peer to peer, which libvirt's client finds out by itself. */
bool cannotAsk(const Error &error)
{
    return error.code == VIR_ERR_NO_SUPPORT
        || (error.code == VIR_ERR_ARGUMENT_UNSUPPORTED && error.domain == VIR_FROM_DOMAIN);
}

std::vector<QByteArray> utf8(const QStringList &texts)
{
    std::vector<QByteArray> result;
    for (const QString &text : texts) {
        result.push_back(text.toUtf8());
    }
    return result;
}

/** Empty: the host's own choice. */
const char *orNull(const QByteArray &text)
{
    return text.isEmpty() ? nullptr : text.constData();
}

} // namespace

Result<> migrate(Connection &source, const QUuid &uuid, Connection *destination, const Options &options)
{
    unsigned long version = 0;
    if (virConnectGetLibVersion(source.d().handle, &version) != 0) {
        version = 0;
    }
    if (const Result<> sound = check(options, version); !sound) {
        return sound;
    }
    if (!options.peerToPeer && !destination) {
        return fail(
            Error::invalid(MigrationcallsText::tr("A direct migration needs a connection to the destination host.")));
    }
    const auto domain = source.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get()));
    DowntimeLimit limit(source, uuid);
    if (!options.offline && !options.postCopyResume) {
        // A limit of an earlier migration stays with the domain, and would count where none is named.
        if (const auto left = bandwidth(source, uuid); options.bandwidth == 0 && left && *left > 0) {
            if (const Result<> lifted = setBandwidth(source, uuid, 0); !lifted) {
                return lifted;
            }
        }
        if (options.downtimeMs > 0) {
            if (const Result<> limited = limit.set(options.downtimeMs); !limited) {
                return limited;
            }
        }
    }
    Parameters parameters;
    addParameters(parameters, options, true);
    if (!parameters.isComplete()) {
        return fail(lastError(MigrationcallsText::tr("Can't migrate %1").arg(name)));
    }
    const auto call = [&] {
        if (options.peerToPeer) {
            return virDomainMigrateToURI3(domain->get(), options.destinationUri.toUtf8().constData(), parameters.data(),
                       static_cast<unsigned>(parameters.size()), flagsOf(options))
                == 0;
        }
        const DomainHandle there(virDomainMigrate3(domain->get(), destination->d().handle, parameters.data(),
            static_cast<unsigned>(parameters.size()), flagsOf(options)));
        return there != nullptr;
    };
    const auto giveUp = std::chrono::steady_clock::now() + resumePatience;
    while (!call()) {
        const Error error = lastError(MigrationcallsText::tr("Can't migrate %1").arg(name));
        const bool isTooEarly = options.postCopyResume && error.code == VIR_ERR_OPERATION_INVALID;
        if (!isTooEarly || std::chrono::steady_clock::now() > giveUp) {
            limit.restore();
            return fail(error);
        }
        std::this_thread::sleep_for(resumeAgain);
    }
    return {};
}

bool canDetectZeroes(Connection &connection)
{
    unsigned long version = 0;
    return virConnectGetLibVersion(connection.d().handle, &version) == 0 && version >= detectZeroesSince;
}

Result<QString> refusal(Connection &source, const QUuid &uuid, const Options &planned)
{
    Options options = planned;
    options.peerToPeer = true; // only the source's daemon asks before it connects
    options.destinationUri =
        u"%1+unix:///system?socket=%2"_s.arg(QString::fromLatin1(driverOf(source.uri())), noSocket);
    options.destinationXml.clear(); // compared only after connecting
    options.persistentXml.clear();
    options.postCopyResume = false;
    if (const Result<> sound = check(options, 0); !sound) {
        return fail(sound.error());
    }
    auto domain = source.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const auto job = figures(source, uuid);
    if (job && job->type != Figures::Type::None && job->type != Figures::Type::Completed) {
        return MigrationcallsText::tr("Another job of the VM is running"); // libvirt would wait for its end
    }
    // A domain that is busy with something else keeps the call waiting for longer than anybody likes.
    const auto answer = std::make_shared<std::promise<Answer>>();
    auto waiting = answer->get_future();
    Lane lane(u"vireo-refusal"_s);
    lane.post([answer, handle = std::make_shared<DomainHandle>(std::move(*domain)), options] {
        Parameters parameters;
        addParameters(parameters, options, false);
        Answer result;
        result.moved = virDomainMigrateToURI3(handle->get(), options.destinationUri.toUtf8().constData(),
                           parameters.data(), static_cast<unsigned>(parameters.size()), flagsOf(options))
            == 0;
        if (!result.moved) {
            result.error = lastError(MigrationcallsText::tr("Can't ask whether the VM may be migrated"));
            result.text = QString::fromUtf8(virGetLastErrorMessage()).trimmed();
        }
        answer->set_value(std::move(result));
    });
    if (waiting.wait_for(refusalPatience) != std::future_status::ready) {
        return fail(Error{Error::Kind::TimedOut,
            MigrationcallsText::tr("The host does not say whether the VM may be migrated."), {}, 0, 0});
    }
    const Answer said = waiting.get();
    if (said.moved) {
        return fail(Error::failed(MigrationcallsText::tr("The host says that it migrated the VM to nowhere.")));
    }
    if (triedToLeave(said.text)) {
        return QString();
    }
    if (said.error.kind == Error::Kind::Disconnected || said.error.kind == Error::Kind::NotFound) {
        return fail(said.error);
    }
    if (cannotAsk(said.error)) {
        Error error = said.error;
        error.kind = Error::Kind::Unsupported;
        return fail(error);
    }
    return said.text;
}

Result<QString> migratableXml(Connection &connection, const QUuid &uuid, bool inactive)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const unsigned flags =
        VIR_DOMAIN_XML_MIGRATABLE | VIR_DOMAIN_XML_SECURE | (inactive ? unsigned{VIR_DOMAIN_XML_INACTIVE} : 0U);
    char *const text = virDomainGetXMLDesc(domain->get(), flags);
    if (!text) {
        return fail(lastError(MigrationcallsText::tr("Can't read the definition that the VM would be migrated with")));
    }
    return takeString(text);
}

Result<CpuComparison> compareCpu(Connection &destination, const QString &emulator, const QString &arch,
    const QString &machine, const QString &virtType, const QString &cpuXml)
{
    const std::vector<QByteArray> names = utf8({emulator, arch, machine, virtType});
    const int verdict = virConnectCompareHypervisorCPU(destination.d().handle, orNull(names[0]), orNull(names[1]),
        orNull(names[2]), orNull(names[3]), cpuXml.toUtf8().constData(), VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);
    switch (verdict) {
    case VIR_CPU_COMPARE_IDENTICAL:
        return CpuComparison{CpuComparison::Verdict::Identical, {}};
    case VIR_CPU_COMPARE_SUPERSET:
        return CpuComparison{CpuComparison::Verdict::Superset, {}};
    case VIR_CPU_COMPARE_INCOMPATIBLE:
        return CpuComparison{CpuComparison::Verdict::Incompatible, {}};
    default:
        break;
    }
    const Error error = lastError(MigrationcallsText::tr("Can't compare the VM's processor with the host's"));
    if (error.code == VIR_ERR_CPU_INCOMPATIBLE) {
        return CpuComparison{
            CpuComparison::Verdict::Incompatible, QString::fromUtf8(virGetLastErrorMessage()).trimmed()};
    }
    return fail(error);
}

Result<QString> baselineCpu(Connection &connection, const QString &emulator, const QString &arch,
    const QString &machine, const QString &virtType, const QStringList &cpuXmls)
{
    const std::vector<QByteArray> names = utf8({emulator, arch, machine, virtType});
    const std::vector<QByteArray> documents = utf8(cpuXmls);
    std::vector<const char *> texts;
    texts.reserve(documents.size());
    for (const QByteArray &document : documents) {
        texts.push_back(document.constData());
    }
    char *const model =
        virConnectBaselineHypervisorCPU(connection.d().handle, orNull(names[0]), orNull(names[1]), orNull(names[2]),
            orNull(names[3]), texts.data(), static_cast<unsigned>(texts.size()), VIR_CONNECT_BASELINE_CPU_MIGRATABLE);
    if (!model) {
        return fail(lastError(MigrationcallsText::tr("Can't find a processor model that runs on all of these hosts")));
    }
    return takeString(model);
}

} // namespace vireo::virt::migration
