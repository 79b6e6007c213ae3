// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QObject>

#include "backend/operation/create/templates.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/** The saved and built-in templates of the New VM wizard. Reads and writes in a lane of its own. GUI thread. */
class CreateTemplates final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateTemplates)

public:
    explicit CreateTemplates(const QString &directory, QObject *parent = nullptr);
    ~CreateTemplates() override;

    /** Saved ones, broken ones among them, then the built-in ones. */
    const QList<operation::Template> &all() const { return m_all; }
    bool contains(const QString &name) const; ///< a saved one
    void read();
    void save(const QString &name, const operation::CreateDraft &draft, bool withPasswords);
    void rename(const operation::Template &which, const QString &newName);
    void remove(const operation::Template &which);

Q_SIGNALS:
    void changed();
    /** What save(), rename() or remove() came to; empty: it is done. */
    void finished(const QString &problem);

private:
    void post(const std::function<Result<>()> &work);

    QString m_directory;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QList<operation::Template> m_all;
};

} // namespace vireo::ui
