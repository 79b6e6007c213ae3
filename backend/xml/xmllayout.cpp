// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/xmllayout.h"

#include <algorithm>
#include <optional>

#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

using Kind = SyntaxNode::Kind;

bool isBlank(QStringView text)
{
    return text.trimmed().isEmpty();
}

/** The order in which libvirt writes the children of these elements. */
struct Order {
    QLatin1StringView parent;
    QLatin1StringView children; ///< separated by spaces
};
constexpr Order orders[] = {
    {"domain"_L1,
        "name uuid genid title description metadata maxMemory memory currentMemory blkiotune memtune memoryBacking "
        "vcpu vcpus iothreads iothreadids cputune numatune resource sysinfo bootloader bootloader_args os idmap "
        "features cpu clock on_poweroff on_reboot on_crash on_lockfailure pm perf devices seclabel keywrap "
        "launchSecurity qemu:commandline qemu:capabilities qemu:override qemu:deprecation xen:commandline"_L1},
    {"devices"_L1,
        "emulator disk controller lease filesystem interface smartcard serial parallel console channel input tpm "
        "graphics sound audio video hostdev redirdev redirfilter hub watchdog memballoon rng nvram panic shmem memory "
        "iommu vsock crypto"_L1},
    {"disk"_L1,
        "driver auth source backingStore backenddomain geometry blockio mirror target iotune readonly shareable "
        "transient serial wwn vendor product encryption boot alias address"_L1},
    {"interface"_L1,
        "mac source virtualport ip route script backenddomain target guest model driver backend filterref boot tune "
        "link mtu coalesce rom teaming port portOptions bandwidth vlan alias address"_L1},
    {"os"_L1,
        "type firmware init initarg initenv initdir inituser initgroup loader nvram kernel initrd cmdline dtb acpi "
        "boot bootmenu bios smbios"_L1},
    {"cpu"_L1, "model vendor topology cache maxphysaddr feature numa"_L1},
    {"graphics"_L1, "listen channel image jpeg zlib playback streaming clipboard mouse filetransfer gl"_L1},
};

int rankOf(QStringView parent, QStringView child)
{
    for (const Order &order : orders) {
        if (order.parent == parent) {
            const QStringList names = QString(order.children).split(u' ');
            return static_cast<int>(names.indexOf(child));
        }
    }
    return -1;
}

qsizetype lineBegin(const QString &text, qsizetype position)
{
    return position <= 0 ? 0 : text.lastIndexOf(u'\n', position - 1) + 1;
}

bool beginsItsLine(const SyntaxTree &tree, qsizetype position)
{
    const qsizetype from = lineBegin(tree.text(), position);
    return isBlank(QStringView(tree.text()).sliced(from, position - from));
}

/** Behind a comment that ends the line of a node, for it belongs to that. */
qsizetype behindRemark(const SyntaxTree &tree, int node)
{
    const qsizetype end = tree.node(node).whole.to;
    int at = tree.node(node).next;
    if (at >= 0 && tree.node(at).kind == Kind::Text && isBlank(tree.slice(tree.node(at).whole))) {
        if (tree.slice(tree.node(at).whole).contains(u'\n')) {
            return end;
        }
        at = tree.node(at).next;
    }
    if (at >= 0 && tree.node(at).kind == Kind::Comment && !tree.slice(tree.node(at).whole).contains(u'\n')) {
        return tree.node(at).whole.to;
    }
    return end;
}

/** The child behind which a new one of that name belongs; -1: before all of them. */
int placeAmong(const SyntaxTree &tree, int parent, QStringView name)
{
    const QList<int> children = tree.children(parent);
    for (qsizetype i = children.size() - 1; i >= 0; --i) {
        if (tree.name(children[i]) == name) {
            return children[i];
        }
    }
    const int rank = rankOf(tree.name(parent), name);
    if (rank < 0) {
        return children.isEmpty() ? -1 : children.last();
    }
    for (qsizetype i = children.size() - 1; i >= 0; --i) {
        const int other = rankOf(tree.name(parent), tree.name(children[i]));
        if (other >= 0 && other <= rank) {
            return children[i];
        }
    }
    return -1;
}

