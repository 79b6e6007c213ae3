// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/resize/resize.h"
#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct UnconfirmedText {
    Q_DECLARE_TR_FUNCTIONS(operation_unconfirmed)
};

} // namespace

std::optional<job::Finding> unconfirmedFinding(const QString &domainXml)
{
    // Most have none: no need to read them as a whole.
    if (!domainXml.contains(QLatin1StringView(xml::MetadataNamespace))) {
        return std::nullopt;
    }
    const auto text = xml::XmlText::parse(domainXml);
    if (!text
        || !text->findNamespaced(
            xml::ElementPath(u"metadata"_s), u"resize"_s, QString::fromLatin1(xml::MetadataNamespace))) {
        return std::nullopt;
    }
    return job::Finding{job::Finding::Severity::Blocker,
        UnconfirmedText::tr("An earlier change of the VM waits to be confirmed."),
        UnconfirmedText::tr(
            "Its disks lie upon what they were before, so that it can be taken back. What is to be done "
            "now would stand in the way of that."),
        UnconfirmedText::tr("Confirm that change, or go back to what the VM was, then try again.")};
}

} // namespace vireo::operation
