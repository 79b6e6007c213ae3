// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "packaging/generator/releases.h"

#include <QLocale>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::packaging {

namespace {

constexpr qsizetype debianWidth = 78;

/** The first sentence: software centres show a list, not a book. */
QString firstSentence(const QString &text)
{
    static const QRegularExpression end(u"[.;:](\\s|$)"_s);
    const QRegularExpressionMatch match = end.match(text);
    return (match.hasMatch() ? text.left(match.capturedStart()) : text) + u'.';
}

/** Words in lines of at most debianWidth, behind "  * " and "    ". */
QString wrapped(const QString &text)
{
    QString result;
    QString line = u"  *"_s;
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    for (const QString &word : words) {
        if (line.size() + 1 + word.size() > debianWidth) {
            result += line + u'\n';
            line = u"   "_s;
        }
        line += u' ' + word;
    }
    return result + line + u'\n';
}

} // namespace

QList<Release> readChangelog(const QString &text)
{
    static const QRegularExpression heading(u"^## \\[([^\\]]+)\\](?: - (\\d{4}-\\d\\d-\\d\\d))?\\s*$"_s);
    QList<Release> releases;
    bool inItem = false;
    const QStringList lines = text.split(u'\n');
    for (const QString &line : lines) {
        if (const QRegularExpressionMatch match = heading.match(line); match.hasMatch()) {
            Release release;
            if (match.hasCaptured(2)) {
                release.version = match.captured(1);
                release.date = QDate::fromString(match.captured(2), Qt::ISODate);
            }
            releases.append(release);
            inItem = false;
        } else if (!releases.isEmpty() && line.startsWith(u"- "_s)) {
            releases.last().changes.append(line.sliced(2).remove(u'`').simplified());
            inItem = true;
        } else if (inItem && line.startsWith(u"  "_s)) {
            releases.last().changes.last() += u' ' + QString(line).remove(u'`').simplified();
        } else {
            inItem = false;
        }
    }
    return releases;
}

QString metainfoReleases(const QList<Release> &releases, const QString &version, const QDateTime &now)
{
    QString text = u"  <releases>\n"_s;
    for (const Release &release : releases) {
        text += release.date ? u"    <release version=\"%1\" date=\"%2\">\n"_s.arg(
                                   release.version.toHtmlEscaped(), release.date->toString(Qt::ISODate))
                             : u"    <release version=\"%1\" type=\"development\" date=\"%2\">\n"_s.arg(
                                   version.toHtmlEscaped(), now.date().toString(Qt::ISODate));
        if (!release.changes.isEmpty()) {
            text += u"      <description>\n        <ul>\n"_s;
            for (const QString &change : release.changes) {
                text += u"          <li>"_s + firstSentence(change).toHtmlEscaped() + u"</li>\n"_s;
            }
            text += u"        </ul>\n      </description>\n"_s;
        }
        text += u"    </release>\n"_s;
    }
    return text + u"  </releases>\n"_s;
}

QString debianChangelog(
    const QList<Release> &releases, const QString &version, const QString &maintainer, const QDateTime &now)
{
    QString text;
    for (const Release &release : releases) {
        const QDateTime date = release.date ? QDateTime(*release.date, QTime(12, 0), Qt::UTC) : now.toUTC();
        text += u"vireo (%1) unstable; urgency=medium\n\n"_s.arg(release.date ? release.version + u"-1"_s : version);
        for (const QString &change : release.changes) {
            text += wrapped(change);
        }
        text +=
            u"\n -- %1  %2 +0000\n\n"_s.arg(maintainer, QLocale::c().toString(date, u"ddd, dd MMM yyyy HH:mm:ss"_s));
    }
    text.chop(1);
    return text;
}

} // namespace vireo::packaging
