// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/base/error.h"

#include <QCoreApplication>

namespace vireo {

Error Error::cancelled()
{
    return {Kind::Cancelled, QCoreApplication::translate("Error", "Cancelled."), {}, 0, 0};
}

} // namespace vireo
