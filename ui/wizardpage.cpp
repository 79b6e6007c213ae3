// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizardpage.h"

namespace vireo::ui {

WizardPage::WizardPage(const QString &title, QWidget *parent)
    : QWidget(parent)
    , m_title(title)
{
    setAccessibleName(title);
}

WizardPage::~WizardPage() = default;

} // namespace vireo::ui