/** The fragment's element for lines that begin with `indent`. */
QString fragmentText(const SyntaxTree &fragment, const QString &indent, const QString &newline)
{
    const SyntaxNode &root = fragment.node(fragment.root());
    if (fragment.text().contains(u'\n')) {
        return indented(fragment, root.whole, indent, newline);
    }
    const SyntaxTree lines = SyntaxTree::parse(laidOut(fragment, fragment.root(), 0, newline));
    return indented(lines, lines.node(lines.root()).whole, indent, newline);
}

bool isMixed(const SyntaxTree &tree, int element)
{
    for (int at = tree.node(element).firstChild; at >= 0; at = tree.node(at).next) {
        const SyntaxNode &node = tree.node(at);
        if (node.kind == Kind::CData || (node.kind == Kind::Text && !isBlank(tree.slice(node.whole)))) {
            return true;
        }
    }
    return false;
}

/** Children `first` to `last` on lines of their own; at most one empty line between two stays. */
QString laidOutChildren(const SyntaxTree &tree, int first, int last, int level, const QString &newline)
{
    QString result;
    const QString indent(qsizetype{2} * level, u' ');
    bool gap = false;
    for (int at = first; at >= 0; at = tree.node(at).next) {
        const SyntaxNode &node = tree.node(at);
        if (node.kind == Kind::Text) {
            gap = !result.isEmpty() && tree.slice(node.whole).count(u'\n') > 1;
        } else {
            result += result.isEmpty() ? QString() : gap ? newline + newline : newline;
            result += indent;
            result +=
                node.kind == Kind::Element ? laidOut(tree, at, level, newline) : tree.slice(node.whole).toString();
            gap = false;
        }
        if (at == last) {
            break;
        }
    }
    return result;
}

/** The indent of a line that begins at `position`; nothing: it stands inside of something and is left alone. */
std::optional<int> levelAt(const SyntaxTree &tree, qsizetype position)
{
    const auto after =
        std::ranges::upper_bound(tree.nodes(), position, {}, [](const SyntaxNode &n) { return n.whole.from; });
    for (int at = static_cast<int>(after - tree.nodes().begin()) - 1; at >= 0; at = tree.node(at).parent) {
        const SyntaxNode &node = tree.node(at);
        if (node.whole.from == position) {
            return node.depth - 1;
        }
        if (node.kind != Kind::Element) {
            if (node.whole.contains(position) && (node.kind != Kind::Text || !isBlank(tree.slice(node.whole)))) {
                return std::nullopt;
            }
            continue;
        }
        if (!node.endTag.isEmpty() && node.endTag.from == position) {
            return node.depth - 1;
        }
        if (node.startTag.contains(position) || node.endTag.contains(position)) {
            return std::nullopt;
        }
        if (node.content.contains(position)) {
            return node.depth;
        }
    }
    return 0;
}

Formatted indentLines(const SyntaxTree &tree, TextRange range)
{
    const QString &text = tree.text();
    const qsizetype from = lineBegin(text, range.from);
    qsizetype to = text.indexOf(u'\n', range.to);
    to = to < 0 ? text.size() : to;
    QString result;
    for (qsizetype at = from; at <= to;) {
        qsizetype end = text.indexOf(u'\n', at);
        end = end < 0 || end > to ? to : end;
        qsizetype first = at;
        while (first < end && (text[first] == u' ' || text[first] == u'\t')) {
            ++first;
        }
        const std::optional<int> level = first < end ? levelAt(tree, first) : std::nullopt;
        result += at == from ? QString() : u"\n"_s;
        if (level) {
            result += QString(qsizetype{2} * *level, u' ') + text.sliced(first, end - first);
        } else {
            result += text.sliced(at, end - at);
        }
        at = end + 1;
    }
    return {{from, to}, result};
}

} // namespace

