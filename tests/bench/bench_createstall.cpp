// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The longest stall of the GUI's event loop while a VM is created on a private host, with its image's upload and
// without. Prints "figure, limit, ok or MISSED".

#include <QApplication>
#include <QTest>

#include "tests/bench/creation.h"
#include "tests/bench/program.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::gib;
using bench::mib;
using operation::CreateDraft;
using test::TestBed;

namespace {

void stallCase()
{
    TestBed bed;
    if (!bed.isUp()) {
        qFatal("%s", qPrintable(bed.errorText()));
    }
    bench::Program program;
    virt::HostSettings settings;
    settings.uri = bed.uri(u"A"_s);
    virt::Host *host = program.hosts.host(program.hosts.add(settings));
    host->connectToHost();
    while (program.hosts.connectedCount() < 1) {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    }
    const QString image = bench::makeImage(bed.directory() + u"/image.raw"_s, 2 * gib, 512 * mib);
    const auto connection = program.hosts.provider()(host->settings().id);
    CreateDraft draft;
    draft.host = settings.uri;
    draft.name = u"stall"_s;
    draft.path = image;
    draft.memoryMiB = 32;
    draft.virtType = CreateDraft::VirtType::Qemu;
    bench::StallMeter stall;
    for (const QString &what : {u"with its upload"_s, u"from a cached base"_s}) {
        // The facts are read in a worker thread by the wizard; here the meter waits for them.
        const auto facts = operation::readCreateFacts(**connection, host->settings().id, draft);
        if (!facts) {
            qFatal("%s", qPrintable(facts.error().message));
        }
        const job::Plan plan = operation::planCreate(draft, *facts);
        QTest::qWait(1000);
        stall.takeMs();
        bench::runJob(*program.jobs, plan);
        QTest::qWait(1000); // the new row, its details
        const double longest = stall.takeMs();
        bench::figure(u"longest stall of the GUI, creation "_s + what, longest, 50, u" ms"_s);
        draft.name += u"-2"_s;
    }
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("VIREO_BENCH_PLATFORM", u"offscreen"_s).toUtf8());
    const QApplication application(argc, argv);
    virt::quietLibvirt();
    const virt::EventLoop loop;
    stallCase();
    return 0;
}
