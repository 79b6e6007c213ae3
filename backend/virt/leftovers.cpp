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

} // namespace

Result<> undefineKeepingFiles(Connection &connection, const QUuid &domain)
{
    const auto handle = connection.d().lookup(domain);
    if (!handle) {
        return handle.error().kind == Error::Kind::NotFound ? Result<>() : fail(handle.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(handle->get()));
    unsigned int flags = VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;
#if LIBVIR_VERSION_NUMBER >= 8009000
    flags |= VIR_DOMAIN_UNDEFINE_KEEP_TPM;
#endif
    if (virDomainUndefineFlags(handle->get(), flags) == 0) {
        return {};
    }
    Error error = lastError(LeftoversText::tr("Can't undefine %1").arg(name));
    return error.kind == Error::Kind::NotFound ? Result<>() : fail(std::move(error));
}

} // namespace vireo::virt
