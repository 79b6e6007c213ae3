// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What creation costs beside the bare libvirt calls, on a private host, in one run:
//   bench_create [cached|upload …]   (both without arguments)
// cached: overlay, define and start on a base that is there, bases of 1 GiB and of 20 GiB. upload: the first upload of
// a sparse image against `virsh vol-upload --sparse`. stall: the GUI event loop while both happen. Medians of rounds
// that take turns. Prints "figure, limit, ok or MISSED".

#include <algorithm>
#include <unistd.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QFileInfo>

#include "tests/bench/creation.h"
#include "tests/bench/figures.h"
#include "tests/system/createhost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::figure;
using bench::gib;
using bench::makeImage;
using bench::median;
using bench::mib;
using bench::out;
using bench::runJob;
using operation::CreateDraft;
using test::CreateHost;

namespace {

constexpr int cachedRounds = 11;
constexpr int uploadRounds = 5;

QString ms(double value)
{
    return QString::number(value, 'f', 0) + u" ms"_s;
}

double elapsed(const QElapsedTimer &clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

QString parameter(const job::Plan &plan, QLatin1StringView type, QLatin1StringView key)
{
    QString found;
    for (const job::Step &step : plan.steps) {
        if (step.type == type) {
            found = step.parameters.value(key).toString();
        }
    }
    return found;
}

/** The same by bare libvirt, with the same XML, on a connection that is open. Milliseconds. */
double bareCreateMs(virConnectPtr connection, const QByteArray &volumeXml, const QByteArray &domainXml)
{
    QElapsedTimer clock;
    clock.start();
    virStoragePoolPtr pool = virStoragePoolLookupByName(connection, "default");
    virStorageVolPtr volume = pool ? virStorageVolCreateXML(pool, volumeXml.constData(), 0) : nullptr;
    virDomainPtr domain = volume ? virDomainDefineXML(connection, domainXml.constData()) : nullptr;
    if (!domain || virDomainCreate(domain) != 0) {
        qFatal("bare creation: %s", virGetLastErrorMessage());
    }
    int state = 0;
    if (virDomainGetState(domain, &state, nullptr, 0) != 0 || state != VIR_DOMAIN_RUNNING) {
        qFatal("bare creation: not running");
    }
    const double took = elapsed(clock);
    virDomainFree(domain);
    virStorageVolFree(volume);
    virStoragePoolFree(pool);
    return took;
}

void removeDomain(CreateHost &host, const QString &name)
{
    host.virsh({u"destroy"_s, name});
    host.virsh({u"undefine"_s, name});
    host.virsh({u"vol-delete"_s, name + u".qcow2"_s, u"--pool"_s, u"default"_s});
}

void cachedCase()
{
    CreateHost host;
    if (!host.problem().isEmpty()) {
        qFatal("%s", qPrintable(host.problem()));
    }
    virConnectPtr bare = virConnectOpen(host.uri().toUtf8().constData());
    const auto draftOf = [&](const QString &image) {
        CreateDraft draft = host.draft(u"vm"_s, image);
        return draft;
    };
    const CreateDraft small = draftOf(makeImage(host.bed.directory() + u"/small.raw"_s, gib, 64 * mib));
    const CreateDraft large = draftOf(makeImage(host.bed.directory() + u"/large.raw"_s, 20 * gib, 64 * mib));
    for (const CreateDraft &draft : {small, large}) { // the first ones upload
        runJob(*host.jobs, host.plan(draft));
        removeDomain(host, u"vm"_s);
    }
    QElapsedTimer clock;
    clock.start();
    const job::Plan smallPlan = host.plan(small);
    const double smallFacts = elapsed(clock);
    clock.restart();
    const job::Plan largePlan = host.plan(large);
    const double largeFacts = elapsed(clock);
    if (smallPlan.bytes() != 0 || largePlan.bytes() != 0) {
        qFatal("the bases are not used again");
    }
    const QByteArray volumeXml = parameter(smallPlan, "volume.create"_L1, "xml"_L1).toUtf8();
    const QByteArray domainXml = parameter(smallPlan, "domain.define"_L1, "xml"_L1).toUtf8();
    QList<double> bareMs;
    QList<double> smallMs;
    QList<double> largeMs;
    QHash<QString, QList<double>> stepMs;
    for (int round = 0; round < cachedRounds; ++round) {
        for (int turn = 0; turn < 3; ++turn) {
            const int which = (round + turn) % 3;
            clock.restart();
            if (which == 0) {
                bareMs << bareCreateMs(bare, volumeXml, domainXml);
            } else {
                const job::JobRecord record = runJob(*host.jobs, which == 1 ? smallPlan : largePlan);
                (which == 1 ? smallMs : largeMs) << elapsed(clock);
                for (qsizetype i = 0; i < record.steps.size(); ++i) {
                    const auto &step = record.steps.at(i);
                    stepMs[record.plan.steps.at(i).type] << static_cast<double>(step.started.msecsTo(step.finished));
                }
            }
            removeDomain(host, u"vm"_s);
        }
    }
    virConnectClose(bare);
    out() << "creation from a cached base: bare libvirt " << ms(median(bareMs)) << ", Vireo " << ms(median(smallMs))
          << " (1 GiB), " << ms(median(largeMs)) << " (20 GiB); looking at host and image before: " << ms(smallFacts)
          << " and " << ms(largeFacts) << "\n  steps:";
    for (const job::Step &step : smallPlan.steps) {
        out() << ' ' << step.type << ' ' << ms(median(stepMs.value(step.type)));
    }
    out() << '\n';
    figure(u"against bare libvirt"_s, median(smallMs) / median(bareMs), 1.2, {});
    figure(u"20 GiB against 1 GiB"_s, median(largeMs) / median(smallMs), 1.1, {});
}

quint64 allocatedKiB(CreateHost &host, const QString &path)
{
    return host.look({u"du"_s, u"-k"_s, path}).section(u'\t', 0, 0).toULongLong();
}

void uploadCase()
{
    CreateHost host;
    if (!host.problem().isEmpty()) {
        qFatal("%s", qPrintable(host.problem()));
    }
    const QString image = makeImage(host.bed.directory() + u"/image.raw"_s, 2 * gib, 512 * mib);
    job::Plan plan = host.plan(host.draft(u"up"_s, image));
    const QString base = parameter(plan, "volume.upload"_L1, "volume"_L1);
    // Only what brings the image to the host, after the pool is there.
    job::Plan pool = plan;
    pool.steps.removeIf([](const job::Step &step) { return step.type != "pool.ensure"_L1; });
    runJob(*host.jobs, pool);
    plan.steps.removeIf([&base](const job::Step &step) {
        return step.object != base || (step.type != "volume.create"_L1 && step.type != "volume.upload"_L1);
    });
    QList<double> ours;
    QList<double> virsh;
    quint64 allocated = 0;
    const quint64 source = allocatedKiB(host, image);
    QElapsedTimer clock;
    for (int round = 0; round < uploadRounds; ++round) {
        for (int turn = 0; turn < 2; ++turn) {
            sync(); // neither pays for what the other left to be written
            if ((round + turn) % 2 == 0) {
                clock.restart();
                runJob(*host.jobs, plan);
                ours << elapsed(clock);
                allocated = allocatedKiB(host, host.poolDirectory() + u'/' + base);
            } else {
                clock.restart();
                const auto made = host.bed.virsh(u"A"_s,
                    {u"vol-create-as"_s, u"default"_s, base, u"2147483648"_s, u"--allocation"_s, u"0"_s, u"--format"_s,
                        u"raw"_s});
                const auto sent = host.bed.virsh(
                    u"A"_s, {u"vol-upload"_s, base, image, u"--pool"_s, u"default"_s, u"--sparse"_s}, 600000);
                virsh << elapsed(clock);
                if (!made.ok() || !sent.ok()) {
                    qFatal("virsh: %s%s", qPrintable(made.errorText), qPrintable(sent.errorText));
                }
            }
            host.virsh({u"vol-delete"_s, base, u"--pool"_s, u"default"_s});
        }
    }
    out() << "first upload, 512 MiB of data in 2 GiB: virsh " << ms(median(virsh)) << ", Vireo " << ms(median(ours))
          << '\n';
    figure(u"against virsh vol-upload --sparse"_s, median(ours) / median(virsh), 1.1, {});
    figure(u"room taken on the host against the file's own"_s,
        static_cast<double>(allocated) / static_cast<double>(source), 1.02, {});
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    virt::quietLibvirt();
    const QStringList wanted = QCoreApplication::arguments().mid(1);
    const auto is = [&wanted](const char *name) {
        return wanted.isEmpty() || wanted.contains(QLatin1StringView(name));
    };
    if (is("cached")) {
        cachedCase();
    }
    if (is("upload")) {
        uploadCase();
    }
    return 0;
}
