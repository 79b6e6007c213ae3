// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/naming.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

struct NamingText {
    Q_DECLARE_TR_FUNCTIONS(SnapshotNaming)
};

constexpr qsizetype longestName = 200; // of 255 bytes that a file's name may have: VM and disk are in it, too
constexpr qsizetype longestFile = 240;

/** The text with what file names, QEMU's options and people's shells take ill replaced. */
QString fileText(const QString &text)
{
    QString result;
    for (const QChar c : text) {
        const bool bad = c.unicode() < 0x20 || c.unicode() == 0x7f || u"/\\,:;*?\"'<>|&$`!{}[]()#~ \t"_s.contains(c);
        result.append(bad ? u'-' : c);
    }
    return result;
}

/** At most `bytes` of UTF-8, cut between characters. */
QString shortened(const QString &text, qsizetype bytes)
{
    QString result = text;
    while (result.toUtf8().size() > bytes) {
        result.chop(result.size() > 1 && result.back().isLowSurrogate() ? 2 : 1);
    }
    return result;
}

QSet<QString> knownPaths(const Facts &facts)
{
    QSet<QString> paths;
    for (auto it = facts.files.constBegin(); it != facts.files.constEnd(); ++it) {
        if (it->presence != FileFacts::Presence::Missing) {
            paths.insert(it.key());
        }
    }
    // Files of recorded states are not to be mistaken for others, missing or not.
    for (const Snapshot &snapshot : facts.snapshots) {
        paths.insert(snapshot.memoryFile);
        for (const SnapshotDisk &disk : snapshot.disks) {
            paths.insert(disk.overlay.path);
            for (const Layer &layer : disk.state) {
                paths.insert(layer.path);
            }
        }
    }
    for (const DiskNow &disk : facts.disks) {
        for (const Layer &layer : disk.chain) {
            paths.insert(layer.path);
        }
    }
    return paths;
}

QString freePath(const Facts &facts, const QString &directory, const QString &stem, const QString &suffix)
{
    const QSet<QString> known = knownPaths(facts);
    const QString base = directory + u'/' + shortened(stem, longestFile - suffix.size() - 8);
    QString path = base + suffix;
    for (int i = 2; known.contains(path); ++i) {
        path = base + u'-' + QString::number(i) + suffix;
    }
    return path;
}

QString stemOf(const Facts &facts, const QString &snapshot)
{
    QString stem = fileText(facts.domain.name) + u'.' + fileText(snapshot);
    while (stem.startsWith(u'-') || stem.startsWith(u'.')) {
        stem.remove(0, 1);
    }
    return stem;
}

} // namespace

QString nameProblem(const QString &name, const Facts &facts)
{
    if (name.trimmed().isEmpty()) {
        return NamingText::tr("A snapshot needs a name.");
    }
    if (name != name.trimmed()) {
        return NamingText::tr("The name begins or ends with a space.");
    }
    if (name.startsWith(u'-') || name.startsWith(u'.')) {
        return NamingText::tr("The name can't begin with “%1”.").arg(name.front());
    }
    for (const QChar c : name) {
        if (c == u'/' || c == u',') {
            return NamingText::tr("The name can't contain “%1”: it becomes part of file names.").arg(c);
        }
        if (c.category() == QChar::Other_Control || c == QChar::LineSeparator || c == QChar::ParagraphSeparator) {
            return NamingText::tr("The name contains a character that can't be seen.");
        }
    }
    if (name.toUtf8().size() > longestName) {
        return NamingText::tr("The name is too long: %1 bytes at most.").arg(longestName);
    }
    return facts.find(name) ? NamingText::tr("There is a snapshot “%1” already.").arg(name) : QString();
}

QString suggestedName(const Facts &facts, const QDateTime &now)
{
    // No colon: it is no character for file names everywhere.
    const QString base = now.toString(u"yyyy-MM-dd HH.mm"_s);
    QString name = base;
    for (int i = 2; facts.find(name); ++i) {
        name = base + u" ("_s + QString::number(i) + u')';
    }
    return name;
}

QString overlayPath(const Facts &facts, const QString &target, const QString &snapshot)
{
    QString directory = facts.overlayDirectory;
    if (const DiskNow *disk = facts.disk(target); disk && !disk->chain.isEmpty()) {
        const QString present = disk->chain.first().path;
        if (present.startsWith(u'/') && !present.startsWith("/dev/"_L1)) {
            directory = QFileInfo(present).path();
        }
    }
    qsizetype parts = 0;
    for (const DiskNow &disk : facts.disks) {
        parts += disk.canSnapshot ? 1 : 0;
    }
    const QString stem = stemOf(facts, snapshot);
    return freePath(facts, directory, shortened(stem, longestFile - 40),
        (parts > 1 ? u'-' + fileText(target) : u""_s) + u".qcow2"_s);
}

QString memoryPath(const Facts &facts, const QString &snapshot)
{
    return freePath(facts, facts.overlayDirectory, stemOf(facts, snapshot), u".mem"_s);
}

} // namespace vireo::snapshot
