// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlscan.h"

#include <algorithm>

namespace vireo::ui::xmlscan {

using namespace Qt::StringLiterals;

namespace {

/** A tag from its "<": name, and where it ends (behind ">"); -1: it does not. */
struct Tag {
    QStringView name;
    qsizetype end = -1;
    bool isEnd = false;
    bool selfClosing = false;
};

Tag tagAt(QStringView text, qsizetype from)
{
    Tag tag;
    qsizetype at = from + 1;
    tag.isEnd = at < text.size() && text[at] == u'/';
    at += tag.isEnd ? 1 : 0;
    const qsizetype nameFrom = at;
    while (at < text.size() && isNameCharacter(text[at])) {
        ++at;
    }
    tag.name = text.sliced(nameFrom, at - nameFrom);
    QChar quote;
    for (; at < text.size(); ++at) {
        const QChar here = text[at];
        if (!quote.isNull()) {
            quote = here == quote ? QChar() : quote;
        } else if (here == u'"' || here == u'\'') {
            quote = here;
        } else if (here == u'>') {
            tag.selfClosing = text[at - 1] == u'/';
            tag.end = at + 1;
            break;
        } else if (here == u'<') {
            break;
        }
    }
    return tag;
}

/** Where one of the kinds that hide tags began, if the text ends inside of it. */
qsizetype unclosed(QStringView before, QStringView opens, QStringView closes)
{
    const qsizetype begin = before.lastIndexOf(opens);
    return begin >= 0 && before.indexOf(closes, begin + opens.size()) < 0 ? begin : -1;
}

} // namespace

bool isNameCharacter(QChar character)
{
    return character.isLetterOrNumber() || character == u'_' || character == u'-' || character == u':'
        || character == u'.';
}

Place placeAt(QStringView text, qsizetype position)
{
    const QStringView before = text.first(std::clamp<qsizetype>(position, 0, text.size()));
    if (const qsizetype from = unclosed(before, u"<!--", u"-->"); from >= 0) {
        return {Place::In::Comment, from, {}, {}};
    }
    if (const qsizetype from = unclosed(before, u"<![CDATA[", u"]]>"); from >= 0) {
        return {Place::In::CData, from, {}, {}};
    }
    if (const qsizetype from = unclosed(before, u"<?", u"?>"); from >= 0) {
        return {Place::In::Instruction, from, {}, {}};
    }
    const qsizetype from = before.lastIndexOf(u'<');
    if (from < 0) {
        return {};
    }
    if (from + 1 < before.size() && before[from + 1] == u'!') {
        return before.indexOf(u'>', from) < 0 ? Place{Place::In::Instruction, from, {}, {}} : Place{};
    }
    const Tag tag = tagAt(before, from);
    if (tag.end >= 0) {
        return {};
    }
    Place place{tag.isEnd ? Place::In::EndTag : Place::In::StartTag, from, tag.name.toString(), {}};
    qsizetype valueFrom = 0;
    for (qsizetype at = from; at < before.size(); ++at) {
        const QChar here = before[at];
        if (!place.quote.isNull()) {
            place.quote = here == place.quote ? QChar() : place.quote;
        } else if (here == u'"' || here == u'\'') {
            place.quote = here;
            valueFrom = at + 1;
        }
    }
    if (!place.quote.isNull()) {
        place.in = Place::In::Value;
        place.from = valueFrom;
    }
    return place;
}

QString openElement(QStringView text, qsizetype position, qsizetype *from)
{
    qsizetype end = std::clamp<qsizetype>(position, 0, text.size());
    const QStringView before = text.first(end);
    qsizetype comment = before.lastIndexOf(u"-->"_s); // the last of each kind before `end`
    qsizetype cdata = before.lastIndexOf(u"]]>"_s);
    int ended = 0;
    while (end > 0) {
        const qsizetype at = before.first(end).lastIndexOf(u'<');
        if (at < 0) {
            break;
        }
        if (comment >= at || cdata >= at) {
            // What is hidden begins before this "<", or at it.
            const bool isComment = comment > cdata;
            qsizetype &close = isComment ? comment : cdata;
            const qsizetype begin =
                before.first(close).lastIndexOf(isComment ? QStringView(u"<!--") : QStringView(u"<![CDATA["));
            if (begin >= 0) {
                end = begin;
            }
            close = before.first(begin >= 0 ? begin : close).lastIndexOf(isComment ? u"-->"_s : u"]]>"_s);
            continue;
        }
        end = at;
        const Tag tag = tagAt(before, at);
        if (tag.end < 0 || tag.name.isEmpty() || tag.selfClosing) {
            continue;
        }
        if (tag.isEnd) {
            ++ended;
        } else if (ended > 0) {
            --ended;
        } else {
            if (from) {
                *from = at;
            }
            return tag.name.toString();
        }
    }
    return {};
}

bool endsBehind(QStringView text, qsizetype position, QStringView name)
{
    int open = 0;
    qsizetype at = text.indexOf(u'<', position);
    while (at >= 0) {
        qsizetype next = at + 1;
        const QStringView rest = text.sliced(at);
        if (rest.startsWith(u"<!--")) {
            next = text.indexOf(u"-->"_s, at);
        } else if (rest.startsWith(u"<![CDATA[")) {
            next = text.indexOf(u"]]>"_s, at);
        } else {
            const Tag tag = tagAt(text, at);
            if (tag.isEnd) {
                if (open == 0) {
                    return tag.name == name;
                }
                --open;
            } else if (tag.end >= 0 && !tag.selfClosing && !tag.name.isEmpty()) {
                ++open;
            }
        }
        if (next < 0) {
            return false;
        }
        at = text.indexOf(u'<', next);
    }
    return false;
}

bool behindStartTag(QStringView text, qsizetype position)
{
    if (position <= 0 || text[position - 1] != u'>') {
        return false;
    }
    const Place place = placeAt(text, position - 1);
    return place.in == Place::In::StartTag && !place.name.isEmpty() && text[position - 2] != u'/';
}

} // namespace vireo::ui::xmlscan
