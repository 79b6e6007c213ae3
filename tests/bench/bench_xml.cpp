// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <functional>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>

#include "backend/xml/hostcheck.h"
#include "backend/xml/schema.h"

using namespace Qt::StringLiterals;
using namespace vireo::xml;

namespace {

#if LIBXML_VERSION >= 21200
using XmlError = const xmlError *;
#else
using XmlError = xmlError *;
#endif

void ignoreError(void * /*data*/, XmlError /*error*/) {}

/** A domain with so many lines: disks and network cards of all usual kinds. */
QString domainOf(int lines)
{
    QString text = u"<domain type='kvm'>\n  <name>large</name>\n  <memory unit='GiB'>64</memory>\n  <vcpu>16</vcpu>\n"
                   "  <os>\n    <type arch='x86_64' machine='q35'>hvm</type>\n  </os>\n"
                   "  <features>\n    <acpi/>\n    <apic/>\n  </features>\n  <devices>\n"_s;
    for (int i = 0; text.count(u'\n') < lines - 14; ++i) {
        text += u"    <disk type='file' device='disk'>\n"
                "      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/>\n"
                "      <source file='/var/lib/libvirt/images/disk-%1.qcow2'/>\n"
                "      <target dev='sd%1' bus='scsi'/>\n"
                "      <address type='drive' controller='%2' bus='0' target='0' unit='%3'/>\n"
                "    </disk>\n"
                "    <interface type='network'>\n"
                "      <mac address='52:54:00:00:%4:%5'/>\n"
                "      <source network='default'/>\n"
                "      <model type='virtio'/>\n"
                "    </interface>\n"_s.arg(i)
                    .arg(i / 8 % 100)
                    .arg(i % 8)
                    .arg(i / 256, 2, 16, QChar(u'0'))
                    .arg(i % 256, 2, 16, QChar(u'0'));
    }
    return text + u"    <memballoon model='virtio'/>\n  </devices>\n</domain>\n"_s;
}

struct Times {
    double median = 0;
    double worst = 0;
};

Times measure(int rounds, const std::function<void()> &what)
{
    what(); // warm-up
    QList<double> all;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer clock;
        clock.start();
        what();
        all.append(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::ranges::sort(all);
    return {all[all.size() / 2], all.last()};
}

void print(const char *name, const Times &times, const char *bound = "")
{
    std::printf("%-58s %8.2f ms   worst %8.2f ms   %s\n", name, times.median, times.worst, bound);
}

void require(bool holds, const char *what)
{
    if (!holds) {
        qFatal("not measured: %s", what);
    }
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    QElapsedTimer clock;
    clock.start();
    const auto loaded = Schema::load(DocumentKind::Domain);
    require(loaded.has_value(), "libvirt's schemas are not installed");
    const Schema &schema = **loaded;
    std::printf("%-58s %8.2f ms\n", "load domain.rng, once", static_cast<double>(clock.nsecsElapsed()) / 1e6);

    const QString text = domainOf(5000);
    const auto tree = SyntaxTree::parse(text);
    std::printf("%lld lines, %lld characters\n", static_cast<long long>(text.count(u'\n')),
        static_cast<long long>(text.size()));

    QString file;
    for (const QString &directory : Schema::directories()) {
        file = file.isEmpty() && QFile::exists(directory + u"/domain.rng"_s) ? directory + u"/domain.rng"_s : file;
    }
    xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(QFile::encodeName(file).constData());
    xmlRelaxNGSetParserStructuredErrors(parser, ignoreError, nullptr);
    xmlRelaxNG *theirs = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);

    int verdict = 0;
    const Times libxml = measure(21, [&] {
        const QByteArray utf8 = text.toUtf8();
        xmlDoc *document =
            xmlReadMemory(utf8.constData(), static_cast<int>(utf8.size()), nullptr, "UTF-8", XML_PARSE_NONET);
        xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(theirs);
        xmlRelaxNGSetValidStructuredErrors(context, ignoreError, nullptr);
        verdict = xmlRelaxNGValidateDoc(context, document);
        xmlRelaxNGFreeValidCtxt(context);
        xmlFreeDoc(document);
    });
    require(verdict == 0, "libxml2 takes the document for invalid");
    xmlRelaxNGFree(theirs);
    print("libxml2: parse and validate", libxml);

    print("SyntaxTree::parse", measure(21, [&] { SyntaxTree::parse(text); }));
    const Times ours = measure(21, [&] { require(schema.check(text).isEmpty(), "the document is invalid"); });
    print("Schema::check, valid", ours, "bound 50 ms");
    std::printf("%-58s %8.2f x   bound 1.2 x\n", "  of libxml2's", ours.median / libxml.median);

    QString broken = text;
    broken.replace(u"bus='scsi'"_s, u"bus='scsy'"_s);
    broken.replace(u"<model type='virtio'/>"_s, u"<modell type='virtio'/>"_s);
    print("Schema::check, invalid, 200 explanations",
        measure(11, [&] { require(schema.check(broken).size() == 200, "other explanations"); }));
    QString one = text;
    one.insert(one.lastIndexOf(u"<memballoon"), u"<memory/>");
    print("Schema::check, invalid at its end",
        measure(11, [&] { require(schema.check(one).size() == 1, "another explanation"); }));

    QString typing = text;
    const qsizetype middle = typing.indexOf(u"    <interface", typing.size() / 2);
    typing.insert(middle, u"    <"_s);
    const auto typed = SyntaxTree::parse(typing);
    print("Schema::complete, elements in the middle of <devices>",
        measure(21, [&] { require(schema.complete(typed, middle + 5).items.size() > 20, "no list"); }), "bound 10 ms");
    const qsizetype bus = text.indexOf(u"bus='scsi'", text.size() - 2000) + 5;
    print("Schema::complete, values near the end",
        measure(21, [&] { require(!schema.complete(tree, bus).items.isEmpty(), "no list"); }), "bound 10 ms");
    print("Schema::hover", measure(21, [&] { require(schema.hover(tree, bus).has_value(), "nothing"); }));
    HostVocabulary host;
    host.networks = {u"default"_s};
    print("checkAgainstHost", measure(21, [&] { require(checkAgainstHost(tree, host).isEmpty(), "warnings"); }));
    return 0;
}
