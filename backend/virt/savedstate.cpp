// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/savedstate.h"

#include <libvirt/libvirt.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"

namespace vireo::virt::savedstate {

namespace {

struct SavedStateText {
    Q_DECLARE_TR_FUNCTIONS(virt_savedstate)
};

} // namespace

Result<> save(Connection &connection, const QUuid &uuid, const QString &file)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    if (virDomainSaveFlags(domain->get(), file.toUtf8().constData(), nullptr, 0) < 0) {
        const QString name = QString::fromUtf8(virDomainGetName(domain->get()));
        return fail(lastError(SavedStateText::tr("Can't save %1 into “%2”").arg(name, file)));
    }
    return {};
}

Result<QString> definition(Connection &connection, const QString &file, bool secure)
{
    char *text = virDomainSaveImageGetXMLDesc(
        connection.d().handle, file.toUtf8().constData(), secure ? VIR_DOMAIN_SAVE_IMAGE_XML_SECURE : 0);
    if (!text) {
        return fail(lastError(SavedStateText::tr("Can't read the saved VM “%1”").arg(file)));
    }
    return takeString(text);
}

Result<QString> managedDefinition(Connection &connection, const QUuid &uuid, bool secure)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get()));
    if (virDomainHasManagedSaveImage(domain->get(), 0) == 0) {
        return fail({Error::Kind::NotFound, SavedStateText::tr("%1 has no saved state.").arg(name), {}, 0, 0});
    }
    char *text = virDomainManagedSaveGetXMLDesc(domain->get(), secure ? VIR_DOMAIN_SAVE_IMAGE_XML_SECURE : 0);
    if (!text) {
        return fail(lastError(SavedStateText::tr("Can't read the saved state of %1").arg(name)));
    }
    return takeString(text);
}

Result<> saveManaged(Connection &connection, const QUuid &uuid, bool running)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    if (virDomainManagedSave(domain->get(), running ? VIR_DOMAIN_SAVE_RUNNING : VIR_DOMAIN_SAVE_PAUSED) < 0) {
        const QString name = QString::fromUtf8(virDomainGetName(domain->get()));
        return fail(lastError(SavedStateText::tr("Can't save %1").arg(name)));
    }
    return {};
}

} // namespace vireo::virt::savedstate
