// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/addhardwaredialog.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/deviceform.h"
#include "ui/deviceicons.h"
#include "ui/planicons.h"
#include "ui/showtab.h"
#include "ui/xmleditor.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::HardwareDraft;
using namespace xml::devices;

namespace {

constexpr int KindRole = Qt::UserRole;
constexpr int ListWidth = 190;
constexpr auto AnyKind = "xml"_L1;

} // namespace

AddHardwareDialog::AddHardwareDialog(HardwareDraft &draft, QWidget *parent)
    : QDialog(parent)
    , m_draft(draft)
    , m_copy(new HardwareDraft(this))
    , m_kinds(new QListWidget(this))
    , m_tabs(new QTabWidget(this))
    , m_forms(new QStackedWidget(this))
    , m_xml(new XmlEditor(this))
    , m_problem(new QLabel(this))
{
    setWindowTitle(tr("Add Hardware"));
    setObjectName(u"addHardware"_s);
    m_copy->setHost(draft.host());
    m_kinds->setAccessibleName(tr("Kind"));
    m_kinds->setFixedWidth(ListWidth);
    m_xml->setKind(xml::DocumentKind::Domain);
    m_xml->setFragment({u"domain"_s, u"devices"_s});
    m_xml->setVocabulary(draft.host().vocabulary);
    m_xml->setPlaceholderText(tr("The XML of one device, such as <watchdog model='itco' action='reset'/>"));
    m_tabs->addTab(m_forms, tr("Detai&ls"));
    m_tabs->addTab(m_xml, tr("&XML"));
    m_tabs->setDocumentMode(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setMinimumHeight(2 * fontMetrics().lineSpacing());
    m_problem->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_problem->setAccessibleName(tr("Problem"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_add = buttons->addButton(tr("&Add"), QDialogButtonBox::AcceptRole);
    m_add->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &AddHardwareDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &AddHardwareDialog::reject);

    auto *middle = new QHBoxLayout;
    middle->addWidget(m_kinds);
    middle->addWidget(m_tabs, 1);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(middle, 1);
    layout->addWidget(m_problem);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 110, fontMetrics().height() * 38);

    fillKinds();
    connect(m_kinds, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem *item) {
        if (item) {
            m_kind = item->data(KindRole).toString();
            begin();
        }
    });
    connect(m_copy, &HardwareDraft::changed, this, &AddHardwareDialog::refresh);
    connect(m_xml, &XmlEditor::edited, this, &AddHardwareDialog::takeXml);
    connect(&draft, &HardwareDraft::changed, this, &AddHardwareDialog::follow);
    for (int row = 0; row < m_kinds->count() && !m_kinds->currentItem(); ++row) {
        if (m_kinds->item(row)->flags() & Qt::ItemIsEnabled) {
            m_kinds->setCurrentRow(row);
        }
    }
    m_kinds->setFocus();
}

AddHardwareDialog::~AddHardwareDialog() = default;

void AddHardwareDialog::fillKinds()
{
    const DeviceContext domain = m_draft.context(m_draft.entries().constFirst());
    const auto add = [this](const QString &id, const QString &name, const QString &lacking) {
        auto *item = new QListWidgetItem(deviceicons::icon(id, palette()), name, m_kinds);
        item->setData(KindRole, id);
        if (!lacking.isEmpty()) {
            item->setFlags(item->flags() & ~(Qt::ItemIsEnabled | Qt::ItemIsSelectable));
            item->setToolTip(lacking);
            item->setData(Qt::AccessibleDescriptionRole, lacking);
        }
    };
    for (const DeviceKind &kind : allKinds()) {
        if (kind.make) {
            add(kind.id, kind.name, kind.lacking ? kind.lacking(domain.document, domain.host) : QString());
        }
    }
    add(AnyKind, tr("Other, as XML"), {});
}

