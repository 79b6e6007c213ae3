// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "backend/xml/devices/hostfacts.h"
#include "backend/xml/xmltext.h"

/**
 * The settings of a domain's devices as values: where each stands in the definition, how it is read and patched, what
 * may be chosen, what is wrong with it. The hardware pages show these; tests and drafts use them without widgets. Pure;
 * any thread.
 */
namespace vireo::xml::devices {

/** What may be chosen for a setting. An empty value: the definition does not say it, the host decides. */
struct Offer {
    QStringList texts;
    QStringList values;
    QString lacking; ///< what this host lacks, in a sentence; may be empty
    void add(const QString &text, const QString &value)
    {
        texts.append(text);
        values.append(value);
    }
    void add(const QStringList &both)
    {
        texts.append(both);
        values.append(both);
    }
    friend bool operator==(const Offer &, const Offer &) = default;
};

/** `path` below `base`: "source", "source/host"; empty: `base` itself. */
ElementPath below(const ElementPath &base, const QString &path);

/** A device in its domain, and what is known of the host. A light view: all of it must outlive it. */
struct DeviceContext {
    const XmlText &document;
    ElementPath path; ///< of the device; root: the domain itself
    const HostFacts &host;
    bool running = false;

    QString attribute(const QString &element, const QString &name) const
    {
        return document.attribute(below(path, element), name);
    }
    QString text(const QString &element) const { return document.text(below(path, element)).trimmed(); }
    bool has(const QString &element) const { return document.has(below(path, element)); }
    /** Architecture, board and type of the domain. */
    QString arch() const { return document.attribute(QStringLiteral("os/type"), QStringLiteral("arch")); }
    QString machine() const { return document.attribute(QStringLiteral("os/type"), QStringLiteral("machine")); }
    bool isX86() const;
    bool isQ35() const { return machine().contains(QLatin1String("q35")); }
    const DomainCapabilities &capabilities() const { return host.vocabulary.capabilities; }
};

/** What a change may touch: the device's own element, and what it needs beside it. */
struct DeviceEdit {
    XmlText &document;
    ElementPath path;
    const HostFacts &host;

    DeviceContext context() const { return {document, path, host, false}; }
    /** An empty value takes the attribute out. Elements that are then empty go with it, but not the device itself. */
    void setAttribute(const QString &element, const QString &name, const QString &value) const;
    /** The same for the text of an element. */
    void setText(const QString &element, const QString &value) const;
    void remove(const QString &element) const;
    /** Puts `<name/>` there or takes it away. */
    void setPresent(const QString &element, bool present) const;
};

/** One setting. Values are texts, as a form's fields hold them. */
struct DeviceField {
    enum class Kind {
        Choice,  ///< one of offer()
        Suggest, ///< any text; offer() proposes some
        Text,
        Lines,  ///< several lines
        Number, ///< whole; empty: not said
        Switch, ///< "yes" or "no"
        Secret, ///< typed, never shown
        Fact,   ///< shown only
        System, ///< an operating system, by libosinfo's URI
        Button, ///< does something; shown while read() is not empty
    };
    using Read = std::function<QString(const DeviceContext &)>;
    using Write = std::function<void(const DeviceEdit &, const QString &)>;

    QString id;    ///< unique on its page
    QString label; ///< with mnemonic, without colon
    Kind kind = Kind::Text;
    QString group; ///< title of the part of the page that is closed at first; empty: always shown
    QString element;
    QString attribute;                  ///< empty: the element's text
    QString on = QStringLiteral("yes"); ///< of a Switch: what is written for it; off takes the attribute out
    int minimum = 0;
    int maximum = 0;
    QString suffix;
    QString unset;  ///< what an empty number or text means: "No limit"
    QString hint;   ///< below the field
    QString frozen; ///< why it does not change before the next boot; empty: it changes at once

    std::function<Offer(const DeviceContext &)> offer;
    std::function<bool(const DeviceContext &)> shown;       ///< none: always
    std::function<QString(const DeviceContext &)> problem;  ///< what is wrong with it; none: nothing can be
    std::function<QString(const DeviceContext &)> hintHere; ///< in place of `hint`
    std::function<QString(const DeviceContext &)> locked;   ///< why it can't be changed now; empty: it can
    Read reader;                                            ///< none: by element and attribute
    Write writer;

    QString read(const DeviceContext &context) const;
    /** Changes nothing when read() says that already. */
    void write(const DeviceEdit &edit, const QString &value) const;
    bool isShown(const DeviceContext &context) const { return !shown || shown(context); }
    bool isEditable() const { return kind != Kind::Fact; }
};

/** Short ways to write tables of fields down. */
class FieldMaker final
{
public:
    FieldMaker(DeviceField::Kind kind, const QString &id, const QString &label, const QString &element = {},
        const QString &attribute = {})
    {
        m_field.kind = kind;
        m_field.id = id;
        m_field.label = label;
        m_field.element = element;
        m_field.attribute = attribute;
    }
    FieldMaker &in(const QString &group) { return m_field.group = group, *this; }
    FieldMaker &offering(std::function<Offer(const DeviceContext &)> offer)
    {
        return m_field.offer = std::move(offer), *this;
    }
    FieldMaker &offering(const Offer &offer)
    {
        return offering([offer](const DeviceContext &) { return offer; });
    }
    FieldMaker &shownIf(std::function<bool(const DeviceContext &)> shown)
    {
        return m_field.shown = std::move(shown), *this;
    }
    FieldMaker &checked(std::function<QString(const DeviceContext &)> problem)
    {
        return m_field.problem = std::move(problem), *this;
    }
    FieldMaker &hinted(const QString &hint) { return m_field.hint = hint, *this; }
    FieldMaker &hinted(std::function<QString(const DeviceContext &)> hint)
    {
        return m_field.hintHere = std::move(hint), *this;
    }
    FieldMaker &lockedBy(std::function<QString(const DeviceContext &)> locked)
    {
        return m_field.locked = std::move(locked), *this;
    }
    FieldMaker &frozen(const QString &why) { return m_field.frozen = why, *this; }
    FieldMaker &unset(const QString &text) { return m_field.unset = text, *this; }
    FieldMaker &range(int minimum, int maximum, const QString &suffix = {})
    {
        m_field.minimum = minimum;
        m_field.maximum = maximum;
        m_field.suffix = suffix;
        return *this;
    }
    FieldMaker &on(const QString &value) { return m_field.on = value, *this; }
    FieldMaker &reads(DeviceField::Read read) { return m_field.reader = std::move(read), *this; }
    FieldMaker &writes(DeviceField::Write write) { return m_field.writer = std::move(write), *this; }
    operator DeviceField() const { return m_field; } // NOLINT(google-explicit-constructor): it ends the chain

private:
    DeviceField m_field;
};

} // namespace vireo::xml::devices
