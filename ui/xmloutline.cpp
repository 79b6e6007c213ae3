// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmloutline.h"

#include <algorithm>

namespace vireo::ui {

using xml::SyntaxNode;
using xml::SyntaxTree;
using xml::TextRange;

namespace {

bool restOfLineIsBlank(const QString &text, qsizetype from)
{
    for (; from < text.size() && text.at(from) != QLatin1Char('\n'); ++from) {
        if (!text.at(from).isSpace()) {
            return false;
        }
    }
    return true;
}

TextRange endTagName(const SyntaxNode &node)
{
    return {node.endTag.from + 2, std::min(node.endTag.from + 2 + node.name.length(), node.endTag.to)};
}

} // namespace

XmlOutline XmlOutline::of(const QString &text)
{
    XmlOutline outline;
    outline.tree = SyntaxTree::parse(text);
    for (const SyntaxNode &node : outline.tree.nodes()) {
        const bool folds = node.kind == SyntaxNode::Kind::Element || node.kind == SyntaxNode::Kind::Comment
            || node.kind == SyntaxNode::Kind::CData;
        if (!folds) {
            continue;
        }
        const int first = outline.tree.placeOf(node.whole.from).line - 1;
        int last = outline.tree.placeOf(std::max(node.whole.from, node.whole.to - 1)).line - 1;
        if (last > first && !restOfLineIsBlank(text, node.whole.to)) {
            --last; // what follows on that line must be seen
        }
        if (last <= first) {
            continue;
        }
        if (!outline.folds.isEmpty() && outline.folds.constLast().first == first) {
            outline.folds.last().last = std::max(outline.folds.constLast().last, last);
        } else {
            outline.folds.append({first, last});
        }
    }
    return outline;
}

XmlOutline::Tags XmlOutline::tagsAt(qsizetype position) const
{
    Tags tags;
    const int element = tree.elementAt(position);
    if (element >= 0) {
        const SyntaxNode &node = tree.node(element);
        const bool inStart = node.startTag.touches(position);
        const bool inEnd = !node.endTag.isEmpty() && node.endTag.touches(position);
        if (inStart || inEnd) {
            tags.ranges.append(node.name);
            if (!node.endTag.isEmpty()) {
                tags.ranges.append(endTagName(node));
            }
            tags.matched = node.selfClosing || !node.endTag.isEmpty();
            const TextRange &tag = inStart ? node.startTag : node.endTag;
            const QString &text = tree.text();
            // The brackets, when the cursor is at one.
            const bool closes = tag.to > tag.from && text.at(tag.to - 1) == QLatin1Char('>');
            if ((position <= tag.from + 1 || position >= tag.to - 1) && closes) {
                tags.ranges.append({tag.from, tag.from + 1});
                tags.ranges.append({tag.to - 1, tag.to});
            }
            std::ranges::sort(tags.ranges, {}, &TextRange::from);
            return tags;
        }
    }
    for (const xml::SyntaxProblem &problem : tree.problems()) { // an end tag that ends nothing is no node
        if (problem.range.touches(position) && tree.slice(problem.range).startsWith(QLatin1String("</"))) {
            tags.ranges.append(problem.range);
            tags.matched = false;
            break;
        }
    }
    return tags;
}

TextRange XmlOutline::enclosing(TextRange range) const
{
    const auto larger = [&range](const TextRange &other) {
        return other.from <= range.from && range.to <= other.to && other.length() > range.length();
    };
    for (int element = tree.elementAt(range.from); element >= 0; element = tree.node(element).parent) {
        const SyntaxNode &node = tree.node(element);
        if (larger(node.content)) {
            return node.content;
        }
        if (larger(node.whole)) {
            return node.whole;
        }
    }
    return larger({0, tree.text().size()}) ? TextRange{0, tree.text().size()} : range;
}

} // namespace vireo::ui
