// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QHash>

#include "backend/xml/comparison.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

/** Edits looked for at most; two texts further apart than that are shown as one large change. */
constexpr int maxEdits = 4000;

/** Equal lines in both lists: pairs of indices, ascending. */
using Matches = QList<std::pair<int, int>>;

/** Myers' greedy search for the shortest edit script; its memory is the square of the edits. */
Matches matchMyers(const QList<int> &left, const QList<int> &right, int leftFrom, int rightFrom)
{
    const auto n = static_cast<int>(left.size());
    const auto m = static_cast<int>(right.size());
    const int limit = std::min(n + m, maxEdits);
    QList<QList<int>> trace;
    QList<int> furthest(qsizetype{2} * limit + 2, 0); // by diagonal, shifted by `limit`
    int found = -1;
    for (int d = 0; d <= limit && found < 0; ++d) {
        trace.append(furthest.sliced(limit - d, qsizetype{2} * d + 1));
        for (int k = -d; k <= d; k += 2) {
            const bool down = k == -d || (k != d && furthest[limit + k - 1] < furthest[limit + k + 1]);
            int x = d == 0 ? 0 : down ? furthest[limit + k + 1] : furthest[limit + k - 1] + 1;
            while (x < n && x - k < m && x - k >= 0 && left[x] == right[x - k]) {
                ++x;
            }
            furthest[limit + k] = x;
            if (x >= n && x - k >= m) {
                found = d;
                break;
            }
        }
    }
    Matches matches;
    if (found < 0) {
        return matches;
    }
    int x = n;
    int y = m;
    for (int d = found; d > 0; --d) {
        const QList<int> &before = trace[d]; // as it was when round d began, diagonals -d to d
        const int k = x - y;
        const bool down = k == -d || (k != d && before[k - 1 + d] < before[k + 1 + d]);
        const int previousK = down ? k + 1 : k - 1;
        const int previousX = before[previousK + d];
        const int previousY = previousX - previousK;
        const int startX = down ? previousX : previousX + 1;
        while (x > startX) {
            --x;
            --y;
            matches.append({leftFrom + x, rightFrom + y});
        }
        x = previousX;
        y = previousY;
    }
    while (x > 0 && y > 0) {
        --x;
        --y;
        matches.append({leftFrom + x, rightFrom + y});
    }
    std::ranges::reverse(matches);
    return matches;
}

Matches matchLines(const QStringList &left, const QStringList &right)
{
    QHash<QString, int> numbers;
    const auto number = [&numbers](const QString &line) {
        const auto known = numbers.constFind(line);
        return known != numbers.constEnd() ? *known : *numbers.insert(line, static_cast<int>(numbers.size()));
    };
    const auto numbered = [&number](const QStringList &lines) {
        QList<int> result;
        result.reserve(lines.size());
        for (const QString &line : lines) {
            result.append(number(line));
        }
        return result;
    };
    const QList<int> a = numbered(left);
    const QList<int> b = numbered(right);
    const int shorter = static_cast<int>(std::min(a.size(), b.size()));
    int head = 0;
    while (head < shorter && a[head] == b[head]) {
        ++head;
    }
    int tail = 0;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
        ++tail;
    }
    Matches matches;
    for (int i = 0; i < head; ++i) {
        matches.append({i, i});
    }
    matches += matchMyers(a.sliced(head, a.size() - head - tail), b.sliced(head, b.size() - head - tail), head, head);
    for (int i = tail; i > 0; --i) {
        matches.append({static_cast<int>(a.size()) - i, static_cast<int>(b.size()) - i});
    }
    return matches;
}

using Origin = MergePart::Origin;

Origin originOf(const QStringList &base, const QStringList &mine, const QStringList &theirs)
{
    if (mine == theirs) {
        return mine == base ? Origin::Same : Origin::Both;
    }
    return mine == base ? Origin::Theirs : theirs == base ? Origin::Mine : Origin::Conflict;
}

/** Changes of neighbouring lines that touch, but none of the same line, are none of each other's business: in domain
 *  XML each line is an element of its own. Taken apart when no side added or removed lines. */
QList<MergePart> apart(const MergePart &part)
{
    if (part.origin != Origin::Conflict || part.base.size() != part.mine.size()
        || part.base.size() != part.theirs.size()) {
        return {part};
    }
    QList<MergePart> parts;
    for (qsizetype i = 0; i < part.base.size(); ++i) {
        const QStringList base{part.base[i]};
        const QStringList mine{part.mine[i]};
        const QStringList theirs{part.theirs[i]};
        const Origin origin = originOf(base, mine, theirs);
        if (parts.isEmpty() || parts.last().origin != origin) {
            parts.append({origin, {}, {}, {}});
        }
        parts.last().base += base;
        parts.last().mine += mine;
        parts.last().theirs += theirs;
    }
    return parts;
}

/** Lines, the last without a line end of its own. */
QStringList linesOf(const QString &text)
{
    QStringList lines = text.split(u'\n');
    for (QString &line : lines) {
        if (line.endsWith(u'\r')) {
            line.chop(1);
        }
    }
    return lines;
}

