// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/nolibvirtpage.h"

#include <algorithm>

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "backend/virt/hosts.h"
#include "backend/virt/locallibvirt.h"
#include "ui/emptystate.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

/** As they are typed in a terminal: nothing of it is translated. */
QString commands()
{
    return u"# Debian, Ubuntu\n"
           "sudo apt install libvirt-daemon-system qemu-system-x86\n"
           "# Fedora\n"
           "sudo dnf install libvirt-daemon-kvm\n"
           "# Arch\n"
           "sudo pacman -S libvirt qemu-base dnsmasq\n\n"
           "# on Fedora: virtqemud.socket\n"
           "sudo systemctl enable --now libvirtd.socket\n"
           "# your user; log in again afterwards\n"
           "sudo usermod -aG libvirt $USER"_s;
}

} // namespace

NoLibvirtPage::NoLibvirtPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_state(new EmptyState(Glyph::HostDisconnected, {}, {}, this))
    , m_commands(new QLabel(commands(), this))
    , m_afterwards(new QLabel(this))
    , m_again(new QPushButton(tr("&Look Again"), this))
{
    setObjectName(u"noLibvirt"_s);
    m_commands->setTextFormat(Qt::PlainText);
    m_commands->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_commands->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_commands->setAccessibleName(tr("Commands for a terminal"));
    // As wide as its longest line, and narrower where the window is: what does not fit can still be selected.
    m_commands->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_afterwards->setTextFormat(Qt::PlainText);
    m_afterwards->setWordWrap(true);
    m_again->setObjectName(u"lookAgain"_s);
    auto *add = new QPushButton(tr("&Add a Connection…"), this);
    add->setObjectName(u"addConnectionInstead"_s);

    auto *buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(m_again);
    buttons->addWidget(add);
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height();
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->addStretch();
    layout->addWidget(m_state);
    layout->addWidget(m_commands);
    layout->addWidget(m_afterwards);
    layout->addSpacing(gap);
    layout->addLayout(buttons);
    layout->addStretch(2);

    connect(add, &QPushButton::clicked, this, &NoLibvirtPage::addConnectionRequested);
    if (!context.local) {
        return;
    }
    connect(m_again, &QPushButton::clicked, this, [this] {
        m_asked = true;
        m_again->setEnabled(false);
        m_context.local->look();
    });
    connect(context.local, &virt::LocalLibvirt::looked, this, [this] {
        m_again->setEnabled(true);
        if (std::exchange(m_asked, false)) {
            takeFound();
        }
        update();
    });
    connect(&context.hosts, &virt::Hosts::added, this, &NoLibvirtPage::update);
    connect(&context.hosts, &virt::Hosts::removed, this, &NoLibvirtPage::update);
    update();
}

bool NoLibvirtPage::hasOtherHosts() const
{
    const QList<virt::Host *> hosts = m_context.hosts.all();
    return std::ranges::any_of(hosts, [](const virt::Host *host) { return !host->settings().demo; });
}

void NoLibvirtPage::takeFound()
{
    const QStringList uris = m_context.local->daemons().uris;
    for (const QString &uri : uris) {
        virt::HostSettings settings;
        settings.uri = uri;
        settings.autoconnect = true;
        m_context.hosts.host(m_context.hosts.add(settings))->connectToHost();
    }
}

void NoLibvirtPage::update()
{
    const virt::LocalDaemons &daemons = m_context.local->daemons();
    m_state->setTexts(tr("No libvirt on this computer"),
        daemons.flatpak
            ? tr("Vireo is in a Flatpak and uses the libvirt of the computer outside, where it finds none. Hosts that "
                 "are reached by ssh work without it. For virtual machines on this computer, type outside:")
            : tr("Hosts that are reached by ssh work without it. For virtual machines on this computer, type:"));
    m_afterwards->setText(daemons.newStartNeeded
            ? tr("Then quit Vireo and start it again: a Flatpak sees what was there when it started.")
            : tr("Then look again."));
    m_again->setVisible(!daemons.newStartNeeded);
    const bool wanted = m_context.local->isKnown() && daemons.uris.isEmpty() && !hasOtherHosts();
    if (std::exchange(m_wanted, wanted) != wanted) {
        Q_EMIT wantedChanged();
    }
}

} // namespace vireo::ui
