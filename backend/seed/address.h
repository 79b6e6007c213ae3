// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QString>

namespace vireo::seed {

/** An IPv4 or IPv6 address, read by inet_pton: no names, no zones, no old spellings. */
struct Address {
    bool isV6 = false;
    std::array<quint8, 16> bytes = {}; ///< of v4 only the first four

    static std::optional<Address> parse(const QString &text);
    /** Could belong to one computer: not unspecified, loopback, multicast or broadcast. */
    bool isHost() const;
    QString toString() const;
    friend bool operator==(const Address &, const Address &) = default;
};

/** An address with the length of its network's prefix. */
struct Network {
    Address address;
    int prefix = 0;

    /** "192.168.1.5/24", "fd00::5/64"; none without a prefix or with one of 0. */
    static std::optional<Network> parse(const QString &text);
    bool contains(const Address &other) const;
    /** 255.255.255.0 or ffff:ffff:ffff:ffff:: */
    Address mask() const;
};

} // namespace vireo::seed
