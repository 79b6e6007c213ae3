// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planxml.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

#include "ui/xmleditor.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

PlanXml::PlanXml(QWidget *parent)
    : QWidget(parent)
    , m_bar(new QWidget(this))
    , m_which(new QComboBox(m_bar))
    , m_edit(new QPushButton(tr("E&dit XML"), m_bar))
    , m_apply(new QPushButton(tr("&Apply"), m_bar))
    , m_discard(new QPushButton(tr("D&iscard"), m_bar))
    , m_reset(new QPushButton(tr("&Reset"), m_bar))
    , m_note(new QLabel(m_bar))
    , m_xml(new XmlEditor(this))
{
    m_which->setAccessibleName(tr("Definition"));
    m_which->setObjectName(u"planXmlWhich"_s);
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_edit->setToolTip(tr("Customise the definition before it is made"));
    m_apply->setToolTip(tr("Makes the plan anew with this definition"));
    m_reset->setToolTip(tr("Takes the edits back: the definition follows from the pages again"));
    m_note->setTextFormat(Qt::PlainText);
    auto *bar = new QHBoxLayout(m_bar);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->addWidget(m_which);
    for (QPushButton *button : {m_edit, m_apply, m_discard, m_reset}) {
        button->setAutoDefault(false);
        bar->addWidget(button);
    }
    bar->addWidget(m_note, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_bar);
    layout->addWidget(m_xml, 1);
    m_xml->setReadOnly(true);
    m_xml->setKind(xml::DocumentKind::Domain);

    connect(m_which, &QComboBox::currentIndexChanged, this, &PlanXml::showText);
    connect(m_which, &QComboBox::textActivated, this, [this](const QString &title) { m_wanted = title; });
    connect(m_edit, &QPushButton::clicked, this, [this] { setEditing(true); });
    connect(m_discard, &QPushButton::clicked, this, [this] {
        m_xml->setXml(m_shown);
        setEditing(false);
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        const QString xml = m_xml->xml();
        setEditing(false);
        Q_EMIT chosen(m_which->currentIndex(), xml);
    });
    connect(m_reset, &QPushButton::clicked, this, [this] { Q_EMIT chosen(m_which->currentIndex(), {}); });
    connect(m_xml, &XmlEditor::edited, this, [this] {
        if (m_editing) {
            updateState();
            Q_EMIT editingChanged();
        }
    });
    updateState();
}

void PlanXml::setTexts(const QList<PlanText> &texts)
{
    {
        const QSignalBlocker blocker(m_which);
        m_texts = texts;
        m_which->clear();
        for (const PlanText &text : texts) {
            m_which->addItem(text.title);
        }
        m_which->setCurrentIndex(std::max(m_which->findText(m_wanted), texts.isEmpty() ? -1 : 0));
    }
    showText(m_which->currentIndex());
}

void PlanXml::showText(int index)
{
    m_shown = m_texts.value(index).xml;
    m_editing = false;
    m_xml->setReadOnly(true);
    m_xml->setXml(m_shown);
    updateState();
}

void PlanXml::setEditable(bool editable)
{
    m_editable = editable;
    if (!editable && m_editing) {
        setEditing(false);
    }
    updateState();
}

void PlanXml::setLocked(bool locked)
{
    m_locked = locked;
    updateState();
}

bool PlanXml::hasUnapplied() const
{
    return m_editing && m_xml->xml() != m_shown;
}

bool PlanXml::isCustom() const
{
    return m_texts.value(m_which->currentIndex()).custom;
}

void PlanXml::setEditing(bool editing)
{
    m_editing = editing;
    if (editing) {
        m_shown = m_xml->xml(); // with the line ends that the editor makes
    }
    m_xml->setReadOnly(!editing);
    updateState();
    if (editing) {
        m_xml->setFocus();
    }
    Q_EMIT editingChanged();
}

void PlanXml::updateState()
{
    const bool several = m_texts.size() > 1;
    m_bar->setVisible(m_editable || several);
    m_which->setVisible(several);
    m_which->setEnabled(!m_editing);
    m_which->setToolTip(m_editing ? tr("Apply or discard the changes first") : QString());
    m_edit->setVisible(m_editable && !m_editing);
    m_edit->setEnabled(!m_locked);
    m_apply->setVisible(m_editing);
    m_apply->setEnabled(hasUnapplied());
    m_discard->setVisible(m_editing);
    m_reset->setVisible(m_editable && !m_editing && isCustom());
    m_reset->setEnabled(!m_locked);
    QString note;
    if (m_editing) {
        note = m_texts.value(m_which->currentIndex()).note;
    } else if (isCustom()) {
        note = tr("Edited by hand.");
    }
    m_note->setText(note);
}

} // namespace vireo::ui
