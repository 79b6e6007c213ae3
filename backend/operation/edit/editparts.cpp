// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/editparts.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QMap>

#include "backend/operation/edit/livechange.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct EditPartsText {
    Q_DECLARE_TR_FUNCTIONS(operation_editParts)
};

using When = EditEffect::When;
using Order = EditPart::Order;
using xml::Element;

job::Step stepOf(const QString &type, const QString &title, const QString &object, const QString &undo,
    const QJsonObject &parameters)
{
    return {type, title, object, undo, 0, parameters};
}

/** The definitions of one edit, and the parts that they differ in. */
class Comparison final
{
    Q_DISABLE_COPY_MOVE(Comparison)

public:
    Comparison(const DefinitionEdit &edit, const xml::Document &before, const xml::Document &after,
        const xml::Document *running, bool persistent)
        : m_edit(edit)
        , m_before(before.root())
        , m_after(after.root())
        , m_persistent(persistent)
    {
        m_parts.before = devicesOf(before);
        m_parts.after = devicesOf(after);
        m_parts.nameBefore = m_before.child(u"name"_s).text().trimmed();
        m_parts.name = m_after.child(u"name"_s).text().trimmed();
        const QUuid uuid = QUuid::fromString(m_after.child(u"uuid"_s).text().trimmed());
        m_parts.uuidDiffers =
            m_after.child(u"uuid"_s) && uuid != QUuid::fromString(m_before.child(u"uuid"_s).text().trimmed());
        if (running) {
            m_machine.emplace(*running);
            m_running = running->root();
        }
    }

    EditParts run()
    {
        if (m_parts.name != m_parts.nameBefore) {
            EditEffect effect{When::Now, EditPartsText::tr("The name becomes “%1”").arg(m_parts.name), {}};
            if (m_machine) {
                effect.when = When::Never;
                effect.reason = EditPartsText::tr("Only a VM that is shut off can be renamed.");
            }
            m_parts.parts.append({effect, Order::None, {}, -1});
        }
        if (m_parts.uuidDiffers) {
            m_parts.parts.append({{When::Never, EditPartsText::tr("The UUID is changed"),
                                      EditPartsText::tr("It is what tells a VM from all others.")},
                Order::None, {}, -1});
        }
        compareTexts();
        compareMetadata();
        compareFigures();
        compareRest();
        compareDevices();
        m_parts.onlyName = m_parts.name != m_parts.nameBefore && m_parts.parts.size() == 1;
        return std::move(m_parts);
    }

private:
    /** When something happens that has no refusal of its own. */
    EditEffect effect(const QString &text, const QString &refusal) const
    {
        if (!m_machine) {
            return {When::Now, text, {}};
        }
        if (!m_edit.applyLive && m_persistent) {
            return {When::NextBoot, text, EditPartsText::tr("The running VM is left as it is.")};
        }
        if (refusal.isEmpty()) {
            return {When::Now, text, {}};
        }
        return {m_persistent ? When::NextBoot : When::Never, text, refusal};
    }
    void add(const QString &text, const QString &refusal, Order order, const job::Step &live, int device = -1)
    {
        EditPart part{effect(text, refusal), order, {}, device};
        if (m_machine && part.effect.when == When::Now && !live.type.isEmpty()) {
            part.live = live;
        }
        m_parts.parts.append(part);
    }

    void compareTexts()
    {
        struct Word {
            QString name;
            QString label;
        };
        const std::array words{Word{u"title"_s, EditPartsText::tr("The title")},
            Word{u"description"_s, EditPartsText::tr("The description")}};
        for (const Word &word : words) {
            const QString before = m_before.child(word.name).text();
            const QString after = m_after.child(word.name).text();
            if (before != after) {
                const QString running = m_running.child(word.name).text();
                add(after.isEmpty() ? EditPartsText::tr("%1 is removed").arg(word.label)
                                    : EditPartsText::tr("%1 is changed").arg(word.label),
                    {}, Order::Text,
                    stepOf(u"domain.setText"_s, EditPartsText::tr("Change it in the running VM"), word.name,
                        EditPartsText::tr("Set it back"),
                        {{u"what"_s, word.name}, {u"text"_s, after}, {u"before"_s, running}}));
            }
        }
    }

