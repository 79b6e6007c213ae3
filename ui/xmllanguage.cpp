// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmllanguage.h"

#include <algorithm>

#include "backend/xml/hostcheck.h"
#include "backend/xml/schema.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xml::Diagnostic;
using xml::SyntaxTree;

namespace {

class InstalledLanguage final : public XmlLanguage
{
public:
    explicit InstalledLanguage(std::shared_ptr<const xml::Schema> schema)
        : m_schema(std::move(schema))
    {}
    QList<Diagnostic> check(const QString &text, const std::stop_token &stop) const override
    {
        return m_schema->check(text, stop);
    }
    xml::CompletionList complete(
        const SyntaxTree &tree, qsizetype position, const xml::HostVocabulary &host) const override
    {
        return m_schema->complete(tree, position, host);
    }
    std::optional<xml::HoverText> hover(const SyntaxTree &tree, qsizetype position) const override
    {
        return m_schema->hover(tree, position);
    }

private:
    std::shared_ptr<const xml::Schema> m_schema;
};

} // namespace

XmlLanguages installedLanguages()
{
    return [](xml::DocumentKind kind) -> Result<XmlLanguagePtr> {
        Result<std::shared_ptr<const xml::Schema>> schema = xml::Schema::load(kind);
        if (!schema) {
            return fail(schema.error());
        }
        return std::make_shared<InstalledLanguage>(*std::move(schema));
    };
}

XmlFrame XmlFrame::around(const QStringList &path)
{
    if (path.isEmpty()) {
        return {};
    }
    XmlFrame frame;
    for (const QString &name : path) {
        // A domain without these would be wrong by itself, whatever the fragment is.
        frame.before += name == "domain"_L1
            ? u"<domain type='qemu'><name>a</name><memory>1</memory><os><type>hvm</type></os>"_s
            : u'<' + name + u'>';
        frame.after.prepend(u"</"_s + name + u'>');
    }
    return frame;
}

namespace {

bool hasErrors(const QList<Diagnostic> &diagnostics)
{
    return std::ranges::find(diagnostics, Diagnostic::Severity::Error, &Diagnostic::severity) != diagnostics.end();
}

} // namespace

XmlQuestion::Check XmlQuestion::check(const QString &text, const std::stop_token &stop) const
{
    Check result;
    if (!kind || !languages) {
        result.diagnostics = xml::checkWellFormed(text);
        return result;
    }
    const Result<XmlLanguagePtr> language = languages(*kind);
    if (!language) {
        result.schemaError = language.error();
        result.diagnostics = xml::checkWellFormed(text);
        return result;
    }
    const XmlFrame frame = XmlFrame::around(fragment);
    if (frame.isEmpty()) {
        result.diagnostics = (*language)->check(text, stop);
        if (*kind == xml::DocumentKind::Domain && host != xml::HostVocabulary() && !hasErrors(result.diagnostics)) {
            result.diagnostics += xml::checkAgainstHost(xml::SyntaxTree::parse(text), host);
            std::ranges::sort(result.diagnostics, {}, [](const Diagnostic &one) { return one.range.from; });
        }
        return result;
    }
    result.diagnostics = xml::checkWellFormed(text);
    if (!result.diagnostics.isEmpty()) {
        return result; // what is broken would break the frame as well
    }
    // What is said about the frame is none of the user's business.
    const qsizetype shift = frame.before.size();
    for (Diagnostic &one : (*language)->check(frame.before + text + frame.after, stop)) {
        one.range = {one.range.from - shift, one.range.to - shift};
        if (one.range.from >= 0 && one.range.from <= text.size()) {
            one.range.to = std::min(one.range.to, text.size());
            if (one.place.line == 1) {
                one.place.column -= static_cast<int>(shift);
            }
            result.diagnostics.append(std::move(one));
        }
    }
    return result;
}

xml::CompletionList XmlQuestion::complete(const QString &text, qsizetype position) const
{
    const Result<XmlLanguagePtr> language =
        kind && languages ? languages(*kind) : Result<XmlLanguagePtr>(fail(Error::invalid({})));
    if (!language) {
        return {};
    }
    const XmlFrame frame = XmlFrame::around(fragment);
    const qsizetype shift = frame.before.size();
    xml::CompletionList list =
        (*language)->complete(SyntaxTree::parse(frame.before + text + frame.after), position + shift, host);
    list.word = {list.word.from - shift, list.word.to - shift};
    return list;
}

std::optional<xml::HoverText> XmlQuestion::hover(const QString &text, qsizetype position) const
{
    const Result<XmlLanguagePtr> language =
        kind && languages ? languages(*kind) : Result<XmlLanguagePtr>(fail(Error::invalid({})));
    if (!language) {
        return {};
    }
    const XmlFrame frame = XmlFrame::around(fragment);
    const qsizetype shift = frame.before.size();
    std::optional<xml::HoverText> found =
        (*language)->hover(SyntaxTree::parse(frame.before + text + frame.after), position + shift);
    if (found) {
        found->range = {found->range.from - shift, found->range.to - shift};
    }
    return found;
}

} // namespace vireo::ui
