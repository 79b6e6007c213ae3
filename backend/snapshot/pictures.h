// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QUuid>

#include "backend/base/error.h"

namespace vireo::snapshot {

/** Which snapshot a picture belongs to. */
struct PictureKey {
    QString hostUri; ///< Connection::uri()
    QUuid domain;
    QString snapshot;
};

/**
 * What a VM's screen showed when a snapshot was taken: files of mode 0600 below $XDG_STATE_HOME/vireo/pictures, since
 * libvirt keeps none. A picture is PNG, or PPM made smaller. At most `maxPictures` a domain: the oldest go first.
 * Blocking: worker threads; several processes may use it at once.
 */
class PictureStore final
{
public:
    static constexpr int maxPictures = 200;
    static constexpr int maxWidth = 480; ///< pixels of a PPM that is kept

    explicit PictureStore(QString directory);
    static QString defaultDirectory();

    /** Keeps a picture in place of one that is there. Error: no picture, or it can't be written. */
    Result<> put(const PictureKey &key, const QByteArray &picture);
    /** A picture that was taken within some minutes of `created` (a snapshot of that name may have been made anew by
     *  others). NotFound: there is none. */
    Result<QByteArray> read(const PictureKey &key, const QDateTime &created) const;
    void rename(const PictureKey &key, const QString &name);
    void remove(const PictureKey &key);
    /** Removes those of a domain's snapshots that are gone; young ones stay, whose snapshot may be in the making. */
    void prune(const QString &hostUri, const QUuid &domain, const QStringList &snapshots);

private:
    QString directoryOf(const QString &hostUri, const QUuid &domain) const;
    QString pathOf(const PictureKey &key) const;

    QString m_directory;
};

/** A binary PPM (P6, 8 bits a channel) made smaller by a whole factor until it is no wider than `width`; as it is when
 * it is small enough. Empty: it is none. Pure. */
QByteArray shrunkPpm(const QByteArray &ppm, int width);

} // namespace vireo::snapshot
