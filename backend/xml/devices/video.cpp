// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"
#include "backend/xml/devices/devicenames.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

struct VideoText {
    Q_DECLARE_TR_FUNCTIONS(xml_video)
};

QString modelOf(const DeviceContext &video)
{
    return video.attribute(u"model"_s, u"type"_s);
}

std::function<bool(const DeviceContext &)> ifModel(const QStringList &models)
{
    return [models](const DeviceContext &video) {
        return models.contains(modelOf(video));
    };
}

Offer modelOffer(const DeviceContext &video)
{
    const QStringList offered = video.capabilities().videoModels();
    Offer offer;
    for (const QString &model : {u"virtio"_s, u"qxl"_s, u"vga"_s, u"bochs"_s, u"cirrus"_s, u"vmvga"_s, u"ramfb"_s,
             u"xen"_s, u"vbox"_s, u"gop"_s, u"none"_s}) {
        if (offered.contains(model)) {
            offer.add({model});
        }
    }
    for (const QString &model : offered) {
        if (!offer.values.contains(model)) {
            offer.add({model});
        }
    }
    if (offered.isEmpty()) {
        offer.add({u"virtio"_s, u"qxl"_s, u"vga"_s, u"bochs"_s, u"none"_s});
    }
    return offer;
}

/** Each model has memory of its own kind; what the new one does not have goes. */
void writeModel(const DeviceEdit &edit, const QString &model)
{
    if (modelOf(edit.context()) == model) {
        return;
    }
    edit.setAttribute(u"model"_s, u"type"_s, model);
    const bool qxl = model == "qxl"_L1;
    const bool hasVram = qxl || model == "vga"_L1 || model == "cirrus"_L1 || model == "vmvga"_L1 || model == "bochs"_L1;
    const ElementPath at = below(edit.path, u"model"_s);
    if (!qxl) {
        for (const QString &name : {u"ram"_s, u"vgamem"_s, u"vram64"_s}) {
            edit.document.removeAttribute(at, name);
        }
    }
    if (!hasVram || !qxl) {
        edit.document.removeAttribute(at, u"vram"_s);
    }
    if (model != "virtio"_L1) {
        edit.document.removeAttribute(at, u"blob"_s);
        edit.remove(u"model/acceleration"_s);
    }
    if (model == "none"_L1) {
        edit.document.removeAttribute(at, u"heads"_s);
        edit.document.removeAttribute(at, u"primary"_s);
        edit.remove(u"address"_s);
        edit.remove(u"model/resolution"_s);
    } else if (model != "qxl"_L1 && model != "virtio"_L1 && model != "vbox"_L1) {
        edit.document.removeAttribute(at, u"heads"_s);
    }
}

QString frozenText()
{
    return VideoText::tr("A VM's display adapter can't be changed while it runs.");
}

FieldMaker memory(const QString &attribute, const QString &label, const QStringList &models)
{
    return FieldMaker(Kind::Number, attribute, label, u"model"_s, attribute)
        .range(1, 4 * 1024 * 1024, VideoText::tr(" KiB"))
        .unset(VideoText::tr("Automatic"))
        .shownIf(ifModel(models))
        .in(VideoText::tr("Memory"))
        .frozen(frozenText());
}

QString makeVideo(const XmlText &, const HostFacts &host)
{
    const QStringList offered = host.vocabulary.capabilities.videoModels();
    const Document made = Document::create(u"video"_s);
    Element model = made.root().append(u"model"_s);
    const bool virtio = offered.isEmpty() || offered.contains(u"virtio"_s);
    model.setAttribute(u"type"_s, virtio ? u"virtio"_s : offered.constFirst());
    return made.root().toXml();
}

} // namespace

DeviceKind videoKind()
{
    DeviceKind kind;
    kind.id = u"video"_s;
    kind.name = VideoText::tr("Video");
    kind.element = u"video"_s;
    kind.title = [](const DeviceContext &video) {
        return VideoText::tr("Video %1").arg(modelOf(video));
    };
    kind.fields = {
        FieldMaker(Kind::Choice, u"model"_s, VideoText::tr("M&odel"), u"model"_s, u"type"_s)
            .offering(modelOffer)
            .writes(writeModel)
            .checked([](const DeviceContext &video) -> QString {
                const bool several = video.document.count(video.path.parent(), u"video"_s) > 1;
                return several && modelOf(video) == "none"_L1
                    ? VideoText::tr("none is for a VM without any display adapter.")
                    : QString();
            })
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"heads"_s, VideoText::tr("&Screens"), u"model"_s, u"heads"_s)
            .range(1, 16)
            .unset(VideoText::tr("One"))
            .shownIf(ifModel({u"virtio"_s, u"qxl"_s, u"vbox"_s}))
            .frozen(frozenText()),
        FieldMaker(Kind::Switch, u"accel3d"_s, VideoText::tr("&3D acceleration"), u"model/acceleration"_s, u"accel3d"_s)
            .shownIf(ifModel({u"virtio"_s}))
            .hinted(VideoText::tr("Needs a screen with OpenGL."))
            .frozen(frozenText()),
        memory(u"vram"_s, VideoText::tr("&Video memory"), {u"qxl"_s, u"vga"_s, u"cirrus"_s, u"vmvga"_s, u"bochs"_s}),
        memory(u"ram"_s, VideoText::tr("&Framebuffer"), {u"qxl"_s}),
        memory(u"vgamem"_s, VideoText::tr("V&GA memory"), {u"qxl"_s}),
    };
    kind.make = makeVideo;
    return kind;
}

} // namespace vireo::xml::devices
