// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/keptbar.h"

#include <chrono>

#include <QPushButton>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/operation/kept/keptfeed.h"
#include "ui/messagebar.h"
#include "ui/resizeenddialog.h"
#include "ui/resizetexts.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using operation::ResizeEnd;

namespace {

/** "2 minutes ago" becomes another. */
constexpr auto AgingPeriod = 30s;

} // namespace

KeptBar::KeptBar(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_message(new MessageBar(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 4);
    layout->addWidget(m_message);
    hide();
    if (!m_context.kept) {
        return;
    }
    connect(m_context.kept, &operation::KeptFeed::changed, this, &KeptBar::update);
    const auto concerned = [this](const QUuid &) {
        update();
    };
    connect(&m_context.jobs, &job::JobManager::added, this, concerned);
    connect(&m_context.jobs, &job::JobManager::finished, this, concerned);
    connect(&m_aging, &QTimer::timeout, this, &KeptBar::update);
}

void KeptBar::setDomain(const virt::DomainKey &key)
{
    m_key = key;
    m_message->clear();
    update();
}

void KeptBar::update()
{
    const operation::KeptState *kept = m_context.kept ? m_context.kept->find(m_key) : nullptr;
    setVisible(kept != nullptr);
    if (!kept) {
        m_message->clear();
        m_aging.stop();
        return;
    }
    if (!m_aging.isActive()) {
        m_aging.start(AgingPeriod);
    }
    const QDateTime now = QDateTime::currentDateTimeUtc();
    m_message->showMessage(
        MessageBar::Kind::Warning, resizetexts::waiting(*kept, now), resizetexts::choices(*kept, now));
    m_message->setToolTip(resizetexts::exactly(*kept));
    if (!m_message->hasButtons()) {
        QPushButton *confirm = m_message->addButton(tr("Confirm…"));
        confirm->setObjectName(u"confirmResize"_s);
        connect(confirm, &QPushButton::clicked, this, [this] { open(ResizeEnd::Confirm); });
        QPushButton *revert = m_message->addButton(tr("Revert…"));
        revert->setObjectName(u"revertResize"_s);
        connect(revert, &QPushButton::clicked, this, [this] { open(ResizeEnd::Revert); });
    }
    const QString busy = m_context.jobs.jobOf(m_key) ? tr("A job of this virtual machine is running.") : QString();
    const auto buttons = m_message->findChildren<QPushButton *>();
    for (QPushButton *button : buttons) {
        const bool confirms = button->objectName() == "confirmResize"_L1;
        const QString why =
            busy.isEmpty() ? resizetexts::endRefusal(*kept, confirms ? ResizeEnd::Confirm : ResizeEnd::Revert) : busy;
        button->setEnabled(why.isEmpty());
        button->setToolTip(!why.isEmpty() ? why
                : confirms                ? tr("It stays as it is; what was kept of before goes (asks first)")
                           : tr("It becomes what it was; what the guest wrote since is given up (asks first)"));
    }
}

void KeptBar::open(ResizeEnd end)
{
    if (const operation::KeptState *kept = m_context.kept->find(m_key)) {
        (new ResizeEndDialog(m_context, *kept, end, window()))->open();
    }
}

} // namespace vireo::ui