    void compareMetadata()
    {
        const auto elementsOf = [](const Element &domain) {
            QMap<QString, Element> elements;
            const QList<Element> all = domain.child(u"metadata"_s).children();
            for (const Element &element : all) {
                elements.insert(element.namespaceUri(), element);
            }
            return elements;
        };
        const auto before = elementsOf(m_before);
        const auto after = elementsOf(m_after);
        QStringList uris = before.keys() + after.keys();
        uris.removeDuplicates();
        for (const QString &uri : std::as_const(uris)) {
            const Element was = before.value(uri);
            const Element is = after.value(uri);
            if (was && is && meaningOf(was) == meaningOf(is)) {
                continue;
            }
            const QString text = !was ? EditPartsText::tr("Metadata of %1 are added")
                : !is                 ? EditPartsText::tr("Metadata of %1 are removed")
                                      : EditPartsText::tr("Metadata of %1 are changed");
            // Their form for libvirt's call is read back from the definition, which a transient VM has none of.
            const QString refusal =
                m_persistent ? QString() : EditPartsText::tr("Metadata of a transient VM can't be changed here.");
            add(text.arg(uri), refusal, Order::Text,
                stepOf(u"domain.setMetadata"_s, EditPartsText::tr("Change the metadata of the running VM"), uri,
                    EditPartsText::tr("Set them back"),
                    {{u"uri"_s, uri}, {u"prefix"_s, is ? is.prefix() : was.prefix()}}));
        }
    }

    static int vcpusOf(const Element &domain)
    {
        const Element vcpu = domain.child(u"vcpu"_s);
        return vcpu.hasAttribute(u"current"_s) ? vcpu.attribute(u"current"_s).toInt()
                                               : std::max(1, vcpu.text().trimmed().toInt());
    }
    static quint64 currentMemoryOf(const Element &domain)
    {
        const Element current = domain.child(u"currentMemory"_s);
        return kibOf(current ? current : domain.child(u"memory"_s));
    }

    void compareFigures()
    {
        const auto maximum = [](const Element &domain) {
            return std::max(1, domain.child(u"vcpu"_s).text().trimmed().toInt());
        };
        if (maximum(m_before) != maximum(m_after)) {
            add(EditPartsText::tr("The maximum number of vCPUs becomes %1").arg(maximum(m_after)),
                EditPartsText::tr("The maximum is fixed while the VM runs."), Order::None, {});
        }
        if (const int count = vcpusOf(m_after); count != vcpusOf(m_before)) {
            QString refusal;
            if (m_machine && count > m_machine->maxVcpus()) {
                refusal = EditPartsText::tr("The running VM can have %1 at most.").arg(m_machine->maxVcpus());
            } else if (m_machine && count < m_machine->vcpus()) {
                refusal = EditPartsText::tr("vCPUs can't be taken away reliably from a running guest.");
            }
            add(EditPartsText::tr("The number of vCPUs becomes %1").arg(count), refusal, Order::Vcpus,
                stepOf(u"domain.setVcpus"_s, EditPartsText::tr("Change the number of vCPUs"), QString::number(count),
                    EditPartsText::tr("Set it back, if the guest lets go of them"),
                    {{u"count"_s, count}, {u"before"_s, m_machine ? m_machine->vcpus() : 0}}));
        }
        if (kibOf(m_before.child(u"memory"_s)) != kibOf(m_after.child(u"memory"_s))) {
            add(EditPartsText::tr("The maximum memory becomes %1 MiB").arg(kibOf(m_after.child(u"memory"_s)) / 1024),
                EditPartsText::tr("The maximum is fixed while the VM runs."), Order::None, {});
        }
        if (const quint64 kib = currentMemoryOf(m_after); kib != currentMemoryOf(m_before)) {
            QString refusal;
            if (m_machine && !m_machine->hasBalloon()) {
                refusal = EditPartsText::tr("The running VM has no memory balloon.");
            } else if (m_machine && kib > m_machine->memoryKib()) {
                refusal =
                    EditPartsText::tr("The running VM can have %1 MiB at most.").arg(m_machine->memoryKib() / 1024);
            }
            const double before = static_cast<double>(currentMemoryOf(m_running));
            add(EditPartsText::tr("The memory becomes %1 MiB").arg(kib / 1024), refusal, Order::Memory,
                stepOf(u"domain.setMemory"_s, EditPartsText::tr("Change the memory"),
                    EditPartsText::tr("%1 MiB").arg(kib / 1024), EditPartsText::tr("Set it back"),
                    {{u"kib"_s, static_cast<double>(kib)}, {u"before"_s, before}}));
        }
        // What else stands in <vcpu>: placement, cpuset.
        QString before = meaningOf(withoutFigures(m_before));
        if (before != meaningOf(withoutFigures(m_after))) {
            addRest(u"vcpu"_s, true, true);
        }
    }
    /** The element <vcpu> without the two numbers. */
    Element withoutFigures(const Element &domain)
    {
        m_scratch.push_back(xml::Document::create(u"vcpu"_s));
        Element root = m_scratch.back().root();
        const Element vcpu = domain.child(u"vcpu"_s);
        const QStringList names = vcpu.attributeNames();
        for (const QString &name : names) {
            if (name != "current"_L1 && !(name == "placement"_L1 && vcpu.attribute(name) == "static"_L1)) {
                root.setAttribute(name, vcpu.attribute(name));
            }
        }
        return root;
    }

