// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include "backend/image/filesystem.h"
#include "backend/image/localfile.h"
#include "backend/image/qemuimg.h"
#include "backend/operation/create/create.h"
#include "backend/operation/kvmcheck.h"
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

// A kernel or a domain XML that is larger than this is something else.
constexpr quint64 maxKernelBytes = 2ULL * 1024 * 1024 * 1024;
constexpr qint64 maxXmlBytes = 16LL * 1024 * 1024;

/** QEMU's own prefix and three bytes by chance, as libvirt does. */
QString newMac()
{
    const quint32 number = QRandomGenerator::system()->generate();
    return u"52:54:00:%1:%2:%3"_s.arg(number & 0xff, 2, 16, QChar(u'0'))
        .arg(number >> 8 & 0xff, 2, 16, QChar(u'0'))
        .arg(number >> 16 & 0xff, 2, 16, QChar(u'0'));
}

/** Reads one draft's facts; the parts in the order in which the later ones need the earlier. */
class FactsReader final
{
    Q_DISABLE_COPY_MOVE(FactsReader)

public:
    FactsReader(virt::Connection &connection, const CreateDraft &draft, const os::OsCatalog *catalog,
        std::stop_token stop, const CreateProgress &progress)
        : m_connection(connection)
        , m_draft(draft)
        , m_catalog(catalog)
        , m_stop(std::move(stop))
        , m_progress(progress)
    {}

    Result<CreateFacts> read(const virt::HostId &host)
    {
        m_facts.host = host;
        giveIdentity(m_facts, m_draft);
        using Part = Result<> (FactsReader::*)();
        for (const Part part : {&FactsReader::readHost, &FactsReader::readDomains, &FactsReader::readNetworks,
                 &FactsReader::readStorage, &FactsReader::readSource, &FactsReader::readMachine}) {
            if (const Result<> outcome = (this->*part)(); !outcome) {
                return fail(outcome.error());
            }
            if (m_stop.stop_requested()) {
                return fail(Error::cancelled());
            }
        }
        return std::move(m_facts);
    }

private:
    Result<> readHost()
    {
        auto info = virt::hostcalls::info(m_connection);
        if (!info) {
            return fail(info.error());
        }
        m_facts.hostInfo = std::move(*info);
        return {};
    }

    Result<> readDomains()
    {
        const auto domains = virt::domains::list(m_connection);
        if (!domains) {
            return fail(domains.error());
        }
        const bool macsMatter = std::ranges::any_of(m_draft.nics, [](const auto &nic) { return !nic.mac.isEmpty(); });
        for (const virt::DomainRecord &domain : *domains) {
            m_facts.domainNames << domain.name;
            m_facts.domainUuids << domain.uuid;
            if (domain.isActive()) {
                m_facts.promisedMemoryKiB += domain.maxMemoryKiB;
                m_facts.promisedVcpus += domain.vcpus;
            }
            if (macsMatter) {
                readMacs(domain);
            }
        }
        return {};
    }

    void readMacs(const virt::DomainRecord &domain)
    {
        const auto text = virt::domains::xml(m_connection, domain.uuid, virt::domains::XmlKind::Inactive);
        if (!text) {
            return; // gone meanwhile
        }
        if (const auto document = xml::Document::parse(*text)) {
            const auto nics = document->root().child(u"devices"_s).children(u"interface"_s);
            for (const xml::Element &nic : nics) {
                m_facts.macs.insert(nic.child(u"mac"_s).attribute(u"address"_s).toLower(), domain.name);
            }
        }
    }

    Result<> readNetworks()
    {
        const auto networks = virt::hostcalls::networks(m_connection);
        if (networks) {
            m_facts.networks = *networks;
        } else if (networks.error().kind != Error::Kind::Unsupported) {
            return fail(networks.error());
        }
        return {};
    }

