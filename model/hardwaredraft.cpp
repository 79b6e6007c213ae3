// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/hardwaredraft.h"

#include <algorithm>

#include "backend/xml/devices/bootorder.h"
#include "backend/xml/xmllayout.h"

namespace vireo::model {

using namespace Qt::StringLiterals;
using xml::ElementPath;
using xml::XmlText;
using namespace xml::devices;

namespace {

constexpr qsizetype MostUndo = 200;

/** Parts of the domain come first; their ids are their numbers in allKinds(). */
QList<const DeviceKind *> domainParts()
{
    QList<const DeviceKind *> parts;
    for (const DeviceKind &kind : allKinds()) {
        if (!kind.parts.isEmpty()) {
            parts.append(&kind);
        }
    }
    return parts;
}

QString bootOrderOf(const XmlText &document, const ElementPath &device)
{
    return document.attribute(below(device, u"boot"_s), u"order"_s);
}

} // namespace

HardwareDraft::HardwareDraft(QObject *parent)
    : QObject(parent)
    , m_nextId(static_cast<int>(domainParts().size()))
{}

Result<> HardwareDraft::setBase(const QString &xml)
{
    auto document = XmlText::parse(xml);
    if (!document) {
        return fail(document.error());
    }
    // A device that is like one of before keeps its id, and so stays selected.
    QHash<QString, QList<int>> known;
    for (const Entry &entry : std::as_const(m_entries)) {
        if (entry.kind->parts.isEmpty()) {
            known[entry.kind->id + u'\n' + entry.title].append(entry.id);
        }
    }
    m_base = *document;
    m_wanted = std::move(*document);
    m_tracks.clear();
    m_undo.clear();
    m_redo.clear();
    m_lastKey.clear();
    const QList<ElementPath> devices = m_base->children(ElementPath(u"devices"_s));
    for (const ElementPath &path : devices) {
        if (path.parts().constLast().name == "emulator"_L1) {
            continue;
        }
        const DeviceKind &kind = kindAt(*m_base, path);
        QList<int> &ids = known[kind.id + u'\n' + kind.titleOf({*m_base, path, m_host, m_running})];
        m_tracks.append({ids.isEmpty() ? m_nextId++ : ids.takeFirst(), path, path});
    }
    rebuild();
    return {};
}

Result<> HardwareDraft::setEdit(const QString &base, const QString &wanted)
{
    auto next = XmlText::parse(wanted);
    if (!next) {
        return fail(next.error());
    }
    if (Result<> begun = setBase(base); !begun) {
        return begun;
    }
    m_wanted = std::move(*next);
    const auto nameOf = [this](const XmlText &document, const ElementPath &path) {
        const DeviceKind &kind = kindAt(document, path);
        return kind.id + u'\n' + kind.titleOf({document, path, m_host, m_running});
    };
    QHash<QString, QList<ElementPath>> known;
    const QList<ElementPath> devices = m_wanted->children(ElementPath(u"devices"_s));
    for (const ElementPath &path : devices) {
        known[nameOf(*m_wanted, path)].append(path);
    }
    for (Track &each : m_tracks) {
        QList<ElementPath> &same = known[nameOf(*m_base, *each.base)];
        each.wanted = same.isEmpty() ? std::nullopt : std::optional(same.takeFirst());
    }
    settle();
    return {};
}

void HardwareDraft::clear()
{
    m_base.reset();
    m_wanted.reset();
    m_tracks.clear();
    m_undo.clear();
    m_redo.clear();
    m_lastKey.clear();
    rebuild();
}

void HardwareDraft::setHost(const HostFacts &host)
{
    if (!(host == m_host)) {
        m_host = host;
        rebuild();
    }
}

void HardwareDraft::setRunning(bool running)
{
    if (running != m_running) {
        m_running = running;
        rebuild();
    }
}

const HardwareDraft::Entry *HardwareDraft::entry(int id) const
{
    const auto found = std::ranges::find(m_entries, id, &Entry::id);
    return found == m_entries.cend() ? nullptr : &*found;
}

int HardwareDraft::idOf(const QString &kind) const
{
    const auto found = std::ranges::find_if(m_entries, [&kind](const Entry &entry) { return entry.kind->id == kind; });
    return found == m_entries.cend() ? -1 : found->id;
}

int HardwareDraft::idAt(const ElementPath &path) const
{
    const auto found = std::ranges::find_if(m_tracks, [&path](const Track &track) { return track.wanted == path; });
    return found == m_tracks.cend() ? -1 : found->id;
}

DeviceContext HardwareDraft::context(const Entry &entry) const
{
    return {entry.state == State::Removed ? *m_base : *m_wanted, entry.path, m_host, m_running};
}

QString HardwareDraft::xmlOf(const Entry &entry) const
{
    if (!entry.kind->parts.isEmpty()) {
        return {};
    }
    const xml::SyntaxTree &tree = context(entry).document.tree();
    const xml::TextRange range = tree.node(context(entry).document.find(entry.path)).whole;
    return xml::indented(tree, range, {}, u"\n"_s);
}

int HardwareDraft::changeCount() const
{
    return static_cast<int>(
        std::ranges::count_if(m_entries, [](const Entry &entry) { return entry.state != State::Unchanged; }));
}

QStringList HardwareDraft::problems() const
{
    QStringList all;
    for (const Entry &entry : m_entries) {
        for (const QString &problem : entry.problems) {
            all.append(tr("%1: %2", "device: what is wrong").arg(entry.title, problem));
        }
    }
    return all;
}

HardwareDraft::Track *HardwareDraft::track(int id)
{
    const auto found = std::ranges::find(m_tracks, id, &Track::id);
    return found == m_tracks.end() ? nullptr : &*found;
}

void HardwareDraft::record(const QString &key)
{
    const bool together = !key.isEmpty() && key == m_lastKey && !m_undo.isEmpty() && m_redo.isEmpty();
    if (!together) {
        m_undo.append({m_wanted->toString(), m_tracks});
        if (m_undo.size() > MostUndo) {
            m_undo.removeFirst();
        }
    }
    m_redo.clear();
    m_lastKey = key;
}

void HardwareDraft::write(int id, const QString &field, const QString &value)
{
    const Entry *of = entry(id);
    const DeviceField *known = of ? of->kind->field(field) : nullptr;
    if (!known || of->state == State::Removed || known->read(context(*of)) == value) {
        return;
    }
    // Typing is undone as a whole, choices one by one.
    const bool typed = known->kind != DeviceField::Kind::Choice && known->kind != DeviceField::Kind::Switch
        && known->kind != DeviceField::Kind::Button;
    change(
        id, [known, value](const DeviceEdit &edit) { known->write(edit, value); },
        typed ? u"%1/%2"_s.arg(id).arg(field) : QString());
}

void HardwareDraft::change(int id, const std::function<void(const DeviceEdit &)> &edit, const QString &key)
{
    const Entry *of = entry(id);
    if (!of || of->state == State::Removed) {
        return;
    }
    const ElementPath path = of->path;
    XmlText next = *m_wanted;
    edit({next, path, m_host});
    if (next.toString() == m_wanted->toString()) {
        return;
    }
    record(key);
    m_wanted = std::move(next);
    settle();
}

Result<> HardwareDraft::replaceXml(int id, const QString &elementXml)
{
    const Entry *of = entry(id);
    if (!of || of->state == State::Removed || of->path.isRoot()) {
        return fail(Error::invalid(tr("This device is not there any more.")));
    }
    const QString name = of->path.parts().constLast().name;
    const auto parsed = XmlText::parse(elementXml);
    if (!parsed) {
        return fail(parsed.error());
    }
    if (parsed->tree().name(parsed->tree().root()) != name) {
        return fail(Error::invalid(tr("This is the XML of a <%1>. Remove it, and add another device.").arg(name)));
    }
    Result<> replaced;
    const QString xml = elementXml.trimmed();
    if (xml != xmlOf(*of)) {
        change(
            id, [&](const DeviceEdit &edit) { replaced = edit.document.replace(edit.path, xml); }, u"%1/xml"_s.arg(id));
    }
    return replaced;
}

Result<int> HardwareDraft::add(const QString &elementXml)
{
    if (!m_wanted) {
        return fail(Error::invalid(tr("There is no definition to add a device to.")));
    }
    XmlText next = *m_wanted;
    const Result<ElementPath> path = next.insert(ElementPath(u"devices"_s), elementXml);
    if (!path) {
        return fail(path.error());
    }
    record({});
    m_wanted = std::move(next);
    settle();
    return idAt(*path);
}

Result<> HardwareDraft::take(const QString &xml)
{
    auto next = XmlText::parse(xml);
    if (!next) {
        return fail(next.error());
    }
    if (!m_wanted || next->toString() == m_wanted->toString()) {
        return {};
    }
    record({});
    m_wanted = std::move(*next);
    settle();
    return {};
}

/** A sibling came or went before these: they are counted anew. */
void HardwareDraft::shift(const ElementPath &from, int by)
{
    const ElementPath::Part changed = from.parts().constLast();
    for (Track &each : m_tracks) {
        if (each.wanted && each.wanted->parts().constLast().name == changed.name
            && each.wanted->parts().constLast().index >= changed.index) {
            each.wanted = each.wanted->parent().child(changed.name, each.wanted->parts().constLast().index + by);
        }
    }
}

void HardwareDraft::remove(int id)
{
    const Entry *shown = entry(id);
    if (!shown || !shown->kind->parts.isEmpty() || shown->state == State::Removed) {
        return;
    }
    record({});
    Track *of = track(id); // not before: record() keeps the list as it is, and shares it
    const ElementPath path = *of->wanted;
    m_wanted->remove(path);
    of->wanted.reset();
    shift(path, -1);
    // What was added and goes again was never there.
    m_tracks.removeIf([](const Track &each) { return !each.base && !each.wanted; });
    settle();
}

void HardwareDraft::revert(int id)
{
    const Entry *shown = entry(id);
    if (!shown || shown->state == State::Unchanged) {
        return;
    }
    if (!shown->kind->parts.isEmpty()) {
        record({});
        revertPart(*shown->kind);
        settle();
        return;
    }
    if (shown->state == State::Added) {
        remove(id);
        return;
    }
    record({});
    Track *of = track(id); // not before, as above
    const QString xml = m_base->xml(*of->base);
    if (of->wanted) {
        (void)m_wanted->replace(*of->wanted, xml);
        settle();
        return;
    }
    // Before the device that stood behind it; tracks keep the order of the base.
    std::optional<ElementPath> next;
    for (const Track *each = of + 1; each != m_tracks.constData() + m_tracks.size() && !next; ++each) {
        next = each->base ? each->wanted : std::nullopt;
    }
    const Result<ElementPath> path =
        next ? m_wanted->insertBefore(*next, xml) : m_wanted->insert(ElementPath(u"devices"_s), xml);
    if (path) {
        shift(*path, 1);
        of->wanted = *path;
    }
    settle();
}

void HardwareDraft::revertPart(const DeviceKind &kind)
{
    for (const QString &part : kind.parts) {
        const ElementPath path(part);
        const bool wanted = m_wanted->has(path);
        if (m_base->has(path) && wanted) {
            (void)m_wanted->replace(path, m_base->xml(path));
        } else if (m_base->has(path)) {
            (void)m_wanted->insert({}, m_base->xml(path));
        } else if (wanted) {
            m_wanted->remove(path);
        }
    }
    if (kind.id != "boot"_L1) {
        return;
    }
    for (const Track &each : std::as_const(m_tracks)) {
        if (!each.wanted) {
            continue;
        }
        const QString order = each.base ? bootOrderOf(*m_base, *each.base) : QString();
        DeviceEdit{*m_wanted, *each.wanted, m_host}.setAttribute(u"boot"_s, u"order"_s, order);
    }
}

void HardwareDraft::discard()
{
    if (!isEdited()) {
        return;
    }
    record({});
    m_wanted = m_base;
    m_tracks.removeIf([](const Track &each) { return !each.base; });
    for (Track &each : m_tracks) {
        each.wanted = each.base;
    }
    settle();
}

void HardwareDraft::undo()
{
    if (!m_undo.isEmpty()) {
        m_redo.append({m_wanted->toString(), m_tracks});
        restore(m_undo.takeLast());
    }
}

void HardwareDraft::redo()
{
    if (!m_redo.isEmpty()) {
        m_undo.append({m_wanted->toString(), m_tracks});
        restore(m_redo.takeLast());
    }
}

void HardwareDraft::restore(const Snapshot &snapshot)
{
    m_lastKey.clear();
    if (auto document = XmlText::parse(snapshot.text)) {
        m_wanted = std::move(*document);
        m_tracks = snapshot.tracks;
        rebuild();
    }
}

/** Devices that nobody knows yet were added. */
void HardwareDraft::settle()
{
    const QList<ElementPath> devices = m_wanted->children(ElementPath(u"devices"_s));
    for (const ElementPath &path : devices) {
        if (path.parts().constLast().name != "emulator"_L1 && idAt(path) < 0) {
            m_tracks.append({m_nextId++, std::nullopt, path});
        }
    }
    rebuild();
}

bool HardwareDraft::isPartChanged(const DeviceKind &kind) const
{
    const bool differs = std::ranges::any_of(kind.parts, [this](const QString &part) {
        const ElementPath path(part);
        return m_base->xml(path) != m_wanted->xml(path);
    });
    if (differs || kind.id != "boot"_L1) {
        return differs;
    }
    return std::ranges::any_of(m_tracks, [this](const Track &each) {
        return each.base && each.wanted && bootOrderOf(*m_base, *each.base) != bootOrderOf(*m_wanted, *each.wanted);
    });
}

HardwareDraft::State HardwareDraft::stateOf(const Track &track) const
{
    if (!track.base || !track.wanted) {
        return track.base ? State::Removed : State::Added;
    }
    return m_base->xml(*track.base) == m_wanted->xml(*track.wanted) ? State::Unchanged : State::Changed;
}

/** What was wrong already, and runs all the same, is no reason to refuse a change. */
QStringList HardwareDraft::newProblems(const Track &track, const DeviceKind &kind) const
{
    QStringList before;
    if (track.base) {
        const QList<DeviceProblem> old = problemsOf(kind, {*m_base, *track.base, m_host, m_running});
        for (const DeviceProblem &problem : old) {
            before.append(problem.text);
        }
    }
    QStringList texts;
    const QList<DeviceProblem> now = problemsOf(kind, {*m_wanted, *track.wanted, m_host, m_running});
    for (const DeviceProblem &problem : now) {
        if (!before.contains(problem.text) && !texts.contains(problem.text)) {
            texts.append(problem.text);
        }
    }
    return texts;
}

void HardwareDraft::rebuild()
{
    m_entries.clear();
    if (!m_wanted) {
        Q_EMIT changed();
        return;
    }
    const QList<const DeviceKind *> parts = domainParts();
    for (int i = 0; i < parts.size(); ++i) {
        const DeviceKind *kind = parts.at(i);
        Entry entry{i, kind, kind->name, kind->subtitleOf({*m_wanted, {}, m_host, m_running}), {},
            isPartChanged(*kind) ? State::Changed : State::Unchanged, {}};
        if (entry.state == State::Changed) {
            entry.problems = newProblems({i, ElementPath(), ElementPath()}, *kind);
        }
        m_entries.append(entry);
    }
    QList<Entry> devices;
    for (const Track &each : std::as_const(m_tracks)) {
        const XmlText &document = each.wanted ? *m_wanted : *m_base;
        Entry entry;
        entry.id = each.id;
        entry.path = each.wanted ? *each.wanted : *each.base;
        entry.kind = &kindAt(document, entry.path);
        const DeviceContext context{document, entry.path, m_host, m_running};
        entry.title = entry.kind->titleOf(context);
        entry.subtitle = entry.kind->subtitleOf(context);
        entry.state = stateOf(each);
        if (entry.state == State::Changed || entry.state == State::Added) {
            entry.problems = newProblems(each, *entry.kind);
        }
        devices.append(entry);
    }
    std::ranges::stable_sort(devices, {}, [](const Entry &entry) {
        // By kind, as the kinds are listed; companions last.
        return std::pair(entry.kind->minor, entry.kind - allKinds().constData());
    });
    m_entries += devices;
    Q_EMIT changed();
}

} // namespace vireo::model
