// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kvmcheck.h"

#include <algorithm>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct KvmText {
    Q_DECLARE_TR_FUNCTIONS(operation_KvmCheck)
};

constexpr int bufferSize = 16 * 1024;

QString groupName(gid_t id)
{
    std::vector<char> buffer(bufferSize);
    struct group entry = {};
    struct group *found = nullptr;
    getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
    return found ? QString::fromLocal8Bit(found->gr_name) : QString();
}

/** By the user database, which knows of a new membership before the next login. */
bool userIsInGroup(gid_t id)
{
    std::vector<char> buffer(bufferSize);
    struct passwd entry = {};
    struct passwd *found = nullptr;
    getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
    if (!found) {
        return false;
    }
    int count = 256;
    std::vector<gid_t> groups(static_cast<size_t>(count));
    if (getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count) < 0) {
        return false;
    }
    groups.resize(static_cast<size_t>(count));
    return std::ranges::find(groups, id) != groups.end();
}

/** Flags of the first processor; files in /proc have no size, so they are read up to a bound. */
QList<QByteArray> processorFlags(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    const QByteArray text = file.read(64 * 1024);
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith("flags") || line.startsWith("Features")) {
            return line.mid(line.indexOf(':') + 1).simplified().split(' ');
        }
    }
    return {};
}

KvmVerdict no(const QString &problem, const QString &fix = {})
{
    return {false, problem, fix};
}

/** Why there is no /dev/kvm, as far as the processor tells. */
KvmVerdict noDevice(const KvmFacts &facts)
{
    if (!facts.processor && facts.hypervisor) {
        return no(KvmText::tr("This machine is virtual itself, and its host does not pass hardware virtualization on."),
            KvmText::tr("Switch nested virtualization on at its host."));
    }
    if (!facts.processor) {
        return no(KvmText::tr("This computer's processor offers no hardware virtualization."),
            KvmText::tr("It may be switched off in the firmware set-up (Intel VT-x, AMD-V or SVM)."));
    }
    return no(KvmText::tr("There is no /dev/kvm: the kernel's KVM module is not loaded."),
        KvmText::tr("Load the module kvm_intel or kvm_amd; if that fails, hardware virtualization is switched off in "
                    "the firmware set-up."));
}

} // namespace

KvmVerdict judgeKvm(const KvmFacts &facts)
{
    if (facts.foreignArch) {
        return no(KvmText::tr("KVM runs only guests of the host's own architecture."));
    }
    // It answers like KVM in every other respect, so it comes before all that libvirt says.
    if (facts.local && facts.paravirtual) {
        return no(KvmText::tr("The host's KVM is paravirtual (kvm_pvm) and boots no stock kernel."));
    }
    if (facts.local && !facts.deviceExists) {
        return noDevice(facts);
    }
    if (facts.local && facts.session && !facts.deviceAllowed) {
        if (facts.userInGroup) {
            return no(KvmText::tr("You are not allowed to use /dev/kvm yet."),
                KvmText::tr("You belong to the group “%1”: log out and in again, so that it takes effect.")
                    .arg(facts.deviceGroup));
        }
        return no(KvmText::tr("You are not allowed to use /dev/kvm."),
            facts.deviceGroup.isEmpty() || facts.deviceGroup == "root"_L1
                ? KvmText::tr("Ask the administrator for access to /dev/kvm.")
                : KvmText::tr("Add yourself to the group “%1” and log in again.").arg(facts.deviceGroup));
    }
    if (!facts.offered) {
        return no(facts.session ? KvmText::tr("The host does not offer KVM for this user.")
                                : KvmText::tr("The host does not offer KVM."),
            facts.local ? KvmText::tr("Restart libvirt's daemon, so that it looks at /dev/kvm again.")
                        : KvmText::tr("See with “virt-host-validate” on that host what is missing."));
    }
    return {true, {}, {}};
}

KvmFacts readKvmFacts(const virt::ConnectionUri &uri, bool offered, bool foreignArch, const QString &root)
{
    KvmFacts facts;
    facts.offered = offered;
    facts.foreignArch = foreignArch;
    facts.session = uri.path == "/session"_L1;
    facts.local = uri.isLocal() && uri.driver == "qemu"_L1;
    if (!facts.local) {
        return facts;
    }
    const QString base = root.endsWith(u'/') ? root : root + u'/';
    facts.paravirtual = QFileInfo::exists(base + u"sys/module/kvm_pvm"_s);
    const QByteArray device = QFile::encodeName(base + u"dev/kvm"_s);
    struct stat status = {};
    facts.deviceExists = ::stat(device.constData(), &status) == 0;
    if (facts.deviceExists) {
        facts.deviceAllowed = ::access(device.constData(), R_OK | W_OK) == 0;
        facts.deviceGroup = groupName(status.st_gid);
        facts.userInGroup = userIsInGroup(status.st_gid);
    }
    const QList<QByteArray> flags = processorFlags(base + u"proc/cpuinfo"_s);
    // Other processors than x86 do not name it there: the device alone tells.
    const bool x86 = flags.contains("fpu") || flags.contains("cx8");
    facts.processor = !x86 || flags.contains("vmx") || flags.contains("svm");
    facts.hypervisor = flags.contains("hypervisor");
    return facts;
}

} // namespace vireo::operation
