// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hostactions.h"

#include <QMessageBox>
#include <QPointer>
#include <QPushButton>

#include "backend/virt/connectionuri.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/basesdialog.h"
#include "ui/connectiondialog.h"
#include "ui/credentialdialog.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

bool isClosed(const virt::Host &host)
{
    return host.status().state == virt::HostState::Disconnected || host.status().state == virt::HostState::Failed;
}

} // namespace

HostActions::HostActions(const UiContext &context, QWidget *window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
    , m_add(new QAction(glyphIcon(Glyph::Connection), tr("&Add connection…"), this))
    , m_connect(new QAction(tr("C&onnect"), this))
    , m_disconnect(new QAction(tr("&Disconnect"), this))
    , m_edit(new QAction(tr("&Edit connection…"), this))
    , m_remove(new QAction(tr("&Remove connection…"), this))
    , m_baseImages(new QAction(tr("&Base images…"), this))
{
    m_add->setObjectName(u"addConnection"_s);
    m_connect->setObjectName(u"connect"_s);
    m_disconnect->setObjectName(u"disconnect"_s);
    m_edit->setObjectName(u"editConnection"_s);
    m_remove->setObjectName(u"removeConnection"_s);
    m_baseImages->setObjectName(u"baseImages"_s);
    connect(m_add, &QAction::triggered, this, &HostActions::addConnection);
    connect(m_connect, &QAction::triggered, this, [this] {
        for (const virt::HostId &id : std::as_const(m_selection)) {
            connectTo(id);
        }
    });
    connect(m_disconnect, &QAction::triggered, this, [this] {
        for (const virt::HostId &id : std::as_const(m_selection)) {
            if (virt::Host *host = m_context.hosts.host(id)) {
                host->disconnectFromHost();
            }
        }
    });
    connect(m_edit, &QAction::triggered, this, &HostActions::editSelected);
    connect(m_remove, &QAction::triggered, this, &HostActions::removeSelected);
    connect(m_baseImages, &QAction::triggered, this, [this] {
        if (m_selection.size() == 1) {
            showBaseImages(m_selection.first());
        }
    });
    connect(&m_context.hosts, &virt::Hosts::added, this, &HostActions::watch);
    connect(&m_context.hosts, &virt::Hosts::removed, this, [this](const QUuid &id) {
        m_selection.removeAll(id);
        update();
    });
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (const virt::Host *host : hosts) {
        watch(host->settings().id);
    }
    update();
}

void HostActions::watch(const virt::HostId &id)
{
    virt::Host *host = m_context.hosts.host(id);
    if (!host) {
        return;
    }
    connect(host, &virt::Host::statusChanged, this, &HostActions::update);
    connect(host, &virt::Host::credentialsNeeded, this,
        [this, host](const virt::CredentialRequest &request) { askCredentials(host, request); });
}

void HostActions::setSelection(const QList<virt::HostId> &hosts)
{
    m_selection = hosts;
    update();
}

void HostActions::update()
{
    bool closed = false;
    bool open = false;
    for (const virt::HostId &id : std::as_const(m_selection)) {
        if (const virt::Host *host = m_context.hosts.host(id)) {
            closed = closed || isClosed(*host);
            open = open || !isClosed(*host); // an attempt that hangs can be given up
        }
    }
    m_connect->setEnabled(closed);
    m_disconnect->setEnabled(open);
    m_edit->setEnabled(m_selection.size() == 1);
    m_remove->setEnabled(!m_selection.isEmpty());
    const virt::Host *one = m_selection.size() == 1 ? m_context.hosts.host(m_selection.first()) : nullptr;
    m_baseImages->setEnabled(one && one->isConnected());
    m_baseImages->setToolTip(m_baseImages->isEnabled() ? tr("Shows the base images of the host and who uses them")
            : one                                      ? tr("The host is not connected.")
                                                       : tr("Exactly one host must be selected."));
}

void HostActions::addConnection()
{
    auto *dialog = new ConnectionDialog(m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        if (virt::Host *host = m_context.hosts.host(m_context.hosts.add(dialog->settings()))) {
            host->connectToHost();
        }
    });
    dialog->open();
}