QList<LineRun> runsOf(const Matches &matches, int leftCount, int rightCount)
{
    QList<LineRun> runs;
    int left = 0;
    int right = 0;
    const auto differ = [&](int toLeft, int toRight) {
        if (toLeft > left || toRight > right) {
            runs.append({false, left, toLeft - left, right, toRight - right});
        }
    };
    for (const auto &[x, y] : matches) {
        differ(x, y);
        if (!runs.isEmpty() && runs.last().same) {
            ++runs.last().leftCount;
            ++runs.last().rightCount;
        } else {
            runs.append({true, x, 1, y, 1});
        }
        left = x + 1;
        right = y + 1;
    }
    differ(leftCount, rightCount);
    return runs;
}

} // namespace

QList<LineRun> compareLines(const QStringList &left, const QStringList &right)
{
    return runsOf(matchLines(left, right), static_cast<int>(left.size()), static_cast<int>(right.size()));
}

QString unifiedDiff(const QString &left, const QString &right, int context)
{
    const QStringList a = linesOf(left);
    const QStringList b = linesOf(right);
    const QList<LineRun> runs = compareLines(a, b);
    QString result;
    for (qsizetype i = 0; i < runs.size();) {
        if (runs[i].same) {
            ++i;
            continue;
        }
        // A hunk: changes that are at most twice the context apart.
        qsizetype last = i;
        while (last + 2 < runs.size() && runs[last + 1].same && runs[last + 1].leftCount <= 2 * context) {
            last += 2;
        }
        const int before = i > 0 ? std::min(context, runs[i - 1].leftCount) : 0;
        const int after = last + 1 < runs.size() ? std::min(context, runs[last + 1].leftCount) : 0;
        const int leftFrom = runs[i].leftFrom - before;
        const int rightFrom = runs[i].rightFrom - before;
        const int leftTo = runs[last].leftFrom + runs[last].leftCount + after;
        const int rightTo = runs[last].rightFrom + runs[last].rightCount + after;
        const auto range = [](int from, int count) {
            return u"%1,%2"_s.arg(count == 0 ? from : from + 1).arg(count);
        };
        result += u"@@ -%1 +%2 @@\n"_s.arg(range(leftFrom, leftTo - leftFrom), range(rightFrom, rightTo - rightFrom));
        const auto lines = [&result](QChar sign, const QStringList &from, int at, int count) {
            for (int k = 0; k < count; ++k) {
                result += sign + from[at + k] + u'\n';
            }
        };
        lines(u' ', a, leftFrom, before);
        for (qsizetype k = i; k <= last; ++k) {
            if (runs[k].same) {
                lines(u' ', a, runs[k].leftFrom, runs[k].leftCount);
            } else {
                lines(u'-', a, runs[k].leftFrom, runs[k].leftCount);
                lines(u'+', b, runs[k].rightFrom, runs[k].rightCount);
            }
        }
        lines(u' ', a, leftTo - after, after);
        i = last + 1;
    }
    return result;
}

int Merge::conflicts() const
{
    return static_cast<int>(std::ranges::count(parts, MergePart::Origin::Conflict, &MergePart::origin));
}

QString Merge::text(Prefer prefer) const
{
    QStringList lines;
    for (const MergePart &part : parts) {
        switch (part.origin) {
        case MergePart::Origin::Same:
        case MergePart::Origin::Mine:
        case MergePart::Origin::Both:
            lines += part.mine;
            break;
        case MergePart::Origin::Theirs:
            lines += part.theirs;
            break;
        case MergePart::Origin::Conflict:
            lines += prefer == Prefer::Mine ? part.mine : part.theirs;
            break;
        }
    }
    return lines.join(u'\n');
}

Merge mergeThreeWay(const QString &base, const QString &mine, const QString &theirs)
{
    const QStringList o = linesOf(base);
    const QStringList a = linesOf(mine);
    const QStringList b = linesOf(theirs);
    // For each line of the base where it is in the others; -1: it went.
    const auto places = [&o](const QStringList &other) {
        QList<int> result(o.size() + 1, -1);
        const Matches matches = matchLines(o, other);
        for (const auto &[x, y] : matches) {
            result[x] = y;
        }
        result[o.size()] = static_cast<int>(other.size());
        return result;
    };
    const QList<int> inMine = places(a);
    const QList<int> inTheirs = places(b);
    Merge merge;
    int x = 0; // next line of base, mine, theirs
    int y = 0;
    int z = 0;
    const auto same = [&] {
        return x < o.size() && inMine[x] == y && inTheirs[x] == z;
    };
    while (x < o.size() || y < a.size() || z < b.size()) {
        MergePart part;
        while (same()) {
            part.base << o[x++];
            part.mine << a[y++];
            part.theirs << b[z++];
        }
        if (!part.base.isEmpty()) {
            merge.parts.append(part);
            continue;
        }
        // Up to the next line that all three have.
        int next = x;
        while (next < o.size() && !(inMine[next] >= y && inTheirs[next] >= z)) {
            ++next;
        }
        const int toMine = inMine[next];
        const int toTheirs = inTheirs[next];
        part.base = o.sliced(x, next - x);
        part.mine = a.sliced(y, toMine - y);
        part.theirs = b.sliced(z, toTheirs - z);
        part.origin = originOf(part.base, part.mine, part.theirs);
        merge.parts += apart(part);
        x = next;
        y = toMine;
        z = toTheirs;
    }
    return merge;
}

} // namespace vireo::xml