    Result<> readStorage()
    {
        // What libvirt remembers of a pool may be old, since others fill it and free it. Tried once only: a pool in
        // which another job works refuses, and a missing one is made later.
        std::stop_source once;
        once.request_stop();
        if (const auto fresh = virt::storage::refreshPool(m_connection, m_draft.pool, once.get_token()); !fresh) {
            qCDebug(log).noquote() << fresh.error().message;
        }
        auto pools = virt::storage::pools(m_connection);
        if (!pools) {
            return fail(pools.error());
        }
        m_facts.pools = std::move(*pools);
        if (const auto target = virt::storage::defaultPoolTarget(m_connection)) {
            m_facts.defaultPoolTarget = *target;
        }
        const auto pool = std::ranges::find(m_facts.pools, m_draft.pool, &virt::storage::Pool::name);
        if (pool != m_facts.pools.end() && pool->active) {
            auto volumes = virt::storage::volumes(m_connection, m_draft.pool);
            if (!volumes) {
                return fail(volumes.error());
            }
            m_facts.volumes = std::move(*volumes);
        }
        return readChosenVolumes();
    }

    Result<> readChosenVolumes()
    {
        const bool disks = std::ranges::any_of(
            m_draft.disks, [](const auto &disk) { return disk.kind == CreateDraft::DiskKind::Volume; });
        if (!m_draft.volume && !disks) {
            return {};
        }
        const auto uses = virt::storage::diskUses(m_connection);
        if (!uses) {
            return fail(uses.error());
        }
        if (m_draft.volume) {
            const auto volume = find(*m_draft.volume);
            if (!volume) {
                return fail(volume.error());
            }
            m_facts.sourceVolume = *volume;
            for (const auto &use : *uses) {
                if (*volume && use.path == (*volume)->path && !use.isBase
                    && !m_facts.sourceUsedBy.contains(use.domainName)) {
                    m_facts.sourceUsedBy << use.domainName;
                }
            }
        }
        for (const CreateDraft::Disk &disk : m_draft.disks) {
            if (disk.kind != CreateDraft::DiskKind::Volume) {
                continue;
            }
            const auto volume = find(disk.volume);
            if (!volume) {
                return fail(volume.error());
            }
            if (*volume) {
                addDiskVolume(**volume, *uses);
            }
        }
        return {};
    }

    Result<std::optional<virt::storage::Volume>> find(const CreateDraft::Volume &wanted)
    {
        auto volume = virt::storage::volume(m_connection, wanted.pool, wanted.name);
        if (volume) {
            return std::optional(std::move(*volume));
        }
        if (volume.error().kind == Error::Kind::NotFound) {
            return std::optional<virt::storage::Volume>();
        }
        return fail(volume.error());
    }

    void addDiskVolume(const virt::storage::Volume &volume, const QList<virt::storage::DiskUse> &uses)
    {
        DiskVolume found{volume, {}};
        for (const auto &use : uses) {
            if (use.path == volume.path) {
                found.usedBy << use.domainName;
            }
        }
        const auto siblings = virt::storage::volumes(m_connection, volume.pool);
        for (const auto &sibling : siblings.value_or(QList<virt::storage::Volume>())) {
            if (sibling.backingPath == volume.path) {
                found.usedBy << sibling.name;
            }
        }
        found.usedBy.removeDuplicates();
        m_facts.diskVolumes.insert(volume.pool + u'/' + volume.name, found);
    }

    Result<> readSource()
    {
        if (!m_draft.volume && (m_draft.source == Kind::Image || m_draft.source == Kind::Iso)) {
            readImage();
        }
        if (m_draft.source == Kind::Kernel) {
            for (const QString &path : {m_draft.kernel.kernel, m_draft.kernel.initrd, m_draft.kernel.dtb}) {
                readFile(path);
            }
        }
        if (m_draft.source == Kind::Xml) {
            readImport();
        }
        if (const image::QemuImg tool; tool.program().isEmpty()) {
            m_facts.missingTools.insert(
                u"qemu-img"_s, CreatefactsText::tr("qemu-img is not installed here: install qemu-utils or qemu-img."));
        }
        for (const CreateDraft::Disk &disk : m_draft.disks) {
            const QString name = disk.kind == CreateDraft::DiskKind::Swap ? u"swap"_s : disk.fs;
            const auto kind = image::filesystemByName(name);
            const QString missing = kind ? image::missingTool(*kind) : QString();
            if (!missing.isEmpty()) {
                m_facts.missingTools.insert(name, missing);
            }
        }
        return m_stop.stop_requested() ? fail(Error::cancelled()) : Result<>{};
    }

