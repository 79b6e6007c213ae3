// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/devices/field.h"

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

ElementPath below(const ElementPath &base, const QString &path)
{
    ElementPath all = base;
    const ElementPath relative(path);
    for (const ElementPath::Part &part : relative.parts()) {
        all = all.child(part.name, part.index);
    }
    return all;
}

bool DeviceContext::isX86() const
{
    const QString name = arch();
    return name == "x86_64"_L1 || name == "i686"_L1;
}

namespace {

/** Elements that hold nothing any more go, from `at` upwards, but never the device itself. */
void pruneBelow(XmlText &document, const ElementPath &device, ElementPath at)
{
    for (; at.parts().size() > device.parts().size(); at = at.parent()) {
        const int element = document.find(at);
        if (element < 0) {
            continue;
        }
        const SyntaxNode &node = document.tree().node(element);
        if (node.attributeCount > 0 || !document.tree().slice(node.content).trimmed().isEmpty()) {
            return;
        }
        document.remove(at);
    }
}

} // namespace

void DeviceEdit::setAttribute(const QString &element, const QString &name, const QString &value) const
{
    const ElementPath at = below(path, element);
    if (!value.isEmpty()) {
        document.setAttribute(at, name, value);
    } else if (document.removeAttribute(at, name)) {
        pruneBelow(document, path, at);
    }
}

void DeviceEdit::setText(const QString &element, const QString &value) const
{
    if (!value.isEmpty()) {
        document.setText(below(path, element), value);
    } else {
        remove(element);
    }
}

void DeviceEdit::remove(const QString &element) const
{
    const ElementPath at = below(path, element);
    if (document.remove(at)) {
        pruneBelow(document, path, at.parent());
    }
}

void DeviceEdit::setPresent(const QString &element, bool present) const
{
    const ElementPath at = below(path, element);
    if (document.has(at) == present) {
        return;
    }
    if (present) {
        (void)document.insert(at.parent(), Document::create(at.parts().constLast().name).root().toXml());
    } else {
        remove(element);
    }
}

QString DeviceField::read(const DeviceContext &context) const
{
    if (reader) {
        return reader(context);
    }
    if (kind == Kind::Switch) {
        const bool set = attribute.isEmpty() ? context.has(element) : context.attribute(element, attribute) == on;
        return set ? u"yes"_s : u"no"_s;
    }
    return attribute.isEmpty() ? context.text(element) : context.attribute(element, attribute);
}

void DeviceField::write(const DeviceEdit &edit, const QString &value) const
{
    if (kind != Kind::Button && read(edit.context()) == value) {
        return; // also where it is shown in another form than it is written
    }
    if (writer) {
        writer(edit, value);
    } else if (kind == Kind::Switch && attribute.isEmpty()) {
        edit.setPresent(element, value == "yes"_L1);
    } else if (kind == Kind::Switch) {
        edit.setAttribute(element, attribute, value == "yes"_L1 ? on : QString());
    } else if (attribute.isEmpty()) {
        edit.setText(element, value);
    } else {
        edit.setAttribute(element, attribute, value);
    }
}

} // namespace vireo::xml::devices
