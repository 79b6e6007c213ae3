// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <QJsonArray>

#include "backend/operation/migrate/migratesteps.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using virt::migration::Options;

struct Flag {
    QLatin1StringView key;
    bool Options::*member;
};
constexpr std::array flags{
    Flag{"live"_L1, &Options::live},
    Flag{"offline"_L1, &Options::offline},
    Flag{"peerToPeer"_L1, &Options::peerToPeer},
    Flag{"tunnelled"_L1, &Options::tunnelled},
    Flag{"persistent"_L1, &Options::persistent},
    Flag{"undefineSource"_L1, &Options::undefineSource},
    Flag{"paused"_L1, &Options::paused},
    Flag{"postCopy"_L1, &Options::postCopy},
    Flag{"postCopyResume"_L1, &Options::postCopyResume},
    Flag{"autoConverge"_L1, &Options::autoConverge},
    Flag{"tls"_L1, &Options::tls},
    Flag{"unsafe"_L1, &Options::unsafe},
    Flag{"abortOnError"_L1, &Options::abortOnError},
};

struct Number {
    QLatin1StringView key;
    int Options::*member;
};
constexpr std::array numbers{
    Number{"parallel"_L1, &Options::parallel},
    Number{"throttleInitial"_L1, &Options::throttleInitial},
    Number{"throttleIncrement"_L1, &Options::throttleIncrement},
    Number{"disksPort"_L1, &Options::disksPort},
};

struct Figure {
    QLatin1StringView key;
    quint64 Options::*member;
};
constexpr std::array figures{
    Figure{"xbzrleCache"_L1, &Options::xbzrleCache},
    Figure{"bandwidth"_L1, &Options::bandwidth},
    Figure{"postCopyBandwidth"_L1, &Options::postCopyBandwidth},
    Figure{"downtimeMs"_L1, &Options::downtimeMs},
};

struct Text {
    QLatin1StringView key;
    QString Options::*member;
};
/** Not the XML: it may have secrets. */
constexpr std::array texts{
    Text{"destinationUri"_L1, &Options::destinationUri},
    Text{"migrateUri"_L1, &Options::migrateUri},
    Text{"listenAddress"_L1, &Options::listenAddress},
    Text{"graphicsUri"_L1, &Options::graphicsUri},
    Text{"destinationName"_L1, &Options::destinationName},
};

} // namespace

QJsonObject optionsToJson(const Options &options)
{
    QJsonObject json;
    for (const Flag &each : flags) {
        json.insert(each.key, options.*each.member);
    }
    for (const Number &each : numbers) {
        json.insert(each.key, options.*each.member);
    }
    for (const Figure &each : figures) {
        json.insert(each.key, static_cast<double>(options.*each.member));
    }
    for (const Text &each : texts) {
        json.insert(each.key, options.*each.member);
    }
    json.insert(u"storage"_s, static_cast<int>(options.storage));
    json.insert(u"disks"_s, QJsonArray::fromStringList(options.disks));
    json.insert(u"compression"_s, static_cast<int>(options.compression));
    return json;
}

Options optionsFromJson(const QJsonObject &json)
{
    Options options;
    for (const Flag &each : flags) {
        options.*each.member = json.value(each.key).toBool(options.*each.member);
    }
    for (const Number &each : numbers) {
        options.*each.member = json.value(each.key).toInt();
    }
    for (const Figure &each : figures) {
        options.*each.member = static_cast<quint64>(std::max(0.0, json.value(each.key).toDouble()));
    }
    for (const Text &each : texts) {
        options.*each.member = json.value(each.key).toString();
    }
    options.storage = static_cast<Options::Storage>(json.value("storage"_L1).toInt());
    options.compression = static_cast<Options::Compression>(json.value("compression"_L1).toInt());
    const QJsonArray disks = json.value("disks"_L1).toArray();
    for (const auto &each : disks) {
        options.disks.append(each.toString());
    }
    if (options.disks.isEmpty()) {
        options.storage = Options::Storage::None; // with none named libvirt would copy all, shared ones too
    }
    return options;
}

} // namespace vireo::operation
