// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createimage.h"

#include "backend/base/courier.h"
#include "backend/base/lane.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

CreateImage::CreateImage(const CreateServices &services, QObject *parent)
    : QObject(parent)
    , m_services(services)
    , m_courier(std::make_shared<Courier>(this))
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(InspectDelayMs);
    connect(&m_timer, &QTimer::timeout, this, &CreateImage::inspect);
}

CreateImage::~CreateImage()
{
    m_courier->close();
    if (m_lane) {
        m_lane->abandon(); // a file on a dead network mount must not hold the window
    }
}

void CreateImage::setPath(const QString &path)
{
    ++m_generation;
    m_path = path;
    m_verdict.reset();
    m_chain.reset();
    m_inspecting = !path.isEmpty();
    if (m_inspecting) {
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void CreateImage::inspect()
{
    // A lane that hangs on a dead mount is left behind; the next path gets a fresh one.
    if (m_lane && m_lane->busyFor() > std::chrono::seconds(3)) {
        m_lane->abandon();
        m_lane.reset();
    }
    if (!m_lane) {
        m_lane = std::make_unique<Lane>(u"image-inspect"_s, Lane::Kind::Computing);
    }
    m_lane->post([this, courier = m_courier, services = m_services, path = m_path, generation = m_generation] {
        const Result<image::Verdict> verdict = services.inspect(path);
        std::optional<image::Chain> chain;
        if (verdict && verdict->onlyBacking) {
            const Result<image::Chain> found = services.chain(path);
            chain = found ? *found : image::Chain{{}, found.error().message};
        }
        courier->post([this, generation, verdict, chain] {
            if (generation != m_generation) {
                return;
            }
            m_inspecting = false;
            m_verdict = verdict;
            m_chain = chain;
            Q_EMIT judged();
        });
    });
}

} // namespace vireo::ui
