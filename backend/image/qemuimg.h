// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "backend/image/chain.h"
#include "backend/image/tool.h"

namespace vireo::image {

/**
 * qemu-img for local files, never trusted to find out itself what a file is: every file is inspected first
 * (inspector.h) and given with its driver, also those beneath an adopted image; a refused one starts no process.
 * Runs under resource limits. A value; its members block: worker threads only.
 */
class QemuImg final
{
public:
    explicit QemuImg(const QStringList &directories = toolDirectories());

    /** Empty: qemu-img is not installed; all calls will fail and say so. */
    QString program() const { return m_program; }

    struct Info {
        QString driver;
        quint64 virtualSize = 0;
        QString backingFile; ///< empty, as the inspector refuses others
        QString dataFile;
    };
    /** qemu-img info of a file by itself. Errors: refused by the inspector; QEMU can't open it as `format`. */
    Result<Info> info(const QString &path, Format format, std::stop_token stop = {}) const;

    struct Conversion {
        Chain source;                  ///< from inspectChain() or knownChain(); looked at again before it is read
        QString target;                ///< absolute, does not exist yet, in a directory that only we may write
        Format format = Format::Qcow2; ///< Qcow2 or Raw
        bool compressed = false;       ///< qcow2 only
        bool known = false;            ///< from knownChain()
        QString snapshot = {};         ///< name of an internal snapshot of the topmost file; empty: as it is now
    };
    using Progress = std::function<void(quint64 done, quint64 total)>; ///< bytes of the virtual size
    /**
     * Makes a standalone image (mode 0600) of the source's content and inspects it. On an error or a cancel no target
     * is left. Errors: refused; changed since it was inspected; no space; qemu-img's own words.
     */
    Result<Verdict> convert(const Conversion &conversion, const Progress &progress, std::stop_token stop) const;

private:
    Result<> check() const;
    /** Two readers that do not agree on what a file is: somebody made it so. */
    Result<> agree(const Chain &chain, const std::stop_token &stop) const;
    Result<Info> infoOf(const QString &options, std::stop_token stop) const;

    QString m_program;
};

/** The chain for qemu-img --image-opts: drivers explicit, commas doubled, so that no name is taken for anything else.
 */
QString imageOptions(const Chain &chain);

} // namespace vireo::image
