// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A domain with 500 snapshots, by libvirt's test driver: from the click to the painted tree, beside what libvirt takes
// to list them with their XML; the event loop's longest busy stretch; and a refresh that finds nothing new.

#include <cstdio>

#include <libvirt/libvirt.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QTextStream>

#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"
#include "tests/bench/program.h"
#include "ui/snapshotspage.h"
#include "ui/snapshottreeview.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::Program;
using bench::StallMeter;

namespace {

constexpr int Count = 500;
constexpr auto Uuid = "11111111-1111-1111-1111-111111111111";

/** One chain with a branch at every tenth. */
void writeNode(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        qFatal("can't write %s", qPrintable(path));
    }
    QTextStream xml(&file);
    const QString body = u"<name>web01</name><uuid>%1</uuid><memory>524288</memory><os><type>hvm</type></os>"
                         "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                         "<source file='/images/web01.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>"_s.arg(
                             QLatin1StringView(Uuid));
    xml << "<node><domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>" << body;
    QString last;
    for (int i = 0; i < Count; ++i) {
        xml << "<test:domainsnapshot><name>s" << i << "</name>";
        if (!last.isEmpty()) {
            xml << "<parent><name>" << last << "</name></parent>";
        }
        xml << "<creationTime>" << 1'600'000'000 + i * 3600
            << "</creationTime><state>shutoff</state><domain type='test'>" << body << "</domain><active>"
            << (i == Count - 1 ? 1 : 0) << "</active></test:domainsnapshot>";
        last = i % 10 == 9 ? last : u"s%1"_s.arg(i);
    }
    xml << "</domain></node>";
}

/** What nobody can beat. Milliseconds. */
double bareListMs(const QString &uri)
{
    virConnectPtr connection = virConnectOpen(uri.toUtf8().constData());
    if (!connection) {
        qFatal("can't open %s", qPrintable(uri));
    }
    virDomainPtr domain = virDomainLookupByUUIDString(connection, Uuid);
    double best = 1e9;
    for (int run = 0; run < 3; ++run) {
        QElapsedTimer clock;
        clock.start();
        virDomainSnapshotPtr *snapshots = nullptr;
        const int count = virDomainListAllSnapshots(domain, &snapshots, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
        if (count != Count) {
            qFatal("%d snapshots", count);
        }
        for (int i = 0; i < count; ++i) {
            free(virDomainSnapshotGetXMLDesc(snapshots[i], 0));
            virDomainSnapshotFree(snapshots[i]);
        }
        free(snapshots);
        best = std::min(best, static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    virDomainFree(domain);
    virConnectClose(connection);
    return best;
}

} // namespace

int main(int argc, char **argv)
{
    const QApplication app(argc, argv);
    virt::quietLibvirt();
    const virt::EventLoop loop;
    const QTemporaryDir directory;
    const QString path = directory.filePath(u"node.xml"_s);
    writeNode(path);
    const QString uri = u"test://"_s + path;
    const double bare = bareListMs(uri);

    Program program;
    virt::HostSettings settings;
    settings.uri = uri;
    const virt::HostId host = program.hosts.add(settings);
    program.hosts.host(host)->connectToHost();
    if (!QTest::qWaitFor([&] { return program.inventory.count(host) == 1; }, 30'000)) {
        qFatal("no domain");
    }
    program.window->showDomain({host, QUuid::fromString(QLatin1StringView(Uuid))}, ui::VmPage::Page::Overview);
    QTest::qWait(300);

    auto *page = program.window->findChild<ui::SnapshotsPage *>();
    StallMeter stall;
    stall.takeMs();
    QElapsedTimer clock;
    clock.start();
    program.window->showDomain({host, QUuid::fromString(QLatin1StringView(Uuid))}, ui::VmPage::Page::Snapshots);
    while (page->model().snapshotCount() < Count) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 2);
        if (clock.elapsed() > 60'000) {
            qFatal("the tree stays empty");
        }
    }
    page->tree()->viewport()->repaint();
    const double shown = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    const double busy = stall.busyMs();
    if (!QTest::qWaitFor([&] { return page->isUpToDate(); }, 60'000)) {
        qFatal("it is never up to date");
    }
    stall.takeMs();
    clock.restart();
    page->refresh();
    if (!QTest::qWaitFor([&] { return page->isUpToDate(); }, 60'000)) {
        qFatal("it is never up to date");
    }
    const double again = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    const double busyAgain = stall.busyMs();

    std::printf("%-34s %8.1f ms\n", "listed by libvirt", bare);
    std::printf("%-34s %8.1f ms   %+.1f ms over libvirt (limit 300)\n", "click to painted tree", shown, shown - bare);
    std::printf("%-34s %8.1f ms\n", "longest busy stretch of the GUI", busy);
    std::printf("%-34s %8.1f ms   GUI busy %.1f ms at most\n", "refresh without news", again, busyAgain);
    program.window.reset();
    return 0;
}
