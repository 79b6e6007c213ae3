// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createtemplates.h"

#include "backend/base/courier.h"
#include "backend/base/lane.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::Template;

CreateTemplates::CreateTemplates(const QString &directory, QObject *parent)
    : QObject(parent)
    , m_directory(directory)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"newvm-templates"_s, Lane::Kind::Computing))
    , m_all(operation::builtInTemplates())
{}

CreateTemplates::~CreateTemplates()
{
    m_courier->close();
    m_lane->drain(); // what is to be saved is saved
}

bool CreateTemplates::contains(const QString &name) const
{
    return std::any_of(m_all.cbegin(), m_all.cend(),
        [&name](const Template &each) { return !each.path.isEmpty() && each.name == name; });
}

void CreateTemplates::read()
{
    m_lane->post([this, courier = m_courier, directory = m_directory] {
        const auto found = operation::listTemplates(directory);
        courier->post([this, found] {
            QList<Template> all = found.value_or(QList<Template>());
            all += operation::builtInTemplates();
            if (all != m_all) {
                m_all = all;
                Q_EMIT changed();
            }
        });
    });
}

void CreateTemplates::post(const std::function<Result<>()> &work)
{
    m_lane->post([this, courier = m_courier, work] {
        const Result<> outcome = work();
        courier->post([this, outcome] {
            read();
            Q_EMIT finished(outcome ? QString() : outcome.error().message);
        });
    });
}

void CreateTemplates::save(const QString &name, const operation::CreateDraft &draft, bool withPasswords)
{
    post([directory = m_directory, name, draft, withPasswords] {
        return operation::saveTemplate(directory, name, draft, withPasswords);
    });
}

void CreateTemplates::rename(const Template &which, const QString &newName)
{
    post([path = which.path, newName] { return operation::renameTemplate(path, newName); });
}

void CreateTemplates::remove(const Template &which)
{
    post([path = which.path] { return operation::removeTemplate(path); });
}

} // namespace vireo::ui
