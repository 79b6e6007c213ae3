// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include <QByteArray>
#include <QString>

#include "backend/base/error.h"

namespace vireo::os {

struct FetchLimits {
    quint64 bytes = quint64(1) << 30; ///< more than this is refused
    std::chrono::seconds connect{20}; ///< until there is a connection
    std::chrono::seconds stalled{30}; ///< so long with less than 100 bytes a second
    int redirects = 8;
};

struct Fetched {
    quint64 bytes = 0;
    qint64 modifiedNs = 0; ///< of the target file, since the epoch
    QString finalUrl;      ///< after redirects
};

using FetchProgress = std::function<void(quint64 done, quint64 total)>; ///< total 0: not known

/**
 * Reads a URL (http, https, ftp; TLS is verified; a redirect leads to nothing else) or an absolute path into the file
 * `target`, mode 0600, whole or not at all: it is written beside it, synchronised and renamed. Blocks: a worker thread.
 * Errors: NotFound, Cancelled, TimedOut, Invalid (no such kind of address), Failed; each a sentence with the address.
 */
Result<Fetched> fetch(const QString &location, const QString &target, const FetchProgress &progress = {},
    std::stop_token stop = {}, const FetchLimits &limits = {});

/** The same into memory; meant for small texts, so that `limits.bytes` is capped at 4 MiB. */
Result<QByteArray> fetchText(const QString &location, std::stop_token stop = {}, const FetchLimits &limits = {});

/** Whether there is a file at that address, and how long it is (0: not said). No value: there is none. */
Result<std::optional<quint64>> probe(
    const QString &location, std::stop_token stop = {}, const FetchLimits &limits = {});

} // namespace vireo::os