QString newlineOf(const SyntaxTree &tree)
{
    const qsizetype first = tree.text().indexOf(u'\n');
    return first > 0 && tree.text()[first - 1] == u'\r' ? u"\r\n"_s : u"\n"_s;
}

QString indentOf(const SyntaxTree &tree, qsizetype position)
{
    const qsizetype from = lineBegin(tree.text(), position);
    qsizetype to = from;
    while (to < position && (tree.text()[to] == u' ' || tree.text()[to] == u'\t')) {
        ++to;
    }
    return tree.text().sliced(from, to - from);
}

TextRange withItsLines(const SyntaxTree &tree, TextRange range)
{
    const QString &text = tree.text();
    if (!beginsItsLine(tree, range.from)) {
        return range;
    }
    qsizetype end = text.indexOf(u'\n', range.to);
    end = end < 0 ? text.size() : end;
    if (!isBlank(QStringView(text).sliced(range.to, end - range.to))) {
        return range;
    }
    const qsizetype begin = lineBegin(text, range.from);
    if (end < text.size()) {
        return {begin, end + 1};
    }
    return {std::max<qsizetype>(0, begin - 1), end}; // the last line: the line end before it
}

QString indented(const SyntaxTree &fragment, TextRange range, const QString &indent, const QString &newline)
{
    // What the fragment's own lines are indented by: as its last line is, where its end tag stands.
    const qsizetype last = fragment.text().lastIndexOf(u'\n', std::max<qsizetype>(0, range.to - 1));
    const QString own = last >= range.from ? indentOf(fragment, range.to) : QString();
    QString result;
    qsizetype at = range.from;
    for (const SyntaxNode &node : fragment.nodes()) {
        const QStringView text = fragment.slice(node.whole);
        if (node.kind != Kind::Text || node.whole.from < at || node.whole.to > range.to || !isBlank(text)
            || !text.contains(u'\n')) {
            continue;
        }
        result += fragment.slice({at, node.whole.from});
        const auto pieces = text.split(u'\n');
        for (qsizetype i = 1; i < pieces.size(); ++i) {
            result += newline;
            if (i + 1 == pieces.size()) { // those between are empty lines
                result += indent;
                result += pieces[i].startsWith(own) ? pieces[i].sliced(own.size()) : QStringView();
            }
        }
        at = node.whole.to;
    }
    result += fragment.slice({at, range.to});
    return result;
}

SpliceEdit insertion(const SyntaxTree &tree, int parent, const SyntaxTree &fragment, int before)
{
    const SyntaxNode &around = tree.node(parent);
    const QString newline = newlineOf(tree);
    const QString raw = fragment.slice(fragment.node(fragment.root()).whole).toString();
    const QList<int> children = tree.children(parent);
    const int anchor = before >= 0 ? -1 : placeAmong(tree, parent, fragment.name(fragment.root()));
    if (anchor >= 0) {
        if (!beginsItsLine(tree, tree.node(anchor).whole.from)) {
            const qsizetype at = tree.node(anchor).whole.to;
            return {{at, at}, raw};
        }
        const QString indent = indentOf(tree, tree.node(anchor).whole.from);
        const qsizetype at = behindRemark(tree, anchor);
        return {{at, at}, newline + indent + fragmentText(fragment, indent, newline)};
    }
    if (before < 0 && !children.isEmpty()) {
        before = children.first();
    }
    if (before >= 0) {
        const qsizetype at = tree.node(before).whole.from;
        if (!beginsItsLine(tree, at)) {
            return {{at, at}, raw};
        }
        const QString indent = indentOf(tree, at);
        return {{at, at}, fragmentText(fragment, indent, newline) + newline + indent};
    }
    // Its first child.
    const QString outer = indentOf(tree, around.whole.from);
    const bool lines = tree.text().trimmed().contains(u'\n');
    const QString inner = outer + u"  "_s;
    const QString body = lines ? newline + inner + fragmentText(fragment, inner, newline) + newline + outer : raw;
    if (around.selfClosing) {
        QString tag = tree.slice(around.startTag).chopped(2).toString();
        while (tag.back().isSpace()) {
            tag.chop(1);
        }
        return {around.whole, tag + u'>' + body + u"</"_s + tree.name(parent).toString() + u'>'};
    }
    if (isBlank(tree.slice(around.content))) {
        return {around.content, body};
    }
    if (isMixed(tree, parent)) {
        return {{around.content.to, around.content.to}, raw};
    }
    const qsizetype at = tree.node(around.lastChild).kind == Kind::Text ? tree.node(around.lastChild).whole.from
                                                                        : around.content.to; // behind a comment
    return {{at, at}, lines ? newline + inner + fragmentText(fragment, inner, newline) : raw};
}