    Result<QString> digestOf(const QString &path)
    {
        return image::contentDigest(
            path,
            [this](quint64 done, quint64 total) {
                if (m_progress) {
                    m_progress(CreatefactsText::tr("Reading the image"), done, total);
                }
            },
            m_stop);
    }

    void readImage()
    {
        const auto verdict = image::inspect(m_draft.path);
        if (!verdict) {
            m_facts.imageProblem = verdict.error().message;
            return;
        }
        m_facts.image = *verdict;
        if (m_draft.adoptChain) {
            const auto chain = image::inspectChain(m_draft.path);
            if (!chain || !chain->isSafe()) {
                m_facts.imageProblem = chain ? QString() : chain.error().message;
                m_facts.chain = chain ? std::optional(*chain) : std::nullopt;
                return;
            }
            m_facts.chain = *chain;
        } else if (!verdict->isSafe()) {
            return;
        }
        // Only a base volume is named by its content.
        const bool base = m_draft.source == Kind::Image && !m_draft.fullCopy && !verdict->isInstallMedium();
        if (!base || m_facts.hostInfo.readOnly) {
            return;
        }
        QCryptographicHash all(QCryptographicHash::Blake2b_256);
        QStringList paths{m_draft.path};
        if (m_facts.chain) {
            paths.clear();
            for (const image::ChainMember &member : m_facts.chain->members) {
                paths << member.path;
            }
        }
        for (const QString &path : std::as_const(paths)) {
            const auto digest = digestOf(path);
            if (!digest) {
                m_facts.imageProblem = digest.error().message;
                return;
            }
            m_facts.imageDigest = *digest;
            all.addData(digest->toLatin1());
        }
        if (paths.size() > 1) {
            m_facts.imageDigest = QString::fromLatin1(all.result().toHex());
        }
    }

    void readFile(const QString &path)
    {
        if (path.isEmpty()) {
            return;
        }
        LocalContent content;
        content.path = path;
        const auto file = image::LocalFile::open(path);
        if (!file) {
            content.problem = file.error().message;
        } else if (file->size() == 0 || file->size() > maxKernelBytes) {
            content.problem = CreatefactsText::tr("“%1” can't be it: it has %2 bytes.").arg(path).arg(file->size());
        } else {
            content.fileSize = file->size();
            content.dataSize = file->allocated();
            content.modifiedNs = file->modifiedNs();
            const auto digest = digestOf(path);
            content.digest = digest ? *digest : QString();
            content.problem = digest ? QString() : digest.error().message;
        }
        m_facts.files.insert(path, content);
    }

    void readImport()
    {
        const auto file = image::LocalFile::open(m_draft.path);
        if (!file) {
            m_facts.importProblem = file.error().message;
            return;
        }
        if (file->size() > quint64(maxXmlBytes)) {
            m_facts.importProblem = CreatefactsText::tr("“%1” is too large to be a definition.").arg(m_draft.path);
            return;
        }
        m_facts.importedXml = QString::fromUtf8(file->read(0, static_cast<qsizetype>(file->size())));
        xml::ImportHost host;
        for (const virt::storage::Pool &pool : std::as_const(m_facts.pools)) {
            host.poolPaths << pool.targetPath;
        }
        const auto risks = xml::importRisks(m_facts.importedXml, host);
        if (risks) {
            m_facts.importRisks = *risks;
        } else {
            m_facts.importProblem = risks.error().message;
        }
    }

    /** By the draft, else by what the medium says. */
    void readSystem()
    {
        if (!m_catalog || m_draft.source == Kind::Xml) {
            return;
        }
        QString id = m_draft.os;
        if (id.isEmpty() && m_facts.image && m_facts.image->isInstallMedium()) {
            const auto detected = m_catalog->detectMedia(m_draft.path, m_stop);
            id = detected && *detected ? (*detected)->osShortId : QString();
            m_facts.osDetected = !id.isEmpty();
        }
        if (id.isEmpty() && m_facts.tree) {
            id = m_facts.tree->osShortId;
            m_facts.osDetected = !id.isEmpty();
        }
        if (id.isEmpty() || id == m_catalog->generic().shortId) {
            return;
        }
        if (const os::Os *system = m_catalog->find(id)) {
            m_facts.os = *system;
        } else if (!m_facts.osDetected) {
            m_facts.osProblem = m_catalog->problem().isEmpty()
                ? CreatefactsText::tr("The database of operating systems has no such entry.")
                : m_catalog->problem();
        }
    }

