// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/devices/devicekind.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

const DeviceField *DeviceKind::field(const QString &fieldId) const
{
    const auto found = std::ranges::find(fields, fieldId, &DeviceField::id);
    return found == fields.cend() ? nullptr : &*found;
}

const QList<DeviceKind> &allKinds()
{
    static const QList<DeviceKind> kinds = [] {
        QList<DeviceKind> all{overviewKind(), cpuKind(), memoryKind(), bootKind(), diskKind(), cdromKind(),
            floppyKind(), nicKind(), graphicsKind(), videoKind(), controllerKind(), companionKind()};
        all += plainKinds();
        return all;
    }();
    return kinds;
}

const DeviceKind *findKind(const QString &id)
{
    const QList<DeviceKind> &kinds = allKinds();
    const auto found = std::ranges::find(kinds, id, &DeviceKind::id);
    return found == kinds.cend() ? nullptr : &*found;
}

const DeviceKind &kindAt(const XmlText &document, const ElementPath &path)
{
    static const HostFacts nothing;
    const DeviceContext context{document, path, nothing, false};
    const QString element = path.isRoot() ? QString() : path.parts().constLast().name;
    const QList<DeviceKind> &kinds = allKinds();
    for (const DeviceKind &kind : kinds) {
        if (kind.element == element && !element.isEmpty() && (!kind.matches || kind.matches(context))) {
            return kind;
        }
    }
    return kinds.constLast();
}

QList<DeviceProblem> problemsOf(const DeviceKind &kind, const DeviceContext &context)
{
    QList<DeviceProblem> problems;
    for (const DeviceField &field : kind.fields) {
        if (!field.problem || !field.isShown(context)) {
            continue;
        }
        if (const QString text = field.problem(context); !text.isEmpty()) {
            problems.append({context.path, field.id, text});
        }
    }
    return problems;
}

} // namespace vireo::xml::devices