QString laidOut(const SyntaxTree &tree, int element, int level, const QString &newline)
{
    const SyntaxNode &node = tree.node(element);
    bool inside = false;
    for (int at = node.firstChild; at >= 0 && !inside; at = tree.node(at).next) {
        inside = tree.node(at).kind != Kind::Text;
    }
    if (!inside || isMixed(tree, element)) {
        return tree.slice(node.whole).toString();
    }
    return tree.slice(node.startTag).toString() + newline
        + laidOutChildren(tree, node.firstChild, node.lastChild, level + 1, newline) + newline
        + QString(qsizetype{2} * level, u' ') + tree.slice(node.endTag).toString();
}

Formatted formatLines(const SyntaxTree &tree, TextRange range)
{
    range.from = std::clamp<qsizetype>(range.from, 0, tree.text().size());
    range.to = std::clamp<qsizetype>(range.to, range.from, tree.text().size());
    const auto broken = [&tree](TextRange part) {
        return std::ranges::any_of(tree.problems(), [part](const SyntaxProblem &problem) {
            return problem.range.from < part.to && part.from < problem.range.to;
        });
    };
    // The innermost element that has the whole range in it, not counting white space at its ends.
    int around = tree.elementAt(range.from);
    while (around >= 0
        && (!tree.node(around).closed || tree.node(around).content.from > range.from
            || tree.node(around).content.to < range.to)) {
        around = tree.node(around).parent;
    }
    if (around >= 0 && isMixed(tree, around)) {
        return {range, tree.slice(range).toString()};
    }
    int first = -1;
    int last = -1;
    for (int at = around >= 0 ? tree.node(around).firstChild : (tree.nodes().isEmpty() ? -1 : 0); at >= 0;
        at = tree.node(at).next) {
        const SyntaxNode &node = tree.node(at);
        if (node.kind == Kind::Text || node.whole.to < range.from || node.whole.from > range.to) {
            continue;
        }
        first = first < 0 ? at : first;
        last = at;
    }
    if (first < 0) {
        return {range, tree.slice(range).toString()};
    }
    TextRange whole{tree.node(first).whole.from, tree.node(last).whole.to};
    if (broken(whole)) {
        return indentLines(tree, range);
    }
    const int level = around >= 0 ? tree.node(around).depth : 0;
    QString text = laidOutChildren(tree, first, last, level, newlineOf(tree));
    if (beginsItsLine(tree, whole.from)) {
        whole.from = lineBegin(tree.text(), whole.from);
    } else {
        text = newlineOf(tree) + text;
    }
    qsizetype lineEnd = whole.to; // what follows on the same line goes to the next
    while (lineEnd < tree.text().size() && (tree.text()[lineEnd] == u' ' || tree.text()[lineEnd] == u'\t')) {
        ++lineEnd;
    }
    if (lineEnd < tree.text().size() && tree.text()[lineEnd] != u'\n' && tree.text()[lineEnd] != u'\r') {
        whole.to = lineEnd;
        const bool endTag = around >= 0 && tree.node(around).endTag.from == lineEnd;
        text += newlineOf(tree) + QString(qsizetype{2} * (endTag ? std::max(0, level - 1) : level), u' ');
    }
    if (whole.from == 0 && text.startsWith(newlineOf(tree))) {
        text.remove(0, newlineOf(tree).size());
    }
    return {whole, text};
}

} // namespace vireo::xml
