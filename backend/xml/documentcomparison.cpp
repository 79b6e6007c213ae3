// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QHash>
#include <QMap>
#include <QSet>

#include "backend/xml/comparison.h"
#include "backend/xml/syntaxtree.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

/** What the elements of a kind are told apart by, in this order: the first that an element has counts. */
struct Identity {
    QLatin1StringView element;
    QLatin1StringView keys; ///< "child@attribute" or "@attribute", separated by spaces
};
constexpr Identity identities[] = {
    {"disk"_L1, "target@dev"_L1},
    {"interface"_L1, "mac@address alias@name"_L1},
    {"controller"_L1, "@type+@index alias@name"_L1},
    {"filesystem"_L1, "target@dir"_L1},
    {"hostdev"_L1, "alias@name"_L1},
    {"feature"_L1, "@name"_L1},
    {"timer"_L1, "@name"_L1},
    {"cell"_L1, "@id"_L1},
    {"vcpupin"_L1, "@vcpu"_L1},
    {"iothreadpin"_L1, "@iothread"_L1},
    {"vcpu"_L1, "@id"_L1},
    {"event"_L1, "@name"_L1},
    {"channel"_L1, "target@name alias@name"_L1},
    {"graphics"_L1, "@type"_L1},
};

struct Side {
    const SyntaxTree &tree;

    QString keyPart(int element, QStringView key) const
    {
        const qsizetype at = key.indexOf(u'@');
        const int owner = at == 0 ? element : tree.child(element, key.left(at));
        return tree.attributeValue(owner, key.sliced(at + 1));
    }

    /** Empty: it has none of its own. */
    QString identity(int element) const
    {
        for (const Identity &known : identities) {
            if (tree.localName(element) != known.element) {
                continue;
            }
            const QStringList keys = QString(known.keys).split(u' ');
            for (const QString &key : keys) {
                QStringList values;
                const QStringList parts = key.split(u'+');
                for (const QString &part : parts) {
                    values << keyPart(element, part);
                }
                if (!values.contains(QString())) {
                    return values.join(u'\n');
                }
            }
        }
        return {};
    }

    /** Name for comparing: the namespace counts, not its prefix. */
    QString name(int element) const
    {
        const QString uri = tree.namespaceUri(element);
        return uri.isEmpty() ? tree.name(element).toString() : u'{' + uri + u'}' + tree.localName(element).toString();
    }

    /** Text that is more than white space. */
    QString text(int element) const
    {
        const QString whole = tree.textOf(element);
        const QString trimmed = whole.trimmed();
        return tree.children(element).isEmpty() ? trimmed : trimmed.simplified();
    }

    QMap<QString, QString> attributes(int element) const
    {
        QMap<QString, QString> result;
        const SyntaxNode &node = tree.node(element);
        for (int i = node.firstAttribute; i < node.firstAttribute + node.attributeCount; ++i) {
            const QString attribute = tree.slice(tree.attributes()[i].name).toString();
            if (attribute != "xmlns"_L1 && !attribute.startsWith("xmlns:"_L1)) {
                result.insert(attribute, unescape(tree.slice(tree.attributes()[i].value)));
            }
        }
        return result;
    }

    QString xml(int element) const { return tree.slice(tree.node(element).whole).toString(); }
};

/** Compares level by level; the depth is bounded by the trees'. */
class Comparer final
{
    Q_DISABLE_COPY_MOVE(Comparer)

public:
    Comparer(const SyntaxTree &before, const SyntaxTree &after)
        : m_before{before}
        , m_after{after}
    {}

    QList<DocumentChange> run()
    {
        const int left = m_before.tree.root();
        const int right = m_after.tree.root();
        if (left < 0 || right < 0 || !m_before.tree.isWellFormed() || !m_after.tree.isWellFormed()
            || m_before.name(left) != m_after.name(right)) {
            if (m_before.tree.text() != m_after.tree.text()) {
                note(DocumentChange::Kind::Changed, {}, m_before.tree.text(), m_after.tree.text());
            }
            return m_changes;
        }
        compare(left, right, {});
        return m_changes;
    }

private:
    void note(DocumentChange::Kind kind, const QString &path, const QString &before, const QString &after)
    {
        m_changes.append({kind, path, before, after});
    }

    // NOLINTNEXTLINE(misc-no-recursion): bounded by SyntaxTree::maxDepth
    void compare(int left, int right, const QString &path)
    {
        const QMap<QString, QString> a = m_before.attributes(left);
        const QMap<QString, QString> b = m_after.attributes(right);
        for (auto it = a.begin(); it != a.end(); ++it) {
            const auto other = b.find(it.key());
            const QString at = path + u'@' + it.key();
            if (other == b.end()) {
                note(DocumentChange::Kind::Removed, at, it.value(), {});
            } else if (*other != it.value()) {
                note(DocumentChange::Kind::Changed, at, it.value(), *other);
            }
        }
        for (auto it = b.begin(); it != b.end(); ++it) {
            if (!a.contains(it.key())) {
                note(DocumentChange::Kind::Added, path + u'@' + it.key(), {}, it.value());
            }
        }
        const QString text = m_before.text(left);
        const QString otherText = m_after.text(right);
        if (text != otherText) {
            note(DocumentChange::Kind::Changed, path, text, otherText);
        }
        compareChildren(left, right, path);
    }

