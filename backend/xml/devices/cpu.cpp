// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

constexpr int MostVcpus = 4096;
constexpr auto CustomPrefix = "custom:"_L1;

struct CpuText {
    Q_DECLARE_TR_FUNCTIONS(xml_cpu)
};

int maximumOf(const DeviceContext &domain)
{
    return std::max(1, domain.text(u"vcpu"_s).toInt());
}

QString frozenText()
{
    return CpuText::tr("A VM's CPU model and topology are given to it when it starts.");
}

QString maximumProblem(const DeviceContext &domain)
{
    const int maximum = maximumOf(domain);
    const int offered = domain.capabilities().maxVcpus;
    if (offered > 0 && maximum > offered) {
        return CpuText::tr("This host's VMs of this kind have at most %n vCPUs.", nullptr, offered);
    }
    if (domain.has(u"vcpus"_s) && domain.document.count(u"vcpus"_s, u"vcpu"_s) != maximum) {
        return CpuText::tr("The definition lists each vCPU (<vcpus>): change that list as XML.");
    }
    return {};
}

QString currentProblem(const DeviceContext &domain)
{
    return domain.attribute(u"vcpu"_s, u"current"_s).toInt() > maximumOf(domain) ? CpuText::tr("More than the maximum.")
                                                                                 : QString();
}

QString countHint(const DeviceContext &domain)
{
    const int host = domain.host.hostCpus;
    return host > 0 && maximumOf(domain) > host ? CpuText::tr("The host has %n CPUs: more are slower.", nullptr, host)
                                                : QString();
}

QString readModel(const DeviceContext &domain)
{
    QString mode = domain.attribute(u"cpu"_s, u"mode"_s);
    const QString model = domain.text(u"cpu/model"_s);
    // Without a mode libvirt takes a model for custom.
    if (mode == "custom"_L1 || (mode.isEmpty() && !model.isEmpty())) {
        return CustomPrefix + model;
    }
    return mode;
}

void writeModel(const DeviceEdit &edit, const QString &value)
{
    if (readModel(edit.context()) == value) {
        return;
    }
    const bool custom = value.startsWith(CustomPrefix);
    edit.setAttribute(u"cpu"_s, u"mode"_s, custom ? u"custom"_s : value);
    if (custom) {
        edit.setAttribute(u"cpu"_s, u"migratable"_s, {});
        if (edit.context().attribute(u"cpu"_s, u"match"_s).isEmpty()) {
            edit.setAttribute(u"cpu"_s, u"match"_s, u"exact"_s);
        }
        edit.setText(u"cpu/model"_s, value.mid(CustomPrefix.size()));
        return;
    }
    // A model belongs to custom; what is asked of it means something else in the other modes.
    edit.setAttribute(u"cpu"_s, u"match"_s, {});
    edit.setAttribute(u"cpu"_s, u"check"_s, {});
    if (value != "host-passthrough"_L1 && value != "maximum"_L1) {
        edit.setAttribute(u"cpu"_s, u"migratable"_s, {});
    }
    edit.remove(u"cpu/model"_s);
    edit.remove(u"cpu/vendor"_s);
}

Offer modelOffer(const DeviceContext &domain)
{
    const DomainCapabilities &host = domain.capabilities();
    const bool kvm = domain.attribute({}, u"type"_s) == "kvm"_L1;
    Offer offer;
    offer.add(CpuText::tr("The hypervisor's default"), {});
    if (host.cpuHostPassthrough != Support::No && (kvm || host.cpuHostPassthrough == Support::Yes)) {
        offer.add(CpuText::tr("The host's own (host-passthrough)"), u"host-passthrough"_s);
    }
    if (host.cpuHostModel != Support::No && (kvm || host.cpuHostModel == Support::Yes)) {
        offer.add(host.hostModel.isEmpty() ? CpuText::tr("Like the host's (host-model)")
                                           : CpuText::tr("Like the host's: %1 (host-model)").arg(host.hostModel),
            u"host-model"_s);
    }
    if (host.cpuMaximum != Support::No) {
        offer.add(CpuText::tr("All features (maximum)"), u"maximum"_s);
    }
    int unusable = 0;
    for (const Support wanted : {Support::Yes, Support::Unknown}) {
        for (const CpuModel &model : host.cpuModels) {
            if (model.usable == wanted && !model.deprecated) {
                offer.add(model.name, CustomPrefix + model.name);
            }
        }
    }
    for (const CpuModel &model : host.cpuModels) {
        unusable += model.usable == Support::No ? 1 : 0;
    }
    if (unusable > 0) {
        offer.lacking = CpuText::tr("%n models need features that this host's CPU lacks.", nullptr, unusable);
    }
    const QString current = readModel(domain);
    if (!offer.values.contains(current)) {
        const QString name = current.startsWith(CustomPrefix) ? current.mid(CustomPrefix.size()) : current;
        offer.add(host.emulator.isEmpty() ? name : CpuText::tr("%1 (not offered here)").arg(name), current);
    }
    return offer;
}

