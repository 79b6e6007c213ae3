// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizetexts.h"

#include <QCoreApplication>
#include <QLocale>

#include "model/format.h"

namespace vireo::ui::resizetexts {

using namespace Qt::StringLiterals;
using operation::DiskContent;
using operation::KeptState;
using operation::ResizeEffect;

namespace {

struct ResizeText {
    Q_DECLARE_TR_FUNCTIONS(ui_Resize)
};

/** Texts of the field carry no full stop, reasons are sentences. */
QString sentence(const QString &text)
{
    return text.isEmpty() || text.endsWith(u'.') ? text : text + u'.';
}

QString joined(const QString &text, const QString &reason)
{
    return reason.isEmpty() ? sentence(text) : sentence(text) + u' ' + reason;
}

} // namespace

QString effect(const ResizeEffect &effect)
{
    switch (effect.when) {
    case ResizeEffect::When::Now:
        return ResizeText::tr("Now: %1").arg(joined(effect.text, effect.reason));
    case ResizeEffect::When::NextBoot:
        return ResizeText::tr("At the next boot: %1").arg(joined(effect.text, effect.reason));
    case ResizeEffect::When::PowerOff:
        return ResizeText::tr("Needs power off: %1").arg(joined(effect.text, effect.reason));
    case ResizeEffect::When::Never:
        return ResizeText::tr("Can't be done: %1").arg(joined(effect.text, effect.reason));
    }
    return {};
}

QString insideGuest(const DiskContent &content)
{
    switch (content.kind) {
    case DiskContent::Kind::Partitioned:
        return ResizeText::tr("Inside the guest: its partition and file system have to grow too. Where cloud-init runs "
                              "(growpart) that happens at the next boot, else run growpart, then resize2fs or "
                              "xfs_growfs.");
    case DiskContent::Kind::Ext:
        return ResizeText::tr("Inside the guest: the file system fills the disk without partitions, run resize2fs.");
    case DiskContent::Kind::Xfs:
        return ResizeText::tr("Inside the guest: the file system fills the disk without partitions, run xfs_growfs.");
    case DiskContent::Kind::Swap:
        return ResizeText::tr("Inside the guest: it is swap, run swapoff, mkswap and swapon.");
    case DiskContent::Kind::Other:
        return ResizeText::tr("Inside the guest: the disk holds %1 without partitions, grow it with its own tool.")
            .arg(content.name);
    case DiskContent::Kind::Blank:
        return ResizeText::tr("Inside the guest: nothing, the disk is blank.");
    case DiskContent::Kind::Unknown:
        break;
    }
    return ResizeText::tr("Inside the guest: partitions and file systems on it have to grow too, by cloud-init "
                          "(growpart) or by hand.");
}

QString waiting(const KeptState &kept, const QDateTime &now)
{
    const QString when = model::formatAge(std::max<qint64>(0, kept.since.secsTo(now)));
    return kept.change.isEmpty() ? ResizeText::tr("Resized %1.", "when").arg(when)
                                 : ResizeText::tr("Resized %1: %2", "when, what").arg(when, sentence(kept.change));
}

QString exactly(const KeptState &kept)
{
    return ResizeText::tr("Changed %1").arg(QLocale().toString(kept.since.toLocalTime(), QLocale::LongFormat));
}

QString choices(const KeptState &kept, const QDateTime &now)
{
    QString text = ResizeText::tr("Confirm it when all is well, or go back: until then what it was is kept.");
    if (kept.confirmAt.isValid()) {
        text += u' '
            + (kept.confirmAt <= now
                    ? ResizeText::tr("It is confirmed automatically as soon as its hosts are connected.")
                    : ResizeText::tr("It is confirmed automatically at %1, while Vireo runs.")
                          .arg(QLocale().toString(kept.confirmAt.toLocalTime(), QLocale::ShortFormat)));
    }
    return text;
}

QString endRefusal(const KeptState &kept, operation::ResizeEnd end)
{
    if (kept.ending == KeptState::Ending::Confirm && end == operation::ResizeEnd::Revert) {
        return ResizeText::tr(
            "Confirming it has begun and can only be finished: what it was is not complete any more.");
    }
    if (kept.ending == KeptState::Ending::Revert && end == operation::ResizeEnd::Confirm) {
        return ResizeText::tr("Taking it back has begun and can only be finished.");
    }
    return {};
}

QString badge()
{
    return ResizeText::tr("resized: confirm or revert");
}

} // namespace vireo::ui::resizetexts