    void readTree()
    {
        if (m_draft.source != Kind::Tree) {
            return;
        }
        const auto tree = os::findInstallTree(m_draft.path, m_facts.caps.arch, m_catalog, m_stop);
        if (tree) {
            m_facts.tree = *tree;
        } else {
            m_facts.treeProblem = tree.error().message;
        }
    }

    /** The board that a new VM gets, as libvirt's alias; empty: the emulator's own default. */
    QString preferredMachine() const
    {
        const QString &arch = m_facts.caps.arch;
        if (!m_draft.machine.isEmpty()) {
            return m_draft.machine;
        }
        if (arch == "x86_64"_L1 || arch == "i686"_L1) {
            return m_facts.os && !m_facts.os->needs.q35 ? u"pc"_s : u"q35"_s;
        }
        if (arch == "aarch64"_L1 || arch == "armv7l"_L1 || arch == "riscv64"_L1) {
            return u"virt"_s;
        }
        return {};
    }

    bool readCapabilities(const QString &virtType, const QString &arch)
    {
        const QString machine = preferredMachine();
        auto text = virt::hostcalls::domainCapabilities(m_connection, arch, machine, virtType);
        if (!text && m_draft.machine.isEmpty()) { // that board is not offered: the emulator's own default
            text = virt::hostcalls::domainCapabilities(m_connection, arch, {}, virtType);
        }
        m_facts.machineProblem = text || m_draft.machine.isEmpty() ? QString() : text.error().message;
        if (!text) {
            return false;
        }
        auto caps = xml::readDomainCapabilities(*text);
        if (!caps || caps->virtType != virtType) {
            return false;
        }
        m_facts.caps = std::move(*caps);
        return true;
    }

    Result<> readMachine()
    {
        m_facts.caps.arch = m_facts.hostInfo.arch;
        readTree();
        readSystem();
        const QString arch = m_facts.hostInfo.arch;
        const bool offered = readCapabilities(u"kvm"_s, arch);
        const auto uri = virt::ConnectionUri::parse(m_connection.uri());
        KvmVerdict kvm{offered, {}, {}};
        if (uri) {
            kvm = judgeKvm(readKvmFacts(*uri, offered, false));
        }
        m_facts.kvm = kvm.usable;
        m_facts.kvmProblem = kvm.problem;
        m_facts.kvmAdvice = kvm.fix;
        if (m_facts.usesKvm(m_draft)) {
            return {};
        }
        if (!readCapabilities(u"qemu"_s, arch)) {
            readGuestArch();
        }
        return {};
    }

    /** For drivers without domain capabilities: the first hvm guest of the plain capabilities. */
    void readGuestArch()
    {
        const auto text = virt::hostcalls::capabilities(m_connection);
        const auto document = text ? xml::Document::parse(*text) : Result<xml::Document>(fail(text.error()));
        if (!document) {
            return;
        }
        const auto guests = document->root().children(u"guest"_s);
        for (const xml::Element &guest : guests) {
            if (guest.child(u"os_type"_s).text() == "hvm"_L1) {
                m_facts.caps.arch = guest.child(u"arch"_s).attribute(u"name"_s);
                return;
            }
        }
    }

    virt::Connection &m_connection;
    const CreateDraft &m_draft;
    const os::OsCatalog *m_catalog;
    const std::stop_token m_stop;
    const CreateProgress &m_progress;
    CreateFacts m_facts;
};

} // namespace

Result<CreateFacts> readCreateFacts(virt::Connection &connection, const virt::HostId &host, const CreateDraft &draft,
    const os::OsCatalog *catalog, std::stop_token stop, const CreateProgress &progress)
{
    return FactsReader(connection, draft, catalog, std::move(stop), progress).read(host);
}

void giveIdentity(CreateFacts &facts, const CreateDraft &draft)
{
    facts.instanceId = u"iid-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
    facts.newMacs.clear();
    for (qsizetype i = 0; draft.seed && i < draft.nics.size(); ++i) {
        facts.newMacs << newMac();
    }
}

} // namespace vireo::operation
