// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QDate>

#include "backend/base/sizetext.h"
#include "backend/operation/create/createdevices.h"
#include "backend/operation/create/createsteps.h"
#include "backend/operation/lifecycle.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Finding;
using Kind = CreateDraft::SourceKind;
using Severity = Finding::Severity;

struct FindingsText {
    Q_DECLARE_TR_FUNCTIONS(operation_createFindings)
};

class Findings final
{
    Q_DISABLE_COPY_MOVE(Findings)

public:
    Findings(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
        : m_draft(draft)
        , m_facts(facts)
        , m_layout(layout)
        , m_choices(draft, facts)
    {}

    QList<Finding> collect()
    {
        checkHost();
        checkName();
        if (m_draft.source == Kind::Xml) {
            checkImport();
            return std::move(m_findings);
        }
        checkSystem();
        checkMemory();
        checkVcpus();
        checkCpu();
        checkFirmware();
        checkGraphics();
        checkBuses();
        checkNetworks();
        checkCustomXml();
        return std::move(m_findings);
    }

private:
    void find(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause, const QString &fix)
    {
        find(Severity::Blocker, text, cause, fix);
    }

    void checkHost()
    {
        const QString hypervisor = m_facts.hostInfo.hypervisor;
        if (m_facts.hostInfo.readOnly) {
            block(FindingsText::tr("The connection is read-only"),
                FindingsText::tr("Nothing can be created through it."), FindingsText::tr("Connect with write access."));
        }
        if (hypervisor != "QEMU"_L1 && !m_facts.isTestDriver()) {
            block(FindingsText::tr("Virtual machines can't be created on %1 hosts yet").arg(hypervisor), {},
                FindingsText::tr("Choose a QEMU/KVM host."));
        }
        if (hypervisor != "QEMU"_L1 || m_draft.source == Kind::Xml) {
            return;
        }
        const QString problem =
            m_facts.kvmProblem.isEmpty() ? FindingsText::tr("The host does not offer KVM.") : m_facts.kvmProblem;
        if (!m_facts.kvm && m_draft.virtType == CreateDraft::VirtType::Kvm) {
            block(FindingsText::tr("KVM can't be used"), problem,
                m_facts.kvmAdvice.isEmpty() ? FindingsText::tr("Choose emulation.") : m_facts.kvmAdvice);
        } else if (!m_facts.kvm) {
            find(Severity::Note, FindingsText::tr("Runs in software emulation, which is slow"), problem,
                m_facts.kvmAdvice);
        } else if (m_facts.usesKvm(m_draft)) {
            find(Severity::Ok, FindingsText::tr("KVM acceleration is available"));
        } else {
            find(Severity::Note, FindingsText::tr("Runs in software emulation, as chosen"), {},
                FindingsText::tr("KVM is available and much faster."));
        }
        if (!m_facts.machineProblem.isEmpty()) {
            block(FindingsText::tr("The host does not offer the machine “%1”").arg(m_draft.machine),
                m_facts.machineProblem, FindingsText::tr("Choose another machine."));
        }
    }

    void checkName()
    {
        const QString problem = nameProblem(m_draft.name);
        if (!problem.isEmpty()) {
            block(FindingsText::tr("The name can't be used"), problem, FindingsText::tr("Choose another name."));
        } else if (m_facts.domainNames.contains(m_draft.name)) {
            block(FindingsText::tr("The name “%1” is taken").arg(m_draft.name),
                FindingsText::tr("The host has a virtual machine of that name."),
                FindingsText::tr("Choose another name, for example “%1”.")
                    .arg(freeName(m_draft.name, m_facts.domainNames)));
        } else {
            find(Severity::Ok, FindingsText::tr("The name “%1” is free").arg(m_draft.name));
        }
    }

    void checkSystem()
    {
        if (!m_facts.osProblem.isEmpty()) {
            find(Severity::Warning, FindingsText::tr("The operating system “%1” is not known").arg(m_draft.os),
                m_facts.osProblem,
                FindingsText::tr("Ordinary devices are chosen; choose another one if they don't fit."));
        }
        if (!m_facts.os) {
            return;
        }
        find(Severity::Ok,
            m_facts.osDetected ? FindingsText::tr("Recognised as %1").arg(m_facts.os->name)
                               : FindingsText::tr("Set up for %1").arg(m_facts.os->name));
        if (m_facts.os->isEndOfLife(QDate::currentDate())) {
            find(Severity::Note, FindingsText::tr("%1 gets no updates any more").arg(m_facts.os->name),
                FindingsText::tr("Its support ended on %1.").arg(m_facts.os->endOfLife.toString(Qt::ISODate)));
        }
    }

    os::Resources minimum() const
    {
        return m_facts.os ? m_facts.os->resourcesFor(m_facts.caps.arch).minimum : os::Resources{};
    }

    void checkMemory()
    {
        const quint64 wanted = m_draft.memoryMiB * 1024;
        const quint64 total = m_facts.hostInfo.memoryKiB;
        const quint64 free = m_facts.hostInfo.freeMemoryKiB;
        const QString size = sizeText(wanted * 1024);
        const quint64 promised = m_facts.promisedMemoryKiB;
        if (m_draft.memoryMiB == 0) {
            return block(FindingsText::tr("The memory has no size"), {}, FindingsText::tr("Enter a size."));
        }
        if (total > 0 && wanted > total) {
            return block(FindingsText::tr("The host has less memory than that"),
                FindingsText::tr("%1 are asked for, the host has %2.").arg(size, sizeText(total * 1024)),
                FindingsText::tr("Choose less memory, or another host."));
        }
        if (free > 0 && wanted > free) {
            find(Severity::Warning, FindingsText::tr("The host may run out of memory"),
                FindingsText::tr("%1 are asked for, %2 are free now.").arg(size, sizeText(free * 1024)),
                FindingsText::tr("Choose less memory, or another host."));
        } else if (total > 0 && wanted + promised > total) {
            find(Severity::Warning, FindingsText::tr("More memory is promised than the host has"),
                FindingsText::tr("With this one, running virtual machines may use up to %1 of %2 (%3 %).")
                    .arg(sizeText((wanted + promised) * 1024), sizeText(total * 1024))
                    .arg((wanted + promised) * 100 / total));
        } else {
            find(Severity::Ok, FindingsText::tr("The host has memory for it: %1").arg(size));
        }
        if (minimum().memoryBytes > wanted * 1024) {
            find(Severity::Warning, FindingsText::tr("%1 needs more memory").arg(m_facts.os->name),
                FindingsText::tr("At least %1.").arg(sizeText(minimum().memoryBytes)));
        }
    }

    void checkVcpus()
    {
        const int cpus = m_facts.hostInfo.cpus;
        const int most = std::max(m_draft.vcpus, m_draft.maxVcpus);
        if (m_draft.vcpus < 1) {
            return block(FindingsText::tr("There is no vCPU"), {}, FindingsText::tr("Choose at least one."));
        }
        if (m_facts.caps.maxVcpus > 0 && most > m_facts.caps.maxVcpus) {
            block(FindingsText::tr("The machine has no place for %1 vCPUs").arg(most),
                FindingsText::tr("It takes %1 at most.").arg(m_facts.caps.maxVcpus),
                FindingsText::tr("Choose fewer vCPUs."));
        } else if (cpus > 0 && m_draft.vcpus > cpus) {
            find(Severity::Warning, FindingsText::tr("More vCPUs than the host has CPUs"),
                FindingsText::tr("%1 vCPUs share %2 CPUs and wait for each other.").arg(m_draft.vcpus).arg(cpus),
                FindingsText::tr("Choose fewer vCPUs."));
        } else if (const int promised = m_facts.promisedVcpus + m_draft.vcpus; cpus > 0 && promised > 4 * cpus) {
            find(Severity::Note, FindingsText::tr("The host's CPUs are promised %1 times over").arg(promised / cpus),
                FindingsText::tr("Running virtual machines have %1 vCPUs, the host has %2 CPUs.")
                    .arg(promised)
                    .arg(cpus));
        }
        const CreateDraft::Topology &topology = m_draft.topology;
        if (topology.isSet() && topology.sockets * topology.cores * topology.threads != most) {
            block(FindingsText::tr("The CPU topology does not make %1 vCPUs").arg(most),
                FindingsText::tr("%1 sockets with %2 cores of %3 threads make %4.")
                    .arg(topology.sockets)
                    .arg(topology.cores)
                    .arg(topology.threads)
                    .arg(topology.sockets * topology.cores * topology.threads),
                FindingsText::tr("Change the topology or the number of vCPUs."));
        }
        if (minimum().cpus > m_draft.vcpus) {
            find(Severity::Warning, FindingsText::tr("%1 needs more vCPUs").arg(m_facts.os->name),
                FindingsText::tr("At least %1.").arg(minimum().cpus));
        }
    }

    void checkCpu()
    {
        const QString &cpu = m_draft.cpu;
        if (cpu.isEmpty() || cpu == "maximum"_L1) {
            return;
        }
        if (cpu == "host-passthrough"_L1 || cpu == "host-model"_L1) {
            const xml::Support support =
                cpu == "host-model"_L1 ? m_facts.caps.cpuHostModel : m_facts.caps.cpuHostPassthrough;
            if (support == xml::Support::No || !m_facts.usesKvm(m_draft)) {
                block(FindingsText::tr("The host's CPU can't be passed on"),
                    FindingsText::tr("That needs KVM; emulation makes up its own CPU."),
                    FindingsText::tr("Choose another CPU."));
            }
            return;
        }
        const auto model = std::ranges::find(m_facts.caps.cpuModels, cpu, &xml::CpuModel::name);
        if (model == m_facts.caps.cpuModels.end()) {
            block(FindingsText::tr("The host knows no CPU “%1”").arg(cpu), {}, FindingsText::tr("Choose another CPU."));
        } else if (model->usable == xml::Support::No && m_facts.usesKvm(m_draft)) {
            block(FindingsText::tr("The host can't run the CPU “%1”").arg(cpu),
                model->blockers.isEmpty() ? QString()
                                          : FindingsText::tr("It lacks: %1.").arg(model->blockers.join(u", "_s)),
                FindingsText::tr("Choose another CPU."));
        }
    }

    void checkFirmware()
    {
        using Firmware = CreateDraft::Firmware;
        const xml::DomainCapabilities &caps = m_facts.caps;
        const bool known = caps.autoFirmware != xml::Support::Unknown;
        if (known && m_choices.efi() && !caps.hasEfi()) {
            block(FindingsText::tr("The host has no UEFI firmware"),
                m_draft.firmware == Firmware::Auto ? FindingsText::tr("What is to be started needs it.") : QString(),
                FindingsText::tr("Install it on the host (the package ovmf, edk2-ovmf or the like), or choose BIOS."));
        } else if (known && m_draft.firmware == Firmware::EfiSecure && !caps.hasSecureBoot()) {
            block(FindingsText::tr("The host has no firmware for secure boot"), {},
                FindingsText::tr("Install it on the host, or choose UEFI without secure boot."));
        }
        if (m_facts.os) {
            const QString type = m_choices.efi() ? u"efi"_s : u"bios"_s;
            if (m_facts.os->needs.starts(type, caps.arch) == os::Needs::Support::No) {
                find(Severity::Warning,
                    FindingsText::tr("%1 does not start by %2")
                        .arg(m_facts.os->name, m_choices.efi() ? FindingsText::tr("UEFI") : FindingsText::tr("BIOS")));
            }
            if (m_facts.os->needs.secureBoot && m_draft.firmware != Firmware::EfiSecure) {
                find(Severity::Warning, FindingsText::tr("%1 asks for secure boot").arg(m_facts.os->name), {},
                    FindingsText::tr("Choose UEFI with secure boot."));
            }
        }
        if (m_choices.tpm() && known && !caps.hasEmulatedTpm()) {
            block(FindingsText::tr("The host can't emulate a TPM"), {},
                FindingsText::tr("Install swtpm on the host, or leave the TPM out."));
        } else if (m_facts.os && m_facts.os->needs.tpm && !m_choices.tpm()) {
            find(Severity::Warning, FindingsText::tr("%1 does not install without a TPM").arg(m_facts.os->name), {},
                known && !caps.hasEmulatedTpm() ? FindingsText::tr("Install swtpm on the host.")
                                                : FindingsText::tr("Add a TPM."));
        }
    }

    void checkGraphics()
    {
        using Graphics = CreateDraft::Graphics;
        const QStringList offered = m_facts.caps.graphics();
        const QString wanted = m_draft.graphics == Graphics::Vnc ? u"vnc"_s
            : m_draft.graphics == Graphics::Spice                ? u"spice"_s
                                                                 : QString();
        if (!wanted.isEmpty() && !offered.isEmpty() && !offered.contains(wanted)) {
            block(FindingsText::tr("The host does not offer %1").arg(wanted.toUpper()),
                FindingsText::tr("Its QEMU was built without it, or the module is not installed."),
                FindingsText::tr("Choose another kind of screen."));
        }
        const QString &listen = m_draft.listen;
        const bool local =
            listen.isEmpty() || listen == "127.0.0.1"_L1 || listen == "::1"_L1 || listen == "localhost"_L1;
        if (!local && m_draft.graphics != Graphics::None) {
            find(Severity::Warning, FindingsText::tr("The screen can be reached from the network"),
                FindingsText::tr("It listens on %1, without a password.").arg(listen),
                FindingsText::tr("Listen on 127.0.0.1: Vireo reaches it through the connection."));
        }
    }

    void checkBuses()
    {
        const QStringList offered = m_facts.caps.diskBuses();
        QStringList buses{m_draft.rootBus};
        for (const CreateDraft::Disk &disk : m_draft.disks) {
            buses << disk.bus;
        }
        buses.removeDuplicates();
        for (const QString &bus : std::as_const(buses)) {
            if (!bus.isEmpty() && !offered.isEmpty() && !offered.contains(bus)) {
                block(FindingsText::tr("The host offers no disks on the bus “%1”").arg(bus), {},
                    FindingsText::tr("Choose one of: %1.").arg(offered.join(u", "_s)));
            }
        }
        if (buses.contains(u"ide"_s) && m_choices.isQ35()) {
            block(FindingsText::tr("This machine has no IDE"), {}, FindingsText::tr("Choose SATA or virtio."));
        }
    }

    void checkNetworks()
    {
        using NicKind = CreateDraft::NicKind;
        QStringList macs;
        for (const CreateDraft::Nic &nic : m_draft.nics) {
            if (!nic.mac.isEmpty() && macs.contains(nic.mac)) {
                block(FindingsText::tr("Two network cards have the address %1").arg(nic.mac), {},
                    FindingsText::tr("Leave it empty: libvirt makes one."));
            } else if (const QString owner = m_facts.macs.value(nic.mac); !owner.isEmpty()) {
                find(Severity::Warning, FindingsText::tr("The address %1 belongs to %2").arg(nic.mac, owner),
                    FindingsText::tr("In one network, two machines with the same address cut each other off."),
                    FindingsText::tr("Leave it empty: libvirt makes one."));
            }
            macs << nic.mac;
            if (nic.kind == NicKind::User) {
                continue;
            }
            if (nic.source.isEmpty()) {
                block(FindingsText::tr("A network card is connected to nothing"), {},
                    FindingsText::tr("Choose a network."));
            } else if (nic.kind == NicKind::Network) {
                checkNetwork(nic);
            } else if (nic.kind == NicKind::Macvtap) {
                find(Severity::Note, FindingsText::tr("The host and this VM can't reach each other"),
                    FindingsText::tr("That is how macvtap works; all others on the network can."));
            }
        }
        if (m_draft.source == Kind::Pxe && m_draft.nics.isEmpty()) {
            block(FindingsText::tr("There is no network to start from"), {}, FindingsText::tr("Add a network card."));
        }
    }

    void checkNetwork(const CreateDraft::Nic &nic)
    {
        QStringList names;
        for (const auto &network : m_facts.networks) {
            names << network.name;
        }
        const auto found = std::ranges::find(m_facts.networks, nic.source, &virt::hostcalls::Network::name);
        if (found == m_facts.networks.end()) {
            block(FindingsText::tr("There is no virtual network “%1”").arg(nic.source), {},
                names.isEmpty() ? FindingsText::tr("Make a network on the host, or choose user networking.")
                                : FindingsText::tr("Choose one of: %1.").arg(names.join(u", "_s)));
        } else if (!found->active && m_draft.start) {
            block(FindingsText::tr("The virtual network “%1” is not active").arg(nic.source),
                FindingsText::tr("The virtual machine could not be started."),
                FindingsText::tr("Start the network, or choose another one."));
        } else if (!found->active) {
            find(Severity::Warning, FindingsText::tr("The virtual network “%1” is not active").arg(nic.source), {},
                FindingsText::tr("Start the network before the virtual machine."));
        }
    }

    /** What was edited by hand must still be this VM, and use what is made for it. */
    void checkCustomXml()
    {
        if (!m_draft.customXml) {
            return;
        }
        const auto document = xml::Document::parse(*m_draft.customXml);
        if (!document) {
            return block(FindingsText::tr("The edited XML can't be read"), document.error().message,
                FindingsText::tr("Correct it, or take the edits back."));
        }
        if (document->root().name() != "domain"_L1 || document->root().child(u"name"_s).text() != m_draft.name) {
            return block(FindingsText::tr("The edited XML is not about “%1”").arg(m_draft.name), {},
                FindingsText::tr("Keep the name; it is changed on the page before."));
        }
        QStringList paths;
        const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
        for (const xml::Element &disk : disks) {
            paths << disk.child(u"source"_s).attribute(u"file"_s);
        }
        for (const CreateLayout::Disk &disk : m_layout.disks) {
            noteUnused(disk.path, paths);
        }
        noteUnused(m_layout.rootPath, paths);
        noteUnused(m_layout.seedPath, paths);
        find(Severity::Note, FindingsText::tr("The definition was edited by hand"));
    }

    void noteUnused(const QString &path, const QStringList &used)
    {
        if (!path.isEmpty() && !used.contains(path)) {
            find(Severity::Warning, FindingsText::tr("The edited XML does not use the disk %1").arg(path),
                FindingsText::tr("It is made all the same."));
        }
    }

    void checkImport()
    {
        if (!m_facts.importProblem.isEmpty()) {
            return block(FindingsText::tr("The definition can't be used"), m_facts.importProblem,
                FindingsText::tr("Choose another file."));
        }
        for (const xml::ImportRisk &risk : m_facts.importRisks) {
            const bool note = risk.severity == xml::ImportRisk::Severity::Note;
            find(note ? Severity::Note : Severity::Warning, risk.text,
                FindingsText::tr("Line %1, %2.").arg(risk.line).arg(risk.element),
                risk.severity == xml::ImportRisk::Severity::Danger
                    ? FindingsText::tr("Go on only if you trust where the definition comes from.")
                    : QString());
        }
    }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
    const CreateLayout &m_layout;
    const CreateChoices m_choices;
    QList<Finding> m_findings;
};

} // namespace

QList<job::Finding> createFindings(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    return Findings(draft, facts, layout).collect();
}

} // namespace vireo::operation
