// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "backend/image/chain.h"
#include "backend/os/installtree.h"
#include "backend/os/oscatalog.h"
#include "backend/seed/sshkeys.h"

namespace vireo::ui {

/**
 * What the New VM wizard reads of this computer and of the network: blocking functions, called on lanes. The defaults
 * are the real ones; tests put others in their place.
 */
struct CreateServices {
    using Media = Result<std::optional<os::Detected>>;

    std::function<Result<image::Verdict>(const QString &path)> inspect = &image::inspect;
    std::function<Result<image::Chain>(const QString &path)> chain = &image::inspectChain;
    std::function<std::shared_ptr<const os::OsCatalog>()> loadCatalog = &os::OsCatalog::shared;
    std::function<Media(const os::OsCatalog &catalog, const QString &path, std::stop_token stop)> medium =
        [](const os::OsCatalog &catalog, const QString &path, std::stop_token stop) {
            return catalog.detectMedia(path, std::move(stop));
        };
    std::function<Result<os::InstallTree>(
        const QString &location, const QString &arch, const os::OsCatalog *catalog, std::stop_token stop)>
        tree = [](const QString &location, const QString &arch, const os::OsCatalog *catalog, std::stop_token stop) {
            return os::findInstallTree(location, arch, catalog, std::move(stop));
        };
    std::function<Result<QList<seed::PublicKey>>()> publicKeys = [] {
        return seed::localPublicKeys();
    };
};

} // namespace vireo::ui