void HostActions::connectTo(const virt::HostId &id)
{
    virt::Host *host = m_context.hosts.host(id);
    if (!host) {
        return;
    }
    const auto uri = virt::ConnectionUri::parse(host->settings().uri);
    const QStringList risks = uri ? uri->risks() : QStringList();
    if (risks.isEmpty() || host->settings().riskAccepted) {
        host->connectToHost();
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Connect"),
        tr("Connect to %1 with these risks?").arg(host->settings().displayName()), QMessageBox::NoButton, m_window);
    box->setObjectName(u"riskQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(risks.join(u'\n') + u"\n\n"_s + host->settings().uri);
    QPushButton *yes = box->addButton(tr("Connect"), QMessageBox::AcceptRole);
    box->setDefaultButton(box->addButton(QMessageBox::Cancel));
    connect(box, &QDialog::finished, this, [this, box, yes, id] {
        virt::Host *asked = m_context.hosts.host(id);
        if (box->clickedButton() != yes || !asked) {
            return;
        }
        virt::HostSettings settings = asked->settings();
        settings.riskAccepted = true; // for this run only: never stored
        m_context.hosts.edit(settings);
        asked->connectToHost();
    });
    box->open();
}

void HostActions::editSelected()
{
    if (m_selection.size() == 1) {
        editConnection(m_selection.first());
    }
}

void HostActions::editConnection(const virt::HostId &edited)
{
    const virt::Host *host = m_context.hosts.host(edited);
    if (!host) {
        return;
    }
    auto *dialog = new ConnectionDialog(m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setSettings(host->settings());
    connect(dialog, &QDialog::accepted, this, [this, dialog, id = host->settings().id] {
        virt::HostSettings settings = dialog->settings();
        settings.id = id;
        if (m_context.hosts.host(id)) {
            m_context.hosts.edit(settings);
        }
    });
    dialog->open();
}

void HostActions::showBaseImages(const virt::HostId &host)
{
    const auto open = m_window->findChildren<BasesDialog *>();
    for (BasesDialog *dialog : open) {
        if (dialog->host() == host && dialog->isVisible()) {
            dialog->raise();
            dialog->activateWindow();
            return;
        }
    }
    // Not modal: the jobs that it starts are seen, and can be cancelled, in the main window.
    auto *dialog = new BasesDialog(m_context, host, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void HostActions::removeSelected()
{
    QStringList names;
    for (const virt::HostId &id : std::as_const(m_selection)) {
        if (const virt::Host *host = m_context.hosts.host(id)) {
            names.append(host->settings().displayName());
        }
    }
    if (names.isEmpty()) {
        return;
    }
    const QString question = names.size() == 1 ? tr("Remove the connection to %1?").arg(names.first())
                                               : tr("Remove %n connections?", nullptr, int(names.size()));
    auto *box =
        new QMessageBox(QMessageBox::Question, tr("Remove connection"), question, QMessageBox::NoButton, m_window);
    box->setObjectName(u"removeQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    QString consequence =
        tr("The host and its virtual machines stay as they are; Vireo only forgets how to reach them.");
    if (names.size() > 1) {
        consequence += u"\n\n"_s + names.join(u", "_s);
    }
    box->setInformativeText(consequence);
    QPushButton *yes = box->addButton(tr("Remove"), QMessageBox::AcceptRole);
    box->setDefaultButton(box->addButton(QMessageBox::Cancel));
    connect(box, &QDialog::finished, this, [this, box, yes, ids = m_selection] {
        if (box->clickedButton() != yes) {
            return;
        }
        for (const virt::HostId &id : ids) {
            m_context.hosts.remove(id);
        }
    });
    box->open();
}

void HostActions::askCredentials(virt::Host *host, const virt::CredentialRequest &request)
{
    auto *dialog = new CredentialDialog(request, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    const QPointer<virt::Host> asker(host);
    connect(dialog, &QDialog::finished, this, [dialog, asker](int result) {
        if (asker) {
            asker->answerCredentials(result == QDialog::Accepted ? std::optional(dialog->answer()) : std::nullopt);
        }
    });
    // The question has lost its sense when the attempt ended otherwise.
    connect(host, &QObject::destroyed, dialog, &QDialog::reject);
    connect(host, &virt::Host::statusChanged, dialog, [dialog, asker] {
        if (asker && asker->status().state != virt::HostState::Connecting
            && asker->status().state != virt::HostState::Reconnecting) {
            dialog->reject();
        }
    });
    dialog->open();
}

} // namespace vireo::ui