    /** The children of one name, in order, with their number among those. */
    static QMap<QString, QList<int>> byName(const Side &side, int element)
    {
        QMap<QString, QList<int>> result;
        const QList<int> children = side.tree.children(element);
        for (const int child : children) {
            result[side.name(child)].append(child);
        }
        return result;
    }

    // NOLINTNEXTLINE(misc-no-recursion)
    void compareChildren(int left, int right, const QString &path)
    {
        const QMap<QString, QList<int>> a = byName(m_before, left);
        const QMap<QString, QList<int>> b = byName(m_after, right);
        const auto at = [&path](const Side &side, int child, qsizetype number) {
            const QString name = side.tree.name(child).toString();
            return (path.isEmpty() ? name : path + u'/' + name) + (number > 0 ? u"[%1]"_s.arg(number) : QString());
        };
        for (auto it = a.begin(); it != a.end(); ++it) {
            const QList<int> others = b.value(it.key());
            const QList<qsizetype> pairs = pair(it.value(), others);
            for (qsizetype i = 0; i < it.value().size(); ++i) {
                const int child = it.value()[i];
                if (pairs[i] < 0) {
                    note(DocumentChange::Kind::Removed, at(m_before, child, i), m_before.xml(child), {});
                } else {
                    compare(child, others[pairs[i]], at(m_before, child, i));
                }
            }
            const QSet<qsizetype> paired(pairs.begin(), pairs.end());
            for (qsizetype i = 0; i < others.size(); ++i) {
                if (!paired.contains(i)) {
                    note(DocumentChange::Kind::Added, at(m_after, others[i], i), {}, m_after.xml(others[i]));
                }
            }
        }
        for (auto it = b.begin(); it != b.end(); ++it) {
            if (!a.contains(it.key())) {
                for (qsizetype i = 0; i < it.value().size(); ++i) {
                    note(DocumentChange::Kind::Added, at(m_after, it.value()[i], i), {}, m_after.xml(it.value()[i]));
                }
            }
        }
    }

    /** For each of `left` its partner's index in `right`, or -1. */
    QList<qsizetype> pair(const QList<int> &left, const QList<int> &right) const
    {
        QList<qsizetype> result(left.size(), -1);
        if (left.size() == 1 && right.size() == 1 && m_before.identity(left[0]).isEmpty()) {
            result[0] = 0;
            return result;
        }
        QList<bool> taken(right.size(), false);
        // By what identifies them, else by the same text.
        const auto pairBy = [&](const auto &keyBefore, const auto &keyAfter) {
            QHash<QString, QList<qsizetype>> known;
            for (qsizetype k = right.size() - 1; k >= 0; --k) {
                if (const QString key = taken[k] ? QString() : keyAfter(right[k]); !key.isEmpty()) {
                    known[key].append(k);
                }
            }
            for (qsizetype i = 0; i < left.size(); ++i) {
                const auto found = result[i] >= 0 ? known.end() : known.find(keyBefore(left[i]));
                if (found != known.end() && !found->isEmpty()) {
                    result[i] = found->takeLast();
                    taken[result[i]] = true;
                }
            }
        };
        pairBy([this](int e) { return m_before.identity(e); }, [this](int e) { return m_after.identity(e); });
        pairBy([this](int e) { return m_before.xml(e); }, [this](int e) { return m_after.xml(e); });
        // The rest in order, but never two with different identities of their own.
        qsizetype any = 0;
        qsizetype nameless = 0;
        for (qsizetype i = 0; i < left.size(); ++i) {
            if (result[i] >= 0) {
                continue;
            }
            const bool own = !m_before.identity(left[i]).isEmpty();
            qsizetype &k = own ? nameless : any;
            while (k < right.size() && (taken[k] || (own && !m_after.identity(right[k]).isEmpty()))) {
                ++k;
            }
            if (k < right.size()) {
                result[i] = k;
                taken[k] = true;
            }
        }
        return result;
    }

    Side m_before;
    Side m_after;
    QList<DocumentChange> m_changes;
};

} // namespace

QList<DocumentChange> compareDocuments(const QString &before, const QString &after)
{
    const SyntaxTree left = SyntaxTree::parse(before);
    const SyntaxTree right = SyntaxTree::parse(after);
    return Comparer(left, right).run();
}

} // namespace vireo::xml
