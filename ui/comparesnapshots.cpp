// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/comparesnapshots.h"

#include <chrono>

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

#include "backend/virt/domains.h"
#include "backend/virt/hosts.h"
#include "backend/virt/snapshots.h"
#include "backend/xml/document.h"
#include "ui/diffview.h"
#include "ui/messagebar.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::seconds ReadDeadline{30};

/** The definition in a snapshot; the one that was running then, where both are kept. Passwords are not in it. */
Result<QString> definitionIn(const QString &snapshotXml)
{
    auto document = xml::Document::parse(snapshotXml);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element domain = document->root().child(u"domain"_s);
    if (!domain) {
        return fail(Error::failed(CompareSnapshots::tr("This snapshot holds no definition.")));
    }
    auto alone = xml::Document::parse(domain.toXml());
    if (!alone) {
        return fail(alone.error());
    }
    return alone->toString();
}

} // namespace

/** Read in a lane. */
struct CompareSnapshots::Texts {
    QString before;
    QString after;
};

CompareSnapshots::CompareSnapshots(
    const UiContext &context, const virt::DomainKey &domain, const QString &one, const QString &other, QWidget *parent)
    : QDialog(parent)
    , m_message(new MessageBar(this))
    , m_view(new DiffView(this))
{
    setObjectName(u"compareSnapshots"_s);
    setWindowTitle(tr("Compare Snapshots"));
    setWindowFlag(Qt::Window);
    setAttribute(Qt::WA_DeleteOnClose);
    const auto title = [](const QString &name) {
        return name.isEmpty() ? tr("Now") : name;
    };
    m_view->setTitles(title(one), title(other));
    m_message->hide();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_message);
    layout->addWidget(m_view, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 150, fontMetrics().height() * 40);
    read(context, domain, one, other);
}

void CompareSnapshots::read(
    const UiContext &context, const virt::DomainKey &domain, const QString &one, const QString &other)
{
    virt::Host *host = context.hosts.host(domain.host);
    if (!host) {
        m_message->showMessage(MessageBar::Kind::Error, tr("The host of this virtual machine was removed."));
        return;
    }
    host->ask<Texts>(
        this,
        [uuid = domain.domain, one, other](virt::Connection &connection) -> Result<Texts> {
            const auto text = [&](const QString &name) -> Result<QString> {
                if (name.isEmpty()) {
                    return virt::domains::xml(connection, uuid, virt::domains::XmlKind::Live);
                }
                auto xml = virt::snapshots::xml(connection, uuid, name);
                return xml ? definitionIn(*xml) : xml;
            };
            auto before = text(one);
            if (!before) {
                return fail(before.error());
            }
            auto after = text(other);
            if (!after) {
                return fail(after.error());
            }
            return Texts{*std::move(before), *std::move(after)};
        },
        [this](const Result<Texts> &texts) {
            if (texts) {
                m_view->setTexts(texts->before, texts->after);
            } else {
                m_message->showMessage(MessageBar::Kind::Error, texts.error().message, texts.error().hint);
            }
        },
        ReadDeadline);
}

} // namespace vireo::ui
