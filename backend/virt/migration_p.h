// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libvirt/libvirt.h>

#include <QByteArray>

#include "backend/virt/migration.h"

/** What migration.h hides; for its own sources and their tests. */
namespace vireo::virt::migration {

/** Whether these options make sense together, before anything is asked for. `sourceLibvirt`: version of the source's
 *  daemon as virConnectGetLibVersion numbers it; 0: unknown. Error: Invalid, or Unsupported where it is too old. */
Result<> check(const Options &options, unsigned long sourceLibvirt);

/** virDomainMigrateFlags. */
unsigned flagsOf(const Options &options);

/** The typed parameters of a migration; owns what libvirt allocates for them. */
class Parameters final
{
    Q_DISABLE_COPY_MOVE(Parameters)

public:
    Parameters() = default;
    ~Parameters();

    void add(const char *name, int value);
    void add(const char *name, quint64 value);
    void add(const char *name, const QString &value); ///< an empty one is left out
    virTypedParameterPtr data() const { return m_items; }
    int size() const { return m_count; }
    /** False when memory was short. */
    bool isComplete() const { return m_complete; }

private:
    virTypedParameterPtr m_items = nullptr;
    int m_count = 0;
    int m_capacity = 0;
    bool m_complete = true;
};
/** VIR_MIGRATE_PARAM_MIGRATE_DISKS_DETECT_ZEROES, which the headers of libvirt 9.0 lack; hosts may be newer. */
inline constexpr auto detectZeroesParameter = "migrate_disks_detect_zeroes";
/** Adds what `options` say, without its XML unless `withXml`. */
void addParameters(Parameters &parameters, const Options &options, bool withXml);

/** Bytes per second as libvirt counts them, MiB per second, rounded up. */
quint64 mebibytes(quint64 bytes);

/** Reads what virDomainGetJobStats or the event gave; whatever is missing or of another type is 0. */
Figures figuresFrom(int type, virTypedParameterPtr parameters, int count);

/** "qemu" of "qemu+tcp://host/system". */
QByteArray driverOf(const QString &uri);

} // namespace vireo::virt::migration
