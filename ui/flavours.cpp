// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flavours.h"

#include <algorithm>

#include <QCoreApplication>
#include <QSettings>

#include "backend/operation/create/templates.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

struct FlavoursText {
    Q_DECLARE_TR_FUNCTIONS(ui_Flavours)
};

constexpr auto ArrayKey = "flavours"_L1;
constexpr qsizetype MaxName = 60;

} // namespace

Flavours::Flavours(QSettings &settings)
    : m_settings(settings)
{}

QList<Flavour> Flavours::kept() const
{
    QList<Flavour> flavours;
    const int count = m_settings.beginReadArray(ArrayKey);
    for (int i = 0; i < count; ++i) {
        m_settings.setArrayIndex(i);
        const Flavour flavour{m_settings.value("name"_L1).toString(), m_settings.value("vcpus"_L1).toInt(),
            m_settings.value("memory"_L1).toULongLong(), m_settings.value("root"_L1).toDouble(), false};
        if (nameProblem(flavour.name).isEmpty() && flavour.vcpus > 0 && flavour.memoryMiB > 0) {
            flavours.append(flavour);
        }
    }
    m_settings.endArray();
    return flavours;
}

QList<Flavour> Flavours::all() const
{
    QList<Flavour> flavours = kept();
    const QList<operation::Template> ready = operation::builtInTemplates();
    for (const operation::Template &each : ready) {
        flavours.append({each.name, each.draft->vcpus, each.draft->memoryMiB, each.draft->rootGiB.value_or(0), true});
    }
    return flavours;
}

bool Flavours::contains(const QString &name) const
{
    const QList<Flavour> flavours = kept();
    return std::ranges::find(flavours, name, &Flavour::name) != flavours.cend();
}

QString Flavours::nameProblem(const QString &name)
{
    if (name.trimmed().isEmpty()) {
        return FlavoursText::tr("Give the flavour a name.");
    }
    if (name.size() > MaxName) {
        return FlavoursText::tr("A flavour's name has %1 characters at most.").arg(MaxName);
    }
    const auto isControl = [](QChar c) {
        return c.category() == QChar::Other_Control;
    };
    return std::ranges::any_of(name, isControl) ? FlavoursText::tr("The name has characters that can't be shown.")
                                                : QString();
}

void Flavours::write(QList<Flavour> flavours)
{
    std::ranges::sort(
        flavours, [](const Flavour &a, const Flavour &b) { return QString::localeAwareCompare(a.name, b.name) < 0; });
    m_settings.remove(ArrayKey);
    m_settings.beginWriteArray(ArrayKey, static_cast<int>(flavours.size()));
    for (qsizetype i = 0; i < flavours.size(); ++i) {
        const Flavour &flavour = flavours.at(i);
        m_settings.setArrayIndex(static_cast<int>(i));
        m_settings.setValue("name"_L1, flavour.name);
        m_settings.setValue("vcpus"_L1, flavour.vcpus);
        m_settings.setValue("memory"_L1, flavour.memoryMiB);
        m_settings.setValue("root"_L1, flavour.rootGiB);
    }
    m_settings.endArray();
}

void Flavours::save(const Flavour &flavour)
{
    if (!nameProblem(flavour.name).isEmpty()) {
        return;
    }
    QList<Flavour> flavours = kept();
    flavours.removeIf([&flavour](const Flavour &each) { return each.name == flavour.name; });
    flavours.append(flavour);
    write(flavours);
}

void Flavours::rename(const QString &name, const QString &newName)
{
    QList<Flavour> flavours = kept();
    const auto found = std::ranges::find(flavours, name, &Flavour::name);
    if (found != flavours.end() && nameProblem(newName).isEmpty() && !contains(newName)) {
        found->name = newName;
        write(flavours);
    }
}

void Flavours::remove(const QString &name)
{
    QList<Flavour> flavours = kept();
    if (flavours.removeIf([&name](const Flavour &each) { return each.name == name; }) > 0) {
        write(flavours);
    }
}

} // namespace vireo::ui
