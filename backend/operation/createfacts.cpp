// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QLoggingCategory>

#include "backend/image/localfile.h"
#include "backend/operation/create.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.operation.create", QtWarningMsg)

using Kind = CreateDraft::SourceKind;

struct CreatefactsText {
    Q_DECLARE_TR_FUNCTIONS(operation_readCreateFacts)
};

QStringList enumValues(const xml::Element &device, const QString &name)
{
    QStringList values;
    const auto enums = device.children(u"enum"_s);
    for (const xml::Element &element : enums) {
        if (element.attribute(u"name"_s) != name) {
            continue;
        }
        const auto entries = element.children(u"value"_s);
        for (const xml::Element &entry : entries) {
            values << entry.text();
        }
    }
    return values;
}

/** The board that a new VM gets on that architecture, as libvirt's alias. */
QString preferredMachine(const QString &arch)
{
    if (arch == "x86_64"_L1 || arch == "i686"_L1) {
        return u"q35"_s;
    }
    if (arch == "aarch64"_L1 || arch == "armv7l"_L1 || arch == "riscv64"_L1) {
        return u"virt"_s;
    }
    return {};
}

/** What virConnectGetDomainCapabilities says for one virtualization type. False: the host does not offer it. */
bool readDomainCapabilities(virt::Connection &connection, const QString &virtType, CreateFacts &facts)
{
    auto text = virt::hostcalls::domainCapabilities(connection, facts.arch, preferredMachine(facts.arch), virtType);
    if (!text) { // that board is not offered: the emulator's own default
        text = virt::hostcalls::domainCapabilities(connection, facts.arch, {}, virtType);
    }
    if (!text) {
        return false;
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return false;
    }
    const xml::Element root = document->root();
    if (root.child(u"domain"_s).text() != virtType) {
        return false;
    }
    facts.emulator = root.child(u"path"_s).text();
    facts.machine = root.child(u"machine"_s).text();
    facts.arch = root.child(u"arch"_s).text();
    const xml::Element devices = root.child(u"devices"_s);
    facts.diskBuses = enumValues(devices.child(u"disk"_s), u"bus"_s);
    facts.videoModels = enumValues(devices.child(u"video"_s), u"modelType"_s);
    const QStringList graphics = enumValues(devices.child(u"graphics"_s), u"type"_s);
    facts.spice = graphics.contains("spice"_L1);
    facts.vnc = graphics.isEmpty() || graphics.contains("vnc"_L1);
    return true;
}

/** Whether KVM is there and boots ordinary kernels; leaves the reason in kvmProblem. */
bool kvmUsable(virt::Connection &connection, CreateFacts &facts)
{
    const auto uri = virt::ConnectionUri::parse(connection.uri());
    if (uri && uri->isLocal() && QFileInfo::exists(u"/sys/module/kvm_pvm"_s)) {
        facts.kvmProblem = CreatefactsText::tr(
            "The host's KVM is paravirtual (kvm_pvm) and boots no stock kernel, so emulation is used.");
        return false;
    }
    if (!readDomainCapabilities(connection, u"kvm"_s, facts)) {
        facts.kvmProblem = CreatefactsText::tr("The host does not offer KVM for this user.");
        return false;
    }
    return true;
}

/** For drivers without domain capabilities: the first hvm guest of the plain capabilities. */
void readCapabilities(virt::Connection &connection, CreateFacts &facts)
{
    const auto text = virt::hostcalls::capabilities(connection);
    if (!text) {
        return;
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return;
    }
    const auto guests = document->root().children(u"guest"_s);
    for (const xml::Element &guest : guests) {
        if (guest.child(u"os_type"_s).text() == "hvm"_L1) {
            facts.arch = guest.child(u"arch"_s).attribute(u"name"_s);
            return;
        }
    }
}

void readImage(const CreateDraft &draft, CreateFacts &facts)
{
    const auto verdict = image::inspect(draft.path);
    if (!verdict) {
        facts.imageProblem = verdict.error().message;
        return;
    }
    facts.image = *verdict;
    // Only a base volume is named by its content.
    const bool base =
        draft.source == Kind::Image && !draft.fullCopy && verdict->isSafe() && !verdict->isInstallMedium();
    if (!base || facts.hostInfo.readOnly) {
        return;
    }
    const auto digest = image::contentDigest(draft.path);
    if (digest) {
        facts.imageDigest = *digest;
    } else {
        facts.imageProblem = digest.error().message;
    }
}

Result<> readStorage(virt::Connection &connection, const CreateDraft &draft, CreateFacts &facts)
{
    // What libvirt remembers of a pool may be old, since others fill it and free it. Tried once only: a pool in which
    // another job works refuses, and a missing one is made later.
    std::stop_source once;
    once.request_stop();
    if (const auto fresh = virt::storage::refreshPool(connection, draft.pool, once.get_token()); !fresh) {
        qCDebug(log).noquote() << fresh.error().message;
    }
    auto pools = virt::storage::pools(connection);
    if (!pools) {
        return fail(pools.error());
    }
    facts.pools = std::move(*pools);
    if (const auto target = virt::storage::defaultPoolTarget(connection)) {
        facts.defaultPoolTarget = *target;
    }
    const auto pool = std::ranges::find(facts.pools, draft.pool, &virt::storage::Pool::name);
    if (pool != facts.pools.end() && pool->active) {
        auto volumes = virt::storage::volumes(connection, draft.pool);
        if (!volumes) {
            return fail(volumes.error());
        }
        facts.volumes = std::move(*volumes);
    }
    if (!draft.volume) {
        return {};
    }
    const auto volume = virt::storage::volume(connection, draft.volume->pool, draft.volume->name);
    if (!volume && volume.error().kind != Error::Kind::NotFound) {
        return fail(volume.error());
    }
    if (!volume) {
        return {};
    }
    facts.sourceVolume = *volume;
    const auto uses = virt::storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    for (const auto &use : *uses) {
        if (use.path == volume->path && !use.isBase && !facts.sourceUsedBy.contains(use.domainName)) {
            facts.sourceUsedBy << use.domainName;
        }
    }
    return {};
}

} // namespace

Result<CreateFacts> readCreateFacts(virt::Connection &connection, const virt::HostId &host, const CreateDraft &draft)
{
    CreateFacts facts;
    facts.host = host;
    auto info = virt::hostcalls::info(connection);
    if (!info) {
        return fail(info.error());
    }
    facts.hostInfo = std::move(*info);
    const auto domains = virt::domains::list(connection);
    if (!domains) {
        return fail(domains.error());
    }
    for (const virt::DomainRecord &domain : *domains) {
        facts.domainNames << domain.name;
        if (domain.isActive()) {
            facts.promisedMemoryKiB += domain.maxMemoryKiB;
        }
    }
    if (const Result<> storage = readStorage(connection, draft, facts); !storage) {
        return fail(storage.error());
    }
    const auto networks = virt::hostcalls::networks(connection);
    if (networks) {
        facts.networks = *networks;
    } else if (networks.error().kind != Error::Kind::Unsupported) {
        return fail(networks.error());
    }

    facts.arch = facts.hostInfo.arch;
    facts.kvm = kvmUsable(connection, facts);
    if (!facts.kvm && !readDomainCapabilities(connection, u"qemu"_s, facts)) {
        readCapabilities(connection, facts);
    }
    if (!draft.volume && (draft.source == Kind::Image || draft.source == Kind::Iso)) {
        readImage(draft, facts);
    }
    return facts;
}

} // namespace vireo::operation
