// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QHash>
#include <QObject>

#include "backend/xml/devices/devicekind.h"

namespace vireo::model {

/**
 * A domain definition that is being edited device by device: the definition the edit began with, the one that is
 * wanted, the list of what is in both, and undo. Works on texts, needs no host. GUI thread; no widgets.
 */
class HardwareDraft final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HardwareDraft)

public:
    enum class State { Unchanged, Changed, Added, Removed };
    Q_ENUM(State)

    /** A line of the list: a part of the domain (CPUs, memory …), or a device. */
    struct Entry {
        int id = -1; ///< stays the same while the draft lives, also over undo
        const xml::devices::DeviceKind *kind = nullptr;
        QString title;
        QString subtitle;
        xml::ElementPath path; ///< in the wanted definition; of a removed device in the base
        State state = State::Unchanged;
        QStringList problems; ///< of what was changed: sentences
    };

    explicit HardwareDraft(QObject *parent = nullptr);

    /** Begins anew with this definition: edits and undo are forgotten, ids of like devices stay. Error: it is no XML;
     *  then nothing changed. */
    Result<> setBase(const QString &xml);
    void setHost(const xml::devices::HostFacts &host);
    const xml::devices::HostFacts &host() const { return m_host; }
    /** Begins anew with an edit that was made elsewhere: devices are paired by what they are called. Error: one of them
     *  is no XML; then nothing changed. */
    Result<> setEdit(const QString &base, const QString &wanted);
    /** Nothing is edited. */
    void clear();
    /** Whether the domain runs: then some settings change at its next boot only. */
    void setRunning(bool running);
    bool isRunning() const { return m_running; }

    bool isEmpty() const { return !m_wanted; }
    QString base() const { return m_base ? m_base->toString() : QString(); }
    QString wanted() const { return m_wanted ? m_wanted->toString() : QString(); }
    bool isEdited() const { return base() != wanted(); }

    const QList<Entry> &entries() const { return m_entries; }
    const Entry *entry(int id) const; ///< null: it is not there (any more)
    /** Of a part of the domain by its kind ("cpu"), or of the device at that path; -1. */
    int idOf(const QString &kind) const;
    int idAt(const xml::ElementPath &path) const;
    /** Valid until the next change. Not for removed devices, and only while there is a definition. */
    xml::devices::DeviceContext context(const Entry &entry) const;
    /** The element as it is wanted, not indented; of a removed device as it was; empty for a part of the domain. */
    QString xmlOf(const Entry &entry) const;
    /** How many lines differ from the base. */
    int changeCount() const;
    /** What is wrong with the changes, as "Disk vdb: …". */
    QStringList problems() const;

    /** Sets a field of an entry's page. */
    void write(int id, const QString &field, const QString &value);
    /** Any other change of an entry; `key`: changes with the same one are undone together, if they follow each other.
     */
    void change(int id, const std::function<void(const xml::devices::DeviceEdit &)> &edit, const QString &key = {});
    /** Error: no well-formed element of that name; then nothing changed. */
    Result<> replaceXml(int id, const QString &elementXml);
    /** Adds a device; gives its id. */
    Result<int> add(const QString &elementXml);
    /** Takes over a definition that was made from the wanted one by adding devices. */
    Result<> take(const QString &xml);
    void remove(int id);
    /** Back to the base; an added device goes, a removed one comes back to its place. */
    void revert(int id);
    void discard();

    bool canUndo() const { return !m_undo.isEmpty(); }
    bool canRedo() const { return !m_redo.isEmpty(); }
    void undo();
    void redo();

Q_SIGNALS:
    /** Anything: the definition, what is known of the host, whether it runs. */
    void changed();

private:
    struct Track {
        int id = -1;
        std::optional<xml::ElementPath> base;
        std::optional<xml::ElementPath> wanted;
    };
    struct Snapshot {
        QString text;
        QList<Track> tracks;
    };

    Track *track(int id);
    void record(const QString &key);
    void restore(const Snapshot &snapshot);
    void settle();
    void rebuild();
    void shift(const xml::ElementPath &from, int by);
    void revertPart(const xml::devices::DeviceKind &kind);
    bool isPartChanged(const xml::devices::DeviceKind &kind) const;
    State stateOf(const Track &track) const;
    QStringList newProblems(const Track &track, const xml::devices::DeviceKind &kind) const;

    std::optional<xml::XmlText> m_base;
    std::optional<xml::XmlText> m_wanted;
    xml::devices::HostFacts m_host;
    bool m_running = false;
    QList<Track> m_tracks;
    QList<Entry> m_entries;
    QList<Snapshot> m_undo;
    QList<Snapshot> m_redo;
    QString m_lastKey;
    int m_nextId = 0;
};

} // namespace vireo::model
