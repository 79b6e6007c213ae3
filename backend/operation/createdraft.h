// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QJsonObject>

#include "backend/base/error.h"

namespace vireo::operation {

/**
 * What the New VM wizard asks for, as a document (operation "create"). The keys and defaults are those of
 * the drafts table; what this version does not serve yet is refused with its JSON path, never ignored.
 */
struct CreateDraft {
    enum class SourceKind { Image, Iso, Disk, None };
    enum class NicKind { Network, Bridge, User };
    struct Volume {
        QString pool;
        QString name;
        friend bool operator==(const Volume &, const Volume &) = default;
    };
    struct Nic {
        NicKind kind = NicKind::Network;
        QString source; ///< network or bridge
        QString model;  ///< empty: virtio
        QString mac;    ///< empty: libvirt makes one
        friend bool operator==(const Nic &, const Nic &) = default;
    };

    QString host; ///< URI
    QString name;
    SourceKind source = SourceKind::Image;
    QString path;                 ///< local file, or
    std::optional<Volume> volume; ///< a volume on the host
    quint64 memoryMiB = 1024;
    int vcpus = 1;
    std::optional<double> rootGiB; ///< none: the image's own size; needed for iso and none
    QString pool = QStringLiteral("default");
    bool fullCopy = false; ///< copy: "full" instead of "overlay"
    QList<Nic> nics;
    bool graphics = true; ///< false: "none"
    bool start = true;
    bool autostart = false;
    QString title;
    QString description;
    QStringList tags;

    QJsonObject toJson() const;
    friend bool operator==(const CreateDraft &, const CreateDraft &) = default;
};

/** What is wrong with a draft document, each with its JSON path ("$.source.kind"). */
struct DraftError {
    QString path;
    QString message;
    friend bool operator==(const DraftError &, const DraftError &) = default;
};
std::expected<CreateDraft, QList<DraftError>> createDraftFromJson(const QJsonObject &json);

} // namespace vireo::operation
