// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "coldmoves.h"

#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

QString ColdMoves::setUp()
{
    m_hosts = std::make_unique<MigrationHosts>();
    if (!m_hosts->problem().isEmpty()) {
        return m_hosts->problem();
    }
    m_hosts->jobs = m_hosts->makeJobs(registry());
    return {};
}

job::StepRegistry ColdMoves::registry() const
{
    job::StepRegistry steps;
    operation::StepOptions options;
    options.keptDirectory = m_kept.path();
    operation::registerSteps(steps, options);
    return steps;
}

bool ColdMoves::clear()
{
    for (const operation::KeptState &state : states()) {
        if (!kept().remove(state.id)) {
            return false;
        }
    }
    return m_hosts->clear();
}

// ---- the VM

QString ColdMoves::fileOf(const QString &format, Way way)
{
    return MigrationHosts::hostDirectory(poolOf(way)) + u"/vm-hda."_s + format;
}

bool ColdMoves::fill(const QString &host, const QString &path, const QString &format, const QStringList &orders)
{
    QStringList command{u"qemu-io"_s, u"-f"_s, format};
    for (const QString &order : orders) {
        command += {u"-c"_s, order};
    }
    const auto outcome = m_hosts->bed.exec(host, command + QStringList{path});
    return outcome.ok() || (qWarning("%s", qPrintable(outcome.errorText)), false);
}

bool ColdMoves::make(const QString &format, Way way)
{
    return m_hosts->make({.disks = {{.format = format, .mebibytes = mebibytes, .pool = poolOf(way)}}})
        && fill(m_a, fileOf(format, way), format,
            {u"write -P 7 1M 2M"_s, u"write -P 0 4M 1M"_s, u"write -P 9 20M 1M"_s, u"write -P 5 23M 1M"_s});
}

QByteArray ColdMoves::expected(bool grown)
{
    constexpr qsizetype mebibyte = 1024 * 1024;
    QByteArray content((grown ? grownMebibytes : mebibytes) * mebibyte, '\0');
    std::fill_n(content.data() + 1 * mebibyte, 2 * mebibyte, '\7');
    std::fill_n(content.data() + 20 * mebibyte, mebibyte, '\11');
    std::fill_n(content.data() + 23 * mebibyte, mebibyte, '\5');
    return content;
}

QString ColdMoves::amissAt(const QString &host, const QString &format, bool grown, bool running)
{
    for (const QString &each : {m_a, m_b}) {
        const QString known = m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, each).simplified();
        if (known != (each == host ? u"vm"_s : QString())) {
            return u"%1 knows \"%2\""_s.arg(each, known);
        }
    }
    if (const QString is = m_hosts->state(host); is != (running ? u"running"_s : u"shut off"_s)) {
        return u"it is %1 on %2"_s.arg(is, host);
    }
    const QString path = m_hosts->path(u"hda"_s, host);
    if (!m_hosts->xml(host, true).contains(u"type='%1'"_s.arg(format))) {
        return u"its disk is not recorded as %1: %2"_s.arg(format, m_hosts->xml(host, true));
    }
    return DiskModel::difference(m_hosts->content(path, format, {}, host), expected(grown), path);
}

// ---- plans

operation::ResizeDraft ColdMoves::draft() const
{
    operation::ResizeDraft draft;
    draft.to = m_hosts->uri(m_b);
    draft.confirm = operation::ResizeDraft::Confirm::Auto;
    draft.timeoutSeconds = 30;
    draft.force = true;
    return draft;
}

operation::ResizeDraft ColdMoves::resized() const
{
    operation::ResizeDraft wished = draft();
    wished.confirm = operation::ResizeDraft::Confirm::Ask;
    wished.vcpus = 2;
    wished.maxVcpus = 2;
    operation::ResizeDraft::Disk larger;
    larger.target = u"hda"_s;
    larger.capacity = quint64(grownMebibytes) << 20;
    wished.disks = {larger};
    return wished;
}

operation::MigrateFacts ColdMoves::facts(const operation::ResizeDraft &wished, Way way) const
{
    using Reach = operation::MigratePair::Reach;
    const auto a = m_hosts->connection(m_a);
    const auto b = m_hosts->connection(m_b);
    operation::MigrateFacts facts;
    facts.source = *operation::readMigrateSource(*a, m_hosts->uuid(), {});
    facts.destination = *operation::readMigrateDestination(*b, {});
    // Without the probe, which takes seconds, and which other tests look at.
    facts.pair = *operation::readMigratePair(
        a, b, facts.source, facts.destination, operation::migrateDraftOf(wished), false, {});
    facts.pair.reach.uri = m_hosts->peerUri(m_b);
    facts.pair.reach.state = way == Way::HostToHost ? Reach::State::Yes : Reach::State::NoDaemon;
    return facts;
}

job::Plan ColdMoves::move(const operation::ResizeDraft &wished, const operation::MigrateFacts &known) const
{
    const auto resize = operation::readResizeFacts(*m_hosts->connection(m_a), m_hosts->uuid(), kept(), {});
    return resize ? planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *resize, known, wished) : job::Plan();
}

Result<operation::ResizeEndFacts> ColdMoves::endFacts() const
{
    const auto state = kept().find(m_hosts->uuid());
    return state ? readResizeEndFacts(*state, m_hosts->connection(m_a), m_hosts->connection(m_b), m_hosts->id(m_a),
                       m_hosts->id(m_b), {})
                 : fail(state.error());
}

job::Plan ColdMoves::end(operation::ResizeEnd how, const operation::ResizeEndDraft &wished) const
{
    const auto known = endFacts();
    return known ? planResizeEnd(how, *known, wished) : job::Plan();
}

QString ColdMoves::blockers(const job::Plan &plan)
{
    QStringList result;
    for (const job::Finding &finding : plan.findings) {
        if (finding.severity == job::Finding::Severity::Blocker) {
            result.append(finding.text + u' ' + finding.cause);
        }
    }
    return result.join(u' ');
}

qsizetype ColdMoves::indexOf(const job::Plan &plan, const QString &type)
{
    const auto found = std::ranges::find(plan.steps, type, &job::Step::type);
    return found == plan.steps.cend() ? -1 : found - plan.steps.cbegin();
}

bool ColdMoves::isDone(const job::Plan &plan) const
{
    if (!MigrationHosts::canRun(plan)) {
        return false;
    }
    const job::JobRecord record = m_hosts->run(plan);
    if (record.state != job::JobState::Done) {
        qWarning("%s", MigrationHosts::text(record).constData());
    }
    return record.state == job::JobState::Done;
}

// ---- what is there

QStringList ColdMoves::aside() const
{
    return QDir(m_kept.filePath(u"aside"_s)).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
}

QString ColdMoves::world()
{
    QString text;
    for (const QString &host : {m_a, m_b}) {
        text += u"\n== "_s + host + m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, host) + m_hosts->state(host)
            + m_hosts->xml(host, true) + m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--tree"_s}, host)
            + m_hosts->virsh({u"dominfo"_s, u"vm"_s}, host).section(u"Autostart"_s, 1, 1).section(u'\n', 0, 0)
            + m_hosts->files(host).join(u'\n') + m_hosts->files(host, u"shared"_s).join(u'\n');
    }
    for (const operation::KeptState &state : states()) {
        text += u"\nkept "_s + state.id + u' ' + QString::number(int(state.ending));
    }
    return text;
}

} // namespace vireo::test
