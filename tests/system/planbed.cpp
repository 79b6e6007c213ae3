// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "planbed.h"

#include <algorithm>
#include <mutex>

#include <QDir>
#include <QTest>

#include "backend/job/journal.h"
#include "backend/operation/steps.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

constexpr int jobTimeoutMs = 120000;

} // namespace

/// Shared with the jobs' threads.
struct PlanBed::Connections {
    std::mutex mutex;
    QHash<virt::HostId, QString> uris;
    QHash<virt::HostId, virt::ConnectionPtr> open;

    Result<virt::ConnectionPtr> get(const virt::HostId &id)
    {
        const std::lock_guard lock(mutex);
        if (!uris.contains(id)) {
            return fail(Error::failed(u"no such host"_s));
        }
        virt::ConnectionPtr &found = open[id];
        if (!found || !found->isAlive()) {
            const auto opened = virt::Connection::open(uris.value(id), false, {});
            if (!opened) {
                return fail(opened.error());
            }
            found = *opened;
        }
        return found;
    }
};

PlanBed::PlanBed(const QStringList &hosts)
    : m_names(hosts)
    , m_open(std::make_shared<Connections>())
    , bed(hosts)
{
    virt::quietLibvirt();
    if (!bed.isUp()) {
        m_problem = bed.errorText();
        return;
    }
    for (const QString &host : hosts) {
        const virt::HostId hostId = QUuid::createUuid();
        m_ids.insert(host, hostId);
        m_open->uris.insert(hostId, uri(host));
        if (const auto opened = m_open->get(hostId); !opened) {
            m_problem = opened.error().message;
            return;
        }
    }
    job::StepRegistry registry;
    operation::registerSteps(registry);
    jobs = makeJobs(registry);
}

PlanBed::~PlanBed() = default;

bool PlanBed::fails(const QString &why)
{
    qWarning("%s", qPrintable(why));
    return false;
}

// ---- hosts

virt::ConnectionPtr PlanBed::connection(const QString &host) const
{
    return m_open->get(m_ids.value(host)).value_or(nullptr);
}

QString PlanBed::virsh(const QStringList &arguments, const QString &host)
{
    return bed.virsh(host, arguments).output;
}

QString PlanBed::mode(const QString &path)
{
    const auto permissions = QFile::permissions(path);
    const auto digit = [&](QFile::Permission read, QFile::Permission write, QFile::Permission run) {
        return (permissions & read ? 4 : 0) + (permissions & write ? 2 : 0) + (permissions & run ? 1 : 0);
    };
    return u"0%1%2%3"_s.arg(digit(QFile::ReadOwner, QFile::WriteOwner, QFile::ExeOwner))
        .arg(digit(QFile::ReadGroup, QFile::WriteGroup, QFile::ExeGroup))
        .arg(digit(QFile::ReadOther, QFile::WriteOther, QFile::ExeOther));
}

QByteArray PlanBed::content(const QString &image, const QString &format, const QString &internal, const QString &host)
{
    const QString raw = QDir(bed.directory()).filePath(u"content.raw"_s);
    QStringList command{u"qemu-img"_s, u"convert"_s, u"-U"_s, u"-f"_s, format, u"-O"_s, u"raw"_s};
    if (!internal.isEmpty()) {
        command += {u"-l"_s, u"snapshot.name="_s + internal};
    }
    const auto converted = bed.exec(host, command + QStringList{image, raw});
    QFile reader(raw);
    if (!converted.ok() || !reader.open(QIODevice::ReadOnly)) {
        fails(converted.errorText + reader.errorString());
        return {};
    }
    const QByteArray result = reader.readAll();
    reader.remove();
    return result;
}

bool PlanBed::makePool(const QString &host, const QString &name, const QString &directory)
{
    if (bed.virsh(host, {u"pool-info"_s, name}).ok()) {
        return true;
    }
    for (const QStringList &order : {QStringList{u"pool-define-as"_s, name, u"dir"_s, u"--target"_s, directory},
             QStringList{u"pool-start"_s, name}}) {
        if (const auto outcome = bed.virsh(host, order); !outcome.ok()) {
            return fails(outcome.errorText);
        }
    }
    return true;
}

// ---- plans

std::unique_ptr<job::JobManager> PlanBed::makeJobs(const job::StepRegistry &registry)
{
    job::JournalAccess journal;
    journal.journal = std::make_shared<job::Journal>(m_state.filePath(u"jobs"_s));
    journal.uriOf = [this](const virt::HostId &hostId) {
        return uri(m_ids.key(hostId));
    };
    journal.hostOf = [this](const QString &text) {
        const auto found = std::ranges::find_if(m_names, [&](const QString &host) { return uri(host) == text; });
        return found == m_names.end() ? virt::HostId() : m_ids.value(*found);
    };
    return std::make_unique<job::JobManager>(
        registry, [open = m_open](const virt::HostId &hostId) { return open->get(hostId); }, journal);
}

bool PlanBed::canRun(const job::Plan &plan)
{
    for (const job::Finding &finding : plan.findings) {
        if (finding.severity == job::Finding::Severity::Blocker) {
            qInfo("blocked: %s %s", qPrintable(finding.text), qPrintable(finding.cause));
        }
    }
    return !plan.steps.isEmpty() && !plan.isBlocked();
}

bool PlanBed::wait(const job::JobId &id)
{
    return QTest::qWaitFor([&] { return jobs->job(id) && jobs->job(id)->isFinished(); }, jobTimeoutMs);
}

job::JobRecord PlanBed::run(const job::Plan &plan)
{
    const job::JobId id = jobs->run(plan);
    return wait(id) ? *jobs->job(id) : job::JobRecord{};
}

QByteArray PlanBed::text(const job::JobRecord &record)
{
    return (record.error.message + u'\n' + record.remains.join(u'\n') + u'\n' + record.log.join(u'\n')).toUtf8();
}

} // namespace vireo::test
