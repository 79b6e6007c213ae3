// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlpage.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "backend/virt/host.h"
#include "ui/domainwatch.h"
#include "ui/messagebar.h"
#include "ui/xmlview.h"

namespace vireo::ui {

XmlPage::XmlPage(UiContext context, QWidget *parent)
    : QWidget(parent)
    , m_watch(new DomainWatch(context, this))
    , m_message(new MessageBar(this))
    , m_kind(new QComboBox(this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_note(new QLabel(this))
    , m_view(new XmlView(this))
{
    m_kind->addItem(tr("Running now"), QVariant::fromValue(static_cast<int>(virt::domains::XmlKind::Live)));
    m_kind->addItem(tr("At next start"), QVariant::fromValue(static_cast<int>(virt::domains::XmlKind::Inactive)));
    m_kind->setAccessibleName(tr("Definition"));
    m_kind->setObjectName(QStringLiteral("xmlKind"));
    auto *label = new QLabel(tr("&Definition:"), this);
    label->setBuddy(m_kind);
    m_copy->setToolTip(tr("Copies the whole definition to the clipboard"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setText(tr("Read-only"));
    m_note->setForegroundRole(QPalette::PlaceholderText);

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 0);
    bar->addWidget(label);
    bar->addWidget(m_kind);
    bar->addStretch();
    bar->addWidget(m_note);
    bar->addWidget(m_copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    auto *messageRow = new QHBoxLayout;
    messageRow->setContentsMargins(8, 0, 8, 0);
    messageRow->addWidget(m_message);
    layout->addLayout(messageRow);
    layout->addWidget(m_view, 1);
    setFocusProxy(m_view);

    connect(m_kind, &QComboBox::activated, this, [this] {
        m_kindChosen = true;
        invalidate();
    });
    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_view->xml()); });
    connect(m_watch, &DomainWatch::replaced, this, [this] {
        m_kindChosen = false;
        m_view->setXml({});
        invalidate();
    });
    connect(m_watch, &DomainWatch::changed, this, &XmlPage::invalidate);
    connect(m_watch, &DomainWatch::hostStatusChanged, this, [this] {
        if (m_watch->isFresh() && (m_view->xml().isEmpty() || !m_readError.isEmpty())) {
            invalidate();
        } else {
            updateState();
        }
    });
    auto *clock = new QTimer(this);
    clock->setInterval(1000);
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible() && !m_watch->isFresh()) {
            updateState(); // "last seen" grows
        }
    });
    clock->start();
}

void XmlPage::setDomain(const virt::DomainKey &key)
{
    m_watch->setDomain(key);
}

void XmlPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_wanted) {
        read();
    }
}

void XmlPage::invalidate()
{
    ++m_generation;
    m_wanted = true;
    if (isVisible()) {
        read();
    } else {
        updateState();
    }
}

void XmlPage::read()
{
    const virt::DomainRecord &record = m_watch->record();
    // The choice is the user's; until he chooses it is what runs, or what would.
    const bool two = record.isActive() && record.persistent;
    if (!m_kindChosen || !two) {
        m_kind->setCurrentIndex(record.isActive() ? 0 : 1);
    }
    m_kind->setEnabled(two);
    updateState();
    virt::Host *host = m_watch->host();
    if (!m_watch->isFresh() || !host) {
        return; // asked again when the host is back
    }
    m_wanted = false;
    const auto kind = static_cast<virt::domains::XmlKind>(m_kind->currentData().toInt());
    host->ask<QString>(
        this,
        [domain = m_watch->key().domain, kind](
            virt::Connection &connection) { return virt::domains::xml(connection, domain, kind); },
        [this, generation = ++m_generation](Result<QString> answer) {
            if (generation != m_generation) {
                return;
            }
            m_readError = answer ? QString() : answer.error().message;
            m_readHint = answer ? QString() : answer.error().hint;
            if (answer) {
                m_view->setXml(*answer);
            }
            updateState();
        });
}

void XmlPage::updateState()
{
    m_copy->setEnabled(!m_view->xml().isEmpty());
    const QString stale = m_watch->staleSentence();
    if (!stale.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, stale, m_watch->staleHint());
    } else if (!m_readError.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, m_readError, m_readHint);
    } else {
        m_message->clear();
    }
    m_view->setEnabled(stale.isEmpty() || m_watch->key().isNull());
}

} // namespace vireo::ui