bool hasTopology(const DeviceContext &domain)
{
    return domain.has(u"cpu/topology"_s);
}

QString topologyProblem(const DeviceContext &domain)
{
    if (!hasTopology(domain)) {
        return {};
    }
    int product = 1;
    for (const QString &part : {u"sockets"_s, u"dies"_s, u"clusters"_s, u"cores"_s, u"threads"_s}) {
        const QString text = domain.attribute(u"cpu/topology"_s, part);
        product *= text.isEmpty() ? 1 : std::min(text.toInt(), MostVcpus);
    }
    return product == maximumOf(domain)
        ? QString()
        : CpuText::tr("This topology has %1 CPUs, the maximum is %2: they must be the same.")
              .arg(product)
              .arg(maximumOf(domain));
}

/** The plainest topology: each vCPU a socket of its own, as without one. */
void writeTopology(const DeviceEdit &edit, const QString &value)
{
    if (value != "yes"_L1) {
        edit.remove(u"cpu/topology"_s);
        return;
    }
    if (!hasTopology(edit.context())) {
        edit.setAttribute(u"cpu/topology"_s, u"sockets"_s, QString::number(maximumOf(edit.context())));
        edit.setAttribute(u"cpu/topology"_s, u"cores"_s, u"1"_s);
        edit.setAttribute(u"cpu/topology"_s, u"threads"_s, u"1"_s);
    }
}

FieldMaker part(const QString &name, const QString &label)
{
    return FieldMaker(Kind::Number, name, label, u"cpu/topology"_s, name)
        .range(1, MostVcpus)
        .shownIf(hasTopology)
        .frozen(frozenText());
}

} // namespace

DeviceKind cpuKind()
{
    DeviceKind kind;
    kind.id = u"cpu"_s;
    kind.name = CpuText::tr("CPUs");
    kind.parts = {u"vcpu"_s, u"vcpus"_s, u"cpu"_s};
    kind.subtitle = [](const DeviceContext &domain) {
        const int maximum = maximumOf(domain);
        const QString current = domain.attribute(u"vcpu"_s, u"current"_s);
        if (maximum == 1) {
            return CpuText::tr("1 vCPU");
        }
        return current.isEmpty() || current.toInt() == maximum
            ? (maximum == 1 ? CpuText::tr("1 vCPU") : CpuText::tr("%n vCPUs", nullptr, maximum))
            : CpuText::tr("%1 of %n vCPUs", nullptr, maximum).arg(current);
    };
    kind.fields = {
        FieldMaker(Kind::Number, u"maximum"_s, CpuText::tr("Ma&ximum vCPUs"), u"vcpu"_s)
            .range(1, MostVcpus)
            .reads([](const DeviceContext &domain) { return QString::number(maximumOf(domain)); })
            .writes([](const DeviceEdit &edit, const QString &value) {
                edit.document.setText(u"vcpu"_s, value.isEmpty() ? u"1"_s : value);
            })
            .checked(maximumProblem)
            .hinted(countHint)
            .frozen(CpuText::tr("The most vCPUs that a VM may have are fixed when it starts.")),
        FieldMaker(Kind::Number, u"current"_s, CpuText::tr("&Plugged in"), u"vcpu"_s, u"current"_s)
            .range(1, MostVcpus)
            .unset(CpuText::tr("All"))
            .checked(currentProblem),
        FieldMaker(Kind::Choice, u"model"_s, CpuText::tr("M&odel"))
            .offering(modelOffer)
            .reads(readModel)
            .writes(writeModel)
            .frozen(frozenText()),
        FieldMaker(Kind::Switch, u"topology"_s, CpuText::tr("Set the &topology"))
            .reads([](const DeviceContext &domain) { return hasTopology(domain) ? u"yes"_s : u"no"_s; })
            .writes(writeTopology)
            .frozen(frozenText()),
        FieldMaker(part(u"sockets"_s, CpuText::tr("&Sockets"))).checked(topologyProblem),
        part(u"dies"_s, CpuText::tr("&Dies")).unset(CpuText::tr("One")),
        part(u"cores"_s, CpuText::tr("&Cores")),
        part(u"threads"_s, CpuText::tr("T&hreads")),
    };
    return kind;
}

} // namespace vireo::xml::devices
