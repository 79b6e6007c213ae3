// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/createdraft.h"

#include <cmath>
#include <limits>

#include <QCoreApplication>
#include <QJsonArray>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct CreatedraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_CreateDraft)
};

using Errors = QList<DraftError>;

/**
 * One JSON object of the draft: hands out its members by type, notes what is wrong with its path, and in the end
 * reports the members that nobody asked for.
 */
class Reader final
{
    Q_DISABLE_COPY_MOVE(Reader)

public:
    Reader(const QJsonObject &object, const QString &path, Errors &errors)
        : m_object(object)
        , m_path(path)
        , m_errors(errors)
    {}
    ~Reader()
    {
        for (auto it = m_object.begin(); it != m_object.end(); ++it) {
            if (!m_known.contains(it.key())) {
                error(it.key(), CreatedraftText::tr("Unknown key."));
            }
        }
    }

    QString pathOf(const QString &key) const { return m_path + u'.' + key; }
    void error(const QString &key, const QString &message) { m_errors.append({pathOf(key), message}); }
    bool has(const QString &key) const { return m_object.contains(key); }

    QJsonValue value(const QString &key)
    {
        m_known << key;
        return m_object.value(key);
    }
    QString text(const QString &key, bool required = false)
    {
        const QJsonValue found = value(key);
        if (found.isUndefined() && !required) {
            return {};
        }
        if (!found.isString() || (required && found.toString().isEmpty())) {
            error(key,
                found.isUndefined() || found.isString() ? CreatedraftText::tr("A value is needed.")
                                                        : CreatedraftText::tr("A text is needed."));
            return {};
        }
        return found.toString();
    }
    bool flag(const QString &key, bool fallback)
    {
        const QJsonValue found = value(key);
        if (found.isUndefined()) {
            return fallback;
        }
        if (!found.isBool()) {
            error(key, CreatedraftText::tr("true or false is needed."));
        }
        return found.toBool();
    }
    quint64 count(const QString &key, quint64 fallback, quint64 maximum)
    {
        const QJsonValue found = value(key);
        if (found.isUndefined()) {
            return fallback;
        }
        const double number = found.toDouble(-1);
        if (number < 1 || number != std::floor(number) || number > double(maximum)) {
            error(key, CreatedraftText::tr("A whole number from 1 to %1 is needed.").arg(maximum));
            return fallback;
        }
        return static_cast<quint64>(number);
    }
    /** One of `choices`; those of `later` are known to the drafts table but not served yet. */
    QString choice(const QString &key, const QStringList &choices, const QStringList &later, const QString &fallback)
    {
        const QJsonValue found = value(key);
        if (found.isUndefined() && !fallback.isEmpty()) {
            return fallback;
        }
        QString text = found.toString();
        if (choices.contains(text)) {
            return text;
        }
        if (later.contains(text)) {
            error(key, CreatedraftText::tr("“%1” isn't served by this version yet.").arg(text));
        } else {
            error(key, CreatedraftText::tr("One of these is needed: %1.").arg(choices.join(u", "_s)));
        }
        return fallback;
    }
    /** A key whose only value that this version serves is its default. */
    void onlyDefault(const QString &key, const QJsonValue &fallback)
    {
        const QJsonValue found = value(key);
        if (!found.isUndefined() && found != fallback) {
            error(key, CreatedraftText::tr("Only the default is served by this version yet."));
        }
    }

private:
    const QJsonObject m_object;
    const QString m_path;
    Errors &m_errors;
    QStringList m_known;
};

void readSource(const QJsonValue &value, CreateDraft &draft, Errors &errors)
{
    const QString path = u"$.source"_s;
    if (!value.isObject()) {
        errors.append({path, CreatedraftText::tr("An object is needed.")});
        return;
    }
    Reader reader(value.toObject(), path, errors);
    const QString kind = reader.choice(
        u"kind"_s, {u"image"_s, u"iso"_s, u"disk"_s, u"none"_s}, {u"tree"_s, u"kernel"_s, u"pxe"_s, u"xml"_s}, {});
    for (const QString &key : {u"kernel"_s, u"initrd"_s, u"cmdline"_s}) {
        reader.onlyDefault(key, QJsonValue(QJsonValue::Undefined));
    }
    draft.path = reader.text(u"path"_s);
    const QJsonValue volume = reader.value(u"volume"_s);
    if (volume.isObject()) {
        Reader inner(volume.toObject(), path + u".volume"_s, errors);
        draft.volume = CreateDraft::Volume{inner.text(u"pool"_s, true), inner.text(u"name"_s, true)};
    } else if (!volume.isUndefined()) {
        reader.error(u"volume"_s, CreatedraftText::tr("An object is needed."));
    }
    using Kind = CreateDraft::SourceKind;
    if (kind.isEmpty()) {
        return;
    }
    draft.source = kind == "iso"_L1 ? Kind::Iso
        : kind == "disk"_L1         ? Kind::Disk
        : kind == "none"_L1         ? Kind::None
                                    : Kind::Image;
    const int given = int(!draft.path.isEmpty()) + int(!volume.isUndefined());
    if (draft.source == Kind::None && given > 0) {
        reader.error(u"kind"_s, CreatedraftText::tr("“none” goes with neither path nor volume."));
    } else if (draft.source == Kind::Disk && !draft.path.isEmpty()) {
        reader.error(u"path"_s, CreatedraftText::tr("An existing disk must be a volume of the host."));
    } else if (draft.source != Kind::None && given != 1) {
        errors.append({path, CreatedraftText::tr("Either path or volume is needed.")});
    }
}

