// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/address.h"

#include <algorithm>
#include <arpa/inet.h>

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::seed {

std::optional<Address> Address::parse(const QString &text)
{
    Address address;
    address.isV6 = text.contains(u':');
    const bool ascii = std::ranges::all_of(text, [](QChar c) { return c > u' ' && c < QChar(0x7f); });
    if (!ascii
        || inet_pton(address.isV6 ? AF_INET6 : AF_INET, text.toLatin1().constData(), address.bytes.data()) != 1) {
        return {};
    }
    return address;
}

bool Address::isHost() const
{
    constexpr Address unspecified6{true, {}};
    constexpr Address loopback6{true, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
    if (isV6) {
        return bytes[0] != 0xff && *this != unspecified6 && *this != loopback6;
    }
    return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224; // 0/8, 127/8; multicast, reserved and broadcast
}

QString Address::toString() const
{
    std::array<char, INET6_ADDRSTRLEN> text = {};
    inet_ntop(isV6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
    return QString::fromLatin1(text.data());
}

std::optional<Network> Network::parse(const QString &text)
{
    static const QRegularExpression form(u"\\A([^/]+)/([1-9][0-9]{0,2})\\z"_s);
    const QRegularExpressionMatch match = form.match(text);
    const auto address = match.hasMatch() ? Address::parse(match.captured(1)) : std::nullopt;
    const int prefix = match.captured(2).toInt();
    if (!address || prefix > (address->isV6 ? 128 : 32)) {
        return {};
    }
    return Network{*address, prefix};
}

Address Network::mask() const
{
    Address mask{address.isV6, {}};
    for (size_t bit = 0; bit < static_cast<size_t>(prefix); ++bit) {
        mask.bytes[bit / 8] = static_cast<quint8>(mask.bytes[bit / 8] | (0x80U >> (bit % 8)));
    }
    return mask;
}

bool Network::contains(const Address &other) const
{
    const Address bits = mask();
    for (size_t i = 0; i < bits.bytes.size(); ++i) {
        if ((address.bytes[i] & bits.bytes[i]) != (other.bytes[i] & bits.bytes[i])) {
            return false;
        }
    }
    return address.isV6 == other.isV6;
}

} // namespace vireo::seed
