// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/leftovers.h"

#include <libvirt/libvirt.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"

namespace vireo::virt {

namespace {

struct LeftoversText {
    Q_DECLARE_TR_FUNCTIONS(virt_leftovers)
};

Result<> undefine(Connection &connection, const QUuid &domain, unsigned int flags)
{
    const auto handle = connection.d().lookup(domain);
    if (!handle) {
        return handle.error().kind == Error::Kind::NotFound ? Result<>() : fail(handle.error());
    }
    if (virDomainUndefineFlags(handle->get(), flags) == 0) {
        return {};
    }
    const QString name = QString::fromUtf8(virDomainGetName(handle->get()));
    Error error = lastError(LeftoversText::tr("Can't undefine %1").arg(name));
    return error.kind == Error::Kind::NotFound ? Result<>() : fail(std::move(error));
}

} // namespace

Result<> undefineKeepingFiles(Connection &connection, const QUuid &domain)
{
    unsigned int flags = VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;
#if LIBVIR_VERSION_NUMBER >= 8009000
    flags |= VIR_DOMAIN_UNDEFINE_KEEP_TPM;
#endif
    return undefine(connection, domain, flags);
}

Result<> undefineWithTpm(Connection &connection, const QUuid &domain)
{
    unsigned int flags = 0;
#if LIBVIR_VERSION_NUMBER >= 8009000
    flags |= VIR_DOMAIN_UNDEFINE_TPM;
#endif
    return undefine(connection, domain, flags);
}

} // namespace vireo::virt