void readNics(const QJsonValue &value, CreateDraft &draft, Errors &errors)
{
    if (value.isUndefined()) {
        return;
    }
    if (!value.isArray()) {
        errors.append({u"$.nics"_s, CreatedraftText::tr("A list is needed.")});
        return;
    }
    static const QRegularExpression macPattern(u"^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$"_s);
    static const QRegularExpression modelPattern(u"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"_s);
    const QJsonArray list = value.toArray();
    for (qsizetype i = 0; i < list.size(); ++i) {
        const QString path = u"$.nics[%1]"_s.arg(i);
        if (!list.at(i).isObject()) {
            errors.append({path, CreatedraftText::tr("An object is needed.")});
            continue;
        }
        Reader reader(list.at(i).toObject(), path, errors);
        CreateDraft::Nic nic;
        const bool network = reader.has(u"network"_s);
        const bool bridge = reader.has(u"bridge"_s);
        const bool user = reader.flag(u"user"_s, false);
        nic.source = reader.text(u"network"_s, network);
        if (const QString name = reader.text(u"bridge"_s, bridge); bridge) {
            nic.source = name;
        }
        if (int(network) + int(bridge) + int(user) != 1) {
            errors.append({path, CreatedraftText::tr("Exactly one of network, bridge and user is needed.")});
        }
        nic.kind = bridge ? CreateDraft::NicKind::Bridge
            : user        ? CreateDraft::NicKind::User
                          : CreateDraft::NicKind::Network;
        nic.model = reader.text(u"model"_s);
        if (!nic.model.isEmpty() && !modelPattern.match(nic.model).hasMatch()) {
            reader.error(u"model"_s, CreatedraftText::tr("That can't be a network card's model."));
        }
        nic.mac = reader.text(u"mac"_s).toLower();
        if (!nic.mac.isEmpty()) {
            if (!macPattern.match(nic.mac).hasMatch()) {
                reader.error(u"mac"_s, CreatedraftText::tr("A MAC address has six bytes, as in 52:54:00:12:34:56."));
            } else if (nic.mac.left(2).toInt(nullptr, 16) & 1) {
                reader.error(u"mac"_s, CreatedraftText::tr("A network card can't have a multicast address."));
            }
        }
        draft.nics.append(nic);
    }
}

void readTags(const QJsonValue &value, CreateDraft &draft, Errors &errors)
{
    if (value.isUndefined()) {
        return;
    }
    if (!value.isArray()) {
        errors.append({u"$.tags"_s, CreatedraftText::tr("A list is needed.")});
        return;
    }
    const QJsonArray list = value.toArray();
    for (qsizetype i = 0; i < list.size(); ++i) {
        if (list.at(i).toString().isEmpty()) {
            errors.append({u"$.tags[%1]"_s.arg(i), CreatedraftText::tr("A text is needed.")});
        } else {
            draft.tags.append(list.at(i).toString());
        }
    }
}

} // namespace