    void addRest(const QString &name, bool was, bool is)
    {
        struct Word {
            QLatin1StringView name;
            QString text;
        };
        const std::array words{Word{"cpu"_L1, EditPartsText::tr("CPU model and topology")},
            Word{"os"_L1, EditPartsText::tr("Boot settings and firmware")},
            Word{"features"_L1, EditPartsText::tr("Features of the machine")},
            Word{"clock"_L1, EditPartsText::tr("Clock")}, Word{"memoryBacking"_L1, EditPartsText::tr("Memory backing")},
            Word{"vcpu"_L1, EditPartsText::tr("Placement of the vCPUs")}};
        const auto found = std::ranges::find(words, name, &Word::name);
        const QString label = found == words.end() ? u'<' + name + u'>' : found->text;
        const QString text = !was ? EditPartsText::tr("%1: added")
            : !is                 ? EditPartsText::tr("%1: removed")
                                  : EditPartsText::tr("%1: changed");
        add(text.arg(label), EditPartsText::tr("It is read when the VM starts."), Order::None, {});
    }

    /** What no other comparison is for. */
    void compareRest()
    {
        static const QStringList known{u"name"_s, u"uuid"_s, u"title"_s, u"description"_s, u"metadata"_s, u"vcpu"_s,
            u"memory"_s, u"currentMemory"_s, u"devices"_s};
        const auto groups = [](const Element &domain) {
            QMap<QString, QString> meanings; ///< "name\nnamespace"
            const QList<Element> all = domain.children();
            for (const Element &child : all) {
                if (!known.contains(child.name()) || !child.namespaceUri().isEmpty()) {
                    meanings[child.name() + u'\n' + child.namespaceUri()] += meaningOf(child);
                }
            }
            return meanings;
        };
        const auto before = groups(m_before);
        const auto after = groups(m_after);
        QStringList names = before.keys() + after.keys();
        names.removeDuplicates();
        for (const QString &name : std::as_const(names)) {
            if (before.value(name) != after.value(name)) {
                addRest(name.section(u'\n', 0, 0), before.contains(name), after.contains(name));
            }
        }
        const QString type = m_after.attribute(u"type"_s);
        if (m_before.attribute(u"type"_s) != type) {
            add(EditPartsText::tr("The VM's type becomes “%1”").arg(type),
                EditPartsText::tr("It is read when the VM starts."), Order::None, {});
        }
    }