void AddHardwareDialog::choose(const QString &kind)
{
    for (int row = 0; row < m_kinds->count(); ++row) {
        if (m_kinds->item(row)->data(KindRole).toString() == kind) {
            m_kinds->setCurrentRow(row);
        }
    }
}

DeviceForm *AddHardwareDialog::form() const
{
    return m_pages.value(m_kind);
}

/** The disks of other VMs may become known while the dialog is open, and somebody else may change the VM, or delete
 *  it: what is added must not bring back what it was. */
void AddHardwareDialog::follow()
{
    if (m_draft.isEmpty()) {
        reject();
        return;
    }
    m_copy->setHost(m_draft.host());
    if (m_draft.wanted() == m_from) {
        return;
    }
    const HardwareDraft::Entry *entry = m_copy->entry(m_id);
    const QString xml = entry ? m_copy->xmlOf(*entry) : QString();
    m_from = m_draft.wanted();
    m_id = -1;
    if (m_copy->setBase(m_from) && !xml.isEmpty()) {
        m_id = m_copy->add(xml).value_or(-1);
    }
    refresh();
}

/** A fresh one of the chosen kind, in a fresh copy. */
void AddHardwareDialog::begin()
{
    m_id = -1;
    m_xmlProblem.clear();
    m_from = m_draft.wanted();
    if (!m_copy->setBase(m_from)) {
        return;
    }
    const DeviceKind *kind = findKind(m_kind);
    showTab(m_tabs, 0, kind != nullptr);
    if (!kind) {
        m_tabs->setCurrentIndex(1);
        m_xml->setXml({});
        refresh();
        return;
    }
    m_tabs->setCurrentIndex(0);
    DeviceForm *&page = m_pages[m_kind];
    if (!page) {
        page = new DeviceForm(*m_copy, *kind, m_forms);
        m_forms->addWidget(page);
    }
    m_forms->setCurrentWidget(page);
    const DeviceContext domain = m_draft.context(m_draft.entries().constFirst());
    m_id = m_copy->add(kind->make(domain.document, domain.host)).value_or(-1);
    refresh();
}

void AddHardwareDialog::refresh()
{
    const HardwareDraft::Entry *entry = m_copy->entry(m_id);
    if (entry && form()) {
        form()->show(m_id);
    }
    if (entry && !m_takingXml) {
        if (const QString xml = m_copy->xmlOf(*entry); xml != m_xml->xml() && m_xmlProblem.isEmpty()) {
            m_xml->setXml(xml);
        }
    }
    const QString why = problem();
    m_problem->setText(why);
    QPalette colored = palette();
    colored.setColor(QPalette::WindowText, planicons::problemColor(palette()));
    m_problem->setPalette(colored);
    m_add->setEnabled(why.isEmpty() && entry);
    m_add->setToolTip(why);
}

void AddHardwareDialog::takeXml()
{
    const QString xml = m_xml->xml();
    m_takingXml = true;
    m_xmlProblem.clear();
    if (m_kind == AnyKind) {
        // Whatever it is: the copy is made anew with it.
        m_id = -1;
        if (m_copy->setBase(m_draft.wanted()) && !xml.trimmed().isEmpty()) {
            const Result<int> added = m_copy->add(xml);
            m_id = added.value_or(-1);
            m_xmlProblem = added ? QString() : added.error().message;
        }
    } else if (const Result<> replaced = m_copy->replaceXml(m_id, xml); !replaced) {
        m_xmlProblem = replaced.error().message;
    }
    m_takingXml = false;
    refresh();
}

QString AddHardwareDialog::problem() const
{
    if (!m_xmlProblem.isEmpty()) {
        return m_xmlProblem;
    }
    const HardwareDraft::Entry *entry = m_copy->entry(m_id);
    return entry ? entry->problems.join(u' ') : QString();
}

void AddHardwareDialog::accept()
{
    if (m_add->isEnabled()) {
        Q_EMIT added(m_copy->wanted());
        QDialog::accept();
    }
}

} // namespace vireo::ui
