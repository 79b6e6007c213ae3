// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLatin1StringView>
#include <algorithm>
#include <array>
#include <utility>

#include <QStringList>

#include "backend/operation/create/createdraft.h"

/** The words of create drafts for enumerated values. They are in saved templates: they stay. Private to its sources. */
namespace vireo::operation {

template<typename Value, size_t n>
using Words = std::array<std::pair<Value, QLatin1StringView>, n>;

inline constexpr Words<CreateDraft::SourceKind, 8> sourceWords{
    {{CreateDraft::SourceKind::Image, QLatin1StringView("image")},
        {CreateDraft::SourceKind::Iso, QLatin1StringView("iso")},
        {CreateDraft::SourceKind::Tree, QLatin1StringView("tree")},
        {CreateDraft::SourceKind::Kernel, QLatin1StringView("kernel")},
        {CreateDraft::SourceKind::Disk, QLatin1StringView("disk")},
        {CreateDraft::SourceKind::Pxe, QLatin1StringView("pxe")},
        {CreateDraft::SourceKind::None, QLatin1StringView("none")},
        {CreateDraft::SourceKind::Xml, QLatin1StringView("xml")}}};
inline constexpr Words<CreateDraft::DiskKind, 4> diskWords{{{CreateDraft::DiskKind::Blank, QLatin1StringView("blank")},
    {CreateDraft::DiskKind::Ephemeral, QLatin1StringView("ephemeral")},
    {CreateDraft::DiskKind::Swap, QLatin1StringView("swap")},
    {CreateDraft::DiskKind::Volume, QLatin1StringView("volume")}}};
inline constexpr Words<CreateDraft::Firmware, 4> firmwareWords{
    {{CreateDraft::Firmware::Auto, QLatin1StringView("auto")}, {CreateDraft::Firmware::Bios, QLatin1StringView("bios")},
        {CreateDraft::Firmware::Efi, QLatin1StringView("efi")},
        {CreateDraft::Firmware::EfiSecure, QLatin1StringView("efi-secure")}}};
inline constexpr Words<CreateDraft::VirtType, 3> virtWords{{{CreateDraft::VirtType::Auto, QLatin1StringView("auto")},
    {CreateDraft::VirtType::Kvm, QLatin1StringView("kvm")}, {CreateDraft::VirtType::Qemu, QLatin1StringView("qemu")}}};
inline constexpr Words<CreateDraft::Graphics, 4> graphicsWords{
    {{CreateDraft::Graphics::Auto, QLatin1StringView("auto")}, {CreateDraft::Graphics::Vnc, QLatin1StringView("vnc")},
        {CreateDraft::Graphics::Spice, QLatin1StringView("spice")},
        {CreateDraft::Graphics::None, QLatin1StringView("none")}}};

template<typename Value, size_t n>
QStringList wordsOf(const Words<Value, n> &words)
{
    QStringList texts;
    for (const auto &entry : words) {
        texts.append(entry.second);
    }
    return texts;
}

template<typename Value, size_t n>
QString wordOf(const Words<Value, n> &words, Value value)
{
    const auto found = std::ranges::find(words, value, &std::pair<Value, QLatin1StringView>::first);
    return found == words.end() ? QString() : QString(found->second);
}

template<typename Value, size_t n>
Value fromWord(const Words<Value, n> &words, const QString &text, Value fallback)
{
    const auto found = std::ranges::find_if(words, [&text](const auto &entry) { return entry.second == text; });
    return found == words.end() ? fallback : found->first;
}

} // namespace vireo::operation