std::expected<CreateDraft, QList<DraftError>> createDraftFromJson(const QJsonObject &json)
{
    constexpr quint64 maxMemoryMiB = 64ULL * 1024 * 1024;
    constexpr quint64 maxVcpus = 4096;
    constexpr double maxGiB = 1024.0 * 1024;
    CreateDraft draft;
    Errors errors;
    {
        Reader reader(json, u"$"_s, errors);
        if (const QString operation = reader.text(u"operation"_s, true);
            !operation.isEmpty() && operation != "create"_L1) {
            reader.error(u"operation"_s, CreatedraftText::tr("This is not a draft of the operation “create”."));
        }
        draft.host = reader.text(u"host"_s, true);
        draft.name = reader.text(u"name"_s, true);
        readSource(reader.value(u"source"_s), draft, errors);
        draft.memoryMiB = reader.count(u"memory_mib"_s, draft.memoryMiB, maxMemoryMiB);
        draft.vcpus = static_cast<int>(reader.count(u"vcpus"_s, quint64(draft.vcpus), maxVcpus));
        if (const QJsonValue root = reader.value(u"root_gib"_s); !root.isUndefined()) {
            if (!root.isDouble() || !(root.toDouble() > 0) || root.toDouble() > maxGiB) {
                reader.error(u"root_gib"_s,
                    CreatedraftText::tr("A number above 0 and up to %1 is needed.").arg(maxGiB, 0, 'f', 0));
            } else {
                draft.rootGiB = root.toDouble();
            }
        }
        if (reader.has(u"pool"_s)) {
            draft.pool = reader.text(u"pool"_s, true);
        }
        draft.fullCopy = reader.choice(u"copy"_s, {u"overlay"_s, u"full"_s}, {}, u"overlay"_s) == "full"_L1;
        readNics(reader.value(u"nics"_s), draft, errors);
        draft.graphics =
            reader.choice(u"graphics"_s, {u"auto"_s, u"none"_s}, {u"vnc"_s, u"spice"_s}, u"auto"_s) != "none"_L1;
        draft.start = reader.flag(u"start"_s, draft.start);
        draft.autostart = reader.flag(u"autostart"_s, draft.autostart);
        draft.title = reader.text(u"title"_s);
        draft.description = reader.text(u"description"_s);
        readTags(reader.value(u"tags"_s), draft, errors);
        reader.onlyDefault(u"disks"_s, QJsonArray());
        reader.onlyDefault(u"firmware"_s, u"auto"_s);
        reader.onlyDefault(u"tpm"_s, false);
        reader.onlyDefault(u"cpu"_s, u"auto"_s);
        reader.onlyDefault(u"os"_s, u"detected"_s);
        reader.onlyDefault(u"seed"_s, QJsonValue(QJsonValue::Null));
    }
    if (!errors.isEmpty()) {
        return std::unexpected(errors);
    }
    return draft;
}

QJsonObject CreateDraft::toJson() const
{
    QJsonObject sourceObject;
    switch (source) {
    case SourceKind::Image:
        sourceObject.insert("kind"_L1, "image"_L1);
        break;
    case SourceKind::Iso:
        sourceObject.insert("kind"_L1, "iso"_L1);
        break;
    case SourceKind::Disk:
        sourceObject.insert("kind"_L1, "disk"_L1);
        break;
    case SourceKind::None:
        sourceObject.insert("kind"_L1, "none"_L1);
        break;
    }
    if (volume) {
        sourceObject.insert("volume"_L1, QJsonObject{{u"pool"_s, volume->pool}, {u"name"_s, volume->name}});
    } else if (!path.isEmpty()) {
        sourceObject.insert("path"_L1, path);
    }

    QJsonObject json{{u"operation"_s, u"create"_s}, {u"host"_s, host}, {u"name"_s, name}, {u"source"_s, sourceObject},
        {u"memory_mib"_s, static_cast<qint64>(memoryMiB)}, {u"vcpus"_s, vcpus}, {u"pool"_s, pool},
        {u"copy"_s, fullCopy ? u"full"_s : u"overlay"_s}, {u"graphics"_s, graphics ? u"auto"_s : u"none"_s},
        {u"start"_s, start}, {u"autostart"_s, autostart}};
    if (rootGiB) {
        json.insert("root_gib"_L1, *rootGiB);
    }
    QJsonArray nicArray;
    for (const Nic &nic : nics) {
        QJsonObject object;
        if (nic.kind == NicKind::User) {
            object.insert("user"_L1, true);
        } else {
            object.insert(nic.kind == NicKind::Bridge ? "bridge"_L1 : "network"_L1, nic.source);
        }
        if (!nic.model.isEmpty()) {
            object.insert("model"_L1, nic.model);
        }
        if (!nic.mac.isEmpty()) {
            object.insert("mac"_L1, nic.mac);
        }
        nicArray.append(object);
    }
    if (!nicArray.isEmpty()) {
        json.insert("nics"_L1, nicArray);
    }
    if (!title.isEmpty()) {
        json.insert("title"_L1, title);
    }
    if (!description.isEmpty()) {
        json.insert("description"_L1, description);
    }
    if (!tags.isEmpty()) {
        json.insert("tags"_L1, QJsonArray::fromStringList(tags));
    }
    return json;
}

} // namespace vireo::operation