    /** The running device that a device of the old or new definition is; nothing: it does not run. */
    const DevicePart *runningOne(const QList<DevicePart> &devices, int index) const
    {
        const int found = index < 0 || !m_machine ? -1 : findDevice(m_machine->devices(), devices, index);
        return found >= 0 && isSurely(m_machine->devices().at(found), devices.at(index))
            ? &m_machine->devices().at(found)
            : nullptr;
    }
    void compareDevices()
    {
        const QList<DevicePair> pairs = pairDevices(m_parts.before, m_parts.after);
        // Controllers first: they free and make room for the others.
        for (const bool controllers : {true, false}) {
            for (const DevicePair &pair : pairs) {
                const DevicePart &one = pair.after < 0 ? m_parts.before.at(pair.before) : m_parts.after.at(pair.after);
                if ((one.kind == "controller"_L1) == controllers) {
                    compareDevice(pair);
                }
            }
        }
    }
    void compareDevice(const DevicePair &pair)
    {
        if (pair.after < 0) {
            removed(m_parts.before.at(pair.before), runningOne(m_parts.before, pair.before));
        } else if (pair.before < 0) {
            added(m_parts.after.at(pair.after), runningOne(m_parts.after, pair.after), pair.after);
        } else {
            changed(m_parts.before.at(pair.before), m_parts.after.at(pair.after),
                runningOne(m_parts.before, pair.before), pair.after);
        }
    }
    void removed(const DevicePart &device, const DevicePart *running)
    {
        const QString text = EditPartsText::tr("%1 is removed").arg(device.label);
        if (!running) { // there is nothing to be done about what runs
            add(text, {}, Order::None, {});
            return;
        }
        add(text, m_machine->detachRefusal(*running),
            device.kind == "controller"_L1 ? Order::DetachController : Order::Detach,
            stepOf(u"device.detach"_s, EditPartsText::tr("Remove it from the running VM"), device.label,
                EditPartsText::tr("Add it again"), {{u"xml"_s, running->xml}}));
    }
    void added(const DevicePart &device, const DevicePart *running, int index)
    {
        const QString text = EditPartsText::tr("%1 is added").arg(device.label);
        if (running && (!m_persistent || !running->identity.isEmpty())) {
            add(text, {}, Order::None, {}, index);
            return;
        }
        add(text, m_machine ? m_machine->attachRefusal(device) : QString(),
            device.kind == "controller"_L1 ? Order::AttachController : Order::Attach,
            stepOf(u"device.attach"_s, EditPartsText::tr("Add it to the running VM"), device.label,
                EditPartsText::tr("Remove it again"), {{u"xml"_s, attachableXml(device.xml)}}),
            index);
    }
    void changed(const DevicePart &before, const DevicePart &after, const DevicePart *running, int index)
    {
        const auto was = xml::Document::parse(before.xml);
        const auto is = xml::Document::parse(after.xml);
        if (!was || !is || (before.meaning == after.meaning && before.address == after.address)) {
            return;
        }
        QStringList parts = differingParts(was->root(), is->root());
        if (before.address != after.address) {
            parts << u"address"_s;
        }
        for (QString &part : parts) {
            part.remove(u'@');
        }
        const QString text = EditPartsText::tr("%1 is changed: %2").arg(before.label, parts.join(u", "_s));
        const QString refusal = !m_machine ? QString()
            : running                      ? m_machine->updateRefusal(*running, was->root(), is->root())
                                           : EditPartsText::tr("The running VM does not have it.");
        add(text, refusal, Order::Update,
            stepOf(u"device.update"_s, EditPartsText::tr("Change it in the running VM"), before.label,
                EditPartsText::tr("Set it back"),
                {{u"running"_s, running ? running->xml : QString()}, {u"before"_s, before.xml}, {u"xml"_s, after.xml}}),
            index);
    }

    const DefinitionEdit &m_edit;
    const Element m_before;
    const Element m_after;
    const bool m_persistent;
    Element m_running;
    std::optional<RunningMachine> m_machine;
    std::vector<xml::Document> m_scratch;
    EditParts m_parts;
};

} // namespace

EditParts editParts(const EditFacts &facts, const DefinitionEdit &edit)
{
    const auto before = xml::Document::parse(edit.base);
    const auto after = xml::Document::parse(edit.wanted);
    if (!before || !after) {
        EditParts parts;
        parts.error = after ? before.error() : after.error();
        return parts;
    }
    if (after->root().name() != "domain"_L1) {
        EditParts parts;
        parts.error = Error::invalid(EditPartsText::tr("This is not the definition of a VM."));
        return parts;
    }
    if (facts.running.isEmpty()) {
        return Comparison(edit, *before, *after, nullptr, facts.domain.persistent).run();
    }
    const auto running = xml::Document::parse(facts.running);
    if (!running) {
        EditParts parts;
        parts.error = running.error();
        return parts;
    }
    return Comparison(edit, *before, *after, &*running, facts.domain.persistent).run();
}

QList<EditEffect> effectsOf(const EditFacts &facts, const DefinitionEdit &edit)
{
    QList<EditEffect> effects;
    const EditParts all = editParts(facts, edit);
    for (const EditPart &part : all.parts) {
        effects.append(part.effect);
    }
    return effects;
}

} // namespace vireo::operation
