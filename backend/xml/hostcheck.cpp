// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/hostcheck.h"

#include <algorithm>

#include <QCoreApplication>
#include <QHash>

#include "backend/xml/hostvalues.h"
#include "backend/xml/rng/words.h"

namespace vireo::xml {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxDiagnostics = 200;

struct HostCheckText {
    Q_DECLARE_TR_FUNCTIONS(xml_HostCheck)
};

class HostChecker
{
public:
    HostChecker(const SyntaxTree &tree, const HostVocabulary &host)
        : m_tree(tree)
        , m_host(host)
    {}

    QList<Diagnostic> run()
    {
        for (int i = 0; i < m_tree.nodes().size() && m_found.size() < maxDiagnostics; ++i) {
            if (m_tree.node(i).kind == SyntaxNode::Kind::Element && m_tree.node(i).parent >= 0) {
                const SyntaxNode &element = m_tree.node(i);
                for (int a = element.firstAttribute; a < element.firstAttribute + element.attributeCount; ++a) {
                    checkValue(i, m_tree.slice(m_tree.attributes()[a].name).toString(), m_tree.attributes()[a].value);
                }
                if (m_tree.name(i) == u"model" && m_tree.name(element.parent) == u"cpu") {
                    checkValue(i, {}, element.content);
                }
                checkTwice(i);
            }
        }
        std::ranges::stable_sort(m_found, {}, [](const Diagnostic &found) { return found.range.from; });
        return std::move(m_found);
    }

private:
    void warn(TextRange range, const QString &message, const QString &hint = {})
    {
        m_found.append({Diagnostic::Severity::Warning, range, m_tree.placeOf(range.from), message, hint});
    }

