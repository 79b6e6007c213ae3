// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

class QSettings;

namespace vireo::ui {

/** A named set of sizes. */
struct Flavour {
    QString name;
    int vcpus = 1;
    quint64 memoryMiB = 0;
    double rootGiB = 0; ///< 0: the root disk stays
    bool builtIn = false;
    friend bool operator==(const Flavour &, const Flavour &) = default;
};

/** The sets of sizes that the user keeps, in the settings, and those that there are anyway. GUI thread. */
class Flavours final
{
public:
    explicit Flavours(QSettings &settings);

    /** Kept ones by name, then the built-in ones. */
    QList<Flavour> all() const;
    bool contains(const QString &name) const; ///< a kept one
    /** Why none can have this name, as a sentence; empty: one can. */
    static QString nameProblem(const QString &name);
    /** Replaces one of that name. */
    void save(const Flavour &flavour);
    /** Does nothing when there is none, or the new name is taken. */
    void rename(const QString &name, const QString &newName);
    void remove(const QString &name);

private:
    QList<Flavour> kept() const;
    void write(QList<Flavour> flavours);

    QSettings &m_settings;
};

} // namespace vireo::ui
