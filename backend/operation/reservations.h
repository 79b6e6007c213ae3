// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QString>
#include <QUuid>

namespace vireo::operation {

/**
 * What running jobs of this process have promised of hosts: memory and CPUs of VMs that are on their way there. Two
 * migrations must not count the same free memory twice. Nothing is changed on any host.
 *
 * A job is known by its thread, as in SharedVolumes: what it holds is given back when that thread ends, however it
 * ends. Hosts are known by the URI of their connection. Thread-safe; copies share one book.
 */
class Reservations final
{
public:
    struct Promise {
        quint64 memory = 0; ///< bytes
        int vcpus = 0;
        friend bool operator==(const Promise &, const Promise &) = default;
    };

    Reservations();
    ~Reservations();
    Reservations(const Reservations &) = default;
    Reservations &operator=(const Reservations &) = default;
    Reservations(Reservations &&) = default;
    Reservations &operator=(Reservations &&) = default;

    /** In place of what the calling job holds for that domain there. */
    void hold(const QString &hostUri, const QUuid &domain, const Promise &promise);
    void giveBack(const QString &hostUri, const QUuid &domain);
    /** Of all jobs but the calling one. */
    Promise promised(const QString &hostUri) const;

private:
    struct Book;
    struct Leases;
    std::shared_ptr<Book> m_book;
};

} // namespace vireo::operation