    /** What a value names, for a sentence. */
    static QString kindOf(const QString &element, const QString &parent, const QString &attribute)
    {
        static const QHash<QString, const char *> kinds{
            {u"type@machine"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "machine type")},
            {u"model@"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "CPU model")},
            {u"cpu@mode"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "CPU mode")},
            {u"os@firmware"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "firmware")},
            {u"disk@device"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "kind of disk")},
            {u"disk/target@bus"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "disk bus")},
            {u"video/model@type"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "video model")},
            {u"graphics@type"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "kind of display")},
            {u"tpm@model"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "TPM model")},
            {u"tpm/backend@type"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "kind of TPM")},
            {u"rng/backend@model"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "source of randomness")},
            {u"filesystem/driver@type"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "file system driver")},
            {u"interface/source@network"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "network")},
            {u"interface/source@bridge"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "bridge")},
            {u"interface/source@dev"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "network device")},
            {u"interface/model@type"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "network card model")},
            {u"filterref@filter"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "network filter")},
            {u"disk/source@pool"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "storage pool")},
            {u"disk/source@volume"_s, QT_TRANSLATE_NOOP("xml_HostCheck", "volume")},
        };
        const QString name = element + u'@' + attribute;
        const char *kind = kinds.value(parent + u'/' + name, kinds.value(name, nullptr));
        return kind ? HostCheckText::tr(kind) : QString();
    }

    void checkValue(int element, const QString &attribute, TextRange range)
    {
        const QString kind =
            kindOf(m_tree.name(element).toString(), m_tree.name(m_tree.node(element).parent).toString(), attribute);
        const QString value = unescape(m_tree.slice(range)).trimmed();
        if (kind.isEmpty() || value.isEmpty()) {
            return;
        }
        const HostChoice choice = hostChoice(m_tree, element, attribute, m_host);
        if (choice.offers.isEmpty()) {
            return;
        }
        QStringList names;
        for (const HostChoice::Offer &offer : choice.offers) {
            if (offer.value == value) {
                if (!offer.detail.isEmpty() && kind == kindOf(u"model"_s, u"cpu"_s, {})) {
                    //: CPU model; %2 is "not usable on this host" or "deprecated"
                    warn(range, HostCheckText::tr("The CPU model %1 is %2.").arg(rng::quoted(value), offer.detail));
                }
                return;
            }
            names.append(offer.value);
        }
        const QString near = rng::nearest(value, names);
        //: %1 is a kind of thing such as "network" or "machine type"
        warn(range, HostCheckText::tr("This host has no %1 %2.").arg(kind, rng::quoted(value)),
            near.isEmpty() ? HostCheckText::tr("It has: %1.").arg(rng::joined(names))
                           : HostCheckText::tr("Did you mean “%1”?").arg(near));
    }

    void checkTwice(int element)
    {
        const QString name = m_tree.name(element).toString();
        const int parent = m_tree.node(element).parent;
        const QString device = m_tree.name(parent).toString();
        if (name == u"target" && device == u"disk") {
            once(element, u"dev", u"target "_s, [](const QString &value) {
                return HostCheckText::tr("Another disk has the target %1 already.").arg(value);
            });
        } else if (name == u"mac" && device == u"interface") {
            once(element, u"address", u"mac "_s, [](const QString &value) {
                return HostCheckText::tr("Another network card has the MAC address %1 already.").arg(value);
            });
        } else if (name == u"alias") {
            once(element, u"name", u"alias "_s, [](const QString &value) {
                return HostCheckText::tr("Another device has the alias %1 already.").arg(value);
            });
        } else if (name == u"address" && m_tree.name(std::max(0, m_tree.node(parent).parent)) == u"devices") {
            const QString place = addressOf(element);
            if (!place.isEmpty() && isTaken(u"address "_s + place, element)) {
                warn(m_tree.node(element).startTag, HostCheckText::tr("Another device has this address already."),
                    first(u"address "_s + place));
            }
        }
    }

    template<typename Sentence>
    void once(int element, QStringView attribute, const QString &group, Sentence sentence)
    {
        const int index = m_tree.attribute(element, attribute);
        const QString value = index < 0 ? QString() : m_tree.attributeValue(element, attribute);
        const QString key = group + value.toLower();
        if (!value.isEmpty() && isTaken(key, element)) {
            warn(m_tree.attributes()[index].value, sentence(rng::quoted(value)), first(key));
        }
    }

    bool isTaken(const QString &key, int element)
    {
        if (m_seen.contains(key)) {
            return true;
        }
        m_seen.insert(key, element);
        return false;
    }

    QString first(const QString &key) const
    {
        return HostCheckText::tr("The first is in line %1.")
            .arg(m_tree.placeOf(m_tree.node(m_seen.value(key)).whole.from).line);
    }

    /** "pci 0 0 1f 2"; empty: not one that is given away once only. */
    QString addressOf(int element) const
    {
        const QString type = m_tree.attributeValue(element, u"type");
        QStringList parts;
        QString result = type;
        if (type == u"pci") {
            parts = {u"domain"_s, u"bus"_s, u"slot"_s, u"function"_s};
            if (m_tree.attribute(element, u"slot") < 0) {
                return {};
            }
        } else if (type == u"drive") {
            parts = {u"controller"_s, u"bus"_s, u"target"_s, u"unit"_s};
            // SATA, IDE, SCSI and floppy controllers count apart.
            const int target = m_tree.child(m_tree.node(element).parent, u"target");
            result += target < 0 ? QString() : u' ' + m_tree.attributeValue(target, u"bus");
        } else {
            return {};
        }
        for (const QString &name : std::as_const(parts)) {
            const QString value = m_tree.attributeValue(element, name);
            bool isNumber = false;
            const uint number = value.toUInt(&isNumber, 0);
            result += u' ' + (value.isEmpty() ? u"0"_s : isNumber ? QString::number(number) : value);
        }
        return result;
    }

    const SyntaxTree &m_tree;
    const HostVocabulary &m_host;
    QHash<QString, int> m_seen;
    QList<Diagnostic> m_found;
};

} // namespace

QList<Diagnostic> checkAgainstHost(const SyntaxTree &tree, const HostVocabulary &host)
{
    if (tree.root() < 0 || tree.name(tree.root()) != u"domain") {
        return {};
    }
    return HostChecker(tree, host).run();
}

} // namespace vireo::xml
