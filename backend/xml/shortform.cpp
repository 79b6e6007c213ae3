// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QHash>

#include "backend/xml/completion_p.h"

namespace vireo::xml {

using namespace Qt::StringLiterals;
using rng::NameId;
using rng::PatternId;
using rng::PatternPool;
using What = rng::Matcher::What;

namespace {

constexpr int maxLevels = 3;

/** What people write although the schema does not insist, with a value where nearly everybody means the same. */
const QStringList &usualAttributes(const QString &parent, const QString &name)
{
    static const QHash<QString, QStringList> table{
        {u"devices/disk"_s, {u"type"_s, u"device=disk"_s}},
        {u"disk/target"_s, {u"dev"_s, u"bus"_s}},
        {u"disk/driver"_s, {u"name=qemu"_s, u"type"_s}},
        {u"interface/model"_s, {u"type"_s}},
        {u"devices/controller"_s, {u"type"_s}},
        {u"devices/hostdev"_s, {u"mode=subsystem"_s, u"type"_s, u"managed=yes"_s}},
        {u"devices/filesystem"_s, {u"type=mount"_s}},
        {u"devices/channel"_s, {u"type"_s}},
        {u"devices/serial"_s, {u"type=pty"_s}},
        {u"devices/console"_s, {u"type=pty"_s}},
        {u"devices/tpm"_s, {u"model"_s}},
        {u"channel/target"_s, {u"type=virtio"_s, u"name"_s}},
        {u"domain/memory"_s, {u"unit=MiB"_s}},
        {u"domain/currentMemory"_s, {u"unit=MiB"_s}},
        {u"domain/maxMemory"_s, {u"slots"_s, u"unit=MiB"_s}},
        {u"domain/cpu"_s, {u"mode"_s}},
        {u"domain/clock"_s, {u"offset"_s}},
        {u"os/bootmenu"_s, {u"enable=yes"_s}},
        {u"os/type"_s, {u"arch"_s, u"machine"_s}},
        {u"cpu/topology"_s, {u"sockets"_s, u"cores"_s, u"threads"_s}},
    };
    static const QStringList none;
    static const QStringList sources{u"file"_s, u"dev"_s, u"dir"_s, u"network"_s, u"bridge"_s, u"pool"_s, u"path"_s};
    if (name == u"source") {
        return sources;
    }
    const auto known = table.constFind(parent + u'/' + name);
    return known == table.cend() ? none : *known;
}

class Writer
{
public:
    explicit Writer(rng::Matcher &matcher)
        : m_matcher(matcher)
    {}

    ShortForm run(const QString &name, PatternId body, const QString &parent)
    {
        element(name, body, parent, 1);
        if (m_cursor < 0) {
            m_cursor = m_text.size();
        }
        return {m_text, m_cursor, m_goesOn};
    }

private:
    void place(bool goesOn)
    {
        if (m_cursor < 0) {
            m_cursor = m_text.size();
            m_goesOn = goesOn;
        }
    }

    QString local(NameId id) const { return m_matcher.localName(id); }

    /** The attributes to write, the usual first, then what is required beside them. */
    PatternId attributes(const QString &name, PatternId body, const QString &parent)
    {
        const bool oneOnly = name == u"source"; // file, or dev, or …: the first that goes
        const QStringList usual = usualAttributes(parent, name);
        const auto required = m_matcher.required(body, What::Attributes);
        bool done = false;
        for (const QString &entry : usual) {
            const QString attribute = entry.section(u'=', 0, 0);
            if (oneOnly && (done || !required.isEmpty())) {
                break;
            }
            const PatternId next = write(attribute, body, entry.section(u'=', 1));
            done = done || next != PatternPool::notAllowed;
            body = next != PatternPool::notAllowed ? next : body;
        }
        for (int i = 0; i < 8; ++i) {
            const auto missing = m_matcher.required(body, What::Attributes);
            if (missing.isEmpty()) {
                break;
            }
            NameId first = missing.first();
            const auto classes = m_matcher.next(body, What::Attributes); // in the order of the schema
            for (const int nameClass : classes) {
                if (missing.contains(m_matcher.grammar().onlyName(nameClass))) {
                    first = m_matcher.grammar().onlyName(nameClass);
                    break;
                }
            }
            const PatternId next = write(local(first), body, {});
            if (next == PatternPool::notAllowed) {
                break;
            }
            body = next;
        }
        const PatternId closed = m_matcher.closeTag(body);
        return closed != PatternPool::notAllowed ? closed : m_matcher.closeTag(body, true);
    }

    PatternId write(const QString &attribute, PatternId body, const QString &preferred)
    {
        const PatternId named = m_matcher.attributeName(body, m_matcher.nameOf({}, attribute));
        if (named == PatternPool::notAllowed) {
            return named;
        }
        const auto values = m_matcher.enumerate(m_matcher.values(named));
        QString value = preferred;
        if (values.words.size() == 1 && values.types.isEmpty() && !values.anyText) {
            value = values.words.first();
        }
        PatternId next = m_matcher.attributeValue(named, value);
        if (!preferred.isEmpty() && next == PatternPool::notAllowed) {
            return next; // here it means something else
        }
        if (next == PatternPool::notAllowed || value.isEmpty()) {
            next = m_matcher.attributeValue(named, {}, true);
        }
        m_text += u" %1='%2"_s.arg(attribute, value);
        if (value.isEmpty()) {
            place(!values.words.isEmpty() || hostMayKnow(attribute));
        }
        m_text += u'\'';
        return next;
    }

    /** Values that a host's lists or the document itself may give. */
    static bool hostMayKnow(const QString &attribute)
    {
        static const QStringList names{u"dev"_s, u"network"_s, u"bridge"_s, u"pool"_s, u"volume"_s, u"filter"_s,
            u"machine"_s, u"address"_s, u"uuid"_s, u"type"_s};
        return names.contains(attribute);
    }

    void element(const QString &name, PatternId body, const QString &parent, int level)
    {
        m_text += name;
        const qsizetype before = m_text.size();
        const PatternId content = attributes(name, body, parent);
        const bool written = m_text.size() > before;
        const auto children = m_matcher.next(content, What::Elements);
        const bool text = m_matcher.hasText(content);
        if (children.isEmpty() && !text) {
            m_text += u"/>"_s;
            return;
        }
        const auto required = m_matcher.required(content, What::Elements);
        if (required.isEmpty() && written && parent != u"devices" && m_matcher.pool().nullable(content)) {
            m_text += u"/>"_s; // it may hold more, but its attributes say it all
            return;
        }
        m_text += u'>';
        if (level < maxLevels) {
            for (const NameId child : required) {
                m_text += u'<';
                element(local(child), m_matcher.bodyOf(content, child), name, level + 1);
            }
        }
        place(!children.isEmpty() || !m_matcher.enumerate(content).words.isEmpty());
        m_text += u"</%1>"_s.arg(name.section(u' ', 0, 0));
    }

    rng::Matcher &m_matcher;
    QString m_text;
    qsizetype m_cursor = -1;
    bool m_goesOn = false;
};

} // namespace

ShortForm shortForm(rng::Matcher &matcher, const QString &name, PatternId body, const QString &parent)
{
    return Writer(matcher).run(name, body, parent);
}

} // namespace vireo::xml
